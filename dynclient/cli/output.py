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

# C0 and C1 controls but tab and line feed, and what turns the direction of text around: a document or a server
# could otherwise write to the terminal what it likes.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class ItemError(ValueError):
    """Something on the command line that cannot be read."""


def printable(text: str) -> str:
    r"""
    Text from a document or a server, with what a terminal would obey written out.

    >>> print(printable("a\x1b[31mb"))
    a\u001b[31mb
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say(text: str) -> None:
    """A line for the person, on standard error."""
    click.echo(printable(text), err=True)


def show_answer(response: Response, *, head: bool) -> None:
    """The answer's data; with `head`, its status and headers on standard error first."""
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
    """JSON, indented; control characters as its own escapes."""
    click.echo(printable(json.dumps(data, ensure_ascii=False, indent=2)))
