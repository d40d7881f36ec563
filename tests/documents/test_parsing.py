"""From text to data: YAML 1.2 and JSON."""

from __future__ import annotations

import contextlib
import datetime
import gc
import json
import math
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from dynclient.documents import parsing
from dynclient.documents.document import parse
from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.parsing import Finding, Parsed, as_json, line_numbers, parse_text
from dynclient.documents.sources import load
from dynclient.errors import DocumentError, Problem
from dynclient.types import JSON


def contents(text: str | bytes) -> JSON:
    """What stands beside the version in a document."""
    body = text.encode() if isinstance(text, str) else text
    return {key: value for key, value in parse(load(b"openapi: 3.1.0\n" + body)).contents.items() if key != "openapi"}


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("True", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("none", "none"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1.10", 1.1),
        ("'1.10'", "1.10"),
        ("007", 7),
        ("0x1f", 31),
        ("0o17", 15),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("+12", 12),
        ("-12", -12),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        (".INF", float("inf")),
        ("+.inf", float("inf")),
        ("1e999", float("inf")),
        ("n", "n"),
        ("<<", "<<"),
        ("+", "+"),
        (".", "."),
        ("-0", 0),
        ("-0.0", -0.0),
        ("0x", "0x"),
        ("0o8", "0o8"),
        ("1e", "1e"),
        ("+0x1f", "+0x1f"),
        ("\u0661", "\u0661"),
        ("infinity", "infinity"),
        ("NaN", "NaN"),
        ("! 5", "5"),
        ("!!null x", None),
        ("'~'", "~"),
        ("a\tb", "a\tb"),
        ("[1,\t2]", [1, 2]),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!bool 'False'", False),
        ("!!timestamp 2024-01-01", "2024-01-01"),
        ("!!binary w6k=", "w6k="),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("99999999999999999999999", 99999999999999999999999),
    ],
)
def test_scalars_of_yaml_12(scalar: str, expected: JSON) -> None:
    """The core schema of YAML 1.2: a Norwegian is no boolean, a time no number, a date no object."""
    value = contents(f"a: {scalar}")["a"]

    assert (type(value), value) == (type(expected), expected)


def test_not_a_number() -> None:
    """The one value that does not equal itself."""
    assert str(contents("a: .nan")["a"]) == "nan"


def test_keys_are_text() -> None:
    """As they are written: status codes, versions, and words that YAML 1.1 took for booleans."""
    assert list(
        contents("{}: 1".format(": 1\n".join(["200", "1.10", "no", "null", "'q'", "2024-01-01", "0x1f", "true"])))
    ) == [
        "200",
        "1.10",
        "no",
        "null",
        "q",
        "2024-01-01",
        "0x1f",
        "true",
    ]


def test_merge_keys() -> None:
    """What is written beside them wins; several are merged, the first first."""
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  y: 5\n  <<: *a\nd:\n  <<: [*a, *b]\n"

    assert contents(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "z": 4},
        "c": {"x": 1, "y": 5},
        "d": {"x": 1, "y": 2, "z": 4},
    }


def test_aliases() -> None:
    """The same value twice."""
    assert contents("a: &a [1]\nb: *a\n") == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch executed']",
        "a: !!python/name:os.system",
        "a: !!python/tuple [1]",
        "a: !Ref x",
        "a: !!set {b, c}",
        "a: !!omap [b: 1]",
        "a: !!map [b]",
        "a: !!seq {b: 1}",
        "a: !!str [b]",
        "a: !!bool maybe",
        "a: !!int many",
        "a: !!float much",
        "a: !!null [b]",
        "? [a]\n: b",
        "a: *missing",
        "<<: 5",
        "a: [",
        "a: b: c",
        "a: 'b",
        "\ta: b",
        "a: \x00",
        b"a: \xff",
        "--- \na: 1",
        "a: " + "1" * 5000,
        "a: 0x" + "f" * 5000,
        "a: !!float 1_0",
        "a: !!int 1_0",
        "a: &a [*a]",
        "a: &a {b: {c: *a}}",
        "a: &a [b]\n*a : c",
        "<<: [5]",
        "? {a: b}\n: c",
        "!!python/name:os.system a: b",
        "a: b\n---\na: b",
    ],
)
def test_text_that_is_no_document(text: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with it ends in a DocumentError, and nothing in it is carried out."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError):
        contents(text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"openapi": "3.1.0"}',
        b"\xef\xbb\xbfopenapi: 3.1.0\n",
        b'\r\n\t {"openapi": "3.1.0"}',
        '{"openapi": "3.1.0"}'.encode("utf-16"),
        "openapi: 3.1.0\n".encode("utf-16"),
        b"{openapi: 3.1.0}",
        b'{"openapi": "3.1.0",}',
        b"# yes\n---\nopenapi: 3.1.0\n...\n",
    ],
)
def test_json_and_yaml_by_their_content(content: bytes) -> None:
    """With or without a byte order mark; flow style that isn't JSON is YAML."""
    assert parse(load(content)).contents == {"openapi": "3.1.0"}


