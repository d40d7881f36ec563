"""The verdict on requests, through the client: what stock openapi-core gets wrong, and that nothing gets around it."""

from __future__ import annotations

import inspect
import pickle
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema_path import SchemaPath
from openapi_core.validation.request.validators import V31RequestValidator

import dynclient
from dynclient.calls import Caller
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import CallError, InvalidRequest, Problem
from dynclient.openapi.model import Schema
from dynclient.types import JSON, UNSET
from dynclient.validation.requests import RequestValidator
from dynclient.validation.schema_validator import SchemaValidator

BOTH = ("3.0.3", "3.1.0")
SCHEMAS = "#/components/schemas/"

Schemas = dict[str, JSON]


def client_of(operation: JSON, version: str = "3.1.0", path: str = "/x", **schemas: JSON) -> dynclient.Client:
    """A client of a document with one operation."""
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {path: {"post": {"operationId": "operation", "responses": {}, **operation}}},
        "components": {"schemas": schemas},
    }
    return dynclient.Client(document, base_url="https://api.test")


def taking(schema: JSON, version: str = "3.1.0", media_type: str = "application/json", **schemas: JSON) -> Caller:
    """An operation that requires a body of this schema."""
    body = {"required": True, "content": {media_type: {"schema": schema}}}
    return client_of({"requestBody": body}, version, **schemas)["operation"]


def document_of(schema: JSON) -> JSON:
    """A document with one operation that takes a body of this schema."""
    operation = {"operationId": "operation", "requestBody": {"content": {"application/json": {"schema": schema}}}}
    return {"openapi": "3.1.0", "servers": [{"url": "https://api.test"}], "paths": {"/x": {"post": operation}}}


def asking(parameter: JSON, version: str = "3.1.0") -> Caller:
    """An operation with a parameter `q`; it stands in the query unless it says otherwise."""
    return client_of({"parameters": [{"name": "q", "in": "query", **parameter}]}, version)["operation"]


def said(problems: tuple[Problem, ...]) -> list[str]:
    return [f"{problem.where}: {problem.message}" for problem in problems]


def ref(name: str) -> JSON:
    return {"$ref": SCHEMAS + name}


def tagged(tag: JSON, **more: JSON) -> JSON:
    """An object whose property `kind` tells it apart."""
    return {"type": "object", "required": ["kind"], "properties": {"kind": tag, **more}}


BY_KIND = {"propertyName": "kind"}
CAT = tagged({"type": "string"}, lives={"type": "integer"})
DOG = tagged({"type": "string"}, tricks={"type": "string"})
PETS = {"Cat": CAT, "Dog": DOG}
ENUMS = {"A1": tagged({"enum": ["a"]}, x={"type": "integer"}), "B1": tagged({"enum": ["b"]}, x={"type": "string"})}
MESSAGE = {
    "User": tagged({"const": "message"}, role={"const": "user"}),
    "Bot": tagged({"const": "message"}, role={"const": "bot"}),
    "Call": tagged({"const": "call"}),
}
ROOT = {
    "Root": {"type": "object", "properties": {"kind": {"type": "string"}}},
    "Base": {"allOf": [ref("Root")], "discriminator": BY_KIND},
    "Child": {"allOf": [ref("Base"), {"properties": {"age": {"type": "integer"}}}]},
}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("schema", "schemas", "body"),
    [
        pytest.param(
            {"oneOf": [ref("A1"), ref("B1")], "discriminator": BY_KIND}, ENUMS, {"kind": "a", "x": 1}, id="enum"
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {**BY_KIND, "mapping": {"c": "Cat"}}},
            PETS,
            {"kind": "c", "lives": 9},
            id="bare-name",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {**BY_KIND, "mapping": {"c": SCHEMAS + "Cat"}}},
            PETS,
            {"kind": "c", "lives": 9},
            id="reference",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": BY_KIND}, PETS, {"kind": "Cat"}, id="schema-name"
        ),
        pytest.param(
            {"anyOf": [{"type": "string"}, ref("A1"), ref("B1")], "discriminator": BY_KIND},
            ENUMS,
            "str",
            id="plain-string",
        ),
        pytest.param(
            {"anyOf": [{"type": "string"}, ref("A1"), ref("B1")], "discriminator": BY_KIND},
            ENUMS,
            {"kind": "b", "x": ""},
            id="beside-a-string",
        ),
        pytest.param(ref("Child"), ROOT, {"kind": "Child", "age": 3}, id="recursion-through-allOf"),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Child")], "discriminator": BY_KIND},
            {**PETS, **ROOT},
            {"kind": "Child"},
            id="child",
        ),
        pytest.param({"oneOf": [{"type": "object"}], "discriminator": {}}, {}, {"kind": 1}, id="no-property-name"),
        pytest.param({"oneOf": [{"type": "object"}], "discriminator": "kind"}, {}, {"kind": 1}, id="of-swagger"),
        pytest.param(
            {"oneOf": [{"type": "object"}], "discriminator": BY_KIND}, {}, {"kind": "any"}, id="without-names"
        ),
        pytest.param(
            {"oneOf": [tagged({"enum": 5}), tagged({"enum": "ab"})], "discriminator": BY_KIND},
            {},
            {"kind": "a"},
            id="odd-enum",
        ),
    ],
)
def test_discriminated_unions_accept(version: str, schema: JSON, schemas: Schemas, body: JSON) -> None:
    """A tag means a member by the mapping, by its name, or by its constants."""
    assert taking(schema, version, **schemas).check(body=body) == ()


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("schema", "schemas", "body", "expected"),
    [
        pytest.param(
            {"oneOf": [ref("A1"), ref("B1")], "discriminator": BY_KIND},
            ENUMS,
            {"kind": "a", "x": "no"},
            ["body x: 'no' is not an integer"],
            id="of-the-chosen-member",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": BY_KIND},
            PETS,
            {"kind": "cat"},
            ["body kind: 'cat' is not one of 'Cat', 'Dog'"],
            id="unknown-tag",
        ),
        pytest.param(
            {"oneOf": [{"$ref": "Cat"}, ref("Cat")], "discriminator": BY_KIND},
            PETS,
            {"kind": "x"},
            ["body kind: 'x' is not 'Cat'"],
            id="beside-a-file",
        ),
        pytest.param(
            {"oneOf": [ref("A1"), ref("B1")], "discriminator": BY_KIND},
            ENUMS,
            {"kind": "aa"},
            ["body kind: 'aa' is not one of 'a', 'b'"],
            id="unknown-constant",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": BY_KIND},
            {**PETS, "Lizard": CAT},
            {"kind": "Lizard"},
            ["body kind: 'Lizard' is not one of 'Cat', 'Dog'"],
            id="outside-by-name",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {**BY_KIND, "mapping": {"c": "Cat", "l": "Lizard"}}},
            {**PETS, "Lizard": CAT},
            {"kind": "l"},
            ["body kind: 'l' is not one of 'c', 'Dog'"],
            id="outside-by-mapping",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": BY_KIND},
            PETS,
            {"kind": ["c"]},
            ['body kind: ["c"] is not a string'],
            id="list-as-tag",
        ),
        pytest.param(
            {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": BY_KIND},
            PETS,
            {},
            ["body kind: required, but not given"],
            id="no-tag",
        ),
        pytest.param(
            {"anyOf": [{"type": "string"}, ref("A1")], "discriminator": BY_KIND},
            ENUMS,
            5,
            ["body: 5 is not an object or a string"],
            id="of-no-member's-type",
        ),
        pytest.param(ref("Child"), ROOT, {"age": "x"}, ["body age: 'x' is not an integer"], id="through-allOf"),
    ],
)
def test_discriminated_unions_refuse(
    version: str, schema: JSON, schemas: Schemas, body: JSON, expected: list[str]
) -> None:
    """Only a member of the union can be chosen, and only the faults of the chosen one are reported."""
    assert said(taking(schema, version, **schemas).check(body=body)) == expected


