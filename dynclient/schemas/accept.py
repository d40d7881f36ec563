"""
A quick check that says yes to values that fit a lowered schema; the slow validator decides about all others.

The check answers True only where jsonschema finds no error. Where it cannot know what jsonschema would say (a keyword
that it does not have, a value of a class that JSON has not), it raises `_Unsure` from within, whatever surrounds it;
so `not`, `if` and `oneOf` never make an acceptance of a doubt.

A schema becomes functions by the class of the value: for a text, only what a schema asks of texts is left, and most
unions, types and references are settled when the function is made. Composed in this way, functions are as fast as
Python source written for each schema was found to be (1.3 times `json.loads` for an answer of 1 MB), and no text of a
document can ever become code.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn, TypeAlias

from dynclient.documents import split_pointer
from dynclient.schemas.formats import FORMATS
from dynclient.schemas.keywords import is_multiple
from dynclient.schemas.lowering import COMPONENTS
from dynclient.schemas.recursion import Recursion
from dynclient.support import matches, renewed
from dynclient.types import JSON

Check: TypeAlias = Callable[[JSON], bool] | None
"""What is asked of a value whose class is known; None where nothing is, so that nothing need be called."""

_Class: TypeAlias = type[Any]

_TYPES: dict[_Class, frozenset[str]] = {
    bool: frozenset({"boolean"}),
    dict: frozenset({"object"}),
    float: frozenset({"number"}),  # and "integer" where the value has no fraction
    int: frozenset({"integer", "number"}),
    list: frozenset({"array"}),
    str: frozenset({"string"}),
    type(None): frozenset({"null"}),
}
"""The classes of JSON's values and their types. Of others, such as subclasses of these, nothing is known here."""

_ALL = frozenset(_TYPES)
_ARRAY = frozenset({list})
_NUMBER = frozenset({int, float})
_OBJECT = frozenset({dict})
_TEXT = frozenset({str})
_ANY: frozenset[_Class] = frozenset()  # and every other class


class _Unsure(Exception):
    """Nobody here knows what jsonschema would say."""


class AcceptCheck:
    """
    Checks of lowered schemas that share components, each made when first needed.

    `components` may grow (`Lowering.components`), but what a checked schema refers to must be there and complete.
    """

    def __init__(self, components: Mapping[str, JSON], formats: Mapping[str, Callable[[JSON], bool]] = FORMATS) -> None:
        self.formats = formats
        self.lock = renewed(self, "lock", threading.RLock)
        self._components = components
        self._recursion = Recursion(components)
        self._tables: dict[str, _Table] = {}
        self._begun: set[tuple[str, _Class]] = set()
        self._inside: dict[int, _Table] = {}
        self._keywords: dict[tuple[int, str, _Class], Check] = {}

    def check(self, schema: JSON) -> Callable[[JSON], bool]:
        """True only where jsonschema finds no error in the value; False says nothing."""
        table = _Table(self, schema)

        def accepts(value: JSON) -> bool:
            try:
                check = table[type(value)]
                return check is None or check(value)
            except Exception:  # an odd schema or value breaks in its own way here, as it would in the validator
                return False

        return accepts

    def fits(self, schema: JSON, value: JSON) -> bool:
        """
        Whether a value fits one of the schemas that are checked here, or a part of one.

        Raises:
            Exception: nobody here knows.
        """
        return _holds(self.table(schema)[type(value)], value)

    def table(self, schema: JSON) -> Mapping[_Class, Check]:
        """What `fits` asks of the values of each class."""
        table = self._inside.get(id(schema))
        return self._inside.setdefault(id(schema), _Table(self, schema)) if table is None else table

    def allows(self, schema: Mapping[str, JSON], keyword: str, value: JSON) -> bool:
        """What `fits` says where the schema has this keyword alone, with those that it cannot be without."""
        key = id(schema), keyword, type(value)
        if key not in self._keywords:
            self.fits(schema, value)  # which keeps the schema, and so its id
            with self.lock:
                self._keywords[key] = _all(_asked(self, schema, [keyword], type(value)))
        return _holds(self._keywords[key], value)

    def target(self, reference: str) -> JSON:
        """The component that a reference leads to."""
        return self._components[_component_name(reference)]

    def component(self, reference: str, kind: _Class) -> Check:
        """What the component that a reference leads to asks of a value of this class."""
        name = _component_name(reference)
        if not name:
            return _unsure
        if (name, kind) in self._begun or name not in self._components:
            return lambda value: _holds(self._table(name)[kind], value)
        self._begun.add((name, kind))
        try:
            return self._table(name)[kind]
        finally:
            self._begun.discard((name, kind))

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            self._tables[name] = _Table(self, self._components[name], name)
        return self._tables[name]

    def made(self, name: str, schema: JSON, kind: _Class) -> Check:
        """What a schema, which is that of the component of this name if there is one, asks of values of this class."""
        check = _made(self, schema, kind)
        if check is None or not name or kind not in (dict, list) or not self._recursion.repeats(name):
            return check
        return _remembered(check)


