"""
How a schema differs from an older one: it narrows if it newly refuses values, and widens if it newly permits some.

Both are lowered first, so that all OpenAPI versions compare alike and references are resolved. Each keyword is compared
separately: a schema is the conjunction of its keywords, so if no keyword narrows, the newer schema permits every value
that the older one permits. A change that cannot be decided, such as another pattern, does both.

Two rules follow what people mean, not the letter. If the older schema permitted undeclared properties, callers are
assumed not to send any, and readers are assumed to ignore those they do not know. A property that is removed narrows,
even if undeclared ones are permitted: whatever is sent there has lost its meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from dynclient.documents import escape_token, split_pointer
from dynclient.openapi import Schema
from dynclient.schemas import Lowering, tagged_members
from dynclient.support import show
from dynclient.types import JSON

_Conjunction: TypeAlias = tuple[Mapping[str, JSON], ...]
"""Lowered schemas that all apply to one value: a schema, those it refers to, and those of its `allOf`."""

_Key: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]

_SHOWN_VALUES = 5


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """
    One difference between two schemas.

    `place` is the place in the value, in the notation `messages[].content`. The pointers lead to the schemas in the two
    documents; a pointer is "" if that document lacks it.
    """

    place: str
    message: str
    narrows: bool
    widens: bool
    old_pointer: str = ""
    new_pointer: str = ""


@dataclass(slots=True, eq=False)
class _Node:
    """
    The differences of two conjunctions themselves, and the pairs inside them that are compared next.

    `ways` are the pairs inside that lead to a change.
    """

    changes: list[SchemaChange] = field(default_factory=list)
    inner: list[tuple[str, _Key]] = field(default_factory=list)
    ways: list[tuple[str, _Node]] = field(default_factory=list)
    is_changed: bool = False


class SchemaComparison:
    """Compares schemas of two documents, each pair once, however often it is referred to."""

    def __init__(self, old: Lowering, new: Lowering) -> None:
        self._old = old
        self._new = new
        self._nodes: dict[_Key, _Node] = {}
        self._kept: list[JSON] = []  # schemas are known by their id(), which is unique only while the object lives

    def changes(self, old: Schema | None, new: Schema | None) -> Iterator[SchemaChange]:
        """Each difference, at the first place where it occurs."""
        lowered = self._old.schema(old), self._new.schema(new)
        self._kept.extend(lowered)
        root = self._compared(_flat(self._old, lowered[:1]), _flat(self._new, lowered[1:]))
        seen = {root}
        pending = [("", root)]
        for place, node in pending:  # grows as it is read
            for change in node.changes:
                yield replace(change, place=(place + change.place).removeprefix("."))
            for step, inner in node.ways:
                if inner not in seen:
                    seen.add(inner)
                    pending.append((place + step, inner))

    def types(self, old: Schema | None, new: Schema | None) -> frozenset[str]:
        """The types that a value of either schema may have."""
        lowered = self._old.schema(old), self._new.schema(new)
        self._kept.extend(lowered)
        return _types(_flat(self._old, lowered[:1])) | _types(_flat(self._new, lowered[1:]))

    def _compared(self, old: _Conjunction, new: _Conjunction) -> _Node:
        """Compare a pair of conjunctions and everything inside them."""
        root = _key(old, new)
        pending = [(root, old, new)]
        made = []
        while pending:  # a list instead of recursion: schemas are recursive, and deeper than Python's stack
            key, older, newer = pending.pop()
            if key not in self._nodes:
                comparer = _Comparer(self._old, self._new, older, newer)
                comparer.run()
                self._nodes[key] = comparer.node
                made.append(comparer.node)
                pending.extend(comparer.pairs)
        self._find_ways(made)
        return self._nodes[root]

    def _find_ways(self, made: Iterable[_Node]) -> None:
        """Most schemas have not changed, and large documents refer to them from many places."""
        outside: dict[_Node, list[_Node]] = {}
        for node in made:
            for _, key in node.inner:
                outside.setdefault(self._nodes[key], []).append(node)
        pending = [node for node in {*made, *outside} if node.changes or node.is_changed]
        while pending:
            inner = pending.pop()
            inner.is_changed = True
            pending.extend(node for node in outside.pop(inner, ()) if not node.is_changed)
        for node in made:
            node.ways = [(step, self._nodes[key]) for step, key in node.inner if self._nodes[key].is_changed]


class _Comparer:
    """The comparison of one pair of conjunctions; `node` is its result, `pairs` are compared next."""

    def __init__(self, old_lowering: Lowering, new_lowering: Lowering, old: _Conjunction, new: _Conjunction) -> None:
        self.node = _Node()
        self.pairs: list[tuple[_Key, _Conjunction, _Conjunction]] = []
        self._old_lowering = old_lowering
        self._new_lowering = new_lowering
        self._old = old
        self._new = new

    def run(self) -> None:
        if _is_nothing(self._old) or _is_nothing(self._new):
            self._compare_nothing()
        elif _is_union(self._old) or _is_union(self._new):
            self._compare_as_unions()
        elif self._compare_types():
            self._compare_keywords()
            self._compare_unions()
            types = _types(self._old) & _types(self._new)
            if "object" in types:
                self._compare_objects()
            if "array" in types:
                self._compare_arrays()
            self._compare_opaque()

    def _found(self, message: str, *keywords: str, narrows: bool = False, widens: bool = False) -> None:
        """A change of the conjunctions themselves; its pointers lead to the schemas that have one of the keywords."""
        old = _pointer(self._old_lowering, self._old, keywords)
        new = _pointer(self._new_lowering, self._new, keywords)
        self.node.changes.append(SchemaChange("", message, narrows, widens, old, new))

    def _inside(self, step: str, old: Iterable[JSON], new: Iterable[JSON]) -> None:
        """Compare the schemas that apply to a value inside."""
        self._compare_inside(step, _flat(self._old_lowering, old), _flat(self._new_lowering, new))

    def _compare_inside(self, step: str, old: _Conjunction, new: _Conjunction) -> None:
        key = _key(old, new)
        self.node.inner.append((step, key))
        self.pairs.append((key, old, new))

    def _compare_nothing(self) -> None:
        if not _is_nothing(self._old):
            self._found("no longer permitted", narrows=True)
        elif not _is_nothing(self._new):
            self._found("permitted now", widens=True)

    # Types and values

    def _compare_types(self) -> bool:
        """Whether the types have some value in common; if not, nothing else is compared."""
        old, new = _types(self._old), _types(self._new)
        old_values, new_values = _values(self._old), _values(self._new)
        if old_values is not None and new_values is not None:
            gone = [value for key, value in old_values.items() if key not in new_values]
            come = [value for key, value in new_values.items() if key not in old_values]
            if gone:
                self._found(f"{_listed(gone)} no longer permitted", "enum", "const", narrows=True)
            if come:
                self._found(f"{_listed(come)} permitted now", "enum", "const", widens=True)
            return True
        if new_values not in (None, _NULL):  # null has one value
            message = f"only {_listed(list(new_values.values()))} permitted now"
            self._found(message, "enum", "const", narrows=True, widens=bool(new - old))
        elif old_values not in (None, _NULL):
            message = f"not only {_listed(list(old_values.values()))} permitted now"
            self._found(message, "enum", "const", narrows=bool(old - new), widens=True)
        elif old != new:
            message = f"{_type_names(new)} instead of {_type_names(old)}"
            self._found(message, "type", narrows=bool(old - new), widens=bool(new - old))
        return bool(old & new)

    # Keywords that bound a value

    def _compare_keywords(self) -> None:
        types = _types(self._old) & _types(self._new)
        for keyword, (applies, exclusive, is_upper) in _LIMITS.items():
            if not types.isdisjoint(applies):
                self._compare_limit(keyword, exclusive, is_upper)
        for keyword, (applies, implied) in _CONSTRAINTS.items():
            if not types.isdisjoint(applies):
                self._compare_constraint(keyword, implied)

    def _compare_limit(self, keyword: str, exclusive: str, is_upper: bool) -> None:
        old, new = _limit(self._old, keyword, exclusive, is_upper), _limit(self._new, keyword, exclusive, is_upper)
        if old != new:
            narrows = new is not None and (old is None or (new < old if is_upper else new > old))
            texts = [None if limit is None else _limit_text(keyword, limit, is_upper) for limit in (old, new)]
            self._found(_instead(*texts), keyword, exclusive, narrows=narrows, widens=not narrows)

    def _compare_constraint(self, keyword: str, implied: Callable[[JSON, JSON], bool]) -> None:
        """Each value of the keyword must follow from one on the other side."""
        old, new = (
            [owner[keyword] for owner in side if owner.get(keyword) not in (None, False)]
            for side in (self._old, self._new)
        )
        anew = [value for value in new if not any(implied(value, other) for other in old)]
        gone = [value for value in old if not any(implied(value, other) for other in new)]
        if anew or gone:
            texts = [" and ".join(f"{keyword} {show(value)}" for value in values) for values in (old, new)]
            self._found(_instead(*texts), keyword, narrows=bool(anew), widens=bool(gone))

    # Unions

    def _compare_as_unions(self) -> None:
        """If one side is only a union, the other is compared with its alternatives."""
        tags = [_tags(side[0]) if len(side) == 1 else None for side in (self._old, self._new)]
        if tags[0] and tags[1] and tags[0][0] == tags[1][0]:
            self._compare_tags(tags[0], tags[1])
            return
        old = _alternatives(self._old_lowering, self._old)
        new = _alternatives(self._new_lowering, self._new)
        if len(new) > 1:
            old = [part for each in old for part in _by_type(each)]
        if len(old) > 1:
            new = [part for each in new for part in _by_type(each)]
        self._compare_alternatives(old, new)

    def _compare_unions(self) -> None:
        """The unions beside other keywords, in their order."""
        old, new = ([owner for owner in side if _members(owner)] for side in (self._old, self._new))
        for older, newer in zip(old, new, strict=False):
            tags, newer_tags = _tags(older), _tags(newer)
            if tags and newer_tags and tags[0] == newer_tags[0]:
                self._compare_tags(tags, newer_tags)
            else:
                self._compare_alternatives(
                    [_flat(self._old_lowering, [member]) for member in _members(older)],
                    [_flat(self._new_lowering, [member]) for member in _members(newer)],
                )
        for owner in new[len(old) :]:
            self._found(f"must fit one of {len(_members(owner))} alternatives now", "anyOf", narrows=True)
        for owner in old[len(new) :]:
            self._found(f"need not fit one of {len(_members(owner))} alternatives any more", "anyOf", widens=True)

    def _compare_tags(self, old: _Tags, new: _Tags) -> None:
        """
        Unions with members that a property distinguishes, compared by its values.

        Neither document means a value without a known tag.
        """
        tag, older = old
        _, newer = new
        if gone := [value for value in older if value not in newer]:
            self._found(f"{tag} {_listed(gone)} no longer permitted", "oneOf", "anyOf", narrows=True)
        if come := [value for value in newer if value not in older]:
            self._found(f"{tag} {_listed(come)} permitted now", "oneOf", "anyOf", widens=True)
        for value, chosen in older.items():
            if value in newer:
                self._inside("", [chosen], [newer[value]])

    def _compare_alternatives(self, old: list[_Conjunction], new: list[_Conjunction]) -> None:
        """Each alternative with the most similar one; alternatives that are left over were removed or added."""
        for likeness in _LIKENESSES:
            unmatched: dict[object, list[_Conjunction]] = {}
            for newer in new:
                unmatched.setdefault(likeness(self._new_lowering, newer), []).append(newer)
            left = []
            for older in old:
                if key := likeness(self._old_lowering, older):
                    matches = unmatched.get(key)
                    if matches:
                        self._compare_inside("", older, matches.pop(0))
                        continue
                left.append(older)
            old, new = left, [newer for newers in unmatched.values() for newer in newers]
        if len(old) == len(new) == 1:
            self._compare_inside("", old.pop(), new.pop())
        for older in old:
            self._found(f"{_name(self._old_lowering, older)} no longer permitted", "anyOf", narrows=True)
        for newer in new:
            self._found(f"{_name(self._new_lowering, newer)} permitted now", "anyOf", widens=True)

    # Objects

    def _compare_objects(self) -> None:
        old, new = _properties(self._old), _properties(self._new)
        required, required_now = _required(self._old), _required(self._new)
        for name, schemas in old.items():
            if name in new:
                self._inside(f".{name}", schemas, new[name])
            else:
                self._removed(name, name in required)
        for name in new:
            if name not in old:
                self._added(name, name in required_now)
        for name in required_now:
            if name not in required and (name in old or name not in new):
                self._property(name, "required now", narrows=True)
        for name in required:
            if name not in required_now and (name in new or name not in old):
                self._property(name, "no longer required", widens=True)
        self._compare_others(old, new)

    def _property(self, name: str, message: str, *, narrows: bool = False, widens: bool = False) -> None:
        old = _property_pointer(self._old_lowering, self._old, name)
        new = _property_pointer(self._new_lowering, self._new, name)
        if old or new:
            self.node.changes.append(SchemaChange(f".{name}", message, narrows, widens, old, new))
        else:  # not declared, so the place is that of the whole
            self._found(f"{show(name)} {message}", "required", narrows=narrows, widens=widens)

    def _removed(self, name: str, required: bool) -> None:
        pointer = _property_pointer(self._old_lowering, self._old, name)
        message = "removed, was required" if required else "removed"
        self.node.changes.append(SchemaChange(f".{name}", message, True, required, pointer, ""))

    def _added(self, name: str, required: bool) -> None:
        pointer = _property_pointer(self._new_lowering, self._new, name)
        # A value that was valid under the schema for other properties may be invalid under this one.
        was_described = any(_others(owner) is not False or _patterns(owner) for owner in _closings(self._old))
        message = "added, required" if required else "added"
        self.node.changes.append(SchemaChange(f".{name}", message, required or was_described, False, "", pointer))

    def _compare_others(self, old: Mapping[str, JSON], new: Mapping[str, JSON]) -> None:
        """`additionalProperties` and `patternProperties`, which depend on the properties beside them."""
        closings, closings_now = _closings(self._old), _closings(self._new)
        one, other = (each[0] if each else {} for each in (closings, closings_now))
        if len(closings) > 1 or len(closings_now) > 1 or _patterns(one).keys() != _patterns(other).keys():
            if not self._same([_closing(o) for o in closings], [_closing(o) for o in closings_now]):
                message = "the permitted other properties have changed"
                self._found(message, "additionalProperties", "patternProperties", narrows=True, widens=True)
            return
        for pattern, schema in _patterns(one).items():
            self._inside(".*", [schema], [_patterns(other)[pattern]])
        others, others_now = _others(one), _others(other)
        if others_now is False and others is not False:
            self._found("other properties no longer permitted", "additionalProperties", narrows=True)
        elif others is False and others_now is not False:
            self._found("other properties permitted now", "additionalProperties")
        elif others is not False:
            self._inside(".*", [others], [others_now])
        if closings_now:
            named, named_now = one.get("properties", {}) if closings else old, other.get("properties", {})
            for name in named:
                if name in new and name not in named_now:
                    self._property(name, "is one of the other properties now", narrows=True)

    # Arrays

    def _compare_arrays(self) -> None:
        old, new = ([o for o in side if "items" in o or "prefixItems" in o] for side in (self._old, self._new))
        old_first, new_first = ([o["prefixItems"] for o in side if "prefixItems" in o] for side in (old, new))
        if old_first or new_first:
            if len(old) > 1 or len(new) > 1 or list(map(len, old_first)) != list(map(len, new_first)):
                shapes = [[{key: o[key] for key in _ARRAY if key in o} for o in side] for side in (old, new)]
                if not self._same(*shapes):
                    self._found("the items have changed", "prefixItems", "items", narrows=True, widens=True)
                return
            for position, (older, newer) in enumerate(zip(old_first[0], new_first[0], strict=True)):
                self._inside(f"[{position}]", [older], [newer])
        self._inside("[]", [o.get("items", True) for o in old], [o.get("items", True) for o in new])

    # Everything else

    def _compare_opaque(self) -> None:
        """Keywords that are only compared for equality."""
        for keyword, group in _OPAQUE.items():
            old, new = (
                [{key: owner[key] for key in group if key in owner} for owner in side if _holds(owner, keyword)]
                for side in (self._old, self._new)
            )
            anew = [each for each in new if not any(self._same(other, each) for other in old)]
            gone = [each for each in old if not any(self._same(each, other) for other in new)]
            if anew or gone:
                what = "changed" if anew and gone else "added" if anew else "removed"
                self._found(f"{keyword} {what}", keyword, narrows=bool(anew), widens=bool(gone))

    def _same(self, old: JSON, new: JSON) -> bool:
        """Whether two parts of lowered schemas are equal, ignoring the names of the components they refer to."""
        pending = [(old, new)]
        seen: set[tuple[str, str]] = set()
        while pending:
            one, other = pending.pop()
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                if one.keys() != other.keys():
                    return False
                for key, value in one.items():
                    if key == "$ref" and isinstance(value, str):
                        names = (value, str(other[key]))
                        if names not in seen:
                            seen.add(names)
                            pending.append((self._old_lowering.resolve(one), self._new_lowering.resolve(other)))
                    else:
                        pending.append((value, other[key]))
            elif isinstance(one, list) and isinstance(other, list):
                if len(one) != len(other):
                    return False
                pending.extend(zip(one, other, strict=True))
            elif _canonical(one) != _canonical(other):
                return False
        return True


# Here "integer" means numbers without a fraction, and "number" only those with one.
_ALL_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_EVERY_TYPE = frozenset(_ALL_TYPES)
_NUMBERS = ("integer", "number")
_ONLY: dict[str, Mapping[str, JSON]] = {name: {"type": name} for name in _ALL_TYPES}
_NULL: dict[str, JSON] = {"null": None}
_NOTHING: Mapping[str, JSON] = {"not": {}}
_ARRAY = ("prefixItems", "items")

# Keyword: the types it applies to, its exclusive form, and whether a smaller value narrows (else a greater one does).
_LIMITS: dict[str, tuple[Sequence[str], str, bool]] = {
    "maximum": (_NUMBERS, "exclusiveMaximum", True),
    "minimum": (_NUMBERS, "exclusiveMinimum", False),
    "maxLength": (("string",), "", True),
    "minLength": (("string",), "", False),
    "maxItems": (("array",), "", True),
    "minItems": (("array",), "", False),
    "maxProperties": (("object",), "", True),
    "minProperties": (("object",), "", False),
}

# An older format, and the newer formats that contain all its values.
_WIDER_FORMAT = {("int32", "int64"), ("float", "double")}


# Keyword: the types it applies to, and whether one value of it certainly follows from another.
_CONSTRAINTS: dict[str, tuple[Sequence[str], Callable[[JSON, JSON], bool]]] = {
    "pattern": (("string",), lambda value, other: bool(value == other)),
    "format": (_ALL_TYPES, lambda value, other: value == other or (other, value) in _WIDER_FORMAT),
    "multipleOf": (_NUMBERS, lambda value, other: bool(other % value == 0)),
    "uniqueItems": (("array",), lambda value, other: True),
}

# Keywords that are compared together with others.
_OPAQUE: dict[str, Sequence[str]] = {
    "not": ("not",),
    "if": ("if", "then", "else"),
    "oneOf": ("oneOf",),  # left only if the members exclude each other
    "contains": ("contains", "minContains", "maxContains"),
    "propertyNames": ("propertyNames",),
    "dependentRequired": ("dependentRequired",),
    "dependentSchemas": ("dependentSchemas",),
    "unevaluatedItems": ("unevaluatedItems",),
    "unevaluatedProperties": ("unevaluatedProperties",),
}

_Tags: TypeAlias = tuple[str, Mapping[str, JSON]]


def _key(old: _Conjunction, new: _Conjunction) -> _Key:
    return tuple(map(id, old)), tuple(map(id, new))


def _flat(lowering: Lowering, schemas: Iterable[JSON]) -> _Conjunction:
    """The schemas, those they refer to and those of their `allOf`, without those that have no keywords of their own."""
    found: dict[int, Mapping[str, JSON]] = {}
    pending = list(schemas)[::-1]
    seen: set[int] = set()
    while pending:
        schema = _NOTHING if (popped := pending.pop()) is False else popped
        if not isinstance(schema, Mapping) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if schema.keys() - {"$ref", "allOf"}:
            found[id(schema)] = schema
        pending.extend(reversed(schema.get("allOf", ())))
        if "$ref" in schema:
            pending.append(lowering.resolve(schema))
    return tuple(found.values())


def _pointer(lowering: Lowering, side: _Conjunction, keywords: Sequence[str] = ()) -> str:
    """The pointer to the first schema that has one of the keywords, else to the first schema."""
    owners = [owner for owner in side if not owner.keys().isdisjoint(keywords)] or list(side)
    return next((pointer for owner in owners if (pointer := lowering.origin(owner))), "")


def _property_pointer(lowering: Lowering, side: _Conjunction, name: str) -> str:
    owners = (owner for owner in side if name in owner.get("properties", ()))
    return next((f"{lowering.origin(owner)}/properties/{escape_token(name)}" for owner in owners), "")


def _is_nothing(side: _Conjunction) -> bool:
    return any(owner.get("not") in ({}, True) for owner in side if "not" in owner)


def _declared_types(side: _Conjunction) -> frozenset[str]:
    types = _EVERY_TYPE
    for owner in side:
        if "type" in owner:
            names = owner["type"] if isinstance(owner["type"], list) else [owner["type"]]
            types &= frozenset([*names, "integer"] if "number" in names else names)
    return types


def _types(side: _Conjunction) -> frozenset[str]:
    """The types that a value may have; with `enum` or `const`, the types of those values."""
    values = _values(side)
    return _declared_types(side) if values is None else frozenset(map(_type_of, values.values()))


def _type_names(types: frozenset[str]) -> str:
    if types == _EVERY_TYPE:
        return "anything"
    shown = types - {"integer"} if "number" in types else types
    return " or ".join(name for name in _ALL_TYPES if name in shown) or "nothing"


def _type_of(value: JSON) -> str:
    if isinstance(value, float) and value.is_integer():
        return "integer"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"


def _values(side: _Conjunction) -> dict[str, JSON] | None:
    """The permitted single values, by their text as JSON; None if there is no `enum` or `const`."""
    lists = [owner["enum"] for owner in side if "enum" in owner]
    lists += [[owner["const"]] for owner in side if "const" in owner]
    types = _declared_types(side)
    if not lists:
        return _NULL if types == {"null"} else None
    found = {_canonical(value): value for value in lists[0] if _type_of(value) in types}
    for values in lists[1:]:
        permitted = set(map(_canonical, values))
        found = {key: value for key, value in found.items() if key in permitted}
    return found


def _canonical(value: JSON) -> str:
    """The text of a value; values that are equal in JSON Schema have the same text: 1 and 1.0, but not 1 and true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)


