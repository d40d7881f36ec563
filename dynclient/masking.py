"""
Which values of a call are secret, and what is shown in their place.

Secret is what stands where the document's security schemes put their keys, what has the format `password`, and what
has a name that suggests it: every header and cookie named like a credential, and fields called `password`,
`access_token`, `client_secret`, `api_key` and the like.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from dynclient.document import Document
from dynclient.errors import Problem
from dynclient.locks import cached
from dynclient.model import Operation, Schema
from dynclient.names import snake_case
from dynclient.pointers import split_value_pointer
from dynclient.reader import read_security_schemes
from dynclient.security import Authenticator
from dynclient.shape import Shape
from dynclient.types import JSON, UNSET

MASK = "***"

# Narrower than what is masked in headers: `max_tokens`, `author`, `sort_key` and `keywords` are ordinary fields.
_SECRET_NAME = re.compile(
    r"(^|_)(authorization|cookie|credentials?|pass(phrase|wd|word)|pwd|secret|signature|token"
    r"|(access|account|api|auth|encryption|master|private|secret|signing|subscription)_?key)$"
)
_CURSOR_NAME = re.compile(r"(^|(^|_)(continuation|cursor|next|page|sync)_)token$")
_SHORTEST_SECRET = 3  # characters; what is shorter is a part of ordinary words
_NO_SHAPE = Shape(None, ())


def is_secret_name(name: str) -> bool:
    """
    Whether a field of this name holds a secret.

    >>> is_secret_name("accessToken"), is_secret_name("X-API-Key"), is_secret_name("max_tokens")
    (True, True, False)
    """
    return bool(_SECRET_NAME.search(snake_case(name)))


def is_cursor_name(name: str) -> bool:
    """
    Whether a field of the query with this name tells of a page, as far as anyone can tell, and so is no secret.

    >>> is_cursor_name("pageToken"), is_cursor_name("token"), is_cursor_name("access_token")
    (True, True, False)
    """
    return bool(_CURSOR_NAME.search(snake_case(name)))


class Mask:
    """Tells what of the calls of one document is secret; without one, by names alone."""

    def __init__(self, document: Document | None = None) -> None:
        self._document = document

    def shape(self, *schemas: Schema | None) -> Shape:
        """What schemas of the document say of their values and the members of those, formats among it."""
        return Shape(self._document, schemas)

    def told(self, problem: Problem, operation: Operation) -> Problem:
        """The problem of a call with its secrets masked, in its message too."""
        name, shape = self._described(problem, operation)
        path = split_value_pointer(problem.pointer)
        for step in path:
            shape = shape.member(step) if "object" in shape.types or not step.isdecimal() else shape.item(int(step))
        value = self.masked(problem.value, shape, is_secret=self.hides(problem.location, name, path))
        message = problem.message
        if value == MASK and isinstance(problem.value, str) and len(problem.value) > _SHORTEST_SECRET:
            for text in (problem.value, problem.value[:60]):  # as much as any message tells
                message = message.replace(text, MASK)
        return dataclasses.replace(problem, value=value, message=message)

    def _described(self, problem: Problem, operation: Operation) -> tuple[str, Shape]:
        """What the value is called in which the problem is, and its shape."""
        if problem.location == "body" and operation.body is not None:
            return "", self.shape(*(media_type.schema for media_type in operation.body.content))
        for parameter in operation.parameters:
            inner = problem.name.removeprefix(parameter.name)
            if parameter.location == problem.location and problem.name == parameter.name + inner and inner[:1] in ".[":
                return parameter.name, self.shape(parameter.schema)
        return problem.name, _NO_SHAPE

    def hides(self, location: str, name: str, path: Iterable[str | int] = ()) -> bool:
        """Whether what stands at a path inside a parameter or body is secret, as far as names tell."""
        return self._hides_parameter(location, name) or any(is_secret_name(str(step)) for step in (name, *path))

    def masked(
        self, value: JSON, shape: Shape = _NO_SHAPE, *, is_secret: bool = False, found: list[str] | None = None
    ) -> JSON:
        """
        The value with *** for all that is secret in it, the texts of which are added to `found`.

        What tells nothing stays: null, true, false, and what is empty.
        """
        if value is None or value is UNSET or isinstance(value, bool) or value in ("", [], {}):
            return value
        if is_secret or "password" in shape.formats:
            if found is not None:
                found += _texts(value)
            return MASK
        if isinstance(value, dict):
            return {
                key: self.masked(item, shape.member(key), is_secret=is_secret_name(str(key)), found=found)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.masked(item, shape.item(index), found=found) for index, item in enumerate(value)]
        return value

    def _hides_parameter(self, location: str, name: str) -> bool:
        if self._authenticator is None:
            return False
        location = location.rpartition(" ")[2]  # that of an answer is "response header"
        if location in ("header", "cookie"):
            return self._authenticator.is_secret(location, name)
        return (location, name) in self._authenticator.secret_places

    @cached
    def _authenticator(self) -> Authenticator | None:
        return Authenticator(read_security_schemes(self._document), {}) if self._document else None


def _texts(value: JSON) -> Iterator[str]:
    """The texts and numbers in a value."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield str(value)
