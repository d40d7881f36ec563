"""
What published documents cost to load and how much of each can be used, one process for each document.

    python tests/benchmarks/documents.py FOLDER [--verbose]

Prints for each document: its operations; how many are reached by two doors, and of how many a call can be built from
the published example or a minimal instance and passes our own check; the milliseconds of a load without a cache, of
the parser alone (JSON's, or libyaml's), of a load with a cache, of `json.loads` of the same data, and of the first call
after a load with a cache; the peak of memory above that of a process which has imported the same; and the problems by
rule. With --verbose also why calls could not be built. A document of several
files is named by its root (FOLDER/digitalocean/specification/DigitalOcean-public.v2.yaml).
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from measuring import child, peak

import dynclient
from dynclient import examples, media
from dynclient.lowering import Lowering
from dynclient.model import Operation
from dynclient.types import JSON, UNSET, Unset

ROOTS = ("digitalocean/specification/DigitalOcean-public.v2.yaml",)
COLUMNS = ("document", "ops", "doors", "built", "cold", "parser", "warm", "json", "call", "MB", "problems")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--verbose", action="store_true")
    arguments.add_argument("--measure", help=argparse.SUPPRESS)  # what the child does
    given = arguments.parse_args()
    if given.measure:
        print(json.dumps(globals()[given.measure](given.folder)))
        return
    totals: collections.Counter[str] = collections.Counter()
    print(_row(*COLUMNS))
    for path in _documents(given.folder):
        with tempfile.TemporaryDirectory() as cache:
            uncached = {**os.environ, "DYNCLIENT_NO_CACHE": "1"}
            cached = {**os.environ, "XDG_CACHE_HOME": cache}
            cold = _measured("load", path, uncached)
            if "error" in cold:
                print(_row(path.name, *["-"] * (len(COLUMNS) - 2), cold["error"]))
                totals["refused"] += 1
                continue
            _measured("load", path, cached)
            warm = _measured("load", path, cached)
            use = _measured("use", path, uncached)
            parser = _measured("parse", path, uncached)
        totals["documents"] += 1
        totals["operations"] += use["operations"]
        totals["doors"] += use["doors"]
        totals["built"] += use["built"]
        problems = ", ".join(f"{rule} {count}" for rule, count in use["problems"].items())
        print(
            _row(
                path.name,
                use["operations"],
                use["doors"],
                use["built"],
                f"{cold['load']:.0f}",
                f"{parser['load']:.0f}",
                f"{warm['load']:.0f}",
                f"{parser['json']:.0f}",
                f"{warm['call']:.0f}",
                f"{cold['memory']:.0f}",
                problems,
            )
        )
        if given.verbose:
            for name, reason in use["reasons"].items():
                print(f"    {name}: {reason}")
    print(json.dumps(totals))


def load(path: Path) -> dict[str, Any]:
    """The milliseconds of a load and of the first call's request after it, and the memory above the imports'."""
    dynclient.Client({"openapi": "3.1.0", "paths": {"/": {"get": {}}}}, base_url="http://x.test")["GET /"].prepare()
    before = peak()
    start = time.perf_counter()
    try:
        client = dynclient.Client(path, base_url="http://x.test")
    except dynclient.DocumentError as error:
        return {"error": str(error)[:150]}
    loaded = time.perf_counter()
    name = next(iter(client.operations), None)
    if name is not None:
        client[name].check()
    return {"load": (loaded - start) * 1e3, "call": (time.perf_counter() - loaded) * 1e3, "memory": peak() - before}


def parse(path: Path) -> dict[str, Any]:
    """The milliseconds that the parser alone takes, of JSON or libyaml's; and those of the same as JSON."""
    content = path.read_bytes()
    start = time.perf_counter()
    try:
        data = json.loads(content)
    except ValueError:
        start = time.perf_counter()
        data = yaml.load(content, yaml.CSafeLoader)
    parsed = time.perf_counter()
    text = json.dumps(data, default=str)
    written = time.perf_counter()
    json.loads(text)
    return {"load": (parsed - start) * 1e3, "json": (time.perf_counter() - written) * 1e3}


def use(path: Path) -> dict[str, Any]:
    """How much of the document can be used."""
    client = dynclient.Client(path, base_url="http://x.test")
    maker = _Maker(client)
    reasons: dict[str, str] = {}
    doors = built = 0
    for name in client.operations:
        try:
            operation = client.operations[name]
            doors += sum((name in client, f"{operation.method} {operation.path}" in client)) == 2
            maker.build(name)
            built += 1
        except dynclient.DynclientError as error:
            reasons[name] = str(error)[:300]
    rules = collections.Counter(problem.rule for problem in client.document.problems)
    return {
        "operations": len(client.operations),
        "doors": doors,
        "built": built,
        "problems": rules,
        "reasons": reasons,
    }


class _Maker:
    """Builds a call of every operation: from the published example, else from a minimal instance."""

    def __init__(self, client: dynclient.Client) -> None:
        self._client = client
        self._json = Lowering(client.document, "request")
        self._form = Lowering(client.document, "request", form=True)

    def build(self, name: str) -> None:
        operation = self._client.operations[name]
        refused: dynclient.CallError | None = None
        for body in self._bodies(operation):
            try:
                self._client[name].with_options(masked=True).prepare(body=body, **self._arguments(operation))
            except dynclient.CallError as error:
                refused = refused or error
            else:
                return
        if refused is not None:
            raise refused

    def _arguments(self, operation: Operation) -> dict[str, JSON]:
        names = collections.Counter(parameter.name for parameter in operation.parameters)
        return {
            p.name if names[p.name] == 1 and p.name != "body" else f"{p.location}_{p.spelling}": (
                examples.parameter_example(p, self._json)
            )
            for p in operation.parameters
            if p.required and (p.only_value is UNSET or p.location == "path")  # other parameters are filled in
        }

    def _bodies(self, operation: Operation) -> Iterator[JSON | Unset]:
        for media_type in operation.body.content if operation.body else ():
            is_form = media.is_form(media_type.name) or media.is_multipart(media_type.name)
            lowering = self._form if is_form else self._json
            yield examples.body_example(media_type, lowering)
            minimal = examples.minimal(lowering.schema(media_type.schema), lowering.components)
            yield examples.with_files(minimal, media_type)
        yield UNSET


def _documents(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    single = [p for p in folder.iterdir() if p.suffix in (".json", ".yaml", ".yml") and p.name != "index.json"]
    return [*sorted(single), *(folder / root for root in ROOTS if (folder / root).is_file())]


def _measured(what: str, path: Path, environment: dict[str, str]) -> dict[str, Any]:
    try:
        result: dict[str, Any] = child(__file__, str(path), "--measure", what, environment=environment)
    except RuntimeError as error:
        return {"error": str(error)}
    return result


def _row(*cells: object) -> str:
    widths = (42, 6, 6, 6, 6, 7, 6, 6, 6, 5, 0)
    return " ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


if __name__ == "__main__":
    main()
