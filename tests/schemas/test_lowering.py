"""Schemas of OpenAPI as plain JSON Schema 2020-12."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

import dynclient
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import MediaType, Schema
from dynclient.openapi.reader import read_operation
from dynclient.openapi.schema_view import is_file
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.keywords import format_checker, validator_class
from dynclient.schemas.lowering import Direction, Lowering
from dynclient.types import JSON
from tests.places import SPECS

SCHEMAS = "#/components/schemas/"
DIRECTIONS: tuple[Direction, ...] = ("request", "response")


def document(version: str = "3.1.0", **schemas: JSON) -> Document:
    return Document({"openapi": version, "components": {"schemas": schemas}})


def lowered(schema: JSON, version: str = "3.1.0", direction: Direction = "request", **schemas: JSON) -> JSON:
    return Lowering(document(version, **schemas), direction).schema(Schema(schema, "#/x"))


def ref(name: str) -> JSON:
    return {"$ref": SCHEMAS + name}


def noted(schema: JSON, **schemas: JSON) -> list[tuple[str, str]]:
    """The rule and the place of each problem that lowering finds."""
    found = document(**schemas)
    Lowering(found, "request").schema(Schema(schema, "#/x"))
    return [(problem.rule, problem.schema_pointer) for problem in found.problems]


@pytest.mark.parametrize("schema", [True, {}])
def test_a_schema_that_permits_anything(schema: JSON) -> None:
    """Stays as it is."""
    assert lowered(schema) == schema


def test_no_schema() -> None:
    """Permits anything."""
    assert Lowering(document(), "request").schema(None) is True


def test_a_schema_that_permits_nothing() -> None:
    """Is spelled out, except where a keyword gives `false` a meaning of its own."""
    assert lowered(False) == {"not": {}}
    assert lowered({"properties": {"a": False}, "additionalProperties": False}) == {
        "properties": {"a": {"not": {}}},
        "additionalProperties": False,
    }


def test_annotations_are_left_out() -> None:
    """They validate nothing."""
    schema = {
        "type": "string",
        "title": "t",
        "description": "d",
        "default": 1,
        "example": 2,
        "x-any": 3,
        "deprecated": True,
    }

    assert lowered(
        {**schema, "xml": {}, "externalDocs": {}, "readOnly": True, "$comment": "c", "$schema": "s", "$id": "i"}
    ) == {"type": "string"}


def test_plain_keywords_stay() -> None:
    """With their values."""
    schema = {
        "const": 1,
        "dependentRequired": {"a": ["b"]},
        "enum": [1],
        "exclusiveMaximum": 5,
        "exclusiveMinimum": 0,
        "format": "int32",
        "maxContains": 1,
        "maxItems": 2.0,
        "maxLength": 3,
        "maxProperties": 4,
        "maximum": 5,
        "minContains": 0,
        "minItems": 0,
        "minLength": 0,
        "minProperties": 0,
        "minimum": -1.5,
        "multipleOf": 0.5,
        "uniqueItems": True,
        "additionalProperties": {"type": "string"},
        "unevaluatedProperties": False,
        "unevaluatedItems": True,
        "items": {"type": "string"},
        "contains": {"type": "string"},
        "propertyNames": {"type": "string"},
        "prefixItems": [{"type": "string"}, True],
        "properties": {"a": {"type": "string"}},
        "dependentSchemas": {"a": {"type": "object"}},
        "patternProperties": {"^x-": {"type": "string"}},
        "not": {"type": "null"},
        "if": {"type": "string"},
        "then": {"type": "string"},
        "else": {"type": "object"},
        "required": ["a"],
        "allOf": [{"type": "object"}],
        "anyOf": [{"type": "object"}],
    }

    assert lowered(schema) == schema


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"const": 1, "maxLength": "5"}, "#/x/maxLength"),
        ({"const": 1, "maxLength": -1}, "#/x/maxLength"),
        ({"const": 1, "maxLength": 1.5}, "#/x/maxLength"),
        ({"const": 1, "maxLength": True}, "#/x/maxLength"),
        ({"const": 1, "maxLength": float("inf")}, "#/x/maxLength"),
        ({"const": 1, "minimum": "0"}, "#/x/minimum"),
        ({"const": 1, "minimum": float("nan")}, "#/x/minimum"),
        ({"const": 1, "maximum": 10**400}, "#/x/maximum"),
        ({"const": 1, "multipleOf": 0}, "#/x/multipleOf"),
        ({"const": 1, "enum": "a"}, "#/x/enum"),
        ({"const": 1, "uniqueItems": "true"}, "#/x/uniqueItems"),
        ({"const": 1, "format": 5}, "#/x/format"),
        ({"const": 1, "dependentRequired": {"a": "b"}}, "#/x/dependentRequired"),
        ({"const": 1, "dependentRequired": []}, "#/x/dependentRequired"),
        ({"const": 1, "exclusiveMinimum": "0"}, "#/x/exclusiveMinimum"),
    ],
)
def test_values_that_are_none_of_their_keyword(schema: JSON, pointer: str) -> None:
    """A validator would crash at them: they are left out, and noted."""
    assert lowered(schema) == {"const": 1}
    assert noted(schema) == [("keyword-value", pointer)]


@pytest.mark.parametrize(
    "schema",
    [
        {"required": True},
        {"required": [1]},
        {"properties": []},
        {"items": "string"},
        {"allOf": {}},
        {"anyOf": []},
        {"oneOf": "a"},
        {"pattern": 5},
        {"patternProperties": []},
        {"prefixItems": {}},
        {"additionalProperties": "false"},
        {"exclusiveMinimum": True},
        {"$ref": 5},
        {"discriminator": {"propertyName": "a"}},
    ],
)
def test_keywords_of_another_shape(schema: JSON) -> None:
    """Say nothing."""
    assert lowered(schema) == {}


@pytest.mark.parametrize("schema", [None, [], "string", 5])
def test_what_is_no_schema(schema: JSON) -> None:
    """Permits anything, and is noted."""
    assert lowered({"items": {"allOf": [schema]}}) == {"items": {"allOf": [True]}}
    assert noted({"items": {"allOf": [schema]}}) == [("schema-shape", "#/x/items/allOf/0")]


@pytest.mark.parametrize(
    ("schema", "expected", "problems"),
    [
        ({"type": "string"}, {"type": "string"}, []),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}, []),
        ({"type": "any"}, {}, [("type-unknown", "#/x/type")]),
        ({"type": ["string", "float", 5]}, {"type": ["string"]}, [("type-unknown", "#/x/type")]),
        ({"type": None}, {}, [("type-unknown", "#/x/type")]),
        ({"type": []}, {}, []),
    ],
)
def test_types(schema: JSON, expected: JSON, problems: list[tuple[str, str]]) -> None:
    """Those of JSON Schema."""
    assert lowered(schema) == expected
    assert noted(schema) == problems


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"minimum": 0, "exclusiveMinimum": True}, {"exclusiveMinimum": 0}),
        ({"minimum": 0, "exclusiveMinimum": False}, {"minimum": 0}),
        ({"maximum": 9, "exclusiveMaximum": True}, {"exclusiveMaximum": 9}),
        ({"minimum": 0, "exclusiveMinimum": 1}, {"minimum": 0, "exclusiveMinimum": 1}),
    ],
)
def test_exclusive_limits(schema: JSON, expected: JSON) -> None:
    """A boolean beside the limit becomes the limit itself."""
    assert lowered(schema) == expected


NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "null", "nullable": True}, NULL),
        ({"nullable": True}, {}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"anyOf": [{"enum": ["a"], "type": "string"}, NULL]}),
        ({"allOf": [{"type": "string"}], "nullable": True}, {"anyOf": [{"allOf": [{"type": "string"}]}, NULL]}),
        ({"anyOf": [{"type": "string"}], "nullable": True}, {"anyOf": [{"anyOf": [{"type": "string"}]}, NULL]}),
        ({"type": ["string"], "nullable": True}, {"anyOf": [{"type": ["string"]}, NULL]}),
        ({**ref("A"), "nullable": True}, {"anyOf": [ref("A"), NULL]}),
        ({"allOf": [ref("A"), {"nullable": True}]}, {"anyOf": [{"allOf": [ref("A"), {}]}, NULL]}),
        (
            {"allOf": [ref("A"), {"type": "object", "nullable": True}]},
            {"allOf": [ref("A"), {"type": ["object", "null"]}]},
        ),
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_nullable(version: str, schema: JSON, expected: JSON) -> None:
    """Null beside whatever else is permitted."""
    assert lowered(schema, version, A={"type": "object"}) == expected


@pytest.mark.parametrize(("version", "expected"), [("3.0.3", ref("A")), ("3.1.0", {**ref("A"), "required": ["a"]})])
def test_references_and_what_stands_beside_them(version: str, expected: JSON) -> None:
    """Ignored in 3.0."""
    assert lowered({**ref("A"), "required": ["a"]}, version, A={"type": "object"}) == expected


@pytest.mark.parametrize("target", [True, {}])
def test_references_to_what_permits_anything(target: JSON) -> None:
    """Need not be followed."""
    assert lowered(ref("A"), A=target) == {}


def test_components_are_lowered_when_they_are_needed() -> None:
    """Those that references lead to, each once; what stands elsewhere gets a name of its own."""
    found = Document(
        {
            "openapi": "3.1.0",
            "components": {
                "schemas": {
                    "Tree": {"properties": {"next": ref("Tree"), "odd": ref("a~1b %25")}},
                    "a/b %": {"type": "string", "nullable": True},
                    "Unused": {"type": "string"},
                }
            },
            "paths": {"/x": {"schema": {"type": "integer"}}},
        }
    )
    lowering = Lowering(found, "request")
    schema = lowering.schema(Schema({"anyOf": [ref("Tree"), {"$ref": "#/paths/~1x/schema"}]}, "#/x"))

    assert lowering.components == {
        "Tree": {"properties": {"next": ref("Tree"), "odd": ref("a~1b%20%25")}},
        "a/b %": {"type": ["string", "null"]},
        "paths/~1x/schema": {"type": "integer"},
    }
    assert schema == {"anyOf": [ref("Tree"), ref("paths~1~01x~1schema")]}
    assert lowering.reachable(schema) == lowering.components
    assert lowering.reachable({"enum": [ref("Tree")], "const": ref("Tree")}) == {}
    assert lowering.reachable(ref("Unused")) == {}


def test_a_lowered_reference_is_followed() -> None:
    """To its component; anything where it is none or leads nowhere."""
    schemas: dict[str, JSON] = {"a/b": {"type": "string"}}
    lowering = Lowering(document(**schemas), "request")
    schema = lowering.schema(Schema(ref("a~1b"), "#/x"))

    assert [lowering.resolve(schema), lowering.resolve(ref("Missing")), lowering.resolve({"type": "string"})] == [
        {"type": "string"},
        True,
        True,
    ]


@pytest.mark.parametrize("target", ["#/components/schemas/Missing", "other.yaml", "http://a.test/x", "#name", "Cat"])
def test_references_to_nothing(target: str) -> None:
    """Permit nothing, for nobody can say what; they are noted, and the lowered schema says why."""
    found = document()
    lowering = Lowering(found, "request")

    assert lowering.schema(Schema({"$ref": target}, "#/x")) == ref("missing%20at%20%23~1x")
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [("reference-missing", "#/x")]
    assert lowering.components == {
        "missing at #/x": {"not": {}, "$comment": f"cannot be checked, for mapping #/x: {found.problems[0].message}"}
    }
    assert found.problems[0].message.startswith(f"the reference {target!r} cannot be followed: ")


def test_references_in_a_circle() -> None:
    """Lead to nothing."""
    assert lowered(ref("A"), A=ref("B"), B=ref("A")) == ref("missing%20at%20%23~1x")


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize("anchor", ["$anchor", "$dynamicAnchor"])
def test_anchors(keyword: str, anchor: str) -> None:
    """The component that carries it; that in which the reference stands before others."""
    other = {anchor: "node", "type": "string"}
    own = {anchor: "node", "items": {keyword: "#node"}}
    lowering = Lowering(document(Other=other, Own=own, Odd=True), "request")

    assert lowering.schema(Schema({keyword: "#node"}, "#/x")) == ref("Other")
    assert lowering.schema(Schema(ref("Own"), "#/x")) == ref("Own")
    assert lowering.components == {"Other": {"type": "string"}, "Own": {"items": ref("Own")}}


def test_anchors_without_components() -> None:
    """Lead to nothing."""
    published: list[JSON] = [None, [], {"schemas": []}]
    for components in published:
        found = Document({"openapi": "3.1.0", "components": components})
        assert Lowering(found, "request").schema(Schema({"$ref": "#name"}, "#/x")) == ref("missing%20at%20%23~1x")


def test_recursive_references() -> None:
    """`#` is the component in which it stands."""
    lowering = Lowering(document(A={"items": {"$recursiveRef": "#"}}), "request")
    lowering.schema(Schema(ref("A"), "#/x"))

    assert lowering.components == {"A": {"items": ref("A")}}


def test_a_reference_to_the_whole_document() -> None:
    """Outside the components `#` is the document, which is a schema of nothing."""
    lowering = Lowering(document(), "request")

    assert lowering.schema(Schema({"$ref": "#"}, "#/x")) == {"$ref": "#/components/schemas/%23"}
    assert lowering.components == {"#": {}}


ACCOUNT = {
    "required": ["id", "password", "name", "name"],
    "properties": {"id": {"readOnly": True}, "password": {"writeOnly": True}, "name": {}},
}


@pytest.mark.parametrize(("direction", "required"), [("request", ["password", "name"]), ("response", ["id", "name"])])
def test_what_does_not_travel_is_not_required(direction: Direction, required: list[str]) -> None:
    """It may still be given: it is not the client that suffers."""
    assert lowered(ACCOUNT, direction=direction) == {
        "required": required,
        "properties": {"id": {}, "password": {}, "name": {}},
    }


def test_what_is_hidden_in_another_member() -> None:
    """The components that are meant without some names have names of their own."""
    lowering = Lowering(document(Base={"required": ["id"]}, Both={"allOf": [ref("Base"), ref("Base")]}), "request")
    schema = lowering.schema(
        Schema({"allOf": [ref("Both"), ref("Base")], "properties": {"id": {"readOnly": True}}}, "#/x")
    )

    assert schema == {
        "properties": {"id": {}},
        "allOf": [ref("Both%20%28without%20id%29"), ref("Base%20%28without%20id%29")],
    }
    assert lowering.components == {
        "Base (without id)": {"required": []},
        "Both (without id)": {"allOf": [ref("Base%20%28without%20id%29")] * 2},
    }


def test_what_is_hidden_is_so_for_one_value_only() -> None:
    """A property of the same name in another object is another property."""
    schema = {"properties": {"id": {"readOnly": True}, "child": {"required": ["id"]}}, "items": ref("Base")}
    lowering = Lowering(document(Base={"required": ["id"]}), "request")

    assert lowering.schema(Schema(schema, "#/x")) == {
        "items": ref("Base"),
        "properties": {"id": {}, "child": {"required": ["id"]}},
    }


def test_hidden_names_in_recursive_schemas() -> None:
    """End where they began."""
    recursive = {"allOf": [ref("A")], "properties": {"id": ref("Id")}, "required": ["id"]}
    loop = {"allOf": [ref("Id"), True]}

    assert lowered(ref("A"), A=recursive, Id=loop) == ref("A")


@pytest.mark.parametrize("keyword", ["not", "if"])
def test_conditions_are_exact(keyword: str) -> None:
    """There `oneOf` stays, and nothing is taken away from `required`."""
    condition = {"oneOf": [{"type": "string"}], "required": ["id"], "properties": {"id": {"readOnly": True}}}
    expected = {"oneOf": [{"type": "string"}], "required": ["id"], "properties": {"id": {}}}
    lowering = Lowering(document(A=condition), "request")

    assert lowering.schema(Schema({keyword: condition}, "#/x")) == {keyword: expected}
    assert lowering.schema(Schema({keyword: ref("A")}, "#/x")) == {keyword: ref("A%20%28exact%29")}
    assert lowering.components == {"A (exact)": expected}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"oneOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "string"}]}),
        (
            {"anyOf": [{"type": "string"}], "oneOf": [{"const": 1}]},
            {"allOf": [{"anyOf": [{"type": "string"}]}, {"anyOf": [{"const": 1}]}]},
        ),
        (
            {"allOf": [{}], "anyOf": [{"type": "string"}], "oneOf": [{"const": 1}]},
            {"allOf": [{}, {"anyOf": [{"type": "string"}]}, {"anyOf": [{"const": 1}]}]},
        ),
    ],
)
def test_unions(schema: JSON, expected: JSON) -> None:
    """Published members overlap: any will do."""
    assert lowered(schema) == expected


def has(tag: str, *values: str) -> JSON:
    return {"type": "object", "required": [tag], "properties": {tag: {"enum": list(values)}}}


def test_discriminated_unions() -> None:
    """`if` a value of the tag `then` its member; another one is refused, and without any a member must fit."""
    a, b = {"properties": {"kind": {"const": "a"}}}, {"properties": {"kind": {"type": "string"}}}
    schema = {
        "oneOf": [ref("A"), ref("B")],
        "discriminator": {"propertyName": "kind", "mapping": {"b1": "B", "b2": SCHEMAS + "B"}},
    }

    assert lowered(schema, A=a, B=b) == {
        "if": has("kind", "a", "b1", "b2"),
        "then": {
            "allOf": [
                {"if": has("kind", "a"), "then": ref("A")},
                {"if": has("kind", "b1"), "then": ref("B")},
                {"if": has("kind", "b2"), "then": ref("B")},
            ]
        },
        "else": {
            "if": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
            "then": has("kind", "a", "b1", "b2"),
            "else": {"anyOf": [ref("A"), ref("B")]},
        },
    }


def test_a_tag_of_several_members() -> None:
    """Any of these."""
    members = [{"properties": {"kind": {"enum": ["a", 5]}}}, {"allOf": [{"properties": {"kind": {"const": "a"}}}]}]
    schema = {"anyOf": members, "discriminator": {"propertyName": "kind"}}

    assert lowered(schema) == {
        "if": has("kind", "a"),
        "then": {"allOf": [{"if": has("kind", "a"), "then": {"anyOf": members_of(members)}}]},
        "else": {"anyOf": members_of(members)},
    }


def members_of(members: list[JSON]) -> list[JSON]:
    """The members as they are lowered alone."""
    return [lowered(member) for member in members]


def test_a_discriminator_beside_a_condition() -> None:
    """A schema with an `if` of its own keeps it."""
    schema = {
        "if": {"type": "string"},
        "oneOf": [{"properties": {"kind": {"const": "a"}}}],
        "discriminator": {"propertyName": "kind"},
    }

    assert lowered(schema)["if"] == {"type": "string"}
    assert lowered(schema)["allOf"][0]["if"] == has("kind", "a")


def test_a_tag_of_any_value() -> None:
    """Where nothing is declared of it, it is the member's name."""
    schema = {"oneOf": [ref("A")], "discriminator": {"propertyName": "kind"}}

    assert lowered(schema, A={"properties": {"kind": True}})["if"] == has("kind", "A")


