"""What a caller gives, whole calls through: left out, filled in, read from classes, and what a server gets of it."""

from __future__ import annotations

from typing import Any

import pytest

import dynclient
from dynclient.mock import MockApp
from dynclient.rules import RULES
from dynclient.types import JSON

HOST = "http://a.test"
SINCE_30 = ["3.0.3", "3.1.1", "3.2.0"]
CLIENTS = [dynclient.Client, dynclient.AsyncClient]


def document(operation: dict[str, JSON], version: str = "3.1.1", path: str = "/x", **more: JSON) -> dict[str, JSON]:
    """One operation, `go`: a GET, or a PATCH where `more` says so."""
    described = {"operationId": "go", "responses": {"200": {"description": ""}}, **operation}
    method = more.pop("method", "get")
    head = {"swagger": "2.0", "host": "a.test", "schemes": ["http"]} if version == "2.0" else {"openapi": version}
    servers = {} if version == "2.0" else {"servers": [{"url": HOST}]}
    return {**head, **servers, "paths": {path: {method: described}}, **more}


def parameter(location: str, version: str, schema: JSON, name: str = "p", **more: JSON) -> dict[str, JSON]:
    described = schema if version == "2.0" else {"schema": schema}
    return {"name": name, "in": location, **described, **more}


def body(*names: str, schema: JSON = True) -> dict[str, JSON]:
    return {"requestBody": {"required": True, "content": {name: {"schema": schema} for name in names}}}


def sent(prepared: Any) -> bytes:
    """The body of a request that is not streamed."""
    content: bytes = prepared.body
    return content


def said(client: Any) -> list[str]:
    return [problem.rule for problem in client.document.problems]


def where(prepared: Any, location: str) -> str:
    """What a request says in a location."""
    if location == "query":
        return str(prepared.path_url.partition("?")[2])
    return str(prepared.headers.get({"header": "p", "cookie": "Cookie"}[location], ""))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize(("location", "text"), [("query", "p=a"), ("header", "a"), ("cookie", "p=a")])
@pytest.mark.parametrize("schema", [{"type": "string", "default": "a"}, {"$ref": "#/components/schemas/A"}])
def test_default_of_a_required_parameter(client: Any, version: str, location: str, text: str, schema: JSON) -> None:
    """It is sent where a call leaves the parameter out, the document's problems say so, and help tells it."""
    components = {"schemas": {"A": {"type": "string", "default": "a"}}}
    contents = document(
        {"parameters": [parameter(location, version, schema, required=True)]}, version, components=components
    )
    one = client(contents)
    go = one.go

    assert where(go.prepare(), location) == text
    assert where(go.prepare(p=None), location) == text
    assert where(go.prepare(p="b"), location) == text.replace("a", "b")
    assert said(one) == ["parameter-default"]
    assert not RULES["parameter-default"].is_fault
    assert "filled in" in go.__doc__


@pytest.mark.parametrize(
    ("version", "location", "more"),
    [
        ("2.0", "query", {"required": True}),
        ("2.0", "header", {"required": True}),
        ("3.1.1", "path", {"required": True}),
        ("3.1.1", "query", {}),
    ],
)
def test_defaults_that_are_not_sent(version: str, location: str, more: dict[str, JSON]) -> None:
    """Those of Swagger 2.0, of a path, and of what is optional."""
    described = parameter(location, version, {"type": "string", "default": "a"}, **more)
    go = dynclient.Client(document({"parameters": [described]}, version, "/x/{p}" if location == "path" else "/x")).go

    assert [problem.rule for problem in go.check()] == (["missing"] if more else [])


def test_default_of_a_body_is_not_sent() -> None:
    """A required body that is left out is asked for."""
    go = dynclient.Client(document(body("application/json", schema={"type": "string", "default": "a"}))).go

    assert [problem.rule for problem in go.check()] == ["missing"]


