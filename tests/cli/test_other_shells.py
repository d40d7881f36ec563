"""Each command in the table for those who come from other shells does what it says, as far as its status tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

PAGE = (ROOT / "docs" / "howto" / "from-shells.rst").read_text()
COMMANDS = re.findall(r"^     - ``((?:echo .* \| )?dynclient .*)``$", PAGE, re.MULTILINE)


def test_the_table_is_read() -> None:
    """All rows have a command of ours, and no command is left out of the test."""
    assert len(COMMANDS) == PAGE.count("   * - ") - 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where they run one after another: a file to send, an editor that saves, and settings of its own."""
    made = tmp_path_factory.mktemp("shell")
    (made / "notes.txt").write_text("some text")
    editor = made / "editor"
    editor.write_text("#!/bin/sh\necho 'assistant_id: asst_1' > \"$1\"\n")
    editor.chmod(0o700)
    return made


def test_the_commands(folder: Path) -> None:
    """In the order of the page, because some need what others made."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "EDITOR": str(folder / "editor")}
    environment |= {"VISUAL": str(folder / "editor"), "OPENAI_API_KEY": "sk-demo", "PYTHONPATH": str(ROOT)}
    for each in COMMANDS:
        shell = each.replace("dynclient ", f'"{sys.executable}" -m dynclient ', 1)
        done = subprocess.run(
            ["bash", "-c", shell], capture_output=True, text=True, cwd=folder, env=environment, check=False
        )
        assert done.returncode == 0, f"{each}: {done.stderr}"
        assert done.stdout or "--save" in each or "api add" in each
