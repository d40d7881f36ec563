"""
How costs grow: with the operations of a document, with the items of a body, and with threads.

    python tests/benchmarks/growth.py [--quick] [--plot FILE.svg]

The first table has, for documents of 10 to 10 000 operations, the load and its ratio to `json.loads` of the same text,
and microseconds of an attribute, of it again, and of the request of a first and of a later call. The load should grow
with the text and no faster; the others should not grow at all. The second has the check of a body of 1 to 10 000 items,
by item, beside `json.dumps` of it. The third has the calls in a second that 1 and 16 threads make to a server of
another process, through one client and through one session of requests. --plot draws the three, with matplotlib of the
extra `bench`. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import json
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from calls import BY_HAND, DYNCLIENT, Site, by_dynclient, by_hand, loopback
from measuring import Act, measure, timed

import dynclient
from dynclient.types import JSON

OPERATIONS = (10, 100, 1000, 10_000)
ITEMS = (1, 100, 10_000)
THREADS = (1, 16)
ROUNDS = 5


@dataclass(frozen=True)
class Operations:
    """What a document of `size` operations costs, in seconds."""

    size: int
    load: float
    parse: float
    attribute: float
    again: float
    first: float
    later: float


@dataclass(frozen=True)
class Items:
    """What the check of a body of `size` items costs, and `json.dumps` of it, in seconds."""

    size: int
    check: float
    dumps: float


@dataclass(frozen=True)
class Threads:
    """The calls in a second of `size` threads."""

    size: int
    by_hand: float
    dynclient: float


def operations(size: int) -> Operations:
    """Measure one document."""
    text = json.dumps(document(size))
    names = [f"getThing{size * position // 10}" for position in range(min(size, 10))]

    def over_names(use: Callable[[dynclient.Client, str], Any], times: int = 1) -> float:
        return statistics.median(timed(partial(use, client, name), times) for client in clients for name in names)

    def call(client: dynclient.Client, name: str) -> Any:
        return client[name].prepare(id="a")

    acts: dict[str, Act] = {"parse": partial(json.loads, text), "load": partial(dynclient.Client, text, cache=False)}
    medians = measure(acts, ROUNDS, before=gc.collect)  # while nothing else is kept that it would look through
    clients = [dynclient.Client(text, cache=False) for _ in range(ROUNDS)]
    attribute, again = over_names(getattr), over_names(getattr, 1000)
    first, later = over_names(call), over_names(call, 5)
    return Operations(size, **medians, attribute=attribute, again=again, first=first, later=later)


def attribute_growth(small: int, large: int) -> tuple[float, float]:
    """
    How many times as long an attribute takes in a document of `large` operations, the first time and later.

    The two take turns: such a moment is short, and a busy machine is twice as fast in one minute as in the next.
    """
    first: dict[int, list[float]] = {small: [], large: []}
    later: dict[int, list[float]] = {small: [], large: []}
    for _ in range(ROUNDS):
        clients = {size: dynclient.Client(json.dumps(document(size)), cache=False) for size in (small, large)}
        gc.collect()
        for position in range(10):
            for size, client in clients.items():
                use = partial(getattr, client, f"getThing{size * position // 10}")
                first[size].append(timed(use))
                later[size].append(timed(use, 1000))
    median = statistics.median
    return median(first[large]) / median(first[small]), median(later[large]) / median(later[small])


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


def items(size: int) -> Items:
    """Measure one body."""
    line = {
        "type": "object",
        "required": ["sku", "count"],
        "properties": {
            "sku": {"type": "string", "minLength": 1},
            "count": {"type": "integer", "minimum": 1},
            "price": {"type": "number", "minimum": 0},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    content = {"application/json": {"schema": {"type": "array", "items": line}}}
    paths = {"/orders": {"post": {"operationId": "order", "requestBody": {"content": content}}}}
    client = dynclient.Client({"openapi": "3.1.0", "paths": paths}, base_url="https://api.test")
    body = [{"sku": f"sku-{n}", "count": n + 1, "price": n / 4, "tags": ["a", "b"]} for n in range(size)]
    acts: dict[str, Act] = {"check": partial(client["order"].check, body=body), "dumps": partial(json.dumps, body)}
    return Items(size, **measure(acts, max(5, 300 // size)))


def threads(size: int, base_url: str, calls: int, rounds: int) -> Threads:
    """Measure `calls` calls, shared out among the threads; all of a contender use one client or session."""
    site = Site(base_url)

    def all_calls(call: Act) -> Act:
        def repeat() -> None:
            for _ in range(calls // size):
                call()

        def act() -> None:
            started = [threading.Thread(target=repeat) for _ in range(size)]
            for thread in started:
                thread.start()
            for thread in started:
                thread.join()

        return act

    makers = {BY_HAND: by_hand, DYNCLIENT: by_dynclient}
    seconds = measure(
        {name: all_calls(make(site)("createRun")) for name, make in makers.items()}, rounds, clock=time.perf_counter
    )
    made = calls // size * size
    return Threads(size, made / seconds[BY_HAND], made / seconds[DYNCLIENT])


def plot(by_operations: list[Operations], by_items: list[Items], by_threads: list[Threads], target: Path) -> None:
    """Draw the three tables side by side."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    # The same measurements give the same file.
    matplotlib.rcParams.update(
        {"svg.hashsalt": "dynclient", "svg.fonttype": "none", "font.size": 9, "axes.titlesize": 10}
    )
    figure, panels = importlib.import_module("matplotlib.pyplot").subplots(
        1, 3, figsize=(11, 3.4), width_ratios=(1.2, 1, 0.9), facecolor="white", layout="constrained"
    )
    _draw_operations(panels[0], by_operations)
    _draw_items(panels[1], by_items)
    _draw_threads(panels[2], by_threads)
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.minorticks_off()
    figure.get_layout_engine().set(wspace=0.06)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    target.write_text("".join(f"{line.strip()}\n" for line in drawn.getvalue().splitlines()))


