"""
Every fault of a network and of a server that a call can meet: how often it was sent, how often the work was done, and
what it came to. None takes longer than its deadline, or more memory than its limit.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import io
import socket
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from dynclient.calls import sending
from dynclient.calls.hooks import Hooks
from dynclient.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    DynclientError,
    NoConnection,
    SendError,
    TimedOut,
)
from dynclient.http import codings
from dynclient.network.adapter import Adapter
from dynclient.responses.errors import RateLimited, Redirected, ResponseError, ServerError, StatusError
from dynclient.support.deadline import NEVER, Clock, Deadline
from tests.drivers import _driver, generate, made, only, timing  # noqa: F401
from tests.faultserver import (
    Fault,
    FaultServer,
    answering,
    closing,
    dripping,
    pouring,
    resetting,
    saying,
    saying_and_waiting,
    silent,
    unread,
)

OK = {"ok": True}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test with both clients, and over TLS as well, but for those that `plainly` names."""
    generate(metafunc)
    schemes = ["http"] if hasattr(metafunc.function, "plainly") else ["http", "https"]
    metafunc.parametrize("_scheme", schemes, indirect=True)


@pytest.fixture(autouse=True)
def _scheme(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers of the test speak TLS."""
    if request.param == "https":
        path: Path = request.getfixturevalue("certificate")
        monkeypatch.setattr(FaultServer, "everywhere", path)
        monkeypatch.setenv("SSL_CERT_FILE", f"{path}.crt")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{path}.crt")  # for sessions of the caller


def plainly(test: Any) -> Any:
    """Mark a test of what TLS has no part in, or of TLS itself."""
    test.plainly = True
    return test


JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

METHODS = {"get": "get", "put": "replace", "delete": "remove", "post": "create", "head": "look"}


def document(url: str) -> dict[str, Any]:
    body: dict[str, Any] = {"content": {"application/json": {}, "application/octet-stream": {}}}
    operations = {
        method: {"operationId": name, **({"requestBody": body} if method in ("put", "post") else {})}
        for method, name in METHODS.items()
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": url}],
        "paths": {"/thing": operations},
    }


def client(url: str, waits: list[float] | None = None, **options: Any) -> Any:
    """A client that does not wait between attempts, but notes in `waits` how long it would have."""
    slept = waits if waits is not None else []
    clock = Clock(sleep=slept.append, random=lambda: 0.0 if waits is None else 1.0)
    return timing(made(document(url), **options), clock)


@dataclasses.dataclass(frozen=True)
class Row:
    """
    A fault and what comes of it, by operation: what is returned or raised, `sent`, attempts, and times the work was
    done. Where `post` is not given, it is as for `get`.
    """

    name: str
    faults: Sequence[Fault]
    get: tuple[Any, str, int, int]
    post: tuple[Any, str, int, int]
    always: bool = True
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


def row(
    name: str,
    fault: Fault | Sequence[Fault],
    get: tuple[Any, str, int, int],
    post: tuple[Any, str, int, int] | None = None,
    **options: Any,
) -> Row:
    """A list of faults is played once, and answered properly afterwards; a single one is played for ever."""
    faults, always = ([fault], True) if callable(fault) else (fault, False)
    return Row(name, faults, get, post or get, always, options)


def chunks(*data: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in data) + b"0\r\n\r\n"


def encoded(coding: str, content: bytes) -> Fault:
    return answering(content, Content_Encoding=coding)


PACKED = gzip.compress(b'{"ok": true}')

LOST = (SendError, "unknown")
SLOW: Any = {"timeout": (5, 0.3)}
SHORT: Any = {"total_timeout": 0.5}

ROWS = [
    # The connection ends.
    row("closed before an answer", closing, (*LOST, 3, 3), (*LOST, 1, 1)),
    row("reset before an answer", resetting, (*LOST, 3, 3), (*LOST, 1, 1)),
    row("closed once", [closing], (OK, "yes", 2, 2), (*LOST, 1, 1)),
    row("reset once", [resetting], (OK, "yes", 2, 2), (*LOST, 1, 1)),
    row("closed in the status line", saying(b"HTTP/1.1 2"), (BrokenAnswer, "unknown", 1, 1)),
    row("closed in the head", saying(b"HTTP/1.1 200 OK\r\nContent-Le"), (BrokenAnswer, "unknown", 3, 3),
        (BrokenAnswer, "unknown", 1, 1)),
    row("closed after a field of the head", saying(b"HTTP/1.1 204 No Content\r\nX: 1\r\n"),
        (BrokenAnswer, "unknown", 3, 3), (BrokenAnswer, "unknown", 1, 1)),
    row("closed after an interim answer", saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        (BrokenAnswer, "unknown", 3, 3), (BrokenAnswer, "unknown", 1, 1)),
    row("half a body", saying(JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok":'), (BrokenAnswer, "yes", 3, 3),
        (BrokenAnswer, "yes", 1, 1)),
    row("half a body once", [saying(JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok":')], (OK, "yes", 2, 2),
        (BrokenAnswer, "yes", 1, 1)),
    row("no body at all", saying(JSON_HEAD + b"Content-Length: 12\r\n\r\n"), (BrokenAnswer, "yes", 3, 3),
        (BrokenAnswer, "yes", 1, 1)),
    row("half a chunk", saying(CHUNKED + b'c\r\n{"ok":'), (BrokenAnswer, "yes", 3, 3), (BrokenAnswer, "yes", 1, 1)),
    row("no last chunk", saying(CHUNKED + b'c\r\n{"ok": true}\r\n'), (BrokenAnswer, "yes", 3, 3),
        (BrokenAnswer, "yes", 1, 1)),
    row("half an error", saying(b"HTTP/1.1 400 Bad\r\nContent-Length: 9\r\n\r\n{"), (BrokenAnswer, "refused", 3, 3)),
    # Time.
    row("silence", silent, (TimedOut, "unknown", 3, 3), (TimedOut, "unknown", 1, 1), **SLOW),
    row("silence once", [silent], (OK, "yes", 2, 2), (TimedOut, "unknown", 1, 1), **SLOW),
    row("silence until the deadline", silent, (TimedOut, "unknown", 1, 1), **SHORT),
    row("silence in the head", saying_and_waiting(JSON_HEAD), (TimedOut, "unknown", 1, 1), **SHORT),
    row("silence in the body", saying_and_waiting(JSON_HEAD + b"Content-Length: 9\r\n\r\n{"),
        (TimedOut, "yes", 1, 1), **SHORT),
    row("dripping status line", dripping(b"HTTP/1.1 2"), (TimedOut, "unknown", 1, 1), **SHORT),
    row("dripping head", dripping(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 99), (TimedOut, "unknown", 1, 1), **SHORT),
    row("dripping body", dripping(b" ", JSON_HEAD + b"Content-Length: 9999\r\n\r\n"), (TimedOut, "yes", 1, 1),
        **SHORT),
    row("endless interim answers", pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
        (BrokenAnswer, "unknown", 1, 1)),
    # What the server says.
    row("500 after the work", answering(status="500 Oops"), (ServerError, "unknown", 3, 3),
        (ServerError, "unknown", 1, 1)),
    row("502 once", [answering(status="502 Bad Gateway")], (OK, "yes", 2, 2), (ServerError, "unknown", 1, 1)),
    row("503 with a time", [answering(status="503 Busy", Retry_After="0")], (OK, "yes", 2, 2)),
    row("503 without", [answering(status="503 Busy")], (OK, "yes", 2, 2), (ServerError, "unknown", 1, 1)),
    row("429", [answering(status="429 Slow Down", Retry_After="0")], (OK, "yes", 2, 2)),
    row("429 for too long", answering(status="429 Slow Down", Retry_After="999999999999"),
        (RateLimited, "refused", 1, 1)),
    row("429 with nonsense", [answering(status="429 Slow Down", Retry_After="soon")], (OK, "yes", 2, 2)),
    row("408", [answering(status="408 Slow")], (OK, "yes", 2, 2), (StatusError, "unknown", 1, 1)),
    row("501", answering(status="501 No"), (ServerError, "refused", 1, 1)),
    row("404", answering(status="404 No"), (StatusError, "refused", 1, 1)),
    row("500 and should not", answering(status="500 Oops", x_should_retry="false"), (ServerError, "unknown", 1, 1)),
    row("429 and should not", answering(status="429 No", x_should_retry="false"), (RateLimited, "refused", 1, 1)),
    row("409 and should", [answering(status="409 No", x_should_retry="true")], (OK, "yes", 2, 2),
        (StatusError, "unknown", 1, 1)),
    row("no retries", closing, (*LOST, 1, 1), retries=0),
    row("no retries after 429", answering(status="429 Slow Down", Retry_After="0"), (RateLimited, "refused", 1, 1),
        retries=0),
    # The head is not what it should be.
    row("no HTTP", saying(b"SSH-2.0-OpenSSH_9.6\r\n"), (BrokenAnswer, "unknown", 1, 1)),
    row("bytes of no sense", saying(b"\x15\x03\x01\x00\x02\x02\x16\r\n\r\n"), (BrokenAnswer, "unknown", 1, 1)),
    row("no status", saying(b"HTTP/1.1 OK\r\n\r\n"), (BrokenAnswer, "unknown", 1, 1)),
    row("a status of two digits", saying(b"HTTP/1.1 20 OK\r\n\r\n"), (BrokenAnswer, "unknown", 1, 1)),
    row("another protocol", saying(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), (BrokenAnswer, "unknown", 1, 1)),
    row("a line that is no field", saying(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n{}"),
        (BrokenAnswer, "unknown", 1, 1)),
    row("a line without an end", saying(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000), (BrokenAnswer, "unknown", 1, 1)),
    row("too many fields", saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000), (BrokenAnswer, "unknown", 1, 1)),
    row("a hundred and fifty fields", saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 150 + b"\r\n"),
        (BrokenAnswer, "unknown", 1, 1)),
    row("early hints", saying(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
        + JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok": true}'), (OK, "yes", 1, 1)),
    row("continue", saying(b"HTTP/1.1 100 Continue\r\n\r\n" + JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok": true}'),
        (OK, "yes", 1, 1)),
    # Where the body ends.
    row("two lengths", saying(JSON_HEAD + b'Content-Length: 12\r\nContent-Length: 2\r\n\r\n{"ok": true}'),
        (BrokenAnswer, "unknown", 1, 1)),
    row("one length twice", saying(JSON_HEAD + b'Content-Length: 12\r\nContent-Length: 12\r\n\r\n{"ok": true}'),
        (OK, "yes", 1, 1)),
    row("a negative length", saying(JSON_HEAD + b"Content-Length: -1\r\n\r\n{}"), (BrokenAnswer, "unknown", 1, 1)),
    row("a length with a sign", saying(JSON_HEAD + b"Content-Length: +2\r\n\r\n{}"), (BrokenAnswer, "unknown", 1, 1)),
    row("a length of many digits", saying(JSON_HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
        (BrokenAnswer, "unknown", 1, 1)),
    row("a length and chunks", saying(JSON_HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunks(b'{"ok": ', b"true}")), (OK, "yes", 1, 1)),
    row("an unknown transfer encoding", saying(JSON_HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks(b"{}")),
        (BrokenAnswer, "unknown", 1, 1)),
    row("no length", saying(JSON_HEAD + b'\r\n{"ok": true}'), (OK, "yes", 1, 1)),
    row("more than the length", saying(JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok": true}HTTP/1.1 500'),
        (OK, "yes", 1, 1)),
    row("a chunk of no size", saying(CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n"), (BrokenAnswer, "yes", 1, 1)),
    row("a chunk of negative size", saying(CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n"), (BrokenAnswer, "yes", 1, 1)),
    row("a chunk as Python writes it", saying(CHUNKED + b"0x2\r\n{}\r\n0\r\n\r\n"), (BrokenAnswer, "yes", 1, 1)),
    row("a chunk that is longer", saying(CHUNKED + b"2\r\n{}xx\r\n0\r\n\r\n"), (BrokenAnswer, "yes", 1, 1)),
    row("a chunk's line without an end", saying(CHUNKED + b"2" * 100_000), (BrokenAnswer, "yes", 1, 1)),
    row("chunks with extensions and a trailer", saying(CHUNKED + b'c;a="b"\r\n{"ok": true}\r\n0\r\nX: y\r\n\r\n'),
        (OK, "yes", 1, 1)),
    row("a trailer without an end", saying(CHUNKED + b"c\r\n{\"ok\": true}\r\n0\r\n" + b"X: y\r\n" * 50_000),
        (BrokenAnswer, "yes", 1, 1)),
    # What the body is.
    row("gzip", encoded("gzip", PACKED), (OK, "yes", 1, 1)),
    row("gzip in two members", encoded("x-gzip", gzip.compress(b'{"ok":') + gzip.compress(b" true}")),
        (OK, "yes", 1, 1)),
    row("gzip and what follows it", encoded("gzip", PACKED + b"\0\0garbage"), (OK, "yes", 1, 1)),
    row("deflate", encoded("deflate", zlib.compress(b'{"ok": true}')), (OK, "yes", 1, 1)),
    row("bare deflate", encoded("deflate", zlib.compress(b'{"ok": true}')[2:-4]), (OK, "yes", 1, 1)),
    row("gzip twice", encoded("gzip, gzip", gzip.compress(PACKED)), (OK, "yes", 1, 1)),
    row("no coding", encoded("identity", b'{"ok": true}'), (OK, "yes", 1, 1)),
    row("no content in a coding", encoded("gzip", b""), (None, "yes", 1, 1)),
    row("gzip that is none", encoded("gzip", b'{"ok": true}'), (BrokenAnswer, "yes", 1, 1)),
    row("deflate that is none", encoded("deflate", b'{"ok": true}'), (BrokenAnswer, "yes", 1, 1)),
    row("deflate of one byte", encoded("deflate", b"x"), (BrokenAnswer, "yes", 1, 1)),
    row("half of gzip", encoded("gzip", PACKED[:-9]), (BrokenAnswer, "yes", 3, 3), (BrokenAnswer, "yes", 1, 1)),
    row("an unknown coding", encoded("rot13", b"{}"), (BrokenAnswer, "yes", 1, 1)),
    row("no JSON", answering(b'{"ok": tr'), (ResponseError, "yes", 1, 1), validate_response="raise"),
    row("JSON too deep", answering(b"[" * 200_000), (ResponseError, "yes", 1, 1), validate_response="raise"),
    row("a number of many digits", answering(b"1" * 10_000), (ResponseError, "yes", 1, 1), validate_response="raise"),
    row("JSON in no charset", answering(b'{"ok": "\xff"}'), (ResponseError, "yes", 1, 1), validate_response="raise"),
    row("HTML", answering(b"<h1>Hello</h1>", Content_Type="text/html"), ("<h1>Hello</h1>", "yes", 1, 1)),
    row("a charset that does not exist", answering(b"hello", Content_Type="text/plain; charset=none-such"),
        ("hello", "yes", 1, 1)),
    row("too large", answering(b" " * 2000), (AnswerTooLarge, "yes", 1, 1), max_response_size=1000),
    row("a bomb", encoded("gzip", gzip.compress(b" " * 2_000_000)), (AnswerTooLarge, "yes", 1, 1),
        max_response_size=1_000_000),
    row("a bomb in a bomb", encoded("gzip, gzip", gzip.compress(gzip.compress(b" " * 10_000_000))),
        (AnswerTooLarge, "yes", 1, 1), max_response_size=1_000_000),
    row("without an end", pouring(JSON_HEAD + b"\r\n", b" " * 65536), (AnswerTooLarge, "yes", 1, 1),
        max_response_size=1_000_000),
    row("without an end in chunks", pouring(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"),
        (AnswerTooLarge, "yes", 1, 1), max_response_size=1_000_000),
]  # fmt: skip


def _is_slow(case: Row) -> bool:
    """Whether the client waits for its timeout."""
    return case.options == SHORT or "silence" in case.name


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.slow] if _is_slow(case) else [], id=case.name) for case in ROWS]
)
def test_fault(case: Row, method: str) -> None:
    """It is sent, and the work is done, as often as it may be; and it comes to a right value or an error of ours."""
    expected, sent, attempts, work = case.get if method == "get" else case.post
    always, before = (case.faults[0], ()) if case.always else (None, case.faults)
    options = case.options
    if options == SHORT and FaultServer.everywhere:
        options = {"total_timeout": 1.0}  # with time for handshakes, also on a busy machine
    began = time.monotonic()
    with FaultServer(always, before) as server:
        found: Any
        try:
            response = client(server.url, **options)[METHODS[method]]()
            found, told = response.data, ("yes", response.attempts)
        except DynclientError as error:
            found, told = type(error), (error.sent, error.attempts)
        took = time.monotonic() - began

        assert found == expected or (isinstance(expected, type) and issubclass(found, expected))
        assert (*told, server.work) == (sent, attempts, work)
    assert took < 8


PACKERS: dict[str, Any] = {"gzip": gzip.compress, "deflate": zlib.compress}
for _name, _library in (("br", codings._library("br")), ("zstd", codings._library("zstd"))):
    PACKERS |= {_name: _library.compress} if _library else {}


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_content_in_a_coding(coding: str, tmp_path: Path) -> None:
    """Is whole or refused: by calls, streams and downloads; the connection is then free all the same."""
    if coding not in PACKERS:
        pytest.skip("needs its library")
    lines = b"".join(b'{"n": %d}\n' % n for n in range(1000))
    packed = PACKERS[coding](lines)
    good, cut = (
        answering(content, Content_Type="application/jsonl", Content_Encoding=coding)
        for content in (packed, packed[:-5])
    )
    with FaultServer(answering(), before=[good, good, good, cut, cut, cut]) as server:
        c = client(server.url, retries=0)
        assert c.get().content == lines
        with c.get.stream() as items:
            assert len(list(items)) == 1000
        assert c.get.open().save(tmp_path / "file").read_bytes() == lines
        with pytest.raises(BrokenAnswer, match="its compressed content broke off"):
            c.get()
        with c.get.stream() as items, pytest.raises(BrokenAnswer, match="its compressed content broke off"):
            list(items)
        with pytest.raises(BrokenAnswer, match="its compressed content broke off"):
            c.get.open().save(tmp_path / "cut")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]
        assert c.get().data == OK


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_bombs(coding: str) -> None:
    """No more is unpacked than may be, in one coding or in several."""
    if coding not in PACKERS:
        pytest.skip("needs its library")
    bomb = PACKERS[coding](b" " * 5_000_000)
    faults = [encoded(coding, bomb), encoded(f"{coding}, gzip", gzip.compress(bomb))]
    with FaultServer(before=faults) as server:
        for _ in faults:
            with pytest.raises(AnswerTooLarge):
                client(server.url, max_response_size=1_000_000, retries=0).get()


def test_codings_without_end(tmp_path: Path) -> None:
    """Are refused at once, by calls, streams and downloads."""
    with FaultServer(encoded(",".join(["gzip"] * 3000), b"abc")) as server:
        c = client(server.url)
        for call in (c.get, lambda: list(c.get.stream()), lambda: c.get.open().save(tmp_path / "file")):
            with pytest.raises(DynclientError) as caught:
                call()
            assert isinstance(caught.value, (BrokenAnswer, ResponseError))


# ---------------------------------------------------------------------------------------------------- before the answer


@plainly
def test_nobody_listens(nowhere: str) -> None:
    """Nothing was sent, so that any method is tried again."""
    waits: list[float] = []
    with pytest.raises(NoConnection) as caught:
        client(nowhere, waits).create()

    assert (caught.value.sent, caught.value.attempts, waits) == ("no", 3, [0.5, 1.0])


@plainly
def test_a_name_that_nobody_has() -> None:
    """Nothing was sent."""
    with pytest.raises(NoConnection) as caught:
        client("http://nobody.invalid").create()

    assert (caught.value.sent, caught.value.attempts) == ("no", 3)


@plainly
def test_nobody_accepts() -> None:
    """No connection within the time, on a port whose queue is full."""
    with full_queue() as url, pytest.raises(TimedOut) as caught:
        client(url, timeout=(0.05, 5), retries=1).create()

    assert (caught.value.sent, caught.value.attempts) == ("no", 2)


@contextlib.contextmanager
def full_queue() -> Iterator[str]:
    """The URL of a server that accepts nobody, and whose queue of those who wait is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        waiting = []
        try:
            while True:
                one = socket.socket()
                waiting.append(one)
                one.settimeout(0.05)
                try:
                    one.connect(listener.getsockname())
                except TimeoutError:
                    break
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            for one in waiting:
                one.close()


def https(server: FaultServer) -> str:
    return server.url.replace("http:", "https:")


@plainly
def test_a_handshake_that_never_ends() -> None:
    """Nothing was sent by then."""
    with FaultServer(before=[unread(silent)] * 3) as server:
        with pytest.raises(TimedOut) as caught:
            client(https(server), timeout=(0.1, 5), retries=0).create()

        assert caught.value.sent == "no"


# ----------------------------------------------------------------------------------------------- bodies, sent once more


PUT_BODY = b"all of the content"


@pytest.mark.parametrize(
    "make",
    [
        lambda _: PUT_BODY,
        lambda _: io.BytesIO(PUT_BODY),
        lambda folder: written(folder),
    ],
    ids=["bytes", "stream", "path"],
)
def test_a_body_is_sent_whole_again(make: Any, tmp_path: Path) -> None:
    """From its beginning, after an attempt that failed."""
    with FaultServer(before=[closing, answering(status="503 Busy")]) as server:
        response = client(server.url).replace(body=make(tmp_path))

    assert response.attempts == 3
    assert [seen.body for seen in server.seen] == [PUT_BODY] * 3


def written(folder: Path) -> Path:
    path = folder / "body"
    path.write_bytes(PUT_BODY)
    return path


def test_an_iterator_is_sent_once() -> None:
    """It is never sent again empty: the first error stands."""
    with FaultServer(before=[closing]) as server:
        with pytest.raises(SendError) as caught:
            client(server.url, content_type="application/octet-stream").replace(body=iter([b"all", b"of it"]))

        assert (caught.value.attempts, server.work) == (1, 1)


class Broken(io.BytesIO):
    """A file that fails while it is read."""

    def read(self, size: int | None = -1) -> bytes:
        if size != 1:
            raise OSError("the disk is gone")
        return super().read(size)


@plainly
def test_a_body_that_fails() -> None:
    """It is no fault of the network, and is not tried again."""
    with FaultServer() as server:
        with pytest.raises(SendError, match="the body broke off") as caught:
            client(server.url).replace(body=Broken(b"content"))

        assert (caught.value.attempts, server.work) == (1, 0)


def test_a_server_that_answers_before_the_body_was_sent() -> None:
    """Its answer is read, also where it reads no more of what we send."""

    def refuse(line: Any) -> None:
        line.socket.recv(100)
        line.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        line.wait()

    with FaultServer(before=[unread(refuse)]) as server:
        with pytest.raises(StatusError) as caught:
            client(server.url, timeout=(5, 0.5)).create(body=b"x" * 20_000_000)

        assert (caught.value.status_code, caught.value.sent, caught.value.attempts) == (413, "refused", 1)


def test_a_server_that_reads_nothing() -> None:
    """An upload that stalls ends in time."""
    with FaultServer(before=[unread(silent)]) as server:
        with pytest.raises(TimedOut) as caught:
            client(server.url, timeout=(5, 0.3)).create(body=b"x" * 20_000_000)

        assert (caught.value.sent, caught.value.attempts) == ("unknown", 1)


# ----------------------------------------------------------------------------------------------------- idempotency keys


def test_one_key_for_all_attempts() -> None:
    """With it a POST is sent again, and the server can tell that it is the same."""
    with FaultServer(before=[closing, answering(status="500 Oops")]) as server:
        response = client(server.url, idempotency_key=True).create(body={"a": 1})

    keys = [seen.headers.get("idempotency-key") for seen in server.seen]
    assert (response.attempts, len(keys), len(set(keys)), len(keys[0] or "")) == (3, 3, 1, 36)


def test_each_call_has_a_key_of_its_own() -> None:
    """But not those that are idempotent by their method."""
    with FaultServer() as server:
        c = client(server.url, idempotency_key=True)
        for _ in range(2):
            c.create()
        c.get()

    keys = [seen.headers.get("idempotency-key") for seen in server.seen]
    assert (keys[2], keys[0] != keys[1]) == (None, True)


@pytest.mark.parametrize(
    ("declared", "options", "arguments", "expected"),
    [
        (None, {"idempotency_key": "k"}, {}, {"idempotency-key": "k"}),
        (None, {"idempotency_key": "k", "idempotency_header": "X-Once"}, {}, {"x-once": "k"}),
        ("X-Idempotency-Token", {"idempotency_key": "k"}, {}, {"x-idempotency-token": "k"}),
        ("X-Idempotency-Token", {"idempotency_key": "k"}, {"x_idempotency_token": "m"}, {"x-idempotency-token": "m"}),
        ("X-Idempotency-Token", {}, {"x_idempotency_token": "m"}, {"x-idempotency-token": "m"}),
        (None, {"headers": {"Idempotency-Key": "h"}, "idempotency_key": "k"}, {}, {"idempotency-key": "h"}),
    ],
)
def test_the_header_of_the_key(
    declared: str | None, options: dict[str, Any], arguments: dict[str, str], expected: dict[str, str]
) -> None:
    """That of the document, or of the client; what the call gives itself stays, and counts as well."""
    with FaultServer(before=[closing]) as server:
        contents = document(server.url)
        if declared:
            parameter = {"name": declared, "in": "header", "required": True, "schema": {"type": "string"}}
            contents["paths"]["/thing"]["post"]["parameters"] = [parameter]
        c = timing(made(contents), Clock(sleep=lambda _: None))
        response = c.create.with_options(**options)(**arguments)

    told = {name: text for name, text in server.seen[1].headers.items() if "idem" in name or "once" in name}
    assert (response.attempts, told) == (2, expected)


# ------------------------------------------------------------------------------------------------------------ redirects


def moved(status: int, location: str) -> Fault:
    return answering(b"", status=f"{status} Moved", Location=location)


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "create", ("POST", b"x")),
        (302, "create", ("POST", b"x")),
        (303, "create", ("GET", b"")),
        (307, "create", ("POST", b"x")),
        (308, "replace", ("PUT", b"x")),
        (303, "replace", ("GET", b"")),
    ],
)
def test_redirects_keep_method_and_body(status: int, method: str, then: tuple[str, bytes]) -> None:
    """But for 303 (RFC 9110 §15.4)."""
    with FaultServer(before=[moved(status, "/other?a=1#part")]) as server:
        c = client(server.url, headers={"Authorization": "Bearer t"})
        response = c[method](body=b"x")

        first, second = server.seen
        assert (response.data, response.attempts) == (OK, 2)
        assert (second.method, second.body, second.target) == (*then, "/other?a=1")
        assert (first.headers["authorization"], second.headers["authorization"]) == ("Bearer t", "Bearer t")
        assert ("content-type" in second.headers) == bool(then[1])


