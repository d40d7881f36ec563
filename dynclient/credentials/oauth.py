"""
OAuth 2.0 tokens that need no browser: client credentials, password and refresh (RFC 6749 §4.3, §4.4, §6).

oauthlib, from the extra `oauth`, writes the token requests and reads the answers. It is imported when the first token
is asked for. It sends nothing: an `Exchange` does.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from types import ModuleType
from typing import Any, Literal, NoReturn, TypeAlias
from urllib.parse import quote_plus, unquote_plus, urljoin, urlsplit

from dynclient.openapi import SecurityScheme
from dynclient.support import NEVER, Deadline, is_loopback, origin, quiet, renewed
from dynclient.types import JSON

Exchange: TypeAlias = Callable[[str, str, Mapping[str, str], str | None], tuple[int, bytes]]
"""Sends a request (method, URL, headers, body), without the caller's session, and returns status and content."""

Grant: TypeAlias = Literal["clientCredentials", "password", "refresh"]

_SKEW = 30.0
"""A token is renewed this many seconds before it expires: clocks differ, and a request takes time."""

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\uffff]+")
_MOST_WORDS = 200  # characters of a provider's message

_SHORTEST_SECRET = 4  # characters; shorter texts stand in ordinary words


class TokenError(Exception):
    """There is no token. The message holds no secret."""


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """
    What decides which token endpoint may be asked.

    Attributes:
        document_url: the URL of the document; "" if it is not from a URL.
        server: the URL of the call's server.
        accepted: whether the caller accepts that credentials go to that server.
        deadline: the moment by which the token must be there.
    """

    document_url: str = ""
    server: str = ""
    accepted: bool = False
    deadline: Deadline = NEVER

    def absolute(self, url: str) -> str:
        """Return a URL of the document as absolute; it is relative to the server's (OpenAPI 3.0.3, 3.1.1 and 3.2)."""
        return urljoin(f"{self.server}/", url) if self.server else url

    def checked(self, url: str) -> str:
        """
        Return the URL of a token endpoint if secrets may go there.

        Raises:
            TokenError: it is not a safe URL, or has another origin than the document and the accepted server.
        """
        known = [self.document_url, *([self.server] if self.accepted else [])]
        if self.document_url and origin(_safe(url)) not in map(origin, known):
            raise TokenError(
                f"the document of {origin(self.document_url)} names a token endpoint of another origin, {origin(url)}; "
                "give OAuth2(token_url=...) if secrets may go there"
            )
        return _safe(url)


@dataclass(slots=True)
class _Token:
    """A token, and when it expires on the monotonic clock; None if the server did not say."""

    text: str = field(repr=False)
    expires: float | None
    refresh: str = field(default="", repr=False)

    def fresh(self) -> bool:
        return self.expires is None or time.monotonic() < self.expires