SCHEMES: dict[str, Any] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "X-Key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "X-Key"},
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("version", ["2.0", *SINCE_30])
@pytest.mark.parametrize("location", ["header", "query", "cookie"])
def test_required_parameter_that_a_credential_fills(client: Any, version: str, location: str) -> None:
    """It is not asked for where a credential is known, and is where none is; an argument goes before."""
    if (version, location) == ("2.0", "cookie"):
        pytest.skip("Swagger 2.0 has no cookies")
    described = parameter(location, version, {"type": "string"}, "X-Key", required=True)
    schemes = {"k": SCHEMES[location]}
    more = {"securityDefinitions": schemes} if version == "2.0" else {"components": {"securitySchemes": schemes}}
    contents = document({"parameters": [described], "security": [{"k": []}]}, version, **more)

    assert client(contents, auth={"k": "secret"}).go.check() == ()
    assert [problem.rule for problem in client(contents).go.check()] == ["missing"]
    prepared = client(contents, auth={"k": "secret"}).go.prepare(x_key="mine")
    assert "secret" not in f"{prepared.url} {prepared.headers}"


@pytest.mark.parametrize("scheme", [{"type": "basic"}, {"type": "apiKey", "in": "header", "name": "authorization"}])
def test_authorization_of_swagger(scheme: JSON) -> None:
    """A parameter; filled by a credential, by headers= or by the argument."""
    described = {"name": "Authorization", "in": "header", "required": True, "type": "string"}
    security = {"security": [{"k": []}], "parameters": [described]}
    contents = document(security, "2.0", securityDefinitions={"k": scheme})
    credential: Any = ("u", "p") if scheme["type"] == "basic" else "key"

    assert [problem.rule for problem in dynclient.Client(contents).go.check()] == ["missing"]
    assert dynclient.Client(contents, auth={"k": credential}).go.check() == ()
    assert dynclient.Client(contents, headers={"authorization": "x"}).go.check() == ()
    assert dynclient.Client(contents).go.prepare(authorization="x").headers["Authorization"] == "x"


def test_content_type_of_swagger_chooses_the_body_s() -> None:
    """The header parameter is an argument, and says what the body goes as."""
    described = [
        {"name": "Content-Type", "in": "header", "required": True, "type": "string"},
        {"name": "b", "in": "body", "schema": {"type": "object"}},
    ]
    contents = document(
        {"consumes": ["application/json", "application/vnd.a+json"], "parameters": described}, "2.0", method="put"
    )
    go = dynclient.Client(contents).go

    assert go.prepare(b={}).headers["Content-Type"] == "application/json"
    assert go.prepare(b={}, content_type="application/vnd.a+json").headers["Content-Type"] == "application/vnd.a+json"
    assert "lists application/json" in str(go.check(b={}, content_type="text/csv")[0])


def test_content_type_of_swagger_that_only_the_parameter_lists() -> None:
    """It is sent with the body as the value has it; left out, the body's own is, and the mock does not mind."""
    described = [
        {"name": "Content-type", "in": "header", "type": "string", "enum": ["application/x-tar"]},
        {"name": "b", "in": "body", "schema": {"type": "string", "format": "binary"}},
    ]
    contents = document({"consumes": ["application/octet-stream"], "parameters": described}, "2.0", method="put")
    app = MockApp(contents)
    go = dynclient.Client(contents, app=app).go

    go(b=b"x", content_type="application/x-tar")
    go(b=b"x")

    assert [(request.headers["Content-Type"], request.body) for request in app.requests] == [
        ("application/x-tar", b"x"),
        ("application/octet-stream", b"x"),
    ]


@pytest.mark.parametrize("version", SINCE_30)
@pytest.mark.parametrize("name", ["Accept", "authorization", "Content-type"])
def test_headers_that_openapi_ignores(version: str, name: str) -> None:
    """A rule names them, and the refusal of such an argument says how the header is given."""
    contents = document(
        {"parameters": [parameter("header", version, {"type": "string"}, name, required=True)]}, version
    )
    client = dynclient.Client(contents)

    for keyword in (name, name.lower().replace("-", "_")):
        (problem,) = client.go.check(**{keyword: "x"})
        assert "with_options(" in problem.hint
        assert ("auth=" in problem.hint) is (name == "authorization")
    assert said(client) == ["header-ignored"]


@pytest.mark.parametrize("arguments", [{"": 1}, {"": {}}, {"": None}])
def test_argument_without_a_name(arguments: dict[str, JSON]) -> None:
    """It is unknown like any other, and no body."""
    go = dynclient.Client(document(body("application/json"))).go

    assert [problem.rule for problem in go.check(**arguments)] == ["unknown", "missing"]


