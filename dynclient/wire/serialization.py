"""
Parameters as text: every style of OpenAPI in every location, by the tables of 3.0.4, 3.1.1 and 3.2 (§4.8.12).

Values are plain data, as `values.plain` returns it. A value is refused if its style cannot write it so that a reader
gets the same value back. Where OpenAPI leaves something open, we choose:

========================  ============================================================================================
null                      left out, as in RFC 6570 §2.3; the text `null` in a required parameter or member that may
                          be null; refused in an array. An array or object without members is left out
allowEmptyValue           "", and an array or object without members, are written `name=`
deepObject                members of members are `name[key][key]=v`, and items `name[0]=v`; whole arrays and scalars
                          are written, too; explode makes no difference
spaceDelimited,           with explode as form with explode; a scalar as form
pipeDelimited
arrays in objects         `key=v&key=w` in an exploded object of style form in a query, as Spring reads its Pageable
keys with brackets        `name[a[0]]=v` with the brackets escaped; refused if a key would read as two
other nested arrays and   refused in every other style
objects
delimiters in members     escaped if an escape hides them, else refused: a space in spaceDelimited, `|` in
                          pipeDelimited, a dot in label, a comma in a header
slashes in a path         escaped, unless the document or the caller permits several segments in one value
                          (`allow_reserved`, `multi_segment`); no segment may then be empty, `.` or `..`
`[ ] |` as delimiters     percent-encoded, as in 3.0.4 and later
cookies                   exploded members are joined by "; ", because "&" does not end a cookie (Appendix D); style
                          cookie without explode refuses arrays and objects, because a cookie cannot hold a comma
content                   JSON, or a text that is written as it is, whatever the media type
========================  ============================================================================================

`openapi.parameters` says which styles a document may use, `deserialization` how each is read back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from urllib.parse import quote, unquote

from dynclient.http import essence, is_json
from dynclient.openapi import Parameter, takes_arrays_in_objects
from dynclient.types import JSON
from dynclient.wire.json_text import encode_json
from dynclient.wire.unwritable import Unwritable, within

Writer: TypeAlias = Callable[[Parameter, JSON], str]
"""One of the functions that write a parameter for a location."""

_Escape: TypeAlias = Callable[[str], str]

NULL_ITEM = "null cannot be written in an array here: leave it out"


@dataclass(frozen=True, slots=True)
class Style:
    """
    How a style joins its texts.

    Attributes:
        prefix: the beginning of the text.
        delimiter: what stands between members that are not exploded.
        separator: what stands between exploded members.
        named: whether the parameter's name is written, too.
    """

    prefix: str
    delimiter: str
    separator: str
    named: bool


PATH_STYLES = {
    "simple": Style("", ",", ",", named=False),
    "label": Style(".", ",", ".", named=False),
    "dottedLabel": Style(".", ".", ".", named=False),
    "matrix": Style(";", ",", ";", named=True),
    "spaceDelimited": Style("", "%20", "%20", named=False),  # this and the following: Swagger 2.0
    "tabDelimited": Style("", "%09", "%09", named=False),
    "pipeDelimited": Style("", "%7C", "%7C", named=False),
}
QUERY_STYLES = {
    "form": Style("", ",", "&", named=True),
    "spaceDelimited": Style("", "%20", "&", named=True),
    "pipeDelimited": Style("", "%7C", "&", named=True),  # urllib3 would rewrite a raw "|"
    "tabDelimited": Style("", "%09", "&", named=True),  # Swagger 2.0
}
HEADER_STYLES = {
    "simple": PATH_STYLES["simple"],
    "spaceDelimited": Style("", " ", " ", named=False),  # this and the following: Swagger 2.0
    "tabDelimited": Style("", "\t", "\t", named=False),
    "pipeDelimited": Style("", "|", "|", named=False),
}
COOKIE_STYLE = Style("", ",", "; ", named=True)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_NOT_COOKIE = re.compile(r"[^\x21-\x3a\x3c-\x7e]")
_COOKIE_VALUE = re.compile(r'("?)[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*\1')  # RFC 6265 §4.1.1
_COOKIE_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110 §5.6.2
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")  # RFC 3986 §2.3
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")

# The reserved characters that can stand unescaped. A query excludes those that end it or a pair (#, &), that mean a
# space (+) and that are forbidden ([ and ], RFC 3986 §3.4); a path excludes those that end it (?, #); for a cookie see
# RFC 6265 §4.1.1.
_RESERVED = {"query": ":/?@!$'()*,;=", "path": ":@!$&'()*+,;=/", "cookie": ":/?#[]@!$&'()*+="}


def text(value: JSON) -> str:
    """
    Return a scalar as text. Numbers are spelled as in JavaScript: a whole float looks like an integer.

    >>> text(True), text(42), text(42.0), text(1.5), text(1e22)
    ('true', '42', '42', '1.5', '1e+22')

    Raises:
        Unwritable: the value isn't a scalar, or is None.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if (
        isinstance(value, float) and value.is_integer() and abs(value) < 1e16
    ):  # repr writes larger ones with an exponent
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    raise Unwritable(f"{_KINDS.get(type(value), 'this')} cannot be written here")


