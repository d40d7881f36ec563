"""A cookie goes with calls of the identity that it was given to, to the origin that set it, and nowhere else."""

from __future__ import annotations

import copy
import pickle
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from dynclient import OAuth2, Pagination
from dynclient.http.cookies import Identities
from tests import places
from tests.drivers import Waiting, _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.faultserver import Fault, FaultServer, Line, answering, unread

PEM = str(places.PEM)
TEXT = {"type": "string"}
FLOW = {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}
SCHEMES = {
    "b": {"type": "http", "scheme": "bearer"},
    "q": {"type": "apiKey", "in": "query", "name": "k"},
    "login": {"type": "apiKey", "in": "cookie", "name": "session"},
    "o": {"type": "oauth2", "flows": FLOW},
}


def document(server: str, security: str | None = "b", other: str = "") -> dict[str, Any]:
    elsewhere = {"servers": [{"url": other}]} if other else {}
    answer = {"responses": {"200": {"description": "", "content": {"application/json": {}, "text/event-stream": {}}}}}
    cookie = {"name": "own", "in": "cookie", "schema": TEXT}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": server}],
        "paths": {
            "/a": {"get": {"operationId": "go", "parameters": [cookie], **answer}},
            "/a/b": {"get": {"operationId": "below", **answer}},
            "/other": {"get": {"operationId": "there", **elsewhere, **answer}},
            "/free": {"get": {"operationId": "free", "security": [], **answer}},
        },
        "components": {"securitySchemes": SCHEMES},
        **({"security": [{security: []}]} if security else {}),
    }


def setting(*cookies: str, **more: Any) -> Fault:
    """Sets these cookies each time."""
    return answering(**{"Set_Cookie": "\r\nSet-Cookie: ".join(cookies or ("session=1; Path=/",)), **more})


def of_the_token(line: Line) -> object:
    """Sets a cookie that names the token that was sent."""
    assert line.request is not None
    return setting(f"session=of-{line.request.headers['authorization'].split()[-1]}; Path=/")(line)


def sent(server: FaultServer) -> list[str | None]:
    return [seen.headers.get("cookie") for seen in server.seen]


def auth(token: Any) -> dict[str, Any]:
    return {"auth": {"b": token}}


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as made:
        yield made


# --------------------------------------------------------------------------------------------------------- identities


def test_each_identity_has_its_own() -> None:
    """What one token was given goes with no other."""
    with FaultServer(of_the_token) as server:
        client = made(document(server.url), auth={"b": "t0"})
        first, second = client.with_options(**auth("t1")), client.go.with_options(**auth("t2"))
        for call in (client.go, first.go, second, client.go, first.go, second):
            call()

    assert sent(server) == [None, None, None, "session=of-t0", "session=of-t1", "session=of-t2"]


class Credential:
    """A callable of a class."""

    def __call__(self) -> str:
        return "t"


@pytest.mark.parametrize(
    "credential",
    ["t", lambda: "t", Credential(), requests.auth.HTTPBasicAuth("u", "p"), None],
    ids=["text", "function", "callable", "requests", "none"],
)
def test_an_equal_auth_shares(credential: Any) -> None:
    """As does a copy for which none is given, whatever else is."""
    with FaultServer(setting()) as server:
        client = made(document(server.url), **auth(credential))
        other = client.with_options(timeout=3, headers={"X-Trace": "1"}, query={"a": "b"})
        for each in (client, other, other.with_options(**auth(credential)), client.with_options(auth={})):
            each.go()

    assert sent(server) == [None, *["session=1"] * 3]


def test_an_equal_auth_finds_the_cookies_again() -> None:
    """The client that had it need not be there any more."""
    with FaultServer(setting()) as server:
        client = made(document(server.url))
        client.with_options(**auth("t")).go()
        client.with_options(**auth("t")).go()
        client.with_options(**auth(requests.auth.HTTPBasicAuth("u", "p"))).go()
        client.with_options(**auth(requests.auth.HTTPBasicAuth("u", "p"))).go()

    assert sent(server) == [None, "session=1", None, "session=1"]


