"""Where calls go: the servers of a document, the caller's choice among them, and how far credentials go."""

from __future__ import annotations

import copy
import enum
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, strategies

from dynclient.client import Client
from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import CallError, DocumentError
from dynclient.mock import MockApp
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import Operation, Server, ServerVariable
from dynclient.openapi.reader import read_operation
from dynclient.types import JSON
from dynclient.wire.servers import (
    Destination,
    Selection,
    accepted_origin,
    base_url_of,
    checked_base_url,
    expanded,
    url_of,
)
from tests.places import SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Loopback

SECRET = "sk-1234567890"
PUBLISHED = "https://docs.test/a/openapi.yaml"


def variables(**defaults: str | None) -> dict[str, ServerVariable]:
    return {name: ServerVariable(default) for name, default in defaults.items()}


def contents(*servers: JSON, path: JSON = (), operation: JSON = (), secured: bool = True) -> dict[str, JSON]:
    """A document with the operation `go`, and with `upload`, whose path or operation may have servers of its own."""
    upload = {"operationId": "upload", "servers": list(operation)}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Things", "version": "1"},
        "servers": list(servers),
        "security": [{"key": []}] if secured else [],
        "paths": {"/go": {"get": {"operationId": "go"}}, "/upload": {"servers": list(path), "post": upload}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def client(*servers: JSON, path: JSON = (), operation: JSON = (), url: str = "", **options: Any) -> Client:
    """Of such a document, which came from this URL, or from none."""
    return Client(Document(contents(*servers, path=path, operation=operation), "api", url), **options)


PRODUCTION: JSON = {"url": "https://api.test/v1", "description": "Production", "name": "prod"}
STAGING: JSON = {"url": "https://{region}.staging.test/", "description": "Staging\nfor tests", "name": "stage"}
STAGING |= {"variables": {"region": {"default": "eu", "enum": ["eu", "us"]}}}
UPLOADS: JSON = {"url": "https://uploads.test", "description": "Uploads"}


# --------------------------------------------------------------------------------------------------------- base URLs


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://api.test", "https://api.test"),
        ("https://api.test/", "https://api.test"),
        ("https://api.test/v1//", "https://api.test/v1"),
        ("HTTPS://API.test/V1", "https://API.test/V1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://api.test/a b/ü", "https://api.test/a%20b/%C3%BC"),
        ("https://api.test/a%20b", "https://api.test/a%20b"),
        ("https://bücher.test/x", "https://bücher.test/x"),
        ("https://api.test/v1?", "https://api.test/v1"),
        ("https://api.test/v1#", "https://api.test/v1"),
        ("https://api.test/v1\n", "https://api.test/v1"),
        (" https://api.test/v1 ", "https://api.test/v1"),
        ("https://api.test./v1", "https://api.test./v1"),
        ("https://api.test/@me", "https://api.test/@me"),
        ("http://[fe80::1%25eth0]:80", "http://[fe80::1%25eth0]:80"),
    ],
)
def test_base_url(given_url: str, expected: str) -> None:
    """Without the slash at its end, and with nothing behind the path."""
    assert checked_base_url(given_url) == expected


@pytest.mark.parametrize(
    ("given_url", "message"),
    [
        ("api.test", "the base URL 'api.test' must begin with http:// or https:// and a host"),
        ("/v1", "the base URL '/v1' must begin with http:// or https:// and a host"),
        ("", "the base URL '' must begin with http:// or https:// and a host"),
        ("ftp://api.test", "the base URL 'ftp://api.test' must begin with http:// or https:// and a host"),
        ("https://", "the base URL 'https://' must begin with http:// or https:// and a host"),
        ("https://api.test?x=1", "the base URL must not have a query; use with_options(query={...})"),
        ("https://api.test/#x", "the base URL must not have a fragment"),
        ("https://me:pass@api.test", "the base URL must not have a user name or password; use auth={...}"),
        ("https://good.test\\@evil.test", "the base URL must not have a user name or password; use auth={...}"),
        ("https://me:pass@api:x", "the base URL must not have a user name or password; use auth={...}"),
        ("https://me:pass@[::1", "the base URL must not have a user name or password; use auth={...}"),
        ("https://api.test/\ud800", "the base URL 'https://api.test/\\ud800' cannot be read: {surrogate}"),
        ("https://<host>/v1", "the base URL 'https://<host>/v1' cannot be: '<host>' isn't a host"),
        ("https://a\\.evil", "the base URL 'https://a\\\\.evil' cannot be: 'a\\\\.evil' isn't a host"),
        ("http://[::1", "the base URL 'http://[::1' cannot be read: Invalid IPv6 URL"),
        ("http://a:x", "the base URL 'http://a:x' cannot be read: Port could not be cast to integer value as 'x'"),
        ("http://a:99999", "the base URL 'http://a:99999' cannot be read: Port out of range 0-65535"),
    ],
)
def test_refused_base_url(given_url: str, message: str) -> None:
    """With the reason, and never with a password."""
    with pytest.raises(DocumentError) as caught:
        checked_base_url(given_url)

    surrogate = "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"
    assert str(caught.value) == message.replace("{surrogate}", surrogate)


