"""
Bodies of several parts, written as browsers write them: RFC 7578, and the HTML standard for names.

Files are not read here, but as the body is sent (`uploads`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dynclient.http import HEADER_NAME
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.uploads import Source, Upload

# A backslash stays as it is, and text beyond ASCII is UTF-8: no server needs `filename*` (RFC 7578 §4.2).
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_TYPE = re.compile(r"[^\x20-\x7e]")
_OWN_HEADERS = frozenset({"content-disposition", "content-type", "content-length"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers as they are sent, and its content."""

    head: bytes
    content: bytes | Source


def part(
    name: str,
    content: bytes | Source,
    content_type: str = "",
    file_name: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Part:
    """
    A part of a form. Without a content type it is text/plain (RFC 7578 §4.4); `headers` are those beyond its own.

    Raises:
        Unwritable: a name or the content type holds what it cannot, or a header has a name that is none.
    """
    disposition = f'form-data; name="{_escaped(name)}"'
    if file_name is not None:
        disposition += f'; filename="{_escaped(file_name)}"'
    lines = [f"Content-Disposition: {disposition}"]
    if content_type:
        lines.append(f"Content-Type: {_checked_type(content_type)}")
    lines += [f"{_checked_name(header)}: {value}" for header, value in (headers or {}).items()]
    return Part("\r\n".join([*lines, "", ""]).encode(), content)


def new_boundary() -> str:
    """128 random bits: what is streamed cannot be searched for the boundary, but neither can it foresee it."""
    return secrets.token_hex(16)


def join(parts: Iterable[Part], boundary: str) -> bytes | Upload:
    """
    The body of these parts: bytes, or an `Upload` where some part is still to be read.

    Raises:
        Unwritable: a stream that can be read only once stands in several parts.
    """
    pieces: list[bytes | Source] = []
    for part in parts:
        pieces += [f"--{boundary}\r\n".encode() + part.head, part.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    whole = [piece for piece in pieces if isinstance(piece, bytes)]
    return b"".join(whole) if len(whole) == len(pieces) else Upload([*_merged(pieces)])


def _merged(pieces: Iterable[bytes | Source]) -> Iterator[bytes | Source]:
    """The same with all bytes between two sources in one piece: each piece is a packet."""
    run: list[bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            run.append(piece)
        else:
            yield from (b"".join(run), piece)
            run = []
    yield b"".join(run)


def _escaped(name: str) -> str:
    escaped = name.translate(_ESCAPES)
    if _CONTROL.search(escaped):
        raise Unwritable(f"the name of a part cannot hold control characters: {name!r:.60}")
    return escaped


def _checked_type(content_type: str) -> str:
    if _NOT_TYPE.search(content_type):
        raise Unwritable("a content type cannot hold line breaks, control characters or text beyond ASCII")
    return content_type


def _checked_name(header: str) -> str:
    if not HEADER_NAME.fullmatch(header):
        raise Unwritable(f"{header!r:.60} is no name of a header")
    if header.lower() in _OWN_HEADERS:
        raise Unwritable(f"the header {header} of a part follows from the name, content and type of the file")
    return header