def test_a_head_stays_one() -> None:
    """Also after 303."""
    with FaultServer(before=[moved(303, "/other")]) as server:
        client(server.url).look()

    assert [seen.method for seen in server.seen] == ["HEAD", "HEAD"]


@plainly
@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("", "without saying where to"),
        ("http://[", "to something that isn't a web address"),
        ("http://127.0.0.1:99999/", "to something that isn't a web address"),
        ("file:///etc/passwd", "to something that isn't a web address"),
        ("javascript:alert(1)", "to something that isn't a web address"),
        ("http://me:pw@127.0.0.1/", "to something that isn't a web address"),
        ("/a b", "to something that isn't a web address"),
        ("http://localhost:1/", "to http://localhost:1, another origin"),
        ("https://127.0.0.1/", "to https://127.0.0.1, another origin"),
        ("//evil.test/thing", "to http://evil.test, another origin"),
        ("/thing", "in a circle"),
    ],
)
def test_redirects_that_are_not_followed(location: str, reason: str) -> None:
    """The error says why, and nothing goes there; or the redirect is returned where errors are not raised."""
    with FaultServer(moved(307, location)) as server:
        with pytest.raises(Redirected) as caught:
            client(server.url).create(body=b"x")

        assert f"It redirects {reason}" in str(caught.value)
        assert (caught.value.sent, caught.value.attempts, server.work) == ("refused", 1, 1)
        assert client(server.url, raise_for_status=False).create(body=b"x").status_code == 307


