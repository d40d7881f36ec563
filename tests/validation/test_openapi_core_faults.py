"""
What openapi-core gets wrong when it is used as it stands, case by case: its false verdicts and its crashes.

Each case goes through a client of a document of every version that can say it, and has the verdict of the
specification. Schemas are validated twice: by the client, and as they are lowered by jsonschema as it is. That nothing
is fetched, that the validator works from many threads, and the sentences of refusals are in test_requests.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import dynclient
from dynclient.errors import InvalidRequest
from dynclient.openapi.model import Schema
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.keywords import format_checker
from dynclient.schemas.lowering import Direction, Lowering
from dynclient.types import JSON

ALL = ("2.0", "3.0.4", "3.1.1", "3.2.0")
SINCE_30 = ALL[1:]
SINCE_31 = ALL[2:]
SCHEMAS = "#/components/schemas/"
WHOLE = ""


def ref(name: str) -> JSON:
    return {"$ref": SCHEMAS + name}


@dataclass(frozen=True)
class Case:
    """A schema, values that fit it, and values that do not, each with the name at which it is refused."""

    id: str
    schema: JSON
    good: list[JSON] = field(default_factory=list)
    bad: list[tuple[JSON, str]] = field(default_factory=list)
    schemas: dict[str, JSON] = field(default_factory=dict)
    versions: tuple[str, ...] = ALL
    exact: bool = True
    """Whether jsonschema as it is gets it right too; it has Python's patterns and binary multiples."""
    direction: Direction = "request"


def document_of(version: str, operation: dict[str, JSON], path: str = "/x", **schemas: JSON) -> dict[str, JSON]:
    paths = {path: {"post": {"operationId": "go", "responses": {"200": {"description": ""}}, **operation}}}
    info = {"title": "T", "version": "1"}
    if version == "2.0":
        contents = {"swagger": "2.0", "info": info, "host": "a.test", "paths": paths, "definitions": schemas}
        converted: dict[str, JSON] = json.loads(json.dumps(contents).replace(SCHEMAS, "#/definitions/"))
        return converted
    servers = [{"url": "https://a.test"}]
    return {"openapi": version, "info": info, "servers": servers, "paths": paths, "components": {"schemas": schemas}}


def with_body(version: str, schema: JSON, media_type: str = "application/json", **schemas: JSON) -> dict[str, JSON]:
    """A document with an operation that requires a body of this schema."""
    if version == "2.0":
        body = {"name": "body", "in": "body", "required": True, "schema": schema}
        return document_of(version, {"consumes": [media_type], "parameters": [body]}, **schemas)
    content = {media_type: {"schema": schema}}
    return document_of(version, {"requestBody": {"required": True, "content": content}}, **schemas)


def refused_at(document: JSON, **call: JSON) -> set[str]:
    """The names at which the client of a document refuses a call, which it then does not prepare either."""
    go = dynclient.Client(document).go
    problems = go.check(**call)
    if problems:
        with pytest.raises(InvalidRequest) as raised:
            go.prepare(**call)
        assert raised.value.problems == problems
    else:
        go.prepare(**call)
    return {problem.name for problem in problems}


def tagged(tag: JSON, **more: JSON) -> JSON:
    return {"type": "object", "required": ["kind"], "properties": {"kind": tag, **more}}


BY_KIND = {"propertyName": "kind"}
TAGS = {"A1": tagged({"enum": ["a"]}, x={"type": "integer"}), "B1": tagged({"enum": ["b"]})}
PETS = {"Cat": tagged({"type": "string"}, lives={"type": "integer"}), "Dog": tagged({"type": "string"})}
ROOT = {
    "Root": tagged({"type": "string"}),
    "Base": {"allOf": [ref("Root")], "discriminator": BY_KIND},
    "Child": {"allOf": [ref("Base"), {"properties": {"age": {"type": "integer"}}}]},
}
ITEMS = {
    "User": tagged({"const": "message"}, role={"const": "user"}),
    "Bot": tagged({"const": "message"}, role={"const": "bot"}),
    "Call": tagged({"const": "call"}),
}
TEXT = {"Text": {"type": "string"}}
ACCOUNT = {
    "Account": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": True}}}
}
SECRET = {"required": ["key"], "properties": {"key": {"type": "string", "writeOnly": True}}}
UNION = [ref("Cat"), ref("Dog")]


