"""From a call's arguments to the request that says exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from dynclient import media, serialization
from dynclient.binding import Arguments, unwritable
from dynclient.errors import CallError, DocumentError, Problem
from dynclient.model import Operation, Parameter
from dynclient.security import Credentials
from dynclient.types import JSON
from dynclient.values import Unwritable, plain

if TYPE_CHECKING:
    import requests

# What may stand in a path as published: RFC 3986 §3.3 pchar and "/", and escapes that are there already.
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_TEMPLATE = re.compile(r"\{([^{}]+)\}")


def build(
    operation: Operation,
    arguments: Arguments,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, JSON] | None = None,
) -> tuple[requests.Request | None, tuple[Problem, ...]]:
    """
    Return the request for a call, its URL still without a server, or everything that cannot be written.

    `headers` and `query` are the caller's own additions; a header of the caller's replaces one of the same name.
    """
    import requests

    problems: list[Problem] = []
    path, template_query = _path(operation, arguments, problems)
    query_parts = [template_query, *_written(operation, arguments, "query", serialization.query_text, problems)]
    query_parts += _extra_query(query or {}, problems)
    sent = requests.structures.CaseInsensitiveDict({"Accept": _accept(operation)})
    for parameter, text in _texts(operation, arguments, "header", serialization.header_text, problems):
        sent[parameter.name] = text
    cookies = _written(operation, arguments, "cookie", serialization.cookie_text, problems)
    if cookies:
        sent["Cookie"] = "; ".join(cookies)
    body = None
    if arguments.media_type is not None:
        try:
            encoded = media.encode(arguments.media_type, arguments.body if arguments.encoded is None else arguments.encoded)
            body, sent["Content-Type"] = encoded.body, encoded.content_type
        except Unwritable as error:
            problems.append(unwritable("body", "", arguments.body, error))
    sent.update(headers or {})
    if problems:
        return None, tuple(problems)
    url = "?".join(part for part in (path, _joined(query_parts)) if part)
    return requests.Request(operation.method, url, headers=sent, data=body), ()


def address(request: requests.Request, base_url: str, credentials: Credentials) -> requests.Request:
    """The request with its server and its credentials; a header that the caller gave stays."""
    import requests

    path, _, query = request.url.partition("?")
    query = _joined([query, *(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in credentials.query.items())])
    headers = requests.structures.CaseInsensitiveDict(credentials.header)
    headers.update(request.headers)
    cookies = [headers.get("Cookie", ""), *(f"{name}={value}" for name, value in credentials.cookie.items())]
    if any(cookies):
        headers["Cookie"] = _joined(cookies, "; ")
    url = base_url + (f"{path}?{query}" if query else path)
    return requests.Request(request.method, url, headers=headers, data=request.data)


def base_url_of(operation: Operation, document_url: str, override: str | None) -> str:
    """
    Where the operation is served: the override, else its first server with default variables; without a slash at the end.

    Raises:
        CallError: there is none, or it is relative to a document of which no URL is known.
    """
    url = override
    if url is None:
        if not operation.servers:
            raise CallError(operation.id, "the document names no server; pass base_url='https://...'")
        server = operation.servers[0]
        url = _TEMPLATE.sub(lambda match: server.variables.get(match[1], match[0]), server.url)
        url = urljoin(document_url, url) if document_url else url
    try:
        return checked_base_url(url)
    except DocumentError as error:
        raise CallError(operation.id, f"{error}; pass base_url='https://...'") from error


def checked_base_url(url: str) -> str:
    """
    A base URL without the slash at its end.

    Raises:
        DocumentError: it is not absolute, not of http or https, or has more than a path.
    """
    try:
        parts = urlsplit(url)
        problem = (
            "must begin with http:// or https:// and a host" if parts.scheme not in ("http", "https") or not parts.hostname
            else "must not have a query or a fragment" if parts.query or parts.fragment
            else "must not have a user name or password" if parts.username is not None
            else ""
        )
    except ValueError as error:
        problem = str(error)
    if problem:
        raise DocumentError(f"the base URL {url!r} {problem}")
    return quote(url.rstrip("/"), safe=_PATH_SAFE + "[]")


def _path(operation: Operation, arguments: Arguments, problems: list[Problem]) -> tuple[str, str]:
    """The path, and the query that some documents write into the template. A fragment is never sent."""
    written = {p.name: text for p, text in _texts(operation, arguments, "path", serialization.path_text, problems)}
    template, _, query = operation.path.partition("#")[0].partition("?")
    pieces = _TEMPLATE.split(template)
    literal, names = pieces[::2], pieces[1::2]
    path = quote(literal[0], safe=_PATH_SAFE)
    for name, text in zip(names, literal[1:], strict=True):
        path += written.get(name, "") + quote(text, safe=_PATH_SAFE)
    return path if path.startswith("/") else f"/{path}", quote(query, safe=_PATH_SAFE + "?")


def _texts(
    operation: Operation, arguments: Arguments, location: str, write: serialization.Writer, problems: list[Problem]
) -> Iterator[tuple[Parameter, str]]:
    for parameter in operation.parameters:
        if parameter.location == location and (parameter.location, parameter.name) in arguments.parameters:
            value = arguments.parameters[parameter.location, parameter.name]
            try:
                yield parameter, write(parameter, value)
            except Unwritable as error:
                problems.append(unwritable(location, parameter.name, value, error, parameter.pointer))


def _written(
    operation: Operation, arguments: Arguments, location: str, write: serialization.Writer, problems: list[Problem]
) -> list[str]:
    return [text for _, text in _texts(operation, arguments, location, write, problems) if text]


def _extra_query(extra: Mapping[str, JSON], problems: list[Problem]) -> Iterable[str]:
    """What the document does not declare, written as a parameter without a style is."""
    for name, value in extra.items():
        parameter = Parameter(name, "query", name, style="form", explode=True)
        try:
            yield serialization.query_text(parameter, plain(value))
        except Unwritable as error:
            problems.append(unwritable("query", name, value, error))


def _joined(parts: Iterable[str], delimiter: str = "&") -> str:
    return delimiter.join(part for part in parts if part)


def _accept(operation: Operation) -> str:
    """The media types of the answers that mean success, as the document lists them; anything where it lists none."""
    names = (media_type.name for answer in operation.responses if answer.status[:1] == "2" for media_type in answer.content)
    return ", ".join(dict.fromkeys(names)) or "*/*"
