"""All that is wrong with a document: each rule on the smallest document that has the fault, and what it touches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient import Client
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError, Problem
from dynclient.rules import RULES
from dynclient.types import JSON
from dynclient.validation.documents import inspect_document
from tests.places import SPECS

OK = {"200": {"description": "fine"}}
HERE = "#/paths/~1x/get"


def of_operation(operation: JSON, path: str = "/x", version: str = "3.1.0", **more: JSON) -> dict[str, JSON]:
    """A document of one GET operation, called `go`."""
    described = {"operationId": "go", "responses": OK, **operation}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {path: {"get": described}}, **more}


def of_schema(schema: JSON, version: str = "3.1.0", **schemas: JSON) -> dict[str, JSON]:
    """A document whose one operation has one query parameter of this schema."""
    return of_operation(
        {"parameters": [{"name": "q", "in": "query", "schema": schema}]}, "/x", version, components={"schemas": schemas}
    )


def of_parameter(parameter: JSON, path: str = "/x") -> dict[str, JSON]:
    return of_operation({"parameters": [parameter]}, path)


def of_content(name: str) -> dict[str, JSON]:
    return of_operation({"requestBody": {"content": {name: {}}}})


def of_paths(**paths: JSON) -> dict[str, JSON]:
    return {"openapi": "3.1.0", "paths": {f"/{path}": item for path, item in paths.items()}}


def found(contents: dict[str, JSON]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Rule, pointer and operations of every problem."""
    problems = inspect_document(Document(contents))
    return [(problem.rule, problem.schema_pointer, problem.operations) for problem in problems]


def of_swagger(*parameters: JSON) -> dict[str, JSON]:
    """A document of Swagger 2.0 with one operation."""
    path = "/{a}" if parameters[0]["in"] == "path" else "/x"
    operation = {"operationId": "go", "parameters": list(parameters), "responses": OK}
    return {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {path: {"get": operation}}}


CLOSED = {"type": "object", "additionalProperties": False}
NUMBER = {"type": "integer"}
P0 = HERE + "/parameters/0"
ARRAY = {"type": "array", "items": {"type": "string"}, "required": True}
PATH = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
QUERY_SCHEMA = HERE + "/parameters/0/schema"

