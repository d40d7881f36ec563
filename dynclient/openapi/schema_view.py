"""What a published schema asks for: the types and formats of a value and of its members."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError
from dynclient.openapi.document_problems import is_of_type
from dynclient.openapi.model import Schema
from dynclient.support import cached
from dynclient.types import JSON, UNSET, Unset

_MOST_ALTERNATIVES = 100


class SchemaView:
    """
    One place of a value, as all schemas for it describe it: by reference, together or as alternatives.

    It says how to write a value, not whether the value is valid. Without a document no reference is followed.
    """

    def __init__(self, document: Document | None, schemas: Iterable[Schema | None]) -> None:
        self._document = document
        self._schemas = schemas

    @cached
    def _branches(self) -> list[tuple[Mapping[str, JSON], str]]:
        found: dict[str, Mapping[str, JSON]] = {}
        waiting = deque((schema.contents, schema.pointer) for schema in self._schemas if schema is not None)
        while waiting:
            node, pointer = waiting.popleft()
            if not isinstance(node, Mapping) or pointer in found:
                continue
            found[pointer] = node
            if "$ref" in node and self._document:
                try:
                    waiting.append(self._document.resolve(node, pointer))
                except DocumentError:
                    continue  # noted where the schema is lowered
            for keyword in ("allOf", "anyOf", "oneOf"):
                members = enumerate(_list(node.get(keyword)))
                waiting.extend((member, f"{pointer}/{keyword}/{position}") for position, member in members)
        return [(node, pointer) for pointer, node in found.items()]

    @property
    def name(self) -> str:
        """The name of the component that the one schema refers to, also as an alternative to null; else ""."""
        nodes = [schema.contents for schema in self._schemas if schema is not None]
        while len(nodes) == 1 and isinstance(nodes[0], Mapping):
            where, _, name = str(nodes[0].get("$ref", "")).rpartition("/")
            if where.endswith(("/schemas", "/definitions")):
                return name
            inner = [each for keyword in ("allOf", "anyOf", "oneOf") for each in _list(nodes[0].get(keyword))]
            nodes = [each for each in inner if not isinstance(each, Mapping) or each.get("type") != "null"]
        return ""

    @cached
    def types(self) -> frozenset[str]:
        """The types that any of the schemas names."""
        return frozenset(name for node, _ in self._branches for name in _types(node))

    @cached
    def formats(self) -> frozenset[str]:
        """The values of `format` and `contentEncoding`."""
        said = (node.get(keyword) for node, _ in self._branches for keyword in ("format", "contentEncoding"))
        return frozenset(name for name in said if isinstance(name, str))

    @property
    def nullable(self) -> bool:
        """Whether null is permitted explicitly; a schema without types does not permit it."""
        return any(
            any(node.get(keyword) is True for keyword in ("nullable", "x-nullable"))
            or None in _list(node.get("enum"))
            or node.get("const", "") is None
            for node, _ in self._branches
        ) or ("null" in self.types)

    @cached
    def names(self) -> tuple[str, ...]:
        """The names of the declared properties, in the document's order."""
        return tuple(dict.fromkeys(name for node, _ in self._branches for name in _mapping(node.get("properties"))))

    @cached
    def properties(self) -> frozenset[str]:
        """The names of the declared properties."""
        return frozenset(self.names)

    @cached
    def required(self) -> frozenset[str]:
        """The names of the properties that any of the schemas requires."""
        said = (name for node, _ in self._branches for name in _list(node.get("required")))
        return frozenset(name for name in said if isinstance(name, str))

    @cached
    def values(self) -> list[JSON]:
        """The values that `enum` and `const` permit; empty if a schema also permits any text."""
        is_open = any("string" in _types(node) and not _values(node) for node, _ in self._branches)
        return [] if is_open else self.named_values

    @property
    def named_values(self) -> list[JSON]:
        """The values that the schemas name by `enum` and `const`, also where others are permitted."""
        return [value for node, _ in self._branches for value in _values(node)]

    def said(self, keyword: str) -> JSON | Unset:
        """Return what the schemas say under a keyword; UNSET if none does, or if they disagree."""
        found = [node[keyword] for node, _ in self._branches if keyword in node]
        return found[0] if found and all(value == found[0] for value in found) else UNSET

    def together(self, keyword: str) -> list[dict[str, JSON]]:
        """
        Return the object that the schemas have under a keyword, once for each alternative that differs.

        Its fields are those of a schema and of what this is made of, by reference or by `allOf`; the schema's own come
        first. Alternatives that permit only null have none.
        """
        found: list[dict[str, JSON]] = []
        for schema in self._schemas:
            if schema is not None:
                found += self._together(schema.contents, schema.pointer, keyword, frozenset())
        return _once(found)

    def _together(self, node: JSON, pointer: str, keyword: str, seen: frozenset[str]) -> list[dict[str, JSON]]:
        if not isinstance(node, Mapping) or pointer in seen:
            return [{}]
        seen |= {pointer}
        parts = [(each, f"{pointer}/allOf/{position}") for position, each in enumerate(_list(node.get("allOf")))]
        if "$ref" in node and self._document:
            with suppress(DocumentError):  # noted where the schema is lowered
                parts.insert(0, self._document.resolve(node, pointer))
        found: list[dict[str, JSON]] = [{**_mapping(node.get(keyword))}]
        for part, at in parts:
            found = _merged(found, self._together(part, at, keyword, seen))
        alternatives = [
            said
            for union in ("anyOf", "oneOf")
            for position, each in enumerate(_list(node.get(union)))
            if not (isinstance(each, Mapping) and _types(each) == ["null"])
            for said in self._together(each, f"{pointer}/{union}/{position}", keyword, seen)
        ]
        return _merged(found, alternatives) if alternatives else found

    def item(self, index: int) -> SchemaView:
        """Return the view of an item of an array."""
        return SchemaView(self._document, list(self._items(index)))

    def member(self, key: str) -> SchemaView:
        """Return the view of a member of an object."""
        return SchemaView(self._document, list(self._members(key)))

    def _items(self, index: int) -> Iterator[Schema]:
        for node, pointer in self._branches:
            first = _list(node.get("prefixItems"))
            if index < len(first):
                yield Schema(first[index], f"{pointer}/prefixItems/{index}")
            elif "items" in node:
                yield Schema(node["items"], f"{pointer}/items")

    def _members(self, key: str) -> Iterator[Schema]:
        for node, pointer in self._branches:
            declared = _mapping(node.get("properties"))
            if key in declared:
                yield Schema(declared[key], f"{pointer}/properties/{escape_token(key)}")
            elif "additionalProperties" in node:
                yield Schema(node["additionalProperties"], f"{pointer}/additionalProperties")


