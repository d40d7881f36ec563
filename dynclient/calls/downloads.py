"""
Answers too large for memory: saved to a file as they come, and resumed where they broke off.

`Content` decides which parts belong together and touches no network.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from dynclient.calls.core import NO_BAR, Core, NoBar
from dynclient.calls.open_answers import OpenAnswer, SyncOpenAnswer
from dynclient.calls.preparing import with_headers
from dynclient.errors import BrokenAnswer, SendError
from dynclient.http import codings, retries
from dynclient.openapi import Operation
from dynclient.responses import NewFile, Response, status_error
from dynclient.support import Deadline, Told, no_progress, origin, quiet

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared
    from dynclient.calls.progress import Bar
    from dynclient.network import Received

"""Called with the number of bytes saved, and of bytes in all, None if the server does not say."""

_RANGE = re.compile(r"bytes +(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_LENGTH = re.compile(r"\d{1,18}")
_SURE_INTERVAL = 60.0
"""Seconds between a change and the answer, from which on the date identifies a version (RFC 9110 §8.8.2.2)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Content:
    """What is being fetched: its `size` in bytes, and a `validator` that identifies its version, if they are known."""

    size: int | None = None
    validator: str = ""

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str]) -> Content:
        """What the head of an answer says; nothing if it has a coding, because its bytes are not those of the file."""
        if status != 200 or codings.names(headers.get("Content-Encoding", "")):
            return cls()
        length = headers.get("Content-Length", "").strip()
        is_ranged = headers.get("Accept-Ranges", "").strip().lower() != "none"
        return cls(int(length) if _LENGTH.fullmatch(length) else None, _validator(headers) if is_ranged else "")

    def misfit(self, have: int, headers: Mapping[str, str]) -> str:
        """Why the content of a 206 does not continue what is there, in words; "" if it does."""
        found = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if found is None or codings.names(headers.get("Content-Encoding", "")):
            return "it does not say which part it is"
        if int(found[1]) != have or int(found[2]) < have:
            return f"it is from byte {found[1]} and not from {have}"
        if self.size is not None and found[3] != "*" and int(found[3]) != self.size:
            return f"the whole has {found[3]} bytes now, and had {self.size}"
        tag = headers.get("ETag", "")
        return "it is of another version" if tag and self.validator.startswith('"') and tag != self.validator else ""


class BaseDownload(OpenAnswer):
    """What a download does on whatever network: whether it is resumed, and what its errors say."""

    _noun = "download"

    def __init__(self, core: Core, operation: Operation) -> None:
        super().__init__(core, operation)
        self._is_touched = False
        self._end: Deadline | None = None
        self._bar: Bar | NoBar = NO_BAR
        self._have = 0

    def __repr__(self) -> str:
        if self._response is None:
            return f"<{type(self).__name__} of {self._operation.id}, {'closed' if self._is_closed else 'not begun'}>"
        return f"<{type(self).__name__} {self._response.headline}>"

    def _take(self, response: Response) -> Received | None:
        """Keep the head of an answer; return what its content is fetched from, None if it was read already."""
        self._response = response
        received = self._received
        if response.is_read or received is None:
            return None
        received.attempt.deadline = self._deadline()
        return received

    def _begun(self, has_content: bool) -> None:
        super()._begun(has_content)
        if has_content:
            self._bar = self._core.bar(self._operation, "download")

    def _closed(self) -> None:
        self._bar.close(is_whole=False)

    def _came(self, piece: bytes | None) -> None:
        """A piece that the caller gets came, or the end."""
        if piece is None:
            self._bar.close(is_whole=True)
        elif self._bar is not NO_BAR and self._response is not None:
            self._have += len(piece)
            self._bar.update(self._have, Content.of(self._response.status_code, self._response.headers).size)

    def _deadline(self) -> Deadline:
        """The deadline of the content, on all its connections; it counts from the first head."""
        self._end = self._end or Deadline(self._core.options.stream_timeout, self._core.traffic.clock)
        return self._end

    def _file_name(self) -> str:
        assert self._response is not None
        return self._response.file_name()

    def _first(self, response: Response) -> Content:
        """What is to be saved; nothing of it was read before."""
        if self._is_closed or self._is_touched:
            raise ValueError("the download was read before, or is closed; open it again")
        if response.is_read:
            raise status_error(response)
        return Content.of(response.status_code, response.headers)

    def _pause(self, error: SendError, content: Content, failures: int) -> float:
        """The seconds to wait before the rest is asked for; if it cannot be, the error is raised."""
        core, prepared, response = self._core, self._prepared, self._response
        assert prepared is not None
        assert response is not None
        wait = retries.backoff(failures, core.traffic.clock)
        is_able = prepared.source.method == "GET" and content.validator and error.is_transient
        if not (
            is_able and failures <= core.options.retries and wait < self._deadline().left() and core.traffic.may_retry()
        ):
            error.attempts = response.attempts
            raise error
        return wait

    def _continued(self, response: Response, content: Content, have: int) -> tuple[Content, int]:
        """What this answer to `_rest` fetches, and how much of it is there already."""
        if response.is_read:
            raise status_error(response)
        if response.status_code == 200:
            return Content.of(200, response.headers), 0
        is_part = response.status_code == 206
        reason = content.misfit(have, response.headers) if is_part else f"it is answered by {response.status_code}"
        if reason:
            raise self._unfit(reason)
        return content, have

    def _check_size(self, content: Content, have: int) -> None:
        if content.size not in (None, have):
            raise self._unfit(f"it has {have} bytes, not the {content.size} that were announced")
        self._bar.close(is_whole=True)

    def _rest(self, content: Content, have: int) -> Prepared:
        """The request for the rest of this version, or for all of another one (RFC 9110 §13.1.5)."""
        assert self._prepared is not None
        headers = {"Range": f"bytes={have}-", "If-Range": content.validator}
        return with_headers(self._core, self._prepared, headers)

    def _unfit(self, reason: str) -> BrokenAnswer:
        assert self._prepared is not None
        assert self._response is not None
        where = origin(self._prepared.url or "")
        error = BrokenAnswer(
            self._operation.id, f"what {where} sent is not the content that was begun: {reason}", "yes"
        )
        error.attempts = self._response.attempts
        return error


