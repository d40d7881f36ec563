"""
The files and URLs of a document: the one it came from, and those that its references lead to.

A document from a path may refer to files in its own folder, one from a URL to URLs of its own origin; anything else
needs permission. What is refused is neither opened nor requested.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast
from urllib.parse import quote, unquote, urljoin, urlsplit

from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.parsing import parse_text
from dynclient.documents.sources import NO_HEADERS, load, origin
from dynclient.errors import DocumentError
from dynclient.support import renewed
from dynclient.types import JSON

AllowedRefs: TypeAlias = "Iterable[str | os.PathLike[str]]"

MAX_RESOURCES = 5_000
MAX_TOTAL_BYTES = 512 * 1024 * 1024

_WEB = ("http", "https")
_RESERVED = "%/:?#[]@!$&'()*+,;=~"  # RFC 3986 §2.2; the characters of a reference beside letters, digits and escapes
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Unreachable(Exception):
    """Why a reference leads nowhere, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Resource:
    """
    The data of one file or URL.

    Attributes:
        data: the parsed data.
        location: the URI it was read from, "" for none.
        base: the URI that its references are relative to; the data may name it by `$self` (OpenAPI 3.2 §4.1.2) or `$id`
            (JSON Schema core §8.2.1).
    """

    contents: JSON
    location: str
    base: str