def _listed(values: Sequence[JSON]) -> str:
    return ", ".join(map(show, values[:_SHOWN_VALUES])) + (", ..." if len(values) > _SHOWN_VALUES else "")


def _instead(old: str | None, new: str | None) -> str:
    if not old or not new:
        return f"{new} added" if new else f"{old} removed"
    return f"{new} instead of {old}"


def _limit(side: _Conjunction, keyword: str, exclusive: str, is_upper: bool) -> tuple[float, bool] | None:
    """The narrowest limit: its value, and whether that value itself is permitted (upper) or refused (lower)."""
    limits = [(owner[keyword], is_upper) for owner in side if keyword in owner]
    limits += [(owner[exclusive], not is_upper) for owner in side if exclusive in owner]
    if keyword.startswith("min") and not exclusive:
        limits = [limit for limit in limits if limit[0] > 0]
    return (min if is_upper else max)(limits, default=None)


def _limit_text(keyword: str, limit: tuple[float, bool], is_upper: bool) -> str:
    value, permitted = limit
    return f"{keyword} {show(value)}" + ("" if permitted == is_upper else " (exclusive)")


def _holds(owner: Mapping[str, JSON], keyword: str) -> bool:
    return keyword in owner and not (keyword == "if" and tagged_members(owner))


def _tags(owner: Mapping[str, JSON]) -> _Tags | None:
    """The property that distinguishes the members of a union, and the member for each of its values."""
    found = tagged_members(owner)
    return (found[0], found[1]) if found else None


