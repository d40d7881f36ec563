"""
What a large upload costs in memory: a sparse file, alone and in a multipart body, to a server of another process.

    python tests/benchmarks/upload.py [--gigabytes 5]

Prints for each the size that arrived, the seconds, and by how much the peak of resident memory grew while it was sent.
Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import Connected, peak, served

import dynclient

TYPES: dict[str, Any] = {
    "application/octet-stream": {"type": "string", "format": "binary"},
    "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
}


class _Counter(Connected):
    """Answers with the number of bytes of each body, and keeps none of them."""

    def handle(self) -> None:
        buffer = memoryview(bytearray(1 << 20))
        for _, length in self.requests():
            left = length
            while left and (got := self.rfile.readinto(buffer[: min(left, len(buffer))])):
                left -= got
            self.answer(str(length - left).encode())


def _client(url: str) -> dynclient.Client:
    paths = {
        f"/{number}": {"post": {"operationId": name, "requestBody": {"content": {name: {"schema": schema}}}}}
        for number, (name, schema) in enumerate(TYPES.items())
    }
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    return dynclient.Client(document, base_url=url, timeout=(5, 600))


def main() -> None:
    """Send, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=5)
    size = int(parser.parse_args().gigabytes * 1e9)
    with (
        served(_Counter) as url,
        tempfile.TemporaryDirectory() as folder,
        _client(url) as client,
    ):
        path = Path(folder) / "large.bin"
        path.write_bytes(b"")
        bodies: dict[str, Any] = {"application/octet-stream": path, "multipart/form-data": {"file": path}}
        for name, body in bodies.items():
            client[name](body=body)  # what is made at first use is no cost of the upload
        with path.open("r+b") as file:
            file.truncate(size)
        for name, body in bodies.items():
            before, start = peak(), time.perf_counter()
            arrived = client[name](body=body).data
            seconds = time.perf_counter() - start
            grown = peak() - before
            print(f"{name:25} {arrived:>14,} bytes {seconds:6.1f} s  peak memory +{grown:.1f} MB of {before:.0f}")


if __name__ == "__main__":
    main()