def test_json_in_a_file_named_yaml(tmp_path: Path) -> None:
    """The name decides nothing; a tab, which YAML refuses, is fine."""
    path = tmp_path / "api.yaml"
    path.write_text('{\n\t"openapi": "3.1.0"\n}')

    assert parse(load(path)).contents == {"openapi": "3.1.0"}


def test_a_lone_surrogate_in_json() -> None:
    """JSON permits it."""
    assert parse(load('{"openapi": "3.1.0", "a": "\ud800"}')).contents["a"] == "\ud800"


@pytest.mark.parametrize("content", [b"# nothing", b"[]", b"[1, 2]", b"text\n", b"5", b"null"])
def test_no_object_at_the_top(content: bytes) -> None:
    """An OpenAPI document is an object."""
    with pytest.raises(DocumentError, match="its top level must be an object"):
        parse(load(content))


@pytest.mark.parametrize("bomb", ["'[' * 100000", "'{\"a\":' * 100000", "'{a: ' + '[' * 100000", "'- ' * 100000"])
def test_depth_bombs(bomb: str) -> None:
    """A process of its own, for the C loader would end it by a signal."""
    program = (
        "from dynclient.documents.document import parse; from dynclient.documents.sources import load\n"
        f"try: parse(load(({bomb}).encode()))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    message = "cannot be parsed: it is nested too deeply, in more than 200 levels; max_document_depth= permits more"
    assert done.stdout == f"DocumentError text: {message}\n"


def test_a_bomb_that_the_stack_would_bear() -> None:
    """It is refused all the same, by us or by PyYAML, before anything is made of it."""
    with pytest.raises(DocumentError):
        contents("a: " + "[" * 15_000 + "]" * 15_000)


def test_many_brackets_are_not_deep() -> None:
    """Text is full of them."""
    assert len(contents("a:\n" + "  - '[[['\n" * 5000)["a"]) == 5000


@pytest.mark.parametrize("running", [True, False])
def test_the_collector_is_as_it_was(running: bool) -> None:
    """Whether it ran or not, and also after an error."""
    before = gc.isenabled()
    try:
        (gc.enable if running else gc.disable)()
        contents("a: b")
        with pytest.raises(DocumentError):
            contents("a: [")
        assert gc.isenabled() is running
    finally:
        (gc.enable if before else gc.disable)()


def test_a_document_as_json_and_as_yaml() -> None:
    """JSON is YAML: both parsers give the same."""
    data: JSON = {"openapi": "3.1.0", "a": [1, 1.5, True, None, "no", "é", {"b": {}}], "200": "2024-01-01"}
    text = json.dumps(data)

    assert parse(load(text)).contents == parse(load(f"# as YAML\n{text}")).contents == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("text", ['{"title": "é"}', "title: é\n"])
def test_encodings(text: str, encoding: str) -> None:
    """With a byte order mark or without one."""
    assert parse_text(text.encode(encoding), "text") == Parsed({"title": "é"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf \n", "is empty"),
        (b"a: b\nc: \xe9\n", "isn't UTF-8 text: byte 0xe9 in line 2. Is it binary, or in another encoding?"),
        (b"PK\x03\x04\x14\x00", "is a ZIP archive; an OpenAPI document is JSON or YAML"),
        (b"%PDF-1.7\n", "is a PDF; an OpenAPI document is JSON or YAML"),
        (b"<?xml version='1.0'?><a/>", "is XML; an OpenAPI document is JSON or YAML"),
        (b"abcd\x00\x01\x02", "is binary data; an OpenAPI document is JSON or YAML"),
        (
            b"a: b\n\tc: d\n",
            "is neither JSON nor YAML (line 2 column 1: <why>)",
        ),
        (
            b'{"a": 1\n"b": 2}',
            ("is neither JSON (line 2 column 1: Expecting ',' delimiter) nor YAML (line 2 column 4: <why>)"),
        ),
        (b"[" + b"1" * 5000 + b"]", "is neither JSON nor YAML (line 1 column 2: an integer of 5000 digits)"),
        (
            b"\tb: c\n",
            "is neither JSON nor YAML (line 1 column 1: <why>; a tab cannot indent)",
        ),
        (b"a: @b", "is neither JSON nor YAML (line 1 column 4: <why>)"),
        (b"a: &a [*a]", "is neither JSON nor YAML (line 1 column 8: the alias 'a' is inside what it repeats)"),
        (
            b"a: 1\n---\nb: 1\n",
            "is neither JSON nor YAML (line 2 column 1: a second document begins; one file holds one)",
        ),
        (
            b"some words before: \x01",
            "is neither JSON nor YAML (<why>)",
        ),
        (b"a: " + b"1" * 1001, "is neither JSON nor YAML (line 1 column 4: an integer of 1001 digits)"),
        (b"a: !!int x", "is neither JSON nor YAML (line 1 column 4: 'x' isn't an integer)"),
    ],
)
def test_what_is_said_of_text_that_is_no_document(content: bytes, message: str) -> None:
    """What it is, where it goes wrong, in one line; <why> stands for PyYAML's own words, which change."""
    with pytest.raises(DocumentError) as caught:
        parse_text(content, "api")
    assert re.fullmatch(re.escape(f"api: {message}").replace("<why>", ".+"), str(caught.value))


NO_HINT = (
    "Is a login needed? A documentation page loads its document from a URL of its own, often /openapi.json,"
    " /openapi.yaml, /swagger.json, /v3/api-docs"
)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (
            "<!DOCTYPE html>\n<title>Sign\n in</title><link href='/icon.png'><form>",
            f"is an HTML page titled 'Sign in', no document. {NO_HINT}",
        ),
        ("<html lang=en><script src='/swagger-ui.js'></script>", f"is an HTML page, no document. {NO_HINT}"),
        (
            "\n<!-- a --><!-- b -->\n<!doctype HTML><script>SwaggerUIBundle({ url: '/v1/openapi.json', })</script>",
            "is an HTML page, no document. It names '/v1/openapi.json'; try the URL of that",
        ),
        (
            '<html><link href="/swagger.css"><redoc spec-url="../spec.yaml"></redoc>',
            "is an HTML page, no document. It names '../spec.yaml'; try the URL of that",
        ),
        (
            '<head><link rel="service-desc" href="/v3/api-docs">',
            "is an HTML page, no document. It names '/v3/api-docs'; try the URL of that",
        ),
    ],
)
def test_html_pages(page: str, message: str) -> None:
    """A login page or a documentation page in the document's place; the latter names its document."""
    with pytest.raises(DocumentError) as caught:
        parse_text(page.encode(), "https://api.test/docs")
    assert str(caught.value) == f"https://api.test/docs: {message}"


