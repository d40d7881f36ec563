"""What users see of an error in a script and in IPython, run as they are by users."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

PARTS = """
import socket
import dynclient
from dynclient.mock import MockApp

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getThing",
                "responses": {"200": {"description": ""}, "404": {"description": ""}},
            },
        },
    },
}
with socket.socket() as reserved:
    reserved.bind(("127.0.0.1", 0))
    CLOSED = f"http://127.0.0.1:{reserved.getsockname()[1]}"


def hook(*_):
    raise ValueError("of the hook")


def made(kind, **options):
    return getattr(dynclient, kind)(DOCUMENT, retries=0, **options)
"""
ANSWERED = "app=MockApp(DOCUMENT)"


@dataclasses.dataclass(frozen=True)
class Case:
    """How a call is made, the last line of the traceback, and how many lines there are at most."""

    options: str
    call: str
    last: str
    most: int = 15
    is_awaited: bool = True
    lines: int = 1
    """Lines of the message."""

    def code(self, kind: str) -> str:
        waits = "await " if kind == "AsyncClient" and self.is_awaited else ""
        return f"{waits}made({kind!r}, {self.options}).{self.call}"


REFUSED = r"UnknownArgument: getThing: argument bogus: there is no such .+ It takes id\. Nothing was sent\."
CASES = {
    "refused": Case("", "getThing(id=1, bogus=1)", REFUSED),
    "two problems": Case("", "getThing(id='x', bogus=1)", r"  - path id: 'x' is not an integer", lines=3),
    "unknown operation": Case("", "getThng", r"UnknownOperation: .+ Did you mean 'getThing'\?", is_awaited=False),
    "unknown option": Case("", "with_options(bogus=1)", r"TypeError: no option bogus; .+", is_awaited=False),
    "404": Case(
        f"headers={{'Prefer': 'code=404'}}, {ANSWERED}",
        "getThing(id=1)",
        r"NotFound: getThing: the server answered 404 .+",
    ),
    "closed port": Case("base_url=CLOSED", "getThing(id=1)", r"NoConnection: getThing: .+ Nothing was sent\.", 20),
    "no such host": Case(
        "base_url='http://nowhere.invalid'", "getThing(id=1)", r"NoConnection: getThing: .+ Nothing was sent\.", 20
    ),
    "hook": Case(
        f"hooks=dynclient.Hooks(before_send=hook), {ANSWERED}", "getThing(id=1)", "ValueError: of the hook", 20
    ),
}
EVERY = [(name, kind) for name in CASES for kind in ("Client", "AsyncClient")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user")
    (folder / "parts.py").write_text(PARTS)
    return folder


def _environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("DYNCLIENT_")}
    own = {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython"), "DYNCLIENT_NO_CACHE": "1"}
    return {**kept, **own, "PYTHONWARNINGS": "ignore", "COLUMNS": "80", **more}


def python(folder: Path, code: str, **more: str) -> list[str]:
    """The lines that Python writes when a script fails."""
    (folder / "script.py").write_text(f"from parts import *\n{code}\n")
    environment = _environment(folder, **more)
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    return done.stderr.splitlines()


def ipython(folder: Path, cells: list[str], **more: str) -> list[list[str]]:
    """The lines that IPython shows for each cell."""
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"]
    typed = "".join(f"{cell}\n" for cell in ("from parts import *", *cells))
    environment = _environment(folder, **more)
    done = subprocess.run(
        command, cwd=folder, env=environment, input=typed, capture_output=True, text=True, timeout=120
    )
    shown = re.split(r"^In \[\d+\]: ", done.stdout, flags=re.MULTILINE)
    return [text.rstrip("\n").splitlines() for text in shown[2 : 2 + len(cells)]]


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[tuple[str, str], list[str]]:
    """What IPython shows, by case and kind of client."""
    cells = ipython(folder, [CASES[name].code(kind) for name, kind in EVERY])
    return dict(zip(EVERY, cells, strict=True))


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_in_ipython(shown: dict[tuple[str, str], list[str]], name: str, kind: str) -> None:
    """The caller's line, and then the message to its end; nothing of ours, and nothing that was emptied."""
    case, lines = CASES[name], shown[name, kind]
    text = "\n".join(lines)

    assert re.fullmatch(case.last, lines[-1])
    assert len(lines) <= case.most + case.lines - 1
    assert case.code(kind) in text
    assert str(ROOT) not in text
    assert "failed resolving" not in text


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_in_python(folder: Path, name: str, kind: str) -> None:
    """As in IPython; a task adds the lines of asyncio."""
    case = CASES[name]
    code = case.code(kind)
    if kind == "AsyncClient":
        code = f"import asyncio\nasync def main():\n    {code}\nasyncio.run(main())"
    lines = python(folder, code)
    text = "\n".join(lines)

    assert re.fullmatch(rf"(dynclient\.[\w.]+\.)?{case.last}", lines[-1])
    assert len(lines) <= (10 if kind == "Client" else 20) + case.lines - 1
    assert case.code(kind) in text
    assert str(ROOT) not in text
    assert "During handling" not in text


def test_the_line_of_a_hook_is_shown(folder: Path, shown: dict[tuple[str, str], list[str]]) -> None:
    lines = python(folder, CASES["hook"].code("Client"))

    assert '    raise ValueError("of the hook")' in lines
    assert any(re.fullmatch(r'-+> \d+ +raise ValueError\("of the hook"\)', line) for line in shown["hook", "Client"])


DEEP = """
def outer(client):
    inner(client)


def inner(client):
    client.getThing()
"""


def test_the_functions_of_a_script_are_shown(folder: Path) -> None:
    """Each frame of the caller has its line, in the order of the calls."""
    (folder / "deep.py").write_text(DEEP)
    code = "import deep; deep.outer(made('Client'))"
    (lines,) = ipython(folder, [code])

    assert re.findall(r"-+> \d+ +(.+)", "\n".join(lines)) == [code, "inner(client)", "client.getThing()"]
    assert len(lines) <= 15


ON_TOP = "try: {}['mine']\nexcept KeyError: made('Client', base_url=CLOSED).getThing(id=1)"


def test_the_callers_error_is_shown_too(folder: Path) -> None:
    """The one whose `except` block made our call."""
    lines = python(folder, ON_TOP)

    assert "KeyError: 'mine'" in lines
    assert lines[-1].startswith("dynclient.errors.NoConnection: getThing: no connection")
    assert len(lines) <= 20


@pytest.mark.parametrize(("name", "least"), [("refused", 20), ("closed port", 100)])
def test_the_switch_shows_all_in_ipython(folder: Path, name: str, least: int) -> None:
    """It can be set and unset as a notebook runs."""
    code = CASES[name].code("Client")
    switch = "import os; os.environ['DYNCLIENT_FULL_TRACEBACKS'] = '1'"
    _, full, _, short = ipython(folder, [switch, code, "del os.environ['DYNCLIENT_FULL_TRACEBACKS']", code])

    assert len(full) > least
    assert str(ROOT / "dynclient" / "calls") in re.sub("~", str(Path.home()), "\n".join(full))
    assert re.fullmatch(CASES[name].last, full[-1])
    assert len(short) <= CASES[name].most


def test_the_switch_shows_all_in_python(folder: Path) -> None:
    lines = python(folder, CASES["closed port"].code("Client"), DYNCLIENT_FULL_TRACEBACKS="1")
    text = "\n".join(lines)

    assert len(lines) > 60
    assert "During handling of the above exception, another exception occurred:" in text
    assert str(ROOT / "dynclient" / "network" / "transport.py") in text
