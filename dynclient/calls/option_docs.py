"""The signature and the docstring of what takes options, made from their table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dynclient.calls.options import MODE_OPTIONS, Option, Options, Setup

if TYPE_CHECKING:
    import inspect


def option_lines(options: Mapping[str, Option]) -> str:
    """The options as lines of a section `Args:`."""
    return "".join(
        textwrap.fill(f"{name}: {option.text}", 116, initial_indent=" " * 8, subsequent_indent=" " * 12) + "\n"
        for name, option in options.items()
    )


class SignatureOf:
    """
    The signature of a class that takes options, made when it is asked for.

    Args:
        options: the options.
        types: a TypedDict with their types.
    """

    def __init__(self, options: Mapping[str, Option], types: type) -> None:
        self._options = options
        self._types = types

    def __get__(self, instance: object, owner: type) -> inspect.Signature:
        import inspect

        types = self._types.__annotations__
        annotations = {name: getattr(wanted, "__forward_arg__", wanted) for name, wanted in types.items()}
        first = inspect.Parameter("source", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        kind = inspect.Parameter.KEYWORD_ONLY
        named = (
            inspect.Parameter(name, kind, default=default_of(name), annotation=annotations[name])
            for name in self._options
        )
        return inspect.Signature([first, *named])


def default_of(name: str) -> Any:
    """The default as a caller would give it."""
    if name == "auth":
        return None
    value = getattr(Options(), name) if hasattr(Options, name) else getattr(Setup(), name)
    return value[0]["*"] if name in MODE_OPTIONS else value
