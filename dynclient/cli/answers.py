"""A call made as the options ask, and its answer on standard output: whole, in part, page by page, or in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import click

from dynclient.calls import Caller
from dynclient.cli import forms
from dynclient.cli.options import Showing
from dynclient.cli.output import ItemError, say, say_head
from dynclient.errors import DynclientError
from dynclient.responses import Response, ResponseError, StatusError
from dynclient.support import printable
from dynclient.types import JSON
from dynclient.wire import STREAM, Binder, answer_types, decoder_for, typed

Select = Callable[[JSON], JSON]


class WebPage(DynclientError):
    """The answer is a page of HTML, where the document has JSON."""


def selection(expression: str | None) -> Select:
    """
    Return what `--select` does to data (https://jmespath.org).

    Raises:
        ItemError: it is not a JMESPath, or the library for it is not installed.
    """
    if expression is None:
        return lambda data: data
    try:
        import jmespath
    except ImportError:
        raise ItemError("--select needs jmespath: pip install 'dynclient[cli]'") from None
    try:
        compiled = jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as error:
        raise ItemError(f"--select: {str(error).splitlines()[0].rstrip(': ')}") from error

    def select(data: JSON) -> JSON:
        try:
            return compiled.search(data)
        except jmespath.exceptions.JMESPathError as error:
            raise ItemError(f"--select: {error}") from error

    return select


def answer(caller: Caller, body: Any, arguments: Mapping[str, Any], showing: Showing) -> None:
    """
    Make the call and show what comes.

    Raises:
        ItemError: the options do not go together, or one of them cannot be read.
        WebPage: the answer is HTML where the document has JSON; nothing of it was shown.
        DynclientError: as the call does; an answer that is an error was shown.
    """
    show = _Shown(showing, selection(showing.select))
    call = partial(caller, body=body, **arguments)
    try:
        if showing.save is not None or showing.save_named:
            _save(caller, body, arguments, showing)
        elif showing.all_pages:
            show.items(islice(caller.items(body=body, **arguments), showing.max_items))
        elif showing.poll:
            show.response(caller.poll(until=_until(showing.poll, caller), body=body, **arguments))
        elif _streams(caller, arguments):
            _stream(caller, body, arguments, show)
        else:
            show.response(call())
    except (StatusError, ResponseError) as error:
        show.refused(error.response.masked())
        raise


class _Shown:
    """Writes answers to standard output as the options say."""

    def __init__(self, showing: Showing, select: Select) -> None:
        self._select = select
        self._form = showing.output
        self._has_head = showing.head or showing.verbose
        self._has_part = showing.select is not None

    def response(self, response: Response) -> None:
        """Show an answer of success, and say what of it does not fit the document."""
        if self._has_head:
            say_head(response)
        page = next((problem for problem in response.problems if problem.rule == "html-page"), None)
        if page is not None:
            raise WebPage(f"{response.operation.id}: {page.message}")
        if response.problems:
            more = f", and {len(response.problems) - 1} more" if len(response.problems) > 1 else ""
            say(f"warning: the answer does not fit the document: {response.problems[0]}{more}")
        if self._form == "raw" or (isinstance(response.data, bytes) and not self._has_part):
            click.echo(response.content, nl=False)
        elif isinstance(response.data, str) and not self._has_part and self._form in (None, "json"):
            _write_text(response.data)
        elif response.content:
            self.data(response.data)

    def refused(self, response: Response) -> None:
        """Show an answer that is an error: whole, in no other form than its own."""
        if self._has_head:
            say_head(response)
        if any(problem.rule == "html-page" for problem in response.problems):
            return
        if isinstance(response.data, bytes):
            click.echo(response.data, nl=False)
        elif isinstance(response.data, str):
            _write_text(response.data)
        elif response.content:
            forms.write(forms.text(response.data, "json"))

    def data(self, data: JSON) -> None:
        """Show data, or the part of it that is asked for; a text that was selected is shown without quotes."""
        data = self._select(data)
        if self._has_part and isinstance(data, str) and self._form is None:
            _write_text(data)
        else:
            forms.write(forms.text(data, self._form or "json"))

    def item(self, data: JSON) -> None:
        """Show one of several pieces of data on a line, at once."""
        data = self._select(data)
        forms.write(printable(data) if isinstance(data, str) and self._form != "jsonl" else forms.line(data))

    def items(self, items: Iterator[JSON]) -> None:
        """Show items: in lines as they come, or together in another form."""
        if self._form == "jsonl":
            for each in items:
                self.item(each)
        else:
            self.data(list(items))


def _write_text(text: str) -> None:
    forms.write(printable(text) if forms.is_terminal() else text)


def _streams(caller: Caller, arguments: Mapping[str, Any]) -> bool:
    """Whether the answer will be a stream: the call asks for one, or the document has nothing else."""
    types = answer_types(caller.operation)
    kinds = [decoder_for(each) is not None for each in types]
    if Binder(caller.operation).takes_stream or STREAM in arguments:
        return arguments.get(STREAM) is True
    return bool(kinds) and all(kinds)


def _stream(caller: Caller, body: Any, arguments: Mapping[str, Any], show: _Shown) -> None:
    """A line for each event, when it comes."""
    with caller.stream(body=body, **arguments) as events:
        for event in events:
            show.item(event.data)


def _save(caller: Caller, body: Any, arguments: Mapping[str, Any], showing: Showing) -> None:
    path = showing.save if showing.save is not None else "."
    saved = caller.with_options(progress=True).open(body=body, **arguments).save(path)
    say(f"saved {saved}")


def _until(conditions: tuple[str, ...] | Any, caller: Caller) -> dict[str, JSON]:
    """The fields that `--poll` waits for; a value has the type that the text has in JSON, else it is text."""
    until: dict[str, JSON] = {}
    for condition in conditions:
        name, found, value = condition.partition("=")
        if not found or not name:
            raise ItemError(f"--poll {condition!r}: write --poll NAME=VALUE, such as --poll status=completed")
        until[name] = typed([value], {}, lambda schema: schema)
    return until
