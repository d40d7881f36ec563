"""Where a redirect leads, decided without a network."""

from __future__ import annotations

import pytest
import requests
from hypothesis import given, strategies as st

from dynclient.http.redirects import Target, Unfollowable, is_redirect, target
from dynclient.network.transport import Transport
from dynclient.support.urls import origin

HERE = "https://api.test/v1/things?page=1"
HEADERS = {
    "Host": "api.test",
    "Accept": "application/json",
    "Authorization": "Bearer t",
    "X-Api-Key": "k",
    "Content-Type": "application/json",
    "Content-Length": "2",
    "Content-MD5": "m",
    "Transfer-Encoding": "chunked",
}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/v2", "https://api.test/v2"),
        ("other", "https://api.test/v1/other"),
        ("../x#part", "https://api.test/x"),
        ("?page=2", "https://api.test/v1/things?page=2"),
        ("https://API.test:443/x", "https://API.test:443/x"),
        ("/caf\u00c3\u00a9", "https://api.test/caf%C3%A9"),
    ],
)
def test_locations(location: str, expected: str) -> None:
    """They are relative to where the request went; bytes beyond ASCII are escaped."""
    assert target(302, "GET", HERE, location, [("GET", HERE)]) == Target(expected, "GET", True, True)


@pytest.mark.parametrize(
    ("has_body", "has_credentials", "left"),
    [
        (True, True, ["Host"]),
        (False, True, ["Host", "Content-Type", "Content-Length", "Content-MD5", "Transfer-Encoding"]),
        (True, False, ["Host", "Authorization", "X-Api-Key", "Transfer-Encoding"]),
        (False, False, [name for name in HEADERS if name != "Accept"]),
    ],
)
def test_headers_that_stay_behind(has_body: bool, has_credentials: bool, left: list[str]) -> None:
    """What names the caller, and what describes a body that does not go along."""
    kept = Target("https://files.test", "GET", has_body, has_credentials).headers(HEADERS)

    assert [name for name in HEADERS if name not in kept] == left


def test_what_is_no_redirect() -> None:
    """300 offers a choice and 304 is about a cache."""
    assert [status for status in range(300, 310) if is_redirect(status)] == [301, 302, 303, 307, 308]


@given(st.text(max_size=60) | st.text(alphabet="/:@\\?#.%htpsai", max_size=30).map(lambda text: f"//{text}"))
def test_no_location_leads_elsewhere(location: str) -> None:
    """Whatever it is, where requests would go with it is the origin it came from."""
    prepared = requests.Request("GET", HERE).prepare()
    try:
        sent = Transport().redirected(prepared, target(307, "POST", HERE, location, [("POST", HERE)]))
    except Unfollowable:
        return
    assert origin(sent.url or "") == "https://api.test"


@pytest.mark.parametrize("url", ["https://*.test/", "https://b\u00fccher.test/"])
def test_what_requests_would_write_otherwise(url: str) -> None:
    """It is not followed, not even where it was named."""
    prepared = requests.Request("GET", HERE).prepare()

    with pytest.raises(Unfollowable, match="something that isn't a web address"):
        Transport().redirected(prepared, Target(url, "GET", True, False))
