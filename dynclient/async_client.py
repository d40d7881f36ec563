"""The client for tasks: the calls of `Client`, awaited, on asyncio or Trio."""

from __future__ import annotations

import copy
import inspect
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dynclient.calls import AsyncDownload, AsyncStream, Pager, Poller, Until, apart, async_send, deadline_of
from dynclient.client import Caller, Client, operation_of, undocumented_caller
from dynclient.credentials import Credential
from dynclient.documents import Document, DocumentSource
from dynclient.errors import Problem
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation, Server
from dynclient.responses import Response, StatusError
from dynclient.support import Deadline, quiet
from dynclient.types import JSON, UNSET, Unset

if TYPE_CHECKING:
    import requests

    _FirstPage = tuple[requests.PreparedRequest, Pager]


class AsyncClient:
    """
    Every operation of an OpenAPI document as a method to await.

        async with dynclient.AsyncClient("openai") as client:
            run = await client.createRun(thread_id="thread_abc", assistant_id="asst_abc")

    The options are those of `Client`, but for `session`, and mean the same; so do the promises. Only what waits for the
    network waits: the document is read when the client is made, and arguments and answers are judged as they are by
    `Client`, in the thread of the event loop. Hooks are called there too. Credentials that may have to be asked for, of
    an `OAuth2` or a function, are got in another thread, and so are the pieces of files and iterators that are sent.

    A task that is cancelled closes its connection; the call is not made again, and no hook is told. One client serves
    any number of tasks, of which a hundred are under way at once, open streams and downloads apart. `raw` of a response
    is a Response of requests that holds what came, read to its end.

    Raises:
        DocumentError, TypeError, ValueError: what `Client` says.
    """

    def __init__(self, source: DocumentSource | Document, **options: Any) -> None:
        if options.get("session") is not None:
            raise TypeError("AsyncClient takes no session, for its connections are its own; see headers and auth")
        self._attach(Client(source, **options), None)

    def _attach(self, client: Client, network: AsyncTransport | None) -> None:
        self._client = client
        self._network = network or AsyncTransport(client._parts.transport)

    def __getattr__(self, name: str) -> AsyncCaller:
        if name.startswith("_"):  # probed by copy, pickle and notebooks, before __init__ has run too
            raise AttributeError(name)
        caller = AsyncCaller(getattr(self._client, name), self._network)
        self.__dict__[name] = caller  # the next look-up is an ordinary attribute
        return caller

    def __getitem__(self, name: str) -> AsyncCaller:
        """The operation of this id, "METHOD /path" or snake case id."""
        return AsyncCaller(self._client[name], self._network)

    def __contains__(self, name: object) -> bool:
        return name in self._client

    __iter__ = None

    def __dir__(self) -> list[str]:
        names = (name for name in self._client._parts.operations.attributes if not name.startswith("_"))
        return sorted({*super().__dir__(), *names})

    def __repr__(self) -> str:
        return repr(self._client).replace("<Client", "<AsyncClient", 1)

    def __getstate__(self) -> dict[str, Any]:
        return {"_client": self._client, "_network": self._network}

    def __deepcopy__(self, memo: dict[int, Any]) -> AsyncClient:
        """A client with connections of its own."""
        return self._with(copy.deepcopy(self._client, memo), None)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by operationId; see `Client.operations`."""
        return self._client.operations

    @property
    def tags(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the operations under each tag; see `Client.tags`."""
        return self._client.tags

    @property
    def document(self) -> Document:
        """The document."""
        return self._client.document

    @property
    def base_url(self) -> str:
        """Where calls go; see `Client.base_url`."""
        return self._client.base_url

    @property
    def server(self) -> Server:
        """The document's server that was chosen."""
        return self._client.server

    def with_options(self, *, auth: Mapping[str, Credential] | None = None, **options: Any) -> AsyncClient:
        """A client with other options and the same connections; see `Client.with_options`."""
        return self._with(self._client.with_options(auth=auth, **options), self._network)

    @quiet
    async def send(self, prepared: requests.PreparedRequest) -> Response:
        """Send what `prepare` gave and return the answer; raises what `Client.send` says."""
        return await async_send(self._client._parts, self._network, operation_of(prepared), prepared)

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
        parts = self._client._parts
        caller = undocumented_caller(parts, method, path, body, query, headers, content_type)
        return await AsyncCaller(caller, self._network)(body=body)

    async def aclose(self) -> None:
        """Close the connections of this event loop that no call is using."""
        await self._network.close()
        self._client.close()

    close = aclose

    def _with(self, client: Client, network: AsyncTransport | None) -> AsyncClient:
        other = AsyncClient.__new__(type(self))
        other._attach(client, network)
        return other


