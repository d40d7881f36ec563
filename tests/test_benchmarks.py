"""The benchmark of calls still runs; what it measures is asserted nowhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.slow


def test_the_benchmark_of_calls_has_a_ratio_for_each_call_and_way() -> None:
    """Three calls, each to a server and to a transport that answers from memory: six numbers, and no reason instead."""
    script = str(ROOT / "tests" / "benchmarks" / "calls.py")
    command = [sys.executable, script, "--rounds", "1", "--only", "dynclient"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"dynclient [\d.]*( +\d+\.\d\d){6}", done.stdout.splitlines()[-1])


def test_how_far_a_reader_has_to_jump() -> None:
    """The frames of one call are counted, and are no more than they were when this was written."""
    script = str(ROOT / "tests" / "benchmarks" / "frames.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=environment)

    found = re.fullmatch(r"(\d+) frames \(budget 150\), (\d+) changes of file \(budget 50\)\n", done.stdout)
    assert found, done.stdout
    assert (int(found[1]) <= 260, int(found[2]) <= 120) == (True, True)