def path_text(parameter: Parameter, value: JSON) -> str:
    """
    Return the percent-encoded text that replaces the parameter's template in the path.

    Raises:
        Unwritable: the style cannot write the value; it holds a control character; or the text, or one of its
            segments, would be empty, `.` or `..`. Servers and clients remove these, so that the request would reach
            another path.
    """
    is_plain = type(value) is str and parameter.style == "simple" and parameter.media_type is None
    if is_plain and _UNRESERVED.fullmatch(value) and value not in ("", ".", ".."):
        return str(value)  # as in most calls: nothing has to be escaped, and nothing can be wrong
    if parameter.media_type is not None:
        written = _escape(_content(parameter, value))
    else:
        style = PATH_STYLES.get(parameter.style, PATH_STYLES["simple"])
        written = _expand(parameter, value, style, _escaping(parameter, value, style), _escape)
    without_tabs = written.replace("%09", "") if parameter.style == "tabDelimited" else written
    if _CONTROL.search(unquote(without_tabs)):
        raise Unwritable("a path cannot hold line breaks or control characters")
    if not written:
        raise Unwritable("is empty, which would reach another path")
    if written in (".", ".."):  # dots are never escaped in it
        raise Unwritable(f"the text {written!r} in a path would reach another path")
    if is_multi_segment(parameter):
        _check_segments(unquote(written))  # many servers read an escaped slash as a slash
    return written


def is_multi_segment(parameter: Parameter) -> bool:
    """Return whether a value in the path may be several segments."""
    return parameter.location == "path" and (parameter.multi_segment or parameter.allow_reserved)


def _check_segments(path: str) -> None:
    if "\\" in path:  # some servers read it as a slash
        raise Unwritable("a path of several segments cannot hold a backslash")
    for segment in path.split("/"):
        if segment == "" or segment.partition(";")[0] in (".", ".."):
            raise Unwritable(f"the segment {segment!r} of the text {path!r:.60} would reach another path")


def query_text(parameter: Parameter, value: JSON) -> str:
    """
    Return the parameter's part of the query string, percent-encoded with %20 for spaces; "" if it has nothing to say.

    With `allow_reserved`, `:/?@!$'()*,;=` and escapes like %2F are not escaped. Characters that would change the
    meaning still are, such as a comma in a member of an array that is joined by commas, or a % outside an escape.

    >>> query_text(Parameter("include[]", "query", "include", "form", True), ["a b", "c"])
    'include%5B%5D=a%20b&include%5B%5D=c'

    Raises:
        Unwritable: the style cannot write the value.
    """
    if parameter.style == "querystring":
        return _escape(_content(parameter, value))
    name = _escape(parameter.name)
    if isinstance(value, str | int | float) and parameter.media_type is None and not parameter.allow_reserved:
        return f"{name}={_escape(text(value))}"  # the same in every style; most calls have this
    if parameter.media_type is not None:
        return f"{name}={_escape(_content(parameter, value))}"
    if parameter.style == "deepObject":
        escape = _escaping(parameter, value, QUERY_STYLES["form"])
        return "&".join(f"{_escape(name)}={escape(member)}" for name, member in _deep(parameter, parameter.name, value))
    style = QUERY_STYLES.get(parameter.style, QUERY_STYLES["form"])
    written = _expand(parameter, value, style, _escaping(parameter, value, style), _escape)
    return written or (f"{name}=" if parameter.allow_empty else "")


