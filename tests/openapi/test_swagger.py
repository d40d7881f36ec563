"""Swagger 2.0: the same operations, requests and errors as of OpenAPI 3, and pointers into the published document."""

from __future__ import annotations

import inspect
import io
import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from dynclient.cli import main
from dynclient.client import Client
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import InvalidRequest, UnknownArgument
from dynclient.http.media_types import is_form, is_multipart
from dynclient.mock import MockApp
from dynclient.mock.examples import body_example, parameter_example
from dynclient.openapi import swagger
from dynclient.openapi.index import Entry
from dynclient.openapi.model import (
    Encoding,
    Field,
    MediaType,
    OAuthFlow,
    Operation,
    Parameter,
    RequestBody,
    ResponseDescription,
    Schema,
    SecurityScheme,
    Server,
)
from dynclient.openapi.reader import read_operation
from dynclient.openapi.security import read_security_schemes
from dynclient.openapi.servers import read_servers
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON
from tests.conftest import Loopback
from tests.places import SPECS


def document(operation: JSON, item: JSON | None = None, url: str = "", **more: JSON) -> Document:
    """A document in which POST /x is this operation."""
    return Document({"swagger": "2.0", "paths": {"/x": {"post": operation, **(item or {})}}, **more}, "api.json", url)


def read(operation: JSON, **more: JSON) -> Operation:
    return read_operation(document(operation, **more), Entry("op", "post", "/x"))


def parameter(node: JSON, **more: JSON) -> Parameter:
    """The only parameter of an operation."""
    (found,) = read({"parameters": [{"name": "p", "in": "query", **node}]}, **more).parameters
    return found


def body(*parameters: JSON, **operation: JSON) -> RequestBody:
    found = read({"parameters": list(parameters), **operation}).body
    assert found is not None
    return found


def answer(response: JSON, **operation: JSON) -> tuple[MediaType, ...]:
    """The content of the only answer of an operation."""
    (found,) = read({"responses": {"200": response}, **operation}).responses
    return found.content


def names(content: tuple[MediaType, ...]) -> list[str]:
    return [media_type.name for media_type in content]


PETS: dict[str, JSON] = {
    "swagger": "2.0",
    "info": {"title": "Pets", "version": "1.0"},
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "security": [{"key": []}],
    "parameters": {
        "limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 10, "exclusiveMaximum": True}
    },
    "responses": {"Gone": {"description": "gone", "schema": {"$ref": "#/definitions/Error"}}},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"$ref": "#/parameters/limit"},
                    {"name": "tags", "in": "query", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {
                    "200": {"description": "ok", "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}},
                    "410": {"$ref": "#/responses/Gone"},
                },
            },
            "post": {
                "operationId": "addPet",
                "parameters": [
                    {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
                ],
                "responses": {"201": {"description": "made", "schema": {"$ref": "#/definitions/Pet"}}},
            },
        },
        "/pets/{id}/photo": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
            "post": {
                "operationId": "addPhoto",
                "parameters": [
                    {"name": "photo", "in": "formData", "type": "file", "required": True},
                    {"name": "title", "in": "formData", "type": "string", "maxLength": 5},
                ],
                "responses": {"204": {"description": "kept"}},
            },
        },
    },
    "definitions": {
        "Pet": {
            "type": "object",
            "discriminator": "kind",
            "required": ["kind", "name"],
            "properties": {
                "kind": {"type": "string"},
                "name": {"type": "string"},
                "owner": {"type": "string", "x-nullable": True},
                "id": {"type": "integer", "readOnly": True},
            },
        },
        "Cat": {
            "allOf": [
                {"$ref": "#/definitions/Pet"},
                {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer", "maximum": 9}}},
            ]
        },
        "Siamese": {
            "allOf": [{"$ref": "#/definitions/Cat"}],
            "x-ms-discriminator-value": "siam",
            "properties": {"blue": {"type": "boolean"}},
        },
        "Error": {"type": "object", "properties": {"message": {"type": "string"}}},
    },
}


@pytest.fixture
def pets(loopback: Loopback) -> Client:
    return Client(PETS, base_url=loopback.url, auth={"key": "k"})


@pytest.mark.parametrize("version", ["2.0", 2.0, 2])
def test_the_version(version: JSON) -> None:
    """A number is what YAML makes of one without quotes."""
    found = Document({"swagger": version, "info": {"title": "Pets", "version": "1"}})

    assert (found.version, found.is_20, found.is_30, repr(found)) == (
        "2.0",
        True,
        True,
        "<Document 'Pets' 1, Swagger 2.0>",
    )


def test_a_document_that_names_both_versions() -> None:
    """That of OpenAPI counts; the other is a leftover of a conversion."""
    assert Document({"swagger": "2.0", "openapi": "3.0.0"}).version == "3.0.0"


