"""How a call is sent: credentials, certificates, proxies, limits, and what is shown of it instead."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.core
import pytest

from dynclient.cli import main
from tests.conftest import Loopback
from tests.faultserver import FaultServer, answering
from tests.places import ROOT

Captured = pytest.CaptureFixture[str]

SECRET = "sk-SECRET-0123456789"


class _Keyring(keyring.backend.KeyringBackend):
    """One that holds one secret; the library itself asks it."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return SECRET if (service, username) == ("api", "me") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


def document(url: str) -> dict[str, Any]:
    parameters = [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}}]
    answer = {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}
    get = {"operationId": "read", "parameters": parameters, "security": [{"key": []}], "responses": {"200": answer}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": url}],
        "paths": {"/a": {"get": get}},
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


@pytest.fixture
def spec(tmp_path: Path, loopback: Loopback) -> str:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(document(loopback.url)))
    return str(path)


def program(code: str) -> str:
    return json.dumps([sys.executable, "-c", code])


@pytest.mark.parametrize(
    "source",
    ["env:MY_KEY", f"cmd:{program(f'print({SECRET!r}); print(1)')}", "keyring:api/me"],
)
def test_where_a_credential_comes_from(
    spec: str, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """It is sent, and shown nowhere."""
    monkeypatch.setenv("MY_KEY", SECRET)
    monkeypatch.setattr(keyring.core, "_keyring_backend", _Keyring())  # type: ignore[no-untyped-call]

    assert main([spec, "read", "--auth", f"key={source}", "-v"]) == 0
    assert loopback.sent[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in "".join(capsys.readouterr())


def test_a_credential_in_the_open(spec: str, capsys: Captured, loopback: Loopback) -> None:
    """It is sent, with a warning that does not repeat it."""
    assert main([spec, "read", "--auth", f"key={SECRET}"]) == 0
    err = capsys.readouterr().err
    assert err.startswith("warning: the credential for key stands in the history of the shell; write key=env:NAME")
    assert SECRET not in err
    assert loopback.sent[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("key", "--auth names a scheme of the document and a source"),
        ("key=env:NOT_SET", "--auth key: the environment variable NOT_SET is not set"),
        ("key=keyring:api", "--auth key: write keyring:SERVICE/USER"),
        ("key=keyring:api/you", "--auth key: the keyring has nothing for api/you"),
        ("key=cmd:pass show", "--auth key: write the program and its arguments as JSON"),
        ('key=cmd:["/nowhere/x"]', "--auth key: /nowhere/x cannot be run"),
        (f"key=cmd:{program('import sys; sys.exit(3)')}", "ended with 3 and gave no credential"),
        (f"other={SECRET}", "no security scheme 'other'; the document has: key."),
    ],
)
def test_credentials_that_cannot_be_read(
    spec: str, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, given: str, message: str
) -> None:
    """It is said why, without the credential; nothing is sent."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", _Keyring())  # type: ignore[no-untyped-call]

    assert main([spec, "read", "--auth", given]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert SECRET not in err
    assert loopback.sent == []


def test_a_program_is_not_run_by_a_shell(spec: str, tmp_path: Path, loopback: Loopback) -> None:
    """What would be a command to a shell is a word."""
    made = tmp_path / "made"

    main([spec, "read", "--auth", f"key=cmd:{json.dumps(['echo', f'$(touch {made}); touch {made}'])}"])
    assert not made.exists()


@pytest.mark.parametrize(
    ("mode", "status", "requests"), [([], 2, 0), (["--validate", "warn"], 0, 1), (["--no-validate"], 0, 1)]
)
def test_without_validation(
    spec: str, capsys: Captured, loopback: Loopback, mode: list[str], status: int, requests: int
) -> None:
    """A call that does not fit is sent only if one says so."""
    assert main([spec, "read", "limit=11", "--auth", "key=x", *mode]) == status
    assert len(loopback.sent) == requests


def test_the_path_is_protected_without_validation(tmp_path: Path, loopback: Loopback) -> None:
    """No value reaches another path."""
    contents = document(loopback.url)
    identifier = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    contents["paths"] = {"/a/{id}": {"get": {"operationId": "read", "parameters": [identifier], "responses": {}}}}
    (tmp_path / "path.json").write_text(json.dumps(contents))

    assert main([str(tmp_path / "path.json"), "read", "id=..", "--no-validate"]) == 2
    assert loopback.sent == []


def test_a_query_of_ones_own(spec: str, loopback: Loopback) -> None:
    """What the document does not describe."""
    assert main([spec, "read", "--query", "debug=1", "--query", "q=a b", "--auth", "key=x"]) == 0
    assert loopback.lines == ["GET /a?debug=1&q=a%20b"]


def test_retries_and_time(spec: str, capsys: Captured) -> None:
    """As many as one says, and not longer than one says."""
    with FaultServer(answering(b"{}", status="503 Unavailable")) as server:
        assert main([spec, "read", "--base-url", server.url, "--retries", "0", "--auth", "key=x"]) == 5
        assert len(server.seen) == 1
    assert main([spec, "read", "--retries", "-1"]) == 2
    assert main([spec, "read", "--total-timeout", "0"]) == 2
    assert "error: --total-timeout must be" in capsys.readouterr().err


def test_certificates(spec: str, capsys: Captured) -> None:
    """One that nobody vouches for is refused; --ca trusts it, and --insecure checks nothing, which is said."""
    with FaultServer(answering(b"{}"), tls=True) as server:
        given = [spec, "read", "--base-url", server.url, "--retries", "0", "--auth", "key=x"]
        assert main(given) == 1
        assert "certificate" in capsys.readouterr().err
        assert main([*given, "--ca", str(ROOT / "tests" / "loopback.pem")]) == 0
        capsys.readouterr()
        assert main([*given, "--insecure"]) == 0
        assert "warning: --insecure: the server's certificate is not checked" in capsys.readouterr().err
        assert main([*given, "--ca", "/nowhere/x"]) == 2
        assert capsys.readouterr().err.endswith("error: --ca: there is no file /nowhere/x\n")


@pytest.mark.filterwarnings("always")  # the key goes over plain http, which is said
def test_a_proxy(spec: str) -> None:
    """It is asked for the whole URL."""
    with FaultServer(answering(b"{}")) as proxy:
        given = ["--proxy", proxy.url, "--auth", "key=x", "--base-url", "http://api.test"]
        assert main([spec, "read", *given]) == 0
        assert proxy.seen[0].target == "http://api.test/a"


def test_the_curl_command_runs(
    spec: str, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key in the environment it sends what the call would; the key does not stand in it."""
    monkeypatch.setenv("DYNCLIENT_AUTH_KEY", SECRET)
    assert main([spec, "read", "limit=5", "--curl"]) == 0
    command = capsys.readouterr().out
    assert SECRET not in command
    assert '"Authorization: Bearer $DYNCLIENT_AUTH_KEY"' in command

    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False, env=dict(os.environ))
    assert (done.returncode, done.stdout) == (0, b"{}")
    assert main([spec, "read", "limit=5"]) == 0
    by_curl, by_us = loopback.sent
    assert by_curl.target == by_us.target
    assert by_curl.headers["authorization"] == by_us.headers["authorization"]


