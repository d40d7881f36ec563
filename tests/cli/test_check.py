"""`dynclient check`: what it prints, and the exit status that a script sees."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from dynclient.cli import main

OK = {"200": {"description": "fine"}}


def written(path: Path, contents: dict[str, Any]) -> str:
    path.write_text(json.dumps(contents, indent=1))
    return str(path)


@pytest.fixture
def faultless(tmp_path: Path) -> str:
    paths = {"/x": {"get": {"operationId": "go", "responses": OK}}}
    return written(
        tmp_path / "api.json", {"openapi": "3.1.0", "info": {"title": "Fine", "version": "1"}, "paths": paths}
    )


@pytest.fixture
def faulty(tmp_path: Path) -> str:
    """Six operations that share one faulty schema, each at a path without a slash."""
    schema = {"$ref": "#/components/schemas/Odd"}
    operation = {"parameters": [{"name": "q", "in": "query", "schema": schema}], "responses": OK}
    paths = {f"p{number}": {"get": {**operation, "operationId": f"go{number}"}} for number in range(6)}
    components = {"schemas": {"Odd": {"type": "a\x1b[31mny"}}}
    return written(tmp_path / "api.json", {"openapi": "3.1.0", "info": {}, "paths": paths, "components": components})


def test_no_problem(faultless: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line and status 0."""
    status = main(["check", faultless])

    assert (status, capsys.readouterr()) == (0, (f"{faultless}: version 3.1.0, 1 operation, no problem\n", ""))


def test_problems(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Under their rules, each with its line and operations, a few of each; nothing moves the terminal. Status 3."""
    status = main(["check", faulty])

    path, _, shown = capsys.readouterr().out.partition(": ")
    assert (status, path) == (3, faulty)
    assert shown == (
        "version 3.1.0, 6 operations, 7 problems of 2 kinds\n"
        "\n"
        "path-without-slash (6)\n"
        "  A path does not begin with a slash. One is put before it.\n"
        + "".join(
            f"  - line {5 + 19 * number}, #/paths/p{number}\n"
            f"    'p{number}' does not begin with a slash; it is sent with one\n"
            f"    touches go{number}\n"
            for number in range(5)
        )
        + "  and 1 more; --all lists them\n"
        "\n"
        "type-unknown (1)\n"
        "  A type does not exist. It is ignored; if it is the only one, any type is accepted.\n"
        "  - line 123, #/components/schemas/Odd/type\n"
        "    'a\\x1b[31mny' isn't a type of JSON Schema\n"
        "    touches go0, go1, go2 and 3 more\n"
    )


def test_all_places(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With every operation."""
    assert main(["check", faulty, "--all"]) == 3

    shown = capsys.readouterr().out
    assert "#/paths/p5\n" in shown
    assert shown.endswith("touches go0, go1, go2, go3, go4, go5\n")


def test_json(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything as data."""
    assert main(["check", faulty, "--json"]) == 3

    report = json.loads(capsys.readouterr().out)
    assert {key: value for key, value in report.items() if key != "problems"} == {
        "document": faulty,
        "title": faulty,
        "version": "3.1.0",
        "operations": 6,
        "strict": None,
    }
    assert len(report["problems"]) == 7
    assert [problem for problem in report["problems"] if problem["rule"] == "type-unknown"] == [
        {
            "rule": "type-unknown",
            "pointer": "#/components/schemas/Odd/type",
            "line": 123,
            "message": "'a\\x1b[31mny' isn't a type of JSON Schema",
            "fault": True,
            "done": "It is ignored; if it is the only one, any type is accepted.",
            "operations": ["go0", "go1", "go2", "go3", "go4", "go5"],
        }
    ]


def test_json_without_problems(faultless: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same shape."""
    assert main(["check", faultless, "--json", "--strict"]) == 0

    assert json.loads(capsys.readouterr().out) == {
        "document": faultless,
        "title": "Fine",
        "version": "3.1.0",
        "operations": 1,
        "problems": [],
        "strict": [],
    }


def test_strict(faulty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What the strict validator finds comes in addition."""
    assert main(["check", faulty, "--strict", "--all"]) == 3

    shown = capsys.readouterr().out
    assert "path-without-slash (6)" in shown
    assert "\nopenapi-spec-validator: " in shown
    assert "  - line 3, #/info\n    the key 'title' is missing\n" in shown


def test_strict_alone_finds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault that is in no call's way has the status 3 too, and the findings as data."""
    spec = written(tmp_path / "api.json", {"openapi": "3.1.0", "paths": {}, "info": {"title": "T"}})

    assert [main(["check", spec]), main(["check", spec, "--strict"])] == [0, 3]
    capsys.readouterr()
    assert main(["check", spec, "--strict", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["strict"] == [
        {"rule": "required", "pointer": "#/info", "line": 4, "message": "the key 'version' is missing"}
    ]


@pytest.mark.parametrize(
    ("arguments", "status"), [(["check", "nowhere.yaml"], 1), (["check"], 2), (["check", "a", "b"], 2)]
)
def test_what_cannot_be_checked(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing goes to standard output."""
    assert main(arguments) == status
    assert capsys.readouterr().out == ""


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """It tells the statuses, and that the strict validator takes its time."""
    assert main(["check", "--help"]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    assert "Slow: about 12 s for 3 MB." in shown
    assert "3 faults were found; conventions alone are not faults." in shown


def test_conventions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are reported as such, and leave the status 0."""
    parameter = {"name": "q", "in": "query", "schema": {"type": "object"}}
    paths = {"/x": {"get": {"operationId": "go", "parameters": [parameter], "responses": OK}}}
    spec = written(tmp_path / "api.json", {"openapi": "3.1.0", "paths": paths})

    assert main(["check", spec]) == 0
    assert "\nstyle-missing (1), a convention and no fault\n" in capsys.readouterr().out


def test_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A document may come from there, as with other commands."""
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"openapi": "3.1.0"}'))

    assert main(["check", "-"]) == 0
    assert "version 3.1.0, 0 operations, no problem" in capsys.readouterr().out
