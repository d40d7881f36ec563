"""
Connections that keep a deadline, tell how far a request came, and read answers strictly.

urllib3 and http.client bound only the time between two reads, and accept answers that RFC 9112 has refused; `framing`
reads them. Separate from `transport`, so that requests is imported only when something is sent.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import os
import socket
import ssl
import weakref
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read

from dynclient.deadline import Deadline
from dynclient.framing import Reader

_POOL_SIZE = 64
"""How many idle connections to one host are kept."""

# TLS sends a piece as several records, each of which may wait as long as the piece may: so only one at a time.
_TLS_PIECE = 1 << 14
_PIECE = 1 << 18

_RECEIVED = 1 << 16
"""Bytes that are asked for at once."""


class Attempt:
    """
    One request on its way: how long it may take, and how far it came.

    `idle` is how many seconds it may wait for each piece to come or go, None for ever. `fresh` asks for a new
    connection. `wrote` is whether a byte of it was handed to the network, `reused` whether that was a connection used
    before, and `answered` whether any byte came back.
    """

    __slots__ = ("answered", "deadline", "fresh", "idle", "reused", "wrote")

    def __init__(self, deadline: Deadline, idle: float | None, fresh: bool = False) -> None:
        self.deadline = deadline
        self.idle = idle
        self.fresh = fresh
        self.wrote = self.reused = self.answered = False

    def patience(self) -> float | None:
        return self.deadline.within(self.idle)


_current: ContextVar[Attempt | None] = ContextVar("_current", default=None)


@contextlib.contextmanager
def watching(attempt: Attempt) -> Iterator[None]:
    """What is sent in this context keeps the attempt's deadline and tells it how far it came."""
    token = _current.set(attempt)
    try:
        yield
    finally:
        _current.reset(token)


