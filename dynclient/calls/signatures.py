"""The signature of an operation: its arguments with types as one writes them in Python, and their defaults."""

from __future__ import annotations

import inspect
from typing import Any, Final

from dynclient.calls.arguments import Argument, arguments_of
from dynclient.calls.usage import short_repr
from dynclient.openapi import Operation, SchemaView
from dynclient.types import JSON, UNSET
from dynclient.wire import Binder

_FILE = "Path | bytes"
_PYTHON_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
    "file": _FILE,
}
_OF_VALUES: dict[type, tuple[str, ...]] = {bool: ("boolean",), int: ("integer", "number"), str: ("string",)}

_MOST_VALUES = 8
_LONGEST_LITERAL = 70  # characters
_LONGEST = 118  # of a parameter with its type and default
_LONGEST_DEFAULT = 40
_LONGEST_NAME = 60
_DEEPEST = 3


class Annotation(str):
    """
    A type as source code has it, such as `Literal['asc', 'desc'] | None`, shown without quotation marks.

    It is text, as with `from __future__ import annotations`: `inspect` shows types of unions and literals in another
    form, by the version of Python. Names of a document are in it only inside of literals.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class _Required:
    """The default of a required field of the body, which `body=` may hold instead."""

    def __repr__(self) -> str:
        return "<required>"


REQUIRED: Final = _Required()


def signature(operation: Operation, binder: Binder) -> inspect.Signature:
    """Return a signature of keyword-only parameters, the required ones first."""
    keywords: dict[str, inspect.Parameter] = {}
    for argument in arguments_of(operation, binder):
        name, default = argument.keyword, _default(argument)
        if name.isidentifier() and len(name) <= _LONGEST_NAME:
            kind = annotation(argument, _LONGEST - len(f"{name}: = {default!r}"))
            parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            keywords.setdefault(name, parameter)
    return inspect.Signature(list(keywords.values()))


def _default(argument: Argument) -> Any:
    if argument.required:
        return REQUIRED if argument.is_field else inspect.Parameter.empty
    default = argument.view.said("default") if argument.filled_in is UNSET else argument.filled_in
    return default if short_repr(default, _LONGEST_DEFAULT) else UNSET


def annotation(argument: Argument, most: int) -> Annotation:
    """Return the type of an argument; one of more than so many characters is said in short."""
    if argument.files:
        return Annotation({"one": _FILE, "many": f"list[{_FILE}]"}.get(argument.files, f"{_FILE} | list[{_FILE}]"))
    text = _type(argument.view)
    return Annotation(text if len(text) <= most else _type(argument.view, _DEEPEST))


def _type(view: SchemaView, depth: int = 0) -> str:
    values = [value for value in view.values if value is not None]
    literal = _literal(values) if depth < _DEEPEST else ""
    covered = {name for value in values for name in _OF_VALUES.get(type(value), ())} if literal else set()
    names = view.types - covered
    names -= {"integer"} if "number" in names else set()
    parts = [literal] if literal else []
    for name, kind in _PYTHON_TYPES.items():
        if name in names:
            inner = _type(view.item(0), depth + 1) if name == "array" and depth < _DEEPEST - 1 else "Any"
            parts.append(f"{kind}[{inner}]" if inner != "Any" else kind)
    if not parts:
        return "Any"
    return " | ".join([*parts, "None"] if view.nullable else parts)


def _literal(values: list[JSON]) -> str:
    """The values as a Literal, cut behind so many; "" if they cannot be in one."""
    if not values or not all(type(value) in _OF_VALUES for value in values):
        return ""
    shown: list[str] = []
    for value in values[:_MOST_VALUES]:
        text = short_repr(value, _LONGEST_LITERAL)
        if not text or len(", ".join([*shown, text])) > _LONGEST_LITERAL:
            break
        shown.append(text)
    rest = ["..."] if len(values) > len(shown) else []
    return f"Literal[{', '.join(dict.fromkeys([*shown, *rest]))}]" if shown else ""
