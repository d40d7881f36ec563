"""What `help()` and `inspect.signature()` say of an operation."""

from __future__ import annotations

import inspect
import unicodedata
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st

import dynclient
from dynclient.calls.describe import documentation
from dynclient.calls.signatures import REQUIRED, signature
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
        (operation(parameter("$$")), "()"),
        (operation(parameter("a" * 61), parameter("b")), "(*, b: Any = UNSET)"),
        (
            operation(parameter("id", {"type": "number"}, "path", required=True), parameter("id", {"type": "object"})),
            "(*, path_id: float, query_id: dict = UNSET)",
        ),
        (operation(parameter("beta", required=True, only_value="v2")), "(*, beta: Any = 'v2')"),
        (operation(parameter("id", location="path", required=True, only_value="v2")), "(*, id: Any)"),
        (operation(body=body(required=True)), "(*, body: Any)"),
        (operation(body=body()), "(*, body: Any = UNSET)"),
        (
            operation(body=body(field("n", True), field("max", {"type": "integer"}, required=True), required=True)),
            "(*, max: int = <required>, body: Any = UNSET, n: Any = UNSET)",
        ),
        (operation(body=body(field("max", True, required=True))), "(*, body: Any = UNSET, max: Any = UNSET)"),
        (operation(parameter("a"), body=body(field("a", True))), "(*, a: Any = UNSET, body: Any = UNSET)"),
        (operation(parameter("body", {"type": "integer"})), "(*, body: int = UNSET)"),
        (
            operation(parameter("body", {"type": "integer"}), body=body()),
            "(*, query_body: int = UNSET, body: Any = UNSET)",
        ),
        (operation(parameter("old", deprecated=True), parameter("a")), "(*, a: Any = UNSET, old: Any = UNSET)"),
    ],
)
def test_signature(what: Operation, expected: str) -> None:
    """Keywords only: the required ones first, the deprecated ones last."""
    assert str(signature(what, Binder(what))) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "enum": ["asc", "desc"], "default": "desc"}, "Literal['asc', 'desc'] = 'desc'"),
        ({"type": "integer", "default": 20}, "int = 20"),
        ({"type": ["boolean", "null"], "default": None}, "bool | None = None"),
        ({"type": "array", "items": {"type": "string"}, "default": []}, "list[str] = UNSET"),
        ({"type": "string", "default": "a" * 50}, "str = UNSET"),
        ({"type": "integer", "enum": [10**5000], "default": 10**5000}, "int = UNSET"),
        ({"anyOf": [{"type": "number", "default": 1}, {"type": "null"}]}, "float | None = 1"),
        ({"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "object"}]}, "Literal['auto'] | dict = UNSET"),
        ({"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "string"}]}, "str = UNSET"),
        ({"type": ["object", "string", "integer", "number"]}, "str | float | dict = UNSET"),
        ({"type": "array", "items": {"enum": [1, True]}}, "list[Literal[1, True]] = UNSET"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "array"}}}, "list[list[list]] = UNSET"),
        ({"enum": [1.5, 2.5], "type": "number"}, "float = UNSET"),
        ({"const": None}, "Any = UNSET"),
        (
            {"enum": list("abcdefghij")},
            "Literal['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', ...] = UNSET",
        ),
        ({"enum": ["a" * 40, "b" * 40], "type": "string"}, f"Literal['{'a' * 40}', ...] = UNSET"),
        ({"enum": ["a" * 99, "b"], "type": "string"}, "str = UNSET"),
    ],
)
def test_types_and_defaults(schema: JSON, expected: str) -> None:
    """As one writes them in Python, and cut where they are long."""
    what = operation(parameter("a", schema))

    (shown,) = signature(what, Binder(what)).parameters.values()
    assert str(shown) == f"a: {expected}"


def test_annotations_are_source_code() -> None:
    """Tools may evaluate them, as those of a module with `from __future__ import annotations`."""
    what = operation(parameter("a", {"enum": ["x'y", 'x"y', "\n"], "type": ["string", "null"]}))
    annotation = signature(what, Binder(what)).parameters["a"].annotation

    assert eval(annotation, {"Literal": Literal}) == Literal["x'y", 'x"y', "\n"] | None


