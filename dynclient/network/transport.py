"""Requests prepared and sent through a `requests.Session`, which no other package touches."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynclient.credentials import AUTHORIZATION, CERTIFICATE, NO_SECRETS, Credentials, Place, Secrets, TokenError
from dynclient.errors import CallError, SendError, TimedOut
from dynclient.http import Cookies, Target, Unfollowable, accepted, bodies
from dynclient.network.attempt import Attempt, current, watching
from dynclient.network.received import Received
from dynclient.network.send_errors import failures, safe_cause, send_error
from dynclient.support import (
    NEVER,
    Deadline,
    UnusableProxy,
    cached,
    origin,
    proxy_name,
    proxy_of,
    renewed,
    type_name,
)
from dynclient.types import Application, Timeout
from dynclient.wire import BodyError, Unwritable, Upload

if TYPE_CHECKING:
    import requests
    from requests.cookies import RequestsCookieJar


_EXCHANGE_TIMEOUT = (5, 30)
_EXCHANGE_SECONDS = 60
_EXCHANGE_MOST = 1 << 20

MOMENT = 0.1  # seconds
# What requests does not write anew in a URL: it removes dot segments, and un-escapes letters, digits and -._~.
_TEXT = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]++|%(?!2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)[0-9A-F]{2})*+"
_AS_WRITTEN = re.compile(
    r"https?://[a-z0-9][a-z0-9._-]*+(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    rf"(?!.*/\.)/{_TEXT}(?:\?(?=.){_TEXT})?"
)


_hidden: ContextVar[Secrets] = ContextVar("_hidden", default=NO_SECRETS)
"""The secrets of the request that is being sent in this context."""


class Transport:
    """
    Sends through one `requests.Session`.

    Args:
        session: the caller's session. By default the transport makes one when it first needs it.
        app: a WSGI or ASGI application of this process that gets the requests; no socket is opened.

    Attributes:
        in_process: whether requests go to an application in this process.

    Raises:
        TypeError: an argument has the wrong type, or both were given.
    """

    def __init__(self, session: requests.Session | None = None, app: Application | None = None) -> None:
        if session is not None and app is not None:
            raise TypeError("give either a session or an app, not both")
        if app is not None and not callable(app):
            raise TypeError(f"app must be a WSGI or ASGI application, not of type {type_name(app)}")
        if isinstance(app, type) and any("__call__" in vars(base) for base in app.__mro__):  # its instances are called
            kind = app.__name__
            raise TypeError(
                f"app must be a WSGI or ASGI application, not the class {kind}: give an instance, {kind}(...)"
            )
        if session is not None and not hasattr(session, "prepare_request"):
            raise TypeError(f"session must be a requests.Session, not of type {type_name(session)}")
        self._given = session
        self._app = app
        self.in_process = app is not None
        self._settings: dict[str, dict[str, Any]] = {}
        self._making = renewed(self, "_making")

    def __reduce__(self) -> tuple[type[Transport], tuple[None, Application | None]]:
        """A session is not pickled: it holds sockets, cookies and perhaps credentials."""
        return Transport, (None, self._app)

    def copy(self) -> Transport:
        """Return a transport with the same arguments; only the caller's session is shared."""
        return Transport(self._given, self._app)

    @cached
    def session(self) -> requests.Session:
        """The caller's session, or one of our own, which is made on first use and ends with `close`."""
        if self._given is not None:
            return self._given
        with self._making:  # otherwise two threads might make one each
            made = vars(self)["session"] = vars(self).get("session") or self._make_session()
        return made

    def prepare(
        self, operation_id: str, request: requests.Request, held: RequestsCookieJar | None = None
    ) -> requests.PreparedRequest:
        """
        The request with the session's headers and the cookies that are `held` for it, exactly as it will be sent.

        Raises:
            CallError: requests cannot prepare it, or would send it to another address than was built. Neither the text
                nor the cause repeats the URL or a header: a key may stand there.
        """
        import requests

        cookie = request.headers.pop("Cookie", None)
        length = request.headers.pop("Content-Length", "")
        request.headers.pop("Transfer-Encoding", None)
        if isinstance(request.data, Upload) and length.isdecimal():
            request.data.announce(int(length))  # the caller may know the length of a stream
        session = self.session
        if held or session is self._given:
            session = _with_cookies(session, held)
        if session.auth is None:
            # Without an auth object requests takes a password from .netrc instead of the document's credentials.
            request.auth = _no_auth
        try:
            prepared = _prepared_as_written(request, session) or session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise CallError(
                operation_id, f"requests refuses the request to {origin(request.url)}: {type(error).__name__}"
            ) from None
        prepared.method = request.method  # requests writes it in upper case
        if isinstance(prepared.body, Upload) and prepared.body.length == 0:  # requests would send it in chunks
            prepared.headers.pop("Transfer-Encoding", None)
            prepared.headers["Content-Length"] = "0"
        if cookie:
            before = prepared.headers.get("Cookie")
            prepared.headers["Cookie"] = f"{before}; {cookie}" if before else cookie
        # requests folds dot segments and un-escapes some characters; what was validated must be what is sent.
        if prepared.url != request.url and _address(prepared.url) != _address(request.url):
            wanted, instead = _address(request.url)[0], _address(prepared.url)[0]
            difference = (
                f"the path {instead!r} instead of {wanted!r}" if wanted != instead else "another query than was built"
            )
            raise CallError(operation_id, f"requests would send {difference}")
        return prepared

    def fixed_places(self) -> frozenset[Place]:
        """Return what the session sets in any case: its `auth` overrides headers of a request."""
        return frozenset() if (self.session).auth is None else frozenset({AUTHORIZATION})

    def places(self, held: RequestsCookieJar | None = None) -> frozenset[Place]:
        """Return what the session and the `held` cookies set unless a request does."""
        found: set[Place] = {CERTIFICATE} if self.session.cert else set()
        for name in self.session.headers:
            found.add(("header", str(name).lower()))
        for cookie in held or ():
            found.add(("cookie", cookie.name))
        return frozenset(found)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None, *, deadline: Deadline = NEVER
    ) -> tuple[int, bytes]:
        """
        Return the status and the content of the answer to a request that is not a call, such as one for a token.

        It uses the adapters, proxies and trusted certificates of the session, but nothing that identifies the caller
        there. It follows no redirects, and ends by the `deadline` of the call that needs it.

        Raises:
            TokenError: no complete answer came back.
        """
        import requests

        from dynclient.network.sessions import OwnSession

        bare = OwnSession()  # never closed: the connections are the session's
        bare.adapters, bare.proxies = self.session.adapters, self.session.proxies
        bare.verify, bare.trust_env = self.session.verify, self.session.trust_env
        prepared = requests.Request(method, url, headers={"User-Agent": _user_agent(), **headers}, data=body).prepare()
        if deadline.passed():
            raise TokenError(f"the {deadline.seconds:g} seconds were over before {origin(url)} was asked")
        if deadline.left() > _EXCHANGE_SECONDS:
            deadline = Deadline(_EXCHANGE_SECONDS)
        connect, idle = _EXCHANGE_TIMEOUT
        attempt = Attempt(deadline, idle)
        answer = None
        try:
            settings: dict[str, Any] = dict(bare.merge_environment_settings(prepared.url, {}, None, None, None))
            settings["stream"] = True
            if settings["proxies"]:
                attempt.proxy = self._proxy(prepared.url or "", settings)
            with watching(attempt):
                limits = (deadline.within(connect), deadline.within(idle))
                answer = bare.send(prepared, timeout=limits, allow_redirects=False, **settings)
                late = None if attempt.is_watched else deadline
                return answer.status_code, bodies.whole(answer, _EXCHANGE_MOST, late)
        except failures() as error:
            failure = send_error("", error, prepared, answer, _EXCHANGE_MOST, deadline, attempt)
            raise TokenError(failure.message) from None

    def rewind(self, prepared: requests.PreparedRequest) -> bool:
        """Move the body to its beginning; return whether it can be sent again."""
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

    def redirected(
        self, prepared: requests.PreparedRequest, target: Target, cookies: Cookies | None = None
    ) -> requests.PreparedRequest:
        """
        Return the request that a redirect leads to, with the cookies for its origin.

        Raises:
            Unfollowable: requests cannot write its address, or would change its origin.
        """
        import requests

        copy = prepared.copy()
        copy.method = target.method
        copy.headers = requests.structures.CaseInsensitiveDict(target.headers(prepared.headers))
        if not target.has_body:
            copy.body = None
        if not target.has_credentials:
            copy.hooks = requests.hooks.default_hooks()  # an auth object of the session answers challenges in them
        try:
            copy.prepare_url(target.url, None)
        except (requests.RequestException, ValueError):
            raise Unfollowable("to something that isn't a web address") from None
        if origin(copy.url or "") != origin(target.url):
            raise Unfollowable("to something that isn't a web address")
        before = copy.headers.pop("Cookie", "")
        held = cookies.jar(target.url) if cookies and target.has_credentials else None
        kept = {cookie.name for cookie in prepared._cookies or ()}  # type: ignore[attr-defined]
        copy._cookies = held or requests.cookies.RequestsCookieJar()  # type: ignore[attr-defined]
        header = requests.cookies.get_cookie_header(held, copy) if held else ""  # type: ignore[no-untyped-call]
        pairs = [pair for pair in before.split("; ") if pair.partition("=")[0] not in kept]
        named = {pair.partition("=")[0]: pair for pair in (*pairs, *(header or "").split("; ")) if pair}
        if named:
            copy.headers["Cookie"] = "; ".join(named.values())
        return copy

    def send(
        self,
        operation_id: str,
        prepared: requests.PreparedRequest,
        timeout: Timeout,
        credentials: Credentials | None = None,
        secrets: Secrets = NO_SECRETS,
        *,
        cookies: Cookies | None = None,
        deadline: Deadline = NEVER,
        most: int | None = None,
        fresh: bool = False,
        stream: bool = False,
    ) -> Received:
        """
        Return the answer to one attempt, read to its end. Redirects are not followed: their target may be anyone's.

        Files that the caller opened are left at the position where they were before, even if sending fails.

        Args:
            operation_id: the operation that is called.
            prepared: the request.
            timeout: seconds for the connection, and for each piece that is sent or received; or one number for both.
            credentials: those that sign a request, answer a challenge or are a certificate; the others are in the
                request already.
            secrets: what urllib3 must not log.
            cookies: where the cookies of the answer are kept.
            deadline: when all of it must have ended.
            most: the most bytes of content.
            fresh: whether to use a new connection.
            stream: whether to leave the content of a successful answer unread.

        Raises:
            CallError: the body was read before and cannot be read again, or its file has changed.
            SendError: no complete answer came back. Its cause is the error of requests, unless its text may contain
                a secret.
        """
        if deadline.passed():
            where = origin(prepared.url or "")
            raise TimedOut(operation_id, f"the {deadline.seconds:g} seconds were over before {where} was asked", "no")
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        connect, idle = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        attempt = Attempt(deadline, idle, fresh)
        carried, hidden = current.set(attempt), _hide(secrets)
        answer = None
        try:
            if upload is not None:
                upload.check()
            self.rewind(prepared)  # it may have been sent before
            settings = self.settings_for(prepared.url or "")
            if credentials is not None:
                prepared = signed(prepared, credentials) if credentials.auth else prepared
                if credentials.certificate:
                    settings = {**settings, "cert": credentials.certificate}
            if settings["proxies"]:
                attempt.proxy = self._proxy(prepared.url or "", settings)
            limits = (deadline.within(connect), deadline.within(idle))
            session = self._session_for(cookies)
            answer = session.send(prepared, timeout=limits, allow_redirects=False, **{**settings, "stream": True})
            if cookies is not None:
                cookies.take(answer)
            if not (stream and answer.status_code < 300):
                bodies.whole(answer, most, None if attempt.is_watched else deadline)
            return Received(answer, attempt)
        except Unwritable as error:
            raise CallError(operation_id, f"body: {error.message}") from error
        except BodyError as error:
            broken = SendError(operation_id, f"the body broke off: {error}")
            broken.is_transient = False
            raise broken from error.__cause__
        except failures() as error:
            if answer is not None:
                answer.close()
            failure = send_error(operation_id, error, prepared, answer, most, deadline, attempt)
            failure.is_stale = attempt.is_watched and attempt.reused and not attempt.answered
            raise failure from safe_cause(error, prepared.url or "", secrets)
        finally:
            current.reset(carried)
            _hidden.reset(hidden)
            if upload is not None:
                upload.restore()

    def pieces(
        self, operation_id: str, received: Received, secrets: Secrets = NO_SECRETS
    ) -> Generator[bytes, None, None]:
        """
        Return the content that `send` left unread, unpacked, piece by piece as it comes.

        Raises:
            SendError: it broke off, or took too long.
        """
        attempt = received.attempt
        with _reading(operation_id, received, None, secrets):
            for piece in bodies.pieces(received.answer, as_they_come=True):
                if not attempt.is_watched:
                    attempt.deadline.within(None)
                yield piece

    def settle(self, received: Received, pieces: Iterator[bytes]) -> None:
        """
        Read the end of an answer that nobody needs any more, if it is there or comes within `MOMENT`.

        The next call can then reuse the connection.
        """
        if received.attempt.is_watched:
            received.attempt.deadline = Deadline(MOMENT)
            with suppress(SendError):
                next(pieces, None)

    def finish(self, operation_id: str, received: Received, most: int | None, secrets: Secrets = NO_SECRETS) -> None:
        """
        Read all of the content that `send` left unread.

        Raises:
            SendError: it broke off, took too long, or is larger than `most` bytes.
        """
        attempt = received.attempt
        with _reading(operation_id, received, most, secrets):
            bodies.whole(received.answer, most, None if attempt.is_watched else attempt.deadline)

    def close(self) -> None:
        """Close our own session; a session of the caller stays open."""
        session = vars(self).pop("session", None)
        if session is not None and session is not self._given:
            session.close()

    def _make_session(self) -> requests.Session:
        from dynclient.network.adapter import Adapter
        from dynclient.network.sessions import OwnSession

        session = OwnSession()
        session.headers["User-Agent"] = _user_agent()
        session.headers["Accept-Encoding"] = accepted()
        renew = renewed(session.cookies, "_cookies_lock", threading.RLock)
        session.cookies._cookies_lock = renew  # type: ignore[attr-defined]
        adapter: requests.adapters.BaseAdapter
        if self._app is None:
            adapter = Adapter()
        else:
            from dynclient.network.asgi import ASGIAdapter, is_asgi
            from dynclient.network.wsgi import WSGIAdapter

            adapter = ASGIAdapter(self._app) if is_asgi(self._app) else WSGIAdapter(self._app)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        return session

    def _session_for(self, cookies: Cookies | None) -> requests.Session:
        """The session; the caller's without its jar, unless these cookies are kept there."""
        session = self.session
        if session is not self._given or (cookies is not None and cookies.keeps_in(session)):
            return session
        return _with_cookies(session, None)

    def _proxy(self, url: str, settings: Mapping[str, Any]) -> str:
        """
        The name of the proxy for this URL in messages, "" if there is none.

        Raises:
            UnusableProxy: PySocks is not installed.
        """
        from requests.adapters import HTTPAdapter

        if not isinstance(self.session.get_adapter(url), HTTPAdapter):
            return ""
        proxy = proxy_of(url, settings["proxies"])
        if proxy.startswith("socks") and find_spec("socks") is None:
            raise UnusableProxy(f"{proxy_name(proxy)} cannot be used without PySocks: pip install PySocks")
        return proxy and proxy_name(proxy)

    def settings_for(self, url: str) -> dict[str, Any]:
        """
        Return proxies and certificates, including those of the environment, which `Session.send` ignores.

        See psf/requests#3626. For our own session the environment is read once for each host.
        """
        session = self.session
        if session is self._given:
            return session.merge_environment_settings(url, {}, None, None, None)  # type: ignore[return-value]
        host = url[: url.find("/", 8)]
        if host not in self._settings:
            settings: dict[str, Any] = dict(session.merge_environment_settings(url, {}, None, None, None))
            if settings["verify"] is True:
                settings["verify"] = os.environ.get("SSL_CERT_FILE") or True
            self._settings[host] = settings
        return self._settings[host]


