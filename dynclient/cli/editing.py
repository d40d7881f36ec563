"""`--edit`: a body written in the user's editor, until it fits the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from dynclient.calls import Caller
from dynclient.cli import forms
from dynclient.cli.output import ItemError
from dynclient.documents import parse_text
from dynclient.errors import DocumentError
from dynclient.support import printable
from dynclient.types import JSON

_MOST_SHOWN = 20
_HEAD = "# The body of {}, in YAML or JSON. It is sent when it fits; to send nothing, close without saving.\n"


def edited(caller: Caller, body: JSON, arguments: Mapping[str, Any]) -> JSON:
    """
    Return the body that the user makes of this one. What is wrong with it stands above it when the editor opens again.

    Raises:
        ItemError: the user gave up, or the editor cannot be started.
    """
    text, wrong = forms.text(body, "yaml") + "\n", ""
    while True:
        head = _HEAD.format(caller.operation.id) + wrong
        try:
            saved = click.edit(head + text, extension=".yaml")
        except click.ClickException as error:
            raise ItemError(error.message) from error
        if saved is None:
            raise ItemError("nothing was saved in the editor, and nothing was sent")
        text = saved.removeprefix(head)
        try:
            data = parse_text(text.encode(), "what was written").data
        except DocumentError as error:
            wrong = _commented([str(error)])
            continue
        problems = caller.check(body=data, **arguments)
        if not problems:
            return data
        wrong = _commented([str(problem) for problem in problems[:_MOST_SHOWN]])


def _commented(lines: list[str]) -> str:
    return "".join(f"# - {' '.join(printable(line).split())}\n" for line in lines)
