"""Which credentials a call sends, where they come from, and that nobody sees them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from dynclient.errors import CallError, DocumentError
from dynclient.model import Operation, SecurityScheme
from dynclient.security import Authenticator, Credentials, Withheld
from dynclient.types import Credential

SECRET = "sk-SECRET-0123456789"

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        SecurityScheme("bearer", "http", "bearer"),
        SecurityScheme("basic", "http", "basic"),
        SecurityScheme("digest", "http", "digest"),
        SecurityScheme("oauth", "oauth2"),
        SecurityScheme("openid", "openIdConnect"),
        SecurityScheme("header key", "apiKey", parameter="X-Api-Key", location="header"),
        SecurityScheme("query-key", "apiKey", parameter="api key", location="query"),
        SecurityScheme("cookieKey", "apiKey", parameter="session", location="cookie"),
        SecurityScheme("lost", "apiKey", parameter="k", location="body"),
        SecurityScheme("named", "http", "bearer", environment="MY_TOKEN"),
    )
}


def token() -> str:
    return SECRET


def operation(*alternatives: tuple[str, ...]) -> Operation:
    return Operation("go", "GET", "/go", security=alternatives)


def send(given: dict[str, Any], *alternatives: tuple[str, ...], masked: bool = False) -> Credentials:
    return Authenticator(SCHEMES, given).credentials(operation(*alternatives), masked=masked)


@pytest.mark.parametrize(
    ("scheme", "credential", "expected"),
    [
        ("bearer", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("oauth", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("openid", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("digest", "abc", Credentials(header={"Authorization": "Digest abc"})),
        (
            "basic",
            ("Aladdin", "open sesame"),
            Credentials(header={"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}),
        ),
        ("basic", "Aladdin:open sesame", Credentials(header={"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})),
        ("basic", ("é", "ü:x"), Credentials(header={"Authorization": "Basic w6k6w7w6eA=="})),
        ("header key", "a b", Credentials(header={"X-Api-Key": "a b"})),
        ("query-key", "a&b ☃", Credentials(query={"api key": "a&b ☃"})),
        ("cookieKey", "abc", Credentials(cookie={"session": "abc"})),
    ],
)
def test_where_a_credential_goes(scheme: str, credential: Credential, expected: Credentials) -> None:
    """By the type of its scheme."""
    assert send({scheme: credential}, (scheme,)) == expected


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("bearer", Credentials(header={"Authorization": "Bearer ***"})),
        ("basic", Credentials(header={"Authorization": "Basic ***"})),
        ("header key", Credentials(header={"X-Api-Key": "***"})),
        ("query-key", Credentials(query={"api key": "***"})),
        ("cookieKey", Credentials(cookie={"session": "***"})),
    ],
)
def test_masked(scheme: str, expected: Credentials) -> None:
    """The same places without the secret, which is not even asked for."""

    def forbidden() -> str:
        raise AssertionError

    assert send({scheme: forbidden}, (scheme,), masked=True) == expected


@pytest.mark.parametrize(
    ("alternatives", "given", "expected"),
    [
        ([("bearer",), ("header key",)], ["bearer", "header key"], Credentials({"Authorization": "Bearer x"})),
        ([("bearer",), ("header key",)], ["header key"], Credentials({"X-Api-Key": "x"})),
        (
            [("bearer", "query-key")],
            ["bearer", "query-key"],
            Credentials({"Authorization": "Bearer x"}, {"api key": "x"}),
        ),
        ([("bearer", "query-key")], ["bearer"], Credentials()),
        ([("bearer", "query-key"), ("cookieKey",)], ["bearer", "cookieKey"], Credentials(cookie={"session": "x"})),
        ([], ["bearer"], Credentials()),
        ([()], ["bearer"], Credentials()),
        ([(), ("bearer",)], ["bearer"], Credentials({"Authorization": "Bearer x"})),
        ([(), ("bearer",)], [], Credentials()),
        ([("unheard",)], ["bearer"], Credentials()),
    ],
)
def test_alternatives(alternatives: list[tuple[str, ...]], given: list[str], expected: Credentials) -> None:
    """The first alternative of which all is known; without any, and for a call that may go without, none."""
    assert send(dict.fromkeys(given, "x"), *alternatives) == expected


def test_operation_that_asks_for_nothing() -> None:
    """No security, no credential."""
    assert Authenticator(SCHEMES, {"bearer": "x"}).credentials(Operation("go", "GET", "/go")) == Credentials()


@pytest.mark.parametrize(
    ("variable", "value", "scheme", "expected"),
    [
        ("MY_TOKEN", "abc", "named", {"Authorization": "Bearer abc"}),
        ("DYNCLIENT_AUTH_BEARER", "abc", "bearer", {"Authorization": "Bearer abc"}),
        ("DYNCLIENT_AUTH_HEADER_KEY", "abc", "header key", {"X-Api-Key": "abc"}),
        ("DYNCLIENT_AUTH_BASIC", "me:pass:word", "basic", {"Authorization": "Basic bWU6cGFzczp3b3Jk"}),
        ("DYNCLIENT_AUTH_BEARER", "", "bearer", {}),
        ("DYNCLIENT_AUTH_NAMED", "abc", "named", {}),
    ],
)
def test_environment(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, scheme: str, expected: dict[str, str]
) -> None:
    """The document's own variable, else DYNCLIENT_AUTH_<SCHEME>; an empty one is none."""
    monkeypatch.setenv(variable, value)

    assert send({}, (scheme,)) == Credentials(expected)


