"""
Errors without the contents of their frames: tools that print local variables would show arguments, headers and keys.

pytest, rich and services that collect errors do so. Only our frames are emptied, and those of the libraries we called;
the caller's own frames, such as those of a hook, and the caller's own errors stay as they are.
"""

from __future__ import annotations

import functools
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_LIBRARIES = frozenset({"h11", "http", "oauthlib", "requests", "socket", "ssl", "urllib3"})
_BETWEEN = sys.stdlib_module_names | {"anyio", "outcome", "sniffio", "trio"}
"""Modules between our frames: they hold nothing of a call, and call what they are given."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those it was made of: libraries hold them as an argument, a reason or a cause."""
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += _direct_causes(cause)


def _direct_causes(error: BaseException) -> list[BaseException]:
    inner = [*error.args, getattr(error, "reason", None), error.__cause__, error.__context__]
    inner += getattr(error, "exceptions", ())  # of a group: one for each address of a host
    return [each for each in inner if isinstance(each, BaseException)]


def hush(error: BaseException) -> None:
    """
    Empty our frames in the traceback of an error, and of its causes.

    An error that the caller's code raised or caught, such as one in flight when we were called, is the caller's own,
    and so are its causes. One of ours that was raised `from None` loses the error that this hides: it may repeat a
    URL.
    """
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        frames = [(frame, _owner(frame)) for frame, _ in traceback.walk_tb(cause.__traceback__)]
        if frames and frames[0][1] == "":
            continue
        by_us = True
        for frame, owner in frames:
            by_us = owner == "dynclient" or (by_us and owner != "")
            if by_us and owner != "between":
                with suppress(RuntimeError):  # it still runs; its caller will empty it
                    frame.clear()
        if frames and frames[-1][1] == "dynclient" and cause.__suppress_context__:
            cause.__context__ = None
        if by_us:
            waiting += _direct_causes(cause)


def _owner(frame: FrameType) -> str:
    """Whose code a frame runs: "dynclient", "library", "between", or "" for the caller."""
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if package == "dynclient":
        return package
    if package in _LIBRARIES:
        return "library"
    return "between" if package in _BETWEEN or _is_session(frame) else ""


def _is_session(frame: FrameType) -> bool:
    """Whether it is a method of the caller's session, or of its adapter or signature, that our calls go through."""
    requests = sys.modules.get("requests")
    if requests is None:
        return False
    kinds = (requests.Session, requests.adapters.BaseAdapter, requests.auth.AuthBase)
    return isinstance(frame.f_locals.get("self"), kinds)


def quiet(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that users call or await, with the frames of its errors emptied as they leave it."""
    if inspect.iscoroutinefunction(function):
        task: Callable[P, T] = _quiet_task(function)
        return task

    @functools.wraps(function)
    def called(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            hush(error)
            raise
        finally:
            del args, kwargs  # this frame may be printed, too

    return called


def _quiet_task(function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    async def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return await function(*args, **kwargs)
        except BaseException as error:
            hush(error)
            raise
        finally:
            del args, kwargs

    return called
