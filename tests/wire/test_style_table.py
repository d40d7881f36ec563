"""The specification's own tables of styles, version by version, and its own examples, as a client sends them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import assume, given, settings, strategies as st

import dynclient
from dynclient.errors import InvalidRequest
from dynclient.types import JSON

VERSIONS = ["3.0.3", "3.0.4", "3.1.0", "3.1.1", "3.2.0"]
OLD = ["3.0.0", "3.0.1", "3.0.2", "3.0.3", "3.1.0"]
NEW = ["3.0.4", "3.1.1", "3.1.2", "3.2.0", "3.2.1"]

BLUE = "blue"
COLORS = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}

# OpenAPI 3.0.3, 3.1.0, 3.0.4, 3.1.1 and 3.2 ("Style Examples"), of which the columns are "" (3.2 has none for it), the
# string, the array and the object. Cells that are not defined there are None, and in test_serialization.py.
TABLE: list[tuple[str, str, bool, str | None, str | None, str | None, str | None]] = [
    (
        *("path", "matrix", False),
        *(";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    ),
    (
        *("path", "matrix", True),
        *(";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
    ),
    ("path", "label", True, None, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("path", "simple", False, None, "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("path", "simple", True, None, "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("header", "simple", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("header", "simple", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("query", "form", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ("query", "form", True, "color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
    ("query", "spaceDelimited", False, None, None, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
    ("query", "pipeDelimited", False, None, None, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
    ("query", "deepObject", True, None, None, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("cookie", "form", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    # "&" ends no cookie: 3.1.1 and 3.2, Appendix D
    ("cookie", "form", True, "color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
]
ALL_VERSIONS = [
    (version, location, style, explode, value, text)
    for version in VERSIONS
    for location, style, explode, *texts in TABLE
    for value, text in zip(("", BLUE, COLORS, RGB), texts, strict=True)
    if text is not None
]
# What differs: label without explode was mended in 3.0.4 and 3.1.1, style cookie came with 3.2.
SOME_VERSIONS = [
    *((version, "path", "label", False, BLUE, ".blue") for version in OLD + NEW),
    *((version, "path", "label", False, COLORS, ".blue.black.brown") for version in OLD),
    *((version, "path", "label", False, RGB, ".R.100.G.200.B.150") for version in OLD),
    *((version, "path", "label", False, COLORS, ".blue,black,brown") for version in NEW),
    *((version, "path", "label", False, RGB, ".R,100,G,200,B,150") for version in NEW),
    ("3.2.0", "cookie", "cookie", False, "", "color="),
    ("3.2.0", "cookie", "cookie", False, BLUE, "color=blue"),
    ("3.2.0", "cookie", "cookie", True, "", "color="),
    ("3.2.0", "cookie", "cookie", True, BLUE, "color=blue"),
    ("3.2.0", "cookie", "cookie", True, COLORS, "color=blue; color=black; color=brown"),
    ("3.2.0", "cookie", "cookie", True, RGB, "R=100; G=200; B=150"),
]


@cache
@cache
def client(version: str, location: str, **described: Any) -> dynclient.Client:
    """A client of one operation with the parameter `color`, or those of `parameters`."""
    described = {"schema": {}, **described}
    parameter = {"name": "color", "in": location, "required": location == "path", **described}
    return _client(version, [parameter])


def _client(version: str, parameters: list[dict[str, JSON]]) -> dynclient.Client:
    in_path = "".join(f"{{{parameter['name']}}}" for parameter in parameters if parameter["in"] == "path")
    operation = {"operationId": "go", "parameters": parameters}
    path = f"/c/{in_path}"
    return dynclient.Client(
        {"openapi": version, "servers": [{"url": "http://a.test"}], "paths": {path: {"get": operation}}}
    )


def sent(caller: dynclient.Client, location: str, **values: JSON) -> str | None:
    """What a location holds of the request, the path without its `/c/`; None for a header that is not there."""
    prepared = caller.go.prepare(**values)
    parts = urlsplit(str(prepared.url))
    texts = {
        "path": str(parts.path).removeprefix("/c/"),
        "query": str(parts.query),
        "header": prepared.headers.get("color"),
        "cookie": prepared.headers.get("Cookie"),
    }
    return texts[location]


@pytest.mark.parametrize(
    ("version", "location", "style", "explode", "value", "expected"), [*ALL_VERSIONS, *SOME_VERSIONS]
)
def test_cell(version: str, location: str, style: str, explode: bool, value: JSON, expected: str) -> None:
    """Every cell of the table of the document's own version."""
    assert sent(client(version, location, style=style, explode=explode), location, color=value) == expected


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("location", "value", "expected"),
    [
        ("path", RGB, "R,100,G,200,B,150"),
        ("query", COLORS, "color=blue&color=black&color=brown"),
        ("header", RGB, "R,100,G,200,B,150"),
        ("cookie", COLORS, "color=blue; color=black; color=brown"),
    ],
)
def test_default_style(version: str, location: str, value: JSON, expected: str) -> None:
    """Where neither style nor explode is said, as the specification says."""
    assert sent(client(version, location), location, color=value) == expected


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("style", "value"), [("simple", ""), ("label", ""), ("label", []), ("simple", {})])
def test_empty_cell_of_a_path(version: str, style: str, value: JSON) -> None:
    """The table has an empty text or a lone dot, which would reach another path."""
    with pytest.raises(InvalidRequest, match="would reach another path"):
        sent(client(version, "path", style=style), "path", color=value)