def nullable(name: str, schema: JSON) -> Case:
    """In every version: documents that moved to 3.1 kept the word; and in every idiom."""
    return Case(f"nullable-{name}", {**schema, "nullable": True}, [None, "a"], [(5, WHOLE)], TEXT)


B1 = [
    Case(
        "tags-by-enum",
        {"oneOf": [ref("A1"), ref("B1")], "discriminator": BY_KIND},
        [{"kind": "a", "x": 1}, {"kind": "b", "x": "any"}],
        [({"kind": "a", "x": "no"}, "x"), ({"kind": "c"}, "kind")],
        TAGS,
        SINCE_30,
    ),
    Case(
        "mapping-to-a-bare-name",
        {"oneOf": UNION, "discriminator": {**BY_KIND, "mapping": {"c": "Cat"}}},
        [{"kind": "c", "lives": 9}],
        [({"kind": "c", "lives": "9"}, "lives")],
        PETS,
        SINCE_30,
    ),
    Case(
        "tag-outside-the-union",
        {"oneOf": UNION, "discriminator": BY_KIND},
        [{"kind": "Dog"}],
        [({"kind": "Lizard"}, "kind")],
        {**PETS, "Lizard": tagged({"type": "string"})},
        SINCE_30,
    ),
    Case(
        "tag-that-is-a-list",
        {"oneOf": UNION, "discriminator": BY_KIND},
        [],
        [({"kind": ["c"]}, "kind")],
        PETS,
        SINCE_30,
    ),
    Case(
        "text-in-a-union-with-tags",
        {"anyOf": [{"type": "string"}, ref("A1")], "discriminator": BY_KIND},
        ["str", {"kind": "a", "x": 1}],
        [(5, WHOLE), ({"kind": "a", "x": "1"}, "x")],
        TAGS,
        SINCE_30,
    ),
    Case(
        "discriminator-beside-allOf",
        ref("Child"),
        [{"kind": "Child", "age": 3}],
        [({"kind": "Child", "age": "3"}, "age"), ({}, "kind")],
        ROOT,
        SINCE_30,
    ),
    Case(
        "tag-of-two-members",
        {"oneOf": [ref(name) for name in ITEMS], "discriminator": BY_KIND},
        [{"kind": "message", "role": "user"}, {"kind": "message", "role": "bot"}, {"kind": "call", "role": 1}],
        [({"kind": "message", "role": "cat"}, "role")],
        ITEMS,
        SINCE_30,
    ),
    nullable("type", {"type": "string"}),
    nullable("enum", {"type": "string", "enum": ["a"]}),
    nullable("allOf", {"allOf": [ref("Text")]}),
    nullable("anyOf", {"anyOf": [ref("Text"), {"type": "string", "maxLength": 1}]}),
    nullable("reference", ref("Text")),
    Case("nullable-member", {"allOf": [ref("Text"), {"nullable": True}]}, [None, "a"], [(5, WHOLE)], TEXT),
    Case("null-without-permission", {"type": "string"}, ["a"], [(None, WHOLE)]),
    Case("read-only", ACCOUNT["Account"], [{}], [({"id": 5}, "id")]),
    Case("read-only-behind-a-reference", ref("Account"), [{}], [(5, WHOLE)], ACCOUNT),
    Case(
        "read-only-in-another-member",
        {"allOf": [{"required": ["id", "name"]}, ref("Account")]},
        [{"name": "n"}],
        [({}, "name")],
        ACCOUNT,
    ),
    Case("read-only-in-an-answer", ref("Account"), [{"id": "1"}], [({}, "id")], ACCOUNT, direction="response"),
    Case("write-only-in-an-answer", SECRET, [{}], [({"key": 5}, "key")], versions=SINCE_30, direction="response"),
    Case("write-only", SECRET, [{"key": "k"}], [({}, "key")], versions=SINCE_30),
    Case(
        "beside-a-reference-in-3.0",
        {"properties": {"n": {**ref("Text"), "maxLength": 1}}},
        [{"n": "ab"}],
        [({"n": 5}, "n")],
        TEXT,
        ("3.0.4",),
    ),
    Case("beside-a-reference-at-the-top-in-3.0", {**ref("Text"), "maxLength": 1}, ["ab"], [], TEXT, ("3.0.4",)),
    Case("beside-a-reference-at-the-top", {**ref("Text"), "maxLength": 1}, ["a"], [("ab", WHOLE)], TEXT, SINCE_31),
    Case(
        "beside-a-reference",
        {"properties": {"n": {**ref("Text"), "maxLength": 1}}},
        [{"n": "a"}],
        [({"n": "ab"}, "n")],
        TEXT,
        SINCE_31,
    ),
    Case("integer-1.0", {"type": "integer"}, [1.0, 10**30], [(1.5, WHOLE), (True, WHOLE), ("1", WHOLE)]),
    Case("exclusive-number", {"exclusiveMinimum": 0}, [0.1], [(0, WHOLE)]),
    Case("exclusive-boolean", {"minimum": 0, "exclusiveMinimum": True}, [0.1], [(0, WHOLE)]),
    Case("const", {"const": "a"}, ["a"], [("b", WHOLE)]),
    Case("list-of-types", {"type": ["string", "null"]}, [None, "a"], [(5, WHOLE)]),
    Case("multiples", {"multipleOf": 0.01}, [19.99, 1e300], [(19.995, WHOLE)], exact=False),
    Case("pattern-of-letters", {"pattern": r"^\p{L}+$"}, ["Ünï"], [("a1", WHOLE)], exact=False),
    Case("pattern-of-digits", {"pattern": r"^\d$"}, ["3"], [("٣", WHOLE)], exact=False),
    Case("pattern-to-the-end", {"pattern": "^a$"}, ["a"], [("a\n", WHOLE)], exact=False),
    Case("pattern-of-nested-repeats", {"pattern": "^(a+)+$"}, ["aaa"], [("a" * 40 + "b", WHOLE)], exact=False),
    Case("pattern-of-no-engine", {"pattern": r"\p{Print}("}, ["any"]),
    Case("byte-beyond-ascii", {"type": "string", "format": "byte"}, ["w6k="], [("été", WHOLE)]),
    Case("format-uri", {"format": "uri"}, ["https://a.test"], [("a b", WHOLE)]),
    Case("format-hostname", {"format": "hostname"}, ["a.test"], [("a_b", WHOLE)]),
    Case("format-duration", {"format": "duration"}, ["P1D"], [("1 day", WHOLE)]),
    Case("format-iri", {"format": "iri"}, ["https://é.test"], [("é", WHOLE)]),
    Case("format-unknown", {"format": "unixtime"}, [5, "any"]),
    Case("format-int32", {"type": "integer", "format": "int32"}, [2**31 - 1], [(2**31, WHOLE)]),
    Case("format-int64", {"type": "integer", "format": "int64"}, [2**63 - 1], [(2**63, WHOLE)]),
    Case(
        "dynamic-reference",
        ref("Tree"),
        [{"all": [{"all": []}]}],
        [({"all": [1]}, "all[0]")],
        {"Tree": {"$dynamicAnchor": "n", "type": "object", "properties": {"all": {"items": {"$dynamicRef": "#n"}}}}},
        SINCE_31,
    ),
    Case(
        "anchor",
        {"properties": {"a": {"$ref": "#name"}}},
        [{"a": "b"}],
        [({"a": 1}, "a")],
        {"Name": {"$anchor": "name", "type": "string"}},
        SINCE_31,
    ),
    Case(
        "id-and-definitions",
        ref("Own"),
        [{"a": "b"}],
        [({"a": 1}, "a")],
        {
            "Own": {
                "$id": "https://s.test/own",
                "$defs": {"T": {"type": "string"}},
                "properties": {"a": {"$ref": "#/$defs/T"}},
            }
        },
        SINCE_31,
    ),
    Case(
        "id",
        {"$ref": "https://s.test/name"},
        ["a"],
        [(1, WHOLE)],
        {"Name": {"$id": "https://s.test/name", "type": "string"}},
        SINCE_31,
    ),
    Case(
        "recursive-reference",
        ref("Filter"),
        [{"all": [{"op": "a"}]}],
        [({"all": [{"all": [{"op": 1}]}]}, "all[0].all[0].op")],
        {"Filter": {"properties": {"all": {"items": {"$recursiveRef": "#"}}, "op": {"type": "string"}}}},
        SINCE_31,
    ),
    Case("true", True, [1, None, {}], versions=SINCE_31),
    Case("false", False, [], [(1, WHOLE), (None, WHOLE)], versions=SINCE_31),
    Case(
        "unevaluated-properties",
        {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
        [{"a": 1}],
        [({"b": 1}, "b")],
        versions=SINCE_31,
    ),
    Case(
        "prefix-items",
        {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        [["a", 1]],
        [([1], "[0]"), (["a", "b"], "[1]")],
        versions=SINCE_31,
    ),
    Case(
        "recursion",
        ref("Tree"),
        [{"next": {"next": {}}}],
        [({"next": {"next": 1}}, "next.next")],
        {"Tree": {"type": "object", "properties": {"next": ref("Tree")}}},
    ),
    Case("unique-items", {"uniqueItems": True}, [[1, True, 0, False]], [([1, 1.0], WHOLE)]),
    Case(
        "closed-member",
        {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}, "additionalProperties": False}]},
        [{"b": 1}],
        [({"a": 1}, "a")],
    ),
    Case("enum-of-1", {"enum": [1]}, [1, 1.0], [(True, WHOLE)]),
    Case("integers-beyond-64-bits", {"type": "integer", "minimum": 2**70}, [2**70], [(2**70 - 1, WHOLE)]),
    # JSON Schema refuses what fits two members; here `oneOf` is read as `anyOf`, for published unions overlap.
    Case("overlap", {"oneOf": [{"type": "integer"}, {"type": "number"}]}, [1, 1.5], [("1", WHOLE)]),
]
B1_IN_VERSIONS = [(case, version) for case in B1 for version in case.versions]
B1_OF_REQUESTS = [(case, version) for case, version in B1_IN_VERSIONS if case.direction == "request"]


