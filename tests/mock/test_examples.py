"""Instances made from schemas, and the examples that documents publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings, strategies
from jsonschema import Draft202012Validator

from dynclient.documents import sources
from dynclient.documents.document import Document, parse
from dynclient.mock.examples import body_example, minimal, parameter_example, response_example
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import Encoding, MediaType, Parameter, Schema
from dynclient.openapi.reader import read_operation
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON
from tests.places import SPECS

REFERENCE = "#/components/schemas/"

LOWERING = Lowering(Document({"openapi": "3.1.0"}), "request")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, {}),
        ({}, {}),
        ({"type": "string"}, "string"),
        ({"type": "integer"}, 0),
        ({"type": "number"}, 0),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"type": "array", "items": {"type": "string"}}, []),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {}),
        ({"type": ["null", "integer"]}, 0),
        ({"type": ["null"]}, None),
        ({"const": "run"}, "run"),
        ({"enum": ["b", "a"]}, "b"),
        ({"enum": [None, "a"]}, "a"),
        ({"type": "string", "enum": [1, "a"]}, "a"),
        ({"const": 1, "type": "boolean", "not": {}}, 1),
    ],
)
def test_smallest_of_each_type(schema: JSON, expected: JSON) -> None:
    """A value without freedom is the first that is permitted; null comes last; of nothing that fits, the best guess."""
    assert minimal(schema, {}) == expected


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ({"properties": {}}, {}),
        ({"required": ["a"]}, {"a": {}}),
        ({"items": {"type": "string"}}, []),
        ({"pattern": "^a"}, "a"),
        ({"minLength": 1}, "string"),
        ({"minimum": 2}, 2),
        ({"not": {"type": "object"}}, "string"),
    ],
)
def test_type_follows_from_the_keywords_where_it_is_not_given(keyword: JSON, expected: JSON) -> None:
    """`items` speaks of arrays, `pattern` of texts: a schema without a type means what it speaks of."""
    assert minimal(keyword, {}) == expected


def test_only_required_properties() -> None:
    """What is not required is left out."""
    schema = {
        "type": "object",
        "required": ["id", "other"],
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
    }

    assert minimal(schema, {}) == {"id": 0, "other": {}}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"minProperties": 1, "properties": {"a": {"type": "null"}}}, {"a": None}),
        ({"minProperties": 2, "properties": {"a": False}}, {"key1": {}, "key2": {}}),
        (
            {"minProperties": 2, "required": ["a"], "properties": {"a": {"type": "null"}, "b": True}},
            {"a": None, "b": {}},
        ),
        ({"minProperties": 1, "patternProperties": {"^x_": {"type": "integer"}}}, {"x_": 0}),
        ({"minProperties": 1, "propertyNames": {"enum": ["only"]}, "additionalProperties": True}, {"only": {}}),
        ({"minProperties": 1, "additionalProperties": {"type": "string"}}, {"key1": "string"}),
        ({"minProperties": 1, "additionalProperties": False}, {}),
        ({"required": ["a"], "dependentRequired": {"a": ["b", "a"]}}, {"a": {}, "b": {}}),
        (
            {"required": ["x1"], "properties": {"x1": {"minimum": 2}}, "patternProperties": {"x": {"minimum": 5}}},
            {"x1": 5},
        ),
        ({"required": ["a"], "additionalProperties": False}, {}),
    ],
)
def test_members_of_an_object(schema: Mapping[str, JSON], expected: JSON) -> None:
    """Members are filled up to `minProperties`, declared ones first; what cannot be there is left out."""
    assert minimal({"type": "object", **schema}, {}) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"minItems": 2, "items": {"type": "integer"}}, [0, 0]),
        ({"minItems": 3, "items": {"type": "integer"}, "uniqueItems": True}, [0, 1, 2]),
        ({"minItems": 3, "items": {"type": "string"}, "uniqueItems": True}, ["string", "0", "1"]),
        ({"minItems": 2, "items": {"enum": ["a", "b"]}, "uniqueItems": True}, ["a", "b"]),
        ({"minItems": 2, "prefixItems": [{"const": 1}], "items": {"const": 2}}, [1, 2]),
        ({"contains": {"const": "x"}}, ["x"]),
        ({"contains": {"const": "x"}, "minContains": 0}, []),
        ({"minItems": 1, "items": False}, []),
    ],
)
def test_items_of_an_array(schema: Mapping[str, JSON], expected: JSON) -> None:
    """As few items as are permitted, different ones where that is asked for."""
    assert minimal({"type": "array", **schema}, {}) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"minLength": 8}, "stringst"),
        ({"maxLength": 3}, "str"),
        ({"maxLength": 0}, ""),
        ({"not": {"const": "string"}}, "0"),
        ({"pattern": r"^sk-[A-Za-z0-9_]{4}\Z"}, "sk-aaaa"),
        ({"pattern": r"^[0-9]{2,}\Z"}, "00"),
        ({"pattern": "^sk_", "minLength": 6}, "sk_aaa"),
        ({"pattern": r"^(a+)\Z", "minLength": 6}, "aaaaaa"),
        ({"pattern": r"^(cat|dog)s?\Z"}, "cat"),
        ({"pattern": r"^(?P<y>[0-9])-(?P=y)\Z"}, "0-0"),
        ({"pattern": r"^[^a-z]\s\S\W.[^\s\d]\Z"}, "0 a-aa"),
        ({"pattern": r"^[\u4e00-\u9fff]\Z"}, "\u4e00"),
        ({"pattern": r"^(?>x)++[^b]\Z"}, "xa"),
        ({"pattern": r"^(?!0)[0-9]\Z"}, "1"),
        ({"pattern": r"^[^\s\S]\Z"}, ""),
        ({"pattern": r"(?s)^.\Z"}, "a"),
        ({"pattern": "("}, "string"),
        ({"pattern": r"^ab(?=c)", "maxLength": 1}, "ab"),
        ({"pattern": r"^[a-z]+\Z", "format": "hostname"}, "a"),
    ],
)
def test_texts(schema: Mapping[str, JSON], expected: str) -> None:
    """A placeholder of the right length, or what the pattern means; where nothing fits, the first guess."""
    assert minimal({"type": "string", **schema}, {}) == expected


def test_possessive_pattern_is_written() -> None:
    """Lazy, greedy and possessive repetition ask for the same least text."""
    assert [minimal({"pattern": rf"^a{{2}}{kind}b\Z"}, {}) for kind in ("", "?", "+")] == ["aab", "aab", "aab"]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_formats(name: str) -> None:
    """Each checked format has a value that passes its check."""
    assert FORMATS[name](minimal({"type": "string", "format": name}, {}))


def test_unknown_format_is_a_plain_text() -> None:
    """A format of the document's own says nothing about how it is written."""
    assert minimal({"type": "string", "format": "colour"}, {}) == "string"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"minimum": 3}, 3),
        ({"minimum": 2.5}, 3),
        ({"maximum": -2.5}, -3),
        ({"exclusiveMinimum": 3}, 4),
        ({"exclusiveMaximum": -3}, -4),
        ({"minimum": 3, "multipleOf": 5}, 5),
        ({"maximum": -3, "multipleOf": 5}, -5),
        ({"not": {"const": 0}}, 1),
    ],
)
def test_integers(schema: Mapping[str, JSON], expected: int) -> None:
    """0, else the number nearest to the limit."""
    assert minimal({"type": "integer", **schema}, {}) == expected


