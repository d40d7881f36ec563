"""Content codings undone (RFC 9110 §8.4.1), a bounded piece at a time, and never half a body taken for the whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

PIECE = 1 << 16
"""The most bytes that are held of what a piece unpacks to: a kilobyte may stand for a megabyte."""


class CodingError(Exception):
    """What came is not in the coding that it calls itself, or is of a coding that is not known here."""


class CutShort(CodingError):
    """What came ends before the coding says that it does."""


def names(content_encoding: str) -> list[str]:
    """The codings of a Content-Encoding header in the order they were applied; `identity` is none."""
    codings = (name.strip().lower() for name in content_encoding.split(","))
    return [name for name in codings if name not in ("", "identity")]


def decoded(pieces: Iterable[bytes], codings: list[str]) -> Iterator[bytes]:
    """
    The content without these codings, in pieces of at most `PIECE` bytes.

    An empty piece says that no more is there for now; an empty one comes of it.

    Raises:
        CodingError: a coding is unknown, or the content is not in it, or ends too early.
    """
    unknown = [name for name in codings if name not in DECODERS]
    if unknown:
        raise CodingError(f"its Content-Encoding {unknown[0]!r} is not known here")
    for name in reversed(codings):
        pieces = _guarded(name, DECODERS[name](pieces))
    return iter(pieces)


def _guarded(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except zlib.error:
        raise CodingError(f"it calls itself {name} and is not") from None


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One gzip member or several (RFC 1952 §2.2); what follows them and is none is left out, as other clients do."""
    member, has_begun, is_first = zlib.decompressobj(16 + zlib.MAX_WBITS), False, True
    for piece in pieces:
        if not piece:
            yield piece
        while piece:
            has_begun = True
            try:
                data = member.decompress(piece, PIECE)
            except zlib.error:
                if is_first:
                    raise
                return
            if data:
                yield data
            piece = member.unconsumed_tail or member.unused_data.lstrip(b"\0")
            if member.eof and piece:
                member, is_first = zlib.decompressobj(16 + zlib.MAX_WBITS), False
    if has_begun:
        yield from _rest(member)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The zlib format (RFC 1950), or bare deflate, which many servers take it for."""
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
        raise CutShort("its compressed content broke off")


DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
}
