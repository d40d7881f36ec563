"""What openapi-spec-validator finds in a document, as places and sentences; calls need none of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError, Problem, either
from dynclient.types import JSON

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MAX_FINDINGS = 1000
"""How many findings are listed; a document with more is of another kind."""

_LONGEST = 60  # characters of a text, a pattern or a list that a sentence repeats
_NAMES_OF_SHAPES = {"in": 2, "type": 1, "scheme": 1}  # what tells one kind of parameter or security scheme from others
_OF_SCHEMA = " is not of type 'object', 'boolean'"  # what it says of a schema that is neither, behind all of it
_UNEXPECTED = re.compile(r"\((.*) (?:was|were) unexpected\)", re.DOTALL)
_UNRESOLVED = re.compile(r"Path parameter '(.*)' for '(.*)' operation in '(.*)' was not resolved", re.DOTALL)


def strict_findings(document: Document) -> tuple[Problem, ...]:
    """
    What openapi-spec-validator says of a document, in the order of its lines; nothing is fetched for it.

    It validates a copy, for it keeps and may change what it is given. Slow: 12 s for a document of 3 MB. Where it fails
    at a part of the document, that is a finding of the rule "gave-up", and the rest is validated.
    """
    found = [_problem(document, *each) for each in islice(_errors(document), MAX_FINDINGS)]
    lines = document.lines({problem.schema_pointer for problem in found})
    once: dict[tuple[str, str], Problem] = {}
    for problem in found:  # two schemas of the specification, or the validator itself, may find the same
        kind = problem.rule if problem.rule in ("enum", "type") else problem.message
        once.setdefault((problem.schema_pointer, kind), problem)
    placed = (replace(problem, line=lines.get(problem.schema_pointer)) for problem in once.values())
    return tuple(sorted(placed, key=lambda problem: problem.line or 0))


class _GaveUp(Exception):
    """The validator failed at a part of the document."""

    def __init__(self, reason: Exception, place: Sequence[Any] = ()) -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place


def _errors(document: Document) -> Iterator[tuple[Sequence[Any], ValidationError | _GaveUp]]:
    """The validator's errors, and what it failed with, each with the keys that lead to its place."""
    from jsonschema_path import SchemaPath

    try:
        contents = json.loads(json.dumps(document.contents, default=dict))
        path = SchemaPath.from_dict(contents, handlers=dict.fromkeys(("", "file", "http", "https"), _refuse))
        validator = _validator(document)(path)
        # Not its iter_errors(), which keeps the validator and the copy for ever.
        errors = list(validator.schema_validator.iter_errors(contents))
        yield from (((), error) for error in errors if not _is_consequence(error, errors))
        for error in validator.root_validator(path):
            yield getattr(error, "place", ()), error
    except Exception as error:  # it fails in many ways at deep schemas and the like
        yield (), _GaveUp(error)


def _validator(document: Document) -> Any:
    """The class for the version of the document, whose errors have a `place`."""
    import openapi_spec_validator as strict

    by_version = {
        "2.0": strict.OpenAPIV2SpecValidator,
        "3.0": strict.OpenAPIV30SpecValidator,
        "3.1": strict.OpenAPIV31SpecValidator,
        "3.2": strict.OpenAPIV32SpecValidator,
    }
    found = next(validator for version, validator in by_version.items() if document.version.startswith(version))
    members = {name: _located(each) for name, each in found.keyword_validators.items()}
    return type(found.__name__, (found,), {"keyword_validators": members})


def _located(validator: Any) -> Any:
    """
    A validator of one kind of object, such as an operation, that says where its errors are.

    What openapi-spec-validator finds beyond its JSON Schema has no path, or one inside a schema.
    """
    from jsonschema_path import SchemaPath

    class Located(validator):  # type: ignore[misc]
        def __call__(self, *arguments: Any, **options: Any) -> Iterator[Exception]:
            place = next(each for each in arguments if isinstance(each, SchemaPath)).parts
            if validator.__name__.endswith("ValueValidator"):
                place = (*place, "default")
            try:
                for error in super().__call__(*arguments, **options):
                    if not hasattr(error, "place"):
                        error.place = place
                    yield error
            except RecursionError:
                raise
            except Exception as error:  # such as a reference to nothing, at which it stops
                yield _GaveUp(error, place)

    return Located


