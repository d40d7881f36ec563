"""Answers validated by the document, whatever a server says; by way of a WSGI application that says it."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

import dynclient
from dynclient import rules
from dynclient.calls.notices import Notices
from dynclient.documents.document import Document
from dynclient.errors import Problem
from dynclient.mock import MockApp
from dynclient.mock.examples import body_example, parameter_example
from dynclient.openapi.model import MediaType, Operation, ResponseDescription
from dynclient.responses.response import Response, described_answer, fitting
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON, UNSET
from dynclient.validation.responses import ResponseValidator
from dynclient.wire.event_streams import DEFAULT_LIMIT, Event
from dynclient.wire.media import is_json
from tests.places import PACKAGE

T = TypeVar("T")

VERSIONS = ["3.0.3", "3.1.0"]
THING: JSON = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
JSON_TYPE = "application/json"
LINES = "application/jsonl"
HERE = "#/paths/~1x/get/responses"


class App:
    """A WSGI application that always says the same; `statuses` and headers may be what no server should say."""

    def __init__(self, body: bytes = b"", status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.body = body
        self.status = status
        self.headers = list(headers)
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        self.paths.append(environ["PATH_INFO"])
        start_response(f"{self.status} Said", self.headers)
        return [self.body]


def document(responses: JSON, version: str = "3.1.0", method: str = "get", **more: JSON) -> JSON:
    """A document with one operation `go`, which has these responses."""
    operation = {"operationId": "go", "responses": responses, **more}
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {"/x": {method: operation}}}


def of_content(content: JSON, status: JSON = "200") -> JSON:
    return {status: {"description": "", "content": content}}


def of_schema(schema: JSON, content_type: str = JSON_TYPE) -> JSON:
    return of_content({content_type: {"schema": schema}})


def of_headers(**headers: JSON) -> JSON:
    return {"200": {"description": "", "headers": {name.replace("_", "-"): node for name, node in headers.items()}}}


def go(
    contents: JSON,
    body: bytes = b"",
    content_type: str = "",
    status: int = 200,
    /,
    *headers: tuple[str, str],
    **options: Any,
) -> Response:
    """The answer of a server that says this."""
    named = [("Content-Type", content_type)] if content_type else []
    client = dynclient.Client(
        contents, base_url="http://api.test", app=App(body, status, [*named, *headers]), **options
    )
    return client.with_options(raise_for_status=False).go()


def rules_of(response: Response) -> list[str]:
    return [problem.rule for problem in response.problems]


# ------------------------------------------------------------------------------------------------------------- status


@pytest.mark.parametrize(
    ("declared", "status", "expected"),
    [
        (["200", "2XX", "default"], 200, "200"),
        (["200", "2XX", "default"], 201, "2XX"),
        (["200", "2xx", "default"], 299, "2XX"),
        (["200", "2XX", "default"], 404, "DEFAULT"),
        (["200", "Default"], 404, "DEFAULT"),
        ([200], 200, "200"),
        ([200, "default"], 200, "200"),
        (["200"], 201, None),
        (["4XX"], 599, None),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_said_of_a_status(version: str, declared: list[JSON], status: int, expected: str | None) -> None:
    """The number before its range before the default, in any case of letters; YAML's numbers are texts."""
    responses: JSON = {key: {"description": str(key)} for key in declared}
    client = dynclient.Client(document(responses, version))
    found = described_answer(client.operations["go"], status)

    assert (found.status if found else None) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_status_that_is_not_documented(version: str) -> None:
    """It is reported with those that are; the data is there."""
    response = go(document({"200": {"description": ""}, "4XX": {"description": ""}}, version), b"[1]", JSON_TYPE, 500)

    assert response.data == [1]
    assert response.problems == (
        Problem(
            "status",
            "",
            "500 is not documented; there are 200, 4XX",
            "status-undocumented",
            500,
            schema_pointer="#/paths/~1x/get/responses",
        ),
    )


@pytest.mark.parametrize("responses", [{}, None])
def test_document_that_says_nothing_of_answers(responses: JSON) -> None:
    """Then no answer breaks it."""
    assert go(document(responses), b"[1]", JSON_TYPE, 500).problems == ()


def test_redirect_that_is_not_documented() -> None:
    """It is not followed, and so not what was asked for; 304 is the answer to a condition that the caller sent."""
    contents = document({"200": {"description": ""}})

    assert rules_of(go(contents, b"", "", 302, ("Location", "/y"))) == ["status-undocumented"]
    assert go(contents, b"", "", 304).problems == ()


def test_response_behind_a_broken_reference() -> None:
    """Its status is documented, and of its content nothing is known, as the problems of the document say."""
    contents = document({"200": {"$ref": "#/no"}, "404": {"description": ""}})

    assert rules_of(go(contents, b"{}", JSON_TYPE)) == []


# --------------------------------------------------------------------------------------------------------- media type


