"""`dynclient SPEC`: the operations of a document."""

from __future__ import annotations

import click

from dynclient.cli.output import say
from dynclient.documents import Document
from dynclient.openapi import Directory, column, operation_lines
from dynclient.support import printable


def show_operations(document: Document) -> None:
    """A line for each operation, under its tag."""
    operations = Directory(document)
    if not operations:
        say("the document has no operations")
    width = column(operations)
    for tag, names in operations.tags().items():
        if tag:
            click.echo(f"\n{printable(tag)}")
        for line in operation_lines(operations, names, width):
            click.echo(printable(line))
