"""A quick yes is never given to what jsonschema refuses, and seldom withheld from what it accepts."""

from __future__ import annotations

import copy
import json
import math
import os
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from dynclient.documents.document import Document, parse
from dynclient.documents.sources import bundled, load
from dynclient.errors import DocumentError
from dynclient.http.media_types import is_form, is_multipart
from dynclient.mock.examples import body_example
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import MediaType, Operation, Schema
from dynclient.openapi.reader import read_operation
from dynclient.schemas.accept import _KEYWORDS, AcceptCheck
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.keywords import validator_class
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON
from tests.places import SPECS

SUITE = os.environ.get("JSON_SCHEMA_TEST_SUITE", "")
"""The folder `json` of jsonschema's source distribution; see .ci/run."""

COMPONENTS = "#/components/schemas/"
NAN = float("nan")


_FORMATS = FormatChecker(formats=())
for _name, _check in FORMATS.items():
    _FORMATS.checks(_name)(_check)


def validator_of(schema: JSON, components: Mapping[str, JSON]) -> Any:
    """The validator as validation.py has it."""
    document = {"components": {"schemas": components}}
    return validator_class()(document, registry=Registry(), format_checker=_FORMATS).evolve(schema=schema)


def verdict(validator: Any, value: JSON) -> bool | None:
    """Whether the validator accepts; None where it fails itself."""
    try:
        return bool(validator.is_valid(value))
    except Exception:  # of as many kinds as there are odd values
        return None


def accepts(schema: JSON, value: JSON, **components: JSON) -> bool:
    return AcceptCheck(components).check(schema)(value)


def agrees(schema: JSON, *values: JSON, **components: JSON) -> list[bool]:
    """The verdicts, which are jsonschema's."""
    validator = validator_of(schema, components)
    verdicts = [AcceptCheck(components).check(schema)(value) for value in values]
    assert verdicts == [validator.is_valid(value) for value in values]
    return verdicts


def ref(name: str) -> JSON:
    return {"$ref": COMPONENTS + name}


# Traps, one fact each.


def test_booleans_are_no_numbers() -> None:
    """In `type`, limits, `const` and `enum`, at every depth."""
    assert agrees({"type": "integer"}, 1, True) == [True, False]
    assert agrees({"minimum": 2}, 1, True) == [False, True]
    assert agrees({"const": 1}, 1, 1.0, True) == [True, True, False]
    assert agrees({"enum": [False, "a"]}, False, 0, "a") == [True, False, True]
    assert agrees({"const": {"a": [1, {"b": 0}]}}, {"a": [1.0, {"b": 0}]}, {"a": [True, {"b": 0}]}) == [True, False]
    assert agrees({"enum": [[True]]}, [True], [1]) == [True, False]


def test_integers_may_be_written_with_a_point() -> None:
    """1.0 is an integer; what is no finite number is none."""
    assert agrees({"type": "integer"}, 1.0, 1.5, NAN, math.inf) == [True, False, False, False]
    assert agrees({"type": ["integer", "null"]}, 1.0, 1.5, None) == [True, False, True]
    assert agrees({"type": "number"}, 1, 1.5, NAN, "1") == [True, True, True, False]


def test_repeated_items() -> None:
    """1 and true differ, 1 and 1.0 do not; objects are compared whatever their order."""
    different = [[1, True], [0, False, "", None, [], {}], [[1], [True]], [{"a": 1}, {"a": True}], ["1", 1], []]
    alike = [[1, 1.0], ["a", "a"], [{"a": 1, "b": 2}, {"b": 2.0, "a": 1}], [[True], [True]], [0, -0.0]]
    assert agrees({"uniqueItems": True}, *different) == [True] * len(different)
    assert agrees({"uniqueItems": True}, *alike) == [False] * len(alike)
    assert agrees({"uniqueItems": False}, [1, 1]) == [True]


def test_repeated_items_among_items_that_look_alike() -> None:
    """Jsonschema alone would overlook them, for it compares neighbours in an order that true and 1 confuse."""
    repeated = [[1], [True], [1]]

    assert not validator_of({"uniqueItems": True}, {}).is_valid(repeated)
    assert not accepts({"uniqueItems": True}, repeated)


@pytest.mark.parametrize("value", [NAN, [NAN], {"a": NAN}])
def test_what_is_not_a_number_equals_nothing_here(value: JSON) -> None:
    """For jsonschema it equals itself, but not another."""
    assert not accepts({"const": value}, value)
    assert not accepts({"not": {"const": value}}, copy.deepcopy(value))
    assert not accepts({"uniqueItems": True}, [value, value])