class _Table(dict[_Class, Check]):
    """What a schema asks of the values of each class, found out when a value of the class first comes."""

    __slots__ = ("_acceptance", "_name", "_schema")

    def __init__(self, acceptance: AcceptCheck, schema: JSON, name: str = "") -> None:
        self._acceptance = acceptance
        self._schema = schema
        self._name = name  # of the component, "" for a schema inside one

    def __missing__(self, kind: _Class) -> Check:
        with self._acceptance.lock:
            if kind not in self:
                self[kind] = self._acceptance.made(self._name, self._schema, kind)
            return self[kind]


def _component_name(reference: str) -> str:
    """The name of the component that a reference leads to, "" where it leads elsewhere."""
    name, *deeper = split_pointer("/" + reference.removeprefix(COMPONENTS))
    return "" if deeper or not reference.startswith(COMPONENTS) else name


def _made(acceptance: AcceptCheck, schema: JSON, kind: _Class) -> Check:
    if isinstance(schema, bool):
        return None if schema else _refuse
    if not isinstance(schema, dict):
        return _unsure
    return _all(_asked(acceptance, schema, schema, kind))


def _asked(acceptance: AcceptCheck, schema: Mapping[str, JSON], keywords: Iterable[str], kind: _Class) -> list[Check]:
    """What these keywords of a schema ask of values of a class."""
    checks = []
    for classes, make in dict.fromkeys(_KEYWORDS[keyword] for keyword in keywords if keyword in _KEYWORDS):
        if kind in classes or classes is _ANY:
            checks.append(make(acceptance, schema, kind))
        elif kind not in _TYPES:
            return [_unsure]
    return checks


class _Run(threading.local):
    """The results for objects and arrays, by check and id of the value, during the outermost of such checks."""

    known: dict[tuple[Check, int], bool] | None = None


_run = _Run()


def _remembered(check: Callable[[JSON], bool]) -> Check:
    """A check that is made once for each value, which lives as long as what is remembered of it."""

    def holds(value: JSON) -> bool:
        known = _run.known
        if known is None:
            _run.known = {}
            try:
                return check(value)
            finally:
                _run.known = None
        key = check, id(value)
        found = known.get(key)
        if found is None:
            found = known[key] = check(value)
        return found

    return holds


def _refuse(value: JSON) -> bool:
    return False


def _unsure(value: JSON) -> NoReturn:
    raise _Unsure


def _holds(check: Check, value: JSON) -> bool:
    return check is None or check(value)


def _all(checks: Iterable[Check]) -> Check:
    asked = [check for check in dict.fromkeys(checks) if check is not None]
    if _refuse in asked:
        return _refuse
    if len(asked) < 2:
        return asked[0] if asked else None

    def check(value: JSON) -> bool:
        for each in asked:  # noqa: SIM110 - half as fast with all()
            if not each(value):
                return False
        return True

    return check


def _any(checks: Iterable[Check]) -> Check:
    choices = [check for check in dict.fromkeys(checks) if check is not _refuse]
    asked = [check for check in choices if check is not None]
    if len(asked) < len(choices):
        return None
    if len(asked) < 2:
        return asked[0] if asked else _refuse

    def check(value: JSON) -> bool:
        for each in asked:  # noqa: SIM110
            if each(value):
                return True
        return False

    return check


