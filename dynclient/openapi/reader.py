"""
OpenAPI read once: from the keys of a document to the values of `model`.

Only this module and `lowering` know OpenAPI's keys and what they default to. `index` looks at every path once and
reads no more than each operation's id; an operation itself is read when it is first used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, TypeVar, cast
from urllib.parse import urlsplit

from dynclient.documents import Document, Joined, escape_token
from dynclient.errors import DocumentError, Problem
from dynclient.http import essence, is_json
from dynclient.openapi import swagger
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import (
    IGNORED_HEADERS,
    Encoding,
    Field,
    MediaType,
    OAuthFlow,
    Operation,
    Parameter,
    RequestBody,
    Requirement,
    ResponseDescription,
    Schema,
    SecurityScheme,
    Server,
    ServerVariable,
    takes_arrays_in_objects,
)
from dynclient.openapi.schema_view import SchemaView, is_file, values_of_items
from dynclient.support import argument_name
from dynclient.types import JSON, UNSET, Location, Unset

T = TypeVar("T")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

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
# Their tables have label without explode as `.a.b.c`; 3.0.4 and 3.1.1 mended it to RFC 6570's `.a,b,c`.
_DOTTED_LABEL = re.compile(r"3\.(0\.[0-3]|1\.0)(?![0-9])")
# "This property only applies to parameters with an in value of query" (3.0.4 and 3.1.1 §4.8.12.2.2).
_ONLY_QUERY_RESERVED = re.compile(r"3\.[01](?![0-9])")
_COMPARISONS = frozenset({"eq", "gt", "gte", "lt", "lte", "ne"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # of which a method is one: RFC 9110 §9.1, §5.6.2
_TEMPLATE_NAME = re.compile(r"\{([^{}]+)\}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ANYTHING = Schema(True, "")
# What some documents write beside the name of a parameter, as in Swagger 2.0; and what of it shows that they do.
_NEEDED_IN_SCHEMA = frozenset({"type", "enum", "items", "anyOf", "oneOf", "allOf"})
_OF_SCHEMA = _NEEDED_IN_SCHEMA | {
    "const", "default", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maximum",
    "minItems", "minLength", "minimum", "multipleOf", "nullable", "pattern", "properties", "uniqueItems",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What the index of a document holds of an operation: its id, "" where it has none, its place and its tags.

    `method` is its key there; one of the `additional` operations (OpenAPI 3.2) keeps it as it is.
    """

    id: str
    method: str
    path: str
    tags: tuple[str, ...] = ()
    additional: bool = False

    @property
    def verb(self) -> str:
        """The method as it is sent."""
        return self.method if self.additional else self.method.upper()

    @property
    def route(self) -> str:
        return f"{self.verb} {self.path}"

    @property
    def pointer(self) -> str:
        """Where the path item has it, itself or by a reference; no other operation has the same."""
        inside = f"additionalOperations/{escape_token(self.method)}" if self.additional else self.method
        return f"#/paths/{escape_token(self.path)}/{inside}"


def index(document: Document) -> list[Entry]:
    """Every operation of the document, in its order."""
    kept = document.kept("index")
    if kept is not None:
        return [replace(Entry(*row), tags=tuple(row[3])) for row in kept]
    entries = list(_entries(document))
    if document.is_alone and not document.problem_count:  # what must be noted each time must be found each time
        document.keep("index", [[each.id, each.method, each.path, each.tags, each.additional] for each in entries])
    return entries


def _entries(document: Document) -> Iterator[Entry]:
    for path in document.section("paths")[0]:
        if not isinstance(path, str) or path.startswith("x-"):
            continue
        try:
            item = _path_item(document, path)
        except DocumentError as error:
            document.note("reference-missing", error.pointer, f"{error.message}; the path {path} is left out")
            continue
        for method, node in item.values.items():
            if method in METHODS and isinstance(node, Mapping):
                yield _entry(document, path, method, item)
        yield from _additional_entries(document, path, item)


