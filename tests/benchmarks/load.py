"""
What reading a document costs, from bytes to data with all checks, against the parsers below it.

    python tests/benchmarks/load.py [--rounds 5] [FILE ...]

Prints medians as ratios in one run: JSON to `json.loads`, YAML to `yaml.load` with PyYAML's C loader; what part of ours
has which share; and the memory that the data keeps. Without files it reads the bundled document, as YAML and as JSON.
The contenders take turns, so that what else the machine does hits all of them alike. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import gc
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from measuring import LOADER, measure

from dynclient.documents import parsing
from dynclient.documents.limits import LIMITS
from dynclient.documents.sources import bundled


def _without_collector(act: Callable[[], Any]) -> Callable[[], Any]:
    def paused() -> Any:
        gc.disable()
        try:
            return act()
        finally:
            gc.enable()

    return paused


def _contenders(content: bytes) -> dict[str, Callable[[], Any]]:
    """What is compared, the one that counts as 1 first."""
    text = content.decode("utf-8-sig")
    if text.lstrip().startswith("{"):
        return {
            "json.loads": lambda: json.loads(text),
            "dynclient": lambda: parsing.parse_text(content, "text"),
            "  of it the check of depth and size": lambda: parsing._check_json_size(text, LIMITS),
        }

    def load() -> Any:
        return yaml.load(content, LOADER)

    return {
        "yaml.load, C loader": load,
        "the same, collector paused": _without_collector(load),
        "dynclient": lambda: parsing.parse_text(content, "text"),
        "  of it PyYAML's events": _without_collector(lambda: sum(1 for _ in yaml.parse(content, LOADER))),
    }


def _kept(act: Callable[[], Any]) -> float:
    """The megabytes that a result keeps."""
    tracemalloc.start()
    result = act()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return kept / 1e6


def report(name: str, content: bytes, rounds: int) -> None:
    """Print one document's figures."""
    contenders = _contenders(content)
    medians = measure(contenders, rounds, before=gc.collect)
    base = next(iter(medians.values()))
    print(f"{name}, {len(content) / 1e6:.1f} MB")
    for contender, seconds in medians.items():
        kept = f"{_kept(contenders[contender]):7.1f} MB kept" if not contender.startswith(" ") else ""
        print(f"    {contender:38}{seconds / base:6.2f}   {seconds * 1000:8.1f} ms {kept}")


def main() -> None:
    """Read the arguments and report each document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for path in options.files:
        report(path.name, path.read_bytes(), options.rounds)
    if not options.files:
        content = bundled()["openai"].read_bytes()
        report("bundled, as YAML", content, options.rounds)
        report("bundled, as JSON", json.dumps(parsing.parse_text(content, "").data).encode(), options.rounds)


if __name__ == "__main__":
    main()
