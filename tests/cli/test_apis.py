"""APIs by name: the file that holds them, what it does to a call, and what a document cannot get by it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dynclient.cli import apis, main
from tests.conftest import Loopback

Captured = pytest.CaptureFixture[str]

SECRET = "sk-SECRET-0123456789"


def document(url: str, token_url: str = "") -> dict[str, Any]:
    schemes: dict[str, Any] = {"key": {"type": "http", "scheme": "bearer", "x-credential-env": "STOLEN"}}
    if token_url:
        flow = {"clientCredentials": {"tokenUrl": token_url, "scopes": {}}}
        schemes["login"] = {"type": "oauth2", "flows": flow}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": url}],
        "security": [{"key": []}],
        "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": ""}}}}},
        "components": {"securitySchemes": schemes},
    }


@pytest.fixture
def spec(tmp_path: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(document(loopback.url)))
    return path


def test_an_api(spec: Path, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called by its name, with its headers and credential; what the call says counts more."""
    monkeypatch.setenv("PETS_KEY", SECRET)
    given = ["--auth", "key=env:PETS_KEY", "-H", "X-Trace: 1"]

    assert main(["api", "add", "pets", str(spec), *given]) == 0
    assert main(["pets", "listPets"]) == 0
    assert main(["pets", "listPets", "-H", "X-Trace: 2", "--auth", "key=env:PETS_KEY"]) == 0
    assert main(["api", "list"]) == 0
    assert main(["api", "show", "pets"]) == 0
    first, second = loopback.sent
    assert (first.headers["authorization"], first.headers["x-trace"]) == (f"Bearer {SECRET}", "1")
    assert second.headers["x-trace"] == "2"
    assert SECRET not in "".join(capsys.readouterr())


def test_the_file(spec: Path) -> None:
    """It is TOML, for its owner alone, with the origins of the document."""
    assert main(["api", "add", "pets", str(spec), "--auth", "key=env:K", "--base-url", "http://api.test"]) == 0
    file = apis.path()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (origin,) = tomllib.loads(file.read_text())["pets"].pop("origins")
    assert origin.startswith("http://127.0.0.1:")
    assert tomllib.loads(file.read_text())["pets"]["auth"] == {"key": "env:K"}
    assert [each.name for each in file.parent.iterdir()] == ["apis.toml"]


def test_comments_stay(spec: Path) -> None:
    """The user may edit the file; dynclient changes only what it must."""
    main(["api", "add", "pets", str(spec)])
    main(["api", "add", "toys", str(spec)])
    file = apis.path()
    file.write_text(f"# mine\n{file.read_text()}".replace("[toys]", "[toys]  # for Ann"))
    main(["api", "remove", "pets"])

    assert file.read_text().startswith("# mine\n")
    assert "[toys]  # for Ann" in file.read_text()
    assert list(apis.read_apis()) == ["toys"]


