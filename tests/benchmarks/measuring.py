"""What the benchmarks share: contenders that take turns, servers and measurements in other processes, and memory."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import socket
import socketserver
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Act = Callable[[], object]
Answerer = Callable[..., socketserver.StreamRequestHandler]


def measure(
    contenders: Mapping[str, Act], rounds: int, *, clock: Callable[[], float] = time.process_time, before: Act = int
) -> dict[str, float]:
    """
    The median seconds of each contender, over rounds in which each acts once; `before` is not counted.

    They take turns, so that what else the machine does hits all of them alike. A first time is not counted. The clock
    is that of the processor: by one on the wall, of two acts on a busy machine only the longer is interrupted.
    """
    for act in contenders.values():
        act()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, act in contenders.items():
            before()
            start = clock()
            act()
            seconds[name].append(clock() - start)
    return {name: statistics.median(each) for name, each in seconds.items()}


def timed(act: Act, times: int = 1) -> float:
    """The seconds of the processor that it takes, of so many times."""
    start = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - start) / times


def children_time() -> float:
    """The seconds of the processor that processes begun here had, those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told_load() -> str:
    """How busy the machine was in the last minute: a clock on the wall wrongs the longer of two acts on a busy one."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def finished(arguments: list[str], environment: Mapping[str, str] | None = None) -> str:
    """
    The output of a fresh Python with these arguments.

    Raises:
        RuntimeError: it failed; with the last line of what it said.
    """
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2][:200] or f"exit status {done.returncode}")
    return done.stdout


def child(script: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """The JSON that a benchmark prints in a process of its own; raises what `finished` raises."""
    return json.loads(finished([script, *arguments], environment))


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def served(answerer: Answerer) -> Iterator[str]:
    """The URL of a server of another process on this machine."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, answerer), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


class Connected(socketserver.StreamRequestHandler):
    """A connection that stays open."""

    def requests(self) -> Iterator[tuple[bytes, int]]:
        """Each request line, and the length of its body, which is left to be read."""
        # Otherwise the kernel's timers are measured.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while line := self.rfile.readline():
            length = 0
            while (header := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            yield line, length

    def answer(self, body: bytes) -> None:
        """Answer with JSON."""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def _serve(ready: Connection, answerer: Answerer) -> None:
    with _Server(("127.0.0.1", 0), answerer) as server:
        ready.send(server.server_address[1])
        server.serve_forever()
