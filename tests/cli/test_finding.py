"""Operations found in a document, and what one is told about them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dynclient.cli import main
from tests.cli import terminal

Captured = pytest.CaptureFixture[str]


def operation(name: str, tag: str, summary: str = "", description: str = "", **more: Any) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": description,
        "responses": {"200": {"description": ""}},
        **more,
    }


LIMIT = {"name": "page_size", "in": "query", "schema": {"type": "integer"}}
SIZE = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 9, "default": 5, "description": "How big."},
        {"type": "null"},
    ]
}
BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "size": SIZE}}
        }
    },
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/pets": {
            "get": operation("listPets", "pets", "List the pets", parameters=[LIMIT]),
            "post": operation("createPet", "pets", "", "**Creates** a [pet](/x). Only yours.", requestBody=BODY),
        },
        "/pets/{id}/owners": {"get": operation("listOwners", "owners", "Who owns " + "a pet " * 40)},
        "/toys": {"get": operation("listToys", "Owners and toys", "Toys of pets")},
    },
}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "pets.json"
    path.write_text(json.dumps(DOCUMENT))
    return str(path)


def names(shown: str) -> list[str]:
    return [line.split()[0] for line in shown.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("pets", ["listPets", "createPet", "listOwners", "listToys"]),
        ("PETS list", ["listPets", "listOwners", "listToys"]),
        ("owns", ["listOwners"]),
        ("page_size", ["listPets"]),
        ("size", ["listPets", "createPet"]),
        ("yours", ["createPet"]),
        ("post", ["createPet"]),
    ],
)
def test_search(spec: str, capsys: Captured, words: str, found: list[str]) -> None:
    """All words must stand somewhere: names count most, then paths, summaries, parameters and descriptions."""
    assert main([spec, "--search", words]) == 0
    assert names(capsys.readouterr().out) == found


def test_search_without_a_result(spec: str, capsys: Captured) -> None:
    """It is an error, so that a script sees it."""
    assert main([spec, "--search", "dogs"]) == 2
    assert capsys.readouterr() == (
        "",
        "error: no operation has 'dogs' in its name, path, texts or parameters\n",
    )


def test_a_tag(spec: str, capsys: Captured) -> None:
    """In any case; one that is not there is named, with what is near."""
    assert main([spec, "--tag", "Pets"]) == 0
    assert names(capsys.readouterr().out) == ["listPets", "createPet"]
    assert main([spec, "--tag", "pet"]) == 2
    assert capsys.readouterr().err == "error: the document has no tag 'pet'. Did you mean 'pets'?\n"


def test_json(spec: str, capsys: Captured) -> None:
    """For a program: what a line says, each under its name."""
    assert main([spec, "--json", "--tag", "owners"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["id"], found["method"], found["path"], found["tag"]) == (
        "listOwners",
        "GET",
        "/pets/{id}/owners",
        "owners",
    )


def test_a_description_where_there_is_no_summary(spec: str, capsys: Captured) -> None:
    """Its first sentence, without Markdown."""
    assert main([spec, "--tag", "pets"]) == 0
    assert "  createPet  POST /pets  Creates a pet.\n" in capsys.readouterr().out


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_lines_are_cut_to_the_terminal(spec: str, columns: int) -> None:
    """No line is broken into two; in a pipe all of it stands there."""
    shown = terminal.run(spec, columns=columns)

    assert max(map(len, shown.splitlines())) == columns
    assert names(shown) == ["listPets", "createPet", "listOwners", "listToys"]


def test_a_pager_where_the_screen_is_too_small(spec: str) -> None:
    """The user's own, by PAGER; not where all of it fits."""
    pager = "sed -e s/^/|/"

    assert "|  listPets" in terminal.run(spec, rows=6, PAGER=pager)
    assert "|" not in terminal.run(spec, rows=50, PAGER=pager)


def test_an_example(spec: str, capsys: Captured) -> None:
    """A body that the document accepts: it can be edited, and given by --body."""
    assert main([spec, "createPet", "--example"]) == 0
    example = capsys.readouterr().out
    assert main([spec, "createPet", "--body", example, "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out.split("\n\n")[1]) == json.loads(example)
    assert main([spec, "listPets", "--example"]) == 2
    assert capsys.readouterr().err == "error: listPets takes no body of data\n"


def test_help_of_what_may_be_null(spec: str, capsys: Captured) -> None:
    """Its limits, default and description stand in one of the alternatives."""
    assert main([spec, "createPet", "--help"]) == 0
    assert "  size (body, integer or null, 1 to 9, default 5)\n      How big.\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "order", [["{spec}", "createPet", "--dry-run", "name=a"], ["--dry-run", "{spec}", "createPet", "name=a"]]
)
def test_options_stand_anywhere(spec: str, capsys: Captured, order: list[str]) -> None:
    """Before the document, between it and the operation, and behind."""
    assert main([word.format(spec=spec) for word in order]) == 0
    assert capsys.readouterr().out.startswith("POST http://127.0.0.1:9/pets\n")
