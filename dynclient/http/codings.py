"""Decoding of content codings (RFC 9110 §8.4.1), in bounded pieces; half a body never passes for the whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

PIECE = 1 << 16
"""The most bytes of an unpacked piece that are held: a kilobyte may unpack to a megabyte."""


_MOST_CODINGS = 5
"""How many codings one content may have, one within the other."""

_LARGEST_WINDOW = 23  # 8 MiB, as a power of 2 (RFC 9659)
_GZIP = b"\x1f\x8b"


class CodingError(Exception):
    """The content is not in the coding that it declares, or the coding is unknown."""


class CutShort(CodingError):
    """The content ends before its coding does."""


def names(content_encoding: str) -> list[str]:
    """Return the codings of a Content-Encoding header in the order they were applied, without `identity`."""
    if not content_encoding:
        return []
    codings = (name.strip().lower() for name in content_encoding.split(","))
    return [name for name in codings if name not in ("", "identity")]


def decoded(pieces: Iterable[bytes], codings: list[str]) -> Iterator[bytes]:
    """
    Return the content without these codings, in pieces of at most `PIECE` bytes.

    An empty piece means that there is no more for now; it yields an empty piece.

    Raises:
        CodingError: there are too many codings, one is unknown, or the content is not in it or ends too early.
    """
    if len(codings) > _MOST_CODINGS:
        raise CodingError(f"its Content-Encoding has {len(codings)} codings, and {_MOST_CODINGS} are allowed")
    unknown = [name for name in codings if name not in DECODERS]
    if unknown:
        raise CodingError(f"its Content-Encoding {unknown[0]!r} is not known here")
    for name in codings:
        if name in _LIBRARIES and _library(name) is None:
            package = _LIBRARIES[name][-1]
            raise CodingError(f"its Content-Encoding {name!r} can be read where {package} is installed")
    for name in reversed(codings):
        pieces = _guarded(name, DECODERS[name](pieces))
    return iter(pieces)


def accepted() -> str:
    """Return what an Accept-Encoding header may ask for: the codings that can be decoded here."""
    return ", ".join(["gzip", "deflate", *(name for name in _LIBRARIES if _library(name))])


def _guarded(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    library = _library(name)
    wrong: Any = getattr(library, "ZstdError", None) or getattr(library, "error", zlib.error)
    try:
        yield from pieces
    except wrong:
        raise CodingError(f"it calls itself {name} and is not") from None


@cache
def _library(name: str) -> Any:
    """The library for a coding; None if none is installed that limits the size of what it unpacks."""
    for module in _LIBRARIES.get(name, ()):
        try:
            found = import_module(module)
        except ImportError:
            continue
        if name != "br" or hasattr(found.Decompressor, "can_accept_more_data"):  # since 1.2
            return found
    return None


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One or more gzip members (RFC 1952 §2.2); other bytes after them are ignored, as other clients do."""
    member, begins, is_first, is_over = zlib.decompressobj(16 + zlib.MAX_WBITS), b"", True, False
    for piece in pieces:
        if not piece:
            yield piece
        while piece and not is_over:
            begins = (begins + piece[:2])[:2]
            try:
                data = member.decompress(piece, PIECE)
            except zlib.error:
                if is_first or begins == _GZIP:
                    raise
                is_over = True
                break
            if data:
                yield data
            piece = member.unconsumed_tail or member.unused_data.lstrip(b"\0")
            if member.eof and piece:
                member, begins, is_first = zlib.decompressobj(16 + zlib.MAX_WBITS), b"", False
    if begins and not is_over:
        yield from _rest(member)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The zlib format (RFC 1950), or bare deflate, which many servers send instead."""
    head, stream = b"", None
    for piece in pieces:
        if not piece:
            yield piece
            continue
        if stream is None:
            head += piece
            if len(head) < 2:
                continue
            is_zlib = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            stream, piece = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS), head
        while piece and not stream.eof:
            data = stream.decompress(piece, PIECE)
            if data:
                yield data
            piece = stream.unconsumed_tail
    if stream is not None:
        yield from _rest(stream)
    elif head:
        raise zlib.error


def _rest(stream: zlib._Decompress) -> Iterator[bytes]:
    while data := stream.decompress(b"", PIECE):
        yield data
    if not stream.eof:
        raise _cut_short()


def _unbrotlied(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Brotli (RFC 7932): one stream; nothing may follow it."""
    stream, has_begun = _library("br").Decompressor(), False
    most = PIECE // 4  # it may return more than it is asked for
    for piece in pieces:
        if not piece:
            yield piece
            continue
        has_begun = True
        data = stream.process(piece, output_buffer_limit=most)
        while data or not stream.can_accept_more_data():
            if data:
                yield data
            data = stream.process(b"", output_buffer_limit=most)
    if has_begun and not stream.is_finished():
        raise _cut_short()


def _unzstandarded(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One or more Zstandard frames (RFC 8878 §3.1); nothing else may follow them."""
    library = _library("zstd")
    options = {library.DecompressionParameter.window_log_max: _LARGEST_WINDOW}
    frame, has_begun = library.ZstdDecompressor(options=options), False
    for piece in pieces:
        if not piece:
            yield piece
            continue
        has_begun = True
        while piece or not (frame.eof or frame.needs_input):
            if frame.eof:
                frame = library.ZstdDecompressor(options=options)
            data = frame.decompress(piece, PIECE)
            if data:
                yield data
            piece = frame.unused_data if frame.eof else b""
    if has_begun and not frame.eof:
        raise _cut_short()


def _cut_short() -> CutShort:
    return CutShort("its compressed content broke off")


DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _unbrotlied,
    "zstd": _unzstandarded,
}

_LIBRARIES = {"br": ("brotlicffi", "brotli"), "zstd": ("compression.zstd", "backports.zstd")}
