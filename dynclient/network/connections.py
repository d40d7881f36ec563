"""
Connections that keep a deadline, write down how far a request came, and parse answers strictly.

urllib3 and http.client limit only the time between two reads, and accept answers that RFC 9112 forbids; here
`http.framing` parses them.
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
from concurrent.futures import Future
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read, wait_for_socket

from dynclient.http import MOST_EARLY, Malformed, Reader, ends_request
from dynclient.network.attempt import Attempt, current

_ADDRESS = re.compile(r"[0-9.]+|[^:]*:.*")  # a host that no name server is asked for

_TLS_PIECE = 1 << 14  # one record
_PIECE = 1 << 18
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_RECEIVED = 1 << 16
"""How many bytes are read at once."""


_open: weakref.WeakSet[_Watched] = weakref.WeakSet()


class _Early:
    """
    What a connection received while a request was being sent.

    Attributes:
        data: the bytes, which were not parsed yet.
        is_over: whether no more of the request should be sent.
        is_cut: whether a part of the request was not sent.
        error: the system's error on the connection.
    """

    data = b""
    is_over = False
    is_cut = False
    error: OSError | None = None


class _Timed(io.RawIOBase):
    """A socket that is read within the time of an attempt."""

    def __init__(self, raw: io.RawIOBase, connected: socket.socket, attempt: Attempt) -> None:
        self._raw = raw
        self._socket = connected
        self._attempt = attempt

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(self._attempt.deadline.within(self._attempt.idle))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TunnelAnswer(http.client.HTTPResponse):
    """The answer to CONNECT, which http.client parses line by line."""

    fp: Any

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        attempt = current.get()
        if attempt is not None:
            self.fp = io.BufferedReader(_Timed(self.fp.detach(), sock, attempt))


def lookup(host: str, port: int, seconds: float | None) -> list[Any]:
    """
    Return what `socket.getaddrinfo` finds, within so many seconds.

    It cannot be interrupted, so it runs in a thread, which is left behind if it takes too long.

    Raises:
        OSError, UnicodeError: `getaddrinfo` raised it.
        TimeoutError: the seconds are over.
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
    """An answer as http.client hands it to urllib3, parsed by RFC 9112 and read within the time of an attempt."""

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
        self._file = self.fp.detach()  # keeps the socket open
        del self.fp  # urllib3 would read chunks from it itself
        self._socket = sock
        self._attempt = current.get()
        self._early = early
        self.reader = Reader(method or "")

    def begin(self) -> None:
        if self.headers is not None:
            return
        self._receive()
        while (head := self.reader.head()) is None:
            self._receive()
        self.version, self.reason = head.version, head.reason
        self.code = self.status = head.status_code
        self.will_close = not self.reader.keep_alive or self._early.is_cut  # then the server waits for the rest
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

    flush = io.BufferedIOBase.flush  # http.client's flushes `fp`

    def close(self) -> None:
        io.BufferedIOBase.close(self)
        self._close_conn()

    def _close_conn(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _receive(self) -> None:
        """Feed the reader with what came early, or else with what comes next."""
        attempt, early = self._attempt, self._early
        seconds = attempt.deadline.within(attempt.idle) if attempt else None
        data, early.data = early.data, b""
        try:
            if not data:
                if attempt:
                    self._socket.settimeout(seconds)
                # Not by `_file`, whose methods fill a buffer of used memory: it may hold a secret, and tools that print
                # the variables of each frame would show it.
                data = self._socket.recv(_RECEIVED)
            if not data and early.error is not None:  # the system reports it only once
                raise early.error
        except ssl.SSLEOFError:  # anybody on the way can end the connection like this (RFC 9112 §9.8)
            raise ConnectionResetError("TLS ended without close_notify") from None
        if attempt:
            attempt.answered = attempt.answered or bool(data)
        self.reader.feed(data)


class _Watched:
    """What our connections do differently from those of urllib3."""

    sock: Any
    timeout: Any
    proxy: Any
    _dns_host: str
    _sends = ""
    _is_written = True
    _opens_tunnel = False
    _reader: Reader | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._early = _Early()
        _open.add(self)

    def _new_conn(self) -> socket.socket:
        """Connect to the first address of the host that accepts; the time includes the look-up of its name."""
        attempt = current.get()
        if attempt is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        name, wait = self._dns_host, self.timeout
        attempt.peer = (
            attempt.proxy if self.proxy else ""
        )  # the host that is looked up: with SOCKS it may be the server
        addresses = self._addresses(attempt.deadline.within(wait))
        attempt.peer = attempt.proxy
        for address in addresses:
            try:
                self._dns_host, self.timeout = address, attempt.deadline.within(wait)
                connected: socket.socket = super()._new_conn()  # type: ignore[misc]
                attempt.peer = attempt.proxy if self.proxy else ""
                left = max(attempt.deadline.left(), 0.001)  # for the TLS handshake that may follow
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
        Look up the addresses of the host. A name that cannot be encoded is returned, so that urllib3 raises its error.

        Raises:
            ConnectTimeoutError: they were not found in time.
            NameResolutionError: there is no such host.
        """
        try:
            found = lookup(self._dns_host.strip("[]"), self.port, seconds)  # type: ignore[attr-defined]
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "the host name was not found in time") from error
        except socket.gaierror as error:
            raise NameResolutionError(self._dns_host, self, error) from error  # type: ignore[arg-type]
        except UnicodeError:
            return [self._dns_host]
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def _tunnel(self) -> None:
        self._opens_tunnel = True
        try:
            super()._tunnel()  # type: ignore[misc]
        except http.client.RemoteDisconnected:
            raise
        except http.client.HTTPException as error:
            raise Malformed("its answer to CONNECT is not an HTTP answer") from error
        finally:
            self._opens_tunnel = False
        attempt = current.get()
        if attempt is not None:
            attempt.peer, attempt.answered = "", False  # the answer was the proxy's

    @property
    def is_connected(self) -> bool:
        """Whether it can carry a request: the last one was written and answered, and nothing came after its answer."""
        if not self._is_written or (self._reader is not None and not self._reader.is_reusable):
            return False
        # TLS reads whole records from the network, and within TLS to a proxy one of its records may hold several.
        holds_more = isinstance(self.sock, SSLTransport) and self.sock.incoming.pending
        return not holds_more and super().is_connected  # type: ignore[misc]

    def response_class(self, *arguments: Any, **options: Any) -> http.client.HTTPResponse:
        if self._opens_tunnel:
            return _TunnelAnswer(*arguments, **options)
        answer = _Answer(*arguments, early=self._early, **options)
        self._reader = answer.reader
        return answer

    def request(self, *arguments: Any, **options: Any) -> None:
        attempt = current.get()
        if attempt is not None:
            attempt.peer = attempt.proxy if self.proxy_is_forwarding else ""  # type: ignore[attr-defined]
        self._sends = "head"  # CONNECT, which opens a tunnel, is sent before
        self._is_written = False
        self._early = _Early()
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
            self._is_written = True
        finally:
            self._sends = ""

    def send(self, data: Any) -> None:
        attempt = current.get()
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
        Send a piece of a body; stop if an answer comes meanwhile.

        Raises:
            BrokenPipeError: the rest cannot be sent, or need not be. urllib3 then reads the answer.
        """
        while rest:
            seconds = attempt.deadline.within(attempt.idle)
            if self._is_answered():
                self._early.is_cut = True
                raise BrokenPipeError
            try:
                if isinstance(self.sock, socket.socket):
                    self.sock.settimeout(0)
                    rest = rest[self.sock.send(rest[:_PIECE]) :]
                else:  # urllib3's TLS within TLS can only block
                    self.sock.settimeout(seconds)
                    self.sock.sendall(rest[:_TLS_PIECE])
                    rest = rest[_TLS_PIECE:]
            except _NOT_YET:
                if not wait_for_socket(self.sock, read=True, write=True, timeout=seconds):
                    raise TimeoutError from None
            except TimeoutError:
                if not self._is_answered():
                    raise
            except OSError as error:
                self._early.is_cut = True
                self._early.error = error
                raise BrokenPipeError from None

    def _is_answered(self) -> bool:
        """Keep what the server has sent so far; return whether it ends the request."""
        early = self._early
        while not early.is_over and len(early.data) < MOST_EARLY and wait_for_read(self.sock, timeout=0.0):
            self.sock.settimeout(0)
            try:
                data = self.sock.recv(_PIECE)
            except _NOT_YET:  # a TLS message without data
                break
            except OSError as error:
                early.error, data = error, b""
            early.data += data
            early.is_over = not data or ends_request(early.data)
        return early.is_over


class Connection(_Watched, HTTPConnection):  # type: ignore[misc]
    """A connection over plain TCP."""


class _OverTLS(_Watched):
    """A connection over TLS, which raises an error if its end was not announced."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.sock.suppress_ragged_eofs = False


class SecureConnection(_OverTLS, HTTPSConnection):  # type: ignore[misc]
    """A connection over TLS, to a server or through a tunnel."""


class _OverSocks(_Watched):
    """A connection through a SOCKS proxy, which looks up the host name for `socks5h` and `socks4a`."""

    _socks_options: Any

    def _addresses(self, seconds: float | None) -> list[str]:
        return [self._dns_host] if self._socks_options["rdns"] else super()._addresses(seconds)


@functools.cache
def socks_connections() -> tuple[type, type]:
    """Return the classes of connections through SOCKS proxies, plain and over TLS; they need PySocks."""
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    class Plain(_OverSocks, SOCKSConnection):  # type: ignore[misc]
        pass

    class Secure(_OverTLS, _OverSocks, SOCKSHTTPSConnection):  # type: ignore[misc]
        pass

    return Plain, Secure


def close_inherited() -> None:
    """Close the connections that a forked child has from its parent, without sending anything on them."""
    for connection in list(_open):
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                os.close(connection.sock.detach())
            connection.sock = None
