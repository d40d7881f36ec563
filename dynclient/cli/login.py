"""
`dynclient auth login`: tokens of OAuth 2 by the user's own browser, kept in the keyring and renewed.

With a browser on this machine it is the authorization code with PKCE, on a redirect to loopback (RFC 6749 §4.1, RFC
7636, RFC 8252); else a code that is entered on another device (RFC 8628).
"""

from __future__ import annotations

import json
import secrets
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from dynclient.cli import apis, keyrings
from dynclient.cli.documents import read_document
from dynclient.cli.output import ItemError, say
from dynclient.openapi import OAuthFlow, read_security_schemes
from dynclient.support import is_loopback, printable

_SERVICE = "dynclient"
_WAIT = 300.0  # seconds in which the user logs in
_REQUEST = 30.0  # seconds for a request
_MARGIN = 60.0  # seconds before its end in which a token is renewed
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_DONE = b"<!doctype html><title>dynclient</title><p>You are logged in. You can close this page."


def login(
    name: str, scheme: str | None, client_id: str, client_secret: str, scope: str, *, by_device: bool, opens: bool
) -> None:
    """
    Log in to an API and keep its tokens; its calls use them from now on.

    Raises:
        ItemError: the API has no such login, or the user or the server refused it.
    """
    api = apis.named_api(name)
    if api is None:
        raise ItemError(f"there is no API {name!r}.{apis.hint(name, apis.read_apis())}")
    document = read_document(api.spec)
    new = [each for each in apis.origins_of(document) if each not in api.origins]
    if new:
        raise ItemError(f"the document of {name} now names {', '.join(new)}: dynclient api refresh {name} --accept")
    flows = {
        each.name: flow
        for each in read_security_schemes(document).values()
        for flow in each.flows
        if flow.kind == ("deviceAuthorization" if by_device else "authorizationCode")
    }
    chosen = scheme or next(iter(flows), "")
    if chosen not in flows:
        other = "" if by_device else "; --device is for a code that is entered on another device"
        raise ItemError(f"the document of {name} describes no such login{f' for {scheme}' if scheme else ''}{other}")
    flow = _absolute(flows[chosen], document.base_uri)
    for url in filter(None, (flow.token_url, flow.authorization_url, flow.device_url)):
        if not url.startswith("https://") and not is_loopback(url):
            raise ItemError(f"{printable(url)} is not https; nobody may log in there")
    client = {"client_id": client_id} | ({"client_secret": client_secret} if client_secret else {})
    answer = _by_device(flow, client, scope) if by_device else _by_browser(flow, client, scope, opens=opens)
    _keep(name, chosen, {**client, "token_url": flow.token_url, **_tokens(answer)})
    _change(api, {**api.settings.auth, chosen: f"login:{name}"})
    say(f"logged in to {name}; its calls use this from now on")


def _absolute(flow: OAuthFlow, base: str) -> OAuthFlow:
    """The flow with whole URLs, which may be relative to that of the document."""
    names = ("token_url", "authorization_url", "device_url")
    return replace(flow, **{name: urljoin(base, getattr(flow, name)) for name in names if getattr(flow, name)})


def _change(api: apis.Api, auth: Mapping[str, str]) -> None:
    apis.change(api.name, apis.table(replace(api, settings=replace(api.settings, auth=auth))))


def logout(name: str) -> None:
    """Forget the tokens of an API."""
    api = apis.named_api(name)
    if api is None:
        raise ItemError(f"there is no API {name!r}.{apis.hint(name, apis.read_apis())}")
    logins = [scheme for scheme, source in api.settings.auth.items() if source == f"login:{name}"]
    for scheme in logins:
        keyrings.forget(_SERVICE, f"{name}/{scheme}")
    _change(api, {scheme: source for scheme, source in api.settings.auth.items() if scheme not in logins})
    say(f"logged out of {name}")