def _merged(first: list[dict[str, JSON]], second: list[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """Each of the first with each of the second, whose fields count less."""
    return _once([{**weaker, **stronger} for stronger in first for weaker in second])


def _once(found: list[dict[str, JSON]]) -> list[dict[str, JSON]]:
    """What differs; of many alternatives only the first."""
    return [each for position, each in enumerate(found[:_MOST_ALTERNATIVES]) if each not in found[:position]]


def _values(node: Mapping[str, JSON]) -> list[JSON]:
    return [node["const"]] if "const" in node else _list(node.get("enum"))


def _types(node: Mapping[str, JSON]) -> list[str]:
    declared = node.get("type")
    if declared is None and ("properties" in node or "additionalProperties" in node):
        return ["object"]
    return [name for name in (declared if isinstance(declared, list) else [declared]) if isinstance(name, str)]


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def is_file(node: JSON) -> bool:
    """
    Return whether a schema in a form means a file: `format: binary`, or in 3.1 a media type without an encoding.

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


def values_of_items(node: Mapping[str, JSON]) -> list[JSON] | None:
    """Return the values of an array's `enum` if they are not arrays: those of its items are meant. Else None."""
    values = node.get("enum")
    if not isinstance(values, list):
        return None
    declared = node.get("type")
    names = [name for name in (declared if isinstance(declared, list) else [declared]) if isinstance(name, str)]
    if "array" not in names or any(isinstance(value, list) for value in values):
        return None
    meant = [value for value in values if value is not None]
    others = [name for name in names if name != "array"]
    return meant if meant and not any(is_of_type(value, name) for value in meant for name in others) else None