def _additional_entries(document: Document, path: str, item: Joined) -> Iterator[Entry]:
    methods = item.values
    for method, operation in _mapping(methods.get("additionalOperations")).items():
        if not _TOKEN.fullmatch(method) or (
            method.isupper() and method.lower() in METHODS and method.lower() in methods
        ):
            pointer = f"{item.pointer_of('additionalOperations')}/{escape_token(method)}"
            document.note("method-unfit", pointer, f"{method!r} is no method for here; the operation is left out")
        elif isinstance(operation, Mapping):
            yield _entry(document, path, method, item, additional=True)


def _entry(document: Document, path: str, method: str, item: Joined, additional: bool = False) -> Entry:
    try:
        operation = _operation(document, item, method, additional).values
    except DocumentError as error:  # it is found by its method and path, and says then what is wrong
        document.note("reference-missing", error.pointer, error.message)
        return Entry("", method, path, additional=additional)
    return Entry(_text(operation.get("operationId")), method, path, _tags(operation), additional)


def _operation(document: Document, item: Joined, method: str, additional: bool) -> Joined:
    """The operation of a method in its path item, with what its reference leads to."""
    if not additional:
        return document.join(item.values[method], item.pointer_of(method))
    pointer = f"{item.pointer_of('additionalOperations')}/{escape_token(method)}"
    return document.join(item.values["additionalOperations"][method], pointer)


def check_path(document: Document, path: str) -> None:
    """
    Nothing where a path can be read, or the document has none such.

    Raises:
        DocumentError: its reference cannot be followed, so that the index leaves it out.
    """
    if path in document.section("paths")[0]:
        _path_item(document, path)


def read_operation(document: Document, entry: Entry) -> Operation:
    """
    Everything the document says of one operation; what of it cannot be read stands in its `unread`.

    Raises:
        DocumentError: the reference of its path cannot be followed.
    """
    unread = Unread(document)
    path_item = _path_item(document, entry.path)
    operation = unread.kept(
        lambda: _operation(document, path_item, entry.method, entry.additional), Joined({}, entry.pointer, {})
    )
    item, node = path_item.values, operation.values
    parameters = (
        *_listed(document, unread, path_item, "parameters"),
        *_listed(document, unread, operation, "parameters"),
    )
    return Operation(
        id=entry.id or entry.route,
        method=entry.verb,
        path=entry.path,
        parameters=_parameters(document, unread, entry.path, parameters, operation.holder("parameters")),
        body=_body(document, unread, parameters, operation),
        responses=tuple(_responses(document, node, operation.holder("responses"))),
        security=_security(document, node, operation.holder("security")),
        servers=_servers_of(document, (node, operation.holder("servers")), (item, path_item.holder("servers"))),
        tags=_tags(node),
        summary=_text(node.get("summary")) or _text(item.get("summary")),
        description=_text(node.get("description")),
        deprecated=node.get("deprecated") is True,
        pointer=entry.pointer,
        unread=tuple(unread.problems),
        produces=swagger.produces(document, node, operation.holder("produces")) if document.is_20 else (),
    )


class Unread:
    """What of an operation cannot be read, because a reference there cannot be followed."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document

    def kept(self, read: Callable[[], T], otherwise: T) -> T:
        """What this reads, or something in its place; the problem is noted."""
        try:
            return read()
        except DocumentError as error:
            self._document.note("operation-unreadable", error.pointer, error.message)
            hint = 'validate_request="off" sends calls without it.'
            problem = Problem(
                "document", "", error.message, "operation-unreadable", schema_pointer=error.pointer, hint=hint
            )
            self.problems.append(problem)
            return otherwise


def _listed(document: Document, unread: Unread, holder: Joined, key: str) -> list[tuple[JSON, str]]:
    """The items of a list, which may itself be a reference to one, and their pointers."""
    node, pointer = unread.kept(
        lambda: document.resolve(holder.values.get(key), holder.pointer_of(key)), ((), holder.pointer_of(key))
    )
    return [(item, f"{pointer}/{position}") for position, item in enumerate(_sequence(node))]


def read_security_schemes(document: Document) -> dict[str, SecurityScheme]:
    """The document's security schemes by name."""
    if document.is_20:
        nodes, pointer = document.section("securityDefinitions")
        nodes = swagger.security_schemes(nodes)
    else:
        nodes, pointer = document.section("components", "securitySchemes")
    return {
        name: _security_scheme(document, name, node, f"{pointer}/{escape_token(name)}") for name, node in nodes.items()
    }


