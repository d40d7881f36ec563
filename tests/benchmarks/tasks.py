"""
What a call of AsyncClient costs where many are under way at once, against the same call written by hand with aiohttp.

    python tests/benchmarks/tasks.py [--rounds 15] [--tasks 64] [--profile WORK]

Both call a server of another process on this machine, from one event loop and in turn; so many tasks make ten calls
each in a round. Printed is the time of the processor for a call, the median of the rounds and their minimum, and the
ratio. Nothing here is asserted. aiohttp is in the extra `bench`.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import importlib
import pstats
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import calls
from calls import DYNCLIENT, HEADERS, KEY, TITLES, WORKS
from measuring import told_load

import dynclient

BY_AIOHTTP = "aiohttp by hand"
CALLS = 10  # of each task in a round

Call = Callable[[], Awaitable[object]]


def by_aiohttp(session: Any, base_url: str, name: str) -> Call:
    work = WORKS[name]
    url = base_url + work.target

    async def call() -> object:
        if work.method == "GET":
            async with session.get(url, params=work.query) as answer:
                return await answer.json()
        async with session.post(url, json=work.body) as answer:
            return await answer.json()

    return call


def by_dynclient(client: Any, name: str) -> Call:
    work = WORKS[name]
    arguments = {**work.path, **work.query, **({} if work.body is None else {"body": work.body})}
    caller = client[name]

    async def call() -> object:
        return (await caller(**arguments)).data

    return call


async def seconds(call: Call, tasks: int) -> float:
    """The time of the processor for one of many calls."""

    async def several() -> None:
        for _ in range(CALLS):
            await call()

    start = time.process_time()
    await asyncio.gather(*(several() for _ in range(tasks)))
    return (time.process_time() - start) / tasks / CALLS


async def measured(base_url: str, tasks: int, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Of each work, the seconds of each round by each contender."""
    aiohttp: Any = importlib.import_module("aiohttp")
    found: dict[str, dict[str, list[float]]] = {}
    client = dynclient.AsyncClient("openai", base_url=base_url, auth={"ApiKeyAuth": KEY})
    async with client, aiohttp.ClientSession(headers=HEADERS, connector=aiohttp.TCPConnector(limit=100)) as session:
        for name in WORKS:
            contenders = {BY_AIOHTTP: by_aiohttp(session, base_url, name), DYNCLIENT: by_dynclient(client, name)}
            found[name] = {contender: [] for contender in contenders}
            for round_ in range(rounds + 1):
                for contender, call in contenders.items():
                    spent = await seconds(call, tasks)
                    if round_:  # the first connects and compiles
                        found[name][contender].append(spent)
    return found


async def profiled(base_url: str, tasks: int, name: str) -> pstats.Stats:
    """Where the time of our calls goes."""
    async with dynclient.AsyncClient("openai", base_url=base_url, auth={"ApiKeyAuth": KEY}) as client:
        call = by_dynclient(client, name)
        await seconds(call, tasks)
        profile = cProfile.Profile()
        profile.enable()
        await seconds(call, tasks)
        profile.disable()
    return pstats.Stats(profile)


def ratios(base_url: str, tasks: int, rounds: int) -> dict[str, float]:
    """Of each work, our time in multiples of that by hand."""
    found = asyncio.run(measured(base_url, tasks, rounds))
    return {
        name: statistics.median(times[DYNCLIENT]) / statistics.median(times[BY_AIOHTTP])
        for name, times in found.items()
    }


def main() -> None:
    """Print the table, or a profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--tasks", type=int, default=64)
    parser.add_argument("--profile", choices=WORKS, metavar="WORK")
    given = parser.parse_args()
    with calls.loopback() as base_url:
        if given.profile:
            asyncio.run(profiled(base_url, given.tasks, given.profile)).sort_stats("tottime").print_stats(60)
            return
        print(f"{given.tasks} tasks; {told_load()}")
        print(f"{'microseconds of the processor for a call':42}{'median':>10}{'ratio':>8}{'minimum':>10}{'ratio':>8}")
        for name, times in asyncio.run(measured(base_url, given.tasks, given.rounds)).items():
            base = times[BY_AIOHTTP]
            for contender, each in times.items():
                cells = [f"{of(each) * 1e6:10.0f}{of(each) / of(base):8.2f}" for of in (statistics.median, min)]
                print(f"{TITLES[name]:22}{contender:20}{''.join(cells)}")


if __name__ == "__main__":
    main()
