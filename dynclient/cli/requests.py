"""A request, and the credentials of an operation, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from dynclient.calls import masked_headers, masked_url
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.openapi import Operation, read_security_schemes
from dynclient.support import printable
from dynclient.wire import Upload

if TYPE_CHECKING:
    import requests

_SHOWN = 1 << 16  # bytes


def request_text(prepared: requests.PreparedRequest, is_secret: Callable[[str, str], bool]) -> str:
    """
    The request as it would be sent, without secrets, and without the bytes of a body that is large or isn't text.

    Headers and query fields are masked if `is_secret(location, name)`, whoever gave them.
    """
    lines = [f"{prepared.method} {masked_url(prepared.url or '', is_secret)}"]
    lines += (printable(f"{name}: {text}") for name, text in masked_headers(prepared, is_secret))
    body: Any = prepared.body
    if isinstance(body, Upload) and body.length is not None and body.length <= _SHOWN:
        body = b"".join(body)
    if body is not None:
        try:
            text = body.decode() if isinstance(body, bytes) else str(body)
        except UnicodeDecodeError:
            text = f"({len(body)} bytes)"
        lines += ["", printable(text)]
    return "\n".join(lines)


def show_credentials(operation: Operation, document: Document) -> None:
    """The security schemes that an operation names, and the environment variable that each is read from."""
    schemes = read_security_schemes(document)
    authenticator = Authenticator(schemes, {})
    names = dict.fromkeys(name for needed in operation.security or () for name in needed if name in schemes)
    if names:
        click.echo("\nCredentials, from the environment:")
    for name in names:
        click.echo(printable(f"  {name}: {authenticator.environment_name(name)}"))
