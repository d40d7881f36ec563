"""Where references lead: other files and URLs, names that schemas have of their own, and what is no reference."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import dynclient
from dynclient.documents.document import Document, parse
from dynclient.documents.limits import Limits
from dynclient.documents.pointers import escape_token
from dynclient.documents.resources import Library
from dynclient.documents.sources import load
from dynclient.errors import CallError, DocumentError, InvalidRequest, UnknownOperation
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import Schema
from dynclient.openapi.reader import read_operation
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON
from tests.conftest import Loopback
from tests.places import SPECS

DIGITALOCEAN = SPECS / "digitalocean" / "specification"
TEXT = {"type": "string"}


def saved(folder: Path, version: str = "3.1.0", others: Mapping[str, JSON] | None = None, **contents: JSON) -> Path:
    """A document in a folder, and other files beside it."""
    root = {"openapi": version, "info": {"title": "T"}, "servers": [{"url": "http://api.test"}], **contents}
    for name, data in {"openapi.json": root, **(others or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data))
    return folder / "openapi.json"


def memory(version: str = "3.1.0", **contents: JSON) -> Document:
    return Document({"openapi": version, **contents})


def leads(document: Document, reference: str, pointer: str = "#/x") -> tuple[JSON, str]:
    return document.resolve({"$ref": reference}, pointer)


def test_every_position(tmp_path: Path) -> None:
    """Path items, operations, parameters, bodies, responses, media types, examples and schemas, from file to file."""
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"$ref": "../models/id.json"}}
    operation = {
        "operationId": "put",
        "parameters": [{"$ref": "parameters.json#/limit"}],
        "requestBody": {"$ref": "../bodies.json#/pet"},
        "responses": {"200": {"$ref": "../responses.json"}},
    }
    content = {"application/json": {"schema": {"$ref": "models/pet.json"}, "examples": {"e": {"$ref": "e.json#/e"}}}}
    root = saved(
        tmp_path,
        paths={"/pets/{id}": {"$ref": "paths/pet.json"}},
        others={
            "paths/pet.json": {"parameters": [parameter], "put": {"$ref": "put.json"}},
            "paths/put.json": operation,
            "paths/parameters.json": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
            "bodies.json": {"pet": {"required": True, "content": content}},
            "responses.json": {
                "description": "fine",
                "content": {"application/json": {"schema": {"$ref": "models/id.json"}}},
            },
            "models/id.json": TEXT,
            "models/pet.json": {
                "required": ["name"],
                "properties": {
                    "name": {"$ref": "id.json"},
                    "friend": {"$ref": "#"},
                    "owner": {"$ref": "../openapi.json#/x-owner"},
                },
            },
            "e.json": {"e": {"value": {"name": "Rex"}}},
        },
        **dict[str, Any]({"x-owner": {"type": "integer"}}),
    )
    client = dynclient.Client(root)
    read = client.operations["put"]

    assert client.put.check(id="a", name="Rex", limit=5, friend={"name": "Mia"}, owner=1) == ()
    assert {str(problem) for problem in client.put.check(id="a", limit="x", name=1, friend={"name": 2}, owner="x")} == {
        "query limit: 'x' is not an integer",
        "body name: 1 is not a string",
        "body friend.name: 2 is not a string",
        "body owner: 'x' is not an integer",
    }
    assert read.body is not None
    assert read.body.content[0].example == {"name": "Rex"}
    assert read.responses[0].content[0].schema == Schema(
        {"$ref": "models/id.json"}, "responses.json#/content/application~1json/schema"
    )
    assert client.document.problems == []


def test_equal_pointers_in_two_files_are_two_schemas(tmp_path: Path) -> None:
    """Each keeps its own."""
    root = saved(
        tmp_path, others={"a.json": {"S": {"minLength": 1}}, "b.json": {"S": {"minLength": 2}}}, S={"minLength": 3}
    )
    lowering = Lowering(parse(load(root)), "request")
    lowering.schema(Schema({"anyOf": [{"$ref": each} for each in ("a.json#/S", "b.json#/S", "#/S")]}, "#/x"))

    assert lowering.components == {"a.json#/S": {"minLength": 1}, "b.json#/S": {"minLength": 2}, "S": {"minLength": 3}}


def test_lowered_references_are_local(tmp_path: Path) -> None:
    """Validators see nothing that leads out."""
    schema = {"items": {"$ref": "a b.json#/S~1x"}, "anyOf": [{"$ref": "#/gone"}, {"$ref": "../out.json"}]}
    root = saved(tmp_path, others={"a b.json": {"S/x": {"items": {"$ref": "#/S~1x"}}}})
    lowering = Lowering(parse(load(root)), "request")
    text = json.dumps([lowering.schema(Schema(schema, "#/x")), lowering.components])

    assert text.count('"$ref": "') == text.count('"$ref": "#/components/schemas/') == 4


@pytest.mark.parametrize("part", ["paths", "components", "schemas"])
def test_whole_sections_elsewhere(tmp_path: Path, part: str) -> None:
    """Many documents keep all paths or all components in files of their own."""
    pets = {
        "post": {
            "operationId": "op",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "{}#/components/schemas/Pet"}}}},
        }
    }
    schemas = {"Pet": {"$ref": "pet.json"}}
    contents: dict[str, JSON] = {
        "paths": {"paths": {"$ref": "paths.json"}, "components": {"schemas": schemas}},
        "components": {"paths": {"/pets": pets}, "components": {"$ref": "components.json"}},
        "schemas": {"paths": {"/pets": pets}, "components": {"schemas": {"$ref": "schemas.json"}}},
    }[part]
    others = {"paths.json": {"/pets": pets}, "components.json": {"schemas": schemas}, "schemas.json": schemas}
    text = json.dumps(others).replace("{}#", "openapi.json#")
    root = saved(
        tmp_path,
        others={**json.loads(text), "pet.json": {"properties": {"age": {"type": "integer"}}}},
        **json.loads(json.dumps(contents).replace("{}#", "#")),
    )
    client = dynclient.Client(root)

    assert [str(problem) for problem in client.op.check(age="x")] == ["body age: 'x' is not an integer"]


def test_a_section_that_leads_nowhere() -> None:
    """Is noted; there is nothing in it."""
    document = memory(paths={"$ref": "gone.json"})

    assert read_entries(document) == []
    assert [(problem.rule, problem.schema_pointer) for problem in document.problems] == [
        ("reference-missing", "#/paths")
    ]


def test_properties_elsewhere(tmp_path: Path) -> None:
    """A map of properties is taken from another file, with those beside the reference."""
    schema = {"properties": {"$ref": "p.json#/p", "b": {"type": "integer"}}}
    post = {"operationId": "op", "requestBody": {"content": {"application/json": {"schema": schema}}}}
    root = saved(
        tmp_path, paths={"/x": {"post": post}}, others={"p.json": {"p": {"a": {"$ref": "#/q"}, "b": {}}, "q": TEXT}}
    )
    client = dynclient.Client(root)

    assert {str(problem) for problem in client.op.check(a=1, b="x")} == {
        "body a: 1 is not a string",
        "body b: 'x' is not an integer",
    }


def test_properties_that_lead_nowhere() -> None:
    """Are noted, and not checked."""
    document = memory(
        paths={
            "/x": {
                "post": {
                    "operationId": "op",
                    "requestBody": {"content": {"application/json": {"schema": {"properties": {"$ref": "#/gone"}}}}},
                }
            }
        }
    )
    client = dynclient.Client(document, base_url="http://api.test")

    assert client.op.check(body={"a": 1}) == ()
    assert [problem.message.partition(";")[2] for problem in document.problems] == [" these properties are not checked"]


REFERENCE = {"$ref": "../../../../../etc/hostname"}


@pytest.mark.parametrize(
    "schema",
    [
        {"example": REFERENCE},
        {"examples": [REFERENCE]},
        {"default": REFERENCE},
        {"enum": [REFERENCE]},
        {"const": REFERENCE},
        {"x-extension": REFERENCE},
        {"properties": {"$ref": {"type": "object", "properties": {"$ref": TEXT}}}},
    ],
)
def test_what_is_no_reference(schema: JSON) -> None:
    """Data, extensions, and a property of that name."""
    post = {
        "operationId": "op",
        "x-code": REFERENCE,
        "requestBody": {"content": {"application/json": {"schema": schema, "example": REFERENCE, "x-y": REFERENCE}}},
    }
    client = dynclient.Client(memory(paths={"/x": {"post": post}}), base_url="http://api.test")

    assert client.op.check(body=REFERENCE if "enum" in schema or "const" in schema else {"$ref": {"$ref": "x"}}) == ()
    assert client.document.problems == []


@pytest.mark.parametrize("version", ["3.0.4", "3.1.0"])
def test_what_stands_beside_a_reference(version: str) -> None:
    """From 3.1 on summary and description replace those of the object; in 3.0 nothing there counts."""
    beside = {"description": "beside"}
    get = {
        "operationId": "op",
        "parameters": [{"$ref": "#/components/parameters/A", **beside}],
        "requestBody": {"$ref": "#/components/requestBodies/B", **beside},
        "responses": {
            "200": {"$ref": "#/components/responses/C", **beside},
            "201": {"$ref": "#/components/responses/C"},
        },
    }
    document = memory(
        version,
        paths={"/x": {"post": get}},
        components={
            "parameters": {
                "A": {"$ref": "#/components/parameters/Aa", "description": "between"},
                "Aa": {"name": "a", "in": "query", "description": "own"},
            },
            "requestBodies": {"B": {"content": {}, "description": "own"}},
            "responses": {"C": {"description": "own"}},
        },
    )
    operation = read_operation(document, read_entries(document)[0])
    assert operation.body is not None
    expected = "own" if version == "3.0.4" else "beside"

    assert [operation.parameters[0].description, operation.body.description] == [expected] * 2
    assert [response.description for response in operation.responses] == [expected, "own"]


def test_beside_an_operation_and_a_path_item(tmp_path: Path) -> None:
    """What stands there wins, and its own references are relative to its own file."""
    item = {
        "$ref": "paths/x.json",
        "parameters": [{"$ref": "p.json"}],
        "get": {"$ref": "paths/get.json", "operationId": "ours"},
    }
    theirs = {"parameters": [{"$ref": "gone.json"}], "get": {"operationId": "gone"}, "post": {"operationId": "post"}}
    get = {"operationId": "theirs", "summary": "theirs", "parameters": [{"$ref": "q.json"}]}
    parameter = {"in": "query", "schema": TEXT}
    root = saved(
        tmp_path,
        paths={"/x": item},
        others={
            "paths/x.json": theirs,
            "paths/get.json": get,
            "p.json": {"name": "p", **parameter},
            "paths/q.json": {"name": "q", **parameter},
        },
    )
    client = dynclient.Client(root)

    assert list(client.operations) == ["ours", "post"]
    assert client.ours.operation.summary == "theirs"
    assert [(each.name, each.pointer) for each in client.ours.operation.parameters] == [
        ("p", "p.json#"),
        ("q", "paths/q.json#"),
    ]
    assert client.ours.operation.pointer == "#/paths/~1x/get"
    assert client.document.at(client.ours.operation.pointer) == item["get"]


def test_two_paths_of_one_operation(tmp_path: Path) -> None:
    """Each is validated with the parameters of its own path."""

    def item(name: str, kind: str) -> JSON:
        return {"parameters": [{"name": name, "in": "query", "schema": {"type": kind}}], "get": {"$ref": "get.json"}}

    root = saved(
        tmp_path, paths={"/a": item("p", "integer"), "/b": item("p", "boolean")}, others={"get.json": {"responses": {}}}
    )
    client = dynclient.Client(root)

    assert [
        client[f"GET /{each}"].check(p=value) == () for each, value in (("a", 1), ("b", True), ("a", True), ("b", 1))
    ] == [True, True, False, False]


def test_one_media_type_for_two_kinds(tmp_path: Path) -> None:
    """A form and JSON that refer to one description are validated each in its own way."""
    shared = {"$ref": "#/components/mediaTypes/M"}
    schema = {"properties": {"file": {"type": "string", "format": "binary"}, "size": {"type": "integer"}}}
    post = {
        "operationId": "op",
        "requestBody": {"content": {"application/json": shared, "multipart/form-data": shared}},
    }
    document = memory("3.2.0", paths={"/x": {"post": post}}, components={"mediaTypes": {"M": {"schema": schema}}})
    client = dynclient.Client(document, base_url="http://api.test")

    assert client.op.with_options(content_type="multipart/form-data").check(file=b"x", size=1) == ()
    assert [str(each) for each in client.op.with_options(content_type="application/json").check(file=1, size=1)] == [
        "body file: 1 is not a string"
    ]


@pytest.mark.parametrize(
    ("reference", "pointer"),
    [
        ("#/paths/~1a~1{id}/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#/paths/~1a~1%7Bid%7D/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#/paths/%7E1a~1%7bid%7d/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#/paths/%2Fa%2F{id}/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#%2Fpaths%2F~1a~1{id}/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#/paths/~1b/get/parameters/0", "#/paths/~1a~1{id}/get/parameters/0"),
        ("#/x-%25/a%2541", "#/x-%25/a%2541"),
    ],
)
def test_pointers_into_paths(reference: str, pointer: str) -> None:
    """Escaped either way, and through references on the way; one place has one pointer."""
    get = {"parameters": [{"name": "p"}]}
    document = memory(
        paths={"/a/{id}": {"get": get}, "/b": {"$ref": "#/paths/~1a~1{id}"}},
        **dict[str, Any]({"x-%": {"a%41": {"name": "p"}}}),
    )

    assert leads(document, reference) == ({"name": "p"}, pointer)
    assert document.at(pointer) == {"name": "p"}


@pytest.mark.parametrize("reference", ["#/a/x", "#/b/x", "#/long0/x", "#/wide0/x"])
def test_steps_through_references_in_a_circle(reference: str) -> None:
    """Lead nowhere, however long the way."""
    way: dict[str, Any] = {f"long{number}": {"$ref": f"#/long{number + 1}/x"} for number in range(5000)}
    way |= {f"wide{number}": {"$ref": f"#/wide{number + 1}%2Fx"} for number in range(5000)}
    document = memory(a={"$ref": "#/a/x"}, b={"$ref": "#/c"}, c={"$ref": "#/b"}, **way)

    with pytest.raises(
        DocumentError, match=r"cannot be followed: (it leads back to itself|there is nothing at this reference)"
    ):
        leads(document, reference)


@pytest.mark.parametrize(
    ("reference", "pointer"),
    [
        ("#/$defs/inner", "#/components/schemas/A/$defs/inner"),
        ("#/properties/a", "#/components/schemas/A/properties/a"),
    ],
)
def test_pointers_that_are_meant_from_the_schema(reference: str, pointer: str) -> None:
    """A JSON Schema put into a document as it was: what leads nowhere else is taken from around it, and noted."""
    schema = {"$defs": {"inner": TEXT}, "properties": {"a": TEXT, "b": {"$ref": reference}}}
    document = memory(components={"schemas": {"A": schema}})
    place = "#/components/schemas/A/properties/b"

    assert leads(document, reference, place) == (TEXT, pointer)
    assert [(problem.rule, problem.schema_pointer, problem.message) for problem in document.problems] == [
        (
            "reference-misplaced",
            place,
            f"there is nothing at {reference}; it is taken for {pointer}, in the schema around it",
        )
    ]


TREE = {
    "$id": "https://schemas.test/tree",
    "$anchor": "top",
    "properties": {"leaf": {"$ref": "#/$defs/leaf"}, "again": {"$ref": "#"}},
    "$defs": {"leaf": {"$anchor": "leaf", **TEXT}, "inner": {"$id": "inner", "$anchor": "leaf", "$defs": {"leaf": {}}}},
}
IDS = {
    "schemas": {
        "Tree": TREE,
        "Other": {"$anchor": "leaf"},
        "Odd": {"$id": "#old", "properties": {"example": {"$anchor": "shown"}}},
    }
}
AT_TREE = "#/components/schemas/Tree"


@pytest.mark.parametrize(
    ("reference", "place", "pointer"),
    [
        ("https://schemas.test/tree", "#/x", AT_TREE),
        ("https://schemas.test/tree#", "#/x", AT_TREE),
        ("https://schemas.test/tree#top", "#/x", AT_TREE),
        ("https://schemas.test/tree#leaf", "#/x", f"{AT_TREE}/$defs/leaf"),
        ("https://schemas.test/tree#/$defs/leaf", "#/x", f"{AT_TREE}/$defs/leaf"),
        ("https://schemas.test/inner#leaf", "#/x", f"{AT_TREE}/$defs/inner"),
        ("inner", f"{AT_TREE}/properties/leaf", f"{AT_TREE}/$defs/inner"),
        ("tree#leaf", f"{AT_TREE}/$defs/inner", f"{AT_TREE}/$defs/leaf"),
        ("#leaf", f"{AT_TREE}/properties/leaf", f"{AT_TREE}/$defs/leaf"),
        ("#leaf", f"{AT_TREE}/$defs/inner/$defs/leaf", f"{AT_TREE}/$defs/inner"),
        ("#leaf", "#/components/schemas/Other/items", "#/components/schemas/Other"),
        ("#shown", "#/x", "#/components/schemas/Odd/properties/example"),
        ("#/$defs/leaf", f"{AT_TREE}/properties/leaf", f"{AT_TREE}/$defs/leaf"),
        ("#/$defs/leaf", f"{AT_TREE}/$defs/inner/items", f"{AT_TREE}/$defs/inner/$defs/leaf"),
        ("#/components/schemas/Other", f"{AT_TREE}/properties/leaf", "#/components/schemas/Other"),
        ("#", f"{AT_TREE}/properties/again", AT_TREE),
        ("#", "#/components/schemas/Other/items", "#/components/schemas/Other"),
        ("#", "#/components/schemas/Gone/items", "#"),
    ],
)
def test_names_of_schemas(reference: str, place: str, pointer: str) -> None:
    """`$id` gives a schema a URI, and what is inside a base; `$anchor` a name in it."""
    document = memory(components=IDS, **dict[str, Any]({"x-a": {"$anchor": "leaf", "example": {"$anchor": "shown"}}}))

    assert leads(document, reference, place)[1] == pointer
    assert document.problems == []


def test_names_of_schemas_in_30() -> None:
    """There `$id` is a keyword like any other."""
    document = memory("3.0.4", components=IDS)

    with pytest.raises(DocumentError, match="another origin"):
        leads(document, "https://schemas.test/tree")


def test_names_of_schemas_in_other_files(tmp_path: Path) -> None:
    """Their own, under the URI that they name, and beside the file that they are in."""
    tree = {"$id": "https://schemas.test/v1/tree.json", "items": {"$ref": "leaf.json#leaf"}}
    leaf = {"$id": "https://schemas.test/v1/leaf.json", "$defs": {"x": {"$anchor": "leaf", **TEXT}}}
    document = parse(load(saved(tmp_path, others={"tree.json": tree, "leaf.json": leaf})))

    node, pointer = leads(document, "tree.json")
    assert (node, pointer) == (tree, "tree.json#")
    assert document.resolve(tree["items"], f"{pointer}/items")[1] == "leaf.json#/$defs/x"
    assert leads(document, "https://schemas.test/v1/leaf.json#/$defs/x")[1] == "leaf.json#/$defs/x"


def test_shared_nodes_are_looked_at_once() -> None:
    """Lists of the same lists would take longer than the universe lasts."""
    shared: JSON = {"a": 1}
    for _ in range(60):
        shared = [shared] * 9
    document = parse(load({"openapi": "3.1.0", "x": shared}), limits=Limits(values=10**100))

    with pytest.raises(DocumentError, match="no schema has the anchor 'a'"):
        leads(document, "#a")


@pytest.mark.parametrize("reference", ["openapi.json#/S", "https://published.test/api/openapi.json#/S", "#/S"])
def test_a_document_by_its_own_names(tmp_path: Path, reference: str) -> None:
    """That of its file, and that which it names itself (OpenAPI 3.2)."""
    root = saved(
        tmp_path,
        "3.2.0",
        {"a.json": {"$ref": reference}},
        S=TEXT,
        **dict[str, Any]({"$self": "https://published.test/api/openapi.json"}),
    )
    document = parse(load(root))
    place = "a.json#" if reference != "#/S" else "#/x"

    assert leads(document, reference, place) == (TEXT, "#/S")


CAT = {"required": ["kind", "lives"], "properties": {"kind": {}, "lives": {"type": "integer"}}}


@pytest.mark.parametrize(
    "target",
    ["models/cat.json", "./models/cat.json", "Cat", "#/components/schemas/Cat", "openapi.json#/components/schemas/Cat"],
)
@pytest.mark.parametrize("member", ["models/cat.json", "#/components/schemas/Cat"])
def test_discriminators_by_reference(tmp_path: Path, target: str, member: str) -> None:
    """A mapping means the member that both lead to, however each is written."""
    union = {
        "oneOf": [{"$ref": member}, {"$ref": "models/dog.json"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"c": target, "d": "models/dog.json", "g": "../gone.json", "n": 5},
        },
    }
    post = {"operationId": "op", "requestBody": {"content": {"application/json": {"schema": union}}}}
    root = saved(
        tmp_path,
        paths={"/x": {"post": post}},
        components={"schemas": {"Cat": {"$ref": "models/cat.json"}}},
        others={"models/cat.json": CAT, "models/dog.json": {"required": ["kind", "tricks"]}},
    )

    assert [str(each) for each in dynclient.Client(root).op.check(kind="c")] == ["body lives: required, but not given"]
    assert [str(each) for each in dynclient.Client(root).op.check(kind="d")] == ["body tricks: required, but not given"]


def broken(**parts: JSON) -> Document:
    """A document with one operation, `op`, and one that is in order, `fine`."""
    paths = {
        "/op": {"post": {"operationId": "op", "responses": {}, **parts}},
        "/fine": {"get": {"operationId": "fine"}},
    }
    return memory(paths=paths, servers=[{"url": "http://api.test"}])


GONE = {"$ref": "#/gone"}
OF_GONE = "the reference '#/gone' cannot be followed: there is nothing at this reference"


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"parameters": [GONE]}, "parameters/0"),
        ({"requestBody": GONE}, "requestBody"),
        (
            {"requestBody": {"required": True, "content": {"application/json": {"schema": GONE}}}},
            "requestBody/content/application~1json/schema",
        ),
        ({"requestBody": {"content": {"application/json": GONE}}}, "requestBody/content/application~1json"),
    ],
)
def test_an_operation_that_cannot_do_without(parts: dict[str, JSON], place: str) -> None:
    """It says so when it is used; the others are as they were."""
    client = dynclient.Client(broken(**parts))

    assert list(client.operations) == ["op", "fine"]
    assert client.fine.check() == ()
    body: dict[str, JSON] = {"body": {}} if "requestBody" in parts else {}
    with pytest.raises(InvalidRequest) as caught:
        client.op(**body)
    assert [OF_GONE in problem.message for problem in caught.value.problems] == [True]
    assert f"#/paths/~1op/post/{place}" in [problem.schema_pointer for problem in client.document.problems]
    assert "POST /op" in client.op.__doc__
    assert client.op.with_options(validate_request="off").prepare(**body).url == "http://api.test/op"


@pytest.mark.parametrize(
    "parts",
    [
        {"responses": {"200": GONE}},
        {"responses": {"200": {"content": {"application/json": GONE}}}},
        {"requestBody": {"content": {"application/json": {"examples": {"a": GONE}}}}},
        {"parameters": [{"name": "p", "in": "query", "schema": {}, "examples": {"a": GONE}}]},
    ],
)
def test_an_operation_that_can_do_without(parts: dict[str, JSON]) -> None:
    """It works; the document's problems say what is missing."""
    client = dynclient.Client(broken(**parts))

    assert client.op.check() == ()
    assert [(problem.rule, problem.message) for problem in client.document.problems] == [("reference-missing", OF_GONE)]