def test_signature_binds_what_a_call_takes() -> None:
    """Tools that check calls by it come to the right answer: fields may be given by name, or in the body."""
    needed = body(field("c", True, required=True), required=True)
    what = operation(parameter("a", required=True), parameter("b"), body=needed)
    found = signature(what, Binder(what))

    with pytest.raises(TypeError):
        found.bind(b=1)
    assert found.bind(a=1, c=2).arguments == {"a": 1, "c": 2}
    assert found.bind(a=1, body={"c": 2}).arguments == {"a": 1, "body": {"c": 2}}
    assert (found.parameters["b"].default, found.parameters["c"].default) == (UNSET, REQUIRED)
    assert found.parameters["b"].kind is inspect.Parameter.KEYWORD_ONLY


ERRORS = """\
  InvalidRequest if the call does not fit the document: nothing is sent.
  SendError if there is no whole answer. StatusError for a status of 400 or
  more. ResponseError for an answer that does not fit the document."""


def test_whole_text() -> None:
    """What it does, its route, a call, what it takes, what it answers, what it raises."""
    what = operation(
        parameter("include[]", {"type": "array", "items": {"enum": ["a", "b"], "type": "string"}}),
        parameter("old", {"type": "integer"}, deprecated=True),
        parameter("thread_id", {"type": "string"}, "path", required=True, description="The thread.", example="t1"),
        parameter("body", {"type": "integer", "minimum": 1, "maximum": 9, "default": 5}),
        body=body(
            field("user", {"type": ["string", "null"], "maxLength": 64}),
            field("model", {"enum": ["a", "b"]}, required=True, description="Which\nmodel."),
            field("thread_id", {"$ref": "#/components/schemas/Thread"}),
            field("toolChoice", {"const": "auto"}),
            field("messages", {"type": "array", "items": {"type": "object", "properties": {"role": {}, "text": {}}}}),
            field("$$", True),
            required=True,
        ),
        summary="Create a run",
        description="Creates it.\n\nAnd " + "runs " * 20 + "it.",
        deprecated=True,
        responses=(
            ResponseDescription("200", "The run.", (MediaType("application/json"), MediaType("text/csv"))),
            ResponseDescription("404", "No thread."),
            ResponseDescription("4XX"),
            ResponseDescription("DEFAULT", "Else."),
        ),
    )

    assert (
        described(what)
        == f"""\
Create a run

POST /go

Deprecated.

Creates it.
And {"runs " * 13}runs
{"runs " * 6}it.

Call:
  client["go"](thread_id="t1", model="a")

Required:
  thread_id (path, string)
      The thread.
  model (body, one of 'a', 'b')
      Which model.

Optional:
  include (query, array of strings, each one of 'a', 'b')
  query_body (query, integer, 1 to 9, default 5)
  user (body, string or null, at most 64 characters)
  body['thread_id'] (body)
  toolChoice (body, only 'auto')
  messages (body, array of objects)
      Keys: role, text
  $$ (body)
  old (query, integer, deprecated)

Body: required, application/json. Give its fields as arguments, or all of it
by body={{...}}.

Answers:
  200 (application/json, text/csv)
      The run.

Errors:
  404 NotFound
      No thread.
  4XX StatusError
  DEFAULT StatusError
      Else.
{ERRORS}"""
    )


def test_smallest_text() -> None:
    """An operation of which the document says nothing."""
    assert described(operation()) == f'go\n\nPOST /go\n\nCall:\n  client["go"]()\n\nErrors:\n{ERRORS}'


def test_body_without_fields() -> None:
    """It is `body`."""
    lines = described(operation(body=body(description="Anything.", required=True))).splitlines()

    assert lines[5:10] == ['  client["go"](body=...)', "", "Required:", "  body (application/json)", "      Anything."]


