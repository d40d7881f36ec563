"""`dynclient SPEC OPERATION ...`: one operation called, shown or explained."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dynclient.calls import Caller, describe
from dynclient.cli.answers import answer
from dynclient.cli.items import read_body, read_items, read_members
from dynclient.cli.options import Sending, Showing
from dynclient.cli.output import ItemError, say, show_json
from dynclient.cli.requests import request_text, say_variables, show_credentials, with_variables
from dynclient.cli.words import in_shell_words
from dynclient.client import Client
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.errors import DocumentError
from dynclient.http import media_types
from dynclient.openapi import read_security_schemes
from dynclient.schemas import Lowering
from dynclient.support import printable
from dynclient.types import JSON, UNSET
from dynclient.wire import Binder

if TYPE_CHECKING:
    import requests

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_BODILESS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "TRACE"})
_WIDTH = 74  # characters of a line

Optioned = TypeVar("Optioned", Client, Caller)


def made_client(document: Document, sending: Sending) -> Client:
    """The client for a command; with `mock` its calls are answered from the document."""
    app = None
    if sending.mock:
        from dynclient.mock import MockApp

        app = MockApp(document)
    options: dict[str, Any] = {
        "headers": _read_headers(sending.headers),
        "query": _read_pairs(sending.query, "--query"),
    }
    if sending.auth:
        from dynclient.cli.secrets import read_credentials

        options["auth"] = read_credentials(sending.auth)
    try:
        client = Client(document, app=app, session=None if sending.mock else _session(sending), **options)
    except (TypeError, DocumentError) as error:  # such as a scheme that the document does not have
        raise ItemError(str(error)) from error
    base_url = sending.base_url
    if sending.mock and not client.base_url:  # the document names no server, and nothing is sent to this one
        base_url = base_url or "http://localhost"
    return _optioned(client, base_url=base_url) if base_url is not None else client


def _session(sending: Sending) -> requests.Session | None:
    """A session that trusts what the options say; None if they say nothing."""
    if not (sending.proxy or sending.ca or sending.cert or sending.insecure):
        return None
    import requests

    for option, path in (("--ca", sending.ca), ("--cert", sending.cert)):
        if path is not None and not os.path.exists(path):
            raise ItemError(f"{option}: there is no file {path}")
    session = requests.Session()
    if sending.proxy:
        session.proxies = {"http": sending.proxy, "https": sending.proxy}
    session.verify = sending.ca or True
    session.cert = sending.cert
    if sending.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        say("warning: --insecure: the server's certificate is not checked; anybody on the way can read this call")
        session.verify = False
    return session


def show_help(client: Client, spec: str, operation: str) -> None:
    """What an operation takes, and where its credentials come from."""
    described = client[operation].operation
    usage = partial(_usage, spec, operation)
    click.echo(printable(describe.documentation(described, Binder(described, client.document), usage=usage)))
    show_credentials(client[operation])


def show_example(client: Client, operation: str) -> None:
    """
    A body of the operation that the document accepts, as JSON.

    Raises:
        ItemError: the operation takes no body of data.
    """
    show_json(_example(client[operation], client.document))


def _example(caller: Caller, document: Document) -> Any:
    from dynclient.mock import body_example

    body = caller.operation.body
    for media_type in sorted(body.content if body else (), key=lambda each: not media_types.is_json(each.name)):
        example = body_example(media_type, Lowering(document, "request"))
        if isinstance(example, dict | list):
            return example
    raise ItemError(f"{caller.operation.id} takes no body of data")


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
        "server_variables": _read_pairs(sending.server_variables, "--server-variable"),
    }
    if sending.server is not None:
        options["server"] = int(sending.server) if sending.server.isdecimal() else sending.server
    if sending.validate is not None:
        options |= {"validate_request": sending.validate, "validate_response": sending.validate}
    for name in ("timeout", "total_timeout", "retries"):
        value = getattr(sending, name)
        if value is not None:
            options[name] = value
    return _optioned(caller, **options)


def _optioned(target: Optioned, **options: Any) -> Optioned:
    """The client or the operation with these options; a wrong one is a mistake on the command line."""
    try:
        return target.with_options(**options)
    except (TypeError, DocumentError) as error:  # such as a time limit below zero, or a server that does not exist
        raise ItemError(str(error)) from error


def read_call(
    client: Client, name: str, items: Sequence[str], body: str | None, sending: Sending
) -> tuple[Caller, dict[str, Any], Any]:
    """
    Return what is called, its arguments, and its body, from what was typed.

    `METHOD /path` may be an operation that the document does not describe; its arguments are then members of a JSON
    body, or for a method without one the query.

    Raises:
        ItemError: something cannot be read.
        UnknownOperation: there is no such operation.
    """
    method, _, path = name.partition(" ")
    if not path and name.upper() in _METHODS and items and items[0].startswith("/"):
        raise ItemError(_quoted(client, name.upper(), items[0]))
    if method.upper() in _METHODS and path.startswith("/") and name not in client:
        if _template(client, method.upper(), path):
            raise ItemError(_quoted(client, method.upper(), path))
        return _undocumented(client, method.upper(), path, items, body, sending)
    caller = with_options(client[name], sending)
    arguments = read_items(items, Binder(caller.operation), Lowering(client.document, "request"))
    return caller, arguments, read_body(body, takes_json=_takes_json(caller))


def _undocumented(
    client: Client, method: str, path: str, items: Sequence[str], body: str | None, sending: Sending
) -> tuple[Caller, dict[str, Any], Any]:
    say(f"note: the document does not describe {method} {path}; it is sent as it stands, and not validated")
    given, query = read_body(body), {}
    if members := read_members(items):
        if method in _BODILESS or given is not UNSET:
            query = members
        else:
            given = members
    caller = client._undocumented(method, path, given, query, None, sending.content_type)
    return with_options(caller, dataclasses.replace(sending, content_type=None)), {}, given


def _template(client: Client, method: str, path: str) -> str:
    """The path of the document that a concrete path is an instance of; "" if there is none."""
    for operation in client.operations.values():
        pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^{}]*\}", operation.path)))
        if operation.method == method and re.fullmatch(pattern, path):
            return operation.path
    return ""


def _quoted(client: Client, method: str, path: str) -> str:
    """How an operation is named by its method and path."""
    template = _template(client, method, path) or path
    names = re.findall(r"\{([^{}]*)\}", template)
    values = re.fullmatch("([^/]+)".join(map(re.escape, re.split(r"\{[^{}]*\}", template))), path)
    given = "".join(f" {name}={value}" for name, value in zip(names, values.groups() if values else (), strict=False))
    return f"an operation is named by its method and path in quotes, as in the document: '{method} {template}'{given}"


def call(
    caller: Caller,
    arguments: Mapping[str, Any],
    given: Any,
    document: Document,
    showing: Showing,
    *,
    edit: bool,
    spec: str,
    sending: Sending,
) -> None:
    """
    Make the call and show the answer, or show the request instead; with `edit`, once its body was edited.

    Raises:
        ItemError: the options do not go together.
        DynclientError: as the call does.
    """
    _check(showing)
    if edit:
        given, arguments = _edited(caller, given, arguments, document)
    if showing.program:
        click.echo(_program(caller, given, arguments, document, showing.program, spec, sending))
        return
    if showing.dry_run or showing.verbose:
        _show_request(caller, document, given, arguments, showing)
    if not showing.dry_run:
        with warnings.catch_warnings(), _logging(showing.verbose):
            warnings.showwarning = lambda message, *_: say(f"warning: {in_shell_words(str(message))}")
            answer(caller, given, arguments, showing)


def _edited(
    caller: Caller, given: Any, arguments: Mapping[str, Any], document: Document
) -> tuple[JSON, dict[str, Any]]:
    """The body from the editor, which begins with what was given of it, else with an example; and the parameters."""
    from dynclient.cli.editing import edited

    binder = Binder(caller.operation, document)
    fields = {binder.fields[name]: value for name, value in arguments.items() if name in binder.fields}
    parameters = {name: value for name, value in arguments.items() if name not in binder.fields}
    begun = given if given is not UNSET else {**_example(caller, document), **fields}
    return edited(caller, begun, parameters), parameters


def _check(showing: Showing) -> None:
    """Refuse options that do not go together."""
    ways = {
        "--dry-run": showing.dry_run,
        f"--{'curl' if showing.program == 'curl' else 'as'}": bool(showing.program),
        "--save": showing.save is not None,
        "-O": showing.save_named,
        "--all": showing.all_pages,
        "--poll": bool(showing.poll),
    }
    chosen = [name for name, is_given in ways.items() if is_given]
    if len(chosen) > 1:
        raise ItemError(f"{' and '.join(chosen)} cannot be given together")
    if showing.max_items is not None and not showing.all_pages:
        raise ItemError("--max-items needs --all")


def _program(
    caller: Caller, body: Any, arguments: Mapping[str, Any], document: Document, kind: str, spec: str, sending: Sending
) -> str:
    """The call as a program of this kind."""
    from dynclient.cli import programs

    prepared = caller.with_options(masked=True).prepare(body=body, **arguments)
    say_variables(prepared)
    if kind == "curl":
        return with_variables(caller.curl(body=body, **arguments), prepared.credentials.variables.values())
    if kind == "python":
        return programs.as_python(spec, caller, document, body, arguments, sending)
    return caller.masked(programs.as_requests(prepared, Authenticator(read_security_schemes(document), {}).is_secret))


def _show_request(
    caller: Caller, document: Document, body: Any, arguments: Mapping[str, Any], showing: Showing
) -> None:
    """The request as it would be sent: on standard output instead of an answer, or before it on standard error."""
    prepared = caller.with_options(masked=True).prepare(body=body, **arguments)
    say_variables(prepared)
    is_secret = Authenticator(read_security_schemes(document), {}).is_secret
    text = caller.masked(request_text(prepared, is_secret))
    click.echo(text + ("" if showing.dry_run else "\n"), err=not showing.dry_run)


@contextmanager
def _logging(is_verbose: bool) -> Iterator[None]:
    """The log of the library, on standard error if it is asked for; what is an error is said by itself."""
    logger = logging.getLogger("dynclient")
    handler = logging.StreamHandler() if is_verbose else logging.NullHandler()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    if is_verbose:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagates


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


def _read_pairs(items: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name:
            raise ItemError(f"{item!r} isn't a pair; write {option} NAME=VALUE")
        pairs[name] = value
    return pairs
