"""Documents at URLs: fetched again only when they have changed, and what has changed is told."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Mapping, Sequence

from dynclient.cache import Cache, key_of
from dynclient.document import Document, parse
from dynclient.errors import DocumentChanged, DynclientError, stacklevel
from dynclient.limits import LIMITS, Limits
from dynclient.resources import AllowedRefs
from dynclient.sources import NO_HEADERS, Source, fetch
from dynclient.types import JSON

_logger = logging.getLogger(__name__)


def open_published(
    url: str,
    allow_refs: AllowedRefs = (),
    *,
    overlays: Sequence[Source] = (),
    cache: Cache | None = None,
    limits: Limits = LIMITS,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Document:
    """
    The document at a URL.

    With a `cache` the server is asked whether the version that was kept still holds (RFC 9110 §13.1), and it is warned
    of a new one: what changed of its servers, its security and its operations.

    Raises:
        DocumentError: it cannot be fetched or read.
    """
    remembered = cache.find(_name(url)) if cache else None
    kept = cache.find(remembered["key"]) if cache and remembered else None
    if remembered is None or kept is None:
        remembered, kept = {"etag": "", "last_modified": ""}, None
    source = fetch(
        url, etag=remembered["etag"], last_modified=remembered["last_modified"], limits=limits, headers=headers
    )
    if source is None:  # still the same
        same = Source(kept or {}, remembered["name"], remembered["name"], was_kept=True)
        return parse(same, allow_refs, overlays=overlays, limits=limits, headers=headers)
    document = parse(source, allow_refs, overlays=overlays, cache=cache, limits=limits, headers=headers)
    if cache and isinstance(source.content, bytes):
        key = key_of(source.content)
        if kept is not None and key != remembered["key"]:
            _tell(kept, source, document)
        if cache.find(key) is None and not overlays and not document.problem_count:
            cache.keep(key, document.contents)  # however small, to compare the next version with
        if cache.find(key) is not None:
            validators = {"etag": source.etag, "last_modified": source.last_modified}
            cache.keep(_name(url), {"key": key, "name": source.name, **validators})
    return document


def _name(url: str) -> str:
    """The name of what is remembered of a URL, in which a password or a token may stand."""
    return hashlib.sha256(url.encode()).hexdigest() + "-url"


def _tell(kept: dict[str, JSON], source: Source, document: Document) -> None:
    from dynclient.difference import compare_outlines, summary  # few need it, and none at the start

    try:
        changes = compare_outlines(Document(kept, source.name, source.url), document)
    except DynclientError as error:  # the older one could not be used either
        _logger.debug("the versions of %s cannot be compared: %s", source.name, error)
        return
    what = summary(changes) or "no server, security scheme or operation came, went or moved"
    warnings.warn(
        f"the document at {source.name} has changed since it was last read: {what}", DocumentChanged, stacklevel()
    )