def named(value: Any) -> str:
    return value if isinstance(value, str) else str(value.id)


@pytest.mark.parametrize(("case", "version"), B1_OF_REQUESTS, ids=named)
def test_schemas(case: Case, version: str) -> None:
    """B1: accepted, or refused at the value that is wrong."""
    document = with_body(version, case.schema, **case.schemas)

    assert [refused_at(document, body=value) for value in case.good] == [set()] * len(case.good)
    assert [refused_at(document, body=value) for value, _ in case.bad] == [{name} for _, name in case.bad]


@pytest.mark.parametrize(("case", "version"), B1_IN_VERSIONS, ids=named)
def test_lowered_schemas_by_jsonschema(case: Case, version: str) -> None:
    """They are plain JSON Schema 2020-12, of which another engine has the same verdict."""
    contents = with_body(version, case.schema, **case.schemas)
    document = dynclient.Client(contents).document
    pointer = "#/paths/~1x/post/" + (
        "parameters/0/schema" if version == "2.0" else "requestBody/content/application~1json/schema"
    )
    lowering = Lowering(document, case.direction)
    lowered = lowering.schema(Schema(document.at(pointer), pointer))
    whole = {"allOf": [lowered], "components": {"schemas": lowering.components}}
    Draft202012Validator.check_schema(whole, FormatChecker(()))  # its own takes patterns for Python's
    for component in lowering.components.values():
        Draft202012Validator.check_schema(component, FormatChecker(()))

    if case.exact:
        validator = Draft202012Validator(whole, format_checker=format_checker(FORMATS))
        assert [validator.is_valid(value) for value in case.good] == [True] * len(case.good)
        assert [validator.is_valid(value) for value, _ in case.bad] == [False] * len(case.bad)


