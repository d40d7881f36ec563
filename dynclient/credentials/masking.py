"""
Which values of a call are secret, and what is shown in their place.

These values are secret:

- those in the places where the document's security schemes put their keys;
- those whose schema has the format `password`;
- headers and cookies with a name like that of a credential;
- fields called `password`, `access_token`, `client_secret`, `api_key` and the like (see `secret_names`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from dynclient.credentials.authenticator import Authenticator
from dynclient.credentials.secret_names import is_secret_field_name
from dynclient.credentials.secrets import MASK, Secrets
from dynclient.documents import Document, escape_token, split_value_pointer
from dynclient.errors import DocumentError, Problem
from dynclient.openapi import Operation, Schema, read_security_schemes
from dynclient.support import cached, matches
from dynclient.types import JSON, UNSET

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")
_CONDITIONS = ("if", "then", "else", "not")
_BY_PROPERTY = ("dependentSchemas", "dependencies")  # the second is that of older drafts


class MaskPlace:
    """
    One place inside a value, with every schema that may apply there, whichever keyword leads to it.

    All alternatives of a schema count, because a schema too many masks too much, and one too few shows a secret.
    """

    def __init__(self, document: Document | None, found: Iterable[tuple[JSON, str]] = ()) -> None:
        self._document = document
        self._found = list(found)

    @cached
    def is_secret(self) -> bool:
        return any(node.get("format") == "password" for node, _ in self._nodes)

    @property
    def names(self) -> MaskPlace:
        """The place of the members' names."""
        return self._at(_under(self._nodes, "propertyNames"))

    def step(self, step: str | int) -> MaskPlace:
        """Return the place under a key or at a position; a key of digits may be either."""
        found = [] if isinstance(step, int) else list(self._members(step))
        if isinstance(step, int) or step.isdecimal():
            found += self._items(int(step))
        return self._at(found)

    def _at(self, found: Iterable[tuple[JSON, str]]) -> MaskPlace:
        return MaskPlace(self._document, found)

    def _members(self, key: str) -> Iterator[tuple[JSON, str]]:
        found = [each for node, pointer in self._nodes for each in _members(node, pointer, key)]
        return iter(found) if found else _under(self._nodes, "unevaluatedProperties")

    def _items(self, index: int) -> Iterator[tuple[JSON, str]]:
        found = [each for node, pointer in self._nodes for each in _items(node, pointer, index)]
        yield from found or _under(self._nodes, "unevaluatedItems")
        yield from _under(self._nodes, "contains")

    @cached
    def _nodes(self) -> list[tuple[Mapping[str, JSON], str]]:
        """The schemas, and all schemas that they apply to the same value."""
        found: dict[str, Mapping[str, JSON]] = {}
        waiting = list(self._found)
        while waiting:
            node, pointer = waiting.pop()
            if isinstance(node, Mapping) and pointer not in found:
                found[pointer] = node
                waiting += _applied(node, pointer)
                waiting += self._referenced(node, pointer)
        return [(node, pointer) for pointer, node in found.items()]

    def _referenced(self, node: Mapping[str, JSON], pointer: str) -> Iterator[tuple[JSON, str]]:
        discriminator = node.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, Mapping) else None
        named = list(mapping.values()) if isinstance(mapping, Mapping) else []
        for reference in (node.get("$ref"), node.get("$dynamicRef"), *named):
            if isinstance(reference, str) and self._document:
                is_name = reference in named and not {"#", "/", "."} & set(reference)
                try:
                    yield self._document.follow(f"#/components/schemas/{reference}" if is_name else reference, pointer)
                except DocumentError:
                    continue  # reported where the schema is lowered


def _applied(node: Mapping[str, JSON], pointer: str) -> Iterator[tuple[JSON, str]]:
    for keyword in _ALTERNATIVES:
        members = node.get(keyword)
        for position, member in enumerate(members if isinstance(members, list) else ()):
            yield member, f"{pointer}/{keyword}/{position}"
    for keyword in _CONDITIONS:
        if keyword in node:
            yield node[keyword], f"{pointer}/{keyword}"
    for keyword in _BY_PROPERTY:
        for name, member in _mapping(node.get(keyword)).items():
            yield member, f"{pointer}/{keyword}/{escape_token(str(name))}"


def _members(node: Mapping[str, JSON], pointer: str, key: str) -> Iterator[tuple[JSON, str]]:
    declared, patterns = _mapping(node.get("properties")), _mapping(node.get("patternProperties"))
    fitting = [pattern for pattern in patterns if _may_match(pattern, key)]
    if key in declared:
        yield declared[key], f"{pointer}/properties/{escape_token(key)}"
    for pattern in fitting:
        yield patterns[pattern], f"{pointer}/patternProperties/{escape_token(str(pattern))}"
    if key not in declared and not fitting and "additionalProperties" in node:
        yield node["additionalProperties"], f"{pointer}/additionalProperties"