def _refuse(uri: str) -> JSON:
    raise ValueError(f"a reference to {uri} is not followed")


def _is_consequence(error: ValidationError, errors: Iterable[ValidationError]) -> bool:
    """Whether keys are called unevaluated only because of what is wrong with their values."""
    path = list(error.absolute_path)
    return error.validator == "unevaluatedProperties" and any(
        (inside := list(other.absolute_path))[: len(path)] == path
        and len(inside) > len(path)
        and repr(inside[len(path)]) in error.message
        for other in errors
    )


def _problem(document: Document, place: Sequence[Any], error: ValidationError | _GaveUp) -> Problem:
    inside: Iterable[Any] = ()
    if isinstance(error, _GaveUp):
        rule, message = _failure(error.reason)
    elif isinstance(error.validator, str):
        error = _innermost(error)
        (rule, message), inside = _explained(error), error.absolute_path
    else:
        rule, message = _own_sentence(error, document)
    return Problem("document", "", message, rule, schema_pointer=_pointer(document, place, inside))


def _failure(reason: Exception) -> tuple[str, str]:
    """The rule and the sentence for what the validator failed with."""
    from referencing.exceptions import Unresolvable

    if isinstance(reason, Unresolvable):
        return "reference-missing", f"the reference {reason.ref!r:.200} cannot be followed; the rest is not validated"
    return "gave-up", f"the strict validator failed here ({type(reason).__name__}: {reason!s:.80})"


def _pointer(document: Document, place: Sequence[Any], inside: Iterable[Any] = ()) -> str:
    """Where the document has what these keys lead to through its references, and what is inside of that."""
    pointer = "/".join(["#", *(escape_token(str(key)) for key in place)])
    try:
        node, where = document.follow(pointer, "#")
        pointer = document.resolve(node, where)[1] if place else pointer
    except DocumentError:  # one of the references leads nowhere
        pass
    return "/".join([pointer, *(escape_token(str(key)) for key in inside)])


def _innermost(error: ValidationError) -> ValidationError:
    """Of what has none of several shapes, what is wrong by the shape that was meant, where that can be told."""
    from jsonschema.exceptions import relevance

    while error.context:
        shapes = _shapes(error)
        nearest = min(map(_distance, shapes))
        meant = [errors for errors in shapes if _distance(errors) == nearest]
        first, *others = sorted((inner for errors in meant for inner in errors), key=relevance)
        if len(meant) > 1 and others and relevance(others[0]) == relevance(first):
            break
        error = first
    return error


def _shapes(error: ValidationError) -> list[list[ValidationError]]:
    """What is wrong by each of the shapes that a value may have."""
    shapes: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        shapes.setdefault(inner.schema_path[0], []).append(inner)
    return list(shapes.values())


def _distance(errors: Iterable[ValidationError]) -> int:
    """How far a value is from a shape: 4 for one of another type, 3 for no reference, less for another name in it."""
    return max(map(_step, errors), default=0)


def _step(error: ValidationError) -> int:
    if error.validator == "type" and not error.path:
        return 4
    if error.validator == "required" and error.message.startswith("'$ref' "):
        return 3
    if error.context and not error.path:
        return min(map(_distance, _shapes(error)))
    is_name = error.validator in ("enum", "const") and len(error.path) == 1
    return _NAMES_OF_SHAPES.get(str(error.path[0]), 0) if is_name else 0


