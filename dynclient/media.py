"""Request bodies: which media type a body takes, and its bytes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, TypeGuard
from urllib.parse import parse_qsl, quote_plus

from dynclient import serialization
from dynclient.model import Encoding, MediaType, Parameter
from dynclient.serialization import essence as essence, is_json as is_json
from dynclient.types import JSON
from dynclient.values import File, Readable, Unwritable, encode_json, file_type, is_file, open_file, within

if TYPE_CHECKING:
    from urllib3.fields import RequestField

Body: TypeAlias = bytes | str | Readable | None

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclasses.dataclass(frozen=True, slots=True)
class Encoded:
    """A body to send: its bytes, or an open file to stream; and its content type, without wildcards."""

    body: Body
    content_type: str


def is_form(media_type: str) -> bool:
    """Whether the media type is that of a form without files."""
    return essence(media_type) == "application/x-www-form-urlencoded"


def is_multipart(media_type: str) -> bool:
    """Whether the media type is one of several parts."""
    return essence(media_type).startswith("multipart/")


def is_text(media_type: str) -> bool:
    """Whether the media type is text that is neither JSON nor a form: text/*, and XML."""
    name = essence(media_type)
    return (name.startswith("text/") and not is_json(name)) or name == "application/xml" or name.endswith("+xml")


def choose(content: tuple[MediaType, ...], value: JSON, wanted: str | None = None) -> MediaType:
    """
    The media type for a body: the one wanted, or that which fits the Python value best.

    A wanted media type may be the document's own key, in any case and with or without its parameters, or fit a
    wildcard there, of which it then takes the place.

    Raises:
        Unwritable: the document does not list the wanted media type for this body.
    """
    if wanted is not None:
        return _wanted(content, wanted)
    if len(content) == 1:
        return content[0]
    by_kind = {_kind(media_type.name): media_type for media_type in reversed(content)}
    shape = _shape(value)
    own_type = file_type(value) if shape == "file" else ""
    fitting = (m for m in content if _fits(own_type, m.name) and _kind(m.name) in ("binary", "text"))
    by_preference = (by_kind[kind] for kind in _PREFERENCES[shape] if kind in by_kind)
    return next(chain(fitting, by_preference), content[0])


def encode(media_type: MediaType, value: JSON) -> Encoded:
    """
    The body that says `value` in this media type.

    `value` is plain data with files as leaves (`values.plain`); for JSON also the bytes that `encode_json` made of it.

    Raises:
        Unwritable: the media type cannot say the value.
    """
    return _ENCODERS[_kind(media_type.name)](media_type, value)


def is_styled(encoding: Encoding | None) -> TypeGuard[Encoding]:
    """Whether a property is written as a query parameter would be, and not by a content type: 3.1.1 §4.8.15."""
    return encoding is not None and (
        encoding.style is not None or encoding.explode is not None or encoding.allow_reserved
    )


def as_parameter(name: str, encoding: Encoding) -> Parameter:
    """The query parameter that a styled property is written like."""
    style = encoding.style or "form"
    explode = style == "form" if encoding.explode is None else encoding.explode
    return Parameter(name, "query", name, style, explode, allow_reserved=encoding.allow_reserved)


def charset(content_type: str) -> str:
    """The charset that a content type names, or UTF-8."""
    named = _CHARSET.search(content_type)
    return named[1] if named else "utf-8"


def _kind(name: str) -> str:
    return next((kind for kind, fits in _KINDS.items() if fits(name)), "binary")


def _shape(value: JSON) -> str:
    if isinstance(value, str):
        return "text"
    if is_file(value):
        return "file"
    members = value.values() if isinstance(value, Mapping) else ()
    return "files" if any(map(_holds_file, members)) else "data"


def _holds_file(value: JSON) -> bool:
    return is_file(value) or (isinstance(value, list | tuple) and any(map(is_file, value)))


def _wanted(content: tuple[MediaType, ...], wanted: str) -> MediaType:
    name = wanted.strip().lower()
    for same in (
        lambda declared: declared.strip().lower() == name,
        lambda declared: essence(declared) == essence(name),
    ):
        for media_type in content:
            if same(media_type.name):
                return media_type
    for media_type in sorted(content, key=lambda declared: declared.name.startswith("*/")):
        if _fits(wanted, media_type.name):
            return dataclasses.replace(media_type, name=wanted.strip())
    declared = ", ".join(media_type.name for media_type in content)
    raise Unwritable(f"the body cannot be sent as {wanted!r}; the document lists {declared}")


