"""
Parameters as they travel: every style of OpenAPI, for every location, by the tables of 3.0.4, 3.1.1 and 3.2 (§4.8.12).

Values are plain data, as `values.plain` gives it. What a style cannot say so that the reader gets the same back is
refused. Where OpenAPI leaves something open, we choose:

========================  ============================================================================================
null                      left out, as RFC 6570 §2.3 does, but `null` in a required parameter or member that may be
                          null; refused in an array. An array or object without members is no text at all
allowEmptyValue           "" and what is no text at all are written `name=`
deepObject                what is nested is `name[key][key]=v` and items are `name[0]=v`, whole arrays and scalars too;
                          with explode or without
spaceDelimited,           with explode as form with explode; a scalar as form
pipeDelimited
arrays in objects         `key=v&key=w` in an exploded object of style form in a query, as Spring reads its Pageable
keys with brackets        `name[a[0]]=v` with the brackets escaped; refused where a key would read as two
other arrays, objects     refused in every other style
inside one another
delimiters in members     escaped where an escape hides them; where none does (a space in spaceDelimited, `|` in
                          pipeDelimited, a dot in label, a comma in a header) refused
slashes in a path         escaped, but where the document or the caller permits several segments in one value
                          (`allow_reserved`, `multi_segment`); none of these may be empty, `.` or `..`
`[ ] |` as delimiters     percent-encoded, as 3.0.4 and later have them
cookies                   members of exploded ones are joined by "; ", for "&" ends no cookie (Appendix D); style cookie
                          without explode writes no array or object, for a comma may not stand there
content                   JSON, or text that is written as it is, whatever the media type
========================  ============================================================================================
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
    How a style joins what it writes.

    `prefix` opens the text; `delimiter` stands between members that are not exploded, `separator` between those that
    are. `named` tells whether the parameter's name goes along.
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
    "spaceDelimited": Style("", "%20", "%20", named=False),  # from here on those of Swagger 2.0
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
    "spaceDelimited": Style("", " ", " ", named=False),  # from here on those of Swagger 2.0
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

# The reserved characters that change no meaning where they stand: in a query not those that end it or a pair (#, &),
# read as a space (+) or may not stand there ([ and ], RFC 3986 §3.4); in a path not those that end it (?, #); in a
# cookie those that RFC 6265 §4.1.1 permits.
_RESERVED = {"query": ":/?@!$'()*,;=", "path": ":@!$&'()*+,;=/", "cookie": ":/?#[]@!$&'()*+="}


def text(value: JSON) -> str:
    """
    A scalar as text, numbers as JavaScript spells them: a whole float reads as an integer.

    >>> text(True), text(42), text(42.0), text(1.5), text(1e22)
    ('true', '42', '42', '1.5', '1e+22')

    Raises:
        Unwritable: the value is no scalar, or None.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:  # repr gives more an exponent
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value)
    raise Unwritable(f"{_KINDS.get(type(value), 'this')} cannot be written here")


