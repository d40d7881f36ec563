"""What `help()` and `inspect.signature()` say of an operation."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import dynclient
from dynclient.calls.describe import documentation, signature
from dynclient.openapi.model import Field, MediaType, Operation, Parameter, RequestBody, ResponseDescription, Schema
from dynclient.support.names import argument_name
from dynclient.types import JSON, UNSET, Location
from dynclient.wire.binding import Binder


def parameter(name: str, schema: JSON = True, location: Location = "query", **more: Any) -> Parameter:
    return Parameter(name, location, argument_name(name), "form", explode=True, schema=Schema(schema, "#/s"), **more)


def field(name: str, schema: JSON, **more: Any) -> Field:
    return Field(name, Schema(schema, "#/s"), **more)


def operation(*parameters: Parameter, body: RequestBody | None = None, **more: Any) -> Operation:
    return Operation("go", "POST", "/go", parameters, body, **more)


def body(*fields: Field, required: bool = False, description: str = "") -> RequestBody:
    return RequestBody((MediaType("application/json"),), required, description, fields)


def described(what: Operation) -> str:
    return documentation(what, Binder(what))


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (operation(), "()"),
        (operation(parameter("limit", {"type": "integer"})), "(*, limit: int = UNSET)"),
        (operation(parameter("a"), parameter("b", {"type": "string"}, required=True)), "(*, b: str, a: Any = UNSET)"),
        (operation(parameter("include[]", {"type": "array"})), "(*, include: list = UNSET)"),
        (operation(parameter("from", {"type": "boolean"})), "(*, from_: bool = UNSET)"),
        (operation(parameter("a", {"type": ["string", "null"]})), "(*, a: str | None = UNSET)"),
        (operation(parameter("a", {"type": ["string", "object"]})), "(*, a: Any = UNSET)"),
        (operation(parameter("$$")), "()"),
        (
            operation(parameter("id", {"type": "number"}, "path", required=True), parameter("id", {"type": "object"})),
            "(*, path_id: float, query_id: dict = UNSET)",
        ),
        (operation(parameter("beta", required=True, only_value="v2")), "(*, beta: Any = UNSET)"),
        (operation(parameter("id", location="path", required=True, only_value="v2")), "(*, id: Any)"),
        (operation(body=body(required=True)), "(*, body: Any)"),
        (operation(body=body()), "(*, body: Any = UNSET)"),
        (
            operation(body=body(field("maxTokens", {"type": "integer"}, required=True), required=True)),
            "(*, body: Any = UNSET, maxTokens: int = UNSET)",
        ),
        (operation(parameter("a"), body=body(field("a", True))), "(*, a: Any = UNSET, body: Any = UNSET)"),
        (operation(parameter("body", {"type": "integer"})), "(*, body: int = UNSET)"),
        (
            operation(parameter("body", {"type": "integer"}), body=body()),
            "(*, query_body: int = UNSET, body: Any = UNSET)",
        ),
    ],
)
def test_signature(what: Operation, expected: str) -> None:
    """Keywords only, the required ones first."""
    assert str(signature(what, Binder(what))).replace("Unset.UNSET", "UNSET") == expected


def test_signature_binds_what_a_call_takes() -> None:
    """Tools that check calls by it come to the right answer."""
    what = operation(parameter("a", required=True), parameter("b"))

    with pytest.raises(TypeError):
        signature(what, Binder(what)).bind(b=1)
    assert signature(what, Binder(what)).parameters["b"].default is UNSET
    assert signature(what, Binder(what)).parameters["b"].kind is inspect.Parameter.KEYWORD_ONLY


def test_whole_text() -> None:
    """What it does, its route, what it takes, what it answers."""
    what = operation(
        parameter("thread_id", {"type": "string"}, "path", required=True, description="The thread."),
        parameter("include[]", {"type": "array", "items": {"enum": ["a"]}}),
        parameter("body", {"type": "integer", "minimum": 1, "maximum": 9, "default": 5}),
        body=body(
            field("model", {"enum": ["a", "b"]}, required=True, description="Which\nmodel."),
            field("user", {"type": ["string", "null"], "maxLength": 64, "maxItems": 3}),
            field("thread_id", {"$ref": "#/components/schemas/Thread"}),
            field("toolChoice", {"const": "auto"}),
            field("tools", {"type": "array", "items": {"$ref": "#/components/schemas/Tool"}}),
            field("$$", True),
            required=True,
        ),
        summary="Create a run",
        description="Creates it.\n\nAnd " + "runs " * 30 + "it.",
        deprecated=True,
        responses=(
            ResponseDescription("200", "The run.", (MediaType("application/json"), MediaType("text/csv"))),
            ResponseDescription("default"),
        ),
    )

    assert (
        described(what)
        == f"""\
