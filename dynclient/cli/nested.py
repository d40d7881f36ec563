"""Values inside a value, as they are named in a shell: `metadata.topic`, `tools[0].type`, `tags[]`."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, MutableSequence
from typing import Any, TypeAlias

from dynclient.cli.output import ItemError
from dynclient.types import JSON

Step: TypeAlias = "str | int | None"
"""A member's name, an item's number, or None for the next item."""

_NAME = re.compile(r"[^.\[\]]+")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d{1,6})\]|\[\]")


def path_of(name: str) -> tuple[str, list[Step]] | None:
    """
    Return the name that a path begins with, and its steps; None if the name isn't a path.

    >>> path_of("tools[0].type"), path_of("tags[]"), path_of("plain"), path_of("a..b")
    (('tools', [0, 'type']), ('tags', [None]), None, None)
    """
    begin = _NAME.match(name)
    if begin is None or begin.end() == len(name):
        return None
    steps: list[Step] = []
    at = begin.end()
    while at < len(name):
        found = _STEP.match(name, at)
        if found is None:
            return None
        steps.append(found[1] if found[1] is not None else int(found[2]) if found[2] else None)
        at = found.end()
    return begin[0], steps


def put(arguments: dict[str, JSON], name: str, root: str, steps: list[Step], value: JSON) -> None:
    """
    Put a value at its path; objects and lists on the way are made.

    Raises:
        ItemError: something else is there, or an item of a list is left out.
    """
    place: Any = arguments
    key: Any = root
    for step in steps:
        inner: Any = {} if isinstance(step, str) else []
        place = _inner(place, key, inner, name)
        key = step
    if isinstance(place, MutableSequence):
        if key is None or key == len(place):
            place.append(value)
            return
        if key > len(place):
            raise ItemError(f"{name}: the list has {len(place)} items so far; write [{len(place)}], or [] for the next")
    elif key in place:
        raise ItemError(f"{name} is given twice")
    place[key] = value


def _inner(place: Any, key: Step, empty: Any, name: str) -> Any:
    """What is at a key, if it is of the kind that is needed; else the empty value, put there."""
    if isinstance(place, MutableSequence):
        if key is None or key == len(place):
            place.append(empty)
            return empty
        if not isinstance(key, int) or key > len(place):
            raise ItemError(f"{name}: the list has {len(place)} items so far; write [{len(place)}], or [] for the next")
        found = place[key]
    else:
        found = place.setdefault(key, empty)
    kind = MutableMapping if isinstance(empty, dict) else MutableSequence
    if not isinstance(found, kind):
        other = "an object" if isinstance(empty, dict) else "a list"
        raise ItemError(f"{name}: {key} is given as something else already, and not as {other}")
    return found
