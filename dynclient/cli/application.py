"""
The command line: `dynclient SPEC` lists a document's operations, `dynclient SPEC OPERATION name=value ...` calls one.

Exit status: 0 success; 1 the document or the network failed; 2 the call was refused, or the command line is wrong, and
nothing was sent; 3, 4 or 5 the first digit of the answer's status; 130 interrupted. 3 is also that `check` found a
fault, and 6 that `diff` found a breaking change.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from dynclient.calls import Caller, describe
from dynclient.cli.check import check
from dynclient.cli.diff import diff
from dynclient.cli.explain import explain
from dynclient.cli.items import ItemError, read_body, read_document, read_items
from dynclient.cli.output import (
    printable,
    request_text,
    say,
    show_answer,
    show_credentials,
    show_operations,
)
from dynclient.client import Client
from dynclient.credentials import Authenticator
from dynclient.documents import Document
from dynclient.errors import CallError, CredentialWarning, DynclientError, InvalidRequest, UnknownOperation
from dynclient.http import media_types
from dynclient.openapi import read_security_schemes
from dynclient.responses import ResponseError, StatusError
from dynclient.schemas import Lowering
from dynclient.version import __version__
from dynclient.wire import Binder

FAILED, REFUSED, INTERRUPTED = 1, 2, 130


class _Commands(click.Group):
    """A first word that is no command is a document."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "call", self.commands["call"], args


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    subcommand_metavar="SPEC [OPERATION] [NAME=VALUE]... | COMMAND ...",
    epilog="Exit status: 0 success, 1 the document or the network failed, 2 refused and nothing sent, 3, 4 or 5 the "
    "first digit of the answer's status. check: 3 a fault was found. diff: 6 a breaking change.",
)
@click.version_option(__version__, message="dynclient %(version)s")
def cli() -> None:
    """
    Call any operation of any OpenAPI document by its name.

    SPEC is a file, a URL, - for standard input, or the name of a bundled document (openai). Alone it lists the
    operations; with OPERATION and --help it tells what that one takes. Credentials come from the environment.
    """


@cli.command(add_help_option=False, context_settings={"ignore_unknown_options": False})
@click.argument("spec", required=False, metavar="SPEC")
@click.argument("operation", required=False)
@click.argument("items", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("-b", "--body", metavar="JSON|@FILE|-", help="The body: JSON, a file, or - for standard input.")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header to add; may be repeated."
)
@click.option("--base-url", metavar="URL", help="Where to send, in place of the document's server.")
@click.option("--server", metavar="NUMBER|NAME|URL", help="Which of the document's servers to call; the first is 0.")
@click.option(
    "--server-variable",
    "server_variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A variable in the server's URL; may be repeated.",
)
@click.option("--content-type", metavar="TYPE", help="The media type of the body, where the document has several.")
@click.option("--timeout", type=float, metavar="SECONDS", help="How long to wait for each piece of the answer.")
@click.option("--mock", is_flag=True, help="Answer from the document, in this process; nothing leaves it.")
@click.option("--dry-run", is_flag=True, help="Show the request, its credentials masked, and send nothing.")
@click.option("--curl", "as_curl", is_flag=True, help="Show it as a curl command, its credentials masked.")
@click.option("-i", "--include", "head", is_flag=True, help="Show status and headers on standard error.")
@click.option("-h", "--help", "wants_help", is_flag=True, help="Tell what the operation takes.")
@click.pass_context
def call(
    context: click.Context,
    spec: str | None,
    operation: str | None,
    items: Sequence[str],
    body: str | None,
    headers: Sequence[str],
    base_url: str | None,
    server: str | None,
    server_variables: Sequence[str],
    content_type: str | None,
    timeout: float | None,
    mock: bool,
    dry_run: bool,
    as_curl: bool,
    head: bool,
    wants_help: bool,
) -> None:
    """
    Call an operation; without one, list them all.

    A value is typed by the document (limit=20 is an integer where it says so). name:=JSON gives any JSON, name=@file a
    file or its text. Parameters and fields of the body are given alike; --body gives the body as a whole.
    """
    if spec is None:
        if not wants_help:
            raise click.UsageError("Missing argument 'SPEC'.")
        click.echo(context.get_help())
        return
    if spec == body == "-":
        raise click.UsageError("standard input can be the document or the body, not both")
    document = read_document(spec)
    client = Client(
        document, base_url=base_url, headers=_read_headers(headers), app=_mock_app(document) if mock else None
    )
    if operation is None:
        click.echo(context.get_help()) if wants_help else show_operations(client)
        return
    if mock and not client.base_url:  # the document does not say where it is served, and nothing goes there
        client = client.with_options(base_url="http://localhost")
    caller = client[operation]
    if wants_help:
        click.echo(printable(describe.documentation(caller.operation, Binder(caller.operation, document))))
        show_credentials(caller.operation, document)
        return
    # Of the call and not of the client: an operation may have servers of its own.
    options: dict[str, Any] = {"content_type": content_type, "server_variables": _read_variables(server_variables)}
    if server is not None:
        options["server"] = int(server) if server.isdecimal() else server
    if timeout is not None:
        options["timeout"] = timeout
    try:
        caller = caller.with_options(**options)
    except TypeError as error:  # such as a time limit below zero
        raise ItemError(str(error)) from error
    arguments = read_items(items, Binder(caller.operation), Lowering(document, "request"))
    given = read_body(body, takes_json=_takes_json(caller))
    if as_curl:
        click.echo(caller.curl(body=given, **arguments))
    elif dry_run:
        is_secret = Authenticator(read_security_schemes(document), {}).is_secret
        prepared = caller.with_options(masked=True).prepare(body=given, **arguments)
        click.echo(caller.masked(request_text(prepared, is_secret)))
    else:
        _answer(caller, given, arguments, head)