def test_number_between_close_limits() -> None:
    """Between two limits that exclude themselves lies the middle."""
    assert minimal({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5}, {}) == 0.25


def test_members_of_all_are_merged() -> None:
    """Every keyword counts, wherever it stands."""
    schema = {
        "allOf": [
            {"type": ["integer", "object"], "required": ["a"], "properties": {"a": {"type": "number", "minimum": 1}}},
            {"type": "object", "required": ["b"], "properties": {"a": {"type": "integer", "minimum": 4}, "b": True}},
            {"properties": {"a": {"anyOf": [{"const": 3}, {"const": 7}]}}},
        ]
    }

    assert minimal(schema, {}) == {"a": 7, "b": {}}


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([{"enum": ["a", "b"]}, {"const": "b"}], "b"),
        ([{"items": {"minimum": 2}, "minItems": 1}, {"items": {"minimum": 3}, "uniqueItems": True}], [3]),
        ([{"items": True, "minItems": 1}, {"items": {"const": 1}}], [1]),
        ([{"items": {"const": 1}, "minItems": 1}, {"items": True}], [1]),
        ([{"items": False}, {"items": {"const": 1}}], []),
        ([{"items": {"const": 1}}, {"items": False}], []),
        ([{"type": "number"}, {"type": "integer"}, {"minimum": 0.5}], 1),
        ([{"type": "string", "format": "date"}, {"format": "colour"}], "2024-01-01"),
        ([{"required": ["a"], "properties": {"a": {"const": 1}}}, {"properties": {"a": {"const": 2}}}], None),
        ([{"type": "string"}, {"type": "integer"}], None),
        ([{"enum": [1]}, {"enum": [2]}], None),
    ],
)
def test_merging(members: list[JSON], expected: JSON) -> None:
    """Limits are narrowed; of a contradiction there is no instance, and null is as good as any."""
    assert minimal({"allOf": members}, {}) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "string"),
        ({"anyOf": [{"type": "string", "minLength": 9, "maxLength": 1}, {"type": "integer"}]}, 0),
        ({"anyOf": [{"$ref": REFERENCE + "Loop"}, {"type": "integer"}]}, 0),
        ({"oneOf": [{"minimum": 0}, {"minimum": -5, "maximum": 5}], "type": "integer"}, 6),
        ({"anyOf": [False, True], "type": "string"}, "string"),
        ({"if": {"type": "integer"}, "then": {"minimum": 4}, "else": {"const": "x"}}, 4),
        ({"if": {"const": 1}, "then": False, "else": {"const": "x"}}, "x"),
        ({"type": "integer", "if": {"minimum": 1}, "else": {"maximum": 9}}, 0),
    ],
)
def test_first_branch_that_works(schema: JSON, expected: JSON) -> None:
    """Branches are tried in their order, null last; one without an instance is passed over."""
    loop = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": REFERENCE + "Loop"}}}

    assert minimal(schema, {"Loop": loop}) == expected


