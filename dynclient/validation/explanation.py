"""
From the errors of a JSON Schema validator to problems worth reading.

jsonschema says of a union only "not valid under any of the given schemas". Here it is followed to the branch that the
value comes nearest to, and down to the leaf that is wrong. Constants decide which branch is meant; without them, or
if none matches, the branch with the fewest and least grave errors. Secrets are shown as ***, and long values are
shortened.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from dynclient.credentials import MASK, Mask
from dynclient.documents import Document, escape_step, split_pointer
from dynclient.errors import DocumentError, Problem, either
from dynclient.openapi import Schema
from dynclient.schemas import COMPONENTS
from dynclient.support import LONGEST_SHOWN, dotted, matches, near, show
from dynclient.types import JSON, UNSET, Unset

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MISSING_REFERENCE = "reference-missing"

_LISTED = 80  # characters of a list of permitted values or shapes
_MOST_LISTED = 12
_MOST_BRANCHES = 64  # unions in unions double at every level
_UNIONS = ("anyOf", "oneOf")
_VALUES = ("const", "enum")

Fits: TypeAlias = "Callable[[ValidationError, JSON], bool]"
"""Whether a value would surely be valid in the place where another one has an error."""

Origin = Callable[[JSON, str], str]
"""The pointer, in the document, of a keyword in a lowered schema; of the schema itself if the keyword is ""."""


def explain(
    errors: Iterable[ValidationError],
    location: str,
    name: str,
    origin: Origin,
    document: Document | None = None,
    schemas: Sequence[Schema | None] = (),
    fits: Fits = lambda error, value: False,
) -> Iterator[Problem]:
    """
    Yield everything that is wrong with one value, at the leaf, each once.

    `location` and `name` say what the value is (`name` is "" for a body). The `schemas` that describe it say what in it
    is secret, beside what names suggest. Hints take titles and examples from the document, and only those that `fits`.
    """
    explainer = _Explainer(location, name, origin, document, schemas, fits)
    found = [problem for error in errors for problem in explainer.problems(error)]
    listed = {problem.pointer for problem in found if problem.rule in _VALUES}
    said = set()
    for problem in found:
        is_said = problem.rule == "type" and problem.pointer in listed  # the permitted values show the type, too
        if not is_said and (problem.pointer, problem.message) not in said:
            said.add((problem.pointer, problem.message))
            yield problem


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one error says: where, what, and about which value. `code` is set if the rule does not decide it."""

    path: Sequence[str | int]
    message: str
    value: JSON | Unset
    expected: JSON = UNSET
    hint: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Branch:
    """A member of a union, and its errors; the members of a union inside a union count as members."""

    member: JSON
    errors: Sequence[ValidationError]
    depth: int

    def place(self, error: ValidationError) -> tuple[str | int, ...]:
        """The place of an error, relative to the union."""
        return tuple(error.absolute_path)[self.depth :]

    def here(self) -> list[ValidationError]:
        """The errors of the value as a whole."""
        return [error for error in self.errors if not self.place(error)]

    def wrong_types(self) -> set[str]:
        """The types that are asked for, if the value as a whole has none of them."""
        types: set[str] = set()
        for error in self.here():
            if error.validator == "type":
                types |= set(_listed(error.validator_value))
            elif error.validator in _VALUES:
                kinds = {_kind(each) for each in _permitted(error)}
                types |= kinds if _kind(error.instance) not in kinds else set()
            elif error.validator in _UNIONS and error.context:
                found = [branch.wrong_types() for branch in _branches(error)]
                types |= set.union(*found) if all(found) else set()
        return types

    def values(self, place: tuple[str | int, ...] = ()) -> list[JSON]:
        """The values that are permitted at a place that has another one."""
        at = (error for error in self.errors if error.validator in _VALUES and self.place(error) == place)
        return [value for error in at for value in _permitted(error)]

    def constants(self) -> dict[str, list[JSON]]:
        """The properties that permit only some values, and these values, by the schemas that the errors come from."""
        found: dict[str, list[JSON]] = {}
        for error in self.here():
            schema: Any = error.schema
            for name, value in schema.get("properties", {}).items():
                if isinstance(value, Mapping) and ("const" in value or "enum" in value):
                    found[name] = [value["const"]] if "const" in value else value["enum"]
        return found

    def undeclared(self) -> set[str]:
        """The given fields that none of the schemas names from which the errors come."""
        schemas: list[Any] = [error.schema for error in self.here()]
        declared = [schema["properties"] for schema in schemas if "properties" in schema]
        value = self.here()[0].instance if declared else None
        return set(value).difference(*declared) if isinstance(value, Mapping) else set()

    def missing(self) -> set[str]:
        return {_missing_name(error) for error in self.here() if error.validator == "required"}


