"""Answers whose content a task fetches only as it uses it: what its streams and downloads share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dynclient.calls.async_sending import async_answer, in_thread
from dynclient.calls.core import Core
from dynclient.calls.open_answers import OpenAnswer
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import hush, quiet

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared
    from dynclient.network import Received


class AsyncOpenAnswer(OpenAnswer):
    """One that is fetched on asyncio or Trio: `_connect` makes the call, and `_open` holds the content."""

    _open: Received | None = None

    def __init__(
        self, core: Core, network: AsyncTransport, operation: Operation, prepare: Callable[[], Prepared]
    ) -> None:
        super().__init__(core, operation)
        self._network = network
        self._prepare = prepare
        if not core.authenticator.may_wait:
            self._hold(prepare())

    @quiet
    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __aiter__(self) -> Self:
        return self

    def __del__(self) -> None:
        if self._open is not None:
            warnings.warn(f"{self!r} was not closed; use it in async with", ResourceWarning, 2, source=self)
            self._closed()
            if self._open.unread is not None:
                self._open.unread.abandon()

    @property
    def response(self) -> Response:
        """
        The head of the answer: its status and headers.

        Raises:
            ValueError: the call was not made.
        """
        if self._response is None:
            reason = "was closed before it began" if self._is_closed else "has not begun; use it in async with"
            raise ValueError(f"the {self._noun} {reason}")
        return self._response

    async def _answered(self, core: Core, prepared: Prepared) -> Response:
        """Steps 5 and 6 of the call, as far as the head of the answer."""
        exchange, response = await async_answer(
            core, self._network, self._operation, prepared, core.deadline(), stream=True
        )
        self._received = exchange.received
        return response

    async def aclose(self) -> None:
        """Close the connection; nothing comes afterwards. Closing twice does no harm."""
        received, self._open, self._is_closed = self._open, None, True
        self._closed()
        if received is not None:
            await self._network.drop(received)

    close = aclose

    async def _begin(self) -> None:
        if self._response is None and not self._is_closed:
            self._is_closed = True  # should it fail
            try:
                if self._prepared is None:
                    self._hold(await in_thread(self._core, self._prepare))
                assert self._prepared is not None
                await self._connect(self._prepared)
            except BaseException as error:
                hush(error)
                raise
            self._begun(self._open is not None)

    async def _connect(self, prepared: Prepared) -> object:
        raise NotImplementedError
