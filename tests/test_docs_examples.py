"""The programs in docs/examples, run without a key: they answer from the bundled document."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.places import ROOT

EXAMPLES = ROOT / "docs" / "examples"

# What each prints, in full or its beginning.
PRINTED = {
    "assistant": "run: completed\nassistant: ",
    "chat": "A marathon is 42.195 km long, which is about 26.2 miles.\n42 tokens\n",
    "chat_with_tools": "A marathon is 42.195 km long, which is about 26.2 miles.\n",
    "embeddings": "0 4 numbers\n",
    "file_upload": "file-abc123 104 bytes\n4 bytes downloaded\ndeleted: True\n",
    "many_calls": "10 answers\n",
    "own_api": "refused: path id: 0 is less than the minimum of 1\nanswered: response body name: required",
    "pages": "file-abc123 training.jsonl\nfile-abc456 units.pdf\n2 files\n",
    "stream": "About 26.2 miles.\n",
}


def test_each_program_is_tested_and_shown() -> None:
    """A new one needs a line above, and a place on the page."""
    names = {path.stem for path in EXAMPLES.glob("*.py")}
    page = (ROOT / "docs" / "examples.rst").read_text()

    assert names == set(PRINTED)
    assert [name for name in names if f"literalinclude:: examples/{name}.py" not in page] == []


@pytest.mark.parametrize("name", PRINTED)
def test_a_program(name: str) -> None:
    """It runs, and is short enough to read in a minute."""
    path = EXAMPLES / f"{name}.py"
    environment = {key: text for key, text in os.environ.items() if key != "OPENAI_API_KEY"}

    done = subprocess.run([sys.executable, path], capture_output=True, text=True, cwd=ROOT, env=environment)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(PRINTED[name])
    assert len(path.read_text().splitlines()) < 40
