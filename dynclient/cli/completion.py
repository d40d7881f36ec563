"""
What Tab completes in a shell: documents, operations, arguments and their values.

A document at a URL is taken from the cache alone. Nothing is fetched, no program runs, and no keyring is opened; only
an API for which the user switched it on is asked for ids (`ids`).
Candidates come from documents, which may be anybody's: what a shell would act on is quoted, and what cannot be printed
is left out.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from dynclient.cli.output import ItemError
from dynclient.types import JSON

if TYPE_CHECKING:
    from dynclient.cli.apis import Api

_VARIABLE = "_DYNCLIENT_COMPLETE"
_PROGRAM = "dynclient"
_MOST = 500
_HOW = "# To use it in every {shell}: dynclient completion {shell} > {path}\n"
_PATHS = {
    "bash": "~/.local/share/bash-completion/completions/dynclient",
    "zsh": "~/.zfunc/_dynclient, with ~/.zfunc in fpath",
    "fish": "~/.config/fish/completions/dynclient.fish",
}
_BREAKS = re.compile(r".*[=:]", re.DOTALL)

_BASH = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            file | dir) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *= ]] && compopt -o nospace
                ;;
        esac
    done < <(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Bash(ShellComplete):
    """By the line itself: bash would cut words at `=` and `:`, and expand what stands in a candidate."""

    name = "bash"
    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        names = [os.path.basename(word) for word in words]
        words = words[names.index(_PROGRAM) + 1 :] if _PROGRAM in names else words[1:]
        self._quote = _open_quote(line)
        self._word = "" if not self._quote and line[-1:].isspace() else (words.pop() if words else "")
        return words, self._word

    def format_completion(self, item: CompletionItem) -> str:
        if item.type != "plain":
            return f"{item.type},"
        if self._quote:  # bash writes the second one itself
            return f"plain,{item.value}"
        done = _BREAKS.match(self._word)
        return f"plain,{_quoted(item.value[done.end() if done else 0 :])}"

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        found = super().get_completions(args, incomplete)
        active = {"'": "'", '"': '"$`\\!'}.get(self._quote, "")
        return [item for item in found if not set(active) & set(item.value)]


def _open_quote(line: str) -> str:
    """The quote that the line leaves open; "" for none."""
    quote = ""
    characters = iter(line)
    for character in characters:
        if character == "\\" and quote != "'":
            next(characters, "")
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
    return quote


def _quoted(text: str) -> str:
    return shlex.quote(text) if re.search(r"[^\w./@%+,:=-]", text) else text


def script(commands: click.Command, shell: str) -> str:
    """Return the script that makes a shell complete these commands, which says how to install it."""
    add_completion_class(_Bash)
    kind = get_completion_class(shell)
    assert kind is not None
    source = kind(commands, {}, _PROGRAM, _VARIABLE).source()
    how = _HOW.format(shell=shell, path=_PATHS[shell])
    first, newline, rest = source.lstrip().partition("\n")
    return f"{first}{newline}{how}{rest}" if first.startswith("#") else f"{how}{source.lstrip()}"


def prepare() -> None:
    """Make click complete for bash as `script` has it, if a shell asks for that now."""
    if _VARIABLE in os.environ:
        add_completion_class(_Bash)
        warnings.simplefilter("ignore")
        logging.disable()


def complete_spec(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of APIs, the bundled documents, and files."""
    from dynclient.documents import bundled

    known = [*_apis(), *bundled()]
    names = [CompletionItem(name) for name in known if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def complete_operation(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of a document's operations; their methods and paths too, once one is begun."""
    return _candidates(_operations(context, incomplete), incomplete)


def complete_item(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The arguments that are not given yet, required ones first; behind a name its values, or files."""
    name, has_value, value = incomplete.partition("=")
    if has_value and value.startswith("@"):
        return [CompletionItem(value[1:], type="file")]
    return _candidates(_items(context, name if has_value else ""), incomplete)


def _candidates(found: Iterator[str], incomplete: str) -> list[CompletionItem]:
    """What begins like that; a fault of the document leaves less."""
    items: list[CompletionItem] = []
    try:
        for text in found:
            if text.startswith(incomplete) and text.isprintable() and len(items) < _MOST:
                items.append(CompletionItem(text))
    except Exception:  # Tab must not end in a traceback, whatever the document holds
        return items
    return items


def _operations(context: click.Context, incomplete: str) -> Iterator[str]:
    from dynclient.openapi import Directory

    operations = Directory(_document(context))
    names = list(operations)
    yield from names
    if incomplete:
        yield from (spelling for spelling in operations.spellings if spelling not in names)


def _items(context: click.Context, name: str) -> Iterator[str]:
    """Each argument as `name=`; with a name, each of its values as `name=value`."""
    from dynclient.calls import arguments_of
    from dynclient.openapi import Directory
    from dynclient.wire import Binder

    document = _document(context)
    operations = Directory(document)
    operation = operations[operations.find(context.params["operation"])]
    known = arguments_of(operation, Binder(operation, document))
    if name:
        view = next((each.view for each in known if each.keyword == name), None)
        values: list[JSON] = [] if view is None else [*view.named_values, *view.item(0).named_values]
        if view is not None and "boolean" in view.types:
            values += [True, False]
        if not values and (api := _apis().get(context.params["spec"])) and api.complete_ids:
            from dynclient.cli.ids import ids

            values += ids(api, document, operation, name, context.params.get("items") or ())
        yield from (f"{name}={_text(value)}" for value in values if value is not None)
        return
    given = {item.partition("=")[0] for item in context.params.get("items") or ()}
    yield from (f"{each.keyword}=" for each in known if each.keyword not in given and each.keyword.isidentifier())


def _text(value: JSON) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _document(context: click.Context):  # type: ignore[no-untyped-def]  # documents are imported only when one is completed
    from dynclient.documents import cached_document

    spec = context.params["spec"]
    api = _apis().get(spec)
    return cached_document(api.spec if api else spec)


def _apis() -> dict[str, Api]:
    from dynclient.cli.apis import read_apis

    try:
        return read_apis()
    except ItemError:  # a call says what is wrong with the file
        return {}
