"""
A client for any OpenAPI document: every operation is a method, judged by openapi-core before requests sends it.

    client = dynclient.Client("openai")
    run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")
"""

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

__all__ = [
    "NETRC",
    "UNSET",
    "AnswerTooLarge",
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