# ----------------------------------------------------------------------------------------------------------- servers


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.test/v1/", "https://api.test/v1"),
        ("HTTPS://API.test/V1", "https://API.test/V1"),
        ("/v1", "https://docs.test/v1"),
        ("v1", "https://docs.test/a/v1"),
        ("./v1/", "https://docs.test/a/v1"),
        ("../v1", "https://docs.test/v1"),
        ("../../../v1", "https://docs.test/v1"),
        (".", "https://docs.test/a"),
        ("/", "https://docs.test"),
        ("", "https://docs.test"),
        (" ", "https://docs.test"),
        ("//other.test/v1", "https://other.test/v1"),
        ("v1:beta", "https://docs.test/a/v1:beta"),
        ("https://bücher.test", "https://bücher.test"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_url_of_a_server(url: str, expected: str) -> None:
    """A relative one is as seen from the document's own URL; an empty one is the root of its host."""
    if url == "v1:beta":
        url = f"./{url}"  # without the dot it has a scheme (RFC 3986 §4.2)

    assert url_of(Server(url), {}, PUBLISHED) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://api.test/#x", "the server URL must not have a fragment"),
        ("https://me:pass@api.test", "the server URL must not have a user name or password; use auth={...}"),
        ("//me:pass@api.test", "the server URL must not have a user name or password; use auth={...}"),
        ("ws://api.test", "the server URL 'ws://api.test' must begin with http:// or https:// and a host"),
        ("https:v1", "the server URL 'https:v1' must begin with http:// or https:// and a host"),
        ("//[::1", "the server URL '//[::1' cannot be read: Invalid IPv6 URL"),
        ("https://<host>", "the server URL 'https://<host>' cannot be: '<host>' isn't a host"),
    ],
)
def test_server_that_is_no_place_to_send_to(url: str, message: str) -> None:
    """It is said why, and what to do instead."""
    with pytest.raises(DocumentError) as caught:
        url_of(Server(url), {}, PUBLISHED)

    assert str(caught.value) == f"{message}; pass base_url='https://...'"


def operation(*servers: Server) -> Operation:
    return Operation("go", "GET", "/go", servers=servers)


@pytest.mark.parametrize(
    ("servers", "destination", "expected"),
    [
        ((Server("https://a.test"), Server("https://b.test")), Destination(), "https://a.test"),
        ((Server("https://a.test"),), Destination("http://mine.test"), "http://mine.test"),
        ((), Destination("http://mine.test"), "http://mine.test"),
        ((), Destination(), "https://docs.test"),
        (
            (Server("https://{r}.test", "", variables(r="eu")),),
            Destination(server_variables={"r": "us", "other": "x"}),
            "https://us.test",
        ),
    ],
)
def test_base_url_of_an_operation(servers: tuple[Server, ...], destination: Destination, expected: str) -> None:
    """The caller's, else the first server; where there is none, the root of the document's host."""
    assert base_url_of(operation(*servers), PUBLISHED, destination) == expected


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        ((), "the document names no server; pass base_url='https://...'."),
        (
            (Server("/v1"),),
            "the server '/v1' is relative to the document's own URL, which is not known; pass base_url='https://...'.",
        ),
        (
            (Server("//api.test"),),
            (
                "the server '//api.test' is relative to the document's own URL, which is not known; "
                "pass base_url='https://...'."
            ),
        ),
        (
            (Server("https://{a}.{b}.test/{c}", "", variables(a=None, b="x")),),
            "the server 'https://{a}.{b}.test/{c}' needs server_variables={'a': ..., 'c': ...}.",
        ),
    ],
)
def test_no_base_url(servers: tuple[Server, ...], message: str) -> None:
    """The hint says how to give one, or what of it is missing."""
    with pytest.raises(CallError) as caught:
        base_url_of(operation(*servers), "", Destination())

    assert str(caught.value) == f"go: {message} Nothing was sent."


