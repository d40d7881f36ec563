"""
Locks that a forked child can take.

A fork copies a lock as it is: where another thread holds it, the child waits for ever, for that thread is not there. So
every lock of dynclient is registered here, and a child begins with new ones. What a lock guards may be half done then,
as after an exception: whoever takes the lock next has to finish it.
"""

from __future__ import annotations

import functools
import gc
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_T = TypeVar("_T")

_owners: dict[tuple[int, str], tuple[weakref.ref[Any], Callable[[], Any]]] = {}

# On Python 3.11 each cached_property of theirs has a lock, one for all objects of the class.
_LIBRARIES = frozenset({"jsonschema_path", "openapi_core", "pathable"} if sys.version_info < (3, 12) else ())


def renewed(owner: object, name: str, make: Callable[[], Any] = threading.Lock) -> Any:
    """What the owner keeps as this attribute, such as a lock; a forked child puts another one there."""
    key = id(owner), name
    _owners[key] = weakref.ref(owner, lambda _: _owners.pop(key, None)), make
    return make()


class cached(Generic[_T]):  # noqa: N801  # as the one it replaces
    """`functools.cached_property` without the lock that it has on Python 3.11, which all objects of a class share."""

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
    gc.disable()  # owners that are collected meanwhile would leave the register
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


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
