"""The error of a value that cannot be written, which knows the place inside the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from dynclient.documents import escape_step

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Unwritable(ValueError):
    """
    A value cannot be written.

    Attributes:
        message: the reason.
        pointer: the place inside the value, as an RFC 6901 pointer; "" for the value itself.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message

    def inside(self, key: str | int) -> Unwritable:
        """Return the same error for the list or mapping that holds the value under `key`."""
        return type(self)(self.message, f"/{escape_step(str(key))}{self.pointer}")


def within(key: str | int, write: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Return what `write` returns for the member under `key`; its errors point to that member."""
    try:
        return write(*args, **kwargs)
    except Unwritable as error:
        raise error.inside(key) from None


def checked_text(value: str) -> str:
    """
    Return the text itself.

    Raises:
        Unwritable: UTF-8 cannot write it.
    """
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unwritable("the text holds a lone surrogate, which UTF-8 cannot write") from None
    return value
