"""Keys in the variables that people already have: which server gets one, for which scheme, and that no other does."""

from __future__ import annotations

import base64
import contextlib
import json
import pickle
import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, strategies as st
from requests.adapters import BaseAdapter

import dynclient
from dynclient import CallError, DocumentError, Unauthorized
from dynclient.cli import main
from dynclient.credentials.authenticator import Authenticator
from dynclient.credentials.places import Site
from dynclient.credentials.well_known import WELL_KNOWN, credential_of, variables_for
from dynclient.openapi.model import Operation, SecurityScheme
from tests import places
from tests.conftest import Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401

KEY = "sk-KNOWN-0123456789"
OPENAI = "https://api.openai.com/v1"
VARIABLES = [variable for vendor in WELL_KNOWN.values() for variable in vendor.variables]

BEARER = SecurityScheme("any", "http", "bearer", "bearer")
BASIC = SecurityScheme("any", "http", "basic", "basic")
OAUTH = SecurityScheme("any", "oauth2")
OPENID = SecurityScheme("any", "openIdConnect")


def header(name: str) -> SecurityScheme:
    return SecurityScheme("any", "apiKey", parameter=name, location="header")


OF_NO_KEY = [
    SecurityScheme("any", "http", "digest", "digest"),
    SecurityScheme("any", "http", "x-api-key", "x-api-key"),
    SecurityScheme("any", "mutualTLS"),
    SecurityScheme("any", "apiKey", parameter="x-api-key", location="query"),
    SecurityScheme("any", "apiKey", parameter="private-token", location="cookie"),
    SecurityScheme("bearer", "bearer"),
    header("Authorization"),
    header(""),
]

# ------------------------------------------------------------------- the choice, a function of URL and scheme


@pytest.mark.parametrize(
    ("url", "scheme", "variables"),
    [
        (OPENAI, BEARER, ("OPENAI_API_KEY",)),
        (OPENAI, OAUTH, ("OPENAI_API_KEY",)),
        (OPENAI, OPENID, ("OPENAI_API_KEY",)),
        (OPENAI, BASIC, ()),
        (OPENAI, header("X-Api-Key"), ()),
        ("https://api.anthropic.com", header("X-Api-Key"), ("ANTHROPIC_API_KEY",)),
        ("https://api.anthropic.com", BEARER, ()),
        ("https://api.github.com", BEARER, ("GITHUB_TOKEN", "GH_TOKEN")),
        ("https://api.stripe.com/", BASIC, ("STRIPE_API_KEY",)),
        ("https://api.stripe.com/", BEARER, ("STRIPE_API_KEY",)),
        ("https://api.digitalocean.com", BEARER, ("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN")),
        ("https://gitlab.com", header("Private-Token"), ("GITLAB_TOKEN",)),
        ("https://api.openai.com", BEARER, ("OPENAI_API_KEY",)),
        ("https://api.openai.com:443/v1", BEARER, ("OPENAI_API_KEY",)),
        ("https://api.openai.com?a=b@c", BEARER, ("OPENAI_API_KEY",)),
    ],
)
def test_the_vendors_server(url: str, scheme: SecurityScheme, variables: tuple[str, ...]) -> None:
    """The variables of the vendor whose server it is, for schemes of its kind."""
    assert variables_for(url, scheme) == variables


@pytest.mark.parametrize("scheme", OF_NO_KEY, ids=lambda scheme: f"{scheme.type} {scheme.scheme}{scheme.location}")
@pytest.mark.parametrize("vendor", WELL_KNOWN)
def test_a_scheme_of_another_kind(vendor: str, scheme: SecurityScheme) -> None:
    """It gets nothing, above all if it would write the key into a URL."""
    assert variables_for(vendor, scheme) == ()


