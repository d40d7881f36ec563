"""An answer that a task fetches only as it uses it: what its streams and downloads have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dynclient.calls.async_sending import apart
from dynclient.calls.open_answers import Unread
from dynclient.calls.sending import Parts
from dynclient.network import AsyncTransport, abandon
from dynclient.openapi import Operation
from dynclient.responses import Response

if TYPE_CHECKING:
    import requests


class AsyncFetched(Unread):
    """One that is fetched on asyncio or Trio: `_connect` makes the call, and `_answer` holds the content."""

    _answer: requests.Response | None = None

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

    def __del__(self) -> None:
        if self._answer is not None:
            warnings.warn(f"{self!r} was not closed; use it in async with", ResourceWarning, 2, source=self)
            abandon(self._answer)

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

    async def aclose(self) -> None:
        """Close the connection; closing twice does no harm. Nothing comes afterwards."""
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
            self._begun(self._answer is not None)

    async def _connect(self, prepared: requests.PreparedRequest) -> object:
        raise NotImplementedError
