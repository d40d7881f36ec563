"""What of an answer is shown, in which form, and where: a part, a table, pages, streams, files."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dynclient.cli import main
from tests.cli import terminal
from tests.conftest import Loopback
from tests.faultserver import FaultServer, answering
from tests.places import ROOT

PETS = [
    {"id": 1, "name": "Tom", "owner": {"name": "Ann"}, "tags": ["a", "b"], "note": None},
    {"id": 20, "name": "Rex\x1b[31m", "owner": None, "tags": [], "note": None},
]
TEXT = {"type": "string"}


def responses(kind: str = "application/json", example: Any = None, **more: Any) -> dict[str, Any]:
    content = {kind: {"example": example}} if example is not None else {kind: {}}
    return {"200": {"description": "", "content": content, **more}}


def document(url: str) -> dict[str, Any]:
    after = {"name": "after", "in": "query", "schema": TEXT}
    page = {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "integer"}}}},
            "last_id": TEXT,
            "has_more": {"type": "boolean"},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "servers": [{"url": url}],
        "paths": {
            "/pets": {"get": {"operationId": "listPets", "responses": responses(example=PETS)}},
            "/box": {"get": {"operationId": "getBox", "responses": responses(example={"data": PETS, "n": 2})}},
            "/text": {"get": {"operationId": "getText", "responses": responses("text/plain", "hello")}},
            "/page": {
                "get": {
                    "operationId": "listPage",
                    "parameters": [after],
                    "responses": {"200": {"description": "", "content": {"application/json": {"schema": page}}}},
                }
            },
            "/events": {"get": {"operationId": "listen", "responses": responses("text/event-stream")}},
            "/file": {"get": {"operationId": "getFile", "responses": responses("application/octet-stream")}},
            "/run": {"get": {"operationId": "getRun", "responses": responses()}},
        },
    }


@pytest.fixture
def spec(tmp_path: Path, loopback: Loopback) -> str:
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(document(loopback.url)))
    return str(path)


Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("operation", "expression", "shown"),
    [
        ("listPets", "[].id", "[1,20]\n"),
        ("listPets", "[0].name", "Tom\n"),
        ("listPets", "[0].owner", '{"name":"Ann"}\n'),
        ("listPets", "length(@)", "2\n"),
        ("listPets", "[5]", "null\n"),
        ("getText", "@", "hello\n"),
    ],
)
def test_a_part(spec: str, capsys: Captured, operation: str, expression: str, shown: str) -> None:
    """What a JMESPath chooses; a text without quotes, as a script wants it."""
    assert main([spec, operation, "--mock", "-q", expression]) == 0
    assert capsys.readouterr() == (shown, "")


def test_a_part_that_cannot_be_chosen(spec: str, capsys: Captured, loopback: Loopback) -> None:
    """What is no JMESPath is refused before anything is sent."""
    assert main([spec, "listPets", "-q", "[0"]) == 2
    assert capsys.readouterr().err.startswith("error: --select: ")
    assert loopback.sent == []


def test_csv(spec: str, capsys: Captured) -> None:
    """A line of names, then one for each item; what is nested is JSON."""
    assert main([spec, "getBox", "--mock", "-o", "csv"]) == 0
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [
        ["id", "name", "owner", "tags", "note"],
        ["1", "Tom", '{"name":"Ann"}', '["a","b"]', ""],
        ["20", "Rex\x1b[31m", "", "[]", ""],
    ]


def test_yaml_and_lines(spec: str, capsys: Captured) -> None:
    """YAML is the data; JSON lines are the items of the list that an object holds."""
    assert main([spec, "listPets", "--mock", "-o", "yaml"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == PETS
    assert main([spec, "getBox", "--mock", "-o", "jsonl"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == PETS


def test_raw_is_what_came(spec: str, capfdbinary: pytest.CaptureFixture[bytes], loopback: Loopback) -> None:
    """Byte for byte, also where it is not the JSON it should be."""
    loopback.says(b'{ "a":\t1.0 }\n')

    assert main([spec, "getRun", "-o", "raw"]) == 0
    assert capfdbinary.readouterr().out == b'{ "a":\t1.0 }\n'


def test_a_table(spec: str) -> None:
    """Columns that hold nothing are left out, numbers stand to the right, and nothing moves the terminal."""
    assert terminal.run(spec, "getBox", "--mock", "-o", "table", columns=100) == (
        " id   name            owner            tags\n"
        " ───────────────────────────────────────────────\n"
        '  1   Tom             {"name":"Ann"}   ["a","b"]\n'
        " 20   Rex\\u001b[31m                    []\n"
    )


def test_a_table_that_is_too_wide(spec: str) -> None:
    """What does not fit is named, and no line is broken."""
    shown = terminal.run(spec, "listPets", "--mock", "-o", "table", columns=40)

    assert shown.splitlines()[-1].startswith("Not shown: ")
    assert all(len(line) <= 40 for line in shown.splitlines()[:-1])


def test_json_in_a_terminal(spec: str) -> None:
    """It is indented; with colours, unless these are not wanted."""
    plain = terminal.run(spec, "getRun", "--mock")
    colored = terminal.run(spec, "getBox", "--mock", NO_COLOR="", TERM="xterm-256color")

    assert plain == json.dumps(json.loads(plain), indent=2) + "\n"
    assert "\x1b[" in colored
    assert "\x1b[31m" not in re.sub(r"\x1b\[[0-9;]*m(?=[\"{}\[\]0-9a-z]|$|:)", "", colored)
    assert "\x1b" not in terminal.run(spec, "getBox", "--mock", NO_COLOR="1")
    assert "\x1b" not in terminal.run(spec, "getBox", "--mock", NO_COLOR="", TERM="dumb")


def test_a_pipe_that_is_closed(spec: str) -> None:
    """Who read the output has what it wanted; nothing is said."""
    command = (
        f'"{sys.executable}" -m dynclient "{spec}" getBox --mock -o jsonl | head -c 5; echo; echo "${{PIPESTATUS[0]}}"'
    )
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert done.stderr == ""
    assert done.stdout.split()[0] == '{"id"'


# ------------------------------------------------------------------------------------------- pages, polls, streams


def pages(of: int) -> Iterator[bytes]:
    for number in range(of):
        items = [{"id": 2 * number}, {"id": 2 * number + 1}]
        yield json.dumps({"data": items, "last_id": f"p{number}", "has_more": number < of - 1}).encode()


@pytest.mark.parametrize(
    ("options", "ids", "requests"),
    [([], [0, 1, 2, 3, 4, 5], 3), (["--max-items", "3"], [0, 1, 2], 2), (["-o", "jsonl"], [0, 1, 2, 3, 4, 5], 3)],
)
def test_all_pages(spec: str, capsys: Captured, options: list[str], ids: list[int], requests: int) -> None:
    """The items of all pages as one list, or in lines; no page is asked for that nobody wants."""
    with FaultServer(before=[answering(page) for page in pages(3)]) as server:
        assert main([spec, "listPage", "--all", "--base-url", server.url, *options]) == 0
        assert len(server.seen) == requests

    out = capsys.readouterr().out
    found = [json.loads(line) for line in out.splitlines()] if "jsonl" in options else json.loads(out)
    assert [item["id"] for item in found] == ids


def test_all_pages_of_what_has_none(spec: str, capsys: Captured) -> None:
    """It is said; nothing is sent."""
    assert main([spec, "getRun", "--all", "--mock"]) == 2
    assert capsys.readouterr().err.startswith("error: getRun: the document does not tell how its answers lead to")


def test_poll(spec: str, capsys: Captured) -> None:
    """The call is made again until the field has the value; that answer is shown."""
    states = [answering(json.dumps({"status": name, "step": 1}).encode()) for name in ("queued", "completed")]
    with FaultServer(before=states) as server:
        assert main([spec, "getRun", "--poll", "status=completed", "--base-url", server.url]) == 0
        assert len(server.seen) == 2

    assert json.loads(capsys.readouterr().out)["status"] == "completed"


def test_a_stream(spec: str, loopback: Loopback) -> None:
    """A line for each event as it comes: the first is there before the last is sent."""
    with FaultServer(answering(b'data: {"a": 1}\n\ndata: text\x1b\n\n', Content_Type="text/event-stream")) as server:
        done = subprocess.run(
            [sys.executable, "-m", "dynclient", spec, "listen", "--base-url", server.url],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (done.returncode, done.stdout, done.stderr) == (0, '{"a":1}\ntext\\u001b\n', "")


def test_a_file(spec: str, tmp_path: Path, capsys: Captured, loopback: Loopback, monkeypatch: Any) -> None:
    """It is saved under the name that was given, or under the server's, without its folders."""
    loopback.says(b"\x00" * 1000, "application/octet-stream", Content_Disposition='attachment; filename="../../x.bin"')
    monkeypatch.chdir(tmp_path)

    assert main([spec, "getFile", "--save", "a.bin"]) == 0
    assert main([spec, "getFile", "-O"]) == 0
    assert capsys.readouterr() == ("", "saved a.bin\nsaved x.bin\n")
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "x.bin").read_bytes() == b"\x00" * 1000


