"""What a document says of its operations: defaults, overriding and references."""

from __future__ import annotations

from pathlib import Path

import pytest

from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError
from dynclient.openapi.fields import read_fields
from dynclient.openapi.index import Entry, read_entries, read_tags
from dynclient.openapi.model import (
    Encoding,
    Field,
    MediaType,
    OAuthFlow,
    Operation,
    Parameter,
    RequestBody,
    ResponseDescription,
    Schema,
    SecurityScheme,
    Server,
    ServerVariable,
)
from dynclient.openapi.reader import read_operation
from dynclient.openapi.security import read_security_schemes
from dynclient.openapi.servers import read_other_servers, read_servers
from dynclient.types import JSON, UNSET
from tests.places import SPECS

STRING = {"type": "string"}


def document(item: JSON, **more: JSON) -> Document:
    """A document with the path /x, which is this path item."""
    return Document({"openapi": "3.1.0", "paths": {"/x": item}, **more})


def read(item: JSON, **more: JSON) -> Operation:
    """Its GET operation."""
    return read_operation(document(item, **more), Entry("op", "get", "/x"))


def parameters(*nodes: JSON, **more: JSON) -> tuple[Parameter, ...]:
    return read({"get": {"parameters": list(nodes)}}, **more).parameters


def parameter(node: JSON, **more: JSON) -> Parameter:
    """The only one of an operation, which has a place for it where it stands in the path."""
    path = "/{p}" if node.get("in") == "path" else "/x"
    item = {"get": {"parameters": [{"name": "p", "in": "query", **node}]}}
    contents = {"openapi": "3.1.0", "paths": {path: item}, **more}
    (found,) = read_operation(Document(contents), Entry("op", "get", path)).parameters
    return found


def body(node: JSON, **more: JSON) -> RequestBody:
    found = read({"get": {"requestBody": node}}, **more).body
    assert found is not None
    return found


def required_fields(schema: JSON, **schemas: JSON) -> dict[str, bool]:
    """The names of the fields, and whether each is required."""
    contents = {"openapi": "3.1.0", "components": {"schemas": schemas}}
    return {name: field.required for name, field in read_fields(Document(contents), Schema(schema, "#/x")).items()}


def test_the_index() -> None:
    """Every method of every path in order; extensions and what is no operation are passed over."""
    paths = {
        "/a": {"get": {"operationId": "a"}, "post": {}, "parameters": [], "summary": "s", "put": None},
        "x-extension": {"get": {}},
        "/b": {"query": {"operationId": "b"}, "connect": {}, "delete": {"operationId": 5}},
        "/c": None,
    }
    found = read_entries(Document({"openapi": "3.2.0", "paths": paths}))

    assert found == [
        Entry("a", "get", "/a"),
        Entry("", "post", "/a"),
        Entry("b", "query", "/b"),
        Entry("", "delete", "/b"),
    ]
    assert [entry.route for entry in found] == ["GET /a", "POST /a", "QUERY /b", "DELETE /b"]


@pytest.mark.parametrize("paths", [{}, None, []])
def test_a_document_without_paths(paths: JSON) -> None:
    """3.1 permits it."""
    assert read_entries(Document({"openapi": "3.1.0", "paths": paths})) == []
    assert read_entries(Document({"openapi": "3.1.0"})) == []


def test_paths_that_are_no_text() -> None:
    """As other YAML readers make of keys."""
    assert read_entries(Document({"openapi": "3.1.0", "paths": {5: {"get": {}}, "/a": {"get": {}}}})) == [
        Entry("", "get", "/a")
    ]


def test_path_items_by_reference() -> None:
    """What stands beside the reference wins."""
    components = {"pathItems": {"X": {"get": {"operationId": "theirs", "summary": "s"}, "summary": "theirs"}}}
    item = {"$ref": "#/components/pathItems/X", "summary": "ours", "post": {"operationId": "op"}}
    found = document(item, components=components)

    assert read_entries(found) == [Entry("theirs", "get", "/x"), Entry("op", "post", "/x")]
    assert read_operation(found, Entry("op", "post", "/x")).summary == "ours"


def test_a_path_item_that_leads_nowhere() -> None:
    """Is left out, and noted."""
    found = document({"$ref": "other.yaml"})

    assert read_entries(found) == []
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("reference-missing", "#/paths/~1x")
    ]


def test_an_operation() -> None:
    """With everything that may be said of it."""
    found = read(
        {
            "get": {
                "tags": ["t"],
                "summary": "s",
                "description": "d",
                "deprecated": True,
                "security": [{"key": []}, {"a": ["scope"], "b": []}, {}],
                "servers": [{"url": "https://own.test"}],
                "responses": {"200": {"description": "fine"}},
            }
        }
    )

    assert found == Operation(
        id="op",
        method="GET",
        path="/x",
        responses=(ResponseDescription("200", "fine"),),
        security=({"key": ()}, {"a": ("scope",), "b": ()}, {}),
        servers=(Server("https://own.test"),),
        tags=("t",),
        summary="s",
        description="d",
        deprecated=True,
        pointer="#/paths/~1x/get",
    )


def test_an_operation_of_which_nothing_is_said() -> None:
    """Everything has a default; what is of the wrong kind is as nothing."""
    plain = Operation(id="op", method="GET", path="/x", pointer="#/paths/~1x/get")
    odd = {
        "tags": "t",
        "summary": 5,
        "deprecated": "yes",
        "security": {},
        "servers": {},
        "responses": [],
        "parameters": {},
    }

    assert [read({"get": {}}), read({"get": odd})] == [plain, plain]


