"""
The cookies of each identity, kept separately for each origin that set them.

A cookie is a credential: it goes only with calls of the identity that it was given to, and only to the scheme, host and
port that set it. The jars of http.cookiejar know no ports, and share between hosts what has a `Domain`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from dynclient.support import origin

if TYPE_CHECKING:
    from http.cookiejar import Cookie, CookieJar

    import requests
    from requests.cookies import RequestsCookieJar

_MOST_IDENTITIES = 1000
_MOST_COOKIES = 200
"""How many cookies one origin may have; RFC 6265 §6.1 asks for at least 50."""

_ORIGIN = "dynclient-origin"
"""The attribute of a cookie in the caller's own session that an answer to one of our calls has set."""


class Cookies:
    """The cookies of one identity. It has no lock, so that no thread or forked process waits for another."""

    def __init__(self) -> None:
        self._held: dict[str, dict[tuple[str, str, str], Cookie]] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce__(self) -> tuple[type[Cookies], tuple[()]]:
        """Cookies are not pickled, as credentials are not."""
        return Cookies, ()

    def __deepcopy__(self, memo: object) -> Cookies:
        return self

    def jar(self, url: str) -> RequestsCookieJar | None:
        """Return a jar with the cookies that the origin of a URL has set; None if there are none."""
        held = self._held.get(origin(url)) if self._held else None
        return _jar(list(held.values())) if held else None

    def take(self, answer: requests.Response) -> None:
        """Keep the cookies of an answer, and of the challenges before it."""
        for each in (*answer.history, answer):
            if "Set-Cookie" in each.headers:
                self._take(each)

    def keeps_in(self, session: requests.Session) -> bool:
        """Whether requests itself keeps the cookies, in the jar of this session."""
        return False

    def _take(self, answer: requests.Response) -> None:
        held = self._held.setdefault(origin(answer.request.url or ""), {})
        before = dict(held)
        after = _after(answer, before.values())
        for key in before.keys() - after.keys():  # it has expired
            held.pop(key, None)
        held.update({key: cookie for key, cookie in after.items() if before.get(key) is not cookie})
        for key in list(held)[:-_MOST_COOKIES]:
            held.pop(key, None)


class SessionCookies(Cookies):
    """
    The cookies of the caller's own session, which requests keeps there.

    Cookies that an answer to one of our calls set go only to its origin; the caller's own go where requests sends them.
    """

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self._session = session

    def jar(self, url: str) -> RequestsCookieJar | None:
        here = origin(url)
        found = [cookie for cookie in self._listed() if cookie.get_nonstandard_attr(_ORIGIN, here) == here]
        return _jar(found) if found else None

    def keeps_in(self, session: requests.Session) -> bool:
        return session is self._session

    def _take(self, answer: requests.Response) -> None:
        new = _after(answer, ())
        for cookie in self._listed():
            key = _key(cookie)
            if key in new and new[key].value == cookie.value:
                cookie.set_nonstandard_attr(_ORIGIN, origin(answer.request.url or ""))

    def _listed(self) -> list[Cookie]:
        jar: CookieJar = self._session.cookies
        with jar._cookies_lock:  # type: ignore[attr-defined]  # another thread may add one meanwhile
            return list(jar)


class Identities:
    """
    The cookies of every identity of a client and its copies.

    The `first` identity, the client's own, uses the jar of the caller's session, if there is one.
    """

    def __init__(self, first: Hashable = None, session: requests.Session | None = None) -> None:
        self._first = first
        self._session = session
        self._known: dict[Hashable, Cookies] = {}

    def __reduce__(self) -> tuple[type[Identities], tuple[()]]:
        return Identities, ()

    def copy(self) -> Identities:
        """The same identities, without the cookies that are not in the caller's session."""
        return Identities(self._first, self._session)

    def cookies(self, identity: Hashable) -> Cookies:
        if self._session is not None and identity == self._first:
            return SessionCookies(self._session)
        found = self._known.setdefault(identity, Cookies())
        if len(self._known) > _MOST_IDENTITIES:
            for oldest in list(self._known)[:-_MOST_IDENTITIES]:  # copies that have it keep it
                self._known.pop(oldest, None)
        return found


def _jar(cookies: Iterable[Cookie]) -> RequestsCookieJar:
    from requests.cookies import RequestsCookieJar

    jar = RequestsCookieJar()
    for cookie in cookies:
        jar.set_cookie(cookie)
    return jar


def _after(answer: requests.Response, before: Iterable[Cookie]) -> dict[tuple[str, str, str], Cookie]:
    """The cookies after an answer."""
    from requests.cookies import extract_cookies_to_jar

    jar = _jar(before)
    extract_cookies_to_jar(jar, answer.request, answer.raw)  # type: ignore[no-untyped-call]
    return {_key(cookie): cookie for cookie in jar}


def _key(cookie: Cookie) -> tuple[str, str, str]:
    return cookie.domain, cookie.path, cookie.name
