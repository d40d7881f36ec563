"""Which credentials a call sends, where they come from, and what is said when they do not fit."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from dynclient.credentials.authenticator import Authenticator
from dynclient.credentials.kinds import NETRC, Credential
from dynclient.credentials.oauth import OAuth2
from dynclient.credentials.places import Credentials, Site
from dynclient.credentials.secrets import Secret, Withheld
from dynclient.errors import CallError, CredentialWarning, DocumentError
from dynclient.openapi.model import Operation, SecurityScheme

SECRET = "sk-SECRET-0123456789"

SCHEMES = {
    scheme.name: scheme
    for scheme in (
        SecurityScheme("bearer", "http", "bearer", "bearer"),
        SecurityScheme("basic", "http", "basic", "basic"),
        SecurityScheme("digest", "http", "digest", "digest"),
        SecurityScheme("custom", "http", "dsn", "DSN"),
        SecurityScheme("nameless", "http"),
        SecurityScheme("spaced", "http", "a b", "a b"),
        SecurityScheme("oauth", "oauth2"),
        SecurityScheme("openid", "openIdConnect"),
        SecurityScheme("tls", "mutualTLS"),
        SecurityScheme("header key", "apiKey", parameter="X-Api-Key", location="header"),
        SecurityScheme("same key", "apiKey", parameter="x-api-key", location="header"),
        SecurityScheme("query-key", "apiKey", parameter="api key", location="query"),
        SecurityScheme("cookieKey", "apiKey", parameter="session", location="cookie"),
        SecurityScheme("lost", "apiKey", parameter="k", location="body"),
        SecurityScheme("unnamed", "apiKey", location="header"),
        SecurityScheme("strange", "smoke signals"),
        SecurityScheme("named", "http", "bearer", environment="MY_TOKEN"),
    )
}


def token() -> str:
    return SECRET


def operation(*alternatives: tuple[str, ...]) -> Operation:
    return Operation("go", "GET", "/go", security=tuple(dict.fromkeys(names, ()) for names in alternatives))


def no_exchange(*_: object) -> tuple[int, bytes]:
    raise AssertionError("nothing may be sent")


SITE = Site("https://api.test")


def send(given: Mapping[str, Any], *alternatives: tuple[str, ...], site: Site = SITE) -> Credentials:
    return Authenticator(SCHEMES, given).credentials(operation(*alternatives), site, no_exchange)


@pytest.mark.parametrize(
    ("scheme", "credential", "expected"),
    [
        ("bearer", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("oauth", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("openid", "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("bearer", "aZ09-._~+/==", Credentials(header={"Authorization": "Bearer aZ09-._~+/=="})),
        ("custom", "abc=d e", Credentials(header={"Authorization": "DSN abc=d e"})),
        (
            "basic",
            ("Aladdin", "open sesame"),
            Credentials(header={"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}),
        ),
        ("basic", "Aladdin:open sesame", Credentials(header={"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})),
        ("basic", ("é", "ü:x"), Credentials(header={"Authorization": "Basic w6k6w7w6eA=="})),
        ("basic", ("test", "123£"), Credentials(header={"Authorization": "Basic dGVzdDoxMjPCow=="})),
        ("basic", ("", ""), Credentials(header={"Authorization": "Basic Og=="})),
        ("digest", ("me", "pass"), Credentials(auth=(HTTPDigestAuth("me", "pass"),))),
        ("digest", "me:pass", Credentials(auth=(HTTPDigestAuth("me", "pass"),))),
        ("custom", HTTPBasicAuth("me", "pass"), Credentials(auth=(HTTPBasicAuth("me", "pass"),))),
        ("header key", HTTPBasicAuth("me", "pass"), Credentials(auth=(HTTPBasicAuth("me", "pass"),))),
        ("header key", "a b", Credentials(header={"X-Api-Key": "a b"})),
        ("query-key", "a&b ☃", Credentials(query={"api key": "a&b ☃"})),
        ("cookieKey", "abc", Credentials(cookie={"session": "abc"})),
        ("tls", __file__, Credentials(certificate=__file__)),
        ("tls", Path(__file__), Credentials(certificate=__file__)),
        ("tls", (__file__, Path(__file__)), Credentials(certificate=(__file__, __file__))),
        ("bearer", lambda: "abc", Credentials(header={"Authorization": "Bearer abc"})),
        ("basic", lambda: ("", ""), Credentials(header={"Authorization": "Basic Og=="})),
        ("custom", lambda: HTTPBasicAuth("a", "b"), Credentials(auth=(HTTPBasicAuth("a", "b"),))),
    ],
)
def test_where_a_credential_goes(scheme: str, credential: Credential, expected: Credentials) -> None:
    """By the type of its scheme; also what a callable returns."""
    assert send({scheme: credential}, (scheme,)) == expected


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("bearer", Credentials(header={"Authorization": "Bearer ***"})),
        ("basic", Credentials(header={"Authorization": "Basic ***"})),
        ("digest", Credentials(header={"Authorization": "Digest ***"})),
        ("custom", Credentials(header={"Authorization": "DSN ***"})),
        ("oauth", Credentials(header={"Authorization": "Bearer ***"})),
        ("header key", Credentials(header={"X-Api-Key": "***"})),
        ("query-key", Credentials(query={"api key": "***"})),
        ("cookieKey", Credentials(cookie={"session": "***"})),
        ("tls", Credentials()),
    ],
)
def test_masked(scheme: str, expected: Credentials) -> None:
    """The same places without the secret, which is not even asked for."""

    def forbidden() -> str:
        raise AssertionError

    assert Authenticator(SCHEMES, {scheme: forbidden}).masked(operation((scheme,)), SITE) == expected


BEARER, KEY, QUERY, COOKIE = ("bearer",), ("header key",), ("query-key",), ("cookieKey",)
BOTH = ("bearer", "query-key")


@pytest.mark.parametrize(
    ("alternatives", "given", "environment", "used"),
    [
        # one of several
        ([BEARER, KEY], ["bearer", "header key"], [], BEARER),
        ([BEARER, KEY], ["header key"], [], KEY),
        ([KEY, BEARER], ["bearer", "header key"], [], KEY),
        # all of one
        ([BOTH], ["bearer", "query-key"], [], BOTH),
        ([BOTH, COOKIE], ["bearer", "cookieKey"], [], COOKIE),
        ([COOKIE, BOTH], ["bearer", "query-key"], [], BOTH),
        # what is given goes before the environment, and a part of it before none
        ([BEARER, KEY], ["header key"], ["bearer"], KEY),
        ([BEARER, BOTH], ["query-key"], ["bearer"], BOTH),
        ([BEARER, BOTH, COOKIE], ["query-key", "cookieKey"], ["bearer"], COOKIE),
        ([BEARER, KEY], [], ["bearer", "header key"], BEARER),
        ([BOTH], ["bearer"], ["query-key"], BOTH),
        # half of one from the environment is none
        ([BOTH], [], ["bearer"], ()),
        ([BOTH, KEY], [], ["bearer", "header key"], KEY),
        # nothing is needed
        ([], ["bearer"], [], ()),
        ([()], ["bearer"], [], ()),
        ([(), BEARER], ["bearer"], [], BEARER),
        ([(), BEARER], [], ["bearer"], BEARER),
        ([(), BEARER], [], [], ()),
        ([BEARER, ()], ["header key"], [], ()),
        ([BOTH, ()], ["bearer"], [], ()),
        # nothing is known, or could be
        ([BEARER], [], [], ()),
        ([("unheard",)], ["bearer"], [], ()),
        ([("unheard",), BEARER], ["bearer"], [], BEARER),
        ([("unheard", "bearer")], ["bearer"], [], ()),
    ],
)
def test_alternatives(
    monkeypatch: pytest.MonkeyPatch,
    alternatives: list[tuple[str, ...]],
    given: list[str],
    environment: list[str],
    used: tuple[str, ...],
) -> None:
    """The schemes of the alternative that is fulfilled, given ones first; () for none."""
    for name in environment:
        monkeypatch.setenv(f"DYNCLIENT_AUTH_{name.replace(' ', '_').replace('-', '_').upper()}", "x")

    assert send(dict.fromkeys(given, "x"), *alternatives).schemes == used


@pytest.mark.parametrize(
    ("alternatives", "given", "message"),
    [
        (
            [BEARER],
            ["header key"],
            "needs 'bearer'. Give auth={'bearer': ...} or set DYNCLIENT_AUTH_BEARER.",
        ),
        (
            [BOTH, KEY],
            ["bearer"],
            (
                "needs 'bearer' and 'query-key', or 'header key'; of these only 'bearer' is known."
                " Give auth={'query-key': ...} or set DYNCLIENT_AUTH_QUERY_KEY;"
                " or give auth={'header key': ...} or set DYNCLIENT_AUTH_HEADER_KEY."
            ),
        ),
        (
            [("bearer", "query-key", "header key"), ("header key", "bearer", "cookieKey", "named")],
            ["bearer", "header key"],
            (
                "needs 'bearer' and 'query-key' and 'header key',"
                " or 'header key' and 'bearer' and 'cookieKey' and 'named';"
                " of these only 'bearer' and 'header key' are known."
                " Give auth={'query-key': ...} or set DYNCLIENT_AUTH_QUERY_KEY;"
                " or give auth={'cookieKey': ..., 'named': ...} or set DYNCLIENT_AUTH_COOKIEKEY and MY_TOKEN."
            ),
        ),
        (
            [("unheard",), KEY],
            ["bearer"],
            (
                "needs 'unheard' (the document does not describe 'unheard'), or 'header key'."
                " Give auth={'header key': ...} or set DYNCLIENT_AUTH_HEADER_KEY."
            ),
        ),
    ],
)
def test_given_credentials_that_fulfil_nothing(
    alternatives: list[tuple[str, ...]], given: list[str], message: str
) -> None:
    """Are refused, with what is needed, what is missing and how to give it."""
    with pytest.raises(CallError) as caught:
        send(dict.fromkeys(given, SECRET), *alternatives)

    assert caught.value == CallError("go", message)


NAMES = st.sampled_from(["bearer", "header key", "query-key", "cookieKey", "unheard"])


@given(
    alternatives=st.lists(st.lists(NAMES, unique=True, max_size=3).map(tuple), max_size=4),
    credentials=st.sets(NAMES.filter(lambda name: name != "unheard")),
)
def test_any_alternatives(alternatives: list[tuple[str, ...]], credentials: set[str]) -> None:
    """The first that is fulfilled; a refusal and a call without any only where there is none."""
    fulfilled = [names for names in alternatives if names and credentials.issuperset(names)]

    try:
        used = send(dict.fromkeys(credentials, "x"), *alternatives).schemes
    except CallError:
        assert not fulfilled
        assert credentials
        assert () not in alternatives
    else:
        assert used == (fulfilled[0] if fulfilled else ())


@given(
    st.text(st.sampled_from('a \r\n\0\t;,:="\\é☃\x85\ud800') | st.characters()),
    st.sampled_from(["bearer", "custom", "header key", "cookieKey", "query-key", "basic"]),
)
def test_any_text(text: str, scheme: str) -> None:
    """It is sent as it is, or refused; it never becomes a second header, cookie or field."""
    try:
        found = send({scheme: text}, (scheme,))
    except CallError:
        return
    sent = "".join(found.texts())
    assert not re.search(r"[\r\n\0]", sent)
    assert scheme == "basic" or text in sent


def test_operation_that_asks_for_nothing() -> None:
    """No security, no credential."""
    found = Authenticator(SCHEMES, {"bearer": "x"}).credentials(Operation("go", "GET", "/go"), SITE, no_exchange)

    assert (found, found.schemes) == (Credentials(), ())


@pytest.mark.parametrize(
    ("given", "alternatives", "used"),
    [
        ({"bearer": None}, [BEARER], ()),
        ({"bearer": None, "header key": "x"}, [BEARER], ()),
        ({"bearer": None, "header key": "x"}, [BEARER, KEY], KEY),
        ({"bearer": None}, [BEARER, QUERY], ()),
    ],
)
def test_switched_off(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], alternatives: list[tuple[str, ...]], used: tuple[str, ...]
) -> None:
    """None stands for no credential, whatever the environment holds."""
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "there")

    assert send(given, *alternatives).schemes == used


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


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("bearerAuth", "DYNCLIENT_AUTH_BEARERAUTH"),
        ("api_key v2", "DYNCLIENT_AUTH_API_KEY_V2"),
        ("clé=évil\n;", "DYNCLIENT_AUTH_CL_VIL_"),
        ("named", "MY_TOKEN"),
    ],
)
def test_environment_name(name: str, variable: str) -> None:
    """Only letters, digits and underscores of ASCII, as every shell takes them."""
    schemes = {name: SCHEMES.get(name, SecurityScheme(name, "http", "bearer"))}

    assert Authenticator(schemes, {}).environment_name(name) == variable


def test_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller says goes."""
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "environment")

    assert send({"bearer": "given"}, ("bearer",)).header == {"Authorization": "Bearer given"}