# --------------------------------------------------------------------------------------------------------- variables


@pytest.mark.parametrize(
    ("server", "given", "expected"),
    [
        (
            Server("{p}://{h}:{n}", "", variables(p="http", h="localhost", n="80")),
            {"n": "8443"},
            "http://localhost:8443",
        ),
        (
            Server("{p}://{h}", "", variables(p="http", h="localhost")),
            {"p": "https", "h": "[::1]:80"},
            "https://[::1]:80",
        ),
        (Server("https://{h}/v1", "", variables(h="localhost")), {"h": "bücher.test:80"}, "https://bücher.test:80/v1"),
        (Server("https://api.test{p}", "", variables(p="/v1")), {"p": "/v2/x"}, "https://api.test/v2/x"),
        (Server("https://api.test{p}", "", variables(p="/v1")), {"p": ""}, "https://api.test"),
        (Server("https://api.test/{p}", "", variables(p="v1")), {"p": "a/b@c:d é%2F"}, "https://api.test/a/b@c:d é%2F"),
        (Server("/{p}", "", variables(p="v1")), {"p": "v2"}, "/v2"),
        (Server("{url}/v1", "", variables(url="https://a.test")), {"url": "http://b.test/x"}, "http://b.test/x/v1"),
        (Server("http{s}://a.test", "", variables(s="x")), {"s": "s"}, "https://a.test"),
        (Server("https://a.test/r?p={p}", "", variables(p="x")), {"p": "a/b?c"}, "https://a.test/r?p=a/b?c"),
        (Server("https://{h}/v1", "", variables(h="a.test/api")), {}, "https://a.test/api/v1"),
        (Server("https://a.test/{p}", "", variables(p="v1?x=1")), {}, "https://a.test/v1?x=1"),
    ],
)
def test_variables(server: Server, given: dict[str, str], expected: str) -> None:
    """Given, or by default; `https://host{path}` has a path there where its default says so."""
    assert expanded(server, given) == expected


def test_values_that_the_document_gives() -> None:
    """They are parts of its URL; any other value is held to the part it stands in."""
    server = Server("https://{h}/v1", "", {"h": ServerVariable("a.test", ("a.test", "b.test/api", "c.test:80/x"))})

    assert expanded(server, {"h": "b.test/api"}) == "https://b.test/api/v1"
    free = Server("https://{h}/v1", "", {"h": ServerVariable("b.test/api")})
    with pytest.raises(DocumentError, match=r"the server variable 'h' cannot be 'c\.test/api'"):
        expanded(free, {"h": "c.test/api"})


@pytest.mark.parametrize("path", ["/a", "/a?of=path"])
def test_the_query_of_a_server(path: str) -> None:
    """It stands before that of the path, of the call and of a credential; the path goes behind the server's."""
    parameters = [{"name": "x", "in": "query"}]
    source = {
        "openapi": "3.1.0",
        "servers": [{"url": "https://api.test/router.php?p=rest&q=%20"}],
        "paths": {path: {"get": {"operationId": "go", "parameters": parameters, "security": [{"key": []}]}}},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "k"}}},
    }
    own = path.partition("?")[2]

    prepared = Client(source, auth={"key": "1"}).go.prepare(x="y")

    rest = "&".join(filter(None, [own, "x=y", "k=1"]))
    assert prepared.url == f"https://api.test/router.php/a?p=rest&q=%20&{rest}"


HOST = Server("https://{x}.api.test/v1", "", variables(x="eu"))
PORT = Server("https://api.test:{x}/v1", "", variables(x="443"))
PATH = Server("https://api.test/{x}/v1", "", variables(x="a"))
ROOTED = Server("/{x}/evil.test", "", variables(x="a"))
BEHIND = Server("https://api.test{x}", "", variables(x="/v1"))
WHOLE = Server("{x}/v1", "", variables(x="https://api.test"))
SCHEME = Server("http{x}/v1", "", variables(x="s"))
HALF = Server("http:/{x}", "", variables(x="x"))
RESTRICTED = Server("https://{x}.test", "", {"x": ServerVariable("eu", ("us", "asia"))})

