"""Threads for calls that run in the background."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from dynclient.support.locks import renewed

_T = TypeVar("_T")

MOST = 10
"""How many calls run at once; as many connections to one host are kept open."""


class Workers:
    """Threads that are started when they are first needed, and again in a forked process, which has none."""

    def __init__(self) -> None:
        self._lock = renewed(self, "_lock")
        self._executor: ThreadPoolExecutor | None = None
        self._process = 0

    def __reduce__(self) -> tuple[type[Workers], tuple[()]]:
        return Workers, ()

    def submit(self, call: Callable[[], _T]) -> Future[_T]:
        """Run the call in one of our threads, in the context (PEP 567) of this one."""
        with self._lock:
            if self._executor is None or self._process != os.getpid():
                self._executor = ThreadPoolExecutor(MOST, "dynclient")
                self._process = os.getpid()
            return self._executor.submit(copy_context().run, call)

    def close(self) -> None:
        """Wait until all submitted calls have ended."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None and self._process == os.getpid():
            executor.shutdown()
