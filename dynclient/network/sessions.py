"""The `requests.Session` that a client makes if the caller gives none."""

from __future__ import annotations

from typing import Any

from requests import Session
from requests.cookies import RequestsCookieJar


class NoCookies(RequestsCookieJar):
    """A jar that keeps nothing: `http.cookies` keeps them."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Keep none."""


class OwnSession(Session):
    """
    A session that keeps no cookies and follows no redirects.

    `Session.send` works out the target of a redirect even if it may not follow it: it reads the whole body for that,
    and raises its own error for an odd Location.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cookies = NoCookies()

    def resolve_redirects(self, *_: Any, **__: Any) -> Any:
        return iter(())
