"""What OpenAPI 3.2 adds, where no module's own tests have it."""

from __future__ import annotations

import json

import pytest

from dynclient.client import Client
from dynclient.documents.document import Document
from dynclient.mock import MockApp, serve
from dynclient.openapi.index import Entry, read_entries, read_tags
from dynclient.openapi.model import MediaType, OAuthFlow, Schema, SecurityScheme
from dynclient.openapi.reader import read_operation
from dynclient.openapi.security import read_security_schemes
from dynclient.types import JSON, UNSET
from tests.conftest import Loopback
from tests.places import SPECS

ADDITIONAL: dict[str, JSON] = {
    "/x/{id}": {
        "parameters": [{"name": "id", "in": "path", "schema": {"type": "integer"}}],
        "get": {"operationId": "getX", "responses": {"200": {"description": "ok"}}},
        "query": {
            "operationId": "queryX",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"description": "ok"}},
        },
        "additionalOperations": {
            "LINK": {"operationId": "linkX", "responses": {"200": {"description": "ok"}}},
            "copy": {"responses": {"204": {"description": "ok"}}},
        },
    }
}


def document(paths: JSON, **more: JSON) -> Document:
    return Document({"openapi": "3.2.0", "paths": paths, **more})


def content(node: JSON, name: str = "application/json", **more: JSON) -> MediaType:
    """The only media type of an answer."""
    found = document({"/x": {"get": {"responses": {"200": {"content": {name: node}}}}}}, **more)
    (answer,) = read_operation(found, Entry("op", "get", "/x")).responses
    return answer.content[0]


def test_additional_operations() -> None:
    """They come after the others of their path, and keep the case of their methods."""
    found = document(ADDITIONAL)
    entries = read_entries(found)
    operation = read_operation(found, entries[3])

    assert [entry.route for entry in entries] == ["GET /x/{id}", "QUERY /x/{id}", "LINK /x/{id}", "copy /x/{id}"]
    assert (operation.id, operation.method, [each.name for each in operation.parameters], operation.pointer) == (
        "copy /x/{id}",
        "copy",
        ["id"],
        "#/paths/~1x~1{id}/additionalOperations/copy",
    )


@pytest.mark.parametrize("method", ["", "A B", "A\r\nB", "GET", "É"])
def test_additional_operations_of_unfit_methods(method: str) -> None:
    """No token, or one that the path has already: left out, and noted."""
    found = document({"/x": {"get": {}, "additionalOperations": {method: {}}}})

    assert [entry.route for entry in read_entries(found)] == ["GET /x"]
    assert [problem.rule for problem in found.problems] == ["method-unfit"]


def test_additional_operations_that_are_none() -> None:
    """Faulty ones are passed over; a method that could have stood beside them is taken."""
    paths = {
        "/a": {"additionalOperations": 5},
        "/b": {"additionalOperations": {"X": None}},
        "/c": {"additionalOperations": {"GET": {}}},
    }
    assert [entry.route for entry in read_entries(document(paths))] == ["GET /c"]


def test_calls_of_additional_operations(loopback: Loopback) -> None:
    """By id, and by "METHOD /path" as it is written or in lower case; the method arrives as it was published."""
    client = Client(document(ADDITIONAL), base_url=loopback.url)
    client.linkX(id=1)
    client["LINK /x/{id}"](id=2)
    client["link /x/{id}"](id=3)
    client["copy /x/{id}"](id=4)

    assert loopback.lines == ["LINK /x/1", "LINK /x/2", "LINK /x/3", "copy /x/4"]
    assert "COPY /x/{id}" not in client
    assert client["copy /x/{id}"].check(id="a")[0].rule == "type"
    assert client["copy /x/{id}"].curl(id=4).startswith("curl -X copy ")


def test_a_query_with_a_body(loopback: Loopback) -> None:
    """The method QUERY has one."""
    client = Client(document(ADDITIONAL), base_url=loopback.url)
    client.queryX(id=1, body={"a": 1})

    assert (loopback.lines, loopback.last.json) == (["QUERY /x/1"], {"a": 1})
    assert [problem.message for problem in client.queryX.check(id=1)] == ["required, but not given"]