def header_text(parameter: Parameter, value: JSON) -> str:
    """
    Return the value of the header. It is never percent-encoded; JSON is written in ASCII.

    Raises:
        Unwritable: the value holds characters that a header cannot hold (RFC 9110 §5.5), or a member of an array or
            object holds a comma.
    """
    if parameter.media_type is not None:
        written = _content(parameter, value, ascii_only=True)
    elif isinstance(value, str):  # the same in every style
        written = value
    else:
        style = HEADER_STYLES.get(parameter.style, HEADER_STYLES["simple"])
        written = _expand(parameter, value, style, str, str)
    if _NOT_HEADER.search(written):
        raise Unwritable("a header cannot hold line breaks, control characters or text beyond Latin-1; escape them")
    if written != written.strip():
        raise Unwritable("a header cannot begin or end with a space")
    return written


def cookie_text(parameter: Parameter, value: JSON) -> str:
    """
    Return one or more `name=value` pairs joined by "; "; "" if there is nothing to say.

    Style form escapes: a cookie has no other way to hold `;`, and servers undo the escapes. Style cookie (3.2) escapes
    nothing, and neither does a `content` of plain text. An exploded array or object becomes one cookie per member.

    Raises:
        Unwritable: the style cannot write the value, or an unescaped text holds characters that a cookie cannot hold.
    """
    if parameter.media_type is None and parameter.style == "cookie":
        if isinstance(value, list | dict) and not parameter.explode:
            raise Unwritable(f"{_KINDS[type(value)]} cannot be written in style cookie without explode")
        return _expand(parameter, value, COOKIE_STYLE, _cookie_value, _cookie_name)
    if parameter.media_type is None:
        return _expand(parameter, value, COOKIE_STYLE, _escaping(parameter, value, COOKIE_STYLE), _escape)
    written = _content(parameter, value)
    if is_json(parameter.media_type):
        written = _escape(written)
    elif _NOT_COOKIE.search(written):
        raise Unwritable(
            "a cookie cannot hold spaces, semicolons, control characters or text beyond ASCII; escape them"
        )
    return f"{_escape(parameter.name)}={written}"


def escape_reserved(safe: str, text: str) -> str:
    """
    Return the text with all characters percent-encoded except unreserved ones, those in `safe`, and escapes.

    Escapes stay, in the spelling of RFC 3986 §6.2.2, which HTTP libraries would give them anyway.

    >>> escape_reserved("/", "a/b?c%2fd%7ee 5%")
    'a/b%3Fc%2Fd~e%205%25'
    """
    return quote(_ESCAPED.sub(_normalised, _LONE_PERCENT.sub("%25", text)), safe=safe + "%")


_KINDS = {list: "an array", dict: "an object", type(None): "null"}


def _expand(parameter: Parameter, value: JSON, style: Style, escape: _Escape, escape_name: _Escape) -> str:
    """The text of a value in the styles of RFC 6570 §3.2.1, and in those that OpenAPI added to them."""
    name = escape_name(parameter.name)
    if not isinstance(value, dict | list):
        written = escape(_scalar(parameter, value))
        return style.prefix + (_pair(style, name, written) if style.named else written)
    exploded = parameter.explode
    joint = style.separator if exploded else style.delimiter
    write = partial(_member, parameter, joint, escape)
    if isinstance(value, dict):
        write_key = partial(_member, parameter, joint, escape_name)
        pairs = [
            (within(key, write_key, key), written)
            for key, item in _there(parameter, value)
            for written in within(key, _texts, parameter, write, item)
        ]
        members = [_pair(style, *pair) if exploded else joint.join(pair) for pair in pairs]
    else:
        there = (
            (index, within(index, _inner, parameter, item, parameter.inner_delimiters))
            for index, item in _there(parameter, value)
        )
        members = [within(index, write, item) for index, item in there]
        if exploded and style.named:
            members = [_pair(style, name, member) for member in members]
    if not members:
        return ""
    joined = joint.join(members)
    return style.prefix + (_pair(style, name, joined) if style.named and not exploded else joined)


def _texts(parameter: Parameter, write: Callable[[JSON], str], value: JSON) -> list[str]:
    """The texts of one member of an object; an array has one for each item, and all have the same key."""
    if isinstance(value, list) and takes_arrays_in_objects(parameter):
        return [within(index, write, item) for index, item in _there(parameter, value)]
    return [write(value)]


