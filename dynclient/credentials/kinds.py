"""What a caller may give as a credential."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from dynclient.credentials.oauth import OAuth2

if TYPE_CHECKING:
    from requests.auth import AuthBase

import enum
from typing import TypeAlias


class Netrc(enum.Enum):
    """The type of `NETRC`."""

    NETRC = "NETRC"

    def __repr__(self) -> str:
        return "NETRC"


NETRC = Netrc.NETRC
"""As a credential for http basic or digest: the entry for the call's host in the user's .netrc."""


Credential: TypeAlias = (
    "str | tuple[str, str] | os.PathLike[str] | OAuth2 | Netrc | AuthBase | Callable[[], Credential] | None"
)
"""
What may be given as a credential:

- text: a token or a key;
- a pair (user, password);
- for mutual TLS a path, or a pair of paths (certificate, key);
- `OAuth2`, which gets and renews tokens;
- `NETRC`, for the entry of the call's host in the user's .netrc;
- an authentication object of requests;
- a function that returns one of these, called for each call;
- None: no credential, whatever the environment holds.
"""
