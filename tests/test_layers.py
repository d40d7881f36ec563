"""Imports point down the ladder, so that every module can be read knowing only those below it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "dynclient"

LADDER = [
    [
        "types",
        "version",
        "rules",
        "locks",
        "early",
        "automaton",
        "deadline",
        "codings",
        "tracebacks",
        "filenames",
        "framing",
        "limits",
    ],
    ["codes", "workers", "saving"],
    ["errors", "names", "nodes", "pointers", "patterns", "connecting"],
    ["fetching", "retries", "redirects", "bodies", "adapter", "cookies"],
    ["pacing"],
    ["sources", "parsing", "values", "formats", "keywords", "cache", "overlay"],
    ["resources", "uploads"],
    ["references", "multipart"],
    ["document"],
    ["model"],
    ["serialization", "oauth", "shape", "faults", "structure"],
    ["swagger", "strict", "contradictions"],
    ["lowering"],
    ["reader", "security", "servers", "recursion", "readings"],
    ["masking", "acceptance"],
    ["media", "streaming", "directory", "explanation", "examples", "kinds", "messages"],
    ["binding", "deserialization", "response", "narrowing", "inspection"],
    ["request", "validation", "paging", "curl", "wsgi", "difference", "hooks", "undocumented"],
    ["paged", "polling", "asgi"],
    ["options", "describe", "deprecation"],
    ["transport", "mock", "published"],
    ["answers", "async_transport"],
    ["sending"],
    ["unread", "async_sending"],
    ["streams", "downloads", "async_unread"],
    ["client", "async_streams", "async_downloads"],
    ["async_client"],
    ["__init__"],
    ["cli"],
    ["__main__"],
]
RANK = {module: rank for rank, modules in enumerate(LADDER) for module in modules}

# The only module that may import each of these.
OWNERS = {
    "openapi_core": {"validation"},
    "openapi_spec_validator": {"strict"},
    "yaml": {"parsing"},
    "click": {"cli"},
    "oauthlib": {"oauth"},
    "h11": {"async_transport"},
    "anyio": {"async_transport", "async_sending", "async_downloads", "deadline"},
}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    """A module's place on the ladder: the families are one place each."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    """Every import, those inside functions and for typing alone included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            if node.module == "dynclient":
                yield from (f"dynclient.{alias.name}" for alias in node.names)


def test_every_module_has_a_place() -> None:
    """A new module is put on the ladder on purpose."""
    assert {_name(path) for path in _modules()} == set(RANK)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    """A module imports only from strictly lower on the ladder; inside a family, from itself too."""
    own = _name(path)
    for imported in _imports(path):
        package, _, module = imported.partition(".")
        target = module.partition(".")[0]
        if package == "dynclient" and target in RANK and not target == own == "cli":
            assert RANK[target] < RANK[own], f"{own} imports {imported}"


@pytest.mark.parametrize("package", OWNERS)
def test_one_module_knows_each_outside_thing(package: str) -> None:
    """openapi-core, YAML and the command line's library are each met in one place."""
    users = {_name(path) for path in _modules() if package in {name.split(".")[0] for name in _imports(path)}}

    assert users <= OWNERS[package]
