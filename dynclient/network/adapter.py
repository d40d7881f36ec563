"""
The transport adapter of our sessions: requests' own, with pools of connections that watch attempts.

It is separate from `transport`, so that requests is imported only when something is sent.
"""

from __future__ import annotations

import functools
import os
import weakref
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from dynclient.network.attempt import current
from dynclient.network.connections import Connection, SecureConnection, close_inherited, socks_connections

_POOL_SIZE = 64
"""How many idle connections to one host are kept."""


class _Pool:
    """Keeps only reusable connections, and records in the attempt whether its connection is a reused one."""

    def _put_conn(self, conn: Any) -> None:
        if conn is not None and not conn.is_connected:
            conn.close()
        super()._put_conn(conn)  # type: ignore[misc]

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)  # type: ignore[misc]
        attempt = current.get()
        if attempt is not None:
            if attempt.fresh:
                connection.close()
            attempt.reused = connection.sock is not None
        return connection


class _PlainPool(_Pool, HTTPConnectionPool):
    ConnectionCls: Any = Connection


class _SecurePool(_Pool, HTTPSConnectionPool):
    ConnectionCls: Any = SecureConnection


_POOLS = {"http": _PlainPool, "https": _SecurePool}


@functools.cache
def _socks_pools() -> dict[str, type]:
    plain, secure = socks_connections()

    class PlainPool(_PlainPool):
        ConnectionCls = plain

    class SecurePool(_SecurePool):
        ConnectionCls = secure

    return {"http": PlainPool, "https": SecurePool}


_adapters: weakref.WeakSet[Adapter] = weakref.WeakSet()


class Adapter(HTTPAdapter):
    """
    The HTTPAdapter of requests with connections that keep deadlines and parse answers strictly, also through proxies.

    A client mounts it in its own session; it can be mounted in any other.

    Example:
        session.mount("https://", Adapter())
    """

    def __init__(self) -> None:
        super().__init__(pool_maxsize=_POOL_SIZE)
        _adapters.add(self)

    def begin_anew(self) -> None:
        """Forget all connections, and the locks that another thread may have held at a fork."""
        self.init_poolmanager(self._pool_connections, self._pool_maxsize, block=self._pool_block)  # type: ignore[attr-defined]
        self.proxy_manager = {}

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _socks_pools() if proxy.lower().startswith("socks") else _POOLS
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Verify the certificate of a proxy also for plain http, where requests does not."""
        super().cert_verify(conn, f"{conn.scheme}:", verify, cert)  # type: ignore[no-untyped-call]

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool = super().get_connection_with_tls_context(*arguments, **options)
        attempt = current.get()
        if attempt is not None:
            attempt.is_watched = isinstance(pool, _Pool)
        return pool


def _leave_connections() -> None:
    """Give a forked child pools of its own."""
    for adapter in list(_adapters):
        adapter.begin_anew()
    close_inherited()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_connections)
