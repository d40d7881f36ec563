"""The places of a request that credentials go to, the credentials of a call, and where the call goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from dynclient.support import NEVER, Deadline

if TYPE_CHECKING:
    from requests.auth import AuthBase

Place: TypeAlias = tuple[str, str]
"""A location (header, query, cookie or certificate) and a name; names of headers are in lower case."""

AUTHORIZATION: Place = ("header", "authorization")
CERTIFICATE: Place = ("certificate", "")


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    The credentials of one call, by where they go. The repr shows none of them.

    Attributes:
        header: headers by name.
        query: query parameters by name.
        cookie: cookies by name.
        auth: authentication objects of requests, which act when the request is sent.
        certificate: the client certificate of the connection.
        schemes: the names of the security schemes that these credentials are for.
        renewable: whether asking again may give other credentials.
        variables: the environment variables that they were read from, by the name of the scheme.
    """

    header: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookie: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[AuthBase, ...] = field(default=(), repr=False)
    certificate: str | tuple[str, str] | None = field(default=None, repr=False)
    schemes: tuple[str, ...] = field(default=(), compare=False)
    renewable: bool = field(default=False, compare=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def texts(self) -> Iterator[str]:
        """Yield every secret in these, as it is sent and as it was given."""
        yield from (*self.header.values(), *self.query.values(), *self.cookie.values())
        yield from (password for auth in self.auth if isinstance(password := getattr(auth, "password", None), str))


@dataclass(frozen=True, slots=True)
class Site:
    """
    What the credentials of a call depend on besides its operation.

    Attributes:
        base_url: the URL that the call goes to.
        document_url: the URL of the document; "" if it is not from a URL.
        own: the places that the caller filled by other means; they stay as they are.
        session: the places that the session fills if nothing else does.
        refused: the credentials that the server has just refused.
        server: the URL that relative URLs of the document are relative to.
        accepted: whether the caller accepts that credentials go to that server.
        deadline: the moment by which the credentials must be there.
    """

    base_url: str
    document_url: str = ""
    own: frozenset[Place] = frozenset()
    session: frozenset[Place] = frozenset()
    refused: Credentials | None = None
    server: str = ""
    accepted: bool = True
    deadline: Deadline = NEVER
