"""Where a document comes from: a path, a URL, text, bytes, an open file, a mapping, or the name of a bundled one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias, cast

from dynclient.errors import DocumentError
from dynclient.types import JSON

DocumentSource: TypeAlias = "str | bytes | os.PathLike[str] | Mapping[str, JSON] | IO[str] | IO[bytes]"

MAX_BYTES = 64 * 1024 * 1024
"""The most that is read of one document; the largest published ones are about 13 MB."""

_FETCH_TIMEOUT = (5, 30)


@dataclass(frozen=True, slots=True)
class Source:
    """
    A loaded document: its text, or its data where it was given as data, and the path, URL or name it came from.

    `file_uri` is the URI of the file it was read from, "" for none; references to other files are relative to it.
    """

    content: bytes | Mapping[str, JSON]
    name: str
    url: str = ""
    file_uri: str = field(default="", compare=False)


def load(source: DocumentSource) -> Source:
    """
    Return the document's bytes (or mapping) and where they came from.

    A text is taken as the document itself when it holds a line break or begins with a brace, as a URL when it begins
    with http:// or https://, else as a path, and where no such file is, as the name of a bundled document.

    Raises:
        DocumentError: it cannot be read, is too large, or is none of these.
    """
    if isinstance(source, Mapping):
        return Source(source, "mapping")
    if isinstance(source, (bytes, bytearray)):
        return Source(_bounded(bytes(source), "text"), "text")
    if hasattr(source, "read"):
        stream = cast("IO[str] | IO[bytes]", source)
        name = str(getattr(stream, "name", "stream"))
        try:
            content = stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:  # closed, or opened as text of another encoding
            raise DocumentError(f"cannot be read: {error}", name) from error
        return Source(_bounded(_encoded(content) if isinstance(content, str) else content, name), name)
    if isinstance(source, str):
        if "\n" in source or source.lstrip().startswith("{"):
            return Source(_bounded(_encoded(source), "text"), "text")
        if not source.strip():
            raise DocumentError("the text is empty: give a path, a URL or the document itself")
        if source.lower().startswith(("http://", "https://")):
            public = _public(source)
            return Source(_fetch(source, public), public, url=public)
    if isinstance(source, (str, os.PathLike)):
        return _read(source)
    raise DocumentError(
        f"a document is a path, a URL, a mapping, text, bytes or an open file, not {type(source).__name__}"
    )


def bundled() -> dict[str, Path]:
    """The documents that come with dynclient, by name."""
    package = Path(__file__).parent
    # A wheel carries them inside the package; a checkout and an editable install have them beside it.
    for folder in (package / "spec", package.parent / "spec"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def _read(source: str | os.PathLike[str]) -> Source:
    path = Path(source)
    named = bundled()
    if isinstance(source, str) and source in named and not path.is_file():
        path = named[source]
    try:
        with path.open("rb") as file:
            content = _bounded(file.read(MAX_BYTES + 1), str(path))
            return Source(content, str(path), file_uri=path.absolute().as_uri())
    except OSError as error:
        if isinstance(source, str) and "://" in source:
            message = "only http:// and https:// URLs are read; a file is given by its path"
            raise DocumentError(message, _public(source)) from None
        names = ", ".join(named) or "none"
        raise DocumentError(
            f"cannot be read: {error.strerror or error}. Bundled documents: {names}", str(source)
        ) from error
    except ValueError as error:  # a NUL in the name
        raise DocumentError(f"is no path: {error}", repr(source)) from error


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # JSON reads a lone surrogate, YAML says where it stands


def _public(url: str) -> str:
    """The URL as it may be shown and built upon: without a password, and without a query, where a token may stand."""
    scheme, _, rest = url.partition("#")[0].partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _fetch(url: str, name: str) -> bytes:
    import requests

    with requests.Session() as session:
        session.trust_env = False  # a .netrc entry would send the user's password with it
        try:
            with session.get(url, timeout=_FETCH_TIMEOUT, stream=True, allow_redirects=False) as answer:
                if answer.status_code != 200:
                    where = answer.headers.get("Location")
                    hint = f" and points to {where}" if where else ""
                    raise DocumentError(f"the server answered {answer.status_code}{hint}", name)
                content = bytearray()
                for chunk in answer.iter_content(64 * 1024):
                    content += chunk
                    if len(content) > MAX_BYTES:
                        break
                return _bounded(bytes(content), name)
        except requests.RequestException as error:
            # Not its own words: they repeat the whole URL.
            raise DocumentError(f"cannot be fetched ({type(error).__name__})", name) from None


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise DocumentError(f"is larger than {MAX_BYTES // 2**20} MiB", name)
    return content