def _explained(error: ValidationError) -> tuple[str, str]:
    """The rule that was broken, and what is wrong in a sentence."""
    value: JSON = error.instance
    if not error.context:
        return str(error.validator), _sentence(error)
    broken = {inner.validator for inner in error.context}
    wanted = [each for inner in error.context for each in _listed(inner)]
    if broken == {"type"}:
        return "type", _not_of_type(value, wanted)
    if "enum" in broken and not isinstance(value, (Mapping, list)):
        return "enum", _not_permitted(value, wanted)
    return str(error.validator), f"{_shown(value)} has none of the permitted shapes"


def _sentence(error: ValidationError) -> str:
    """What is wrong, by the keyword of the OpenAPI specification's JSON Schema that was broken."""
    value: JSON = error.instance
    wanted: JSON = error.validator_value
    match error.validator:
        case "required":
            return f"the key {error.message.removesuffix(' is a required property')} is missing"
        case "type":
            return _not_of_type(value, _listed(error))
        case "enum":
            return _not_permitted(value, wanted)
        case "const":
            return _not_permitted(value, [wanted])
        case "pattern":
            return f"{_shown(value)} does not match {wanted!r:.{_LONGEST}}"
        case "format":
            return f"{_shown(value)} is not of the format {wanted!r}"
        case "additionalProperties" | "unevaluatedProperties":
            return f"these keys are not permitted here: {_unexpected(error):.200}"
        case "not":
            return f"{_shown(value)} is not permitted here"
        case "uniqueItems":
            return "an item stands in the array more than once"
        case keyword if isinstance(wanted, (bool, int, float, str)):
            return f"{_shown(value)} breaks the rule {keyword}: {_shown(wanted)}"
        case keyword:
            return f"{_shown(value)} breaks the rule {keyword}"


def _own_sentence(error: ValidationError, document: Document) -> tuple[str, str]:
    """The rule and the sentence for what openapi-spec-validator finds itself; some of its messages hold a schema."""
    kind, message = type(error).__name__, error.message
    if message.endswith(_OF_SCHEMA):
        value: JSON = [] if message.startswith("[") else message.removesuffix(_OF_SCHEMA)
        return "type", _not_of_type(value, ["object"] if document.is_30 else ["object", "boolean"])
    if kind == "ExtraParametersError":
        return "required-undeclared", f"`required` names what is not declared: {message.partition(': ')[2].strip('[]')}"
    if found := _UNRESOLVED.fullmatch(message):
        name, method, path = found.groups()
        if f"{{{name}}}" in path:
            return "parameter-undeclared", f"{method.upper()} {path} does not describe its parameter {name!r}"
        return "parameter-without-place", f"{path} has no place for the path parameter {name!r}"
    if kind == "DuplicateOperationIDError":
        name = message.removeprefix("Operation ID ").rpartition(" for ")[0]
        return "operation-id-repeated", f"another operation has the operationId {name}, too"
    if kind == "ParameterDuplicateError":
        return "parameter-repeated", f"the parameter {message.removeprefix('Duplicate parameter ')} is declared twice"
    return "openapi", f"{message:.200}"


def _unexpected(error: ValidationError) -> str:
    """The keys that an object must not have; jsonschema words it in two ways."""
    found = _UNEXPECTED.search(error.message)
    return found[1] if found else error.message.partition(" do")[0]


def _listed(error: ValidationError) -> list[JSON]:
    """The values or types that a keyword permits."""
    wanted = error.validator_value if error.validator in ("enum", "type") else []
    return wanted if isinstance(wanted, list) else [wanted]


def _not_of_type(value: JSON, types: Iterable[str]) -> str:
    return f"{_shown(value)} is not of type {either(list(dict.fromkeys(types)))}"


def _not_permitted(value: JSON, permitted: Sequence[JSON]) -> str:
    return f"{_shown(value)} is not permitted here; permitted: {', '.join(dict.fromkeys(map(_shown, permitted))):.200}"


def _shown(value: JSON) -> str:
    """A value in a sentence: one that holds others by its kind alone, for it may be a whole schema."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 3]}...")
    return json.dumps(value, default=repr)
