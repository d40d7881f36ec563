"""Functions of the caller's that run around each call: for tracing, metrics, and headers computed per call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from dynclient.errors import DynclientError, SendError
from dynclient.openapi import Operation
from dynclient.responses import Response

if TYPE_CHECKING:
    import requests


@dataclass(frozen=True, slots=True)
class Retry:
    """
    A request will be sent again.

    Attributes:
        operation: the operation that is called.
        attempt: how many attempts were made.
        delay: the seconds until the next one.
        status: the status of the last answer, if there was one.
        error: the error of the last attempt, if there was no answer.
    """

    operation: Operation
    attempt: int
    delay: float
    status: int | None = None
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """
    Functions to call around each call. What they raise reaches the caller unchanged.

    Attributes:
        before_send: gets the operation and the request before each attempt, and may change the request's headers.
        before_retry: gets a `Retry`, before the wait for it.
        after_answer: gets the response that the call returns.
        on_error: gets the error that the call raises.
    """

    before_send: Callable[[Operation, requests.PreparedRequest], object] | None = None
    before_retry: Callable[[Retry], object] | None = None
    after_answer: Callable[[Response], object] | None = None
    on_error: Callable[[DynclientError], object] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            hook = getattr(self, field.name)
            if hook is not None and not callable(hook):
                raise TypeError(
                    f"the hook {field.name} must be a function, or None; it is of type {type(hook).__name__}"
                )


NO_HOOKS = Hooks()
