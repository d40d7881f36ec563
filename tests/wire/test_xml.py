"""XML written from data, and data read from XML, by the schemas of a document."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from dynclient.documents import Document
from dynclient.openapi import Schema
from dynclient.types import JSON
from dynclient.wire import UnreadableXml, Unwritable, read_xml, write_xml
from dynclient.wire.xml_writing import MOST_NESTED

if TYPE_CHECKING:
    pass

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NAMES = ["Rex", "Tom"]


def described(schema: JSON, version: str = "3.2.0", **components: JSON) -> tuple[Document, Schema]:
    contents = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {**components, "here": schema}},
    }
    return Document(contents), Schema(schema, "#/components/schemas/here")


def ref(name: str, **more: JSON) -> JSON:
    return {"$ref": f"#/components/schemas/{name}", **more}


def named(element: str, /, **properties: JSON) -> dict[str, JSON]:
    return {"type": "object", "xml": {"name": element}, "properties": properties}


def attribute(kind: JSON = "string") -> JSON:
    return {"type": kind, "xml": {"attribute": True}}


def pets(**array: JSON) -> JSON:
    """A document with a list of animals, as most examples of the specification have it."""
    return named("document", animals={"type": "array", "items": {"type": "string"}, **array})


TEXTS: JSON = {"type": "string", "xml": {"nodeType": "text"}}
NODE_ATTRIBUTE: JSON = {"type": "string", "xml": {"nodeType": "attribute"}}
PAGE = "<b>&amp;</b>"
DOCUMENTATION: JSON = {"properties": {"content": {"type": "string", "xml": {"nodeType": "cdata"}}}}
PRODUCT: JSON = {
    "type": "object",
    "xml": {"name": "product"},
    "required": ["count", "description", "related"],
    "properties": {
        "count": {"type": ["number", "null"], "xml": {"nodeType": "attribute"}},
        "rating": NODE_ATTRIBUTE,
        "description": {"type": "string"},
        "related": {"type": ["object", "null"]},
    },
}
OLDER = ("3.0.3", "3.1.1")
NEWER = ("3.2.0",)

# What the XML Objects of the specification's sections mean, case by case: the versions, the schema, the data, the XML.
SPECIFIED: list[tuple[str, tuple[str, ...], JSON, dict[str, JSON], JSON, str]] = [
    (
        "no XML Object",
        OLDER + NEWER,
        named("document", animals={"type": "string"}),
        {},
        {"animals": "Rex, Tom"},
        "<document><animals>Rex, Tom</animals></document>",
    ),
    (
        "no XML Object at a list",
        OLDER + NEWER,
        pets(),
        {},
        {"animals": NAMES},
        "<document><animals>Rex</animals><animals>Tom</animals></document>",
    ),
    (
        "another name",
        OLDER + NEWER,
        named("document", animals={"type": "string", "xml": {"name": "animal"}}),
        {},
        {"animals": "Rex"},
        "<document><animal>Rex</animal></document>",
    ),
    (
        "attribute, prefix and namespace",
        OLDER + NEWER,
        ref("Person"),
        {
            "Person": {
                "type": "object",
                "properties": {
                    "id": attribute("integer"),
                    "name": {"type": "string", "xml": {"namespace": "https://example.com/names", "prefix": "n"}},
                },
            }
        },
        {"id": 123, "name": "example"},
        '<Person id="123"><n:name xmlns:n="https://example.com/names">example</n:name></Person>',
    ),
    (
        "the name of the items",
        OLDER + NEWER,
        pets(items={"type": "string", "xml": {"name": "animal"}}),
        {},
        {"animals": NAMES},
        "<document><animal>Rex</animal><animal>Tom</animal></document>",
    ),
    (
        "a name that a list has in vain",
        OLDER + NEWER,
        pets(items={"type": "string", "xml": {"name": "animal"}}, xml={"name": "aliens"}),
        {},
        {"animals": NAMES},
        "<document><animal>Rex</animal><animal>Tom</animal></document>",
    ),
    (
        "wrapped, without names",
        OLDER,
        pets(xml={"wrapped": True}),
        {},
        {"animals": NAMES},
        "<document><animals><animals>Rex</animals><animals>Tom</animals></animals></document>",
    ),
    (
        "a list that is an element, without names",
        NEWER,
        pets(xml={"nodeType": "element"}),
        {},
        {"animals": NAMES},
        "<document><animals><animals>Rex</animals><animals>Tom</animals></animals></document>",
    ),
    (
        "wrapped, with both names",
        OLDER,
        pets(items={"type": "string", "xml": {"name": "animal"}}, xml={"wrapped": True, "name": "aliens"}),
        {},
        {"animals": NAMES},
        "<document><aliens><animal>Rex</animal><animal>Tom</animal></aliens></document>",
    ),
    (
        "a list that is an element, with the name of the items",
        NEWER,
        pets(items={"type": "string", "xml": {"name": "animal"}}, xml={"nodeType": "element"}),
        {},
        {"animals": NAMES},
        "<document><animals><animal>Rex</animal><animal>Tom</animal></animals></document>",
    ),
    (
        "a list that is an element, with its own name alone",
        OLDER + NEWER,
        pets(xml={"wrapped": True, "name": "aliens"}),
        {},
        {"animals": NAMES},
        "<document><aliens><aliens>Rex</aliens><aliens>Tom</aliens></aliens></document>",
    ),
    (
        "attributes and text",
        NEWER,
        {
            "type": "array",
            "xml": {"nodeType": "element", "name": "animals"},
            "items": {"xml": {"name": "animal"}, "properties": {"kind": NODE_ATTRIBUTE, "name": TEXTS}},
        },
        {},
        [{"kind": "Cat", "name": "Tom"}, {"kind": "Dog", "name": "Rex"}],
        '<animals><animal kind="Cat">Tom</animal><animal kind="Dog">Rex</animal></animals>',
    ),
    (
        "a reference, and CDATA",
        NEWER,
        ref("Documentation"),
        {"Documentation": DOCUMENTATION},
        {"content": PAGE},
        f"<Documentation><![CDATA[{PAGE}]]></Documentation>",
    ),
    (
        "a name beside a reference",
        NEWER,
        ref("Documentation", xml={"nodeType": "element", "name": "StoredDocument"}),
        {"Documentation": {**DOCUMENTATION, "xml": {"nodeType": "none"}}},
        {"content": PAGE},
        f"<StoredDocument><![CDATA[{PAGE}]]></StoredDocument>",
    ),
    (
        "elements in an order",
        NEWER,
        {
            "xml": {"nodeType": "element", "name": "OneTwoThree"},
            "type": "array",
            "prefixItems": [
                {"xml": {"name": "One"}, "type": "string"},
                {
                    **named("Two", unit=NODE_ATTRIBUTE, value={"type": "number", "xml": {"nodeType": "text"}}),
                    "required": ["unit", "value"],
                },
                {"xml": {"name": "Three"}, "type": ["boolean", "null"]},
            ],
        },
        {},
        ["Some text", {"unit": "cubits", "value": 42}, None],
        f'<OneTwoThree><One>Some text</One><Two unit="cubits">42</Two><Three {XSI} xsi:nil="true"/></OneTwoThree>',
    ),
    (
        "texts and elements in an order",
        NEWER,
        {
            "xml": {"nodeType": "element", "name": "Report"},
            "type": "array",
            "prefixItems": [TEXTS, {"xml": {"name": "data"}, "type": "number"}, TEXTS],
        },
        {},
        ["Before: ", 42, ", after."],
        "<Report>Before: <data>42</data>, after.</Report>",
    ),
    (
        "null",
        NEWER,
        PRODUCT,
        {},
        {"count": None, "description": "Thing", "related": None},
        f'<product><description>Thing</description><related {XSI} xsi:nil="true"/></product>',
    ),
    (
        "nothing that is null",
        NEWER,
        PRODUCT,
        {},
        {"count": 42, "description": "Thing", "related": {}},
        '<product count="42"><description>Thing</description><related/></product>',
    ),
]


@pytest.mark.parametrize(
    ("version", "schema", "components", "data", "text"),
    [
        pytest.param(version, *case, id=f"{name}, {version}")
        for name, versions, *case in SPECIFIED
        for version in versions
    ],
)
def test_the_specification(version: str, schema: JSON, components: dict[str, JSON], data: JSON, text: str) -> None:
    """OpenAPI 3.2.0 §4.26 and 3.1.1 §4.8.26: data is written as this, and this is read as the data."""
    here = described(schema, version, **components)

    assert (write_xml(data, *here), read_xml(text, *here)) == (text, data)


@pytest.mark.parametrize(
    ("version", "name"),
    [("3.0.3", "owner"), ("3.1.1", "owner"), ("3.2.0", "Person")],
)
def test_the_name_of_a_component(version: str, name: str) -> None:
    """Before 3.2 a property names what it refers to; from 3.2 the component does, if it has no name of its own."""
    here = described(named("pet", owner=ref("Person")), version, Person={"type": "object"})

    assert write_xml({"owner": {"id": 5}}, *here) == f"<pet><{name}><id>5</id></{name}></pet>"


def test_a_name_of_its_own() -> None:
    """It counts wherever the component is referred to."""
    here = described(
        named("pet", tags={"type": "array", "xml": {"wrapped": True}, "items": ref("Tag")}), "3.0.3", Tag=named("tag")
    )

    assert write_xml({"tags": [{"id": 5}]}, *here) == "<pet><tags><tag><id>5</id></tag></tags></pet>"


@pytest.mark.parametrize("union", ["allOf", "anyOf", "oneOf"])
def test_parts_and_alternatives(union: str) -> None:
    """Their XML Objects count like those of one schema; null has none to give."""
    schema = {union: [named("pet", id=attribute("integer")), *([] if union == "allOf" else [{"type": "null"}])]}

    assert write_xml({"id": 5, "name": "Rex"}, *described(schema)) == '<pet id="5"><name>Rex</name></pet>'


def test_namespaces() -> None:
    """One that is declared around is not declared again, and a prefix may stand in the name."""
    of_soap = {"namespace": "urn:soap", "prefix": "soap"}
    body = {"type": "object", "xml": {"name": "soap:Body"}}
    here = described({"type": "object", "xml": {"name": "Envelope", **of_soap}, "properties": {"body": body}})
    text = '<soap:Envelope xmlns:soap="urn:soap"><soap:Body><id>5</id></soap:Body></soap:Envelope>'

    assert write_xml({"body": {"id": "5"}}, *here) == text
    assert read_xml(text, *here) == {"body": {"id": "5"}}


def test_a_namespace_without_a_prefix() -> None:
    """It is the default for what is inside."""
    here = described({"type": "object", "xml": {"name": "feed", "namespace": "urn:atom"}, "properties": {"id": {}}})

    assert write_xml({"id": "5"}, *here) == '<feed xmlns="urn:atom"><id>5</id></feed>'
    assert read_xml('<feed xmlns="urn:atom"><id>5</id></feed>', *here) == {"id": "5"}


def test_the_same_name_in_two_namespaces() -> None:
    """The namespace decides; where it is another, the name does."""
    id_ = {"type": "string", "xml": {"name": "id", "namespace": "urn:b", "prefix": "b"}}
    here = described(named("pet", other=id_, id={"type": "string"}))

    assert read_xml('<pet xmlns:b="urn:b"><id>1</id><b:id>2</b:id></pet>', *here) == {"other": "2", "id": "1"}
    assert read_xml('<pet xmlns:c="urn:c"><c:id>3</c:id></pet>', *here) == {"other": "3"}


@pytest.mark.parametrize(
    ("schema", "data", "message"),
    [
        ({"type": "object"}, {}, "the document gives the root element no name"),
        ({"oneOf": [named("cat"), named("dog")]}, {}, "names it cat or dog, by its kind"),
        ({"type": "array", "items": named("pet")}, [{}, {}], "one element around everything else"),
        ({"type": "array", "items": named("pet")}, [], "one element around everything else"),
        (named("pet", id=attribute()), {"id": {"a": 1}}, "/id: an attribute holds one value, not an object"),
        (named("pet", id=TEXTS), {"id": [1]}, "/id: text holds one value, not an array"),
        (named("pet"), {"a b": 1}, "/a b: 'a b' isn't a name in XML"),
        (named("pet"), {"1": 1}, "/1: '1' isn't a name in XML"),
        (named("pet"), {"a><b": 1}, "isn't a name in XML"),
        (named("pet"), {"a": "\x00"}, r"/a: XML cannot hold the character U\+0000"),
        (named("pet"), {"a": "\ud800"}, r"/a: XML cannot hold the character U\+D800"),
        (named("pet", a={"xml": {"prefix": "p"}}), {"a": 1}, "/a: the document gives the prefix 'p' no namespace"),
        (
            named("pet", a={"xml": {"attribute": True, "namespace": "urn:a"}}),
            {"a": 1},
            "/a: the document gives the attribute a namespace, but no prefix",
        ),
        (named("pet", a={"xml": {"nodeType": "cdata"}}), {"a": "\r"}, "a CDATA section cannot hold a carriage return"),
        (named("pet"), {"a": b"x"}, "/a: "),
    ],
)
def test_what_cannot_be_written(schema: JSON, data: JSON, message: str) -> None:
    """The error says where, and what to do if the document is to blame."""
    with pytest.raises(Unwritable, match=message):
        write_xml(data, *described(schema))


def test_what_is_nested_too_deeply() -> None:
    """The limit is the same for what is written and what is read."""
    data: JSON = "x"
    for _ in range(MOST_NESTED - 1):
        data = {"a": data}
    here = described(named("a"))
    deepest = write_xml(data, *here)

    assert read_xml(deepest, *here) == data
    with pytest.raises(Unwritable, match=f"nested more than {MOST_NESTED} elements deep"):
        write_xml({"a": data}, *here)
    with pytest.raises(UnreadableXml, match=f"nested more than {MOST_NESTED} elements deep"):
        read_xml(f"<a>{deepest}</a>", *here)


# ------------------------------------------------------------------------------------------------------- round trips

_CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(lambda c: c >= " " and c not in "\ufffe\uffff")
_TEXTS = st.text(_CHARACTERS | st.sampled_from("\t\n\r<>&\"']"), max_size=20)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_PET = named(
    "pet",
    id=attribute("integer"),
    label=attribute("string"),
    name={"type": "string"},
    weight={"type": "number", "xml": {"name": "w"}},
    alive={"type": ["boolean", "null"]},
    tags={"type": "array", "items": {"type": "string", "xml": {"name": "tag"}}, "xml": {"wrapped": True}},
    marks={"type": "array", "items": {"type": "integer"}},
    parent=ref("here"),
)
_PETS: st.SearchStrategy[dict[str, JSON]] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "id": st.integers(),
            "label": _TEXTS,
            "name": _TEXTS,
            "weight": _NUMBERS,
            "alive": st.booleans() | st.none(),
            "tags": st.lists(_TEXTS, max_size=3),
            "marks": st.lists(st.integers(), min_size=1, max_size=3),
            "parent": _PETS,
        },
    )
)


@given(_PETS)
def test_what_is_written_is_read_back(pet: Mapping[str, JSON]) -> None:
    """Every text and number is the same again, and another parser reads the XML too."""
    here = described(_PET, "3.1.1")
    text = write_xml(pet, *here)
    read = read_xml(text, *here)

    assert read == pet
    assert ElementTree.fromstring(text).tag == "pet"
    assert all(type(read[key]) is type(pet[key]) or isinstance(pet[key], float) for key in pet)


@given(st.text(max_size=30) | st.text("<>&;!-[]CDATAxm:='\"/? \n", max_size=60))
def test_no_text_fails_otherwise(text: str) -> None:
    """A text is read, or refused."""
    for whole in (text, f"<pet>{text}</pet>", f"<pet a='{text}'/>"):
        with suppress(UnreadableXml):
            assert isinstance(read_xml(whole, *described(_PET, "3.1.1")), dict)


# ----------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("<pet><id> 5 </id></pet>", {"id": 5}),
        ("<pet><name> Rex </name></pet>", {"name": " Rex "}),
        ("<pet id='5'><name>Rex</name><name>Tom</name></pet>", {"id": 5, "name": ["Rex", "Tom"]}),
        ("<pet id='x'/>", {"id": "x"}),
        ("<pet><!-- a --><?b c?><name>R<![CDATA[e]]>x</name></pet>", {"name": "Rex"}),
        ("<pet>\n  <owner>\n    <id>5</id>\n  </owner>\n</pet>", {"owner": {"id": "5"}}),
        ("<pet><owner a='1'>Ann</owner></pet>", {"owner": {"a": "1", "#text": "Ann"}}),
        ("<pet><b>1</b>text<b>2</b></pet>", {"b": ["1", "2"], "#text": "text"}),
        (f"<pet {XSI} xsi:schemaLocation='a b'><b xsi:nil='1'/></pet>", {"b": None}),
        ("\ufeff<?xml version='1.0' encoding='utf-16'?><pet id='5'/>", {"id": 5}),
    ],
)
def test_what_servers_send(text: str, data: dict[str, JSON]) -> None:
    """White space between elements means nothing, and what the schema does not describe is kept."""
    here = described(named("pet", id=attribute("integer"), name={"type": "string"}))

    assert read_xml(text, *here) == data


@pytest.mark.parametrize("is_required", [False, True])
def test_a_list_without_items(is_required: bool) -> None:
    """Without a wrapper nothing is written for it, so it is empty only where there must be one."""
    here = described({**pets(), "required": ["animals"] if is_required else []})

    assert read_xml("<document/>", *here) == ({"animals": []} if is_required else {})


def test_one_of_several_roots() -> None:
    """Each alternative's name is a name of the root."""
    here = described({"oneOf": [named("cat", id=attribute("integer")), named("dog")]})

    assert [read_xml(f"<{name} id='5'/>", *here) for name in ("cat", "dog")] == [{"id": 5}] * 2