@pytest.mark.parametrize(
    ("own", "session", "given", "expected"),
    [
        ([("header", "authorization")], [], {}, Credentials()),
        ([("header", "authorization")], [], {"bearer": "x"}, Credentials()),
        ([], [("header", "authorization")], {}, Credentials()),
        ([], [("header", "authorization")], {"bearer": "x"}, Credentials({"Authorization": "Bearer x"})),
    ],
)
def test_places_that_are_filled(
    monkeypatch: pytest.MonkeyPatch, own: Any, session: Any, given: dict[str, Any], expected: Credentials
) -> None:
    """What the call itself sends there stays, then what is given, then the session's, then the environment's."""
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "environment")
    site = Site("https://api.test", own=frozenset(own), session=frozenset(session))

    found = send(given, ("bearer",), site=site)

    assert (found, found.schemes) == (expected, ("bearer",))


def test_callable_is_called_once_per_call() -> None:
    """A token that changes is fetched each time, and once."""
    tokens = iter(["first", "second"])
    authenticator = Authenticator(SCHEMES, {"bearer": lambda: next(tokens), "header key": lambda: "key"})
    wanted = operation(("cookieKey",), ("bearer", "header key"))

    assert [authenticator.credentials(wanted, SITE, no_exchange).header["Authorization"] for _ in range(2)] == [
        "Bearer first",
        "Bearer second",
    ]