# The examples of 3.2 ("Parameter Object Examples", Appendix C and Appendix D); most are those of 3.1.1 and 3.0.4.
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
FORMULAS = {
    "name": "formulas",
    "in": "query",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": STRING},
}
WORDS = {"name": "words", "in": "query", "explode": False, "schema": {"type": "array", "items": STRING}}
EXAMPLES: list[tuple[list[dict[str, JSON]], str, dict[str, JSON], str]] = [
    (
        [{"name": "color", "in": "header", "style": "simple", "schema": {"type": "array", "items": INTEGER}}],
        *("header", {"color": [12345678, 90099]}, "12345678,90099"),
    ),
    (
        [{"name": "cookie", "in": "cookie", "style": "cookie", "schema": {"type": "object"}}],
        *("cookie", {"cookie": {"greeting": "Hello%2C%20world!", "code": 42}}, "greeting=Hello%2C%20world!; code=42"),
    ),
    (
        [{"name": "greeting", "in": "cookie", "schema": STRING}],
        *("cookie", {"greeting": "Hello, world!"}, "greeting=Hello%2C%20world%21"),
    ),
    (
        [{"name": "username", "in": "path", "required": True, "schema": STRING}],
        *("path", {"username": "di\u1e45n\u0101ga"}, "di%E1%B9%85n%C4%81ga"),
    ),
    (
        [{"name": "thing", "in": "query", "style": "form", "explode": True, "schema": {"type": "array"}}],
        *("query", {"thing": ["one thing", "another thing"]}, "thing=one%20thing&thing=another%20thing"),
    ),
    (
        [
            {
                "name": "freeForm",
                "in": "query",
                "style": "form",
                "schema": {"type": "object", "additionalProperties": INTEGER},
            }
        ],
        *("query", {"freeForm": {"page": 4, "pageSize": 50}}, "page=4&pageSize=50"),
    ),
    (
        [{"name": "coordinates", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}],
        *("query", {"coordinates": {"lat": 40.6, "long": -73.9}}),
        "coordinates=%7B%22lat%22%3A40.6%2C%22long%22%3A-73.9%7D",
    ),
    (
        [{"name": "\u2764\ufe0f", "in": "query", "schema": STRING}],
        "query",
        {"\u2764\ufe0f": "love!"},
        "%E2%9D%A4%EF%B8%8F=love%21",
    ),
    (
        [FORMULAS, WORDS],
        *("query", {"formulas": {"a": "x+y", "b": "x/y", "c": "x^y"}, "words": ["math", "is", "fun"]}),
        "a=x%2By&b=x%2Fy&c=x%5Ey&words=math,is,fun",
    ),
    (
        [{**FORMULAS, "allowReserved": True}, {**WORDS, "style": "spaceDelimited"}],
        *("query", {"formulas": {"a": "x%2By", "b": "x/y", "c": "x^y"}, "words": ["math", "is", "fun"]}),
        "a=x%2By&b=x/y&c=x%5Ey&words=math%20is%20fun",
    ),
    ([FORMULAS, WORDS], "query", {"formulas": {}, "words": ["hello", "world"]}, "words=hello,world"),
    (
        [
            {
                "name": "metadata",
                "in": "querystring",
                "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
            }
        ],
        *("query", {"metadata": {"foo": "a + b", "bar": True}}, "foo=a+%2B+b&bar=true"),
    ),
    (
        [{"name": "json", "in": "querystring", "content": {"application/json": {"schema": {"type": "object"}}}}],
        *("query", {"json": {"numbers": [1, 2], "flag": None}}),
        "%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D",
    ),
    (
        [{"name": "selector", "in": "querystring", "content": {"application/jsonpath": {"schema": STRING}}}],
        *("query", {"selector": "$.a.b[1:1]"}, "%24.a.b%5B1%3A1%5D"),
    ),
]


@pytest.mark.parametrize(("parameters", "location", "values", "expected"), EXAMPLES)
def test_examples(parameters: list[dict[str, JSON]], location: str, values: dict[str, JSON], expected: str) -> None:
    """What the specification prints beside its examples."""
    assert sent(_client("3.2.0", parameters), location, **values) == expected