def _branches(error: ValidationError) -> list[_Branch]:
    grouped: dict[str | int, list[ValidationError]] = {}
    for inner in error.context or ():
        grouped.setdefault(inner.schema_path[0], []).append(inner)
    members: Any = error.validator_value
    branches: list[_Branch] = []
    for position, errors in grouped.items():
        first = errors[0]
        is_union = len(errors) == 1 and first.validator in _UNIONS and first.context and not first.relative_path
        if is_union and len(branches) < _MOST_BRANCHES:
            branches += _branches(first)
        else:
            branches.append(_Branch(members[position], errors, len(error.absolute_path)))
    return branches


def _weight(branch: _Branch, leaf: ValidationError) -> int:
    """A wrong constant weighs more than everything else together, and a wrong name more than a wrong value."""
    if leaf.validator in _VALUES and len(branch.place(leaf)) <= 1:
        return 1000 if len(_permitted(leaf)) == 1 else 3
    return 2 if leaf.validator in ("required", "additionalProperties") else 1


def _tag_path(branches: Sequence[_Branch]) -> tuple[str | int, ...] | None:
    """The place where every branch asks for another constant, if there is one."""
    paths = [{branch.place(error) for error in branch.errors if error.validator in _VALUES} for branch in branches]
    common = sorted(set.intersection(*paths), key=len)
    return next((path for path in common if not path or len({show(b.values(path)) for b in branches}) > 1), None)


def _is_tagged(branch: _Branch, others: Sequence[_Branch]) -> bool:
    """Whether a constant rules out every other branch, and not this one."""
    wrong = [{each.place(error) for error in each.errors if error.validator in _VALUES} for each in (branch, *others)]
    return bool(set.intersection(*wrong[1:]) - wrong[0])


def _missing_tag(branches: Sequence[_Branch]) -> tuple[str, list[JSON]] | None:
    """The property that distinguishes the branches, and its values, if every branch misses it."""
    tag = _common_tag(branches)
    if len(branches) < 2 or not all(tag in branch.missing() for branch in branches):
        return None
    return tag, [value for branch in branches for value in branch.constants()[tag]]


def _common_tag(branches: Sequence[_Branch]) -> str:
    """The first property for which every branch permits other values; "" if there is none."""
    constants = [branch.constants() for branch in branches]
    for name in constants[0] if constants else ():
        values = [show(value) for each in constants for value in each.get(name, ())]
        if all(name in each for each in constants) and len(set(values)) == len(values):
            return name
    return ""


