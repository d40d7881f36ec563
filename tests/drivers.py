"""
Run the same tests with Client and AsyncClient.

A test makes its client by `made`. An AsyncClient is wrapped, so that each call waits for its result; the test then
reads the same for both.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import dynclient
from dynclient.calls import AsyncCaller
from dynclient.calls.async_downloads import AsyncDownload
from dynclient.calls.async_streams import AsyncStream
from dynclient.calls.pacing import Traffic
from dynclient.support.deadline import Clock

KINDS = ("Client", "AsyncClient")

_kind = KINDS[0]
_open: list[Waiting] = []


def generate(metafunc: pytest.Metafunc) -> None:
    """As `pytest_generate_tests`: run each test with both clients, or with the one that `only` names."""
    if "_driver" in metafunc.fixturenames:
        metafunc.parametrize("_driver", getattr(metafunc.function, "only", KINDS), indirect=True)


def only(kind: str) -> Callable[[Any], Any]:
    """Mark a test that only this kind of client runs."""

    def mark(test: Any) -> Any:
        test.only = (kind,)
        return test

    return mark


@pytest.fixture(autouse=True)
def _driver(request: pytest.FixtureRequest) -> Iterator[None]:
    global _kind
    _kind = request.param
    yield
    _kind = KINDS[0]
    while _open:
        _open.pop()._end()


def made(source: Any, **options: Any) -> Any:
    """A client of the kind that the running test is for."""
    if _kind == "Client":
        return dynclient.Client(source, **options)
    if options.get("session") is not None:
        pytest.skip("only Client takes a session")
    waiting = Waiting(dynclient.AsyncClient(source, **options))
    _open.append(waiting)
    return waiting


class Waiting:
    """An AsyncClient with its own event loop; each call waits for its result."""

    def __init__(self, client: Any, runner: asyncio.Runner | None = None) -> None:
        self._client = client
        self._runner = runner or asyncio.Runner()

    @property
    def _core(self) -> Any:
        return self._client._core

    @_core.setter
    def _core(self, parts: Any) -> None:
        self._client._core = parts

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._waited(getattr(self._client, name))

    def __getitem__(self, name: str) -> Any:
        return self._waited(self._client[name])

    def __repr__(self) -> str:
        return repr(self._client)

    def __getstate__(self) -> object:
        return {"_client": self._client}

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._runner.run(self._client.aclose())

    def _end(self) -> None:
        self.close()
        self._runner.close()

    def _waited(self, value: Any) -> Any:
        return _Waited(self, value) if callable(value) else value


class _Waited:
    """A method or an operation of an AsyncClient; a call waits for its result."""

    def __init__(self, waiting: Waiting, value: Any) -> None:
        self._waiting = waiting
        self._value = value

    def __getattr__(self, name: str) -> Any:
        if name in ("_waiting", "_value"):
            raise AttributeError(name)
        return self._waiting._waited(getattr(self._value, name))

    def __repr__(self) -> str:
        return repr(self._value)

    def __getstate__(self) -> object:
        return {"_value": self._value}

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        found = self._value(*arguments, **named)
        if inspect.isawaitable(found):
            return self._waiting._runner.run(_awaited(found))
        if inspect.isasyncgen(found):
            return _listed(found, self._waiting._runner)
        if isinstance(found, (AsyncStream, AsyncDownload)):
            return WaitingStream(found, self._waiting._runner)
        if isinstance(found, dynclient.AsyncClient):
            return Waiting(found, self._waiting._runner)
        return _Waited(self._waiting, found) if isinstance(found, AsyncCaller) else found


class WaitingStream:
    """An AsyncStream or AsyncDownload, iterated without `async`."""

    def __init__(self, stream: AsyncStream | AsyncDownload, runner: asyncio.Runner) -> None:
        self._stream = stream
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "response":
            self._runner.run(self._stream._begin())
        return getattr(self._stream, name)

    def __repr__(self) -> str:
        return repr(self._stream).replace("<Async", "<", 1)

    def __enter__(self) -> WaitingStream:
        self._runner.run(self._stream.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> WaitingStream:
        return self

    def __next__(self) -> Any:
        try:
            return self._runner.run(self._stream.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def save(self, *arguments: Any, **options: Any) -> Any:
        assert isinstance(self._stream, AsyncDownload)
        return self._runner.run(self._stream.save(*arguments, **options))

    def close(self) -> None:
        self._runner.run(self._stream.aclose())


async def _awaited(found: Any) -> Any:
    return await found


def _listed(found: Any, runner: asyncio.Runner) -> Iterator[Any]:
    while True:
        try:
            yield runner.run(_awaited(anext(found)))
        except StopAsyncIteration:
            return


def timing(client: Any, clock: Clock, budget: int = 100) -> Any:
    """The client with this clock; tasks wait by its `sleep`, too."""

    async def pause(seconds: float) -> None:
        clock.sleep(seconds)

    traffic = Traffic(dataclasses.replace(clock, pause=pause), budget)
    client._core = dataclasses.replace(client._core, traffic=traffic)
    return client
