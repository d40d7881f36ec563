"""
JSON Schema 2020-12 as jsonschema validates it, but in bounded time and with the exact meaning of a few keywords.

Patterns are those of ECMA-262 (`patterns`), multiples are reckoned in decimal, and what doubles with each level of a
schema, or is compared each with each, is not.
"""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from dynclient.support import matches
from dynclient.types import JSON

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import ValidationError

Keyword = Callable[[Any, Any, Any, Any], "Iterator[ValidationError]"]
Accepts = Callable[[str, JSON], bool]

_ROOM = 200  # frames of Python's stack, which validators need for one reference and what it leads to
_FULL_ERRORS = 8
"""How often one value is held to one component in all detail; afterwards only whether it fits is remembered."""


@cache
def validator_class() -> Any:
    """The class of validators; its patterns, multiples, unique items, references and leftover properties are ours."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    keywords: dict[str, Keyword] = {
        "$ref": partial(_ref, _accepts_nothing),
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "unevaluatedProperties": _unevaluated_properties,
        "uniqueItems": _unique_items,
    }
    return extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]


def quick_validator_class(accepts: Accepts) -> Any:
    """The same, whose validators pass over a value that `accepts` says True of, given it and its reference."""
    from jsonschema.validators import extend

    return extend(validator_class(), {"$ref": partial(_ref, accepts)})  # type: ignore[no-untyped-call]


def _accepts_nothing(reference: str, value: JSON) -> bool:
    return False


def format_checker(formats: Mapping[str, Callable[[JSON], bool]]) -> FormatChecker:
    """One that knows the formats of this table and no other."""
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, check in formats.items():
        checker.checks(name)(check)
    return checker


def _error(message: str) -> ValidationError:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message)


def _multiple_of(validator: Any, divisor: JSON, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    if validator.is_type(instance, "number") and not is_multiple(instance, divisor):
        yield _error(f"not a multiple of {divisor}")  # an integer of thousands of digits has no text


def is_multiple(number: JSON, divisor: JSON) -> bool:
    """Whether a number is a multiple as it is written: 19.99 is one of 0.01 in decimal, and not in binary."""
    if isinstance(number, float) and not math.isfinite(number):
        return False
    return _exact(number) % _exact(divisor) == 0


def _exact(number: JSON) -> Fraction:
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def _pattern(validator: Any, pattern: str, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matches(pattern, instance):
        yield _error(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, JSON], instance: JSON, schema: JSON
) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, inside in patterns.items():
        for name, value in instance.items():
            if matches(pattern, name):
                yield from validator.descend(value, inside, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: JSON, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object") or allowed is True:
        return
    described = _described(instance, schema)
    extra = [name for name in instance if name not in described]
    if allowed is not False:
        for name in extra:
            yield from validator.descend(instance[name], allowed, path=name)
    elif extra:
        yield _error(f"Additional properties are not allowed ({_listed(extra)})")


def _unevaluated_properties(validator: Any, allowed: JSON, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    evaluated = _evaluated(validator, instance, schema, set())
    left = [
        name
        for name in instance
        if name not in evaluated and (allowed is False or not _fits(validator, instance[name], allowed))
    ]
    if left:
        yield _error(f"Unevaluated properties are not allowed ({_listed(left)})")


def _unique_items(validator: Any, unique: bool, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    if (
        unique
        and validator.is_type(instance, "array")
        and len({_comparable(item) for item in instance}) < len(instance)
    ):
        yield _error(f"{instance!r:.100} has non-unique elements")


def _comparable(value: JSON) -> object:
    """Something hashable that is equal for equal JSON values: 1 is 1.0, and neither is true."""
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, Mapping):
        return dict, frozenset((name, _comparable(member)) for name, member in value.items())
    if isinstance(value, list):
        return list, tuple(map(_comparable, value))
    return value


@dataclass(slots=True)
class _Known:
    """What is known of one value in one component: how often it was validated, whether it is valid, its first error."""

    times: int = 0
    fits: bool | None = None
    error: dict[str, Any] = field(default_factory=dict)


class _Run(threading.local):
    """
    What is known of values and components while one value is validated.

    Values are known by their ids, because all live while the outermost reference is validated.
    """

    known: dict[tuple[str, int], _Known] | None = None


_run = _Run()


def _ref(accepts: Accepts, validator: Any, reference: str, instance: JSON, schema: JSON) -> Iterator[ValidationError]:
    """
    The errors of a value in a component.

    Where unions lead to one component in thousands of ways, each value of it is described a few times only, then by
    its first error alone.
    """
    if _run.known is not None:
        yield from _validated(accepts, validator, reference, instance, _run.known)
        return
    _run.known = {}
    try:
        errors = list(_validated(accepts, validator, reference, instance, _run.known))
    finally:
        _run.known = None
    yield from errors


def _validated(
    accepts: Accepts,
    validator: Any,
    reference: str,
    instance: JSON,
    known: dict[tuple[str, int], _Known],
) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    found = known.setdefault((reference, id(instance)), _Known())
    if found.times == 0 and accepts(reference, instance):
        found.fits = True
    if found.fits:
        return
    if not _has_room():  # at the limit itself, a library of Rust's would panic, which is not an Exception
        raise RecursionError("nested too deeply")
    if found.times >= _FULL_ERRORS and found.fits is False:
        yield ValidationError(**found.error)
        return
    found.times += 1
    fits = True
    for error in validator._validate_reference(ref=reference, instance=instance):
        if fits:
            found.fits = fits = False
            found.error = _without_context(error)
        yield error
    found.fits = fits


def _has_room() -> bool:
    """Whether Python's stack is far from its limit."""
    try:
        sys._getframe(max(sys.getrecursionlimit() - _ROOM, 0))
    except ValueError:  # it is not that deep
        return True
    return False