def lowered(schema: JSON, schemas: Mapping[str, JSON]) -> tuple[JSON, Mapping[str, JSON]]:
    document = Document({"openapi": "3.1.0", "components": {"schemas": schemas}})
    lowering = Lowering(document, "request")
    return lowering.schema(Schema(schema, "#/x")), lowering.components


def test_discriminator() -> None:
    """Of many alternatives told apart by a tag the first is made, with its tag."""
    shapes = {
        f"Shape{number}": {
            "type": "object",
            "required": ["kind", "size"],
            "properties": {"kind": {"type": "string"}, "size": {"type": "integer", "minimum": number}},
        }
        for number in range(200)
    }
    union = {"oneOf": [{"$ref": REFERENCE + name} for name in shapes], "discriminator": {"propertyName": "kind"}}

    assert minimal(*lowered(union, shapes)) == {"kind": "Shape0", "size": 0}


def test_discriminator_passes_over_what_has_no_instance() -> None:
    """A first alternative that nothing satisfies does not stand in the way of the second."""
    shapes = {
        "A": {"type": "object", "required": ["kind", "x"], "properties": {"kind": {"const": "a"}, "x": {"not": {}}}},
        "B": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "b"}}},
    }
    union = {"oneOf": [{"$ref": REFERENCE + name} for name in shapes], "discriminator": {"propertyName": "kind"}}

    assert minimal(*lowered(union, shapes)) == {"kind": "b"}


def test_escaped_reference() -> None:
    """The name of a component may hold what a pointer and a URL escape."""
    name = "a/b~c d%e"

    assert minimal(*lowered({"$ref": REFERENCE + "a~1b~0c%20d%25e"}, {name: {"const": 1}})) == 1


