"""
A secret in every slot that can hold one, in none of the outputs that anybody sees.

`SLOTS` are the ways in which a secret comes into a call, `ENDS` the ways in which a call ends; for each of both, all
that can be shown of it is searched. README tells what is not promised.
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from IPython.lib.pretty import pretty
from requests.auth import AuthBase, HTTPBasicAuth

from dynclient import CallError, Client, DynclientError, InvalidRequest, OAuth2, Response, SendError
from dynclient.calls.hooks import Hooks
from dynclient.calls.paging import Pagination, PagingError
from dynclient.calls.polling import Polling, PollTimeout
from dynclient.cli import main
from dynclient.credentials.kinds import NETRC
from dynclient.credentials.secrets import NO_SECRETS, Secret, Secrets
from dynclient.errors import BrokenAnswer, InsecureConnection, NoConnection, TimedOut
from dynclient.responses.errors import NotFound, Redirected, ResponseError, ServerError, Unauthorized
from tests.conftest import Loopback
from tests.faultserver import Fault, FaultServer, answering, closing, saying, silent, unread

SECRET = "sk-SECRET-0123456789"
TRACES = ("sk-secret", base64.b64encode(f"me:{SECRET}".encode()).decode().lower(), "secret-0123")
TOKEN = f'{{"access_token": "{SECRET}", "token_type": "Bearer", "expires_in": 3600}}'.encode()


class Sign(AuthBase):
    """Writes a header of its own, as the signing ones do."""

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["X-Signed"] = f"{prepared.method} {SECRET}"
        return prepared


def given() -> str:
    return SECRET


def put(_: object, prepared: requests.PreparedRequest) -> None:
    prepared.headers["Authorization"] = f"Bearer {SECRET}"


def session(**held: Any) -> requests.Session:
    made = requests.Session()
    made.auth = held.get("auth")
    made.headers.update(held.get("headers", {}))
    for name, text in held.get("cookies", {}).items():
        made.cookies.set(name, text)
    return made


@dataclass(frozen=True, repr=False)
class Slot:
    """Where the secret is: options of the client, the schemes needed, arguments of the call, the environment."""

    options: Callable[[str], dict[str, Any]] = lambda _: {}
    needs: tuple[str, ...] = ()
    arguments: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    operation: str = "go"


def auth(name: str, credential: Any) -> Slot:
    return Slot(lambda _: {"auth": {name: credential}}, (name,))


def option(**options: Any) -> Slot:
    return Slot(lambda _: options)


def argument(operation: str = "go", **arguments: Any) -> Slot:
    return Slot(arguments=arguments, operation=operation)


def token(**credentials: Any) -> Slot:
    def options(tokens: str) -> dict[str, Any]:
        return {"auth": {"oauth": OAuth2("me", **credentials, token_url=f"{tokens}/token")}}

    return Slot(options, ("oauth",))


SLOTS = {
    "apiKey in header": auth("header", SECRET),
    "apiKey in query": auth("query", SECRET),
    "apiKey in cookie": auth("cookie", SECRET),
    "http basic": auth("basic", ("me", SECRET)),
    "http bearer": auth("bearer", SECRET),
    "http digest": auth("digest", ("me", SECRET)),
    "http of another scheme": auth("custom", SECRET),
    "oauth2 token": auth("oauth", SECRET),
    "openIdConnect token": auth("openid", SECRET),
    "OAuth2 client secret": token(client_secret=SECRET),
    "OAuth2 secret in the body": token(client_secret=SECRET, in_body=True),
    "OAuth2 password": token(username="u", password=SECRET),
    "OAuth2 refresh token": token(refresh_token=SECRET),
    "OAuth2 extra field": token(client_secret="s", extra={"assertion": SECRET}),
    ".netrc": Slot(lambda _: {"auth": {"basic": NETRC}}, ("basic",), environment={"NETRC": "written"}),
    "lambda": auth("bearer", lambda: SECRET),
    "function": auth("bearer", given),
    "auth object": auth("basic", HTTPBasicAuth("me", SECRET)),
    "signature": auth("custom", Sign()),
    "environment": Slot(needs=("bearer",), environment={"DYNCLIENT_AUTH_BEARER": SECRET}),
    "headers=": option(headers={"Authorization": f"Bearer {SECRET}", "Cookie": f"a={SECRET}", "X-Api-Key": SECRET}),
    "header named like a secret": option(headers={"X-Amz-Security-Token": SECRET}),
    "query=": option(query={"api key": SECRET, "access_token": SECRET}),
    "auth of a session": Slot(lambda _: {"session": session(auth=("me", SECRET))}),
    "headers of a session": Slot(lambda _: {"session": session(headers={"X-Auth-Token": SECRET})}),
    "cookies of a session": Slot(lambda _: {"session": session(cookies={"login": SECRET})}),
    "hook": option(hooks=Hooks(before_send=put)),
    "parameter in header": argument(**{"X-Api-Token": SECRET}),
    "parameter in cookie": argument(session=SECRET),
    "parameter in query": argument(api_key=SECRET),
    "parameter in path": argument("at", token=SECRET),
    "parameter of format password": argument(pin=SECRET),
    "field of the body": argument(password=SECRET),
    "field of format password": argument(code=SECRET),
    "field inside the body": argument(body={"user": {"logins": [{"client_secret": SECRET}]}}),
    "field of a form": argument("form", password=SECRET),
    "field of a multipart body": argument("upload", password=SECRET, file=("a.txt", b"text")),
    "file name": Slot(
        lambda _: {"auth": {"bearer": SECRET}}, ("bearer",), {"file": (f"{SECRET}.txt", b"text")}, operation="upload"
    ),
}  # fmt: skip


def document(server: str, needs: tuple[str, ...]) -> dict[str, Any]:
    text = {"type": "string"}
    secret = {"type": "string", "format": "password"}
    fields = {"password": text, "code": secret, "user": {"type": "object"}, "file": {"format": "binary", **text}}

    def operation(name: str, kind: str = "", *parameters: dict[str, Any]) -> dict[str, Any]:
        body = {"content": {kind: {"schema": {"type": "object", "properties": fields}}}}
        answers = {"2XX": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
        made = {"operationId": name, "responses": answers, "parameters": list(parameters)}
        return {"post": {**made, "requestBody": body} if kind else made}

    return {
        "openapi": "3.1.0",
        "info": {"title": "Go", "version": "1"},
        "servers": [{"url": server}],
        "security": [{name: [] for name in needs}] if needs else [],
        "paths": {
            "/go": operation(
                "go",
                "application/json",
                {"name": "X-Api-Token", "in": "header", "schema": text},
                {"name": "session", "in": "cookie", "schema": text},
                {"name": "api_key", "in": "query", "schema": text},
                {"name": "pin", "in": "query", "schema": secret},
            ),
            "/at/{token}": operation("at", "", {"name": "token", "in": "path", "required": True, "schema": text}),
            "/form": operation("form", "application/x-www-form-urlencoded"),
            "/upload": operation("upload", "multipart/form-data"),
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
                "digest": {"type": "http", "scheme": "digest"},
                "custom": {"type": "http", "scheme": "DSN"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
                "query": {"type": "apiKey", "in": "query", "name": "api key"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "login"},
                "oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}},
                "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://api.test/"},
            }
        },
    }


@dataclass(frozen=True)
class End:
    """How a call ends: what the server does, and what comes of it."""

    result: type
    fault: Fault = field(default_factory=answering, repr=False)
    options: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)


def raising(*_: object) -> None:
    raise RuntimeError("of a hook")


ECHO = f'{{"error": {{"message": "wrong key {SECRET}", "sent": ["{SECRET.lower()}"]}}, "{SECRET}": "api%20{SECRET}"}}'
ECHOED = "answer of another type"
REPEATED = "answer that repeats it"
TYPE = f"application/json; x={SECRET}"
ENDS = {
    "answer": End(Response),
    ECHOED: End(Response, answering(b"text", Content_Type=f"text/{SECRET}"), {"validate_response": "off"}),
    REPEATED: End(Response, answering(ECHO.encode(), X_Echo=SECRET), {"validate_response": "off"}),
    "401": End(Unauthorized, answering(ECHO.encode(), status=f"401 {SECRET}", Content_Type=TYPE, X_Echo=SECRET)),
    "404": End(NotFound, answering(f"no {SECRET}".encode(), status="404 No", Content_Type="text/plain")),
    "500": End(ServerError, answering(ECHO.encode(), status="500 No", Location=f"http://a.test/?k={SECRET}")),
    "answer that does not fit": End(ResponseError, answering(f'["{SECRET}"]'.encode())),
    "broken JSON": End(ResponseError, answering(f"{{{SECRET}".encode())),
    "redirect": End(Redirected, answering(b"", status="307 Go", Location=f"http://{SECRET}.test/?k={SECRET}")),
    "refused": End(NoConnection),
    "no secure connection": End(InsecureConnection, unread(saying(b"HTTP/1.1 400 No\r\n\r\n"))),
    "lost": End(SendError, closing),
    "too late": End(TimedOut, silent, {"timeout": (5, 0.03)}),
    "cut short": End(BrokenAnswer, saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + SECRET.encode())),
    "no HTTP": End(SendError, saying(f"{SECRET}\r\n\r\n".encode())),
    "unknown coding": End(SendError, answering(b"x", Content_Encoding=SECRET)),
    "wrong argument": End(InvalidRequest, wrong={"limit": 5}),
    "for showing": End(CallError, options={"masked": True}),
    "hook that fails": End(RuntimeError, options={"hooks": Hooks(before_send=raising)}),
    "hook that fails on an answer": End(RuntimeError, options={"hooks": Hooks(after_answer=raising)}),
}


def found_in(texts: list[str]) -> list[str]:
    return [text for text in texts if any(trace in text.lower() for trace in TRACES)]


def traced(error: BaseException) -> Iterator[str]:
    """Tracebacks with local variables, of an error and all that it refers to; those of this module are left out."""
    summary = traceback.TracebackException.from_exception(error, capture_locals=True, compact=False)
    waiting: list[traceback.TracebackException | None] = [summary]
    while waiting:
        each = waiting.pop()
        if each is not None:
            yield from each.format_exception_only()
            yield from (f"{frame}{frame.locals}" for frame in each.stack if frame.filename != __file__)
            waiting += [each.__cause__, each.__context__]


def views(thing: Any) -> list[str]:
    """What a prompt, a log and a notebook show of it."""
    html = getattr(type(thing), "_repr_html_", lambda _: "")
    return [repr(thing), str(thing), html(thing), pretty(thing)]


def pickled(thing: object) -> str:
    try:
        return repr(pickle.dumps(thing))
    except (TypeError, AttributeError, pickle.PicklingError) as error:  # a lambda among the options, a session
        return repr(error)


MAIN_SLOTS = (
    "apiKey in query", "http bearer", "OAuth2 client secret", "cookies of a session", "hook", "parameter in path",
    "field of the body", "file name",
)  # fmt: skip
MAIN_ENDS = (
    REPEATED, "401", "answer that does not fit", "redirect", "refused", "unknown coding", "wrong argument",
    "hook that fails",
)  # fmt: skip
PAIRS = [(slot, end) for slot in SLOTS for end in ENDS if slot in MAIN_SLOTS or end in MAIN_ENDS]
PAIRS.remove(("signature", "unknown coding"))  # what signs does so after the error's words are known


@pytest.mark.parametrize(("slot", "end"), PAIRS)
def test_nothing_shows_a_secret(
    loopback: Loopback,
    nowhere: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    slot: str,
    end: str,
) -> None:
    """Not the repr, text, traceback, pickle, copy, log, warning or curl command of anything that a user holds."""
    caplog.set_level(logging.DEBUG)
    placed, ending = SLOTS[slot], ENDS[end]
    for name, text in placed.environment.items():
        monkeypatch.setenv(name, text)
    if slot == ".netrc":
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    loopback.says(TOKEN)
    things: list[Any] = []
    before = [ending.fault] if hasattr(ending.fault, "unread") else []
    with FaultServer(ending.fault, before) as server, warnings.catch_warnings(record=True, action="always") as warned:
        url = {"refused": nowhere, "no secure connection": server.url.replace("http", "https")}.get(end, server.url)
        options = {"validate_response": "raise", **ending.options, **placed.options(loopback.url)}
        if ending.options.get("hooks"):
            options["hooks"] = ending.options["hooks"]
        masked = options.pop("masked", False)
        client = Client(document(url, placed.needs), retries=0, **{"timeout": 5, **options}).with_options(masked=masked)
        caller = client[placed.operation]
        things += [client, caller, client._core, vars(client), vars(client._core)]
        things += [vars(client._core.authenticator), client._core.transport, caller.with_options(timeout=5)]
        texts = [caller.curl(**placed.arguments)]
        try:
            things.append(caller(**placed.arguments, **ending.wrong))
        except (DynclientError, RuntimeError) as error:
            things.append(error)
            texts += [*traced(error), repr(vars(error))]
            texts += traceback.format_exception(error)
        assert isinstance(things[-1], ending.result), things[-1]
        if ending.result not in (InvalidRequest, CallError):
            things.append(caller.prepare(**placed.arguments))
    for thing in [*things, getattr(things[-1], "response", None)]:
        texts += views(thing)
        is_yours = isinstance(thing, (dict, requests.PreparedRequest)) or (
            end in (ECHOED, REPEATED) and type(thing) is Response
        )
        if not is_yours:
            texts += [repr(copy.copy(thing)), pickled(thing)]
    texts += [repr(copy.deepcopy(client))]
    texts += [f"{record.getMessage()}{vars(record)}" for record in caplog.records]
    texts += [str(each.message) for each in warned]
    texts += capfd.readouterr()

    assert found_in(texts) == []


# ------------------------------------------------------------------------------------------------ what is not a call


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Client(document("http://api.test", ()), auth={"bearr": SECRET}),
        lambda: Client(document("http://api.test", ()), auth={"bearer": SECRET}, server="other"),
        lambda: Client(document("http://api.test", ()), base_url=f"http://me:{SECRET}@api.test"),
        lambda: Client(document(f"http://me:{SECRET}@api.test", ())).go(),
        lambda: Client(document("http://api.test", ()), headers=[SECRET]),  # type: ignore[arg-type]
        lambda: Client(f"http://me:{SECRET}@127.0.0.1:1/openapi.json"),
        lambda: Client(document("http://api.test", ())).with_options(query=SECRET),  # type: ignore[arg-type]
        lambda: Client(document("http://api.test", ("header", "bearer")), auth={"bearer": SECRET, "header": 5}).go(),  # type: ignore[dict-item]
        lambda: Client(document("http://api.test", ("bearer",)), auth={"bearer": f"Bearer {SECRET}"}).go(),
        lambda: OAuth2(client_secret=SECRET),
    ],
)  # fmt: skip
def test_what_is_refused_shows_no_secret(wrong: Callable[[], object]) -> None:
    """Neither its text nor the variables on its way: the wrong one may stand beside right ones."""
    with pytest.raises((DynclientError, TypeError)) as caught:
        wrong()

    assert found_in([*traced(caught.value), repr(caught.value), pickled(caught.value)]) == []


def test_password_of_a_proxy(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """It stands in the environment, and in the variables of the libraries."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HTTP_PROXY", f"http://me:{SECRET}@127.0.0.1:1")
    with pytest.raises(NoConnection) as caught:
        Client(document("http://api.test", ()), retries=0).go()

    texts = [*traced(caught.value), pickled(caught.value), *(str(vars(record)) for record in caplog.records)]
    assert found_in(texts) == []


