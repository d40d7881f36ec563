"""Logins with OAuth 2: with a browser, on another device, renewed, and what an attacker gets of them."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import keyring
import keyring.backend
import keyring.core
import pytest
import requests

from dynclient.cli import apis, main
from dynclient.cli.login import token_of
from dynclient.cli.output import ItemError

Captured = pytest.CaptureFixture[str]

REFRESH, FIRST, SECOND = "refresh-SECRET-1", "access-SECRET-1", "access-SECRET-2"


class Ring(keyring.backend.KeyringBackend):
    """A keyring in memory, which the library itself asks."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Server:
    """An authorization server and an API on loopback, which does what RFC 6749, 7636 and 8628 say."""

    def __init__(self) -> None:
        self.challenge = self.redirect = ""
        self.lasts = 3600
        self.refuses = ""
        self.forged = False
        self.pending = 1
        self.seen: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent after the login."""
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        self.challenge, self.redirect = asked["code_challenge"], asked["redirect_uri"]
        said = {"error": "access_denied"} if self.refuses else {"code": "the-code"}
        return f"{self.redirect}?{urlencode({**said, 'state': 'forged' if self.forged else asked['state']})}"

    def token(self, asked: dict[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {"access_token": FIRST, "refresh_token": REFRESH, "expires_in": self.lasts}
        match asked["grant_type"]:
            case "authorization_code":
                digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
                assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge
                assert (asked["code"], asked["redirect_uri"]) == ("the-code", self.redirect)
            case "refresh_token":
                if asked["refresh_token"] != REFRESH or self.refuses:
                    return {"error": "invalid_grant", "error_description": "the session is over\x1b"}
                found = {"access_token": SECOND, "expires_in": 3600}
            case _:
                self.pending -= 1
                if self.pending >= 0:
                    return {"error": "authorization_pending"}
        return found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                target = urlsplit(self.path)
                server.seen.append((target.path, self.headers.get("Authorization", "")))
                if target.path == "/authorize":
                    self.send_response(302)
                    asked = {key: values[0] for key, values in parse_qs(target.query).items()}
                    self.send_header("Location", server.authorize(asked))
                    self.end_headers()
                else:
                    self.answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                asked = {key: values[0] for key, values in parse_qs(body).items()}
                server.seen.append((self.path, body))
                device = {"device_code": "d", "user_code": "AB-CD", "verification_uri": f"{server.url}/device"}
                self.answer(server.token(asked) if self.path == "/token" else {**device, "interval": 0.01})

            def answer(self, data: Any) -> None:
                content = json.dumps(data).encode()
                self.send_response(400 if "error" in data else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def document(url: str) -> dict[str, Any]:
    flows = {
        "authorizationCode": {
            "authorizationUrl": f"{url}/authorize",
            "tokenUrl": f"{url}/token",
            "scopes": {"read": ""},
        },
        "deviceAuthorization": {"deviceAuthorizationUrl": f"{url}/device", "tokenUrl": f"{url}/token", "scopes": {}},
    }
    return {
        "openapi": "3.2.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": url}],
        "security": [{"login": ["read"]}],
        "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": ""}}}}},
        "components": {"securitySchemes": {"login": {"type": "oauth2", "flows": flows}}},
    }


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def ring(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ring:
    """An API named pets, a keyring, and a browser that follows where it is sent."""
    found = Ring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", found)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    browser = tmp_path / "browser"
    code = "import sys, urllib.request as u\ntry: u.urlopen(sys.argv[1], timeout=20).read()\nexcept OSError: pass"
    browser.write_text(f'#!/bin/sh\n{sys.executable} -c "{code}" "$1" >/dev/null 2>&1 &\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    (tmp_path / "pets.json").write_text(json.dumps(document(server.url)))
    assert main(["api", "add", "pets", str(tmp_path / "pets.json")]) == 0
    return found


LOGIN = ["auth", "login", "pets", "--client-id", "me", "--scope", "read"]


def test_a_login_with_a_browser(server: Server, ring: Ring, capsys: Captured) -> None:
    """The next calls are made with its token; no output and no file holds one."""
    assert main(LOGIN) == 0
    assert main(["pets", "listPets", "-v"]) == 0
    assert server.seen[-1] == ("/pets", f"Bearer {FIRST}")
    shown = "".join(capsys.readouterr()) + apis.path().read_text()
    assert "SECRET" not in shown
    assert apis.read_apis()["pets"].settings.auth == {"login": "login:pets"}
    assert json.loads(ring.kept["dynclient", "pets/login"])["refresh_token"] == REFRESH


def test_a_login_on_another_device(server: Server, ring: Ring, capsys: Captured) -> None:
    """The code is shown, and the server asked until it was entered."""
    assert main([*LOGIN, "--device"]) == 0
    assert "enter the code AB-CD" in capsys.readouterr().err
    assert main(["pets", "listPets"]) == 0
    assert server.seen[-1] == ("/pets", f"Bearer {FIRST}")


def test_a_token_that_has_ended(server: Server, ring: Ring) -> None:
    """It is renewed once; the refresh token stays where the server names no new one."""
    server.lasts = 1
    assert main(LOGIN) == 0
    server.lasts = 3600
    for _ in "12":
        assert main(["pets", "listPets"]) == 0
        assert server.seen[-1] == ("/pets", f"Bearer {SECOND}")
    assert [path for path, _ in server.seen].count("/token") == 2
    assert json.loads(ring.kept["dynclient", "pets/login"])["refresh_token"] == REFRESH


def test_a_login_that_has_ended(server: Server, ring: Ring, capsys: Captured) -> None:
    """It is said what to do; nothing is sent to the API."""
    server.lasts = 1
    main(LOGIN)
    server.refuses = "everything"
    capsys.readouterr()

    assert main(["pets", "listPets"]) == 2
    assert capsys.readouterr().err.endswith(
        "refused it: the session is over\\u001b; log in again: dynclient auth login pets\n"
    )
    assert server.seen[-1][0] == "/token"


def test_a_logout(ring: Ring, capsys: Captured) -> None:
    """The keyring has nothing more, and the API asks for no login."""
    main(LOGIN)

    assert main(["auth", "logout", "pets"]) == 0
    assert ring.kept == {}
    assert apis.read_apis()["pets"].settings.auth == {}
    with pytest.raises(ItemError, match="there is no login to pets"):
        token_of("pets", "login")


def test_a_login_that_the_user_refuses(server: Server, ring: Ring, capsys: Captured) -> None:
    """Nothing is kept."""
    server.refuses = "everything"

    assert main(LOGIN) == 2
    assert "error: the login was refused: access_denied\n" in capsys.readouterr().err
    assert ring.kept == {}


def test_an_answer_to_another_login(server: Server, ring: Ring, capsys: Captured) -> None:
    """A page that sends the browser here with a code of its own gets nothing (RFC 6749 §10.12)."""
    server.forged = True

    assert main(LOGIN) == 2
    assert "belongs to another login; nothing was kept" in capsys.readouterr().err
    assert ring.kept == {}
    assert "/token" not in [path for path, _ in server.seen]


def test_what_does_not_belong_to_the_login(server: Server, ring: Ring, capsys: Captured) -> None:
    """Other requests to the port are answered with 404, and the wait goes on."""
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(main([*LOGIN, "--no-browser"])))
    thread.start()
    url, ends = "", time.monotonic() + 20
    while "http" not in url and time.monotonic() < ends:
        url += capsys.readouterr().err
        time.sleep(0.05)
    address = url.split("browser: ")[1].strip()
    callback = parse_qs(urlsplit(address).query)["redirect_uri"][0]
    assert requests.get(callback, timeout=10).status_code == 404
    assert requests.get(callback.replace("/callback", "/x?state=1&code=2"), timeout=10).status_code == 404
    page = requests.get(address, timeout=10)
    thread.join(20)

    assert done == [0]
    assert "You are logged in" in page.text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["auth", "login", "pet", "--client-id", "x"], "there is no API 'pet'. Did you mean 'pets'?"),
        (["auth", "login", "pets", "other", "--client-id", "x"], "describes no such login for other; --device is for"),
        (["auth", "logout", "pet"], "there is no API 'pet'. Did you mean 'pets'?"),
        (["auth", "login", "pets", "--client-id", "x", "--client-secret", "env:NOT_SET"], "NOT_SET is not set"),
    ],
)
def test_mistakes(ring: Ring, capsys: Captured, words: list[str], message: str) -> None:
    """Each is said in a sentence."""
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("place", ["http://login.test/authorize", "http://127.0.0.1:9/authorize"])
def test_a_document_that_moves_its_login(
    ring: Ring, tmp_path: Path, capsys: Captured, server: Server, place: str
) -> None:
    """A new place to log in at is refused until it is accepted, and one without https always."""
    moved = document(server.url)
    moved["components"]["securitySchemes"]["login"]["flows"]["authorizationCode"]["authorizationUrl"] = place
    (tmp_path / "pets.json").write_text(json.dumps(moved))
    capsys.readouterr()

    assert main(LOGIN) == 2
    assert "now names http" in capsys.readouterr().err
    assert main(["api", "refresh", "pets", "--accept"]) == 0
    if "login.test" in place:
        assert main(LOGIN) == 2
        assert "is not https; nobody may log in there" in capsys.readouterr().err
