"""
A client for any OpenAPI document: every operation is a method, judged by openapi-core before requests sends it.

    client = dynclient.Client("openai")
    run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynclient.client import Client
from dynclient.downloads import Download
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
from dynclient.hooks import Hooks, Retry
from dynclient.model import Operation, Parameter
from dynclient.oauth import OAuth2
from dynclient.paging import Pagination, PagingError
from dynclient.polling import Polling, PollTimeout, leaves
from dynclient.response import (
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
from dynclient.security import NETRC
from dynclient.streaming import Event, ItemError, StreamError
from dynclient.streams import Stream
from dynclient.types import UNSET
from dynclient.version import __version__

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