NOT_OPENAI = [
    "http://api.openai.com/v1",
    "https://api.openai.com:444/v1",
    "https://api.openai.com:4430/v1",
    "https://api.openai.com:80",
    "https://openai.com/v1",
    "https://eu.api.openai.com/v1",
    "https://api.openai.com.evil.test/v1",
    "https://api.openai.com./v1",
    "https://api.openai.com@evil.test/v1",
    "https://api.openai.com:443@evil.test/v1",
    "https://evil.test@api.openai.com/v1",
    "https://evil.test\\@api.openai.com/v1",
    "https://api.openai.com\\@evil.test/v1",
    "https://api.openai.com\\.evil.test/v1",
    "https://api.openai.com#@evil.test/v1",
    "https://API.OpenAI.com/v1",
    "https://api.openai.com%2eevil.test/v1",
    "https://api.openai.com\x00.evil.test",
    "https://api.openai.com\n.evil.test",
    "https://api.openai.com\u3002evil.test",
    "https://api\uff0eopenai\uff0ecom",
    "https:///api.openai.com",
    "https:api.openai.com",
    "//api.openai.com",
    "api.openai.com",
    "ftp://api.openai.com",
    "https://evil.test/https://api.openai.com",
    "https://evil.test?https://api.openai.com/",
    "",
]


@pytest.mark.parametrize("url", NOT_OPENAI)
def test_not_the_vendors_server(url: str) -> None:
    """Anything but exactly its scheme, host and port."""
    assert variables_for(url, BEARER) == ()


SCHEMES = [BEARER, BASIC, OAUTH, OPENID, header("x-api-key"), header("PRIVATE-TOKEN"), *OF_NO_KEY]
PIECES = st.sampled_from(
    [
        "https://", "http://", "api.openai.com", "api.stripe.com", "gitlab.com", ".", "@", ":", ":443", ":8443", "/",
        "\\", "?", "#", "evil.test", "%40", "v1", " ", "\t", "API.OPENAI.COM", "-", "xn--", "\u2100",
    ]
)  # fmt: skip


@given(url=st.lists(PIECES, max_size=7).map("".join), scheme=st.sampled_from(SCHEMES))
def test_where_a_key_goes(url: str, scheme: SecurityScheme) -> None:
    """Whenever a variable is chosen, what sends the request reads the same server from the URL."""
    variables = variables_for(url, scheme)

    if variables:
        sent = urlsplit(requests.Request("GET", url).prepare().url or "")
        assert WELL_KNOWN[f"{sent.scheme}://{sent.hostname}"].variables == variables
        assert (sent.port or 443, sent.username) == (443, None)


@given(
    origin=st.sampled_from([*WELL_KNOWN, "https://api.test", "http://api.openai.com"]),
    schemes=st.lists(st.sampled_from(SCHEMES), min_size=1, max_size=3),
    environ=st.dictionaries(
        st.sampled_from([*VARIABLES, "DYNCLIENT_AUTH_S0"]),
        st.sampled_from(["", "a-key", "b-key"]),
    ),
)
def test_the_choice(origin: str, schemes: list[SecurityScheme], environ: dict[str, str]) -> None:
    """The first scheme that the document's own variable fills, else the first that a variable of the vendor does."""
    known = {f"s{n}": SecurityScheme(**{**_fields(s), "name": f"s{n}"}) for n, s in enumerate(schemes)}
    wanted = Operation("go", "GET", "/go", security=tuple({name: ()} for name in known))
    fitting = {name: next(filter(environ.get, variables_for(origin, s)), "") for name, s in known.items()}
    own = ["s0"] if environ.get("DYNCLIENT_AUTH_S0") else []
    usual = [name for name, variable in fitting.items() if variable]

    with pytest.MonkeyPatch.context() as patch:
        for name in [*VARIABLES, "DYNCLIENT_AUTH_S0"]:
            patch.setenv(name, environ.get(name, ""))
        found = Authenticator(known, {}).masked(wanted, Site(origin))

    assert found.schemes == tuple((own + usual)[:1])
    assert [*found.variables.values()] == (["DYNCLIENT_AUTH_S0"] if own else [fitting[n] for n in usual[:1]])


def _fields(scheme: SecurityScheme) -> dict[str, Any]:
    return {name: getattr(scheme, name) for name in scheme.__slots__}


def test_the_table() -> None:
    """Origins as documents spell them, one line for each variable."""
    assert list(WELL_KNOWN) == sorted(WELL_KNOWN)
    assert len({*VARIABLES}) == len(VARIABLES)
    assert all(origin == origin.lower() and origin.startswith("https://") for origin in WELL_KNOWN)
    assert credential_of(BASIC, "k") == ("k", "")


# ----------------------------------------------------------------------------------------------------- whole calls