FAULTS: list[tuple[str, dict[str, JSON], str]] = [
    ("body-without-content", of_operation({"requestBody": {}}), HERE + "/requestBody"),
    ("body-and-form", of_swagger({"name": "a", "in": "body"}, {"name": "b", "in": "formData", "type": "string"}), P0),
    ("body-repeated", of_swagger({"name": "a", "in": "body"}, {"name": "b", "in": "body"}), P0),
    (
        "closed-members",
        of_schema({"allOf": [{**CLOSED, "properties": {"a": {}}}, {"properties": {"b": {}}, "required": ["b"]}]}),
        QUERY_SCHEMA + "/allOf/0",
    ),
    (
        "collection-format",
        of_swagger({"name": "a", "in": "path", **ARRAY, "collectionFormat": "multi"}),
        "#/paths/~1{a}/get/parameters/0",
    ),
    (
        "credential-env",
        of_operation(
            {"security": [{"Key": []}]},
            components={"securitySchemes": {"Key": {"type": "http", "scheme": "bearer", "x-credential-env": "a b"}}},
        ),
        "#/components/securitySchemes/Key",
    ),
    ("default-unfit", of_schema({"type": "integer", "default": "5"}), QUERY_SCHEMA + "/default"),
    ("default-unfit", of_schema({"enum": ["a"], "default": "none"}), QUERY_SCHEMA + "/default"),
    ("default-unfit", of_schema({"type": "array", "items": {}, "default": None}, "3.0.3"), QUERY_SCHEMA + "/default"),
    ("default-unfit", of_schema({"maximum": 5, "default": 6}), QUERY_SCHEMA + "/default"),
    (
        "discriminator-mapping",
        of_schema({"discriminator": {"propertyName": "k", "mapping": {"a/b": "#/components/schemas/No"}}}),
        QUERY_SCHEMA + "/discriminator/mapping/a~1b",
    ),
    (
        "discriminator-idle",
        of_swagger({"name": "a", "in": "body", "schema": {"type": "object", "discriminator": "kind"}}),
        P0 + "/schema/discriminator",
    ),
    ("enum-of-items", of_schema({"type": "array", "enum": ["a"]}), QUERY_SCHEMA + "/enum"),
    ("enum-unfit", of_schema({"type": "integer", "enum": [1, "2"]}), QUERY_SCHEMA + "/enum"),
    ("enum-unfit", of_schema({"type": "string", "const": 1}), QUERY_SCHEMA + "/const"),
    ("enum-unfit", of_schema({"maxLength": 1, "enum": ["a", "bb"]}), QUERY_SCHEMA + "/enum"),
    ("example-unfit", of_schema({"type": "integer", "example": "a"}), QUERY_SCHEMA + "/example"),
    ("example-unfit", of_schema({"type": "integer", "examples": [1, "a"]}), QUERY_SCHEMA + "/examples/1"),
    ("example-unfit", of_parameter({"name": "a", "in": "query", "schema": NUMBER, "example": "b"}), P0 + "/example"),
    (
        "example-unfit",
        of_parameter({"name": "a", "in": "query", "schema": NUMBER, "examples": {"b/c": {"value": "d"}}}),
        P0 + "/examples/b~1c/value",
    ),
    (
        "example-unfit",
        of_operation({"requestBody": {"content": {"application/json": {"schema": NUMBER, "example": "b"}}}}),
        HERE + "/requestBody/content/application~1json/example",
    ),
    (
        "example-unfit",
        of_operation(
            {"responses": {"200": {"content": {"application/json": {"schema": NUMBER, "example": "b"}}}}},
        ),
        HERE + "/responses/200/content/application~1json/example",
    ),
    ("format-unfit", of_schema({"format": "uuid", "maxLength": 24}), QUERY_SCHEMA + "/format"),
    ("enum-unfit", of_schema({"type": ["integer", "null"], "enum": [1.5, None]}), QUERY_SCHEMA + "/enum"),
    ("header-name", of_parameter({"name": "X Y", "in": "header", "schema": {}}), HERE + "/parameters/0"),
    ("items-list", of_schema({"type": "array", "items": [{}]}), QUERY_SCHEMA + "/items"),
    ("items-missing", of_schema({"type": "array"}, "3.0.3"), QUERY_SCHEMA),
    ("keyword-from-30", of_schema({"type": "string", "nullable": True}), QUERY_SCHEMA + "/nullable"),
    ("keyword-from-30", of_schema({"minimum": 1, "exclusiveMinimum": True}), QUERY_SCHEMA + "/exclusiveMinimum"),
    ("keyword-from-31", of_schema({"type": ["string", "integer"]}, "3.0.3"), QUERY_SCHEMA + "/type"),
    ("keyword-from-31", of_schema({"type": "null"}, "3.0.3"), QUERY_SCHEMA + "/type"),
    ("keyword-from-31", of_schema({"const": 1}, "3.0.3"), QUERY_SCHEMA + "/const"),
    ("keyword-from-31", of_schema({"exclusiveMinimum": 1}, "3.0.3"), QUERY_SCHEMA + "/exclusiveMinimum"),
    ("keyword-value", of_schema({"enum": []}), QUERY_SCHEMA + "/enum"),
    ("keyword-value", of_schema({"oneOf": []}), QUERY_SCHEMA + "/oneOf"),
    ("keyword-value", of_schema({"required": True}), QUERY_SCHEMA + "/required"),
    ("keyword-value", of_schema({"type": "string", "properties": []}), QUERY_SCHEMA + "/properties"),
    ("keyword-value", of_schema({"items": "string"}), QUERY_SCHEMA + "/items"),
    ("keyword-value", of_schema({"maxLength": "5"}), QUERY_SCHEMA + "/maxLength"),
    ("limits-crossed", of_schema({"minimum": 10, "maximum": 1}), QUERY_SCHEMA + "/minimum"),
    ("media-type-name", of_content("json"), HERE + "/requestBody/content/json"),
    (
        "media-type-name",
        of_operation({"responses": {"200": {"description": "", "content": {"undefined": {}}}}}),
        HERE + "/responses/200/content/undefined",
    ),
    (
        "method-unfit",
        of_paths(x={"get": {"operationId": "go", "responses": OK}, "additionalOperations": {"A B": {}}}),
        "#/paths/~1x/additionalOperations/A B",
    ),
    ("operation-shape", of_paths(x={"get": {"operationId": "go", "responses": OK}, "put": 5}), "#/paths/~1x/put"),
    ("operation-shape", of_paths(x={"get": {"operationId": "go", "responses": OK}}, y=[]), "#/paths/~1y"),
    ("operation-unreadable", of_parameter({"$ref": "#/no"}), P0),
    ("parameter-incomplete", of_parameter({"name": "a", "in": "body"}), HERE + "/parameters/0"),
    ("parameter-optional", of_parameter({**PATH, "required": False}, "/{id}"), "#/paths/~1{id}/get/parameters/0"),
    (
        "parameter-repeated",
        of_operation({"parameters": [{"name": "a", "in": "query", "schema": {}}] * 2}),
        HERE + "/parameters/1",
    ),
    (
        "parameter-repeated",
        of_swagger(*[{"name": "a", "in": "formData", "type": "string"}] * 2),
        HERE + "/parameters/1",
    ),
    ("parameter-schema", of_parameter({"name": "a", "in": "query", "type": "integer"}), HERE + "/parameters/0"),
    ("parameter-undeclared", of_operation({}, "/{id}"), "#/paths/~1{id}/get"),
    ("parameter-without-place", of_parameter(PATH), HERE + "/parameters/0"),
    ("parameter-without-schema", of_parameter({"name": "a", "in": "query"}), HERE + "/parameters/0"),
    ("path-characters", of_operation({}, "/log in"), "#/paths/~1log in"),
    ("path-dots", of_operation({}, "/a/../b"), "#/paths/~1a~1..~1b"),
    ("path-fragment", of_operation({}, "/a#b"), "#/paths/~1a#b"),
    ("path-name-repeated", of_parameter(PATH, "/{id}/{id}"), "#/paths/~1{id}~1{id}"),
    ("path-query", of_operation({}, "/a?b=c"), "#/paths/~1a?b=c"),
    ("path-without-slash", of_operation({}, "a"), "#/paths/a"),
    ("pattern-delimited", of_schema({"pattern": "/^a$/i"}), QUERY_SCHEMA + "/pattern"),
    ("pattern-delimited", of_schema({"patternProperties": {"/^a$/": {}}}), QUERY_SCHEMA + "/patternProperties/~1^a$~1"),
    ("pattern-slow", of_schema({"pattern": r"^(a+)+\1$"}), QUERY_SCHEMA + "/pattern"),
    ("pattern-unsupported", of_schema({"pattern": r"\p{Script=Greek}"}), QUERY_SCHEMA + "/pattern"),
    (
        "reference-misplaced",
        of_schema({"$defs": {"A": {"type": "string"}}, "items": {"$ref": "#/$defs/A"}}, "3.0.3"),
        QUERY_SCHEMA + "/items",
    ),
    ("reference-missing", of_schema({"$ref": "#/components/schemas/No"}), QUERY_SCHEMA),
    (
        "querystring-not-alone",
        of_operation(
            {
                "parameters": [
                    {"name": "all", "in": "querystring", "content": {"application/json": {}}},
                    {"name": "a", "in": "query", "schema": {}},
                ]
            },
            version="3.2.0",
        ),
        HERE + "/parameters/0",
    ),
    (
        "reference-siblings",
        of_schema(
            {"$ref": "#/components/schemas/A", "maxLength": 5, "description": "x"}, "3.0.3", A={"type": "string"}
        ),
        QUERY_SCHEMA,
    ),
    (
        "required-unknown",
        of_schema({"additionalProperties": False, "properties": {"b": {}}, "required": ["a"]}),
        QUERY_SCHEMA,
    ),
    ("response-status", of_operation({"responses": {**OK, "4xx": {}}}), HERE + "/responses/4xx"),
    ("responses-missing", of_operation({"responses": {}}, version="3.0.3"), HERE),
    ("schema-shape", of_schema([]), QUERY_SCHEMA),
    ("security-shape", of_operation({"security": {}}), HERE + "/security"),
    ("security-scheme-unknown", of_operation({"security": [{"Basic": []}]}), HERE + "/security"),
    ("security-scheme-unknown", of_operation({}, security=[{"Basic": []}]), "#/security"),
    (
        "server-variable-default",
        of_operation({}, servers=[{"url": "http://{a}", "variables": {"a": {"default": "x", "enum": ["y"]}}}]),
        "#/servers/0/variables/a",
    ),
    ("server-without-url", of_operation({}, servers=[{}]), "#/servers/0"),
    ("shape", of_operation({"parameters": {"name": "q"}}), HERE + "/parameters"),
    ("shape", of_operation({"tags": "a"}), HERE + "/tags"),
    (
        "shape",
        of_operation({"responses": {"200": {"description": "", "headers": []}}}),
        HERE + "/responses/200/headers",
    ),
    ("style-missing", of_schema({"type": "object"}), HERE + "/parameters/0"),
    ("array-in-object", of_schema({"properties": {"a": {"type": "array"}}}), HERE + "/parameters/0"),
    ("header-ignored", of_parameter({"name": "Accept", "in": "header"}), HERE + "/parameters/0"),
    (
        "parameter-default",
        of_parameter({"name": "a", "in": "query", "required": True, "schema": {"default": 1}}),
        HERE + "/parameters/0",
    ),
    (
        "style-unknown",
        of_parameter({"name": "a", "in": "query", "schema": {}, "style": "simple"}),
        HERE + "/parameters/0",
    ),
    ("type-unfit", of_schema({"type": "integer", "oneOf": [{"type": "string"}]}), QUERY_SCHEMA + "/type"),
    ("type-unknown", of_schema({"type": "any"}), QUERY_SCHEMA + "/type"),
    ("value-repeated", of_schema({"required": ["a", "b", "a"]}), QUERY_SCHEMA + "/required"),
    ("value-repeated", of_schema({"enum": ["a", "a"]}), QUERY_SCHEMA + "/enum"),
]
_TOUCHING_NONE = {"method-unfit", "operation-shape"}
_OF_THE_MOCK = {"server-url"}


