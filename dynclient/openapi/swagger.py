"""
Swagger 2.0, which is OpenAPI 2.0, where it differs from OpenAPI 3.

Nothing is converted in advance: a document stays as published, and the readers ask here for servers, styles, bodies,
the contents of answers and security schemes. So all pointers lead into the published document, and its size costs
nothing. A parameter is its own schema, because it has the keywords of a schema beside its name and location.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from dynclient.documents import Document
from dynclient.errors import DocumentError
from dynclient.http import essence
from dynclient.openapi.lenient import mapping, sequence, text
from dynclient.openapi.model import Encoding, Field, MediaType, RequestBody, Schema, Server
from dynclient.types import JSON, UNSET

BODY_LOCATIONS = ("body", "formData")
"""The locations of the parameters that make up the body."""

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"
_ANYTHING = "*/*"
_BYTES = "application/octet-stream"

# The styles of `collectionFormat`; csv is the default of each location, joined by commas.
_STYLES = {"ssv": "spaceDelimited", "tsv": "tabDelimited", "pipes": "pipeDelimited"}
_CSV_STYLES = {"path": "simple", "header": "simple"}
_DELIMITERS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}
_EXPLODED = "multi"
_EXPLODED_IN = ("query", "formData")

_SCHEMES = ("https", "http")  # the better one first

_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_FLOW_KEYS = ("authorizationUrl", "tokenUrl", "scopes")

_Placed = tuple[Mapping[str, JSON], str]
"""A node with its references followed, and its pointer."""


def servers(document: Document, operation: Mapping[str, JSON]) -> tuple[Server, ...]:
    """
    Return the servers of `host`, `basePath` and `schemes`, https first; an operation may have its own schemes.

    What is missing is that of the document's own URL. If that is unknown, the scheme is https, and without a host the
    server is relative.
    """
    contents = document.contents
    reached = urlsplit(document.url)
    said = text(contents.get("host")).rpartition("://")[2].strip("/")
    host = said or reached.netloc
    path = text(contents.get("basePath")).strip("/")
    if not host:
        return (Server(f"/{path}"),)
    listed = sequence(operation.get("schemes") or contents.get("schemes"))
    schemes = [scheme for scheme in _SCHEMES if scheme in listed] or [reached.scheme or _SCHEMES[0]]
    if not said and reached.scheme in schemes:  # with the port that is served there
        schemes = [reached.scheme]
    return tuple(Server(f"{scheme}://{host}/{path}".rstrip("/")) for scheme in schemes)


def security_schemes(definitions: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return the security definitions as Security Scheme Objects of OpenAPI 3."""
    return {name: _security_scheme(mapping(node)) for name, node in definitions.items()}


def style(document: Document, node: Mapping[str, JSON], location: str, pointer: str) -> tuple[str, bool]:
    """Return the style and explode for a parameter's `collectionFormat`."""
    wanted = str(node.get("collectionFormat", "csv"))
    if wanted == _EXPLODED and location in _EXPLODED_IN:
        return "form", True
    if wanted not in _DELIMITERS:
        document.note(
            "collection-format", pointer, f"collectionFormat {wanted!r} does not exist in {location}; csv is used"
        )
    return _STYLES.get(wanted, _CSV_STYLES.get(location, "form")), False


def inner_delimiters(node: Mapping[str, JSON]) -> tuple[str, ...]:
    """Return the delimiters between the items of arrays inside an array, the outer arrays first."""
    found = []
    items = mapping(node.get("items"))
    while items.get("type") == "array":
        found.append(_DELIMITERS.get(str(items.get("collectionFormat")), ","))
        items = mapping(items.get("items"))
    return tuple(found)


def request_body(
    document: Document, parameters: Iterable[tuple[JSON, str]], operation: Mapping[str, JSON], pointer: str
) -> RequestBody | None:
    """
    Return the body of the `body` parameter, or the form with the `formData` parameters as its fields.

    `parameters` are those of the path and of the operation, with their pointers. The reader adds the fields of a body.
    """
    placed: dict[tuple[str, str], _Placed] = {}
    own: set[tuple[str, str]] = set()
    for node, where in parameters:
        try:
            resolved, at = document.resolve(node, where)
        except DocumentError:  # noted with the parameters
            continue
        parameter = mapping(resolved)
        if parameter.get("in") in BODY_LOCATIONS:
            name = text(parameter.get("name"))
            in_its_list = (where.rpartition("/")[0], name)
            if parameter["in"] == "formData" and in_its_list in own:
                document.note("parameter-repeated", at, f"{name} is declared twice in formData; the last counts")
            own.add(in_its_list)
            placed[parameter["in"], name] = (parameter, at)
    bodies = [found for (location, _), found in placed.items() if location == "body"]
    fields = {name: found for (location, name), found in placed.items() if location == "formData"}
    if len(bodies) > 1:
        document.note("body-repeated", bodies[0][1], "an operation has one body; the last one described is used")
    if bodies and fields:
        document.note("body-and-form", bodies[-1][1], "an operation has a body or a form, not both; the body is used")
    if bodies:
        return _body(document, *bodies[-1], operation, pointer)
    return _form(document, fields, operation, pointer) if fields else None


