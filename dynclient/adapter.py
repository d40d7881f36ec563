"""
Connections that keep a deadline, tell how far a request came, and read answers strictly.

urllib3 and http.client bound only the time between two reads, take the end of a connection for the end of a head, 103
Early Hints for the answer (Python 3.11), and framing that contradicts itself for whatever comes first. Apart from
`transport`, so that requests is imported only when something is sent.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import math
import os
import re
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any

from requests import Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.wait import wait_for_read, wait_for_socket

from dynclient.deadline import Deadline
from dynclient.early import MOST_EARLY, ends_request

_POOL_SIZE = 64
"""How many idle connections to one host are kept."""

_MOST_HEAD = 1 << 18
"""Bytes of the head of an answer, with those of the interim answers before it."""

MOST_FIELDS = 100  # http.client reads no more of them
_MOST_LINE = 1 << 16
STATUS_LINE = re.compile(rb"HTTP/\d\.\d +[1-9]\d\d(?: [^\r\n]*)?\r?\n")
_ADDRESS = re.compile(r"[0-9.]+|[^:]*:.*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")

_TLS_PIECE = 1 << 14  # one record
_PIECE = 1 << 18
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


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


class _Early:
    """
    What came back on a connection while a request was sent.

    `is_over` is whether no more should be sent, `is_cut` whether something was left unsent, and `error` what the system
    said of the connection.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_over = self.is_cut = False
        self.error: OSError | None = None


class _Pieces(io.RawIOBase):
    """What came early, and then what comes from a socket, waited for no longer than an attempt may."""

    def __init__(self, raw: io.RawIOBase, connected: socket.socket, attempt: Attempt, early: _Early) -> None:
        self._raw = raw
        self._socket = connected
        self._attempt = attempt
        self._early = early

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        attempt, early = self._attempt, self._early
        patience = attempt.patience()
        if early.data:
            size: int | None = min(len(buffer), len(early.data))
            buffer[:size] = early.data[:size]
            del early.data[:size]
        else:
            self._socket.settimeout(patience)
            size = self._raw.readinto(buffer)
            if size == 0 and early.error is not None:  # the system reports it once, and then an end
                raise early.error
        attempt.answered = attempt.answered or bool(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


def lookup(host: str, port: int, seconds: float | None) -> list[Any]:
    """
    `socket.getaddrinfo`, which nothing can cut short: so a name is looked up in a thread, and left there if it is late.

    Raises:
        OSError, UnicodeError: what it raises, and a TimeoutError after so many seconds.
    """
    if seconds is None or _ADDRESS.fullmatch(host):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found: Future[list[Any]] = Future()

    def look() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=look, name="dynclient-lookup", daemon=True).start()
    return found.result(seconds)


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

    def __init__(self, sock: socket.socket, *arguments: Any, early: _Early | None = None, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._early = early = early or _Early()
        attempt = _current.get()
        if attempt is not None:
            self.fp = io.BufferedReader(_Pieces(self.fp.detach(), sock, attempt, early), 1 << 16)

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
        self.will_close = self.will_close or self._early.is_cut  # RFC 9112 §9.3: the rest of the request is missing

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
    _sends = ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _connections.add(self)

    def _new_conn(self) -> socket.socket:
        """A connection to the first address of the host that takes it, its name looked up within the same time."""
        attempt = _current.get()
        if attempt is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        name, wait = self._dns_host, self.timeout
        for address in self._addresses(attempt.deadline.within(wait)):
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

    def _addresses(self, seconds: float | None) -> list[str]:
        """
        The addresses of the host, looked up once; the name itself where only urllib3 can say what is wrong.

        Raises:
            ConnectTimeoutError: the system has not found them in time.
        """
        try:
            found = lookup(self._dns_host.strip("[]"), self.port, seconds)  # type: ignore[attr-defined]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the name of the host was not found in time") from error
        except socket.gaierror as error:
            raise NameResolutionError(self._dns_host, self, error) from error  # type: ignore[arg-type]
        except UnicodeError:
            return [self._dns_host]
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def request(self, *arguments: Any, **options: Any) -> None:
        self._sends = "head"  # and not what opens a tunnel
        self._early = _Early()
        self.response_class = functools.partial(_Answer, early=self._early)
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
        finally:
            self._sends = ""

    def send(self, data: Any) -> None:
        attempt = _current.get()
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        if attempt is None:
            super().send(data)  # type: ignore[misc]
            return
        attempt.wrote = attempt.wrote or bool(self._sends)
        if self._sends == "body":
            self._send_body(memoryview(data).cast("B"), attempt)
            return
        self.sock.settimeout(attempt.patience())
        super().send(data)  # type: ignore[misc]
        self._sends = self._sends and "body"

    def _send_body(self, rest: memoryview, attempt: Attempt) -> None:
        """
        Send a piece of a body and watch for the answer meanwhile.

        Raises:
            BrokenPipeError: the rest cannot be sent, or need not be; urllib3 then reads the answer.
        """
        while rest:
            patience = attempt.patience()
            if self._is_answered():
                self._early.is_cut = True
                raise BrokenPipeError
            try:
                if isinstance(self.sock, socket.socket):
                    self.sock.settimeout(0)
                    rest = rest[self.sock.send(rest[:_PIECE]) :]
                else:  # TLS within TLS knows only how to wait
                    self.sock.settimeout(patience)
                    self.sock.sendall(rest[:_TLS_PIECE])
                    rest = rest[_TLS_PIECE:]
            except _NOT_YET:
                if not wait_for_socket(self.sock, read=True, write=True, timeout=patience):
                    raise TimeoutError from None
            except TimeoutError:
                if not self._is_answered():
                    raise
            except OSError as error:
                self._early.is_cut = True
                self._early.error = error
                raise BrokenPipeError from None

    def _is_answered(self) -> bool:
        """Whether the server answers by now, so that no more need be sent; what has come is kept."""
        early = self._early
        while not early.is_over and len(early.data) < MOST_EARLY and wait_for_read(self.sock, timeout=0.0):
            self.sock.settimeout(0)
            try:
                data = self.sock.recv(_PIECE)
            except _NOT_YET:  # TLS has something to say for itself
                break
            except OSError as error:
                early.error, data = error, b""
            early.data += data
            early.is_over = not data or ends_request(bytes(early.data))
        return early.is_over


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