BLUE, ORANGE, GREEN, GREY = "#1f6fb4", "#c65a00", "#2a7d3f", "#6e6e6e"


def _draw_operations(panel: Any, rows: list[Operations]) -> None:
    sizes = [row.size for row in rows]
    lines = {
        "load the document": (BLUE, [row.load * 1e3 for row in rows]),
        "json.loads of it": (GREY, [row.parse * 1e3 for row in rows]),
        "first call": (ORANGE, [row.first * 1e3 for row in rows]),
        "attribute, first time": (GREEN, [row.attribute * 1e3 for row in rows]),
    }
    _draw_lines(panel, sizes, lines)
    panel.set(title="A larger document", xlabel="operations in the document", ylabel="milliseconds")


def _draw_items(panel: Any, rows: list[Items]) -> None:
    lines = {
        "check": (BLUE, [row.check / row.size * 1e6 for row in rows]),
        "json.dumps": (GREY, [row.dumps / row.size * 1e6 for row in rows]),
    }
    _draw_lines(panel, [row.size for row in rows], lines)
    panel.set(title="A larger body", xlabel="items in the body", ylabel="microseconds per item")


def _draw_lines(panel: Any, sizes: list[int], lines: dict[str, tuple[str, list[float]]]) -> None:
    panel.set(xscale="log", yscale="log")
    for name, (colour, values) in lines.items():
        panel.plot(sizes, values, marker="o", markersize=4, linewidth=1.8, color=colour)
        panel.annotate(
            name, (sizes[-1], values[-1]), (7, 0), textcoords="offset points", color=colour, va="center", clip_on=False
        )
    panel.set_xticks(sizes, [f"{size:,}".replace(",", " ") for size in sizes])
    ticker = importlib.import_module("matplotlib.ticker")
    panel.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    panel.grid(axis="y", color="#e4e4e4", linewidth=0.8)


def _draw_threads(panel: Any, rows: list[Threads]) -> None:
    bars = [
        (f"{name}, {row.size} thread{'s' * (row.size > 1)}", colour, value)
        for row in rows
        for name, colour, value in (("requests", GREY, row.by_hand), ("dynclient", BLUE, row.dynclient))
    ]
    places = [place + place // 2 * 0.4 for place in range(len(bars))]  # those of as many threads stand together
    panel.barh(places, [value for *_, value in bars], 0.8, color=[colour for _, colour, _ in bars])
    for place, (*_, value) in zip(places, bars, strict=True):
        panel.annotate(f"{value:.0f}", (value, place), (4, 0), textcoords="offset points", va="center")
    panel.set_yticks(places, [title for title, *_ in bars])
    panel.tick_params(axis="y", length=0)
    panel.invert_yaxis()
    panel.margins(x=0.15)
    panel.set(title="More threads", xlabel="calls per second")


def report(sizes: tuple[int, ...]) -> list[Operations]:
    """Print the first table, and return what was measured."""
    operations(2)  # imports what a first call imports
    columns = ("operations", "load us", "/json.loads", "attribute", "again", "first call", "later")
    print(" ".join(f"{column:>11}" for column in columns))
    rows = []
    for size in sizes:
        row = operations(size)
        rows.append(row)
        micro = [value * 1e6 for value in (row.load, row.attribute, row.again, row.first, row.later)]
        print(
            f"{size:>11} {micro[0]:>11.0f} {row.load / row.parse:>11.2f} "
            + " ".join(f"{value:>11.1f}" for value in micro[1:])
        )
    return rows


def main() -> None:
    """Print the tables, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, fewer rounds")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    given = parser.parse_args()
    by_operations = report(OPERATIONS[:2] if given.quick else OPERATIONS)
    print(f"\n{'items':>11} {'check us':>11} {'by item':>11} {'/json.dumps':>11}")
    by_items = [items(size) for size in (ITEMS[:2] if given.quick else ITEMS)]
    for row in by_items:
        micro = row.check * 1e6
        print(f"{row.size:>11} {micro:>11.0f} {micro / row.size:>11.1f} {row.check / row.dumps:>11.1f}")
    print(f"\n{'threads':>11} {'by hand /s':>11} {DYNCLIENT + ' /s':>13} {'share':>8}")
    with loopback() as base_url:
        calls, rounds = (32, 1) if given.quick else (320, 5)
        by_threads = [threads(size, base_url, calls, rounds) for size in THREADS]
    for each in by_threads:
        share = each.dynclient / each.by_hand
        print(f"{each.size:>11} {each.by_hand:>11.0f} {each.dynclient:>13.0f} {share:>8.2f}")
    if given.plot:
        plot(by_operations, by_items, by_threads, given.plot)


if __name__ == "__main__":
    main()
