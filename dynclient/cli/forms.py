"""Data in the forms that `--output` names, for a person at a terminal and for a program behind a pipe."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from dynclient.cli.output import ItemError
from dynclient.support import printable
from dynclient.types import JSON

if TYPE_CHECKING:
    from rich.console import Console

_WIDEST_CELL = 60
_GAP = 3  # characters between two columns
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


def write(text: str) -> None:
    """Write text to standard output at once, as it is, and the end of its line if that is missing."""
    click.echo(text, nl=not text.endswith("\n"), color=True)  # else click would leave out escapes in a pipe
    if sys.stdout is not None:
        sys.stdout.flush()


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
    return printable(file.getvalue()) if is_terminal() else file.getvalue()


def _table(rows: Sequence[Mapping[str, JSON]]) -> str:
    """A table without empty columns: as many as a terminal is wide, and in a pipe all of them."""
    console = _console()
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    cells = {column: [_table_cell(row.get(column)) for row in rows] for column in _columns(rows)}
    filled = {printable(column): texts for column, texts in cells.items() if any(texts)}
    shown = _fitting(filled, console.width)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold" if has_color() else "")
    for column in shown:
        is_number = all(isinstance(row.get(column), int | float | None) for row in rows)
        table.add_column(Text(column), justify="right" if is_number else "left", no_wrap=True)
    for texts in zip(*(filled[column] for column in shown), strict=True):
        table.add_row(*map(Text, texts))
    with console.capture() as captured:
        console.print(table)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    left = [column for column in filled if column not in shown]
    more = [f"Not shown: {', '.join(left)}. Choose by --select, or write --output csv."] if left else []
    return "\n".join([line for line in lines if line] + more)


def _table_cell(value: JSON) -> str:
    text = printable(" ".join(_cell(value).split()))
    return text if len(text) <= _WIDEST_CELL else f"{text[: _WIDEST_CELL - 1]}…"


def _fitting(cells: Mapping[str, Sequence[str]], width: int) -> list[str]:
    """The columns that fit side by side, the first always; those that are long make room for those behind them."""
    shown: list[str] = []
    left = width
    for column, texts in cells.items():
        needed = max(map(len, (column, *texts))) + _GAP
        if needed <= left or not shown:
            shown.append(column)
            left -= needed
    return shown


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