BODY = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "password": {"type": "string", "format": "password"}, "n": {}},
}


@pytest.fixture
def writing(tmp_path: Path, loopback: Loopback) -> str:
    """A document with an operation that takes a body."""
    contents = document(loopback.url)
    contents["paths"]["/a"]["post"] = {
        "operationId": "write-it",
        "security": [{"key": []}],
        "parameters": contents["paths"]["/a"]["get"]["parameters"],
        "requestBody": {"content": {"application/json": {"schema": BODY}}},
        "responses": {"200": {"description": ""}},
    }
    path = tmp_path / "writing.json"
    path.write_text(json.dumps(contents))
    return str(path)


@pytest.mark.parametrize("kind", ["curl", "python", "requests"])
def test_programs_run(
    writing: str, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Each sends what the call would; the key is read from the environment."""
    monkeypatch.setenv("DYNCLIENT_AUTH_KEY", SECRET)
    words = [writing, "write-it", "limit=5", 'name=it\'s "$HOME"', 'n:={"a": [1, null]}']
    assert main([*words, "--as", kind]) == 0
    program = capsys.readouterr().out
    assert SECRET not in program

    command = ["bash", "-c", program] if kind == "curl" else [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert main(words) == 0
    by_program, by_us = loopback.sent
    assert (by_program.target, by_program.json) == (by_us.target, by_us.json)
    for name in ("authorization", "content-type"):
        assert by_program.headers[name] == by_us.headers[name]


SLOTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "bearer": ({"type": "http", "scheme": "bearer"}, []),
    "basic": ({"type": "http", "scheme": "basic"}, []),
    "key in a header": ({"type": "apiKey", "in": "header", "name": "X-Key"}, []),
    "key in the query": ({"type": "apiKey", "in": "query", "name": "key"}, []),
    "key in a cookie": ({"type": "apiKey", "in": "cookie", "name": "sid"}, []),
    "header": ({"type": "http", "scheme": "bearer"}, ["-H", f"X-Api-Key: {SECRET}"]),
    "query": ({"type": "http", "scheme": "bearer"}, ["--query", f"api_key={SECRET}"]),
    "field": ({"type": "http", "scheme": "bearer"}, [f"password={SECRET}"]),
    "member of a field": ({"type": "http", "scheme": "bearer"}, [f'n:={{"client_secret": "{SECRET}"}}']),
    "--auth env": ({"type": "http", "scheme": "bearer"}, ["--auth", "key=env:DYNCLIENT_AUTH_KEY"]),
    "--auth cmd": ({"type": "http", "scheme": "bearer"}, ["--auth", f"key=cmd:{program(f'print({SECRET!r})')}"]),
    "--auth itself": ({"type": "http", "scheme": "bearer"}, ["--auth", f"key={SECRET}"]),
}
SHOWN = [
    ["--as", "curl"],
    ["--as", "requests"],
    ["--as", "python"],
    ["--dry-run"],
    ["-v"],
    ["-v", "--poll", "a=b"],
    ["-v", "--all"],
]


@pytest.mark.parametrize("shown", SHOWN, ids=" ".join)
@pytest.mark.parametrize("slot", SLOTS)
@pytest.mark.filterwarnings("always")
def test_no_secret_is_shown(
    writing: str, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, slot: str, shown: list[str]
) -> None:
    """Wherever it comes from, whatever is shown, and if the server repeats it in an error."""
    scheme, given = SLOTS[slot]
    contents = json.loads(Path(writing).read_text())
    contents["components"]["securitySchemes"]["key"] = scheme
    Path(writing).write_text(json.dumps(contents))
    monkeypatch.setenv("DYNCLIENT_AUTH_KEY", f"me:{SECRET}" if slot == "basic" else SECRET)
    loopback.says(json.dumps({"error": f"no {SECRET}", "a": SECRET}).encode(), status=404, X_Echo=SECRET)

    main([writing, "write-it", *given, *shown])
    text = "".join(capsys.readouterr())
    assert SECRET not in text
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() not in text


def test_a_program_without_a_place_for_an_option(writing: str, capsys: Captured) -> None:
    """It is said; a program that did something else would be worse."""
    assert main([writing, "write-it", "--as", "python", "--insecure", "--auth", "key=env:HOME"]) == 2
    assert "error: --as python takes no --auth, --insecure; write it into the program\n" in capsys.readouterr().err