def read_security(document: Document) -> tuple[Requirement, ...] | None:
    """The security requirements at the document's root."""
    return _security(document, {}, "#")


def read_servers(document: Document) -> tuple[Server, ...]:
    """The servers at the document's root."""
    return _servers_of(document, (document.contents, "#"))


def read_other_servers(document: Document) -> Iterator[Server]:
    """The servers that single paths and operations have in place of those of the root."""
    for entry in index(document):
        item = _path_item(document, entry.path)
        yield from _servers(document, item.values, item.holder("servers"))
        with suppress(DocumentError):  # said when the operation is used
            operation = _operation(document, item, entry.method, entry.additional)
            yield from _servers(document, operation.values, operation.holder("servers"))


def read_tags(document: Document) -> dict[str, str]:
    """The tags that the document describes, with their descriptions, in its order."""
    tags = (_mapping(tag) for tag in _sequence(document.contents.get("tags")))
    return {_text(tag.get("name")): _text(tag.get("description")) for tag in tags if tag.get("name")}


def read_fields(document: Document, schema: Schema) -> dict[str, Field]:
    """
    The properties that an object schema declares or requires, through references, `allOf`, `oneOf` and `anyOf`.

    A field is required when every alternative requires it. Read-only properties are none of a request's.
    """
    return {
        name: field
        for name, field in _fields(document, schema, {}).items()
        if not _says(document, field.schema, "readOnly")
    }


def _fields(document: Document, schema: Schema, known: dict[str, dict[str, Field]]) -> dict[str, Field]:
    """Those of a schema, each read once however many ways lead to it; `known` are those by pointer."""
    try:
        node, pointer = document.resolve(schema.contents, schema.pointer)
    except DocumentError:
        return {}
    if not isinstance(node, Mapping):
        return {}
    if pointer in known:
        return known[pointer]
    known[pointer] = {}  # of a schema inside itself
    required = {name for name in _sequence(node.get("required")) if isinstance(name, str)}
    fields: dict[str, Field] = {}
    try:
        properties = document.join(node.get("properties"), f"{pointer}/properties")
    except DocumentError:  # noted where the schema is lowered
        return {}
    for name, contents in properties.values.items():
        member = Schema(contents, properties.pointer_of(name))
        fields[name] = Field(
            name, member, name in required, _description(document, member), _says(document, member, "deprecated")
        )
    for member in _members(node, pointer, "allOf"):
        _merge(fields, _fields(document, member, known), either=True)
    for keyword in ("oneOf", "anyOf"):
        alternatives = [
            found for member in _members(node, pointer, keyword) if (found := _fields(document, member, known))
        ]
        merged: dict[str, Field] = {}
        for found in alternatives:
            _merge(merged, found, either=False)
        everywhere = {name for name in merged if all(name in found and found[name].required for found in alternatives)}
        _merge(fields, {n: _with_required(f, n in everywhere) for n, f in merged.items()}, either=True)
    others = node.get("additionalProperties", True)
    undeclared = Schema(others, f"{pointer}/additionalProperties") if isinstance(others, Mapping) else _ANYTHING
    for name in [name for name in _sequence(node.get("required")) if name in required and name not in fields]:
        fields[name] = Field(name, undeclared, required=others is not False)
        required.discard(name)
    known[pointer] = {n: _with_required(field, field.required or n in required) for n, field in fields.items()}
    return known[pointer]


def _merge(into: dict[str, Field], more: Mapping[str, Field], *, either: bool) -> None:
    for name, field in more.items():
        known = into.get(name)
        if known is None:
            into[name] = field
            continue
        required = known.required or field.required if either else known.required and field.required
        into[name] = _with_required(field if known.schema is _ANYTHING else known, required)


def _with_required(field: Field, required: bool) -> Field:
    return field if field.required == required else replace(field, required=required)