@pytest.mark.parametrize(("rule", "contents", "pointer"), FAULTS, ids=[f"{f[0]}-{n}" for n, f in enumerate(FAULTS)])
def test_each_fault_is_found(rule: str, contents: dict[str, JSON], pointer: str) -> None:
    """Alone, at its place, with the operation that it touches."""
    assert found(contents) == [(rule, pointer, () if rule in _TOUCHING_NONE else ("go",))]


GO = '{"openapi": "3.1.0", "paths": {"/x": {"get": {\n"operationId": "go", "responses": {"200": {}},\n%s}}}}'

FAULTS_OF_TEXT = [
    ("duplicate-key", GO % '"summary": "a",\n"summary": "b"', HERE + "/summary", 4),
    ("non-finite", GO % '"x-limit": [0,\n1e999]', HERE + "/x-limit/1", 4),
]


@pytest.mark.parametrize(("rule", "text", "pointer", "line"), FAULTS_OF_TEXT, ids=[f[0] for f in FAULTS_OF_TEXT])
def test_each_fault_of_a_text_is_found(rule: str, text: str, pointer: str, line: int) -> None:
    """What is lost in the data: with its own line, and the operation that it stands in."""
    (problem,) = inspect_document(parse(load(text)))

    assert (problem.rule, problem.schema_pointer, problem.line) == (rule, pointer, line)
    assert problem.operations == ("go",)


