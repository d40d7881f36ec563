"""How schemas differ: what each keyword newly refuses or permits; every narrowing is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator

from dynclient.diff.schemas import SchemaChange, SchemaComparison
from dynclient.documents.document import Document
from dynclient.openapi.model import Schema
from dynclient.schemas.lowering import Direction, Lowering
from dynclient.types import JSON

REF = "#/components/schemas/"


def lowering(schema: JSON, schemas: Mapping[str, JSON], direction: Direction = "request") -> Lowering:
    return Lowering(Document({"openapi": "3.1.0", "schema": schema, "components": {"schemas": schemas}}), direction)


def changes(old: JSON, new: JSON, before: JSON = None, **now: JSON) -> list[SchemaChange]:
    """What is different; `now` holds the components of the newer document, and of the older unless `before` does."""
    comparison = SchemaComparison(lowering(old, now if before is None else before), lowering(new, now))
    return list(comparison.changes(Schema(old, "#/schema"), Schema(new, "#/schema")))


def told(found: list[SchemaChange]) -> list[str]:
    """Each change as a line: `<` narrows, `>` widens, `<>` may do both, `=` does neither."""
    return [
        f"{'<' * change.narrows + '>' * change.widens or '='} {change.place}: {change.message}".replace(" :", "")
        for change in found
    ]


TEXT: JSON = {"type": "string"}
INTEGER: JSON = {"type": "integer"}


def having(**properties: JSON) -> dict[str, JSON]:
    return {"type": "object", "properties": properties}


def needing(**properties: JSON) -> dict[str, JSON]:
    return {**having(**properties), "required": list(properties)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TEXT, INTEGER, ["<> integer instead of string"]),
        (TEXT, {"type": ["string", "null"]}, ["> string or null instead of string"]),
        (INTEGER, {"type": "number"}, ["> number instead of integer"]),
        ({}, TEXT, ["< string instead of anything"]),
        (True, False, ["< no longer permitted"]),
        (False, TEXT, ["> permitted now"]),
        (False, False, []),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, ["< 'a' no longer permitted", "> 'c' permitted now"]),
        (TEXT, {"enum": ["a"]}, ["< only 'a' permitted now"]),
        ({"enum": ["a"]}, {}, ["> not only 'a' permitted now"]),
        ({"enum": [1, 2]}, TEXT, ["<> not only 1, 2 permitted now"]),
        ({"const": 1}, {"const": 1.0}, []),
        ({"const": 1}, {"const": True}, ["< 1 no longer permitted", "> true permitted now"]),
        ({"type": "string", "enum": ["a"]}, {"enum": ["a"]}, []),
        ({"enum": [1, "a"], "const": "a"}, {"const": "a"}, []),
        ({"const": 1.5}, {"const": []}, ["< 1.5 no longer permitted", "> [] permitted now"]),
        ({"maximum": 5}, {"maximum": 4}, ["< maximum 4 instead of maximum 5"]),
        ({"maximum": 5}, {"exclusiveMaximum": 5}, ["< maximum 5 (exclusive) instead of maximum 5"]),
        ({"exclusiveMinimum": 5}, {"minimum": 5}, ["> minimum 5 instead of minimum 5 (exclusive)"]),
        ({"minimum": 1}, {}, ["> minimum 1 removed"]),
        ({}, {"minLength": 0}, []),
        ({}, {"minLength": 2}, ["< minLength 2 added"]),
        (INTEGER, {"type": "integer", "minLength": 2}, []),
        ({"pattern": "^a"}, {"pattern": "^b"}, ["<> pattern '^b' instead of pattern '^a'"]),
        ({"format": "int32"}, {"format": "int64"}, ["> format 'int64' instead of format 'int32'"]),
        ({"format": "int64"}, {"format": "int32"}, ["< format 'int32' instead of format 'int64'"]),
        ({"multipleOf": 4}, {"multipleOf": 2}, ["> multipleOf 2 instead of multipleOf 4"]),
        ({"multipleOf": 2}, {"multipleOf": 3}, ["<> multipleOf 3 instead of multipleOf 2"]),
        ({"uniqueItems": False}, {"uniqueItems": True}, ["< uniqueItems true added"]),
        ({"not": TEXT}, {"not": INTEGER}, ["<> not changed"]),
        ({}, {"contains": TEXT}, ["< contains added"]),
        ({"if": TEXT}, {}, ["> if removed"]),
        ({"not": {"items": [TEXT]}}, {"not": {"items": [TEXT, TEXT]}}, ["<> not changed"]),
    ],
)
def test_a_value(old: JSON, new: JSON, expected: list[str]) -> None:
    """What is said of the value as a whole."""
    assert told(changes(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (having(a=TEXT), having(a=TEXT, b=TEXT), ["= b: added"]),
        (having(), needing(a=TEXT), ["< a: added, required"]),
        (having(a=TEXT), having(), ["< a: removed"]),
        (needing(a=TEXT), having(), ["<> a: removed, was required"]),
        (having(a=TEXT), needing(a=TEXT), ["< a: required now"]),
        (needing(a=TEXT), having(a=TEXT), ["> a: no longer required"]),
        ({"type": "object"}, {"type": "object", "required": ["x"]}, ["< 'x' required now"]),
        (having(a=having(b=TEXT)), having(a=having(b=INTEGER)), ["<> a.b: integer instead of string"]),
        (having(), {**having(), "additionalProperties": False}, ["< other properties no longer permitted"]),
        ({**having(), "additionalProperties": False}, having(), ["= other properties permitted now"]),
        ({"additionalProperties": TEXT}, {"additionalProperties": INTEGER}, ["<> *: integer instead of string"]),
        ({"additionalProperties": TEXT}, {**having(a=TEXT), "additionalProperties": TEXT}, ["< a: added"]),
        ({"patternProperties": {"^a": {}}}, {"patternProperties": {"^a": TEXT}}, ["< *: string instead of anything"]),
        (
            {"patternProperties": {"^a": TEXT}},
            {"patternProperties": {"^b": TEXT}},
            ["<> the permitted other properties have changed"],
        ),
        ({"allOf": [having(a=TEXT), having(b=TEXT)]}, having(a=TEXT, b=TEXT), []),
        (
            {"allOf": [{"additionalProperties": TEXT}, {"additionalProperties": {"maxLength": 2}}]},
            {"allOf": [{"additionalProperties": TEXT}, {"additionalProperties": {"maxLength": 2}}]},
            [],
        ),
        (
            {**having(a=TEXT, b=TEXT), "additionalProperties": False},
            {"allOf": [{**having(a=TEXT), "additionalProperties": False}, having(b=TEXT)]},
            ["< b: is one of the other properties now"],
        ),
    ],
)
def test_an_object(old: JSON, new: JSON, expected: list[str]) -> None:
    """Its properties, which of them it needs, and what else it may have."""
    shown = [line.replace("object instead of anything", "") for line in told(changes(old, new))]

    assert [line for line in shown if line not in ("< ", "> ")] == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"items": TEXT}, {"items": INTEGER}, ["<> []: integer instead of string"]),
        ({}, {"items": TEXT}, ["< []: string instead of anything"]),
        ({"prefixItems": [TEXT]}, {"prefixItems": [INTEGER]}, ["<> [0]: integer instead of string"]),
        ({"prefixItems": [TEXT]}, {"prefixItems": [TEXT, TEXT]}, ["<> the items have changed"]),
        (
            {"allOf": [{"prefixItems": [TEXT]}, {"items": TEXT}]},
            {"allOf": [{"prefixItems": [TEXT]}, {"items": TEXT}]},
            [],
        ),
    ],
)
def test_an_array(old: JSON, new: JSON, expected: list[str]) -> None:
    """Its items, except those at fixed places."""
    assert told(changes(old, new)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"anyOf": [TEXT, INTEGER]}, {"anyOf": [INTEGER, TEXT, {"type": "null"}]}, ["> null permitted now"]),
        ({"oneOf": [TEXT, INTEGER]}, {"anyOf": [TEXT]}, ["< integer no longer permitted"]),
        ({"anyOf": [TEXT, {"type": "null"}]}, {"anyOf": [{"type": "null"}, INTEGER]}, ["<> integer instead of string"]),
        (TEXT, {"anyOf": [TEXT, {"type": "null"}]}, ["> null permitted now"]),
        ({"anyOf": [TEXT, INTEGER]}, {"type": ["string", "integer"]}, []),
        ({"anyOf": [TEXT, {"anyOf": [INTEGER]}]}, {"anyOf": [TEXT, INTEGER]}, []),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}, []),
        (
            {"anyOf": [needing(kind={"const": "a"}), needing(kind={"const": "b"})]},
            {"anyOf": [needing(kind={"const": "b"}, x=TEXT), needing(kind={"const": "a"})]},
            ["< x: added, required"],
        ),
        (
            {"anyOf": [TEXT, needing(kind={"const": "a"})]},
            {"anyOf": [TEXT, needing(kind={"const": "a"}), needing(kind={"const": "b"})]},
            ['> object with kind "b" permitted now'],
        ),
        ({"anyOf": [{"$ref": REF + "A"}, TEXT]}, {"anyOf": [TEXT]}, ["< A no longer permitted"]),
        (
            {"anyOf": [TEXT, {"enum": [1, 2]}, {"const": 5}]},
            TEXT,
            ["< 1, 2 no longer permitted", "< 5 no longer permitted"],
        ),
        ({"minLength": 1}, {"minLength": 1, "anyOf": [TEXT, INTEGER]}, ["< must fit one of 2 alternatives now"]),
        ({"minLength": 1, "anyOf": [TEXT]}, {"minLength": 1}, ["> need not fit one of 1 alternatives any more"]),
        (
            {"minLength": 1, "anyOf": [TEXT]},
            {"minLength": 1, "anyOf": [TEXT, INTEGER]},
            ["> integer permitted now"],
        ),
    ],
)
def test_a_union(old: JSON, new: JSON, expected: list[str]) -> None:
    """Each alternative is compared with the one most like it, in whatever order they stand."""
    assert told(changes(old, new, A={"type": "object"})) == expected


def test_a_union_with_a_discriminator() -> None:
    """It is compared value by value of the property that tells its members apart."""
    members = {
        "Cat": needing(kind={"const": "cat"}, lives=INTEGER),
        "Dog": needing(kind={"const": "dog"}),
        "Ant": needing(kind={"const": "ant"}),
    }
    union = {"oneOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "Dog"}], "discriminator": {"propertyName": "kind"}}
    other = {"oneOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "Ant"}], "discriminator": {"propertyName": "kind"}}
    now = {**members, "Cat": needing(kind={"const": "cat"}, lives=TEXT)}
    expected = [
        "< kind 'dog' no longer permitted",
        "> kind 'ant' permitted now",
        "<> lives: string instead of integer",
    ]

    assert told(changes(union, other, members, **now)) == expected
    assert told(changes({**union, "minProperties": 1}, {**other, "minProperties": 1}, members, **now)) == expected

    assert told(changes(union, union, members, **now)) == ["<> lives: string instead of integer"]
    assert told(changes(union, {"anyOf": [{"$ref": REF + "Cat"}]}, **members)) == ["< Dog no longer permitted"]


def test_a_recursive_schema() -> None:
    """It is compared once, and a change in it is reported at the first place where it shows."""
    before = {"Tree": having(leaf=TEXT, branches={"type": "array", "items": {"$ref": REF + "Tree"}})}
    now = {"Tree": having(leaf=INTEGER, branches={"type": "array", "items": {"$ref": REF + "Tree"}})}
    change = SchemaChange(
        "tree.leaf",
        "integer instead of string",
        True,
        True,
        REF + "Tree/properties/leaf",
        REF + "Tree/properties/leaf",
    )

    assert changes(having(tree={"$ref": REF + "Tree"}), having(tree={"$ref": REF + "Tree"}), before, **now) == [change]
    assert changes({"not": {"$ref": REF + "Tree"}}, {"not": {"$ref": REF + "Tree"}}, now, **now) == []


def test_dialects_compare_alike() -> None:
    """What OpenAPI 3.0 says in its own words is the same in those of 3.1."""
    old: JSON = {"type": "integer", "nullable": True, "maximum": 5, "exclusiveMaximum": True}
    new: JSON = {"type": ["integer", "null"], "exclusiveMaximum": 5}
    before = Lowering(Document({"openapi": "3.0.3", "schema": old}), "request")

    assert (
        list(SchemaComparison(before, lowering(new, {})).changes(Schema(old, "#/schema"), Schema(new, "#/schema")))
        == []
    )


# Strategies for small schemas and for their instances.

NAMES = strategies.sampled_from(["a", "b", "c"])
SMALL = strategies.integers(0, 4)
VALUES: Any = strategies.recursive(
    strategies.sampled_from([None, True, False, 0, 1, 2, 3, 4, 1.5, 2.0, "", "a", "ab", "abc"]),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
SCALARS = strategies.sampled_from([None, True, 0, 1, 1.5, 2.0, "a", "ab"])
KEYWORDS: dict[str, Any] = {
    "type": strategies.sampled_from(
        ["string", "integer", "number", "object", "array", "null", ["string", "null"], ["integer", "string"]]
    ),
    "enum": strategies.lists(SCALARS, min_size=1, max_size=3),
    "const": SCALARS,
    "minimum": SMALL,
    "maximum": SMALL,
    "exclusiveMinimum": SMALL,
    "exclusiveMaximum": SMALL,
    "multipleOf": strategies.integers(1, 4),
    "minLength": SMALL,
    "maxLength": SMALL,
    "pattern": strategies.sampled_from(["^a", "b$"]),
    "minItems": SMALL,
    "maxItems": SMALL,
    "uniqueItems": strategies.booleans(),
    "minProperties": SMALL,
    "maxProperties": SMALL,
    "required": strategies.lists(NAMES, max_size=2, unique=True),
    "dependentRequired": strategies.dictionaries(NAMES, strategies.lists(NAMES, max_size=2), max_size=1),
    "$ref": strategies.sampled_from([REF + "A", REF + "B"]),
}


def _schemas(inner: Any) -> Any:
    nested = {
        "properties": strategies.dictionaries(NAMES, inner, max_size=3),
        "additionalProperties": strategies.booleans() | inner,
        "patternProperties": strategies.dictionaries(strategies.sampled_from(["^a", "b"]), inner, max_size=1),
        "propertyNames": inner,
        "items": inner | strategies.booleans(),
        "prefixItems": strategies.lists(inner, min_size=1, max_size=2),
        "contains": inner,
        "anyOf": strategies.lists(inner, min_size=1, max_size=3),
        "oneOf": strategies.lists(inner, min_size=1, max_size=3),
        "allOf": strategies.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "unevaluatedProperties": strategies.just(False),
        "dependentSchemas": strategies.dictionaries(NAMES, inner, max_size=1),
    }
    return _keywords({**KEYWORDS, **nested})


def _keywords(known: Mapping[str, Any]) -> Any:
    chosen = strategies.lists(strategies.sampled_from(sorted(known)), max_size=3, unique=True)
    return chosen.flatmap(lambda names: strategies.fixed_dictionaries({name: known[name] for name in names}))


SCHEMAS = strategies.recursive(_keywords(KEYWORDS), _schemas, max_leaves=5)


@strategies.composite
def edited(draw: Any) -> tuple[JSON, JSON]:
    """A schema and the same with a part of it left out, added or replaced: most often near enough to say little."""
    old = draw(SCHEMAS)
    return old, _edit(draw, old)


def _edit(draw: Any, node: JSON) -> JSON:
    if isinstance(node, dict) and node:
        name = draw(strategies.sampled_from(sorted(node)))
        action = draw(strategies.sampled_from(["inside", "inside", "remove", "add"]))
        if action == "remove":
            return {key: value for key, value in node.items() if key != name}
        if action == "add":
            return {**draw(SCHEMAS), **node}
        return {**node, name: _edit(draw, node[name])}
    if isinstance(node, list) and node:
        position = draw(strategies.integers(0, len(node) - 1))
        if draw(strategies.booleans()):
            return [*node[:position], _edit(draw, node[position]), *node[position + 1 :]]
        return (node[:position] + node[position + 1 :]) or node
    if isinstance(node, int) and not isinstance(node, bool):
        return draw(SMALL)
    return node


COMPONENTS = {
    "A": {"type": "object", "properties": {"a": {"$ref": REF + "A"}, "b": {"type": "string"}}},
    "B": {"type": ["integer", "null"]},
}


def accepts(lowered: JSON, components: Mapping[str, JSON], value: JSON) -> bool:
    whole = {"allOf": [lowered], "components": {"schemas": components}}
    return Draft202012Validator(whole).is_valid(value)


@settings(max_examples=500, deadline=None)
@given(edited(), VALUES)
def test_what_does_not_narrow_permits_as_much(pair: tuple[JSON, JSON], value: JSON) -> None:
    """Where no change narrows, each value of the older schema is one of the newer; new properties stay unsent."""
    one, other = (lowering(schema, COMPONENTS) for schema in pair)
    old, new = (Schema(schema, "#/schema") for schema in pair)
    found = list(SchemaComparison(one, other).changes(old, new))
    is_quiet = not any(change.narrows or change.message == "added" for change in found)

    if is_quiet and accepts(one.schema(old), one.components, value):
        assert accepts(other.schema(new), other.components, value), told(found)


@settings(max_examples=300, deadline=None)
@given(SCHEMAS)
def test_a_schema_does_not_differ_from_itself(schema: JSON) -> None:
    """Nothing is reported of two equal schemas."""
    assert changes(schema, schema, **COMPONENTS) == []


@settings(max_examples=300, deadline=None)
@given(edited())
def test_the_other_way_round(pair: tuple[JSON, JSON]) -> None:
    """What changed from one to the other changed from the other to the one, too."""
    old, new = pair

    assert bool(changes(old, new, **COMPONENTS)) == bool(changes(new, old, **COMPONENTS))
