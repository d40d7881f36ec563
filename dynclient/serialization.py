"""
Parameters as they travel: every style of OpenAPI, for every location, by the tables of 3.0.4 and 3.1.1 (§4.8.12).

Values are plain data, as `values.plain` gives it. What a style cannot say so that the reader gets the same back is
refused. OpenAPI leaves three things open, for which we choose:

- None in an array or object is left out, as RFC 6570 does; an array or object without members is no text at all.
- deepObject writes what is nested as `name[key][key]=v` and items as `name[0]=v`, whole arrays and scalars too.
- spaceDelimited and pipeDelimited with explode are form with explode.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, unquote

from dynclient.model import Parameter
from dynclient.types import JSON
from dynclient.values import Unwritable, encode_json, within

Writer: TypeAlias = Callable[[Parameter, JSON], str]
"""One of the functions that write a parameter for a location."""

_Escape: TypeAlias = Callable[[str], str]


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
    "matrix": Style(";", ",", ";", named=True),
}
QUERY_STYLES = {
    "form": Style("", ",", "&", named=True),
    "spaceDelimited": Style("", "%20", "&", named=True),
    "pipeDelimited": Style("", "%7C", "&", named=True),  # urllib3 would rewrite a raw "|"
}
HEADER_STYLE = PATH_STYLES["simple"]
COOKIE_STYLE = Style("", ",", "; ", named=True)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_NOT_COOKIE = re.compile(r"[^\x21-\x3a\x3c-\x7e]")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


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
        Unwritable: the value would be empty, `.` or `..`, which servers and clients take away with what is around it,
            so that the request would reach another path; it holds a control character; or the style cannot write it.
    """
    if parameter.media_type is not None:
        written = _escape_segment(_content(parameter, value))
    else:
        written = _expand(parameter, value, PATH_STYLES.get(parameter.style, PATH_STYLES["simple"]), _escape_segment)
    if written in ("", ".", ".."):
        raise Unwritable(f"the text {written!r} in a path would reach another path")
    return written


def query_text(parameter: Parameter, value: JSON) -> str:
    """
    The parameter's part of the query string, percent-encoded, with %20 for spaces; "" where there is nothing to say.

    `allow_reserved` lets `:/?@!$'()*,;=` and escapes like %2F pass, but not what would change the meaning: `#` ends the
    query, `&` the value, `+` reads as a space, `[` and `]` may not stand there (RFC 3986 §3.4), a % that begins no
    escape would begin one; nor a comma in a member of an array or object that is joined by commas.

    >>> query_text(Parameter("include[]", "query", "include", "form", True), ["a b", "c"])
    'include%5B%5D=a%20b&include%5B%5D=c'

    Raises:
        Unwritable: the style cannot write the value.
    """
    if parameter.media_type is not None:
        return f"{_escape(parameter.name)}={_escape(_content(parameter, value))}"
    if parameter.style == "deepObject":
        escape = _escape_reserved if parameter.allow_reserved else _escape
        return "&".join(f"{_escape(name)}={escape(member)}" for name, member in _deep(parameter.name, value))
    style = QUERY_STYLES.get(parameter.style, QUERY_STYLES["form"])
    if not parameter.allow_reserved:
        return _expand(parameter, value, style, _escape)
    joined = isinstance(value, list | dict) and not parameter.explode
    return _expand(parameter, value, style, _escape_member if joined else _escape_reserved, _escape)


def header_text(parameter: Parameter, value: JSON) -> str:
    """
    The header's value, never percent-encoded; JSON is written in ASCII.

    Raises:
        Unwritable: the value holds what a header cannot (RFC 9110 §5.5), or a member of an array or object a comma.
    """
    if parameter.media_type is not None:
        written = _content(parameter, value, ascii_only=True)
    else:
        written = _expand(parameter, value, HEADER_STYLE, str)
    if _NOT_HEADER.search(written):
        raise Unwritable("a header cannot hold line breaks, control characters or text beyond Latin-1; escape them")
    if written != written.strip():
        raise Unwritable("a header cannot begin or end with a space")
    return written


