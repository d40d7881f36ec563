"""A server that answers while a body is still being sent to it: the answer is read, and the rest is not sent."""

from __future__ import annotations

import dataclasses
import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

import dynclient
from dynclient.errors import BrokenAnswer, TimedOut
from dynclient.http.early_answers import MOST_EARLY, ends_request
from dynclient.responses.errors import StatusError
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.faultserver import LONGEST, FaultServer, Line, unread
from tests.network.test_faults import document

LARGE = 1 << 24


def saying(status: str, *fields: str, content: bytes = b'{"a": 1}') -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *fields, "", ""]
    return "\r\n".join(lines).encode() + content


REFUSAL = saying("413 Content Too Large", "Content-Length: 8")


@dataclasses.dataclass
class Early:
    """
    A fault that answers as soon as a request begins to come, and then does something else.

    `read` counts what came all the same, and `gave_up` is whether the server waited longer than anyone may.
    """

    then: Callable[[Early, Line], object]
    said: bytes = REFUSAL
    read: int = 0
    gave_up: bool = False

    def __call__(self, line: Line) -> None:
        line.send(self.said)
        self.then(self, line)


def stops_reading(early: Early, line: Line) -> None:
    early.gave_up = not line.ended.wait(LONGEST)


def reads_on(early: Early, line: Line) -> None:
    while data := line.socket.recv(1 << 16):
        early.read += len(data)


def reads_slowly(early: Early, line: Line) -> None:
    while not line.ended.wait(0.02) and (data := line.socket.recv(100)):
        early.read += len(data)


def closes_at_once(early: Early, line: Line) -> None:
    """With content that was not read, which makes it a reset."""


def resets_at_once(early: Early, line: Line) -> None:
    line.reset()


def closes(early: Early, line: Line) -> None:
    line.ended.wait(0.1)


def resets(early: Early, line: Line) -> None:
    line.ended.wait(0.1)
    line.reset()


BEHAVIOURS = [stops_reading, reads_on, reads_slowly, closes, closes_at_once, resets, resets_at_once]