@pytest.mark.parametrize(
    "body", [{"kind": "message", "role": "user"}, {"kind": "message", "role": "bot"}, {"kind": "call"}]
)
def test_a_tag_may_belong_to_several_members(body: JSON) -> None:
    """Any of the members that share a tag will do."""
    union = {"oneOf": [ref(name) for name in MESSAGE], "discriminator": BY_KIND}

    assert taking(union, **MESSAGE).check(body=body) == ()


def test_a_shared_tag_still_chooses() -> None:
    """A value that fits none of the members with its tag is refused, with the nearest fault."""
    union = {"oneOf": [ref(name) for name in MESSAGE], "discriminator": BY_KIND}

    assert said(taking(union, **MESSAGE).check(body={"kind": "message", "role": "cat"})) == [
        "body role: 'cat' is not one of 'user', 'bot'"
    ]


TEXTS: Schemas = {"Text": {"type": "string"}, "Nullable": {"type": "string", "nullable": True}}
NULLABLE = [
    pytest.param({"type": "string", "nullable": True}, id="type"),
    pytest.param({"type": "string", "enum": ["a", "b"], "nullable": True}, id="enum"),
    pytest.param({"allOf": [ref("Text")], "nullable": True}, id="allOf"),
    pytest.param({"anyOf": [ref("Text"), {"type": "string"}], "nullable": True}, id="anyOf"),
    pytest.param({"oneOf": [ref("Text")], "nullable": True}, id="oneOf"),
    pytest.param({**ref("Text"), "nullable": True}, id="ref"),
    pytest.param({"allOf": [ref("Text"), {"nullable": True}]}, id="allOf-member"),
    pytest.param({"type": "string", "const": "a", "nullable": True}, id="const"),
    pytest.param({"nullable": True}, id="alone"),
    pytest.param({"$ref": SCHEMAS + "Nullable"}, id="behind-ref"),
]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("schema", NULLABLE)
def test_nullable_permits_null(version: str, schema: JSON) -> None:
    """In every version: documents that moved to 3.1 kept the word."""
    call = taking({"type": "object", "properties": {"a": schema}}, version, **TEXTS)

    assert [call.check(body={"a": None}), call.check(body={"a": "a"})] == [(), ()]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("schema", [schema for schema in NULLABLE if schema.id != "alone"])
def test_nullable_permits_nothing_else(version: str, schema: JSON) -> None:
    """A number stays refused where a text or null is asked for."""
    call = taking({"type": "object", "properties": {"a": schema}}, version, **TEXTS)

    assert {problem.name for problem in call.check(body={"a": 5})} == {"a"}


@pytest.mark.parametrize("version", BOTH)
def test_null_needs_permission(version: str) -> None:
    """Without any of these words null is refused."""
    assert said(taking({"properties": {"a": {"type": "string"}}}, version).check(body={"a": None})) == [
        "body a: null is not a string"
    ]


BASE: Schemas = {
    "Base": {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "string", "readOnly": True}}}
}


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("schema", "schemas"),
    [
        pytest.param({"type": "object", "required": ["id"], "properties": {"id": {"readOnly": True}}}, {}, id="direct"),
        pytest.param(ref("Base"), BASE, id="behind-ref"),
        pytest.param({"allOf": [{"required": ["id"]}, ref("Base")]}, BASE, id="another-member"),
        pytest.param({"allOf": [ref("Base")], "required": ["id"]}, BASE, id="beside-allOf"),
        pytest.param(
            {"required": ["id"], "properties": {"id": ref("Id")}},
            {"Id": {"type": "string", "readOnly": True}},
            id="behind-the-property",
        ),
        pytest.param(
            {"required": ["id"], "properties": {"id": {"allOf": [ref("Id")]}}},
            {"Id": {"type": "string", "readOnly": True}},
            id="wrapped-property",
        ),
        pytest.param(
            {"required": ["id"], "properties": {"id": {**ref("Id"), "readOnly": True}}},
            {"Id": {"type": "string"}},
            id="sibling",
        ),
    ],
)
def test_read_only_properties_are_not_required_of_a_request(version: str, schema: JSON, schemas: Schemas) -> None:
    """What the server alone writes is missing from no request."""
    assert taking(schema, version, **schemas).check(body={"name": "n"}) == ()


@pytest.mark.parametrize(
    "schema",
    [
        {**ref("Base"), "required": ["other"], "properties": {"other": {"readOnly": True}}},
        {**ref("Open"), "properties": {"id": {"readOnly": True}}},
        {"properties": {"id": {"readOnly": True}}, "if": {"required": ["name"]}, "then": {"required": ["id"]}},
        {"properties": {"id": {"readOnly": True}}, "anyOf": [{"required": ["id"]}]},
    ],
)
def test_read_only_reaches_what_stands_beside_it(schema: JSON) -> None:
    """A `required` in a reference, a branch or a union speaks of the same properties."""
    call = taking(schema, **BASE, Open={"type": "object", "required": ["id"]})

    assert call.check(body={"name": "n"}) == ()