def _items(node: Mapping[str, JSON], pointer: str, index: int) -> Iterator[tuple[JSON, str]]:
    items = node.get("items")
    keyword = "items" if isinstance(items, list) else "prefixItems"  # older drafts have a list of items
    first = node.get(keyword)
    rest = "additionalItems" if isinstance(items, list) else "items"
    if isinstance(first, list) and index < len(first):
        yield first[index], f"{pointer}/{keyword}/{index}"
    elif rest in node:
        yield node[rest], f"{pointer}/{rest}"


def _under(nodes: Iterable[tuple[Mapping[str, JSON], str]], keyword: str) -> Iterator[tuple[JSON, str]]:
    return ((node[keyword], f"{pointer}/{keyword}") for node, pointer in nodes if keyword in node)


def _may_match(pattern: JSON, key: str) -> bool:
    try:
        return not isinstance(pattern, str) or matches(pattern, key)
    except ValueError:  # the pattern cannot be run
        return True


def _mapping(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, Mapping) else {}


NOWHERE = MaskPlace(None)


class Mask:
    """Finds and masks what is secret in the calls of one document; without a document, by names alone."""

    def __init__(self, document: Document | None = None) -> None:
        self._document = document

    def place(self, *schemas: Schema | None) -> MaskPlace:
        """Return the place of a value that these schemas of the document describe."""
        return MaskPlace(
            self._document, ((schema.contents, schema.pointer) for schema in schemas if schema is not None)
        )

    def told(self, problem: Problem, operation: Operation) -> Problem:
        """Return the problem of a call with its secrets masked, in its message and hint too."""
        name, place = self._described(problem, operation)
        path = split_value_pointer(problem.pointer)
        is_secret = self.hides(problem.location, name, path)
        for step in path:
            is_secret = is_secret or place.is_secret
            place = place.step(step)
        found: list[str] = []
        value = self.masked(problem.value, place, is_secret=is_secret, found=found)
        # Messages show only the beginning of a long text.
        secrets = Secrets(lambda: [part for text in found for part in (text, text[:60], text[:50])])
        message, hint = secrets.masked(problem.message), secrets.masked(problem.hint)
        return dataclasses.replace(problem, value=value, message=message, hint=hint)

    def _described(self, problem: Problem, operation: Operation) -> tuple[str, MaskPlace]:
        """The name and the place of the parameter or body that has the problem."""
        if problem.location == "body" and operation.body is not None:
            return "", self.place(*(media_type.schema for media_type in operation.body.content))
        for parameter in operation.parameters:
            inner = problem.name.removeprefix(parameter.name)
            if parameter.location == problem.location and problem.name == parameter.name + inner and inner[:1] in ".[":
                return parameter.name, self.place(parameter.schema)
        return problem.name, NOWHERE

    def hides(self, location: str, name: str, path: Iterable[str | int] = ()) -> bool:
        """Return whether names alone tell that the value at a path inside a parameter or body is secret."""
        return self._hides_parameter(location, name) or any(is_secret_field_name(str(step)) for step in (name, *path))

    def masked(
        self, value: JSON, place: MaskPlace = NOWHERE, *, is_secret: bool = False, found: list[str] | None = None
    ) -> JSON:
        """
        Return the value with *** in place of each secret.

        Null, true, false and empty values stay: they give nothing away.

        Args:
            value: the value.
            place: its place, which knows its schemas.
            is_secret: whether the whole value is secret.
            found: a list that the secret texts are added to.
        """
        if value is None or value is UNSET or isinstance(value, bool) or value in ("", [], {}):
            return value
        found = [] if found is None else found
        if is_secret or place.is_secret:
            found += _texts(value)
            return MASK
        if isinstance(value, dict):
            names = list(map(str, value))
            if place.names.is_secret:
                found += names
                names = [f"{MASK}{number or ''}" for number in range(len(names))]
            members = zip(names, value.items(), strict=True)
            return {
                name: self.masked(item, place.step(str(key)), is_secret=is_secret_field_name(str(key)), found=found)
                for name, (key, item) in members
            }
        if isinstance(value, list):
            return [self.masked(item, place.step(index), found=found) for index, item in enumerate(value)]
        return value

    def _hides_parameter(self, location: str, name: str) -> bool:
        if self._authenticator is None:
            return False
        location = location.rpartition(" ")[2]  # an answer's header has the location "response header"
        if location in ("header", "cookie"):
            return self._authenticator.is_secret(location, name)
        return (location, name) in self._authenticator.secret_places

    @cached
    def _authenticator(self) -> Authenticator | None:
        return Authenticator(read_security_schemes(self._document), {}) if self._document else None


def _texts(value: JSON) -> Iterator[str]:
    """The texts and numbers in a value."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)