def test_the_mock_knows_methods_by_their_case() -> None:
    """In process and over a socket."""
    app = MockApp(document(ADDITIONAL))
    client = Client(document(ADDITIONAL), base_url="http://mock.test", app=app)

    assert client["copy /x/{id}"](id=1).status_code == 204
    with serve(app) as server:
        assert Client(document(ADDITIONAL), base_url=server.url)["copy /x/{id}"](id=1).status_code == 204
    assert [(request.method, request.operation_id) for request in app.requests] == [("copy", "copy /x/{id}")] * 2


@pytest.mark.parametrize("method", ["PARAMETERS", "summary", "$ref", "servers"])
def test_methods_called_like_keys(loopback: Loopback, method: str) -> None:
    """They are methods."""
    paths = {"/x": {"additionalOperations": {method: {"parameters": [{"name": "p", "in": "query", "schema": {}}]}}}}
    Client(document(paths), base_url=loopback.url)[f"{method} /x"](p=1)

    assert loopback.lines == [f"{method} /x?p=1"]


def test_an_item_schema() -> None:
    """It stays apart from the schema of the whole."""
    item = {"type": "object"}

    assert content({"itemSchema": item}, "application/jsonl") == MediaType(
        "application/jsonl",
        pointer="#/paths/~1x/get/responses/200/content/application~1jsonl",
        item_schema=Schema(item, "#/paths/~1x/get/responses/200/content/application~1jsonl/itemSchema"),
    )


@pytest.mark.parametrize(
    ("name", "node", "written"),
    [
        ("application/jsonl", {}, b'{"data": "a"}\n'),
        ("application/x-ndjson", {"example": [{"data": "a"}, 2]}, b'{"data": "a"}\n2\n'),
        ("application/json-seq", {}, b'\x1e{"data": "a"}\n'),
        ("text/event-stream", {}, b"data: a\n\n"),
        ("text/event-stream", {"example": [{"event": "e", "data": "a\nb"}]}, b"event: e\ndata: a\ndata: b\n\n"),
        ("text/event-stream", {"example": "a"}, b"data: a\n\n"),
        ("application/json", {"example": [1]}, b"[1]"),
    ],
)
def test_sequences_of_the_mock(name: str, node: dict[str, JSON], written: bytes) -> None:
    """Item by item: those of the example, or the smallest one."""
    item = {"type": "object", "required": ["data"], "properties": {"data": {"const": "a"}}}
    paths = {"/x": {"get": {"responses": {"200": {"content": {name: {"itemSchema": item, **node}}}}}}}
    client = Client(document(paths), base_url="http://mock.test", app=MockApp(document(paths)))

    assert client["GET /x"]().content == written


@pytest.mark.parametrize(
    ("own", "base", "where"),
    [
        ("https://a.test/docs/openapi", "https://a.test/docs/openapi", "https://a.test/v1"),
        (None, "", ""),
        (5, "", ""),
    ],
)
def test_the_document_s_own_uri(own: JSON, base: str, where: str) -> None:
    """Relative servers are relative to it."""
    found = document({}, **{"$self": own}, servers=[{"url": "/v1"}])

    assert (found.base_uri, Client(found).base_url) == (base, where)


def test_the_document_s_own_uri_as_seen_from_its_url() -> None:
    """It may be relative itself."""
    found = Document({"openapi": "3.2.0", "$self": "/api/v2"}, url="https://a.test/docs/openapi.json")

    assert found.base_uri == "https://a.test/api/v2"


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ({"a": {"dataValue": {"b": 1}, "value": 2, "serializedValue": "3"}}, {"b": 1}),
        ({"a": {"value": 2, "serializedValue": "3"}}, 2),
        ({"a": {"serializedValue": '{"b": 1}'}}, {"b": 1}),
        ({"a": {"serializedValue": "{"}}, "{"),
        ({"a": {"externalValue": "https://a.test"}, "c": {"dataValue": None}}, None),
        ({"a": {"serializedValue": 5}}, UNSET),
    ],
)
def test_examples(examples: JSON, expected: JSON) -> None:
    """Data is taken before what is serialized, which is read where it is JSON."""
    assert content({"examples": examples}).example == expected


def test_an_example_in_text() -> None:
    """It is its own serialization."""
    assert content({"examples": {"a": {"serializedValue": "5"}}}, "text/plain").example == "5"


def test_a_serialized_example_of_a_parameter() -> None:
    """Its styles are not undone for an example."""
    node = {"name": "p", "in": "query", "examples": {"a": {"serializedValue": "p=5"}, "b": {"dataValue": 6}}}
    found = read_operation(document({"/x": {"get": {"parameters": [node]}}}), Entry("op", "get", "/x"))

    assert found.parameters[0].example == 6


