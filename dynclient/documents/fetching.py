"""
Fetching a document over HTTP: one GET, limited in size and in time.

It is separate from `sources`, so that requests is imported only for a document with a URL.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from dynclient.documents.limits import Limits
from dynclient.errors import DocumentError
from dynclient.support import Told, UnusableProxy, connection_fault, origin, proxy_name, proxy_of
from dynclient.version import __version__

_CONNECT_SECONDS = 5
_READ_SECONDS = 30

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `content` is as it was sent, perhaps compressed, and empty unless the status is 200."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def get(
    url: str,
    name: str,
    *,
    headers: Mapping[str, str],
    auth: tuple[str, str] | None,
    limits: Limits,
    seconds: float,
    progress: Told,
) -> Answer:
    """
    Return the answer to one GET. Redirects are not followed; errors call the URL `name`. `progress` is called after
    each piece with the bytes that have come, and the bytes in all or None.

    At most `limits.size` bytes are read, in at most `seconds`, however slowly the server sends. Proxies and
    certificates are those of the environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE ...); a
    `.netrc` is never read.

    Raises:
        DocumentError: no complete answer came, or it is too large.
    """
    agent = f"dynclient/{__version__} {requests.utils.default_user_agent()}"
    with _Deadline(seconds) as deadline:
        # Without a session, which would read a .netrc, and fail on an odd Location.
        adapter = _WatchedAdapter(deadline)
        proxies, proxy = requests.utils.get_environ_proxies(url), ""
        try:
            proxy = proxy_of(url, proxies)
            request = requests.Request("GET", url, headers={"User-Agent": agent, **headers}, auth=auth).prepare()
            with adapter.send(
                request,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
                stream=True,
                proxies=proxies,
                verify=next((os.environ[name] for name in _CA_VARIABLES if os.environ.get(name)), True),
            ) as answer:
                content = _read(answer, limits, name, progress) if answer.status_code == 200 else b""
                _check_in_time(deadline, name)  # a body without a length also ends where the socket was shut
                return Answer(answer.status_code, answer.headers, content)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            _check_in_time(deadline, name)
            # Not the library's own message: it repeats the whole URL.
            raise DocumentError(f"cannot be fetched: {_reason(error, url, proxy)}", name) from None
        finally:
            adapter.close()


def _read(answer: requests.Response, limits: Limits, name: str, progress: Told) -> bytes:
    content = bytearray()
    length = answer.headers.get("Content-Length", "")
    size = int(length) if length.isdecimal() else None
    # Not decompressed yet: that has its own limit.
    while chunk := answer.raw.read(64 * 1024, decode_content=False):
        content += chunk
        if len(content) > limits.size:
            raise DocumentError(limits.exceeded(), name)
        progress(len(content), size)
    return bytes(content)


def _reason(error: Exception, url: str, proxy: str) -> str:
    is_at_proxy = proxy and isinstance(error, requests.exceptions.ProxyError)
    peer = proxy_name(proxy) if is_at_proxy else origin(url)
    for kind, text in (
        (UnusableProxy, str(error)),
        (requests.exceptions.ConnectTimeout, f"no connection to {peer} within {_CONNECT_SECONDS} seconds"),
        ((requests.exceptions.ReadTimeout, ReadTimeoutError), f"the server sent nothing for {_READ_SECONDS} seconds"),
        (requests.exceptions.InvalidURL, "there can be no such URL"),
        (requests.exceptions.ConnectionError, connection_fault(error, peer, origin(url)).text),
        (HTTPError, "the answer broke off"),
    ):
        if isinstance(error, kind):
            return text
    return type(error).__name__


def _check_in_time(deadline: _Deadline, name: str) -> None:
    if deadline.expired:
        raise DocumentError(f"cannot be fetched: it took more than {deadline.seconds:.0f} seconds", name)


class _Deadline:
    """
    Shuts down the sockets it watches when the time is up, so that nothing waits for them any longer.

    requests limits only the time between two reads: a server that sends a byte now and then would hold it for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()

    def watch(self, connected: socket.socket) -> None:
        """Watch a socket through our own descriptor, because TLS detaches the first one."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.expired:
            self._expire()

    def _expire(self) -> None:
        self.expired = True
        with self._lock:
            for watched in self._sockets:
                with contextlib.suppress(OSError):  # the server was faster
                    watched.shutdown(socket.SHUT_RDWR)


class _WatchedAdapter(HTTPAdapter):
    """Passes each socket to a deadline as soon as it is connected."""

    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._deadline)
        return pool


def _watched(connection: Any, deadline: _Deadline) -> Any:
    class Watched(connection):  # type: ignore[misc]  # that of HTTP or of HTTPS
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            deadline.watch(connected)
            return connected

    return Watched