def test_an_operation_without_an_id() -> None:
    """Is called by its route."""
    assert read_operation(document({"get": {}}), Entry("", "get", "/x")).id == "GET /x"


@pytest.mark.parametrize(
    ("location", "style", "explode", "required"),
    [
        ("path", "simple", False, True),
        ("query", "form", True, False),
        ("header", "simple", False, False),
        ("cookie", "form", True, False),
    ],
)
def test_defaults_of_each_location(location: str, style: str, explode: bool, required: bool) -> None:
    """OpenAPI 3.1.1 §4.8.12.2; a path parameter is always required."""
    found = parameter({"in": location})

    assert (found.style, found.explode, found.required) == (style, explode, required)


@pytest.mark.parametrize(
    ("node", "style", "explode"),
    [
        ({"in": "path", "style": "matrix"}, "matrix", False),
        ({"in": "path", "style": "label", "explode": True}, "label", True),
        ({"in": "cookie", "style": "cookie"}, "cookie", True),
        ({"style": "form", "explode": False}, "form", False),
        ({"style": "spaceDelimited"}, "spaceDelimited", False),
        ({"style": "pipeDelimited", "explode": True}, "pipeDelimited", True),
        ({"style": "deepObject"}, "deepObject", True),
        ({"style": "deepObject", "explode": False}, "deepObject", False),
        ({"explode": "no"}, "form", True),
    ],
)
def test_styles(node: JSON, style: str, explode: bool) -> None:
    """As said, else `explode` as the style has it."""
    found = parameter(node)

    assert (found.style, found.explode) == (style, explode)


@pytest.mark.parametrize(
    ("version", "explode", "style"),
    [
        *((version, False, "dottedLabel") for version in ("3.0.0", "3.0.3", "3.0.3-rc1", "3.1.0", "3.1.0-rc0")),
        *((version, False, "label") for version in ("3.0", "3.0.4", "3.0.10", "3.1", "3.1.1", "3.1.10", "3.2.0")),
        ("3.0.3", True, "label"),
    ],
)
def test_label_means_what_the_document_s_version_means(version: str, explode: bool, style: str) -> None:
    """Its table was mended in 3.0.4 and 3.1.1, where it is not exploded."""
    assert parameter({"in": "path", "style": "label", "explode": explode}, openapi=version).style == style


MAP = {"type": "object", "additionalProperties": STRING}
RANGE = {"type": "object", "properties": {"gt": STRING, "lte": STRING}}
NO_STYLE = "an object without a style is written p[key]=value, as style deepObject"


@pytest.mark.parametrize(
    ("node", "style", "messages"),
    [
        ({"schema": MAP}, "deepObject", [NO_STYLE]),
        ({"schema": {"type": "object"}}, "deepObject", [NO_STYLE]),
        ({"schema": {"anyOf": [MAP, {"type": "null"}]}}, "deepObject", [NO_STYLE]),
        ({"schema": {"$ref": "#/components/schemas/Map"}}, "deepObject", [NO_STYLE]),
        ({"schema": RANGE}, "deepObject", [NO_STYLE]),
        ({"schema": {"type": "object", "properties": {"page": STRING, "gt": STRING}}}, "form", []),
        ({"schema": MAP, "style": "form"}, "form", []),
        ({"schema": MAP, "explode": True}, "form", []),
        ({"schema": MAP, "explode": False}, "form", []),
        ({"content": {"application/json": {"schema": MAP}}}, "form", []),
        ({"schema": {}}, "form", []),
        ({"schema": {"type": "array"}}, "form", []),
        ({"in": "cookie", "schema": MAP}, "form", []),
    ],
)
def test_objects_in_a_query_of_which_no_style_is_said(node: JSON, style: str, messages: list[str]) -> None:
    """Keys that nobody declared, and comparisons, stand in brackets behind the name, and it is noted."""
    components = {"schemas": {"Map": MAP}}
    found = document({"get": {"parameters": [{"name": "p", "in": "query", **node}]}}, components=components)
    (read_parameter,) = read_operation(found, Entry("op", "get", "/x")).parameters

    assert (read_parameter.style, read_parameter.explode) == (style, node.get("explode", True))
    assert [problem.message for problem in found.problems] == messages


@pytest.mark.parametrize(
    ("schema", "nullable"),
    [
        (STRING, False),
        ({"type": ["string", "null"]}, True),
        ({"type": "array", "items": {"type": "string", "nullable": True}}, True),
        ({"type": "object", "properties": {"a": {"const": None}}}, True),
        ({"type": "object", "additionalProperties": {"type": "null"}}, True),
        ({"type": "object", "additionalProperties": STRING}, False),
    ],
)
def test_parameters_that_may_hold_null(schema: JSON, nullable: bool) -> None:
    """As the value or as a member."""
    assert parameter({"schema": schema}).nullable == nullable


@pytest.mark.parametrize(
    ("location", "version", "allowed"),
    [
        ("query", "3.0.3", True),
        ("query", "3.2.0", True),
        ("path", "3.0.4", False),
        ("path", "3.1.1", False),
        ("path", "3.2.0", True),
        ("cookie", "3.1.1", False),
        ("cookie", "3.2.0", True),
    ],
)
def test_reserved_characters_by_version(location: str, version: str, allowed: bool) -> None:
    """Only a query had them before 3.2."""
    assert parameter({"in": location, "allowReserved": True}, openapi=version).allow_reserved == allowed


