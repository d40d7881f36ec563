"""`dynclient SPEC OPERATION ...`: one operation called, shown or explained."""

from __future__ import annotations

import json
import shlex
import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import click

from dynclient.calls import Caller, describe
from dynclient.cli.items import read_body, read_items
from dynclient.cli.options import Sending, Showing
from dynclient.cli.output import ItemError, say, show_answer
from dynclient.cli.requests import request_text, say_variables, show_credentials
from dynclient.client import Client
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.errors import DocumentError
from dynclient.http import media_types
from dynclient.openapi import read_security_schemes
from dynclient.responses import ResponseError, StatusError
from dynclient.schemas import Lowering
from dynclient.support import printable
from dynclient.wire import Binder

_WIDTH = 74  # characters of a line

Optioned = TypeVar("Optioned", Client, Caller)


def made_client(document: Document, sending: Sending) -> Client:
    """The client for a command; with `mock` its calls are answered from the document."""
    app = None
    if sending.mock:
        from dynclient.mock import MockApp

        app = MockApp(document)
    client = Client(document, headers=_read_headers(sending.headers), app=app)
    base_url = sending.base_url
    if sending.mock and not client.base_url:  # the document names no server, and nothing is sent to this one
        base_url = base_url or "http://localhost"
    return _optioned(client, base_url=base_url) if base_url is not None else client


def show_help(client: Client, spec: str, operation: str) -> None:
    """What an operation takes, and where its credentials come from."""
    described = client[operation].operation
    usage = partial(_usage, spec, operation)
    click.echo(printable(describe.documentation(described, Binder(described, client.document), usage=usage)))
    show_credentials(client[operation])


def _usage(spec: str, operation: str, values: Mapping[str, Any]) -> str:
    """The call with these arguments, as it is typed in a shell."""
    parts = [shlex.join(["dynclient", spec, operation])]
    for name, value in values.items():
        text = "..." if value is ... else value if isinstance(value, str) else json.dumps(value)
        sign = ":=" if isinstance(value, Mapping | list) else "="
        parts.append(shlex.join(["--body", text] if name == "body" else [f"{name}{sign}{text}"]))
    line = " ".join(parts)
    return line if len(line) <= _WIDTH else " \\\n    ".join(parts)


def with_options(caller: Caller, sending: Sending) -> Caller:
    """
    The operation with the options of the command line. They aren't the client's, because an operation may have its own
    servers.

    Raises:
        ItemError: an option has a wrong value.
    """
    options: dict[str, Any] = {
        "content_type": sending.content_type,
        "server_variables": _read_variables(sending.server_variables),
    }
    if sending.server is not None:
        options["server"] = int(sending.server) if sending.server.isdecimal() else sending.server
    if sending.timeout is not None:
        options["timeout"] = sending.timeout
    return _optioned(caller, **options)


def _optioned(target: Optioned, **options: Any) -> Optioned:
    """The client or the operation with these options; a wrong one is a mistake on the command line."""
    try:
        return target.with_options(**options)
    except (TypeError, DocumentError) as error:  # such as a time limit below zero, or a server that does not exist
        raise ItemError(str(error)) from error


def call(caller: Caller, document: Document, items: Sequence[str], body: str | None, showing: Showing) -> None:
    """
    Make the call and show the answer, or show the request instead.

    Raises:
        ItemError: an argument cannot be read.
        DynclientError: as the call does.
    """
    arguments = read_items(items, Binder(caller.operation), Lowering(document, "request"))
    given = read_body(body, takes_json=_takes_json(caller))
    if showing.dry_run or showing.as_curl:
        prepared = caller.with_options(masked=True).prepare(body=given, **arguments)
        say_variables(prepared)
    if showing.as_curl:
        click.echo(caller.curl(body=given, **arguments))
    elif showing.dry_run:
        is_secret = Authenticator(read_security_schemes(document), {}).is_secret
        click.echo(caller.masked(request_text(prepared, is_secret)))
    else:
        _answer(caller, given, arguments, showing)


def _answer(caller: Caller, body: Any, arguments: Mapping[str, Any], showing: Showing) -> None:
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: say(f"warning: {message}")
            answer = caller(body=body, **arguments)
        show_answer(answer, head=showing.head)
    except (StatusError, ResponseError) as error:
        show_answer(error.response.masked(), head=showing.head)
        say(f"error: {error}")
        raise


def _takes_json(caller: Caller) -> bool:
    """Whether the body of an operation can only be JSON."""
    content = caller.operation.body.content if caller.operation.body else ()
    return bool(content) and all(media_types.is_json(each.name) for each in content)


def _read_headers(lines: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, found, value = line.partition(":")
        if not found or not name.strip():
            raise ItemError(f"{line!r} isn't a header; write NAME:VALUE")
        headers[name.strip()] = value.strip()
    return headers


def _read_variables(items: Sequence[str]) -> dict[str, str]:
    variables = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name:
            raise ItemError(f"{item!r} isn't a server variable; write NAME=VALUE")
        variables[name] = value
    return variables
