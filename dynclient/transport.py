"""The network: sessions, and requests sent through them. The only module that knows `requests.Session`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from dynclient.errors import CallError, SendError, Sent
from dynclient.names import origin
from dynclient.oauth import TokenError
from dynclient.security import AUTHORIZATION, CERTIFICATE, NO_SECRETS, Credentials, Place, Secrets
from dynclient.types import Timeout
from dynclient.uploads import BodyError, Upload
from dynclient.values import Unwritable

if TYPE_CHECKING:
    import requests

    WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


_EXCHANGE_TIMEOUT = (5, 30)

_hidden: ContextVar[Secrets] = ContextVar("_hidden", default=NO_SECRETS)
"""What the request that is being sent holds of secrets, as they stand in its URL."""


class Transport:
    """
    Sends through one `requests.Session`: the caller's, or one made when it is first needed.

    With `app`, requests go to that WSGI application in this process and no socket is opened.
    """

    def __init__(self, session: requests.Session | None = None, app: WSGIApplication | None = None) -> None:
        if session is not None and app is not None:
            raise TypeError("give either a session or an app, not both")
        if app is not None and not callable(app):
            raise TypeError(f"app must be a WSGI application, not of type {type(app).__name__}")
        if session is not None and not hasattr(session, "prepare_request"):
            raise TypeError(f"session must be a requests.Session, not of type {type(session).__name__}")
        self._given = session
        self._app = app
        self._session = session

    def __getstate__(self) -> dict[str, object]:
        """A session stays here, with its sockets, cookies and whatever credentials it holds."""
        return {"_given": None, "_app": self._app, "_session": None}

    def copy(self) -> Transport:
        """Another transport of the same kind, that shares the caller's session and nothing of its own."""
        return Transport(self._given, self._app)

    @property
    def in_process(self) -> bool:
        """Whether requests go to an application in this process, and none to a host."""
        return self._app is not None

    @property
    def session(self) -> requests.Session:
        if self._session is None:
            self._session = self._make_session()
        return self._session

    def prepare(self, operation_id: str, request: requests.Request) -> requests.PreparedRequest:
        """
        The request with the session's headers and cookies, exactly as it will be sent.

        Raises:
            CallError: requests cannot prepare it, or would send it to another address than was built. Neither the text
                nor the cause repeats the URL or a header: a key may stand there.
        """
        import requests

        cookie = request.headers.pop("Cookie", None)
        length = request.headers.pop("Content-Length", "")
        request.headers.pop("Transfer-Encoding", None)
        if isinstance(request.data, Upload) and length.isdecimal():
            request.data.announce(int(length))  # the caller may know what a stream cannot tell
        if self.session.auth is None:
            # Without any auth requests takes a password from .netrc in place of the document's credentials.
            request.auth = _keep
        if type(self.session).prepare_request is requests.Session.prepare_request:
            request.params = None  # as good as {}, which requests takes long to merge into the session's
        try:
            prepared = self.session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise CallError(
                operation_id, f"requests refuses the request to {origin(request.url)}: {_kind(error)}"
            ) from None
        prepared.method = request.method  # requests writes it in upper case
        if isinstance(prepared.body, Upload) and prepared.body.length == 0:  # requests would send it in chunks
            prepared.headers.pop("Transfer-Encoding", None)
            prepared.headers["Content-Length"] = "0"
        if cookie:
            held = prepared.headers.get("Cookie")
            prepared.headers["Cookie"] = f"{held}; {cookie}" if held else cookie
        # requests folds dot segments and un-escapes some characters; what was judged must be what is asked for.
        if prepared.url != request.url and _address(prepared.url) != _address(request.url):
            wanted, instead = _address(request.url)[0], _address(prepared.url)[0]
            difference = (
                f"the path {instead!r} instead of {wanted!r}" if wanted != instead else "another query than was built"
            )
            raise CallError(operation_id, f"requests would send {difference}")
        return prepared

    def fixed_places(self) -> frozenset[Place]:
        """What the session fills whatever a request says: requests lets its `auth` win over any header."""
        return frozenset() if self.session.auth is None else frozenset({AUTHORIZATION})

    def places(self) -> frozenset[Place]:
        """What the session fills where a request does not."""
        session = self.session
        return frozenset(
            [
                *(("header", str(name).lower()) for name in session.headers),
                *(("cookie", cookie.name) for cookie in session.cookies),
                *([CERTIFICATE] if session.cert else []),
            ]
        )

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: str | None = None) -> tuple[int, bytes]:
        """
        Status and content of the answer to a request that is no call, such as one for a token.

        It goes the session's ways (adapters, proxies, trusted certificates) without what identifies the caller there,
        and follows no redirect.

        Raises:
            TokenError: no complete answer came back.
        """
        import requests

        bare = requests.Session()  # never closed: the connections are the session's
        bare.adapters, bare.proxies = self.session.adapters, self.session.proxies
        bare.verify, bare.trust_env = self.session.verify, self.session.trust_env
        prepared = requests.Request(method, url, headers={"User-Agent": _user_agent(), **headers}, data=body).prepare()
        try:
            settings = bare.merge_environment_settings(prepared.url, {}, None, None, None)
            answer = bare.send(prepared, timeout=_EXCHANGE_TIMEOUT, allow_redirects=False, **settings)
        except (requests.RequestException, OSError, UnicodeError) as error:
            raise TokenError(_reason(error, prepared)) from None
        return answer.status_code, answer.content or b""

    def rewind(self, prepared: requests.PreparedRequest) -> bool:
        """Whether the body can be sent again; then it is at its beginning."""
        import requests

        if isinstance(prepared.body, Upload):
            try:
                prepared.body.check()
            except Unwritable:
                return False
            return True
        if isinstance(getattr(prepared, "_body_position", None), int):
            requests.utils.rewind_body(prepared)
            return True
        return prepared.body is None or isinstance(prepared.body, (str, bytes))

    def send(
        self,
        operation_id: str,
        prepared: requests.PreparedRequest,
        timeout: Timeout,
        credentials: Credentials | None = None,
        secrets: Secrets = NO_SECRETS,
    ) -> requests.Response:
        """
        The answer, read to its end. Redirects are not followed: their target may be anyone's.

        Of the credentials, those act here that sign a request or answer a challenge, on a copy of it, and a
        certificate; the others stand in the request. `secrets` are what urllib3 may not log. Files that the caller
        opened are left where they stood before, whatever came of it.

        Raises:
            CallError: the body was read before and cannot be read again, or its file has changed.
            SendError: no complete answer came back. Its cause is that of requests, unless the URL has a query: there a
                key may stand, and the cause repeats it.
        """
        import requests
        from urllib3.exceptions import HTTPError

        session = self.session
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        hidden = _hide(secrets)
        try:
            if upload is not None:
                upload.check()
            self.rewind(prepared)  # it may have been sent before
            # Session.send() alone ignores the proxies and certificates of the environment (psf/requests#3626).
            settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
            if credentials is not None:
                prepared = _signed(prepared, credentials)
                settings["cert"] = credentials.certificate or settings["cert"]
            return session.send(prepared, timeout=timeout, allow_redirects=False, **settings)
        except Unwritable as error:
            raise CallError(operation_id, f"body: {error.message}") from error
        except BodyError as error:
            raise SendError(operation_id, f"the body broke off: {error}") from error.__cause__
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            cause = None if urlsplit(prepared.url).query else error
            raise SendError(operation_id, _reason(error, prepared), _sent(error)) from cause
        finally:
            _hidden.reset(hidden)
            if upload is not None:
                upload.restore()

    def close(self) -> None:
        """Close the sockets of our own session; the caller's is the caller's to close."""
        if self._session is not None and self._session is not self._given:
            self._session.close()
            self._session = None

    def _make_session(self) -> requests.Session:
        import requests

        session = requests.Session()
        session.headers["User-Agent"] = _user_agent()
        if self._app is not None:
            from dynclient.wsgi import WSGIAdapter

            adapter = WSGIAdapter(self._app)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
        return session


