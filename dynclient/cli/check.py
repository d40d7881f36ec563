"""
`dynclient check SPEC`: what is wrong with a document, what dynclient does about it, and which operations are
affected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from dynclient.cli.documents import read_document
from dynclient.cli.output import show_json
from dynclient.documents import Document
from dynclient.errors import Problem
from dynclient.openapi import Directory
from dynclient.rules import RULES
from dynclient.support import printable
from dynclient.types import JSON
from dynclient.validation import inspect_document, strict_findings

FAULTS_FOUND = 3

_MOST_PLACES = 5
_MOST_OPERATIONS = 3


def check(spec: str, *, as_json: bool, shows_all: bool, is_strict: bool) -> int:
    """Show what is wrong with a document, and return the exit status."""
    document = read_document(spec)
    problems = inspect_document(document)
    findings = strict_findings(document) if is_strict else None
    if as_json:
        show_json(_report(document, problems, findings))
    else:
        _show(document, problems, findings, None if shows_all else _MOST_PLACES)
    return FAULTS_FOUND if findings or any(RULES[problem.rule].is_fault for problem in problems) else 0


def _report(document: Document, problems: Sequence[Problem], findings: Sequence[Problem] | None) -> dict[str, JSON]:
    return {
        "document": document.name,
        "title": document.title,
        "version": document.version,
        "operations": len(Directory(document)),
        "problems": [
            {
                "rule": problem.rule,
                "pointer": problem.schema_pointer,
                "line": problem.line,
                "message": problem.message,
                "fault": RULES[problem.rule].is_fault,
                "done": RULES[problem.rule].done,
                "operations": list(problem.operations),
            }
            for problem in problems
        ],
        "strict": None
        if findings is None
        else [
            {"rule": each.rule, "pointer": each.schema_pointer, "line": each.line, "message": each.message}
            for each in findings
        ],
    }


def _show(
    document: Document, problems: Sequence[Problem], findings: Sequence[Problem] | None, limit: int | None
) -> None:
    rules = _by_rule(problems)
    found = f"{_count(len(problems), 'problem')} of {_count(len(rules), 'kind')}" if problems else "no problem"
    operations = _count(len(Directory(document)), "operation")
    _say(f"{document.name}: version {document.version}, {operations}, {found}")
    for rule, places in rules.items():
        convention = "" if RULES[rule].is_fault else ", a convention and no fault"
        _say(f"\n{rule} ({len(places)}){convention}", f"  {RULES[rule].wrong} {RULES[rule].done}")
        _show_places(places, limit)
    if findings is not None:
        kinds = {finding.rule: [each for each in findings if each.rule == finding.rule] for finding in findings}
        found = f"{_count(len(findings), 'finding')} of {_count(len(kinds), 'kind')}" if findings else "no finding"
        _say(f"\nopenapi-spec-validator: {found}")
        for rule, places in kinds.items():
            _say(f"\n{rule} ({len(places)})")
            _show_places(places, limit)


def _show_places(places: Sequence[Problem], limit: int | None) -> None:
    for problem in places[:limit]:
        line = f"line {problem.line}, " if problem.line else ""
        _say(f"  - {line}{problem.schema_pointer}", f"    {problem.message}")
        if problem.operations:
            _say(f"    touches {_listed(problem.operations, limit)}")
    if limit is not None and len(places) > limit:
        _say(f"  and {len(places) - limit} more; --all lists them")


def _listed(operations: Sequence[str], limit: int | None) -> str:
    most = len(operations) if limit is None or len(operations) == _MOST_OPERATIONS + 1 else _MOST_OPERATIONS
    more = f" and {len(operations) - most} more" if len(operations) > most else ""
    return ", ".join(operations[:most]) + more


def _by_rule(problems: Iterable[Problem]) -> dict[str, list[Problem]]:
    """The problems by rule, in the order of `RULES`."""
    grouped: dict[str, list[Problem]] = {rule: [] for rule in RULES}
    for problem in problems:
        grouped[problem.rule].append(problem)
    return {rule: places for rule, places in grouped.items() if places}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(printable(line))
