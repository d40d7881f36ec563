"""The body of an answer: unpacked and in pieces, as it comes, or whole and no larger than it may be."""

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
    The content of an answer that was not read yet, unpacked; it holds it from then on, as if requests had read it.

    A `deadline` is one that the connection does not keep by itself.

    Raises:
        TooLarge: it has more than `most` bytes.
        TimeoutError: the deadline has passed.
        codings.CodingError: it is not in the coding that it calls itself.
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
    The content of an answer that was not read yet, unpacked, a bounded piece at a time, and none of them empty.

    Usually a piece is waited for until it is full; `as_they_come` gives what there is, for streams of events.

    Raises:
        codings.CodingError: it is not in the coding that it calls itself.
    """
    if answer._content is not False:  # type: ignore[comparison-overlap]  # a hook or an adapter has read it
        return iter([answer.content] if answer.content else [])
    applied = codings.names(answer.headers.get("Content-Encoding", ""))
    received = _received(answer.raw, as_they_come)
    if not applied:
        return received
    first = next(received, b"")  # an answer without content is in no coding, whatever it says
    return codings.decoded(itertools.chain([first], received), applied) if first else iter(())


def _received(raw: Any, as_they_come: bool) -> Iterator[bytes]:
    if not hasattr(raw, "read1") or not hasattr(raw, "CONTENT_DECODERS"):  # of an adapter of the caller's making
        while raw is not None and (piece := raw.read(codings.PIECE)):
            yield piece
        return
    read = raw.read1 if as_they_come else raw.read
    while piece := read(codings.PIECE, decode_content=False):
        yield piece
