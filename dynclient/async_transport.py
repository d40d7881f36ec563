"""
The network for tasks: one attempt at a request on asyncio or Trio. The only module that knows h11 and anyio's streams.

h11 reads and writes HTTP/1.1, anyio connects; the pool is ours. httpx2 2.16 would take what a server sends after an
answer for the answer to the next request on that connection, and reads interim answers without an end.
"""

from __future__ import annotations

import io
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import anyio
import anyio.to_thread
import h11
import requests
from anyio.abc import ByteStream, SocketAttribute
from anyio.lowlevel import RunVar
from anyio.streams.tls import TLSStream
from requests.cookies import extract_cookies_to_jar
from requests.utils import prepend_scheme_if_needed, select_proxy
from urllib3.util.wait import wait_for_read

from dynclient import bodies, codings
from dynclient.adapter import MOST_FIELDS, STATUS_LINE, Attempt, Malformed
from dynclient.asgi import ASGIAdapter
from dynclient.deadline import Deadline
from dynclient.errors import CallError, SendError
from dynclient.security import NO_SECRETS, Credentials, Secrets
from dynclient.transport import MOMENT, NEVER, Transport, failures, send_error, signed, telling
from dynclient.types import Timeout
from dynclient.uploads import BodyError, Upload
from dynclient.values import Unwritable
from dynclient.wsgi import Answer, answer

MOST_CONNECTIONS = 100
"""How many calls of a client are under way at once; others wait for their turn."""

_MOST_HEAD = 1 << 18
"""Bytes of the head of an answer, with those of the interim answers before it."""

_MOST_UNREAD = 1 << 16
"""Bytes of one head, or of one line between chunks."""

_PIECE = 1 << 16
_UNBOUNDED = nullcontext()

_SMALL = 1 << 14
"""Bytes of a body that are written together with the head."""

_PORTS = {"http": 80, "https": 443}
_LOST: tuple[type[Exception], ...] = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream)
_UNWRITABLE: tuple[type[Exception], ...] = (h11.LocalProtocolError,)
_UNTUNNELLED: tuple[type[Exception], ...] = (requests.ConnectionError, Malformed)


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a connection goes, by which proxy, and whom it trusts. Those of the same route can be exchanged."""

    scheme: str
    host: str
    port: int
    proxy: str = field(repr=False)
    verify: bool | str
    certificate: Any = field(repr=False)


class _Connection:
    """A connection, and what HTTP has come to on it."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self.was_used = False
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_UNREAD)
        self._has_ended = False

    def is_quiet(self) -> bool:
        """Whether nothing has come that nobody asked for; the end of the connection is such a thing, too."""
        connected = self.stream.extra(SocketAttribute.raw_socket)  # noqa: S610  # this is no Django
        return not wait_for_read(connected, timeout=0.0)

    async def close(self) -> None:
        await anyio.aclose_forcefully(self.stream)

    def forsake(self) -> None:
        """End the connection where nothing can be awaited; the event loop closes its socket then."""
        with suppress(OSError):
            self.stream.extra(SocketAttribute.raw_socket).shutdown(socket.SHUT_RDWR)  # noqa: S610

    async def ask(self, request: h11.Request, body: Any, attempt: Attempt) -> None:
        """Send a request. A server may answer before it has read all of it, and read no more."""
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
        try:
            await self._write(data, attempt)
            async for piece in _pieces(body):
                await self._write(self._http.send(h11.Data(data=piece)), attempt)
            await self._write(self._http.send(h11.EndOfMessage()), attempt)
        except anyio.BrokenResourceError:
            return

    async def head(self, attempt: Attempt) -> h11.Response:
        """The head of the answer; interim ones before it are passed over (RFC 9110 §15.2)."""
        size = 0
        while not isinstance(event := self._head_event(), h11.Response):
            if event is h11.NEED_DATA:
                size += await self._more(attempt)
                if size > _MOST_HEAD:
                    raise Malformed("its head is too long")
        if len(event.headers) > MOST_FIELDS:
            raise Malformed("its head is too long")
        return event

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
        while (event := self._body_event()) is h11.NEED_DATA:
            await self._more(attempt)
        return bytes(event.data) if isinstance(event, h11.Data) else None

    def can_go_on(self, head: h11.Response) -> bool:
        """Whether another request may follow: not after bytes that belong to no answer, or framing said twice."""
        names = {name for name, _ in head.headers}
        if {b"content-length", b"transfer-encoding"} <= names or self._http.trailing_data[0]:
            return False
        if not (self._http.our_state is h11.DONE and self._http.their_state is h11.DONE):
            return False
        self._http.start_next_cycle()
        self.was_used = True
        return True

    def _head_event(self) -> Any:
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError:
            rest = self._http.trailing_data[0]
            if not self._has_ended or (rest and not STATUS_LINE.match(rest)):
                raise Malformed("its head is not one of HTTP") from None
            raise requests.ConnectionError("it broke off") from None

    def _body_event(self) -> Any:
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError:
            if not self._has_ended:
                raise Malformed("its chunks are not as long as they say") from None
            raise requests.ConnectionError("it broke off") from None

    async def _more(self, attempt: Attempt) -> int:
        """How many bytes came, which h11 then has."""
        with _within(attempt.patience()):
            try:
                data = await self.stream.receive(_PIECE)
            except anyio.EndOfStream:
                data = b""
        self._has_ended = not data
        attempt.answered = attempt.answered or bool(data)
        self._http.receive_data(data)
        return len(data)

    async def _write(self, data: bytes | None, attempt: Attempt) -> None:
        for start in range(0, len(data or b""), _PIECE):
            try:
                with _within(attempt.patience()):
                    await self.stream.send((data or b"")[start : start + _PIECE])
            except TimeoutError:
                if not self.is_quiet():  # it has answered, and takes no more
                    raise anyio.BrokenResourceError from None
                raise


