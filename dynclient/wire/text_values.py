"""
What the text of a parameter can mean: one rule for the values that a caller gives and for those that a server reads.

A parameter is sent as text, where 5 and "5" are the same. A text means itself, and also the number, `true` or `false`
that it is in JSON. A value is accepted if one meaning of its text is valid for the schema; the text is sent as it was
given. `null` is a text like any other.
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
"""Returns the schema that a schema with `$ref` refers to."""

Check: TypeAlias = Callable[[JSON], Callable[[JSON], bool]]
"""Returns a function for a schema that accepts only valid values, but not always all of them."""

# Numbers of JSON (RFC 8259 §6): no underscores, no spaces, no digits beyond ASCII.
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
    The types that a lowered schema permits.

    Attributes:
        schema: the schema.
        resolve: finds the schemas that it refers to.
        strict: whether the text `null` is read as null only where a client writes it: in a required parameter or
            member.
        reads_null: whether the text `null` is read as null here.
    """

    schema: JSON
    resolve: Resolve
    strict: bool = False
    reads_null: bool = True

    def branches(self) -> list[Mapping[str, JSON]]:
        """Return the schema and all schemas that it applies to the same value, by reference or as alternatives."""
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
        """Return the names of the types that the schema permits; none if it does not say."""
        return {name for branch in self.branches() for name in _type_names(branch)}

    def member(self, key: str) -> Types:
        """Return the types of one property."""
        branches = self.branches()
        found = self._any_of(
            branch["properties"][key] if key in branch.get("properties", ()) else branch.get("additionalProperties")
            for branch in branches
        )
        required = any(key in branch.get("required", ()) for branch in branches)
        return replace(found, reads_null=required or not self.strict)

    def item(self, index: int) -> Types:
        """Return the types of one item of an array."""
        found = self._any_of(
            branch["prefixItems"][index] if index < len(branch.get("prefixItems", ())) else branch.get("items")
            for branch in self.branches()
        )
        return replace(found, reads_null=not self.strict)

    def first_items(self) -> int:
        """Return how many of the first items of an array have schemas of their own."""
        return max((len(branch.get("prefixItems", ())) for branch in self.branches()), default=0)

    def properties(self) -> set[str]:
        """Return the names of the declared properties."""
        return {name for branch in self.branches() for name in branch.get("properties", ())}

    def is_open(self) -> bool:
        """Return whether the schema expects properties that it does not name."""
        return not self.properties() or any(branch.get("additionalProperties") for branch in self.branches())

    def _any_of(self, schemas: Iterable[JSON]) -> Types:
        return replace(self, schema={"anyOf": [schema for schema in schemas if isinstance(schema, Mapping)]})


class TextLowering(Lowering):
    """
    The lowered schemas of parameters. Values of `enum` and `const` become what their text means for the `type`.

    For example, a string with the enum [1, 2] permits "1" and "2".
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
    Return the meanings of a text; the first is the text itself.

    >>> meanings("5"), meanings("1e2"), meanings("true"), meanings("null"), meanings("5_0")
    (['5', 5], ['1e2', 100.0], ['true', True], ['null'], ['5_0'])
    """
    if text in ("true", "false"):
        return [text, text == "true"]
    value = _number(text)
    return [text] if value is UNSET else [text, value]


def scalar(text: str, types: Types) -> JSON:
    """
    Return what a text means for these types.

    If text is permitted, it becomes a number only if that number is written in exactly the same way.
    """
    names = types.names()
    if types.reads_null and text == "null" and "null" in names and "string" not in names:
        return None
    value = meanings(text)[-1]
    if not _types_of(value) & names or ("string" in names and text_of(value) != text):
        return text
    return value


def is_uniform(value: JSON) -> bool:
    """
    Return whether the value's leaves are all texts, or none is: then it is one of its own readings.

    [1, "1"] is not uniform: both items are written in the same way.
    """
    return type(value) not in (list, dict) or len({isinstance(leaf, str) for leaf in _leaves(value)}) < 2


def readings(value: JSON, types: Types, check: Check) -> list[JSON]:
    """
    Return what the texts of a value can mean as a whole.

    The first reading takes in each place what is valid there, and is the one to explain problems with. The second takes
    only texts, and the third what the texts are in JSON: these are for unions, whose branch no single place decides.
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
    """The items of an array that share a schema, for which `check` is called once."""
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
    """The types of a value; a whole number is an integer, however it is written."""
    name = _NAMES.get(type(value), "")
    if name == "integer" or (name == "number" and value.is_integer()):
        return {"integer", "number"}
    return {name}


def _of_types(value: JSON, types: set[str]) -> JSON:
    """What the text of a permitted value means for these types; the value itself if it has no such meaning."""
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
