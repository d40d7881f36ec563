"""Documents at URLs: fetched again only when they have changed, with a warning that says what changed."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from dynclient.documents.cache import Cache, key_of
from dynclient.documents.document import Document, parse
from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.resources import AllowedRefs
from dynclient.documents.sources import NO_HEADERS, Source, fetch, public_url
from dynclient.errors import DocumentChanged, DocumentError, DynclientError, stacklevel
from dynclient.support import Told, no_progress
from dynclient.types import JSON

Summarize: TypeAlias = Callable[[Document, Document], str]
"""What changed between two versions of a document, in a sentence."""

_logger = logging.getLogger(__name__)


def open_published(
    url: str,
    allow_refs: AllowedRefs = (),
    *,
    overlays: Sequence[Source] = (),
    cache: Cache | None = None,
    limits: Limits = LIMITS,
    headers: Mapping[str, str] = NO_HEADERS,
    summarize: Summarize,
    progress: Told = no_progress,
) -> Document:
    """
    Return the document at a URL.

    With a `cache` the server is asked whether the cached version is still current (RFC 9110 §13.1). If it is not,
    `DocumentChanged` warns of what `summarize` finds changed from the old version to the new one. `progress` is called
    while it is fetched, and when all of it is there.

    Raises:
        DocumentError: it cannot be fetched or read.
    """
    remembered = cache.find(_name(url)) if cache else None
    kept = cache.find(remembered["key"]) if cache and remembered else None
    if remembered is None or kept is None:
        remembered, kept = {"etag": "", "last_modified": ""}, None
    source = fetch(
        url,
        etag=remembered["etag"],
        last_modified=remembered["last_modified"],
        limits=limits,
        headers=headers,
        progress=progress,
    )
    if source is None:  # still the same
        same = Source(kept or {}, remembered["name"], remembered["name"], was_kept=True)
        return parse(same, allow_refs, overlays=overlays, limits=limits, headers=headers)
    progress(len(source.content), len(source.content))
    document = parse(source, allow_refs, overlays=overlays, cache=cache, limits=limits, headers=headers)
    if cache and isinstance(source.content, bytes):
        key = key_of(source.content)
        if kept is not None and key != remembered["key"]:
            _warn(kept, source, document, summarize)
        if cache.find(key) is None and not overlays and not document.problem_count:
            cache.keep(key, document.contents)  # even a small one, to compare the next version with
        if cache.find(key) is not None:
            validators = {"etag": source.etag, "last_modified": source.last_modified}
            cache.keep(_name(url), {"key": key, "name": source.name, **validators})
    return document


def kept_document(url: str, cache: Cache | None) -> Document:
    """
    Return the document at a URL as it was when it was last fetched.

    Raises:
        DocumentError: it is not in the cache.
    """
    remembered = cache.find(_name(url)) if cache else None
    kept = cache.find(remembered["key"]) if cache and remembered else None
    if remembered is None or kept is None:
        raise DocumentError("is not in the cache", public_url(url))
    return parse(Source(kept, remembered["name"], remembered["name"], was_kept=True))


def _name(url: str) -> str:
    """The key for a URL, which is hashed because a password or a token may be in it."""
    return hashlib.sha256(url.encode()).hexdigest() + "-url"


def _warn(kept: dict[str, JSON], source: Source, document: Document, summarize: Summarize) -> None:
    try:
        what = summarize(Document(kept, source.name, source.url), document)
    except DynclientError as error:  # the older version could not be used either
        _logger.debug("the versions of %s cannot be compared: %s", source.name, error)
        return
    message = f"the document at {source.name} has changed since it was last read: {what}"
    warnings.warn(message, DocumentChanged, stacklevel())
