"""Descriptions as lines for a terminal."""

from __future__ import annotations

import time

import pytest

from dynclient.support.prose import described, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One.\nTwo.", ["One. Two."]),
        ("One.\n\nTwo.", ["One.", "Two."]),
        ("Either:\n- one\n- two\n  more\n\n3. three", ["Either:", "- one", "- two more", "3. three"]),
        ("One\n\n---\n\nTwo", ["One", "Two"]),
        ("See [the guide](https://x.test/a-b#c) and ![a picture](p.png).", ["See the guide and a picture."]),
        ("<p>One <b>two</b></p><br/>three", ["One two three"]),
        ("a < b and <id> stay", ["a < b and <id> stay"]),
        ("a\x1b[31mb\u202ec\ud800", ["a\\u001b[31mb\\u202ec\\ud800"]),
        ("", []),
        (" \n \n", []),
    ],
)
def test_paragraphs(text: str, lines: list[str]) -> None:
    """Each begins a line; links, tags and rules are left out, and signs that control a terminal are escaped."""
    assert described(text, 300) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("The first one is here. And another", ["The first one is here. ..."]),
        ("The first is longer than that. And", ["The first is longer than ..."]),
        ("A. " + "b" * 40, ["A. " + "b" * 27 + " ..."]),
        ("b" * 40, ["b" * 30 + " ..."]),
        ("The first one.\n\nThe second one is too long.", ["The first one.", "The second one ..."]),
        ("This one has thirty characters\n\nNot shown", ["This one has thirty characters"]),
    ],
)
def test_long_texts(text: str, lines: list[str]) -> None:
    """They are cut behind a sentence, if that is not too early, or behind a word."""
    assert described(text, 30) == lines


def test_indents() -> None:
    """Of all lines, or of those after the first."""
    assert described("word " * 20, 300, "    ")[1] == "    " + "word " * 5 + "word"
    assert wrapped("word " * 20, "  ", "      ") == ["  " + "word " * 14 + "word", "      " + "word " * 4 + "word"]


@pytest.mark.parametrize("part", ["[", "<p", "[a](", "\n", "\n-", "a. ", "a", "\x1b"])
def test_time(part: str) -> None:
    """A megabyte takes no longer than what is shown of it."""
    begun = time.perf_counter()
    shown = described(part * 1_000_000, 1200)
    assert time.perf_counter() - begun < 0.5
    assert sum(map(len, shown)) < 8000
