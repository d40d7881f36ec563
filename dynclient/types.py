"""Types that every package uses."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Literal, TypeAlias

JSON: TypeAlias = Any
"""A value as `json.loads` gives it; used only where JSON enters or leaves."""

Location: TypeAlias = Literal["path", "query", "header", "cookie"]
"""Where a parameter travels (OpenAPI, Parameter Object, `in`)."""

Timeout: TypeAlias = float | tuple[float | None, float | None] | None
"""Seconds, or (seconds to connect, seconds between two reads); None waits for ever."""

Application: TypeAlias = (
    Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]] | Callable[..., Awaitable[None]]
)
"""A WSGI (PEP 3333) or an ASGI application."""


class Unset(enum.Enum):
    """The type of `UNSET`, which means "not given" where None means JSON null."""

    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset.UNSET
