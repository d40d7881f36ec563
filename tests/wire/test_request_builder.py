"""The request says exactly what the call says, at the address that the document and the caller name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import requests
from hypothesis import given, settings, strategies

import dynclient
from dynclient.credentials.places import Credentials
from dynclient.errors import InvalidRequest, Problem
from dynclient.openapi.model import MediaType, Operation, Parameter, RequestBody, ResponseDescription
from dynclient.types import JSON, Location
from dynclient.wire.binding import Arguments, Binder
from dynclient.wire.request import Request, address
from dynclient.wire.request_builder import Builder

if TYPE_CHECKING:
    from tests.conftest import Loopback

STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


def parameter(name: str, location: Location = "query", **more: Any) -> Parameter:
    return Parameter(name, location, name, STYLES[location], location in ("query", "cookie"), pointer="#/p", **more)


def built(
    path: str, *parameters: Parameter, values: dict[str, JSON], body: RequestBody | None = None, **more: Any
) -> tuple[Request | None, tuple[Problem, ...]]:
    operation = Operation("go", "POST", path, parameters, body, **more)
    arguments, problems = Binder(operation).bind(values)
    assert problems == ()
    return Builder(operation).build(arguments)


def url(path: str, *parameters: Parameter, **values: JSON) -> str:
    request, problems = built(path, *parameters, values=values)
    assert problems == ()
    assert request
    return str(request.url)


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("/files/{id}", {"id": "a b"}, "/files/a%20b"),
        ("/files/{id}.json", {"id": "a/b"}, "/files/a%2Fb.json"),
        ("/a/{b}:cancel", {"b": "x:y"}, "/a/x%3Ay:cancel"),
        ("/a/{b}-{c}", {"b": "1", "c": "2"}, "/a/1-2"),
        ("/a/{b}{c}/", {"b": "1", "c": "2"}, "/a/12/"),
        ("/a/", {}, "/a/"),
        ("/", {}, "/"),
        ("a", {}, "/a"),
        ("/a b/ü", {}, "/a%20b/%C3%BC"),
        ("/a%20b", {}, "/a%20b"),
        ("/a%2cb/{id}?x=%2f", {"id": "%2c"}, "/a%2Cb/%252c?x=%2F"),  # as requests spells them
        ("/100%/x?y=5%", {}, "/100%25/x?y=5%25"),
        ("/a?beta=true", {}, "/a?beta=true"),
        ("/a?id={id}&x={x}", {"id": "a&b"}, "/a?id=a%26b"),
        ("/a#fragment", {}, "/a"),
        ("/a?x=1#fragment/{id}", {}, "/a?x=1"),
    ],
)
def test_template(template: str, values: dict[str, JSON], expected: str) -> None:
    """Values are escaped; what the template says stays; a fragment is never sent."""
    assert url(template, *(parameter(name, "path") for name in values), **values) == expected


def test_query_of_the_template_stands_before_that_of_the_call() -> None:
    """Both are sent; the template's part for a declared query parameter is the parameter's to write."""
    assert url("/a?beta=true&q={q}", parameter("q"), q="x") == "/a?beta=true&q=x"


def test_everything_at_once() -> None:
    """Path, query, headers, cookies and body."""
    operation = Operation(
        "go",
        "POST",
        "/a/{b}",
        (
            parameter("b", "path"),
            parameter("q"),
            parameter("X-H", "header"),
            parameter("c", "cookie"),
            parameter("d", "cookie"),
        ),
        RequestBody((MediaType("application/json", pointer="#/j"),)),
        (ResponseDescription("200", "", (MediaType("application/json"), MediaType("text/csv"))),),
    )
    values = {"b": 1, "q": ["x", "y"], "X-H": "h", "c": "1", "d": "2"}
    arguments, _ = Binder(operation).bind(values, {"k": "ü"})

    request, problems = Builder(operation).build(arguments, {"x-more": "m"}, {"extra": [1, 2]})

    assert problems == ()
    assert request
    assert (request.method, request.url, dict(request.headers), request.body) == (
        "POST",
        "/a/1?q=x&q=y&extra=1&extra=2",
        {
            "Accept": "application/json, text/csv",
            "X-H": "h",
            "Cookie": "c=1; d=2",
            "Content-Type": "application/json",
            "x-more": "m",
        },
        '{"k":"ü"}'.encode(),
    )


def test_accept_of_an_operation_without_described_answers() -> None:
    """Anything is welcome."""
    request, _ = built("/a", values={}, responses=(ResponseDescription("400", "", (MediaType("text/html"),)),))

    assert request
    assert dict(request.headers) == {"Accept": "*/*"}


def test_header_of_the_caller_replaces_that_of_the_call() -> None:
    """In any case of letters."""
    operation = Operation("go", "GET", "/a", (parameter("X-A", "header"),))

    own = {"x-a": "caller", "accept": "text/csv"}
    request, _ = Builder(operation).build(Arguments({("header", "X-A"): "call"}), own)

    assert request
    assert {name.lower(): value for name, value in request.headers.items()} == {"x-a": "caller", "accept": "text/csv"}


def test_all_that_cannot_be_written() -> None:
    """Each with its place; where the value may be a credential, without it."""
    operation = Operation("go", "POST", "/a/{b}", (parameter("b", "path"), parameter("h", "header"), parameter("q")))
    arguments, _ = Binder(operation).bind({"b": "..", "h": "a\nb", "q": "fine"})

    headers: Any = {"X-Key": "sk\n", "a b": "x", "X-N": 5, "X-E": ""}

    assert Builder(operation).build(arguments, headers, {"more": {"a": [{}]}}) == (
        None,
        (
            Problem("path", "b", "the text '..' in a path would reach another path", "value", "..", "", "#/p"),
            Problem("query", "more.a[0]", "an object cannot be written here", "value", {}, "/a/0"),
            Problem(
                "header",
                "h",
                "a header cannot hold line breaks, control characters or text beyond Latin-1; escape them",
                "value",
                "a\nb",
                "",
                "#/p",
            ),
            Problem(
                "header",
                "X-Key",
                "a header cannot hold line breaks, control characters or text beyond Latin-1; escape them",
                "value",
            ),
            Problem("header", "a b", "this isn't a header name", "value"),
            Problem("header", "X-N", "a header is text, not int", "value"),
        ),
    )


@pytest.mark.parametrize("name", ["X Y", "X:Y", "Ü", "a\r\nb"])
def test_header_of_a_name_that_none_can_have(name: str) -> None:
    """The document's fault refuses the calls that need it, and no others."""
    odd = parameter(name, "header")

    request, problems = built("/x", odd, values={name: "v"})

    message = "the document gives a header this name, and none can have it"
    assert (request, problems) == (None, (Problem("header", name, message, "value", "v", "", "#/p"),))
    assert url("/x", odd) == "/x"