HOST_RULE = "the host of 'https://{x}.api.test/v1' may hold letters, digits, hyphens and single dots"
PATH_RULE = (
    "the path of 'https://api.test/{x}/v1' may hold no control character, '?', '#' or '\\', and no segment '.' or '..'"
)


@pytest.mark.parametrize(
    ("server", "value", "message"),
    [
        *(
            (HOST, value, HOST_RULE)
            for value in ("evil.test/", "a@b", "x?y", "x#y", "a\r\nb", "..", ".a", "a\\b", "a b")
        ),
        *(
            (PATH, value, PATH_RULE)
            for value in ("..", ".", "a/../b", "%2e%2E", ".%2e/a", "x?y", "x#y", "a\\b", "a\r\nb")
        ),
        (PATH, "\ud800", PATH_RULE),
        (PORT, "80@evil.test", "the port of 'https://api.test:{x}/v1' may hold digits"),
        (PORT, "", "the port of 'https://api.test:{x}/v1' may hold digits"),
        (
            WHOLE,
            "https://evil.test?",
            "the beginning of '{x}/v1' may hold no space, control character, '?', '#' or '\\'",
        ),
        (SCHEME, "s://evil.test", "the scheme of 'http{x}/v1' may hold http or https"),
    ],
)
def test_value_that_would_reach_beyond_its_place(server: Server, value: str, message: str) -> None:
    """A host holds no path or user name, a path no query, and so on."""
    with pytest.raises(DocumentError) as caught:
        expanded(server, {"x": value})

    assert str(caught.value) == (
        f"the server variable 'x' cannot be {value!r}: {message}; pass another in server_variables={{'x': ...}}"
    )


@pytest.mark.parametrize(
    ("server", "value"), [(ROOTED, ""), (ROOTED, "/evil.test"), (HALF, "/evil.test"), (BEHIND, ".evil.test")]
)
def test_path_that_would_become_a_host(server: Server, value: str) -> None:
    """Also where the rest of the template makes it one."""
    with pytest.raises(DocumentError) as caught:
        expanded(server, {"x": value})

    assert str(caught.value) == f"the variables in the path of the server {server.url!r} would change its host"


@pytest.mark.parametrize(("value", "shown"), [("de", "'de'"), ("EU", "'EU'"), ("", "''")])
def test_value_that_is_not_in_the_enum(value: str, shown: str) -> None:
    """With those that are; the default is one of them, whatever the enum says."""
    with pytest.raises(DocumentError) as caught:
        expanded(RESTRICTED, {"x": value})

    assert str(caught.value) == f"the server variable 'x' cannot be {shown}; it is one of: 'us', 'asia'"
    assert [expanded(RESTRICTED, given) for given in ({}, {"x": "us"}, {"x": "eu"})] == [
        "https://eu.test",
        "https://us.test",
        "https://eu.test",
    ]


FIXED = ["https://api.test/{x}", "https://api.test/v1/{x}/a{y}", "https://api.test/{x}{y}", "https://api.test:1/a.{x}"]
RELATIVE = ["/{x}", "/{x}/{y}", "v1/{x}", "./{x}{y}", "/v1{x}", "//docs.test/{x}"]
URL_TEXT = strategies.text() | strategies.text("./\\%2eEfF?#;@:[]a ", max_size=8)


@given(template=strategies.sampled_from(FIXED + RELATIVE), x=URL_TEXT, y=URL_TEXT)
def test_no_value_changes_an_origin(template: str, x: str, y: str) -> None:
    """Where the host has no variable, any two values are refused, or the URL stays at its origin without a query."""
    try:
        url = url_of(Server(template, "", variables(x="a", y="b")), {"x": x, "y": y}, PUBLISHED)
    except DocumentError:
        return

    fixed = urlsplit(template if template in FIXED else PUBLISHED)
    prepared = requests.Request("GET", f"{url}/go").prepare()
    assert prepared.url is not None
    for found in (urlsplit(url), urlsplit(prepared.url)):
        assert (found.scheme, found.netloc, found.query, found.fragment) == ("https", fixed.netloc, "", "")


