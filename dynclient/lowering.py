"""
Schemas of any OpenAPI version lowered to plain JSON Schema 2020-12, so that any validator can judge them.

What OpenAPI adds is settled here once per schema and direction: `nullable`, discriminators, read-only and write-only
properties, boolean `exclusiveMinimum`, files in forms, references with siblings. Annotations are left out. Published
schemas overlap, so `oneOf` becomes `anyOf` (outside `not` and `if`, where that would refuse more).

What cannot be lowered (a pattern that Python cannot run, an unknown type) permits anything and is noted among the
document's problems. A reference that cannot be followed is noted too, and permits nothing: only a call with a value
for it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import quote

from dynclient.document import Document, Joined, reference_of
from dynclient.errors import DocumentError
from dynclient.faults import note_schema
from dynclient.model import Schema
from dynclient.patterns import SLOW, fault
from dynclient.pointers import escape_step, escape_token, split_pointer
from dynclient.types import JSON

Direction = Literal["request", "response"]

COMPONENTS = "#/components/schemas/"

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})
_HIDDEN: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}


def _is_number(value: JSON) -> bool:
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float, which a validator cannot reckon with
        return False


def _is_count(value: JSON) -> bool:
    return _is_number(value) and bool(value >= 0) and bool(value == int(value))


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
    "exclusiveMaximum": _is_number,
    "exclusiveMinimum": _is_number,
    "format": lambda value: isinstance(value, str),
    "maxContains": _is_count,
    "maxItems": _is_count,
    "maxLength": _is_count,
    "maxProperties": _is_count,
    "maximum": _is_number,
    "minContains": _is_count,
    "minItems": _is_count,
    "minLength": _is_count,
    "minProperties": _is_count,
    "minimum": _is_number,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "uniqueItems": lambda value: isinstance(value, bool),
}
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
# What of a default is judged: nothing that takes long.
_OF_DEFAULT = frozenset(
    {
        "const", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maximum", "minItems",
        "minLength", "minimum", "type",
    }
)  # fmt: skip
_ONE_SCHEMA = (*_CLOSING, "contains", "propertyNames")
_CONDITION = ("not", "if")
# Keywords that may stand where the document has another.
_MADE_FROM = {
    "anyOf": ("oneOf", "nullable"),
    "enum": ("discriminator",),
    "prefixItems": ("items",),
}
_BRANCH = ("then", "else")
_NO_SCHEMAS = Joined({}, "", {})
_NAMED_SCHEMAS = ("properties", "dependentSchemas")


class _Place(NamedTuple):
    """
    Where a schema stands, what is hidden from its `required` by those around it, and whether `oneOf` is exact.

    `inherited` tells of a schema that another one of Swagger 2.0 extends: its discriminator says nothing there.
    """

    pointer: str
    hidden: frozenset[str] = frozenset()
    exact: bool = False
    inherited: bool = False

    def inside(self, *steps: str | int) -> _Place:
        """A schema that stands for another value: what was hidden here has no meaning there."""
        return _Place("/".join([self.pointer, *(escape_token(str(step)) for step in steps)]), frozenset(), self.exact)

    def beside(self, *steps: str | int) -> _Place:
        """A schema that stands for the same value."""
        return self.inside(*steps)._replace(hidden=self.hidden, inherited=self.inherited)


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

    def schema(self, schema: Schema | None) -> JSON:
        """The lowered schema; no schema permits anything."""
        if schema is None:
            return True
        lowered = self._lower(schema.contents, _Place(schema.pointer))
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
        lowered = self._lower_object(node, place)
        if "default" in node:
            self._check_default(node, lowered, place)
        nullable = _or_null(lowered) if self._is_nullable(node) else lowered
        for kept in (nullable, *nullable.get("anyOf", ())):  # not by an id that another object may get
            if kept is nullable or kept is lowered:
                self._origins[id(kept)] = place.pointer
        return nullable

    def _lower_object(self, node: Mapping[str, JSON], place: _Place) -> dict[str, JSON]:
        lowered: dict[str, JSON] = {}
        if not place.exact:  # under `not` and `if`, to ask for less would be to refuse more
            place = place._replace(hidden=place.hidden | self._hidden_names(node, place.pointer))
        reference = self._reference(node, place)
        if reference:
            lowered["$ref"] = reference
            if self.document.is_30:  # "additional properties ... SHALL be ignored" (OpenAPI 3.0.4 §4.7.23)
                return lowered
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
        self._lower_type(node, place, lowered)
        self._lower_exclusive(node, lowered)
        self._lower_patterns(node, place, lowered)
        for keyword in _ONE_SCHEMA:
            if isinstance(node.get(keyword), (Mapping, bool)):
                closed = node[keyword] is False and keyword in _CLOSING
                lowered[keyword] = False if closed else self._lower(node[keyword], place.inside(keyword))
        if isinstance(node.get("items"), list):  # JSON Schema draft 7
            lowered["prefixItems"] = self._lower_all(node["items"], place.inside("items"))
        elif isinstance(node.get("prefixItems"), list):
            lowered["prefixItems"] = self._lower_all(node["prefixItems"], place.inside("prefixItems"))
        for keyword in _NAMED_SCHEMAS:
            if isinstance(node.get(keyword), Mapping):
                named = self._named(node, keyword, place)
                lowered[keyword] = {
                    name: self._lower(value, place.inside()._replace(pointer=named.pointer_of(name)))
                    for name, value in named.values.items()
                }
        for keyword in _CONDITION:
            if keyword in node:
                lowered[keyword] = self._lower(node[keyword], place.inside(keyword)._replace(exact=True))
        for keyword in _BRANCH:
            if keyword in node:
                lowered[keyword] = self._lower(node[keyword], place.beside(keyword))
        if _is_names(node.get("required")):
            lowered["required"] = [name for name in dict.fromkeys(node["required"]) if name not in place.hidden]
        self._lower_combined(node, place, lowered)
        if self.document.is_20 and isinstance(node.get("discriminator"), str) and not place.inherited:
            self._lower_heirs(node["discriminator"], place, lowered)
        return lowered

    def _lower_type(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if "type" not in node:
            return
        types = node["type"] if isinstance(node["type"], list) else [node["type"]]
        known = [name for name in types if isinstance(name, str) and name in _TYPES]
        if len(known) < len(types):
            self._note("type-unknown", place.inside("type"), f"{node['type']!r:.80} is no type of JSON Schema")
        if known:
            lowered["type"] = known if isinstance(node["type"], list) else known[0]

    def _lower_exclusive(self, node: Mapping[str, JSON], lowered: dict[str, JSON]) -> None:
        """OpenAPI 3.0 has a boolean beside the limit where JSON Schema has the limit itself."""
        for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if node.get(exclusive) is True and limit in lowered:
                lowered[exclusive] = lowered.pop(limit)

    def _lower_patterns(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if isinstance(node.get("pattern"), str) and self._is_pattern(node["pattern"], place.inside("pattern")):
            lowered["pattern"] = node["pattern"]
        if isinstance(node.get("patternProperties"), Mapping):
            step = place.inside("patternProperties")
            lowered["patternProperties"] = patterns = {}
            for pattern, schema in node["patternProperties"].items():
                if self._is_pattern(pattern, step.inside(pattern)):
                    patterns[pattern] = self._lower(schema, step.inside(pattern))
                else:  # it may mean any name, and none of these is then an additional one
                    patterns.setdefault("", True)

    def _lower_combined(self, node: Mapping[str, JSON], place: _Place, lowered: dict[str, JSON]) -> None:
        if isinstance(node.get("allOf"), list):
            step = place.beside("allOf")._replace(inherited=self.document.is_20)
            lowered["allOf"] = self._lower_all(node["allOf"], step)
        unions = []
        for keyword in ("anyOf", "oneOf"):
            members = node.get(keyword)
            if isinstance(members, list) and members:
                step = place.beside(keyword)
                unions.append(self._union(node, keyword, self._lower_all(members, step), place))
        if len(unions) == 1 and not unions[0].keys() & lowered.keys():
            lowered.update(unions[0])
        elif unions:
            lowered["allOf"] = [*lowered.get("allOf", ()), *unions]
            self._origins.update((id(union), place.pointer) for union in unions)

    def _lower_heirs(self, tag: str, place: _Place, lowered: dict[str, JSON]) -> None:
        """
        In Swagger 2.0 the tag names the definition that a value is of, which extends this one by `allOf`.

        Other values are let pass: many documents have names of their own for the tag.
        """
        for name in dict.fromkeys(self._heirs_of(_plain(place.pointer))):
            schema = self._schemas()[name]
            value = schema.get("x-ms-discriminator-value", name)
            reference = {"$ref": self._component(Schema(schema, f"#/definitions/{escape_token(name)}"), place)}
            lowered.setdefault("allOf", []).append(_if_tag(tag, value, [reference]))

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

    def _lower_all(self, members: list[JSON], place: _Place) -> list[JSON]:
        return [self._lower(member, place.beside(position)) for position, member in enumerate(members)]

    def _union(self, node: Mapping[str, JSON], keyword: str, members: list[JSON], place: _Place) -> dict[str, JSON]:
        """The members as `anyOf`, or where a discriminator tells them apart, as `if` its value `then` that member."""
        if keyword == "oneOf" and place.exact:
            return {"oneOf": members}
        plain: dict[str, JSON] = {"anyOf": members}
        discriminator = node.get("discriminator")
        tag = discriminator.get("propertyName") if isinstance(discriminator, Mapping) else None
        if not isinstance(tag, str) or not isinstance(discriminator, Mapping):
            return plain
        by_tags: dict[str, list[JSON]] = {}  # a value may belong to several members
        told_apart = True
        for position, member in enumerate(node[keyword]):
            schema = Schema(member, f"{place.pointer}/{keyword}/{position}")
            declared = list(dict.fromkeys(self._tag_values(schema, tag, set())))
            told_apart = told_apart and bool(declared)
            for value in self._tags_of_member(schema, declared, discriminator, place):
                by_tags.setdefault(value, []).append(members[position])
        if not by_tags:
            return plain
        self._origins[id(plain)] = place.pointer  # it stays apart, in `else`
        known = _has(tag, list(by_tags))
        self._origins[id(known["properties"][tag])] = place.pointer
        chosen_otherwise = _default_member(node[keyword], discriminator)
        if chosen_otherwise is not None:
            plain, told_apart = members[chosen_otherwise], True
        outside = [] if told_apart else [name for name in self._other_tags(discriminator) if name not in by_tags]
        return {
            "if": known,
            "then": {"allOf": [_if_tag(tag, value, chosen) for value, chosen in by_tags.items()]},
            "else": {"if": _has(tag, outside), "then": known, "else": plain} if outside else plain,
        }

    def _tags_of_member(
        self, member: Schema, declared: list[str], discriminator: Mapping[str, JSON], place: _Place
    ) -> list[str]:
        """The values of the tag that mean a member: from the mapping, else those it declares, else its name."""
        reference = reference_of(member.contents)
        mapping = discriminator.get("mapping")
        if reference is not None and isinstance(mapping, Mapping):
            end = self._resolve(member.contents, member.pointer)[1]
            mapped = [
                value
                for value, target in mapping.items()
                if reference in (target, f"{COMPONENTS}{target}") or end == self._mapped(target, place)
            ]
            if mapped:
                return mapped
        if not declared and reference is not None:
            return list(split_pointer(reference.partition("#")[2]))[-1:]
        return declared

    def _mapped(self, target: JSON, place: _Place) -> str:
        """The pointer to what a mapping names: a component, else by a reference (OpenAPI 3.1.1 §4.8.25)."""
        if not isinstance(target, str):
            return ""
        reference = COMPONENTS + escape_token(target) if target in self._schemas() else target
        return self._resolve({"$ref": reference}, place.pointer)[1]

    def _other_tags(self, discriminator: Mapping[str, JSON]) -> list[str]:
        """The values of a tag that would mean schemas outside the union, which cannot be chosen."""
        mapping = discriminator.get("mapping")
        return [*(mapping if isinstance(mapping, Mapping) else ()), *self._schemas()]

    def _schemas(self) -> Mapping[str, JSON]:
        keys = ("definitions",) if self.document.is_20 else ("components", "schemas")
        return self.document.section(*keys)[0]

    def _tag_values(self, schema: Schema, tag: str, seen: set[str]) -> Iterator[str]:
        node, pointer = self._resolve(schema.contents, schema.pointer)
        if not isinstance(node, Mapping) or pointer in seen:
            return
        seen.add(pointer)
        properties = self._named(node, "properties", _Place(pointer))
        if tag in properties.values:
            value, _ = self._resolve(properties.values[tag], properties.pointer_of(tag))
            if isinstance(value, Mapping):
                values = [value["const"]] if "const" in value else value.get("enum")
                yield from (each for each in (values if isinstance(values, list) else ()) if isinstance(each, str))
        for keyword in ("allOf", "oneOf", "anyOf"):
            members = node.get(keyword)
            for position, member in enumerate(members if isinstance(members, list) else ()):
                yield from self._tag_values(Schema(member, f"{pointer}/{keyword}/{position}"), tag, seen)

    def _reference(self, node: Mapping[str, JSON], place: _Place) -> str:
        """Where the schema refers to, as a reference to one of our components; "" for none or nothing."""
        target = next(
            (node[key] for key in ("$ref", "$dynamicRef", "$recursiveRef") if isinstance(node.get(key), str)), ""
        )
        if not target:
            return ""
        try:
            direct, pointer = self.document.follow(target, place.pointer)
            contents, _ = self.document.resolve(direct, pointer)
        except DocumentError as error:
            return self._missing(error, place)
        if contents is True or contents == {}:
            return ""
        return self._component(Schema(direct, pointer), place)

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
        if place.hidden:
            name += f" (without {', '.join(sorted(place.hidden))})"
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

    def _is_pattern(self, pattern: str, place: _Place) -> bool:
        found = fault(pattern)
        if found == SLOW:
            self._note("pattern-slow", place, f"the pattern {pattern!r:.200} {found}")
        elif found:
            self._note("pattern-unsupported", place, f"the pattern {pattern!r:.200} {found}")
        return found in ("", SLOW)

    def _check_default(self, node: Mapping[str, JSON], lowered: Mapping[str, JSON], place: _Place) -> None:
        from jsonschema import Draft202012Validator

        default = node["default"]
        judged = {keyword: lowered[keyword] for keyword in _OF_DEFAULT & lowered.keys()}
        if not Draft202012Validator(judged).is_valid(default) and not (default is None and self._is_nullable(node)):
            self._note("default-unfit", place.inside("default"), f"the default {default!r:.80} does not fit the schema")

    def _note_value(self, node: Mapping[str, JSON], keyword: str, place: _Place) -> None:
        self._note("keyword-value", place.inside(keyword), f"{node[keyword]!r:.80} is no value of {keyword}")

    def _note(self, rule: str, place: _Place, message: str) -> None:
        self.document.note(rule, place.pointer, message)


def _component_reference(name: str) -> str:
    return COMPONENTS + quote(escape_step(name), safe="~")


def _plain(pointer: str) -> str:
    """A pointer without its escapes, to compare."""
    return "/".join(split_pointer(pointer))


def is_file(node: JSON) -> bool:
    """
    Whether a schema in a form means a file: `format: binary`, or in 3.1 a media type without an encoding.

    "binary" is the encoding that changes nothing (RFC 2045 §6.2).
    """
    if not isinstance(node, Mapping):
        return False
    return (
        node.get("format") == "binary"
        or node.get("type") == "file"
        or node.get("contentEncoding") == "binary"
        or ("contentMediaType" in node and "contentEncoding" not in node)
    )


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
        members = otherwise.get("else", otherwise)["anyOf"]
    except (KeyError, IndexError, TypeError, AttributeError):
        return None
    return (tag, chosen, members) if lowered["if"] == _has(tag, list(chosen)) else None


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
