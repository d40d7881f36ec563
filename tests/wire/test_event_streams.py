"""Streams: the same events however the bytes are cut, none lost, none invented, and no more memory than allowed."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import pickle
import re
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from dynclient.types import JSON
from dynclient.wire.event_streams import (
    DEFAULT_LIMIT,
    Decoder,
    Event,
    EventDecoder,
    ItemError,
    LineDecoder,
    SequenceDecoder,
    StreamError,
    decoder_for,
)

LINE_ENDS = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}
KIB, MIB = 2**10, 2**20


def decoded(chunks: Iterable[bytes], decoder: Decoder | None = None) -> Iterator[Event]:
    """All events of a stream, as a client reads it."""
    decoder = decoder or EventDecoder()
    for chunk in chunks:
        yield from decoder.feed(chunk)
        if decoder.ended:
            return
    yield from decoder.close()


def events(*chunks: bytes) -> list[Event]:
    """All events; half of one at the end is none."""
    found, errors = outcome(chunks, EventDecoder())
    for error in errors:
        if not isinstance(error, ItemError):
            raise error
    return found


def outcome(chunks: Iterable[bytes], decoder: Decoder) -> tuple[list[Event], list[StreamError]]:
    """All events and all errors of a stream, read on after each item that is wrong."""
    found: list[Event] = []
    errors: list[StreamError] = []
    calls = [*((decoder.feed, (chunk,)) for chunk in chunks), (decoder.close, ())]
    for call, arguments in calls:
        while True:
            try:
                found.extend(call(*arguments))  # type: ignore[operator]
                break
            except ItemError as error:
                errors.append(error)
                arguments = () if call == decoder.close else (b"",)
            except StreamError as error:
                return found, [*errors, error]
    return found, errors


def data(text: str, kind: str = "message", ident: str = "", retry: int | None = None) -> Event:
    """An event whose data is the JSON object or array that the text is."""
    return Event(json.loads(text), text, kind, ident, retry)


def word(text: str, kind: str = "message", ident: str = "", retry: int | None = None) -> Event:
    """An event whose data is text."""
    return Event(text, text, kind, ident, retry)


HELLO = '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello"}}]}'
STOP = '{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
RUN = '{"id":"run_1","object":"thread.run","status":"queued"}'
DELTA = '{"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"type":"text","text":{"value":"Grüße"}}]}}'

# Each transcript, with LF, and what a browser would dispatch of it.
TRANSCRIPTS: dict[str, tuple[str, list[Event]]] = {
    "chat": (f"data: {HELLO}\n\ndata: {STOP}\n\ndata: [DONE]\n\n", [data(HELLO), data(STOP)]),
    "assistants": (
        (
            f"event: thread.run.created\ndata: {RUN}\n\nevent: thread.message.delta\ndata: {DELTA}\n\n"
            "event: done\ndata: [DONE]\n\nevent: thread.run.created\ndata: never\n\n"
        ),
        [data(RUN, "thread.run.created"), data(DELTA, "thread.message.delta")],
    ),
    "pings and comments": (
        ": welcome\n\n:\n\ndata: one\n: in between\ndata: two\n\n: ping - 2026-11-21\n\n:\n:\ndata: three\n:\n\n",
        [word("one\ntwo"), word("three")],
    ),
    "ids that stay": (
        "id: 1\ndata: a\n\ndata: b\n\nid: 2\n: ping\n\ndata: c\n\nid\ndata: d\n\nid: 5\ndata: cut off\n",
        [word("a", ident="1"), word("b", ident="1"), word("c", ident="2"), word("d")],
    ),
    "times to wait": (
        (
            "retry: 3000\n\ndata: a\n\nretry: 10s\nretry: -1\nretry:\nretry: 1_0\nretry: \u0661\ndata: b\n\n"
            "retry:250\ndata: c\n\n"
        ),
        [word("a", retry=3000), word("b", retry=3000), word("c", retry=250)],
    ),
    "several lines": (
        'data: {"a":\ndata: [1,\ndata:2]}\n\ndata\n\ndata\ndata\n\ndata:  two spaces \n\ndata: half\n',
        [data('{"a":\n[1,\n2]}'), word(""), word("\n"), word(" two spaces ")],
    ),
    "byte order marks": (
        "\ufeffdata: \ufeffa\n\n\ufeffdata: no field\n\ndata: b\n\n",
        [word("\ufeffa"), word("b")],
    ),
    "other languages": (
        "event: größer\nid: 你好\ndata: \U0001f600 naïve 日本\u2028語\x85\x0b\x0c\x1c.\n\n",
        [word("\U0001f600 naïve 日本\u2028語\x85\x0b\x0c\x1c.", "größer", "你好")],
    ),
    "nulls": (
        "id: 7\ndata: a\0b\n\nid: 8\0\ndata: c\n\n\0data: no field\n\nevent: e\0\ndata: d\n\n",
        [word("a\0b", ident="7"), word("c", ident="7"), word("d", "e\0", "7")],
    ),
    "odd fields": (
        (
            " data: no\n\nDATA: no\n\ndata : no\n\nevent: a\n\nfoo: no\nevent: b\nevent\ndata: x\n\n"
            "event: c\nevent: d\ndata: y:z\nid::\n\n\n\n\ndata:t\rdata: u\n\n\n"
        ),
        [word("x"), word("y:z", "d", ":"), word("t\nu", ident=":")],
    ),
}


def as_sent(text: str, line_end: bytes) -> bytes:
    return text.encode().replace(b"\n", line_end)


@pytest.mark.parametrize("line_end", LINE_ENDS.values(), ids=LINE_ENDS)
@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_every_boundary(name: str, line_end: bytes) -> None:
    """Wherever a transcript is cut in two, and byte by byte, it has the events that a browser dispatches."""
    text, expected = TRANSCRIPTS[name]
    sent = as_sent(text, line_end)

    wrong = [at for at in range(len(sent) + 1) if events(sent[:at], sent[at:]) != expected]

    assert (events(sent), wrong) == (expected, [])
    assert events(*(sent[at : at + 1] for at in range(len(sent)))) == expected


@pytest.mark.parametrize("line_end", LINE_ENDS.values(), ids=LINE_ENDS)
def test_every_two_boundaries(line_end: bytes) -> None:
    """Cut in three at any two places, with empty pieces too, a short transcript has the same events."""
    sent = as_sent("\ufeffid: 1\ndata: ü\ndata\n\n:\n\nretry: 5\ndata: [1]\n\n", line_end)
    expected = [word("ü\n", ident="1"), data("[1]", ident="1", retry=5)]

    places = itertools.combinations_with_replacement(range(len(sent) + 1), 2)

    assert [cut for cut in places if events(sent[: cut[0]], sent[cut[0] : cut[1]], sent[cut[1] :]) != expected] == []


LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n)")
FIELD = re.compile(r"([^:]*)(?:: ?(.*))?", re.DOTALL)


def standard(sent: bytes) -> list[Event]:
    """What the text of the standard makes of a whole stream: read for its grammar, block by block."""
    text = sent.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = LINE.findall(text)
    found: list[Event] = []
    ident, retry = "", None
    ends = [number for number, line in enumerate(lines) if line == ""]
    for begin, end in itertools.pairwise([-1, *ends]):
        fields = [FIELD.fullmatch(line) for line in lines[begin + 1 : end]]
        pairs = [(field[1], field[2] or "") for field in fields if field is not None]
        of: dict[str, list[str]] = {
            name: [v for n, v in pairs if n == name] for name in ("data", "event", "id", "retry")
        }
        ident = [ident, *(v for v in of["id"] if "\0" not in v)][-1]
        retry = [retry, *(int(v) for v in of["retry"] if re.fullmatch("[0-9]+", v))][-1]
        text = "\n".join(of["data"])
        if text == "[DONE]":
            break
        if of["data"]:
            found.append(
                Event(None, text, [*of["event"], ""][-1 if not of["event"] else -2] or "message", ident, retry)
            )
    return found


PIECES = [
    *(
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
        b": ",
        b":",
        b" ",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xe2\x82",
        b"\xac",
    ),
    *(
        b"data",
        b"data:",
        b"data: x\n",
        b"data:y",
        b"event: e\n",
        b"event",
        b"id: 1\n",
        b"id:2\0\n",
        b"id",
        b"retry: 10",
    ),
    *(b"retry:\xd9\xa1", b"retry: 7\n", b"{}", b"[DONE]\n\n", b"data: 1\n\n", b"\xff", b"\xf0\x9f\x98\x80", b"datas"),
]
STREAMS = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)
CUTS = st.lists(st.integers(0, 200), max_size=8).map(sorted)


def cut(sent: bytes, at: list[int]) -> list[bytes]:
    return [sent[begin:end] for begin, end in itertools.pairwise([0, *at, max([len(sent), *at])])]


@settings(max_examples=300)
@given(STREAMS, CUTS)
def test_events_are_those_of_the_standard(sent: bytes, at: list[int]) -> None:
    """Any stream of fields and odd bytes, cut anywhere, has the events that the standard's text gives."""
    assert [replace(event, data=None) for event in events(*cut(sent, at))] == standard(sent)