def test_a_key_that_stands_twice_in_yaml() -> None:
    """The last one counts; the finding says where it stands. An equal key of another object is none."""
    text = b"paths:\n  /a/b:\n    - get: 1\n      post: 1\n      get: 2\n  /c:\n    get: 3\n"
    message = "the key 'get' is repeated here; the last one counts"

    assert parse_text(text, "text") == Parsed(
        {"paths": {"/a/b": [{"get": 2, "post": 1}], "/c": {"get": 3}}},
        (Finding("duplicate-key", ("paths", "/a/b", "0", "get"), 5, message),),
    )


def test_a_key_that_stands_twice_in_json() -> None:
    """The same, and also in what YAML cannot read."""
    text = b'{"a": [0, {"b": "\\ud83d\\ude00",\n"c": 1,\t"b":\n2}]}'
    message = "the key 'b' is repeated here; the last one counts"

    assert parse_text(text, "text") == Parsed(
        {"a": [0, {"b": 2, "c": 1}]}, (Finding("duplicate-key", ("a", "1", "b"), 2, message),)
    )


def test_findings_are_not_endless() -> None:
    """A hundred tell enough."""
    assert len(parse_text(b"a: 1\n" * 1000, "text").findings) == 100


def test_a_merged_key_is_no_duplicate() -> None:
    """It is there to be overridden."""
    assert parse_text(b"a: &a {x: 1}\nb: {<<: *a, x: 2}\n", "text") == Parsed({"a": {"x": 1}, "b": {"x": 2}})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b'{"a": [NaN]}', 1),
        (b'{"a": [\n-Infinity]}', 2),
        (b'{"a":\n\n[1e999]}', 3),
        (b"a: [.nan]", 1),
        (b"a:\n- -1e999", 2),
    ],
)
def test_numbers_that_json_cannot_write(text: bytes, line: int) -> None:
    """They are read as Python's, and found."""
    parsed = parse_text(text, "text")

    assert not math.isfinite(parsed.data["a"][0])
    assert [(each.rule, each.path, each.line) for each in parsed.findings] == [("non-finite", ("a", "0"), line)]