# --------------------------------------------------------------------------------------------- what goes wrong, heads


def test_a_web_page_where_json_is_documented(spec: str, capsys: Captured, loopback: Loopback) -> None:
    """One sentence, nothing on standard output, and no success."""
    loopback.says(b"<html><title>Welcome</title></html>", "text/html")

    assert main([spec, "getRun"]) == 1
    assert capsys.readouterr() == (
        "",
        "error: getRun: got an HTML page titled 'Welcome', JSON expected; is --base-url right?\n",
    )


def test_an_answer_that_does_not_fit(spec: str, capsys: Captured, loopback: Loopback) -> None:
    """It is shown, with a warning; under --validate raise it is an error, and under off nothing is said."""
    loopback.says(b'{"data": 5}')

    assert main([spec, "listPage"]) == 0
    out, err = capsys.readouterr()
    assert (out, err.splitlines()) == (
        '{"data":5}\n',
        ["warning: the answer does not fit the document: response body data: 5 is not an array"],
    )
    assert main([spec, "listPage", "--validate", "raise"]) == 1
    assert capsys.readouterr().err.startswith("error: listPage: the answer 200 does not fit the document")
    assert main([spec, "listPage", "--no-validate"]) == 0
    assert capsys.readouterr().err == ""


def test_verbose(spec: str, capsys: Captured, loopback: Loopback) -> None:
    """The request, the log and the head of the answer go to standard error; the logger is left as it was."""
    logger = logging.getLogger("dynclient")
    before = logger.level, logger.propagate, list(logger.handlers)
    loopback.says(b"{}")

    assert main([spec, "getRun", "-v"]) == 0
    out, err = capsys.readouterr()
    assert out == "{}\n"
    assert err.startswith(f"GET {loopback.url}/run\n")
    assert "getRun 200 in" in err
    assert "\n200 OK\n" in err
    assert (logger.level, logger.propagate, list(logger.handlers)) == before


