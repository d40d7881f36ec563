"""A document parsed: its data, its version, the references inside it resolved, and what was found wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dynclient.errors import DocumentError, Problem
from dynclient.parsing import parse_text
from dynclient.sources import Source
from dynclient.types import JSON


class Document:
    """
    An OpenAPI document in memory.

    `contents` is its data, never changed after loading; `name` is the path, URL or name it came from, and `url` its
    URL where it has one; `problems` grows as parts of the document are used and found wrong.
    """

    def __init__(self, contents: Mapping[str, JSON], name: str = "mapping", url: str = "") -> None:
        self.contents = contents
        self.name = name
        self.url = url
        self.problems: list[Problem] = []
        self.version = self._read_version()

    def __repr__(self) -> str:
        return f"<Document {self.title!r} {self.info('version')}, OpenAPI {self.version}>"

    @property
    def title(self) -> str:
        return self.info("title") or self.name

    def info(self, key: str) -> str:
        """A text of the Info Object, or "" where there is none."""
        info = self.contents.get("info")
        value = info.get(key) if isinstance(info, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def is_30(self) -> bool:
        """Whether schemas follow OpenAPI 3.0's own dialect instead of JSON Schema 2020-12."""
        return self.version.startswith("3.0")

    def resolve(self, node: JSON, pointer: str) -> tuple[JSON, str]:
        """
        Follow `$ref` from a node until it is none; return what is there and its pointer.

        Raises:
            DocumentError: a reference leads outside the document, nowhere, or in a circle.
        """
        seen = {pointer}
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = node["$ref"]
            if pointer in seen:
                raise DocumentError("the reference leads back to itself", self.name, pointer)
            seen.add(pointer)
            node = self.at(pointer)
        return node, pointer

    def at(self, pointer: str) -> JSON:
        """
        What stands at a `#/...` pointer (RFC 6901 §6).

        Raises:
            DocumentError: it leads outside the document, or there is nothing.
        """
        if pointer == "#":
            return self.contents
        if not pointer.startswith("#/"):
            raise DocumentError("only references inside the document ('#/...') are followed", self.name, pointer)
        node: JSON = self.contents
        for token in split_pointer(pointer):
            try:
                node = node[int(token) if isinstance(node, list) and token.isdigit() else token]
            except (KeyError, IndexError, TypeError, ValueError):
                raise DocumentError("there is nothing at this reference", self.name, pointer) from None
        return node

    def note(self, rule: str, pointer: str, message: str) -> None:
        """Record something wrong with the document that was worked around; the same thing once."""
        problem = Problem("document", "", message, rule, schema_pointer=pointer)
        if problem not in self.problems:
            self.problems.append(problem)

    def _read_version(self) -> str:
        version = self.contents.get("openapi")
        if "swagger" in self.contents:
            raise DocumentError(
                "is a Swagger 2.0 document, which is not read yet; convert it to OpenAPI 3", self.name, "#/swagger"
            )
        if not isinstance(version, (str, float)) or not re.match(r"3\.[0-2](\.|$)", str(version)):
            said = f"is {version!r}" if version is not None else "is missing"
            raise DocumentError(f"'openapi' {said}; it must name a version 3.0, 3.1 or 3.2", self.name)
        return str(version)


def parse(source: Source) -> Document:
    """
    Read a loaded source as JSON or YAML.

    Raises:
        DocumentError: it is neither, or no OpenAPI document.
    """
    contents = source.content if isinstance(source.content, Mapping) else parse_text(source.content, source.name)
    if not isinstance(contents, Mapping):
        raise DocumentError("is no OpenAPI document: its top level must be an object", source.name)
    return Document(contents, source.name, source.url)


def escape_token(token: str) -> str:
    """One step of a pointer (RFC 6901 §3)."""
    return token.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> Iterator[str]:
    """
    The steps of a pointer in a fragment (RFC 6901 §6).

    >>> list(split_pointer("#/paths/~1pets~1{id}/get")), list(split_pointer("#/a%25b"))
    (['paths', '/pets/{id}', 'get'], ['a%b'])
    """
    from urllib.parse import unquote

    for token in pointer.removeprefix("#").split("/")[1:]:
        yield unquote(token).replace("~1", "/").replace("~0", "~")
