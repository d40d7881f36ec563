"""What IPython and Jupyter complete: names, arguments, values and keys."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import dynclient
from dynclient.ipython import completions
from dynclient.mock import MockApp
from dynclient.support.open_calls import open_call


def _shell(folder: Path) -> InteractiveShell:
    make: Callable[..., InteractiveShell] = InteractiveShell  # which has no types
    return make(ipython_dir=str(folder), config=Config({"HistoryManager": {"enabled": False}}))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A shell with the extension, a client, and what else a user may have."""
    shell = _shell(tmp_path_factory.mktemp("ipython"))
    client = dynclient.Client("openai", app=MockApp("openai"), auth={"ApiKeyAuth": "sk-demo"})
    shell.user_ns |= {
        "dynclient": dynclient,
        "client": client,
        "clients": {"a": [client]},
        "call": client.listRuns,
        "ops": client.operations,
        "run": client.createThread(),
        "listed": client.listRuns(thread_id="thread_a"),
        "waiting": dynclient.AsyncClient("openai"),
        "odd": dynclient.Client(ODD),
    }
    shell.run_line_magic("load_ext", "dynclient")
    yield shell
    shell.run_line_magic("unload_ext", "dynclient")


@pytest.fixture(params=[True, False], ids=["jedi", "without jedi"])
def completed(request: pytest.FixtureRequest, shell: InteractiveShell) -> Any:
    """What a cell may become, as IPython and the kernel of Jupyter ask for it."""
    shell.Completer.use_jedi = request.param

    def complete(cell: str, after: str = "") -> list[str]:
        with provisionalcompleter():
            found = list(shell.Completer.completions(cell + after, len(cell)))
        return [cell[: each.start] + each.text + cell[each.end :] for each in found]

    return complete


def parameter(name: str, schema: Any, location: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": schema, **more}


HOSTILE = ["a\x1b[31m", 'q"', "b\\", "line\nbreak", "l" * 300, "\u202eabc", "plain"]
ODD = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/a": {
            "get": {
                "operationId": "get-a",
                "parameters": [
                    parameter("hostile", {"enum": HOSTILE}),
                    parameter("many", {"enum": [f"v{number}" for number in range(10_000)]}),
                    parameter("level", {"enum": [1, 2.5, None, True, 10**5000]}),
                    parameter("open", {"anyOf": [{"type": "string"}, {"enum": ["known"]}]}),
                    parameter("$$", {"enum": ["x"]}),
                ],
            }
        },
        "/b": {"get": {"operationId": "close", "parameters": [parameter("x", {"enum": ["y"]})]}},
        "/c": {"get": {"operationId": "getC", "parameters": [{"$ref": "nowhere.json#/x"}]}},
    },
}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('client["createR', ['client["createRun']),
        ('client["POST /threads/r', ['client["POST /threads/runs']),
        ('ops["createR', ['ops["createRun']),
        ('client.operations["createR', ['client.operations["createRun']),
        ('client.tags["Run', ['client.tags["Runs', 'client.tags["Run steps']),
        ('run["cre', ['run["created_at']),
        ('listed["', [f'listed["{key}' for key in ("data", "first_id", "has_more", "last_id", "object")]),
        ("client.createRun(th", ["client.createRun(thread_id="]),
        ("x = await waiting.createRun(th", ["x = await waiting.createRun(thread_id="]),
        ("client.create_run(th", ["client.create_run(thread_id="]),
        ("client['createRun'](th", ["client['createRun'](thread_id="]),
        ('clients["a"][0].createRun(th', ['clients["a"][0].createRun(thread_id=']),
        ("call(th", ["call(thread_id="]),
        ("client.listRuns.items(o", ["client.listRuns.items(order=", "client.listRuns.items(open_ai_beta="]),
        ("print(client.createRun(\n    th", ["print(client.createRun(\n    thread_id="]),
        ('client.createRun(thread_id="t", th', []),
        ('client.listRuns(order="', ['client.listRuns(order="asc', 'client.listRuns(order="desc']),
        ("client.listRuns(order='d", ["client.listRuns(order='desc"]),
        ("client.listRuns(order=", ['client.listRuns(order="asc"', 'client.listRuns(order="desc"']),
        ('call(thread_id="t", order = "d', ['call(thread_id="t", order = "desc']),
        ("client.createRun(stream=", ["client.createRun(stream=True", "client.createRun(stream=False"]),
        ("client.createRun(stream=T", ["client.createRun(stream=True"]),
        ('client.createRun(body={"assi', ['client.createRun(body={"assistant_id']),
        ('client.createRun(body={"model": "x", "stream": F', ['client.createRun(body={"model": "x", "stream": False']),
        (
            'client.createRun(additional_messages=[{"content": "a"}, {"role": "a',
            ['client.createRun(additional_messages=[{"content": "a"}, {"role": "assistant'],
        ),
        ("odd['get-a'](level=", [f"odd['get-a'](level={value}" for value in ("1", "2.5", "None", "True")]),
        ("odd['get-a'](open='k", ["odd['get-a'](open='known"]),
        ("odd['close'](x='", ["odd['close'](x='y"]),
    ],
)
def test_completions(completed: Any, cell: str, expected: list[str]) -> None:
    """The same with jedi and without."""
    assert completed(cell) == expected


@pytest.mark.parametrize("after", ['")', '", limit=5)', ")"])
def test_inside_of_a_line(completed: Any, after: str) -> None:
    """What is behind the cursor stays: Jupyter closes quotation marks and brackets at once."""
    assert completed('client.listRuns(order="d', after) == ['client.listRuns(order="desc']


