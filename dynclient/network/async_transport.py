"""One attempt at a request on asyncio or Trio."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import requests

from dynclient.credentials import NO_SECRETS, Credentials, Secrets
from dynclient.errors import CallError, SendError
from dynclient.http import Cookies, Head, bodies
from dynclient.network.asgi import ASGIAdapter
from dynclient.network.async_connections import FAILURES, Connector, translated, within
from dynclient.network.async_contents import InProcess, OnNetwork
from dynclient.network.async_pools import LOOP, Pool
from dynclient.network.attempt import Attempt
from dynclient.network.received import Received, Unread
from dynclient.network.send_errors import failures, safe_cause, send_error
from dynclient.network.transport import MOMENT, Transport, signed
from dynclient.network.wsgi import Answer, answer
from dynclient.support import NEVER, Deadline, proxy_name, renewed
from dynclient.types import Timeout
from dynclient.wire import BodyError, Unwritable, Upload


class AsyncTransport:
    """
    Sends what a `Transport` prepares, with its proxies and certificates, but on connections of its own.

    Each event loop has its own connections.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pools: dict[object, Pool] = renewed(self, "_pools", dict)
        self._connector = Connector(transport)

    def __reduce__(self) -> tuple[type[AsyncTransport], tuple[Transport]]:
        """Connections are not pickled."""
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

        If the task is cancelled meanwhile, its connection is closed.

        Raises:
            CallError: the body cannot be read again, or the proxy is of an unsupported kind.
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
        except FAILURES + failures() as error:
            known = translated(error)
            failure = send_error(operation_id, known, prepared, call.answer, most, deadline, call.attempt)
            failure.is_stale = call.attempt.reused and not call.attempt.answered
            cause = safe_cause(known, prepared.url or "", secrets)
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
        """Read the end of an answer that nobody needs any more, as `Transport.settle` does."""
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
        """Translate the errors of reading an answer to ours, and close its connection after any."""
        answer, attempt = received.answer, received.attempt
        try:
            yield
        except FAILURES + failures() as error:
            await self.drop(received)
            known = translated(error)
            failure = send_error(operation_id, known, answer.request, answer, most, attempt.deadline, attempt)
            failure.message = secrets.masked(failure.message)
            failure.attempts = attempt.number
            raise failure from safe_cause(known, answer.request.url or "", secrets)
        except BaseException:
            await self.drop(received)
            raise

    async def close(self) -> None:
        """Close the idle connections of this event loop."""
        pool = self._pools.get(LOOP.get(None))
        if pool is not None:
            await pool.idle.close()

    async def _pool(self) -> Pool:
        """The pool of the running event loop."""
        pool = self._pools.get(LOOP.get(None))
        if pool is None:
            for key, other in list(self._pools.items()):
                if other.has_ended():
                    self._pools.pop(key, None)
            key = LOOP.get(None) or object()
            LOOP.set(key)
            pool = self._pools[key] = Pool()
            await pool.loop.begin(pool.idle)
        return pool

    async def _answered(self, operation_id: str, call: _Call) -> requests.Response:
        pool = await self._pool()
        await pool.enter(call.attempt)
        try:
            if not (call.prepared.hooks.get("response") or (call.credentials and call.credentials.auth)):
                return await self._once(operation_id, call.prepared, call, pool)
            sign = partial(self._signed, operation_id, call, pool)
            with within(call.attempt.deadline.within(None)):
                return await anyio.to_thread.run_sync(sign, abandon_on_cancel=True, limiter=pool.signers)
        except BaseException:
            if call.unread is not None:  # the thread that signs may still hold it
                await call.unread.close()
            raise
        finally:
            if call.scope is not None:
                call.scope.cancel()
            pool.places.release()

    def _signed(self, operation_id: str, call: _Call, pool: Pool) -> requests.Response:
        """
        Let auth objects of requests sign a request, and send another one to answer a challenge.

        All of this runs in one thread, which waits for the event loop: auth objects keep their state by thread.
        """
        bridge = _Bridge(lambda request: anyio.from_thread.run(self._scoped, operation_id, request, call, pool))
        prepared = signed(call.prepared, call.credentials) if call.credentials else call.prepared
        found = bridge.send(prepared)
        return requests.hooks.dispatch_hook("response", prepared.hooks, found)  # type: ignore[no-any-return, no-untyped-call]

    async def _scoped(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: Pool
    ) -> requests.Response:
        """Send for a thread, in a scope that can be cancelled: the thread itself cannot."""
        with anyio.CancelScope() as scope:
            call.scope = scope
            return await self._once(operation_id, prepared, call, pool)
        raise requests.ConnectionError("it was cancelled")

    async def _once(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: Pool
    ) -> requests.Response:
        if self._transport.in_process:
            call.attempt.is_watched = False  # nobody knows how far an application came
            with within(call.attempt.deadline.within(None)):
                found = call.answer = await self._in_process(prepared)
            if call.leaves(found.status_code):
                call.unread = InProcess(found, call.attempt)
        else:
            found = await self._exchanged(operation_id, prepared, call, pool)
        if call.cookies is not None:
            call.cookies.take(found)
        if not call.leaves(found.status_code):
            bodies.whole(found, call.most)
        return found

    async def _in_process(self, prepared: requests.PreparedRequest) -> requests.Response:
        """The answer of an ASGI application, which runs in this task, or of a WSGI application in a thread."""
        adapter: Any = self._transport.session.get_adapter(prepared.url or "")
        if isinstance(adapter, ASGIAdapter):
            return await adapter.ask(prepared, anyio.Event())
        return await anyio.to_thread.run_sync(partial(adapter.send, prepared, stream=True), abandon_on_cancel=True)

    async def _exchanged(
        self, operation_id: str, prepared: requests.PreparedRequest, call: _Call, pool: Pool
    ) -> requests.Response:
        attempt = call.attempt
        route = self._connector.route(operation_id, prepared, call.credentials)
        attempt.proxy = route.proxy and proxy_name(route.proxy)
        request = self._connector.request(prepared, route)
        taken = None if attempt.fresh else await pool.idle.take(route)
        attempt.reused = taken is not None
        connection = taken or await self._connector.connect(route, attempt, call.connect)
        attempt.peer = attempt.proxy if route.scheme == "http" else ""
        try:
            await connection.ask(request, prepared.body, attempt)
            head = await connection.head(attempt)
            content = io.BytesIO()
            call.answer = found = _answer(prepared, head, content)
            keep = partial(pool.idle.keep, route, connection)
            if call.leaves(head.status_code):
                call.unread = OnNetwork(found, content, connection, attempt, keep, pool.loop.soon)
                return found
            found.hold(await connection.content(attempt, call.most))
            await keep()
            return found
        except BaseException:
            await connection.close()
            raise


@dataclass
class _Call:
    """One attempt: its arguments, and how far its answer came."""

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
        """Whether the content of an answer with this status is left unread."""
        return self.stream and status < 300


class _Bridge:
    """The adapter through which auth objects send from a thread."""

    def __init__(self, send: Callable[[requests.PreparedRequest], requests.Response]) -> None:
        self._send = send

    def send(self, prepared: requests.PreparedRequest, **_: Any) -> requests.Response:
        found = self._send(prepared)
        found.connection = self  # type: ignore[assignment]
        return found


def _answer(prepared: requests.PreparedRequest, head: Head, content: io.BytesIO) -> Answer:
    return answer(prepared, head.status_code, head.reason, head.fields, content)
