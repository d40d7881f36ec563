"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import pytest

from dynclient.responses.saving import NewFile


def test_the_file_is_there_at_the_end(tmp_path: Path) -> None:
    """And what was there before until then; its permissions are kept."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with NewFile(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_as_any_other(tmp_path: Path) -> None:
    """Of the permissions that the user's mask leaves."""
    mask = os.umask(0o027)
    try:
        with NewFile(str(tmp_path / "a.txt")) as file:
            file.write(b"new")
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_nothing_is_left_of_a_failure(tmp_path: Path, error: type[BaseException]) -> None:
    """What was there stays."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with contextlib.suppress(error), NewFile(path) as file:
        file.write(b"new")
        raise error

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_a_link_is_followed(tmp_path: Path) -> None:
    """It stays one."""
    path, link = tmp_path / "a.txt", tmp_path / "link"
    path.write_bytes(b"old")
    link.symlink_to(path)
    with NewFile(link) as file:
        file.write(b"new")

    assert (link.is_symlink(), path.read_bytes()) == (True, b"new")


def test_a_name_as_long_as_may_be(tmp_path: Path) -> None:
    """The temporary one is no longer."""
    path = tmp_path / ("x" * 255)
    with NewFile(path) as file:
        file.write(b"new")

    assert path.read_bytes() == b"new"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a device, a folder that does not exist, and what is no path."""
    for path, error in [
        (tmp_path, IsADirectoryError),
        (f"{tmp_path}/none/", FileNotFoundError),
        (os.devnull, OSError),
        (tmp_path / "none" / "a.txt", FileNotFoundError),
        (b"a.txt", TypeError),
    ]:
        with pytest.raises(error), NewFile(path):  # type: ignore[arg-type]
            pass

    assert (list(tmp_path.iterdir()), Path(os.devnull).is_char_device()) == ([], True)
