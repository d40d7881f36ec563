"""Secrets, and how they are masked in messages, logs and reprs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"


class Withheld:
    """What a pickled client holds in place of a credential."""

    def __repr__(self) -> str:
        return "<withheld>"


class Secret:
    """A credential whose repr is ***, and which `Withheld` replaces in a pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def reveal(self) -> Any:
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and bool(self._value == other._value)

    def __hash__(self) -> int:
        try:
            return hash(self._value)
        except TypeError:  # requests' authentication objects can be compared, but not hashed
            return hash(type(self._value))

    def __repr__(self) -> str:
        return MASK

    def __reduce__(self) -> tuple[type[Withheld], tuple[()]]:
        return Withheld, ()


@dataclass(slots=True, repr=False, eq=False)
class Secrets:
    """
    Texts that no message may show, in any case, also as they are written in a URL and in JSON.

    They are collected when they are first needed, which for most calls is never. No repr or pickle has them, and this
    isn't a sequence, because tools that show variables iterate over sequences.
    """

    _find: Callable[[], Iterable[str]] = tuple
    _pattern: re.Pattern[str] | None = field(init=False, default=None)

    def __repr__(self) -> str:
        return MASK

    def __reduce__(self) -> tuple[type[Secrets], tuple[()]]:
        return Secrets, ()

    def stands_in(self, text: str) -> bool:
        return bool(self._any().search(text))

    def masked(self, value: Any) -> Any:
        """Return text, bytes or JSON data with *** in place of each secret, also in the names of members."""
        if isinstance(value, str):
            return self._any().sub(MASK, value)
        if isinstance(value, bytes):  # in any charset: what isn't UTF-8 in them stays as it is
            return self._any().sub(MASK, value.decode(errors="surrogateescape")).encode(errors="surrogateescape")
        if isinstance(value, Mapping):
            return {self.masked(name): self.masked(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        return value

    def _any(self) -> re.Pattern[str]:
        if self._pattern is None:
            texts = {each for text in self._find() if len(text) >= _SHORTEST for each in _spellings(text)}
            longest_first = sorted(texts, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
        return self._pattern


NO_SECRETS = Secrets()


_SHORTEST = 4  # characters of a secret that is looked for; what is shorter stands in ordinary words


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield from (quote(text, safe=safe, errors="replace") for safe in ("", "*", "/"))
    yield quote_plus(text, errors="replace")
    import html

    yield from (html.escape(text), repr(text)[1:-1])
    for written in (json.dumps(text, ensure_ascii=as_ascii)[1:-1] for as_ascii in (True, False)):
        yield from (written, written.replace("/", "\\/"))  # of servers that escape slashes, or what is markup in HTML
        yield re.sub("[&'<>]", lambda found: f"\\u{ord(found[0]):04x}", written)
        yield json.dumps(written)[1:-1]  # of JSON in JSON
