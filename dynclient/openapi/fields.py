"""The fields of an object, as the schemas that apply to it declare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from dynclient.documents import Document
from dynclient.errors import DocumentError
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import Field, Schema
from dynclient.openapi.schema_view import is_file
from dynclient.types import JSON

_ANYTHING = Schema(True, "")


def read_fields(document: Document, schema: Schema) -> dict[str, Field]:
    """
    Return the properties that an object schema declares or requires, through references, `allOf`, `oneOf` and `anyOf`.

    A field is required if every alternative requires it. Read-only properties do not belong to a request.
    """
    return {
        name: field
        for name, field in _fields(document, schema, {}).items()
        if not declares(document, field.schema, "readOnly")
    }


def _fields(document: Document, schema: Schema, known: dict[str, dict[str, Field]]) -> dict[str, Field]:
    """The fields of a schema; each schema is read once, however many ways lead to it. `known` has them by pointer."""
    try:
        node, pointer = document.resolve(schema.contents, schema.pointer)
    except DocumentError:
        return {}
    if not isinstance(node, Mapping):
        return {}
    if pointer in known:
        return known[pointer]
    known[pointer] = {}  # of a schema inside itself
    required = {name for name in _sequence(node.get("required")) if isinstance(name, str)}
    fields: dict[str, Field] = {}
    try:
        properties = document.join(node.get("properties"), f"{pointer}/properties")
    except DocumentError:  # noted where the schema is lowered
        return {}
    for name, contents in properties.values.items():
        member = Schema(contents, properties.pointer_of(name))
        fields[name] = Field(
            name, member, name in required, _description(document, member), declares(document, member, "deprecated")
        )
    for member in union_members(node, pointer, "allOf"):
        merge_fields(fields, _fields(document, member, known), either=True)
    for keyword in ("oneOf", "anyOf"):
        alternatives = [
            found for member in union_members(node, pointer, keyword) if (found := _fields(document, member, known))
        ]
        merged: dict[str, Field] = {}
        for found in alternatives:
            merge_fields(merged, found, either=False)
        everywhere = {name for name in merged if all(name in found and found[name].required for found in alternatives)}
        merge_fields(fields, {n: _with_required(f, n in everywhere) for n, f in merged.items()}, either=True)
    others = node.get("additionalProperties", True)
    undeclared = Schema(others, f"{pointer}/additionalProperties") if isinstance(others, Mapping) else _ANYTHING
    for name in [name for name in _sequence(node.get("required")) if name in required and name not in fields]:
        fields[name] = Field(name, undeclared, required=others is not False)
        required.discard(name)
    known[pointer] = {n: _with_required(field, field.required or n in required) for n, field in fields.items()}
    return known[pointer]


def merge_fields(into: dict[str, Field], more: Mapping[str, Field], *, either: bool) -> None:
    for name, field in more.items():
        known = into.get(name)
        if known is None:
            into[name] = field
            continue
        required = known.required or field.required if either else known.required and field.required
        into[name] = _with_required(field if known.schema is _ANYTHING else known, required)


def _with_required(field: Field, required: bool) -> Field:
    return field if field.required == required else replace(field, required=required)


def union_members(node: Mapping[str, JSON], pointer: str, keyword: str) -> Iterator[Schema]:
    for position, member in enumerate(_sequence(node.get(keyword))):
        yield Schema(member, f"{pointer}/{keyword}/{position}")


def declares(document: Document, schema: Schema, key: str) -> bool:
    """Whether a key of a schema is true, also if it is beside a reference."""
    if _mapping(schema.contents).get(key) is True:
        return True
    try:
        node, _ = document.resolve(schema.contents, schema.pointer)
    except DocumentError:  # noted where the schema is lowered
        return False
    return isinstance(node, Mapping) and node.get(key) is True


def _description(document: Document, schema: Schema) -> str:
    said = _text(_mapping(schema.contents).get("description"))
    if said:
        return said
    try:
        return _text(_mapping(document.resolve(schema.contents, schema.pointer)[0]).get("description"))
    except DocumentError:
        return ""


def referenced(document: Document, node: JSON, pointer: str) -> tuple[Mapping[str, JSON], str]:
    """
    Return an object with its reference followed, and its pointer.

    From 3.1 on `summary` and `description` beside the reference replace its own (OpenAPI 3.1.1 §4.8.23).
    """
    chain = document.chain(node, pointer)
    resolved, pointer = _mapping(chain[-1][0]), chain[-1][1]
    if len(chain) == 1 or document.is_30:
        return resolved, pointer
    beside = {key: layer[key] for layer, _ in chain[-2::-1] for key in ("summary", "description") if key in layer}
    return {**resolved, **beside}, pointer


def file_kind(document: Document, schema: Schema, seen: frozenset[str]) -> Literal["", "one", "many", "any"]:
    """Return whether a schema permits only a file, an array of files, or both; null does not count."""
    try:
        node, pointer = document.resolve(schema.contents, schema.pointer)
    except DocumentError:
        return ""
    if not isinstance(node, Mapping) or pointer in seen:
        return ""
    seen |= {pointer}
    if is_file(node):
        return "one"
    if "items" in node:
        return "many" if file_kind(document, Schema(node["items"], f"{pointer}/items"), seen) else ""
    for keyword in ("allOf", "anyOf", "oneOf"):
        kinds = {
            file_kind(document, member, seen)
            for member in union_members(node, pointer, keyword)
            if member.contents != {"type": "null"}
        }
        if keyword == "allOf":  # one of them is enough
            kinds.discard("")
        if kinds and "" not in kinds:
            return kinds.pop() if len(kinds) == 1 else "any"
    return ""


def schema_type(document: Document, schema: Schema) -> str:
    """Return the media type of a part by its schema (OpenAPI 3.1.1 §4.8.15.2); "" leaves it to the value."""
    try:
        node = _mapping(document.resolve(schema.contents, schema.pointer)[0])
    except DocumentError:
        return ""
    return _text(node.get("contentMediaType")) or ("application/octet-stream" if node.get("contentEncoding") else "")


def schema_under(node: Mapping[str, JSON], pointer: str, key: str = "schema") -> Schema | None:
    return Schema(node[key], f"{pointer}/{key}") if key in node else None