@pytest.mark.parametrize(
    ("declared", "received", "expected"),
    [
        (["application/json"], "application/json", "application/json"),
        (["application/json"], "Application/JSON; charset=utf-8", "application/json"),
        (["application/json"], "application/json;", "application/json"),
        (["application/json"], 'application/json; a="b=c;d"', "application/json"),
        (["application/json;charset=UTF-8"], "application/json", "application/json;charset=UTF-8"),
        (["Application/JSON"], "application/json", "Application/JSON"),
        (["a/b;v=1", "a/b;v=2"], "a/b; V=2", "a/b;v=2"),
        (["a/b", "a/b;v=2"], "a/b; v=2; w=3", "a/b;v=2"),
        (["a/b;v=2", "a/b"], "a/b; v=3", "a/b"),
        (["*/*", "a/*", "a/b"], "a/b", "a/b"),
        (["*/*", "a/*"], "a/c", "a/*"),
        (["*/*", "a/*"], "c/c", "*/*"),
        (["a/b"], "a/c", None),
        (["application/json"], "application/problem+json", None),
        ([], "a/b", None),
    ],
)
def test_media_type_of_an_answer(declared: list[str], received: str, expected: str | None) -> None:
    """By the type and its declared parameters, then by ranges, the closest first."""
    found = fitting([MediaType(name) for name in declared], received)

    assert (found.name if found else None) == expected


@pytest.mark.parametrize("version", VERSIONS)
def test_media_type_that_is_not_documented(version: str) -> None:
    """It is reported with those that are, and the data is by what came."""
    response = go(document(of_schema(THING), version), b"Sign in", "text/plain; charset=utf-8")

    assert response.data == "Sign in"
    assert response.problems == (
        Problem(
            "response body",
            "",
            "text/plain is not documented; there is application/json",
            "media-type-undocumented",
            schema_pointer=f"{HERE}/200/content",
        ),
    )


def test_json_where_text_is_documented() -> None:
    """It is read as what came."""
    response = go(document(of_schema({"type": "string"}, "text/plain")), b'{"a": 1}', JSON_TYPE)

    assert (response.data, rules_of(response)) == ({"a": 1}, ["media-type-undocumented"])


def test_answer_without_a_media_type() -> None:
    """Nothing is guessed: it stays bytes."""
    response = go(document(of_schema(THING)), b'{"id": 1}')

    assert (response.data, rules_of(response)) == (b'{"id": 1}', ["media-type-missing"])


@pytest.mark.parametrize("content", [None, {}])
@pytest.mark.parametrize("version", VERSIONS)
def test_content_of_which_nothing_is_said(version: str, content: JSON) -> None:
    """The document describes what there must be; more is not validated."""
    assert go(document(of_content(content), version), b"{}", JSON_TYPE).problems == ()


# --------------------------------------------------------------------------------------------------------- no content


@pytest.mark.parametrize("status", [204, 205, 304])
@pytest.mark.parametrize("version", VERSIONS)
def test_status_without_content(version: str, status: int) -> None:
    """Whatever the document and the Content-Type say of it."""
    response = go(document(of_content({JSON_TYPE: {"schema": THING}}, str(status)), version), b"", JSON_TYPE, status)

    assert (response.data, response.problems) == (None, ())


def test_content_where_the_status_has_none() -> None:
    """It is reported, and handed over."""
    response = go(document(of_content({JSON_TYPE: {"schema": THING}}, "205")), b"{}", JSON_TYPE, 205)

    assert (response.data, rules_of(response)) == ({}, ["body-unexpected"])


@pytest.mark.parametrize("version", VERSIONS)
def test_head(version: str) -> None:
    """Its answer has the headers of another, and no content."""
    contents = document(of_schema(THING), version, "head")

    assert go(contents, b"", JSON_TYPE).problems == ()


@pytest.mark.parametrize(
    ("declared", "received", "expected"),
    [
        (JSON_TYPE, JSON_TYPE, ["body-missing"]),
        (JSON_TYPE, "", ["body-missing"]),
        (JSON_TYPE, "text/html", []),
        ("text/plain", "", []),
        ("application/octet-stream", "application/octet-stream", []),
    ],
)
def test_empty_content(declared: str, received: str, expected: list[str]) -> None:
    """A text and a file may be empty; JSON cannot."""
    response = go(document(of_schema({"type": "string"}, declared)), b"", received)

    assert (response.data, rules_of(response)) == (None, expected)


def test_empty_json_of_which_nothing_is_said() -> None:
    """Its own Content-Type is enough."""
    assert rules_of(go(document({"200": {"description": ""}}), b"", JSON_TYPE)) == ["body-missing"]


# ------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (THING, {"id": 1, "more": None}),
        ({"type": "integer"}, 1.0),
        ({"type": "string", "nullable": True}, None),
        ({"type": "object", "required": ["p"], "properties": {"p": {"type": "string", "writeOnly": True}}}, {}),
        ({"type": "object", "properties": {"p": {"type": "string", "readOnly": True}}}, {"p": "a"}),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, 1),
        ({"type": "number", "multipleOf": 0.01}, 19.99),
        ({}, {"any": ["thing"]}),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("received", [JSON_TYPE, "application/vnd.thing+json; v=1"])
