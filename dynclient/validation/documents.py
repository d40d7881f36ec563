"""Everything that is wrong with a document, found by reading all of it. Calls read only what they need."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from dynclient.documents import Document, escape_token, noting
from dynclient.errors import DocumentError, Problem
from dynclient.http import media_types
from dynclient.openapi import Directory, MediaType, Operation, Schema, mapping, read_security_schemes, read_servers
from dynclient.rules import RULES
from dynclient.schemas import FORMATS, AcceptCheck, Lowering, format_checker, validator_class
from dynclient.types import JSON
from dynclient.validation.explanation import explain
from dynclient.validation.structure import note_structure

_TEMPLATE_NAME = re.compile(r"\{[^{}]+\}")
_SCHEME_TYPES = frozenset({"apiKey", "basic", "http", "mutualTLS", "oauth2", "openIdConnect"})


def inspect_document(document: Document) -> tuple[Problem, ...]:
    """
    Return every problem of a document, each with the operations that need the place it was found in.

    It reads every operation and lowers every schema, as calls of all operations would.
    """
    _note_schemes(document)
    read_servers(document)
    lowerings = _Lowerings(document)
    reached: dict[str, list[str]] = {}
    same_paths = _same_paths(document)
    directory = Directory(document)
    order = {key: position for position, key in enumerate(directory)}
    for key in directory:
        with noting(key):
            operation = directory[key]
            if operation.path in same_paths:
                where = f"{document.section('paths')[1]}/{escape_token(operation.path)}"
                message = f"only the names of parameters differ from {same_paths[operation.path]}"
                document.note("path-template-repeated", where, message)
            try:
                for place in lowerings.places(operation):
                    reached.setdefault(place, []).append(key)
                lowerings.note_examples(operation)
            except RecursionError:
                document.note(
                    "schema-deep", operation.pointer, "a schema that the operation needs is nested too deeply"
                )
    lowerings.lower_others(reached)
    note_structure(document)
    for problem in document.problems:
        touched = {key for place in _around(problem.schema_pointer) for key in reached.get(place, ())}
        if touched:
            names = dict.fromkeys([*problem.operations, *touched])
            document.touches(problem, sorted(names, key=lambda name: order.get(name, -1)))
    return tuple(document.problems)


def check_document(document: Document) -> None:
    """
    Refuse a document that has any fault; conventions are permitted.

    Raises:
        DocumentError: it has faults; `problems` lists all of them.
    """
    problems = [problem for problem in inspect_document(document) if RULES[problem.rule].is_fault]
    if problems:
        count = f"{len(problems)} problems" if len(problems) > 1 else "a problem"
        raise DocumentError(f"has {count}, and strict=True refuses it", document.name, "", problems)


class _Lowerings:
    """The schemas of a document, lowered as calls and answers need them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._request = Lowering(document, "request")
        self._form = Lowering(document, "request", form=True)
        self._response = Lowering(document, "response")
        self._response_form = Lowering(document, "response", form=True)
        self._read: set[tuple[int, str]] = set()

    def places(self, operation: Operation) -> Iterator[str]:
        """The pointers of an operation and of the components that it needs: schemas, and security schemes."""
        yield operation.pointer
        needed = {
            lowering.origin(component)
            for lowering, schema in self._schemas(operation)
            for component in lowering.reachable([lowering.schema(schema)]).values()
        }
        yield from filter(None, needed)
        for name in {name for alternative in operation.security or () for name in alternative}:
            yield f"{_schemes_pointer(self._document)}/{escape_token(name)}"

    def note_examples(self, operation: Operation) -> None:
        """Note the examples of an operation that do not fit their schemas; examples that aren't JSON are skipped."""
        for parameter in operation.parameters:
            self._note_examples(self._request, parameter.pointer, parameter.schema, is_text=True)
        for media_type in operation.body.content if operation.body else ():
            if not _is_written(media_type):
                self._note_examples(self._request, media_type.pointer, media_type.schema)
        for response in operation.responses:
            for media_type in response.content:
                if not _is_written(media_type):
                    self._note_examples(self._response, media_type.pointer, media_type.schema)

    def _note_examples(self, lowering: Lowering, pointer: str, schema: Schema | None, *, is_text: bool = False) -> None:
        """With `is_text`, a text may also mean the JSON that it spells, as in a parameter."""
        for value, where in _examples(self._document, pointer, schema):
            if schema is None or (id(lowering), where) in self._read:
                continue
            self._read.add((id(lowering), where))
            reason = _misfit(lowering, schema, value)
            if reason and is_text and isinstance(value, str):
                with suppress(ValueError):
                    reason = _misfit(lowering, schema, json.loads(value)) and reason
            if reason:
                self._document.note("example-unfit", where, f"the example does not fit its schema: {reason}")

    def lower_others(self, reached: Mapping[str, object]) -> None:
        """The component schemas that no operation needs."""
        keys = ("definitions",) if self._document.is_20 else ("components", "schemas")
        schemas, section = self._document.section(*keys)
        for name, contents in schemas.items():
            pointer = f"{section}/{escape_token(name)}"
            if pointer not in reached:
                try:
                    self._form.schema(Schema(contents, pointer))
                except RecursionError:
                    self._document.note("schema-deep", pointer, "the schema is nested too deeply")

    def _schemas(self, operation: Operation) -> Iterator[tuple[Lowering, Schema | None]]:
        for parameter in operation.parameters:
            yield self._request, parameter.schema
        for media_type in operation.body.content if operation.body else ():
            yield self._form if _is_written(media_type) else self._request, media_type.schema
        for response in operation.responses:
            for media_type in response.content:
                yield self._response_form if _is_written(media_type) else self._response, media_type.schema
                yield self._response, media_type.item_schema
            for header in response.headers:
                yield self._response, header.schema