def test_redirects_without_an_end() -> None:
    """Five are followed."""
    count = iter(range(100))

    def further(line: Any) -> object:
        return moved(302, f"/{next(count)}")(line)

    with FaultServer(further) as server:
        with pytest.raises(Redirected, match="more than 5 times"):
            client(server.url).get()

        assert server.work == 6


@pytest.mark.parametrize("follow", [True, False, "list"])
@pytest.mark.parametrize(
    ("status", "method", "sent"),
    [
        *((status, "create", "unknown") for status in (300, 301, 302, 303)),
        *((status, "create", "refused") for status in (307, 308)),
        *((status, "replace", "unknown") for status in (301, 302, 303)),
        *((status, "remove", "unknown") for status in (302, 303)),
        (308, "remove", "refused"),
        *((status, "get", "refused") for status in (301, 302, 303, 307)),
    ],
)
def test_what_a_redirect_says_of_the_request(status: int, method: str, sent: str, follow: Any) -> None:
    """A 303, and in practice a 301 or 302, answers what may be carried out; 307 and 308 ask for it elsewhere."""
    with FaultServer(moved(status, "http://elsewhere.test/")) as server:
        options: dict[str, Any] = {"follow_redirects": ["http://other.test"] if follow == "list" else follow}
        if follow is False or status == 300:
            response = client(server.url, **options)[method]()
            assert (response.status_code, response.sent, server.work) == (status, sent, 1)
        else:
            with pytest.raises(Redirected) as caught:
                client(server.url, **options)[method]()
            assert (caught.value.sent, caught.value.response.sent, server.work) == (sent, sent, 1)


