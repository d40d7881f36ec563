"""
What published documents cost to load and how much of each can be used, one process for each document.

    python tests/benchmarks/documents.py FOLDER [--verbose]

Prints for each document: its operations; how many are reached by two doors; how many can be called with a minimal
instance for all that is required; how many of those with a published example can be called with the examples; the
milliseconds of the processor that a load takes without a cache, the parser alone (JSON's, or libyaml's), and their
ratio; those of a load with a cache, of `json.loads` of the same data, and of the first call after a load with a cache;
and the peak of memory above that of a process which has imported the same. The end has the totals: which documents are
refused, why operations and examples are (with --verbose each by its name), and what `dynclient check` finds, by rule.
A document of several files is named by its root (FOLDER/digitalocean/specification/DigitalOcean-public.v2.yaml).
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from measuring import child, peak

import dynclient
from dynclient.http import media_types
from dynclient.mock import examples
from dynclient.openapi.model import MediaType, Operation, Parameter
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON, UNSET, Unset
from dynclient.validation.documents import inspect_document

ROOTS = ("digitalocean/specification/DigitalOcean-public.v2.yaml",)
COLUMNS = ("document", "ops", "doors", "minimal", "example", "load", "parser", "ratio", "warm", "json", "call", "MB")
ROUNDS = 3


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--verbose", action="store_true")
    arguments.add_argument("--measure", help=argparse.SUPPRESS)  # what the child does
    given = arguments.parse_args()
    if given.measure:
        print(json.dumps(globals()[given.measure](given.folder)))
        return
    totals = _Totals(given.verbose)
    print(_row(*COLUMNS))
    for path in _documents(given.folder):
        print(_row(*totals.measured(path)))
    totals.report()


class _Totals:
    """What all documents come to."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._counts: collections.Counter[str] = collections.Counter()
        self._rules: collections.Counter[str] = collections.Counter()
        self._refused: list[str] = []
        self._ratios: list[float] = []

    def measured(self, path: Path) -> list[object]:
        """The cells of a document's row."""
        with tempfile.TemporaryDirectory() as cache:
            uncached = {**os.environ, "DYNCLIENT_NO_CACHE": "1"}
            cached = {**os.environ, "XDG_CACHE_HOME": cache}
            load = _measured("load", path, uncached)
            if "error" in load:
                self._refused.append(f"{path.name}: {load['error']}")
                return [path.name, *["-"] * (len(COLUMNS) - 1)]
            _measured("load", path, cached)
            warm = _measured("load", path, cached)
            use = _measured("use", path, uncached)
            parser = _measured("parse", path, uncached)
        ratio = load["load"] / parser["load"]
        self._ratios.append(ratio)
        self._rules.update(use["rules"])
        self._refused += [f"{path.name} {name}: {reason}" for name, reason in use["reasons"].items()]
        for key in ("operations", "doors", "minimal", "examples", "fitting"):
            self._counts[key] += use[key]
        return [
            path.name,
            use["operations"],
            use["doors"],
            use["minimal"],
            f"{use['fitting']}/{use['examples']}",
            *(f"{each:.0f}" for each in (load["load"], parser["load"])),
            f"{ratio:.1f}",
            *(f"{each:.0f}" for each in (warm["load"], parser["json"], warm["call"], load["memory"])),
        ]

    def report(self) -> None:
        counts = self._counts
        print(f"\n{len(self._ratios)} documents with {counts['operations']} operations, {counts['doors']} by two doors")
        print(f"callable by a minimal instance: {counts['minimal']} of {counts['operations']}")
        print(f"callable by the published examples: {counts['fitting']} of {counts['examples']} that have some")
        median, worst = statistics.median(self._ratios), max(self._ratios)
        print(f"a load against the plain parse: {median:.1f} times at the median, {worst:.1f} at worst")
        print(f"refused: {len(self._refused)}")
        for line in self._refused if self._verbose else ():
            print(f"    {line}")
        print("found by rule:")
        for rule, count in sorted(self._rules.items()):
            print(f"    {rule:32}{count:7}")


def load(path: Path) -> dict[str, Any]:
    """The milliseconds of a load and of the first call's request after it, and the memory above the imports'."""
    dynclient.Client({"openapi": "3.1.0", "paths": {"/": {"get": {}}}}, base_url="http://x.test")["GET /"].prepare()
    before = peak()
    loads = []
    memory = 0.0
    for _ in range(ROUNDS):
        start = time.process_time()
        try:
            client = dynclient.Client(path, base_url="http://x.test")
        except dynclient.DocumentError as error:
            return {"error": str(error)[:150]}
        loads.append(time.process_time() - start)
        memory = memory or peak() - before
    name = next(iter(client.operations), None)
    start = time.process_time()
    if name is not None:
        client[name].check()
    return {"load": min(loads) * 1e3, "call": (time.process_time() - start) * 1e3, "memory": memory}


