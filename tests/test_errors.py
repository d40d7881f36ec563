"""Errors say everything, compare by what they say, and travel."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

import dynclient
from dynclient.errors import (
    CallError,
    DocumentError,
    DynclientError,
    InvalidRequest,
    MissingArgument,
    Problem,
    SendError,
    UnknownArgument,
    UnknownOperation,
)

LIMIT = Problem("query", "limit", "0 is less than the minimum of 1", "minimum", 0, "", "#/limit/minimum")
ORDER = Problem("query", "order", "'up' is not one of 'asc', 'desc'", "enum", "up", "", "#/order/enum")

EVERY_KIND = [
    DynclientError("x"),
    DocumentError("is no OpenAPI document", "openapi.yaml", "#/paths"),
    DocumentError("has a problem", "openapi.yaml", "", [LIMIT]),
    UnknownOperation("creatRun", ["createRun"]),
    CallError("createRun", "the document names no server"),
    InvalidRequest("listRuns", [LIMIT, ORDER]),
    UnknownArgument("listRuns", [LIMIT]),
    MissingArgument("listRuns", [ORDER]),
    SendError("listRuns", "no connection to http://127.0.0.1", "no"),
]


@pytest.mark.parametrize("error", EVERY_KIND, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(error: DynclientError, travel: object) -> None:
    """A copied or pickled error is equal, has the same hash, and says the same."""
    other = travel(error)  # type: ignore[operator]

    assert (other, hash(other), str(other)) == (error, hash(error), str(error))
    assert vars(other) == vars(error)


def test_errors_of_other_classes_differ() -> None:
    """The same data in another class is another error."""
    assert UnknownArgument("listRuns", [LIMIT]) != MissingArgument("listRuns", [LIMIT])
    assert DynclientError("x") != ValueError("x")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DocumentError("is no document"), "is no document"),
        (DocumentError("is no document", "a.yaml"), "a.yaml: is no document"),
        (DocumentError("there is nothing", "a.yaml", "#/x"), "a.yaml #/x: there is nothing"),
        (UnknownOperation("go"), "no operation 'go'."),
        (UnknownOperation("go", ["got"]), "no operation 'go'. Did you mean 'got'?"),
        (UnknownOperation("go", ["a", "b", "c"]), "no operation 'go'. Did you mean 'a', 'b' or 'c'?"),
        (UnknownOperation("go", ["a"], "'go' is two"), "'go' is two"),
        (CallError("getRun", "no server"), "getRun: no server. Nothing was sent."),
        (CallError("getRun", "which server?"), "getRun: which server? Nothing was sent."),
        (
            InvalidRequest("listRuns", [LIMIT]),
            "listRuns: query limit: 0 is less than the minimum of 1. Nothing was sent.",
        ),
        (
            InvalidRequest("listRuns", [LIMIT, ORDER]),
            (
                "listRuns: 2 problems. Nothing was sent.\n"
                "  - query limit: 0 is less than the minimum of 1\n"
                "  - query order: 'up' is not one of 'asc', 'desc'"
            ),
        ),
        (SendError("getRun", "no connection", "no"), "getRun: no connection. Nothing was sent."),
        (SendError("getRun", "it broke off"), "getRun: it broke off. The server may have carried it out."),
    ],
)
def test_text(error: DynclientError, text: str) -> None:
    """The text of each error, whole."""
    assert str(error) == text


def test_text_of_a_document_with_problems() -> None:
    """With their lines where they are known; of many, the first twenty."""
    problem = Problem("document", "", "it is odd", "odd", schema_pointer="#/a", line=7)

    assert str(DocumentError("has 2 problems", "a.yaml", "", [problem, dataclasses.replace(problem, line=None)])) == (
        "a.yaml: has 2 problems\n  - odd #/a (line 7): it is odd\n  - odd #/a: it is odd"
    )
    lines = str(DocumentError("has 30 problems", "a.yaml", "", [problem] * 30)).splitlines()
    assert (len(lines), lines[-1]) == (22, "  - and 10 more")


def test_message_of_an_invalid_request_joins_its_problems() -> None:
    """`message` is one line, however many problems there are."""
    assert InvalidRequest("listRuns", [LIMIT, ORDER]).message == (
        "query limit: 0 is less than the minimum of 1; query order: 'up' is not one of 'asc', 'desc'"
    )


@pytest.mark.parametrize(
    ("kind", "bases"),
    [
        (UnknownOperation, (DynclientError, AttributeError, KeyError)),
        (UnknownArgument, (InvalidRequest, CallError, TypeError)),
        (MissingArgument, (InvalidRequest, CallError, TypeError)),
        (InvalidRequest, (CallError, DynclientError)),
        (SendError, (DynclientError,)),
        (DocumentError, (DynclientError,)),
        (dynclient.NotFound, (dynclient.StatusError, DynclientError)),
        (dynclient.ResponseError, (DynclientError,)),
    ],
)
def test_the_tree(kind: type, bases: tuple[type, ...]) -> None:
    """What an `except` clause catches."""
    assert all(issubclass(kind, base) for base in bases)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (LIMIT, "query limit: 0 is less than the minimum of 1"),
        (Problem("body", "", "required, but not given"), "body: required, but not given"),
        (Problem("", "", "it failed"), "it failed"),
    ],
)
def test_problem_as_text(problem: Problem, text: str) -> None:
    """A problem says where before it says what."""
    assert str(problem) == text


def test_problem_as_data() -> None:
    """`value` stands there where there is one, null included."""
    fields = {"location": "body", "name": "a", "message": "m", "rule": "type", "pointer": "", "schema_pointer": ""}
    fields |= {"code": "value-type"}

    assert Problem("body", "a", "m", "type").to_dict() == fields
    assert Problem("body", "a", "m", "type", None).to_dict() == fields | {"value": None}
    assert Problem("body", "a", "m", "type", expected="string", hint="Give text.", line=3).to_dict() == fields | {
        "expected": "string", "hint": "Give text.", "line": 3
    }  # fmt: skip


def test_everything_exported_exists() -> None:
    """`__all__` names nothing that is not there."""
    assert [name for name in dynclient.__all__ if not hasattr(dynclient, name)] == []


def test_many_problems_of_one_kind_are_shortened() -> None:
    """A list of 200 wrong items has three lines; `problems` holds all."""
    wrong = [
        Problem("body", f"ids[{n}]", f"{n} is not a string", "type", n, f"/{n}", "#/items/type") for n in range(200)
    ]
    error = InvalidRequest("listRuns", [*wrong, LIMIT])

    assert str(error) == (
        "listRuns: 201 problems. Nothing was sent.\n"
        "  - body ids[0]: 0 is not a string\n"
        "  - body ids[1]: 1 is not a string\n"
        "  - body ids[2]: 2 is not a string (and 197 more like this)\n"
        "  - query limit: 0 is less than the minimum of 1"
    )
    assert error.problems == (*wrong, LIMIT)


def test_four_problems_of_one_kind_are_all_shown() -> None:
    """A line that says "1 more" would be as long."""
    wrong = [Problem("body", f"ids[{n}]", "no", "type", schema_pointer="#/items/type") for n in range(4)]

    assert len(str(InvalidRequest("listRuns", wrong)).splitlines()) == 5


def test_many_problems_of_many_kinds() -> None:
    """Twenty lines, and how many more there are; those of one location stand together."""
    wrong = [Problem(("body", "query")[n % 2], f"a{n}", "no", "type") for n in range(50)]
    lines = str(InvalidRequest("listRuns", wrong)).splitlines()

    assert (len(lines), lines[-1]) == (22, "  - and 30 more")
    assert [line.split()[1] for line in lines[1:-1]] == ["body"] * 20


def test_a_hint_follows_the_message() -> None:
    """As a sentence of its own, also after what ends in one."""
    assert str(dataclasses.replace(LIMIT, hint="Permitted: 1 to 100.")) == (
        "query limit: 0 is less than the minimum of 1. Permitted: 1 to 100."
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a" * 200, "a" * 200), ("a" * 201, "a" * 197 + "..."), ([1, 2], [1, 2]), ([1] * 100, "[" + "1, " * 65 + "1...")],
)
def test_long_values_are_shortened_in_the_data(value: object, shown: object) -> None:
    """The problem itself holds them whole."""
    problem = Problem("body", "a", "m", "type", value)

    assert (problem.to_dict()["value"], problem.value) == (shown, value)