def test_see_other_to_the_same_url() -> None:
    """A GET of it is another request than the POST; a GET that leads to itself is a circle."""
    with FaultServer(before=[moved(303, "/thing")]) as server:
        assert client(server.url).create(body=b"x").data == OK
        assert [(seen.method, seen.body) for seen in server.seen] == [("POST", b"x"), ("GET", b"")]
    with FaultServer(before=[moved(303, "/a"), moved(302, "/thing")]) as server:
        assert client(server.url).create(body=b"x").data == OK
    with FaultServer(moved(303, "/thing")) as server:
        with pytest.raises(Redirected, match="in a circle") as caught:
            client(server.url).create(body=b"x")
        assert ([seen.method for seen in server.seen], caught.value.sent) == (["POST", "GET"], "unknown")


@pytest.mark.parametrize(
    ("then", "error", "sent", "methods"),
    [
        (answering(status="404 No"), StatusError, "unknown", ["POST", "GET"]),
        (moved(307, "http://elsewhere.test"), Redirected, "unknown", ["POST", "GET"]),
        (closing, SendError, "unknown", ["POST", "GET", "GET", "GET"]),
        (answering(status="500 Oops"), ServerError, "unknown", ["POST", "GET", "GET", "GET"]),
        (saying(JSON_HEAD + b"Content-Length: 9\r\n\r\n{"), BrokenAnswer, "yes", ["POST", "GET", "GET", "GET"]),
    ],
    ids=["404", "redirect", "closed", "500", "half a body"],
)
def test_what_fails_behind_see_other(then: Fault, error: type[DynclientError], sent: str, methods: list[str]) -> None:
    """The GET is repeated and not the POST, of which no error says that it was refused."""
    with FaultServer(then, before=[moved(303, "/done")]) as server:
        with pytest.raises(error) as caught:
            client(server.url).create(body=b"x")

        assert (caught.value.sent, [seen.method for seen in server.seen]) == (sent, methods)


