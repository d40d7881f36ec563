"""What reaches a server of each kind of credential, what reaches no other, and what shows none of it."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import re
import ssl
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.auth import AuthBase

import dynclient
from dynclient import CallError, CredentialWarning, OAuth2, SendError, StatusError, Unauthorized
from tests import places
from tests.conftest import Answer, Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401

PEM = str(places.PEM)
SECRET = "sk-SECRET-0123456789"
TOKEN = b'{"access_token": "sk-SECRET-0123456789", "token_type": "Bearer", "expires_in": 3600}'


class Sign(AuthBase):
    """Writes a header of its own, as the signing ones do."""

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["X-Signed"] = f"{prepared.method} {SECRET}"
        return prepared


def schemes(token_url: str = "") -> dict[str, Any]:
    flow = {"tokenUrl": f"{token_url}/token", "scopes": {}}
    return {
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic"},
        "digest": {"type": "http", "scheme": "Digest"},
        "custom": {"type": "http", "scheme": "DSN"},
        "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        "query": {"type": "apiKey", "in": "query", "name": "api key"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "login"},
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow, "password": flow}},
        "openid": {"type": "openIdConnect", "openIdConnectUrl": f"{token_url}/.well-known/openid-configuration"},
        "tls": {"type": "mutualTLS"},
    }


def client(server: str, auth: dict[str, Any], *needed: str, token_url: str = "", **options: Any) -> Any:
    """A client of `go`, which needs these schemes together (or all of `auth`), and of `open`, which needs none."""
    security = [{name: ["scope"] for name in needed or auth}] if needed or auth else []
    body: dict[str, Any] = {"content": {"application/octet-stream": {}}}
    parameters = [{"name": "q", "in": "query"}, {"name": "token", "in": "query"}]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Go", "version": "1"},
        "servers": [{"url": server}],
        "security": security,
        "paths": {
            "/go": {"post": {"operationId": "go", "requestBody": body, "parameters": parameters}},
            "/open": {"get": {"operationId": "open", "security": []}},
        },
        "components": {"securitySchemes": schemes(token_url)},
    }
    return made(document, auth=auth, **{"retries": 0, **options})


CASES: list[tuple[dict[str, Any], str, dict[str, str]]] = [
    ({"bearer": SECRET}, "/go", {"authorization": f"Bearer {SECRET}"}),
    ({"bearer": lambda: SECRET}, "/go", {"authorization": f"Bearer {SECRET}"}),
    ({"basic": ("me", SECRET)}, "/go", {"authorization": "Basic bWU6c2stU0VDUkVULTAxMjM0NTY3ODk="}),
    ({"custom": SECRET}, "/go", {"authorization": f"DSN {SECRET}"}),
    ({"custom": Sign()}, "/go", {"x-signed": f"POST {SECRET}"}),
    ({"header": f"{SECRET} x"}, "/go", {"x-api-key": f"{SECRET} x"}),
    ({"query": f"{SECRET} &+/é"}, f"/go?api%20key={SECRET}%20%26%2B%2F%C3%A9", {}),
    ({"cookie": SECRET}, "/go", {"cookie": f"login={SECRET}"}),
    ({"oauth": SECRET}, "/go", {"authorization": f"Bearer {SECRET}"}),
    ({"oauth": OAuth2("me", "secret")}, "/go", {"authorization": f"Bearer {SECRET}"}),
    ({"openid": SECRET}, "/go", {"authorization": f"Bearer {SECRET}"}),
    (
        {"basic": ("a", "b"), "header": "c", "query": "d", "cookie": "e"},
        "/go?api%20key=d",
        {"authorization": "Basic YTpi", "x-api-key": "c", "cookie": "login=e"},
    ),
]
IDS = [" and ".join(auth) + f" {type(next(iter(auth.values()))).__name__}" for auth, _, _ in CASES]
IDENTIFYING = ("authorization", "proxy-authorization", "x-api-key", "cookie", "x-signed")


@pytest.fixture
def other() -> Iterator[Loopback]:
    """A second server, which is another origin."""
    server = Loopback()
    yield server
    server.close()


@pytest.mark.parametrize(("auth", "target", "headers"), CASES, ids=IDS)
def test_what_arrives(
    loopback: Loopback, other: Loopback, auth: dict[str, Any], target: str, headers: dict[str, str]
) -> None:
    """Target and headers as they are on the wire, and nothing else that identifies the caller."""
    other.says(TOKEN)
    with client(loopback.url, auth, token_url=other.url) as c:
        c.go()

    sent = loopback.last
    assert (sent.target, {name: text for name, text in sent.headers.items() if name in IDENTIFYING}) == (
        target,
        headers,
    )


@pytest.mark.parametrize("auth", [*(auth for auth, _, _ in CASES), {"digest": ("me", SECRET)}, {"tls": PEM}])
def test_a_redirect_to_another_host_takes_nothing_along(
    loopback: Loopback, other: Loopback, auth: dict[str, Any]
) -> None:
    """It is not followed at all: its answer is returned."""
    loopback.says(b"", "", 307, Location=f"{other.url}/go")
    tokens = OAuth2("me", "secret", token_url=f"{loopback.url}/token")
    loopback.answers = [Answer(TOKEN)] if isinstance(auth.get("oauth"), OAuth2) else []
    auth = {name: tokens if isinstance(value, OAuth2) else value for name, value in auth.items()}

    response = client(loopback.url, auth, raise_for_status=False).go()

    assert (response.status_code, other.sent) == (307, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_nothing_of_a_session_along(loopback: Loopback, other: Loopback, status: int) -> None:
    """Nor its password, headers and cookies, nor those of the client's options."""
    loopback.says(b"", "", status, Location=f"{other.url}/go")
    with requests.Session() as session:
        session.auth = ("me", SECRET)
        session.headers["X-Api-Key"] = SECRET
        session.cookies.set("login", SECRET)
        c = client(loopback.url, {}, session=session, headers={"X-Token": SECRET}, raise_for_status=False)
        c.open.with_options(query={"k": SECRET})()

    assert (len(loopback.sent), other.sent) == (1, [])