def test_server_that_repeats_the_secret_of_a_token_request(loopback: Loopback) -> None:
    """As the code of its error."""
    loopback.says(f'{{"error": "{SECRET}"}}'.encode(), status=400)
    tokens = OAuth2("me", SECRET, token_url=f"{loopback.url}/token")
    with pytest.raises(CallError) as caught:
        Client(document(loopback.url, ("oauth",)), auth={"oauth": tokens}).go()

    assert str(caught.value) == (
        f"go: no token for oauth: the token endpoint {loopback.url} answered 400 Bad Request: ***. Nothing was sent."
    )
    assert found_in(list(traced(caught.value))) == []


def test_hook_that_looks_at_errors() -> None:
    """What it is handed shows as little as what the caller catches."""
    seen: list[str] = []
    hooks = Hooks(on_error=lambda error: seen.extend(traced(error)))
    with pytest.raises(NoConnection):
        Client(document("http://127.0.0.1:1", ()), query={"access_token": SECRET}, hooks=hooks, retries=0).go()

    assert len(seen) > 5
    assert found_in(seen) == []


def test_frames_of_a_hook_stay(loopback: Loopback) -> None:
    """They are the caller's own, with their variables; ours beside them are empty."""

    def check(*_: object) -> None:
        mine = "kept"
        raise RuntimeError(mine)

    with pytest.raises(RuntimeError) as caught:
        Client(document(loopback.url, ()), hooks=Hooks(before_send=check)).go(password=SECRET)
    summary = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert summary.stack[-1].locals is not None
    assert summary.stack[-1].locals["mine"] == "'kept'"
    assert found_in([f"{frame.locals}" for frame in summary.stack if frame.filename != __file__]) == []


