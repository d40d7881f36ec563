"""
Unusual bytes of answers, and what RFC 9112 makes of them: both clients find the same, over TCP as over TLS.

Then what lies behind an answer: no call gets what was sent before it was made.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import anyio
import pytest

import dynclient
from dynclient.errors import BrokenAnswer, DynclientError
from dynclient.http.framing import MOST_FIELDS, Reader
from tests.drivers import KINDS, Waiting
from tests.faultserver import Fault, FaultServer, Line, answering, leaving, unread
from tests.places import PEM

OK = {"ok": True}
BODY = b'{"ok": true}'
LENGTH = b"Content-Length: 12"
TYPE = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"
LAST = b"0\r\n\r\n"
CHUNKS = b"c\r\n" + BODY + b"\r\n" + LAST


def written(*fields: bytes, content: bytes = BODY, status: bytes = b"HTTP/1.1 200 OK", end: bytes = b"\r\n") -> bytes:
    """An answer in bytes."""
    return end.join([status, TYPE, *fields, b"", b""]) + content


def whole(*fields: bytes, **options: Any) -> bytes:
    """An answer with these fields and the right length."""
    return written(*fields, LENGTH, **options)


def chunked(content: bytes, *fields: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return written(*fields, CHUNKED, content=content, status=status)


@dataclass(frozen=True)
class Row:
    """
    What a server sends, and what comes of it: the data, or None where it is refused.

    `kept` says whether the connection is used again, `headers` what some headers are (None: it is not there).
    `closes` says that the server then closes it.
    """

    section: str
    name: str
    sent: bytes
    data: Any = None
    kept: bool = False
    headers: dict[str, str | None] = field(default_factory=dict)
    closes: bool = False
    method: str = "get"


def good(section: str, name: str, sent: bytes, **more: Any) -> Row:
    """A row that is read, after which the connection is free."""
    return Row(section, name, sent, **{"data": OK, "kept": True, **more})


def once(section: str, name: str, sent: bytes, **more: Any) -> Row:
    """A row that is read, after which the connection is closed."""
    return Row(section, name, sent, **{"data": OK, **more})


def empty(section: str, name: str, sent: bytes, kept: bool = True, **more: Any) -> Row:
    return Row(section, name, sent, b"", kept, **more)


def value(text: bytes) -> bytes:
    return whole(b"X-A: " + text)


MANY = [b"X-A: b"] * (MOST_FIELDS - 2)  # with Content-Type and Content-Length

# Sections are of RFC 9112, but where another is named.
ROWS = [
    # The status line.
    good("4", "no reason", whole(status=b"HTTP/1.1 200")),
    good("4", "an empty reason", whole(status=b"HTTP/1.1 200 ")),
    good("4", "a reason that is not ASCII", whole(status="HTTP/1.1 200 Très bien".encode())),
    good("4", "two spaces", whole(status=b"HTTP/1.1  200 OK")),
    good("2.3", "a minor version to come", whole(status=b"HTTP/1.2 200 OK")),
    good("9110 15", "a status of no known class", whole(status=b"HTTP/1.1 600 Odd")),
    Row("2.3", "another major version", whole(status=b"HTTP/2.0 200 OK")),
    Row("2.3", "an old version", whole(status=b"HTTP/0.9 200 OK")),
    Row("2.3", "lower case", whole(status=b"http/1.1 200 OK")),
    Row("2.3", "a version of one number", whole(status=b"HTTP/1 200 OK")),
    Row("4", "a tab", whole(status=b"HTTP/1.1\t200 OK")),
    Row("9110 15", "a status below 100", whole(status=b"HTTP/1.1 099 OK")),
    Row("4", "a status of four digits", whole(status=b"HTTP/1.1 1000 OK")),
    Row("4", "a status of two digits", whole(status=b"HTTP/1.1 20 OK")),
    Row("4", "a status with a sign", whole(status=b"HTTP/1.1 +20 OK")),
    Row("4", "a NUL in the reason", whole(status=b"HTTP/1.1 200 O\0K")),
    Row("2.2", "a lone CR in the reason", whole(status=b"HTTP/1.1 200 O\rK")),
    Row("4", "an empty line before it", b"\r\n" + whole()),
    Row("4", "a space before it", b" " + whole()),
    Row("4", "no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n"),
    # Interim answers.
    good("9110 15.2", "an interim answer", b"HTTP/1.1 100 Continue\r\n\r\n" + whole()),
    good("9110 15.2", "many", b"HTTP/1.1 103 Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n" * 20 + whole()),
    Row("9110 15.2", "without end", b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" * 20_000),
    Row("9110 15.2.2", "another protocol", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"),
    Row("5.1", "an interim answer that is none", b"HTTP/1.1 103 Hints\r\nnonsense\r\n\r\n" + whole()),
    # The end of lines.
    good("2.2", "LF alone", whole(b"X-A: b", end=b"\n"), headers={"X-A": "b"}),
    good("2.2", "LF and CRLF", whole(b"X-A: b\nX-B: c"), headers={"X-A": "b", "X-B": "c"}),
    Row("2.2", "CR alone", whole(end=b"\r"), closes=True),
    Row("2.2", "a lone CR in a value", value(b"b\rX-B: c")),
    Row("2.2", "two CR", whole(b"X-A: b\r")),
    # Names and values.
    good("5.1", "space before a colon", whole(b"X-A : b"), headers={"X-A": "b"}),
    good("5.1", "a tab before a colon", whole(b"X-A\t: b"), headers={"X-A": "b"}),
    good("5.1", "space before the colon of the length", written(b"Content-Length : 12")),
    Row("5.1", "half of what that length says", written(b"X-A : b", b"Content-Length: 4000"), closes=True),
    good("5", "no space after a colon", whole(b"X-A:b"), headers={"X-A": "b"}),
    good("5", "much space", value(b" \t b c \t "), headers={"X-A": "b c"}),
    good("5", "an empty value", whole(b"X-A:"), headers={"X-A": ""}),
    good("5", "a colon in a value", value(b"b: c"), headers={"X-A": "b: c"}),
    good("5.2", "a folded line", value(b"b\r\n c"), headers={"X-A": "b c"}),
    good("5.2", "a line folded twice, with a tab", value(b"b\r\n\t c\r\n d"), headers={"X-A": "b c d"}),
    good("5.2", "a folded line of space", value(b"b\r\n \t"), headers={"X-A": "b"}),
    good("5.2", "a folded line like a field", value(b"b\r\n X-B: c"), headers={"X-A": "b X-B: c", "X-B": None}),
    good("5.2", "a folded length", written(b"Content-Length:\r\n 12")),
    Row("2.2", "a folded line at the beginning", b"HTTP/1.1 200 OK\r\n X-A: b\r\n" + whole()[17:]),
    Row("9110 5.5", "a NUL in a value", value(b"b\0c")),
    good("9110 5.5", "control characters in a value", value(b"b\x01\x0b\x0c\x1c\x7fc"),
         headers={"X-A": "b\x01\x0b\x0c\x1c\x7fc"}),
    good("9110 5.5", "other characters in a value", value("é\x85".encode()), headers={"X-A": "Ã©Â\x85"}),
    Row("9110 5.1", "a NUL in a name", whole(b"X\0A: b")),
    Row("9110 5.1", "other characters in a name", whole("X-é: b".encode())),
    Row("9110 5.1", "a space in a name", whole(b"X A: b")),
    Row("9110 5.1", "no name", whole(b": b")),
    Row("9110 5.1", "a name of space", whole(b"X-A: b", b"\t: c").replace(b"X-A: b\r\n", b"")
        .replace(TYPE + b"\r\n", b"")),
    Row("5", "no colon", whole(b"nonsense")),
    good("5.4", "as many fields as there may be", whole(*MANY)),
    Row("5.4", "too many fields", whole(*MANY, b"X-A: b")),
    Row("5.4", "a long line", value(b"b" * 70_000)),
    Row("5.4", "a long line without end", b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 70_000),
    # Where the content ends.
    good("6.3", "one length twice", whole(LENGTH), headers={"Content-Length": "12"}),
    good("6.3", "one length twice in a list", written(b"Content-Length: 12, 12"), headers={"Content-Length": "12"}),
    good("6.3", "one length, a list of it", whole(b"Content-Length: 12,12"), headers={"Content-Length": "12"}),
    good("9110 8.6", "a length with zeros", written(b"Content-Length: 0012")),
    good("9110 8.6", "a length of 0", written(b"Content-Length: 0", content=b""), data=b""),
    Row("6.3", "two lengths", whole(b"Content-Length: 2")),
    Row("6.3", "two lengths in a list", written(b"Content-Length: 12, 2")),
    Row("6.3", "an empty length", written(b"Content-Length:"), closes=True),
    Row("6.3", "an empty length beside another", whole(b"Content-Length:")),
    Row("6.3", "an empty length in a list", written(b"Content-Length: 12,")),
    Row("6.3", "a length with a sign", written(b"Content-Length: +12")),
    Row("6.3", "a negative length", written(b"Content-Length: -1")),
    Row("6.3", "a length in hexadecimal", written(b"Content-Length: 0xc")),
    Row("6.3", "a length with a point", written(b"Content-Length: 12.0")),
    Row("6.3", "a length with a space", written(b"Content-Length: 1 2")),
    Row("6.3", "a length with an underscore", written(b"Content-Length: 1_2")),
    Row("6.3", "a length in other digits", written("Content-Length: १२".encode())),
    Row("6.3", "a length of many digits", written(b"Content-Length: " + b"9" * 30)),
    Row("8", "less than the length", written(b"Content-Length: 13"), closes=True),
    once("6.3", "more than the length", whole(content=BODY + b"more")),
    once("6.3", "no length", written(), closes=True),
    once("6.3", "a length and chunks", chunked(CHUNKS, b"Content-Length: 5"), headers={"Content-Length": None}),
    once("6.3", "the right length and chunks", chunked(CHUNKS, LENGTH), headers={"Content-Length": None}),
    once("6.3", "a wrong length and chunks", chunked(CHUNKS, b"Content-Length: +1")),
    once("6.1", "identity and a length", whole(b"Transfer-Encoding: identity")),
    once("6.1", "identity and no length", written(b"Transfer-Encoding: identity"), closes=True),
    good("6.1", "identity and chunks", chunked(CHUNKS, b"Transfer-Encoding: identity")),
    once("6.1", "no coding and a length", whole(b"Transfer-Encoding:")),
    good("7", "chunks in upper case", written(b"transfer-encoding: CHUNKED", content=CHUNKS)),
    Row("6.1", "another coding", written(b"Transfer-Encoding: gzip, chunked", content=CHUNKS)),
    Row("6.1", "another coding at the end", written(b"Transfer-Encoding: chunked, gzip", content=CHUNKS)),
    Row("6.1", "chunks in chunks", written(b"Transfer-Encoding: chunked, chunked", content=CHUNKS)),
    Row("6.1", "chunks in chunks, in two fields", chunked(CHUNKS, CHUNKED)),
    Row("7", "chunks with a parameter", written(b"Transfer-Encoding: chunked;a=b", content=CHUNKS)),
    Row("6.1", "something like chunks", written(b"Transfer-Encoding: xchunked", content=CHUNKS)),
    once("6.1", "chunks of an old version", chunked(CHUNKS, b"Connection: keep-alive", status=b"HTTP/1.0 200 OK")),
    # Chunks.
    good("7.1", "zeros before a size", chunked(b"000C\r\n" + BODY + b"\r\n000\r\n\r\n")),
    good("7.1.1", "an extension", chunked(b'c;a="b;c";d\r\n' + BODY + b"\r\n0;e\r\n\r\n")),
    good("7.1.1", "space before an extension", chunked(b"c \t; a = b\r\n" + BODY + b"\r\n" + LAST)),
    good("7.1", "space after a size", chunked(b"c  \r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "space before a size", chunked(b" c\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size as Python writes it", chunked(b"0xc\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size with a sign", chunked(b"+c\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size with an underscore", chunked(b"0_c\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "no size", chunked(b"\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size of no sense", chunked(b"zz\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size of many digits", chunked(b"0" * 16 + b"c\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a size that ends with LF", chunked(b"c\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a last size that ends with LF", chunked(b"c\r\n" + BODY + b"\r\n0\n\r\n")),
    Row("7.1", "a size that ends with CR", chunked(b"c\r" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a chunk that ends with LF", chunked(b"c\r\n" + BODY + b"\n" + LAST)),
    Row("7.1", "a chunk that is longer", chunked(b"2\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1", "a chunk that is shorter", chunked(b"d\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1.1", "a NUL in an extension", chunked(b"c;\0\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1.1", "a lone CR in an extension", chunked(b"c;a\rb\r\n" + BODY + b"\r\n" + LAST)),
    Row("7.1.1", "a long extension", chunked(b"c;" + b"a" * 70_000)),
    good("7.1.2", "a trailer", chunked(CHUNKS[:-2] + b"X-A: b\r\nX-B : c\r\n d\r\n\r\n"), headers={"X-A": None}),
    good("7.1.2", "a length in the trailer", chunked(CHUNKS[:-2] + b"Content-Length: 1\r\n\r\n"),
         headers={"Content-Length": None}),
    good("7.1.2", "a trailer with LF alone", chunked(CHUNKS[:-2] + b"X-A: b\n\n")),
    Row("7.1.2", "a trailer that is none", chunked(CHUNKS[:-2] + b"nonsense\r\n\r\n")),
    Row("7.1.2", "a NUL in a trailer", chunked(CHUNKS[:-2] + b"X-A: b\0\r\n\r\n")),
    Row("7.1.2", "a long trailer", chunked(CHUNKS[:-2] + b"X-A: b\r\n" * 200)),
    Row("7.1.2", "another answer for a trailer", chunked(CHUNKS[:-2] + whole())),
    once("8", "no line after the last chunk", chunked(CHUNKS[:-2]), closes=True),
    once("8", "a trailer without end", chunked(CHUNKS[:-2] + b"X-A: b\r\n"), closes=True),
    Row("8", "half of the last chunk", chunked(CHUNKS[:-4]), closes=True),
    Row("8", "no last chunk", chunked(CHUNKS[:-5]), closes=True),
    Row("8", "half a chunk", chunked(CHUNKS[:9]), closes=True),
    once("9.2", "chunks, and something behind them", chunked(CHUNKS + b"\r\n")),
    # No content.
    empty("6.3", "204 with a length", whole(content=b"", status=b"HTTP/1.1 204 No Content")),
    empty("6.3", "204 with chunks", chunked(b"", status=b"HTTP/1.1 204 No Content")),
    empty("6.3", "304 with a length", whole(content=b"", status=b"HTTP/1.1 304 Not Modified")),
    empty("6.3", "304 with two lengths", whole(b"Content-Length: 1", content=b"", status=b"HTTP/1.1 304 Not Modified")),
    empty("6.3", "HEAD with a length", whole(content=b""), method="look", headers={"Content-Length": "12"}),
    empty("6.3", "HEAD with a bad length", written(b"Content-Length: x", content=b""), method="look"),
    empty("6.3", "HEAD with chunks", chunked(b""), method="look"),
    empty("6.3", "HEAD without either", written(content=b""), method="look"),
    empty("9.2", "204 with content", whole(status=b"HTTP/1.1 204 No Content"), kept=False),
    empty("9.2", "304 with content", whole(status=b"HTTP/1.1 304 Not Modified"), kept=False),
    empty("9.2", "HEAD with content", whole(), kept=False, method="look"),
    empty("9.2", "HEAD with the content in chunks", chunked(CHUNKS), kept=False, method="look"),
    # What becomes of the connection.
    once("9.6", "it closes", whole(b"Connection: close")),
    once("9.6", "it closes, in a list", whole(b"Connection: X-A, Close")),
    good("9.6", "something like it", whole(b"Connection: closed")),
    once("9.3", "an old version", whole(status=b"HTTP/1.0 200 OK")),
    good("9.3", "an old version that keeps it", whole(b"Connection: Keep-Alive", status=b"HTTP/1.0 200 OK")),
    once("9.2", "another answer behind it", whole() + whole(content=b"{}          ")),
    once("9.2", "an interim answer behind it", whole() + b"HTTP/1.1 100 Continue\r\n\r\n"),
    once("9.2", "an empty line behind it", whole() + b"\r\n"),
    once("9.2", "a NUL behind it", whole() + b"\0"),
]  # fmt: skip


def document(url: str) -> dict[str, Any]:
    events: dict[str, Any] = {"text/event-stream": {}, "application/json": {}}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": url}],
        "paths": {
            "/thing": {
                "get": {"operationId": "get", "responses": {"200": {"description": "", "content": events}}},
                "head": {"operationId": "look"},
                "put": {"operationId": "put", "requestBody": {"content": {"application/octet-stream": {}}}},
            },
            "/other": {"get": {"operationId": "other"}},
        },
    }


OPTIONS: dict[str, Any] = {
    "retries": 0,
    "total_timeout": 30,
    "validate_request": "off",
    "validate_response": "off",
    "raise_for_status": False,
}


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))


@contextlib.contextmanager
def client_of(kind: str, url: str) -> Iterator[Any]:
    if kind == "Client":
        with dynclient.Client(document(url), **OPTIONS) as client:
            yield client
        return
    waiting = Waiting(dynclient.AsyncClient(document(url), **OPTIONS), asyncio.Runner())
    try:
        yield waiting
    finally:
        waiting._end()


def clients(url: str) -> Iterator[Any]:
    """One of each kind, one after the other."""
    for kind in KINDS:
        with client_of(kind, url) as client:
            yield client


def sending(sent: bytes, closes: bool = False, size: int = 0) -> Fault:
    """These bytes, in pieces of this size, or in one."""

    def send(line: Line) -> bool:
        for start in range(0, len(sent), size or len(sent)):
            line.send(sent[start : start + (size or len(sent))])
        return not closes

    return send


def found(client: Any, server: FaultServer, row: Row, size: int) -> tuple[Any, ...]:
    """What a client makes of a row: its data, headers, and how many connections there were after the next call."""
    server.before = [sending(row.sent, row.closes, size)]
    before = server.connections
    try:
        response = client[row.method]()
        data, headers = response.data if response.content else response.content, dict(response.headers)
    except BrokenAnswer:
        data, headers = None, {}
    assert client.other().data == OK
    return data, headers, server.connections - before


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.section}: {row.name}")
def test_unusual_bytes(row: Row, tls: bool) -> None:
    """Both clients find the same, which is right, and keep the connection only where that is right."""
    with FaultServer(tls=tls) as server:
        one, other = (found(client, server, row, 0) for client in clients(server.url))

    assert one == other
    data, headers, connections = one
    assert (data, connections) == (row.data, 1 if row.kept else 2)
    assert {name: headers.get(name) for name in row.headers} == row.headers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.section}: {row.name}")
def test_where_they_are_cut_does_not_matter(row: Row) -> None:
    """Byte by byte, the reader finds what the clients found."""
    reader, content = Reader("HEAD" if row.method == "look" else "GET"), b""
    pieces = [row.sent[at : at + 1] for at in range(min(len(row.sent), 2000))] + [row.sent[2000:]]
    coming = iter([*filter(None, pieces), b""])
    expectation = pytest.raises(HTTPException) if row.data is None else contextlib.nullcontext()
    with expectation:
        while reader.head() is None:
            reader.feed(next(coming))
        while (piece := reader.piece(100)) is not None:
            content += piece
            if not piece:
                reader.feed(next(coming))
        for piece in filter(None, coming):
            reader.feed(piece)
        assert (content, reader.is_reusable) == (BODY if row.data == OK else row.data, row.kept)


# --------------------------------------------------------------------------------------------------- the end over TLS


ENDS = [
    ("with the connection", written(), False),
    ("with the connection, packed", written(b"Content-Encoding: identity"), False),
    ("with its length", whole(), True),
    ("with its last chunk", chunked(CHUNKS), True),
    ("in a head", b"HTTP/1.1 200 OK\r\n", False),
]


@pytest.mark.parametrize(("sent", "is_whole"), [end[1:] for end in ENDS], ids=[end[0] for end in ENDS])
def test_an_end_that_tls_did_not_announce(sent: bytes, is_whole: bool) -> None:
    """Anybody on the way can end a connection so (RFC 9112 §9.8): it ends no content, and harms none that is whole."""
    with FaultServer(tls=True) as server:
        for client in clients(server.url):
            server.before = [leaving(sent)]
            try:
                data = client.get().data
            except DynclientError as error:
                data = type(error)
            assert data == (OK if is_whole else BrokenAnswer)
            server.wait_until(lambda: server.open == 0)  # else a POST may meet the end of the connection as it is sent
            assert client.other().data == OK
            client.close()


def test_a_download_whose_end_tls_did_not_announce(tmp_path: Path) -> None:
    """Leaves no file; one whose end was announced is saved."""
    with FaultServer(tls=True) as server:
        for client in clients(server.url):
            server.before = [leaving(written()), sending(written(), closes=True)]
            with pytest.raises(BrokenAnswer):
                client.get.open().save(tmp_path / "file")
            assert not list(tmp_path.iterdir())
            client.get.open().save(tmp_path / "file")
            assert (tmp_path / "file").read_bytes() == BODY
            (tmp_path / "file").unlink()


def test_a_stream_whose_end_tls_did_not_announce() -> None:
    """Ends with an error, after the events that came; one whose end was announced is complete."""
    sent = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
    with FaultServer(tls=True) as server:
        for client in clients(server.url):
            server.before = [leaving(sent), sending(sent, closes=True)]
            with client.get.stream() as events:
                assert next(events).data == "1"
                with pytest.raises(BrokenAnswer):
                    next(events)
            with client.get.stream() as events:
                assert [event.data for event in events] == ["1"]


# ------------------------------------------------------------------------------------------------- behind an answer


NOBODYS = whole(content=b'{"to": "no"}')


def of_size(size: int) -> bytes:
    """An answer that has so many bytes with its head."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %07d\r\n\r\n"
    left = size - len(head % 0)
    return head % left + b'"' + b"x" * (left - 2) + b'"'