def test_a_function_is_one_identity() -> None:
    """Whatever it gives."""
    tokens = iter("abc")
    with FaultServer(setting()) as server:
        client = made(document(server.url), **auth(lambda: next(tokens)))
        client.go()
        client.go()

    assert [(seen.headers["authorization"], seen.headers.get("cookie")) for seen in server.seen] == [
        ("Bearer a", None),
        ("Bearer b", "session=1"),
    ]


def test_an_oauth2_is_one_identity() -> None:
    """However often its token is renewed; the cookies of calls do not go with requests for tokens."""
    pytest.importorskip("oauthlib")
    count = iter(range(1, 9))

    def answer(line: Line) -> object:
        assert line.request is not None
        if line.request.method == "POST":
            body = b'{"access_token": "t%d", "token_type": "bearer"}' % next(count)
            return answering(body, Set_Cookie="of=provider; Path=/")(line)
        status = "401 Unauthorized" if line.request.headers["authorization"] == "Bearer t1" else "200 OK"
        return setting(status=status)(line)

    with FaultServer(answer) as server:
        client = made(document(server.url, "o"), auth={"o": OAuth2("id", "secret")})
        client.go()
        client.go()

    assert [(seen.method, seen.headers.get("cookie")) for seen in server.seen] == [
        ("POST", None),
        ("GET", None),
        ("POST", None),
        ("GET", "session=1"),
        ("GET", "session=1"),
    ]


@pytest.mark.parametrize(
    "by_hand",
    [
        lambda text: {"headers": {"Authorization": f"Bearer {text}"}},
        lambda text: {"headers": {"cookie": f"own={text}"}},
        lambda text: {"query": {"k": text}},
    ],
    ids=["header", "cookie", "query"],
)
def test_credentials_by_hand_make_an_identity(by_hand: Callable[[str], dict[str, Any]]) -> None:
    """For they say who calls, as `auth` does."""
    with FaultServer(setting()) as server:
        client = made(document(server.url, None), **by_hand("one"))
        for text in ("two", "one", "two"):
            client.with_options(**by_hand(text)).go()

    assert ["session=1" in (cookie or "") for cookie in sent(server)] == [False, False, True]


def test_a_prepared_request_keeps_its_identity(session: requests.Session) -> None:
    """Whichever copy sends it."""
    with FaultServer(setting()) as server:
        client = made(document(server.url), **auth("t1"))
        other = client.with_options(**auth("t2"))
        other.send(client.go.prepare())
        other.go()
        client.go()

    assert sent(server) == [None, None, "session=1"]


def test_many_identities_are_forgotten() -> None:
    """The oldest first, and not while a client has them."""
    identities = Identities()
    held = identities.cookies("held")
    for number in range(1500):
        identities.cookies(number)

    assert identities.cookies(1400) is identities.cookies(1400)
    assert len(identities._known) == 1000
    assert identities.cookies("held") is not held


# ------------------------------------------------------------------------------------------------------------- copies


def rewrapped(client: Any, copied: Callable[[Any], Any]) -> Any:
    """A copy of either kind of client."""
    return Waiting(copied(client._client), client._runner) if isinstance(client, Waiting) else copied(client)


def test_a_copy_shares() -> None:
    """As it shares the session."""
    with FaultServer(setting()) as server:
        client = made(document(server.url), **auth("t"))
        client.go()
        rewrapped(client, copy.copy).go()

    assert sent(server) == [None, "session=1"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda client: pickle.loads(pickle.dumps(client))])
def test_a_deep_copy_and_a_pickle_have_their_own(copied: Callable[[Any], Any]) -> None:
    """They begin with none, and none of theirs comes back."""
    with FaultServer(setting()) as server:
        client = made(document(server.url))
        client.go()
        with rewrapped(client, copied) as other:
            for each in (other, other.with_options(timeout=2), client.with_options(timeout=2)):
                each.go()
        client.with_options(**auth("t")).go()

    assert sent(server) == [None, None, "session=1", "session=1", None]


def test_no_pickle_holds_a_cookie() -> None:
    """Nor does a repr."""
    with FaultServer(setting("session=SECRET; Path=/")) as server:
        client = made(document(server.url), **auth("t"))
        client.go()
        inner = client._client if isinstance(client, Waiting) else client

        assert b"SECRET" not in pickle.dumps(inner)
        assert "SECRET" not in repr(client._core)


