"""
Waiting for something to happen at the server: the same call again and again, until its answer says so.

Nothing is sent here and nothing waits: a `Poller` gets each answer and returns how long to wait before the next call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dynclient.calls.paging import value_at
from dynclient.documents import Document, escape_step, split_value_pointer
from dynclient.errors import CallError, DynclientError
from dynclient.http import media_types, retries
from dynclient.openapi import Operation, Schema, SchemaView
from dynclient.responses import Response
from dynclient.support import CLOCK, Clock, near, type_name
from dynclient.types import JSON

_REPEATABLE = ("GET", "HEAD", "QUERY", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Polling:
    """
    How often to ask, and how long.

    Attributes:
        every: the first pause, in seconds.
        growth: each pause is so many times as long as the one before.
        longest: the longest pause, in seconds. A server may ask for longer pauses up to this, by `Retry-After` or
            `openai-poll-after-ms`.
        within: the seconds after which `PollTimeout` is raised; None for never.
        progress: called after each answer that does not end the wait, with the answer and the seconds since the first
            call.
    """

    every: float = 1.0
    growth: float = 1.5
    longest: float = 30.0
    within: float | None = 600.0
    progress: Callable[[Response, float], object] | None = None

    def __post_init__(self) -> None:
        for name in ("every", "growth", "longest", "within"):
            value = getattr(self, name)
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number and not (name == "within" and value is None):
                raise TypeError(f"{name} of a Polling must be a number, not of type {type(value).__name__}")
        if self.progress is not None and not callable(self.progress):
            raise TypeError("progress of a Polling must be a function of the answer and the seconds, or None")
        if not (self.every > 0 and self.growth >= 1 and self.longest >= self.every):
            raise ValueError("a Polling needs every > 0, growth >= 1 and longest >= every")
        if self.within is not None and not self.within > 0:
            raise ValueError("within must be a positive number of seconds, or None to wait for ever")


@dataclass(frozen=True, slots=True)
class Leaves:
    """See `leaves`."""

    values: tuple[JSON, ...]


def leaves(*values: JSON) -> Leaves:
    """
    Return, for `until`, that a field no longer has one of these values.

    Example:
        client.getRun.poll(..., until={"status": leaves("queued", "in_progress")})
    """
    return Leaves(values)


Until: TypeAlias = Callable[[Response], object] | Mapping[str, JSON | Leaves]
"""
When to stop: a function of the answer, or a mapping of fields to the values they are to have.

