"""Opens the documents that a command line names."""

from __future__ import annotations

import sys

from dynclient.documents import Document, open_document


def read_document(spec: str) -> Document:
    """
    Return the document at this path or URL, or of this name; `-` is standard input.

    Raises:
        DocumentError: it cannot be read.
    """
    return open_document(sys.stdin if spec == "-" else spec, summarize=_changes)


def _changes(old: Document, new: Document) -> str:
    from dynclient.diff import summarize_changes

    return summarize_changes(old, new)