def test_the_contents_are_as_published() -> None:
    """Nothing is converted ahead."""
    contents = json.loads(json.dumps(PETS))
    client = Client(contents)
    assert [client.operations[key].id for key in client.operations] == ["listPets", "addPet", "addPhoto"]

    assert client.document.contents is contents
    assert contents == PETS


@pytest.mark.parametrize(
    ("contents", "url", "urls"),
    [
        ({"host": "a.test"}, "", ["https://a.test"]),
        ({"host": "a.test:8080", "basePath": "/v1", "schemes": ["http"]}, "", ["http://a.test:8080/v1"]),
        (
            {"host": "a.test", "basePath": "/", "schemes": ["http", "https", "wss"]},
            "",
            ["https://a.test", "http://a.test"],
        ),
        ({"host": "a.test", "basePath": "v1/", "schemes": []}, "", ["https://a.test/v1"]),
        ({"host": "https://a.test/", "basePath": ""}, "", ["https://a.test"]),
        ({"host": "a.test"}, "http://b.test/api.json", ["http://a.test"]),
        (
            {"host": "a.test", "schemes": ["https", "http"]},
            "http://b.test/api.json",
            ["https://a.test", "http://a.test"],
        ),
        ({"basePath": "/v1"}, "http://b.test:81/docs/api.json", ["http://b.test:81/v1"]),
        ({"basePath": "/v1", "schemes": ["https"]}, "http://b.test/api.json", ["https://b.test/v1"]),
        ({"basePath": "/v1", "schemes": ["https", "http"]}, "http://b.test:81/api.json", ["http://b.test:81/v1"]),
        ({"basePath": "/v1", "schemes": ["https"]}, "", ["/v1"]),
        ({}, "", ["/"]),
        ({"host": 5, "basePath": None, "schemes": "https"}, "", ["/"]),
        ({"host": "a.test", "schemes": ["ws"]}, "", ["https://a.test"]),
    ],
)
def test_servers(contents: dict[str, JSON], url: str, urls: list[str]) -> None:
    """Of host, basePath and schemes; https first, and what is missing as the document was reached."""
    found = document({}, url=url, **contents)

    assert read_servers(found) == tuple(map(Server, urls))
    assert read_operation(found, Entry("op", "post", "/x")).servers == tuple(map(Server, urls))


def test_schemes_of_an_operation() -> None:
    """They replace the document's."""
    assert read({"schemes": ["http"]}, host="a.test", schemes=["https"]).servers == (Server("http://a.test"),)


def test_a_document_without_a_host_needs_a_base_url(loopback: Loopback) -> None:
    """The refusal says what to give."""
    with pytest.raises(Exception, match=r"pass base_url='https://\.\.\.'"):
        Client(PETS).listPets()


@pytest.mark.parametrize(
    ("node", "style", "explode"),
    [
        ({}, "form", False),
        ({"collectionFormat": "csv"}, "form", False),
        ({"collectionFormat": "ssv"}, "spaceDelimited", False),
        ({"collectionFormat": "tsv"}, "tabDelimited", False),
        ({"collectionFormat": "pipes"}, "pipeDelimited", False),
        ({"collectionFormat": "multi"}, "form", True),
        ({"in": "header"}, "simple", False),
        ({"in": "header", "collectionFormat": "pipes"}, "pipeDelimited", False),
    ],
)
def test_collection_formats(node: dict[str, JSON], style: str, explode: bool) -> None:
    """Each is a style."""
    found = parameter({"type": "array", "items": {"type": "string"}, **node})

    assert (found.style, found.explode) == (style, explode)


@pytest.mark.parametrize("node", [{"collectionFormat": "xsv"}, {"collectionFormat": ["csv"]}])
def test_unknown_collection_formats(node: dict[str, JSON]) -> None:
    """The default is used, and noted."""
    found = document({"parameters": [{"name": "p", "in": "query", "type": "array", **node}]})
    (read_one,) = read_operation(found, Entry("op", "post", "/x")).parameters

    assert (read_one.style, read_one.explode) == ("form", False)
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("collection-format", "#/paths/~1x/post/parameters/0")
    ]


def test_multi_exists_in_query_and_forms_only() -> None:
    """In a header it is noted, and written as csv."""
    found = document({"parameters": [{"name": "p", "in": "header", "type": "array", "collectionFormat": "multi"}]})
    (read_one,) = read_operation(found, Entry("op", "post", "/x")).parameters

    assert (read_one.style, read_one.explode) == ("simple", False)
    assert [problem.message for problem in found.problems] == [
        "collectionFormat 'multi' does not exist in header; csv is used"
    ]


