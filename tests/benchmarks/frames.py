"""
How far a reader has to jump: the frames of dynclient that one validated call enters, and how often the file changes.

    python tests/benchmarks/frames.py [--list]

The call is createRun of the bundled OpenAI document, with a server on loopback that answers with a run. It is counted
after three such calls, when everything that is worked out once has been. A generator counts each time it goes on.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import dynclient
from dynclient.mock import MockApp

PACKAGE = str(Path(dynclient.__file__).parent)
AUTH = {"ApiKeyAuth": "sk-benchmark"}
CALL = {"thread_id": "thread_abc", "body": {"assistant_id": "asst_abc"}}


class Step(NamedTuple):
    """A frame that was entered: the file below the package, and the function."""

    file: str
    function: str


def steps() -> list[Step]:
    """The frames of dynclient that one call enters, in order."""
    run = dynclient.Client("openai", app=MockApp("openai"), auth=AUTH).createRun(**CALL)
    found: list[Step] = []

    def entered(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            found.append(Step(frame.f_code.co_filename[len(PACKAGE) + 1 :], frame.f_code.co_qualname))

    with _server(run.content) as url, dynclient.Client("openai", base_url=url, auth=AUTH) as client:
        for _ in range(3):
            assert client.createRun(**CALL).problems == ()
        sys.setprofile(entered)
        try:
            client.createRun(**CALL)
        finally:
            sys.setprofile(None)
    return found


def changes(found: list[Step]) -> int:
    """How often a frame is in another file than the one before."""
    return sum(one.file != other.file for one, other in pairwise(found)) + bool(found)


@contextmanager
def _server(content: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="list the frames in order")
    found = steps()
    if parser.parse_args().list:
        for step in found:
            print(f"{step.file:40} {step.function}")
    print(f"{len(found)} frames (budget 150), {changes(found)} changes of file (budget 50)")


if __name__ == "__main__":
    main()
