"""Which credentials a call needs, and where they come from."""

from __future__ import annotations

import base64
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeGuard

from dynclient.credentials.kinds import NETRC, Credential, Netrc
from dynclient.credentials.oauth import Exchange, OAuth2, TokenError, TokenPlace
from dynclient.credentials.places import AUTHORIZATION, CERTIFICATE, Credentials, Place, Site
from dynclient.credentials.secret_names import is_secret_place_name
from dynclient.credentials.secrets import MASK, Secret, Withheld
from dynclient.credentials.well_known import WELL_KNOWN, credential_of, variables_for
from dynclient.credentials.writing import WRITERS, authorization, by_hand, pair_of
from dynclient.errors import CallError, CredentialWarning, DocumentError, stacklevel
from dynclient.openapi import Operation, SecurityScheme
from dynclient.support import is_loopback, near, origin

if TYPE_CHECKING:
    from requests.auth import AuthBase


_SCHEME_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §11.1

_AS_LONG_AS_A_SECRET = 20  # characters; so long a name, like no scheme's, may be a secret given by mistake


Given: TypeAlias = Secret | FunctionType | Netrc | Withheld | None


_UNSETTLED: tuple[object, Credentials] = (object(), Credentials())

Source = Literal["", "own", "given", "session", "environment", "well-known"]

_OURS = ("given", "environment", "well-known")
_INHERITED = ("session", "environment", "well-known")


