"""Values as people see them: in errors, in a prompt, in a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from dynclient.types import JSON

LONGEST_SHOWN = 60  # characters of a value

MOST_LINES = 40
"""How many lines of data a repr shows."""

_WIDTH = 110  # characters of a text in data
_DEEPEST = 40

# How many members of each object and items of each array are shown, and how deeply: the first that fits is taken.
_LIMITS = ((1000, _DEEPEST), (20, _DEEPEST), (10, 6), (6, 5), (4, 4), (3, 3), (3, 2))

# C0 and C1 controls except tab and line feed, and characters that reverse the direction of text: otherwise a document
# or a server could control the terminal. Half a surrogate pair, which JSON may hold, cannot be written at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def show(value: JSON) -> str:
    """Return a value as JSON, shortened; a value that isn't JSON by its type."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return f"a {type(value).__name__}"
    text = repr(value) if isinstance(value, str) else text
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 10]}...{text[-6:]}"


def printable(text: str) -> str:
    r"""
    Return text from a document or a server with control characters written as escapes.

    >>> print(printable("a\x1b[31mb"))
    a\u001b[31mb
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _same(text: str) -> str:
    return text


def outline(data: JSON, mask: Callable[[str], str] = _same, most: int = MOST_LINES) -> str:
    """
    Return data as indented JSON of at most `most` lines, which say what they leave out.

    Args:
        data: JSON, text or bytes.
        mask: is applied to every text, before it is cut.
        most: the number of lines.

    >>> print(outline({"id": "a", "items": [1, 2]}))
    {
      "id": "a",
      "items": [
        1,
        2
      ]
    }
    """
    if isinstance(data, bytes):
        return f"{data[:_WIDTH]!r}{_rest(len(data) - _WIDTH, 'byte')}"
    if isinstance(data, str):
        lines = printable(mask(data)).splitlines() or [""]
        shown = [f"{line[:_WIDTH]}{_rest(len(line) - _WIDTH, 'character')}" for line in lines[: most - 1]]
        return "\n".join([*shown, *filter(None, [_rest(len(lines) - len(shown), "line").lstrip()])])
    found: list[str] = []
    for count, depth in _LIMITS:
        found = list(islice(_lines(data, mask, count, depth), most + 1))
        if len(found) <= most:
            return "\n".join(found)
    return "\n".join([*found[: most - 1], "... and more"])


def _lines(value: JSON, mask: Callable[[str], str], count: int, depth: int, indent: str = "") -> Iterator[str]:
    """The lines of a value; the caller adds what stands before and after it."""
    if not isinstance(value, Mapping | list) or not value:
        yield _scalar(value, mask)
        return
    is_object = isinstance(value, Mapping)
    opened, closed, kind = ("{", "}", "member") if is_object else ("[", "]", "item")
    if depth == 0:
        yield f"{opened}... {_number(len(value), kind)}{closed}"
        return
    yield opened
    inner = indent + "  "
    members = value.items() if isinstance(value, Mapping) else (("", item) for item in value)
    left = len(value)
    for name, item in islice(members, count):
        left -= 1
        before = f"{_scalar(str(name), mask)}: " if is_object else ""
        lines = list(islice(_lines(item, mask, count, depth - 1, inner), MOST_LINES * 2))
        lines[0] = f"{inner}{before}{lines[0]}"
        lines[-1] += "," if left else ""
        yield from lines
    if left:
        yield f"{inner}... {_number(left, 'more ' + kind)}"
    yield f"{indent}{closed}"


def _scalar(value: JSON, mask: Callable[[str], str]) -> str:
    if isinstance(value, str):
        text = mask(value)
        shown = printable(json.dumps(text[:_WIDTH], ensure_ascii=False))
        return shown if len(text) <= _WIDTH else f'{shown[:-1]}..." ({len(text)} characters)'
    try:
        return json.dumps(value)[:_WIDTH]
    except (TypeError, ValueError):
        return printable(mask(repr(value)))[:_WIDTH]


def _rest(count: int, kind: str) -> str:
    return f" ... {_number(count, 'more ' + kind)}" if count > 0 else ""


def _number(count: int, kind: str) -> str:
    return f"{count} {kind}{'' if count == 1 else 's'}"
