"""
Answers too large to hold, saved to a file while they come, and fetched from where they broke off.

`Content` decides what fits together and touches no network.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from dynclient.calls.open_answers import Fetched, Unread
from dynclient.calls.sending import Parts, repeated, send
from dynclient.errors import BrokenAnswer, SendError
from dynclient.http import codings, retries
from dynclient.openapi import Operation
from dynclient.responses import NewFile, Response, status_error
from dynclient.support import Deadline, origin, quiet

if TYPE_CHECKING:
    import requests

    from dynclient.network import Attempt

Progress: TypeAlias = Callable[[int, int | None], object]
"""Called with the bytes that are saved so far, and those there are in all, None where the server does not say."""

_RANGE = re.compile(r"bytes +(\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_LENGTH = re.compile(r"\d{1,18}")
_APART = 60.0
"""Seconds between a change and its answer from which on a date tells one version from another (RFC 9110 §8.8.2.2)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Content:
    """What is being fetched: its `size` in bytes, and a `validator` that tells this version from others, if known."""

    size: int | None = None
    validator: str = ""

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str]) -> Content:
        """What the head of an answer says; nothing where it has a coding, whose bytes are not those of the file."""
        if status != 200 or codings.names(headers.get("Content-Encoding", "")):
            return cls()
        length = headers.get("Content-Length", "").strip()
        is_ranged = headers.get("Accept-Ranges", "").strip().lower() != "none"
        return cls(int(length) if _LENGTH.fullmatch(length) else None, _validator(headers) if is_ranged else "")

    def misfit(self, have: int, headers: Mapping[str, str]) -> str:
        """Why the content of a 206 does not continue what is there of this, as words; "" where it does."""
        found = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if found is None or codings.names(headers.get("Content-Encoding", "")):
            return "it does not say which part it is"
        if int(found[1]) != have or int(found[2]) < have:
            return f"it is from byte {found[1]} and not from {have}"
        if self.size is not None and found[3] != "*" and int(found[3]) != self.size:
            return f"the whole has {found[3]} bytes now, and had {self.size}"
        tag = headers.get("ETag", "")
        return "it is of another version" if tag and self.validator.startswith('"') and tag != self.validator else ""


class Fetching(Unread):
    """What a download does whatever fetches it: whether it goes on, and what its errors say."""

    _noun = "download"

    def __init__(self, parts: Parts, operation: Operation) -> None:
        super().__init__(parts, operation)
        self._is_touched = False
        self._end: Deadline | None = None

    def __repr__(self) -> str:
        if self._response is None:
            return f"<{type(self).__name__} of {self._operation.id}, {'closed' if self._is_closed else 'not begun'}>"
        return f"<{type(self).__name__} {self._response!r}>"

    def _answered(self, response: Response) -> requests.Response | None:
        """The answer whose content is to be fetched; None where it was read."""
        self._response = response
        if response.is_read:
            return None
        answer: requests.Response = response.raw  # type: ignore[assignment]
        attempt: Attempt = answer.attempt  # type: ignore[attr-defined]
        attempt.deadline = self._deadline()
        return answer

    def _deadline(self) -> Deadline:
        """That of the content, on whatever connections, which counts from its first head."""
        self._end = self._end or Deadline(self._parts.options.stream_timeout, self._parts.traffic.clock)
        return self._end

    def _file_name(self) -> str:
        assert self._response is not None
        return self._response.file_name()

    def _first(self, response: Response) -> Content:
        """What is to be saved, which nobody has read of."""
        if self._is_closed or self._is_touched:
            raise ValueError("the download was read before, or is closed; open it anew")
        if response.is_read:
            raise status_error(response)
        return Content.of(response.status_code, response.headers)

    def _pause(self, error: SendError, content: Content, failures: int) -> float:
        """The seconds to wait before the rest is asked for; where it is not to be, the error is raised."""
        parts, draft, response = self._parts, self._draft, self._response
        assert draft is not None
        assert response is not None
        wait = retries.backoff(failures, parts.traffic.clock)
        is_able = draft.request.method == "GET" and content.validator and error.is_transient
        if not (
            is_able
            and failures <= parts.options.retries
            and wait < self._deadline().left()
            and parts.traffic.may_retry()
        ):
            error.attempts = response.attempts
            raise error
        return wait

    def _continued(self, response: Response, content: Content, have: int) -> tuple[Content, int]:
        """What is fetched by this answer to `_rest`, and how much of it is there."""
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
            raise self._unfit(f"it has {have} bytes, and not {content.size} as was said")

    def _rest(self, content: Content, have: int) -> requests.PreparedRequest:
        """The request for what is not there yet of this version, or else for all of another (RFC 9110 §13.1.5)."""
        assert self._draft is not None
        headers = {"Range": f"bytes={have}-", "If-Range": content.validator}
        return repeated(self._parts, self._operation, self._draft, headers)

    def _unfit(self, reason: str) -> BrokenAnswer:
        assert self._prepared is not None
        assert self._response is not None
        where = origin(self._prepared.url or "")
        error = BrokenAnswer(
            self._operation.id, f"what {where} sent is not the content that was begun: {reason}", "yes"
        )
        error.attempts = self._response.attempts
        return error


