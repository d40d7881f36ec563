"""The kinds of credentials that a caller may give."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from dynclient.credentials.oauth import OAuth2

if TYPE_CHECKING:
    from requests.auth import AuthBase


class Netrc(enum.Enum):
    """The type of `NETRC`."""

    NETRC = "NETRC"

    def __repr__(self) -> str:
        return "NETRC"


NETRC = Netrc.NETRC
"""As a credential for http basic or digest: use the entry for the call's host in the user's .netrc."""

Credential: TypeAlias = (
    "str | tuple[str, str] | os.PathLike[str] | OAuth2 | Netrc | AuthBase | Callable[[], Credential] | None"
)
"""
What may be given as a credential:

- a text: a key, or a token (without the word `Bearer`);
- a pair (user, password), for http basic and digest;
- a path, or a pair of paths (certificate, key), for mutual TLS;
- an `OAuth2`, which gets and renews tokens;
- `NETRC`, which takes user and password from the entry for the call's host in the user's .netrc;
- an authentication object of requests;
- a function that returns one of these; each call calls it;
- None: send no credential, even if the environment holds one.
"""