def test_findings_are_problems_of_the_document() -> None:
    """With their pointer, and the line in the text."""
    document = parse(load("openapi: 3.1.0\npaths:\n  /a: 1\n  /a: 2\n"))

    message = "the key '/a' is repeated here; the last one counts"
    assert document.problems == [
        Problem("document", "", message, "duplicate-key", schema_pointer="#/paths/~1a", line=4)
    ]
    assert document.problems[0].line == 4


YAML_TEXT = """# a comment
openapi: 3.1.0
info: &info {title: Pets,
  version: "1"}
tags:
  - name: a
  -
    name: b
? long
: - 1
again: *info
merged:
  <<: *info
"""

JSON_TEXT = """{"openapi": "3.1.0",
\t"info": {"title": "\\ud83d\\ude00", "ver\\u0073ion":
    "1"},
"tags": [ {"name": "[{"},
  {"name": "b"}], "n": -1.5e3
}"""


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        (YAML_TEXT, "", 2),
        (YAML_TEXT, "info", 3),
        (YAML_TEXT, "info/version", 4),
        (YAML_TEXT, "tags/0", 6),
        (YAML_TEXT, "tags/1", 8),
        (YAML_TEXT, "tags/1/name", 8),
        (YAML_TEXT, "tags/2", 5),
        (YAML_TEXT, "long/0", 10),
        (YAML_TEXT, "again/title", 11),
        (YAML_TEXT, "merged/title", 12),
        (YAML_TEXT, "openapi/deeper", 2),
        (YAML_TEXT, "missing", 2),
        (JSON_TEXT, "", 1),
        (JSON_TEXT, "info/version", 2),
        (JSON_TEXT, "tags/1/name", 5),
        (JSON_TEXT, "n", 5),
        ("{a: b,\n c: d}", "c", 2),
        ("- [a]\n- b", "1", 2),
    ],
)
def test_lines(text: str, path: str, line: int) -> None:
    """That of a key or an item, else that of the nearest thing around it that is written there."""
    assert line_numbers(text.encode(), [tuple(path.split("/")) if path else ()]) == [line]


@pytest.mark.parametrize("content", [b"", b"\xff", b"a: [", b"[" * 1000, b'{"a": "\\ud800\x7f"}\n@'])
def test_lines_of_what_cannot_be_read(content: bytes) -> None:
    """There are none."""
    assert line_numbers(content, [("a", "b")]) == []


def test_lines_of_a_document(tmp_path: Path) -> None:
    """By pointer, while its text is at hand."""
    path = tmp_path / "api.yaml"
    path.write_text("openapi: 3.1.0\npaths:\n  /a: {}\n")
    document = parse(load(path))

    assert document.line("#/paths/~1a") == 3
    path.unlink()
    assert [document.line("#/paths/~1a"), parse(load({"openapi": "3.1.0"})).line("#/openapi")] == [None, None]


