"""What a client is made of, whether its calls are awaited or not."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynclient.calls.notices import Notices
from dynclient.calls.options import MODE_OPTIONS, Options, merged_changes
from dynclient.calls.pacing import Traffic
from dynclient.credentials import Authenticator, Secrets
from dynclient.documents import Document, public_url
from dynclient.http import Cookies, Identities, retries
from dynclient.network import Transport
from dynclient.openapi import Directory, Operation, Server, read_other_servers, read_servers
from dynclient.support import CLOCK, Deadline, Workers
from dynclient.validation import RequestValidator, ResponseValidator
from dynclient.wire import base_url_of, chosen, redirected

if TYPE_CHECKING:
    from dynclient.calls.progress import Bar, Kind, Showing

T = TypeVar("T")


class NoBar:
    """The `Bar` of a call whose progress nobody wants to see."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def update(self, done: int, total: int | None = None, state: str = "", ahead: float = 0.0) -> None:
        """Nothing to show."""

    def hide(self) -> None:
        """Nothing to hide."""

    def show(self) -> None:
        """Nothing to show."""

    def close(self, is_whole: bool) -> None:
        """Nothing to close."""

    def watched(self, prepared: T) -> T:
        return prepared

    def loaded(self, done: int, size: int | None) -> None:
        """Nothing to show."""


NO_BAR = NoBar()


def document_bar(showing: Showing, source: object) -> Bar | NoBar:
    """What shows how far a document is loaded, if the option `progress` asks for it."""
    if showing is False:
        return NO_BAR
    from dynclient.calls.progress import bar_for

    name = "the document"
    if isinstance(source, str | os.PathLike) and "\n" not in (text := os.fspath(source)):
        is_url = text.lower().startswith(("http://", "https://"))
        name = public_url(text) if is_url else os.path.basename(text) or text
    return bar_for(showing, name, "load", CLOCK, str) or NO_BAR


@dataclasses.dataclass(frozen=True)
class Core:
    """
    The parts of a client, shared by its copies, by its operations, and by a client on other I/O.

    A copy with other options differs in `options`, `authenticator` and `cookies` alone. `own_names` are the attributes
    that no operation can take from the client.
    """

    document: Document
    operations: Directory
    request_validator: RequestValidator
    response_validator: ResponseValidator
    authenticator: Authenticator
    transport: Transport
    notices: Notices = dataclasses.field(default_factory=Notices)
    workers: Workers = dataclasses.field(default_factory=Workers)
    traffic: Traffic = dataclasses.field(default_factory=Traffic)
    options: Options = dataclasses.field(default_factory=Options)
    identities: Identities = dataclasses.field(default_factory=Identities)
    own_names: frozenset[str] = frozenset()
    cookies: Cookies = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cookies", self.identities.cookies(self.identity))

    @property
    def identity(self) -> frozenset[object]:
        """The credentials, those among the headers and the query included: cookies of one identity stay with it."""
        return self.authenticator.identity(self.options.headers, self.options.query)

    def __getstate__(self) -> dict[str, Any]:
        """Secret headers and query parameters stay behind, as credentials, hooks and a function for the progress do."""
        is_secret = self.authenticator.is_secret
        headers = {name: text for name, text in self.options.headers.items() if not is_secret("header", name)}
        query = {name: value for name, value in self.options.query.items() if not is_secret("query", name)}
        progress = not callable(self.options.progress) and self.options.progress
        options = dataclasses.replace(
            self.options, headers=headers, query=query, hooks=Options().hooks, progress=progress
        )
        return {**self.__dict__, "options": options}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Core:
        """A copy with connections and cookies of its own; the rest never changes, and credentials stay."""
        return dataclasses.replace(
            self, transport=self.transport.copy(), workers=Workers(), identities=self.identities.copy()
        )

    def with_options(self, changes: Mapping[str, Any], operation: Operation | None = None) -> Core:
        """
        A copy with other options, for all operations or for one.

        Raises:
            TypeError: an option is unknown, or its value is of the wrong kind.
            DocumentError: the document has no such server or variable.
            UnknownOperation: a pattern matches no operation.
        """
        merged = merged_changes(self.options, changes, self.authenticator.names)
        for option in MODE_OPTIONS:
            if isinstance(changes.get(option), Mapping):
                for pattern in changes[option]:
                    self.operations.check_pattern(pattern)
        servers = operation.servers if operation else read_servers(self.document)
        merged |= redirected(
            self.options,
            merged,
            servers,
            lambda: () if operation else read_other_servers(self.document),
            self.document.base_uri,
        )
        auth = changes.get("auth")
        authenticator = self.authenticator.with_given(auth) if auth else self.authenticator
        given = (name for name, credential in (auth or {}).items() if credential is not None)
        for name in self.operations.unasked(given):
            authenticator.warn_unasked(name)
        options = dataclasses.replace(self.options, **merged)
        return dataclasses.replace(self, authenticator=authenticator, options=options)

    def deadline(self) -> Deadline:
        """The moment by which a call that begins now must have ended."""
        return Deadline(self.options.total_timeout, self.traffic.clock)

    def bar(self, operation: Operation, kind: Kind) -> Bar | NoBar:
        """What shows the progress of a call that begins now, if the option `progress` asks for it."""
        if self.options.progress is False:
            return NO_BAR
        from dynclient.calls.progress import bar_for

        return bar_for(self.options.progress, operation.id, kind, self.traffic.clock, self.masked) or NO_BAR

    def base_url(self, operation: Operation) -> str:
        """
        Where calls of an operation go.

        Raises:
            CallError: the document names no server.
        """
        return base_url_of(operation, self.document.base_uri, self.options)

    def key_headers(self, operation: Operation) -> frozenset[str]:
        """The names, in lower case, of the headers that hold an idempotency key for this operation."""
        declared = (p.name.lower() for p in operation.parameters if p.location == "header" and is_key_header(p.name))
        own = (self.options.idempotency_header or "").lower()
        return frozenset([*retries.KEY_HEADERS, *declared, *([own] if own else [])])

    def masked(self, text: str) -> str:
        """A text with *** for the credentials in it that the client was given as text, or has from the environment."""
        masked: str = Secrets(self.authenticator.known).masked(text)
        return masked

    @property
    def chosen_server(self) -> Server:
        """The document's server that was chosen, else its first."""
        return chosen(read_servers(self.document), self.options, self.document.base_uri)


def is_key_header(name: str) -> bool:
    """Whether a header of this name holds an idempotency key."""
    return "idempoten" in name.lower()