def test_comparisons_with_what_is_not_a_number() -> None:
    """Are never true, so that no limit refuses it; a format does."""
    for limit in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        assert agrees({limit: 0}, NAN) == [True]
    assert agrees({"format": "int32"}, NAN) == [False]


def test_limits_of_numbers() -> None:
    """Those that a number may reach, and those that it may not."""
    assert agrees({"minimum": 1}, 0, 1, 1.0, 2) == [False, True, True, True]
    assert agrees({"maximum": 1}, 0, 1, 1.0, 2) == [True, True, True, False]
    assert agrees({"exclusiveMinimum": 1}, 0, 1, 1.0, 2) == [False, False, False, True]
    assert agrees({"exclusiveMaximum": 1}, 0, 1, 1.0, 2) == [True, False, False, False]


def test_numbers_beyond_floats() -> None:
    """Are compared exactly."""
    assert agrees({"maximum": 2**53}, 2**53, 2**53 + 1, float(2**53)) == [True, False, True]
    assert agrees({"const": 2**53 + 1}, 2**53 + 1, float(2**53)) == [True, False]
    assert [accepts({"const": 10**5000}, value) for value in (10**5000, 10**5000 + 1)] == [True, False]
    assert agrees({"format": "int64"}, 2**63 - 1, 2**63) == [True, False]


def test_multiples_are_decimal() -> None:
    """19.99 is a multiple of 0.01."""
    assert agrees({"multipleOf": 0.01}, 19.99, 19.999, 1e308) == [True, False, True]
    assert agrees({"multipleOf": 3}, 9, 9.0, 10, True, "9") == [True, True, False, True, True]


def test_multiples_that_are_hard_to_compute() -> None:
    """What is not finite is a multiple of nothing, and no integer is too long."""
    assert agrees({"multipleOf": 2}, math.inf, NAN, 10**5000, 10**5000 + 1) == [False, False, True, False]


def test_texts() -> None:
    """Length is in characters; a pattern may match anywhere."""
    assert agrees({"minLength": 1, "maxLength": 2}, "", "é", "\U0001f600\U0001f600", "abc", 1, [1, 2, 3]) == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
    assert agrees({"pattern": "b"}, "abc", "ac", 1) == [True, False, True]


def test_formats() -> None:
    """Those of the table are asked, others say nothing."""
    assert agrees({"format": "date"}, "2024-02-29", "2023-02-29", 1) == [True, False, True]
    assert agrees({"format": "unixtime"}, "x", 1) == [True, True]


def test_own_formats() -> None:
    """The table may be another."""
    check = AcceptCheck({}, {"even": lambda value: value % 2 == 0})

    assert [check.check({"format": "even"})(number) for number in (1, 2)] == [False, True]
    assert [check.check({"format": "date"})(text) for text in ("x",)] == [True]


def test_members_of_objects() -> None:
    """Are asked by name, by pattern, and else by what is said of the others."""
    schema = {
        "properties": {"a": {"type": "string"}, "b": True},
        "patternProperties": {"^x": {"type": "integer"}, "y$": {"minimum": 3}},
        "additionalProperties": {"type": "null"},
    }
    fitting: list[JSON] = [{}, {"a": "", "b": 1, "x": 1, "y": 3, "xy": 3, "z": None}, 1]
    assert agrees(schema, *fitting) == [True] * 3
    wrong: list[JSON] = [{"a": 1}, {"x": ""}, {"y": 1}, {"xy": 2}, {"z": 1}]
    assert agrees(schema, *wrong) == [False] * 5
    closed = {"properties": {"a": True}, "patternProperties": {"^x": True}, "additionalProperties": False}
    assert agrees(closed, {"a": 1}, {"x": 1}, {"b": 1}) == [True, True, False]


def test_required_and_dependent_members() -> None:
    """An object that lacks one is refused; other values lack nothing."""
    assert agrees({"required": ["a", "b"]}, {"a": 1, "b": None}, {"a": 1}, [], None) == [True, False, True, True]
    assert agrees({"required": []}, {}) == [True]
    assert agrees({"required": ["ax"], "patternProperties": {"a": True}}, {"ax": 1}, {"a": 1}) == [True, False]
    assert agrees({"dependentRequired": {"a": ["b"]}}, {"a": 1}, {"a": 1, "b": 1}, {"c": 1}) == [False, True, True]
    assert agrees({"dependentSchemas": {"a": {"maxProperties": 1}}}, {"a": 1}, {"a": 1, "b": 1}) == [True, False]