@pytest.mark.parametrize(
    ("location", "collection_format", "written"),
    [
        ("query", "csv", "/x?p=a%20b,c%7Cd"),
        ("query", "ssv", "/x?p=ab%20c%7Cd"),
        ("query", "tsv", "/x?p=a%20b%09c%7Cd"),
        ("query", "pipes", "/x?p=a%20b%7Cc%2Cd"),
        ("query", "multi", "/x?p=a%20b&p=c%2Cd"),
        ("path", "csv", "/x/a%20b,c"),
        ("path", "ssv", "/x/a%20c"),
        ("path", "tsv", "/x/a%20b%09c"),
        ("path", "pipes", "/x/a%20b%7Cc"),
    ],
)
def test_arrays_on_the_wire(loopback: Loopback, location: str, collection_format: str, written: str) -> None:
    """Every collection format, as it arrives; the mock reads the same back."""
    path = "/x/{p}" if location == "path" else "/x"
    items = {"type": "array", "items": {"type": "string"}, "collectionFormat": collection_format, "required": True}
    operation = {"operationId": "op", "parameters": [{"name": "p", "in": location, **items}], "responses": {}}
    contents = {"swagger": "2.0", "paths": {path: {"get": operation}}}
    value = {
        "/x?p=a%20b,c%7Cd": ["a b", "c|d"],
        "/x?p=ab%20c%7Cd": ["ab", "c|d"],
        "/x?p=a%20b%09c%7Cd": ["a b", "c|d"],
        "/x?p=a%20b%7Cc%2Cd": ["a b", "c,d"],
        "/x?p=a%20b&p=c%2Cd": ["a b", "c,d"],
        "/x/a%20c": ["a", "c"],
    }.get(written, ["a b", "c"])
    Client(contents, base_url=loopback.url).op(p=value)

    assert loopback.lines == [f"GET {written}"]
    assert Client(contents, base_url="http://mock.test", app=MockApp(contents)).op(p=value).status_code == 204


@pytest.mark.parametrize(
    ("collection_format", "written"), [("csv", "a b,c"), ("tsv", "a b\tc"), ("pipes", "a b|c"), ("ssv", "ab c")]
)
def test_arrays_in_a_header(loopback: Loopback, collection_format: str, written: str) -> None:
    """Without escapes."""
    node = {"name": "X-P", "in": "header", "type": "array", "items": {"type": "string"}}
    operation = {"parameters": [{**node, "collectionFormat": collection_format}], "operationId": "op", "responses": {}}
    contents = {"swagger": "2.0", "paths": {"/x": {"get": operation}}}
    value = ["ab" if collection_format == "ssv" else "a b", "c"]
    Client(contents, base_url=loopback.url).op(x_p=value)

    assert loopback.last.headers["x-p"] == written
    assert Client(contents, base_url="http://mock.test", app=MockApp(contents)).op(x_p=value).status_code == 204


NESTED = {
    "type": "array",
    "collectionFormat": "csv",
    "items": {
        "type": "array",
        "collectionFormat": "pipes",
        "items": {"type": "array", "items": {"type": "integer", "minimum": 2}},
    },
}


def test_arrays_inside_arrays(loopback: Loopback) -> None:
    """The items' own collection formats join what is inside; csv where they say nothing."""
    operation = {"operationId": "op", "parameters": [{"name": "p", "in": "query", **NESTED}], "responses": {}}
    contents = {"swagger": "2.0", "paths": {"/x": {"get": operation}}}
    Client(contents, base_url=loopback.url).op(p=[[[2, 3], [4]], [[5]]])

    assert loopback.lines == ["GET /x?p=2%2C3%7C4,5"]
    mock = Client(contents, base_url="http://mock.test", app=MockApp(contents))
    assert mock.op(p=[[[2, 3], [4]], [[5]]]).status_code == 204
    assert mock.op.check(p=[[[2, 1]]])[0].schema_pointer == "#/paths/~1x/get/parameters/0/items/items/items/minimum"


def test_an_inner_delimiter_in_a_text_is_refused() -> None:
    """It would read as two items."""
    items = {"type": "array", "collectionFormat": "pipes", "items": {"type": "string"}}
    operation = {"operationId": "op", "parameters": [{"name": "p", "in": "query", "type": "array", "items": items}]}
    client = Client({"swagger": "2.0", "paths": {"/x": {"get": operation}}})

    (problem,) = client.op.check(p=[["a"], ["b", "c|d"]])
    assert (problem.name, problem.value, problem.message) == (
        "p[1][1]",
        "c|d",
        "the text holds '|', which stands between the members here",
    )


def test_a_parameter() -> None:
    """It is its own schema; its description, example and only value are there as in OpenAPI 3."""
    node = {
        "name": "p",
        "in": "query",
        "required": True,
        "type": "string",
        "enum": ["a"],
        "default": "a",
        "description": "said",
        "x-more": 1,
    }
    assert parameter(node) == Parameter(
        name="p",
        location="query",
        spelling="p",
        style="form",
        explode=False,
        required=True,
        schema=Schema(node, "#/paths/~1x/post/parameters/0"),
        description="said",
        only_value="a",
        pointer="#/paths/~1x/post/parameters/0",
    )


