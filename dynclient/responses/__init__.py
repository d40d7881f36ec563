"""
What came back, as the caller sees it.

In comes an answer of requests; out comes a `Response` with its data read by its Content-Type, or one of the errors that
hold an answer. May import `wire`, `credentials`, `http` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.responses.decoding import BODY, HEADER, STATUS, json_again, text_of
    from dynclient.responses.errors import (
        BadRequest,
        Conflict,
        Forbidden,
        NotFound,
        RateLimited,
        Redirected,
        ResponseError,
        ServerError,
        StatusError,
        Unauthorized,
        UnprocessableContent,
        error_type,
        status_error,
    )
    from dynclient.responses.messages import page_title
    from dynclient.responses.response import (
        UNREAD,
        Finding,
        Response,
        Unexplained,
        described_answer,
        explained,
        fitting,
        read,
    )
    from dynclient.responses.saving import NewFile
    from dynclient.responses.views import heading_html

__getattr__, __dir__ = lazy(
    __name__,
    """
    decoding: BODY HEADER STATUS json_again text_of
    errors: BadRequest Conflict Forbidden NotFound RateLimited Redirected ResponseError ServerError StatusError
        Unauthorized UnprocessableContent error_type status_error
    messages: page_title
    response: Finding Response UNREAD Unexplained described_answer explained fitting read
    saving: NewFile
    views: heading_html
    """,
)
