"""
The errors of dynclient, in one tree. Those that hold an answer (`StatusError`, `ResponseError`) are in
`responses.errors`, those of a stream (`StreamError`, `ItemError`) in `responses` too.

`except CallError` means "my arguments" (nothing was sent), `except SendError` "the network", `except StatusError`
"the server". `sent` says what happened to the request. Errors carry data, and their text is made from it; they compare
by that data, and can be pickled.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from dynclient.codes import code_of
from dynclient.support import printable, write_lines
from dynclient.types import JSON, UNSET

_LONGEST_VALUE = 200  # characters of a value in the data of a problem


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """
    One thing that is wrong with a call, a document or an answer.

    `location` is path, query, header, cookie or body, argument for one that means none of these, or document, and of an
    answer status, response header or response body; `name` is the parameter, or the field in the notation
    `messages[0].content`; `pointer` the RFC 6901 pointer to `value` inside the parameter or body; `rule` the keyword
    that was broken (`maximum`, `required`, ...) or one of `rules.ANSWER_RULES`, and `schema_pointer` where in the
    document that keyword stands.

    `code` is one of `codes.CODES`, which say what is wrong in terms of the caller, and follows from `rule` where it is
    not given. `expected` is what the document asks for there: the value of the keyword, the permitted values, the
    shapes of a union by name. `hint` is what to do, as a sentence; of an answer, which the caller cannot change, only
    what the document permits. Values that are secret are ***.

    What is wrong with a document itself has the location "document"; `rule` is then one of `rules.RULES`, which say
    what was done about it, and `operations` the names of the operations that met it. `line` is the line of
    `schema_pointer` in the document's text, counted from 1, where it is known. `line`, `operations` and `expected` do
    not count when problems are compared.
    """

    location: str
    name: str
    message: str
    rule: str = ""
    value: JSON = UNSET
    pointer: str = ""
    schema_pointer: str = ""
    code: str = ""
    line: int | None = dataclasses.field(default=None, compare=False)
    operations: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    expected: JSON = dataclasses.field(default=UNSET, compare=False)
    hint: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            object.__setattr__(self, "code", code_of(self.rule))

    @property
    def text(self) -> str:
        """What is wrong and what to do, without the location."""
        return f"{_sentence(self.message)} {self.hint}" if self.hint else self.message

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Write what IPython shows: the sentence, without the fields it was made of."""
        write_lines(printer, f"<Problem {printable(str(self))}>")

    def _repr_html_(self) -> str:
        from dynclient.support import code_html, escaped_html

        return f"<b>{escaped_html(self.where)}</b>: {escaped_html(self.text)} {code_html(self.code)}"

    @property
    def where(self) -> str:
        """The location and the name, `body messages[0].content`."""
        return f"{self.location} {self.name}".rstrip()

    def to_dict(self) -> dict[str, JSON]:
        """The problem as plain data: a long value is shortened to text, and empty fields are left out."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        fields["value"] = _shortened(self.value)
        return {
            name: value
            for name, value in fields.items()
            if value is not UNSET and (value or name not in ("line", "operations", "hint"))
        }


Sent = Literal["no", "refused", "unknown", "yes"]
"""
What happened to a request: certainly not sent, certainly refused by the server, perhaps carried out ("unknown"), or
carried out, as the server's answer says.
"""

_MOST_SHOWN = 20
"""How many problems the text of an error shows; documents may have thousands."""

_MOST_ALIKE = 3
"""How many problems of one kind it shows: a list may have hundreds of items with the same fault."""


class DynclientError(Exception):
    """
    The root of the tree. Two errors are equal when they are of one class and hold the same data.

    `sent` is what happened to the request, `attempts` how often it was sent.
    """

    sent: Sent = "no"
    attempts: int = 0

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, DynclientError) and self.args == other.args

    def __hash__(self) -> int:
        return hash((type(self), str(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({printable(str(self))!r})"

    @property
    def _render_traceback_(self) -> Callable[[], list[str]]:
        """
        What IPython and Jupyter call to show the error.

        Raises:
            AttributeError: everything is to be shown; IPython then does so in its usual way.
        """
        from dynclient.support import rendered, shows_all

        if shows_all():
            raise AttributeError("_render_traceback_")
        return partial(rendered, self)


class DocumentError(DynclientError):
    """
    A document cannot be read, or lacks what a call needs.

    `problems` lists what is wrong with it if it was refused under `strict`.
    """

    def __init__(self, message: str, source: str = "", pointer: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, source, pointer, tuple(problems))
        self.message = message
        self.source = source
        self.pointer = pointer
        self.problems = tuple(problems)

    def __str__(self) -> str:
        where = " ".join(part for part in (self.source, self.pointer) if part)
        lines = [f"\n  - {_place(problem)}: {problem.message}" for problem in self.problems[:_MOST_SHOWN]]
        if len(self.problems) > _MOST_SHOWN:
            lines.append(f"\n  - and {len(self.problems) - _MOST_SHOWN} more")
        return (f"{where}: {self.message}" if where else self.message) + "".join(lines)


class UnknownOperation(DynclientError, AttributeError, KeyError):
    """The document has no such operation, or several fit the name; `near` lists the names that may be meant."""

    def __init__(self, asked: str, near: Sequence[str] = (), message: str = "") -> None:
        super().__init__(asked, tuple(near), message)
        self.name = None  # else Python 3.12 and later add a suggestion of their own to ours
        self.asked = asked
        self.near = tuple(near)
        self.message = message

    def __str__(self) -> str:
        if self.message:
            return self.message
        hint = f" Did you mean {either(self.near)}?" if self.near else ""
        return f"no operation {self.asked!r}.{hint}"


class CallError(DynclientError):
    """A call could not be made as asked. Nothing was sent."""

    def __init__(self, operation_id: str, message: str = "") -> None:
        super().__init__(operation_id, message)
        self.operation_id = operation_id
        self.message = message

    def __str__(self) -> str:
        return f"{self.operation_id}: {_sentence(self.message)} Nothing was sent."


class CredentialWarning(UserWarning):
    """A call goes without the credential that the document asks for, or with one where others can read it."""


class DocumentChanged(UserWarning):
    """The document at a URL has changed since it was last read."""


class OperationDeprecated(DeprecationWarning):
    """A call uses an operation, a parameter or a body field that the document marks as deprecated."""


class InvalidRequest(CallError):
    """
    A call does not fit the document; `problems` lists everything that is wrong with it.

    `UnknownArgument` and `MissingArgument` mean that at least one problem is of that kind. They are TypeErrors too, as
    for any function that is called with wrong arguments, and they list all problems.
    """

    problems: tuple[Problem, ...]

    def __init__(self, operation_id: str, problems: Sequence[Problem]) -> None:
        Exception.__init__(self, operation_id, tuple(problems))
        self.operation_id = operation_id
        self.problems = tuple(problems)

    @property
    def message(self) -> str:  # type: ignore[override]
        return "; ".join(_summary(self.problems))

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.operation_id}: {_sentence(str(self.problems[0]))} Nothing was sent."
        lines = "".join(f"\n  - {line}" for line in _summary(self.problems))
        return f"{self.operation_id}: {len(self.problems)} problems. Nothing was sent.{lines}"


class UnknownArgument(InvalidRequest, TypeError):
    """An argument is neither a parameter nor a body field of the operation."""


class MissingArgument(InvalidRequest, TypeError):
    """A required parameter or the required body was not given."""


class SendError(DynclientError):
    """
    Nothing usable came back. `__cause__` is the transport's own error.

    `is_transient` says whether the same call may succeed a moment later; `is_stale` whether it used a kept connection
    that the server seems to have closed in the meantime.

    For a stream that broke off, `number` is how many items came before, and `last_event_id` the id to go on from.
    """

    is_transient = True
    is_stale = False
    number = 0
    last_event_id = ""

    def __init__(self, operation_id: str, message: str, sent: Sent = "unknown") -> None:
        Exception.__init__(self, operation_id, message, sent)  # OSError would take three arguments for its own
        self.operation_id = operation_id
        self.message = message
        self.sent = sent

    def __str__(self) -> str:
        tries = f" {self.attempts} attempts were made." if self.attempts > 1 else ""
        came = f" Items that had come: {self.number}." if self.number else ""
        return f"{self.operation_id}: {_sentence(self.message)}{came}{tries} {_FATES[self.sent]}"


_FATES: dict[Sent, str] = {
    "no": "Nothing was sent.",
    "refused": "The server refused it.",
    "unknown": "The server may have carried it out.",
    "yes": "The server answered that it was carried out.",
}


class NoConnection(SendError):
    """
    There was no connection to the server or its proxy: the name is unknown, nothing listens or answers, a proxy refused
    the connection, or the TLS handshake did not finish.
    """


class InsecureConnection(SendError):
    """There was no secure connection: the server's certificate or protocol was refused."""

    is_transient = False


