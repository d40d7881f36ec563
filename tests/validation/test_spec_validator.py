"""What openapi-spec-validator finds: each finding at its place, in a sentence, and never with a schema in it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.types import JSON
from dynclient.validation.spec_validator import strict_findings

OK = {"200": {"description": "fine"}}
HERE = "#/paths/~1x/get"
LONG = {"type": "string", "description": "SCHEMA " * 500}
VERSIONS = ["3.0.3", "3.1.0", "3.2.0"]


def of_operation(operation: JSON, version: str = "3.1.0", **more: JSON) -> dict[str, JSON]:
    """A document of one GET operation."""
    described = {"operationId": "go", "responses": OK, **operation}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": described}}, **more}


def of_schema(schema: JSON, version: str = "3.1.0", **schemas: JSON) -> dict[str, JSON]:
    """One whose operation has a query parameter of this schema."""
    parameters = [{"name": "q", "in": "query", "schema": schema}]
    return of_operation({"parameters": parameters}, version, components={"schemas": schemas})


def of_swagger(*parameters: JSON, **more: JSON) -> dict[str, JSON]:
    operation = {"operationId": "go", "parameters": list(parameters), "responses": OK}
    return {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": operation}}, **more}


def found(contents: dict[str, JSON]) -> list[tuple[str, str, str]]:
    """Rule, pointer and sentence of each finding."""
    findings = strict_findings(Document(contents))
    return [(finding.rule, finding.schema_pointer, finding.message) for finding in findings]


def test_places_and_lines() -> None:
    """What no call needs is listed too, in the order of the document's lines."""
    text = json.dumps({"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": OK, "summary": 5}}}}, indent=1)

    findings = strict_findings(parse(load(text)))

    assert [(finding.rule, finding.schema_pointer, finding.line) for finding in findings] == [
        ("required", "#", 1),
        ("type", "#/paths/~1x/get/summary", 11),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing(version: str) -> None:
    """A document that is as its version asks has no findings."""
    assert found(of_operation({}, version)) == []


def test_nothing_in_swagger() -> None:
    """Nor has one of Swagger 2.0."""
    assert found(of_swagger({"name": "a", "in": "query", "type": "string"})) == []


PARAMETER = f"{HERE}/parameters/0"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ([LONG], ("type", f"{PARAMETER}/schema", "an array is not of type {schema}")),
        (
            {"properties": {"a": [LONG]}},
            ("type", f"{PARAMETER}/schema/properties/a", "an array is not of type {schema}"),
        ),
        (
            {"properties": {"a": LONG}, "maximum": "x"},
            ("type", f"{PARAMETER}/schema/maximum", "'x' is not of type 'number'"),
        ),
        ({"default": 5, "type": "string"}, ("type", f"{PARAMETER}/schema/default", "5 is not of type 'string'")),
        (
            {"default": {"a": 5}, "properties": {"a": {"enum": ["b", "c"]}, "z": LONG}},
            ("enum", f"{PARAMETER}/schema/default/a", "5 is not permitted here; permitted: 'b', 'c'"),
        ),
        (
            {"allOf": [{"properties": {"z": LONG}}], "required": ["a"]},
            ("required-undeclared", f"{PARAMETER}/schema", "`required` names what is not declared: 'a'"),
        ),
    ],
)
def test_schemas(schema: JSON, expected: tuple[str, str, str], version: str) -> None:
    """What is wrong with a schema, or in it, is at its own place, and no schema is repeated."""
    findings = found(of_schema(schema, version))

    message = expected[2].format(schema="'object'" if version < "3.1" else "'object' or 'boolean'")
    assert (*expected[:2], message) in findings
    assert not any("SCHEMA" in message or len(message) > 300 for _, _, message in findings)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (
            of_operation({"foo": LONG}, "3.0.3"),
            ("additionalProperties", HERE, "these keys are not permitted here: 'foo'"),
        ),
        (of_operation({"foo": LONG}), ("unevaluatedProperties", HERE, "these keys are not permitted here: 'foo'")),
        (of_swagger(foo=LONG), ("additionalProperties", "#", "these keys are not permitted here: 'foo'")),
        (
            of_operation({"responses": {"2000": OK["200"]}}, "3.0.3"),
            ("additionalProperties", f"{HERE}/responses", "these keys are not permitted here: '2000'"),
        ),
        (
            of_operation({"parameters": [{"name": "q", "in": "query", "schema": {}}] * 2}, "3.0.3"),
            ("parameter-repeated", f"{HERE}/parameters", "the parameter 'q' is declared twice"),
        ),
        (
            of_operation({"parameters": [{"name": "p", "in": "path", "required": True, "schema": {}}]}),
            ("parameter-without-place", HERE, "/x has no place for the path parameter 'p'"),
        ),
        (
            of_operation({"responses": {"200": {}}}),
            ("required", f"{HERE}/responses/200", "the key 'description' is missing"),
        ),
        (
            of_operation({"tags": ["a", "a"]}, tags=[{"name": "a"}, {"name": "a"}]),
            ("openapi", "#/tags", "Duplicate tag name 'a'"),
        ),
        (
            of_swagger(host="http://x/"),
            ("pattern", "#/host", r"'http://x/' does not match '^[^{}/ :\\\\]+(?::\\d+)?$'"),
        ),
    ],
)
def test_the_rest_of_a_document(contents: dict[str, JSON], expected: tuple[str, str, str]) -> None:
    """Keys, parameters, paths and tags."""
    assert expected in found(contents)


