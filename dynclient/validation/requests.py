"""
The verdict on a request: openapi-core's, on every call.

As it stands openapi-core finds the operation by guessing from the URL, reads values back from the wire with rules of
its own, and takes schemas as published. Here its request validator is told the operation, gets the caller's own values
and judges schemas that `lowering` made plain. It sees one small document for each operation, which holds nothing else.

Its `iter_errors` runs on every request. So that this costs less than preparing the request, two things stand inside it:
the operation read once (`CompiledOperation`), and a check of each schema that can only say yes (`acceptance`). What
these do not let pass goes through openapi-core's own code and jsonschema, which alone say no, and why. What we rely on
there is listed, and tested, in tests/validation/test_openapi_core.py.

This is the only module that knows openapi-core.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from dynclient.documents import Document, collector_paused, noting
from dynclient.errors import CallError, Problem
from dynclient.http import media_types
from dynclient.openapi import MediaType, Operation, Parameter, Schema
from dynclient.schemas import (
    AcceptCheck,
    Direction,
    Formats,
    Kinds,
    Lowering,
    format_checker,
    kinds,
    quick_validator_class,
    schema_at,
    table_of,
)
from dynclient.support import cached, renewed
from dynclient.types import JSON, UNSET
from dynclient.validation.explanation import explain
from dynclient.wire import MISSING, Arguments, Check, Resolve, TextLowering, Types, is_uniform, readings

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema_path import SchemaPath
    from openapi_core.validation.request.validators import V31RequestValidator

_PATH = "/"  # the operation's own may hold what openapi-core splits at, such as the fragments of published documents
_METHOD = "post"  # the operation's own may be any word
# How a parameter is described to openapi-core: as JSON, which says of what type its values are, or as text.
_JSON = "application/json"
_TEXT = "text/plain"
_DATA = ["object", "array", "number", "boolean", "null"]  # of JSON, but text, which travels as it is
MOST_PROBLEMS = 100
"""How many problems of one value are told; each item of a long array may have its own."""


class _Engine:
    """What judges values by lowered schemas: the check that can only say yes, and the validator behind it."""

    def __init__(self, acceptance: AcceptCheck, resolve: Resolve = lambda lowered: True) -> None:
        self.acceptance = acceptance
        self.resolve = resolve
        self._checks: dict[str, Callable[[JSON], bool]] = {}

    @cached
    def checker(self) -> FormatChecker:
        return format_checker(self.acceptance.formats)

    @cached
    def validator_class(self) -> Any:
        """
        A class of validators that look only at what the accept check does not let pass, reference by reference.

        Of a long list in which one item is wrong, jsonschema would take hundreds of times as long for the others.
        """
        return quick_validator_class(self._accepts)

    def fits(self, whole: JSON, components: Mapping[str, JSON]) -> Callable[[Any, JSON], bool]:
        """Whether a value would pass where another one has an error by a schema."""

        def fits(error: Any, value: JSON) -> bool:
            place = schema_at(whole, tuple(error.absolute_schema_path), error.schema, components)
            return self.acceptance.check(place)(value)

        return fits

    def _accepts(self, target: str, value: JSON) -> bool:
        check = self._checks.get(target) or self._checks.setdefault(target, self.acceptance.check({"$ref": target}))
        return check(value)


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


class RequestValidator:
    """
    Judges the calls of one document's operations; each operation is compiled when it is first judged.

    `formats` changes the table of formats, as `formats.table_of` has it.
    """

    def __init__(self, document: Document, formats: Formats | None = None) -> None:
        self._formats = dict(formats or {})
        self._json = Lowering(document, "request")
        self._form = Lowering(document, "request", form=True)
        self._text = TextLowering(document, "request")
        self._patch = _PatchLowering(document, "request")
        self._lowerings = (self._json, self._form, self._text, self._patch)
        self._components = ChainMap(*(lowering.components for lowering in self._lowerings))
        self._engine = _Engine(AcceptCheck(self._components, table_of(self._formats)), self._text.resolve)
        self._validators: dict[str, V31RequestValidator] = {}
        self._described: dict[str, JSON] = {}
        self._lock = renewed(self, "_lock")  # the lowerings fill up as operations are compiled

    def __reduce__(self) -> tuple[Any, ...]:
        return RequestValidator, (self._json.document, self._formats)

    def problems(self, operation: Operation, arguments: Arguments) -> tuple[Problem, ...]:
        """
        Everything that is wrong with a call, as openapi-core sees it; empty when it may be sent.

        Raises:
            CallError: there is no verdict, because the validator itself failed.
        """
        try:
            validator = self._validators.get(operation.pointer) or self._compile(operation)
            return tuple(
                problem
                for error in validator.iter_errors(_Request(operation, arguments))  # type: ignore[arg-type]  # the body is no bytes
                for problem in self._explain(error, operation, arguments)
            )
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            raise CallError(operation.id, f"the request could not be checked ({reason})") from error

    def fits(self, media_type: MediaType, body: JSON) -> bool:
        """Whether a body, as data, is right for a media type."""
        with self._lock:
            lowered = self._body_schema(media_type)
        if self._engine.acceptance.check(lowered)(body):
            return True
        contents = {"allOf": [lowered], "components": {"schemas": self._reachable(lowered)}}
        return bool(self._engine.validator_class(contents, format_checker=self._engine.checker).is_valid(body))

    def _compile(self, operation: Operation) -> V31RequestValidator:
        with self._lock, noting(operation.id):
            if operation.pointer not in self._validators:  # another thread may have been first
                contents = self._operation_document(operation)
                self._described[operation.pointer] = contents["paths"][_PATH][_METHOD]
                self._validators[operation.pointer] = _make_validator(contents, self._engine)
            return self._validators[operation.pointer]

    def _operation_document(self, operation: Operation) -> dict[str, JSON]:
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
                    _content_key(operation, media_type): _described(self._body_schema(media_type))
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
        if media_types.is_form(media_type.name) or media_types.is_multipart(media_type.name):
            return self._form.schema(media_type.schema)
        if media_types.is_json(media_type.name):
            lowering = self._patch if media_types.is_merge_patch(media_type.name) else self._json
            return lowering.schema(media_type.schema)
        if media_types.is_wildcard_of_json(media_type.name):
            return {"if": {"type": _DATA}, "then": self._form.schema(media_type.schema)}  # or a file
        return True  # bytes and text are no JSON that a schema could judge

    def _explain(self, error: Exception, operation: Operation, arguments: Arguments) -> Iterator[Problem]:
        from openapi_core.validation.request.exceptions import (
            MissingParameterError,
            MissingRequestBodyError,
            ParameterValidationError,
            RequestBodyValidationError,
        )
        from openapi_core.validation.schemas.exceptions import InvalidSchemaValue

        if isinstance(error, MissingParameterError):
            yield Problem(error.location, error.name, "required, but not given", MISSING)
        elif isinstance(error, MissingRequestBodyError):
            yield Problem("body", "", "required, but not given", MISSING)
        elif isinstance(error, (ParameterValidationError, RequestBodyValidationError)) and isinstance(
            error.__cause__, InvalidSchemaValue
        ):
            location, name = (
                (error.location, error.name) if isinstance(error, ParameterValidationError) else ("body", "")
            )
            schema_errors: Any = error.__cause__.schema_errors
            schemas = [each.schema for each in operation.parameters if (each.location, each.name) == (location, name)]
            if location == "body" and operation.body is not None:
                schemas = [media_type.schema for media_type in operation.body.content]
            fits = self._engine.fits(self._schema(operation, location, name, arguments.media_type), self._components)
            yield from explain(schema_errors, location, name, self._origin, self._json.document, schemas, fits)
        else:
            yield Problem("", "", str(error), type(error).__name__)

    def _schema(self, operation: Operation, location: str, name: str, media_type: MediaType | None) -> JSON:
        """The very schema that a parameter or the body was judged by."""
        described = self._described[operation.pointer]
        if media_type is not None and location == "body":
            return described["requestBody"]["content"][_content_key(operation, media_type)]["schema"]
        places: list[tuple[str, str]] = [(each.location, each.name) for each in operation.parameters]
        (content,) = described["parameters"][places.index((location, name))]["content"].values()
        return content["schema"]

    def _origin(self, lowered: JSON, keyword: str) -> str:
        return next(filter(None, (lowering.origin(lowered, keyword) for lowering in self._lowerings)), "")


class SchemaValidator:
    """Judges values that are no part of a request; each schema is compiled when it is first met."""

    def __init__(self, document: Document, direction: Direction, formats: Formats | None = None) -> None:
        self._lowering = Lowering(document, direction)
        self._engine = _Engine(AcceptCheck(self._lowering.components, table_of(dict(formats or {}))))
        self._lowered: dict[str, JSON] = {}
        self._checks: dict[str, Callable[[JSON], bool]] = {}
        self._lock = renewed(self, "_lock")

    def problems(
        self, schema: Schema, value: JSON, location: str, name: str = "", most: int | None = MOST_PROBLEMS
    ) -> tuple[Problem, ...]:
        """The first things that are wrong with a value; `location` and `name` are those of the problems."""
        if self._accepts(schema)(value):
            return ()
        lowered = self.lowered(schema)
        contents = {"allOf": [lowered], "components": {"schemas": self._lowering.reachable(lowered)}}
        errors = self._engine.validator_class(contents, format_checker=self._engine.checker).iter_errors(value)
        fits = self._engine.fits(contents, self._lowering.components)
        found = explain(errors, location, name, self._lowering.origin, self._lowering.document, [schema], fits)
        return tuple(islice(found, most))

    def kinds(self, schema: Schema, value: JSON) -> Kinds | None:
        """The kinds of what is wrong with a value, in much less time; None where `problems` alone can say it."""
        return () if self._accepts(schema)(value) else kinds(self._engine.acceptance, self.lowered(schema), value)

    def lowered(self, schema: Schema) -> JSON:
        """The schema as it is judged; `resolve` gives what it refers to."""
        with self._lock:
            if schema.pointer not in self._lowered:
                self._lowered[schema.pointer] = self._lowering.schema(schema)
            return self._lowered[schema.pointer]

    def resolve(self, lowered: JSON) -> JSON:
        return self._lowering.resolve(lowered)

    def _accepts(self, schema: Schema) -> Callable[[JSON], bool]:
        return self._checks.get(schema.pointer) or self._compile(schema)

    def _compile(self, schema: Schema) -> Callable[[JSON], bool]:
        lowered = self.lowered(schema)
        with self._lock:
            check = self._checks[schema.pointer] = self._engine.acceptance.check(lowered)
            return check


def _is_text(parameter: Parameter) -> bool:
    """Whether the parameter is text on the wire, and not JSON, in which 5 and "5" differ."""
    return parameter.media_type is None or not media_types.is_json(parameter.media_type)


def _described(schema: JSON) -> dict[str, JSON]:
    """A media type; SchemaPath fails at a boolean schema, and drops what stands beside a reference at the top."""
    return {"schema": {"allOf": [schema]}}


@dataclass(slots=True)
class _Value:
    """A value on its way through openapi-core, which would take {}, 0 and null for absent."""

    value: JSON


class _Request:
    """A call in the shape that openapi-core asks for (openapi_core.protocols.Request)."""

    host_url = ""

    def __init__(self, operation: Operation, arguments: Arguments) -> None:
        self.path = _PATH
        self.method = _METHOD
        by_location: dict[str, dict[str, _Value]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for (location, name), value in arguments.parameters.items():
            by_location[location][name] = _Value(value)
        self.parameters = _hooks().parameters(**by_location)
        self.body = None if arguments.body is UNSET else _Value(arguments.body)
        self.content_type = _content_key(operation, arguments.media_type) if arguments.media_type else ""


def _content_key(operation: Operation, media_type: MediaType) -> str:
    """A name for a declared media type that openapi-core finds whatever parameters or wildcards it has."""
    content = operation.body.content if operation.body else ()
    return f"body/{[declared.pointer for declared in content].index(media_type.pointer)}"


def _make_validator(contents: Mapping[str, JSON], engine: _Engine) -> V31RequestValidator:
    from jsonschema_path import SchemaPath

    # No handler, so that nothing is ever fetched; there are no outside references left in a lowered schema.
    spec = SchemaPath.from_dict(dict(contents), handlers=dict.fromkeys(("", "file", "http", "https"), _refuse))
    hooks = _hooks()
    validator: V31RequestValidator = hooks.request_validator(
        spec,
        path_finder_cls=hooks.path_finder,
        media_type_deserializers_factory=hooks.deserializers,
        schema_validators_factory=hooks.schema_validators(engine),
    )
    return validator


def _refuse(uri: str) -> JSON:
    raise ValueError(f"a reference to {uri} is not followed")


@dataclass(frozen=True, slots=True)
class _Hooks:
    """What is put in the place of openapi-core's own parts."""

    parameters: Any
    request_validator: Any
    path_finder: Any
    deserializers: Any
    schema_validators: Any