A field is `status`, `run.status` or a JSON Pointer, `/run/status`; its value is one value, a list of permitted values,
or `leaves(...)`. All fields must agree.
"""


class PollTimeout(DynclientError, TimeoutError):
    """What `poll` waited for did not happen in time; `response` is the last answer."""

    def __init__(self, operation_id: str, message: str, response: Response) -> None:
        super().__init__(operation_id, message, response)
        self.operation_id = operation_id
        self.message = message
        self.response = response

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.message}"


class Poller:
    """
    One wait; `pause` returns after each answer how long to wait before the next call. `asked` counts the answers.

    Raises:
        CallError: by the document `until` can never be true, or each call of the operation may change something.
    """

    def __init__(
        self,
        operation: Operation,
        until: Until,
        polling: Polling,
        document: Document | None = None,
        clock: Clock = CLOCK,
    ) -> None:
        if operation.method not in _REPEATABLE:
            reason = f"poll asks again and again, and {operation.method} may change something each time"
            raise CallError(operation.id, f"{reason}; poll the operation that reads what this one makes")
        self._operation = operation
        self._fields = () if callable(until) else tuple(_fields(operation, until, document))
        self._agrees = until if callable(until) else self._fields_agree
        self._polling = polling
        self._clock = clock
        self._begun = clock.monotonic()
        self._next = polling.every
        self.asked = 0

    def pause(self, response: Response) -> float | None:
        """
        Return the seconds to wait; None if the wait is over.

        Raises:
            PollTimeout: there is no time left.
        """
        self.asked += 1
        if self._agrees(response):
            return None
        waited = self._clock.monotonic() - self._begun
        if self._polling.progress is not None:
            self._polling.progress(response, waited)
        pause = min(max(self._next, _asked_for(response, self._clock)), self._polling.longest)
        self._next = min(self._next * self._polling.growth, self._polling.longest)
        if self._polling.within is None:
            return pause
        left = self._polling.within - waited
        if left <= 0:
            message = response.secrets.masked(f"{self._now(response)} after {waited:.0f} s")
            raise PollTimeout(self._operation.id, message, response)
        return min(pause, left)

    def state(self, response: Response) -> str:
        """Return the fields that are waited for, with their values: "status: in_progress"."""
        values = ((_name(pointer), value_at(response.data, pointer)) for pointer, _ in self._fields)
        shown = (f"{name}: {value if isinstance(value, str) else repr(value)}" for name, value in values)
        masked: str = response.secrets.masked(", ".join(shown))
        return masked

    def _fields_agree(self, response: Response) -> bool:
        return all(_agrees(value_at(response.data, pointer), wanted) for pointer, wanted in self._fields)

    def _now(self, response: Response) -> str:
        states = [
            f"{_name(pointer)} is still {value_at(response.data, pointer)!r:.40}"
            for pointer, wanted in self._fields
            if not _agrees(value_at(response.data, pointer), wanted)
        ]
        return " and ".join(states) or "what was waited for has not happened"


def _name(pointer: str) -> str:
    return ".".join(split_value_pointer(pointer))


def _agrees(value: JSON, wanted: JSON | Leaves) -> bool:
    if isinstance(wanted, Leaves):
        return value not in wanted.values
    return value in wanted if isinstance(wanted, (list, tuple, set, frozenset)) else bool(value == wanted)


def _fields(
    operation: Operation, until: Mapping[str, JSON | Leaves], document: Document | None
) -> Sequence[tuple[str, JSON | Leaves]]:
    if not isinstance(until, Mapping) or not until:
        given = f"what was given is {'empty' if isinstance(until, Mapping) else f'of type {type_name(until)}'}"
        raise TypeError(
            f"until is a function of the answer, or names of fields with values, {{'status': 'completed'}}; {given}"
        )
    fields = []
    for name, wanted in until.items():
        pointer = name if name.startswith("/") else "".join(f"/{escape_step(step)}" for step in name.split("."))
        _check_declared(operation, pointer, wanted, SchemaView(document, _answers(operation)))
        fields.append((pointer, wanted))
    return fields


def _check_declared(operation: Operation, pointer: str, wanted: JSON | Leaves, view: SchemaView) -> None:
    """A misspelled field or value would never come."""
    for step in split_value_pointer(pointer):
        if view.properties and step not in view.properties and not view.member(step).types:
            raise CallError(operation.id, f"until: the answer has no field {step!r}.{_hint(step, view.properties)}")
        view = view.item(int(step)) if step.isdecimal() and "array" in view.types else view.member(step)
    one_of = wanted.values if isinstance(wanted, Leaves) else wanted
    for value in one_of if isinstance(one_of, (list, tuple, set, frozenset)) else [one_of]:
        if view.values and value is not None and value not in view.values:
            known = [each for each in view.values if isinstance(each, str)]
            raise CallError(operation.id, f"until: {_name(pointer)} is never {value!r:.60}.{_hint(str(value), known)}")


def _answers(operation: Operation) -> list[Schema | None]:
    return [
        media_type.schema
        for answer in operation.responses
        if answer.status[:1] == "2"
        for media_type in answer.content
        if media_types.is_json(media_type.name)
    ]


def _hint(asked: str, known: Sequence[str] | frozenset[str]) -> str:
    hints = near(asked, known, 1)
    if hints:
        return f" Did you mean {hints[0]!r}?"
    return f" It is one of {', '.join(map(repr, sorted(known)[:12]))}." if known else ""


def _asked_for(response: Response, clock: Clock) -> float:
    """The seconds that the server asks to wait."""
    milliseconds = retries.number(response.headers.get("openai-poll-after-ms", ""))
    asked = retries.retry_after(response.headers, clock) if milliseconds is None else milliseconds / 1000
    return asked or 0.0
