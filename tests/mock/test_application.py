"""The server for any document, in process through werkzeug's test client, and once over a socket."""

from __future__ import annotations

import io
import pickle
import socket
import threading
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from werkzeug.test import Client, TestResponse

import dynclient
from dynclient.documents.document import Document
from dynclient.mock import MockApp, Recorded, serve
from dynclient.types import JSON


def document(paths: Mapping[str, JSON], **more: JSON) -> dict[str, JSON]:
    return {"openapi": "3.1.0", "info": {"title": "Test", "version": "1"}, "paths": paths, **more}


def answers(content: JSON, status: str = "200") -> dict[str, JSON]:
    return {status: {"description": "", "content": content}}


def json_answer(example: JSON, status: str = "200") -> dict[str, JSON]:
    return answers({"application/json": {"example": example}}, status)


def caller(app: MockApp) -> Client:
    """A client that sends the headers it is given, Cookie included."""
    return Client(app, use_cookies=False)


def client(paths: Mapping[str, JSON], **more: JSON) -> Client:
    return caller(MockApp(document(paths, **more)))


def outcome(response: TestResponse) -> tuple[int, JSON]:
    return response.status_code, response.get_json()


def problems(response: TestResponse) -> list[tuple[str, str, str]]:
    """The location, name and rule of each problem of a refused request."""
    assert response.status_code == 400
    return [(each["location"], each["name"], each["rule"]) for each in response.get_json()["error"]["problems"]]


PETS = document(
    {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "integer"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "integer"}},
                ],
                "responses": answers({"application/json": {"schema": {"type": "array", "items": {}}}}),
            },
            "post": {
                "operationId": "createPet",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"name": {"type": "string", "minLength": 2}},
                            }
                        }
                    },
                },
                "responses": json_answer({"id": "p1"}, "201"),
            },
        },
        "/pets/{pet_id}": {
            "parameters": [{"name": "pet_id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"operationId": "getPet", "responses": json_answer({"pet_id": 0, "name": "Rex"})},
            "delete": {"operationId": "deletePet", "responses": {"204": {"description": "gone"}}},
        },
        "/pets/mine": {"get": {"operationId": "myPets", "responses": json_answer(["Rex"])}},
    },
    servers=[
        {"url": "https://{host}/v1/", "variables": {"host": {"default": "api.test"}}},
        {"url": "api"},
        {"url": "/"},
    ],
)


@pytest.fixture
def pets() -> Client:
    return caller(MockApp(PETS))


def test_made_answer(pets: Client) -> None:
    """Without a published example the answer is a minimal instance of its schema."""
    response = pets.get("/pets")

    assert (outcome(response), response.content_type) == ((200, []), "application/json")


def test_published_answer(pets: Client) -> None:
    """The first success declared is answered, with its own status and example."""
    assert outcome(pets.post("/pets", json={"name": "Rex"})) == (201, {"id": "p1"})


def test_answer_without_content(pets: Client) -> None:
    """204 has no body, no type and no length."""
    response = pets.delete("/pets/1")

    assert (response.status_code, response.data, dict(response.headers)) == (204, b"", {})


def test_headers_that_an_answer_must_have() -> None:
    """Their examples, or values made from their schemas; what no header can be is left out."""
    number = {"required": True, "schema": {"type": "integer", "minimum": 3}}
    headers = {
        "X-Count": number,
        "X-Ids": {"required": True, "schema": {"type": "array", "example": ["a", "b"]}},
        "X-More": {"schema": {"type": "integer"}},
        "X-Odd": {"required": True, "schema": {"const": "\n"}},
        "X\nOdd": number,
        "Content-Length": number,
    }
    answer: JSON = {
        "200": {"description": "", "headers": headers},
        "201": {**json_answer({"a": 1})["200"], "headers": {"X-Count": number}},
    }
    app = client({"/a": {"get": {"responses": answer}}})
    own = {"X-Count": "3", "X-Ids": "a,b"}

    assert {name: text for name, text in app.get("/a").headers.items() if name.startswith("X")} == own
    made = app.get("/a", headers={"Prefer": "code=201"})
    assert (made.headers["X-Count"], made.content_type, made.get_json()) == ("3", "application/json", {"a": 1})


def test_path_value_is_filled_in(pets: Client) -> None:
    """A field named like a path parameter says what was asked for, as the parameter's type."""
    assert outcome(pets.get("/pets/7")) == (200, {"pet_id": 7, "name": "Rex"})


