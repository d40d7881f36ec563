"""The example of a parameter, a header or a media type that a document publishes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError
from dynclient.http import is_json
from dynclient.openapi.lenient import mapping as _mapping
from dynclient.openapi.model import Schema
from dynclient.types import JSON, UNSET, Unset


def example(
    document: Document, node: Mapping[str, JSON], schema: Schema | None, pointer: str, media_type: str = ""
) -> JSON | Unset:
    """The `example`, the first of the `examples`, or what the schema itself gives as one."""
    if "example" in node:
        return node["example"]
    for name, entry in _mapping(node.get("examples")).items():
        try:
            found = _mapping(document.resolve(entry, f"{pointer}/examples/{escape_token(name)}")[0])
        except DocumentError as error:  # no call needs it
            document.note("reference-missing", error.pointer, error.message)
            continue
        for key in ("dataValue", "value"):
            if key in found:
                return found[key]
        if media_type and isinstance(found.get("serializedValue"), str):
            return _deserialized(found["serializedValue"], media_type)
    contents = _mapping(schema.contents) if schema else {}
    if "example" in contents:
        return contents["example"]
    examples = contents.get("examples")
    return examples[0] if isinstance(examples, list) and examples else UNSET


def _deserialized(text: str, media_type: str) -> JSON:
    if not is_json(media_type):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
