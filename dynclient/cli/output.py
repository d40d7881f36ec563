"""What the command line prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import json
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


def say_head(response: Response) -> None:
    """Print an answer's status and headers on standard error, without the secrets of the call."""
    masked = response.masked()
    say(f"{masked.status_code} {masked.reason}")
    for name, value in masked.headers.items():
        say(f"{name}: {value}")
    say("")


def show_json(data: JSON) -> None:
    """Indented JSON; control characters become JSON's escapes."""
    click.echo(printable(json.dumps(data, ensure_ascii=False, indent=2)))