def test_reference_with_siblings() -> None:
    """What stands beside a reference counts there and nowhere else."""
    named = {"$ref": REFERENCE + "Name"}
    schema = {
        "type": "object",
        "required": ["a", "b", "c"],
        "properties": {"a": {**named, "minLength": 7}, "b": named, "c": {**named, "maxLength": 1}},
    }

    assert minimal(schema, {"Name": {"type": "string"}}) == {"a": "strings", "b": "string", "c": "s"}


def test_an_example_may_be_changed() -> None:
    """What is returned is the caller's own: a change reaches neither the document nor other parts of the value."""
    published = {"tags": ["a"]}
    schema = {"const": published}
    media_type = MediaType("application/json", example=published)
    made = [
        minimal(schema, {}),
        body_example(media_type, LOWERING),
        parameter_example(parameter({}, example=published), LOWERING),
    ]
    for each in made:
        each["tags"].clear()

    assert published == {"tags": ["a"]}


def test_recursion_ends_where_it_may() -> None:
    """A tree is made without its optional children."""
    node = {
        "type": "object",
        "required": ["child", "children"],
        "properties": {
            "child": {"anyOf": [{"$ref": REFERENCE + "Node"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": REFERENCE + "Node"}},
        },
    }

    assert minimal({"$ref": REFERENCE + "Node"}, {"Node": node}) == {"child": None, "children": []}


def test_component_inside_itself_where_it_must_be() -> None:
    """A component stands inside itself when a schema around it asks for that."""
    node = {"type": "object", "properties": {"next": {"$ref": REFERENCE + "Node"}}}
    schema = {"$ref": REFERENCE + "Node", "required": ["next"]}

    assert minimal(schema, {"Node": node}) == {"next": {}}


def test_endless_recursion_is_cut() -> None:
    """What has no finite instance gives a guess."""
    node = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": REFERENCE + "Node"}}}

    assert minimal({"$ref": REFERENCE + "Node"}, {"Node": node}) == {}


def test_too_many_combinations_give_a_guess() -> None:
    """Twenty unions of twenty alternatives, none of which fits, are not all tried."""
    union = {"anyOf": [{"required": [f"a{number}"]} for number in range(20)]}
    schema = {"allOf": [union] * 20, "not": {}}

    assert minimal(schema, {}) == {"a0": {}}


@pytest.mark.parametrize(
    "schema",
    [
        None,
        7,
        {"$ref": REFERENCE + "Missing"},
        {"$ref": "https://example.com/other"},
        {"type": "nothing"},
        {"type": "string", "minLength": 10**12},
        {"type": "string", "pattern": "(a{9}){9999}{9999}"},
        {"type": "array", "minItems": 10**12, "items": {"type": "null"}},
        {"type": "integer", "minimum": 10**400, "multipleOf": 0.1},
        {"anyOf": 5},
        {"properties": 5, "required": 7},
    ],
)
def test_odd_schemas_raise_nothing(schema: JSON) -> None:
    """Whatever is no schema, or asks for too much, gives a JSON value in time."""
    assert isinstance(minimal(schema, {}), (dict, list, str, int, float, type(None)))


@given(
    strategies.recursive(
        strategies.sampled_from([True, False, {"type": "integer"}, {"const": "a"}, {"$ref": REFERENCE + "C"}]),
        lambda inner: (
            strategies.builds(lambda members: {"allOf": members}, strategies.lists(inner, max_size=3))
            | strategies.builds(lambda members: {"anyOf": members}, strategies.lists(inner, min_size=1, max_size=3))
            | strategies.builds(lambda value: {"type": "object", "required": ["a"], "properties": {"a": value}}, inner)
            | strategies.builds(lambda value: {"type": "array", "minItems": 1, "items": value}, inner)
        ),
        max_leaves=8,
    )
)
@settings(deadline=None, max_examples=100)
def test_an_instance_without_references_is_accepted_or_there_is_none(schema: JSON) -> None:
    """Of a schema whose only freedom is in its branches, an instance is found wherever one exists."""
    components = {"C": {"type": ["integer", "null"]}}
    made = minimal(schema, components)
    validator = Draft202012Validator({"allOf": [schema], "components": {"schemas": components}})

    assert validator.is_valid(made) or not satisfiable(schema)


def satisfiable(schema: JSON) -> bool:
    """Whether any of the values that these schemas can speak of, three levels deep, fits."""
    values: list[JSON] = [0, "a", None, {}, []]
    for _ in range(3):
        values += [shape for value in values[:30] for shape in ({"a": value}, [value])]
    validator = Draft202012Validator(
        {"allOf": [schema], "components": {"schemas": {"C": {"type": ["integer", "null"]}}}}
    )
    return any(validator.is_valid(value) for value in values)


def parameter(schema: JSON, **more: JSON) -> Parameter:
    return Parameter("p", "query", "p", "form", True, schema=Schema(schema, "#/x"), **more)


@pytest.mark.parametrize(
    ("given_parameter", "expected"),
    [
        (parameter({"type": "integer"}, example=7), 7),
        (parameter({"type": "integer"}, example="seven"), 0),
        (parameter({"type": "string"}), "string"),
        (parameter({}), "string"),
        (parameter({"type": "array", "items": {"type": "string"}}), ["string"]),
        (parameter({"type": "object"}), {"key1": {}}),
        (parameter({"type": "object", "additionalProperties": False}), {}),
        (parameter({"enum": ["", "a"]}), "a"),
        (parameter({"enum": [""]}), ""),
    ],
)
def test_parameter_example(given_parameter: Parameter, expected: JSON) -> None:
    """The published example where it is valid, else a value that is not empty where there is one."""
    assert parameter_example(given_parameter, LOWERING) == expected


def test_published_body_and_answer() -> None:
    """What is published is taken as it stands, null too."""
    media_type = MediaType("application/json", Schema({"type": "integer"}, "#/x"), example=None)

    assert [body_example(media_type, LOWERING), response_example(media_type, LOWERING)] == [None, None]


def test_made_body_and_answer() -> None:
    """Without an example the schema decides; read-only properties travel in answers only."""
    schema = Schema({"required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}}, "#/x")
    media_type = MediaType("application/json", schema)
    document = Document({"openapi": "3.1.0"})

    assert body_example(media_type, Lowering(document, "request")) == {}
    assert response_example(media_type, Lowering(document, "response")) == {"id": 0}


def described_schemas(document: Document) -> Iterator[tuple[str, Schema | None]]:
    """The schemas of all parameters and request bodies, with a name for each."""
    for entry in read_entries(document):
        operation = read_operation(document, entry)
        for each in operation.parameters:
            yield f"{operation.id} {each.location} {each.name}", each.schema
        for media_type in operation.body.content if operation.body else ():
            yield f"{operation.id} {media_type.name}", media_type.schema


@pytest.mark.parametrize(
    "name",
    [
        "box.json",
        "discord.json",
        "elasticsearch-serverless.json",
        "looker.4.0.oas.json",
        "mistral.yaml",
        "neon.json",
        "openai.json",
        "paypal-invoicing_v2.json",
        "qdrant.json",
        "stripe-2023-yaml.yaml",
        "svix-server.json",
        "twilio-api_v2010.json",
    ],
)
def test_published_documents(name: str) -> None:
    """Every parameter and request body of a real document has a minimal instance, but for the known exceptions."""
    if not (SPECS / name).is_file():
        pytest.skip(f"the published document {name} is not in {SPECS}")
    document = parse(sources.load(SPECS / name))
    lowering = Lowering(document, "request")
    refused = []
    for label, schema in described_schemas(document):
        plain = lowering.schema(schema)
        validator = Draft202012Validator({"allOf": [plain], "components": {"schemas": lowering.components}})
        if not validator.is_valid(minimal(plain, lowering.components)):
            refused.append(label)

    assert refused == []


def test_files_of_parts() -> None:
    """No example of a file can be published; what stands in its place is no file."""
    encoding = {"one": Encoding(files="one"), "many": Encoding(files="many"), "absent": Encoding(files="one")}
    media_type = MediaType("multipart/form-data", example={"one": "x", "many": ["y"], "n": 1}, encoding=encoding)

    assert body_example(media_type, LOWERING) == {"one": b"file", "many": [b"file"], "n": 1}