def cookie_text(parameter: Parameter, value: JSON) -> str:
    """
    One or more `name=value` pairs joined by "; "; "" where there is nothing to say.

    Style form, escapes included: a cookie has no other way to hold `;`, and servers undo them. An exploded array or
    object is one cookie per member. A `content` of plain text is sent as it is.

    Raises:
        Unwritable: the style cannot write the value, or plain text holds what a cookie cannot.
    """
    if parameter.media_type is None:
        return _expand(parameter, value, COOKIE_STYLE, _escape)
    written = _content(parameter, value)
    if is_json(parameter.media_type):
        written = _escape(written)
    elif _NOT_COOKIE.search(written):
        raise Unwritable(
            "a cookie cannot hold spaces, semicolons, control characters or text beyond ASCII; escape them"
        )
    return f"{_escape(parameter.name)}={written}"


def essence(media_type: str) -> str:
    """
    A media type without its parameters, in lower case.

    >>> essence("Application/JSON; charset=UTF-8")
    'application/json'
    """
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether the media type is JSON: by name, or by the suffix of RFC 6839."""
    name = essence(media_type)
    return name in ("application/json", "text/json") or name.endswith("+json")


_KINDS = {list: "an array", dict: "an object", type(None): "null"}


def _expand(
    parameter: Parameter, value: JSON, style: Style, escape: _Escape, escape_name: _Escape | None = None
) -> str:
    """RFC 6570 §3.2.1, and the styles that OpenAPI made in its likeness."""
    escape_name = escape_name or escape
    name = escape_name(parameter.name)
    exploded = parameter.explode and isinstance(value, list | dict)
    joint = style.separator if exploded else style.delimiter
    if isinstance(value, dict):
        pairs = [
            (within(key, _member, key, joint, escape_name), within(key, _member, item, joint, escape))
            for key, item in value.items()
            if item is not None
        ]
        members = [_pair(style, *pair) if exploded else joint.join(pair) for pair in pairs]
    elif isinstance(value, list):
        members = [within(index, _member, item, joint, escape) for index, item in enumerate(value) if item is not None]
        if exploded and style.named:
            members = [_pair(style, name, member) for member in members]
    else:
        members = [escape(text(value))]
    if not members:
        return ""
    joined = joint.join(members)
    return style.prefix + (_pair(style, name, joined) if style.named and not exploded else joined)


def _pair(style: Style, name: str, value: str) -> str:
    # RFC 6570 §3.2.7: a matrix parameter without a value has no "=" either.
    return f"{name}={value}" if value or style is not PATH_STYLES["matrix"] else name


def _member(value: JSON, joint: str, escape: _Escape) -> str:
    """A member of an array or object; a joint inside it, which no escape can hide from the reader, is refused."""
    written = escape(text(value))
    if joint in written:
        raise Unwritable(f"the text holds {unquote(joint)!r}, which stands between the members here")
    return written


def _deep(name: str, value: JSON) -> list[tuple[str, str]]:
    """The names and texts of a deepObject."""
    if isinstance(value, dict):
        members = [(key, within(key, _bracketed, name, key), item) for key, item in value.items() if item is not None]
    elif isinstance(value, list):
        there = [(index, item) for index, item in enumerate(value) if item is not None]
        members = [(index, f"{name}[{position}]", item) for position, (index, item) in enumerate(there)]
    else:
        return [(name, text(value))]
    return [pair for key, inner, item in members for pair in within(key, _deep, inner, item)]


def _bracketed(name: str, key: str) -> str:
    if "[" in key or "]" in key:  # escaped ones read as brackets too
        raise Unwritable(f"the key {key!r} cannot stand in brackets")
    return f"{name}[{key}]"


def _content(parameter: Parameter, value: JSON, ascii_only: bool = False) -> str:
    """The text of a parameter that is described by `content`, before anything is escaped."""
    media_type = parameter.media_type or ""
    if is_json(media_type):
        body, data = encode_json(value)
        return json.dumps(data, separators=(",", ":")) if ascii_only else body.decode()
    if essence(media_type) == "text/plain":
        return text(value)
    raise Unwritable(f"a parameter of media type {media_type} cannot be written")


def _escape(value: str) -> str:
    return quote(value, safe="")


def _escape_segment(value: str) -> str:
    if _CONTROL.search(value):
        raise Unwritable("a path cannot hold line breaks or control characters")
    return _escape(value)


def _escape_reserved(value: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", value), safe=":/?@!$'()*,;=%")


def _escape_member(value: str) -> str:
    return _escape_reserved(value).replace(",", "%2C")
