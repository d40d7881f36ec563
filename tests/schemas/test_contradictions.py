"""Schemas that contradict themselves: what their authors mean passes, all else is refused, and a rule says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings, strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

import dynclient
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError, InvalidRequest
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import Schema
from dynclient.openapi.reader import read_operation
from dynclient.schemas.accept import AcceptCheck
from dynclient.schemas.contradictions import bare_pattern, is_told_apart_by_required
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.keywords import format_checker, validator_class
from dynclient.schemas.lowering import Direction, Lowering
from dynclient.types import JSON
from dynclient.validation.schema_validator import SchemaValidator
from tests.places import SPECS

VERSIONS = ("3.0.3", "3.1.0", "3.2.0")
TEXT, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
UUID = "123e4567-e89b-12d3-a456-426614174000"


def ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def closed(*names: str, **more: JSON) -> JSON:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), "additionalProperties": False, **more}


def open_(*names: str, **more: JSON) -> JSON:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **more}


def document(schema: JSON, version: str = "3.1.0", **schemas: JSON) -> Document:
    return Document({"openapi": version, "paths": {}, "components": {"schemas": {**schemas, "It": schema}}})


def verdicts(found: Document, values: list[JSON], direction: Direction = "request") -> list[bool]:
    """The verdicts on values of the schema, on which the quick check and jsonschema agree."""
    lowering = Lowering(found, direction)
    lowered = lowering.schema(Schema(ref("It"), "#/x"))
    quick = AcceptCheck(lowering.components).check(lowered)
    whole = {"allOf": [lowered], "components": {"schemas": lowering.components}}
    full = validator_class()(whole, registry=Registry(), format_checker=format_checker(FORMATS))
    agreed = [full.is_valid(value) for value in values]
    assert not any(quick(value) and not fits for value, fits in zip(values, agreed, strict=True))
    return agreed


CONTRADICTIONS: list[tuple[str, JSON, list[JSON], list[JSON]]] = [
    # What is closed.
    ("required-unknown", closed("a", required=["k"]), [{"a": "x"}, {"k": 1}, {}], [{"b": 1}, {"a": 1}]),
    ("required-unknown", {"required": ["k"], "additionalProperties": False}, [{}, {"k": 1}], [{"a": 1}]),
    ("required-unknown", {"required": ["k"], "unevaluatedProperties": False}, [{}, {"k": 1}], [{"a": 1}]),
    ("required-unknown", {"allOf": [{"required": ["k"]}, closed("a")]}, [{"a": "x"}, {"k": 1}], [{"b": 1}]),
    ("closed-members", {"allOf": [closed("a"), closed("b")]}, [{"a": "x", "b": "y"}, {}], [{"c": 1}, {"a": 1}]),
    ("closed-members", {"allOf": [ref("A"), ref("B")]}, [{"a": "x", "b": "y"}, {}], [{"c": 1}, {"b": 1}]),
    ("closed-members", {"allOf": [ref("A"), ref("B"), ref("C")]}, [{"a": "x", "c": "z"}], [{"d": 1}]),
    ("closed-members", closed("b", allOf=[ref("A")]), [{"a": "x", "b": "y"}], [{"c": 1}]),
    ("closed-members", closed("b", allOf=[open_("a", required=["a"])]), [{"a": "x", "b": "y"}], [{"b": "y"}]),
    ("closed-members", {"allOf": [{"allOf": [closed("a")]}, closed("b")]}, [{"a": "x", "b": "y"}], [{"c": 1}]),
    (
        "closed-members",
        open_("kind", required=["kind"], oneOf=[closed("a", required=["a"]), closed("b", required=["b"])]),
        [{"kind": "k", "a": "x"}, {"kind": "k", "b": "x"}],
        [{"kind": "k", "a": "x", "b": "y"}, {"a": "x"}, {"kind": "k", "a": "x", "c": 1}],
    ),
    (
        "closed-members",
        closed("kind", anyOf=[open_("a", required=["a"]), open_("b", required=["b"])]),
        [{"kind": "k", "a": "x"}, {"b": "x"}],
        [{"kind": "k"}, {"a": "x", "c": "y"}],
    ),
    # What is listed.
    ("enum-of-items", {"type": "array", "items": TEXT, "enum": ["a", "b"]}, [["a"], ["a", "b"], []], [["c"], "a"]),
    ("enum-of-items", {"type": "array", "enum": [1, 2]}, [[1], []], [[3], 1]),
    ("enum-of-items", {"type": "array", "items": {"$ref": "#/components/schemas/T"}, "enum": ["a"]}, [["a"]], [["b"]]),
    ("enum-unfit", {"type": "string", "enum": [1, 2]}, ["1", 1, "2"], ["3", 3, "a"]),
    ("enum-unfit", {"type": "string", "enum": ["a", True, 1.5]}, ["a", "true", "1.5", True], ["false", "b"]),
    ("enum-unfit", {"type": "integer", "enum": ["1", "2"]}, [1, "1", 2], [3, "3"]),
    ("enum-unfit", {"type": "boolean", "enum": ["true"]}, [True, "true"], [False, "false"]),
    ("enum-unfit", {"type": "string", "enum": ["a", None]}, ["a", None], ["b", "null"]),
    ("enum-unfit", {"type": "object", "enum": ["a"]}, ["a"], ["b", {}]),
    ("enum-unfit", {"type": "string", "format": "date", "enum": ["2026-01-31", "latest"]}, ["latest"], ["never"]),
    ("enum-unfit", {"type": "string", "maxLength": 2, "enum": ["ab", "abc"]}, ["ab", "abc"], ["a"]),
    ("enum-unfit", {"type": "string", "pattern": "^a$", "enum": ["a", "b"]}, ["a", "b"], ["c"]),
    ("enum-unfit", {"type": "integer", "maximum": 5, "enum": [1, 10]}, [1, 10], [5]),
    ("enum-unfit", {"type": "integer", "format": "int32", "enum": [2**40]}, [2**40], [1]),
    # Formats, limits and patterns.
    ("format-unfit", {"type": "string", "format": "uuid", "maxLength": 24}, ["6" * 24, "x"], ["x" * 25]),
    ("format-unfit", {"type": "string", "format": "uuid", "minLength": 40}, ["x" * 40], ["x" * 39]),
    ("format-unfit", {"type": "string", "format": "date-time", "maxLength": 19}, ["2026-01-31T12:00:00"], ["x" * 20]),
    ("format-unfit", {"type": "string", "format": "date", "pattern": r"^\d\d/\d\d/\d{4}$"}, ["31/01/2026"], ["x"]),
    ("format-unfit", {"type": "string", "format": "ipv4", "pattern": r"/\d+$"}, ["10.0.0.0/8"], ["10.0.0.0"]),
    ("format-unfit", {"type": "integer", "format": "int32", "minimum": 2**31}, [2**31], [5]),
    ("limits-crossed", {"type": "integer", "minimum": 10, "maximum": 1}, [5, 0, 11], ["a"]),
    ("limits-crossed", {"type": "string", "minLength": 36, "maxLength": 32}, ["", "x" * 34], [1]),
    ("limits-crossed", {"type": "array", "minItems": 2, "maxItems": 1}, [[], [1, 2]], [1]),
    ("limits-crossed", {"type": "object", "minProperties": 2, "maxProperties": 1}, [{}, {"a": 1}], [1]),
    ("pattern-delimited", {"type": "string", "pattern": "/^a+$/i"}, ["aA"], ["b", "ab"]),
    ("pattern-delimited", {"type": "string", "pattern": "/^a$/"}, ["a"], ["A", "/a/"]),
    ("pattern-delimited", {"type": "string", "pattern": "/^a.b$/s"}, ["a\nb"], ["ab"]),
    ("pattern-delimited", {"type": "string", "pattern": "/^a$/m"}, ["b\na\nc"], ["ba"]),
    ("pattern-delimited", {"type": "string", "pattern": r"/^a\/b$/gu"}, ["a/b"], ["ab"]),
    ("pattern-delimited", {"type": "string", "pattern": "/[0-9/]+/i"}, ["7", "/"], ["a"]),
    # Types.
    ("type-unfit", {"type": "object", "oneOf": [TEXT, {"type": "string", "format": "uuid"}]}, ["a"], [1, {}]),
    ("type-unfit", {"type": "object", "oneOf": [{"enum": ["a"]}, {"required": ["b"]}]}, ["a", {"b": 1}], [1, {}]),
    ("type-unfit", {"type": "object", "anyOf": [{"$ref": "#/components/schemas/T"}]}, ["a"], [1]),
    ("type-unfit", {"type": "object", "allOf": [{"$ref": "#/components/schemas/T"}]}, ["a"], [1]),
]
SHARED: dict[str, JSON] = {"A": closed("a"), "B": closed("b"), "C": closed("c"), "T": TEXT}
IDS = [f"{rule}-{number}" for number, (rule, *_) in enumerate(CONTRADICTIONS)]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("rule", "schema", "right", "wrong"), CONTRADICTIONS, ids=IDS)
def test_a_contradiction(
    rule: str, schema: JSON, right: list[JSON], wrong: list[JSON], version: str, direction: Direction
) -> None:
    """What is meant passes, what is not is refused, and the document's problems have the rule."""
    found = document(schema, version, **SHARED)

    assert verdicts(found, [*right, *wrong], direction) == [True] * len(right) + [False] * len(wrong)
    assert rule in {problem.rule for problem in found.problems}