def test_masked_request_is_not_sent(loopback: Loopback) -> None:
    """Not by the client that prepared it, and not by another."""
    client = Client(document(loopback.url, ("bearer",)), auth={"bearer": SECRET})
    prepared = client.with_options(masked=True).go.prepare()
    wrongs: list[Callable[[], object]] = [client.with_options(masked=True).go, lambda: client.send(prepared)]
    for wrong in wrongs:
        with pytest.raises(CallError, match="masked=True"):
            wrong()

    assert loopback.sent == []


def test_what_is_shown_of_arguments() -> None:
    """All but what is secret: by its format, and by its name, unless that may be one of a page."""
    client = Client(document("https://api.test", ()))

    assert client.go.curl(api_key=SECRET, pin="1", body={"password": SECRET, "user": {"n": 1}}) == (
        "curl -X POST 'https://api.test/go?api_key=***&pin=***' -H 'Accept: application/json' "
        """-H 'Content-Type: application/json' --data-raw '{"password":"***","user":{"n":1}}'"""
    )


def test_secret_of_many_parts(loopback: Loopback) -> None:
    """All texts and numbers in a secret field are secret."""
    loopback.says(b"no first, 123456", "text/plain", status=404)
    with pytest.raises(NotFound) as caught:
        Client(document(loopback.url, ())).go(body={"user": {"password": {"a": ["first", 123456, True]}}})

    assert str(caught.value).startswith("go: the server answered 404 Not Found: no ***, ***. The URL was ")


