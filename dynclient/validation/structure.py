"""
Objects, arrays and references of a document where something else stands, or nothing: all but those of schemas.

What calls need is noted as it is read, in `reader`, and in `lowering` for schemas. The rest is found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dynclient.documents import Document, escape_token, split_pointer
from dynclient.errors import DocumentError
from dynclient.types import JSON

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

# What each kind of object holds: "kind" for one of that kind, "[kind]" for a list and "{kind}" for a map of such, in
# which extensions (x-) may stand as well; "any" may be anything. A kind that is not listed is an object whose contents
# do not matter here.
_KINDS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "paths": "{path item}",
        "webhooks": "{path item}",
        "components": "components",
        "servers": "[server]",
        "tags": "[any]",
        # Swagger 2.0
        "parameters": "{parameter}",
        "responses": "{response}",
        "securityDefinitions": "{security scheme}",
    },
    "components": {
        "callbacks": "{{path item}}",
        "examples": "{example}",
        "headers": "{parameter}",
        "links": "{link}",
        "mediaTypes": "{media type}",
        "parameters": "{parameter}",
        "pathItems": "{path item}",
        "requestBodies": "{request body}",
        "responses": "{response}",
        "schemas": "{any}",
        "securitySchemes": "{security scheme}",
    },
    "path item": {
        **dict.fromkeys(_METHODS, "operation"),
        "additionalOperations": "{operation}",
        "parameters": "[parameter]",
        "servers": "[server]",
    },
    "operation": {
        "callbacks": "{{path item}}",
        "parameters": "[parameter]",
        "requestBody": "request body",
        "responses": "{response}",
        "servers": "[server]",
        "tags": "[any]",
    },
    "parameter": {"content": "{media type}", "examples": "{example}"},  # and a header
    "request body": {"content": "{media type}"},
    "media type": {"encoding": "{encoding}", "examples": "{example}"},
    "encoding": {"headers": "{parameter}"},
    "response": {"content": "{media type}", "headers": "{parameter}", "links": "{link}"},
    "server": {"variables": "{server variable}"},
}


def note_structure(document: Document) -> None:
    """Note each part of a document that is of another type than it must be, and each reference that leads nowhere."""
    _Walk(document).visit(document.contents, "#", "document")


class _Walk:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[tuple[str, str]] = set()

    def visit(self, node: JSON, pointer: str, kind: str) -> None:
        """Look at what stands at a pointer, and at all that is in it; null is nothing."""
        if node is None or kind == "any":
            return
        try:
            found, where = self._document.resolve(node, pointer)
        except DocumentError as error:
            self._note("reference-missing", error.pointer, error.message)
            return
        if (where, kind) in self._seen:
            return
        self._seen.add((where, kind))
        type_name, fits = ("a list", list) if kind.startswith("[") else ("an object", Mapping)
        if not isinstance(found, fits):
            message = f"the {_subject(kind, where)} must be {type_name}"
            if kind in ("operation", "path item"):
                self._note("operation-shape", where, message)
            else:
                self._note("shape", where, message)
            return
        for key, value, member in _members(found, kind):
            self.visit(value, f"{where}/{escape_token(key)}", member)

    def _note(self, rule: str, pointer: str, message: str) -> None:
        if not self._document.is_noted(pointer):  # which says more of it
            self._document.note(rule, pointer, message)


def _members(node: JSON, kind: str) -> Iterator[tuple[str, JSON, str]]:
    """Key, value and kind of what is in an object or a list of a kind."""
    if kind.startswith("["):
        yield from ((str(position), item, kind[1:-1]) for position, item in enumerate(node))
    elif kind.startswith("{"):
        yield from ((str(key), value, kind[1:-1]) for key, value in node.items() if not str(key).startswith("x-"))
    else:
        yield from ((key, node[key], member) for key, member in _KINDS.get(kind, {}).items() if key in node)


def _subject(kind: str, pointer: str) -> str:
    """What a sentence calls a part: a map or a list by its key."""
    return f"value of {next(reversed([*split_pointer(pointer)]))!r}" if kind[0] in "[{" else kind
