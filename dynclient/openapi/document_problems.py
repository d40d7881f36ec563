"""
Problems of operations, parameters and schemas that do not affect a call.

What needs a repair is noted where it is repaired, in `reader` and `lowering`; the other problems are found here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from dynclient.documents import Document, Joined, escape_token
from dynclient.errors import DocumentError
from dynclient.openapi.lenient import mapping
from dynclient.openapi.model import MediaType, Operation, Parameter
from dynclient.types import JSON

_TEMPLATE_NAME = re.compile(r"\{([^{}]+)\}")
# RFC 3986 §3.3 and §3.4, escapes and templates.
_IN_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2}|\{[^{}]+\})*")
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 §5.6.2
_HEADER_NAME = re.compile(_NAME)
_MEDIA_TYPE = re.compile(rf"\s*{_NAME}/{_NAME}\s*(?:;.*)?", re.DOTALL)
_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|XX)|default|x-.*", re.DOTALL)

# Keywords that OpenAPI 3.0 does not have, and that are understood in every version.
_NEW_IN_31 = (
    "const", "contains", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains",
    "patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
# Keywords that would matter if they were not beside a reference.
_ASSERTIONS = frozenset(
    {
        "additionalProperties", "allOf", "anyOf", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "items",
        "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
        "multipleOf", "not", "oneOf", "pattern", "properties", "required", "type", "uniqueItems",
    }
)  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int, float),
    "null": (type(None),),
    "number": (int, float),
    "object": (Mapping,),
    "string": (str,),
}


def note_operation(document: Document, operation: Operation, schemes: Collection[str]) -> None:
    """Note what is wrong with an operation; `schemes` are the names of the document's security schemes."""
    _note_path(document, operation)
    for parameter in operation.parameters:
        _note_parameter(document, parameter)
    if operation.pointer in (problem.schema_pointer for problem in operation.unread):
        return  # nothing else of it was read
    described = _described(document, operation)
    if operation.body is not None:
        if not operation.body.content:
            document.note("body-without-content", described.pointer_of("requestBody"), "the body names no media type")
        _note_media_types(document, operation.body.content)
    if not operation.responses and document.is_30:  # optional since 3.1
        document.note("responses-missing", described.pointer, "the operation describes no answers")
    answers, pointer = _answers(document, described)
    for status in answers:
        if not _STATUS.fullmatch(str(status)):
            where = f"{pointer}/{escape_token(str(status))}"
            document.note("response-status", where, f"{status!r} isn't a status, range such as 4XX, or default")
    for response in operation.responses:
        _note_media_types(document, response.content)
    for name in dict.fromkeys(name for alternative in operation.security or () for name in alternative):
        if name not in schemes:
            where = described.pointer_of("security") if "security" in described.values else "#/security"
            document.note("security-scheme-unknown", where, f"there is no security scheme {name!r}")


def note_schema(document: Document, node: Mapping[str, JSON], pointer: str) -> None:
    """Note what is wrong with a schema, not with those inside it."""
    if document.is_30:
        _note_old(document, node, pointer)
    else:
        if node.get("nullable") is True:
            document.note(
                "keyword-from-30", f"{pointer}/nullable", "nullable is a type 'null' since 3.1; null is permitted"
            )
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(node.get(keyword), bool):
                document.note("keyword-from-30", f"{pointer}/{keyword}", f"{keyword} is a number since 3.1")
    if isinstance(node.get("items"), list):
        document.note("items-list", f"{pointer}/items", "items is a list of schemas; it is read as prefixItems")
    for keyword in ("required", "enum"):
        repeated = _repeated(node.get(keyword))
        if repeated:
            document.note("value-repeated", f"{pointer}/{keyword}", f"{repeated[0]!r} stands in {keyword} again")
    _note_discriminator(document, node, pointer)


def _note_path(document: Document, operation: Operation) -> None:
    where = f"{document.section('paths')[1]}/{escape_token(operation.path)}"
    path, sharp, _ = operation.path.partition("#")
    template, question, _ = path.partition("?")
    if not path.startswith("/"):
        document.note("path-without-slash", where, f"{path!r} does not begin with a slash; it is sent with one")
    if sharp:
        document.note("path-fragment", where, "the path holds a fragment, which is not sent")
    if question:
        document.note("path-query", where, "the path holds a query string; it is sent")
    if not _IN_PATH.fullmatch(path):
        document.note("path-characters", where, "the path holds what no URL can; it is sent percent-encoded")
    if {".", ".."} & set(template.split("/")):
        document.note("path-dots", where, "the path has a segment of dots; requests would send another")
    for name in _repeated(_TEMPLATE_NAME.findall(template)):
        document.note("path-name-repeated", where, f"the path names {{{name}}} twice; both places get its value")