def test_a_discriminator_of_recursive_members() -> None:
    """Its values are looked for once in each."""
    schema = {"oneOf": [ref("A")], "discriminator": {"propertyName": "kind"}}

    assert lowered(schema, A={"anyOf": [ref("A")], "properties": {"other": {}}})["if"] == has("kind", "A")


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([{"type": "string"}], {"prefixItems": [{"type": "string"}]}),
        ({"type": "string"}, {"items": {"type": "string"}}),
    ],
)
def test_items(items: JSON, expected: JSON) -> None:
    """A list of them is that of JSON Schema draft 7."""
    assert lowered({"items": items}) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "format": "binary"}, True),
        ({"type": "file"}, True),
        ({"contentMediaType": "image/png"}, True),
        ({"type": "string", "contentEncoding": "binary"}, True),
        ({"contentMediaType": "image/png", "contentEncoding": "base64"}, False),
        ({"type": "string", "format": "byte"}, False),
        ({"type": "string"}, False),
        (True, False),
        (None, False),
    ],
)
def test_files(schema: JSON, expected: bool) -> None:
    """In a form they stand for bytes; elsewhere they are text."""
    assert is_file(schema) is expected
    if expected:
        assert Lowering(document(), "request", form=True).schema(Schema({"items": schema}, "#/x")) == {"items": True}