def _members(node: Mapping[str, JSON], pointer: str, keyword: str) -> Iterator[Schema]:
    for position, member in enumerate(_sequence(node.get(keyword))):
        yield Schema(member, f"{pointer}/{keyword}/{position}")


def _says(document: Document, schema: Schema, key: str) -> bool:
    """Whether a key of a schema is true, also where it stands beside a reference."""
    if _mapping(schema.contents).get(key) is True:
        return True
    try:
        node, _ = document.resolve(schema.contents, schema.pointer)
    except DocumentError:  # noted where the schema is lowered
        return False
    return isinstance(node, Mapping) and node.get(key) is True


def _description(document: Document, schema: Schema) -> str:
    said = _text(_mapping(schema.contents).get("description"))
    if said:
        return said
    try:
        return _text(_mapping(document.resolve(schema.contents, schema.pointer)[0]).get("description"))
    except DocumentError:
        return ""


def _referenced(document: Document, node: JSON, pointer: str) -> tuple[Mapping[str, JSON], str]:
    """
    An object with its reference followed, and its pointer.

    From 3.1 on `summary` and `description` beside the reference replace its own (OpenAPI 3.1.1 §4.8.23).
    """
    chain = document.chain(node, pointer)
    resolved, pointer = _mapping(chain[-1][0]), chain[-1][1]
    if len(chain) == 1 or document.is_30:
        return resolved, pointer
    beside = {key: layer[key] for layer, _ in chain[-2::-1] for key in ("summary", "description") if key in layer}
    return {**resolved, **beside}, pointer


def _path_item(document: Document, path: str) -> Joined:
    paths, pointer = document.section("paths")
    return document.join(paths[path], f"{pointer}/{escape_token(path)}")


def _parameters(
    document: Document, unread: Unread, path: str, listed: Iterable[tuple[JSON, str]], pointer: str
) -> tuple[Parameter, ...]:
    """
    Those of the path item and of the operation, which replaces the path's of the same name and location.

    Those in the path are the ones that its template names, whatever else is described.
    """
    nodes: dict[tuple[str, str], tuple[Mapping[str, JSON], str]] = {}
    own: set[tuple[str, str, str]] = set()
    for node, where in listed:
        found = unread.kept(partial(_referenced, document, node, where), None)
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
            if in_its_list in own:
                document.note("parameter-repeated", at, f"{name} is declared twice in {location}; the last counts")
            own.add(in_its_list)
            nodes[name, location] = (parameter, at)
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
    read = (unread.kept(partial(_parameter, document, node, at), None) for node, at in nodes.values())
    parameters = tuple(parameter for parameter in read if parameter is not None)
    for each in parameters:
        _note_conventions(document, each)
    return parameters


def _parameter(document: Document, node: Mapping[str, JSON], pointer: str) -> Parameter:
    name, location = node["name"], node["in"]
    if document.is_20:
        return _swagger_parameter(document, node, pointer)
    content = _content(document, node.get("content"), f"{pointer}/content")
    if content:
        schema, media_type = content[0].schema, content[0].name
    elif "schema" not in node and not _NEEDED_IN_SCHEMA.isdisjoint(node):
        document.note("parameter-schema", pointer, f"{name} has its schema beside its name; it is taken from there")
        schema, media_type = Schema({key: node[key] for key in node if key in _OF_SCHEMA}, pointer), None
    else:
        schema, media_type = _schema(node, pointer), None
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
        deprecated=node.get("deprecated") is True or (schema is not None and _says(document, schema, "deprecated")),
        example=_example(document, node, schema, pointer),
        only_value=_only_value(document, schema),
        default=_default(document, schema) if required else UNSET,
        pointer=pointer,
    )


def _allows_reserved(document: Document, node: Mapping[str, JSON]) -> bool:
    """Whether reserved characters are written as they are; Azure's extension says so in any version, also in a path."""
    location = node["in"]
    if node.get("x-ms-skip-url-encoding") is True:
        return location in ("path", "query")
    has_place = not document.is_20 and (location == "query" or not _ONLY_QUERY_RESERVED.match(document.version))
    return node.get("allowReserved") is True and has_place


