"""The command line, as a person or a script meets it: by its arguments, its two outputs and its exit status."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from dynclient.cli import main
from dynclient.codes import CODES
from dynclient.rules import ANSWER_RULES, RULES
from tests.cli import terminal
from tests.places import ROOT

PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9/v1"}],
    "tags": [{"name": "pets"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "summary": "List \x1b[31mpets",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}},
                    {"name": "kind", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"example": [{"name": "Tom\x9b"}]}}},
                    "404": {"content": {"application/json": {"example": {"message": "no pets"}}}},
                },
            },
            "post": {
                "operationId": "createPet",
                "deprecated": True,
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string"},
                                    "age": {"type": ["integer", "null"]},
                                    "toys": {"type": "array", "items": {"type": "integer"}},
                                    "home": {"type": "object"},
                                },
                            }
                        }
                    },
                },
                "responses": {"201": {"content": {"application/json": {"example": {"name": "Tom"}}}}},
            },
        },
        "/photo": {
            "put": {
                "operationId": "putPhoto",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "photo": {"type": "string", "format": "binary"},
                                    "title": {"type": "string"},
                                },
                            }
                        }
                    }
                },
                "responses": {"200": {"content": {"text/plain": {"example": "thanks"}}}},
            },
            "get": {
                "operationId": "getPhoto",
                "responses": {"200": {"content": {"image/png": {"schema": {}}}}},
            },
        },
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(PETS))
    return str(path)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        pytest.param(1, "warning", marks=pytest.mark.filterwarnings("always")),
        pytest.param(2, "error", marks=pytest.mark.filterwarnings("error")),
    ],
)
def test_call_without_a_credential(tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, word: str) -> None:
    """It is said in one line, before what came of it; where warnings are errors nothing is sent."""
    secured = {**PETS, "security": [{"key": []}], "servers": []}
    secured["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    path = tmp_path / "secured.json"
    path.write_text(json.dumps(secured))

    assert main([str(path), "listPets", "--base-url", "http://a..test"]) == status
    assert capsys.readouterr().err.splitlines()[0] == (
        f"{word}: listPets needs 'key'. Give --auth key=env:NAME or set DYNCLIENT_AUTH_KEY. It is sent without."
    )


def test_a_document_alone_lists_its_operations(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each operation under its tag; nothing in it moves the terminal."""
    status = main([spec])

    assert status == 0
    assert capsys.readouterr().out == (
        "\npets\n"
        "  listPets   GET /pets  List \\u001b[31mpets\n"
        "  createPet  POST /pets (deprecated)\n"
        "  putPhoto   PUT /photo\n"
        "  getPhoto   GET /photo\n"
    )


def test_an_operation_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is listed with the reason, and the others are listed all the same."""
    path = tmp_path / "broken.json"
    broken = {"operationId": "broken", "parameters": [{"$ref": "#/nowhere"}]}
    paths = {"/a": {"get": broken, "put": {"operationId": "whole"}}}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Broken"}, "paths": paths}))

    assert main([str(path)]) == 0
    assert capsys.readouterr().out == (
        "  broken  GET /a\n"
        "          cannot be read: the reference '#/nowhere' cannot be followed: there is nothing at this reference\n"
        "  whole   PUT /a\n"
    )


def test_a_call_prints_the_data(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON goes to standard output, in a pipe on one line, with controls as its own escapes."""
    status = main([spec, "listPets", "limit=3", "--mock"])

    assert status == 0
    assert capsys.readouterr() == ('[{"name":"Tom\\u009b"}]\n', "")