def test_pickled_errors_have_no_secret_in_the_answer(loopback: Loopback) -> None:
    """The answer that they hold is as it came, but in a pickle; one that is no error is data, there too."""
    loopback.says(f'{{"k": "{SECRET}"}}'.encode(), status=404, X_Echo=SECRET)
    client = Client(document(loopback.url, ("bearer",)), auth={"bearer": SECRET})
    with pytest.raises(NotFound) as caught:
        client.go()
    again = pickle.loads(pickle.dumps(caught.value)).response
    kept = pickle.loads(pickle.dumps(client.with_options(raise_for_status=False).go()))

    assert caught.value.response.data == {"k": SECRET}
    assert (again.data, again.content, again.headers["X-Echo"]) == ({"k": "***"}, b'{"k": "***"}', "***")
    assert kept.data == {"k": SECRET}


def test_pages_and_waiting(loopback: Loopback) -> None:
    """The server leads to a page, or says a state, with the secret in it."""
    contents = document(loopback.url, ("query",))
    contents["paths"]["/list"] = {"get": {"operationId": "list"}}
    client = Client(contents, auth={"query": SECRET}, polling=Polling(within=0.001, every=0.001, longest=0.001))
    loopback.says(f'{{"next": "http://{SECRET}.test/", "data": []}}'.encode())
    with pytest.raises(PagingError) as lost:
        list(client["list"].with_options(pagination=Pagination(next="/next", items="/data")).pages())
    with pytest.raises(PollTimeout) as waited:
        client["list"].poll(until={"next": "done"})

    assert "the next page is at http://***.test" in str(lost.value)
    assert "next is still 'http://***.test/'" in str(waited.value)
    assert found_in([*traced(lost.value), *traced(waited.value)]) == []