def token_of(name: str, scheme: str) -> str:
    """
    Return a token of a login, or a new one if that in the keyring has ended.

    Raises:
        ItemError: there was no login, or it has ended.
    """
    kept = keyrings.get(_SERVICE, f"{name}/{scheme}")
    again = f"log in again: dynclient auth login {name}"
    if not kept:
        raise ItemError(f"there is no login to {name} for {scheme}; {again}")
    found: dict[str, Any] = json.loads(kept)
    if found["ends"] and found["ends"] - _MARGIN < time.time():
        if not found.get("refresh_token"):
            raise ItemError(f"the login to {name} has ended; {again}")
        client: dict[str, str] = {key: found[key] for key in ("client_id", "client_secret") if key in found}
        renewal = {**client, "grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
        try:
            found |= _tokens(_post(found["token_url"], renewal))
        except ItemError as error:
            raise ItemError(f"{error}; {again}") from None
        _keep(name, scheme, found)
    return str(found["access_token"])


def _by_browser(flow: OAuthFlow, client: Mapping[str, str], scope: str, *, opens: bool) -> dict[str, Any]:
    """The answer with the tokens, by a code that the browser brings to a port on this machine."""
    try:
        from oauthlib.common import add_params_to_uri
        from oauthlib.oauth2 import WebApplicationClient
    except ImportError:
        raise ItemError("this needs oauthlib: pip install 'dynclient[oauth]'") from None

    web, state = WebApplicationClient(client["client_id"]), secrets.token_urlsafe(32)
    verifier = web.create_code_verifier(64)
    with _Redirect() as redirect:
        asked = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": redirect.url,
            "state": state,
            "code_challenge": web.create_code_challenge(verifier, "S256"),
            "code_challenge_method": "S256",
            **({"scope": scope} if scope else {}),
        }
        url = add_params_to_uri(flow.authorization_url, asked.items())
        say(f"Log in with your browser: {url}")
        if opens:
            webbrowser.open(url)
        said = redirect.wait()
    if not secrets.compare_digest(said.get("state", ""), state):
        raise ItemError("the answer of the browser belongs to another login; nothing was kept")
    if "code" not in said:
        raise ItemError(f"the login was refused: {_reason(said)}")
    grant = {"grant_type": "authorization_code", "code": said["code"], "redirect_uri": redirect.url}
    return _post(flow.token_url, {**client, **grant, "code_verifier": verifier})


class _Redirect(HTTPServer):
    """Waits on this machine for the browser that comes back from a login."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.timeout = 1.0
        self.said: dict[str, str] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}/callback"

    def wait(self) -> dict[str, str]:
        ends = time.monotonic() + _WAIT
        while not self.said:
            if time.monotonic() > ends:
                raise ItemError(f"nobody logged in within {_WAIT:.0f} seconds")
            self.handle_request()
        return self.said


class _Page(BaseHTTPRequestHandler):
    server: _Redirect

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        said = {key: values[0] for key, values in parse_qs(target.query).items()}
        is_answer = target.path == "/callback" and "state" in said
        self.send_response(200 if is_answer else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if is_answer:
            self.wfile.write(_DONE)
            self.server.said = said

    def log_message(self, *_: object) -> None:
        """The path holds the code."""


def _by_device(flow: OAuthFlow, client: Mapping[str, str], scope: str) -> dict[str, Any]:
    """The answer with the tokens, once the user has entered a code elsewhere."""
    asked = _post(flow.device_url, {"client_id": client["client_id"], **({"scope": scope} if scope else {})})
    place = asked.get("verification_uri_complete") or asked.get("verification_uri", "")
    say(f"Open {place} and enter the code {asked.get('user_code')}")
    grant = {"grant_type": _DEVICE_GRANT, "device_code": str(asked.get("device_code"))}
    pause, ends = (
        float(asked.get("interval") or 5),
        time.monotonic() + min(float(asked.get("expires_in") or _WAIT), 1800),
    )
    while time.monotonic() < ends:
        time.sleep(pause)
        answer = _asked(flow.token_url, {**client, **grant})
        match answer.get("error"):
            case None:
                return answer
            case "authorization_pending":
                continue
            case "slow_down":
                pause += 5
            case _:
                raise ItemError(f"the login was refused: {_reason(answer)}")
    raise ItemError("nobody entered the code in time")


def _post(url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The answer of a server to a form."""
    answer = _asked(url, fields)
    if "error" in answer:
        raise ItemError(f"{urlsplit(url).netloc} refused it: {_reason(answer)}")
    return answer


def _asked(url: str, fields: Mapping[str, str]) -> dict[str, Any]:
    import requests

    try:
        answer = requests.post(
            url,
            data=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            timeout=_REQUEST,
            allow_redirects=False,
        )
        data = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ItemError(f"{urlsplit(url).netloc} gave no answer that can be read ({type(error).__name__})") from None
    if not isinstance(data, dict):
        raise ItemError(f"{urlsplit(url).netloc} gave no answer that can be read")
    return data


def _reason(said: Mapping[str, Any]) -> str:
    return printable(str(said.get("error_description") or said.get("error") or "without a reason"))[:300]


def _tokens(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an answer with tokens; a refresh token that is not named again stays."""
    if not isinstance(answer.get("access_token"), str):
        raise ItemError("the answer has no access_token")
    lasts = answer.get("expires_in")
    ends = time.time() + float(lasts) if isinstance(lasts, int | float | str) and str(lasts).isdecimal() else 0
    renewed = {"refresh_token": answer["refresh_token"]} if answer.get("refresh_token") else {}
    return {"access_token": answer["access_token"], "ends": ends, **renewed}


def _keep(name: str, scheme: str, tokens: Mapping[str, Any]) -> None:
    keyrings.keep(_SERVICE, f"{name}/{scheme}", json.dumps(tokens))