@settings(max_examples=50)
@given(STREAMS)
def test_nothing_is_behind_the_last_event(sent: bytes) -> None:
    """A decoder tells all that it can at once: what is complete does not wait for the next bytes."""
    decoder = EventDecoder()
    fed = list(decoder.feed(sent))

    with contextlib.suppress(ItemError):  # half an event
        assert list(decoder.close()) == []
    assert events(sent) == fed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (' [1, "x"]', [1, "x"]),
        ("123", "123"),
        ("true", "true"),
        ("null", "null"),
        ('"quoted"', '"quoted"'),
        ("", ""),
        ("{", "{"),
        ("[1] of 2", "[1] of 2"),
        ('{"a": NaN}', '{"a": NaN}'),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ("[" * 201 + "]" * 201, "[" * 201 + "]" * 201),
    ],
)
def test_what_data_means(text: str, value: JSON) -> None:
    """An object or an array is parsed; words stay words, whatever they are; the text is always there."""
    assert events(f"data: {text}\n\n".encode()) == [Event(value, text)]


def test_done_ends_the_stream() -> None:
    """Bytes after [DONE] are not looked at, and its id is where to go on; the word inside a text is a word."""
    decoder = EventDecoder()

    found = list(decoder.feed(b"data: x[DONE]\n\nid: 2\ndata: [DONE]\n\ndata: y\n\ndata: z"))

    assert found == [word("x[DONE]")]
    assert (decoder.ended, decoder.last_event_id, decoder.number) == (True, "2", 1)
    assert [*decoder.feed(b"\n\n"), *decoder.close()] == []