def test_log_of_a_head_that_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """urllib3 warns of it with the whole URL, by another logger than that of requests."""
    fault = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n bad\r\n: x\r\nA: b\r\n\r\n{}")
    with FaultServer(fault) as server, requests.Session() as own:
        Client(document(server.url, ("query",)), auth={"query": SECRET}, session=own).go()
    logging.getLogger("urllib3.connection").warning("%s", "a text of another time")

    assert any(record.name == "urllib3.connection" for record in caplog.records)
    assert found_in([str(vars(record)) for record in caplog.records]) == []


@pytest.mark.parametrize("flags", [[], ["--dry-run"], ["--curl"], ["-i"]])
def test_command_line(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], flags: Any
) -> None:
    """A call that fails with an echo, and what is shown in its place."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(loopback.url, ("bearer",))))
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", SECRET)
    loopback.says(f"wrong key {SECRET}".encode(), "text/plain", status=401, X_Echo=SECRET)

    status = main([str(path), "go", f"password={SECRET}", f"api_key={SECRET}", f"code=x-{SECRET}", *flags])

    told = capfd.readouterr()
    assert status == (0 if "--" in "".join(flags) else 4)
    assert "***" in told.out
    assert found_in([*told]) == []


# -------------------------------------------------------------------------------------------------------- the parts


def test_secrets_of_texts() -> None:
    """In any case of letters and every spelling; the longest first; what is short stays."""
    secrets = Secrets(lambda: ["a b/c", "a b/c-long", "abc"])

    assert secrets.masked("a b/c-long A%20B%2Fc a+b%2Fc abc") == "*** *** *** abc"
    assert secrets.masked({"x a b/c": ["a b/c", 5, None], "n": b"\xff a b/c"}) == {
        "x ***": ["***", 5, None],
        "n": b"\xff ***",
    }
    assert (repr(secrets), pickle.loads(pickle.dumps(secrets)).masked("a b/c")) == ("***", "a b/c")
    assert NO_SECRETS.masked("anything") == "anything"


def test_secrets_are_looked_for_late() -> None:
    """Most calls need none of them, and once is enough."""
    texts: Iterator[str] = iter(["first", "second"])
    secrets = Secrets(lambda: [next(texts)])

    assert (secrets.masked("first second"), secrets.masked("first second"), next(texts)) == (
        "*** second",
        "*** second",
        "second",
    )


def test_secrets_are_equal_by_value() -> None:
    """As keys they stand for what they hold."""
    assert {Secret(("a", "b")): 1} == {Secret(("a", "b")): 1}
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