def test_the_log_is_not_shown_otherwise(spec: str) -> None:
    """An error is one line, also in a process of its own, where Python would show what nobody handles."""
    done = subprocess.run(
        [sys.executable, "-m", "dynclient", spec, "listPage", "--mock", "-H", "Prefer: code=500"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--all", "--save", "x"], "--save and --all cannot be given together"),
        (["--dry-run", "--curl"], "--dry-run and --curl cannot be given together"),
        (["--max-items", "5"], "--max-items needs --all"),
        (["--poll", "status"], "--poll 'status': write --poll NAME=VALUE, such as --poll status=completed"),
    ],
)
def test_options_that_do_not_go_together(spec: str, capsys: Captured, options: list[str], message: str) -> None:
    """They are refused before anything is sent."""
    assert main([spec, "getRun", *options]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
@pytest.mark.parametrize("form", ["json", "csv", "yaml"])
def test_a_system_with_another_encoding(tmp_path: Path, encoding: str, form: str) -> None:
    """As Windows has: a pipe gets UTF-8, and nothing ends in a traceback."""
    contents = document("http://127.0.0.1:9")
    contents["paths"]["/pets"]["get"]["responses"] = responses(example=[{"name": "é→"}])
    (tmp_path / "pets.json").write_text(json.dumps(contents))
    done = subprocess.run(
        [sys.executable, "-m", "dynclient", "pets.json", "listPets", "--mock", "-o", form],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)},
        check=False,
    )

    assert done.returncode == 0
    assert "é→" in done.stdout.decode()
