"""Kept documents: the same as they were, read in parts, and never a wrong one, whatever happens to the files."""

from __future__ import annotations

import copy
import json
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from dynclient.documents.cache import MAX_FILES, Cache, Parts, default_cache, key_of
from dynclient.errors import DocumentError
from dynclient.types import JSON

CONTENTS: dict[str, JSON] = {
    "openapi": "3.1.0",
    "paths": {"/a": {"get": {"operationId": "a"}}, "/b": {"get": {"operationId": "b"}}},
    "components": {"schemas": {"A": {"type": "string"}, "B": True}, "x-odd": 5},
    "info": {"title": "é", "version": "1"},
}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    tmp_path.chmod(0o700)
    return Cache(tmp_path)


def file_of(cache: Cache) -> Path:
    (path,) = cache.folder.glob("*.json")
    return path


def test_a_kept_document_is_the_same(cache: Cache) -> None:
    """In the same order, and the caller's own is left as it was."""
    before = copy.deepcopy(CONTENTS)
    cache.keep("key", CONTENTS)
    found = cache.find("key")

    assert found is not None
    assert before == CONTENTS
    assert json.dumps(copy.deepcopy(found)) == json.dumps(CONTENTS)


def test_nothing_kept(cache: Cache) -> None:
    """Under a name of which nothing is known."""
    assert cache.find("key") is None


def test_parts_are_read_when_asked_for(cache: Cache) -> None:
    """Names are known at once; what stands under one is parsed the first time only."""
    cache.keep("key", CONTENTS)
    paths = (cache.find("key") or {})["paths"]

    assert isinstance(paths, Parts)
    assert (list(paths), len(paths), "/a" in paths, "/c" in paths) == (["/a", "/b"], 2, True, False)
    assert paths["/a"] is paths["/a"]
    assert repr(paths) == "<2 parts of a kept document>"
    with pytest.raises(KeyError):
        paths["/c"]


def test_parts_travel_without_their_file(cache: Cache) -> None:
    """A pickle holds plain data."""
    cache.keep("key", CONTENTS)
    pickled = pickle.dumps((cache.find("key") or {})["paths"])
    file_of(cache).unlink()

    assert pickle.loads(pickled) == CONTENTS["paths"]


def test_parts_outlive_the_name_of_their_file(cache: Cache) -> None:
    """Another process may trim the cache, or keep the document again, at any time."""
    cache.keep("key", CONTENTS)
    found = cache.find("key")
    file_of(cache).unlink()

    assert found == CONTENTS


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["paths", "components", "schemas", "definitions", "a", "é"]), inner)
        ),
    ).filter(lambda value: isinstance(value, dict))
)
def test_any_document_comes_back(tmp_path_factory: pytest.TempPathFactory, contents: dict[str, JSON]) -> None:
    """Also where parts are not what they should be."""
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(mode=0o700, exist_ok=True)
    cache = Cache(folder)
    cache.keep("key", contents)

    assert cache.find("key") == contents


def test_every_truncation_counts_as_not_kept(cache: Cache) -> None:
    """As a process leaves a file that is killed, where the file system does not hold what it promises."""
    cache.keep("key", CONTENTS)
    whole = file_of(cache).read_bytes()
    for length in range(len(whole)):
        file_of(cache).write_bytes(whole[:length])
        assert cache.find("key") is None


def test_every_flipped_bit_counts_as_not_kept(cache: Cache) -> None:
    """Or does no harm, as one in the blanks of the first line."""
    cache.keep("key", CONTENTS)
    whole = file_of(cache).read_bytes()
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            file_of(cache).write_bytes(damaged)
            assert cache.find("key") in (None, CONTENTS)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"dynclient 0 0\n", b"dynclient 00000000 999\n", b"{}", b"\x80\x04K\x01.", b"dynclient -1 x\n"],
)
def test_what_is_no_kept_document(cache: Cache, content: bytes) -> None:
    """Whatever another program left there."""
    (cache.folder / "key.json").write_bytes(content)

    assert cache.find("key") is None


def test_damage_while_in_use(cache: Cache) -> None:
    """What was whole when it was opened and is no more is refused, not guessed."""
    cache.keep("key", CONTENTS)
    paths = (cache.find("key") or {})["paths"]
    file_of(cache).write_bytes(b"")
    with pytest.raises(DocumentError, match="damaged while in use"):
        paths["/a"]