@given(value=URL_TEXT)
def test_no_value_leaves_its_domain(value: str) -> None:
    """A variable before a domain makes a name below that domain."""
    try:
        url = url_of(HOST, {"x": value}, "")
    except DocumentError:
        return

    parts = urlsplit(url)
    assert str(parts.hostname).endswith(".api.test")
    assert (parts.username, parts.path, parts.query) == (None, "/v1", "")


class Port(enum.Enum):
    SECURE = 8443


@pytest.mark.parametrize(("value", "text"), [(8443, "8443"), ("8443", "8443"), (Port.SECURE, "8443"), (True, "true")])
def test_variables_are_written_as_text(value: JSON, text: str) -> None:
    """Numbers in digits, and so on."""
    server = {"url": "https://api.test/{x}", "variables": {"x": {"default": "1"}}}

    assert client(server, server_variables={"x": value}).base_url == f"https://api.test/{text}"


@pytest.mark.parametrize(
    ("given_variables", "message"),
    [
        (
            {"regoin": "eu"},
            "no variable 'regoin' in the server 'https://{region}.test'; there are: region. Did you mean 'region'?",
        ),
        ({"region": ["eu"]}, "the server variable 'region' is a text or a number, not list"),
        ({"region": None}, "the server variable 'region' is a text or a number, not NoneType"),
        ({"region": object()}, "the server variable 'region' is a text or a number, not object"),
        ({"region": "us"}, "the server variable 'region' cannot be 'us'; it is one of: 'eu'"),
    ],
)
@pytest.mark.parametrize("where", ["client", "options", "call"])
def test_variables_that_cannot_be(given_variables: JSON, message: str, where: str) -> None:
    """They are refused at once, not at the call."""
    server = {"url": "https://{region}.test", "variables": {"region": {"enum": ["eu"], "default": "eu"}}}
    give: dict[str, Any] = {
        "client": lambda: client(server, server_variables=given_variables),
        "options": lambda: client(server).with_options(server_variables=given_variables),
        "call": lambda: client(server).go.with_options(server_variables=given_variables),
    }

    with pytest.raises(DocumentError) as caught:
        give[where]()

    assert str(caught.value) == message


def test_variables_join_those_there_are() -> None:
    """As headers do; one that the document does not declare can be given, too."""
    server = {"url": "https://{a}.test/{b}", "variables": {"a": {"default": "eu"}}}
    first = client(server, server_variables={"b": "v1"})

    assert first.with_options(server_variables={"a": "us"}).base_url == "https://us.test/v1"
    assert (client(server).base_url, first.base_url) == ("", "https://eu.test/v1")
    with pytest.raises(
        CallError, match=r"^go: the server 'https://\{a\}.test/\{b\}' needs server_variables=\{'b': ...\}"
    ):
        client(server, server_variables={"a": "us"}).go.prepare()


def test_variables_of_an_operation_alone() -> None:
    """The client takes them for the calls that go there, which refuse what does not fit."""
    uploads = {"url": "https://{node}.uploads.test", "variables": {"node": {"default": "n1", "enum": ["n1", "n2"]}}}
    choice = client(PRODUCTION, operation=[uploads], server_variables={"node": "n2"})
    wrong = client(PRODUCTION, operation=[uploads], server_variables={"node": "n3"})

    assert [choice.go.prepare().url, choice.upload.prepare().url] == [
        "https://api.test/v1/go",
        "https://n2.uploads.test/upload",
    ]
    with pytest.raises(CallError, match=r"^upload: the server variable 'node' cannot be 'n3'; it is one of"):
        wrong.upload.prepare()
    with pytest.raises(DocumentError, match=r"^no variable 'node' in the server 'https://api.test/v1'; there are"):
        choice.go.with_options(server_variables={"node": "n2"})


