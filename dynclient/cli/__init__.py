"""
The command line: a thin shell over the library.

In come the arguments of a command line; out come text on stdout and stderr, and an exit status. Each command is one
call of the library. May import everything; nothing imports it.
"""

from dynclient.cli.commands import main

__all__ = ["main"]
