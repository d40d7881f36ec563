"""`dynclient explain CODE`: what a problem means, an example of it, and how to correct it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from dynclient.codes import CODES, OTHER, code_of
from dynclient.errors import either
from dynclient.rules import ANSWER_RULES, RULES
from dynclient.support import near


def explain(codes: Sequence[str]) -> None:
    """
    Show what the codes mean, or list all codes.

    Raises:
        UsageError: there is no such code.
    """
    known = [*CODES, *ANSWER_RULES, *RULES]
    for code in codes:
        if code not in known:
            found = [code_of(code)] if code_of(code) != OTHER else near(code, known)
            hint = f"Did you mean {either(found)}?" if found else "dynclient explain lists all codes."
            raise click.UsageError(f"no code {code!r:.80}. {hint}")
    for line in _list() if not codes else _explained(codes):
        click.echo(line)


def _list() -> Iterator[str]:
    width = max(map(len, [*CODES, *ANSWER_RULES, *RULES]))
    yield "Calls, and values in answers:"
    for name, code in CODES.items():
        yield f"  {name:{width}}  {code.meaning}"
    yield "\nAnswers:"
    for name, rule in ANSWER_RULES.items():
        yield f"  {name:{width}}  {rule.wrong}"
    yield "\nDocuments:"
    for name, rule in RULES.items():
        yield f"  {name:{width}}  {rule.wrong}"


def _explained(codes: Sequence[str]) -> Iterator[str]:
    for position, name in enumerate(codes):
        yield f"{name}" if position == 0 else f"\n{name}"
        if name in CODES:
            yield from _of_call(name)
        if name in ANSWER_RULES:
            yield from _of_answer(name)
        if name in RULES:
            yield from _of_document(name)


def _of_call(name: str) -> Iterator[str]:
    code = CODES[name]
    yield f"  {code.meaning}"
    if code.wrong:
        yield f"  Wrong: {code.wrong}"
        yield f"  Right: {code.right}"
    yield f"  {code.mend}"


def _of_answer(name: str) -> Iterator[str]:
    rule = ANSWER_RULES[name]
    yield f"  In an answer: {rule.wrong}"
    yield f"  What is done: {rule.done} validate_response='raise' makes it an error, 'off' ignores it."


def _of_document(name: str) -> Iterator[str]:
    rule = RULES[name]
    yield f"  {rule.wrong}"
    yield f"  What is done: {rule.done}"
    yield (
        "  dynclient check SPEC lists the places; correct them there, or with an overlay."
        if rule.is_fault
        else ("  It is a convention, not a fault.")
    )
