"""
The command line: `dynclient SPEC` lists a document's operations, `dynclient SPEC OPERATION name=value ...` calls one.

Exit status: 0 success; 1 the document or the network failed; 2 the call was refused, or the command line is wrong, and
nothing was sent; 3, 4 or 5 the first digit of the answer's status; 130 interrupted. `check` exits with 3 when it finds
a fault, `diff` with 6 when it finds a breaking change.
"""

from __future__ import annotations

import codecs
import io
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from dynclient.cli.options import Finding, Sending, Showing, finding_options, sending_options, showing_options
from dynclient.cli.output import ItemError, say
from dynclient.cli.words import in_shell_words
from dynclient.errors import CallError, CredentialWarning, DynclientError, InvalidRequest, UnknownOperation
from dynclient.support import near
from dynclient.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FAILED, REFUSED, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141
_ERRORS = 300  # the lowest status of an answer that is an error


class _Commands(click.Group):
    """A first word that isn't a command is a document; before it may stand options of a call."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {option for each in self.get_params(ctx) for option in each.opts}
        is_of_call = bool(args) and args[0].startswith("-") and args[0] != "-" and args[0] not in own
        return super().parse_args(ctx, ["call", *args] if is_of_call else args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        (spec,) = (each for each in self.commands["call"].params if each.name == "spec")
        return [*super().shell_complete(ctx, incomplete), *_completed("spec")(ctx, spec, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "call", self.commands["call"], args


def _completed(what: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """What completes an argument of a call, imported when a shell asks for it."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from dynclient.cli import completion

        found: list[CompletionItem] = getattr(completion, f"complete_{what}")(context, parameter, incomplete)
        return found

    return complete


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

    SPEC is a file, a URL, - for standard input, or the name of a bundled document (openai). Alone, it lists the
    operations; OPERATION --help shows what an operation takes. Credentials come from the environment.
    """


@cli.command(add_help_option=False, context_settings={"ignore_unknown_options": False})
@click.argument("spec", required=False, metavar="SPEC", shell_complete=_completed("spec"))
@click.argument("operation", required=False, shell_complete=_completed("operation"))
@click.argument("items", nargs=-1, metavar="[NAME=VALUE]...", shell_complete=_completed("item"))
@click.option("-b", "--body", metavar="JSON|@FILE|-", help="The body: JSON, a file, or - for standard input.")
@click.option("--profile", metavar="PROFILE", help="The profile of an API that has a name.")
@click.option("--edit", is_flag=True, help="Write the body in your editor, beginning with an example.")
@finding_options
@sending_options
@showing_options
@click.option("-h", "--help", "wants_help", is_flag=True, help="Show what the operation takes.")
@click.pass_context
def call(
    context: click.Context,
    spec: str | None,
    operation: str | None,
    items: Sequence[str],
    body: str | None,
    profile: str | None,
    edit: bool,
    finding: Finding,
    sending: Sending,
    showing: Showing,
    wants_help: bool,
) -> None:
    """
    Call an operation, or list all operations.

    The document gives each value its type: limit=20 is an integer if the document says so. name:=JSON gives any JSON,
    name=@file a file or its text. Parameters and body fields are written in the same way; --body gives the whole body.
    """
    if spec is None:
        if not wants_help:
            raise click.UsageError("Missing argument 'SPEC'.")
        click.echo(context.get_help())
        return
    if spec == body == "-":
        raise click.UsageError("standard input can be the document or the body, not both")
    from dynclient.cli.apis import named_api
    from dynclient.cli.documents import read_document, read_document_of

    api = named_api(spec, profile)
    document = read_document_of(api) if api else read_document(spec)
    if operation is None:
        from dynclient.cli.listing import show_operations

        click.echo(context.get_help()) if wants_help else show_operations(document, finding)
        return
    from dynclient.cli import calling
    from dynclient.cli.sending import made_client

    sending = api.applied(sending, document, profile) if api else sending
    client = made_client(document, sending)
    if wants_help:
        calling.show_help(client, spec, operation)
    elif finding.example:
        calling.show_example(client, operation)
    else:
        called = calling.read_call(client, operation, items, body, sending)
        calling.call(*called, document, showing, edit=edit, spec=api.spec if api else spec, sending=sending)


@cli.command()
@click.argument("spec")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="The port; 0 for a free one."
)
def mock(spec: str, host: str, port: int) -> None:
    """
    Serve a document: answer each operation with its example.

    An invalid request is answered with 400 and all its problems.
    """
    from dynclient.cli.documents import read_document
    from dynclient.mock import MockApp, serve

    document = read_document(spec)
    with serve(MockApp(document), host=host, port=port) as server:
        say(f"{document.title} on {server.url} (stop with Ctrl-C)")
        server.wait()


@cli.command()
def demo() -> None:
    """Show in a minute what dynclient does; needs no key."""
    from dynclient.cli.demo import tell

    tell()


@cli.command(
    epilog="Exit status: 0 no fault was found, 1 the document cannot be read, 2 the command line is wrong, 3 faults "
    "were found; conventions alone are not faults."
)
@click.argument("spec")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every location.")
@click.option("--all", "shows_all", is_flag=True, help="Print every location, instead of five for each rule.")
@click.option(
    "--strict",
    "is_strict",
    is_flag=True,
    help="Add everything that openapi-spec-validator finds. Slow: about 12 s for 3 MB.",
)
@click.pass_context
def check(context: click.Context, spec: str, as_json: bool, shows_all: bool, is_strict: bool) -> None:
    """
    Show what is wrong with a document.

    dynclient works around everything listed, and calls can be made. Each rule says how; below it are the locations and
    the operations that are affected.
    """
    from dynclient.cli.check import check

    context.exit(check(spec, as_json=as_json, shows_all=shows_all, is_strict=is_strict))


@cli.command()
@click.argument("old")
@click.argument("new")
@click.option("--breaking-only", is_flag=True, help="Show only breaking changes.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.pass_context
def diff(context: click.Context, old: str, new: str, breaking_only: bool, as_json: bool) -> None:
    """
    Show what changed from the document OLD to the document NEW.

    Both are files, URLs or names of bundled documents. A change is breaking if a valid call may now be refused, sent
    elsewhere or written differently, or if an answer may not be what a caller of OLD expects.

    Exit status: 0 no breaking change, 1 a document cannot be read, 2 the command line is wrong, 6 a breaking change.
    """
    from dynclient.cli.diff import diff

    context.exit(diff(old, new, breaking_only=breaking_only, as_json=as_json))


@cli.group()
def auth() -> None:
    """Log in to an API that has a name, by OAuth 2."""


@auth.command("login")
@click.argument("name", metavar="API")
@click.argument("scheme", required=False)
@click.option("--client-id", required=True, metavar="ID", help="The id that the API gave you for this.")
@click.option("--client-secret", metavar="SOURCE", help="Where its secret comes from, if it has one: env:NAME ...")
@click.option("--scope", default="", metavar="SCOPES", help="What to ask for, with spaces between.")
@click.option("--device", "by_device", is_flag=True, help="Enter a code on another device, instead of a browser here.")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
def auth_login(
    name: str,
    scheme: str | None,
    client_id: str,
    client_secret: str | None,
    scope: str,
    by_device: bool,
    no_browser: bool,
) -> None:
    """Log in with your browser. The tokens are kept in the system's keyring, and renewed."""
    from dynclient.cli.login import login
    from dynclient.cli.secrets import read_secret

    secret = read_secret(client_secret, "the client") if client_secret else ""
    login(name, scheme, client_id, secret, scope, by_device=by_device, opens=not no_browser)


