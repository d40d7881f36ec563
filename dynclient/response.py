"""What came back: the answer, its data by its Content-Type, and the errors that hold an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dynclient import media
from dynclient.errors import DynclientError
from dynclient.model import Operation
from dynclient.types import JSON

if TYPE_CHECKING:
    import requests

_TEXT_TYPES = (
    "application/xml",
    "application/yaml",
    "application/javascript",
    "application/x-ndjson",
    "application/jsonl",
)

_LONGEST = 300
"""Characters of what the server says that an error repeats."""

_UTF_8 = "utf-8-sig"  # a byte order mark is no part of the text


class Response:
    """
    The answer to a call.

    `data` is the parsed JSON, else text, else bytes, by the Content-Type received, and None for no content. `raw` is
    requests' own Response; a pickled Response comes back without it, since it holds the credentials that were sent.
    """

    def __init__(self, operation: Operation, raw: requests.Response) -> None:
        self.operation = operation
        self.raw: requests.Response | None = raw
        self.status_code = raw.status_code
        self.reason = raw.reason or ""
        self.headers: Mapping[str, str] = raw.headers
        self.content = raw.content or b""
        self.data: JSON = None

    def __repr__(self) -> str:
        kind = self.headers.get("Content-Type", "no content")
        return f"<Response {self.status_code} {self.operation.id}, {kind}, {len(self.content)} bytes>"

    def __getitem__(self, key: Any) -> JSON:
        """A member of the JSON object, or an item of the array."""
        return self._container()[key]

    def __iter__(self) -> Iterator[JSON]:
        """Over the JSON object's names, or the array's items."""
        return iter(self._container())

    def __len__(self) -> int:
        return len(self._container())

    def __contains__(self, key: object) -> bool:
        return key in self._container()

    def __bool__(self) -> bool:
        return True  # an empty list is an answer too

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.operation.id, self.status_code, self.content))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "raw": None}

    @property
    def text(self) -> str:
        """The content as text, in the charset of its Content-Type, else UTF-8."""
        try:
            return self.content.decode(_charset(self.headers.get("Content-Type", "")), errors="replace")
        except (LookupError, ValueError):  # no such charset, or one that is none of text
            return self.content.decode(_UTF_8, errors="replace")

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    def _container(self) -> Any:
        if isinstance(self.data, (dict, list)):
            return self.data
        kind = self.headers.get("Content-Type", "no content type") if self.content else "no content"
        raise TypeError(
            f"the answer {self.status_code} to {self.operation.id} is no JSON object or array ({kind}); see its data"
        )

    def _identity(self) -> tuple[object, ...]:
        return self.operation.id, self.status_code, self.content, dict(self.headers)


class ResponseError(DynclientError):
    """The answer cannot be what its own headers or the document say; `response` still holds it."""

    def __init__(self, message: str, response: Response) -> None:
        super().__init__(message, response)
        self.message = message
        self.response = response

    def __str__(self) -> str:
        return f"{self.response.operation.id}: {self.message}"


class StatusError(DynclientError):
    """
    The server answered with a status of 400 or more; `response` holds the answer and its parsed `data`.

    `hint` is what may help, where that is known. `secrets` are hidden where the server repeats them.
    """

    def __init__(self, response: Response, hint: str = "", secrets: Sequence[str] = ()) -> None:
        super().__init__(response)
        self.response = response
        self.hint = hint
        said = _server_message(response.data)
        for secret in secrets:
            said = said.replace(secret, "***")
        self._said = said[:_LONGEST]

    @property
    def status_code(self) -> int:
        return self.response.status_code

    def __str__(self) -> str:
        reason = f" {self.response.reason}" if self.response.reason else ""
        said = f": {self._said}" if self._said else ""
        hint = f"{'' if said.endswith(('.', '!', '?')) else '.'} {self.hint}" if self.hint else ""
        return f"{self.response.operation.id}: the server answered {self.status_code}{reason}{said}{hint}"


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


def status_error(response: Response, hint: str = "", secrets: Sequence[str] = ()) -> StatusError:
    """The most telling error for an answer of 400 or more."""
    fallback = ServerError if response.status_code >= 500 else StatusError
    return _BY_STATUS.get(response.status_code, fallback)(response, hint, secrets)


def _server_message(data: JSON) -> str:
    """What the server says went wrong, where it says it in one of the usual members."""
    for name in ("error", "message", "detail", "title"):
        if isinstance(data, dict) and data.get(name):
            data = data[name]
    return data if isinstance(data, str) else ""


def read(operation: Operation, raw: requests.Response) -> Response:
    """
    Return the answer with its data.

    Raises:
        ResponseError: an answer that means success calls itself JSON and is not. Of an error the text is kept instead.
    """
    response = Response(operation, raw)
    kind = media.essence(response.headers.get("Content-Type", ""))
    if not response.content:
        return response
    if media.is_json(kind):
        try:
            response.data = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            response.data = response.text
            if response.ok:
                message = f"the answer calls itself {kind} but is no JSON: {error or 'it is nested too deeply'}"
                raise ResponseError(message, response) from error
    elif kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith("+xml"):
        response.data = response.text
    else:
        response.data = response.content
    return response


def _charset(content_type: str) -> str:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'")
            return _UTF_8 if charset.lower() in ("", "utf-8", "utf8") else charset
    return _UTF_8