def test_wide_objects_of_which_little_is_asked() -> None:
    """Members that no schema speaks of are not looked at."""
    wide = {str(number): number for number in range(100)}

    assert agrees({"properties": {"7": {"const": 7}}}, wide) == [True]
    assert agrees({"properties": {"7": {"const": 8}}}, wide) == [False]
    assert agrees({"properties": {"7": {"const": 7}}, "additionalProperties": False}, wide) == [False]


def test_names_and_numbers_of_members() -> None:
    """Both may be limited."""
    assert agrees({"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}, {}) == [True, False, True]
    assert agrees({"minProperties": 1, "maxProperties": 2}, {}, {"a": 1}, {"a": 1, "b": 1, "c": 1}) == [
        False,
        True,
        False,
    ]


def test_items() -> None:
    """The first may have schemas of their own; `contains` counts."""
    pair = {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False}
    assert agrees(pair, [], ["a"], ["a", 1], ["a", 1, 2], [1]) == [True, True, True, False, False]
    assert agrees({"items": {"type": "string"}, "minItems": 1, "maxItems": 2}, [], ["a"], [1], ["a"] * 3) == [
        False,
        True,
        False,
        False,
    ]
    assert agrees({"contains": {"const": 1}, "minContains": 2, "maxContains": 3}, [1], [1] * 2, [1, 0, 1], [1] * 4) == [
        False,
        True,
        True,
        False,
    ]
    assert agrees({"contains": {"const": 1}}, [], [1], [True], [1] * 9) == [False, True, False, True]
    assert agrees({"contains": {"const": 1}, "minContains": 0}, []) == [True]


def test_combinations() -> None:
    """All, any, exactly one, none."""
    short, text = {"maxLength": 1}, {"type": "string"}
    assert agrees({"allOf": [short, text]}, "a", "ab", 1) == [True, False, False]
    assert agrees({"anyOf": [{"const": 1}, short]}, 1, 2, "a", "ab") == [True, True, True, False]
    assert agrees({"anyOf": [{"const": "ab"}, {"minLength": 3}]}, "ab", "abc", "a") == [True, True, False]
    assert agrees({"oneOf": [short, text]}, "a", "ab", 1) == [False, True, True]
    assert agrees({"not": short}, "a", "ab", 1) == [False, True, False]
    assert agrees({"if": short, "then": {"const": "a"}, "else": text}, "a", "b", "ab", 1) == [True, False, True, False]
    assert agrees({"if": text, "then": short}, "a", "ab", 1) == [True, False, True]
    assert agrees({"if": False, "else": text}, "a", 1) == [True, False]
    assert agrees({"then": False, "else": False}, 1) == [True]


def test_tagged_unions() -> None:
    """A discriminator chooses one member; without a known tag any may fit."""
    one = {"type": "object", "properties": {"kind": {"const": "a"}, "x": {"type": "string"}}, "required": ["x"]}
    other = {"type": "object", "properties": {"kind": {"const": "b"}, "y": {"type": "string"}}, "required": ["y"]}
    union = {
        "oneOf": [ref("A"), ref("B"), ref("C")],
        "discriminator": {"propertyName": "kind", "mapping": {"a": ref("A")["$ref"], "b": ref("B")["$ref"]}},
    }
    document = Document({"openapi": "3.1.0", "components": {"schemas": {"A": one, "B": other, "C": {"type": "null"}}}})
    lowering = Lowering(document, "request")
    schema = lowering.schema(Schema(union, "#/x"))

    values: list[JSON] = [{"kind": "a", "x": ""}, {"kind": "a", "y": ""}, {"kind": "b", "y": ""}, {"kind": "z"}]
    values += [{"kind": 1, "x": ""}, {"kind": ["a"]}, {"x": ""}, {}, None, "a"]
    assert agrees(schema, *values, **lowering.components)[:3] == [True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: schema["if"].update(minProperties=2),
        lambda schema: schema["if"]["properties"]["kind"].update(enum=["a", "b", "c"]),
        lambda schema: schema["then"].update(required=["y"]),
        lambda schema: schema["then"]["allOf"][0]["if"].update(minProperties=3),
        lambda schema: schema["then"]["allOf"][0].update({"else": {"required": ["y"]}}),
        lambda schema: schema["then"]["allOf"].append(copy.deepcopy(schema["then"]["allOf"][0])),
        lambda schema: schema["then"]["allOf"].append(True),
        lambda schema: schema.update(required=["y"]),
    ],
)
def test_what_only_resembles_a_tagged_union(change: Any) -> None:
    """Is validated as it is written."""

    def tagged(*values: str) -> JSON:
        return {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": [*values]}}}

    schema = {
        "if": tagged("a", "b"),
        "then": {"allOf": [{"if": tagged("a"), "then": {"required": ["x"]}}, {"if": tagged("b"), "then": True}]},
        "else": {"maxProperties": 1},
    }
    change(schema)
    values = [{"kind": kind, **more} for kind in ("a", "b", "c", 1, ["a"]) for more in ({}, {"x": 1}, {"y": 1, "x": 1})]

    agrees(schema, *values)


def test_keywords_that_are_not_known_here() -> None:
    """Are left to the validator, whatever is around them; other values than theirs are not concerned."""
    closed = {"unevaluatedProperties": False}
    for schema in (closed, {"not": closed}, {"if": closed}, {"oneOf": [closed, True]}, {"anyOf": [closed, closed]}):
        assert not accepts(schema, {"a": 1})
        assert not accepts(schema, {})
    assert accepts(closed, [1])
    assert accepts({"anyOf": [closed, True]}, {"a": 1})
    assert not accepts({"contains": closed, "minContains": 0, "maxContains": 0}, [{"a": 1}])
    assert not accepts({"not": {"unevaluatedItems": False}}, [1])
    assert not accepts({"$dynamicRef": "#a"}, 1)
    assert not accepts({"$id": "urn:a", "$ref": COMPONENTS + "a"}, 1, a=True)
    assert not accepts({"$schema": "http://json-schema.org/draft-04/schema#"}, 1)


def test_every_keyword_of_the_validator_is_known() -> None:
    """Or it would be overlooked here; `if` validates `then` and `else`, `contains` its own limits."""
    assert set(Draft202012Validator.VALIDATORS) <= set(_KEYWORDS)


def test_unknown_keywords() -> None:
    """Say nothing."""
    assert agrees({"x-anything": False, "description": "x", "minContains": 3}, [], 1) == [True, True]


@pytest.mark.parametrize("schema", [None, "type", ["type"], 1, {"type": 1}, {"properties": []}, {"required": True}])
def test_what_is_no_schema(schema: JSON) -> None:
    """Accepts nothing."""
    assert not accepts(schema, {"type": "object"})
    assert not accepts({"properties": {"a": schema}}, {"a": {"b": 1}})


class _Colour(StrEnum):
    RED = "red"


class _Number(int):
    pass


@pytest.mark.parametrize(
    "value",
    [_Colour.RED, _Number(1), OrderedDict(a=1), (1, 2), b"x", Decimal("1"), 1j, {1}, sys.stdout, object(), range(3)],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"}, {"type": ["object", "null"]}, {"enum": ["red", 1, [1, 2], {"a": 1}]}, {"maxLength": 2},
        {"maxProperties": 0}, {"minItems": 3}, {"minimum": 2}, {"format": "date"}, {"required": ["b"]},
        {"items": {"type": "string"}}, {"properties": {"a": {"type": "string"}}}, {"uniqueItems": True},
    ],
    ids=str,
)  # fmt: skip
def test_values_of_other_classes(schema: JSON, value: object) -> None:
    """Are accepted where nothing is asked of them, and else left to the validator, wherever they stand."""
    for anything in ({}, {"allOf": [True]}, {"anyOf": [schema, True]}):
        assert accepts(anything, value)
    assert not accepts(schema, value)
    assert not accepts({"not": schema}, value)
    assert not accepts({"items": {"not": schema}}, [value])
    assert accepts({"properties": {"b": schema}}, {"a": value})
    assert not accepts({"not": {"const": [1]}}, [value])


class _Tag(str):
    """A text as members of `class Tag(str, Enum)` are: equal to a plain one, and found in no table of those."""

    __slots__ = ()
    __hash__ = object.__hash__


def test_tags_of_other_classes() -> None:
    """Choose no member of a union: the validator validates."""
    condition = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a"]}}}
    schema = {"if": condition, "then": {"allOf": [{"if": condition, "then": {"required": ["x"]}}]}, "else": True}

    assert agrees(schema, {"kind": "a"}, {"kind": "a", "x": 1}, {"kind": "b"}) == [False, True, True]
    assert not validator_of(schema, {}).is_valid({"kind": _Tag("a")})
    assert not accepts(schema, {"kind": _Tag("a")})


def test_names_that_are_no_text() -> None:
    """Are left to the validator where they matter."""
    assert accepts({"properties": {"1": False}}, {1: 1})
    assert not accepts({"patternProperties": {"1": True}}, {1: 1})
    assert not accepts({"not": {"const": {"1": 1}}}, {1: 1})


def test_odd_names() -> None:
    """Are names, and nothing else."""
    names = ["", "a\"b'c", "\n#", "__class__", "{}", "import os", "é\u2028", "\\", "$ref", "if", "\ud800"]
    schema = {"properties": {name: {"const": name} for name in names}, "required": names, "additionalProperties": False}

    assert agrees(schema, {name: name for name in names}, dict.fromkeys(names, "")) == [True, False]


# References.


def test_components_that_come_later() -> None:
    """They are looked up when a value first needs them; until then nothing is accepted."""
    components: dict[str, JSON] = {}
    check = AcceptCheck(components).check({"anyOf": [ref("A"), {"type": "null"}]})

    assert [check(None), check("a")] == [True, False]
    components["A"] = {"type": "string"}
    assert [check(None), check("a"), check(1)] == [True, True, False]


@pytest.mark.parametrize("name", ["a b", "a/b", "a~b", "a%b", "x (form) (without id)", "é"])
def test_escaped_references(name: str) -> None:
    """Are read as lowering writes them."""
    document = Document({"openapi": "3.1.0", "components": {"schemas": {name: {"type": "string"}}}})
    lowering = Lowering(document, "request")
    pointer = name.replace("~", "~0").replace("/", "~1").replace("%", "%25")
    schema = lowering.schema(Schema(ref(pointer), "#/x"))

    assert agrees(schema, "a", 1, **lowering.components) == [True, False]


@pytest.mark.parametrize("reference", ["#", "#/components/schemas/A/items", "#/$defs/A", "other.json", "", "#A"])
def test_references_to_elsewhere(reference: str) -> None:
    """Are left to the validator."""
    assert not accepts({"$ref": reference}, 1, A={"items": True}, items=True)
    assert not accepts({"not": {"$ref": reference}}, 1, A={"items": True})


def test_recursive_schemas() -> None:
    """A tree is checked to its leaves."""
    tree = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "sub": {"items": ref("T")}}}
    deep: JSON = {"n": 1}
    for _ in range(20):
        deep = {"n": 1, "sub": [deep, {"n": 2}]}
    wrong = json.loads(json.dumps(deep).replace('"n": 2', '"n": true', 1))

    assert agrees(ref("T"), deep, wrong, T=tree) == [True, False]


