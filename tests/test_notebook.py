"""The notebook of the documentation: what it shows is what its cells give."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.places import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"


def shown(notebook: Any) -> list[tuple[str, Any]]:
    """Each cell that runs, with its outputs."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [(cell.source, [output(each) for each in cell.outputs]) for cell in cells]


def output(found: Any) -> Any:
    return found.get("text") or found.get("traceback") or found.get("data")


@pytest.mark.slow
def test_the_notebook_shows_what_its_cells_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each output is stored in it, so that the site and a reader see it."""
    monkeypatch.delenv("DYNCLIENT_FULL_TRACEBACKS", raising=False)
    stored = nbformat.read(NOTEBOOK, as_version=4)
    made = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(made, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()

    assert len(made.cells) >= 20
    assert shown(made) == shown(stored)


def test_the_notebook_is_small_and_has_no_machine_in_it() -> None:
    """No path, no key, and no more than a page loads at once."""
    text = NOTEBOOK.read_text()

    assert len(text) < 200_000
    assert "/site-packages/" not in text
    assert str(ROOT) not in text