def test_a_parameter_without_a_type() -> None:
    """It may be anything."""
    client = Client(document({"operationId": "op", "parameters": [{"name": "p", "in": "query"}]}))

    assert client.op.check(p=5) == client.op.check(p=["a"]) == ()


def test_shared_parameters() -> None:
    """By reference they keep their place; an operation replaces those of its path."""
    found = document(
        {"parameters": [{"$ref": "#/parameters/p"}, {"name": "q", "in": "query", "type": "integer"}]},
        {"parameters": [{"name": "q", "in": "query", "type": "string"}, {"name": "r", "in": "header"}]},
        parameters={"p": {"name": "p", "in": "query", "type": "string"}},
    )
    operation = read_operation(found, Entry("op", "post", "/x"))

    assert {each.name: each.pointer for each in operation.parameters} == {
        "q": "#/paths/~1x/post/parameters/1",
        "r": "#/paths/~1x/parameters/1",
        "p": "#/parameters/p",
    }


def test_a_body() -> None:
    """The schema stays where it is; the media types are those that the operation consumes."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "example": {"a": "b"}}
    node = {"name": "pet", "in": "body", "required": True, "description": "d", "schema": schema}
    at = Schema(schema, "#/paths/~1x/post/parameters/0/schema")

    assert body(node, consumes=["application/json", "application/xml"]) == RequestBody(
        content=(
            MediaType("application/json", at, example={"a": "b"}, pointer="#/paths/~1x/post/consumes/0"),
            MediaType("application/xml", at, example={"a": "b"}, pointer="#/paths/~1x/post/consumes/1"),
        ),
        required=True,
        description="d",
        fields=(Field("a", Schema({"type": "string"}, f"{at.pointer}/properties/a")),),
        name="pet",
    )


@pytest.mark.parametrize(
    ("operation", "contents", "expected"),
    [
        ({}, {}, ["application/json"]),
        ({}, {"consumes": ["text/plain"]}, ["text/plain"]),
        ({"consumes": ["application/xml"]}, {"consumes": ["text/plain"]}, ["application/xml"]),
        ({"consumes": []}, {"consumes": ["text/plain"]}, ["application/json"]),
        ({"consumes": None}, {"consumes": ["text/plain", 5, "text"]}, ["text/plain"]),
    ],
)
def test_what_is_consumed(operation: dict[str, JSON], contents: dict[str, JSON], expected: list[str]) -> None:
    """An operation's list replaces the document's, also an empty one; without any it is JSON."""
    found = read({"parameters": [{"name": "b", "in": "body", "schema": {}}], **operation}, **contents).body

    assert found is not None
    assert names(found.content) == expected


def test_a_body_without_a_schema() -> None:
    """It may be anything."""
    assert body({"name": "b", "in": "body"}).content == (MediaType("application/json", pointer="#/paths/~1x/post"),)


@pytest.mark.parametrize(
    ("kind", "consumes", "expected"),
    [
        ("string", None, ["application/x-www-form-urlencoded"]),
        ("string", ["application/json"], ["application/x-www-form-urlencoded"]),
        ("string", ["multipart/form-data"], ["multipart/form-data"]),
        (
            "string",
            ["application/x-www-form-urlencoded; charset=utf-8", "multipart/form-data"],
            ["application/x-www-form-urlencoded; charset=utf-8", "multipart/form-data"],
        ),
        ("file", None, ["multipart/form-data"]),
        ("file", ["application/octet-stream"], ["multipart/form-data"]),
        ("file", ["application/x-www-form-urlencoded", "multipart/form-data"], ["multipart/form-data"]),
    ],
)
def test_media_types_of_a_form(kind: str, consumes: JSON, expected: list[str]) -> None:
    """A form without files unless it says otherwise; a file needs parts."""
    assert names(body({"name": "f", "in": "formData", "type": kind}, consumes=consumes).content) == expected


def test_a_form() -> None:
    """Each parameter is a field, and its own schema."""
    name = {"name": "name", "in": "formData", "type": "string", "required": True, "description": "d"}
    tags = {"name": "tags", "in": "formData", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"}
    at = "#/paths/~1x/post/parameters"

    assert body(name, tags) == RequestBody(
        content=(
            MediaType(
                "application/x-www-form-urlencoded",
                Schema(
                    {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"$ref": f"{at}/0"}, "tags": {"$ref": f"{at}/1"}},
                    },
                    at,
                ),
                {"tags": Encoding(None, "form", True)},
                pointer="#/paths/~1x/post",
            ),
        ),
        required=True,
        fields=(Field("name", Schema(name, f"{at}/0"), True, "d"), Field("tags", Schema(tags, f"{at}/1"))),
    )


@pytest.mark.parametrize(
    ("collection_format", "sent"),
    [
        ("csv", b"t=a+b,c&n=5"),
        ("ssv", b"t=ab+c&n=5"),
        ("tsv", b"t=a+b%09c&n=5"),
        ("pipes", b"t=a+b%7Cc&n=5"),
        ("multi", b"t=a+b&t=c&n=5"),
    ],
)
def test_arrays_in_a_form(loopback: Loopback, collection_format: str, sent: bytes) -> None:
    """As in a query; the mock reads them back."""
    tags = {"type": "array", "items": {"type": "string", "maxLength": 3}, "collectionFormat": collection_format}
    fields = [{"name": "t", "in": "formData", **tags}, {"name": "n", "in": "formData", "type": "integer"}]
    contents = {"swagger": "2.0", "paths": {"/x": {"post": {"operationId": "op", "parameters": fields}}}}
    value = ["ab" if collection_format == "ssv" else "a b", "c"]
    Client(contents, base_url=loopback.url).op(t=value, n=5)

    assert loopback.last.body == sent
    assert Client(contents, base_url="http://mock.test", app=MockApp(contents)).op(t=value, n=5).status_code == 204


def test_form_fields_of_the_path() -> None:
    """Shared ones count; an operation replaces them, and references lead to where they are."""
    found = document(
        {"parameters": [{"name": "a", "in": "formData", "type": "integer"}, {"$ref": "#/parameters/c"}]},
        {"parameters": [{"name": "a", "in": "formData"}, {"name": "b", "in": "formData", "type": "string"}]},
        parameters={"c": {"name": "c", "in": "formData", "type": "file"}},
    )
    form = read_operation(found, Entry("op", "post", "/x")).body

    assert form is not None
    assert {field.name: field.schema.pointer for field in form.fields} == {
        "a": "#/paths/~1x/post/parameters/0",
        "b": "#/paths/~1x/parameters/1",
        "c": "#/parameters/c",
    }


def test_a_body_beside_a_form() -> None:
    """Only one of them can be sent: the body."""
    found = document({"parameters": [{"name": "f", "in": "formData"}, {"name": "b", "in": "body", "schema": {}}]})
    read_body = read_operation(found, Entry("op", "post", "/x")).body

    assert read_body is not None
    assert (read_body.name, names(read_body.content)) == ("b", ["application/json"])
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("body-and-form", "#/paths/~1x/post/parameters/1")
    ]


def test_two_bodies() -> None:
    """The last one described is used, so that an operation replaces its path's."""
    found = document(
        {"parameters": [{"name": "own", "in": "body"}]}, {"parameters": [{"name": "shared", "in": "body"}]}
    )
    read_body = read_operation(found, Entry("op", "post", "/x")).body

    assert read_body is not None
    assert read_body.name == "own"
    assert [problem.rule for problem in found.problems] == ["body-repeated"]