def _pair(style: Style, name: str, value: str) -> str:
    # RFC 6570 §3.2.7: a matrix parameter without a value has no "=".
    return f"{name}={value}" if value or style is not PATH_STYLES["matrix"] else name


def _is_exploded(parameter: Parameter, value: JSON) -> bool:
    return parameter.explode and isinstance(value, list | dict)


def _there(parameter: Parameter, value: list[JSON] | dict[str, JSON]) -> list[tuple[int | str, JSON]]:
    """The members with their keys, without those that are null and not written."""
    if isinstance(value, dict):
        return [(key, item) for key, item in value.items() if item is not None or parameter.nullable]
    if None in value:
        raise Unwritable(NULL_ITEM).inside(value.index(None))
    return list(enumerate(value))


def _scalar(parameter: Parameter, value: JSON) -> str:
    return "null" if value is None and parameter.nullable else text(value)


def _inner(parameter: Parameter, value: JSON, delimiters: tuple[str, ...]) -> JSON:
    """An array inside an array as one text joined by its delimiter; any other value as it is."""
    if not isinstance(value, list) or not delimiters:
        return value
    items = [
        (index, within(index, _inner, parameter, item, delimiters[1:])) for index, item in _there(parameter, value)
    ]
    return delimiters[0].join(within(index, _member, parameter, delimiters[0], str, item) for index, item in items)


def _member(parameter: Parameter, joint: str, escape: _Escape, value: JSON) -> str:
    """The text of a member of an array or object; a delimiter that no escape can hide is refused."""
    written = escape(_scalar(parameter, value))
    if joint in written:
        raise Unwritable(f"the text holds {unquote(joint)!r}, which stands between the members here")
    return written


def _deep(parameter: Parameter, name: str, value: JSON) -> list[tuple[str, str]]:
    """The names and texts of a deepObject."""
    if not isinstance(value, list | dict):
        return [(name, _scalar(parameter, value))]
    pairs = []
    for position, (key, item) in enumerate(_there(parameter, value)):
        inner = within(key, _bracketed, name, key if isinstance(key, str) else str(position))
        pairs += within(key, _deep, parameter, inner, item)
    return pairs


def _bracketed(name: str, key: str) -> str:
    if "][" in key:  # an escape does not help
        raise Unwritable(f"the key {key!r} would read as two")
    return f"{name}[{key}]"


def _content(parameter: Parameter, value: JSON, ascii_only: bool = False) -> str:
    """The text of a parameter that the document describes by `content`, before it is escaped."""
    media_type = parameter.media_type or ""
    if is_json(media_type):
        body, data = encode_json(value)
        return json.dumps(data, separators=(",", ":")) if ascii_only else body.decode()
    if isinstance(value, str) or essence(media_type) == "text/plain":
        return _scalar(parameter, value)
    raise Unwritable(f"a parameter of media type {media_type} cannot be written from data: give it as text")


def _escape(value: str) -> str:
    return value if _UNRESERVED.fullmatch(value) else quote(value, safe="")  # most need none, and quote is slow


def _escaping(parameter: Parameter, value: JSON, style: Style) -> _Escape:
    """The function that escapes the texts of a value; with `allow_reserved` it leaves reserved characters."""
    if not parameter.allow_reserved:
        return partial(quote, safe="/") if is_multi_segment(parameter) else _escape
    delimiters = style.separator if style.named or _is_exploded(parameter, value) else ""
    if isinstance(value, list | dict) and not parameter.explode:
        delimiters += style.delimiter
    safe = "".join(character for character in _RESERVED[parameter.location] if character not in delimiters)
    return partial(escape_reserved, safe)


def _normalised(escaped: re.Match[str]) -> str:
    character = unquote(escaped[0])
    return character if quote(character, safe="") == character else escaped[0].upper()


def _cookie_value(value: str) -> str:
    if not _COOKIE_VALUE.fullmatch(value):
        raise Unwritable(
            "a cookie of style cookie cannot hold spaces, commas, semicolons, quotes, backslashes, control characters"
            " or text beyond ASCII; escape them as the server expects"
        )
    return value


def _cookie_name(name: str) -> str:
    if not _COOKIE_NAME.fullmatch(name):
        raise Unwritable(f"{name!r} cannot be the name of a cookie")
    return name
