"""Data as a prompt and a notebook show it: small, printable, escaped, without secrets."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given, strategies as st

from dynclient.support import data_html, folded_html, outline, printable, scalar

SECRET = "sk-very-secret"
JSON_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([SECRET, f"a {SECRET} b"]),
    lambda inner: st.lists(inner, max_size=60) | st.dictionaries(st.text() | st.just(SECRET), inner, max_size=60),
    max_leaves=200,
)
TAGS = {"div", "details", "summary", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td", "pre"}
HOSTILE = ["<script>alert(1)</script>", "\x1b[31mred\x1b[0m", "</details></table>", "a\u202egnp.exe", "\ud800", "\x00"]


def masked(text: str) -> str:
    return text.replace(SECRET, "***")


@given(JSON_DATA, st.integers(2, 60))
def test_an_outline_is_small_and_printable(data: Any, most: int) -> None:
    """Whatever the data; and it has no secret."""
    lines = outline(data, masked, most).split("\n")

    assert len(lines) <= most
    assert max(map(len, lines)) < 800  # a name and a text, each escaped
    assert all(printable(line) == line for line in lines)
    assert SECRET not in "".join(lines)


@given(JSON_DATA)
def test_html_is_well_formed_and_has_no_secret(data: Any) -> None:
    """Every tag is closed, and none is the data's."""
    written = data_html(data, masked)

    tree = ElementTree.fromstring(f"<div>{written}</div>")
    assert {each.tag for each in tree.iter()} <= TAGS
    assert SECRET not in html.unescape(written)
    assert len(written) < 300_000


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text(text: str) -> None:
    """As a value, a name, and alone."""
    for data in (text, {text: text}, [{text: text}, {text: 1}], [text]):
        shown = outline(data)
        assert printable(shown) == shown
        assert shown.encode()
        written = data_html(data)
        assert ElementTree.fromstring(f"<div>{written}</div>").find(".//script") is None


def test_small_data_is_shown_whole() -> None:
    """As JSON."""
    assert outline({"a": [1, None, True], "b": {}}).split("\n") == [
        "{", '  "a": [', "    1,", "    null,", "    true", "  ],", '  "b": {}', "}",
    ]  # fmt: skip


def test_what_is_left_out_is_said() -> None:
    """Of members, items, depth and text."""
    assert "... 4,994 more items" in outline([{"id": number, "x": 1, "y": 2, "z": 3} for number in range(5000)])
    deep: Any = "end"
    for _ in range(100):
        deep = {"a": deep, "b": [1, 2, 3]}
    assert re.search(r"\{\.\.\. 2 members\}", outline(deep))
    assert outline("x" * 1000).endswith("...")
    assert outline("line\n" * 1000).split("\n")[-1] == "... (5,000 characters)"
    assert scalar("x" * 1000).endswith('..." (1,000 characters)')
    assert scalar(b"x" * 1000).endswith("... (1,000 bytes)")


@pytest.mark.parametrize("place", [0, 75, 49_990, 99_990])
def test_a_secret_is_masked_before_text_is_cut(place: int) -> None:
    """Wherever it stands, no part of it is left."""
    text = "x" * place + SECRET + "y" * 200_000
    for data in (text, [text], {"a": text}, {text: 1}, text.encode()):
        for shown in (outline(data, masked), data_html(data, masked)):
            assert "sk-" not in shown


def test_ten_megabytes() -> None:
    """Text, bytes, a list and an object."""
    for data in (
        "x\n" * 5_000_000,
        b"x" * 10_000_000,
        ["x" * 100] * 100_000,
        {f"{n}": "x" * 100 for n in range(100_000)},
    ):
        assert outline(data).count("\n") < 40
        assert len(data_html(data)) < 100_000


def test_rows_become_a_table() -> None:
    """Also the one list of objects in an object; nested values are counted."""
    rows = [{"id": number, "tags": ["a", "b"], "more": {"x": 1}} for number in range(30)]
    for data in (rows, {"object": "list", "data": rows}):
        written = data_html(data)
        assert written.count("<tr>") == 21
        assert "[2 items]" in written
        assert "{1 member}" in written
        assert "10 more rows" in written
    assert "<table" not in data_html([{"id": 1}])
    assert "2 more columns" in data_html([dict.fromkeys("abcdefghij", 1)] * 2)


def test_a_small_tree_is_unfolded_and_a_large_one_is_not() -> None:
    """Until a screen is full."""
    assert data_html({"a": {"b": 1}}).count("<details open=") == 2
    assert data_html({f"{n}": {f"{m}": 1 for m in range(10)} for n in range(10)}).count("<details open=") == 2
    assert folded_html("a", "b") == "<details><summary>a</summary>b</details>"
