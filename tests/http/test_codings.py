"""Content codings undone: the same however the bytes come, and never a part for the whole."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, strategies as st

from dynclient.http import codings
from dynclient.http.codings import PIECE, CodingError, CutShort, accepted, decoded, names

brotli = codings._library("br")
zstd = codings._library("zstd")

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda content: gzip.compress(content[:5]) + gzip.compress(content[5:]),
    "deflate": zlib.compress,
    **({"br": brotli.compress} if brotli else {}),
    **({"zstd": zstd.compress} if zstd else {}),
}
ALL = [
    "gzip",
    "deflate",
    pytest.param("br", marks=pytest.mark.skipif(brotli is None, reason="needs brotli 1.2")),
    pytest.param("zstd", marks=pytest.mark.skipif(zstd is None, reason="needs backports.zstd")),
]


def bare(content: bytes) -> bytes:
    """Deflate without the format that should be around it."""
    return zlib.compress(content)[2:-4]


def cut(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", []), ("identity", []), ("GZIP", ["gzip"]), ("deflate, gzip ,", ["deflate", "gzip"])],
)
def test_names(header: str, expected: list[str]) -> None:
    """In the order of their use, and in lower case."""
    assert names(header) == expected


@given(st.binary(max_size=300), st.lists(st.sampled_from(sorted(ENCODERS)), max_size=3), st.integers(1, 50))
def test_any_pieces_give_the_same(content: bytes, codings: list[str], size: int) -> None:
    """Wherever they were cut, and whatever was done in which order."""
    packed = content
    for coding in codings:
        packed = ENCODERS[coding](packed)

    assert b"".join(decoded(cut(packed, size), codings)) == content


@given(st.binary(max_size=300), st.integers(1, 50))
def test_bare_deflate(content: bytes, size: int) -> None:
    """Is what many servers mean by deflate."""
    assert b"".join(decoded(cut(bare(content), size), ["deflate"])) == content


@given(st.binary(min_size=1, max_size=100), st.sampled_from(sorted(ENCODERS.keys() - {"x-gzip"})), st.data())
def test_a_part_is_never_the_whole(content: bytes, coding: str, data: st.DataObject) -> None:
    """An end before the end is an error, at every byte."""
    packed = ENCODERS[coding](content)
    end = data.draw(st.integers(1, len(packed) - 1))

    with pytest.raises(CodingError):
        list(decoded([packed[:end]], [coding]))


@pytest.mark.parametrize("coding", ALL)
def test_a_part_is_cut_short(coding: str) -> None:
    """Which another attempt may mend; also within another coding."""
    packed = ENCODERS[coding](bytes(range(256)) * 40)

    with pytest.raises(CutShort):
        list(decoded([packed[:-1]], [coding]))
    with pytest.raises(CutShort):
        list(decoded([gzip.compress(packed[:-1])], [coding, "gzip"]))
    with pytest.raises(CutShort):
        list(decoded([ENCODERS[coding](gzip.compress(b"x")[:-1])], ["gzip", coding]))


@pytest.mark.parametrize("coding", ALL)
def test_no_content_within_a_coding(coding: str) -> None:
    """Is no content, and nothing that broke off."""
    assert list(decoded([gzip.compress(b"")], [coding, "gzip"])) == []


@pytest.mark.parametrize("coding", ALL)
def test_what_is_not_in_its_coding(coding: str) -> None:
    """Is refused."""
    with pytest.raises(CodingError, match=f"it calls itself {coding} and is not"):
        list(decoded([b"something else"], [coding]))


@pytest.mark.parametrize("end", [b"more", b"\0\0"])
@pytest.mark.parametrize("coding", ["br", "zstd"])
@pytest.mark.parametrize("apart", [False, True])
def test_what_follows_the_end_of_the_newer_codings(coding: str, end: bytes, apart: bool) -> None:
    """Is refused, as by their own libraries; wherever it is cut."""
    if coding not in ENCODERS:
        pytest.skip("needs its library")
    packed = ENCODERS[coding](b"x")

    with pytest.raises(CodingError, match=f"it calls itself {coding} and is not"):
        list(decoded([packed, end] if apart else [packed + end], [coding]))


@pytest.mark.skipif(zstd is None, reason="needs backports.zstd")
def test_frames_of_zstandard() -> None:
    """One after the other, with some that are to be skipped (RFC 8878 §3.1)."""
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
    packed = skipped + zstd.compress(b"one ") + skipped + zstd.compress(b"two") + skipped

    for size in range(1, len(packed) + 1):
        assert b"".join(decoded(cut(packed, size), ["zstd"])) == b"one two"


@pytest.mark.skipif(zstd is None, reason="needs backports.zstd")
def test_a_window_of_zstandard_that_is_too_large() -> None:
    """More than 8 MiB need not be held by a client (RFC 9659)."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 25})
    packed = packer.compress(b"x" * 1000) + packer.flush()

    with pytest.raises(CodingError):
        list(decoded([packed], ["zstd"]))


def test_too_many_codings() -> None:
    """Are refused at once; nobody needs more than two."""
    with pytest.raises(CodingError, match="its Content-Encoding has 3000 codings, and 5 are allowed"):
        decoded([b"x"], ["gzip"] * 3000)


def test_codings_whose_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Are not asked for; where one comes all the same, the error says what reads it."""
    monkeypatch.setattr(codings, "_LIBRARIES", {"br": ("no_such_module",), "zstd": ("none", "backports.zstd")})
    monkeypatch.setattr(codings, "_library", lambda _: None)

    assert accepted() == "gzip, deflate"
    with pytest.raises(CodingError, match=r"'zstd' can be read where backports\.zstd is installed"):
        decoded([b"x"], ["zstd"])


@pytest.mark.parametrize("at", [-1, -6, -9], ids=["length", "checksum", "data"])
def test_a_second_member_that_is_damaged(at: int) -> None:
    """Is no garbage after the first: half of the content would be taken for all of it."""
    packed = bytearray(gzip.compress(b"one") + gzip.compress(b"two"))
    packed[at] ^= 0xFF

    with pytest.raises(CodingError):
        list(decoded([bytes(packed)], ["gzip"]))


def test_a_second_member_that_breaks_off() -> None:
    """Is no garbage after the first."""
    with pytest.raises(CutShort):
        list(decoded([gzip.compress(b"one") + gzip.compress(b"two")[:-4]], ["gzip"]))


@pytest.mark.parametrize("coding", ALL)
def test_pieces_are_bounded(coding: str) -> None:
    """A kilobyte that stands for a megabyte comes in many."""
    sizes = [len(piece) for piece in decoded([ENCODERS[coding](b" " * 1_000_000)], [coding])]

    assert (sum(sizes), max(sizes) <= PIECE) == (1_000_000, True)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_follows_the_end_of_the_older_codings(coding: str) -> None:
    """Is left out, but read to its end, so that the connection is free."""
    pieces = iter([ENCODERS[coding](b"x") + b"more", b"and more"])

    assert b"".join(decoded(pieces, [coding])) == b"x"
    assert list(pieces) == []


@pytest.mark.parametrize("name", ALL)
def test_an_empty_piece_says_that_no_more_is_there_for_now(name: str) -> None:
    """An empty one comes of it, wherever it stands."""
    packed = ENCODERS[name](b"abc")
    fed = itertools.chain.from_iterable((packed[at : at + 1], b"") for at in range(len(packed)))

    found = list(decoded(fed, [name]))

    assert (b"".join(found), found.count(b"")) == (b"abc", len(packed))