def test_a_redirect_after_a_challenge(loopback: Loopback, other: Loopback) -> None:
    """The answer to a challenge goes where the challenge came from."""
    loopback.says(b"", "", 302, Location=f"{other.url}/go")
    loopback.answers = [challenge()]

    client(loopback.url, {"digest": ("me", SECRET)}, raise_for_status=False).go()

    assert (len(loopback.sent), other.sent) == (2, [])


def test_operation_without_security(loopback: Loopback) -> None:
    """Gets none of the client's credentials."""
    client(loopback.url, {"bearer": SECRET, "query": SECRET, "cookie": SECRET}).open()

    assert loopback.last.seen(*IDENTIFYING) == ("GET", "/open", dict.fromkeys(IDENTIFYING))


# ------------------------------------------------------------------------------------------------------------- digest


def challenge(nonce: str = "n1") -> Answer:
    header = f'Digest realm="r", nonce="{nonce}", qop="auth", algorithm=SHA-256, opaque="o"'
    return Answer(b"", 401, {"WWW-Authenticate": header})


def digested(header: str, method: str, user: str, password: str) -> bool:
    """Whether the answer to a challenge is right (RFC 7616 §3.4)."""
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', header.removeprefix("Digest ")))

    def hashed(*texts: str) -> str:
        return hashlib.sha256(":".join(texts).encode()).hexdigest()

    secret, what = hashed(user, given["realm"], password), hashed(method, given["uri"])
    middle = (given["nonce"], given["nc"], given["cnonce"], given["qop"])
    return bool(given["response"] == hashed(secret, *middle, what))


@only("Client")  # a nonce is known by thread, and the threads of tasks change
def test_digest(loopback: Loopback) -> None:
    """The first request is refused and the second answers the challenge; then the nonce is known."""
    c = client(loopback.url, {"digest": ("me", SECRET)})
    loopback.answers = [challenge()]
    c.go.with_options(query={"x": "1"})(body=b"content")
    c.go(body=b"again")

    first, second, third = loopback.sent
    assert "authorization" not in first.headers
    assert [digested(sent.headers["authorization"], "POST", "me", SECRET) for sent in (second, third)] == [True, True]
    assert [sent.body for sent in loopback.sent] == [b"content", b"content", b"again"]
    assert [re.search(r"nc=\w+", sent.headers["authorization"])[0] for sent in (second, third)] == [  # type: ignore[index]
        "nc=00000001",
        "nc=00000002",
    ]