@pytest.mark.parametrize(
    ("responses", "more", "expected"),
    [
        ({"default": {"content": {"application/json": {}}}}, {}, "application/json"),
        ({"200": {}, "default": {"content": {"text/csv": {}}}}, {}, "text/csv"),
        ({"200": {"content": {"a/b": {}}}, "default": {"content": {"application/json": {}}}}, {}, "a/b"),
        ({"404": {"content": {"a/b": {}}}}, {}, "*/*"),
    ],
)
def test_accept_of_the_answer_for_any_status(responses: JSON, more: dict[str, JSON], expected: str) -> None:
    """`default` stands for every status that is not described, where no success has content."""
    assert dynclient.Client(document({"responses": responses})).go.prepare().headers["Accept"] == expected


@pytest.mark.parametrize("place", ["operation", "document"])
def test_accept_of_produces(place: str) -> None:
    """With a schema or without; an answer without one is not asked to have content."""
    produces = {"produces": ["application/json", "text/csv"]}
    contents = document(
        {**(produces if place == "operation" else {}), "responses": {"200": {"description": ""}}}, "2.0"
    )
    client = dynclient.Client({**contents, **(produces if place == "document" else {})}, app=MockApp(contents))

    assert client.go.prepare().headers["Accept"] == "application/json, text/csv"
    assert client.go().problems == ()


@pytest.mark.parametrize("location", ["query", "header", "cookie"])
@pytest.mark.parametrize(("kind", "value"), [("array", []), ("object", {})])
def test_nothing_for_what_is_required(location: str, kind: str, value: JSON) -> None:
    """An array or object without members is no text, so that a required parameter would not be there."""
    contents = document({"parameters": [parameter(location, "3.1.1", {"type": kind}, required=True)]})

    (problem,) = dynclient.Client(contents).go.check(p=value)

    assert "required, and nothing is written" in problem.message


PAGEABLE = {
    "type": "object",
    "properties": {
        "page": {"type": "integer"},
        "sort": {"type": "array", "items": {"type": "string", "pattern": "^[a-z,]+$"}},
    },
}


def test_pageable_as_spring_reads_it() -> None:
    """The list in an exploded object is its key several times; `problems` says so, and a server reads it."""
    contents = document({"parameters": [parameter("query", "3.1.1", PAGEABLE, "pageable", required=True)]})
    app = MockApp(contents)
    client = dynclient.Client(contents, app=app)

    client.go(pageable={"page": "0", "sort": ["name,asc", "id"]})
    client.go(pageable={"sort": ["id"]})

    assert [request.query_string for request in app.requests] == ["page=0&sort=name%2Casc&sort=id", "sort=id"]
    assert said(client) == ["array-in-object"]
    assert "sort" in client.go.check(pageable={"sort": ["A"]})[0].name


@pytest.mark.parametrize("key", ["a[b]", "a[0]", '"', "]", "[", "a.b", "x[y"])
def test_keys_with_brackets(key: str) -> None:
    """They are escaped, and a server reads them back."""
    schema = {
        "type": "object",
        "required": [key],
        "properties": {key: {"type": "integer"}},
        "additionalProperties": False,
    }
    contents = document({"parameters": [parameter("query", "3.1.1", schema, style="deepObject")]})
    app = MockApp(contents)

    dynclient.Client(contents, app=app).go(p={key: 1})

    assert not set(app.requests[0].query_string) & set('[]"')


FILES = "/files/{path}/raw"


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("version", "more"),
    [
        *((version, {"x-ms-skip-url-encoding": True}) for version in ("2.0", *SINCE_30)),
        ("3.2.0", {"allowReserved": True}),
        *((version, {}) for version in ("2.0", *SINCE_30)),
    ],
)
def test_values_of_several_segments(client: Any, version: str, more: dict[str, JSON]) -> None:
    """By the document's word or the caller's; each segment is checked, and what would end the path is escaped."""
    described = parameter("path", version, {"type": "string"}, "path", required=True, **more)
    go = client(document({"parameters": [described]}, version, FILES)).go
    if not more:
        assert go.prepare(path="a/b").path_url == "/files/a%2Fb/raw"
        go = go.with_options(multi_segment=["path"])

    assert go.prepare(path="a/b?c#d/é").path_url == "/files/a/b%3Fc%23d/%C3%A9/raw"
    for value in ("a/../b", "a//b", "/a", "a/", "a/.", "a\\b", "..", ""):
        assert [problem.rule for problem in go.check(path=value)] == ["value"]


