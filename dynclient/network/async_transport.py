"""
The network for tasks: one attempt at a request on asyncio or Trio. The only module that knows h11 and anyio's streams.

h11 writes HTTP/1.1, `framing` reads it, anyio connects; the pool is ours. httpx2 2.16 would take what a server sends
after an answer for the answer to the next request on that connection, and reads interim answers without an end.
"""

from __future__ import annotations

import asyncio
import io
import os
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from weakref import finalize

import anyio
import anyio.to_thread
import h11
import requests
from anyio.abc import ByteStream, SocketAttribute
from anyio.lowlevel import RunVar
from anyio.streams.tls import TLSStream
from urllib3.util.wait import wait_for_read

from dynclient.credentials import NO_SECRETS, Credentials, Secrets
from dynclient.errors import CallError, SendError
from dynclient.http import MOST_EARLY, Cookies, Head, Reader, bodies, codings, ends_request
from dynclient.network.adapter import Attempt
from dynclient.network.asgi import ASGIAdapter
from dynclient.network.received import Received, Unread
from dynclient.network.transport import MOMENT, Transport, failures, send_error, signed, telling
from dynclient.network.wsgi import Answer, answer
from dynclient.support import NEVER, REFUSED_TUNNEL, Deadline, proxy_name, proxy_of, renewed
from dynclient.types import Timeout
from dynclient.wire import BodyError, Unwritable, Upload

MOST_CONNECTIONS = 100
"""How many calls of a client are under way at once; others wait for their turn."""

_PIECE = 1 << 16

_SMALL = 1 << 14
"""Bytes of a body that any connection takes at once, so that nothing need be watched meanwhile."""

_UNBOUNDED = nullcontext()

_PORTS = {"http": 80, "https": 443}
_LOST: tuple[type[Exception], ...] = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
_UNREADABLE: tuple[type[Exception], ...] = (*_LOST, ssl.SSLError, anyio.BusyResourceError)
_UNWRITABLE: tuple[type[Exception], ...] = (h11.LocalProtocolError,)


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a connection goes, by which proxy, and whom it trusts. Those of the same route can be exchanged."""

    scheme: str
    host: str
    port: int
    proxy: str = field(repr=False)
    verify: bool | str
    certificate: Any = field(repr=False)


class _Socket(ByteStream):
    """
    A connected socket that can still be read when sending on it has failed, or was stopped.

    A server may answer before it has read a request, and close. asyncio closes a socket as soon as it cannot be
    written, and drops what had come; anyio's TLS takes a connection for broken when something was not sent. So while
    a body is sent, a copy of the socket is kept, and failures stay here.
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
            if self._error is not None:  # the end of a connection that failed is no end of an answer
                raise anyio.BrokenResourceError from self._error
            raise

    async def send_eof(self) -> None:
        await self.stream.send_eof()

    async def aclose(self) -> None:
        self.forget()
        await self.stream.aclose()

    def keep(self) -> None:
        """From now on sending does not fail; `is_over` tells when there is no use in more."""
        self._copy = self.extra(SocketAttribute.raw_socket).dup()  # noqa: S610  # this is no Django

    def stop(self) -> None:
        """Send no more."""
        self.is_over = True
        self._sending.cancel()

    def forget(self) -> None:
        """The end of what `keep` begins."""
        if self._copy is not None:
            self._copy.close()
            self._copy, self.is_over = None, False


