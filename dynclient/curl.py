"""A request as a curl command."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests

_LEFT_OUT = frozenset({"user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding"})
_SECRET = frozenset({"authorization", "proxy-authorization"})


def command(prepared: requests.PreparedRequest, secret: Collection[str] = ()) -> str:
    """
    The command that sends the same request, each word quoted for a shell.

    Masked are an Authorization header and those that `secret` names in lower case, whoever gave them, and the cookies
    of the session. A body that is no text is left to standard input (`--data-binary @-`).
    """
    # With -X HEAD curl would wait for a body. Without --globoff it reads brackets as a range of URLs.
    words = ["curl", "--head"] if prepared.method == "HEAD" else ["curl", "-X", prepared.method or "GET"]
    words += ["--globoff"] if "[" in (prepared.url or "") else []
    words += [prepared.url or ""]
    for name, text in masked_headers(prepared, secret):
        if name.lower() not in _LEFT_OUT:
            words += ["-H", f"{name}: {text}" if text else f"{name};"]  # with ": " curl would leave it out
    words += _body(prepared.body)
    return " ".join(shlex.quote(word) for word in words)


def masked_headers(prepared: requests.PreparedRequest, secret: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Names and texts of the headers, masked as `command` masks them."""
    held = {cookie.name for cookie in prepared._cookies or ()}  # type: ignore[attr-defined]
    for name, value in prepared.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if name.lower() in _SECRET or name.lower() in secret:
            text = _masked(text)
        elif name.lower() == "cookie":
            text = "; ".join(_masked_cookie(cookie, held) for cookie in text.split("; "))
        yield name, text


def _masked(text: str) -> str:
    """`Bearer ***`: the scheme helps, the rest is secret."""
    scheme, _, rest = text.partition(" ")
    return f"{scheme} ***" if rest else "***"


def _masked_cookie(cookie: str, held: Collection[str]) -> str:
    name = cookie.partition("=")[0]
    return f"{name}=***" if name in held else cookie


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
