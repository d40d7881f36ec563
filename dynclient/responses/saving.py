"""Files that are written whole or not at all: under another name in the same folder, and renamed at the end."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from dynclient.responses.filenames import numbered

_LONGEST = 100  # characters of the name that the temporary one repeats; file systems permit 255 bytes
_MOST_NUMBERS = 1000


class NewFile:
    """
    A file that exists when the context ends, and not at all if it ends with an error.

        with NewFile("notes.txt") as file:
            file.write(b"...")

    A file at `path` is replaced; a symbolic link is followed, and permissions are kept. If `path` is a folder, `name`
    returns the name of a file in it, when everything is written. A file of that name is replaced only with `overwrite`;
    else the new name gets a number. `path` is then the path of the file.

    Raises:
        OSError: the folder does not exist, `path` is a device or the like, or the disk refuses.
    """

    def __init__(
        self, path: str | os.PathLike[str], name: Callable[[], str] | None = None, *, overwrite: bool = False
    ) -> None:
        text = os.fspath(path)
        if not isinstance(text, str):
            raise TypeError(f"a path is text or a pathlib.Path, not {type(path).__name__}")
        self.path = Path(path)
        self._text = text
        self._name = name
        self._overwrite = overwrite

    def __enter__(self) -> BinaryIO:
        target = Path(self._text).resolve()
        is_folder = target.is_dir()
        if is_folder and self._name is None:
            raise IsADirectoryError(errno.EISDIR, "this is a folder; give the name of a file in it", self._text)
        if not is_folder and self._text.endswith(("/", os.sep)):
            raise FileNotFoundError(errno.ENOENT, "this folder does not exist", self._text)
        if not is_folder and target.exists() and not target.is_file():
            raise OSError(errno.EINVAL, "this isn't an ordinary file, and would be replaced by one", self._text)
        self._folder = target if is_folder else target.parent
        self._target = None if is_folder else target
        part = "" if is_folder else target.name[:_LONGEST]
        self._part = self._folder / f".{part}.{secrets.token_hex(8)}.part"
        try:
            self._file = open(self._part, "xb")  # closed at the end
        except OSError as error:
            raise self._of_target(error) from None
        return self._file

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            with self._file:
                if kind is None:
                    self._file.flush()
                    os.fsync(self._file.fileno())  # else a power cut may leave the name without the content
            if kind is None:
                self._place()
        except OSError as refused:
            raise self._of_target(refused) from refused
        finally:
            with contextlib.suppress(OSError):  # it no longer exists if all went well
                os.unlink(self._part)

    def _place(self) -> None:
        if self._target is not None:
            if self._target.exists():
                shutil.copymode(self._target, self._part)
            os.replace(self._part, self._target)
            return
        assert self._name is not None
        name = self._name()
        found = self._folder / name if self._overwrite else self._reserved(name)
        os.replace(self._part, found)
        self.path /= found.name

    def _reserved(self, name: str) -> Path:
        """Reserve a free name in the folder, so that others take another one meanwhile."""
        for number in range(_MOST_NUMBERS):
            path = self._folder / (numbered(name, number) if number else name)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                return path
        raise FileExistsError(errno.EEXIST, f"there are {_MOST_NUMBERS} files of this name", str(self._folder / name))

    def _of_target(self, error: OSError) -> OSError:
        """The error, with the name that was asked for instead of the temporary one."""
        if error.errno is None or error.filename not in (str(self._part), None):
            return error
        reason = "the folder of this file does not exist" if error.errno == errno.ENOENT else error.strerror
        return OSError(error.errno, reason, self._text)
