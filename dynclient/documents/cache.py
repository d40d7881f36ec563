"""
Parsed documents kept on disk as JSON, so that the next start need not parse them again.

A file holds one document: a line with the checksum of everything after it and the length of the header; the header,
which is the document without its parts (path items and components); and the parts, each read when it is asked for. A
file is verified as a whole before it is used. Nothing here fails: what cannot be read or written counts as not cached,
because the document itself still exists.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import stat
import tempfile
import threading
import time
import weakref
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dynclient.errors import DocumentError
from dynclient.types import JSON
from dynclient.version import __version__

MAX_FILES = 200
"""How many files the cache holds; the least recently used are removed first."""

_logger = logging.getLogger(__name__)

_FORMAT = 1
_MAGIC = b"dynclient"
_PIECE = 1024 * 1024
_SUFFIX = ".json"
_ABANDONED = 3600  # seconds after which a half-written file is abandoned


class Cache:
    """The documents in one folder, to which only its owner can write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> dict[str, JSON] | None:
        """
        Return what was kept under `key`, or None.

        Its path items and components are mappings that read each member when it is asked for.
        """
        path = self._path(key)
        try:
            file = _File(path)
            found = _read(file)
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            _logger.debug("the cached document %s cannot be used: %r", path, error)
            return None
        return found

    def keep(self, key: str, contents: Mapping[str, JSON]) -> None:
        """Keep `contents` under `key`; a reader sees all of it or nothing."""
        try:
            _require_own(self.folder)
            text = _written(contents)
            descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=f"{key[:16]}-", suffix=".tmp")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())  # else a power cut may leave the name without the content
                os.replace(name, self._path(key))
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
            self._trim()
        except (OSError, ValueError, TypeError, RecursionError) as error:
            _logger.debug("the document is not kept in %s: %r", self.folder, error)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _trim(self) -> None:
        kept: list[tuple[float, str]] = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # another process may remove it at the same time
                    used = entry.stat(follow_symlinks=False).st_mtime
                    if entry.name.endswith(_SUFFIX):
                        kept.append((used, entry.path))
                    elif entry.name.endswith(".tmp") and time.time() - used > _ABANDONED:
                        os.unlink(entry.path)
        for _, path in sorted(kept)[: max(0, len(kept) - MAX_FILES)]:
            with contextlib.suppress(OSError):
                os.unlink(path)


class Parts(Mapping[str, JSON]):
    """The members of a part of a cached document, each parsed when it is first asked for."""

    def __init__(self, file: _File, places: Mapping[str, tuple[int, int]]) -> None:
        self._file = file
        self._places = places
        self._read: dict[str, JSON] = {}

    def __getitem__(self, key: str) -> JSON:
        if key not in self._read:
            self._read[key] = self._file.parsed(*self._places[key])
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __reduce__(self) -> tuple[type[dict[str, JSON]], tuple[dict[str, JSON]]]:
        """A copy, or a pickle, needs no file."""
        return dict, (dict(self),)

    def __repr__(self) -> str:
        return f"<{len(self)} parts of a kept document>"


def default_cache() -> Cache | None:
    """
    Return the cache in the user's own cache folder, which is made if it does not exist.

    None if DYNCLIENT_NO_CACHE is set, if the folder cannot be made, or if others could write to it.
    """
    if os.environ.get("DYNCLIENT_NO_CACHE"):
        return None
    import platformdirs

    folder = platformdirs.user_cache_path("dynclient", appauthor=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _require_own(folder)
    except OSError as error:
        _logger.debug("no document is kept: %r", error)
        return None
    return Cache(folder)


def key_of(content: bytes) -> str:
    """Return the key for the document with this text and this version of dynclient."""
    return hashlib.sha256(f"{__version__} {_FORMAT} ".encode() + content).hexdigest()


class _File:
    """An open file, which stays readable when it is removed or replaced."""

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        # A link could lead to someone else's file.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(path, flags)
        self._lock = threading.Lock()
        weakref.finalize(self, os.close, self._descriptor)

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes."""
        if hasattr(os, "pread"):  # processes after a fork share the position of the file
            return os.pread(self._descriptor, length, offset)
        with self._lock:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, length)

    def parsed(self, offset: int, length: int) -> JSON:
        try:
            return json.loads(self.read(offset, length))
        except (OSError, ValueError) as error:  # it was whole when it was opened
            raise DocumentError("the kept document was damaged while in use; load it again", self._name) from error


def _read(file: _File) -> dict[str, JSON]:
    """
    The document in a file.

    Raises:
        ValueError: the file is damaged, or not ours.
    """
    line = file.read(0, 100).partition(b"\n")[0]
    magic, checksum, header_length = line.split(b" ")
    start = len(line) + 1
    if magic != _MAGIC or int(checksum, 16) != _checksum(file, start):
        raise ValueError("the checksum is wrong")
    first = start + int(header_length)
    header = json.loads(file.read(start, int(header_length)))
    contents: dict[str, JSON] = header["contents"]
    for *way, places in header["parts"]:
        holder = contents
        for step in way[:-1]:
            holder = holder[step]
        holder[way[-1]] = Parts(file, {name: (first + offset, length) for name, (offset, length) in places.items()})
    return contents


def _checksum(file: _File, offset: int) -> int:
    checksum = 0
    while piece := file.read(offset, _PIECE):
        checksum = zlib.crc32(piece, checksum)
        offset += len(piece)
    return checksum


def _written(contents: Mapping[str, JSON]) -> bytes:
    skeleton: dict[str, JSON] = dict(contents)
    described: list[list[JSON]] = []
    texts: list[bytes] = []
    offset = 0
    for way in _ways(contents):
        holder = skeleton
        for step in way[:-1]:
            holder[step] = dict(holder[step])  # the caller's own stays as it is
            holder = holder[step]
        places = {}
        for name, part in holder[way[-1]].items():
            text = _text(part)
            places[name] = (offset, len(text))
            offset += len(text)
            texts.append(text)
        holder[way[-1]] = None  # keeps its place among the others
        described.append([*way, places])
    header = _text({"contents": skeleton, "parts": described})
    body = b"".join([header, *texts])
    return b"%s %08x %d\n%s" % (_MAGIC, zlib.crc32(body), len(header), body)


def _ways(contents: Mapping[str, JSON]) -> Iterator[tuple[str, ...]]:
    """The places of the mappings with many members."""
    for name, value in contents.items():
        if not isinstance(value, Mapping):
            continue
        if name in ("paths", "webhooks", "definitions"):
            yield (name,)
        elif name == "components":
            yield from ((name, section) for section, members in value.items() if isinstance(members, Mapping))


def _text(value: JSON) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _require_own(folder: Path) -> None:
    """
    Make sure that only this user can have written to the folder.

    Raises:
        PermissionError: others could.
    """
    if hasattr(os, "getuid"):  # elsewhere folders have other means
        found = os.lstat(folder)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise PermissionError(f"others can write to {folder}")
