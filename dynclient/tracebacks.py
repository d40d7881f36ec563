"""
Errors without what their frames hold: tools that print local variables would show arguments, headers and keys.

pytest, rich and services that collect errors print them. What is emptied is ours and that of the libraries beneath;
frames of the caller's own, such as those of a hook, stay as they are.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_EMPTIED = frozenset({"dynclient", "http", "oauthlib", "requests", "urllib3"})


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and those it was made of: the libraries hold theirs as an argument, a reason or a cause."""
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            inner = [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
            inner += getattr(cause, "exceptions", ())  # of a group: one for each address of a host
            waiting += [each for each in inner if isinstance(each, BaseException)]


def hush(error: BaseException) -> None:
    """
    Empty the frames that an error has passed, and those of its causes.

    One of ours that was raised `from None` loses what that hides, too: its text may repeat a URL.
    """
    for cause in causes(error):
        module = ""
        for frame, _ in traceback.walk_tb(cause.__traceback__):
            module = frame.f_globals.get("__name__", "").partition(".")[0]
            if module in _EMPTIED:
                with suppress(RuntimeError):  # it still runs, and will be emptied by who called it
                    frame.clear()
        if module == "dynclient" and cause.__suppress_context__:
            cause.__context__ = None


def quiet(function: Callable[P, T]) -> Callable[P, T]:
    """A function that users call, with its errors hushed as they leave it."""

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            hush(error)
            raise
        finally:
            del args, kwargs  # this frame is one of those that are printed

    return called