def test_a_text_is_written_once_and_follows_each_call() -> None:
    """What the same credential makes of another call, of one with its own header and of one behind a mask differs."""
    authenticator = Authenticator(SCHEMES, {"bearer": "abc"})
    own = Site("https://api.test", own=frozenset({("header", "authorization")}))
    wanted, other = operation(("bearer",)), operation(("bearer", "header key"), ("bearer",), ())

    assert authenticator.credentials(wanted, SITE, no_exchange) is authenticator.credentials(wanted, SITE, no_exchange)
    assert authenticator.credentials(other, SITE, no_exchange) == Credentials({"Authorization": "Bearer abc"})
    assert authenticator.credentials(wanted, own, no_exchange) == Credentials()
    assert authenticator.masked(wanted, SITE) == Credentials({"Authorization": "Bearer ***"})
    changed = authenticator.with_given({"bearer": "xyz"})
    assert changed.credentials(wanted, SITE, no_exchange) == Credentials({"Authorization": "Bearer xyz"})
    assert b"abc" not in pickle.dumps(authenticator)


def test_a_credential_of_the_environment_is_read_in_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may change, and so may what is given beside it."""
    authenticator = Authenticator(SCHEMES, {"header key": "key"})
    wanted, found = operation(("bearer", "header key")), []
    for token in ("first", "second"):
        monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", token)
        found.append(authenticator.credentials(wanted, SITE, no_exchange).header["Authorization"])

    assert found == ["Bearer first", "Bearer second"]


def test_digest_is_one_for_each_origin() -> None:
    """No server is given an answer to the challenge of another."""
    authenticator = Authenticator(SCHEMES, {"digest": ("me", "pass")})
    wanted = operation(("digest",))
    here, again, there = (
        authenticator.credentials(wanted, Site(url), no_exchange).auth[0]
        for url in ("https://api.test", "https://api.test/v2", "https://third.test")
    )

    assert (here is again, here is there) == (True, False)


def test_a_certificate_is_looked_for_in_each_call(tmp_path: Path) -> None:
    """Its file may be gone."""
    pem = tmp_path / "me.pem"
    pem.touch()
    authenticator = Authenticator(SCHEMES, {"tls": str(pem)})

    assert authenticator.credentials(operation(("tls",)), SITE, no_exchange).certificate == str(pem)
    pem.unlink()
    with pytest.raises(CallError, match="is not the path of a file that exists"):
        authenticator.credentials(operation(("tls",)), SITE, no_exchange)


def test_error_of_a_callable() -> None:
    """It is the caller's own, and passes."""

    def failing() -> str:
        raise LookupError("no vault")

    with pytest.raises(LookupError, match=r"^no vault$"):
        send({"bearer": failing}, ("bearer",))


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