# ------------------------------------------------------------------------------------------------------------ choice


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (0, "https://api.test/v1"),
        (1, "https://eu.staging.test"),
        ("Production", "https://api.test/v1"),
        ("production ", "https://api.test/v1"),
        ("prod", "https://api.test/v1"),
        ("STAGE", "https://eu.staging.test"),
        ("https://{region}.staging.test/", "https://eu.staging.test"),
        ("https://{region}.staging.test", "https://eu.staging.test"),
        ("https://eu.staging.test/", "https://eu.staging.test"),
        ("HTTPS://api.test/v1", "https://api.test/v1"),
        (None, "https://api.test/v1"),
    ],
)
def test_choice_of_a_server(asked: int | str | None, expected: str) -> None:
    """By number, name, description or URL, of the client and of a call alike."""
    plain = client(PRODUCTION, STAGING)

    assert client(PRODUCTION, STAGING, server=asked).base_url == expected
    assert plain.with_options(server=asked).go.prepare().url == f"{expected}/go"
    assert plain.go.with_options(server=asked).prepare().url == f"{expected}/go"


def test_expanded_url_with_the_variables_given() -> None:
    """The choice stays when the variables change later."""
    chosen = client(PRODUCTION, STAGING, server="https://us.staging.test", server_variables={"region": "us"})

    assert chosen.base_url == "https://us.staging.test"
    assert chosen.with_options(server_variables={"region": "eu"}).base_url == "https://eu.staging.test"


def test_relative_server_by_its_complete_url() -> None:
    """As the error messages name it."""
    assert client(PRODUCTION, {"url": "/v2"}, url=PUBLISHED, server="https://docs.test/v2").server.url == "/v2"


THERE = "There are: 0 'https://api.test/v1' (prod), 1 'https://{region}.staging.test/' (stage)"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("stagin", f"no server 'stagin'. {THERE}. Did you mean 'stage'?"),
        (2, f"no server 2. {THERE}."),
        (-1, f"no server -1. {THERE}."),
        ("", f"no server ''. {THERE}."),
        ("https://elsewhere.test:x", f"no server 'https://elsewhere.test:x'. {THERE}."),
    ],
)
def test_choice_that_means_no_server(asked: int | str, message: str) -> None:
    """At once, with those there are."""
    for choose in (
        lambda: client(PRODUCTION, STAGING, server=asked),
        lambda: client(PRODUCTION, STAGING).with_options(server=asked),
        lambda: client(PRODUCTION, STAGING).go.with_options(server=asked),
    ):
        with pytest.raises(DocumentError) as caught:
            choose()

        assert str(caught.value) == message


def test_choice_that_means_several() -> None:
    """It is not guessed; the same server listed twice is one."""
    twins = [{"url": f"{scheme}://api.test", "description": "API"} for scheme in ("http", "https")]

    with pytest.raises(DocumentError) as caught:
        client(*twins, server="api")

    assert str(caught.value) == (
        "'api' means 2 servers; say it by number or URL. "
        "There are: 0 'http://api.test' (API), 1 'https://api.test' (API)."
    )
    assert client(twins[0], twins[0], server="API").base_url == "http://api.test"


def test_choice_where_there_is_none() -> None:
    """It is said what to pass instead."""
    with pytest.raises(
        DocumentError, match=r"^no server 'prod': the document names none; pass base_url='https://...'.$"
    ):
        client(server="prod")


@pytest.mark.parametrize("asked", [True, 1.0, ["prod"]])
def test_choice_of_another_kind(asked: Any) -> None:
    """A mistake in the program."""
    with pytest.raises(TypeError, match=r"^the option server must be a number, or text: .* of type (bool|float|list)$"):
        client(PRODUCTION, server=asked)


def test_password_in_a_server_is_not_shown() -> None:
    """Neither by the list of servers nor by the client."""
    leaking = {"url": "https://me:hunter2@api.test", "description": "Leak"}

    with pytest.raises(DocumentError) as caught:
        client(leaking, server="https://me:hunter2@api.tes")

    assert "hunter2" not in str(caught.value).partition("There are")[2]
    assert repr(client(leaking)) == "<Client 'Things' 1, 2 operations, no server>"


def test_what_the_client_shows() -> None:
    """The server chosen, and where calls go, which `base_url` decides before any server."""
    staging = client(PRODUCTION, STAGING, server="stage", base_url="http://localhost:1/x/")

    assert (staging.server.name, staging.base_url) == ("stage", "http://localhost:1/x")
    assert repr(staging.with_options(base_url=None)) == "<Client 'Things' 1, 2 operations, https://eu.staging.test>"
    assert client(url=PUBLISHED).base_url == "https://docs.test"
    assert client().server == Server("/")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_choice_of_a_copied_client(copied: Any) -> None:
    """It stays."""
    chosen = client(PRODUCTION, STAGING, server="stage", server_variables={"region": "us"})

    assert copied(chosen).base_url == "https://us.staging.test"


