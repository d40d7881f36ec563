"""Who calls, for both clients: tokens that are asked for in time, and what is said of credentials."""

from __future__ import annotations

import time
import warnings
from typing import Any

import pytest
import requests

from dynclient import CallError, CredentialWarning, DynclientError, Hooks, OAuth2, StatusError, TimedOut
from dynclient.types import JSON
from tests import drivers
from tests.drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401
from tests.faultserver import Fault, FaultServer, answering, dripping, silent

TOKEN = answering(b'{"access_token": "t1", "token_type": "bearer"}')
BRIEF = answering(b'{"access_token": "t1", "token_type": "bearer", "expires_in": -1, "refresh_token": "r"}')


def document(server: str, schemes: JSON, needed: str | None = None) -> dict[str, JSON]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": server}],
        "paths": {"/x": {"get": {"operationId": "go", "responses": {"200": {"description": ""}}}}},
        "components": {"securitySchemes": schemes},
        **({"security": [{needed: []}]} if needed else {}),
    }


def tokens(server: str, **options: Any) -> Any:
    """A client whose calls need a token of the same server."""
    pytest.importorskip("oauthlib.oauth2")
    schemes = {"o": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}}
    return made(document(server, schemes, "o"), auth={"o": OAuth2("id", "secret")}, retries=0, **options)


# ----------------------------------------------------------------------------------------------------- tokens in time


@pytest.mark.parametrize(
    ("fault", "before", "asked"),
    [
        (silent, [], ["POST"]),
        (dripping(b" ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"), [], ["POST"]),
        (silent, [TOKEN, answering(status="401 Unauthorized")], ["POST", "GET", "POST"]),
        (silent, [BRIEF, answering()], ["POST", "GET", "POST"]),
    ],
    ids=["first", "without an end", "renewed after 401", "by a refresh token"],
)
def test_a_token_is_asked_for_within_the_time_of_its_call(before: list[Fault], asked: list[str], fault: Fault) -> None:
    """However it is asked for, and whether nothing comes or never the end."""
    with FaultServer(fault, before) as server:
        client = tokens(server.url, total_timeout=0.7)
        begun = time.monotonic()
        with pytest.raises(CallError, match=r"within the 0\.7 seconds allowed|the 0\.7 seconds were over"):
            [client.go() for _ in range(2)]

        assert time.monotonic() - begun < 5
        assert [seen.method for seen in server.seen] == asked


def test_the_time_for_a_token_is_time_of_the_call() -> None:
    """What is left of it is for the request itself."""

    def slow(line: Any) -> object:
        line.wait(0.3)
        return TOKEN(line)

    with FaultServer(silent, [slow]) as server:
        begun = time.monotonic()
        with pytest.raises(TimedOut):
            tokens(server.url, total_timeout=0.5).go()

        assert 0.4 < time.monotonic() - begun < 0.75


def test_a_relative_endpoint_is_one_of_the_server() -> None:
    """Of the one that the call goes to."""
    with FaultServer(before=[TOKEN]) as server, FaultServer(before=[TOKEN]) as other:
        client = tokens(f"{server.url}/api/")
        client.go()
        client.with_options(base_url=other.url).go()

    assert [[seen.target for seen in each.seen] for each in (server, other)] == [["/token", "/api/x"], ["/token", "/x"]]


def test_a_provider_that_refuses() -> None:
    """What it says is reported, without the secret."""
    refusal = answering(b'{"error": "invalid_client", "error_description": "no secret"}', status="401 Unauthorized")
    with FaultServer(refusal) as server, pytest.raises(DynclientError) as caught:
        tokens(server.url).go()

    assert str(caught.value) == (
        f"go: no token for o: the token endpoint {server.url} answered 401 Unauthorized: invalid_client: "
        "no ***. Nothing was sent."
    )


# ------------------------------------------------------------------------------------------ what is said of credentials


