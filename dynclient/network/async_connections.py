"""
Connections of the async client: opened by anyio, written to by h11, and parsed by `http.framing`.

httpx2 2.16 would take what a server sends after an answer for the answer to the next request on that connection, and
reads interim answers without a limit.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import h11
import requests
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSStream
from urllib3.util.wait import wait_for_read

from dynclient.credentials import Credentials
from dynclient.errors import CallError
from dynclient.http import MOST_EARLY, Head, Reader, bodies, ends_request
from dynclient.network.attempt import Attempt
from dynclient.network.transport import Transport
from dynclient.support import REFUSED_TUNNEL, proxy_name, proxy_of, renewed

_PORTS = {"http": 80, "https": 443}

_PIECE = 1 << 16

_SMALL = 1 << 14
"""Bytes of a body that any connection takes at once, so that it need not be watched meanwhile."""

_UNBOUNDED = nullcontext()

_LOST: tuple[type[Exception], ...] = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
_UNREADABLE: tuple[type[Exception], ...] = (*_LOST, ssl.SSLError, anyio.BusyResourceError)

FAILURES: tuple[type[Exception], ...] = (*_LOST, h11.LocalProtocolError)
"""What a connection raises, in addition to `send_errors.failures`; see `translated`."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a connection leads, and through which proxy. Requests with equal routes share connections."""

    scheme: str
    host: str
    port: int
    proxy: str = field(repr=False)
    verify: bool | str
    certificate: Any = field(repr=False)


class _Socket(ByteStream):
    """
    A connected socket that can still be read after sending on it has failed or was stopped.

    A server may answer before it has read a request, and close. asyncio closes a socket as soon as it cannot be
    written, and drops what had come; anyio's TLS treats a connection as broken if something was not sent. So while
    a body is sent, this class keeps a copy of the socket and does not raise errors of sending.
    """

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self._copy: socket.socket | None = None
        self._sending = anyio.CancelScope()
        self._error: Exception | None = None
        self.is_over = False

    @property
    def extra_attributes(self) -> Any:
        return self.stream.extra_attributes

    async def send(self, item: bytes) -> None:
        if self._copy is None:
            await self.stream.send(item)
        elif not self.is_over:
            with anyio.CancelScope() as self._sending:
                try:
                    await self.stream.send(item)
                except anyio.BrokenResourceError as error:
                    self.is_over, self._error = True, error

    async def receive(self, max_bytes: int = _PIECE) -> bytes:
        try:
            return await self.stream.receive(max_bytes)
        except _LOST:
            data = b""
            if self._copy is not None:
                with suppress(OSError):
                    data = self._copy.recv(max_bytes)
            if data:
                return data
            if self._error is not None:  # the end of a failed connection does not end an answer
                raise anyio.BrokenResourceError from self._error
            raise

    async def send_eof(self) -> None:
        await self.stream.send_eof()

    async def aclose(self) -> None:
        self.forget()
        await self.stream.aclose()

    def keep(self) -> None:
        """From now on sending does not raise; `is_over` says that nothing more should be sent."""
        self._copy = self.extra(SocketAttribute.raw_socket).dup()  # noqa: S610  # this isn't Django

    def stop(self) -> None:
        """Send no more."""
        self.is_over = True
        self._sending.cancel()

    def forget(self) -> None:
        """Undo `keep`."""
        if self._copy is not None:
            self._copy.close()
            self._copy, self.is_over = None, False


