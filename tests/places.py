"""Where things are that tests read."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PACKAGE = ROOT / "dynclient"
SHARED = ROOT.parent / "shared"  # documents as published; it is not part of the project
SPECS = SHARED / "specs"
PEM = TESTS / "loopback.pem"
"""A certificate for 127.0.0.1, and its key."""
