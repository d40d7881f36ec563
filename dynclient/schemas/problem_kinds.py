"""
What kinds of faults a value has: enough to know whether the log has had them all, many times faster than to explain.

A fault is the place of the schema that refuses the value; of a union, those in all of its members. Two values with the
same kinds have problems of the same rules at the same places of the document, whatever stands in them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from dynclient.schemas.accept import AcceptCheck
from dynclient.support import matches
from dynclient.types import JSON

Kinds: TypeAlias = tuple[object, ...]
"""One hashable for each part of a value that does not fit: its own faults, in the order in which they are met."""

_MOST = 1000
"""How many names and faults one kind may hold, which are remembered as long as a client lives."""

_Look: TypeAlias = Callable[["_Finder", Mapping[str, JSON], JSON], None]


def kinds(acceptance: AcceptCheck, schema: JSON, value: JSON) -> Kinds | None:
    """The kinds of the faults of a value that was not accepted; None where they cannot be known."""
    try:
        finder = _Finder(acceptance)
        finder.look(schema, value)
    except Exception:  # an odd schema or value breaks in its own way here; the validator says what it is
        return None
    return tuple(finder.found) if any(finder.found) else None


class _Finder:
    """Looks into what does not fit, part by part; what fits is passed over."""

    def __init__(self, acceptance: AcceptCheck) -> None:
        self._acceptance = acceptance
        self._own: list[object] = []
        self._seen: set[tuple[str, int]] = set()
        self.found: list[object] = []

    def look(self, schema: JSON, value: JSON) -> None:
        """A part of the value that the schema refuses."""
        outer, self._own = self._own, []
        self._refused(schema, value)
        self.found.append(tuple(self._own))
        self._own = outer

    def _refused(self, schema: JSON, value: JSON) -> None:
        """What refuses a value that stays the same, here and in all schemas that this one applies to it."""
        if not isinstance(schema, Mapping):
            raise TypeError("`false` has no place of its own")
        for look in dict.fromkeys(_INSIDE[keyword] for keyword in schema if keyword in _INSIDE):
            look(self, schema, value)
        for keyword in schema:
            if keyword not in _INSIDE and not self._acceptance.allows(schema, keyword, value):
                self._own.append((id(schema), type(value), keyword))

    def _beside(self, schema: JSON, value: JSON) -> None:
        if not self._acceptance.fits(schema, value):
            self._refused(schema, value)

    def _below(self, schema: JSON, value: JSON) -> None:
        check = self._acceptance.table(schema)[type(value)]
        if check is not None and not check(value):
            self.look(schema, value)

    def _reference(self, schema: Mapping[str, JSON], value: JSON) -> None:
        reference = schema["$ref"]
        if (reference, id(value)) in self._seen:  # what is found once for a value is the same another time
            self._own.append(reference)
            return
        self._seen.add((reference, id(value)))
        target = self._acceptance.target(reference)
        if len(schema) == 1 or not self._acceptance.fits(target, value):
            self._refused(target, value)

    def _each(self, schema: Mapping[str, JSON], value: JSON) -> None:
        for member in schema["allOf"]:
            self._beside(member, value)

    def _unions(self, schema: Mapping[str, JSON], value: JSON) -> None:
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema and not self._acceptance.allows(schema, keyword, value):
                self._union(keyword, schema, value)

    def _union(self, keyword: str, schema: Mapping[str, JSON], value: JSON) -> None:
        """Which member the explanation is of follows from the faults in each of them, and from the names."""
        members = []
        for member in schema[keyword]:
            outer, self._own = self._own, []
            found, self.found = self.found, []
            self._beside(member, value)
            members.append((tuple(self._own), tuple(self.found)))
            self._own, self.found = outer, found
        names = frozenset(value) if isinstance(value, dict) else type(value)
        if max(len(found) for _, found in members) > _MOST or (isinstance(value, dict) and len(value) > _MOST):
            raise ValueError("too many")
        self._own.append((id(schema), keyword, names, tuple(members)))

    def _condition(self, schema: Mapping[str, JSON], value: JSON) -> None:
        if "if" not in schema:
            return
        branch = "then" if self._acceptance.fits(schema["if"], value) else "else"
        self._beside(schema.get(branch, True), value)

    def _contains(self, schema: Mapping[str, JSON], value: JSON) -> None:
        if not self._acceptance.allows(schema, "contains", value):
            fitting = sum(self._acceptance.fits(schema["contains"], item) for item in value)
            self._own.append((id(schema), "contains", fitting > schema.get("maxContains", math.inf), bool(fitting)))

    def _dependent(self, schema: Mapping[str, JSON], value: JSON) -> None:
        if isinstance(value, dict):
            for name, inside in schema["dependentSchemas"].items():
                if name in value:
                    self._beside(inside, value)

    def _names(self, schema: Mapping[str, JSON], value: JSON) -> None:
        for name in value if isinstance(value, dict) else ():
            self._below(schema["propertyNames"], name)

    def _members(self, schema: Mapping[str, JSON], value: JSON) -> None:
        if not isinstance(value, dict):
            return
        if not value.keys() >= set(schema.get("required", ())):
            self._own.append((id(schema), "required"))
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        patterns = schema.get("patternProperties", {})
        for name, member in value.items():
            described = [inside for pattern, inside in patterns.items() if matches(pattern, name)]
            for inside in described:
                self._below(inside, member)
            if name in properties:
                self._below(properties[name], member)
            elif others is False and not described:
                self._own.append((id(schema), "additionalProperties"))
            elif others is not True and not described:
                self._below(others, member)

    def _items(self, schema: Mapping[str, JSON], value: JSON) -> None:
        if not isinstance(value, list):
            return
        prefix = schema.get("prefixItems", ())
        for inside, item in zip(prefix, value, strict=False):
            self._below(inside, item)
        others = schema.get("items", True)
        if others is False and len(value) > len(prefix):
            self._own.append((id(schema), "items"))
            return
        for item in value[len(prefix) :]:
            self._below(others, item)


_INSIDE: Mapping[str, _Look] = {
    "$ref": _Finder._reference,
    "additionalProperties": _Finder._members,
    "allOf": _Finder._each,
    "anyOf": _Finder._unions,
    "contains": _Finder._contains,
    "dependentSchemas": _Finder._dependent,
    "else": _Finder._condition,
    "if": _Finder._condition,
    "items": _Finder._items,
    "oneOf": _Finder._unions,
    "patternProperties": _Finder._members,
    "prefixItems": _Finder._items,
    "properties": _Finder._members,
    "propertyNames": _Finder._names,
    "required": _Finder._members,
    "then": _Finder._condition,
}
"""How keywords are looked into that apply schemas to the value or to its parts."""
