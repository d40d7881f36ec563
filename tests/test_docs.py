"""The README and the pages of the documentation: they are short, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dynclient
from dynclient.calls.options import CLIENT_OPTIONS
from dynclient.cli.commands import cli
from tests.places import ROOT

README = (ROOT / "README.rst").read_text()
PAGES = sorted((ROOT / "docs").rglob("*.rst"))


def test_the_readme_is_read_in_a_minute() -> None:
    """Everything else is on the site."""
    assert len(README.splitlines()) <= 200


def test_links_of_the_readme() -> None:
    """Each leads to a file of this checkout."""
    targets = re.findall(r"<((?!https?:)[^<>\s]+)>`__", README)

    assert len(targets) > 10
    assert [target for target in targets if not (ROOT / target).is_file()] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT / "docs").as_posix())
def test_a_page_is_reached(path: Path) -> None:
    """Each page stands in the contents, and has more than a title."""
    name = path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    text = path.read_text()

    assert name == "index" or f"   {name}\n" in (ROOT / "docs" / "index.rst").read_text()
    assert name == "changelog" or len(text.splitlines()) > 5


def test_pages_name_options_that_exist() -> None:
    """In examples of `with_options` and of clients."""
    text = "\n".join(path.read_text() for path in PAGES)
    named = set(re.findall(r"with_options\((\w+)=", text)) | set(re.findall(r"Client\([^()]*?, (\w+)=", text))

    assert len(named) > 10
    assert named - set(CLIENT_OPTIONS) - {"masked"} == set()


def test_every_error_is_in_the_reference() -> None:
    """Those that users can catch."""
    page = (ROOT / "docs" / "reference" / "errors.rst").read_text()
    public = [getattr(dynclient, name) for name in dynclient.__all__]
    errors = {each.__name__ for each in public if isinstance(each, type) and issubclass(each, dynclient.DynclientError)}

    assert len(errors) > 20
    assert errors - set(re.findall(r"\w+", page)) == set()


def test_every_command_is_on_its_page() -> None:
    """With an example."""
    page = (ROOT / "docs" / "howto" / "command-line.rst").read_text()

    assert [name for name in cli.commands if name != "call" and f"dynclient {name}" not in page] == []


def test_the_two_commands() -> None:
    """Each stands on one line, as CI runs it."""
    commands = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)

    assert [command.rpartition("&& ")[2] for command in commands] == [
        ".venv/bin/dynclient demo",
        ".venv/bin/python -m pytest -q",
    ]
