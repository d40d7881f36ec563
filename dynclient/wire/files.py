"""Files as callers give them: bytes, paths, open files, and tuples with a name and a content type."""

from __future__ import annotations

import io
import mimetypes
import os
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from dynclient.support import type_name
from dynclient.types import JSON
from dynclient.wire.unwritable import Unwritable, checked_text

UNKNOWN_TYPE = "application/octet-stream"
"""The content type of bytes that nothing is known about (RFC 2046 §4.5.1)."""

_FILE_FORMS = 'a file opened with "rb", bytes, or (name, content, content type)'
JSON_CLASSES = frozenset({str, int, float, bool, type(None), dict, list})
"""The classes of plain JSON data, none of which is a file."""


class Readable(Protocol):
    """Anything with bytes to read: an open file, `io.BytesIO`, a response of urllib3."""

    def read(self, size: int = -1, /) -> bytes: ...


Content: TypeAlias = bytes | os.PathLike[str] | os.PathLike[bytes] | Readable | Iterator[Any]
"""The bytes of a file, or where they are read from. An iterator may give text, too."""


@dataclass(frozen=True, slots=True)
class File:
    """
    A file to send. It is neither opened nor read before it is sent.

    Attributes:
        name: the name that the caller gave, else the file's own name without its folders.
        content: the bytes, or where they are read from.
        content_type: the content type.
        headers: the caller's headers for this part of a multipart body.
    """

    name: str | None
    content: Content
    content_type: str
    headers: Mapping[str, JSON] = field(default_factory=dict)


def is_file(value: object) -> bool:
    """
    Return whether the value is a file: bytes, a path, an object with `read`, or a tuple.

    The tuple is (name, content), (name, content, content type) or (name, content, content type, headers). Its content
    may also be an iterator of bytes, and, if there is a content type, text: a tuple of two words is a list of words.
    """
    if type(value) in JSON_CLASSES:  # most values; the other checks are slower
        return False
    if isinstance(value, tuple):
        return _is_file_tuple(value)
    return _is_content(value)


def as_file(value: JSON) -> File:
    """
    Return the file that a value means: everything that `is_file` accepts, or an iterator of bytes or text.

    If the value does not give the content type, it is guessed from the name.

    Raises:
        Unwritable: the value isn't a file, or is a file opened as text.
    """
    if isinstance(value, str):
        raise Unwritable(f"text is not a file: give Path({value[:60]!r}), {_FILE_FORMS}")
    if not is_file(value) and not isinstance(value, Iterator):
        raise Unwritable(f"a value of type {type_name(value)} is not a file: give pathlib.Path(...), {_FILE_FORMS}")
    name, content, content_type = _parts(value)
    headers = value[3] if isinstance(value, tuple) and len(value) == 4 else {}
    return File(name, _content(content), content_type, headers)


def file_type(value: JSON) -> str:
    """Return the content type of a value that `is_file` accepts, as given or guessed from the name, not the content."""
    return _parts(value)[2]


def _is_content(value: object) -> bool:
    return isinstance(value, bytes | bytearray | memoryview | os.PathLike) or callable(getattr(value, "read", None))


def _is_file_tuple(value: tuple[Any, ...]) -> bool:
    if len(value) not in (2, 3, 4) or not isinstance(value[0], str | None):
        return False
    content, content_type, headers = (*value[1:], None, None)[:3]
    if not isinstance(headers, Mapping | None):
        return False
    if isinstance(content, str):
        return isinstance(content_type, str) and "/" in content_type
    return (_is_content(content) or isinstance(content, Iterator)) and isinstance(content_type, str | None)


def _parts(value: Any) -> tuple[str | None, Any, str]:
    """The name, content and content type of a value that `is_file` accepts."""
    name, content, content_type = (*value, None)[:3] if isinstance(value, tuple) else (None, value, None)
    name = _utf_8_name(_own_name(content) if name is None else name)
    return name, content, content_type or _guess_type(name)


def _content(value: Any) -> Content:
    if isinstance(value, str):
        return checked_text(value).encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, io.TextIOBase) or getattr(value, "encoding", None):
        raise Unwritable('the file was opened as text, so its bytes are not known: open it with "rb"')
    content: Content = value
    return content


def _own_name(content: object) -> str | None:
    """The name of a file, without its folders."""
    if isinstance(content, pathlib.PurePath):
        return content.name
    name = os.fsdecode(content) if isinstance(content, os.PathLike) else getattr(content, "name", None)
    # The name of an unnamed temporary file is a number, that of a standard stream "<stdin>".
    return os.path.basename(name) if isinstance(name, str) and not name.startswith("<") else None


def _utf_8_name(name: str | None) -> str | None:
    return (name or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace") or None


def _guess_type(name: str | None) -> str:
    guessed, compression = mimetypes.guess_type(name) if name else (None, None)
    return UNKNOWN_TYPE if guessed is None or compression else guessed
