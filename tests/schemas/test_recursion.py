"""Components that one value is checked against at every level twice are checked once, and no others are remembered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dynclient.documents.document import Document
from dynclient.openapi.model import Schema
from dynclient.schemas.accept import AcceptCheck
from dynclient.schemas.recursion import Recursion
from dynclient.types import JSON
from dynclient.validation.schema_validator import SchemaValidator

Wrap = Callable[[JSON], JSON]

LEVELS = 20
LEAF: JSON = {"type": "string", "format": "counted"}


def ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def having(name: str, **limits: JSON) -> dict[str, JSON]:
    return {"type": "object", "properties": {"a": ref(name)}, **limits}


def either(*members: JSON) -> dict[str, JSON]:
    return {"anyOf": [LEAF, *members]}


A = having("A")
TWICE: dict[str, dict[str, JSON]] = {
    "anyOf": {"A": either(A, {**A, "maxProperties": 5})},
    "oneOf": {"A": {"oneOf": [LEAF, {**A, "minProperties": 2}, {**A, "maxProperties": 1}]}},
    "allOf": {"A": either({"allOf": [A, A]})},
    "if": {"A": either({"if": A, "then": A, "else": A})},
    "not": {"A": either({**A, "not": having("A", minProperties=2)})},
    "dependentSchemas": {"A": either({**A, "dependentSchemas": {"a": A}})},
    "patternProperties": {"A": either({**A, "patternProperties": {"^a": ref("A")}})},
    "additionalProperties": {
        "A": either(
            {"type": "object", "additionalProperties": ref("A")},
            {"type": "object", "additionalProperties": ref("A"), "maxProperties": 5},
        )
    },
    "two components": {"A": either(having("B"), having("C")), "B": either(A), "C": either(A)},
    "a base that leads back": {"A": either({"allOf": [ref("B")], **A}), "B": A},
    "many components": {
        **{
            f"A{level}": either(having(f"A{level + 1}"), having(f"A{level + 1}", maxProperties=5))
            for level in range(30)
        },
        "A": ref("A0"),
        "A30": LEAF,
    },
}
ITEMS: dict[str, JSON] = {"type": "array", "items": ref("A")}
TWICE_IN_LISTS: dict[str, dict[str, JSON]] = {
    "items": {"A": either(ITEMS, {**ITEMS, "maxItems": 5})},
    "prefixItems": {"A": either(ITEMS, {"type": "array", "prefixItems": [ref("A")]})},
    "contains": {"A": either({**ITEMS, "contains": ref("A")})},
}
CASES: list[tuple[dict[str, JSON], Wrap]] = [
    *((components, lambda value: {"a": value}) for components in TWICE.values()),
    *((components, lambda value: [value]) for components in TWICE_IN_LISTS.values()),
]
NAMES = [*TWICE, *TWICE_IN_LISTS]


def nested(wrap: Wrap, leaf: JSON) -> JSON:
    for _ in range(LEVELS):
        leaf = wrap(leaf)
    return leaf


@pytest.mark.parametrize("leaf", ["right", "wrong"])
@pytest.mark.parametrize(("components", "wrap"), CASES, ids=NAMES)
def test_a_value_is_checked_once(components: dict[str, JSON], wrap: Wrap, leaf: str) -> None:
    """At twenty levels the leaf is looked at a few times, not a million; by the validator that explains, too."""
    seen = []

    def is_right(value: JSON) -> bool:
        seen.append(value)
        return bool(value == "right")

    accepts = AcceptCheck(components, {"counted": is_right}).check(ref("A"))
    document = Document({"openapi": "3.1.0", "components": {"schemas": components}})
    validator = SchemaValidator(document, "response", {"counted": is_right})
    value = nested(wrap, leaf)

    assert accepts(value) is (leaf == "right")
    assert len(seen) <= 256
    assert bool(validator.problems(Schema(ref("A"), "#/x"), value, "body")) is (leaf == "wrong")
    assert len(seen) <= 5000


@pytest.mark.parametrize(
    "components",
    [
        {"A": having("A")},
        {"A": {"type": "object", "properties": {"left": ref("A"), "right": ref("A")}}},
        {"A": either(having("B")), "B": {"type": "array", "items": ref("A")}},
        {"A": {"type": "object", "properties": {"items": ref("A"), "map": {"additionalProperties": ref("A")}}}},
        {"A": either(having("B"), having("B")), "B": either(having("C"), having("C")), "C": LEAF},
        {"A": {"allOf": [ref("B")], "properties": {"a": ref("A")}}, "B": {"properties": {"b": LEAF}}},
    ],
    ids=["one way", "two places", "two components", "names of keywords", "without recursion", "a base"],
)
def test_nothing_is_remembered_without_need(components: dict[str, JSON]) -> None:
    """Where no value can be checked twice at every level, the check of a component stays as it was."""
    recursion = Recursion(components)

    assert [name for name in components if recursion.repeats(name)] == []


def test_what_is_remembered_is_forgotten() -> None:
    """A value that was changed after a check is checked again, and so is another value in its place."""
    accepts = AcceptCheck({"A": either(A, {**A, "maxProperties": 5})}, {}).check(ref("A"))
    value: JSON = {"a": {"a": "x"}}

    assert accepts(value)
    value["a"]["a"] = 1
    assert not accepts(value)
    assert accepts({"a": {"a": "x"}})
