"""
The formats that are checked: one fixed table, whatever else is installed.

They are those of JSON Schema 2020-12 and the ones of the OpenAPI format registry that documents use. A format that is
not in the table says something about a value and refuses none (JSON Schema 2020-12 §7.2.1): `password`, `binary` and
`float`, or a document's own. Each check gets any JSON value and answers for those of its own type only, in time that
grows with the text alone.
"""

from __future__ import annotations

import base64
import datetime
import ipaddress
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from dynclient.support import matches, parse, pattern_fault
from dynclient.types import JSON

Check: TypeAlias = Callable[[JSON], object]
"""Whether a value fits a format: a true value or a false one; a ValueError means that it does not."""

_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"\d{2}:\d{2}:(\d{2})(\.\d+)?([zZ]|[+-]\d{2}:\d{2})"
_DATE_TIME = re.compile(rf"({_DATE})[tT ]({_TIME})", re.ASCII)
_HOSTNAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# The characters of RFC 3986 §2, of which square brackets are let pass in queries too; an IRI has those beyond ASCII.
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_OF_URI = r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}"
_OF_IRI = rf"{_OF_URI}|[^\x00-\x9f\s]"

_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_TEMPLATE_NAME = r"(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*(?::[1-9]\d{0,3}|\*)?"
_URI_TEMPLATE = re.compile(  # RFC 6570 §2
    rf"(?:[^\x00-\x20\x7f\"'<>%\\^`{{|}}]|%[0-9A-Fa-f]{{2}}|"
    rf"\{{[+#./;?&=,!@|]?{_TEMPLATE_NAME}(?:,{_TEMPLATE_NAME})*\}})*",
    re.ASCII,
)
# RFC 3339 appendix A, and what more ISO 8601 permits: parts left out in the middle, a fraction of a second.
_DURATION = re.compile(
    r"P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:[.,]\d+)?S)?)?)", re.ASCII
)
_MAX_REGEX = 10_000
"""The longest text that is read as a regular expression; a longer one is taken for one."""


def _uri(characters: str) -> re.Pattern[str]:
    return re.compile(rf"{_SCHEME}(?:{characters})*(?:#(?:{characters})*)?")


def _reference(characters: str) -> re.Pattern[str]:
    """A URI or a relative one, which has no colon in its first segment (RFC 3986 §4.2)."""
    return re.compile(rf"(?:{_SCHEME}|(?![^/?#]*:))(?:{characters})*(?:#(?:{characters})*)?")


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


def _is_idn_hostname(text: str) -> bool:
    """Of labels that have letters, digits and hyphens, or anything beyond ASCII."""
    plain = re.sub(r"[^\x00-\x7f]", "a", re.sub("[\u3002\uff0e\uff61]", ".", text))  # the dots of IDNA (RFC 3490 §3.1)
    return _is_hostname(plain)


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and bool(_HOSTNAME.fullmatch(text))


def _is_regex(text: str) -> bool:
    known = len(text) <= _MAX_REGEX and "\\p{" not in text.lower()  # scripts are regular, though not known here
    return not known or parse(text) is not None


def _is_base64url(text: str) -> bool:
    return bool(_BASE64URL.fullmatch(text)) and (len(text.rstrip("=")) % 4 != 1)


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


def _of_unsigned(bits: int) -> Callable[[JSON], bool]:
    return lambda value: not isinstance(value, (int, float)) or 0 <= value < 2**bits


FORMATS: dict[str, Callable[[JSON], bool]] = {
    "base64url": _of_text(_is_base64url),
    "byte": _of_text(_is_byte),
    "date": _of_text(_is_date),
    "date-time": _of_text(_is_date_time),
    "email": _of_text(_EMAIL.fullmatch),
    "duration": _of_text(_DURATION.fullmatch),
    "hostname": _of_text(_is_hostname),
    "idn-email": _of_text(_EMAIL.fullmatch),
    "idn-hostname": _of_text(_is_idn_hostname),
    "int16": _of_integer(16),
    "int32": _of_integer(32),
    "int64": _of_integer(64),
    "int8": _of_integer(8),
    "ipv4": _of_text(lambda text: _parses(ipaddress.IPv4Address, text)),
    "ipv6": _of_text(lambda text: "%" not in text and _parses(ipaddress.IPv6Address, text)),
    "iri": _of_text(_uri(_OF_IRI).fullmatch),
    "iri-reference": _of_text(_reference(_OF_IRI).fullmatch),
    "json-pointer": _of_text(re.compile(_POINTER).fullmatch),
    "regex": _of_text(_is_regex),
    "relative-json-pointer": _of_text(re.compile(rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER})").fullmatch),
    "time": _of_text(_is_time),
    "uint16": _of_unsigned(16),
    "uint32": _of_unsigned(32),
    "uint64": _of_unsigned(64),
    "uint8": _of_unsigned(8),
    "uri": _of_text(_uri(_OF_URI).fullmatch),
    "uri-reference": _of_text(_reference(_OF_URI).fullmatch),
    "uri-template": _of_text(_URI_TEMPLATE.fullmatch),
    "uuid": _of_text(_UUID.fullmatch),
}


Formats: TypeAlias = Mapping[str, Check | str | None]
"""Changes to the table: a function, a pattern, or None for a format that is not to be checked."""


def table_of(changes: Formats) -> Mapping[str, Callable[[JSON], bool]]:
    """
    The fixed table with a caller's changes: a check, a pattern of ECMA-262 for texts, or None for no check.

    A check is given whatever value has the format. A ValueError from it refuses the value; another error is raised as
    a RuntimeError that names the format.

    Raises:
        TypeError: a change is none of these.
        ValueError: a pattern cannot be run.
    """
    table = dict(FORMATS)
    for name, change in changes.items():
        if change is None:
            table.pop(name, None)
        elif isinstance(change, str):
            table[name] = _of_pattern(name, change)
        elif callable(change):
            table[name] = _of_caller(name, change)
        else:
            raise TypeError(
                f"the format {name!r} is checked by a function or a pattern, or None, not by {change!r:.60}"
            )
    return MappingProxyType(table)


def _of_pattern(name: str, pattern: str) -> Callable[[JSON], bool]:
    if pattern_fault(pattern):
        raise ValueError(f"the pattern {pattern!r:.200} of the format {name!r} {pattern_fault(pattern)}")
    return _of_text(lambda text: matches(pattern, text))


def _of_caller(name: str, check: Check) -> Callable[[JSON], bool]:
    def fits(value: JSON) -> bool:
        try:
            return bool(check(value))
        except ValueError:
            return False
        except Exception as error:
            raise RuntimeError(f"the check of the format {name!r} failed: {type(error).__name__}: {error}") from error

    return fits