def _with_cookies(session: requests.Session, held: RequestsCookieJar | None) -> requests.Session:
    """The same session with other cookies; everything else is shared."""
    from requests.cookies import RequestsCookieJar

    other = object.__new__(type(session))
    vars(other).update(vars(session))
    other.cookies = RequestsCookieJar() if held is None else held
    return other


def _prepared_as_written(request: requests.Request, session: requests.Session) -> requests.PreparedRequest | None:
    """
    Return what `prepare_request` returns, if it surely leaves the request unchanged; else None.

    requests parses and rewrites a URL that needs no change, and merges settings that are not there. That takes longer
    than all the rest of a call.

    Raises:
        requests.RequestException: a header cannot be written.
    """
    from requests import PreparedRequest, Session
    from requests.cookies import RequestsCookieJar, merge_cookies
    from requests.sessions import merge_hooks
    from requests.structures import CaseInsensitiveDict

    body = request.data
    if not (
        getattr(session.prepare_request, "__func__", None) is Session.prepare_request
        and type(session.headers) is type(request.headers) is CaseInsensitiveDict
        and request.auth is _no_auth  # neither .netrc nor the session signs it
        and not (session.params or request.params or request.cookies or request.files)
        and request.json is None
        and (type(body) is bytes or body == [])  # requests' default for no body
        and _AS_WRITTEN.fullmatch(request.url)
    ):
        return None
    headers: dict[str, tuple[str, str | bytes]] = {}
    for name, text in (*session.headers.items(), *request.headers.items()):
        if text is None:  # leaves out the session's
            headers.pop(name.lower(), None)
        else:
            headers[name.lower()] = name, text
    prepared = PreparedRequest()
    prepared.prepare_method(request.method)
    prepared.url = request.url
    prepared.prepare_headers(dict(headers.values()))
    cookies = prepared._cookies = RequestsCookieJar()  # type: ignore[attr-defined]
    if session.cookies:
        prepared.prepare_cookies(merge_cookies(cookies, session.cookies))  # type: ignore[no-untyped-call]
    prepared.body = body or None
    prepared.prepare_content_length(prepared.body)
    prepared.prepare_hooks(merge_hooks(request.hooks, session.hooks))  # type: ignore[no-untyped-call]
    return prepared