@pytest.mark.parametrize(("location", "allowed"), [("query", True), ("header", False), ("cookie", False)])
def test_empty_values_are_for_queries(location: str, allowed: bool) -> None:
    """So says OpenAPI 3.1.1 §4.8.12.2.1."""
    assert parameter({"in": location, "allowEmptyValue": True}).allow_empty == allowed


def test_a_whole_query() -> None:
    """`in: querystring` of 3.2 is a query parameter of that style, with the encodings of its media type."""
    encoding = {"a": {"style": "form", "explode": False}}
    content = {"application/x-www-form-urlencoded": {"schema": STRING, "encoding": encoding}}
    found = parameter({"in": "querystring", "content": content}, openapi="3.2.0")

    assert (found.location, found.style, found.media_type, found.encoding) == (
        "query",
        "querystring",
        "application/x-www-form-urlencoded",
        {"a": Encoding(style="form", explode=False)},
    )


@pytest.mark.parametrize(
    ("more", "names", "rules"),
    [
        ([], ["p"], []),
        ([{"name": "q", "in": "query"}], ["p", "q"], ["querystring-not-alone"]),
        ([{"name": "p", "in": "query"}], ["p"], ["querystring-not-alone"]),
        ([{"name": "r", "in": "querystring"}], ["p"], ["parameter-incomplete"]),
        (
            [{"name": "r", "in": "querystring", "content": {"text/plain": {}}}],
            ["p", "r"],
            ["querystring-not-alone"],
        ),
    ],
)
def test_a_whole_query_stands_alone(more: list[JSON], names: list[str], rules: list[str]) -> None:
    """What the specification forbids beside it is noted; of one name there is one parameter."""
    whole = {"name": "p", "in": "querystring", "content": {"application/json": {}}}
    found = document({"get": {"parameters": [whole, *more]}})

    assert [read.name for read in read_operation(found, Entry("op", "get", "/x")).parameters] == names
    assert [problem.rule for problem in found.problems] == rules


@pytest.mark.parametrize("node", [{"style": "label"}, {"in": "header", "style": "form"}, {"style": ["form"]}])
def test_styles_that_do_not_exist_there(node: JSON) -> None:
    """The location's own is used, and it is noted."""
    found = document({"get": {"parameters": [{"name": "p", "in": "query", **node}]}})
    (read_parameter,) = read_operation(found, Entry("op", "get", "/x")).parameters

    assert read_parameter.style == parameter({"in": node.get("in", "query")}).style
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("style-unknown", "#/paths/~1x/get/parameters/0")
    ]


def test_a_parameter_with_everything() -> None:
    """Each word in its place."""
    node = {
        "required": True,
        "allowReserved": True,
        "deprecated": True,
        "description": "d",
        "example": "e",
        "schema": {"enum": ["only"]},
    }

    assert parameter({"name": "includeAll[]", **node}) == Parameter(
        name="includeAll[]",
        location="query",
        spelling="include_all",
        style="form",
        explode=True,
        required=True,
        schema=Schema({"enum": ["only"]}, "#/paths/~1x/get/parameters/0/schema"),
        allow_reserved=True,
        description="d",
        deprecated=True,
        example="e",
        only_value="only",
        pointer="#/paths/~1x/get/parameters/0",
    )


def test_a_parameter_with_its_schema_beside_its_name() -> None:
    """As Swagger 2.0 has it: the keywords of a schema are its schema, and `required` stays the parameter's."""
    contents = document({"get": {"parameters": [{"name": "p", "in": "query", "type": "integer", "required": True}]}})
    (found,) = read_operation(contents, Entry("op", "get", "/x")).parameters

    assert (found.schema, found.required) == (Schema({"type": "integer"}, "#/paths/~1x/get/parameters/0"), True)
    assert [problem.rule for problem in contents.problems] == ["parameter-schema"]


def test_a_parameter_described_by_content() -> None:
    """Has a media type, whose schema is its own."""
    found = parameter({"content": {"application/json": {"schema": STRING}}, "schema": {"type": "integer"}})

    assert (found.media_type, found.schema) == (
        "application/json",
        Schema(STRING, "#/paths/~1x/get/parameters/0/content/application~1json/schema"),
    )


def test_a_path_s_parameters_are_its_operations_() -> None:
    """An operation's own replaces that of the same name and location, and takes its place."""
    item = {
        "parameters": [
            {"name": "a", "in": "query", "description": "path"},
            {"name": "b", "in": "query", "description": "path"},
        ],
        "get": {
            "parameters": [
                {"name": "c", "in": "query", "description": "operation"},
                {"name": "a", "in": "query", "description": "operation"},
                {"name": "b", "in": "header", "description": "operation"},
            ]
        },
    }

    assert [
        (p.name, p.location, p.description, p.pointer.removeprefix("#/paths/~1x/")) for p in read(item).parameters
    ] == [
        ("a", "query", "operation", "get/parameters/1"),
        ("b", "query", "path", "parameters/1"),
        ("c", "query", "operation", "get/parameters/0"),
        ("b", "header", "operation", "get/parameters/2"),
    ]