def test_the_deepest_that_is_read() -> None:
    """In JSON and YAML alike; an alias counts with what it repeats."""
    deepest = LIMITS.depth
    assert parse_text(b"[" * deepest + b"]" * deepest, "text") == parse_text(b"- " * (deepest - 1) + b"[]", "text")
    half = b"[" * (deepest // 2) + b"]" * (deepest // 2)
    parse_text(b"a: &a " + half + b"\nb: " + half.replace(b"[]", b"[*a]")[1:-1], "text")
    for too_deep in (
        b"[" * (deepest + 1) + b"]" * (deepest + 1),
        b"- " * deepest + b"[]",
        b"a: &a " + half + b"\nb: " + half.replace(b"[]", b"[*a]"),
    ):
        with pytest.raises(DocumentError, match="it is nested too deeply, in more than 200 levels"):
            parse_text(too_deep, "text")


@pytest.mark.parametrize(
    "text",
    [
        b"[1, 2, 3, 4]",
        b'["a", "b", "c", "d"]',
        b'["a", "b", "c", "d", "e", "f", "g"]',
        b'{"a": {}, "b": {}, "c": {}, "d": {}}',
        b"- 1\n- 2\n- 3\n- 4",
        b"- &a [1, 2]\n- *a",
        b"- &a " + b"a" * 256,
    ],
)
def test_more_values_than_are_read(text: bytes) -> None:
    """Each counted as often as it is repeated; a long text counts for several."""
    parse_text(text, "text")

    refusal = "cannot be parsed: it holds more than 3 values, aliases followed; max_document_values= permits more"
    with pytest.raises(DocumentError, match=refusal):
        parse_text(text, "text", Limits(values=3))


def test_commas_in_prose_are_no_values() -> None:
    """Only those that separate values count."""
    assert parse_text(b'["a, b, c, d, \\", e", 1]', "text", Limits(values=3)) == Parsed(['a, b, c, d, ", e', 1])


def test_many_anchors() -> None:
    """A document may lean on them, also as keys."""
    text = "".join(f"k{n}: &a{n} {{x: {n}, y: *a{n - 1}}}\n" if n % 9 else f"k{n}: &a{n} {n}\n" for n in range(5000))

    assert parse_text(f"{text}? *a0\n: z\n? &k b\n: *k\n".encode(), "text").data["b"] == "b"


def test_equal_keys_are_one_object() -> None:
    """As JSON's parser has it; documents repeat the same few."""
    first, second = parse_text(b"- {title: 1}\n- {title: 2}\n", "text").data

    assert next(iter(first)) is next(iter(second))


def test_without_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may have been built without it."""
    monkeypatch.delattr(yaml, "CSafeLoader")

    assert parse_text(YAML_TEXT.encode(), "text").data["again"] == {"title": "Pets", "version": "1"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(json_values, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_any_json(data: Any, indent: int | str | None, ascii_only: bool) -> None:
    """What json.dumps writes is read as it was, also by the second reading that findings and lines come from."""
    text = json.dumps(data, indent=indent, ensure_ascii=ascii_only)

    assert parse_text(text.encode("utf-8", "surrogatepass"), "text") == Parsed(data)
    assert parsing._build(parsing._json_events(text), LIMITS) == Parsed(data)


class _Dumper(yaml.SafeDumper):
    """Writes YAML as PyYAML does, with quotes around what YAML 1.2 takes for something else than text."""


_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))

yaml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(yaml_values, st.booleans())
def test_any_yaml(data: Any, flow: bool) -> None:
    """What PyYAML writes is read as it was, aliases included."""
    text = yaml.dump([data, data], Dumper=_Dumper, default_flow_style=flow, allow_unicode=True, sort_keys=False)

    assert parse_text(text.encode(), "text").data == [data, data]


@settings(deadline=None)
@given(st.text(st.sampled_from("-+.0123456789eExXoO_:~nNyYaAuUlLtTrRfFsSiI \u0661")))
def test_scalars_without_quotes(text: str) -> None:
    """A scalar is a number, a boolean or null as the core schema says, and else its own text."""
    if text.strip() != text or ": " in text or text.endswith(":") or text == "-" or text.startswith("- "):
        return
    value = parse_text(f"a: {text}".encode(), "text").data["a"]

    if isinstance(value, str):
        assert value == text
    elif value is None:
        assert text in ("", "~", "null", "Null", "NULL")
    elif isinstance(value, bool):
        assert text in ("true", "True", "TRUE", "false", "False", "FALSE")
    elif isinstance(value, int):
        assert value == int(text, 0 if text[:2] in ("0x", "0o") else 10)
    else:
        assert value == float(text.lower().replace(".inf", "inf").replace(".nan", "nan")) or math.isnan(value)


@settings(deadline=None)
@given(st.binary() | st.text(st.sampled_from("[]{}:,-?!&*<>|'\"\\ \t\n#%@`a1~\ufeff")).map(str.encode))
def test_any_bytes(content: bytes) -> None:
    """They are a document or a DocumentError, and so is any place in them."""
    with contextlib.suppress(DocumentError):
        parse_text(content, "text")
    line_numbers(content, [("a", "0")])


TEXT = b"""\
openapi: 3.1.0
paths: &paths
  /a:
    get:
      tags: [x,
        y]
  ? /b
  : - {k: v,
       l: w}
    -
      deep: [[1, 2],
        [3]]
twice: 1
twice: 2
again: *paths
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ([], 1),
        (["openapi"], 1),
        (["paths", "/a", "get"], 4),
        (["paths", "/a", "get", "tags", "1"], 6),
        (["paths", "/b"], 7),
        (["paths", "/b", "0", "l"], 9),
        (["paths", "/b", "1", "deep", "1", "0"], 12),
        (["twice"], 14),
        (["again", "/a", "get"], 15),
        (["paths", "/c", "x"], 2),
        (["openapi", "x"], 1),
        (["nowhere"], 1),
    ],
)
def test_line_numbers(path: list[str], line: int) -> None:
    """Of a key, of an item; of what is not written there, that of what is around it."""
    assert line_numbers(TEXT, [tuple(path)]) == [line]