class Host:
    """A WSGI application that keeps what reaches it: the URL, the header Authorization, and the key of a header."""

    def __init__(self, status: str = "200 OK", body: bytes = b"{}", **headers: str) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self._answer = status, body, headers

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        self.seen.append((f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}", _key(environ)))
        status, body, headers = self._answer
        location = [(name, text) for name, text in headers.items() if not environ["PATH_INFO"].endswith("end")]
        start(status if location or not headers else "200 OK", [("Content-Type", "application/json"), *location])
        return [body]


def _key(environ: Mapping[str, Any]) -> str | None:
    return environ.get("HTTP_AUTHORIZATION") or environ.get("HTTP_X_API_KEY")


def document(server: str = OPENAI, title: str = "Go", path: str = "/go", **scheme: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": server}],
        "security": [{"Key": []}],
        "paths": {path: {"get": {"operationId": "go"}, "post": {"operationId": "open", "security": []}}},
        "components": {"securitySchemes": {"Key": scheme or {"type": "http", "scheme": "bearer"}}},
    }


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor in WELL_KNOWN.values():
        monkeypatch.setenv(vendor.variables[-1], KEY)


def test_the_key_is_sent() -> None:
    """As the document says, to the vendor's server alone, for operations that ask for it."""
    host = Host()
    client = made(document(), app=host)

    client.go()
    client.open()

    assert host.seen == [("https://api.openai.com", f"Bearer {KEY}"), ("https://api.openai.com", None)]


@pytest.mark.parametrize(
    ("server", "scheme", "sent"),
    [
        ("https://api.anthropic.com", {"type": "apiKey", "in": "header", "name": "X-API-Key"}, KEY),
        (
            "https://api.stripe.com/",
            {"type": "http", "scheme": "basic"},
            f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}",
        ),
        ("https://api.github.com", {"type": "oauth2"}, f"Bearer {KEY}"),
        ("https://api.openai.com", {"type": "http", "scheme": "basic"}, None),
        ("https://api.openai.com", {"type": "apiKey", "in": "query", "name": "key"}, None),
    ],
)
def test_how_it_is_sent(server: str, scheme: dict[str, str], sent: str | None) -> None:
    """By the kind of scheme; a kind that the vendor's key isn't for sends nothing."""
    host = Host()

    with _warnings():
        made(document(server, **scheme), app=host).go()

    assert host.seen[0][1] == sent


def _warnings() -> warnings.catch_warnings[None]:
    return warnings.catch_warnings(action="ignore")


@pytest.mark.parametrize("url", NOT_OPENAI)
@pytest.mark.parametrize("by", ["server", "base_url"])
def test_no_other_server_gets_it(url: str, by: str) -> None:
    """Whatever names the server: the document or the caller."""
    host = Host()
    source = document(url, title="OpenAI API") if by == "server" else document()

    with _warnings():
        try:
            made(source, app=host, **({"base_url": url} if by == "base_url" else {})).go()
        except (CallError, DocumentError):
            assert host.seen == []

    assert [key for _, key in host.seen if key] == []


@pytest.mark.parametrize("path", ["@evil.test/go", ".evil.test/go", ":8443/go", "\\@evil.test/go"])
def test_a_path_leads_to_no_other_server(path: str) -> None:
    """Paths that do not begin with a slash cannot make the host a longer one."""
    host = Host()
    source = document("https://api.openai.com", path=path)

    with _warnings(), contextlib.suppress(CallError, DocumentError):
        made(source, app=host).go()

    assert {where for where, key in host.seen if key} <= {"https://api.openai.com"}


def test_not_to_a_base_url_on_this_machine(loopback: Loopback) -> None:
    """A test server, or a proxy, gets no key that isn't meant for it."""
    made(document(title="OpenAI API"), base_url=loopback.url).go()

    assert "authorization" not in loopback.last.headers


def test_a_server_of_the_documents_choice() -> None:
    """Variables of the server's URL, and servers of an operation, count as they are when the call goes out."""
    source = document("https://{host}/v1")
    source["servers"][0]["variables"] = {"host": {"default": "api.test"}}
    host = Host()

    with _warnings():
        made(source, app=host).go()
    made(source, app=host, server_variables={"host": "api.openai.com"}).go()

    assert [key for _, key in host.seen] == [None, f"Bearer {KEY}"]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Go", "308 Go"])
