"""Parameters from the call to a server that reads them back: the client and the mock of one document."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import pathlib
import uuid

import pytest

import dynclient
from dynclient.mock import MockApp
from dynclient.types import JSON, UNSET

NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


class Level(enum.Enum):
    HIGH = "high"


def document(version: str = "3.1.1", path: str = "/x", /, **described: JSON) -> dict[str, JSON]:
    """One operation with the parameter `p`, in the query unless it says otherwise."""
    answers = {"200": {"description": "", "content": {"application/json": {"example": {}}}}}
    operation = {"operationId": "go", "parameters": [{"name": "p", "in": "query", **described}], "responses": answers}
    return {"openapi": version, "servers": [{"url": "http://a.test"}], "paths": {path: {"get": operation}}}


def sent(value: JSON, version: str = "3.1.1", path: str = "/x", /, **described: JSON) -> tuple[str, str]:
    """The query and the path that arrive at the mock of the document, which finds nothing wrong with them."""
    contents = document(version, path, **described)
    app = MockApp(contents)
    dynclient.Client(contents, app=app).go(p=value)
    (request,) = app.requests
    return request.query_string, request.path


@pytest.mark.parametrize(
    ("schema", "value", "query"),
    [
        ({"type": "string", "format": "date"}, NOON, "p=2024-05-01"),
        ({"type": "string", "format": "date"}, NOON.date(), "p=2024-05-01"),
        ({"type": "string", "format": "date-time"}, NOON, "p=2024-05-01T12%3A00%3A00Z"),
        ({"type": "string", "format": "time"}, NOON.timetz(), "p=12%3A00%3A00%2B00%3A00"),
        ({"type": "string", "format": "duration"}, datetime.timedelta(minutes=90), "p=PT1H30M"),
        ({"type": "string", "format": "uuid"}, uuid.UUID(int=1), "p=00000000-0000-0000-0000-000000000001"),
        ({"type": "string"}, decimal.Decimal("1.10"), "p=1.10"),
        ({"type": "number"}, decimal.Decimal("1.10"), "p=1.1"),
        ({"type": "integer"}, decimal.Decimal("42.00"), "p=42"),
        ({"type": "integer"}, 42.0, "p=42"),
        ({"type": "number"}, 0.1, "p=0.1"),
        ({"type": "integer"}, 2**63, f"p={2**63}"),
        ({"type": "boolean"}, True, "p=true"),
        ({"enum": ["high", "low"]}, Level.HIGH, "p=high"),
        ({"type": "string", "format": "byte"}, b"\xfb\xff", "p=%2B%2F8%3D"),
        ({"type": "string", "contentEncoding": "base64url"}, b"\xfb\xff", "p=-_8%3D"),
        ({"type": "string"}, pathlib.PurePosixPath("a/b c"), "p=a%2Fb%20c"),
        ({"type": "array", "items": {"type": "integer"}}, {3, 1, 2}, "p=1&p=2&p=3"),
        (
            {"type": "array", "items": {"type": "string", "format": "date"}},
            (NOON, NOON.date()),
            "p=2024-05-01&p=2024-05-01",
        ),
        ({"type": "array", "items": {"type": "integer"}}, (n * n for n in range(3)), "p=0&p=1&p=4"),
        ({"type": "array", "items": {"type": "integer"}}, [], ""),
        ({"type": "object"}, {}, ""),
        ({"type": "string"}, "", "p="),
        ({"type": "string"}, None, ""),
        ({"type": "string"}, UNSET, ""),
        ({"type": ["integer", "null"]}, None, ""),
    ],
)
def test_values(schema: JSON, value: JSON, query: str) -> None:
    """What a value of Python becomes is what its schema asks for, and what is validated."""
    assert sent(value, schema=schema)[0] == query


@pytest.mark.parametrize(
    ("described", "value", "query"),
    [
        ({"schema": {"type": "object"}}, {"k": "v", "l": "w"}, "p%5Bk%5D=v&p%5Bl%5D=w"),
        ({"schema": {"properties": {"gte": {"type": "integer"}}}}, {"gte": 5}, "p%5Bgte%5D=5"),
        ({"schema": {"properties": {"page": {"type": "integer"}}}}, {"page": 5}, "page=5"),
        ({"allowEmptyValue": True, "schema": {"type": "integer"}}, "", "p="),
        ({"allowEmptyValue": True, "schema": {"type": "array"}}, [], "p="),
        (
            {"in": "querystring", "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}},
            {"a": "b c", "d": "e&f"},
            "a=b+c&d=e%26f",
        ),
        (
            {
                "in": "querystring",
                "content": {
                    "application/x-www-form-urlencoded": {
                        "schema": {"type": "object", "properties": {"a": {"type": "array"}}},
                        "encoding": {"a": {"style": "form", "explode": False}},
                    }
                },
            },
            {"a": ["b c", "d,e"]},
            "a=b+c,d%2Ce",
        ),
        ({"in": "querystring", "content": {"application/json": {}}}, [1, None], "%5B1%2Cnull%5D"),
    ],
)
def test_queries(described: dict[str, JSON], value: JSON, query: str) -> None:
    """What has no style, what may be empty, and what is the whole query."""
    assert sent(value, "3.2.0", **described)[0] == query


@pytest.mark.parametrize("version", ["3.0.3", "3.1.1"])
@pytest.mark.parametrize(
    ("value", "old", "new"), [(["a", "b"], ".a.b", ".a,b"), ({"R": 1, "G": 2}, ".R.1.G.2", ".R,1,G,2")]
)
def test_label_of_both_tables_is_read_back(version: str, value: JSON, old: str, new: str) -> None:
    """The mock reads a document's label as the client writes it."""
    kind = "array" if isinstance(value, list) else "object"
    described = {"in": "path", "style": "label", "schema": {"type": kind, "minItems": 2, "minProperties": 2}}

    assert sent(value, version, "/x/{p}", **described)[1] == "/x/" + (old if version == "3.0.3" else new)