def _fits(name: str, declared: str) -> bool:
    """Whether a media type is the declared one, or one of those that a wildcard means."""
    kind, _, subtype = essence(declared).partition("/")
    own_kind, _, own_subtype = essence(name).partition("/")
    return kind in ("*", own_kind) and subtype in ("*", own_subtype)


def _concrete(declared: str, name: str) -> str:
    """The media type to send: the declared one, or `name` where that is a wildcard which means it."""
    if "*" not in essence(declared):
        return declared
    if not _fits(name, declared):
        raise Unwritable(f"the body is of type {name}, not {declared}: give it as (name, content, content type)")
    return name


def _json(media_type: MediaType, value: JSON) -> Encoded:
    body = value if isinstance(value, bytes) else encode_json(value)[0]
    return Encoded(body, "application/json" if "*" in media_type.name else media_type.name)


def _text(media_type: MediaType, value: JSON) -> Encoded:
    content_type = _concrete(media_type.name, "text/plain")
    if is_file(value):
        file = open_file(value)
        fits = _fits(file.content_type, media_type.name)
        return Encoded(file.content, _concrete(media_type.name, file.content_type) if fits else content_type)
    if not isinstance(value, str) and essence(content_type) != "text/plain":
        raise Unwritable(f"a body of type {content_type} is text: give a str, bytes or a file")
    try:
        return Encoded(serialization.text(value).encode(charset(content_type)), content_type)
    except (LookupError, UnicodeEncodeError):
        raise Unwritable(f"the text cannot be written in {charset(content_type)}; give bytes") from None


def _binary(media_type: MediaType, value: JSON) -> Encoded:
    declared = media_type.name
    if is_file(value):
        file = open_file(value)
        return Encoded(file.content, _concrete(declared, file.content_type))
    if isinstance(value, str):
        return Encoded(value.encode(), _concrete(declared, "text/plain; charset=utf-8"))
    if _fits("application/json", declared):
        return Encoded(encode_json(value)[0], "application/json")
    raise Unwritable(f"a body of type {declared} is bytes, a file or text, not data")


def _form(media_type: MediaType, value: JSON) -> Encoded:
    encoding = media_type.encoding
    parts = [within(name, _form_part, name, item, encoding.get(name)) for name, item in _properties(media_type, value)]
    return Encoded("&".join(part for part in parts if part).encode(), media_type.name)


def _form_part(name: str, value: JSON, encoding: Encoding | None) -> str:
    """
    One property of a form, "" for an array without items.

    A style writes it as a query parameter; otherwise its content type does, item by item in an array, unless that is
    said to be JSON: 3.1.1 §4.8.15.
    """
    if _holds_file(value):
        raise Unwritable("a form without parts cannot hold a file: encode it as base64 text")
    if is_styled(encoding):
        # A form has + for spaces; a literal "%20" is written "%2520", which this leaves alone.
        return serialization.query_text(as_parameter(name, encoding), value).replace("%20", "+")
    content_type = _stated(encoding)
    if isinstance(value, list) and not is_json(content_type):
        texts = [within(index, _part_text, item, content_type) for index, item in enumerate(value) if item is not None]
    else:
        texts = [_part_text(value, content_type)]
    return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for text in texts)


def _multipart(media_type: MediaType, value: JSON) -> Encoded:
    from urllib3.filepost import encode_multipart_formdata

    encoding = media_type.encoding
    parts = [within(name, _parts, name, item, encoding.get(name)) for name, item in _properties(media_type, value)]
    fields = list(chain.from_iterable(parts))
    body, content_type = encode_multipart_formdata(fields)
    name = _concrete(essence(media_type.name), "multipart/form-data")
    return Encoded(body, content_type.replace("multipart/form-data", name, 1))


