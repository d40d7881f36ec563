"""
Data as HTML for notebooks: everything escaped, no scripts, no styles but a few attributes, so that any theme fits.

A tree of data is folded by `<details>`; what is large is cut, and the cut says what it left out.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from dynclient.support.display import Mask, counted, outline, printable, scalar
from dynclient.types import JSON

_MOST_NODES = 1000
_MOST_OPEN = 25
"""How many lines of a tree are unfolded at first."""

_MOST_BESIDE = 20  # members or items of one value
_DEEPEST = 12
_MOST_ROWS = 20
_MOST_COLUMNS = 8
_CELL = 60  # characters


def escaped_html(text: object) -> str:
    """Return text for HTML, with control characters written as escapes."""
    return html.escape(printable(str(text)))


def code_html(text: object) -> str:
    return f"<code>{escaped_html(text)}</code>"


def folded_html(summary: str, inside: str, *, is_open: bool = False) -> str:
    """Return a part that unfolds; both texts are HTML."""
    opened = ' open=""' if is_open else ""
    return f"<details{opened}><summary>{summary}</summary>{inside}</details>"


def table_html(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells, which are HTML."""
    first = "".join(f'<th style="text-align:left">{each}</th>' for each in head)
    rest = "".join(f"<tr>{''.join(_cell(each) for each in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>{rest}</tbody></table>"


def _cell(text: str) -> str:
    return f'<td style="text-align:left">{text}</td>'


def list_html(items: Iterable[str]) -> str:
    """Return a list of items, which are HTML."""
    return f"<ul>{''.join(f'<li>{each}</li>' for each in items)}</ul>"


def data_html(data: JSON, mask: Mask = str) -> str:
    """
    Return data as HTML.

    A list of objects, or the one list of objects in an object, is a table. Text stays text. The rest is a folded tree.
    """
    if isinstance(data, str):
        return f"<pre>{escaped_html(outline(data, mask))}</pre>"
    if _is_rows(data):
        return _rows_html(data, mask)
    if isinstance(data, Mapping):
        lists = [name for name, value in data.items() if _is_rows(value)]
        if len(lists) == 1:
            others = {name: value for name, value in data.items() if name != lists[0]}
            rest = _Tree(mask).of(others) if others else ""
            return f"{code_html(scalar(str(lists[0]), mask))}{_rows_html(data[lists[0]], mask)}{rest}"
    return _Tree(mask).of(data)


def _is_rows(data: JSON) -> bool:
    return isinstance(data, list) and len(data) > 1 and all(isinstance(each, Mapping) for each in data[:_MOST_ROWS])


def _rows_html(rows: Sequence[Mapping[str, JSON]], mask: Mask) -> str:
    shown = rows[:_MOST_ROWS]
    names = list(dict.fromkeys(name for row in shown for name in islice(row, 10 * _MOST_COLUMNS)))
    columns = names[:_MOST_COLUMNS]
    cells = ([_brief(row[name], mask) if name in row else "" for name in columns] for row in shown)
    left = [counted(len(rows) - len(shown), "more row")] if len(rows) > len(shown) else []
    left += [counted(len(names) - len(columns), "more column")] if len(names) > len(columns) else []
    end = f"<div>... {' and '.join(left)}</div>" if left else ""
    return table_html([escaped_html(scalar(str(name), mask, _CELL)[1:-1]) for name in columns], cells) + end


def _brief(value: JSON, mask: Mask) -> str:
    """A value in a cell."""
    if isinstance(value, Mapping | list) and value:
        return escaped_html(_size(value))
    text = scalar(value, mask, _CELL)
    return escaped_html(text[1:-1] if isinstance(value, str) and text.endswith('"') else text)


def _size(value: Mapping[str, JSON] | list[JSON]) -> str:
    is_object = isinstance(value, Mapping)
    return f"{{{counted(len(value), 'member')}}}" if is_object else f"[{counted(len(value), 'item')}]"


class _Tree:
    """A folded tree, whose first lines are unfolded."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._nodes = 0
        self._open = 0

    def of(self, value: JSON, depth: int = 0) -> str:
        if not isinstance(value, Mapping | list) or not value:
            return code_html(scalar(value, self._mask))
        if depth == _DEEPEST or self._nodes >= _MOST_NODES:
            return f"{code_html(_size(value))} ..."
        count = min(len(value), _MOST_BESIDE)
        is_open = self._open + count <= _MOST_OPEN
        self._open += count if is_open else 0
        return folded_html(code_html(_size(value)), list_html(self._items(value, depth)), is_open=is_open)

    def _items(self, value: Mapping[str, JSON] | list[JSON], depth: int) -> Iterator[str]:
        shown = 0
        for each in islice(value, _MOST_BESIDE):
            if self._nodes >= _MOST_NODES:
                break
            self._nodes += 1
            shown += 1
            if isinstance(value, Mapping):
                yield f"{code_html(scalar(str(each), self._mask))}: {self.of(value[each], depth + 1)}"
            else:
                yield self.of(each, depth + 1)
        if len(value) > shown:
            yield f"... {counted(len(value) - shown, 'more member' if isinstance(value, Mapping) else 'more item')}"
