"""Parameters on the wire: the specification's own table, and what it leaves open."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
import requests
from hypothesis import given, strategies as st

from dynclient.http.media_types import essence, is_json
from dynclient.openapi.model import Parameter
from dynclient.openapi.parameters import _STYLES
from dynclient.types import JSON
from dynclient.wire import serialization
from dynclient.wire.serialization import cookie_text, header_text, path_text, query_text, text
from dynclient.wire.unwritable import Unwritable

BLUE = "blue"
COLORS = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}

WRITERS = {"path": path_text, "query": query_text, "header": header_text, "cookie": cookie_text}


def color(location: Any = "query", style: str = "form", explode: bool = True, **more: Any) -> Parameter:
    return Parameter("color", location, "color", style, explode, **more)


# OpenAPI 3.1.1 §4.8.12.3, and below it the cells that are undefined there.
TABLE = [
    ("path", "matrix", False, "", ";color"),
    ("path", "matrix", False, BLUE, ";color=blue"),
    ("path", "matrix", False, COLORS, ";color=blue,black,brown"),
    ("path", "matrix", False, RGB, ";color=R,100,G,200,B,150"),
    ("path", "matrix", True, "", ";color"),
    ("path", "matrix", True, BLUE, ";color=blue"),
    ("path", "matrix", True, COLORS, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, RGB, ";R=100;G=200;B=150"),
    ("path", "label", False, BLUE, ".blue"),
    ("path", "label", False, COLORS, ".blue,black,brown"),
    ("path", "label", False, RGB, ".R,100,G,200,B,150"),
    ("path", "label", True, BLUE, ".blue"),
    ("path", "label", True, COLORS, ".blue.black.brown"),
    ("path", "label", True, RGB, ".R=100.G=200.B=150"),
    ("path", "simple", False, BLUE, "blue"),
    ("path", "simple", False, COLORS, "blue,black,brown"),
    ("path", "simple", False, RGB, "R,100,G,200,B,150"),
    ("path", "simple", True, BLUE, "blue"),
    ("path", "simple", True, COLORS, "blue,black,brown"),
    ("path", "simple", True, RGB, "R=100,G=200,B=150"),
    ("header", "simple", False, "", ""),
    ("header", "simple", False, BLUE, "blue"),
    ("header", "simple", False, COLORS, "blue,black,brown"),
    ("header", "simple", False, RGB, "R,100,G,200,B,150"),
    ("header", "simple", True, "", ""),
    ("header", "simple", True, BLUE, "blue"),
    ("header", "simple", True, COLORS, "blue,black,brown"),
    ("header", "simple", True, RGB, "R=100,G=200,B=150"),
    ("query", "form", False, "", "color="),
    ("query", "form", False, BLUE, "color=blue"),
    ("query", "form", False, COLORS, "color=blue,black,brown"),
    ("query", "form", False, RGB, "color=R,100,G,200,B,150"),
    ("query", "form", True, "", "color="),
    ("query", "form", True, BLUE, "color=blue"),
    ("query", "form", True, COLORS, "color=blue&color=black&color=brown"),
    ("query", "form", True, RGB, "R=100&G=200&B=150"),
    ("cookie", "form", False, "", "color="),
    ("cookie", "form", False, BLUE, "color=blue"),
    ("cookie", "form", False, COLORS, "color=blue,black,brown"),
    ("cookie", "form", False, RGB, "color=R,100,G,200,B,150"),
    ("cookie", "form", True, BLUE, "color=blue"),
    ("cookie", "form", True, COLORS, "color=blue; color=black; color=brown"),
    ("cookie", "form", True, RGB, "R=100; G=200; B=150"),
    ("query", "spaceDelimited", False, COLORS, "color=blue%20black%20brown"),
    ("query", "spaceDelimited", False, RGB, "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False, COLORS, "color=blue%7Cblack%7Cbrown"),
    ("query", "pipeDelimited", False, RGB, "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True, RGB, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    # undefined
    ("query", "spaceDelimited", False, BLUE, "color=blue"),
    ("query", "spaceDelimited", True, COLORS, "color=blue&color=black&color=brown"),
    ("query", "spaceDelimited", True, RGB, "R=100&G=200&B=150"),
    ("query", "pipeDelimited", False, "", "color="),
    ("query", "pipeDelimited", True, COLORS, "color=blue&color=black&color=brown"),
    ("query", "deepObject", False, RGB, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("query", "deepObject", True, BLUE, "color=blue"),
    ("query", "deepObject", True, COLORS, "color%5B0%5D=blue&color%5B1%5D=black&color%5B2%5D=brown"),
    ("query", "simple", False, BLUE, "color=blue"),
    ("path", "form", False, COLORS, "blue,black,brown"),
]


@pytest.mark.parametrize(("location", "style", "explode", "value", "expected"), TABLE)
def test_style_table(location: str, style: str, explode: bool, value: JSON, expected: str) -> None:
    """Every cell of the specification's table, and our choice where it is undefined."""
    assert WRITERS[location](color(location, style, explode), value) == expected


