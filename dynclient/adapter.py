"""
Connections that keep a deadline, tell how far a request came, and read answers strictly.

urllib3 and http.client bound only the time between two reads, take the end of a connection for the end of a head, 103
Early Hints for the answer (Python 3.11), and framing that contradicts itself for whatever comes first. Apart from
`transport`, so that requests is imported only when something is sent.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import os
import re
import socket
import ssl
import weakref
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.wait import wait_for_read

from dynclient.deadline import Deadline

_POOL_SIZE = 64
"""How many idle connections to one host are kept."""

_MOST_HEAD = 1 << 18
"""Bytes of the head of an answer, with those of the interim answers before it."""

MOST_FIELDS = 100  # http.client reads no more of them
_MOST_LINE = 1 << 16
STATUS_LINE = re.compile(rb"HTTP/\d\.\d +[1-9]\d\d(?: [^\r\n]*)?\r?\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")

# TLS sends a piece as several records, each of which may wait as long as the piece may: so only one at a time.
_TLS_PIECE = 1 << 14
_PIECE = 1 << 18


class Malformed(http.client.HTTPException):
    """What came is no answer by the rules of HTTP/1.1 (RFC 9112)."""


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


class _Head:
    """The lines of a head as http.client reads them, each complete and what it should be."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._size = 0
        self._fields = 0
        self._is_status = True

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        self._size += len(line)
        self._fields = 0 if self._is_status else self._fields + 1
        if self._size > _MOST_HEAD or len(line) >= limit or self._fields > MOST_FIELDS:
            raise Malformed("its head is too long")
        if self._is_status:
            if line and not STATUS_LINE.fullmatch(line):
                raise Malformed("it does not begin as an answer in HTTP does")
        elif not line.endswith(b"\n"):
            raise http.client.IncompleteRead(line)
        elif line.strip() and line[:1] not in b" \t" and b":" not in line:
            raise Malformed("a line of its head is no field")
        self._is_status = line in (b"\r\n", b"\n")
        return line

    def flush(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        self._file.close()


class _Answer(http.client.HTTPResponse):
    """The answer of http.client, read by RFC 9112 and within an attempt's deadline."""

    fp: Any

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        attempt = _current.get()
        if attempt is not None:
            self.fp = io.BufferedReader(_Pieces(self.fp.detach(), sock, attempt), 1 << 16)

    def begin(self) -> None:
        if self.headers is not None:
            return
        file = self.fp
        self.fp = _Head(file)
        super().begin()
        while self.status < 200:  # interim (RFC 9110 §15.2); 101 was not asked for
            if self.status == http.HTTPStatus.SWITCHING_PROTOCOLS:
                raise Malformed("it switches to a protocol that was not asked for")
            self.headers = self.msg = None
            super().begin()
        self.fp = file
        self._check_framing()

    def _check_framing(self) -> None:
        """Where the body ends must be said in one way alone (RFC 9112 §6.3)."""
        if self.length == 0 and (self._method == "HEAD" or self.status in (204, 304)):  # type: ignore[attr-defined]
            return
        codings = ",".join(self.headers.get_all("Transfer-Encoding", [])).lower().replace(" ", "")
        if codings not in ("", "chunked", "identity"):
            raise Malformed("its Transfer-Encoding is not known here")
        lengths = {text.strip() for text in ",".join(self.headers.get_all("Content-Length", [])).split(",")}
        if self.chunked:
            self.will_close = self.will_close or lengths != {""}
        elif lengths != {""}:
            length = lengths.pop()
            if lengths or not _LENGTH.fullmatch(length):
                raise Malformed("its Content-Length is no number, or says two things at once")
            self.length = int(length)

    def _read_next_chunk_size(self) -> int:
        line = self.fp.readline(_MOST_LINE)
        if not line.endswith(b"\n") and len(line) < _MOST_LINE:
            raise http.client.IncompleteRead(b"")
        found = _CHUNK_SIZE.fullmatch(line)
        if not found:
            raise Malformed("the size of a chunk is no number")
        return int(found[1], 16)

    def _get_chunk_left(self) -> int | None:
        left: int | None = self.chunk_left
        if left:
            return left
        if left == 0 and (end := self.fp.read(2)) != b"\r\n":
            raise Malformed("a chunk is not as long as it says") if len(end) == 2 else http.client.IncompleteRead(end)
        left = self._read_next_chunk_size()
        if left == 0:
            self._read_and_discard_trailer()
            self._close_conn()  # type: ignore[attr-defined]
        self.chunk_left = left or None
        return self.chunk_left

    def _read_and_discard_trailer(self) -> None:
        size = 0
        while (line := self.fp.readline(_MOST_LINE)).strip():
            size += len(line)
            if size > _MOST_HEAD:
                raise Malformed("its trailer is too long")


class _Watched:
    """What connections of both kinds do differently."""

    response_class: Any = _Answer
    sock: Any
    timeout: Any
    _dns_host: str
    _is_asking = False

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

    def request(self, *arguments: Any, **options: Any) -> None:
        self._is_asking = True  # and not about a tunnel
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
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


class _Connection(_Watched, HTTPConnection):
    """Over plain TCP."""


class _SecureConnection(_Watched, HTTPSConnection):
    """Over TLS."""


class _Pool:
    """Tells an attempt whether its connection was used before."""

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


class NoCookies(RequestsCookieJar):
    """A jar that keeps nothing; `cookies` does."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """None of them."""


class OwnSession(Session):
    """
    A session that keeps no cookies and follows nothing.

    `Session.send` works out where a redirect leads also if it shall not go there: it reads the whole body for that, and
    fails of itself on an odd Location.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cookies = NoCookies()

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