def test_concrete_path_wins(pets: Client) -> None:
    """/pets/mine is no pet with the id "mine"."""
    assert outcome(pets.get("/pets/mine")) == (200, ["Rex"])


def test_template_answers_for_methods_that_the_concrete_path_lacks(pets: Client) -> None:
    """DELETE /pets/mine can only be the template's, which wants a number."""
    assert problems(pets.delete("/pets/mine")) == [("path", "pet_id", "type")]


@pytest.mark.parametrize("prefix", ["", "/v1", "/api"])
def test_prefix_of_the_server_is_optional(pets: Client, prefix: str) -> None:
    """Both the bare path and that behind the path of any server are known."""
    assert outcome(pets.get(f"{prefix}/pets/mine")) == (200, ["Rex"])


def test_unknown_path(pets: Client) -> None:
    """404 names the paths that are most alike."""
    status, body = outcome(pets.get("/pet"))

    assert status == 404
    assert body == {
        "error": {
            "message": "the document has no path '/pet'. Near to it: /pets.",
            "problems": [],
        }
    }


def test_unknown_path_near_to_nothing(pets: Client) -> None:
    """Nothing is named where nothing is alike."""
    assert pets.get("/~").get_json()["error"]["message"] == "the document has no path '/~'."


def test_unknown_method(pets: Client) -> None:
    """405 says which methods there are."""
    response = pets.patch("/pets")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")


def test_all_problems_at_once(pets: Client) -> None:
    """Query, header and cookie are read by their types and validated together, undeclared names too."""
    response = pets.get("/pets?limit=500&colour=red", headers={"X-Trace": "x", "Cookie": "session=y"})

    assert sorted(problems(response)) == [
        ("cookie", "session", "type"),
        ("header", "X-Trace", "type"),
        ("query", "colour", "unknown"),
        ("query", "limit", "maximum"),
    ]


def test_error_body(pets: Client) -> None:
    """A refusal holds a sentence and the problems as data."""
    response = pets.get("/pets?limit=500")
    error = response.get_json()["error"]

    assert response.content_type == "application/json"
    assert error["message"].startswith("listPets: query limit: 500")
    assert [problem["value"] for problem in error["problems"]] == [500]


def test_good_values_of_all_locations(pets: Client) -> None:
    """What is declared and fits is accepted."""
    response = pets.get("/pets?limit=5", headers={"X-Trace": "1", "Cookie": "session=2"})

    assert response.status_code == 200


def test_headers_of_the_transport_are_not_validated() -> None:
    """A document may permit one Accept-Encoding, but no caller chose the one that was sent."""
    declared = {"name": "Accept-Encoding", "in": "header", "required": True, "schema": {"enum": ["identity"]}}
    mock = client({"/a": {"get": {"parameters": [declared], "responses": json_answer(1)}}})

    assert mock.get("/a", headers={"Accept-Encoding": "gzip"}).status_code == 200


def test_body_is_validated(pets: Client) -> None:
    """A field inside the body is named."""
    assert problems(pets.post("/pets", json={"name": "R"})) == [("body", "name", "minLength")]


def test_missing_body(pets: Client) -> None:
    """No bytes are no body."""
    assert problems(pets.post("/pets")) == [("body", "", "missing")]


def test_unreadable_body(pets: Client) -> None:
    """What is no JSON is one problem, not two; the query is still validated."""
    response = pets.post("/pets?a=1", data=b"{", content_type="application/json")

    assert problems(response) == [("query", "a", "unknown"), ("body", "", "unreadable")]


def test_body_without_content_type(pets: Client) -> None:
    """It is taken for the first media type declared."""
    assert pets.post("/pets", data=b'{"name": "Rex"}').status_code == 201


def test_body_where_none_is_declared(pets: Client) -> None:
    """A GET that takes no body refuses one."""
    assert problems(pets.get("/pets", json={})) == [("body", "", "unknown")]


def test_undeclared_content_type(pets: Client) -> None:
    """415 names the media types that are declared."""
    status, body = outcome(pets.post("/pets", data=b"<a/>", content_type="application/xml"))

    assert (status, "application/json" in body["error"]["message"]) == (415, True)


def test_requests_are_recorded() -> None:
    """Each request is kept as it came, with the operation it reached and the status it got."""
    app = MockApp(PETS)
    Client(app).post("/v1/pets?a=%20", data=b"{}", content_type="application/json")
    Client(app).get("/nowhere")
    recorded = app.requests

    assert recorded == [
        Recorded("POST", "/v1/pets", "a=%20", recorded[0].headers, b"{}", "createPet", 400),
        Recorded("GET", "/nowhere", "", recorded[1].headers, b"", "", 404),
    ]
    assert recorded[0].headers["Content-Type"] == "application/json"