def test_no_renewal_behind_see_other() -> None:
    """A 401 to the GET is no reason to make the POST again; one to the POST is."""
    tokens = iter("abcd")
    with FaultServer(answering(status="401 No"), before=[answering(status="401 No"), moved(303, "/done")]) as server:
        contents = document(server.url)
        contents["components"] = {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}
        contents["security"] = [{"b": []}]
        with pytest.raises(StatusError) as caught:
            made(contents, auth={"b": lambda: next(tokens)}).create()

        assert [seen.method for seen in server.seen] == ["POST", "POST", "GET"]
        assert caught.value.sent == "unknown"
    with FaultServer(answering(status="401 No"), before=[moved(303, "/done")]) as server:
        contents["servers"] = [{"url": server.url}]
        tokens = iter("abcd")
        with pytest.raises(StatusError) as caught:
            made(contents, auth={"b": lambda: next(tokens)}).create()

        assert ([seen.method for seen in server.seen], caught.value.sent) == (["POST", "GET"], "unknown")


@pytest.mark.parametrize(
    ("last", "sent"),
    [(answering(status="404 No"), "unknown"), (answering(status="429 No", x_should_retry="false"), "unknown")],
    ids=["404", "429"],
)
def test_one_attempt_that_may_have_done_it(last: Fault, sent: str) -> None:
    """A later one that was refused does not undo it."""
    with FaultServer(last, before=[closing]) as server, pytest.raises(StatusError) as caught:
        client(server.url).remove()

    assert (caught.value.sent, caught.value.attempts) == (sent, 2)


