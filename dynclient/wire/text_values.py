"""
What the text of a parameter can mean: one rule for the values of a caller and for what a server reads.

A parameter is text on the wire, where 5 and "5" are alike. A text means itself, and the number, `true` or `false` that
JSON reads there. A value is accepted where one of the meanings of its text fits the schema; what is written is the
text as it was given. `null` is a text like any other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from dynclient.schemas import Lowering
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire.serialization import text as text_of

Resolve: TypeAlias = Callable[[JSON], JSON]
"""Gives the schema that a schema with `$ref` refers to."""

Check: TypeAlias = Callable[[JSON], Callable[[JSON], bool]]
"""Gives for a schema what says yes to the values that fit it, and at times no to one that does."""

# Those of JSON (RFC 8259 §6): no underscores, no spaces, no digits beyond ASCII.
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_MOST_DIGITS = 4300  # Python reads no more (CVE-2020-10735)

_NAMES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


@dataclass(frozen=True, slots=True)
class Types:
    """
    A lowered schema, and how to find those that it refers to.

    `strict` reads the text `null` as null only where a client writes it: in a parameter or member that is required.
    """

    schema: JSON
    resolve: Resolve
    strict: bool = False
    reads_null: bool = True

    def branches(self) -> list[Mapping[str, JSON]]:
        """The schema and all that apply to the same value: by reference, or as alternatives."""
        found: dict[int, Mapping[str, JSON]] = {}
        waiting = [self.schema]
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, Mapping) or id(schema) in found:
                continue
            found[id(schema)] = schema
            if "$ref" in schema:
                waiting.append(self.resolve(schema))
            for keyword in ("anyOf", "oneOf", "allOf"):
                waiting.extend(schema.get(keyword, ()))
        return list(found.values())

    def names(self) -> set[str]:
        """The types that the schema permits, as far as it says so."""
        return {name for branch in self.branches() for name in _type_names(branch)}

    def member(self, key: str) -> Types:
        """The type of one property."""
        branches = self.branches()
        found = self._any_of(
            branch["properties"][key] if key in branch.get("properties", ()) else branch.get("additionalProperties")
            for branch in branches
        )
        required = any(key in branch.get("required", ()) for branch in branches)
        return replace(found, reads_null=required or not self.strict)

    def item(self, index: int) -> Types:
        """The type of one item of an array."""
        found = self._any_of(
            branch["prefixItems"][index] if index < len(branch.get("prefixItems", ())) else branch.get("items")
            for branch in self.branches()
        )
        return replace(found, reads_null=not self.strict)

    def first_items(self) -> int:
        """How many of the first items of an array have schemas of their own."""
        return max((len(branch.get("prefixItems", ())) for branch in self.branches()), default=0)

    def properties(self) -> set[str]:
        """The names of the declared properties."""
        return {name for branch in self.branches() for name in branch.get("properties", ())}

    def is_open(self) -> bool:
        """Whether the schema asks for properties that it does not name."""
        return not self.properties() or any(branch.get("additionalProperties") for branch in self.branches())

    def _any_of(self, schemas: Iterable[JSON]) -> Types:
        return replace(self, schema={"anyOf": [schema for schema in schemas if isinstance(schema, Mapping)]})


class TextLowering(Lowering):
    """
    The lowered schemas of parameters, of which a permitted value is what its text means for the type beside it.

    A string whose enum is [1, 2] permits "1" and "2".
    """

    mark = " (text)"

    def _lower_object(self, node: Mapping[str, JSON], place: Any) -> dict[str, JSON]:
        lowered = super()._lower_object(node, place)
        if "type" in lowered:
            types = {lowered["type"]} if isinstance(lowered["type"], str) else set(lowered["type"])
            if "enum" in lowered:
                lowered["enum"] = [_of_types(value, types) for value in lowered["enum"]]
            if "const" in lowered:
                lowered["const"] = _of_types(lowered["const"], types)
        return lowered


def meanings(text: str) -> list[JSON]:
    """
    What a text means: itself first.

    >>> meanings("5"), meanings("1e2"), meanings("true"), meanings("null"), meanings("5_0")
    (['5', 5], ['1e2', 100.0], ['true', True], ['null'], ['5_0'])
    """
    if text in ("true", "false"):
        return [text, text == "true"]
    value = _number(text)
    return [text] if value is UNSET else [text, value]


def scalar(text: str, types: Types) -> JSON:
    """What a text means by the types of its place, which others may know better; its digits are not lost."""
    names = types.names()
    if types.reads_null and text == "null" and "null" in names and "string" not in names:
        return None
    value = meanings(text)[-1]
    if not _types_of(value) & names or ("string" in names and text_of(value) != text):
        return text
    return value


def is_uniform(value: JSON) -> bool:
    """
    Whether the value has only texts in it, or none: then it is one of its own readings.

    [1, "1"] is not: written, its items are the same.
    """
    return type(value) not in (list, dict) or len({isinstance(leaf, str) for leaf in _leaves(value)}) < 2


def readings(value: JSON, types: Types, check: Check) -> list[JSON]:
    """
    What a value means by its texts: in each place what fits there, then texts alone, then what JSON reads in them.

    The last two are for unions of which a place alone does not tell the branch. The first is that to explain.
    """
    return [_placed(value, types, check), _each(value, lambda found: found[0]), _each(value, lambda found: found[-1])]


def _placed(value: JSON, types: Types, check: Check) -> JSON:
    if isinstance(value, dict):
        return {key: _placed(item, types.member(key), check) for key, item in value.items()}
    if isinstance(value, list):
        first = types.first_items()
        read = [_placed(item, types.item(index), check) for index, item in enumerate(value[:first])]
        return read + _alike(value[first:], types.item(first), check)
    return _leaf(value, types, check(types.schema))


def _alike(items: list[JSON], types: Types, check: Check) -> list[JSON]:
    """The items of an array that have one schema, which is looked at once."""
    accepts = check(types.schema)
    return [
        _placed(item, types, check) if isinstance(item, list | dict) else _leaf(item, types, accepts) for item in items
    ]


def _leaf(value: JSON, types: Types, accepts: Callable[[JSON], bool]) -> JSON:
    if value is None:
        return None
    found = meanings(text_of(value))
    fitting = next((meaning for meaning in reversed(found) if accepts(meaning)), UNSET)
    if fitting is not UNSET:
        return fitting
    names = types.names()
    return next((meaning for meaning in reversed(found) if _types_of(meaning) & names), value)


def _each(value: JSON, choose: Callable[[list[JSON]], JSON]) -> JSON:
    if isinstance(value, dict):
        return {key: _each(item, choose) for key, item in value.items()}
    if isinstance(value, list):
        return [_each(item, choose) for item in value]
    return None if value is None else choose(meanings(text_of(value)))


def _leaves(value: JSON) -> Iterator[JSON]:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, list | dict):
            yield from _leaves(item)
        elif item is not None:
            yield item


def _number(text: str) -> int | float | Unset:
    if not _NUMBER.fullmatch(text) or len(text) >= _MOST_DIGITS:
        return UNSET
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else UNSET


def _types_of(value: JSON) -> set[str]:
    """The types that a value is of: a whole number is an integer, however it is written."""
    name = _NAMES.get(type(value), "")
    if name == "integer" or (name == "number" and value.is_integer()):
        return {"integer", "number"}
    return {name}


def _of_types(value: JSON, types: set[str]) -> JSON:
    """What the text of a permitted value means for these types; the value itself where it means nothing for them."""
    if not isinstance(value, str | int | float) or _types_of(value) & types:
        return value
    return next((meaning for meaning in meanings(text_of(value)) if _types_of(meaning) & types), value)


def _type_names(schema: Mapping[str, JSON]) -> Iterator[str]:
    declared = schema.get("type")
    if isinstance(declared, str):
        yield declared
    elif declared:
        yield from declared
    elif "properties" in schema or "additionalProperties" in schema:
        yield "object"
    elif "items" in schema or "prefixItems" in schema:
        yield "array"
    else:
        values = [schema["const"]] if "const" in schema else schema.get("enum", ())
        yield from (_NAMES.get(type(value), "string") for value in values)
