"""
Bodies that are read while they are sent: files, pipes and iterators, alone or as parts of a body.

requests and urllib3 send a body that cannot be read again as an empty one, trust whatever `len` or `fileno` say, and
report an error of the body's source as a network error. A body here knows its length or says that it does not, is read
from where it stood when the call was prepared, and never ends early without an error.
"""

from __future__ import annotations

import contextlib
import copy
import os
import stat
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from dynclient.wire.files import Content
from dynclient.wire.unwritable import Unwritable

CHUNK = 1 << 16
"""How many bytes of a file are held at a time."""

# These must decompress everything to find the end.
_DECOMPRESSORS = frozenset({"bz2", "compression", "gzip", "lzma", "zipfile"})
_GONE = "was read before, and cannot be read again: open it anew, or give a path or bytes"

# Streams that were read and cannot go back, by id: a second call would send the rest of one, or nothing.
_READ: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


class BodyError(Exception):
    """A body broke off while it was sent; `__cause__` is the error of its source."""


class Source(Protocol):
    """Where bytes come from; `length` is their number, or None if that is not known before they are read."""

    @property
    def length(self) -> int | None: ...

    def check(self) -> None:
        """Raise Unwritable if it can no longer be read as when it was given."""

    def restore(self) -> None:
        """Set what the caller gave back to where it stood."""

    def __iter__(self) -> Iterator[Any]: ...


