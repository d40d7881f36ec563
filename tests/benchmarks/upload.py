"""
What a large upload costs in memory: a sparse file, alone and in a multipart body, to a server of another process.

    python tests/benchmarks/upload.py [--gigabytes 5]

Prints for each the size that arrived, the seconds, and by how much the peak of resident memory grew while it was sent.
Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import socketserver
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import dynclient

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: application/json\r\n\r\n%b"
TYPES: dict[str, Any] = {
    "application/octet-stream": {"type": "string", "format": "binary"},
    "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
}


class _Counter(socketserver.StreamRequestHandler):
    """Answers with the number of bytes of each body, and keeps none of them."""

    def handle(self) -> None:
        buffer = memoryview(bytearray(1 << 20))
        while self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            left = length
            while left and (got := self.rfile.readinto(buffer[: min(left, len(buffer))])):
                left -= got
            count = str(length - left).encode()
            self.wfile.write(ANSWER % (len(count), count))


def _serve(ready: Connection) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Counter) as server:
        server.daemon_threads = True
        ready.send(server.server_address[1])
        server.serve_forever()


def _client(url: str) -> dynclient.Client:
    paths = {
        f"/{number}": {"post": {"operationId": name, "requestBody": {"content": {name: {"schema": schema}}}}}
        for number, (name, schema) in enumerate(TYPES.items())
    }
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    return dynclient.Client(document, base_url=url, timeout=(5, 600))


def _peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Send, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5)
    size = int(parser.parse_args().gigabytes * 1e9)
    ready, child = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(child,), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder, _client(f"http://127.0.0.1:{ready.recv()}") as client:
            path = Path(folder) / "large.bin"
            path.write_bytes(b"")
            bodies: dict[str, Any] = {"application/octet-stream": path, "multipart/form-data": {"file": path}}
            for name, body in bodies.items():
                client[name](body=body)  # what is made at first use is no cost of the upload
            with path.open("r+b") as file:
                file.truncate(size)
            for name, body in bodies.items():
                before, start = _peak(), time.perf_counter()
                arrived = client[name](body=body).data
                seconds = time.perf_counter() - start
                grown = _peak() - before
                print(f"{name:25} {arrived:>14,} bytes {seconds:6.1f} s  peak memory +{grown:.1f} MB of {before:.0f}")
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
