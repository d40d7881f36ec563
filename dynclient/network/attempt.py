"""One attempt at a request: how long it may take, and how far it came."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from dynclient.support import Deadline


@dataclass(slots=True, eq=False)
class Attempt:
    """
    One request on its way. The connection that carries it keeps its deadline and writes down how far it came.

    Attributes:
        deadline: when all of it must have ended.
        idle: the most seconds to wait for each piece to be sent or received, None for no limit.
        fresh: whether it needs a new connection.
        proxy: how messages call the proxy on its way, "" if there is none.
        number: 1 for the first attempt of a call.
        is_watched: whether the connection is one of ours; others do not write down the rest.
        wrote: whether any byte of the request was handed to the network.
        reused: whether its connection had carried another request before.
        answered: whether any byte came back.
        peer: what is at the other end of the connection: `proxy`, or "" for the server.
    """

    deadline: Deadline
    idle: float | None
    fresh: bool = False
    proxy: str = ""
    number: int = 1
    is_watched: bool = False
    wrote: bool = False
    reused: bool = False
    answered: bool = False
    peer: str = ""


current: ContextVar[Attempt | None] = ContextVar("current", default=None)
"""The attempt that our connections carry in this context, if any."""


@contextlib.contextmanager
def watching(attempt: Attempt) -> Iterator[None]:
    """Make this the attempt of every request that is sent in the block."""
    token = current.set(attempt)
    try:
        yield
    finally:
        current.reset(token)
