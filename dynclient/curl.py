"""A request as a curl command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests

_LEFT_OUT = frozenset({"user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding"})
_SECRET = frozenset({"authorization", "proxy-authorization"})


def command(prepared: requests.PreparedRequest) -> str:
    """
    The command that sends the same request, each word quoted for a shell.

    An Authorization header is masked, whoever gave it. A body that is no text is left to standard input
    (`--data-binary @-`).
    """
    words = ["curl", "-X", prepared.method or "GET", prepared.url or ""]
    for name, value in prepared.headers.items():
        if name.lower() not in _LEFT_OUT:
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            words += ["-H", f"{name}: {_masked(text) if name.lower() in _SECRET else text}"]
    words += _body(prepared.body)
    return " ".join(shlex.quote(word) for word in words)


def _masked(text: str) -> str:
    """`Bearer ***`: the scheme helps, the rest is secret."""
    scheme, _, rest = text.partition(" ")
    return f"{scheme} ***" if rest else "***"


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
