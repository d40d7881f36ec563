"""The parts of an operation that cannot be read; the rest is read all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dynclient.documents import Document
from dynclient.errors import DocumentError, Problem

T = TypeVar("T")


class Unreadable:
    """Collects the parts of an operation that cannot be read, because a reference cannot be followed."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document

    def kept(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what this reads, or something in its place; the problem is noted."""
        try:
            return read()
        except DocumentError as error:
            self._document.note("operation-unreadable", error.pointer, error.message)
            hint = 'validate_request="off" sends calls without it.'
            problem = Problem(
                "document", "", error.message, "operation-unreadable", schema_pointer=error.pointer, hint=hint
            )
            self.problems.append(problem)
            return otherwise