@pytest.mark.parametrize(
    ("start", "target", "keys"),
    [
        (OPENAI, "https://api.openai.com/end", [f"Bearer {KEY}"] * 2),
        (OPENAI, "https://evil.test/end", [f"Bearer {KEY}", None]),
        (OPENAI, "http://api.openai.com/end", [f"Bearer {KEY}", None]),
        (OPENAI, "https://api.stripe.com/end", [f"Bearer {KEY}", None]),
        ("https://evil.test", "https://api.openai.com/end", [None, None]),
    ],
)
def test_redirects(status: str, start: str, target: str, keys: list[str | None]) -> None:
    """Within the origin the key goes along; to another one, even one that the caller permits, none goes."""
    host = Host(status, Location=target)

    with _warnings():
        made(document(start), app=host, follow_redirects=[target[:-4]]).go()

    assert [key for _, key in host.seen] == keys


class Answers(BaseAdapter):
    """A transport adapter of requests that keeps the requests, and answers each with an empty object."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str | None, str | None]] = []

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        self.seen.append((request.url, request.headers.get("Authorization")))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"{}"
        answer.headers["Content-Type"] = "application/json"
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        pass


@only("Client")
def test_by_a_session() -> None:
    """The caller's session sends it too, unless it has an Authorization of its own."""
    session, adapter = requests.Session(), Answers()
    session.mount("https://", adapter)

    made(document(), session=session).go()
    session.headers["Authorization"] = "Bearer own"
    made(document(), session=session).go()

    assert adapter.seen == [(f"{OPENAI}/go", f"Bearer {KEY}"), (f"{OPENAI}/go", "Bearer own")]


@only("Client")
@pytest.mark.parametrize("name", ["openai.yaml", "mistral.yaml", "stripe-2023-yaml.yaml", "resend.yaml", "neon.json"])
def test_documents_as_published(name: str) -> None:
    """The vendor's own document declares a scheme that its key is for."""
    if not (places.SPECS / name).is_file():
        pytest.skip(f"no {places.SPECS}")
    client = dynclient.Client(places.SPECS / name)
    caller = next(client[name] for name, operation in client.operations.items() if operation.security)

    variables = [variable for each in caller.environment_names().values() for variable in each]

    assert set(variables) & set(VARIABLES)


# ------------------------------------------------------------------------------------- what wins, and what turns it off


@pytest.mark.parametrize(
    ("options", "environ", "sent"),
    [
        ({"auth": {"Key": "given"}}, {}, "Bearer given"),
        ({"auth": {"Key": lambda: "made"}}, {}, "Bearer made"),
        ({"auth": {"Key": None}}, {}, None),
        ({"headers": {"Authorization": "Bearer own"}}, {}, "Bearer own"),
        ({}, {"DYNCLIENT_AUTH_KEY": "mine"}, "Bearer mine"),
        ({}, {"DYNCLIENT_AUTH_KEY": ""}, f"Bearer {KEY}"),
        ({}, {"OPENAI_API_KEY": ""}, None),
        ({"environment": False}, {}, None),
        ({"environment": False}, {"DYNCLIENT_AUTH_KEY": "mine"}, None),
        ({"environment": False, "auth": {"Key": "given"}}, {}, "Bearer given"),
    ],
)
def test_what_wins(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], environ: dict[str, str], sent: str | None
) -> None:
    """What the caller gives, then what is set for the document; `environment=False` reads no variable."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    host = Host()

    with _warnings():
        made(document(), app=host, **options).go()

    assert [key for _, key in host.seen] == [sent]


def test_the_documents_own_variable_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """In another alternative, and one that the document names."""
    monkeypatch.setenv("DYNCLIENT_AUTH_OTHER", "mine")
    source = document("https://api.stripe.com")
    source["security"] = [{"Key": []}, {"Other": []}]
    schemes = source["components"]["securitySchemes"]
    schemes["Other"] = {"type": "http", "scheme": "bearer"}
    host = Host()

    made(source, app=host).go()
    monkeypatch.setenv("MY_STRIPE", "named")
    schemes["Key"]["x-credential-env"] = "MY_STRIPE"
    made(source, app=host).go()

    assert [key for _, key in host.seen] == ["Bearer mine", "Bearer named"]


@only("Client")
def test_other_options_keep_the_environment_off() -> None:
    """A copy with other credentials reads no variable either, and no call turns it on again."""
    host = Host()
    source = document()
    source["components"]["securitySchemes"]["Other"] = {"type": "http", "scheme": "bearer"}
    client = made(source, app=host, environment=False)

    with _warnings():
        client.with_options(auth={"Other": None}).go()
        client.go.with_options(timeout=5)()

    assert [key for _, key in host.seen] == [None, None]
    assert pickle.loads(pickle.dumps(made(document(), environment=False))).go.environment_names() == {"Key": ()}
    with pytest.raises(TypeError, match="environment is given to a client when it is made"):
        client.with_options(environment=True)
    with pytest.raises(TypeError, match="the option environment must be True or False"):
        made(document(), environment="no")


# -------------------------------------------------------------------------------------------- what is said, and shown


def test_the_message_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that people have, unless the document names its own or the environment isn't read."""
    monkeypatch.delenv("OPENAI_API_KEY")
    needs = "No credential was sent: the operation needs 'Key'. Give auth={'Key': ...}"
    named = document()
    named["components"]["securitySchemes"]["Key"]["x-credential-env"] = "MY_KEY"

    def said(source: dict[str, Any], **options: Any) -> str:
        with _warnings(), pytest.raises(Unauthorized) as caught:
            made(source, app=Host("401 No"), **options).go()
        return str(caught.value)

    assert f"{needs} or set OPENAI_API_KEY." in said(document())
    assert f"{needs} or set MY_KEY." in said(named)
    assert f"{needs} or set DYNCLIENT_AUTH_KEY." in said(document("https://api.test"))
    assert f"{needs}." in said(document(), environment=False)


