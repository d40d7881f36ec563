"""The content of an answer as text and as JSON, and what is wrong with it."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial

from dynclient.errors import Problem
from dynclient.http import media_types, type_parameters
from dynclient.support import show
from dynclient.types import JSON

STATUS, HEADER, BODY = "status", "response header", "response body"
"""The locations of the problems of an answer, beside those of the request that it answers."""

UTF_8 = "utf-8-sig"  # a byte order mark isn't part of the text


# Codecs that Python calls encodings of text, and that are not; punycode takes the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


_LONGEST_CHARSET = 40  # characters of its name; Python remembers every name that it was asked for


# Each escape in JSON; what of a pair of surrogates stands alone is the first group.
_ESCAPES = re.compile(r"\\(?:u(?:d[89ab]..\\ud[c-f]..|(d[89a-f]..))|.)", re.IGNORECASE | re.DOTALL)


_LARGEST_LOOKED_INTO = 1 << 16
"""Bytes of JSON up to which repeated names are searched for: that takes once or twice as long as reading."""


_XML_DECLARATION = 200  # bytes in which it ends


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


_MOST_NAMES = 20
"""How many repeated names of an answer are listed; it may have any number."""


@lru_cache(maxsize=1000)
def charset_of(content_type: str | None) -> str:
    """Return the charset that the Content-Type names, "" for none; UTF-8 as the codec that skips a byte order mark."""
    named = type_parameters(content_type or "").get("charset", "").strip("'")
    return UTF_8 if named.lower() in ("utf-8", "utf8") else named


def content_problem(rule: str, message: str) -> Problem:
    return Problem(BODY, "", message, rule)


def json_again(content: bytes, content_type: str) -> JSON:
    """Return the data of JSON content that was read before."""
    return json.loads(_json_text(content, charset_of(content_type))[0])


def read_json(content: bytes, declared: str, closely: bool) -> tuple[JSON, tuple[Problem, ...]]:
    """Return the data of content that is declared as JSON, or its text, and what is wrong with it."""
    whole = partial(text_of, content, declared)
    try:
        text, charset_fault = _json_text(content, charset_of(declared))
        if not closely:
            return json.loads(text), ()
        finder = _Finder()
        is_small = len(content) <= _LARGEST_LOOKED_INTO
        hook = finder.members if is_small else None
        data = json.loads(text, object_pairs_hook=hook, parse_constant=finder.constant)
    except RecursionError:
        return whole(), (content_problem("too-deep", "it is nested too deeply to be read, and is handed over as text"),)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        kind = media_types.essence(declared)
        reason = f"it is not text in {error.encoding}" if isinstance(error, UnicodeDecodeError) else str(error)
        return whole(), (content_problem("json-invalid", f"it calls itself {kind} but isn't JSON: {reason}"),)
    except ValueError:  # of int(), which limits the length of its text, because its time grows with the square
        message = "a number has more digits than Python reads; it is handed over as text"
        return whole(), (content_problem("number-too-long", message),)
    problems = [content_problem("charset-wrong", charset_fault)] if charset_fault else []
    problems += finder.problems(text if is_small else "")
    return data, tuple(problems)


@dataclass(slots=True)
class _Finder:
    """Finds what `json.loads` reads and JSON does not permit."""

    _repeated: dict[str, None] = field(default_factory=dict)
    _constants: dict[str, None] = field(default_factory=dict)

    def members(self, pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        members = dict(pairs)
        if len(members) != len(pairs) and len(self._repeated) < _MOST_NAMES:
            counts = Counter(name for name, _ in pairs)
            self._repeated |= dict.fromkeys(name for name, count in counts.items() if count > 1)
        return members

    def constant(self, name: str) -> float:
        self._constants[name] = None
        return float(name)

    def problems(self, text: str) -> Iterator[Problem]:
        """The problems of the JSON text that was read."""
        for name in self._constants:
            yield content_problem("json-nan", f"{name} isn't JSON (RFC 8259 §6); it is read as the float")
        for name in self._repeated:
            yield content_problem("duplicate-key", f"{show(name)} appears twice in one object; the last one counts")
        # Half a surrogate pair cannot be printed or sent on (RFC 8259 §8.2).
        if ("\\ud" in text or "\\uD" in text) and any(found[1] for found in _ESCAPES.finditer(text)):
            yield content_problem("surrogate-lone", "a text holds half a surrogate pair, which isn't a character")


def _json_text(content: bytes, declared: str) -> tuple[str, str]:
    """
    Return the text of JSON content, and what is wrong with its charset.

    Its first bytes decide: UTF-8, with or without a byte order mark, UTF-16 or UTF-32 (RFC 8259 §8.1, RFC 4627 §3),
    whatever the Content-Type says. If it is none of these, the Content-Type counts.

    Raises:
        UnicodeDecodeError: it has no known charset.
    """
    detected = json.detect_encoding(content)
    try:
        text = content.decode(detected)
    except UnicodeDecodeError:
        text, is_faithful = decoded(content, declared)
        if is_faithful:
            return text, f"JSON is UTF-8; it is read as {show(declared)}, as its Content-Type says"
        return content.decode(detected, "surrogatepass"), "it holds half a surrogate pair, which UTF-8 cannot"
    if declared and not content.isascii() and charset_family(declared) != charset_family(detected):
        return text, f"its Content-Type says {show(declared)}; it is read as {charset_family(detected)}"
    return text, ""


def text_of(content: bytes, declared: str) -> str:
    """Return content as text, in the charset of its Content-Type; of XML, else in its own encoding; else UTF-8."""
    return decoded(content, text_charset(content, declared))[0]


def text_charset(content: bytes, declared: str) -> str:
    """Return the charset of content that is text; XML without one may declare it (RFC 7303 §3)."""
    named = charset_of(declared)
    if not named and media_types.is_xml(declared):
        start = content[:_XML_DECLARATION]
        named = "utf-16" if start.startswith(_UTF_16) else media_types.xml_encoding(start.decode("latin-1"))
        named = "" if charset_family(named) == "utf-16" and not start.startswith(_UTF_16) else named
    return named or UTF_8


def decoded(content: bytes, charset: str) -> tuple[str, bool]:
    """Return the content as text, and whether nothing of it was replaced."""
    for errors in ("strict", "replace") if charset_family(charset) else ():
        with suppress(LookupError, ValueError):  # the codec isn't one of text, or cannot replace
            return content.decode(charset, errors), errors == "strict"
    return content.decode(UTF_8, "replace"), False


def charset_family(charset: str) -> str:
    """Return the name of Python's codec for a charset, whatever its byte order; "" if there is none for text."""
    if len(charset) > _LONGEST_CHARSET:
        return ""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _NO_CHARSETS else re.sub(r"-(sig|le|be)$", "", name)
