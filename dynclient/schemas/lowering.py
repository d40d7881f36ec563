"""
Schemas of any OpenAPI version lowered to plain JSON Schema 2020-12, which any validator understands.

What OpenAPI adds is settled here once per schema and direction: `nullable`, discriminators, read-only and write-only
properties, boolean `exclusiveMinimum`, files in forms, references with siblings. Annotations are left out. Members of
a `oneOf` that are told apart exclude each other; others overlap by mistake in published documents, so that it becomes
`anyOf` (outside `not` and `if`, where that would refuse more). Contradictions are mended (`contradictions`).

What cannot be lowered (a pattern that Python cannot run, an unknown type) permits anything and is noted among the
document's problems. A reference that cannot be followed is noted too, and permits nothing: only a call with a value
for it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import quote

from dynclient.documents import Document, Joined, escape_step, escape_token, reference_of, split_pointer
from dynclient.errors import DocumentError
from dynclient.openapi import Schema, is_file, note_schema, values_of_items
from dynclient.schemas.contradictions import (
    MENDED,
    Facts,
    Surveyor,
    bare_pattern,
    is_closed,
    is_number,
    is_told_apart_by_required,
    joined_names,
    mended,
    with_integer,
)
from dynclient.support import SLOW, pattern_fault
from dynclient.types import JSON

Direction = Literal["request", "response"]

COMPONENTS = "#/components/schemas/"

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_HIDDEN: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


def _is_count(value: JSON) -> bool:
    return is_number(value) and value >= 0 and value == int(value)


def _is_names(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_schemas(value: JSON) -> bool:
    return isinstance(value, list) and bool(value)


def _is_mapping(value: JSON) -> bool:
    return isinstance(value, Mapping)


# Keywords taken over as they stand, each with the shape without which a validator would crash.
_PLAIN: dict[str, Callable[[JSON], bool]] = {
    "const": lambda value: True,
    "dependentRequired": lambda value: isinstance(value, Mapping) and all(_is_names(names) for names in value.values()),
    "enum": lambda value: isinstance(value, list) and bool(value),  # an empty one would refuse everything
    "exclusiveMaximum": is_number,
    "exclusiveMinimum": is_number,
    "format": lambda value: isinstance(value, str),
    "maxContains": _is_count,
    "maxItems": _is_count,
    "maxLength": _is_count,
    "maxProperties": _is_count,
    "maximum": is_number,
    "minContains": _is_count,
    "minItems": _is_count,
    "minLength": _is_count,
    "minProperties": _is_count,
    "minimum": is_number,
    "multipleOf": lambda value: is_number(value) and value > 0,
    "uniqueItems": lambda value: isinstance(value, bool),
}
_UNIONS = ("anyOf", "oneOf")
_JOINED = ("allOf", *_UNIONS)
_CLOSING = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "items")  # told apart when `false`
# Keywords that are lowered each in its own way, with the shape that they must have for it.
_LOWERED: dict[str, Callable[[JSON], bool]] = {
    "allOf": _is_schemas,
    "anyOf": _is_schemas,
    "dependentSchemas": _is_mapping,
    "items": lambda value: isinstance(value, (Mapping, bool, list)),
    "oneOf": _is_schemas,
    "pattern": lambda value: isinstance(value, str),
    "patternProperties": _is_mapping,
    "properties": _is_mapping,
    "required": _is_names,
}
# The keywords a default is checked with: none that takes long.
_OF_DEFAULT = frozenset(
    {
        "const", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maximum", "minItems",
        "minLength", "minimum", "type",
    }
)  # fmt: skip
_ONE_SCHEMA = (*_CLOSING, "contains", "propertyNames")
_CONDITION = ("not", "if")
_ANCHORING = frozenset({"$defs", "$dynamicAnchor"})
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# Keywords that may stand where the document has another.
_MADE_FROM = {
    "anyOf": ("oneOf", "nullable"),
    "enum": ("discriminator",),
    "prefixItems": ("items",),
}
_BRANCH = ("then", "else")
_HOLD_SEVERAL = frozenset({*_JOINED, "dependentSchemas", "patternProperties", "prefixItems", "properties"})
_OF_OTHER_VALUES = frozenset(
    {"additionalProperties", "contains", "items", "patternProperties", "prefixItems", "properties", "propertyNames"}
)
_NO_SCHEMAS = Joined({}, "", {})
_NAMED_SCHEMAS = ("properties", "dependentSchemas")


class _Place(NamedTuple):
    """
    Where a schema stands, and what those around it mean for it.

    `hidden` are names that its `required` does not ask for, `open` those that it permits though it is closed. `exact`
    says that nothing may be relaxed. `inherited` says that another schema of Swagger 2.0 extends this one, so that its
    discriminator says nothing. `asked` are the schemas whose union has been asked for this value already, and those
    that extend this one. `dynamic` has the schema that each dynamic anchor means.
    """

    pointer: str
    hidden: frozenset[str] = frozenset()
    exact: bool = False
    inherited: bool = False
    open: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    dynamic: tuple[tuple[str, str], ...] = ()

    def inside(self, *steps: str | int) -> _Place:
        """A schema that stands for another value: what was hidden here has no meaning there."""
        pointer = "/".join([self.pointer, *(escape_token(str(step)) for step in steps)])
        return _Place(pointer, exact=self.exact, dynamic=self.dynamic)

    def beside(self, *steps: str | int) -> _Place:
        """A schema that stands for the same value."""
        return self._replace(pointer=self.inside(*steps).pointer)


class Lowering:
    """
    The lowered schemas of a document in one direction, each made once and when first needed.

    `components` holds those that references lead to, under names of our own; a lowered schema refers to them as
    `#/components/schemas/<name>`. With `form`, a schema that means a file permits anything, for what stands there is
    no JSON.
    """

    mark = ""
    """What the names of the components of a class of lowerings end with, so that they stand beside those of others."""

    def __init__(self, document: Document, direction: Direction, *, form: bool = False) -> None:
        self.components: dict[str, JSON] = {}
        self.document = document
        self._hidden_by = _HIDDEN[direction]
        self._form = form
        self._pending: list[tuple[str, Schema, _Place]] = []
        self._origins: dict[int, str] = {}
        self._heirs: dict[str, list[str]] | None = None
        self._referred: dict[str, tuple[str, ...]] = {}
        self._surveyor = Surveyor(document)
        self._tags: dict[tuple[str, str], tuple[list[str], bool]] = {}

    def schema(self, schema: Schema | None) -> JSON:
        """The lowered schema; no schema permits anything."""
        if schema is None:
            return True
        place = _Place(schema.pointer)
        lowered = self._lower(schema.contents, place._replace(dynamic=_anchored(schema, place)))
        while self._pending:  # a list instead of recursion: real documents are deeper than Python's stack
            position = len(self._pending) - 1
            name, target, place = self._pending[position]
            self.components[name] = self._lower(target.contents, place)
            del self._pending[position]  # if it failed, the next call must find it unfinished
        return lowered

    def resolve(self, lowered: JSON) -> JSON:
        """The component that a lowered schema refers to; anything where it refers to none."""
        names = list(_references({"$ref": lowered.get("$ref")}))
        return self.components.get(names[0], True) if names else True

    def origin(self, lowered: JSON, keyword: str = "") -> str:
        """
        The pointer in the document of the schema that this one was lowered from, or "" for one of no origin.

        With a keyword of the lowered schema, the pointer to that from which it was made.
        """
        pointer = self._origins.get(id(lowered), "")
        if not pointer or not keyword:
            return pointer
        node = self.document.at(pointer)
        names = (keyword, *_MADE_FROM.get(keyword, ())) if isinstance(node, Mapping) else ()
        published = next((name for name in names if name in node), "")
        return f"{pointer}/{published}" if published else pointer

    def reachable(self, lowered: JSON) -> dict[str, JSON]:
        """The components that lowered schemas, anywhere in this value, refer to, directly or not."""
        found: dict[str, JSON] = {}
        names = list(_references(lowered))
        while names:
            name = names.pop()
            if name in self.components and name not in found:
                found[name] = self.components[name]
                if name not in self._referred:  # none of a component changes once it is lowered
                    self._referred[name] = tuple(dict.fromkeys(_references(found[name])))
                names.extend(self._referred[name])
        return found

    def _lower(self, node: JSON, place: _Place) -> JSON:
        if node is True:
            return True
        lowered: dict[str, JSON]
        if node is False:  # spelled out: of a value that `false` refuses, jsonschema does not say where it stands
            lowered = {"not": {}}
            self._origins[id(lowered)] = place.pointer
            return lowered
        if not isinstance(node, Mapping):
            self._note("schema-shape", place, "a schema must be an object; anything is accepted here")
            return True
        if self._form and is_file(node):
            return True
        note_schema(self.document, node, place.pointer)
        items = None
        if not (place.exact or MENDED.isdisjoint(node)):
            items = values_of_items(node)
            node = mended(self.document, node, place.pointer)
        lowered = self._lower_object(node, place)
        if items is not None:
            self._lower_values_of_items(items, lowered, place)
        if "default" in node:
            self._check_default(node, lowered, place)
        nullable = _or_null(lowered) if self._is_nullable(node) else lowered
        for kept in (nullable, *nullable.get("anyOf", ())):  # not by an id that another object may get
            if kept is nullable or kept is lowered:
                self._origins[id(kept)] = place.pointer
        return nullable

    def _lower_object(self, node: Mapping[str, JSON], place: _Place) -> dict[str, JSON]:
        lowered: dict[str, JSON] = {}
        opened: frozenset[str] = frozenset()
        if not place.exact:  # under `not` and `if`, to ask for less would be to refuse more
            place = place._replace(hidden=place.hidden | self._hidden_names(node, place.pointer))
            place, opened = self._open(node, place)
        reference = self._reference(node, place)
        if reference:
            lowered["$ref"] = reference
            if self.document.is_30:  # "additional properties ... SHALL be ignored" (OpenAPI 3.0.4 §4.7.23)
                return lowered
        self._lower_plain(node, place, lowered)
        self._lower_type(node, place, lowered)
        self._lower_exclusive(node, lowered)
        self._lower_patterns(node, place, lowered)
        self._lower_members(node, place, opened, lowered)
        self._lower_conditions(node, place, lowered)
        self._lower_combined(node, place, lowered)
        if self.document.is_20 and isinstance(node.get("discriminator"), str) and not place.inherited:
            self._lower_heirs(node, place, lowered)
        return lowered

    def _lower_plain(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        """The keywords that stay as they are; values that no keyword may have are noted and left out."""
        for keyword, fits in _PLAIN.items():
            if keyword in node:
                if fits(node[keyword]):
                    lowered[keyword] = node[keyword]
                elif not (keyword.startswith("exclusive") and isinstance(node[keyword], bool)):
                    self._note_value(node, keyword, place)
        for keyword, fits in _LOWERED.items():
            is_parameter_s = keyword == "required" and "in" in node  # of Swagger 2.0, whose parameters are schemas too
            if keyword in node and not fits(node[keyword]) and not is_parameter_s:
                self._note_value(node, keyword, place)

    def _lower_members(
        self, node: Mapping[str, JSON], place: _Place, opened: frozenset[str], lowered: dict[str, JSON]
    ) -> None:
        """The schemas of items and of properties."""
        for keyword in _ONE_SCHEMA:
            if isinstance(node.get(keyword), (Mapping, bool)):
                closed = node[keyword] is False and keyword in _CLOSING
                lowered[keyword] = False if closed else self._lower(node[keyword], place.inside(keyword))
        if isinstance(node.get("items"), list):  # JSON Schema draft 7
            lowered["prefixItems"] = self._lower_items(node["items"], place.inside("items"))
        elif isinstance(node.get("prefixItems"), list):
            lowered["prefixItems"] = self._lower_items(node["prefixItems"], place.inside("prefixItems"))
        for keyword in _NAMED_SCHEMAS:
            if isinstance(node.get(keyword), Mapping):
                named = self._named(node, keyword, place)
                lowered[keyword] = {
                    name: self._lower(value, place.inside()._replace(pointer=named.pointer_of(name)))
                    for name, value in named.values.items()
                }
        if opened:
            lowered["properties"] = {**lowered.get("properties", {}), **dict.fromkeys(sorted(opened), True)}

    def _lower_conditions(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        """`if`, `then`, `else`, `not`, and `required`."""
        for keyword in _CONDITION:
            if keyword in node:
                lowered[keyword] = self._lower(node[keyword], place.inside(keyword)._replace(exact=True))
        for keyword in _BRANCH:
            if keyword in node:
                lowered[keyword] = self._lower(node[keyword], place.beside(keyword))
        if _is_names(node.get("required")):
            lowered["required"] = [name for name in dict.fromkeys(node["required"]) if name not in place.hidden]

    def _open(self, node: Mapping[str, JSON], place: _Place) -> tuple[_Place, frozenset[str]]:
        """
        The place of the members of a schema, and the names that it permits beside its own though it is closed.

        What is required and described nowhere is not asked for, and may be given.
        """
        pointer = place.pointer
        if "$ref" in node and self.document.is_30:
            return place, frozenset()
        refers = "$ref" in node and len(node) > 1
        if not (is_closed(node) or place.open or refers or not node.keys().isdisjoint(_JOINED)):
            return place, frozenset()
        facts = self._surveyor.facts(node, pointer)
        if not facts.has_closed:
            return place._replace(open=frozenset()) if place.open else place, frozenset()
        surplus = facts.surplus - place.open - place.hidden
        if surplus:
            names = ", ".join(sorted(surplus))
            message = f"it requires {names}, has no such property, and permits no others; {names} may be given or not"
            self._note("required-unknown", place, message)
        place = place._replace(hidden=place.hidden | surplus, open=place.open | surplus)
        if not is_closed(node):
            return place, frozenset()
        meant = place.open
        if node.get("additionalProperties") is False:
            members = [self._facts(node, *each, place) for each in _members_of(node)]
            own = self._surveyor.own(node, pointer)
            if facts.is_torn or any(own.missing(each.required) for each in members):
                meant |= facts.required.union(*(each.declared.texts for each in members))
        opened = self._surveyor.own(node, pointer).missing(meant)
        others = ", ".join(sorted(opened - surplus))
        if others:
            message = f"it is closed, and what holds for the same value has {others:.200}; these are permitted"
            self._note("closed-members", place, message)
        return place, opened

    def _opening(self, node: Mapping[str, JSON], keyword: str, position: int, place: _Place) -> frozenset[str]:
        """
        The names that a member of `allOf` or of a union permits though it is closed.

        Where members of `allOf` refuse each other's names, all are meant. Of a union that stands beside properties,
        those that are required; where one member has another name, the others may lack it on purpose.
        """
        facts = self._surveyor.facts(node, place.pointer)
        if place.exact or not facts.has_closed:
            return place.open
        members = {each: self._facts(node, *each, place) for each in _members_of(node)}
        own = self._surveyor.own(node, place.pointer).texts
        if keyword == "allOf":
            others = (each.declared.texts for key, each in members.items() if key != (keyword, position))
            return place.open | own.union(*others) if facts.is_torn else place.open
        in_any_case = [each for (joined, _), each in members.items() if joined not in _UNIONS]
        by_members = joined_names(each.declared for (joined, _), each in members.items() if joined in _UNIONS)
        if not by_members.missing(facts.required):
            return place.open | facts.required
        declared = own.union(*(each.declared.texts for each in in_any_case))
        return place.open | facts.required | by_members.missing(declared)

    def _facts(self, node: Mapping[str, JSON], keyword: str, position: int, place: _Place) -> Facts:
        """What a member of `allOf` or of a union says of objects, or what the schema refers to."""
        if keyword == "$ref":
            return self._surveyor.facts(*self._resolve({"$ref": node["$ref"]}, place.pointer))
        return self._surveyor.facts(node[keyword][position], f"{place.pointer}/{keyword}/{position}")

    def _lower_values_of_items(self, values: list[JSON], lowered: dict[str, JSON], place: _Place) -> None:
        listed = {"enum": values}
        self._origins[id(listed)] = place.pointer
        items = lowered.get("items", True)
        lowered["items"] = listed if items is True or items == {} else {"allOf": [items, listed]}

    def _lower_type(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if "type" not in node:
            return
        types = node["type"] if isinstance(node["type"], list) else [node["type"]]
        known = [name for name in types if isinstance(name, str) and name in _TYPES]
        if len(known) < len(types):
            self._note("type-unknown", place.inside("type"), f"{node['type']!r:.80} isn't a type of JSON Schema")
        if known and not place.exact and not node.keys().isdisjoint(_JOINED):
            known += self._types_of_members(node, known, place)
        if known:
            lowered["type"] = known if len(known) > 1 or isinstance(node["type"], list) else known[0]

    def _types_of_members(self, node: Mapping[str, JSON], types: list[str], place: _Place) -> list[str]:
        """The types of members that the type beside them would rule out."""
        found: list[str] = []
        for keyword in _JOINED:
            for position, member in enumerate(_list(node.get(keyword))):
                asked = self._surveyor.types(member, f"{place.pointer}/{keyword}/{position}")
                if asked and asked.isdisjoint(with_integer(types)):
                    found += sorted(asked - {*found, *types})
        if found:
            message = f"the type {node['type']!r} rules out members that are of {', '.join(found)}; these pass, too"
            self._note("type-unfit", place.inside("type"), message)
        return found

    def _lower_exclusive(self, node: Mapping[str, JSON], lowered: dict[str, JSON]) -> None:
        """OpenAPI 3.0 has a boolean beside the limit where JSON Schema has the limit itself."""
        for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if node.get(exclusive) is True and limit in lowered:
                lowered[exclusive] = lowered.pop(limit)

    def _lower_patterns(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if isinstance(node.get("pattern"), str):
            pattern = self._bare_pattern(node["pattern"], place.inside("pattern"))
            if self._is_pattern(pattern, place.inside("pattern")):
                lowered["pattern"] = pattern
        if isinstance(node.get("patternProperties"), Mapping):
            step = place.inside("patternProperties")
            lowered["patternProperties"] = patterns = {}
            for published, schema in node["patternProperties"].items():
                pattern = self._bare_pattern(published, step.inside(published))
                if self._is_pattern(pattern, step.inside(published)):
                    patterns[pattern] = self._lower(schema, step.inside(published))
                else:  # it may mean any name, and none of these is then an additional one
                    patterns.setdefault("", True)

    def _lower_combined(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if isinstance(node.get("allOf"), list):
            step = place._replace(inherited=self.document.is_20, asked=place.asked | {place.pointer})
            lowered["allOf"] = self._lower_all(node, "allOf", step)
        unions = []
        for keyword in ("anyOf", "oneOf"):
            members = node.get(keyword)
            if isinstance(members, list) and members and not self._is_asked(members, keyword, place):
                step = place._replace(asked=place.asked | {place.pointer})
                unions.append(self._union(node, keyword, self._lower_all(node, keyword, step), place))
        if len(unions) == 1 and not unions[0].keys() & lowered.keys():
            lowered.update(unions[0])
        elif unions:
            lowered["allOf"] = [*lowered.get("allOf", ()), *unions]
            self._origins.update((id(union), place.pointer) for union in unions)

    def _lower_heirs(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        """
        In Swagger 2.0 the tag names the definition that a value is of: this one, or one that extends it by `allOf`.

        Where there is none, or the property permits none of their names, the documents have names of their own for it.
        """
        schemas, tag = self._schemas(), node["discriminator"]
        names = list(dict.fromkeys(self._heirs_of(_plain(place.pointer))))
        values = {name: schemas[name].get("x-ms-discriminator-value", name) for name in names}
        own = list(split_pointer(place.pointer.partition("#")[2]))[-1]
        permitted, _ = self._tag_values(Schema(node, place.pointer), tag)
        known = [node.get("x-ms-discriminator-value", own), *values.values()]
        if not names or (permitted and not {own, *known} & {*permitted}):
            message = f"its values name no definition that extends this one; {tag} chooses none"
            self._note("discriminator-idle", place.inside("discriminator"), message)
            return
        for name, value in values.items():
            reference = {"$ref": self._component(Schema(schemas[name], f"#/definitions/{escape_token(name)}"), place)}
            lowered.setdefault("allOf", []).append(_if_tag(tag, value, [reference]))
        one_of = _has(tag, list(dict.fromkeys([*known, *names, *permitted])))
        self._origins[id(one_of["properties"][tag])] = place.pointer
        lowered["allOf"].append({"if": _has_text(tag), "then": one_of})

    def _heirs_of(self, pointer: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The names of the definitions that extend the schema there by `allOf`, directly or not."""
        if self._heirs is None:
            self._heirs = {}
            for heir, node in self._schemas().items():
                members = node.get("allOf") if isinstance(node, Mapping) else None
                for member in members if isinstance(members, list) else ():
                    _, extended = self._resolve(member, "#")
                    self._heirs.setdefault(_plain(extended), []).append(heir)
        for heir in self._heirs.get(pointer, ()):
            if heir not in seen:
                yield heir
                yield from self._heirs_of(f"definitions/{heir}", seen | {heir})

    def _is_asked(self, members: list[JSON], keyword: str, place: _Place) -> bool:
        """
        Whether this union holds anyhow: the value has been asked for it, or comes from one of its members.

        So generators write inheritance: a parent is one of its children, and each child is all of the parent.
        """
        ends = (self._resolve(each, f"{place.pointer}/{keyword}/{n}")[1] for n, each in enumerate(members))
        return bool(place.asked) and (place.pointer in place.asked or not place.asked.isdisjoint(ends))

    def _lower_items(self, items: list[JSON], place: _Place) -> list[JSON]:
        return [self._lower(item, place.inside(position)) for position, item in enumerate(items)]

    def _lower_all(self, node: Mapping[str, JSON], keyword: str, place: _Place) -> list[JSON]:
        return [
            self._lower(
                member, place.beside(keyword, position)._replace(open=self._opening(node, keyword, position, place))
            )
            for position, member in enumerate(node[keyword])
        ]

    def _union(self, node: Mapping[str, JSON], keyword: str, members: list[JSON], place: _Place) -> dict[str, JSON]:
        """
        The members as `anyOf`, as `oneOf` where they exclude each other, or by the values of a discriminator.

        Then it is `if` a value `then` that member. A value that means none is left to members without a name, and else
        refused; without any value, one member must fit.
        """
        if keyword == "oneOf" and place.exact:
            return {"oneOf": members}
        plain: dict[str, JSON] = {"oneOf" if self._exclude(node, keyword, place) else "anyOf": members}
        discriminator = node.get("discriminator")
        tag = discriminator.get("propertyName") if isinstance(discriminator, Mapping) else None
        if not isinstance(tag, str) or not isinstance(discriminator, Mapping):
            return plain
        schemas = [Schema(each, f"{place.pointer}/{keyword}/{n}") for n, each in enumerate(node[keyword])]
        declared = [self._tag_values(schema, tag) for schema in schemas]
        meant = [
            self._tags_of_member(schema, values, discriminator, place)
            for schema, (values, _) in zip(schemas, declared, strict=True)
        ]
        taken = {value for values in meant for value in values}
        by_tags: dict[str, list[JSON]] = {}  # a value may belong to several members
        for member, values, (own, _) in zip(members, meant, declared, strict=True):
            for value in [*values, *(each for each in own if each not in taken)]:
                by_tags.setdefault(value, []).append(member)
        if not by_tags:
            return plain
        self._origins[id(plain)] = place.pointer  # it stays apart, in `else`
        known = _has(tag, list(by_tags))
        self._origins[id(known["properties"][tag])] = place.pointer
        chosen_otherwise = _default_member(node[keyword], discriminator)
        refuses_others = all(is_closed for _, is_closed in declared)
        unnamed = [
            members[position]
            for position, schema in enumerate(schemas)
            if not meant[position]
            and reference_of(schema.contents) is None
            and self._surveyor.types(schema.contents, schema.pointer) <= {"object"}
        ]
        others: JSON = {"anyOf": unnamed} if unnamed else known
        otherwise = plain if refuses_others else {"if": _has_text(tag), "then": others, "else": plain}
        return {
            "if": known,
            "then": {"allOf": [_if_tag(tag, value, chosen) for value, chosen in by_tags.items()]},
            "else": otherwise if chosen_otherwise is None else members[chosen_otherwise],
        }

    def _exclude(self, node: Mapping[str, JSON], keyword: str, place: _Place) -> bool:
        """
        Whether the members of a `oneOf` differ only in what they require, all of which is asked for.

        Members that each have another constant need no more than `anyOf`: no value fits two of them, unless it lacks
        what its author forgot to require.
        """
        if keyword != "oneOf":
            return False
        if not all("required" in each or "$ref" in each for each in map(_mapping, node["oneOf"])):
            return False
        ends = [self._resolve(each, f"{place.pointer}/oneOf/{n}") for n, each in enumerate(node["oneOf"])]
        if not is_told_apart_by_required([contents for contents, _ in ends]):
            return False
        hidden = place.hidden.union(*(self._hidden_names(*end) | self._surveyor.facts(*end).surplus for end in ends))
        return all(hidden.isdisjoint(contents["required"]) for contents, _ in ends)

    def _tags_of_member(
        self, member: Schema, declared: list[str], discriminator: Mapping[str, JSON], place: _Place
    ) -> list[str]:
        """The values of the tag that mean a member: from the mapping, else its name, else those it declares."""
        reference = reference_of(member.contents)
        if reference is None:
            return declared
        mapping = discriminator.get("mapping")
        end = self._resolve(member.contents, member.pointer)[1]
        mapped = [
            value
            for value, target in (mapping.items() if isinstance(mapping, Mapping) else ())
            if reference in (target, f"{COMPONENTS}{target}") or end == self._mapped(target, place)
        ]
        if mapped:
            return mapped
        name = [*split_pointer(reference.partition("#")[2])][-1:]
        return name if not declared or set(name) & set(declared) else declared

    def _mapped(self, target: JSON, place: _Place) -> str:
        """The pointer to what a mapping names: a component, else by a reference (OpenAPI 3.1.1 §4.8.25)."""
        if not isinstance(target, str):
            return ""
        reference = COMPONENTS + escape_token(target) if target in self._schemas() else target
        return self._resolve({"$ref": reference}, place.pointer)[1]

    def _schemas(self) -> Mapping[str, JSON]:
        keys = ("definitions",) if self.document.is_20 else ("components", "schemas")
        return self.document.section(*keys)[0]

    def _tag_values(self, schema: Schema, tag: str) -> tuple[list[str], bool]:
        """The texts that a schema permits for a property, as far as it lists them, and whether it permits no others."""
        node, pointer = self._resolve(schema.contents, schema.pointer)
        if not isinstance(node, Mapping):
            return [], False
        if (pointer, tag) not in self._tags:
            self._tags[pointer, tag] = [], False  # of a schema inside itself
            self._tags[pointer, tag] = self._listed_tags(node, pointer, tag)
        return self._tags[pointer, tag]

    def _listed_tags(self, node: Mapping[str, JSON], pointer: str, tag: str) -> tuple[list[str], bool]:
        found: dict[str, None] = {}
        closed = False
        properties = self._named(node, "properties", _Place(pointer))
        if tag in properties.values:
            value, _ = self._resolve(properties.values[tag], properties.pointer_of(tag))
            listed = [value["const"]] if "const" in _mapping(value) else _list(_mapping(value).get("enum"))
            found.update(dict.fromkeys(each for each in listed if isinstance(each, str)))
            closed = bool(listed)
        for keyword in _JOINED:
            members = [
                self._tag_values(Schema(each, f"{pointer}/{keyword}/{position}"), tag)
                for position, each in enumerate(_list(node.get(keyword)))
            ]
            found.update(dict.fromkeys(value for values, _ in members for value in values))
            decide = any if keyword == "allOf" else all
            closed = closed or (bool(members) and decide(is_closed for _, is_closed in members))
        return list(found), closed

    def _reference(self, node: Mapping[str, JSON], place: _Place) -> str:
        """Where the schema refers to, as a reference to one of our components; "" for none or nothing."""
        keyword = next((key for key in _REFERENCES if isinstance(node.get(key), str)), "")
        if not keyword:
            return ""
        try:
            direct, pointer = self._follow(keyword, node[keyword], place)
            contents, _ = self.document.resolve(direct, pointer)
        except DocumentError as error:
            return self._missing(error, place)
        if contents is True or contents == {}:
            return ""
        return self._component(Schema(direct, pointer), place)

    def _follow(self, keyword: str, target: str, place: _Place) -> tuple[JSON, str]:
        """What a reference leads to; a dynamic one to the outermost schema with its anchor on the way here."""
        direct, pointer = self.document.follow(target, place.pointer)
        anchor = target.rpartition("#")[2]
        bound = dict(place.dynamic).get(anchor)
        if keyword != "$dynamicRef" or bound is None or _member(direct, "$dynamicAnchor") != anchor:
            return direct, pointer
        return self.document.at(bound), bound

    def _missing(self, error: DocumentError, place: _Place) -> str:
        """A schema that no value fits, for nobody can say which would; the comment says so to whoever gives one."""
        self._note("reference-missing", place, error.message)
        name = f"missing at {place.pointer}"
        schema = self.components[name] = {"not": {}, "$comment": f"cannot be checked, for {error}"}
        self._origins[id(schema)] = place.pointer
        return _component_reference(name)

    def _named(self, node: Mapping[str, JSON], keyword: str, place: _Place) -> Joined:
        """The schemas of a map such as `properties`; some documents have the whole map elsewhere."""
        if keyword not in node:
            return _NO_SCHEMAS
        where = place.inside(keyword)
        try:
            return self.document.join(node.get(keyword), where.pointer)
        except DocumentError as error:
            self._note("reference-missing", where, f"{error.message}; these {keyword} are not checked")
            return Joined({}, where.pointer, {})

    def _component(self, target: Schema, place: _Place) -> str:
        plain = target.pointer.removeprefix(COMPONENTS)
        is_component = plain != target.pointer and "/" not in plain
        name = next(split_pointer("/" + plain)) if is_component else target.pointer.removeprefix("#/")
        name += " (form)" if self._form else self.mark
        asked, opened = place.asked, place.open
        if asked or opened:
            facts = self._surveyor.facts(target.contents, target.pointer)
            asked, opened = asked & facts.reached, opened if facts.has_closed else frozenset()
        own = _anchored(target, _Place(""))
        bound = [each for each in place.dynamic if each not in own]
        place = place._replace(asked=asked, open=opened, dynamic=_anchored(target, place))
        if place.hidden:
            name += f" (without {', '.join(sorted(place.hidden))})"
        if opened:
            name += f" (with {', '.join(sorted(opened))})"
        if asked:
            name += f" (within {', '.join(sorted(asked))})"
        if bound:
            name += f" ({', '.join(f'{anchor} is {pointer}' for anchor, pointer in bound)})"
        if place.exact:
            name += " (exact)"
        inherited = place.inherited and self._has_heirs(target)
        if inherited:
            name += " (inherited)"
        if name not in self.components:
            self.components[name] = True  # until it is lowered; keeps a recursive schema from being queued twice
            self._pending.append((name, target, place._replace(pointer=target.pointer, inherited=inherited)))
        return _component_reference(name)

    def _has_heirs(self, schema: Schema) -> bool:
        node, _ = self._resolve(schema.contents, schema.pointer)
        return isinstance(node, Mapping) and isinstance(node.get("discriminator"), str)

    def _hidden_names(self, node: JSON, pointer: str, seen: set[str] | None = None) -> frozenset[str]:
        """The properties that do not travel in this direction, here and in all that `allOf` adds, each once."""
        seen = set() if seen is None else seen
        if not isinstance(node, Mapping) or pointer in seen:
            return frozenset()
        seen.add(pointer)
        properties = self._named(node, "properties", _Place(pointer))
        names = {
            name
            for name, value in properties.values.items()
            if self._is_hidden(value, properties.pointer_of(name), set(seen))
        }
        members = node.get("allOf")
        for position, member in enumerate(members if isinstance(members, list) else ()):
            names |= self._hidden_names(member, f"{pointer}/allOf/{position}", seen)
        if "$ref" in node:
            names |= self._hidden_names(*self._resolve(node, pointer), seen)
        return frozenset(names)

    def _is_hidden(self, node: JSON, pointer: str, seen: set[str]) -> bool:
        if isinstance(node, Mapping) and node.get(self._hidden_by) is True:
            return True
        node, pointer = self._resolve(node, pointer)
        if not isinstance(node, Mapping) or pointer in seen:
            return False
        seen.add(pointer)
        members = node.get("allOf")
        return node.get(self._hidden_by) is True or any(
            self._is_hidden(member, f"{pointer}/allOf/{position}", seen)
            for position, member in enumerate(members if isinstance(members, list) else ())
        )

    def _is_nullable(self, node: Mapping[str, JSON]) -> bool:
        """In every version: documents moved to 3.1 kept `nullable`. A member `{nullable: true}` means the whole."""
        members = node.get("allOf")
        return self._says_null(node) or any(
            isinstance(member, Mapping) and self._says_null(member) and not {"type", "$ref"} & member.keys()
            for member in (members if isinstance(members, list) else ())
        )

    def _says_null(self, node: Mapping[str, JSON]) -> bool:
        return node.get("nullable") is True or (self.document.is_20 and node.get("x-nullable") is True)

    def _resolve(self, node: JSON, pointer: str) -> tuple[JSON, str]:
        try:
            return self.document.resolve(node, pointer)
        except DocumentError:  # noted where the reference itself is lowered
            return True, pointer

    def _bare_pattern(self, pattern: str, place: _Place) -> str:
        bare = bare_pattern(pattern)
        if bare is None:
            return pattern
        self._note("pattern-delimited", place, f"{pattern!r:.200} has delimiters; the pattern is {bare!r:.200}")
        return bare

    def _is_pattern(self, pattern: str, place: _Place) -> bool:
        found = pattern_fault(pattern)
        if found == SLOW:
            self._note("pattern-slow", place, f"the pattern {pattern!r:.200} {found}")
        elif found:
            self._note("pattern-unsupported", place, f"the pattern {pattern!r:.200} {found}")
        return found in ("", SLOW)

    def _check_default(self, node: Mapping[str, JSON], lowered: Mapping[str, JSON], place: _Place) -> None:
        from jsonschema import Draft202012Validator

        default = node["default"]
        checked = {keyword: lowered[keyword] for keyword in _OF_DEFAULT & lowered.keys()}
        if not Draft202012Validator(checked).is_valid(default) and not (default is None and self._is_nullable(node)):
            self._note("default-unfit", place.inside("default"), f"the default {default!r:.80} does not fit the schema")

    def _note_value(self, node: Mapping[str, JSON], keyword: str, place: _Place) -> None:
        self._note("keyword-value", place.inside(keyword), f"{node[keyword]!r:.80} isn't a value of {keyword}")

    def _note(self, rule: str, place: _Place, message: str) -> None:
        self.document.note(rule, place.pointer, message)


