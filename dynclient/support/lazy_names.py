"""Names of a package that are imported when they are first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy(package: str, exports: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """
    Return `__getattr__` and `__dir__` for a package.

    Args:
        package: the package's `__name__`.
        exports: the names of its modules, each with a colon, and after each the names that it exports:
            "parsing: Parsed parse_text  cache: Cache".
    """
    home: dict[str, str] = {}
    module = ""
    for word in exports.split():
        if word.endswith(":"):
            module = f"{package}.{word[:-1]}"
        else:
            home[word] = module
    namespace = vars(sys.modules[package])

    def getattr_(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = namespace[name] = getattr(import_module(home[name]), name)
        return value

    def dir_() -> list[str]:
        return sorted({*namespace, *home})

    return getattr_, dir_