def test_attributes(completed: Any) -> None:
    """Operations behind the dot."""
    assert {"client.createRun", "client.createThread", "client.create_run"} <= set(completed("client.create"))


def test_required_arguments_come_first(completed: Any) -> None:
    """In the order of the signature; `body` is one of them."""
    found = [each.removeprefix("client.createRun(") for each in completed("client.createRun(")]

    assert found[:2] == ["thread_id=", "assistant_id="]
    assert {"body=", "temperature="} < set(found)


@pytest.mark.parametrize(
    "cell",
    [
        'client.listRuns(order="asc" if x else "',
        "client.listRuns(order=f'",
        "client.listRuns(order=d",
        'client.listRuns(thread_id="',
        "client.listRuns(limit=",
        'client.listRuns(nothing="',
        'client.listRuns(order="x")["',
        'client.listRuns(# order="',
        "'client.listRuns(order=\"",
        'client.close(order="',
        'client.with_options(timeout=1).listRuns(order="',
        'f().client.listRuns(order="',
        'client.nothing(order="',
        'client["nothing"](order="',
        'client["listRuns"].nothing(order="',
        'nobody.listRuns(order="',
        'odd.close(x="',
        'odd.getC(x="',
        'client.createRun(body={"metadata": {1: "',
        'client.createRun(body=[("',
        'client.listRuns(order=["x", {"y": "',
    ],
)
def test_nothing_to_offer(shell: InteractiveShell, cell: str) -> None:
    """Then IPython's own completions stand."""
    call = open_call(cell)

    assert call is None or list(completions(call, shell.user_ns)) == []


def test_hostile_values(completed: Any) -> None:
    """Those that would need an escape, or control the terminal, are left out. IPython shows 500 at most."""
    assert completed("odd['get-a'](hostile=\"") == ["odd['get-a'](hostile=\"plain"]
    assert completed("odd['get-a'](hostile='") == [f"odd['get-a'](hostile='{text}" for text in ('q"', "plain")]
    assert len(completed("odd['get-a'](many='")) == 500
    assert completed("odd['get-a'](many='v999") == [f"odd['get-a'](many='v999{end}" for end in ("", *range(10))]
    assert "odd['get-a']($$=" not in completed("odd['get-a'](")


class Trap:
    """Says what was done with it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        self.done.append("class")
        return dynclient.Client

    def __getattr__(self, name: str) -> Any:
        self.done.append(name)
        return self

    def __getitem__(self, key: object) -> Any:
        self.done.append(f"[{key}]")
        return self

    def __call__(self, *args: object, **kwargs: object) -> Any:
        self.done.append("()")
        return self


class Own(dynclient.Client):
    """A client whose user has added to it."""

    @property
    def shortcut(self) -> Any:
        raise AssertionError("was run")


@pytest.mark.parametrize(
    "chain",
    [
        "trap",
        "trap.a",
        "trap['a']",
        "trap().a",
        "own.shortcut",
        "own.shortcut.a",
        "own[trap.a]",
        "lists[trap()].a",
        "own[(trap.a)]",
    ],
)
def test_nothing_of_the_user_is_run(shell: InteractiveShell, chain: str) -> None:
    """Neither attributes, subscripts and calls of other objects, nor what a subclass adds."""
    trap = Trap()
    variables = {**shell.user_ns, "trap": trap, "own": Own("openai"), "lists": [1]}
    trap.done.clear()

    for end in ("(", '(order="', '["'):
        call = open_call(chain + end)
        assert call is None or list(completions(call, variables)) == []
    assert trap.done == []


def test_loading_and_unloading(tmp_path: Path) -> None:
    """Twice is once, and nothing is left behind."""
    shell = _shell(tmp_path)
    before = list(shell.Completer.custom_matchers)

    dynclient.load_ipython_extension(shell)
    dynclient.load_ipython_extension(shell)
    assert len(shell.Completer.custom_matchers) == len(before) + 1
    dynclient.unload_ipython_extension(shell)
    assert shell.Completer.custom_matchers == before


def test_the_signature_in_a_prompt(shell: InteractiveShell) -> None:
    """`client.listRuns?` and Shift-Tab in Jupyter show it, with the text of help()."""
    inspected: Callable[[str], dict[str, str]] = shell.object_inspect
    shown = inspected("client.listRuns")

    assert "order: Literal['asc', 'desc'] = 'desc'" in shown["definition"]
    assert shown["docstring"].startswith("List the runs of a thread\n")


@pytest.mark.parametrize(
    "cell",
    [
        "(" * 30_000,
        '"' * 30_001,
        "'\n" * 15_000,
        '"""' + "a" * 30_000,
        "a." * 30_000 + "b(",
        'x["' + "a" * 30_000,
        "[" * 29_999 + "'",
        "a" * 30_000 + "(" + "b=1," * 15_000,
    ],
    ids=range(8),
)
def test_time(cell: str) -> None:
    """It grows with the length of the cell, not faster."""
    begun = time.perf_counter()
    open_call(cell)
    assert time.perf_counter() - begun < 2


@settings(max_examples=300)
@given(st.text(alphabet="client.listRuns(order=\"'[]{}:,# \\\n1", max_size=60))
def test_any_cell(cell: str) -> None:
    """Half a line is read without an error."""
    call = open_call(f"client.listRuns({cell}")
    if call is not None:
        list(completions(call, {"client": CLIENT}))


CLIENT = dynclient.Client("openai")


def test_ipython_is_not_imported() -> None:
    """It is the one that imports dynclient."""
    code = "import sys, dynclient; dynclient.Client('openai').createRun.__doc__; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