def test_a_body_that_needs_it_only_in_part() -> None:
    """One media type is enough, and a body that may be left out, too."""
    both = {"application/xml": {"schema": GONE}, "application/json": {"schema": {"properties": {"a": TEXT}}}}
    assert dynclient.Client(broken(requestBody={"required": True, "content": both})).op.check(body={"a": "x"}) == ()

    optional = dynclient.Client(broken(requestBody={"content": {"application/json": {"schema": GONE}}}))
    assert optional.op.check() == ()
    with pytest.raises(InvalidRequest) as caught:
        optional.op(body={})
    assert OF_GONE in str(caught.value)


def test_a_path_or_an_operation_that_cannot_be_read() -> None:
    """The others are listed; it is known by method and path, and who asks for it gets an error that says so."""
    paths = {"/a": GONE, "/b": {"get": GONE}, "/c": {"get": {"operationId": "c"}}}
    client = dynclient.Client(memory(paths=paths, servers=[{"url": "http://api.test"}]))

    assert list(client.operations) == ["GET /b", "c"]
    with pytest.raises(DocumentError) as caught:
        client["GET /a"]()
    assert str(caught.value) == f"mapping #/paths/~1a: {OF_GONE}"
    with pytest.raises(InvalidRequest) as refused:
        client["GET /b"]()
    assert [(each.message, each.schema_pointer) for each in refused.value.problems] == [(OF_GONE, "#/paths/~1b/get")]
    assert ["GET /a" in client, "GET /x" in client, "c" in client] == [False, False, True]
    with pytest.raises(UnknownOperation) as unknown:
        _ = client.opb
    assert str(unknown.value) == (
        "no operation 'opb' among the 2 of 'mapping'. "
        "2 of the paths and operations could not be read; document.problems says why."
    )


