"""What came back for one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import requests

    from dynclient.network.attempt import Attempt


class Unread(Protocol):
    """Content that `AsyncTransport` has not read yet."""

    async def piece(self) -> bytes | None: ...
    async def whole(self, most: int | None) -> None: ...
    async def close(self) -> None: ...
    def abandon(self) -> None: ...


@dataclass(slots=True)
class Received:
    """
    An answer, and what is needed to read the rest of it.

    Attributes:
        answer: the answer, as requests has it.
        attempt: holds the deadline of the content and the longest wait for a piece; both may be changed at any time.
        unread: the content, if `AsyncTransport` left it unread.
    """

    answer: requests.Response
    attempt: Attempt
    unread: Unread | None = None
