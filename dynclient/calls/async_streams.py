"""Streams for tasks: what `streams` decides, fetched on asyncio or Trio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.calls.async_open_answers import AsyncOpenAnswer
from dynclient.calls.async_sending import in_thread
from dynclient.calls.reading import read_again
from dynclient.calls.streams import BaseStream, no_stream
from dynclient.errors import SendError
from dynclient.wire import Event

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared


class AsyncStream(AsyncOpenAnswer, BaseStream):
    """
    The items of an answer, as `Stream` returns them, for one task at a time.

        async with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
            async for event in events:
                print(event.event, event.data)

    The call is made when the context begins, or by the first item; `response` exists from then on. A cancelled task
    closes the connection and the stream.

    Raises:
        DynclientError: as `Stream` does; after an error of one item `anext` goes on after it.
    """

    async def __anext__(self) -> Event:
        await self._begin()
        if self._open is None:
            raise StopAsyncIteration
        try:
            self._wait_for_item()
            while (event := self._reader.take()) is None:
                if not await self._goes_on():
                    self._log_end()
                    raise StopAsyncIteration
            return event
        except BaseException as error:
            if self._is_last(error):
                await self.aclose()
            raise

    async def _connect(self, prepared: Prepared) -> None:
        self._open = None
        response = self._response = await self._answered(self._limited(), prepared)
        received = self._received
        if response.is_read or received is None:  # an error that does not raise
            return
        if response.status_code in (204, 205):
            await self._network.drop(received)
        elif self._reader.begin(response):
            self._open = received
            self._at_end = False
        else:
            most = self._core.options.max_response_size
            await self._network.finish(self._operation.id, received, most, response.secrets)
            self._response = read_again(self._core, response)
            raise no_stream(self._response)

    async def _goes_on(self) -> bool:
        """Fetch more content; return whether items may follow."""
        if not self._reader.is_over:
            return await self._advance()
        assert self._open is not None
        await self._network.settle(self._open)
        return False

    async def _advance(self) -> bool:
        """Fetch the next piece, or resume the stream at the end of the content; return whether items may follow."""
        assert self._open is not None
        try:
            piece = await self._network.piece(self._operation.id, self._open, self.response.secrets)
        except SendError as error:
            return await self._resume(self._explained(error))
        return self._fed(piece) or await self._resume(None)

    async def _resume(self, error: SendError | None) -> bool:
        """Resume the stream; return whether items may follow. If it cannot be resumed, it ends, or raises the error."""
        while (pause := self._pause(error)) is not None:
            await self._core.traffic.clock.pause(pause)
            try:
                await self._connect(await in_thread(self._core, self._resumption))
            except SendError as failed:
                error = self._failed = failed
            else:
                if self._open is None:
                    return False
                self._wait_for_item()
                return True
        return self._over(error)