def test_profiles(spec: Path, capsys: Captured) -> None:
    """Each replaces what it says, and leaves the rest as it is."""
    main(["api", "add", "pets", str(spec), "-H", "A: 1"])

    assert main(["api", "add", "pets", "--profile", "staging", "--base-url", "http://staging.test", "-H", "B: 2"]) == 0
    capsys.readouterr()
    assert main(["pets", "listPets", "--profile", "staging", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("GET http://staging.test/pets\n")
    assert "A: 1\n" in out
    assert "B: 2\n" in out


def test_the_environment(spec: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """DYNCLIENT_<API>_AUTH_<SCHEME> is the credential of this API alone."""
    main(["api", "add", "my-pets", str(spec)])
    monkeypatch.setenv("DYNCLIENT_MY_PETS_AUTH_KEY", SECRET)

    assert main(["my-pets", "listPets"]) == 0
    assert loopback.sent[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("changed", ["servers", "tokens"])
def test_a_document_that_moves(
    spec: Path, capsys: Captured, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """New servers, and new places for tokens, get nothing until they are accepted."""
    monkeypatch.setenv("PETS_KEY", SECRET)
    main(["api", "add", "pets", str(spec), "--auth", "key=env:PETS_KEY"])
    with _Another() as other:
        moved = document(other.url) if changed == "servers" else document(loopback.url, f"{other.url}/token")
        spec.write_text(json.dumps(moved))
        capsys.readouterr()

        assert main(["pets", "listPets"]) == 2
        assert f"now names {other.url}" in capsys.readouterr().err
        assert main(["api", "refresh", "pets"]) == 2
        assert (loopback.sent, other.sent) == ([], [])
        assert main(["api", "refresh", "pets", "--accept"]) == 0
        assert main(["pets", "listPets"]) == 0
        assert len(other.sent if changed == "servers" else loopback.sent) == 1


class _Another:
    """Another server."""

    def __enter__(self) -> Loopback:
        self._server = Loopback()
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.close()


def test_a_document_chooses_no_variable(
    spec: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    """One that came from a URL stays one under a name."""
    monkeypatch.setenv("STOLEN", SECRET)
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")
    monkeypatch.setattr("warnings.filters", [])
    loopback.says(json.dumps(document(loopback.url)).encode())

    assert main(["api", "add", "pets", f"{loopback.url}/pets.json"]) == 0
    main(["pets", "listPets"])
    assert all("authorization" not in each.headers for each in loopback.sent)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "check", "{spec}"], "check is the name of a command; choose another one"),
        (["add", "openai", "{spec}"], "openai is the name of a bundled document; choose another one"),
        (["add", "pets", "{spec}"], "pets is the name of an API already; choose another one"),
        (["add", "Pets!", "{spec}"], "'Pets!' cannot be a name"),
        (["add", "toys"], "write dynclient api add NAME SPEC"),
        (["add", "toys", "/nowhere/x.json"], "/nowhere/x.json: there is no such file"),
        (["add", "toys", "{spec}", "--auth", f"key={SECRET}"], "a credential is not written to a file"),
        (["add", "toys", "{spec}", "--auth", SECRET], "--auth is written NAME=VALUE"),
        (["add", "toys", "{spec}", "--auth", "kee=env:K"], "no security scheme 'kee'. Did you mean 'key'?"),
        (["add", "toys", "--profile", "p"], "there is no API 'toys'. There are: pets."),
        (["show", "pet"], "there is no API 'pet'. Did you mean 'pets'?"),
        (["remove", "x"], "there is no API 'x'. There are: pets."),
        (["refresh", "x"], "there is no API 'x'. There are: pets."),
    ],
)
def test_mistakes(spec: Path, capsys: Captured, words: list[str], message: str) -> None:
    """They are said in a sentence, without a credential, and change nothing."""
    main(["api", "add", "pets", str(spec)])
    before = apis.path().read_text()
    capsys.readouterr()

    assert main(["api", *(word.format(spec=spec) for word in words)]) in (1, 2)
    err = capsys.readouterr().err
    assert message in err
    assert SECRET not in err
    assert apis.path().read_text() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pets", "listPets", "--profile", "stagin"], "pets has no profile 'stagin'. Did you mean 'staging'?"),
        (["openai", "listModels", "--profile", "x"], "--profile is for an API that has a name"),
    ],
)
def test_profiles_that_are_not_there(spec: Path, capsys: Captured, words: list[str], message: str) -> None:
    """The near one is named."""
    main(["api", "add", "pets", str(spec)])
    main(["api", "add", "pets", "--profile", "staging", "--base-url", "http://staging.test"])
    capsys.readouterr()

    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[pets\n", "is damaged and was left as it is"),
        ('[pets]\nspec = "a"\n\nheders = 5\n', ", line 4: pets has no setting 'heders'. Did you mean 'headers'?"),
        ("[pets]\nspec = 5\n", ", line 2: spec of pets is not a text"),
        ('[pets]\nbase_url = "x"\n', "pets has no spec"),
        ('[pets]\nspec = "a"\n[pets.profiles.p]\nspec = "b"\n', "pets.profiles.p has no setting 'spec'"),
        ('[pets]\nspec = "a"\nauth = { key = 5 }\n', "key of pets.auth is not a text"),
        ("pets = 5\n", "pets is not a table"),
        ('[pets]\nspec = "a"\nprofiles = { p = 5 }\n', "pets.profiles.p is not a table"),
    ],
)
def test_a_damaged_file(spec: Path, capsys: Captured, text: str, message: str) -> None:
    """It is named, with the line, and never overwritten."""
    file = apis.path()
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.chmod(0o600)

    for words in (["pets", "listPets"], ["api", "list"], ["api", "add", "toys", str(spec)]):
        assert main(words) == 2
        err = capsys.readouterr().err
        assert message in err
        assert str(file) in err
    assert file.read_text() == text


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_a_file_that_others_can_write(spec: Path, capsys: Captured) -> None:
    """It could name programs that run as the user; so it is not used."""
    main(["api", "add", "pets", str(spec)])
    apis.path().chmod(0o666)
    capsys.readouterr()

    assert main(["pets", "listPets"]) == 2
    assert "others can write to it; mend it with: chmod 600 " in capsys.readouterr().err


def test_many_at_once(spec: Path) -> None:
    """Processes that write at the same time lose nothing."""

    def add(number: int) -> int:
        command = [sys.executable, "-m", "dynclient", "api", "add", f"a{number}", str(spec)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    with ThreadPoolExecutor(4) as threads:
        assert [*threads.map(add, range(6))] == [0] * 6
    assert sorted(apis.read_apis()) == [f"a{number}" for number in range(6)]


def test_nothing_is_read_from_the_folder(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the user's own file names programs."""
    (spec.parent / "apis.toml").write_text(f'[pets]\nspec = "{spec}"\n')
    monkeypatch.chdir(spec.parent)

    assert main(["pets", "listPets"]) == 1


def test_without_a_network(spec: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The document is as it was when it was last read, which is said; one that never was is an error."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(spec.parent / "cache"))
    monkeypatch.delenv("DYNCLIENT_NO_CACHE", raising=False)
    with _Another() as server:
        server.says(json.dumps(document("http://api.test")).encode(), ETag='"1"')
        assert main(["api", "add", "pets", f"{server.url}/pets.json"]) == 0
        main(["pets"])
    capsys.readouterr()

    assert main(["pets"]) == 0
    out, err = capsys.readouterr()
    assert "listPets" in out
    assert err.startswith("note: ")
    assert err.endswith("; it is used as it was when it was last read\n")
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")
    assert main(["pets"]) == 1