class _Connection:
    """A connection, and what HTTP has come to on it; `stream` leads to the socket, by TLS or not."""

    def __init__(self, stream: ByteStream, connected: _Socket) -> None:
        self.stream = stream
        self._socket = connected
        self._http = h11.Connection(h11.CLIENT)  # writes; what comes is read by `_reader`
        self._reader = Reader("")
        self._error: Exception | None = None

    def is_quiet(self) -> bool:
        """Whether nothing has come that nobody asked for; the end of the connection is such a thing, too."""
        connected = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # this is no Django
        return not wait_for_read(connected, timeout=0.0) and not _holds_more(self.stream)

    async def close(self) -> None:
        await anyio.aclose_forcefully(self.stream)

    async def ask(self, request: h11.Request, body: Any, attempt: Attempt) -> None:
        """Send a request, but no more of it than the server wants: it may answer before it has read the body."""
        self._reader = Reader(request.method.decode())
        data = self._http.send(request) or b""
        attempt.wrote = True
        if isinstance(body, str):
            body = body.encode()
        if body is None or (isinstance(body, bytes) and len(body) <= _SMALL):
            if body:
                data += self._http.send(h11.Data(data=body)) or b""
            with suppress(anyio.BrokenResourceError):  # it may have answered all the same
                await self._write(data + (self._http.send(h11.EndOfMessage()) or b""), attempt)
            return
        self._socket.keep()
        await self._write(data, attempt)
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, attempt)
            try:
                await self._send_body(body, attempt)
            except Exception as error:  # the group would put it into a group
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
        """While a body is sent, take what the server says, and end the sending where it wants no more."""
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
        """The head of the answer; interim ones before it are skipped (RFC 9110 §15.2)."""
        while (head := self._reader.head()) is None:
            await self._more(attempt)
        return head

    async def content(self, attempt: Attempt, most: int | None) -> bytes:
        """
        What follows the head, packed as it came.

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
        """What comes next of the content, packed as it came; None at its end."""
        while (piece := self._reader.piece(_PIECE)) == b"":
            await self._more(attempt)
        return piece

    def can_go_on(self) -> bool:
        """Whether another request may follow: this one was written and answered, and nothing came after the answer."""
        if not (self._http.our_state is h11.DONE and self._reader.can_go_on and self.is_quiet()):
            return False
        self._http = h11.Connection(h11.CLIENT)
        self._socket.forget()
        return True

    async def _more(self, attempt: Attempt) -> None:
        with _within(attempt.patience()):
            await self._received(attempt)

    async def _received(self, attempt: Attempt) -> bytes:
        """What came next, which the reader then has; b"" at the end."""
        try:
            data = await self.stream.receive(_PIECE)
        except anyio.EndOfStream:
            if self._error is not None:  # which is reported once, and then an end
                raise self._error from None
            data = b""
        attempt.answered = attempt.answered or bool(data)
        self._reader.feed(data)
        return data

    async def _write(self, data: bytes | None, attempt: Attempt) -> None:
        if data:
            with _within(attempt.patience()):
                await self.stream.send(data)


class _Idle(dict["_Route", "list[_Connection]"]):
    """The connections that wait for a request on one event loop."""

    is_over = False

    async def take(self, route: _Route) -> _Connection | None:
        waiting = self.get(route, [])
        while waiting:
            connection = waiting.pop()
            if connection.is_quiet():
                return connection
            await connection.close()
        return None

    async def keep(self, route: _Route, connection: _Connection) -> None:
        """Take it for another request, if that may follow this answer; else close it."""
        if not self.is_over and connection.can_go_on():
            self.setdefault(route, []).append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        for waiting in self.values():
            while waiting:
                await waiting.pop().close()

    async def end(self) -> None:
        """Close them, and keep none from now on."""
        self.is_over = True
        await self.close()


class _Pool:
    """
    What a client has on one event loop: connections that wait, and how many more calls may begin.

    The connections end with the loop, and with the client where that is dropped before.
    """

    def __init__(self) -> None:
        trio = sys.modules.get("trio")
        self.idle = _Idle()
        self.places = anyio.Semaphore(MOST_CONNECTIONS)
        self.signers = anyio.CapacityLimiter(MOST_CONNECTIONS)
        self.loop = _Trio(trio) if trio is not None and trio.lowlevel.in_trio_run() else _Asyncio()
        finalize(self, _dropped, os.getpid(), self.loop).atexit = False

    async def enter(self, attempt: Attempt) -> None:
        """Wait for this call's turn."""
        try:
            self.places.acquire_nowait()
        except anyio.WouldBlock:
            with _within(attempt.deadline.within(None)):
                await self.places.acquire()

    def has_ended(self) -> bool:
        return self.idle.is_over or self.loop.has_ended()


def _dropped(process: int, loop: _Asyncio | _Trio) -> None:
    if process == os.getpid():  # in a forked child the loop of its parent is not there
        loop.drop()