@cache
@collector_paused()
def _hooks() -> _Hooks:
    """Made when first needed: they derive from classes of libraries that take 0.3 s to import."""
    from openapi_core.datatypes import Parameters, RequestParameters
    from openapi_core.templating.datatypes import TemplateResult
    from openapi_core.templating.paths.datatypes import PathOperationServer
    from openapi_core.validation.request.validators import V31RequestValidator
    from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
    from openapi_core.validation.schemas.validators import SchemaValidator

    class OnlyOperation:
        """Finds the one operation that the document holds, whatever the URL."""

        def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
            path = spec / "paths" / next(iter((spec / "paths").str_keys()))
            operation = path / next(iter(path.str_keys()))
            self._found = PathOperationServer(path, operation, None, TemplateResult("", {}), None)

        def find(self, method: str, name: str) -> PathOperationServer:
            return self._found

    class Unwrap:
        """Deserializes nothing: the value is the caller's own."""

        def create(self, *_: object, **__: object) -> Unwrap:
            return self

        def deserialize(self, value: _Value) -> JSON:
            return value.value

    class QuickValidator(SchemaValidator):
        """openapi-core's, which first asks the check that can only say yes; errors are always jsonschema's."""

        def __init__(self, schema: SchemaPath, validator: Any, accepts: Callable[[JSON], bool]) -> None:
            super().__init__(schema, validator)
            self.accepts = accepts

        def fits(self, value: JSON) -> bool:
            return self.accepts(value) or bool(self.validator.is_valid(value))

        def reading(self, value: JSON, types: Types, check: Check) -> JSON:
            """Of what a value may mean by its texts that which fits, else what it most likely means."""
            meant = readings(value, types, check)
            fitting = (each for fits in (self.accepts, self.fits) for each in meant if fits(each))  # the slow one last
            return next(fitting, meant[0])

        def validate(self, value: JSON) -> None:
            if not self.accepts(value):
                super().validate(value)

    class KeptValidators(SchemaValidatorsFactory):
        """Makes the validator of each schema once."""

        def __init__(self, engine: _Engine) -> None:
            super().__init__(engine.validator_class, engine.checker)
            self.engine = engine
            self._kept: dict[tuple[object, ...], QuickValidator] = {}

        def create(self, spec: SchemaPath, schema: SchemaPath, **_: object) -> QuickValidator:  # type: ignore[override]
            kept = self._kept.get(schema.parts)
            if kept is None:
                with schema.resolve() as resolved:
                    validator = self.engine.validator_class(
                        resolved.contents, _resolver=resolved.resolver, format_checker=self.engine.checker
                    )
                accepts = self.engine.acceptance.check(resolved.contents)
                kept = self._kept[schema.parts] = QuickValidator(schema, validator, accepts)
            return kept

    class CompiledOperation(V31RequestValidator):
        """
        openapi-core's validator, for which the operation is read once and not in every call.

        What fits passes at once. Whatever does not goes openapi-core's whole way, which tells what is wrong.
        """

        def __init__(self, spec: SchemaPath, **hooks: Any) -> None:
            super().__init__(spec, **hooks)
            operation = self.path_finder.find("", "").operation
            described: Any = operation.read_value()
            body = described.get("requestBody", {})
            engine: _Engine = hooks["schema_validators_factory"].engine
            self._check = engine.acceptance.check
            self._asked = [
                (
                    parameter["in"],
                    parameter["name"],
                    parameter.get("required", False),
                    self._validator(operation / "parameters" / position / "content" / kind),
                    Types(parameter["content"][kind]["schema"], engine.resolve) if kind == _TEXT else None,
                )
                for position, parameter in enumerate(described.get("parameters", ()))
                for kind in parameter["content"]
            ]
            self._body_required = body.get("required", False)
            self._bodies = {
                name: self._validator(operation / "requestBody" / "content" / name) for name in body.get("content", ())
            }

        def _validator(self, media_type: SchemaPath) -> Any:
            return self.schema_validators_factory.create(self.spec, media_type / "schema")

        def _get_security(self, parameters: RequestParameters, operation: SchemaPath) -> dict[str, str]:
            return {}  # of credentials `security` decides

        def _get_parameters(self, parameters: RequestParameters, operation: SchemaPath, path: SchemaPath) -> Parameters:
            wrong = False
            for location, name, required, validator, types in self._asked:
                given: _Value | None = parameters[location].get(name)
                if given is None:
                    wrong = wrong or required
                elif not (validator.accepts(given.value) and (types is None or is_uniform(given.value))):
                    if types is not None:
                        given.value = validator.reading(given.value, types, self._check)
                    wrong = wrong or not validator.fits(given.value)
            return super()._get_parameters(parameters, operation, path) if wrong else Parameters()

        def _get_body(self, body: Any, mimetype: str, operation: SchemaPath) -> JSON:
            wrong = self._body_required if body is None else not self._bodies[mimetype].fits(body.value)
            return super()._get_body(body, mimetype, operation) if wrong else None

    return _Hooks(RequestParameters, CompiledOperation, OnlyOperation, Unwrap(), KeptValidators)