def test_a_credential_in_place_of_the_name_of_a_scheme() -> None:
    """It is not repeated: whoever swaps the two would find it in a log."""
    with pytest.raises(DocumentError) as caught:
        Authenticator(SCHEMES, {"sk-0123456789-abcdefghij": "bearer"})

    assert str(caught.value) == (
        f"a name in auth isn't a security scheme of the document, which has: {', '.join(SCHEMES)}. "
        "Write auth={name: credential}."
    )


def test_unknown_scheme_of_a_document_without_any() -> None:
    """There is nothing that could be meant."""
    with pytest.raises(DocumentError, match=r"^no security scheme 'x'; the document has: none\.$"):
        Authenticator({}, {"x": SECRET})


@pytest.mark.parametrize(
    ("scheme", "credential", "message"),
    [
        ("bearer", "", "the credential for bearer is empty; None sends none"),
        ("bearer", 5, "the credential for bearer must be a text, not int"),
        ("bearer", (SECRET, "x"), "the credential for bearer must be a text, not tuple"),
        ("bearer", lambda: None, "the credential for bearer must be a text, not NoneType"),
        ("bearer", NETRC, "the .netrc has no entry of https://api.test for bearer"),
        ("basic", SECRET, "the credential for basic must be a pair (user, password)"),
        ("basic", (SECRET,), "the credential for basic must be a pair (user, password)"),
        ("basic", (SECRET, 5), "the credential for basic must be a pair (user, password)"),
        ("digest", SECRET, "the credential for digest must be a pair (user, password)"),
        ("basic", (f"a:{SECRET}", "x"), "the user for basic must not hold a colon or control characters"),
        ("digest", (f"a\n{SECRET}", "x"), "the user for digest must not hold a colon or control characters"),
        ("digest", (f'a"{SECRET}', "x"), "the user for digest must not hold a quotation mark or backslash"),
        ("basic", ("a", f"{SECRET}\x7f"), "the password for basic must not hold control characters"),
        ("basic", ("a", f"{SECRET}\udc80"), "the password for basic must not hold control characters"),
        ("bearer", f"{SECRET}\n", "the credential for bearer holds what a token cannot, like a line break"),
        ("bearer", f"a {SECRET}", "the credential for bearer holds what a token cannot, like a line break"),
        ("bearer", f"{SECRET}☃", "the credential for bearer holds what a token cannot, like a line break"),
        ("bearer", f"Bearer {SECRET}", "the token for bearer is given without the word Bearer before it"),
        (
            "header key",
            f"{SECRET}\r\nX-Evil: 1",
            "the credential for header key holds what a header cannot, like a line break",
        ),
        ("custom", f"{SECRET}\n", "the credential for custom holds what a header cannot, like a line break"),
        ("query-key", f"{SECRET}\0", "the credential for query-key holds what a query cannot, like a line break"),
        ("header key", f" {SECRET}", "the credential for header key holds what a header cannot, like a line break"),
        ("cookieKey", f"{SECRET};x=y", "the credential for cookieKey holds what a cookie cannot, like a line break"),
        ("query-key", f"{SECRET}\udc80", "the credential for query-key holds what a query cannot, like a line break"),
        ("lost", SECRET, "the document does not say where the credential for lost goes"),
        ("unnamed", SECRET, "the document does not say where the credential for unnamed goes"),
        ("strange", SECRET, "the document does not say where the credential for strange goes"),
        ("nameless", SECRET, "the document does not say where the credential for nameless goes"),
        ("spaced", SECRET, "the document does not say where the credential for spaced goes"),
        ("tls", SECRET, "the credential for tls is not the path of a file that exists"),
        ("tls", f"{SECRET}\0", "the credential for tls is not the path of a file that exists"),
        ("tls", (__file__, SECRET), "the credential for tls is not the path of a file that exists"),
        ("tls", 5, "the credential for tls must be the path of a PEM file, or a pair (certificate, key)"),
        ("tls", ("a", "b", "c"), "the credential for tls must be the path of a PEM file, or a pair (certificate, key)"),
        ("tls", HTTPBasicAuth("a", SECRET), "the credential for tls must be the path of a certificate"),
    ],
)
def test_credentials_of_the_wrong_shape(scheme: str, credential: Any, message: str) -> None:
    """They are refused, and not shown."""
    with pytest.raises(CallError) as caught:
        send({scheme: credential}, (scheme,))

    assert caught.value == CallError("go", message)
    assert SECRET not in f"{caught.value!r}{caught.value}"


