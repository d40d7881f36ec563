"""
Data read from XML, as a schema's XML Objects describe it: the way back from `xml_writing`.

Nothing is lost. What the schema does not describe is a member under its own name, a repeated one a list, and text
beside elements or attributes the member "#text". A document type is refused, because it could name entities: those
grow without limit, or lead to files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias
from xml.parsers import expat

from dynclient.documents import Document
from dynclient.openapi import Schema, SchemaView, XmlNode
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire.text_values import Types, scalar
from dynclient.wire.xml_writing import MOST_NESTED, XSI

TEXT = "#text"
"""The member for text that no schema describes."""

_Name: TypeAlias = tuple[str, str]
"""A namespace, "" for none, and a name."""


class UnreadableXml(ValueError):
    """
    A text isn't the XML that a schema describes.

    Attributes:
        rule: the rule that it breaks, of `rules.ANSWER_RULES`.
    """

    def __init__(self, message: str, rule: str = "xml-invalid") -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(slots=True, eq=False)
class _Element:
    name: _Name
    attributes: dict[_Name, str]
    content: list[_Element | str] = field(default_factory=list)

    @property
    def elements(self) -> list[_Element]:
        return [each for each in self.content if isinstance(each, _Element)]

    @property
    def text(self) -> str:
        return "".join(each for each in self.content if isinstance(each, str))


def read_xml(text: str, document: Document, schema: Schema) -> JSON:
    """
    Return the data of XML; it is not validated.

    Raises:
        UnreadableXml: it is not well-formed, has a document type, is nested too deeply, or its root is another one.
    """
    root, node = _parsed(text), XmlNode.root(document, schema)
    if node.kind == "none":
        return _inside(_Element(("", ""), {}, [root]), node)
    if node.names and root.name[1] not in node.names:
        raise UnreadableXml(f"its root is <{root.name[1]}>; the document describes <{node.names[0]}>", "xml-root")
    return _value(root, node)


def _parsed(text: str) -> _Element:
    whole = _Element(("", ""), {})
    path = [whole]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(path) > MOST_NESTED:
            raise UnreadableXml(f"it is nested more than {MOST_NESTED} elements deep", "too-deep")
        element = _Element(_split(name), {_split(name): value for name, value in attributes.items()})
        path[-1].content.append(element)
        path.append(element)

    def refuse(*_: object) -> None:
        raise UnreadableXml("it has a document type, which is not read: it may name entities")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()
    parser.CharacterDataHandler = lambda data: path[-1].content.append(data)
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.removeprefix("\ufeff"), True)
    except (expat.ExpatError, UnicodeEncodeError) as error:
        raise UnreadableXml(f"it isn't XML: {error}") from None
    return whole.elements[0]


def _split(name: str) -> _Name:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


def _value(element: _Element, node: XmlNode) -> JSON:
    if element.attributes.get((XSI, "nil"), "").strip() in ("true", "1"):
        return None
    return _inside(element, node)


def _inside(element: _Element, node: XmlNode) -> JSON:
    if node.is_list:
        return _items(element, node)
    is_structured = element.elements or any(name[0] != XSI for name in element.attributes)
    if "object" in node.view.types or (is_structured and not node.view.types - {"null"}):
        return _members(element, node)
    return _scalar(element.text, node.view)


def _scalar(text: str, view: SchemaView) -> JSON:
    types = view.types
    if not text.strip() and "null" in types and "string" not in types:
        return None
    meant = Types({"type": sorted(types)}, lambda schema: schema, reads_null=False) if types else None
    return text if meant is None else scalar(text if "string" in types else text.strip(), meant)


def _items(element: _Element, node: XmlNode) -> list[JSON]:
    """The items of a list: each element, and each text where an item is one."""
    items: list[JSON] = []
    for each in element.content:
        item = node.item(len(items))
        if isinstance(each, _Element):
            items.append(_value(each, item))
        elif item.kind in ("text", "cdata") and each.strip():
            items.append(_scalar(each, item.view))
    return items


def _members(element: _Element, node: XmlNode) -> dict[str, JSON]:
    """The members of an object: first those that the schema names, in its order, then everything else."""
    rest = _Element(element.name, dict(element.attributes), list(element.content))
    found: dict[str, JSON] = {}
    for key in node.view.names:
        value = _member(rest, node.member(key), key in node.view.required)
        if value is not UNSET:
            found[key] = value
    _add_undescribed(found, rest, node)
    return found


def _member(rest: _Element, node: XmlNode, is_required: bool) -> JSON | Unset:
    """The value of one member; what it is read from is taken away from the rest."""
    match node.kind:
        case "attribute":
            name = _closest(rest.attributes, node)
            if name is None:
                return None if node.view.nullable else UNSET  # what null is written as (OpenAPI 3.2.0 §4.26.4)
            return _scalar(rest.attributes.pop(name), node.view)
        case "text" | "cdata":
            text = rest.text
            rest.content = [*rest.elements]
            return _scalar(text, node.view) if text.strip() or not rest.content else UNSET
        case "none" if node.is_list:
            taken = _taken(rest, node.item(0))
            return [_value(each, node.item(at)) for at, each in enumerate(taken)] if taken or is_required else UNSET
        case "none":
            inner = {key: _member(rest, node.member(key), False) for key in node.view.names}
            return {key: value for key, value in inner.items() if value is not UNSET} or UNSET
        case "element":
            values = [_value(each, node) for each in _taken(rest, node)]
            return UNSET if not values else values[0] if len(values) == 1 else [*values]


def _taken(rest: _Element, node: XmlNode) -> list[_Element]:
    """The elements that a node describes, taken away from the rest."""
    name = _closest(dict.fromkeys(each.name for each in rest.elements), node)
    taken = [each for each in rest.elements if each.name == name]
    rest.content = [each for each in rest.content if isinstance(each, str) or each.name != name]
    return taken


def _closest(names: dict[_Name, str] | dict[_Name, None], node: XmlNode) -> _Name | None:
    """The name that a node means: in its namespace, or else in any."""
    alike = [name for name in names if name[1] in node.names]
    return next((name for name in alike if name[0] == node.namespace), alike[0] if alike else None)


def _add_undescribed(found: dict[str, JSON], rest: _Element, node: XmlNode) -> None:
    for (namespace, name), text in rest.attributes.items():
        if namespace != XSI:
            found.setdefault(name, _scalar(text, node.member(name).view))
    several: dict[str, list[JSON]] = {}
    for each in rest.elements:
        several.setdefault(each.name[1], []).append(_value(each, node.member(each.name[1])))
    for name, values in several.items():
        found.setdefault(name, values[0] if len(values) == 1 else values)
    if text := rest.text.strip():
        found.setdefault(TEXT, text)
