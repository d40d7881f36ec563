"""Streams for tasks: what `streams` decides, fetched on asyncio or Trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.calls.async_open_answers import AsyncFetched
from dynclient.calls.async_sending import apart, async_send, read_after_all
from dynclient.calls.streams import Driver, no_stream
from dynclient.errors import SendError
from dynclient.wire import Event

if TYPE_CHECKING:
    import requests


class AsyncStream(AsyncFetched, Driver):
    """
    The items of an answer as `Stream` gives them, for one task at a time.

        async with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
            async for event in events:
                print(event.event, event.data)

    The call is made when the context begins, or else by the first item; `response` is there from then on. A task that
    is cancelled closes the connection, and the stream.

    Raises:
        DynclientError: what `Stream` says; after an error of one item `anext` goes on behind it.
    """

    async def __anext__(self) -> Event:
        await self._begin()
        if self._answer is None:
            raise StopAsyncIteration
        try:
            self._wait_for_item()
            while (event := self._reading.take()) is None:
                if not await self._goes_on():
                    self._log_end()
                    raise StopAsyncIteration
            return event
        except BaseException as error:
            if self._is_last(error):
                await self.aclose()
            raise

    async def _connect(self, prepared: requests.PreparedRequest) -> None:
        self._answer = None
        response = self._response = await async_send(
            self._limited(), self._network, self._operation, prepared, stream=True
        )
        if response.is_read:  # an error that is not to be raised
            return
        answer: requests.Response = response.raw  # type: ignore[assignment]
        if response.status_code in (204, 205):
            await self._network.drop(answer)
        elif self._reading.begin(response):
            self._answer = answer
            self._at_end = False
        else:
            self._response = await read_after_all(self._parts, self._network, response)
            raise no_stream(self._response)

    async def _goes_on(self) -> bool:
        """Whether the stream is not over; then something may be taken."""
        if not self._reading.is_over:
            return await self._advance()
        assert self._answer is not None
        await self._network.settle(self._answer)
        return False

    async def _advance(self) -> bool:
        """Whether something may be taken after the next piece, the end of the content, or a new connection."""
        assert self._answer is not None
        try:
            piece = await self._network.piece(self._operation.id, self._answer, self.response.secrets)
        except SendError as error:
            return await self._resume(self._explained(error))
        return self._fed(piece) or await self._resume(None)

    async def _resume(self, error: SendError | None) -> bool:
        """Whether the stream goes on by a new connection; where it may not, it has ended, or the error is raised."""
        while (pause := self._pause(error)) is not None:
            await self._parts.traffic.clock.pause(pause)
            try:
                await self._connect(await apart(self._parts, self._resumption))
            except SendError as failed:
                error = self._failed = failed
            else:
                if self._answer is None:
                    return False
                self._wait_for_item()
                return True
        return self._over(error)
