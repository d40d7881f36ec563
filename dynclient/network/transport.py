"""The network: sessions, and requests sent through them. The only module that knows `requests.Session`."""

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
from dynclient.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    CallError,
    InsecureConnection,
    NoConnection,
    SendError,
    Sent,
    TimedOut,
)
from dynclient.http import CodingError, Cookies, CutShort, Target, Unfollowable, accepted, bodies, retries
from dynclient.network.received import Received
from dynclient.support import (
    NEVER,
    Deadline,
    Fault,
    UnusableProxy,
    causes,
    connection_fault,
    insecurity,
    origin,
    proxy_name,
    proxy_of,
    renewed,
    tunnel_status,
)
from dynclient.types import Application, Timeout
from dynclient.wire import BodyError, Unwritable, Upload

if TYPE_CHECKING:
    import requests
    from requests.cookies import RequestsCookieJar

    from dynclient.network.adapter import Attempt


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
"""What the request that is being sent holds of secrets."""


class Transport:
    """
    Sends through one `requests.Session`: the caller's, or one made when it is first needed.

    With `app`, requests go to that WSGI or ASGI application in this process and no socket is opened.
    """

    def __init__(self, session: requests.Session | None = None, app: Application | None = None) -> None:
        if session is not None and app is not None:
            raise TypeError("give either a session or an app, not both")
        if app is not None and not callable(app):
            raise TypeError(f"app must be a WSGI or ASGI application, not of type {type(app).__name__}")
        if session is not None and not hasattr(session, "prepare_request"):
            raise TypeError(f"session must be a requests.Session, not of type {type(session).__name__}")
        self._given = session
        self._app = app
        self._session = session
        self._settings: dict[str, dict[str, Any]] = {}
        self._making = renewed(self, "_making")

    def __reduce__(self) -> tuple[type[Transport], tuple[None, Application | None]]:
        """A session stays here, with its sockets, cookies and whatever credentials it holds."""
        return Transport, (None, self._app)

    def copy(self) -> Transport:
        """Another transport of the same kind, that shares the caller's session and nothing of its own."""
        return Transport(self._given, self._app)

    @property
    def in_process(self) -> bool:
        """Whether requests go to an application in this process, and none to a host."""
        return self._app is not None

    @property
    def session(self) -> requests.Session:
        session = self._session
        if session is None:
            with self._making:  # else two threads might make one each
                session = self._session = self._session or self._make_session()
        return session

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
            request.data.announce(int(length))  # the caller may know what a stream cannot tell
        session = self._session or self.session
        if held or session is self._given:
            session = _with_cookies(session, held)
        if session.auth is None:
            # Without any auth requests takes a password from .netrc in place of the document's credentials.
            request.auth = _keep
        try:
            prepared = _prepared_as_written(request, session) or session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise CallError(
                operation_id, f"requests refuses the request to {origin(request.url)}: {_kind(error)}"
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
        """What the session fills whatever a request says: requests lets its `auth` win over any header."""
        return frozenset() if (self._session or self.session).auth is None else frozenset({AUTHORIZATION})

    def places(self, held: RequestsCookieJar | None = None) -> frozenset[Place]:
        """What the session, and the cookies that are `held`, fill where a request does not."""
        session = self._session or self.session
        places = {("header", str(name).lower()) for name in session.headers}
        if held:
            places |= {("cookie", cookie.name) for cookie in held}
        if session.cert:
            places.add(CERTIFICATE)
        return frozenset(places)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None, *, deadline: Deadline = NEVER
    ) -> tuple[int, bytes]:
        """
        Status and content of the answer to a request that is no call, such as one for a token.

        It goes the session's ways (adapters, proxies, trusted certificates) without what identifies the caller there,
        and follows no redirect. It ends by the `deadline` of the call that it is for.

        Raises:
            TokenError: no complete answer came back.
        """
        import requests

        from dynclient.network.adapter import Attempt, OwnSession, watching

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

    def redirected(
        self, prepared: requests.PreparedRequest, target: Target, cookies: Cookies | None = None
    ) -> requests.PreparedRequest:
        """
        The request as a redirect sends it on, with the cookies for where it goes.

        Raises:
            Unfollowable: requests cannot write its address, or would write another.
        """
        import requests

        copy = prepared.copy()
        copy.method = target.method
        copy.headers = requests.structures.CaseInsensitiveDict(target.headers(prepared.headers))
        if not target.has_body:
            copy.body = None
        if not target.has_credentials:
            copy.hooks = requests.hooks.default_hooks()  # an auth of the session answers challenges by them
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

        Of the credentials, those act here that sign a request or answer a challenge, on a copy of it, and a
        certificate; the others stand in the request. `cookies` keeps those of the answer. `secrets` are what urllib3
        may not log. Files that the caller opened are left where they stood before, whatever came of it.

        All of it ends by the `deadline`, and the answer has at most `most` bytes; `fresh` takes a new connection. With
        `stream` the content of a successful answer is left unread.

        Raises:
            CallError: the body was read before and cannot be read again, or its file has changed.
            SendError: no complete answer came back. Its cause is that of requests, unless the URL has a query or a
                secret in it, for the cause repeats it.
        """
        from dynclient.network.adapter import Attempt, watching

        if deadline.passed():
            where = origin(prepared.url or "")
            raise TimedOut(operation_id, f"the {deadline.seconds:g} seconds were over before {where} was asked", "no")
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        connect, idle = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        attempt = Attempt(deadline, idle, fresh)
        hidden = _hide(secrets)
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
            attempt.proxy = self._proxy(prepared.url or "", settings)
            with watching(attempt):
                limits = (deadline.within(connect), deadline.within(idle))
                session = self._keeping(cookies)
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
            raise failure from telling(error, prepared.url or "", secrets)
        finally:
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
        Take the end of an answer of which nothing more is wanted, if it is there or comes in a moment.

        Its connection is then free for the next call, and need not be closed.
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
        """Close the sockets of our own session; the caller's is the caller's to close."""
        if self._session is not None and self._session is not self._given:
            self._session.close()
            self._session = None

    def _make_session(self) -> requests.Session:

        from dynclient.network.adapter import Adapter, OwnSession

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

    def _keeping(self, cookies: Cookies | None) -> requests.Session:
        """The session, or the caller's without its jar, where that does not belong to these cookies."""
        session = self._session or self.session
        if session is not self._given or (cookies is not None and cookies.keeps_in(session)):
            return session
        return _with_cookies(session, None)

    def _proxy(self, url: str, settings: Mapping[str, Any]) -> str:
        """
        What messages call the proxy on the way to this URL; "" where there is none, or an adapter may know none.

        Raises:
            UnusableProxy: no connection can go by it.
        """
        from requests.adapters import HTTPAdapter

        if not settings["proxies"] or not isinstance(self.session.get_adapter(url), HTTPAdapter):
            return ""
        proxy = proxy_of(url, settings["proxies"])
        if proxy.startswith("socks") and find_spec("socks") is None:
            raise UnusableProxy(f"{proxy_name(proxy)} cannot be used without PySocks: pip install PySocks")
        return proxy and proxy_name(proxy)

    def settings_for(self, url: str) -> dict[str, Any]:
        """
        Proxies and certificates, those of the environment among them; `Session.send` leaves these out
        (psf/requests#3626). For our own session the environment is read once for each host.
        """
        session = self._session or self.session
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
    """The same session with other cookies: what it has beside them is shared."""
    from requests.cookies import RequestsCookieJar

    other = object.__new__(type(session))
    vars(other).update(vars(session))
    other.cookies = RequestsCookieJar() if held is None else held
    return other