Create a run

POST /go

Deprecated.

Creates it.
And {"runs " * 18}runs
{"runs " * 11}it.

Parameters:
  thread_id (path, string, required)
      The thread.
  include (query, array of values, optional)
  query_body (query, integer, at least 1, at most 9, default 5, optional)

Body (required, application/json):
  model (one of 'a', 'b', required)
      Which model.
  user (string or null, at most 64 characters, at most 3 items, optional)
  body['thread_id'] (Thread, optional)
  toolChoice (one of 'auto', optional)
  tools (array of Tool, optional)
  $$ (optional)

Answers:
  200 (application/json, text/csv)
      The run.
  default"""
    )


def test_smallest_text() -> None:
    """An operation of which the document says nothing."""
    assert described(operation()) == "go\n\nPOST /go"


def test_body_without_fields() -> None:
    """It is `body`."""
    assert described(operation(body=body(description="Anything."))).splitlines()[3:] == [
        "",
        "Body (optional, application/json):",
        "  body",
        "      Anything.",
    ]


def test_description_that_repeats_the_summary() -> None:
    """It is said once."""
    assert described(operation(summary="Go.", description="Go.")) == "Go.\n\nPOST /go"


def test_many_values() -> None:
    """The first are listed."""
    what = operation(parameter("a", {"enum": list(range(9))}))

    assert described(what).splitlines()[-1] == "  a (query, one of 0, 1, 2, 3, 4, 5, 6, 7, ..., optional)"


def test_a_field_that_some_media_types_require() -> None:
    """They are named."""
    some = field("file", {"type": "string"}, required_as=("multipart/form-data", "image/png"))

    lines = described(operation(body=body(some))).splitlines()
    assert lines[-1] == "  file (string, required as multipart/form-data or image/png)"


def test_a_parameter_that_is_filled_in() -> None:
    """It is not called required: a call need not give it."""
    beta = parameter("OpenAI-Beta", {"const": "v2"}, "header", required=True, only_value="v2")

    assert "  open_ai_beta (header, one of 'v2', filled in)" in described(operation(beta)).splitlines()


@pytest.mark.parametrize(
    ("schema", "told", "annotation"),
    [
        ({"$ref": "#/components/schemas/Level"}, "Level, number or null", "float | None"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null", "int | None"),
        ({"$ref": "#/components/schemas/Size"}, "Size, string, one of 's', 'm'", "str"),
        ({"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "object"}]}, "object or string", "Any"),
        ({"$ref": "#/components/schemas/Nowhere"}, "Nowhere", "Any"),
        ({}, "", "Any"),
    ],
)
def test_types_by_reference_and_in_unions(schema: JSON, told: str, annotation: str) -> None:
    """The name of a schema alone tells nobody what to give."""
    schemas = {
        "Level": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "Size": {"type": "string", "enum": ["s", "m"]},
    }
    parameters = [{"name": "a", "in": "query", "schema": schema}]
    paths = {"/go": {"get": {"operationId": "go", "parameters": parameters}}}
    caller = dynclient.Client({"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}).go

    line = next(line for line in str(caller.__doc__).splitlines() if line.startswith("  a ("))
    assert line == f"  a ({', '.join(part for part in ('query', told, 'optional') if part)})"
    assert str(inspect.signature(caller)).replace("Unset.UNSET", "UNSET") == f"(*, a: {annotation} = UNSET)"