def test_a_security_scheme_that_cannot_be_read() -> None:
    """A call with a credential for it is refused because nobody knows where it goes; others are made."""
    document = memory(
        paths={
            "/a": {"get": {"operationId": "a", "security": [{"key": []}]}},
            "/b": {"get": {"operationId": "b", "security": []}},
        },
        components={"securitySchemes": {"key": GONE}},
        servers=[{"url": "http://api.test"}],
    )
    client = dynclient.Client(document, auth={"key": "secret"})

    assert client.b.prepare().headers.get("Authorization") is None
    with pytest.raises(CallError, match="the document does not say where the credential for key goes"):
        client.a.prepare()
    assert [problem.message for problem in document.problems] == [OF_GONE]


@pytest.mark.filterwarnings("ignore:no operation of the document asks:dynclient.CredentialWarning")
@pytest.mark.parametrize(
    "reference",
    [
        "{outside}/secret.json", "../secret.json", "link.json", "..%2fsecret.json", "file://{outside}/secret.json",
        "../../../../../../../../../../etc/hostname", "file:///etc/passwd", "//127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}/x", "http://169.254.169.254/latest/meta-data", "ftp://127.0.0.1:{port}/x",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "position", ["item", "operation", "parameter", "body", "schema", "nested", "response", "example", "security"]
)
def test_nothing_outside_is_read(tmp_path: Path, reference: str, position: str) -> None:
    """Wherever such a reference stands and however it is written; nothing of what stands there is in any error."""
    marker = "marker-that-nobody-may-see"
    (tmp_path / "secret.json").write_text(json.dumps({marker: marker, "type": marker}))
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "link.json").symlink_to(tmp_path / "secret.json")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        out = {"$ref": reference.format(outside=tmp_path, port=listener.getsockname()[1])}
        schema = out if position == "schema" else {"properties": {"a": out}} if position == "nested" else {}
        media_type = {"schema": schema, "examples": {"e": out if position == "example" else {}}}
        operation: dict[str, Any] = {
            "operationId": "op",
            "security": [{"key": []}],
            "parameters": [out] if position == "parameter" else [],
            "requestBody": out
            if position == "body"
            else {"required": True, "content": {"application/json": media_type}},
            "responses": {"200": out if position == "response" else {}},
        }
        item = out if position == "item" else {"post": out if position == "operation" else operation}
        scheme = out if position == "security" else {"type": "http", "scheme": "bearer"}
        root = saved(tmp_path / "api", paths={"/x": item}, components={"securitySchemes": {"key": scheme}})
        client = dynclient.Client(root, auth={"key": "t"})
        errors = []
        try:
            client["POST /x"].prepare(body={"a": 1})
        except (DocumentError, CallError) as error:
            errors.append(str(error))

        said = [*errors, *map(str, client.document.problems)]
        assert len(errors) == (position not in ("response", "example"))
        assert position == "security" or all(out["$ref"] in text for text in said)
        assert said
        assert not [text for text in said if marker in text]
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_other_origins_by_permission(tmp_path: Path, loopback: Loopback) -> None:
    """`allow_refs` of the client."""
    loopback.says(b'{"properties": {"a": {"type": "integer"}}}')
    body = {"content": {"application/json": {"schema": {"$ref": f"{loopback.url}/s.json"}}}}
    root = saved(tmp_path, paths={"/x": {"post": {"operationId": "op", "requestBody": body}}})

    assert [str(each) for each in dynclient.Client(root, allow_refs=[loopback.url]).op.check(a="x")] == [
        "body a: 'x' is not an integer"
    ]
    assert loopback.lines == ["GET /s.json"]


