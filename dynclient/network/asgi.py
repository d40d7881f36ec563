"""Requests to an ASGI application in this process, without a socket."""

from __future__ import annotations

import asyncio
import http.client
import inspect
import io
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter

from dynclient.network.wsgi import answer, opened
from dynclient.types import Timeout

ASGIApplication = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]

_PORTS = {"http": 80, "https": 443}


class Event(Protocol):
    """An event of asyncio or of anyio."""

    def set(self) -> object: ...
    async def wait(self) -> object: ...


def is_asgi(app: Any) -> bool:
    """Whether an application is an ASGI application: an `async def` function, or an object whose `__call__` is one."""
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None))  # noqa: B004


class ASGIAdapter(BaseAdapter):
    """
    A transport adapter of requests that calls an ASGI application and reads its answer.

    The application gets no lifespan events.
    """

    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app: ASGIApplication = app

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Timeout = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the whole answer of the application, which runs on an event loop of its own in a new thread."""
        with ThreadPoolExecutor(1, "dynclient-asgi") as executor:
            running = executor.submit(copy_context().run, asyncio.run, self.ask(request, asyncio.Event()))
            response = running.result()
        if not stream:
            _ = response.content  # reads and decodes it
        return response

    async def ask(self, request: requests.PreparedRequest, done: Event) -> requests.Response:
        """
        Return the whole answer of the application.

        Args:
            request: what the application is asked.
            done: a new event of the running loop.

        Raises:
            requests.ConnectionError: the application ended without an answer.
        """
        body = opened(request.body).read()
        asked = iter([{"type": "http.request", "body": body, "more_body": False}])
        events: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            for event in asked:
                return event
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(event: Mapping[str, Any]) -> None:
            events.append(event)
            if event["type"] == "http.response.body" and not event.get("more_body", False):
                done.set()

        await self._app(_scope(request), receive, send)
        start = next((event for event in events if event["type"] == "http.response.start"), None)
        if start is None:
            raise requests.ConnectionError("the application ended without an answer")
        fields = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in start.get("headers", ())]
        content = io.BytesIO(b"".join(e.get("body", b"") for e in events if e["type"] == "http.response.body"))
        reason = http.client.responses.get(start["status"], "")
        response = answer(request, start["status"], reason, fields, content)
        response.connection = self  # type: ignore[assignment]  # an auth object that answers a challenge sends through it
        return response

    def close(self) -> None:
        """Nothing is open."""


def _scope(request: requests.PreparedRequest) -> dict[str, Any]:
    parts = urlsplit(request.url or "")
    port = parts.port or _PORTS[parts.scheme]
    fields = [("host", parts.netloc.rpartition("@")[2]), *request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [(_bytes(name).lower(), _bytes(text)) for name, text in fields],
        "server": (parts.hostname, port),
        "client": ("127.0.0.1", port),
    }


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text