def test_a_thousand_requests_are_kept() -> None:
    """The oldest are forgotten."""
    app = MockApp(document({}))
    for number in range(1002):
        Client(app).get(f"/{number}")

    assert [app.requests[0].path, app.requests[-1].path, len(app.requests)] == ["/2", "/1001", 1000]


def test_repr() -> None:
    """A mock says which document it answers for."""
    assert repr(MockApp(Document(PETS))) == "<MockApp of 'Test', 5 operations>"


def echo(path: str, *names: str, **more: JSON) -> dict[str, JSON]:
    """A path whose answer holds what was read from it."""
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {path: {"get": {"parameters": parameters, "responses": json_answer(dict.fromkeys(names)), **more}}}


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/a/{id}.json", "/a/x.y.json", {"id": "x.y"}),
        ("/a/{id}:cancel", "/a/x:cancel", {"id": "x"}),
        ("/a/{id}:cancel", "/a/x%3acancel", {"id": "x"}),
        ("/a/{x}..{y}", "/a/1..2", {"x": "1", "y": "2"}),
        ("/a/{id}/ü b", "/a/x/%C3%BC%20b", {"id": "x"}),
        ("/a/{id}", "/a/x%2Fy", {"id": "x/y"}),
        ("/{id}", "/%7Ex", {"id": "~x"}),
        ("/a/{i-d}", "/a/x", {"i-d": "x"}),
        ("a/{id}", "/a/x", {"id": "x"}),
    ],
)
def test_templates(template: str, path: str, values: dict[str, str]) -> None:
    """Templates may have more than a name in a segment; escapes in the path mean what they stand for."""
    assert outcome(client(echo(template, *values)).get(path)) == (200, values)


def test_suffix_wins_over_the_bare_template() -> None:
    """Of two templates the one with more fixed text is meant."""
    mock = client({**echo("/a/{id}", "id"), **echo("/a/{id}:cancel", "id"), **echo("/a/{id}.json", "id")})

    assert [mock.get(path).get_json()["id"] for path in ("/a/x", "/a/x:cancel", "/a/x.json")] == ["x", "x", "x"]


def test_parameter_without_a_place_in_the_path() -> None:
    """A path parameter that the template does not hold cannot be missing."""
    assert outcome(client(echo("/a", "id")).get("/a")) == (200, {"id": None})


def test_query_in_the_template() -> None:
    """The fixed pairs of a query in a path's key must be there and tell operations apart."""
    mock = client(
        {
            "/a": {"get": {"responses": json_answer("plain")}},
            "/a?kind=x&{more}": {"get": {"responses": json_answer("x")}},
            "/a?kind=y": {"get": {"responses": json_answer("y")}},
        }
    )

    assert [mock.get(path).get_json() for path in ("/a", "/a?kind=x", "/a?kind=y")] == ["plain", "x", "y"]
    assert problems(mock.get("/a?kind=z")) == [("query", "kind", "unknown")]


def test_fragment_in_the_template() -> None:
    """Operations that only a fragment tells apart are found by the header that the fragment names, else the first."""
    mock = client(
        {f"/#X-Target=Api.{name}": {"post": {"responses": json_answer(name)}} for name in ("first", "second")},
        servers=[{"url": "https://api.test/"}],
    )
    found = [mock.post("/", headers=headers).get_json() for headers in ({}, {"X-Target": "Api.second"})]

    assert found == ["first", "second"]


def test_first_operation_that_fits() -> None:
    """Of operations that nothing tells apart the first that accepts the request answers, else the first refuses it."""
    shared = {"parameters": [{"name": "shared", "in": "query"}], "responses": json_answer("shared")}
    mock = client({"/a": {"get": {"responses": json_answer("plain")}}, "/a#shared": {"get": shared}})

    assert [mock.get(path).get_json() for path in ("/a", "/a?shared=1")] == ["plain", "shared"]
    assert mock.get("/a?other=1").get_json()["error"]["message"].startswith("GET /a: query other")


def test_server_that_is_no_url() -> None:
    """A server with an address that cannot be read has no path."""
    source = Document(document(echo("/a"), servers=[{"url": "http://[::"}]))

    assert Client(MockApp(source)).get("/a").status_code == 200
    assert [problem.rule for problem in source.problems] == ["server-url"]


