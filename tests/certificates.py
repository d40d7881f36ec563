"""Certificates for loopback, made by openssl for one run of the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def signed_by_itself(folder: Path, *, days: int = 2, names: str = "IP:127.0.0.1") -> Path:
    """The file of a certificate for these names and its key, valid for `days`; if negative, it has expired."""
    path = folder / "server.pem"
    key, asked, made, extensions = (path.with_suffix(f".{each}") for each in ("key", "csr", "pem.crt", "ext"))
    extensions.write_text(f"subjectAltName={names}\n")
    request = "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=127.0.0.1"
    _openssl(f"{request} -keyout {key} -out {asked}")
    _openssl(f"x509 -req -in {asked} -signkey {key} -days {days} -extfile {extensions} -out {made}")
    path.write_text(key.read_text() + made.read_text())
    return path


def _openssl(words: str) -> None:
    try:
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate")