def test_digest_sends_a_file_again(loopback: Loopback) -> None:
    """From where it began."""
    loopback.answers = [challenge()]
    file = io.BytesIO(b"skipped:content")
    file.seek(8)

    client(loopback.url, {"digest": ("me", SECRET)}).go(body=file)

    assert [sent.body for sent in loopback.sent] == [b"content", b"content"]


@only("Client")
def test_digest_of_a_prepared_request(loopback: Loopback) -> None:
    """It can be sent from another thread, and more than once."""
    c = client(loopback.url, {"digest": ("me", SECRET)})
    prepared = c.go.prepare(body=b"x")

    for _ in range(2):
        loopback.answers = [challenge("new")]
        thread = threading.Thread(target=c.send, args=(prepared,))
        thread.start()
        thread.join()

    assert ["authorization" in sent.headers for sent in loopback.sent] == [False, True, False, True]
    assert "Authorization" not in prepared.headers
    assert prepared.hooks["response"] == []


def test_digest_nonce_is_of_one_origin(loopback: Loopback, other: Loopback) -> None:
    """Another server is not given an answer to this one's challenge."""
    c = client(loopback.url, {"digest": ("me", SECRET)})
    loopback.answers = [challenge()]
    c.go()
    c.with_options(base_url=other.url).go()

    assert "authorization" not in other.last.headers


def test_digest_that_is_refused(loopback: Loopback) -> None:
    """One answer is enough."""
    loopback.answer = challenge()

    with pytest.raises(Unauthorized) as caught:
        client(loopback.url, {"digest": ("me", SECRET)}).go()
    assert str(caught.value) == ("go: the server answered 401 Unauthorized. The credential for 'digest' was refused.")
    assert len(loopback.sent) == 2


def test_digest_of_an_application_in_this_process() -> None:
    """It is challenged as a server is."""
    seen: list[tuple[str | None, bytes]] = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        seen.append((environ.get("HTTP_AUTHORIZATION"), environ["wsgi.input"].read()))
        head = [("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256')]
        start("200 OK" if seen[-1][0] else "401 Unauthorized", [] if seen[-1][0] else head)
        return [b""]

    client("https://api.test", {"digest": ("me", SECRET)}, app=app).go(body=b"content")

    (none, first), (given, second) = seen
    assert (none, first, second) == (None, b"content", b"content")
    assert given is not None
    assert digested(given, "POST", "me", SECRET)


# ------------------------------------------------------------------------------------------------------------ renewal


def test_callable_is_asked_again_after_a_401(loopback: Loopback) -> None:
    """The request is sent again with what it gives now; the file from where it began."""
    tokens = iter(["old", "new", "never"])
    loopback.answers = [challenge()]
    file = io.BytesIO(b"skipped:content")
    file.seek(8)

    response = client(loopback.url, {"bearer": lambda: next(tokens)}).go(body=file, q="a b")

    assert response.status_code == 200
    assert [(sent.target, sent.headers["authorization"], sent.body) for sent in loopback.sent] == [
        ("/go?q=a%20b", "Bearer old", b"content"),
        ("/go?q=a%20b", "Bearer new", b"content"),
    ]
    assert next(tokens) == "never"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("query", ["/go?q=1&api%20key=old", "/go?q=1&api%20key=new"]),
        ("cookie", ["login=old", "login=new"]),
        ("header", ["old", "new"]),
    ],
)
def test_renewed_keys(loopback: Loopback, name: str, seen: list[str]) -> None:
    """Wherever they travel, the new one takes the place of the old."""
    tokens = iter(["old", "new"])
    loopback.answers = [challenge()]

    client(loopback.url, {name: lambda: next(tokens)}).go(q="1")

    places = {"query": "target", "cookie": "cookie", "header": "x-api-key"}
    arrived = [{"target": sent.target, **sent.headers} for sent in loopback.sent]
    assert [sent[places[name]] for sent in arrived] == seen