@pytest.mark.parametrize(
    ("response", "operation", "expected"),
    [
        ({"schema": {}}, {"produces": ["application/json", "text/csv"]}, ["application/json", "text/csv"]),
        ({"schema": {}}, {}, ["*/*"]),
        ({"schema": {}, "examples": {"text/csv": "a,b"}}, {}, ["text/csv"]),
        ({"schema": {}, "examples": {"text/csv": "a"}}, {"produces": ["a/b"]}, ["a/b", "text/csv"]),
        ({"schema": {"type": "file"}}, {}, ["application/octet-stream"]),
        ({"schema": {"type": "file"}}, {"produces": ["image/png"]}, ["image/png"]),
        ({}, {"produces": ["application/json"]}, []),
        ({"examples": {"application/json": 1}}, {"produces": ["text/csv", "application/json"]}, ["application/json"]),
        ({"examples": {"one": 1}}, {}, []),
    ],
)
def test_media_types_of_an_answer(response: JSON, operation: dict[str, JSON], expected: list[str]) -> None:
    """What is produced or there are examples of, else anything; nothing where no content is described."""
    assert names(answer(response, **operation)) == expected


def test_an_answer() -> None:
    """Examples go to the media type they are of; schemas stay where they are, behind references too."""
    found = read(
        {"responses": {"200": {"$ref": "#/responses/Ok"}, "x-more": 1}},
        produces=["text/csv", "application/json"],
        responses={
            "Ok": {
                "description": "ok",
                "schema": {"type": "object", "example": {"b": 2}},
                "examples": {"application/json; charset=utf-8": {"a": 1}},
            }
        },
    )
    schema = Schema({"type": "object", "example": {"b": 2}}, "#/responses/Ok/schema")

    assert found.responses == (
        ResponseDescription(
            "200",
            "ok",
            (
                MediaType("text/csv", schema, example={"b": 2}, pointer="#/produces/0"),
                MediaType("application/json", schema, example={"a": 1}, pointer="#/produces/1"),
            ),
        ),
    )