def test_body_that_its_media_type_cannot_say() -> None:
    """The problem is the body's."""
    body = RequestBody((MediaType("application/x-www-form-urlencoded"),))
    operation = Operation("go", "POST", "/a", (), body)
    arguments, _ = Binder(operation).bind({}, {"file": b"x"})

    assert Builder(operation).build(arguments)[1] == (
        Problem(
            "body",
            "file",
            "a form without parts cannot hold a file: encode it as base64 text",
            "value",
            b"x",
            "/file",
        ),
    )


def test_address() -> None:
    """Server and credentials join what the document decides; a header that the caller gave stays."""
    headers = requests.structures.CaseInsensitiveDict({"authorization": "mine", "Cookie": "c=1"})
    request = Request("GET", "/a?q=1", headers, b"x", Arguments({}))
    credentials = Credentials({"Authorization": "theirs", "X-Key": "k"}, {"api key": "a&b"}, {"session": "s"})

    addressed = address(request, "https://api.test/v1", credentials)

    assert (addressed.method, addressed.url, dict(addressed.headers), addressed.data) == (
        "GET",
        "https://api.test/v1/a?q=1&api%20key=a%26b",
        {"authorization": "mine", "X-Key": "k", "Cookie": "c=1; session=s"},
        b"x",
    )