def test_components_of_forms() -> None:
    """Have names of their own."""
    lowering = Lowering(document(A={"properties": {"f": {"format": "binary"}}}), "request", form=True)

    assert lowering.schema(Schema(ref("A"), "#/x")) == ref("A%20%28form%29")
    assert lowering.components == {"A (form)": {"properties": {"f": True}}}


@pytest.mark.parametrize(
    ("schema", "path", "keyword", "expected"),
    [
        ({"type": "string"}, [], "", "#/x"),
        ({"type": "string"}, [], "type", "#/x/type"),
        ({"oneOf": [{}]}, [], "anyOf", "#/x/oneOf"),
        ({"anyOf": [{}]}, [], "anyOf", "#/x/anyOf"),
        ({"items": [{"type": "string"}]}, [], "prefixItems", "#/x/items"),
        ({"type": "string", "enum": ["a"], "nullable": True}, [], "anyOf", "#/x/nullable"),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["anyOf", 0], "enum", "#/x/enum"),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["anyOf", 1], "type", ""),
        ({"properties": {"a/b": {"type": "string"}}}, ["properties", "a/b"], "type", "#/x/properties/a~1b/type"),
        ({"properties": {"a": False}}, ["properties", "a"], "not", "#/x/properties/a"),
        ({"anyOf": [{}], "oneOf": [{}]}, ["allOf", 1], "anyOf", "#/x/anyOf"),
    ],
)
def test_origins(schema: JSON, path: list[str | int], keyword: str, expected: str) -> None:
    """Where in the document a lowered schema, and a keyword of it, comes from."""
    found = Document({"openapi": "3.1.0", "x": schema})
    lowering = Lowering(found, "request")
    node = lowering.schema(Schema(schema, "#/x"))
    for step in path:
        node = node[step]

    assert lowering.origin(node, keyword) == expected


