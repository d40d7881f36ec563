"""Request bodies (OpenAPI 3.1.1 §4.8.13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dynclient.documents import Document, Joined
from dynclient.openapi import swagger
from dynclient.openapi.fields import merge_fields, read_fields, referenced
from dynclient.openapi.lenient import text as _text
from dynclient.openapi.model import Field, MediaType, RequestBody
from dynclient.openapi.parameters import _is_multipart, part_encodings, read_content
from dynclient.openapi.unreadable import Unreadable
from dynclient.types import JSON


def read_body(
    document: Document, unread: Unreadable, parameters: Iterable[tuple[JSON, str]], operation: Joined
) -> RequestBody | None:
    if not document.is_20:
        node, pointer = operation.values.get("requestBody"), operation.pointer_of("requestBody")
        unknown: RequestBody | None = RequestBody((MediaType("*/*", pointer=pointer),))
        return unread.kept(lambda: _request_body(document, node, pointer), unknown)
    body = swagger.request_body(document, parameters, operation.values, operation.holder("parameters"))
    if body is None:
        return None
    if not body.fields:
        return replace(body, fields=_body_fields(document, body.content))
    content = (
        replace(each, encoding=part_encodings(document, each.encoding, body.fields))
        if _is_multipart(each.name)
        else each
        for each in body.content
    )
    return replace(body, content=tuple(content))


def _request_body(document: Document, node: JSON, pointer: str) -> RequestBody | None:
    if node is None:
        return None
    body, pointer = referenced(document, node, pointer)
    content = read_content(document, body.get("content"), f"{pointer}/content")
    return RequestBody(
        content=content,
        required=body.get("required") is True,
        description=_text(body.get("description")),
        fields=_body_fields(document, content),
    )


def _body_fields(document: Document, content: tuple[MediaType, ...]) -> tuple[Field, ...]:
    """The fields of all media types. A field that only some of them require has the names of those."""
    by_type = {each.name: read_fields(document, each.schema) for each in content if each.schema is not None}
    described = {name: found for name, found in by_type.items() if found}
    fields: dict[str, Field] = {}
    for found in described.values():
        merge_fields(fields, found, either=False)
    requiring = {
        field: tuple(name for name, found in described.items() if field in found and found[field].required)
        for field in fields
    }
    return tuple(
        replace(
            field,
            required=len(requiring[name]) == len(described),
            required_as=requiring[name] if len(requiring[name]) < len(described) else (),
        )
        for name, field in fields.items()
    )