def _hide(secrets: Secrets) -> Token[Secrets]:
    """Mask these secrets in what urllib3 logs from now on in this context: it logs URLs with their queries."""
    if secrets is not NO_SECRETS:
        for name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_mask)  # has no effect if it was added before
    return _hidden.set(secrets)


def _mask(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        hidden = _hidden.get()
        texts = [(argument, str(argument)) for argument in record.args]
        record.args = tuple(hidden.masked(text) if hidden.stands_in(text) else argument for argument, text in texts)
    return True


def _user_agent() -> str:
    import requests

    from dynclient.version import __version__

    return f"dynclient/{__version__} {requests.utils.default_user_agent()}"


def _no_auth(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def signed(prepared: requests.PreparedRequest, credentials: Credentials) -> requests.PreparedRequest:
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


@contextmanager
def _reading(operation_id: str, received: Received, most: int | None, secrets: Secrets) -> Iterator[None]:
    """Translate the errors of reading an answer to ours, and close it at the end."""
    answer, attempt = received.answer, received.attempt
    try:
        yield
    except failures() as error:
        failure = send_error(operation_id, error, answer.request, answer, most, attempt.deadline, attempt)
        failure.message = secrets.masked(failure.message)
        failure.attempts = attempt.number
        raise failure from safe_cause(error, answer.request.url or "", secrets)
    finally:
        answer.close()