def test_a_document_from_a_url(loopback: Loopback) -> None:
    """Its references are relative to it; nothing is asked for before it is needed."""
    loopback.says(
        json.dumps(
            {"openapi": "3.1.0", "paths": {"/x": {"get": {"operationId": "op", "parameters": [{"$ref": "p.json"}]}}}}
        ).encode()
    )
    client = dynclient.Client(f"{loopback.url}/api/openapi.json")
    assert loopback.lines == ["GET /api/openapi.json"]

    loopback.says(b'{"name": "limit", "in": "query", "schema": {"type": "integer"}}')
    assert [str(each) for each in client.op.check(limit="x")] == ["query limit: 'x' is not an integer"]
    assert loopback.lines == ["GET /api/openapi.json", "GET /api/p.json"]


names = st.text("ab/~%#{ é", min_size=1, max_size=3)
leaves = st.sampled_from([True, 5, "text", None])
trees = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=12)


def _cut(node: JSON, data: st.DataObject, files: dict[str, JSON], file: str, steps: tuple[str, ...]) -> JSON:
    """A tree with some of its branches put into files of their own, and references in their places."""
    if isinstance(node, dict) and data.draw(st.booleans()):
        home = f"{data.draw(st.sampled_from(['', 'x/', 'x/y/']))}{len(files)}.json"
        key = data.draw(names)
        files[home] = {}
        files[home] = {key: _cut_members(node, data, files, home)}
        up = "../" * file.count("/")
        return {"$ref": f"{up}{home}#/{escape_token(key).replace('#', '%23')}"}
    return _cut_members(node, data, files, file) if isinstance(node, dict) else node