def test_description_that_repeats_the_summary() -> None:
    """It is said once; a long summary is a description."""
    long = "Goes " * 40

    assert described(operation(summary="Go.", description="Go.")).startswith("Go.\n\nPOST /go\n\nCall:")
    assert described(operation(summary=long)).startswith("go\n\nPOST /go\n\nGoes Goes")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"enum": list(range(9))}, "one of 0, 1, 2, 3, 4, 5, 6, 7, ..."),
        ({"type": "number", "minimum": 0, "maximum": 2, "default": 1}, "number, 0 to 2, default 1"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 2}, "number, more than 0, at most 2"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, "number, more than 0"),
        ({"type": "number", "maximum": 2, "exclusiveMaximum": True, "minimum": 1}, "number, less than 2, at least 1"),
        ({"type": "string", "minLength": 1}, "string, at least 1 character"),
        ({"type": "string", "minLength": 0, "maxLength": 9}, "string, at most 9 characters"),
        ({"type": "string", "minLength": 2, "maxLength": 2}, "string, exactly 2 characters"),
        ({"type": "string", "format": "date-time", "pattern": "^2"}, "string, date-time, pattern ^2"),
        ({"type": "integer", "format": "int64"}, "integer"),
        ({"type": "array", "minItems": 1, "maxItems": 4}, "array, 1 to 4 items"),
        ({"anyOf": [{"type": "number", "minimum": -2, "maximum": 2}, {"type": "null"}]}, "number or null, -2 to 2"),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}]}, "integer"),
        ({"type": "string", "minLength": "2", "maximum": None, "pattern": 3, "format": ["a"]}, "string"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "array of arrays of strings"),
        ({"type": "string", "default": ["a"]}, 'string, default ["a"]'),
    ],
)
def test_types_limits_and_defaults(schema: JSON, words: str) -> None:
    """In words, also of what stands beside null."""
    text = described(operation(parameter("a", schema)))

    assert f"  a (query, {words})" in text.splitlines()


def test_description_beside_null() -> None:
    """That of the only schema that has one."""
    text = described(operation(body=body(field("a", {"anyOf": [{"description": "How hot."}, {"type": "null"}]}))))

    assert "  a (body, null)\n      How hot.\n" in text


def test_a_field_that_some_media_types_require() -> None:
    """They are named."""
    some = field("file", {"type": "string"}, required_as=("multipart/form-data", "image/png"))

    text = described(operation(body=body(some)))
    assert "  file (body, string, required as multipart/form-data or image/png)" in text.splitlines()


def test_a_required_field_of_an_optional_body() -> None:
    """A call without the body is right."""
    text = described(operation(body=body(field("name", {"type": "string"}, required=True))))

    assert '  client["go"]()\n\nOptional:\n  name (body, string, required in a body)' in text


def test_a_parameter_that_is_filled_in() -> None:
    """It is not called required: a call need not give it."""
    beta = parameter("OpenAI-Beta", {"const": "v2"}, "header", required=True, only_value="v2")

    assert "  open_ai_beta (header, filled in with 'v2')" in described(operation(beta)).splitlines()