@pytest.mark.parametrize(
    ("together", "place"),
    [
        (("bearer", "basic"), "header authorization"),
        (("header key", "same key"), "header x-api-key"),
    ],
)
def test_two_credentials_for_one_place(together: tuple[str, ...], place: str) -> None:
    """Neither may silently take the place of the other."""
    with pytest.raises(CallError) as caught:
        send(dict.fromkeys(together, "a:b"), together)

    assert caught.value == CallError("go", f"two credentials would go into the same {place}; give only one")


def test_with_given() -> None:
    """New credentials stand beside those there were, or in their place."""
    authenticator = Authenticator(SCHEMES, {"bearer": "old", "header key": "old"}).with_given({"bearer": "new"})

    assert authenticator.credentials(operation(("bearer", "header key")), SITE, no_exchange).header == {
        "Authorization": "Bearer new",
        "X-Api-Key": "old",
    }


# ----------------------------------------------------------------------------------------------------------- warnings


def warned(given: Mapping[str, Any], *alternatives: tuple[str, ...], site: Site = SITE, times: int = 1) -> list[str]:
    """What is warned of when a call is sent so many times."""
    authenticator = Authenticator(SCHEMES, given)
    wanted = operation(*alternatives)
    with warnings.catch_warnings(record=True, action="always") as caught:
        for _ in range(times):
            found = authenticator.credentials(wanted, site, no_exchange)
            authenticator.with_given({}).warn(wanted, found, site)
    assert {(record.category, record.filename) for record in caught} <= {(CredentialWarning, __file__)}
    return [str(record.message) for record in caught]


