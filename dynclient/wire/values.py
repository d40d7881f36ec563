"""A caller's Python values as plain JSON data."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import email.utils
import enum
import math
import pathlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from dynclient.support import as_own_type, type_name
from dynclient.types import JSON, UNSET
from dynclient.wire.files import JSON_CLASSES, is_file
from dynclient.wire.unwritable import Unwritable, checked_text, within

MAX_DEPTH = 100
"""How deep lists and mappings may nest; deeper ones exhaust the stack of those who read and check them."""

_MAX_DIGITS = 4200  # Python itself, and so a server written in it, reads 4300 digits at most (CVE-2020-10735)
_TOO_LONG = f"the number has more than {_MAX_DIGITS} digits"


class Wanted(Protocol):
    """What a schema asks of a value and of its members; `openapi.SchemaView` is one."""

    @property
    def types(self) -> frozenset[str]: ...

    @property
    def formats(self) -> frozenset[str]: ...

    @property
    def nullable(self) -> bool: ...

    def item(self, index: int) -> Wanted: ...

    def member(self, key: str) -> Wanted: ...


def plain(value: JSON, *, files: bool = False, shape: Wanted | None = None) -> JSON:
    """
    Return the value as JSON data: None, bool, int, float, str, list, and dict with str keys.

    - Lists and dicts are copied; tuples, sets, iterators and mappings become lists and dicts.
    - Enum members become their value, and Decimals numbers.
    - Dates and times become text as in RFC 3339, durations as in its appendix A. UUIDs and paths become text.
    - Dataclasses, attrs classes and pydantic models become dicts of their fields, by alias. A field that is None is
      left out if `shape` does not permit null: such a class has no other way to leave one out.
    - Scalars and arrays of numpy and pandas become numbers, text and lists.

    If `shape` asks for another form, it wins:

    - a Decimal for text keeps its digits;
    - a whole float for an integer becomes an integer;
    - a datetime for a date becomes a date, and for `http-date` and the like what that format says;
    - bytes for text in base64 (format byte, contentEncoding) become that text.

    Args:
        value: the value.
        files: whether everything that `is_file` accepts stays as it is, paths included.
        shape: what the schema asks for.

    >>> plain({"ids": (1, 2), "when": datetime.date(2024, 5, 1)})
    {'ids': [1, 2], 'when': '2024-05-01'}

    Raises:
        Unwritable: some part cannot be written as JSON, or not without losing its meaning.
    """
    if type(value) in _ONE_WAY:
        return _CHECKS[type(value)](value)
    return _plain(value, files, (), shape)


def unfolded(value: JSON) -> JSON:
    """The fields of a dataclass, an attrs class or a model of pydantic, as they stand there; any other value itself."""
    kind = type(value)
    if kind in JSON_CLASSES:
        return value
    if callable(getattr(kind, "model_dump", None)):
        return value.model_dump(by_alias=True)
    if hasattr(kind, "__pydantic_serializer__"):  # a dataclass of pydantic
        return kind.__pydantic_serializer__.to_python(value, by_alias=True)
    if hasattr(kind, "__attrs_attrs__"):
        fields = ((getattr(each, "alias", None) or each.name, each.name) for each in kind.__attrs_attrs__)
        return {alias: getattr(value, name) for alias, name in fields}
    if dataclasses.is_dataclass(kind):
        return {each.metadata.get("alias", each.name): getattr(value, each.name) for each in dataclasses.fields(kind)}
    return value


def _plain(value: Any, files: bool, holders: tuple[int, ...], shape: Wanted | None) -> JSON:
    """`holders` are the ids of the containers around the value: their number is the depth, a repetition a cycle."""
    if type(value) in _ONE_WAY:
        return _CHECKS[type(value)](value)
    if type(value) not in JSON_CLASSES and type(value).__module__.partition(".")[0] in _OF_DATA:
        value = _of_data(value)
    if shape is not None:
        value = _shaped(value, shape, files)
    check = _CHECKS.get(type(value))
    if check:
        return check(value)
    if isinstance(value, list | dict):
        return _copy(value, files, holders, shape)
    if files and is_file(value):
        return value
    return _plain(_simpler(value, shape), files, holders, shape)


def _simpler(value: Any, shape: Wanted | None) -> Any:
    """A value of a class that JSON lacks, one step nearer to one that JSON has."""
    if value is UNSET:
        raise Unwritable("UNSET means not given: leave this out")
    for kind, simplify in _SIMPLER:
        if isinstance(value, kind):
            return simplify(value)
    fields = unfolded(value)
    if fields is not value:
        return _without_absent(fields, shape)
    if is_file(value):
        raise Unwritable("a file or bytes cannot stand here: decode them to text, or encode them as base64 text")
    if isinstance(value, Iterator):
        return list(value)
    hint = as_own_type(value) or "give plain JSON data"
    raise Unwritable(f"a value of type {type_name(value)} cannot be written: {hint}")


def _copy(value: list[Any] | dict[Any, Any], files: bool, holders: tuple[int, ...], shape: Wanted | None) -> JSON:
    if id(value) in holders:
        raise Unwritable("the value holds itself")
    if len(holders) == MAX_DEPTH:
        raise Unwritable(f"the value is nested more than {MAX_DEPTH} deep")
    holders = (*holders, id(value))
    if isinstance(value, list):
        return [
            within(index, _plain, item, files, holders, shape and shape.item(index)) for index, item in enumerate(value)
        ]
    copy: dict[str, JSON] = {}
    for key, item in value.items():
        name = _key(key)
        if name in copy:
            raise Unwritable(f"two keys are both written {name!r}")
        copy[name] = within(name, _plain, item, files, holders, shape and shape.member(name))
    return copy


def _without_absent(fields: Any, shape: Wanted | None) -> Any:
    """The fields, without those that are None although the schema does not permit null."""
    if shape is None or not isinstance(fields, dict | list):
        return fields
    if isinstance(fields, list):
        return [_without_absent(item, shape.item(index)) for index, item in enumerate(fields)]
    members = ((key, value, shape.member(key)) for key, value in fields.items())
    return {
        key: _without_absent(value, inner)
        for key, value, inner in members
        if value is not None or inner.nullable or not inner.types
    }


def _of_data(value: Any) -> Any:
    """The plain value of a scalar or array of numpy or pandas. Neither is imported: the class's module tells."""
    if isinstance(value, str | float | int):  # numpy.str_ and numpy.float64 are subclasses of these
        return value
    kind = type(value).__name__
    if kind in ("NaTType", "NAType") or (kind in ("datetime64", "timedelta64") and value != value):
        raise Unwritable(f"{value} cannot be written: leave it out")
    if kind in ("datetime64", "timedelta64") and isinstance(value.item(), int):  # nanoseconds, which Python lacks
        return value.astype(f"{kind}[us]").item()
    return value.tolist() if callable(getattr(value, "tolist", None)) else value


