"""The body of an answer: unpacked, in pieces as it comes or whole, with a limit on its size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dynclient.http import codings
from dynclient.support import Deadline

if TYPE_CHECKING:
    import requests


class TooLarge(Exception):
    """The content is larger than it may be."""


def whole(answer: requests.Response, most: int | None, deadline: Deadline | None = None) -> bytes:
    """
    Return the content of an answer, unpacked; the answer then holds it, as if requests had read it.

    Args:
        answer: an answer that was not read yet.
        most: how many bytes it may have.
        deadline: the moment by which it must be read, if the connection does not respect it by itself.

    Raises:
        TooLarge: it has more than `most` bytes.
        TimeoutError: the deadline has passed.
        codings.CodingError: it is not in the coding that it declares.
    """
    if answer._content is not False:  # type: ignore[comparison-overlap]  # a hook or an adapter has read it
        content = answer.content or b""
        if most is not None and len(content) > most:
            raise TooLarge
        return content
    found: list[bytes] = []
    size = 0
    for piece in pieces(answer, as_they_come=deadline is not None):
        if deadline is not None:
            deadline.within(None)
        size += len(piece)
        if most is not None and size > most:
            raise TooLarge
        found.append(piece)
    content = found[0] if len(found) == 1 else b"".join(found)
    answer._content = content
    answer._content_consumed = True
    return content


def pieces(answer: requests.Response, as_they_come: bool = False) -> Iterator[bytes]:
    """
    Return the content of an answer that was not read yet, unpacked, in bounded pieces, none of them empty.

    Normally a piece is filled before it is returned; `as_they_come` returns what has come, for streams of events.

    Raises:
        codings.CodingError: it is not in the coding that it declares.
    """
    if answer._content is not False:  # type: ignore[comparison-overlap]  # a hook or an adapter has read it
        return iter([answer.content] if answer.content else [])
    encoding = answer.headers.get("Content-Encoding")
    applied = codings.names(encoding) if encoding else []
    received = _received(answer.raw, as_they_come)
    if not applied:
        return received
    first = next(received, b"")  # an answer without content has no coding, whatever it declares
    return codings.decoded(itertools.chain([first], received), applied) if first else iter(())


def _received(raw: Any, as_they_come: bool) -> Iterator[bytes]:
    if not hasattr(raw, "read1") or not hasattr(raw, "CONTENT_DECODERS"):  # of the caller's own adapter
        while raw is not None and (piece := raw.read(codings.PIECE)):
            yield piece
        return
    read = raw.read1 if as_they_come else raw.read
    while piece := read(codings.PIECE, decode_content=False):
        yield piece
        if raw.closed:  # a last read, which finds nothing, takes urllib3 as long as the others
            return