def test_operation_that_cannot_be_read_is_left_out() -> None:
    """One broken operation does not take the others along."""
    source = Document(document({"/a": {"get": {"parameters": [{"$ref": "#/nowhere"}]}}, **echo("/b")}))

    assert [Client(MockApp(source)).get(path).status_code for path in ("/a", "/b")] == [404, 200]
    assert [problem.rule for problem in source.problems] == ["operation-unreadable"]


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"PATH_INFO": "/a/\xc3\xbc"}, "/a/%C3%BC"),
        ({"PATH_INFO": "/a/x y", "RAW_URI": "/a/x%20y?z"}, "/a/x%20y"),
        ({"PATH_INFO": "/a/x", "REQUEST_URI": "http://proxy.test/a/x?y"}, "/a/x"),
        ({"PATH_INFO": "/a/x", "SCRIPT_NAME": "/mounted", "REQUEST_URI": "/mounted/a/x"}, "/a/x"),
    ],
)
def test_path_as_servers_give_it(environ: dict[str, str], path: str) -> None:
    """The raw path is taken where the server tells it, else the decoded one is escaped."""
    app = MockApp(document(echo("/a/{id}", "id")))
    status: list[Any] = []
    base = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    list(app({**base, "wsgi.input": io.BytesIO(), **environ}, lambda *started: status.append(started[0])))

    assert (status, app.requests[0].path) == (["200 OK"], path)


MANY = {
    "get": {
        "responses": {
            **answers({"text/html": {"example": "<p>"}, "application/json": {"example": 1}, "image/*": {}}),
            **json_answer("gone", "404"),
            **json_answer("other", "5XX"),
        }
    }
}


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        (None, "application/json", b"1"),
        ("*/*", "application/json", b"1"),
        ("text/html", "text/html; charset=utf-8", b"<p>"),
        ("text/csv", "application/json", b"1"),
        ("image/jpeg;q=0.5, text/*;q=0.9", "text/html; charset=utf-8", b"<p>"),
        ("image/jpeg", "image/png", b"\x00\x01\x02\x03"),
        ("application/json;q=0, text/csv", "application/json", b"1"),
    ],
)
def test_accepted_media_type(accept: str | None, content_type: str, body: bytes) -> None:
    """JSON, unless the caller ranks another of the declared media types first."""
    response = client({"/a": MANY}).get("/a", headers={"Accept": accept} if accept else {})

    assert (response.content_type.partition(";")[0], response.data) == (content_type.partition(";")[0], body)


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("code=404", (404, "gone")),
        ('wait=5, code="503"', (503, "other")),
        ("respond-async", (200, 1)),
    ],
)
def test_preferred_status(prefer: str, expected: tuple[int, JSON]) -> None:
    """`Prefer: code=...` asks for another of the declared answers."""
    assert outcome(client({"/a": MANY}).get("/a", headers={"Prefer": prefer})) == expected


@pytest.mark.parametrize("code", ["403", "1000", "200x"])
def test_preferred_status_that_is_not_declared(code: str) -> None:
    """What the document does not declare cannot be asked for."""
    status, body = outcome(client({"/a": MANY}).get("/a", headers={"Prefer": f"code={code}"}))

    assert (status, body["error"]["message"]) == (400, f"GET /a declares no answer {code}, but 200, 404, 5XX")


@pytest.mark.parametrize(
    ("responses", "expected"),
    [
        ({**json_answer("no", "404"), **json_answer("yes", "202")}, (202, "yes")),
        (json_answer("range", "2XX"), (200, "range")),
        (json_answer("default", "default"), (200, "default")),
    ],
)
def test_status_of_success(responses: JSON, expected: tuple[int, JSON]) -> None:
    """An exact status first, then the range, then the default, both as 200."""
    assert outcome(client({"/a": {"get": {"responses": responses}}}).get("/a")) == expected


@pytest.mark.parametrize("responses", [{}, {"404": {"description": ""}}, {"204": {"content": {"text/plain": {}}}}])
def test_no_success_declared(responses: JSON) -> None:
    """204 where the document knows no success, and no body with it."""
    response = client({"/a": {"get": {"responses": responses}}}).get("/a")

    assert (response.status_code, response.data) == (204, b"")


def test_unusual_status() -> None:
    """A status without a name of its own is answered too."""
    assert client({"/a": {"get": {"responses": json_answer(1, "299")}}}).get("/a").status == "299 Unknown"


