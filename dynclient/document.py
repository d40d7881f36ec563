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
        kind = "Swagger" if self.is_20 else "OpenAPI"
        return f"<Document {self.title!r} {self.info('version')}, {kind} {self.version}>"

    @property
    def title(self) -> str:
        return self.info("title") or self.name

    def info(self, key: str) -> str:
        """A text of the Info Object, or "" where there is none."""
        info = self.contents.get("info")
        value = info.get(key) if isinstance(info, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def is_20(self) -> bool:
        """Whether this is Swagger 2.0."""
        return self.version == "2.0"

    @property
    def is_30(self) -> bool:
        """Whether schemas follow the dialect of OpenAPI 3.0, and of Swagger 2.0, instead of JSON Schema 2020-12."""
        return self.is_20 or self.version.startswith("3.0")

    @property
    def base_uri(self) -> str:
        """What relative URLs in the document are relative to: its `$self` (OpenAPI 3.2), else its URL."""
        from urllib.parse import urljoin

        own = self.contents.get("$self")
        return urljoin(self.url, own) if isinstance(own, str) else self.url

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
        if version is None:
            for key in ("swagger", "swaggerVersion"):  # the latter is that of Swagger 1
                if key in self.contents:
                    return self._read_swagger_version(key)
        if not isinstance(version, (str, float)) or not re.match(r"3\.[0-2](\.|$)", str(version)):
            said = f"is {version!r}" if version is not None else "is missing"
            raise DocumentError(
                f"'openapi' {said}; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0", self.name
            )
        return str(version)

    def _read_swagger_version(self, key: str) -> str:
        version = self.contents[key]
        if key != "swagger" or str(version) not in ("2.0", "2"):  # YAML makes a number of it
            message = f"{key!r} is {version!r}; only Swagger 2.0 is read: convert the document to OpenAPI 3"
            raise DocumentError(message, self.name, f"#/{key}")
        return "2.0"


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
    """One step of a pointer into a document, which is a fragment, where % begins an escape (RFC 6901 §6)."""
    return escape_step(token).replace("%", "%25")


def escape_step(step: str) -> str:
    """One step of a pointer into a value (RFC 6901 §3)."""
    return step.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> Iterator[str]:
    """
    The steps of a pointer in a fragment (RFC 6901 §6).

    >>> list(split_pointer("#/paths/~1pets~1{id}/get")), list(split_pointer("#/a%25b"))
    (['paths', '/pets/{id}', 'get'], ['a%b'])
    """
    from urllib.parse import unquote

    for token in pointer.removeprefix("#").split("/")[1:]:
        yield unquote(token).replace("~1", "/").replace("~0", "~")