@pytest.mark.parametrize("client", [dynclient.Client, dynclient.AsyncClient])
@pytest.mark.parametrize(("rule", "schema", "right", "wrong"), CONTRADICTIONS, ids=IDS)
def test_calls_of_a_contradictory_body(
    rule: str, schema: JSON, right: list[JSON], wrong: list[JSON], client: type[dynclient.Client]
) -> None:
    """Go as they are meant; under `strict` the document is refused."""
    contents = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "http://a.test"}],
        "paths": {
            "/a": {
                "post": {
                    "operationId": "op",
                    "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
        "components": {"schemas": SHARED},
    }
    one = client(contents)

    assert [value for value in right if one.op.check(body=value)] == []
    assert [value for value in wrong if not one.op.check(body=value)] == []
    assert rule in {problem.rule for problem in one.document.problems}
    with pytest.raises(DocumentError) as raised:
        client(contents, strict=True)
    assert rule in {problem.rule for problem in raised.value.problems}


CONSISTENT: list[tuple[JSON, list[JSON], list[JSON]]] = [
    # One closed member and optional fields of another: some values fit.
    ({"allOf": [open_("a"), closed("b")]}, [{"b": "y"}, {}], [{"a": "x"}]),
    (open_("a", "b", oneOf=[closed("a"), closed("b")]), [{"a": "x"}, {"b": "y"}], [{"a": "x", "b": "y"}]),
    (closed("a", patternProperties={"^k": {}}, required=["k1"]), [{"k1": 1}], [{"a": "x"}]),
    (closed("a", required=["a"]), [{"a": "x"}], [{}, {"a": "x", "b": 1}]),
    ({"allOf": [open_("a")], "unevaluatedProperties": False}, [{"a": "x"}], [{"b": 1}]),
    ({"type": "array", "enum": [["a"]]}, [["a"]], [["b"], []]),
    ({"type": "string", "format": "uuid", "maxLength": 36}, [UUID], ["x"]),
    ({"type": "string", "format": "date", "pattern": "-01$"}, ["2026-02-01"], ["2026-02-02", "x-01"]),
    ({"type": "string", "pattern": "/api/"}, ["x/api/y"], ["api"]),
    ({"type": "string", "pattern": "/repos/us"}, ["/repos/us"], ["repos"]),
    ({"type": "string", "pattern": "^/a/$"}, ["/a/"], ["a"]),
    ({"minimum": 1, "maximum": 1}, [1], [0, 2]),
    ({"type": "number", "oneOf": [INTEGER]}, [1], [1.5, "a"]),
]


@pytest.mark.parametrize(("schema", "right", "wrong"), CONSISTENT, ids=range(len(CONSISTENT)))
def test_what_is_no_contradiction(schema: JSON, right: list[JSON], wrong: list[JSON]) -> None:
    """Is taken as it stands, and nothing is noted."""
    found = document(schema)

    assert verdicts(found, [*right, *wrong]) == [True] * len(right) + [False] * len(wrong)
    assert found.problems == []


@pytest.mark.parametrize(("rule", "schema", "right", "wrong"), CONTRADICTIONS, ids=IDS)
def test_nothing_is_relaxed_under_not(rule: str, schema: JSON, right: list[JSON], wrong: list[JSON]) -> None:
    """There it would refuse what the schema permits; delimiters of a pattern are none of it anywhere."""
    if rule == "pattern-delimited":
        return
    raw = {"not": schema, "components": {"schemas": SHARED}}
    plain = Draft202012Validator(raw, format_checker=format_checker(FORMATS))

    assert verdicts(document({"not": schema}, **SHARED), right) == [plain.is_valid(value) for value in right]


_SCALARS = st.sampled_from([None, True, 0, 1, 10, 1.5, "", "a", "1", "2026-01-31", UUID])
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abk"), inner, max_size=3),
    max_leaves=4,
)
_NAMES = st.lists(st.sampled_from("abk"), max_size=2, unique=True)
_FLAT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "number", "array", "object", "boolean"]),
        "enum": st.lists(_SCALARS, min_size=1, max_size=3),
        "format": st.sampled_from(["uuid", "date", "int32"]),
        "minLength": st.integers(0, 40),
        "maxLength": st.integers(0, 40),
        "minimum": st.integers(-2, 12),
        "maximum": st.integers(-2, 12),
        "exclusiveMaximum": st.integers(-2, 12),
        "pattern": st.sampled_from(["^a", "^[0-9-]+$", "1"]),
        "required": _NAMES,
        "properties": st.dictionaries(st.sampled_from("abk"), st.just({}), max_size=2),
        "additionalProperties": st.just(False),
        "unevaluatedProperties": st.just(False),
    },
)
_SCHEMAS = st.builds(
    lambda flat, joined: {**flat, **joined},
    _FLAT,
    st.dictionaries(st.sampled_from(["allOf", "anyOf"]), st.lists(_FLAT, min_size=1, max_size=2), max_size=1),
)