def test_path_parameters_that_the_document_forgot() -> None:
    """What the template names is asked for; it may be any text, and it is noted."""
    found = Document({"openapi": "3.1.0", "paths": {"/{a}/{b}#{c}": {"get": {"parameters": []}}}})
    operation = read_operation(found, Entry("op", "get", "/{a}/{b}#{c}"))
    pointer = "#/paths/~1{a}~1{b}#{c}/get"

    assert operation.parameters == tuple(
        Parameter(name, "path", name, "simple", False, required=True, pointer=pointer) for name in ("a", "b")
    )
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("parameter-undeclared", pointer)
    ] * 2


def test_path_parameters_without_a_place() -> None:
    """There is nowhere to write them: they are left out, and noted."""
    found = document({"get": {"parameters": [{"name": "p", "in": "path", "required": True}]}})

    assert read_operation(found, Entry("op", "get", "/x")).parameters == ()
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("parameter-without-place", "#/paths/~1x/get/parameters/0")
    ]


def test_parameters_by_reference() -> None:
    """Their pointer is where they stand; a reference may lead to a reference."""
    components = {
        "parameters": {"P": {"name": "p", "in": "query", "schema": STRING}, "Q": {"$ref": "#/components/parameters/P"}}
    }

    assert parameters({"$ref": "#/components/parameters/Q"}, components=components) == (
        Parameter(
            "p",
            "query",
            "p",
            "form",
            True,
            schema=Schema(STRING, "#/components/parameters/P/schema"),
            pointer="#/components/parameters/P",
        ),
    )


def test_a_parameter_that_leads_nowhere() -> None:
    """It is left out, and no call can be validated without it."""
    operation = read(
        {"get": {"parameters": [{"$ref": "#/components/parameters/Missing"}, {"name": "p", "in": "query"}]}}
    )

    assert [each.name for each in operation.parameters] == ["p"]
    (problem,) = operation.unread
    assert "there is nothing at this reference" in problem.message


def test_lists_and_maps_behind_references() -> None:
    """A whole list of parameters, the answers, and a content may stand elsewhere."""
    shared = {
        "parameters": [{"name": "p", "in": "query"}],
        "responses": {"200": {"description": "fine"}},
        "content": {"application/json": {}},
    }
    operation = read(
        {
            "parameters": {"$ref": "#/x-shared/parameters"},
            "get": {
                "parameters": {"$ref": "#/x-shared/parameters"},
                "requestBody": {"content": {"$ref": "#/x-shared/content"}},
                "responses": {"$ref": "#/x-shared/responses"},
            },
        },
        **{"x-shared": shared},
    )

    assert [each.pointer for each in operation.parameters] == ["#/x-shared/parameters/0"]
    assert operation.body is not None
    assert [each.name for each in operation.body.content] == ["application/json"]
    assert [each.status for each in operation.responses] == ["200"]
    assert operation.unread == ()


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"name": "p"},
        {"name": 5, "in": "query"},
        {"name": "p", "in": "body"},
        {"name": "p", "in": ["query"]},
        None,
        "p",
    ],
)
def test_parameters_that_are_incomplete(node: JSON) -> None:
    """Are left out, and noted."""
    found = document({"get": {"parameters": [node]}})

    assert read_operation(found, Entry("op", "get", "/x")).parameters == ()
    assert [problem.rule for problem in found.problems] == ["parameter-incomplete"]


@pytest.mark.parametrize("name", ["Accept", "CONTENT-TYPE", "authorization"])
def test_header_parameters_that_are_ignored(name: str) -> None:
    """In a header; elsewhere the name means nothing special."""
    assert [p.location for p in parameters({"name": name, "in": "header"}, {"name": name, "in": "query"})] == ["query"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"enum": ["a"]}, "a"),
        ({"const": None}, None),
        ({"const": 1, "enum": [1, 2]}, 1),
        ({"enum": ["a", "b"]}, UNSET),
        ({"enum": []}, UNSET),
        ({"enum": "a"}, UNSET),
        ({"$ref": "#/components/schemas/Only"}, "a"),
        ({"$ref": "#/components/schemas/Missing"}, UNSET),
        (True, UNSET),
        ({}, UNSET),
    ],
)
def test_the_only_value(schema: JSON, expected: JSON) -> None:
    """That which the schema permits, if it is just one."""
    assert parameter({"schema": schema}, components={"schemas": {"Only": {"enum": ["a"]}}}).only_value == expected


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"example": None}, None),
        ({"example": 1, "examples": {"a": {"value": 2}}}, 1),
        ({"examples": {"a": {"externalValue": "x"}, "b": {"value": 2}}}, 2),
        ({"examples": {"a": {"$ref": "#/missing"}, "b": {"$ref": "#/components/examples/E"}}}, 3),
        ({"schema": {"example": 4}}, 4),
        ({"schema": {"examples": [5, 6]}}, 5),
        ({"schema": {"examples": []}}, UNSET),
        ({"schema": {"examples": {}}}, UNSET),
        ({}, UNSET),
    ],
)
def test_examples(node: JSON, expected: JSON) -> None:
    """The nearest that there is."""
    assert parameter(node, components={"examples": {"E": {"value": 3}}}).example == expected


