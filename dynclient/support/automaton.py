"""
Regular expressions in linear time: all ways to match are followed at once.

Python's `re` tries one way after another, which takes too long for `^(a+)+$`. Here a pattern, parsed by `re`, becomes
steps, and the state of a match is the set of steps that could come next. The successor of each set and character is
computed once (Thompson's construction, with its automaton made on demand).

Assertions, such as look-around, are decided first, for every position of the text; look-ahead by a machine that reads
backwards. A reference to a group has no machine.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_MAX_STEPS = 30_000  # of one machine
_MAX_EFFORT = 250_000  # steps computed for one text: some tenths of a second
_KNOWN_FLAGS = re.IGNORECASE | re.ASCII | re.UNICODE | re.DOTALL

Holds = Callable[[str], bytearray]
"""Where an assertion holds in a text: 1 or 0 for the position before the first character and after each."""


class NoMachineError(ValueError):
    """The pattern has parts that aren't regular, or is too large."""


class UndecidedError(ValueError):
    """The text would still take too long."""


@dataclass(slots=True)
class _Step:
    """
    A step of a match: a character that `reads` permits, an assertion by its index, or nothing.

    Any of the steps `then` may follow.
    """

    reads: Callable[[str], bool] | None = None
    asserts: int | None = None
    then: list[int] = field(default_factory=list)


_ACCEPT = 0


class Machine:
    """A pattern parsed by `re._parser`, as a machine; with `backwards` it reads a text from its end."""

    def __init__(self, parsed: Any, flags: int, *, backwards: bool = False) -> None:
        """
        Prepare the machine.

        Raises:
            NoMachineError: there is no machine for this pattern.
        """
        if flags & ~_KNOWN_FLAGS:
            raise NoMachineError("flags")
        self._steps = [_Step()]
        self._assertions: list[Holds] = []
        self._backwards = backwards
        self._start = self._sequence(parsed, _ACCEPT, flags)
        self._moves: dict[tuple[frozenset[int], int, str], frozenset[int]] = {}
        self._closures: dict[tuple[frozenset[int], int], tuple[tuple[_Step, ...], bool]] = {}
        self._kept = 0  # steps in these two, which are cleared before they grow too large

    def finds(self, text: str) -> bool:
        """
        Return whether the pattern matches anywhere.

        Raises:
            UndecidedError: it would take too long.
        """
        return self._run(text, None)

    def ends(self, text: str) -> bytearray:
        """The positions where matches end, or begin if the machine reads backwards."""
        found = bytearray(len(text) + 1)
        self._run(text, found)
        return found

    def _run(self, text: str, found: bytearray | None) -> bool:
        if self._kept > _MAX_EFFORT:
            self._kept = 0
            self._moves.clear()
            self._closures.clear()
        held = self._held(text)
        current: frozenset[int] = frozenset()
        effort = 0
        positions = range(len(text), -1, -1) if self._backwards else range(len(text) + 1)
        for position in positions:
            holding = held[position]
            closure = self._closures.get((current, holding))
            if closure is None:
                closure = self._closure(current, holding)
                effort += 1 + len(closure[0])
                self._kept += 1 + len(closure[0])
            if closure[1]:
                if found is None:
                    return True
                found[position] = 1
            if position == positions[-1]:
                continue
            character = text[position - 1 if self._backwards else position]
            key = (current, holding, character)
            following = self._moves.get(key)
            if following is None:
                following = frozenset(after for step in closure[0] if step.reads(character) for after in step.then)  # type: ignore[misc]
                effort += 1 + len(closure[0])
                self._kept += 1 + len(following)
                self._moves[key] = following
            if effort > _MAX_EFFORT:
                raise UndecidedError(f"a text of {len(text)} characters")
            current = following
        return False

    def _held(self, text: str) -> Sequence[int]:
        """The assertions that hold at each position, as bits."""
        held = [0] * (len(text) + 1)
        for number, assertion in enumerate(self._assertions):
            for position in _ones(assertion(text)):
                held[position] |= 1 << number
        return held

    def _closure(self, current: frozenset[int], holding: int) -> tuple[tuple[_Step, ...], bool]:
        """The steps that may read the next character, and whether the pattern matches up to here."""
        reached = {*current, self._start}  # a match may begin anywhere
        waiting = list(reached)
        while waiting:
            step = self._steps[waiting.pop()]
            if step.reads is None and (step.asserts is None or holding >> step.asserts & 1):
                waiting += (after for after in step.then if after not in reached)
                reached.update(step.then)
        reading = tuple(step for number in sorted(reached) if (step := self._steps[number]).reads is not None)
        closure = self._closures[current, holding] = (reading, _ACCEPT in reached)
        return closure

    def _add(self, step: _Step) -> int:
        if len(self._steps) >= _MAX_STEPS:
            raise NoMachineError("too many steps")
        self._steps.append(step)
        return len(self._steps) - 1

    def _sequence(self, parsed: Any, after: int, flags: int) -> int:
        """The first step of a sequence of parts that is followed by the step `after`."""
        for code, value in parsed if self._backwards else reversed(list(parsed)):
            after = self._part(str(code), value, after, flags)
        return after

    def _part(self, code: str, value: Any, after: int, flags: int) -> int:
        match code:
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY":
                return self._add(_Step(reads=_Characters(code, value, flags), then=[after]))
            case "BRANCH":
                return self._add(_Step(then=[self._sequence(branch, after, flags) for branch in value[1]]))
            case "SUBPATTERN":
                _, added, removed, inside = value
                if added & ~_KNOWN_FLAGS:
                    raise NoMachineError("flags")
                return self._sequence(inside, after, (flags | added) & ~removed)
            case "MAX_REPEAT" | "MIN_REPEAT":
                fewest, most, inside = value
                return self._repeat(fewest, most, inside, after, flags)
            case "AT" if str(value) in _AT:
                return self._assert(_AT[str(value)], after)
            case "ASSERT" | "ASSERT_NOT":
                ahead, inside = value[0] > 0, value[1]
                machine = Machine(inside, flags, backwards=ahead)
                return self._assert(machine.ends if code == "ASSERT" else _not(machine.ends), after)
            case "FAILURE":  # how Python 3.13 parses `(?!)`: a step that leads nowhere
                return self._add(_Step())
        raise NoMachineError(code)

    def _repeat(self, fewest: int, most: Any, inside: Any, after: int, flags: int) -> int:
        if str(most) == "MAXREPEAT":
            entry = self._add(_Step())
            self._steps[entry].then = [self._sequence(inside, entry, flags), after]
        else:
            entry = after
            for _ in range(most - fewest):
                entry = self._add(_Step(then=[self._sequence(inside, entry, flags), after]))
        for _ in range(fewest):
            entry = self._sequence(inside, entry, flags)
        return entry

    def _assert(self, assertion: Holds, after: int) -> int:
        self._assertions.append(assertion)
        return self._add(_Step(asserts=len(self._assertions) - 1, then=[after]))


