"""`dynclient diff`: what a person reads, what a script gets, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dynclient.cli import main
from dynclient.types import JSON

LIMIT: JSON = {"name": "limit", "in": "query", "schema": {"type": "integer"}}


def written(folder: Path, name: str, **contents: JSON) -> str:
    path = folder / name
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, **contents}))
    return str(path)


def getting(name: str, *parameters: JSON) -> JSON:
    return {"get": {"operationId": name, "parameters": list(parameters)}}


@pytest.fixture
def old(tmp_path: Path) -> str:
    paths = {f"/{name}": getting(name, LIMIT) for name in ("a", "b", "gone")}
    return written(tmp_path, "old.json", paths=paths, servers=[{"url": "https://a.test"}])


@pytest.fixture
def new(tmp_path: Path) -> str:
    narrower = {**LIMIT, "schema": {"type": "integer", "maximum": 9}}
    paths = {
        "/a": {"get": {**getting("a", narrower)["get"], "deprecated": True}},
        "/b": getting("b", narrower),
        "/c": getting("come\x1b[31m"),
    }
    return written(tmp_path, "new.json", paths=paths, servers=[{"url": "https://b.test"}])


def test_for_a_person(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Under headings, breaking changes marked in words, in 80 columns; nothing in it moves the terminal."""
    status = main(["diff", old, new])

    assert status == 6
    assert capsys.readouterr().out == (
        "Servers\n"
        "  breaking: calls go to 'https://b.test' instead of 'https://a.test' (another\n"
        "      origin)\n"
        "Operations removed\n"
        "  breaking: gone: removed (GET /gone)\n"
        "a\n"
        "  deprecated now\n"
        "Several operations\n"
        "  breaking: query limit: maximum 9 added (in a, b)\n"
        "Operations added\n"
        "  come\\u001b[31m: added (GET /c)\n"
        "\n"
        "6 changes, 4 breaking\n"
    )


def test_what_breaks_callers_only(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What breaks nobody is left out."""
    main(["diff", old, new, "--breaking-only"])
    lines = capsys.readouterr().out.splitlines()

    assert [line for line in lines if line.startswith("  ") and "breaking" not in line] == ["      origin)"]
    assert lines[-1] == "6 changes, 4 breaking"


def test_for_a_script(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON each change stands by itself."""
    status = main(["diff", new, old, "--json", "--breaking-only"])
    found = json.loads(capsys.readouterr().out)

    assert status == 6
    assert [(each["kind"], each["action"], each["operations"]) for each in found] == [
        ("server", "changed", []),
        ("operation", "removed", ["come\x1b[31m"]),
    ]


def test_nothing_has_changed(old: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so, and the status is that of success."""
    assert main(["diff", old, old]) == 0
    assert capsys.readouterr().out == "0 changes, none breaking\n"


def test_what_breaks_nobody(tmp_path: Path, old: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is that of success though something has changed."""
    newer = written(
        tmp_path, "newer.json", **{**json.loads(Path(old).read_text()), "info": {"title": "B", "version": "2"}}
    )

    assert main(["diff", old, newer]) == 0
    assert capsys.readouterr().out == (
        "Document\n  title: B instead of A\n  version: 2 instead of 1\n\n2 changes, none breaking\n"
    )


def test_more_operations_than_are_worth_naming(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first few are named and the others counted."""
    names = [f"op{number}" for number in range(9)]
    one = written(tmp_path, "one.json", paths={f"/{name}": getting(name) for name in names})
    other = written(tmp_path, "other.json", paths={f"/{name}": getting(name, LIMIT) for name in names})

    assert main(["diff", one, other]) == 0
    assert capsys.readouterr().out == (
        "Several operations\n  query limit: added (in op0, op1, op2, op3, op4 and 4 more)\n\n9 changes, none breaking\n"
    )


def test_a_document_that_cannot_be_read(tmp_path: Path, old: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is that of a failed document."""
    assert main(["diff", old, str(tmp_path / "nowhere.json")]) == 1
    assert "there is no such file" in capsys.readouterr().err