def test_threads_at_once() -> None:
    """Each identity is answered with its own, however many go at once."""
    with FaultServer(of_the_token) as server:
        client = made(document(server.url))
        if isinstance(client, Waiting):
            pytest.skip("one event loop is one thread")
        copies = {text: client.with_options(**auth(text)) for text in map(str, range(8))}
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: copies[str(number % 8)].go(), range(80)))

    for seen in server.seen:
        assert seen.headers.get("cookie") in (None, f"session=of-{seen.headers['authorization'].split()[-1]}")


# ------------------------------------------------------------------------------------------------------------ origins


WIDE = "session=1; Domain=127.0.0.1; Path=/"


@pytest.mark.parametrize("cookie", ["session=1; Path=/", WIDE], ids=["host", "domain"])
def test_no_cookie_goes_to_another_port(cookie: str) -> None:
    """To which a jar of http.cookiejar would send it."""
    with FaultServer() as other, FaultServer(setting(cookie)) as server:
        client = made(document(server.url, None, other.url))
        for each in (client.go, client.there, client.with_options(base_url=other.url).go, client.go):
            each()

    assert (sent(server), sent(other)) == ([None, "session=1"], [None, None])


def test_each_origin_has_its_own() -> None:
    """Of the same name, on one host."""
    with FaultServer(setting("session=other; Path=/")) as other, FaultServer(setting()) as server:
        client = made(document(server.url, None, other.url))
        for each in (client.go, client.there) * 2:
            each()

    assert (sent(server), sent(other)) == ([None, "session=1"], [None, "session=other"])


def test_no_cookie_goes_to_another_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that came over TLS stays there."""
    monkeypatch.setenv("SSL_CERT_FILE", PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    secured: list[bool] = []

    def over_tls(line: Line) -> None:
        line.socket = context.wrap_socket(line.socket.dup(), server_side=True)
        with line.socket:
            secured.append(b"\r\nCookie: session=1\r\n" in line.socket.recv(1 << 16))
            setting(keep=False)(line)

    with FaultServer() as plain, FaultServer(unread(over_tls), [unread(over_tls)] * 2) as secure:
        url = secure.url.replace("http:", "https:")
        client = made(document(url, None, plain.url))
        for each in (client.go, client.there, client.go):
            each()

    assert (secured, sent(plain)) == ([False, True], [None])


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary Redirect"])
def test_no_cookie_follows_a_redirect_elsewhere(status: str) -> None:
    """Nor is one kept that is set there, for the call goes there as nobody's."""
    with FaultServer(setting("session=other; Path=/")) as other, FaultServer() as server:
        moved = setting("late=1; Path=/", status=status, Location=f"{other.url}/a")
        server.before = [setting(), moved]
        client = made(document(server.url, None), follow_redirects=[other.url])
        for _ in range(3):
            client.go()
        client.with_options(base_url=other.url).go()

    assert (sent(server), sent(other)) == ([None, "session=1", "session=1; late=1"], [None, None])


def test_a_redirect_changes_the_cookies() -> None:
    """Within the origin, those go on that are for where it leads; what the caller sends by hand goes along."""
    first = setting("up=1; Path=/", "here=1; Path=/a", "gone=1; Path=/")
    away = setting("gone=; Max-Age=0; Path=/", "up=2; Path=/", "new=1; Path=/", status="302 Found", Location="/other")
    with FaultServer(before=[first, away]) as server:
        client = made(document(server.url, None))
        client.go()
        client.go(own="x")

    found = [set((cookie or "").split("; ")) for cookie in sent(server)]
    assert found == [{""}, {"up=1", "here=1", "gone=1", "own=x"}, {"own=x", "up=2", "new=1"}]


def test_paths_and_ends_of_cookies() -> None:
    """A cookie goes to the path that it is for, until it ends."""
    with FaultServer(before=[setting("deep=1; Path=/a/b", "brief=1; Max-Age=0; Path=/", "x=1; Path=/")]) as server:
        client = made(document(server.url, None))
        for each in (client.go, client.go, client.below):
            each()

    assert sent(server) == [None, "x=1", "deep=1; x=1"]


def test_cookies_of_a_page_go_to_the_next() -> None:
    """Which is of the same origin."""
    with FaultServer(before=[setting(Link='</a?page=2>; rel="next"')]) as server:
        paged = made(document(server.url, None)).go.with_options(pagination=Pagination(next="Link"))
        assert len(list(paged.pages())) == 2

    assert sent(server) == [None, "session=1"]


