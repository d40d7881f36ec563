"""A document from whatever names it, by the cache, and with the changes that are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynclient.documents.cache import default_cache
from dynclient.documents.document import Document, parse
from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.resources import AllowedRefs
from dynclient.documents.sources import NO_HEADERS, DocumentSource, load
from dynclient.documents.updates import Summarize, kept_document, open_published
from dynclient.support import Told, no_progress


def cached_document(source: str) -> Document:
    """
    Return a document without asking any server: one at a URL as it was when it was last fetched.

    Raises:
        DocumentError: it cannot be read, or was never fetched.
    """
    if not source.lower().startswith(("http://", "https://")):
        return parse(load(source), cache=default_cache())
    return kept_document(source, default_cache())


def open_document(
    source: DocumentSource,
    allow_refs: AllowedRefs = (),
    *,
    overlays: Sequence[DocumentSource] = (),
    uses_cache: bool = True,
    limits: Limits = LIMITS,
    headers: Mapping[str, str] = NO_HEADERS,
    summarize: Summarize,
    progress: Told = no_progress,
) -> Document:
    """
    Load and parse a document.

    Args:
        source: a path, a URL, text, bytes, an open file, a mapping, or the name of a bundled document.
        allow_refs: folders and beginnings of URLs that references may lead to, beside its own folder or origin.
        overlays: Overlays and JSON Merge Patches to change it with, in this order.
        uses_cache: whether a large document is parsed once and kept in the user's cache folder.
        limits: how large it may be.
        headers: headers for requests to its own origin.
        summarize: says what changed since the version in the cache, for `DocumentChanged`.
        progress: called with the bytes that have come, and the bytes in all or None; when all have come, they are
            still to be read.

    Raises:
        DocumentError: it cannot be read.
    """
    changes = [load(overlay, limits) for overlay in overlays]
    cache = default_cache() if uses_cache else None
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return open_published(
            source,
            allow_refs,
            overlays=changes,
            cache=cache,
            limits=limits,
            headers=headers,
            summarize=summarize,
            progress=progress,
        )
    loaded = load(source, limits)
    if isinstance(loaded.content, bytes):
        progress(len(loaded.content), len(loaded.content))
    return parse(loaded, allow_refs, overlays=changes, cache=cache, limits=limits)
