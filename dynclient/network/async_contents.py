"""The content of an answer that the async client left unread, on a connection or in an application."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import anyio.to_thread
import requests

from dynclient.http import bodies, codings
from dynclient.network.async_connections import Connection
from dynclient.network.attempt import Attempt


class OnNetwork:
    """Content that still comes on a connection; at its end the connection goes to `keep`."""

    def __init__(
        self,
        answer: requests.Response,
        content: io.BytesIO,
        connection: Connection,
        attempt: Attempt,
        keep: Callable[[], Awaitable[None]],
        soon: Callable[[Callable[[], Coroutine[Any, Any, None]]], None],
    ) -> None:
        self._answer = answer
        self._content = content
        self._connection: Connection | None = connection
        self._attempt = attempt
        self._keep = keep
        self._soon = soon
        self._applied = codings.names(answer.headers.get("Content-Encoding", ""))
        self._packed: bytes | None = b""
        self._unpacked: Iterator[bytes] | None = None

    async def piece(self) -> bytes | None:
        while (found := self._next()) == b"" and self._connection is not None:
            self._packed = await self._connection.piece(self._attempt)
            if self._unpacked is None and self._packed:  # an answer without content has no coding, whatever it declares
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
        """The next decoded bytes; b"" if more has to come, None at the end."""
        if self._unpacked is None:
            return None if self._packed is None else b""
        return next(self._unpacked, None)

    def _taken(self) -> Iterator[bytes]:
        while self._packed is not None:
            piece, self._packed = self._packed, b""
            yield piece


class InProcess:
    """Content that an application of this process still yields, read in a thread."""

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


def _fill(content: io.BytesIO, data: bytes) -> None:
    content.write(data)
    content.seek(0)
