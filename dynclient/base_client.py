"""What `Client` and `AsyncClient` share: a document, its operations by name, and options."""

from __future__ import annotations

import copy
import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack

from dynclient.calls import (
    CLIENT_OPTIONS,
    BaseCaller,
    CallOptions,
    ClientOptions,
    Core,
    Setup,
    check_options,
    document_bar,
    own_base_url,
    undocumented_operation,
)
from dynclient.credentials import Authenticator
from dynclient.documents import NO_HEADERS, Document, DocumentSource, Limits, open_document
from dynclient.errors import DocumentError, DynclientError, UnknownOperation
from dynclient.http import Identities
from dynclient.network import Transport
from dynclient.openapi import Directory, Operation, Server, read_security_schemes
from dynclient.support import counted, hush, near, printable, quiet, write_lines
from dynclient.types import JSON, Unset
from dynclient.validation import RequestValidator, ResponseValidator
from dynclient.wire import url_of

if TYPE_CHECKING:
    from dynclient.calls import Showing

CallerT = TypeVar("CallerT", bound=BaseCaller)

_NONE_IS_EMPTY = ("headers", "query", "server_variables")


class BaseClient(ABC, Generic[CallerT]):
    """A document, its operations by name, and options; a subclass says what calls an operation."""

    _core: Core

    def __init__(self, source: DocumentSource | Document, **options: Unpack[ClientOptions]) -> None:
        self._core = _core(source, frozenset(dir(type(self))), options)

    @abstractmethod
    def _caller(self, core: Core, operation: Operation, base_url: str = "") -> CallerT:
        """What calls an operation."""

    def _with(self, core: Core) -> Self:
        """A client with these parts, and the same connections."""
        client = object.__new__(type(self))
        client._core = core
        return client

    def __getattr__(self, name: str) -> CallerT:
        if name.startswith("_"):  # probed by copy, pickle and notebooks, before __init__ has run too
            raise AttributeError(name)
        try:
            caller = self._caller(self._core, self._core.operations[self._key(name)])
        except DynclientError as error:
            hush(error)
            raise
        self.__dict__[name] = caller  # the next look-up is an ordinary attribute
        return caller

    def _key(self, name: str) -> str:
        """The key of the operation that an attribute means."""
        try:
            return self._core.operations.find_attribute(name)
        except UnknownOperation as error:
            own = near(name, [each for each in dir(type(self)) if not each.startswith("_")], 1)
            if error.near or not own:
                raise
            raise UnknownOperation(name, own) from None

    def __getitem__(self, name: str) -> CallerT:
        """The operation of this id, "METHOD /path" or snake case id."""
        operations = self._core.operations
        try:
            return self._caller(self._core, operations[operations.find(name)])
        except DynclientError as error:
            hush(error)
            raise

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self._core.operations.find(name))
        except (UnknownOperation, DocumentError):
            return False

    __iter__ = None  # client.operations is the mapping; without this, iter() would ask for client[0]

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython completes behind `client["`."""
        return self._core.operations.spellings

    def __dir__(self) -> list[str]:
        names = (name for name in self._core.operations.attributes if not name.startswith("_"))
        return sorted({*super().__dir__(), *names})

    def __repr__(self) -> str:
        document = self._core.document
        where = self.base_url or "no server"
        version = f" {document.info('version')}" if document.info("version") else ""
        operations = counted(len(self._core.operations), "operation")
        return printable(f"<{type(self).__name__} {document.title!r}{version}, {operations}, {where}>")

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Write what IPython shows: the operations by tag."""
        write_lines(printer, self._core.operations.tags().text(repr(self)))

    def _repr_html_(self) -> str:
        return self._core.operations.tags().html(repr(self)[1:-1])

    def __copy__(self) -> Self:
        return self._with(self._core)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A client with connections of its own."""
        return self._with(copy.deepcopy(self._core, memo))

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by operationId, in the document's order; those without one by "METHOD /path"."""
        return self._core.operations

    @property
    def tags(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the operations under each tag, the document's own tags first; those without a tag under ""."""
        return self._core.operations.tags()

    @property
    def document(self) -> Document:
        """The document: its `contents`, its `version`, and the `problems` that dynclient found and works around."""
        return self._core.document

    @property
    def base_url(self) -> str:
        """Where calls go, except those of operations with servers of their own; "" if the document does not say."""
        core = self._core
        if core.options.base_url is not None:
            return core.options.base_url
        try:
            return url_of(self.server, core.options.server_variables, core.document.base_uri)
        except DocumentError:
            return ""

    @property
    def server(self) -> Server:
        """The document's server that was chosen, else its first; `base_url` says where calls go."""
        return self._core.chosen_server

    @quiet
    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """
        Return a client with other options and the same connections.

        The options are those of `Client`, except what only a client is told when it is made (`session`, `app`, `cache`
        and what else concerns the document). `headers`, `query` and `server_variables` are added to those there are;
        `auth` replaces the credentials of the same schemes; modes go before those there are.

        Raises:
            TypeError: there is no such option, or its value is of the wrong kind.
            DocumentError: the document has no such server or variable.
            UnknownOperation: no operation matches a pattern.
        """
        return self._with(self._core.with_options(options))

    def _undocumented(
        self,
        method: str,
        path: str,
        body: JSON | Unset,
        query: Mapping[str, JSON] | None,
        headers: Mapping[str, str] | None,
        content_type: str | None,
    ) -> CallerT:
        """What `request` calls; it raises its CallError."""
        operation = undocumented_operation(self._core.document, method, path, body, content_type)
        changes = {
            "query": query or {},
            "headers": headers or {},
            "content_type": content_type,
            "validate_request": "off",
        }
        core = self._core.with_options(changes, operation)
        return self._caller(core, operation, own_base_url(operation, path, core.base_url(operation)))


def _core(source: DocumentSource | Document, own_names: frozenset[str], given: ClientOptions) -> Core:
    check_options(given, CLIENT_OPTIONS)
    options: dict[str, Any] = dict(given)
    if isinstance(options.get("idempotency_key"), str):
        raise TypeError(
            "idempotency_key of a client is True or None, because two calls with one key are one call to a server; "
            "with_options(idempotency_key='...') of an operation is for one"
        )
    names = {field.name for field in dataclasses.fields(Setup)}
    setup = Setup(**{name: options.pop(name) for name in names & options.keys()})
    for name in _NONE_IS_EMPTY:
        if options.get(name, {}) is None:
            del options[name]
    showing = options.get("progress", False)
    document = source if isinstance(source, Document) else _document(source, setup, showing)
    if setup.strict:
        from dynclient.validation import check_document

        check_document(document)
    core = Core(
        document,
        Directory(document),
        RequestValidator(document, setup.formats),
        ResponseValidator(document, setup.formats),
        Authenticator(read_security_schemes(document), {}, environment=setup.environment),
        Transport(setup.session, setup.app),
        own_names=own_names,
    ).with_options(options)
    return dataclasses.replace(core, identities=Identities(core.identity, setup.session))


def _document(source: DocumentSource, setup: Setup, showing: Showing) -> Document:
    with document_bar(showing, source) as bar:
        return open_document(
            source,
            setup.allow_refs,
            overlays=setup.overlays,
            uses_cache=setup.cache,
            limits=Limits(setup.max_document_size, setup.max_document_depth, setup.max_document_values),
            headers=setup.document_headers or NO_HEADERS,
            summarize=_changes,
            progress=bar.loaded,
        )


def _changes(old: Document, new: Document) -> str:
    from dynclient.diff import summarize_changes

    return summarize_changes(old, new)
