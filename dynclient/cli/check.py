"""`dynclient check SPEC`: what is wrong with a document, what is done about it, and which operations it touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from dynclient.cli.items import read_document
from dynclient.cli.output import printable, show_json
from dynclient.documents import Document
from dynclient.errors import Problem
from dynclient.openapi import Directory
from dynclient.rules import RULES
from dynclient.types import JSON
from dynclient.validation import inspect_document, strict_findings

FAULTS_FOUND = 3

_MOST_PLACES = 5
_MOST_OPERATIONS = 3


@click.command(
    epilog="Exit status: 0 no fault was found, 1 the document cannot be read, 2 the command line is wrong, 3 faults "
    "were found; conventions alone are none."
)
@click.argument("spec")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every place.")
@click.option("--all", "everything", is_flag=True, help=f"Print every place; without it {_MOST_PLACES} for each rule.")
@click.option(
    "--strict",
    is_flag=True,
    help="Add what openapi-spec-validator finds, whether a call needs it or not. Slow: about 12 s for 3 MB.",
)
@click.pass_context
def check(context: click.Context, spec: str, as_json: bool, everything: bool, strict: bool) -> None:
    """
    Tell what is wrong with a document.

    Everything listed is worked around, and calls can be made. Each rule says what is done about it; below it stand the
    places, with the operations that they touch.
    """
    document = read_document(spec)
    problems = inspect_document(document)
    findings = strict_findings(document) if strict else None
    if as_json:
        show_json(_report(document, problems, findings))
    else:
        _show(document, problems, findings, _MOST_PLACES if not everything else None)
    if findings or any(RULES[problem.rule].is_fault for problem in problems):
        context.exit(FAULTS_FOUND)


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
    """The problems under their rules, in the order of `RULES`."""
    grouped: dict[str, list[Problem]] = {rule: [] for rule in RULES}
    for problem in problems:
        grouped[problem.rule].append(problem)
    return {rule: places for rule, places in grouped.items() if places}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(printable(line))