class _Explainer:
    """Explains the errors of one value."""

    def __init__(
        self,
        location: str,
        name: str,
        origin: Origin,
        document: Document | None,
        schemas: Sequence[Schema | None],
        fits: Fits,
    ) -> None:
        self._location = location
        self._name = name
        self._origin = origin
        self._document = document
        self._mask = Mask(document)
        self._whole = self._mask.place(*schemas)
        self._fits = fits
        self._known: dict[int, list[ValidationError]] = {}

    def problems(self, error: ValidationError) -> Iterator[Problem]:
        for leaf, note in self._leaves(error):
            comment = _comment(leaf)
            for finding in self._describe(leaf):
                yield Problem(
                    location=self._location,
                    name=dotted(finding.path, self._name),
                    message=comment or finding.message,
                    rule=MISSING_REFERENCE if comment else str(leaf.validator or ""),
                    value=finding.value,
                    pointer="".join(f"/{escape_step(str(step))}" for step in finding.path),
                    schema_pointer=self._origin(leaf.schema, str(leaf.validator or "")),
                    code="" if comment else finding.code,
                    expected=UNSET if comment else finding.expected,
                    hint=" ".join(part for part in (finding.hint, note) if part),
                )

    def _leaves(self, error: ValidationError) -> Iterator[tuple[ValidationError, str]]:
        """The errors to report instead of one, each with a note on how it was reached."""
        branches = _branches(error) if error.validator in _UNIONS else []
        fitting = [branch for branch in branches if not branch.wrong_types()]
        if not fitting or _tag_path(fitting) is not None or _missing_tag(fitting):
            yield error, ""
            return
        nearest = min(fitting, key=self._distance)
        others = [branch for branch in fitting if branch is not nearest]
        name = self._shape_name(nearest.member)
        is_alone = all(self._distance(nearest)[0] < self._distance(branch)[0] for branch in others)
        is_guess = bool(others) and not _is_tagged(nearest, others)
        note = f"Of {len(fitting)} shapes, {name} is nearest." if is_guess and is_alone and name else ""
        for inner in nearest.errors:
            for leaf, inner_note in self._leaves(inner):
                yield leaf, inner_note or note

    def _distance(self, branch: _Branch, ignored: tuple[str | int, ...] | None = None) -> tuple[int, int]:
        """How far a value is from a branch: the weight of everything that is wrong, then how deep it matches."""
        errors = (error for error in branch.errors if branch.place(error) != ignored)
        leaves = [leaf for error in errors for leaf in self._nearest_leaves(error)]
        weight = sum(_weight(branch, leaf) for leaf in leaves) + 2 * len(branch.undeclared())
        return weight, -sum(len(branch.place(leaf)) for leaf in leaves)

    def _nearest_leaves(self, error: ValidationError) -> list[ValidationError]:
        """What is wrong in the end. It is kept by the id of the error, because every level above asks for it."""
        if id(error) not in self._known:
            branches = _branches(error) if error.validator in _UNIONS else []
            fitting = [branch for branch in branches if not branch.wrong_types()]
            nearest = min(fitting, key=self._distance).errors if fitting else ()
            self._known[id(error)] = [leaf for inner in nearest for leaf in self._nearest_leaves(inner)] or [error]
        return self._known[id(error)]

    def _describe(self, error: ValidationError) -> Iterator[_Finding]:
        """One error may name several fields."""
        path, value = list(error.absolute_path), self._masked(error)
        schema: Any = error.schema
        rule: Any = error.validator_value if error.validator else UNSET
        if error.validator in _UNIONS and error.context:
            yield self._describe_union(error, path, value)
        elif error.validator == "oneOf":
            yield _Finding(path, _fits_several(error), value, UNSET, code="shape-several")
        elif error.validator == "required":
            name = _missing_name(error)
            yield _Finding([*path, name], "required, but not given", UNSET, hint=_renamed(name, error.instance, schema))
        elif error.validator == "dependentRequired":
            asking, name = _dependent_names(error)
            yield _Finding([*path, name], f"required beside {asking!r}, but not given", UNSET)
        elif error.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(value, Mapping):
            known = list(schema.get("properties", {}))
            for name in _unexpected(error, known):
                hint = self._advice(_meant(name, known)) or (f"Permitted: {_enumerated(known)}." if known else "")
                yield _Finding([*path, name], "unknown field", value[name], known or UNSET, hint)
        else:
            message = self._message(error, value)
            if _is_of_name(error):
                yield _Finding(path, f"the name {message}", value, rule, code="field-name")
            else:
                yield _Finding(path, message, value, rule, self._hint(error, value))

    def _describe_union(self, error: ValidationError, path: list[str | int], value: JSON) -> _Finding:
        branches = _branches(error)
        fitting = [branch for branch in branches if not branch.wrong_types()]
        tag = _tag_path(fitting) if fitting else None
        if tag:
            return self._unknown_tag(path, tag, fitting)
        missing = _missing_tag(fitting) if fitting and tag is None else None
        if missing:
            name, values = missing
            what = f"required, but not given; it says which of {len(fitting)} shapes is meant"
            hint = f"Permitted: {_enumerated(map(show, values))}." + self._nearest(fitting)
            return _Finding([*path, name], what, UNSET, values, hint, "shape-missing")
        return self._fits_none(path, value, branches)

    def _unknown_tag(self, path: list[str | int], tag: tuple[str | int, ...], fitting: Sequence[_Branch]) -> _Finding:
        permitted = list(_once(value for branch in fitting for value in branch.values(tag)))
        error = next(e for e in fitting[0].errors if e.validator in _VALUES and fitting[0].place(e) == tag)
        value = self._masked(error)
        hint = self._advice(_similar(value, permitted)) or self._nearest(fitting, tag).lstrip()
        return _Finding([*path, *tag], _not_one_of(show(value), permitted), value, permitted, hint, "shape-unknown")

    def _nearest(self, fitting: Sequence[_Branch], tag: tuple[str | int, ...] | None = None) -> str:
        """The branch that a value is nearest to, apart from its tag, if there is just one."""
        ranked = sorted(fitting, key=lambda branch: self._distance(branch, tag))
        name = self._shape_name(ranked[0].member)
        if not name or self._distance(ranked[0], tag)[0] == self._distance(ranked[1], tag)[0]:
            return ""
        values = ranked[0].values(tag) if tag else []
        must = f"; its {dotted(tag)} must be {show(values[0])}" if tag and len(values) == 1 else ""
        return f" Of the {len(fitting)} shapes, {name} is nearest{must}."

    def _fits_none(self, path: list[str | int], value: JSON, branches: Sequence[_Branch]) -> _Finding:
        """A value that has none of the types, and is none of the single values, that a union permits."""
        values = list(_once(value for branch in branches for value in branch.values()))
        hint = _similar(value, values)
        if hint:
            hint = self._advice(hint)
            return _Finding(path, _not_one_of(show(value), values), value, values, hint, "value-not-permitted")
        typed = [branch for branch in branches if not branch.values()]
        types = {name for branch in typed for name in branch.wrong_types()}
        values = [each for each in values if _kind(each) not in types]
        types -= {"null"} if values else set()
        shapes = [branch for branch in typed if "object" in branch.wrong_types()]
        names = self._shape_names(shapes) if len(shapes) > 1 else []
        message = f"{show(value)} fits none of the shapes"
        if types:
            words = _any_of(types, f" of one of {len(shapes)} shapes ({_enumerated(names)})" if names else "")
            single = f"neither {_one_of(values)} nor " if values else "not "
            message = f"{show(value)} is {single}{words}"
        elif values:
            message = _not_one_of(show(value), values)
        expected = [*values, *(names or ()), *sorted(types - ({"object"} if names else set()))]
        code = "shape-none" if names or (values and types) else "value-type" if types else "value-not-permitted"
        hint = self._advice(_tagged(value, shapes) or _other_type(value, types))
        return _Finding(path, message, value, expected or UNSET, hint, code if expected else "")

    def _shape_names(self, branches: Sequence[_Branch]) -> list[str]:
        """
        The branches by the values of a property that distinguishes them, else by their names; none if one has no
        name.
        """
        tag = _common_tag(branches)
        if tag:
            return [str(value) for branch in branches for value in branch.constants()[tag]]
        names = [self._shape_name(branch.member) for branch in branches]
        return names if all(names) else []

    def _shape_name(self, member: JSON) -> str:
        """The name of the component that a schema refers to, else its title, else ""."""
        reference = member.get("$ref", "") if isinstance(member, Mapping) else ""
        name = next(split_pointer("/" + reference.removeprefix(COMPONENTS)), "") if reference else ""
        name = name.partition(" (")[0]  # as lowering marks the variants of one component
        if name and "/" not in name:
            return name
        title = self._published(member).get("title")
        return title if isinstance(title, str) else ""

    def _published(self, schema: JSON) -> Mapping[str, JSON]:
        """The schema in the document that a lowered schema was made of; empty if that is not known."""
        pointer = self._origin(schema, "") if self._document else ""
        try:
            found = self._document.at(pointer) if self._document and pointer else None
        except DocumentError:
            return {}
        return found if isinstance(found, Mapping) else {}

    def _masked(self, error: ValidationError) -> JSON:
        path = list(error.absolute_path)
        schema: Any = error.schema
        is_password = isinstance(schema, Mapping) and schema.get("format") == "password"
        is_secret = is_password or self._mask.hides(self._location, self._name, path)
        place = self._whole
        for step in path:
            is_secret = is_secret or place.is_secret
            place = place.step(step)
        if _is_of_name(error):
            return self._mask.masked(error.instance, place.names, is_secret=is_password)
        return self._mask.masked(error.instance, place, is_secret=is_secret)

    def _message(self, error: ValidationError, value: JSON) -> str:
        shown = value if value == MASK else show(value)
        write = _MESSAGES.get(str(error.validator))
        if write:
            return write(shown, error.instance, error.validator_value)
        return f"{shown} is not permitted here"

    def _hint(self, error: ValidationError, value: JSON) -> str:
        rule: Any = error.validator_value
        match error.validator:
            case "const" | "enum":
                return self._advice(_similar(value, _permitted(error)))
            case "type":
                return self._advice(_other_type(value, set(_listed(rule))))
            case "pattern" | "format":
                return self._example(error)
            case "uniqueItems":
                return _repeated(value)
            case "multipleOf":
                return self._advice(_multiples(value, rule))
        return _range(str(error.validator), error.schema) if isinstance(error.schema, Mapping) else ""

    def _advice(self, hint: str) -> str:
        """What the caller may change, if the caller made the value: an answer was made by the server."""
        return "" if self._location.startswith("response ") else hint

    def _example(self, error: ValidationError) -> str:
        published = self._published(error.schema)
        examples = published.get("examples")
        given = [published.get("example"), *(examples if isinstance(examples, list) else ())]
        usual = [_FORMAT_EXAMPLES.get(error.validator_value)] if isinstance(error.validator_value, str) else []
        texts = (text for text in (*given, *usual) if isinstance(text, str) and len(text) <= LONGEST_SHOWN)
        fitting = next((text for text in texts if self._fits(error, text)), None)
        return "" if fitting is None else f"Such as {fitting!r}."