def test_a_body() -> None:
    """With its media types, in order, each with its encoding and example."""
    schema = {"properties": {"a": {"type": "string", "description": "an a"}}, "required": ["a"]}
    found = body(
        {
            "required": True,
            "description": "d",
            "content": {
                "multipart/form-data": {
                    "schema": schema,
                    "encoding": {
                        "a": {"contentType": "text/plain", "style": "form", "explode": False, "allowReserved": True},
                        "b": {},
                    },
                    "example": {"a": "x"},
                },
                "text/plain": {},
            },
        }
    )
    pointer = "#/paths/~1x/get/requestBody/content/multipart~1form-data"

    assert found == RequestBody(
        content=(
            MediaType(
                name="multipart/form-data",
                schema=Schema(schema, f"{pointer}/schema"),
                encoding={"a": Encoding("text/plain", "form", False, True), "b": Encoding()},
                example={"a": "x"},
                pointer=pointer,
            ),
            MediaType("text/plain", pointer="#/paths/~1x/get/requestBody/content/text~1plain"),
        ),
        required=True,
        description="d",
        fields=(
            Field(
                "a", Schema({"type": "string", "description": "an a"}, f"{pointer}/schema/properties/a"), True, "an a"
            ),
        ),
    )


BINARY = {"type": "string", "format": "binary"}
PICTURE = {"contentMediaType": "image/png"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (STRING, None),
        (BINARY, Encoding(files="one")),
        ({"$ref": "#/components/schemas/File"}, Encoding(files="one", schema_type="image/png")),
        ({"$ref": "#/components/schemas/Missing"}, None),
        ({"$ref": "#/components/schemas/Tree"}, None),
        ({"allOf": [BINARY, {"description": "d"}]}, Encoding(files="one")),
        ({"type": "array", "items": BINARY}, Encoding(files="many")),
        ({"type": "array", "items": STRING}, None),
        ({"anyOf": [BINARY, {"type": "array", "items": BINARY}]}, Encoding(files="any")),
        ({"anyOf": [BINARY, {"type": "null"}]}, Encoding(files="one")),
        ({"oneOf": [BINARY, STRING]}, None),
        ({"type": "string", "contentEncoding": "base64"}, Encoding(schema_type="application/octet-stream")),
        ({**PICTURE, "contentEncoding": "base64"}, Encoding(schema_type="image/png")),
        (True, None),
    ],
)
@pytest.mark.parametrize("name", ["Multipart/Form-Data", "application/x-www-form-urlencoded"])
def test_what_schemas_say_of_parts(schema: JSON, expected: Encoding | None, name: str) -> None:
    """Which properties are files, and of what type; a form without parts has neither."""
    contents = {"schema": {"properties": {"a": schema}}}
    tree = {"anyOf": [{"$ref": "#/components/schemas/Tree"}]}
    components = {"schemas": {"File": PICTURE, "Tree": tree}}

    found = body({"content": {name: contents}}, components=components)

    is_multipart = name.startswith("M")
    assert found.content[0].encoding == ({"a": expected} if expected and is_multipart else {})


def test_headers_of_parts() -> None:
    """As header parameters are read, but for a Content-Type, which the encoding itself names."""
    headers = {"X-A": {"$ref": "#/components/headers/A"}, "X-B": {"required": True}, "content-type": {}}
    components = {"headers": {"A": {"schema": {"const": "1"}}}}
    found = body({"content": {"multipart/form-data": {"encoding": {"a": {"headers": headers}}}}}, components=components)

    assert [(h.name, h.location, h.required, h.only_value) for h in found.content[0].encoding["a"].headers] == [
        ("X-A", "header", False, "1"),
        ("X-B", "header", True, UNSET),
    ]


def test_a_body_by_reference() -> None:
    """The pointers are where things stand."""
    components = {"requestBodies": {"B": {"content": {"text/plain": {"schema": STRING}}}}}
    found = body({"$ref": "#/components/requestBodies/B"}, components=components)
    pointer = "#/components/requestBodies/B/content/text~1plain"

    assert found == RequestBody((MediaType("text/plain", Schema(STRING, f"{pointer}/schema"), pointer=pointer),))


@pytest.mark.parametrize("node", [{}, {"content": {}}, {"content": []}, "text"])
def test_a_body_without_content(node: JSON) -> None:
    """Is one that takes nothing."""
    assert body(node) == RequestBody(())


def test_no_body() -> None:
    """None where none is declared."""
    assert read({"get": {}}).body is None


def test_fields_of_several_media_types() -> None:
    """Joined; required is what all of them require."""
    found = body(
        {
            "content": {
                "application/json": {"schema": {"properties": {"a": {}, "b": {}}, "required": ["a", "b"]}},
                "application/x-www-form-urlencoded": {"schema": {"properties": {"a": {}, "c": {}}, "required": ["a"]}},
                "text/plain": {},
            }
        }
    )

    assert [(each.name, each.required, each.required_as) for each in found.fields] == [
        ("a", True, ()),
        ("b", False, ("application/json",)),
        ("c", False, ()),
    ]
    same = {"schema": {"properties": {"a": {}}, "required": ["a"]}}
    alike = body({"content": {"application/json": same, "application/x-www-form-urlencoded": same}})
    assert [each.required for each in alike.fields] == [True]


