"""Security schemes and requirements (OpenAPI 3.1.1 §4.8.27 and §4.8.30)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from dynclient.documents import Document, escape_token
from dynclient.errors import DocumentError
from dynclient.openapi import swagger
from dynclient.openapi.fields import referenced
from dynclient.openapi.index import Entry, operation_node, path_item
from dynclient.openapi.lenient import mapping as _mapping, sequence as _sequence, text as _text
from dynclient.openapi.model import OAuthFlow, Requirement, SecurityScheme
from dynclient.types import JSON

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_security_schemes(document: Document) -> dict[str, SecurityScheme]:
    """Return the document's security schemes by name."""
    if document.is_20:
        nodes, pointer = document.section("securityDefinitions")
        nodes = swagger.security_schemes(nodes)
    else:
        nodes, pointer = document.section("components", "securitySchemes")
    return {
        name: _security_scheme(document, name, node, f"{pointer}/{escape_token(name)}") for name, node in nodes.items()
    }


def read_security(document: Document) -> tuple[Requirement, ...] | None:
    """Return the security requirements at the document's root."""
    return security_of(document, {}, "#")


def security_of(document: Document, operation: Mapping[str, JSON], pointer: str) -> tuple[Requirement, ...] | None:
    """
    Return the operation's own requirements, else the document's; an empty list asks for nothing.

    Anything but a list of mappings is read as it must be meant, and never as "nothing is needed".
    """
    own = operation.get("security")
    node, at = (document.contents.get("security"), "#/security") if own is None else (own, f"{pointer}/security")
    if node is not None and not isinstance(node, list):
        document.note("security-shape", at, "requirements are a list; what stands here is taken as its only item")
        node = [node] if node else []
    return tuple(_requirement(document, item, f"{at}/{n}") for n, item in enumerate(_sequence(node))) or None


def required_schemes(document: Document, entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the names of the security schemes that the document and its operations ask for, with repeats."""
    yield from _scheme_names(document.contents.get("security"))
    for entry in entries:
        with suppress(DocumentError):  # reported where the operation is read
            item = path_item(document, entry.path)
            yield from _scheme_names(
                operation_node(document, item, entry.method, entry.additional).values.get("security")
            )


def _scheme_names(security: JSON) -> Iterator[str]:
    for requirement in security if isinstance(security, list) else [security]:
        yield from [requirement] if isinstance(requirement, str) else _mapping(requirement)


def _requirement(document: Document, node: JSON, pointer: str) -> Requirement:
    if isinstance(node, str):
        document.note("security-shape", pointer, "a requirement maps a scheme to its scopes; the name alone is read")
        return {node: ()}
    return {
        name: tuple(scope for scope in _sequence(scopes) if isinstance(scope, str))
        for name, scopes in _mapping(node).items()
    }


def _security_scheme(document: Document, name: str, node: JSON, pointer: str) -> SecurityScheme:
    try:
        scheme, pointer = referenced(document, node, pointer)
    except DocumentError as error:
        document.note("reference-missing", error.pointer, error.message)
        scheme = {"type": "apiKey"}  # nobody knows where it goes: a call with a credential for it is refused
    spelling = _text(scheme.get("scheme"))
    return SecurityScheme(
        name=name,
        type=_text(scheme.get("type")),
        scheme=spelling.lower(),
        spelling=spelling,
        parameter=_text(scheme.get("name")),
        location=_text(scheme.get("in")),
        flows=tuple(_flow(kind, flow) for kind, flow in _mapping(scheme.get("flows")).items()),
        openid_url=_readable(scheme.get("openIdConnectUrl")),
        environment=_credential_variable(document, scheme, pointer),
        description=_text(scheme.get("description")),
    )


def _flow(kind: str, node: JSON) -> OAuthFlow:
    flow = _mapping(node)
    names = ("tokenUrl", "refreshUrl", "authorizationUrl", "deviceAuthorizationUrl")
    return OAuthFlow(kind, *(_readable(flow.get(name)) for name in names))


def _readable(url: JSON) -> str:
    """A URL, which may be relative; "" for none, and for one that cannot be parsed."""
    try:
        return urlsplit(_text(url)).geturl()
    except ValueError:
        return ""


def _credential_variable(document: Document, scheme: Mapping[str, JSON], pointer: str) -> str:
    """
    The environment variable that `x-credential-env` names.

    A document from a URL may not name one: it also names the server, and could ask for any secret of this machine.
    """
    name = _text(scheme.get("x-credential-env"))
    if not name:
        return ""
    if document.url or not _VARIABLE.fullmatch(name):
        why = "a document from a URL may not choose it" if document.url else "this is no name of one"
        document.note("credential-env", pointer, f"x-credential-env {name!r} is not read: {why}")
        return ""
    return name
