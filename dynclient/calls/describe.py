"""What `help()`, `inspect.signature()` and the command line show of an operation, made when it is asked for."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from dynclient.calls.paging import Pagination
from dynclient.http import media_types
from dynclient.openapi import Field, Operation, Parameter, Schema, SchemaView
from dynclient.support import argument_name
from dynclient.types import JSON, UNSET
from dynclient.wire import STREAM, Binder, answer_types, decoder_for

_PYTHON_TYPES: dict[str, Any] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": float,
    "object": dict,
    "string": str,
}
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
}
_WIDTH = 100


def signature(operation: Operation, binder: Binder) -> inspect.Signature:
    """Return a signature of keyword-only parameters, the required ones first."""
    keywords: dict[str, inspect.Parameter] = {}
    for name, required, schema in sorted(_keywords(operation, binder), key=lambda entry: not entry[1]):
        if name.isidentifier() and name not in keywords:
            keywords[name] = inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if required else UNSET,
                annotation=_annotation(binder.shape(schema)),
            )
    return inspect.Signature(list(keywords.values()))


def documentation(operation: Operation, binder: Binder, pagination: Pagination | None = None) -> str:
    """Return the text of `help()`: summary, route, parameters, body, answers, streams, files and pages."""
    lines = [operation.summary or operation.id, "", f"{operation.method} {operation.path}"]
    if operation.deprecated:
        lines += ["", "Deprecated."]
    if operation.description and operation.description != operation.summary:
        lines += ["", *_wrapped(operation.description, "")]
    if operation.parameters:
        lines += ["", "Parameters:"]
        for parameter in operation.parameters:
            lines += _entry(binder.keyword(parameter), _parameter_kind(parameter, binder), parameter.description)
    if operation.body:
        types = ", ".join(media_type.name for media_type in operation.body.content)
        lines += ["", f"Body ({'required' if operation.body.required else 'optional'}, {types}):"]
        spelled = {name: keyword for keyword, name in binder.fields.items()} | {
            name: name for keyword, name in binder.fields.items() if keyword == name
        }
        for field in operation.body.fields:
            lines += _entry(
                spelled.get(field.name, f"body[{field.name!r}]"), _field_kind(field, binder), field.description
            )
        if not operation.body.fields:
            lines += _entry("body", "", operation.body.description)
    if operation.responses:
        lines += ["", "Answers:"]
        for answer in operation.responses:
            types = ", ".join(media_type.name for media_type in answer.content)
            lines += _entry(answer.status, types, answer.description)
    streams = [name for name in answer_types(operation) if decoder_for(name)]
    if streams or binder.takes_stream:
        kinds = f"{', '.join(streams)}; " if streams else ""
        asks = f", which sets {STREAM}=True" if binder.takes_stream else ""
        lines += ["", f"Streams: {kinds}see stream(){asks}."]
    files = [name for name in answer_types(operation) if _is_binary(name)]
    if files:
        lines += ["", f"Files: {', '.join(files)}; see open()."]
    if pagination is not None:
        lines += ["", f"Pages: {pagination}; see pages() and items()."]
    return "\n".join(lines)


def _keywords(operation: Operation, binder: Binder) -> Iterator[tuple[str, bool, Schema | None]]:
    for parameter in operation.parameters:
        yield binder.keyword(parameter), parameter.required and not _is_filled_in(parameter), parameter.schema
    if operation.body:
        required = operation.body.required
        yield "body", required and not operation.body.fields, None
        for field in operation.body.fields:
            if field.name in binder.fields.values():
                yield argument_name(field.name), False, field.schema


def _is_binary(media_type: str) -> bool:
    return not (
        "*" in media_type
        or media_types.is_json(media_type)
        or media_types.is_text(media_type)
        or decoder_for(media_type)
    )


def _parameter_kind(parameter: Parameter, binder: Binder) -> str:
    need = "filled in" if _is_filled_in(parameter) else "required" if parameter.required else "optional"
    kind = _kind(parameter.schema, binder.shape(parameter.schema))
    return ", ".join(part for part in (parameter.location, kind, need, _deprecated(parameter)) if part)


def _is_filled_in(parameter: Parameter) -> bool:
    """Whether a call may omit the parameter, because it permits only one value or has a default."""
    return parameter.filled_in is not UNSET


def _field_kind(field: Field, binder: Binder) -> str:
    kind = _kind(field.schema, binder.shape(field.schema))
    need = "required" if field.required else "optional"
    if field.required_as:
        need = f"required as {' or '.join(field.required_as)}"
    return ", ".join(part for part in (kind, need, _deprecated(field)) if part)


def _deprecated(part: Parameter | Field) -> str:
    return "deprecated" if part.deprecated else ""


def _kind(schema: Schema | None, view: SchemaView) -> str:
    """A schema in a few words: its type, values and limits. References and unions are followed for type and values."""
    contents = schema.contents if schema else None
    if not isinstance(contents, Mapping):
        return ""
    parts = [_type_name(contents), *([] if "type" in contents else [_alternatives(view)])]
    is_whole = "enum" in contents or "const" in contents or len(view.types - {"null"}) <= 1
    values = [value for value in view.values if value is not None] if is_whole else []
    if values:
        parts.append("one of " + ", ".join(map(repr, values[:8])) + (", ..." if len(values) > 8 else ""))
    for keyword, words in _LIMITS.items():
        if keyword in contents:
            parts.append(words.format(contents[keyword]) if "{}" in words else f"{words} {contents[keyword]}")
    if "default" in contents:
        parts.append(f"default {contents['default']!r}")
    return ", ".join(part for part in parts if part)


def _type_name(contents: Mapping[str, JSON]) -> str:
    kind = contents.get("type")
    if isinstance(kind, list):
        return " or ".join(map(str, kind))
    if kind == "array" and isinstance(contents.get("items"), Mapping):
        return f"array of {_type_name(contents['items']) or 'values'}"
    if isinstance(contents.get("$ref"), str):
        return str(contents["$ref"].rsplit("/", 1)[-1])
    return kind if isinstance(kind, str) else ""


def _alternatives(view: SchemaView) -> str:
    return " or ".join(sorted(view.types, key=lambda name: (name == "null", name)))


def _annotation(view: SchemaView) -> Any:
    types = view.types - {"null"}
    kind = _PYTHON_TYPES.get(next(iter(types)), Any) if len(types) == 1 else Any
    return kind if kind is Any or not view.nullable else kind | None


def _entry(name: str, kind: str, text: str) -> list[str]:
    head = f"  {name}" + (f" ({kind})" if kind else "")
    return [head, *_wrapped(text, "      ")]


def _wrapped(text: str, indent: str) -> list[str]:
    paragraphs = (paragraph for paragraph in text.strip().split("\n\n") if paragraph.strip())
    return [
        line
        for paragraph in paragraphs
        for line in textwrap.wrap(" ".join(paragraph.split()), _WIDTH, initial_indent=indent, subsequent_indent=indent)
    ]