class Authenticator:
    """
    Gives each call the credentials that the document asks for.

    A scheme without a given credential takes one from the environment: from the variable that the document names with
    `x-credential-env`, else from DYNCLIENT_AUTH_<SCHEME>, else from the one that people have for the server
    (`well_known`).

    Args:
        schemes: the document's security schemes, by name.
        given: the caller's credentials, by the name of their scheme.
        environment: whether credentials are read from the environment.

    Attributes:
        names: the names of the document's schemes.
        secret_places: the places that the document's credentials go to.

    Raises:
        DocumentError: a credential is given for a scheme that the document does not have.
    """

    def __init__(
        self, schemes: Mapping[str, SecurityScheme], given: Mapping[str, Credential], *, environment: bool = True
    ) -> None:
        for name in given:
            if name not in schemes:
                known = ", ".join(schemes) or "none"
                hint = "".join(f" Did you mean {match!r}?" for match in near(name, schemes, 1))
                if not hint and len(name) >= _AS_LONG_AS_A_SECRET:
                    message = f"a name in auth isn't a security scheme of the document, which has: {known}"
                    raise DocumentError(f"{message}. Write auth={{name: credential}}.")  # what was given may be one
                raise DocumentError(f"no security scheme {name!r}; the document has: {known}.{hint}")
        self._schemes = schemes
        self.names = tuple(schemes)
        self._reads_environment = environment
        self._given: dict[str, Given] = {name: _held(credential) for name, credential in given.items()}
        self._digests: dict[tuple[str, Secret, str], AuthBase] = {}
        self._settled: dict[str, tuple[object, Credentials]] = {}
        self._variables: dict[tuple[str, str], tuple[str, ...]] = {}
        self._warned: set[str] = set()
        self._places = {name: _place_of(scheme) for name, scheme in schemes.items()}
        self.secret_places = frozenset(place for place in self._places.values() if place is not None)
        self._carriers = self.secret_places | {
            AUTHORIZATION,
            ("header", "proxy-authorization"),
            ("header", "cookie"),
        }

    def __repr__(self) -> str:
        return f"<Authenticator for {', '.join(self._schemes) or 'no scheme'}>"

    def __getstate__(self) -> dict[str, object]:
        """Secrets are left out: anyone may read the file of a pickle."""
        given = {name: value if _travels(value) else Withheld() for name, value in self._given.items()}
        return {**self.__dict__, "_given": given, "_digests": {}, "_settled": {}, "_warned": set()}

    @property
    def may_wait(self) -> bool:
        """Whether credentials may take time to get, because an `OAuth2` or a function of the caller's is asked."""
        held = (value.reveal() if isinstance(value, Secret) else value for value in self._given.values())
        return any(isinstance(value, OAuth2) or _is_function(value) for value in held)

    def with_given(self, given: Mapping[str, Credential]) -> Authenticator:
        """Return a copy in which these credentials replace those given before for the same schemes."""
        other = Authenticator(self._schemes, given, environment=self._reads_environment)
        other._given = {**self._given, **other._given}
        other._digests, other._warned = self._digests, self._warned
        return other

    def identity(self, headers: Mapping[str, str], query: Mapping[str, object]) -> frozenset[object]:
        """Return a value that is equal for equal credentials, given here or in these headers and query parameters."""
        by_hand: list[tuple[str, str, object]] = [("header", name.lower(), text) for name, text in headers.items()]
        by_hand += [("query", name, value) for name, value in query.items()]
        carried = [(where, name, Secret(value)) for where, name, value in by_hand if self.carries(where, name)]
        return frozenset([*self._given.items(), *carried])

    def credentials(self, operation: Operation, site: Site, exchange: Exchange) -> Credentials:
        """
        Return the credentials for the security alternative that the known credentials fulfil.

        If they fulfil several, the first that is given completely is used, else the first that is given in part, else
        the first from the environment. An operation that also works without credentials is called with them if they
        are known.

        Args:
            operation: the operation.
            site: where the call goes, and what else it depends on.
            exchange: what sends the token requests of an `OAuth2`.

        Raises:
            CallError: credentials are given, but fulfil no alternative; or a credential has the wrong form, cannot be
                had, or was left out of a pickle.
        """
        untouched = self.secret_places.isdisjoint(site.own)
        security, settled = self._settled.get(operation.id, _UNSETTLED)
        if untouched and security is operation.security:
            return settled
        names = self._choose(operation, site)
        variables = self._variables_used(names, site)
        scopes = {name: scopes for alternative in operation.security or () for name, scopes in alternative.items()}
        parts: dict[Place, tuple[str, Any]] = {}
        renewable = False
        for name in names:
            scheme = self._schemes[name]
            place = _place(operation, scheme)
            if self._source(name, site) not in _OURS:
                continue
            if place in parts:
                raise CallError(operation.id, f"two credentials would go into the same {_where(place)}; give only one")
            value = self._value(name, site)
            renewable = renewable or isinstance(value, OAuth2) or _is_function(value)
            try:
                parts[place] = self._written(operation, scheme, value, scopes[name], site, exchange)
            except CallError as error:
                if name in variables:
                    raise CallError(operation.id, f"{error.message}; it was read from {variables[name]}") from None
                raise
        credentials = _credentials(parts, names, renewable, variables)
        if names and untouched and all(map(self._is_text, names)) and not (credentials.auth or credentials.certificate):
            self._settled[operation.id] = operation.security, credentials
        return credentials

    def masked(self, operation: Operation, site: Site) -> Credentials:
        """Return the same as `credentials`, with *** for every secret; no token is asked for."""
        names = self._choose(operation, site)
        parts = {}
        for scheme in (self._schemes[name] for name in names):
            place = _place(operation, scheme)
            if place != CERTIFICATE and self._source(scheme.name, site) in _OURS:
                parts[place] = (scheme.parameter, MASK) if scheme.type == "apiKey" else authorization(scheme, MASK)
        return _credentials(parts, names, variables=self._variables_used(names, site))

    def warn(self, operation: Operation, credentials: Credentials, site: Site) -> None:
        """
        Warn of a call without the credentials it needs, and of secrets over plain http; each once per client.

        A server on this machine is never warned about: many need no credential, and nobody else can listen.
        """
        if is_loopback(site.base_url):
            return
        if credentials.schemes or any(self.carries(*place) for place in site.own):
            if site.base_url.startswith("http:"):
                self._warn(
                    f"credentials are sent to {origin(site.base_url)} over plain http, where others can read them"
                )
        elif operation.security and {} not in operation.security and not self._switched_off(operation):
            self._warn(f"{operation.id} {self._lack(operation, site)} It is sent without.", self._needs(operation))

    def warn_unasked(self, name: str) -> None:
        """Warn once of a credential for a scheme that no operation asks for."""
        self._warn(
            f"no operation of the document asks for {name!r}, so its credential is not sent; "
            f"if the server wants it all the same, give {by_hand(self._schemes[name])}"
        )

    def hint(
        self, operation: Operation, status: int, credentials: Credentials, site: Site, sent: Iterable[Place] = ()
    ) -> str:
        """
        Return what may help after a 401 or 403; "" if nothing is known.

        Args:
            operation: the operation.
            status: the status of the answer.
            credentials: the credentials that were sent.
            site: where the call went.
            sent: the places that the request filled, by whatever means.
        """
        if status not in (401, 403):
            return ""
        if not credentials.schemes:
            own = [
                place for place in dict.fromkeys([*site.own, *sent]) if self.carries(*place) or self.is_secret(*place)
            ]
            needs = f"the operation {self._lack(operation, site)}" if operation.security else ""
            if own:
                what = _listed_places(own)
                came_to = "was refused" if status == 401 else "may not permit this"
                return f"The call carried {what}, which {came_to}.{f' T{needs[1:]}' if needs else ''}"
            if needs:
                return f"No credential was sent: {needs}"
            return "The document asks for no credential here, and none was sent." if status == 401 else ""
        names = _listed(credentials.schemes, "and")
        if status == 401:
            variables = " and ".join(dict.fromkeys(credentials.variables.values()))
            return f"The credential for {names}{f', read from {variables},' if variables else ''} was refused."
        wanted = {
            s for needed in operation.security or () for name in credentials.schemes for s in needed.get(name, ())
        }
        return f"The credential for {names} may lack what is asked for: {', '.join(sorted(wanted))}." if wanted else ""

    def carries(self, location: str, name: str) -> bool:
        """Return whether this place identifies the caller, as cookies and the document's credentials do."""
        return (location, name.lower() if location == "header" else name) in self._carriers

    def is_secret(self, location: str, name: str) -> bool:
        """Return whether the value at this place must never be shown or logged."""
        folded = name.lower() if location == "header" else name
        if (location, folded) in self.secret_places:
            return True
        return is_secret_place_name(name)

    def secrets(self, credentials: Credentials, said: Mapping[Place, str]) -> Iterator[str]:
        """Yield the texts of a call that no message may show: its credentials, and the other secrets in it."""
        secret = (text for place, text in said.items() if place[0] == "cookie" or self.is_secret(*place))
        for text in (*credentials.texts(), *secret):
            yield text
            yield text.rpartition(" ")[2]
            if text.startswith("Basic "):
                with suppress(ValueError):  # an ordinary key may begin like this, too
                    yield _secret_of(base64.b64decode(text.removeprefix("Basic ")).decode())

    def known(self) -> Iterator[str]:
        """Yield the credentials that nobody has to be asked for: those given as text, and those of the environment."""
        for given in self._given.values():
            value = given.reveal() if isinstance(given, Secret) else ""
            if isinstance(value, tuple):
                yield from value[1:] if any(value[1:]) else value
            elif isinstance(value, str):
                yield value
        for name in self._schemes:
            if name not in self._given:
                text = os.environ.get(self.environment_name(name), "")
                yield from (text, text.partition(":")[2])
        for vendor in WELL_KNOWN.values():
            yield from (os.environ.get(variable, "") for variable in vendor.variables)

    def environment_name(self, name: str) -> str:
        """Return the environment variable that a scheme's credential is read from, wherever the call goes."""
        return self._schemes[name].environment or "DYNCLIENT_AUTH_" + re.sub(r"[^A-Za-z0-9]+", "_", name).upper()

    def environment_names(self, name: str, base_url: str) -> tuple[str, ...]:
        """Return all variables that a scheme's credential may come from in a call to this URL; the first goes first."""
        if not self._reads_environment:
            return ()
        found = self._variables.get((name, base_url))
        if found is None:  # every call asks, several times
            names = self.environment_name(name), *variables_for(base_url, self._schemes[name])
            found = self._variables[name, base_url] = tuple(dict.fromkeys(names))
        return found

    def _variable(self, name: str, site: Site) -> str:
        """The variable that holds the credential of a scheme; "" if none does."""
        return next(filter(os.environ.get, self.environment_names(name, site.base_url)), "")

    def _variables_used(self, names: Iterable[str], site: Site) -> dict[str, str]:
        """The variables that the credentials of these schemes are read from, by scheme."""
        sources = {name: self._source(name, site) for name in names}
        return {
            name: self._variable(name, site)
            for name, source in sources.items()
            if source in ("environment", "well-known")
        }

    def _choose(self, operation: Operation, site: Site) -> tuple[str, ...]:
        alternatives = operation.security or ()
        ranked = []
        for position, alternative in enumerate(alternatives):
            sources = [self._source(name, site) for name in alternative]
            if sources and all(sources):
                inherited = [source in _INHERITED for source in sources]
                is_usual = "well-known" in sources  # what is set for the document itself wins
                ranked.append((all(inherited) + any(inherited), is_usual, position, tuple(alternative)))
        if ranked:
            return min(ranked)[3]
        if alternatives and {} not in alternatives:
            self._refuse_what_does_not_help(operation, site)
        return ()

    def _refuse_what_does_not_help(self, operation: Operation, site: Site) -> None:
        described = [a for a in operation.security or () if self._schemes.keys() >= a.keys()]
        given = [name for name, value in self._given.items() if value is not None]
        if not described or not given or self._switched_off(operation):
            return
        for alternative in described:
            missing = self._missing(alternative, site)
            left_out = [name for name in missing if isinstance(self._given.get(name), Withheld)]
            if left_out and len(left_out) == len(missing):
                name = left_out[0]
                setting = f"set {variable} or " if (variable := self._settable(name, site)) else ""
                raise CallError(
                    operation.id,
                    f"the credential for {name} was left out when the client was pickled; {setting}"
                    f"use with_options(auth={{{name!r}: ...}})",
                )
        raise CallError(operation.id, self._lack(operation, site))

    def _source(self, name: str, site: Site) -> Source:
        """Where the credential for a scheme comes from; "" if there is none."""
        if name not in self._schemes:
            return ""
        place = self._places[name]
        if place in site.own:
            return "own"
        if name in self._given and not isinstance(self._given[name], Withheld):
            return "" if self._given[name] is None else "given"
        if place in site.session:
            return "session"
        variable = self._variable(name, site)
        if not variable:
            return ""
        return "environment" if variable == self.environment_name(name) else "well-known"

    def _is_text(self, name: str) -> bool:
        """Whether a text or pair was given: then every call has the same, whatever the environment and session hold."""
        given = self._given.get(name)
        return isinstance(given, Secret) and isinstance(given.reveal(), (str, tuple))

    def _value(self, name: str, site: Site) -> Any:
        given = self._given.get(name)
        if given is None or isinstance(given, Withheld):
            variable = self._variable(name, site)
            text = os.environ[variable]
            return text if variable == self.environment_name(name) else credential_of(self._schemes[name], text)
        return given.reveal() if isinstance(given, Secret) else given

    def _settable(self, name: str, site: Site) -> str:
        """The variable to name to a caller who has set none: the one that is usual, if there is one."""
        own, *usual = self.environment_names(name, site.base_url) or ("",)
        return usual[0] if usual and not self._schemes[name].environment else own

    def _written(
        self,
        operation: Operation,
        scheme: SecurityScheme,
        value: Any,
        scopes: tuple[str, ...],
        site: Site,
        exchange: Exchange,
    ) -> tuple[str, Any]:
        """The credential as it goes into its place: the name as it is sent, and the text or object."""
        if _is_function(value):
            value = value()
        if isinstance(value, OAuth2):
            value = _token(operation, scheme, value, scopes, site, exchange)
        if value is NETRC:
            value = _from_netrc(operation, scheme, site.base_url)
        if not isinstance(value, (str, tuple)) and _is_auth(value):
            if _place_of(scheme) == CERTIFICATE:
                raise CallError(operation.id, f"the credential for {scheme.name} must be the path of a certificate")
            return "", value
        if scheme.type == "http" and scheme.scheme == "digest":
            return "", self._digest(operation, pair_of(operation, scheme, value), scheme, site)
        return WRITERS[scheme.type](operation, scheme, value)

    def _digest(self, operation: Operation, pair: tuple[str, str], scheme: SecurityScheme, site: Site) -> AuthBase:
        """One for each origin: it keeps the nonce, and no other server may get an answer to that challenge."""
        from requests.auth import HTTPDigestAuth

        if re.search(r'["\\]', pair[0]):  # requests escapes neither
            raise CallError(operation.id, f"the user for {scheme.name} must not hold a quotation mark or backslash")
        key = (scheme.name, Secret(pair), origin(site.base_url))
        return self._digests.setdefault(key, HTTPDigestAuth(*pair))

    def _missing(self, alternative: Iterable[str], site: Site) -> list[str]:
        return [name for name in alternative if not self._source(name, site)]

    def _switched_off(self, operation: Operation) -> bool:
        """Whether every alternative needs a credential that the caller gave as None."""
        return all(
            any(name in self._given and self._given[name] is None for name in alternative)
            for alternative in operation.security or ()
        )

    def _needs(self, operation: Operation) -> str:
        """The alternatives in words, such as: 'a' and 'b', or 'c'."""
        alternatives = []
        for alternative in filter(None, operation.security or ()):
            unknown = [name for name in alternative if name not in self._schemes]
            note = f" (the document does not describe {_listed(unknown, 'and')})" if unknown else ""
            alternatives.append(_listed(alternative, "and") + note)
        return ", or ".join(alternatives)

    def _lack(self, operation: Operation, site: Site) -> str:
        """Which credentials are needed, which of them are known, and how to give the others."""
        ways = []
        for alternative in filter(None, operation.security or ()):
            missing = self._missing(alternative, site)
            if self._schemes.keys() >= alternative.keys():
                pairs = ", ".join(f"{name!r}: ..." for name in missing)
                variables = " and ".join(dict.fromkeys(self._settable(name, site) for name in missing))
                ways.append(f"auth={{{pairs}}}" + (f" or set {variables}" if variables else ""))
        known = {
            name: None
            for alternative in operation.security or ()
            for name in alternative
            if self._source(name, site)
        }  # fmt: skip
        having = f"; of these only {_listed(known, 'and')} {'is' if len(known) == 1 else 'are'} known" if known else ""
        return f"needs {self._needs(operation)}{having}." + (f" Give {'; or give '.join(ways)}." if ways else "")

    def _warn(self, message: str, about: str = "") -> None:
        about = about or message
        if about not in self._warned:
            warnings.warn(message, CredentialWarning, stacklevel=stacklevel())
            self._warned.add(about)  # only now: where a filter makes it an error, the next call must fail, too


