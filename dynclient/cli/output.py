"""What the command line prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
import requests

from dynclient.calls import masked_headers, masked_url
from dynclient.client import Client
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.openapi import Operation, read_security_schemes
from dynclient.responses import Response
from dynclient.types import JSON
from dynclient.wire import Upload

_SHOWN = 1 << 16  # bytes
# C0 and C1 controls but tab and line feed, and what turns the direction of text around: a document or a server
# could otherwise write to the terminal what it likes.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""
    Text from a document or a server, with what a terminal would obey written out.

    >>> print(printable("a\x1b[31mb"))
    a\u001b[31mb
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say(text: str) -> None:
    """A line for the person, on standard error."""
    click.echo(printable(text), err=True)


def show_answer(response: Response, *, head: bool) -> None:
    """The answer's data; with `head`, its status and headers on standard error first."""
    if head:
        say(f"{response.status_code} {response.reason}")
        for name, value in response.headers.items():
            say(f"{name}: {value}")
        say("")
    if isinstance(response.data, bytes):
        click.echo(response.data, nl=False)
    elif isinstance(response.data, str):
        to_person = sys.stdout is not None and sys.stdout.isatty()
        text = printable(response.data) if to_person else response.data
        click.echo(text, nl=not text.endswith("\n"))
    elif response.content:
        show_json(response.data)


def show_json(data: JSON) -> None:
    """JSON, indented; control characters as its own escapes."""
    click.echo(printable(json.dumps(data, ensure_ascii=False, indent=2)))


def request_text(prepared: requests.PreparedRequest, is_secret: Callable[[str, str], bool]) -> str:
    """
    A request as it would go over the wire, but for secrets and the bytes of a body that is no text, or large.

    Headers and fields of the query of which `is_secret(location, name)` says so are masked, whoever gave them.
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


def show_operations(client: Client) -> None:
    """A line for each operation, under its tag."""
    operations: Mapping[str, Operation] = client.operations
    if not operations:
        say("the document has no operations")
    width = min(40, max((len(name) for name in operations), default=0))
    for tag, names in client.tags.items():
        if tag:
            click.echo(f"\n{printable(tag)}")
        for line in _lines(operations, names, width):
            click.echo(printable(line))


def _lines(operations: Mapping[str, Operation], names: Iterable[str], width: int) -> Iterable[str]:
    for name in names:
        operation = operations[name]
        mark = " (deprecated)" if operation.deprecated else ""
        route = "" if name == f"{operation.method} {operation.path}" else f"  {operation.method} {operation.path}"
        yield f"  {name:{width}}{route}{'  ' + operation.summary if operation.summary else ''}{mark}"
        for problem in operation.unread:
            yield f"  {'':{width}}  cannot be read: {problem.message}"