def _members(owner: Mapping[str, JSON]) -> Sequence[JSON]:
    found = tagged_members(owner)
    return found[2] if found else owner.get("anyOf", ())


def _is_union(side: _Conjunction) -> bool:
    """Whether it is a union without other keywords."""
    return (
        len(side) == 1
        and bool(_members(side[0]))
        and not side[0].keys() - {"anyOf", "$ref", "allOf", *(_OPAQUE["if"] if tagged_members(side[0]) else ())}
    )


def _alternatives(
    lowering: Lowering, side: _Conjunction, seen: frozenset[tuple[int, ...]] = frozenset()
) -> list[_Conjunction]:
    """The members of a union, with those of unions inside it; any other schema is its own only alternative."""
    key = tuple(map(id, side))
    if key in seen or not _is_union(side):
        return [side]
    return [
        alternative
        for member in _members(side[0])
        for alternative in _alternatives(lowering, _flat(lowering, [member]), seen | {key})
    ]


def _by_type(side: _Conjunction) -> list[_Conjunction]:
    """A schema of several types as one schema for each type; a schema without a type is not split."""
    types = _types(side)
    names = [name for name in _ALL_TYPES if name in types and not (name == "integer" and "number" in types)]
    return [(*side, _ONLY[name]) for name in names] if 1 < len(names) < len(_ALL_TYPES) - 1 else [side]


