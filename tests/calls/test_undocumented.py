"""`client.request(...)`: what no document describes is sent like any call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient.errors import CallError, InvalidRequest
from dynclient.responses.errors import NotFound
from dynclient.support.deadline import Clock
from dynclient.types import JSON
from tests.drivers import _driver, generate as pytest_generate_tests, made, timing  # noqa: F401
from tests.faultserver import FaultServer, answering


def document(url: str = "http://api.test/v1", **more: JSON) -> dict[str, JSON]:
    paths = {"/known": {"get": {"operationId": "known", "responses": {"200": {"description": ""}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": url}],
        "paths": paths,
        **more,
    }


def sent(server: FaultServer) -> tuple[str, str, str | None, bytes]:
    (seen,) = server.seen
    return seen.method, seen.target, seen.headers.get("content-type"), seen.body


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("get", "/a b/{c}?x=1"), ("GET", "/v1/a%20b/%7Bc%7D?x=1", None, b"")),
        (("GET", "/a%2Fb/é"), ("GET", "/v1/a%2Fb/%C3%A9", None, b"")),
        (("PURGE", "/"), ("PURGE", "/v1/", None, b"")),
        (("GET", "/known"), ("GET", "/v1/known", None, b"")),
    ],
)
def test_methods_and_paths(arguments: tuple[str, str], expected: object) -> None:
    """The path goes behind the server's URL as it is; only what no URL can hold is escaped."""
    with FaultServer() as server:
        answer = made(document(f"{server.url}/v1")).request(*arguments)

    assert answer.data == {"ok": True}
    assert sent(server) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"body": {"a": [1]}}, ("application/json", b'{"a":[1]}')),
        ({"body": "text"}, ("application/json", b'"text"')),
        ({"body": None}, ("application/json", b"null")),
        ({"body": b"\x00"}, ("application/octet-stream", b"\x00")),
        ({"body": {"a": "b c"}, "content_type": "application/x-www-form-urlencoded"},
         ("application/x-www-form-urlencoded", b"a=b+c")),
        ({"body": "text", "content_type": "text/plain"}, ("text/plain", b"text")),
    ],
)  # fmt: skip
def test_bodies(options: dict[str, Any], expected: tuple[str, bytes]) -> None:
    """As JSON, or as what they are; `content_type` says otherwise, whatever the client prefers."""
    with FaultServer() as server:
        made(document(server.url), content_type="application/xml").request("POST", "/new", **options)

    assert sent(server)[2:] == expected


def test_a_file_in_a_body(tmp_path: Path) -> None:
    """It goes in parts."""
    (tmp_path / "a.txt").write_text("content")
    with FaultServer() as server, (tmp_path / "a.txt").open("rb") as file:
        made(document(server.url)).request("POST", "/new", body={"file": file, "name": "n"})

    _, _, kind, content = sent(server)
    assert (kind or "").startswith("multipart/form-data; boundary=")
    assert b'filename="a.txt"' in content


def test_query_and_headers() -> None:
    """They join those of the path and of the client."""
    with FaultServer() as server:
        client = made(document(server.url), headers={"X-A": "1"}, query={"k": "v"})
        client.request("GET", "/a?x=1", query={"y": [2, "z"]}, headers={"X-B": "2"})

    (seen,) = server.seen
    assert seen.target == "/a?x=1&k=v&y=2&y=z"
    assert (seen.headers["x-a"], seen.headers["x-b"]) == ("1", "2")


def test_credentials() -> None:
    """Those that the document's root asks for; no message shows them."""
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    contents = {"components": {"securitySchemes": schemes}, "security": [{"key": []}]}
    with FaultServer(answering(b'{"message": "SECRET-1 is wrong"}', status="404 Not Found")) as server:
        client = made(document(server.url, **contents), auth={"key": "SECRET-1"})
        with pytest.raises(NotFound) as caught:
            client.request("DELETE", "/a")

    assert server.seen[0].headers["x-key"] == "SECRET-1"
    assert "SECRET-1" not in str(caught.value)
    assert str(caught.value).startswith("DELETE /a: ")


