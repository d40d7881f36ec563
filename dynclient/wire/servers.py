"""Where calls go: the servers of a document, the caller's choice, and which servers may get credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from dynclient.errors import CallError, DocumentError
from dynclient.openapi import Operation, Server
from dynclient.support import near, origin, type_name
from dynclient.types import JSON
from dynclient.wire.serialization import escape_reserved
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.values import plain

# What may stand in a published URL: pchar of RFC 3986 §3.3, "/", "?", and escapes.
_URL_SAFE = "/?:@!$&'()*+,;="
_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_NAME = r"[\w~-]+(?:\.[\w~-]+)*"  # letters of any script: an international name is encoded when it is sent
_ADDRESS = r"\[[0-9A-Fa-f:.]+(?:%[\w.~-]+)?\]"
# Forbidden in a host (RFC 3986 §3.2.2). At a backslash some libraries end the host, and others do not.
_NOT_IN_HOST = re.compile(r'[\\<>{}|^`"\s]')
# The server of a document that names none (OpenAPI 3.1.1 §4.8.1.1).
_DEFAULT = (Server("/"),)

# What a variable may hold in each part of the URL, and the words for it. So no value reaches another part: a value in
# the path cannot change the host, and a value in the host cannot add a user name, path or query.
_PARTS = {
    "beginning": (re.compile(r"[^?#\\\x00-\x20\x7f\ud800-\udfff]*"), "no space, control character, '?', '#' or '\\'"),
    "scheme": (re.compile(r"[A-Za-z0-9+.-]+"), "http or https"),
    "host": (re.compile(rf"(?:{_ADDRESS}|{_NAME})?(?::[0-9]+)?"), "letters, digits, hyphens and single dots"),
    "port": (re.compile(r"[0-9]+"), "digits"),
    "query": (re.compile(r"[^&#\x00-\x1f\x7f\ud800-\udfff]*"), "no control character, '&' or '#'"),
    "path": (
        re.compile(r"(?!(?:.*/)?(?:\.|%2[Ee]){1,2}(?:/|$))[^?#\\\x00-\x1f\x7f\ud800-\udfff]*"),
        "no control character, '?', '#' or '\\', and no segment '.' or '..'",
    ),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The `server` that the caller asked for, and the server that this meant at that time."""

    asked: int | str
    server: Server


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the caller wants calls to go: the base URL wins over the server; variables are for the server's URL."""

    base_url: str | None = None
    server: Selection | None = None
    server_variables: Mapping[str, str] = field(default_factory=dict)


def redirected(
    destination: Destination,
    changes: Mapping[str, Any],
    servers: Sequence[Server],
    elsewhere: Callable[[], Iterable[Server]],
    document_url: str,
) -> dict[str, Any]:
    """
    Return the changes that concern the destination, checked against the servers that they are for.

    Args:
        destination: the destination so far; new variables are added to its variables.
        changes: the options that the caller changes.
        servers: the servers of the document.
        elsewhere: returns the servers that single operations have. Variables of theirs are accepted, too.
        document_url: the URL of the document; "" if it is not from a URL.

    Raises:
        DocumentError: the base URL isn't one, there is no such server, or a variable does not exist or cannot have
            this value.
    """
    checked: dict[str, Any] = {}
    given = {name: _text(name, value) for name, value in (changes.get("server_variables") or {}).items()}
    variables = {**destination.server_variables, **given}
    if "server_variables" in changes:
        checked["server_variables"] = variables
    if "base_url" in changes:
        base_url = changes["base_url"]
        checked["base_url"] = None if base_url is None else checked_base_url(base_url)
    selection = destination.server
    if "server" in changes:
        asked = changes["server"]
        selection = None if asked is None else Selection(asked, _select(servers, asked, variables, document_url))
        checked["server"] = selection
    if given:
        server = chosen(servers, Destination(None, selection, variables), document_url)
        known = _variables(server)
        if not given.keys() <= set(known):
            known += [name for other in elsewhere() for name in _variables(other)]
        for name in given:
            if name not in known:
                raise DocumentError(_unknown_variable(name, server, known))
        if not _missing(server, variables):
            expanded(server, variables)
    return checked