@pytest.mark.parametrize(
    ("tokens", "body", "expected"),
    [
        (["same", "same", "never"], b"", 1),
        (["old", "new", "never"], b"", 2),
        (["old", "never"], None, 1),
    ],
)
def test_renewal_ends(loopback: Loopback, tokens: list[str], body: Any, expected: int) -> None:
    """Not for the same credential, not twice, and not for a body that is gone."""
    given = iter(tokens)
    loopback.answer = challenge()
    reading, writing = os.pipe()
    os.close(writing)

    with pytest.raises(Unauthorized) as caught, os.fdopen(reading, "rb") as pipe:
        client(loopback.url, {"bearer": lambda: next(given)}).go(body=pipe if body is None else body)
    assert len(loopback.sent) == expected
    assert next(given) == "never"
    assert caught.value.hint == "The credential for 'bearer' was refused."


@pytest.mark.parametrize("status", [400, 403, 500])
def test_only_a_401_renews(loopback: Loopback, status: int) -> None:
    """After anything else the server may have carried the request out."""
    given = iter(["old", "new"])
    loopback.says(status=status)

    with pytest.raises(StatusError):
        client(loopback.url, {"bearer": lambda: next(given)}).go()
    assert len(loopback.sent) == 1


def test_prepared_request_is_renewed(loopback: Loopback) -> None:
    """`send` is the second half of a call."""
    given = iter(["old", "new"])
    loopback.answers = [challenge()]
    c = client(loopback.url, {"bearer": lambda: next(given)})

    assert c.send(c.go.prepare()).status_code == 200


# --------------------------------------------------------------------------------------------------- without or wrong


def test_without_a_credential(loopback: Loopback) -> None:
    """On this machine it is sent in silence, and the 401 says what would help."""
    loopback.says(b'{"error": "who are you?"}', status=401)

    with pytest.raises(Unauthorized) as caught:
        client(loopback.url, {}, "bearer", "query").go()
    assert str(caught.value) == (
        "go: the server answered 401 Unauthorized: who are you? No credential was sent: the operation needs 'bearer' "
        "and 'query'. Give auth={'bearer': ..., 'query': ...} or set DYNCLIENT_AUTH_BEARER and DYNCLIENT_AUTH_QUERY."
    )


def test_error_with_a_hint_travels(loopback: Loopback) -> None:
    """It is still the same error, by its response."""
    loopback.says(status=401)
    with pytest.raises(Unauthorized) as caught:
        client(loopback.url, {"bearer": "x"}).go()

    again = pickle.loads(pickle.dumps(caught.value))
    assert (again, str(again)) == (caught.value, str(caught.value))
    assert caught.value == Unauthorized(caught.value.response)


