"""The options of `dynclient SPEC OPERATION ...`, in groups: each group is a value with a field for each option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
FORMATS = ("json", "jsonl", "yaml", "table", "csv", "raw")

Decorator = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Which operations of a document are listed, and what of one is shown instead of calling it."""

    search: str | None = None
    tag: str | None = None
    as_json: bool = False
    example: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """To which server a call is sent, with what beside its arguments, and how patiently."""

    headers: Sequence[str]
    query: Sequence[str]
    auth: Sequence[str]
    base_url: str | None
    server: str | None
    server_variables: Sequence[str]
    content_type: str | None
    timeout: float | None
    total_timeout: float | None
    retries: int | None
    validate: str | None
    proxy: str | None
    ca: str | None
    cert: str | None
    insecure: bool
    mock: bool


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown of a call: its answer, and in which form; or the request alone, which then isn't sent."""

    dry_run: bool
    program: str | None
    head: bool
    verbose: bool
    select: str | None
    output: str | None
    save: str | None
    save_named: bool
    all_pages: bool
    max_items: int | None
    poll: Sequence[str]


def _group(name: str, kind: type, options: Sequence[Decorator]) -> Callable[[Command], Command]:
    """Give a command these options; it gets their values together, as one argument of this kind."""
    names = [field.name for field in fields(kind)]

    def decorated(command: Command) -> Command:
        @wraps(command)
        def grouped(*args: Any, **values: Any) -> Any:
            group = kind(**{each: values.pop(each) for each in names})
            return command(*args, **values, **{name: group})

        for option in reversed(options):
            option(grouped)
        return grouped  # type: ignore[return-value]

    return decorated


finding_options = _group(
    "finding",
    Finding,
    [
        click.option("--search", metavar="WORDS", help="List the operations that have these words, the best first."),
        click.option("--tag", metavar="TAG", help="List the operations of a tag."),
        click.option("--json", "as_json", is_flag=True, help="List them as JSON."),
        click.option("--example", is_flag=True, help="Show an example of the operation's body, as JSON; send nothing."),
    ],
)
sending_options = _group(
    "sending",
    Sending,
    [
        click.option(
            "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header to add; may be repeated."
        ),
        click.option(
            "--query", multiple=True, metavar="NAME=VALUE", help="Add to the query what the document doesn't describe."
        ),
        click.option(
            "--auth",
            multiple=True,
            metavar="SCHEME=SOURCE",
            help="A credential: env:NAME, keyring:SERVICE/USER, or cmd:[...], a program and its arguments as JSON.",
        ),
        click.option("--base-url", metavar="URL", help="The server to call, instead of the document's."),
        click.option(
            "--server", metavar="NUMBER|NAME|URL", help="Which of the document's servers to call; the first is 0."
        ),
        click.option(
            "--server-variable",
            "server_variables",
            multiple=True,
            metavar="NAME=VALUE",
            help="A variable in the server's URL; may be repeated.",
        ),
        click.option("--content-type", metavar="TYPE", help="The media type of the body, if the document has several."),
        click.option("--timeout", type=float, metavar="SECONDS", help="How long to wait for each piece of the answer."),
        click.option("--total-timeout", type=float, metavar="SECONDS", help="How long the call may take in all."),
        click.option("--retries", type=int, metavar="NUMBER", help="How often a call is tried again; 0 for never."),
        click.option(
            "--validate",
            type=click.Choice(["raise", "warn", "off"]),
            help="What happens to a call, and to an answer, that doesn't fit the document.",
        ),
        click.option("--no-validate", "validate", flag_value="off", help="The same as --validate off."),
        click.option("--proxy", metavar="URL", help="The proxy, instead of that of the environment."),
        click.option("--ca", metavar="FILE", help="The certificates to trust, instead of the usual ones."),
        click.option("--cert", metavar="FILE", help="A client certificate with its key, in one PEM file."),
        click.option("--insecure", is_flag=True, help="Don't check the server's certificate. Anybody may then read."),
        click.option("--mock", is_flag=True, help="Answer from the document, in this process; nothing is sent."),
    ],
)
showing_options = _group(
    "showing",
    Showing,
    [
        click.option("--dry-run", is_flag=True, help="Show the request with its credentials masked; send nothing."),
        click.option(
            "--as",
            "program",
            type=click.Choice(["curl", "python", "requests"]),
            help="Show the call as a program that reads its credentials from the environment; send nothing.",
        ),
        click.option("--curl", "program", flag_value="curl", help="The same as --as curl."),
        click.option("-i", "--include", "head", is_flag=True, help="Show status and headers on standard error."),
        click.option(
            "-v", "--verbose", is_flag=True, help="Show the request too, and each attempt; credentials are masked."
        ),
        click.option("-q", "--select", metavar="JMESPATH", help="The part of the answer to show: data[].id"),
        click.option("-o", "--output", type=click.Choice(FORMATS), help="The form of the answer."),
        click.option("--save", metavar="PATH", help="Save the answer to a file or in a folder, whatever its size."),
        click.option(
            "-O", "save_named", is_flag=True, help="Save it in this folder, under the name that the server gives it."
        ),
        click.option("--all", "all_pages", is_flag=True, help="Show the items of all pages."),
        click.option("--max-items", type=click.IntRange(1), metavar="NUMBER", help="The most items that --all shows."),
        click.option(
            "--poll",
            multiple=True,
            metavar="NAME=VALUE",
            help="Ask again until a field has this value: status=completed",
        ),
    ],
)
