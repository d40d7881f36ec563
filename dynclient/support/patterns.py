r"""
Patterns as JSON Schema means them: regular expressions of ECMA-262 with the flag u, which match anywhere in a text.

They are translated for Python's `re`. If that could take long, because the pattern nests repetitions or the text is
long, `automaton` is used instead. So no pattern of a hostile document can hold up a call.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from dynclient.support.automaton import Machine, NoMachineError, UndecidedError

SLOW = "refers to its groups, or nests them, so that it can take very long; only short texts are held to it"
UNSUPPORTED = "is no regular expression that can be run, so it is not checked"

_MAX_STEPS = 4_000_000  # that `re` may take for one text, about a tenth of a second
_LENGTHS = tuple(4**power for power in range(11))
_SHORT = 1024  # characters of a text that is matched whatever the pattern
_LONGEST_SOURCE = 1 << 17  # characters of a pattern in Python's syntax; to read so many takes some tenths of a second
_MANY = 10**15
_LAST = 0x10FFFF

_Ranges = tuple[tuple[int, int], ...]


def matches(pattern: str, text: str) -> bool:
    r"""
    Whether the pattern matches somewhere in the text; yes where there is no telling (see `fault`).

    >>> matches(r"^\p{Lu}\d$", "É1"), matches(r"^\d$", "٣"), matches("^(a+)+$", "a" * 40 + "b")
    (True, False, False)
    """
    compiled = _compiled(pattern)
    if compiled.is_runnable and len(text) <= compiled.length:
        return compiled.finds(text)
    machine = compiled.machine()
    if machine is None:
        return True
    try:
        return machine.finds(text)
    except UndecidedError:
        return True


def pattern_fault(pattern: str) -> str:
    """
    Why texts are not held to a pattern, or "" where they are: `UNSUPPORTED`, or `SLOW` for some of them.

    >>> pattern_fault("^(a+)+$"), pattern_fault("(")
    ('', 'is no regular expression that can be run, so it is not checked')
    """
    compiled = _compiled(pattern)
    if compiled.parsed is None:
        return UNSUPPORTED
    if compiled.length >= _SHORT or compiled.machine() is not None:
        return ""
    return SLOW if compiled.is_runnable else UNSUPPORTED


def parse(pattern: str) -> Any:
    """A pattern as Python's own parser reads it once it is translated, or None where it cannot."""
    return _compiled(pattern).parsed


class _Compiled:
    """
    A pattern as Python's parser reads it, and what is made of it when first needed.

    `length` is that of the longest text for which `re` is quick, 0 where `re` cannot run it.
    """

    __slots__ = ("_pattern", "is_runnable", "length", "parsed")

    def __init__(self, source: str) -> None:
        self.parsed: Any = _parse(source) if len(source) <= _LONGEST_SOURCE else None
        self._pattern: re.Pattern[str] | None = None
        self.is_runnable = self.parsed is not None
        if (
            "(?<" in source and self.is_runnable
        ):  # of look-behinds the compiler alone knows whether they have one length
            self._pattern = _compile(self.parsed)
            self.is_runnable = self._pattern is not None
        self.length = _quick_length(self.parsed) if self.is_runnable else 0

    def finds(self, text: str) -> bool:
        """What `re` says of a text."""
        if self._pattern is None:
            self._pattern = _compile(self.parsed)
        return self._pattern is None or self._pattern.search(text) is not None

    def machine(self) -> Machine | None:
        return _machine(self) if self.parsed is not None else None


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> _Compiled:
    return _Compiled(_translate(pattern))


@lru_cache(maxsize=64)
def _machine(compiled: _Compiled) -> Machine | None:
    try:
        return Machine(compiled.parsed, compiled.parsed.state.flags)
    except (NoMachineError, RecursionError):
        return None


def python_pattern(pattern: str) -> str | None:
    r"""
    An ECMA-262 pattern as Python's `re` understands it, or None where that has no equal.

    >>> python_pattern(r"^[\w-]+\d$"), python_pattern(r"(?<y>[0-9]{4})\k<y>"), python_pattern(r"(?<=a+)b")
    ('^[0-9A-Z_a-z\\-]+[0-9]\\Z', '(?P<y>[0-9]{4})(?P=y)', None)
    """
    return _translate(pattern) if _compiled(pattern).is_runnable else None


