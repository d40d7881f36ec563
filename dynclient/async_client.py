"""The client for tasks: the calls of `Client`, awaited, on asyncio or Trio."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from dynclient.base_client import BaseClient
from dynclient.calls import AsyncCaller, AsyncClientOptions, Core, async_answer
from dynclient.documents import Document, DocumentSource
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import quiet
from dynclient.types import JSON, UNSET, Unset

if TYPE_CHECKING:
    import requests


class AsyncClient(BaseClient[AsyncCaller]):
    """
    Every operation of an OpenAPI document as a method to await.

        async with dynclient.AsyncClient("openai") as client:
            run = await client.createRun(thread_id="thread_abc", assistant_id="asst_abc")

    The options are those of `Client`, except `session`, and so are the promises. Only network I/O is asynchronous: the
    document is read when the client is made, and validation runs in the thread of the event loop, as hooks do.
    Credentials from an `OAuth2` or a function are fetched in another thread; files and iterators that are sent are read
    there too.

    A cancelled task closes its connection; the call is not repeated, and no hook is called. One client serves any
    number of tasks; at most a hundred calls run at once, not counting open streams and downloads. `raw` of a response
    is a `requests.Response` that was read to its end.
    """

    @quiet
    def __init__(self, source: DocumentSource | Document, **options: Unpack[AsyncClientOptions]) -> None:
        """
        Read the document; nothing is called yet.

        Raises:
            DocumentError, TypeError, ValueError: as `Client` does.
        """
        if options.get("session") is not None:
            raise TypeError("AsyncClient takes no session, for its connections are its own; see headers and auth")
        super().__init__(source, **options)
        self._network = AsyncTransport(self._core.transport)

    def _caller(self, core: Core, operation: Operation, base_url: str = "") -> AsyncCaller:
        return AsyncCaller(core, operation, self._network, base_url=base_url)

    def _with(self, core: Core) -> Self:
        client = super()._with(core)
        client._network = self._network
        return client

    def __getstate__(self) -> dict[str, Any]:
        return {"_core": self._core, "_network": self._network}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A client with connections of its own."""
        client = self._with(copy.deepcopy(self._core, memo))
        client._network = AsyncTransport(client._core.transport)
        return client

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    @quiet
    async def send(self, prepared: requests.PreparedRequest) -> Response:
        """Send a request that `prepare` returned, and return the answer; it raises what `Client.send` raises."""
        from dynclient.calls import operation_of

        core, operation = self._core, operation_of(prepared)
        return (await async_answer(core, self._network, operation, prepared, core.deadline()))[1]

    @quiet
    async def request(
        self,
        method: str,
        path: str,
        *,
        body: JSON | Unset = UNSET,
        query: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
    ) -> Response:
        """Call what the document does not describe, and return the answer; see `Client.request`."""
        return await self._undocumented(method, path, body, query, headers, content_type)(body=body)

    async def aclose(self) -> None:
        """Close the connections of this event loop that no call is using."""
        await self._network.close()
        self._core.workers.close()
        self._core.transport.close()

    close = aclose