def _fits_several(error: ValidationError) -> str:
    """Which of the given fields exclude each other, in shapes that differ in what they require."""
    members: Any = error.validator_value
    value: Any = error.instance
    asked = [_member_requires(member) for member in members]
    given = [names for names in asked if names and isinstance(value, Mapping) and value.keys() >= set(names)]
    if len(given) < 2:
        return f"fits several of {len(members)} shapes, of which it must fit only one"
    return f"{' and '.join(' with '.join(names) for names in given)} exclude each other; give one of them"


def _member_requires(member: JSON) -> list[str]:
    names = member.get("required") if isinstance(member, Mapping) else None
    return names if isinstance(names, list) else []


def _tagged(value: JSON, shapes: Sequence[_Branch]) -> str:
    """The object that a text may mean, if the text is what distinguishes that object."""
    tag = _common_tag(shapes)
    meant = _meant_texts(value, [each for shape in shapes for each in shape.constants()[tag]]) if tag else []
    objects = [json.dumps({tag: each}, ensure_ascii=False) for each in meant]
    return f"Did you mean {' or '.join(objects)}?" if objects else ""


def _other_type(value: JSON, types: set[str]) -> str:
    """How a value of another type is usually meant."""
    if isinstance(value, str) and value and types & {"number", "integer", "boolean"}:
        try:
            meant = json.loads(value.lower())
        except (ValueError, RecursionError):
            return "Permitted: true, false." if types == {"boolean"} else ""
        if _kind(meant) in types or (_kind(meant) == "integer" and "number" in types):
            return f"Give {meant!r} instead of the text."
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and types & {"object", "array"}:
        try:
            is_meant = _kind(json.loads(value)) in types
        except (ValueError, RecursionError):
            is_meant = False
        return "Give the data itself, not its JSON text." if is_meant else ""
    if "array" in types and isinstance(value, dict):
        return "Give a list, even of one."
    return ""


