"""Content codings undone: the same however the bytes come, and never a part for the whole."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, strategies as st

from dynclient.codings import PIECE, CodingError, CutShort, decoded, names

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda content: gzip.compress(content[:5]) + gzip.compress(content[5:]),
    "deflate": zlib.compress,
}


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


@given(st.binary(max_size=100), st.sampled_from(["gzip", "deflate"]), st.data())
def test_a_part_is_never_the_whole(content: bytes, coding: str, data: st.DataObject) -> None:
    """An end before the end is an error, at every byte."""
    packed = ENCODERS[coding](content)
    end = data.draw(st.integers(1, len(packed) - 1))

    with pytest.raises(CodingError):
        list(decoded([packed[:end]], [coding]))


def test_a_second_member_that_breaks_off() -> None:
    """Is no garbage after the first."""
    with pytest.raises(CutShort):
        list(decoded([gzip.compress(b"one") + gzip.compress(b"two")[:-4]], ["gzip"]))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_pieces_are_bounded(coding: str) -> None:
    """A kilobyte that stands for a megabyte comes in many."""
    sizes = [len(piece) for piece in decoded([ENCODERS[coding](b" " * 1_000_000)], [coding])]

    assert (sum(sizes), max(sizes) <= PIECE) == (1_000_000, True)


def test_what_follows_the_end_of_deflate() -> None:
    """Is left out."""
    assert b"".join(decoded([zlib.compress(b"x") + b"more", b"and more"], ["deflate"])) == b"x"


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_an_empty_piece_says_that_no_more_is_there_for_now(name: str) -> None:
    """An empty one comes of it, wherever it stands."""
    packed = ENCODERS[name](b"abc")
    fed = itertools.chain.from_iterable((packed[at : at + 1], b"") for at in range(len(packed)))

    found = list(decoded(fed, [name]))

    assert (b"".join(found), found.count(b"")) == (b"abc", len(packed))