@pytest.mark.parametrize("version", SINCE_31)
def test_unknown_dialect(version: str) -> None:
    """B1: a `jsonSchemaDialect` that nobody knows stops no call."""
    document = {**with_body(version, {"type": "string"}), "jsonSchemaDialect": "https://dialect.test/"}

    assert [refused_at(document, body="a"), refused_at(document, body=1)] == [set(), {WHOLE}]


@dataclass(frozen=True)
class Given:
    """A parameter `q`, in the query unless it says otherwise, and values of it."""

    id: str
    parameter: dict[str, JSON]
    good: list[JSON] = field(default_factory=list)
    bad: list[tuple[JSON, str]] = field(default_factory=list)
    path: str = "/x"
    versions: tuple[str, ...] = SINCE_30


def asking(version: str, parameter: dict[str, JSON], path: str = "/x") -> dict[str, JSON]:
    """A document with an operation that has one parameter; in Swagger 2.0 it is a schema itself."""
    described = {"name": "q", "in": "query", **parameter}
    if version == "2.0":
        described |= described.pop("schema", {})
    return document_of(version, {"parameters": [described]}, path)


def q(values: list[JSON]) -> list[tuple[JSON, str]]:
    return [(value, "q") for value in values]


ARRAY = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}
# Texts are read as JSON reads numbers, true and false, and in no other way.
B2 = [
    Given("integer", {"schema": {"type": "integer"}}, [7, 7.0, "7"], q(["1_000", " 7 ", "٣", True]), versions=ALL),
    Given("number", {"schema": {"type": "number"}}, [7, 0.5, "0.5"], q(["nan", "Infinity"]), versions=ALL),
    Given("boolean", {"schema": {"type": "boolean"}}, [True, False, "true"], q(["yes", "1", "on", 1]), versions=ALL),
    Given("empty-text", {"required": True, "schema": {"type": "string"}}, [""], versions=ALL),
    Given(
        "empty-value-allowed", {"allowEmptyValue": True, "schema": {"type": "string", "minLength": 5}}, [""], q(["a"])
    ),
    Given("null", {"schema": {"type": ["integer", "null"]}}, [1], q(["a"])),
    *(
        Given(name, {**how, "schema": ARRAY}, [["a,b", "c"], [1]], [([None], "q[0]")])
        for name, how in {
            "not-exploded": dict[str, JSON](explode=False),
            "spaces": {"style": "spaceDelimited", "explode": False},
            "pipes-exploded": {"style": "pipeDelimited", "explode": True},
            "pipes": {"style": "pipeDelimited", "explode": False},
        }.items()
    ),
    Given("deep-object", {"style": "deepObject", "schema": OBJECT}, [{"a": 1}], [({"a": "x"}, "q.a")]),
    Given("deep-object-exploded", {"style": "deepObject", "explode": True, "schema": OBJECT}, [{"a": 1}]),
    Given("exploded-object-required", {"required": True, "schema": OBJECT}, [{"a": 1, "b": "x"}]),
    Given("exploded-object", {"schema": OBJECT}, [{"a": 1}], [({"a": "x"}, "q.a")]),
    Given("enum-without-type", {"schema": {"enum": [1, 2]}}, [1, "1"], q([3, "3"]), versions=ALL),
    Given(
        "path-maximum", {"in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}},
        ["a é"], q(["abcd"]), "/x/{q}", ALL,
    ),
    Given(
        "path-enum", {"in": "path", "required": True, "schema": {"type": "string", "enum": ["a é"]}},
        ["a é"], q(["a%20%C3%A9"]), "/x/{q}", ALL,
    ),
    Given(
        "path-empty", {"in": "path", "required": True, "schema": {"type": "string"}}, ["a"], q([""]), "/x/{q}", ALL
    ),
    Given(
        "path-label", {"in": "path", "required": True, "style": "label", "schema": {"type": "integer"}},
        [5, "5"], q(["x"]), "/x/{q}",
    ),
    Given(
        "path-matrix", {"in": "path", "required": True, "style": "matrix", "schema": {"type": "integer"}},
        [5, "5"], q(["x"]), "/x/{q}",
    ),
    *(
        Given(
            f"path-{path}", {"in": "path", "name": "q", "required": True, "schema": {"type": "integer"}},
            [5, "5"], q(["x"]), path, ALL,
        )
        for path in ("/f/{q}.json", "/a/{q}:cancel", "/a-b/{q}-c")
    ),
    Given("path-slash", {"in": "path", "required": True, "schema": {"type": "string"}}, ["a/b"], [], "/x/{q}", ALL),
    Given("header-list", {"in": "header", "schema": ARRAY}, [["a", "b"], [1]], [([None], "q[0]")]),
    Given("cookie", {"in": "cookie", "required": True, "schema": {"type": "string"}}, ["a", 1]),
    Given("content", {"content": {"application/json": {"schema": OBJECT}}}, [{"a": 1}], [({"a": "x"}, "q.a")]),
    Given("form-array", {"schema": ARRAY}, [["a", "b"], [1]], [([None], "q[0]")]),
]  # fmt: skip


@pytest.mark.parametrize(("case", "version"), [(case, v) for case in B2 for v in case.versions], ids=named)
def test_parameters(case: Given, version: str) -> None:
    """B2: a value is validated by what its text means on the wire."""
    document = asking(version, case.parameter, case.path)

    assert [refused_at(document, q=value) for value in case.good] == [set()] * len(case.good)
    assert [refused_at(document, q=value) for value, _ in case.bad] == [{name} for _, name in case.bad]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(("required", "expected"), [(False, set()), (True, {"q"})])
def test_defaults(version: str, required: bool, expected: set[str]) -> None:
    """B2: a bad default of a parameter that is absent refuses nobody; it is no value for what is required."""
    parameter = {"required": required, "schema": {"type": "integer", "default": "bad"}}

    assert refused_at(asking(version, parameter)) == expected


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("name", ["f(", "include[]", "a-b", "filter[x]", "$top", "été", "class"])
def test_odd_names(version: str, name: str) -> None:
    """B2: a name is no regular expression and no name of Python."""
    parameter: dict[str, JSON] = {"name": name, "schema": {"type": "integer"}}

    assert [refused_at(asking(version, parameter), **{name: value}) for value in (1, "a")] == [set(), {name}]


@pytest.mark.parametrize("version", SINCE_30)
def test_odd_names_of_deep_objects(version: str) -> None:
    """B2: openapi-core makes a regular expression of them."""
    parameter = {"name": "f(", "style": "deepObject", "explode": True, "schema": OBJECT}

    assert refused_at(asking(version, parameter), **{"f(": {"a": 1}}) == set()
    assert refused_at(asking(version, parameter), **{"f(": {"a": "x"}}) == {"f(.a"}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("name", ["a.b", "a[b]", "0"])
def test_odd_names_in_paths(version: str, name: str) -> None:
    """B2: a path is no format string."""
    parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    client = dynclient.Client(asking(version, parameter, f"/x/{{{name}}}"))

    assert client.go.prepare(**{name: "v"}).url == "https://a.test/x/v"


@pytest.mark.parametrize("version", ALL)
def test_values_that_run_into_each_other(version: str) -> None:
    """B2: `2-3` is the value of `b`, wherever a URL could be cut."""
    schema = {"type": "string", "maxLength": 3}
    names = [{"name": name, "in": "path", "required": True, "schema": schema} for name in "ab"]
    if version == "2.0":
        names = [{**parameter, **schema} for parameter in names]
    document = document_of(version, {"parameters": names}, "/x/{a}-{b}")

    assert refused_at(document, a="1", b="2-3") == set()
    assert refused_at(document, a="1", b="2-34") == {"b"}


@pytest.mark.parametrize("version", ALL)
def test_a_value_that_is_the_path_of_another_operation(version: str) -> None:
    """B2: validated as what was called."""
    schema = {"type": "string", "maxLength": 3}
    document = asking(version, {"in": "path", "required": True, "schema": schema}, "/x/{q}")
    other = {"name": "other", "in": "query", "required": True, **({} if version != "2.0" else {"type": "string"})}
    document["paths"]["/x/mine"] = {"post": {"operationId": "mine", "parameters": [other], "responses": {}}}

    assert [refused_at(document, q="min"), refused_at(document, q="mine")] == [set(), {"q"}]


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize("name", ["Authorization", "Accept", "Content-Type"])
def test_headers_that_are_no_parameters(version: str, name: str) -> None:
    """B2: required or not."""
    parameter = {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}

    assert refused_at(asking(version, parameter)) == set()


@pytest.mark.parametrize(("name", "missing"), [("Authorization", True), ("Accept", False), ("Content-Type", True)])
def test_headers_that_are_parameters_of_swagger(name: str, missing: bool) -> None:
    """B2: they are asked for there, but Accept, which every call says."""
    document = asking("2.0", {"name": name, "in": "header", "required": True, "schema": {"type": "string"}})

    assert refused_at(document) == ({name} if missing else set())
    assert refused_at(document, **{name: "text/csv"}) == set()


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("base_url", ["https://other.test/v2", "https://A.TEST", "http://localhost:8080/"])
def test_other_servers(version: str, base_url: str) -> None:
    """B2: where a call goes has no part in the verdict."""
    go = dynclient.Client(asking(version, {"schema": {"type": "integer"}}), base_url=base_url).go

    assert [go.check(q=1), len(go.check(q="x"))] == [(), 1]


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize(
    "server", [{"url": "{base}/v1", "variables": {"base": {"default": "https://a.test/b"}}}, {"url": "v1"}]
)
def test_servers_that_are_relative_or_have_variables(version: str, server: JSON) -> None:
    """B2: a variable may hold a slash, and a relative URL need not begin with one."""
    go = dynclient.Client({**asking(version, {"schema": {"type": "integer"}}), "servers": [server]}).go

    assert [go.check(q=1), len(go.check(q="x"))] == [(), 1]


def test_a_body_that_the_operation_does_not_have() -> None:
    """B3: nothing would validate it; in every version."""
    for version in ALL:
        assert [p.location for p in dynclient.Client(document_of(version, {})).go.check(body={"a": 1})] == ["body"]


A_NUMBER = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.x+json",
        "application/merge-patch+json",
        "*/*",
        "application/*",
        "application/json;charset=UTF-8",
        "Application/JSON",
    ],
)
def test_json_by_other_names(version: str, media_type: str) -> None:
    """B3: validated by its schema."""
    document = with_body(version, A_NUMBER, media_type)

    assert [refused_at(document, body={"a": 1}), refused_at(document, body={"a": "1"})] == [set(), {"a"}]


