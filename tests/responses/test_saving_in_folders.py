"""Answers and downloads saved in a folder, where the server names the file."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

import dynclient
from tests.drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401
from tests.faultserver import FaultServer, answering


def document(url: str) -> dict[str, object]:
    answers = {"200": {"description": "", "content": {"application/octet-stream": {}}}}
    paths = {"/files/x.bin": {"get": {"operationId": "fetch", "responses": answers}}}
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "servers": [{"url": url}], "paths": paths}


def sending(name: str | None = None) -> FaultServer:
    said = f'attachment; filename="{name}"' if name else ""
    return FaultServer(answering(b"new", Content_Type="application/octet-stream", Content_Disposition=said))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("way", ["answer", "download"])
@pytest.mark.parametrize(("name", "expected"), [("../../a.txt", "a.txt"), (None, "x.bin")])
def test_a_folder(tmp_path: Path, way: str, name: str | None, expected: str) -> None:
    """The file is in it, under the server's name, and the path tells which."""
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    with sending(name) as server:
        client = made(document(server.url))
        saved = client.fetch().save(folder) if way == "answer" else client.fetch.open().save(folder)

    assert saved == folder / expected
    assert files(folder) == {expected: b"new"}


@pytest.mark.parametrize("way", ["answer", "download"])
def test_names_that_are_taken(tmp_path: Path, way: str) -> None:
    """Nothing is overwritten, links and folders neither, unless that is asked for; then it is no link's target."""
    outside = tmp_path / "outside"
    outside.write_bytes(b"outside")
    folder = tmp_path / "folder"
    (folder / "a (2).tar.gz").mkdir(parents=True)
    (folder / "a.tar.gz").write_bytes(b"old")
    (folder / "a (1).tar.gz").symlink_to(outside)
    with sending("a.tar.gz") as server:
        client = made(document(server.url))

        def save(**options: bool) -> Path:
            found: Path = (client.fetch() if way == "answer" else client.fetch.open()).save(folder, **options)
            return found

        assert save().name == "a (3).tar.gz"
        assert save(overwrite=True).name == "a.tar.gz"
        (folder / "a.tar.gz").unlink()
        (folder / "a.tar.gz").symlink_to(outside)
        assert save(overwrite=True).name == "a.tar.gz"

    assert (outside.read_bytes(), (folder / "a.tar.gz").is_symlink()) == (b"outside", False)
    assert sorted(os.listdir(folder)) == ["a (1).tar.gz", "a (2).tar.gz", "a (3).tar.gz", "a.tar.gz"]


@pytest.mark.parametrize("target", ["none/a.txt", "none/"])
@pytest.mark.parametrize("way", ["answer", "download"])
def test_a_folder_that_does_not_exist(tmp_path: Path, way: str, target: str) -> None:
    """The error names what was asked for and nothing temporary; a download is not begun."""
    with sending() as server:
        client = made(document(server.url))
        with pytest.raises(FileNotFoundError, match=r"folder .*does not exist") as caught:
            (client.fetch() if way == "answer" else client.fetch.open()).save(f"{tmp_path}/{target}")

        assert len(server.seen) == (way == "answer")
    assert caught.value.filename == f"{tmp_path}/{target}"
    assert ".part" not in str(caught.value)


def test_a_pickled_answer(tmp_path: Path) -> None:
    """It has no URL any more; the operation names the file."""
    with sending() as server:
        answer = pickle.loads(pickle.dumps(dynclient.Client(document(server.url)).fetch()))

    assert answer.save(tmp_path) == tmp_path / "fetch"
