"""help() and signatures of every operation of whole documents."""

from __future__ import annotations

import inspect
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient.calls.signatures import REQUIRED
from dynclient.errors import DynclientError
from dynclient.openapi import Operation
from dynclient.types import UNSET
from tests.places import ROOT, SPECS

MANY = 60
"""How many operations of a large document are looked at."""

BUNDLED = sorted((ROOT / "spec").glob("*.yaml"))
PUBLISHED = sorted(path for path in SPECS.glob("*.*") if path.suffix in (".json", ".yaml") and path.stem != "index")
ABSENT: Any = pytest.param(None, marks=pytest.mark.skip(reason=f"there are no published documents in {SPECS}"))
DOCUMENTS = [*BUNDLED, *(PUBLISHED or [ABSENT])]


def _required(operation: Operation) -> Iterator[str]:
    """The names that a call cannot do without, by the document."""
    for parameter in operation.parameters:
        if parameter.required and parameter.filled_in is UNSET:
            yield parameter.name
    if operation.body and operation.body.required:
        yield from (field.name for field in operation.body.fields if field.required)


def _section(text: str, title: str) -> list[str]:
    """The names of the entries below a title."""
    lines = f"{text}\n".split(f"\n{title}\n", 1)[-1].split("\n\n")[0].splitlines() if f"\n{title}\n" in text else []
    return [line[2:].partition(" (")[0] for line in lines if line[2:3].strip()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path and path.name)
def test_every_operation(path: Path) -> None:
    """Its help and its signature fit a terminal and list each required argument."""
    client = dynclient.Client(path, cache=False)
    names = list(client.operations)
    for name in random.Random(path.name).sample(names, min(MANY, len(names))):
        try:
            caller = client[name]
        except DynclientError:  # it cannot be read
            continue
        text, signature = str(caller.__doc__), inspect.signature(caller)
        named, shown = set(_required(caller.operation)), _section(text, "Required:")
        needed = {
            key for key, each in signature.parameters.items() if each.default in (inspect.Parameter.empty, REQUIRED)
        }

        assert max(map(len, text.split("\n"))) <= 120, name
        assert max([len(str(each)) for each in signature.parameters.values()], default=0) <= 120, name
        assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"], name
        assert needed <= set(shown), name
        assert len(shown) >= len(named), name
        assert signature.bind(**dict.fromkeys(needed)).kwargs == dict.fromkeys(needed), name
