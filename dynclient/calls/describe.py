"""What `help()` and the command line show of an operation, made when it is asked for."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dynclient.calls.arguments import BODY, Argument, arguments_of
from dynclient.calls.paging import Pagination
from dynclient.calls.usage import literal, python_call, required_values
from dynclient.http import media_types
from dynclient.openapi import DEFAULT, MediaType, Operation, ResponseDescription, SchemaView
from dynclient.responses import StatusError, error_type
from dynclient.support import described, printable, show, wrapped
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import STREAM, Binder, answer_types, decoder_for

_TYPE_ORDER = ("string", "file", "integer", "number", "boolean", "array", "object")
_SIZES = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minProperties", "maxProperties", "member"),
)
_MEANINGLESS_FORMATS = frozenset({"int32", "int64", "float", "double", "binary", "string"})

# How many characters of a text are shown.
_SUMMARY = 150
_DESCRIPTION = 1200
_DETAIL = 300
_NAME = 60
_LINE = 118

# How many are listed: arguments or answers, values, keys, media types; and how deep in arrays.
_MOST = 200
_VALUES = 8
_KEYS = 8
_TYPES = 4
_DEEPEST = 2

_ERRORS = (
    "InvalidRequest if the call does not fit the document: nothing is sent. SendError if there is no whole answer. "
    "StatusError for a status of 400 or more. ResponseError for an answer that does not fit the document."
)


def documentation(
    operation: Operation,
    binder: Binder,
    pagination: Pagination | None = None,
    *,
    target: str = "",
    usage: Callable[[Mapping[str, Any]], str] | None = None,
) -> str:
    """
    Return the text of `help()`: what the operation does, a call to copy, its arguments, its answers and its errors.

    Args:
        operation: the operation.
        binder: its binder.
        pagination: how it is paged.
        target: what is called in Python, such as `client.createRun`.
        usage: writes a call with these arguments in another language than Python.
    """
    known = arguments_of(operation, binder)
    called = target or f"client[{literal(operation.id)}]"
    call = [usage(_required(operation, known))] if usage else map(_cut, operation_call(operation, known, called))
    has_fields = operation.body is not None and bool(operation.body.fields)
    shown = [argument for argument in known if not (argument.keyword == argument.place == BODY and has_fields)]
    good, bad = _split(operation.responses)
    sections = [
        *_heading(operation),
        ["Call:", *(textwrap.indent(line, "  ") for line in call)],
        _section("Required:", (_argument(each, operation) for each in shown if each.required)),
        _section("Optional:", (_argument(each, operation) for each in shown if not each.required)),
        _about_body(operation, "--body" if usage else "body={...}") if has_fields else [],
        _section("Answers:", (_answer(each, each.status, binder) for each in good)),
        _section("Errors:", (_answer(each, each.status, binder) for each in bad))
        if usage
        else ["Errors:", *_raised(bad, binder)],
        _about_streams(operation, binder, in_shell=usage is not None),
        _about_files(operation, in_shell=usage is not None),
        wrapped(f"Pages: {pagination}; see pages() and items().") if pagination else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def operation_call(operation: Operation, known: Sequence[Argument], target: str) -> list[str]:
    """Return a call to copy, in lines; `target` is what is called."""
    return python_call(target, _required(operation, known))[:_MOST]


def _required(operation: Operation, known: Sequence[Argument]) -> dict[str, Any]:
    return required_values(known, takes_body=operation.body is not None and operation.body.required)


def argument_words(argument: Argument) -> list[str]:
    """Return what an argument is in words: its type, values and limits, its default, and whether it is required."""
    view = argument.view
    if argument.filled_in is UNSET:
        default = view.said("default")
        kinds = [_words(view, argument.files), *_limits(view), "" if default is UNSET else f"default {_shown(default)}"]
    else:
        kinds = [_words(view, with_values=False), f"filled in with {_shown(argument.filled_in)}"]
    return [*kinds, argument.need, "deprecated" if argument.deprecated else ""]


def _heading(operation: Operation) -> list[list[str]]:
    summary = operation.summary if len(operation.summary) <= _SUMMARY else ""  # else it is a description
    title = described(summary, _SUMMARY) or wrapped(operation.id[:_DETAIL])
    text = described(operation.description or operation.summary, _DESCRIPTION)
    return [
        title,
        [_cut(printable(f"{operation.method} {operation.path[:_DETAIL]}"))],
        ["Deprecated."] if operation.deprecated else [],
        text if text != title else [],
    ]


def _cut(line: str) -> str:
    """A line that isn't broken, because it is copied; one that nobody would copy is cut."""
    return line if len(line) <= _LINE else f"{line[: _LINE - 4]} ..."


