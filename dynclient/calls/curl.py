"""A request as a curl command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    import requests

_LEFT_OUT = frozenset({"user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding"})


def _is_authorization(location: str, name: str) -> bool:
    return location == "header" and name.lower() in ("authorization", "proxy-authorization")


def command(prepared: requests.PreparedRequest, is_secret: Callable[[str, str], bool] = _is_authorization) -> str:
    """
    Return the command that sends the same request, each word quoted for a shell.

    A body that is not text is left to standard input (`--data-binary @-`).

    Args:
        prepared: the request.
        is_secret: whether the value at a location and name is shown as ***. Cookies of the session always are.
    """
    # With -X HEAD curl would wait for a body. Without --globoff it reads brackets as a range of URLs.
    words = ["curl", "--head"] if prepared.method == "HEAD" else ["curl", "-X", prepared.method or "GET"]
    words += ["--globoff"] if "[" in (prepared.url or "") else []
    words += [masked_url(prepared.url or "", is_secret)]
    for name, text in masked_headers(prepared, is_secret):
        if name.lower() not in _LEFT_OUT:
            words += ["-H", f"{name}: {text}" if text else f"{name};"]  # with ": " curl would leave it out
    words += _body(prepared.body)
    return " ".join(shlex.quote(word) for word in words)


def masked_headers(
    prepared: requests.PreparedRequest, is_secret: Callable[[str, str], bool] = _is_authorization
) -> Iterator[tuple[str, str]]:
    """Return the names and texts of the headers, masked as in `command`."""
    held = {cookie.name for cookie in prepared._cookies or ()}  # type: ignore[attr-defined]
    for name, value in prepared.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if name.lower() == "cookie":
            text = "; ".join(_masked_cookie(cookie, held, is_secret) for cookie in text.split("; "))
        elif is_secret("header", name):
            text = _masked(text)
        yield name, text


def _masked(text: str) -> str:
    """`Bearer ***`: the scheme helps, the rest is secret."""
    scheme, _, rest = text.partition(" ")
    return f"{scheme} ***" if rest else "***"


def _masked_cookie(cookie: str, held: Collection[str], is_secret: Callable[[str, str], bool]) -> str:
    name = cookie.partition("=")[0]
    return f"{name}=***" if name in held or is_secret("cookie", name) else cookie


def masked_url(url: str, is_secret: Callable[[str, str], bool]) -> str:
    """Return the URL with *** for the secret parts of its query; what was *** before is not escaped."""
    address, mark, query = url.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    shown = (
        f"{name}=***" if is_secret("query", unquote(name)) else name + equals + text for name, equals, text in pairs
    )
    return (address + mark + "&".join(shown)).replace("%2A%2A%2A", "***")


def _body(body: Any) -> list[str]:
    if body is None:
        return []
    try:
        text = body.decode() if isinstance(body, bytes) else body
    except UnicodeDecodeError:
        text = None
    if isinstance(text, str) and "\0" not in text:
        return ["--data-raw", text]
    return ["--data-binary", "@-"]