class Download(Fetched, Fetching):
    """
    An answer that is not read yet, to be saved to a file or read piece by piece.

        client.downloadFile.open(file_id="file-abc").save("notes.txt")

    The call is made when it is entered as a context, or else when something is first asked of it. `response` is the
    head of the answer. Iteration gives its content, unpacked, in pieces as they come. It is for one use and one thread.

    Raises:
        DynclientError: as the call would; a SendError where the content breaks off.
    """

    def __init__(self, parts: Parts, operation: Operation, prepared: requests.PreparedRequest) -> None:
        super().__init__(parts, operation)
        self._hold(prepared)

    def __iter__(self) -> Iterator[bytes]:
        self._begin()
        response = self._response
        if response is not None and response.is_read and not self._is_closed:
            yield from filter(None, [response.content])
            return
        try:
            while (piece := self._next()) is not None:
                yield piece
        finally:
            self.close()

    @quiet
    def save(self, path: str | os.PathLike[str], progress: Progress | None = None, *, overwrite: bool = False) -> Path:
        """
        Write the content to a file, which is there whole or not at all, and return where it is.

        A file at `path` is replaced; in a folder the answer names the file, as for `Response.save`.

        Where it breaks off, the rest is asked for: if the method is GET, the server named a strong ETag, or a
        Last-Modified long enough ago, and there are retries left, of which each piece that comes gives all back. What
        it sends then must be the rest of the same version, or else the whole of a new one.

        Raises:
            OSError: the file cannot be written; a folder that does not exist is told before the call is made.
            SendError: it broke off and could not be gone on with, or is not as long as the server says.
            StatusError: the answer has no status of success.
        """
        try:
            new = NewFile(path, self._file_name, overwrite=overwrite)
            with new as file:
                self._save(file, progress or unheard)
        finally:
            self.close()
        return new.path

    def _connect(self, prepared: requests.PreparedRequest) -> Response:
        response = send(self._parts, self._operation, prepared, stream=True)
        answer = self._answered(response)
        if answer is not None:
            self._pieces = self._parts.transport.pieces(self._operation.id, answer, response.secrets)
        return response

    def _next(self) -> bytes | None:
        self._is_touched = True
        piece = next(self._pieces, None) if self._pieces is not None else None
        if piece is None:
            self._pieces = None
        return piece

    def _save(self, file: BinaryIO, progress: Progress) -> None:
        content = self._first(self.response)
        have = failures = 0
        while True:
            try:
                piece = self._next()
            except SendError as error:
                failures += 1
                self._parts.traffic.clock.sleep(self._pause(error, content, failures))
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
        self._check_size(content, have)


def unheard(done: int, size: int | None) -> None:
    """Nobody asked for the progress."""


def _validator(headers: Mapping[str, str]) -> str:
    """What tells this version from another for sure: a strong ETag, or a Last-Modified that was long enough ago."""
    tag = headers.get("ETag", "").strip()
    if tag:
        return tag if tag.startswith('"') else ""
    changed, now = headers.get("Last-Modified", "").strip(), headers.get("Date", "")
    try:
        apart = parsedate_to_datetime(now).timestamp() - parsedate_to_datetime(changed).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    return changed if apart >= _APART else ""