def test_retries() -> None:
    """As for any call of that method."""
    busy = answering(b"", status="503 Service Unavailable")
    with FaultServer(before=[busy]) as server:
        client = timing(made(document(server.url)), Clock(sleep=lambda _: None))
        assert client.request("PUT", "/a").attempts == 2


def test_a_url_of_the_server() -> None:
    """It is called as it is, beside the path of the server."""
    with FaultServer() as server:
        client = made(document(f"{server.url}/v1"))
        client.request("GET", f"{server.url}/v2/a?b=1")
        client.request("GET", f"{server.url}?b=1")
        client.request("GET", server.url)

    assert [seen.target for seen in server.seen] == ["/v2/a?b=1", "/?b=1", "/"]


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("GET", "a", "a path begins with a slash"),
        ("GET", "", "a path begins with a slash"),
        ("GET", "/a/../b", "a path with a segment '.' or '..' would reach another path"),
        ("GET", "/a/%2e%2E/b", "a path with a segment"),
        ("GET", "/a/..;x/b", "a path with a segment"),
        ("GET", "/a/..", "a path with a segment"),
        ("GET", "/./a", "a path with a segment"),
        ("GET", "/a\\..\\b", "a path with a segment"),
        ("GET", "/a/..%2Fb", "a path with a segment"),
        ("GET", "/a/%2e%2e%5cb", "a path with a segment"),
        ("GET", "http://api.test/v1/../a", "a path with a segment"),
        ("GET", "/a\nb", "a path holds no control characters"),
        ("GET", "/a?b\x00", "a path holds no control characters"),
        ("GET", "/a\ud800", "a path holds no control characters"),
        ("GET", "/a#b", "a fragment is never sent"),
        ("G T", "/a", "'G T' is no method to call"),
        ("GET\r\nX: y", "/a", "is no method to call"),
        ("", "/a", "'' is no method to call"),
        ("connect", "/a", "'CONNECT' is no method to call"),
        ("GET", "http://evil.test/v1/a", "the URL is of http://evil.test, and calls of this client go to http://api.test"),
        ("GET", "https://api.test/v1/a", "the URL is of https://api.test"),
        ("GET", "http://api.test:81/v1/a", "the URL is of http://api.test:81"),
        ("GET", "http://api.test@evil.test/a", "the URL is of http://evil.test"),
        ("GET", "http://me:pass@api.test/a", "the URL"),
        ("GET", "http://api.test\\@evil.test/a", "the URL is of http://evil.test"),
        ("GET", "file:///etc/passwd", "the URL is of file://"),
    ],
)  # fmt: skip
def test_what_is_refused(method: str, path: str, reason: str) -> None:
    """Nothing is sent, and no credential of a URL is shown."""
    with pytest.raises(CallError) as caught:
        made(document()).request(method, path)

    assert reason in str(caught.value)
    assert "pass@" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_what_is_no_text() -> None:
    """A URL object has no meaning here."""
    with pytest.raises(TypeError, match="a method and a path are text"):
        made(document()).request("GET", Path("/a"))


def test_what_cannot_be_written() -> None:
    """A header with a line break is refused as in any call."""
    with pytest.raises(InvalidRequest, match="header X-A"):
        made(document()).request("GET", "/a", headers={"X-A": "a\r\nb"})


def test_no_server() -> None:
    """The error is that of any call."""
    contents = document()
    del contents["servers"]

    with pytest.raises(CallError, match="the document names no server"):
        made(contents).request("GET", "/a")


def test_an_operation_of_that_name() -> None:
    """It is reached by subscript."""
    contents = document()
    contents["paths"]["/r"] = {"get": {"operationId": "request", "responses": {}}}

    assert dynclient.Client(contents)["request"].operation.path == "/r"
