"""Data in the forms that `--output` names, for a person at a terminal and for a program behind a pipe."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dynclient.cli.output import ItemError
from dynclient.support import printable
from dynclient.types import JSON

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST_CELL = 60
_ENVELOPES = ("data", "items", "results", "value", "values")
"""The usual names of the list in an answer that holds one."""


def is_terminal() -> bool:
    """Whether a person sees standard output."""
    try:
        return sys.stdout is not None and sys.stdout.isatty()
    except ValueError:  # it is closed
        return False


def has_color() -> bool:
    """Whether standard output takes colours (https://no-color.org, https://force-color.org)."""
    if os.environ.get("NO_COLOR") or sys.stdout is None:
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal() and os.environ.get("TERM") not in ("dumb", "unknown"))


def line(data: JSON) -> str:
    """Return JSON on one line; control characters become JSON's escapes."""
    return printable(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def text(data: JSON, form: str) -> str:
    """
    Return data in a form; JSON is indented for a terminal, and one line for a pipe.

    Raises:
        ItemError: the data has no such form, or the form needs a library that is not installed.
    """
    if form == "yaml":
        import yaml

        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False).rstrip("\n")
    if form == "table":
        return _table(_rows(data))
    if form == "csv":
        return _csv(_rows(data))
    if form == "jsonl":
        return "\n".join(map(line, items_of(data)))
    if not is_terminal() and not has_color():
        return line(data)
    shown = printable(json.dumps(data, ensure_ascii=False, indent=2)) if is_terminal() else line(data)
    return _colored(shown) if has_color() else shown


def items_of(data: JSON) -> list[JSON]:
    """Return the items of a list, or of the list that an object is there for; else the value alone."""
    if isinstance(data, list):
        return data
    lists = {key: value for key, value in data.items() if isinstance(value, list)} if isinstance(data, dict) else {}
    key = next((name for name in _ENVELOPES if name in lists), next(iter(lists), "") if len(lists) == 1 else "")
    return lists[key] if key else [data]


def _rows(data: JSON) -> list[Mapping[str, JSON]]:
    items = items_of(data)
    return [item if isinstance(item, Mapping) else {"value": item} for item in items]


def _columns(rows: Iterable[Mapping[str, JSON]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _cell(value: JSON) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else line(value)


def _csv(rows: Sequence[Mapping[str, JSON]]) -> str:
    """A line of names, then one for each item (RFC 4180); what is nested stands there as JSON."""
    columns = _columns(rows)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return file.getvalue().rstrip("\n")


def _table(rows: Sequence[Mapping[str, JSON]]) -> str:
    """A table as wide as the terminal; in a pipe as wide as it must be."""
    console = _console()
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    columns = _columns(rows)
    for column in columns:
        is_number = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(Text(printable(column)), justify="right" if is_number else "left", overflow="ellipsis")
    for row in rows:
        cells = (printable(_cell(row.get(column))).replace("\n", " ") for column in columns)
        table.add_row(*(Text(cell if len(cell) <= _WIDEST_CELL else f"{cell[: _WIDEST_CELL - 1]}…") for cell in cells))
    with console.capture() as captured:
        console.print(table)
    return "\n".join(each.rstrip() for each in captured.get().strip("\n").split("\n"))


def _colored(shown: str) -> str:
    """JSON with colours, if rich is there."""
    try:
        console = _console()
    except ItemError:
        return shown
    from rich.highlighter import JSONHighlighter
    from rich.text import Text

    with console.capture() as captured:
        console.print(JSONHighlighter()(Text(shown)), soft_wrap=True)
    return captured.get().rstrip("\n")


def _console() -> Console:
    try:
        from rich.console import Console
    except ImportError:
        raise ItemError("a table needs rich: pip install 'dynclient[cli]'") from None
    width = None if is_terminal() else 10_000
    return Console(width=width, force_terminal=has_color() or None, no_color=not has_color(), highlight=False)