def test_several_segments_at_a_server() -> None:
    """The mock of the document reads them, after the paths that are more exact."""
    several = parameter("path", "3.2.0", {"type": "string", "maxLength": 9}, "path", required=True, allowReserved=True)
    contents = document({"parameters": [several]}, "3.2.0", "/files/{path}")
    contents["paths"]["/files/{id}/raw"] = {
        "get": {
            "operationId": "raw",
            "parameters": [parameter("path", "3.2.0", {"type": "integer"}, "id", required=True)],
        }
    }
    app = MockApp(contents)
    client = dynclient.Client(contents, app=app)

    client.go(path="a/b/c")
    client.raw(id=5)

    assert [(request.operation_id, request.path) for request in app.requests] == [
        ("go", "/files/a/b/c"),
        ("raw", "/files/5/raw"),
    ]


@pytest.mark.parametrize("template", ["/f/.{path}", "/f/{path}.", "/f/{path}./x"])
def test_dots_around_several_segments(template: str) -> None:
    """What a segment becomes together with the text around the value is checked for each."""
    described = parameter("path", "3.2.0", {"type": "string"}, "path", required=True, allowReserved=True)
    go = dynclient.Client(document({"parameters": [described]}, "3.2.0", template)).go
    value = "./b" if template.startswith("/f/.") else "b/."

    assert ["another path" in problem.message for problem in go.check(path=value)] == [True]


PATCHES = ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"]


@pytest.mark.parametrize(
    ("method", "value", "names", "expected"),
    [
        ("patch", {"a": 1}, PATCHES, PATCHES[1]),
        ("patch", {"a": 1}, ["application/json", PATCHES[1]], PATCHES[1]),
        ("patch", [{"op": "remove", "path": "/a"}], ["application/json", PATCHES[0]], PATCHES[0]),
        ("patch", {"a": 1}, [PATCHES[0], PATCHES[2]], PATCHES[2]),
        ("put", {"a": 1}, [PATCHES[0], "application/json", PATCHES[1]], "application/json"),
        ("patch", {"a": 1}, [PATCHES[0]], PATCHES[0]),
    ],
)
def test_patches(method: str, value: JSON, names: list[str], expected: str) -> None:
    """An object is a merge patch, and never a JSON Patch where there is anything else; a list is one."""
    go = dynclient.Client(document(body(*names), method=method)).go

    assert go.prepare(body=value).headers["Content-Type"] == expected


PET = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "tag": {"$ref": "#/components/schemas/Tag"},
        "list": {"type": "array", "items": {"type": "integer"}},
    },
}
TAG = {"type": "object", "additionalProperties": {"type": "integer"}}


@pytest.mark.parametrize("version", SINCE_30)
def test_null_in_a_merge_patch(version: str) -> None:
    """It takes a member away (RFC 7396 §2), at any depth; in an array, and in other JSON, it is a value."""
    components = {"schemas": {"Tag": TAG}}
    patch = dynclient.Client(document(body(PATCHES[1], schema=PET), version, method="patch", components=components)).go
    other = dynclient.Client(
        document(body("application/json", schema=PET), version, method="patch", components=components)
    ).go

    assert patch.prepare(body={"name": None, "tag": {"x": None}}).body == b'{"name":null,"tag":{"x":null}}'
    assert [problem.name for problem in patch.check(body={"name": "a", "list": [None]})] == ["list[0]"]
    assert len(patch.check(body={"name": 5, "tag": {"x": "y"}, "z": None})) == 3
    assert len(other.check(body={"name": None, "tag": {"x": None}})) == 2


