"""What texts mean: the client, a server that reads what it writes, and a value beside its own text."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import dynclient
from dynclient.mock import MockApp
from dynclient.types import JSON
from dynclient.wire.serialization import text
from dynclient.wire.text_values import Types, is_uniform, meanings, readings

SCALARS: list[dict[str, JSON]] = [
    {"type": "string"},
    {"type": "string", "pattern": "^[0-9]+$", "maxLength": 2},
    {"type": "integer"},
    {"type": "integer", "maximum": 9},
    {"type": "number", "minimum": 0},
    {"type": "boolean"},
    {"type": ["integer", "boolean"]},
    {"enum": [1, "2", True, "true"]},
    {"type": "string", "enum": [1, 2, True, "X"]},
    {"type": "integer", "enum": ["1", 2]},
    {"anyOf": [{"type": "integer", "maximum": 5}, {"type": "string", "pattern": "^([a-z]|7|true)$"}]},
    {"oneOf": [{"type": "boolean"}, {"type": "string", "minLength": 2}]},
    {"allOf": [{"type": "number"}, {"minimum": 1}]},
    {"not": {"type": "string"}, "type": ["string", "integer"]},
]
TUPLE = {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": {"type": "boolean"}}
LISTS = [
    *({"type": "array", "items": schema} for schema in SCALARS),
    {"type": "array", "items": {"type": ["string", "integer"]}, "uniqueItems": True},
    {"anyOf": [{"type": "array", "items": {"type": kind}} for kind in ("integer", "string")]},
    TUPLE,
]
OBJECTS = [
    *({"type": "object", "properties": {"a": schema, "b": SCALARS[2]}, "required": ["a"]} for schema in SCALARS),
    {"type": "object", "additionalProperties": {"type": "integer"}},
]
CELLS = [
    *(("path", style, explode) for style in ("simple", "label", "matrix") for explode in (False, True)),
    *(("query", style, explode) for style in ("form", "spaceDelimited", "pipeDelimited") for explode in (False, True)),
    ("query", "deepObject", True),
    *(("header", "simple", explode) for explode in (False, True)),
    *(("cookie", "form", explode) for explode in (False, True)),
    ("cookie", "cookie", True),
]

# Texts that look like something else, and those that almost do.
looks = st.sampled_from(
    ["0", "1", "5", "05", "-0", "5_0", "+5", "5.0", "5.", ".5", "1e2", "1E+2", "0x1", "٣", "NaN", "Infinity", "true",
     "false", "True", "yes", "X", "ab", "7", "9" * 30]
)  # fmt: skip
leaves = st.booleans() | st.integers(-20, 20) | st.sampled_from([0.5, 5.0, -1.5, 1e16, 1e300]) | looks
cases = st.one_of(
    st.tuples(st.sampled_from(SCALARS), leaves),
    st.tuples(st.sampled_from(LISTS), st.lists(leaves, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(OBJECTS), st.dictionaries(st.sampled_from(["a", "b"]), leaves, min_size=1)),
)


@cache
def caller(schema: str, location: str, style: str, explode: bool) -> tuple[Any, Any]:
    """The operation `go` of a document with the parameter `p`, and one of which nothing is validated."""
    described = {"name": "p", "in": location, "style": style, "explode": explode, "schema": eval(schema)}
    operation = {
        "operationId": "go",
        "parameters": [{**described, "required": True}],
        "responses": {"200": {"description": ""}},
    }
    path = "/x/{p}" if location == "path" else "/x"
    contents = {"openapi": "3.2.0", "servers": [{"url": "http://a.test"}], "paths": {path: {"get": operation}}}
    client = dynclient.Client(contents, app=MockApp(contents), cache=False)
    return client.go, client.go.with_options(validate_request="off", validate_response="off")


def each(change: Callable[[JSON], JSON], value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: each(change, item) for key, item in value.items()}
    return [each(change, item) for item in value] if isinstance(value, list) else change(value)


def is_accepted_there(unchecked: Any, value: JSON) -> bool:
    """Whether the server accepts what is sent of it."""
    status: int = unchecked.with_options(raise_for_status=False)(p=value).status_code
    assert status in (200, 400)
    return status == 200


@pytest.mark.slow
@pytest.mark.parametrize(("location", "style", "explode"), CELLS)
@settings(max_examples=50, deadline=None)
@given(cases)
def test_a_value_and_its_text_are_accepted_or_refused_alike(
    location: str, style: str, explode: bool, case: tuple[JSON, JSON]
) -> None:
    """By the client, and by the server that reads the text."""
    schema, value = case
    checked, unchecked = caller(repr(schema), location, style, explode)
    problems = checked.check(p=value)

    assert (problems == ()) == (checked.check(p=each(text, value)) == ())
    try:
        unchecked.prepare(p=value)
    except dynclient.InvalidRequest:  # the style cannot write it
        assert problems
    else:
        assert (problems == ()) == is_accepted_there(unchecked, value)


@pytest.mark.parametrize(("location", "style", "explode"), CELLS)
@pytest.mark.parametrize("given", ["05", "5.0", "1e2", "true", "null", "NaN"])
def test_a_text_is_written_as_it_is_given(location: str, style: str, explode: bool, given: str) -> None:
    """Whatever it is read as."""
    _, unchecked = caller(repr({}), location, style, explode)
    prepared = unchecked.prepare(p=given)
    whole = f"{prepared.url} {prepared.headers.get('p', '')} {prepared.headers.get('Cookie', '')}"

    assert given in whole


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("5", ["5", 5]),
        ("-0", ["-0", 0]),
        ("5.0", ["5.0", 5.0]),
        ("1e2", ["1e2", 100.0]),
        ("true", ["true", True]),
        ("null", ["null"]),
        *((odd, [odd]) for odd in ("5_0", " 5", "5 ", "٣", "NaN", "Infinity", "-", "01", "True", "1e999", "", "+1")),
    ],
)
def test_meanings(given: str, expected: list[JSON]) -> None:
    """Itself, and what JSON reads there."""
    assert [(value, type(value)) for value in meanings(given)] == [(value, type(value)) for value in expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [([1, 2], True), (["1", "x"], True), ([1, "1"], False), ({"a": [1], "b": "x"}, False), ("x", True), ([], True)],
)
def test_uniform_values(value: JSON, expected: bool) -> None:
    """Texts alone, or none."""
    assert is_uniform(value) is expected


def test_the_first_reading_is_that_to_explain() -> None:
    """By the types of each place; a value of which the text means none of them stays as it is."""
    types = Types({"type": "array", "items": {"type": "integer"}}, dict)

    assert readings(["5", "five", True], types, lambda schema: lambda value: False)[0] == [5, "five", True]


def test_null_is_read_where_the_client_writes_it() -> None:
    """A required parameter that may be null is `null`; an optional one is left out, and `null` is a text."""

    def refused(required: bool, value: JSON) -> bool:
        described = {"name": "p", "in": "query", "required": required, "schema": {"type": ["integer", "null"]}}
        operation = {"operationId": "go", "parameters": [described], "responses": {"200": {"description": ""}}}
        contents = {"openapi": "3.1.0", "servers": [{"url": "http://a.test"}], "paths": {"/x": {"get": operation}}}
        go = dynclient.Client(contents, app=MockApp(contents)).go
        return not is_accepted_there(go.with_options(validate_request="off"), value)

    assert [refused(True, None), refused(False, None), refused(False, "null")] == [False, False, True]


@pytest.mark.parametrize("strict", [5, "5"])
def test_json_in_a_parameter_is_strict(strict: JSON) -> None:
    """Its text says of which type a value is."""
    content = {"application/json": {"schema": {"type": "integer"}}}
    operation = {"operationId": "go", "parameters": [{"name": "p", "in": "query", "content": content}]}
    go = dynclient.Client(
        {"openapi": "3.1.0", "servers": [{"url": "http://a.test"}], "paths": {"/x": {"get": operation}}}
    ).go

    assert bool(go.check(p=strict)) is isinstance(strict, str)
