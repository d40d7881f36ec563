"""`dynclient SPEC OPERATION ...`: one operation called, shown or explained."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from dynclient.calls import Caller, describe
from dynclient.cli.answers import answer
from dynclient.cli.items import read_body, read_items, read_members
from dynclient.cli.options import Sending, Showing
from dynclient.cli.output import ItemError, say, show_json
from dynclient.cli.requests import request_text, say_variables, show_credentials
from dynclient.cli.sending import with_options
from dynclient.cli.words import in_shell_words
from dynclient.client import Client
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.http import media_types
from dynclient.openapi import read_security_schemes
from dynclient.schemas import Lowering
from dynclient.support import printable
from dynclient.types import JSON, UNSET
from dynclient.wire import Binder

if TYPE_CHECKING:
    pass

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_BODILESS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "TRACE"})
_WIDTH = 74  # characters of a line
_MOST_LINES = 20  # of an example


def show_help(client: Client, spec: str, operation: str) -> None:
    """What an operation takes, and where its credentials come from."""
    described = client[operation].operation
    usage = partial(_usage, spec, operation)
    click.echo(printable(describe.documentation(described, Binder(described, client.document), usage=usage)))
    _show_body(client[operation], client.document)
    show_credentials(client[operation])


def _show_body(caller: Caller, document: Document) -> None:
    """An example of the body, if the document has one of data, cut to some lines."""
    try:
        example = json.dumps(_example(caller, document), ensure_ascii=False, indent=2).split("\n")
    except (ItemError, TypeError):  # no data, or a file in it
        return
    more = ["..."] if len(example) > _MOST_LINES else []
    click.echo(
        printable("\n".join(["", "Body, for example:", *(f"  {line}" for line in example[:_MOST_LINES] + more)]))
    )


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
        from dynclient.cli.programs import program

        click.echo(program(showing.program, spec, caller, document, given, arguments, sending))
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