def test_a_refused_key_is_named() -> None:
    """By its variable, because the caller may not know that it was read."""
    with pytest.raises(Unauthorized, match=r"The credential for 'Key', read from OPENAI_API_KEY, was refused\."):
        made(document(), app=Host("401 No")).go()


def test_a_variable_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line break at its end, as from a file; the key isn't shown."""
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")

    with pytest.raises(CallError) as caught:
        made(document(), app=Host()).go()

    assert str(caught.value) == (
        "go: the credential for Key holds what a token cannot, like a line break; it was read from OPENAI_API_KEY. "
        "Nothing was sent."
    )


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_the_key_is_shown_nowhere(scheme: str) -> None:
    """Not even if the server repeats it, in an error, its pickle, or a curl command."""
    echo = f'{{"error": {{"message": "no such key {KEY}"}}}}'.encode()
    source = document("https://api.stripe.com", type="http", scheme=scheme)
    client = made(source, app=Host("401 No", echo))

    with pytest.raises(Unauthorized) as caught:
        client.go()
    sync = dynclient.Client(source, app=Host())
    texts = [
        str(caught.value),
        repr(caught.value),
        repr(pickle.dumps(caught.value)),
        repr(client),
        sync.go.curl(),
        repr(sync.go.with_options(masked=True).prepare().headers),
        sync.go.masked(f"a {KEY} b"),
        repr(sync.go.prepare().credentials),
    ]

    assert "no such key ***" in texts[0]
    assert [text for text in texts if KEY in text or base64.b64encode(KEY.encode()).decode()[:16] in text] == []


def test_what_a_pair_without_a_password_hides() -> None:
    """A key that is given as the user is as secret as one from the environment."""
    echo = f'{{"error": {{"message": "no such key {KEY}x"}}}}'.encode()
    source = document("https://api.test", type="http", scheme="basic")

    with pytest.raises(Unauthorized, match=r"no such key \*\*\*"):
        made(source, app=Host("401 No", echo), auth={"Key": (f"{KEY}x", "")}).go()

    client = dynclient.Client(source, app=Host(), auth={"Key": (f"{KEY}x", "")})
    assert client.go.masked(f"a {KEY}x b") == "a *** b"


@only("Client")
@pytest.mark.parametrize(("how", "key"), [("--dry-run", "Bearer ***"), ("--curl", "Bearer $OPENAI_API_KEY")])
def test_the_command_line_names_it(how: str, key: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error beside what is shown, and in the help of an operation."""
    path = tmp_path / "go.json"
    path.write_text(json.dumps(document()))

    assert main([str(path), "go", how]) == 0
    shown, said = capsys.readouterr()
    assert main([str(path), "go", "--help"]) == 0
    help_text = capsys.readouterr().out

    assert key in shown
    assert said == "The credential for Key is read from OPENAI_API_KEY.\n"
    assert "Key: DYNCLIENT_AUTH_KEY, or OPENAI_API_KEY" in help_text
    assert KEY not in shown + said + help_text
