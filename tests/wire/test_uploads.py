"""Sources of bytes that are read while they are sent: how long they are, and what they cannot do."""

from __future__ import annotations

import gzip
import io
import itertools
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from dynclient.wire.unwritable import Unwritable
from dynclient.wire.uploads import CHUNK, BodyError, Upload, source


class Lying(io.BytesIO):
    """Claims to be longer than it is."""

    len = 99

    def __len__(self) -> int:
        return 99


class OnlyReads:
    """Has nothing but `read`."""

    def __init__(self, *chunks: Any) -> None:
        self.chunks = [*chunks, b""]

    def read(self, size: int = -1) -> Any:
        return self.chunks.pop(0)


class ToldPosition(OnlyReads):
    """Tells where it stands and cannot go there."""

    def tell(self) -> int:
        return 0


class NoEnd(io.BytesIO):
    """Can go back, but not to its end."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        if whence == os.SEEK_END:
            raise OSError
        return super().seek(offset, whence)


class Closable(OnlyReads):
    def seekable(self) -> bool:
        raise OSError("closed")


def spooled(_: Path) -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115  # closed when nothing refers to it
    file.write(b"content")
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("make", "length"),
    [
        (lambda path: path, 7),
        (lambda path: path.open("rb"), 7),
        (lambda path: path.open("rb", buffering=0), 7),
        (spooled, 7),
        (lambda path: io.BytesIO(b"content"), 7),
        (lambda path: Lying(b"content"), 7),
        (lambda path: iter([b"con", b"tent"]), None),
        (lambda path: OnlyReads(b"con", b"tent"), None),
        (lambda path: ToldPosition(b"content"), None),
        (lambda path: Closable(b"content"), None),
        (lambda path: NoEnd(b"content"), None),
    ],
)
def test_lengths(tmp_path: Path, make: Callable[[Path], Any], length: int | None) -> None:
    """What is known without reading, and not by what an object says of itself."""
    path = tmp_path / "a"
    path.write_bytes(b"content")
    content = make(path)
    upload = Upload([source(content)])

    assert (upload.length, getattr(upload, "len", None), b"".join(upload)) == (length, length, b"content")
    if hasattr(content, "close"):
        content.close()


def test_compressed_files(tmp_path: Path) -> None:
    """Their length is that of what they give, for which all would have to be decompressed; it stays unknown."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"content" * 1000))
    with gzip.open(path) as file:
        upload = Upload([source(file)])

        assert (upload.length, [b"".join(upload) for _ in range(2)]) == (None, [b"content" * 1000] * 2)


def test_files_of_the_kernel() -> None:
    """They say that they are empty, and are not."""
    path = Path("/proc/self/cmdline")
    if not path.exists():
        pytest.skip("there is no /proc here")

    upload = Upload([source(path)])

    assert (upload.length, b"".join(upload)) == (None, path.read_bytes())


