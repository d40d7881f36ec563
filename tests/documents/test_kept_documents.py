"""Clients of large documents: parsed once, kept, and the same ever after; and documents changed by overlays."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from dynclient import Client
from dynclient.documents.cache import Parts
from dynclient.documents.document import parse
from dynclient.documents.sources import load
from dynclient.errors import DocumentError
from dynclient.types import JSON

SERVERS = [{"url": "http://api.test"}]


def large(operations: int = 400, **more: JSON) -> dict[str, JSON]:
    limit = {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/Limit"}}
    paths = {
        f"/{number}": {
            "get": {"operationId": f"get{number}", "tags": ["t"], "summary": "x" * 100, "parameters": [limit]}
        }
        for number in range(operations)
    }
    components = {"schemas": {"Limit": {"type": "integer", "maximum": 9}}}
    return {"openapi": "3.1.0", "servers": SERVERS, "paths": paths, "components": components, **more}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where documents are kept."""
    monkeypatch.delenv("DYNCLIENT_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "dynclient"


def is_kept(client: Client) -> bool:
    """Whether it was read from what was kept."""
    return isinstance(client.document.contents["paths"], Parts)


def test_a_large_document_is_parsed_once(folder: Path) -> None:
    """The second client is in all respects as the first."""
    text = json.dumps(large())
    first, second = Client(text), Client(text)

    assert (is_kept(first), is_kept(second)) == (False, True)
    assert dict(first.operations) == dict(second.operations)
    assert first.tags == second.tags
    assert copy.deepcopy(second.document.contents) == json.loads(text)
    assert [str(problem) for problem in second.get7.check(limit=10)] == [
        "query limit: 10 is more than the maximum of 9"
    ]


def test_the_operations_are_indexed_once(folder: Path) -> None:
    """No path item is read before its operation is used."""
    text = json.dumps(large())
    Client(text)
    client = Client(text)
    for path in folder.iterdir():
        path.write_bytes(b"")  # what is not read yet cannot be read any more

    assert len(client.operations) == 400
    with pytest.raises(DocumentError, match="damaged while in use"):
        client.get7.prepare()


def test_another_text_is_another_document(folder: Path) -> None:
    """However little differs."""
    Client(json.dumps(large(), indent=1))
    client = Client(json.dumps(large(), indent=1).replace('"get7"', '"gut7"'))

    assert not is_kept(client)
    assert "gut7" in client


@pytest.mark.parametrize("damage", [b"", b"dynclient 00000000 2\n{}", b"\0" * 100_000])
def test_damage_is_mended(folder: Path, damage: bytes) -> None:
    """The document is parsed again, and kept again."""
    text = json.dumps(large())
    Client(text)
    for path in folder.iterdir():
        path.write_bytes(damage)
    again, mended = Client(text), Client(text)

    assert (is_kept(again), is_kept(mended)) == (False, True)
    assert list(again.operations) == list(mended.operations) == [f"get{number}" for number in range(400)]


def test_what_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small documents, data, and whatever the caller does not want kept."""
    Client(json.dumps(large(2)))
    Client(large())
    Client(json.dumps(large()), cache=False)
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")
    Client(json.dumps(large()))

    assert not folder.exists() or list(folder.iterdir()) == []


def test_faults_are_reported_each_time(folder: Path) -> None:
    """A document in which a key stands twice is parsed each time, one whose index has faults indexed each time."""
    twice = json.dumps(large()).replace('"openapi": "3.1.0"', '"openapi": "3.0.0", "openapi": "3.1.0"')
    broken = json.dumps(large(**{"x-a": 1})).replace('"/7": {', '"/7": {"$ref": "#/nowhere", ')
    for _ in range(2):
        assert [problem.rule for problem in Client(twice).document.problems] == ["duplicate-key"]
        assert [problem.rule for problem in Client(broken).document.problems] == ["reference-missing"]


def test_other_files_are_read_each_time(folder: Path, tmp_path: Path) -> None:
    """They may change while the document that refers to them does not."""
    root = tmp_path / "root.json"
    root.write_text(json.dumps(large()).replace('"/7": {', '"/7": {"$ref": "item.json", '))
    item = tmp_path / "item.json"
    for name in ("one", "two"):
        item.write_text(json.dumps({"post": {"operationId": name}}))
        assert name in Client(root)


def test_a_client_of_a_kept_document_can_be_pickled(folder: Path) -> None:
    """The copy needs nothing of what is kept."""
    text = json.dumps(large())
    Client(text)
    pickled = pickle.dumps(Client(text))
    for path in folder.iterdir():
        path.unlink()

    assert pickle.loads(pickled).get7.prepare(limit=1).url == "http://api.test/7?limit=1"


def test_overlays(tmp_path: Path) -> None:
    """Files, texts and data, applied in order, and listed among the problems."""
    overlay = tmp_path / "more.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\n"
        "actions: [{target: $.components.schemas.Limit, update: {maximum: 99}}]\n"
    )
    client = Client(large(), overlays=[overlay, {"servers": [{"url": "http://other.test"}]}])

    assert client.get7.prepare(limit=10).url == "http://other.test/7?limit=10"
    assert [(problem.rule, problem.schema_pointer) for problem in client.document.problems] == [
        ("overlay", "#/components/schemas/Limit"),
        ("overlay", "#/servers"),
    ]


def test_overlays_of_a_kept_document(folder: Path) -> None:
    """They change this client's document alone."""
    text = json.dumps(large())
    changed = [Client(text, overlays=[{"paths": {"/7": None}}]) for _ in range(2)]

    assert [len(client.operations) for client in (*changed, Client(text))] == [399, 399, 400]


def test_an_overlay_may_mend_what_cannot_be_read() -> None:
    """Such as a missing version."""
    document = large(1)
    del document["openapi"]

    assert len(Client(document, overlays=[{"openapi": "3.1.0"}]).operations) == 1


@pytest.mark.parametrize("overlays", ["a.yaml", b"a: b", {"info": None}])
def test_overlays_are_a_list(overlays: JSON) -> None:
    """One alone would be taken for several."""
    with pytest.raises(TypeError, match=r"overlays=\[\.\.\.\]"):
        Client(large(1), overlays=overlays)


def test_an_overlay_that_is_none() -> None:
    """The error names it."""
    with pytest.raises(DocumentError, match=r"^text: an overlay must be an object$"):
        parse(load(large(1)), overlays=[load("- 1\n")])
