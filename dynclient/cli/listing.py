"""`dynclient SPEC`: the operations of a document, all of them or those that one looks for."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence

import click

from dynclient.cli import forms
from dynclient.cli.options import Finding
from dynclient.cli.output import ItemError, say, show_json
from dynclient.documents import Document
from dynclient.openapi import Directory, Operation, column, operation_lines
from dynclient.support import near, printable

EVERYTHING = Finding()

# How much a word counts by where it stands.
_OF_ID, _OF_PATH, _OF_SUMMARY, _OF_PARAMETER, _OF_DESCRIPTION = 16, 8, 4, 2, 1


def show_operations(document: Document, finding: Finding = EVERYTHING) -> None:
    """
    A line for each operation, under its tag; the best first, if words are searched for.

    Raises:
        ItemError: there is no such tag, or nothing has all the words.
    """
    operations = Directory(document)
    if not operations:
        say("the document has no operations")
    by_tag = _tagged(operations, finding.tag)
    if finding.search:
        found = _found(operations, [name for names in by_tag.values() for name in names], finding.search.split())
        if not found:
            raise ItemError(f"no operation has {finding.search!r} in its name, path, texts or parameters")
        by_tag = {"": found}
    if finding.as_json:
        show_json([_described(operations[name], tag) for tag, names in by_tag.items() for name in names])
        return
    _print(list(_lines(operations, by_tag)))


def _tagged(operations: Directory, wanted: str | None) -> Mapping[str, Sequence[str]]:
    tags = operations.tags()
    if wanted is None:
        return tags
    known = next((tag for tag in tags if tag.lower() == wanted.lower()), None)
    if known is None:
        similar = near(wanted, [tag for tag in tags if tag], 1)
        hint = f"Did you mean {similar[0]!r}?" if similar else f"There are: {', '.join(filter(None, tags)) or 'none'}."
        raise ItemError(f"the document has no tag {wanted!r}. {hint}")
    return {known: tags[known]}


def _found(operations: Mapping[str, Operation], names: Sequence[str], words: Sequence[str]) -> list[str]:
    """The operations that have all words somewhere; the best first, and in the document's order among equals."""
    scores = {name: _score(operations[name], [word.lower() for word in words]) for name in names}
    return sorted((name for name in names if scores[name]), key=lambda name: -scores[name])


def _score(operation: Operation, words: Sequence[str]) -> int:
    names = [each.name for each in operation.parameters]
    names += [each.name for each in operation.body.fields] if operation.body else []
    places = (
        (_OF_ID, operation.id),
        (_OF_PATH, f"{operation.method} {operation.path}"),
        (_OF_SUMMARY, operation.summary),
        (_OF_PARAMETER, " ".join(names)),
        (_OF_DESCRIPTION, operation.description),
    )
    best = [max((weight for weight, text in places if word in text.lower()), default=0) for word in words]
    return sum(best) if all(best) else 0


def _described(operation: Operation, tag: str) -> dict[str, object]:
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "tag": tag or None,
        "summary": operation.summary or None,
        "deprecated": operation.deprecated,
    }


def _lines(operations: Directory, by_tag: Mapping[str, Sequence[str]]) -> Iterator[str]:
    width = column(name for names in by_tag.values() for name in names)
    for tag, names in by_tag.items():
        if tag:
            yield f"\n{printable(tag)}"
        yield from map(printable, operation_lines(operations, names, width))


def _print(lines: Sequence[str]) -> None:
    """In a terminal each line is cut to its width, and what does not fit the screen goes through a pager."""
    if not forms.is_terminal():
        for line in lines:
            click.echo(line)
        return
    columns, rows = shutil.get_terminal_size()
    shown = [line if len(line) <= columns else f"{line[: columns - 1]}…" for line in lines]
    if sum(line.count("\n") + 1 for line in shown) < rows or not sys.stdin.isatty():
        click.echo("\n".join(shown))
    else:
        click.echo_via_pager("\n".join(shown) + "\n")