def test_headers_of_an_answer() -> None:
    """They have the keywords of a schema beside each other, and a collection format."""
    node = {"type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"}
    (answer,) = read({"responses": {"200": {"headers": {"X-Ids": node}}}}).responses
    pointer = "#/paths/~1x/post/responses/200/headers/X-Ids"
    own = {**node, "name": "X-Ids", "in": "header"}

    assert answer.headers == (
        Parameter(
            "X-Ids", "header", "x_ids", "pipeDelimited", explode=False, schema=Schema(own, pointer), pointer=pointer
        ),
    )


def test_security_schemes() -> None:
    """As OpenAPI 3 has them; what the document adds stays."""
    found = Document(
        {
            "swagger": "2.0",
            "securityDefinitions": {
                "user": {"type": "basic", "description": "d"},
                "key": {"type": "apiKey", "name": "k", "in": "query", "x-credential-env": "PETS_KEY"},
                "token": {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://a.test", "scopes": {}},
                "faulty": 5,
            },
        }
    )

    assert read_security_schemes(found) == {
        "user": SecurityScheme("user", "http", scheme="basic", spelling="basic", description="d"),
        "key": SecurityScheme("key", "apiKey", parameter="k", location="query", environment="PETS_KEY"),
        "token": SecurityScheme("token", "oauth2", flows=(OAuthFlow("implicit", authorization_url="https://a.test"),)),
        "faulty": SecurityScheme("faulty", ""),
    }


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ("implicit", "implicit"),
        ("password", "password"),
        ("application", "clientCredentials"),
        ("accessCode", "authorizationCode"),
    ],
)
def test_flows(flow: str, name: str) -> None:
    """Each has its name in OpenAPI 3."""
    urls = {"authorizationUrl": "https://a.test/auth", "tokenUrl": "https://a.test/token", "scopes": {"read": "r"}}
    node = {"type": "oauth2", "flow": flow, "x-more": 1, **urls}

    assert swagger.security_schemes({"token": node}) == {
        "token": {"type": "oauth2", "x-more": 1, "flows": {name: urls}}
    }
    assert swagger.security_schemes({"token": {**node, "flow": "other"}}) == {
        "token": {"type": "oauth2", "x-more": 1, "flows": {}}
    }


def test_a_call(pets: Client, loopback: Loopback) -> None:
    """With parameters of the document, credentials and a body."""
    pets.listPets(limit=3, tags=["a", "b"])
    pets.addPet(pet={"kind": "Cat", "name": "Tom", "lives": 9})

    assert loopback.lines == ["GET /pets?limit=3&tags=a,b", "POST /pets"]
    assert loopback.last.seen("X-Key", "Accept", "Content-Type") == (
        "POST",
        "/pets",
        {"X-Key": "k", "Accept": "application/json", "Content-Type": "application/json"},
    )
    assert loopback.last.json == {"kind": "Cat", "name": "Tom", "lives": 9}


def test_the_body_by_its_name(pets: Client, loopback: Loopback) -> None:
    """The name that the document gives it is a keyword for the whole body."""
    pets.addPet(pet={"kind": "Pet", "name": "Rex"})

    assert loopback.last.json == {"kind": "Pet", "name": "Rex"}
    with pytest.raises(UnknownArgument):
        pets.addPet(pet={"kind": "Pet", "name": "Rex"}, body={})


def test_the_body_s_name_may_be_a_field_s() -> None:
    """Then the field is meant."""
    node = {"name": "pet", "in": "body", "schema": {"properties": {"pet": {"type": "string"}}}}
    client = Client(document({"operationId": "op", "parameters": [node]}, host="a.test"))

    assert client.op.prepare(pet="Rex").body == b'{"pet":"Rex"}'


def test_an_upload(pets: Client, loopback: Loopback) -> None:
    """A file is a part, as are the fields beside it."""
    pets.addPhoto(id=7, photo=("cat.png", io.BytesIO(b"\x89PNG"), "image/png"), title="Tom")

    assert loopback.lines == ["POST /pets/7/photo"]
    assert loopback.last.parts == [
        ("photo", "cat.png", "image/png", b"\x89PNG"),
        ("title", None, "text/plain", b"Tom"),
    ]


