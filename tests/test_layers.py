"""The packages of dynclient, the order in which they may import one another, and what only one of them may know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from tests.places import PACKAGE

# From the bottom up: a package imports only from the lines above its own here. At most ten lines.
LEVELS = [
    ["types", "version", "rules", "codes", "errors", "support"],
    ["http", "documents"],
    ["openapi"],
    ["schemas", "credentials"],
    ["wire"],
    ["network", "responses"],
    ["validation", "diff"],
    ["calls", "mock"],
    ["base_client", "client", "async_client", "ipython", "__init__", "adapter", "serialization", "examples"],
    ["cli", "__main__"],
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}

# The lines with modules of the top level: their members may import one another, without a cycle.
TOGETHER = {LEVEL["types"], LEVEL["client"], LEVEL["cli"]}

# The only modules that may import each of these libraries.
OWNERS = {
    "openapi_core": {"validation.openapi_core_hooks"},
    "openapi_spec_validator": {"validation.spec_validator"},
    "yaml": {"documents.parsing", "cli.forms"},
    "click": {"cli"},
    "jmespath": {"cli.answers"},
    "keyring": {"cli.keyrings"},
    "tomlkit": {"cli.apis"},
    "IPython": {"ipython"},
    "oauthlib": {"cli.login", "credentials.oauth"},
    "h11": {"network.async_connections"},
    "anyio": {
        "network.async_connections",
        "network.async_contents",
        "network.async_pools",
        "network.async_transport",
        "calls.async_sending",
        "calls.async_downloads",
        "support.deadline",
    },
}


def _imports(path: Path) -> Iterator[str]:
    """Every import in full, those inside functions and for typing alone included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def faults(root: Path) -> list[str]:
    """What breaks the order: imports that do not point down, cycles, and libraries where they do not belong."""
    modules = {".".join(path.relative_to(root).with_suffix("").parts): path for path in sorted(root.rglob("*.py"))}
    found = [f"{name} has no place" for name in modules if name.partition(".")[0] not in LEVEL]
    near: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        package = name.partition(".")[0]
        for imported in _imports(path):
            library, _, rest = imported.partition(".")
            target, _, member = rest.partition(".")
            if library in OWNERS and not {name, package} & OWNERS[library]:
                found.append(f"{name} imports {library}, which only {', '.join(sorted(OWNERS[library]))} may")
            if library != "dynclient" or target not in LEVEL or package not in LEVEL:
                continue
            is_together = LEVEL[target] == LEVEL[package] and LEVEL[target] in TOGETHER
            if target == package or is_together:
                if not name.endswith(".__init__"):
                    near[name] |= {other for other in modules if f"{rest}.".startswith(f"{other}.")} - {name}
            elif LEVEL[target] >= LEVEL[package]:
                found.append(f"{name} imports {rest}, which is not below it")
            if rest == "support.lazy_names.lazy":  # what every __init__ is made with
                continue
            if target != package and "." in member and f"{target}.{member.partition('.')[0]}" in modules:
                found.append(f"{name} imports {rest}, which is inside of {target}")
    try:
        TopologicalSorter(near).prepare()
    except CycleError as error:
        found.append(f"a cycle of imports: {', '.join(error.args[1])}")
    return found


def test_imports_point_down() -> None:
    """Between packages imports point down and go through the package's `__init__`; nowhere is there a cycle."""
    assert len(LEVELS) <= 10
    assert faults(PACKAGE) == []


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        (
            "wire/values.py",
            "from dynclient.calls import Options",
            "wire.values imports calls.Options, which is not below it",
        ),
        (
            "http/retries.py",
            "def f():\n    import dynclient.client",
            "http.retries imports client, which is not below it",
        ),
        (
            "schemas/formats.py",
            "from dynclient.credentials import Mask",
            "schemas.formats imports credentials.Mask, which is not below it",
        ),
        (
            "wire/values.py",
            "from dynclient.openapi.model import Schema",
            "wire.values imports openapi.model.Schema, which is inside of openapi",
        ),
        (
            "wire/values.py",
            "import yaml",
            "wire.values imports yaml, which only cli.forms, documents.parsing may",
        ),
        (
            "wire/files.py",
            "from dynclient.wire.uploads import Upload",
            "a cycle of imports: wire.files, wire.uploads, wire.files",
        ),
        ("codes.py", "from dynclient.errors import Problem", "a cycle of imports: codes, errors, codes"),
        ("drawer.py", "", "drawer has no place"),
    ],
)
def test_the_test_sees_faults(tmp_path: Path, module: str, line: str, fault: str) -> None:
    """Each kind of fault is found in a copy that it is planted into."""
    for path in PACKAGE.rglob("*.py"):
        copy = tmp_path / path.relative_to(PACKAGE)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text())
    planted = tmp_path / module
    planted.write_text(f"{planted.read_text() if planted.exists() else ''}\n{line}\n")

    (found,) = faults(tmp_path)

    assert found.startswith(fault)


PACKAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_says_what_it_is(package: str) -> None:
    """What comes in, what goes out and what it may import stand at its beginning."""
    text = import_module(f"dynclient.{package}").__doc__ or ""

    assert "In come" in text
    assert "out come" in text
    assert "May import" in text


@pytest.mark.parametrize("package", PACKAGES)
def test_what_a_package_exports(package: str) -> None:
    """Type checkers see the same names as the interpreter, and none of them is also the name of a module."""
    module = import_module(f"dynclient.{package}")
    declared = {
        alias.name
        for node in ast.walk(ast.parse((PACKAGE / package / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(f"dynclient.{package}.")
        for alias in node.names
    } - {"lazy"}

    found = {name for name in dir(module) if hasattr(module, name)}

    assert declared <= found
    assert not declared & {path.stem for path in (PACKAGE / package).glob("*.py")}
    if "__getattr__" in vars(module):
        assert {*vars(module)["__getattr__"].__closure__[0].cell_contents} == declared
