"""
Streams: answers that are a sequence of events or of JSON texts, decoded as they come.

A decoder takes the bytes in pieces of any size and returns an `Event` for each item as soon as it is complete. It
does not know the network, so that both clients use it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

from dynclient.documents import LIMITS, json_depth
from dynclient.errors import DynclientError, Sent
from dynclient.http import essence
from dynclient.types import JSON

DEFAULT_LIMIT = 16 * 2**20
"""The most bytes of a line, and of an event or item."""

DONE = "[DONE]"
"""The data that ends a stream: not a standard, but used by OpenAI and others."""

_BOM = b"\xef\xbb\xbf"
_RS = b"\x1e"
_WHITESPACE = b" \t\r\n"
_LONGEST = 80
"""An error repeats this many characters of an item."""

_COLLECTION = re.compile(r"[ \t\r\n]*[\[{]")
_RETRY = re.compile(rb"[0-9]{1,18}")
_QUOTED = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?')
_NOT_DELIMITED = re.compile(rb"[ \t\r\n]*[-0-9tfn]")


@dataclass(frozen=True, slots=True)
class Event:
    """
    One event of a stream, or one item of a sequence of JSON texts.

    Attributes:
        data: its data. A server-sent event does not say whether its data is JSON. A JSON object or array is read as
            one; anything else stays text, so that a word such as `123` or `true` stays a word.
        text: the text that was received.
        event: the type of a server-sent event.
        id: the last event id that the server gave so far.
        retry: the milliseconds that it last asked to wait before reconnecting, or None.
    """

    data: JSON
    text: str
    event: str = "message"
    id: str = ""
    retry: int | None = None


class StreamError(DynclientError):
    """
    A stream cannot be read further. The items before were returned.

    Attributes:
        number: the number of the wrong event or item, counted from 1.
        text: its beginning.
        last_event_id: the id to resume from.
    """

    sent: Sent = "yes"

    def __init__(
        self, operation_id: str, message: str, number: int = 0, text: str = "", last_event_id: str = ""
    ) -> None:
        super().__init__(operation_id, message, number, text, last_event_id)
        self.operation_id = operation_id
        self.message = message
        self.number = number
        self.text = text
        self.last_event_id = last_event_id

    def __str__(self) -> str:
        who = f"{self.operation_id}: " if self.operation_id else ""
        which = f"item {self.number} of the stream " if self.number else ""
        begins = f"; it begins with {self.text!r}" if self.text else ""
        return f"{who}{which}{self.message}{begins}"


class ItemError(StreamError):
    """One item of a stream is invalid. The stream can be read on, from the item after it."""


class Decoder(ABC):
    """
    Makes events from the bytes of a stream, however they are cut.

    `feed` takes bytes, and `close` says that there are no more. Both return the complete events one by one, as they are
    asked for; the next call returns the others. That is also so after an ItemError: `feed(b"")` goes on after the item.

    Attributes:
        limit: the most bytes of a line or an item. Only a few times as much is held, beside what was fed last.
        number: how many items came.
        ended: whether the stream is over; further bytes are ignored.
        last_event_id: as in `Event`; a resumed stream begins with it.
        retry: as in `Event`.
        is_named: whether the server gave an id with the last event, or since the event before it.

    Raises:
        StreamError: a line or an item is over the limit; the stream has ended.
        ItemError: an item isn't JSON, or the stream ended inside it.
    """

    is_named = False

    def __init__(self, operation_id: str = "", limit: int = DEFAULT_LIMIT, last_event_id: str = "") -> None:
        self.operation_id = operation_id
        self.limit = limit
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self.number = 0
        self.ended = False
        self._is_begun = False
        self._buffer = bytearray()
        self._start = 0  # where the first line that was not returned begins
        self._searched = 0  # that line does not end before this place

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Return the events that are complete with these bytes."""
        del self._buffer[: self._start]
        self._searched -= self._start
        self._start = 0
        if not self.ended:
            self._buffer += self._with_line_feeds(chunk)
        return self._events()

    def close(self) -> Iterator[Event]:
        """Return the events that are complete with the end of the stream."""
        yield from self._events()
        if not self.ended:
            rest = self._taken(len(self._buffer))
            self._end()
            event = self._last(rest)
            if event is not None:
                yield event

    @abstractmethod
    def _with_line_feeds(self, chunk: bytes) -> bytes:
        """The bytes, with LF at the end of each line."""

    @abstractmethod
    def _line(self, line: bytearray) -> Event | None:
        """The event that is complete with this line."""

    @abstractmethod
    def _last(self, rest: bytearray) -> Event | None:
        """The event that the end of the stream completes; `rest` are the last bytes, without LF."""

    def _events(self) -> Iterator[Event]:
        while not self.ended:
            end = self._buffer.find(b"\n", self._searched)
            self._searched = len(self._buffer) if end < 0 else end
            if self._searched - self._start > self.limit:
                raise self._too_long(self._buffer, self._start)
            if end < 0:
                return
            event = self._line(self._taken(end))
            if event is not None:
                yield event

    def _taken(self, end: int) -> bytearray:
        """The buffered bytes up to `end`, without the byte order mark at the beginning of the stream."""
        line = self._buffer[self._start : end]
        self._start = self._searched = end + 1
        if not self._is_begun:
            self._is_begun = True
            return line.removeprefix(_BOM)
        return line

    def _too_long(self, written: bytearray, start: int = 0) -> StreamError:
        beginning = _beginning(written[start : start + min(self.limit, 4 * _LONGEST)])
        self._end()
        message = f"has more than {self.limit} bytes"
        return StreamError(self.operation_id, message, self.number + 1, beginning, self.last_event_id)

    def _end(self) -> None:
        self.ended = True
        self._buffer.clear()

    def _half(self, written: bytearray, what: str) -> ItemError:
        message, beginning = f"may be half of one: {what} did not come", _beginning(written)
        return ItemError(self.operation_id, message, self.number, beginning, self.last_event_id)

    def _item(self, written: bytearray) -> Event:
        """The item that is written as this JSON text."""
        self.number += 1
        try:
            return Event(*_read(written))
        except ValueError as error:
            message, beginning = f"isn't JSON: {error}", _beginning(written)
            raise ItemError(self.operation_id, message, self.number, beginning, self.last_event_id) from None


