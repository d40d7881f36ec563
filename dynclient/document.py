"""A document parsed: its data, its version, the references inside it resolved, and what was found wrong with it."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from dynclient.errors import DocumentError, Problem
from dynclient.sources import Source
from dynclient.types import JSON

# The C loader is missing where PyYAML was built without it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_LOADER):  # type: ignore[misc]  # chosen at run time
    """
    The safe loader with YAML 1.2's core schema, as OpenAPI asks (OpenAPI 3.1.1 §4.2), in place of YAML 1.1's.

    So `NO`, `12:30` and a date stay text. Keys are text too: responses are often written `200:` without quotes.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own shape

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[str, JSON]:
        if not isinstance(node, yaml.MappingNode):  # `!!map [a]`
            raise yaml.constructor.ConstructorError(None, None, "expected a mapping", node.start_mark)
        self.flatten_mapping(node)
        return {_key(key): self.construct_object(value, deep=deep) for key, value in node.value}


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a key must be a scalar", node.start_mark)
    return str(node.value)


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("tag:yaml.org,2002:int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "tag:yaml.org,2002:float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+0123456789."),
    ),
    ("tag:yaml.org,2002:merge", r"^(?:<<)$", ["<"]),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def _construct_bool(loader: Any, node: yaml.ScalarNode) -> bool:
    text = loader.construct_scalar(node)
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is no boolean")
    return bool(text.lower() == "true")


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _construct_float(loader: Any, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node).lower().replace(".inf", "inf").replace(".nan", "nan"))


# JSON has no dates, bytes and sets: the core schema's own tags are constructed, no others.
_Loader.yaml_constructors = {
    tag: construct
    for tag, construct in _Loader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("null", "str", "seq", "map")
}
_Loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor("tag:yaml.org,2002:binary", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor("tag:yaml.org,2002:bool", _construct_bool)
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)


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
                "Swagger 2.0 documents are not read yet; convert it to OpenAPI 3", self.name, "#/swagger"
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
    contents = source.content if isinstance(source.content, Mapping) else _parse_text(source.content, source.name)
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


def _parse_text(content: bytes, name: str) -> JSON:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        with _collector_paused():
            if content.lstrip()[:1] in (b"{", b"["):
                try:
                    return json.loads(content)
                except ValueError:
                    pass  # YAML's flow style begins with a brace too
            if _may_be_deep(content):
                _check_depth(content)
            return yaml.load(content, _Loader)  # noqa: S506  # a safe loader of our own
    except yaml.YAMLError as error:
        raise DocumentError(f"is neither JSON nor YAML: {error}", name) from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise DocumentError(f"cannot be parsed: {reason}", name) from error


_MAX_DEPTH = 1000
_BLOCK_PREFIX = re.compile(rb"^[ \t?:-]*", re.MULTILINE)


def _may_be_deep(content: bytes) -> bool:
    """Whether YAML may nest so deep that the C loader exhausts the stack and ends the process; a cheap upper bound."""
    deepest = max(map(len, _BLOCK_PREFIX.findall(content)), default=0)
    return 2 * deepest + content.count(b"[") + content.count(b"{") > 10 * _MAX_DEPTH


def _check_depth(content: bytes) -> None:
    depth = 0
    for event in yaml.parse(content, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH:
            raise RecursionError


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without the garbage collector a large document loads in half the time: it makes objects and drops none."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
