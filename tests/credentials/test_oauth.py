"""How tokens are asked for, kept and renewed, and to whom secrets are given for them."""

from __future__ import annotations

import base64
import builtins
import copy
import json
import pickle
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from requests.adapters import HTTPAdapter

from dynclient import CallError, Client, OAuth2, Unauthorized
from dynclient.credentials.oauth import TokenError, TokenPlace as Place
from dynclient.openapi.model import OAuthFlow, SecurityScheme
from dynclient.support.deadline import Deadline
from dynclient.types import JSON
from tests.conftest import Answer, Loopback

SECRET = "sk-SECRET-0123456789"
PERCENT = "".join(f"%{ord(letter):02X}" for letter in SECRET)
BASIC = base64.b64encode(f"me:{SECRET}".encode()).decode()
URL = "https://id.test/token"


class Endpoint:
    """A token endpoint: `asked` is what was asked of it; it gives `answers` one by one, and the last for ever."""

    def __init__(self, *answers: JSON, status: int = 200) -> None:
        self.asked: list[tuple[str, str, dict[str, str], str | None]] = []
        self.answers = list(answers) or [{"access_token": "t", "token_type": "bearer"}]
        self.status = status

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> tuple[int, bytes]:
        self.asked.append((method, url, dict(headers), body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return self.status, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    @property
    def forms(self) -> list[dict[str, str]]:
        return [dict(parse_qsl(body or "", keep_blank_values=True)) for _, _, _, body in self.asked]


def scheme(*flows: OAuthFlow, **more: Any) -> SecurityScheme:
    return SecurityScheme("oauth", **{"type": "oauth2", "flows": flows, **more})


CLIENT = scheme(OAuthFlow("clientCredentials", URL))
ALL = scheme(
    OAuthFlow("implicit"),
    OAuthFlow("authorizationCode", "https://id.test/code", "https://id.test/refresh"),
    OAuthFlow("password", "https://id.test/password"),
    OAuthFlow("clientCredentials", URL),
)


def token(text: str, **more: JSON) -> dict[str, JSON]:
    return {"access_token": text, "token_type": "Bearer", **more}


def ask(source: OAuth2, endpoint: Endpoint, scopes: tuple[str, ...] = (), **more: Any) -> str:
    return source.token(**{"scheme": ALL, "scopes": scopes, "place": Place(), "exchange": endpoint, **more})


@pytest.mark.parametrize(
    ("source", "url", "form"),
    [
        (OAuth2("me", SECRET), URL, {"grant_type": "client_credentials", "scope": "read write"}),
        (OAuth2("me", SECRET, scope="one two"), URL, {"grant_type": "client_credentials", "scope": "one two"}),
        (OAuth2("me", SECRET, scope=["one"]), URL, {"grant_type": "client_credentials", "scope": "one"}),
        (OAuth2("me", SECRET, scope=""), URL, {"grant_type": "client_credentials"}),
        (
            OAuth2("me", SECRET, extra={"audience": "a b"}, scope=()),
            URL,
            {"grant_type": "client_credentials", "audience": "a b"},
        ),
        (
            OAuth2("me", SECRET, username="u", password="p&=é"),
            "https://id.test/password",
            {"grant_type": "password", "username": "u", "password": "p&=é", "scope": "read write"},
        ),
        (
            OAuth2("me", SECRET, refresh_token="r"),
            "https://id.test/refresh",
            {"grant_type": "refresh_token", "refresh_token": "r"},
        ),
        (
            OAuth2("me", SECRET, scope="", token_url="http://127.0.0.1:1/mine"),
            "http://127.0.0.1:1/mine",
            {"grant_type": "client_credentials"},
        ),
    ],
)
def test_what_is_asked(source: OAuth2, url: str, form: dict[str, str]) -> None:
    """By what is given and what the document describes; the client is known by http basic."""
    endpoint = Endpoint()

    assert ask(source, endpoint, ("read", "write")) == "t"
    ((method, asked, headers, _),) = endpoint.asked
    assert (method, asked, endpoint.forms) == ("POST", url, [form])
    assert headers == {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Basic {base64.b64encode(f'me:{SECRET}'.encode()).decode()}",
    }


@pytest.mark.parametrize(
    ("source", "form"),
    [
        (OAuth2("me", SECRET, in_body=True), {"client_id": "me", "client_secret": SECRET}),
        (OAuth2("me"), {"client_id": "me"}),
        (OAuth2("me", username="u", password="p"), {"client_id": "me", "username": "u", "password": "p"}),
        (OAuth2(username="u", password="p"), {"username": "u", "password": "p"}),
        (OAuth2("me", refresh_token="r"), {"client_id": "me", "refresh_token": "r"}),
        (OAuth2(refresh_token="r"), {"refresh_token": "r"}),
    ],
)
def test_client_that_is_known_by_the_form(source: OAuth2, form: dict[str, str]) -> None:
    """A public client has no secret; some servers read no http basic."""
    endpoint = Endpoint()
    ask(source, endpoint)

    assert "Authorization" not in endpoint.asked[0][2]
    assert {name: text for name, text in endpoint.forms[0].items() if name != "grant_type"} == form


def test_identity_in_http_basic_is_escaped() -> None:
    """As fields of a form are (RFC 6749 §2.3.1)."""
    endpoint = Endpoint()
    ask(OAuth2("a:b", "c d%"), endpoint)

    assert base64.b64decode(endpoint.asked[0][2]["Authorization"].removeprefix("Basic ")) == b"a%3Ab:c+d%25"


class Clock:
    """Stands still unless moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("dynclient.credentials.oauth.time", clock)
    return clock


@pytest.mark.parametrize(
    ("life", "later", "asked"),
    [
        (3600, 3569, 1),
        (3600, 3571, 2),
        ("3600", 3571, 2),
        (20, 9, 1),
        (20, 11, 2),
        (0, 10**9, 1),
        (-5, 0, 2),
        (None, 10**9, 1),
    ],
)
def test_token_is_kept_until_shortly_before_its_end(clock: Clock, life: JSON, later: float, asked: int) -> None:
    """Half a minute, or half of a short life; for ever where the server sets none, and 0 is none."""
    endpoint = Endpoint(token("t", **({} if life is None else {"expires_in": life})))
    source = OAuth2("me", SECRET)

    ask(source, endpoint)
    clock.now += later
    ask(source, endpoint)

    assert len(endpoint.asked) == asked


def test_tokens_of_other_scopes() -> None:
    """Each set has its own, in whatever order it is asked for."""
    endpoint = Endpoint(token("one"), token("two"))
    source = OAuth2("me", SECRET)

    assert [ask(source, endpoint, scopes) for scopes in (("a", "b"), ("c",), ("b", "a"))] == ["one", "two", "one"]


def test_refused_token_is_renewed() -> None:
    """Only if it is still the one that is held: another thread may have renewed it."""
    endpoint = Endpoint(token("one"), token("two"), token("three"))
    source = OAuth2("me", SECRET)

    assert [ask(source, endpoint, refused=refused) for refused in (None, "one", "one", "two")] == [
        "one",
        "two",
        "two",
        "three",
    ]


def test_refresh_token_of_an_answer() -> None:
    """Renews, and once it is refused the first grant does."""
    endpoint = Endpoint(token("1", refresh_token="r1"), token("2"), {"error": "invalid_grant"}, token("3"))
    source = OAuth2("me", SECRET, username="u", password="p")

    assert [ask(source, endpoint, refused=refused) for refused in (None, "1", "2")] == ["1", "2", "3"]
    assert [(form["grant_type"], form.get("refresh_token")) for form in endpoint.forms] == [
        ("password", None),
        ("refresh_token", "r1"),
        ("refresh_token", "r1"),
        ("password", None),
    ]


def test_given_refresh_token_that_changes() -> None:
    """The newest is used from then on."""
    endpoint = Endpoint(token("1", refresh_token="r2"), token("2"), token("3"))
    source = OAuth2(refresh_token="r1")

    assert [ask(source, endpoint, refused=refused) for refused in (None, "1", "2")] == ["1", "2", "3"]
    assert [form["refresh_token"] for form in endpoint.forms] == ["r1", "r2", "r2"]


def test_many_threads_ask_once() -> None:
    """The others wait for the one."""

    class Slow(Endpoint):
        def __call__(self, *asked: Any) -> tuple[int, bytes]:
            time.sleep(0.005)  # so that all threads are there
            return super().__call__(*asked)

    entered = threading.Barrier(8)
    endpoint = Slow(token("one"), token("two"))
    source = OAuth2("me", SECRET)
    got: list[str] = []

    def run() -> None:
        entered.wait()
        got.append(ask(source, endpoint))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (got, len(endpoint.asked)) == (["one"] * 8, 1)


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ({"error": "invalid_client"}, 401, "answered 401 Unauthorized: invalid_client"),
        (
            {"error": "invalid_grant", "error_description": "The user\nis locked."},
            400,
            "answered 400 Bad Request: invalid_grant: The user is locked.",
        ),
        ({"error": "invalid_scope"}, 200, "answered 200 OK: invalid_scope"),
        ({"error": f"no {SECRET.lower()}!"}, 400, "answered 400 Bad Request: no ***!"),
        ({"error": "no", "error_description": f"no {PERCENT}"}, 400, "answered 400 Bad Request: no"),
        ({"error": "no", "error_description": f"no {BASIC}"}, 400, "answered 400 Bad Request: no: no ***"),
        ({"error": {"code": 5}}, 400, "answered 400 Bad Request"),
        (b" <html>", 502, "answered 502 Bad Gateway with an HTML page"),
        (b"<html>", 200, "answered 200 OK with an HTML page"),
        (b"no", 499, "answered 499 with text that isn't a JSON object"),
        (b"", 302, "answered 302 Found"),
        (["t"], 201, "answered 201 Created with text that isn't a JSON object"),
        ({}, 202, "gave no token (MissingTokenError)"),
        (b'{"access_token": "t", "expires_in": 1e999}', 200, "gave no token (OverflowError)"),
        (token("t", expires_in="soon"), 200, "gave no token (ValueError)"),
        (token(""), 200, "gave no bearer token"),
        (token(5), 200, "gave no bearer token"),  # type: ignore[arg-type]
        ({"access_token": "t", "token_type": "mac"}, 200, "gave no bearer token"),
    ],
)
def test_endpoint_that_gives_no_token(answer: JSON, status: int, message: str) -> None:
    """It says why (RFC 6749 §5.2), and no secret that it repeats is shown."""
    with pytest.raises(TokenError) as caught:
        ask(OAuth2("me", SECRET), Endpoint(answer, status=status))

    assert str(caught.value) == f"the token endpoint https://id.test {message}"


@pytest.mark.parametrize(
    ("source", "described", "document_url", "message"),
    [
        (
            OAuth2("me", SECRET),
            scheme(OAuthFlow("implicit"), OAuthFlow("authorizationCode", URL)),
            "",
            (
                "the document describes implicit, authorizationCode and no token endpoint for clientCredentials; "
                "give OAuth2(token_url=...), or a token, or a function that returns one"
            ),
        ),
        (
            OAuth2(refresh_token="r"),
            scheme(),
            "",
            (
                "the document describes no flow and no token endpoint for refresh; "
                "give OAuth2(token_url=...), or a token, or a function that returns one"
            ),
        ),
        (
            OAuth2("me", SECRET),
            CLIENT,
            "https://docs.test/openapi.json",
            (
                "the document of https://docs.test names a token endpoint of another origin, https://id.test; "
                "give OAuth2(token_url=...) if secrets may go there"
            ),
        ),
        *(
            (
                OAuth2("me", SECRET),
                scheme(OAuthFlow("clientCredentials", url)),
                "",
                "the token endpoint must be a URL of https, or of http on this machine",
            )
            for url in ("http://id.test/token", "/token", "https://me:pass@id.test/", "https://[", "file:///etc/passwd")
        ),
        (
            OAuth2("me", SECRET, token_url="http://id.test/token"),
            CLIENT,
            "",
            "the token endpoint must be a URL of https, or of http on this machine",
        ),
    ],
)
def test_endpoint_that_gets_no_secret(
    source: OAuth2, described: SecurityScheme, document_url: str, message: str
) -> None:
    """It is not there, not safe, or chosen by a stranger; nothing is asked of it."""
    endpoint = Endpoint()

    with pytest.raises(TokenError) as caught:
        ask(source, endpoint, scheme=described, place=Place(document_url))
    assert (str(caught.value), endpoint.asked) == (message, [])


@pytest.mark.parametrize(
    ("source", "document_url"),
    [
        (OAuth2("me", SECRET), "https://ID.test:443/openapi.json"),
        (OAuth2("me", SECRET, token_url=URL), "https://docs.test/openapi.json"),
    ],
)
def test_endpoint_of_a_remote_document(source: OAuth2, document_url: str) -> None:
    """Of its own origin, or given by the caller."""
    assert ask(source, Endpoint(), scheme=CLIENT, place=Place(document_url)) == "t"


@pytest.mark.parametrize("status", [200, 201, 202, 203])
def test_any_success_gives_the_token(status: int) -> None:
    """A token may be said to have been created (RFC 9110 §15.3)."""
    assert ask(OAuth2("me", SECRET), Endpoint(status=status)) == "t"


@pytest.mark.parametrize(
    ("source", "described", "asked"),
    [
        (
            OAuth2("me", SECRET),
            scheme(OAuthFlow("clientCredentials", "oauth/token")),
            "https://api.test/v1/oauth/token",
        ),
        (OAuth2("me", SECRET), scheme(OAuthFlow("clientCredentials", "/token")), "https://api.test/token"),
        (OAuth2("me", SECRET), scheme(OAuthFlow("clientCredentials", "//id.test/t")), "https://id.test/t"),
        (OAuth2(refresh_token="r"), scheme(OAuthFlow("implicit", "a", "../renew")), "https://api.test/renew"),
        (OAuth2("me", SECRET), scheme(type="openIdConnect", openid_url="./openid"), "https://api.test/v1/openid"),
    ],
)
def test_relative_endpoint(source: OAuth2, described: SecurityScheme, asked: str) -> None:
    """As URLs of an API are, it is relative to the server's (OpenAPI 3.0.3; 3.1.1 and 3.2, §4.5.2)."""
    endpoint = Endpoint({**token("t"), "token_endpoint": "https://id.test/token"})

    ask(source, endpoint, scheme=described, place=Place(server="https://api.test/v1"))
    assert endpoint.asked[0][1] == asked


@pytest.mark.parametrize("accepted", [True, False])
def test_relative_endpoint_of_a_remote_document(accepted: bool) -> None:
    """The server gets the secrets only where the caller accepts that credentials go there."""
    endpoint = Endpoint()
    place = Place("https://docs.test/openapi.json", "https://api.test/v1", accepted)
    described = scheme(OAuthFlow("clientCredentials", "token"))

    if accepted:
        assert ask(OAuth2("me", SECRET), endpoint, scheme=described, place=place) == "t"
    else:
        with pytest.raises(TokenError, match=r"another origin, https://api\.test; give OAuth2\(token_url=\.\.\.\)"):
            ask(OAuth2("me", SECRET), endpoint, scheme=described, place=place)
    assert len(endpoint.asked) == accepted


def test_waits_for_another_thread_no_longer_than_the_call_may_last() -> None:
    """The lock of a token has no end of its own."""
    entered, released = threading.Event(), threading.Event()

    class Slow(Endpoint):
        def __call__(self, *asked: Any) -> tuple[int, bytes]:
            entered.set()
            released.wait(20)
            return super().__call__(*asked)

    source, endpoint = OAuth2("me", SECRET), Slow()
    thread = threading.Thread(target=ask, args=(source, endpoint))
    thread.start()
    entered.wait(20)
    with pytest.raises(TokenError, match=r"^another call was still asking for it when 0\.01 seconds were over$"):
        ask(source, endpoint, place=Place(deadline=Deadline(0.01)))
    released.set()
    thread.join()


OPENID = scheme(type="openIdConnect", openid_url="https://id.test/.well-known/openid-configuration")


def test_discovery() -> None:
    """The endpoint is that of the provider's configuration, which is read once."""
    endpoint = Endpoint({"token_endpoint": "https://tokens.test/t"}, token("one"), token("two"))
    source = OAuth2("me", SECRET)

    assert [ask(source, endpoint, scheme=OPENID, refused=refused) for refused in (None, "one")] == ["one", "two"]
    assert [(method, url) for method, url, _, _ in endpoint.asked] == [
        ("GET", "https://id.test/.well-known/openid-configuration"),
        ("POST", "https://tokens.test/t"),
        ("POST", "https://tokens.test/t"),
    ]
    assert endpoint.asked[0][2:] == ({"Accept": "application/json"}, None)


@pytest.mark.parametrize(
    ("configuration", "status", "document_url", "message"),
    [
        ({}, 200, "", "the configuration at https://id.test names no token endpoint (status 200)"),
        (b"\xff", 404, "", "the configuration at https://id.test names no token endpoint (status 404)"),
        (
            {"token_endpoint": "http://id.test/"},
            200,
            "",
            "the token endpoint must be a URL of https, or of http on this machine",
        ),
        (
            {"token_endpoint": "https://tokens.test/"},
            200,
            "https://id.test/openapi.json",
            (
                "the document of https://id.test names a token endpoint of another origin, https://tokens.test; "
                "give OAuth2(token_url=...) if secrets may go there"
            ),
        ),
    ],
)
def test_discovery_that_fails(configuration: JSON, status: int, document_url: str, message: str) -> None:
    """No secret is sent."""
    endpoint = Endpoint(configuration, status=status)

    with pytest.raises(TokenError) as caught:
        ask(OAuth2("me", SECRET), endpoint, scheme=OPENID, place=Place(document_url))
    assert (str(caught.value), [method for method, *_ in endpoint.asked]) == (message, ["GET"])


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to get it."""
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("oauthlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)

    with pytest.raises(TokenError, match=r"^OAuth2 needs the library oauthlib: pip install 'dynclient\[oauth\]'$"):
        ask(OAuth2("me", SECRET), Endpoint())


def test_needs_an_identity() -> None:
    """Without any there is no grant."""
    with pytest.raises(TypeError, match=r"^OAuth2 needs a client_id, a username and password, or a refresh_token$"):
        OAuth2(token_url=URL)


def test_shows_and_pickles_nothing() -> None:
    """Copies are the same object, so that they share their tokens."""
    source = OAuth2("me", SECRET)

    assert (repr(source), copy.deepcopy(source), copy.copy(source)) == ("<OAuth2 clientCredentials>", source, source)
    with pytest.raises(TypeError, match=r"^an OAuth2 holds secrets, and is not pickled$"):
        pickle.dumps(source)


# --------------------------------------------------------------------------------------------------------- on the wire


@pytest.fixture
def provider() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


def client(server: str, provider: str, **options: Any) -> Client:
    flows = {"clientCredentials": {"tokenUrl": f"{provider}/token", "scopes": {}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Go", "version": "1"},
        "servers": [{"url": server}],
        "paths": {"/go": {"get": {"operationId": "go", "security": [{"oauth": ["read"]}]}}},
        "components": {"securitySchemes": {"oauth": {"type": "oauth2", "flows": flows}}},
    }
    return Client(document, auth={"oauth": OAuth2("me", SECRET)}, **options)


def answer(text: str) -> Answer:
    return Answer(json.dumps(token(text, expires_in=3600)).encode())


def test_token_is_fetched_used_and_renewed(loopback: Loopback, provider: Loopback) -> None:
    """One for two calls, and another after a 401; nothing of the session goes to the provider."""
    provider.answers = [answer("one"), answer("two")]
    loopback.answers = [Answer(), Answer(), Answer(status=401)]
    with requests.Session() as session:
        session.headers["X-Api-Key"] = "of the API"
        session.cookies.set("login", "of the API")
        c = client(loopback.url, provider.url, session=session)
        for _ in range(3):
            c.go()

    assert [sent.headers["authorization"] for sent in loopback.sent] == [
        "Bearer one",
        "Bearer one",
        "Bearer one",
        "Bearer two",
    ]
    assert [sent.seen("x-api-key", "cookie") for sent in provider.sent] == 2 * [
        ("POST", "/token", {"x-api-key": None, "cookie": None})
    ]
    assert provider.last.body == b"grant_type=client_credentials&scope=read"


def test_cookie_of_the_provider_stays_there(loopback: Loopback, provider: Loopback) -> None:
    """A jar does not tell ports apart, and would send it to the API."""
    provider.says(answer("one").body, Set_Cookie="sso=1; Path=/")

    client(loopback.url, provider.url).go()

    assert "cookie" not in loopback.last.headers


def test_certificate_of_the_session_is_for_the_api(loopback: Loopback, provider: Loopback) -> None:
    """The provider is not shown it."""
    certificates: list[Any] = []

    class Watching(HTTPAdapter):
        def send(self, *given: Any, cert: Any = None, **more: Any) -> requests.Response:
            certificates.append(cert)
            return super().send(*given, **more)

    provider.answers = [answer("one")]
    with requests.Session() as session:
        session.cert = "client.pem"
        session.mount("http://", Watching())
        client(loopback.url, provider.url, session=session).go()

    assert certificates == [None, "client.pem"]


def test_provider_that_redirects(loopback: Loopback, provider: Loopback) -> None:
    """The client's secret goes nowhere else, and the call is not sent."""
    provider.says(b"", "", 307, Location=f"{loopback.url}/token")

    with pytest.raises(CallError) as caught:
        client(loopback.url, provider.url).go()
    assert str(caught.value) == (
        f"go: no token for oauth: the token endpoint {provider.url} answered 307 Temporary Redirect. Nothing was sent."
    )
    assert loopback.sent == []


def test_provider_that_is_not_there(loopback: Loopback, nowhere: str) -> None:
    """The call is not sent."""
    with pytest.raises(CallError) as caught:
        client(loopback.url, nowhere).go()

    assert str(caught.value) == (
        f"go: no token for oauth: no connection to {nowhere}. Is the server running? Nothing was sent."
    )
    assert loopback.sent == []


def test_netrc_is_not_read_for_the_provider(
    loopback: Loopback, provider: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The client's own identity is sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password from-netrc\n")
    monkeypatch.setenv("NETRC", str(netrc))
    provider.answers = [answer("one")]

    client(loopback.url, provider.url).go()

    assert base64.b64decode(provider.last.headers["authorization"].split()[1]).decode() == f"me:{SECRET}"


def test_token_that_stays_refused(loopback: Loopback, provider: Loopback) -> None:
    """One renewal is enough."""
    provider.answers = [answer("one"), answer("two")]
    loopback.says(status=401)

    with pytest.raises(Unauthorized, match=r"The credential for 'oauth' was refused\.$"):
        client(loopback.url, provider.url).go()
    assert (len(loopback.sent), len(provider.sent)) == (2, 2)


def test_masked_asks_for_no_token(provider: Loopback) -> None:
    """A curl command needs none."""
    assert "-H 'Authorization: Bearer ***'" in client("https://api.test", provider.url).go.curl()
    assert provider.sent == []