def test_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller says goes."""
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "environment")

    assert send({"bearer": "given"}, ("bearer",)).header == {"Authorization": "Bearer given"}


def test_callable_is_called_once_per_call() -> None:
    """A token that changes is fetched each time, and once."""
    tokens = iter(["first", "second"])
    authenticator = Authenticator(SCHEMES, {"bearer": lambda: next(tokens), "header key": lambda: "key"})
    wanted = operation(("cookieKey",), ("bearer", "header key"))

    assert [authenticator.credentials(wanted).header["Authorization"] for _ in range(2)] == [
        "Bearer first",
        "Bearer second",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("baerer", "no security scheme 'baerer'; the document has: {}. Did you mean 'bearer'?"),
        ("zzz", "no security scheme 'zzz'; the document has: {}."),
    ],
)
def test_unknown_scheme(name: str, message: str) -> None:
    """With what there is, and the nearest."""
    with pytest.raises(DocumentError) as caught:
        Authenticator(SCHEMES, {name: SECRET})

    assert str(caught.value) == message.format(", ".join(SCHEMES))


def test_unknown_scheme_of_a_document_without_any() -> None:
    """There is nothing that could be meant."""
    with pytest.raises(DocumentError, match=r"^no security scheme 'x'; the document has: none\.$"):
        Authenticator({}, {"x": SECRET})


@pytest.mark.parametrize(
    ("scheme", "credential", "message"),
    [
        ("bearer", "", "the credential for bearer must be a text that is not empty"),
        ("bearer", 5, "the credential for bearer must be a text that is not empty"),
        ("bearer", (SECRET, "x"), "the credential for bearer must be a text that is not empty"),
        ("bearer", lambda: None, "the credential for bearer must be a text that is not empty"),
        ("basic", SECRET, "the credential for basic must be a pair (user, password)"),
        ("basic", (SECRET,), "the credential for basic must be a pair (user, password)"),
        ("bearer", f"{SECRET}\n", "the credential for bearer holds what a header cannot, like a line break"),
        (
            "header key",
            f"{SECRET}\r\nX-Evil: 1",
            "the credential for header key holds what a header cannot, like a line break",
        ),
        ("query-key", f"{SECRET}\0", "the credential for query-key holds what a query cannot, like a line break"),
        ("bearer", f"{SECRET}☃", "the credential for bearer holds what a header cannot, like a line break"),
        ("header key", f" {SECRET}", "the credential for header key holds what a header cannot, like a line break"),
        ("cookieKey", f"{SECRET};x=y", "the credential for cookieKey holds what a cookie cannot, like a line break"),
        ("query-key", f"{SECRET}\udc80", "the credential for query-key holds what a query cannot, like a line break"),
        ("lost", SECRET, "the document does not say where the key of lost goes"),
    ],
)
def test_credentials_of_the_wrong_shape(scheme: str, credential: Any, message: str) -> None:
    """They are refused, and not shown."""
    with pytest.raises(CallError) as caught:
        send({scheme: credential}, (scheme,))

    assert caught.value == CallError("go", message)
    assert SECRET not in f"{caught.value!r}{caught.value}"


def test_with_given() -> None:
    """New credentials stand beside those there were, or in their place."""
    authenticator = Authenticator(SCHEMES, {"bearer": "old", "header key": "old"}).with_given({"bearer": "new"})

    assert authenticator.credentials(operation(("bearer", "header key"))).header == {
        "Authorization": "Bearer new",
        "X-Api-Key": "old",
    }


def test_pickle_leaves_credentials_behind() -> None:
    """A call that needs one says how to give it."""
    dumped = pickle.dumps(Authenticator(SCHEMES, {"bearer": SECRET, "basic": ("me", SECRET)}))
    authenticator: Authenticator = pickle.loads(dumped)

    with pytest.raises(CallError) as caught:
        authenticator.credentials(operation(("bearer",)))
    assert SECRET.encode() not in dumped
    assert caught.value.message == (
        "the credential for bearer was left out when the client was pickled; "
        "set DYNCLIENT_AUTH_BEARER or use with_options(auth={'bearer': ...})"
    )


def test_pickle_keeps_callables() -> None:
    """A function is no secret."""
    authenticator: Authenticator = pickle.loads(pickle.dumps(Authenticator(SCHEMES, {"bearer": token})))

    assert authenticator.credentials(operation(("bearer",))).header == {"Authorization": f"Bearer {SECRET}"}


def test_environment_stands_in_for_what_was_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the pickle is read, the environment may know."""
    authenticator: Authenticator = pickle.loads(pickle.dumps(Authenticator(SCHEMES, {"bearer": SECRET})))
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "other")

    assert authenticator.credentials(operation(("bearer",))).header == {"Authorization": "Bearer other"}


def test_pickled_twice() -> None:
    """What was left behind once stays marked as left behind."""
    once: Authenticator = pickle.loads(pickle.dumps(Authenticator(SCHEMES, {"bearer": SECRET})))
    twice: Authenticator = pickle.loads(pickle.dumps(once))

    with pytest.raises(CallError, match="left out"):
        twice.credentials(operation(("bearer",)))


def test_repr_shows_no_secret() -> None:
    """Neither the authenticator nor its results show what they hold."""
    given: dict[str, Credential] = {"bearer": SECRET, "query-key": SECRET, "cookieKey": SECRET}
    authenticator = Authenticator(SCHEMES, given)
    credentials = authenticator.credentials(operation(tuple(given)))

    assert repr(authenticator) == f"<Authenticator for {', '.join(SCHEMES)}>"
    assert repr(Authenticator({}, {})) == "<Authenticator for no scheme>"
    assert repr(credentials) == "Credentials()"
    assert repr(Withheld()) == "<withheld>"
