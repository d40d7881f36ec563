"""
A client for any OpenAPI document: every operation is a method, judged by openapi-core before requests sends it.

    client = dynclient.Client("openai")
    run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")
"""

from dynclient.client import Client
from dynclient.errors import (
    CallError,
    CredentialWarning,
    DocumentChanged,
    DocumentError,
    DynclientError,
    InvalidRequest,
    MissingArgument,
    Problem,
    SendError,
    UnknownArgument,
    UnknownOperation,
)
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
    Response,
    ResponseError,
    ServerError,
    StatusError,
    Unauthorized,
    UnprocessableContent,
)
from dynclient.security import NETRC
from dynclient.types import UNSET
from dynclient.version import __version__

__all__ = [
    "NETRC",
    "UNSET",
    "BadRequest",
    "CallError",
    "Client",
    "Conflict",
    "CredentialWarning",
    "DocumentChanged",
    "DocumentError",
    "DynclientError",
    "Forbidden",
    "InvalidRequest",
    "MissingArgument",
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
    "Response",
    "ResponseError",
    "SendError",
    "ServerError",
    "StatusError",
    "Unauthorized",
    "UnknownArgument",
    "UnknownOperation",
    "UnprocessableContent",
    "__version__",
    "leaves",
]
