"""The curl command is the request, and harmless."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

import dynclient
from dynclient.calls import curl
from dynclient.types import JSON

SECRET = "sk-SECRET-0123456789"


def client(method: str = "post", media_type: str = "application/json", **options: Any) -> dynclient.Client:
    parameters = [
        {"name": name, "in": where}
        for name, where in (("id", "path"), ("q", "query"), ("X-H", "header"), ("c", "cookie"))
    ]
    operation: dict[str, JSON] = {
        "operationId": "go",
        "parameters": parameters,
        "security": [{"bearer": []}, {"key": []}],
    }
    if method != "head":
        operation["requestBody"] = {"content": {media_type: {}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.test/v1"}],
        "paths": {"/a/{id}": {method: operation}},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            }
        },
    }
    return dynclient.Client(document, **options)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Has a shell run a command, with a curl that writes its arguments down; gives them back."""
    recorder = tmp_path / "curl"
    recorder.write_text('#!/bin/sh\nfor argument in "$@"; do printf "%s\\0" "$argument"; done\n')
    recorder.chmod(0o755)

    def run(command: str) -> list[str]:
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, check=True)
        assert done.stderr == b""
        assert sorted(tmp_path.iterdir()) == [recorder]
        return done.stdout.decode().split("\0")[:-1]

    return run


def test_whole_command() -> None:
    """As it is shown."""
    assert client(auth={"bearer": SECRET}).go.curl(id="x", q="a b", body={"k": 1}) == (
        "curl -X POST 'https://api.test/v1/a/x?q=a%20b' -H 'Accept: */*' -H 'Authorization: Bearer ***'"
        """ -H 'Content-Type: application/json' --data-raw '{"k":1}'"""
    )


NASTY = 'it\'s "quoted"\n$(touch pwned) `touch pwned` \\ ; touch pwned & | > pwned * ~ # ü'


def test_a_shell_runs_the_same_request(run: Any) -> None:
    """Method, URL, headers and body; quotes, line breaks and $(...) are nothing special."""
    call = client().go
    arguments: dict[str, Any] = {
        "id": NASTY.replace("\n", ""), "q": NASTY, "x_h": NASTY.replace("\n", ""), "c": NASTY, "body": {"k": NASTY},
    }  # fmt: skip
    prepared = call.prepare(**arguments)

    words = run(call.curl(**arguments))

    assert words[:3] == ["-X", "POST", prepared.url]
    headers = [word for flag, word in zip(words[3:-2:2], words[4:-2:2], strict=True) if flag == "-H"]
    assert headers == [
        f"{name}: {value}"
        for name, value in prepared.headers.items()
        if name in ("Accept", "Content-Type", "X-H", "Cookie")
    ]
    assert words[-2] == "--data-raw"
    assert json.loads(words[-1]) == {"k": NASTY}
    assert words[-1].encode() == prepared.body


def test_head() -> None:
    """With -X HEAD curl would wait for a body."""
    assert client("head").go.curl(id="x") == "curl --head https://api.test/v1/a/x -H 'Accept: */*'"


def test_brackets_in_the_address() -> None:
    """They are no range of addresses."""
    assert client("head", base_url="http://[::1]:80").go.curl(id="x") == (
        "curl --head --globoff 'http://[::1]:80/a/x' -H 'Accept: */*'"
    )


def test_empty_header() -> None:
    """With a colon curl would not send it."""
    assert client("head").go.with_options(headers={"X-E": ""}).curl(id="x").endswith("-H 'X-E;'")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (None, []),
        (b"text\n", ["--data-raw", "text\n"]),
        (b"\xff", ["--data-binary", "@-"]),
        (b"a\0b", ["--data-binary", "@-"]),
        (iter([b"a"]), ["--data-binary", "@-"]),
        ("@file", ["--data-raw", "@file"]),
    ],
)
def test_body(body: Any, words: list[str]) -> None:
    """What is no text comes from standard input."""
    prepared = requests.Request("POST", "https://api.test/", data=body).prepare()

    assert [
        word for word in shlex.split(curl.command(prepared))[4:] if "urlencoded" not in word and word != "-H"
    ] == words


@pytest.mark.parametrize(
    "options",
    [
        {"auth": {"bearer": SECRET}},
        {"auth": {"key": SECRET}},
        {"auth": {"bearer": lambda: SECRET}},
        {"headers": {"Authorization": f"Token {SECRET}"}},
        {"headers": {"authorization": SECRET}},
        {"headers": {"x-api-key": SECRET}},
    ],
)
def test_secrets_are_masked(options: Any) -> None:
    """Whoever gave them."""
    command = client(**options).go.curl(id="x")

    assert SECRET not in command
    assert "***" in command


def test_session_that_holds_secrets() -> None:
    """Its password and its cookies are masked; a parameter's cookie is not."""
    with requests.Session() as session:
        session.auth = ("me", SECRET)
        session.cookies.set("login", SECRET)
        command = client(session=session).go.curl(id="x", c="1")

    assert "-H 'Cookie: login=***; c=1'" in command
    assert "-H 'Authorization: Basic ***'" in command


def test_header_of_bytes() -> None:
    """Some sessions have them."""
    prepared = requests.Request("GET", "https://api.test/", headers={b"X-A": b"\xfc"}).prepare()

    assert "'X-A: ü'" in curl.command(prepared)