class _Pieces(io.RawIOBase):
    """What comes from a socket, waited for no longer than an attempt may."""

    def __init__(self, raw: io.RawIOBase, connected: socket.socket, attempt: Attempt) -> None:
        self._raw = raw
        self._socket = connected
        self._attempt = attempt

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        attempt = self._attempt
        self._socket.settimeout(attempt.patience())
        size = self._raw.readinto(buffer)
        attempt.answered = attempt.answered or bool(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer as http.client hands it to urllib3, read by RFC 9112 and within an attempt's deadline."""

    fp: Any
    _file: Any = None

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        attempt = _current.get()
        if attempt is not None:
            self.fp = io.BufferedReader(_Pieces(self.fp.detach(), sock, attempt), _RECEIVED)
        self._file = self.fp
        self.reader = Reader(method or "")

    def begin(self) -> None:
        if self.headers is not None:
            return
        self._file = self.fp.detach()
        del self.fp  # the answer to a tunnel is read from it; urllib3 would read chunks from it by itself
        while (head := self.reader.head()) is None:
            self._receive()
        self.version, self.reason = head.version, head.reason
        self.code = self.status = head.status_code
        self.will_close = not self.reader.keeps
        self.headers = self.msg = http.client.HTTPMessage()
        for name, text in head.fields:
            self.msg.set_raw(name, text)

    def read(self, amt: int | None = None) -> bytes:
        if amt is None or amt < 0:
            return b"".join(iter(self.read1, b""))
        if self._file is None or amt == 0:
            return b""
        while (piece := self.reader.piece(amt)) == b"":
            self._receive()
        if self.reader.is_done:
            self._close_conn()
        return piece or b""

    def read1(self, n: int = -1) -> bytes:
        return self.read(n if n >= 0 else _RECEIVED)

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def isclosed(self) -> bool:
        return self._file is None

    def flush(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        io.BufferedIOBase.close(self)
        self._close_conn()

    def _close_conn(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _receive(self) -> None:
        # `read` would show memory that may hold a secret to who prints frames, as the buffer it fills.
        view = memoryview(bytearray(_RECEIVED))
        try:
            self.reader.feed(bytes(view[: self._file.readinto(view)]))
        except ssl.SSLEOFError:  # anybody on the way can end it so (RFC 9112 §9.8)
            raise ConnectionResetError("TLS ended without close_notify") from None


class _Watched:
    """What connections of both kinds do differently."""

    sock: Any
    timeout: Any
    _dns_host: str
    _is_asking = False
    _is_written = True
    _reader: Reader | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _connections.add(self)

    def _new_conn(self) -> socket.socket:
        """A connection to the first address of the host that takes it; looking the name up cannot be bounded."""
        attempt = _current.get()
        if attempt is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        name, wait = self._dns_host, self.timeout
        for address in self._addresses():
            try:
                self._dns_host, self.timeout = address, attempt.deadline.within(wait)
                connected: socket.socket = super()._new_conn()  # type: ignore[misc]
                left = max(attempt.deadline.left(), 0.001)  # for the handshake of TLS, which may follow
                rest = min(left, math.inf if wait is None else wait)
                connected.settimeout(None if rest == math.inf else rest)
                return connected
            except (NewConnectionError, ConnectTimeoutError) as error:
                failure = error
            finally:
                self._dns_host, self.timeout = name, wait
        raise failure

    def _addresses(self) -> list[str]:
        """The addresses of the host, looked up once; the name itself where only urllib3 can say what is wrong."""
        try:
            found = socket.getaddrinfo(self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM)  # type: ignore[attr-defined]
        except socket.gaierror as error:
            raise NameResolutionError(self._dns_host, self, error) from error  # type: ignore[arg-type]
        except UnicodeError:
            return [self._dns_host]
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    @property
    def is_connected(self) -> bool:
        """Whether it is free for a request: the last was written, was answered, and nothing came after its answer."""
        is_free = self._is_written and (self._reader is None or self._reader.can_go_on)
        return is_free and super().is_connected and not _holds_more(self.sock)  # type: ignore[misc]

    def response_class(self, *arguments: Any, **options: Any) -> _Answer:
        answer = _Answer(*arguments, **options)
        self._reader = answer.reader
        return answer

    def request(self, *arguments: Any, **options: Any) -> None:
        self._is_asking = True  # and not about a tunnel
        self._is_written = False
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
            self._is_written = True
        finally:
            self._is_asking = False

    def send(self, data: Any) -> None:
        attempt = _current.get()
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        if attempt is None:
            super().send(data)  # type: ignore[misc]
            return
        attempt.wrote = attempt.wrote or self._is_asking
        size = _TLS_PIECE if isinstance(self.sock, ssl.SSLSocket) else _PIECE
        pieces = (data[i : i + size] for i in range(0, len(data), size)) if len(data) > size else (data,)
        for piece in pieces:
            self.sock.settimeout(attempt.patience())
            try:
                super().send(piece)  # type: ignore[misc]
            except TimeoutError:
                if wait_for_read(self.sock, timeout=0.0):  # it has answered, and takes no more
                    raise BrokenPipeError from None
                raise


class _Connection(_Watched, HTTPConnection):  # type: ignore[misc]
    """Over plain TCP."""


class _SecureConnection(_Watched, HTTPSConnection):  # type: ignore[misc]
    """Over TLS, which shows whether its end was announced."""

    def connect(self) -> None:
        super().connect()
        self.sock.suppress_ragged_eofs = False


def _holds_more(connected: Any) -> bool:
    """Whether TLS has read more from the network than was taken from it. One record is always taken whole."""
    # Within TLS to a proxy, the record of that may hold several.
    return isinstance(connected, SSLTransport) and bool(connected.incoming.pending)


class _Pool:
    """Keeps no connection that is not free, and tells an attempt whether its connection was used before."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None and not conn.is_connected:
            conn.close()
        super()._put_conn(conn)  # type: ignore[misc]

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        attempt = _current.get()
        if attempt is not None:
            if attempt.fresh:
                connection.close()
            attempt.reused = connection.sock is not None
        return connection


class _PlainPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _PlainPool, "https": _SecurePool}

_connections: weakref.WeakSet[_Watched] = weakref.WeakSet()
_adapters: weakref.WeakSet[Adapter] = weakref.WeakSet()


class Adapter(HTTPAdapter):
    """requests' own, with pools of watched connections; a SOCKS proxy has connections of its own, unwatched."""

    def __init__(self) -> None:
        super().__init__(pool_maxsize=_POOL_SIZE)
        _adapters.add(self)

    def begin_anew(self) -> None:
        """Forget all connections, and the locks that another thread may have held when the process was forked."""
        self.init_poolmanager(self._pool_connections, self._pool_maxsize, block=self._pool_block)  # type: ignore[attr-defined]
        self.proxy_manager = {}

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class OwnSession(Session):
    """
    A session that follows nothing.

    `Session.send` works out where a redirect leads also if it shall not go there: it reads the whole body for that, and
    fails of itself on an odd Location.
    """

    def resolve_redirects(self, *_: Any, **__: Any) -> Any:
        return iter(())


def _leave_connections() -> None:
    """In a forked child: close our copies of the parent's connections, and send nothing on them."""
    for adapter in list(_adapters):
        adapter.begin_anew()
    for connection in list(_connections):
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                os.close(connection.sock.detach())
            connection.sock = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_connections)