class Connection:
    """A connection and the state of HTTP on it; `stream` leads to the socket, through TLS or not."""

    def __init__(self, stream: ByteStream, connected: _Socket) -> None:
        self.stream = stream
        self._socket = connected
        self._http = h11.Connection(h11.CLIENT)  # only writes; `_reader` parses
        self._reader = Reader("")
        self._error: Exception | None = None

    def is_quiet(self) -> bool:
        """Whether nothing has come that was not asked for, such as the end of the connection."""
        connected = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # this isn't Django
        return not wait_for_read(connected, timeout=0.0) and not _holds_more(self.stream)

    async def close(self) -> None:
        await anyio.aclose_forcefully(self.stream)

    async def ask(self, request: h11.Request, body: Any, attempt: Attempt) -> None:
        """Send a request; stop if the server answers before it has read the body."""
        self._reader = Reader(request.method.decode())
        data = self._http.send(request) or b""
        attempt.wrote = True
        if isinstance(body, str):
            body = body.encode()
        if body is None or (isinstance(body, bytes) and len(body) <= _SMALL):
            if body:
                data += self._http.send(h11.Data(data=body)) or b""
            with suppress(anyio.BrokenResourceError):  # it may have answered before
                await self._write(data + (self._http.send(h11.EndOfMessage()) or b""), attempt)
            return
        self._socket.keep()
        await self._write(data, attempt)
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, attempt)
            try:
                await self._send_body(body, attempt)
            except Exception as error:  # the task group would wrap it in an ExceptionGroup
                failure = error
            tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure
        if not self._socket.is_over:
            self._socket.forget()

    async def _send_body(self, body: Any, attempt: Attempt) -> None:
        following = _pieces(body, attempt)
        while not self._socket.is_over and (piece := await following()) is not None:
            for start in range(0, len(piece), _PIECE):
                part = h11.Data(data=memoryview(piece)[start : start + _PIECE])  # type: ignore[arg-type]
                await self._write(self._http.send(part), attempt)
        if not self._socket.is_over:
            await self._write(self._http.send(h11.EndOfMessage()), attempt)

    async def _watch(self, attempt: Attempt) -> None:
        """While a body is sent, read what the server sends, and stop the sending if that ends the request."""
        early = bytearray()
        data = b""
        while len(early) < MOST_EARLY:
            try:
                data = await self._received(attempt)
            except _UNREADABLE as error:
                self._error, data = error, b""
            early += data
            if not data or ends_request(bytes(early)):
                self._socket.stop()
                return

    async def head(self, attempt: Attempt) -> Head:
        """Return the head of the answer; interim answers are skipped (RFC 9110 §15.2)."""
        while (head := self._reader.head()) is None:
            await self._more(attempt)
        return head

    async def content(self, attempt: Attempt, most: int | None) -> bytes:
        """
        Return all of the content, encoded as it came.

        Raises:
            bodies.TooLarge: it has more than `most` bytes.
        """
        found: list[bytes] = []
        size = 0
        while (piece := await self.piece(attempt)) is not None:
            size += len(piece)
            if most is not None and size > most:
                raise bodies.TooLarge
            found.append(piece)
        return b"".join(found)

    async def piece(self, attempt: Attempt) -> bytes | None:
        """Return the next bytes of the content, encoded as they came; None at the end."""
        while (piece := self._reader.piece(_PIECE)) == b"":
            await self._more(attempt)
        return piece

    def renew(self) -> bool:
        """Get ready for another request, if this one was written and answered, and nothing came after the answer."""
        if not (self._http.our_state is h11.DONE and self._reader.is_reusable and self.is_quiet()):
            return False
        self._http = h11.Connection(h11.CLIENT)
        self._socket.forget()
        return True

    async def _more(self, attempt: Attempt) -> None:
        with within(attempt.deadline.within(attempt.idle)):
            await self._received(attempt)

    async def _received(self, attempt: Attempt) -> bytes:
        """Feed the reader with the next bytes and return them; b"" at the end."""
        try:
            data = await self.stream.receive(_PIECE)
        except anyio.EndOfStream:
            if self._error is not None:  # the system reports it only once
                raise self._error from None
            data = b""
        attempt.answered = attempt.answered or bool(data)
        self._reader.feed(data)
        return data

    async def _write(self, data: bytes | None, attempt: Attempt) -> None:
        if data:
            with within(attempt.deadline.within(attempt.idle)):
                await self.stream.send(data)


