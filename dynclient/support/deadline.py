"""Time for a client: its clock, and the moment by which a call must have ended."""

from __future__ import annotations

import dataclasses
import math
import random
import time
from collections.abc import Awaitable, Callable


async def _pause(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


@dataclasses.dataclass(frozen=True, slots=True)
class Clock:
    """
    The time, waiting and chance; tests replace them.

    Attributes:
        monotonic: the time for all waiting, which nobody sets back.
        wall: Unix time, only for the dates that servers name.
        sleep: blocks a thread.
        random: a number from 0 to 1.
        pause: suspends a task.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    pause: Callable[[float], Awaitable[None]] = _pause


CLOCK = Clock()


@dataclasses.dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, `seconds` after it was made; None for never."""

    seconds: float | None
    clock: Clock = CLOCK
    at: float = dataclasses.field(init=False, default=math.inf)

    def __post_init__(self) -> None:
        if self.seconds is not None:
            object.__setattr__(self, "at", self.clock.monotonic() + self.seconds)

    def left(self) -> float:
        """Return the seconds that are left: infinity if it never comes, 0 or less once it has passed."""
        return self.at - self.clock.monotonic()

    def passed(self) -> bool:
        return self.at <= self.clock.monotonic()

    def within(self, seconds: float | None) -> float | None:
        """
        Return how long the next wait may take: `seconds` (None for any), but not beyond this moment.

        Raises:
            TimeoutError: it has passed.
        """
        left = self.at - self.clock.monotonic()
        if left <= 0:
            raise TimeoutError(f"it took more than {self.seconds:g} seconds")
        if seconds is not None and seconds < left:
            return seconds
        return None if left == math.inf else left


NEVER = Deadline(None)