def test_a_damaged_file_is_replaced(cache: Cache) -> None:
    """The next one who keeps the document mends it."""
    (cache.folder / "key.json").write_bytes(b"damaged")
    cache.keep("key", CONTENTS)

    assert cache.find("key") == CONTENTS


def test_what_json_cannot_say_is_not_kept(cache: Cache) -> None:
    """And leaves no file behind."""
    cache.keep("key", {"a": 10**5000})
    cache.keep("key", {"a": object()})

    assert list(cache.folder.iterdir()) == []


def test_a_failed_write_leaves_nothing(cache: Cache) -> None:
    """Such as where the name is taken by a folder."""
    (cache.folder / "key.json").mkdir()
    cache.keep("key", CONTENTS)

    assert [path.name for path in cache.folder.iterdir()] == ["key.json"]
    assert cache.find("key") is None


def test_a_link_is_not_followed(cache: Cache, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It could lead to what another user wrote."""
    cache.keep("other", CONTENTS)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "key.json"
    file_of(cache).rename(elsewhere)
    (cache.folder / "key.json").symlink_to(elsewhere)

    assert cache.find("key") is None


def test_the_longest_unused_go_first(cache: Cache) -> None:
    """And what was left half written an hour ago."""
    old, fresh = cache.folder / "old.tmp", cache.folder / "fresh.tmp"
    for path in (old, fresh):
        path.touch()
    os.utime(old, (1, 1))
    for number in range(MAX_FILES):
        path = cache.folder / f"{number}.json"
        path.touch()
        os.utime(path, (number, number))
    cache.keep("key", CONTENTS)

    names = {path.name for path in cache.folder.iterdir()}
    assert names == {"key.json", "fresh.tmp", *(f"{number}.json" for number in range(1, MAX_FILES))}


def test_use_keeps_a_document_young(cache: Cache) -> None:
    """Finding one counts as use."""
    cache.keep("key", CONTENTS)
    os.utime(file_of(cache), (1, 1))
    cache.find("key")

    assert time.time() - file_of(cache).stat().st_mtime < 60


def test_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made for the user alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("DYNCLIENT_NO_CACHE", raising=False)
    cache = default_cache()

    assert cache is not None
    assert cache.folder == tmp_path / "cache" / "dynclient"
    assert cache.folder.stat().st_mode & 0o777 == 0o700


def test_no_cache_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment can say so."""
    monkeypatch.setenv("DYNCLIENT_NO_CACHE", "1")

    assert default_cache() is None


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o720, 0o707, 0o702])
def test_a_folder_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """One that others can write to could hold what they wrote."""
    monkeypatch.delenv("DYNCLIENT_NO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "dynclient"
    folder.mkdir()
    folder.chmod(mode)

    assert default_cache() is None
    Cache(folder).keep("key", CONTENTS)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No error, only no cache."""
    monkeypatch.delenv("DYNCLIENT_NO_CACHE", raising=False)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert default_cache() is None


def test_keys() -> None:
    """One for each text."""
    assert key_of(b"a") == key_of(b"a") != key_of(b"b")


WORKER = """
import sys
from pathlib import Path
from dynclient.documents.cache import Cache
cache, contents = Cache(Path(sys.argv[1])), {"paths": {f"/{n}": {"get": {"operationId": "x" * n}} for n in range(200)}}
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    cache.keep("key", contents)
    assert cache.find("key") == contents
"""


def test_processes_at_once(cache: Cache) -> None:
    """Each that writes and reads the same document gets it whole."""
    command = [sys.executable, "-c", WORKER, str(cache.folder), "25"]
    workers = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(4)]

    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]


def test_killed_in_mid_write(cache: Cache) -> None:
    """Whenever it happens, what is found is the whole document or none."""
    command = [sys.executable, "-c", WORKER, str(cache.folder), "100000"]
    whole = {"paths": {f"/{n}": {"get": {"operationId": "x" * n}} for n in range(200)}}
    for wait in (0.0, 0.003, 0.007, 0.011):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            time.sleep(wait)
            worker.kill()
        assert cache.find("key") in (None, whole)