def test_patterns_stay() -> None:
    """As they are published, for JSON Schema means those of ECMA-262."""
    schema = {"pattern": r"^\p{L}\d$", "patternProperties": {"^(a+)+$": {}}}

    assert lowered(schema) == schema
    assert noted(schema) == []


def test_patterns_that_cannot_be_run() -> None:
    """Are not checked, and noted; one of names may mean any of them, so that none is additional."""
    schema = {"pattern": r"\p{Print}", "patternProperties": {"(": {"type": "string"}, "a$": {}}}

    assert lowered(schema) == {"patternProperties": {"": True, "a$": {}}}
    assert noted(schema) == [("pattern-unsupported", "#/x/pattern"), ("pattern-unsupported", "#/x/patternProperties/(")]


def test_patterns_that_could_take_long() -> None:
    """Stay, and are noted: a text that could take long is not held to them."""
    schema = {"pattern": r"^(a+)+\1$"}

    assert lowered(schema) == schema
    assert noted(schema) == [("pattern-slow", "#/x/pattern")]


NAMES = strategies.sampled_from(["a", "b", "c"])
INSTANCES = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.integers(-3, 3)
    | strategies.sampled_from([0.5, "", "a", "bc", "12"]),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
COUNTS = strategies.integers(0, 3)
LEAVES = strategies.booleans() | strategies.fixed_dictionaries(
    {},
    optional={
        "type": strategies.sampled_from(
            ["null", "boolean", "object", "array", "number", "integer", "string", ["string", "null"]]
        ),
        "const": INSTANCES,
        "enum": strategies.lists(INSTANCES, min_size=1, max_size=3),
        "minimum": COUNTS,
        "exclusiveMaximum": COUNTS,
        "multipleOf": strategies.sampled_from([1, 2, 0.5]),
        "maxLength": COUNTS,
        "minItems": COUNTS,
        "uniqueItems": strategies.booleans(),
        "maxProperties": COUNTS,
        "pattern": strategies.sampled_from(["^a", "b$", "[0-9]+"]),
        "required": strategies.lists(NAMES, max_size=2, unique=True),
        "dependentRequired": strategies.dictionaries(
            NAMES, strategies.lists(NAMES, max_size=2, unique=True), max_size=1
        ),
    },
)