class Upload:
    """
    A body of bytes and sources, one after the other. Each iteration yields it from its beginning, in pieces.

    No piece is empty: in a chunked transfer an empty piece would end the body.

    Attributes:
        length: the number of bytes; None if some source does not know its own. The body is then sent in chunks.

    Raises:
        Unwritable: a source that can be read only once stands in several places.
    """

    def __init__(self, pieces: Sequence[bytes | Source]) -> None:
        self._pieces = pieces
        self._told: Callable[[int], object] | None = None
        self._sources = [piece for piece in pieces if not isinstance(piece, bytes)]
        once = [id(source.content) for source in self._sources if isinstance(source, _Once)]
        if len(once) != len(set(once)):
            raise Unwritable("a stream that can be read only once cannot be sent twice: read it, and give the bytes")
        lengths = [len(piece) if isinstance(piece, bytes) else piece.length for piece in pieces]
        known = [length for length in lengths if length is not None]
        self.length = sum(known) if len(known) == len(lengths) else None

    def __repr__(self) -> str:
        return f"<Upload of {'unknown length' if self.length is None else f'{self.length} bytes'}>"

    @property
    def len(self) -> int:
        """The length, for requests; without this attribute, requests takes the length as unknown."""
        if self.length is None:
            raise AttributeError("len")
        return self.length

    def announce(self, length: int) -> None:
        """Set the length of a body whose length was unknown; a body of another length is then an error."""
        if self.length is None:
            self.length = length

    def watched(self, told: Callable[[int], object]) -> Upload:
        """Return the same body; with each piece that was sent, it calls `told` with the number of bytes so far."""
        same = copy.copy(self)
        same._told = told
        return same

    def check(self) -> None:
        """
        Check that the whole body can be read, from its beginning.

        Raises:
            Unwritable: a source was read and cannot go back, was closed, or is no longer as long as it was.
        """
        for source in self._sources:
            source.check()

    def restore(self) -> None:
        """Set open files back to where they stood, so that the same call can be made again."""
        for source in self._sources:
            source.restore()

    def __iter__(self) -> Iterator[bytes]:
        """
        Yield the pieces of the body.

        Raises:
            BodyError: a source fails, yields something other than bytes, or yields more or fewer bytes than it should.
                The last bytes are then held back, so that no server takes what it got for the whole body.
        """
        try:
            self.check()
        except Unwritable as error:
            raise BodyError(error.message) from error
        pieces = _exactly(self._read(), self.length)
        return pieces if self._told is None else _counted(pieces, self._told)

    def _read(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from _exactly(_guarded(piece), piece.length)


def source(content: Content, encoding: str = "utf-8") -> Source:
    """
    Return the source for a path, an open file or an iterator. Nothing is read here; a path is opened for each reading.

    Args:
        content: the path, file or iterator.
        encoding: the encoding for text from an iterator.

    Raises:
        Unwritable: there is no such file, it is closed, or it may not be read.
    """
    if isinstance(content, os.PathLike):
        return _Path(content)
    if isinstance(content, Iterator) and not hasattr(content, "read"):
        return _Once(content, "iterator", _encoded(content, encoding))
    if getattr(content, "closed", False) is True:
        raise Unwritable("the file is closed: give it open, or its path")
    start = _position(content)
    return _Once(content, "stream", _chunks(content)) if start is None else _OpenFile(content, start)


class _Path:
    def __init__(self, path: os.PathLike[str] | os.PathLike[bytes]) -> None:
        self._path = path
        self.length = self._measured()

    def check(self) -> None:
        _compare(self.length, self._measured())

    def restore(self) -> None:
        """Nothing to do: the caller gave no open file."""

    def __iter__(self) -> Iterator[bytes]:
        with open(self._path, "rb", buffering=0) as file:
            yield from _chunks(file)

    def _measured(self) -> int | None:
        """The size of a file that may be read; None for a pipe or device, which opening could change."""
        try:
            mode = os.stat(self._path).st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # opening a directory raises the right error
                with open(self._path, "rb", buffering=0) as file:
                    return _remaining(file, 0)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Unwritable(f"{os.fsdecode(self._path)!r} cannot be read: {reason}") from error
        return None


class _OpenFile:
    """An open file that can be read again."""

    def __init__(self, content: Any, start: int) -> None:
        self._content = content
        self._start = start
        self.length = _remaining(content, start)

    def check(self) -> None:
        try:
            self._content.seek(self._start)
        except (OSError, ValueError) as error:
            raise Unwritable("the file was closed, or cannot go back to where it stood") from error
        _compare(self.length, _remaining(self._content, self._start))

    def restore(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed in the meantime
            self._content.seek(self._start)

    def __iter__(self) -> Iterator[bytes]:
        self._content.seek(self._start)  # another part may have read the same file
        yield from _chunks(self._content)


class _Once:
    """Content that can be read only once; `items` are the pieces that it yields."""

    length = None

    def __init__(self, content: Any, name: str, items: Iterator[Any]) -> None:
        self.content = content
        self._name = name
        self._items = items
        self._was_read = False

    def check(self) -> None:
        if self._was_read or _READ.get(id(self.content)) is self.content:
            raise Unwritable(f"the {self._name} {_GONE}")

    def restore(self) -> None:
        """Nothing to do: it cannot go back."""

    def __iter__(self) -> Iterator[Any]:
        self._was_read = True
        with contextlib.suppress(TypeError):  # some classes do not permit weak references
            _READ[id(self.content)] = self.content
        return self._items


def _encoded(content: Iterator[Any], encoding: str) -> Iterator[Any]:
    """The items of an iterator, its texts as bytes."""
    is_empty = True
    for item in content:
        is_empty = False
        yield item.encode(encoding) if isinstance(item, str) else item
    if is_empty:  # an earlier call may have read it; `_READ` cannot hold a map() and the like
        raise BodyError('the iterator gave nothing, as one does that was read before; an empty body is b""')


def _chunks(content: Any) -> Iterator[Any]:
    while (chunk := content.read(CHUNK)) is None or chunk:
        yield chunk


def _guarded(source: Source) -> Iterator[bytes]:
    """The items of a source as bytes, without empty ones; its errors become BodyError, unlike network errors."""
    try:
        for item in source:
            if isinstance(item, str):
                raise BodyError('the file gives text, not bytes: open it with "rb"')
            if not isinstance(item, bytes | bytearray | memoryview):
                raise BodyError(f"its source gives {type(item).__name__}, not bytes")
            if len(item):
                yield bytes(item)
    except BodyError:
        raise
    except Exception as error:
        raise BodyError(f"its source raised {type(error).__name__}") from error


def _exactly(pieces: Iterator[bytes], length: int | None) -> Iterator[bytes]:
    """
    The pieces, if they are as long as they should be.

    The last is held back until the end is seen, because a server acts as soon as it has all the promised bytes.
    """
    if length is None:
        yield from pieces
        return
    given = 0
    held = b""
    for piece in pieces:
        given += len(piece)
        if given > length:
            break
        if held:
            yield held
        held = piece
    if given != length:
        raise BodyError(f"there were {length} bytes to send, and {'more' if given > length else f'only {given}'} came")
    if held:
        yield held


def _counted(pieces: Iterator[bytes], told: Callable[[int], object]) -> Iterator[bytes]:
    """The pieces, none of them large; one was sent when the next is asked for."""
    sent = 0
    for piece in pieces:
        for start in range(0, len(piece), CHUNK):
            part = piece[start : start + CHUNK]
            yield part
            sent += len(part)
            told(sent)


def _compare(length: int | None, now: int | None) -> None:
    if length != now:
        raise Unwritable(f"the file has changed: it had {length} bytes when the call was prepared, and now has {now}")


def _position(content: Any) -> int | None:
    """The position of an open file; None if the file cannot go back to it."""
    try:
        if not getattr(content, "seekable", lambda: True)():
            return None
        position: int = content.tell()
        content.seek(position)
        return position
    except (AttributeError, OSError, ValueError):
        return None


def _remaining(content: Any, start: int) -> int | None:
    """The number of bytes from `start` on. `len` or `fileno` could mean something else."""
    if any(kind.__module__.partition(".")[0] in _DECOMPRESSORS for kind in type(content).__mro__):
        return None
    try:
        content.seek(0, os.SEEK_END)
        end: int = content.tell()
        content.seek(start)
        is_endless = end <= start and content.read(1)  # files of the kernel, such as /proc/cpuinfo and /dev/zero
        content.seek(start)
    except (OSError, ValueError, TypeError):
        return None
    return None if is_endless else max(0, end - start)