def base_url_of(operation: Operation, document_url: str, destination: Destination) -> str:
    """
    Return the URL that the operation is served at, without a slash at its end.

    It is the caller's base URL, else that of the chosen server, else that of the operation's first server.

    Raises:
        CallError: the operation does not have the chosen server, a variable has no value, or nothing can be sent to
            the URL, such as a relative one if the document's own URL is not known.
    """
    if destination.base_url is not None:
        return destination.base_url
    try:
        server = chosen(operation.servers, destination, document_url)
    except DocumentError as error:
        hint = "Choose one by this operation's with_options(server=...)."
        raise CallError(operation.id, f"it has servers of its own, and {error.message} {hint}") from error
    if not operation.servers and not document_url:
        raise CallError(operation.id, "the document names no server; pass base_url='https://...'")
    try:
        return url_of(server, destination.server_variables, document_url)
    except DocumentError as error:
        raise CallError(operation.id, error.message) from error


def chosen(servers: Sequence[Server], destination: Destination, document_url: str) -> Server:
    """
    Return the server that the caller chose among these, else the first; "/" if there are none.

    A choice that was made among other servers, such as the document's, is looked up again among these.

    Raises:
        DocumentError: the caller's choice is not among these.
    """
    if destination.server is None:
        return (servers or _DEFAULT)[0]
    if destination.server.server in servers:
        return destination.server.server
    return _select(servers, destination.server.asked, destination.server_variables, document_url)


def url_of(server: Server, variables: Mapping[str, str], document_url: str) -> str:
    """
    Return a server's URL, absolute and without a slash at its end.

    A relative URL is relative to the URL that the document came from (RFC 3986 §5), even if the document has a `$self`.
    An empty one means the root of the document's host; strictly it would mean the document itself, but nobody serves
    operations below that.

    Raises:
        DocumentError: a variable has no value or a wrong one, the document's URL is needed and not known, or nothing
            can be sent to the URL.
    """
    url = expanded(server, variables).strip()
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url):
        if not document_url:
            raise DocumentError(
                f"the server {url!r} is relative to the document's own URL, which is not known; "
                "pass base_url='https://...'"
            )
        with suppress(ValueError):  # reported below
            url = urljoin(document_url, url or "/")
    try:
        return checked_base_url(url, "server URL", keeps_query=True)
    except DocumentError as error:
        raise DocumentError(f"{error.message}; pass base_url='https://...'") from None


def expanded(server: Server, variables: Mapping[str, str]) -> str:
    """
    Return the URL with its variables replaced by their values or defaults.

    A value cannot change another part of the URL than its own, unless the document itself gives that value.

    >>> from dynclient.openapi.model import ServerVariable
    >>> server = Server("https://{region}.api.test/v1", variables={"region": ServerVariable("eu")})
    >>> expanded(server, {}), expanded(server, {"region": "us"})
    ('https://eu.api.test/v1', 'https://us.api.test/v1')

    Raises:
        DocumentError: a variable has no value, or its value is not in the enum or cannot stand there.
    """
    missing = _missing(server, variables)
    if missing:
        more = ", ".join(f"{name!r}: ..." for name in missing)
        raise DocumentError(f"the server {shown(server.url)} needs server_variables={{{more}}}")
    url, host = "", None
    for position, piece in enumerate(_TEMPLATE.split(server.url)):
        if position % 2:
            value, part = _value(server, piece, variables), _part(server, piece, url)
            if part == "path" and host is None:
                host = _host_part(url)
            if not _is_documented(server, piece, value):
                _check_value(server, piece, value, part)
            url += value
        else:
            url += piece
    if host is not None and host != _host_part(url):
        raise DocumentError(f"the variables in the path of the server {shown(server.url)} would change its host")
    return url


