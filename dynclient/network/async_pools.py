"""The idle connections of the async client on each event loop, and how they end with it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from typing import Any
from weakref import finalize

import anyio
from anyio.lowlevel import RunVar

from dynclient.network.async_connections import Connection, Route, within
from dynclient.network.attempt import Attempt

MOST_CONNECTIONS = 100
"""How many calls of a client are under way at once; others wait for their turn."""


class Idle(dict["Route", "list[Connection]"]):
    """The connections of one event loop that wait for a request."""

    is_over = False

    async def take(self, route: Route) -> Connection | None:
        waiting = self.get(route, [])
        while waiting:
            connection = waiting.pop()
            if connection.is_quiet():
                return connection
            await connection.close()
        return None

    async def keep(self, route: Route, connection: Connection) -> None:
        """Keep a connection for another request if it can carry one; else close it."""
        if not self.is_over and connection.renew():
            self.setdefault(route, []).append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        for waiting in self.values():
            while waiting:
                await waiting.pop().close()

    async def end(self) -> None:
        """Close all connections, and keep none from now on."""
        self.is_over = True
        await self.close()


class Pool:
    """
    What a client has on one event loop: idle connections, and a limit on the calls under way.

    The connections end with the loop, or with the client if that is dropped before.
    """

    def __init__(self) -> None:
        trio = sys.modules.get("trio")
        self.idle = Idle()
        self.places = anyio.Semaphore(MOST_CONNECTIONS)
        self.signers = anyio.CapacityLimiter(MOST_CONNECTIONS)
        self.loop = _Trio(trio) if trio is not None and trio.lowlevel.in_trio_run() else _Asyncio()
        finalize(self, _dropped, os.getpid(), self.loop).atexit = False

    async def enter(self, attempt: Attempt) -> None:
        """Wait for this call's turn."""
        try:
            self.places.acquire_nowait()
        except anyio.WouldBlock:
            with within(attempt.deadline.within(None)):
                await self.places.acquire()

    def has_ended(self) -> bool:
        return self.idle.is_over or self.loop.has_ended()


def _dropped(process: int, loop: _Asyncio | _Trio) -> None:
    if process == os.getpid():  # a forked child does not have the loop of its parent
        loop.drop()


class _Asyncio:
    """The running event loop of asyncio, which closes open asynchronous generators at its end."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.has_ended = self._loop.is_closed

    async def begin(self, idle: Idle) -> None:
        """Make the connections end with the loop."""
        self._end = self._ending(idle)
        await anext(self._end)

    def drop(self) -> None:
        """Make the connections end soon; like `soon`, this can be called from any thread."""
        self.soon(self._end.aclose)

    def soon(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Make the loop call a function, unless it has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(function()))

    async def _ending(self, idle: Idle) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await idle.end()


class _Trio:
    """The running event loop of Trio, which cancels its system tasks at its end. Such a task must not raise."""

    def __init__(self, trio: Any) -> None:
        self._trio = trio.lowlevel
        self._token = self._trio.current_trio_token()
        self._is_dropped = trio.Event()

    def has_ended(self) -> bool:
        return False  # `idle.is_over` is true by then

    async def begin(self, idle: Idle) -> None:
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

    async def _ending(self, idle: Idle) -> None:
        try:
            await self._is_dropped.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await idle.end()


LOOP: RunVar[object] = RunVar("dynclient")
"""A key for the running event loop that does not keep it alive."""
