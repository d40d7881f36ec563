"""How a credential is written into a request, for each type of security scheme (OpenAPI 3.1.1 §4.8.27)."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from dynclient.errors import CallError
from dynclient.openapi import Operation, SecurityScheme
from dynclient.support import type_name

# Characters that cannot stand there. A bearer token has no space (RFC 6750 §2.1), a user name no colon (RFC 7617 §2).
_UNFIT = {
    "header": re.compile(r"^ | $|[^\x20-\x7e\x80-\xff]"),
    "query": re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]"),
    "cookie": re.compile(r"[^\x21-\x3a\x3c-\x7e]"),
    "token": re.compile(r"[^\x21-\x7e]"),
    "user": re.compile(r"[:\x00-\x1f\x7f\ud800-\udfff]"),
    "password": re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]"),
}


_USUAL_SPELLING = {"basic": "Basic", "bearer": "Bearer", "digest": "Digest"}


def _text(operation: Operation, scheme: SecurityScheme, value: object, location: str) -> str:
    if not isinstance(value, str):
        raise CallError(operation.id, f"the credential for {scheme.name} must be a text, not {type_name(value)}")
    if not value:
        raise CallError(operation.id, f"the credential for {scheme.name} is empty; None sends none")
    if _UNFIT[location].search(value):
        raise CallError(
            operation.id, f"the credential for {scheme.name} holds what a {location} cannot, like a line break"
        )
    return value


def pair_of(operation: Operation, scheme: SecurityScheme, value: object) -> tuple[str, str]:
    """Return user and password; in one text the first colon separates them."""
    if isinstance(value, str) and ":" in value:  # from the environment
        value = tuple(value.split(":", 1))
    if not (isinstance(value, tuple) and len(value) == 2 and all(isinstance(text, str) for text in value)):
        raise CallError(operation.id, f"the credential for {scheme.name} must be a pair (user, password)")
    user, password = value
    for name, text in (("user", user), ("password", password)):
        if _UNFIT[name].search(text):
            more = "a colon or " if name == "user" else ""
            raise CallError(operation.id, f"the {name} for {scheme.name} must not hold {more}control characters")
    return user, password


def authorization(scheme: SecurityScheme, text: str) -> tuple[str, str]:
    """Return the name and the value of the Authorization header, from what stands behind the scheme."""
    kind = "bearer" if scheme.type != "http" else scheme.scheme
    return "Authorization", f"{_USUAL_SPELLING.get(kind) or scheme.spelling or scheme.scheme} {text}"


def _api_key(operation: Operation, scheme: SecurityScheme, value: object) -> tuple[str, str]:
    return scheme.parameter, _text(operation, scheme, value, scheme.location)


def _http(operation: Operation, scheme: SecurityScheme, value: object) -> tuple[str, str]:
    if scheme.scheme == "bearer":
        return _bearer(operation, scheme, value)
    if scheme.scheme == "basic":  # RFC 7617 §2
        pair = ":".join(pair_of(operation, scheme, value))
        return authorization(scheme, base64.b64encode(pair.encode()).decode())
    return authorization(scheme, _text(operation, scheme, value, "header"))


def _bearer(operation: Operation, scheme: SecurityScheme, value: object) -> tuple[str, str]:
    if isinstance(value, str) and value[:7].lower() == "bearer ":
        raise CallError(operation.id, f"the token for {scheme.name} is given without the word Bearer before it")
    return authorization(scheme, _text(operation, scheme, value, "token"))


def _certificate(operation: Operation, scheme: SecurityScheme, value: object) -> tuple[str, Any]:
    paths = value if isinstance(value, tuple) else (value,)
    if len(paths) not in (1, 2) or not all(isinstance(path, (str, os.PathLike)) for path in paths):
        raise CallError(
            operation.id,
            f"the credential for {scheme.name} must be the path of a PEM file, or a pair (certificate, key)",
        )
    if not all(map(os.path.isfile, paths)):  # not shown: a caller may give the key itself
        raise CallError(operation.id, f"the credential for {scheme.name} is not the path of a file that exists")
    names = tuple(os.fspath(path) for path in paths)
    return "certificate", names if len(names) == 2 else names[0]


WRITERS: Mapping[str, Callable[[Operation, SecurityScheme, Any], tuple[str, Any]]] = {
    "apiKey": _api_key,
    "http": _http,
    "oauth2": _bearer,
    "openIdConnect": _bearer,
    "mutualTLS": _certificate,
}


def by_hand(scheme: SecurityScheme) -> str:
    """Return how the caller can give a credential that the document does not ask for."""
    if scheme.type == "mutualTLS":
        return "a session=... that has it as its cert; headers=... is for the others"
    if scheme.type == "apiKey" and scheme.location == "query":
        return f"query={{{scheme.parameter!r}: ...}} (headers=... is for headers)"
    if scheme.type == "apiKey" and scheme.location == "cookie":
        return f"headers={{'Cookie': '{scheme.parameter}=...'}}"
    header, text = (scheme.parameter, "...") if scheme.type == "apiKey" else authorization(scheme, "...")
    return f"headers={{{header!r}: {text!r}}}" if text != "..." else f"headers={{{header!r}: ...}}"