def _combined(inner: strategies.SearchStrategy[JSON]) -> strategies.SearchStrategy[JSON]:
    several = strategies.lists(inner, min_size=1, max_size=3)
    named = strategies.dictionaries(NAMES, inner, max_size=2)
    return strategies.fixed_dictionaries(
        {},
        optional={
            "properties": named,
            "patternProperties": strategies.dictionaries(strategies.sampled_from(["^a", "[bc]$"]), inner, max_size=1),
            "additionalProperties": inner,
            "propertyNames": inner,
            "unevaluatedProperties": inner,
            "items": inner,
            "prefixItems": several,
            "contains": inner,
            "unevaluatedItems": inner,
            "allOf": several,
            "anyOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "dependentSchemas": named,
        },
    )


PLAIN = strategies.recursive(LEAVES, _combined, max_leaves=6)


@given(PLAIN, strategies.lists(INSTANCES, min_size=1, max_size=5))
def test_plain_schemas_mean_what_they_meant(schema: JSON, instances: list[JSON]) -> None:
    """Without OpenAPI's own keywords and `oneOf`, lowering changes no verdict."""
    Draft202012Validator.check_schema(schema)
    before, after = Draft202012Validator(schema), Draft202012Validator(lowered(schema))

    assert [after.is_valid(instance) for instance in instances] == [before.is_valid(instance) for instance in instances]