@pytest.mark.parametrize(("location", "style", "explode", "value", "expected"), TABLE)
def test_requests_sends_what_was_written(location: str, style: str, explode: bool, value: JSON, expected: str) -> None:
    """Neither requests nor urllib3 rewrites a path or a query of ours."""
    if location in ("path", "query"):
        url = f"https://a.test/x/{expected}" if location == "path" else f"https://a.test/x?{expected}"

        assert requests.Request("GET", url).prepare().url == url


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-42, "-42"),
        (2**64, "18446744073709551616"),
        (42.0, "42"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (1e15, "1000000000000000"),
        (1e22, "1e+22"),
        (1e-7, "1e-07"),
    ],
)
def test_scalars_as_text(value: JSON, expected: str) -> None:
    """Booleans and numbers as JSON spells them, whole floats without a fraction."""
    assert text(value) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [(None, "null"), ([], "an array"), ({}, "an object"), (b"", "this")],
)
def test_only_scalars_are_text(value: JSON, message: str) -> None:
    """What has members is no text, and null is nothing."""
    with pytest.raises(Unwritable, match=f"{message} cannot be written here"):
        text(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a/b", "a%2Fb"),
        ("../../admin", "..%2F..%2Fadmin"),
        ("..%2f..%2fadmin", "..%252f..%252fadmin"),
        ("%2e%2e", "%252e%252e"),
        ("a%2Fb", "a%252Fb"),
        ("a?x=1", "a%3Fx%3D1"),
        ("a#f", "a%23f"),
        ("a b+c", "a%20b%2Bc"),
        ("a,b;c=d.e", "a%2Cb%3Bc%3Dd.e"),
        ("-._~", "-._~"),
        ("...", "..."),
        ("é☃😀", "%C3%A9%E2%98%83%F0%9F%98%80"),
        (["a,b", "c"], "a%2Cb,c"),
        (["", ""], ","),
        (True, "true"),
        (1.5, "1.5"),
    ],
)
def test_path_values_are_escaped(value: JSON, expected: str) -> None:
    """Only unreserved characters and the style's own delimiters stand as they are."""
    assert path_text(color("path", "simple"), value) == expected


@pytest.mark.parametrize(
    ("style", "value"),
    [
        ("simple", ""),
        ("simple", "."),
        ("simple", ".."),
        ("simple", []),
        ("simple", [""]),
        ("simple", ["."]),
        ("simple", {}),
        ("label", ""),
        ("label", "."),
        ("label", []),
        ("matrix", []),
        ("unknown", ".."),
    ],
)
def test_path_values_that_would_reach_another_path_are_refused(style: str, value: JSON) -> None:
    """Nothing, one dot and two dots are taken away by servers, even when escaped."""
    with pytest.raises(Unwritable, match="would reach another path"):
        path_text(color("path", style, False), value)


@pytest.mark.parametrize("character", ["\r\nX-Evil: 1", "\0", "\n", "\x1b", "\x7f"])
@pytest.mark.parametrize("style", ["simple", "label", "matrix"])
def test_control_characters_are_refused_in_a_path(style: str, character: str) -> None:
    """No path has any, in values or keys."""
    for value in (f"a{character}", [f"a{character}"], {"k": f"a{character}"}, {f"k{character}": 1}):
        with pytest.raises(Unwritable, match="control characters"):
            path_text(color("path", style), value)


