"""
Instances of schemas: the smallest value that a lowered schema accepts, or an example from the document.

A schema is expanded into flat variants: references are followed, `allOf` is merged, and one branch of every choice is
taken. The first value that the schema itself accepts is the instance. So the merging may be simple: keywords that it
ignores (`not`, `dependentSchemas`, `unevaluatedProperties`) cost candidates, and never give a wrong answer.

`openapi.examples` chooses among the examples that a document publishes.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dynclient.documents import split_pointer
from dynclient.openapi import MediaType, Parameter
from dynclient.schemas import COMPONENTS, Lowering, validator_class
from dynclient.support import matches, parse
from dynclient.types import JSON, UNSET, Unset

_MAX_STEPS = 10_000
"""The number of steps for one instance: unions inside unions have too many combinations to try all."""
_STEPS_OF_VERDICT = 10
"""The cost of asking the validator, in steps; a look at a schema costs one."""
_MAX_SIZE = 10_000
"""The longest text and array that are made, even if `minLength` or `minItems` asks for more."""
_MAX_NESTING = 40

_FORMATS = {
    "byte": "YQ==",
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00Z",
    "duration": "P1D",
    "email": "user@example.com",
    "hostname": "example.com",
    "idn-email": "user@example.com",
    "idn-hostname": "example.com",
    "int32": "0",
    "int64": "0",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "iri-reference": "/",
    "json-pointer": "/a",
    "regex": "a",
    "relative-json-pointer": "0",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "uri-template": "/{id}",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_PLACEHOLDER = "string"

_TYPE_OF_KEYWORD = {  # what a schema without a type most likely means
    "additionalProperties": "object",
    "properties": "object",
    "required": "object",
    "items": "array",
    "prefixItems": "array",
    "format": "string",
    "minLength": "string",
    "pattern": "string",
    "maximum": "number",
    "minimum": "number",
    "multipleOf": "number",
}
_ANY_TYPE = ("object", "string", "integer", "array", "boolean", "null")

_CHOICES = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})
"""Keywords that contain more schemas for the same value; all others are flat."""


def minimal(schema: JSON, components: Mapping[str, JSON]) -> JSON:
    """
    The smallest instance that a lowered schema accepts: required properties, first values, empty arrays.

    `components` holds the schemas that its references lead to (`Lowering.components`). If no instance is found, or none
    exists, the best guess is returned; nothing is raised.

    >>> minimal({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "minimum": 3}}}, {})
    {'id': 3}
    """
    guess: JSON | Unset = UNSET
    for repeats in range(3):  # a component inside itself is rarely needed, and rarely the smallest
        maker = _Maker(components, repeats)
        made = maker.attempt(schema)
        if made is not UNSET and maker.accepts(schema, made):
            return copy.deepcopy(made)  # parts of it are parts of the document
        guess = made if guess is UNSET else guess
        if not maker.cut:
            break
    return None if guess is UNSET else copy.deepcopy(guess)


def parameter_example(parameter: Parameter, lowering: Lowering) -> JSON:
    """The parameter's own example if its schema accepts it, else a minimal value that isn't empty."""
    schema = lowering.schema(parameter.schema)
    maker = _Maker(lowering.components, 0)
    travelling = {"allOf": [schema, {"minLength": 1, "minItems": 1, "minProperties": 1}]}
    if parameter.example is not UNSET and maker.accepts(schema, parameter.example):
        return copy.deepcopy(parameter.example)
    made = minimal(travelling, lowering.components)
    return made if maker.accepts(schema, made) else minimal(schema, lowering.components)


def body_example(media_type: MediaType, lowering: Lowering) -> JSON:
    """The published example of a body, else a minimal instance of its schema or of its item schema."""
    if media_type.example is not UNSET:
        return with_files(copy.deepcopy(media_type.example), media_type)
    schema = media_type.schema or media_type.item_schema
    return with_files(minimal(lowering.schema(schema), lowering.components), media_type)


def with_files(body: JSON, media_type: MediaType) -> JSON:
    """The body with a file in each part that must be one, because documents have no examples of files."""
    files = {name: [b"file"] if e.files == "many" else b"file" for name, e in media_type.encoding.items() if e.files}
    return {**body, **{name: files[name] for name in body if name in files}} if isinstance(body, dict) else body


def response_example(media_type: MediaType, lowering: Lowering) -> JSON:
    """The published example of an answer, else a minimal instance of its schema; `lowering` is that for responses."""
    return body_example(media_type, lowering)


class _Maker:
    """Makes instances of the schemas of one set of components; a component may occur inside itself `repeats` times."""

    def __init__(self, components: Mapping[str, JSON], repeats: int) -> None:
        from referencing import Registry

        self._components = components
        self._repeats = repeats
        self._steps = 0
        self.cut = False
        """Whether a component was left out because it is inside itself."""
        self._made: dict[str, JSON] = {}
        # An own registry, because the default one would fetch references to elsewhere.
        self._validator: Any = validator_class()({"components": {"schemas": components}}, registry=Registry())

    def accepts(self, schema: JSON, value: JSON) -> bool:
        try:
            return bool(self._validator.evolve(schema=schema).is_valid(value))
        except Exception:  # an odd schema can raise anything in the validator
            return False

    def attempt(self, schema: JSON) -> JSON | Unset:
        try:
            return self.make(schema)
        except Exception:  # numbers beyond floats, schemas deeper than the stack, ...
            return UNSET

    def make(self, schema: JSON, outer: tuple[str, ...] = ()) -> JSON | Unset:
        """
        The first candidate that the schema accepts, else the first candidate; UNSET if there is none.

        `outer` names the components around the value.
        """
        name = _component(schema) if _is_alone(schema) else ""
        if name in self._made:
            return self._made[name]
        guess: JSON | Unset = UNSET
        for flat, inside in self._variants(schema, outer):
            for candidate in self._candidates(flat, (*outer, *inside)):
                self._steps += _STEPS_OF_VERDICT
                if self.accepts(schema, candidate):
                    if name:
                        self._made[name] = candidate
                    return candidate
                guess = candidate if guess is UNSET else guess
        return guess

    def _variants(self, schema: JSON, outer: tuple[str, ...]) -> Iterator[tuple[dict[str, JSON], frozenset[str]]]:
        """Every flat variant of the schema, with the components it consists of; the most likely first."""
        stack: list[tuple[list[JSON], dict[str, JSON], frozenset[str]]] = [([schema], {}, frozenset())]
        while stack and self._steps < _MAX_STEPS and len(outer) < _MAX_NESTING:
            self._steps += 1
            pending, flat, inside = stack.pop()
            if not pending:
                yield flat, inside
                continue
            first, *rest = pending
            if isinstance(first, list):  # alternatives
                by_preference = sorted(first, key=_is_null)
                stack.extend(([each, *rest], flat, inside) for each in by_preference[::-1])  # the last is taken first
                continue
            merged = flat if first is True else _merge(flat, first)
            if merged is None:
                continue
            name = _component(first)
            if name and name not in inside:
                if outer.count(name) > self._repeats:
                    self.cut = True
                    continue
                inside |= {name}
                rest.insert(0, self._components.get(name, True))
            stack.append(([*_members(first), *rest, *_alternatives(first)], merged, inside))

    def _candidates(self, flat: Mapping[str, JSON], outer: tuple[str, ...]) -> Iterator[JSON]:
        """Candidates for instances of a flat schema."""
        if "enum" in flat:
            yield from sorted(flat["enum"], key=lambda value: value is None)
            return
        likely = [name for keyword, name in _TYPE_OF_KEYWORD.items() if keyword in flat]
        for name in sorted(flat.get("type") or dict.fromkeys([*likely, *_ANY_TYPE]), key=lambda name: name == "null"):
            if name == "object":
                yield self._object(flat, outer)
            elif name == "array":
                yield self._array(flat, outer)
            else:
                yield from _SCALARS[name](flat)

    def _object(self, flat: Mapping[str, JSON], outer: tuple[str, ...]) -> dict[str, JSON]:
        value: dict[str, JSON] = {}
        names = list(dict.fromkeys(flat.get("required", ())))
        for name in names:  # grows on the way
            names.extend(other for other in flat.get("dependentRequired", {}).get(name, ()) if other not in names)
            made = self.make(_property(flat, name), outer)
            if made is not UNSET:
                value[name] = made
        if len(value) < flat.get("minProperties", 0):
            for name in self._more_names(flat, outer):
                if len(value) >= flat["minProperties"]:
                    break
                made = self.make(_property(flat, name), outer) if name not in value else UNSET
                if made is not UNSET:
                    value[name] = made
        return value

    def _more_names(self, flat: Mapping[str, JSON], outer: tuple[str, ...]) -> Iterator[str]:
        yield from flat.get("properties", {})
        for pattern in flat.get("patternProperties", {}):
            yield from _texts({"pattern": pattern})
        if "propertyNames" in flat:
            yield from filter(_is_text, [self.make({"allOf": [flat["propertyNames"], {"type": "string"}]}, outer)])
        yield from (f"key{number}" for number in range(1, min(flat["minProperties"], _MAX_SIZE) + 1))

    def _array(self, flat: Mapping[str, JSON], outer: tuple[str, ...]) -> list[JSON]:
        items: list[JSON] = []
        prefix = flat.get("prefixItems", ())
        contained = flat.get("minContains", 1) if "contains" in flat else 0
        for position in range(int(min(max(flat.get("minItems", 0), contained), _MAX_SIZE))):
            demands = [prefix[position] if position < len(prefix) else flat.get("items", True)]
            if position < contained:
                demands.append(flat["contains"])
            if flat.get("uniqueItems"):
                demands.append({"not": {"enum": [*items]}})
            made = self.make(demands[0] if len(demands) == 1 else {"allOf": demands}, outer)
            if made is UNSET:
                break
            items.append(made)
        return items


def _component(schema: JSON) -> str:
    """The name of the component that a schema refers to, or ""."""
    reference = schema.get("$ref", "") if isinstance(schema, Mapping) else ""
    return next(split_pointer("/" + reference.removeprefix(COMPONENTS))) if reference.startswith(COMPONENTS) else ""


def _is_alone(schema: JSON) -> bool:
    """Whether a schema is only this keyword: a reference without siblings means just the component."""
    return isinstance(schema, Mapping) and len(schema) == 1


def _members(schema: JSON) -> Sequence[JSON]:
    return schema.get("allOf", ()) if isinstance(schema, Mapping) else ()


def _alternatives(schema: JSON) -> Iterator[list[JSON]]:
    """The choices in a schema: lists of schemas, one of which must be valid."""
    if isinstance(schema, Mapping):
        yield from (schema[keyword] for keyword in ("anyOf", "oneOf") if keyword in schema)
        if "if" in schema:
            yield [{"allOf": [schema["if"], schema.get("then", True)]}, schema.get("else", True)]


def _is_null(schema: JSON) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def _is_text(value: JSON) -> bool:
    return isinstance(value, str)


def _property(flat: Mapping[str, JSON], name: str) -> JSON:
    """The schema of an object's member."""
    named = [flat["properties"][name]] if name in flat.get("properties", {}) else []
    named += [schema for pattern, schema in flat.get("patternProperties", {}).items() if matches(pattern, name)]
    if not named:
        return flat.get("additionalProperties", True)
    return named[0] if len(named) == 1 else {"allOf": named}