def _section(title: str, entries: Iterable[list[str]]) -> list[str]:
    """The title and what stands below it, if there is any; so many entries are enough."""
    found = list(entries)
    rest = [f"  ... and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [title, *(line for entry in found[:_MOST] for line in entry), *rest] if found else []


def _entry(name: str, kinds: Iterable[str], text: str, keys: Sequence[str] = ()) -> list[str]:
    kind = ", ".join(filter(None, kinds))
    lines = wrapped(name + (f" ({kind})" if kind else ""), "  ", "      ")
    lines += described(text, _DETAIL, "      ")
    if keys:
        rest = ", ..." if len(keys) > _KEYS else ""
        lines += wrapped(f"Keys: {', '.join(key[:_NAME] for key in keys[:_KEYS])}{rest}", "      ")
    return lines


def _argument(argument: Argument, operation: Operation) -> list[str]:
    is_body = argument.keyword == argument.place == BODY and operation.body is not None
    types = _types_of(operation.body.content) if is_body and operation.body else argument.place
    kinds = [types, *argument_words(argument)]
    return _entry(argument.keyword[:_DETAIL], kinds, argument.description, _keys(argument.view))


def _about_body(operation: Operation, whole: str) -> list[str]:
    assert operation.body is not None
    need = "required" if operation.body.required else "optional"
    types = _types_of(operation.body.content)
    return wrapped(f"Body: {need}, {types}. Give its fields as arguments, or all of it by {whole}.")


def _answer(answer: ResponseDescription, name: str, binder: Binder) -> list[str]:
    view = binder.shape(next((each.schema for each in answer.content if media_types.is_json(each.name)), None))
    return _entry(name, [_types_of(answer.content), _words(view)], answer.description, _keys(view))


def _split(responses: Sequence[ResponseDescription]) -> tuple[list[ResponseDescription], list[ResponseDescription]]:
    """The answers that a call returns, and those that it raises. The default is an error beside a described success."""
    has_success = any(each.status[:1] in ("1", "2", "3") for each in responses)
    bad = [each for each in responses if each.status[:1] in ("4", "5") or (each.status == DEFAULT and has_success)]
    return [each for each in responses if each not in bad], bad


def _raised(answers: Iterable[ResponseDescription], binder: Binder) -> Iterator[str]:
    """The errors of a call in Python."""
    for answer in answers:
        digits = answer.status.replace("XX", "99")
        kind = error_type(int(digits)) if len(digits) == 3 and digits.isdecimal() else StatusError
        yield from _answer(answer, f"{answer.status} {kind.__name__}", binder)
    yield from wrapped(_ERRORS, "  ")


def _about_streams(operation: Operation, binder: Binder, *, in_shell: bool) -> list[str]:
    streams = [name for name in answer_types(operation) if decoder_for(name)]
    if not streams and not binder.takes_stream:
        return []
    kinds = f"{', '.join(streams[:_KEYS])}; " if streams else ""
    if in_shell:
        given = f" with {STREAM}=true" if binder.takes_stream else ""
        return wrapped(f"Streams: {kinds}shown as they come{given}.")
    asks = f", which sets {STREAM}=True" if binder.takes_stream else ""
    return wrapped(f"Streams: {kinds}see stream(){asks}.")


def _about_files(operation: Operation, *, in_shell: bool) -> list[str]:
    files = [name for name in answer_types(operation) if _is_binary(name)]
    return wrapped(f"Files: {', '.join(files[:_KEYS])}; see {'--save' if in_shell else 'open()'}.") if files else []


def _is_binary(media_type: str) -> bool:
    return not (
        "*" in media_type
        or media_types.is_json(media_type)
        or media_types.is_text(media_type)
        or decoder_for(media_type)
    )


def _types_of(content: Sequence[MediaType]) -> str:
    names = [each.name[:_NAME] for each in content[:_TYPES]]
    return ", ".join([*names, "..."] if len(content) > _TYPES else names)


def _keys(view: SchemaView) -> list[str]:
    """The names of the members of an object, or of the objects in an array."""
    return [str(name) for name in view.names or view.item(0).names]


def _words(view: SchemaView, files: str = "", *, with_values: bool = True) -> str:
    """A schema in a few words: its types, what is in an array, and the values that are permitted."""
    values = _values(view) if with_values else []
    types = _types(view)
    if not values or len(types) <= 1:
        words = _joined(view, [_type_words(view, name, files) for name in types])
        each = "" if values or "array" not in types else "each "
        values = _values(view.item(0)) if each and with_values else values
        return ", ".join(filter(None, [words, f"{each}{_choice(values)}" if values else ""]))
    others = [_type_words(view, name, files) for name in types if name != "string"]
    return _joined(view, [*others, _choice(values)])


def _values(view: SchemaView) -> list[JSON]:
    return [value for value in view.values if value is not None]


def _joined(view: SchemaView, words: Sequence[str]) -> str:
    return " or ".join([*words, "null"] if view.nullable else words)


def _types(view: SchemaView) -> list[str]:
    types = view.types - ({"integer"} if "number" in view.types else set())
    return [name for name in _TYPE_ORDER if name in types]


def _type_words(view: SchemaView, name: str, files: str = "", plural: str = "", depth: int = 0) -> str:
    if files and name in ("string", "file"):
        return "file"
    if name == "object":
        return f"{view.name[:_NAME]} object{plural}".lstrip()
    if name != "array" or depth > _DEEPEST:
        return f"{name}{plural}"
    item = view.item(0)
    inner = "files" if files else " or ".join(_type_words(item, each, "", "s", depth + 1) for each in _types(item))
    return f"array{plural} of {inner}" if inner else f"array{plural}"


def _choice(values: Sequence[JSON]) -> str:
    """
    Return the values to choose from in words.

    >>> _choice(["asc", "desc"]), _choice(["v2"])
    ("one of 'asc', 'desc'", "only 'v2'")
    """
    return f"one of {_listed(values)}" if len(values) > 1 else f"only {_shown(values[0])}"


def _listed(values: Sequence[JSON]) -> str:
    return ", ".join(map(_shown, values[:_VALUES])) + (", ..." if len(values) > _VALUES else "")


def _limits(view: SchemaView) -> Iterator[str]:
    """The format, pattern and limits of a value that its schemas agree on, also beside null."""
    formats = view.formats - _MEANINGLESS_FORMATS
    pattern = view.said("pattern")
    yield from formats if len(formats) == 1 else ()
    yield f"pattern {pattern[:_NAME]}" if isinstance(pattern, str) else ""
    low, high = view.said("minimum"), view.said("maximum")
    above, below = view.said("exclusiveMinimum"), view.said("exclusiveMaximum")
    if above is True:  # as in OpenAPI 3.0
        above, low = low, UNSET
    if below is True:
        below, high = high, UNSET
    yield f"more than {_shown(above)}" if _is_number(above) else ""
    yield f"less than {_shown(below)}" if _is_number(below) else ""
    yield _range(low, high)
    for lowest, highest, unit in _SIZES:
        yield _range(view.said(lowest), view.said(highest), unit)


def _range(low: JSON | Unset, high: JSON | Unset, unit: str = "") -> str:
    has_low, has_high = _is_number(low) and not (unit and low == 0), _is_number(high)
    if not has_low and not has_high:
        return ""
    words = f"{_shown(low)} to {_shown(high)}" if has_low and has_high else ""
    words = words or (f"at least {_shown(low)}" if has_low else f"at most {_shown(high)}")
    words = f"exactly {_shown(low)}" if has_low and low == high else words
    count = high if has_high else low
    return f"{words} {unit}{'' if count == 1 else 's'}" if unit else words


def _is_number(value: JSON | Unset) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: JSON | Unset) -> str:
    if isinstance(value, str):
        return repr(value if len(value) <= _NAME else f"{value[: _NAME - 10]}...")
    return repr(value) if isinstance(value, bool | None) else show(value)
