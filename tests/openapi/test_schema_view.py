"""What schemas ask of a value, in all the places where they may say so."""

from __future__ import annotations

import pytest

from dynclient.documents.document import Document
from dynclient.openapi.model import Schema
from dynclient.openapi.schema_view import SchemaView
from dynclient.types import JSON

SCHEMAS = {
    "Day": {"type": "string", "format": "date"},
    "Maybe": {"anyOf": [{"$ref": "#/components/schemas/Day"}, {"type": "null"}]},
    "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "integer"}]},
}
DOCUMENT = Document({"openapi": "3.1.0", "components": {"schemas": SCHEMAS}})


def shape(contents: JSON) -> SchemaView:
    return SchemaView(DOCUMENT, [Schema(contents, "#/x")])


@pytest.mark.parametrize(
    ("contents", "types", "formats", "nullable"),
    [
        ({}, set(), set(), False),
        (True, set(), set(), False),
        ({"type": "string", "format": "uuid"}, {"string"}, {"uuid"}, False),
        ({"type": ["string", "null"], "contentEncoding": "base64"}, {"string", "null"}, {"base64"}, True),
        ({"type": "string", "nullable": True}, {"string"}, set(), True),
        ({"enum": ["a", None]}, set(), set(), True),
        ({"const": None}, set(), set(), True),
        ({"properties": {}}, {"object"}, set(), False),
        ({"additionalProperties": True}, {"object"}, set(), False),
        ({"$ref": "#/components/schemas/Maybe"}, {"string", "null"}, {"date"}, True),
        ({"oneOf": [{"allOf": [{"type": "number"}]}, {"type": "string"}]}, {"number", "string"}, set(), False),
        ({"$ref": "#/components/schemas/Loop"}, {"integer"}, set(), False),
        ({"$ref": "#/nowhere", "type": "string"}, {"string"}, set(), False),
        ({"type": 5, "format": [], "anyOf": {}, "enum": 1}, set(), set(), False),
    ],
)
def test_what_a_schema_says(contents: JSON, types: set[str], formats: set[str], nullable: bool) -> None:
    """Through references and combinations; a schema that says nothing does not expressly permit null."""
    found = shape(contents)

    assert (set(found.types), set(found.formats), found.nullable) == (types, formats, nullable)


def test_members() -> None:
    """Declared properties, else additional ones; the first items, else the rest."""
    found = shape(
        {
            "properties": {"a": {"type": "integer"}},
            "additionalProperties": {"$ref": "#/components/schemas/Day"},
            "prefixItems": [{"type": "boolean"}],
            "items": {"type": "number"},
            "allOf": [{"properties": {"a": {"format": "int32"}}}],
        }
    )

    assert found.properties == {"a"}
    assert found.member("a").types == {"integer"}
    assert found.member("a").formats == {"int32"}
    assert found.member("b").formats == {"date"}
    assert found.item(0).types == {"boolean"}
    assert found.item(1).types == {"number"}
    assert not shape({}).member("a").types | shape({}).item(0).types


def test_without_a_document() -> None:
    """References lead nowhere."""
    assert SchemaView(None, [Schema({"$ref": "#/components/schemas/Day"}, "#/x"), None]).types == set()