@settings(max_examples=300, deadline=None)
@given(_SCHEMAS, _VALUES)
def test_no_value_that_fits_is_refused(schema: JSON, value: JSON) -> None:
    """Mending never narrows, whatever is wrong with a schema; both checks agree on the result."""
    plain = Draft202012Validator(schema, format_checker=format_checker(FORMATS))

    if plain.is_valid(value):
        assert verdicts(document(schema), [value]) == [True]
    else:
        verdicts(document(schema), [value])


# Unions.


def requires(*names: str) -> JSON:
    return {"required": list(names)}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"oneOf": [requires("a"), requires("b")]}, [{"a": 1}, {"b": 1}], [{}, {"a": 1, "b": 1}]),
        (
            {"oneOf": [open_("a", "b", required=["a"]), open_("a", "b", required=["b"])]},
            [{"a": "x"}],
            [{"a": "x", "b": "y"}],
        ),
        ({"oneOf": [ref("R"), ref("S")]}, [{"a": 1}], [{"a": 1, "b": 1}, {}]),
        (
            {"oneOf": [requires("a", "b"), requires("c"), requires("d")]},
            [{"a": 1, "b": 1}, {"c": 1, "a": 1}],
            [{"c": 1, "d": 1}, {"a": 1}],
        ),
        # Overlaps by mistake.
        ({"oneOf": [requires("a"), requires("a", "b")]}, [{"a": 1}, {"a": 1, "b": 1}], [{}]),
        ({"oneOf": [requires("a"), {}]}, [{"a": 1}, {}], []),
        ({"oneOf": [TEXT, {"type": "string", "enum": ["a"]}]}, ["a", "b"], [1]),
        ({"oneOf": [NUMBER, INTEGER]}, [1, 1.5], ["a"]),
        ({"anyOf": [requires("a"), requires("b")]}, [{"a": 1, "b": 1}], [{}]),
    ],
)
def test_members_that_exclude_each_other(schema: JSON, right: list[JSON], wrong: list[JSON], version: str) -> None:
    """They differ only in what they require, and none requires all that another does."""
    found = document(schema, version, R=requires("a"), S=requires("b"))

    assert verdicts(found, [*right, *wrong]) == [True] * len(right) + [False] * len(wrong)