@pytest.mark.parametrize(
    ("location", "style", "explode", "value", "pointer", "delimiter"),
    [
        ("path", "label", True, ["a.b", "c"], "/0", "."),
        ("path", "label", True, {"k": 1.5}, "/k", "."),
        ("path", "label", True, {"a.b": 1}, "/a.b", "."),
        ("query", "spaceDelimited", False, ["a", "b c"], "/1", " "),
        ("query", "pipeDelimited", False, {"a|b": 1}, "/a|b", "|"),
        ("header", "simple", False, ["a", "b,c"], "/1", ","),
        ("header", "simple", True, {"a/b": "c,d"}, "/a~1b", ","),
    ],
)
def test_members_that_would_read_as_two_are_refused(
    location: str, style: str, explode: bool, value: JSON, pointer: str, delimiter: str
) -> None:
    """Where no escape can tell a delimiter from the same character in a value, the value cannot be written."""
    with pytest.raises(Unwritable) as caught:
        WRITERS[location](color(location, style, explode), value)

    assert (caught.value.pointer, caught.value.message) == (
        pointer,
        f"the text holds {delimiter!r}, which stands between the members here",
    )


@pytest.mark.parametrize(
    ("location", "style", "explode", "value"),
    [
        ("path", "label", False, ["a.b", "c"]),
        ("path", "label", True, "a.b"),
        ("query", "spaceDelimited", True, ["a b"]),
        ("query", "spaceDelimited", False, "a b"),
        ("query", "pipeDelimited", True, ["a|b"]),
        ("header", "simple", False, "a,b"),
        ("query", "form", False, ["a,b"]),
        ("cookie", "form", True, ["a; b"]),
        ("path", "matrix", True, ["a;b"]),
    ],
)
def test_delimiters_that_cannot_mislead_are_written(location: str, style: str, explode: bool, value: JSON) -> None:
    """A delimiter is harmless where nothing is split by it, or where it is escaped."""
    assert WRITERS[location](color(location, style, explode), value)


def test_names_are_escaped_like_values() -> None:
    """A name may hold what a query may not, such as the brackets of many APIs."""
    parameter = Parameter("include[]", "query", "include", "form", True)

    assert query_text(parameter, ["step details", "a&b"]) == "include%5B%5D=step%20details&include%5B%5D=a%26b"


@pytest.mark.parametrize(
    ("explode", "value", "expected"),
    [
        (True, ":/?@!$'()*,;=", "color=:/?@!$'()*,;="),
        (True, "#[]&+", "color=%23%5B%5D%26%2B"),
        (True, "100% %2F %zz", "color=100%25%20%2F%20%25zz"),
        (True, ["a/b", "c,d"], "color=a/b&color=c,d"),
        (False, ["a/b", "c,d"], "color=a/b,c%2Cd"),
        (False, "c,d", "color=c,d"),
        (True, {"a=b": "c=d"}, "a%3Db=c=d"),
    ],
)
def test_allow_reserved(explode: bool, value: JSON, expected: str) -> None:
    """Reserved characters pass where they cannot change the meaning; names and delimiters are escaped as ever."""
    assert query_text(color(explode=explode, allow_reserved=True), value) == expected


def test_allow_reserved_in_a_deep_object() -> None:
    """The values of a deepObject may hold reserved characters too."""
    parameter = color(style="deepObject", allow_reserved=True)

    assert query_text(parameter, {"a": "x/y"}) == "color%5Ba%5D=x/y"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": {"b": {"c": 1}}}, "color[a][b][c]=1"),
        ({"a": [1, 2]}, "color[a][0]=1&color[a][1]=2"),
        ([{"a": 1}, {"a": 2}], "color[0][a]=1&color[1][a]=2"),
        (["a", "b"], "color[0]=a&color[1]=b"),
        ({"a": None, "f(": True}, "color[f(]=true"),
        ({"a[b]": 1, '"': 2}, 'color[a[b]]=1&color["]=2'),
        ({"x": [{"]": 1}]}, "color[x][0][]]=1"),
        ({}, ""),
        ([], ""),
        ({"a": []}, ""),
    ],
)
def test_what_is_nested_in_a_deep_object(value: JSON, expected: str) -> None:
    """Keys and positions follow one another in brackets; what is null or empty is left out."""
    assert unquote(query_text(color(style="deepObject"), value)) == expected