def test_named_pipes(tmp_path: Path) -> None:
    """Not opened before they are sent, for whoever writes to them would see it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)

    assert stat.S_ISFIFO(path.stat().st_mode)
    assert source(path).length is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (Path("/nowhere/x"), "'/nowhere/x' cannot be read: No such file or directory"),
        (Path("/"), "'/' cannot be read: Is a directory"),
        (Path("a\0b"), "cannot be read: .*embedded null"),
    ],
)
def test_paths_that_cannot_be_read(content: Path, message: str) -> None:
    """Said when the call is prepared."""
    with pytest.raises(Unwritable, match=message):
        source(content)


def test_closed_files() -> None:
    """They have nothing to read any more."""
    file = io.BytesIO()
    file.close()

    with pytest.raises(Unwritable, match="the file is closed: give it open, or its path"):
        source(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OnlyReads("text"), 'the file gives text, not bytes: open it with "rb"'),
        (OnlyReads(b"a", None), "its source gives NoneType, not bytes"),
        (iter([b"a", 5]), "its source gives int, not bytes"),
        (iter(["\ud800"]), "its source raised UnicodeEncodeError"),
        (iter([]), "the iterator gave nothing"),
        ((1 // n for n in (1, 0)), "its source gives int"),
        ((bytes(1 // n) for n in (1, 0)), "its source raised ZeroDivisionError"),
    ],
)
def test_sources_that_break_off(content: Any, message: str) -> None:
    """Whatever they raise is told from an error of the network, and kept as the cause."""
    with pytest.raises(BodyError, match=message) as caught:
        b"".join(Upload([source(content)]))

    assert (caught.value.__cause__ is None) == ("raised" not in message)


@pytest.mark.parametrize("content", [OnlyReads(b"a"), iter([b"a"]), (c for c in [b"a"]), io.BufferedReader])
def test_streams_are_read_once(content: Any, tmp_path: Path) -> None:
    """Neither by the same body nor by another one made of them, where that is known."""
    if content is io.BufferedReader:
        reading, writing = os.pipe()
        os.write(writing, b"a")
        os.close(writing)
        content = open(reading, "rb")  # noqa: SIM115
    upload = Upload([source(content)])

    assert b"".join(upload) == b"a"
    with pytest.raises(BodyError, match="was read before, and cannot be read again"):
        b"".join(upload)
    with pytest.raises(BodyError, match=r"was read before|gave nothing"):
        b"".join(Upload([source(content)]))
    if hasattr(content, "close"):
        content.close()


def test_one_file_twice() -> None:
    """Each part reads it from where it stood."""
    file = io.BytesIO(b"abc")
    file.seek(1)
    upload = Upload([source(file), b"-", source(file)])

    assert b"".join(upload) == b"bc-bc"
    upload.restore()
    assert file.tell() == 1


def test_a_closed_file_is_not_set_back() -> None:
    """The caller may close it while it is sent."""
    file = io.BytesIO(b"abc")
    upload = Upload([source(file)])
    file.close()

    upload.restore()
    with pytest.raises(Unwritable, match="the file was closed, or cannot go back to where it stood"):
        upload.check()


@pytest.mark.parametrize(("written", "message"), [(b"x", "more"), (None, "only")])
def test_a_file_that_changes_while_it_is_sent(tmp_path: Path, written: bytes | None, message: str) -> None:
    """The last bytes are held back, so that the body stays shorter than was announced."""
    path = tmp_path / "a"
    path.write_bytes(bytes(9 * CHUNK))
    pieces = iter(Upload([source(path)]))
    sent = [next(pieces)]
    if written is None:
        os.truncate(path, 5 * CHUNK)
    else:
        with path.open("ab") as file:
            file.write(written)

    with pytest.raises(BodyError, match=f"there were {9 * CHUNK} bytes to send, and {message}"):
        sent.extend(pieces)
    assert sum(map(len, sent)) < 9 * CHUNK


def test_an_announced_length_of_a_file() -> None:
    """The file knows better."""
    upload = Upload([source(io.BytesIO(b"abc"))])
    upload.announce(5)

    assert (upload.length, repr(upload)) == (3, "<Upload of 3 bytes>")
    assert repr(Upload([source(iter([b""]))])) == "<Upload of unknown length>"


@given(st.lists(st.lists(st.binary(max_size=5), max_size=4) | st.binary(max_size=2 * CHUNK), max_size=4))
def test_pieces(contents: list[list[bytes] | bytes]) -> None:
    """All bytes in order, and no piece empty, whatever the sources are."""

    def streamed(content: list[bytes] | bytes) -> Any:
        if isinstance(content, bytes):
            return source(io.BytesIO(content))
        return source(itertools.chain(content, [b""]))

    pieces = [*Upload([streamed(content) for content in contents])]

    assert b"" not in pieces
    assert b"".join(pieces) == b"".join(c if isinstance(c, bytes) else b"".join(c) for c in contents)


def test_an_abandoned_body_closes_its_file(tmp_path: Path) -> None:
    """A path that was opened to be sent is not left open; an unclosed one would warn."""
    path = tmp_path / "a"
    path.write_bytes(bytes(3 * CHUNK))
    pieces: Iterator[bytes] = iter(Upload([source(path)]))
    next(pieces)

    del pieces
    path.unlink()