def test_nothing_known() -> None:
    """Once per client, at the caller's line."""
    assert warned({}, BEARER, BOTH, times=3) == [
        (
            "go needs 'bearer', or 'bearer' and 'query-key'. Give auth={'bearer': ...} or set DYNCLIENT_AUTH_BEARER;"
            " or give auth={'bearer': ..., 'query-key': ...} or set DYNCLIENT_AUTH_BEARER and DYNCLIENT_AUTH_QUERY_KEY."
            " It is sent without."
        )
    ]


@pytest.mark.parametrize(
    ("given", "alternatives", "site"),
    [
        ({"bearer": "x"}, [BEARER], SITE),
        ({"bearer": None}, [BEARER], SITE),
        ({"bearer": "x"}, [], SITE),
        ({}, [BEARER, ()], SITE),
        ({}, [], Site("http://api.test")),
        ({}, [BEARER], Site("http://localhost:80/v1")),
        ({}, [BEARER], Site("https://127.0.0.1")),
        ({"bearer": "x"}, [BEARER], Site("http://[::1]:80")),
        ({}, [BEARER], Site("https://api.test", own=frozenset({("header", "authorization")}))),
    ],
)
def test_no_warning(given: dict[str, Any], alternatives: list[tuple[str, ...]], site: Site) -> None:
    """All is well, or wanted, or stays on this machine."""
    assert warned(given, *alternatives, site=site) == []