def test_line_numbers_of_several() -> None:
    """In the order asked for, from one reading; inside one another, and the same one again."""
    paths = [("paths", "/b", "1"), ("paths",), ("paths", "/a", "get", "tags"), ("paths",)]

    assert line_numbers(TEXT, paths) == [11, 2, 5, 2]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({200: "ok", True: 1, None: 2, 1.5: 3}, {"200": "ok", "true": 1, "null": 2, "1.5": 3}),
        ({datetime.date(2024, 5, 1): datetime.date(2024, 5, 1)}, {"2024-05-01": "2024-05-01"}),
        ({"a": datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)}, {"a": "2024-05-01T12:00:00+00:00"}),
        ({"a": ({"b": (1,)},)}, {"a": [{"b": [1]}]}),
        ({"a": Decimal("1.5")}, {"a": 1.5}),
        ({"a": MappingProxyType({200: 1})}, {"a": {"200": 1}}),
    ],
)
def test_a_mapping_becomes_what_its_json_would_be(data: dict[Any, Any], expected: JSON) -> None:
    """Keys and dates are text, as where the YAML itself is given."""
    assert as_json(data, "mapping") == Parsed(expected)


@settings(deadline=None)
@given(st.dictionaries(st.text(), json_values))
def test_json_given_as_a_mapping_is_not_copied(data: dict[str, Any]) -> None:
    """It is used as it is."""
    assert as_json(data, "mapping").data is data


def test_keys_that_are_one_as_text() -> None:
    """The last one counts, and the document's problems tell."""
    parsed = as_json({"a": {200: 1, "200": 2}}, "mapping")

    message = "the key '200' is repeated here; the last one counts"
    assert parsed == Parsed({"a": {"200": 2}}, (Finding("duplicate-key", ("a",), None, message),))


_CIRCLE: dict[str, Any] = {}
_CIRCLE["a"] = [_CIRCLE]
_DOUBLED: list[Any] = []
for _ in range(40):
    _DOUBLED = [_DOUBLED, _DOUBLED]
_DEEP: list[Any] = []
for _ in range(300):
    _DEEP = [_DEEP]
_TOWER: list[Any] = []
for _ in range(150):
    _TOWER = [_TOWER]
_HIGHER: Any = _TOWER
for _ in range(100):
    _HIGHER = [_HIGHER]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": {1, 2}}, "mapping #/a: a value of type set is not JSON"),
        ({"a": [b""]}, "mapping #/a/0: a value of type bytes is not JSON"),
        ({"a/b": {(1, 2): 3}}, "mapping #/a~1b: a key of type tuple is not text"),
        (_CIRCLE, "mapping #/a/0: a value stands inside itself"),
        ({"a": _DOUBLED}, "mapping: cannot be read: it holds more than 1000000 values"),
        ({"a": _DEEP}, "mapping: cannot be read: it is nested too deeply, in more than 200 levels"),
        ({"a": _TOWER, "b": _HIGHER}, "mapping: cannot be read: it is nested too deeply, in more than 200 levels"),
    ],
)
def test_a_mapping_that_is_no_json(data: dict[str, Any], message: str) -> None:
    """The error says where it is none."""
    with pytest.raises(DocumentError) as caught:
        as_json(data, "mapping")
    assert str(caught.value).startswith(message)


def test_levels_beyond_those_of_python() -> None:
    """An option that permits more than Python can read ends in an error of ours."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(DocumentError, match="nested too deeply for Python"):
        as_json({"a": deep}, "mapping", Limits(depth=10**6))
