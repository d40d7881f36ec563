"""
What came back, as the caller sees it.

In comes an answer of requests; out comes a `Response` with its data read by its Content-Type, or one of the errors that
hold an answer. May import `wire`, `credentials`, `http` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.responses.response import (
        BODY,
        HEADER,
        STATUS,
        UNREAD,
        BadRequest,
        Conflict,
        Finding,
        Forbidden,
        NotFound,
        RateLimited,
        Redirected,
        Response,
        ResponseError,
        ServerError,
        StatusError,
        Unauthorized,
        Unexplained,
        UnprocessableContent,
        content_type,
        described_answer,
        explained,
        json_again,
        read,
        status_error,
    )
    from dynclient.responses.saving import NewFile

__getattr__, __dir__ = lazy(
    __name__,
    """
    response: BODY BadRequest Conflict Finding Forbidden HEADER NotFound RateLimited Redirected Response
        ResponseError STATUS ServerError StatusError UNREAD Unauthorized Unexplained UnprocessableContent
        content_type described_answer explained json_again read status_error
    saving: NewFile
    """,
)