@pytest.mark.parametrize(
    "schema",
    [
        ref("A"),
        {"allOf": [ref("A")]},
        {"anyOf": [ref("A"), ref("A")]},
        {"oneOf": [ref("A"), ref("B")]},
        {"not": ref("A")},
    ],
)
def test_schemas_that_refer_to_themselves(schema: JSON) -> None:
    """Of the same value: nobody knows what they mean, and no time is lost on it."""
    assert not accepts(ref("A"), 1, A=schema, B=ref("A"))


def test_a_way_out_of_a_circle() -> None:
    """A schema may refer to itself where other members settle it."""
    agrees(ref("A"), {}, A={"anyOf": [{"type": "object"}, ref("B")]}, B=ref("A"))


def test_doubling_references() -> None:
    """Components that refer to others twice are asked once."""
    components = {f"A{n}": {"allOf": [ref(f"A{n + 1}"), ref(f"A{n + 1}")]} for n in range(60)}
    check = AcceptCheck({**components, "A60": {"minimum": 1}}).check(ref("A0"))

    assert [check(1), check(0)] == [True, False]


def test_values_deeper_than_the_stack() -> None:
    """Are not accepted, and break nothing."""
    deep: JSON = {}
    for _ in range(100_000):
        deep = {"a": deep}
    check = AcceptCheck({"A": {"properties": {"a": ref("A")}}}).check(ref("A"))

    assert [check(deep), check({"a": {}}), check(deep)] == [False, True, False]
    while deep:  # else freeing it would be as deep
        deep = deep.pop("a")