def _component(lowering: Lowering, side: _Conjunction) -> str:
    """The name of the component that a schema is, or "" if it isn't one."""
    pointer = _pointer(lowering, side)
    return list(split_pointer(pointer))[2] if re.fullmatch("#/components/[^/]+/[^/]+", pointer) else ""


def _constants(side: _Conjunction) -> dict[str, str]:
    """The properties with only one permitted value, which distinguish a schema from others; each value as JSON."""
    found = {}
    for name, schemas in _properties(side).items():
        values = _values(tuple(schema for schema in schemas if isinstance(schema, Mapping)))
        if values and len(values) == 1:
            found[name] = next(iter(values))
    return found


# Keys by which an alternative is recognised in the other version, the best first; "" or nothing says nothing.
_LIKENESSES: tuple[Callable[[Lowering, _Conjunction], object], ...] = (
    _component,
    lambda lowering, side: _canonical(side),
    lambda lowering, side: frozenset(_constants(side).items()),
    lambda lowering, side: _types(side),
)


def _name(lowering: Lowering, side: _Conjunction) -> str:
    """The name of an alternative: its component, else its values or types, and what distinguishes it from others."""
    values = _values(side)
    name = _component(lowering, side) or (_listed(list(values.values())) if values else _type_names(_types(side)))
    constants = "".join(f" with {name} {value}" for name, value in list(_constants(side).items())[:1])
    return name + (constants if name == "object" else "")


def _properties(side: _Conjunction) -> dict[str, list[JSON]]:
    found: dict[str, list[JSON]] = {}
    for owner in side:
        for name, schema in owner.get("properties", {}).items():
            found.setdefault(name, []).append(schema)
    return found


def _required(side: _Conjunction) -> dict[str, None]:
    return dict.fromkeys(name for owner in side for name in owner.get("required", ()))


def _closings(side: _Conjunction) -> list[Mapping[str, JSON]]:
    """The schemas that say something about properties that they do not name."""
    return [owner for owner in side if _others(owner) is not True or _patterns(owner)]


def _closing(owner: Mapping[str, JSON]) -> JSON:
    names = sorted(owner.get("properties", ()))
    return {"names": names, "others": _others(owner), "patterns": dict(_patterns(owner))}


def _others(owner: Mapping[str, JSON]) -> JSON:
    others = owner.get("additionalProperties", True)
    return True if others == {} else others


def _patterns(owner: Mapping[str, JSON]) -> Mapping[str, JSON]:
    patterns: Mapping[str, JSON] = owner.get("patternProperties", {})
    return patterns
