"""The validation of values that are not part of a request, such as the content of an answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from dynclient.documents import Document
from dynclient.errors import Problem
from dynclient.openapi import Schema
from dynclient.schemas import AcceptCheck, Direction, Formats, Kinds, Lowering, kinds, table_of
from dynclient.support import renewed
from dynclient.types import JSON
from dynclient.validation.engine import Engine
from dynclient.validation.explanation import explain

MOST_PROBLEMS = 100
"""How many problems of one value are listed; each item of a long array may have its own."""


class SchemaValidator:
    """Validates values by the schemas of a document; each schema is compiled when it is first used."""

    def __init__(self, document: Document, direction: Direction, formats: Formats | None = None) -> None:
        self._lowering = Lowering(document, direction)
        self._engine = Engine(AcceptCheck(self._lowering.components, table_of(dict(formats or {}))))
        self._lowered: dict[str, JSON] = {}
        self._checks: dict[str, Callable[[JSON], bool]] = {}
        self._lock = renewed(self, "_lock")

    def problems(
        self, schema: Schema, value: JSON, location: str, name: str = "", most: int | None = MOST_PROBLEMS
    ) -> tuple[Problem, ...]:
        """Return up to `most` problems of a value; `location` and `name` are those of the problems."""
        accepts = self._checks.get(schema.pointer) or self._compile(schema)
        if accepts(value):
            return ()
        lowered = self.lowered(schema)
        contents = {"allOf": [lowered], "components": {"schemas": self._lowering.reachable(lowered)}}
        errors = self._engine.validator_class(contents, format_checker=self._engine.checker).iter_errors(value)
        fits = self._engine.fits(contents, self._lowering.components)
        found = explain(errors, location, name, self._lowering.origin, self._lowering.document, [schema], fits)
        return tuple(islice(found, most))

    def kinds(self, schema: Schema, value: JSON) -> Kinds | None:
        """Return the kinds of what is wrong with a value, much faster; None if only `problems` can say it."""
        try:
            accepts = self._checks.get(schema.pointer) or self._compile(schema)
            return () if accepts(value) else kinds(self._engine.acceptance, self.lowered(schema), value)
        except Exception:  # an odd schema; `problems` fails, too, and its caller says so
            return None

    def lowered(self, schema: Schema) -> JSON:
        """Return the schema as it is validated with; `resolve` returns what it refers to."""
        with self._lock:
            if schema.pointer not in self._lowered:
                self._lowered[schema.pointer] = self._lowering.schema(schema)
            return self._lowered[schema.pointer]

    def resolve(self, lowered: JSON) -> JSON:
        return self._lowering.resolve(lowered)

    def _compile(self, schema: Schema) -> Callable[[JSON], bool]:
        lowered = self.lowered(schema)
        with self._lock:
            check = self._checks[schema.pointer] = self._engine.acceptance.check(lowered)
            return check