SCHEMES: dict[str, JSON] = {
    "b": {"type": "http", "scheme": "bearer"},
    "user": {"type": "http", "scheme": "basic"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "q": {"type": "apiKey", "in": "query", "name": "k"},
    "login": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "o": {"type": "oauth2", "flows": {}},
    "tls": {"type": "mutualTLS"},
}


@pytest.mark.parametrize(
    ("scheme", "credential", "way"),
    [
        ("b", "t", "headers={'Authorization': 'Bearer ...'}"),
        ("user", ("u", "p"), "headers={'Authorization': 'Basic ...'}"),
        ("key", "k", "headers={'X-Key': ...}"),
        ("q", "k", "query={'k': ...} (headers=... is for headers)"),
        ("login", "s", "headers={'Cookie': 'sid=...'}"),
        ("o", "t", "headers={'Authorization': 'Bearer ...'}"),
        ("tls", "cert.pem", "a session=... that has it as its cert; headers=... is for the others"),
    ],
)
def test_a_credential_that_no_operation_asks_for(scheme: str, credential: Any, way: str) -> None:
    """Is reported once, when the client is made, with what to do."""
    contents = document("http://api.test", SCHEMES, "b" if scheme != "b" else "q")
    with warnings.catch_warnings(record=True, action="always") as caught:
        client = made(contents, auth={scheme: credential})
        client.with_options(auth={scheme: credential})
        client.go.with_options(auth={scheme: credential})

    message = (
        f"no operation of the document asks for {scheme!r}, so its credential is not sent; "
        f"if the server wants it all the same, give {way}"
    )
    assert [(str(record.message), record.filename) for record in caught] == [(message, drivers.__file__)]


def test_a_copy_with_a_credential_that_no_operation_asks_for() -> None:
    """It is reported as well."""
    client = made(document("http://api.test", SCHEMES, "b"))
    for part, scheme in ((client, "key"), (client.go, "q")):
        with pytest.warns(CredentialWarning, match=f"^no operation of the document asks for '{scheme}'"):
            part.with_options(auth={scheme: "k"})


@pytest.mark.parametrize("where", ["document", "operation", "alternative", "additional", "name alone"])
def test_a_credential_that_some_operation_asks_for(where: str) -> None:
    """Wherever it does, there is no warning; nor for one that is switched off."""
    contents: Any = document("http://api.test", SCHEMES, "b" if where == "document" else None)
    get = contents["paths"]["/x"]["get"]
    get |= {"operation": {"security": [{"b": []}]}, "alternative": {"security": [{}, {"key": [], "b": []}]}}.get(
        where, {}
    )
    if where == "additional":
        contents["openapi"] = "3.2.0"
        contents["paths"]["/x"]["additionalOperations"] = {"LINK": {"security": [{"b": []}]}}
    if where == "name alone":
        get["security"] = ["b"]

    made(contents, auth={"b": "t", "key": None})


OWN: list[Any] = [
    ({"headers": {"Authorization": "Bearer t"}}, "the header authorization"),
    ({"headers": {"X-Api-Token": "t"}}, "the header x-api-token"),
    ({"headers": {"Cookie": "sid=1"}}, "the cookie sid"),
    ({"query": {"k": "1"}}, "the field k of the query"),
    ({"query": {"api_key": "1"}, "headers": {"X-Key": "1"}}, "the field api_key of the query and the header x-key"),
    (
        {"hooks": Hooks(before_send=lambda _, request: request.headers.update(Authorization="t"))},
        "the header authorization",
    ),
    ({"session": "headers"}, "the header authorization"),
    ({"session": "auth"}, "the header authorization"),
    ({"session": "cookies"}, "the cookie sid"),
]


@pytest.mark.parametrize("needed", [None, "o"])
@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
@pytest.mark.parametrize(("options", "what"), OWN)
def test_what_the_caller_sent_himself_was_sent(
    options: dict[str, Any], what: str, status: str, needed: str | None
) -> None:
    """No error says that there was none, whatever put it there."""
    with requests.Session() as session, FaultServer(answering(b"{}", status=status)) as server:
        if "session" in options:
            kind, options = options["session"], {"session": session}
            if kind == "auth":
                session.auth = ("u", "p")
            else:
                getattr(session, kind).update({"Authorization": "t"} if kind == "headers" else {"sid": "1"})
        with pytest.raises(StatusError) as caught:
            made(document(server.url, SCHEMES, needed), **options).go()

    came_to = "was refused" if "401" in status else "may not permit this"
    fulfilled = needed and what == "the header authorization" and "hooks" not in options
    hint = f"The call carried {what}, which {came_to}."
    if fulfilled:
        hint = "The credential for 'o' was refused." if "401" in status else ""
    elif needed:
        hint += " The operation needs 'o'. Give auth={'o': ...} or set DYNCLIENT_AUTH_O."
    assert str(caught.value) == f"go: the server answered {status}{f'. {hint}' if hint else ''}"
