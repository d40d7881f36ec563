"""Streams for tasks: what `streams` decides, fetched on asyncio or Trio."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dynclient.async_sending import apart, read_after_all, send
from dynclient.async_transport import AsyncTransport, forsake
from dynclient.errors import SendError
from dynclient.model import Operation
from dynclient.response import Response
from dynclient.sending import Parts
from dynclient.streaming import Event
from dynclient.streams import Driver, no_stream

if TYPE_CHECKING:
    import requests


class AsyncStream(Driver):
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

    def __init__(
        self,
        parts: Parts,
        network: AsyncTransport,
        operation: Operation,
        prepare: Callable[[], requests.PreparedRequest],
    ) -> None:
        super().__init__(parts, operation)
        self._network = network
        self._prepare = prepare
        self._answer: requests.Response | None = None
        if not parts.authenticator.may_wait:
            self._hold(prepare())

    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

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

    def __del__(self) -> None:
        answer = getattr(self, "_answer", None)
        if answer is not None:
            warnings.warn(f"{self!r} was not closed; use it in async with", ResourceWarning, 2, source=self)
            forsake(answer)

    @property
    def response(self) -> Response:
        """
        The head of the answer: its status and headers.

        Raises:
            ValueError: the call was not made.
        """
        if self._response is None:
            reason = "was closed before it began" if self._is_closed else "has not begun; use it in async with"
            raise ValueError(f"the stream {reason}")
        return self._response

    async def aclose(self) -> None:
        """Close the connection; closing twice does no harm. There are no items afterwards."""
        answer, self._answer, self._is_closed = self._answer, None, True
        if answer is not None:
            await self._network.drop(answer)

    close = aclose

    async def _begin(self) -> None:
        if self._response is None and not self._is_closed:
            self._is_closed = True  # should it fail
            if self._prepared is None:
                self._hold(await apart(self._parts, self._prepare))
            assert self._prepared is not None
            await self._connect(self._prepared)
            self._is_closed = self._answer is None
            self._begun()

    async def _connect(self, prepared: requests.PreparedRequest) -> None:
        self._answer = None
        response = self._response = await send(self._parts, self._network, self._operation, prepared, stream=True)
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
        if error is not None:
            raise error
        return False