@auth.command("logout")
@click.argument("name", metavar="API")
def auth_logout(name: str) -> None:
    """Forget the tokens."""
    from dynclient.cli.login import logout

    logout(name)


@cli.group()
def api() -> None:
    """Give APIs names, with their servers, headers and sources of credentials: dynclient NAME OPERATION."""


@api.command("add")
@click.argument("name")
@click.argument("spec", required=False, shell_complete=_completed("spec"))
@click.option("--profile", metavar="PROFILE", help="Add a profile to the API NAME, instead of an API.")
@click.option("--base-url", metavar="URL", help="The server to call, instead of the document's.")
@click.option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header of each call.")
@click.option("--auth", multiple=True, metavar="SCHEME=SOURCE", help="Where a credential comes from, as for a call.")
@click.option("--complete-ids", is_flag=True, help="Let Tab ask the API for ids, by GET alone.")
def api_add(
    name: str,
    spec: str | None,
    profile: str | None,
    base_url: str | None,
    headers: Sequence[str],
    auth: Sequence[str],
    complete_ids: bool,
) -> None:
    """Give a document a name, or an API a profile."""
    from dynclient.cli.api_commands import add

    add(name, spec, profile, base_url, headers, auth, complete_ids, cli.commands)


@api.command("list")
def api_list() -> None:
    """List the APIs."""
    from dynclient.cli.api_commands import list_all

    list_all()