def test_values_that_fit(version: str, schema: JSON, value: JSON, received: str) -> None:
    """As an answer is meant, and not a request: what is read-only is there, what is write-only is not."""
    contents = document(of_schema(schema, received.partition(";")[0]), version)

    assert go(contents, json.dumps(value).encode(), received).problems == ()


@pytest.mark.parametrize("declared", [JSON_TYPE, "application/*", "*/*"])
@pytest.mark.parametrize("version", VERSIONS)
def test_values_that_do_not_fit(version: str, declared: str) -> None:
    """Every problem, with its place in the data and in the document; the data is there."""
    response = go(document(of_schema(THING, declared), version), b'{"id": "a"}', JSON_TYPE)
    pointer = f"{HERE}/200/content/{declared.replace('/', '~1')}/schema/properties/id/type"

    assert response.data == {"id": "a"}
    assert response.problems == (Problem("response body", "id", "'a' is not an integer", "type", "a", "/id", pointer),)


def test_swagger_2() -> None:
    """Schemas, media types and headers of its own kind."""
    contents = {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "produces": [JSON_TYPE],
        "paths": {
            "/x": {
                "get": {
                    "operationId": "go",
                    "responses": {
                        "200": {
                            "description": "",
                            "schema": THING,
                            "headers": {
                                "X-Count": {"type": "integer"},
                                "X-Ids": {"type": "array", "items": {"type": "integer"}},
                            },
                        }
                    },
                }
            }
        },
    }
    headers = [("X-Count", "many"), ("X-Ids", "1,2")]

    assert rules_of(go(contents, b'{"id": 1}', JSON_TYPE, 200, headers[1])) == []
    assert [
        (problem.location, problem.name, problem.message, problem.schema_pointer)
        for problem in go(contents, b"{}", JSON_TYPE, 200, *headers).problems
    ] == [
        ("response header", "X-Count", "'many' is not an integer", f"{HERE}/200/headers/X-Count/type"),
        ("response body", "id", "required, but not given", f"{HERE}/200/schema/required"),
    ]


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        ({"type": "integer"}, b"5", []),
        ({"type": "integer"}, b"5\r\n", []),
        ({"type": "integer"}, b"five", ["type"]),
        ({"type": "boolean"}, b"true", []),
        ({"type": "string", "enum": ["up", "down"]}, b"up", []),
        ({"type": "string", "enum": ["up", "down"]}, b"gone", ["enum"]),
        ({"type": "string", "maxLength": 2}, b"a \n", ["maxLength"]),
        ({"type": "object"}, b"anything", []),
        ({"type": "array", "items": {"type": "integer"}}, b"anything", []),
        ({}, b"anything", []),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_text(version: str, schema: JSON, body: bytes, expected: list[str]) -> None:
    """It is read as what the schema means; of objects and arrays a text says nothing."""
    response = go(document(of_schema(schema, "text/plain"), version), body, "text/plain")

    assert (response.data, rules_of(response)) == (body.decode(), expected)


