"""
What dynclient costs, measured against its budgets, and its peers on the same calls.

    python tests/benchmarks/budgets.py [--quick] [--published FILE]

The first table has what is measured, the budget, the ratio measured in this run, and whether it is met. Two things that
are compared take turns in one process; where a process of its own is measured, the processes do. The second table is
that of calls.py. --published is OpenAI's own document, of 3 MB: where it is not there, the bundled one stands in for
it, and the row says so. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import calls
import growth
import requests
import tasks
from calls import BY_HAND, DYNCLIENT, KEY, TITLES, WORKS, Canned, Site, compared_apart
from measuring import children_time, finished, measure, told_load

import dynclient
from dynclient.calls.options import Options

PUBLISHED = Path(__file__).parents[3] / "shared" / "specs" / "openai.yaml"
RUNS = 1340  # about 1 MB
TEN: dict[str, dict[str, Any]] = {
    "listAssistants": {"limit": 20},
    "createThread": {"body": {"metadata": {"topic": "bench"}}},
    "createMessage": {**WORKS["createRun"].path, "body": {"role": "user", "content": "Hello"}},
    "listMessages": {**WORKS["createRun"].path, "limit": 20},
    "createRun": {**WORKS["createRun"].path, "body": WORKS["createRun"].body},
    "listRuns": {**WORKS["listRuns"].path, **WORKS["listRuns"].query},
    "getRun": {**WORKS["listRuns"].path, "run_id": "run_abc123"},
    "createChatCompletion": {"body": WORKS["createChatCompletion"].body},
    "createEmbedding": {"body": {"model": "text-embedding-3-small", "input": "Hello"}},
    "listModels": {},
}
# What peers bring and we do not require (jsonschema's extra `format`): jsonschema imports what of it is there, of which
# rfc3987_syntax alone takes a second and more.
_OF_PEERS = (
    "fqdn",
    "isoduration",
    "jsonpointer",
    "rfc3986_validator",
    "rfc3987",
    "rfc3987_syntax",
    "uri_template",
    "webcolors",
)
# Each is a process of its own, with the document and the base URL as arguments.
_CLIENT = f"""
import sys
sys.modules.update(dict.fromkeys({_OF_PEERS}))
import dynclient
client = dynclient.Client(sys.argv[1], base_url=sys.argv[2], auth={{"ApiKeyAuth": {KEY!r}}})
"""
_SESSION = """
import sys
import requests
session = requests.Session()
"""
_PAGES = """
print(open("/proc/self/statm").read().split()[1])
"""
FIRST_CALL = _CLIENT + f"client['createRun'](**{TEN['createRun']!r})"
IMPORT = "import requests"
LIBRARIES = "import openapi_core, requests"
_SHELL = f"""
import runpy
import sys
sys.modules.update(dict.fromkeys({_OF_PEERS}))
sys.argv = ["dynclient", sys.argv[1], *%r]
runpy.run_module("dynclient", run_name="__main__")
"""
# What is started, the budget, the code, and that of which its time is a multiple.
STARTS: dict[str, tuple[float, str, str]] = {
    "from nothing to the first validated call / the libraries' import": (1.15, FIRST_CALL, LIBRARIES),
    "import dynclient / import requests": (0.6, "import dynclient", IMPORT),
    "a shell call with --dry-run / import openapi_core, requests, click": (
        1.2,
        _SHELL % ["createRun", "thread_id=thread_abc", "assistant_id=asst_abc", "--dry-run"],
        f"{LIBRARIES}, click",
    ),
    "a listing in the shell / import requests": (1.2, _SHELL % [], IMPORT),
}
TEN_CALLS = _CLIENT + f"for name, arguments in {TEN!r}.items(): client[name](**arguments)" + _PAGES
TEN_BY_HAND = _SESSION + f"for name in {list(TEN)!r}: session.get(sys.argv[2] + '/' + name).json()" + _PAGES


@dataclass(frozen=True)
class Row:
    """One line of the table; `measured` is None where `note` says why there is nothing."""

    what: str
    budget: float
    measured: float | None
    unit: str = ""
    note: str = ""

    def __str__(self) -> str:
        measured, verdict = "-", "not measured"
        if self.measured is not None:
            measured = f"{self.measured:.2f}" if not self.unit else f"{self.measured:.1f}"
            verdict = "met" if self.measured <= self.budget else "missed"
        note = f"; {self.note}" if self.note else ""
        return f"{self.what:74}{self.budget:>7g}{self.unit:3}{measured:>9}{self.unit:3}  {verdict}{note}"


def of_calls(compared: dict[str, Any], what: str, budget: float) -> Iterator[Row]:
    """The calls of calls.py to a server."""
    for name in WORKS:
        cell = compared[name]["loopback"]
        ratio, note = (None, cell) if isinstance(cell, str) else (cell[1] / cell[0], "")
        yield Row(f"{what} / by hand: {TITLES[name]}", budget, ratio, note=note)


def of_tasks(base_url: str, rounds: int) -> Iterator[Row]:
    """The calls of tasks.py, many at a time."""
    what = "AsyncClient, 64 calls at a time / aiohttp by hand"
    try:
        ratios = tasks.ratios(base_url, 64, rounds)
    except ModuleNotFoundError as error:
        yield Row(what, 3.5, None, note=f"{error.name} is not installed")
        return
    for name, ratio in ratios.items():
        yield Row(f"{what}: {TITLES[name]}", 3.5, ratio)


def of_validation(document: str, title: str, rounds: int) -> Iterator[Row]:
    """`check` of an operation binds, builds and validates, and prepares nothing."""
    base_url = "http://127.0.0.1:9/v1"
    client = dynclient.Client(document, base_url=base_url, auth={"ApiKeyAuth": KEY})
    session = Site(base_url).session()
    for name, work in WORKS.items():
        request = requests.Request(work.method, base_url + work.target, params=work.query, json=work.body)
        check = functools.partial(client[name].check, **TEN[name])
        what = f"bind + build + check / prepare_request: {TITLES[name]}, {title}"
        if problems := check():
            yield Row(what, 0.4, None, note=f"refused: {problems[0].message}")
            continue
        medians = measure({BY_HAND: functools.partial(session.prepare_request, request), DYNCLIENT: check}, rounds)
        yield Row(what, 0.4, medians[DYNCLIENT] / medians[BY_HAND])


def of_reading(rounds: int) -> Row:
    """`Client.send` with a transport that has the answer: what requests does around it is counted, some 0.1 ms."""
    (key, example), *_ = calls.examples().items()
    page = json.loads(example)
    answer = json.dumps({**page, "data": [page["data"][0]] * RUNS}).encode()
    session = requests.Session()
    session.mount("http://", Canned({key: answer}))
    client = dynclient.Client("openai", base_url="http://127.0.0.1:9/v1", session=session, auth={"ApiKeyAuth": KEY})
    prepared = client["listRuns"].prepare(**TEN["listRuns"])

    def read() -> object:
        response = client.send(prepared)
        return response.data, getattr(response, "problems", ())

    medians = measure({"json.loads": functools.partial(json.loads, answer), "read": read}, rounds)
    validates = "validate_response" in {field.name for field in dataclasses.fields(Options)}
    what = f"reading and checking an answer of {len(answer) / 1e6:.1f} MB / json.loads"
    note = "" if validates else "only read: answers are not checked"
    return Row(what, 1.8, medians["read"] / medians["json.loads"], note=note)


def of_start(document: str, title: str, base_url: str, rounds: int) -> Iterator[Row]:
    """Whole processes, the start of Python included, in time of the processor."""
    with _processes(document, base_url) as run:
        for what, (budget, code, base) in STARTS.items():
            try:
                contenders = {"base": functools.partial(run, base), "ours": functools.partial(run, code)}
                medians = measure(contenders, rounds, clock=children_time)
            except RuntimeError as error:
                yield Row(f"{what}: {title}", budget, None, note=str(error))
            else:
                note = f"{medians['ours'] * 1e3:.0f} and {medians['base'] * 1e3:.0f} ms"
                yield Row(f"{what}: {title}", budget, medians["ours"] / medians["base"], note=note)


def of_memory(document: str, title: str, base_url: str, rounds: int) -> Row:
    """What a process has at its end, after ten calls of each contender's kind."""
    what = f"memory above bare requests, ten operations used: {title}"
    if not Path("/proc/self/statm").exists():
        return Row(what, 30, None, " MB", note="only Linux tells it")
    with _processes(document, base_url) as run:
        try:
            run(TEN_CALLS)  # fills the cache
            bare, ours = (
                statistics.median(int(run(code)) for _ in range(rounds)) * resource.getpagesize() / 1e6
                for code in (TEN_BY_HAND, TEN_CALLS)
            )
        except RuntimeError as error:
            return Row(what, 30, None, " MB", note=str(error))
    return Row(what, 30, ours - bare, " MB", note=f"{ours:.0f} and {bare:.0f} MB")


