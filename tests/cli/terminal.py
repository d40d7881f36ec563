"""The command line as a person in front of a terminal meets it: its output is a terminal, of some size."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time


def run(*arguments: str, columns: int = 80, rows: int = 500, seconds: float = 60.0, **environment: str) -> str:
    """What `dynclient` with these arguments shows in a terminal without colours, unless the environment has others."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    names = {"NO_COLOR": "1", "TERM": "xterm", **environment}
    unset = {"COLUMNS", "LINES", "FORCE_COLOR", *(name for name, value in names.items() if not value)}
    env = {name: value for name, value in {**os.environ, **names}.items() if name not in unset}
    with subprocess.Popen(
        [sys.executable, "-m", "dynclient", *arguments], stdin=slave, stdout=slave, stderr=slave, env=env
    ) as process:
        os.close(slave)
        shown, ends = b"", time.monotonic() + seconds
        while time.monotonic() < ends:
            if not select.select([master], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        process.kill() if process.poll() is None and time.monotonic() >= ends else process.wait()
    os.close(master)
    return shown.decode().replace("\r\n", "\n")
