"""`dynclient diff OLD NEW`: what has changed between two versions of a document, and which changes break callers."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import click

from dynclient.cli.documents import read_document
from dynclient.cli.output import show_json
from dynclient.diff import Change, compare
from dynclient.support import printable

BREAKING = 6
"""The exit status for a breaking change; 1 to 5 already have meanings."""

_WIDTH = 80
_SHOWN_OPERATIONS = 5
_HEADINGS = {"server": "Servers", "security": "Security", "document": "Document"}


def diff(old: str, new: str, *, breaking_only: bool, as_json: bool) -> int:
    """Show what changed from one document to another, and return the exit status."""
    changes = compare(read_document(old), read_document(new))
    breaking = [change for change in changes if change.breaking]
    shown = breaking if breaking_only else changes
    if as_json:
        show_json([change.to_dict() for change in shown])
    else:
        for line in _report(shown):
            click.echo(printable(line))
        click.echo(f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}, {len(breaking) or 'none'} breaking")
    return BREAKING if breaking else 0


def _report(changes: Sequence[Change]) -> Iterator[str]:
    """The changes under headings: those of the document, of each operation, and of what several operations share."""
    heading = ""
    for change in _together(changes):
        if (now := _heading(change)) != heading:
            heading = now
            yield heading
        mark = "breaking: " if change.breaking else ""
        where = change.operations[0] if _is_whole(change) else change.where
        text = f"{mark}{where}: {change.message}" if where else f"{mark}{change.message}"
        if len(change.operations) > 1:
            text += f" ({_in(change.operations)})"
        yield from textwrap.wrap(
            " ".join(text.split()), _WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False
        )
    if heading:
        yield ""


def _together(changes: Iterable[Change]) -> list[Change]:
    """Changes with the same text become one, for any number of operations; those under one heading stand together."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in changes:
        same = (change.kind, change.where, change.message) if change.where else (str(change),)
        groups.setdefault((*same, str(change.breaking)), []).append(change)
    joined = [
        dataclasses.replace(
            each[0], operations=tuple(dict.fromkeys(name for change in each for name in change.operations))
        )
        for each in groups.values()
    ]
    headings = list(dict.fromkeys(map(_heading, joined)))
    return sorted(joined, key=lambda change: headings.index(_heading(change)))


def _heading(change: Change) -> str:
    if change.kind in _HEADINGS:
        return _HEADINGS[change.kind]
    if _is_whole(change):
        return f"Operations {change.action}"
    return change.operations[0] if len(change.operations) == 1 else "Several operations"


def _is_whole(change: Change) -> bool:
    """Whether a whole operation was added or removed."""
    return change.kind == "operation" and change.action != "changed"


def _in(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_OPERATIONS} more" if len(names) > _SHOWN_OPERATIONS else ""
    return f"in {', '.join(names[:_SHOWN_OPERATIONS])}{more}"