def _parts(name: str, value: JSON, encoding: Encoding | None) -> list[RequestField]:
    """One part for each file or value; a style may make parts of other names, as in a query."""
    if is_styled(encoding) and not _holds_file(value):
        parameter = dataclasses.replace(as_parameter(name, encoding), allow_reserved=False)
        pairs = parse_qsl(serialization.query_text(parameter, value), keep_blank_values=True)
        return [_part(part_name, text) for part_name, text in pairs]
    if not isinstance(value, list):
        return [_item_part(name, value, encoding)]
    return [within(index, _item_part, name, item, encoding) for index, item in enumerate(value) if item is not None]


def _item_part(name: str, value: JSON, encoding: Encoding | None) -> RequestField:
    if is_file(value):
        file = open_file(value)
        given = isinstance(value, tuple) and len(value) == 3 and value[2]
        return _part(name, _read(file), given or _permitted(file, encoding), file.name or name)
    content_type = _stated(encoding) or ("application/json" if isinstance(value, dict | list) else "")
    return _part(name, _part_text(value, content_type), content_type)


def _part(name: str, data: str | bytes, content_type: str = "", file_name: str | None = None) -> RequestField:
    """A part without a content type is text/plain: RFC 7578 §4.4, and what browsers send."""
    from urllib3.fields import RequestField

    if _CONTROL.search(content_type):
        raise Unwritable("a content type cannot hold line breaks or control characters")
    part = RequestField(name, data, filename=file_name)
    part.make_multipart(content_type=content_type or None)
    return part


def _properties(media_type: MediaType, value: JSON) -> list[tuple[str, JSON]]:
    if not isinstance(value, dict):
        raise Unwritable(f"a body of type {media_type.name} is an object: give a dict with the values of its fields")
    return [(name, item) for name, item in value.items() if item is not None]


def _part_text(value: JSON, content_type: str) -> str:
    structured = isinstance(value, list | dict)
    if is_json(content_type) or (structured and not content_type):
        return encode_json(value)[0].decode()
    if structured:
        raise Unwritable(f"this is sent as {content_type}: give it as text, bytes or a file")
    return serialization.text(value)


def _permitted(file: File, encoding: Encoding | None) -> str:
    """The file's own content type where the document permits it, else the first that the document names."""
    permitted = any(_fits(file.content_type, name) for name in _names(encoding))
    return file.content_type if permitted else _stated(encoding) or file.content_type


def _stated(encoding: Encoding | None) -> str:
    return next((name for name in _names(encoding) if "*" not in name), "")


def _names(encoding: Encoding | None) -> list[str]:
    """The media types of a `contentType`, which may be a list of them."""
    names = (encoding.content_type or "").split(",") if encoding else []
    return [name.strip() for name in names if name.strip()]


def _position(content: Readable) -> int | None:
    """Where an open file stands, or None where it cannot go back there."""
    try:
        return content.tell() if content.seekable() else None  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None


def _read(file: File) -> bytes:
    """The bytes of a file from where it stands; it is left there, for a call may be checked before it is made."""
    if isinstance(file.content, bytes):
        return file.content
    start = _position(file.content)
    try:
        data = file.content.read()
    except (OSError, ValueError) as error:  # such as a file that is closed
        raise Unwritable(f"the file cannot be read: {error}") from error
    if start is not None:
        file.content.seek(start)  # type: ignore[attr-defined]  # what tells its position can go there
    if not isinstance(data, bytes):
        raise Unwritable('the file gives text, not bytes: open it with "rb"')
    return data


_KINDS: dict[str, Callable[[str], bool]] = {
    "json": is_json,
    "form": is_form,
    "multipart": is_multipart,
    "text": is_text,
    "any": lambda name: essence(name) == "*/*",
}

_ENCODERS: dict[str, Callable[[MediaType, JSON], Encoded]] = {
    "json": _json,
    "form": _form,
    "multipart": _multipart,
    "text": _text,
    "any": _binary,
    "binary": _binary,
}

# For each shape of a Python value the kinds of media types that take it, best first.
_PREFERENCES = {
    "data": ("json", "form", "multipart", "any"),
    "files": ("multipart", "binary", "any"),
    "file": ("binary", "any", "text"),
    "text": ("text", "binary", "any", "json"),
}