def test_include_shows_the_head_separately(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Status and headers go to standard error, so that the data can be piped."""
    status = main([spec, "putPhoto", "title=x", "--mock", "-i"])

    out, err = capsys.readouterr()
    assert status == 0
    assert out == "thanks\n"
    assert err.splitlines()[0] == "200 OK"


def test_bytes_are_written_as_they_are(spec: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What is no text is not changed on its way out."""
    status = main([spec, "getPhoto", "--mock"])

    assert status == 0
    assert capfdbinary.readouterr().out != b""


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["name=Tom", "age=3"], {"name": "Tom", "age": 3}),
        (["name=007", "age:=null"], {"name": "007", "age": None}),
        (["name=Tom", "toys=1", "toys=2"], {"name": "Tom", "toys": [1, 2]}),
        (["name=Tom", "toys=[1, 2]"], {"name": "Tom", "toys": [1, 2]}),
        (["name=Tom", 'home={"a": 1}'], {"name": "Tom", "home": {"a": 1}}),
        (["name=a=b"], {"name": "a=b"}),
        (["name="], {"name": ""}),
        (["--body", '{"name": "Tom"}'], {"name": "Tom"}),
    ],
)
def test_values_are_typed_by_the_document(
    spec: str, capsys: pytest.CaptureFixture[str], arguments: list[str], body: object
) -> None:
    """What is typed in a shell is text; the schema says what it means."""
    status = main([spec, "createPet", *arguments, "--dry-run"])

    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    assert out.startswith("POST http://127.0.0.1:9/v1/pets\n")
    assert json.loads(out.split("\n\n")[1]) == body