def _hide(secrets: Secrets) -> Token[Secrets]:
    """Keep these out of what urllib3 logs from here on in this thread: it writes whole URLs, queries included."""
    if secrets:
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_mask)  # once: a filter that is there already is not added
    return _hidden.set(Secrets([*secrets, *(quote(secret, safe="*") for secret in secrets)]))


def _mask(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        for secret in _hidden.get():
            record.args = tuple(str(a).replace(secret, "***") if secret in str(a) else a for a in record.args)
    return True


def _user_agent() -> str:
    import requests

    from dynclient.version import __version__

    return f"dynclient/{__version__} {requests.utils.default_user_agent()}"


def _keep(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _signed(prepared: requests.PreparedRequest, credentials: Credentials) -> requests.PreparedRequest:
    if not credentials.auth:
        return prepared
    copy = prepared.copy()
    copy.hooks = {event: list(hooks) for event, hooks in prepared.hooks.items()}  # a copy shares them
    for auth in credentials.auth:
        copy = auth(copy)
    copy.prepare_content_length(copy.body)
    return copy


def _address(url: str | None) -> tuple[str, str]:
    parts = urlsplit(str(url))
    return parts.path or "/", parts.query


def _reason(error: Exception, prepared: requests.PreparedRequest) -> str:
    """What happened, in words of ours: those of urllib3 repeat the URL, and a key may stand in its query."""
    import requests
    from urllib3.exceptions import LocationParseError

    where = origin(prepared.url or "")
    for kind, text in (
        (requests.exceptions.ConnectTimeout, "no connection to {} within the time allowed"),
        (requests.exceptions.ReadTimeout, "{} did not answer within the time allowed"),
        (requests.exceptions.SSLError, "no secure connection to {}: its certificate or protocol was refused"),
        ((requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL), "the proxy on the way to {} failed"),
        ((requests.exceptions.InvalidURL, LocationParseError), "there can be no such address as {}"),
        (requests.exceptions.ChunkedEncodingError, "the answer of {} broke off"),
    ):
        if isinstance(error, kind):
            return text.format(where)
    if _sent(error) == "no":
        return f"no connection to {where}. Is the server running?"
    return f"the connection to {where} failed: {_kind(error)}"


def _kind(error: Exception) -> str:
    return type(error).__name__


def _sent(error: Exception) -> Sent:
    """Whether the request can have reached the server: not if there never was a connection to it."""
    from requests.exceptions import ConnectTimeout, InvalidURL, ProxyError
    from urllib3.exceptions import LocationParseError, MaxRetryError, NewConnectionError, SSLError

    if isinstance(error, (ConnectTimeout, ProxyError, InvalidURL, LocationParseError)):
        return "no"
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, SSLError):  # a server may break off after it has read the request, too
        return (
            "no" if "CERTIFICATE_VERIFY_FAILED" in str(reason) or "WRONG_VERSION_NUMBER" in str(reason) else "unknown"
        )
    return "no" if isinstance(reason, NewConnectionError) else "unknown"
