"""Where a reference leads: URIs, JSON Pointers, and the names that schemas give themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import unquote

from dynclient.documents.pointers import escape_token, split_pointer
from dynclient.documents.resources import Library, Unreachable, resolve_uri
from dynclient.types import JSON, UNSET, Unset

_SCHEMAS = "/components/schemas/"
_MAX_STEPS = 50
"""How many references one pointer may lead through; published documents have one."""
_IDENTIFIERS = ("$id", "$anchor", "$dynamicAnchor")
# Where keys are the document's own names, and where there is data that isn't part of the description.
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas"})
_DATA = frozenset({"const", "default", "enum", "example", "examples", "value"})
_NOTHING = "there is nothing at this reference"
_INDEX = re.compile("0|[1-9][0-9]*", re.ASCII)


class _Scope(NamedTuple):
    """The schema resource of a place (JSON Schema 2020-12 core §8.2.1): where it begins, and its URI."""

    pointer: str
    base: str


class _Names(NamedTuple):
    """The names of the schemas in one file or URL: pointers by URI, and by anchor, which several may share."""

    by_uri: Mapping[str, str]
    by_anchor: Mapping[str, list[str]]


class References:
    """
    Follows the references of a document through its library.

    Args:
        library: reads files and URLs.
        ids: whether `$id` gives a schema its own URI, as in OpenAPI 3.1 and later.
        note: called with a place and a message for a reference that leads somewhere only if it is read generously.
    """

    def __init__(self, library: Library, *, ids: bool, note: Callable[[str, str], None]) -> None:
        self._library = library
        self._ids = ids
        self._tell = note
        self._names: dict[str, _Names] = {}
        self._found: dict[str, tuple[JSON, str]] = {}

    def find(self, pointer: str, seen: frozenset[str] = frozenset()) -> tuple[JSON, str]:
        """
        Return what is at a pointer, and its pointer, which differs if a step leads through a reference.

        Raises:
            Unreachable: there is nothing, or it must not be read.
        """
        known = self._found.get(pointer)
        if known is not None:
            return known
        name, sharp, fragment = pointer.partition("#")
        if not sharp or (fragment and not fragment.startswith("/")):
            raise Unreachable("it isn't a JSON Pointer")
        node, where = self._library.get(name).contents, f"{name}#"
        for token in split_pointer(fragment):
            while (inner := _member(node, token)) is UNSET and (reference := reference_of(node)) is not None:
                if where in seen or len(seen) >= _MAX_STEPS:
                    raise Unreachable("it leads back to itself")
                seen |= {where}
                node, where = self.follow(reference, where, seen)
            if inner is UNSET:
                raise Unreachable(_NOTHING)
            node, where = inner, f"{where}/{escape_token(token)}"
        self._found[pointer] = node, where
        return node, where

    def follow(self, reference: str, pointer: str, seen: frozenset[str] = frozenset()) -> tuple[JSON, str]:
        """
        Return what a reference at a pointer leads to, and its pointer; it may be another reference.

        Raises:
            Unreachable: there is nothing, or it must not be read.
        """
        uri, _, fragment = reference.partition("#")
        if fragment and not unquote(fragment).startswith("/"):
            scope = self._resource(uri, pointer) if uri else self._scope(pointer).pointer
            return self.find(self._anchored(unquote(fragment), scope, pointer), seen)
        if uri:
            return self._first([self._resource(uri, pointer)], fragment, seen)
        if seen:  # a reference on the way has only one meaning, or a chain of them would have endlessly many
            return self.find(next(self._places(fragment, pointer)) + fragment, seen)
        try:
            return self._first(self._places(fragment, pointer), fragment, seen)
        except Unreachable as reason:
            try:
                found, where = self._first(_around(pointer), fragment, seen)
            except Unreachable:
                raise reason from None
        self._tell(pointer, f"there is nothing at {reference}; it is taken for {where}, in the schema around it")
        return found, where

    def _first(self, places: Iterable[str], fragment: str, seen: frozenset[str]) -> tuple[JSON, str]:
        """What is at a fragment, relative to the first of the places where there is something."""
        # Percent-escapes are decoded first (RFC 6901 §6), but some documents escape the slash in a name that way.
        fragments = [fragment] if seen else dict.fromkeys((fragment.replace("%2F", "/").replace("%2f", "/"), fragment))
        reasons = []
        for place in places:
            for each in fragments:
                try:
                    return self.find(place + each, seen)
                except Unreachable as reason:
                    reasons.append(reason)
        raise reasons[0] if reasons else Unreachable(_NOTHING)

    def _places(self, fragment: str, pointer: str) -> Iterator[str]:
        """What a reference beginning with `#` may be relative to, the most likely first."""
        name, _, inside = pointer.partition("#")
        whole = f"{name}#"
        if fragment and not name:
            yield whole  # decided at once: no schema keyword is like those at the top of an OpenAPI document
        scope = self._scope(pointer).pointer
        if scope == whole and not fragment and inside.startswith(_SCHEMAS):
            yield whole + "/".join(inside.split("/")[:4])  # a component was written as a separate JSON Schema
        yield scope
        yield whole

    def _resource(self, uri: str, pointer: str) -> str:
        """Where the resource of a URI begins: a file, a URL, or a schema with that name."""
        base = self._scope(pointer).base
        absolute = resolve_uri(base, uri)
        if self._ids:
            for name in self._library:
                named = self._names_in(name).by_uri.get(absolute)
                if named is not None:
                    return named
        return self._library.name(absolute, base, pointer.partition("#")[0]) + "#"

    def _scope(self, pointer: str) -> _Scope:
        name, _, fragment = pointer.partition("#")
        resource = self._library.get(name)
        where, base, node = f"{name}#", resource.base, resource.contents
        scope = _Scope(where, base)
        for token in split_pointer(fragment) if self._ids else ():
            node, where = _member(node, token), f"{where}/{escape_token(token)}"
            identity = node.get("$id") if isinstance(node, Mapping) else None
            if isinstance(identity, str) and not identity.startswith("#"):  # an anchor in older drafts
                scope = _Scope(where, resolve_uri(scope.base, identity))
        return scope

    def _anchored(self, anchor: str, scope: str, pointer: str) -> str:
        """The place of the schema with an anchor: in this scope first, then the nearest."""
        found = self._names_in(scope.partition("#")[0]).by_anchor.get(anchor)
        if not found:
            raise Unreachable(f"no schema has the anchor {anchor!r}")
        return max(found, key=lambda each: (self._scope(each).pointer == scope, _shared_steps(each, pointer)))

    def _names_in(self, name: str) -> _Names:
        if name not in self._names:
            resource = self._library.get(name)
            by_uri, by_anchor = {resource.base: f"{name}#"}, dict[str, list[str]]()
            for tokens, schema in _identified(resource.contents):
                pointer = "/".join([f"{name}#", *map(escape_token, tokens)])
                if isinstance(schema.get("$id"), str):
                    by_uri.setdefault(self._scope(pointer).base, pointer)
                for anchor in (schema.get("$anchor"), schema.get("$dynamicAnchor")):
                    if isinstance(anchor, str):
                        by_anchor.setdefault(anchor, []).append(pointer)
            self._names[name] = _Names(by_uri, by_anchor)
        return self._names[name]


def reference_of(node: JSON) -> str | None:
    """Return the `$ref` of a node, or None; a `$ref` that isn't text is a property with that name."""
    reference = node.get("$ref") if isinstance(node, Mapping) else None
    return reference if isinstance(reference, str) else None


