"""
A client for any OpenAPI document: every operation is a method, validated by openapi-core before requests sends it.

    client = dynclient.Client("openai")
    run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")

Everything here is imported when it is first used. `codes` and `rules` list what can be wrong with a call and with a
document. `adapter`, `examples` and `serialization` are the former paths of modules that now stand in packages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dynclient.support.lazy_names import lazy
from dynclient.version import __version__

if TYPE_CHECKING:
    from dynclient.async_client import AsyncClient
    from dynclient.calls import (
        Download,
        Hooks,
        Pagination,
        PagingError,
        Polling,
        PollTimeout,
        Progress,
        Retry,
        Stream,
        leaves,
    )
    from dynclient.client import Client
    from dynclient.credentials import NETRC, Credential, OAuth2
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
    from dynclient.ipython import load_ipython_extension, unload_ipython_extension
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
    from dynclient.wire import Event, ItemError, StreamError

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
    "Credential",
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
    "Progress",
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
    "load_ipython_extension",
    "unload_ipython_extension",
]

_named, __dir__ = lazy(
    __name__,
    """
    async_client: AsyncClient
    calls: Download Hooks Pagination PagingError PollTimeout Polling Progress Retry Stream leaves
    client: Client
    credentials: NETRC Credential OAuth2
    errors: AnswerTooLarge BrokenAnswer CallError CredentialWarning DocumentChanged DocumentError DynclientError
        InsecureConnection InvalidRequest MissingArgument NoConnection OperationDeprecated Problem SendError
        TimedOut UnknownArgument UnknownOperation
    ipython: load_ipython_extension unload_ipython_extension
    openapi: Operation Parameter
    responses: BadRequest Conflict Forbidden NotFound RateLimited Redirected Response ResponseError ServerError
        StatusError Unauthorized UnprocessableContent
    types: UNSET
    wire: Event ItemError StreamError
    """,
)


_MODULES = ("adapter", "client", "codes", "errors", "examples", "mock", "rules", "serialization", "types")
"""What users import of the package; `dynclient.mock` works without `import dynclient.mock`, too."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"dynclient.{name}")
    try:
        return _named(name)
    except ModuleNotFoundError as error:
        if name != "AsyncClient":
            raise
        message = f"AsyncClient needs the library {error.name}: pip install 'dynclient[async]'"
        raise ModuleNotFoundError(message, name=error.name) from error
