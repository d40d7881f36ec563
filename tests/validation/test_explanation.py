"""What is wrong with a value, as the user reads it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies
from jsonschema import Draft202012Validator, FormatChecker

from dynclient.codes import CODES
from dynclient.documents.document import Document
from dynclient.errors import Problem
from dynclient.openapi.model import Schema
from dynclient.schemas.lowering import Lowering
from dynclient.support.display import show
from dynclient.types import JSON, UNSET
from dynclient.validation.explanation import explain

SCHEMAS = "#/components/schemas/"


def problems(schema: JSON, value: JSON, location: str = "body", name: str = "", **schemas: JSON) -> list[Problem]:
    document = Document({"openapi": "3.1.0", "schema": schema, "components": {"schemas": schemas}})
    lowering = Lowering(document, "request")
    lowered = lowering.schema(Schema(schema, "#/schema"))
    validator = Draft202012Validator({"allOf": [lowered], "components": {"schemas": lowering.components}})
    origin: Callable[[JSON, str], str] = lowering.origin
    return list(explain(validator.iter_errors(value), location, name, origin))


def sentences(schema: JSON, value: JSON, **schemas: JSON) -> list[str]:
    return [f"{problem.name}: {problem.text}".removeprefix(": ") for problem in problems(schema, value, **schemas)]


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 5, "5 is not a string"),
        ({"type": "integer"}, 1.5, "1.5 is not an integer"),
        ({"type": "object"}, [], "[] is not an object"),
        ({"type": "array"}, {}, "{} is not an array. Give a list, even of one."),
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
        ({"multipleOf": 5}, 7, "7 isn't a multiple of 5. The nearest are 5 and 10."),
        ({"minLength": 2}, "a", "'a' is 1 character long; the minimum is 2"),
        ({"maxLength": 2}, "abc", "'abc' is 3 characters long; the maximum is 2"),
        ({"pattern": "^a"}, "b", "'b' does not match the pattern ^a"),
        ({"minItems": 1}, [], "0 items; at least 1 must be given"),
        ({"maxItems": 1}, [1, 2], "2 items; at most 1 are permitted"),
        ({"minItems": 2}, [1], "1 item; at least 2 must be given"),
        ({"uniqueItems": True}, [1, 1], "an item is given twice; all must differ. [0] and [1] are the same."),
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
        ({"additionalProperties": False}, {"b": 1}, "b: unknown field"),
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
            "y: unknown field",
        ),
        ({"additionalProperties": {"type": "string"}}, {"b": 1}, "b: 1 is not a string"),
        ({"unevaluatedProperties": False}, {"b": 1}, "b: unknown field"),
    ],
)
def test_sentences(schema: JSON, value: JSON, expected: str) -> None:
    """What is wrong, and what would be right."""
    assert sentences(schema, value) == [expected]


def test_everything_that_is_wrong() -> None:
    """Each thing once, with its place."""
    schema = {
        "required": ["a", "b"],
        "properties": {"a": {}, "b": {}, "c": {"type": "string"}, "d": {"items": {"minimum": 1}}},
        "additionalProperties": False,
    }

    assert sorted(sentences(schema, {"c": 1, "d": [1, 0, -1], "x": 1, "y": 2})) == [
        "a: required, but not given",
        "b: required, but not given",
        "c: 1 is not a string",
        "d[1]: 0 is less than the minimum of 1",
        "d[2]: -1 is less than the minimum of 1",
        "x: unknown field. Permitted: a, b, c, d.",
        "y: unknown field. Permitted: a, b, c, d.",
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
        pytest.param({"anyOf": [POINT, NULL]}, 5, ["5 is not an object or null"], id="neither-nor-null"),
        pytest.param({"anyOf": [POINT, CIRCLE]}, {"x": "a", "y": 1}, ["x: 'a' is not a number"], id="nearest"),
        pytest.param(
            {"anyOf": [{"anyOf": [STRING, NULL]}, {"anyOf": [NUMBERS]}]},
            1,
            ["1 is not an array, a string or null"],
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
            ["'x' is neither one of 'auto', 'none' nor an array"],
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
            ["kind: required, but not given; it says which of 2 shapes is meant. Permitted: 'a', 'b'."],
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
        '["a/b~"]["c/d"]',
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
        (b"bytes", "a value of type bytes"),
        ({"f": b"bytes"}, "a value of type dict"),
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


def told(schema: JSON, value: JSON, location: str = "body", **schemas: JSON) -> list[tuple[str, str, str]]:
    """Code, message and hint of each problem, with the document at hand."""
    contents = {"openapi": "3.1.0", "schema": schema, "components": {"schemas": schemas}}
    document = Document(contents)
    lowering = Lowering(document, "request")
    lowered = lowering.schema(Schema(schema, "#/schema"))
    validator = Draft202012Validator(
        {"allOf": [lowered], "components": {"schemas": lowering.components}}, format_checker=FormatChecker(["date"])
    )
    found = explain(
        validator.iter_errors(value),
        location,
        "",
        lowering.origin,
        document,
        fits=lambda error, text: validator.evolve(schema=error.schema).is_valid(text),
    )
    return [(problem.code, problem.message, problem.hint) for problem in found]


@pytest.mark.parametrize(
    ("schema", "value", "code", "hint"),
    [
        ({"type": "integer"}, "5", "value-type", "Give 5 instead of the text."),
        ({"type": "number"}, "1", "value-type", "Give 1 instead of the text."),
        ({"type": "boolean"}, "TRUE", "value-type", "Give True instead of the text."),
        ({"type": "boolean"}, "yes", "value-type", "Permitted: true, false."),
        ({"type": "integer"}, "x", "value-type", ""),
        ({"type": ["integer", "null"]}, "x", "value-type", ""),
        ({"type": "integer"}, "1.5", "value-type", ""),
        ({"type": "array"}, {"a": 1}, "value-type", "Give a list, even of one."),
        ({"type": "array"}, ' [{"a": 1}]', "value-type", "Give the data itself, not its JSON text."),
        ({"type": ["object", "null"]}, '{"a": 1}', "value-type", "Give the data itself, not its JSON text."),
        ({"type": "object"}, "[1]", "value-type", ""),
        ({"type": "object"}, '{"a": 1', "value-type", ""),
        ({"enum": [1, 2]}, "2", "value-not-permitted", "Give 2 instead of the text."),
        ({"enum": ["json_object", "json_schema", "text"]}, "json", "value-not-permitted", "Did you mean {}?"),
        ({"minimum": 0, "maximum": 2}, 3, "value-too-large", "Permitted: 0 to 2."),
        ({"minimum": 0}, -1, "value-too-small", ""),
        ({"minimum": 5, "maximum": 9}, 3, "value-too-small", "Permitted: 5 to 9."),
        (
            {"exclusiveMinimum": 0, "maximum": 1},
            0,
            "value-too-small",
            "Permitted: more than 0, at most 1.",
        ),
        ({"minimum": 0, "exclusiveMaximum": 1}, 1, "value-too-large", "Permitted: at least 0, less than 1."),
        ({"multipleOf": 5}, -7, "value-multiple", "The nearest are -10 and -5."),
        ({"multipleOf": 0.5}, 0.7, "value-multiple", ""),
        ({"uniqueItems": True}, [{"a": 1, "b": 2}, {"b": 2, "a": 1}], "items-repeated", "[0] and [1] are the same."),
        ({"uniqueItems": True}, [1, 1.0], "items-repeated", ""),
        ({"format": "date"}, "today", "text-format", "Such as '2026-01-31'."),
        ({"format": "date", "example": "1999-12-31"}, "today", "text-format", "Such as '1999-12-31'."),
        ({"pattern": "^a", "examples": ["abc"]}, "b", "text-pattern", "Such as 'abc'."),
        ({"pattern": "^a"}, "b", "text-pattern", ""),
        ({"required": ["name"], "properties": {"nam": {}}}, {"nam": 1}, "value-missing", ""),
        ({"required": ["name"]}, {"nam": 1}, "value-missing", "Is 'nam' meant for it?"),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}, "field-name", ""),
        ({"contains": {"const": 1}, "minContains": 2}, [1], "item-missing", ""),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, 1], "items-too-many", ""),
        ({"prefixItems": [True], "items": False}, [1, 2], "items-too-many", ""),
        ({"prefixItems": [True], "unevaluatedItems": False}, [1, 2], "items-too-many", ""),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "value-missing", ""),
    ],
)
def test_codes_and_hints(schema: JSON, value: JSON, code: str, hint: str) -> None:
    """What is wrong in terms of the caller, and what to do about it."""
    ((found, _, help_),) = told(schema, value)

    assert (found, help_) == (code, hint.replace("{}", "'json_object' or 'json_schema'"))


OPEN = {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}, "size": {"type": "integer"}}}
ROUND = {"type": "object", "required": ["radius"], "properties": {"radius": {"type": "number"}}}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        pytest.param(
            {"anyOf": [kind("a"), kind("b"), kind("c"), {"const": "auto"}]},
            "json",
            (
                "shape-none",
                "'json' is neither 'auto' nor an object of one of 3 shapes (a, b, c)",
                "",
            ),
            id="text-for-objects",
        ),
        pytest.param(
            {"anyOf": [{"type": "string"}, {"enum": ["x", "y"]}]},
            5,
            ("value-type", "5 is not a string", ""),
            id="any-text-swallows-some-texts",
        ),
        pytest.param(
            {"anyOf": [{"$ref": SCHEMAS + "Open"}, {"$ref": SCHEMAS + "Round"}]},
            5,
            ("shape-none", "5 is not an object of one of 2 shapes (Open, Round)", ""),
            id="names",
        ),
        pytest.param(
            {"anyOf": [{**OPEN, "title": "Open"}, {**ROUND, "title": "Round"}]},
            {"url": 5},
            ("value-type", "5 is not a string", "Of 2 shapes, Open is nearest."),
            id="titles",
        ),
        pytest.param(
            {"anyOf": [OPEN, ROUND]}, {"url": 5}, ("value-type", "5 is not a string", ""), id="shapes-without-names"
        ),
        pytest.param(
            {"anyOf": [{"anyOf": [kind("a"), kind("b")]}, {"anyOf": [kind("c"), {"type": "null"}]}]},
            {"kind": "bb"},
            ("shape-unknown", "'bb' is not one of 'a', 'b', 'c'", "Did you mean 'b'?"),
            id="nested",
        ),
        pytest.param(
            {"anyOf": [kind("a", x=STRING), kind("b", y=STRING)]},
            {"x": "1"},
            (
                "shape-missing",
                "required, but not given; it says which of 2 shapes is meant",
                "Permitted: 'a', 'b'.",
            ),
            id="tag-missing",
        ),
        pytest.param(
            {"anyOf": [kind("a", size={"enum": ["s", "l"]}), kind("b", size={"enum": ["s", "l"]})]},
            {"kind": "a", "size": "m"},
            ("value-not-permitted", "'m' is not one of 's', 'l'", ""),
            id="what-all-share-is-no-tag",
        ),
        pytest.param(
            {"anyOf": [kind("a", x=STRING), kind("b", y=STRING), OPEN]},
            {"url": "u", "size": "s"},
            ("value-type", "'s' is not an integer", ""),
            id="one-without-a-tag",
        ),
        pytest.param(
            {"type": "string", "enum": ["a", "b"], "nullable": True},
            "c",
            ("value-not-permitted", "'c' is not one of 'a', 'b'", ""),
            id="nullable",
        ),
        pytest.param(
            {"anyOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
            ["a"],
            ("value-not-permitted", "[\"a\"] is not one of 'a', 'b'", ""),
            id="constants-of-another-type",
        ),
        pytest.param(False, 1, ("value-ruled-out", "1 is what the document rules out here", ""), id="nothing"),
    ],
)
def test_shapes(schema: JSON, value: JSON, expected: tuple[str, str, str]) -> None:
    """A union says all that it permits, what tells its shapes apart, and which is nearest."""
    assert told(schema, value, Open=OPEN, Round=ROUND) == [expected]


def test_the_nearest_shape_is_named_where_its_tag_is_wrong() -> None:
    """By the other fields, where they speak for one alone."""
    shapes = {"A": kind("a", x=STRING), "B": {**kind("b", y=STRING), "required": ["kind", "y"]}}
    schema = {"anyOf": [{"$ref": SCHEMAS + "A"}, {"$ref": SCHEMAS + "B"}]}

    assert [hint for _, _, hint in told(schema, {"kind": "z", "x": "1"}, **shapes)] == [
        "Of the 2 shapes, A is nearest; its kind must be 'a'."
    ]


def test_a_type_and_its_values_are_one_problem() -> None:
    """The permitted values tell the type, too."""
    assert told({"type": "string", "enum": ["a", "b"]}, 5) == [("value-not-permitted", "5 is not one of 'a', 'b'", "")]


def test_what_several_schemas_say_is_said_once() -> None:
    """The same limit may come by several ways."""
    limit = {"properties": {"a": {"maximum": 5}}}

    assert told({"allOf": [limit, limit, {"allOf": [limit]}]}, {"a": 6}) == [
        ("value-too-large", "6 is more than the maximum of 5", "")
    ]


def test_what_was_expected_is_data() -> None:
    """The value of the keyword; of a union its values and shapes; of an unknown field the known ones."""
    schema = {
        "properties": {
            "a": {"maximum": 5},
            "b": {"anyOf": [{"const": "auto"}, kind("x"), kind("y")]},
        },
        "additionalProperties": False,
    }

    assert {each.name: each.expected for each in problems(schema, {"a": 6, "b": 1, "c": 1})} == {
        "a": 5,
        "b": ["auto", "x", "y"],
        "c": ["a", "b"],
    }


JSON_VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-9, 9) | strategies.text(max_size=99),
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(max_size=99), inner),
    max_leaves=6,
)
MEMBERS = [
    {"type": "string", "maxLength": 3},
    {"type": "integer", "minimum": 3},
    kind("a", x={"type": "array", "items": {"enum": ["p", "q"]}}),
    {"type": "object", "additionalProperties": False, "properties": {"url": {"pattern": "^http\n"}}},
    {"type": "array", "items": {"anyOf": [{"const": 1}, {"type": "object", "required": ["k"]}]}, "uniqueItems": True},
    {"enum": ["long " * 9, None, 7]},
]


@given(strategies.lists(strategies.sampled_from(MEMBERS), min_size=1), JSON_VALUES)
def test_every_union_is_explained_in_a_line(members: list[JSON], value: JSON) -> None:
    """Whatever it is of, and whatever is given: a code, and one line that is not too long."""
    found = told({"anyOf": members}, value)

    assert bool(found) == (not Draft202012Validator({"anyOf": members}).is_valid(value))
    for code, message, hint in found:
        assert code in CODES
        assert len(message) <= 160
        assert "\n" not in message + hint


def test_the_nearest_shape_has_the_fields_that_are_given() -> None:
    """Fields of another name weigh more than a wrong value."""
    message = {
        "type": "object",
        "required": ["role"],
        "properties": {"role": {"enum": ["user", "tool"]}, "content": {}},
    }
    reference = {"type": "object", "required": ["id"], "properties": {"id": {}}}

    assert [text for _, text, _ in told({"anyOf": [reference, message]}, {"role": "usr", "content": "x"})] == [
        "'usr' is not one of 'user', 'tool'"
    ]


def test_a_union_beside_other_rules_in_a_union() -> None:
    """A branch of which no alternative has the type of the value is not meant."""
    inner = {"anyOf": [NULL, {"type": "boolean"}], "enum": [None, True]}

    assert told({"anyOf": [inner, {"type": "string", "maxLength": 2}]}, "abc") == [
        ("text-too-long", "'abc' is 3 characters long; the maximum is 2", "")
    ]
    assert told({"anyOf": [{**inner, "enum": ["x", "y"]}, {"type": "string", "maxLength": 2}]}, "abc") == [
        ("text-too-long", "'abc' is 3 characters long; the maximum is 2", "")
    ]


def test_a_schema_that_permits_nothing() -> None:
    """A validator names neither a keyword nor the place then; and an origin that leads nowhere takes nothing away."""
    errors = Draft202012Validator({"properties": {"a": False}}).iter_errors({"a": [1]})

    assert list(explain(errors, "body", "", lambda schema, keyword: "#/nowhere", Document({"openapi": "3.1.0"}))) == [
        Problem("body", "", "[1] is not permitted here", "", [1], "", "#/nowhere", "value-refused")
    ]


_TAGGED: list[JSON] = [
    {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}}} for kind in ("cat", "dog")
]


@pytest.mark.parametrize(
    ("schema", "value", "advice", "fact"),
    [
        ({"type": "number"}, "100.0", "Give 100.0 instead of the text.", ""),
        ({"type": ["integer", "null"]}, "5", "Give 5 instead of the text.", ""),
        ({"type": "object"}, "{}", "Give the data itself, not its JSON text.", ""),
        ({"type": "array"}, {}, "Give a list, even of one.", ""),
        ({"enum": [1, 2]}, "1", "Give 1 instead of the text.", ""),
        ({"enum": ["asc", "desc"]}, "dsc", "Did you mean 'desc'?", ""),
        ({"const": "desc"}, "dsc", "Did you mean 'desc'?", ""),
        ({"multipleOf": 5}, 7, "The nearest are 5 and 10.", ""),
        ({"anyOf": [{"const": "desc"}, {"type": "null"}]}, "dsc", "Did you mean 'desc'?", ""),
        ({"anyOf": [{"type": "integer"}, {"type": "object"}]}, "5", "Give 5 instead of the text.", ""),
        ({"anyOf": _TAGGED}, "cat", 'Did you mean {"kind": "cat"}?', ""),
        ({"oneOf": _TAGGED}, {"kind": "catt"}, "Did you mean 'cat'?", ""),
        (
            {"properties": {"name": {}}, "additionalProperties": False},
            {"nmae": 1},
            "Did you mean 'name'?",
            "Permitted: name.",
        ),
        ({"minimum": 1, "maximum": 5}, 6, "Permitted: 1 to 5.", "Permitted: 1 to 5."),
        ({"uniqueItems": True}, [1, 1], "[0] and [1] are the same.", "[0] and [1] are the same."),
    ],
    ids=str,
)
@pytest.mark.parametrize("location", ["response body", "response header"])
def test_nobody_is_told_to_change_an_answer(schema: JSON, value: JSON, advice: str, fact: str, location: str) -> None:
    """It is the server that is wrong; what the document asks for is reported all the same."""
    assert [problem.hint for problem in problems(schema, value)] == [advice]
    assert [problem.hint for problem in problems(schema, value, location)] == [fact]
