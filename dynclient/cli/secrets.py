"""Where a credential of the command line comes from: the environment, a keyring, a program's output, or a login."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence

from dynclient.cli import keyrings
from dynclient.cli.output import ItemError, say

_SECONDS = 30
_KINDS = 'env:NAME, keyring:SERVICE/USER or cmd:["PROGRAM", "ARGUMENT"]'


def read_credentials(given: Sequence[str]) -> dict[str, str]:
    """
    Return the credentials that `--auth SCHEME=SOURCE` names, by their schemes.

    Raises:
        ItemError: one of them cannot be read. The message shows no credential.
    """
    credentials = {}
    for each in given:
        scheme, found, source = each.partition("=")
        if not found or not scheme:
            raise ItemError(f"--auth names a scheme of the document and a source: --auth SCHEME={_KINDS}")
        credentials[scheme] = read_secret(source, scheme)
    return credentials


def read_secret(source: str, scheme: str) -> str:
    """
    Return the secret that a source names; a text without a source is the secret itself, which is warned of.

    Raises:
        ItemError: it cannot be read.
    """
    kind, found, rest = source.partition(":")
    if found and kind == "env":
        return _from_environment(rest, scheme)
    if found and kind == "keyring":
        return _from_keyring(rest, scheme)
    if found and kind == "cmd":
        return _from_program(rest, scheme)
    if found and kind == "login":
        from dynclient.cli.login import token_of

        return token_of(rest, scheme)
    say(f"warning: the credential for {scheme} stands in the history of the shell; write {scheme}={_KINDS}")
    return source


def _from_environment(name: str, scheme: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ItemError(f"--auth {scheme}: the environment variable {name} is not set")
    return value


def _from_keyring(place: str, scheme: str) -> str:
    service, found, user = place.rpartition("/")
    if not found or not service or not user:
        raise ItemError(f"--auth {scheme}: write keyring:SERVICE/USER")
    try:
        value = keyrings.get(service, user)
    except ItemError as error:
        raise ItemError(f"--auth {scheme}: {error}") from None
    if not value:
        raise ItemError(f"--auth {scheme}: the keyring has nothing for {service}/{user}")
    return value


def _from_program(text: str, scheme: str) -> str:
    """The first line of what a program prints; no shell has a part in it."""
    try:
        words = json.loads(text)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ItemError(f'--auth {scheme}: write the program and its arguments as JSON: cmd:["pass", "show", "api"]')
    try:
        done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  # the user's own
    except subprocess.TimeoutExpired:
        raise ItemError(f"--auth {scheme}: {words[0]} took more than {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        raise ItemError(f"--auth {scheme}: {words[0]} cannot be run: {error}") from None
    value = done.stdout.decode(errors="replace").split("\n")[0].strip()
    if done.returncode or not value:
        raise ItemError(f"--auth {scheme}: {words[0]} ended with {done.returncode} and gave no credential")
    return value
