"""
Components of schemas that one value may be checked against again and again.

Where a union has two members that lead to one recursive component, a value is checked twice at every level: a million
times at the twentieth. Which components these are is known from the schemas alone, so that nothing needs to be
remembered for all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dynclient.documents import split_pointer
from dynclient.schemas.lowering import COMPONENTS
from dynclient.types import JSON

_MANY = 16
"""How often one value may be checked without recursion, by components that lead to components."""

_SAME_VALUE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas")
_ANY_MEMBER = ("patternProperties", "additionalProperties", "unevaluatedProperties")
_ANY_ITEM = ("prefixItems", "items", "contains", "unevaluatedItems")
_MAPS = frozenset({"dependentSchemas", "patternProperties"})
_ANY = ("*",)  # a step that no name equals


class _Use(NamedTuple):
    """A reference in a component: the place inside the value that it speaks of, and the component it leads to."""

    place: tuple[object, ...]
    target: str


class Recursion:
    """Answers for the components of one mapping; what a component refers to must be complete when it is asked about."""

    def __init__(self, components: Mapping[str, JSON]) -> None:
        self._components = components
        self._uses: dict[str, list[_Use]] = {}
        self._walks: dict[str, int] = {}  # how often one value inside may be checked
        self._repeated: set[str] = set()

    def repeats(self, name: str) -> bool:
        """Whether one value may be checked against this component so often that the result is worth remembering."""
        if name not in self._walks:
            for group in self._groups(name):
                self._settle(group)
        return name in self._repeated

    def _settle(self, group: Sequence[str]) -> None:
        """Components that lead to each other, or one alone; all others that they lead to are settled."""
        members = set(group)
        inside = {each: [use for use in self._uses[each] if use.target in members] for each in group}
        if any(_most(uses, dict.fromkeys(group, 1)) > 1 for uses in inside.values()):
            counts = Counter(use.target for uses in inside.values() for use in uses)
            self._repeated.update(each for each, count in counts.items() if count > 1)
        walks = max(_most(self._uses[each], self._walks) for each in group)
        if walks > _MANY:
            self._repeated.update(group)
            walks = 1  # from here on, what is remembered is not checked again
        self._walks.update(dict.fromkeys(group, max(walks, 1)))

    def _groups(self, name: str) -> Iterator[list[str]]:
        """The components that this one leads to and that lead to each other, those led to first (Tarjan's)."""
        order: dict[str, int] = {}
        lowest: dict[str, int] = {}
        begun: list[str] = []
        path = [(name, iter(self._targets(name)))]
        while path:
            current, targets = path[-1]
            if current not in order:
                order[current] = lowest[current] = len(order)
                begun.append(current)
            following = next((each for each in targets if each not in order and each not in self._walks), None)
            if following is not None:
                path.append((following, iter(self._targets(following))))
                continue
            path.pop()
            known = [lowest[each] for each in self._targets(current) if each in lowest]
            lowest[current] = min([lowest[current], *known])
            if lowest[current] == order[current]:
                group = []
                while current in lowest:
                    group.append(begun.pop())
                    del lowest[group[-1]]
                yield group

    def _targets(self, name: str) -> list[str]:
        if name not in self._uses:
            self._uses[name] = list(_found(self._components.get(name, True), ()))
        return [use.target for use in self._uses[name]]


def _most(uses: Sequence[_Use], weights: Mapping[str, int], depth: int = 0) -> int:
    """The most checks that one value inside may get, where a reference counts as much as its component weighs."""
    here = sum(weights.get(use.target, 0) for use in uses if len(use.place) == depth)
    deeper: dict[object, list[_Use]] = {}
    for use in uses:
        if len(use.place) > depth:
            deeper.setdefault(use.place[depth], []).append(use)
    groups = [[use for group in deeper.values() for use in group]] if _ANY in deeper else list(deeper.values())
    return here + max((_most(group, weights, depth + 1) for group in groups), default=0)


def _found(schema: JSON, place: tuple[object, ...]) -> Iterator[_Use]:
    if isinstance(schema, list):
        for each in schema:
            yield from _found(each, place)
    if not isinstance(schema, Mapping):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield _Use(place, next(split_pointer("/" + reference.removeprefix(COMPONENTS))))
    for name, inside in schema.get("properties", {}).items():
        yield from _found(inside, (*place, name))
    for keywords, inner in ((_SAME_VALUE, place), (_ANY_MEMBER, (*place, _ANY)), (_ANY_ITEM, (*place, _ANY))):
        for keyword in keywords:
            inside = schema.get(keyword)
            yield from _found(list(inside.values()) if keyword in _MAPS and inside else inside, inner)
