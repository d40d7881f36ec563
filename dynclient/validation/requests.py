"""
The validation of requests: openapi-core validates every call.

By itself openapi-core guesses the operation from the URL, reads values back from the wire by its own rules, and takes
schemas as published. Here its request validator is told the operation, gets the caller's own values, and validates with
schemas that `lowering` made plain. It sees a small document for each operation, which holds nothing else.

Its `iter_errors` runs on every request. To cost less than preparing the request, it contains two shortcuts: the
operation is read once (`CompiledOperation`), and each schema has a quick check that can only say yes (`AcceptCheck`).
Whatever these do not accept goes through openapi-core's own code and jsonschema; only they refuse, and say why. What
we rely on there is listed, and tested, in tests/validation/test_openapi_core.py.

`openapi_core_hooks` has what stands in place of openapi-core's parts.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from dynclient.documents import Document, collector_paused, noting
from dynclient.errors import CallError, Problem
from dynclient.http import media_types
from dynclient.openapi import MediaType, Operation, Parameter
from dynclient.schemas import (
    AcceptCheck,
    Formats,
    Lowering,
    table_of,
)
from dynclient.support import renewed
from dynclient.types import JSON, UNSET
from dynclient.validation.engine import Engine
from dynclient.validation.explanation import explain, with_part_hint
from dynclient.wire import MISSING, Arguments, TextLowering

if TYPE_CHECKING:
    from dynclient.validation.openapi_core_hooks import V31RequestValidator

_PATH = "/"  # the operation's own may hold what openapi-core splits at, such as the fragments of published documents
_METHOD = "post"  # the operation's own may be any word
# How a parameter is described to openapi-core: as JSON, whose values have types, or as text.
_JSON = "application/json"
_TEXT = "text/plain"
_DATA = ["object", "array", "number", "boolean", "null"]  # the types of JSON except text, which travels as it is


class _PatchLowering(Lowering):
    """The lowered schemas of merge patches, in which null takes any member away (RFC 7396)."""

    mark = " (patch)"

    def _lower_object(self, node: Mapping[str, JSON], place: Any) -> dict[str, JSON]:
        lowered = super()._lower_object(node, place)
        for keyword in ("properties", "patternProperties"):
            if keyword in lowered:
                lowered[keyword] = {name: self._or_null(member) for name, member in lowered[keyword].items()}
        if isinstance(lowered.get("additionalProperties"), dict):
            lowered["additionalProperties"] = self._or_null(lowered["additionalProperties"])
        return lowered

    def _or_null(self, member: JSON) -> JSON:
        if not isinstance(member, dict):
            return member
        either = {"anyOf": [member, {"type": "null"}]}
        self._origins[id(either)] = self.origin(member)
        return either


class _Compiled(NamedTuple):
    """
    An operation, ready to validate its calls.

    Attributes:
        validator: openapi-core's.
        described: the operation as openapi-core sees it.
        content_keys: what the media types of its body are called there, by their pointers.
    """

    validator: V31RequestValidator
    described: JSON
    content_keys: Mapping[str, str]

    def schema(self, operation: Operation, location: str, name: str, media_type: MediaType | None) -> JSON:
        """The very schema that a parameter or the body was validated with."""
        if media_type is not None and location == "body":
            return self.described["requestBody"]["content"][self.content_keys[media_type.pointer]]["schema"]
        places: list[tuple[str, str]] = [(each.location, each.name) for each in operation.parameters]
        (content,) = self.described["parameters"][places.index((location, name))]["content"].values()
        return content["schema"]


class RequestValidator:
    """
    Validates the calls of one document's operations; each operation is compiled when it is first called.

    Args:
        document: the document.
        formats: changes to the table of formats, as for `formats.table_of`.
    """

    def __init__(self, document: Document, formats: Formats | None = None) -> None:
        self._formats = dict(formats or {})
        self._json = Lowering(document, "request")
        self._form = Lowering(document, "request", form=True)
        self._text = TextLowering(document, "request")
        self._patch = _PatchLowering(document, "request")
        self._lowerings = (self._json, self._form, self._text, self._patch)
        self._components = ChainMap(*(lowering.components for lowering in self._lowerings))
        self._engine = Engine(AcceptCheck(self._components, table_of(self._formats)), self._text.resolve)
        self._compiled: dict[str, _Compiled] = {}
        self._lock = renewed(self, "_lock")  # the lowerings fill up as operations are compiled

    def __reduce__(self) -> tuple[Any, ...]:
        return RequestValidator, (self._json.document, self._formats)

    def problems(self, operation: Operation, arguments: Arguments) -> tuple[Problem, ...]:
        """
        Return everything that is wrong with a call, by openapi-core; nothing if it may be sent.

        Raises:
            CallError: the validator itself failed.
        """
        try:
            compiled = self._compiled.get(operation.pointer) or self._compile(operation)
            request: Any = _Request(arguments, compiled.content_keys)  # its body isn't bytes
            problems: list[Problem] = []
            for error in compiled.validator.iter_errors(request):
                problems += self._explain(error, operation, compiled, arguments)
            return tuple(problems)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            raise CallError(operation.id, f"the request could not be checked ({reason})") from error

    def fits(self, media_type: MediaType, body: JSON) -> bool:
        """Whether a body, as data, is valid for a media type."""
        with self._lock:
            lowered = self._body_schema(media_type)
        if self._engine.acceptance.check(lowered)(body):
            return True
        contents = {"allOf": [lowered], "components": {"schemas": self._reachable(lowered)}}
        return bool(self._engine.validator_class(contents, format_checker=self._engine.checker).is_valid(body))

    def _compile(self, operation: Operation) -> _Compiled:
        with self._lock, noting(operation.id):
            if operation.pointer not in self._compiled:  # another thread may have been first
                content = operation.body.content if operation.body else ()
                # openapi-core finds these whatever parameters or wildcards a media type has.
                keys = {media_type.pointer: f"body/{position}" for position, media_type in enumerate(content)}
                contents = self._operation_document(operation, keys)
                validator = _openapi_core().make_validator(contents, self._engine)
                self._compiled[operation.pointer] = _Compiled(validator, contents["paths"][_PATH][_METHOD], keys)
            return self._compiled[operation.pointer]

    def _operation_document(self, operation: Operation, content_keys: Mapping[str, str]) -> dict[str, JSON]:
        parameters: list[JSON] = [
            {
                "name": parameter.name,
                "in": parameter.location,
                "required": parameter.required,
                # `content` hands the value over as it is; a style would be read back from text, with its own faults.
                "content": {_TEXT if _is_text(parameter) else _JSON: _described(self._parameter_schema(parameter))},
            }
            for parameter in operation.parameters
        ]
        described: dict[str, JSON] = {"parameters": parameters}
        if operation.body is not None:
            described["requestBody"] = {
                "required": operation.body.required,
                "content": {
                    content_keys[media_type.pointer]: _described(self._body_schema(media_type))
                    for media_type in operation.body.content
                },
            }
        return {
            "openapi": "3.1.0",
            "paths": {_PATH: {_METHOD: described}},
            "components": {"schemas": self._reachable(described)},
        }

    def _reachable(self, lowered: JSON) -> dict[str, JSON]:
        found: dict[str, JSON] = {}
        for lowering in self._lowerings:
            found |= lowering.reachable(lowered)
        return found

    def _parameter_schema(self, parameter: Parameter) -> JSON:
        schema = (self._text if _is_text(parameter) else self._json).schema(parameter.schema)
        return {"if": {"const": ""}, "else": schema} if parameter.allow_empty else schema

    def _body_schema(self, media_type: MediaType) -> JSON:
        if _is_form(media_type):
            return self._form.schema(media_type.schema)
        if media_types.is_json(media_type.name):
            lowering = self._patch if media_types.is_merge_patch(media_type.name) else self._json
            return lowering.schema(media_type.schema)
        if media_types.is_wildcard_of_json(media_type.name):
            return {"if": {"type": _DATA}, "then": self._form.schema(media_type.schema)}  # or a file
        if media_types.is_xml(media_type.name):
            return {"if": {"type": _DATA}, "then": self._json.schema(media_type.schema)}  # or the XML itself
        return True  # bytes and text aren't JSON, and no schema validates them

    def _explain(
        self, error: Exception, operation: Operation, compiled: _Compiled, arguments: Arguments
    ) -> Iterator[Problem]:
        core = _openapi_core()
        if isinstance(error, core.MissingParameterError):
            yield Problem(error.location, error.name, "required, but not given", MISSING)
        elif isinstance(error, core.MissingRequestBodyError):
            yield Problem("body", "", "required, but not given", MISSING)
        elif isinstance(error, (core.ParameterValidationError, core.RequestBodyValidationError)) and isinstance(
            error.__cause__, core.InvalidSchemaValue
        ):
            location, name = (
                (error.location, error.name) if isinstance(error, core.ParameterValidationError) else ("body", "")
            )
            schema_errors: Any = error.__cause__.schema_errors
            schemas = [each.schema for each in operation.parameters if (each.location, each.name) == (location, name)]
            if location == "body" and operation.body is not None:
                schemas = [media_type.schema for media_type in operation.body.content]
            schema = compiled.schema(operation, location, name, arguments.media_type)
            fits = self._engine.fits(schema, self._components)
            problems = explain(schema_errors, location, name, self._origin, self._json.document, schemas, fits)
            is_form = location == "body" and arguments.media_type is not None and _is_form(arguments.media_type)
            yield from map(with_part_hint, problems) if is_form else problems
        else:
            yield Problem("", "", str(error), type(error).__name__)

    def _origin(self, lowered: JSON, keyword: str) -> str:
        return next(filter(None, (lowering.origin(lowered, keyword) for lowering in self._lowerings)), "")


def _is_form(media_type: MediaType) -> bool:
    return media_types.is_form(media_type.name) or media_types.is_multipart(media_type.name)


def _is_text(parameter: Parameter) -> bool:
    """Whether the parameter is text on the wire, and not JSON, in which 5 and "5" differ."""
    return parameter.media_type is None or not media_types.is_json(parameter.media_type)


def _described(schema: JSON) -> dict[str, JSON]:
    """A media type. SchemaPath fails at a boolean schema, and drops what stands beside a reference at the top."""
    return {"schema": {"allOf": [schema]}}


class _Request:
    """A call in the shape that openapi-core asks for (openapi_core.protocols.Request)."""

    host_url = ""

    def __init__(self, arguments: Arguments, content_keys: Mapping[str, str]) -> None:
        core = _openapi_core()
        value_of = core.Value
        self.path = _PATH
        self.method = _METHOD
        by_location: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for (location, name), value in arguments.parameters.items():
            by_location[location][name] = value_of(value)
        self.parameters = core.RequestParameters(**by_location)
        self.body = None if arguments.body is UNSET else value_of(arguments.body)
        self.content_type = content_keys[arguments.media_type.pointer] if arguments.media_type else ""


@cache
@collector_paused()
def _openapi_core() -> ModuleType:
    """The module that knows openapi-core, imported when it is first needed."""
    return import_module("dynclient.validation.openapi_core_hooks")
