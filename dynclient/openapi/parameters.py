"""Parameters and headers, and the content of bodies and of both (OpenAPI 3.1.1 §4.8.12 to §4.8.15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias, cast

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError
from dynclient.http import essence
from dynclient.openapi import swagger
from dynclient.openapi.examples import example as published_example
from dynclient.openapi.fields import declares, file_kind, read_fields, referenced, schema_type, schema_under
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import (
    IGNORED_HEADERS,
    Encoding,
    Field,
    MediaType,
    Parameter,
    Schema,
    takes_arrays_in_objects,
)
from dynclient.openapi.schema_view import SchemaView, values_of_items
from dynclient.openapi.unreadable import Unreadable
from dynclient.support import argument_name
from dynclient.types import JSON, UNSET, Location, Unset

_DEFAULT_STYLE: dict[str, str] = {
    "path": "simple",
    "query": "form",
    "querystring": "querystring",
    "header": "simple",
    "cookie": "form",
}


_STYLES: dict[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "querystring": ("querystring",),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}


_EXPLODED = ("form", "deepObject", "cookie")


# In these versions label without explode is `.a.b.c`; 3.0.4 and 3.1.1 changed it to RFC 6570's `.a,b,c`.
_DOTTED_LABEL = re.compile(r"3\.(0\.[0-3]|1\.0)(?![0-9])")


# "This property only applies to parameters with an in value of query" (3.0.4 and 3.1.1 §4.8.12.2.2).
_ONLY_QUERY_RESERVED = re.compile(r"3\.[01](?![0-9])")


_COMPARISONS = frozenset({"eq", "gt", "gte", "lt", "lte", "ne"})


_TEMPLATE_NAME = re.compile(r"\{([^{}]+)\}")


# Schema keywords that some documents write beside the name, as in Swagger 2.0; and those that show it.
_NEEDED_IN_SCHEMA = frozenset({"type", "enum", "items", "anyOf", "oneOf", "allOf"})


_OF_SCHEMA = _NEEDED_IN_SCHEMA | {
    "const", "default", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maximum",
    "minItems", "minLength", "minimum", "multipleOf", "nullable", "pattern", "properties", "uniqueItems",
}  # fmt: skip


_Nodes: TypeAlias = dict[tuple[str, str], tuple[Mapping[str, JSON], str]]
"""Parameters as published, with their pointers, by name and location."""


def read_parameters(
    document: Document, unread: Unreadable, path: str, listed: Iterable[tuple[JSON, str]], pointer: str
) -> tuple[Parameter, ...]:
    """
    The parameters of an operation; its own replace those of the path item with the same name and location.

    The parameters in the path are those that its template names, whatever else is described.
    """
    nodes = _declared(document, unread, listed)
    _part_querystring(document, nodes)
    _match_template(document, nodes, path, pointer)
    read = (unread.kept(partial(_parameter, document, node, at), None) for node, at in nodes.values())
    parameters = tuple(parameter for parameter in read if parameter is not None)
    for each in parameters:
        _note_conventions(document, each)
    return parameters


def _declared(document: Document, unread: Unreadable, listed: Iterable[tuple[JSON, str]]) -> _Nodes:
    """The parameters that count; the others are noted and left out."""
    nodes: _Nodes = {}
    seen: set[tuple[str, str, str]] = set()
    for node, where in listed:
        found = unread.kept(partial(referenced, document, node, where), None)
        if found is None:
            continue
        parameter, at = found
        name, location = parameter.get("name"), parameter.get("in")
        if document.is_20 and location in swagger.BODY_LOCATIONS:
            continue  # read with the body
        if location == "querystring" and not _mapping(parameter.get("content")):
            document.note("parameter-incomplete", at, "a querystring is described by content; it is left out")
        elif not isinstance(name, str) or not isinstance(location, str) or location not in _DEFAULT_STYLE:
            document.note("parameter-incomplete", at, "a parameter needs a name and a known location; it is left out")
        elif location == "header" and name.lower() in IGNORED_HEADERS and not document.is_20:
            document.note("header-ignored", at, f"{name} is left out: give it by headers=, or a credential by auth=")
        else:
            in_its_list = (where.rpartition("/")[0], name, location)
            if in_its_list in seen:
                document.note("parameter-repeated", at, f"{name} is declared twice in {location}; the last counts")
            seen.add(in_its_list)
            nodes[name, location] = (parameter, at)
    return nodes


def _part_querystring(document: Document, nodes: _Nodes) -> None:
    """Note a querystring, which is the whole query, beside parts of the query; one of the same name is left out."""
    wholes = [name for name, location in nodes if location == "querystring"]
    if wholes and (len(wholes) > 1 or any(location == "query" for _, location in nodes)):
        document.note(
            "querystring-not-alone",
            nodes[wholes[0], "querystring"][1],
            "it describes the whole query; what else describes parts of it is joined",
        )
        for name in wholes:
            if (name, "query") in nodes:
                del nodes[name, "querystring"]


def _match_template(document: Document, nodes: _Nodes, path: str, pointer: str) -> None:
    """Leave out path parameters that the template does not name, and add those that only the template names."""
    # Some documents write a query into the template; what it names may be a query parameter as well.
    in_path, in_query = (_TEMPLATE_NAME.findall(part) for part in path.partition("#")[0].partition("?")[::2])
    for name in [name for name, location in nodes if location == "path" and name not in in_path + in_query]:
        document.note(
            "parameter-without-place", nodes.pop((name, "path"))[1], f"the path has no {{{name}}}; it is left out"
        )
    declared = {name for name, _ in nodes}
    for name in dict.fromkeys(in_path + in_query):
        if (name, "path") not in nodes and not (name in declared and name not in in_path):
            document.note(
                "parameter-undeclared", pointer, f"the path's {{{name}}} is not described; it may be any text"
            )
            nodes[name, "path"] = ({"name": name, "in": "path"}, pointer)


def _parameter(document: Document, node: Mapping[str, JSON], pointer: str) -> Parameter:
    name, location = node["name"], node["in"]
    if document.is_20:
        return _swagger_parameter(document, node, pointer)
    content = read_content(document, node.get("content"), f"{pointer}/content")
    if content:
        schema, media_type = content[0].schema, content[0].name
    elif "schema" not in node and not _NEEDED_IN_SCHEMA.isdisjoint(node):
        document.note("parameter-schema", pointer, f"{name} has its schema beside its name; it is taken from there")
        schema, media_type = Schema({key: node[key] for key in node if key in _OF_SCHEMA}, pointer), None
    else:
        schema, media_type = schema_under(node, pointer), None
    shape = SchemaView(document, [schema])
    style = _style(document, node, shape, pointer)
    explode = node.get("explode")
    required = node.get("required") is True or location == "path"
    return Parameter(
        name=name,
        location="query" if location == "querystring" else cast(Location, location),
        spelling=argument_name(name),
        style=style,
        # deepObject without explode is written as with it: the specification defines nothing else.
        explode=explode if isinstance(explode, bool) else style in _EXPLODED,
        required=required,
        schema=schema,
        media_type=media_type,
        allow_reserved=_allows_reserved(document, node),
        allow_empty=node.get("allowEmptyValue") is True and location == "query",
        nullable=_permits_null(shape),
        encoding=content[0].encoding if content else {},
        description=_text(node.get("description")),
        deprecated=node.get("deprecated") is True or (schema is not None and declares(document, schema, "deprecated")),
        example=published_example(document, node, schema, pointer),
        only_value=_only_value(document, schema),
        default=_default(document, schema) if required else UNSET,
        pointer=pointer,
    )


def _allows_reserved(document: Document, node: Mapping[str, JSON]) -> bool:
    """Whether reserved characters are not escaped; Azure's extension says so in any version, also in a path."""
    location = node["in"]
    if node.get("x-ms-skip-url-encoding") is True:
        return location in ("path", "query")
    has_place = not document.is_20 and (location == "query" or not _ONLY_QUERY_RESERVED.match(document.version))
    return node.get("allowReserved") is True and has_place