class _Asyncio:
    """The running event loop of asyncio, which closes the asynchronous generators that are left at its end."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.has_ended = self._loop.is_closed

    async def begin(self, idle: _Idle) -> None:
        """Have the connections end with the loop."""
        self._end = self._ending(idle)
        await anext(self._end)

    def drop(self) -> None:
        """Have them end soon; to be called from any thread, as what follows is."""
        self.soon(self._end.aclose)

    def soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have the loop call a function, unless it has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(function()))

    async def _ending(self, idle: _Idle) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await idle.end()


class _Trio:
    """The running event loop of Trio, which cancels its system tasks at its end. No such task may fail."""

    def __init__(self, trio: Any) -> None:
        self._trio = trio.lowlevel
        self._token = self._trio.current_trio_token()
        self._is_dropped = trio.Event()

    def has_ended(self) -> bool:
        return False  # `idle.is_over` by then

    async def begin(self, idle: _Idle) -> None:
        self._trio.spawn_system_task(self._ending, idle)

    def drop(self) -> None:
        with suppress(RuntimeError):
            self._token.run_sync_soon(self._is_dropped.set)

    def soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with suppress(RuntimeError):
            self._token.run_sync_soon(self._spawn, function)

    def _spawn(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with suppress(RuntimeError):  # too late
            self._trio.spawn_system_task(function)

    async def _ending(self, idle: _Idle) -> None:
        try:
            await self._is_dropped.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await idle.end()


_LOOP: RunVar[object] = RunVar("dynclient")
"""Stands for the running event loop, which it does not refer to."""


class AsyncTransport:
    """
    Sends what `transport` prepares, with its proxies and certificates, on connections of its own.

    Each event loop has its own connections.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pools: dict[object, _Pool] = renewed(self, "_pools", dict)
        self._contexts: dict[tuple[Any, Any], ssl.SSLContext] = renewed(self, "_contexts", dict)

    def __reduce__(self) -> tuple[type[AsyncTransport], tuple[Transport]]:
        """Connections stay behind."""
        return AsyncTransport, (self._transport,)

    async def send(
        self,
        operation_id: str,
        prepared: requests.PreparedRequest,
        timeout: Timeout,
        credentials: Credentials | None = None,
        secrets: Secrets = NO_SECRETS,
        *,
        cookies: Cookies | None = None,
        deadline: Deadline = NEVER,
        most: int | None = None,
        fresh: bool = False,
        stream: bool = False,
    ) -> Received:
        """
        Return the answer to one attempt, as `Transport.send` does; it has at most `most` bytes packed, and unpacked.

        With `stream` the content of a successful answer is left unread: `piece` returns it, or `finish` reads it. One
        of them has to reach its end, or `drop` has to be called. Such an answer does not count among the calls under
        way.

        A task that is cancelled meanwhile closes its connection.

        Raises:
            CallError: the body cannot be read again, or the proxy is of a kind that is not known here.
            SendError: no complete answer came back.
        """
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        connect, idle = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        call = _Call(prepared, credentials, connect, most, Attempt(deadline, idle, fresh), stream, cookies)
        call.attempt.is_watched = True
        cause: BaseException | None
        try:
            if upload is not None:
                upload.check()
            self._transport.rewind(prepared)  # it may have been sent before
            answer = await self._answered(operation_id, call)
            return Received(answer, call.attempt, call.unread)
        except Unwritable as error:
            failure: CallError | SendError = CallError(operation_id, f"body: {error.message}")
            cause = error
        except BodyError as error:
            failure = SendError(operation_id, f"the body broke off: {error}")
            failure.is_transient = False
            cause = error.__cause__
        except _LOST + _UNWRITABLE + failures() as error:
            known = _translated(error)
            failure = send_error(operation_id, known, prepared, call.answer, most, deadline, call.attempt)
            failure.is_stale = call.attempt.reused and not call.attempt.answered
            cause = telling(known, prepared.url or "", secrets)
        finally:
            if upload is not None:
                upload.restore()
        raise failure from cause

    async def piece(self, operation_id: str, received: Received, secrets: Secrets = NO_SECRETS) -> bytes | None:
        """
        Return the next piece of content that `send` left unread, unpacked; None at its end.

        Raises:
            SendError: it broke off, or took too long.
        """
        assert received.unread is not None
        async with self._reading(operation_id, received, None, secrets):
            return await received.unread.piece()

    async def settle(self, received: Received) -> None:
        """Take the end of an answer of which nothing more is wanted, as `Transport.settle` does."""
        if not self._transport.in_process:
            received.attempt.deadline = Deadline(MOMENT)
            with suppress(SendError):
                await self.piece("", received)

    async def finish(
        self, operation_id: str, received: Received, most: int | None, secrets: Secrets = NO_SECRETS
    ) -> None:
        """
        Read all of the content that `send` left unread.

        Raises:
            SendError: it broke off, took too long, or is larger than `most` bytes.
        """
        assert received.unread is not None
        async with self._reading(operation_id, received, most, secrets):
            await received.unread.whole(most)

    async def drop(self, received: Received) -> None:
        """Close the connection of an answer, if its content was not read to the end."""
        if received.unread is not None:
            await received.unread.close()

    @asynccontextmanager
    async def _reading(
        self, operation_id: str, received: Received, most: int | None, secrets: Secrets
    ) -> AsyncIterator[None]:
        """While the content of an answer is read: its failures become ours, and close its connection."""
        answer, attempt = received.answer, received.attempt
        try:
            yield
        except _LOST + failures() as error:
            await self.drop(received)
            known = _translated(error)
            failure = send_error(operation_id, known, answer.request, answer, most, attempt.deadline, attempt)
            failure.message = secrets.masked(failure.message)
            failure.attempts = attempt.number
            raise failure from telling(known, answer.request.url or "", secrets)
        except BaseException:
            await self.drop(received)
            raise

    async def close(self) -> None:
        """Close the connections of this event loop that wait for a request."""
        pool = self._pools.get(_LOOP.get(None))
        if pool is not None:
            await pool.idle.close()

    async def _pool(self) -> _Pool:
        """That of the running event loop."""
        pool = self._pools.get(_LOOP.get(None))
        if pool is None:
            for key, other in list(self._pools.items()):
                if other.has_ended():
                    self._pools.pop(key, None)
            key = _LOOP.get(None) or object()
            _LOOP.set(key)
            pool = self._pools[key] = _Pool()
            await pool.loop.begin(pool.idle)
        return pool

    async def _answered(self, operation_id: str, call: _Call) -> requests.Response:
        pool = await self._pool()
        await pool.enter(call.attempt)
        try:
            if not (call.prepared.hooks.get("response") or (call.credentials and call.credentials.auth)):
                return await self._once(operation_id, call.prepared, call, pool)
            sign = partial(self._signed, operation_id, call, pool)
            with _within(call.attempt.deadline.within(None)):
                return await anyio.to_thread.run_sync(sign, abandon_on_cancel=True, limiter=pool.signers)
        except BaseException:
            if call.unread is not None:  # a thread that signs may hold it still
                await call.unread.close()
            raise
        finally:
            if call.scope is not None:
                call.scope.cancel()
            pool.places.release()

    def _signed(self, operation_id: str, call: _Call, pool: _Pool) -> requests.Response:
        """
        What authentication objects of requests come to: they sign a request, and send another to answer a challenge.

        All of it in one thread, which waits for the event loop: they keep what they know by thread.
        """
        bridge = _Bridge(lambda request: anyio.from_thread.run(self._scoped, operation_id, request, call, pool))
        prepared = signed(call.prepared, call.credentials) if call.credentials else call.prepared
        found = bridge.send(prepared)
        return requests.hooks.dispatch_hook("response", prepared.hooks, found)  # type: ignore[no-any-return, no-untyped-call]

    async def _scoped(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: _Pool
    ) -> requests.Response:
        """For a thread, which cannot be cancelled itself."""
        with anyio.CancelScope() as scope:
            call.scope = scope
            return await self._once(operation_id, prepared, call, pool)
        raise requests.ConnectionError("it was cancelled")

    async def _once(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: _Pool
    ) -> requests.Response:
        if self._transport.in_process:
            call.attempt.is_watched = False  # how far an application came it does not tell
            with _within(call.attempt.deadline.within(None)):
                found = call.answer = await self._in_process(prepared)
            if call.leaves(found.status_code):
                call.unread = _InProcess(found, call.attempt)
        else:
            found = await self._exchanged(operation_id, prepared, call, pool)
        if call.cookies is not None:
            call.cookies.take(found)
        if not call.leaves(found.status_code):
            bodies.whole(found, call.most)
        return found

    async def _in_process(self, prepared: requests.PreparedRequest) -> requests.Response:
        """What an ASGI application answers in this task, or a WSGI application in a thread."""
        adapter: Any = self._transport.session.get_adapter(prepared.url or "")
        if isinstance(adapter, ASGIAdapter):
            return await adapter.ask(prepared, anyio.Event())
        return await anyio.to_thread.run_sync(partial(adapter.send, prepared, stream=True), abandon_on_cancel=True)

    async def _exchanged(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: _Pool
    ) -> requests.Response:
        attempt = call.attempt
        route = self._route(operation_id, prepared, call.credentials)
        attempt.proxy = route.proxy and proxy_name(route.proxy)
        request = self._request(prepared, route)
        taken = None if attempt.fresh else await pool.idle.take(route)
        attempt.reused = taken is not None
        connection = taken or await self._connected(route, attempt, call.connect)
        attempt.peer = attempt.proxy if route.scheme == "http" else ""
        try:
            await connection.ask(request, prepared.body, attempt)
            head = await connection.head(attempt)
            content = io.BytesIO()
            call.answer = found = _answer(prepared, head, content)
            keep = partial(pool.idle.keep, route, connection)
            if call.leaves(head.status_code):
                call.unread = _OnNetwork(found, content, connection, attempt, keep, pool.loop.soon)
                return found
            found.hold(await connection.content(attempt, call.most))
            await keep()
            return found
        except BaseException:
            await connection.close()
            raise

    def _route(self, operation_id: str, prepared: requests.PreparedRequest, credentials: Credentials | None) -> _Route:
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
        return _Route(parts.scheme, parts.hostname or "", port, proxy, settings["verify"], certificate)

    def _request(self, prepared: requests.PreparedRequest, route: _Route) -> h11.Request:
        """The request as it is written; a proxy for plain http has to be told the whole address."""
        parts, target = urlsplit(prepared.url or ""), prepared.path_url
        host = parts.netloc.rpartition("@")[2]
        fields = [(name, text) for name, text in prepared.headers.items() if name.lower() != "host"]
        fields.insert(0, ("Host", prepared.headers.get("Host", host.removesuffix(f":{_PORTS[parts.scheme]}"))))
        if route.proxy and route.scheme == "http":
            target = f"http://{host}{target}"
            fields += self._proxy_fields(route)
        return h11.Request(method=prepared.method or "", target=target, headers=[*map(_written, fields)])

    def _proxy_fields(self, route: _Route) -> list[tuple[str, str]]:
        adapter: Any = self._transport.session.get_adapter("http://")
        return [*adapter.proxy_headers(route.proxy).items()]

    async def _connected(self, route: _Route, attempt: Attempt, connect: float | None) -> _Connection:
        """A new connection; looking up the name, a tunnel and the handshakes of TLS included."""
        connected: _Socket | None = None
        attempt.peer = attempt.proxy
        try:
            route.host.encode("idna")  # as name servers are asked
            with _within(attempt.deadline.within(connect)):
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
                return _Connection(stream, connected)
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

    async def _tunnel(self, stream: ByteStream, connected: _Socket, route: _Route, attempt: Attempt) -> None:
        host = f"[{route.host}]" if ":" in route.host else route.host
        fields = [("Host", f"{host}:{route.port}"), *self._proxy_fields(route)]
        request = h11.Request(method="CONNECT", target=f"{host}:{route.port}", headers=[*map(_written, fields)])
        connection = _Connection(stream, connected)
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


