"""Files that are there whole or not at all: written under another name in the same folder, and renamed at the end."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_LONGEST = 100  # characters of the name that the temporary one repeats; file systems permit 255 bytes


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """
    A new file that takes the place of `path` when the context ends, and is removed where it ends with an error.

    A symbolic link is followed, and the permissions of a file that is replaced are kept.

    Raises:
        OSError: the folder does not exist, `path` is a folder, a device or the like, or the disk refuses.
    """
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"a path is text or a pathlib.Path, not {type(path).__name__}")
    target = Path(text).resolve()
    if target.is_dir() or text.endswith(("/", os.sep)):
        raise IsADirectoryError(errno.EISDIR, "this is a folder; give the name of a file in it", text)
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "this is no ordinary file, and would be replaced by one", text)
    part = target.with_name(f".{target.name[:_LONGEST]}.{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the name and not the content
        if target.exists():
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
