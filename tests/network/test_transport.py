"""What reaches the network, what does not, and what is said when nothing comes back."""

from __future__ import annotations

import io
import pickle
import socket
import ssl
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import given, settings, strategies as st
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, SSLError

import dynclient
from dynclient.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    CallError,
    CredentialWarning,
    InsecureConnection,
    NoConnection,
    SendError,
    TimedOut,
)
from dynclient.network.adapter import Adapter
from dynclient.network.attempt import Attempt
from dynclient.network.send_errors import send_error
from dynclient.network.transport import Transport, _no_auth, _prepared_as_written
from dynclient.support.deadline import NEVER, Deadline

if TYPE_CHECKING:
    from tests.conftest import Loopback

SECRET = "sk-SECRET-0123456789"

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "query", "name": "api_key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}


def client(server: str, *, security: str = "bearer", secret: str = SECRET, **options: Any) -> dynclient.Client:
    """A client of one operation, `go`, with a cookie parameter."""
    cookie = {"name": "c", "in": "cookie", "schema": {"type": "string"}}
    operation = {"operationId": "go", "security": [{security: []}], "parameters": [cookie]}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Go", "version": "1"},
        "servers": [{"url": server}],
        "paths": {"/go": {"get": operation}},
        "components": {"securitySchemes": SCHEMES},
    }
    return dynclient.Client(document, auth={security: secret}, **{"retries": 0, **options})


def whole_text(error: BaseException) -> str:
    """Everything that a log or a pickle could show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(pickle.dumps(error))


class Failing(BaseAdapter):
    """A transport of requests that raises."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def send(self, *_: object, **__: object) -> requests.Response:
        raise self.error

    def close(self) -> None:
        pass


def failing(error: Exception) -> requests.Session:
    session = requests.Session()
    session.mount("https://", Failing(error))
    return session


def test_connection_refused(nowhere: str) -> None:
    """Nothing was sent, and the cause is that of requests."""
    with pytest.raises(SendError) as caught:
        client(nowhere).go()

    assert caught.value == NoConnection("go", f"no connection to {nowhere}. Is the server running?", "no")
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


def test_server_closes_without_an_answer(loopback: Loopback) -> None:
    """It may have carried the request out."""
    loopback.answer.silence = "close"

    with pytest.raises(SendError) as caught:
        client(loopback.url).go()
    assert caught.value == SendError("go", f"{loopback.url} closed the connection before it answered", "unknown")


def test_read_timeout(loopback: Loopback) -> None:
    """The server took the request and says nothing."""
    loopback.answer.silence = "keep"

    with pytest.raises(SendError) as caught:
        client(loopback.url, timeout=(5, 0.05)).go()
    assert caught.value == TimedOut("go", f"{loopback.url} did not answer within the time allowed", "unknown")


def test_answer_that_breaks_off(loopback: Loopback) -> None:
    """Fewer bytes than were announced are no answer."""
    loopback.says(b"{}", Transfer_Encoding="chunked")

    with pytest.raises(SendError) as caught:
        client(loopback.url).go()
    assert caught.value == BrokenAnswer("go", f"the answer of {loopback.url} broke off", "yes")


def test_https_where_plain_http_is_spoken(loopback: Loopback) -> None:
    """No secure connection, so nothing was sent."""
    with pytest.raises(SendError) as caught:
        client(f"https://{loopback.host}").go()

    assert caught.value == InsecureConnection(
        "go", f"no secure connection to https://{loopback.host}: it does not speak TLS. Is http:// meant?", "no"
    )
    assert loopback.sent == []


def unconnected(error: Exception, cause: OSError) -> Exception:
    """As requests raises it."""
    error.__cause__ = cause
    return requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]


