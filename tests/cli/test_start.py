"""What a command imports before it does its work: the rest is time that nobody needs to wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

HEAVY = {"requests", "openapi_core", "jsonschema", "referencing", "urllib3", "yaml", "asyncio", "h11", "anyio"}
RUN = """
import sys
from dynclient.cli import main
sys.stdout = open({null!r}, "w")
status = main({arguments!r})
print(*{heavy!r} & set(sys.modules), status, file=sys.stderr)
"""


def _imported(*arguments: str, **environment: str) -> str:
    code = RUN.format(null=os.devnull, arguments=[*arguments], heavy=HEAVY)
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, **environment})
    return done.stderr.strip()


def test_import_dynclient_alone() -> None:
    """Public names are imported when they are first used."""
    code = f"import sys, dynclient; print(*{HEAVY | {'click', 'dataclasses'}!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == ""


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["explain"]])
def test_commands_without_a_document(arguments: list[str]) -> None:
    """They need click alone."""
    assert _imported(*arguments) == "0"


def test_a_listing(tmp_path: Path) -> None:
    """It reads the document, from the cache if that has it, and makes no client."""
    cache = {"DYNCLIENT_NO_CACHE": "", "XDG_CACHE_HOME": str(tmp_path)}
    first = _imported("openai", **cache)

    assert (first, _imported("openai", **cache)) == ("yaml 0", "0")