def path_text(parameter: Parameter, value: JSON) -> str:
    """
    What stands in the path in place of the parameter's template, percent-encoded.

    Raises:
        Unwritable: the value, or one of the several segments of it that are permitted, would be empty, `.` or `..`,
            which servers and clients take away with what is around it, so that the request would reach another path; it
            holds a control character; or the style cannot write it.
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
    if written in ("", ".", ".."):  # no escape of a dot is left in it
        raise Unwritable(f"the text {written!r} in a path would reach another path")
    if is_multi_segment(parameter):
        _check_segments(unquote(written))  # an escape of a slash is one to many servers
    return written


def is_multi_segment(parameter: Parameter) -> bool:
    """Whether a value in the path may be several segments of it."""
    return parameter.location == "path" and (parameter.multi_segment or parameter.allow_reserved)


def _check_segments(path: str) -> None:
    if "\\" in path:  # a slash to some servers
        raise Unwritable("a path of several segments cannot hold a backslash")
    for segment in path.split("/"):
        if segment == "" or segment.partition(";")[0] in (".", ".."):
            raise Unwritable(f"the segment {segment!r} of the text {path!r:.60} would reach another path")


def query_text(parameter: Parameter, value: JSON) -> str:
    """
    The parameter's part of the query string, percent-encoded, with %20 for spaces; "" where there is nothing to say.

    `allow_reserved` lets `:/?@!$'()*,;=` and escapes like %2F pass, but not what would change the meaning, such as a
    comma in a member of an array or object that is joined by commas, or a % that begins no escape.

    >>> query_text(Parameter("include[]", "query", "include", "form", True), ["a b", "c"])
    'include%5B%5D=a%20b&include%5B%5D=c'

    Raises:
        Unwritable: the style cannot write the value.
    """
    if parameter.style == "querystring":
        return _escape(_content(parameter, value))
    name = _escape(parameter.name)
    if isinstance(value, str | int | float) and parameter.media_type is None and not parameter.allow_reserved:
        return f"{name}={_escape(text(value))}"  # alike in every style, and what most calls say
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
    The header's value, never percent-encoded; JSON is written in ASCII.

    Raises:
        Unwritable: the value holds what a header cannot (RFC 9110 §5.5), or a member of an array or object a comma.
    """
    if parameter.media_type is not None:
        written = _content(parameter, value, ascii_only=True)
    elif isinstance(value, str):  # alike in every style
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
    One or more `name=value` pairs joined by "; "; "" where there is nothing to say.

    Style form, escapes included: a cookie has no other way to hold `;`, and servers undo them. Style cookie (3.2)
    escapes nothing, and a `content` of plain text is sent as it is, too. An exploded array or object is one cookie per
    member.

    Raises:
        Unwritable: the style cannot write the value, or what is not escaped holds what a cookie cannot.
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
    Text percent-encoded but for what is unreserved, `safe` or an escape.

    Escapes stay, in the spelling of RFC 3986 §6.2.2 that HTTP libraries would give them anyway.

    >>> escape_reserved("/", "a/b?c%2fd%7ee 5%")
    'a/b%3Fc%2Fd~e%205%25'
    """
    return quote(_ESCAPED.sub(_normalised, _LONE_PERCENT.sub("%25", text)), safe=safe + "%")


_KINDS = {list: "an array", dict: "an object", type(None): "null"}


def _expand(parameter: Parameter, value: JSON, style: Style, escape: _Escape, escape_name: _Escape) -> str:
    """RFC 6570 §3.2.1, and the styles that OpenAPI made in its likeness."""
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
    """The texts of a member of an object: several for an array, where the key is the name of each."""
    if isinstance(value, list) and takes_arrays_in_objects(parameter):
        return [within(index, write, item) for index, item in _there(parameter, value)]
    return [write(value)]


def _pair(style: Style, name: str, value: str) -> str:
    # RFC 6570 §3.2.7: a matrix parameter without a value has no "=" either.
    return f"{name}={value}" if value or style is not PATH_STYLES["matrix"] else name


def _is_exploded(parameter: Parameter, value: JSON) -> bool:
    return parameter.explode and isinstance(value, list | dict)


def _there(parameter: Parameter, value: list[JSON] | dict[str, JSON]) -> list[tuple[int | str, JSON]]:
    """The members with their keys, without those that are null where null is not written."""
    if isinstance(value, dict):
        return [(key, item) for key, item in value.items() if item is not None or parameter.nullable]
    if None in value:
        raise Unwritable(NULL_ITEM).inside(value.index(None))
    return list(enumerate(value))


def _scalar(parameter: Parameter, value: JSON) -> str:
    return "null" if value is None and parameter.nullable else text(value)


def _inner(parameter: Parameter, value: JSON, delimiters: tuple[str, ...]) -> JSON:
    """An array inside an array as the text that its delimiter joins; anything else as it is."""
    if not isinstance(value, list) or not delimiters:
        return value
    items = [
        (index, within(index, _inner, parameter, item, delimiters[1:])) for index, item in _there(parameter, value)
    ]
    return delimiters[0].join(within(index, _member, parameter, delimiters[0], str, item) for index, item in items)


def _member(parameter: Parameter, joint: str, escape: _Escape, value: JSON) -> str:
    """A member of an array or object; a joint inside it, which no escape can hide from the reader, is refused."""
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
    if "][" in key:  # also where they are escaped
        raise Unwritable(f"the key {key!r} would read as two")
    return f"{name}[{key}]"


def _content(parameter: Parameter, value: JSON, ascii_only: bool = False) -> str:
    """The text of a parameter that is described by `content`, before anything is escaped."""
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
    """What escapes the texts in a value: all that is not unreserved, or with `allow_reserved` what would mislead."""
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
