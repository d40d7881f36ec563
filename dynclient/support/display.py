"""Values as people see them: in errors, at a prompt, in a terminal."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias

from dynclient.types import JSON

LONGEST_SHOWN = 60  # characters of a value

MOST_LINES = 40
"""How many lines of data a repr shows."""

_WIDTH = 80  # characters of a text in data

# Of a text only the start is masked and shown; what is masked is longer, so that no secret is cut before it is found.
_START = 50_000
_START_MASKED = 100_000

# How many members of each object and items of each array are shown, and how deeply: the first that fits is taken.
_LIMITS = ((1000, 40), (20, 40), (10, 6), (6, 5), (4, 4), (3, 3), (3, 2))

# C0 and C1 controls except tab and line feed, and characters that reverse the direction of text: otherwise a document
# or a server could control the terminal. Halves of surrogate pairs cannot be printed at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Mask: TypeAlias = Callable[[str], str]
"""Returns a text without the secrets in it."""


def type_name(value: object) -> str:
    """
    Return the type of a value as messages name it: with its module, unless Python itself has it.

    >>> from decimal import Decimal
    >>> type_name(b""), type_name(Decimal(1))
    ('bytes', 'decimal.Decimal')
    """
    kind = type(value)
    public = [part for part in kind.__module__.split(".") if not part.startswith("_")]  # `pathlib._local`
    module = ".".join(public) or kind.__module__.strip("_")  # `_io`
    return kind.__qualname__ if module in ("builtins", "main") else f"{module}.{kind.__qualname__}"


def as_own_type(value: object) -> str:
    """
    Return how a scalar of a library, such as numpy or torch, becomes one of Python's own types; "" for other values.

    Such a library has a type of the same name, so that the name alone would say nothing.
    """
    kind = type(value)
    if kind.__module__.partition(".")[0] in sys.stdlib_module_names:
        return ""
    if callable(getattr(kind, "item", None)) and hasattr(kind, "dtype"):
        return "value.item() makes it one of Python's own types"
    name = kind.__name__.strip("_").lower()
    return f"{name}(value) makes it one of Python's own types" if name in ("bool", "int", "float", "str") else ""


def show(value: JSON) -> str:
    """Return a value as JSON, shortened; a value that isn't JSON by its type."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return f"a value of type {type_name(value)}"
    text = repr(value) if isinstance(value, str) else text
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 10]}...{text[-6:]}"


def printable(text: str) -> str:
    r"""
    Return text from a document or a server with control characters written as escapes.

    >>> print(printable("a\x1b[31mb"))
    a\u001b[31mb
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def counted(count: int, noun: str) -> str:
    """
    Return a number of things, with separators, as words.

    >>> counted(1, "item"), counted(2500, "item")
    ('1 item', '2,500 items')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def outline(data: JSON, mask: Mask = str, most: int = MOST_LINES) -> str:
    """
    Return data as indented JSON of at most `most` lines, which say what they leave out.

    Args:
        data: JSON, text or bytes.
        mask: what every text goes through before it is cut.
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
        return scalar(data, mask)
    if isinstance(data, str):
        return "\n".join(_text_lines(data, mask, most))
    found: list[str] = []
    for count, depth in _LIMITS:
        found = list(islice(_lines(data, mask, count, depth), most + 1))
        if len(found) <= most:
            return "\n".join(found)
    return "\n".join([*found[: most - 1], "..."])


def scalar(value: JSON, mask: Mask = str, width: int = _WIDTH) -> str:
    """
    Return one value on one line: a text as JSON, bytes as Python writes them, both cut to a number of characters.

    >>> print(scalar("a" * 100, width=10))
    "aaaaaaaaaa..." (100 characters)
    """
    if isinstance(value, bytes):
        text = mask(value[:_START_MASKED].decode(errors="surrogateescape"))
        cut = text[:width].encode(errors="surrogateescape")
        return repr(cut) + ("" if len(value) <= width else f"... ({counted(len(value), 'byte')})")
    if isinstance(value, str):
        text = start(value, mask)
        shown = printable(json.dumps(text[:width], ensure_ascii=False))
        return shown if len(text) <= width else f'{shown[:-1]}..." ({counted(len(value), "character")})'
    try:
        return json.dumps(value)[:width]
    except (TypeError, ValueError):
        return f"a value of type {type_name(value)}"


def write_lines(printer: Any, text: str) -> None:
    """Write lines with IPython's PrettyPrinter."""
    for number, line in enumerate(text.split("\n")):
        if number:
            printer.break_()
        printer.text(line)


def start(text: str, mask: Mask) -> str:
    """Return the start of a text without secrets; the whole text, if it isn't long."""
    return mask(text) if len(text) <= _START else mask(text[:_START_MASKED])[:_START]


def _text_lines(text: str, mask: Mask, most: int) -> Iterator[str]:
    lines = printable(start(text, mask)).splitlines() or [""]
    for line in lines[:most] if len(lines) <= most else lines[: most - 1]:
        yield line if len(line) <= _WIDTH else f"{line[:_WIDTH]}..."
    if len(lines) > most or len(text) > _START:
        yield f"... ({counted(len(text), 'character')})"


def _lines(value: JSON, mask: Mask, count: int, depth: int, indent: str = "") -> Iterator[str]:
    """The lines of a value; the caller adds what stands before and after it."""
    if not isinstance(value, Mapping | list) or not value:
        yield scalar(value, mask)
        return
    opened, closed, noun = ("{", "}", "member") if isinstance(value, Mapping) else ("[", "]", "item")
    if depth == 0:
        yield f"{opened}... {counted(len(value), noun)}{closed}"
        return
    yield opened
    inner = f"{indent}  "
    left = len(value)
    for name, item in islice(value.items() if isinstance(value, Mapping) else (("", item) for item in value), count):
        left -= 1
        lines = list(islice(_lines(item, mask, count, depth - 1, inner), MOST_LINES * 2))
        lines[0] = f"{inner}{scalar(str(name), mask) + ': ' if noun == 'member' else ''}{lines[0]}"
        lines[-1] += "," if left else ""
        yield from lines
    if left:
        yield f"{inner}... {counted(left, f'more {noun}')}"
    yield f"{indent}{closed}"
