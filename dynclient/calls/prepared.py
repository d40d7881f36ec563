"""A request that is ready to be sent, and what a call needs to know about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from dynclient.credentials import Credentials, Site
    from dynclient.errors import Problem
    from dynclient.http import Cookies
    from dynclient.openapi import Operation
    from dynclient.wire import Request


class Prepared(requests.PreparedRequest):
    """
    A `requests.PreparedRequest` that knows its operation.

    Attributes:
        operation: the operation that it calls.
        source: the request without its server and its credentials, from which it is made again with others.
        site: where it goes, and what fills the places of its credentials.
        credentials: those that were put into it.
        cookies: those of the identity that it is sent for.
        problems: what is invalid in it, if it is sent all the same under `validate_request="warn"`.
        is_masked: whether *** stands in place of every secret; such a request is only for showing.
    """

    operation: Operation
    source: Request
    site: Site
    credentials: Credentials
    cookies: Cookies
    problems: tuple[Problem, ...] = ()
    is_masked: bool = False

    def __init__(
        self,
        prepared: requests.PreparedRequest,
        operation: Operation,
        source: Request,
        site: Site,
        credentials: Credentials,
        cookies: Cookies,
        *,
        problems: tuple[Problem, ...] = (),
        is_masked: bool = False,
    ) -> None:
        self.__dict__.update(vars(prepared))
        self.operation = operation
        self.source = source
        self.site = site
        self.credentials = credentials
        self.cookies = cookies
        self.problems = problems
        self.is_masked = is_masked

    def copy(self) -> Prepared:
        """A copy that may be changed, as requests makes it; it knows the same."""
        return Prepared(
            super().copy(),
            self.operation,
            self.source,
            self.site,
            self.credentials,
            self.cookies,
            problems=self.problems,
            is_masked=self.is_masked,
        )


def operation_of(prepared: requests.PreparedRequest) -> Operation:
    """
    Return the operation that a request calls; for a request made elsewhere, one with its method and path as the name.

    Raises:
        TypeError: it is not a prepared request.
    """
    from dynclient.openapi import Operation

    if not isinstance(prepared, requests.PreparedRequest) or prepared.url is None:
        raise TypeError(f"send takes what prepare(...) of an operation gives, not {prepared!r:.60}")
    if isinstance(prepared, Prepared):
        return prepared.operation
    method, path = prepared.method or "", prepared.path_url.partition("?")[0]  # its query may hold a key
    return Operation(f"{method} {path}", method, path)