def test_the_id_of_half_an_event_is_not_where_to_go_on() -> None:
    """A stream that breaks off inside an event is resumed before it, or the event would be lost."""
    decoder = EventDecoder()

    assert list(decoder.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")) == [word("a", ident="1")]
    with pytest.raises(ItemError):
        list(decoder.close())
    assert (decoder.last_event_id, decoder.ended) == ("1", True)


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (b"data: b\n", "b"),
        (b"data: b", "b"),
        (b"data: [DON", "[DON"),
        (b"event: e\n", ""),
        (b"dat", "dat"),
        (b": ping\ndata: b", "b"),
    ],
)
def test_half_an_event(end: bytes, text: str) -> None:
    """At the end is not given, as the standard wants it; but it is an error, so that nothing is lost silently."""
    found, errors = outcome([b"data: a\n\n" + end], EventDecoder("watch"))

    assert (found, len(errors)) == ([word("a")], 1)
    assert isinstance(errors[0], ItemError)
    assert (errors[0].number, errors[0].text) == (2, text)
    assert "watch: item 2 of the stream may be half of one: the blank line that ends it did not come" in str(errors[0])


@pytest.mark.parametrize(
    "end", [b"", b"\n", b": ping", b": ping\n", b"id: 2\n", b"data: [DONE]\n", b"data: [DONE]", b" "]
)
def test_the_end_of_events(end: bytes) -> None:
    """What has no data is no half of an event, and the last word is one without its blank line as well."""
    assert outcome([b"data: a\n\n" + end], EventDecoder()) == ([word("a")], [])


def test_an_event_with_an_id_of_its_own() -> None:
    """Is told from one that has that of the event before it."""
    decoder = EventDecoder(last_event_id="0")
    found = [decoder.is_named for _ in decoder.feed(b"data: a\n\nid: 1\ndata: b\n\ndata: c\n\nid: 1\n\ndata: d\n\n")]

    assert found == [False, True, False, True]