def test_members_of_which_one_requires_what_does_not_travel() -> None:
    """A required read-only field is not asked for in a request, so that the other member would never fit alone."""
    schema = {
        "properties": {"id": {"type": "string", "readOnly": True}},
        "oneOf": [requires("id"), requires("name")],
    }

    assert verdicts(document(schema), [{"name": "a"}, {"id": "1", "name": "a"}]) == [True, True]
    assert verdicts(document(schema), [{"name": "a"}, {"id": "1", "name": "a"}], "response") == [True, False]


def test_members_without_requirements_are_not_told_apart_by_them() -> None:
    """Nor a single one, nor what is no schema."""
    assert not is_told_apart_by_required([{"required": ["a"]}])
    assert not is_told_apart_by_required([{"required": ["a"]}, True])
    assert not is_told_apart_by_required([{"required": ["a"]}, {"required": ["b"], "type": "object"}])
    assert is_told_apart_by_required([{"required": ["a"], "title": "A"}, {"required": ["b"], "x-b": 1}])


@pytest.mark.parametrize("fields", [{"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}])
def test_fields_that_exclude_each_other_are_named(fields: JSON) -> None:
    """Of a value that fits several of the shapes."""
    schema = (
        {"oneOf": [requires("a", "c"), requires("b"), requires("a", "d")]}
        if "c" in fields
        else {"oneOf": [requires("a"), requires("b")]}
    )
    validator = SchemaValidator(document(schema), "request")
    (problem,) = validator.problems(Schema(ref("It"), "#/x"), fields, "body")

    said = "a with c and b" if "c" in fields else "a and b"
    assert problem.message == f"{said} exclude each other; give one of them"
    assert problem.code == "shape-several"


def test_shapes_elsewhere_that_a_value_fits_several_of() -> None:
    """Are not named field by field."""
    validator = SchemaValidator(document({"oneOf": [ref("R"), ref("S")]}, R=requires("a"), S=requires("b")), "request")
    (problem,) = validator.problems(Schema(ref("It"), "#/x"), {"a": 1, "b": 2}, "body")

    assert problem.message == "fits several of 2 shapes, of which it must fit only one"


# Parents and children.


def child(*names: str, parent: str = "SchemaView") -> JSON:
    return {
        "allOf": [ref(parent), {"type": "object", "required": list(names), "properties": dict.fromkeys(names, NUMBER)}]
    }


FAMILY: dict[str, JSON] = {
    "SchemaView": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT},
        "oneOf": [ref("Circle"), ref("Square")],
        "discriminator": {"propertyName": "kind"},
    },
    "Circle": child("radius"),
    "Square": child("side"),
}
OF_PARENT: list[tuple[JSON, bool]] = [
    ({"kind": "Circle", "radius": 1}, True),
    ({"kind": "Square", "side": 1}, True),
    ({"kind": "Circle", "radius": "x"}, False),
    ({"kind": "Circle", "side": 1}, False),
    ({"radius": 1}, False),
    ({"kind": 5, "radius": 1}, False),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("discriminated", [True, False])
def test_a_parent_that_is_one_of_its_children(version: str, keyword: str, discriminated: bool) -> None:
    """A child is asked for the parent's own properties, not for the union once more."""
    shape = {key: value for key, value in FAMILY["SchemaView"].items() if key not in ("oneOf", "discriminator")}
    shape |= {keyword: FAMILY["SchemaView"]["oneOf"]}
    shape |= {"discriminator": FAMILY["SchemaView"]["discriminator"]} if discriminated else {}
    values = [(value, fits) for value, fits in OF_PARENT if discriminated or value != {"kind": "Circle", "side": 1}]
    found = document(ref("SchemaView"), version, **{**FAMILY, "SchemaView": shape})

    assert verdicts(found, [value for value, _ in values]) == [fits for _, fits in values]


@pytest.mark.parametrize(
    ("schema", "value", "fits"),
    [
        (ref("Circle"), {"kind": "Circle", "radius": 1}, True),
        (ref("Circle"), {"kind": "Circle"}, False),
        (ref("Circle"), {"radius": 1}, False),
        ({"type": "array", "items": ref("SchemaView")}, [{"kind": "Circle", "radius": 1}], True),
        ({"type": "array", "items": ref("SchemaView")}, [{"kind": "Circle", "side": 1}], False),
        ({"properties": {"inner": ref("Circle")}}, {"inner": {"kind": "Circle", "radius": "x"}}, False),
    ],
)
def test_a_child_by_itself_and_a_parent_inside(schema: JSON, value: JSON, fits: bool) -> None:
    """From wherever they are reached."""
    assert verdicts(document(schema, **FAMILY), [value]) == [fits]


def test_children_that_hold_their_parent() -> None:
    """There the union is asked for again, for it is another value."""
    group = {"allOf": [ref("SchemaView"), {"properties": {"all": {"type": "array", "items": ref("SchemaView")}}}]}
    shape = {**FAMILY["SchemaView"], "oneOf": [ref("Circle"), ref("Group")]}
    found = document(ref("SchemaView"), **{**FAMILY, "SchemaView": shape, "Group": group})
    right = {"kind": "Group", "all": [{"kind": "Circle", "radius": 1}, {"kind": "Group", "all": []}]}
    wrong = {"kind": "Group", "all": [{"kind": "Circle"}]}

    assert verdicts(found, [right, wrong]) == [True, False]


def test_grandchildren() -> None:
    """Each level says what it asks for."""
    middle = {**child("radius"), "oneOf": [ref("Disc"), ref("Ring")]}
    family = {
        **FAMILY,
        "Circle": middle,
        "Disc": child("fill", parent="Circle"),
        "Ring": child("hole", parent="Circle"),
    }
    del family["SchemaView"]["discriminator"]
    found = document(ref("SchemaView"), **family)
    right = {"kind": "x", "radius": 1, "hole": 1}
    wrong = [{"kind": "x", "radius": 1}, {"kind": "x", "hole": 1}, {"radius": 1, "hole": 1}]

    assert verdicts(found, [right, *wrong]) == [True, False, False, False]


# Discriminators.


def tagged(name: str, **tag: JSON) -> JSON:
    return {"type": "object", "required": ["kind", name], "properties": {"kind": {**TEXT, **tag}, name: TEXT}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("mapping", "tag", "right", "wrong"),
    [
        ({}, {}, ["A", "B"], ["a", "C", ""]),
        ({}, {"enum": ["A", "B"]}, ["A", "B"], ["a"]),
        ({"a": "A", "b": "#/components/schemas/B"}, {}, ["a", "b"], ["c", "A "]),
        ({"a": "A"}, {}, ["a", "B"], ["b", "c"]),
        ({"a": "A", "c": "C"}, {}, ["a", "B"], ["c", "C"]),
    ],
)
def test_values_of_a_discriminator(
    mapping: JSON, tag: JSON, right: list[str], wrong: list[str], keyword: str, version: str
) -> None:
    """The mapping and the names of schemas say what each value means; another value is refused."""
    schema = {keyword: [ref("A"), ref("B")], "discriminator": {"propertyName": "kind", "mapping": mapping}}
    found = document(schema, version, A=tagged("x", **tag), B=tagged("y", **tag), C=tagged("z"))
    fields = {"a": "x", "A": "x", "b": "y", "B": "y"}

    assert verdicts(found, [{"kind": value, fields[value]: "t"} for value in right]) == [True] * len(right)
    others = [{"kind": value, {"x": "y", "y": "x"}[fields[value]]: "t"} for value in right]
    refused = [{"kind": value, "x": "t", "y": "t"} for value in wrong]
    assert verdicts(found, [*others, *refused]) == [False] * (len(right) + len(wrong))


def test_a_value_that_a_member_alone_declares() -> None:
    """Means that member, also where the mapping does not have it."""
    schema = {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind", "mapping": {"a": "A"}}}
    found = document(schema, A=tagged("x", enum=["a", "aa"]), B=tagged("y"))

    assert verdicts(found, [{"kind": "aa", "x": "t"}, {"kind": "aa", "y": "t"}, {"kind": "B", "y": "t"}]) == [
        True,
        False,
        True,
    ]


def test_a_member_without_a_name() -> None:
    """Takes the values that mean no other member, unless it is no object anyway."""
    union = [ref("A"), TEXT, {"type": "object", "required": ["note"]}]
    schema = {"oneOf": union, "discriminator": {"propertyName": "kind"}}
    without = {**schema, "oneOf": union[:2]}
    values = [{"kind": "A", "x": "t"}, {"kind": "A", "note": 1}, {"kind": "b", "note": 1}, {"kind": "b"}, "text"]

    assert verdicts(document(schema, A=tagged("x")), values) == [True, False, True, False, True]
    assert verdicts(document(without, A=tagged("x")), values) == [True, False, False, False, True]


def test_the_schema_for_other_values() -> None:
    """`defaultMapping` of OpenAPI 3.2 takes them, and what has none."""
    discriminator = {"propertyName": "kind", "mapping": {"a": "A"}, "defaultMapping": "Other"}
    other = open_("note", required=["note"])
    found = document(
        {"oneOf": [ref("A"), ref("Other")], "discriminator": discriminator}, "3.2.0", A=tagged("x"), Other=other
    )

    assert verdicts(found, [{"kind": "new", "note": "t"}, {"note": "t"}, {"kind": "a", "x": "t"}]) == [True] * 3
    assert verdicts(found, [{"kind": "new"}, {"kind": "a", "note": "t"}, {}]) == [False] * 3


@pytest.mark.parametrize("unknown", [5, None, ["A"]])
def test_a_discriminator_that_is_no_text(unknown: JSON) -> None:
    """Is for the members to refuse."""
    schema = {"oneOf": [ref("A"), ref("B")], "discriminator": {"propertyName": "kind"}}
    members = {"A": {"properties": {"kind": {}}}, "B": open_("b", required=["b"])}

    assert verdicts(document(schema, **members), [{"kind": unknown}]) == [True]


def swagger(**definitions: JSON) -> Document:
    return Document({"swagger": "2.0", "paths": {}, "definitions": definitions})


def swagger_verdicts(found: Document, *kinds: str) -> list[bool]:
    lowering = Lowering(found, "request")
    lowered = lowering.schema(Schema({"$ref": "#/definitions/Pet"}, "#/x"))
    return [AcceptCheck(lowering.components).check(lowered)({"kind": kind}) for kind in kinds]


def pet(**kind: JSON) -> JSON:
    return {"discriminator": "kind", "required": ["kind"], "properties": {"kind": {"type": "string", **kind}}}


CAT = {"allOf": [{"$ref": "#/definitions/Pet"}, {"required": ["lives"]}]}
NO_CAT = {"allOf": [{"$ref": "#/definitions/Pet"}, {"properties": {}}]}


@pytest.mark.parametrize(
    ("definitions", "kinds", "expected", "rules"),
    [
        ({"Pet": pet()}, ["Pet", "x"], [True, True], ["discriminator-idle"]),
        ({"Pet": pet(enum=["cat"]), "Cat": CAT}, ["cat", "Cat"], [True, False], ["discriminator-idle"]),
        ({"Pet": pet(), "Cat": CAT, "Dog": NO_CAT}, ["Pet", "Dog", "Cat", "x"], [True, True, False, False], []),
        ({"Pet": pet(enum=["Dog", "x"]), "Dog": NO_CAT}, ["Dog", "x", "y"], [True, True, False], []),
        (
            {"Pet": pet(), "Dog": {**NO_CAT, "x-ms-discriminator-value": "d"}},
            ["d", "Pet", "x"],
            [True, True, False],
            [],
        ),
    ],
)
def test_discriminators_of_swagger(
    definitions: dict[str, JSON], kinds: list[str], expected: list[bool], rules: list[str]
) -> None:
    """They name definitions that extend this one; where none does, or the values name none, they decide nothing."""
    found = swagger(**definitions)

    assert swagger_verdicts(found, *kinds) == expected
    assert [problem.rule for problem in found.problems] == rules


# Dynamic references.


PAGE = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$dynamicRef": "#item"}}},
    "$defs": {"any": {"$dynamicAnchor": "item"}},
}
PAGES = [{"items": ["a"]}, {"items": [1]}, {"items": [{}]}]


@pytest.mark.parametrize("ids", [True, False])
def test_a_dynamic_reference_means_the_outermost_schema(ids: bool) -> None:
    """A page of any items is one of texts for who refers to it with texts, and one of numbers for another."""

    def page(name: str, schema: JSON) -> JSON:
        own = {"$defs": {"own": {"$dynamicAnchor": "item", **schema}}, "$ref": "#/components/schemas/Page"}
        return {**own, "$id": f"http://a.test/{name}", "$ref": "page"} if ids else own

    shared: JSON = {**PAGE, "$id": "http://a.test/page"} if ids else PAGE
    schemas = {"Page": shared, "Texts": page("texts", TEXT), "Numbers": page("numbers", NUMBER)}
    by_schema = {name: verdicts(document(ref(name), **schemas), PAGES) for name in schemas}

    assert by_schema == {
        "Page": [True, True, True],
        "Texts": [True, False, False],
        "Numbers": [False, True, False],
    }


def test_a_tree_that_is_extended() -> None:
    """Its nodes are of the extension, at every depth (JSON Schema 2020-12 core, appendix C)."""
    tree: JSON = {
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"data": True, "children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }
    strict = {"$dynamicAnchor": "node", "$ref": "#/components/schemas/Tree", "unevaluatedProperties": False}
    misspelt = {"children": [{"children": [{"daat": 1}]}]}
    schemas = {"Tree": tree, "Strict": strict}

    assert verdicts(document(ref("Tree"), **schemas), [misspelt, {"children": 1}]) == [True, False]
    assert verdicts(document(ref("Strict"), **schemas), [misspelt, {"children": [{"data": 1}]}]) == [False, True]


def test_a_dynamic_reference_to_a_plain_anchor() -> None:
    """Means that one, as `$ref` does."""
    page = {**PAGE, "$defs": {"any": {"$anchor": "item", **TEXT}}}
    texts = {"$defs": {"own": {"$dynamicAnchor": "item", **NUMBER}}, "$ref": "#/components/schemas/Page"}

    assert verdicts(document(ref("Numbers"), Page=page, Numbers=texts), PAGES) == [True, False, False]


# Hints.


def hint_of(found: Document, value: JSON) -> Iterator[str]:
    """The texts that the refusal of a value names."""
    validator = SchemaValidator(found, "request")
    for problem in validator.problems(Schema(ref("It"), "#/x"), value, "query", "q"):
        _, named, text = problem.hint.partition("Such as '")
        if named:
            yield text.partition("'.")[0]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"format": "uuid", "example": "CON-1"}, [UUID]),
        ({"format": "uuid", "examples": ["CON-1", UUID.upper()]}, [UUID.upper()]),
        ({"format": "uuid", "pattern": "^[a-f0-9]{8}-0000", "example": "CON-1"}, []),
        ({"pattern": "^b", "example": "a"}, []),
        ({"pattern": "^b", "maxLength": 2, "examples": ["bcd", "bc"]}, ["bc"]),
        ({"allOf": [{"pattern": "^b", "example": "bcd"}, {"maxLength": 2}]}, []),
        ({"allOf": [{"$ref": "#/components/schemas/Code"}], "maxLength": 2}, []),
        ({"anyOf": [{"pattern": "^b", "example": "bcd"}, INTEGER], "maxLength": 2}, []),
    ],
)
def test_a_hint_names_what_passes(schema: JSON, expected: list[str]) -> None:
    """By the whole schema of the value, of which the refusing one may be a part."""
    assert list(hint_of(document(schema, Code={"pattern": "^b", "example": "bcd"}), "a")) == expected