def test_querystring_that_is_no_form() -> None:
    """What the media type cannot say is a problem of the parameter."""
    contents = document("3.2.0", **{"in": "querystring", "content": {"application/x-www-form-urlencoded": {}}})

    (problem,) = dynclient.Client(contents).go.check(p="text")

    assert (problem.location, problem.name, problem.rule, problem.value) == ("query", "p", "value", "text")


@pytest.mark.parametrize("value", [[], {}])
@pytest.mark.parametrize("location", ["header", "cookie"])
def test_nothing_is_not_sent(location: str, value: JSON) -> None:
    """Neither is an array or object without members in a header or cookie; the empty text is."""
    caller = dynclient.Client(document(**{"in": location}))
    header = {"header": "p", "cookie": "Cookie"}[location]

    assert caller.go.prepare(p=value).headers.get(header) is None
    assert caller.go.prepare(p="").headers[header] == {"header": "", "cookie": "p="}[location]


@pytest.mark.parametrize("value", [[], {}])
def test_nothing_in_a_header_of_json(value: JSON) -> None:
    """JSON has a text for it."""
    caller = dynclient.Client(document(**{"in": "header", "content": {"application/json": {}}}))

    assert caller.go.prepare(p=value).headers["p"] == json.dumps(value)


@pytest.mark.parametrize("name", ["accept", "Content-Type", "AUTHORIZATION"])
def test_header_parameters_that_are_ignored(name: str) -> None:
    """In any case of letters, they are no parameters (OpenAPI 3.1.1 §4.8.12.2.1)."""
    contents = document()
    contents["paths"]["/x"]["get"]["parameters"] = [{"name": name, "in": "header", "required": True}]

    assert dynclient.Client(contents).operations["go"].parameters == ()
