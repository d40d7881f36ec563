"""What type checkers say of uses of the public surface: nothing of right ones, and each wrong one by its line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
RIGHT, WRONG = HERE / "right.py", HERE / "wrong.py"


def _mypy(path: Path, cache: Path) -> set[int]:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(HERE / "mypy.ini"), "--cache-dir"]
    done = subprocess.run([*command, str(cache), str(path)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    return {int(line) for line in re.findall(rf"{path.name}:(\d+): error", done.stdout)}


def _pyright(path: Path, cache: Path) -> set[int]:
    command = shutil.which("pyright", path=f"{Path(sys.executable).parent}:{ROOT / 'node_modules' / '.bin'}")
    command = command or shutil.which("pyright")
    if command is None:
        pytest.skip("pyright is not installed")
    done = subprocess.run(
        [command, "--outputjson", "--pythonpath", sys.executable, str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if not done.stdout.startswith("{"):
        pytest.skip(f"pyright does not run here: {done.stderr[-200:]}")
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {each["range"]["start"]["line"] + 1 for each in found if each["severity"] == "error"}


@pytest.mark.parametrize("check", [_mypy, _pyright], ids=["mypy", "pyright"])
def test_uses_of_the_public_surface(check: object, tmp_path: Path) -> None:
    """Twenty-two right uses have no error, and exactly the eleven wrong ones have one."""
    assert callable(check)
    wrong = [number for number, line in enumerate(WRONG.read_text().split("\n"), 1) if line.endswith("# wrong")]

    assert check(RIGHT, tmp_path) == set()
    assert sorted(check(WRONG, tmp_path)) == wrong
    assert len(wrong) == 11