def test_an_id_without_data_is_where_to_go_on() -> None:
    """A block that only gives an id is no event, and still moves the place to resume from."""
    decoder = EventDecoder()

    assert list(decoder.feed(b"id: 1\ndata: a\n\nid: 2\n\n")) == [word("a", ident="1")]
    assert decoder.last_event_id == "2"


def test_nothing_is_kept_after_the_end() -> None:
    """A server that goes on sending after [DONE] fills no memory."""
    decoder = EventDecoder()
    list(decoder.feed(b"data: [DONE]\n\n"))

    tracemalloc.start()
    try:
        for _ in range(64):
            assert list(decoder.feed(b"x" * 64 * KIB)) == []
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert held < 64 * KIB


def test_a_resumed_stream_keeps_the_last_id() -> None:
    """Events after a new connection have the id of the one before, until the server gives another."""
    decoder = EventDecoder(last_event_id="41")

    found = list(decoder.feed(b"data: a\n\nid: 42\ndata: b\n\n"))

    assert found == [word("a", ident="41"), word("b", ident="42")]


def test_times_beyond_all_reason_are_ignored() -> None:
    """Python refuses to read a number of 5000 digits; the stream goes on."""
    assert events(b"retry: 5\nretry: " + b"9" * 5000 + b"\ndata: a\n\n") == [word("a", retry=5)]