OBJECT = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}
OTHER = {"type": "object", "properties": {"a": {}, "c": {}}, "required": ["a", "c"]}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (OBJECT, {"a": True, "b": False}),
        ({"$ref": "#/components/schemas/Object"}, {"a": True, "b": False}),
        ({"allOf": [OBJECT, OTHER]}, {"a": True, "b": False, "c": True}),
        ({"allOf": [OBJECT], "required": ["b"]}, {"a": True, "b": True}),
        ({"oneOf": [OBJECT, OTHER]}, {"a": True, "b": False, "c": False}),
        ({"anyOf": [OBJECT, {"type": "null"}]}, {"a": True, "b": False}),
        ({"anyOf": [OBJECT, OTHER], "required": ["c"]}, {"a": True, "b": False, "c": True}),
        ({"properties": {"z": {}}, "oneOf": [OBJECT, OTHER]}, {"z": False, "a": True, "b": False, "c": False}),
        ({"properties": {"id": {"readOnly": True}, "a": {}}}, {"a": False}),
        ({"properties": {"id": {"$ref": "#/components/schemas/ReadOnly"}, "a": {}}}, {"a": False}),
        ({"properties": {"id": {"$ref": "#/components/schemas/Object", "readOnly": True}, "a": {}}}, {"a": False}),
        ({"properties": {"p": {"writeOnly": True}}}, {"p": False}),
        ({"properties": {"a": True, "b": {"$ref": "#/missing"}}}, {"a": False, "b": False}),
        ({"$ref": "#/components/schemas/Recursive"}, {"a": False}),
        ({"$ref": "#/missing"}, {}),
        ({"properties": [], "required": "a", "allOf": {}, "oneOf": None}, {}),
        (True, {}),
        ({"type": "string"}, {}),
        # Required and not declared.
        ({"properties": {"a": {}}, "required": ["k"]}, {"a": False, "k": True}),
        ({"required": ["k"], "additionalProperties": {"type": "string"}}, {"k": True}),
        ({"required": ["k"], "additionalProperties": False}, {"k": False}),
        ({"allOf": [{"required": ["a", "k"]}, OBJECT]}, {"a": True, "k": True, "b": False}),
        ({"properties": {"a": {}}, "oneOf": [{"required": ["a"]}, {"required": ["k"]}]}, {"a": False, "k": False}),
        ({"oneOf": [{"required": ["k"]}, {"required": ["k", "a"]}]}, {"k": True, "a": False}),
    ],
)
def test_fields(schema: JSON, expected: dict[str, bool]) -> None:
    """Through references and combinations; required is what every alternative requires."""
    assert (
        required_fields(
            schema,
            Object=OBJECT,
            ReadOnly={"readOnly": True},
            Recursive={"properties": {"a": {}}, "allOf": [{"$ref": "#/components/schemas/Recursive"}]},
        )
        == expected
    )


def test_the_schema_of_a_field_that_is_only_required() -> None:
    """That of other properties, else that of a schema beside it; else anything."""
    text = {"type": "string"}

    def schema(node: JSON) -> JSON:
        return read_fields(Document({"openapi": "3.1.0"}), Schema(node, "#/x"))["k"].schema.contents

    assert schema({"required": ["k"], "additionalProperties": text}) == text
    assert schema({"allOf": [{"required": ["k"]}, {"properties": {"k": text}}]}) == text
    assert schema({"required": ["k"]}) is True


@pytest.mark.parametrize("version", ["2.0", "3.1.0"])
def test_an_array_whose_items_have_one_value_is_not_filled_in(version: str) -> None:
    """It may be empty, too."""
    schema: JSON = {"type": "array", "items": {"type": "string"}, "enum": ["a"]}
    node = {"name": "q", "in": "query", "required": True}
    described = {**node, **schema} if version == "2.0" else {**node, "schema": schema}
    head = {"swagger": "2.0"} if version == "2.0" else {"openapi": version}
    found = Document({**head, "paths": {"/a": {"get": {"parameters": [described]}}}})
    (parameter,) = read_operation(found, next(iter(read_entries(found)))).parameters

    assert parameter.only_value is UNSET


def test_descriptions_of_fields() -> None:
    """Their own, else of what they refer to."""
    schemas = {"D": {"description": "theirs"}}
    properties = {
        "own": {"description": "own"},
        "beside": {"$ref": "#/components/schemas/D", "description": "beside"},
        "theirs": {"$ref": "#/components/schemas/D"},
        "none": {},
        "missing": {"$ref": "#/missing"},
    }
    found = read_fields(
        Document({"openapi": "3.1.0", "components": {"schemas": schemas}}), Schema({"properties": properties}, "#/x")
    )

    assert {name: field.description for name, field in found.items()} == {
        "own": "own",
        "beside": "beside",
        "theirs": "theirs",
        "none": "",
        "missing": "",
    }


def test_responses() -> None:
    """Exact, ranges in capitals and default; by reference too; of a broken one the status. Extensions are left out."""
    responses = {
        "200": {"description": "fine", "content": {"application/json": {"schema": STRING}}},
        "4xx": {"$ref": "#/components/responses/Bad"},
        "default": {},
        "x-extension": {},
        "500": {"$ref": "#/missing"},
        204: {"description": "a number"},
    }
    found = document({"get": {"responses": responses}}, components={"responses": {"Bad": {"description": "bad"}}})
    pointer = "#/paths/~1x/get/responses/200/content/application~1json"

    assert read_operation(found, Entry("op", "get", "/x")).responses == (
        ResponseDescription(
            "200", "fine", (MediaType("application/json", Schema(STRING, f"{pointer}/schema"), pointer=pointer),)
        ),
        ResponseDescription("4XX", "bad"),
        ResponseDescription("DEFAULT"),
        ResponseDescription("500"),
        ResponseDescription("204", "a number"),
    )
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("reference-missing", "#/paths/~1x/get/responses/500")
    ]


