"""
Completions in IPython and Jupyter: `%load_ext dynclient`.

The names of arguments, the values that the document permits, and the keys of bodies. What is typed is never run: only
names of the user's variables are looked up, and only operations of clients behind them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynclient.base_client import BaseClient
from dynclient.calls import BaseCaller, argument_shape, short_repr
from dynclient.errors import DynclientError
from dynclient.support import OpenCall, open_call
from dynclient.types import JSON

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

_NAME = "dynclient"
_CALLED = frozenset({"check", "curl", "items", "open", "pages", "poll", "prepare", "stream", "submit"})
"""The methods of an operation that take its arguments."""

_MAPPINGS = ("operations", "tags")

_LONGEST = 200  # characters of a value


def load_ipython_extension(shell: InteractiveShell) -> None:
    """
    Complete arguments and values of calls; IPython calls it for `%load_ext dynclient`.

    Raises:
        ImportError: IPython is older than 8.6.
    """
    from IPython.core.completer import SimpleCompletion, context_matcher

    def matcher(context: CompletionContext) -> SimpleMatcherResult:
        before = context.full_text.split("\n")[: context.cursor_line + 1]
        before[-1] = before[-1][: context.cursor_position]
        call = open_call("\n".join(before))
        found = list(completions(call, shell.user_ns)) if call else []
        fragment = call.fragment if call else ""
        return {
            "completions": [SimpleCompletion(text, type=kind) for text, kind in found],
            "matched_fragment": fragment,
            "ordered": True,
            "suppress": bool(found),
        }

    unload_ipython_extension(shell)
    shell.Completer.custom_matchers.append(context_matcher(identifier=_NAME)(matcher))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Complete as IPython does alone; it calls this for `%unload_ext dynclient`."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != _NAME]


def completions(call: OpenCall, variables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what may replace the fragment of an open call, with its kind; nothing if it does not call dynclient."""
    target = _resolved(call.chain, variables)
    if _is_a(target, _Keys):
        yield from _texts(target.names, call, "key") if call.is_subscript and call.quote else ()
    elif not _is_a(target, BaseCaller) or call.is_subscript:
        return
    elif call.argument:
        yield from _values(target, call)
    elif not call.quote:
        names = (name for name in target.__signature__.parameters if name not in call.given)
        yield from ((f"{name}=", "param") for name in names if name.startswith(call.fragment))


def _values(caller: BaseCaller, call: OpenCall) -> Iterator[tuple[str, str]]:
    view = argument_shape(caller, call.argument)
    for step in call.path:
        view = view.item(step) if isinstance(step, int) else view.member(step)
    if call.in_key:
        yield from _texts(view.names, call, "key")
        return
    values: list[JSON] = [*view.named_values, *((True, False) if "boolean" in view.types else ())]
    yield from _texts(values, call, "value")
    if not call.quote:
        others = dict.fromkeys(short_repr(value, _LONGEST) for value in values if not isinstance(value, str))
        yield from ((text, "value") for text in others if text and text.startswith(call.fragment))


def _texts(values: Iterable[JSON], call: OpenCall, kind: str) -> Iterator[tuple[str, str]]:
    """The texts that go on from the fragment; those that need an escape are left out."""
    mark = call.quote[:1] or '"'
    if not call.quote and call.fragment:  # the beginning of a name, not of a text
        return
    texts = dict.fromkeys(value for value in values if isinstance(value, str) and len(value) <= _LONGEST)
    plain = (text for text in texts if text.isprintable() and mark not in text and "\\" not in text)
    for text in plain:
        if text.startswith(call.fragment):
            yield (text if call.quote else f'"{text}"'), kind


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a mapping of a client."""

    names: Iterable[str]


def _resolved(chain: str, variables: Mapping[str, Any]) -> Any:
    """What a chain of names means; None for everything but clients, their operations, and what holds them."""
    steps: list[ast.Attribute | ast.Subscript] = []
    try:
        node: ast.expr = ast.parse(chain.strip(), mode="eval").body
        while isinstance(node, ast.Attribute | ast.Subscript):
            steps.append(node)
            node = node.value
        value = variables.get(node.id) if isinstance(node, ast.Name) else None
        for step in reversed(steps):
            value = _attribute(value, step.attr) if isinstance(step, ast.Attribute) else _item(value, step.slice)
    except (SyntaxError, ValueError, TypeError, LookupError, AttributeError, DynclientError):
        return None
    return value


def _attribute(value: Any, name: str) -> Any:
    """An operation of a client, or a method of an operation, which stands for it. A subclass's own code is not run."""
    if _is_a(value, BaseCaller):
        return value if name in _CALLED else None
    if not _is_a(value, BaseClient):
        return None
    if name in _MAPPINGS:
        return _Keys(vars(BaseClient)[name].__get__(value))
    return None if hasattr(type(value), name) else BaseClient.__getattr__(value, name)


def _item(value: Any, key: ast.expr) -> Any:
    if _is_a(value, BaseClient):
        return BaseClient.__getitem__(value, ast.literal_eval(key))
    return value[ast.literal_eval(key)] if type(value) in (dict, list, tuple) else None


def _is_a(value: Any, kind: type) -> bool:
    return issubclass(type(value), kind)  # isinstance would ask a proxy for what it stands for