def test_head_has_no_body() -> None:
    """An answer to HEAD says how long the body would be and has none."""
    response = client({"/a": {"head": {"responses": json_answer([1])}}}).head("/a")

    assert (response.status_code, response.data, response.content_length) == (200, b"", 3)


@pytest.mark.parametrize(
    ("media_type", "example", "body"),
    [
        ("text/plain", "hi", b"hi"),
        ("text/plain", 5, b"5"),
        ("application/xml", "<a/>", b"<a/>"),
        ("application/problem+json", {"a": None}, b'{"a": null}'),
        ("application/x-ndjson", {"a": 1}, b'{"a": 1}\n'),
        ("text/event-stream", {"a": 1}, b'data: {"a": 1}\n\n'),
        ("text/event-stream", "data: x\n\n", b"data: x\n\n"),
        ("application/octet-stream", "PNG", b"\x00\x01\x02\x03"),
    ],
)
def test_written_answers(media_type: str, example: JSON, body: bytes) -> None:
    """Text is text, lines and events hold JSON, and binary data is a few bytes."""
    responses = answers({media_type: {"example": example}})
    response = client({"/a": {"get": {"responses": responses}}}).get("/a")

    assert (response.mimetype, response.data) == (media_type, body)


@pytest.mark.parametrize(
    ("declared", "concrete"), [("*/*", "application/json"), ("application/*", "application/octet-stream")]
)
def test_wildcard_media_type(declared: str, concrete: str) -> None:
    """No answer calls itself a wildcard."""
    responses = answers({declared: {"example": 1}})

    assert client({"/a": {"get": {"responses": responses}}}).get("/a").mimetype == concrete


def upload(content: JSON, *, required: bool = True) -> Client:
    body = {"required": required, "content": content}
    return client({"/a": {"post": {"requestBody": body, "responses": {"204": {"description": ""}}}}})


FORM = {
    "schema": {
        "type": "object",
        "required": ["count"],
        "properties": {"count": {"type": "integer"}, "file": {"type": "string", "format": "binary"}},
    }
}


def test_form() -> None:
    """A form's fields are read by their types."""
    mock = upload({"application/x-www-form-urlencoded": FORM})

    assert mock.post("/a", data={"count": "5"}).status_code == 204
    assert problems(mock.post("/a", data={"count": "x"})) == [("body", "count", "type")]
    assert problems(mock.post("/a", content_type="application/x-www-form-urlencoded")) == [
        ("body", "count", "required")
    ]


def test_multipart() -> None:
    """A file in a form is bytes, and fits a schema that means one; what is wrong beside it is reported without it."""
    mock = upload({"multipart/form-data": FORM})

    def send(count: str) -> requests.PreparedRequest:
        request = requests.Request(
            "POST", "http://test/a", data={"count": count}, files={"file": ("a.png", b"\x00\xff")}
        )
        return request.prepare()

    accepted, refused = (
        mock.post("/a", data=each.body, content_type=each.headers["Content-Type"]) for each in (send("5"), send("x"))
    )

    assert accepted.status_code == 204
    assert problems(refused) == [("body", "count", "type")]


def test_bytes_in_a_problem() -> None:
    """A file is never repeated in the answer, only its size."""
    schema = {"type": "object", "properties": {"file": {"type": "integer"}}}
    body = requests.Request("POST", "http://test/", files={"file": ("a", b"\x00\xff")}).prepare()
    response = upload({"multipart/form-data": {"schema": schema}}).post(
        "/a", data=body.body, content_type=body.headers["Content-Type"]
    )

    assert [each["value"] for each in response.get_json()["error"]["problems"]] == ["2 bytes"]


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png; q=1"])
def test_wildcard_body(content_type: str) -> None:
    """Any media type that a declared wildcard means is accepted."""
    assert upload({"image/*": {}}).post("/a", data=b"\xff", content_type=content_type).status_code == 204


def test_optional_body() -> None:
    """A body that is not required may be left out."""
    assert upload({"application/json": {}}, required=False).post("/a").status_code == 204


def test_failure_of_our_own() -> None:
    """A fault inside is reported in JSON, without a traceback, and recorded."""

    class Broken(MockApp):
        def _find(self, call: Any) -> Any:
            raise ZeroDivisionError("of nothing")

    app = Broken(PETS)
    status, body = outcome(Client(app).get("/pets"))

    assert (status, body["error"]["message"]) == (500, "the mock itself failed: ZeroDivisionError: of nothing")
    assert [recorded.status for recorded in app.requests] == [500]