@pytest.mark.parametrize("version", ALL)
def test_texts_and_files_by_any_name(version: str) -> None:
    """B3: where any media type will do, they travel as they are."""
    assert [refused_at(with_body(version, A_NUMBER, "*/*"), body=body) for body in ("text", b"data")] == [set()] * 2


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize(
    ("media_type", "schema", "body"),
    [
        ("text/csv", {"type": "string"}, "a,b"),
        ("application/x-ndjson", {"type": "string"}, b"{}\n{}"),
        ("application/octet-stream", {"type": "string", "format": "binary"}, b"\x00\xff"),
        ("image/png", {"type": "string", "contentMediaType": "image/png"}, b"\x89PNG"),
        ("image/png", {"type": "string", "format": "binary"}, b""),
        ("text/plain", {"type": "integer"}, "5"),
        ("application/xml", {"type": "object"}, "<a/>"),
    ],
)
def test_what_is_no_json(version: str, media_type: str, schema: JSON, body: JSON) -> None:
    """
    B3: no schema validates bytes and text.

    Text could be read as the number that it spells, and XML as data; here it is the caller who says what is sent.
    """
    assert refused_at(with_body(version, schema, media_type), body=body) == set()


FILE = {"3.0.4": {"type": "string", "format": "binary"}, "3.1.1": {"contentMediaType": "image/png"}}
FILE |= {"3.2.0": {}, "2.0": {"type": "file"}}