@pytest.mark.parametrize(
    ("operation", "arguments", "where", "message", "pointer"),
    [
        ("listPets", {"limit": 10}, "query limit", "10 is not less than 10", "#/parameters/limit/exclusiveMaximum"),
        (
            "addPet",
            {"pet": {"kind": "Cat", "name": "Tom", "lives": 10}},
            "body lives",
            "10 is more than the maximum of 9",
            "#/definitions/Cat/allOf/1/properties/lives/maximum",
        ),
        (
            "addPhoto",
            {"id": 1, "photo": b"x", "title": "too long"},
            "body title",
            "'too long' is 8 characters long; the maximum is 5",
            "#/paths/~1pets~1{id}~1photo/post/parameters/1/maxLength",
        ),
        (
            "addPhoto",
            {"id": 1, "body": {}},
            "body photo",
            "required, but not given",
            "#/paths/~1pets~1{id}~1photo/post/parameters",
        ),
    ],
)
def test_a_wrong_call(
    pets: Client, operation: str, arguments: dict[str, JSON], where: str, message: str, pointer: str
) -> None:
    """What is wrong is said, with where the published document says so."""
    (problem,) = pets[operation].check(**arguments)

    assert (f"{problem.location} {problem.name}", problem.message, problem.schema_pointer) == (where, message, pointer)


def test_a_missing_argument(pets: Client) -> None:
    """Fields of a form and of a body are asked for by name."""
    with pytest.raises(InvalidRequest, match="body photo: required, but not given"):
        pets.addPhoto(id=1, title="Tom")


@pytest.mark.parametrize(
    ("pet", "names_of_problems"),
    [
        ({"kind": "Pet", "name": "Tom"}, []),
        ({"kind": "Dog", "name": "Rex"}, ["kind"]),
        ({"kind": "Cat", "name": "Tom", "lives": 9}, []),
        ({"kind": "Cat", "name": "Tom"}, ["lives"]),
        ({"kind": "siam", "name": "Tom"}, ["lives"]),
        ({"kind": "siam", "name": "Tom", "lives": 9, "blue": 1}, ["blue"]),
        ({"kind": "Siamese", "name": "Tom"}, []),
        ({"name": "Tom"}, ["kind"]),
        ({"kind": "Pet", "name": "Tom", "owner": None}, []),
        ({"kind": "Pet", "name": None}, ["name"]),
    ],
)
def test_a_discriminator(pets: Client, pet: JSON, names_of_problems: list[str]) -> None:
    """The tag names the definition that a value must fit; one that names none is refused."""
    assert [problem.name for problem in pets.addPet.check(body=pet)] == names_of_problems


def test_a_discriminator_of_what_no_definition_extends() -> None:
    """It says nothing; nor does one of a schema that is no definition."""
    inner = {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}}
    schema = {"type": "object", "discriminator": "kind", "properties": {"inner": inner}}
    operation = {"operationId": "op", "parameters": [{"name": "b", "in": "body", "schema": schema}]}
    client = Client(document(operation, definitions={"A": {"allOf": "faulty"}, "B": 5}))

    assert client.op.check(body={"kind": "A", "inner": {"kind": "B"}}) == ()


def test_definitions_that_extend_others() -> None:
    """Directly, by another name, or through others."""
    definitions = {
        "A": {"discriminator": "t", "properties": {"t": {"type": "string"}}},
        "Alias": {"$ref": "#/definitions/A"},
        "B": {"allOf": [{"$ref": "#/definitions/Alias"}], "required": ["b"], "discriminator": "t"},
        "C": {"allOf": [{"$ref": "#/definitions/B"}, {"$ref": "#/definitions/A"}], "required": ["c"]},
    }
    node = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}
    client = Client(document({"operationId": "op", "parameters": [node]}, definitions=definitions))

    assert [problem.name for problem in client.op.check(body={"t": "C"})] == ["c", "b"]
    assert [problem.name for problem in client.op.check(body={"t": "B"})] == ["b"]
    assert client.op.check(body={"t": "A"}) == ()


def test_definitions_that_extend_each_other() -> None:
    """A circle of them is walked once."""
    definitions = {
        "A": {"discriminator": "t", "required": ["t"], "properties": {"t": {"type": "string"}}},
        "B": {"allOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/C"}]},
        "C": {"allOf": [{"$ref": "#/definitions/B"}]},
    }
    node = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}
    client = Client(document({"operationId": "op", "parameters": [node]}, definitions=definitions))

    assert client.op.check(body={"t": "A"}) == ()
    assert [problem.name for problem in client.op.check(body={})] == ["t"]


def test_a_pickled_client(loopback: Loopback) -> None:
    """It makes the same calls."""
    client = pickle.loads(pickle.dumps(Client(PETS, base_url=loopback.url)))
    client.addPet(name="Tom", kind="Pet")

    assert loopback.lines == ["POST /pets"]


def test_the_mock(pets: Client) -> None:
    """It answers every operation, and validates what it gets."""
    mock = Client(PETS, base_url="http://mock.test", app=MockApp(PETS))

    assert mock.listPets(limit=1, tags=["a"]).data == []
    assert mock.addPet(kind="Pet", name="Tom").data["name"] == "string"
    assert mock.addPhoto(id=1, photo=b"x", title="Tom").status_code == 204
    with pytest.raises(InvalidRequest):
        mock.listPets(limit=10)


