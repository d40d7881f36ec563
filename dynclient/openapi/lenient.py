"""What stands at a place of a document, where it may be anything: as what it should be, else empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynclient.types import JSON


def mapping(value: JSON) -> Mapping[str, JSON]:
    """
    The object, or an empty one.

    >>> mapping({"a": 1}), mapping(["a"]), mapping(None)
    ({'a': 1}, {}, {})
    """
    return value if isinstance(value, Mapping) else {}


def sequence(value: JSON) -> Sequence[JSON]:
    """
    The array, or an empty one.

    >>> sequence(["a"]), sequence("a"), sequence(None)
    (['a'], (), ())
    """
    return value if isinstance(value, list) else ()


def text(value: JSON) -> str:
    """
    The text, or an empty one.

    >>> text("a"), text(1), text(None)
    ('a', '', '')
    """
    return value if isinstance(value, str) else ""