def test_a_server_that_goes_away_after_an_attempt() -> None:
    """Nothing of the second was sent; of the first the server may have carried out all."""
    with FaultServer(before=[closing]) as server:

        def leave(_: Any) -> None:
            with contextlib.suppress(OSError):  # it left before the first retry
                server._listener.shutdown(socket.SHUT_RDWR)
                server._listener.close()

        with pytest.raises(SendError) as caught:
            client(server.url, hooks=Hooks(before_retry=leave)).remove()

    assert (caught.value.sent, caught.value.args[2], caught.value.attempts) == ("unknown", "unknown", 3)


def test_an_iterator_cannot_follow_a_redirect() -> None:
    """It would arrive as nothing."""
    with FaultServer(moved(308, "/other")) as server:
        with pytest.raises(Redirected, match="the body cannot be read again"):
            client(server.url, content_type="application/octet-stream").create(body=iter([b"x"]))

        assert server.work == 1


def test_another_origin_that_was_named() -> None:
    """Gets the request, but nothing that says who calls."""
    with FaultServer() as other, FaultServer(moved(307, f"{other.url}/x")) as server:
        c = client(
            server.url, follow_redirects=[other.url], headers={"Authorization": "secret", "Cookie": "a=b", "X-K": "k"}
        )
        assert c.create(body=b"x").data == OK

        (seen,) = other.seen
        assert (seen.method, seen.body, seen.headers["content-type"]) == ("POST", b"x", "application/octet-stream")
        assert [name for name in ("authorization", "cookie", "x-k") if name in seen.headers] == []


