"""JSON Pointers (RFC 6901): into a document, as fragments of a URI, and into a value."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote


def escape_token(token: str) -> str:
    """
    Escape one step of a pointer in a fragment (RFC 6901 §3 and §6).

    >>> escape_token("/a~b/50%25")
    '~1a~0b~150%2525'
    """
    return escape_step(token).replace("%", "%25")


def escape_step(step: str) -> str:
    """Escape one step of a pointer into a value (RFC 6901 §3)."""
    return step.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> Iterator[str]:
    """
    Yield the steps of a pointer in a fragment (RFC 6901 §6).

    >>> list(split_pointer("#/paths/~1pets~1{id}/get")), list(split_pointer("#/a%25b"))
    (['paths', '/pets/{id}', 'get'], ['a%b'])
    """
    for token in pointer.removeprefix("#").split("/")[1:]:
        yield unquote(token).replace("~1", "/").replace("~0", "~")


def split_value_pointer(pointer: str) -> list[str]:
    """
    Return the steps of a pointer into a value (RFC 6901 §3).

    >>> split_value_pointer("/a~1b/0"), split_value_pointer("")
    (['a/b', '0'], [])
    """
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