def with_part_hint(problem: Problem) -> Problem:
    """Return the problem of a field in a form; if only text fits, with how its value becomes text."""
    wants = {problem.expected} if isinstance(problem.expected, str) else set(map(str, _listed(problem.expected)))
    if problem.code != "value-type" or problem.hint or not {"string"} <= wants <= {"string", "null"}:
        return problem
    return dataclasses.replace(problem, hint=_as_text(problem.value))


def _as_text(value: JSON) -> str:
    if isinstance(value, bool | int | float):
        return f"Give {json.dumps(value)!r}, with quotation marks."
    if isinstance(value, Mapping | list):
        return "Give text; json.dumps(value) writes data as text."
    if isinstance(value, bytes | bytearray | memoryview):
        return "Only text fits here, not a file: give value.decode()."
    if isinstance(value, os.PathLike):
        return "Only text fits here, not a file: give path.read_text()."
    return "" if value is None else "Only text fits here, not a file: give its content as text."


def _range(validator: str, schema: JSON) -> str:
    """What both limits of a number together permit."""
    low = next((name for name in ("minimum", "exclusiveMinimum") if name in schema), "")
    high = next((name for name in ("maximum", "exclusiveMaximum") if name in schema), "")
    if validator not in (low, high) or not low or not high:
        return ""
    if low == "minimum" and high == "maximum":
        return f"Permitted: {schema[low]} to {schema[high]}."
    below, above = "more than" if low != "minimum" else "at least", "less than" if high != "maximum" else "at most"
    return f"Permitted: {below} {schema[low]}, {above} {schema[high]}."


