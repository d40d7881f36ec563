"""The table of what can be wrong with a document holds what the code finds, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from dynclient.rules import ANSWER_RULES, RULES, Rule
from tests.places import PACKAGE

_NOTING = {"note", "_note"}


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _noted() -> Iterator[tuple[str, object]]:
    """Where each call that notes something stands, and its rule: `x.note("rule", ...)`, `partial(x.note, "rule")`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                of_partial = _name(node.func) == "partial" and _name(node.args[0]) in _NOTING
                if of_partial or _name(node.func) in _NOTING:
                    rule = node.args[1 if of_partial else 0]
                    yield f"{path.name}:{node.lineno}", rule.value if isinstance(rule, ast.Constant) else rule


def test_every_rule_that_is_noted_is_in_the_table() -> None:
    """By its name as a literal, so that it can be found; a helper hands on what it was given as `rule`."""
    unknown = [
        (place, rule)
        for place, rule in _noted()
        if rule not in RULES and not (isinstance(rule, ast.expr) and _name(rule) == "rule")
    ]

    assert unknown == []


def test_every_rule_of_the_table_is_noted_somewhere() -> None:
    """None has outlived its code."""
    assert RULES.keys() - {rule for _, rule in _noted()} == set()


@pytest.mark.parametrize(("name", "rule"), [*RULES.items(), *ANSWER_RULES.items()])
def test_a_rule_says_what_is_wrong_and_what_is_done(name: str, rule: Rule) -> None:
    """In sentences, under a name of words with hyphens."""
    assert all(word.isalnum() and word == word.lower() for word in name.split("-"))
    assert [text[0] in "`4" or text[0].isupper() for text in (rule.wrong, rule.done)] == [True, True]
    assert [text[-1] for text in (rule.wrong, rule.done)] == [".", "."]
