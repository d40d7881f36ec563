"""Server Objects (OpenAPI 3.1.1 §4.8.5): where calls may go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError
from dynclient.openapi import swagger
from dynclient.openapi.index import operation_node, path_item, read_entries
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import Server, ServerVariable
from dynclient.types import JSON


def read_servers(document: Document) -> tuple[Server, ...]:
    """Return the servers at the document's root."""
    return servers_of(document, (document.contents, "#"))


def read_other_servers(document: Document) -> Iterator[Server]:
    """Yield the servers of paths and operations that replace those of the root."""
    for entry in read_entries(document):
        item = path_item(document, entry.path)
        yield from _servers(document, item.values, item.holder("servers"))
        with suppress(DocumentError):  # reported when the operation is used
            operation = operation_node(document, item, entry.method, entry.additional)
            yield from _servers(document, operation.values, operation.holder("servers"))


def servers_of(document: Document, *holders: tuple[Mapping[str, JSON], str]) -> tuple[Server, ...]:
    """Return the servers of the first holder that has any, else those of the document's root."""
    if document.is_20:
        return swagger.servers(document, holders[0][0])
    root = (document.contents, "#")
    return next(filter(None, (_servers(document, *holder) for holder in (*holders, root))), ())


def _servers(document: Document, node: Mapping[str, JSON], pointer: str) -> tuple[Server, ...]:
    servers = []
    for position, entry in enumerate(_sequence(node.get("servers"))):
        server, at = _mapping(entry), f"{pointer}/servers/{position}"
        if not isinstance(server.get("url"), str):
            document.note("server-without-url", at, "a server needs a url; it is left out")
            continue
        servers.append(
            Server(
                url=server["url"],
                description=_text(server.get("description")),
                variables={
                    name: _server_variable(document, _mapping(variable), f"{at}/variables/{escape_token(name)}")
                    for name, variable in _mapping(server.get("variables")).items()
                },
                name=_text(server.get("name")),
            )
        )
    return tuple(servers)


def _server_variable(document: Document, node: Mapping[str, JSON], pointer: str) -> ServerVariable:
    default = _scalar_text(node.get("default"))
    enum = tuple(text for value in _sequence(node.get("enum")) if (text := _scalar_text(value)) is not None)
    if enum and default is not None and default not in enum:
        document.note("server-variable-default", pointer, f"the default {default!r} is not in the enum; it is used")
    return ServerVariable(default, enum, _text(node.get("description")))


def _scalar_text(value: JSON) -> str | None:
    """The text that a number or a boolean was meant to be: in YAML `8443` and `true` are text only in quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else None
