"""Where a document comes from: a path, a URL, text, bytes, an open file, a mapping, or the name of a bundled one."""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias, cast
from urllib.parse import unquote, urljoin, urlsplit

from dynclient.documents.limits import LIMITS, Limits
from dynclient.errors import DocumentError, either
from dynclient.support import Told, near, no_progress, type_name
from dynclient.types import JSON

DocumentSource: TypeAlias = "str | bytes | os.PathLike[str] | Mapping[str, JSON] | IO[str] | IO[bytes]"

NO_HEADERS: Mapping[str, str] = {}

FETCH_SECONDS = 60.0
"""How long fetching a document may take, with redirects."""

_MAX_REDIRECTS = 5
_GZIP = b"\x1f\x8b"
_SUFFIXES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Source:
    """
    A loaded document: its text or data, and the path, URL or name it came from.

    Attributes:
        content: its text as bytes, or its data.
        name: the path, URL or name it came from.
        url: its URL, if it has one.
        file_uri: the URI of its file, "" for none; references to other files are relative to it.
        etag: the server's name for this version (RFC 9110 §8.8.3).
        last_modified: the server's date of this version (RFC 9110 §8.8.2).
        stamp: the size and the modification time of its file; None if it cannot be read again.
        was_kept: whether its data comes from the cache.
        limits: the limits it was read with.
    """

    content: bytes | Mapping[str, JSON]
    name: str
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    file_uri: str = field(default="", compare=False)
    stamp: tuple[int, int] | None = field(default=None, compare=False)
    was_kept: bool = field(default=False, compare=False)
    limits: Limits = field(default=LIMITS, compare=False)

    def lightened(self) -> Source:
        """Return the same without content if that can be read again; it is kept for later errors."""
        return self if self.stamp is None else replace(self, content=b"")

    def text(self) -> bytes | None:
        """Return the text as it was loaded; None if it was data, or its file has changed or is gone."""
        if isinstance(self.content, Mapping):
            return None
        if self.content or self.stamp is None:
            return self.content
        try:
            again = _read(Path(self.name), self.limits)
        except DocumentError:
            return None
        return cast(bytes, again.content) if again.stamp == self.stamp else None


def load(source: DocumentSource, limits: Limits = LIMITS, headers: Mapping[str, str] = NO_HEADERS) -> Source:
    """
    Return the document's bytes or mapping, and where they came from. Gzip is decompressed.

    Text is the document itself if it has a line break or begins with a brace, a URL if it begins with http://, https://
    or file://, else a path; if there is no such file, the name of a bundled document. An open file is anything with
    `read`, such as `sys.stdin` or the answer of an HTTP library. `headers` go with the request for a URL.

    Raises:
        DocumentError: it cannot be read, is too large, or is none of these.
    """
    if isinstance(source, Mapping):
        return Source(source, "mapping")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return Source(_content(bytes(source), "text", limits), "text")
    if hasattr(source, "read"):
        return _read_stream(cast("IO[str] | IO[bytes]", source), limits)
    if isinstance(source, str):
        if "\n" in source or source.lstrip("\ufeff \t\r").startswith("{"):
            return Source(_content(_encoded(source), "text", limits), "text")
        if not source.strip():
            raise DocumentError("the text is empty: give a path, a URL or the document itself")
        scheme, found, _ = source.partition("://")
        if found and scheme.lower() in ("http", "https"):
            return cast(Source, fetch(source, limits=limits, headers=headers))
        if found and scheme.lower() == "file":
            return _read(_file_path(source), limits)
        if found and scheme.isalpha():
            raise DocumentError(f"{scheme} URLs are not read, only http, https and file", public_url(source))
    if isinstance(source, (str, os.PathLike)):
        return _read(source, limits)
    raise DocumentError(f"a document is a path, a URL, a mapping, text, bytes or an open file, not {type_name(source)}")


def bundled() -> dict[str, Path]:
    """Return the documents that come with dynclient, by name."""
    package = Path(__file__).parents[1]
    # A wheel has them inside the package; a checkout and an editable install have them beside it.
    for folder in (package / "spec", package.parent / "spec"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    limits: Limits = LIMITS,
    headers: Mapping[str, str] = NO_HEADERS,
    progress: Told = no_progress,
) -> Source | None:
    """
    Return the document at a URL; None if it is still the version that `etag` or `last_modified` names.

    Redirects are followed only inside the URL's own origin. `headers`, and a user and password in the URL, go only to
    that origin and are never shown. Proxies and certificates are those of the environment. `progress` is called after
    each piece.

    Raises:
        DocumentError: it cannot be fetched in time, is too large, or is at another origin.
    """
    from requests.utils import get_auth_from_url

    from dynclient.documents.fetching import get

    name = public_url(url)
    auth = get_auth_from_url(url) if "@" in url else None
    asked = {
        "Accept": "application/json, application/yaml, */*;q=0.5",
        **headers,
        "Accept-Encoding": "gzip",
        **({"If-None-Match": etag} if etag else {}),
        **({"If-Modified-Since": last_modified} if last_modified else {}),
    }
    ends = time.monotonic() + FETCH_SECONDS
    target = _without_user(url, name)
    for _ in range(_MAX_REDIRECTS + 1):
        seconds = max(ends - time.monotonic(), 0)
        answer = get(target, name, headers=asked, auth=auth, limits=limits, seconds=seconds, progress=progress)
        if answer.status == 304 and (etag or last_modified):
            return None
        if answer.status == 200:
            content = _decompressed_answer(answer.content, answer.headers.get("Content-Encoding", ""), name, limits)
            shown = public_url(target)
            etag, last_modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
            return Source(content, shown, shown, etag=etag, last_modified=last_modified)
        location = answer.headers.get("Location")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            raise DocumentError(f"the server answered {answer.status}{_STATUS_HINT.get(answer.status, '')}", name)
        target = _redirected(answer.status, target, location, name)
    raise DocumentError(f"the server answered with more than {_MAX_REDIRECTS} redirects", name)