def _key(key: Any) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if not isinstance(key, str):
        raise Unwritable(f"a key must be text, not {type_name(key)}: {key!r:.60}")
    return checked_text(str.__str__(key))


def _integer(value: int) -> int:
    if value.bit_length() > _MAX_DIGITS * math.log2(10):
        raise Unwritable(_TOO_LONG)
    return value


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise Unwritable(f"{value} is not a JSON number: leave it out")
    return value


def _same(value: bool | None) -> bool | None:
    return value


def _check_decimal(value: decimal.Decimal) -> None:
    if not value.is_finite():
        raise Unwritable(f"{value} is not a JSON number: leave it out")
    if value.adjusted() >= _MAX_DIGITS:  # int() of 1E+999999999 would take forever
        raise Unwritable(_TOO_LONG)


def _decimal(value: decimal.Decimal) -> int | float:
    _check_decimal(value)
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if decimal.Decimal(repr(number)) != value:
        raise Unwritable(f"{value} has more digits than a float holds: give it as text, or round it")
    return number


def _digits(value: decimal.Decimal) -> str:
    _check_decimal(value)
    if value.adjusted() <= -_MAX_DIGITS:
        raise Unwritable(_TOO_LONG)
    return format(value, "f")


def _duration(value: datetime.timedelta) -> str:
    """
    A duration as in RFC 3339, appendix A, with the fraction of a second if it has one.

    >>> _duration(datetime.timedelta(days=1, hours=2, seconds=3.5)), _duration(datetime.timedelta(0))
    ('P1DT2H3.5S', 'PT0S')
    """
    if value < datetime.timedelta(0):
        raise Unwritable("a duration cannot be negative")
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0").rstrip(".")
    clock = [(hours, f"{hours}H"), (minutes, f"{minutes}M"), (seconds or fraction, f"{seconds}{fraction}S")]
    days = f"{value.days}D" if value.days else ""
    time = "".join(text for number, text in clock if number) or ("" if days else "0S")
    return f"P{days}T{time}" if time else f"P{days}"


