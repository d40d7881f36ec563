"""What is wrong with a value, as the user reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies
from jsonschema import Draft202012Validator

from dynclient.document import Document
from dynclient.errors import Problem
from dynclient.explanation import explain, show
from dynclient.lowering import Lowering
from dynclient.model import Schema
from dynclient.types import JSON, UNSET

SCHEMAS = "#/components/schemas/"


def problems(schema: JSON, value: JSON, location: str = "body", name: str = "", **schemas: JSON) -> list[Problem]:
    document = Document({"openapi": "3.1.0", "schema": schema, "components": {"schemas": schemas}})
    lowering = Lowering(document, "request")
    lowered = lowering.schema(Schema(schema, "#/schema"))
    validator = Draft202012Validator({"allOf": [lowered], "components": {"schemas": lowering.components}})
    origin: Callable[[JSON, str], str] = lowering.origin
    return list(explain(validator.iter_errors(value), location, name, origin))


def sentences(schema: JSON, value: JSON, **schemas: JSON) -> list[str]:
    return [f"{problem.name}: {problem.message}".removeprefix(": ") for problem in problems(schema, value, **schemas)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 5, "5 is not a string"),
        ({"type": "integer"}, 1.5, "1.5 is not an integer"),
        ({"type": "object"}, [], "[] is not an object"),
        ({"type": "array"}, {}, "{} is not an array"),
        ({"type": ["string", "null"]}, True, "true is not a string or null"),
        ({"type": "number"}, None, "null is not a number"),
        ({"const": "a"}, "b", "'b' is not 'a'"),
        ({"const": {"a": 1}}, 0, '0 is not {"a": 1}'),
        ({"enum": ["asc", "desc"]}, "ascending", "'ascending' is not one of 'asc', 'desc'"),
        ({"enum": ["asc", "desc"]}, "dsc", "'dsc' is not one of 'asc', 'desc'. Did you mean 'desc'?"),
        ({"enum": [1, None, "x"]}, True, "true is not one of 1, null, 'x'"),
        ({"enum": list(range(20))}, "a", "'a' is not one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ..."),
        ({"minimum": 1}, 0, "0 is less than the minimum of 1"),
        ({"maximum": 100}, 500, "500 is more than the maximum of 100"),
        ({"exclusiveMinimum": 0}, 0, "0 is not more than 0"),
        ({"exclusiveMaximum": 1.5}, 2, "2 is not less than 1.5"),
        ({"multipleOf": 5}, 7, "7 is no multiple of 5"),
        ({"minLength": 2}, "a", "'a' is 1 character long; the minimum is 2"),
        ({"maxLength": 2}, "abc", "'abc' is 3 characters long; the maximum is 2"),
        ({"pattern": "^a"}, "b", "'b' does not match the pattern ^a"),
        ({"minItems": 1}, [], "0 items; at least 1 must be given"),
        ({"maxItems": 1}, [1, 2], "2 items; at most 1 are permitted"),
        ({"minItems": 2}, [1], "1 item; at least 2 must be given"),
        ({"uniqueItems": True}, [1, 1], "an item is given twice; all must differ"),
        ({"minProperties": 1}, {}, "0 fields; at least 1 must be given"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "2 fields; at most 1 are permitted"),
        ({"contains": {"const": 1}}, [2], "none of the items is one that must be among them"),
        ({"not": {"type": "string"}}, "a", "'a' is what the document rules out here"),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, "the name 'b' does not match the pattern ^a"),
        ({"propertyNames": False}, {"b": 1}, "the name 'b' is what the document rules out here"),
        ({"required": ["a"]}, {}, "a: required, but not given"),
        ({"properties": {"a": {"type": "string"}}}, {"a": 1}, "a: 1 is not a string"),
        (
            {"properties": {"propertyNames": {"type": "string"}}},
            {"propertyNames": 1},
            "propertyNames: 1 is not a string",
        ),
        ({"items": {"properties": {"a": {"type": "string"}}}}, [{}, {"a": 1}], "[1].a: 1 is not a string"),
        ({"additionalProperties": False}, {"b": 1}, "b: unknown field."),
        (
            {"properties": {"limit": {}}, "additionalProperties": False},
            {"limt": 1},
            "limt: unknown field. Did you mean 'limit'?",
        ),
        (
            {"properties": {"a": {}, "b": {}}, "additionalProperties": False},
            {"xyz": 1},
            "xyz: unknown field. Permitted: a, b.",
        ),
        (
            {"patternProperties": {"^x-": {}}, "additionalProperties": False},
            {"x-a": 1, "y": 2},
            "y: unknown field.",
        ),
        ({"additionalProperties": {"type": "string"}}, {"b": 1}, "b: 1 is not a string"),
        ({"unevaluatedProperties": False}, {"b": 1}, "Unevaluated properties are not allowed ('b' was unexpected)"),
    ],
)
def test_sentences(schema: JSON, value: JSON, expected: str) -> None:
    """What is wrong, and what would be right."""
    assert sentences(schema, value) == [expected]


def test_everything_that_is_wrong() -> None:
    """Each thing once, with its place."""
    schema = {
        "required": ["a", "b"],
        "properties": {"c": {"type": "string"}, "d": {"items": {"minimum": 1}}},
        "additionalProperties": False,
    }

    assert sorted(sentences(schema, {"c": 1, "d": [1, 0, -1], "x": 1, "y": 2})) == [
        "a: required, but not given",
        "b: required, but not given",
        "c: 1 is not a string",
        "d[1]: 0 is less than the minimum of 1",
        "d[2]: -1 is less than the minimum of 1",
        "x: unknown field. Permitted: c, d.",
        "y: unknown field. Permitted: c, d.",
    ]


STRING, NULL, NUMBERS = {"type": "string"}, {"type": "null"}, {"type": "array", "items": {"type": "number"}}
POINT = {"type": "object", "required": ["x", "y"], "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}
CIRCLE = {"type": "object", "required": ["r"], "properties": {"r": {"type": "number"}, "x": {"type": "number"}}}


def kind(value: str, **properties: JSON) -> JSON:
    return {"type": "object", "required": ["kind"], "properties": {"kind": {"const": value}, **properties}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        pytest.param({"anyOf": [STRING, NUMBERS]}, True, ["true is not an array or a string"], id="no-type"),
        pytest.param({"anyOf": [STRING, NUMBERS]}, [1, "a"], ["[1]: 'a' is not a number"], id="one-type"),
        pytest.param({"anyOf": [POINT, NULL]}, {"x": 1}, ["y: required, but not given"], id="or-null"),
        pytest.param({"anyOf": [POINT, NULL]}, 5, ["5 is not null or an object"], id="neither-nor-null"),
        pytest.param({"anyOf": [POINT, CIRCLE]}, {"x": "a", "y": 1}, ["x: 'a' is not a number"], id="nearest"),
        pytest.param(
            {"anyOf": [{"anyOf": [STRING, NULL]}, {"anyOf": [NUMBERS]}]},
            1,
            ["1 is not an array or null or a string"],
            id="nested-types",
        ),
        pytest.param(
            {"anyOf": [{"anyOf": [STRING, POINT]}, NULL]}, {"x": 1}, ["y: required, but not given"], id="nested"
        ),
        pytest.param({"anyOf": [{"const": "a"}, {"const": "b"}]}, "c", ["'c' is not one of 'a', 'b'"], id="constants"),
        pytest.param(
            {"anyOf": [{"enum": ["auto", "none"]}, POINT]},
            "atuo",
            ["'atuo' is not one of 'auto', 'none'. Did you mean 'auto'?"],
            id="constants-or-object",
        ),
        pytest.param(
            {"anyOf": [{"enum": ["auto"]}, {"const": "none"}, NUMBERS]},
            "x",
            ["'x' is not one of 'auto', 'none'"],
            id="several-constants",
        ),
        pytest.param({"anyOf": [kind("a"), kind("b")]}, {"kind": "c"}, ["kind: 'c' is not one of 'a', 'b'"], id="tag"),
        pytest.param(
            {"anyOf": [kind("a", x=STRING), kind("b", x=NULL, y=NULL)]},
            {"kind": "b", "x": 1, "y": 1},
            ["x: 1 is not null", "y: 1 is not null"],
            id="tag-chooses",
        ),
        pytest.param(
            {"anyOf": [{"minimum": 5}, {"multipleOf": 2}]}, 3, ["3 is less than the minimum of 5"], id="two-rules"
        ),
        pytest.param({"anyOf": [False, False]}, 3, ["3 is what the document rules out here"], id="nothing"),
        pytest.param({"type": "string", "enum": ["a"], "nullable": True}, "b", ["'b' is not 'a'"], id="nullable-enum"),
        pytest.param({"type": "string", "nullable": True}, 5, ["5 is not a string or null"], id="nullable"),
        pytest.param(
            {"not": {"not": {"oneOf": [STRING, NULL]}}}, 5, ["5 is what the document rules out here"], id="under-not"
        ),
        pytest.param(
            {"items": {"oneOf": [kind("a"), kind("b")], "discriminator": {"propertyName": "kind"}}},
            [{"kind": "a"}, {"kind": "x"}],
            ["[1].kind: 'x' is not one of 'a', 'b'"],
            id="discriminated",
        ),
        pytest.param(
            {"oneOf": [kind("a", x=STRING), kind("b")], "discriminator": {"propertyName": "kind"}},
            {"kind": "a", "x": 1},
            ["x: 1 is not a string"],
            id="discriminated-chooses",
        ),
        pytest.param(
            {"oneOf": [kind("a"), kind("b")], "discriminator": {"propertyName": "kind"}},
            {},
            ["kind: required, but not given"],
            id="no-tag",
        ),
    ],
)
def test_unions(schema: JSON, value: JSON, expected: list[str]) -> None:
    """Followed to the branch that the value comes nearest to."""
    assert sentences(schema, value) == expected


def test_a_union_in_which_one_member_was_meant() -> None:
    """The chat message of OpenAI's document: two faults, two sentences."""
    text = kind("text", text=STRING)
    image = kind("image_url", image_url={"type": "object", "required": ["url"]})
    content = {"anyOf": [STRING, {"type": "array", "items": {"anyOf": [text, image]}}]}
    user = {
        "type": "object",
        "properties": {"role": {"const": "user"}, "content": content},
        "required": ["role", "content"],
    }
    tool = {
        "type": "object",
        "properties": {"role": {"const": "tool"}, "content": STRING},
        "required": ["role", "content"],
    }
    schema = {"properties": {"messages": {"items": {"oneOf": [user, tool]}}, "model": STRING}}
    value = {"model": 1, "messages": [{"role": "user", "content": [{"kind": "txet"}]}]}

    assert sorted(sentences(schema, value)) == [
        "messages[0].content[0].kind: 'txet' is not one of 'text', 'image_url'. Did you mean 'text'?",
        "model: 1 is not a string",
    ]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("", {"a": [1]}, ("a[0]", "/a/0")),
        ("filter", {"a": [1]}, ("filter.a[0]", "/a/0")),
    ],
)
def test_places(name: str, value: JSON, expected: tuple[str, str]) -> None:
    """In the notation of the call, and as a pointer."""
    (problem,) = problems({"properties": {"a": {"items": {"type": "string"}}}}, value, "query", name)

    assert (problem.name, problem.pointer) == expected