def tls_error(error: ssl.SSLError, reason: str = "") -> Exception:
    """As requests raises it."""
    error.reason = reason
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_code, error.verify_message = 10, "certificate has expired"
    return requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError(error)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            requests.exceptions.ConnectTimeout(),
            TimedOut("go", "no connection to https://api.test within the time allowed", "no"),
        ),
        (
            requests.exceptions.ProxyError(),
            SendError("go", "the connection to https://api.test failed: ProxyError", "unknown"),
        ),
        (
            requests.exceptions.InvalidURL(),
            NoConnection("go", "there can be no such address as https://api.test", "no"),
        ),
        (
            requests.ConnectionError(),
            SendError("go", "the connection to https://api.test failed: ConnectionError", "unknown"),
        ),
        (
            unconnected(NameResolutionError("api.test", None, socket.gaierror()), socket.gaierror()),  # type: ignore[arg-type]
            NoConnection("go", "no connection to https://api.test: the name of its host was not found", "no"),
        ),
        (OSError(), SendError("go", "the connection to https://api.test failed: OSError", "unknown")),
        (UnicodeError(), SendError("go", "the connection to https://api.test failed: UnicodeError", "unknown")),
        (
            unconnected(NewConnectionError(None, "no"), ConnectionRefusedError(111, "refused")),  # type: ignore[arg-type]
            NoConnection("go", "no connection to https://api.test. Is the server running?", "no"),
        ),
        (
            tls_error(ssl.SSLCertVerificationError("no")),
            InsecureConnection("go", "no secure connection to https://api.test: its certificate has expired", "no"),
        ),
        (
            tls_error(ssl.SSLEOFError(8, "EOF occurred")),
            SendError("go", "https://api.test closed the connection before it answered", "unknown"),
        ),
    ],
)
def test_what_a_failure_means(error: Exception, expected: SendError) -> None:
    """It is "no" only where the server surely never saw the request."""
    with pytest.raises(SendError) as caught:
        client("https://api.test", session=failing(error)).go()

    assert caught.value == expected


def test_redirects_to_others_are_not_followed(loopback: Loopback) -> None:
    """Not to another origin: the answer is the redirect itself, and nobody else gets the credential."""
    loopback.says(b"", "", 307, Location=f"http://localhost:{loopback.host.rpartition(':')[2]}/elsewhere")

    response = client(loopback.url, raise_for_status=False).go()

    assert (response.status_code, loopback.lines) == (307, ["GET /go"])


