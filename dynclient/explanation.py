"""
From the errors of a JSON Schema validator to problems worth reading.

A union says no more than "not valid under any of the given schemas"; here it is followed to the branch that the value
comes nearest to, and down to the leaf that is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dynclient.errors import Problem
from dynclient.names import dotted, near
from dynclient.pointers import escape_step
from dynclient.types import JSON, UNSET, Unset

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MISSING_REFERENCE = "reference-missing"

_SHOWN = 60
_UNIONS = ("anyOf", "oneOf")
_VALUES = ("const", "enum")


def explain(
    errors: Iterable[ValidationError], location: str, name: str, origin: Callable[[JSON, str], str]
) -> Iterator[Problem]:
    """
    Each thing that is wrong with one value, at the leaf.

    `location` and `name` say what the value is (`name` is "" for a body); `origin` gives the pointer in the document
    of a keyword in the schema that an error comes from.
    """
    for error in errors:
        for leaf in _leaves(error):
            for path, message, value in _describe(leaf):
                place = dotted(path)
                yield Problem(
                    location=location,
                    name=f"{name}.{place}" if name and place and not place.startswith("[") else name + place,
                    message=message,
                    rule=MISSING_REFERENCE if _comment(leaf) else str(leaf.validator),
                    value=value,
                    pointer="".join(f"/{escape_step(str(step))}" for step in path),
                    schema_pointer=origin(leaf.schema, str(leaf.validator)),
                )


def show(value: JSON) -> str:
    """A value as JSON, shortened; what is no JSON by its type."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return f"a {type(value).__name__}"
    text = repr(value) if isinstance(value, str) else text
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 10]}...{text[-6:]}"


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    if error.validator not in _UNIONS or not error.context:
        yield error
        return
    branches: dict[str | int, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(_wrong_types(inner) for inner in errors)]
    if not fitting or _tag_path(fitting) is not None:
        yield error
        return
    for inner in min(fitting, key=_distance):
        yield from _leaves(inner)


def _distance(errors: Sequence[ValidationError]) -> tuple[int, int]:
    """How far a value is from a branch: a wrong constant weighs more than any number of other faults."""
    leaves = [leaf for error in errors for leaf in _leaves(error)]
    return sum(leaf.validator in _VALUES and len(leaf.path) <= 1 for leaf in leaves), len(leaves)


def _wrong_types(error: ValidationError) -> set[str]:
    """The types that are asked for, where the value as a whole is of none of them."""
    if error.relative_path:
        return set()
    if error.validator == "type":
        return set(_listed(error.validator_value))
    if error.validator in _UNIONS and error.context:
        found = [_wrong_types(inner) for inner in error.context]
        return set.union(*found) if all(found) else set()
    return set()


def _tag_path(branches: Sequence[Sequence[ValidationError]]) -> tuple[str | int, ...] | None:
    """Where every branch asks for another constant, the place of that constant."""
    paths = [{tuple(error.relative_path) for error in errors if error.validator in _VALUES} for errors in branches]
    common = set.intersection(*paths)
    return min(common, key=len) if len(branches) > 1 and common else None


_Description = tuple[Sequence["str | int"], str, "JSON | Unset"]


def _describe(error: ValidationError) -> Iterator[_Description]:
    """Where, what, and which value: one error may name several fields."""
    path = list(error.absolute_path)
    value = error.instance
    if error.validator in _UNIONS:
        yield from _describe_union(error, path, value)
    elif error.validator == "required":
        yield [*path, _missing_name(error)], "required, but not given", UNSET
    elif error.validator == "additionalProperties" and isinstance(value, Mapping):
        schema: Any = error.schema
        known = schema.get("properties", {})
        for name in _unexpected(error, value, known):
            hints = near(name, known, 1)
            hint = f"Did you mean {hints[0]!r}?" if hints else f"Permitted: {', '.join(known)}." if known else ""
            yield [*path, name], f"unknown field. {hint}".rstrip(), value[name]
    elif _is_of_name(error):
        yield path, f"the name {_message(error)}", value
    else:
        yield path, _message(error), value