class OAuth2:
    """
    Gets and renews tokens for an oauth2 or openIdConnect scheme, at the token endpoint that the document names.

    What is given decides the grant: with a `refresh_token` it is refresh, with a `username` password, else client
    credentials. Several clients and threads may use one object; they share its tokens. It cannot be pickled.

    Args:
        client_id: the client's id.
        client_secret: the client's secret.
        scope: the scopes to ask for, as a list or as text with spaces; by default those that the operation asks for.
        username: the user, for the grant password.
        password: the user's password.
        refresh_token: a token that is exchanged for others.
        token_url: the token endpoint, in place of the document's. A document that was fetched from a URL may only name
            an endpoint of its own origin, or of a server that the caller accepts.
        in_body: whether id and secret are sent as fields of the request, and not by http basic.
        extra: further fields that the server wants, such as `audience`.

    Raises:
        TypeError: there is no client_id, no username and no refresh_token.

    Example:
        client = dynclient.Client("api.yaml", auth={"oauth": dynclient.OAuth2("my-id", "my-secret")})
    """

    @quiet
    def __init__(
        self,
        client_id: str = "",
        client_secret: str = "",
        *,
        scope: str | Iterable[str] | None = None,
        username: str = "",
        password: str = "",
        refresh_token: str = "",
        token_url: str = "",
        in_body: bool = False,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        if not client_id and not refresh_token and not username:
            raise TypeError("OAuth2 needs a client_id, a username and password, or a refresh_token")
        self._scope = tuple(scope.split() if isinstance(scope, str) else scope) if scope is not None else None
        self._client_id = client_id
        self._client_secret = client_secret
        self._user = (username, password)
        self._refresh_token = refresh_token
        self._token_url = token_url
        self._in_body = in_body
        self._extra = dict(extra or {})
        self._grant: Grant = "refresh" if refresh_token else "password" if username else "clientCredentials"
        self._tokens: dict[tuple[str, tuple[str, ...]], _Token] = {}
        self._discoveries: dict[str, str] = {}
        self._lock = renewed(self, "_lock")

    def __repr__(self) -> str:
        return f"<OAuth2 {self._grant}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an OAuth2 holds secrets, and is not pickled")

    def __copy__(self) -> OAuth2:
        return self

    def __deepcopy__(self, memo: object) -> OAuth2:
        return self

    def token(
        self,
        scheme: SecurityScheme,
        scopes: tuple[str, ...],
        place: TokenPlace,
        exchange: Exchange,
        refused: str | None = None,
    ) -> str:
        """
        Return a token for these scopes. A new one is asked for if the one held has expired or was refused.

        Args:
            scheme: the security scheme, which names the token endpoint.
            scopes: the scopes that the operation asks for.
            place: what decides which token endpoint may be asked.
            exchange: what sends the token request.
            refused: the token that the server has just refused.

        Raises:
            TokenError: no token endpoint may be used, or it gives no token in time.
        """
        if self._scope is not None:
            scopes = self._scope
        elif self._grant == "refresh":  # without scopes, it has those that were once granted (RFC 6749 §6)
            scopes = ()
        with self._locked(place.deadline):  # one thread asks, and the others use its token
            url = self._endpoint(scheme, place, exchange)
            key = url, tuple(sorted(scopes))
            held = self._tokens.get(key)
            if held is None or not held.fresh() or held.text == refused:
                held = self._tokens[key] = self._fetch(url, scopes, exchange, held)
            return held.text

    @contextmanager
    def _locked(self, deadline: Deadline) -> Iterator[None]:
        if not self._lock.acquire(timeout=max(0.0, min(deadline.left(), threading.TIMEOUT_MAX))):
            raise TokenError(f"another call was still asking for it when {deadline.seconds:g} seconds were over")
        try:
            yield
        finally:
            self._lock.release()

    def _fetch(self, url: str, scopes: tuple[str, ...], exchange: Exchange, held: _Token | None) -> _Token:
        if self._grant == "refresh":
            token = self._ask(url, scopes, exchange, self._refresh_token)
            self._refresh_token = token.refresh or self._refresh_token
            return token
        if held and held.refresh:
            try:
                token = self._ask(url, (), exchange, held.refresh)
                token.refresh = token.refresh or held.refresh
                return token
            except TokenError:  # the refresh token has expired, too
                pass
        return self._ask(url, scopes, exchange, "")

    def _ask(self, url: str, scopes: tuple[str, ...], exchange: Exchange, refresh_token: str) -> _Token:
        oauth2 = _library()
        # With a secret http basic is preferred to fields (RFC 6749 §2.3.1).
        as_header = bool(self._client_secret) and not self._in_body
        fields: dict[str, Any] = {"scope": list(scopes) or None, "include_client_id": not as_header, **self._extra}
        if self._client_secret and self._in_body:
            fields["client_secret"] = self._client_secret
        if refresh_token:
            client = oauth2.Client(self._client_id or None)
            fields.update(client_id=self._client_id or None)
            body = client.prepare_refresh_body(refresh_token=refresh_token, **fields)
        elif self._grant == "password":
            client = oauth2.LegacyApplicationClient(self._client_id or None)
            body = client.prepare_request_body(*self._user, **fields)
        else:
            client = oauth2.BackendApplicationClient(self._client_id)
            body = client.prepare_request_body(**fields)
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        if as_header:
            pair = f"{quote_plus(self._client_id)}:{quote_plus(self._client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        asked = time.monotonic()
        status, content = exchange("POST", url, headers, body)
        return _read_token(url, status, content, client, asked, self._secrets(refresh_token))

    def _secrets(self, refresh_token: str) -> Sequence[str]:
        pair = f"{self._client_id}:{self._client_secret}"
        secrets = [self._client_secret, self._user[1], refresh_token, *self._extra.values()]
        return [*secrets, base64.b64encode(pair.encode()).decode()]

    def _endpoint(self, scheme: SecurityScheme, place: TokenPlace, exchange: Exchange) -> str:
        if self._token_url:
            return _safe(self._token_url)
        if scheme.type == "openIdConnect":
            return self._discovered(scheme, place, exchange)
        for flow in scheme.flows:
            url = flow.refresh_url or flow.token_url if self._grant == "refresh" else flow.token_url
            if url and self._grant in ("refresh", flow.kind):
                return place.checked(place.absolute(url))
        kinds = ", ".join(flow.kind for flow in scheme.flows) or "no flow"
        raise TokenError(
            f"the document describes {kinds} and no token endpoint for {self._grant}; give OAuth2(token_url=...), "
            "or a token, or a function that returns one"
        )

    def _discovered(self, scheme: SecurityScheme, place: TokenPlace, exchange: Exchange) -> str:
        """The token endpoint that the provider's configuration names (OpenID Connect Discovery 1.0 §4)."""
        where = place.checked(place.absolute(scheme.openid_url))
        if where not in self._discoveries:
            status, content = exchange("GET", where, {"Accept": "application/json"}, None)
            url = (_json_object(content) or {}).get("token_endpoint")
            if status != HTTPStatus.OK or not isinstance(url, str):
                raise TokenError(f"the configuration at {origin(where)} names no token endpoint (status {status})")
            self._discoveries[where] = place.checked(urljoin(where, url))
        return self._discoveries[where]


