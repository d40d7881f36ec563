"""Requests to a WSGI application in this process, without a socket."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from http.client import HTTPMessage
from types import SimpleNamespace
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.cookies import extract_cookies_to_jar
from urllib3 import HTTPHeaderDict, HTTPResponse

from dynclient.types import Timeout

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WSGIAdapter(BaseAdapter):
    """A transport adapter of requests that calls a WSGI application (PEP 3333) and reads its answer."""

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app: WSGIApplication = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the answer of the application; `timeout`, `verify`, `cert` and `proxies` have no effect."""
        from werkzeug.test import EnvironBuilder, run_wsgi_app

        parts = urlsplit(request.url or "")
        environ = EnvironBuilder(
            method=request.method or "GET",
            base_url=f"{parts.scheme}://{parts.netloc}/",
            path=parts.path or "/",
            query_string=parts.query,
            headers=list(request.headers.items()),
            input_stream=opened(request.body),
        ).get_environ()
        environ["wsgi.input_terminated"] = True  # the body ends with the input, also without a length
        chunks, status, headers = run_wsgi_app(self._app, environ)
        code, _, reason = status.partition(" ")
        content = io.BufferedReader(_Content(chunks))
        response = answer(request, int(code), reason, headers.items(), content)
        response.connection = self  # type: ignore[assignment]  # an auth object that answers a challenge sends through it
        if not stream:
            _ = response.content  # reads and decodes it
        return response

    def close(self) -> None:
        """Nothing is open."""


class _Content(io.RawIOBase):
    """The pieces of an application's answer, one for each read; closing it closes the application's iterable."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._rest = iter(chunks)
        self._piece = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece:
            piece = next(self._rest, None)
            if piece is None:
                return 0
            self._piece = piece
        size = min(len(buffer), len(self._piece))
        buffer[:size], self._piece = self._piece[:size], self._piece[size:]
        return size

    def close(self) -> None:
        if not self.closed and hasattr(self._chunks, "close"):
            self._chunks.close()
        super().close()


def answer(
    request: requests.PreparedRequest, status: int, reason: str, headers: Iterable[tuple[str, str]], content: IO[bytes]
) -> Answer:
    """Return the answer as requests would have received it; its content is not decoded yet."""
    fields = list(headers)
    response = Answer(fields, content)
    response.status_code = status
    response.reason = reason
    is_plain = len({name.lower() for name, _ in fields}) == len(fields)  # else the fields of one name are joined
    response.headers = requests.structures.CaseInsensitiveDict(fields if is_plain else HTTPHeaderDict(fields))
    response.url = request.url or ""
    response.request = request
    if "Set-Cookie" in response.headers:
        head = SimpleNamespace(_original_response=_Head(fields))
        extract_cookies_to_jar(response.cookies, request, head)  # type: ignore[no-untyped-call]
    return response


class Answer(requests.Response):
    """An answer whose `raw` is made on first use, because that costs more than all the rest."""

    _raw: Any = None
    _received: tuple[list[tuple[str, str]], IO[bytes]] | None = None

    def __init__(self, fields: list[tuple[str, str]], content: IO[bytes]) -> None:
        super().__init__()
        self._received = fields, content

    @property
    def raw(self) -> Any:
        if self._raw is None and self._received is not None:
            fields, content = self._received
            self._raw = HTTPResponse(
                content,
                headers=self.headers,
                status=self.status_code,
                preload_content=False,
                request_method=self.request.method,  # an answer to HEAD is shorter than it says
                original_response=_Head(fields),  # type: ignore[arg-type]
            )
            if self._content_consumed:
                self._raw.drain_conn()
        return self._raw

    @raw.setter
    def raw(self, raw: Any) -> None:
        self._raw = raw

    def hold(self, content: bytes) -> None:
        """Set the content as it came; without a Content-Encoding it is decoded already."""
        fields = self._received[0] if self._received else []
        self._received = fields, io.BytesIO(content)
        if "Content-Encoding" not in self.headers:
            self._content, self._content_consumed = content, True


class _Head:
    """The part of an `http.client.HTTPResponse` that requests reads cookies from."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def opened(body: Any) -> Any:
    """Return a body as a stream: requests has text, bytes, an open file or an iterator of bytes."""
    if body is None or isinstance(body, (str, bytes)):
        return io.BytesIO(body.encode() if isinstance(body, str) else body or b"")
    return body if hasattr(body, "read") else io.BytesIO(b"".join(body))
