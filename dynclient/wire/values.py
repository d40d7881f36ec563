"""A caller's Python values as plain JSON data, as JSON text, and as files."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import email.utils
import enum
import io
import json
import math
import mimetypes
import os
import pathlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar

from dynclient.documents import escape_step
from dynclient.types import JSON, UNSET

MAX_DEPTH = 100
"""How deep lists and mappings may nest; deeper ones exhaust the stack of those who read and check them."""

_P = ParamSpec("_P")
_T = TypeVar("_T")

_MAX_DIGITS = 4200  # Python itself, and so a server written in it, reads 4300 digits at most (CVE-2020-10735)
_UNKNOWN_TYPE = "application/octet-stream"
_TOO_LONG = f"the number has more than {_MAX_DIGITS} digits"
_FILE_FORMS = 'a file opened with "rb", bytes, or (name, content, content type)'
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _WholeFloat(Exception):
    """There is a whole number written as a float."""


def _fraction(text: str) -> float:
    value = float(text)
    if value.is_integer():
        raise _WholeFloat
    return value


_FRACTIONS = json.JSONDecoder(parse_float=_fraction)


class Unwritable(ValueError):
    """
    A value that cannot be written.

    `pointer` is the RFC 6901 pointer to the offending place inside the value, "" for the value itself.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message, pointer)
        self.message = message
        self.pointer = pointer

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message

    def inside(self, key: str | int) -> Unwritable:
        """The same fault, as seen from the list or mapping that holds the value under `key`."""
        return type(self)(self.message, f"/{escape_step(str(key))}{self.pointer}")