def _multiples(value: JSON, divisor: JSON) -> str:
    if not isinstance(value, int) or not isinstance(divisor, int):
        return ""
    below = value // divisor * divisor
    return f"The nearest are {below} and {below + divisor}."


def _repeated(value: JSON) -> str:
    """Which two items are the same, by their text; 1 and 1.0 are the same too, but rarely appear together."""
    first: dict[str, int] = {}
    for position, item in enumerate(value if isinstance(value, list) else ()):
        before = first.setdefault(json.dumps(item, sort_keys=True, default=repr), position)
        if before != position:
            return f"[{before}] and [{position}] are the same."
    return ""


def _renamed(name: str, value: JSON, schema: Mapping[str, JSON]) -> str:
    """Which of the given, unknown fields may be meant for a missing one."""
    others = [each for each in value if each not in schema.get("properties", {})] if isinstance(value, Mapping) else []
    found = near(name, others, 1)
    return f"Is {found[0]!r} meant for it?" if found else ""


def _meant(name: str, known: Sequence[str]) -> str:
    hints = near(name, known, 1)
    return f"Did you mean {hints[0]!r}?" if hints else ""


def _similar(value: JSON, permitted: Sequence[JSON]) -> str:
    hints = _meant_texts(value, permitted)
    if hints:
        return f"Did you mean {either(hints)}?"
    same = [each for each in permitted if not isinstance(each, str) and str(each) == value]
    return f"Give {show(same[0])} instead of the text." if same else ""


def _meant_texts(value: JSON, permitted: Sequence[JSON]) -> list[str]:
    """The nearest of the permitted texts, else at most two that contain the text."""
    if not isinstance(value, str) or not value:
        return []
    texts = [each for each in permitted if isinstance(each, str)]
    return near(value, texts, 1) or [each for each in texts if value.lower() in each.lower()][:2]


def _is_of_name(error: ValidationError) -> bool:
    """Whether a name in an object is wrong, and not a property called "propertyNames"."""
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


def _dependent_names(error: ValidationError) -> tuple[str, str]:
    """The field that asks for another, and that other."""
    rule: Any = error.validator_value
    pairs = ((asking, name) for asking, names in rule.items() for name in names)
    return next(pair for pair in pairs if error.message == f"{pair[1]!r} is a dependency of {pair[0]!r}")


def _unexpected(error: ValidationError, known: Sequence[str]) -> list[str]:
    schema: Any = error.schema
    value: Any = error.instance
    if error.validator == "unevaluatedProperties":  # which depends on all schemas that apply; jsonschema names them
        return [name for name in value if repr(name) in error.message]
    patterns = schema.get("patternProperties", {})
    return [name for name in value if name not in known and not any(matches(each, name) for each in patterns)]


def _comment(error: ValidationError) -> str:
    """What `lowering` says about a schema that it could not read."""
    schema: Any = error.schema
    return str(schema.get("$comment", "")) if isinstance(schema, Mapping) else ""


