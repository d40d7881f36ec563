"""The operations of a document by tag, as a prompt, a notebook and the command line list them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from dynclient.openapi.model import Operation
from dynclient.support import counted, first_sentence, printable, write_lines

_MOST_SPELLED_OUT = 30
"""How many operations have a line each; of more there is a line for each tag."""

_SENTENCE = 100  # characters of a description, where there is no summary
_MOST_TAGS = 40
_MOST_ROWS = 400
_MOST_OPEN = 20
_WIDTH = 110
_NAME = 40  # characters in the column of names


class Tags(Mapping[str, tuple[str, ...]]):
    """The keys of a document's operations by tag; those without a tag are under ""."""

    def __init__(self, operations: Mapping[str, Operation], tags: Mapping[str, tuple[str, ...]]) -> None:
        self._operations = operations
        self._tags = tags

    def __getitem__(self, tag: str) -> tuple[str, ...]:
        return self._tags[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'tag')} of {counted(len(self._operations), 'operation')}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        write_lines(printer, self.text(repr(self)))

    def _repr_html_(self) -> str:
        return self.html(repr(self)[1:-1])

    def text(self, head: str) -> str:
        """Return a line for each operation, or for each tag if they are many, under a first line."""
        is_short = len(self._operations) <= _MOST_SPELLED_OUT
        lines = list(self._spelled_out() if is_short else self._cut())
        return "\n".join([printable(head), *map(printable, lines)])

    def _spelled_out(self) -> Iterator[str]:
        width = column(self._operations)
        for tag, names in self._tags.items():
            if tag:
                yield f" {tag}"
            yield from operation_lines(self._operations, names, width)

    def _cut(self) -> Iterator[str]:
        for tag, names in islice(self._tags.items(), _MOST_TAGS):
            line = f"  {tag or '(no tag)'} ({len(names)}): {', '.join(names)}"
            yield line if len(line) <= _WIDTH else f"{line[: _WIDTH - 4].rpartition(',')[0] or line[: _WIDTH - 4]}, ..."
        if len(self) > _MOST_TAGS:
            yield f"  ... {counted(len(self) - _MOST_TAGS, 'more tag')}"

    def html(self, head: str) -> str:
        """Return a folded table of operations for each tag, under a first line."""
        from dynclient.support import escaped_html, folded_html, table_html

        parts, left = [f"<div><b>{escaped_html(head)}</b></div>"], _MOST_ROWS
        for tag, names in self._tags.items():
            shown = names[:left]
            left -= len(shown)
            rows = (self._row(name) for name in shown)
            more = f"<div>... {counted(len(names) - len(shown), 'more operation')}</div>" if names[len(shown) :] else ""
            inside = table_html(["operation", "request", "summary"], rows) + more if shown else more
            summary = f"{escaped_html(tag or 'without a tag')} ({len(names)})"
            parts.append(folded_html(summary, inside, is_open=len(self._operations) <= _MOST_OPEN))
        return "".join(parts)

    def _row(self, name: str) -> list[str]:
        from dynclient.support import code_html, escaped_html

        operation = self._operations[name]
        summary = f"{operation.summary}{' (deprecated)' if operation.deprecated else ''}"
        return [code_html(name), code_html(f"{operation.method} {operation.path}"), escaped_html(summary)]


def column(names: Iterable[str]) -> int:
    """Return the width of the column that these names stand in."""
    return min(_NAME, max(map(len, names), default=0))


def operation_lines(operations: Mapping[str, Operation], names: Iterable[str], width: int) -> Iterator[str]:
    """Yield a line for each operation: its name, request and summary, and what of it cannot be read."""
    for name in names:
        operation = operations[name]
        mark = " (deprecated)" if operation.deprecated else ""
        route = "" if name == f"{operation.method} {operation.path}" else f"  {operation.method} {operation.path}"
        summary = operation.summary
        if not summary or len(summary) > _SENTENCE:  # then it is a description, in Markdown
            summary = first_sentence(summary or operation.description, _SENTENCE)
        yield f"  {name:{width}}{route}{'  ' + summary if summary else ''}{mark}"
        for problem in operation.unread:
            yield f"  {'':{width}}  cannot be read: {problem.message}"
