"""Streams over the network: nothing lost, nothing doubled, no item awaited for ever, and no connection left open."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import gzip
import itertools
import json
import logging
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import requests
from hypothesis import given, settings, strategies as st

import dynclient
from dynclient.calls.hooks import Hooks
from dynclient.calls.pacing import Traffic
from dynclient.errors import BrokenAnswer, CallError, SendError, TimedOut
from dynclient.responses.errors import NotFound, ResponseError, ServerError
from dynclient.support.deadline import Clock
from dynclient.wire.event_streams import Event, ItemError, StreamError
from tests.drivers import _driver, generate as pytest_generate_tests, made, only, timing  # noqa: F401
from tests.faultserver import Fault, FaultServer, answering, closing, dripping, saying, saying_and_waiting, silent

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
THREE = b'id: 1\ndata: {"n": 1}\n\nid: 2\ndata: {"n": 2}\n\nid: 3\ndata: {"n": 3}\n\n'
LINES = b'{"n": 1}\n{"n": 2}\n'

ITEM = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
STREAM_TYPES = {"text/event-stream": {"itemSchema": ITEM}, "application/jsonl": {"itemSchema": ITEM}}


def document(url: str, **more: Any) -> dict[str, Any]:
    """Operations that stream: `watch` by GET, and `run` by POST, which takes `stream` in its body."""
    answers = {"200": {"description": "", "content": {"application/json": {}, **STREAM_TYPES}}}
    body = {"type": "object", "properties": {"stream": {"type": ["boolean", "null"]}, "model": {"type": "string"}}}
    content = {"application/json": {"schema": body}, "application/octet-stream": {}}
    asked = {"name": "stream", "in": "query", "schema": {"type": "boolean"}}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": url}],
        "paths": {
            "/things": {
                "get": {"operationId": "watch", "responses": answers},
                "put": {"operationId": "ask", "parameters": [asked], "responses": answers},
                "post": {"operationId": "run", "requestBody": {"content": content}, "responses": answers},
                "delete": {"operationId": "silent"},
                "patch": {"operationId": "quiet", "parameters": [asked]},
            }
        },
        **more,
    }


def client(url: str, waits: list[float] | None = None, **options: Any) -> Any:
    """A client that does not wait between attempts, but notes in `waits` how long it would have."""
    clock = Clock(sleep=(waits if waits is not None else []).append, random=lambda: 0.0)
    return timing(made(document(url), **options), clock)


def chunks(*data: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in data if each) + end


def streaming(content: bytes, kind: str = "text/event-stream", **headers: Any) -> Fault:
    return answering(content, Content_Type=kind, **headers)


def broken(content: bytes) -> Fault:
    """These events, and then the end of the connection in the midst of the answer."""
    return saying(CHUNKED + chunks(content, end=b""))


def endless(content: bytes) -> Fault:
    """These events, and then comments until nobody listens any more."""
    return dripping(b"2\r\n:\n\r\n", CHUNKED + chunks(content, end=b""))


def read(stream: dynclient.Stream) -> tuple[list[Any], Exception | None]:
    """The data of the events, and the error that ended them."""
    found: list[Any] = []
    try:
        with stream:
            for event in stream:
                found.append(event.data)  # noqa: PERF401
    except dynclient.DynclientError as error:
        return found, error
    return found, None


def numbers(*n: int) -> list[Any]:
    return [{"n": each} for each in n]


# -------------------------------------------------------------------------------------------------------- what it gives


def test_events() -> None:
    """Each with its type, data, id, and the time to wait; the head of the answer is there as well."""
    content = b'retry: 20\nevent: made\nid: 7\ndata: {"n": 1}\n\n: ping\n\ndata: word\n\n'
    with (
        FaultServer(streaming(content)) as server,
        client(server.url, validate_response="off").watch.stream() as events,
    ):
        assert (events.response.status_code, events.response.headers["Content-Type"]) == (200, "text/event-stream")
        assert list(events) == [
            Event({"n": 1}, '{"n": 1}', "made", "7", 20),
            Event("word", "word", "message", "7", 20),
        ]
        assert (events.number, events.last_event_id) == (2, "7")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/jsonl", LINES),
        ("application/x-ndjson; charset=utf-8", LINES),
        ("application/json-seq", b'\x1e{"n": 1}\n\x1e{"n": 2}\n'),
        ("text/event-stream", b'data: {"n": 1}\r\rdata: {"n": 2}\r\r'),
    ],
)
def test_the_content_type_received_tells_the_kind(kind: str, content: bytes) -> None:
    """Whatever the document says."""
    with FaultServer(streaming(content, kind)) as server:
        assert read(client(server.url).watch.stream()) == (numbers(1, 2), None)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/octet-stream", "binary/octet-stream", ""]
)
def test_lines_under_another_content_type(kind: str) -> None:
    """They are a stream where the caller says so."""
    with FaultServer(streaming(LINES, kind)) as server:
        asked = client(server.url).watch.with_options(stream_type="application/jsonl")
        assert read(asked.stream()) == (numbers(1, 2), None)

    assert server.seen[0].headers["accept"].startswith("application/jsonl, ")


def test_events_under_another_content_type() -> None:
    """Any kind of stream may be meant, for a whole client too; a Content-Type of streams wins."""
    with FaultServer(streaming(THREE, "text/plain"), [streaming(LINES, "application/jsonl")]) as server:
        asking = client(server.url, stream_type="text/event-stream")
        assert read(asking.watch.stream()) == (numbers(1, 2), None)
        assert read(asking.watch.stream()) == (numbers(1, 2, 3), None)


def test_items_under_another_content_type_are_validated() -> None:
    """By the schema of the type that came, where the document has none for the type that is read."""
    schema = {"type": "object", "properties": {"n": {"maximum": 1}}}
    contents = document("http://api.test")
    contents["paths"]["/things"]["get"]["responses"] = {
        "200": {"description": "", "content": {"text/plain": {"schema": schema}}}
    }
    with FaultServer(streaming(LINES, "text/plain")) as server:
        made_client = made(contents, base_url=server.url, stream_type="application/jsonl", validate_response="raise")
        items, error = read(made_client.watch.stream())

    assert items == numbers(1)
    assert isinstance(error, ResponseError)
    assert [problem.name for problem in error.problems] == ["[1].n"]


@pytest.mark.parametrize("value", ["text/plain", "", 5, True])
def test_types_that_are_none_of_streams(value: Any) -> None:
    """They are refused, with one that would do."""
    with pytest.raises(
        TypeError, match="stream_type must be a media type of streams, such as 'application/jsonl', or None"
    ):
        made(document("http://api.test"), stream_type=value)


def test_done_ends_the_stream() -> None:
    """Also where the server keeps the connection open; what follows is not looked at."""
    with FaultServer(saying_and_waiting(CHUNKED + chunks(THREE + b"data: [DONE]\n\ndata: 5\n\n", end=b""))) as server:
        assert read(client(server.url).watch.stream()) == (numbers(1, 2, 3), None)


def test_items_are_given_as_they_come() -> None:
    """None waits for the next."""
    went_on = threading.Event()

    def play(line: Any) -> None:
        line.send(CHUNKED + chunks(b"data: 1\n\n", end=b""))
        assert went_on.wait(5)
        line.send(chunks(b"data: 2\n\n"))

    with FaultServer(play) as server, client(server.url, validate_response="off").watch.stream() as events:
        assert next(events).data == "1"
        went_on.set()
        assert [event.data for event in events] == ["2"]


@settings(max_examples=25, deadline=None)
@given(at=st.lists(st.integers(1, len(THREE) - 1), max_size=6))
def test_where_it_is_cut_does_not_matter(at: list[int]) -> None:
    """Chunks may end anywhere."""
    cuts = [0, *sorted(set(at)), len(THREE)]
    content = chunks(*(THREE[start:end] for start, end in itertools.pairwise(cuts)))
    with FaultServer(saying(CHUNKED + content)) as server:
        assert read(client(server.url).watch.stream()) == (numbers(1, 2, 3), None)


def test_a_packed_stream() -> None:
    """It is unpacked as it comes."""
    with FaultServer(streaming(gzip.compress(THREE), Content_Encoding="gzip")) as server:
        assert read(client(server.url).watch.stream()) == (numbers(1, 2, 3), None)


def test_an_application_in_this_process() -> None:
    """Its pieces come one by one, and it learns when no more are wanted."""
    said: list[str] = []

    def pieces() -> Iterator[bytes]:
        try:
            for n in (1, 2, 3):
                said.append(f"made {n}")
                yield b'data: {"n": %d}\n\n' % n
        finally:
            said.append("closed")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return pieces()

    with made(document("http://api.test"), app=app).watch.stream() as events:
        for event in events:
            said.append(f"got {event.data['n']}")
            if event.data["n"] == 2:
                break

    assert said == ["made 1", "got 1", "made 2", "got 2", "closed"]


# ---------------------------------------------------------------------------------------------------- what is asked for


@pytest.mark.parametrize(
    ("operation", "arguments", "target", "body"),
    [
        ("run", {}, "/things", {"stream": True}),
        ("run", {"model": "m"}, "/things", {"stream": True, "model": "m"}),
        ("run", {"body": {"model": "m"}}, "/things", {"stream": True, "model": "m"}),
        ("run", {"body": {"stream": True}}, "/things", {"stream": True}),
        ("run", {"stream": None}, "/things", {"stream": None}),
        ("ask", {}, "/things?stream=true", None),
        ("watch", {}, "/things", None),
    ],
)
def test_the_stream_is_asked_for(operation: str, arguments: Any, target: str, body: Any) -> None:
    """By the argument that the document has for it, unless the call gives that, and by Accept."""
    with FaultServer(streaming(THREE)) as server:
        read(client(server.url)[operation].stream(**arguments))

    (seen,) = server.seen
    assert (seen.target, json.loads(seen.body) if seen.body else None) == (target, body)
    assert seen.headers["accept"] == "text/event-stream, application/jsonl, application/json"


def test_a_body_of_another_kind() -> None:
    """Has no place for it."""
    with FaultServer(streaming(THREE)) as server:
        read(client(server.url).run.stream(body=b"bytes"))

    assert server.seen[0].body == b"bytes"


def test_what_a_silent_document_accepts() -> None:
    """Events before all else; a header of the caller's counts first."""
    with FaultServer(streaming(THREE)) as server:
        read(client(server.url).silent.stream())
        read(client(server.url, headers={"accept": "application/jsonl"}).silent.stream())

    assert [seen.headers["accept"] for seen in server.seen] == ["text/event-stream, */*", "application/jsonl"]