_STATUS_HINT = {
    401: "; it asks for a login: document_headers={'Authorization': ...}, or https://user:password@host/",
    403: "; it may ask for a key: document_headers={...}",
    404: ", there is nothing at this URL",
}


def _redirected(status: int, url: str, location: str, name: str) -> str:
    """Where a redirect leads, if that is in the same origin; another origin may be anyone."""
    try:
        target = _without_user(urljoin(url, location), name)
        same = origin(target) == origin(url)
    except (ValueError, DocumentError):
        same = False
    if not same:
        raise DocumentError(
            f"the server answered {status} and points to {public_url(location)}. That is not followed, as it is"
            " another origin; give that URL if it is right",
            name,
        )
    return target


def _without_user(url: str, name: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise DocumentError("cannot be fetched: there can be no such URL", name) from None
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def origin(url: str) -> tuple[str, str, int | None]:
    """
    Return scheme, host and port of a URL (RFC 6454 §4).

    >>> origin("https://API.test/a") == origin("https://api.test:443/b")
    True

    Raises:
        ValueError: it has none.
    """
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def public_url(url: str) -> str:
    """
    Return the URL as it may be shown: without a password, and without a query, which may hold a token.

    >>> public_url("https://user:secret@api.test/v1?token=secret")
    'https://api.test/v1'
    """
    scheme, found, rest = url.partition("#")[0].partition("?")[0].partition("://")
    if not found:
        return scheme
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _file_path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise DocumentError("a file URL names a file of this machine: file:///path", public_url(url))
    return Path(unquote(parts.path))


def _read_stream(stream: IO[str] | IO[bytes], limits: Limits) -> Source:
    given = getattr(stream, "name", None)
    name = given if isinstance(given, str) else "stream"
    url = getattr(stream, "url", None)
    url = public_url(url) if isinstance(url, str) and url.startswith(("http://", "https://")) else ""
    name = url or name
    if stream is sys.stdin:  # its own encoding is the terminal's
        stream = getattr(stream, "buffer", stream)
    pieces: list[bytes] = []
    size = 0
    try:
        # Not every reader returns at once all that is asked for.
        while size <= limits.size and (piece := stream.read(limits.size + 1 - size)):
            pieces.append(_encoded(piece) if isinstance(piece, str) else bytes(piece))
            size += len(pieces[-1])
    except Exception as error:  # closed, opened as text with another encoding, or whatever the caller's reader raises
        raise DocumentError(f"cannot be read: {str(error) or type(error).__name__}", name) from error
    return Source(_content(b"".join(pieces), name, limits), name, url)


def _read(source: str | os.PathLike[str], limits: Limits) -> Source:
    path = Path(source)
    named = bundled()
    if isinstance(source, str) and source in named and not path.is_file():
        path = named[source]
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(limits.size + 1)
    except FileNotFoundError as error:
        raise DocumentError(f"there is no such file{_near_names(path, named)}", str(source)) from error
    except IsADirectoryError as error:
        raise DocumentError(f"is a folder{_documents_in(path)}", str(source)) from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}", str(source)) from error
    except ValueError as error:  # a NUL in the name
        raise DocumentError(f"isn't a path: {error}", repr(source)) from error
    # A pipe, such as a shell's <(...), can be read only once.
    stamp = (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
    content = _content(content, str(path), limits)
    return Source(content, str(path), file_uri=path.absolute().as_uri(), stamp=stamp, limits=limits)


def _near_names(path: Path, named: Mapping[str, Path]) -> str:
    """Similar names in the same folder and among the bundled documents."""
    meant = near(path.name, [*_names_in(path.parent), *named])
    hint = f". Did you mean {either(meant)}?" if meant else ""
    if not path.parent.is_dir():
        hint = f", nor a folder {str(path.parent)!r}"
    return f"{hint} (bundled documents: {', '.join(named) or 'none'})"


def _documents_in(path: Path) -> str:
    documents = sorted(name for name in _names_in(path) if name.endswith(_SUFFIXES))[:3]
    return f"; name the file in it, such as {', '.join(map(repr, documents))}" if documents else ", not a file"


def _names_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in islice(entries, 1000)]
    except OSError:
        return []


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON accepts a lone surrogate, YAML says where it is


def _decompressed_answer(content: bytes, encoding: str, name: str, limits: Limits) -> bytes:
    # Only gzip was asked for; x-gzip is its other name (RFC 9110 §8.4.1.3).
    if encoding.lower() not in ("", "identity", "gzip", "x-gzip"):
        raise DocumentError(f"the server sent it in the encoding {encoding!r}, which was not asked for", name)
    if encoding.lower().endswith("gzip") and not content.startswith(_GZIP):
        raise DocumentError("the server says that it is compressed with gzip, and it is not", name)
    return _content(content, name, limits)


def _content(content: bytes, name: str, limits: Limits) -> bytes:
    """The content, decompressed if it is gzip, and limited in size in both forms."""
    content = _bounded(content, name, limits)
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            return _bounded(file.read(limits.size + 1), name, limits)
    except (OSError, EOFError, zlib.error) as error:
        raise DocumentError(f"cannot be decompressed: {error}", name) from error


def _bounded(content: bytes, name: str, limits: Limits) -> bytes:
    if len(content) > limits.size:
        raise DocumentError(limits.exceeded(), name)
    return content