@dataclass
class _Call:
    """One attempt, with what it may take, and how far its answer came."""

    prepared: requests.PreparedRequest = field(repr=False)
    credentials: Credentials | None
    connect: float | None
    most: int | None
    attempt: Attempt
    stream: bool = False
    cookies: Cookies | None = None
    answer: requests.Response | None = None
    unread: Unread | None = None
    scope: anyio.CancelScope | None = None

    def leaves(self, status: int) -> bool:
        """Whether the content of an answer of this status is left to be read."""
        return self.stream and status < 300


class _OnNetwork:
    """What still comes on a connection, which `keep` takes at the end."""

    def __init__(
        self,
        answer: requests.Response,
        content: io.BytesIO,
        connection: _Connection,
        attempt: Attempt,
        keep: Callable[[], Awaitable[None]],
        soon: Callable[[Callable[[], Coroutine[Any, Any, None]]], None],
    ) -> None:
        self._answer = answer
        self._content = content
        self._connection: _Connection | None = connection
        self._attempt = attempt
        self._keep = keep
        self._soon = soon
        self._applied = codings.names(answer.headers.get("Content-Encoding", ""))
        self._packed: bytes | None = b""
        self._unpacked: Iterator[bytes] | None = None

    async def piece(self) -> bytes | None:
        while (found := self._next()) == b"" and self._connection is not None:
            self._packed = await self._connection.piece(self._attempt)
            if self._unpacked is None and self._packed:  # without content it is in no coding, whatever it says
                self._unpacked = codings.decoded(self._taken(), self._applied)
            elif self._packed is None:
                await self._end()
        return found or None

    async def whole(self, most: int | None) -> None:
        assert self._connection is not None
        _fill(self._content, await self._connection.content(self._attempt, most))
        await self._end()
        bodies.whole(self._answer, most)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def abandon(self) -> None:
        if self._connection is not None:
            self._soon(self._connection.close)

    async def _end(self) -> None:
        self._connection = None
        await self._keep()

    def _next(self) -> bytes | None:
        """What is unpacked, empty where more has to come for it, None at the end."""
        if self._unpacked is None:
            return None if self._packed is None else b""
        return next(self._unpacked, None)

    def _taken(self) -> Iterator[bytes]:
        while self._packed is not None:
            piece, self._packed = self._packed, b""
            yield piece


