"""A call of an operation to copy: its required arguments, with examples of the document, or with blanks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dynclient.calls.arguments import BODY, Argument
from dynclient.types import JSON, UNSET

_WIDTH = 74  # characters of a line
_LONGEST = 60  # characters of an example

_JSON_TYPES: Mapping[type, tuple[str, ...]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    float: ("number",),
    list: ("array",),
    dict: ("object",),
}


def required_values(known: Sequence[Argument], *, takes_body: bool) -> dict[str, Any]:
    """
    Return a value for each argument that a call must have.

    An Ellipsis is a blank: a call with one is refused, and nothing is sent.

    Args:
        known: the arguments of the operation.
        takes_body: whether it requires a body.
    """
    required = [argument for argument in known if argument.required]
    nameless = any(not argument.keyword.isidentifier() for argument in required)
    if takes_body and (nameless or not any(argument.place == BODY for argument in required)):
        required = [argument for argument in required if argument.place != BODY]
        required += [argument for argument in known if argument.keyword == BODY]
    return {argument.keyword: _value(argument) for argument in required}


def python_call(target: str, values: Mapping[str, Any]) -> list[str]:
    """Return the call in Python, as one line or as a line for each argument."""
    written = [
        f"{name}={literal(value)}" if name.isidentifier() else f"**{literal({name: value})}"
        for name, value in values.items()
    ]
    line = f"{target}({', '.join(written)})"
    return [line] if len(line) <= _WIDTH else [f"{target}(", *(f"    {each}," for each in written), ")"]


def literal(value: Any) -> str:
    """
    Return a value as Python has it, with double quotes where one writes them.

    >>> literal({"role": "user", "parts": [...], "n": None})
    '{"role": "user", "parts": [...], "n": None}'
    """
    if value is ...:
        return "..."
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{literal(name)}: {literal(item)}' for name, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return repr(value)


def short_repr(value: Any, most: int) -> str:
    """Return how a text, a number, a boolean or None is written; "" for other values, and for what is too long."""
    if isinstance(value, str):
        is_short = len(value) <= most
    else:
        is_short = isinstance(value, bool | float | None) or (isinstance(value, int) and abs(value) < 10**most)
    text = repr(value) if is_short else ""
    return text if len(text) <= most else ""


def _value(argument: Argument) -> Any:
    """The first of example, default and permitted values that has the type of the argument, and is short."""
    view = argument.view
    for value in (argument.example, view.said("default"), *view.named_values[:1]):
        types = _JSON_TYPES.get(type(value), ())
        if value is not UNSET and types and (not view.types or not view.types.isdisjoint(types)) and _is_short(value):
            return value
    return ...


def _is_short(value: JSON) -> bool:
    try:
        return len(literal(value)) <= _LONGEST
    except (ValueError, RecursionError):  # a number of thousands of digits, lists a thousand deep
        return False
