"""
What may be sent again, when, and how often; no network is touched.

A request is repeated only if that cannot carry it out twice: it never left, the server surely refused it, its method is
idempotent (RFC 9110 §9.2.2), or it has an idempotency key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from dynclient.errors import SendError, Sent
from dynclient.support import CLOCK, Clock

LONGEST_WAIT = 120.0
"""Seconds; if a server asks for more, the call does not wait."""

_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 8.0

# RFC 9110 §9.2.2, and QUERY, which is safe. Methods are in the case they are sent in: `get` is another method.
_IDEMPOTENT = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "QUERY", "TRACE"})
_TRANSIENT = frozenset({408, 500, 502, 503, 504})
_UNCERTAIN = frozenset({408, 409})  # of the 4xx: the request may have been begun
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})  # RFC 9110 §9.2.1
_REPEATED_ELSEWHERE = frozenset({307, 308})  # with the same method, so it was not carried out (RFC 9110 §15.4.8)
_DEGREES: tuple[Sent, ...] = ("no", "refused", "unknown", "yes")

KEY_HEADERS = ("idempotency-key", "x-idempotency-key")
"""The usual names of the header by which a server recognizes a request that it has carried out."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")


def is_repeatable(method: str, headers: Iterable[str], key_headers: Iterable[str] = KEY_HEADERS) -> bool:
    """
    Whether sending a request twice has the effect of sending it once.

    >>> is_repeatable("PUT", []), is_repeatable("POST", []), is_repeatable("POST", ["Idempotency-Key"])
    (True, False, True)
    """
    return method in _IDEMPOTENT or not frozenset(map(str.lower, headers)).isdisjoint(key_headers)


def fate(status: int, headers: Mapping[str, str], method: str = "GET") -> Sent:
    """
    Return what became of a request, by the status of its answer.

    303 answers a request that was carried out (RFC 9110 §15.4.4), and 301 and 302 have long been used for the same
    (§15.4.2, §15.4.3); 307 and 308 ask for the same request at another place.

    >>> fate(200, {}), fate(422, {}), fate(500, {}), fate(503, {}), fate(503, {"Retry-After": "1"})
    ('yes', 'refused', 'unknown', 'unknown', 'refused')
    >>> fate(303, {}, "POST"), fate(302, {}, "PUT"), fate(307, {}, "POST"), fate(302, {}, "GET")
    ('unknown', 'unknown', 'refused', 'refused')
    """
    if status < 300:
        return "yes"
    if status < 400:
        return "refused" if method in _SAFE or status in _REPEATED_ELSEWHERE else "unknown"
    if status == 503:
        return "refused" if "Retry-After" in headers else "unknown"
    return "refused" if (status < 500 and status not in _UNCERTAIN) or status == 501 else "unknown"


def furthest(one: Sent, other: Sent) -> Sent:
    """
    Return what became of a request that was sent twice, from what became of it each time.

    >>> furthest("unknown", "no"), furthest("refused", "yes")
    ('unknown', 'yes')
    """
    return max(one, other, key=_DEGREES.index)


def may_follow_answer(status: int, headers: Mapping[str, str], repeatable: bool) -> bool:
    """Whether a request with this answer is worth repeating, and may be repeated."""
    asked = headers.get("x-should-retry", "").strip().lower()
    if status < 400 or asked == "false":
        return False
    if status == 429 or (status == 503 and "Retry-After" in headers):
        return True
    return repeatable and (asked == "true" or status in _TRANSIENT)


def may_follow_error(error: SendError, repeatable: bool) -> bool:
    """Whether a request without an answer is worth repeating, and may be repeated."""
    return error.is_transient and (repeatable or error.sent in ("no", "refused"))


def backoff(retry: int, clock: Clock = CLOCK) -> float:
    """Return the seconds before the first, second, ... retry, with full jitter, if the server does not say."""
    return clock.random() * min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(retry - 1, 16))


def retry_after(headers: Mapping[str, str], clock: Clock = CLOCK) -> float | None:
    """
    Return the seconds that the server asks us to wait; None if it does not say, or cannot be understood.

    `Retry-After-Ms` holds milliseconds, `Retry-After` seconds, also with a fraction, or an HTTP date (RFC 9110
    §10.2.3) by the clock of the server; a date in the past gives 0.

    >>> retry_after({"Retry-After": "1.5"}), retry_after({"retry-after-ms": "20"}), retry_after({"Retry-After": "-1"})
    (1.5, 0.02, None)
    """
    milliseconds = number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("Retry-After", "").strip()
    seconds = number(text)
    if seconds is not None:
        return seconds
    named = moment(text)
    return None if named is None else max(0.0, named - server_time(headers, clock))


def number(text: str) -> float | None:
    """Return the number in a header; None if it isn't a number, or too large for a float."""
    value = float(text) if _NUMBER.fullmatch(text.strip()) else math.inf
    return value if math.isfinite(value) else None


def moment(date: str) -> float | None:
    """
    Return the Unix time of an HTTP date in any of its three forms, all in UTC (RFC 9110 §5.6.7); None if it isn't one.

    >>> moment("Sun, 06 Nov 1994 08:49:37 GMT"), moment("Sun Nov  6 08:49:37 1994"), moment("soon")
    (784111777.0, 784111777.0, None)
    """
    try:
        found = parsedate_to_datetime(date)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()  # without a zone it is local time
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def server_time(headers: Mapping[str, str], clock: Clock = CLOCK) -> float:
    """Return the Unix time of an answer, by the server's clock, or by ours if it has no Date."""
    made = moment(headers.get("Date", ""))
    return clock.wall() if made is None else made