def _type(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not _TYPES[kind].isdisjoint(names):
        return None
    return float.is_integer if kind is float and "integer" in names else _refuse


def _one_of(values: Iterable[JSON], kind: _Class) -> Check:
    alike = [value for value in values if _TYPES[type(value)] & _TYPES[kind]]
    if not alike:
        return _refuse
    if kind is str:
        return frozenset(alike).__contains__
    permitted = frozenset(map(_canonical, alike))
    return lambda value: _canonical(value) in permitted


def _canonical(value: JSON) -> str:
    """
    A text that is the same for all values that JSON Schema holds equal, and for no others.

    Sets of texts, unlike those of numbers, cannot be slowed down by values made to collide.

    >>> _canonical({"b": [1.0, True], "a": "é"}) == _canonical({"a": "é", "b": [1, True]})
    True
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return repr(value)
    if kind is int or (kind is float and value.is_integer()):
        return hex(int(value))  # str() has a limit
    if kind is float and not math.isnan(value):  # which may be equal to itself, depending on where it comes from
        return repr(value)
    if kind is list:
        return f"[{','.join(map(_canonical, value))}]"
    if kind is dict and all(type(name) is str for name in value):
        return f"{{{','.join(sorted(f'{name!r}:{_canonical(member)}' for name, member in value.items()))}}}"
    raise _Unsure


def _dependent_required(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    dependent = [(name, frozenset(others)) for name, others in schema["dependentRequired"].items()]
    return lambda value: all(value.keys() >= others for name, others in dependent if name in value)


def _dependent_schemas(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    dependent = [(name, _Table(acceptance, each)[kind]) for name, each in schema["dependentSchemas"].items()]
    return lambda value: all(_holds(check, value) for name, check in dependent if name in value)


def _property_names(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    names = _Table(acceptance, schema["propertyNames"])

    def check(value: dict[str, JSON]) -> bool:
        for name in value:
            each = names[type(name)]
            if each is not None and not each(name):
                return False
        return True

    return check


def _members(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    """Of `required`, `properties`, `patternProperties` and `additionalProperties`."""
    required = frozenset(schema.get("required", ()))
    named = {name: _Table(acceptance, each) for name, each in schema.get("properties", {}).items()}
    others = _Table(acceptance, schema.get("additionalProperties", True))
    patterns = [(pattern, _Table(acceptance, each)) for pattern, each in schema.get("patternProperties", {}).items()]
    few = len(named) if schema.get("additionalProperties", True) is True else math.inf

    def check(value: dict[str, JSON]) -> bool:
        if not value.keys() >= required:
            return False
        if len(value) > few:  # a wide value of which little is asked
            value = {name: value[name] for name in named if name in value}
        for name, member in value.items():
            each = named.get(name, others)[type(member)]
            if each is not None and not each(member):
                return False
        return True

    if not patterns:
        return check

    def check_matched(value: dict[str, JSON]) -> bool:
        for name, member in value.items():
            tables = [table for pattern, table in patterns if matches(pattern, name)]
            if name in named:
                tables.append(named[name])
            elif not tables:
                tables.append(others)
            if not all(_holds(table[type(member)], member) for table in tables):
                return False
        return value.keys() >= required

    return check_matched


def _items(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    """Of `prefixItems` and `items`."""
    prefix = [_Table(acceptance, each) for each in schema.get("prefixItems", ())]
    others = _Table(acceptance, schema.get("items", True))

    def check(value: list[JSON]) -> bool:
        for table, item in zip(prefix, value, strict=False):
            if not _holds(table[type(item)], item):
                return False
        for item in value[len(prefix) :] if prefix else value:
            each = others[type(item)]
            if each is not None and not each(item):
                return False
        return True

    return check


def _contains(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    """Of `contains`, `minContains` and `maxContains`."""
    table = _Table(acceptance, schema["contains"])
    fewest, most = schema.get("minContains", 1), schema.get("maxContains", math.inf)
    return lambda value: fewest <= sum(_holds(table[type(item)], item) for item in value) <= most


def _unique_items(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    def check(value: list[JSON]) -> bool:
        if len(set(map(_canonical, value))) < len(value):
            raise _Unsure  # jsonschema overlooks some repetitions, which `not` would make an acceptance of
        return True

    return check if schema["uniqueItems"] else None


def _each(acceptance: AcceptCheck, schemas: Iterable[JSON], kind: _Class) -> list[Check]:
    return [_Table(acceptance, each)[kind] for each in schemas]


def _exactly_one_of(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    checks = _each(acceptance, schema["oneOf"], kind)
    return lambda value: sum(_holds(check, value) for check in checks) == 1


def _not(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    check = _Table(acceptance, schema["not"])[kind]
    return lambda value: not _holds(check, value)


def _if(acceptance: AcceptCheck, schema: Mapping[str, JSON], kind: _Class) -> Check:
    """Of `if`, `then` and `else`."""
    condition, fitting, otherwise = _each(acceptance, (schema.get(key, True) for key in ("if", "then", "else")), kind)
    if condition is None:
        return fitting
    if condition is _refuse:
        return otherwise
    tag, cases = _cases(schema) if kind is dict else ("", {})
    if not cases:
        return lambda value: _holds(fitting if _holds(condition, value) else otherwise, value)
    chosen = {tagged: _Table(acceptance, then)[kind] for tagged, then in cases.items()}

    def check(value: dict[str, JSON]) -> bool:
        tagged = value.get(tag)
        if type(tagged) is str:
            then = chosen.get(tagged, otherwise)
            return then is None or then(value)
        return _holds(fitting if _holds(condition, value) else otherwise, value)

    return check


def _cases(schema: Mapping[str, JSON]) -> tuple[str, dict[str, JSON]]:
    """
    The property that tells a union's members apart and the schema that each of its values asks for; else none.

    Tried one after the other, as `lowering` writes them, they would take as long as there are members.
    """
    try:
        tag, members = schema["if"]["required"][0], schema["then"]["allOf"]
        cases = {member["if"]["properties"][tag]["enum"][0]: member["then"] for member in members}
    except (KeyError, IndexError, TypeError):
        return "", {}
    written = [{"if": _tagged(tag, [value]), "then": then} for value, then in cases.items()]
    is_exact = schema["if"] == _tagged(tag, list(cases)) and schema["then"] == {"allOf": written}
    return (tag, cases) if is_exact and all(isinstance(value, str) for value in cases) else ("", {})


def _tagged(tag: str, values: list[str]) -> dict[str, JSON]:
    return {"type": "object", "required": [tag], "properties": {tag: {"enum": values}}}


_Make: TypeAlias = Callable[[AcceptCheck, Mapping[str, JSON], _Class], Check]


def _limit(keyword: str, check_of: Callable[[Any], Check]) -> _Make:
    """How the check of a keyword is made that depends on nothing beside it."""
    return lambda acceptance, schema, kind: check_of(schema[keyword])


# The values that each keyword speaks of, and how its check of one class is made.
_KEYWORDS: dict[str, tuple[frozenset[_Class], _Make]] = {
    "$dynamicRef": (_ANY, lambda *_: _unsure),
    "$id": (_ANY, lambda *_: _unsure),
    "$ref": (_ANY, lambda acceptance, schema, kind: acceptance.component(schema["$ref"], kind)),
    "$schema": (_ANY, lambda *_: _unsure),
    "additionalProperties": (_OBJECT, _members),
    "allOf": (_ANY, lambda acceptance, schema, kind: _all(_each(acceptance, schema["allOf"], kind))),
    "anyOf": (_ANY, lambda acceptance, schema, kind: _any(_each(acceptance, schema["anyOf"], kind))),
    "const": (_ALL, lambda acceptance, schema, kind: _one_of([schema["const"]], kind)),
    "contains": (_ARRAY, _contains),
    "dependentRequired": (_OBJECT, _dependent_required),
    "dependentSchemas": (_OBJECT, _dependent_schemas),
    "enum": (_ALL, lambda acceptance, schema, kind: _one_of(schema["enum"], kind)),
    "exclusiveMaximum": (_NUMBER, _limit("exclusiveMaximum", lambda limit: lambda value: not value >= limit)),
    "exclusiveMinimum": (_NUMBER, _limit("exclusiveMinimum", lambda limit: lambda value: not value <= limit)),
    "format": (_ALL, lambda acceptance, schema, kind: acceptance.formats.get(schema["format"])),
    "if": (_ANY, _if),
    "items": (_ARRAY, _items),
    "maxItems": (_ARRAY, _limit("maxItems", lambda limit: lambda value: len(value) <= limit)),
    "maxLength": (_TEXT, _limit("maxLength", lambda limit: lambda value: len(value) <= limit)),
    "maxProperties": (_OBJECT, _limit("maxProperties", lambda limit: lambda value: len(value) <= limit)),
    "maximum": (_NUMBER, _limit("maximum", lambda limit: lambda value: not value > limit)),
    "minItems": (_ARRAY, _limit("minItems", lambda limit: lambda value: len(value) >= limit)),
    "minLength": (_TEXT, _limit("minLength", lambda limit: lambda value: len(value) >= limit)),
    "minProperties": (_OBJECT, _limit("minProperties", lambda limit: lambda value: len(value) >= limit)),
    "minimum": (_NUMBER, _limit("minimum", lambda limit: lambda value: not value < limit)),
    "multipleOf": (_NUMBER, _limit("multipleOf", lambda limit: lambda value: is_multiple(value, limit))),
    "not": (_ANY, _not),
    "oneOf": (_ANY, _exactly_one_of),
    "pattern": (_TEXT, lambda acceptance, schema, kind: partial(matches, schema["pattern"])),
    "patternProperties": (_OBJECT, _members),
    "prefixItems": (_ARRAY, _items),
    "properties": (_OBJECT, _members),
    "propertyNames": (_OBJECT, _property_names),
    "required": (_OBJECT, _members),
    "type": (_ALL, _type),
    "unevaluatedItems": (_ARRAY, lambda *_: _unsure),
    "unevaluatedProperties": (_OBJECT, lambda *_: _unsure),
    "uniqueItems": (_ARRAY, _unique_items),
}