@pytest.mark.parametrize(("value", "pointer"), [({"a][b": 1}, "/a][b"), ({"x": [{"][": 1}]}, "/x/0/][")])
def test_deep_keys_that_would_read_as_two_are_refused(value: JSON, pointer: str) -> None:
    """Where one bracket closes and another opens, a key ends."""
    with pytest.raises(Unwritable, match="would read as two") as caught:
        query_text(color(style="deepObject"), value)

    assert caught.value.pointer == pointer


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize(("value", "pointer"), [(["a", {"b": 1}], "/1"), ({"a": [1]}, "/a"), ([["a"]], "/0")])
def test_nested_values_are_refused(location: str, explode: bool, value: JSON, pointer: str) -> None:
    """No style but deepObject can say an array or object inside another."""
    with pytest.raises(Unwritable, match="cannot be written here") as caught:
        WRITERS[location](color(location, "", explode), value)

    assert caught.value.pointer == pointer


@pytest.mark.parametrize("location", ["query", "header", "cookie"])
@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize("value", [[], {}, {"a": None}])
def test_nothing_is_no_text(location: str, explode: bool, value: JSON) -> None:
    """An array or object without members says nothing; null members are left out."""
    assert WRITERS[location](color(location, "", explode), value) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("été", "été"),
        ("a\tb c", "a\tb c"),
        ("%20 100%", "%20 100%"),
        (["a b", 1, True], "a b,1,true"),
    ],
)
def test_headers_are_written_as_they_are(value: JSON, expected: str) -> None:
    """Nothing in a header is percent-encoded."""
    assert header_text(color("header", "simple"), value) == expected


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\0b", "a\x7f", "☃", " a", "a ", "a\t", ["a\n"], {"☃": 1}])
def test_what_a_header_cannot_hold_is_refused(value: JSON) -> None:
    """Line breaks would make another header; beyond Latin-1 there is no byte; spaces at the ends get lost."""
    with pytest.raises(Unwritable, match="a header cannot"):
        header_text(color("header", "simple"), value)


@pytest.mark.parametrize(
    ("location", "style", "explode", "value", "expected"),
    [
        ("path", "simple", False, None, "null"),
        ("query", "form", True, None, "color=null"),
        ("query", "form", True, {"a": None, "b": 1}, "a=null&b=1"),
        ("query", "deepObject", True, {"a": None, "b": [1]}, "color%5Ba%5D=null&color%5Bb%5D%5B0%5D=1"),
        ("header", "simple", False, None, "null"),
        ("cookie", "form", True, None, "color=null"),
    ],
)
def test_null_where_it_is_permitted(location: str, style: str, explode: bool, value: JSON, expected: str) -> None:
    """As JSON spells it, in every location."""
    assert WRITERS[location](color(location, style, explode, nullable=True), value) == expected


@pytest.mark.parametrize(
    ("location", "style"),
    [("path", "matrix"), ("query", "form"), ("query", "deepObject"), ("header", "simple"), ("cookie", "form")],
)
@pytest.mark.parametrize("nullable", [True, False])
def test_null_in_an_array_is_refused(location: str, style: str, nullable: bool) -> None:
    """Nothing would say that an item is there."""
    with pytest.raises(Unwritable, match="/1: null cannot be written in an array here: leave it out"):
        WRITERS[location](color(location, style, nullable=nullable), [1, None])


def test_arrays_in_an_exploded_object() -> None:
    """The key is the name of each item, as Spring reads a Pageable; elsewhere they cannot be written."""
    value = {"page": 0, "sort": ["name,asc", "id"], "none": []}

    assert query_text(color(), value) == "page=0&sort=name%2Casc&sort=id"
    for other in (color(explode=False), color("cookie"), color(style="spaceDelimited")):
        with pytest.raises(Unwritable, match="/sort: an array cannot be written here"):
            WRITERS[other.location](other, value)


