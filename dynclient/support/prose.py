"""Descriptions from a document as lines for a terminal: plain, printable, and no longer than one reads."""

from __future__ import annotations

import re
import textwrap

from dynclient.support.display import printable

WIDTH = 76
"""The columns of a line of help; `help()` indents it by 4 more."""

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=[ \t]*(?:[-*|#>]|\d{1,3}\.)[ \t])")
_TAG = re.compile(
    r"</?(?:a|b|br|code|div|em|h[1-6]|i|li|ol|p|pre|span|strong|table|td|th|tr|ul)\b[^<>]*>", re.IGNORECASE
)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_MARKS = re.compile(r"[*`#]+")
_SENTENCE_END = re.compile(r"[.!?:](?=\s)")


def wrapped(text: str, indent: str = "", hanging: str | None = None) -> list[str]:
    """Return a text in lines of at most 76 columns, without control characters; `hanging` indents all but the first."""
    rest = indent if hanging is None else hanging
    return textwrap.wrap(
        printable(" ".join(text.split())), WIDTH, initial_indent=indent, subsequent_indent=rest, break_on_hyphens=False
    )


def described(text: str, most: int, indent: str = "") -> list[str]:
    """
    Return a description of a document in lines, without links and tags, cut behind a sentence.

    Args:
        text: in Markdown or HTML.
        most: how many characters may stay.
        indent: what each line begins with.
    """
    plain = _LINK.sub(r"\1", _TAG.sub(" ", text[: 8 * most]))
    lines: list[str] = []
    for paragraph in map(str.split, _PARAGRAPH.split(plain)):
        words = " ".join(paragraph)
        if any(map(str.isalnum, words)):  # else a rule between paragraphs
            kept = _cut(words, most)
            lines += wrapped(kept if kept == words else f"{kept} ...", indent)
            most -= len(words)
            if most <= 0:
                break
    return lines


def first_sentence(text: str, most: int) -> str:
    """
    Return the first sentence of a description, without Markdown, links and tags, on one line.

    >>> first_sentence("**Lists** the [pets](/pets). Only yours.", 80)
    'Lists the pets.'
    """
    lines = described(_MARKS.sub("", text), most)
    found = _SENTENCE_END.search(f"{' '.join(lines)} ")
    return " ".join(lines)[: found.end()] if found else " ".join(lines)


def _cut(paragraph: str, most: int) -> str:
    """The paragraph; if it is too long, its first sentences, or else its first words."""
    if len(paragraph) <= most:
        return paragraph
    kept = paragraph[:most]
    ends = [match.end() for match in _SENTENCE_END.finditer(kept)]
    end = next((end for end in (*ends[-1:], kept.rfind(" ")) if end > most // 2), most)
    return kept[:end].rstrip()