def _members_of(node: Mapping[str, JSON]) -> list[tuple[str, int]]:
    """What a schema joins: keywords and positions of the members, and its reference as if it were one."""
    members = [(keyword, position) for keyword in _JOINED for position in range(len(_list(node.get(keyword))))]
    return [*members, ("$ref", 0)] if "$ref" in node else members


def _anchored(schema: Schema, place: _Place) -> tuple[tuple[str, str], ...]:
    """What dynamic anchors mean inside a schema: what they do at the place that leads there, else its own."""
    if not (isinstance(schema.contents, Mapping) and _ANCHORING & schema.contents.keys()):
        return place.dynamic
    own = {"": schema.contents, **_mapping(_member(schema.contents, "$defs"))}
    found = {
        anchor: f"{schema.pointer}/$defs/{escape_token(name)}" if name else schema.pointer
        for name, node in own.items()
        if isinstance(anchor := _member(node, "$dynamicAnchor"), str) and not (name and _member(node, "$id"))
    }
    return tuple(sorted({**found, **dict(place.dynamic)}.items()))


def _member(node: JSON, key: str) -> JSON:
    return node.get(key) if isinstance(node, Mapping) else None


def _mapping(node: JSON) -> Mapping[str, JSON]:
    return node if isinstance(node, Mapping) else {}


