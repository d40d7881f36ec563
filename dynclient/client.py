"""The client: operations of a document as methods. Only `Caller` knows the order in which a call is made."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from dynclient.calls import (
    DEFAULT_EVENT_TIMEOUT,
    DEFAULT_MAX_PAGES,
    DEFAULT_MAX_RESPONSE_SIZE,
    DEFAULT_POLLING,
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    DEFAULT_TOTAL_TIMEOUT,
    MODE_OPTIONS,
    NO_HOOKS,
    OPTION_KINDS,
    Deprecations,
    Download,
    Hooks,
    Modes,
    Notices,
    Options,
    Pager,
    Pagination,
    PagingError,
    Poller,
    Polling,
    Stream,
    Traffic,
    Until,
    check_client_options,
    curl,
    deadline_of,
    describe,
    elsewhere,
    finished,
    infer_pagination,
    is_key_header,
    merged_changes,
    mode_of,
    own_base_url,
    send,
    undocumented_operation,
)
from dynclient.credentials import Authenticator, Credential, Mask, Place, Secrets, Site
from dynclient.documents import (
    LIMITS,
    NO_HEADERS,
    AllowedRefs,
    Document,
    DocumentSource,
    Limits,
    default_cache,
    load,
    open_published,
    parse,
)
from dynclient.errors import (
    CallError,
    DocumentError,
    DynclientError,
    InvalidRequest,
    MissingArgument,
    Problem,
    UnknownArgument,
    UnknownOperation,
)
from dynclient.http import Cookies, Identities, is_repeatable
from dynclient.network import Transport
from dynclient.openapi import (
    Directory,
    Operation,
    Server,
    read_other_servers,
    read_security_schemes,
    read_servers,
    read_tags,
)
from dynclient.responses import Response, StatusError
from dynclient.schemas import Formats
from dynclient.support import Deadline, Workers, hush, near, quiet
from dynclient.types import JSON, UNSET, Application, Timeout, Unset
from dynclient.validation import RequestValidator, ResponseValidator, check_document
from dynclient.wire import (
    MISSING,
    UNKNOWN,
    Binder,
    Builder,
    Unwritable,
    accepted_streams,
    base_url_of,
    chosen,
    concealed,
    filled,
    plain,
    redirected,
    url_of,
)

if TYPE_CHECKING:
    import requests


# What every session of requests fills says nothing about the caller.
_OF_EVERY_SESSION = {("header", name) for name in ("accept", "accept-encoding", "connection", "user-agent")}


@dataclasses.dataclass(frozen=True)
class _Parts:
    """What all copies of a client share."""

    document: Document
    operations: Directory
    judge: RequestValidator
    answers: ResponseValidator
    notices: Notices
    authenticator: Authenticator
    transport: Transport
    workers: Workers
    traffic: Traffic
    options: Options
    identities: Identities = dataclasses.field(default_factory=Identities)
    cookies: Cookies = dataclasses.field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cookies", self.identities.cookies(self.identity))

    @property
    def identity(self) -> frozenset[object]:
        """What tells this identity from others: its credentials, and those among the headers and the query."""
        return self.authenticator.identity(self.options.headers, self.options.query)

    def __getstate__(self) -> dict[str, Any]:
        """Headers and fields of the query that hold secrets stay behind, as credentials do; and hooks."""
        is_secret = self.authenticator.is_secret
        headers = {name: text for name, text in self.options.headers.items() if not is_secret("header", name)}
        query = {name: value for name, value in self.options.query.items() if not is_secret("query", name)}
        return {
            **self.__dict__,
            "options": dataclasses.replace(self.options, headers=headers, query=query, hooks=Hooks()),
        }

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self.__post_init__()

    def __deepcopy__(self, memo: dict[int, Any]) -> _Parts:
        """A copy with connections and cookies of its own; the rest is never changed, and credentials stay."""
        return dataclasses.replace(
            self, transport=self.transport.copy(), workers=Workers(), identities=self.identities.copy()
        )

    def with_options(
        self, auth: Mapping[str, Credential] | None, changes: Mapping[str, Any], operation: Operation | None = None
    ) -> _Parts:
        merged = merged_changes(self.options, auth, changes)
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
        authenticator = self.authenticator.with_given(auth) if auth else self.authenticator
        for name in self.operations.unasked(
            name for name, credential in (auth or {}).items() if credential is not None
        ):
            authenticator.warn_unasked(name)
        return dataclasses.replace(
            self, authenticator=authenticator, options=dataclasses.replace(self.options, **merged)
        )


class Client:
    """
    Every operation of an OpenAPI document as a method.

    `source` is a path, a URL, text, bytes, an open file, a mapping, the name of a bundled document, or a `Document`.

        client = dynclient.Client("openai")
        run = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")

    An operation is reached by its operationId or that in snake case as an attribute (where it has none, by method and
    path in snake case), and by operationId or "METHOD /path" as a subscript, which always works. Its parameters, and
    the fields of its body, are keywords; `help(client.createRun)` lists them.

    Calls go to the document's first server, or the one that `server` means: by number from 0, name, description or URL;
    `server_variables` gives the variables in its URL their values. `base_url` replaces all servers. `auth` maps names
    of security schemes to credentials, of which `dynclient.Credential` lists the kinds; those not given come
    from the environment. `app` is a WSGI or ASGI application to call in this process in place of the network. Answers
    of 400 and more raise `StatusError` unless `raise_for_status` is False. `validate_request` and `validate_response`
    say what becomes of a request or an answer that does not fit the document: "raise", "warn" or "off", or a mapping of
    names of operations or patterns such as "create*" and "GET *" to these. `with_options` tells of the others.

    Time: `timeout` is (seconds to connect, seconds for each piece to come or go), `total_timeout` is for the whole call
    with all that follows; None means no limit. A stream or a download has begun by then; each item of a stream must
    come within `event_timeout`, and all of it, or of a download, within `stream_timeout`. `stream_type`, such as
    "application/jsonl", is how `stream` reads an answer whose Content-Type is none of streams. `resume_streams` has a
    stream that broke off gone on with from its last event. `retries` is how often a call is made again that surely did
    not do its work, or that may do it twice: a request that is not idempotent only with an idempotency key. That is
    `idempotency_key`, text for one call, or True to make one for each; `idempotency_header` names its header where the
    document does not. `follow_redirects` is True (in the same origin), False, or a list of other origins, to which
    credentials do not go. `requests_per_second` holds back calls to one origin, `max_response_size` is in bytes, after
    unpacking, and `hooks` are functions to call around each call.

    `allow_refs` names folders and beginnings of URLs that references may lead to, beside the folder or the origin of
    the document. `overlays` are Overlays and JSON Merge Patches to change the document with, in order. A large document
    is parsed once and kept in the user's cache folder, unless `cache` is False or DYNCLIENT_NO_CACHE is set; of a new
    version at a URL `DocumentChanged` warns. What is wrong with the
    document is worked around and stands in `document.problems`; `strict` refuses it instead.

    `document_headers` go with the requests for a document at a URL, to its own origin alone. `max_document_size` (in
    bytes), `max_document_depth` (levels) and `max_document_values` limit the document, and each file it refers to.

    `formats` maps names of formats to checks of the caller's own: a function from a value of any type to whether it
    fits (a ValueError is a no), a regular expression of ECMA-262 for texts, or None for a format that is not checked.

    A copied client shares its session; a pickled one leaves session and credentials behind.

    Raises:
        DocumentError: the document cannot be read, is refused under `strict`, or does not fit the other arguments.
        TypeError: an argument is of the wrong kind.
        ValueError: the pattern of a format cannot be run.
    """

    @quiet
    def __init__(
        self,
        source: DocumentSource | Document,
        *,
        base_url: str | None = None,
        server: int | str | None = None,
        server_variables: Mapping[str, JSON] | None = None,
        auth: Mapping[str, Credential] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, JSON] | None = None,
        timeout: Timeout = DEFAULT_TIMEOUT,
        total_timeout: float | None = DEFAULT_TOTAL_TIMEOUT,
        event_timeout: float | None = DEFAULT_EVENT_TIMEOUT,
        stream_timeout: float | None = None,
        stream_type: str | None = None,
        resume_streams: bool = False,
        retries: int = DEFAULT_RETRIES,
        follow_redirects: bool | Sequence[str] = True,
        idempotency_key: bool | None = None,
        idempotency_header: str | None = None,
        requests_per_second: float | None = None,
        max_response_size: int | None = DEFAULT_MAX_RESPONSE_SIZE,
        hooks: Hooks = NO_HOOKS,
        content_type: str | None = None,
        multi_segment: Sequence[str] = (),
        session: requests.Session | None = None,
        app: Application | None = None,
        raise_for_status: bool = True,
        pagination: Pagination | None = None,
        max_pages: int | None = DEFAULT_MAX_PAGES,
        polling: Polling = DEFAULT_POLLING,
        validate_request: Modes = "raise",
        validate_response: Modes = "warn",
        allow_refs: AllowedRefs = (),
        overlays: Sequence[DocumentSource] = (),
        cache: bool = True,
        strict: bool = False,
        formats: Formats | None = None,
        document_headers: Mapping[str, str] | None = None,
        max_document_size: int = LIMITS.size,
        max_document_depth: int = LIMITS.depth,
        max_document_values: int = LIMITS.values,
    ) -> None:
        check_client_options(
            {
                "allow_refs": allow_refs,
                "cache": cache,
                "formats": formats,
                "overlays": overlays,
                "strict": strict,
                "document_headers": document_headers,
                "max_document_size": max_document_size,
                "max_document_depth": max_document_depth,
                "max_document_values": max_document_values,
            }
        )
        limits = Limits(max_document_size, max_document_depth, max_document_values)
        if isinstance(source, Document):
            document = source
        else:
            document = _loaded(source, allow_refs, overlays, cache, limits, document_headers or NO_HEADERS)
        if strict:
            check_document(document)
        parts = _Parts(
            document=document,
            operations=Directory(document),
            judge=RequestValidator(document, formats),
            answers=ResponseValidator(document, formats),
            notices=Notices(),
            authenticator=Authenticator(read_security_schemes(document), {}),
            transport=Transport(session, app),
            workers=Workers(),
            traffic=Traffic(),
            options=Options(),
        )
        options = {
            "base_url": base_url,
            "server": server,
            "server_variables": server_variables or {},
            "headers": headers or {},
            "query": query or {},
            "timeout": timeout,
            "total_timeout": total_timeout,
            "event_timeout": event_timeout,
            "stream_timeout": stream_timeout,
            "stream_type": stream_type,
            "resume_streams": resume_streams,
            "retries": retries,
            "follow_redirects": follow_redirects,
            "idempotency_key": idempotency_key,
            "idempotency_header": idempotency_header,
            "requests_per_second": requests_per_second,
            "max_response_size": max_response_size,
            "hooks": hooks,
            "content_type": content_type,
            "multi_segment": multi_segment,
            "raise_for_status": raise_for_status,
            "pagination": pagination,
            "max_pages": max_pages,
            "polling": polling,
            "validate_request": validate_request,
            "validate_response": validate_response,
        }
        parts = parts.with_options(auth, options)
        self._parts = dataclasses.replace(parts, identities=Identities(parts.identity, session))
        if isinstance(idempotency_key, str):
            raise TypeError(
                "idempotency_key of a client is True or None, for two calls with one key are one call to a server; "
                "with_options(idempotency_key='...') of an operation is for one"
            )

    def __getattr__(self, name: str) -> Caller:
        if name.startswith("_"):  # probed by copy, pickle and notebooks, before __init__ has run too
            raise AttributeError(name)
        operations = self._parts.operations
        try:
            key = operations.find_attribute(name)
        except UnknownOperation as error:
            own = near(name, [each for each in dir(type(self)) if not each.startswith("_")], 1)
            if error.near or not own:
                raise
            raise UnknownOperation(name, own) from None
        caller = Caller(self._parts, operations[key])
        self.__dict__[name] = caller  # the next look-up is an ordinary attribute
        return caller

    def __getitem__(self, name: str) -> Caller:
        """The operation of this id, "METHOD /path" or snake case id."""
        operations = self._parts.operations
        return Caller(self._parts, operations[operations.find(name)])

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and bool(self._parts.operations.find(name))
        except (UnknownOperation, DocumentError):
            return False

    __iter__ = None  # client.operations is the mapping; without this, iter() would ask for client[0]

    def __dir__(self) -> list[str]:
        names = (name for name in self._parts.operations.attributes if not name.startswith("_"))
        return sorted({*super().__dir__(), *names})

    def __repr__(self) -> str:
        document = self._parts.document
        where = self.base_url or "no server"
        version = f" {document.info('version')}" if document.info("version") else ""
        return f"<Client {document.title!r}{version}, {len(self._parts.operations)} operations, {where}>"

    def __getstate__(self) -> dict[str, Any]:
        return {"_parts": self._parts}

    def __copy__(self) -> Client:
        return self._with(self._parts)

    def __deepcopy__(self, memo: dict[int, Any]) -> Client:
        """A client with a session of its own."""
        return self._with(copy.deepcopy(self._parts, memo))

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by operationId, in the document's order; by "METHOD /path" those without one of their own."""
        return self._parts.operations

    @property
    def tags(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the operations under each tag, the document's own tags first; those without a tag under ""."""
        grouped = self._parts.operations.by_tag()
        ordered = [tag for tag in read_tags(self._parts.document) if tag in grouped]
        return MappingProxyType({tag: grouped[tag] for tag in [*ordered, *grouped]})

    @property
    def document(self) -> Document:
        """The document: its `contents`, its `version`, and the `problems` that were found and worked around."""
        return self._parts.document

    @property
    def base_url(self) -> str:
        """Where calls go but for operations with servers of their own; "" where the document does not say it."""
        parts = self._parts
        if parts.options.base_url is not None:
            return parts.options.base_url
        try:
            return url_of(self.server, parts.options.server_variables, parts.document.base_uri)
        except DocumentError:
            return ""

    @property
    def server(self) -> Server:
        """The document's server that was chosen, else its first; `base_url` says where calls go."""
        return chosen(read_servers(self._parts.document), self._parts.options, self._parts.document.base_uri)

    @quiet
    def with_options(self, *, auth: Mapping[str, Credential] | None = None, **options: Any) -> Client:
        """
        A client with other options and the same session: `base_url`, `server`, `server_variables`, `headers` and
        `query` (these three are added to those there are), `timeout`, `total_timeout`, `event_timeout`,
        `stream_timeout`, `stream_type`, `resume_streams`, `retries`, `follow_redirects`, `idempotency_key`,
        `idempotency_header`, `requests_per_second`, `max_response_size`, `hooks`, `content_type` (for bodies of several
        kinds), `multi_segment` (names of path parameters whose values may have several segments, parted by slashes),
        `raise_for_status`, `pagination` and `max_pages` (for `pages` and `items`), `polling` (for `poll`),
        `validate_request` and `validate_response` ("raise", "warn", "off", or a mapping of names of operations or
        patterns to these, which goes before what there is), `auth` (in place of those given before for the same
        schemes; None for a scheme means none), and `masked` (to prepare with *** in place of the credentials and of the
        arguments that are secret, for showing: such a request is not sent).

        Raises:
            TypeError: there is no such option, or its value is of the wrong kind.
            UnknownOperation: no operation fits a pattern.
        """
        return self._with(self._parts.with_options(auth, options))

    @quiet
    def send(self, prepared: requests.PreparedRequest) -> Response:
        """
        Send what `prepare` gave and return the answer.

        Raises:
            SendError: no complete answer came back.
            StatusError: it is of status 400 or more.
            ResponseError: it does not fit the document, under `validate_response="raise"`.
        """
        return send(self._parts, operation_of(prepared), prepared)

    @quiet
    def request(
        self,
        method: str,
        path: str,
        *,
        body: JSON | Unset = UNSET,
        query: Mapping[str, JSON] | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str | None = None,
    ) -> Response:
        """
        Call what the document does not describe, and return the answer.

            client.request("POST", "/beta/things", body={"name": "a"})

        The path is sent as it is given, with what no URL can hold escaped; it goes behind the URL of the document's
        server. A URL is taken where it is of that server's origin. Credentials are those that the document's root asks
        for, and options, retries and errors those of any call; nothing is validated, also where the document describes
        an operation at that path.

        Args:
            method: Such as "GET", in any case.
            path: With a slash at its beginning; it may have a query.
            body: Goes as JSON; with files in it as multipart/form-data; bytes or a file as application/octet-stream.
            query: Added to the query of the path and that of the client.
            headers: Added to those of the client.
            content_type: The media type of the body, where it is another one.

        Raises:
            CallError: it cannot be sent, or the URL is of another origin.
            SendError: no complete answer came back.
            StatusError: it is of status 400 or more.
        """
        return undocumented_caller(self._parts, method, path, body, query, headers, content_type)(body=body)

    def close(self) -> None:
        """Close the connections and threads, after the calls under way; a session that was given stays open."""
        self._parts.workers.close()
        self._parts.transport.close()

    def _with(self, parts: _Parts) -> Client:
        client = Client.__new__(type(self))
        client._parts = parts
        return client


class Caller:
    """One operation, ready to be called."""

    __slots__ = ("__weakref__", "_base_url", "_binder", "_builder", "_deprecations", "_parts", "operation")

    def __init__(
        self,
        parts: _Parts,
        operation: Operation,
        binder: Binder | None = None,
        builder: Builder | None = None,
        base_url: str = "",
    ) -> None:
        self.operation = operation
        self._parts = parts
        self._binder = binder or Binder(operation, parts.document, parts.judge.fits)
        self._builder = builder or Builder(operation)
        self._deprecations = Deprecations(operation)
        self._base_url = base_url  # else found out by the first call

    @quiet
    def __call__(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call and return the answer; `prepare` and `Client.send` say what each half of it raises."""
        deadline = deadline_of(self._parts)
        prepared = self.prepare_by(deadline, *unnamed, body=body, **arguments)
        return send(self._parts, self.operation, prepared, deadline)

    @quiet
    def prepare(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> requests.PreparedRequest:
        """
        The request that the call would send, judged, and complete with its credentials; nothing is sent.

        Only what signs a request or answers a challenge, such as digest, does so when it is sent. An `OAuth2` may have
        to ask for its token.

        Raises:
            InvalidRequest: the call does not fit the document; every problem is listed. With other modes than "raise"
                for `validate_request`, only where there is nothing that could be sent.
            CallError: it cannot be made for another reason, such as a document that names no server, or credentials
                that do not fulfil what the operation needs.
        """
        return self.prepare_by(deadline_of(self._parts), *unnamed, body=body, **arguments)

    @quiet
    def prepare_by(
        self, deadline: Deadline, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON
    ) -> requests.PreparedRequest:
        """`prepare`, for a call that must have ended by this."""
        parts = self._parts
        mode = mode_of(parts.options.validate_request, self.operation)
        request, problems = self._judge(unnamed, arguments, body, judged=mode != "off")
        if request is None or (problems and mode == "raise"):
            raise _refusal(self.operation, problems)
        if self._deprecations:
            parts.notices.deprecated(self.operation, self._deprecations.used(request.arguments))  # type: ignore[attr-defined]
        self._base_url = self._base_url or base_url_of(self.operation, parts.document.base_uri, parts.options)
        prepared = finished(parts, self.operation, request, self._base_url, deadline)
        if problems and mode == "warn":
            parts.notices.tell(self.operation, problems)
            prepared.problems = problems  # type: ignore[attr-defined]
        return prepared

    @quiet
    def check(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> tuple[Problem, ...]:
        """Everything that is wrong with a call; empty when it may be sent."""
        return self._judge(unnamed, arguments, body)[1]

    @quiet
    def submit(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Future[Response]:
        """
        Make the call in another thread; the future gives its answer, or raises what the call would.

        The request is prepared at once, so that what is changed afterwards does not change it.
        """
        try:
            prepared = self.prepare(*unnamed, body=body, **arguments)
        except DynclientError as error:
            refused: Future[Response] = Future()
            refused.set_exception(error)
            return refused
        return self._parts.workers.submit(partial(send, self._parts, self.operation, prepared))

    @quiet
    def stream(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Stream:
        """
        The items of the answer as they come: of server-sent events, JSON lines, or a JSON text sequence.

            with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
                for event in events:
                    print(event.event, event.data)

        Where the operation takes a boolean argument `stream`, and the call does not give it, it is true. The request is
        prepared at once, and sent when the stream is entered or first asked for an item.

        Raises:
            InvalidRequest, CallError: as `prepare` does; `Stream` says what follows.
        """
        prepared = self.prepare_stream(*unnamed, body=body, **arguments)
        return Stream(self._parts, self.operation, prepared)

    @quiet
    def open(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Download:
        """
        The answer without its content, to be saved to a file of any size, or read piece by piece.

            client.downloadFile.open(file_id="file-abc").save("notes.txt")

        The request is prepared at once, and sent when something is first asked of it.

        Raises:
            InvalidRequest, CallError: as `prepare` does; `Download` says what follows.
        """
        return Download(self._parts, self.operation, self.prepare_open(*unnamed, body=body, **arguments))

    @quiet
    def pages(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Iterator[Response]:
        """
        The answer, and those that it leads to, each asked for when it is wanted.

        How a page leads to the next is inferred from the document, as `help()` of the operation says, unless the option
        `pagination` says it; there are at most as many as the option `max_pages`. The arguments are those of the first.

        Raises:
            CallError: nothing tells how the operation is paged.
            PagingError: pages lead nowhere; it holds what came before.
        """
        return (response for response, _ in self._followed(*self.first_page(*unnamed, body=body, **arguments)))

    @quiet
    def items(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Iterator[JSON]:
        """The items of the lists in `pages(...)`, one after the other; it raises what `pages` raises."""
        pages = self._followed(*self.first_page(*unnamed, body=body, **arguments))
        return (item for response, pager in pages for item in pager.items(response))

    @quiet
    def poll(self, /, *unnamed: JSON, until: Until, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """
        Make the call again and again until its answer is as wanted, and return that answer.

            run = client.getRun.poll(thread_id=..., run_id=..., until={"status": leaves("queued", "in_progress")})

        `until` is a function of the answer, or names of fields and what they are to become: a value, a list of those
        that will do, or `dynclient.leaves(...)`. How often, and how long, is the option `polling`.

        Raises:
            CallError: the document rules out what is waited for, or the operation changes something by each call.
            PollTimeout: it did not happen in time; it holds the last answer.
        """
        poller = Poller(
            self.operation, until, self._parts.options.polling, self._parts.document, self._parts.traffic.clock
        )
        while True:
            response = self(*unnamed, body=body, **arguments)
            pause = poller.pause(response)
            if pause is None:
                return response
            self._parts.traffic.clock.sleep(pause)

    @quiet
    def curl(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> str:
        """The call as a curl command with its credentials masked; raises what `prepare` raises."""
        prepared = self.with_options(masked=True).prepare(*unnamed, body=body, **arguments)
        return self.masked(curl.command(prepared, self._is_secret))

    def masked(self, text: str) -> str:
        """A text with *** for the credentials in it that the client was given as text or has from the environment."""
        masked: str = Secrets(self._parts.authenticator.known).masked(text)
        return masked

    @quiet
    def with_options(self, *, auth: Mapping[str, Credential] | None = None, **options: Any) -> Caller:
        """The same operation with other options; see `Client.with_options`."""
        parts = self._parts.with_options(auth, options, self.operation)
        return Caller(parts, self.operation, self._binder, self._builder)

    def __repr__(self) -> str:
        return f"<{self.operation.id}: {self.operation.method} {self.operation.path}>"

    @property
    def __signature__(self) -> inspect.Signature:
        return describe.signature(self.operation, self._binder)

    @property
    def __name__(self) -> str:
        return self.operation.id

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        name, text = self.operation.id, describe.documentation(self.operation, self._binder, self._pagination())
        if not name.startswith("_") and hasattr(Client, name):
            text += f"\n\nReached by client[{name!r}] alone: client.{name} is the client's own."
        return text

    def _sending(self, headers: Mapping[str, str]) -> Caller:
        """The same operation, with these headers where nobody else gives them."""
        return Caller(self._parts, self.operation, self._binder, Builder(self.operation, headers))

    def prepare_stream(
        self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON
    ) -> requests.PreparedRequest:
        """The request of `stream(...)`."""
        body, arguments = self._binder.asking_for_stream(body, arguments)
        caller = self._sending({"Accept": accepted_streams(self.operation, self._parts.options.stream_type)})
        return caller.prepare(*unnamed, body=body, **arguments)

    def prepare_open(
        self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON
    ) -> requests.PreparedRequest:
        """The request of `open(...)`."""
        caller = self._sending({"Accept-Encoding": "identity"})  # else nothing tells where it could be gone on with
        return caller.prepare(*unnamed, body=body, **arguments)

    def first_page(
        self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON
    ) -> tuple[requests.PreparedRequest, Pager]:
        """The request for the first page of `pages(...)`, and what tells which follows; raises what `pages` raises."""
        pagination = self._pagination()
        if pagination is None:
            reason = "the document does not tell how its answers lead to further pages"
            raise CallError(self.operation.id, f"{reason}; with_options(pagination=dynclient.Pagination(...)) does")
        first = self.prepare(*unnamed, body=body, **arguments)
        return first, Pager(self._binder, self.operation.id, pagination, arguments, body, self._parts.options.max_pages)

    def next_page(
        self, prepared: requests.PreparedRequest, response: Response, pager: Pager
    ) -> requests.PreparedRequest | None:
        """The request for the page that follows the answer to this one; None at the end."""
        page = pager.after(response, str(prepared.url))
        if page is None:
            return None
        if page.url:
            return elsewhere(self._parts, self.operation, prepared, page.url)
        return self.prepare(body=page.body, **page.arguments)

    def _pagination(self) -> Pagination | None:
        return self._parts.options.pagination or infer_pagination(self.operation, self._parts.document)

    def _followed(self, first: requests.PreparedRequest, pager: Pager) -> Iterator[tuple[Response, Pager]]:
        """The calls are made as the iterator is read."""
        prepared: requests.PreparedRequest | None = first
        while prepared is not None:
            try:
                response = send(self._parts, self.operation, prepared)
            except StatusError as error:
                if pager.ends_at(error.status_code):
                    return
                raise
            yield response, pager
            try:
                prepared = self.next_page(prepared, response, pager)
            except PagingError as error:
                hush(error)  # it passes no function of the caller's choice: this is a generator
                raise

    def _is_secret(self, location: str, name: str) -> bool:
        """Whether a part of a request is not to be shown: what names suggest counts less than what is declared."""
        authenticator = self._parts.authenticator
        declared = any((p.location, p.name) == (location, name) for p in self.operation.parameters)
        if location != "header" and declared:
            return (location, name) in authenticator.secret_places
        return location == "cookie" or authenticator.is_secret(location, name)

    def _judge(
        self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset, *, judged: bool = True
    ) -> tuple[requests.Request | None, tuple[Problem, ...]]:
        """
        The request as far as the document decides it, and everything that is wrong with the call.

        There is none where what was asked for cannot be said in one; openapi-core is asked where it is to be judged.
        """
        options = self._parts.options
        arguments, headers = self._with_key(arguments)
        bound, problems = self._binder.bind(arguments, body, options.content_type)
        said = concealed(bound, self.operation, Mask(self._parts.document)) if options.masked else bound
        request, unwritable = self._builder.build(said, headers, options.query, options.multi_segment)
        if request is not None:
            request.arguments = bound  # type: ignore[attr-defined]  # for what of them no message may show
        verdict = (*self.operation.unread, *self._parts.judge.problems(self.operation, bound)) if judged else ()
        if any(map(_is_missing, (*problems, *verdict))):
            places = self._filled_otherwise(request)
            problems, verdict = (
                tuple(each for each in found if not (_is_missing(each) and _place(each) in places))
                for found in (problems, verdict)
            )
        if unnamed:
            problems = (self._by_name_only(), *problems)
        if not all(map(_can_be_left_out, problems)):
            request = None
        bound_problems = self._masked(map(_with_hint, problems))
        return request, self._with_lines(_joined(bound_problems, verdict, self._masked(unwritable)))

    def _filled_otherwise(self, request: requests.Request | None) -> set[Place]:
        """The places that no argument fills, but a header of the caller's, the session or a credential."""
        parts = self._parts
        own = set(filled(request)) if request else {("header", name.lower()) for name in parts.options.headers}
        own |= parts.transport.fixed_places()
        session = parts.transport.places() - _OF_EVERY_SESSION
        try:
            self._base_url = self._base_url or base_url_of(self.operation, parts.document.base_uri, parts.options)
            session |= parts.transport.places(parts.cookies.jar(self._base_url)) - _OF_EVERY_SESSION
            site = Site("", own=frozenset(own), session=session)
            credentials = parts.authenticator.masked(self.operation, site)
        except CallError:  # said when the request is prepared
            return own | session
        by_location = {"header": credentials.header, "query": credentials.query, "cookie": credentials.cookie}
        sent = {
            (location, name.lower() if location == "header" else name)
            for location, texts in by_location.items()
            for name in texts
        }
        return own | session | sent

    def _masked(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """The problems as they may travel: values as data, secrets masked; the judge masks by itself."""
        mask = Mask(self._parts.document)
        return tuple(mask.told(_as_data(problem), self.operation) for problem in problems)

    def _with_lines(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        lines = self._parts.document.known_lines({problem.schema_pointer for problem in problems})
        return tuple(dataclasses.replace(problem, line=lines.get(problem.schema_pointer)) for problem in problems)

    def _with_key(self, arguments: Mapping[str, JSON]) -> tuple[Mapping[str, JSON], Mapping[str, str]]:
        """The arguments and extra headers with an idempotency key, where one is asked for and none is there."""
        options = self._parts.options
        key, headers = options.idempotency_key, options.headers
        if not key or (key is True and is_repeatable(self.operation.method, headers)):
            return arguments, headers
        text = str(uuid.uuid4()) if key is True else key
        for parameter in self.operation.parameters:
            if parameter.location == "header" and is_key_header(parameter.name):
                keywords = [word for word, meant in self._binder.parameters.items() if meant == (parameter,)]
                given = any(word in arguments for word in keywords)
                return arguments if given else {**arguments, self._binder.keyword(parameter): text}, headers
        name = options.idempotency_header or "Idempotency-Key"
        if name.lower() in map(str.lower, headers):
            return arguments, headers
        return arguments, {**headers, name: text}

    def _by_name_only(self) -> Problem:
        name = next(iter(self.__signature__.parameters), "name")
        return Problem("argument", "", "arguments are given by name", UNKNOWN, hint=f"Write {name}=...")


def undocumented_caller(
    parts: _Parts,
    method: str,
    path: str,
    body: JSON | Unset,
    query: Mapping[str, JSON] | None,
    headers: Mapping[str, str] | None,
    content_type: str | None,
) -> Caller:
    """What `Client.request` calls; raises its CallError."""
    operation = undocumented_operation(parts.document, method, path, body, content_type)
    changes = {"query": query or {}, "headers": headers or {}, "content_type": content_type, "validate_request": "off"}
    parts = parts.with_options(None, changes, operation)
    base_url = base_url_of(operation, parts.document.base_uri, parts.options)
    return Caller(parts, operation, base_url=own_base_url(operation, path, base_url))


def operation_of(prepared: requests.PreparedRequest) -> Operation:
    """
    The operation that a request calls; for one of another making, a name of its method and path.

    Raises:
        TypeError: it is no prepared request.
    """
    import requests

    if not isinstance(prepared, requests.PreparedRequest) or prepared.url is None:
        raise TypeError(f"send takes what prepare(...) of an operation gives, not {prepared!r:.60}")
    operation: Operation | None = getattr(prepared, "operation", None)
    if operation is None:  # what stands in its query may be a key
        method, path = prepared.method or "", prepared.path_url.partition("?")[0]
        operation = Operation(f"{method} {path}", method, path)
    return operation


def _loaded(
    source: DocumentSource,
    allow_refs: AllowedRefs,
    overlays: Sequence[DocumentSource],
    cache: bool,
    limits: Limits,
    headers: Mapping[str, str],
) -> Document:
    changes = [load(overlay, limits) for overlay in overlays]
    kept = default_cache() if cache else None
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return open_published(
            source,
            allow_refs,
            overlays=changes,
            cache=kept,
            limits=limits,
            headers=headers,
            summarize=_changes,
        )
    return parse(load(source, limits), allow_refs, overlays=changes, cache=kept, limits=limits)


def _changes(old: Document, new: Document) -> str:
    """What changed from one version of a document to the next, in its servers, security schemes and operations."""
    from dynclient.diff import compare_outlines, summary

    return summary(compare_outlines(old, new)) or "no server, security scheme or operation came, went or moved"


def _joined(
    bound: tuple[Problem, ...], verdict: tuple[Problem, ...], unwritable: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """All problems of a call, each said once: what could not be bound is missing for the judge, too."""
    if not (bound or verdict or unwritable):
        return ()
    if bound:
        verdict = tuple(problem for problem in verdict if problem.rule != MISSING)
    named = {(problem.location, problem.name) for problem in (*bound, *verdict)}
    more = (problem for problem in unwritable if (problem.location, problem.name) not in named)
    return (*bound, *map(_as_data, verdict), *more)


def _can_be_left_out(problem: Problem) -> bool:
    """Whether a call with this problem can be made nevertheless: what is missing is not written, but in a path."""
    return problem.rule == MISSING and problem.location != "path"


def _is_missing(problem: Problem) -> bool:
    """Whether a parameter is missing that something else than an argument can fill."""
    return problem.rule == MISSING and problem.location in ("header", "query", "cookie")


def _place(problem: Problem) -> Place:
    return problem.location, problem.name.lower() if problem.location == "header" else problem.name


def _with_hint(problem: Problem) -> Problem:
    """An option among the arguments is told where it goes: an API may have names like those of the options."""
    if problem.rule != UNKNOWN or problem.location != "argument" or problem.name not in OPTION_KINDS:
        return problem
    return dataclasses.replace(problem, hint=f"The option is given by with_options({problem.name}=...).")


def _as_data(problem: Problem) -> Problem:
    """The problem with a value that is JSON data or none: errors travel, and open files and the like cannot."""
    try:
        value = UNSET if isinstance(problem.value, Iterator) else plain(problem.value)
    except Unwritable:
        value = UNSET
    return dataclasses.replace(problem, value=value)


def _refusal(operation: Operation, problems: tuple[Problem, ...]) -> InvalidRequest:
    rules = {problem.rule for problem in problems}
    kind = UnknownArgument if UNKNOWN in rules else MissingArgument if MISSING in rules else InvalidRequest
    return kind(operation.id, problems)