def checked_base_url(url: str, what: str = "base URL", *, keeps_query: bool = False) -> str:
    """
    Return a base URL without the slash at the end of its path.

    Args:
        url: the URL.
        what: what messages call it.
        keeps_query: whether it may have a query, as the URL of a document's server may.

    Raises:
        DocumentError: it is not absolute, not of http or https, or has more than a path.
    """
    url = url.strip()
    if "@" in re.split(r"[/?#]", url.partition("//")[2], maxsplit=1)[0]:  # not shown: a password may stand there
        raise DocumentError(f"the {what} must not have a user name or password; use auth={{...}}")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is wrong
        path = literal(parts.path.rstrip("/"))
    except ValueError as error:
        raise DocumentError(f"the {what} {url!r} cannot be read: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DocumentError(f"the {what} {url!r} must begin with http:// or https:// and a host")
    if _NOT_IN_HOST.search(parts.netloc):
        raise DocumentError(f"the {what} {url!r} cannot be: {parts.netloc!r} isn't a host")
    if parts.query and not keeps_query:  # not shown: a key may stand there
        raise DocumentError(f"the {what} must not have a query; use with_options(query={{...}})")
    if parts.fragment:
        raise DocumentError(f"the {what} must not have a fragment")
    query = f"?{literal(parts.query)}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def literal(text: str) -> str:
    """Return a part of a URL that the document or the caller wrote, with forbidden characters escaped."""
    return escape_reserved(_URL_SAFE, text)


def accepted_origin(base_url: str, document_url: str, destination: Destination) -> bool:
    """
    Return whether credentials may go to a base URL.

    A document that was fetched from a URL cannot send them anywhere by itself. They may go to its own origin (RFC 6454
    §4), to the server that the caller chose, and to the caller's base URL. Any other document is the caller's own.
    """
    if not document_url or destination.base_url is not None:
        return True
    accepted = [document_url]
    if destination.server is not None:
        with suppress(DocumentError):  # this call goes to another server
            accepted.append(url_of(destination.server.server, destination.server_variables, document_url))
    return origin(base_url) in map(origin, accepted)


def check_origin(operation_id: str, base_url: str, document_url: str, destination: Destination) -> None:
    """
    Keep credentials from a server that only the document names; see `accepted_origin`.

    Raises:
        CallError: credentials may not go to this base URL.
    """
    if not accepted_origin(base_url, document_url, destination):
        raise CallError(
            operation_id,
            f"the document from {origin(document_url)} says that this is served at {origin(base_url)}, and credentials "
            f"go to another origin only if you accept it: pass server={base_url!r} or base_url={base_url!r}, to the "
            "client or to this operation's with_options",
        )


def _select(servers: Sequence[Server], asked: int | str, variables: Mapping[str, str], document_url: str) -> Server:
    """The server with this number (from 0), name, description or URL."""
    among = servers or _DEFAULT
    if isinstance(asked, int):
        found = among[asked : asked + 1] if asked >= 0 else ()
    else:
        found = next(_matches(among, asked, variables, document_url), [])
    if found and all(server == found[0] for server in found):
        return found[0]
    if not servers:
        raise DocumentError(f"no server {asked!r}: the document names none; pass base_url='https://...'.")
    there = ", ".join(f"{number} {_described(server)}" for number, server in enumerate(servers))
    if found:
        raise DocumentError(f"{asked!r} means {len(found)} servers; say it by number or URL. There are: {there}.")
    texts = [text for server in among for text in (server.name, server.description, server.url) if text]
    hint = "".join(f" Did you mean {match!r}?" for match in near(str(asked), texts, 1) if "@" not in match)
    raise DocumentError(f"no server {asked!r}. There are: {there}.{hint}")


def _matches(
    servers: Sequence[Server], asked: str, variables: Mapping[str, str], document_url: str
) -> Iterator[list[Server]]:
    """The servers that match a text, once for each way to match that finds any; the most exact way comes first."""
    folded = asked.strip().casefold()
    ways: tuple[Callable[[Server], bool], ...] = (
        lambda server: asked in (server.name, server.description, server.url),
        lambda server: _same_url(server, asked, variables, document_url),
        lambda server: folded in (server.name.strip().casefold(), server.description.strip().casefold()),
    )
    for fits in ways:
        found = [server for server in servers if asked and fits(server)]
        if found:
            yield found


def _same_url(server: Server, asked: str, variables: Mapping[str, str], document_url: str) -> bool:
    if server.url.rstrip("/") == asked.rstrip("/"):
        return True
    try:
        return url_of(server, variables, document_url) == checked_base_url(asked)
    except DocumentError:
        return False


def _described(server: Server) -> str:
    name = server.name or server.description.strip().partition("\n")[0]
    return f"{shown(server.url)} ({name})" if name else shown(server.url)


def shown(url: str) -> str:
    """Return a URL template for a message: quoted, and without what may be a password."""
    before, at, after = url.rpartition("@")
    return repr(f"{before.partition('//')[0]}//***@{after}" if at else url)


def _variables(server: Server) -> list[str]:
    """The names of a server's variables, including those that it does not describe."""
    return list(dict.fromkeys([*_TEMPLATE.findall(server.url), *server.variables]))


def _missing(server: Server, variables: Mapping[str, str]) -> list[str]:
    names = dict.fromkeys(_TEMPLATE.findall(server.url))
    return [name for name in names if name not in variables and _default(server, name) is None]


def _default(server: Server, name: str) -> str | None:
    return server.variables[name].default if name in server.variables else None


def _unknown_variable(name: str, server: Server, known: Sequence[str]) -> str:
    there = ", ".join(dict.fromkeys(known)) or "none"
    hint = "".join(f" Did you mean {match!r}?" for match in near(name, known, 1))
    return f"no variable {name!r} in the server {shown(server.url)}; there are: {there}.{hint}"


def _text(name: str, value: JSON) -> str:
    """A variable's value as text: numbers in digits, booleans as JSON writes them."""
    try:
        data = plain(value)
    except Unwritable:
        data = None
    if isinstance(data, bool):
        return str(data).lower()
    if not isinstance(data, (str, int, float)):
        raise DocumentError(f"the server variable {name!r} is a text or a number, not {type_name(value)}")
    return str(data)


def _value(server: Server, name: str, variables: Mapping[str, str]) -> str:
    default = _default(server, name) or ""
    value = variables.get(name, default)
    allowed = server.variables[name].enum if name in server.variables else ()
    if allowed and value not in (*allowed, default):
        values = ", ".join(map(repr, allowed))
        raise DocumentError(f"the server variable {name!r} cannot be {value!r}; it is one of: {values}")
    return value


def _is_documented(server: Server, name: str, value: str) -> bool:
    """Whether the document itself gives a variable this value."""
    variable = server.variables.get(name)
    return variable is not None and value in (variable.default, *variable.enum)


def _check_value(server: Server, name: str, value: str, part: str) -> None:
    pattern, allowed = _PARTS[part]
    if not pattern.fullmatch(value):
        raise DocumentError(
            f"the server variable {name!r} cannot be {value!r}: the {part} of {shown(server.url)} may hold {allowed}; "
            f"pass another in server_variables={{{name!r}: ...}}"
        )


def _part(server: Server, name: str, before: str) -> str:
    """The part of the URL that a variable stands in after this text."""
    if not before:
        return "scheme" if server.url.startswith(f"{{{name}}}:") else "beginning"
    if "?" in before:
        return "query"
    if "/" not in before:
        return "scheme"
    if not re.fullmatch(r"(?:[^/]*:)?//[^/]*", before):
        return "path"
    if (_default(server, name) or "").startswith("/"):  # `https://api.test{basePath}`
        return "path"
    return "port" if re.search(r"[^/]:$", before) else "host"


def _host_part(url: str) -> str:
    """The beginning of a URL, up to its path."""
    found = re.match(r"(?:[^/?#]*:)?(?://[^/?#]*)?", url)
    return found[0] if found else ""