@api.command("show")
@click.argument("name")
def api_show(name: str) -> None:
    """Show an API as JSON."""
    from dynclient.cli.api_commands import show

    show(name)


@api.command("remove")
@click.argument("name")
def api_remove(name: str) -> None:
    """Forget an API."""
    from dynclient.cli.api_commands import remove

    remove(name)


@api.command("refresh")
@click.argument("name")
@click.option("--accept", is_flag=True, help="Accept new servers, to which credentials are then sent.")
def api_refresh(name: str, accept: bool) -> None:
    """Read the document of an API again."""
    from dynclient.cli.api_commands import refresh

    refresh(name, accept=accept)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """
    Print the script that completes documents, operations and arguments in a shell.

    Its first lines say how to install it. To try it in bash: eval "$(dynclient completion bash)"
    """
    from dynclient.cli.completion import script

    click.echo(script(cli, shell))


@cli.command(epilog="Exit status: 0 success, 2 there is no such code.")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
def explain(codes: Sequence[str]) -> None:
    """
    Show what the code of a problem means and how to correct it, or list all codes.

    Problems of a document use the rules that `check` prints as codes.
    """
    from dynclient.cli.explain import explain

    explain(codes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; no error shows a traceback."""
    try:
        arguments = None if arguments is None else list(arguments)
        if "_DYNCLIENT_COMPLETE" in os.environ:
            from dynclient.cli.completion import prepare

            prepare()
        # click returns the status that a command ended with, or None.
        _write_utf_8()
        return cli.main(args=arguments, prog_name="dynclient", standalone_mode=False) or 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.NoSuchOption as error:
        say(f"error: {_no_option(error, sys.argv[1:] if arguments is None else arguments)}")
        return REFUSED
    except click.ClickException as error:
        error.show(sys.stderr)
        return REFUSED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (ItemError, CallError, UnknownOperation, CredentialWarning) as error:
        say(f"error: {in_shell_words(str(error))}")
        if isinstance(error, InvalidRequest):
            codes = dict.fromkeys(problem.code for problem in error.problems)
            say(f"For more: dynclient explain {' '.join(codes)}")
        return REFUSED
    except DynclientError as error:
        say(f"error: {in_shell_words(str(error))}")
        status = getattr(error, "status_code", 0)
        return int(status) // 100 if status >= _ERRORS else FAILED
    except BrokenPipeError:  # who read the output has what it wanted
        _close_output()
        return BROKEN_PIPE
    except OSError as error:
        say(f"error: {error}")
        return FAILED


def _no_option(error: click.NoSuchOption, words: Sequence[str]) -> str:
    """What to write instead of an option that there is not."""
    known = {option for each in (error.ctx.command.params if error.ctx else ()) for option in each.opts}
    similar = near(error.option_name.replace("_", "-"), sorted(known), 1)
    hint = f"Did you mean {similar[0]}? " if similar and len(similar[0]) > 2 else ""
    following = [*words[words.index(error.option_name) + 1 :], ""][0] if error.option_name in words else ""
    value = "VALUE" if not following or following.startswith("-") or "=" in following else shlex.quote(following)
    item = f"{error.option_name.lstrip('-').replace('-', '_')}={value}"
    return f"there is no option {error.option_name}. {hint}An argument of the operation is written {item}"


def _write_utf_8() -> None:
    """A pipe gets UTF-8, whatever the system's own encoding (RFC 8259 §8.1); a terminal shows what it can."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
        if stream.isatty():
            stream.reconfigure(errors="backslashreplace")
        else:
            stream.reconfigure(encoding="utf-8")


def _close_output() -> None:
    """Python would complain when it ends that it cannot write the rest."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
