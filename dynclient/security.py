"""Credentials: which ones a call needs, where they come from, and where in the request they go."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from dynclient.errors import CallError, DocumentError
from dynclient.model import Operation, SecurityScheme
from dynclient.names import near
from dynclient.types import Credential, Location

_MASK = "***"

_UNFIT = {
    "header": re.compile(r"^ | $|[^\x20-\x7e\x80-\xff]"),
    "query": re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]"),
    "cookie": re.compile(r"[^\x21-\x3a\x3c-\x7e]"),
}


class Withheld:
    """Stands for a credential that was left out of a pickled client."""

    def __repr__(self) -> str:
        return "<withheld>"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What identifies the caller, by where it travels. Its repr shows none of it."""

    header: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    cookie: Mapping[str, str] = field(default_factory=dict, repr=False)


class Authenticator:
    """
    Gives each call the credentials that the document asks for.

    `given` maps scheme names to credentials; a scheme that is not in it takes its credential from the environment:
    the variable that the document names with `x-credential-env`, else DYNCLIENT_AUTH_<SCHEME>.
    """

    def __init__(self, schemes: Mapping[str, SecurityScheme], given: Mapping[str, Credential | Withheld]) -> None:
        for name in given:
            if name not in schemes:
                known = ", ".join(schemes) or "none"
                hint = "".join(f" Did you mean {match!r}?" for match in near(name, schemes, 1))
                raise DocumentError(f"no security scheme {name!r}; the document has: {known}.{hint}")
        self._schemes = schemes
        self._given = dict(given)

    def __repr__(self) -> str:
        return f"<Authenticator for {', '.join(self._schemes) or 'no scheme'}>"

    def __getstate__(self) -> dict[str, object]:
        """A credential given as text stays behind: a pickle is a file anyone may read."""
        given = {name: value if callable(value) else Withheld() for name, value in self._given.items()}
        return {"_schemes": self._schemes, "_given": given}

    def with_given(self, given: Mapping[str, Credential]) -> Authenticator:
        """The same with these credentials in place of those given before for their schemes."""
        return Authenticator(self._schemes, {**self._given, **given})

    def credentials(self, operation: Operation, *, masked: bool = False) -> Credentials:
        """
        What the first alternative of the operation's security, of which every credential is known, sends.

        A call that may go without any goes without only where none is known.

        With `masked`, the same with *** for every secret.

        Raises:
            CallError: a credential is of the wrong shape, or was left out of a pickle.
        """
        for alternative in filter(None, operation.security or ()):
            found = {name: self._find(name) for name in alternative}
            if all(value is not None for value in found.values()):
                return self._apply(operation, found, masked)
        return Credentials()

    @property
    def header_names(self) -> frozenset[str]:
        """The headers, in lower case, that hold keys."""
        schemes = self._schemes.values()
        return frozenset(s.parameter.lower() for s in schemes if s.type == "apiKey" and s.location == "header")

    def environment_name(self, scheme: SecurityScheme) -> str:
        """The environment variable that a scheme's credential is read from."""
        return scheme.environment or "DYNCLIENT_AUTH_" + re.sub(r"\W+", "_", scheme.name).upper()

    def _find(self, name: str) -> Credential | Withheld | None:
        if name in self._given and not isinstance(self._given[name], Withheld):
            return self._given[name]
        scheme = self._schemes.get(name)
        held = os.environ.get(self.environment_name(scheme)) if scheme else None
        return held or self._given.get(name)

    def _apply(
        self, operation: Operation, found: Mapping[str, Credential | Withheld | None], masked: bool
    ) -> Credentials:
        parts: dict[Location, dict[str, str]] = {"header": {}, "query": {}, "cookie": {}}
        for name, value in found.items():
            scheme = self._schemes[name]
            if masked:
                location, key, text = _place(operation, scheme, _MASK)
            elif isinstance(value, Withheld):
                raise CallError(
                    operation.id,
                    f"the credential for {name} was left out when the client was pickled; set "
                    f"{self.environment_name(scheme)} or use with_options(auth={{{name!r}: ...}})",
                )
            else:
                location, key, text = _place(operation, scheme, value() if callable(value) else value)
            parts[location][key] = text
        return Credentials(parts["header"], parts["query"], parts["cookie"])


def _place(operation: Operation, scheme: SecurityScheme, credential: object) -> tuple[Location, str, str]:
    """Where a credential goes: the location, the name there and the text."""
    if scheme.type == "http" and scheme.scheme == "basic":
        if credential == _MASK:
            return "header", "Authorization", f"Basic {_MASK}"
        if isinstance(credential, str) and ":" in credential:  # as the environment gives it
            credential = tuple(credential.split(":", 1))
        if not (isinstance(credential, tuple) and len(credential) == 2):
            raise CallError(operation.id, f"the credential for {scheme.name} must be a pair (user, password)")
        user, password = credential
        encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
        return "header", "Authorization", f"Basic {encoded}"
    if not isinstance(credential, str) or not credential:
        raise CallError(operation.id, f"the credential for {scheme.name} must be a text that is not empty")
    location = scheme.location if scheme.type == "apiKey" else "header"
    if location not in _UNFIT or (scheme.type == "apiKey" and not scheme.parameter):
        raise CallError(operation.id, f"the document does not say where the key of {scheme.name} goes")
    if _UNFIT[location].search(credential):
        raise CallError(
            operation.id, f"the credential for {scheme.name} holds what a {location} cannot, like a line break"
        )
    if scheme.type == "apiKey":
        return cast(Location, location), scheme.parameter, credential
    prefix = "Bearer" if scheme.type != "http" or scheme.scheme == "bearer" else scheme.scheme.title()
    return "header", "Authorization", f"{prefix} {credential}"
