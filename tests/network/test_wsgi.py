"""Requests to an application in this process are those that a server would get."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import requests

import dynclient
from dynclient.network.wsgi import WSGIAdapter
from dynclient.types import JSON

Start = Callable[..., Any]


class App:
    """A WSGI application that keeps what it is given."""

    def __init__(self, body: bytes = b"{}", *headers: tuple[str, str], status: str = "200 OK") -> None:
        self.environ: dict[str, Any] = {}
        self.content = b""
        self._answer = (status, list(headers) or [("Content-Type", "application/json")], body)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        self.environ = environ
        length = environ.get("CONTENT_LENGTH")
        self.content = environ["wsgi.input"].read(*([int(length)] if length else []))
        status, headers, body = self._answer
        start_response(status, headers)
        return [body]

    def seen(self, *names: str) -> dict[str, Any]:
        return {name: self.environ.get(name) for name in names}


def client(app: App, **more: JSON) -> dynclient.Client:
    parameters = [{"name": name, "in": where} for name, where in (("id", "path"), ("q", "query"), ("X-H", "header"))]
    post = {"operationId": "go", "parameters": parameters, "requestBody": {"content": {"application/json": {}}}}
    upload = {"operationId": "upload", "requestBody": {"content": {"application/octet-stream": {}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.test/v1"}],
        "paths": {"/a/{id}": {"post": post}, "/upload": {"post": upload}},
    }
    return dynclient.Client(document, app=app, **more)


def test_environment() -> None:
    """Method, path, query, headers and body arrive as PEP 3333 says."""
    app = App()

    client(app).go(id="a b/ü", q="x&y", x_h="h", body={"k": "ü"})

    assert app.seen(
        "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_X_H", "HTTP_HOST", "CONTENT_TYPE",
        "CONTENT_LENGTH", "wsgi.url_scheme",
    ) == {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/v1/a/a b/ü".encode().decode("latin-1"),
        "QUERY_STRING": "q=x%26y",
        "HTTP_X_H": "h",
        "HTTP_HOST": "api.test",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "10",
        "wsgi.url_scheme": "https",
    }  # fmt: skip
    assert app.content == '{"k":"ü"}'.encode()


def test_answer() -> None:
    """Status, reason, headers and data come back."""
    app = App(b'{"message": "full"}', ("Content-Type", "application/json"), ("X-A", "1"), status="429 Slow down")
    with pytest.raises(dynclient.RateLimited) as caught:
        client(app).go(id="1")

    response = caught.value.response
    assert (response.reason, dict(response.headers), response.data) == (
        "Slow down",
        {"Content-Type": "application/json", "X-A": "1"},
        {"message": "full"},
    )


def test_content_encoding_is_undone() -> None:
    """As from the network."""
    app = App(gzip.compress(b'{"a": 1}'), ("Content-Type", "application/json"), ("Content-Encoding", "gzip"))

    assert client(app).go(id="1").data == {"a": 1}


def test_header_given_twice() -> None:
    """Both values are kept, joined as from the network."""
    app = App(b"{}", ("Link", "<a>"), ("Link", "<b>"))

    assert client(app).go(id="1").headers["Link"] == "<a>, <b>"


def test_cookies_are_kept() -> None:
    """An application that logs its users in can be tested."""
    app = App(b"{}", ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/"))
    c = client(app)

    c.go(id="1")
    c.go(id="1")

    assert app.environ["HTTP_COOKIE"] == "a=1; b=2"


def test_stream() -> None:
    """An open file arrives whole."""
    app = App()

    client(app).upload(body=b"\0\1")
    assert (app.content, app.environ["CONTENT_LENGTH"]) == (b"\0\1", "2")


def _chunks() -> Iterator[bytes]:
    yield b"a"
    yield b"b"


@pytest.mark.parametrize(("body", "content"), [(_chunks, b"ab"), (lambda: "ü", "ü".encode()), (lambda: None, b"")])
def test_other_bodies_of_requests(body: Callable[[], Any], content: bytes) -> None:
    """An iterator, text, and nothing; the input ends where the body does."""
    app = App()
    with requests.Session() as session:
        session.mount("https://", WSGIAdapter(app))
        response = session.post("https://api.test/", data=body(), stream=True)

    assert (app.content, app.environ["wsgi.input_terminated"], response.content) == (content, True, b"{}")


def test_error_of_the_application() -> None:
    """It is the application's own, with its traceback."""

    def broken(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client(broken).go(id="1")  # type: ignore[arg-type]


def test_an_answer_to_head() -> None:
    """It says how long the body would be, and has none."""

    def app(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "5")])
        return []

    with requests.Session() as session:
        session.mount("http://", WSGIAdapter(app))
        answer = session.head("http://api.test/")

    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "5", b"")
