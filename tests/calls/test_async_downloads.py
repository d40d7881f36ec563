"""AsyncDownload: its tasks, threads and connections; tests of both clients' downloads are where those of Client are."""

from __future__ import annotations

import asyncio
import gc
import warnings
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

import dynclient
from tests.calls.test_async_streams import SECURED
from tests.calls.test_downloads import FILE, cut, document, rest, sending
from tests.faultserver import FaultServer, answering, dripping

SLOW = dripping(b"x", b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999\r\n\r\n")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_file(backend: str, tmp_path: Path) -> None:
    """On asyncio and on Trio, saved or read piece by piece, on one connection."""
    with FaultServer(sending()) as server:

        async def calls() -> list[bytes]:
            async with dynclient.AsyncClient(document(server.url)) as client:
                saved = await client.fetch.open().save(tmp_path / "file")
                async with client.fetch.open() as download:
                    assert download.response.status_code == 200
                    return [saved.read_bytes(), b"".join([piece async for piece in download])]

        assert anyio.run(calls, backend=backend) == [FILE, FILE]
        assert server.connections == 1


def test_its_head_waits_for_its_beginning() -> None:
    """For nothing can be awaited there."""

    async def calls() -> None:
        async with dynclient.AsyncClient(document("http://api.test")) as client:
            with pytest.raises(ValueError, match="the download has not begun; use it in async with"):
                _ = client.fetch.open().response

    asyncio.run(calls())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_task_leaves_no_file(backend: str, tmp_path: Path) -> None:
    """Nor a connection."""
    with FaultServer(SLOW) as server:

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as client:
                with anyio.move_on_after(0.1) as scope:
                    await client.fetch.open().save(tmp_path / "file")
                assert (scope.cancelled_caught, [*tmp_path.iterdir()]) == (True, [])
                await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)

        anyio.run(calls, backend=backend)


def test_pieces_that_break_off() -> None:
    """Are an error, after which there are none."""
    with FaultServer(cut(1000)) as server:

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as client:
                download = client.fetch.open()
                assert await anext(download) == FILE[:1000]
                with pytest.raises(dynclient.BrokenAnswer):
                    await anext(download)
                assert [piece async for piece in download] == []

        asyncio.run(calls())


def test_an_error_that_is_not_raised() -> None:
    """Has its content in one piece, if it has any."""

    async def calls() -> list[list[bytes]]:
        async with dynclient.AsyncClient(document(server.url), raise_for_status=False) as client:
            return [[piece async for piece in client.fetch.open()] for _ in range(2)]

    with FaultServer(before=[answering(b"{}", status="404 No"), answering(b"", status="404 No")]) as server:
        assert asyncio.run(calls()) == [[b"{}"], []]


def test_a_forgotten_download_is_reported() -> None:
    """And its connection ended."""

    async def calls() -> None:
        async with dynclient.AsyncClient(document(server.url)) as client:
            download = client.fetch.open()
            await anext(download)
            with pytest.warns(ResourceWarning, match=r"<AsyncDownload .*> was not closed; use it in async with"):
                del download
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()  # asyncio reports it as well
            await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)

    with FaultServer(SLOW) as server:
        asyncio.run(calls())


def test_credentials_that_have_to_be_asked_for(tmp_path: Path) -> None:
    """Are so when the download begins, and when it is gone on with."""
    tokens = iter(["one", "two"])

    async def calls() -> Path:
        contents: dict[str, Any] = {**document(server.url), **SECURED}
        async with dynclient.AsyncClient(contents, auth={"key": lambda: next(tokens)}) as client:
            return await client.fetch.open().save(tmp_path / "file")

    with FaultServer(before=[cut(1000), rest]) as server:
        assert asyncio.run(calls()).read_bytes() == FILE
        assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer one", "Bearer two"]
