"""Which `SendError` an error of requests, urllib3 or the system becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dynclient.credentials import Secrets
from dynclient.errors import AnswerTooLarge, BrokenAnswer, InsecureConnection, NoConnection, SendError, Sent, TimedOut
from dynclient.http import CodingError, CutShort, Malformed, bodies, retries
from dynclient.network.attempt import Attempt
from dynclient.support import (
    Deadline,
    Fault,
    UnusableProxy,
    causes,
    connection_fault,
    insecurity,
    origin,
    tunnel_status,
)

if TYPE_CHECKING:
    import requests


def failures() -> tuple[type[Exception], ...]:
    """Return what the libraries raise if no usable answer comes back."""
    from http.client import HTTPException

    import requests
    from urllib3.exceptions import HTTPError

    # They raise ValueError for an address or header that they cannot write, and for an answer that they cannot parse.
    return (
        requests.RequestException,
        HTTPError,
        HTTPException,
        OSError,
        ValueError,
        bodies.TooLarge,
        CodingError,
    )


def safe_cause(error: Exception, url: str, secrets: Secrets) -> Exception | None:
    """Return the error as a cause; None if its text may contain a credential: of the URL, or as a server repeats it."""
    return None if urlsplit(url).query or any(secrets.stands_in(str(each)) for each in causes(error)) else error


def send_error(
    operation_id: str,
    error: Exception,
    prepared: requests.PreparedRequest,
    answer: requests.Response | None,
    most: int | None,
    deadline: Deadline,
    attempt: Attempt,
) -> SendError:
    """
    Return our error for one of the libraries.

    Args:
        operation_id: the operation that was called, "" if there is none.
        error: one of `failures`.
        prepared: the request.
        answer: the answer, if its head came back.
        most: the most bytes that its content may have.
        deadline: the deadline of the call.
        attempt: how far the request came.
    """
    import ssl

    import requests

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
    # If the request was written, the connection was secure and then failed, unless the server sends an alert.
    insecure = insecurity(error)
    if insecure and not (attempt.wrote and "alert" not in str(error).lower()):
        return InsecureConnection(operation_id, f"no secure connection to {peer}: {insecure}", sent)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return BrokenAnswer(operation_id, f"the answer of {where} broke off", sent)
    if any(isinstance(cause, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)) for cause in known):
        return SendError(operation_id, f"{peer} closed the connection before it answered", sent)
    return SendError(operation_id, f"the connection to {peer} failed: {type(error).__name__}", sent)


def _peer(error: Exception, attempt: Attempt) -> str:
    """The name of the proxy if its connection failed, "" if the server's did."""
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
    """Build the message ourselves: those of urllib3 repeat the URL, whose query may contain a key."""
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


def _sent(error: Exception) -> Sent:
    """
    Whether a request can have reached the server on a connection that is not ours.

    It did not if there never was a connection. `ProxyError` does not mean that: urllib3 raises it also if a proxy took
    the request and closed.
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
    if isinstance(reason, SSLError):  # a server may also break off after it has read the request
        is_refused = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(reason))
        return "no" if is_refused or "WRONG_VERSION_NUMBER" in str(reason) else "unknown"
    is_before = isinstance(reason, (NewConnectionError, ConnectTimeoutError)) or tunnel_status(reason)
    return "no" if is_before else "unknown"
