"""
Schemas that contradict themselves: what each can only mean, so that the values its author has in mind pass.

A contradiction is noted under a rule of its own and relaxed. Nothing here refuses more than the schema itself does, so
none of it applies under `not` and `if`, where to ask for less would be to refuse more.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple, TypeGuard

from dynclient.documents import Document, escape_token, reference_of
from dynclient.errors import DocumentError
from dynclient.openapi import is_of_type, unfit, values_of_items
from dynclient.schemas.formats import FORMATS
from dynclient.support import matches
from dynclient.types import JSON

# Keywords beside a list of permitted values, which refuse none of these where they are right.
_BESIDE_VALUES = (
    "exclusiveMaximum", "exclusiveMinimum", "format", "maxLength", "maximum", "minLength", "minimum", "multipleOf",
    "pattern",
)  # fmt: skip
_LIMITS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
# The fewest and the most characters that a text of the format has.
_LENGTHS = {
    "date": (10, 10),
    "date-time": (20, math.inf),
    "email": (3, math.inf),
    "hostname": (1, 253),
    "ipv4": (7, 15),
    "ipv6": (2, 45),
    "time": (9, math.inf),
    "uuid": (36, 36),
}
_DATES = ("2026-01-01", "1999-12-31")
_TIMES = tuple(
    f"{time}{zone}"
    for time in ("00:00:00", "23:59:59", "12:30:00.000", "12:30:00.000000")
    for zone in ("Z", "z", "+00:00", "-11:30")
)
# Texts of the formats whose form is fixed: a pattern that permits none of them contradicts the format.
_SAMPLES = {
    "date": _DATES,
    "date-time": tuple(f"{date}{separator}{time}" for date in _DATES for separator in "T " for time in _TIMES),
    "ipv4": ("192.0.2.1", "10.0.0.0", "255.255.255.255"),
    "ipv6": ("2001:db8::1", "::1", "2001:0db8:0000:0000:0000:0000:0000:0001"),
    "time": _TIMES,
    "uuid": tuple(
        text
        for version in range(1, 9)
        for lower in [f"0a1b2c3d-0000-{version}000-8000-0a1b2c3d4e5f"]
        for text in (lower, lower.upper())
    ),
}
_BITS = {"int16": 16, "int32": 32, "int64": 64}
_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_UPPER_LIMITS = frozenset({"exclusiveMaximum", *(upper for _, upper in _LIMITS)})
# A pattern as JavaScript, Perl and PHP write it: no slash inside but escaped, or in a class.
_DELIMITED = re.compile(r"/(?P<inside>(?:[^/\\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)/(?P<flags>[dgimsuvy]*)", re.DOTALL)
_MEANT_FLAGS = frozenset("ims")
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_SCALARS = ("boolean", "integer", "number")
_LISTS = ("allOf", "anyOf", "oneOf")
_PERHAPS = ("anyOf", "oneOf", "then", "else", "dependentSchemas")
_OF_VALUES = ("null", "boolean", "integer", "number", "string", "array", "object")
_ANNOTATIONS = frozenset(
    {"$comment", "default", "deprecated", "description", "example", "examples", "externalDocs", "title"}
)


MENDED = frozenset({"const", "enum", "format", *_UPPER_LIMITS})
"""The keywords without which a schema does not contradict itself in ways that are mended here."""


def mended(document: Document, node: Mapping[str, JSON], pointer: str) -> Mapping[str, JSON]:
    """The schema without those of its own keywords that contradict one another; itself where none do."""
    node = _with_values(document, node, pointer)
    node = _with_limits(document, node, pointer)
    return _with_format(document, node, pointer)


def is_told_apart_by_required(members: list[JSON]) -> bool:
    """
    Whether schemas differ only in what they require, and none requires all that another does.

    >>> is_told_apart_by_required([{"required": ["a"]}, {"required": ["b"]}])
    True
    >>> is_told_apart_by_required([{"required": ["a"]}, {"required": ["a", "b"]}])
    False
    """
    if not all(isinstance(member, Mapping) and isinstance(member.get("required"), list) for member in members):
        return False
    shapes = [{key: member[key] for key in member.keys() - {"required"} if _says(key)} for member in members]
    asked = [{name for name in member["required"] if isinstance(name, str)} for member in members]
    pairs = [(one, other) for one in asked for other in asked if one is not other]
    return bool(pairs) and all(shape == shapes[0] for shape in shapes) and not any(a <= b for a, b in pairs)


def _says(keyword: str) -> bool:
    return keyword not in _ANNOTATIONS and not keyword.startswith("x-")


def _with_values(document: Document, node: Mapping[str, JSON], pointer: str) -> Mapping[str, JSON]:
    """A list of permitted values is the narrowest word: what stands beside it refuses none of them."""
    keyword = "const" if "const" in node else "enum"
    values = _listed(node)
    if values is None:
        return node
    items = values_of_items(node)
    if items is not None:
        shown = json.dumps(values, ensure_ascii=False, default=str)
        document.note("enum-of-items", f"{pointer}/enum", f"no array is one of {shown:.100}; the items are meant")
        types = [*_types(node["type"]), "null"] if None in values else node["type"]
        return {**{key: value for key, value in node.items() if key != "enum"}, "type": types}
    wrong = {each: value for each in _BESIDE_VALUES if each in node for value in _refused(node, each, values)[:1]}
    of_other_type = unfit({"enum": values, **{key: node[key] for key in ("type", "nullable") if key in node}})
    if not wrong and not of_other_type:
        return node
    for each, value in wrong.items():
        message = f"{value!r:.80} is listed, and {each} beside it refuses it; {each} is not checked"
        document.note("enum-unfit", f"{pointer}/{keyword}", message)
    kept = {key: value for key, value in node.items() if key not in wrong}
    if of_other_type:
        message = f"{of_other_type[0]!r:.80} is listed, and is not of the type {node['type']!r}; it is accepted"
        document.note("enum-unfit", f"{pointer}/{keyword}", message)
        others = [text for value in of_other_type for text in _read_as(value, _types(node["type"]))]
        del kept["type"]
        kept.pop("const", None)
        kept["enum"] = [*values, *(other for other in others if other not in values)]
    return kept


def _refused(node: Mapping[str, JSON], keyword: str, values: list[JSON]) -> list[JSON]:
    """The values that a keyword refuses."""
    from jsonschema import Draft202012Validator

    rule = node[keyword]
    if keyword == "format":
        check = FORMATS.get(rule) if isinstance(rule, str) else None
        return [value for value in values if check and not check(value)]
    if keyword == "pattern":
        pattern = rule if isinstance(rule, str) else ""
        return [value for value in values if isinstance(value, str) and not matches(pattern, value)]
    if isinstance(rule, bool) or not isinstance(rule, (int, float)) or (keyword == "multipleOf" and rule <= 0):
        return []
    validator = Draft202012Validator({keyword: rule})
    return [value for value in values if not validator.is_valid(value)]


def _read_as(value: JSON, types: list[str]) -> Iterator[JSON]:
    """
    A value as one of the types, where it is only written otherwise: 1 for a text is "1", and "1" for an integer 1.

    >>> list(_read_as(1, ["string"])), list(_read_as("1", ["integer"])), list(_read_as("a", ["integer"]))
    (['1'], [1], [])
    """
    if "string" in types and isinstance(value, (bool, int, float)):
        yield json.dumps(value)
    if isinstance(value, str):
        try:
            meant = json.loads(value)
        except (ValueError, RecursionError):
            return
        if any(name in _SCALARS and is_of_type(meant, name) for name in types):
            yield meant


def _with_limits(document: Document, node: Mapping[str, JSON], pointer: str) -> Mapping[str, JSON]:
    if node.keys().isdisjoint(_UPPER_LIMITS):
        return node
    left_out: set[str] = set()
    for lower, upper in _LIMITS:
        lows, highs = _limits(node, lower), _limits(node, upper)
        if not lows or not highs:
            continue
        low, high = max(lows), min(highs, key=lambda limit: (limit[0], not limit[1]))
        if low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1])):
            names = [name for *_, name in (*lows, *highs)]
            message = f"no value is between {low[0]} and {high[0]}; neither limit is checked"
            document.note("limits-crossed", f"{pointer}/{names[0]}", message)
            left_out.update(names)
    return {key: value for key, value in node.items() if key not in left_out} if left_out else node


def _limits(node: Mapping[str, JSON], keyword: str) -> list[tuple[float, bool, str]]:
    """The limits of a keyword and its exclusive twin: each value, whether it is itself refused, and the keyword."""
    exclusive = _EXCLUSIVE.get(keyword, "")
    found = [(keyword, node.get(keyword), node.get(exclusive) is True), (exclusive, node.get(exclusive), True)]
    return [(value, is_open, name) for name, value, is_open in found if is_number(value)]


def _with_format(document: Document, node: Mapping[str, JSON], pointer: str) -> Mapping[str, JSON]:
    """A length or a pattern is a narrower word than a format."""
    reason = _format_fault(node) if isinstance(node.get("format"), str) else ""
    if not reason:
        return node
    message = f"no {node['format']} {reason}; the format is not checked"
    document.note("format-unfit", f"{pointer}/format", message)
    return {key: value for key, value in node.items() if key != "format"}


def _format_fault(node: Mapping[str, JSON]) -> str:
    """Why no value has the format, or ""."""
    name = node["format"]
    shortest, longest = _LENGTHS.get(name, (0, math.inf))
    least, most = node.get("minLength"), node.get("maxLength")
    if is_number(most) and most < shortest:
        return f"has at most {most} characters"
    if is_number(least) and least > longest:
        return f"has at least {least} characters"
    pattern = node.get("pattern")
    if isinstance(pattern, str) and name in _SAMPLES:
        written = bare_pattern(pattern) or pattern
        if not any(matches(written, text) for text in _SAMPLES[name]):
            return f"matches {pattern!r:.100}"
    if name in _BITS:
        lowest, highest = -(2 ** (_BITS[name] - 1)), 2 ** (_BITS[name] - 1) - 1
        if any(low[0] > highest for low in _limits(node, "minimum")):
            return f"is at least {node.get('minimum', node.get('exclusiveMinimum'))}"
        if any(high[0] < lowest for high in _limits(node, "maximum")):
            return f"is at most {node.get('maximum', node.get('exclusiveMaximum'))}"
    return ""


def bare_pattern(pattern: str) -> str | None:
    r"""
    The pattern between delimiters, as other languages write it, with its flags in front; None where it has none.

    Slashes at both ends delimit where flags or anchors say so; a pattern may be of a path, too.

    >>> bare_pattern("/^a+$/i"), bare_pattern("/[a-z]/u"), bare_pattern("/api/"), bare_pattern("a")
    ('(?i)^a+$', '[a-z]', None, None)
    """
    found = _DELIMITED.fullmatch(pattern)
    if found is None:
        return None
    inside, flags = found["inside"], found["flags"]
    is_anchored = inside.startswith("^") or bool(re.search(r"(?<!\\)(?:\\\\)*\$\Z", inside))
    if len(set(flags)) < len(flags) or not (is_anchored or (flags and _SPECIAL.search(inside))):
        return None
    kept = "".join(sorted(set(flags) & _MEANT_FLAGS))
    return (f"(?{kept})" if kept else "") + inside


class Names(NamedTuple):
    """Names of properties, and patterns of such names."""

    texts: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()

    def missing(self, others: frozenset[str]) -> frozenset[str]:
        """Those of the others that are none of these."""
        left = others - self.texts
        return frozenset(name for name in left if not any(matches(pattern, name) for pattern in self.patterns))


class Facts(NamedTuple):
    """
    What a schema says of an object, with all that holds for the same value.

    `declared` are the names that some schema describes, `required` those that are required in any case. `closed` are
    the names that each schema permits that holds in any case and refuses others; `has_closed` says whether any schema
    refuses others. `reached` are the pointers of all these schemas.
    """

    declared: Names = Names()
    required: frozenset[str] = frozenset()
    closed: frozenset[Names] = frozenset()
    has_closed: bool = False
    reached: frozenset[str] = frozenset()

    @property
    def surplus(self) -> frozenset[str]:
        """The names that are required, and that no schema describes, where others are refused."""
        return self.declared.missing(self.required) if self.closed else frozenset()

    @property
    def is_torn(self) -> bool:
        """Whether closed schemas refuse what is required, or each what another of them describes."""
        return any(
            one.missing(self.required) or any(one.missing(other.texts) for other in self.closed) for one in self.closed
        )


def joined_names(several: Iterable[Names]) -> Names:
    """All names of several schemas."""
    found = list(several)
    texts = frozenset[str]().union(*(names.texts for names in found))
    return Names(texts, frozenset[str]().union(*(names.patterns for names in found)))


class Surveyor:
    """Finds out what schemas of a document say, through references and all that holds for the same value."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._facts: dict[str, Facts] = {}
        self._types: dict[str, frozenset[str]] = {}

    def facts(self, node: JSON, pointer: str) -> Facts:
        """Those of the schema at a pointer."""
        known = self._facts.get(pointer)
        if known is None:
            self._facts[pointer] = Facts()  # of a schema inside itself
            known = self._facts[pointer] = self._survey(node, pointer)
        return known

    def types(self, node: JSON, pointer: str) -> frozenset[str]:
        """The types that a value must be one of; empty where the schema does not say."""
        if not isinstance(node, Mapping):
            return frozenset()
        if pointer not in self._types:
            self._types[pointer] = frozenset()  # of a schema inside itself
            self._types[pointer] = self._asked_types(node, pointer)
        return self._types[pointer]

    def _asked_types(self, node: Mapping[str, JSON], pointer: str) -> frozenset[str]:
        asked = [frozenset(_types(node.get("type")))]
        values = _listed(node)
        if values and not asked[0]:
            asked.append(frozenset(map(_type_of, values)))
        asked += [self.types(*each) for each in self._always(node, pointer)]
        for keyword in ("anyOf", "oneOf"):
            members = [self.types(*each) for each in _members(node, pointer, keyword)]
            if members and all(members):
                asked.append(frozenset().union(*members))
        said = [types for types in asked if types]
        found = frozenset.intersection(*map(with_integer, said)) if said else frozenset[str]()
        return found | {"null"} if found and node.get("nullable") is True else found

    def _survey(self, start: JSON, at: str) -> Facts:
        seen: dict[str, bool] = {}
        own: dict[str, Names] = {}
        required: set[str] = set()
        closed: dict[str, Names] = {}
        has_closed = False
        waiting = [(start, at, True)]
        while waiting:
            node, pointer, is_always = waiting.pop()
            if not isinstance(node, Mapping) or seen.get(pointer, -1) >= is_always:
                continue
            seen[pointer] = is_always
            if "properties" in node or "patternProperties" in node:
                own[pointer] = self.own(node, pointer)
            has_closed = has_closed or is_closed(node)
            if is_always:
                names = node.get("required")
                required |= {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
                if node.get("additionalProperties") is False:
                    closed[pointer] = own.get(pointer, Names())
                elif is_closed(node) and pointer != at:
                    closed[pointer] = self.facts(node, pointer).declared
            if "allOf" in node or "$ref" in node:
                waiting += [(*each, is_always) for each in self._always(node, pointer)]
            for keyword in _PERHAPS:
                if keyword in node:
                    waiting += [(*each, False) for each in _members(node, pointer, keyword)]
        declared = joined_names(own.values())
        if is_closed(start) and at not in closed:
            closed[at] = declared
        return Facts(declared, frozenset(required), frozenset(closed.values()), has_closed, frozenset(seen))

    def _always(self, node: Mapping[str, JSON], pointer: str) -> Iterator[tuple[JSON, str]]:
        """The schemas beside a schema that hold for each of its values."""
        reference = reference_of(node)
        if reference is not None:
            with suppress(DocumentError):  # noted where it is lowered
                yield self._document.follow(reference, pointer)
            if self._document.is_30:
                return
        yield from _members(node, pointer, "allOf")

    def own(self, node: Mapping[str, JSON], pointer: str) -> Names:
        """The names that a schema itself describes, but for those that it refuses."""
        if self._document.is_30 and reference_of(node) is not None:
            return Names()
        found: Mapping[str, JSON] = {}
        with suppress(DocumentError):
            found = self._document.join(node.get("properties"), f"{pointer}/properties").values
        patterns = node.get("patternProperties")
        return Names(
            frozenset(name for name, value in found.items() if value is not False and value != {"not": {}}),
            frozenset(patterns) if isinstance(patterns, Mapping) else frozenset(),
        )


def is_closed(node: JSON) -> bool:
    """Whether a schema refuses properties that it does not describe."""
    return isinstance(node, Mapping) and (
        node.get("additionalProperties") is False or node.get("unevaluatedProperties") is False
    )


def _members(node: Mapping[str, JSON], pointer: str, keyword: str) -> Iterator[tuple[JSON, str]]:
    """The schemas that a keyword holds for the same value, each with its pointer."""
    inside = node.get(keyword)
    if keyword in _LISTS:
        for position, member in enumerate(inside if isinstance(inside, list) else ()):
            yield member, f"{pointer}/{keyword}/{position}"
    elif keyword == "dependentSchemas":
        for name, member in inside.items() if isinstance(inside, Mapping) else ():
            yield member, f"{pointer}/{keyword}/{escape_token(name)}"
    elif isinstance(inside, Mapping):
        yield inside, f"{pointer}/{keyword}"


def _listed(node: JSON) -> list[JSON] | None:
    """The values that a schema lists."""
    if not isinstance(node, Mapping):
        return None
    values = [node["const"]] if "const" in node else node.get("enum")
    return values if isinstance(values, list) else None


def _types(value: JSON) -> list[str]:
    return [name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)]


def _type_of(value: JSON) -> str:
    return next(name for name in _OF_VALUES if is_of_type(value, name))


def with_integer(types: Iterable[str]) -> frozenset[str]:
    """The types, and "integer" where a number is among them, for an integer is one."""
    found = frozenset(types)
    return found | {"integer"} if "number" in found else found


def is_number(value: JSON) -> TypeGuard[float]:
    """Whether it is a number that can be reckoned with, which the limit of a schema must be."""
    try:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer beyond every float, which a validator cannot reckon with
        return False
