"""
A server on loopback that misbehaves as a test asks; its connections and their time are limited.

A fault says what one connection does after it has read a request. It is a function of a `Line`, which can send, wait,
reset and close. The server keeps the requests that arrived whole; their number is the work that was done.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from tests.places import PEM

LONGEST = 10.0
"""No connection of a test lives longer, in seconds."""

_MOST_CONNECTIONS = 200


@dataclass(frozen=True)
class Seen:
    """A request that arrived whole."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Line:
    """One connection, as a fault gets it."""

    socket: socket.socket
    ended: threading.Event
    request: Seen | None = field(default=None)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def wait(self, seconds: float = LONGEST) -> None:
        """Do nothing, until the test has ended."""
        if self.ended.wait(seconds):
            raise ConnectionAbortedError

    def reset(self) -> None:
        """End the connection with an RST, not a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Fault = Callable[[Line], object]
"""What a connection does. Then it is closed; a fault that returns True reads another request instead."""


def answering(body: bytes = b'{"ok": true}', *, status: str = "200 OK", keep: bool = True, **headers: str) -> Fault:
    """A proper answer, on a connection that stays open."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)

    def answer(line: Line) -> bool:
        is_head = line.request is not None and line.request.method == "HEAD"
        line.send(head.encode("latin-1") + b"\r\n" + (b"" if is_head else body))
        return keep

    return answer


class FaultServer:
    """
    Plays the faults `before`, each for one connection or request, and then `always`.

    `seen` holds the requests that arrived whole. `connections` counts the accepted connections, up to `most`; `open`
    counts those that are open now, and `most_at_once` the most at one time. A fault marked with `unread` is played
    before a request is read. `tls` names the file of a certificate and key, and True means `loopback.pem`;
    `everywhere` does the same for all servers. Over TLS the server announces the end of a connection, except after
    the fault `leaving`.
    """

    everywhere: ClassVar[Path | None] = None

    def __init__(
        self, always: Fault | None = None, before: Sequence[Fault] = (), *, tls: Path | bool | None = None
    ) -> None:
        self.always = always or answering()
        self.before = list(before)
        self.seen: list[Seen] = []
        self.connections = 0
        self.most = _MOST_CONNECTIONS
        self.most_at_once = 0
        self.open = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._tls = _context(PEM if tls is True else tls or self.everywhere)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{'https' if self._tls else 'http'}://{self.host}"
        self._accepter = threading.Thread(target=self._accept)

    def __enter__(self) -> FaultServer:
        self._accepter.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        for thread in [self._accepter, *self._threads]:
            thread.join(LONGEST)
            assert not thread.is_alive()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so, because of another thread or process; fail after a while."""
        until = time.monotonic() + 6 * LONGEST
        while not is_so() and time.monotonic() < until:
            time.sleep(0.002)
        assert is_so()

    @property
    def work(self) -> int:
        """How many times the work was done."""
        return len(self.seen)

    def next_fault(self) -> Fault:
        with self._lock:
            return self.before.pop(0) if self.before else self.always

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while len(self._threads) < self.most:
                connected, _ = self._listener.accept()
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connected.settimeout(LONGEST)
                self.connections += 1
                with self._lock:
                    self.open += 1
                    self.most_at_once = max(self.most_at_once, self.open)
                self._sockets.append(connected)
                thread = threading.Thread(target=self._serve, args=(connected,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connected: socket.socket) -> None:
        with connected, contextlib.suppress(OSError):
            if self._tls is None:
                self._play(Line(connected, self._ended))
            else:
                self._play_over_tls(self._tls, connected)
        with self._lock:
            self.open -= 1

    def _play_over_tls(self, context: ssl.SSLContext, connected: socket.socket) -> None:
        with context.wrap_socket(connected, server_side=True) as secured:  # it owns the socket now
            self._sockets.append(secured)
            self._play(Line(secured, self._ended))
            with contextlib.suppress(OSError, ValueError):  # it is closed already
                secured.setblocking(False)
                secured.unwrap()  # announces the end, without waiting for an answer

    def _play(self, line: Line) -> None:
        received = b""
        while True:
            if self.before and getattr(self.before[0], "unread", False):
                self.next_fault()(line)
                return
            found = _read_request(line.socket, received)
            if found is None:
                return
            line.request, received = found
            with self._lock:
                self.seen.append(line.request)
            if self.next_fault()(line) is not True:
                return


def _context(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def unread(fault: Fault) -> Fault:
    """The fault, played before the request is read."""

    def play(line: Line) -> object:
        return fault(line)

    play.unread = True  # type: ignore[attr-defined]
    return play


def secured(certificate: Path, fault: Fault | None) -> Fault:
    """A TLS handshake, and then the fault, if there is one."""
    context = _context(certificate)
    assert context is not None

    def play(line: Line) -> None:
        try:
            line.socket = context.wrap_socket(line.socket.dup(), server_side=True)
        except ssl.SSLError:
            return
        with line.socket:
            if fault is not None:
                line.socket.recv(1 << 16)
                fault(line)

    return unread(play)


def silent(line: Line) -> None:
    line.wait()


def closing(line: Line) -> None:
    """Close without sending anything."""


def resetting(line: Line) -> None:
    line.reset()


def leaving(data: bytes) -> Fault:
    """These bytes, and then the end of the connection, without the announcement of TLS."""

    def leave(line: Line) -> None:
        line.send(data)
        socket.socket(fileno=line.socket.detach()).close()

    return leave


def saying(data: bytes) -> Fault:
    """These bytes, and then the end of the connection."""
    return lambda line: line.send(data)


def saying_and_waiting(data: bytes) -> Fault:
    """These bytes, and then nothing."""

    def say(line: Line) -> None:
        line.send(data)
        line.wait()

    return say


def dripping(data: bytes, first: bytes = b"") -> Fault:
    """`first` at once, and then `data` again and again, byte by byte."""

    def drip(line: Line) -> None:
        line.send(first)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            for byte in data:
                line.send(bytes([byte]))
                line.wait(0.01)

    return drip


def pouring(head: bytes, piece: bytes) -> Fault:
    """A head, and a body without an end."""

    def pour(line: Line) -> None:
        line.send(head)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            line.send(piece)

    return pour


def _read_request(connected: socket.socket, received: bytes) -> tuple[Seen, bytes] | None:
    """A whole request and what came after it; None if the connection ended first."""
    while b"\r\n\r\n" not in received:
        chunk = connected.recv(1 << 16)
        if not chunk:
            return None
        received += chunk
    head, _, rest = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    if headers.get("transfer-encoding") == "chunked":
        while not re.search(rb"(?:^|\r\n)0\r\n\r\n$", rest):
            chunk = connected.recv(1 << 16)
            if not chunk:
                return None
            rest += chunk
        body, rest = b"".join(re.findall(rb"[0-9a-f]+\r\n(.+)\r\n", rest)), b""
    else:
        length = int(headers.get("content-length", 0))
        while len(rest) < length:
            chunk = connected.recv(1 << 16)
            if not chunk:
                return None
            rest += chunk
        body, rest = rest[:length], rest[length:]
    return Seen(method, target, headers, body), rest
