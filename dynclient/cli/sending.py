"""How a call is sent, from the options of the command line: a client, its connections, and an operation's options."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from dynclient.calls import Caller
from dynclient.cli.options import Sending
from dynclient.cli.output import ItemError, say
from dynclient.client import Client
from dynclient.documents import Document
from dynclient.errors import DocumentError

if TYPE_CHECKING:
    import requests

Optioned = TypeVar("Optioned", Client, Caller)


def made_client(document: Document, sending: Sending) -> Client:
    """The client for a command; with `mock` its calls are answered from the document."""
    app = None
    if sending.mock:
        from dynclient.mock import MockApp

        app = MockApp(document)
    options: dict[str, Any] = {
        "headers": _read_headers(sending.headers),
        "query": _read_pairs(sending.query, "--query"),
    }
    if sending.auth:
        from dynclient.cli.secrets import read_credentials

        options["auth"] = read_credentials(sending.auth)
    try:
        client = Client(document, app=app, session=None if sending.mock else _session(sending), **options)
    except (TypeError, DocumentError) as error:  # such as a scheme that the document does not have
        raise ItemError(str(error)) from error
    base_url = sending.base_url
    if sending.mock and not client.base_url:  # the document names no server, and nothing is sent to this one
        base_url = base_url or "http://localhost"
    return _optioned(client, base_url=base_url) if base_url is not None else client


def _session(sending: Sending) -> requests.Session | None:
    """A session that trusts what the options say; None if they say nothing."""
    if not (sending.proxy or sending.ca or sending.cert or sending.insecure):
        return None
    import requests

    for option, path in (("--ca", sending.ca), ("--cert", sending.cert)):
        if path is not None and not os.path.exists(path):
            raise ItemError(f"{option}: there is no file {path}")
    session = requests.Session()
    if sending.proxy:
        session.proxies = {"http": sending.proxy, "https": sending.proxy}
    session.verify = sending.ca or True
    session.cert = sending.cert
    if sending.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        say("warning: --insecure: the server's certificate is not checked; anybody on the way can read this call")
        session.verify = False
    return session


def with_options(caller: Caller, sending: Sending) -> Caller:
    """
    The operation with the options of the command line. They aren't the client's, because an operation may have its own
    servers.

    Raises:
        ItemError: an option has a wrong value.
    """
    options: dict[str, Any] = {
        "content_type": sending.content_type,
        "server_variables": _read_pairs(sending.server_variables, "--server-variable"),
    }
    if sending.server is not None:
        options["server"] = int(sending.server) if sending.server.isdecimal() else sending.server
    if sending.validate is not None:
        options |= {"validate_request": sending.validate, "validate_response": sending.validate}
    for name in ("timeout", "total_timeout", "retries"):
        value = getattr(sending, name)
        if value is not None:
            options[name] = value
    return _optioned(caller, **options)


def _optioned(target: Optioned, **options: Any) -> Optioned:
    """The client or the operation with these options; a wrong one is a mistake on the command line."""
    try:
        return target.with_options(**options)
    except (TypeError, DocumentError) as error:  # such as a time limit below zero, or a server that does not exist
        raise ItemError(str(error)) from error


def _read_headers(lines: Sequence[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, found, value = line.partition(":")
        if not found or not name.strip():
            raise ItemError(f"{line!r} isn't a header; write NAME:VALUE")
        headers[name.strip()] = value.strip()
    return headers


def _read_pairs(items: Sequence[str], option: str) -> dict[str, str]:
    pairs = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found or not name:
            raise ItemError(f"{item!r} isn't a pair; write {option} NAME=VALUE")
        pairs[name] = value
    return pairs
