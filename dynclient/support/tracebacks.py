"""
Errors as they leave us: without the contents of our frames, and with few of these frames in their tracebacks.

Tools that print local variables would show arguments, headers and keys; pytest, rich and services that collect errors
do so. Only our frames are emptied, and those of the libraries we called; the caller's own frames, such as those of a
hook, and the caller's own errors stay as they are. Then our frames are cut away, because they are longer than the
message and do not help whoever called us. The environment variable DYNCLIENT_FULL_TRACEBACKS keeps them.
"""

from __future__ import annotations

import functools
import inspect
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, ParamSpec, TypeVar

from dynclient.errors import DynclientError

P = ParamSpec("P")
T = TypeVar("T")

_LIBRARIES = frozenset(
    {"charset_normalizer", "h11", "http", "idna", "jsonschema", "jsonschema_path", "oauthlib", "openapi_core"}
    | {"openapi_schema_validator", "openapi_spec_validator", "pathable", "referencing", "requests", "socket"}
    | {"socks", "ssl", "urllib3", "yaml"}
)
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
    Empty our frames in the traceback of an error, and of its causes, and cut them away.

    An error that the caller's code raised or caught, such as one in flight when we were called, is the caller's own,
    and so are its causes. One of ours that was raised `from None` loses what of ours this hides: it may repeat a URL.
    """
    ours = _emptied(error)
    if shows_all():
        return
    is_own = isinstance(error, DynclientError)
    for each in ours:
        BaseException.with_traceback(each, _cut(each, is_own=is_own))  # assigning fails if it is frozen
    if is_own:
        _hide(error, ours)


def shows_all() -> bool:
    """Whether tracebacks keep our frames. It is read each time, so that a notebook can set it as it runs."""
    return bool(os.environ.get("DYNCLIENT_FULL_TRACEBACKS"))


def _emptied(error: BaseException) -> list[BaseException]:
    """The error and its causes, as far as they are not the caller's own, with our frames emptied."""
    waiting, seen = [error], set()
    ours: list[BaseException] = []
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen or _is_callers(cause):
            continue
        seen.add(id(cause))
        ours.append(cause)
        steps = list(_steps(cause))
        for step, owner, by_us in steps:
            if by_us and owner in ("dynclient", "library"):
                with suppress(RuntimeError):  # it still runs; its caller will empty it
                    step.tb_frame.clear()
        if steps and steps[-1][1] == "dynclient" and cause.__suppress_context__:
            cause.__context__ = _in_flight(cause)
        if not steps or steps[-1][2]:
            waiting += _direct_causes(cause)
    return ours


def _is_callers(error: BaseException) -> bool:
    """Whether the caller's own code raised or caught it."""
    return error.__traceback__ is not None and _owner(error.__traceback__.tb_frame) == ""


def _in_flight(error: BaseException) -> BaseException | None:
    """The caller's own error that was being handled when this one was raised."""
    each, seen = error.__context__, set()
    while each is not None and id(each) not in seen and not _is_callers(each):
        seen.add(id(each))
        each = each.__context__
    return each if each is not None and id(each) not in seen else None


def _steps(error: BaseException) -> Iterator[tuple[TracebackType, str, bool]]:
    """The steps of a traceback: each with its owner, and whether we or what we called took it."""
    step, by_us = error.__traceback__, True
    while step is not None:
        owner = _owner(step.tb_frame)
        by_us = owner == "dynclient" or (by_us and owner != "")
        yield step, owner, by_us
        step = step.tb_next


def _owner(frame: FrameType) -> str:
    """Whose code a frame runs: "dynclient", "library", "between", "session", or "" for the caller."""
    package = _package(frame)
    if package == "dynclient":
        return package
    if package in _LIBRARIES:
        return "library"
    if package in _BETWEEN:
        return "between"
    return "session" if _is_session(frame) else ""


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]


