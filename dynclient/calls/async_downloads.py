"""Downloads for tasks: what `downloads` decides, fetched on asyncio or Trio, and written to files in threads."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import anyio
import anyio.to_thread

from dynclient.calls.async_open_answers import AsyncOpenAnswer
from dynclient.calls.async_sending import in_thread
from dynclient.calls.downloads import BaseDownload
from dynclient.errors import SendError
from dynclient.responses import NewFile, Response
from dynclient.support import Told, hush, no_progress, quiet

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared


class AsyncDownload(AsyncOpenAnswer, BaseDownload):
    """
    An answer that is not read yet, to save or to read piece by piece, like `Download`, by one task at a time.

        await client.downloadFile.open(file_id="file-abc").save("notes.txt")

    The call is made when it is entered as a context, or when it is first used; `response` exists from then on. A
    cancelled task closes the connection and leaves no file.

    Raises:
        DynclientError: as `Download` does.
    """

    async def __anext__(self) -> bytes:
        await self._begin()
        response = self._response
        if response is not None and response.is_read and not self._is_closed:
            await self.aclose()
            if response.content:
                return response.content
        try:
            piece = await self._next()
            self._came(piece)
        except BaseException as error:
            hush(error)
            await self.aclose()
            raise
        if piece is None:
            await self.aclose()
            raise StopAsyncIteration
        return piece

    @quiet
    async def save(
        self, path: str | os.PathLike[str], progress: Told | None = None, *, overwrite: bool = False
    ) -> Path:
        """Write the content to a file, whole or not at all, and return its path; see `Download.save`."""
        try:
            new = NewFile(path, self._file_name, overwrite=overwrite)
            async with _in_threads(new) as file:
                await self._save(file, progress or no_progress)
        finally:
            await self.aclose()
        return new.path

    async def _connect(self, prepared: Prepared) -> Response:
        response = await self._answered(self._core, prepared)
        self._open = self._take(response)
        return response

    async def _next(self) -> bytes | None:
        self._is_touched = True
        received = self._open
        if received is None:
            return None
        piece = await self._network.piece(self._operation.id, received, self.response.secrets)
        if piece is None:
            self._open = None
            await self._network.drop(received)
        return piece

    async def _save(self, file: BinaryIO, progress: Told) -> None:
        await self._begin()
        content = self._first(self.response)
        have = failures = 0
        while True:
            try:
                piece = await self._next()
            except SendError as error:
                failures += 1
                await self._core.traffic.clock.pause(self._pause(error, content, failures))
                prepared = await in_thread(self._core, lambda: self._rest(content, have))  # noqa: B023  # at once
                content, have = self._continued(await self._connect(prepared), content, have)
                file.seek(have)
                file.truncate()
                continue
            if piece is None:
                break
            await anyio.to_thread.run_sync(file.write, piece)
            have += len(piece)
            failures = 0
            progress(have, content.size)
            self._bar.update(have, content.size)
        self._check_size(content, have)


@asynccontextmanager
async def _in_threads(context: NewFile) -> AsyncIterator[BinaryIO]:
    """The file, made and placed in threads; a cancelled task waits until it is removed."""
    file = await anyio.to_thread.run_sync(context.__enter__)
    try:
        yield file
    except BaseException:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(context.__exit__, *sys.exc_info())
        raise
    await anyio.to_thread.run_sync(context.__exit__, None, None, None)
