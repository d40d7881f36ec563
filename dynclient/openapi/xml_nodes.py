"""What a schema means in XML: the kind of node, and its name (the XML Object, OpenAPI 3.2.0 §4.26, 3.1.1 §4.8.26)."""

from __future__ import annotations

from typing import Literal

from dynclient.documents import Document
from dynclient.openapi.model import Schema
from dynclient.openapi.schema_view import SchemaView
from dynclient.support import cached
from dynclient.types import JSON

XmlKind = Literal["element", "attribute", "text", "cdata", "none"]

_KINDS: tuple[XmlKind, ...] = ("element", "attribute", "text", "cdata", "none")


class XmlNode:
    """
    One place of a value, as its schemas describe it for XML.

    What stands beside a reference, or beside `allOf`, counts more than what these lead to. A place that can only be a
    list is no node itself, unless it is wrapped: its items stand where it would.

    Attributes:
        view: what the schemas ask of the value.
        kind: the kind of the node; "none" if only what is inside the value has nodes.
    """

    def __init__(self, document: Document, view: SchemaView, inferred: str = "") -> None:
        """
        Args:
            document: the document.
            view: the place.
            inferred: the name that follows from where the schema stands; "" if none does.
        """
        self._document = document
        self._inferred = inferred
        self.view = view
        self.kind = self._kind()

    @classmethod
    def root(cls, document: Document, schema: Schema) -> XmlNode:
        """Return the node of a whole body: without a name of its own, that of the component it refers to."""
        view = SchemaView(document, [schema])
        return cls(document, view, view.name)

    @property
    def is_data(self) -> bool:
        """Whether the schemas describe an object or a list; all else is XML as text."""
        return bool(self.view.types & {"object", "array"})

    @property
    def is_list(self) -> bool:
        return "array" in self.view.types

    @cached
    def names(self) -> tuple[str, ...]:
        """The names that the node may have, without prefixes: several only if alternatives have different ones."""
        given = (said.get("name") for said in self._said)
        found = [name.rpartition(":")[2] for name in given if isinstance(name, str) and name]
        return tuple(dict.fromkeys(found)) or ((self._inferred,) if self._inferred else ())

    @cached
    def prefix(self) -> str:
        """The prefix of the name; some documents write it into the name."""
        return self._text("prefix") or self._text("name").rpartition(":")[0]

    @cached
    def namespace(self) -> str:
        return self._text("namespace")

    def member(self, key: str) -> XmlNode:
        """Return the node of a member of an object."""
        view = self.view.member(key)
        # From 3.2 a component keeps its own name where a property refers to it; before, the property gives the name.
        return XmlNode(self._document, view, (self._has_components_names and view.name) or key)

    def item(self, index: int) -> XmlNode:
        """Return the node of an item of a list; without a name of its own it is called like the list."""
        view = self.view.item(index)
        name = self.names[0] if self.kind == "element" and self.names else self._inferred
        return XmlNode(self._document, view, (self._has_components_names and view.name) or name or view.name)

    @property
    def _has_components_names(self) -> bool:
        return self._document.version.startswith("3.2")

    def _kind(self) -> XmlKind:
        said = next((said["nodeType"] for said in self._said if "nodeType" in said), None)
        for kind in _KINDS:
            if kind == said:
                return kind
        if any(said.get("attribute") is True for said in self._said):
            return "attribute"
        is_only_list = self.view.types - {"null"} == {"array"}
        is_wrapped = any(said.get("wrapped") is True for said in self._said)
        return "none" if is_only_list and not is_wrapped else "element"

    def _text(self, field: str) -> str:
        return next((said[field] for said in self._said if isinstance(said.get(field), str)), "")

    @cached
    def _said(self) -> list[dict[str, JSON]]:
        """What the XML Objects of the schemas say: one for each alternative that differs."""
        return [said for said in self.view.together("xml") if said]
