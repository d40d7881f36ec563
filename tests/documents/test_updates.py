"""Documents at URLs: fetched again only when they have changed, and what has changed is reported."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

from dynclient import AsyncClient, Client, DocumentChanged
from dynclient.documents.cache import Cache, key_of
from dynclient.types import JSON
from tests.conftest import Answer, Loopback

DOCUMENT: dict[str, JSON] = {
    "openapi": "3.1.0",
    "servers": [{"url": "/v1"}],
    "paths": {"/a": {"get": {"operationId": "getA"}}, "/b": {"get": {"operationId": "getB"}}},
}


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNCLIENT_NO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def says(loopback: Loopback, contents: JSON, **headers: str) -> None:
    loopback.says(json.dumps(contents).encode(), "application/json", 200, **headers)


def url_of(loopback: Loopback) -> str:
    return f"{loopback.url}/openapi.json"


def test_it_is_fetched_when_it_has_changed(loopback: Loopback) -> None:
    """The server is asked with what it said of the version that is kept."""
    says(loopback, DOCUMENT, ETag='"1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")
    Client(url_of(loopback))
    loopback.answer = Answer(b"", 304, {})
    client = Client(url_of(loopback))

    assert list(client.operations) == ["getA", "getB"]
    assert client.base_url == f"{loopback.url}/v1"
    assert [sent.headers.get("if-none-match") for sent in loopback.sent] == [None, '"1"']
    assert loopback.last.headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_document_behind_a_key(kind: type[Client] | type[AsyncClient], loopback: Loopback) -> None:
    """`document_headers` go with each request for it, and with none of its operations."""
    says(loopback, DOCUMENT, ETag='"1"')
    for _ in range(2):
        client = kind(url_of(loopback), document_headers={"X-Key": "secret"})

    assert [sent.headers.get("x-key") for sent in loopback.sent] == ["secret", "secret"]
    assert loopback.last.headers["if-none-match"] == '"1"'
    assert "X-Key" not in client.getA.prepare().headers


def test_a_new_version_is_reported(loopback: Loopback) -> None:
    """Once, with servers first."""
    says(loopback, DOCUMENT)
    Client(url_of(loopback))
    paths = {"/a": DOCUMENT["paths"]["/a"], "/c": {"get": {"operationId": "getC"}}}
    says(loopback, {**DOCUMENT, "paths": paths, "servers": [{"url": "http://127.0.0.1:1"}]})

    with pytest.warns(DocumentChanged) as caught:
        client = Client(url_of(loopback))
    assert list(client.operations) == ["getA", "getC"]
    assert str(caught[0].message) == (
        f"the document at {loopback.url}/openapi.json has changed since it was last read: "
        f"calls go to 'http://127.0.0.1:1' instead of '{loopback.url}/v1' (another origin)\n"
        "1 operation removed, 1 operation added; of all, 2 breaking"
    )
    assert caught[0].filename == __file__
    Client(url_of(loopback))  # a warning would be an error here


def test_other_changes(loopback: Loopback) -> None:
    """What stands inside operations is not compared."""
    says(loopback, DOCUMENT)
    Client(url_of(loopback))
    says(loopback, {**DOCUMENT, "info": {"title": "New"}})

    with pytest.warns(DocumentChanged, match="no server, security scheme or operation was added"):
        Client(url_of(loopback))


def test_the_same_version_sent_again(loopback: Loopback) -> None:
    """Servers that know no conditional requests send it each time; nothing is reported."""
    says(loopback, DOCUMENT)

    assert [len(Client(url_of(loopback)).operations) for _ in range(3)] == [2, 2, 2]


def test_nothing_is_remembered(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cache is wanted."""
    says(loopback, DOCUMENT, ETag='"1"')
    Client(url_of(loopback))
    Client(url_of(loopback), cache=False)
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")
    Client(url_of(loopback))

    assert ["if-none-match" in sent.headers for sent in loopback.sent] == [False, False, False]


def test_damage(loopback: Loopback, tmp_path: Path) -> None:
    """The document is fetched as if it had never been read."""
    says(loopback, DOCUMENT, ETag='"1"')
    Client(url_of(loopback))
    for path in (tmp_path / "dynclient").iterdir():
        path.write_bytes(b"damaged")
    client = Client(url_of(loopback))

    assert len(client.operations) == 2
    assert "if-none-match" not in loopback.last.headers


def test_faults_are_reported_each_time(loopback: Loopback) -> None:
    """A document in which a key stands twice is fetched and parsed again."""
    text = json.dumps(DOCUMENT).replace('"openapi": "3.1.0"', '"openapi": "3.0.0", "openapi": "3.1.0"')
    loopback.says(text.encode(), ETag='"1"')
    for _ in range(2):
        client = Client(url_of(loopback))
        assert [problem.rule for problem in client.document.problems] == ["duplicate-key"]


def test_overlays(loopback: Loopback) -> None:
    """They change neither what is kept nor what is compared."""
    overlays = [{"paths": {"/b": None}}]
    says(loopback, DOCUMENT, ETag='"1"')
    assert len(Client(url_of(loopback), overlays=overlays).operations) == 1
    assert len(Client(url_of(loopback)).operations) == 2
    loopback.answer = Answer(b"", 304, {})

    assert len(Client(url_of(loopback), overlays=overlays).operations) == 1


def test_an_older_version_that_cannot_be_used(loopback: Loopback) -> None:
    """There is nothing to compare with."""
    says(loopback, {**DOCUMENT, "openapi": "9.9"})
    with pytest.raises(Exception, match="must name a version"):
        Client(url_of(loopback))
    says(loopback, DOCUMENT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(Client(url_of(loopback)).operations) == 2


def test_versions_that_cannot_be_compared(loopback: Loopback, tmp_path: Path) -> None:
    """The new one is there all the same."""
    says(loopback, DOCUMENT)
    Client(url_of(loopback))
    Cache(tmp_path / "dynclient").keep(key_of(json.dumps(DOCUMENT).encode()), {"openapi": "9.9"})
    says(loopback, {**DOCUMENT, "info": {}})

    assert len(Client(url_of(loopback)).operations) == 2


def test_no_password_is_written_down(loopback: Loopback, tmp_path: Path) -> None:
    """Neither in names of files nor in what they hold."""
    says(loopback, DOCUMENT, ETag='"1"')
    Client(f"http://user:s3cret@{loopback.host}/openapi.json?token=t0ken")

    for path in (tmp_path / "dynclient").iterdir():
        assert b"s3cret" not in path.read_bytes() + path.name.encode()
        assert b"t0ken" not in path.read_bytes() + path.name.encode()
