"""What of an operation its document, or the server, calls deprecated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dynclient.openapi import Operation
from dynclient.wire import Arguments

_SECONDS = re.compile(r"@(-?[0-9]{1,12})\s*(?:;.*)?", re.DOTALL)  # a Date of structured fields (RFC 9651 §3.3.7)


class Deprecations:
    """
    What of an operation its document calls deprecated.

    Attributes:
        is_empty: whether nothing is.
    """

    __slots__ = ("_fields", "_is_whole", "_parameters", "is_empty")

    def __init__(self, operation: Operation) -> None:
        self._is_whole = operation.deprecated
        self._parameters = [(each.location, each.name) for each in operation.parameters if each.deprecated]
        self._fields = [each.name for each in operation.body.fields if each.deprecated] if operation.body else []
        self.is_empty = not (self._is_whole or self._parameters or self._fields)

    def used(self, arguments: Arguments) -> Iterator[str]:
        """Yield what of it a call uses, in words: the operation itself, parameters, and fields of the body."""
        if self._is_whole:
            yield "the operation"
        for location, name in self._parameters:
            if (location, name) in arguments.parameters:
                yield f"its {location} parameter {name!r}"
        if self._fields and isinstance(arguments.body, Mapping):
            yield from (f"its body field {name!r}" for name in self._fields if name in arguments.body)


def announcement(headers: Mapping[str, str]) -> str:
    """
    Return what an answer says about the end of its operation, in words; "" if it says nothing.

    >>> announcement({"Deprecation": "@1688169599", "Sunset": "Sun, 30 Jun 2024 23:59:59 GMT"})
    'the operation is deprecated since 2023-06-30 and ends on 2024-06-30'
    """
    said = []
    deprecation, sunset = headers.get("Deprecation"), headers.get("Sunset")
    if deprecation is not None and deprecation.strip().lower() not in ("", "false", "?0"):
        said.append(f"is deprecated{_since(deprecation)}")
    if sunset is not None:
        day = _http_date(sunset)
        said.append(f"ends on {day.date()}" if day else "will end")
    return f"the operation {' and '.join(said)}" if said else ""


def _since(text: str) -> str:
    """The date of a Deprecation header: seconds in RFC 9745, an HTTP date or "true" in earlier drafts."""
    found = _SECONDS.fullmatch(text.strip())
    if found is None:
        day = _http_date(text)
    else:
        try:
            day = datetime.fromtimestamp(int(found[1]), UTC)
        except (ValueError, OverflowError, OSError):
            day = None
    return f" since {day.date()}" if day else ""


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
