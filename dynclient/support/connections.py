"""
Which proxy a connection uses, and why there is no connection.

The messages are our own: those of the libraries repeat URLs, which may hold a key or the password of a proxy. Nothing
is sent here.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import RemoteDisconnected, responses

from dynclient.support.tracebacks import causes

_PROXIES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")

# By OpenSSL's X509_V_ERR_*; for others its own message is used.
_CERTIFICATES = {
    9: "is not valid yet",
    10: "has expired",
    18: "is self-signed",
    19: "is not signed by an authority that is trusted here",
    20: "is not signed by an authority that is trusted here",
    21: "is not signed by an authority that is trusted here",
    62: "is for another host",
    64: "is for another address",
}
_UNTRUSTED = (18, 19, 20, 21)

REFUSED_TUNNEL = "Tunnel connection failed: "
"""How http.client reports that a proxy answered CONNECT with a status, which follows."""

_LOST = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
_ENDED_TLS = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)

# What OpenSSL calls bytes that aren't TLS; the second name is from newer versions.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_NO_VERSION = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE")
_NO_CLIENT = ("ALERT_CERTIFICATE_REQUIRED", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE_UNKNOWN", "ALERT_UNKNOWN_CA")


class UnusableProxy(ValueError):
    """The URL of a proxy cannot be used; `str` says which and why, without its password."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no connection, and whether there may be one a moment later; `is_insecure` if TLS is the reason."""

    text: str
    is_transient: bool = True
    is_insecure: bool = False


def proxy_of(url: str, proxies: Mapping[str, str]) -> str:
    """
    Return the URL of the proxy that requests uses for a URL; "" for none.

    Raises:
        UnusableProxy: the proxy cannot be used.
    """
    from requests.utils import prepend_scheme_if_needed, select_proxy
    from urllib3.util import parse_url

    chosen: str = select_proxy(url, proxies) or ""
    if not chosen:
        return ""
    why = "there can be no such address"
    with suppress(ValueError):
        parts = parse_url(chosen if "://" in chosen else f"http://{chosen}")
        if parts.host:
            why = "" if parts.scheme in _PROXIES else f"its scheme isn't one of {', '.join(_PROXIES)}"
    if why:
        raise UnusableProxy(
            f"{proxy_name(chosen)} cannot be used: {why}. Correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or `proxies` "
            "of the session"
        )
    return prepend_scheme_if_needed(chosen, "http")  # type: ignore[no-untyped-call, no-any-return]


def proxy_name(url: str) -> str:
    """
    Return the name of a proxy for messages, never with its user and password, however odd its URL is.

    >>> proxy_name("http://me:pa/ss@Proxy.Test:3128/x"), proxy_name("me:pass@[::1]:1080")
    ('the proxy http://proxy.test:3128', 'the proxy http://[::1]:1080')
    """
    scheme, found, rest = url.partition("://")
    if not found:
        scheme, rest = "http", url
    return f"the proxy {scheme.lower()}://{re.split('[/?#]', rest.rpartition('@')[2])[0].lower()}"


def connection_fault(error: BaseException, peer: str, where: str) -> Fault:
    """Return why there is no connection to `peer`, which is `where` itself or a proxy on the way there."""
    known = list(causes(error))
    for cause in known:
        status = tunnel_status(cause)
        if status:
            return _refused_tunnel(status, peer, where)
        if type(cause).__module__ == "socks" and not getattr(cause, "socket_err", None):
            is_transient = type(cause).__name__ != "SOCKS5AuthError"
            return Fault(f"{peer} made no connection to {where}: {cause}", is_transient)
    looked_up = next((cause for cause in known if isinstance(cause, socket.gaierror)), None)
    if looked_up is not None:
        is_cut_off = looked_up.errno == socket.EAI_AGAIN
        why = "no name server answers for its host" if is_cut_off else "the name of its host was not found"
        return Fault(f"no connection to {peer}: {why}")
    insecure = insecurity(error)
    if insecure:
        return Fault(f"no secure connection to {peer}: {insecure}", is_transient=False, is_insecure=True)
    if any(isinstance(cause, ConnectionRefusedError) for cause in known):
        return Fault(f"no connection to {peer}. Is the {'server' if peer == where else 'proxy'} running?")
    if any(isinstance(cause, (*_LOST, *_ENDED_TLS)) for cause in known):
        return Fault(f"{peer} closed the connection {_when(known, peer, where)}")
    numbers = [cause.errno or 0 for cause in known if isinstance(cause, OSError)]
    why = next((os.strerror(number) for number in numbers if number in errno.errorcode), type(error).__name__)
    return Fault(f"no connection to {peer}: {why}")


def tunnel_status(error: BaseException) -> int:
    """Return the status with which a proxy refused a tunnel; 0 if the error has none."""
    said = str(error) if isinstance(error, OSError) else ""
    code = said.removeprefix(REFUSED_TUNNEL)[:3] if said.startswith(REFUSED_TUNNEL) else ""
    return int(code) if code.isdecimal() else 0


def insecurity(error: BaseException) -> str:
    """Return what one side of TLS rejects in the other; "" if nothing, or if the connection was lost."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = f"its certificate {_CERTIFICATES.get(cause.verify_code) or f'is refused: {cause.verify_message}'}"
            return f"{why}. REQUESTS_CA_BUNDLE names a file of trusted ones" if cause.verify_code in _UNTRUSTED else why
        if type(cause).__name__ == "CertificateError":  # from urllib3, which sometimes compares names itself
            return "its certificate is for another host"
        if isinstance(cause, ssl.SSLError):
            return _broken_handshake(cause)
    return ""


def _broken_handshake(error: ssl.SSLError) -> str:
    reason = error.reason or ""
    if isinstance(error, _ENDED_TLS) or reason == "UNEXPECTED_EOF_WHILE_READING":
        return ""
    if reason in _NO_TLS:
        return "it does not speak TLS. Is http:// meant?"
    if any(name in reason for name in _NO_VERSION):
        return "no version of TLS is permitted by both sides"
    if reason.endswith(_NO_CLIENT):
        return "it asks for a certificate of the client, or refuses the one it got"
    return f"TLS failed ({reason.lower().replace('_', ' ')})" if reason else "its certificate or protocol was refused"


def _when(known: Sequence[BaseException], peer: str, where: str) -> str:
    if peer != where:
        return f"before it led to {where}"
    was_asked = any(isinstance(cause, RemoteDisconnected) for cause in known)
    return "before it answered" if was_asked or where.startswith("http:") else "during the TLS handshake"


def _refused_tunnel(status: int, peer: str, where: str) -> Fault:
    hint = ". It asks for a user and password: http://user:password@host:port" if status == 407 else ""
    text = f"{peer} refused a connection to {where}: {status} {responses.get(status, '')}".rstrip()
    return Fault(text + hint, is_transient=status >= 500)
