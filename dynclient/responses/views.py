"""How an answer shows itself at a prompt and in a notebook: what came, what is wrong with it, and its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dynclient.credentials import Secrets
from dynclient.errors import Problem
from dynclient.openapi import Operation
from dynclient.support import counted, outline, printable, write_lines
from dynclient.types import JSON

_MOST_PROBLEMS = 5


class Shown:
    """The views of an answer. They are cut to a screen, and show *** for secrets, as `Response.masked` does."""

    operation: Operation
    status_code: int
    headers: Mapping[str, str]
    content: bytes
    data: JSON
    is_read: bool
    secrets: Secrets

    if TYPE_CHECKING:

        @property
        def problems(self) -> tuple[Problem, ...]: ...

    def __repr__(self) -> str:
        """Return a line that says what came, the first problems, and an outline of the data."""
        lines = [self.headline]
        lines += [f"  - {printable(str(problem))}" for problem in self.problems[:_MOST_PROBLEMS]]
        if len(self.problems) > _MOST_PROBLEMS:
            lines.append(f"  - and {len(self.problems) - _MOST_PROBLEMS} more; see its problems")
        if self.content:
            lines.append(outline(self.data, self.secrets.masked))
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Write what IPython shows; an answer inside a list is one line."""
        write_lines(printer, self.headline if printer.indentation else repr(self))

    def _repr_html_(self) -> str:
        """Return the same as HTML, everything escaped: a list of objects as a table, other data as a folded tree."""
        from dynclient.support import data_html

        data = data_html(self.data, self.secrets.masked) if self.content else ""
        return f"{heading_html(self.headline, self.problems)}{data}"

    @property
    def headline(self) -> str:
        """One line: the status, the operation, the media type, the size, and how many problems there are."""
        kind = self.headers.get("Content-Type", "no content type" if self.content else "no content")
        parts = [self.secrets.masked(kind)]
        if self.content or not self.is_read:
            parts.append(counted(len(self.content), "byte") if self.is_read else "not read")
        if self.problems:
            parts.append(counted(len(self.problems), "problem"))
        name = type(self).__name__
        return printable(f"<{name} {self.status_code} {self.operation.id}, {', '.join(parts)}>")


def heading_html(line: str, problems: Sequence[Problem]) -> str:
    """Return what a repr says in one line, and the first problems."""
    from dynclient.support import escaped_html, list_html

    told = [escaped_html(problem) for problem in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        told.append(f"and {len(problems) - _MOST_PROBLEMS} more; see its <code>problems</code>")
    return f"<div><b>{escaped_html(line[1:-1])}</b></div>{list_html(told) if told else ''}"