def in_records(*answers: bytes) -> Fault:
    """TLS over memory: each of these in records of its own, and all of them in one piece for the network."""

    def play(line: Line) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        secure = context.wrap_bio(came, goes, server_side=True)

        def when_it_can(step: Callable[[], Any]) -> Any:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    line.send(goes.read())
                    piece = line.socket.recv(1 << 16)
                    if not piece:
                        raise ConnectionAbortedError from None
                    came.write(piece)

        when_it_can(secure.do_handshake)
        when_it_can(lambda: secure.read(1 << 16))
        for answer in answers:
            secure.write(answer)
        line.send(goes.read())
        while when_it_can(lambda: secure.read(1 << 16)):
            secure.write(whole())
            line.send(goes.read())

    return unread(play)


SIZES = [1 << 14, 1 << 16, 1 << 17, 1 << 18, 1 << 20]


@pytest.mark.parametrize("size", [100, *SIZES])
def test_what_lies_behind_an_answer(size: int) -> None:
    """In whatever buffer it lies, no call gets it: neither where pieces end with the answer nor elsewhere."""
    with FaultServer() as server:
        for client in clients(server.url):
            before = server.connections
            server.before = [sending(of_size(size) + NOBODYS)]
            assert len(client.get().content) < size
            assert client.other().data == OK
            assert server.connections == before + 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [100, *SIZES])
