"""
From a path, a URL, text or a mapping to a parsed document.

In comes whatever names a document; out comes a `Document`: its data, its version, its references resolved on demand,
and the problems found in it. Nothing here knows what an operation is. May import `support`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.documents.document import Document, Joined, noting, parse
    from dynclient.documents.limits import LIMITS, Limits
    from dynclient.documents.opening import cached_document, open_document
    from dynclient.documents.parsing import collector_paused, json_depth, parse_text
    from dynclient.documents.pointers import escape_step, escape_token, split_pointer, split_value_pointer
    from dynclient.documents.references import reference_of
    from dynclient.documents.resources import AllowedRefs
    from dynclient.documents.sources import NO_HEADERS, DocumentSource, bundled, load, public_url

__getattr__, __dir__ = lazy(
    __name__,
    """
    document: Document Joined noting parse
    limits: LIMITS Limits
    opening: cached_document open_document
    parsing: collector_paused json_depth parse_text
    pointers: escape_step escape_token split_pointer split_value_pointer
    references: reference_of
    resources: AllowedRefs
    sources: DocumentSource NO_HEADERS bundled load public_url
    """,
)
