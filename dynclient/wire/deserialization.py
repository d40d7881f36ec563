"""
Reading requests: parameters and bodies, written by any client, as plain data.

Schemas are lowered (plain JSON Schema). They say how to read a value, not whether it is valid: text becomes a number
or an array if the schema permits one and the text is one. Otherwise it stays text, and a validator decides.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn, TypeAlias
from urllib.parse import unquote, unquote_plus

from dynclient.http import charset, is_form, is_json, is_multipart, is_text
from dynclient.openapi import Encoding, Parameter
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire.media import as_parameter, is_styled
from dynclient.wire.serialization import HEADER_STYLES, PATH_STYLES, Style
from dynclient.wire.text_values import Resolve, Types, scalar

_Decode: TypeAlias = Callable[[str], str]
_Pairs: TypeAlias = Sequence[tuple[str, str]]
_Field: TypeAlias = str | bytes

_POSITION = re.compile(r"0|[1-9][0-9]*")
_IN_BRACKETS = re.compile(r"\[.*\]", re.DOTALL)
_MAX_DEPTH = 100

# The delimiters of members that aren't exploded, in each spelling that clients send.
_DELIMITERS = {
    "form": re.compile(","),
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"%7C|\|", re.IGNORECASE),
    "tabDelimited": re.compile(r"%09|\t"),
}
_COMMA = _DELIMITERS["form"]


class Unreadable(ValueError):
    """A body is not what its content type says."""


def path_value(parameter: Parameter, text: str, schema: JSON, resolve: Resolve, *, strict: bool = False) -> JSON:
    """
    Return the value in a path, from the text in place of the template, still percent-encoded.

    `strict`, here and below, is as in `Types`.
    """
    types = _types(parameter, schema, resolve, strict)
    if parameter.media_type is not None:
        return _content_value(parameter, unquote(text), types)
    style = PATH_STYLES.get(parameter.style, PATH_STYLES["simple"])
    body = text.removeprefix(style.prefix)
    if not style.named:
        return _unnamed(parameter, body, style, types, unquote)
    value = _named(parameter, _pairs(body, ";", unquote), types, unquote)
    return unquote(text) if value is UNSET else value


def query_value(
    parameter: Parameter,
    query_string: str,
    schema: JSON,
    resolve: Resolve,
    taken: Iterable[str] = (),
    *,
    strict: bool = False,
) -> JSON | Unset:
    """
    Return the value in a query string, or UNSET.

    `taken` are the names of the other parameters: an exploded object cannot have properties of these names.
    """
    types = _types(parameter, schema, resolve, strict)
    if parameter.style == "querystring":
        return _whole_query(parameter, query_string, types) if query_string else UNSET
    pairs = _pairs(query_string, "&", unquote_plus)
    return _named(parameter, pairs, types, unquote_plus, frozenset(taken))


def header_value(
    parameter: Parameter, text: str | None, schema: JSON, resolve: Resolve, *, strict: bool = False
) -> JSON | Unset:
    """Return the value of a header, or UNSET if there is none."""
    if text is None:
        return UNSET
    types = _types(parameter, schema, resolve, strict)
    if parameter.media_type is not None:
        return _content_value(parameter, text.strip(), types)
    style = HEADER_STYLES.get(parameter.style, HEADER_STYLES["simple"])
    return _unnamed(parameter, text.strip(), style, types, str.strip)


def cookie_value(
    parameter: Parameter,
    header: str | None,
    schema: JSON,
    resolve: Resolve,
    taken: Iterable[str] = (),
    *,
    strict: bool = False,
) -> JSON | Unset:
    """Return the value in a Cookie header, or UNSET; `taken` is as in `query_value`."""
    decode = str if parameter.style == "cookie" else unquote  # style cookie escapes nothing
    types = _types(parameter, schema, resolve, strict)
    return _named(parameter, _pairs(header or "", ";", decode), types, decode, frozenset(taken))


def unknown_query_names(parameters: Iterable[tuple[Parameter, JSON]], query_string: str, resolve: Resolve) -> list[str]:
    """Return the names in a query string that belong to none of the parameters."""
    known = [(parameter, Types(schema, resolve)) for parameter, schema in parameters]
    names = dict.fromkeys(name for name, _ in _pairs(query_string, "&", unquote_plus))
    return [name for name in names if not any(_owns(parameter, types, name) for parameter, types in known)]


def read_body(
    content_type: str, body: bytes, schema: JSON, resolve: Resolve, encoding: Mapping[str, Encoding] | None = None
) -> JSON:
    """
    Return the data of a body: JSON as data, forms as objects with bytes for files, text as str, the rest as bytes.

    Raises:
        Unreadable: the body does not have its content type.
    """
    types = Types(schema, resolve)
    if is_json(content_type):
        return _read_json(body)
    if is_form(content_type):
        pairs = _pairs(_decoded(body, "utf-8"), "&", unquote_plus)
        return _read_fields(pairs, types, encoding or {}, unquote_plus)
    if is_multipart(content_type):
        return _read_fields(_parts(content_type, body), types, encoding or {}, str)
    if is_text(content_type):
        return scalar(_decoded(body, charset(content_type)), types)
    return body


def typed(texts: Sequence[str], schema: JSON, resolve: Resolve) -> JSON:
    """
    Return the value that a person means by these words of a command line: several words are an array.

    A single word may be an object or an array in JSON.

    >>> typed(["5"], {"type": "integer"}, dict), typed(["5"], {"type": "string"}, dict)
    (5, '5')
    >>> typed(["a"], {"type": "array"}, dict), typed(["1", "x"], {"type": "integer"}, dict)
    (['a'], [1, 'x'])
    """
    types = Types(schema, resolve)
    if "array" in types.names() and len(texts) == 1:
        whole = _json_or_unset(texts[0])
        if isinstance(whole, list):
            return whole
    if "array" not in types.names() and len(texts) > 1:
        return [_one_field(text, types, as_json=False) for text in texts]
    return _field_value(list(texts), types, None)


def _types(parameter: Parameter, schema: JSON, resolve: Resolve, strict: bool) -> Types:
    return Types(schema, resolve, strict, reads_null=parameter.required or not strict)


def _is_scalar(types: Types, text: _Field) -> bool:
    """Whether a text can be a scalar; a schema without types permits everything. Beside a list, null is only `null`."""
    names = types.names()
    if names & {"array", "object"} and not names - {"array", "object", "null"}:
        return "null" in names and text == "null" and types.reads_null
    return True


def _items(texts: Iterable[str], types: Types, inner_delimiters: tuple[str, ...] = ()) -> list[JSON]:
    return [_item(text, types.item(index), inner_delimiters) for index, text in enumerate(texts)]


def _item(text: str, types: Types, inner_delimiters: tuple[str, ...]) -> JSON:
    if inner_delimiters and "array" in types.names():
        return _items(text.split(inner_delimiters[0]), types, inner_delimiters[1:])
    return scalar(text, types)


def _members(pairs: Iterable[tuple[str, str]], types: Types) -> dict[str, JSON]:
    return {key: scalar(text, types.member(key)) for key, text in pairs}


def _exploded_members(pairs: Iterable[tuple[str, str]], types: Types) -> dict[str, JSON]:
    """The members of an exploded object; a member that may be an array may come several times."""
    texts: dict[str, list[JSON]] = {}
    for key, text in pairs:
        texts.setdefault(key, []).append(text)
    return {key: _field_value(given, types.member(key), None) for key, given in texts.items()}


def _unnamed(parameter: Parameter, text: str, style: Style, types: Types, decode: _Decode) -> JSON:
    """The value of a text in style simple or label, without its prefix."""
    names = types.names()
    parts = text.split(style.separator if parameter.explode else style.delimiter) if text else []
    if _is_scalar(types, text) and (len(parts) < 2 or not names & {"array", "object"}):
        return scalar(decode(text), types)
    if parameter.explode and "object" in names and all("=" in part for part in parts):
        pairs = (part.partition("=") for part in parts)
        return _members(((decode(key), decode(value)) for key, _, value in pairs), types)
    value = _joined([decode(part) for part in parts], types, parameter.inner_delimiters)
    return decode(text) if value is UNSET else value


def _joined(texts: list[str], types: Types, inner_delimiters: tuple[str, ...]) -> JSON | Unset:
    """The array of these texts, or the object with these keys and values in turn, or UNSET."""
    names = types.names()
    if "array" in names:
        return _items(texts, types, inner_delimiters)
    if "object" in names and len(texts) % 2 == 0:
        return _members(zip(texts[::2], texts[1::2], strict=True), types)
    return UNSET


def _pairs(text: str, separator: str, decode: _Decode) -> _Pairs:
    """The names, decoded, and the values, not yet decoded, in a query string, cookie header or matrix."""
    parts = (part.strip(" ").partition("=") for part in text.split(separator) if part.strip(" "))
    return [(decode(name), value) for name, _, value in parts]


def _named(
    parameter: Parameter, pairs: _Pairs, types: Types, decode: _Decode, taken: frozenset[str] = frozenset()
) -> JSON | Unset:
    """The value of a parameter in a style that writes names, from the pairs."""
    if _is_deep(parameter):
        return _deep(parameter, pairs, types, decode)
    names = types.names()
    own = [value for name, value in pairs if name == parameter.name]
    if parameter.media_type is not None:
        return _content_value(parameter, decode(own[-1]), types) if own else UNSET
    if parameter.explode and "object" in names:
        found = [(name, decode(value)) for name, value in pairs if name not in taken and _is_key(types, name)]
        if found and not (own and names - {"object"}):
            return _exploded_members(found, types)
    if not own:
        return UNSET
    if parameter.allow_empty and own == [""]:
        return ""
    if parameter.explode:
        parts = own
    else:
        parts = [part for value in own for part in _DELIMITERS.get(parameter.style, _COMMA).split(value)]
    if not names & {"array", "object"} or (_is_scalar(types, own[-1]) and len(parts) == 1):
        return scalar(decode(own[-1]), types)
    value = _joined([decode(part) for part in parts], types, parameter.inner_delimiters)
    return decode(own[-1]) if value is UNSET else value


def _is_key(types: Types, name: str) -> bool:
    return name in types.properties() or types.is_open()


def _deep(parameter: Parameter, pairs: _Pairs, types: Types, decode: _Decode) -> JSON | Unset:
    entries = [
        (_keys(name.removeprefix(parameter.name)), decode(value))
        for name, value in pairs
        if _is_deep_name(parameter, name)
    ]
    return _deep_value(entries, types) if entries else UNSET


def _keys(brackets: str) -> list[str]:
    """
    The keys in the name of one part of a deepObject; a key may hold brackets.

    >>> _keys("[a][b]"), _keys("[a[0]][b]"), _keys("[]"), _keys("")
    (['a', 'b'], ['a[0]', 'b'], [''], [])
    """
    return brackets[1:-1].split("][")[:_MAX_DEPTH] if brackets else []


def _is_deep(parameter: Parameter) -> bool:
    return parameter.style == "deepObject" and parameter.location == "query" and parameter.media_type is None


def _is_deep_name(parameter: Parameter, name: str) -> bool:
    rest = name.removeprefix(parameter.name)
    return name == parameter.name or (rest != name and _IN_BRACKETS.fullmatch(rest) is not None)


def _deep_value(entries: list[tuple[list[str], str]], types: Types) -> JSON:
    """The value at one place of a deepObject, from the texts and the keys that lead on to each."""
    names = types.names()
    texts = [text for keys, text in entries if not keys]
    if texts:
        return (
            _items(texts, types) if "array" in names and not _is_scalar(types, texts[-1]) else scalar(texts[-1], types)
        )
    groups: dict[str, list[tuple[list[str], str]]] = {}
    for position, (keys, text) in enumerate(entries):
        groups.setdefault(keys[0] or str(position), []).append((keys[1:], text))  # name[]=a&name[]=b has no positions
    if "array" in names and all(_POSITION.fullmatch(key) for key in groups):
        items = [groups[key] for key in sorted(groups, key=lambda key: (len(key), key))]
        return [_deep_value(item, types.item(index)) for index, item in enumerate(items)]
    return {key: _deep_value(group, types.member(key)) for key, group in groups.items()}


def _owns(parameter: Parameter, types: Types, name: str) -> bool:
    if name == parameter.name or parameter.style == "querystring":
        return True
    if _is_deep(parameter):
        return _is_deep_name(parameter, name)
    exploded = parameter.explode and parameter.media_type is None and "object" in types.names()
    return exploded and _is_key(types, name)


def _whole_query(parameter: Parameter, query_string: str, types: Types) -> JSON:
    if is_form(parameter.media_type or ""):
        return _read_fields(_pairs(query_string, "&", unquote_plus), types, parameter.encoding, unquote_plus)
    return _content_value(parameter, unquote(query_string), types)


def _content_value(parameter: Parameter, text: str, types: Types) -> JSON:
    if not is_json(parameter.media_type or ""):
        return scalar(text, types)
    value = _json_or_unset(text)
    return text if value is UNSET else value


def _read_json(text: bytes | str) -> JSON:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the body is not JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _json_or_unset(text: bytes | str) -> JSON | Unset:
    try:
        return _read_json(text)
    except Unreadable:
        return UNSET


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise Unreadable(f"the body is not text in {encoding}: {error}") from error


def _read_fields(
    fields: Sequence[tuple[str, _Field]], types: Types, encoding: Mapping[str, Encoding], decode: _Decode
) -> dict[str, JSON]:
    """A form as an object. Styled properties are read like query parameters, others by schema and content type."""
    styled = [(as_parameter(name, how), types.member(name)) for name, how in encoding.items() if is_styled(how)]
    values: dict[str, list[_Field]] = {}
    for name, field in fields:
        if not any(_owns(parameter, member, name) for parameter, member in styled):
            values.setdefault(name, []).append(decode(field) if isinstance(field, str) else field)
    read = {name: _field_value(given, types.member(name), encoding.get(name)) for name, given in values.items()}
    pairs = [(name, field) for name, field in fields if isinstance(field, str)]
    for parameter, member in styled:
        value = _named(parameter, pairs, member, decode, frozenset(types.properties()) - {parameter.name})
        if value is not UNSET:
            read[parameter.name] = value
    return read


def _field_value(fields: list[_Field], types: Types, encoding: Encoding | None) -> JSON:
    """The value of a property from the texts and files that were sent for it, one for each item of an array."""
    names = types.names()
    as_json = encoding is not None and is_json(encoding.content_type or "")
    if "array" not in names or (len(fields) == 1 and _is_scalar(types, fields[0])):
        return _one_field(fields[-1], types, as_json)
    items = [_one_field(field, types.item(index), as_json) for index, field in enumerate(fields)]
    whole = (
        as_json and len(items) == 1 and isinstance(items[0], list)
    )  # an urlencoded form writes a JSON array like this
    return items[0] if whole else items


def _one_field(field: _Field, types: Types, as_json: bool) -> JSON:
    if as_json or types.names() & {"object", "array"}:
        value = _json_or_unset(field)
        if isinstance(value, dict | list) or (as_json and value is not UNSET):
            return value
    return field if isinstance(field, bytes) else scalar(field, types)


def _parts(content_type: str, body: bytes) -> list[tuple[str, _Field]]:
    """The texts and files of a multipart body, by name."""
    from werkzeug.formparser import FormDataParser
    from werkzeug.http import parse_options_header

    parser = FormDataParser(stream_factory=_in_memory, silent=False)
    options = parse_options_header(content_type)[1]
    try:
        _, form, files = parser.parse(io.BytesIO(body), "multipart/form-data", len(body), options)
    except ValueError as error:
        raise Unreadable(f"the body is not {content_type}: {error}") from error
    uploads: list[tuple[str, _Field]] = [(name, upload.read()) for name, upload in files.items(multi=True)]
    return [*form.items(multi=True), *uploads]


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    return io.BytesIO()