def test_help(pets: Client) -> None:
    """As of any other document."""
    assert str(pets.addPhoto.__doc__).startswith(
        "addPhoto\n\nPOST /pets/{id}/photo\n\nCall:\n  client.addPhoto(id=..., photo=...)\n\n"
        "Required:\n  id (path, integer)\n  photo (body, file)\n\n"
        "Optional:\n  title (body, string, at most 5 characters)\n\n"
        "Body: required, multipart/form-data. Give its fields as arguments, or all of\nit by body={...}.\n\n"
        "Answers:\n  204\n      kept\n\nErrors:\n"
    )


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Operations are listed, explained and called."""
    path = tmp_path / "pets.json"
    path.write_text(json.dumps({**PETS, "host": "pets.test"}))

    assert main([str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["listPets", "GET", "/pets"]
    assert main([str(path), "addPet", "--help"]) == 0
    assert "Required:\n  kind (body, string)" in capsys.readouterr().out
    assert main([str(path), "addPet", "kind=Pet", "name=Tom", "--mock"]) == 0
    assert json.loads(capsys.readouterr().out) == {"kind": "Cat", "name": "string", "lives": 0}


def test_paths_with_escapes(loopback: Loopback) -> None:
    """In lower case too, they reach the mock and the server."""
    field = {"name": "a%20b", "in": "formData", "type": "integer"}
    contents = {"swagger": "2.0", "paths": {"/a%2cb": {"post": {"operationId": "op", "parameters": [field]}}}}
    client = Client(contents, base_url=loopback.url)
    client.op(body={"a%20b": 5})

    assert (loopback.lines, loopback.last.body) == (["POST /a%2Cb"], b"a%2520b=5")
    mock = Client(contents, base_url="http://mock.test", app=MockApp(contents))
    assert mock.op(body={"a%20b": 5}).status_code == 204
    (problem,) = client.op.check(body={"a%20b": "x"})
    assert (problem.pointer, problem.schema_pointer) == ("/a%20b", "#/paths/~1a%252cb/post/parameters/0/type")


def test_text_is_no_file(pets: Client) -> None:
    """As in OpenAPI 3: it would be sent as the content, where it may be the name."""
    (problem,) = pets.addPhoto.check(id=1, photo="photo.png")

    assert str(problem).startswith("body photo: text is not a file: give Path('photo.png')")


def test_references_to_nothing() -> None:
    """The error of the operation says which; others work."""
    found = document({"parameters": [{"$ref": "#/parameters/none"}]})
    (problem,) = read_operation(found, Entry("op", "post", "/x")).unread
    assert "#/parameters/none" in problem.message


def _published() -> list[Mapping[str, JSON]]:
    if not (SPECS / "index.json").is_file():
        return []
    rows: list[Mapping[str, JSON]] = json.loads((SPECS / "index.json").read_text())
    return [row for row in rows if row["version"] == "2.0"]


# Their examples cannot be sent: an empty path segment, an example that breaks its own schema, data as bytes.
_LEFT = {"paths_stringEmpty", "paths_byteEmpty", "ContainerCreate", "formdata_UploadFileViaBody"}


@pytest.mark.skipif(not _published(), reason="the published documents are not here")
@pytest.mark.parametrize("row", _published(), ids=lambda row: row["name"])
def test_published_documents(row: Mapping[str, JSON]) -> None:
    """Every operation is there, and its call can be made from the document's own examples."""
    found = parse(load(SPECS / row["file"]))
    client = Client(found, base_url="http://mock.test")
    schemas, forms = Lowering(found, "request"), Lowering(found, "request", form=True)
    refused = set()
    for name, operation in client.operations.items():
        arguments = {
            f"{each.location}_{each.spelling}": parameter_example(each, schemas)
            for each in operation.parameters
            if each.required
        }
        arguments = {_keyword(client, name, keyword): value for keyword, value in arguments.items()}
        if operation.body is not None:
            media_type = operation.body.content[0]
            is_one = is_form(media_type.name) or is_multipart(media_type.name)
            arguments["body"] = body_example(media_type, forms if is_one else schemas)
        try:
            client[name].prepare(**arguments)
        except InvalidRequest:
            refused.add(name)

    assert len(client.operations) == row["operations"]
    assert refused <= _LEFT
    assert {problem.rule for problem in found.problems} <= {"reference-siblings", "security-scheme-unknown"}


def _keyword(client: Client, name: str, keyword: str) -> str:
    """The keyword without its location where it needs none."""
    return keyword if keyword in inspect.signature(client[name]).parameters else keyword.partition("_")[2]