def test_what_lies_behind_an_answer_over_tls(size: int, kind: str) -> None:
    """In another record, of which TLS may have read a part, all, or nothing."""
    faults = [in_records(of_size(size), NOBODYS), in_records(whole())]
    with FaultServer(before=faults) as server, client_of(kind, server.url.replace("http:", "https:")) as client:
        assert len(client.get().content) < size
        assert client.other().data == OK


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_behind_an_answer_through_a_proxy(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS to the server within TLS to the proxy, of which one record holds several of the other."""

    def through(play: Fault) -> Fault:
        def open_tunnel(line: Line) -> None:
            line.socket.recv(1 << 16)
            line.send(b"HTTP/1.1 200 OK\r\n\r\n")
            play(line)

        return unread(open_tunnel)

    faults = [through(in_records(whole(), NOBODYS)), through(in_records(whole()))]
    with FaultServer(tls=True, before=faults) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        with client_of(kind, "https://localhost:1") as client:
            assert [client.get().data, client.other().data, client.other().data] == [OK] * 3
        assert server.connections == 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("size", [100, 1 << 16])
def test_what_lies_behind_an_answer_to_a_task(backend: str, tls: bool, size: int) -> None:
    """On asyncio as on Trio; where nothing does, the connection is used again."""

    async def calls() -> tuple[Any, ...]:
        async with dynclient.AsyncClient(document(url), **OPTIONS) as client:
            await client.get()
            crossed = (await client.other()).data
            await client.other()
            return crossed, server.connections

    faults = [sending(of_size(size) + NOBODYS)]
    if tls:
        faults = [in_records(of_size(size), NOBODYS), in_records(whole())]
    with FaultServer(before=faults) as server:
        url = server.url.replace("http:", "https:") if tls else server.url
        crossed, connections = anyio.run(calls, backend=backend)

    assert (crossed, connections) == (OK, 2)


@pytest.mark.parametrize("behind", [NOBODYS, b"\r\n"], ids=["an answer", "an empty line"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_what_comes_behind_an_answer_later(behind: bytes, tls: bool) -> None:
    """While the connection waits for another call, which then goes on another."""
    with FaultServer(tls=tls) as server:
        for client in clients(server.url):
            sent = threading.Event()

            def late(line: Line, sent: threading.Event = sent) -> bool:
                line.send(whole())
                line.wait(0.05)
                line.send(behind)
                sent.set()
                return True

            server.before = [late]
            assert client.get().data == OK
            server.wait_until(sent.is_set)
            assert client.other().data == OK
            assert server.connections % 2 == 0


def test_an_end_that_lies_behind_an_answer() -> None:
    """That of TLS, before that of TCP: the connection is not used again."""

    def closing(line: Line) -> None:
        line.send(whole())
        assert isinstance(line.socket, ssl.SSLSocket)
        line.socket.setblocking(False)
        try:
            line.socket.unwrap()
        except ssl.SSLWantReadError:
            ended.set()
            line.wait()

    ended = threading.Event()
    with FaultServer(tls=True) as server:
        for client in clients(server.url):
            ended.clear()
            server.before = [closing]
            assert client.get().data == OK
            server.wait_until(ended.is_set)
            assert client.other().data == OK


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_to_half_a_request(kind: str) -> None:
    """Leaves no connection: what is sent next would be taken for the rest of the request."""

    def refuse(line: Line) -> None:
        line.socket.recv(100)
        line.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        line.wait()

    with FaultServer(before=[unread(refuse)]) as server, client_of(kind, server.url) as client:
        assert client.with_options(timeout=(5, 1.0)).put(body=b"x" * 20_000_000).status_code == 413
        assert client.other().data == OK


def test_a_tunnel_has_no_content() -> None:
    """Whatever the proxy says of its length (RFC 9112 §6.3)."""
    reader = Reader("CONNECT")
    reader.feed(written(b"Content-Length: x", CHUNKED, content=b""))

    assert (getattr(reader.head(), "status_code", 0), reader.is_done) == (200, True)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_connection_is_used_again(tls: bool) -> None:
    """Where nothing is in the way, whatever the size of the answers."""
    with FaultServer(tls=tls) as server:
        for client in clients(server.url):
            before = server.connections
            for size in [100, *SIZES]:
                server.before = [sending(of_size(size))]
                client.get()
            assert server.connections == before + 1
            server.before = [answering(keep=False)]
            client.get()