class _Characters:
    """Whether a part permits a character; the test is made when the first one comes."""

    __slots__ = ("_code", "_flags", "_permits", "_value")

    def __init__(self, code: str, value: Any, flags: int) -> None:
        self._code = code
        self._value = value
        self._flags = flags
        self._permits: Callable[[str], bool] | None = None
        for kind, _ in value if code == "IN" else ():
            if str(kind) == "CATEGORY":  # those of ECMA-262 were expanded before
                raise NoMachineError(str(value))

    def __call__(self, character: str) -> bool:
        if self._permits is None:
            self._permits = _reader(self._code, self._value, self._flags)
        return self._permits(character)


def _reader(code: str, value: Any, flags: int) -> Callable[[str], bool]:
    """Whether a part permits a character."""
    if code == "ANY":
        return lambda character: bool(flags & re.DOTALL) or character != "\n"
    items = list(value) if code == "IN" else [("LITERAL", value)]
    negated = code == "NOT_LITERAL" or str(items[0][0]) == "NEGATE"
    ranges = sorted(_ranges(items))
    firsts = [first for first, _ in ranges]
    lasts: list[int] = []
    for _, last in ranges:
        lasts.append(max(last, lasts[-1] if lasts else last))

    def permits(character: str) -> bool:
        position = bisect_right(firsts, ord(character)) - 1
        return position >= 0 and ord(character) <= lasts[position]

    if flags & re.IGNORECASE:
        return lambda character: any(map(permits, _cases(character))) != negated
    return lambda character: permits(character) != negated


def _ranges(items: Iterable[tuple[Any, Any]]) -> Iterable[tuple[int, int]]:
    for kind, value in items:
        match str(kind):
            case "LITERAL":
                yield value, value
            case "RANGE":
                yield value


def _cases(character: str) -> set[str]:
    return {case for case in (character, character.lower(), character.upper()) if len(case) == 1}


def _ones(held: bytearray) -> Iterable[int]:
    position = held.find(1)
    while position >= 0:
        yield position
        position = held.find(1, position + 1)


def _not(holds: Holds) -> Holds:
    return lambda text: bytearray(1 - held for held in holds(text))


def _at(position: int) -> Holds:
    def holds(text: str) -> bytearray:
        held = bytearray(len(text) + 1)
        held[position] = 1
        return held

    return holds


def _boundary(text: str) -> bytearray:
    words = [False, *(character.isascii() and (character.isalnum() or character == "_") for character in text), False]
    return bytearray(before != after for before, after in pairwise(words))


_AT: dict[str, Holds] = {
    "AT_BEGINNING": _at(0),
    "AT_BEGINNING_STRING": _at(0),
    "AT_BOUNDARY": _boundary,
    "AT_END_STRING": _at(-1),
    "AT_NON_BOUNDARY": _not(_boundary),
}