@pytest.mark.slow
@settings(deadline=None)
@given(PLAIN, PLAIN, strategies.sampled_from(["3.0.3", "3.1.0"]))
def test_lowered_schemas_are_plain_json_schema(schema: JSON, other: JSON, version: str) -> None:
    """Whatever goes in."""
    union = {"oneOf": [schema, other, ref("A")], "discriminator": {"propertyName": "a"}, "nullable": True}
    lowering = Lowering(document(version, A=schema), "request")

    Draft202012Validator.check_schema(lowering.schema(Schema(union, "#/x")))
    Draft202012Validator.check_schema({"$defs": lowering.components})


def _flat_metaschema() -> JSON:
    """The meta-schema of 2020-12 with its vocabularies in one: the same rules, four times faster."""
    merged: dict[str, JSON] = {"type": ["object", "boolean"], "properties": {}, "$defs": {}}
    for vocabulary in ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content"):
        part = REGISTRY.contents(f"https://json-schema.org/draft/2020-12/meta/{vocabulary}")
        merged["properties"] |= part["properties"]
        merged["$defs"] |= part.get("$defs", {})
    return json.loads(json.dumps(merged).replace('"$dynamicRef": "#meta"', '"$ref": "#"'))


def _specs() -> list[Path]:
    return sorted(path for path in SPECS.glob("*") if path.suffix in (".json", ".yaml") and path.name != "index.json")