class AsyncCaller:
    """One operation, ready to be called and awaited."""

    __slots__ = ("__weakref__", "_caller", "_network")

    def __init__(self, caller: Caller, network: AsyncTransport) -> None:
        self._caller = caller
        self._network = network

    @property
    def operation(self) -> Operation:
        return self._caller.operation

    @quiet
    async def __call__(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call and return the answer; `prepare` and `AsyncClient.send` say what each half of it raises."""
        deadline = deadline_of(self._caller._parts)
        prepare = partial(self._caller.prepare_by, deadline, *unnamed, body=body, **arguments)
        return await self._sent(await apart(self._caller._parts, prepare), deadline)

    def prepare(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> requests.PreparedRequest:
        """The request that the call would send, judged and complete; see `Caller.prepare`. It does not wait."""
        return self._caller.prepare(*unnamed, body=body, **arguments)

    def check(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> tuple[Problem, ...]:
        """Everything that is wrong with a call; empty when it may be sent."""
        return self._caller.check(*unnamed, body=body, **arguments)

    def curl(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> str:
        """The call as a curl command with its credentials masked; raises what `prepare` raises."""
        return self._caller.curl(*unnamed, body=body, **arguments)

    def stream(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncStream:
        """
        The items of the answer as they come, for `async with` and `async for`; see `Caller.stream`.

        What cannot be is refused at once, or when it begins where credentials have to be asked for before that.
        """
        prepare = partial(self._caller.prepare_stream, *unnamed, body=body, **arguments)
        return AsyncStream(self._caller._parts, self._network, self.operation, prepare)

    def open(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncDownload:
        """
        The answer without its content, to be saved to a file or read by `async for`; see `Caller.open`.

        What cannot be is refused at once, or when it begins where credentials have to be asked for before that.
        """
        prepare = partial(self._caller.prepare_open, *unnamed, body=body, **arguments)
        return AsyncDownload(self._caller._parts, self._network, self.operation, prepare)

    def pages(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncGenerator[Response]:
        """
        The answer, and those that it leads to, for `async for`; see `Caller.pages`.

        What cannot be is refused at once, or at the first page where credentials have to be asked for before that.
        """
        pages = self._paged(partial(self._caller.first_page, *unnamed, body=body, **arguments))
        return _each(pages, lambda response, _: (response,))

    def items(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> AsyncGenerator[JSON]:
        """The items of the lists in `pages(...)`, one after the other; it raises what `pages` raises."""
        pages = self._paged(partial(self._caller.first_page, *unnamed, body=body, **arguments))
        return _each(pages, lambda response, pager: pager.items(response))

    @quiet
    async def poll(self, /, *unnamed: JSON, until: Until, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call again and again until its answer is as wanted, and return that answer; see `Caller.poll`."""
        parts = self._caller._parts
        clock = parts.traffic.clock
        poller = Poller(self.operation, until, parts.options.polling, parts.document, clock)
        while True:
            response = await self(*unnamed, body=body, **arguments)
            pause = poller.pause(response)
            if pause is None:
                return response
            await clock.pause(pause)

    def with_options(self, *, auth: Mapping[str, Credential] | None = None, **options: Any) -> AsyncCaller:
        """The same operation with other options; see `Client.with_options`."""
        return AsyncCaller(self._caller.with_options(auth=auth, **options), self._network)

    def __repr__(self) -> str:
        return repr(self._caller)

    @property
    def __signature__(self) -> inspect.Signature:
        return self._caller.__signature__

    @property
    def __name__(self) -> str:
        return self._caller.__name__

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return self._caller.__doc__

    def _paged(self, first: Callable[[], _FirstPage]) -> AsyncGenerator[tuple[Response, Pager]]:
        if self._caller._parts.authenticator.may_wait:
            return self._followed(first)
        found = first()
        return self._followed(lambda: found)

    async def _followed(self, first: Callable[[], _FirstPage]) -> AsyncGenerator[tuple[Response, Pager]]:
        found, pager = await apart(self._caller._parts, first)
        prepared: requests.PreparedRequest | None = found
        while prepared is not None:
            try:
                response = await self._sent(prepared)
            except StatusError as error:
                if pager.ends_at(error.status_code):
                    return
                raise
            yield response, pager
            prepared = await apart(self._caller._parts, partial(self._caller.next_page, prepared, response, pager))

    async def _sent(self, prepared: requests.PreparedRequest, deadline: Deadline | None = None) -> Response:
        return await async_send(self._caller._parts, self._network, self.operation, prepared, deadline)


async def _each(
    pages: AsyncGenerator[tuple[Response, Pager]], found: Callable[[Response, Pager], Iterable[Any]]
) -> AsyncGenerator[Any]:
    async for response, pager in pages:
        for each in found(response, pager):
            yield each