def test_no_stream_was_asked_for(nowhere: str) -> None:
    """That is refused, with nothing sent."""
    with pytest.raises(CallError, match="stream=False asks for no stream"):
        client(nowhere).run.stream(stream=False)


@only("Client")
def test_help_tells_of_streams() -> None:
    """Of their media types, and of the argument that asks for them."""
    c = client("http://api.test")
    types = "text/event-stream, application/jsonl"
    assert f"Streams: {types}; see stream(), which sets stream=True." in " ".join(str(c.run.__doc__).split())
    assert f"Streams: {types}; see stream()." in str(c.watch.__doc__)
    assert "Streams: see stream(), which sets stream=True." in str(c.quiet.__doc__)
    assert "Streams" not in str(c.silent.__doc__)


def test_wrong_calls_are_refused_at_once(nowhere: str) -> None:
    """And not when the stream begins."""
    with pytest.raises(dynclient.UnknownArgument):
        client(nowhere).run.stream(modle="m")


def test_nothing_is_sent_before_the_stream_is_used() -> None:
    """The first item begins it as well, and so does its head."""
    with FaultServer(streaming(THREE)) as server:
        stream = client(server.url).watch.stream()
        assert (server.connections, repr(stream)) == (0, "<Stream of watch, not begun>")
        assert [event.data for event in stream] == numbers(1, 2, 3)
        other = client(server.url).watch.stream()
        assert other.response.status_code == 200
        other.close()
        assert repr(other) == "<Stream 200 watch, text/event-stream, items so far: 0>"
    closed = client("http://api.test").watch.stream()
    closed.close()
    assert (list(closed), repr(closed)) == ([], "<Stream of watch, closed>")
    with pytest.raises(ValueError, match="closed before it began"):
        _ = closed.response