def test_schemas_deeper_than_the_stack() -> None:
    """Accept nothing."""
    schema: JSON = True
    for _ in range(5_000):
        schema = {"allOf": [schema]}

    assert not accepts(schema, 1)


def test_huge_schemas() -> None:
    """Thousands of members and names are no more than their sum."""
    schema = {
        "properties": {f"p{number}": {"const": number} for number in range(5_000)},
        "items": {"anyOf": [{"const": number} for number in range(5_000)]},
    }

    assert agrees(schema, {"p4999": 4999}, {"p4999": 0}, [4999]) == [True, False, True]


def test_numbers_made_to_collide() -> None:
    """Take no longer than others: their hashes are the same."""
    numbers = [number * sys.hash_info.modulus for number in range(30_000)]

    assert accepts({"uniqueItems": True, "items": {"enum": numbers[:5_000]}}, numbers[:5_000])
    assert accepts({"uniqueItems": True}, numbers)


def test_threads_share_what_is_made() -> None:
    """Many begin at once, and all are right."""
    components = {f"A{n}": {"anyOf": [ref(f"A{n + 1}"), {"const": n}]} for n in range(50)} | {
        "A50": {"type": "array", "items": ref("A0")}
    }
    check = AcceptCheck(components).check({"items": {"properties": {"a": ref("A0"), "b": {"type": "string"}}}})
    start = threading.Barrier(8)
    answers: list[bool] = []

    def ask() -> None:
        start.wait()
        answers.append(check([{"a": 49, "b": "x"}, {"a": [0]}]) and not check([{"a": ["0"]}]))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 8


