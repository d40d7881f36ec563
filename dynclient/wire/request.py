"""A call as a request: first without a server and credentials, then with both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from dynclient.credentials import Credentials, Place
from dynclient.wire.binding import Arguments

if TYPE_CHECKING:
    import requests
    from requests.structures import CaseInsensitiveDict

    from dynclient.wire.media import Body


@dataclass(frozen=True, slots=True)
class Request:
    """
    What `Builder.build` returns.

    Attributes:
        method: the method, spelled as it is sent.
        url: the path and the query, without a server.
        headers: the headers; names in any case find them.
        body: the body, if there is one.
        arguments: the arguments of the call.
    """

    method: str
    url: str
    headers: CaseInsensitiveDict[str]
    body: Body | None
    arguments: Arguments


def address(request: Request, base_url: str, credentials: Credentials) -> requests.Request:
    """
    Return the request with its server and its credentials. A header that the caller gave wins over a credential.

    Args:
        request: the request.
        base_url: the URL of the server, which may have a query.
        credentials: the credentials of the call.
    """
    import requests

    path, _, query = request.url.partition("?")
    base_url, _, of_server = base_url.partition("?")
    parts = [of_server, query]
    for name, value in credentials.query.items():
        parts.append(f"{quote(name, safe='')}={quote(value, safe='*')}")
    query = "&".join(filter(None, parts))
    headers = requests.structures.CaseInsensitiveDict(credentials.header)
    headers.update(request.headers)
    if credentials.cookie:
        before = headers.get("Cookie", "")
        cookies = [f"{name}={value}" for name, value in credentials.cookie.items()]
        headers["Cookie"] = "; ".join([before, *cookies] if before else cookies)
    url = base_url + (f"{path}?{query}" if query else path)
    return requests.Request(request.method, url, headers=headers, data=request.body)


def filled(request: Request | requests.Request | requests.PreparedRequest) -> dict[Place, str]:
    """Return the texts of a request by place: its headers, the fields of its query, and its cookies."""
    headers: Any = request.headers  # some may be bytes, in a request that the caller's session prepared
    places: dict[Place, str] = {}
    for name, text in headers.lower_items():
        places["header", name] = text.decode("latin-1") if isinstance(text, bytes) else text
    cookies = places.pop(("header", "cookie"), "")
    query = (request.url or "").partition("?")[2]
    for location, parts in (("query", query.split("&")), ("cookie", cookies.split("; "))):
        for part in parts:
            if part:
                name, _, text = part.partition("=")
                places[location, unquote(name)] = unquote(text)
    return places