def _held(credential: Credential | Withheld) -> Given:
    if credential is None or isinstance(credential, (Netrc, Withheld, FunctionType)):
        return credential
    return Secret(credential)


def _travels(value: Given) -> bool:
    """Whether it may be pickled: a function is pickled as its name, if that can be imported."""
    return (
        value is None or isinstance(value, Netrc) or (isinstance(value, FunctionType) and "<" not in value.__qualname__)
    )


def _is_auth(value: object) -> TypeGuard[AuthBase]:
    from requests.auth import AuthBase

    return isinstance(value, AuthBase)


def _is_function(value: object) -> TypeGuard[Callable[[], Any]]:
    return callable(value) and not _is_auth(value)


def _place_of(scheme: SecurityScheme) -> Place | None:
    if scheme.type == "apiKey":
        name = scheme.parameter.lower() if scheme.location == "header" else scheme.parameter
        return (scheme.location, name) if name and scheme.location in ("header", "query", "cookie") else None
    if scheme.type == "mutualTLS":
        return CERTIFICATE
    return AUTHORIZATION if scheme.type in WRITERS else None


def _place(operation: Operation, scheme: SecurityScheme) -> Place:
    place = _place_of(scheme)
    if place is None or (scheme.type == "http" and not _SCHEME_NAME.fullmatch(scheme.spelling or scheme.scheme)):
        raise CallError(operation.id, f"the document does not say where the credential for {scheme.name} goes")
    return place


