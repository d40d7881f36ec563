"""An answer that is fetched only as it is used: what streams and downloads have in common."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dynclient.calls.sending import Draft, Parts
from dynclient.openapi import Operation
from dynclient.responses import Response

if TYPE_CHECKING:
    import requests


class Unread:
    """What is known of the call, whatever fetches its answer; `_noun` is what messages call that."""

    _noun = "answer"

    def __init__(self, parts: Parts, operation: Operation) -> None:
        self._parts = parts
        self._operation = operation
        self._prepared: requests.PreparedRequest | None = None
        self._draft: Draft | None = None
        self._response: Response | None = None
        self._is_closed = False

    def _hold(self, prepared: requests.PreparedRequest) -> None:
        """Keep the request, which can be sent."""
        self._prepared = prepared
        self._draft = prepared.draft  # type: ignore[attr-defined]

    def _begun(self, has_content: bool) -> None:
        """The head of the first answer has come; whether there is content to fetch."""
        self._is_closed = False


class Fetched(Unread):
    """One that is fetched through requests: `_connect` makes the call, and `_pieces` are the content."""

    _pieces: Generator[bytes, None, None] | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if self._pieces is not None:
            warnings.warn(f"{self!r} was not closed; use it in a with statement", ResourceWarning, 2, source=self)
            self.close()

    @property
    def response(self) -> Response:
        """The head of the answer: its status and headers. The call is made for it if it was not yet."""
        self._begin()
        if self._response is None:
            raise ValueError(f"the {self._noun} was closed before it began")
        return self._response

    def close(self) -> None:
        """Close the connection; closing twice does no harm. Nothing comes afterwards."""
        pieces, self._pieces, self._is_closed = self._pieces, None, True
        if pieces is not None and self._response is not None and self._response.raw is not None:
            pieces.close()
            self._response.raw.close()  # also where no piece was asked for yet

    def _begin(self) -> None:
        if self._response is None and not self._is_closed:
            self._is_closed = True  # should it fail
            assert self._prepared is not None
            self._connect(self._prepared)
            self._begun(self._pieces is not None)

    def _connect(self, prepared: requests.PreparedRequest) -> object:
        raise NotImplementedError
