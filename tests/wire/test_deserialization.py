"""Requests read back: the inverse of what is written, and what others write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from dynclient.openapi.model import Encoding, MediaType, Parameter
from dynclient.types import JSON, UNSET
from dynclient.wire import media, serialization
from dynclient.wire.deserialization import (
    Unreadable,
    cookie_value,
    header_value,
    path_value,
    query_value,
    read_body,
    typed,
    unknown_query_names,
)
from dynclient.wire.unwritable import Unwritable

FORM = "application/x-www-form-urlencoded"
COMPONENTS = {
    "Ids": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}},
    "Id": {"type": "integer"},
    "Tree": {"type": "object", "properties": {"sub": {"$ref": "#/components/schemas/Tree"}, "n": {"type": "integer"}}},
    "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]},
}

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
BOOLEAN = {"type": "boolean"}
STRINGS = {"type": "array", "items": STRING}
INTEGERS = {"type": "array", "items": INTEGER}
OBJECT = {"type": "object", "additionalProperties": STRING}
RGB = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER, "B": INTEGER}}
NESTED = {"type": "object", "additionalProperties": {"type": "array", "items": RGB}}


def resolve(schema: JSON) -> JSON:
    return COMPONENTS[schema["$ref"].rpartition("/")[2]]


def color(location: Any = "query", style: str = "form", explode: bool = True, **more: Any) -> Parameter:
    return Parameter("color", location, "color", style, explode, **more)


WRITERS: dict[str, Callable[[Parameter, JSON], str]] = {
    "path": serialization.path_text,
    "query": serialization.query_text,
    "header": serialization.header_text,
    "cookie": serialization.cookie_text,
}
READERS: dict[str, Callable[[Parameter, str, JSON, Callable[[JSON], JSON]], JSON]] = {
    "path": path_value,
    "query": query_value,
    "header": header_value,
    "cookie": cookie_value,
}
CELLS = [
    *(("path", style, explode) for style in serialization.PATH_STYLES for explode in (False, True)),
    *(("query", style, explode) for style in (*serialization.QUERY_STYLES, "deepObject") for explode in (False, True)),
    *(("header", style, explode) for style in serialization.HEADER_STYLES for explode in (False, True)),
    *(("cookie", "form", explode) for explode in (False, True)),
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
# A header takes spaces away, has no escapes, and cannot tell an empty list from one empty item.
words = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=",="), min_size=1, max_size=6)
integers = st.integers(-(2**70), 2**70)
numbers = st.floats(allow_nan=False, allow_infinity=False) | integers

json_data = st.recursive(
    st.none() | integers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
colors = st.lists(st.fixed_dictionaries({"R": integers}), min_size=1, max_size=3)
deep_objects = st.dictionaries(keys.filter(lambda key: not set("[]") & set(key)), colors, min_size=1, max_size=3)


def values(text: st.SearchStrategy[str], key: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[JSON, JSON]]:
    """Schemas, each with a value of it."""
    of_schema: list[tuple[JSON, st.SearchStrategy[JSON]]] = [
        (STRING, text),
        (INTEGER, integers),
        (NUMBER, numbers),
        (BOOLEAN, st.booleans()),
        (STRINGS, st.lists(text, min_size=1, max_size=4)),
        (INTEGERS, st.lists(integers, min_size=1, max_size=4)),
        (OBJECT, st.dictionaries(key, text, min_size=1, max_size=4)),
    ]
    return st.one_of(*(st.tuples(st.just(schema), strategy) for schema, strategy in of_schema))


def round_trip(parameter: Parameter, schema: JSON, value: JSON) -> JSON:
    try:
        written = WRITERS[parameter.location](parameter, value)
    except Unwritable:
        assume(False)
    return READERS[parameter.location](parameter, written, schema, resolve)


@pytest.mark.parametrize(("location", "style", "explode"), [cell for cell in CELLS if cell[0] != "header"])
@given(values(texts, keys))
def test_what_is_written_reads_back(location: str, style: str, explode: bool, case: tuple[JSON, JSON]) -> None:
    """What a style can write, its reader gives back."""
    schema, value = case

    assert round_trip(color(location, style, explode), schema, value) == value


@pytest.mark.parametrize(("location", "style", "explode"), [cell for cell in CELLS if cell[0] == "header"])
@given(values(words, words))
def test_what_is_written_in_a_header_reads_back(
    location: str, style: str, explode: bool, case: tuple[JSON, JSON]
) -> None:
    """Headers too, for words that need no escape."""
    schema, value = case

    assert round_trip(color(location, style, explode), schema, value) == value


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
@given(json_data)
def test_what_is_written_as_json_reads_back(location: str, value: JSON) -> None:
    """A `content` of JSON holds any data."""
    assert round_trip(color(location, media_type="application/json"), True, value) == value


@given(st.dictionaries(keys, st.lists(texts, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_whole_query_reads_back(value: JSON) -> None:
    """As the form that it is."""
    described = color(style="querystring", media_type=FORM)
    written = media.encode(MediaType(FORM), value).body

    assert isinstance(written, bytes)
    assert query_value(described, written.decode(), {"additionalProperties": STRINGS}, resolve) == value


@given(json_data)
def test_a_whole_query_of_json_reads_back(value: JSON) -> None:
    """JSON is one text, escaped."""
    described = color(style="querystring", media_type="application/json")

    assert query_value(described, serialization.query_text(described, value), True, resolve) == value


@given(deep_objects)
def test_nested_deep_objects_read_back(value: JSON) -> None:
    """Arrays in objects and objects in arrays keep their shape and order."""
    assert round_trip(color(style="deepObject"), NESTED, value) == value


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("42", INTEGER, 42),
        ("-0", INTEGER, 0),
        ("4.0", INTEGER, 4.0),
        ("1_000", INTEGER, "1_000"),
        ("%207", INTEGER, " 7"),
        ("007", INTEGER, "007"),
        ("%2B1", INTEGER, "+1"),
        ("٣", INTEGER, "٣"),
        ("9" * 5000, INTEGER, "9" * 5000),
        ("42", NUMBER, 42),
        ("1.50", NUMBER, 1.5),
        ("1e3", NUMBER, 1000.0),
        ("nan", NUMBER, "nan"),
        ("Infinity", NUMBER, "Infinity"),
        ("1e999", NUMBER, "1e999"),
        (".5", NUMBER, ".5"),
        ("true", BOOLEAN, True),
        ("false", BOOLEAN, False),
        ("True", BOOLEAN, "True"),
        ("1", BOOLEAN, "1"),
        ("yes", BOOLEAN, "yes"),
        ("42", STRING, "42"),
        ("true", STRING, "true"),
        ("null", {"type": ["string", "null"]}, "null"),
        ("null", {"type": ["integer", "null"]}, None),
        ("", {"type": ["integer", "null"]}, ""),
        ("5", {"anyOf": [STRING, INTEGER]}, 5),
        ("5", {"oneOf": [{"allOf": [INTEGER]}, BOOLEAN]}, 5),
        ("5", {"$ref": "#/components/schemas/Id"}, 5),
        ("5", {"$ref": "#/components/schemas/Loop"}, "5"),
        ("2", {"enum": [1, 2]}, 2),
        ("2", {"enum": ["1", "2"]}, "2"),
        ("2.5", {"const": 2.5}, 2.5),
        ("5", {}, "5"),
        ("5", True, "5"),
        ("5", False, "5"),
    ],
)
def test_text_becomes_what_the_schema_permits(text: str, schema: JSON, expected: JSON) -> None:
    """Only exact literals of a permitted type are more than text."""
    value = query_value(color(), f"color={text}", schema, resolve)

    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("parameter", "query", "schema", "expected"),
    [
        (color(), "", STRING, UNSET),
        (color(), "colour=x&&", STRING, UNSET),
        (color(), "color", STRING, ""),
        (color(), "color=", STRING, ""),
        (color(), "color=a&color=b", STRING, "b"),
        (color(), "color=a+b%20c%2Bd", STRING, "a b c+d"),
        (color(), "col%6Fr=x", STRING, "x"),
        (color(), "color=%ED%A0%80", STRING, "\ufffd\ufffd\ufffd"),
        (color(), "color=1&color=x", INTEGERS, [1, "x"]),
        (color(), "color=1", {"$ref": "#/components/schemas/Ids"}, [1]),
        (color(), "color=a,b", STRINGS, ["a,b"]),
        (color(), "color=a", {"anyOf": [STRING, STRINGS]}, "a"),
        (color(), "color=a&color=b", {"anyOf": [STRING, STRINGS]}, ["a", "b"]),
        (color(), "color=1&color=x", {"type": "array", "prefixItems": [INTEGER], "items": STRING}, [1, "x"]),
        (color(), "color=1", {"items": INTEGER}, [1]),
        (color(explode=False), "color=1,2", INTEGERS, [1, 2]),
        (color(allow_empty=True), "color=", INTEGERS, ""),
        (color(allow_empty=True), "color=1", INTEGERS, [1]),
        (color(style="querystring", media_type="text/plain"), "a%26b", STRING, "a&b"),
        (color(style="querystring", media_type="text/plain"), "", STRING, UNSET),
        (color(explode=False), "color=a%2Cb", STRINGS, ["a,b"]),
        (color(explode=False), "color=1,2&color=3", INTEGERS, [1, 2, 3]),
        (color(explode=False), "color=1", {"anyOf": [INTEGER, INTEGERS]}, 1),
        (color(explode=False), "color=R,1,G,2", RGB, {"R": 1, "G": 2}),
        (color(explode=False), "color=R,1,G", RGB, "R,1,G"),
        (color(), "R=1&x=2", RGB, {"R": 1}),
        (color(), "x=2", RGB, UNSET),
        (color(), "R=1", {"properties": {"R": INTEGER}}, {"R": 1}),
        (color(), "color=x", RGB, "x"),
        (color(), "R=1&x=2", {**RGB, "additionalProperties": INTEGER}, {"R": 1, "x": 2}),
        (color(), "color=x&R=1", {"anyOf": [STRING, RGB]}, "x"),
        (color(), "R=1", {"anyOf": [STRING, RGB]}, {"R": 1}),
        (color(style="spaceDelimited", explode=False), "color=a%20b+c", STRINGS, ["a", "b", "c"]),
        (color(style="pipeDelimited", explode=False), "color=a%7cb|c", STRINGS, ["a", "b", "c"]),
        (color(style="deepObject"), "color[R]=1&color%5BG%5D=2", RGB, {"R": 1, "G": 2}),
        (color(style="deepObject"), "color[]=a&color[]=b", STRINGS, ["a", "b"]),
        (color(style="deepObject"), "color[10]=b&color[9]=a", STRINGS, ["a", "b"]),
        (color(style="deepObject"), "color=a&color=b", STRINGS, ["a", "b"]),
        (color(style="deepObject"), "color=1", INTEGER, 1),
        (color(style="deepObject"), "color=1&color[R]=1", RGB, "1"),
        (
            color(style="deepObject"),
            "color[sub][sub][n]=1",
            {"$ref": "#/components/schemas/Tree"},
            {"sub": {"sub": {"n": 1}}},
        ),
        (color(style="deepObject"), "color[f(]=x&colors[a]=y&color[a]b=z", OBJECT, {"f(": "x"}),
        (color(style="deepObject"), "colour[a]=x", OBJECT, UNSET),
        (color(media_type="application/json"), "color=%7B%22a%22:1%7D", OBJECT, {"a": 1}),
        (color(media_type="application/json"), "color={", OBJECT, "{"),
        (color(media_type="application/json"), "color=NaN", NUMBER, "NaN"),
        (color(media_type="application/json"), "", OBJECT, UNSET),
        (color(media_type="text/plain"), "color=5", INTEGER, 5),
    ],
)
def test_queries_of_others(parameter: Parameter, query: str, schema: JSON, expected: JSON) -> None:
    """What is not there is UNSET, and what does not fit stays text."""
    assert query_value(parameter, query, schema, resolve) == expected


def test_deep_keys_end_somewhere() -> None:
    """A key of thousands of brackets does not exhaust the stack."""
    value = query_value(color(style="deepObject"), "color" + "[a]" * 5000 + "=x", OBJECT, resolve)

    assert json.dumps(value).count("{") == 100


def test_the_names_of_others_are_no_properties() -> None:
    """An object whose keys are names does not take those of other parameters."""
    read = [
        query_value(color(), "a=1&limit=2", OBJECT, resolve, taken=["limit"]),
        cookie_value(color("cookie"), "a=1; limit=2", OBJECT, resolve, taken=["limit"]),
    ]

    assert read == [{"a": "1"}, {"a": "1"}]


@pytest.mark.parametrize(
    ("style", "explode", "text", "schema", "expected"),
    [
        ("simple", False, "a%2Fb", STRING, "a/b"),
        ("simple", False, "a+b", STRING, "a+b"),
        ("simple", False, "1,2", INTEGERS, [1, 2]),
        ("simple", False, "", STRINGS, []),
        ("simple", False, "a,b,c", OBJECT, "a,b,c"),
        ("simple", True, "a,b,c", OBJECT, "a,b,c"),
        ("simple", True, "a=1,b", {"anyOf": [STRINGS, OBJECT]}, ["a=1", "b"]),
        ("label", False, "blue", STRING, "blue"),
        ("label", True, ".1.2", INTEGERS, [1, 2]),
        ("matrix", False, ";color=1,2", INTEGERS, [1, 2]),
        ("matrix", True, ";color", STRING, ""),
        ("matrix", True, "blue", STRING, "blue"),
        ("matrix", True, ";R=1;G=2", RGB, {"R": 1, "G": 2}),
        ("unknown", True, "blue", STRING, "blue"),
    ],
)
def test_paths_of_others(style: str, explode: bool, text: str, schema: JSON, expected: JSON) -> None:
    """What has not the form of its style stays text."""
    assert path_value(color("path", style, explode), text, schema, resolve) == expected


@pytest.mark.parametrize(
    ("explode", "text", "schema", "expected"),
    [
        (False, None, STRING, UNSET),
        (False, " a, b ", STRING, "a, b"),
        (False, "a, b ,c", STRINGS, ["a", "b", "c"]),
        (False, "", STRINGS, []),
        (False, "%20", STRING, "%20"),
        (True, "R=1, G=2", RGB, {"R": 1, "G": 2}),
        (False, "R, 1", RGB, {"R": 1}),
    ],
)
def test_headers_of_others(explode: bool, text: str | None, schema: JSON, expected: JSON) -> None:
    """Spaces may stand around the members; nothing is unescaped."""
    assert header_value(color("header", "simple", explode), text, schema, resolve) == expected


@pytest.mark.parametrize(
    ("header", "schema", "expected"),
    [
        (None, STRING, UNSET),
        ("a=b;color=x%3By ; c", STRING, "x;y"),
        ("color=a+b", STRING, "a+b"),
        ("color=1; color=2", INTEGERS, [1, 2]),
    ],
)
def test_cookies_of_others(header: str | None, schema: JSON, expected: JSON) -> None:
    """Pairs may be joined with or without a space."""
    assert cookie_value(color("cookie"), header, schema, resolve) == expected


@pytest.mark.parametrize(
    ("header", "schema", "expected"),
    [("color=a%20b", STRING, "a%20b"), ("color=a; color=b", STRINGS, ["a", "b"]), ("x=%41", OBJECT, {"x": "%41"})],
)
def test_cookies_of_style_cookie(header: str, schema: JSON, expected: JSON) -> None:
    """Nothing in them is an escape."""
    assert cookie_value(color("cookie", "cookie"), header, schema, resolve) == expected


def test_no_name_is_unknown_in_a_whole_query() -> None:
    """All of it belongs to the one parameter."""
    described = color(style="querystring", media_type=FORM)

    assert unknown_query_names([(described, True)], "a=1&b=2", resolve) == []


def test_unknown_names_in_a_query() -> None:
    """A name is known as a parameter, a key of a deepObject, or a property of an object whose keys are names."""
    parameters = [
        (Parameter("ids[]", "query", "ids", "form", True), STRINGS),
        (Parameter("filter", "query", "filter", "deepObject", True), OBJECT),
        (Parameter("rgb", "query", "rgb", "form", True), RGB),
        (Parameter("json", "query", "json", "form", True, media_type="application/json"), OBJECT),
    ]
    query = "ids%5B%5D=1&filter[a][b]=1&R=1&json=1&ids=1&filters[a]=1&r=1&r=2&x"

    assert unknown_query_names(parameters, query, resolve) == ["ids", "filters[a]", "r", "x"]


BODY = {
    "type": "object",
    "properties": {
        "n": INTEGER,
        "tags": STRINGS,
        "ids": INTEGERS,
        "one": {"anyOf": [STRING, STRINGS]},
        "rgb": RGB,
        "list": {"type": "array", "items": RGB},
        "file": True,
        "files": {"type": "array", "items": True},
    },
}


@pytest.mark.parametrize(
    ("content_type", "body", "schema", "expected"),
    [
        ("application/json", b' {"a": [1, null]}', True, {"a": [1, None]}),
        ("application/problem+json; charset=utf-8", '"é"'.encode(), True, "é"),
        ("application/json", '"é"'.encode("utf-16"), True, "é"),
        ("text/plain", "é".encode(), STRING, "é"),
        ("text/plain; charset=latin-1", b"\xe9", STRING, "é"),
        ("text/plain", b"5", INTEGER, 5),
        ("application/xml", b"<a/>", RGB, "<a/>"),
        ("application/octet-stream", b"\xff", True, b"\xff"),
        ("", b"x", True, b"x"),
        (FORM, b"", BODY, {}),
        (FORM, b"n=1&tags=a&x=5&one=a", BODY, {"n": 1, "tags": ["a"], "x": "5", "one": "a"}),
        (FORM, b"one=a&one=b+c", BODY, {"one": ["a", "b c"]}),
        (FORM, b"n=1&n=2", BODY, {"n": 2}),
        (FORM, b"rgb=%7B%22R%22%3A1%7D", BODY, {"rgb": {"R": 1}}),
        (FORM, b"list=%7B%7D&list=%7B%22R%22%3A2%7D", BODY, {"list": [{}, {"R": 2}]}),
        (FORM, b"rgb=5&list=%7B", BODY, {"rgb": "5", "list": ["{"]}),
    ],
)
def test_bodies(content_type: str, body: bytes, schema: JSON, expected: JSON) -> None:
    """JSON, forms and text are read; anything else stays bytes."""
    assert read_body(content_type, body, schema, resolve) == expected


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"", "the body is not JSON: Expecting value"),
        ("application/json", b"{'a': 1}", "the body is not JSON"),
        ("application/json", b"[NaN]", "NaN is not a JSON number"),
        ("application/json", b"\xff\xfe\xff", "the body is not JSON"),
        ("application/json", b"[" * 100_000, "the body is not JSON"),
        (FORM, b"a=\xff", "the body is not text in utf-8"),
        ("text/plain", b"\xff", "the body is not text in utf-8"),
        ("text/plain; charset=nonsense", b"x", "the body is not text in nonsense"),
        ("multipart/form-data", b"", "the body is not multipart/form-data: Missing boundary"),
        ("multipart/form-data; boundary=x", b"--y\r\n", "the body is not multipart/form-data; boundary=x"),
    ],
)
def test_unreadable_bodies(content_type: str, body: bytes, message: str) -> None:
    """The error says what the body is not."""
    with pytest.raises(Unreadable, match=message):
        read_body(content_type, body, True, resolve)


@pytest.mark.parametrize("name", [FORM, "multipart/form-data", "multipart/mixed"])
@pytest.mark.parametrize(
    ("value", "encoding"),
    [
        ({"n": 5, "tags": ["a", "b c"], "ids": [1], "rgb": {"R": 1}, "list": [{"R": 1}, {}], "x": "é&=+"}, {}),
        ({"x": "5", "n": 5}, {"x": Encoding(content_type="application/json"), "rgb": Encoding(style="deepObject")}),
        ({"ids": [1, 2]}, {"ids": Encoding(content_type="application/json")}),
        ({"rgb": {"R": 1}}, {"rgb": Encoding(style="deepObject", explode=True)}),
        ({"rgb": {"R": 1}, "n": 5}, {"rgb": Encoding(style="form")}),
        ({"ids": [1, 2], "tags": ["a"]}, {"ids": Encoding(explode=False), "tags": Encoding(style="pipeDelimited")}),
    ],
)
def test_written_forms_read_back(name: str, value: dict[str, JSON], encoding: dict[str, Encoding]) -> None:
    """What `media` writes as a form, with and without parts, is read with the same encodings."""
    encoded = media.encode(MediaType(name, encoding=encoding), value)
    assert isinstance(encoded.body, bytes)

    assert read_body(encoded.content_type, encoded.body, BODY, resolve, encoding) == value


def test_files_read_back_as_bytes() -> None:
    """Files are bytes, but for those that hold the JSON of an object."""
    value = {
        "file": ("a.txt", b"\xff"),
        "files": [b"1", b"2" * 600_000],
        "x": b"",
        "rgb": ("blob", b'{"R": 1}', "application/json"),
        "list": [("blob", b"no")],
    }
    encoded = media.encode(MediaType("multipart/form-data"), value)
    assert isinstance(encoded.body, bytes)

    assert read_body(encoded.content_type, encoded.body, BODY, resolve) == {
        "file": b"\xff",
        "files": [b"1", b"2" * 600_000],
        "x": b"",
        "rgb": {"R": 1},
        "list": [b"no"],
    }


@pytest.mark.parametrize(
    ("texts", "schema", "expected"),
    [
        (["5"], INTEGER, 5),
        (["a"], STRINGS, ["a"]),
        (["1", "2"], INTEGERS, [1, 2]),
        (["[1, 2]"], INTEGERS, [1, 2]),
        (["1", "2"], INTEGER, [1, 2]),
        (['{"R": 1}'], RGB, {"R": 1}),
        (["{"], RGB, "{"),
    ],
)
def test_words_of_a_person(texts: list[str], schema: JSON, expected: JSON) -> None:
    """One word is a value, several an array; arrays and objects may be JSON."""
    assert typed(texts, schema, resolve) == expected
