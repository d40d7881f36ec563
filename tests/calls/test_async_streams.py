"""AsyncStream: its tasks, threads and connections; tests of both clients' streams are where those of Client are."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest
from requests.auth import AuthBase

import dynclient
from dynclient.calls.async_streams import AsyncStream
from dynclient.errors import BrokenAnswer, CallError, DynclientError
from dynclient.http import codings
from dynclient.wire.event_streams import ItemError
from tests.calls.test_streams import CHUNKED, THREE, broken, chunks, document, endless, numbers, streaming
from tests.faultserver import FaultServer, answering, saying

SECURED: dict[str, Any] = {
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
}


async def read(stream: AsyncStream) -> tuple[list[Any], Exception | None]:
    """The data of the events, and the error that ended them."""
    found: list[Any] = []
    try:
        async with stream:
            async for event in stream:
                found.append(event.data)  # noqa: PERF401
    except DynclientError as error:
        return found, error
    return found, None


def run(call: Callable[[dynclient.AsyncClient], Awaitable[Any]], url: str, **options: Any) -> Any:
    """What comes of this with a client."""

    async def calls() -> Any:
        async with dynclient.AsyncClient(document(url), **options) as client:
            return await call(client)

    return asyncio.run(calls())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_events(backend: str) -> None:
    """On asyncio and on Trio; the connection is then free for the next call."""
    with FaultServer(streaming(THREE)) as server:

        async def calls() -> list[Any]:
            async with dynclient.AsyncClient(document(server.url)) as client, client.watch.stream() as events:
                found = [event.data async for event in events]
                return [found, events.response.status_code, events.number, await read(client.watch.stream())]

        assert anyio.run(calls, backend=backend) == [numbers(1, 2, 3), 200, 3, (numbers(1, 2, 3), None)]
        assert server.connections == 1


def test_its_head_waits_for_its_beginning() -> None:
    """For nothing can be awaited there."""

    async def calls(client: dynclient.AsyncClient) -> None:
        stream = client.watch.stream()
        assert repr(stream) == "<AsyncStream of watch, not begun>"
        with pytest.raises(ValueError, match="the stream has not begun; use it in async with"):
            _ = stream.response

    run(calls, "http://api.test")


def test_a_wrong_item_may_be_passed_over() -> None:
    """By `anext`."""

    async def calls(client: dynclient.AsyncClient) -> list[Any]:
        async with client.watch.stream() as items:
            one = await anext(items)
            with pytest.raises(ItemError, match="item 2 of the stream isn't JSON"):
                await anext(items)
            return [one.data, *[item.data async for item in items]]

    with FaultServer(streaming(b'{"n": 1}\nno\n{"n": 3}\n', "application/jsonl")) as server:
        assert run(calls, server.url) == numbers(1, 3)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_task_closes_its_connection(backend: str) -> None:
    """While it waits for an event; the stream is closed, too."""
    with FaultServer(endless(THREE)) as server:

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as client:
                stream = client.watch.stream()
                with anyio.move_on_after(0.1) as scope:
                    async for _ in stream:
                        pass
                assert (scope.cancelled_caught, stream.number) == (True, 3)
                await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)
                assert [event async for event in stream] == []

        anyio.run(calls, backend=backend)


def test_a_forgotten_stream_is_told_of() -> None:
    """And its connection ended."""

    async def calls(client: dynclient.AsyncClient) -> None:
        stream = client.watch.stream()
        await anext(stream)
        with pytest.warns(ResourceWarning, match=r"<AsyncStream 200 watch, .*> was not closed; use it in async with"):
            del stream
        await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)
        gc.collect()  # asyncio has nothing to say of it

    with FaultServer(endless(THREE)) as server:
        run(calls, server.url)


def test_credentials_that_have_to_be_asked_for() -> None:
    """Are so in another thread when the stream begins, and when it is gone on with."""
    threads: list[str] = []

    def token() -> str:
        threads.append(threading.current_thread().name)
        return f"token-{len(threads)}"

    async def calls() -> Any:
        async with dynclient.AsyncClient(contents, auth={"key": token}, resume_streams=True) as client:
            with pytest.raises(CallError, match="a stream by POST cannot be resumed"):
                await anext(client.run.stream())
            return await read(client.watch.stream())

    again = [broken(b"retry: 1\n" + THREE), streaming(b"data: [DONE]\n\n")]
    with FaultServer(before=again) as server:
        contents = document(server.url, **SECURED)
        assert asyncio.run(calls()) == (numbers(1, 2, 3), None)
        assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer token-2", "Bearer token-3"]
    assert threading.current_thread().name not in threads


def test_a_request_that_is_signed() -> None:
    """By an authentication object, in another thread; the events come as ever."""

    class Signature(AuthBase):
        def __call__(self, prepared: Any) -> Any:
            prepared.headers["X-Signature"] = "s"
            return prepared

    async def calls() -> Any:
        async with dynclient.AsyncClient(document(server.url, **SECURED), auth={"key": Signature()}) as client:
            return await read(client.watch.stream())

    with FaultServer(streaming(THREE)) as server:
        assert asyncio.run(calls()) == (numbers(1, 2, 3), None)
        assert server.seen[0].headers["x-signature"] == "s"


def test_a_signature_that_fails_at_the_answer() -> None:
    """Leaves no connection."""

    class Failing(AuthBase):
        def __call__(self, prepared: Any) -> Any:
            prepared.register_hook("response", self.fail)
            return prepared

        def fail(self, answer: Any, **_: Any) -> None:
            raise ZeroDivisionError

    async def calls() -> None:
        async with dynclient.AsyncClient(document(server.url, **SECURED), auth={"key": Failing()}) as client:
            with pytest.raises(ZeroDivisionError):
                await anext(client.watch.stream())
            await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)

    with FaultServer(endless(THREE)) as server:
        asyncio.run(calls())


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_packed_stream_in_pieces(size: int) -> None:
    """Is unpacked wherever it is cut; what follows its end is left out. All codings known are asked for."""
    packed = gzip.compress(THREE) + b"garbage"
    content = chunks(*(packed[at : at + size] for at in range(0, len(packed), size)))
    fault = saying(CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n") + content)
    with FaultServer(fault) as server:
        assert run(lambda client: read(client.watch.stream()), server.url) == (numbers(1, 2, 3), None)
        assert server.seen[0].headers["accept-encoding"] == codings.accepted()


def test_an_empty_answer_is_in_no_coding() -> None:
    """Whatever it says; one with content must be in one that was asked for."""
    with FaultServer(
        before=[streaming(b"", Content_Encoding="rot13"), streaming(THREE, Content_Encoding="rot13")]
    ) as server:
        assert run(lambda client: read(client.watch.stream()), server.url) == ([], None)
        items, error = run(lambda client: read(client.watch.stream()), server.url)
        assert (items, type(error)) == ([], BrokenAnswer)
        assert "its Content-Encoding 'rot13' is not known here" in str(error)


def test_many_streams_hold_up_no_call() -> None:
    """However many are open: their calls have been answered."""

    async def calls(client: dynclient.AsyncClient) -> Any:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(110):
                await stack.enter_async_context(client.watch.stream())
            return (await client.silent()).data

    with FaultServer(answering(), before=[endless(THREE)] * 110) as server:
        assert run(calls, server.url) == {"ok": True}
        server.wait_until(lambda: server.open == 0)


def test_an_application_in_this_process() -> None:
    """Is asked for each piece in a thread; one that dawdles between pieces is told of, and one without a stream."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        kind = "text/event-stream" if environ["REQUEST_METHOD"] == "GET" else "text/plain"
        start_response("200 OK", [("Content-Type", kind)])
        return pieces()

    def pieces() -> Iterator[bytes]:
        yield b'data: {"n": 1}\n\n'
        while True:
            yield b": ping\n"

    async def calls() -> Any:
        options: dict[str, Any] = {"app": app, "event_timeout": 0.05, "max_response_size": 1000}
        async with dynclient.AsyncClient(document("http://api.test"), **options) as client:
            return await read(client.watch.stream()), await read(client.run.stream())

    (items, late), (_, large) = asyncio.run(calls())
    assert (items, type(late), type(large)) == (numbers(1), dynclient.TimedOut, dynclient.AnswerTooLarge)
    assert "no item of the stream came within 0.05 seconds" in str(late)