class _InProcess:
    """What an application in this process still gives, asked for in a thread."""

    def __init__(self, answer: requests.Response, attempt: Attempt) -> None:
        self._answer = answer
        self._attempt = attempt
        self._pieces = bodies.pieces(answer, as_they_come=True)

    async def piece(self) -> bytes | None:
        piece = await anyio.to_thread.run_sync(next, self._pieces, None)
        self._attempt.deadline.within(None)
        return piece

    async def whole(self, most: int | None) -> None:
        await anyio.to_thread.run_sync(bodies.whole, self._answer, most)

    async def close(self) -> None:
        self.abandon()

    def abandon(self) -> None:
        self._answer.close()


class _Bridge:
    """What requests sends by from a thread."""

    def __init__(self, send: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        self._send = send

    def send(self, prepared: requests.PreparedRequest, **_: Any) -> requests.Response:
        found = self._send(prepared)
        found.connection = self  # type: ignore[assignment]
        return found


def _holds_more(stream: Any) -> bool:
    """
    Whether bytes that were read from the network wait in the buffers of TLS, or of asyncio.

    anyio 4.16 has no public names for these. Where they are not as known here, it counts as if bytes waited.
    """
    if isinstance(stream, TLSStream):
        unread = getattr(stream, "_read_bio", None)
        return unread is None or bool(unread.pending) or _holds_more(stream.transport_stream)
    if isinstance(stream, _Socket):
        return _holds_more(stream.stream)
    if hasattr(stream, "_trio_socket"):  # which reads no more than it gives
        return False
    return bool(getattr(getattr(stream, "_protocol", None), "read_queue", True))


def _within(seconds: float | None) -> Any:
    """Raises a TimeoutError if what is done in it takes longer."""
    return _UNBOUNDED if seconds is None else anyio.fail_after(seconds)


def _fill(content: io.BytesIO, data: bytes) -> None:
    content.write(data)
    content.seek(0)


def _answer(prepared: requests.PreparedRequest, head: Head, content: io.BytesIO) -> Answer:
    return answer(prepared, head.status_code, head.reason, head.fields, content)


def _written(item: tuple[str | bytes, str | bytes]) -> tuple[bytes, bytes]:
    name, text = item
    return (
        name.encode("latin-1") if isinstance(name, str) else name,
        text.encode("latin-1") if isinstance(text, str) else text,
    )


def _translated(error: Exception) -> Exception:
    """The error as one that requests might have raised, so that it is treated like those."""
    if isinstance(error, _LOST):
        return requests.ConnectionError(ConnectionResetError("it was closed"))
    if isinstance(error, h11.LocalProtocolError):
        return ValueError("the request cannot be written")
    if isinstance(error, ssl.SSLError):
        return requests.exceptions.SSLError(error)
    return error


def _context(verify: bool | str, certificate: Any) -> ssl.SSLContext:
    """Trusting those that requests trusts, or those in a file or folder; the environment can say no less than that."""
    where: str = requests.utils.DEFAULT_CA_BUNDLE_PATH if isinstance(verify, bool) else verify
    is_folder = os.path.isdir(where)
    context = ssl.create_default_context(cafile=None if is_folder else where, capath=where if is_folder else None)
    if certificate:
        context.load_cert_chain(*([certificate] if isinstance(certificate, str) else certificate))
    return context


def _pieces(body: Any, attempt: Attempt) -> Callable[[], Awaitable[bytes | None]]:
    """What gives a body piece by piece, and None at its end; what may have to wait for one does so in a thread."""
    if isinstance(body, bytes):
        pieces = iter([body])

        async def following() -> bytes | None:
            return next(pieces, None)
    else:
        pieces = iter(partial(body.read, _PIECE), b"") if hasattr(body, "read") else iter(body)

        async def following() -> bytes | None:
            with _within(attempt.deadline.within(None)):
                return await anyio.to_thread.run_sync(next, pieces, None, abandon_on_cancel=True)

    return following
