"""Where in a request credentials go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from dynclient.support import NEVER, Deadline

if TYPE_CHECKING:
    from requests.auth import AuthBase

Place: TypeAlias = tuple[str, str]
"""A location (header, query, cookie or certificate) and the name there, that of a header in lower case."""


AUTHORIZATION: Place = ("header", "authorization")


CERTIFICATE: Place = ("certificate", "")


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    What identifies the caller, by where it travels. Its repr shows none of it.

    `auth` acts when the request is sent, and `certificate` on the connection. `schemes` are those that this is for.
    """

    header: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookie: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[AuthBase, ...] = field(default=(), repr=False)
    certificate: str | tuple[str, str] | None = field(default=None, repr=False)
    schemes: tuple[str, ...] = field(default=(), compare=False)
    renewable: bool = field(default=False, compare=False)

    def texts(self) -> Iterator[str]:
        """Every secret in it, as it is sent and as it was given."""
        yield from (*self.header.values(), *self.query.values(), *self.cookie.values())
        yield from (password for auth in self.auth if isinstance(password := getattr(auth, "password", None), str))


@dataclass(frozen=True, slots=True)
class Site:
    """
    What a call's credentials depend on beside its operation.

    `own` are the places that the caller filled by other means, which stay as they are, and `session` those that the
    session fills where nothing else does. `refused` is what the server has just refused. `server` is what relative URLs
    of the document are relative to, and `accepted` whether the caller accepts that credentials go there. By the
    `deadline` there must be credentials.
    """

    base_url: str
    document_url: str = ""
    own: frozenset[Place] = frozenset()
    session: frozenset[Place] = frozenset()
    refused: Credentials | None = None
    server: str = ""
    accepted: bool = True
    deadline: Deadline = NEVER