def _not_one_of(shown: str, permitted: Sequence[JSON]) -> str:
    return f"{shown} is not {_one_of(permitted)}"


def _one_of(values: Sequence[JSON]) -> str:
    return f"{'one of ' if len(values) > 1 else ''}{_enumerated(map(show, values))}"


def _enumerated(texts: Iterable[str]) -> str:
    """Texts in a row, not too many."""
    texts, shown = list(texts), 0
    while shown < min(len(texts), _MOST_LISTED) and len(", ".join(texts[: shown + 1])) <= max(_LISTED, len(texts[0])):
        shown += 1
    return ", ".join(texts[:shown]) + (", ..." if shown < len(texts) else "")


def _once(values: Iterable[JSON]) -> Iterator[JSON]:
    said = set()
    for value in values:
        if (text := show(value)) not in said:
            said.add(text)
            yield value


_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}


def _any_of(types: Iterable[str], objects: str = "") -> str:
    """Types in words, null last; `objects` is what to say of an object."""
    words = [
        _ARTICLES.get(name, f"a {name}") + (objects if name == "object" else "")
        for name in sorted(types, key=lambda name: (name == "null", name))
    ]
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _kind(value: JSON) -> str:
    """The type of JSON that a value has."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null")


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (Mapping, "object"),
    (list, "array"),
)


def _listed(value: JSON) -> list[str]:
    return value if isinstance(value, list) else [value]


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"


_FORMAT_EXAMPLES = {
    "byte": "aGVsbG8=",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "email": "me@example.com",
    "hostname": "api.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/a",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
}

# Each gets the value as it may be shown, the value itself (only its size may be shown), and that of the keyword.
_MESSAGES: dict[str, Callable[[str, JSON, JSON], str]] = {
    "contains": lambda shown, value, rule: "none of the items is one that must be among them",
    "const": lambda shown, value, rule: _not_one_of(shown, [rule]),
    "enum": lambda shown, value, rule: _not_one_of(shown, rule),
    "exclusiveMaximum": lambda shown, value, rule: f"{shown} is not less than {rule}",
    "exclusiveMinimum": lambda shown, value, rule: f"{shown} is not more than {rule}",
    "format": lambda shown, value, rule: f"{shown} isn't a valid {rule}",
    "items": lambda shown, value, rule: f"{_count(len(value), 'item')}, which is more than the document describes",
    "maxContains": lambda shown, value, rule: f"more than {rule} of the items are of a kind of which no more may be",
    "maxItems": lambda shown, value, rule: f"{_count(len(value), 'item')}; at most {rule} are permitted",
    "maxLength": lambda shown, value, rule: f"{shown} is {_count(len(value), 'character')} long; the maximum is {rule}",
    "maxProperties": lambda shown, value, rule: f"{_count(len(value), 'field')}; at most {rule} are permitted",
    "maximum": lambda shown, value, rule: f"{shown} is more than the maximum of {rule}",
    "minContains": lambda shown, value, rule: f"fewer than {rule} of the items are of a kind that must be among them",
    "minItems": lambda shown, value, rule: f"{_count(len(value), 'item')}; at least {rule} must be given",
    "minLength": lambda shown, value, rule: f"{shown} is {_count(len(value), 'character')} long; the minimum is {rule}",
    "minProperties": lambda shown, value, rule: f"{_count(len(value), 'field')}; at least {rule} must be given",
    "minimum": lambda shown, value, rule: f"{shown} is less than the minimum of {rule}",
    "multipleOf": lambda shown, value, rule: f"{shown} isn't a multiple of {rule}",
    "not": lambda shown, value, rule: f"{shown} is what the document rules out here",
    "pattern": lambda shown, value, rule: f"{shown} does not match the pattern {_cut(rule)}",
    "type": lambda shown, value, rule: f"{shown} is not {_any_of(_listed(rule))}",
    "unevaluatedItems": lambda shown, value, rule: _MESSAGES["items"](shown, value, rule),
    "uniqueItems": lambda shown, value, rule: "an item is given twice; all must differ",
}


def _cut(text: str) -> str:
    text = " ".join(text.split("\n"))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."
