"""Parameters as they arrive: the bytes that a server reads from its socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

import dynclient
from dynclient.errors import CallError
from dynclient.types import JSON

if TYPE_CHECKING:
    from tests.conftest import Recorder


def client(recorder: Recorder, path: str, *parameters: dict[str, JSON], version: str = "3.1.1") -> dynclient.Client:
    operation = {"operationId": "go", "parameters": [{"required": True, "schema": {}, **each} for each in parameters]}
    return dynclient.Client(
        {"openapi": version, "servers": [{"url": f"{recorder.url}/v1"}], "paths": {path: {"get": operation}}}
    )


def test_array_in_a_query(recorder: Recorder) -> None:
    """A name with brackets, two elements, form with explode."""
    described = {"name": "include[]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}

    client(recorder, "/runs", described).go(include=["step details", "a&b"])

    assert recorder.lines == ["GET /v1/runs?include%5B%5D=step%20details&include%5B%5D=a%26b HTTP/1.1"]


def test_deep_object(recorder: Recorder) -> None:
    """A filter by name and value."""
    described = {"name": "filter", "in": "query", "style": "deepObject", "explode": True}

    client(recorder, "/runs", described).go(filter={"status": "in progress", "limit": 5, "done": False})

    assert recorder.lines == [
        "GET /v1/runs?filter%5Bstatus%5D=in%20progress&filter%5Blimit%5D=5&filter%5Bdone%5D=false HTTP/1.1"
    ]


@pytest.mark.parametrize(
    ("style", "explode", "value", "segment"),
    [
        ("matrix", False, ["a b", "c/d"], ";p=a%20b,c%2Fd"),
        ("matrix", True, {"x": 1, "y": "ü"}, ";x=1;y=%C3%BC"),
        ("label", False, ["a", "b"], ".a,b"),
        ("label", True, {"x": 1, "y": 2}, ".x=1.y=2"),
    ],
)
def test_matrix_and_label(recorder: Recorder, style: str, explode: bool, value: JSON, segment: str) -> None:
    """Delimiters stand as they are, what is in the values is escaped."""
    described = {"name": "p", "in": "path", "style": style, "explode": explode}

    client(recorder, "/users{p}/posts/", described).go(p=value)

    assert recorder.lines == [f"GET /v1/users{segment}/posts/ HTTP/1.1"]


def test_cookies(recorder: Recorder) -> None:
    """One header with a pair for each cookie: form escapes, style cookie does not."""
    caller = client(
        recorder,
        "/me",
        {"name": "ids", "in": "cookie", "explode": True},
        {"name": "rgb", "in": "cookie", "style": "form", "explode": True},
        {"name": "raw", "in": "cookie", "style": "cookie"},
        version="3.2.0",
    )

    caller.go(ids=[1, "a;b"], rgb={"R": 100, "G": 200}, raw="Hello%2C!")

    assert recorder.lines == ["GET /v1/me HTTP/1.1", "Cookie: ids=1; ids=a%3Bb; R=100; G=200; raw=Hello%2C!"]


def test_header(recorder: Recorder) -> None:
    """Not escaped; those that the specification has ignored are not sent from a parameter, in any case of letters."""
    caller = client(recorder, "/me", {"name": "X-Ids", "in": "header"}, {"name": "AUTHORIZATION", "in": "header"})

    caller.go(x_ids=[1, True, "a b"])

    assert recorder.lines == ["GET /v1/me HTTP/1.1", "X-Ids: 1,true,a b"]


def test_query_of_a_template(recorder: Recorder) -> None:
    """It is sent before the parameters."""
    client(recorder, "/responses?beta=true", {"name": "q", "in": "query"}).go(q="")

    assert recorder.lines == ["GET /v1/responses?beta=true&q= HTTP/1.1"]


ELEVEN = ["..", ".", "", "%2e%2e", "a/../b", "..%2f", "..\\", "a\0b", "a\r\nX-Evil: 1", "?x", "#x"]
TEMPLATES = {
    "alone": "/things/{p}/parts",
    "last": "/things/{p}",
    "suffix": "/things/{p}.json",
    "verb": "/things/{p}:cancel",
    "prefix": "/things/v{p}/parts",
    "dot before": "/things/.{p}/parts",
    "dot behind": "/things/{p}./parts",
    "dots around": "/things/.{p}./parts",
    "escaped dot": "/things/%2E{p}/parts",
}


@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
@pytest.mark.parametrize("value", ELEVEN)
@pytest.mark.parametrize("more", [{}, {"version": "3.2.0"}], ids=["", "allowReserved"])
def test_eleven_ways_to_leave_a_segment(
    recorder: Recorder, style: str, template: str, value: str, more: dict[str, Any]
) -> None:
    """Each is refused before anything is sent, or arrives inside its one segment, between its neighbours."""
    described = {"name": "p", "in": "path", "style": style, "allowReserved": bool(more)}
    caller = client(recorder, template, described, **more)
    try:
        caller.go(p=value)
    except CallError:
        assert recorder.requests == []
        return

    (line,) = recorder.lines
    method, target, version = line.split(" ")
    assert (method, version) == ("GET", "HTTP/1.1")
    before, after = f"/v1{template}".replace("%2E", ".").split("{p}")
    assert target.startswith(before)
    assert target.endswith(after)
    inside = target[len(before) : len(target) - len(after)]
    assert not set("/?#\\") & set(inside)
    opening = {"simple": "", "label": ".", "matrix": ";p="}[style]
    expected = {f"{opening}{value}", f"{opening}{unquote(value)}"} | (
        {";p"} if style == "matrix" and not value else set()
    )
    assert unquote(inside) in expected
    segment = before.rpartition("/")[2] + inside + after.partition("/")[0]
    # What a server makes of a segment that decodes it, or that first cuts it at a semicolon.
    assert unquote(segment.partition(";")[0]) not in (".", "..")
    assert unquote(segment) not in ("", ".", "..")


@pytest.mark.parametrize("value", ["..", ".", "", "a\0b", "a\r\nX-Evil: 1"])
def test_what_is_always_refused(recorder: Recorder, value: str) -> None:
    """No escape makes these safe in a segment of their own."""
    with pytest.raises(dynclient.InvalidRequest):
        client(recorder, "/things/{p}/parts", {"name": "p", "in": "path"}).go(p=value)

    assert recorder.requests == []


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("/x/{a}{b}/y", {"a": ".", "b": "."}, None),
        ("/x/.{a}", {"a": "."}, None),
        ("/x/{a}.", {"a": "."}, None),
        ("/x/%2e{a}/y", {"a": "-"}, "/v1/x/.-/y"),
        ("/x/{a}{b}/y", {"a": "...", "b": "b"}, "/v1/x/...b/y"),
        ("/x/.{a}", {"a": "a"}, "/v1/x/.a"),
        ("/x/{a}-{b}.{c}/", {"a": "1", "b": "2", "c": "3"}, "/v1/x/1-2.3/"),
    ],
)
def test_values_that_make_dots_together(
    recorder: Recorder, template: str, values: dict[str, str], text: str | None
) -> None:
    """A dot is harmless alone where something else stands in its segment; two that meet are not."""
    caller = client(recorder, template, *({"name": name, "in": "path"} for name in values))
    if text is not None:
        assert caller.go.prepare(**values).path_url == text
        return
    with pytest.raises(dynclient.InvalidRequest, match="would reach another path"):
        caller.go(**values)
    assert recorder.requests == []


@pytest.mark.parametrize("value", ["%2e%2e", "%2E", "%2e%2E", ".%2e"])
def test_escaped_dots_that_are_let_through(recorder: Recorder, value: str) -> None:
    """With allowReserved escapes stay; those of dots are dots all the same."""
    caller = client(recorder, "/x/{p}/y", {"name": "p", "in": "path", "allowReserved": True}, version="3.2.0")

    with pytest.raises(dynclient.InvalidRequest, match="would reach another path"):
        caller.go(p=value)
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("template", "style", "value"),
    [("/x/.{p}/y", "matrix", "v"), ("/x/..{p}/y", "matrix", "v"), ("/x/%2e%2E{p}", "matrix", "v")],
)
def test_dots_before_a_matrix(recorder: Recorder, template: str, style: str, value: str) -> None:
    """Servers that take path parameters off a segment would be left with its dots."""
    caller = client(recorder, template, {"name": "p", "in": "path", "style": style})

    with pytest.raises(dynclient.InvalidRequest, match="would reach another path"):
        caller.go(p=value)
    assert recorder.requests == []