def test_headers_of_responses() -> None:
    """As parameters in a header, by reference too; Content-Type says nothing there, and a broken one is left out."""
    headers = {
        "X-Count": {"required": True, "schema": {"type": "integer"}},
        "X-Ids": {"$ref": "#/components/headers/Ids"},
        "content-type": {"schema": STRING},
        "X-Gone": {"$ref": "#/missing"},
    }
    found = document(
        {"get": {"responses": {"200": {"headers": headers}}}},
        components={"headers": {"Ids": {"explode": True, "schema": {"type": "array"}}}},
    )
    pointer = "#/paths/~1x/get/responses/200/headers"
    (answer,) = read_operation(found, Entry("op", "get", "/x")).responses

    assert answer.headers == (
        Parameter(
            "X-Count",
            "header",
            "x_count",
            "simple",
            explode=False,
            required=True,
            schema=Schema({"type": "integer"}, f"{pointer}/X-Count/schema"),
            pointer=f"{pointer}/X-Count",
        ),
        Parameter(
            "X-Ids",
            "header",
            "x_ids",
            "simple",
            explode=True,
            schema=Schema({"type": "array"}, "#/components/headers/Ids/schema"),
            pointer="#/components/headers/Ids",
        ),
    )
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("reference-missing", f"{pointer}/X-Gone")
    ]


@pytest.mark.parametrize(
    ("own", "root", "expected"),
    [
        (None, None, None),
        (None, [{"key": []}], ({"key": ()},)),
        ([], [{"key": []}], None),
        ([{}], [{"key": []}], ({},)),
        ([{"a": []}, {"b": ["read", 5]}], None, ({"a": ()}, {"b": ("read",)})),
        ([{"a": None}, "b"], None, ({"a": ()}, {"b": ()})),
        ({"a": []}, None, ({"a": ()},)),
        ("a", [{"key": []}], ({"a": ()},)),
        ({}, [{"key": []}], None),
    ],
)
def test_security(own: JSON, root: JSON, expected: JSON) -> None:
    """The operation's own list replaces the document's, an empty one too."""
    operation = {} if own is None else {"security": own}
    more = {} if root is None else {"security": root}

    assert read({"get": operation}, **more).security == expected


def test_servers() -> None:
    """Of the operation, else of the path, else of the document."""
    one, two, three = ({"url": f"https://{name}.test"} for name in ("one", "two", "three"))
    item = {"get": {}, "servers": [two]}

    assert [
        [server.url for server in found.servers]
        for found in (
            read({"get": {"servers": [one]}, "servers": [two]}, servers=[three]),
            read(item, servers=[three]),
            read({"get": {}}, servers=[three]),
            read({"get": {"servers": []}}, servers=[three]),
            read({"get": {}}),
        )
    ] == [["https://one.test"], ["https://two.test"], ["https://three.test"], ["https://three.test"], []]


def test_servers_of_a_document() -> None:
    """With their variables; one without a URL is none."""
    servers = [
        {
            "url": "https://{region}.test:{port}",
            "name": "n",
            "description": "d",
            "variables": {
                "region": {"default": "eu", "description": "r"},
                "port": {"default": 8443, "enum": [8443, "443", True, None]},
                "x": {},
                "y": None,
            },
        },
        {"description": "no url"},
        None,
    ]
    found = Document({"openapi": "3.2.0", "servers": servers})

    assert read_servers(found) == (
        Server(
            "https://{region}.test:{port}",
            "d",
            {
                "region": ServerVariable("eu", (), "r"),
                "port": ServerVariable("8443", ("8443", "443", "true")),
                "x": ServerVariable(),
                "y": ServerVariable(),
            },
            "n",
        ),
    )
    assert [(problem.rule, problem.schema_pointer) for problem in found.problems] == [
        ("server-without-url", "#/servers/1"),
        ("server-without-url", "#/servers/2"),
    ]


def test_default_of_a_server_variable_that_is_not_in_its_enum() -> None:
    """It is used, and said where it stands."""
    variables = {"a/b": {"default": "x", "enum": ["y"]}, "c": {"default": "y", "enum": ["y"]}, "d": {"enum": ["y"]}}
    server = {"url": "https://{a/b}.test", "variables": variables}
    found = document({"get": {"servers": [server]}})

    (read_back,) = read_operation(found, read_entries(found)[0]).servers

    assert read_back.variables["a/b"] == ServerVariable("x", ("y",))
    assert [(problem.rule, problem.schema_pointer, problem.message) for problem in found.problems] == [
        (
            "server-variable-default",
            "#/paths/~1x/get/servers/0/variables/a~1b",
            "the default 'x' is not in the enum; it is used",
        )
    ]


def test_servers_behind_a_reference() -> None:
    """A path item that stands elsewhere keeps its servers; what stands beside the reference replaces them."""
    contents = {
        "openapi": "3.1.0",
        "servers": [{"url": "https://root.test"}],
        "components": {"pathItems": {"shared": {"servers": [{"url": "https://path.test"}], "get": {}}}},
        "paths": {
            "/a": {"$ref": "#/components/pathItems/shared"},
            "/b": {"$ref": "#/components/pathItems/shared", "servers": [{"url": "https://beside.test"}]},
        },
    }
    found = Document(contents)

    assert [[server.url for server in read_operation(found, entry).servers] for entry in read_entries(found)] == [
        ["https://path.test"],
        ["https://beside.test"],
    ]


