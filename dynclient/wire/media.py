"""Request bodies: the media type of a body, and its bytes."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import TypeAlias, TypeGuard
from urllib.parse import parse_qsl, quote_plus

from dynclient.documents import Document
from dynclient.http import (
    charset,
    essence as essence,
    fits,
    is_form,
    is_json as is_json,
    is_multipart,
    is_text,
    is_xml,
    type_parameters,
    xml_encoding,
)
from dynclient.openapi import Encoding, MediaType, Parameter
from dynclient.support import type_name
from dynclient.types import JSON, UNSET
from dynclient.wire import multipart, serialization
from dynclient.wire.files import UNKNOWN_TYPE, Content, File, as_file, file_type, is_file
from dynclient.wire.json_text import encode_json
from dynclient.wire.multipart import Part, part
from dynclient.wire.unwritable import Unwritable, within
from dynclient.wire.uploads import Source, Upload, source
from dynclient.wire.values import Wanted, plain, unfolded

Body: TypeAlias = bytes | Upload


@dataclasses.dataclass(frozen=True, slots=True)
class Encoded:
    """A body to send, as bytes or as an `Upload` that is read while it is sent, and its content type."""

    body: Body
    content_type: str


def choose(
    content: tuple[MediaType, ...],
    value: JSON,
    wanted: str | None = None,
    method: str = "",
    accepts: Callable[[MediaType, JSON], bool] = lambda media_type, value: False,
) -> MediaType:
    """
    Return the media type for a body: the wanted one, or the one that suits the Python value best.

    - Data is sent as JSON, else as a form, else in parts, else as XML. If both JSON and parts are declared, the first
      that `accepts` it is used. Data with files in it is sent in parts.
    - A file or bytes are sent as the type that suits the name, else as any binary type, else as text.
    - Text is sent as text, else as a binary type, else as JSON.
    - An iterator is sent as a JSON list if JSON is declared, else as a stream of bytes or text.

    The first declared media type of a kind is used. Only a list is sent as a JSON Patch (RFC 6902 §3) if there is other
    JSON; for the method PATCH, a list prefers a JSON Patch, and an object a merge patch.

    Args:
        content: the media types that the document declares for the body.
        value: the body.
        wanted: the media type that the caller wants, in any case, with or without parameters. It may match a declared
            wildcard, and then replaces it.
        method: the method of the operation.
        accepts: says whether a value is valid for a media type.

    Raises:
        Unwritable: the document does not declare the wanted media type.
    """
    if wanted is not None:
        return _wanted(content, wanted)
    shape = _shape(value)
    ranked = sorted(content, key=lambda media_type: _rank(media_type.name, value, method))
    by_kind = {_kind(media_type.name): media_type for media_type in reversed(ranked)}
    if shape == "data" and {"json", "multipart"} <= by_kind.keys():
        of_data = (media_type for media_type in ranked if _kind(media_type.name) in _PREFERENCES[shape])
        return next((media_type for media_type in of_data if accepts(media_type, value)), by_kind["json"])
    own_type = file_type(value) if shape == "file" else ""
    fitting = (m for m in content if fits(own_type, m.name) and _kind(m.name) in ("binary", "text"))
    by_preference = (by_kind[kind] for kind in _PREFERENCES[shape] if kind in by_kind)
    as_xml = (media_type for media_type in content if shape == "data" and is_xml(media_type.name))
    return next(chain(fitting, by_preference, as_xml), content[0])


def _rank(name: str, value: JSON, method: str) -> int:
    """The rank of a JSON media type for a value; the lowest is preferred."""
    is_patch = essence(name) == "application/json-patch+json"
    if isinstance(value, list | tuple):
        return -1 if is_patch and method == "PATCH" else 0
    if is_patch:
        return 1
    return -1 if essence(name) == "application/merge-patch+json" and method == "PATCH" else 0


def as_data(media_type: MediaType, value: JSON, wanted: Wanted | None = None) -> JSON:
    """
    Return a body that isn't JSON as plain data with files in it, as `encode` takes it.

    An iterator is a stream of bytes if the document asks for bytes or text, and otherwise a list. A file that is None
    is left out, because a part cannot be null.

    Args:
        media_type: the media type of the body.
        value: the body.
        wanted: what the schema of the body asks for.

    Raises:
        Unwritable: some part of the value has no such form.
    """
    if isinstance(value, Iterator) and _kind(media_type.name) in _BYTES:
        return value
    value = unfolded(value)
    if is_multipart(media_type.name) and isinstance(value, Mapping):
        files = {name: encoding.files for name, encoding in media_type.encoding.items() if encoding.files}
        value = {
            name: (name, item) if files.get(name) in ("one", "any") and _is_stream(item) else item
            for name, item in value.items()
            if not (item is None and name in files)
        }
    return plain(value, files=True, shape=wanted)


def refuse_file(value: JSON) -> None:
    """
    Refuse a file as a JSON body. Nobody reads it to guess its content, and a path isn't taken as text here.

    Raises:
        Unwritable: the value is a file.
    """
    if is_file(value) and not isinstance(value, tuple):
        give = "json.loads(path.read_text())" if isinstance(value, os.PathLike) else "what json.loads makes of it"
        raise Unwritable(f"a JSON body is data, not a value of type {type_name(value)}: give {give}")


def encode(media_type: MediaType, value: JSON, document: Document | None = None) -> Encoded:
    """
    Return the body for `value` in this media type.

    Args:
        media_type: the media type.
        value: what `as_data` returns; for JSON also the bytes that `encode_json` returns.
        document: the document, by whose schemas data is written as XML.

    Raises:
        Unwritable: the media type cannot express the value.
    """
    if is_xml(media_type.name) and document is not None and media_type.schema is not None and _is_data(value):
        from dynclient.wire.xml_writing import write_xml  # few calls need it

        value = write_xml(value, document, media_type.schema)
    return _ENCODERS[_kind(media_type.name)](media_type, value)


def is_styled(encoding: Encoding | None) -> TypeGuard[Encoding]:
    """Return whether a property is written like a query parameter, not by its content type (3.1.1 §4.8.15)."""
    return encoding is not None and (
        encoding.style is not None or encoding.explode is not None or encoding.allow_reserved
    )


def as_parameter(name: str, encoding: Encoding) -> Parameter:
    """Return the query parameter that is written like a styled property."""
    style = encoding.style or "form"
    explode = style == "form" if encoding.explode is None else encoding.explode
    return Parameter(
        name,
        "query",
        name,
        style,
        explode,
        allow_reserved=encoding.allow_reserved,
        inner_delimiters=encoding.inner_delimiters,
    )


@lru_cache(maxsize=1000)
def _kind(name: str) -> str:
    return next((kind for kind, fits in _KINDS.items() if fits(name)), "binary")


def _shape(value: JSON) -> str:
    if isinstance(value, str):
        return "text"
    if is_file(value):
        return "file"
    if isinstance(value, Iterator):
        return "stream"
    value = unfolded(value)
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
        if fits(wanted, media_type.name):
            return dataclasses.replace(media_type, name=wanted.strip())
    declared = ", ".join(media_type.name for media_type in content)
    raise Unwritable(f"the body cannot be sent as {wanted!r}; the document lists {declared}")


def _concrete(declared: str, name: str) -> str:
    """The media type to send: the declared one, or `name` if that is a wildcard which `name` matches."""
    if "*" not in essence(declared):
        return declared
    if not fits(name, declared):
        raise Unwritable(f"the body is of type {name}, not {declared}: give it as (name, content, content type)")
    return name


def _is_data(value: JSON) -> bool:
    return not isinstance(value, str | Iterator) and not is_file(value)


def _is_stream(value: JSON) -> bool:
    """Whether the value is an iterator, but not an open file."""
    return isinstance(value, Iterator) and not is_file(value)


def _json(media_type: MediaType, value: JSON) -> Encoded:
    body = value if isinstance(value, bytes) else encode_json(value)[0]
    return Encoded(body, "application/json" if "*" in media_type.name else media_type.name)


def _text(media_type: MediaType, value: JSON) -> Encoded:
    content_type = _concrete(media_type.name, "text/plain")
    if is_file(value) or isinstance(value, Iterator):
        file = as_file(value)
        if is_file(value) and fits(file.content_type, media_type.name):
            content_type = _concrete(media_type.name, file.content_type)
        return Encoded(_file_body(file, charset(content_type)), content_type)
    if not isinstance(value, str) and essence(content_type) != "text/plain":
        raise Unwritable(f"a body of type {content_type} is text: give a str, bytes or a file")
    text = serialization.text(value)
    encoding = _text_encoding(content_type, text)
    try:
        return Encoded(text.encode(encoding), content_type)
    except (LookupError, UnicodeEncodeError):
        raise Unwritable(f"the text cannot be written in {encoding}; give bytes") from None


def _text_encoding(content_type: str, text: str) -> str:
    """The charset of the content type, else the encoding that XML declares for itself (RFC 7303 §3)."""
    named = "charset" in type_parameters(content_type)
    return (not named and xml_encoding(text)) or charset(content_type)


def _file_body(file: File, encoding: str = "utf-8") -> Body:
    content = _file_content(file.content, encoding)
    return content if isinstance(content, bytes) else Upload([content])


def _file_content(content: Content, encoding: str = "utf-8") -> bytes | Source:
    return content if isinstance(content, bytes) else source(content, encoding)


def _binary(media_type: MediaType, value: JSON) -> Encoded:
    declared = media_type.name
    if is_file(value) or isinstance(value, Iterator):
        file = as_file(value)
        return Encoded(_file_body(file), _concrete(declared, file.content_type))
    if isinstance(value, str):
        return Encoded(value.encode(), _concrete(declared, "text/plain; charset=utf-8"))
    if fits("application/json", declared):
        return Encoded(encode_json(value)[0], "application/json")
    raise Unwritable(f"a body of type {declared} is bytes, a file or text, not data")


def _form(media_type: MediaType, value: JSON) -> Encoded:
    encoding = media_type.encoding
    parts = [within(name, _form_part, name, item, encoding.get(name)) for name, item in _properties(media_type, value)]
    return Encoded("&".join(part for part in parts if part).encode(), media_type.name)


def _form_part(name: str, value: JSON, encoding: Encoding | None) -> str:
    """
    One property of a form; "" for an array without items.

    A styled property is written like a query parameter. Any other is written by its content type; an array item by
    item, unless the content type is JSON (3.1.1 §4.8.15).
    """
    if _holds_file(value):
        raise Unwritable("a form without parts cannot hold a file: encode it as base64 text")
    if is_styled(encoding):
        # In a form a space is +. A literal "%20" is already "%2520", which this does not change.
        return serialization.query_text(as_parameter(name, encoding), value).replace("%20", "+")
    content_type = _stated(encoding)
    if isinstance(value, list) and not is_json(content_type):
        texts = [within(index, _part_text, item, content_type) for index, item in enumerate(value) if item is not None]
    else:
        texts = [_part_text(value, content_type)]
    return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for text in texts)


def _multipart(media_type: MediaType, value: JSON) -> Encoded:
    encoding = media_type.encoding
    parts = [within(name, _parts, name, item, encoding.get(name)) for name, item in _properties(media_type, value)]
    boundary = multipart.new_boundary()
    name = _concrete(essence(media_type.name), "multipart/form-data")
    return Encoded(multipart.join(chain.from_iterable(parts), boundary), f"{name}; boundary={boundary}")


def _parts(name: str, value: JSON, encoding: Encoding | None) -> list[Part]:
    """One part for each file or value; a styled property may become parts of other names, as in a query."""
    if is_styled(encoding) and not _holds_file(value):
        parameter = dataclasses.replace(as_parameter(name, encoding), allow_reserved=False)
        pairs = parse_qsl(serialization.query_text(parameter, value), keep_blank_values=True)
        return [part(part_name, text.encode()) for part_name, text in pairs]
    if not isinstance(value, list) or (encoding is not None and encoding.files == "one"):
        return [_item_part(name, value, encoding)]
    return [within(index, _item_part, name, item, encoding) for index, item in enumerate(value) if item is not None]


def _item_part(name: str, value: JSON, encoding: Encoding | None) -> Part:
    if is_file(value) or (encoding is not None and encoding.files):
        return _file_part(name, value, as_file(value), encoding)
    stated = _stated(encoding) or ("application/json" if isinstance(value, dict | list) else "")
    content = _part_text(value, stated).encode()
    content_type = stated or (encoding.schema_type if encoding else "")
    return part(name, content, content_type, None, _part_headers(encoding, {}))


def _file_part(name: str, value: JSON, file: File, encoding: Encoding | None) -> Part:
    """The part of a file. A file without a name gets that of the property, unless the caller gives None as its name."""
    given = isinstance(value, tuple) and len(value) > 2 and value[2]
    file_name = None if isinstance(value, tuple) and value[0] is None else file.name or name
    content_type = given or _permitted(file, encoding)
    return part(name, _file_content(file.content), content_type, file_name, _part_headers(encoding, file.headers))


def _part_headers(encoding: Encoding | None, given: Mapping[str, JSON]) -> dict[str, str]:
    """
    The headers of a part as they are written: the caller's, and declared headers that permit only one value.

    Only the caller can give a declared header that permits more values; the server knows its default.
    """
    declared = {header.name.lower(): header for header in (encoding.headers if encoding else ())}
    named = {name.lower() for name in given}
    values = {h.name: h.only_value for lower, h in declared.items() if h.only_value is not UNSET and lower not in named}
    for name, header in declared.items():
        if header.required and header.only_value is UNSET and name not in named:
            form = f"(name, content, content type, {{{header.name!r}: ...}})"
            raise Unwritable(f"the part needs the header {header.name}: give {form}")
    written = {}
    for name, value in {**values, **given}.items():
        parameter = declared.get(name.lower()) or Parameter(name, "header", name, style="simple", explode=False)
        written[name] = serialization.header_text(parameter, plain(value))
    return written


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
    """The file's own content type if the document permits it, else the first that the document names."""
    permitted = any(fits(file.content_type, name) for name in _names(encoding))
    if permitted or encoding is None:
        return file.content_type
    is_unknown = file.content_type == UNKNOWN_TYPE
    return _stated(encoding) or (is_unknown and encoding.schema_type) or file.content_type


def _stated(encoding: Encoding | None) -> str:
    return next((name for name in _names(encoding) if "*" not in name), "")


def _names(encoding: Encoding | None) -> list[str]:
    """The media types of a `contentType`, which may list several."""
    names = (encoding.content_type or "").split(",") if encoding else []
    return [name.strip() for name in names if name.strip()]


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

# The kinds that take bytes as they are.
_BYTES = ("binary", "text", "any")

# The kinds of media types that can hold a Python value of each shape; the best comes first.
_PREFERENCES = {
    "data": ("json", "form", "multipart", "any"),
    "files": ("multipart", "binary", "any"),
    "file": ("binary", "any", "text"),
    "stream": ("json", "binary", "any", "text"),
    "text": ("text", "binary", "any", "json"),
}