def _is_session(frame: FrameType) -> bool:
    """Whether it is a method of the caller's session, or of its adapter or signature, that our calls go through."""
    requests = sys.modules.get("requests")
    if requests is None:
        return False
    kinds = (requests.Session, requests.adapters.BaseAdapter, requests.auth.AuthBase)
    return isinstance(frame.f_locals.get("self"), kinds)


def _cut(error: BaseException, *, is_own: bool) -> TracebackType | None:
    """
    The traceback of an error without our frames, and below an error of our own without those of libraries as well.

    An error that isn't our own keeps the frame in which it arose, unless this raises it: it may be a fault of ours.
    """
    kept: list[TracebackType] = []
    for step, owner, by_us in _steps(error):
        if is_own:
            is_cut = by_us and owner != "session"
        else:
            is_cut = owner == "dynclient" and (step.tb_next is not None or _raises(step))
        if not is_cut:
            kept.append(step)
    return _joined(kept)


def _raises(step: TracebackType) -> bool:
    """Whether the code of a step is a `raise`."""
    code = linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno, step.tb_frame.f_globals)
    return code.lstrip().startswith("raise ")


def _joined(steps: list[TracebackType]) -> TracebackType | None:
    """A traceback of these steps; those of another traceback stay as they are."""
    joined = None
    for step in reversed(steps):
        joined = TracebackType(joined, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return joined


def _hide(error: BaseException, ours: list[BaseException]) -> None:
    """Hide what libraries raised on the way to an error of our own; its cause stays, and whatever has other frames."""
    followed = {id(each): each for each in ours}
    hidden = {id(each) for each in ours if each.__traceback__ is None and not isinstance(each, DynclientError)}
    hidden.discard(id(error.__cause__))
    top: BaseException | None = error
    while top is not None and followed.pop(id(top), None) is not None:
        before = shown = _before(top)
        while shown is not None and id(shown) in hidden:
            hidden.discard(id(shown))
            shown = _before(shown)
        if shown is None and not _is_raised_outside(top):
            shown = _in_flight(top)
        if shown is not before:
            with suppress(AttributeError):  # the caller's own kind of error may be frozen
                top.__cause__ = None  # this hides the context as well
                if shown is not None:
                    top.__context__, top.__suppress_context__ = shown, False
        top = shown


def _is_raised_outside(error: BaseException) -> bool:
    """Whether the caller's code raised it, and so decided what it hides."""
    return [owner for _, owner, _ in _steps(error)][-1:] == [""]


def _before(error: BaseException) -> BaseException | None:
    """The error that a traceback shows before this one."""
    is_direct = error.__cause__ is not None or error.__suppress_context__
    return error.__cause__ if is_direct else error.__context__


def rendered(error: BaseException) -> list[str]:
    """Lines of text that IPython shows for an error: the caller's frames, one line of code each, and the message."""
    steps = [step for step, owner, _ in _steps(error) if owner in ("", "session") and not _is_prompt(step.tb_frame)]
    shown = _joined(steps) or error.__traceback__
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return "".join(traceback.format_exception(type(error), error, shown)).splitlines()
    context = 2 if "ipykernel" in sys.modules else 1  # with 1, IPython shows no code of the cells of a kernel
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, shown, 0, context)
    return lines


def _is_prompt(frame: FrameType) -> bool:
    """Whether it belongs to what runs the cells."""
    return _package(frame) in ("IPython", "ipykernel")


def quiet(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function that users call, await or iterate over, which hushes its errors as they leave it."""
    wrapped: Callable[P, T]
    if inspect.iscoroutinefunction(function):
        wrapped = _quiet_task(function)
        return wrapped
    if inspect.isgeneratorfunction(function):
        wrapped = _quiet_generator(function)
        return wrapped

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


def _quiet_generator(function: Callable[..., Any]) -> Any:
    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            return (yield from function(*args, **kwargs))
        except BaseException as error:
            hush(error)
            raise
        finally:
            del args, kwargs

    return called