def produces(document: Document, operation: Mapping[str, JSON], pointer: str) -> tuple[str, ...]:
    """Return the media types of the operation's answers."""
    return tuple(name for name, _ in _media_types(document, operation, pointer, "produces"))


def content(
    document: Document,
    response: Mapping[str, JSON],
    pointer: str,
    operation: Mapping[str, JSON],
    operation_pointer: str,
) -> tuple[MediaType, ...]:
    """
    Return the media types of an answer: those that the operation produces and those of its examples; else any.

    An answer without a schema and examples has no content.
    """
    examples = mapping(response.get("examples"))
    node = response.get("schema")
    by_essence = {essence(name): example for name, example in examples.items()}
    is_file = mapping(node).get("type") == "file"
    schema = Schema(node, f"{pointer}/schema") if node is not None and not is_file else None
    produced = _media_types(document, operation, operation_pointer, "produces")
    named = [(name, at) for name, at in produced if node is not None or essence(name) in by_essence]
    known = {essence(name) for name, _ in named}
    named += [(name, f"{pointer}/examples") for name in examples if "/" in name and essence(name) not in known]
    if not named and node is not None:
        named = [(_BYTES if is_file else _ANYTHING, pointer)]
    return tuple(
        MediaType(name, schema, example=by_essence.get(essence(name), _own_example(schema)), pointer=at)
        for name, at in named
    )


def _security_scheme(node: Mapping[str, JSON]) -> dict[str, JSON]:
    kind = node.get("type")
    if kind == "basic":
        return {**node, "type": "http", "scheme": "basic"}
    if kind == "oauth2":
        scheme = {key: value for key, value in node.items() if key not in ("flow", *_FLOW_KEYS)}
        flow = _FLOWS.get(text(node.get("flow")))
        flows = {flow: {key: node[key] for key in _FLOW_KEYS if key in node}} if flow else {}
        return {**scheme, "flows": flows}
    return dict(node)


def _body(
    document: Document, node: Mapping[str, JSON], at: str, operation: Mapping[str, JSON], pointer: str
) -> RequestBody:
    schema = Schema(node["schema"], f"{at}/schema") if "schema" in node else None
    named = list(_media_types(document, operation, pointer, "consumes")) or [(_JSON, pointer)]
    return RequestBody(
        content=tuple(MediaType(name, schema, example=_own_example(schema), pointer=where) for name, where in named),
        required=node.get("required") is True,
        description=text(node.get("description")),
        name=text(node.get("name")),
    )


def _form(
    document: Document, fields: Mapping[str, _Placed], operation: Mapping[str, JSON], pointer: str
) -> RequestBody:
    has_file = any(node.get("type") == "file" for node, _ in fields.values())
    fitting = (_MULTIPART,) if has_file else (_FORM, _MULTIPART)
    named = [each for each in _media_types(document, operation, pointer, "consumes") if essence(each[0]) in fitting]
    required = [name for name, (node, _) in fields.items() if node.get("required") is True]
    schema: JSON = {
        "type": "object",
        "required": required,
        "properties": {name: {"$ref": at} for name, (_, at) in fields.items()},
    }
    encoding = {
        name: Encoding(None, *style(document, node, "formData", at), inner_delimiters=inner_delimiters(node))
        for name, (node, at) in fields.items()
        if node.get("type") == "array" and mapping(node.get("items")).get("type") != "file"
    }
    return RequestBody(
        content=tuple(
            MediaType(name, Schema(schema, f"{pointer}/parameters"), encoding, pointer=at)
            for name, at in named or [(fitting[0], pointer)]
        ),
        required=bool(required),
        fields=tuple(
            Field(name, Schema(node, at), name in required, text(node.get("description")))
            for name, (node, at) in fields.items()
        ),
    )


def _media_types(
    document: Document, operation: Mapping[str, JSON], pointer: str, key: str
) -> Iterator[tuple[str, str]]:
    """The media types of `consumes` or `produces`, with their pointers; an operation's list replaces the document's."""
    own = isinstance(operation.get(key), list)
    listed: Sequence[JSON] = sequence((operation if own else document.contents).get(key))
    where = pointer if own else "#"
    for position, name in enumerate(listed):
        if isinstance(name, str) and "/" in name:
            yield name, f"{where}/{key}/{position}"


def _own_example(schema: Schema | None) -> JSON:
    return mapping(schema.contents).get("example", UNSET) if schema else UNSET
