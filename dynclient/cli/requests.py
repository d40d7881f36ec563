"""A request, and the credentials of an operation, as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import click

from dynclient.calls import Caller, masked_headers, masked_url
from dynclient.cli.output import say
from dynclient.support import printable
from dynclient.wire import Upload

if TYPE_CHECKING:
    import requests

    from dynclient.calls import Prepared

_SHOWN = 1 << 16  # bytes
_MASKED_WORD = re.compile(r"""'([^'"$`\\!]*(?<!Basic )(?<!Basic%20))\*\*\*([^'"$`\\!]*)'""")  # Basic is encoded


def request_text(prepared: requests.PreparedRequest, is_secret: Callable[[str, str], bool]) -> str:
    """
    The request as it would be sent, without secrets, and without the bytes of a body that is large or isn't text.

    Headers and query fields are masked if `is_secret(location, name)`, whoever gave them.
    """
    lines = [f"{prepared.method} {masked_url(prepared.url or '', is_secret)}"]
    lines += (printable(f"{name}: {text}") for name, text in masked_headers(prepared, is_secret))
    body: Any = prepared.body
    if isinstance(body, Upload) and body.length is not None and body.length <= _SHOWN:
        body = b"".join(body)
    if body is not None:
        try:
            text = body.decode() if isinstance(body, bytes) else str(body)
        except UnicodeDecodeError:
            text = f"({len(body)} bytes)"
        lines += ["", printable(text)]
    return "\n".join(lines)


def with_variables(command: str, names: Collection[str]) -> str:
    """
    Return a curl command that reads its credential from an environment variable, if it has just one.

    >>> with_variables("curl -H 'Authorization: Bearer ***' https://api.test", ["API_KEY"])
    'curl -H "Authorization: Bearer $API_KEY" https://api.test'
    """
    if len(names) != 1 or command.count("***") != 1:
        return command
    (name,) = names
    return _MASKED_WORD.sub(lambda found: f'"{found[1]}${name}{found[2]}"', command)


def show_credentials(caller: Caller) -> None:
    """The security schemes that an operation names, and the environment variables that each is read from."""
    variables = caller.environment_names()
    if variables:
        click.echo("\nCredentials, from the environment:")
    for name, each in variables.items():
        click.echo(printable(f"  {name}: {', or '.join(each)}"))


def say_variables(prepared: Prepared) -> None:
    """On standard error, which environment variables the credentials of a request come from."""
    for name, variable in prepared.credentials.variables.items():
        say(f"The credential for {name} is read from {variable}.")