def of_growth(sizes: tuple[int, int, int]) -> Iterator[Row]:
    """
    Flat is what does not grow by half, and linear a load that does not in multiples of `json.loads` of the same text.

    A byte costs more where more memory is in use, for `json.loads` as well. What a load of nothing costs would
    hide what grows, so that the smallest document is left out.
    """
    first, later = growth.attribute_growth(sizes[0], sizes[-1])
    ends = f"of {sizes[-1]} operations / of {sizes[0]}"
    yield Row(f"an attribute's first access, {ends}: flat", 1.5, first)
    yield Row(f"an attribute's later access, {ends}: flat", 1.5, later)
    middle, large = map(growth.operations, sizes[1:])
    linear = (large.load / large.parse) / (middle.load / middle.parse)
    yield Row(f"a load in json.loads, of {sizes[-1]} operations / of {sizes[1]}: linear", 1.5, linear)


@contextlib.contextmanager
def _processes(document: str, base_url: str) -> Iterator[Callable[[str], str]]:
    """Runs code in a fresh process, with one cache for all of them, empty at first."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPYCACHEPREFIX": f"{cache}/compiled"}
        environment.pop("DYNCLIENT_NO_CACHE", None)
        # Of what is installed the modules are compiled: without this, dynclient's alone might be compiled in each run.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        # -P: as installed, whatever the current folder holds.
        yield lambda code: finished(["-P", "-c", code, document, base_url], environment)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds, small documents, no peers")
    parser.add_argument("--published", type=Path, default=PUBLISHED, metavar="FILE")
    given = parser.parse_args()
    rounds, starts = (3, 1) if given.quick else (60, 5)
    documents = {"bundled": "openai"}
    if given.published.is_file():
        documents[f"of {given.published.stat().st_size / 1e6:.0f} MB"] = str(given.published)
    else:
        print(f"{given.published} is not there: the bundled document stands in for it")
    title, document = list(documents.items())[-1]
    began = time.perf_counter()
    print(told_load())
    print(f"{'what':74}{'budget':>7}   {'measured':>9}")
    with calls.loopback() as base_url:
        compared = compared_apart(DYNCLIENT, base_url, rounds)
        _print(of_calls(compared, "a validated call to a loopback server", 0.85))
        with calls.loopback(calls.unfit()) as unfit_url:
            broken = compared_apart(DYNCLIENT, unfit_url, rounds)
            _print(of_calls(broken, "the same, each answer breaks the document", 1.1))
        _print(of_tasks(base_url, max(1, rounds // 6)))
        for name, source in documents.items():
            _print(of_validation(source, name, rounds))
        _print([of_reading(max(1, rounds // 6))])
        _print(of_start(document, title, base_url, starts))
        _print([of_memory(document, title, base_url, min(starts, 3))])
        _print(of_growth((10, 30, 100) if given.quick else (10, 1000, 10_000)))
        print()
        calls.report(base_url, rounds, [] if given.quick else list(calls.CONTENDERS)[1:], {DYNCLIENT: compared})
    print(f"\n{time.perf_counter() - began:.0f} seconds, {told_load()}")


def _print(rows: Iterable[Row]) -> None:
    for row in rows:
        print(row, flush=True)


if __name__ == "__main__":
    main()
