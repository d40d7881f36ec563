"""Answers whose content is fetched only as it is used: what streams and downloads share."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dynclient.calls.core import Core
from dynclient.calls.reading import read
from dynclient.calls.sending import Report, send
from dynclient.errors import DynclientError
from dynclient.openapi import Operation
from dynclient.responses import Response, heading_html
from dynclient.support import hush, quiet

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared
    from dynclient.network import Received


class OpenAnswer:
    """What is known of the call, on whatever network; `_noun` is what messages call its answer."""

    _noun = "answer"

    def __init__(self, core: Core, operation: Operation) -> None:
        self._core = core
        self._operation = operation
        self._prepared: Prepared | None = None
        self._received: Received | None = None
        self._response: Response | None = None
        self._is_closed = False

    def _repr_html_(self) -> str:
        return heading_html(repr(self), self._response.problems if self._response else ())

    def _hold(self, prepared: Prepared) -> None:
        """Keep the request, which can be sent."""
        self._prepared = prepared

    def _begun(self, has_content: bool) -> None:
        """The head of the first answer has come; `has_content` says whether there is content to fetch."""
        self._is_closed = False

    def _closed(self) -> None:
        """No content is fetched any more."""


class SyncOpenAnswer(OpenAnswer):
    """One that is fetched through requests: `_connect` makes the call, and `_pieces` are the content."""

    _pieces: Generator[bytes, None, None] | None = None

    @quiet
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
        """The head of the answer: its status and headers. It makes the call, if it was not made yet."""
        self._begin()
        if self._response is None:
            raise ValueError(f"the {self._noun} was closed before it began")
        return self._response

    def _answered(self, core: Core, prepared: Prepared) -> Response:
        """Steps 5 and 6 of the call, as far as the head of the answer."""
        report = Report(core, self._operation)
        try:
            exchange = send(core, self._operation, prepared, core.deadline(), stream=True)
            response = read(core, self._operation, exchange, stream=True)
        except DynclientError as error:
            report.failed(error)
            raise
        self._received = exchange.received
        return report.done(response)

    def close(self) -> None:
        """Close the connection; nothing comes afterwards. Closing twice does no harm."""
        pieces, self._pieces, self._is_closed = self._pieces, None, True
        self._closed()
        if pieces is not None and self._response is not None and self._response.raw is not None:
            pieces.close()
            self._response.raw.close()  # also where no piece was asked for yet

    def _begin(self) -> None:
        if self._response is None and not self._is_closed:
            self._is_closed = True  # should it fail
            assert self._prepared is not None
            try:
                self._connect(self._prepared)
            except BaseException as error:
                hush(error)
                raise
            self._begun(self._pieces is not None)

    def _connect(self, prepared: Prepared) -> object:
        raise NotImplementedError
