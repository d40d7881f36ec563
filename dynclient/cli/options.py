"""The options of `dynclient SPEC OPERATION ...`, in groups: each group is a value with a field for each option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sending:
    """To which server a call is sent, and with what beside its arguments."""

    headers: Sequence[str]
    base_url: str | None
    server: str | None
    server_variables: Sequence[str]
    content_type: str | None
    timeout: float | None
    mock: bool


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown of a call: its answer, or the request alone, which then isn't sent."""

    dry_run: bool
    as_curl: bool
    head: bool


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


sending_options = _group(
    "sending",
    Sending,
    [
        click.option(
            "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header to add; may be repeated."
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
        click.option("--mock", is_flag=True, help="Answer from the document, in this process; nothing is sent."),
    ],
)
showing_options = _group(
    "showing",
    Showing,
    [
        click.option("--dry-run", is_flag=True, help="Show the request with its credentials masked; send nothing."),
        click.option(
            "--curl",
            "as_curl",
            is_flag=True,
            help="Show it as a curl command with its credentials masked; send nothing.",
        ),
        click.option("-i", "--include", "head", is_flag=True, help="Show status and headers on standard error."),
    ],
)
