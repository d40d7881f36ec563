"""Values of a document, which may be anything, as what they should be: the value, or an empty one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dynclient.types import JSON


def mapping(value: JSON) -> Mapping[str, JSON]:
    """
    Return the object, or an empty one.

    >>> mapping({"a": 1}), mapping(["a"]), mapping(None)
    ({'a': 1}, {}, {})
    """
    return value if isinstance(value, Mapping) else {}


def sequence(value: JSON) -> Sequence[JSON]:
    """
    Return the array, or an empty one.

    >>> sequence(["a"]), sequence("a"), sequence(None)
    (['a'], (), ())
    """
    return value if isinstance(value, list) else ()


def text(value: JSON) -> str:
    """
    Return the text, or an empty one.

    >>> text("a"), text(1), text(None)
    ('a', '', '')
    """
    return value if isinstance(value, str) else ""