def test_no_redirect_is_followed() -> None:
    """Where that is asked for."""
    with FaultServer(moved(302, "/other")) as server:
        assert client(server.url, follow_redirects=False).get().status_code == 302


def test_a_redirect_that_the_document_describes() -> None:
    """Elsewhere it is the answer."""
    with FaultServer(moved(302, "https://files.test/x")) as server:
        contents = document(server.url)
        contents["paths"]["/thing"]["get"]["responses"] = {"302": {"description": "elsewhere"}}

        assert made(contents).get().status_code == 302


def test_a_cookie_of_a_redirect() -> None:
    """Goes where it leads."""
    first = answering(b"", status="302 Found", Location="/other", Set_Cookie="s=1; Path=/")
    with FaultServer(before=[first]) as server:
        client(server.url).get()

    assert server.seen[1].headers["cookie"] == "s=1"


# --------------------------------------------------------------------------------------------- other ways to the server


@pytest.mark.parametrize("mounted", [False, True], ids=["as it comes", "with our adapter"])
@pytest.mark.parametrize(
    ("fault", "error", "sent"),
    [
        pytest.param(
            dripping(b" ", JSON_HEAD + b"Content-Length: 9999\r\n\r\n"), TimedOut, "yes", marks=pytest.mark.slow
        ),
        (saying(JSON_HEAD + b"Content-Length: 9\r\n\r\n{"), BrokenAnswer, "yes"),
        (encoded("gzip", gzip.compress(b" " * 2_000_000)), AnswerTooLarge, "yes"),
        (closing, SendError, "unknown"),
        (answering(), None, "yes"),
    ],
    ids=["dripping body", "half a body", "bomb", "closed", "answer"],
)
@only("Client")
def test_a_session_of_the_callers(mounted: bool, fault: Fault, error: type | None, sent: str) -> None:
    """Keeps its adapters: what is done above them holds there, too, and the rest where ours is mounted."""
    with FaultServer(fault) as server, requests.Session() as session:
        if mounted:
            session.mount("http://", Adapter())
        c = client(server.url, session=session, retries=0, total_timeout=1.0, max_response_size=1_000_000)
        found: tuple[type | None, str] = (None, "yes")
        try:
            c.create()
        except SendError as caught:
            found = (type(caught), caught.sent)

    assert found == (error, sent)


@only("Client")
def test_a_redirect_met_by_a_session_of_the_callers() -> None:
    """It is followed by us, not by requests."""
    with FaultServer(before=[moved(302, "/other")]) as server, requests.Session() as session:
        assert client(server.url, session=session).get().attempts == 2

    assert [seen.target for seen in server.seen] == ["/thing", "/other"]


def tunnel(line: Any) -> None:
    """A proxy that takes the request for a tunnel, and then says nothing."""
    line.socket.recv(1 << 16)
    line.wait()


