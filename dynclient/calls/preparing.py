"""Step 4 of a call: a valid request gets its server, its credentials and its cookies."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from dynclient.calls.core import Core
from dynclient.credentials import Credentials, Site
from dynclient.errors import Problem
from dynclient.openapi import Operation
from dynclient.support import Deadline, origin
from dynclient.wire import Request, accepted_origin, address, check_origin, filled

if TYPE_CHECKING:
    from dynclient.calls.prepared import Prepared


def prepare(
    core: Core,
    operation: Operation,
    request: Request,
    base_url: str,
    deadline: Deadline,
    *,
    problems: tuple[Problem, ...] = (),
    refused: Credentials | None = None,
    server: str = "",
) -> Prepared:
    """
    Return the request with its server, its credentials and its cookies.

    Args:
        core: the client's parts.
        operation: the operation that is called.
        request: the request, built and valid.
        base_url: where it goes.
        deadline: the moment by which an `OAuth2` must have its token.
        problems: what is invalid in it and permitted by the mode "warn".
        refused: credentials that the server refused, if new ones are wanted.
        server: the server's URL, if `base_url` is only an origin that the server named.

    Raises:
        CallError: the credentials do not fulfil what the operation needs, cannot be had, or may not go there; or
            requests cannot send the request as it was built.
    """
    from dynclient.calls.prepared import Prepared

    transport, authenticator, options = core.transport, core.authenticator, core.options
    jar = core.cookies.jar(base_url)
    is_accepted = accepted_origin(base_url, core.document.url, options) or transport.in_process
    site = Site(
        base_url,
        core.document.url,
        own=frozenset([*filled(request), *transport.fixed_places()]),
        session=transport.places(jar),
        refused=refused,
        server=server or base_url,
        accepted=is_accepted,
        deadline=deadline,
    )
    if options.masked:
        credentials = authenticator.masked(operation, site)
    else:
        credentials = authenticator.credentials(operation, site, partial(transport.exchange, deadline=deadline))
    prepared = transport.prepare(operation.id, address(request, base_url, credentials), jar)
    if not is_accepted and (
        credentials.schemes or any(authenticator.carries("header", name) for name in prepared.headers)
    ):
        check_origin(operation.id, base_url, core.document.url, options)
    return Prepared(
        prepared,
        operation,
        request,
        site,
        credentials,
        core.cookies,
        problems=problems,
        is_masked=options.masked,
    )


def with_headers(core: Core, prepared: Prepared, headers: Mapping[str, str]) -> Prepared:
    """The same request with these headers as well, and with the credentials of now."""
    source, site = prepared.source, prepared.site
    merged = source.headers.copy()
    merged.update(headers)
    request = dataclasses.replace(source, headers=merged)
    return prepare(core, prepared.operation, request, site.base_url, core.deadline(), server=site.server)


def at_url(core: Core, prepared: Prepared, url: str) -> Prepared:
    """The same request to a URL that the server gave, with the credentials that belong to its origin."""
    request = dataclasses.replace(prepared.source, url=urlunsplit(("", "", *urlsplit(url)[2:4], "")))
    return prepare(core, prepared.operation, request, origin(url), core.deadline(), server=prepared.site.server)


def with_new_credentials(core: Core, prepared: Prepared, deadline: Deadline) -> Prepared | None:
    """The request with what its callables and `OAuth2` give now; None if that is the same, or nothing can be new."""
    if not prepared.credentials.renewable or not core.transport.rewind(prepared):
        return None
    site, refused = prepared.site, prepared.credentials
    again = prepare(
        core, prepared.operation, prepared.source, site.base_url, deadline, refused=refused, server=site.server
    )
    return None if again.credentials == refused else again
