"""The bundled documents are found however dynclient was installed."""

from __future__ import annotations

import ast
import configparser
import importlib.metadata
import re
import shutil
import site
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.places import ROOT

LOOK = "import dynclient; client = dynclient.Client('openai'); print(dynclient.__file__, len(client.operations))"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a checkout holds, so that building leaves nothing behind in it."""
    copy = tmp_path_factory.mktemp("copy") / "checkout"
    ignored = shutil.ignore_patterns(".*", "*.egg-info", "build", "dist", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=ignored)
    return copy


def _run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _environment(folder: Path) -> Path:
    """A virtual environment that sees what is installed in this one, but for dynclient itself."""
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    purelib = _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    here = next(path for path in site.getsitepackages() if Path(path, "requests").is_dir())
    Path(purelib, "outer.pth").write_text(f"{here}\n")
    return python


def _install(python: Path, *what: str | Path, cwd: Path) -> None:
    _run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--use-pep517", *what, cwd=cwd)


@pytest.mark.slow
def test_wheel(checkout: Path, tmp_path: Path) -> None:
    """A wheel carries the documents inside the package, and nothing of the tests."""
    _run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--use-pep517", "-w", tmp_path, checkout, cwd=tmp_path
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    python = _environment(tmp_path / "venv")
    _install(python, wheel, cwd=tmp_path)

    where, count = _run(python, "-I", "-c", LOOK, cwd=tmp_path).split()

    assert {"dynclient/spec/openai.yaml", "dynclient/py.typed"} <= set(names)
    assert not [name for name in names if name.startswith("tests")]
    assert Path(where).is_relative_to(tmp_path / "venv")
    assert int(count) == 33


@pytest.mark.slow
def test_editable(checkout: Path, tmp_path: Path) -> None:
    """An editable install finds them beside the package."""
    python = _environment(tmp_path / "venv")
    _install(python, "-e", checkout, cwd=tmp_path)

    where, count = _run(python, "-I", "-c", LOOK, cwd=tmp_path).split()

    assert Path(where).is_relative_to(checkout)
    assert int(count) == 33


def test_checkout(checkout: Path) -> None:
    """A checkout needs no install."""
    where, count = _run(sys.executable, "-c", LOOK, cwd=checkout).split()

    assert Path(where).is_relative_to(checkout)
    assert int(count) == 33


def test_what_is_imported_is_declared() -> None:
    """
    Every library that the package imports is in setup.cfg, and does not come only because another needs it.

    IPython itself calls what imports it.
    """
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = config["options.extras_require"]
    listed = "\n".join(
        [
            config["options"]["install_requires"],
            *(extras[name] for name in ("async", "cli", "keyring", "oauth", "overlay")),
        ]
    )
    declared = {name.lower() for name in re.findall(r"^ *([A-Za-z][\w.-]*)", listed, re.MULTILINE)}
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "dynclient").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
    }
    distributions = importlib.metadata.packages_distributions()

    outside = imported - set(sys.stdlib_module_names) - {"dynclient", "IPython", "rich"}  # used where they happen to be
    missing = {name for name in outside if not declared & {each.lower() for each in distributions.get(name, [name])}}
    assert missing == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_import_is_light() -> None:
    """`import dynclient` imports neither openapi-core nor requests; a client alone does not, nor does an operation."""
    heavy = {"openapi_core", "requests", "jsonschema", "click", "oauthlib", "anyio", "h11", "asyncio"}
    code = f"import sys, dynclient; dynclient.Client('openai').createRun; print({heavy} & set(sys.modules))"

    assert _run(sys.executable, "-c", code, cwd=ROOT) == "set()\n"