def test_an_operation_id_that_is_not_alone() -> None:
    """The finding is at the second operation."""
    contents = of_operation({})
    contents["paths"]["/{y}"] = {"get": {"operationId": "go", "responses": OK}}

    assert found(contents) == [
        ("operation-id-repeated", "#/paths/~1{y}/get", "another operation has the operationId 'go', too"),
        ("parameter-undeclared", "#/paths/~1{y}/get", "GET /{y} does not describe its parameter 'y'"),
    ]


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (of_swagger({"name": "b", "in": "body"}), ("required", PARAMETER, "the key 'schema' is missing")),
        (
            of_swagger({"name": "b", "in": "query", "type": "file"}),
            (
                "enum",
                f"{PARAMETER}/type",
                "'file' is not permitted here; permitted: 'string', 'number', 'boolean', 'integer', 'array'",
            ),
        ),
        (
            of_operation({}, "3.0.3", components={"securitySchemes": {"k": {"type": "apiKey", "in": "query"}}}),
            ("required", "#/components/securitySchemes/k", "the key 'name' is missing"),
        ),
        (
            of_operation({"parameters": [{"name": "q", "in": "query", "style": "simple", "schema": {}}]}, "3.0.3"),
            (
                "enum",
                f"{PARAMETER}/style",
                "'simple' is not permitted here; permitted: 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'",
            ),
        ),
        (
            of_schema({"additionalProperties": {"type": "any"}}, "3.0.3"),
            (
                "enum",
                f"{PARAMETER}/schema/additionalProperties/type",
                "'any' is not permitted here; permitted: 'array', 'boolean', 'integer', 'number', 'object', 'string'",
            ),
        ),
        (
            of_operation({"requestBody": {"description": None, "content": {}}}, "3.0.3"),
            ("type", f"{HERE}/requestBody/description", "null is not of type 'string'"),
        ),
    ],
)
def test_the_shape_that_was_meant(contents: dict[str, JSON], expected: tuple[str, str, str]) -> None:
    """Where one of several would do, the finding is what is wrong by the one that the value names."""
    assert found(contents) == [expected]


def test_keys_with_a_fault_in_their_values() -> None:
    """The validator also calls them unevaluated, which says nothing new."""
    scheme = {"type": "oauth2", "flows": {"implicit": {"scopes": {}}}}

    assert found(of_operation({}, components={"securitySchemes": {"o": scheme}})) == [
        ("required", "#/components/securitySchemes/o/flows/implicit", "the key 'authorizationUrl' is missing")
    ]


def test_places_behind_references() -> None:
    """A finding is where the document has the value, however it was reached."""
    contents = of_schema({"$ref": "#/components/schemas/A"}, A={"type": "string", "default": 5})

    assert found(contents) == [("type", "#/components/schemas/A/default", "5 is not of type 'string'")]


def test_references_to_nothing() -> None:
    """The validator stops at each; what is beside them is validated."""
    lost, faulty = {"$ref": "#/components/schemas/No"}, {"type": "integer", "default": "x"}
    contents = of_operation({"responses": {"200": {"description": "", "content": {"a/b": {"schema": lost}}}}})
    contents["paths"]["/y"] = {"get": {"parameters": [{"name": "q", "in": "query", "schema": faulty}], "responses": OK}}

    (missing, other) = found(contents)

    assert missing[:2] == ("reference-missing", f"{HERE}/responses/200/content/a~1b/schema")
    assert missing[2].endswith("cannot be followed; the rest is not validated")
    assert other[1] == "#/paths/~1y/get/parameters/0/schema/default"


def test_schemas_that_are_too_deep() -> None:
    """The validator fails; that is a finding."""
    deep: JSON = {"type": "string"}
    for _ in range(2000):
        deep = {"items": deep}

    assert [rule for rule, _, _ in found(of_schema(deep, Unused=deep))] == ["gave-up"]


@pytest.mark.parametrize("reference", ["http://127.0.0.1:{port}/s.json", "file://{file}", "{file}"])
def test_nothing_is_fetched(tmp_path: Path, reference: str) -> None:
    """No other host is asked and no other file opened, also for a default that would be validated by it."""
    secret = tmp_path / "SECRET.json"
    secret.write_text('{"type": "integer", "title": "SECRET-CONTENT"}')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        target = {"$ref": reference.format(port=listener.getsockname()[1], file=secret)}
        contents = of_schema({"allOf": [target], "default": "x"})

        findings = strict_findings(Document(contents))

        with pytest.raises(BlockingIOError):
            listener.accept()
    assert not any("SECRET-CONTENT" in problem.message for problem in findings)


def test_the_document_is_left_alone() -> None:
    """A copy is validated."""
    contents = of_operation({})
    before = json.dumps(contents)

    strict_findings(Document(contents))

    assert json.dumps(contents) == before
