"""Regular expressions matched by following all ways at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies

from dynclient.support.automaton import Machine, NoMachineError
from dynclient.support.patterns import python_pattern

PARTS = strategies.sampled_from(
    ["a", "b", "[ab]", "[^a]", "[a-c]", ".", r"\b", r"\B", "^", "$", "", "(?i:A)", "(?i:[^A])", "(?<=a)", "(?<!ab)"]
)


def _composed(inner: strategies.SearchStrategy[str]) -> strategies.SearchStrategy[str]:
    repeats = strategies.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "{0,2}"])
    return (
        strategies.builds("{}{}".format, inner, inner)
        | strategies.builds("(?:{}|{})".format, inner, inner)
        | strategies.builds("({}){}".format, inner, repeats)
        | strategies.builds("(?={})".format, inner)
        | strategies.builds("(?!{})".format, inner)
    )


PATTERNS = strategies.recursive(PARTS, _composed, max_leaves=6)


def machine(pattern: str) -> Machine:
    parsed = re._parser.parse(python_pattern(pattern))  # type: ignore[attr-defined]
    return Machine(parsed, parsed.state.flags)


@given(PATTERNS, strategies.text("abAc \n", max_size=6))
def test_it_agrees_with_re(pattern: str, text: str) -> None:
    """Where that is quick enough to tell."""
    assert machine(pattern).finds(text) is (re.search(python_pattern(pattern) or "", text) is not None)


@pytest.mark.parametrize(
    ("pattern", "text", "found"), [("(?!)", "", False), ("a(?!)", "a", False), ("b|(?!)", "b", True)]
)
def test_what_matches_nothing(pattern: str, text: str, found: bool) -> None:
    """Python 3.13 parses it as a part of its own."""
    assert machine(pattern).finds(text) is found


def test_where_matches_end() -> None:
    """Each position; where they begin, read backwards."""
    parsed = re._parser.parse("ab+")  # type: ignore[attr-defined]

    assert list(Machine(parsed, 0).ends("abbab")) == [0, 0, 1, 1, 0, 1]
    assert list(Machine(parsed, 0, backwards=True).ends("abbab")) == [1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?m:^a)", "(?x)a", "(?>a)", "a++", "(?:a{9999}){9999}", r"(a)?(?(1)b)"])
def test_what_has_no_machine(pattern: str) -> None:
    """References, flags and atomic groups; what is too large."""
    with pytest.raises(NoMachineError):
        machine(pattern)


def test_any_character() -> None:
    """A line break among them where the pattern says so."""
    assert [machine("(?s)^(?-s:.)b").finds("\nb"), machine("(?s)^.b").finds("\nb")] == [False, True]


def test_classes_are_to_be_written_out() -> None:
    """Python's own mean other characters than those of ECMA-262."""
    with pytest.raises(NoMachineError, match="CATEGORY_DIGIT"):
        Machine(re._parser.parse(r"\d"), 0)  # type: ignore[attr-defined]