def parse(path: Path) -> dict[str, Any]:
    """The milliseconds that the parser alone takes, of JSON or libyaml's; and those of the same as JSON."""
    content = path.read_bytes()
    loads = []
    for _ in range(ROUNDS):
        start = time.process_time()
        try:
            data = json.loads(content)
        except ValueError:
            start = time.process_time()
            data = yaml.load(content, yaml.CSafeLoader)
        loads.append(time.process_time() - start)
    text = json.dumps(data, default=str)
    start = time.process_time()
    json.loads(text)
    return {"load": min(loads) * 1e3, "json": (time.process_time() - start) * 1e3}


def use(path: Path) -> dict[str, Any]:
    """How much of the document can be used, and what is wrong with it."""
    client = dynclient.Client(path, base_url="http://x.test")
    maker = _Maker(client)
    reasons: dict[str, str] = {}
    counts: collections.Counter[str] = collections.Counter()
    for name in client.operations:
        counts["operations"] += 1
        try:
            operation = client.operations[name]
            counts["doors"] += sum((name in client, f"{operation.method} {operation.path}" in client)) == 2
            maker.call_minimally(name, operation)
            counts["minimal"] += 1
        except dynclient.DynclientError as error:
            reasons[name] = str(error)[:300]
            continue
        if not has_example(operation):
            continue
        counts["examples"] += 1
        try:
            maker.call_by_example(name, operation)
            counts["fitting"] += 1
        except dynclient.DynclientError as error:
            reasons[f"{name} (example)"] = str(error)[:300]
    rules = collections.Counter(problem.rule for problem in inspect_document(client.document))
    return {"rules": rules, "reasons": reasons, **{key: counts[key] for key in _COUNTS}}


_COUNTS = ("operations", "doors", "minimal", "examples", "fitting")


def has_example(operation: Operation) -> bool:
    """Whether the document has an example of a parameter or of the body."""
    content = operation.body.content if operation.body else ()
    given = [*(each.example for each in operation.parameters), *(each.example for each in content)]
    return any(example is not UNSET for example in given)


class _Maker:
    """Prepares calls of every operation; which media type of a body is the right one is tried."""

    def __init__(self, client: dynclient.Client) -> None:
        self._client = client
        self._json = Lowering(client.document, "request")
        self._form = Lowering(client.document, "request", form=True)

    def call_minimally(self, name: str, operation: Operation) -> None:
        """With the smallest instance of each parameter and body that is required."""
        required = [p for p in operation.parameters if p.required and (p.only_value is UNSET or p.location == "path")]
        bodies = [
            examples.with_files(examples.minimal(lowering.schema(each.schema), lowering.components), each)
            for each, lowering in self._content(operation)
        ]
        is_needed = operation.body is not None and operation.body.required
        arguments = {_keyword(operation, p): self._minimal(p) for p in required}
        self._call(name, arguments, bodies if is_needed else [UNSET, *bodies])

    def call_by_example(self, name: str, operation: Operation) -> None:
        """With the example of each parameter and of the body that has one; the smallest of what else is required."""
        arguments = {
            _keyword(operation, p): self._minimal(p) if p.example is UNSET else p.example
            for p in operation.parameters
            if p.example is not UNSET or (p.required and (p.only_value is UNSET or p.location == "path"))
        }
        content = list(self._content(operation))
        published = [each for each in content if each[0].example is not UNSET]
        bodies = [examples.body_example(each, lowering) for each, lowering in published or content]
        self._call(name, arguments, bodies or [UNSET])

    def _minimal(self, parameter: Parameter) -> JSON:
        return examples.parameter_example(replace(parameter, example=UNSET), self._json)

    def _content(self, operation: Operation) -> Iterator[tuple[MediaType, Lowering]]:
        for media_type in operation.body.content if operation.body else ():
            is_form = media_types.is_form(media_type.name) or media_types.is_multipart(media_type.name)
            yield media_type, self._form if is_form else self._json

    def _call(self, name: str, arguments: dict[str, JSON], bodies: list[JSON | Unset]) -> None:
        refused: dynclient.CallError | None = None
        for body in bodies or [UNSET]:
            try:
                self._client[name].with_options(masked=True).prepare(body=body, **arguments)
            except dynclient.CallError as error:
                refused = refused or error
            else:
                return
        if refused is not None:
            raise refused


def _keyword(operation: Operation, parameter: Parameter) -> str:
    is_alone = [each.name for each in operation.parameters].count(parameter.name) == 1
    return parameter.name if is_alone and parameter.name != "body" else f"{parameter.location}_{parameter.spelling}"


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
    widths = (42, 6, 6, 8, 8, 6, 7, 6, 6, 6, 6, 0)
    return " ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


if __name__ == "__main__":
    main()