def telling(error: Exception, url: str, secrets: Secrets) -> Exception | None:
    """The error as a cause; None where its text repeats a URL that may hold a key, or what a server says of one."""
    return None if urlsplit(url).query or any(secrets.stands_in(str(each)) for each in causes(error)) else error


def _prepared_as_written(request: requests.Request, session: requests.Session) -> requests.PreparedRequest | None:
    """
    What `prepare_request` gives for a request of ours, where it surely changes nothing in it; else None.

    requests takes longer than all the rest of a call of ours to write anew a URL that is in its last form already, and
    to merge what is not there.

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
        and request.auth is _keep  # nothing to sign, and neither .netrc nor the session is asked
        and not (session.params or request.params or request.cookies or request.files)
        and request.json is None
        and (type(body) is bytes or body == [])  # which is none
        and _AS_WRITTEN.fullmatch(request.url)
    ):
        return None
    headers = {}
    for name, text in (*session.headers.items(), *request.headers.items()):
        headers[name.lower()] = name, text
    prepared = PreparedRequest()
    prepared.prepare_method(request.method)
    prepared.url = request.url
    prepared.prepare_headers({name: text for name, text in headers.values() if text is not None})
    cookies = prepared._cookies = RequestsCookieJar()  # type: ignore[attr-defined]
    if session.cookies:
        prepared.prepare_cookies(merge_cookies(cookies, session.cookies))  # type: ignore[no-untyped-call]
    prepared.body = body or None
    prepared.prepare_content_length(prepared.body)
    prepared.prepare_hooks(merge_hooks(request.hooks, session.hooks))  # type: ignore[no-untyped-call]
    return prepared


def _hide(secrets: Secrets) -> Token[Secrets]:
    """Keep these out of what urllib3 logs from here on in this thread: it writes whole URLs, queries included."""
    if secrets is not NO_SECRETS:
        for name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_mask)  # once: a filter that is there already is not added
    return _hidden.set(secrets)


def _mask(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        hidden = _hidden.get()
        told = [(argument, str(argument)) for argument in record.args]
        record.args = tuple(hidden.masked(text) if hidden.stands_in(text) else argument for argument, text in told)
    return True


def _user_agent() -> str:
    import requests

    from dynclient.version import __version__

    return f"dynclient/{__version__} {requests.utils.default_user_agent()}"


def _keep(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
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


def failures() -> tuple[type[Exception], ...]:
    """What the libraries beneath raise where no usable answer comes back."""
    from http.client import HTTPException

    import requests
    from urllib3.exceptions import HTTPError

    # ValueError is what they raise for an address or header that they cannot write, and for an answer they cannot read.
    return (
        requests.RequestException,
        HTTPError,
        HTTPException,
        OSError,
        ValueError,
        bodies.TooLarge,
        CodingError,
    )


@contextmanager
def _reading(operation_id: str, received: Received, most: int | None, secrets: Secrets) -> Iterator[None]:
    """While the body of an answer is read: its failures become ours, and at the end it is closed."""
    answer, attempt = received.answer, received.attempt
    try:
        yield
    except failures() as error:
        failure = send_error(operation_id, error, answer.request, answer, most, attempt.deadline, attempt)
        failure.message = secrets.masked(failure.message)
        failure.attempts = attempt.number
        raise failure from telling(error, answer.request.url or "", secrets)
    finally:
        answer.close()


def send_error(
    operation_id: str,
    error: Exception,
    prepared: requests.PreparedRequest,
    answer: requests.Response | None,
    most: int | None,
    deadline: Deadline,
    attempt: Attempt,
) -> SendError:
    """Our error for one of the libraries beneath."""
    import requests

    from dynclient.http import Malformed

    where = origin(prepared.url or "")
    peer = _peer(error, attempt) or where
    if answer is not None:
        sent = retries.fate(answer.status_code, answer.headers, prepared.method or "")
    elif attempt.is_watched:
        sent = "unknown" if attempt.wrote else "no"
    else:
        sent = _sent(error)
    known = list(causes(error))
    if isinstance(error, bodies.TooLarge):
        return AnswerTooLarge(operation_id, f"the answer of {where} is larger than {most} bytes", sent)
    malformed = next((cause for cause in known if isinstance(cause, (Malformed, CodingError))), None)
    if malformed is not None:
        broken = (NoConnection if sent == "no" else BrokenAnswer)(
            operation_id, f"the answer of {peer} cannot be read: {malformed}", sent
        )
        broken.is_transient = isinstance(malformed, CutShort)
        return broken
    if any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in known):
        return TimedOut(operation_id, _lateness(where, peer, deadline, sent), sent)
    is_tls = isinstance(error, requests.exceptions.SSLError)
    if (answer is not None or (attempt.wrote and attempt.answered)) and not is_tls:
        return BrokenAnswer(operation_id, f"the answer of {where} broke off", sent)
    if sent == "no":
        return _no_connection(operation_id, error, peer, where)
    # A connection that was secure when the request was written is lost, unless the server says that it refuses us.
    insecure = insecurity(error)
    if insecure and not (attempt.wrote and "alert" not in str(error).lower()):
        return InsecureConnection(operation_id, f"no secure connection to {peer}: {insecure}", sent)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return BrokenAnswer(operation_id, f"the answer of {where} broke off", sent)
    import ssl

    if any(isinstance(cause, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)) for cause in known):
        return SendError(operation_id, f"{peer} closed the connection before it answered", sent)
    return SendError(operation_id, f"the connection to {peer} failed: {_kind(error)}", sent)


def _peer(error: Exception, attempt: Attempt) -> str:
    """The proxy's name where it is at the other end of the connection that failed; else "", as for the server."""
    from requests.exceptions import ProxyError

    if attempt.is_watched:
        return attempt.peer
    is_proxy = isinstance(error, ProxyError) or any(type(cause).__module__ == "socks" for cause in causes(error))
    return attempt.proxy if is_proxy else ""