# The suite.


def _suite() -> list[Path]:
    return sorted(Path(SUITE, "tests", "draft2020-12").rglob("*.json")) if SUITE else []


GIVEN_UP = (
    '"$id"',  # lowering leaves no references by name or to other documents
    '"$ref": "http',
    "//$defs/",  # nor to a part of a component
    '"$dynamicRef"',
    '"unevaluatedItems"',  # it takes the other keywords' word for what they have looked at, which no check here gives
    '"unevaluatedProperties"',
)
"""What the schemas of the suite contain of which nothing need be accepted, with the reason."""


def _plain(schema: JSON) -> tuple[JSON, dict[str, JSON]]:
    """A schema of the suite and the definitions in it as components, as lowering would write them."""
    if not isinstance(schema, dict):
        return schema, {}
    text = json.dumps({key: value for key, value in schema.items() if key != "$schema"})
    text = text.replace('"#/$defs/', f'"{COMPONENTS}').replace('"$ref": "#"', f'"$ref": "{COMPONENTS}whole schema"')
    plain = json.loads(text)
    return plain, {**plain.get("$defs", {}), "whole schema": plain}


@pytest.mark.slow
@pytest.mark.skipif(not SUITE, reason="JSON_SCHEMA_TEST_SUITE does not name the suite's folder")
@pytest.mark.parametrize("path", _suite(), ids=lambda path: "-".join(path.with_suffix("").parts[-2:]))
def test_suite(path: Path) -> None:
    """What is accepted is right by the suite and by jsonschema; what jsonschema accepts is missed only if given up."""
    for group in json.loads(path.read_text()):
        schema, components = _plain(group["schema"])
        validator, check = validator_of(schema, components), AcceptCheck(components).check(schema)
        is_given_up = any(part in json.dumps(schema) for part in GIVEN_UP)
        for case in group["tests"]:
            accepted, expected = check(case["data"]), verdict(validator, case["data"])
            assert not accepted or expected is True, case["description"]
            assert not accepted or case["valid"] or "optional" in path.parts, case["description"]
            assert accepted or not expected or is_given_up, case["description"]


@pytest.mark.skipif(not SUITE, reason="JSON_SCHEMA_TEST_SUITE does not name the suite's folder")
def test_suite_is_there() -> None:
    """Most of its schemas are not given up."""
    groups = [group["schema"] for path in _suite() for group in json.loads(path.read_text())]
    exact = [schema for schema in groups if not any(part in json.dumps(schema) for part in GIVEN_UP)]

    assert len(exact) > 250
    assert len(exact) / len(groups) > 0.5


# Real documents and random schemas.

_ODD: tuple[JSON, ...] = (
    None, True, False, 0, 1, 1.0, -1, 0.5, NAN, math.inf, 10**30, "", "x", "auto", [], [None], {}, {"type": "x"}, b"x",
    (1,),
)  # fmt: skip


def _places(value: JSON) -> Iterator[tuple[Any, Any]]:
    """Every container inside a value with every key of it."""
    for key, member in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(member, (dict, list)):
            yield from _places(member)