def _note_parameter(document: Document, parameter: Parameter) -> None:
    node = mapping(document.at(parameter.pointer))
    if node.get("name") != parameter.name:  # only the path names it
        return
    if parameter.location == "path" and node.get("required") is not True:
        document.note(
            "parameter-optional", parameter.pointer, f"{parameter.name} in the path is not marked as required"
        )
    if parameter.schema is None and parameter.media_type is None:
        document.note("parameter-without-schema", parameter.pointer, f"{parameter.name} has no schema")
    if parameter.location == "header" and not _HEADER_NAME.fullmatch(parameter.name):
        document.note("header-name", parameter.pointer, f"{parameter.name!r} isn't a header name")


def _note_media_types(document: Document, content: tuple[MediaType, ...]) -> None:
    for media_type in content:
        if not _MEDIA_TYPE.fullmatch(media_type.name):
            document.note("media-type-name", media_type.pointer, f"{media_type.name!r} isn't a media type")


def _note_old(document: Document, node: Mapping[str, JSON], pointer: str) -> None:
    """Problems of OpenAPI 3.0."""
    if isinstance(node.get("$ref"), str):
        beside = sorted(_ASSERTIONS & node.keys())
        if beside:
            document.note("reference-siblings", pointer, f"{', '.join(beside)} beside $ref: ignored in OpenAPI 3.0")
        return
    for keyword in _NEW_IN_31:
        if keyword in node:
            document.note(
                "keyword-from-31", f"{pointer}/{keyword}", f"{keyword} is a keyword of 3.1, and read as there"
            )
    if isinstance(node.get("type"), list) or node.get("type") == "null":
        document.note(
            "keyword-from-31", f"{pointer}/type", f"the type {node['type']!r:.80} is one of 3.1, and read as there"
        )
    for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(node.get(keyword), (int, float)) and not isinstance(node[keyword], bool):
            document.note(
                "keyword-from-31", f"{pointer}/{keyword}", f"{keyword} is a number as in 3.1, and read as there"
            )
    if node.get("type") == "array" and "items" not in node:
        document.note("items-missing", pointer, "the array does not say what it holds; it may be anything")


def _note_discriminator(document: Document, node: Mapping[str, JSON], pointer: str) -> None:
    for value, target in mapping(mapping(node.get("discriminator")).get("mapping")).items():
        where = f"{pointer}/discriminator/mapping/{escape_token(str(value))}"
        if not any(_leads_somewhere(document, reference, where) for reference in _references(target)):
            document.note("discriminator-mapping", where, f"{value!r:.80} means {target!r:.80}, and there is none")


def _references(target: JSON) -> tuple[str, ...]:
    """What a mapping of a discriminator may mean: the name of a component, or a reference."""
    return (f"#/components/schemas/{escape_token(target)}", target) if isinstance(target, str) else ()


def _leads_somewhere(document: Document, reference: str, pointer: str) -> bool:
    try:
        document.resolve({"$ref": reference}, pointer)
    except DocumentError:
        return False
    return True


def unfit(node: Mapping[str, JSON]) -> list[JSON]:
    """Return the values of `enum` that do not have the `type`."""
    values, types = node.get("enum"), node.get("type")
    if not isinstance(values, list) or not types or not isinstance(types, (str, list)):
        return []
    names = [types] if isinstance(types, str) else types
    if node.get("nullable") is True:
        names = [*names, "null"]
    return [value for value in values if not any(is_of_type(value, name) for name in names)]


def is_of_type(value: JSON, name: JSON) -> bool:
    """Whether a value has a type of JSON Schema; every value has a type that does not exist."""
    if not isinstance(name, str) or name not in _TYPES:
        return True
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _repeated(values: JSON) -> list[JSON]:
    """The texts that a list repeats."""
    texts = Counter(value for value in values if isinstance(value, str)) if isinstance(values, list) else Counter()
    return [text for text, times in texts.items() if times > 1]


def _described(document: Document, operation: Operation) -> Joined:
    """The operation as published, wherever that is."""
    return document.join(*document.follow(operation.pointer, "#"))


def _answers(document: Document, described: Joined) -> tuple[Mapping[str, JSON], str]:
    """The Responses Object of an operation, which may be a reference to one, and its pointer."""
    pointer = described.pointer_of("responses")
    try:
        node, pointer = document.resolve(described.values.get("responses"), pointer)
    except DocumentError:  # noted where the operation is read
        return {}, pointer
    return mapping(node), pointer
