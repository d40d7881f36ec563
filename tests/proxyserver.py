"""Proxies on loopback for HTTP, CONNECT and SOCKS 5. They relay bytes until one side ends, and a reset as a reset."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from tests.faultserver import LONGEST

Refusal = Callable[[socket.socket], object]
"""What a proxy does with a connection instead of serving it."""


class ProxyServer:
    """
    A proxy of this kind, `http` or `socks5`; with `tls` clients reach the proxy itself over TLS.

    `refusal` is what it does with each connection instead of serving it. `asked` lists the targets it was asked for.
    """

    def __init__(self, kind: str = "http", *, refusal: Refusal | None = None, tls: Path | None = None) -> None:
        self._serve = {"http": self._http, "socks5": self._socks}[kind]
        self._refusal = refusal
        self._tls = tls
        self.asked: list[str] = []
        self._ended = False
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if tls else kind
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepter = threading.Thread(target=self._accept)

    def __enter__(self) -> ProxyServer:
        self._accepter.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connected in self._sockets:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        for thread in [self._accepter, *self._threads]:
            thread.join(LONGEST)
            assert not thread.is_alive()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                connected.settimeout(LONGEST)
                self._sockets.append(connected)
                thread = threading.Thread(target=self._one, args=(connected,))
                self._threads.append(thread)
                thread.start()

    def _one(self, connected: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self._tls)
                connected = context.wrap_socket(connected, server_side=True)
                self._sockets.append(connected)
            (self._refusal or self._serve)(connected)
        connected.close()

    def _http(self, connected: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += _some(connected)
        method, target, _ = head.split(b" ", 2)
        self.asked.append(f"{method.decode()} {target.decode()}")
        if method == b"CONNECT":
            port = int(target.rpartition(b":")[2])
            with self._origin(port) as origin:
                connected.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _relay(connected, origin)
        else:
            port = int(target.split(b"/")[2].rpartition(b":")[2])
            with self._origin(port) as origin:
                origin.sendall(head)
                _relay(connected, origin)

    def _socks(self, connected: socket.socket) -> None:
        """RFC 1928, without a password."""
        connected.recv(1)
        connected.recv(connected.recv(1)[0])
        connected.sendall(b"\x05\x00")
        kind = connected.recv(4)[3]
        host = connected.recv(4 if kind == 1 else connected.recv(1)[0])
        port = int.from_bytes(connected.recv(2), "big")
        self.asked.append(f"{socket.inet_ntoa(host) if kind == 1 else host.decode()}:{port}")
        with self._origin(port) as origin:
            connected.sendall(b"\x05\x00\x00\x01" + bytes(6))
            _relay(connected, origin)

    def _origin(self, port: int) -> socket.socket:
        origin = socket.create_connection(("127.0.0.1", port), LONGEST)
        self._sockets.append(origin)
        return origin


def reset(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _some(connected: socket.socket) -> bytes:
    piece = connected.recv(1 << 16)
    if not piece:
        raise ConnectionAbortedError
    return piece


def _relay(one: socket.socket, other: socket.socket) -> None:
    while True:
        for source, sink in ((one, other), (other, one)):
            is_there = isinstance(source, ssl.SSLSocket) and source.pending()
            if is_there or select.select([source], [], [], 0.005)[0]:
                try:
                    sink.sendall(_some(source))
                except ConnectionResetError:
                    reset(sink)
                    raise