def test_shared_media_types() -> None:
    """A media type may be a reference."""
    components = {"mediaTypes": {"Lines": {"itemSchema": {"type": "string"}}}}

    assert content({"$ref": "#/components/mediaTypes/Lines"}, "application/jsonl", components=components) == MediaType(
        "application/jsonl",
        pointer="#/paths/~1x/get/responses/200/content/application~1jsonl",
        item_schema=Schema({"type": "string"}, "#/components/mediaTypes/Lines/itemSchema"),
    )


def test_an_answer_without_a_description() -> None:
    """Its summary stands in."""
    responses = {"200": {"summary": "short"}, "400": {"summary": "short", "description": "long"}}
    found = read_operation(document({"/x": {"get": {"responses": responses}}}), Entry("op", "get", "/x"))

    assert [answer.description for answer in found.responses] == ["short", "long"]


CAT = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}}}
OTHER = {"type": "object", "properties": {"kind": {"type": "string"}, "name": {"type": "string", "maxLength": 3}}}


@pytest.mark.parametrize("target", ["Other", "#/components/schemas/Other"])
@pytest.mark.parametrize(
    ("pet", "names"),
    [
        ({"kind": "cat"}, []),
        ({"kind": "dog", "name": "Rex"}, []),
        ({"kind": "dog", "name": "Bello"}, ["name"]),
        ({"name": "Bello"}, ["name"]),
        ({"name": "Rex"}, []),
    ],
)
def test_a_default_mapping(target: str, pet: JSON, names: list[str]) -> None:
    """What no tag tells apart is of that schema."""
    union = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Other"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat": "#/components/schemas/Cat"},
            "defaultMapping": target,
        },
    }
    operation = {"operationId": "op", "requestBody": {"content": {"application/json": {"schema": union}}}}
    client = Client(document({"/x": {"post": operation}}, components={"schemas": {"Cat": CAT, "Other": OTHER}}))

    assert [problem.name for problem in client.op.check(body=pet)] == names


@pytest.mark.parametrize("target", ["Dog", 5])
def test_a_default_mapping_to_nothing(target: JSON) -> None:
    """It is passed over."""
    union = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, True],
        "discriminator": {"propertyName": "kind", "defaultMapping": target},
    }
    operation = {"operationId": "op", "requestBody": {"content": {"application/json": {"schema": union}}}}
    client = Client(document({"/x": {"post": operation}}, components={"schemas": {"Cat": CAT}}))

    assert client.op.check(body={"kind": "cat"}) == client.op.check(body={"kind": "dog"}) == ()


def test_what_does_no_harm() -> None:
    """Tags with a kind and a parent, the flow for devices, metadata of schemes, and nodes of XML."""
    found = document(
        {
            "/x": {
                "post": {"requestBody": {"content": {"application/json": {"schema": {"xml": {"nodeType": "cdata"}}}}}}
            }
        },
        tags=[{"name": "a", "summary": "A", "kind": "nav"}, {"name": "b", "parent": "a", "description": "B"}],
        components={
            "securitySchemes": {
                "token": {
                    "type": "oauth2",
                    "deprecated": True,
                    "oauth2MetadataUrl": "https://a.test",
                    "flows": {"deviceAuthorization": {"deviceAuthorizationUrl": "https://a.test", "scopes": {}}},
                }
            }
        },
    )

    assert Client(found)["POST /x"].check(body=5) == ()
    assert read_tags(found) == {"a": "", "b": "B"}
    assert read_security_schemes(found) == {
        "token": SecurityScheme(
            "token", "oauth2", flows=(OAuthFlow("deviceAuthorization", device_url="https://a.test"),)
        )
    }
    assert found.problems == []


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not here")
@pytest.mark.parametrize(
    ("name", "operation", "arguments", "line"),
    [
        ("redocly-oas32.yaml", "getThing", {"id": "a"}, "GET /things/a"),
        ("aiopenapi3-paths-additionalOperations.yaml", "test", {}, "test /api/data"),
    ],
)
def test_published_documents(
    loopback: Loopback, name: str, operation: str, arguments: dict[str, str], line: str
) -> None:
    """They make the calls they describe."""
    path = SPECS / name
    Client(path, base_url=loopback.url)[operation](**arguments)

    assert loopback.lines == [line]
    assert json.dumps(Client(path, base_url="http://a.test", app=MockApp(path))[operation](**arguments).data)
