"""
XML written from data, as a schema's XML Objects describe it (OpenAPI 3.2.0 §4.26, 3.1.1 §4.8.26).

Members are written in the order in which they are given. Null is an element with `xsi:nil`, and no attribute. Whatever
a reader would not read back as the same text is escaped or refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dynclient.documents import Document
from dynclient.openapi import Schema, XmlNode
from dynclient.types import JSON
from dynclient.wire.serialization import text as text_of
from dynclient.wire.unwritable import Unwritable, within

MOST_NESTED = 100
"""How deep elements may stand in one another, in what is written and in what is read."""

XSI = "http://www.w3.org/2001/XMLSchema-instance"

# XML 1.0 (fifth edition), productions 2, 4 and 4a; a colon only separates a prefix.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_START = "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
_START += "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME = re.compile(f"[{_START}][{_START}.0-9\xb7\u0300-\u036f\u203f\u2040-]*")

_XML_PREFIX = {"xml": "http://www.w3.org/XML/1998/namespace"}
# A reader turns some white space into line feeds and spaces, unless it is escaped (XML 1.0 §2.11, §3.3.3).
_IN_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_ESCAPED_TEXT = str.maketrans(_IN_TEXT)
_ESCAPED_ATTRIBUTE = str.maketrans(_IN_TEXT | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def write_xml(value: JSON, document: Document, schema: Schema) -> str:
    """
    Return the XML of a whole body.

    Raises:
        Unwritable: the schema gives an element no name or several, or XML cannot express the value.
    """
    whole = _Element("", dict(_XML_PREFIX), 0)
    whole.write(value, XmlNode.root(document, schema))
    if len(whole.elements) != 1 or whole.content != whole.elements or whole.attributes:
        raise Unwritable("XML has one element around everything else, and the document describes none here")
    return whole.elements[0]


class _Element:
    """An element while it is written; the one without a name stands for the whole document."""

    def __init__(self, name: str, scope: dict[str, str], depth: int) -> None:
        if depth > MOST_NESTED:
            raise Unwritable(f"it is nested more than {MOST_NESTED} elements deep")
        self.name = name
        self.scope = scope
        self.depth = depth
        self.attributes: dict[str, str] = {}
        self.content: list[str] = []
        self.elements: list[str] = []

    def __str__(self) -> str:
        attributes = "".join(
            f' {name}="{text.translate(_ESCAPED_ATTRIBUTE)}"' for name, text in self.attributes.items()
        )
        content = "".join(self.content)
        return f"<{self.name}{attributes}>{content}</{self.name}>" if content else f"<{self.name}{attributes}/>"

    def write(self, value: JSON, node: XmlNode) -> None:
        """Write a value as what its node says: an element or attribute here, a text, or only what is inside it."""
        match node.kind:
            case "element":
                self._write_element(value, node)
            case "attribute":
                if value is not None:
                    self.attributes[_qualified(self, node, is_attribute=True)] = _scalar(value, "an attribute")
            case "text":
                self.content.append("" if value is None else _scalar(value, "text").translate(_ESCAPED_TEXT))
            case "cdata":
                self.content.append("" if value is None else _cdata(_scalar(value, "a CDATA section")))
            case "none":
                self._write_inside(value, node)

    def _write_element(self, value: JSON, node: XmlNode) -> None:
        element = _Element("", dict(self.scope), self.depth + 1)
        element.name = _qualified(element, node)
        if value is None:
            element.declare("xsi", XSI)
            element.attributes["xsi:nil"] = "true"
        element._write_inside(value, node)
        self.content.append(str(element))
        self.elements.append(self.content[-1])

    def _write_inside(self, value: JSON, node: XmlNode) -> None:
        if isinstance(value, Mapping):
            for key, member in value.items():
                within(key, self.write, member, node.member(key))
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                within(index, self.write, item, node.item(index))
        elif value is not None:
            self.content.append(_scalar(value, "an element").translate(_ESCAPED_TEXT))

    def declare(self, prefix: str, namespace: str) -> None:
        """Declare a namespace here, unless it is declared already, here or around."""
        if self.scope.get(prefix) != namespace:
            self.scope[prefix] = namespace
            self.attributes[f"xmlns:{prefix}" if prefix else "xmlns"] = namespace


def _qualified(element: _Element, node: XmlNode, *, is_attribute: bool = False) -> str:
    """The name of a node with its prefix, whose namespace is declared at the element."""
    if not node.names:
        raise Unwritable("the document gives the root element no name (`xml: {name: ...}`); give the XML as text")
    if len(node.names) > 1:
        raise Unwritable(f"the document names it {' or '.join(node.names)}, by its kind; give the XML as text")
    prefix, namespace, name = node.prefix, node.namespace, node.names[0]
    for each in filter(None, (prefix, name)):
        if not _NAME.fullmatch(each):
            raise Unwritable(f"{each!r:.60} isn't a name in XML")
    if prefix and not namespace and prefix not in element.scope:
        raise Unwritable(f"the document gives the prefix {prefix!r} no namespace; give the XML as text")
    if is_attribute and namespace and not prefix:
        raise Unwritable("the document gives the attribute a namespace, but no prefix; give the XML as text")
    if namespace:
        element.declare(prefix, _checked(namespace))
    return f"{prefix}:{name}" if prefix else name


def _scalar(value: JSON, where: str) -> str:
    if isinstance(value, Mapping | list | tuple):
        kind = "an object" if isinstance(value, Mapping) else "an array"
        raise Unwritable(f"{where} holds one value, not {kind}")
    return _checked(text_of(value))


def _checked(text: str) -> str:
    if found := _NO_CHARACTER.search(text):
        raise Unwritable(f"XML cannot hold the character U+{ord(found[0]):04X}")
    return text


def _cdata(text: str) -> str:
    """The text as a CDATA section; the end of one inside it is divided between two."""
    if "\r" in text:
        raise Unwritable("a CDATA section cannot hold a carriage return")
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