SECURED = document(
    {
        "/all": {"get": {"security": [{"key": [], "basic": []}], "responses": json_answer("in")}},
        "/any": {
            "get": {"security": [{"in_query": []}, {"in_cookie": []}, {"oauth": []}], "responses": json_answer("in")}
        },
        "/optional": {"get": {"security": [{"key": []}, {}], "responses": json_answer("in")}},
        "/open": {"get": {"security": [], "responses": json_answer("in")}},
        "/mutual": {"get": {"security": [{"tls": [], "undeclared": []}], "responses": json_answer("in")}},
        "/nowhere": {"get": {"security": [{"faulty": []}], "responses": json_answer("in")}},
    },
    security=[{"key": []}],
    components={
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "in_query": {"type": "apiKey", "in": "query", "name": "key"},
            "in_cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
            "basic": {"type": "http", "scheme": "Basic"},
            "oauth": {"type": "oauth2", "flows": {}},
            "tls": {"type": "mutualTLS"},
            "faulty": {"type": "apiKey"},
        }
    },
)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/all", {}, 401),
        ("/all", {"X-Key": "k"}, 401),
        ("/all", {"X-Key": "k", "Authorization": "Bearer t"}, 401),
        ("/all", {"X-Key": "k", "Authorization": "basic dTpw"}, 200),
        ("/any", {}, 401),
        ("/any?key=", {}, 401),
        ("/any?key=k", {}, 200),
        ("/any", {"Cookie": "key=k"}, 200),
        ("/any", {"Authorization": "Bearer t"}, 200),
        ("/any", {"Authorization": "Bearer "}, 401),
        ("/optional", {}, 200),
        ("/open", {}, 200),
        ("/mutual", {}, 200),
        ("/nowhere", {}, 401),
    ],
)
def test_required_credentials(path: str, headers: dict[str, str], status: int) -> None:
    """With `require_auth` one alternative must be there, whatever the credentials are."""
    assert caller(MockApp(SECURED, require_auth=True)).get(path, headers=headers).status_code == status


def test_refusal_names_the_credentials() -> None:
    """401 says which schemes are asked for."""
    response = caller(MockApp(SECURED, require_auth=True)).get("/any")

    assert response.get_json()["error"]["message"] == "GET /any needs in_query or in_cookie or oauth"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_credentials_are_not_asked_for_by_default() -> None:
    """Without `require_auth` they may be left out, or given: a key in the query is no unknown parameter."""
    mock = Client(MockApp(SECURED))

    assert [mock.get(path).status_code for path in ("/any", "/any?key=k")] == [200, 200]


def test_served_over_a_socket() -> None:
    """The application answers at the server's URL until that is closed, which frees the port."""
    app = MockApp(PETS)
    with serve(app) as server:
        answer = requests.get(f"{server.url}/v1/pets/7?a=1&a=2", timeout=5)
        answered = answer.status_code, answer.json()["error"]["message"]
        created = requests.post(f"{server.url}/pets", json={"name": "Rex"}, timeout=5).json()

    assert answered == (400, "getPet: query a: the operation has no such parameter")
    assert created == {"id": "p1"}
    assert [recorded.status for recorded in app.requests] == [400, 201]
    server.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)


def test_waiting_ends_when_the_server_is_closed() -> None:
    """Whoever waits for the server goes on when another thread closes it."""
    server = serve(MockApp(PETS))
    waiting = threading.Thread(target=server.wait)
    waiting.start()
    server.close()
    waiting.join(timeout=5)

    assert not waiting.is_alive()


def test_port_that_is_taken() -> None:
    """A port in use is an error to handle, not the end of the process."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(MockApp(PETS), port=taken.getsockname()[1])


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_served_over_ipv6() -> None:
    """An IPv6 address stands in brackets in the URL."""
    with serve(MockApp(PETS), "::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert requests.get(f"{server.url}/pets/mine", timeout=5).json() == ["Rex"]


def test_a_client_of_it_can_be_pickled() -> None:
    """The copy has a server of its own, that asks for credentials as this one does."""
    client = dynclient.Client("openai", app=MockApp("openai", require_auth=True), raise_for_status=False)

    assert pickle.loads(pickle.dumps(client)).listModels().status_code == 401


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_serve_of_a_port_that_does_not_exist(port: int) -> None:
    """It is said before the operating system is asked."""
    with pytest.raises(ValueError, match=rf"^port {port} isn't a port: use 0 for a free one, or 1 to 65535$"):
        serve(MockApp("openai"), port=port)
