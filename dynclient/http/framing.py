"""
Answers of HTTP/1.1 as bytes (RFC 9112): their head, where their content ends, and whether the connection is free.

Both clients read with it, so that the same bytes mean the same to both. It touches no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

MOST_HEAD = 1 << 18
"""The most bytes of a head, with the interim answers before it; and of a trailer."""

MOST_FIELDS = 100
MOST_LINE = 1 << 16

_STATUS = re.compile(rb"HTTP/1\.(\d) +([1-9]\d\d)(?: ([^\r\0]*))?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\0]*)?\r")
_SPACE = " \t"


class Malformed(HTTPException):
    """The bytes are not an answer by the rules of HTTP/1.1 (RFC 9112)."""


@dataclass(frozen=True, slots=True)
class Head:
    """The status line and the fields of an answer. `version` is 10 or 11, as in http.client."""

    version: int
    status_code: int
    reason: str
    fields: list[tuple[str, str]]

    def listed(self, name: str) -> list[str]:
        """Return the elements of all fields with this name, in lower case; an empty field has one empty element."""
        elements: list[str] = []
        for each, text in self.fields:
            if each.lower() == name:
                elements += text.split(",")
        return [element.strip(_SPACE) for element in elements] if elements else elements


class Reader:
    """
    Reads the answer to one request from the bytes of its connection.

    `feed` takes the bytes as they come; `head` returns the head, and `piece` the content after it. `is_done` says that
    the answer has ended.

    Raises:
        Malformed: the bytes are not an answer, or do not say clearly where it ends.
        http.client.IncompleteRead: the connection has ended before the answer did.
        http.client.RemoteDisconnected: it has ended before the answer began.
    """

    def __init__(self, method: str) -> None:
        self.is_done = False
        self.keeps = False
        self._method = method
        self._buffer = bytearray()
        self._searched = 0  # no line ends before this
        self._has_ended = False
        self._lines: list[bytes] = []
        self._size = 0  # bytes of lines so far
        self._left = 0  # bytes of the content, or of a chunk
        self._is_in_chunk = self._is_in_trailer = False
        self._failure: Malformed | None = None
        # No bound methods: each would be a cycle, which waits for the garbage collector.
        self._content: Callable[[Reader, int], bytes | None] = Reader._counted

    @property
    def can_go_on(self) -> bool:
        """Whether the connection is free for another request: this answer has ended, and nothing came after it."""
        return self.is_done and self.keeps and not self._buffer and not self._has_ended

    def feed(self, data: bytes) -> None:
        """Take the next bytes; none mean that the connection has ended."""
        self._buffer += data
        self._has_ended = not data

    def head(self) -> Head | None:
        """Return the head of the answer, None if more must come; interim answers are skipped (RFC 9110 §15.2)."""
        while self._takes_lines("head"):
            head = self._parsed()
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
        """Return the next bytes of the content, at most so many; b"" if more bytes are needed, None at the end."""
        return None if self.is_done else self._content(self, most)

    def _ended(self) -> Exception:
        if self._lines or (self._size and not self._buffer):
            return IncompleteRead(b"")
        return _no_http(self._buffer) if self._buffer else RemoteDisconnected("")

    def _parsed(self) -> Head:
        found = _STATUS.fullmatch(self._lines[0])
        assert found
        version, status, reason = found.groups()
        text = (reason or b"").strip().decode("latin-1")
        return Head(10 if version == b"0" else 11, int(status), text, _fields(self._lines[1:]))

    def _framed(self, head: Head) -> Head:
        """Return the head, after finding out where the content ends (RFC 9112 §6.3)."""
        options = head.listed("connection")
        options = [option.lower() for option in options] if options else options
        self.keeps = "close" not in options and (head.version > 10 or "keep-alive" in options)
        lengths = set(head.listed("content-length"))
        length = next(iter(lengths)) if len(lengths) == 1 else ""
        opens_tunnel = self._method == "CONNECT" and head.status_code < 300
        if self._method == "HEAD" or head.status_code in (204, 304) or opens_tunnel:
            self.is_done = True
            return _with_length(head, length)
        codings = head.listed("transfer-encoding")
        applied = [coding.lower() for coding in codings if coding.lower() not in ("", "identity")] if codings else []
        if applied not in ([], ["chunked"]):
            raise Malformed("its Transfer-Encoding is unknown")
        if codings and (lengths or head.version == 10):
            self.keeps = False  # other recipients may have read it differently (RFC 9112 §6.1)
        if applied:
            self._content = Reader._chunked
            return _with_length(head, "")
        if not lengths:
            self._content, self.keeps = Reader._unbounded, False
            return head
        if not _LENGTH.fullmatch(length):
            raise Malformed("its Content-Length isn't a number, or there are two different ones")
        self._left = int(length)
        self.is_done = self._left == 0
        return _with_length(head, length)

    def _counted(self, most: int) -> bytes:
        piece = self._taken(min(most, self._left))
        self._left -= len(piece)
        self.is_done = self._left == 0
        return piece or self._nothing()

    def _unbounded(self, most: int) -> bytes | None:
        self.is_done = self._has_ended and not self._buffer
        return None if self.is_done else self._taken(most)

    def _chunked(self, most: int) -> bytes | None:
        """The chunks that have come, together, because they are often small."""
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
            self._failure = error  # raised after what came before it was returned
        if found:
            return b"".join(found)
        return None if self.is_done else self._nothing()

    def _begins_chunk(self) -> bool:
        """Whether a chunk begins; if not, more bytes are needed, or the content has ended."""
        if self._is_in_trailer:
            return self._skips_trailer()
        if self._is_in_chunk:
            if len(self._buffer) < 2:
                return False
            if self._taken(2) != b"\r\n":
                raise Malformed("a chunk is not as long as it says")
            self._is_in_chunk = False
        end = self._line_end()
        if end < 0:
            return False
        found = _CHUNK.fullmatch(self._taken(end + 1)[:-1])
        if not found:
            raise Malformed("the size of a chunk isn't a number")
        self._left = int(found[1], 16)
        self._is_in_chunk, self._is_in_trailer = self._left > 0, self._left == 0
        return self._is_in_chunk or self._skips_trailer()

    def _skips_trailer(self) -> bool:
        if self._takes_lines("trailer"):
            _fields(self._lines)
            self.is_done = True
            return False
        self.is_done = self._has_ended  # all of the content has come with the last chunk (RFC 9112 §8)
        return False

    def _nothing(self) -> bytes:
        if self._has_ended:
            raise IncompleteRead(b"")
        return b""

    def _takes_lines(self, what: str) -> bool:
        """Take the lines of a head or a trailer that have come; return whether the empty line at its end has."""
        while (end := self._line_end()) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r")
            del self._buffer[: end + 1]
            if what == "head" and not self._lines and not _STATUS.fullmatch(line):
                raise _no_http(line)
            if not line:
                return True
            self._lines.append(line)
            self._size += len(line)
            if self._size > MOST_HEAD or len(self._lines) > MOST_FIELDS + 1:
                raise Malformed(f"its {what} is too long")
        return False

    def _line_end(self) -> int:
        """Where the LF of the next line is; -1 if it has not come yet."""
        end = self._buffer.find(b"\n", self._searched)
        if (end if end >= 0 else len(self._buffer)) > MOST_LINE:
            raise Malformed("a line of it is too long")
        self._searched = 0 if end >= 0 else len(self._buffer)
        return end

    def _taken(self, size: int) -> bytes:
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece


def _no_http(begins: bytes | bytearray) -> Malformed:
    """The error for bytes that begin like this."""
    is_tls = begins[:2] == b"\x15\x03"  # an alert (RFC 8446 §5.1)
    return Malformed(
        "it is one of TLS. Is https:// meant?" if is_tls else "it does not begin as an answer in HTTP does"
    )


def _fields(lines: Iterable[bytes]) -> list[tuple[str, str]]:
    """
    The fields in these lines. Space before a colon is removed, as proxies must do (RFC 9112 §5.1), and a line that
    continues a field is joined to it by a space (§5.2).

    Raises:
        Malformed: a line isn't a field.
    """
    fields: list[tuple[str, str]] = []
    for line in lines:
        if b"\0" in line or b"\r" in line:
            raise Malformed("a field has a NUL or a lone CR in it")
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
    """The head with this Content-Length once; without one if it isn't a number, or does not count."""
    texts = [text for name, text in head.fields if name.lower() == "content-length"]
    if texts == [length] or not texts:
        return head
    fields = [field for field in head.fields if field[0].lower() != "content-length"]
    if _LENGTH.fullmatch(length):
        fields.append(("Content-Length", length))
    return Head(head.version, head.status_code, head.reason, fields)