def _default(document: Document, schema: Schema | None) -> JSON | Unset:
    """The default of a schema; null does not count."""
    try:
        contents = _mapping(document.resolve(schema.contents, schema.pointer)[0]) if schema else {}
    except DocumentError:
        return UNSET
    default = contents.get("default")
    return UNSET if default is None else default


def _note_conventions(document: Document, parameter: Parameter) -> None:
    """Note what is sent differently from OpenAPI, or where OpenAPI says nothing."""
    name = parameter.name
    if parameter.filled_in is not UNSET and parameter.only_value is UNSET:
        message = f"{name} is required and has a default: {parameter.default!r:.60} is sent where a call leaves it out"
        document.note("parameter-default", parameter.pointer, message)
    shape = SchemaView(document, [parameter.schema])
    if takes_arrays_in_objects(parameter) and "object" in shape.types:
        lists = [key for key in sorted(shape.properties) if "array" in shape.member(key).types]
        if lists:
            message = f"{name} is written with its keys as names, {lists[0]} once for each item"
            document.note("array-in-object", parameter.pointer, message)


def _style(document: Document, node: Mapping[str, JSON], shape: SchemaView, pointer: str) -> str:
    """
    The style that the document names, or the default of the location; a style that does not exist there is noted.

    An object in a query without style and explode is written `name[key]=value` if its keys are not declared, or are
    only comparisons (gt, lte). Form, the default, writes only the keys, which does not show what they belong to;
    servers with such parameters expect the brackets.
    """
    location = node["in"]
    style = node.get("style", _DEFAULT_STYLE[location])
    if style not in _STYLES[location]:
        document.note("style-unknown", pointer, f"style {style!r} does not exist in {location}; the default is used")
        style = _DEFAULT_STYLE[location]
    is_implicit = location == "query" and not {"style", "explode", "content"} & node.keys()
    if is_implicit and "object" in shape.types and shape.properties <= _COMPARISONS:
        name = node["name"]
        document.note(
            "style-missing", pointer, f"an object without a style is written {name}[key]=value, as style deepObject"
        )
        return "deepObject"
    if style == "label" and node.get("explode") is not True and _DOTTED_LABEL.match(document.version):
        return "dottedLabel"
    return str(style)


