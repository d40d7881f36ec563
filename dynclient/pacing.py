"""What all calls of a client share, whichever thread makes them: how many retries are left, and whose turn it is."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping

from dynclient import retries
from dynclient.deadline import CLOCK, Clock

_RETRIES = 100
_RETRIES_SECONDS = 60.0

_REMAINING = re.compile(r"(?:x-)?ratelimit-remaining(-[a-z]+)?", re.IGNORECASE)
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS = (3600.0, 60.0, 1.0, 0.001)
_EPOCH = 1e9  # a reset beyond it is a date in Unix time, not a number of seconds

_lock = threading.Lock()


def _new_lock() -> None:
    """In a forked child: the thread that held the lock may not be there any more."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)


class Traffic:
    """
    The clock, the retry budget and the pace of a client and its copies; a pickled one begins anew.

    The budget is so many retries at once, and as many again in each minute: without it, an outage would bring the
    server several times its usual load.
    """

    def __init__(self, clock: Clock = CLOCK, budget: int = _RETRIES) -> None:
        self.clock = clock
        self._size = budget
        self._left = float(budget)
        self._since = clock.monotonic()
        self._next: dict[str, float] = {}
        self._held: dict[str, float] = {}

    def __reduce__(self) -> tuple[type[Traffic], tuple[()]]:
        return Traffic, ()

    def may_retry(self) -> bool:
        """Whether the budget has one more retry, which is then taken from it."""
        with _lock:
            now = self.clock.monotonic()
            self._left = min(self._size, self._left + (now - self._since) * self._size / _RETRIES_SECONDS)
            self._since = now
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def turn(self, where: str, requests_per_second: float) -> float:
        """The seconds until it is the turn of one more request to this origin; the turn is taken."""
        with _lock:
            now = self.clock.monotonic()
            at = max(now, self._next.get(where, now))
            self._next[where] = at + 1 / requests_per_second
            return at - now

    def held(self, where: str) -> float:
        """The seconds for which this origin wants no request; a little more for some, so that not all come at once."""
        if where not in self._held:
            return 0.0
        wait = self._held[where] - self.clock.monotonic()
        if wait <= 0:
            self._held.pop(where, None)
            return 0.0
        return wait * (1 + self.clock.random() / 10)

    def heed(self, where: str, status: int, headers: Mapping[str, str]) -> None:
        """Hold the calls to an origin for as long as its answer asks, up to `retries.LONGEST_WAIT`."""
        waits = [*_resets(headers, self.clock)]
        if status in (429, 503):
            waits.append(retries.retry_after(headers, self.clock) or 0.0)
        wait = max(waits, default=0.0)
        if 0 < wait <= retries.LONGEST_WAIT:
            self._held[where] = max(self._held.get(where, 0.0), self.clock.monotonic() + wait)


def _resets(headers: Mapping[str, str], clock: Clock) -> Iterator[float]:
    """The seconds after which a limit of which nothing remains begins anew."""
    for name, text in headers.items():
        if text == "0" and _REMAINING.fullmatch(name):
            reset = headers.get(re.sub("remaining", "reset", name, flags=re.IGNORECASE), "")
            yield _seconds(reset.strip(), clock)


def _seconds(text: str, clock: Clock) -> float:
    """
    The seconds that a reset stands for, a number, a moment in Unix time, or a duration; 0 where it is none of these.

    >>> _seconds("2", CLOCK), _seconds("1m0.5s", CLOCK), _seconds("120ms", CLOCK), _seconds("soon", CLOCK)
    (2.0, 60.5, 0.12, 0.0)
    """
    number = retries.number(text)
    if number is not None:
        return max(0.0, number - clock.wall()) if number > _EPOCH else number
    found = _DURATION.fullmatch(text)
    if not found:
        return 0.0
    return sum(unit * float(part) for unit, part in zip(_UNITS, found.groups(), strict=True) if part)