@only("Client")
def test_warning_points_at_the_caller(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another host, once for all operations and copies of a client that need the same."""
    monkeypatch.setenv("HTTP_PROXY", loopback.url)
    c = client("http://api.test", {}, "bearer")
    with warnings.catch_warnings(record=True, action="always") as caught:
        c.go.prepare()
        c.go()
        c.with_options(timeout=5).go()
        c.open()

    assert [(record.category, record.filename) for record in caught] == [(CredentialWarning, __file__)]


def test_no_warning_in_this_process() -> None:
    """Nothing leaves it."""
    client("http://api.test", {}, "bearer", app=lambda environ, start: start("200 OK", []) and []).go()


def test_partly_given(loopback: Loopback) -> None:
    """Nothing is sent."""
    with pytest.raises(CallError) as caught:
        client(loopback.url, {"bearer": SECRET}, "bearer", "header").go()
    assert str(caught.value) == (
        "go: needs 'bearer' and 'header'; of these only 'bearer' is known."
        " Give auth={'header': ...} or set DYNCLIENT_AUTH_HEADER. Nothing was sent."
    )
    assert loopback.sent == []


@pytest.mark.filterwarnings("ignore:no operation of the document asks for")
@pytest.mark.parametrize(
    ("header", "auth"), [("x-api-key", {"bearer": SECRET}), ("X-Api-Key", {"header": SECRET})], ids=["other", "same"]
)
def test_own_header_takes_the_place_of_a_credential(loopback: Loopback, header: str, auth: dict[str, Any]) -> None:
    """What the caller writes stays, and counts."""
    client(loopback.url, auth, "header", headers={header: "own"}).go()

    assert loopback.last.headers["x-api-key"] == "own"


def test_own_query_takes_the_place_of_a_credential(loopback: Loopback) -> None:
    """It is sent once."""
    client(loopback.url, {"query": SECRET}).go.with_options(query={"api key": "own"})()

    assert loopback.lines == ["POST /go?api%20key=own"]


@pytest.mark.filterwarnings("ignore:no operation of the document asks for")
def test_cookie_of_the_session_is_a_credential(loopback: Loopback) -> None:
    """Who has logged in needs no other."""
    with requests.Session() as session:
        session.cookies.set("login", "in")
        client(loopback.url, {"bearer": SECRET}, "cookie", session=session).go()

    assert loopback.last.headers["cookie"] == "login=in"


# --------------------------------------------------------------------------------------------------------- mutual TLS


@pytest.fixture
def asking() -> Iterator[tuple[str, list[Any]]]:
    """An https server that asks for a certificate: its URL, and the certificates of its requests."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.connection.getpeercert())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    context.load_verify_locations(PEM)
    context.verify_mode = ssl.CERT_OPTIONAL
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("certificate", [PEM, Path(PEM), (PEM, PEM), lambda: PEM])
def test_mutual_tls(asking: tuple[str, list[Any]], certificate: Any) -> None:
    """The certificate is shown to the server for the call alone; the session does not have it."""
    url, seen = asking
    with requests.Session() as session:
        session.verify = PEM
        c = client(url, {"tls": certificate}, session=session)
        c.go()
        c.with_options(auth={"tls": None}).go()
        assert session.cert is None

    assert [bool(certificate) for certificate in seen] == [True, False]


# -------------------------------------------------------------------------------------------------- nothing is shown


OUTCOMES: dict[str, type] = {
    "answer": dynclient.Response,
    "echo": StatusError,
    "no connection": SendError,
    "no JSON": dynclient.ResponseError,
}


def slots() -> dict[str, dict[str, Any]]:
    """Options of a client with a secret in each place that can hold one."""
    return {
        **{
            f"{name} text": {"auth": {name: SECRET}}
            for name in ("bearer", "custom", "header", "query", "cookie", "oauth")
        },
        "basic": {"auth": {"basic": ("me", SECRET)}},
        "digest": {"auth": {"digest": ("me", SECRET)}},
        "callable": {"auth": {"bearer": lambda: SECRET}},
        "signing": {"auth": {"custom": Sign()}},
        "token": {"auth": {"oauth": OAuth2("me", SECRET)}},
        "password": {"auth": {"oauth": OAuth2("me", "s", username="u", password=SECRET)}},
        "headers": {"headers": {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "Cookie": f"a={SECRET}"}},
        "header like a secret": {"headers": {"X-Amz-Security-Token": SECRET}},
        "query=": {"query": {"api key": SECRET, "access_token": SECRET}},
    }


@pytest.mark.parametrize(
    ("slot", "outcome"),
    [
        (slot, outcome)
        for slot in slots()
        for outcome in OUTCOMES
        if (slot, outcome) != ("signing", "echo")  # what an object adds as it signs is known to nobody else
    ],
)
def test_nothing_shows_a_secret(
    loopback: Loopback,
    nowhere: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    slot: str,
    outcome: str,
) -> None:
    """Not the repr, text, pickle, log, warning or curl command of anything that a user holds."""
    caplog.set_level(logging.DEBUG)
    options = slots()[slot]
    query = options.pop("query", {})
    auth = options.pop("auth", {})
    tokens = Answer(TOKEN)
    loopback.answers = [tokens] if isinstance(auth.get("oauth"), OAuth2) else []
    if outcome == "echo":
        loopback.says(f'{{"error": {{"message": "wrong key {SECRET}"}}}}'.encode(), status=400)
    elif outcome == "no JSON":
        loopback.says(b"oops")
    base = nowhere if outcome == "no connection" else loopback.url
    c = client(base, auth, token_url=loopback.url, **options).with_options(query=query, validate_response="raise")

    texts = [c.go.curl(body=b"x"), repr(c._core.options)]
    things: list[Any] = [c, c.go, c._core, c._core.authenticator, c._core.transport]
    try:
        things.append(c.go(body=b"x"))
    except dynclient.DynclientError as error:
        texts += ["".join(traceback.format_exception(error))]
        things.append(error)
    assert isinstance(things[-1], OUTCOMES[outcome])
    for thing in things:
        texts += [repr(thing), str(thing)]
        if not (outcome == "echo" and isinstance(thing, StatusError)):  # it holds what the server said
            texts.append(repr(pickle.dumps(thing)))
    texts += [record.getMessage() + repr(record.args) for record in caplog.records]
    texts += capfd.readouterr()

    assert [text for text in texts if SECRET in text] == []
    assert [text for text in texts if "c2stU0VDUkVULTAxMjM0NTY3ODk" in text] == []


@pytest.mark.parametrize("slot", slots())
@pytest.mark.parametrize("outcome", ["no connection", "echo"])
def test_no_frame_of_ours_shows_a_secret(loopback: Loopback, nowhere: str, slot: str, outcome: str) -> None:
    """A traceback with its local variables; those of requests, urllib3 and the caller are not ours to keep quiet."""
    options = slots()[slot]
    query, auth = options.pop("query", {}), options.pop("auth", {})
    loopback.answers = [Answer(TOKEN)] if isinstance(auth.get("oauth"), OAuth2) else []
    loopback.says(f"wrong key {SECRET}".encode(), "text/plain", status=400)
    base = nowhere if outcome == "no connection" else loopback.url
    c = client(base, auth, token_url=loopback.url, **options).with_options(query=query)

    with pytest.raises((SendError, StatusError)) as caught:
        c.go(body=b"x")
    summary = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    package = str(Path(dynclient.__file__).parent)
    ours = [frame for frame in summary.stack if frame.filename.startswith(package)]
    assert len(ours) >= 2
    assert [frame.name for frame in ours if SECRET in str(frame.locals)] == []


def test_session_that_holds_secrets(nowhere: str) -> None:
    """Its headers, cookies and password are in nothing that is shown."""
    with requests.Session() as session:
        session.auth = ("me", SECRET)
        session.headers["X-Auth-Token"] = SECRET
        session.cookies.set("login", SECRET)
        c = client(nowhere, {}, session=session)
        with pytest.raises(SendError) as caught:
            c.go()
        texts = [c.go.curl(), repr(c), repr(pickle.dumps(c)), *traceback.format_exception(caught.value)]

    assert SECRET not in "".join([*texts, repr(pickle.dumps(caught.value))])


@only("Client")
def test_logs_of_urllib3(caplog: pytest.LogCaptureFixture) -> None:
    """The key is masked while the call lasts; other messages, and those of other times, stay as they are."""
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger("urllib3.connectionpool")

    def app(_: object, start: Callable[..., Any]) -> list[bytes]:
        logger.debug("100% done")
        logger.debug("%s and %s", f"/go?k={SECRET}", 5)
        start("200 OK", [])
        return []

    client("https://api.test", {"query": SECRET}, app=app).go()
    logger.debug("%s", SECRET)

    told = [record.getMessage() for record in caplog.records if record.name == logger.name]
    assert told == ["100% done", "/go?k=*** and 5", SECRET]


def test_curl_shows_what_is_declared() -> None:
    """A parameter is no secret because of its name, unless the document says that a key goes there."""
    c = client("https://api.test", {"query": SECRET})

    assert c.go.curl(token="next", q="a b") == (
        "curl -X POST 'https://api.test/go?q=a%20b&token=next&api%20key=***' -H 'Accept: */*' -H 'Content-Length: 0'"
    ).replace(" -H 'Content-Length: 0'", "")


def test_pickled_client_leaves_headers_that_identify_behind() -> None:
    """And parts of the query; what does not identify the caller stays."""
    c = client(
        "https://api.test", {}, headers={"authorization": SECRET, "x-api-key": SECRET, "Cookie": SECRET, "X-Trace": "1"}
    ).with_options(query={"api key": SECRET, "k": "v"})

    again = pickle.loads(pickle.dumps(c))._core.options
    assert (again.headers, again.query) == ({"X-Trace": "1"}, {"k": "v"})
