"""What errors and logs say of an answer over the network, with both clients."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from dynclient import ResponseError, StatusError
from dynclient.types import JSON
from tests.conftest import Loopback, Recorder
from tests.drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401

_PETS = {
    "openapi": "3.1.0",
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"operationId": "bare", "responses": {"200": {"description": ""}}},
            "post": {
                "operationId": "told",
                "responses": {
                    "404": {"description": "", "content": {"application/json": {}, "text/plain": {}, "*/*": {}}},
                    "405": {"description": ""},
                },
            },
        }
    },
}


@pytest.mark.parametrize("name", ["bare", "told"])
@pytest.mark.parametrize(
    ("status", "kind", "headers", "hint"),
    [
        (404, "text/html", {}, "The URL was {}/v9/pets/a%2Fb. Is base_url right?"),
        (404, "", {}, "The URL was {}/v9/pets/a%2Fb. Is base_url right?"),
        (405, "text/html", {}, "The URL was {}/v9/pets/a%2Fb. Is base_url right?"),
        (405, "", {"Allow": "GET, HEAD"}, "The URL was {}/v9/pets/a%2Fb, which permits GET, HEAD. Is base_url right?"),
        (501, "text/html", {}, "The URL was {}/v9/pets/a%2Fb. Is base_url right?"),
        (410, "text/html", {}, ""),
        (500, "text/html", {}, ""),
    ],
)
def test_an_answer_that_suggests_another_server(
    loopback: Loopback, name: str, status: int, kind: str, headers: dict[str, str], hint: str
) -> None:
    """The error names the URL, without its query, where the answer is none that the document describes."""
    client = made(_PETS, base_url=f"{loopback.url}/v9").with_options(query={"page": "1"})
    loopback.says(b"<html>no" if kind else b"", kind, status=status, **headers)

    with pytest.raises(StatusError) as caught:
        client[name](id="a/b")

    assert caught.value.hint == hint.format(loopback.url)
    assert str(caught.value).endswith(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "status", "kind", "is_told"),
    [
        ("told", 404, "application/json", False),
        ("told", 404, "text/plain; charset=utf-8", False),
        ("told", 405, "application/problem+json", False),
        ("bare", 404, "application/json", True),
    ],
)
def test_an_answer_that_the_document_describes(
    loopback: Loopback, name: str, status: int, kind: str, is_told: bool
) -> None:
    """It is the server's own word on what was asked for; one that it does not describe may be another server's."""
    client = made(_PETS, base_url=loopback.url)
    loopback.says(b'{"message": "No such pet"}', kind, status=status)

    with pytest.raises(StatusError) as caught:
        client[name](id="a")

    assert bool(caught.value.hint) == is_told


def test_no_secret_in_the_url_of_an_error(loopback: Loopback) -> None:
    """Neither in its path nor in its query, nor the name in front of the host."""
    place = {"name": "access_token", "in": "path", "required": True, "schema": {"type": "string", "format": "password"}}
    operation = {"operationId": "go", "parameters": [place], "responses": {}}
    client = made({"openapi": "3.1.0", "paths": {"/of/{access_token}": {"get": operation}}}, base_url=loopback.url)
    loopback.says(b"", "text/plain", status=404)

    with pytest.raises(StatusError) as caught:
        client.go(access_token="s3cret/word")

    assert caught.value.hint == f"The URL was {loopback.url}/of/***. Is base_url right?"


_JSON = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}}
_REQUIRED = {"headers": {"X-Id": {"required": True, "schema": {"type": "string"}}}}


def _redirecting(loopback: Loopback, responses: JSON, method: str = "get", **options: Any) -> Any:
    """A client of one operation whose first answer is a redirect, 302 but where the second argument says another."""
    document = {"openapi": "3.1.0", "paths": {"/a": {method: {"operationId": "go", "responses": responses}}}}
    return made(document, base_url=loopback.url, validate_response="raise", **options)


def _leads(loopback: Loopback, status: int, where: str = "/b") -> None:
    loopback.says(b"", "text/plain", status=status, Location=where)
    loopback.answers.append(loopback.answer)


@pytest.mark.parametrize(
    ("responses", "method", "status"),
    [
        ({"302": {}}, "get", 302),
        ({"3XX": {}}, "get", 307),
        ({"303": {}}, "post", 303),
        ({"302": {}, "404": {}}, "get", 302),
        ({"302": {}, "200": {"content": {"image/png": {}}}}, "get", 302),
        ({"302": {}, "200": _REQUIRED}, "get", 302),
        ({"302": {}, "200": _JSON}, "get", 302),
    ],
)
def test_an_answer_behind_a_documented_redirect(loopback: Loopback, responses: JSON, method: str, status: int) -> None:
    """It is another resource, of which the document says nothing."""
    client = _redirecting(loopback, responses, method)
    _leads(loopback, status)
    loopback.says(b'{"a": 1}')

    answer = client.go()

    assert (answer.status_code, answer.redirected_by, answer.data, answer.problems) == (200, status, {"a": 1}, ())


def test_an_answer_behind_a_redirect_to_another_origin(loopback: Loopback, recorder: Recorder) -> None:
    """Likewise, and behind two redirects."""
    client = _redirecting(loopback, {"302": {}}, follow_redirects=[recorder.url])
    _leads(loopback, 302)
    _leads(loopback, 307, f"{recorder.url}/c")

    assert client.go().problems == ()


def test_a_download_behind_a_documented_redirect(loopback: Loopback) -> None:
    """As file stores are used: the head alone, and the whole file."""
    client = _redirecting(loopback, {"302": {}, "200": _JSON})
    _leads(loopback, 302)
    loopback.says(b"file", "image/png")

    with client.go.open() as download:
        assert (download.response.redirected_by, download.response.problems) == (302, ())


def test_what_the_document_says_of_an_answer_behind_a_redirect_holds(loopback: Loopback) -> None:
    """A schema for the status and media type that came."""
    client = _redirecting(loopback, {"302": {}, "200": _JSON})
    _leads(loopback, 302)
    loopback.says(b'{"a": "1"}')

    with pytest.raises(ResponseError) as caught:
        client.go()

    assert [(problem.rule, problem.name) for problem in caught.value.problems] == [("type", "a")]


@pytest.mark.parametrize(
    ("responses", "problem"),
    [
        ({"201": {}}, "status: 302 is not documented, and was followed to an answer 200; there are 201"),
        ({"200": {"content": {"image/png": {}}}}, "response body: text/html is not documented; there is image/png"),
        ({"default": {"content": {"image/png": {}}}}, "response body: text/html is not documented; there is image/png"),
    ],
)
def test_an_answer_behind_a_redirect_that_is_not_documented(loopback: Loopback, responses: JSON, problem: str) -> None:
    """As to a page to log in: it is validated as the answer of the operation, and the redirect is what is wrong."""
    client = _redirecting(loopback, responses)
    _leads(loopback, 302)
    loopback.says(b"<html>", "text/html")

    with pytest.raises(ResponseError) as caught:
        client.go()

    assert [str(each) for each in caught.value.problems] == [problem]


@pytest.mark.parametrize("is_raised", [True, False])
def test_an_undocumented_status_is_said_once(
    loopback: Loopback, caplog: pytest.LogCaptureFixture, is_raised: bool
) -> None:
    """By the exception, else by the log with the status, each status once."""
    client = made({"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "go", "responses": {"200": {}}}}}},
                  base_url=loopback.url, raise_for_status=is_raised, retries=0)  # fmt: skip
    for status in (404, 500, 404):
        loopback.says(b"{}", status=status)
        with suppress(StatusError):
            problems = client.go().problems
            assert [problem.value for problem in problems] == [status]

    lines = [f"go: status {status} does not fit the document (status-undocumented {_GO})" for status in (404, 500)]
    assert [record.getMessage() for record in caplog.records] == ([] if is_raised else lines)


_GO = "#/paths/~1a/get/responses"


_PRICE = {"type": "object", "properties": {"price": {"type": "number"}, "kind": {"enum": ["asc", "desc"]}}}
_OFF: JSON = {"price": "100.0", "kind": "dsc"}


@pytest.mark.parametrize("mode", ["raise", "warn"])
@pytest.mark.parametrize("is_stream", [False, True])
def test_nobody_is_told_to_change_an_answer(
    loopback: Loopback, caplog: pytest.LogCaptureFixture, mode: str, is_stream: bool
) -> None:
    """Not by problems, errors and logs, of answers nor of items of streams."""
    kind = "application/jsonl" if is_stream else "application/json"
    responses = {"200": {"content": {kind: {"itemSchema" if is_stream else "schema": _PRICE}}}}
    document = {"openapi": "3.2.0", "paths": {"/a": {"get": {"operationId": "go", "responses": responses}}}}
    client = made(document, base_url=loopback.url, validate_response=mode)
    loopback.says(json.dumps(_OFF).encode(), kind)

    try:
        if is_stream:
            with client.go.stream() as stream:
                list(stream)
            problems, text = stream.problems, ""
        else:
            problems, text = client.go().problems, ""
    except ResponseError as error:
        problems, text = error.problems, str(error)

    assert [problem.message for problem in problems] == [
        "'100.0' is not a number",
        "'dsc' is not one of 'asc', 'desc'",
    ]
    assert [problem.hint for problem in problems] == ["", ""]
    assert "Did you mean" not in text + caplog.text
    assert "Give " not in text + caplog.text