def _library() -> ModuleType:
    try:
        from oauthlib import oauth2
    except ImportError:
        raise TokenError("OAuth2 needs the library oauthlib: pip install 'dynclient[oauth]'") from None
    return oauth2  # type: ignore[no-any-return]


def _safe(url: str) -> str:
    """
    The URL itself, if it is of https or on this machine, so that secrets may go there.

    Raises:
        TokenError: it is neither.
    """
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url))
    except ValueError:
        is_safe = False
    if not is_safe or not parts.hostname or parts.username is not None:
        raise TokenError("the token endpoint must be a URL of https, or of http on this machine")
    return url


def _read_token(url: str, status: int, content: bytes, client: Any, asked: float, secrets: Sequence[str]) -> _Token:
    where = f"the token endpoint {origin(url)}"
    answer = _json_object(content)
    if not 200 <= status < 300 or answer is None or "error" in answer:
        raise TokenError(f"{where} answered {_named(status)}{_said(answer, content, secrets)}")
    try:
        # No scope is given here, so that a server may grant another one than was asked for.
        token = client.parse_request_body_response(json.dumps(answer))
    except (_library().OAuth2Error, ValueError, OverflowError) as error:
        raise TokenError(f"{where} gave no token ({type(error).__name__})") from None
    text, kind, life = token.get("access_token"), token.get("token_type") or "bearer", token.get("expires_in")
    if not isinstance(text, str) or not text or str(kind).lower() != "bearer":
        raise TokenError(f"{where} gave no bearer token")
    renewed = token.get("refresh_token")
    return _Token(
        text,
        expires=None if life is None else asked + max(life - _SKEW, life / 2),
        refresh=renewed if isinstance(renewed, str) else "",
    )


def _named(status: int) -> str:
    """A status with its name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _said(answer: Mapping[str, JSON] | None, content: bytes, secrets: Sequence[str]) -> str:
    """A provider's words about an error (RFC 6749 §5.2), or what kind of content it sent instead."""
    if answer is None:
        text = content.strip()
        return " with an HTML page" if text[:1] == b"<" else " with text that isn't a JSON object" if text else ""
    words = (_without(answer.get(name), secrets) for name in ("error", "error_description"))
    return "".join(f": {each}" for each in words if each)


def _without(words: JSON, secrets: Sequence[str]) -> str:
    """A provider's words with *** for secrets; "" if they are not text, or repeat a secret in another form."""
    if not isinstance(words, str):
        return ""
    long = sorted({each for each in secrets if len(each) >= _SHORTEST_SECRET}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, long)) or r"(?!)", re.IGNORECASE)
    text = _UNPRINTABLE.sub(" ", pattern.sub("***", words)).strip()
    return "" if pattern.search(unquote_plus(text)) else text[:_MOST_WORDS]


def _json_object(content: bytes) -> Mapping[str, JSON] | None:
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
