"""What the command line prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from dynclient.support import printable
from dynclient.types import JSON

if TYPE_CHECKING:
    from dynclient.responses import Response


class ItemError(ValueError):
    """A part of the command line cannot be read."""


def say(text: str) -> None:
    """Print a line for the user on standard error."""
    click.echo(printable(text), err=True)


def show_answer(response: Response, *, head: bool) -> None:
    """Print the answer's data; with `head`, first its status and headers on standard error."""
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
    """Indented JSON; control characters become JSON's escapes."""
    click.echo(printable(json.dumps(data, ensure_ascii=False, indent=2)))