def _where(place: Place) -> str:
    return "place, the connection" if place == CERTIFICATE else f"{place[0]} {place[1]}"


def _secret_of(pair: str) -> str:
    """The password in a text user:password; the user if there is none, because some servers take a key as the user."""
    user, _, password = pair.partition(":")
    return password or user


def _credentials(
    parts: Mapping[Place, tuple[str, Any]],
    names: tuple[str, ...],
    renewable: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Credentials:
    texts: dict[str, dict[str, str]] = {"header": {}, "query": {}, "cookie": {}}
    auth, certificate = [], None
    for place, (key, value) in parts.items():
        if place == CERTIFICATE:
            certificate = value
        elif key:
            texts[place[0]][key] = value
        else:
            auth.append(value)
    return Credentials(
        **texts,
        auth=tuple(auth),
        certificate=certificate,
        schemes=names,
        renewable=renewable,
        variables=variables or {},
    )


def _token(
    operation: Operation,
    scheme: SecurityScheme,
    source: OAuth2,
    scopes: tuple[str, ...],
    site: Site,
    exchange: Exchange,
) -> str:
    refused = site.refused.header.get("Authorization", "").rpartition(" ")[2] if site.refused else None
    place = TokenPlace(site.document_url, site.server or site.base_url, site.accepted, site.deadline)
    try:
        return source.token(scheme, scopes, place, exchange, refused)
    except TokenError as error:
        raise CallError(operation.id, f"no token for {scheme.name}: {error}") from None


def _from_netrc(operation: Operation, scheme: SecurityScheme, base_url: str) -> tuple[str, str]:
    import requests

    found = requests.utils.get_netrc_auth(base_url)
    if found is None:
        raise CallError(operation.id, f"the .netrc has no entry of {origin(base_url)} for {scheme.name}")
    return found


def _listed_places(places: Iterable[Place]) -> str:
    named = {"header": "the header {}", "query": "the field {} of the query", "cookie": "the cookie {}"}
    return " and ".join(sorted({named.get(where, where).format(name) for where, name in places}))


def _listed(names: Iterable[str], word: str) -> str:
    return f" {word} ".join(map(repr, names))
