"""The kinds of a value's faults tell as much as the log says of its problems, without explaining them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from dynclient.documents.document import Document
from dynclient.openapi.model import Schema
from dynclient.types import JSON
from dynclient.validation.schema_validator import SchemaValidator
from tests.schemas.test_accept import _FLAT, _VALUES, _schemas, _with_some, ref


def validated(schema: JSON, **components: JSON) -> tuple[SchemaValidator, Schema]:
    contents = {"openapi": "3.1.0", "components": {"schemas": {"Root": schema, **components}}}
    return SchemaValidator(Document(contents), "response"), Schema(schema, "#/components/schemas/Root")


def logged(validator: SchemaValidator, schema: Schema, value: JSON) -> set[tuple[str, str]]:
    """What the log says of the value's problems."""
    return {(each.rule, each.schema_pointer) for each in validator.problems(schema, value, "body", "", None)}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(schema=_schemas("A", "B", "missing"), a=_schemas("B"), b=_with_some(_FLAT))
def test_the_same_kinds_are_the_same_problems(schema: JSON, a: JSON, b: JSON) -> None:
    """Whatever the values; what has kinds does not fit, and what fits has none."""
    validator, where = validated(schema, A=a, B=b)
    known: dict[object, set[tuple[str, str]]] = {}
    for value in _VALUES:
        kinds = validator.kinds(where, value)
        if kinds is not None:
            problems = logged(validator, where, value)
            assert bool(kinds) is bool(problems)
            assert known.setdefault(frozenset(kinds), problems) == problems


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
PET: JSON = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "age": {**NUMBER, "enum": [1, 2]}}}
CAT: JSON = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "cat"}, "lives": NUMBER}}
DOG: JSON = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "dog"}, "barks": NUMBER}}


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (PET, [{"name": 1}, {}, {"name": "a", "age": "1"}, {"name": "a", "age": 3}, {"name": 1, "age": 3}]),
        ({**PET, "additionalProperties": False}, [{"name": 1}, {"name": "a", "b": 1}]),
        ({"items": PET}, [[{"name": 1}], [{"name": "a"}, {}]]),
        ({"prefixItems": [TEXT], "items": False}, [[1], ["a", "b"]]),
        ({"additionalProperties": TEXT, "propertyNames": {"maxLength": 1}}, [{"a": 1}, {"ab": "c"}]),
        ({"patternProperties": {"^a": TEXT, "^b": NUMBER}}, [{"a": 1}, {"b": "a"}]),
        ({"dependentSchemas": {"a": {"required": ["b"], "properties": {"b": TEXT}}}}, [{"a": 1}, {"a": 1, "b": 1}]),
        ({"anyOf": [CAT, DOG]}, [{"kind": "cat", "lives": "9"}, {"kind": "dog", "barks": ""}, {"kind": "cow"}, 1]),
        ({"allOf": [PET, {"maxProperties": 1}]}, [{}, {"name": "a", "b": 1}]),
        ({"if": {"required": ["a"]}, "then": {"maxProperties": 1}, "else": PET}, [{"a": 1, "b": 1}, {"b": 1}]),
        (ref("Tree"), [{"next": {"name": 1}}, {"next": {"next": {}, "name": ""}}]),
    ],
)
def test_other_problems_are_other_kinds(schema: JSON, values: list[JSON]) -> None:
    """None is part of another, so that the log has each."""
    tree = {"type": "object", "properties": {"next": ref("Tree"), "name": {"type": "string", "minLength": 1}}}
    validator, where = validated(schema, Tree=tree)
    found = [validator.kinds(where, value) for value in values]

    assert all(found)
    assert len({frozenset(each or ()) for each in found}) == len(values)


def test_values_that_differ_alone() -> None:
    """What stands in a value, how often and where, makes no other kind."""
    validator, where = validated({"items": PET})
    values: list[JSON] = [[{"name": 1}], [{"name": 2}, {"name": "a"}, {"name": 3, "x": []}]]

    assert len({frozenset(validator.kinds(where, value) or ()) for value in values}) == 1


@pytest.mark.parametrize(
    ("schema", "value"),
    [({"uniqueItems": True}, [1, 1]), ({"unevaluatedProperties": False}, {"a": 1}), ({"type": "object"}, {1: 2})],
    ids=["repetitions", "leftover properties", "names that are no text"],
)
def test_what_the_validator_alone_knows(schema: JSON, value: JSON) -> None:
    """Where the check that can only say yes is in doubt, there are no kinds, or none of what fits."""
    validator, where = validated(schema)

    assert validator.kinds(where, value) is None or not validator.problems(where, value, "body")