class Download(SyncOpenAnswer, BaseDownload):
    """
    An answer that is not read yet, to save to a file or to read piece by piece.

        client.downloadFile.open(file_id="file-abc").save("notes.txt")

    The call is made when it is entered as a context, or when it is first used. `response` is the head of the answer.
    Iteration returns the content, unpacked, in pieces as they come. A download is for one use and one thread.

    Raises:
        DynclientError: as the call would.
        SendError: the content broke off.
    """

    def __init__(self, core: Core, operation: Operation, prepared: Prepared) -> None:
        super().__init__(core, operation)
        self._hold(prepared)

    @quiet
    def __iter__(self) -> Iterator[bytes]:
        self._begin()
        response = self._response
        if response is not None and response.is_read and not self._is_closed:
            yield from filter(None, [response.content])
            return
        try:
            while (piece := self._next()) is not None:
                self._came(piece)
                yield piece
            self._came(None)
        finally:
            self.close()

    @quiet
    def save(self, path: str | os.PathLike[str], progress: Told | None = None, *, overwrite: bool = False) -> Path:
        """
        Write the content to a file, whole or not at all, and return its path.

        If the content breaks off, the rest is asked for, provided that the method is GET, the server named a strong
        ETag or an old enough Last-Modified, and there are retries left; each piece that comes resets the retries. The
        server must then send the rest of the same version, or the whole of a new one.

        Args:
            path: a file, which is replaced, or a folder, in which the answer names the file, as for `Response.save`.
            progress: called after each piece with the bytes saved, and the bytes in all or None.
            overwrite: whether a file of the same name in the folder is replaced.

        Raises:
            OSError: the file cannot be written. That a folder does not exist is found before the call is made.
            SendError: it broke off and could not be resumed, or has another length than the server said.
            StatusError: the answer's status is not one of success.
        """
        try:
            new = NewFile(path, self._file_name, overwrite=overwrite)
            with new as file:
                self._save(file, progress or no_progress)
        finally:
            self.close()
        return new.path

    def _connect(self, prepared: Prepared) -> Response:
        response = self._answered(self._core, prepared)
        received = self._take(response)
        if received is not None:
            self._pieces = self._core.transport.pieces(self._operation.id, received, response.secrets)
        return response

    def _next(self) -> bytes | None:
        self._is_touched = True
        piece = next(self._pieces, None) if self._pieces is not None else None
        if piece is None:
            self._pieces = None
        return piece

    def _save(self, file: BinaryIO, progress: Told) -> None:
        content = self._first(self.response)
        have = failures = 0
        while True:
            try:
                piece = self._next()
            except SendError as error:
                failures += 1
                self._core.traffic.clock.sleep(self._pause(error, content, failures))
                content, have = self._continued(self._connect(self._rest(content, have)), content, have)
                file.seek(have)
                file.truncate()
                continue
            if piece is None:
                break
            file.write(piece)
            have += len(piece)
            failures = 0
            progress(have, content.size)
            self._bar.update(have, content.size)
        self._check_size(content, have)


def _validator(headers: Mapping[str, str]) -> str:
    """What surely identifies this version: a strong ETag, or a Last-Modified that is old enough."""
    tag = headers.get("ETag", "").strip()
    if tag:
        return tag if tag.startswith('"') else ""
    changed, now = headers.get("Last-Modified", "").strip(), headers.get("Date", "")
    try:
        age = parsedate_to_datetime(now).timestamp() - parsedate_to_datetime(changed).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    return changed if age >= _SURE_INTERVAL else ""