@pytest.mark.parametrize(
    ("version", "location", "value", "expected"),
    [
        *((version, "query", "a/b?c%2Fd", "color=a/b?c%2Fd") for version in VERSIONS),
        *((version, "path", "a:b", "a%3Ab") for version in VERSIONS[:-1]),
        *((version, "cookie", "a:b", "color=a%3Ab") for version in VERSIONS[:-1]),
        ("3.2.0", "path", "a:b@c;d=e,f", "a:b@c;d=e,f"),
        ("3.2.0", "path", "a/b?c#d%2fe%zz", "a/b%3Fc%23d%2Fe%25zz"),
        ("3.2.0", "cookie", "a:b/c,d;e f%2C", "color=a:b/c%2Cd%3Be%20f%2C"),
    ],
)
def test_allow_reserved(version: str, location: str, value: str, expected: str) -> None:
    """In a query ever, elsewhere since 3.2; what would end the path, a cookie or the value is escaped all the same."""
    assert sent(client(version, location, allowReserved=True), location, color=value) == expected


# An independent reader: RFC 6570 §3.2 backwards, first split by what stands there raw, then percent-decode.
# style: what opens the text, what stands between members without explode and with it, whether names are written
RULES = {
    "matrix": (";", ",", ";", True),
    "label": (".", ",", ".", False),
    "simple": ("", ",", ",", False),
    "form": ("", ",", "&", True),
    "spaceDelimited": ("", "%20", "&", True),
    "pipeDelimited": ("", "%7C", "&", True),
    "cookie": ("", ",", "; ", True),
}


def read(location: str, style: str, explode: bool, kind: str, text: str) -> JSON:
    decode = str if location == "header" or style == "cookie" else unquote
    opening, delimiter, separator, named = RULES[style]
    if location == "cookie":
        separator = "; "
    assert text.startswith(opening)
    text = text.removeprefix(opening)
    exploded = explode and kind != "string"
    if named and not exploded:
        name, _, text = text.partition("=")
        assert name == "color"
    if kind == "string":
        return decode(text)
    members = text.split(separator if exploded else delimiter)
    if kind == "array":
        return [
            decode(member.removeprefix("color").removeprefix("=") if exploded and named else member)
            for member in members
        ]
    pairs = (member.split("=") for member in members) if exploded else zip(members[::2], members[1::2], strict=True)
    return {decode(key): decode("".join(value)) for key, *value in pairs}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.text(",;.=&|%+ /[]", max_size=4)
words = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=',="\\;'), min_size=1, max_size=6
)
tokens = st.text("abcXYZ019-_.~!", min_size=1, max_size=6)


def of_kind(kind: str, text: st.SearchStrategy[str], key: st.SearchStrategy[str]) -> st.SearchStrategy[JSON]:
    if kind == "string":
        return text
    return (
        st.lists(text, min_size=1, max_size=4)
        if kind == "array"
        else st.dictionaries(key, text, min_size=1, max_size=4)
    )


REVERSIBLE = [
    (location, style, explode, kind)
    for location, style, kinds in [
        ("path", "matrix", ("string", "array", "object")),
        ("path", "label", ("string", "array", "object")),
        ("path", "simple", ("string", "array", "object")),
        ("query", "form", ("string", "array", "object")),
        ("query", "spaceDelimited", ("array", "object")),
        ("query", "pipeDelimited", ("array", "object")),
        ("header", "simple", ("string", "array", "object")),
        ("cookie", "form", ("string", "array", "object")),
        ("cookie", "cookie", ("string", "array", "object")),
    ]
    for explode in (False, True)
    for kind in kinds
    if not (style == "cookie" and not explode and kind != "string")
]


# Where no escape tells a delimiter from the same character in a member; elsewhere nothing is refused for one.
CANNOT_HIDE = [("label", True), ("spaceDelimited", False), ("pipeDelimited", False)]


@pytest.mark.parametrize(("location", "style", "explode", "kind"), REVERSIBLE)
@settings(deadline=None, max_examples=30)
@given(st.data())
def test_reversible_cell(location: str, style: str, explode: bool, kind: str, data: st.DataObject) -> None:
    """A reader that knows the specification's rules alone gets the value back, or it is refused."""
    plain = location == "header" or style == "cookie"
    value = data.draw(of_kind(kind, words if plain else texts, tokens if plain else texts.filter(bool)))
    try:
        text = sent(client("3.2.0", location, style=style, explode=explode), location, color=value)
    except InvalidRequest as error:
        text = None
        refusal = str(error)
    if text is None:
        more = "|stands between the members" if (style, explode) in CANNOT_HIDE else ""
        assert re.search(f"another path|control characters{more}", refusal)
        assume(False)

    assert read(location, style, explode, kind, str(text)) == value


@settings(deadline=None)
@given(st.dictionaries(texts.filter(lambda key: not set("[]") & set(key)), texts, min_size=1, max_size=4))
def test_reversible_deep_object(value: dict[str, str]) -> None:
    """Each pair is the name with the key in brackets, and the value."""
    text = sent(client("3.2.0", "query", style="deepObject", explode=True), "query", color=value)

    pairs = [pair.split("=") for pair in str(text).split("&")]
    assert {unquote(key).removeprefix("color[").removesuffix("]"): unquote(item) for key, item in pairs} == value