def _member(node: JSON, token: str) -> JSON | Unset:
    if isinstance(node, Mapping):
        return node.get(token, UNSET)
    if isinstance(node, list) and _INDEX.fullmatch(token) and int(token) < len(node):
        return node[int(token)]
    return UNSET


def _shared_steps(one: str, other: str) -> int:
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _around(pointer: str) -> Iterator[str]:
    """The pointers to everything that contains a place, the nearest first."""
    while "/" in pointer.partition("#")[2]:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _identified(contents: JSON) -> Iterator[tuple[tuple[str, ...], Mapping[str, JSON]]]:
    """The schemas that name themselves, each with the steps to it."""
    pending: list[tuple[tuple[str, ...], JSON, bool]] = [((), contents, False)]
    seen: set[int] = set()  # a YAML alias is the same object again
    while pending:
        steps, node, is_named = pending.pop()
        if id(node) in seen or not isinstance(node, (Mapping, list)):
            continue
        seen.add(id(node))
        if isinstance(node, list):
            inner: list[tuple[str, JSON]] = [(str(position), value) for position, value in enumerate(node)]
        else:
            if not is_named and any(isinstance(node.get(key), str) for key in _IDENTIFIERS):
                yield steps, node
            inner = [(str(key), value) for key, value in node.items() if is_named or not _is_data(str(key))]
        pending.extend(((*steps, key), value, key in _NAMED and not is_named) for key, value in reversed(inner))


def _is_data(key: str) -> bool:
    return key in _DATA or key.startswith("x-")
