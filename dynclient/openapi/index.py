"""The operations of a document, found without reading them: their ids, methods and paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dynclient.documents import Document, Joined, escape_token
from dynclient.errors import DocumentError
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.types import JSON

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a method is a token: RFC 9110 §9.1, §5.6.2


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An operation in the index: its id ("" for none), its place and its tags.

    `method` is its key in the path item; for `additional` operations (OpenAPI 3.2) in their own case.
    """

    id: str
    method: str
    path: str
    tags: tuple[str, ...] = ()
    additional: bool = False

    @property
    def verb(self) -> str:
        """The method as it is sent."""
        return self.method if self.additional else self.method.upper()

    @property
    def route(self) -> str:
        return f"{self.verb} {self.path}"

    @property
    def pointer(self) -> str:
        """Its place in the path item, itself or by a reference; no other operation has the same."""
        inside = f"additionalOperations/{escape_token(self.method)}" if self.additional else self.method
        return f"#/paths/{escape_token(self.path)}/{inside}"


def read_entries(document: Document) -> list[Entry]:
    """Return every operation of the document, in its order."""
    kept = document.kept("index")
    if kept is not None:
        return [replace(Entry(*row), tags=tuple(row[3])) for row in kept]
    entries = list(_entries(document))
    if document.is_alone and not document.problem_count:  # what must be noted each time is looked for each time
        document.keep("index", [[each.id, each.method, each.path, each.tags, each.additional] for each in entries])
    return entries


def _entries(document: Document) -> Iterator[Entry]:
    for path in document.section("paths")[0]:
        if not isinstance(path, str) or path.startswith("x-"):
            continue
        try:
            item = path_item(document, path)
        except DocumentError as error:
            document.note("reference-missing", error.pointer, f"{error.message}; the path {path} is left out")
            continue
        for method, node in item.values.items():
            if method in METHODS and isinstance(node, Mapping):
                yield _entry(document, path, method, item)
        yield from _additional_entries(document, path, item)


def _additional_entries(document: Document, path: str, item: Joined) -> Iterator[Entry]:
    methods = item.values
    for method, operation in _mapping(methods.get("additionalOperations")).items():
        if not _TOKEN.fullmatch(method) or (
            method.isupper() and method.lower() in METHODS and method.lower() in methods
        ):
            pointer = f"{item.pointer_of('additionalOperations')}/{escape_token(method)}"
            document.note("method-unfit", pointer, f"{method!r} isn't a method here; the operation is left out")
        elif isinstance(operation, Mapping):
            yield _entry(document, path, method, item, additional=True)


def _entry(document: Document, path: str, method: str, item: Joined, additional: bool = False) -> Entry:
    try:
        operation = operation_node(document, item, method, additional).values
    except DocumentError as error:  # found by method and path, it then says what is wrong
        document.note("reference-missing", error.pointer, error.message)
        return Entry("", method, path, additional=additional)
    return Entry(_text(operation.get("operationId")), method, path, tags_of(operation), additional)


def operation_node(document: Document, item: Joined, method: str, additional: bool) -> Joined:
    """Return the operation of a method in its path item, joined with what its reference leads to."""
    if not additional:
        return document.join(item.values[method], item.pointer_of(method))
    pointer = f"{item.pointer_of('additionalOperations')}/{escape_token(method)}"
    return document.join(item.values["additionalOperations"][method], pointer)


def check_path(document: Document, path: str) -> None:
    """
    Check that a path can be read, if the document has it.

    Raises:
        DocumentError: its reference cannot be followed, so that the index leaves it out.
    """
    if path in document.section("paths")[0]:
        path_item(document, path)


def read_tags(document: Document) -> dict[str, str]:
    """Return the tags that the document describes, with their descriptions, in its order."""
    tags = (_mapping(tag) for tag in _sequence(document.contents.get("tags")))
    return {_text(tag.get("name")): _text(tag.get("description")) for tag in tags if tag.get("name")}


def path_item(document: Document, path: str) -> Joined:
    paths, pointer = document.section("paths")
    return document.join(paths[path], f"{pointer}/{escape_token(path)}")


def tags_of(operation: Mapping[str, JSON]) -> tuple[str, ...]:
    return tuple(str(tag) for tag in _sequence(operation.get("tags")))