def test_places_in_a_list() -> None:
    """No dot before a bracket."""
    (problem,) = problems({"items": {"type": "string"}}, [1], "query", "ids")

    assert problem == Problem("query", "ids[0]", "1 is not a string", "type", 1, "/0", "#/schema/items/type")


def test_pointers_are_escaped() -> None:
    """Names may hold slashes and tildes."""
    (problem,) = problems({"properties": {"a/b~": {"required": ["c/d"]}}}, {"a/b~": {}})

    assert problem == Problem(
        "body",
        "a/b~.c/d",
        "required, but not given",
        "required",
        UNSET,
        "/a~1b~0/c~1d",
        "#/schema/properties/a~1b~0/required",
    )


def test_pointers_into_components() -> None:
    """The rule's own place, not that of the reference."""
    (problem,) = problems({"$ref": SCHEMAS + "A"}, 5, A={"oneOf": [STRING, NULL]})

    assert (problem.rule, problem.schema_pointer) == ("anyOf", SCHEMAS + "A/oneOf")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "'a'"),
        ("é\n", "'é\\n'"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": "é"}, '{"a": "é"}'),
        (b"bytes", "a bytes"),
        ({"f": b"bytes"}, "a dict"),
        ("a" * 100, "'" + "a" * 49 + "..." + "a" * 5 + "'"),
    ],
)
def test_values_shown(value: JSON, expected: str) -> None:
    """As JSON, on one line of bearable length."""
    assert show(value) == expected


@given(strategies.text() | strategies.lists(strategies.integers()))
def test_values_shown_are_short(value: JSON) -> None:
    """However long they are."""
    assert len(show(value)) <= 60
