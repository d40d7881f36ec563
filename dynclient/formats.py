"""
The formats that are checked: one fixed table, whatever else is installed.

A format that is not in the table says something about a value and refuses none (JSON Schema 2020-12 §7.2.1). Each
check gets any JSON value and answers for those of its own type only.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import re
from collections.abc import Callable

from dynclient.types import JSON

_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"\d{2}:\d{2}:(\d{2})(\.\d+)?([zZ]|[+-]\d{2}:\d{2})"
_DATE_TIME = re.compile(rf"({_DATE})[tT ]({_TIME})", re.ASCII)
_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def _is_date(text: str) -> bool:
    return bool(re.fullmatch(_DATE, text, re.ASCII)) and _parses(datetime.date.fromisoformat, text)


def _is_time(text: str) -> bool:
    match = re.fullmatch(_TIME, text, re.ASCII)
    if not match:
        return False
    if match[1] == "60":  # a leap second (RFC 3339 §5.6), which Python's time does not know
        text = text[:6] + "59" + text[8:]
    return _parses(datetime.time.fromisoformat, re.sub(r"\.\d+", "", text).upper())


def _is_date_time(text: str) -> bool:
    match = _DATE_TIME.fullmatch(text)
    return bool(match) and _is_date(match[1]) and _is_time(match[2])  # type: ignore[index]


def _is_byte(text: str) -> bool:
    return text.isascii() and _parses(lambda data: base64.b64decode(data, validate=True), text)


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _of_text(check: Callable[[str], object]) -> Callable[[JSON], bool]:
    return lambda value: not isinstance(value, str) or bool(check(value))


def _of_integer(bits: int) -> Callable[[JSON], bool]:
    limit = 2 ** (bits - 1)
    return lambda value: not isinstance(value, (int, float)) or -limit <= value < limit


FORMATS: dict[str, Callable[[JSON], bool]] = {
    "byte": _of_text(_is_byte),
    "date": _of_text(_is_date),
    "date-time": _of_text(_is_date_time),
    "email": _of_text(_EMAIL.fullmatch),
    "hostname": _of_text(lambda text: len(text) <= 253 and _HOSTNAME.fullmatch(text)),
    "int32": _of_integer(32),
    "int64": _of_integer(64),
    "ipv4": _of_text(lambda text: _parses(ipaddress.IPv4Address, text)),
    "ipv6": _of_text(lambda text: "%" not in text and _parses(ipaddress.IPv6Address, text)),
    "time": _of_text(_is_time),
    "uri": _of_text(_URI.fullmatch),
    "uuid": _of_text(_UUID.fullmatch),
}
