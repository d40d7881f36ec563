"""
How the cost of a document grows with its operations: of the load, of an attribute, and of a first and a later call.

    python tests/benchmarks/growth.py

Prints microseconds for documents of 10 to 10 000 operations, and the load per byte as a ratio to `json.loads` of the
same text. The load should grow with the text and no faster; the others should not grow at all.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ["DYNCLIENT_NO_CACHE"] = "1"

import dynclient
from dynclient.types import JSON

SIZES = (10, 100, 1000, 10_000)
ROUNDS = 5


COLUMNS = ("operations", "load", "/json.loads", "attribute", "again", "first call", "later")


def main() -> None:
    measured(2)  # imports what a first call imports
    print(" ".join(f"{column:>11}" for column in COLUMNS))
    for size in SIZES:
        print(" ".join(f"{number:>11.{digits}f}" for number, digits in measured(size)))


def measured(size: int) -> list[tuple[float, int]]:
    """The numbers of a row, and how many digits of each."""
    text = json.dumps(document(size))
    client = dynclient.Client(text)
    names = [f"getThing{size * position // 10}" for position in range(min(size, 10))]

    def over_names(use: Callable[[str], Any]) -> float:
        return statistics.median(timed(partial(use, name)) for name in names)

    def call(name: str) -> Any:
        return client[name].prepare(id="a")

    parse = statistics.median(timed(partial(json.loads, text)) for _ in range(ROUNDS))
    load = statistics.median(timed(partial(dynclient.Client, text)) for _ in range(ROUNDS))
    attribute, again = (over_names(partial(getattr, client)) for _ in range(2))
    first, later = (over_names(call) for _ in range(2))
    return [(size, 0), (load, 0), (load / parse, 2), (attribute, 1), (again, 1), (first, 0), (later, 0)]


def document(size: int) -> dict[str, JSON]:
    """One with as many operations as schemas, each operation with two parameters and an answer."""
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}

    def operation(number: int) -> dict[str, JSON]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{number}"}}}
        answer = {"200": {"description": "ok", "content": content}}
        return {"operationId": f"getThing{number}", "parameters": [key, limit], "responses": answer}

    return {
        "openapi": "3.1.0",
        "servers": [{"url": "https://api.test"}],
        "paths": {f"/things{number}/{{id}}": {"get": operation(number)} for number in range(size)},
        "components": {"schemas": {f"Thing{n}": {"type": "object", "title": f"Thing {n}"} for n in range(size)}},
    }


def timed(call: Callable[[], Any]) -> float:
    """Microseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e6


if __name__ == "__main__":
    main()