@pytest.mark.parametrize(
    ("schemas", "value", "expected"),
    [
        ({"multipart/form-data": PET, "application/json": PET}, {"name": "a"}, "multipart/form-data"),
        ({"application/json": PET, "multipart/form-data": PET}, {"name": "a"}, "application/json"),
        ({"application/json": TAG, "multipart/form-data": PET}, {"name": "a"}, "multipart/form-data"),
        ({"multipart/form-data": TAG, "application/json": PET}, {"name": "a"}, "application/json"),
        ({"multipart/form-data": TAG, "application/json": TAG}, {"name": "a"}, "application/json"),
        ({"application/json": True, "multipart/form-data": True}, {"f": b"x"}, "multipart/form-data"),
    ],
)
def test_json_or_parts_by_what_the_schemas_accept(schemas: dict[str, JSON], value: JSON, expected: str) -> None:
    """The first that accepts the value; where none does, JSON; with a file in it, parts."""
    content = {name: {"schema": schema} for name, schema in schemas.items()}
    contents = document(
        {"requestBody": {"content": content}}, method="post", components={"schemas": {"Tag": TAG, "Pet": PET}}
    )
    go = dynclient.Client(contents, validate_request="off").go

    assert go.prepare(body=value).headers["Content-Type"].partition(";")[0] == expected


@pytest.mark.parametrize("version", ["2.0", *SINCE_30])
@pytest.mark.parametrize(
    ("media_type", "written"),
    [("application/x-www-form-urlencoded", b"f=%2B%2F8%3D"), ("multipart/form-data", b"\r\n\r\n+/8=\r\n")],
)
def test_bytes_of_a_form(version: str, media_type: str, written: bytes) -> None:
    """For format byte they are base64 wherever they stand; a file of multipart stays one."""
    schema = {"type": "string", "format": "byte"}
    if version == "2.0":
        described: dict[str, JSON] = {
            "parameters": [{"name": "f", "in": "formData", **schema}],
            "consumes": [media_type],
        }
    else:
        described = body(media_type, schema={"type": "object", "properties": {"f": schema}})
    go = dynclient.Client(document(described, version, method="post")).go

    assert written in sent(go.prepare(f=b"\xfb\xff"))


def test_file_beside_base64() -> None:
    """Format binary is a file in multipart, and its bytes are no text."""
    schema = {"type": "object", "properties": {"f": {"type": "string", "format": "binary"}}}
    go = dynclient.Client(document(body("multipart/form-data", schema=schema), method="post")).go

    assert b'name="f"; filename="f"' in sent(go.prepare(f=b"\xfb\xff"))


@pytest.mark.parametrize("name", ['we"ird\\n.txt', "s/a.py", "a\r\nX-Evil: 1", "..\\b", "é.txt", 'a"; filename="b'])
def test_names_of_files(name: str) -> None:
    """They are kept, escaped as browsers do it, and end no header."""
    schema = {"type": "object", "properties": {"f": {"type": "string", "format": "binary"}}}
    go = dynclient.Client(document(body("multipart/form-data", schema=schema), method="post")).go
    head, _, content = sent(go.prepare(f=(name, b"content"))).partition(b"\r\n\r\n")
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")

    assert head.split(b"\r\n")[1] == f'Content-Disposition: form-data; name="f"; filename="{escaped}"'.encode()
    assert content.startswith(b"content\r\n--")


@pytest.mark.parametrize("version", ["2.0", *SINCE_30])
def test_whole_floats_are_integers(version: str) -> None:
    """5.0 is written 5 for an integer in every place, and 5.0 for a number in JSON, where it is one."""
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "l": {"type": "array", "items": {"type": "integer"}},
            "s": {"type": "string"},
        },
    }
    query = parameter("query", version, {"type": "integer"}, "q")
    if version == "2.0":
        described: dict[str, JSON] = {"parameters": [query, {"name": "b", "in": "body", "schema": schema}]}
    else:
        described = {"parameters": [query], **body("application/json", schema=schema)}
    go = dynclient.Client(document(described, version, method="post")).go

    prepared = go.prepare(q=5.0, n=5.0, x=5.0, l=[1e16, -2.0, 3], s="[5.0]")

    assert prepared.path_url == "/x?q=5"
    assert prepared.body == b'{"n":5,"x":5.0,"l":[10000000000000000,-2,3],"s":"[5.0]"}'
    assert [problem.name for problem in go.check(n=5.5)] == ["n"]