@pytest.mark.parametrize(
    ("content_type", "schema"),
    [
        ("application/xml", {"type": "string"}),
        ("text/xml", {"type": "integer"}),
        ("image/svg+xml", {"type": "integer"}),
        ("application/octet-stream", {"type": "string", "format": "binary", "maxLength": 1}),
        ("image/png", {}),
        ("application/pdf", {"type": "string", "contentMediaType": "application/pdf"}),
        ("multipart/mixed", {"type": "object"}),
        ("application/x-www-form-urlencoded", {"type": "object", "required": ["a"]}),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_content_that_no_schema_can_validate(version: str, content_type: str, schema: JSON) -> None:
    """What isn't JSON is not taken for JSON."""
    assert go(document(of_schema(schema, content_type), version), b"a\xc3\xbc", content_type).problems == ()


def test_text_that_is_no_json() -> None:
    """The schema says nothing of what could not be read."""
    response = go(document(of_schema({"type": "object"})), b"oops", JSON_TYPE)

    assert (response.data, rules_of(response)) == ("oops", ["json-invalid"])


def test_many_problems() -> None:
    """A hundred are reported: each item of a list may have its own."""
    response = go(document(of_schema({"items": {"type": "string"}})), json.dumps(list(range(500))).encode(), JSON_TYPE)

    assert len(response.problems) == 100


# ------------------------------------------------------------------------------------------------------------ headers


@pytest.mark.parametrize(
    ("node", "text", "expected"),
    [
        ({"schema": {"type": "integer"}}, "5", []),
        ({"schema": {"type": "integer"}}, "five", ["type"]),
        ({"schema": {"type": "integer"}}, None, []),
        ({"required": True, "schema": {"type": "integer"}}, None, ["header-missing"]),
        ({"required": True}, "anything", []),
        ({"schema": {"type": "array", "items": {"type": "integer"}}}, "1, 2", []),
        ({"schema": {"type": "array", "items": {"type": "integer"}}}, "1, b", ["type"]),
        ({"explode": True, "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "a=1", []),
        ({"content": {"application/json": {"schema": THING}}}, '{"id": 1}', []),
        ({"content": {"application/json": {"schema": THING}}}, '{"id": "a"}', ["type"]),
        ({"content": {"application/json": {"schema": THING}}}, "{", ["type"]),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_headers(version: str, node: JSON, text: str | None, expected: list[str]) -> None:
    """They are read back as their style or content says, whatever the case of their names."""
    headers = [] if text is None else [("x-COUNT", text)]
    response = go(document(of_headers(X_Count=node), version), b"", "", 200, *headers)

    assert [(problem.location, problem.rule) for problem in response.problems] == [
        ("response header", rule) for rule in expected
    ]


def test_header_that_is_missing() -> None:
    """Its place is that of its description."""
    (problem,) = go(document(of_headers(X_Count={"required": True, "schema": {}}))).problems

    assert problem == Problem(
        "response header",
        "X-Count",
        "the document requires it, and it is missing",
        "header-missing",
        schema_pointer=f"{HERE}/200/headers/X-Count",
    )


def test_headers_that_are_not_validated() -> None:
    """Content-Type has its own rules, and cookies cannot be told apart once they are joined; one must be there."""
    number = {"schema": {"type": "integer"}}
    contents = document(of_headers(Content_Type=number, Set_Cookie={"required": True, **number}))

    assert go(contents, b"a", "text/plain", 200, ("Set-Cookie", "a=b")).problems == ()
    assert rules_of(go(contents, b"a", "text/plain")) == ["header-missing"]


# ------------------------------------------------------------------------------------------------- nothing breaks it


def test_data_nested_more_deeply_than_the_validator_can_follow(capfd: pytest.CaptureFixture[str]) -> None:
    """It is handed over, and that there is no verdict is reported; no library below prints a word of its own."""
    tree: JSON = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Tree"}}}
    contents = {**document(of_schema({"$ref": "#/components/schemas/Tree"})), "components": {"schemas": {"Tree": tree}}}
    depth = 800
    response = go(contents, b'{"a": ' * depth + b"5" + b"}" * depth, JSON_TYPE)

    assert isinstance(response.data["a"], dict)
    assert [(problem.rule, problem.message) for problem in response.problems] == [
        ("not-judged", "it could not be validated (nested too deeply)")
    ]
    assert capfd.readouterr().err == ""


def test_value_that_breaks_the_validator() -> None:
    """Infinity isn't a multiple of anything, and no error either."""
    contents = document(of_schema({"type": "number", "multipleOf": 2}))
    response = go(contents, b"Infinity", JSON_TYPE)

    assert response.data == float("inf")
    assert rules_of(response)[0] == "json-nan"
    assert set(rules_of(response)[1:]) <= {"not-judged", "multipleOf"}


# ---------------------------------------------------------------------------------------------------- items of streams


EVENT: JSON = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {"event": {"enum": ["done", "more"]}, "data": THING},
    "additionalProperties": False,
}
TEXTS: JSON = {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (THING, 'data: {"id": 1}\n\ndata: {"id": 2}\n\ndata: [DONE]\n\n', []),
        (THING, 'data: {"id": 1}\n\ndata: {"id": "a"}\n\n', [("[1].id", "type", "/id")]),
        (THING, "data: words\n\n", [("[0]", "type", "")]),
        ({"type": "string"}, 'data: words\n\ndata: {"id": 1}\n\n', []),
        (EVENT, 'event: done\ndata: {"id": 1}\n\n', []),
        (EVENT, 'event: other\ndata: {"id": 1}\n\n', [("[0].event", "enum", "/event")]),
        (TEXTS, 'id: 5\nretry: 9\ndata: {"id": 1}\n\n', []),
        (THING, ": nothing but a comment\n\n", []),
    ],
)
@pytest.mark.parametrize("key", ["schema", "itemSchema"])
def test_events(key: str, schema: JSON, body: str, expected: list[tuple[str, str, str]]) -> None:
    """Each is validated by itself: its data, as JSON or text, or the whole event, whichever the schema means."""
    response = go(
        document(of_content({"text/event-stream": {key: schema}}), "3.2.0"),
        body.encode(),
        "text/event-stream; charset=utf-8",
    )

    assert response.data == body
    assert [(problem.name, problem.rule, problem.pointer) for problem in response.problems] == expected


@pytest.mark.parametrize("content_type", ["application/jsonl", "application/x-ndjson", "application/json-seq"])
def test_lines(content_type: str) -> None:
    """Each is validated by itself; one that is no JSON does not end the stream."""
    lines = (
        ['{"id": 1}', "", '{"id": ', '{"id": "a"}', '{"id": 2}', '{"id": 3']
        if "seq" not in content_type
        else ['\x1e{"id": 1}', '\x1e{"id": ', '\x1e{"id": "a"}', '\x1e{"id": 2}', '\x1e{"id": 3']
    )
    response = go(document(of_schema(THING, content_type)), "\n".join(lines).encode(), content_type)

    assert response.data == "\n".join(lines)
    assert [(problem.location, problem.name, problem.rule) for problem in response.problems] == [
        ("response body", "[1]", "json-invalid"),
        ("response body", "[2].id", "type"),
        ("response body", "[4]", "json-invalid"),
    ]


def test_stream_with_a_line_that_is_too_long() -> None:
    """What comes behind it is not validated."""
    body = b'{"id": 1}\n' + b" " * (DEFAULT_LIMIT + 1) + b'\n{"id": "a"}\n'

    assert [
        (problem.name, problem.rule) for problem in go(document(of_schema(THING, LINES)), body, LINES).problems
    ] == [("[1]", "not-judged")]


def test_many_problems_of_a_stream() -> None:
    """A hundred are reported."""
    assert len(go(document(of_schema(THING, LINES)), b"{}\n" * 500, LINES).problems) == 100


def test_item_of_what_is_not_documented() -> None:
    """Nothing is known of it."""
    client = dynclient.Client(document(of_schema(THING, "text/event-stream")))
    operation, validator = client.operations["go"], ResponseValidator(client.document)

    assert validator.item_findings(operation, 200, "application/jsonl", Event(5, "5")) == ()
    assert validator.item_findings(operation, 404, "text/event-stream", Event(5, "5")) == ()
    assert len(validator.item_findings(operation, 200, "text/event-stream", Event(5, "5"))) == 1


# ------------------------------------------------------------------------------------------------------------- modes


def test_answers_are_warned_of() -> None:
    """Unless something else was asked for, the data is handed over with the problems."""
    assert rules_of(go(document(of_schema(THING)), b"{}", JSON_TYPE)) == ["required"]


def test_answers_that_are_refused() -> None:
    """On demand; the error holds the problems and the answer with its data."""
    with pytest.raises(dynclient.ResponseError) as caught:
        go(document(of_schema(THING)), b'{"id": "a"}', JSON_TYPE, validate_response="raise")

    assert str(caught.value) == (
        "go: the answer 200 does not fit the document: response body id: 'a' is not an integer"
    )
    assert caught.value.response.data == {"id": "a"}
    assert caught.value.problems == caught.value.response.problems


def test_answers_that_are_not_validated() -> None:
    """Only what could not be read is reported, and not logged."""
    contents = document(of_schema(THING))

    assert go(contents, b'{"a": NaN, "a": 1}', JSON_TYPE, 418, validate_response="off").problems == ()
    assert rules_of(go(contents, b"{", JSON_TYPE, validate_response="off")) == ["json-invalid"]


def test_status_goes_before_what_does_not_fit() -> None:
    """A StatusError holds the problems of its answer; without it, they are what is raised."""
    app = App(b"{}", 404, [("Content-Type", JSON_TYPE)])
    contents = document({"404": {"description": "", "content": {JSON_TYPE: {"schema": THING}}}})
    client = dynclient.Client(contents, base_url="http://api.test", app=app, validate_response="raise")

    with pytest.raises(dynclient.NotFound) as caught:
        client.go()
    assert rules_of(caught.value.response) == ["required"]
    with pytest.raises(dynclient.ResponseError):
        client.with_options(raise_for_status=False).go()


def test_problems_travel() -> None:
    """With a pickled answer, and with a copy."""
    response = go(document(of_schema(THING)), b"{}", JSON_TYPE)

    for other in (pickle.loads(pickle.dumps(response)), copy.deepcopy(response)):
        assert other.problems == response.problems


QUERY: JSON = [
    {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 100}},
    {"name": "X-Id", "in": "header", "schema": {"type": "string", "minLength": 3}},
]


@pytest.fixture
def app() -> App:
    return App(b"{}", 200, [("Content-Type", JSON_TYPE)])


def asking(app: App, **options: Any) -> dynclient.Client:
    """A client of an operation that asks for a limit, and of one that asks for an id in its path."""
    contents = document({"200": {"description": ""}}, parameters=QUERY)
    body = {"required": True, "content": {JSON_TYPE: {"schema": THING}}}
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    contents["paths"]["/y/{id}"] = {"put": {"operationId": "put", "requestBody": body, "parameters": [path]}}
    return dynclient.Client(contents, base_url="http://api.test", app=app, **options)


def test_requests_that_are_warned_of(app: App) -> None:
    """They are sent, and their problems stand in the answer, before its own."""
    client = asking(app, validate_request="warn")
    response = client.go(limit=500, x_id="a")

    assert [(problem.location, problem.name, problem.rule) for problem in response.problems] == [
        ("query", "limit", "maximum"),
        ("header", "X-Id", "minLength"),
    ]
    assert rules_of(client.go()) == ["missing"]
    assert rules_of(client.put(id="a", body={})) == ["type", "required"]
    assert rules_of(client.put(id=1)) == ["missing"]
    assert app.paths == ["/x", "/x", "/y/a", "/y/1"]
    assert client.send(client.go.prepare(limit=500)).problems == response.problems[:1]


@pytest.mark.parametrize("mode", ["warn", "off"])
@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda client: client.go(limt=5), dynclient.UnknownArgument),
        (lambda client: client.go(5), dynclient.UnknownArgument),
        (lambda client: client.go(limit=5, x_id="a\nb"), dynclient.InvalidRequest),
        (lambda client: client.put(body={"id": 1}), dynclient.MissingArgument),
        (lambda client: client.put(id="..", body={"id": 1}), dynclient.InvalidRequest),
        (lambda client: client.put(id=1, body=object()), dynclient.InvalidRequest),
    ],
)
def test_requests_that_cannot_be_made(app: App, mode: Any, call: Callable[[Any], object], error: type) -> None:
    """There is nothing to send, whatever the mode; the rest is right, for without a validator no more is known."""
    with pytest.raises(error):
        call(asking(app, validate_request=mode))

    assert app.paths == []