def test_other_servers() -> None:
    """Those of paths and operations."""
    one, two, three = ({"url": f"https://{name}.test"} for name in ("one", "two", "three"))
    found = document({"get": {"servers": [one]}, "put": {}, "servers": [two]}, servers=[three])

    assert sorted({server.url for server in read_other_servers(found)}) == ["https://one.test", "https://two.test"]


def test_security_schemes() -> None:
    """By name; `scheme` in lower case."""
    schemes = {
        "key": {"type": "apiKey", "name": "X-Key", "in": "header", "description": "d", "x-credential-env": "MY_KEY"},
        "basic": {"type": "http", "scheme": "Basic"},
        "same": {"$ref": "#/components/securitySchemes/basic"},
        "odd": None,
    }
    found = read_security_schemes(Document({"openapi": "3.1.0", "components": {"securitySchemes": schemes}}))

    assert found == {
        "key": SecurityScheme(
            "key", "apiKey", parameter="X-Key", location="header", environment="MY_KEY", description="d"
        ),
        "basic": SecurityScheme("basic", "http", "basic", "Basic"),
        "same": SecurityScheme("same", "http", "basic", "Basic"),
        "odd": SecurityScheme("odd", ""),
    }
    assert read_security_schemes(Document({"openapi": "3.1.0"})) == {}


def secured(schemes: JSON, url: str = "") -> Document:
    return Document({"openapi": "3.1.0", "components": {"securitySchemes": schemes}}, url=url)


def test_urls_of_security_schemes() -> None:
    """As published, for they are relative to a server's; what isn't a URL is none."""
    schemes = {
        "oauth": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {"tokenUrl": "/token", "refreshUrl": "https://other.test/refresh"},
                "implicit": {"authorizationUrl": "/login"},
                "password": {"tokenUrl": "https://["},
                "odd": None,
            },
        },
        "openid": {"type": "openIdConnect", "openIdConnectUrl": "config"},
    }

    assert [read_security_schemes(secured(schemes, url)) for url in ("", "https://api.test/v1/openapi.json")] == [
        {
            "oauth": SecurityScheme(
                "oauth",
                "oauth2",
                flows=(
                    OAuthFlow("clientCredentials", token, "https://other.test/refresh"),
                    OAuthFlow("implicit", authorization_url="/login"),
                    OAuthFlow("password"),
                    OAuthFlow("odd"),
                ),
            ),
            "openid": SecurityScheme("openid", "openIdConnect", openid_url=config),
        }
        for token, config in [("/token", "config")] * 2
    ]


@pytest.mark.parametrize(
    ("variable", "url", "read", "message"),
    [
        ("MY_KEY", "", "MY_KEY", None),
        ("MY=KEY", "", "", "x-credential-env 'MY=KEY' is not read: this is no name of one"),
        (
            "AWS_SECRET_ACCESS_KEY",
            "https://evil.test/openapi.json",
            "",
            "x-credential-env 'AWS_SECRET_ACCESS_KEY' is not read: a document from a URL may not choose it",
        ),
    ],
)
def test_variable_of_a_credential(variable: str, url: str, read: str, message: str | None) -> None:
    """A document from elsewhere, which names the server too, may not ask for any secret of this machine."""
    found = secured({"key": {"type": "http", "scheme": "bearer", "x-credential-env": variable}}, url)

    assert read_security_schemes(found)["key"].environment == read
    assert [problem.message for problem in found.problems] == ([] if message is None else [message])


def test_security_scheme_that_is_missing() -> None:
    """The others can be used; of this one nobody knows where its credential would go."""
    found = secured({"lost": {"$ref": "#/nowhere"}, "tls": {"type": "mutualTLS"}})

    assert read_security_schemes(found) == {
        "lost": SecurityScheme("lost", "apiKey"),
        "tls": SecurityScheme("tls", "mutualTLS"),
    }
    assert [problem.rule for problem in found.problems] == ["reference-missing"]


def test_security_of_the_wrong_shape() -> None:
    """It is noted."""
    found = document({"get": {"security": {"a": []}}})
    read_operation(found, Entry("op", "get", "/x"))
    other = document({"get": {"security": ["a"]}})
    read_operation(other, Entry("op", "get", "/x"))

    assert [(problem.rule, problem.schema_pointer) for problem in (*found.problems, *other.problems)] == [
        ("security-shape", "#/paths/~1x/get/security"),
        ("security-shape", "#/paths/~1x/get/security/0"),
    ]


def test_tags() -> None:
    """Those that the document describes."""
    tags = [{"name": "b", "description": "d"}, {"name": "a"}, {"description": "nameless"}, None]

    assert read_tags(Document({"openapi": "3.1.0", "tags": tags})) == {"b": "d", "a": ""}


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
def test_every_operation_of_a_large_document() -> None:
    """All 288 of OpenAI's are read, with an answer each; two parameters are objects of which no style is said."""
    found = parse(load(SPECS / "openai.json"))
    operations = [read_operation(found, entry) for entry in read_entries(found)]

    assert len(operations) == 288
    assert all(operation.responses for operation in operations)
    assert [problem.rule for problem in found.problems] == ["style-missing"] * 2


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SPECS.glob("*.[jy][sa][om][nl]")), ids=lambda path: path.name)
def test_every_operation_of_published_documents(path: Path) -> None:
    """Those of a version that is read: each operation reads, whatever is wrong with the document."""
    try:
        found = parse(load(path))
    except DocumentError as error:
        pytest.skip(error.message)
    for entry in read_entries(found):
        assert read_operation(found, entry).path == entry.path