class EventDecoder(Decoder):
    """
    Server-sent events, `text/event-stream` (WHATWG HTML §9.2.6).

    As the standard says, an event without data is skipped. If the stream ends before the blank line of an event, that
    is an error: a browser drops such an event silently, but it may be the last answer of a model. `DONE` ends the
    stream and is not an event. The last event id is kept from one connection to the next, as in browsers.
    """

    def __init__(self, operation_id: str = "", limit: int = DEFAULT_LIMIT, last_event_id: str = "") -> None:
        super().__init__(operation_id, limit, last_event_id)
        self._after_cr = False
        self._data = bytearray()
        self._type = ""
        self._id = last_event_id
        self._has_id = False

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        if not chunk:
            return chunk
        was_after_cr, self._after_cr = self._after_cr, chunk.endswith(b"\r")
        if was_after_cr:
            chunk = chunk.removeprefix(b"\n")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _line(self, line: bytearray) -> Event | None:
        if not line:
            return self._dispatched()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match bytes(name):
            case b"data":
                self._data += value
                self._data += b"\n"
                if len(self._data) > self.limit:
                    raise self._too_long(self._data)
            case b"event":
                self._type = _text(value)
            case b"id" if b"\0" not in value:
                self._id = _text(value)
                self._has_id = True
            case b"retry" if _RETRY.fullmatch(value):  # a number with more digits is no reasonable time
                self.retry = int(value)
        return None

    def _last(self, rest: bytearray) -> Event | None:
        if rest:
            self._line(rest)
        is_event = self._data or self._type or (rest.strip() and not rest.startswith(b":"))
        if is_event and self._data.removesuffix(b"\n") != DONE.encode():
            self.number += 1
            raise self._half(self._data.strip() or rest, "the blank line that ends it")
        return None

    def _dispatched(self) -> Event | None:
        self.last_event_id = self._id
        kind, self._type = self._type, ""
        data, self._data = self._data, bytearray()
        if not data:
            return None
        text = _text(data[:-1])
        if text == DONE:
            self._end()
            return None
        self.number += 1
        self.is_named, self._has_id = self._has_id, False
        return Event(_meaning(text), text, kind or "message", self.last_event_id, self.retry)


class LineDecoder(Decoder):
    """
    JSON lines, `application/jsonl`, `application/x-ndjson` and others: each line that is not blank is a JSON text.

    The last line may have no LF.
    """

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        return chunk

    def _line(self, line: bytearray) -> Event | None:
        written = line.strip(_WHITESPACE)
        return self._item(written) if written else None

    def _last(self, rest: bytearray) -> Event | None:
        return self._line(rest)