def document(server: str, path: str = "/things/{id}/parts") -> dict[str, JSON]:
    described = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": server}],
        "paths": {path: {"get": {"operationId": "getParts", "parameters": [described]}}},
    }


@pytest.mark.parametrize("value", ["..", ".", "", "a\0b", "a\r\nX-Evil: 1", "\x7f", "\ud800"])
def test_smuggling_that_is_refused(loopback: Loopback, value: str) -> None:
    """What would reach another path, or is in no identifier, is not sent."""
    client = dynclient.Client(document(loopback.url))

    with pytest.raises(InvalidRequest):
        client.getParts(id=value)
    assert loopback.sent == []


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("%2e%2e", "%252e%252e"),
        ("a/../b", "a%2F..%2Fb"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("..%2f", "..%252f"),
        ("..\\admin", "..%5Cadmin"),
        ("a?x=1", "a%3Fx%3D1"),
        ("a#x", "a%23x"),
        ("a;b", "a%3Bb"),
        ("@evil.test", "%40evil.test"),
        ("...", "..."),
        ("ünï", "%C3%BCn%C3%AF"),
    ],
)
def test_smuggling_that_stays_in_its_segment(loopback: Loopback, value: str, segment: str) -> None:
    """The server sees one segment, which means the value."""
    client = dynclient.Client(document(loopback.url))

    client.getParts(id=value)

    assert loopback.lines == [f"GET /things/{segment}/parts"]
    assert unquote(segment) == value


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/things/x/parts"),
        ("https://API.Test/V1", "https://api.test/V1/things/x/parts"),
        ("https://bücher.test", "https://xn--bcher-kva.test/things/x/parts"),
        ("https://api.test/v1?", "https://api.test/v1/things/x/parts"),
        ("https://api.test/v1#", "https://api.test/v1/things/x/parts"),
    ],
)
def test_base_url_of_a_prepared_request(base: str, expected: str) -> None:
    """The path follows the base URL's own, whatever its host looks like."""
    assert dynclient.Client(document(base)).getParts.prepare(id="x").url == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("@evil.test/x", "http://api.test/@evil.test/x"),
        (":80@evil.test/", "http://api.test/:80@evil.test/"),
        ("//evil.test/x", "http://api.test//evil.test/x"),
        ("https://evil.test/", "http://api.test/https://evil.test/"),
        ("/\\evil.test", "http://api.test/%5Cevil.test"),
        ("/100%", "http://api.test/100%25"),
    ],
)
def test_hostile_path_of_a_document(path: str, expected: str) -> None:
    """The host stays that of the server."""
    contents = {"openapi": "3.1.0", "servers": [{"url": "http://api.test"}], "paths": {path: {"get": {}}}}
    (caller,) = map(dynclient.Client(contents).__getitem__, dynclient.Client(contents).operations)

    assert caller.prepare().url == expected


TEMPLATES = {
    template: dynclient.Client(document("https://api.test/v1", template))
    for template in ("/things/{id}/parts", "/{id}", "/things/{id}.json", "/things/{id}:cancel")
}


@pytest.mark.parametrize("template", TEMPLATES)
@settings(deadline=None)
@given(value=strategies.text() | strategies.text("./\\%2eEfF?#;@:", max_size=8))
def test_any_text_stays_in_its_segment(template: str, value: str) -> None:
    """Any text is refused, or means itself in its one segment of what is sent."""
    client = TEMPLATES[template]
    try:
        prepared = client.getParts.prepare(id=value)
    except InvalidRequest:
        return

    before, _, after = f"/v1{template}".partition("{id}")
    parts = urlsplit(prepared.url)
    path = str(parts.path)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "api.test", "", "")
    assert path.startswith(before)
    assert path.endswith(after)
    segment = path.removeprefix(before).removesuffix(after)
    assert "/" not in segment
    assert unquote(segment) == value