def test_not_keeps_what_it_names() -> None:
    """Under `not`, to require less would be to refuse more."""
    schema = {"not": {"required": ["id"], "properties": {"id": {"readOnly": True}}}}

    assert [taking(schema).check(body={"name": "n"}), said(taking(schema).check(body={"id": "x"}))] == [
        (),
        ['body: {"id": "x"} is what the document rules out here'],
    ]


@pytest.mark.parametrize("version", BOTH)
def test_write_only_properties_are_required_of_a_request(version: str) -> None:
    """They are what a request is for."""
    schema = {"type": "object", "required": ["password"], "properties": {"password": {"writeOnly": True}}}

    assert said(taking(schema, version).check(body={})) == ["body password: required, but not given"]


@pytest.mark.parametrize(("version", "expected"), [("3.0.3", []), ("3.1.0", ["body b: required, but not given"])])
def test_what_stands_beside_a_reference(version: str, expected: list[str]) -> None:
    """Ignored in 3.0, part of the schema in 3.1."""
    schema = {**ref("A"), "required": ["b"]}

    assert said(taking(schema, version, A={"type": "object"}).check(body={})) == expected


@pytest.mark.parametrize(("version", "expected"), [("3.0.3", []), ("3.1.0", ["body n.b: required, but not given"])])
def test_what_stands_beside_a_nested_reference(version: str, expected: list[str]) -> None:
    """The same, further inside."""
    schema = {"properties": {"n": {**ref("A"), "required": ["b"]}}}

    assert said(taking(schema, version, A={"type": "object"}).check(body={"n": {}})) == expected


LOOP = {"Tree": {"type": "object", "required": ["v"], "properties": {"v": {}, "next": ref("Tree")}}}

