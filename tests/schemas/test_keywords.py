"""JSON Schema 2020-12 as it is validated here: exact where Python is not, and in bounded time."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, strategies
from jsonschema import Draft202012Validator

from dynclient.schemas.keywords import format_checker, validator_class
from dynclient.types import JSON


def errors(schema: JSON, instance: JSON) -> list[str]:
    return [error.message for error in validator_class()(schema).iter_errors(instance)]


@pytest.mark.parametrize(
    ("instance", "divisor", "expected"),
    [
        (19.99, 0.01, []),
        (19.995, 0.01, ["not a multiple of 0.01"]),
        pytest.param(10**400, 0.1, [], id="large-of-a-fraction"),
        pytest.param(10**400 + 1, 2, ["not a multiple of 2"], id="large"),
        (math.inf, 1, ["not a multiple of 1"]),
        (math.nan, 1, ["not a multiple of 1"]),
        pytest.param(10**5000 + 1, 2, ["not a multiple of 2"], id="longer-than-a-text"),
        ("a", 1, []),
        (1e308, 5e-324, []),
    ],
)
def test_multiples(instance: JSON, divisor: JSON, expected: list[str]) -> None:
    """Reckoned in decimal, whatever the size."""
    assert errors({"multipleOf": divisor}, instance) == expected


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ([1, True, 0, False, "1", None, [], {}, [1], [True], {"a": 1}, {"a": True}], True),
        ([1, 1.0], False),
        ([[1], [1.0]], False),
        ([{"a": [1], "b": {}}, {"b": {}, "a": [1.0]}], False),
        ([None, None], False),
        ("aa", True),
        ({"a": 1}, True),
    ],
)
def test_unique_items(instance: JSON, expected: bool) -> None:
    """1 is 1.0, neither is true, and the order of names says nothing."""
    assert validator_class()({"uniqueItems": True}).is_valid(instance) is expected
    assert validator_class()({"uniqueItems": False}).is_valid(instance)


def test_many_unique_items() -> None:
    """Are not compared each with each, which would take minutes."""
    items = [{"a": number} for number in range(20_000)]

    assert errors({"uniqueItems": True}, items) == []
    assert len(errors({"uniqueItems": True}, [*items, {"a": 5.0}])) == 1


CLOSED = {"patternProperties": {r"^\p{Lu}": {"type": "integer"}}, "properties": {"a": {}}}


@pytest.mark.parametrize(
    ("schema", "instance", "expected"),
    [
        ({"pattern": r"^\p{Lu}"}, "é", [r"'é' does not match '^\\p{Lu}'"]),
        ({"pattern": "a"}, 5, []),
        (CLOSED, {"É": "a", "b": "a"}, ["'a' is not of type 'integer'"]),
        (CLOSED, [], []),
        ({**CLOSED, "additionalProperties": False}, {"É": 1, "a": 1}, []),
        (
            {**CLOSED, "additionalProperties": False},
            {"É": 1, "é": 1, "b": 2},
            ["Additional properties are not allowed ('b', 'é' were unexpected)"],
        ),
        ({**CLOSED, "additionalProperties": True}, {"b": 1}, []),
        ({**CLOSED, "additionalProperties": {"type": "null"}}, {"b": 1, "É": 1}, ["1 is not of type 'null'"]),
        ({"additionalProperties": False}, "a", []),
        (
            {"allOf": [CLOSED], "unevaluatedProperties": False},
            {"É": 1, "a": 1, "b": 2},
            ["Unevaluated properties are not allowed ('b' was unexpected)"],
        ),
        (
            {"allOf": [CLOSED], "unevaluatedProperties": {"type": "null"}},
            {"É": 1, "b": 2, "c": None},
            ["Unevaluated properties are not allowed ('b' was unexpected)"],
        ),
        ({"unevaluatedProperties": False}, "a", []),
    ],
)
def test_properties(schema: JSON, instance: JSON, expected: list[str]) -> None:
    """The names that patterns describe are those of ECMA-262."""
    assert errors(schema, instance) == expected


NAMES = strategies.sampled_from(["a", "b", "c"])
OBJECTS = strategies.dictionaries(NAMES, strategies.none() | strategies.integers(0, 1), max_size=3)
LEAVES = strategies.sampled_from(
    [
        True,
        False,
        {},
        {"type": "object"},
        {"required": ["a"]},
        {"properties": {"a": {"type": "null"}}},
        {"patternProperties": {"[ab]": {"type": "integer"}}},
        {"additionalProperties": {"type": "null"}},
        {"properties": {"c": {}}, "additionalProperties": False},
        {"$ref": "#/$defs/closed"},
        {"$ref": "#/$defs/open"},
    ]
)


def _composed(inner: strategies.SearchStrategy[JSON]) -> strategies.SearchStrategy[JSON]:
    members = strategies.lists(inner, min_size=1, max_size=2)
    return strategies.fixed_dictionaries(
        {},
        optional={
            "allOf": members,
            "anyOf": members,
            "oneOf": members,
            "if": inner,
            "then": inner,
            "else": inner,
            "not": inner,
            "dependentSchemas": strategies.dictionaries(NAMES, inner, max_size=2),
            "unevaluatedProperties": inner,
        },
    )


DEFINED = {
    "closed": {"properties": {"b": {}}, "unevaluatedProperties": False},
    "open": {"anyOf": [{"required": ["b"]}]},
}


@given(strategies.recursive(LEAVES, _composed, max_leaves=5), OBJECTS, strategies.booleans())
def test_verdicts_are_those_of_jsonschema(schema: JSON, instance: JSON, closed: bool) -> None:
    """Nothing but time differs."""
    whole: dict[str, Any] = {"$defs": DEFINED, "allOf": [schema]} | ({"unevaluatedProperties": False} if closed else {})

    assert validator_class()(whole).is_valid(instance) is Draft202012Validator(whole).is_valid(instance)


def doubling(keyword: str, leaf: JSON) -> JSON:
    """A schema of which each level leads to the next in two ways, 30 levels deep."""
    levels = {f"L{n}": {keyword: [{"$ref": f"#/$defs/L{n + 1}"}] * 2} for n in range(30)}
    return {"$defs": {**levels, "L30": leaf}, "$ref": "#/$defs/L0"}


@pytest.mark.parametrize("keyword", ["anyOf", "allOf"])
def test_doubling_schemas(keyword: str) -> None:
    """Are validated once for each value and component, not 2**30 times."""
    schema = doubling(keyword, {"type": "string"})
    closed = {**doubling(keyword, {"properties": {"a": {}}}), "unevaluatedProperties": False}

    assert [bool(errors(schema, instance)) for instance in (1, "a")] == [True, False]
    assert [bool(errors(closed, instance)) for instance in ({"b": 1}, {"a": 1})] == [True, False]


def test_all_errors_of_a_component_are_reported() -> None:
    """For each value that does not fit, though it be held to the component in several ways."""
    schema = {"$defs": {"A": {"items": {"type": "string"}}}, "allOf": [{"$ref": "#/$defs/A"}] * 3}

    assert errors(schema, [1, 2]) == ["1 is not of type 'string'", "2 is not of type 'string'"] * 3


def test_formats() -> None:
    """Those of the table and no others."""
    validator = validator_class()({"format": "a"}, format_checker=format_checker({"a": lambda value: value == 1}))

    assert [validator.is_valid(value) for value in (1, 2)] == [True, False]
    assert validator_class()({"format": "date"}, format_checker=format_checker({})).is_valid("x")