def _cut_members(node: JSON, data: st.DataObject, files: dict[str, JSON], file: str) -> JSON:
    return {key: _cut(value, data, files, file, ()) for key, value in node.items()}


def _whole(document: Document, node: JSON, pointer: str) -> JSON:
    node, pointer = document.resolve(node, pointer)
    assert document.at(pointer) == node
    if not isinstance(node, dict):
        return node
    return {key: _whole(document, value, f"{pointer}/{escape_token(key)}") for key, value in node.items()}


@settings(max_examples=60, deadline=None)
@given(tree=trees, data=st.data())
def test_a_tree_cut_into_files_is_the_tree(
    tmp_path_factory: pytest.TempPathFactory, tree: JSON, data: st.DataObject
) -> None:
    """Wherever it is cut, and however deep the files lie, the references lead back to all of it."""
    files: dict[str, JSON] = {}
    root = saved(tmp_path_factory.mktemp("cut"), tree=_cut(tree, data, files, "openapi.json", ()), others=files)
    document = parse(load(root))

    assert _whole(document, document.contents["tree"], "#/tree") == tree


@pytest.mark.skipif(not DIGITALOCEAN.is_dir(), reason="the published documents are not beside this checkout")
def test_a_published_document_of_many_files() -> None:
    """Every operation is listed by its id, none is in want of a file, and lowered schemas refer to themselves alone."""
    document = parse(load(DIGITALOCEAN / "DigitalOcean-public.v2.yaml"))
    entries = read_entries(document)
    lowering = Lowering(document, "request")
    for entry in entries:
        operation = read_operation(document, entry)
        for schema in [p.schema for p in operation.parameters] + [
            m.schema for m in (operation.body.content if operation.body else ())
        ]:
            lowering.schema(schema)

    rules = {problem.rule for problem in document.problems}
    assert (len(entries), len({entry.id for entry in entries} - {""}), rules) == (
        659,
        659,
        {"header-ignored", "parameter-default"},
    )


def test_a_library_of_ones_own() -> None:
    """What a converter makes of a document keeps its place."""
    assert leads(Document({"openapi": "3.1.0", "a": TEXT}, library=Library({"a": TEXT})), "#/a") == (TEXT, "#/a")
