"""The system's keyring, whose errors are said in a line."""

from __future__ import annotations

from typing import Any

from dynclient.cli.output import ItemError


def get(service: str, user: str) -> str | None:
    """Return what the keyring keeps for a user of a service; it raises ItemError if it cannot be read."""
    found: str | None = _call("get_password", service, user)
    return found


def keep(service: str, user: str, text: str) -> None:
    """Keep a text; it raises ItemError if that cannot be done."""
    _call("set_password", service, user, text)


def forget(service: str, user: str) -> None:
    """Forget what is kept, if there is anything; it raises ItemError if that cannot be done."""
    if get(service, user) is not None:
        _call("delete_password", service, user)


def _call(name: str, *arguments: str) -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise ItemError("this needs keyring: pip install 'dynclient[keyring]'") from None
    try:
        return getattr(keyring, name)(*arguments)
    except keyring.errors.KeyringError as error:
        raise ItemError(f"the keyring cannot be used ({type(error).__name__})") from None
