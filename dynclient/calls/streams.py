"""
Answers that are streams, over the network: judged item by item, bounded in time, and gone on with where that is asked.

`Reading` decides all of it and touches no network; `Stream` fetches what it is fed with.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Self

from dynclient.calls.open_answers import Fetched, Unread
from dynclient.calls.options import Mode, mode_of
from dynclient.calls.sending import Parts, key_headers, read_after_all, repeated, send
from dynclient.credentials import Secrets
from dynclient.errors import CallError, Problem, SendError, Sent, TimedOut
from dynclient.http import retries
from dynclient.openapi import Operation
from dynclient.responses import Finding, Response, ResponseError, content_type, explained
from dynclient.support import CLOCK, Clock, Deadline, hush
from dynclient.wire import DEFAULT_LIMIT, Decoder, Event, EventDecoder, ItemError, StreamError, decoder_for

if TYPE_CHECKING:
    import requests

    from dynclient.network import Attempt

_log = logging.getLogger("dynclient")

_MOST_PROBLEMS = 100
_MOST_TRIES = 5
"""How often in a row a stream is asked for again without an item that comes of it."""

_LONGEST_HELD = 1 << 16
"""Characters of an item that are held until its problems are asked for; those of longer ones are explained at once."""

_FIRST_PAUSE = 3.0
_LONGEST_PAUSE = 60.0
"""Seconds before a stream is asked for again, unless its server says another time."""

_LONGEST_ID = 4096
_LONGEST_SHOWN = 80

_MOST_FIRST = 1_000
_MOST_LAST = 10_000
"""How many ids of events are remembered, to notice when they come again: the first and the last of the stream."""


class Reading:
    """
    The items of one stream, over all its connections, and what is known of them.

    `begin` takes the head of each answer; `feed` and `finish` what comes of its content, after which `take` gives the
    items until there is none. `number` counts them, `problems` are what does not fit the document, a hundred at most.
    `half` is the error for an event that the content ended in, which comes again if the stream is resumed.
    """

    def __init__(self, parts: Parts, operation: Operation) -> None:
        options = parts.options
        self._operation = operation
        self._judge = parts.answers
        self._notices = parts.notices
        self._mode: Mode = mode_of(options.validate_response, operation)
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
        """Whether the answer is a stream, by its Content-Type or by the caller's word; then its content may follow."""
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
        """Whether the stream itself has said that nothing follows; that its content has ended does not."""
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
        The next item of what was fed, None where more has to be.

        Raises:
            ItemError, ResponseError: it is not what it must be; the next call gives the item behind it.
            StreamError: the stream cannot be read further, or began anew where it was to be resumed.
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
            self._items = decoder.feed(b"")  # goes on behind the item
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
        The seconds to wait before the stream is asked for once more, None where it is not to be.

        It is where that was asked for, and where the server can tell what came already (WHATWG HTML §9.2.3), or nothing
        did before it broke off.
        """
        wanted = self._retry / 1000 if self._retry is not None else _FIRST_PAUSE
        is_told = _is_header(self.last_event_id) or (is_broken and not self.number and not self.last_event_id)
        is_able = isinstance(self._decoder, EventDecoder) and is_told and wanted <= retries.LONGEST_WAIT
        if not (self._resumes and is_able and self._tries < _MOST_TRIES):
            return None
        self._tries += 1
        doubled = min(wanted * 2.0 ** (self._tries - 1), max(wanted, _LONGEST_PAUSE))
        return doubled * (1 + clock.random() / 4)  # else all who lost it come back at one moment

    def _remember(self, event: Event, number: int) -> None:
        """
        Keep the id of an event that is about to be given.

        Raises:
            StreamError: it was given before; the events are not skipped, for those of a new run may differ.
        """
        key = hash(event.id)
        if self._is_resumed and (key in self._first or key in self._last):
            reason = (
                f"has the id {event.id[:_LONGEST_SHOWN]!r}, which was given before: the server began the stream anew"
            )
            message = f"{reason} in place of going on after Last-Event-ID"
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
        found = self._judge.item_findings(self._operation, status, self._type, event, name, received)
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


class Driver(Unread):
    """What a stream does whatever fetches it: when it ends, whether it goes on, and what its errors say."""

    _noun = "stream"

    def __init__(self, parts: Parts, operation: Operation) -> None:
        super().__init__(parts, operation)
        self._reading = Reading(parts, operation)
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
        return self._reading.number

    @property
    def last_event_id(self) -> str:
        return self._reading.last_event_id

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._reading.problems

    def _hold(self, prepared: requests.PreparedRequest) -> None:
        """
        Keep the request, which can be sent.

        Raises:
            CallError: it could not be resumed, which is asked for.
        """
        options = self._parts.options
        names = key_headers(self._operation, options)
        if options.resume_streams and not retries.is_repeatable(prepared.method or "", prepared.headers, names):
            reason = f"a stream by {prepared.method} cannot be resumed, for it would be carried out twice"
            raise CallError(self._operation.id, f"{reason}; give an idempotency_key, or leave resume_streams out")
        super()._hold(prepared)

    def _begun(self, has_content: bool) -> None:
        self._is_closed = not has_content
        self._end = Deadline(self._parts.options.stream_timeout, self._parts.traffic.clock)

    def _is_last(self, error: BaseException) -> bool:
        """Whether nothing can follow this error, which is told."""
        hush(error)
        if isinstance(error, (SendError, StreamError)):
            self._tell(error)
        return not (isinstance(error, ItemError) or (isinstance(error, ResponseError) and bool(error.event)))

    def _log_end(self) -> None:
        _log.debug("%s: the stream ended after %d items", self._operation.id, self.number)

    def _fed(self, piece: bytes | None) -> bool:
        """Whether something may be taken after this piece, or after the end of the content, which is told once."""
        if piece is not None:
            self._reading.feed(piece)
        elif not self._at_end:
            self._at_end = True
            self._reading.finish()
        else:
            return False
        return True

    def _limited(self) -> Parts:
        """What the call is made with: it may take no longer than the stream."""
        options, left = self._parts.options, self._end.left()
        if left >= (options.total_timeout or math.inf):
            return self._parts
        limited = dataclasses.replace(options, total_timeout=max(left, 0.001))
        return dataclasses.replace(self._parts, options=limited)  # type: ignore[type-var]

    def _over(self, error: SendError | None) -> bool:
        """False, for nothing follows; unless the stream ended with an error, or in an event: that is raised."""
        half, self._reading.half = self._reading.half, None
        if error is not None or half is not None:
            raise error or half  # type: ignore[misc]
        return False

    def _pause(self, error: SendError | None) -> float | None:
        """
        How long to wait before it is asked for again; None where it is not to be.

        Raises:
            TimedOut: longer than the stream may take.
        """
        assert self._prepared is not None
        may_go_on = (error is None or error.is_transient) and self._parts.transport.rewind(self._prepared)
        clock = self._parts.traffic.clock
        pause = self._reading.pause(is_broken=error is not None, clock=clock) if may_go_on else None
        if pause is not None and pause >= self._end.left():
            raise self._late(self._end, "the stream did not end", error.sent if error else "yes") from error
        return pause

    def _resumption(self) -> requests.PreparedRequest:
        """The request for what follows the last event, with the credentials of now."""
        assert self._draft is not None
        text = self.last_event_id.encode().decode("latin-1")  # UTF-8 (WHATWG HTML §9.2.4)
        return repeated(self._parts, self._operation, self._draft, {"Last-Event-ID": text} if text else {})

    def _wait_for_item(self) -> None:
        """From now on the next item is waited for, however its bytes drip."""
        assert self._response is not None
        attempt: Attempt = self._response.raw.attempt  # type: ignore[union-attr]
        self._item_end = Deadline(self._parts.options.event_timeout, self._parts.traffic.clock)
        attempt.idle = None
        attempt.deadline = min(self._item_end, self._end, key=lambda deadline: deadline.at)

    def _explained(self, error: SendError) -> SendError:
        """The error; where its time is over, with which time that is."""
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

    def _tell(self, error: SendError | StreamError) -> None:
        """The error says how far the stream came; so does the log, and the hook is called as for any call."""
        if isinstance(error, SendError):
            error.number, error.last_event_id = self.number, self.last_event_id
        if error is not self._failed:  # as which it was told already
            assert self._response is not None
            error.attempts = self._response.attempts
            _log.info("%s %s after %d items", self._operation.id, type(error).__name__, self.number)
            if self._parts.options.hooks.on_error:
                self._parts.options.hooks.on_error(error)


def no_stream(response: Response) -> ResponseError:
    """The error for this answer, which was read after all."""
    kind = content_type(response) or "without a Content-Type"
    message = f"the answer is no stream but {kind}; `response` holds it"
    hint = "If it holds lines of JSON, with_options(stream_type='application/jsonl') reads them."
    return ResponseError(f"{message}. {hint}", response)


class Stream(Fetched, Driver):
    """
    The items of an answer, one by one as they come: of server-sent events, JSON lines or a JSON text sequence.

        with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
            for event in events:
                print(event.event, event.data)

    The call is made when the context begins, or else by the first item, and its connection is closed when the context
    or the stream ends. `response` is the head of the answer, `number` how many items came, `last_event_id` the last id
    that the server gave, and `problems` what does not fit the document, a hundred at most. It is for one thread.

    Raises:
        DynclientError: as the call would; in the midst of a stream a SendError where it breaks off, a StreamError where
            it is none, an ItemError or, under `validate_response="raise"`, a ResponseError for one item: `next` then
            goes on behind it.
    """

    def __init__(self, parts: Parts, operation: Operation, prepared: requests.PreparedRequest) -> None:
        super().__init__(parts, operation)
        self._hold(prepared)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        self._begin()
        if self._pieces is None:
            raise StopIteration
        try:
            self._wait_for_item()
            while (event := self._reading.take()) is None:
                if not self._goes_on():
                    self._log_end()
                    raise StopIteration
            return event
        except BaseException as error:
            if self._is_last(error):
                self.close()
            raise

    def _connect(self, prepared: requests.PreparedRequest) -> None:
        self._pieces = None
        response = self._response = send(self._limited(), self._operation, prepared, stream=True)
        if response.is_read:  # an error that is not to be raised
            return
        answer: requests.Response = response.raw  # type: ignore[assignment]
        if response.status_code in (204, 205):
            answer.close()
        elif self._reading.begin(response):
            self._pieces = self._parts.transport.pieces(self._operation.id, answer, response.secrets)
            self._at_end = False
        else:
            self._response = read_after_all(self._parts, response)
            raise no_stream(self._response)

    def _goes_on(self) -> bool:
        """Whether the stream is not over; then something may be taken."""
        if not self._reading.is_over:
            return self._advance()
        assert self._pieces is not None
        self._parts.transport.settle(self.response.raw, self._pieces)  # type: ignore[arg-type]
        return False

    def _advance(self) -> bool:
        """Whether something may be taken after the next piece, the end of the content, or a new connection."""
        assert self._pieces is not None
        try:
            piece = next(self._pieces, None)
        except SendError as error:
            return self._resume(self._explained(error))
        return self._fed(piece) or self._resume(None)

    def _resume(self, error: SendError | None) -> bool:
        """Whether the stream goes on by a new connection; where it may not, it has ended, or the error is raised."""
        clock = self._parts.traffic.clock
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