# ----------------------------------------------------------------------------------------------- before the first event


@pytest.mark.parametrize(
    ("faults", "attempts"),
    [
        ([closing, streaming(THREE)], 2),
        ([answering(status="503 Busy", Retry_After="0"), streaming(THREE)], 2),
        ([answering(b"", status="307 Moved", Location="/other"), streaming(THREE)], 2),
    ],
    ids=["lost", "busy", "moved"],
)
def test_it_begins_as_any_call_does(faults: list[Fault], attempts: int) -> None:
    """With retries and redirects."""
    with FaultServer(before=faults) as server:
        stream = client(server.url).watch.stream()
        assert (read(stream), stream.response.attempts) == ((numbers(1, 2, 3), None), attempts)


def test_an_error_in_place_of_a_stream() -> None:
    """Is raised with its data, as for any call."""
    fault = answering(b'{"error": {"message": "no such thing"}}', status="404 No")
    with FaultServer(fault) as server:
        with pytest.raises(NotFound, match="no such thing"):
            client(server.url).watch.stream().__enter__()
        with client(server.url, raise_for_status=False).watch.stream() as events:
            assert (list(events), events.response.data["error"]) == ([], {"message": "no such thing"})


@pytest.mark.parametrize(
    ("fault", "kind", "data"),
    [
        (answering(b'{"id": "run_1"}'), "application/json", {"id": "run_1"}),
        (answering(b"<h1>Hello</h1>", Content_Type="text/html; charset=utf-8"), "text/html", "<h1>Hello</h1>"),
        (answering(b"??", Content_Type=""), "without a Content-Type", b"??"),
    ],
)
def test_an_answer_that_is_no_stream(fault: Fault, kind: str, data: Any) -> None:
    """Is an error that holds it, so that nothing of it is lost."""
    with FaultServer(fault) as server:
        with pytest.raises(ResponseError, match=f"the answer is not a stream but {kind}") as caught:
            client(server.url).run.stream().__enter__()

        assert (caught.value.response.data, caught.value.sent, server.work) == (data, "yes", 1)


