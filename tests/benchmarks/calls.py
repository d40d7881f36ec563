"""
What a validated call costs: the same calls by dynclient, by requests written by hand, and by requests behind stock
openapi-core, in one run, against a server of another process on this machine.

    python tests/benchmarks/calls.py [--rounds 200]

Prints medians as ratios to the call by hand. The contenders take turns, so that what else the machine does hits all
of them alike. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import socketserver
import statistics
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import requests
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest

import dynclient
from dynclient.sources import bundled

ANSWER = b'{"id": "run_abc123", "object": "thread.run", "status": "queued"}'
HEADERS = {"Authorization": "Bearer sk-bench", "OpenAI-Beta": "assistants=v2"}
QUERY: dict[str, Any] = {"limit": 20, "order": "desc", "after": "run_a", "before": "run_b"}
BODY = {"assistant_id": "asst_abc123", "temperature": 0.5, "metadata": {"topic": "bench"}}


class _Answerer(socketserver.StreamRequestHandler):
    """The same answer to every request, on connections that stay open."""

    def handle(self) -> None:
        # Otherwise the kernel's timers are measured.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            self.rfile.read(length)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
            self.wfile.write(head.encode() + ANSWER)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def _serve(ready: Connection) -> None:
    with _Server(("127.0.0.1", 0), _Answerer) as server:
        ready.send(server.server_address[1])
        server.serve_forever()


class ByHand:
    """requests with a session, as one would write it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers.update(HEADERS)

    def prepare_create_run(self) -> requests.PreparedRequest:
        url = f"{self.base_url}/threads/thread_abc123/runs"
        return self.session.prepare_request(requests.Request("POST", url, json=BODY))

    def prepare_list_runs(self) -> requests.PreparedRequest:
        url = f"{self.base_url}/threads/thread_abc123/runs"
        return self.session.prepare_request(requests.Request("GET", url, params=QUERY))

    def create_run(self) -> Any:
        return self.session.post(f"{self.base_url}/threads/thread_abc123/runs", json=BODY, timeout=60).json()

    def list_runs(self) -> Any:
        return self.session.get(f"{self.base_url}/threads/thread_abc123/runs", params=QUERY, timeout=60).json()


class Stock(ByHand):
    """The same behind openapi-core as it comes, without its check of the document."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url)
        contents = yaml.load(bundled()["openai"].read_bytes(), yaml.CSafeLoader)
        contents["servers"] = [{"url": base_url}]
        self.judge = OpenAPI.from_dict(contents, config=Config(spec_validator_cls=None))  # type: ignore[arg-type]

    def _judged(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        self.judge.validate_request(RequestsOpenAPIRequest(prepared))
        return prepared

    def prepare_create_run(self) -> requests.PreparedRequest:
        return self._judged(super().prepare_create_run())

    def prepare_list_runs(self) -> requests.PreparedRequest:
        return self._judged(super().prepare_list_runs())

    def create_run(self) -> Any:
        return self.session.send(self.prepare_create_run(), timeout=60).json()

    def list_runs(self) -> Any:
        return self.session.send(self.prepare_list_runs(), timeout=60).json()


class Dynclient:
    """The same calls by name."""

    def __init__(self, base_url: str) -> None:
        self.client = dynclient.Client("openai", base_url=base_url, auth={"ApiKeyAuth": "sk-bench"})

    def prepare_create_run(self) -> requests.PreparedRequest:
        return self.client.createRun.prepare(thread_id="thread_abc123", body=BODY)

    def prepare_list_runs(self) -> requests.PreparedRequest:
        return self.client.listRuns.prepare(thread_id="thread_abc123", **QUERY)

    def create_run(self) -> Any:
        return self.client.createRun(thread_id="thread_abc123", body=BODY).data

    def list_runs(self) -> Any:
        return self.client.listRuns(thread_id="thread_abc123", **QUERY).data


def measure(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each, over rounds in which each is called once."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for call in contenders.values():
        call()
    for _ in range(rounds):
        for name, call in contenders.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_serve, args=(there,), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{here.recv()}/v1"
    by = {"by hand": ByHand(base_url), "dynclient": Dynclient(base_url), "stock openapi-core": Stock(base_url)}
    print(f"{'median of ' + str(rounds) + ' rounds':32}" + "".join(f"{name:>22}" for name in by))
    for what in ("create_run", "list_runs", "prepare_create_run", "prepare_list_runs"):
        medians = measure({name: getattr(contender, what) for name, contender in by.items()}, rounds)
        base = medians["by hand"]
        row = "".join(f"{medians[name] / base:>11.2f} {medians[name] * 1e6:>7.0f} us" for name in by)
        print(f"{what:32}{row}")
    server.terminate()


if __name__ == "__main__":
    main()