def _list(node: JSON) -> list[JSON]:
    return node if isinstance(node, list) else []


def _component_reference(name: str) -> str:
    return COMPONENTS + quote(escape_step(name), safe="~")


def _plain(pointer: str) -> str:
    """A pointer without its escapes, to compare."""
    return "/".join(split_pointer(pointer))


def _or_null(lowered: dict[str, JSON]) -> dict[str, JSON]:
    if (
        isinstance(lowered.get("type"), str)
        and not {"enum", "const", "allOf", "anyOf", "oneOf", "$ref", "if"} & lowered.keys()
    ):
        return {**lowered, "type": [lowered["type"], "null"]} if lowered["type"] != "null" else lowered
    return {"anyOf": [lowered, {"type": "null"}]} if lowered else lowered


def _default_member(members: list[JSON], discriminator: Mapping[str, JSON]) -> int | None:
    """The position of the member that a value without a known tag must fit (OpenAPI 3.2, `defaultMapping`)."""
    target = discriminator.get("defaultMapping")
    references = [member.get("$ref") if isinstance(member, Mapping) else None for member in members]
    named = (position for position, name in enumerate(references) if name in (target, f"{COMPONENTS}{target}"))
    return next(named, None) if isinstance(target, str) else None


def _has_text(tag: str) -> dict[str, JSON]:
    return {"type": "object", "required": [tag], "properties": {tag: {"type": "string"}}}


