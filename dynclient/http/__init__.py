"""
HTTP's own rules, without sockets and without OpenAPI.

In come bytes, headers and statuses as they travel; out come framed answers, decoded bodies, cookies, and whether a
request may be repeated or redirected. May import `support`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.http.codings import CodingError, CutShort, accepted
    from dynclient.http.cookies import Cookies, Identities
    from dynclient.http.early_answers import MOST_EARLY, ends_request
    from dynclient.http.framing import Head, Malformed, Reader
    from dynclient.http.headers import HEADER_NAME
    from dynclient.http.media_types import (
        charset,
        essence,
        fits,
        is_form,
        is_json,
        is_multipart,
        is_text,
        is_xml,
        type_parameters,
        xml_encoding,
    )
    from dynclient.http.redirects import Target, Unfollowable
    from dynclient.http.retries import is_repeatable

__getattr__, __dir__ = lazy(
    __name__,
    """
    codings: CodingError CutShort accepted
    cookies: Cookies Identities
    early_answers: MOST_EARLY ends_request
    framing: Head Malformed Reader
    headers: HEADER_NAME
    media_types: charset essence fits is_form is_json is_multipart is_text is_xml type_parameters
        xml_encoding
    redirects: Target Unfollowable
    retries: is_repeatable
    """,
)
