"""What has changed between two versions of a document, as callers see it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from dynclient.diff.comparison import Change, compare, summary
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.types import JSON
from tests.places import SPECS

TEXT: JSON = {"type": "string"}
LIMIT: JSON = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
JSON_TYPE = "application/json"


def document(url: str = "", **contents: JSON) -> Document:
    return Document({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, **contents}, url=url)


def operation(path: str = "/a", method: str = "get", **contents: JSON) -> Document:
    """A document of one operation."""
    return document(paths={path: {method: {"operationId": "getA", **contents}}})


def taking(*parameters: JSON, path: str = "/a") -> Document:
    return operation(path, parameters=list(parameters))


def bodied(schema: JSON = True, media_type: str = JSON_TYPE, required: bool = False, **media: JSON) -> Document:
    content = {media_type: {"schema": schema, **media}}
    return operation(method="post", requestBody={"content": content, "required": required})


def answering(**content: JSON) -> Document:
    return operation(responses={status.strip("_"): each for status, each in content.items()})


def described(schema: JSON, media_type: str = JSON_TYPE) -> JSON:
    return {"content": {media_type: {"schema": schema}}}


def served(*servers: JSON, url: str = "") -> Document:
    return document(url, servers=[{"url": each} if isinstance(each, str) else each for each in servers])


def schemed(**schemes: JSON) -> Document:
    return document(components={"securitySchemes": schemes})


def told(old: Document, new: Document) -> list[str]:
    """Each change as a line, with `!` for a breaking one."""
    return [("! " if change.breaking else "") + str(change) for change in compare(old, new)]


def variable(default: str = "eu", *enum: str) -> JSON:
    return {"url": "https://{r}.test", "variables": {"r": {"default": default, "enum": list(enum)}}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            served("https://a.test"),
            served("https://b.test"),
            ["! calls go to 'https://b.test' instead of 'https://a.test' (another origin)"],
        ),
        (
            served("https://a.test/v1"),
            served("https://a.test/v2", "https://a.test/v1"),
            ["! calls go to 'https://a.test/v2' instead of 'https://a.test/v1'"],
        ),
        (served("/v1"), served("/v2"), ["! calls go to '/v2' instead of '/v1'"]),
        (served("/v1"), served("/v1", url="https://a.test/openapi.json"), []),
        (
            served("/v1", url="https://a.test/openapi.json"),
            served("/v1", url="https://b.test/openapi.json"),
            ["! calls go to 'https://b.test/v1' instead of 'https://a.test/v1' (another origin)"],
        ),
        (served(), served("/v1"), ["! calls go to '/v1' instead of no server"]),
        (served("https://a.test", "/b"), served("https://a.test", "/c"), ["! '/b' removed", "'/c' added"]),
        (
            served("https://u:secret@a.test"),
            served("https://u:other@b.test"),
            ["! calls go to 'https://***@b.test' instead of 'https://***@a.test' (another origin)"],
        ),
        (
            served({"url": "/v1", "description": "a"}),
            served({"url": "/v1", "description": "b", "name": "c"}),
            ["'/v1': name 'c' instead of ''", "! '/v1': description 'b' instead of 'a'"],
        ),
        (
            served(variable("eu", "eu", "us")),
            served(variable("us", "us", "eu")),
            [
                "! calls go to 'https://us.test' instead of 'https://eu.test' (another origin)",
                "! 'https://{r}.test': variable r: default 'us' instead of 'eu'",
            ],
        ),
        (
            served(variable("eu", "eu", "us")),
            served(variable("eu", "eu")),
            ["! 'https://{r}.test': variable r: eu permitted now, before eu, us"],
        ),
        (
            served(variable("eu", "eu")),
            served(variable("eu")),
            ["'https://{r}.test': variable r: any text permitted now, before eu"],
        ),
        (
            served(variable()),
            served({"url": "https://{r}.test", "variables": {"s": {"default": "x"}}}),
            [
                "! calls go to 'https://{r}.test' instead of 'https://eu.test' (another origin)",
                "! 'https://{r}.test': variable r no longer described",
                "'https://{r}.test': variable s described now",
            ],
        ),
        (
            served("https://a.test:{p}"),
            served("https://b.test:{p}"),
            ["! calls go to 'https://b.test:{p}' instead of 'https://a.test:{p}' (another origin)"],
        ),
        (
            operation(),
            operation(servers=[{"url": "https://own.test"}]),
            ["! getA: calls go to 'https://own.test' instead of no server (another origin)"],
        ),
    ],
)
def test_servers(old: Document, new: Document, expected: list[str]) -> None:
    """Where calls go is reported first; no password is shown."""
    assert told(old, new) == expected


KEY: JSON = {"type": "apiKey", "name": "X-Key", "in": "header"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (schemed(a=KEY), schemed(), ["! security scheme a: removed"]),
        (schemed(), schemed(a=KEY, b=KEY), ["security scheme a: added", "security scheme b: added"]),
        (
            schemed(a=KEY),
            schemed(a={**KEY, "in": "query", "name": "key", "description": "..."}),
            [
                "! security scheme a: name 'key' instead of 'X-Key'",
                "! security scheme a: in 'query' instead of 'header'",
            ],
        ),
        (
            schemed(a=KEY),
            schemed(a={**KEY, "x-credential-env": "SECRET"}),
            ["! security scheme a: credential from the environment variable 'SECRET' instead of ''"],
        ),
        (
            schemed(a=KEY),
            schemed(a={"$ref": "#/nowhere"}),
            ["! security scheme a: name '' instead of 'X-Key'", "! security scheme a: in '' instead of 'header'"],
        ),
        (
            operation(),
            operation(security=[{"a": [], "b": []}]),
            ["! getA credentials: asks for a and b instead of no credential"],
        ),
        (
            operation(security=[{"a": [], "b": []}]),
            operation(security=[{"a": []}, {"c": []}]),
            ["getA credentials: asks for a or c instead of a and b"],
        ),
        (operation(security=[{"a": []}]), operation(security=[{"a": ["scope"]}]), []),
    ],
)
def test_security(old: Document, new: Document, expected: list[str]) -> None:
    """Another credential, or another place for it; fewer credentials break nobody."""
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (operation(), document(), ["! getA: removed (GET /a)"]),
        (document(), operation(), ["getA: added (GET /a)"]),
        (operation(), operation("/b"), ["! getA: GET /b instead of GET /a"]),
        (operation(), operation(operationId="readA"), ["! readA: named so now, was getA"]),
        (operation(operationId=""), operation(), ["getA: named so now, was GET /a"]),
        (operation(), operation(deprecated=True), ["getA: deprecated now"]),
        (operation(deprecated=True), operation(), ["getA: no longer deprecated"]),
        (operation("/a/{x}"), operation("/a/{y}"), ["! getA path x: named y now, and so is its keyword"]),
        (
            operation("/{x}/{y}"),
            operation("/z"),
            ["! getA: GET /z instead of GET /{x}/{y}", "! getA path x: removed", "! getA path y: removed"],
        ),
        (
            operation(),
            operation(parameters=[{"$ref": "#/nowhere"}]),
            [
                (
                    "! getA: cannot be read any more: mapping #/paths/~1a/get/parameters/0: "
                    "the reference '#/nowhere' cannot be followed: there is nothing at this reference"
                )
            ],
        ),
        (operation(parameters=[{"$ref": "#/nowhere"}]), operation(), ["getA: can be read now"]),
        (operation(parameters=[{"$ref": "#/nowhere"}]), operation(parameters=[{"$ref": "#/no"}]), []),
        (
            document(info={"title": "A", "version": "1"}),
            Document({"openapi": "3.0.3", "info": {"title": "B"}}),
            ["title: B instead of A", "version: none instead of 1", "OpenAPI: 3.0.3 instead of 3.1.0"],
        ),
    ],
)
def test_operations(old: Document, new: Document, expected: list[str]) -> None:
    """Operations are told apart by method and path, then by operationId."""
    assert told(old, new) == expected


ONLY_VALUE: JSON = {"name": "beta", "in": "header", "required": True, "schema": {"const": "v2"}}
IDS: JSON = {"name": "ids", "in": "query", "schema": {"type": "array"}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (taking(), taking(LIMIT), ["getA query limit: added"]),
        (taking(), taking({**LIMIT, "required": True}), ["! getA query limit: added, required now"]),
        (
            taking(),
            taking(ONLY_VALUE),
            ["getA header beta: added, required now, and filled in: only 'v2' is permitted"],
        ),
        (taking(LIMIT), taking(), ["! getA query limit: removed"]),
        (taking(LIMIT), taking({**LIMIT, "required": True}), ["! getA query limit: required now"]),
        (taking({**LIMIT, "required": True}), taking(LIMIT), ["getA query limit: no longer required"]),
        (taking(LIMIT), taking({**LIMIT, "in": "header"}), ["! getA query limit: in header instead of query"]),
        (taking(LIMIT), taking({**LIMIT, "deprecated": True}), ["getA query limit: deprecated now"]),
        (taking({**LIMIT, "deprecated": True}), taking(LIMIT), ["getA query limit: no longer deprecated"]),
        (taking(IDS), taking({**IDS, "explode": False}), ["! getA query ids: explode false instead of true"]),
        (taking(LIMIT), taking({**LIMIT, "explode": False}), ["getA query limit: explode false instead of true"]),
        (
            taking({**LIMIT, "in": "header", "name": "X-A"}),
            taking({**LIMIT, "in": "header", "name": "x-a"}),
            [],
        ),
        (
            taking(LIMIT),
            taking({**LIMIT, "schema": {"type": "integer", "maximum": 9}}),
            ["! getA query limit: maximum 9 added"],
        ),
        (
            taking(IDS),
            taking({**IDS, "schema": {"type": "array", "items": TEXT}}),
            ["! getA query ids[]: string instead of anything"],
        ),
        (
            taking({**IDS, "schema": {"type": "object", "properties": {"a": TEXT}}}),
            taking({**IDS, "schema": {"type": "object"}}),
            ["! getA query ids.a: removed", "! getA query ids: style 'deepObject' instead of 'form'"],
        ),
        (
            taking(LIMIT),
            taking(LIMIT, {**LIMIT, "in": "cookie"}),
            ["! getA query limit: the keyword limit no longer means it alone", "getA cookie limit: added"],
        ),
    ],
)
def test_parameters(old: Document, new: Document, expected: list[str]) -> None:
    """What a call must give, may give, and how it is written."""
    assert sorted(told(old, new)) == sorted(expected)


FIELDS: JSON = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (operation(method="post"), bodied(), ["getA body: added"]),
        (operation(method="post"), bodied(required=True), ["! getA body: added, required"]),
        (bodied(), operation(method="post"), ["! getA body: removed"]),
        (bodied(), bodied(required=True), ["! getA body: required now"]),
        (bodied(required=True), bodied(), ["getA body: no longer required"]),
        (
            bodied(),
            bodied(media_type="text/plain"),
            ["! getA body: application/json no longer taken", "getA body: text/plain taken now"],
        ),
        (
            bodied(media_type="multipart/form-data"),
            bodied(media_type="multipart/form-data", encoding={"a": {"contentType": JSON_TYPE}}),
            ["! getA body a: written otherwise (encoding)"],
        ),
        (
            bodied(media_type="multipart/form-data", encoding={"a": {"contentType": JSON_TYPE}}),
            bodied(media_type="multipart/form-data", encoding={"a": {"contentType": JSON_TYPE}}),
            [],
        ),
        (
            bodied({"properties": {"messages": {"items": {"properties": {"content": TEXT}}}}}),
            bodied({"properties": {"messages": {"items": {"properties": {"content": {"type": "null"}}}}}}),
            ["! getA body messages[].content: null instead of string"],
        ),
        (bodied(FIELDS), bodied({**FIELDS, "required": ["a"]}), ["! getA body a: required now"]),
        (
            bodied(FIELDS),
            bodied({"type": "object", "properties": {"a": TEXT, "b": {"readOnly": True, "type": "string"}}}),
            ["! getA body: b can no longer be given as keywords"],
        ),
        (bodied(FIELDS), bodied({"type": "object", "properties": {"a": TEXT}}), ["! getA body b: removed"]),
    ],
)
def test_bodies(old: Document, new: Document, expected: list[str]) -> None:
    """What a body must be, and which fields are keywords."""
    assert told(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (answering(_200={}), answering(), ["! getA answer 200: removed"]),
        (answering(_404={}), answering(), ["getA answer 404: removed"]),
        (answering(), answering(_202={}), ["! getA answer 202: added"]),
        (answering(default={}), answering(default={}, _202={}), ["getA answer 202: added"]),
        (answering(), answering(default={}), ["getA answer default: added"]),
        (
            answering(_200=described(True)),
            answering(_200=described(True, "text/xml")),
            ["! getA answer 200: no longer as application/json", "getA answer 200: also as text/xml"],
        ),
        (
            answering(_200=described({"enum": ["a"]})),
            answering(_200=described({"enum": ["a", "b"]})),
            ["! getA answer 200: 'b' permitted now"],
        ),
        (
            answering(_200=described({"items": {"properties": {"id": TEXT}, "required": ["id"]}})),
            answering(_200=described({"items": {"properties": {"id": TEXT}}})),
            ["! getA answer 200 [].id: no longer required"],
        ),
        (
            answering(_200=described({"type": "object", "properties": {"a": TEXT}})),
            answering(_200=described({"type": "object", "properties": {"b": TEXT}})),
            ["getA answer 200 a: removed", "getA answer 200 b: added"],
        ),
    ],
)
def test_answers(old: Document, new: Document, expected: list[str]) -> None:
    """What widens an answer is breaking, what narrows it is not."""
    assert told(old, new) == expected


def shared(schema: JSON) -> Document:
    """Two operations that take, and one that answers, the same schema."""
    message = {"$ref": "#/components/schemas/Message"}
    first = {"operationId": "create", "requestBody": {"content": {JSON_TYPE: {"schema": message}}}}
    second = {
        "operationId": "update",
        "requestBody": {"content": {JSON_TYPE: {"schema": {"type": "array", "items": message}}}},
        "responses": {"200": described(message)},
    }
    return document(paths={"/a": {"post": first, "put": second}}, components={"schemas": {"Message": schema}})


def test_a_shared_schema_is_reported_once() -> None:
    """Under its own name, with every operation that it touches."""
    old, new = (
        shared({"type": "object", "properties": {"parts": {"type": "array", "items": {"anyOf": [each]}}}})
        for each in (TEXT, {"type": "string", "maxLength": 5})
    )
    pointer = "#/components/schemas/Message/properties/parts/items/anyOf/0"

    assert compare(old, new) == (
        Change("schema", "schema Message.parts[]", "maxLength 5 added", True, pointer, pointer, ("create", "update")),
    )


def test_the_order() -> None:
    """Servers, security, operations removed, changed and added, then what the document says of itself."""
    get: Callable[[str], JSON] = lambda name: {"get": {"operationId": name, "security": [{name: []}]}}  # noqa: E731
    old = document(paths={"/a": {"get": {"operationId": "a"}}, "/b": get("b")}, servers=[{"url": "/1"}])
    new = document(
        paths={"/c": get("c"), "/a": {**get("a"), "put": {}}},
        servers=[{"url": "/2"}],
        info={"title": "B", "version": "1"},
    )
    found = compare(old, new)

    assert [(change.kind, change.action, change.operations) for change in found] == [
        ("server", "changed", ()),
        ("security", "changed", ("a",)),
        ("operation", "removed", ("b",)),
        ("operation", "added", ("c",)),
        ("operation", "added", ("PUT /a",)),
        ("document", "changed", ()),
    ]
    assert summary(found) == (
        "calls go to '/2' instead of '/1'\n"
        "a credentials: asks for a instead of no credential\n"
        "1 operation removed, 2 operations added, 1 other change; of all, 3 breaking"
    )


def test_a_summary_is_short() -> None:
    """However many servers there were; nothing is said of nothing."""
    old, new = served("/a", *(f"/{number}" for number in range(9))), served("/a")

    assert summary(compare(old, new)).splitlines()[-2:] == [
        "'/3' removed",
        "5 more of servers and security; of all, 9 breaking",
    ]
    assert summary(()) == ""


def test_a_change_as_data() -> None:
    """All its fields, and whether it was added, removed or changed."""
    (change,) = compare(taking(LIMIT), taking())

    assert change.to_dict() == {
        "kind": "parameter",
        "where": "query limit",
        "message": "removed",
        "breaking": True,
        "old_pointer": "#/paths/~1a/get/parameters/0",
        "new_pointer": "",
        "operations": ["getA"],
        "action": "removed",
    }


PIECES: Mapping[str, JSON] = {
    "parameters": [LIMIT],
    "requestBody": {"content": {JSON_TYPE: {"schema": FIELDS}}},
    "responses": {"200": described(TEXT)},
    "security": [{"a": []}],
    "servers": [{"url": "https://own.test"}],
    "deprecated": True,
}
OPERATIONS: Any = strategies.sets(strategies.sampled_from(sorted(PIECES))).map(
    lambda names: {name: PIECES[name] for name in names}
)
PATHS: Any = strategies.dictionaries(
    strategies.sampled_from(["/a", "/b/{x}", "/c"]),
    strategies.dictionaries(strategies.sampled_from(["get", "post"]), OPERATIONS, min_size=1),
)


@settings(max_examples=100, deadline=None)
@given(PATHS)
def test_a_document_does_not_differ_from_itself(paths: JSON) -> None:
    """Nothing is reported of two equal documents."""
    assert compare(document(paths=paths), document(paths=copy.deepcopy(paths))) == ()


@settings(max_examples=100, deadline=None)
@given(PATHS, PATHS)
def test_every_difference_shows(one: JSON, other: JSON) -> None:
    """Whatever one document has and the other has not is a change, in both directions."""
    there, back = (
        compare(document(paths=one), document(paths=other)),
        compare(document(paths=other), document(paths=one)),
    )

    assert bool(there) == bool(back) == (one != other)


@pytest.mark.skipif(not SPECS.is_dir(), reason="no folder of published documents")
@pytest.mark.parametrize("name", ["neon.json", "qdrant.json", "resend.yaml", "redocly-oas32.yaml"])
def test_published_documents(name: str) -> None:
    """Real documents do not differ from themselves."""
    path = SPECS / name

    assert compare(parse(load(path)), parse(load(path))) == ()