class Connector:
    """Opens the connections of a client, with its proxies and the certificates that it trusts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._contexts: dict[tuple[Any, Any], ssl.SSLContext] = renewed(self, "_contexts", dict)

    def route(self, operation_id: str, prepared: requests.PreparedRequest, credentials: Credentials | None) -> Route:
        url = prepared.url or ""
        parts, settings = urlsplit(url), self._transport.settings_for(url)
        if parts.scheme not in _PORTS:
            raise requests.exceptions.InvalidSchema
        proxy = proxy_of(url, settings["proxies"])
        if proxy and urlsplit(proxy).scheme not in _PORTS:
            raise CallError(
                operation_id,
                f"AsyncClient cannot use {proxy_name(proxy)}, but only proxies by http and https; Client knows SOCKS",
            )
        certificate = (credentials.certificate if credentials else None) or settings["cert"]
        port = parts.port or _PORTS[parts.scheme]
        return Route(parts.scheme, parts.hostname or "", port, proxy, settings["verify"], certificate)

    def request(self, prepared: requests.PreparedRequest, route: Route) -> h11.Request:
        """Return the request for h11; a proxy for plain http needs the whole address."""
        parts, target = urlsplit(prepared.url or ""), prepared.path_url
        host = parts.netloc.rpartition("@")[2]
        fields = [(name, text) for name, text in prepared.headers.items() if name.lower() != "host"]
        fields.insert(0, ("Host", prepared.headers.get("Host", host.removesuffix(f":{_PORTS[parts.scheme]}"))))
        if route.proxy and route.scheme == "http":
            target = f"http://{host}{target}"
            fields += self._proxy_fields(route)
        return h11.Request(method=prepared.method or "", target=target, headers=[*map(_written, fields)])

    def _proxy_fields(self, route: Route) -> list[tuple[str, str]]:
        adapter: Any = self._transport.session.get_adapter("http://")
        return [*adapter.proxy_headers(route.proxy).items()]

    async def connect(self, route: Route, attempt: Attempt, seconds: float | None) -> Connection:
        """Open a connection; this includes the look-up of the name, a tunnel and the handshakes of TLS."""
        connected: _Socket | None = None
        attempt.peer = attempt.proxy
        try:
            route.host.encode("idna")  # as name servers are asked
            with within(attempt.deadline.within(seconds)):
                if route.proxy:
                    proxy = urlsplit(route.proxy)
                    port = proxy.port or _PORTS[proxy.scheme]
                    connected = _Socket(await anyio.connect_tcp(proxy.hostname or "", port))
                    stream: ByteStream = connected
                    if proxy.scheme == "https":
                        stream = await self._secured(stream, proxy.hostname or "", route.verify, None)
                    if route.scheme == "https":
                        await self._tunnel(stream, connected, route, Attempt(attempt.deadline, None))
                        attempt.peer = ""
                else:
                    stream = connected = _Socket(await anyio.connect_tcp(route.host, route.port))
                if route.scheme == "https":
                    stream = await self._secured(stream, route.host, route.verify, route.certificate)
                return Connection(stream, connected)
        except TimeoutError as error:
            failure: Exception = requests.ConnectTimeout(error)
        except ssl.SSLError as error:
            failure = requests.exceptions.SSLError(error)
        except UnicodeError as error:
            failure = requests.exceptions.InvalidURL(error)
        except BaseException:
            if connected is not None:
                await anyio.aclose_forcefully(connected)
            raise
        if connected is not None:
            await anyio.aclose_forcefully(connected)
        raise failure

    async def _tunnel(self, stream: ByteStream, connected: _Socket, route: Route, attempt: Attempt) -> None:
        host = f"[{route.host}]" if ":" in route.host else route.host
        fields = [("Host", f"{host}:{route.port}"), *self._proxy_fields(route)]
        request = h11.Request(method="CONNECT", target=f"{host}:{route.port}", headers=[*map(_written, fields)])
        connection = Connection(stream, connected)
        await connection.ask(request, None, attempt)
        status = (await connection.head(attempt)).status_code
        if not 200 <= status < 300:
            raise OSError(f"{REFUSED_TUNNEL}{status}")

    async def _secured(self, stream: ByteStream, host: str, verify: bool | str, certificate: Any) -> ByteStream:
        key = (verify, certificate)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _context(verify, certificate)
        return await TLSStream.wrap(stream, hostname=host, ssl_context=context)


def _holds_more(stream: Any) -> bool:
    """
    Whether the buffers of TLS or of asyncio hold bytes that were read from the network.

    anyio 4.16 has no public names for these buffers. If they are not found, the answer is yes.
    """
    if isinstance(stream, TLSStream):
        unread = getattr(stream, "_read_bio", None)
        return unread is None or bool(unread.pending) or _holds_more(stream.transport_stream)
    if isinstance(stream, _Socket):
        return _holds_more(stream.stream)
    if hasattr(stream, "_trio_socket"):  # it reads no more than it returns
        return False
    return bool(getattr(getattr(stream, "_protocol", None), "read_queue", True))


def within(seconds: float | None) -> Any:
    """Return a context that raises TimeoutError if its block takes longer."""
    return _UNBOUNDED if seconds is None else anyio.fail_after(seconds)


def translated(error: Exception) -> Exception:
    """Return the error of requests that corresponds to one of anyio, h11 or ssl, for `send_errors`."""
    if isinstance(error, _LOST):
        return requests.ConnectionError(ConnectionResetError("it was closed"))
    if isinstance(error, h11.LocalProtocolError):
        return ValueError("the request cannot be written")
    if isinstance(error, ssl.SSLError):
        return requests.exceptions.SSLError(error)
    return error


def _written(item: tuple[str | bytes, str | bytes]) -> tuple[bytes, bytes]:
    name, text = item
    return (
        name.encode("latin-1") if isinstance(name, str) else name,
        text.encode("latin-1") if isinstance(text, str) else text,
    )


def _context(verify: bool | str, certificate: Any) -> ssl.SSLContext:
    """Trust the certificates that requests trusts, or those in a file or folder; there is always verification."""
    where: str = requests.utils.DEFAULT_CA_BUNDLE_PATH if isinstance(verify, bool) else verify
    is_folder = os.path.isdir(where)
    context = ssl.create_default_context(cafile=None if is_folder else where, capath=where if is_folder else None)
    if certificate:
        context.load_cert_chain(*([certificate] if isinstance(certificate, str) else certificate))
    return context


def _pieces(body: Any, attempt: Attempt) -> Callable[[], Awaitable[bytes | None]]:
    """Return a function that returns the next piece of a body, None at its end; it reads all but bytes in a thread."""
    if isinstance(body, bytes):
        pieces = iter([body])

        async def following() -> bytes | None:
            return next(pieces, None)
    else:
        pieces = iter(partial(body.read, _PIECE), b"") if hasattr(body, "read") else iter(body)

        async def following() -> bytes | None:
            with within(attempt.deadline.within(None)):
                return await anyio.to_thread.run_sync(next, pieces, None, abandon_on_cancel=True)

    return following