@pytest.mark.slow
@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("path", [path for path in _specs() if path.name != "openai.yaml"], ids=lambda path: path.name)
def test_published_schemas(path: Path) -> None:
    """Every schema of every request and response becomes plain JSON Schema, and its references lead somewhere."""
    try:
        found = parse(load(path))
    except DocumentError as error:
        pytest.skip(error.message)
    lowerings = {
        "request": Lowering(found, "request"),
        "form": Lowering(found, "request", form=True),
        "response": Lowering(found, "response"),
    }
    schemas: dict[str, list[JSON]] = {kind: [] for kind in lowerings}
    for entry in read_entries(found):
        operation = read_operation(found, entry)
        request_media = operation.body.content if operation.body else ()
        for kind, lowering in lowerings.items():
            media = request_media if kind != "response" else [m for r in operation.responses for m in r.content]
            schemas[kind] += [lowering.schema(media_type.schema) for media_type in media]
        schemas["request"] += [lowerings["request"].schema(parameter.schema) for parameter in operation.parameters]
    metaschema = Draft202012Validator(_flat_metaschema())
    for kind, lowering in lowerings.items():
        metaschema.validate({"$defs": lowering.components, "prefixItems": schemas[kind] or [True]})
        assert lowering.reachable(schemas[kind]) == lowering.components


