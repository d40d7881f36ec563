"""What all calls of a client share, in whatever thread: the retry budget, the pace, and waits that servers ask for."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

from dynclient.http import retries
from dynclient.support import CLOCK, Clock, renewed

_RETRIES = 100
_RETRIES_SECONDS = 60.0

_BUDGET = re.compile(r"(?:[a-z]+-)?rate-?limit(?:-[a-z-]+)?", re.IGNORECASE)
_REMAINING = re.compile(r"\bremaining\b", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_FIELD = re.compile(r"\b(r|t|remaining|reset)\s*=\s*([0-9.]+)")
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_UNITS = (3600.0, 60.0, 1.0, 0.001)
_EPOCH = 1e9  # a reset beyond it is a date in Unix time, not a number of seconds


class Hold(NamedTuple):
    """
    For how many seconds a server wants no request.

    Attributes:
        refused: the server has said that it refuses requests for so long.
        spent: a budget that it reported is empty for so long; the next call may not need that budget.
    """

    refused: float = 0.0
    spent: float = 0.0


class Traffic:
    """
    The clock, the retry budget and the pace of a client and its copies; a pickled one begins anew.

    The budget is a number of retries at once, and as many again in each minute. Without it, an outage would bring the
    server several times its usual load.

    Attributes:
        clock: the clock.
        is_held: whether any server has asked to wait.
    """

    def __init__(self, clock: Clock = CLOCK, budget: int = _RETRIES) -> None:
        self.clock = clock
        self._size = budget
        self._left = float(budget)
        self._since = clock.monotonic()
        self._next: dict[str, float] = {}
        self._given_back: defaultdict[str, list[float]] = defaultdict(list)
        self._holds: WeakKeyDictionary[object, dict[str, Hold]] = WeakKeyDictionary()
        self.is_held = False
        self._lock = renewed(self, "_lock")

    def __reduce__(self) -> tuple[type[Traffic], tuple[()]]:
        return Traffic, ()

    def may_retry(self) -> bool:
        """Take one retry from the budget; return whether there was one."""
        with self._lock:
            now = self.clock.monotonic()
            self._left = min(self._size, self._left + (now - self._since) * self._size / _RETRIES_SECONDS)
            self._since = now
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def turn(self, where: str, requests_per_second: float) -> float:
        """Reserve, and return, the next moment of the monotonic clock at which a request may go to this origin."""
        interval = 1 / requests_per_second
        with self._lock:
            now = self.clock.monotonic()
            while self._given_back[where]:
                at = heapq.heappop(self._given_back[where])
                if at + interval > now:
                    return max(at, now)
            at = max(now, self._next.get(where, now))
            self._next[where] = at + interval
            return at

    def give_back(self, where: str, at: float) -> None:
        """Return a turn that was not used, because nothing was sent."""
        with self._lock:
            heapq.heappush(self._given_back[where], at)

    def hold(self, whose: object, where: str) -> Hold:
        """Return how long an origin asks this identity to wait, with jitter, so that not all calls come at once."""
        known = self._holds.get(whose, {}).get(where)
        if known is None:
            return Hold()
        now = self.clock.monotonic()
        found = Hold(max(known.refused - now, 0.0), max(known.spent - now, 0.0))
        if not any(found):
            self._holds[whose].pop(where, None)
            return found
        more = 1 + self.clock.random() / 10
        return Hold(found.refused * more, found.spent * more)

    def observe(self, whose: object, where: str, status: int, headers: Mapping[str, str]) -> None:
        """
        Learn from an answer how long its budget is empty; waits beyond `retries.LONGEST_WAIT` are ignored.

        A refusal that names no budget concerns only its own request, even with Retry-After.
        """
        budgets = [*_budgets(headers, self.clock)]
        is_refusal = status in (429, 503)
        waits = [wait for is_empty, wait in budgets if is_empty]
        if is_refusal and len(waits) == len(budgets) and has_budget(headers):
            waits.append(retries.retry_after(headers, self.clock) or 0.0)
        wait = max(waits, default=0.0)
        if not 0 < wait <= retries.LONGEST_WAIT:
            return
        until = self.clock.monotonic() + wait
        with self._lock:
            self.is_held = True
            holds = self._holds.setdefault(whose, {})
            refused, spent = holds.get(where, Hold())
            holds[where] = Hold(max(refused, until), spent) if is_refusal else Hold(refused, max(spent, until))


def has_budget(headers: Mapping[str, str]) -> bool:
    """Whether an answer reports a budget of requests, empty or not."""
    return any(map(_BUDGET.fullmatch, headers))


def _budgets(headers: Mapping[str, str], clock: Clock) -> Iterator[tuple[bool, float]]:
    """
    Yield for each budget in the headers whether it is empty, and the seconds until it is full again.

    The headers are X-RateLimit-Remaining and -Reset in all their spellings, also with a name of the budget, and
    RateLimit of draft-ietf-httpapi-ratelimit-headers: `"minute";r=0;t=30`, before its eighth version
    `remaining=0, reset=30`.
    """
    for name, text in headers.items():
        if not _BUDGET.fullmatch(name):
            continue
        if name.lower() == "ratelimit":
            members = _QUOTED.sub("", text)
            for member in members.split(",") if ";" in members else [members]:
                fields = {key[:3]: value for key, value in _FIELD.findall(member)}
                remaining = fields.get("r", fields.get("rem"))
                if remaining is not None:
                    yield (
                        retries.number(remaining) == 0,
                        _seconds(fields.get("t", fields.get("res", "")), headers, clock),
                    )
        elif _REMAINING.search(name):
            reset = headers.get(_REMAINING.sub("reset", name), "")
            yield retries.number(text) == 0, _seconds(reset.strip(), headers, clock)


def _seconds(text: str, headers: Mapping[str, str], clock: Clock) -> float:
    """
    The seconds that a reset means: a number, a duration, or a moment (a date or Unix time by the server's clock).

    Anything else is 0.

    >>> [_seconds(text, {}, CLOCK) for text in ("2", "1m0.5s", "120ms", "soon")]
    [2.0, 60.5, 0.12, 0.0]
    """
    number = retries.number(text)
    if number is not None and number <= _EPOCH:
        return number
    at = number if number is not None else retries.moment(text)
    if at is not None:
        return max(0.0, at - retries.server_time(headers, clock))
    found = _DURATION.fullmatch(text)
    return sum(unit * float(part) for unit, part in zip(_UNITS, found.groups(), strict=True) if part) if found else 0.0
