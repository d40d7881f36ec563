"""
One attempt at a request: on a socket, or in a WSGI or ASGI application of this process.

In comes a prepared request; out comes an answer of requests, or a `SendError`. Only this package opens sockets for a
call. May import `wire`, `credentials`, `http` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.network.adapter import Adapter
    from dynclient.network.async_transport import AsyncTransport
    from dynclient.network.received import Received
    from dynclient.network.transport import Transport
    from dynclient.network.wsgi import WSGIApplication

__getattr__, __dir__ = lazy(
    __name__,
    """
    adapter: Adapter
    async_transport: AsyncTransport
    received: Received
    transport: Transport
    wsgi: WSGIApplication
    """,
)
