"""
A client for any OpenAPI document: every operation is a method, judged by openapi-core before requests sends it.

    client = dynclient.Client("openai")
    run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynclient.calls import Download, Hooks, Pagination, PagingError, Polling, PollTimeout, Retry, Stream, leaves
from dynclient.client import Client
from dynclient.credentials import NETRC, OAuth2
from dynclient.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    CallError,
    CredentialWarning,
    DocumentChanged,
    DocumentError,
    DynclientError,
    InsecureConnection,
    InvalidRequest,
    MissingArgument,
    NoConnection,
    OperationDeprecated,
    Problem,
    SendError,
    TimedOut,
    UnknownArgument,
    UnknownOperation,
)
from dynclient.openapi import Operation, Parameter
from dynclient.responses import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    Redirected,
    Response,
    ResponseError,
    ServerError,
    StatusError,
    Unauthorized,
    UnprocessableContent,
)
from dynclient.types import UNSET
from dynclient.version import __version__
from dynclient.wire import Event, ItemError, StreamError

if TYPE_CHECKING:
    from dynclient.async_client import AsyncClient

__all__ = [
    "NETRC",
    "UNSET",
    "AnswerTooLarge",
    "AsyncClient",
    "BadRequest",
    "BrokenAnswer",
    "CallError",
    "Client",
    "Conflict",
    "CredentialWarning",
    "DocumentChanged",
    "DocumentError",
    "Download",
    "DynclientError",
    "Event",
    "Forbidden",
    "Hooks",
    "InsecureConnection",
    "InvalidRequest",
    "ItemError",
    "MissingArgument",
    "NoConnection",
    "NotFound",
    "OAuth2",
    "Operation",
    "OperationDeprecated",
    "Pagination",
    "PagingError",
    "Parameter",
    "PollTimeout",
    "Polling",
    "Problem",
    "RateLimited",
    "Redirected",
    "Response",
    "ResponseError",
    "Retry",
    "SendError",
    "ServerError",
    "StatusError",
    "Stream",
    "StreamError",
    "TimedOut",
    "Unauthorized",
    "UnknownArgument",
    "UnknownOperation",
    "UnprocessableContent",
    "__version__",
    "leaves",
]


def __getattr__(name: str) -> Any:
    """`AsyncClient`, whose libraries are not always there, when it is asked for."""
    if name != "AsyncClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from dynclient.async_client import AsyncClient
    except ModuleNotFoundError as error:
        message = f"AsyncClient needs the library {error.name}: pip install 'dynclient[async]'"
        raise ModuleNotFoundError(message, name=error.name) from error
    return AsyncClient
