"""The name that a server gives a file, made safe for any file system: it is the server's, and may be hostile."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from email.errors import MessageError
from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

_LONGEST = 200  # bytes of UTF-8; file systems permit 255, and a number and a temporary name need some of them
_LONGEST_SUFFIX = 20
_LONGEST_HEADER = 4096
_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')  # on Windows; there a colon also names a stream inside a file
# Control characters, text direction marks, invisible characters, half surrogate pairs, line ends.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?= *(?:\.|$))", re.IGNORECASE)


def file_name(headers: Mapping[str, str], url: str, otherwise: str) -> str:
    """
    Return a file name for an answer: from its Content-Disposition, else its URL's last segment, else `otherwise`.

    >>> file_name({"Content-Disposition": 'attachment; filename="../../etc/passwd"'}, "", "fetch")
    'passwd'
    >>> file_name({}, "https://api.test/files/report%20a.pdf?b=c", "fetch"), file_name({}, "https://api.test/", "fetch")
    ('report a.pdf', 'fetch')
    """
    candidates = (*_given(headers.get("Content-Disposition", "")), unquote(urlsplit(url).path.rpartition("/")[2]))
    return next(filter(None, map(safe_name, (*candidates, otherwise))), "download")


def safe_name(name: str) -> str:
    r"""
    Return a name without folders, drives, and characters that names cannot hold or readers cannot see; "" if none is
    left.

    >>> safe_name("C:\\a\\..\\NUL.txt"), safe_name("-rf\u202egpj.exe"), safe_name(".."), safe_name("ab:c?.txt ")
    ('_NUL.txt', 'rfgpj.exe', '', 'ab_c_.txt')
    """
    name = "".join(each for each in name if unicodedata.category(each) not in _INVISIBLE)
    name = re.split(r"[/\\]", name)[-1]
    name = _NOT_IN_NAMES.sub("_", re.sub(r"^[A-Za-z]:", "", name))
    name = " ".join(unicodedata.normalize("NFC", name).split())
    name = name.lstrip(" .-").rstrip(" .")
    return _shortened(f"_{name}" if _DEVICES.match(name) else name)


def numbered(name: str, number: int) -> str:
    """
    Return a free name for one that is taken.

    >>> numbered("a.tar.gz", 1), numbered("a", 2)
    ('a (1).tar.gz', 'a (2)')
    """
    stem, dot, suffix = name.partition(".")
    return f"{stem} ({number}){dot}{suffix}"


def _given(header: str) -> list[str]:
    """The names in a Content-Disposition, that of `filename*` first (RFC 6266 §4.3, RFC 8187)."""
    if not header or len(header) > _LONGEST_HEADER:
        return []
    message = Message()
    try:
        message["Content-Disposition"] = header
        parameters = message.get_params([], "Content-Disposition")
    except (MessageError, ValueError, LookupError):
        return []
    names: list[Any] = [value for name, value in parameters if name.lower() == "filename"]
    extended = [_decoded(value) for value in names if isinstance(value, tuple)]
    return [*extended, *(_as_utf_8(value) for value in names if isinstance(value, str))]


def _decoded(value: tuple[str | None, str | None, str]) -> str:
    charset, _, text = value
    try:
        return text.encode("latin-1").decode(charset or "utf-8")
    except (LookupError, ValueError):
        return ""


def _as_utf_8(text: str) -> str:
    """A name whose bytes came unescaped; headers are read as Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except ValueError:
        return text


def _shortened(name: str) -> str:
    """The name in so many bytes, its suffix kept."""
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    space = _LONGEST - len((dot + suffix).encode())
    return stem.encode()[:space].decode("utf-8", "ignore").rstrip(" .") + dot + suffix
