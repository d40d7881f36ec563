"""Every reference of a document leads nowhere in turn: all that reads documents goes on, and the fault is listed."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator

import pytest

import dynclient
from dynclient.cli.check import _report, _show
from dynclient.cli.listing import show_operations
from dynclient.diff.comparison import compare
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError
from dynclient.mock import MockApp
from dynclient.types import JSON
from dynclient.validation.documents import check_document, inspect_document
from tests.places import SPECS

NOWHERE = "#/nowhere/at/all"


def ref(*steps: str) -> dict[str, JSON]:
    return {"$ref": "#/" + "/".join(steps)}


def component(kind: str, name: str = "A") -> dict[str, JSON]:
    return ref("components", kind, name)


def of_version(version: str) -> dict[str, JSON]:
    """A reference wherever OpenAPI 3 or a published document has one."""
    media_type: JSON = {
        "schema": component("schemas"),
        "encoding": {"part": {"contentType": "text/plain", "headers": {"X-Part": component("headers")}}},
        "examples": {"one": component("examples")},
    }
    operation: JSON = {
        "operationId": "op",
        "tags": ["things"],
        "parameters": [component("parameters"), {"name": "r", "in": "query", "schema": component("schemas", "Text")}],
        "requestBody": component("requestBodies"),
        "responses": {
            "200": component("responses"),
            "201": {
                "description": "",
                "content": {"application/json": media_type},
                "headers": {"X-A": component("headers")},
            },
            "404": {"description": "", "content": component("x-contents")},
        },
        "callbacks": {"done": component("callbacks")},
        "security": [{"key": []}],
    }
    contents: dict[str, JSON] = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "http://api.test"}],
        "tags": [{"name": "things"}],
        "paths": {
            "/a/{p}": {
                "parameters": [{"name": "p", "in": "path", "required": True, "schema": component("schemas", "Text")}],
                "post": operation,
            },
            "/b": component("x-paths"),
            "/c": {
                "get": {"operationId": "listed", "parameters": ref("x-parameters"), "responses": ref("x-responses")}
            },
            "/fine": {"get": {"operationId": "fine", "responses": {"200": {"description": "fine"}}}},
        },
        "x-parameters": [component("parameters")],
        "x-responses": {"200": component("responses")},
        "components": {
            "parameters": {
                "A": {"name": "q", "in": "query", "content": {"application/json": {"schema": component("schemas")}}}
            },
            "headers": {
                "A": {"schema": component("schemas", "Text"), "examples": {"e": component("examples", "Text")}}
            },
            "requestBodies": {"A": {"content": {"application/json": media_type, "multipart/form-data": media_type}}},
            "responses": {
                "A": {
                    "description": "",
                    "headers": {"X-B": component("headers")},
                    "content": {"application/json": {"schema": component("schemas")}},
                    "links": {"next": component("links")},
                }
            },
            "examples": {"A": {"value": {"part": "x"}}, "Text": {"value": "x"}},
            "links": {"A": {"operationId": "fine"}},
            "callbacks": {
                "A": {"{$request.body#/url}": {"post": {"requestBody": component("requestBodies"), "responses": {}}}}
            },
            "securitySchemes": {"key": component("x-schemes")},
            "x-schemes": {"A": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "x-contents": {"A": {"application/json": {"schema": component("schemas")}}},
            "x-paths": {"A": {"get": {"operationId": "behind", "responses": {"default": component("responses")}}}},
            "schemas": {
                "Text": {"type": "string"},
                "A": {
                    "type": "object",
                    "properties": {
                        "part": component("schemas", "Text"),
                        "more": {"type": "array", "items": component("schemas")},
                        "kind": {"type": "string"},
                    },
                    "additionalProperties": component("schemas", "Text"),
                    "allOf": [component("schemas", "B")],
                },
                "B": {
                    "oneOf": [component("schemas", "C"), component("schemas", "D")],
                    "anyOf": [component("schemas", "C"), {"not": component("schemas", "Text")}],
                },
                "C": {"type": "object", "properties": component("x-properties")},
                "D": {"type": "object", "required": ["d"], "properties": {"d": component("schemas", "Text")}},
                "x-properties": {"c": {"type": "string"}},
            },
            "x-properties": {"A": {"c": {"type": "string"}}},
        },
    }
    if version >= "3.2":
        contents["components"]["mediaTypes"] = {"A": media_type}
        operation["responses"]["202"] = {"description": "", "content": {"application/xml": component("mediaTypes")}}
        contents["paths"]["/b2"] = {"additionalOperations": {"COPY": component("x-operations")}}
        contents["components"]["x-operations"] = {"A": {"operationId": "copied", "responses": {}}}
        stream = {"itemSchema": component("schemas")}
        operation["responses"]["203"] = {"description": "", "content": {"application/jsonl": stream}}
    return contents


def swagger() -> dict[str, JSON]:
    """A reference wherever Swagger 2.0 has one."""
    schema = ref("definitions", "A")
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "api.test",
        "paths": {
            "/a/{p}": {
                "parameters": [ref("parameters", "p")],
                "get": {
                    "operationId": "op",
                    "parameters": [ref("parameters", "q")],
                    "responses": {"200": ref("responses", "A")},
                },
                "post": {
                    "operationId": "post",
                    "parameters": [{"name": "body", "in": "body", "schema": schema}],
                    "responses": {"200": {"description": "", "schema": {"type": "array", "items": schema}}},
                },
                "put": {
                    "operationId": "form",
                    "consumes": ["multipart/form-data"],
                    "parameters": [ref("parameters", "f"), {"name": "g", "in": "formData", "type": "string"}],
                    "responses": {},
                },
                "patch": {
                    "operationId": "patch",
                    "parameters": [ref("parameters", "b")],
                    "responses": ref("x-responses"),
                },
            },
            "/b": ref("x-path"),
            "/fine": {"get": {"operationId": "fine", "responses": {"200": {"description": "fine"}}}},
        },
        "x-path": {"get": {"operationId": "behind", "responses": {"200": ref("responses", "A")}}},
        "x-responses": {"200": ref("responses", "A")},
        "parameters": {
            "p": {"name": "p", "in": "path", "required": True, "type": "string"},
            "q": {"name": "q", "in": "query", "type": "array", "items": {"type": "string"}},
            "f": {"name": "f", "in": "formData", "type": "file"},
            "b": {"name": "body", "in": "body", "schema": schema},
        },
        "responses": {"A": {"description": "", "schema": schema, "headers": {"X-A": {"type": "string"}}}},
        "definitions": {
            "A": {"type": "object", "properties": {"b": ref("definitions", "B")}, "allOf": [ref("definitions", "B")]},
            "B": {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}},
        },
    }


DOCUMENTS = {
    "2.0": swagger(),
    "3.0": of_version("3.0.3"),
    "3.1": of_version("3.1.0"),
    "3.2": of_version("3.2.0"),
}


def references(node: JSON, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of all references."""
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield place
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from references(value, (*place, key))