class Library:
    """
    The resources of one document by name, each read once and when first needed.

    The name of the document itself is ""; that of another is its URI, relative to the document's folder if it is in it.
    """

    def __init__(
        self,
        contents: JSON,
        location: str = "",
        allow_refs: AllowedRefs = (),
        limits: Limits = LIMITS,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        location = _spelled(location)
        self._folder = _folder(location)
        self._permissions = _Permissions(location, allow_refs)
        self._limits = limits
        self._headers = headers
        self._kept = {"": Resource(contents, location, _base(contents, location))}
        self._unreachable: dict[str, str] = {}
        self._bytes = 0
        self._lock = renewed(self, "_lock")

    def __getstate__(self) -> dict[str, object]:
        """The headers are not pickled, because they may hold a key."""
        return {name: value for name, value in self.__dict__.items() if name != "_lock"} | {"_headers": NO_HEADERS}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._lock = renewed(self, "_lock")

    def __iter__(self) -> Iterator[str]:
        """Return the names of the resources that were read."""
        return iter(list(self._kept))

    def name(self, uri: str, base: str, referrer: str) -> str:
        """
        Return the name of the resource that an absolute URI means.

        `base` is the URI that it was made absolute with, and `referrer` the name of the resource that refers to it.

        Raises:
            Unreachable: it isn't a URI, or leads from the web to a file.
        """
        here = self.get(referrer).location
        meant = _normal(uri)
        if here and base != here and uri.startswith(_folder(base)) and not self._permissions.hold(meant):
            # A document that names another location, such as its published URL, has here the same neighbours as there.
            meant = _normal(_folder(here) + uri.removeprefix(_folder(base)))
        if meant.startswith("file:") and here.startswith(_WEB):
            raise Unreachable("what comes from a URL may not refer to files")
        root = self._kept[""]
        if meant and meant in (root.location, root.base):
            return ""
        short = meant.removeprefix(self._folder)
        return meant if not short or _ABSOLUTE.match(short) else short

    def get(self, name: str) -> Resource:
        """
        Return the resource with this name, and read it if that was not done.

        Raises:
            Unreachable: it must not or cannot be read, or is neither JSON nor YAML.
        """
        kept = self._kept.get(name)
        if kept is not None:
            return kept
        with self._lock:
            if name not in self._kept and name not in self._unreachable:
                try:
                    self._kept[name] = self._read(name if _ABSOLUTE.match(name) else self._folder + name)
                except Unreachable as error:  # remembered, so that a server that does not answer isn't asked again
                    self._unreachable[name] = str(error)
        if name in self._unreachable:
            raise Unreachable(self._unreachable[name])
        return self._kept[name]

    def _read(self, location: str) -> Resource:
        if len(self._kept) >= MAX_RESOURCES or self._bytes >= MAX_TOTAL_BYTES:
            raise Unreachable(
                f"the document consists of more than {MAX_RESOURCES} files or {MAX_TOTAL_BYTES // 2**20} MiB"
            )
        try:
            source = load(self._permissions.permitted(location), self._limits, self._headers_for(location))
            content = cast(bytes, source.content)
            contents = parse_text(content, source.name, self._limits).data
        except DocumentError as error:
            raise Unreachable(str(error)) from error
        self._bytes += len(content)
        return Resource(contents, location, _base(contents, location))

    def _headers_for(self, location: str) -> Mapping[str, str]:
        """The caller's headers may hold a key, and go only to the document's origin."""
        own = self._kept[""].location
        is_same = own.startswith(_WEB) and location.startswith(_WEB) and origin(own) == origin(location)
        return self._headers if is_same else NO_HEADERS


class _Permissions:
    """The folders, and the beginnings of URLs, that may be read from."""

    def __init__(self, location: str, allow_refs: AllowedRefs) -> None:
        allowed = [allow_refs] if isinstance(allow_refs, (str, os.PathLike)) else list(allow_refs)
        urls = [entry for entry in allowed if isinstance(entry, str) and entry.startswith(("http://", "https://"))]
        folders = [Path(os.path.abspath(entry)) for entry in allowed if entry not in urls]
        if location.startswith("file:"):
            folders.append(_path(location).parent)
        elif location:
            urls.append(urljoin(location, "/"))
        try:
            self._urls = [_normal(url) for url in urls]
        except Unreachable as error:
            raise DocumentError(f"allow_refs: {error}") from error
        self._folders = [*folders, *(folder.resolve() for folder in folders)]

    def hold(self, location: str) -> bool:
        """Whether a URI is inside by its spelling; a link may still lead out."""
        if location.startswith("file:"):
            return self._hold_path(_path(location))
        return any(location == url or location.startswith(_as_folder(url)) for url in self._urls)

    def permitted(self, location: str) -> str | Path:
        """
        Return the URL or the path that a URI means.

        Raises:
            Unreachable: it is not permitted, or there is no such file.
        """
        scheme = urlsplit(location).scheme
        if not scheme:
            raise Unreachable("the document came as text or data, without a place that it could be relative to")
        if scheme not in ("file", *_WEB):
            raise Unreachable(f"nothing is read by {scheme}:")
        if not self.hold(location):
            raise Unreachable(_REFUSALS[scheme])
        if scheme != "file":
            return location
        try:
            real = _path(location).resolve()
            if not self._hold_path(real):
                raise Unreachable(_REFUSALS[scheme])
            if not real.is_file():
                raise Unreachable("there is no such file")
        except RuntimeError as error:  # a loop of links, for which Python 3.13 does not raise
            raise Unreachable("there is no such file") from error
        except OSError as error:
            raise Unreachable("it isn't the path of a file") from error
        return real

    def _hold_path(self, path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in self._folders)


_ORIGIN_REFUSAL = "it leads to another origin than the document's; allow_refs=[url] would permit it"
_REFUSALS = {
    "file": "it leads out of the document's folder; allow_refs=[folder] would permit it",
    "http": _ORIGIN_REFUSAL,
    "https": _ORIGIN_REFUSAL,
}


def resolve_uri(base: str, uri: str) -> str:
    """
    Return the absolute URI of a reference, without its fragment (RFC 3986 §5).

    >>> resolve_uri("https://a.test/x/openapi.yaml", "../models/my pet.yaml#/Pet")
    'https://a.test/models/my%20pet.yaml'

    Raises:
        Unreachable: it isn't a URI.
    """
    try:
        joined = urljoin(base, quote(uri.partition("#")[0], safe=_RESERVED))
    except ValueError as error:
        raise Unreachable("it isn't a URI") from error
    # Python 3.13 loses the root if there are more `..` than folders.
    return joined if urlsplit(uri).scheme else re.sub(r"^file:(?!/)", "file:///", joined)


def _base(contents: JSON, location: str) -> str:
    if not isinstance(contents, Mapping):
        return location
    own = contents.get("$self" if "openapi" in contents else "$id")
    try:
        return resolve_uri(location, own) if isinstance(own, str) else location
    except Unreachable:
        return location


def _folder(uri: str) -> str:
    """
    Return the URI that relative references are resolved against.

    >>> _folder("https://a.test/x/openapi.yaml?v=1/2"), _folder("https://a.test"), _folder("")
    ('https://a.test/x/', 'https://a.test/', '')
    """
    return urljoin(uri, ".") if uri.count("/") > 2 else _as_folder(uri)


def _as_folder(url: str) -> str:
    return url if not url or url.endswith("/") else f"{url}/"


def _spelled(location: str) -> str:
    try:
        return _normal(location)
    except Unreachable:  # it is the user's own, and was read
        return location


def _normal(uri: str) -> str:
    """
    Return the normal spelling of a URI: the path of a file without detours, a URL without a default port.

    Raises:
        Unreachable: it isn't a file or URL that can be read safely.
    """
    parts = urlsplit(uri)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise Unreachable("it names a file of another machine")
        try:
            return Path(os.path.normpath(_path(uri))).as_uri()
        except ValueError as error:  # it is relative
            raise Unreachable("it isn't the path of a file") from error
    if parts.scheme in _WEB:
        if "@" in parts.netloc or not parts.netloc:
            raise Unreachable("a URL in a reference has a host and no password")
        if {".", ".."} & set(re.split(r"[/\\]", unquote(parts.path))):
            raise Unreachable("its path holds '..', which a server may follow out of what is permitted")
        host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
        return parts._replace(netloc=host, path=parts.path or "/", fragment="").geturl()
    return uri


def _path(uri: str) -> Path:
    path = unquote(urlsplit(uri).path)
    if os.name == "nt":  # the drive
        from urllib.request import url2pathname

        path = url2pathname(urlsplit(uri).path)
    if "\0" in path:
        raise Unreachable("it isn't the path of a file")
    return Path(path)