@pytest.mark.parametrize(
    ("given", "alternatives", "own"),
    [
        ({"query-key": "x"}, [QUERY], []),
        ({}, [BEARER], [("header", "authorization")]),
        ({}, [], [("header", "authorization")]),
        ({}, [], [("cookie", "session")]),
    ],
)
def test_plain_http(given: dict[str, Any], alternatives: list[tuple[str, ...]], own: Any) -> None:
    """Whoever put the credential into the request; once."""
    site = Site("http://api.test/v1", own=frozenset(own))

    assert warned(given, *alternatives, site=site, times=2) == [
        "credentials are sent to http://api.test over plain http, where others can read them"
    ]


def test_warning_that_is_an_error() -> None:
    """It stays one: every call fails, not only the first."""
    authenticator = Authenticator(SCHEMES, {})

    for _ in range(2):
        with pytest.raises(CredentialWarning):
            authenticator.warn(operation(BEARER), Credentials(), SITE)


@pytest.mark.parametrize(
    ("status", "given", "alternatives", "hint"),
    [
        (401, {"bearer": "x"}, [BEARER], "The credential for 'bearer' was refused."),
        (401, {"bearer": "x", "query-key": "y"}, [BOTH], "The credential for 'bearer' and 'query-key' was refused."),
        (
            401,
            {},
            [BEARER],
            (
                "No credential was sent: the operation needs 'bearer'."
                " Give auth={'bearer': ...} or set DYNCLIENT_AUTH_BEARER."
            ),
        ),
        (
            403,
            {},
            [("unheard",)],
            "No credential was sent: the operation needs 'unheard' (the document does not describe 'unheard').",
        ),
        (401, {}, [], "The document asks for no credential here, and none was sent."),
        (403, {}, [], ""),
        (403, {"bearer": "x"}, [BEARER], ""),
        (404, {}, [BEARER], ""),
        (500, {"bearer": "x"}, [BEARER], ""),
    ],
)
def test_hint(status: int, given: dict[str, Any], alternatives: list[tuple[str, ...]], hint: str) -> None:
    """What the caller can do about the answer."""
    authenticator = Authenticator(SCHEMES, given)
    wanted = operation(*alternatives)

    assert authenticator.hint(wanted, status, authenticator.credentials(wanted, SITE, no_exchange), SITE) == hint


def test_hint_of_scopes() -> None:
    """Those that the operation asks for."""
    wanted = Operation("go", "GET", "/go", security=({"oauth": ("write", "read")}, {"bearer": ("other",)}))

    assert Authenticator(SCHEMES, {}).hint(wanted, 403, Credentials(schemes=("oauth",)), SITE) == (
        "The credential for 'oauth' may lack what is asked for: read, write."
    )


