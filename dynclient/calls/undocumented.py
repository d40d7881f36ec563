"""What `client.request(...)` calls: operations that no document describes."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from dynclient.documents import Document
from dynclient.errors import CallError
from dynclient.http import HEADER_NAME
from dynclient.openapi import MediaType, Operation, RequestBody, read_security, read_servers
from dynclient.support import origin
from dynclient.types import JSON

_KINDS = (MediaType("application/json"), MediaType("multipart/form-data"), MediaType("application/octet-stream"))
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def undocumented_operation(
    document: Document, method: str, path: str, body: JSON, content_type: str | None
) -> Operation:
    """
    Return the operation for a method and a path or URL, with the servers and the security of the document's root.

    Without a content type a body is sent as JSON, data with files in it as multipart/form-data, and bytes and files as
    application/octet-stream.

    Raises:
        CallError: the method or the path cannot be sent as it is.
        TypeError: they are no text.
    """
    if not (isinstance(method, str) and isinstance(path, str)):
        raise TypeError(f"a method and a path are text, not of type {type(method).__name__} and {type(path).__name__}")
    verb = method.upper()
    where = _path(path)
    name = f"{verb} {where.partition('?')[0]}"  # what stands in its query may be a key
    fault = _fault(verb, path)
    if fault:
        raise CallError(ascii(name)[1:-1], fault)
    kinds = _KINDS[:1] if isinstance(body, str) else _KINDS
    return Operation(
        id=name,
        method=verb,
        path=where.replace("{", "%7B").replace("}", "%7D"),  # it isn't a template
        parameters=(),
        body=RequestBody((MediaType(content_type),) if content_type else kinds),
        responses=(),
        security=read_security(document),
        servers=read_servers(document),
    )


def own_base_url(operation: Operation, path: str, base_url: str) -> str:
    """
    Return where a path goes: to the base URL; for a whole URL, to its origin, which must be that of the base URL.

    Raises:
        CallError: it is another origin.
    """
    if not _ABSOLUTE.match(path):
        return base_url
    if urlsplit(path).username is not None or origin(path) != origin(base_url):
        reason = f"the URL is of {origin(path)}, and calls of this client go to {origin(base_url)}"
        raise CallError(operation.id, f"{reason}; use a client with base_url={origin(path)!r}")
    return origin(base_url)


def _path(target: str) -> str:
    """The path and the query of a URL or a path."""
    if not _ABSOLUTE.match(target):
        return target
    rest = target.partition("://")[2]
    return "/" + rest.partition("/")[2] if "/" in rest.partition("?")[0] else "/" + "".join(rest.partition("?")[1:])


def _fault(method: str, target: str) -> str:
    """Why a request cannot be sent as it is asked for; "" where it can."""
    path = _path(target)
    if not HEADER_NAME.fullmatch(method) or method == "CONNECT":
        return f"{method!r} is no method to call"
    if not path.startswith("/"):
        return "a path begins with a slash"
    if _UNSENDABLE.search(target):
        return "a path holds no control characters"
    if "#" in target:
        return "a fragment is never sent; write %23 for the character"
    segments = re.split(r"[/\\]", unquote(path.partition("?")[0]))
    if any(segment.partition(";")[0] in (".", "..") for segment in segments):
        return "a path with a segment '.' or '..' would reach another path"
    return ""