# ----------------------------------------------------------------------- servers of paths and operations


@pytest.mark.parametrize("place", ["path", "operation"])
def test_servers_of_a_path_or_an_operation(loopback: Loopback, place: str) -> None:
    """They replace those of the document, and `base_url` replaces all."""
    own: JSON = [{"url": f"{loopback.url}/uploads"}]
    api = client({"url": "http://nowhere.test"}, **{place: own})

    api.upload()
    api.with_options(base_url=f"{loopback.url}/mine").upload()

    assert loopback.lines == ["POST /uploads/upload", "POST /mine/upload"]


def test_choice_is_looked_for_among_an_operations_own_servers() -> None:
    """The same number, name, description or URL; where it means none there, the call is refused and says so."""
    own = {"url": "https://uploads.staging.test", "description": "staging"}
    api = client(PRODUCTION, {**STAGING, "description": "Staging"}, operation=[UPLOADS, own])

    assert [api.with_options(server=asked).upload.prepare().url for asked in (0, 1, "Staging")] == [
        "https://uploads.test/upload",
        "https://uploads.staging.test/upload",
        "https://uploads.staging.test/upload",
    ]
    with pytest.raises(CallError) as caught:
        api.with_options(server="prod").upload.prepare()
    assert str(caught.value) == (
        "upload: it has servers of its own, and no server 'prod'. There are: 0 'https://uploads.test' (Uploads), "
        "1 'https://uploads.staging.test' (staging). Choose one by this operation's with_options(server=...). "
        "Nothing was sent."
    )
    chosen = api.with_options(server="prod").upload.with_options(server="uploads")
    assert chosen.prepare().url == "https://uploads.test/upload"


# ------------------------------------------------------------------------------------------------------------ origin


@pytest.mark.parametrize(
    ("server", "document_url", "accepted"),
    [
        ("https://docs.test/v1", PUBLISHED, True),
        ("https://DOCS.test:443", PUBLISHED, True),
        ("https://docs.test:8443", PUBLISHED, False),
        ("http://docs.test", PUBLISHED, False),
        ("https://api.docs.test", PUBLISHED, False),
        ("https://docs.test.evil.test", PUBLISHED, False),
        ("https://evil.test", "", True),
        ("http://[::1]:8000/v1", "http://[::1]:8000/openapi.json", True),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8000/openapi.json", False),
    ],
)
def test_origin_that_a_document_may_name(server: str, document_url: str, accepted: bool) -> None:
    """Its own, where it was fetched; any, where it is the caller's."""
    assert accepted_origin(server, document_url, Destination()) is accepted


@pytest.mark.parametrize(
    ("destination", "accepted"),
    [
        (Destination("https://api.test"), True),
        (Destination(server=Selection(0, Server("https://api.test/v1"))), True),
        (Destination(server=Selection(0, Server("https://other.test"))), False),
        (Destination(server=Selection(0, Server("https://{x}.test"))), False),
        (Destination(None, Selection(0, Server("https://{x}.test")), {"x": "api"}), True),
        (Destination(server_variables={"x": "api"}), False),
    ],
)
def test_origin_that_the_caller_accepts(destination: Destination, accepted: bool) -> None:
    """By a base URL, or by choosing a server that is there."""
    assert accepted_origin("https://api.test/v1", PUBLISHED, destination) is accepted


@pytest.fixture
def elsewhere(loopback: Loopback) -> Iterator[Loopback]:
    """A second server, whose port makes it another origin."""
    other = type(loopback)()
    yield other
    other.close()


def fetched(loopback: Loopback, *servers: str, operation: JSON = (), **options: Any) -> Client:
    """A client of a document that this server publishes; what it is asked later is kept apart."""
    loopback.says(json.dumps(contents(*({"url": url} for url in servers), operation=operation)).encode())
    published = Client(f"{loopback.url}/openapi.json", **options)
    loopback.says()
    loopback.sent.clear()
    return published