def _offset(value: datetime.datetime) -> datetime.timedelta:
    offset = value.utcoffset()
    if offset is None:
        raise Unwritable("a datetime needs a timezone: value.replace(tzinfo=datetime.timezone.utc) or .astimezone()")
    return offset


def _moment(value: datetime.datetime) -> str:
    if _offset(value) % datetime.timedelta(minutes=1):  # old local mean times; RFC 3339 has no seconds in an offset
        value = value.astimezone(datetime.UTC)
    return value.isoformat().removesuffix("+00:00") + ("" if value.utcoffset() else "Z")


def _sorted(value: frozenset[Any] | set[Any]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _shaped(value: Any, shape: Wanted, files: bool) -> Any:
    """The value in the form that the shape asks for, if its class can be written in more than one way."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, float):
        return int(value) if value.is_integer() and "integer" in shape.types and "number" not in shape.types else value
    if isinstance(value, decimal.Decimal):
        return _digits(value) if "string" in shape.types and not shape.types & {"integer", "number"} else value
    if isinstance(value, datetime.datetime):
        return _formatted(value, shape.formats)
    if isinstance(value, bytes | bytearray | memoryview):
        names = (name for name in _OF_BYTES if name in shape.formats and not (files and name == _FILE_FORMAT))
        return next((_OF_BYTES[name](bytes(value)) for name in names), value)
    return value


def _formatted(value: datetime.datetime, formats: frozenset[str]) -> Any:
    """The datetime in the first known one of these formats; the datetime itself if none is known."""
    if "date-time" in formats:
        return value
    return next((write(value) for name, write in _OF_MOMENTS.items() if name in formats), value)


def _http_date(value: datetime.datetime) -> str:
    """
    A datetime as in RFC 9110 §5.6.7 and RFC 1123.

    >>> _http_date(datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC))
    'Wed, 01 May 2024 12:00:00 GMT'
    """
    return email.utils.format_datetime((value - _offset(value)).replace(tzinfo=datetime.UTC), usegmt=True)


def _utf_8(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Unwritable("bytes that aren't UTF-8 text cannot be used here") from None


_FILE_FORMAT = "binary"  # in a form this format means a file

_OF_MOMENTS: dict[str, Callable[[datetime.datetime], Any]] = {
    "date": lambda value: value.date(),
    "http-date": _http_date,
    "date-time-rfc1123": _http_date,
}

_OF_BYTES: dict[str, Callable[[bytes], str]] = {
    "byte": lambda value: base64.b64encode(value).decode(),
    "base64": lambda value: base64.b64encode(value).decode(),
    "base64url": lambda value: base64.urlsafe_b64encode(value).decode(),
    _FILE_FORMAT: _utf_8,
}

_CHECKS: dict[type, Callable[[Any], JSON]] = {
    str: checked_text,
    int: _integer,
    float: _number,
    bool: _same,
    type(None): _same,
}

_OF_DATA = frozenset({"numpy", "pandas"})

_ONE_WAY = frozenset({str, int, bool, type(None)})
"""The classes whose values are written in the same way whatever the schema says."""

# The order matters: a str Enum is also text, a datetime also a date, a namedtuple also a tuple.
_SIMPLER: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda member: member.value),
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (datetime.datetime, _moment),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    (datetime.timedelta, _duration),
    ((uuid.UUID, pathlib.PurePath), str),
    (decimal.Decimal, _decimal),
    (Mapping, dict),
    (tuple, list),
    ((set, frozenset), _sorted),
)
