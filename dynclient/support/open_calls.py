"""The call that a cursor stands in, read from unfinished source code, which is never run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
    | "{3}(?:\\.|[^\\])*?"{3} | '{3}(?:\\.|[^\\])*?'{3}
    | (?P<open>"{3}|'{3})
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | (?P<quote>["'])
    | (?P<sign>[(\[{}\]),])
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMED = re.compile(r"\s*(\w+)\s*=(?!=)\s*")
_KEY = re.compile(r"""\s*(?P<key>"[^"\\\n]*"|'[^'\\\n]*')\s*:\s*""")
_CHAIN = re.compile(r"""[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*|\s*\[\s*(?:"[^"\\\n]*"|'[^'\\\n]*'|\d+)\s*\])*\s*\Z""")
_LONGEST_CHAIN = 500  # characters


@dataclass(frozen=True, slots=True)
class OpenCall:
    """
    What an unfinished call or subscript says up to the cursor.

    Attributes:
        chain: what is called or subscripted, such as `client.createRun` or `clients["a"].createRun`.
        is_subscript: whether it is subscripted, not called.
        argument: the argument whose value the cursor is in; "" if the cursor is where a name is written.
        path: the keys of objects and the positions in arrays that lead into the value.
        in_key: whether a key of an object is written.
        given: the names of the arguments before.
        quote: the quotation mark of the text that the cursor is in, or "".
        fragment: what of the name, key or value is there already.
    """

    chain: str
    is_subscript: bool = False
    argument: str = ""
    path: tuple[str | int, ...] = ()
    in_key: bool = False
    given: frozenset[str] = frozenset()
    quote: str = ""
    fragment: str = ""


@dataclass(slots=True)
class _Bracket:
    """An open bracket; `items` are the positions where what it holds begins."""

    sign: str
    start: int
    items: list[int] = field(default_factory=list)


def open_call(source: str) -> OpenCall | None:
    """
    Return the innermost call or subscript that source code up to a cursor leaves open; None if there is none.

    >>> call = open_call('x = client.createRun(thread_id="a", additional_messages=[{"role": "us')
    >>> call.chain, call.argument, call.path, call.fragment
    ('client.createRun', 'additional_messages', (0, 'role'), 'us')
    """
    brackets, quote, start = _scan(source)
    fragment = source[start:] if quote else _last_word(source)
    end = len(source) - len(fragment) - len(quote)
    path: list[str | int] = []  # from the inside out
    in_key = False
    for bracket in reversed(brackets):
        item = _code(source, bracket.items[-1], end)
        is_subscript = bracket is brackets[-1] and bracket.sign == "[" and bool(_chain(source, bracket))
        if bracket.sign == "(" or is_subscript:
            named = _NAMED.fullmatch(item)
            if not named and (item.strip() or path or in_key):
                return None
            return OpenCall(
                _chain(source, bracket),
                is_subscript,
                named[1] if named else "",
                tuple(reversed(path)),
                in_key,
                _given(source, bracket),
                quote,
                fragment,
            )
        key = _KEY.fullmatch(item) if bracket.sign == "{" else None
        if key:
            path.append(key["key"][1:-1])
        elif item.strip():
            return None
        elif bracket.sign == "[":
            path.append(0)
        else:
            in_key = True
        end = bracket.start
    return None


def _scan(source: str) -> tuple[list[_Bracket], str, int]:
    """The brackets that are open at the end; if it is inside a text, the quotation mark and where the text begins."""
    brackets: list[_Bracket] = []
    last_line = source.rfind("\n")
    for token in _TOKEN.finditer(source):
        sign, end = token["sign"], token.end()
        if token["comment"] and end == len(source):
            return [], "", end
        if token["open"] or (token["quote"] and end > last_line):
            return brackets, token[0], end
        if sign == ",":
            if brackets:
                brackets[-1].items.append(end)
        elif sign in ("(", "[", "{"):
            brackets.append(_Bracket(sign, token.start(), [end]))
        elif sign and brackets:
            brackets.pop()
    return brackets, "", len(source)


def _last_word(source: str) -> str:
    start = len(source)
    while start and (source[start - 1].isalnum() or source[start - 1] == "_"):
        start -= 1
    return source[start:]


def _chain(source: str, bracket: _Bracket) -> str:
    """What stands before a bracket: a name with attributes and subscripts; "" if it is something else."""
    before = source[max(0, bracket.start - _LONGEST_CHAIN) : bracket.start]
    found = _CHAIN.search(before)
    return found[0] if found and not before[: found.start()].rstrip().endswith(".") else ""


def _given(source: str, bracket: _Bracket) -> frozenset[str]:
    names = (_NAMED.match(_code(source, start, end)) for start, end in pairwise(bracket.items))
    return frozenset(name[1] for name in names if name)


def _code(source: str, start: int, end: int) -> str:
    """A part of the source without comments."""
    return _TOKEN.sub(lambda token: "" if token["comment"] else token[0], source[start:end])
