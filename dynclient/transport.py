"""The network: sessions, and requests sent through them. The only module that knows `requests.Session`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynclient.errors import CallError, SendError, Sent
from dynclient.types import Timeout
from dynclient.uploads import BodyError, Upload
from dynclient.values import Unwritable

if TYPE_CHECKING:
    import requests

    WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


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
        try:
            prepared = self.session.prepare_request(request)
        except (requests.RequestException, ValueError) as error:
            raise CallError(
                operation_id, f"requests refuses the request to {_origin(request.url)}: {_kind(error)}"
            ) from None
        if isinstance(prepared.body, Upload) and prepared.body.length == 0:  # requests would send it in chunks
            prepared.headers.pop("Transfer-Encoding", None)
            prepared.headers["Content-Length"] = "0"
        if cookie:
            held = prepared.headers.get("Cookie")
            prepared.headers["Cookie"] = f"{held}; {cookie}" if held else cookie
        # requests folds dot segments and un-escapes some characters; what was judged must be what is asked for.
        if _address(prepared.url) != _address(request.url):
            wanted, instead = _address(request.url)[0], _address(prepared.url)[0]
            difference = (
                f"the path {instead!r} instead of {wanted!r}" if wanted != instead else "another query than was built"
            )
            raise CallError(operation_id, f"requests would send {difference}")
        return prepared

    def send(self, operation_id: str, prepared: requests.PreparedRequest, timeout: Timeout) -> requests.Response:
        """
        The answer, read to its end. Redirects are not followed: their target may be anyone's.

        Files that the caller opened are left where they stood before, whatever came of it.

        Raises:
            CallError: the body was read before and cannot be read again, or its file has changed.
            SendError: no complete answer came back. Its cause is that of requests, unless the URL has a query: there a
                key may stand, and the cause repeats it.
        """
        import requests
        from urllib3.exceptions import HTTPError

        session = self.session
        upload = prepared.body if isinstance(prepared.body, Upload) else None
        try:
            if upload is not None:
                upload.check()
            if isinstance(getattr(prepared, "_body_position", None), int):  # a file that may have been sent before
                requests.utils.rewind_body(prepared)
            # Session.send() alone ignores the proxies and certificates of the environment (psf/requests#3626).
            settings = session.merge_environment_settings(prepared.url, {}, None, None, None)
            return session.send(prepared, timeout=timeout, allow_redirects=False, **settings)
        except Unwritable as error:
            raise CallError(operation_id, f"body: {error.message}") from error
        except BodyError as error:
            raise SendError(operation_id, f"the body broke off: {error}") from error.__cause__
        except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            cause = None if urlsplit(prepared.url).query else error
            raise SendError(operation_id, _reason(error, prepared), _sent(error)) from cause
        finally:
            if upload is not None:
                upload.restore()

    def close(self) -> None:
        """Close the sockets of our own session; the caller's is the caller's to close."""
        if self._session is not None and self._session is not self._given:
            self._session.close()
            self._session = None

    def _make_session(self) -> requests.Session:
        import requests

        from dynclient.version import __version__

        session = requests.Session()
        session.headers["User-Agent"] = f"dynclient/{__version__} {requests.utils.default_user_agent()}"
        if self._app is not None:
            from dynclient.wsgi import WSGIAdapter

            adapter = WSGIAdapter(self._app)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
        return session


def _keep(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _address(url: str | None) -> tuple[str, str]:
    parts = urlsplit(str(url))
    return parts.path or "/", parts.query


def _reason(error: Exception, prepared: requests.PreparedRequest) -> str:
    """What happened, in words of ours: those of urllib3 repeat the URL, and a key may stand in its query."""
    import requests
    from urllib3.exceptions import LocationParseError

    origin = _origin(prepared.url)
    for kind, text in (
        (requests.exceptions.ConnectTimeout, "no connection to {} within the time allowed"),
        (requests.exceptions.ReadTimeout, "{} did not answer within the time allowed"),
        (requests.exceptions.SSLError, "no secure connection to {}: its certificate or protocol was refused"),
        ((requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL), "the proxy on the way to {} failed"),
        ((requests.exceptions.InvalidURL, LocationParseError), "there can be no such address as {}"),
        (requests.exceptions.ChunkedEncodingError, "the answer of {} broke off"),
    ):
        if isinstance(error, kind):
            return text.format(origin)
    if _sent(error) == "no":
        return f"no connection to {origin}. Is the server running?"
    return f"the connection to {origin} failed: {_kind(error)}"


def _origin(url: str | None) -> str:
    parts = urlsplit(str(url))
    return f"{parts.scheme}://{parts.netloc}"


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
