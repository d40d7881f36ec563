"""What tests of several packages need: servers on real sockets that keep their requests, and a clean environment."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from dynclient.credentials.well_known import WELL_KNOWN
from tests.certificates import signed_by_itself

# The same examples in every run, so that only a change makes a test fail; --hypothesis-profile=explore looks further.
# No example has a deadline: how long it takes depends on the machine.
settings.register_profile("explore", deadline=None)
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@dataclass(frozen=True)
class Sent:
    """A request as it arrived: `target` exactly as on the request line, header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[tuple[str, str | None, str, bytes]]:
        """The parts of a multipart body: name, file name, content type and content."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts: list[Any] = message_from_bytes(head + self.body).get_payload()  # type: ignore[assignment]
        return [
            (
                part.get_param("name", header="Content-Disposition"),
                part.get_filename(),
                part.get_content_type(),
                part.get_payload(decode=True),
            )
            for part in parts
        ]

    def seen(self, *names: str) -> tuple[str, str, dict[str, str | None]]:
        """Method, target and the headers of these names; None for one that did not arrive."""
        return self.method, self.target, {name: self.headers.get(name.lower()) for name in names}


@dataclass
class Answer:
    """What the server answers. `silence` means no answer: "keep" leaves the connection open, other words close it."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    silence: str = ""


class Loopback:
    """A server on 127.0.0.1. `sent` holds what reached it; it gives each of `answers` once, then always `answer`."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answer = Answer()
        self.answers: list[Answer] = []
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def says(self, body: bytes = b"{}", content_type: str = "application/json", status: int = 200, **more: str) -> None:
        """Answer with this from now on; underscores in names of headers become hyphens."""
        headers = {"Content-Type": content_type} if content_type else {}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        self.answer = Answer(body, status, headers)

    @property
    def lines(self) -> list[str]:
        """Method and target of every request."""
        return [f"{sent.method} {sent.target}" for sent in self.sent]

    @property
    def last(self) -> Sent:
        return self.sent[-1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline()
                if self.raw_requestline and self.parse_request():
                    loopback._receive(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _receive(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        target = handler.requestline.split(" ")[1]  # handler.path lacks slashes at its beginning
        self.sent.append(Sent(handler.command, target, headers, _body(handler)))
        answer = self.answers.pop(0) if self.answers else self.answer
        if answer.silence == "keep":
            self.released.wait(10)
        if answer.silence:
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(answer.body)


def _body(handler: BaseHTTPRequestHandler) -> bytes:
    if handler.headers.get("Transfer-Encoding") != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    body = b""
    while size := int(handler.rfile.readline(), 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


class Recorder:
    """A server on 127.0.0.1 that keeps the bytes of every request; each has its own connection, and gets `{}`."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._arrived = threading.Semaphore(0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it is not connected, but this wakes accept()
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def last(self) -> bytes:
        """The next request, as far as it arrives."""
        assert self._arrived.acquire(timeout=5)
        return self.requests[-1]

    @property
    def lines(self) -> list[str]:
        """The lines of the last request, without the headers that differ by library and port."""
        head = self.requests[-1].decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        return [line for line in head if not line.startswith(_TRANSPORT)]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    self.requests.append(_whole_request(connection))
                    self._arrived.release()
                    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                    with contextlib.suppress(OSError):  # the client may have given up
                        connection.sendall(answer + b"Connection: close\r\n\r\n{}")


def _whole_request(connection: socket.socket) -> bytes:
    """The bytes of a request, until it is complete by its own headers or the connection ends."""
    connection.settimeout(5)
    received = b""
    while chunk := connection.recv(1 << 16):
        received += chunk
        head, found, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if not found:
            continue
        if re.search(rb"(?i)\r\ntransfer-encoding: chunked", head):
            if body.endswith(b"0\r\n\r\n"):
                break
        elif len(body) >= int(length[1] if length else 0):
            break
    return received


_TRANSPORT = ("Host:", "User-Agent:", "Accept-Encoding:", "Connection:", "Accept:")


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.close()


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The URL of a port on which nothing listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PEM file of a key and a self-signed certificate for 127.0.0.1; clients that trust it load its `.crt`."""
    return signed_by_itself(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _quiet_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, credential or .netrc of the person who runs the tests."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("DYNCLIENT_") or name in _PERSONAL:
            monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", os.devnull)
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")  # tests leave the user's cache alone
    monkeypatch.setenv("DYNCLIENT_FULL_TRACEBACKS", "1")  # else one could not see where a test failed


_PERSONAL = {variable for vendor in WELL_KNOWN.values() for variable in vendor.variables}
_PERSONAL |= {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}
