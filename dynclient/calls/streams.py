"""
Answers that are streams: validated item by item, bounded in time, and resumed after a break if that is wanted.

`StreamReader` decides all of this and touches no network; `Stream` fetches the content.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

from dynclient.calls.core import Core
from dynclient.calls.open_answers import OpenAnswer, SyncOpenAnswer
from dynclient.calls.options import mode_of
from dynclient.calls.preparing import with_headers
from dynclient.calls.reading import read_rest
from dynclient.credentials import Secrets
from dynclient.errors import CallError, Problem, SendError, Sent, TimedOut
from dynclient.http import retries
from dynclient.openapi import Operation
from dynclient.responses import Finding, Response, ResponseError, explained
from dynclient.support import CLOCK, Clock, Deadline, hush
from dynclient.wire import DEFAULT_LIMIT, Decoder, Event, EventDecoder, ItemError, StreamError, decoder_for

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared

_log = logging.getLogger("dynclient")

_MOST_PROBLEMS = 100
_MOST_TRIES = 5
"""How often in a row a stream is asked for again without receiving an item."""

_LONGEST_HELD = 1 << 16
"""Characters of an item that is kept until its problems are asked for; those of a longer one are explained at once."""

_FIRST_PAUSE = 3.0
_LONGEST_PAUSE = 60.0
"""Seconds before a stream is asked for again, unless its server says otherwise."""

_LONGEST_ID = 4096
_LONGEST_SHOWN = 80

_MOST_FIRST = 1_000
_MOST_LAST = 10_000
"""How many ids of events are remembered, to notice repeated events: those at the start and at the end."""


class StreamReader:
    """
    The items of one stream, over all its connections.

    `begin` takes the head of each answer; `feed` and `finish` take its content, and `take` then returns the items.

    Attributes:
        number: how many items came.
        problems: what is invalid in them, a hundred problems at most.
        last_event_id: the last id that the server gave.
        half: the error for an event that the content broke off in; a resumed stream sends the event again.
    """

    def __init__(self, core: Core, operation: Operation) -> None:
        options = core.options
        self._operation = operation
        self._validator = core.response_validator
        self._notices = core.notices
        self._mode = mode_of(core.options.validate_response, operation)
        most = options.max_response_size
        self._limit = DEFAULT_LIMIT if most is None else min(DEFAULT_LIMIT, most)
        self._resumes = options.resume_streams
        self._asked_type = options.stream_type
        self._type = ""
        self._response: Response | None = None
        self._decoder: Decoder | None = None
        self._items: Iterator[Event] = iter(())
        self._is_finished = False
        self._retry: int | None = None
        self._tries = 0
        self._is_resumed = False
        self._first: set[int] = set()  # hashes of the ids of events that were given
        self._last: OrderedDict[int, None] = OrderedDict()
        self.half: ItemError | None = None
        self.number = 0
        self._problems: tuple[Problem, ...] = ()
        self._unexplained: list[tuple[Sequence[Finding], Secrets]] = []
        self.last_event_id = ""

    @property
    def problems(self) -> tuple[Problem, ...]:
        self._explain()
        return self._problems

    def begin(self, response: Response) -> bool:
        """Take the head of an answer; return whether it is a stream, by its Content-Type or `stream_type`."""
        kind = response.headers.get("Content-Type", "")
        self._type = kind if decoder_for(kind) or not self._asked_type else self._asked_type
        decoder = decoder_for(self._type, self._operation.id, self._limit, self.last_event_id)
        if decoder is None:
            return False
        decoder.number = self.number
        self._is_resumed, self.half = self._response is not None, None
        self._response, self._decoder, self._items, self._is_finished = response, decoder, iter(()), False
        self._keep(response.problems, response.secrets)
        return True

    @property
    def is_over(self) -> bool:
        """Whether the stream itself has said that nothing follows; the end of its content does not say so."""
        return self._decoder is not None and self._decoder.ended and not self._is_finished

    def feed(self, piece: bytes) -> None:
        assert self._decoder is not None
        self._items = self._decoder.feed(piece)

    def finish(self) -> None:
        """The content has ended."""
        assert self._decoder is not None
        self._items = self._decoder.close()
        self._is_finished = True

    def take(self) -> Event | None:
        """
        Return the next item of the content so far; None if more content is needed.

        Raises:
            ItemError, ResponseError: this item is invalid; the next call returns the one after it.
            StreamError: the stream cannot be read further, or the server began it again instead of resuming it.
        """
        decoder = self._decoder
        assert decoder is not None
        try:
            event = next(self._items, None)
        except ItemError as error:
            if isinstance(decoder, EventDecoder):
                self.half = error
                return None
            self.number = decoder.number
            self._items = decoder.feed(b"")  # goes on after the item
            raise
        if event is not None and event.id and decoder.is_named and self._resumes:
            self._remember(event, decoder.number)
        self.number, self.last_event_id = decoder.number, decoder.last_event_id
        self._retry = self._retry if decoder.retry is None else decoder.retry
        if event is not None:
            self._tries = 0
            self._check(event)
        return event

    def pause(self, *, is_broken: bool, clock: Clock = CLOCK) -> float | None:
        """
        Return the seconds to wait before the stream is resumed; None if it is not.

        It is if the caller wants it, and the server can tell what came already (WHATWG HTML §9.2.3), or nothing came
        before it broke off.
        """
        wanted = self._retry / 1000 if self._retry is not None else _FIRST_PAUSE
        is_known = _is_header(self.last_event_id) or (is_broken and not self.number and not self.last_event_id)
        is_able = isinstance(self._decoder, EventDecoder) and is_known and wanted <= retries.LONGEST_WAIT
        if not (self._resumes and is_able and self._tries < _MOST_TRIES):
            return None
        self._tries += 1
        doubled = min(wanted * 2.0 ** (self._tries - 1), max(wanted, _LONGEST_PAUSE))
        return doubled * (1 + clock.random() / 4)  # else all clients that lost it come back at once

    def _remember(self, event: Event, number: int) -> None:
        """
        Remember the id of an event that is about to be returned.

        Raises:
            StreamError: it came before. Events are not skipped, because those of a new run may differ.
        """
        key = hash(event.id)
        if self._is_resumed and (key in self._first or key in self._last):
            reason = f"has the id {event.id[:_LONGEST_SHOWN]!r}, which came before: the server began the stream again"
            message = f"{reason} instead of resuming it after Last-Event-ID"
            raise StreamError(self._operation.id, message, number, last_event_id=self.last_event_id)
        if len(self._first) < _MOST_FIRST:
            self._first.add(key)
        else:
            self._last[key] = None
            if len(self._last) > _MOST_LAST:
                self._last.popitem(last=False)

    def _check(self, event: Event) -> None:
        if self._mode == "off":
            return
        response = self._response
        assert response is not None
        status, received = response.status_code, response.headers.get("Content-Type", "")
        name = f"[{self.number - 1}]"
        found = self._validator.item_findings(self._operation, status, self._type, event, name, received)
        if self._mode == "raise":
            problems = explained(found, response.secrets, _MOST_PROBLEMS)
            self._keep(problems, response.secrets)
            if problems:
                message = f"item {self.number} of the stream does not fit the document"
                error = ResponseError(message, response, problems)
                error.event = event
                raise error
        elif found:
            self._keep(self._notices.tell(self._operation, found), response.secrets)
            if len(event.text) > _LONGEST_HELD:
                self._explain()

    def _keep(self, findings: Sequence[Finding], secrets: Secrets) -> None:
        if findings and len(self._problems) + len(self._unexplained) < _MOST_PROBLEMS:
            self._unexplained.append((findings, secrets))

    def _explain(self) -> None:
        found = (explained(findings, secrets, _MOST_PROBLEMS) for findings, secrets in self._unexplained)
        self._problems = (*self._problems, *(problem for problems in found for problem in problems))[:_MOST_PROBLEMS]
        self._unexplained.clear()


class BaseStream(OpenAnswer):
    """What a stream does on whatever network: when it ends, whether it is resumed, and what its errors say."""

    _noun = "stream"

    def __init__(self, core: Core, operation: Operation) -> None:
        super().__init__(core, operation)
        self._reader = StreamReader(core, operation)
        self._at_end = False
        self._failed: SendError | None = None
        self._end = self._item_end = Deadline(None)

    def __repr__(self) -> str:
        kind = type(self).__name__
        if self._response is None:
            return f"<{kind} of {self._operation.id}, {'closed' if self._is_closed else 'not begun'}>"
        media_type = self._response.headers.get("Content-Type", "no content type")
        status = self._response.status_code
        return f"<{kind} {status} {self._operation.id}, {media_type}, items so far: {self.number}>"

    @property
    def number(self) -> int:
        return self._reader.number

    @property
    def last_event_id(self) -> str:
        return self._reader.last_event_id

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._reader.problems

    def _hold(self, prepared: Prepared) -> None:
        """
        Keep the request, which can be sent.

        Raises:
            CallError: the caller wants it resumed, and it cannot be.
        """
        names = self._core.key_headers(self._operation)
        is_repeatable = retries.is_repeatable(prepared.method or "", prepared.headers, names)
        if self._core.options.resume_streams and not is_repeatable:
            reason = f"a stream by {prepared.method} cannot be resumed, because it would be carried out twice"
            raise CallError(self._operation.id, f"{reason}; give an idempotency_key, or leave resume_streams out")
        super()._hold(prepared)

    def _begun(self, has_content: bool) -> None:
        self._is_closed = not has_content
        self._end = Deadline(self._core.options.stream_timeout, self._core.traffic.clock)

    def _is_last(self, error: BaseException) -> bool:
        """Report an error; return whether nothing can follow it."""
        hush(error)
        if isinstance(error, (SendError, StreamError)):
            self._report(error)
        return not (isinstance(error, ItemError) or (isinstance(error, ResponseError) and bool(error.event)))

    def _log_end(self) -> None:
        _log.debug("%s: the stream ended after %d items", self._operation.id, self.number)

    def _fed(self, piece: bytes | None) -> bool:
        """Feed the reader a piece, or once the end of the content; return whether items may follow."""
        if piece is not None:
            self._reader.feed(piece)
        elif not self._at_end:
            self._at_end = True
            self._reader.finish()
        else:
            return False
        return True

    def _limited(self) -> Core:
        """The parts that the call is made with: it may take no longer than the stream."""
        options, left = self._core.options, self._end.left()
        if left >= (options.total_timeout or math.inf):
            return self._core
        limited = dataclasses.replace(options, total_timeout=max(left, 0.001))
        return dataclasses.replace(self._core, options=limited)

    def _over(self, error: SendError | None) -> bool:
        """False, because nothing follows; if the stream ended with an error, or inside an event, that is raised."""
        half, self._reader.half = self._reader.half, None
        if error is not None or half is not None:
            raise error or half  # type: ignore[misc]
        return False

    def _pause(self, error: SendError | None) -> float | None:
        """
        The seconds to wait before the stream is resumed; None if it is not.

        Raises:
            TimedOut: that is longer than the stream may take.
        """
        assert self._prepared is not None
        may_go_on = (error is None or error.is_transient) and self._core.transport.rewind(self._prepared)
        clock = self._core.traffic.clock
        pause = self._reader.pause(is_broken=error is not None, clock=clock) if may_go_on else None
        if pause is not None and pause >= self._end.left():
            raise self._late(self._end, "the stream did not end", error.sent if error else "yes") from error
        return pause

    def _resumption(self) -> Prepared:
        """The request for what follows the last event, with the credentials of now."""
        assert self._prepared is not None
        text = self.last_event_id.encode().decode("latin-1")  # UTF-8 (WHATWG HTML §9.2.4)
        return with_headers(self._core, self._prepared, {"Last-Event-ID": text} if text else {})

    def _wait_for_item(self) -> None:
        """Give the next item its time, however slowly its bytes come."""
        assert self._received is not None
        attempt = self._received.attempt
        self._item_end = Deadline(self._core.options.event_timeout, self._core.traffic.clock)
        attempt.idle = None
        attempt.deadline = min(self._item_end, self._end, key=lambda deadline: deadline.at)

    def _explained(self, error: SendError) -> SendError:
        """The error; if a time was over, the error says which."""
        if not (isinstance(error, TimedOut) and (self._item_end.passed() or self._end.passed())):
            return error
        end, what = self._item_end, "no item of the stream came"
        if self._end.passed():
            end, what = self._end, "the stream did not end"
        late = self._late(end, what, error.sent)
        late.__cause__ = error.__cause__
        return late

    def _late(self, end: Deadline, what: str, sent: Sent) -> TimedOut:
        return TimedOut(self._operation.id, f"{what} within {end.seconds:g} seconds", sent)

    def _report(self, error: SendError | StreamError) -> None:
        """Add to the error how far the stream came, log it, and call the hook, as for any call."""
        if isinstance(error, SendError):
            error.number, error.last_event_id = self.number, self.last_event_id
        if error is not self._failed:  # which was reported already
            assert self._response is not None
            error.attempts = self._response.attempts
            _log.info("%s %s after %d items", self._operation.id, type(error).__name__, self.number)
            if self._core.options.hooks.on_error:
                self._core.options.hooks.on_error(error)


def no_stream(response: Response) -> ResponseError:
    """Return the error for an answer that is not a stream, and was read whole."""
    kind = response.media_type or "without a Content-Type"
    message = f"the answer is not a stream but {kind}; `response` holds it"
    hint = "If it holds lines of JSON, with_options(stream_type='application/jsonl') reads them."
    return ResponseError(f"{message}. {hint}", response)


class Stream(SyncOpenAnswer, BaseStream):
    """
    The items of an answer, one by one as they come: server-sent events, JSON lines or a JSON text sequence.

        with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
            for event in events:
                print(event.event, event.data)

    The call is made when the context begins, or by the first item. The connection is closed when the context or the
    stream ends. A stream is for one thread.

    Attributes:
        response: the head of the answer.
        number: how many items came.
        last_event_id: the last id that the server gave.
        problems: what does not fit the document, a hundred problems at most.

    Raises:
        DynclientError: as the call would.
        SendError: the stream broke off.
        StreamError: it cannot be read as a stream.
        ItemError: one item cannot be read; `next` goes on after it.
        ResponseError: one item is invalid, under `validate_response="raise"`; `next` goes on after it.
    """

    def __init__(self, core: Core, operation: Operation, prepared: Prepared) -> None:
        super().__init__(core, operation)
        self._hold(prepared)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        self._begin()
        if self._pieces is None:
            raise StopIteration
        try:
            self._wait_for_item()
            while (event := self._reader.take()) is None:
                if not self._goes_on():
                    self._log_end()
                    raise StopIteration
            return event
        except BaseException as error:
            if self._is_last(error):
                self.close()
            raise

    def _connect(self, prepared: Prepared) -> None:
        self._pieces = None
        response = self._response = self._answered(self._limited(), prepared)
        received = self._received
        if response.is_read or received is None:  # an error that does not raise
            return
        if response.status_code in (204, 205):
            received.answer.close()
        elif self._reader.begin(response):
            self._pieces = self._core.transport.pieces(self._operation.id, received, response.secrets)
            self._at_end = False
        else:
            self._response = read_rest(self._core, response, received)
            raise no_stream(self._response)

    def _goes_on(self) -> bool:
        """Fetch more content; return whether items may follow."""
        if not self._reader.is_over:
            return self._advance()
        assert self._pieces is not None
        assert self._received is not None
        self._core.transport.settle(self._received, self._pieces)
        return False

    def _advance(self) -> bool:
        """Fetch the next piece, or resume the stream at the end of the content; return whether items may follow."""
        assert self._pieces is not None
        try:
            piece = next(self._pieces, None)
        except SendError as error:
            return self._resume(self._explained(error))
        return self._fed(piece) or self._resume(None)

    def _resume(self, error: SendError | None) -> bool:
        """Resume the stream; return whether items may follow. If it cannot be resumed, it ends, or raises the error."""
        clock = self._core.traffic.clock
        while (pause := self._pause(error)) is not None:
            clock.sleep(pause)
            try:
                self._connect(self._resumption())
            except SendError as failed:
                error = self._failed = failed
            else:
                if self._pieces is None:
                    return False
                self._wait_for_item()
                return True
        return self._over(error)


def _is_header(text: str) -> bool:
    """Whether a header can hold the text as it is."""
    return bool(text) and text == text.strip() and text.isprintable() and len(text) <= _LONGEST_ID