def _request_examples(found: Document) -> Iterator[tuple[MediaType, JSON]]:
    """The examples of request bodies, each with the media type where it stands."""
    for entry in read_entries(found):
        try:
            operation = read_operation(found, entry)
        except DocumentError:
            continue
        for media_type in operation.body.content if operation.body else ():
            published = found.at(media_type.pointer)
            named = published.get("examples") if isinstance(published, dict) else None
            several = [each.get("value") for each in named.values() if isinstance(each, dict)] if named else []
            alone = [published["example"]] if isinstance(published, dict) and "example" in published else []
            yield from ((media_type, example) for example in [*several, *alone])


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("name", ["box.json", "mistral.yaml", "qdrant.json", "slack.json", "neon.json"])
def test_published_examples(name: str) -> None:
    """Jsonschema as it is has the verdict of ours on what published documents print."""
    found = parse(load(SPECS / name))
    lowering = Lowering(found, "request")
    lowered_examples = [(lowering.schema(m.schema), example) for m, example in _request_examples(found)]
    checker = format_checker(FORMATS)
    for schema, example in lowered_examples:
        whole = {"allOf": [schema], "components": {"schemas": lowering.components}}
        ours, plain = (kind(whole, format_checker=checker) for kind in (validator_class(), Draft202012Validator))
        assert ours.is_valid(example) is plain.is_valid(example)


def test_bundled_schemas() -> None:
    """Those of the bundled document are plain JSON Schema 2020-12, by the check of jsonschema itself."""
    found = dynclient.Client("openai").document
    for direction in DIRECTIONS:
        lowering = Lowering(found, direction)
        for name in found.contents["components"]["schemas"]:
            lowering.schema(Schema(ref(name), "#/x"))
        Draft202012Validator.check_schema({"$defs": lowering.components})
        assert lowering.components