def _parse(source: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of operations on sets that Python may have one day
            return re._parser.parse(source)  # type: ignore[attr-defined]  # the only reader of Python's own syntax
    except (re.error, RecursionError, OverflowError):
        return None


def _compile(parsed: Any) -> re.Pattern[str] | None:
    """What `re.compile` makes of a pattern, which it would parse once more."""
    try:
        compiled: re.Pattern[str] = re._compiler.compile(parsed)  # type: ignore[attr-defined]
    except (re.error, RecursionError, OverflowError):
        return None
    return compiled


def _quick_length(parsed: Any) -> int:
    """The length up to which no text takes `re` more than `_MAX_STEPS`, as far as can be told."""
    quick = bisect_right(_LENGTHS, _MAX_STEPS, key=lambda length: _search_steps(parsed, length))
    return _LENGTHS[quick - 1] if quick else 0


def _search_steps(parsed: Any, length: int) -> int:
    anchored = bool(parsed) and str(parsed[0][0]) == "AT" and "BEGINNING" in str(parsed[0][1])
    try:
        steps = _effort(parsed, length)[1]
    except RecursionError:
        return _MANY
    return steps if anchored else steps * (length + 1)


def _effort(parsed: Any, length: int) -> tuple[int, int]:
    """
    The number of ways in which a sequence can match from one place on, and of steps to try them all; at most that.

    Whether the ways exclude each other is not looked at, so that `(-[a-z]+)*` counts as if it were slow.
    """
    ways, steps = 1, 1
    for code, value in parsed:
        part_ways, part_steps = _effort_of_part(str(code), value, length)
        steps = min(steps + ways * part_steps, _MANY)
        ways = min(ways * part_ways, _MANY)
    return ways, steps


def _effort_of_part(code: str, value: Any, length: int) -> tuple[int, int]:
    match code:
        case "SUBPATTERN":
            return _effort(value[3], length)
        case "BRANCH":
            branches = [_effort(branch, length) for branch in value[1]]
            return sum(ways for ways, _ in branches), sum(steps for _, steps in branches)
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _effort_of_repeat(value, length)
        case "POSSESSIVE_REPEAT":
            return 1, _effort_of_repeat(value, length)[1]
        case "ATOMIC_GROUP":
            return 1, _effort(value, length)[1]
        case "ASSERT" | "ASSERT_NOT":  # once they have matched, no other way is tried
            return 1, _effort(value[1], length)[1]
        case "GROUPREF":
            return 1, length + 1
        case "GROUPREF_EXISTS":
            yes, no = (_effort(branch or (), length) for branch in value[1:])
            return yes[0] + no[0], yes[1] + no[1]
    return 1, 1


def _effort_of_repeat(value: Any, length: int) -> tuple[int, int]:
    fewest, most, inside = value
    ways, steps = _effort(inside, length)
    most = min(int(most), max(length, int(fewest)))
    if ways == 1:
        return most - min(int(fewest), most) + 1, min(steps * (most + 1), _MANY)
    all_ways, all_steps, power = 0, 1, 1  # `power` is the number of ways to repeat it so many times
    for count in range(most + 1):
        all_ways += power if count >= fewest else 0
        all_steps += power * steps if count < most else 0
        power *= ways
        if all_steps >= _MANY:
            return _MANY, _MANY
    return all_ways, all_steps


# Translation.

_IN_TEXT = re.compile(
    r"(?P<empty>\[\^?\])|(?P<class>\\[dDwWsS])|(?P<property>\\[pP]\{(?P<name>[\w=]+)\})|(?P<named>\\k<(?P<group>\w+)>)"
    r"|\\u(?P<high>[dD][89abAB][\da-fA-F]{2})\\u(?P<low>[dD][c-fC-F][\da-fA-F]{2})|\\u\{(?P<code>[\da-fA-F]+)\}"
    r"|\\c(?P<control>[A-Za-z])|(?P<boundary>\\[bB])|(?P<end>\$|\\z)|(?P<any>\.)|(?P<group_name>\(\?<(?![=!]))|\\.|.",
    re.DOTALL,
)
# A hyphen beside a class means itself.
_IN_CLASS = re.compile(
    r"(?P<hyphen>-(?=\\[dDwWsSpP]))|(?:(?P<class>\\[dDwWsS])|(?P<property>\\[pP]\{(?P<name>[\w=]+)\}))(?P<after>-?)"
    r"|\\u(?P<high>[dD][89abAB][\da-fA-F]{2})\\u(?P<low>[dD][c-fC-F][\da-fA-F]{2})|\\u\{(?P<code>[\da-fA-F]+)\}"
    r"|\\c(?P<control>[A-Za-z])|(?P<reserved>[\[&~|])|\\.|.",
    re.DOTALL,
)
_BOUNDARIES = {r"\b": r"(?a:\b)", r"\B": r"(?a:(?!\b))"}  # until 3.14, Python had no \B in an empty text
_ANY = "[^\n\r\u2028\u2029]"
_HAS_DOTALL = re.compile(r"\(\?[a-z]*s")  # no ECMA-262, but written
_HAS_MULTILINE = re.compile(r"\(\?[a-z]*m")


def _translate(pattern: str) -> str:
    """The pattern in Python's syntax, which may yet refuse it."""
    translated = []
    in_class, position = False, 0
    end = "$" if _HAS_MULTILINE.match(pattern) else r"\Z"
    any_character = "." if _HAS_DOTALL.match(pattern) else _ANY
    while position < len(pattern):
        found = (_IN_CLASS if in_class else _IN_TEXT).match(pattern, position)
        assert found is not None  # its last alternative is any character
        position = found.end()
        piece, parts = found[0], found.groupdict()
        if parts["class"] or parts["property"]:
            inside = _class(parts["class"]) if parts["class"] else _property(parts["name"], piece[1] == "P")
            hyphen = r"\-" if parts.get("after") else ""
            translated.append(piece if inside is None else inside + hyphen if in_class else f"[{inside}]")
        elif parts["high"]:
            pair = bytes.fromhex(parts["high"] + parts["low"])
            translated.append(re.escape(pair.decode("utf-16-be")))
        elif parts["code"]:
            translated.append(re.escape(chr(min(int(parts["code"], 16), _LAST))))
        elif parts["control"]:
            translated.append(re.escape(chr(ord(parts["control"].upper()) - 64)))
        elif in_class:
            in_class = piece != "]"
            translated.append("\\" + piece if parts["reserved"] or parts["hyphen"] else piece)
        elif parts["empty"]:
            translated.append(r"[\x00-\U0010ffff]" if piece == "[^]" else "(?!)")
        elif parts["boundary"]:
            translated.append(_BOUNDARIES[piece])
        elif parts["named"]:
            translated.append(f"(?P={parts['group']})")
        elif parts["end"]:
            translated.append(end if piece == "$" else r"\Z")  # Python's $ also matches before a line break at the end
        else:
            in_class = piece == "["
            translated.append("(?P<" if parts["group_name"] else any_character if parts["any"] else piece)
    return "".join(translated)


_SPACES = ((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
           (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF))  # fmt: skip
# Python's own mean the digits and letters of all scripts, and other spaces.
_CLASSES: dict[str, _Ranges] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": _SPACES,
}
_BINARY: dict[str, _Ranges] = {"ASCII": ((0, 127),), "Any": ((0, _LAST),)}
_CATEGORY_NAMES = {
    "Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Cased_Letter": "LC",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd",
    "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc",
    "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi",
    "Final_Punctuation": "Pf", "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Surrogate": "Cs",
    "Private_Use": "Co", "Unassigned": "Cn",
}  # fmt: skip
"""The long names of Unicode's general categories (ECMA-262, table of PropertyValueAliases)."""


def _class(escape: str) -> str:
    ranges = _CLASSES[escape[1].lower()]
    return _written(_others(ranges) if escape[1].isupper() else ranges)


def _property(name: str, negated: bool) -> str | None:
    r"""The inside of the character class that `\p{name}` means, or None where nobody here knows it."""
    ranges = _property_ranges(name)
    return None if ranges is None else _written(_others(ranges) if negated else ranges)


@cache
def _categories() -> dict[str, _Ranges]:
    """The characters of each general category of Unicode (as `unicodedata` has them), and of the groups of these."""
    runs: dict[str, list[tuple[int, int]]] = {}
    first, last_category = 0, unicodedata.category("\0")
    for code in range(1, _LAST + 2):
        category = unicodedata.category(chr(code)) if code <= _LAST else ""
        if category != last_category:
            for name in (last_category, last_category[0], "LC" if last_category in ("Lu", "Ll", "Lt") else ""):
                runs.setdefault(name, []).append((first, code - 1))
            first, last_category = code, category
    return {name: tuple(ranges) for name, ranges in runs.items() if name}


def _property_ranges(name: str) -> _Ranges | None:
    key, _, value = name.rpartition("=")
    if key in ("Script", "sc", "Script_Extensions", "scx"):
        return None  # Python does not know the scripts
    if not key and value in _BINARY:
        return _BINARY[value]
    return _categories().get(_CATEGORY_NAMES.get(value, value)) if key in ("", "General_Category", "gc") else None


def _others(ranges: _Ranges) -> _Ranges:
    bounds = [-1, *(bound for pair in ranges for bound in pair), _LAST + 1]
    gaps: Iterable[tuple[int, int]] = list(pairwise(bounds))[::2]
    return tuple((before + 1, after - 1) for before, after in gaps if before + 1 < after)


def _written(ranges: _Ranges) -> str:
    return "".join(
        _character(first) if first == last else f"{_character(first)}-{_character(last)}" for first, last in ranges
    )


def _character(code: int) -> str:
    text = chr(code)
    if text.isascii():
        return text if text.isalnum() or text == "_" else f"\\x{code:02x}"
    return text  # an escape takes the parser five times as long, of which `\p{L}` would have a thousand