_TEXTS = st.sampled_from(["", "a", "ab", "b", "abc", "2026-01-31", UUID, "me@example.com"])
_TEXT_SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.sampled_from(["uuid", "date", "email"]),
        "pattern": st.sampled_from(["^a", "b", "^[0-9-]+$", "@"]),
        "minLength": st.integers(0, 12),
        "maxLength": st.integers(0, 36),
        "enum": st.lists(_TEXTS, min_size=1, max_size=3),
        "example": _TEXTS,
        "examples": st.lists(_TEXTS, max_size=3),
    },
)


@settings(max_examples=300, deadline=None)
@given(_TEXT_SCHEMAS, st.lists(_TEXT_SCHEMAS, max_size=2), _TEXTS)
def test_every_hint_passes(schema: JSON, others: list[JSON], value: str) -> None:
    """Whatever stands beside the format or the pattern."""
    found = document({**schema, "allOf": others} if others else schema)
    hints = list(hint_of(found, value))

    assert verdicts(found, list(hints)) == [True] * len(hints)


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize(
    "name", ["airflow.yaml", "harbor.yaml", "looker.4.0.oas.json", "openai.json", "svix-server.json"]
)
def test_every_hint_of_published_parameters_passes(name: str) -> None:
    """Texts that are hardly right, for each parameter that has a format or a pattern."""
    found = parse(load(SPECS / name))
    validator = SchemaValidator(found, "request")
    for entry in read_entries(found):
        for parameter in read_operation(found, entry).parameters:
            if parameter.schema is None:
                continue
            for problem in validator.problems(parameter.schema, "?\n", "query", "q"):
                _, named, text = problem.hint.partition("Such as '")
                if named:
                    assert validator.problems(parameter.schema, text.partition("'.")[0], "query", "q") == ()


def test_errors_of_wrong_calls_say_what_passes() -> None:
    """With the call's own schema, whatever its location."""
    schema = {"type": "string", "pattern": "^b", "example": "bcd"}
    parameters = [
        {"name": name, "in": where, "required": True, "schema": {"allOf": [schema, {"maxLength": size}]}}
        for name, where, size in (("id", "path", 9), ("q", "query", 2), ("h", "header", 9))
    ]
    operation = {"operationId": "op", "parameters": parameters, "responses": {}}
    client = dynclient.Client({"openapi": "3.1.0", "paths": {"/a/{id}": {"get": operation}}}, base_url="http://a.test")

    with pytest.raises(InvalidRequest) as raised:
        client.op.prepare(id="a", q="a", h="a")
    assert [problem.hint for problem in raised.value.problems] == ["Such as 'bcd'.", "", "Such as 'bcd'."]


@pytest.mark.parametrize("pattern", ["/a", "a/i", "//", "/^a$/q", "/^a$/ii", "/a/b$/", "/[a/", "/^a\\$\n/x"])
def test_patterns_without_delimiters(pattern: str) -> None:
    """One slash, letters that are no flags, and slashes inside."""
    assert bare_pattern(pattern) is None
