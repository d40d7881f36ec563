"""
What changed between two versions of a document, and which of it breaks callers.

In come two `Document`s; out come the changes. May import `wire`, `schemas`, `openapi` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.diff.comparison import Change, compare, summarize_changes

__getattr__, __dir__ = lazy(
    __name__,
    """
    comparison: Change compare summarize_changes
    """,
)
