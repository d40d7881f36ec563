"""Media types as text (RFC 9110 §8.3.1): what kind one is of, its parameters, and whether one matches a range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType


@lru_cache(maxsize=1000)
def essence(media_type: str) -> str:
    """
    Return a media type without its parameters, in lower case.

    >>> essence("Application/JSON; charset=UTF-8")
    'application/json'
    """
    return media_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=1000)
def is_json(media_type: str) -> bool:
    """Whether the media type is JSON: by name, or by the suffix of RFC 6839."""
    name = essence(media_type)
    return name in ("application/json", "text/json") or name.endswith("+json")


@lru_cache(maxsize=1000)
def type_parameters(content_type: str) -> Mapping[str, str]:
    r"""
    Return the parameters of a Content-Type, by their names in lower case (RFC 9110 §8.3.1).

    >>> dict(type_parameters('text/plain; Charset="utf-8"; a="b;c=\\"d"; ;'))
    {'charset': 'utf-8', 'a': 'b;c="d'}
    """
    found = _PARAMETER.findall(content_type)
    return MappingProxyType(
        {name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else bare.strip() for name, quoted, bare in found}
    )


def is_form(media_type: str) -> bool:
    """Whether the media type is that of a form without files."""
    return essence(media_type) == "application/x-www-form-urlencoded"


def is_multipart(media_type: str) -> bool:
    """Whether the media type is one of several parts."""
    return essence(media_type).startswith("multipart/")


@lru_cache(maxsize=1000)
def is_xml(media_type: str) -> bool:
    """Whether the media type is XML: by name, or by the suffix (RFC 7303 §9.1, §4.2)."""
    name = essence(media_type)
    return name in ("application/xml", "text/xml") or name.endswith("+xml")


def xml_encoding(text: str) -> str:
    """
    Return the encoding that XML declares for itself; "" for none (XML 1.0 §4.3.3, RFC 7303 §3).

    >>> xml_encoding('<?xml version="1.0" encoding="latin-1"?><a/>')
    'latin-1'
    """
    found = _XML_ENCODING.match(text)
    return found[1] if found else ""


def is_text(media_type: str) -> bool:
    """Whether the media type is text that is neither JSON nor a form: text/*, and XML."""
    name = essence(media_type)
    return (name.startswith("text/") and not is_json(name)) or is_xml(name)


def is_wildcard_of_json(media_type: str) -> bool:
    """Whether the media type is a wildcard under which data is sent as JSON, and text and files unchanged."""
    return "*" in essence(media_type) and fits("application/json", media_type)


def is_merge_patch(name: str) -> bool:
    """Whether null in a body of this media type removes a member (RFC 7396)."""
    return essence(name).endswith("merge-patch+json")


def charset(content_type: str) -> str:
    """Return the charset that a content type names, or UTF-8."""
    named = _CHARSET.search(content_type)
    return named[1] if named else "utf-8"


@lru_cache(maxsize=1000)
def fits(name: str, declared: str) -> bool:
    """Whether a media type is the declared one, or matches a declared wildcard."""
    kind, _, subtype = essence(declared).partition("/")
    own_kind, _, own_subtype = essence(name).partition("/")
    return kind in ("*", own_kind) and subtype in ("*", own_subtype)


_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


_XML_ENCODING = re.compile(r"<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([A-Za-z][\w.-]*)[\"']")


_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))')
