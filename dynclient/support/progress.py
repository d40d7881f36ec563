"""How many bytes have come, told to a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Told: TypeAlias = Callable[[int, "int | None"], object]
"""Gets the bytes that are done, and the bytes in all or None."""


def no_progress(done: int, size: int | None) -> None:
    """The progress that nobody asked for."""