def test_requests_that_are_not_validated(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """They are sent as they are, and nothing is reported."""
    client = asking(app, validate_request="off", validate_response="off")

    assert [client.go(limit=500).problems, client.go().problems, client.put(id=1).problems] == [(), (), ()]
    assert caplog.messages == []
    assert rules_of_problems(client.go.check(limit=500)) == ["maximum"]


def rules_of_problems(problems: Iterable[Problem]) -> list[str]:
    return [problem.rule for problem in problems]


@pytest.mark.parametrize(
    ("modes", "refused"),
    [
        ("raise", ["go", "put"]),
        ("warn", []),
        ({"go": "warn"}, ["put"]),
        ({"g*": "off"}, ["put"]),
        ({"GET *": "warn"}, ["put"]),
        ({"* /y/*": "warn"}, ["go"]),
        ({"PUT /y/{id}": "warn"}, ["go"]),
        ({"*": "warn", "go": "raise"}, ["go"]),
        ({"*": "warn", "g*": "raise"}, []),
        ({"g*": "raise", "*": "warn"}, ["go"]),
        ({}, ["go", "put"]),
    ],
)
def test_modes_of_operations(app: App, modes: Any, refused: list[str]) -> None:
    """An operation's name goes before patterns, the first pattern before others, and the mode there was after all."""
    client = asking(app, validate_request=modes)
    found = []
    calls: dict[str, JSON] = {"go": {"limit": 500}, "put": {"id": "a", "body": {"id": 1}}}
    for name, arguments in calls.items():
        try:
            client[name](**arguments)
        except dynclient.InvalidRequest as error:
            found.append(error.operation_id)

    assert found == refused


def test_modes_of_copies(app: App) -> None:
    """What is given last goes first, for a client as for one call; a mode alone goes for all."""
    client = asking(app, validate_request={"go": "warn"})

    assert rules_of(client.with_options(validate_request={"put": "off"}).go(limit=500)) == ["maximum"]
    with pytest.raises(dynclient.InvalidRequest):
        client.with_options(validate_request={"g*": "raise"}).go(limit=500)
    with pytest.raises(dynclient.InvalidRequest):
        client.with_options(validate_request="raise").go(limit=500)
    assert client.put.with_options(validate_request="off")(id="a").problems == ()
    with pytest.raises(dynclient.InvalidRequest):
        client.put(id="a")
    assert rules_of(pickle.loads(pickle.dumps(client)).go(limit=500)) == ["maximum"]


@pytest.mark.parametrize("modes", ["loud", None, True, {"go": "loud"}, {"go": None}, {5: "off"}, ["go"], {"go": []}])
@pytest.mark.parametrize("option", ["validate_request", "validate_response"])
def test_modes_that_do_not_exist(option: str, modes: Any) -> None:
    """They are refused with those that do."""
    with pytest.raises(TypeError) as caught:
        dynclient.Client(document({}), **{option: modes})

    assert str(caught.value) == (
        f"the option {option} must be one of 'raise', 'warn', 'off', or a mapping of names of operations to these, "
        f"{{'create*': 'off'}}, not {modes!r}"
    )


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("goo", "no operation fits 'goo'. Did you mean 'go'?"),
        ("GO", "no operation fits 'GO'. Did you mean 'go'?"),
        ("get /x", "no operation fits 'get /x'. Did you mean 'GET /x'?"),
        ("create*", "no operation fits 'create*'."),
    ],
)
def test_patterns_that_fit_nothing(pattern: str, said: str) -> None:
    """They are refused, so that none is a slip of the pen."""
    client = dynclient.Client(document({}))
    for change in (client.with_options, client.go.with_options):
        with pytest.raises(dynclient.UnknownOperation) as caught:
            change(validate_response={"go": "off", pattern: "off"})

        assert str(caught.value) == said