def test_credentials_do_not_leave_the_origin_of_the_document(loopback: Loopback, elsewhere: Loopback) -> None:
    """The call is refused and says how to accept it; nothing arrives anywhere."""
    api = fetched(loopback, f"{elsewhere.url}/v1", auth={"key": SECRET})

    for call in (api.go, api.go.prepare, api.go.curl):
        with pytest.raises(CallError) as caught:
            call()
        assert str(caught.value) == (
            f"go: the document from {loopback.url} says that this is served at {elsewhere.url}, and credentials go to "
            f"another origin only if you accept it: pass server='{elsewhere.url}/v1' or base_url='{elsewhere.url}/v1', "
            "to the client or to this operation's with_options. Nothing was sent."
        )
    assert (loopback.sent, elsewhere.sent) == ([], [])


def test_credentials_go_where_the_caller_says(loopback: Loopback, elsewhere: Loopback) -> None:
    """What the message says works: a server or a base URL, of the client or of the call."""
    api = fetched(loopback, f"{elsewhere.url}/v1", auth={"key": SECRET})
    url = f"{elsewhere.url}/v1"

    for call in (
        api.with_options(server=url).go,
        api.with_options(server=0).go,
        api.with_options(base_url=url).go,
        api.go.with_options(server=url),
        api.go.with_options(base_url=url),
    ):
        call()

    assert [sent.headers["authorization"] for sent in elsewhere.sent] == [f"Bearer {SECRET}"] * 5


def test_choice_of_a_server_accepts_no_other(loopback: Loopback, elsewhere: Loopback) -> None:
    """An operation's own server is accepted by choosing it for the operation."""
    api = fetched(loopback, "/", operation=[{"url": elsewhere.url}], auth={"key": SECRET}, server=0)

    with pytest.raises(CallError, match=r"^upload: the document from"):
        api.upload()
    api.go()
    api.upload.with_options(server=0)()

    assert (loopback.lines, elsewhere.lines) == (["GET /go"], ["POST /upload"])


def test_calls_without_credentials_go_anywhere(loopback: Loopback, elsewhere: Loopback) -> None:
    """Nothing can be lost."""
    fetched(loopback, elsewhere.url).go()

    assert elsewhere.lines == ["GET /go"]


def test_credentials_go_back_to_the_origin_of_the_document(loopback: Loopback) -> None:
    """Also where the document names no server: it is the root of its host then."""
    fetched(loopback, auth={"key": SECRET}).go()
    fetched(loopback, "v1", auth={"key": SECRET}).go()

    assert loopback.lines == ["GET /v1/go"]


def session(**fields: Any) -> requests.Session:
    made = requests.Session()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"authorization": f"Bearer {SECRET}"}},
        {"headers": {"Cookie": f"session={SECRET}"}},
        {"session": session(auth=("me", SECRET))},
        {"session": session(headers={"Authorization": SECRET})},
    ],
    ids=["header", "cookie", "session-auth", "session-header"],
)
def test_credentials_given_in_other_ways(loopback: Loopback, elsewhere: Loopback, options: dict[str, Any]) -> None:
    """Headers and sessions carry them, too."""
    with pytest.raises(CallError, match=r"^go: the document from") as caught:
        fetched(loopback, elsewhere.url, **options).go()

    assert SECRET not in str(caught.value)
    assert elsewhere.sent == []


def test_application_in_this_process_is_no_origin(loopback: Loopback) -> None:
    """Nothing leaves it, so that a fetched document can be tried with a mock."""
    published = Document(contents(PRODUCTION), "api", f"{loopback.url}/openapi.json")
    app = MockApp(published)

    Client(published, app=app, auth={"key": SECRET}).go.with_options(raise_for_status=False)()

    assert len(app.requests) == 1


# ------------------------------------------------------------------------------------------------ published documents


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
@pytest.mark.parametrize("path", sorted(SPECS.glob("*.[jy][sa][om][nl]")), ids=lambda path: path.name)
def test_every_operation_of_published_documents_has_a_base_url(path: Path) -> None:
    """As seen from the URL that a document came from."""
    try:
        found = parse(load(path))
    except DocumentError as error:
        pytest.skip(error.message)
    for entry in read_entries(found):
        assert urlsplit(base_url_of(read_operation(found, entry), PUBLISHED, Destination())).hostname