@dataclass
class _Pool:
    """The connections of one event loop: those that wait for a request, and how many more calls may begin."""

    idle: dict[_Route, list[_Connection]] = field(default_factory=dict)
    places: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(MOST_CONNECTIONS))
    signers: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(MOST_CONNECTIONS))

    async def enter(self, attempt: Attempt) -> None:
        """Wait for this call's turn."""
        try:
            self.places.acquire_nowait()
        except anyio.WouldBlock:
            with _within(attempt.deadline.within(None)):
                await self.places.acquire()

    async def take(self, route: _Route) -> _Connection | None:
        waiting = self.idle.get(route, [])
        while waiting:
            connection = waiting.pop()
            if connection.is_quiet():
                return connection
            await connection.close()
        return None

    async def keep(self, route: _Route, connection: _Connection, head: h11.Response) -> None:
        """Take it for another request, if that may follow this answer; else close it."""
        if connection.can_go_on(head):
            self.idle.setdefault(route, []).append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        for waiting in self.idle.values():
            while waiting:
                await waiting.pop().close()


_POOLS: RunVar[WeakKeyDictionary[AsyncTransport, _Pool]] = RunVar("dynclient")
"""Those of the running event loop."""


class AsyncTransport:
    """
    Sends what `transport` prepares, with its cookies, proxies and certificates, on connections of its own.

    Each event loop has its own connections.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._contexts: dict[tuple[Any, Any], ssl.SSLContext] = {}

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
        deadline: Deadline = NEVER,
        most: int | None = None,
        fresh: bool = False,
        stream: bool = False,
    ) -> requests.Response:
        """
        The answer to one attempt, as `Transport.send` gives it; it has at most `most` bytes packed, and unpacked.

        With `stream` an answer that means success is not read: `piece` gives its content, `finish` reads it after all,
        and one of them has to come to its end, or else `drop` to be called. `answer.attempt` holds its deadline. It is
        not counted among the calls that are under way.

        A task that is cancelled meanwhile closes its connection.

        Raises:
            CallError: the body cannot be read again, or the proxy is of a kind that is not known here.
            SendError: no complete answer came back.
        """
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        connect, idle = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        call = _Call(prepared, credentials, connect, most, Attempt(deadline, idle, fresh), stream)
        cause: BaseException | None
        try:
            if upload is not None:
                upload.check()
            self._transport.rewind(prepared)  # it may have been sent before
            return await self._answered(operation_id, call)
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

    async def piece(self, operation_id: str, answer: requests.Response, secrets: Secrets = NO_SECRETS) -> bytes | None:
        """
        What comes next of the content of an answer that was got with `stream`, unpacked; None at its end.

        `answer.attempt` may be given another deadline, and another longest wait for a piece, at any time.

        Raises:
            SendError: it broke off, or took too long.
        """
        async with self._reading(operation_id, answer, None, secrets):
            return await _rest(answer).piece()

    async def settle(self, answer: requests.Response) -> None:
        """Take the end of an answer of which nothing more is wanted, as `Transport.settle` does."""
        if not self._transport.in_process:
            answer.attempt.deadline = Deadline(MOMENT)  # type: ignore[attr-defined]
            with suppress(SendError):
                await self.piece("", answer)

    async def finish(
        self, operation_id: str, answer: requests.Response, most: int | None, secrets: Secrets = NO_SECRETS
    ) -> None:
        """
        Read an answer that was got with `stream` after all, as `send` does without.

        Raises:
            SendError: it broke off, took too long, or is larger than `most` bytes.
        """
        async with self._reading(operation_id, answer, most, secrets):
            await _rest(answer).whole(most)

    async def drop(self, answer: requests.Response) -> None:
        """Close the connection of an answer that was got with `stream`, if it was not read to its end."""
        if hasattr(answer, "rest"):
            await _rest(answer).close()

    @asynccontextmanager
    async def _reading(
        self, operation_id: str, answer: requests.Response, most: int | None, secrets: Secrets
    ) -> AsyncIterator[None]:
        """While the content of an answer is read: its failures become ours, and close its connection."""
        attempt: Attempt = answer.attempt  # type: ignore[attr-defined]
        try:
            yield
        except _LOST + failures() as error:
            await self.drop(answer)
            known = _translated(error)
            failure = send_error(operation_id, known, answer.request, answer, most, attempt.deadline, attempt)
            failure.message = secrets.masked(failure.message)
            raise failure from telling(known, answer.request.url or "", secrets)
        except BaseException:
            await self.drop(answer)
            raise

    async def close(self) -> None:
        """Close the connections of this event loop that wait for a request."""
        await self._pool().close()

    def _pool(self) -> _Pool:
        pools = _POOLS.get(None)
        if pools is None:
            pools = WeakKeyDictionary()
            _POOLS.set(pools)
        if self not in pools:
            pools[self] = _Pool()
        return pools[self]

    async def _answered(self, operation_id: str, call: _Call) -> requests.Response:
        pool = self._pool()
        await pool.enter(call.attempt)
        try:
            if not (call.prepared.hooks.get("response") or (call.credentials and call.credentials.auth)):
                return await self._once(operation_id, call.prepared, call, pool)
            sign = partial(self._signed, operation_id, call, pool)
            return await anyio.to_thread.run_sync(sign, abandon_on_cancel=True, limiter=pool.signers)
        except BaseException:
            if call.answer is not None:  # a thread that signs may hold it still
                await self.drop(call.answer)
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
            with _within(call.attempt.deadline.within(None)):
                found = call.answer = await self._in_process(prepared)
            if call.leaves(found.status_code):
                _leave(found, call.attempt, _InProcess(found, call.attempt))
        else:
            found = await self._exchanged(operation_id, prepared, call, pool)
        if "Set-Cookie" in found.headers:
            extract_cookies_to_jar(self._transport.session.cookies, prepared, found.raw)  # type: ignore[no-untyped-call]
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
        request = self._request(prepared, route)
        taken = None if attempt.fresh else await pool.take(route)
        attempt.reused = taken is not None
        connection = taken or await self._connected(route, attempt, call.connect)
        try:
            await connection.ask(request, prepared.body, attempt)
            head = await connection.head(attempt)
            content = io.BytesIO()
            call.answer = found = _answer(prepared, head, content)
            keep = partial(pool.keep, route, connection, head)
            if call.leaves(head.status_code):
                _leave(found, attempt, _OnNetwork(found, content, connection, attempt, keep))
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
        proxy: str = select_proxy(url, settings["proxies"]) or ""
        if proxy:
            proxy = prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]
            if urlsplit(proxy).scheme not in _PORTS:
                raise CallError(operation_id, "AsyncClient knows proxies by http and https alone; Client knows SOCKS")
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
        stream: ByteStream | None = None
        try:
            with _within(attempt.deadline.within(connect)):
                if route.proxy:
                    proxy = urlsplit(route.proxy)
                    port = proxy.port or _PORTS[proxy.scheme]
                    stream = await anyio.connect_tcp(proxy.hostname or "", port)
                    if proxy.scheme == "https":
                        stream = await self._secured(stream, proxy.hostname or "", route.verify, None)
                    if route.scheme == "https":
                        await self._tunnel(stream, route, Attempt(attempt.deadline, None))
                else:
                    stream = await anyio.connect_tcp(route.host, route.port)
                if route.scheme == "https":
                    stream = await self._secured(stream, route.host, route.verify, route.certificate)
                return _Connection(stream)
        except TimeoutError as error:
            failure: Exception = requests.ConnectTimeout(error)
        except ssl.SSLError as error:
            failure = requests.exceptions.SSLError(error)
        except BaseException:
            if stream is not None:
                await anyio.aclose_forcefully(stream)
            raise
        if stream is not None:
            await anyio.aclose_forcefully(stream)
        raise failure

    async def _tunnel(self, stream: ByteStream, route: _Route, attempt: Attempt) -> None:
        host = f"[{route.host}]" if ":" in route.host else route.host
        fields = [("Host", f"{host}:{route.port}"), *self._proxy_fields(route)]
        request = h11.Request(method="CONNECT", target=f"{host}:{route.port}", headers=[*map(_written, fields)])
        connection = _Connection(stream)
        try:
            await connection.ask(request, None, attempt)
            status = (await connection.head(attempt)).status_code
        except _LOST + _UNTUNNELLED:
            status = 0
        if not 200 <= status < 300:
            raise requests.exceptions.ProxyError

    async def _secured(self, stream: ByteStream, host: str, verify: bool | str, certificate: Any) -> ByteStream:
        key = (verify, certificate)
        context = self._contexts.get(key)
        if context is None:
            context = self._contexts[key] = _context(verify, certificate)
        return await TLSStream.wrap(stream, hostname=host, ssl_context=context, standard_compatible=False)


@dataclass
class _Call:
    """One attempt, with what it may take, and how far its answer came."""

    prepared: requests.PreparedRequest = field(repr=False)
    credentials: Credentials | None
    connect: float | None
    most: int | None
    attempt: Attempt
    stream: bool = False
    answer: requests.Response | None = None
    scope: anyio.CancelScope | None = None

    def leaves(self, status: int) -> bool:
        """Whether the content of an answer of this status is left to be read."""
        return self.stream and status < 300


class _Rest(Protocol):
    """The content of an answer that is not read yet."""

    async def piece(self) -> bytes | None:
        """What comes next, unpacked; None at the end."""

    async def whole(self, most: int | None) -> None:
        """Read it, after which the answer has it; it may have `most` bytes."""

    async def close(self) -> None:
        """No more is wanted; closing twice does no harm."""

    def forsake(self) -> None:
        """Close it where nothing can be awaited."""


class _OnNetwork:
    """What still comes on a connection, which `keep` takes at the end."""

    def __init__(
        self,
        answer: requests.Response,
        content: io.BytesIO,
        connection: _Connection,
        attempt: Attempt,
        keep: Callable[[], Awaitable[None]],
    ) -> None:
        self._answer = answer
        self._content = content
        self._connection: _Connection | None = connection
        self._attempt = attempt
        self._keep = keep
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

    def forsake(self) -> None:
        if self._connection is not None:
            self._connection.forsake()

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
        self.forsake()

    def forsake(self) -> None:
        self._answer.close()


class _Bridge:
    """What requests sends by from a thread."""

    def __init__(self, send: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        self._send = send

    def send(self, prepared: requests.PreparedRequest, **_: Any) -> requests.Response:
        found = self._send(prepared)
        found.connection = self  # type: ignore[assignment]
        return found


def _within(seconds: float | None) -> Any:
    """Raises a TimeoutError if what is done in it takes longer."""
    return _UNBOUNDED if seconds is None else anyio.fail_after(seconds)


def _leave(answer: requests.Response, attempt: Attempt, rest: _Rest) -> None:
    """The content of the answer is read later."""
    answer.attempt, answer.rest = attempt, rest  # type: ignore[attr-defined]


def _rest(answer: requests.Response) -> _Rest:
    rest: _Rest = answer.rest  # type: ignore[attr-defined]
    return rest


def forsake(answer: requests.Response) -> None:
    """`AsyncTransport.drop` where nothing can be awaited."""
    _rest(answer).forsake()


def _fill(content: io.BytesIO, data: bytes) -> None:
    content.write(data)
    content.seek(0)


def _answer(prepared: requests.PreparedRequest, head: h11.Response, content: io.BytesIO) -> Answer:
    fields = ((name.decode("latin-1"), text.decode("latin-1")) for name, text in head.headers.raw_items())
    return answer(prepared, head.status_code, head.reason.decode("latin-1"), fields, content)


def _written(item: tuple[str | bytes, str | bytes]) -> tuple[bytes, bytes]:
    name, text = item
    return (
        name.encode("latin-1") if isinstance(name, str) else name,
        text.encode("latin-1") if isinstance(text, str) else text,
    )


def _translated(error: Exception) -> Exception:
    """The error as one that requests might have raised, so that it is judged as those are."""
    if isinstance(error, _LOST):
        return requests.ConnectionError("it was closed")
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


async def _pieces(body: Any) -> AsyncIterator[bytes]:
    """A body piece by piece; what may have to wait for its next piece does so in a thread."""
    if body is None:
        return
    if isinstance(body, (str, bytes)):
        yield body.encode() if isinstance(body, str) else body
        return
    pieces = iter(partial(body.read, _PIECE), b"") if hasattr(body, "read") else iter(body)
    following = partial(next, pieces, None)
    while (piece := await anyio.to_thread.run_sync(following, abandon_on_cancel=True)) is not None:
        yield piece