def with_form(version: str, properties: dict[str, JSON], media_type: str, **more: JSON) -> dict[str, JSON]:
    """A document with an operation that takes a form."""
    if version == "2.0":
        fields = [{"name": name, "in": "formData", **schema} for name, schema in properties.items()]
        return document_of(version, {"consumes": [media_type], "parameters": fields})
    return with_body(version, {"type": "object", "properties": properties, **more}, media_type)


@pytest.mark.parametrize("version", ALL)
def test_multipart(version: str) -> None:
    """B3: a file isn't JSON, and the other parts are the caller's own values."""
    properties: dict[str, JSON] = {
        "file": FILE[version],
        "n": {"type": "integer"},
        "x": {"type": "number"},
        "b": {"type": "boolean"},
    }
    document = with_form(version, properties, "multipart/form-data")

    assert refused_at(document, body={"file": b"data", "n": 5, "x": 0.5, "b": True}) == set()
    assert refused_at(document, body={"file": b"data", "n": "5", "x": "0.5", "b": "true"}) == {"n", "x", "b"}


@pytest.mark.parametrize("version", SINCE_30)
def test_multipart_with_unions_and_lists_of_files(version: str) -> None:
    """B3: a model is a text or one of some names; several files are a list."""
    properties: dict[str, JSON] = {
        "model": {"anyOf": [{"type": "string"}, {"type": "string", "enum": ["m"]}]},
        "files": {"type": "array", "maxItems": 2, "items": FILE[version]},
    }
    document = with_form(version, properties, "multipart/form-data")

    assert refused_at(document, body={"model": "m", "files": [b"a", b"b"]}) == set()
    assert refused_at(document, body={"model": 5, "files": [b"a", b"b", b"c"]}) == {"model", "files"}


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize(
    ("schema", "good", "bad", "name"),
    [
        ({"allOf": [A_NUMBER]}, {"a": 1}, {"a": "x"}, "a"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, {"b": 1}, "b"),
        ({"additionalProperties": {"type": "integer"}}, {"b": 1}, {"b": "x"}, "b"),
        ({"properties": {"o": OBJECT}}, {"o": {"a": 1}}, {"o": {"a": "x"}}, "o.a"),
        ({"required": ["a"], "properties": {"a": {"type": "integer", "default": 1}}}, {"a": 1}, {}, "a"),
    ],
    ids=["allOf", "closed", "additional", "nested", "default"],
)
def test_urlencoded(version: str, schema: JSON, good: JSON, bad: JSON, name: str) -> None:
    """B3: no field escapes the schema, and no default stands in for one."""
    document = with_body(version, {"type": "object", **schema}, "application/x-www-form-urlencoded")

    assert [refused_at(document, body=good), refused_at(document, body=bad)] == [set(), {name}]


