"""The origin that a URL names, and whether it is this machine."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def origin(url: str) -> str:
    """
    Return scheme, host and port of a URL, comparable as text (RFC 6454 §4), without user and password.

    >>> origin("HTTPS://me:pass@Api.Test:443/a?b"), origin("http://[::1]:8080")
    ('https://api.test', 'http://[::1]:8080')
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return f"{parts.scheme}://{host.removesuffix(_DEFAULT_PORT.get(parts.scheme, ''))}"


@lru_cache(maxsize=100)
def is_loopback(url: str) -> bool:
    """
    Whether a URL names this machine.

    >>> is_loopback("http://localhost:80/"), is_loopback("http://127.1.2.3"), is_loopback("http://[::1]:1/")
    (True, True, True)
    >>> is_loopback("http://localhost.test"), is_loopback("http://10.0.0.1"), is_loopback("")
    (False, False, False)
    """
    import ipaddress

    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 §6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