Server = Callable[[Early], FaultServer]


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of http, and one of https, that plays a fault on its first connection and answers on the others."""
    servers = []

    def start(early: Early) -> FaultServer:
        def fault(line: Line) -> None:
            line.socket.recv(100)
            early(line)

        pem: Path | None = None
        if request.param == "https":
            pem = request.getfixturevalue("certificate")
            monkeypatch.setenv("SSL_CERT_FILE", f"{pem}.crt")
        server = FaultServer(before=[unread(fault)], tls=pem)
        servers.append(server.__enter__())
        return server

    yield start
    for server in servers:
        server.__exit__()


def as_bytes(_: Path) -> bytes:
    return bytes(LARGE)


def as_path(folder: Path) -> Path:
    path = folder / "large"
    path.write_bytes(bytes(LARGE))
    return path


def as_stream(_: Path) -> io.BytesIO:
    return io.BytesIO(bytes(LARGE))


def without_end(_: Path) -> Iterator[bytes]:
    return itertools.repeat(bytes(50_000))


def sender(url: str, **options: Any) -> Any:
    """A client that has half a minute for each piece, so that a test ends before it gives up."""
    options = {"retries": 0, "timeout": (5, 30), "total_timeout": 30, **options}
    return made(document(url), content_type="application/octet-stream", **options)


@pytest.mark.parametrize("then", BEHAVIOURS)
@pytest.mark.parametrize("body", [as_bytes, as_path, as_stream, without_end])
def test_a_refusal_ends_the_sending(server: Server, tmp_path: Path, then: Any, body: Callable[[Path], Any]) -> None:
    """Whatever the server does then, its answer is what the call comes to; the connection is not used again."""
    early = Early(then)
    at = server(early)
    c = sender(at.url)
    with pytest.raises(StatusError) as caught:
        c.create(body=body(tmp_path))
    error = caught.value

    assert not early.gave_up
    assert (error.status_code, error.sent, error.attempts, error.response.data) == (413, "refused", 1, {"a": 1})
    assert early.read < LARGE
    assert (c.get().status_code, at.connections) == (200, 2)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (saying("401 Unauthorized", "Content-Length: 0", content=b""), 401),
        (saying("500 Oops", "Transfer-Encoding: chunked", content=b"8\r\n{" + b'"a": 1}\r\n0\r\n\r\n'), 500),
        (saying("307 Elsewhere", "Location: http://other.test/", "Content-Length: 0", content=b""), 307),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + REFUSAL, 413),
        (saying("200 OK", "Content-Length: 8"), 200),
        (saying("200 OK", "Transfer-Encoding: chunked", content=b"8\r\n{" + b'"a": 1}\r\n0\r\n\r\n'), 200),
        (saying("204 No Content", content=b""), 204),
    ],
    ids=["401", "500 in chunks", "redirect", "after interim answers", "200", "200 in chunks", "204"],
)
def test_any_status_ends_it(server: Server, said: bytes, status: int) -> None:
    """A success as well, once it has come whole."""
    early = Early(stops_reading, said)
    at = server(early)
    with sender(at.url, raise_for_status=False) as c:
        found = c.create(body=bytes(LARGE))

    assert (found.status_code, early.gave_up) == (status, False)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        b"HTTP/1.1 102 Process",
        saying("200 OK", "Content-Length: 8", content=b'{"a"'),
        saying("200 OK", "Transfer-Encoding: chunked", content=b'4\r\n{"a"\r\n'),
    ],
    ids=["interim", "half an interim", "begun", "begun in chunks"],
)
def test_a_body_that_is_wanted_is_sent_whole(server: Server, said: bytes) -> None:
    """Interim answers do not stop it, nor does a server that answers as it reads."""
    rest = {
        b"HTTP/1.1 100 C": REFUSAL,
        b"HTTP/1.1 102 P": b"ing\r\n\r\n" + REFUSAL,
        b"HTTP/1.1 200 O": b': 1}' if b"Length" in said else b'4\r\n: 1}\r\n0\r\n\r\n',
    }[said[:14]]  # fmt: skip

    def reads_all(early: Early, line: Line) -> None:
        while early.read < LARGE:
            early.read += len(line.socket.recv(1 << 16))
        line.send(rest)
        line.ended.wait(LONGEST)

    early = Early(reads_all, said)
    at = server(early)
    with sender(at.url, raise_for_status=False) as c:
        found = c.create(body=bytes(LARGE))

    assert (found.data, early.read >= LARGE) == ({"a": 1}, True)


def test_a_body_without_an_end(server: Server) -> None:
    """Is sent until the time for the call is over, however fast the server reads."""
    early = Early(reads_on, b"")
    at = server(early)
    with pytest.raises(TimedOut, match="was not done within"):
        sender(at.url, total_timeout=0.5).create(body=without_end(Path()))


@pytest.mark.parametrize("then", [closes, resets])
def test_half_an_early_answer_is_none(server: Server, then: Any) -> None:
    """An end that is a reset is no end of an answer (RFC 9112 §8)."""
    at = server(Early(then, saying("413 Content Too Large")))
    if at.url.startswith("https") and then is closes:
        pytest.skip("TLS announces this end, so that the answer is whole")
    with pytest.raises(BrokenAnswer) as caught:
        sender(at.url).create(body=bytes(LARGE))

    assert caught.value.sent == "refused"


def test_other_bytes_than_an_answer(server: Server) -> None:
    """Are an error at once."""
    early = Early(stops_reading, b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
    at = server(early)
    with pytest.raises(BrokenAnswer, match="cannot be read"):
        sender(at.url).create(body=bytes(LARGE))

    assert not early.gave_up


def test_a_redirect_takes_the_body_along(server: Server) -> None:
    """From its beginning, to where it leads."""
    early = Early(stops_reading)
    early.said = saying("307 Elsewhere", "Location: /else", "Content-Length: 0", content=b"")
    at = server(early)
    if at.url.startswith("https"):
        pytest.skip("the server behind has to read the body, and plain http shows it")

    assert sender(at.url).create(body=io.BytesIO(b"x" * LARGE)).status_code == 200
    assert [(seen.target, seen.body == b"x" * LARGE) for seen in at.seen] == [("/else", True)]


@only("AsyncClient")
@pytest.mark.parametrize("then", BEHAVIOURS)
def test_on_trio(server: Server, then: Any) -> None:
    """As on asyncio."""
    pytest.importorskip("trio")
    early = Early(then)
    at = server(early)

    async def call() -> int:
        async with dynclient.AsyncClient(document(at.url), retries=0, raise_for_status=False) as c:
            return (await c.create(body=io.BytesIO(bytes(LARGE)))).status_code

    assert (anyio.run(call, backend="trio"), early.gave_up) == (413, False)


@only("Client")
@pytest.mark.parametrize(
    ("early", "ends"),
    [
        (b"", False),
        (b"HT", False),
        (b"HTTP/1.1 4", False),
        (b"HTTP/1.1 400 Bad\r\n", True),
        (b"SSH", True),
        (b"HTTP/1.1 100 C\r\nA: b\r\n", False),
        (b"HTTP/1.1 100 C\r\nA: b\r\n\r\n", False),
        (b"HTTP/1.1 100 C\n\nHTTP/1.1 103 E\nA: b\n\nHTTP/1.1 102 P\r\n\r\n", False),
        (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 413 No\r\n", True),
        (b"HTTP/1.1 101 Switching\r\n\r\n", True),
        (b"HTTP/1.1 100 C\r\n\r\n" * (MOST_EARLY // 10), True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\n\r\n{}", False),
        (b"HTTP/1.1 201 OK\nTransfer-Encoding: chunked\n\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * MOST_EARLY, True),
    ],
)
def test_what_ends_a_request(early: bytes, ends: bool) -> None:
    """A final answer that refuses, or that is whole."""
    assert ends_request(early) == ends
