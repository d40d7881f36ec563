"""Regular expressions of ECMA-262, in bounded time."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest
from hypothesis import given, strategies

from dynclient.support.patterns import SLOW, UNSUPPORTED, matches, parse, pattern_fault, python_pattern

RANDOM = random.Random(1)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", r"^a\Z"),
        (r"^a\z", r"^a\Z"),
        (r"\d\w", "[0-9][0-9A-Z_a-z]"),
        (r"[\d\w-]", r"[0-90-9A-Z_a-z\-]"),
        (r"[+-\d.]", r"[+\-0-9.]"),
        (r"\$[$]", r"\$[$]"),
        (r"(?<y>a)\k<y>", "(?P<y>a)(?P=y)"),
        (r"(?<=a)(?<!b)(?=c)(?!d)", "(?<=a)(?<!b)(?=c)(?!d)"),
        (r"[(?<]", "[(?<]"),
        (r"\u{1F600}", "😀"),
        (r"[\uD83D\uDE00]", "[😀]"),
        (r"\u00e9", r"\u00e9"),
        (r"\cA", "\x01"),
        ("[a&&b]", r"[a\&\&b]"),
        ("[[a]", r"[\[a]"),
        (r"a\/b", r"a\/b"),
        (r"\.\-", r"\.\-"),
        (r"\p{Script=Latin}", None),
        (r"\p{Print}", None),
        (r"\p{Age=5}", None),
        ("(", None),
        ("a{99999999999999999999}", None),
        ("a**", None),
    ],
)
def test_translation(pattern: str, expected: str | None) -> None:
    """As Python's `re` has them, or None."""
    assert python_pattern(pattern) == expected


MEANING = [
    (r"^\d$", "3", "٣"),
    (r"^\D$", "٣", "3"),
    (r"^\w$", "e", "é"),
    (r"^\W$", "é", "e"),
    (r"^\s$", "\ufeff", "\x1c"),
    (r"^\S$", "\x85", "\u2028"),
    (r"^[^\d]$", "٣", "3"),
    (r"^[\W]$", "^", "z"),
    (r"^[\D]$", "/", "9"),
    (r"^[\w-.]$", "-", "/"),
    ("^a$", "a", "a\n"),
    ("^.$", "\x85", "\u2028"),
    ("(?s)^.$", "\n", ""),
    ("(?s)^(?:.*)*(?-s:.)$", "\n a", "\n"),
    (r"^\u{41}$", "A", "B"),
    (r"^[a|b]$", "|", "c"),
    (r"^[^]$", "\n", ""),
    ("^a|[]b", "a", "b"),
    (r"\bé", "aé", "é"),
    (r"^\B$", "", "a"),
    (r"^\uD83D\uDE00$", "😀", "\ude00"),
    (r"^\cJ$", "\n", "J"),
    (r"^\p{Lu}\P{Lu}$", "Éé", "éÉ"),
    (r"^\p{Uppercase_Letter}$", "É", "é"),
    (r"^[\p{L}\d]$", "é", "٣"),
    (r"^[^\p{L}]$", "1", "é"),
    (r"^\p{gc=Nd}$", "٣", "a"),
    (r"^\p{Cased_Letter}$", "ǅ", "ª"),
    (r"^\p{ASCII}\p{Any}$", "a😀", "é😀"),
    (r"^(?<y>a|b)\k<y>$", "bb", "ba"),
    (r"(?<=a+)b", "aab", "b"),
    (r"^(?=.*\d)(?!.*\s)(?<!x)\w+$", "a1", "ab"),
    ("(?i)^(pay|É)$", "é", "e"),
]


@pytest.mark.parametrize(("pattern", "matching", "other"), MEANING)
def test_meaning(pattern: str, matching: str, other: str) -> None:
    """Digits, letters, spaces and ends of lines are those of ECMA-262 with its flag u."""
    assert [matches(pattern, matching), matches(pattern, other)] == [True, False]


