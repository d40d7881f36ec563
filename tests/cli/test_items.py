"""Arguments as they are typed: values inside values, files, and what no document describes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynclient.cli import main

Captured = pytest.CaptureFixture[str]

TEXT = {"type": "string"}
SIZE = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}
THING = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "size": {"anyOf": [SIZE, {"type": "null"}]},
        "tags": {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
        "tools": {
            "type": "array",
            "items": {"type": "object", "properties": {"kind": TEXT, "rank": {"type": "integer"}}},
        },
        "a.b": TEXT,
        "note": {"type": ["string", "null"]},
        "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "map": {"type": "object", "additionalProperties": TEXT},
    },
}
IN_BRACKETS = {"name": "include[]", "in": "query", "schema": {"type": "array", "items": TEXT}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things": {
            "post": {
                "operationId": "add",
                "parameters": [IN_BRACKETS],
                "requestBody": {"content": {"application/json": {"schema": THING}}},
                "responses": {},
            }
        },
        "/things/{id}": {
            "get": {
                "operationId": "get",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
                "responses": {},
            }
        },
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "things.json"
    path.write_text(json.dumps(DOCUMENT))
    return str(path)


def sent(out: str) -> Any:
    return json.loads(out.split("\n\n")[1])


@pytest.mark.parametrize(
    ("items", "body"),
    [
        (["size.x=4", "size.y=5"], {"size": {"x": 4, "y": 5}}),
        (
            ["tools[0].kind=a", "tools[0].rank=1", "tools[1].kind=b"],
            {"tools": [{"kind": "a", "rank": 1}, {"kind": "b"}]},
        ),
        (["tools[].kind=a", "tools[].kind=b"], {"tools": [{"kind": "a"}, {"kind": "b"}]}),
        (["tags[]=a", "tags[]=b"], {"tags": ["a", "b"]}),
        (["tags=a"], {"tags": ["a"]}),
        (["map.topic=5"], {"map": {"topic": "5"}}),
        (['map.deep:={"a": [1]}'], {"map": {"deep": {"a": [1]}}}),
        (["a.b=c"], {"a.b": "c"}),
        (['size:={"x": 1}', "size.y=2"], {"size": {"x": 1, "y": 2}}),
        (["count=5", "note=5"], {"count": 5, "note": "5"}),
        (["count=null", "note:=null"], {"count": None, "note": None}),
    ],
)
def test_inside_a_value(spec: str, capsys: Captured, items: list[str], body: object) -> None:
    """Each has the type that the document gives to its place; a field of that very name comes first."""
    status = main([spec, "add", *items, "--dry-run", "--no-validate"])

    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert sent(out) == body


def test_brackets_in_the_name_of_a_parameter(spec: str, capsys: Captured) -> None:
    """That is no list inside a value."""
    assert main([spec, "add", "include[]=a", "include[]=b", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("POST http://127.0.0.1:9/things?include%5B%5D=a&include%5B%5D=b\n")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (["tools[2].kind=a"], "tools[2].kind: the list has 0 items so far; write [0], or [] for the next"),
        (["tools[999999].kind=a"], "tools[999999].kind: the list has 0 items so far; write [0], or [] for the next"),
        (["name=a", "name.b=c"], "name.b: name is given as something else already, and not as an object"),
        (["size.x=1", "size.x=2"], "size.x is given twice"),
        (["things.json"], "'things.json' isn't an argument; write name=value, name:=JSON or name=@file"),
        (["map:=@missing.json"], "cannot read missing.json: No such file or directory"),
    ],
)
def test_what_cannot_be_put(spec: str, capsys: Captured, items: list[str], message: str) -> None:
    """It is said in a sentence; nothing is sent."""
    assert main([spec, "add", *items, "--dry-run"]) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_a_word_that_is_a_file(spec: str, capsys: Captured) -> None:
    """People leave out the `@`."""
    assert main([spec, "add", spec]) == 2
    assert f"a file is given as name=@{spec}" in capsys.readouterr().err


def test_files(spec: str, tmp_path: Path, capsys: Captured) -> None:
    """Text where a text is wanted, data where an object or a list is, in JSON or YAML."""
    (tmp_path / "a.json").write_text('{"x": 1}')
    (tmp_path / "a.yaml").write_text("x: 2\n")
    (tmp_path / "body.yaml").write_text("name: n\nsize:\n  x: 3\n")
    for given, body in [
        ([f"size=@{tmp_path / 'a.json'}"], {"size": {"x": 1}}),
        ([f"size=@{tmp_path / 'a.yaml'}"], {"size": {"x": 2}}),
        ([f"name=@{tmp_path / 'a.json'}"], {"name": '{"x": 1}'}),
        ([f"map:=@{tmp_path / 'a.json'}"], {"map": {"x": 1}}),
        (["--body", f"@{tmp_path / 'body.yaml'}"], {"name": "n", "size": {"x": 3}}),
    ]:
        assert main([spec, "add", *given, "--dry-run", "--no-validate"]) == 0
        assert sent(capsys.readouterr().out) == body


def test_what_the_document_does_not_describe(spec: str, capsys: Captured) -> None:
    """It is sent as it stands, which is said; the arguments are its body, or for a GET its query."""
    assert main([spec, "POST /beta", "name=5", "size.x:=1", "--dry-run"]) == 0
    out, err = capsys.readouterr()
    assert sent(out) == {"name": "5", "size": {"x": 1}}
    assert err == "note: the document does not describe POST /beta; it is sent as it stands, and not validated\n"
    assert main([spec, "get /beta", "name=5", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("GET http://127.0.0.1:9/beta?name=5\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["GET", "/things/5"], "in quotes, as in the document: 'GET /things/{id}' id=5"),
        (["get", "/things"], "in quotes, as in the document: 'GET /things'"),
        (["GET /things/5"], "in quotes, as in the document: 'GET /things/{id}' id=5"),
        (["get", "--limit", "5"], "there is no option --limit. An argument of the operation is written limit=5"),
        (["get", "--base_url", "x"], "there is no option --base_url. Did you mean --base-url?"),
        (["get", "id=5", "timeout=5"], "The option is --timeout."),
        (["get", "id=5", "hooks=5"], "Only Python has this option."),
        (["add", "--body", "{}", "name=a"], "is a field of the body. Put it into --body instead of beside it."),
        (["get", "id=5", "--auth", "k=env:X"], "--auth k: the environment variable X is not set"),
    ],
)
def test_mistakes_are_answered_in_the_words_of_a_shell(
    spec: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    """What can be typed, and never what only Python can do."""
    monkeypatch.delenv("X", raising=False)

    assert main([spec, *words]) == 2
    assert message in capsys.readouterr().err


EDITOR = """#!/bin/sh
count=$(cat "$0.count" 2>/dev/null || echo 0)
cp "$1" "$0.seen$count"
echo $((count + 1)) > "$0.count"
[ -f "$0.$count" ] && cat "$0.$count" > "$1"
exit 0
"""


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, *texts: str) -> Path:
    """A program that writes the next of these texts each time it is started, and nothing after them."""
    path = folder / "editor"
    path.write_text(EDITOR)
    path.chmod(0o700)
    for number, text in enumerate(texts):
        (folder / f"editor.{number}").write_text(text)
    monkeypatch.setenv("VISUAL", str(path))
    monkeypatch.setenv("EDITOR", str(path))
    return path


def test_a_body_from_the_editor(spec: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens with what was given; a wrong one opens again, with what is wrong above it."""
    path = editor(tmp_path, monkeypatch, "count: many\n", "a: [\n", "count: 5\n")

    assert main([spec, "add", "name=n", "--edit", "--dry-run"]) == 0
    assert sent(capsys.readouterr().out) == {"count": 5}
    seen = [(tmp_path / f"{path.name}.seen{number}").read_text() for number in range(3)]
    assert seen[0].startswith("# The body of add, in YAML or JSON.")
    assert seen[0].endswith("\nname: n\n")
    assert "# - body count: 'many' is not an integer" in seen[1]
    assert "# - what was written: is neither JSON nor YAML" in seen[2]


def test_an_editor_that_saves_nothing(
    spec: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent."""
    editor(tmp_path, monkeypatch)

    assert main([spec, "add", "--edit"]) == 2
    assert capsys.readouterr() == ("", "error: nothing was saved in the editor, and nothing was sent\n")
