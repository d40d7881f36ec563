"""
Locks that a forked child can take, including those of imports.

A fork copies a lock as it is. If another thread holds it, the child waits for ever, because that thread does not
exist there. So every lock of dynclient is registered here, and a child begins with new ones. What a lock guards may
then be half done, as after an exception: whoever takes the lock next has to finish it.
"""

from __future__ import annotations

import functools
import gc
import importlib._bootstrap
import logging  # noqa: F401  # see the end of this file
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_T = TypeVar("_T")

_owners: dict[tuple[int, str], tuple[weakref.ref[Any], Callable[[], Any]]] = {}

# On Python 3.11 each cached_property of these has one lock for all objects of the class.
_LIBRARIES = frozenset({"jsonschema_path", "openapi_core", "pathable"} if sys.version_info < (3, 12) else ())

# The libraries that this package imports, at once or for the first call.
_IMPORTED = frozenset(
    [
        "IPython",
        "anyio",
        "click",
        "dynclient",
        "h11",
        "jmespath",
        "jsonpath",
        "jsonschema",
        "jsonschema_path",
        "keyring",
        "oauthlib",
        "openapi_core",
        "openapi_spec_validator",
        "platformdirs",
        "referencing",
        "requests",
        "rich",
        "tomlkit",
        "urllib3",
        "werkzeug",
        "yaml",
    ]
)
_LONGEST_IMPORT = 10.0  # seconds


def renewed(owner: object, name: str, make: Callable[[], Any] = threading.Lock) -> Any:
    """Return the value for an attribute of the owner, such as a lock; a forked child replaces it by a new one."""
    key = id(owner), name
    _owners[key] = weakref.ref(owner, lambda _: _owners.pop(key, None)), make
    return make()


class cached(Generic[_T]):  # noqa: N801  # as the one it replaces
    """`functools.cached_property` without the lock that it has on Python 3.11 for all objects of a class."""

    def __init__(self, function: Callable[[Any], _T]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | _T:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._function(instance)
        return value


def _renew() -> None:
    is_collecting = gc.isenabled()
    gc.disable()  # otherwise collected owners would leave the register meanwhile
    try:
        for (_, name), (reference, make) in list(_owners.items()):
            owner = reference()
            if owner is not None:
                setattr(owner, name, make())
    finally:
        if is_collecting:
            gc.enable()
    for module_name, module in list(sys.modules.items()) if _LIBRARIES else ():
        if module_name.partition(".")[0] in _LIBRARIES:
            for found in list(vars(module).values()):
                for member in vars(found).values() if isinstance(found, type) else ():
                    if isinstance(member, functools.cached_property):
                        member.lock = threading.RLock()  # type: ignore[attr-defined]


def _await_imports() -> None:
    """
    Wait until no other thread is importing what the first call imports.

    Python has a lock for each module that is being imported; a child could neither import that module nor finish it.
    """
    frame: Any = sys._getframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return  # this thread imports, and the others may wait for it
        frame = frame.f_back
    until = time.monotonic() + _LONGEST_IMPORT
    while _is_importing() and time.monotonic() < until:
        time.sleep(0.001)


def _is_importing() -> bool:
    under_way = list(getattr(importlib._bootstrap, "_module_locks", ()))
    return any(name.partition(".")[0] in _IMPORTED for name in under_way)


# Hooks run in the reverse order of their registration. That of logging takes its lock, which an import may need: it has
# to be registered before ours, so that it runs after the wait.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_await_imports, after_in_child=_renew)