def test_every_rule_has_its_smallest_document() -> None:
    """Those about several operations, and those of overlays, have tests of their own."""
    alone = {rule for rule, *_ in (*FAULTS, *FAULTS_OF_TEXT)}

    assert RULES.keys() - alone == {
        "operation-id-repeated",
        "overlay",
        "overlay-without-effect",
        "path-template-repeated",
        "schema-deep",
        "security-scheme-incomplete",
        *_OF_THE_MOCK,
    }


FAULTLESS: list[dict[str, JSON]] = [
    of_operation({}),
    of_operation({}, servers=[]),
    of_operation({"responses": {}}),
    of_operation({"deprecated": True, "responses": {"2XX": {}, "default": {}, "x-more": 5}}),
    of_parameter(PATH, "/{id}.json"),
    of_content("application/vnd.api+json; version=1"),
    of_content("*/*"),
    of_schema({"type": "string", "nullable": True, "enum": ["a", None]}, "3.0.3"),
    of_schema({"type": "string", "nullable": True, "default": None}, "3.0.3"),
    of_schema({"type": "number", "enum": [1, 2.5]}),
    of_schema({"type": "integer", "enum": [1, 2.0], "default": 2.0}),
    of_schema({"minimum": 1, "exclusiveMinimum": True}, "3.0.3"),
    of_schema({"type": "array", "items": True}),
    of_schema({"type": "array"}),
    of_schema({"default": "x" * 40 + "!", "pattern": "^(x+)+$"}),
    of_schema({"$ref": "#/components/schemas/A", "description": "x"}, "3.0.3", A={}),
    of_schema({"$ref": "#/components/schemas/A", "maxLength": 5}, A={"type": "string"}),
    of_schema({"discriminator": {"propertyName": "k", "mapping": {"a": "A", "b": "#/components/schemas/A"}}}, A={}),
    of_swagger({"name": "a", "in": "query", **ARRAY}),
    of_swagger({"name": "a", "in": "formData", "type": "file", "required": True}),
    of_parameter({"name": "a", "in": "query", "schema": {"type": "integer"}, "example": "5"}),
    of_schema({"minimum": 1, "maximum": 1, "minLength": 0, "maxLength": 0}),
    of_schema({"format": "uuid", "minLength": 36, "maxLength": 36, "pattern": "^[0-9a-f-]+$"}),
    of_schema({"pattern": "/api/v1/"}),
    of_schema({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": False}]}),
    of_schema({"type": "number", "oneOf": [{"type": "integer"}, {}]}),
    {"openapi": "3.1.0"},
    {"openapi": "3.1.0", "paths": {"x-note": 5}},
]


@pytest.mark.parametrize("contents", FAULTLESS, ids=range(len(FAULTLESS)))
def test_what_is_permitted_is_no_fault(contents: dict[str, JSON]) -> None:
    """Nor is what no call meets."""
    assert found(contents) == []


def test_repeated_ids_touch_each_of_their_operations() -> None:
    """Under method and path, which is how they are called."""
    same = {"get": {"operationId": "go", "responses": OK}}

    assert found(of_paths(a=same, b=same)) == [
        ("operation-id-repeated", "#/paths/~1a/get/operationId", ("GET /a",)),
        ("operation-id-repeated", "#/paths/~1b/get/operationId", ("GET /b",)),
    ]


def test_paths_that_differ_in_names_alone() -> None:
    """Both can be called; the later one is reported."""
    contents = of_parameter(PATH, "/{id}")
    other = {**PATH, "name": "name"}
    contents["paths"]["/{name}"] = {"put": {"operationId": "put", "parameters": [other], "responses": OK}}

    assert found(contents) == [("path-template-repeated", "#/paths/~1{name}", ("put",))]
    client = Client(contents, base_url="http://api.test")
    assert [client.go.prepare(id="1").path_url, client.put.prepare(name="2").path_url] == ["/1", "/2"]


@pytest.mark.parametrize(
    "scheme",
    [{}, {"type": "apikey"}, {"type": "apiKey", "in": "header"}, {"type": "apiKey", "name": "k"}, {"type": "http"}],
)
def test_security_schemes_that_say_too_little(scheme: JSON) -> None:
    """They touch the operations that ask for them."""
    contents = of_operation({"security": [{"Key": []}]}, components={"securitySchemes": {"Key": scheme}})
    contents["paths"]["/y"] = {"get": {"operationId": "other", "responses": OK}}

    assert found(contents) == [("security-scheme-incomplete", "#/components/securitySchemes/Key", ("go",))]


def test_security_scheme_that_cannot_be_read() -> None:
    """Nobody knows what it is, and both are reported."""
    key = "#/components/securitySchemes/Key"
    contents = of_operation({"security": [{"Key": []}]}, components={"securitySchemes": {"Key": {"$ref": "#/no"}}})

    assert found(contents) == [
        ("reference-missing", key, ("go",)),
        ("security-scheme-incomplete", key, ("go",)),
    ]


def test_schemas_of_headers_and_items_of_answers() -> None:
    """They are validated in calls, and so told beforehand."""
    responses = {
        "200": {
            "description": "",
            "headers": {"X-A": {"schema": {"type": "any"}}},
            "content": {"application/jsonl": {"itemSchema": {"type": "any"}}},
        }
    }

    assert found(of_operation({"responses": responses}) | {"openapi": "3.2.0"}) == [
        ("type-unknown", f"{HERE}/responses/200/{place}/type", ("go",))
        for place in ("content/application~1jsonl/itemSchema", "headers/X-A/schema")
    ]


def test_an_operation_behind_a_reference() -> None:
    """Its faults are reported where they stand."""
    item = {"get": {"operationId": "go", "responses": OK, "security": [{"Nowhere": []}]}}
    contents = of_paths(x={"$ref": "#/components/pathItems/X"}) | {"components": {"pathItems": {"X": item}}}

    assert found(contents) == [("security-scheme-unknown", "#/components/pathItems/X/get/security", ("go",))]


def test_schemas_and_path_items_of_other_files(tmp_path: Path) -> None:
    """Their faults are reported with the file, and touch the operations that need them."""
    body = {"content": {"text/plain": {"schema": {"$ref": "schemas.json#/Odd"}}}}
    item = {"get": {"operationId": "go", "responses": OK, "requestBody": body}}
    contents = of_paths(x={"$ref": "paths.json#/x"}) | {"components": {"schemas": {"$ref": "schemas.json"}}}
    contents["paths"]["/y"] = {"get": {"operationId": "other", "responses": OK}}
    for name, data in {
        "api.json": contents,
        "paths.json": {"x": {**item, "put": 5}},
        "schemas.json": {"Odd": {"type": "any"}, "Unused": {"type": "any"}},
    }.items():
        (tmp_path / name).write_text(json.dumps(data))

    problems = inspect_document(parse(load(tmp_path / "api.json")))

    assert [(problem.rule, problem.schema_pointer, problem.operations, problem.line) for problem in problems] == [
        ("type-unknown", "schemas.json#/Odd/type", ("go",), None),
        ("type-unknown", "schemas.json#/Unused/type", (), None),
        ("operation-shape", "paths.json#/x/put", (), None),
    ]


def test_values_of_a_type_that_does_not_exist() -> None:
    """The type is at fault, not the values."""
    assert found(of_schema({"type": "any", "enum": [1]})) == [("type-unknown", QUERY_SCHEMA + "/type", ("go",))]


def test_schemas_that_are_too_deep() -> None:
    """They are reported like other faults, those that an operation needs and those that none does."""
    deep: JSON = {"type": "string"}
    for _ in range(2000):
        deep = {"items": deep}
    contents = of_schema(deep, Unused=deep)
    contents["paths"]["/y"] = {"get": {"operationId": "other", "responses": OK}}

    assert found(contents) == [("schema-deep", HERE, ("go",)), ("schema-deep", "#/components/schemas/Unused", ())]


def test_a_shared_schema_touches_every_operation_that_needs_it() -> None:
    """Through other schemas, parameters, bodies and answers; and only those. A schema that none needs is read too."""
    ref = {"$ref": "#/components/schemas/Outer"}
    media = {"content": {"application/json": {"schema": ref}}}
    contents = of_paths(
        a={
            "get": {"operationId": "asks", "parameters": [{"name": "q", "in": "query", "schema": ref}], "responses": OK}
        },
        b={"post": {"operationId": "sends", "requestBody": media, "responses": OK}},
        c={"get": {"operationId": "answers", "responses": {"200": media}}},
        d={"get": {"operationId": "other", "responses": OK}},
    )
    inner = {"type": "any"}
    contents["components"] = {
        "schemas": {
            "Outer": {"properties": {"a": {"$ref": "#/components/schemas/Inner"}}},
            "Inner": inner,
            "Unused": inner,
        }
    }

    assert found(contents) == [
        ("type-unknown", "#/components/schemas/Inner/type", ("asks", "sends", "answers")),
        ("type-unknown", "#/components/schemas/Unused/type", ()),
    ]


@pytest.mark.parametrize("media_type", ["multipart/form-data", "application/octet-stream", "text/plain"])
def test_a_file_where_no_json_travels_is_no_fault(media_type: str) -> None:
    """`type: file` is understood there."""
    content = {"content": {media_type: {"schema": {"properties": {"a": {"type": "file"}}}}}}

    assert found(of_operation({"requestBody": content, "responses": {"200": content}})) == []


def test_what_is_met_at_a_call_is_listed_with_its_operation() -> None:
    """Without an inspection: reading an operation and its first call find what they meet."""
    contents = of_schema({"type": "any"})
    contents["paths"]["a"] = {"get": {"operationId": "other", "responses": OK}}
    client = Client(contents)

    assert client.document.problems == []
    client.other  # noqa: B018
    client.go.check(q=1)
    assert [(problem.rule, problem.operations) for problem in client.document.problems] == [
        ("path-without-slash", ("other",)),
        ("type-unknown", ("go",)),
    ]


def test_lines() -> None:
    """Of the text that the document was read from; none where it was data."""
    contents = of_schema({"type": "any"})
    text = json.dumps(contents, indent=1)
    expected = 1 + next(number for number, line in enumerate(text.splitlines()) if '"any"' in line)

    assert [problem.line for problem in inspect_document(parse(load(text)))] == [expected]
    assert [problem.line for problem in inspect_document(parse(load(contents)))] == [None]


def test_strict_refuses_every_fault() -> None:
    """With all problems, as data and in words."""
    contents = of_schema({"type": "any", "default": 5, "nullable": True})
    contents["paths"]["a"] = {"get": {"operationId": "other", "responses": OK}}

    with pytest.raises(DocumentError) as caught:
        Client(contents, strict=True)

    assert [problem.rule for problem in caught.value.problems] == [
        "keyword-from-30",
        "type-unknown",
        "path-without-slash",
    ]
    assert str(caught.value) == (
        "mapping: has 3 problems, and strict=True refuses it\n"
        f"  - keyword-from-30 {QUERY_SCHEMA}/nullable: nullable is a type 'null' since 3.1; null is permitted\n"
        f"  - type-unknown {QUERY_SCHEMA}/type: 'any' isn't a type of JSON Schema\n"
        "  - path-without-slash #/paths/a: 'a' does not begin with a slash; it is sent with one"
    )


def test_strict_accepts_what_is_but_a_convention() -> None:
    """A document that is legal is not refused, and what is made of it is still reported."""
    document = Client(of_schema({"type": "object"}), strict=True).document

    assert [problem.rule for problem in document.problems] == ["style-missing"]


def test_strict_accepts_a_document_without_faults() -> None:
    """The bundled one, and one that was parsed before."""
    assert Client("openai", strict=True).document.problems == []
    assert Client(Document(of_operation({})), strict=True).go.operation.id == "go"


def test_nothing_that_a_call_does_not_need_is_a_reason_to_refuse() -> None:
    """All faults but those of paths and of the operation's own parameters in one document, and the call is made."""
    contents = of_schema({"type": "any", "default": [], "enum": [], "oneOf": [], "pattern": r"\p{L}"})
    contents["security"] = [{"Nowhere": []}]
    contents["components"] = {"securitySchemes": {"Key": {}}, "schemas": {"A": 5}}
    contents["paths"]["/y"] = {"get": {"parameters": [{"$ref": "#/no"}]}, "put": 5}
    contents["tags"] = 5
    contents["info"] = None

    prepared = Client(contents, base_url="http://api.test").go.prepare(q="x")

    assert (prepared.url, "Authorization" in prepared.headers) == ("http://api.test/x?q=x", False)


def test_swagger_has_its_sections_elsewhere() -> None:
    """Definitions that none needs are read, and security definitions touch those that ask for them."""
    contents = of_swagger({"name": "a", "in": "query", "type": "string"})
    contents |= {"definitions": {"Unused": {"type": "any"}}, "securityDefinitions": {"Key": {"type": "apiKey"}}}
    contents["security"] = [{"Key": []}]

    assert found(contents) == [
        ("security-scheme-incomplete", "#/securityDefinitions/Key", ("go",)),
        ("type-unknown", "#/definitions/Unused/type", ()),
    ]


def test_problems_are_exported() -> None:
    """A problem of a document is a Problem, equal whatever it touches."""
    problem = inspect_document(Document(of_schema({"type": "any"})))[0]

    assert problem == Problem(
        "document", "", "'any' isn't a type of JSON Schema", "type-unknown", schema_pointer=QUERY_SCHEMA + "/type"
    )
    assert isinstance(problem, dynclient.Problem)
    assert problem.to_dict()["operations"] == ("go",)


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("openai.json", {"default-unfit": 11, "keyword-from-30": 118, "path-query": 6, "value-repeated": 1}),
        ("mistral.yaml", {"path-fragment": 6}),
    ],
)
def test_published_documents(name: str, rules: dict[str, int]) -> None:
    """So many faults have they, at least."""
    counted: dict[str, Any] = {}
    for problem in inspect_document(parse(load(SPECS / name))):
        counted[problem.rule] = counted.get(problem.rule, 0) + 1

    assert rules.items() <= counted.items()
