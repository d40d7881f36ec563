"""Tab, in real shells: what is completed, and what a hostile document gets by it, which is nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

import dynclient
from dynclient.cli import main
from tests.conftest import Loopback

PROGRAM = Path(sys.executable).parent / "dynclient"
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the command dynclient is not installed")

TOUCHED = "touched-by-tab"
NAMES = [
    f"$(touch {TOUCHED})",
    f"`touch {TOUCHED}`",
    f"x;touch {TOUCHED};",
    f"x'$(touch {TOUCHED})'",
    "escape\x1b[31m",
    "line\nbreak",
    "star*",
    "plain",
]


def operation(name: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "parameters": [*parameters], "responses": {"200": {"description": ""}}}


def parameter(name: str, schema: Any, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/pets": {
            "get": operation(
                "listPets",
                parameter("order", {"type": "string", "enum": ["asc", "desc", f"$(touch {TOUCHED})"]}),
                parameter("deep", {"type": "boolean"}),
                parameter("id", {"type": "string"}, required=True),
            )
        },
        **{f"/{number}": {"get": operation(name)} for number, name in enumerate(NAMES)},
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pets.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


def script(shell: str) -> str:
    return subprocess.run([PROGRAM, "completion", shell], capture_output=True, text=True, check=True).stdout


def in_bash(line: str, folder: Path) -> list[str]:
    """What bash gets for a line with the cursor at its end."""
    code = (
        script("bash")
        + f"""
    compopt() {{ :; }}
    COMP_LINE=$1 COMP_POINT=${{#1}}
    _dynclient_completion "{PROGRAM}"
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", code, "bash", line], capture_output=True, text=True, cwd=folder, check=True
    )
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("dynclient ope", ["openai"]),
        ("dynclient dif", ["diff"]),
        ("dynclient openai createThread", ["createThread", "createThreadAndRun"]),
        ("dynclient pets.json listP", ["listPets"]),
        ("dynclient pets.json listPets ", ["id=", "order=", "deep="]),
        ("dynclient pets.json listPets id=1 ", ["order=", "deep="]),
        ("dynclient pets.json listPets deep=", ["true", "false"]),
        ("dynclient pets.json listPets order=d", ["desc"]),
        ("dynclient pets.json listPets -o ", ["json", "jsonl", "yaml", "table", "csv", "raw"]),
        ("dynclient pets.json listPets --max", ["--max-items"]),
        ("dynclient pets.json 'GET /pe", ["GET /pets"]),
        ("dynclient pets.json GET", ["'GET /pets'", *(f"'GET /{number}'" for number in range(len(NAMES)))]),
        ("FOO=1 dynclient pets.json listP", ["listPets"]),
        ("dynclient missing.json list", []),
        ("dynclient pets.json nothing id", []),
    ],
)
def test_bash(folder: Path, line: str, found: list[str]) -> None:
    """As bash asks; it replaces what stands behind the last `=`."""
    assert [each for each in in_bash(line, folder) if each] == found


@pytest.mark.parametrize(
    "line", ["", "x", "$", "`", "'", '"', "'$", '"$', "star", "listPets order=", "listPets order=$"]
)
def test_a_hostile_document_in_bash(folder: Path, line: str) -> None:
    """What it offers is quoted, or left out; put into the line and run, it starts no program."""
    typed = f"dynclient pets.json {line}"
    offered = [each for each in in_bash(typed, folder) if each]

    assert all(each.isprintable() for each in offered)
    stem = line.rpartition("=")[0] + "=" if "=" in line else line[:1] if line[:1] in "'\"" else ""
    for each in offered:
        closing = stem if stem in ("'", '"') else ""
        subprocess.run(["bash", "--norc", "-c", f"true {stem}{each}{closing}"], cwd=folder, check=False)
    assert not (folder / TOUCHED).exists()


def test_no_server_is_asked(folder: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document at a URL is known once it was used, and then as it was."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.delenv("DYNCLIENT_NO_CACHE", raising=False)
    loopback.says(json.dumps(DOCUMENT).encode(), ETag='"1"')
    line = f"dynclient {loopback.url}/pets.json listP"

    assert not any(in_bash(line, folder))
    assert loopback.sent == []
    dynclient.Client(f"{loopback.url}/pets.json", base_url="http://api.test")
    asked = len(loopback.sent)
    assert in_bash(line, folder) == ["listPets"]
    assert len(loopback.sent) == asked


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how to install it, and the shell can read it."""
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert f"# To use it in every {shell}: dynclient completion {shell} > " in out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", "-c", out], capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize(
    ("shell", "options", "load"),
    [
        ("bash", ["--norc", "-i"], 'eval "$(dynclient completion bash)"'),
        ("zsh", ["-f", "-i"], 'autoload -U compinit; compinit -u; eval "$(dynclient completion zsh)"'),
    ],
)
def test_at_a_prompt(folder: Path, shell: str, options: list[str], load: str) -> None:
    """Tab writes the rest of the only candidate; a hostile name is put in as text."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "> "}
    child = pexpect.spawn(shell, options, cwd=str(folder), env=environment, encoding="utf-8", timeout=30)
    try:
        child.sendline(f"{load}; echo rea''dy")
        child.expect("ready")
        child.send("echo dynclient; dynclient openai createThreadA\t")
        child.expect("createThreadAndRun")
        child.send("\x15dynclient pets.json \t\t")
        child.expect("plain")
        child.send("\x15echo do''ne\r")
        child.expect("done")
    finally:
        child.close(force=True)
    assert not (folder / TOUCHED).exists()


LISTED = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "security": [{"key": []}],
    "paths": {
        "/pets": {
            "get": {"operationId": "listPets", "responses": {"200": {"description": ""}}},
            "post": {"operationId": "createPet", "responses": {"200": {"description": ""}}},
        },
        "/pets/{pet_id}": {
            "delete": {
                "operationId": "deletePet",
                "parameters": [{"name": "pet_id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": ""}},
            }
        },
    },
}


def test_ids(folder: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the user switched it on; by a GET, with credentials of the environment, and quoted as all is."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("MY_KEY", "k")
    (folder / "ran").unlink(missing_ok=True)
    path = folder / "listed.json"
    path.write_text(json.dumps({**LISTED, "servers": [{"url": loopback.url}]}))
    loopback.says(json.dumps({"data": [{"id": "a1"}, {"id": f"a$(touch {TOUCHED})"}, {"id": "b\x1b"}]}).encode())
    assert main(["api", "add", "off", str(path), "--auth", "key=env:MY_KEY"]) == 0
    assert main(["api", "add", "on", str(path), "--auth", "key=env:MY_KEY", "--complete-ids"]) == 0
    program = json.dumps(["touch", str(folder / "ran")])
    assert main(["api", "add", "by-program", str(path), "--auth", f"key=cmd:{program}", "--complete-ids"]) == 0

    assert not any(in_bash("dynclient off deletePet pet_id=", folder))
    assert loopback.sent == []
    assert in_bash("dynclient on deletePet pet_id=", folder) == ["a1", f"'a$(touch {TOUCHED})'"]
    assert loopback.lines == ["GET /pets"]
    assert loopback.sent[0].headers["authorization"] == "Bearer k"
    in_bash("dynclient by-program deletePet pet_id=", folder)
    assert not (folder / "ran").exists()
