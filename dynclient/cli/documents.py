"""Opens the documents that a command line names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dynclient.cli.output import say
from dynclient.documents import Document, cached_document, open_document
from dynclient.errors import DocumentError

if TYPE_CHECKING:
    from dynclient.cli.apis import Api


def read_document(spec: str) -> Document:
    """
    Return the document at this path or URL, or of this name; `-` is standard input.

    Raises:
        DocumentError: it cannot be read.
    """
    return open_document(sys.stdin if spec == "-" else spec, summarize=_changes)


def read_document_of(api: Api) -> Document:
    """
    Return the document of an API. Where a URL cannot be reached, it is as it was when it was last read.

    Raises:
        DocumentError: it cannot be read, and never was.
    """
    try:
        return read_document(api.spec)
    except DocumentError as error:
        if not api.spec.lower().startswith(("http://", "https://")):
            raise
        try:
            document = cached_document(api.spec)
        except DocumentError:
            raise error from None
        say(f"note: {error}; it is used as it was when it was last read")
        return document


def _changes(old: Document, new: Document) -> str:
    from dynclient.diff import summarize_changes

    return summarize_changes(old, new)
