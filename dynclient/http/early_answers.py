"""Answers that come while a request is still being sent: whether the rest of its body is worth sending."""

from __future__ import annotations

import re

MOST_EARLY = 1 << 18
"""How many bytes of an answer are read before its request was sent."""

_LINES = rb"(?:[^\r\n]+\r?\n)*"
_INTERIM = re.compile(rb"HTTP/1\.\d +1(?!01)\d\d(?: [^\r\n]*)?\r?\n")  # after 101 the connection no longer speaks HTTP
_INTERIM_HEADS = re.compile(rb"(?:" + _INTERIM.pattern + _LINES + rb"\r?\n)*")
_SUCCESS = re.compile(rb"HTTP/1\.\d +2(\d\d)(?: [^\r\n]*)?\r?\n")
_FIELDS = re.compile(rb"(" + _LINES + rb")\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:[ \t]*chunked[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_LAST_CHUNK = re.compile(rb"(?:^|\r\n)0\r\n\r\n\Z")


def ends_request(early: bytes) -> bool:
    r"""
    Return whether the rest of a request should not be sent, after these bytes have come back.

    A refusal or a redirect ends the request with its first line (RFC 9112 §9.5, RFC 9110 §15.5.14). A success ends it
    only when it is complete: the server may be answering while it reads. Interim answers (RFC 9110 §15.2) end nothing.

    >>> ends_request(b"HTTP/1.1 100 Continue\r\n\r\n"), ends_request(b"HTTP/1.1 413 Content Too Large\r\n")
    (False, True)
    """
    heads = _INTERIM_HEADS.match(early)
    rest = early[heads.end() :] if heads else early
    if not rest or (b"\n" not in rest and b"HTTP/1.".startswith(rest[:7])) or _INTERIM.match(rest):
        return len(early) >= MOST_EARLY
    success = _SUCCESS.match(rest)
    if success is None:
        return True
    head = _FIELDS.match(rest, success.end())
    if head is None:
        return len(early) >= MOST_EARLY
    content = rest[head.end() :]
    if _CHUNKED.search(head[1]):
        return bool(_LAST_CHUNK.search(content))
    length = _LENGTH.search(head[1])
    return success[1] == b"04" or (length is not None and len(content) >= int(length[1]))
