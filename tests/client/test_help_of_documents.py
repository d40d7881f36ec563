"""help() and signatures of every operation of whole documents."""

from __future__ import annotations

import inspect
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

import dynclient
from dynclient.errors import DynclientError
from dynclient.openapi import Operation
from dynclient.types import UNSET
from tests.places import ROOT, SPECS

MANY = 60
"""How many operations of a large document are looked at."""

BUNDLED = sorted((ROOT / "spec").glob("*.yaml"))
PUBLISHED = sorted(path for path in SPECS.glob("*.*") if path.suffix in (".json", ".yaml") and path.stem != "index")
ABSENT = pytest.param(None, marks=pytest.mark.skip(reason=f"there are no published documents in {SPECS}"))


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


@pytest.mark.parametrize("path", [*BUNDLED, *(PUBLISHED or [ABSENT])], ids=lambda path: path and path.name)
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
        required = list(_required(caller.operation))

        assert max(map(len, text.split("\n"))) <= 120, name
        assert max([len(str(each)) for each in signature.parameters.values()], default=0) <= 120, name
        assert not [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n"], name
        assert len(_section(text, "Required:")) >= len(set(required)) or "body" in _section(text, "Required:"), name
        given = {key: None for key, each in signature.parameters.items() if each.default is inspect.Parameter.empty}
        assert signature.bind(**given).kwargs == given, name
        assert repr(signature)
