"""What errors and logs say of an answer over the network, with both clients."""

from __future__ import annotations

import pytest
from conftest import Loopback
from drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401

from dynclient import StatusError

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
