"""
What stands in place of openapi-core's own parts. The only module that knows openapi-core.

It is imported when the first request is validated, because openapi-core takes 0.3 s to import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_path import SchemaPath
from openapi_core.datatypes import Parameters, RequestParameters
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.validation.request.exceptions import (
    MissingParameterError,
    MissingRequestBodyError,
    ParameterValidationError,
    RequestBodyValidationError,
)
from openapi_core.validation.request.validators import V31RequestValidator
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator

from dynclient.types import JSON
from dynclient.validation.engine import Engine
from dynclient.wire import Check, Types, is_uniform, readings

__all__ = [
    "InvalidSchemaValue",
    "MissingParameterError",
    "MissingRequestBodyError",
    "ParameterValidationError",
    "RequestBodyValidationError",
    "RequestParameters",
    "V31RequestValidator",
    "Value",
    "make_validator",
]

TEXT = "text/plain"
"""How a parameter is described to openapi-core that is text on the wire."""


@dataclass(slots=True)
class Value:
    """A value on its way through openapi-core, which would take {}, 0 and null for absent."""

    value: JSON


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

    def deserialize(self, value: Value) -> JSON:
        return value.value


class QuickValidator(SchemaValidator):
    """openapi-core's validator behind a quick check that can only say yes; errors are always jsonschema's."""

    def __init__(self, schema: SchemaPath, validator: Any, accepts: Callable[[JSON], bool]) -> None:
        super().__init__(schema, validator)
        self.accepts = accepts

    def fits(self, value: JSON) -> bool:
        return self.accepts(value) or bool(self.validator.is_valid(value))

    def reading(self, value: JSON, types: Types, check: Check) -> JSON:
        """Return the meaning of a value's texts that is valid, else the most likely meaning."""
        meant = readings(value, types, check)
        fitting = (each for fits in (self.accepts, self.fits) for each in meant if fits(each))  # the slow check last
        return next(fitting, meant[0])

    def validate(self, value: JSON) -> None:
        if not self.accepts(value):
            super().validate(value)


class KeptValidators(SchemaValidatorsFactory):
    """Makes the validator of each schema once."""

    def __init__(self, engine: Engine) -> None:
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
    openapi-core's validator, with the operation read once instead of in every call.

    A valid value passes at once. Anything else goes through openapi-core's own code, which says what is wrong.
    """

    def __init__(self, spec: SchemaPath, **hooks: Any) -> None:
        super().__init__(spec, **hooks)
        operation = self.path_finder.find("", "").operation
        described: Any = operation.read_value()
        body = described.get("requestBody", {})
        engine: Engine = hooks["schema_validators_factory"].engine
        self._check = engine.acceptance.check
        self._asked = [
            (
                parameter["in"],
                parameter["name"],
                parameter.get("required", False),
                self._validator(operation / "parameters" / position / "content" / kind),
                Types(parameter["content"][kind]["schema"], engine.resolve) if kind == TEXT else None,
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
        return {}  # credentials are not openapi-core's concern

    def _get_parameters(self, parameters: RequestParameters, operation: SchemaPath, path: SchemaPath) -> Parameters:
        wrong = False
        for location, name, required, validator, types in self._asked:
            given: Value | None = parameters[location].get(name)
            if given is None:
                wrong = wrong or required
            elif not (
                validator.accepts(given.value)
                and (types is None or isinstance(given.value, str) or is_uniform(given.value))
            ):
                if types is not None:
                    given.value = validator.reading(given.value, types, self._check)
                wrong = wrong or not validator.fits(given.value)
        return super()._get_parameters(parameters, operation, path) if wrong else Parameters()

    def _get_body(self, body: Any, mimetype: str, operation: SchemaPath) -> JSON:
        if body is None:
            wrong = self._body_required
        else:
            validator = self._bodies[mimetype]
            wrong = not (validator.accepts(body.value) or validator.fits(body.value))
        return super()._get_body(body, mimetype, operation) if wrong else None


def make_validator(contents: Mapping[str, JSON], engine: Engine) -> V31RequestValidator:
    """Return the validator for a document with one operation."""
    # No handler, so that nothing is ever fetched; a lowered schema has no references to other documents.
    spec = SchemaPath.from_dict(dict(contents), handlers=dict.fromkeys(("", "file", "http", "https"), _refuse))
    return CompiledOperation(
        spec,
        path_finder_cls=OnlyOperation,
        media_type_deserializers_factory=Unwrap(),
        schema_validators_factory=KeptValidators(engine),
    )


def _refuse(uri: str) -> JSON:
    raise ValueError(f"a reference to {uri} is not followed")