BOMB = "<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><pet>&c;</pet>"
EXTERNAL = "<!DOCTYPE pet [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><pet>&a;</pet>"
OTHER_DTD = "<!DOCTYPE pet SYSTEM 'http://127.0.0.1:1/pet.dtd'><pet/>"


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        (BOMB, "xml-invalid", "it has a document type"),
        (EXTERNAL, "xml-invalid", "it has a document type"),
        (OTHER_DTD, "xml-invalid", "it has a document type"),
        ("<pet>", "xml-invalid", "it isn't XML: no element found: line 1, column 5"),
        ("<pet>&a;</pet>", "xml-invalid", "it isn't XML: undefined entity"),
        ("<p:pet/>", "xml-invalid", "it isn't XML: unbound prefix"),
        ("", "xml-invalid", "it isn't XML"),
        ("\ud800", "xml-invalid", "it isn't XML"),
        ("<error/>", "xml-root", "its root is <error>; the document describes <pet>"),
        ("<a>" * 100_000, "too-deep", "nested more than"),
    ],
)
def test_what_is_not_read(text: str, rule: str, message: str) -> None:
    """No entity is ever read, so nothing grows and no file is opened."""
    with pytest.raises(UnreadableXml, match=message) as caught:
        read_xml(text, *described(named("pet")))

    assert caught.value.rule == rule