class TimedOut(SendError, TimeoutError):
    """The call, or a part of it, took longer than it may: `timeout` and `total_timeout` of `Client.with_options`."""


class BrokenAnswer(SendError):
    """An answer broke off, breaks the rules of HTTP, or cannot be decompressed."""


class AnswerTooLarge(BrokenAnswer):
    """The content is larger than `max_response_size` of `Client.with_options`."""

    is_transient = False


def stacklevel() -> int:
    """How many frames above the caller the first code outside dynclient is."""
    package, frame, level = os.path.dirname(__file__), sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package + os.sep):
        frame, level = frame.f_back, level + 1
    return level


def _summary(problems: Sequence[Problem]) -> list[str]:
    """The problems as lines, grouped by location and kind: a few of each kind, and a limited number in all."""
    locations = list(dict.fromkeys(problem.location for problem in problems))
    kinds: dict[tuple[str, ...], list[str]] = {}
    for problem in sorted(problems, key=lambda problem: locations.index(problem.location)):
        kinds.setdefault(_kind(problem), []).append(str(problem))
    lines: list[str] = []
    told = 0
    for alike in kinds.values():
        most = len(alike) if len(alike) <= _MOST_ALIKE + 1 else _MOST_ALIKE
        if len(lines) + most > _MOST_SHOWN:
            break
        lines += alike[:most]
        if most < len(alike):
            lines[-1] += f" (and {len(alike) - most} more like this)"
        told += len(alike)
    return lines if told == len(problems) else [*lines, f"and {len(problems) - told} more"]


def _kind(problem: Problem) -> tuple[str, ...]:
    """What problems have in common that are the same fault in many items."""
    name = re.sub(r"\[\d+\]", "[]", problem.name)
    return problem.location, name, problem.code, problem.schema_pointer


def _shortened(value: JSON) -> JSON:
    """The value itself, or the beginning of its text if it is long."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (list, dict)):
        text = json.dumps(value, ensure_ascii=False, default=repr)
    else:
        return value
    return value if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def _place(problem: Problem) -> str:
    line = f" (line {problem.line})" if problem.line else ""
    return f"{problem.rule} {problem.schema_pointer}".rstrip() + line


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def either(names: Sequence[str]) -> str:
    """
    The names, joined as a choice.

    >>> either(["a"]), either(["a", "b", "c"])
    ("'a'", "'a', 'b' or 'c'")
    """
    *most, last = (repr(name) for name in names)
    return f"{', '.join(most)} or {last}" if most else last
