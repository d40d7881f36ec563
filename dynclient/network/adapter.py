"""
Connections that keep a deadline, tell how far a request came, and read answers strictly.

urllib3 and http.client bound only the time between two reads, and accept answers that RFC 9112 has refused; `framing`
reads them. Separate from `transport`, so that requests is imported only when something is sent.
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
from requests.cookies import RequestsCookieJar
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read, wait_for_socket

from dynclient.http import MOST_EARLY, Malformed, Reader, ends_request
from dynclient.support import Deadline

_POOL_SIZE = 64
"""How many idle connections to one host are kept."""

_ADDRESS = re.compile(r"[0-9.]+|[^:]*:.*")

_TLS_PIECE = 1 << 14  # one record
_PIECE = 1 << 18
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_RECEIVED = 1 << 16
"""Bytes that are asked for at once."""


class Attempt:
    """
    One request on its way: how long it may take, and how far it came.

    `idle` is how many seconds it may wait for each piece to come or go, None for ever. `fresh` asks for a new
    connection, and `proxy` is what messages call the proxy that it goes by, "" for none. `number` is which attempt of
    its call it is.

    The connection sets the rest. `is_watched` says that it is one of ours; of others nobody knows how far a request
    came. `wrote` is whether a byte of it was handed to the network, `reused` whether that was a connection used before,
    and `answered` whether any byte came back. `peer` is who is at the other end: the proxy, by its name, or "" for the
    server.
    """

    __slots__ = ("answered", "deadline", "fresh", "idle", "is_watched", "number", "peer", "proxy", "reused", "wrote")

    def __init__(self, deadline: Deadline, idle: float | None, fresh: bool = False) -> None:
        self.deadline = deadline
        self.idle = idle
        self.fresh = fresh
        self.proxy = self.peer = ""
        self.number = 1
        self.is_watched = self.wrote = self.reused = self.answered = False

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
        patience = attempt.deadline.within(attempt.idle)
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


class _Answer(http.client.HTTPResponse):
    """An answer as http.client hands it to urllib3, read by RFC 9112 and within an attempt's deadline."""

    fp: Any
    _file: Any = None

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
        *,
        early: _Early,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        attempt = _current.get()
        if attempt is not None:
            self.fp = io.BufferedReader(_Pieces(self.fp.detach(), sock, attempt, early), _RECEIVED)
        self._file = self.fp
        self._early = early
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
        self.will_close = not self.reader.keeps or self._early.is_cut  # then the rest of the request is missing
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
    proxy: Any
    _dns_host: str
    _sends = ""
    _is_written = True
    _reader: Reader | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._early = _Early()
        _connections.add(self)

    def _new_conn(self) -> socket.socket:
        """A connection to the first address of the host that takes it, its name looked up within the same time."""
        attempt = _current.get()
        if attempt is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        name, wait = self._dns_host, self.timeout
        attempt.peer = attempt.proxy if self.proxy else ""  # whose name is looked up; SOCKS may leave that to us
        addresses = self._addresses(attempt.deadline.within(wait))
        attempt.peer = attempt.proxy
        for address in addresses:
            try:
                self._dns_host, self.timeout = address, attempt.deadline.within(wait)
                connected: socket.socket = super()._new_conn()  # type: ignore[misc]
                attempt.peer = attempt.proxy if self.proxy else ""
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

    def _tunnel(self) -> None:
        try:
            super()._tunnel()  # type: ignore[misc]
        except http.client.RemoteDisconnected:
            raise
        except http.client.HTTPException as error:
            raise Malformed("its answer to CONNECT is not one of HTTP") from error
        attempt = _current.get()
        if attempt is not None:
            attempt.peer, attempt.answered = "", False  # that was the proxy

    @property
    def is_connected(self) -> bool:
        """Whether it is free for a request: the last was written, was answered, and nothing came after its answer."""
        is_free = self._is_written and (self._reader is None or self._reader.can_go_on)
        return is_free and super().is_connected and not _holds_more(self.sock)  # type: ignore[misc]

    def response_class(self, *arguments: Any, **options: Any) -> _Answer:
        answer = _Answer(*arguments, early=self._early, **options)
        self._reader = answer.reader
        return answer

    def request(self, *arguments: Any, **options: Any) -> None:
        attempt = _current.get()
        if attempt is not None:
            attempt.peer = attempt.proxy if self.proxy_is_forwarding else ""  # type: ignore[attr-defined]
        self._sends = "head"  # and not what opens a tunnel
        self._is_written = False
        self._early = _Early()
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
            self._is_written = True
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
        self.sock.settimeout(attempt.deadline.within(attempt.idle))
        super().send(data)  # type: ignore[misc]
        self._sends = self._sends and "body"

    def _send_body(self, rest: memoryview, attempt: Attempt) -> None:
        """
        Send a piece of a body and watch for the answer meanwhile.

        Raises:
            BrokenPipeError: the rest cannot be sent, or need not be; urllib3 then reads the answer.
        """
        while rest:
            patience = attempt.deadline.within(attempt.idle)
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


class _Connection(_Watched, HTTPConnection):  # type: ignore[misc]
    """Over plain TCP."""


class _OverTLS(_Watched):
    """Over TLS, which shows whether its end was announced."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.sock.suppress_ragged_eofs = False


class _SecureConnection(_OverTLS, HTTPSConnection):  # type: ignore[misc]
    """Over TLS, to a server or by a tunnel."""


def _holds_more(connected: Any) -> bool:
    """Whether TLS has read more from the network than was taken from it. One record is always taken whole."""
    # Within TLS to a proxy, the record of that may hold several.
    return isinstance(connected, SSLTransport) and bool(connected.incoming.pending)


class _OverSocks(_Watched):
    """By a SOCKS proxy; with `socks5h` and `socks4a` that looks up the name of the server."""

    _socks_options: Any

    def _addresses(self, seconds: float | None) -> list[str]:
        return [self._dns_host] if self._socks_options["rdns"] else super()._addresses(seconds)


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
    ConnectionCls: Any = _Connection


class _SecurePool(_Pool, HTTPSConnectionPool):
    ConnectionCls: Any = _SecureConnection


_POOLS = {"http": _PlainPool, "https": _SecurePool}


@functools.cache
def _socks_pools() -> dict[str, type]:
    """Those for SOCKS proxies, of classes that are only there with PySocks."""
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    class Plain(_OverSocks, SOCKSConnection):  # type: ignore[misc]
        pass

    class Secure(_OverTLS, _OverSocks, SOCKSHTTPSConnection):  # type: ignore[misc]
        pass

    class PlainPool(_PlainPool):
        ConnectionCls = Plain

    class SecurePool(_SecurePool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


_connections: weakref.WeakSet[_Watched] = weakref.WeakSet()
_adapters: weakref.WeakSet[Adapter] = weakref.WeakSet()


class Adapter(HTTPAdapter):
    """requests' own, with pools of watched connections, also to proxies."""

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
        manager.pool_classes_by_scheme = _socks_pools() if proxy.lower().startswith("socks") else _POOLS
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """That of a proxy is verified also where the server speaks plain http, which requests leaves out."""
        super().cert_verify(conn, f"{conn.scheme}:", verify, cert)  # type: ignore[no-untyped-call]

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*arguments, **options)
        attempt = _current.get()
        if attempt is not None:
            attempt.is_watched = isinstance(pool, _Pool)
        return pool


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