def test_an_answer_that_is_no_stream_and_breaks_off() -> None:
    """Is a broken answer."""
    with FaultServer(saying(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<")) as server:
        assert isinstance(read(client(server.url).run.stream())[1], BrokenAnswer)


def test_no_content() -> None:
    """Is a stream without events."""
    with FaultServer(answering(b"", status="204 No Content", Content_Type="", Content_Length="")) as server:
        stream = client(server.url, validate_response="off").watch.stream()
        assert (read(stream), stream.response.status_code) == (([], None), 204)


# ------------------------------------------------------------------------------------------------ after the first event


@dataclasses.dataclass(frozen=True)
class Row:
    """What a server does, the items that come, and the error and its text; `run` is called, which is never repeated."""

    name: str
    fault: Fault
    items: list[Any]
    error: type[Exception] | None = None
    text: str = ""
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


HALF = THREE[: THREE.index(b"id: 3") + 12]
OFF: dict[str, Any] = {"validate_response": "off"}

ROWS = [
    Row("closed between events", broken(THREE), numbers(1, 2, 3), BrokenAnswer, "broke off. Items that had come: 3."),
    Row("closed in an event", broken(HALF), numbers(1, 2), BrokenAnswer, "Items that had come: 2."),
    Row("closed before an event", broken(b": hi\n"), [], BrokenAnswer, "broke off. The server"),
    Row("ended in an event", saying(CHUNKED + chunks(HALF)), numbers(1, 2), ItemError,
        "item 3 of the stream may be half of one: the blank line that ends it did not come; it begins with 'data: '"),
    Row("ended in a line", streaming(LINES + b'{"n": ', "application/jsonl"), numbers(1, 2), ItemError,
        "item 3 of the stream isn't JSON"),
    Row("ended in a text of a sequence", streaming(b'\x1e{"n": 1}\n\x1e{"n"', "application/json-seq"), numbers(1),
        ItemError, "item 2 of the stream isn't JSON"),
    Row("ended in a number of a sequence", streaming(b'\x1e{"n": 1}\n\x1e12', "application/json-seq"), numbers(1),
        ItemError, "item 2 of the stream may be half of one: the line feed that ends it did not come"),
    Row("ended by the connection", saying(HEAD + b"\r\n" + THREE), numbers(1, 2, 3)),
    Row("shorter than its length", saying(HEAD + b"Content-Length: 999\r\n\r\n" + THREE), numbers(1, 2, 3),
        BrokenAnswer),
    Row("a chunk of no size", saying(CHUNKED + chunks(THREE, end=b"zz\r\n")), numbers(1, 2, 3), BrokenAnswer),
    Row("silence", saying_and_waiting(CHUNKED + chunks(HALF, end=b"")), numbers(1, 2), TimedOut,
        "no item of the stream came within 0.2 seconds", {"event_timeout": 0.2}),
    Row("dripping within an event", dripping(b"1\r\nx\r\n", CHUNKED + chunks(HALF, end=b"")), numbers(1, 2), TimedOut,
        "no item of the stream came within 0.2 seconds", {"event_timeout": 0.2}),
    Row("comments alone", endless(THREE), numbers(1, 2, 3), TimedOut,
        "no item of the stream came within 0.2 seconds", {"event_timeout": 0.2}),
    Row("longer than it may take", saying_and_waiting(CHUNKED + chunks(THREE, end=b"")), numbers(1, 2, 3), TimedOut,
        "the stream did not end within 0.2 seconds", {"stream_timeout": 0.2}),
    Row("silence before it", silent, [], TimedOut, "", {"total_timeout": 0.2}),
    Row("not packed as it says", streaming(THREE, Content_Encoding="gzip"), [], BrokenAnswer, "calls itself gzip"),
    Row("packed and cut", streaming(gzip.compress(THREE)[:-6], Content_Encoding="gzip"), numbers(1, 2, 3),
        BrokenAnswer, "Items that had come: 3."),
    Row("an event too long", streaming(THREE + b"data: " + b"x" * 2000 + b"\n\n"), numbers(1, 2, 3), StreamError,
        "item 4 of the stream has more than 1000 bytes", {"max_response_size": 1000}),
    Row("larger than anything may be", streaming(THREE), [], StreamError, "item 1 of the stream has more than 0 bytes",
        {"max_response_size": 0}),
    Row("an error of the server's", streaming(b'event: error\ndata: {"n": 0, "message": "no"}\n\n'),
        [{"n": 0, "message": "no"}]),
    Row("a line that is no JSON", streaming(b'{"n": 1}\nno\n{"n": 3}\n', "application/jsonl"), numbers(1), ItemError,
        "item 2 of the stream isn't JSON"),
    Row("bytes of no sense", streaming(b"\xff\xfe\0data: 1\n\n"), []),
]  # fmt: skip


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_fault(case: Row) -> None:
    """What came before is handed over, it is never sent again, and the error says that the work was done."""
    errors: list[Exception] = []
    began = time.monotonic()
    with FaultServer(case.fault) as server:
        stream = client(server.url, hooks=Hooks(on_error=errors.append), **case.options).run.stream()
        items, error = read(stream)

    assert items == case.items
    assert isinstance(error, case.error or type(None))
    assert case.text in str(error)
    assert (server.work, list(stream), time.monotonic() - began < 5) == (1, [], True)
    if isinstance(error, (SendError, StreamError)):
        assert (error.attempts, errors) == (1, [error])
        assert error.sent == ("unknown" if case.fault is silent else "yes")
        if isinstance(error, SendError):
            assert (error.number, error.last_event_id) == (len(items), str(len(items) or ""))


def test_a_session_of_the_callers_keeps_the_time_between_pieces() -> None:
    """There nothing cuts a wait short, but between two pieces it is looked at the clock."""
    with FaultServer(endless(b"")) as server, requests.Session() as session:
        error = read(client(server.url, session=session, event_timeout=0.2).run.stream())[1]

    assert "no item of the stream came within 0.2 seconds" in str(error)


def test_a_session_that_has_read_the_answer() -> None:
    """As some adapters and hooks do: the events are those of the content."""

    def look(answer: requests.Response, **_: Any) -> None:
        assert answer.content

    with FaultServer(streaming(THREE)) as server, requests.Session() as session:
        session.hooks["response"].append(look)
        assert read(client(server.url, session=session).run.stream()) == (numbers(1, 2, 3), None)


def test_a_wrong_item_may_be_passed_over() -> None:
    """The stream goes on behind it."""
    found: list[Any] = []
    fault = streaming(b'{"n": 1}\nno\n{"n": 3}\nnor', "application/jsonl")
    with FaultServer(fault) as server, client(server.url).watch.stream() as items:
        while True:
            try:
                found.append(next(items).data)
            except ItemError as error:
                found.append(error.number)
            except StopIteration:
                break

    assert found == [{"n": 1}, 2, {"n": 3}, 4]


# ---------------------------------------------------------------------------------------------------- what does not fit


MISFIT = b'data: {"n": 1}\n\ndata: {"n": "two"}\n\ndata: {"n": 3}\n\n'


def test_events_that_do_not_fit_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """They are handed over, each problem says which it is, and the log has each kind once."""
    with FaultServer(streaming(MISFIT + MISFIT)) as server:
        stream = client(server.url).watch.stream()
        items, error = read(stream)

    assert ([item["n"] for item in items], error) == ([1, "two", 3, 1, "two", 3], None)
    assert [(problem.location, problem.name, problem.rule) for problem in stream.problems] == [
        ("response body", "[1].n", "type"),
        ("response body", "[4].n", "type"),
    ]
    assert sum("does not fit the document" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("padding", ["", "x" * 100_000], ids=["short", "long"])
@pytest.mark.parametrize(("kind", "item"), [("text/event-stream", b"data: %b\n\n"), ("application/jsonl", b"%b\n")])
def test_problems_of_items_are_those_of_what_came(kind: str, item: bytes, padding: str) -> None:
    """They are explained when they are read, whatever was done to the data of the items meanwhile."""
    content = item % json.dumps({"n": "two", "padding": padding}).encode()
    with FaultServer(streaming(content * 3, kind)) as server:
        stream = client(server.url).watch.stream()
        for data in read(stream)[0]:
            data.clear()

    assert [(problem.name, problem.rule, problem.value) for problem in stream.problems] == [
        (f"[{number}].n", "type", "two") for number in range(3)
    ]


def test_a_hundred_problems_are_kept() -> None:
    """A stream may have any number."""
    with FaultServer(streaming(b'data: {"n": "two"}\n\n' * 150)) as server:
        stream = client(server.url).watch.stream()
        read(stream)

    assert (stream.number, len(stream.problems)) == (150, 100)


def test_an_event_that_does_not_fit_is_an_error_where_that_is_asked_for() -> None:
    """It holds the event, and the stream can be read on."""
    fault, said = streaming(MISFIT), r"item 2 of the stream does not fit.*'two' is not an integer"
    with FaultServer(fault) as server, client(server.url, validate_response="raise").watch.stream() as events:
        assert next(events).data == {"n": 1}
        with pytest.raises(ResponseError, match=said) as e:
            next(events)
        assert [event.data for event in events] == [{"n": 3}]

    assert e.value.event is not None
    assert (e.value.event.data, e.value.sent) == ({"n": "two"}, "yes")


def test_nothing_is_validated_where_that_is_asked_for() -> None:
    """Neither the head nor the events."""
    with FaultServer(streaming(MISFIT, status="201 Made")) as server:
        stream = client(server.url, validate_response="off").watch.stream()
        assert (len(read(stream)[0]), stream.problems) == (3, ())


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (streaming(THREE, status="201 Made"), "status-undocumented"),
        (streaming(LINES, "application/x-ndjson"), "media-type-undocumented"),
    ],
)
def test_the_head_is_validated(fault: Fault, rule: str) -> None:
    """Before its content, by the same modes."""
    with FaultServer(fault) as server:
        stream = client(server.url).watch.stream()
        assert read(stream)[1] is None
        assert [problem.rule for problem in stream.problems] == [rule]
        with pytest.raises(ResponseError, match="does not fit the document"):
            client(server.url, validate_response="raise").watch.stream().__enter__()
        server.wait_until(lambda: server.open == 0 or server.most_at_once <= 2)


# --------------------------------------------------------------------------------------------------------- gone on with


def ids(server: FaultServer) -> list[str | None]:
    return [seen.headers.get("last-event-id") for seen in server.seen]


def test_a_stream_is_gone_on_with() -> None:
    """From the last event that came whole, with no event lost or doubled, after the time that the server asks for."""
    waits: list[float] = []
    faults = [broken(b"retry: 10\n" + HALF), broken(b'id: 3\ndata: {"n": 3}\n\n'), streaming(b"data: [DONE]\n\n")]
    with FaultServer(before=faults) as server:
        stream = client(server.url, waits, resume_streams=True).watch.stream()
        assert read(stream) == (numbers(1, 2, 3), None)

    assert (ids(server), waits, stream.number) == ([None, "2", "3"], [0.01, 0.01], 3)


def test_it_is_not_gone_on_with_unasked() -> None:
    """For a server may not know how."""
    with FaultServer(broken(THREE)) as server:
        assert isinstance(read(client(server.url).watch.stream())[1], BrokenAnswer)
        assert server.work == 1


def test_it_ends_where_the_server_says_so() -> None:
    """By 204; the end of an answer alone does not say it."""
    faults = [streaming(THREE), answering(b"", status="204 No Content", Content_Type="", Content_Length="")]
    with FaultServer(before=faults) as server:
        assert read(client(server.url, resume_streams=True).watch.stream()) == (numbers(1, 2, 3), None)
        assert ids(server) == [None, "3"]


def test_it_ends_after_answers_without_events() -> None:
    """Five of them in a row, asked for less and less often."""
    waits: list[float] = []
    with FaultServer(streaming(b": nothing\n\n"), before=[streaming(THREE)]) as server:
        assert read(client(server.url, waits, resume_streams=True).watch.stream()) == (numbers(1, 2, 3), None)

    assert (server.work, waits) == (6, [3.0, 6.0, 12.0, 24.0, 48.0])


def test_it_fails_after_breaks_without_events() -> None:
    """With what happened last."""
    with FaultServer(broken(b": hi\n"), before=[broken(THREE)]) as server:
        items, error = read(client(server.url, resume_streams=True).watch.stream())

    assert (items, server.work) == (numbers(1, 2, 3), 6)
    assert isinstance(error, BrokenAnswer)
    assert (error.number, error.last_event_id) == (3, "3")


def test_a_server_that_is_away_for_a_moment() -> None:
    """Is waited for; the error is reported once where it stays away."""
    errors: list[Exception] = []
    with FaultServer(closing, before=[broken(THREE), *[closing] * 3, broken(b'id: 4\ndata: {"n": 4}\n\n')]) as server:
        stream = client(server.url, resume_streams=True, hooks=Hooks(on_error=errors.append)).watch.stream()
        items, error = read(stream)

    assert (items, server.work) == (numbers(1, 2, 3, 4), 5 + 15)
    assert isinstance(error, SendError)
    assert (error.number, error.attempts, errors.count(error)) == (4, 3, 6)


def test_an_error_where_it_is_to_go_on() -> None:
    """Is raised; it is not the end of the stream."""
    with FaultServer(before=[broken(THREE), answering(b"{}", status="404 Gone")]) as server:
        items, error = read(client(server.url, resume_streams=True).watch.stream())

    assert (items, type(error), server.work) == (numbers(1, 2, 3), NotFound, 2)


@pytest.mark.parametrize(
    "content",
    [
        b"data: 1\n\n",
        b"id: \ndata: 1\n\n",
        b"id:  spaced\ndata: 1\n\n",
        b"id: \x01\ndata: 1\n\n",
        b"id: " + b"x" * 5000 + b"\ndata: 1\n\n",
        b"retry: 999999999\nid: 1\ndata: 1\n\n",
    ],
    ids=["no id", "an empty id", "an id with a space", "an id that is no header", "a long id", "a long wait"],
)
def test_where_it_cannot_be_gone_on_with(content: bytes) -> None:
    """Events would be lost or doubled, or it would take too long: the break is an error."""
    with FaultServer(broken(content)) as server:
        items, error = read(client(server.url, resume_streams=True, **OFF).watch.stream())

    assert (items, type(error), server.work) == (["1"], BrokenAnswer, 1)


def test_a_stream_that_breaks_off_before_its_first_event() -> None:
    """Can be asked for again, since nothing was handed over; but not one that ended without any."""
    with FaultServer(before=[broken(b": hi\n"), streaming(b": hi\n")]) as server:
        assert read(client(server.url, resume_streams=True).watch.stream()) == ([], None)
        assert ids(server) == [None, None]


def test_ids_are_sent_as_they_came() -> None:
    """In UTF-8 (WHATWG HTML §9.2.4)."""
    with FaultServer(before=[broken("id: grün\ndata: 1\n\n".encode()), streaming(b"data: [DONE]\n\n")]) as server:
        read(client(server.url, resume_streams=True, **OFF).watch.stream())

    assert ids(server) == [None, "grün".encode().decode("latin-1")]


def test_lines_are_not_gone_on_with() -> None:
    """They have no ids."""
    half = b"HTTP/1.1 200 OK\r\nContent-Type: application/jsonl\r\nContent-Length: 99\r\n\r\n" + LINES
    with FaultServer(saying(half)) as server:
        items, error = read(client(server.url, resume_streams=True).watch.stream())

    assert (items, type(error), server.work) == (numbers(1, 2), BrokenAnswer, 1)


def test_what_is_not_idempotent_is_not_gone_on_with() -> None:
    """It would be carried out twice, but for an idempotency key."""
    with FaultServer(before=[broken(THREE), streaming(b"data: [DONE]\n\n")]) as server:
        c = client(server.url, resume_streams=True)
        with pytest.raises(CallError, match=r"a stream by POST cannot be resumed.*give an idempotency_key"):
            c.run.stream()
        assert read(c.with_options(idempotency_key=True).run.stream(model="m")) == (numbers(1, 2, 3), None)

    first, second = server.seen
    assert (first.body, first.headers["idempotency-key"]) == (second.body, second.headers["idempotency-key"])


def test_it_is_gone_on_with_by_the_credentials_of_then() -> None:
    """A token may have run out in the meantime."""
    tokens = iter(["one", "two"])
    with FaultServer(before=[broken(THREE), streaming(b"data: [DONE]\n\n")]) as server:
        contents = document(
            server.url,
            security=[{"key": []}],
            components={"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        )
        c = made(contents, auth={"key": lambda: next(tokens)}, resume_streams=True)
        read(timing(c, Clock(sleep=lambda _: None)).watch.stream())

    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize("fault", [broken(THREE), streaming(THREE)], ids=["broken", "ended"])
def test_the_time_for_all_of_it_ends_it(fault: Fault) -> None:
    """Also where it would have to be waited for; it does not look as if the stream were complete."""
    with FaultServer(fault) as server:
        items, error = read(client(server.url, resume_streams=True, stream_timeout=2.0).watch.stream())

    assert (items, type(error), server.work) == (numbers(1, 2, 3), TimedOut, 1)
    assert "the stream did not end within 2 seconds. Items that had come: 3." in str(error)


def test_the_time_for_all_of_it_holds_while_it_is_asked_for_again() -> None:
    """Not only `total_timeout`, which is longer."""
    with FaultServer(silent, before=[broken(b"retry: 1\n" + THREE)]) as server:
        items, error = read(client(server.url, resume_streams=True, stream_timeout=0.5).watch.stream())

    assert (items, type(error), server.work) == (numbers(1, 2, 3), TimedOut, 2)
    assert "the stream did not end within 0.5 seconds" in str(error)


FIRST = b'id: 1\ndata: {"n": 1}\n\n'


@pytest.mark.parametrize(
    ("again", "items"),
    [
        (THREE, [1, 2, 3]),
        (FIRST, [1, 2, 3]),
        (b'data: {"n": 4}\n\n' + THREE, [1, 2, 3, 4]),
        (b'id: 3\ndata: {"n": 3}\n\nid: 4\ndata: {"n": 4}\n\n', [1, 2, 3]),
    ],
    ids=["all of it", "its first event", "after a new one", "the last one"],
)
@pytest.mark.parametrize("end", [broken, streaming], ids=["broken", "ended"])
def test_a_server_that_starts_over(again: bytes, items: list[int], end: Callable[[bytes], Fault]) -> None:
    """As it does not know Last-Event-ID: no event is given twice, and none of another run is added to these."""
    with FaultServer(end(again), before=[broken(b"retry: 1\n" + THREE)]) as server:
        found, error = read(client(server.url, resume_streams=True).watch.stream())

    assert (found, type(error), server.work) == (numbers(*items), StreamError, 2)
    assert "came before: the server began the stream again instead of resuming it after Last-Event-ID" in str(error)


@pytest.mark.parametrize("first", [0, 1500, 15000], ids=["first", "in the window", "the last"])
def test_ids_that_are_remembered(first: int) -> None:
    """Are the first and the last of a long stream: where a server that keeps the last events may begin."""
    many = b"".join(b"id: %d\ndata: 1\n\n" % n for n in range(15001))
    again = b"id: %d\ndata: 1\n\n" % (first if first != 1500 else 8000)
    with FaultServer(before=[broken(b"retry: 1\n" + many), broken(again)]) as server:
        found, error = read(client(server.url, resume_streams=True, **OFF).watch.stream())

    assert (len(found), type(error)) == (15001, StreamError)


def test_events_without_ids_of_their_own() -> None:
    """Have that of the event before them, and are no repetition of it."""
    faults = [broken(b"retry: 1\n" + FIRST), broken(b'data: {"n": 2}\n\n'), streaming(b"data: [DONE]\n\n")]
    with FaultServer(before=faults) as server:
        assert read(client(server.url, resume_streams=True).watch.stream()) == (numbers(1, 2), None)
        assert ids(server) == [None, "1", "1"]


def test_half_an_event_that_comes_again() -> None:
    """Where the stream is resumed, nothing was lost; where it is not, it is an error after all."""
    faults = [streaming(b"retry: 1\n" + HALF), streaming(b'id: 3\ndata: {"n": 3}\n\ndata: [DONE]\n\n')]
    with FaultServer(before=faults) as server:
        assert read(client(server.url, resume_streams=True).watch.stream()) == (numbers(1, 2, 3), None)
        assert ids(server) == [None, "2"]
    with FaultServer(streaming(HALF)) as server:
        items, error = read(client(server.url).watch.stream())
        assert (items, type(error)) == (numbers(1, 2), ItemError)


# ---------------------------------------------------------------------------------------------------------- connections


def test_closing_early_ends_the_connection() -> None:
    """The server does not go on for nobody."""
    with FaultServer(dripping(b"9\r\ndata: 1\n\n\r\n", CHUNKED)) as server:
        with client(server.url, **OFF).watch.stream() as events:
            next(events)
        server.wait_until(lambda: server.open == 0)
        assert list(events) == []


def test_a_stream_read_to_its_end_leaves_its_connection() -> None:
    """For the next call."""
    with FaultServer(streaming(THREE)) as server:
        c = client(server.url)
        for _ in range(3):
            read(c.watch.stream())
        assert (server.connections, server.work) == (1, 3)


@pytest.mark.parametrize("wait", [0.0, 0.02])
def test_so_does_one_that_says_that_it_is_done(wait: float) -> None:
    """The end of the answer may come a moment later."""

    def play(line: Any) -> bool:
        line.send(CHUNKED + chunks(THREE + b"data: [DONE]\n\n", end=b""))
        if wait:
            line.wait(wait)
        line.send(b"0\r\n\r\n")
        return True

    with FaultServer(play) as server:
        c = client(server.url)
        for _ in range(3):
            assert read(c.watch.stream()) == (numbers(1, 2, 3), None)
        assert (server.connections, server.work) == (1, 3)


def test_many_half_read_streams() -> None:
    """The client works on, and no connection stays."""
    with FaultServer(answering(), before=[endless(THREE)] * 50) as server:
        c = client(server.url)
        with contextlib.ExitStack() as stack:
            for stream in [stack.enter_context(c.watch.stream()) for _ in range(50)]:
                assert next(stream).data == {"n": 1}
        server.wait_until(lambda: server.open == 0)
        assert [c.silent().data for _ in range(3)] == [{"ok": True}] * 3
        assert server.most_at_once == 50


@only("Client")
def test_a_forgotten_stream_is_reported() -> None:
    """And its connection closed."""
    with FaultServer(endless(THREE)) as server:
        stream = client(server.url).watch.stream()
        next(stream)
        with pytest.warns(ResourceWarning, match=r"<Stream 200 watch, .*> was not closed; use it in a with statement"):
            del stream
        server.wait_until(lambda: server.open == 0)


@only("Client")
def test_one_that_never_began_is_not() -> None:
    """There is nothing to close."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stream = client("http://api.test").watch.stream()
        del stream
        gc.collect()


@only("Client")
def test_an_interruption_closes_the_stream() -> None:
    """Wherever it comes."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with FaultServer(broken(THREE)) as server:
        c = client(server.url, resume_streams=True)
        c._core = dataclasses.replace(c._core, traffic=Traffic(Clock(sleep=interrupt)))
        stream = c.watch.stream()
        with pytest.raises(KeyboardInterrupt):
            list(stream)
        assert list(stream) == []
        server.wait_until(lambda: server.open == 0)


def test_a_hook_that_fails_leaves_no_connection() -> None:
    """Its error is the caller's."""

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with FaultServer(endless(b"")) as server:
        with pytest.raises(ZeroDivisionError):
            client(server.url, hooks=Hooks(after_answer=fail)).watch.stream().__enter__()
        server.wait_until(lambda: server.open == 0)


def test_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Tells of the head as of any call, of the end, and of a break."""
    caplog.set_level(logging.DEBUG, "dynclient")
    with FaultServer(before=[streaming(THREE), broken(THREE)]) as server:
        c = client(server.url)
        read(c.watch.stream())
        read(c.watch.stream())

    said = [record.getMessage() for record in caplog.records if record.name == "dynclient"]
    assert "watch: the stream ended after 3 items" in said
    assert said[-1] == "watch BrokenAnswer after 3 items"


def test_no_error_shows_a_secret() -> None:
    """Also where the server repeats it in an event."""
    secret = "sk-SECRET-0123456789"
    with FaultServer(streaming(b'data: {"n": "%s"}\n\n' % secret.encode())) as server:
        c = client(server.url, headers={"Authorization": f"Bearer {secret}"}, validate_response="raise")
        error = read(c.watch.stream())[1]

    assert isinstance(error, ResponseError)
    assert secret not in f"{error}"


@pytest.mark.parametrize("options", [{}, {"resume_streams": True}])
def test_no_frame_shows_a_secret(options: dict[str, Any]) -> None:
    """Neither where a stream breaks off nor where it is gone on with in vain."""
    secret = "sk-SECRET-0123456789"
    with FaultServer(closing, before=[broken(THREE)]) as server:
        stream = client(server.url, headers={"Authorization": secret}, **options).watch.stream()
        with pytest.raises(SendError) as caught:
            list(stream)

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    shown.stack = traceback.StackSummary.from_list(frame for frame in shown.stack if frame.filename != __file__)
    assert len(shown.stack) > 2
    assert secret not in "".join(shown.format())


def test_server_errors_are_those_of_calls() -> None:
    """A POST that failed is not sent again."""
    with FaultServer(answering(b"{}", status="500 Oops")) as server:
        assert type(read(client(server.url).run.stream())[1]) is ServerError
        assert server.work == 1