@cli.command()
@click.argument("spec")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="The port; 0 for a free one."
)
def mock(spec: str, host: str, port: int) -> None:
    """
    Serve a document: answer each operation with its example.

    A request that the document does not permit is answered with 400 and all its problems.
    """
    from dynclient.mock import MockApp, serve

    document = read_document(spec)
    with serve(MockApp(document), host=host, port=port) as server:
        say(f"{document.title} on {server.url} (stop with Ctrl-C)")
        server.wait()


cli.add_command(check)


@cli.command()
def demo() -> None:
    """Tell in a minute what dynclient does, without a key."""
    from dynclient.cli.demo import tell

    tell()


cli.add_command(diff)
cli.add_command(explain)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; nothing ends in a traceback."""
    try:
        arguments = None if arguments is None else list(arguments)
        # What click returns is the status that a command ended with, or None.
        return cli.main(args=arguments, prog_name="dynclient", standalone_mode=False) or 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return REFUSED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except StatusError as error:
        return error.status_code // 100
    except (ItemError, CallError, UnknownOperation, CredentialWarning) as error:
        say(f"error: {error}")
        if isinstance(error, InvalidRequest):
            codes = dict.fromkeys(problem.code for problem in error.problems)
            say(f"dynclient explain {' '.join(codes)} tells more.")
        return REFUSED
    except (DynclientError, OSError) as error:
        say(f"error: {error}")
        return FAILED


def _takes_json(caller: Caller) -> bool:
    """Whether the body of an operation can be nothing but JSON."""
    content = caller.operation.body.content if caller.operation.body else ()
    return bool(content) and all(media_types.is_json(each.name) for each in content)


def _answer(caller: Caller, body: Any, arguments: dict[str, Any], head: bool) -> None:
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: say(f"warning: {message}")
            answer = caller(body=body, **arguments)
        show_answer(answer, head=head)
    except (StatusError, ResponseError) as error:
        show_answer(error.response.masked(), head=head)
        say(f"error: {error}")
        raise


def _read_headers(lines: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, found, value = line.partition(":")
        if not found or not name.strip():
            raise ItemError(f"{line!r} is no header; write NAME:VALUE")
        headers[name.strip()] = value.strip()
    return headers


def _read_variables(items: Sequence[str]) -> dict[str, str]:
    variables = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name:
            raise ItemError(f"{item!r} is no server variable; write NAME=VALUE")
        variables[name] = value
    return variables


def _mock_app(document: Document) -> Any:
    from dynclient.mock import MockApp

    return MockApp(document)