class SequenceDecoder(Decoder):
    """
    JSON text sequences, `application/json-seq` (RFC 7464): RS before each JSON text, and LF after it.

    An item is returned when its LF came, without waiting for the next RS. An item that isn't JSON is skipped up to
    the next RS (§2.3). A number, true, false or null without whitespace after it may have been cut off, and is an error
    (§2.4).
    """

    def __init__(self, operation_id: str = "", limit: int = DEFAULT_LIMIT, last_event_id: str = "") -> None:
        super().__init__(operation_id, limit, last_event_id)
        self._written = bytearray()
        self._open = 0  # how many arrays and objects have not ended yet
        self._is_skipped = False

    def _with_line_feeds(self, chunk: bytes) -> bytes:
        return chunk.replace(_RS, _RS + b"\n")  # then a line that ends with RS ends an item

    def _line(self, line: bytearray) -> Event | None:
        if line.endswith(_RS):
            return self._last(line[:-1])
        if self._is_skipped:
            return None
        self._add(line + b"\n")
        bare = _QUOTED.sub(b"", line)  # a JSON string never spans lines
        self._open += bare.count(b"[") + bare.count(b"{") - bare.count(b"]") - bare.count(b"}")
        if self._open > 0:
            return None
        self._is_skipped = True
        event = self._whole()
        self._is_skipped = False
        return event

    def _last(self, rest: bytearray) -> Event | None:
        was_skipped, self._is_skipped = self._is_skipped, False
        if was_skipped:
            return None
        self._add(rest)
        if _NOT_DELIMITED.match(self._written) and self._written[-1:] not in _WHITESPACE:
            written, self._written = self._written, bytearray()
            self.number += 1
            raise self._half(written, "the line feed that ends it")
        return self._whole()

    def _add(self, more: bytearray) -> None:
        self._written += more
        if len(self._written) > self.limit:
            raise self._too_long(self._written)

    def _whole(self) -> Event | None:
        written = self._written.strip(_WHITESPACE)
        self._written.clear()
        self._open = 0
        return self._item(written) if written else None


_DECODERS: Mapping[str, type[Decoder]] = MappingProxyType(
    {
        "text/event-stream": EventDecoder,
        "application/json-seq": SequenceDecoder,
        "application/jsonl": LineDecoder,
        "application/x-jsonl": LineDecoder,
        "application/jsonlines": LineDecoder,
        "application/x-jsonlines": LineDecoder,
        "application/json-lines": LineDecoder,
        "application/x-json-lines": LineDecoder,
        "application/ndjson": LineDecoder,
        "application/x-ndjson": LineDecoder,
        "application/x-json-stream": LineDecoder,
        "application/stream+json": LineDecoder,
    }
)


def decoder_for(
    content_type: str | None, operation_id: str = "", limit: int = DEFAULT_LIMIT, last_event_id: str = ""
) -> Decoder | None:
    """
    Return the decoder for a stream of this Content-Type, whatever its parameters; None if it isn't a stream.

    >>> type(decoder_for("Text/Event-Stream; charset=utf-8")).__name__, decoder_for("application/json")
    ('EventDecoder', None)
    """
    name = essence(content_type or "")
    # RFC 8091
    kind = SequenceDecoder if name.endswith("+json-seq") else _DECODERS.get(name)
    return kind(operation_id, limit, last_event_id) if kind else None


def as_received(event: Event, content_type: str) -> Event:
    """Return the event with the data that was received in a stream of this Content-Type, before any changes."""
    is_event = essence(content_type) == "text/event-stream"
    return dataclasses.replace(event, data=_meaning(event.text) if is_event else _parsed(event.text))


def _text(received: bytes | bytearray) -> str:
    return received.decode("utf-8", "replace")


def _beginning(received: bytearray) -> str:
    return _text(received[: 4 * _LONGEST])[:_LONGEST]


def _meaning(text: str) -> JSON:
    """The data of a server-sent event; see `Event`."""
    if not _COLLECTION.match(text):
        return text
    try:
        return _parsed(text)
    except ValueError:
        return text


def _read(written: bytearray) -> tuple[JSON, str]:
    """
    The value of a JSON text, and the text.

    Raises:
        ValueError: it isn't JSON; the message gives the reason.
    """
    try:
        text = written.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte 0x{written[error.start]:02x} at {error.start + 1} is not UTF-8") from None
    return _parsed(text), text


def _parsed(text: str) -> JSON:
    if text.count("[") + text.count("{") > LIMITS.depth and json_depth(text) > LIMITS.depth:
        raise ValueError(f"it is nested in more than {LIMITS.depth} levels")
    try:
        return json.loads(text, object_pairs_hook=_members, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:  # the error itself holds the whole text
        raise ValueError(f"{error.msg} (character {error.pos + 1})") from None


def _members(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"the name {twice[:_LONGEST]!r} stands twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} isn't a JSON number")
