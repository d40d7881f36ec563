"""A request that says what a call says, before it has a server and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dynclient.wire.binding import Arguments

if TYPE_CHECKING:
    from requests.structures import CaseInsensitiveDict

    from dynclient.wire.media import Body


@dataclass(frozen=True, slots=True)
class Request:
    """
    What `Builder.build` returns.

    Attributes:
        method: the method, in the case it is sent in.
        url: path and query, without a server.
        headers: the headers, by names of any case.
        body: the body, if there is one.
        arguments: the arguments that it was built from.
    """

    method: str
    url: str
    headers: CaseInsensitiveDict[str]
    body: Body | None
    arguments: Arguments