def _merge(one: Mapping[str, JSON], other: JSON) -> dict[str, JSON] | None:
    """The flat parts of two schemas merged, or None if they contradict each other."""
    if not isinstance(other, Mapping):
        return None
    merged = dict(one)
    for keyword, value in _flat_part(other).items():
        if keyword in merged:
            value = _MERGES.get(keyword, _first)(merged[keyword], value)
        merged[keyword] = value
    if merged.get("type") == [] or merged.get("enum") == []:
        return None
    properties = merged.get("properties", {})
    if any(properties.get(name) is False for name in merged.get("required", ())):
        return None
    return merged


def _flat_part(schema: Mapping[str, JSON]) -> dict[str, JSON]:
    flat = {keyword: value for keyword, value in schema.items() if keyword not in _CHOICES}
    if "const" in flat:
        flat["enum"] = [flat.pop("const")]
    if isinstance(flat.get("type"), str):
        flat["type"] = [flat["type"]]
    return flat


def _both(one: JSON, other: JSON) -> JSON:
    """One schema for a value that two schemas describe; False if they contradict each other."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    merged = _merge(_flat_part(one), other)
    if merged is None:
        return False
    rest = [{key: value for key, value in each.items() if key in _CHOICES} for each in (one, other)]
    choices = [each for each in rest if each]
    return {**merged, "allOf": choices} if choices else merged


def _both_named(one: Mapping[str, JSON], other: Mapping[str, JSON]) -> dict[str, JSON]:
    return {**one, **{name: _both(one.get(name, True), schema) for name, schema in other.items()}}


def _first(one: JSON, other: JSON) -> JSON:
    return one


def _common(one: list[JSON], other: list[JSON]) -> list[JSON]:
    return [value for value in one if value in other]


def _common_types(one: list[str], other: list[str]) -> list[str]:
    """The types in both lists; an integer is a number too."""
    return [
        name
        for name in dict.fromkeys([*one, *other])
        if all(name in each or (name == "integer" and "number" in each) for each in (one, other))
    ]


_MERGES: dict[str, Callable[[Any, Any], JSON]] = {
    "additionalProperties": _both,
    "contains": _both,
    "enum": _common,
    "exclusiveMaximum": min,
    "exclusiveMinimum": max,
    "items": _both,
    "maxItems": min,
    "maxLength": min,
    "maxProperties": min,
    "maximum": min,
    "minItems": max,
    "minLength": max,
    "minProperties": max,
    "minimum": max,
    "multipleOf": max,
    "patternProperties": _both_named,
    "properties": _both_named,
    "propertyNames": _both,
    "required": lambda one, other: [*one, *other],
    "type": _common_types,
    "uniqueItems": lambda one, other: one or other,
}


def _texts(flat: Mapping[str, JSON]) -> Iterator[str]:
    """Candidates for a text: by its format, by its pattern, a placeholder; then different ones."""
    shortest = min(int(flat.get("minLength", 0)), _MAX_SIZE)
    longest = max(int(min(flat.get("maxLength", _MAX_SIZE), _MAX_SIZE)), shortest)
    if flat.get("format") in _FORMATS:
        yield _FORMATS[flat["format"]]
    for text in _matches(flat["pattern"], shortest) if "pattern" in flat else ():
        yield text
        yield text.ljust(shortest, "a")
        yield text[:longest]
    repeated = _PLACEHOLDER * (shortest // len(_PLACEHOLDER) + 1)
    yield repeated[: max(shortest, min(longest, len(_PLACEHOLDER)))]
    for number in range(100):
        yield f"{number:0>{shortest}}"


def _numbers(flat: Mapping[str, JSON]) -> Iterator[int | float]:
    """0 if it fits, else the numbers at and near the limits."""
    lowest = max(flat.get("minimum", -math.inf), flat.get("exclusiveMinimum", -math.inf))
    highest = min(flat.get("maximum", math.inf), flat.get("exclusiveMaximum", math.inf))
    step = flat.get("multipleOf", 1)
    yield 0
    yield from filter(math.isfinite, (lowest, highest))
    if math.isfinite(lowest) and math.isfinite(highest):
        yield (lowest + highest) / 2
    for number in range(100):
        if math.isfinite(lowest):
            yield (math.ceil(lowest / step) + number) * step
        elif math.isfinite(highest):
            yield (math.floor(highest / step) - number) * step
        else:
            yield number * step


_SCALARS: dict[str, Callable[[Mapping[str, JSON]], Iterator[JSON]]] = {
    "boolean": lambda flat: iter((False, True)),
    "integer": _numbers,
    "null": lambda flat: iter((None,)),
    "number": _numbers,
    "string": _texts,
}


_ALPHABETS = ("a0A-_ .,:/@", "1bB-_ .,:/@", "Zz9-_ .,:/@")
"""Characters for texts that match a pattern, tried in this order; a second alphabet gives another text."""


def _matches(pattern: str, shortest: int) -> Iterator[str]:
    r"""
    Texts that should match a pattern: first with few repetitions, then with more, and other characters.

    Look-around is ignored. Yields nothing if the pattern cannot be read.

    >>> next(_matches(r"^(run|thread)_[0-9a-f]{4}\Z", 0))
    'run_aaaa'
    """
    parsed = parse(pattern)
    if parsed is None:
        return
    for more in (0, 1, shortest):
        for alphabet in _ALPHABETS:
            yield _PatternText(alphabet, more).written(parsed)[:_MAX_SIZE]


class _PatternText:
    """Writes a parsed pattern as text with the characters of an alphabet, `more` repetitions than it asks for."""

    def __init__(self, alphabet: str, more: int) -> None:
        self._alphabet = alphabet
        self._more = more
        self._groups: dict[int, str] = {}

    def written(self, parsed: Any) -> str:
        return "".join(self._part(str(code), value) for code, value in parsed)

    def _part(self, code: str, value: Any) -> str:
        match code:
            case "LITERAL":
                return chr(value)
            case "IN" | "NOT_LITERAL" | "ANY":
                return self._character([("NEGATE", None), ("LITERAL", value)] if code == "NOT_LITERAL" else value)
            case "BRANCH":
                return self.written(value[1][0])
            case "SUBPATTERN":
                self._groups[value[0]] = self.written(value[3])
                return self._groups[value[0]]
            case "ATOMIC_GROUP":
                return self.written(value)
            case "GROUPREF":
                return self._groups.get(value, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                fewest, most, part = value
                return self.written(part) * min(int(fewest) + self._more, int(most), _MAX_SIZE)
        return ""  # anchors and look-around

    def _character(self, items: Sequence[tuple[Any, Any]] | None) -> str:
        """A character that a set permits, from the alphabet if possible; without a set, any character."""
        if items is None:
            return self._alphabet[0]
        negated = str(items[0][0]) == "NEGATE"
        own = [chr(value[0] if isinstance(value, tuple) else value) for _, value in items if _is_code(value)]
        fitting = (each for each in (*self._alphabet, *own) if any(_holds(*item, each) for item in items) != negated)
        return next(fitting, "")


def _is_code(value: Any) -> bool:
    return isinstance(value, tuple) or type(value) is int


def _holds(kind: Any, value: Any, character: str) -> bool:
    """Whether one item of a set means the character."""
    match str(kind):
        case "LITERAL":
            return bool(ord(character) == value)
        case "RANGE":
            return bool(value[0] <= ord(character) <= value[1])
    return False  # what negates a set; classes such as \\d have been written out
