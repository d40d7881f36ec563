"""What a caller can have done around each call: for tracing, metrics and headers of the moment."""

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
    A request will be sent again after `delay` seconds.

    `attempt` is how many were made, `status` that of the last answer, and `error` what there was in its place.
    """

    operation: Operation
    attempt: int
    delay: float
    status: int | None = None
    error: SendError | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """
    Functions to call around each call. What they raise reaches the caller as it is.

    `before_send` gets the operation and the request before each attempt, and may change the request's headers;
    `before_retry` what is known of a retry, before it is waited for; `after_answer` the answer that the call returns;
    `on_error` the error that it raises.
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