# What both versions agree on; schema, component schemas, a value that fits, one that does not, and why.
VERDICTS: list[Any] = [
    pytest.param({"type": "integer"}, {}, 1.0, 1.5, "body: 1.5 is not an integer", id="whole-float"),
    pytest.param({"type": "integer"}, {}, 0, True, "body: true is not an integer", id="boolean-is-no-integer"),
    pytest.param({"type": "integer"}, {}, 10**30, "1", "body: '1' is not an integer", id="big"),
    pytest.param(
        {"minimum": 0, "exclusiveMinimum": True}, {}, 0.5, 0, "body: 0 is not more than 0", id="exclusive-boolean"
    ),
    pytest.param(
        {"maximum": 9, "exclusiveMaximum": True}, {}, 8, 9, "body: 9 is not less than 9", id="exclusive-maximum"
    ),
    pytest.param(
        {"minimum": 0, "exclusiveMinimum": False},
        {},
        0,
        -1,
        "body: -1 is less than the minimum of 0",
        id="not-exclusive",
    ),
    pytest.param({"exclusiveMinimum": 0}, {}, 0.5, 0, "body: 0 is not more than 0", id="exclusive-number"),
    pytest.param({"const": "a"}, {}, "a", "b", "body: 'b' is not 'a'", id="const"),
    pytest.param({"const": None}, {}, None, 0, "body: 0 is not null", id="const-null"),
    pytest.param({"type": ["string", "null"]}, {}, None, 5, "body: 5 is not a string or null", id="type-list"),
    pytest.param({"multipleOf": 0.01}, {}, 19.99, 19.999, "body: 19.999 isn't a multiple of 0.01", id="decimal"),
    pytest.param({"multipleOf": 7}, {}, 7 * 10**40, 10**40, None, id="big-multiple"),
    pytest.param({"multipleOf": 0.01}, {}, 1e300, 0.001, "body: 0.001 isn't a multiple of 0.01", id="huge-multiple"),
    pytest.param({"enum": [1, "a"]}, {}, 1, True, "body: true is not one of 1, 'a'", id="one-is-not-true"),
    pytest.param(
        {"uniqueItems": True},
        {},
        [1, True, "1"],
        [1, 1.0],
        "body: an item is given twice; all must differ",
        id="unique",
    ),
    pytest.param(
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        {},
        {"a": 1},
        {"b": 1},
        "body b: unknown field",
        id="closed",
    ),
    pytest.param(
        {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": False}]},
        {},
        {"b": 1},
        {"a": 1},
        "body a: unknown field",
        id="additionalProperties-and-allOf",
    ),
    pytest.param(
        ref("Tree"),
        LOOP,
        {"v": 1, "next": {"v": 2}},
        {"v": 1, "next": {}},
        "body next.v: required, but not given",
        id="recursive",
    ),
    pytest.param(
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {},
        1,
        "a",
        "body: 'a' is not an integer or a number",
        id="overlap",
    ),
    pytest.param(
        {"not": {"oneOf": [{"type": "integer"}, {"type": "number"}]}},
        {},
        1,
        1.5,
        "body: 1.5 is what the document rules out here",
        id="exact-under-not",
    ),
    pytest.param({"pattern": r"^\d$"}, {}, "1", "٣", "body: '٣' does not match the pattern ^\\d$", id="arabic-digit"),
    pytest.param({"pattern": "^a$"}, {}, "a", "a\n", "body: 'a\\n' does not match the pattern ^a$", id="line-break"),
    pytest.param({"pattern": r"^\w$"}, {}, "w", "é", "body: 'é' does not match the pattern ^\\w$", id="word"),
    pytest.param({"pattern": r"^[\W_]$"}, {}, "é", "w", None, id="no-word-in-class"),
    pytest.param({"pattern": r"^[\D]$"}, {}, "٣", "3", None, id="no-digit-in-class"),
    pytest.param({"format": "byte"}, {}, "w6k=", "été", "body: 'été' isn't a valid byte", id="byte"),
    pytest.param({"format": "int32"}, {}, 2**31 - 1, 2**31, "body: 2147483648 isn't a valid int32", id="int32"),
    pytest.param({"format": "int64"}, {}, -(2**63), 2**63, "body: 9223372036854775808 isn't a valid int64", id="int64"),
    pytest.param(
        {"format": "date-time"},
        {},
        "2024-01-01T00:00:00Z",
        "today",
        "body: 'today' isn't a valid date-time",
        id="date-time",
    ),
    pytest.param(
        {"format": "date"}, {}, "2024-02-29", "2023-02-29", "body: '2023-02-29' isn't a valid date", id="date"
    ),
]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(("schema", "schemas", "good", "bad", "message"), VERDICTS)
def test_schemas_are_validated_alike_in_both_versions(
    version: str, schema: JSON, schemas: Schemas, good: JSON, bad: JSON, message: str | None
) -> None:
    """One value fits, the other does not, and the sentence says why."""
    call = taking(schema, version, **schemas)

    assert call.check(body=good) == ()
    if message is None:
        assert len(call.check(body=bad)) == 1
    else:
        assert said(call.check(body=bad)) == [message]


@pytest.mark.parametrize(
    ("schema", "schemas", "good", "bad", "message"),
    [
        pytest.param(
            {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
            {},
            {"a": 1},
            {"b": 1},
            "body b: unknown field",
            id="unevaluatedProperties",
        ),
        pytest.param(
            {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
            {},
            ["a", 1],
            [1, 1],
            "body [0]: 1 is not a string",
            id="prefixItems",
        ),
        pytest.param(
            {"prefixItems": [True], "items": False},
            {},
            ["a"],
            [1, 2],
            "body: 2 items, which is more than the document describes",
            id="tuple",
        ),
        pytest.param(
            {"properties": {"old": False}},
            {},
            {},
            {"old": 1},
            "body old: 1 is what the document rules out here",
            id="false",
        ),
        pytest.param({"properties": {"any": True}}, {}, {"any": 1}, 1, None, id="true"),
        pytest.param(
            {"contains": {"type": "string"}},
            {},
            [1, "a"],
            [1],
            "body: none of the items is one that must be among them",
            id="contains",
        ),
        pytest.param(
            {"propertyNames": {"maxLength": 1}},
            {},
            {"a": 1},
            {"ab": 1},
            "body: the name 'ab' is 2 characters long; the maximum is 1",
            id="propertyNames",
        ),
        pytest.param(
            {"dependentRequired": {"a": ["b"]}},
            {},
            {"b": 1},
            {"a": 1},
            "body b: required beside 'a', but not given",
            id="dependentRequired",
        ),
        pytest.param(
            {"dependentSchemas": {"a": {"required": ["b"]}}},
            {},
            {},
            {"a": 1},
            "body b: required, but not given",
            id="dependentSchemas",
        ),
        pytest.param(
            {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
            {},
            {"c": 1},
            {"a": 1},
            "body b: required, but not given",
            id="if",
        ),
        pytest.param(
            ref("Filter"),
            {"Filter": {"properties": {"filters": {"items": {"$recursiveRef": "#"}}, "op": {"type": "string"}}}},
            {"filters": [{"op": "a"}]},
            {"filters": [{"filters": [{"op": 1}]}]},
            "body filters[0].filters[0].op: 1 is not a string",
            id="recursiveRef",
        ),
        pytest.param(
            ref("Tree"),
            {
                "Strict": {"$dynamicAnchor": "node", **ref("Tree"), "required": ["leaf"]},
                "Tree": {
                    "$dynamicAnchor": "node",
                    "type": "object",
                    "properties": {"all": {"items": {"$dynamicRef": "#node"}}},
                },
            },
            {"all": [{}]},
            {"all": [1]},
            "body all[0]: 1 is not an object",
            id="dynamicRef",
        ),
        pytest.param(
            {"properties": {"a": {"$ref": "#name"}}},
            {"Name": {"$anchor": "name", "type": "string"}},
            {"a": "b"},
            {"a": 1},
            "body a: 1 is not a string",
            id="anchor",
        ),
    ],
)
def test_schemas_of_31(schema: JSON, schemas: Schemas, good: JSON, bad: JSON, message: str | None) -> None:
    """What JSON Schema 2020-12 has beyond OpenAPI 3.0."""
    call = taking(schema, **schemas)

    assert call.check(body=good) == ()
    assert said(call.check(body=bad)) == ([] if message is None else [message])


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, []),
        ({}, []),
        (False, ["body: 1 is what the document rules out here"]),
        ({"propertyNames": False}, []),
    ],
)
def test_schemas_at_the_top(schema: JSON, expected: list[str]) -> None:
    """A boolean is a schema too."""
    assert said(taking(schema).check(body=1)) == expected


CIRCLE = SCHEMAS + "Circle"
PLACE = "mapping #/paths/~1x/post/requestBody/content/application~1json/schema/properties/a"


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param({"pattern": r"^\p{Print}+$"}, id="pattern"),
        pytest.param({"format": "unixtime"}, id="format"),
        pytest.param({"type": "any"}, id="type"),
        pytest.param({"maxLength": "5"}, id="keyword"),
        pytest.param({"enum": []}, id="empty-enum"),
        pytest.param({"required": True, "properties": [], "allOf": {}, "oneOf": []}, id="shapes"),
        pytest.param({"type": "string", "default": 5}, id="default"),
        pytest.param({"maxLength": float("inf"), "minimum": float("nan"), "multipleOf": float("inf")}, id="infinite"),
        pytest.param([], id="list"),
        pytest.param({"$schema": "https://other.test/dialect", "$id": "https://other.test/x"}, id="dialect"),
    ],
)
def test_what_cannot_be_validated_is_accepted(schema: JSON) -> None:
    """A fault of the document is not the caller's."""
    assert taking({"properties": {"a": schema}}).check(body={"a": "été"}) == ()


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (
            SCHEMAS + "Missing",
            f"{PLACE}: the reference '{SCHEMAS}Missing' cannot be followed: there is nothing at this reference",
        ),
        ("#missing", f"{PLACE}: the reference '#missing' cannot be followed: no schema has the anchor 'missing'"),
        (
            CIRCLE,
            f"mapping {CIRCLE}: the reference leads back to itself: {CIRCLE} -> {SCHEMAS}Round -> {CIRCLE}",
        ),
    ],
)
def test_a_reference_to_nothing_is_in_the_way_of_what_needs_it(reference: str, reason: str) -> None:
    """A value that stands there is refused, with the reference, its place and the reason; the rest is validated."""
    schema = {"properties": {"a": {"$ref": reference}, "b": {"type": "string"}}}
    call = taking(schema, Circle=ref("Round"), Round=ref("Circle"))

    assert call.check(body={"b": "x"}) == ()
    problem, _ = call.check(body={"a": 1, "b": 2})
    assert (str(problem), problem.rule) == (f"body a: cannot be checked, for {reason}", "reference-missing")
    assert problem.schema_pointer == PLACE.removeprefix("mapping ")