# In front of a text that is too long for `re`, each pattern is decided by an automaton.
NESTED = [
    pytest.param("^(a+)+$", "a" * 32 + "!", False, id="nested"),
    pytest.param("(a|a)*b", "a" * 100_000, False, id="overlapping"),
    pytest.param(r"(\w+\s?)*$", "a " * 50_000 + "!", True, id="words"),
    pytest.param(r"^(\w+\s?)*$", "a " * 50_000 + "!", False, id="anchored-words"),
    pytest.param("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 100_000, False, id="classes"),
    pytest.param(r"\d*\d*\d*$", "1" * 100_000 + "x", True, id="cubic"),
    pytest.param(r"^\d*\d*\d*$", "1" * 100_000 + "x", False, id="anchored-cubic"),
    pytest.param(r"\s+$", " " * 100_000 + "a", False, id="quadratic"),
    pytest.param("(.*)(.*)(.*)(.*)x", "a" * 100_000, False, id="fourth-power"),
    pytest.param("^(?=(a+)+$)a", "a" * 100_000 + "b", False, id="look-ahead"),
    pytest.param("^(?!(a+)+$)a", "a" * 100_000 + "b", True, id="negative-look-ahead"),
    pytest.param("(?<=(a+)+)b", "a" * 100_000 + "b", True, id="look-behind"),
    pytest.param("(?<!a+)b", "a" * 100_000 + "b", False, id="negative-look-behind"),
    pytest.param(r"^((a+)+\b)*$", "a" * 100_000 + "!", False, id="boundary"),
    pytest.param(r"^((a+)+\B)*$", "a" * 100_000, False, id="no-boundary"),
    pytest.param("(?i)^((A+){1,2}[^a]?)*$", "a" * 50_000 + "\n", True, id="cases"),
    pytest.param("(a|b)*a(a|b){20}c", "abbabaab" * 10_000, False, id="many-states"),
    pytest.param("^(((a{0,150}){0,150})*)*$", "a" * 100_000 + "b", True, id="given-up"),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), NESTED)
def test_no_pattern_hangs(pattern: str, text: str, expected: bool) -> None:
    """Validated in a process of its own, which has seconds for what Python's `re` would need hours for."""
    code = f"from dynclient.support.patterns import matches; print(matches({pattern!r}, open(0).read()))"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, input=text, capture_output=True, text=True, timeout=20, check=True)

    assert done.stdout == f"{expected}\n"


def test_what_is_given_up() -> None:
    """Texts that no engine could decide soon are let pass: a reference to a group, a set of states too large."""
    assert [matches(r"^(a+)+\1$", "a" * 40 + "b"), matches(r"^(a+)+\1$", "ab")] == [True, False]
    assert matches("^((((a{90}){90})*){90})*$", "b") is True
    assert matches("(a|b)*a(a|b){2000}c", "".join(RANDOM.choices("ab", k=5_000))) is True


def test_the_cache_of_patterns_is_limited() -> None:
    """However many characters and states a text has."""
    texts = ["".join(RANDOM.choices("ab", k=6_000)) for _ in range(4)]

    assert [matches("(a|b)*a(a|b){16}c", text + end) for text in texts for end in ("c", "d")] == [
        text[-17] == "a" if end == "c" else False for text in texts for end in ("c", "d")
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^(a+)+$", ""),
        (r"^\p{L}$", ""),
        (r"(?<=a+)b", ""),
        (r"(a)\1", ""),
        (r"^(a+)+\1$", SLOW),
        ("^(a)?(?(1)b|c)(a*)*$", SLOW),
        ("(" * 300 + "a" + ")*" * 300, SLOW),
        ("^(?m:a)*(a*)*$", SLOW),
        ("(?<=(?m:a)+)b", UNSUPPORTED),
        ("(", UNSUPPORTED),
        (r"\p{Print}", UNSUPPORTED),
    ],
)
def test_faults(pattern: str, expected: str) -> None:
    """Why texts are not held to a pattern."""
    assert pattern_fault(pattern) == expected


def test_patterns_too_large_to_read() -> None:
    """They are not checked, so that a document cannot hold a call up with them; what is merely long is."""
    assert (pattern_fault(r"\p{L}" * 100), matches(r"\p{L}" * 100, "1")) == (UNSUPPORTED, True)
    assert (pattern_fault("a" * 22_000), matches("^" + "a?" * 11_000 + "$", "b")) == ("", False)


def test_patterns_are_compiled_when_a_text_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; a document may have thousands that no call needs. Of look-behinds only the compiler knows the fault."""
    compiled: list[object] = []
    compile_ = re._compiler.compile  # type: ignore[attr-defined]

    def counted(parsed: object) -> object:
        compiled.append(parsed)
        return compile_(parsed)

    monkeypatch.setattr("re._compiler.compile", counted)
    assert [pattern_fault(r"^\p{L}+7$"), pattern_fault("^(word|another)+7$"), len(compiled)] == ["", "", 0]
    assert [matches(r"^\p{L}+7$", text) for text in ("é7", "77")] == [True, False]
    assert [len(compiled), pattern_fault("(?<=a)7"), len(compiled)] == [1, "", 2]


@given(strategies.text("ab01\\dDwWsSbBkpL{}^$.*+?()[]|-<>=!:/&~,u ", max_size=12), strategies.text("ab1 -", max_size=4))
def test_every_pattern_has_an_answer(pattern: str, text: str) -> None:
    """No text raises; what cannot be run matches."""
    translated = python_pattern(pattern)

    assert translated is None or re.compile(translated)
    assert (parse(pattern) is None) <= (translated is None)
    assert matches(pattern, text) in ((True,) if pattern_fault(pattern) == UNSUPPORTED else (True, False))
