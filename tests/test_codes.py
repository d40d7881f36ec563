"""The table of codes holds what problems have, and nothing else."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator

import pytest

from dynclient.codes import _OF_RULES, CODES, OTHER, code_of
from dynclient.errors import Problem
from dynclient.rules import ANSWER_RULES, RULES
from dynclient.validation.explanation import _MESSAGES
from tests.places import PACKAGE

RULE = 3  # the position of `rule` among the arguments of a Problem


def _said(node: ast.expr | None, module: str) -> list[str]:
    """What an expression may be, where it is a literal, a constant of its module, or a choice of these."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_said(body, module), *_said(orelse, module)]
        case ast.Name(id=name) if name.isupper():
            return [getattr(importlib.import_module(module), name)]
    return []


def _made() -> Iterator[tuple[str, list[str], list[str]]]:
    """Where a problem is made, the rules it may have, and the codes it is given."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Problem", "_Finding"):
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                is_problem = getattr(node.func, "id", "") == "Problem"
                position = RULE if is_problem else 99
                rule = named.get("rule") or next(iter(node.args[position : position + 1]), None)
                code = named.get("code") or (node.args[5] if not is_problem and len(node.args) > 5 else None)
                yield f"{path.name}:{node.lineno}", _said(rule, module), _said(code, module)


def test_every_problem_that_is_made_has_a_code_of_the_table() -> None:
    """One of its own, or that of its rule; none is left to what has no code of its own."""
    known = {*_OF_RULES, *RULES, *ANSWER_RULES}
    unknown = [(place, rule) for place, rules, _ in _made() for rule in rules if rule not in known]
    unlisted = [(place, code) for place, _, codes in _made() for code in codes if code not in {*CODES, ""}]

    assert (unknown, unlisted) == ([], [])


def test_every_keyword_that_has_a_message_has_a_code() -> None:
    """And the unions and objects that are described otherwise."""
    described = {*_MESSAGES, "anyOf", "oneOf", "required", "dependentRequired", "additionalProperties"}

    assert [keyword for keyword in described if code_of(keyword) == OTHER] == []


def test_every_code_of_a_rule_is_in_the_table() -> None:
    """And every code is that of a rule, or given where a problem is made."""
    given = {code for _, _, codes in _made() for code in codes}

    assert set(_OF_RULES.values()) <= CODES.keys()
    assert (
        CODES.keys() - set(_OF_RULES.values()) - given - {"shape-several", "shape-unknown", "shape-missing", OTHER}
        == set()
    )


def test_codes_and_rules_share_no_name() -> None:
    """`explain` tells one thing of each."""
    assert CODES.keys() & RULES.keys() == set()


@pytest.mark.parametrize("name", CODES)
def test_a_code_says_what_is_wrong_and_what_to_do(name: str) -> None:
    """In sentences, under a name of words with hyphens; an example comes with its mending."""
    code = CODES[name]

    assert all(word.isalnum() and word == word.lower() for word in name.split("-"))
    assert [text[0].isupper() and text[-1] == "." for text in (code.meaning, code.mend)] == [True, True]
    assert bool(code.wrong) == bool(code.right)


@pytest.mark.parametrize(
    ("rule", "code"),
    [("maximum", "value-too-large"), ("reference-missing", "reference-missing"), ("odd", "value-refused")],
)
def test_a_problem_has_the_code_of_its_rule(rule: str, code: str) -> None:
    """Where it is given no other."""
    assert Problem("body", "", "m", rule).code == code
    assert Problem("body", "", "m", rule, code="shape-none").code == "shape-none"