@pytest.mark.parametrize("more", [{"allow_reserved": True}, {"multi_segment": True}])
@pytest.mark.parametrize(
    ("value", "expected"), [("a/b c/d.txt", "a/b%20c/d.txt"), ("a?b/#c", "a%3Fb/%23c"), ("a", "a"), ("a/.b", "a/.b")]
)
def test_several_segments(more: dict[str, bool], value: str, expected: str) -> None:
    """Slashes stay where the document or the caller says so; what ends a path is escaped."""
    assert path_text(color("path", "simple", **more), value) == expected


@pytest.mark.parametrize("more", [{"allow_reserved": True}, {"multi_segment": True}])
@pytest.mark.parametrize("value", ["a/../b", "..", "a/.", "/a", "a/", "a//b", "a/..;x/b", "a\\b", "a/\\..", "/"])
def test_segments_that_are_refused(more: dict[str, bool], value: str) -> None:
    """Each segment is checked as a value of one is."""
    with pytest.raises(Unwritable, match=r"would reach another path|backslash"):
        path_text(color("path", "simple", **more), value)


@pytest.mark.parametrize("value", ["..%2fb", "a%2f%2e%2e", "a%5c..", "a%2F"])
def test_escapes_of_slashes_are_slashes(value: str) -> None:
    """Where escapes stay, what they stand for is checked; else a percent sign is escaped itself."""
    with pytest.raises(Unwritable, match=r"would reach another path|backslash"):
        path_text(color("path", "simple", allow_reserved=True), value)
    assert "%25" in path_text(color("path", "simple", multi_segment=True), value)


@pytest.mark.parametrize(
    ("style", "value", "expected"),
    [
        ("form", "", "color="),
        ("form", [], "color="),
        ("form", {}, "color="),
        ("form", "a", "color=a"),
        ("deepObject", {}, ""),
    ],
)
def test_allow_empty_value(style: str, value: JSON, expected: str) -> None:
    """What would be left out is the name alone; not in a style that has no such text."""
    assert query_text(color(style=style, allow_empty=True), value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a%2fb%7Ec%41 %", "color=a%2Fb~cA%20%25"),
        ("%0A", "color=%0A"),
    ],
)
def test_escapes_that_are_let_through(value: str, expected: str) -> None:
    """In the one spelling that no library rewrites: upper case, and none for unreserved characters."""
    assert query_text(color(allow_reserved=True), value) == expected


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("simple", False, "a,b;c=d:@!$&'()*+", "a,b;c=d:@!$&'()*+"),
        ("simple", False, ["a,b", "c"], "a%2Cb,c"),
        ("simple", True, ["a,b", "c"], "a%2Cb,c"),
        ("simple", False, "a/b?#[]", "a/b%3F%23%5B%5D"),
        ("label", True, ["a,b", "c"], ".a,b.c"),
        ("matrix", False, "a;b,c", ";color=a%3Bb,c"),
        ("matrix", True, {"k;": "v;=,"}, ";k%3B=v%3B=,"),
    ],
)
def test_allow_reserved_in_a_path(style: str, explode: bool, value: JSON, expected: str) -> None:
    """What the style puts between its parts is escaped inside them."""
    assert path_text(color("path", style, explode, allow_reserved=True), value) == expected


@pytest.mark.parametrize("value", ["%2e", "%2E%2e", "a%00", "%0d%0a"])
def test_escapes_that_are_refused_in_a_path(value: str) -> None:
    """Dots and control characters are what they are, escaped or not."""
    with pytest.raises(Unwritable, match="path"):
        path_text(color("path", "simple", allow_reserved=True), value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Hello%2C!", "color=Hello%2C!"),
        ('"quoted"', 'color="quoted"'),
        (["a", "b"], "color=a; color=b"),
        ({"a": 1, "b": True}, "a=1; b=true"),
        ([], ""),
    ],
)
def test_style_cookie(value: JSON, expected: str) -> None:
    """Nothing is escaped."""
    assert cookie_text(color("cookie", "cookie"), value) == expected


@pytest.mark.parametrize("value", ["a b", "a,b", "a;b", 'a"b', '"', "a\\b", "é", "a\n", {"a b": 1}, {"": 1}])
def test_what_style_cookie_cannot_hold_is_refused(value: JSON) -> None:
    """Only the caller knows which escape the server expects."""
    with pytest.raises(Unwritable, match="cookie"):
        cookie_text(color("cookie", "cookie"), value)