def test_what_cannot_be_validated_is_noted() -> None:
    """Each thing once, with its place in the document."""
    client = client_of(
        {"requestBody": {"content": {"application/json": {"schema": {"items": {"pattern": r"\p{Print}"}}}}}}
    )
    client["operation"].check(body=["a", "b"])

    assert client.document.problems == [
        Problem(
            "document",
            "",
            r"the pattern '\\p{Print}' is no regular expression that can be run, so it is not checked",
            "pattern-unsupported",
            schema_pointer="#/paths/~1x/post/requestBody/content/application~1json/schema/items/pattern",
        )
    ]


def test_a_problem_is_data() -> None:
    """Where, which value, which rule, and where the rule stands in the document, as published."""
    schema = {"properties": {"a/b": {"oneOf": [{"type": "string"}, {"type": "boolean"}]}}}

    assert taking(schema).check(body={"a/b": 1}) == (
        Problem(
            "body",
            '["a/b"]',
            "1 is not a boolean or a string",
            "anyOf",
            1,
            "/a~1b",
            "#/paths/~1x/post/requestBody/content/application~1json/schema/properties/a~1b/oneOf",
            "value-type",
        ),
    )


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, "1", []),
        ({"type": "integer"}, "01", ["query q: '01' is not an integer"]),
        ({"type": "integer"}, "1_000", ["query q: '1_000' is not an integer"]),
        ({"type": "number"}, "nan", ["query q: 'nan' is not a number"]),
        ({"type": "boolean"}, "yes", ["query q: 'yes' is not a boolean"]),
        ({"type": "boolean"}, 1, ["query q: 1 is not a boolean"]),
        ({"type": "boolean"}, "true", []),
        ({"type": "boolean"}, "True", ["query q: 'True' is not a boolean"]),
        ({"type": "string"}, 1, []),
        ({"type": "string", "maxLength": 1}, 12, ["query q: '12' is 2 characters long; the maximum is 1"]),
        ({"type": "string"}, "", []),
        ({"type": ["integer", "null"]}, 1, []),
        ({"enum": [1, 2]}, 2, []),
        ({"enum": [1, 2]}, "2", []),
        ({"enum": [1, 2]}, "3", ["query q: 3 is not one of 1, 2"]),
        ({"type": ["integer", "null"]}, "null", ["query q: 'null' is not an integer or null"]),
        ({"type": "array", "items": {"type": "string"}}, ["a,b", "c"], []),
        ({"type": "array", "items": {"type": "integer"}}, [1, "c"], ["query q[1]: 'c' is not an integer"]),
        ({"maxLength": 3}, "a é", []),
        (True, "any", []),
        (False, "any", ["query q: 'any' is what the document rules out here"]),
    ],
)
def test_a_parameter_is_what_its_text_means(schema: JSON, value: JSON, expected: list[str]) -> None:
    """Texts are read as JSON reads numbers, true and false, and in no other way."""
    assert said(asking({"schema": schema}).check(q=value)) == expected


@pytest.mark.parametrize(
    ("allowed", "value", "expected"),
    [
        (True, "", []),
        (True, 0, ["query q: 0 is less than the minimum of 1"]),
        (True, "a", ["query q: 'a' is not an integer"]),
        (False, "", ["query q: '' is not an integer"]),
    ],
)
def test_empty_values_that_are_allowed(allowed: bool, value: JSON, expected: list[str]) -> None:
    """With allowEmptyValue the empty text is right whatever the schema says, and nothing else is."""
    described = {"allowEmptyValue": allowed, "schema": {"type": "integer", "minimum": 1}}

    assert said(asking(described).check(q=value)) == expected


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        pytest.param({}, "any", id="no-schema"),
        pytest.param({"required": True, "schema": {"type": "string"}}, "", id="empty"),
        pytest.param({"allowEmptyValue": True, "schema": {"type": "string"}}, "", id="allowEmptyValue"),
        pytest.param({"deprecated": True, "schema": {"type": "string"}}, "a", id="deprecated"),
        pytest.param({"explode": False, "schema": {"type": "array"}}, ["a", "b"], id="not-exploded"),
        pytest.param(
            {"style": "spaceDelimited", "explode": False, "schema": {"type": "array"}}, ["a", "b"], id="spaces"
        ),
        pytest.param({"style": "pipeDelimited", "schema": {"type": "array"}, "explode": True}, ["a", "b"], id="pipes"),
        pytest.param({"style": "deepObject", "schema": {"type": "object"}}, {"a": 1}, id="deepObject"),
        pytest.param({"required": True, "schema": {"type": "object"}}, {"a": 1, "b": "x"}, id="object"),
        pytest.param({"content": {"application/json": {"schema": {"type": "object"}}}}, {"a": [1]}, id="content"),
        pytest.param({"content": {"application/json": {}}}, {"a": [1]}, id="content-without-schema"),
        pytest.param({"in": "header", "schema": {"type": "array"}}, ["a", "b"], id="header"),
        pytest.param({"in": "cookie", "required": True, "schema": {"type": "string"}}, "a", id="cookie"),
    ],
)
def test_every_way_of_writing_a_parameter(version: str, parameter: JSON, value: JSON) -> None:
    """How a value travels has no part in what it may be."""
    assert asking(parameter, version).check(q=value) == ()