def _describe_union(error: ValidationError, path: list[str | int], value: JSON) -> Iterator[_Description]:
    branches: dict[str | int, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [errors for errors in branches.values() if not any(_wrong_types(inner) for inner in errors)]
    tag = _tag_path(fitting) if fitting else None
    if tag is None:
        types = sorted({name for errors in branches.values() for inner in errors for name in _wrong_types(inner)})
        yield (
            path,
            f"{show(value)} is not {_any_of(types)}" if types else f"{show(value)} fits none of the shapes",
            value,
        )
        return
    errors = [next(e for e in branch if e.validator in _VALUES and tuple(e.relative_path) == tag) for branch in fitting]
    permitted = [value for each in errors for value in _permitted(each)]
    yield [*path, *tag], _not_one_of(errors[0].instance, permitted), errors[0].instance


def _is_of_name(error: ValidationError) -> bool:
    """Whether it is a name in an object that is wrong, and no property called "propertyNames"."""
    steps = list(error.absolute_schema_path)
    return any(
        step == "propertyNames" and before != "properties" for before, step in zip([None, *steps], steps, strict=False)
    )


def _permitted(error: ValidationError) -> list[JSON]:
    values: Any = error.validator_value
    return values if error.validator == "enum" else [values]


def _missing_name(error: ValidationError) -> str:
    """The name that `required` misses; jsonschema yields one error for each and puts it first in the message."""
    names: Sequence[str] = error.validator_value  # type: ignore[assignment]
    return next(name for name in names if error.message.startswith(repr(name)))


def _unexpected(error: ValidationError, value: Mapping[str, JSON], known: Mapping[str, JSON]) -> list[str]:
    schema: Any = error.schema
    patterns = schema.get("patternProperties", {})
    return [name for name in value if name not in known and not any(re.search(each, name) for each in patterns)]


def _comment(error: ValidationError) -> str:
    """What `lowering` says of a schema that it could not read."""
    schema: Any = error.schema
    return str(schema.get("$comment", ""))


def _message(error: ValidationError) -> str:
    if _comment(error):
        return _comment(error)
    write = _MESSAGES.get(str(error.validator))
    return write(error.instance, error.validator_value) if write else error.message


def _not_one_of(value: JSON, permitted: Sequence[JSON]) -> str:
    texts = [each for each in permitted if isinstance(each, str)]
    hints = near(value, texts, 1) if isinstance(value, str) else []
    hint = f". Did you mean {hints[0]!r}?" if hints else ""
    listed = ", ".join(show(each) for each in permitted[:12]) + (", ..." if len(permitted) > 12 else "")
    return (
        f"{show(value)} is not {listed}{hint}" if len(permitted) == 1 else f"{show(value)} is not one of {listed}{hint}"
    )


_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}


def _any_of(types: Sequence[str]) -> str:
    return " or ".join(_ARTICLES.get(name, f"a {name}") for name in types)


def _listed(value: JSON) -> list[str]:
    return value if isinstance(value, list) else [value]


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


_MESSAGES: dict[str, Callable[[JSON, JSON], str]] = {
    "contains": lambda value, rule: "none of the items is one that must be among them",
    "const": lambda value, rule: _not_one_of(value, [rule]),
    "enum": _not_one_of,
    "exclusiveMaximum": lambda value, rule: f"{show(value)} is not less than {rule}",
    "exclusiveMinimum": lambda value, rule: f"{show(value)} is not more than {rule}",
    "format": lambda value, rule: f"{show(value)} is no {rule}",
    "maxItems": lambda value, rule: f"{_count(len(value), 'item')}; at most {rule} are permitted",
    "maxLength": lambda value, rule: f"{show(value)} is {_count(len(value), 'character')} long; the maximum is {rule}",
    "maxProperties": lambda value, rule: f"{_count(len(value), 'field')}; at most {rule} are permitted",
    "maximum": lambda value, rule: f"{show(value)} is more than the maximum of {rule}",
    "minItems": lambda value, rule: f"{_count(len(value), 'item')}; at least {rule} must be given",
    "minLength": lambda value, rule: f"{show(value)} is {_count(len(value), 'character')} long; the minimum is {rule}",
    "minProperties": lambda value, rule: f"{_count(len(value), 'field')}; at least {rule} must be given",
    "minimum": lambda value, rule: f"{show(value)} is less than the minimum of {rule}",
    "multipleOf": lambda value, rule: f"{show(value)} is no multiple of {rule}",
    "not": lambda value, rule: f"{show(value)} is what the document rules out here",
    "pattern": lambda value, rule: f"{show(value)} does not match the pattern {rule}",
    "type": lambda value, rule: f"{show(value)} is not {_any_of(_listed(rule))}",
    "uniqueItems": lambda value, rule: "an item is given twice; all must differ",
}