def _lateness(where: str, peer: str, deadline: Deadline, sent: Sent) -> str:
    if deadline.passed():
        return f"{where} was not done within the {deadline.seconds:g} seconds allowed in all"
    if sent == "no":
        return f"no connection to {peer} within the time allowed"
    return f"{peer} did not answer within the time allowed"


def _no_connection(operation_id: str, error: Exception, peer: str, where: str) -> SendError:
    """Words of ours for what happened: those of urllib3 repeat the URL, and a key may stand in its query."""
    from requests.exceptions import InvalidSchema, InvalidURL
    from urllib3.exceptions import LocationParseError

    if isinstance(error, UnusableProxy):
        found = Fault(str(error), is_transient=False)
    elif isinstance(error, (InvalidSchema, InvalidURL, LocationParseError)):
        found = Fault(f"there can be no such address as {where}", is_transient=False)
    else:
        found = connection_fault(error, peer, where)
    failure = (InsecureConnection if found.is_insecure else NoConnection)(operation_id, found.text, "no")
    failure.is_transient = found.is_transient
    return failure


def _kind(error: Exception) -> str:
    return type(error).__name__


def _sent(error: Exception) -> Sent:
    """
    Whether a request can have reached the server, on a connection that nobody watched.

    It surely did not where there never was a connection. `ProxyError` does not say that: urllib3 raises it also where a
    proxy took the request and closed.
    """
    import ssl

    from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL
    from urllib3.exceptions import (
        ConnectTimeoutError,
        LocationParseError,
        MaxRetryError,
        NewConnectionError,
        ProxyError,
        SSLError,
    )

    if isinstance(error, (ConnectTimeout, InvalidSchema, InvalidURL, LocationParseError, UnusableProxy)):
        return "no"
    reason: Any = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, ProxyError):
        reason = reason.original_error
    if isinstance(reason, SSLError):  # a server may break off after it has read the request, too
        is_refused = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(reason))
        return "no" if is_refused or "WRONG_VERSION_NUMBER" in str(reason) else "unknown"
    is_before = isinstance(reason, (NewConnectionError, ConnectTimeoutError)) or tunnel_status(reason)
    return "no" if is_before else "unknown"