def test_pattern_of_all_operations() -> None:
    """It fits a document that has none, too."""
    assert dynclient.Client({"openapi": "3.1.0"}, validate_request={"*": "off"})


# ---------------------------------------------------------------------------------------------------------- warnings


def test_each_kind_is_logged_once(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """By a client and its copies: the rule and its place in the document, and nothing of the data."""
    app.body = b'[{"id": "secret"}, {"id": "private"}, {}]'
    contents = document({"200": {"description": "", "content": {JSON_TYPE: {"schema": {"items": THING}}}}})
    client = dynclient.Client(contents, base_url="http://api.test", app=app)
    for caller in (client.go, client.go, client.with_options(timeout=1).go, copy.copy(client).go):
        assert len(caller().problems) == 3

    schema = f"{HERE}/200/content/application~1json/schema/items"
    assert caplog.record_tuples == [
        (
            "dynclient",
            logging.WARNING,
            f"go: response body does not fit the document (type {schema}/properties/id/type)",
        ),
        ("dynclient", logging.WARNING, f"go: response body does not fit the document (required {schema}/required)"),
    ]


COUNTED: JSON = {"type": "string", "format": "counted"}
ITEM: JSON = {"type": "object", "required": ["id"], "properties": {"id": COUNTED, "kind": {"enum": ["a", "b"]}}}
UNFIT = [
    (of_schema(ITEM), b'{"id": "wrong"}', JSON_TYPE, ()),
    (of_schema({"type": "array", "items": ITEM}), b'[{"id": "right"}, {"id": "wrong"}]', JSON_TYPE, ()),
    (of_schema({"oneOf": [ITEM, {"type": "null"}]}), b'{"id": "wrong"}', JSON_TYPE, ()),
    (of_schema(COUNTED, "text/plain"), b"wrong", "text/plain", ()),
    (of_schema(ITEM, LINES), b'{"id": "right"}\n{"id": "wrong"}\n', LINES, ()),
    (of_headers(X_A={"schema": COUNTED}), b"", "", (("X-A", "wrong"),)),
]


@pytest.mark.parametrize(
    ("responses", "body", "content_type", "headers"), UNFIT, ids=["object", "list", "union", "text", "lines", "header"]
)
def test_problems_are_explained_when_asked_for(
    responses: JSON, body: bytes, content_type: str, headers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The first of a kind at once, for the log; of others each once, and only where somebody reads the problems."""
    seen: list[str] = []

    def is_right(value: JSON) -> bool:
        seen.append(value)
        return bool(value == "right")

    def counted(act: Callable[[], T]) -> tuple[T, int]:
        before = len(seen)
        return act(), len(seen) - before

    named = [("Content-Type", content_type)] if content_type else []
    app = App(body, 200, [*named, *headers])
    contents = document(responses)
    client = dynclient.Client(contents, base_url="http://api.test", app=app, formats={"counted": is_right})
    first, at_first = counted(client.go)
    second, later = counted(client.go)

    assert [counted(lambda: first.problems)[1], later < at_first] == [0, True]
    problems, when_asked = counted(lambda: second.problems)
    assert (problems, when_asked > 0, counted(lambda: second.problems)[1]) == (first.problems, True, 0)
    assert [problem.rule for problem in problems] == ["format"]
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("responses", "body", "content_type"),
    [
        (of_schema(THING), '{"id": "a", "é": 1}'.encode(), JSON_TYPE),
        (of_schema(THING), '{"id": "a", "é": 1}'.encode("latin-1"), f"{JSON_TYPE}; charset=latin-1"),
        (of_schema(THING), '{"id": "a"}'.encode("utf-16"), JSON_TYPE),
        (of_schema({"type": "array", "maxItems": 1}), b"[1, NaN]", JSON_TYPE),
    ],
    ids=["UTF-8", "another charset", "UTF-16", "what is no number"],
)
def test_problems_are_those_of_what_came(app: App, responses: JSON, body: bytes, content_type: str) -> None:
    """Whatever a caller does to the data before the problems are read."""
    app.body, app.headers = body, [("Content-Type", content_type)]
    client = dynclient.Client(document(responses), base_url="http://api.test", app=app)
    expected = client.go().problems
    response = client.go()
    response.data.clear()

    assert response.problems == expected != ()


def test_a_pickled_answer_has_its_problems(app: App) -> None:
    """So has a copy, though nobody has read them yet."""
    app.body = b'{"id": "a"}'
    client = dynclient.Client(document(of_schema(THING)), base_url="http://api.test", app=app)
    expected = client.go().problems

    assert pickle.loads(pickle.dumps(client.go())).problems == expected
    assert copy.copy(client.go()).problems == copy.deepcopy(client.go()).problems == expected
    assert "1 problem" in repr(client.go())


def test_problems_that_are_explained_later_hide_secrets(app: App) -> None:
    """As those do that are explained at once."""
    app.body = b'{"id": "a", "of": "key of-the-caller"}'
    schema = {"type": "object", "properties": {"of": {"type": "integer"}}}
    security = {"components": {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "K"}}}}
    contents = {**document(of_schema(schema), security=[{"k": []}]), **security}
    client = dynclient.Client(contents, base_url="http://api.test", app=app, auth={"k": "of-the-caller"})
    first, second = client.go(), client.go()

    assert second.problems == first.problems
    assert "caller" not in f"{second.problems}"


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (["[{}]", '[{}, {"id": 1}]'], ["required", "type"]),
        (['[{"id": 1}]', '[{"id": 2}, {"id": "a", "kind": 3}]', '[{"id": "a", "kind": "c"}]'], ["type", "enum"]),
        (['[{"id": "a", "kind": 3}]', '[{"id": 3}]', "3"], ["enum", "type", "type"]),
        ([f"[{'{},' * 150} 1]", "[1]"], ["required", "type"]),
        (["[1, 1]", "[{}, {}]"], ["type", "required"]),
    ],
    ids=["beside a known one", "of another keyword", "at another place", "behind a hundred", "instead"],
)
def test_another_kind_is_logged(
    app: App, caplog: pytest.LogCaptureFixture, bodies: list[str], expected: list[str]
) -> None:
    """Though the operation had problems before, and whether or not it has them still."""
    client = dynclient.Client(
        document(of_schema({"type": "array", "items": ITEM})), base_url="http://api.test", app=app
    )
    for body in bodies * 2:
        app.body = body.encode()
        client.go()

    assert [message.partition("(")[2].partition(" ")[0] for message in caplog.messages] == expected


def test_requests_are_logged_once(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """With the name of the parameter, and not its value."""
    client = asking(app, validate_request="warn")
    client.go(limit=500)
    client.go(limit=501)
    client.put(id=1, body={"id": "a"})

    assert [message.partition(" (")[0] for message in caplog.messages] == [
        "go: query limit does not fit the document",
        "put: body does not fit the document",
    ]


@pytest.mark.parametrize("mode", ["raise", "off"])
def test_nothing_is_logged_otherwise(app: App, caplog: pytest.LogCaptureFixture, mode: Any) -> None:
    """What is raised needs no warning."""
    app.body = b"{"
    client = asking(app, validate_response=mode)
    if mode == "raise":
        with pytest.raises(dynclient.ResponseError):
            client.go(limit=5)
    else:
        client.go(limit=5)

    assert caplog.messages == []


def test_kinds_that_are_remembered(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand, whatever servers come up with; a pickled client starts afresh."""
    notices = Notices()
    operation = Operation("go", "GET", "/x")
    for number in range(1100):
        notices.tell(operation, [Problem("response header", f"X-{number}", "", "type")])

    assert len(caplog.messages) == 1000
    caplog.clear()
    pickle.loads(pickle.dumps(notices)).tell(operation, [Problem("response header", "X-1", "", "type")])
    assert caplog.messages == ["go: response header X-1 does not fit the document (type)"]


# ------------------------------------------------------------------------------------------------------------- others


def test_every_rule_is_in_the_table() -> None:
    """And none of the table has outlived its code."""
    modules = ("validation/responses.py", "responses/response.py", "responses/decoding.py")
    sources = "".join((PACKAGE / module).read_text() for module in modules)

    assert {name for name in rules.ANSWER_RULES if f'"{name}"' not in sources} == set()
    assert set(rules.ANSWER_RULES) >= _emitted(sources)


def _emitted(sources: str) -> set[str]:
    import re

    return set(re.findall(r'(?:content_problem|_of_content)\("([a-z-]+)"', sources)) | set(
        re.findall(r'"((?:status|header|not)-[a-z]+)"', sources)
    )


def test_nothing_is_imported_for_what_is_not_validated() -> None:
    """Neither openapi-core nor a schema is needed for a call that nobody validates."""
    code = """
import sys, dynclient
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json"), ("X-A", "1")])
    return [b"{}"]
node = {"schema": {"type": "string"}}
answer = {"headers": {"X-A": node}, "content": {"application/json": node}}
contents = {"openapi": "3.1.0", "paths": {"/x": {"get": {"operationId": "go", "responses": {"200": answer}}}}}
client = dynclient.Client(contents, base_url="http://api.test", app=app, validate_request="off")
client.with_options(validate_response="off").go()
print([name for name in ("openapi_core", "jsonschema") if name in sys.modules])
print(client.go().headline)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)

    assert done.stdout == "[]\n<Response 200 go, application/json, 2 bytes, 1 problem>\n"


def test_a_validator_pickles() -> None:
    """It is made again from its document."""
    validator = pickle.loads(pickle.dumps(ResponseValidator(Document({"openapi": "3.1.0"}))))

    assert validator.item_findings(Operation("go", "GET", "/x"), 200, JSON_TYPE, Event(5, "5")) == ()
    assert described_answer(Operation("go", "GET", "/x", responses=(ResponseDescription("200"),)), 200) is not None


def example_of(client: dynclient.Client, operation: Operation, lowering: Lowering, form: Lowering) -> Response:
    """The mock's answer to a call made of the document's own examples."""
    arguments = {
        parameter.spelling: parameter_example(parameter, lowering)
        for parameter in operation.parameters
        if parameter.required and parameter.only_value is UNSET
    }
    for media_type in operation.body.content if operation.body else ():
        own = lowering if is_json(media_type.name) else form
        arguments["body"] = body_example(media_type, own)
        break
    return client[operation.id](**arguments)


def test_answers_of_the_mock_fit_the_bundled_document() -> None:
    """Every operation's example is what its own document asks for."""
    client = dynclient.Client("openai", app=MockApp("openai"), validate_response="raise")
    lowering, form = Lowering(client.document, "request"), Lowering(client.document, "request", form=True)
    answers = [example_of(client, operation, lowering, form) for operation in client.operations.values()]

    assert len(answers) == 33
    assert [answer for answer in answers if answer.problems] == []
