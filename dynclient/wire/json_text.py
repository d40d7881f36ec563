"""Values as JSON text."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from dynclient.types import JSON
from dynclient.wire.values import MAX_DEPTH, Wanted, plain

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _WholeFloat(Exception):
    """A whole number is written as a float."""


def _fraction(text: str) -> float:
    value = float(text)
    if value.is_integer():
        raise _WholeFloat
    return value


_FRACTIONS = json.JSONDecoder(parse_float=_fraction)


def encode_json(value: JSON, shape: Wanted | None = None) -> tuple[bytes, JSON]:
    """
    Return the value as JSON text in UTF-8, and the data that this text means: what is validated is what is sent.

    Raises:
        Unwritable: as for `plain`.
    """
    try:
        text = _ENCODER.encode(value)
        body = text.encode()
        data, has_whole_float = _decoded(text)
        # They differ if there is a tuple, or a key that isn't text; `plain` decides which of these can be written.
        may_be_deep = text.count("[") + text.count("{") > MAX_DEPTH
        if data == value and not (may_be_deep and _is_deep(data)):
            if has_whole_float and shape is not None:
                data = _with_integers(data, lambda: shape)
                body = _ENCODER.encode(data).encode()
            return body, data
    except (TypeError, ValueError, RecursionError):
        pass  # `plain` writes it, or says what is wrong and where
    data = plain(value, shape=shape)
    return _ENCODER.encode(data).encode(), data


def _is_deep(data: JSON) -> bool:
    """Whether the data nests deeper than `MAX_DEPTH`."""
    level, depth = [data], 0
    while level and depth < MAX_DEPTH:
        children = (child for node in level for child in (node.values() if isinstance(node, dict) else node))
        level, depth = [child for child in children if isinstance(child, list | dict)], depth + 1
    return bool(level)


def _decoded(text: str) -> tuple[JSON, bool]:
    """The data of a JSON text, and whether it holds a number such as 5.0 or 1e+16."""
    try:
        return _FRACTIONS.decode(text), False
    except _WholeFloat:
        return json.loads(text), True


def _with_integers(value: JSON, find: Callable[[], Wanted]) -> JSON:
    """
    The data with integers in place of whole floats where the schema asks for integers; lists and dicts are changed.

    The schema is looked at only for such floats.
    """
    if isinstance(value, float):
        is_integer = value.is_integer() and "integer" in (types := find().types) and "number" not in types
        return int(value) if is_integer else value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, float | list | dict):
            value[key] = _with_integers(item, partial(_inside, find, key))
    return value


def _inside(find: Callable[[], Wanted], key: str | int) -> Wanted:
    return find().item(key) if isinstance(key, int) else find().member(key)