# ------------------------------------------------------------------------------------------------------------- .netrc


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str) -> None:
    """Read only where it is asked for, and of it only the entry of the call's host."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine other.test login x password y\nmachine api.test login me password pass\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))

    assert send({}, (scheme,)) == Credentials()
    assert send({scheme: NETRC}, (scheme,)) == send({scheme: ("me", "pass")}, (scheme,))
    with pytest.raises(CallError, match=r"^go: the \.netrc has no entry of https://third\.test for "):
        send({scheme: NETRC}, (scheme,), site=Site("https://third.test"))


# ------------------------------------------------------------------------------------------------------------- secrets


def dumped(given: Mapping[str, Any]) -> bytes:
    return pickle.dumps(Authenticator(SCHEMES, given))


def test_pickle_leaves_credentials_behind() -> None:
    """A call that needs one says how to give it."""
    authenticator: Authenticator = pickle.loads(dumped({"bearer": SECRET, "basic": ("me", SECRET)}))

    with pytest.raises(CallError) as caught:
        authenticator.credentials(operation(("bearer",)), SITE, no_exchange)
    assert caught.value.message == (
        "the credential for bearer was left out when the client was pickled; "
        "set DYNCLIENT_AUTH_BEARER or use with_options(auth={'bearer': ...})"
    )


class Holder(AuthBase):
    def __init__(self) -> None:
        self.held = SECRET

    def token(self) -> str:
        return self.held


@pytest.mark.parametrize(
    "credential",
    [
        SECRET,
        ("me", SECRET),
        Path(SECRET),
        HTTPBasicAuth("me", SECRET),
        Holder(),
        Holder().token,
        partial(str, SECRET),
        {"k": SECRET}.__getitem__,
        lambda: SECRET,
        OAuth2("me", SECRET),
    ],
)
def test_no_pickle_holds_a_secret(credential: Any) -> None:
    """Only a function that can be imported travels, by its name; objects that are called hold what they give."""
    assert SECRET.encode() not in dumped({"bearer": credential})
    assert SECRET.encode() not in pickle.dumps(Secret(credential))


def test_pickle_keeps_functions_and_what_is_none() -> None:
    """They are no secret."""
    given = {"bearer": token, "basic": NETRC, "header key": None}
    authenticator: Authenticator = pickle.loads(dumped(given))

    assert authenticator._given == given


def test_environment_stands_in_for_what_was_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the pickle is read, the environment may know."""
    authenticator: Authenticator = pickle.loads(dumped({"bearer": SECRET}))
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "other")

    assert authenticator.credentials(operation(("bearer",)), SITE, no_exchange).header == {
        "Authorization": "Bearer other"
    }


def test_pickled_twice() -> None:
    """What was left behind once stays marked as left behind."""
    once: Authenticator = pickle.loads(dumped({"bearer": SECRET}))
    twice: Authenticator = pickle.loads(pickle.dumps(once))

    with pytest.raises(CallError, match="left out"):
        twice.credentials(operation(("bearer",)), SITE, no_exchange)


def test_repr_shows_no_secret() -> None:
    """Neither the authenticator nor its results show what they hold."""
    given: dict[str, Credential] = {"bearer": SECRET, "query-key": SECRET, "cookieKey": SECRET}
    authenticator = Authenticator(SCHEMES, given)
    credentials = authenticator.credentials(operation(tuple(given)), SITE, no_exchange)

    assert repr(authenticator) == f"<Authenticator for {', '.join(SCHEMES)}>"
    assert repr(Authenticator({}, {})) == "<Authenticator for no scheme>"
    assert repr(credentials) == "Credentials(schemes=('bearer', 'query-key', 'cookieKey'), renewable=False)"
    assert repr(authenticator._given) == "{'bearer': ***, 'query-key': ***, 'cookieKey': ***}"
    assert (repr(Withheld()), repr(NETRC)) == ("<withheld>", "NETRC")


@pytest.mark.parametrize(
    ("location", "name", "secret"),
    [
        ("header", "x-API-key", True),
        ("query", "api key", True),
        ("cookie", "session", True),
        ("header", "Authorization", True),
        ("header", "Proxy-Authorization", True),
        ("header", "Cookie", True),
        ("header", "X-Auth-Token", True),
        ("query", "access_token", True),
        ("header", "Accept", False),
        ("header", "X-Author", False),
        ("query", "limit", False),
    ],
)
def test_what_is_secret(location: str, name: str, secret: bool) -> None:
    """What the document says holds a key, and what is called like a secret."""
    assert Authenticator(SCHEMES, {}).is_secret(location, name) is secret