def _without_context(error: ValidationError) -> dict[str, Any]:
    """What makes an error of its own: this one's path grows while it is handed on."""
    fields = ("message", "validator", "validator_value", "instance", "schema")
    paths = {"path": tuple(error.relative_path), "schema_path": tuple(error.relative_schema_path)}
    return {name: getattr(error, name) for name in fields} | paths


def _evaluated(validator: Any, instance: Mapping[str, JSON], schema: JSON, seen: set[int]) -> set[str]:
    """The names that a schema has said something about (JSON Schema 2020-12 §11.3), itself or where it leads."""
    if not isinstance(schema, Mapping) or id(schema) in seen:
        return set()
    seen.add(id(schema))
    names = _described(instance, schema)
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in schema:
            names |= {name for name, value in instance.items() if _fits(validator, value, schema[keyword])}
    for applied, where in _applied(validator, instance, schema):
        names |= _evaluated(where, instance, applied, seen)
    return names


def _applied(validator: Any, instance: Mapping[str, JSON], schema: Mapping[str, JSON]) -> Iterator[tuple[JSON, Any]]:
    """The schemas in this one that the same object fits, each with a validator that knows where it stands."""
    if "$ref" in schema:
        found = validator._resolver.lookup(schema["$ref"])
        yield found.contents, validator.evolve(schema=found.contents, _resolver=found.resolver)
    candidates = [inside for name, inside in schema.get("dependentSchemas", {}).items() if name in instance]
    for keyword in ("allOf", "anyOf", "oneOf"):
        candidates += schema.get(keyword, ())
    if "if" in schema:
        chosen = _fits(validator, instance, schema["if"])
        candidates += [schema["if"], schema.get("then", True)] if chosen else [schema.get("else", True)]
    yield from ((inside, validator) for inside in candidates if _fits(validator, instance, inside))


def _fits(validator: Any, instance: JSON, schema: JSON) -> bool:
    return next(iter(validator.descend(instance, schema)), None) is None


def _described(instance: Mapping[str, JSON], schema: Mapping[str, JSON]) -> set[str]:
    """The names that `properties` and `patternProperties` describe."""
    patterns = schema.get("patternProperties", {})
    properties = schema.get("properties", {})
    return {name for name in instance if name in properties or any(matches(pattern, name) for pattern in patterns)}


def _listed(names: Collection[str]) -> str:
    return f"{', '.join(repr(name) for name in sorted(names))} {'was' if len(names) == 1 else 'were'} unexpected"
