"""
Parsing of HTTP/1.1 answers (RFC 9112): the head, where the content ends, and whether the connection can be reused.

Both clients parse with it, so that the same bytes mean the same to both. It does no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

MOST_HEAD = 1 << 18
"""The most bytes in the head of an answer, together with the interim answers before it; the same for a trailer."""

MOST_FIELDS = 100
MOST_LINE = 1 << 16

_STATUS = re.compile(rb"HTTP/1\.(\d) +([1-9]\d\d)(?: ([^\r\0]*))?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\0]*)?\r")
_SPACE = " \t"


class Malformed(HTTPException):
    """The bytes are not an HTTP/1.1 answer (RFC 9112)."""


@dataclass(frozen=True, slots=True)
class Head:
    """
    The status line and the header fields of an answer.

    Args:
        version: 10 or 11, as in http.client.
        status_code: three digits.
        reason: the reason phrase, often empty.
        fields: names and values in the order they came; a name may repeat.
    """

    version: int
    status_code: int
    reason: str
    fields: list[tuple[str, str]]


class Reader:
    """
    Parses the answer to one request; `feed` takes the bytes of the connection as they come.

    `head` gives the head, then `piece` the content. `is_done` says that the answer has ended. `keep_alive` says that
    the server leaves the connection open.

    Args:
        method: the method of the request, on which it depends whether there is content.

    Raises:
        Malformed: the bytes are not an answer, or it is not clear where it ends.
        http.client.IncompleteRead: the connection ended before the answer did.
        http.client.RemoteDisconnected: the connection ended before the answer began.
    """

    def __init__(self, method: str) -> None:
        self.is_done = False
        self.keep_alive = False
        self._method = method
        self._buffer = bytearray()
        self._searched = 0  # up to here the buffer has no LF
        self._has_ended = False
        self._lines: list[bytes] = []
        self._size = 0  # bytes of lines so far
        self._left = 0  # bytes of the content, or of a chunk
        self._is_in_chunk = self._is_in_trailer = False
        self._failure: Malformed | None = None
        # How content without a length is read. Not a bound method, which would be a reference cycle.
        self._content: Callable[[Reader, int], bytes | None] | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether the connection can carry another request: this answer has ended, and nothing came after it."""
        return self.is_done and self.keep_alive and not self._buffer and not self._has_ended

    def feed(self, data: bytes) -> None:
        """Take the next bytes; `b""` means that the connection has ended."""
        self._buffer += data
        self._has_ended = not data

    def head(self) -> Head | None:
        """Return the head of the answer, None until all of it was fed. Interim answers are skipped (RFC 9110 §15.2)."""
        while self._takes_lines("head"):
            head = _parsed(self._lines)
            self._lines = []
            if head.status_code == 101:
                raise Malformed("it switches to a protocol that was not asked for")
            if head.status_code >= 200:
                self._size = 0
                return self._framed(head)
        if self._has_ended:
            raise self._ended()
        return None

    def piece(self, most: int) -> bytes | None:
        """Return the next bytes of the content, at most `most`; `b""` until more was fed, None at the end."""
        if self.is_done:
            return None
        if self._content is not None:
            return self._content(self, most)
        piece = bytes(self._buffer[: min(most, self._left)])
        if not piece and self._has_ended:
            raise IncompleteRead(b"")
        del self._buffer[: len(piece)]
        self._left -= len(piece)
        self.is_done = self._left == 0
        return piece

    def _ended(self) -> Exception:
        if self._lines or (self._size and not self._buffer):
            return IncompleteRead(b"")
        return _not_http(self._buffer) if self._buffer else RemoteDisconnected("")

    def _framed(self, head: Head) -> Head:
        """Find out where the content ends (RFC 9112 §6.3), and return the head with at most one Content-Length."""
        elements: dict[str, list[str]] = {"connection": [], "content-length": [], "transfer-encoding": []}
        for name, text in head.fields:
            if (found := elements.get(name.lower())) is not None:
                found += [element.strip(_SPACE) for element in text.lower().split(",")]
        options, lengths, codings = elements.values()
        self.keep_alive = "close" not in options and (head.version > 10 or "keep-alive" in options)
        length = lengths[0] if len(set(lengths)) == 1 else ""
        opens_tunnel = self._method == "CONNECT" and head.status_code < 300
        if self._method == "HEAD" or head.status_code in (204, 304) or opens_tunnel:
            self.is_done = True
            return _with_length(head, length) if len(lengths) > 1 else head
        applied = [coding for coding in codings if coding not in ("", "identity")] if codings else []
        if applied not in ([], ["chunked"]):
            raise Malformed("its Transfer-Encoding is unknown")
        if codings and (lengths or head.version == 10):
            self.keep_alive = False  # other recipients may have read it differently (RFC 9112 §6.1)
        if applied:
            self._content = Reader._chunked
            return _with_length(head, "") if lengths else head
        if not lengths:
            self._content, self.keep_alive = Reader._unbounded, False
            return head
        if not _LENGTH.fullmatch(length):
            raise Malformed("its Content-Length isn't a number, or there are two different ones")
        self._left = int(length)
        self.is_done = self._left == 0
        return _with_length(head, length) if len(lengths) > 1 else head

    def _unbounded(self, most: int) -> bytes | None:
        self.is_done = self._has_ended and not self._buffer
        return None if self.is_done else self._taken(most)

    def _chunked(self, most: int) -> bytes | None:
        """Join the chunks that have come: they are often small."""
        if self._failure is not None:
            raise self._failure
        found: list[bytes] = []
        try:
            while most and (self._left or self._begins_chunk()) and self._buffer:
                piece = self._taken(min(most, self._left))
                self._left -= len(piece)
                most -= len(piece)
                found.append(piece)
        except Malformed as error:
            if not found:
                raise
            self._failure = error  # raised by the next call: the chunks before it are valid
        if not found and self._has_ended and not self.is_done:
            raise IncompleteRead(b"")
        return None if self.is_done and not found else b"".join(found)

    def _begins_chunk(self) -> bool:
        """Return whether the buffer is inside a chunk; if not, more has to come, or the content has ended."""
        if self._is_in_trailer:
            return self._skips_trailer()
        if self._is_in_chunk:
            if len(self._buffer) < 2:
                return False
            if self._taken(2) != b"\r\n":
                raise Malformed("a chunk is not as long as its size says")
            self._is_in_chunk = False
        line = self._line()
        if line is None:
            return False
        found = _CHUNK.fullmatch(line)
        if not found:
            raise Malformed("the size of a chunk isn't a number")
        self._left = int(found[1], 16)
        self._is_in_chunk, self._is_in_trailer = self._left > 0, self._left == 0
        return self._is_in_chunk or self._skips_trailer()

    def _skips_trailer(self) -> bool:
        if self._takes_lines("trailer"):
            _fields(self._lines)
            self.is_done = True
        else:
            self.is_done = self._has_ended  # all of the content came with the last chunk (RFC 9112 §8)
        return False

    def _takes_lines(self, section: str) -> bool:
        """Move complete lines from the buffer to `_lines`; return whether the empty line that ends them has come."""
        start, is_over = 0, False
        while not is_over:
            end = self._buffer.find(b"\n", max(start, self._searched))
            if (end if end >= 0 else len(self._buffer)) - start > MOST_LINE:
                raise Malformed("a line of it is too long")
            if end < 0:
                break
            line = bytes(self._buffer[start:end]).removesuffix(b"\r")
            start = end + 1
            if section == "head" and not self._lines and not _STATUS.fullmatch(line):
                raise _not_http(line)
            is_over = not line
            if line:
                self._lines.append(line)
                self._size += len(line)
                if self._size > MOST_HEAD or len(self._lines) > MOST_FIELDS + 1:
                    raise Malformed(f"its {section} is too long")
        del self._buffer[:start]
        self._searched = 0 if is_over else len(self._buffer)
        return is_over

    def _line(self) -> bytes | None:
        """Take the next line without its LF; None if that has not come yet."""
        end = self._buffer.find(b"\n", self._searched)
        if (end if end >= 0 else len(self._buffer)) > MOST_LINE:
            raise Malformed("a line of it is too long")
        if end < 0:
            self._searched = len(self._buffer)
            return None
        self._searched = 0
        return self._taken(end + 1)[:-1]

    def _taken(self, size: int) -> bytes:
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece


def _not_http(start: bytes | bytearray) -> Malformed:
    is_tls = start[:2] == b"\x15\x03"  # an alert (RFC 8446 §5.1)
    return Malformed(
        "it is TLS, not HTTP. Did you mean https://?" if is_tls else "it does not begin like an HTTP answer"
    )


def _parsed(lines: list[bytes]) -> Head:
    found = _STATUS.fullmatch(lines[0])
    assert found
    version, status, reason = found.groups()
    text = (reason or b"").strip().decode("latin-1")
    return Head(10 if version == b"0" else 11, int(status), text, _fields(lines[1:]))


def _fields(lines: Iterable[bytes]) -> list[tuple[str, str]]:
    """
    Parse header lines into names and values.

    Space before a colon is removed, as proxies have to do (RFC 9112 §5.1). A line that continues the field before it
    is joined to it by a space (§5.2).

    Raises:
        Malformed: a line is not a field.
    """
    fields: list[tuple[str, str]] = []
    for line in lines:
        if b"\0" in line or b"\r" in line:
            raise Malformed("a header field contains a NUL or a lone CR")
        name, colon, text = line.partition(b":")
        name, value = name.rstrip(b" \t"), text.decode("latin-1").strip(_SPACE)
        if line[:1] in b" \t" and fields:
            before, begun = fields.pop()
            fields.append((before, f"{begun} {line.decode('latin-1').strip(_SPACE)}".strip(_SPACE)))
        elif colon and _NAME.fullmatch(name):
            fields.append((name.decode("ascii"), value))
        else:
            raise Malformed("a line of its head isn't a field")
    return fields


def _with_length(head: Head, length: str) -> Head:
    """Return the head with this Content-Length once, or without any if this is not a number."""
    fields = [field for field in head.fields if field[0].lower() != "content-length"]
    if _LENGTH.fullmatch(length):
        fields.append(("Content-Length", length))
    return Head(head.version, head.status_code, head.reason, fields)