@pytest.mark.parametrize("version", ALL)
def test_null_is_a_body(version: str) -> None:
    """B3: it is not the absence of one."""
    document = with_body(version, {"type": "object", "nullable": True})

    assert [refused_at(document, body=None), refused_at(document)] == [set(), {WHOLE}]


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "Bearer"},
        {"type": "http", "scheme": "bearer"},
        {"type": "mutualTLS"},
        {"type": "apiKey", "in": "header", "name": "X-Key"},
    ],
)
@pytest.mark.filterwarnings("ignore")  # that there are no credentials is said by a warning
def test_credentials_have_no_part_in_the_verdict(version: str, scheme: JSON) -> None:
    """B3: none yet, a scheme in capitals, and one that openapi-core does not know."""
    document = {**with_body(version, {"type": "string"}), "security": [{"s": []}]}
    document["components"]["securitySchemes"] = {"s": scheme}
    go = dynclient.Client(document).go

    assert [go.check(body="a"), len(go.check(body=1))] == [(), 1]


def test_errors_are_those_of_the_mistakes() -> None:
    """B5: two mistakes in a union of unions are two problems, each at its leaf."""
    part = {"oneOf": [tagged({"const": kind}, text={"type": "string"}) for kind in ("text", "image")]}
    message = {"oneOf": [tagged({"const": role}, content={"type": "array", "items": part}) for role in ("user", "bot")]}
    body = {"type": "object", "properties": {"n": {"type": "integer"}, "messages": {"type": "array", "items": message}}}
    good = {"kind": "user", "content": [{"kind": "text", "text": "a"}]}
    bad = {"kind": "user", "content": [{"kind": "video"}]}

    for version in SINCE_31:
        found = refused_at(with_body(version, body), body={"n": "1", "messages": [good, bad]})
        assert found == {"n", "messages[1].content[0].kind"}
