"""One operation, ready to be called and awaited: steps 1 to 4 are those of `Caller`, 5 and 6 are awaited."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from dynclient.calls.async_downloads import AsyncDownload
from dynclient.calls.async_sending import async_answer, in_thread
from dynclient.calls.async_streams import AsyncStream
from dynclient.calls.caller import BaseCaller
from dynclient.calls.core import Core
from dynclient.calls.paging import Pager
from dynclient.calls.polling import Until
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation
from dynclient.responses import Response, StatusError
from dynclient.support import Deadline, hush, quiet
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import Binder, Builder

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared

    _FirstPage = tuple[Prepared, Pager]


class AsyncCaller(BaseCaller):
    # One operation, ready to be called and awaited. Its documentation is the operation's.

    __slots__ = ("_network",)
    __doc__ = BaseCaller._documentation
    _called_by = "await "

    def __init__(
        self,
        core: Core,
        operation: Operation,
        network: AsyncTransport,
        binder: Binder | None = None,
        builder: Builder | None = None,
        base_url: str = "",
    ) -> None:
        super().__init__(core, operation, binder, builder, base_url)
        self._network = network

    def _with(self, core: Core, builder: Builder) -> Self:
        return type(self)(core, self.operation, self._network, self._binder, builder)

    @quiet
    async def __call__(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call and return the answer; it raises what `prepare` and `AsyncClient.send` raise."""
        deadline = self._core.deadline()
        prepare = partial(self._prepare, unnamed, arguments, body, deadline)
        return await self._answer(await in_thread(self._core, prepare), deadline)

    @quiet
    def stream(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncStream:
        """
        Return the items of the answer as they come, for `async with` and `async for`; see `Caller.stream`.

        An invalid call is refused at once; if credentials have to be asked for, when the stream begins.
        """
        prepare = partial(self._prepare_stream, unnamed, arguments, body)
        return AsyncStream(self._core, self._network, self.operation, prepare)

    @quiet
    def open(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncDownload:
        """
        Return the answer without its content, to save to a file or to read by `async for`; see `Caller.open`.

        An invalid call is refused at once; if credentials have to be asked for, when the download begins.
        """
        prepare = partial(self._prepare_open, unnamed, arguments, body)
        return AsyncDownload(self._core, self._network, self.operation, prepare)

    @quiet
    def pages(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncGenerator[Response]:
        """
        Return the answer and the pages that follow it, for `async for`; see `Caller.pages`.

        An invalid call is refused at once; if credentials have to be asked for, at the first page.
        """
        pages = self._paged(partial(self._first_page, unnamed, arguments, body))
        return _each(pages, lambda response, _: (response,))

    @quiet
    def items(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncGenerator[JSON]:
        """Return the items of the lists in `pages(...)`, one after another; it raises what `pages` raises."""
        pages = self._paged(partial(self._first_page, unnamed, arguments, body))
        return _each(pages, lambda response, pager: pager.items(response))

    @quiet
    async def poll(self, /, *unnamed: JSON, until: Until, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call again and again until its answer is as wanted, and return that answer; see `Caller.poll`."""
        poller = self._poller(until)
        with self._core.bar(self.operation, "poll") as bar:
            while True:
                response = await self(*unnamed, body=body, **arguments)
                pause = self._pause(poller, response, bar)
                if pause is None:
                    return response
                await self._core.traffic.clock.pause(pause)

    def _paged(self, first: Callable[[], _FirstPage]) -> AsyncGenerator[tuple[Response, Pager]]:
        if self._core.authenticator.may_wait:
            return self._followed(first)
        found = first()
        return self._followed(lambda: found)

    async def _followed(self, first: Callable[[], _FirstPage]) -> AsyncGenerator[tuple[Response, Pager]]:
        found, pager = await in_thread(self._core, first)
        prepared = found
        with self._core.bar(self.operation, "pages") as bar:
            for number in count(1):
                try:
                    response = await self._answer(prepared)
                except StatusError as error:
                    if pager.ends_at(error.status_code):
                        return
                    raise
                bar.hide()  # what the caller prints must not meet it
                bar.update(number)
                yield response, pager
                bar.show()
                following = await in_thread(self._core, partial(self._next_page, prepared, response, pager))
                if following is None:
                    return
                prepared = following

    async def _answer(self, prepared: Prepared, deadline: Deadline | None = None) -> Response:
        deadline = deadline or self._core.deadline()
        return (await async_answer(self._core, self._network, self.operation, prepared, deadline))[1]


async def _each(
    pages: AsyncGenerator[tuple[Response, Pager]], found: Callable[[Response, Pager], Iterable[Any]]
) -> AsyncGenerator[Any]:
    try:
        async for response, pager in pages:
            for each in found(response, pager):
                yield each
    except BaseException as error:
        hush(error)
        raise