def _permits_null(shape: SchemaView) -> bool:
    """Whether the value, or a member of it, may be null."""
    members = (shape.member(name) for name in (*shape.properties, ""))
    return shape.nullable or shape.item(0).nullable or any(member.nullable for member in members)


def _swagger_parameter(document: Document, node: Mapping[str, JSON], pointer: str) -> Parameter:
    name, location = node["name"], cast(Location, node["in"])
    style, explode = swagger.style(document, node, location, pointer)
    schema = Schema(node, pointer)
    return Parameter(
        name=name,
        location=location,
        spelling=argument_name(name),
        style=style,
        explode=explode,
        required=node.get("required") is True or location == "path",
        schema=schema,
        allow_reserved=_allows_reserved(document, node),
        nullable=SchemaView(document, [schema]).nullable,
        description=_text(node.get("description")),
        example=published_example(document, node, None, pointer),
        only_value=_only_value(document, schema),
        pointer=pointer,
        inner_delimiters=swagger.inner_delimiters(node),
    )


def _only_value(document: Document, schema: Schema | None) -> JSON | Unset:
    try:
        contents = _mapping(document.resolve(schema.contents, schema.pointer)[0]) if schema else {}
    except DocumentError:
        return UNSET
    values = [contents["const"]] if "const" in contents else _sequence(contents.get("enum"))
    return values[0] if len(values) == 1 and values_of_items(contents) is None else UNSET


def read_content(document: Document, node: JSON, pointer: str) -> tuple[MediaType, ...]:
    media_types = []
    node, pointer = document.resolve(node, pointer)
    for name, entry in _mapping(node).items():
        resolved, at = document.resolve(entry, f"{pointer}/{escape_token(name)}")
        media_type = _mapping(resolved)
        schema = schema_under(media_type, at)
        media_types.append(
            MediaType(
                name=name,
                schema=schema,
                encoding=_encodings(document, name, media_type, at),
                example=published_example(document, media_type, schema, at, name),
                pointer=f"{pointer}/{escape_token(name)}",  # its own, if several refer to one
                item_schema=schema_under(media_type, at, "itemSchema"),
            )
        )
    return tuple(media_types)


def _encodings(document: Document, name: str, media_type: Mapping[str, JSON], pointer: str) -> dict[str, Encoding]:
    """
    How the properties of a media type are written, by its Encoding Objects and, for parts, by their schemas.

    In OpenAPI 3.0 `style` has no meaning in parts. Documents that have it there mean it as in 3.1, so it is kept.
    """
    encodings = {
        key: _encoding(document, _mapping(node), f"{pointer}/encoding/{escape_token(key)}")
        for key, node in _mapping(media_type.get("encoding")).items()
    }
    schema = schema_under(media_type, pointer)
    if schema is None or not _is_multipart(name):
        return encodings
    return part_encodings(document, encodings, read_fields(document, schema).values())


def part_encodings(
    document: Document, encodings: Mapping[str, Encoding], fields: Iterable[Field]
) -> dict[str, Encoding]:
    """Return the encodings, with what the schemas of the parts add."""
    found = dict(encodings)
    for field in fields:
        encoding = replace(
            found.get(field.name, Encoding()),
            files=file_kind(document, field.schema, frozenset()),
            schema_type=schema_type(document, field.schema),
        )
        if encoding != Encoding():
            found[field.name] = encoding
    return found


def _is_multipart(name: str) -> bool:
    return essence(name).startswith("multipart/")


def _encoding(document: Document, node: Mapping[str, JSON], pointer: str) -> Encoding:
    explode = node.get("explode")
    return Encoding(
        content_type=_text(node.get("contentType")) or None,
        style=_text(node.get("style")) or None,
        explode=explode if isinstance(explode, bool) else None,
        allow_reserved=node.get("allowReserved") is True,
        headers=tuple(read_headers(document, _mapping(node.get("headers")), f"{pointer}/headers")),
    )


def read_headers(document: Document, nodes: Mapping[str, JSON], pointer: str) -> Iterator[Parameter]:
    """
    The headers of a part or of an answer; `Content-Type` "SHALL be ignored" among them (OpenAPI 3.1.1 §4.8.15.1.1 and
    §4.8.17).
    """
    for name, node in nodes.items():
        if isinstance(name, str) and name.lower() != "content-type":
            try:
                yield _header(document, name, node, f"{pointer}/{escape_token(name)}")
            except DocumentError as error:  # no call needs it
                document.note("reference-missing", error.pointer, error.message)


def _header(document: Document, name: str, node: JSON, pointer: str) -> Parameter:
    """A Header Object, which is a parameter without name and location (OpenAPI 3.1.1 §4.8.21)."""
    resolved, at = document.resolve(node, pointer)
    return _parameter(document, {**_mapping(resolved), "name": name, "in": "header"}, at)