def _has(tag: str, values: list[str]) -> dict[str, JSON]:
    return {"type": "object", "required": [tag], "properties": {tag: {"enum": values}}}


def _if_tag(tag: str, value: str, chosen: list[JSON]) -> dict[str, JSON]:
    return {"if": _has(tag, [value]), "then": chosen[0] if len(chosen) == 1 else {"anyOf": chosen}}


def tagged_members(lowered: Mapping[str, JSON]) -> tuple[str, dict[str, JSON], list[JSON]] | None:
    """
    What a discriminator was lowered to: its property, the schema that each value of it means, and the union's members.

    None where the schema has no such union.
    """
    try:
        cases, otherwise = lowered["then"]["allOf"], lowered["else"]
        tag = lowered["if"]["required"][0]
        chosen = {case["if"]["properties"][tag]["enum"][0]: case["then"] for case in cases}
        plain = otherwise.get("else", otherwise)
        members = plain["anyOf"] if "anyOf" in plain else plain["oneOf"]
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    return (tag, chosen, members) if lowered["if"] == _has(tag, list(chosen)) else None


def schema_at(whole: JSON, steps: Sequence[str | int], part: JSON, components: Mapping[str, JSON]) -> JSON:
    """
    The lowered schema of a value of which one part of it is known, by the way from the schema of the whole.

    The steps are those of jsonschema (`absolute_schema_path`), which names no references, and end with a keyword.
    Members of `allOf` and of unions are parts of the schema around them.
    """
    pending = [(whole, whole, 0)]
    while pending:
        node, found, position = pending.pop()
        if position == len(steps) - 1 and node is part:
            return found
        if not isinstance(node, Mapping):
            continue
        if "$ref" in node:
            pending.append((components.get(next(_references({"$ref": node["$ref"]}))), found, position))
        step = str(steps[position])
        if position < len(steps) - 1 and step in node:
            inside, position = node[step], position + 1
            if step in _HOLD_SEVERAL:
                inside, position = inside[steps[position]], position + 1
            pending.append((inside, inside if step in _OF_OTHER_VALUES else found, position))
    return part


def _references(lowered: JSON) -> Iterator[str]:
    if isinstance(lowered, Mapping):
        for key, value in lowered.items():
            if key == "$ref" and isinstance(value, str):
                yield next(split_pointer("/" + value.removeprefix(COMPONENTS)))
            elif key not in ("enum", "const"):
                yield from _references(value)
    elif isinstance(lowered, list):
        for value in lowered:
            yield from _references(value)