def _default(document: Document, schema: Schema | None) -> JSON | Unset:
    """The default of a schema; null says nothing."""
    try:
        contents = _mapping(document.resolve(schema.contents, schema.pointer)[0]) if schema else {}
    except DocumentError:
        return UNSET
    default = contents.get("default")
    return UNSET if default is None else default


def _note_conventions(document: Document, parameter: Parameter) -> None:
    """Note what is sent otherwise than OpenAPI has it, or where OpenAPI says nothing."""
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
    The style that the document names, or the default of the location; one that does not exist there is noted.

    An object in a query of which neither style nor explode is said is written `name[key]=value` where its keys are not
    declared, or are but comparisons (gt, lte). Form, the default, writes the keys alone, which would not tell what they
    belong to; servers that take such parameters expect the brackets.
    """
    location = node["in"]
    style = node.get("style", _DEFAULT_STYLE[location])
    if style not in _STYLES[location]:
        document.note("style-unknown", pointer, f"style {style!r} does not exist in {location}; the default is used")
        style = _DEFAULT_STYLE[location]
    unsaid = location == "query" and not {"style", "explode", "content"} & node.keys()
    if unsaid and "object" in shape.types and shape.properties <= _COMPARISONS:
        name = node["name"]
        document.note(
            "style-missing", pointer, f"an object without a style is written {name}[key]=value, as style deepObject"
        )
        return "deepObject"
    if style == "label" and node.get("explode") is not True and _DOTTED_LABEL.match(document.version):
        return "dottedLabel"
    return str(style)


def _permits_null(shape: SchemaView) -> bool:
    """Whether null may be the value, or a member of it."""
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
        example=_example(document, node, None, pointer),
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


def _body(
    document: Document, unread: Unread, parameters: Iterable[tuple[JSON, str]], operation: Joined
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
        replace(each, encoding=_part_encodings(document, each.encoding, body.fields))
        if _is_multipart(each.name)
        else each
        for each in body.content
    )
    return replace(body, content=tuple(content))


def _request_body(document: Document, node: JSON, pointer: str) -> RequestBody | None:
    if node is None:
        return None
    body, pointer = _referenced(document, node, pointer)
    content = _content(document, body.get("content"), f"{pointer}/content")
    return RequestBody(
        content=content,
        required=body.get("required") is True,
        description=_text(body.get("description")),
        fields=_body_fields(document, content),
    )


def _body_fields(document: Document, content: tuple[MediaType, ...]) -> tuple[Field, ...]:
    """Those of all media types that have any; what not all of them require, with the names of those that do."""
    by_type = {each.name: read_fields(document, each.schema) for each in content if each.schema is not None}
    described = {name: found for name, found in by_type.items() if found}
    fields: dict[str, Field] = {}
    for found in described.values():
        _merge(fields, found, either=False)
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


def _content(document: Document, node: JSON, pointer: str) -> tuple[MediaType, ...]:
    media_types = []
    node, pointer = document.resolve(node, pointer)
    for name, entry in _mapping(node).items():
        resolved, at = document.resolve(entry, f"{pointer}/{escape_token(name)}")
        media_type = _mapping(resolved)
        schema = _schema(media_type, at)
        media_types.append(
            MediaType(
                name=name,
                schema=schema,
                encoding=_encodings(document, name, media_type, at),
                example=_example(document, media_type, schema, at, name),
                pointer=f"{pointer}/{escape_token(name)}",  # its own, where several refer to one
                item_schema=_schema(media_type, at, "itemSchema"),
            )
        )
    return tuple(media_types)


def _encodings(document: Document, name: str, media_type: Mapping[str, JSON], pointer: str) -> dict[str, Encoding]:
    """
    How the properties of a media type are written, as its Encoding Objects and, in parts, their schemas tell.

    OpenAPI 3.0 gives `style` no meaning in parts. Documents that say it there mean it as 3.1 does, and so it is kept.
    """
    encodings = {
        key: _encoding(document, _mapping(node), f"{pointer}/encoding/{escape_token(key)}")
        for key, node in _mapping(media_type.get("encoding")).items()
    }
    schema = _schema(media_type, pointer)
    if schema is None or not _is_multipart(name):
        return encodings
    return _part_encodings(document, encodings, read_fields(document, schema).values())


def _part_encodings(
    document: Document, encodings: Mapping[str, Encoding], fields: Iterable[Field]
) -> dict[str, Encoding]:
    """The encodings, with what the schemas of the parts add to them."""
    found = dict(encodings)
    for field in fields:
        encoding = replace(
            found.get(field.name, Encoding()),
            files=_files(document, field.schema, frozenset()),
            schema_type=_schema_type(document, field.schema),
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
        headers=tuple(_headers(document, _mapping(node.get("headers")), f"{pointer}/headers")),
    )


def _headers(document: Document, nodes: Mapping[str, JSON], pointer: str) -> Iterator[Parameter]:
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
    """A Header Object, which is a parameter but for its name and location (OpenAPI 3.1.1 §4.8.21)."""
    resolved, at = document.resolve(node, pointer)
    return _parameter(document, {**_mapping(resolved), "name": name, "in": "header"}, at)


def _files(document: Document, schema: Schema, seen: frozenset[str]) -> Literal["", "one", "many", "any"]:
    """Whether a schema permits nothing but a file, an array of files, or both; null does not count."""
    try:
        node, pointer = document.resolve(schema.contents, schema.pointer)
    except DocumentError:
        return ""
    if not isinstance(node, Mapping) or pointer in seen:
        return ""
    seen |= {pointer}
    if is_file(node):
        return "one"
    if "items" in node:
        return "many" if _files(document, Schema(node["items"], f"{pointer}/items"), seen) else ""
    for keyword in ("allOf", "anyOf", "oneOf"):
        kinds = {
            _files(document, member, seen)
            for member in _members(node, pointer, keyword)
            if member.contents != {"type": "null"}
        }
        if keyword == "allOf":  # one of them is enough
            kinds.discard("")
        if kinds and "" not in kinds:
            return kinds.pop() if len(kinds) == 1 else "any"
    return ""


def _schema_type(document: Document, schema: Schema) -> str:
    """The media type of a part that its schema asks for (OpenAPI 3.1.1 §4.8.15.2); "" leaves it to the value."""
    try:
        node = _mapping(document.resolve(schema.contents, schema.pointer)[0])
    except DocumentError:
        return ""
    return _text(node.get("contentMediaType")) or ("application/octet-stream" if node.get("contentEncoding") else "")


def _example(
    document: Document, node: Mapping[str, JSON], schema: Schema | None, pointer: str, media_type: str = ""
) -> JSON | Unset:
    """The `example`, the first of the `examples`, or what the schema itself gives as one."""
    if "example" in node:
        return node["example"]
    for name, entry in _mapping(node.get("examples")).items():
        try:
            example = _mapping(document.resolve(entry, f"{pointer}/examples/{escape_token(name)}")[0])
        except DocumentError as error:  # no call needs it
            document.note("reference-missing", error.pointer, error.message)
            continue
        for key in ("dataValue", "value"):
            if key in example:
                return example[key]
        if media_type and isinstance(example.get("serializedValue"), str):
            return _deserialized(example["serializedValue"], media_type)
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


def _responses(document: Document, operation: Mapping[str, JSON], pointer: str) -> Iterator[ResponseDescription]:
    try:
        node, where = document.resolve(operation.get("responses"), f"{pointer}/responses")
    except DocumentError as error:  # no call needs them
        document.note("reference-missing", error.pointer, error.message)
        return
    for status, entry in _mapping(node).items():
        if not str(status).startswith("x-"):
            try:
                response, at = _referenced(document, entry, f"{where}/{status}")
                if document.is_20:
                    content = swagger.content(document, response, at, operation, pointer)
                else:
                    content = _content(document, response.get("content"), f"{at}/content")
            except DocumentError as error:  # no call needs it
                document.note("reference-missing", error.pointer, error.message)
                response, at, content = {}, f"{where}/{status}", ()  # any answer of that status will do
            description = _text(response.get("description")) or _text(response.get("summary"))
            headers = tuple(_headers(document, _mapping(response.get("headers")), f"{at}/headers"))
            yield ResponseDescription(str(status).upper(), description, content, headers)


def _tags(operation: Mapping[str, JSON]) -> tuple[str, ...]:
    return tuple(str(tag) for tag in _sequence(operation.get("tags")))


def _security(document: Document, operation: Mapping[str, JSON], pointer: str) -> tuple[Requirement, ...] | None:
    """
    The operation's own requirements, of which an empty list asks for nothing, else the document's.

    What is no list of mappings is read as it must be meant, and never as "nothing is needed".
    """
    own = operation.get("security")
    node, at = (document.contents.get("security"), "#/security") if own is None else (own, f"{pointer}/security")
    if node is not None and not isinstance(node, list):
        document.note("security-shape", at, "requirements are a list; what stands here is taken as its only item")
        node = [node] if node else []
    return tuple(_requirement(document, item, f"{at}/{n}") for n, item in enumerate(_sequence(node))) or None


def required_schemes(document: Document, entries: Iterable[Entry]) -> Iterator[str]:
    """The names of the security schemes that the document asks for, and then those of its operations, with repeats."""
    yield from _scheme_names(document.contents.get("security"))
    for entry in entries:
        with suppress(DocumentError):  # said where the operation is read
            item = _path_item(document, entry.path)
            yield from _scheme_names(_operation(document, item, entry.method, entry.additional).values.get("security"))


def _scheme_names(security: JSON) -> Iterator[str]:
    for requirement in security if isinstance(security, list) else [security]:
        yield from [requirement] if isinstance(requirement, str) else _mapping(requirement)


def _requirement(document: Document, node: JSON, pointer: str) -> Requirement:
    if isinstance(node, str):
        document.note("security-shape", pointer, "a requirement maps a scheme to its scopes; the name alone is read")
        return {node: ()}
    return {
        name: tuple(scope for scope in _sequence(scopes) if isinstance(scope, str))
        for name, scopes in _mapping(node).items()
    }


def _security_scheme(document: Document, name: str, node: JSON, pointer: str) -> SecurityScheme:
    try:
        scheme, pointer = _referenced(document, node, pointer)
    except DocumentError as error:
        document.note("reference-missing", error.pointer, error.message)
        scheme = {"type": "apiKey"}  # of which nobody knows where it goes: a call with a credential for it is refused
    spelling = _text(scheme.get("scheme"))
    return SecurityScheme(
        name=name,
        type=_text(scheme.get("type")),
        scheme=spelling.lower(),
        spelling=spelling,
        parameter=_text(scheme.get("name")),
        location=_text(scheme.get("in")),
        flows=tuple(_flow(kind, flow) for kind, flow in _mapping(scheme.get("flows")).items()),
        openid_url=_readable(scheme.get("openIdConnectUrl")),
        environment=_credential_variable(document, scheme, pointer),
        description=_text(scheme.get("description")),
    )


def _flow(kind: str, node: JSON) -> OAuthFlow:
    flow = _mapping(node)
    return OAuthFlow(kind, _readable(flow.get("tokenUrl")), _readable(flow.get("refreshUrl")))


def _readable(url: JSON) -> str:
    """A URL, which may be relative; "" for none, and for one that cannot be read."""
    try:
        return urlsplit(_text(url)).geturl()
    except ValueError:
        return ""


def _credential_variable(document: Document, scheme: Mapping[str, JSON], pointer: str) -> str:
    """
    The environment variable that `x-credential-env` names.

    A document from a URL may not name one: it also names the server, and could ask for any secret of this machine.
    """
    name = _text(scheme.get("x-credential-env"))
    if not name:
        return ""
    if document.url or not _VARIABLE.fullmatch(name):
        why = "a document from a URL may not choose it" if document.url else "this is no name of one"
        document.note("credential-env", pointer, f"x-credential-env {name!r} is not read: {why}")
        return ""
    return name


def _servers_of(document: Document, *holders: tuple[Mapping[str, JSON], str]) -> tuple[Server, ...]:
    """The servers of the first holder that has any, else those of the document's root."""
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


def _schema(node: Mapping[str, JSON], pointer: str, key: str = "schema") -> Schema | None:
    return Schema(node[key], f"{pointer}/{key}") if key in node else None
