"""The errors that hold an answer: its status, or that it does not fit the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from dynclient.errors import DynclientError, Problem
from dynclient.http import media_types, retries
from dynclient.responses.messages import said, visible
from dynclient.responses.response import _MOST_SHOWN, Response, described_answer
from dynclient.support import origin
from dynclient.wire import Event


class ResponseError(DynclientError):
    """
    The answer is not what its own headers or the document say.

    Secrets of the call are hidden if the server repeats them.

    Attributes:
        response: the answer, with its data.
        problems: what is wrong with the answer.
        event: the item of a stream that is invalid, if it is one.
    """

    event: Event | None = None

    def __init__(self, message: str, response: Response, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, response, tuple(problems))
        self.message = message
        self.response = response
        self.problems = tuple(problems)
        self.sent = response.sent
        self.attempts = response.attempts

    def __reduce__(self) -> tuple[Any, ...]:
        return _travelling(self)

    def __str__(self) -> str:
        said = f"{self.response.operation.id}: {self.message}"
        if len(self.problems) == 1:
            return f"{said}: {self.problems[0]}"
        lines, more = list(map(str, self.problems[:_MOST_SHOWN])), len(self.problems) - _MOST_SHOWN
        return said + "".join(f"\n  - {line}" for line in [*lines, *([f"and {more} more"] if more > 0 else [])])


class StatusError(DynclientError):
    """
    The server answered with a status of 400 or more.

    Secrets of the call are hidden if the server repeats them.

    Attributes:
        response: the answer, with its data.
        status_code: its status.
        hint: what may help, if that is known.
        retry_after: how many seconds the server asks to wait, or None.
    """

    def __init__(self, response: Response, hint: str = "") -> None:
        super().__init__(response)
        self.response = response
        self.sent = response.sent
        self.attempts = response.attempts
        masked = response.secrets.masked
        self.hint: str = masked(hint)
        self._reason = visible(masked(response.reason))
        found = said(response.data, response.media_type, f"{response.status_code} {response.reason}")
        text = visible(masked(found.text))
        self._said = f" (HTML page{': ' if text else ''}{text})" if found.is_page else f": {text}" if text else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _travelling(self)

    @property
    def status_code(self) -> int:
        return self.response.status_code

    @property
    def retry_after(self) -> float | None:
        return retries.retry_after(self.response.headers)

    def __str__(self) -> str:
        reason = f" {self._reason}" if self._reason else ""
        told = f"{self.response.operation.id}: the server answered {self.status_code}{reason}{self._said}"
        if self.hint:
            told = f"{told}{'' if told.endswith(('.', '!', '?')) else '.'} {self.hint}"
        if not self.retry_after:
            return told
        return f"{told}{'' if told.endswith(('.', '!', '?')) else '.'} It asks to wait {self.retry_after:.0f} seconds."


class Redirected(StatusError):
    """3xx: a redirect that was not followed; `hint` says why"""


class BadRequest(StatusError):
    """400"""


class Unauthorized(StatusError):
    """401"""


class Forbidden(StatusError):
    """403"""


class NotFound(StatusError):
    """404"""


class Conflict(StatusError):
    """409"""


class UnprocessableContent(StatusError):
    """422"""


class RateLimited(StatusError):
    """429"""


class ServerError(StatusError):
    """500 and above"""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: UnprocessableContent,
    429: RateLimited,
}


# The server has nothing there, or not for this method: most likely it is the wrong server, or the wrong path.
_MISPLACED = frozenset({404, 405, 501})


def status_error(response: Response, hint: str = "") -> StatusError:
    """Return the most specific error for an answer of 400 or more."""
    return error_type(response.status_code)(response, hint or _whereabouts(response))


def error_type(status: int) -> type[StatusError]:
    """Return the most specific error for a status of 400 or more."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else StatusError)


def _whereabouts(response: Response) -> str:
    """The URL, without its query, if the document does not describe such an answer; else ""."""
    if response.status_code not in _MISPLACED or response.raw is None or not response.raw.url:
        return ""
    described, kind = described_answer(response.operation, response.status_code), response.media_type
    if described and (
        media_types.is_json(kind) or kind in [media_types.essence(each.name) for each in described.content]
    ):
        return ""
    url = f"{origin(response.raw.url)}{urlsplit(response.raw.url).path}"
    allowed = response.headers.get("Allow") if response.status_code == 405 else ""
    permits = f", which permits {visible(allowed)}" if allowed else ""
    return f"The URL was {url}{permits}. Is base_url right?"


def _travelling(error: StatusError | ResponseError) -> tuple[Any, ...]:
    """What of an error is pickled: anyone may read a pickle, so the secrets of the call stay behind."""
    response = error.response.masked()
    arguments = tuple(response if each is error.response else each for each in error.args)
    return type(error), arguments, {**error.__dict__, "response": response}