def _is_written(media_type: MediaType) -> bool:
    """Whether its values aren't JSON, so that the schema of a file has a meaning."""
    return not media_types.is_json(media_type.name)


def _examples(document: Document, pointer: str, schema: Schema | None) -> Iterator[tuple[JSON, str]]:
    """The examples of a parameter or media type and of its schema, each with its pointer."""
    places = [(document.at(pointer), pointer), *([(schema.contents, schema.pointer)] if schema else [])]
    for node, at in places:
        with suppress(DocumentError):
            node, at = document.resolve(node, at)
        published = mapping(node)
        if "example" in published:
            yield published["example"], f"{at}/example"
        several = published.get("examples")
        for position, value in enumerate(several if isinstance(several, list) else ()):
            yield value, f"{at}/examples/{position}"
        for name, entry in mapping(several).items():
            with suppress(DocumentError):
                entry, where = document.resolve(entry, f"{at}/examples/{escape_token(str(name))}")
                if "value" in mapping(entry):
                    yield entry["value"], f"{where}/value"


def _misfit(lowering: Lowering, schema: Schema, value: JSON) -> str:
    """Why a value does not fit a schema, or ""."""
    lowered = lowering.schema(schema)
    if AcceptCheck(lowering.components).check(lowered)(value):
        return ""
    contents = {"allOf": [lowered], "components": {"schemas": lowering.reachable(lowered)}}
    validator = validator_class()(contents, format_checker=format_checker(FORMATS))
    problem = next(explain(validator.iter_errors(value), "example", "", lowering.origin, lowering.document), None)
    return f"{problem.name}: {problem.message}".removeprefix(": ") if problem else ""


def _note_schemes(document: Document) -> None:
    for name, scheme in read_security_schemes(document).items():
        missing = ""
        if scheme.type not in _SCHEME_TYPES:
            missing = f"{scheme.type!r} is not a type of security scheme"
        elif scheme.type == "apiKey" and not (scheme.parameter and scheme.location in ("query", "header", "cookie")):
            missing = "it does not say where its key goes"
        elif scheme.type == "http" and not scheme.scheme:
            missing = "it does not say how it authenticates"
        if missing:
            where = f"{_schemes_pointer(document)}/{escape_token(name)}"
            document.note("security-scheme-incomplete", where, missing)


def _schemes_pointer(document: Document) -> str:
    keys = ("securityDefinitions",) if document.is_20 else ("components", "securitySchemes")
    return document.section(*keys)[1]


def _same_paths(document: Document) -> dict[str, str]:
    """The paths that differ from an earlier one only in the names of their parameters, each with that one."""
    first: dict[str, str] = {}
    same: dict[str, str] = {}
    for path in document.section("paths")[0]:
        known = first.setdefault(_TEMPLATE_NAME.sub("{}", str(path)), str(path))
        if known != path:
            same[str(path)] = known
    return same


def _around(pointer: str) -> Iterator[str]:
    """A pointer, and the pointers to everything that contains its place."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