def within(key: str | int, write: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """What `write` returns for the member under `key`; its faults are told as seen from the list or mapping."""
    try:
        return write(*args, **kwargs)
    except Unwritable as error:
        raise error.inside(key) from None


class Readable(Protocol):
    """Anything with bytes to read: an open file, `io.BytesIO`, a response of urllib3."""

    def read(self, size: int = -1, /) -> bytes: ...


Content: TypeAlias = bytes | os.PathLike[str] | os.PathLike[bytes] | Readable | Iterator[Any]
"""What a file holds, or where that is to be read from."""


class Wanted(Protocol):
    """What a schema asks of a value and of its members, as `shape.SchemaView` has it."""

    @property
    def types(self) -> frozenset[str]: ...

    @property
    def formats(self) -> frozenset[str]: ...

    @property
    def nullable(self) -> bool: ...

    def item(self, index: int) -> Wanted: ...

    def member(self, key: str) -> Wanted: ...


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """
    A file to send: `name` is as the caller gave it, or that of the file without its folders; `headers` are those of the
    caller for a part of a multipart body.

    The content is not read, nor is a path opened, before it is sent.
    """

    name: str | None
    content: Content
    content_type: str
    headers: Mapping[str, JSON] = dataclasses.field(default_factory=dict)


def plain(value: JSON, *, files: bool = False, shape: Wanted | None = None) -> JSON:
    """
    The value as JSON data: None, bool, int, float, str, list, and dict with str keys; containers are copied.

    Enum members become their value; dates and times RFC 3339 text, durations that of its appendix A; UUIDs and paths
    text; Decimals numbers; tuples, sets, iterators and mappings lists and dicts; dataclasses, attrs classes and models
    of pydantic their fields, by their aliases; scalars and arrays of numpy and pandas what they stand for. With
    `files`, what `is_file` accepts stays as it is, paths included.

    What `shape` asks for wins: Decimals for text keep their digits, whole floats for integers become integers, moments
    for dates become dates or are written as their format has it, and bytes for text in base64 (format byte,
    contentEncoding) become that. A field that is None, which has no other way to be absent, is left out where null is
    not permitted.

    >>> plain({"ids": (1, 2), "when": datetime.date(2024, 5, 1)})
    {'ids': [1, 2], 'when': '2024-05-01'}

    Raises:
        Unwritable: some part has no JSON form, or none that says the same.
    """
    if type(value) in _ONE_WAY:
        return _CHECKS[type(value)](value)
    return _plain(value, files, (), shape)


def encode_json(value: JSON, shape: Wanted | None = None) -> tuple[bytes, JSON]:
    """
    The value as JSON text in UTF-8, and the data that this text holds: what is checked is what is sent.

    Raises:
        Unwritable: as for `plain`.
    """
    try:
        text = _ENCODER.encode(value)
        body = text.encode()
        data, has_whole_float = _decoded(text)
        # A difference is a tuple or a key that is not text; `plain` tells which of these are welcome.
        may_be_deep = text.count("[") + text.count("{") > MAX_DEPTH
        if data == value and not (may_be_deep and _is_deep(data)):
            if has_whole_float and shape is not None:
                data = _with_integers(data, lambda: shape)
                body = _ENCODER.encode(data).encode()
            return body, data
    except (TypeError, ValueError, RecursionError):
        pass  # `plain` finds the place and the words
    data = plain(value, shape=shape)
    return _ENCODER.encode(data).encode(), data


def unfolded(value: JSON) -> JSON:
    """The fields of a dataclass, an attrs class or a model of pydantic, as they stand there; any other value itself."""
    kind = type(value)
    if kind in _OF_JSON:
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


def is_file(value: object) -> bool:
    """
    Whether the value is a file: bytes, a path, an object with `read`, or (name, content[, content type[, headers]]).

    In a tuple the content may be text, if the content type stands beside it: two words are a list of words; and an
    iterator of bytes, which by itself is a list of what it gives.
    """
    if type(value) in _OF_JSON:  # most values; the other checks are slower
        return False
    if isinstance(value, tuple):
        return _is_file_tuple(value)
    return _is_content(value)


def as_file(value: JSON) -> File:
    """
    The file that the value stands for: what `is_file` accepts, or an iterator of bytes or text.

    The content type is guessed from the name where the value does not give it.

    Raises:
        Unwritable: the value is no file, or one that was opened as text.
    """
    if isinstance(value, str):
        raise Unwritable(f"text is not a file: give Path({value[:60]!r}), {_FILE_FORMS}")
    if not is_file(value) and not isinstance(value, Iterator):
        raise Unwritable(f"a value of type {_type_name(value)} is not a file: give pathlib.Path(...), {_FILE_FORMS}")
    name, content, content_type = _parts(value)
    headers = value[3] if isinstance(value, tuple) and len(value) == 4 else {}
    return File(name, _content(content), content_type, headers)


def file_type(value: JSON) -> str:
    """The content type of what `is_file` accepts: as given, or guessed from the name; nothing is opened."""
    return _parts(value)[2]


def _plain(value: Any, files: bool, holders: tuple[int, ...], shape: Wanted | None) -> JSON:
    """`holders` are the ids of the containers around the value: their number is the depth, a repetition a cycle."""
    if type(value) in _ONE_WAY:
        return _CHECKS[type(value)](value)
    if type(value) not in _OF_JSON and type(value).__module__.partition(".")[0] in _OF_DATA:
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
    raise Unwritable(f"a value of type {_type_name(value)} cannot be written: give plain JSON data")


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
    """The fields without those that are None where null is not permitted."""
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
    """What a scalar or array of numpy or pandas stands for; they are known by their module, and not imported for it."""
    if isinstance(value, str | float | int):  # of classes of their own, which are Python's too
        return value
    kind = type(value).__name__
    if kind in ("NaTType", "NAType") or (kind in ("datetime64", "timedelta64") and value != value):
        raise Unwritable(f"{value} cannot be written: leave it out")
    if kind in ("datetime64", "timedelta64") and isinstance(value.item(), int):  # of nanoseconds, which Python lacks
        return value.astype(f"{kind}[us]").item()
    return value.tolist() if callable(getattr(value, "tolist", None)) else value


def _key(key: Any) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if not isinstance(key, str):
        raise Unwritable(f"a key must be text, not {_type_name(key)}: {key!r:.60}")
    return _text(str.__str__(key))


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Unwritable("the text holds a lone surrogate, which UTF-8 cannot write") from None
    return value


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
    if value.adjusted() >= _MAX_DIGITS:  # int() of 1E+999999999 would not come back
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
    A duration as RFC 3339, appendix A has it, with a fraction of a second where there is one.

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
    if _offset(value) % datetime.timedelta(minutes=1):  # local mean times of old; RFC 3339 has no seconds there
        value = value.astimezone(datetime.UTC)
    return value.isoformat().removesuffix("+00:00") + ("" if value.utcoffset() else "Z")


def _sorted(value: frozenset[Any] | set[Any]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return list(value)


def _shaped(value: Any, shape: Wanted, files: bool) -> Any:
    """What the shape makes of a value, for those kinds of which there is more than one way to write them."""
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
    """A moment as the first of the formats that there are for it has it; the moment itself where there is none."""
    if "date-time" in formats:
        return value
    return next((write(value) for name, write in _OF_MOMENTS.items() if name in formats), value)


def _http_date(value: datetime.datetime) -> str:
    """
    A moment as RFC 9110 §5.6.7 has it, and RFC 1123.

    >>> _http_date(datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC))
    'Wed, 01 May 2024 12:00:00 GMT'
    """
    return email.utils.format_datetime((value - _offset(value)).replace(tzinfo=datetime.UTC), usegmt=True)


def _utf_8(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Unwritable("bytes that are no UTF-8 text cannot stand here") from None


_FILE_FORMAT = "binary"  # which means a file in a form

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
    str: _text,
    int: _integer,
    float: _number,
    bool: _same,
    type(None): _same,
}

_OF_JSON = frozenset({*_CHECKS, dict, list})
_OF_DATA = frozenset({"numpy", "pandas"})

_ONE_WAY = frozenset({str, int, bool, type(None)})
"""The classes of which there is one way to write a value, whatever its schema says."""

# In this order: a str Enum is text too, a datetime a date, a namedtuple a tuple.
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


def _is_deep(data: JSON) -> bool:
    """Whether the data nests deeper than `MAX_DEPTH`."""
    level, depth = [data], 0
    while level and depth < MAX_DEPTH:
        children = (child for node in level for child in (node.values() if isinstance(node, dict) else node))
        level, depth = [child for child in children if isinstance(child, list | dict)], depth + 1
    return bool(level)


def _decoded(text: str) -> tuple[JSON, bool]:
    """The data in JSON text, and whether there is a number such as 5.0 or 1e+16 in it."""
    try:
        return _FRACTIONS.decode(text), False
    except _WholeFloat:
        return json.loads(text), True


def _with_integers(value: JSON, find: Callable[[], Wanted]) -> JSON:
    """
    The data, its lists and dicts changed, with integers for the whole floats where these are asked for.

    What is asked for is looked for only where there is such a float.
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
    """The name, content and content type of what `is_file` accepts."""
    name, content, content_type = (*value, None)[:3] if isinstance(value, tuple) else (None, value, None)
    name = _utf_8_name(_own_name(content) if name is None else name)
    return name, content, content_type or _guess_type(name)


def _content(value: Any) -> Content:
    if isinstance(value, str):
        return _text(value).encode()
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
    return _UNKNOWN_TYPE if guessed is None or compression else guessed


def _type_name(value: object) -> str:
    return type(value).__name__
