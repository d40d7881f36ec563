"""Who calls, for both clients: tokens that are asked for in time, and what is said of credentials."""

from __future__ import annotations

import time
from typing import Any

import pytest
from drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401
from faultserver import Fault, FaultServer, answering, dripping, silent

from dynclient import CallError, DynclientError, OAuth2, TimedOut
from dynclient.types import JSON

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
    pytest.importorskip("oauthlib")
    schemes = {"o": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}}
    return made(document(server, schemes, "o"), auth={"o": OAuth2("id", "secret")}, retries=0, **options)


# ----------------------------------------------------------------------------------------------------- tokens in time


@pytest.mark.parametrize("fault", [silent, dripping(b" ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")])
@pytest.mark.parametrize(
    ("before", "asked"),
    [
        ([], ["POST"]),
        ([TOKEN, answering(status="401 Unauthorized")], ["POST", "GET", "POST"]),
        ([BRIEF, answering()], ["POST", "GET", "POST"]),
    ],
    ids=["first", "renewed after 401", "by a refresh token"],
)
def test_a_token_is_asked_for_within_the_time_of_its_call(before: list[Fault], asked: list[str], fault: Fault) -> None:
    """However it is asked for, and whether nothing comes or never the end."""
    with FaultServer(fault, before) as server:
        client = tokens(server.url, total_timeout=0.4)
        begun = time.monotonic()
        with pytest.raises(CallError, match=r"within the 0\.4 seconds allowed|the 0\.4 seconds were over"):
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
    """What it says is told, without the secret."""
    refusal = answering(b'{"error": "invalid_client", "error_description": "no secret"}', status="401 Unauthorized")
    with FaultServer(refusal) as server, pytest.raises(DynclientError) as caught:
        tokens(server.url).go()

    assert str(caught.value) == (
        f"go: there is no token for o: the token endpoint {server.url} answered 401 Unauthorized: invalid_client: "
        "no ***. Nothing was sent."
    )