@pytest.mark.parametrize(
    ("parameter", "arguments", "expected"),
    [
        ({"schema": {"type": "integer", "default": "bad"}}, {}, []),
        ({"required": True, "schema": {"default": "d"}}, {}, []),
        ({"required": True, "schema": {"default": None}}, {}, ["query q: required, but not given"]),
        ({"required": True, "schema": {"type": "string"}}, {"q": UNSET}, ["query q: required, but not given"]),
        ({"in": "header", "required": True, "schema": {}}, {}, ["header q: required, but not given"]),
        ({"in": "cookie", "required": True, "schema": {}}, {}, ["cookie q: required, but not given"]),
        (
            {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
            {"q": {"a": "x"}},
            ["query q.a: 'x' is not an integer"],
        ),
        (
            {"style": "deepObject", "schema": {"properties": {"a": {"type": "integer"}}}},
            {"q": {"a": "x"}},
            ["query q.a: 'x' is not an integer"],
        ),
        (
            {"content": {"application/json": {"schema": {"items": {"type": "integer"}}}}},
            {"q": ["x"]},
            ["query q[0]: 'x' is not an integer"],
        ),
    ],
)
def test_parameters_that_are_wrong(parameter: JSON, arguments: dict[str, JSON], expected: list[str]) -> None:
    """A bad default of what is optional hurts nobody; that of what is required stands in for it."""
    assert said(asking(parameter).check(**arguments)) == expected


def test_a_deep_object_with_a_name_of_odd_characters() -> None:
    """A name is no regular expression."""
    call = client_of(
        {"parameters": [{"name": "f(", "in": "query", "style": "deepObject", "schema": {"type": "object"}}]}
    )

    assert call["operation"].check(**{"f(": {"a": 1}}) == ()


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_path_styles(style: str) -> None:
    """The value is validated, not the text with its dots and semicolons."""
    parameter = {"name": "id", "in": "path", "required": True, "style": style, "schema": {"type": "integer"}}
    call = client_of({"parameters": [parameter]}, path="/x/{id}")["operation"]

    assert [call.check(id="5"), said(call.check(id="x"))] == [(), ["path id: 'x' is not an integer"]]


@pytest.mark.parametrize(
    "path", ["/x/{a.b}", "/x/{a[b]}", "/x/{0}", "/x/{id}.json", "/a/{b}:cancel", "/{id}#Target=x", "/{a}-{b}"]
)
def test_paths_of_every_shape(path: str) -> None:
    """The operation is given, not guessed from the URL."""
    names = [piece.partition("}")[0] for piece in path.split("{")[1:]]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"maxLength": 3}} for name in names]
    call = client_of({"parameters": parameters}, path=path)["operation"]

    assert call.check(**dict.fromkeys(names, "2-3")) == ()


def test_a_value_that_is_a_sibling_s_path() -> None:
    """`/x/mine` is another operation; a call of `/x/{id}` is validated as what it is."""
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"maxLength": 2}}
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/x/mine": {"get": {"operationId": "mine", "responses": {}}},
            "/x/{id}": {"get": {"operationId": "one", "parameters": [identifier], "responses": {}}},
        },
    }
    client = dynclient.Client(document, base_url="https://api.test")

    assert said(client["one"].check(id="mine")) == ["path id: 'mine' is 4 characters long; the maximum is 2"]


@pytest.mark.parametrize("name", ["Authorization", "Accept", "content-type"])
def test_ignored_header_parameters(name: str) -> None:
    """These are never parameters, required or not."""
    parameter = {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}

    assert client_of({"parameters": [parameter]})["operation"].check() == ()


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("body", [{}, [], 0, False, None, "", 0.0])
def test_bodies_that_are_false_are_bodies(version: str, body: JSON) -> None:
    """What is nothing to Python is something to JSON: validated, and not taken for absent."""
    assert taking({}, version).check(body=body) == ()
    assert said(taking({"enum": ["x"]}, version).check(body=body))[0].startswith("body: ")


@pytest.mark.parametrize(
    ("body", "expected"), [({}, ["body a: required, but not given"]), (0, ["body: 0 is not an object"])]
)
def test_false_bodies_are_validated(body: JSON, expected: list[str]) -> None:
    """By their schema, like any other."""
    assert said(taking({"type": "object", "required": ["a"]}).check(body=body)) == expected


def test_parameters_that_are_false_are_parameters() -> None:
    """0 and False are values."""
    assert [
        asking({"schema": {"type": "integer"}}).check(q=0),
        asking({"schema": {"type": "boolean"}}).check(q=False),
    ] == [(), ()]


def test_a_missing_body() -> None:
    """Said once, though both binder and validator miss it."""
    assert said(taking({"type": "array"}).check()) == ["body: required, but not given"]


def test_a_body_that_is_not_required() -> None:
    """May be left out, and is validated when it is given."""
    call = client_of({"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}})["operation"]

    assert [call.check(), said(call.check(body=1))] == [(), ["body: 1 is not an object"]]


def test_a_body_where_none_is_declared() -> None:
    """Nothing would validate it."""
    assert said(client_of({})["operation"].check(body={})) == ["body: the operation takes no body"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/vnd.api+json",
        "application/merge-patch+json",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "text/json",
    ],
)
def test_json_by_any_name(media_type: str) -> None:
    """A suffix, a parameter or capitals make no difference."""
    call = taking({"type": "object"}, media_type=media_type)

    assert [call.check(body={}), said(call.check(body=[]))] == [(), ["body: [] is not an object"]]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("*/*", {"a": 1}),
        ("*/*", b"bytes"),
        ("application/*", {"a": 1}),
        ("text/csv", "a,b"),
        ("text/plain", "5"),
        ("application/x-ndjson", '{"a": 1}\n'),
        ("application/octet-stream", b""),
        ("application/octet-stream", b"bytes"),
        ("image/png", b"bytes"),
        ("application/xml", "<a/>"),
    ],
)
@pytest.mark.parametrize("schema", [{"type": "string", "format": "binary"}, {"type": "object"}])
def test_what_is_no_json_is_validated_by_no_schema(media_type: str, body: JSON, schema: JSON) -> None:
    """Bytes and text are no JSON value."""
    assert taking(schema, media_type=media_type).check(body=body) == ()


def test_several_media_types() -> None:
    """The schema of the media type that is sent validates."""
    content = {
        "application/json": {"schema": {"required": ["j"]}},
        "application/json; v=2": {"schema": {"required": ["j2"]}},
        "application/x-www-form-urlencoded": {"schema": {"required": ["f"]}},
    }
    call = client_of({"requestBody": {"content": content}})["operation"]

    assert [said(call.with_options(content_type=content_type).check(body={})) for content_type in (None, *content)] == [
        ["body j: required, but not given"],
        ["body j: required, but not given"],
        ["body j2: required, but not given"],
        ["body f: required, but not given"],
    ]