def broken(contents: JSON, *places: tuple[str | int, ...]) -> dict[str, JSON]:
    """The document with these references leading nowhere."""
    changed: dict[str, JSON] = copy.deepcopy(contents)
    for place in places:
        node: JSON = changed
        for key in place:
            node = node[key]
        node["$ref"] = NOWHERE
    return changed


def everything(contents: dict[str, JSON], before: dict[str, JSON]) -> Document:
    """The document after all was done with it that reads it."""
    document = parse(load(contents), cache=None)
    client = dynclient.Client(document, base_url="http://api.test")
    assert dir(client)
    assert sum(map(len, client.tags.values())) >= len(client.operations)
    for name, operation in client.operations.items():
        assert operation.path
        assert client[name].__doc__
        assert inspect.signature(client[name])
        assert repr(client[name])
        client[name].check()
    show_operations(document)
    findings = inspect_document(document)
    _show(document, findings, None, None)
    assert _report(document, findings, None)
    compare(parse(load(before), cache=None), document)
    app = MockApp(parse(load(contents), cache=None))
    if "fine" in client.operations:
        assert dynclient.Client(document, base_url="http://api.test", app=app).fine().status_code == 200
    return document


def _cases() -> list[tuple[str, tuple[str | int, ...]]]:
    return [(version, place) for version, contents in DOCUMENTS.items() for place in references(contents)]


@pytest.mark.parametrize("version", DOCUMENTS)
def test_whole_documents(version: str) -> None:
    """They have no fault, so that what is found below is of the reference that was broken."""
    document = everything(DOCUMENTS[version], DOCUMENTS[version])

    assert [problem for problem in document.problems if problem.rule == "reference-missing"] == []


@pytest.mark.parametrize(
    ("version", "place"), _cases(), ids=lambda value: value if isinstance(value, str) else "/".join(map(str, value))
)
def test_each_reference(version: str, place: tuple[str | int, ...]) -> None:
    """Nothing breaks, the document lists it where it stands, and `strict` refuses it."""
    contents = broken(DOCUMENTS[version], place)

    document = everything(contents, DOCUMENTS[version])

    pointer = "/".join(["#", *(str(key).replace("~", "~0").replace("/", "~1") for key in place)])
    listed = [problem for problem in document.problems if NOWHERE in problem.message]
    assert pointer in [problem.schema_pointer for problem in listed]
    with pytest.raises(DocumentError):
        check_document(parse(load(contents), cache=None))


@pytest.mark.parametrize("version", DOCUMENTS)
def test_all_references_at_once(version: str) -> None:
    """The operation without a reference is the same as ever."""
    contents = broken(DOCUMENTS[version], *references(DOCUMENTS[version]))

    document = everything(contents, DOCUMENTS[version])

    client = dynclient.Client(document, base_url="http://api.test")
    assert client.fine.prepare().url == "http://api.test/fine"


def test_references_of_the_bundled_document() -> None:
    """Every fiftieth at once: the calls that need none of them are made."""
    contents = copy.deepcopy(parse(load("openai"), cache=None).contents)

    everything(broken(contents, *list(references(contents))[::50]), dict(contents))


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize(
    "name", ["alertmanager.yaml", "apideck-vault.yaml", "nexmo-redact.yaml", "redocly-oas32.yaml", "harbor.yaml"]
)
def test_references_of_published_documents(name: str) -> None:
    """Every tenth at once."""
    contents = copy.deepcopy(parse(load(SPECS / name), cache=None).contents)

    everything(broken(contents, *list(references(contents))[::10]), dict(contents))
