"""`dynclient SPEC`: the operations of a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from dynclient.cli.output import say
from dynclient.documents import Document
from dynclient.openapi import Directory, Operation
from dynclient.support import printable


def show_operations(document: Document) -> None:
    """A line for each operation, under its tag."""
    operations = Directory(document)
    if not operations:
        say("the document has no operations")
    width = min(40, max((len(name) for name in operations), default=0))
    for tag, names in operations.tags().items():
        if tag:
            click.echo(f"\n{printable(tag)}")
        for line in _lines(operations, names, width):
            click.echo(printable(line))


def _lines(operations: Mapping[str, Operation], names: Iterable[str], width: int) -> Iterable[str]:
    for name in names:
        operation = operations[name]
        mark = " (deprecated)" if operation.deprecated else ""
        route = "" if name == f"{operation.method} {operation.path}" else f"  {operation.method} {operation.path}"
        yield f"  {name:{width}}{route}{'  ' + operation.summary if operation.summary else ''}{mark}"
        for problem in operation.unread:
            yield f"  {'':{width}}  cannot be read: {problem.message}"