UPLOADS = [
    pytest.param("3.0.3", {"type": "string", "format": "binary"}, id="3.0"),
    pytest.param("3.1.0", {"type": "string", "format": "binary"}, id="3.1-as-3.0"),
    pytest.param("3.1.0", {"type": "string", "contentMediaType": "image/png"}, id="3.1"),
    pytest.param("3.1.0", {"type": "file"}, id="swagger"),
]


@pytest.mark.parametrize(("version", "file"), UPLOADS)
def test_files_in_multipart(version: str, file: JSON) -> None:
    """A file isn't JSON: its schema permits it, and the other fields are validated."""
    schema = {"required": ["file", "n"], "properties": {"file": file, "n": {"type": "integer"}, "model": ref("Model")}}
    model = {"anyOf": [{"type": "string"}, {"enum": ["m"]}]}
    call = taking(schema, version, "multipart/form-data", Model=model)

    assert call.check(file=b"data", n=5, model="any") == ()
    assert said(call.check(file=("a.txt", b"data"), n="5")) == ["body n: '5' is not an integer"]
    assert said(call.check(n=5)) == ["body file: required, but not given"]


@pytest.mark.parametrize(("version", "file"), UPLOADS)
def test_arrays_of_files(version: str, file: JSON) -> None:
    """Each item is a file; their number is validated."""
    call = taking(
        {"properties": {"files": {"type": "array", "items": file, "maxItems": 2}}}, version, "multipart/form-data"
    )

    assert [call.check(files=[b"a", b"b"]), said(call.check(files=[b"a"] * 3))] == [
        (),
        ["body files: 3 items; at most 2 are permitted"],
    ]


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("schema", "good", "bad", "expected"),
    [
        (
            {"allOf": [{"required": ["a"]}, {"properties": {"b": {"type": "integer"}}}]},
            {"a": "x", "b": 1},
            {"b": "1"},
            ["body a: required, but not given", "body b: '1' is not an integer"],
        ),
        (
            {"properties": {"ab": {}}, "additionalProperties": False},
            {"ab": 1},
            {"abc": 1},
            ["body abc: unknown field"],
        ),
        (
            {"additionalProperties": {"type": "integer"}},
            {"any": 1},
            {"any": "x"},
            ["body any: 'x' is not an integer"],
        ),
        (
            {"required": ["a"], "properties": {"a": {"default": 1}}},
            {"a": 1},
            {"b": 1},
            ["body a: required, but not given"],
        ),
    ],
)
def test_urlencoded_bodies(version: str, schema: JSON, good: JSON, bad: JSON, expected: list[str]) -> None:
    """No field escapes the schema, and no default stands in for one."""
    call = taking(schema, version, "application/x-www-form-urlencoded")

    assert [call.check(body=good), said(call.check(body=bad))] == [(), expected]


@pytest.mark.parametrize("security", [[{"key": []}], [{"mutual": []}], [{"unknown": []}]])
def test_security_is_not_the_validator_s(security: JSON) -> None:
    """Credentials are added after the verdict; a scheme that openapi-core does not know is no matter either."""
    document = {
        "openapi": "3.1.0",
        "security": security,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "Bearer"}, "mutual": {"type": "mutualTLS"}}
        },
        "paths": {"/x": {"get": {"operationId": "operation", "responses": {}}}},
    }

    assert dynclient.Client(document, base_url="https://api.test")["operation"].check() == ()


def test_the_server_has_no_part_in_the_verdict() -> None:
    """Neither a relative server nor another base URL."""
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "v1/{a}", "variables": {"a": {"default": "b/c"}}}],
        "paths": {"/x": {"get": {"operationId": "operation", "responses": {}}}},
    }

    assert dynclient.Client(document, base_url="https://API.test/other")["operation"].check() == ()


def test_all_problems_of_all_parts_at_once() -> None:
    """Nobody is sent round twice."""
    parameters = [
        {"name": name, "in": location, "required": location == "path", "schema": {"type": "integer"}}
        for name, location in (("p", "path"), ("q", "query"), ("h", "header"), ("c", "cookie"))
    ]
    body = {
        "content": {
            "application/json": {"schema": {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}}}
        }
    }
    call = client_of({"parameters": parameters, "requestBody": body}, path="/x/{p}")["operation"]

    assert said(call.check(p="p", q="q", h="h", c="c", body={"a": "a", "b": "b"})) == [
        "path p: 'p' is not an integer",
        "query q: 'q' is not an integer",
        "header h: 'h' is not an integer",
        "cookie c: 'c' is not an integer",
        "body a: 'a' is not an integer",
        "body b: 'b' is not an integer",
    ]


class Recording(requests.adapters.BaseAdapter):
    """A transport that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str | None] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.sent.append(request.url)
        answer = requests.Response()
        answer.status_code = 204
        answer.request = request
        answer._content = b""
        return answer

    def close(self) -> None:
        pass


def recorded() -> tuple[dynclient.Client, Recording]:
    """A client that is free to call anything, and what it sends."""
    recording = Recording()
    session = requests.Session()
    session.mount("https://", recording)
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": {"operationId": "operation", "responses": {}}}}}
    return dynclient.Client(document, base_url="https://api.test", session=session), recording


def test_a_good_request_is_sent() -> None:
    """The recording sees what is sent, so that what it does not see was not."""
    client, recording = recorded()
    client["operation"]()

    assert recording.sent == ["https://api.test/x"]


def _yields(*_: object) -> Iterator[Exception]:
    yield ValueError("refused on purpose")


def _raises(*_: object) -> Iterator[Exception]:
    raise ValueError("broken on purpose")


def _recurses(*_: object) -> Iterator[Exception]:
    raise RecursionError("too deep on purpose")


@pytest.mark.parametrize(
    ("broken", "kind", "message"),
    [
        (_yields, InvalidRequest, "operation: refused on purpose. Nothing was sent."),
        (
            _raises,
            CallError,
            "operation: the request could not be checked (ValueError: broken on purpose). Nothing was sent.",
        ),
        (
            _recurses,
            CallError,
            "operation: the request could not be checked (RecursionError: too deep on purpose). Nothing was sent.",
        ),
    ],
)
def test_nothing_is_sent_without_a_verdict(
    monkeypatch: pytest.MonkeyPatch, broken: Callable[..., Any], kind: type[CallError], message: str
) -> None:
    """A validator that refuses or fails stops every request, one that was validated before included."""
    client, recording = recorded()
    client["operation"].prepare()
    monkeypatch.setattr(V31RequestValidator, "iter_errors", broken)

    for call in (client["operation"].prepare, client["operation"]):
        with pytest.raises(CallError) as caught:
            call()
        assert (type(caught.value), str(caught.value)) == (kind, message)
    assert recording.sent == []


def test_a_failed_compilation_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is what goes wrong before openapi-core is asked."""
    client, recording = recorded()
    monkeypatch.setattr(SchemaPath, "from_dict", _raises)

    with pytest.raises(CallError, match="could not be checked"):
        client["operation"]()
    assert recording.sent == []


