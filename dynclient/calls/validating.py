"""Step 3 of a call: everything that is wrong with it, from binding, building and openapi-core, in one list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from dynclient.calls.core import Core
from dynclient.calls.options import CALL_OPTIONS
from dynclient.credentials import Mask, Place, Site
from dynclient.documents import split_value_pointer
from dynclient.errors import CallError, InvalidRequest, MissingArgument, Problem, UnknownArgument
from dynclient.openapi import Operation
from dynclient.types import UNSET
from dynclient.wire import MISSING, UNKNOWN, Arguments, Request, Unwritable, filled, plain

# Every session of requests fills these; they say nothing about the caller.
_OF_EVERY_SESSION = {("header", name) for name in ("accept", "accept-encoding", "connection", "user-agent")}


class Bound(NamedTuple):
    """
    What step 1 returns.

    Attributes:
        arguments: what the call says, by parameter.
        headers: the headers that the client adds.
        problems: what could not be bound.
        field_hint: returns how to give a field of the body that a parameter hides.
    """

    arguments: Arguments
    headers: Mapping[str, str]
    problems: tuple[Problem, ...]
    field_hint: Callable[[str], str]


class Built(NamedTuple):
    """
    What step 2 returns.

    Attributes:
        request: the request without its server; None if it cannot be written.
        problems: what cannot be written.
    """

    request: Request | None
    problems: tuple[Problem, ...]

    def sendable(self, bound: Bound) -> Request | None:
        """The request, if it can be sent in spite of what could not be bound: what is missing is left out."""
        return self.request if all(map(_can_be_left_out, bound.problems)) else None


def problems_of(
    core: Core, operation: Operation, bound: Bound, built: Built, base_url: Callable[[], str], *, is_validated: bool
) -> tuple[Problem, ...]:
    """
    Return everything that is wrong with a call, each problem once.

    Args:
        core: the client's parts.
        operation: the operation that is called.
        bound: the bound arguments.
        built: the built request.
        base_url: where the call goes; it may raise CallError.
        is_validated: whether openapi-core is asked.
    """
    not_bound, invalid = bound.problems, tuple[Problem, ...]()
    if is_validated:
        invalid = core.request_validator.problems(operation, bound.arguments)
        invalid = (*operation.unread, *invalid) if operation.unread else invalid
    if not (not_bound or invalid or built.problems):
        return ()
    if any(map(_is_missing, (*not_bound, *invalid))):
        places = _filled_otherwise(core, operation, built.sendable(bound), base_url)
        not_bound = tuple(each for each in not_bound if not (_is_missing(each) and _place(each) in places))
        invalid = tuple(each for each in invalid if not (_is_missing(each) and _place(each) in places))
    invalid = tuple(_with_field_hint(each, bound.field_hint) for each in invalid)
    mask = Mask(core.document)
    not_bound = tuple(mask.told(_as_data(_with_hint(each)), operation) for each in not_bound)
    unwritable = tuple(mask.told(_as_data(each), operation) for each in built.problems)
    problems = _joined(not_bound, invalid, unwritable)
    lines = core.document.known_lines({each.schema_pointer for each in problems})
    return tuple(dataclasses.replace(each, line=lines.get(each.schema_pointer)) for each in problems)


def refusal(operation: Operation, problems: tuple[Problem, ...]) -> InvalidRequest:
    """The error for a call with these problems."""
    rules = {problem.rule for problem in problems}
    kind = UnknownArgument if UNKNOWN in rules else MissingArgument if MISSING in rules else InvalidRequest
    return kind(operation.id, problems)


def _filled_otherwise(
    core: Core, operation: Operation, request: Request | None, base_url: Callable[[], str]
) -> set[Place]:
    """The places that no argument fills, but a header of the caller's, the session or a credential."""
    transport, authenticator = core.transport, core.authenticator
    own = set(filled(request)) if request else {("header", name.lower()) for name in core.options.headers}
    own |= transport.fixed_places()
    session = transport.places() - _OF_EVERY_SESSION
    try:
        session |= transport.places(core.cookies.jar(base_url())) - _OF_EVERY_SESSION
        credentials = authenticator.masked(operation, Site("", own=frozenset(own), session=session))
    except CallError:  # raised again when the request is prepared
        return own | session
    by_location = {"header": credentials.header, "query": credentials.query, "cookie": credentials.cookie}
    sent = {
        (location, name.lower() if location == "header" else name)
        for location, texts in by_location.items()
        for name in texts
    }
    return own | session | sent


def _joined(
    not_bound: tuple[Problem, ...], invalid: tuple[Problem, ...], unwritable: tuple[Problem, ...]
) -> Iterable[Problem]:
    """All problems of a call, each once: what could not be bound is missing for the validator, too."""
    if not_bound:
        invalid = tuple(problem for problem in invalid if problem.rule != MISSING)
    named = {(problem.location, problem.name) for problem in (*not_bound, *invalid)}
    more = (problem for problem in unwritable if (problem.location, problem.name) not in named)
    return (*not_bound, *map(_as_data, invalid), *more)


def _can_be_left_out(problem: Problem) -> bool:
    """Whether a call with this problem can be sent: what is missing is not written, unless in a path."""
    return problem.rule == MISSING and problem.location != "path"


def _is_missing(problem: Problem) -> bool:
    """Whether a parameter is missing that something other than an argument can fill."""
    return problem.rule == MISSING and problem.location in ("header", "query", "cookie")


def _place(problem: Problem) -> Place:
    return problem.location, problem.name.lower() if problem.location == "header" else problem.name


def _with_hint(problem: Problem) -> Problem:
    """For an option among the arguments, where it goes: an API may have names like those of the options."""
    if problem.rule != UNKNOWN or problem.location != "argument" or problem.name not in CALL_OPTIONS:
        return problem
    return dataclasses.replace(problem, hint=f"The option is given by with_options({problem.name}=...).")


def _with_field_hint(problem: Problem, field_hint: Callable[[str], str]) -> Problem:
    """For a missing field of the body with the name of a parameter, how both are given."""
    path = split_value_pointer(problem.pointer)
    if problem.location != "body" or problem.rule != "required" or len(path) != 1 or problem.hint:
        return problem
    return dataclasses.replace(problem, hint=field_hint(path[0]))


def _as_data(problem: Problem) -> Problem:
    """The problem with its value as JSON data, or without one: errors are pickled, and open files cannot be."""
    try:
        value = UNSET if isinstance(problem.value, Iterator) else plain(problem.value)
    except Unwritable:
        value = UNSET
    return dataclasses.replace(problem, value=value)
