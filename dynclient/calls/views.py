"""How an operation shows itself at a prompt and in a notebook; `describe` has the longer text of `help()`."""

from __future__ import annotations

from collections.abc import Sequence

from dynclient.calls.arguments import BODY, Argument, arguments_of
from dynclient.calls.describe import argument_words, operation_call
from dynclient.openapi import Operation
from dynclient.support import (
    code_html,
    counted,
    described,
    escaped_html,
    folded_html,
    list_html,
    printable,
    table_html,
)
from dynclient.wire import Binder

_MOST = 100  # arguments or answers
_SUMMARY = 150  # characters
_DETAIL = 200
_WIDTH = 74


def operation_text(head: str, operation: Operation, binder: Binder, target: str) -> str:
    """Return a few lines: what the operation does, a call to copy, and the names of the optional arguments."""
    known = arguments_of(operation, binder)
    optional = [each.keyword for each in _shown(operation, known) if not each.required]
    names = ", ".join(optional)
    names = names if len(names) <= _WIDTH else f"{names[:_WIDTH].rpartition(',')[0]}, ..."
    lines = [head, *described(operation.summary, _SUMMARY, "  ")[:2]]
    lines += [f"  {line}" for line in operation_call(operation, known, target)]
    lines += [f"  optional: {names}"] if optional else []
    return "\n".join(printable(line) for line in [*lines, f"  help({target.removeprefix('await ')}) says more"])


def operation_html(head: str, operation: Operation, binder: Binder, target: str) -> str:
    """Return what the operation does, a call to copy, a table of its arguments, and its answers."""
    known = arguments_of(operation, binder)
    shown = _shown(operation, known)
    rows = (_row(argument) for argument in shown[:_MOST])
    more = f"<div>... {counted(len(shown) - _MOST, 'more argument')}</div>" if len(shown) > _MOST else ""
    call = "\n".join(operation_call(operation, known, target))
    answers = (
        f"{code_html(answer.status[:_DETAIL])} {escaped_html(' '.join(described(answer.description, _DETAIL)))}"
        for answer in operation.responses[:_MOST]
    )
    parts = [
        f"<div><b>{escaped_html(head)}</b></div>",
        *(f"<div>{escaped_html(line)}</div>" for line in described(operation.summary, _SUMMARY)),
        f"<pre>{escaped_html(call)}</pre>",
        table_html(["argument", "in", "type", "description"], rows) + more if shown else "",
        folded_html("answers", list_html(answers)) if operation.responses else "",
    ]
    return "".join(parts)


def _shown(operation: Operation, known: Sequence[Argument]) -> list[Argument]:
    """The arguments, without the whole body where its fields stand for it."""
    has_fields = operation.body is not None and bool(operation.body.fields)
    return [each for each in known if not (has_fields and each.keyword == each.place == BODY)]


def _row(argument: Argument) -> list[str]:
    name = code_html(argument.keyword[:_DETAIL])
    text = " ".join(described(argument.description, _DETAIL))
    words = escaped_html(", ".join(filter(None, argument_words(argument))))
    return [f"<b>{name}</b>" if argument.required else name, escaped_html(argument.place), words, escaped_html(text)]