def _add(container: Any, key: Any, odd: JSON) -> None:
    if isinstance(container, dict):
        container[f"{key}x"] = odd
    else:
        container.append(odd)


def _drop(container: Any, key: Any, odd: JSON) -> None:
    del container[key]


def _duplicate(container: Any, key: Any, odd: JSON) -> None:
    if isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        container[key] = [container[key], copy.deepcopy(container[key])]


def _nest(container: Any, key: Any, odd: JSON) -> None:
    container[key] = {"type": container[key], "x": odd} if isinstance(odd, dict) else [container[key]]


def _replace(container: Any, key: Any, odd: JSON) -> None:
    container[key] = odd


def _nearly(container: Any, key: Any, odd: JSON) -> None:
    """Another value that looks like this one: 1 and true, 1 and 1.0, a longer text."""
    value = container[key]
    if isinstance(value, bool):
        container[key] = int(value)
    elif isinstance(value, (int, float)):
        container[key] = bool(value) if odd in (0, 1) else value + 0.0
    elif isinstance(value, str):
        container[key] = value + "x" if odd else value[:-1]


_MUTATIONS = (_add, _drop, _duplicate, _nest, _replace, _nearly)


@st.composite
def _mutated(draw: st.DrawFn, value: JSON) -> list[JSON]:
    """The value after one change, two and three, anywhere in it."""
    whole = {"value": value}
    values = []
    for _ in range(3):
        whole = copy.deepcopy(whole)
        mutate = draw(st.sampled_from(_MUTATIONS))
        mutate(*draw(st.sampled_from([*_places(whole)])), copy.deepcopy(draw(st.sampled_from(_ODD))))
        values.append(whole.setdefault("value", None))
    return values


def _is_json(value: JSON) -> bool:
    """Of other values the check leaves the verdict to the validator."""
    if isinstance(value, (dict, list)):
        return all(map(_is_json, value.values() if isinstance(value, dict) else value))
    return value is None or isinstance(value, (bool, int, float, str))


@dataclass(frozen=True)
class _Case:
    """A real schema, both checks of it and an instance."""

    name: str
    check: Callable[[JSON], bool]
    validator: Any
    instance: JSON

    def test(self, value: JSON) -> None:
        accepted, expected = self.check(value), verdict(self.validator, value)
        assert not (accepted and expected is False), self.name
        assert accepted or not expected or not _is_json(value), self.name


def _media_types(operation: Operation) -> Iterator[tuple[str, MediaType]]:
    for media_type in operation.body.content if operation.body else ():
        yield "form" if is_form(media_type.name) or is_multipart(media_type.name) else "request", media_type
    for response in operation.responses:
        yield from (("response", media_type) for media_type in response.content)


def _cases(path: Path, most: int) -> list[_Case]:
    """Of the bodies and answers of some of a document's operations, with their published or smallest instance."""
    document = parse(load(path))
    lowerings = {
        "request": Lowering(document, "request"),
        "form": Lowering(document, "request", form=True),
        "response": Lowering(document, "response"),
    }
    acceptances = {kind: AcceptCheck(lowering.components) for kind, lowering in lowerings.items()}
    entries = list(read_entries(document))
    cases = []
    for entry in entries[:: len(entries) // most + 1]:
        operation = read_operation(document, entry)
        for kind, media_type in _media_types(operation):
            schema = lowerings[kind].schema(media_type.schema)
            validator = validator_of(schema, lowerings[kind].components)
            instance = body_example(media_type, lowerings[kind])
            name = f"{operation.id} {media_type.pointer}"
            cases.append(_Case(name, acceptances[kind].check(schema), validator, instance))
    return cases


@cache
def _openai() -> list[_Case]:
    return _cases(bundled()["openai"], 300)


def test_instances_of_the_bundled_document() -> None:
    """Of all schemas the verdict is jsonschema's, and most of them accept their instance."""
    verdicts: Counter[bool] = Counter()
    for case in _openai():
        case.test(case.instance)
        verdicts[case.check(case.instance)] += 1

    assert verdicts[True] > 9 * verdicts[False]


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_instances_of_the_bundled_document(data: st.DataObject) -> None:
    """The verdict is jsonschema's."""
    case = data.draw(st.sampled_from(_openai()))
    for value in data.draw(_mutated(case.instance)):
        case.test(value)


def _specs() -> list[Path]:
    return sorted(path for path in SPECS.glob("*") if path.suffix in (".json", ".yaml") and path.name != "index.json")


@pytest.mark.slow
@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("path", _specs(), ids=lambda path: path.name)
def test_mutated_instances_of_published_documents(path: Path) -> None:
    """The verdict is jsonschema's."""
    try:
        cases = _cases(path, 30)
    except DocumentError as error:
        pytest.skip(error.message)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data())
    def mutate(data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(cases))
        for value in data.draw(_mutated(case.instance)):
            case.test(value)

    for case in cases:
        case.test(case.instance)
    if cases:
        mutate()


