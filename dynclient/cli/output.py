"""What the command line prints: data on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import click

from dynclient.types import JSON

if TYPE_CHECKING:
    from dynclient.responses import Response

# C0 and C1 controls except tab and line feed, and characters that reverse the direction of text: otherwise a document
# or a server could control the terminal.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class ItemError(ValueError):
    """A part of the command line cannot be read."""


def printable(text: str) -> str:
    r"""
    Text from a document or a server, with control characters written as escapes.

    >>> print(printable("a\x1b[31mb"))
    a\u001b[31mb
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


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