def test_events_are_given_as_they_are_asked_for() -> None:
    """Events that were not asked for come with the next call, and the id is that of the last one given."""
    decoder = EventDecoder()

    first = next(decoder.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n"))
    last_event_id = decoder.last_event_id

    assert (first, last_event_id) == (word("a", ident="1"), "1")
    assert next(decoder.feed(b"data: d\n")) == word("b", ident="2")
    assert list(decoder.feed(b"\n")) == [word("c", ident="3"), word("d", ident="3")]


JSON_LINES = b'\xef\xbb\xbf{"a": 1}\r\n\r\n \t\n[2, "\xe2\x82\xac"]\n3\n  "x\\n" \nnull\ntrue\n{"last": 1.5}'


def item(text: str) -> Event:
    return Event(json.loads(text), text)


ITEMS = [item(text) for text in ('{"a": 1}', '[2, "€"]', "3", '"x\\n"', "null", "true", '{"last": 1.5}')]
SEQUENCE = (
    b'\x1e{"a": 1}\n\x1e\x1e\n \x1e[2, "\xe2\x82\xac"]\x1e3\n\x1e  "x\\n" \n\x1e null\t\x1e\ntrue\n\n'
    b'\x1e12\x1etru\x1e-\x1e{"last":\n {"n": 1.5\n}\n}\n\n'
)
SEQUENCE_ITEMS = [*ITEMS[:-1], item('{"last":\n {"n": 1.5\n}\n}')]


@pytest.mark.parametrize(
    ("sent", "kind", "expected", "halves"),
    [(JSON_LINES, LineDecoder, ITEMS, []), (SEQUENCE, SequenceDecoder, SEQUENCE_ITEMS, ["12", "tru", "-"])],
)
def test_sequences_of_json(sent: bytes, kind: type[Decoder], expected: list[Event], halves: list[str]) -> None:
    """JSON texts of every type are items, cut anywhere; blank lines and empty elements are none, and halves errors."""

    def found(chunks: Iterable[bytes]) -> tuple[list[Event], list[str]]:
        items, errors = outcome(chunks, kind())
        return items, [error.text for error in errors]

    assert found([sent]) == (expected, halves)
    assert [at for at in range(len(sent)) if found([sent[:at], sent[at:]]) != (expected, halves)] == []
    assert found(bytes([byte]) for byte in sent) == (expected, halves)


@pytest.mark.parametrize(
    ("sent", "expected", "is_half"),
    [
        (b"\x1e1", [], True),
        (b"\x1e1 ", [item("1")], False),
        (b"\x1efalse", [], True),
        (b"\x1efalse\r", [item("false")], False),
        (b'\x1e"a"', [item('"a"')], False),
        (b'\x1e"a', [], True),
        (b"\x1e[1]", [item("[1]")], False),
        (b"\x1e[1", [], True),
        (b"", [], False),
        (b"\x1e", [], False),
        (b"\n\n", [], False),
    ],
)
def test_the_end_of_a_json_sequence(sent: bytes, expected: list[Event], is_half: bool) -> None:
    """At the end what may be half a number or word is an error; what ends by itself counts: RFC 7464 §2.4."""
    found, errors = outcome([sent], SequenceDecoder())

    assert (found, [error.text for error in errors]) == (expected, [sent[1:].decode()] if is_half else [])


@pytest.mark.parametrize(("kind", "sent"), [(LineDecoder, b'{"a":\t1}\n'), (SequenceDecoder, b'\x1e{"a":\n1\n}\n')])
def test_an_item_does_not_wait_for_the_next(kind: type[Decoder], sent: bytes) -> None:
    """The line feed completes an item, for the next may come in an hour."""
    assert [event.data for event in kind().feed(sent)] == [{"a": 1}]


def test_brackets_in_texts_do_not_delay_an_item() -> None:
    """What completes an item of a JSON sequence is told apart from what stands in its texts."""
    assert [event.data for event in SequenceDecoder().feed(b'\x1e{"}":\n "[{\\"["}\n')] == [{"}": '[{"['}]


def test_half_an_item_does_not_delay_the_next() -> None:
    """The brackets of an item that broke off are forgotten with it."""
    decoder = SequenceDecoder()

    with pytest.raises(ItemError):
        list(decoder.feed(b'\x1e{"cut off":\n\x1e[\n]\n'))

    assert [event.data for event in decoder.feed(b"")] == [[]]


@pytest.mark.parametrize("wrong", [b"<html>\n<b>\n12\n", b"<html>\n12 ", b"]\n[\n]\n"])
def test_a_wrong_item_of_a_json_sequence_goes_up_to_the_next_rs(wrong: bytes) -> None:
    """Its other lines are neither items nor more errors: RFC 7464 §2.3."""
    found, errors = outcome([b"\x1e1\n\x1e" + wrong + b"\x1e2\n"], SequenceDecoder())

    assert (found, [error.number for error in errors]) == ([item("1"), item("2")], [2])


WRONG: dict[str, tuple[bytes, str, str]] = {
    "no JSON": (b"<html>", "Expecting value (character 1)", "<html>"),
    "cut off": (b'{"a": "', "Unterminated string starting at (character 7)", '{"a": "'),
    "two values": (b"{} []", "Extra data (character 4)", "{} []"),
    "NaN": (b"[NaN]", "NaN isn't a JSON number", "[NaN]"),
    "infinite": (b'{"a": -Infinity}', "-Infinity isn't a JSON number", '{"a": -Infinity}'),
    "twice": (b'[{"b": 1, "a": 1, "a": 2}]', "the name 'a' stands twice in one object", '[{"b": 1, "a": 1, "a": 2}]'),
    "not UTF-8": (b'"caf\xe9"', "byte 0xe9 at 5 is not UTF-8", '"caf\ufffd"'),
    "deep": (b"[" * 100_000, "it is nested in more than 200 levels", "[" * 80),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("kind", [LineDecoder, SequenceDecoder])
def test_a_wrong_item_is_reported_and_the_stream_goes_on(kind: type[Decoder], name: str) -> None:
    """The error has the number and the beginning of the item; those before and after it are handed over."""
    wrong, reason, beginning = WRONG[name]
    mark = b"\x1e" if kind is SequenceDecoder else b""
    sent = b"".join(mark + text + b"\n" for text in (b"1", wrong, b"2", b"3"))

    found, errors = outcome([sent], kind("tail"))

    assert found == [item("1"), item("2"), item("3")]
    assert errors == [ItemError("tail", f"isn't JSON: {reason}", 2, beginning)]
    assert str(errors[0]) == f"tail: item 2 of the stream isn't JSON: {reason}; it begins with {beginning!r}"


@pytest.mark.parametrize("kind", [LineDecoder, SequenceDecoder])
def test_half_an_item_at_the_end_is_an_error(kind: type[Decoder]) -> None:
    """What broke off is reported, once, and the stream is over."""
    decoder = kind()
    sent = b'\x1e{"a": 1}\n\x1e{"a"' if kind is SequenceDecoder else b'{"a": 1}\n{"a"'

    found, errors = outcome([sent], decoder)

    assert (found, [(error.number, error.text) for error in errors]) == ([item('{"a": 1}')], [(2, '{"a"')])
    assert (decoder.ended, list(decoder.close())) == (True, [])


JSON_TEXTS = [
    b'{"a": 1}',
    b"[1,\n2]",
    b"12",
    b"null",
    b'"\xc3\xa9"',
    b"{",
    b"NaN",
    b"\xff",
    b" ",
    b"\n",
    b"\r\n",
    b"\x1e",
    b"\x1e",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(JSON_TEXTS), max_size=20).map(b"".join), CUTS, st.sampled_from([4, 9, 100]))
@pytest.mark.parametrize("kind", [EventDecoder, LineDecoder, SequenceDecoder])
def test_cutting_changes_nothing(kind: type[Decoder], sent: bytes, at: list[int], limit: int) -> None:
    """Items, errors and the order of both are the same however the bytes are cut, over the limit too."""
    assert outcome(cut(sent, at), kind(limit=limit)) == outcome([sent], kind(limit=limit))


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


@settings(max_examples=60)
@given(st.lists(VALUES, max_size=4), st.sampled_from([None, 1]), CUTS)
def test_what_is_written_is_read(values: list[Any], indent: int | None, at: list[int]) -> None:
    """A sequence as RFC 7464 §2.2 has it written, on one line or on many, has exactly its values."""
    sent = b"".join(b"\x1e" + json.dumps(value, indent=indent).encode() + b"\n" for value in values)
    decoder = SequenceDecoder()

    fed = [event.data for chunk in cut(sent, at) for event in decoder.feed(chunk)]

    assert [*fed, *(event.data for event in decoder.close())] == values


@pytest.mark.parametrize(
    ("kind", "sent", "text"),
    [
        (EventDecoder, b"id: 7\ndata: 1\n\ndata: 123456", "data: 123"),
        (EventDecoder, b"id: 7\ndata: 1\n\n: 34567890\n\n", ": 3456789"),
        (EventDecoder, b"id: 7\ndata: 1\n\ndata:12\ndata\ndata:45\ndata:678\n\n", "12\n\n45\n67"),
        (LineDecoder, b"1\n[1,2,3,4,5]\n2\n", "[1,2,3,4,"),
        (LineDecoder, b"1\n[1,2,3,4,5]", "[1,2,3,4,"),
        (SequenceDecoder, b"\x1e1\n\x1e[1,2,\n3,4,5]\n", "[1,2,\n3,4"),
        (SequenceDecoder, b"\x1e1\n\x1e[1,2,\n3,4,5", "[1,2,\n3,4"),
        (SequenceDecoder, b"\x1e1\n\x1e[1,2,3,4,5]\x1e2\n", "[1,2,3,4,"),
    ],
)
def test_what_is_over_the_limit_ends_the_stream(kind: type[Decoder], sent: bytes, text: str) -> None:
    """The items before are handed over; the error tells which came too large, and where to go on."""
    decoder = kind("watch", 9)

    found, errors = outcome([sent], decoder)

    last_event_id = "7" if kind is EventDecoder else ""
    assert [event.text for event in found] == ["1"]
    assert errors == [StreamError("watch", "has more than 9 bytes", 2, text, last_event_id)]
    assert str(errors[0]) == f"watch: item 2 of the stream has more than 9 bytes; it begins with {text!r}"
    assert [*decoder.feed(b"\n\ndata: 3\n\n"), *decoder.close()] == []


@pytest.mark.parametrize(
    ("kind", "piece", "sent_for_each"),
    [
        (EventDecoder, b"x" * 8 * KIB, 1),
        (EventDecoder, b"data: " + b"x" * (8 * KIB - 7) + b"\n", 1),
        (EventDecoder, b"data\n" * (8 * KIB // 5), 5),
        (LineDecoder, b"[" * 8 * KIB, 1),
        (SequenceDecoder, b"[\n" * (4 * KIB), 1),
    ],
)
def test_64_mib_in_one_event_stay_within_the_limit(kind: type[Decoder], piece: bytes, sent_for_each: int) -> None:
    """No more is taken from the network than the limit and the last piece, and a few times as much is held."""
    limit, taken = 32 * KIB, 0

    def network() -> Iterator[bytes]:
        nonlocal taken
        yield b"data: " if kind is EventDecoder else b"\x1e"
        for _ in range(64 * MIB // len(piece)):
            taken += len(piece)
            yield piece

    tracemalloc.start()
    try:
        with pytest.raises(StreamError, match="has more than 32768 bytes"):
            list(decoded(network(), kind(limit=limit)))
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert taken <= limit * sent_for_each + 2 * len(piece)
    assert held < 4 * (limit + len(piece))


def test_64_mib_in_many_events_hold_one() -> None:
    """What was handed over is not kept, nor are comments, of which there may be any number between two events."""
    comments = b": ping\n" * 9_000
    event = b"data: " + b"x" * MIB + b"\n\n"

    tracemalloc.start()
    try:
        sizes = {
            len(event.text) for event in decoded(itertools.chain([comments], [event] * 64), EventDecoder(limit=2 * MIB))
        }
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert sizes == {MIB}
    assert held < 8 * MIB


def test_the_default_limit() -> None:
    """An event of 16 MiB is refused, one that is a little smaller is not."""
    assert len(events(b"data:" + b"x" * (DEFAULT_LIMIT - 5) + b"\n\n")[0].text) == DEFAULT_LIMIT - 5
    with pytest.raises(StreamError):
        events(b"data:" + b"x" * (DEFAULT_LIMIT - 4) + b"\n\n")


@pytest.mark.parametrize(
    ("kind", "before", "piece"),
    [
        (EventDecoder, b"data:" + b"x" * 4 * MIB, b"x"),
        (EventDecoder, b"data:" + b"x" * 4 * MIB + b"\n", b"data\n"),
        (LineDecoder, b'"' + b"x" * 4 * MIB, b"x"),
        (SequenceDecoder, b'\x1e["' + b"x" * 4 * MIB + b'",\n', b"\n"),
    ],
)
def test_time_grows_with_the_bytes_alone(kind: type[Decoder], before: bytes, piece: bytes) -> None:
    """A byte more takes no longer because much stands before it; it takes hundreds of times as long if all is read."""

    def seconds(before: bytes) -> float:
        decoder = kind()
        list(decoder.feed(before))
        begin = time.process_time()
        for _ in range(1000):
            list(decoder.feed(piece))
        return time.process_time() - begin

    with_much = min(seconds(before) for _ in range(3))
    with_little = min(seconds(before[:6] + before[-3:]) for _ in range(3))

    assert with_much < 20 * with_little


CONTENT_TYPES = {
    "text/event-stream": EventDecoder,
    "Text/Event-Stream;charset=UTF-8": EventDecoder,
    "application/jsonl": LineDecoder,
    "application/x-ndjson; charset=utf-8": LineDecoder,
    "application/ndjson": LineDecoder,
    "application/json-lines": LineDecoder,
    "application/json-seq": SequenceDecoder,
    "application/geo+json-seq": SequenceDecoder,
    "application/json": type(None),
    "multipart/mixed; boundary=x": type(None),
    "text/plain": type(None),
    "": type(None),
    None: type(None),
}


def test_the_content_type_chooses() -> None:
    """By the type alone, in any case, whatever its parameters; most types are no streams."""
    assert {name: type(decoder_for(name)) for name in CONTENT_TYPES} == CONTENT_TYPES


def test_what_a_decoder_is_given() -> None:
    """The operation's name is for errors, the limit and the id for the decoder."""
    decoder = decoder_for("text/event-stream", "createRun", 10, "41")

    assert decoder is not None
    assert (decoder.operation_id, decoder.limit, decoder.last_event_id) == ("createRun", 10, "41")


@pytest.mark.parametrize("kind", [StreamError, ItemError])
@pytest.mark.parametrize("travel", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(kind: type[StreamError], travel: Any) -> None:
    """A copied or pickled error is equal and says the same."""
    error = kind("tail", "is no JSON", 3, "{", "41")
    other = travel(error)

    assert (other, str(other), vars(other)) == (error, str(error), vars(error))


def test_an_error_that_is_of_no_item() -> None:
    """What is not known is not told."""
    assert str(StreamError("", "the connection broke off")) == "the connection broke off"
