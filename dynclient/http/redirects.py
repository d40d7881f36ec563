"""Where a redirect leads, and whether it may be followed (RFC 9110 §15.4); nothing is sent here."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from dynclient.support import origin

MOST = 5
"""How many redirects a call follows."""

_FOLLOWED = frozenset({301, 302, 303, 307, 308})  # 300 offers a choice, 304 is about a cache, 305 and 306 are gone

# What may go to another origin: it does not identify the caller.
_IMPERSONAL = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})

_CONTROL = re.compile(r"[\x00-\x20\x7f]")


class Unfollowable(Exception):
    """A redirect that leads nowhere, or where it may not lead; `str` says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes next, with which method, and whether with its body and its credentials."""

    url: str
    method: str
    has_body: bool
    has_credentials: bool

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of the request before that go along."""
        return {name: text for name, text in headers.items() if self._goes(name.lower())}

    def _goes(self, name: str) -> bool:
        if not self.has_body and (name.startswith("content-") or name == "transfer-encoding"):
            return False
        if name == "host":  # they belong to the earlier URL
            return False
        return self.has_credentials or name in _IMPERSONAL or (self.has_body and name.startswith("content-"))


def is_redirect(status: int) -> bool:
    return status in _FOLLOWED


def target(
    status: int,
    method: str,
    url: str,
    location: str | None,
    visited: Collection[tuple[str, str]],
    allowed: Collection[str] = (),
) -> Target:
    """
    Return where an answer with this status redirects a request; `visited` are the methods and URLs of the call so far.

    Only 303 changes the method, to GET, and drops the body. The target must have the origin of `url`, or be one of the
    origins `allowed`, which get no credentials.

    Raises:
        Unfollowable: it must not be followed.
    """
    if not location:
        raise Unfollowable("without saying where to")
    found = _resolved(url, location)
    here, there = origin(url), origin(found)
    if here != there and there not in allowed:
        raise Unfollowable(
            f"to {there}, another origin; follow_redirects=[{there!r}] permits that, without credentials, "
            f"and base_url={there!r} sends calls there at once"
        )
    see_other = status == 303 and method != "HEAD"
    following = "GET" if see_other else method
    if (following, found) in visited:
        raise Unfollowable("in a circle")
    if len(visited) > MOST:
        raise Unfollowable(f"more than {MOST} times")
    return Target(found, following, not see_other, here == there)


def _resolved(url: str, location: str) -> str:
    """The absolute URL of a Location, without its fragment. It may be UTF-8, which http.client reads as Latin-1."""
    try:
        found = urljoin(url, quote(location.strip().encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~"))
        parts = urlsplit(found)
        is_fit = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and (parts.port or 1)
    except ValueError:
        is_fit = False
    if not is_fit or _CONTROL.search(location.strip()):
        raise Unfollowable("to something that isn't a web address")
    return found.partition("#")[0]