@pytest.mark.parametrize(("value", "kind"), [(["a"], "an array"), ({"a": 1}, "an object")])
def test_style_cookie_without_explode(value: JSON, kind: str) -> None:
    """A comma may not stand in a cookie, so the table of 3.2 has no such cell."""
    with pytest.raises(Unwritable, match=f"{kind} cannot be written in style cookie without explode"):
        cookie_text(color("cookie", "cookie", False), value)


def test_cookies_are_escaped() -> None:
    """What would end a cookie is percent-encoded, as style form has it, in names too."""
    parameter = Parameter("a=b", "cookie", "a", "form", True)

    assert cookie_text(parameter, 'x; y="é"') == "a%3Db=x%3B%20y%3D%22%C3%A9%22"


@pytest.mark.parametrize(
    ("location", "media_type", "value", "expected"),
    [
        ("path", "application/json", {"a": "é"}, "%7B%22a%22%3A%22%C3%A9%22%7D"),
        ("path", "text/plain", "a/b", "a%2Fb"),
        ("query", "application/json", {"a": [1, "x y"]}, "color=%7B%22a%22%3A%5B1%2C%22x%20y%22%5D%7D"),
        ("query", "application/vnd.x+json", "blue", "color=%22blue%22"),
        ("query", "text/plain; charset=utf-8", "a&b", "color=a%26b"),
        ("query", "application/xml", "<a/>", "color=%3Ca%2F%3E"),
        ("header", "application/json", {"a": "é☃", "b": [1.5]}, '{"a":"\\u00e9\\u2603","b":[1.5]}'),
        ("header", "text/plain", 'W/"a,b"', 'W/"a,b"'),
        ("cookie", "application/json", {"a": 1}, "color=%7B%22a%22%3A1%7D"),
        ("cookie", "text/plain", "a%b,c", "color=a%b,c"),
    ],
)
def test_parameters_described_by_content(location: str, media_type: str, value: JSON, expected: str) -> None:
    """The media type makes the text, the location escapes it."""
    assert WRITERS[location](color(location, media_type=media_type), value) == expected


@pytest.mark.parametrize(
    ("location", "media_type", "value", "message"),
    [
        ("query", "application/xml", {"a": 1}, "of media type application/xml cannot be written from data"),
        ("query", "text/plain", {"a": 1}, "an object cannot be written here"),
        ("query", "application/json", float("nan"), "nan is not a JSON number"),
        ("path", "text/plain", "..", "would reach another path"),
        ("path", "text/plain", "a\nb", "control characters"),
        ("header", "text/plain", "a\nb", "a header cannot"),
        ("cookie", "text/plain", "a;b", "a cookie cannot"),
        ("cookie", "text/plain", "a b", "a cookie cannot"),
    ],
)
def test_contents_that_cannot_be_written_are_refused(location: str, media_type: str, value: JSON, message: str) -> None:
    """What a media type or a location cannot say is refused, as for a style."""
    with pytest.raises(Unwritable, match=message):
        WRITERS[location](color(location, media_type=media_type), value)


def test_media_types_that_are_json() -> None:
    """By name, by suffix, in any case and with parameters."""
    names = ["application/json", "Application/JSON;charset=utf-8", "text/json", "application/problem+json"]
    others = ["application/jsonl", "application/x-ndjson", "text/plain", "*/*", ""]

    assert ([*map(is_json, names)], [*map(is_json, others)]) == ([True] * 4, [False] * 5)
    assert essence(" Text/Plain ; charset=utf-8") == "text/plain"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_a_query(value: str) -> None:
    """A server that decodes the query gets the text that was given."""
    assert parse_qsl(query_text(color(), value), keep_blank_values=True) == [("color", value)]


def test_every_style_that_documents_may_use_can_be_written() -> None:
    """`openapi.parameters` names the styles; a new one is written here, too."""
    writers = {
        "path": serialization.PATH_STYLES,
        "query": {*serialization.QUERY_STYLES, "deepObject"},
        "querystring": {"querystring"},
        "header": serialization.HEADER_STYLES,
        "cookie": {"form", "cookie"},
    }
    assert [style for place, styles in _STYLES.items() for style in styles if style not in writers[place]] == []
