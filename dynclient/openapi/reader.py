"""
OpenAPI read once: from the keys of a document to the values of `model`.

`index` looks at every path once and reads only each operation's id; an operation itself is read when it is first used.
The modules beside it read its parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dynclient.documents import Document, Joined
from dynclient.errors import DocumentError
from dynclient.openapi import swagger
from dynclient.openapi.bodies import read_body
from dynclient.openapi.fields import referenced
from dynclient.openapi.index import Entry, operation_node, path_item, tags_of
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import (
    Operation,
    ResponseDescription,
)
from dynclient.openapi.parameters import read_content, read_headers, read_parameters
from dynclient.openapi.security import security_of
from dynclient.openapi.servers import servers_of
from dynclient.openapi.unreadable import Unreadable
from dynclient.types import JSON


def read_operation(document: Document, entry: Entry) -> Operation:
    """
    Return everything the document says about one operation; what cannot be read is in its `unread`.

    Raises:
        DocumentError: the reference of its path cannot be followed.
    """
    unread = Unreadable(document)
    shared = path_item(document, entry.path)
    operation = unread.kept(
        lambda: operation_node(document, shared, entry.method, entry.additional), Joined({}, entry.pointer, {})
    )
    item, node = shared.values, operation.values
    parameters = (
        *_listed(document, unread, shared, "parameters"),
        *_listed(document, unread, operation, "parameters"),
    )
    return Operation(
        id=entry.id or entry.route,
        method=entry.verb,
        path=entry.path,
        parameters=read_parameters(document, unread, entry.path, parameters, operation.holder("parameters")),
        body=read_body(document, unread, parameters, operation),
        responses=tuple(_responses(document, node, operation.holder("responses"))),
        security=security_of(document, node, operation.holder("security")),
        servers=servers_of(document, (node, operation.holder("servers")), (item, shared.holder("servers"))),
        tags=tags_of(node),
        summary=_text(node.get("summary")) or _text(item.get("summary")),
        description=_text(node.get("description")),
        deprecated=node.get("deprecated") is True,
        pointer=entry.pointer,
        unread=tuple(unread.problems),
        produces=swagger.produces(document, node, operation.holder("produces")) if document.is_20 else (),
    )


def _listed(document: Document, unread: Unreadable, holder: Joined, key: str) -> list[tuple[JSON, str]]:
    """The items of a list, which may be a reference to one, and their pointers."""
    node, pointer = unread.kept(
        lambda: document.resolve(holder.values.get(key), holder.pointer_of(key)), ((), holder.pointer_of(key))
    )
    return [(item, f"{pointer}/{position}") for position, item in enumerate(_sequence(node))]


def _responses(document: Document, operation: Mapping[str, JSON], pointer: str) -> Iterator[ResponseDescription]:
    try:
        node, where = document.resolve(operation.get("responses"), f"{pointer}/responses")
    except DocumentError as error:  # no call needs them
        document.note("reference-missing", error.pointer, error.message)
        return
    for status, entry in _mapping(node).items():
        if not str(status).startswith("x-"):
            try:
                response, at = referenced(document, entry, f"{where}/{status}")
                if document.is_20:
                    content = swagger.content(document, response, at, operation, pointer)
                else:
                    content = read_content(document, response.get("content"), f"{at}/content")
            except DocumentError as error:  # no call needs it
                document.note("reference-missing", error.pointer, error.message)
                response, at, content = {}, f"{where}/{status}", ()  # any answer of that status will do
            description = _text(response.get("description")) or _text(response.get("summary"))
            headers = tuple(read_headers(document, _mapping(response.get("headers")), f"{at}/headers"))
            yield ResponseDescription(str(status).upper(), description, content, headers)