@pytest.mark.parametrize("where", ["body", "nested", "parameter"])
@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:{port}/s.json", "https://127.0.0.1:{port}/s.json", "file://{file}", "{file}"]
)
def test_references_are_never_fetched(tmp_path: Path, where: str, reference: str) -> None:
    """Not at load and not at a call, which is refused where it needs one."""
    secret = tmp_path / "schema.json"
    secret.write_text('{"type": "boolean"}')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        target = reference.format(port=listener.getsockname()[1], file=secret)
        outside = {"$ref": target}
        schema = {"properties": {"a": outside}} if where == "nested" else outside if where == "body" else {}
        client = client_of(
            {
                "parameters": [{"name": "q", "in": "query", "schema": outside if where == "parameter" else {}}],
                "requestBody": {"content": {"application/json": {"schema": schema}}},
            }
        )

        (problem,) = client["operation"].check(q="a", body={"a": 1})
        assert (problem.rule, target in problem.message) == ("reference-missing", True)
        assert "boolean" not in problem.message
        assert [(problem.rule, target in problem.message) for problem in client.document.problems] == [
            ("reference-missing", True)
        ]
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_value_that_looks_like_a_reference_is_none() -> None:
    """What stands in `const` and `enum` is data."""
    value = {"$ref": "http://127.0.0.1:1/"}

    assert taking({"const": value}).check(body=value) == ()


def test_what_could_not_be_compiled_is_compiled_by_the_next_call() -> None:
    """A call from deep within a program may end at Python's limit; no later one passes without validation for it."""
    deep: JSON = {"type": "integer"}
    for _ in range(60):
        deep = {"type": "object", "properties": {"a": deep}}
    call = taking({"$ref": SCHEMAS + "Deep"}, Deep={"allOf": [{"$ref": SCHEMAS + "Other"}, deep]}, Other=deep)
    limit, depth = sys.getrecursionlimit(), len(inspect.stack(0))
    sys.setrecursionlimit(depth + 90)
    try:
        with pytest.raises(CallError, match="RecursionError"):
            call.check(body=5)
    finally:
        sys.setrecursionlimit(limit)

    assert said(call.check(body=5)) == ["body: 5 is not an object"]


def test_a_validator_pickles_by_its_document() -> None:
    """What was compiled is compiled again where it is needed."""
    validator = RequestValidator(Document({"openapi": "3.1.0"}))

    assert isinstance(pickle.loads(pickle.dumps(validator)), RequestValidator)


def test_a_value_that_is_no_part_of_a_request_is_validated_by_its_schema() -> None:
    """An answer's data, say: what is wrong is named as for a request."""
    pet = {"type": "object", "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Pet"}}}
    document = parse(load({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"Pet": pet}}}))
    validator = SchemaValidator(document, "response")

    assert validator.problems(Schema(pet, "#/components/schemas/Pet"), {"next": {"id": 7}}, "body") == ()
    (problem,) = validator.problems(Schema(pet, "#/components/schemas/Pet"), {"next": {"id": "7"}}, "body")

    assert (problem.name, problem.rule, problem.schema_pointer) == (
        "next.id",
        "type",
        "#/components/schemas/Pet/properties/id/type",
    )


def test_formats_of_the_caller_s_own() -> None:
    """Checked on every call, in place of the table's or not at all; a check that breaks down gives no verdict."""
    document = document_of({"properties": {name: {"format": name} for name in ("even", "uri")}})
    client = dynclient.Client(document, formats={"even": lambda value: value % 2 == 0, "uri": None})

    assert said(client["operation"].check(body={"even": 3, "uri": "no uri"})) == ["body even: 3 isn't a valid even"]
    with pytest.raises(CallError) as raised:
        client["operation"].check(body={"even": None})
    assert "the check of the format 'even' failed: TypeError: unsupported operand" in str(raised.value)


def test_formats_are_pickled() -> None:
    """With the client, if their checks can be."""
    client = dynclient.Client(document_of({"format": "date"}), formats={"date": "^[0-9]{4}$"})
    copied = pickle.loads(pickle.dumps(client))

    assert [copied["operation"].check(body=body) == () for body in ("2024", "2024-01-01")] == [True, False]


def test_formats_that_are_none() -> None:
    """Are refused by the client."""
    with pytest.raises(TypeError, match="the format 'even' is checked by"):
        dynclient.Client(document_of({}), formats={"even": 2})  # type: ignore[dict-item]


def test_large_numbers_and_lists() -> None:
    """Take no longer than their size explains, and end in a verdict."""
    call = taking({"properties": {"n": {"multipleOf": 0.1}, "l": {"uniqueItems": True}}})
    items = [{"id": number} for number in range(20_000)]

    assert call.check(body={"n": 10**400, "l": items}) == ()
    assert said(call.check(body={"l": [*items, {"id": 1}]})) == ["body l: an item is given twice; all must differ"]


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("anyOf", "body: 1 is not permitted here"),  # after so many, no more is said of them
        ("oneOf", "body: 1 is not permitted here"),
        ("allOf", "body: 1 is not a string"),
    ],
)
def test_schemas_that_double(keyword: str, expected: str) -> None:
    """30 levels of two ways each are read, lowered, validated and explained in time."""
    levels: Schemas = {f"L{n}": {keyword: [ref(f"L{n + 1}")] * 2} for n in range(30)}
    body = {"content": {"application/json": {"schema": ref("L0")}}}
    call = client_of({"requestBody": body}, L30={"type": "string"}, **levels)["operation"]

    assert call.check(body="a") == ()
    assert set(said(call.check(body=1))) == {expected}