def test_netrc_never_replaces_a_credential(loopback: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor adds one, where the document asks for none."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    client(loopback.url).go()
    client(loopback.url, security="key").go()

    assert [sent.headers.get("authorization") for sent in loopback.sent] == [f"Bearer {SECRET}", None]


def test_auth_of_a_given_session_is_used(loopback: Loopback) -> None:
    """Whoever sets it up knows what they want."""
    with requests.Session() as session:
        session.auth = ("me", "pass")
        client(loopback.url, session=session).go()

    assert loopback.last.headers["authorization"] == "Basic bWU6cGFzcw=="


def test_key_in_the_query_is_in_no_error(nowhere: str) -> None:
    """Not in the text, the traceback with its causes, or the pickle."""
    with pytest.raises(SendError) as caught:
        client(nowhere, security="key").go()

    assert SECRET not in whole_text(caught.value)


def test_key_in_the_query_arrives(loopback: Loopback) -> None:
    """It is only kept out of errors."""
    client(loopback.url, security="key", secret="a&b=c").go()

    assert loopback.lines == ["GET /go?api_key=a%26b%3Dc"]


@pytest.mark.parametrize("host", ["https://*.test", "https://.test"])
def test_requests_refuses_the_address(host: str) -> None:
    """A host that cannot be; the key is not shown."""
    with pytest.raises(CallError) as caught:
        client(host, security="key").go()

    assert str(caught.value) == f"go: requests refuses the request to {host}: InvalidURL. Nothing was sent."
    assert SECRET not in whole_text(caught.value)


@pytest.mark.parametrize("host", [f"https://{'a' * 70}.test", "https://a..test"])
def test_urllib3_refuses_the_address(host: str) -> None:
    """It is only asked when the request is sent; nothing was, and the key is not shown."""
    with pytest.raises(SendError) as caught:
        client(host, security="key").go()

    assert caught.value == NoConnection("go", f"there can be no such address as {host}", "no")
    assert SECRET not in whole_text(caught.value)


def test_requests_refuses_a_header_of_the_session() -> None:
    """The value is not shown."""
    with requests.Session() as session:
        session.headers["X-Key"] = f" {SECRET}"
        with pytest.raises(CallError) as caught:
            client("https://api.test", session=session).go()

    assert str(caught.value) == (
        "go: requests refuses the request to https://api.test: InvalidHeader. Nothing was sent."
    )
    assert SECRET not in whole_text(caught.value)


def test_another_path_than_was_built() -> None:
    """Dot segments of a base URL would be folded away."""
    with pytest.raises(CallError) as caught:
        client("https://api.test/a/../b", security="key").go()

    assert str(caught.value) == ("go: requests would send the path '/b/go' instead of '/a/../b/go'. Nothing was sent.")


def test_another_query_than_was_built() -> None:
    """What a session adds was not validated; the query is not shown, for the key stands in it."""
    with requests.Session() as session:
        session.params = {"more": "1"}
        with pytest.raises(CallError) as caught:
            client("https://api.test", security="key", session=session).go()

    assert str(caught.value) == "go: requests would send another query than was built. Nothing was sent."


def test_cookies_of_session_parameter_and_credential_go_together(loopback: Loopback) -> None:
    """One header holds them all."""
    with requests.Session() as session:
        session.cookies.set("kept", "1")
        client(loopback.url, security="session", secret="s", session=session).go(c="2")

    assert loopback.last.headers["cookie"] == "kept=1; c=2; session=s"


def test_cookies_of_an_answer_are_sent_with_the_next_call(loopback: Loopback) -> None:
    """Our own session keeps them, as requests does."""
    loopback.says(Set_Cookie="kept=1; Path=/")
    with client(loopback.url) as c:
        c.go()
        c.go(c="2")

    assert [sent.headers.get("cookie") for sent in loopback.sent] == [None, "kept=1; c=2"]


def test_proxy_of_the_environment(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests go through it, as with requests itself."""
    monkeypatch.setenv("HTTP_PROXY", loopback.url)

    with pytest.warns(CredentialWarning, match="over plain http"):
        client("http://api.test").go()

    assert loopback.last.seen("host") == ("GET", "http://api.test/go", {"host": "api.test"})


def test_proxy_that_cannot_be_reached(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the server has nothing."""
    monkeypatch.setenv("HTTP_PROXY", nowhere)

    with pytest.raises(SendError) as caught, pytest.warns(CredentialWarning, match="over plain http"):
        client("http://api.test").go()
    assert caught.value == NoConnection("go", f"no connection to the proxy {nowhere}. Is the proxy running?", "no")


def test_certificates_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """REQUESTS_CA_BUNDLE is read, as with requests itself: a file that is not there cannot be used."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))

    with pytest.raises(SendError) as caught:
        client("https://127.0.0.1:1").go()
    assert "missing.pem" in str(caught.value.__cause__)


def test_user_agent(loopback: Loopback) -> None:
    """Our name before that of requests."""
    client(loopback.url).go()

    assert loopback.last.headers["user-agent"] == (
        f"dynclient/{dynclient.__version__} {requests.utils.default_user_agent()}"
    )


def prepared_upload(url: str, body: object) -> requests.PreparedRequest:
    return requests.Request("POST", url, data=body).prepare()


def test_file_is_sent_again(loopback: Loopback) -> None:
    """From where it began, not from where the first time ended."""
    body = io.BytesIO(b"skipped:content")
    body.seek(8)
    prepared = prepared_upload(loopback.url, body)

    transport = Transport()
    for _ in range(2):
        transport.send("go", prepared, 5)

    assert [sent.body for sent in loopback.sent] == [b"content", b"content"]


def test_session_or_app() -> None:
    """Both at once would contradict each other."""
    with pytest.raises(TypeError, match=r"^give either a session or an app, not both$"), requests.Session() as session:
        Transport(session, lambda environ, start: [])


def test_a_session_that_prepares_in_its_own_way(loopback: Loopback) -> None:
    """It finds a request as requests makes them, and may add to it."""

    class Own(requests.Session):
        def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
            request.params = {**request.params}
            request.headers["X-Own"] = "yes"
            return super().prepare_request(request)

    with Own() as session:
        client(loopback.url, session=session).go()

    assert loopback.sent[0].headers["x-own"] == "yes"


def test_parameters_of_a_session(loopback: Loopback) -> None:
    """They are not in the document; what was validated is what is sent."""
    with requests.Session() as session:
        session.params = {"debug": "1"}
        with pytest.raises(CallError, match="another query than was built"):
            client(loopback.url, session=session).go()


def test_close_leaves_the_given_session_open(loopback: Loopback) -> None:
    """It is the caller's."""
    closed: list[bool] = []

    class Watched(requests.Session):
        def close(self) -> None:
            closed.append(True)
            super().close()

    with Watched() as session:
        with client(loopback.url, session=session) as c:
            c.go()
        assert closed == []
        assert c._core.transport.session is session


def test_close_of_our_own_session(loopback: Loopback) -> None:
    """Closing twice is fine, and the client can be used again."""
    c = client(loopback.url)
    c.close()
    c.go()
    c.close()
    c.close()
    c.go()
    c.close()

    assert len(loopback.sent) == 2


def test_pickle_leaves_the_session_behind(loopback: Loopback) -> None:
    """Sockets and cookies stay here."""
    with requests.Session() as session:
        session.headers["X-Key"] = SECRET
        dumped = pickle.dumps(Transport(session))

    transport: Transport = pickle.loads(dumped)
    assert SECRET.encode() not in dumped
    assert transport.session is not session


class Canned(BaseAdapter):
    """An adapter of the caller's making: it answers with this content, read already or not."""

    def __init__(self, content: bytes, was_read: bool) -> None:
        super().__init__()
        self.content, self.was_read = content, was_read

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 200, request, request.url or ""
        answer.raw = io.BytesIO(self.content)
        if self.was_read:
            assert answer.content == self.content
        return answer

    def close(self) -> None:
        pass


@pytest.mark.parametrize("was_read", [False, True])
def test_adapters_of_the_callers_making(was_read: bool) -> None:
    """Need not be those of urllib3; the limit of size holds for them as well."""
    with requests.Session() as session:
        session.mount("https://", Canned(b"content", was_read))
        c = client("https://api.test", session=session)
        assert c.go().data == b"content"
        with pytest.raises(AnswerTooLarge) as caught:
            c.go.with_options(max_response_size=6)()

    assert str(caught.value) == (
        "go: the answer of https://api.test is larger than 6 bytes. The server answered that it was carried out."
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("total_timeout", 0),
        ("total_timeout", True),
        ("retries", -1),
        ("retries", None),
        ("retries", True),
        ("follow_redirects", "https://api.test"),
        ("follow_redirects", ["api.test"]),
        ("follow_redirects", None),
        ("idempotency_key", ""),
        ("idempotency_key", "a\nb"),
        ("idempotency_key", 5),
        ("idempotency_header", "a b"),
        ("requests_per_second", 0),
        ("max_response_size", -1),
        ("max_response_size", 1.5),
        ("hooks", print),
    ],
)
def test_options_of_the_wrong_kind(option: str, value: Any) -> None:
    """They are refused when they are given."""
    with pytest.raises(TypeError, match=f"^the option {option} must be "):
        client("https://api.test", **{option: value})


def test_errors_travel_with_what_became_of_the_request() -> None:
    """And `TimedOut` is a TimeoutError."""
    error = TimedOut("go", "it took too long", "no")
    error.attempts = 3
    again = pickle.loads(pickle.dumps(error))

    assert (again, again.attempts, again.sent, isinstance(again, TimeoutError)) == (error, 3, "no", True)
    assert str(again) == "go: it took too long. 3 attempts were made. Nothing was sent."


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (tls_error(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")), SendError),
        (tls_error(ssl.SSLError(1, "tlsv13 alert"), "TLSV13_ALERT_CERTIFICATE_REQUIRED"), InsecureConnection),
        (tls_error(ssl.SSLError(1, "bad record mac"), "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), SendError),
    ],
)
def test_tls_that_fails_after_the_request(error: Exception, kind: type[SendError]) -> None:
    """It is lost, and may be tried again, unless the server says that it refuses it."""
    attempt = Attempt(NEVER, None)
    attempt.is_watched = attempt.wrote = True
    prepared = requests.Request("GET", "https://api.test/go").prepare()

    found = send_error("go", error, prepared, None, None, NEVER, attempt)

    assert (type(found), found.sent) == (kind, "unknown")


def test_a_deadline_that_has_passed(loopback: Loopback) -> None:
    """Nothing is sent any more."""
    prepared = requests.Request("GET", loopback.url).prepare()

    with pytest.raises(TimedOut) as caught:
        Transport().send("go", prepared, 5, deadline=Deadline(0))
    assert caught.value == TimedOut("go", f"the 0 seconds were over before {loopback.url} was asked", "no")
    assert loopback.sent == []


def test_our_adapter_in_other_hands(loopback: Loopback) -> None:
    """It serves requests that are no calls of ours."""
    with requests.Session() as session:
        session.mount("http://", Adapter())
        assert session.post(loopback.url, data=b"x", timeout=5).json() == {}


@pytest.mark.parametrize("scheme", ["ftp", "ws"])
def test_a_request_that_is_none_of_the_web(scheme: str) -> None:
    """One that was prepared elsewhere: an error of ours, and nothing is sent."""
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": {"operationId": "get"}}}}
    prepared = requests.Request("GET", f"{scheme}://host.test/x").prepare()

    with pytest.raises(dynclient.SendError, match="there can be no such address") as caught:
        dynclient.Client(document, base_url="http://host.test").send(prepared)

    assert caught.value.sent == "no"


class Prepares(requests.Session):
    """A session that prepares requests itself, as requests does."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        return super().prepare_request(request)


ORIGINS = [
    *(
        "http://api.test",
        "https://api.test",
        "http://127.0.0.1",
        "http://[::1]",
        "http://[FE80::1%25en0]",
        "http://a_b",
    ),
    *("http://API.test", "HTTP://api.test", "http://api.test.", "http://.api.test", "http://*.api.test", "http://a..b"),
    *("http://u:p@api.test", "http://u@api.test", "http://b\u00fccher.test", "http://xn--bcher-kva.test", "http://1.2"),
    *("ftp://api.test", "//api.test", "http://", "http:/", " http://api.test", "http://api%2Etest", "http://0x7f.1"),
]
PORTS = ["", "", ":", ":0", ":80", ":080", ":443", ":8080", ":59999", ":65535", ":65536", ":99999", ":x"]
PIECES = [
    *("a", "Z", "9", "-", ".", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=", ":", "@", "/", "//"),
    *("/.", "/..", "/./", "/../", "...", "?", "??", "#", "[", "]", "{", "}", "|", "\\", "^", "`", '"', "<", ">", " "),
    *("\t", "\n", "\r", "\x00", "\u00e9", "\u2028", "%", "%%", "%zz", "%2", "%20", "%2F", "%2f", "%2E", "%2e", "%2D"),
    *(
        "%40",
        "%41",
        "%4F",
        "%50",
        "%5A",
        "%5B",
        "%5F",
        "%60",
        "%61",
        "%7A",
        "%7E",
        "%7F",
        "%30",
        "%39",
        "%3A",
        "%C3%A9",
    ),
]
PLAIN = st.lists(
    st.sampled_from(["a", "Z9", "-_~", "b.c", "/", ":@", "=", "&", "+,", "%20", "%2F", "%C3%A9"]), max_size=4
)
TEXTS = st.tuples(PLAIN, st.lists(st.sampled_from(PIECES), max_size=2), PLAIN).map(
    lambda parts: "".join(piece for part in parts for piece in part)
)
URLS = (  # each odd in few things, else all would be left to requests
    st.builds("{}/v1/{}".format, st.sampled_from(ORIGINS), TEXTS)
    | st.builds("http://api.test{}/v1?{}".format, st.sampled_from(PORTS), TEXTS)
    | st.builds("http://api.test/{}".format, TEXTS)
    | st.builds("http://api.test/{}?{}".format, TEXTS, TEXTS)
)
NAMES = ["Accept", "accept", "Accept-Encoding", "Connection", "X-Own", "Cookie", "Content-Length", "Content-Type"]
HEADERS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["text", "0", "", "caf\u00e9", None]), max_size=4)
HEADERS |= st.dictionaries(
    st.sampled_from(["X-Own", "", " x", "x:y", b"X-Bytes"]),
    st.sampled_from(["text", " led", "two\r\nlines", b"bytes", 1]),
    max_size=1,
)
ATTRIBUTES = st.sampled_from(
    [
        *({}, {}, {"auth": ("user", "password")}, {"params": {"p": "1"}}, {"params": {"p": None}}, {"headers": None}),
        *({"hooks": {"response": [print]}}, {"hooks": {}}, {"headers": {"X-Own": "1"}}, {"trust_env": False}),
    ]
)


def told(session: requests.Session, method: str, url: str, headers: Any, body: bytes | None) -> Any:
    """All that the transport prepares for a session, or what it says against it."""
    request = requests.Request(method, url, headers=CaseInsensitiveDict(headers), data=body)
    try:
        prepared = Transport(session).prepare("go", request)
    except (CallError, TypeError, AttributeError) as error:
        return repr(error)
    cookies = [repr(cookie) for cookie in prepared._cookies]  # type: ignore[attr-defined]
    return {**vars(prepared), "headers": list(prepared.headers.items()), "_cookies": cookies}


@settings(max_examples=400)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "QUERY", "M-SEARCH", "get", "Post"]),
    URLS,
    HEADERS,
    HEADERS,
    st.sampled_from([None, b"", b"{}", b"0" * 70000]),
    ATTRIBUTES,
    st.sampled_from([(), (("held", "1"),), (("held", "1"), ("other", "2"))]),
)
def test_request_that_stands_as_it_is(
    method: str, url: str, own: Any, headers: Any, body: bytes | None, attributes: Any, cookies: Any
) -> None:
    """What is not given to requests to prepare is what requests would have prepared, in all that it holds."""
    sessions = requests.Session(), Prepares()
    for session in sessions:
        session.headers.update(own)
        for name, value in attributes.items():
            setattr(session, name, value)
        for name, value in cookies:
            session.cookies.set(name, value)

    ours, theirs = (told(session, method, url, headers, body) for session in sessions)
    assert ours == theirs


@pytest.mark.parametrize("prefix", ["http://api.test/a", "http://api.test/a?b"])
def test_every_character_and_escape(prefix: str) -> None:
    """One that requests would write in another way is left to requests."""
    texts = [*map(chr, range(256)), *(f"%{n:02X}" for n in range(256)), *(f"%{n:02x}" for n in range(256))]
    for text in texts:
        request = requests.Request("GET", prefix + text, headers=CaseInsensitiveDict(), auth=_no_auth)
        ours = _prepared_as_written(request, requests.Session())

        assert ours is None or ours.url == requests.Session().prepare_request(request).url


@pytest.mark.parametrize(
    ("url", "is_plain"),
    [
        ("https://api.test/v1/threads/a%2Fb/runs?limit=20&after=a%20b", True),
        ("http://127.0.0.1:8080/", True),
        ("http://api.test", False),
        ("http://API.test/", False),
        ("http://[::1]/", False),
        ("http://api.test/a/../b", False),
        ("http://api.test/a%41", False),
        ("http://api.test/?", False),
    ],
)
def test_url_that_stands_as_it_is(url: str, is_plain: bool) -> None:
    """A usual one is not given to requests to prepare; one that it may change is."""
    request = requests.Request("GET", url, headers=CaseInsensitiveDict(), auth=_no_auth)

    assert (_prepared_as_written(request, requests.Session()) is not None) == is_plain
