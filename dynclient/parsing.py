"""From text to data: JSON, and YAML 1.2 with the C loader. The only module that knows YAML."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from dynclient.errors import DocumentError
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


def parse_text(content: bytes, name: str) -> JSON:
    """
    The data of a text in JSON or YAML; `name` is what errors call it.

    Raises:
        DocumentError: it is neither.
    """
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
