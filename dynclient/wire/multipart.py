"""
Multipart bodies, written as browsers write them (RFC 7578, and the HTML standard for names).

Files are not read here, but while the body is sent (`uploads`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dynclient.http import HEADER_NAME
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.uploads import Source, Upload

# Backslashes are not escaped. Text beyond ASCII is UTF-8, because `filename*` is forbidden (RFC 7578 §4.2).
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_TYPE = re.compile(r"[^\x20-\x7e]")
_OWN_HEADERS = frozenset({"content-disposition", "content-type", "content-length"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its head, as it is sent, and its content."""

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
    Return a part of a form.

    Args:
        name: the name of the field.
        content: the bytes, or where they are read from.
        content_type: the content type; without one a part is text/plain (RFC 7578 §4.4).
        file_name: the name of the file; None if it has none.
        headers: further headers.

    Raises:
        Unwritable: a name or the content type holds forbidden characters, or the name of a header isn't one.
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
    """Return 128 random bits: a stream cannot be searched for the boundary, but cannot hold it by design either."""
    return secrets.token_hex(16)


def join(parts: Iterable[Part], boundary: str) -> bytes | Upload:
    """
    Return the body of these parts, as bytes, or as an `Upload` if some part is read only while it is sent.

    Raises:
        Unwritable: several parts have the same stream, which can be read only once.
    """
    pieces: list[bytes | Source] = []
    for part in parts:
        pieces += [f"--{boundary}\r\n".encode() + part.head, part.content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    whole = [piece for piece in pieces if isinstance(piece, bytes)]
    return b"".join(whole) if len(whole) == len(pieces) else Upload([*_merged(pieces)])


def _merged(pieces: Iterable[bytes | Source]) -> Iterator[bytes | Source]:
    """The same pieces, with all bytes between two sources joined: each piece is sent as a packet."""
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
        raise Unwritable(f"{header!r:.60} isn't a header name")
    if header.lower() in _OWN_HEADERS:
        raise Unwritable(f"the header {header} of a part follows from the name, content and type of the file")
    return header