@plainly
def test_a_proxy_that_never_opens_its_tunnel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The call ends in time, and nothing of it was sent."""
    with FaultServer(before=[unread(tunnel)]) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        with pytest.raises(SendError) as caught:
            client("https://api.test", timeout=(0.3, 0.3), retries=0).create()

    assert caught.value.sent == "no"


@plainly
def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing was sent."""
    with FaultServer(before=[unread(lambda line: line.send(b"HTTP/1.1 407 Who?\r\n\r\n"))]) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        with pytest.raises(NoConnection) as caught:
            client("https://api.test", retries=0).create()

    assert caught.value.sent == "no"


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What holds something up, until the test ends."""
    event = threading.Event()
    yield event
    event.set()


def test_a_name_that_is_looked_up_for_ever(monkeypatch: pytest.MonkeyPatch, release: threading.Event) -> None:
    """Is given up in the time for connecting, and for all: nothing was sent."""
    look_up = socket.getaddrinfo

    def looked_up(host: str | bytes, *arguments: Any, **options: Any) -> Any:
        if host in ("slow.test", b"slow.test"):
            release.wait()
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    for options in ({"timeout": (0.1, 5)}, {"total_timeout": 0.1}):
        with pytest.raises(TimedOut) as caught:
            client("http://slow.test:1", retries=0, **options).create()
        assert caught.value.sent == "no"
    release.set()


@only("AsyncClient")
def test_a_body_and_a_signature_that_never_come(release: threading.Event) -> None:
    """What a task waits for in a thread ends with the call."""

    def body() -> Iterator[bytes]:
        yield b"x"
        release.wait()

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        release.wait()
        return request

    with FaultServer() as server:
        contents = document(server.url)
        contents["components"] = {"securitySchemes": {"sign": {"type": "http", "scheme": "hmac"}}}
        contents["security"] = [{"sign": []}]
        options: Any = {"total_timeout": 0.3, "retries": 0}
        c = timing(made(contents, auth={"sign": requests_auth(sign)}, **options), Clock())
        with pytest.raises(TimedOut) as caught:
            c.get()
        assert (caught.value.sent, server.connections) == ("no", 0)
        with pytest.raises(TimedOut):
            client(server.url, content_type="application/octet-stream", **options).create(body=body())
        release.set()


def requests_auth(sign: Callable[[requests.PreparedRequest], requests.PreparedRequest]) -> requests.auth.AuthBase:
    class Signer(requests.auth.AuthBase):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            return sign(request)

    return Signer()


@plainly
def test_a_host_of_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is tried, until one takes the connection."""
    with FaultServer() as server:
        port = int(server.url.rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.9", "127.0.0.1")]
        look_up = socket.getaddrinfo

        def looked_up(host: str | bytes, *arguments: Any, **options: Any) -> Any:
            return found if host in ("several.test", b"several.test") else look_up(host, *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", looked_up)
        assert client(f"http://several.test:{port}").get().data == OK
        found.pop()
        found.append((*found[0][:4], ("127.0.0.8", port)))
        with pytest.raises(NoConnection):
            client(f"http://several.test:{port}", retries=0).get()


# -------------------------------------------------------------------------------------------------------------- streams


@only("Client")
def test_a_stream_is_read_as_it_comes() -> None:
    """Piece by piece, under a deadline that may be changed on the way."""
    went_on = threading.Event()

    def stream(line: Any) -> None:
        line.send(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        assert went_on.wait(5)
        line.send(b"3\r\ntwo\r\n")
        line.wait()

    with FaultServer(stream) as server:
        c = client(server.url)
        found = sending.send(c._core, c.get.operation, c.get.prepare(), NEVER, stream=True)
        pieces = c._core.transport.pieces("get", found.received)
        assert next(pieces) == b"one"
        went_on.set()
        assert next(pieces) == b"two"
        found.received.attempt.deadline = Deadline(0.1)
        with pytest.raises(TimedOut):
            next(pieces)


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream"])
@pytest.mark.parametrize("failures", [0, 1])
def test_attempts_of_a_content_that_breaks_off(kind: str, failures: int) -> None:
    """Of a stream, of what should have been one, and of a download: how often the request was sent."""
    half = saying(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n<p>".encode())
    for use in (lambda c: list(c.get.stream()), lambda c: b"".join(c.get.open()), lambda c: c.get()):
        with FaultServer(half, before=[closing] * failures) as server:
            contents = document(server.url)
            described = {"200": {"description": "", "content": {"text/event-stream": {}}}}
            contents["paths"]["/thing"]["get"]["responses"] = described
            c = timing(made(contents, retries=failures), Clock(sleep=lambda _: None))
            with pytest.raises(SendError) as caught:
                use(c)

        assert (caught.value.attempts, caught.value.sent) == (failures + 1, "yes")


@only("Client")
def test_a_stream_that_begins_with_an_error_is_read() -> None:
    """There is nothing to stream."""
    with FaultServer(answering(b"no", status="404 No")) as server:
        c = client(server.url)
        found = sending.send(c._core, c.get.operation, c.get.prepare(), NEVER, stream=True)

    assert found.received.answer.content == b"no"


# -------------------------------------------------------------------------------------------------------------- secrets


SECRET = "sk-SECRET-0123456789"


@pytest.mark.parametrize(
    "fault", [closing, silent, saying(b"HTTP/1.1 2"), encoded("gzip", b"no"), saying(JSON_HEAD + b"Content-Length: 9")]
)
def test_no_frame_shows_a_secret(fault: Fault) -> None:
    """Those of the libraries are cut off the errors' causes; those of the caller are the caller's."""
    with FaultServer(fault) as server, pytest.raises(SendError) as caught:
        client(server.url, headers={"Authorization": SECRET}, total_timeout=0.5, retries=0).create()

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown.stack = traceback.StackSummary.from_list(frame for frame in shown.stack if frame.filename != __file__)
    assert len(shown.stack) > 2
    assert SECRET not in "".join(shown.format())