def test_cookies_of_streams_and_downloads(tmp_path: Path) -> None:
    """Are kept when their head has come."""
    event = answering(b"data: 1\n\n", Set_Cookie="session=1; Path=/", Content_Type="text/event-stream")
    with FaultServer(event) as server:
        client = made(document(server.url, None))
        with client.go.stream() as items:
            assert len(list(items)) == 1
        client.go.open().save(tmp_path / "saved")

    assert sent(server) == [None, "session=1"]


def test_a_server_that_sets_ever_more() -> None:
    """Only so many are kept of one origin."""
    with FaultServer(before=[setting(*(f"c{n}-{i}=1; Path=/" for n in range(90))) for i in range(3)]) as server:
        client = made(document(server.url, None))
        for _ in range(4):
            client.go()

    assert len((sent(server)[-1] or "").split("; ")) == 200


def test_a_cookie_that_was_set_is_a_credential() -> None:
    """A scheme that asks for it is fulfilled, where the origin is the same."""
    with FaultServer() as other, FaultServer(setting()) as server:
        client = made(document(server.url, "login", other.url))
        client.free()
        client.go()

    assert sent(server) == [None, "session=1"]


def test_a_call_without_cookies_makes_no_jar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most servers set none, and their calls are to cost nothing for it."""
    with FaultServer() as server:
        client = made(document(server.url, None))
        client.go()
        monkeypatch.setattr("dynclient.http.cookies._jar", lambda _: pytest.fail("a jar was made"))
        client.go()


# -------------------------------------------------------------------------------------------------- the caller's jar


@only("Client")
def test_the_first_identity_has_the_jar_of_the_session(session: requests.Session) -> None:
    """The client's own; the others have jars of their own, and leave nothing in it."""
    session.cookies.set("mine", "1")
    with FaultServer(of_the_token) as server:
        client = made(document(server.url), session=session, auth={"b": "t0"})
        other = client.with_options(**auth("t1"))
        for each in (other, client, other, client, client.with_options(**auth("t0")), copy.deepcopy(client)):
            each.go()

    first = "mine=1; session=of-t0"
    assert sent(server) == [None, "mine=1", "session=of-t1", first, first, first]
    assert session.cookies.get_dict() == {"mine": "1", "session": "of-t0"}


@only("Client")
def test_what_is_done_to_the_session_counts(session: requests.Session) -> None:
    """Its jar is the caller's to change, and its other settings are shared with every identity."""
    with FaultServer(setting()) as server:
        client = made(document(server.url), session=session)
        other = client.with_options(**auth("t"))
        client.go()
        session.cookies.clear()
        session.headers = {"X-New": "1"}
        client.go()
        other.go()

    assert sent(server) == [None] * 3
    assert [seen.headers.get("x-new") for seen in server.seen] == [None, "1", "1"]


@only("Client")
def test_cookies_in_the_session_stay_at_their_origin(session: requests.Session) -> None:
    """Those that calls of ours were answered with; a redirect elsewhere takes none along, and leaves none behind."""
    session.cookies.set("mine", "1")
    with FaultServer(setting("late=1; Path=/")) as other, FaultServer(setting()) as server:
        client = made(document(server.url, None, other.url), session=session, follow_redirects=[other.url])
        server.before = [setting(), setting(status="307 Temporary Redirect", Location=f"{other.url}/a")]
        for each in (client.go, client.go):
            each()
        assert "late" not in session.cookies
        client.there()
        client.there()

    assert sent(server) == ["mine=1", "mine=1; session=1"]
    assert sent(other) == [None, "mine=1", "mine=1; late=1"]


@only("Client")
def test_a_session_of_a_class_of_the_callers(session: requests.Session) -> None:
    """With attributes of its own, and methods that use them."""

    class Own(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            self.calls: list[str] = []

        def send(self, request: Any, **options: Any) -> Any:
            self.calls.append(request.headers["Authorization"])
            return super().send(request, **options)

    with FaultServer(setting()) as server, Own() as own:
        client = made(document(server.url), session=own, **auth("t0"))
        client.go()
        client.with_options(**auth("t1")).go()

        assert own.calls == ["Bearer t0", "Bearer t1"]