_SCALARS: tuple[JSON, ...] = (None, True, False, 0, 1, 1.0, 2, -0.5, 10**20, "", "a", "b", "ab", "2024-01-01")
_VALUES: tuple[JSON, ...] = (
    *_SCALARS, [], [1], [True], [1, 1.0], [0, False], ["a", "b"], ["a", "a", "b"], [None, [1], {}], [[], [[]]],
    [{"a": 1}, {"a": True}], [{"kind": "a"}], {}, *({"a": value} for value in _SCALARS), {"a": 1, "b": "a"},
    {"a": {"a": 1}, "kind": "a"}, {"b": [1, {"b": 2}]}, {"kind": "b", "b": True}, {"a": 1, "b": 1, "kind": 1},
    {"a": {"b": {"a": ""}}},
)  # fmt: skip
_NAMES = st.sampled_from(["a", "b", "kind"])
_COUNTS = st.integers(0, 3)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
_FLAT: dict[str, st.SearchStrategy[JSON]] = {
    "const": st.sampled_from(_VALUES),
    "enum": st.lists(st.sampled_from(_VALUES), min_size=1, max_size=3),
    "format": st.sampled_from([*FORMATS, "unixtime"]),
    "multipleOf": st.sampled_from([1, 2, 0.5, 0.01]),
    "pattern": st.sampled_from(["a", "^a", "b$", "^$"]),
    "required": st.lists(_NAMES, max_size=2),
    "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3),
    "uniqueItems": st.booleans(),
    **{f"{end}{of}": _COUNTS for end in ("max", "min") for of in ("Contains", "Items", "Length", "Properties", "imum")},
    **{f"exclusive{end}imum": _COUNTS for end in ("Max", "Min")},
}


def _with_some(keywords: Mapping[str, st.SearchStrategy[JSON]]) -> st.SearchStrategy[JSON]:
    """Schemas of one to four of these keywords."""
    chosen = st.lists(st.sampled_from([*keywords]), min_size=1, max_size=4, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({name: keywords[name] for name in names}))


def _nested(schemas: st.SearchStrategy[JSON]) -> st.SearchStrategy[JSON]:
    some = st.lists(schemas, min_size=1, max_size=3)
    named = st.dictionaries(_NAMES, schemas, max_size=2)
    return _with_some(
        {
            **_FLAT,
            **dict.fromkeys(("contains", "else", "if", "items", "not", "propertyNames", "then"), schemas),
            **dict.fromkeys(("additionalProperties", "unevaluatedItems", "unevaluatedProperties"), schemas),
            **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), some),
            **dict.fromkeys(("properties", "dependentSchemas", "patternProperties"), named),
        }
    )


def _schemas(*components: str) -> st.SearchStrategy[JSON]:
    """Schemas that may refer to these components."""
    references = st.sampled_from([ref(name) for name in components])
    return st.recursive(st.booleans() | _with_some(_FLAT) | references, _nested, max_leaves=6)


_DOUBTFUL = {"unevaluatedItems", "unevaluatedProperties", "uniqueItems"}


def _keywords(schema: JSON) -> set[str]:
    """The keywords in a schema, and the other names in it."""
    members = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return {*(schema if isinstance(schema, dict) else ()), *(name for each in members for name in _keywords(each))}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(schema=_schemas("A", "B", "missing"), a=_schemas("B"), b=_with_some(_FLAT))
def test_any_schema_and_value(schema: JSON, a: JSON, b: JSON) -> None:
    """What jsonschema refuses is never accepted; what it accepts is, where no keyword leaves a doubt."""
    components = {"A": a, "B": b}
    validator, check = validator_of(schema, components), AcceptCheck(components).check(schema)
    is_exact = not _DOUBTFUL & _keywords([schema, a, b])
    for value in _VALUES:
        accepted, expected = check(value), verdict(validator, value)
        assert not (accepted and expected is False)
        assert accepted or not expected or not is_exact