def test_a_file_is_text_or_an_upload(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`@` gives the file itself where the document asks for a file, else its text."""
    (tmp_path / "a.txt").write_text("from a file")
    at = f"@{tmp_path / 'a.txt'}"

    assert main([spec, "putPhoto", f"photo={at}", f"title={at}", "--dry-run"]) == 0

    out = capsys.readouterr().out
    assert 'name="photo"; filename="a.txt"' in out
    assert out.count("from a file") == 2


def test_a_large_file_is_not_shown(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run does not read it."""
    (tmp_path / "a.txt").write_text("x" * 70_000)

    assert main([spec, "putPhoto", f"photo=@{tmp_path / 'a.txt'}", "--dry-run"]) == 0
    assert re.search(r"\n<Upload of 70\d\d\d bytes>\n", capsys.readouterr().out)


def test_the_body_comes_from_a_file_or_standard_input(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--body @file` and `--body -`; standard input is never read unasked."""
    (tmp_path / "body.json").write_text('{"name": "file"}')
    assert main([spec, "createPet", "-b", f"@{tmp_path / 'body.json'}", "--dry-run"]) == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"name": "stdin"}')))
    assert main([spec, "createPet", "-b", "-", "--dry-run"]) == 0

    out = capsys.readouterr().out
    assert '{"name":"file"}' in out
    assert '{"name":"stdin"}' in out


@pytest.mark.parametrize("source", ["file", "-"])
def test_a_body_that_is_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """It is bytes, as an operation that takes an image wants them."""
    body: Any = {"content": {"image/png": {}}}
    paths = {"/icon": {"put": {"operationId": "putIcon", "requestBody": body}}}
    (tmp_path / "icon.json").write_text(json.dumps({**PETS, "paths": paths}))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\xff")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x89PNG\xff")))
    given = "-" if source == "-" else f"@{tmp_path / 'a.png'}"

    assert main([str(tmp_path / "icon.json"), "putIcon", "--body", given, "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("\n\n(5 bytes)\n")


def test_a_body_that_is_no_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a file holds is then text."""
    body: Any = {"content": {"text/plain": {}}}
    paths = {"/note": {"put": {"operationId": "putNote", "requestBody": body}}}
    (tmp_path / "note.json").write_text(json.dumps({**PETS, "paths": paths}))
    (tmp_path / "note.txt").write_text("buy milk")

    assert main([str(tmp_path / "note.json"), "putNote", "--body", f"@{tmp_path / 'note.txt'}", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("\n\nbuy milk\n")


def test_a_file_that_is_no_text(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the document asks for text, it is refused."""
    (tmp_path / "a").write_bytes(b"\xff")

    assert main([spec, "createPet", f"name=@{tmp_path / 'a'}"]) == 2
    assert capsys.readouterr().err.startswith(f"error: cannot read {tmp_path / 'a'} as text: 'utf-8' codec ")


def test_standard_input_that_is_closed(
    spec: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `<&-` in a shell: Python has no standard input then."""
    monkeypatch.setattr(sys, "stdin", None)

    assert main([spec, "createPet", "--body", "-"]) == 2
    assert capsys.readouterr().err == "error: --body - reads standard input, which is closed\n"


@pytest.mark.parametrize("operation", ["putPhoto", "getPhoto"])
def test_standard_output_that_is_closed(spec: str, operation: str) -> None:
    """As after `>&-` in a shell: the answer is lost, and nothing ends in a traceback."""
    command = f'"{sys.executable}" -m dynclient "{spec}" {operation} --mock >&-'

    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_curl_masks_the_key(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command can be pasted into a report."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")

    status = main(["openai", "getThread", "thread_id=thread_abc123", "--curl"])

    out = capsys.readouterr().out
    assert status == 0
    assert out.startswith("curl -X GET https://api.openai.com/v1/threads/thread_abc123 ")
    assert '"Authorization: Bearer $OPENAI_API_KEY"' in out
    assert "sk-secret" not in out


@pytest.mark.parametrize("how", ["--curl", "--dry-run"])
@pytest.mark.parametrize("header", ["Authorization: Bearer sk-secret", "x-api-key: sk-secret"])
def test_a_key_given_as_a_header_is_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str, header: str
) -> None:
    """Whoever gave it: what is shown can be pasted into a report."""
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}
    (tmp_path / "keyed.json").write_text(json.dumps({**PETS, "components": {"securitySchemes": schemes}}))

    assert main([str(tmp_path / "keyed.json"), "listPets", "-H", header, how]) == 0

    out = capsys.readouterr().out
    assert header.replace("sk-secret", "***") in out


def test_help_of_an_operation(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`SPEC OPERATION --help` tells what the operation takes."""
    status = main([spec, "listPets", "--help"])

    out = capsys.readouterr().out
    assert status == 0
    assert f"Call:\n  dynclient {spec} listPets\n" in out
    assert "Optional:\n  limit (query, integer, at most 10)\n" in out
    assert "InvalidRequest" not in out  # there are no exceptions in a shell


def test_help_has_a_call_to_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it is typed in a shell, with the examples of the document; it can be run as it stands."""
    examples = {"text": "it's \x1b", "number": 5, "tags": ["a"], "map": {"k": None}, "x" * 40: "y" * 40}
    parameters = [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]
    properties: dict[str, Any] = {name: {"example": value} for name, value in examples.items()}
    properties["number"]["type"] = "integer"
    schema = {"type": "object", "required": [*examples], "properties": properties}
    path = tmp_path / "an api of which the name is long.json"
    bodies = [{"application/json": {"schema": schema}}, {"text/plain": {}}]
    paths = {
        f"/{number}": {
            "post": {"parameters": parameters, "requestBody": {"required": True, "content": content}, "responses": {}}
        }
        for number, content in enumerate(bodies)
    }
    info, servers = {"title": "t", "version": "1"}, [{"url": "http://api.test"}]
    path.write_text(json.dumps({"openapi": "3.1.0", "info": info, "servers": servers, "paths": paths}))

    assert main([str(path), "POST /1", "--help"]) == 0
    assert " q=... \\\n      --body ...\n" in capsys.readouterr().out
    assert main([str(path), "POST /0", "--help"]) == 0
    call = capsys.readouterr().out.split("Call:\n")[1].split("\n\n")[0]
    words = shlex.split(call.replace("\\u001b", "\x1b").replace("\\\n", ""))
    assert words[:3] == ["dynclient", str(path), "POST /0"]
    assert main([*words[1:], "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out.split("\n\n")[1]) == examples


@pytest.mark.parametrize("arguments", [["--help"], ["mock", "--help"], ["openai", "--help"], ["--version"]])
def test_help_and_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each ends well and prints to standard output."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "dynclient" in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["listPets", "limit=11"],
            2,
            (
                "listPets: query limit: 11 is more than the maximum of 10. Nothing was sent.\n"
                "For more: dynclient explain value-too-large"
            ),
        ),
        (
            ["listPets", "limt=1"],
            2,
            (
                "listPets: argument limt: there is no such parameter or body field. Did you mean 'limit'? "
                "Nothing was sent.\nFor more: dynclient explain argument-unknown"
            ),
        ),
        (["listPet"], 2, "no operation 'listPet'. Did you mean 'listPets'?"),
        (["listPets", "limit"], 2, "'limit' has no value; write limit=VALUE"),
        (["createPet", "age:=]"], 2, "the value of age isn't JSON: Expecting value: line 1 column 1 (char 0)"),
        (["createPet", "--body", "]"], 2, "--body isn't JSON: Expecting value: line 1 column 1 (char 0)"),
        (["createPet", "--body", "@/nowhere/x"], 2, "cannot read /nowhere/x: No such file or directory"),
        (["listPets", "-H", "x"], 2, "'x' isn't a header; write NAME:VALUE"),
        (
            ["listPets", "--timeout", "-1"],
            2,
            "--timeout must be a positive number of seconds, not -1.0",
        ),
        (
            ["listPets", "--base-url", "ftp://x"],
            2,
            "the base URL 'ftp://x' must begin with http:// or https:// and a host",
        ),
        (["listPets", "--server", "1"], 2, "no server 1. There are: 0 'http://127.0.0.1:9/v1'."),
        (
            ["listPets", "--server-variable", "port=80"],
            2,
            "no variable 'port' in the server 'http://127.0.0.1:9/v1'; there are: none.",
        ),
        (["listPets", "--server-variable", "=80"], 2, "'=80' isn't a pair; write --server-variable NAME=VALUE"),
    ],
)
def test_mistakes(
    spec: str, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, message: str
) -> None:
    """Each is said in one sentence on standard error, with its exit status and without a traceback."""
    assert (main([spec, *arguments]), capsys.readouterr()) == (status, ("", f"error: {message}\n"))


@pytest.mark.parametrize(
    "server", ["1", "staging", "http://{region}.staging.test:{port}/", "http://eu.staging.test:81"]
)
def test_choice_of_a_server(tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By number, description or URL, with values for its variables; also one that the operation alone has."""
    path = tmp_path / "servers.json"
    variables = {"region": {"default": "eu"}, "port": {"default": "80"}}
    staging = {"url": "http://{region}.staging.test:{port}/", "description": "Staging", "variables": variables}
    go = {"operationId": "go", "servers": [{"url": "http://a.test"}, staging]}
    path.write_text(json.dumps({"openapi": "3.1.0", "paths": {"/go": {"get": go}}}))

    assert main([str(path), "go", "--server", server, "--server-variable", "port=81", "--dry-run"]) == 0
    assert capsys.readouterr().out.partition("\n")[0] == "GET http://eu.staging.test:81/go"


def test_an_unknown_option_is_a_wrong_command_line(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names the option."""
    assert main([spec, "listPets", "--nope"]) == 2
    assert "--nope" in capsys.readouterr().err


def test_a_missing_document(capsys: pytest.CaptureFixture[str]) -> None:
    """It fails with status 1 and names the bundled ones."""
    assert main(["nowhere.yaml"]) == 1
    assert capsys.readouterr().err == ("error: nowhere.yaml: there is no such file (bundled documents: openai)\n")


def test_a_server_that_is_not_there(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The network's fault is status 1."""
    assert main([spec, "listPets"]) == 1
    assert capsys.readouterr().err == (
        "error: listPets: no connection to http://127.0.0.1:9. Is the server running? 3 attempts were made. "
        "Nothing was sent.\n"
    )


def test_an_answer_that_means_an_error(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its data is printed all the same, and the exit status is its first digit."""
    status = main([spec, "listPets", "--mock", "-H", "Prefer: code=404"])

    out, err = capsys.readouterr()
    assert status == 4
    assert json.loads(out) == {"message": "no pets"}
    assert err == "error: listPets: the server answered 404 Not Found: no pets\n"


def test_ctrl_c_is_130(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a shell reports any program that was interrupted."""

    def interrupt() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.stdin, "read", interrupt)

    assert main([spec, "createPet", "-b", "-"]) == 130


def test_the_demo_tells_the_story() -> None:
    """Four calls by name, two refusals that never reach the server, a curl command; as a program of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "dynclient", "demo"], capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    for name in ("createThread", "createRun", "listRuns", "getRun"):
        assert name in done.stdout
    assert "query limit: 0 is less than the minimum of 1" in done.stdout
    assert "The server saw 4 requests before these two calls, and 4 after them." in done.stdout
    assert "sk-demo" not in done.stdout.split("curl -X")[1]


def test_the_readme_shows_what_is_printed() -> None:
    """Each command of the README's shell example shows in a terminal what stands below it there."""
    text = (ROOT / "README.rst").read_text().split("answers from the document::\n\n")[1]
    block = re.match(r"(?:    .*\n)+", text)
    assert block
    for command, _, printed in (part.partition("\n") for part in textwrap.dedent(block[0]).split("$ ")[1:]):
        assert terminal.run(*command.split()[1:], columns=200) == printed


def test_mock_serves_until_interrupted() -> None:
    """`dynclient mock` says where it listens, answers there, and ends on Ctrl-C without a traceback."""
    import signal

    import requests

    with subprocess.Popen(
        [sys.executable, "-m", "dynclient", "mock", "openai", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    ) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            url = line.split(" on ")[1].split()[0]
            answer = requests.get(f"{url}/models", timeout=10)
            assert answer.json()["object"] == "list"
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
        finally:
            process.kill()
        assert process.stderr.read() == "\n"  # the shell's prompt begins a line of its own


def test_a_document_on_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A single hyphen means it."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(PETS)))

    assert main(["-", "listPets", "--mock"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "Tom\x9b"}]


@pytest.mark.parametrize("servers", [[], [{"url": "/v1"}]])
def test_mock_needs_no_server(tmp_path: Path, servers: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing leaves the process, so that a document that does not say where it is served will do."""
    path = tmp_path / "pets.json"
    path.write_text(json.dumps({**PETS, "servers": servers}))

    assert main([str(path), "listPets", "--mock"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "Tom\x9b"}]


def test_help_of_a_call_needs_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    """It lists the options of all calls; a call itself does need one."""
    assert main(["call", "--help"]) == 0
    assert "--dry-run" in capsys.readouterr().out
    assert main(["call"]) == 2
    assert "SPEC" in capsys.readouterr().err


def test_a_document_without_operations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, for silence looks like a fault."""
    path = tmp_path / "empty.json"
    path.write_text('{"openapi": "3.1.0", "paths": {}}')

    assert main([str(path)]) == 0
    assert capsys.readouterr() == ("", "the document has no operations\n")


def test_standard_input_is_read_once(capsys: pytest.CaptureFixture[str]) -> None:
    """It cannot be the document and the body."""
    assert main(["-", "createPet", "--body", "-"]) == 2
    assert "standard input can be the document or the body, not both" in capsys.readouterr().err


# -------------------------------------------------------------------------------------------------------------- explain


def test_explain_tells_of_each_code(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means, an example and its mending, what to do; of a document's rule what is done about it."""
    assert main(["explain", "value-too-large", "reference-missing"]) == 0

    assert capsys.readouterr().out == (
        "value-too-large\n"
        "  A number is above its maximum, or not below its exclusive maximum.\n"
        "  Wrong: limit=500 where 100 is the maximum\n"
        "  Right: limit=100\n"
        "  Use a number in the range that the problem gives.\n"
        "\n"
        "reference-missing\n"
        "  A reference leads nowhere, or where it must not.\n"
        "  What is done: Whatever refers to it permits nothing, or is ignored.\n"
        "  dynclient check SPEC lists the places; correct them there, or with an overlay.\n"
    )


def test_explain_tells_that_a_convention_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to correct."""
    assert main(["explain", "style-missing"]) == 0
    assert capsys.readouterr().out.endswith("\n  It is a convention, not a fault.\n")


def test_explain_lists_all_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of calls, then those of answers and of documents."""
    assert main(["explain"]) == 0

    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ")] == [
        *CODES,
        *ANSWER_RULES,
        *RULES,
    ]


@pytest.mark.parametrize("code", [*CODES, *RULES])
def test_explain_knows_every_code(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has more to tell than its name."""
    assert main(["explain", code]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 3


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("valu-missing", "Did you mean 'value-missing'"),
        ("maximum", "Did you mean 'value-too-large'?"),
        ("zzz", "dynclient explain lists all codes."),
    ],
)
def test_explain_of_an_unknown_code(code: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With those that it is near to; a keyword of schemas has the code of what breaks it."""
    assert main(["explain", code]) == 2
    assert f"Error: no code '{code}'. {hint}" in capsys.readouterr().err


# --------------------------------------------------------------------------------------------------------------- mended


@pytest.mark.parametrize("source", ["body.json", "body.txt", "-"])
def test_a_body_that_is_wrong_json(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Where the operation takes nothing else, the error says in which line and column it stops being JSON."""
    text = '{"name": "Tom",\n "age" 5}'
    (tmp_path / "body.json").write_text(text)
    (tmp_path / "body.txt").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    name = "standard input" if source == "-" else str(tmp_path / source)

    assert main([spec, "createPet", "--body", "-" if source == "-" else f"@{name}", "--dry-run"]) == 2
    assert capsys.readouterr().err == f"error: {name} isn't JSON: Expecting ':' delimiter: line 2 column 8 (char 23)\n"


def test_text_that_begins_like_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is text where the operation takes text, whatever the file is called."""
    paths = {"/note": {"put": {"operationId": "putNote", "requestBody": {"content": {"text/plain": {}}}}}}
    (tmp_path / "note.json").write_text(json.dumps({**PETS, "paths": paths}))
    (tmp_path / "list.json").write_text("[ ] buy milk")

    assert main([str(tmp_path / "note.json"), "putNote", "--body", f"@{tmp_path / 'list.json'}", "--dry-run"]) == 0
    assert capsys.readouterr().out.endswith("\n\n[ ] buy milk\n")


def test_help_names_the_variables_of_credentials(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line reads them from the environment alone."""
    assert main(["openai", "listRuns", "--help"]) == 0
    assert capsys.readouterr().out.endswith("\nCredentials, from the environment:\n  ApiKeyAuth: OPENAI_API_KEY\n")


def test_explain_of_an_answer_s_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """What it means, what is done, and how to have it otherwise; a name of two tables is reported twice."""
    assert main(["explain", "duplicate-key"]) == 0

    out = capsys.readouterr().out
    assert "In an answer: A JSON object (of up to 64 KiB) has a name twice" in out
    assert "validate_response='raise' makes it an error" in out
    assert "dynclient check SPEC lists the places" in out


def test_a_server_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """Is a mistake on the command line, so nothing is sent."""
    assert main(["openai", "getThread", "thread_id=t", "--server", "3", "--curl"]) == 2
    assert capsys.readouterr().err.startswith("error: no server 3. There are: 0 ")