@pytest.mark.parametrize(
    ("schema", "told", "annotation"),
    [
        ({"$ref": "#/components/schemas/Level"}, "number or null", "float | None"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer or null", "int | None"),
        ({"$ref": "#/components/schemas/Size"}, "string, one of 's', 'm'", "Literal['s', 'm']"),
        ({"anyOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "null"}]}, "Pet object or null", "dict | None"),
        (
            {"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "object"}]},
            "object or only 'auto'",
            "Literal['auto'] | dict",
        ),
        ({"$ref": "#/components/schemas/Nowhere"}, "", "Any"),
        ({}, "", "Any"),
    ],
)
def test_types_by_reference_and_in_unions(schema: JSON, told: str, annotation: str) -> None:
    """The name of a schema alone tells nobody what to give."""
    schemas = {
        "Level": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "Size": {"type": "string", "enum": ["s", "m"]},
        "Pet": {"type": "object"},
    }
    parameters = [{"name": "a", "in": "query", "schema": schema}]
    paths = {"/go": {"get": {"operationId": "go", "parameters": parameters}}}
    caller = dynclient.Client({"openapi": "3.1.0", "paths": paths, "components": {"schemas": schemas}}).go

    line = next(line for line in str(caller.__doc__).splitlines() if line.startswith("  a ("))
    assert line == f"  a ({', '.join(part for part in ('query', told) if part)})"
    assert str(inspect.signature(caller)) == f"(*, a: {annotation} = UNSET)"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("createRun", "client.createRun"),
        ("create-run", 'client["create-run"]'),
        ("close", 'client["close"]'),
        ("_go", 'client["_go"]'),
        ("import", 'client["import"]'),
        ('a"b', "client['a\"b']"),
        ("ﬁle", 'client["ﬁle"]'),
        ("", 'client["POST /go"]'),
    ],
)
@pytest.mark.parametrize(("kind", "before"), [(dynclient.Client, ""), (dynclient.AsyncClient, "await ")])
def test_the_call_reaches_the_operation(kind: Any, before: str, name: str, target: str) -> None:
    """Whatever its name is, the line can be run; a blank is refused, and nothing is sent."""
    needed = {"name": "a", "in": "query", "required": True, "schema": {"type": "string"}}
    paths = {"/go": {"post": {"operationId": name, "parameters": [needed]}}}
    client = kind({"openapi": "3.1.0", "servers": [{"url": "http://api.test"}], "paths": paths})
    caller = client[name or "POST /go"]

    assert f"Call:\n  {before}{target}(a=...)\n" in caller.__doc__
    assert eval(f"{target}.check(a=...)", {"client": client}) != ()


def test_the_call_for_an_id_of_several() -> None:
    """By method and path."""
    paths = {path: {"get": {"operationId": "go"}} for path in ("/a", "/b")}
    client = dynclient.Client({"openapi": "3.1.0", "paths": paths})

    assert 'Call:\n  client["GET /b"]()\n' in str(client["GET /b"].__doc__)


@pytest.mark.parametrize(
    ("schema", "example", "written"),
    [
        ({"type": "string"}, "it's", '"it\'s"'),
        ({"type": "string"}, 5, "..."),
        ({"type": "string"}, "a" * 61, "..."),
        ({"type": "array"}, [{"a": None, "b": [True, 1.5]}], '[{"a": None, "b": [True, 1.5]}]'),
        ({"type": "array"}, [10**5000], "..."),
        ({"type": "string", "enum": ["x", "y"]}, UNSET, '"x"'),
        ({"type": "integer", "default": 3}, UNSET, "3"),
        ({}, {"a": "\x1b\u202e"}, r'{"a": "\x1b\u202e"}'),
    ],
)
def test_examples_in_the_call(schema: JSON, example: JSON, written: str) -> None:
    """Those of the document, if they have the right type and are short."""
    what = operation(parameter("a", schema, required=True, example=example))

    assert f'\n  client["go"](a={written})\n' in described(what)


def test_a_call_with_many_arguments() -> None:
    """Has a line for each."""
    what = operation(*(parameter(f"name_{number}", required=True) for number in range(9)))

    assert '\n  client["go"](\n      name_0=...,\n      name_1=...,\n' in described(what)


@pytest.mark.parametrize(
    ("fields", "call"),
    [
        ([field("a", True)], "body=..."),
        ([field("a", True, required=True)], "a=..."),
        ([field("a", True, required=True), field("$$", True, required=True)], "body=..."),
    ],
)
def test_the_body_in_the_call(fields: list[Field], call: str) -> None:
    """By its required fields; else as a whole."""
    assert f'client["go"]({call})' in described(operation(body=body(*fields, required=True)))


@given(st.text(max_size=3000), st.text(max_size=300), st.integers(1, 400))
def test_descriptions_of_any_text(text: str, name: str, count: int) -> None:
    """What a document says cannot control the terminal, break the layout or fill the screen."""
    text *= count
    what = operation(
        parameter(name, {"enum": [name] * count, "default": text, "pattern": text}, description=text),
        body=body(field(name + "x", {"type": "object", "properties": {name: True, text: True}}, description=text)),
        summary=text,
        description=text,
        responses=(ResponseDescription("200", text, (MediaType(name),)),),
    )

    shown = described(what)
    lines = shown.split("\n")
    assert max(map(len, lines)) <= 120
    assert len(lines) < 400
    assert shown.encode()
    assert not [sign for sign in shown if unicodedata.category(sign) == "Cc" and sign != "\n"]
    assert len(str(signature(what, Binder(what)))) < 1000


def test_a_huge_document() -> None:
    """Descriptions of a megabyte, thousands of values, and thousands of arguments are cut."""
    what = operation(
        *(parameter(f"a{number}", {"enum": [f"v{each}" for each in range(10)]}) for number in range(1000)),
        parameter("many", {"type": "string", "enum": [f"v{each}" for each in range(10_000)]}, required=True),
        summary="[" * 1_000_000,
        description="<p" * 500_000 + "[a](" * 250_000,
    )

    assert len(described(what)) < 20_000
    assert "  ... and 800 more\n" in described(what)
    assert len(str(signature(what, Binder(what)).parameters["many"])) < 100
