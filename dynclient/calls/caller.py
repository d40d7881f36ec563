"""
One operation, ready to be called. Only `Caller` knows the order in which a call is made.

    1  bind      what was given          → Bound      by parameter
    2  build     Bound                   → Built      the request, still without a server
    3  validate  Bound, Built            → Problems   none, or `InvalidRequest`
    4  prepare   the valid request       → Prepared   with its server, credentials and cookies
    5  send      Prepared                → Exchange   after retries and redirects
    6  read      Exchange                → Response   or `StatusError`, `ResponseError`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Self, Unpack

from dynclient.calls.core import Core, NoBar, is_key_header
from dynclient.calls.deprecation import Deprecations
from dynclient.calls.options import CallOptions, mode_of
from dynclient.calls.paging import Pager, Pagination
from dynclient.calls.polling import Poller, Until
from dynclient.calls.preparing import at_url, prepare
from dynclient.calls.reading import read
from dynclient.calls.sending import Report, send
from dynclient.calls.validating import Bound, Built, problems_of, refusal
from dynclient.credentials import Mask
from dynclient.errors import CallError, DynclientError, Problem
from dynclient.http import is_repeatable
from dynclient.openapi import Operation
from dynclient.responses import Response, StatusError
from dynclient.support import Deadline, argument_name, as_python_reads, quiet, write_lines
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import UNKNOWN, Binder, Builder, accepted_streams, concealed

if TYPE_CHECKING:
    import inspect
    from concurrent.futures import Future

    import requests

    from dynclient.calls.downloads import Download
    from dynclient.calls.prepared import Prepared
    from dynclient.calls.progress import Bar
    from dynclient.calls.streams import Stream
    from dynclient.openapi import SchemaView
    from dynclient.wire import Request


class BaseCaller:
    """What calling an operation and awaiting it share: steps 1 to 4."""

    __slots__ = (
        "__weakref__",
        "_base_url",
        "_binder",
        "_builder",
        "_core",
        "_deprecations",
        "_mode",
        "operation",
    )

    _called_by = ""  # what stands before a call

    def __init__(
        self,
        core: Core,
        operation: Operation,
        binder: Binder | None = None,
        builder: Builder | None = None,
        base_url: str = "",
    ) -> None:
        self.operation = operation
        self._core = core
        self._binder = binder or Binder(operation, core.document, core.request_validator.fits)
        self._builder = builder or Builder(operation, document=core.document)
        self._deprecations = Deprecations(operation)
        self._mode = mode_of(core.options.validate_request, operation)
        self._base_url = base_url  # else found out by the first call

    @quiet
    def prepare(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Prepared:
        """
        Return the request that the call would send, validated and with its credentials; nothing is sent.

        Signatures, and answers to a challenge such as digest, are added only when it is sent. An `OAuth2` may have to
        ask for its token.

        Raises:
            InvalidRequest: the call does not fit the document; every problem is listed. With `validate_request` other
                than "raise", only if nothing could be sent.
            CallError: it cannot be made for another reason, such as a document without a server, or credentials that
                are not enough for the operation.
        """
        return self._prepare(unnamed, arguments, body, self._core.deadline())

    @quiet
    def check(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> tuple[Problem, ...]:
        """Return everything that is wrong with a call; nothing if it may be sent."""
        bound = self._bind(unnamed, arguments, body)
        return problems_of(self._core, self.operation, bound, self._build(bound), self._where, is_validated=True)

    @quiet
    def curl(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> str:
        """Return the call as a curl command with its credentials masked; it raises what `prepare` raises."""
        from dynclient.calls import curl

        prepared = self.with_options(masked=True).prepare(*unnamed, body=body, **arguments)
        return self.masked(curl.command(prepared, self._is_secret))

    def environment_names(self) -> Mapping[str, tuple[str, ...]]:
        """Return the environment variables that a credential may come from, by the name of its security scheme."""
        authenticator, needed = self._core.authenticator, self.operation.security or ()
        known = dict.fromkeys(name for alternative in needed for name in alternative if name in authenticator.names)
        try:
            where = self._where()
        except CallError:  # the document names no server
            where = ""
        return {name: authenticator.environment_names(name, where) for name in known}

    def masked(self, text: str) -> str:
        """Return a text with *** for the credentials in it, given to the client as text or from the environment."""
        return self._core.masked(text)

    @quiet
    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return the same operation with other options; see `Client.with_options`."""
        return self._with(self._core.with_options(options, self.operation), self._builder)

    def _with(self, core: Core, builder: Builder) -> Self:
        return type(self)(core, self.operation, self._binder, builder)

    def _adding(self, headers: Mapping[str, str]) -> Self:
        """The same operation, with these headers unless the call or the client gives them."""
        return self._with(self._core, Builder(self.operation, headers, self._core.document))

    def _prepare_stream(self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset) -> Prepared:
        """The request of `stream(...)`."""
        body, arguments = self._binder.asking_for_stream(body, dict(arguments))
        caller = self._adding({"Accept": accepted_streams(self.operation, self._core.options.stream_type)})
        return caller._prepare(unnamed, arguments, body, self._core.deadline())

    def _prepare_open(self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset) -> Prepared:
        """The request of `open(...)`; only content without a coding can be resumed."""
        caller = self._adding({"Accept-Encoding": "identity"})
        return caller._prepare(unnamed, arguments, body, self._core.deadline())

    def _first_page(
        self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset
    ) -> tuple[Prepared, Pager]:
        """The request for the first page of `pages(...)`, and what tells which page follows."""
        pagination = self._pagination()
        if pagination is None:
            reason = "the document does not tell how its answers lead to further pages"
            raise CallError(self.operation.id, f"{reason}; with_options(pagination=dynclient.Pagination(...)) does")
        first = self._prepare(unnamed, arguments, body, self._core.deadline())
        return first, Pager(self._binder, self.operation.id, pagination, arguments, body, self._core.options.max_pages)

    def _next_page(self, prepared: Prepared, response: Response, pager: Pager) -> Prepared | None:
        """The request for the page after this answer; None at the end."""
        page = pager.after(response, str(prepared.url))
        if page is None:
            return None
        if page.url:
            return at_url(self._core, prepared, page.url)
        return self._prepare((), page.arguments, page.body, self._core.deadline())

    def _pagination(self) -> Pagination | None:
        from dynclient.calls.pagination_inference import infer_pagination

        return self._core.options.pagination or infer_pagination(self.operation, self._core.document)

    def _poller(self, until: Until) -> Poller:
        core = self._core
        return Poller(self.operation, until, core.options.polling, core.document, core.traffic.clock)

    def _pause(self, poller: Poller, response: Response, bar: Bar | NoBar) -> float | None:
        """The seconds to wait after an answer, None if the wait is over."""
        pause = poller.pause(response)
        bar.update(poller.asked, state=poller.state(response), ahead=pause or 0.0)
        return pause

    def _is_secret(self, location: str, name: str) -> bool:
        """Whether a part of a request is not to be shown: what is declared counts more than what names suggest."""
        authenticator = self._core.authenticator
        declared = any((p.location, p.name) == (location, name) for p in self.operation.parameters)
        if location != "header" and declared:
            return (location, name) in authenticator.secret_places
        return location == "cookie" or authenticator.is_secret(location, name)

    def __repr__(self) -> str:
        return f"<{self.operation.id}: {self.operation.method} {self.operation.path}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Write what IPython shows."""
        from dynclient.calls.views import operation_text

        target = self._called_by + self._expression()
        write_lines(printer, operation_text(repr(self), self.operation, self._binder, target))

    def _repr_html_(self) -> str:
        from dynclient.calls.views import operation_html

        return operation_html(repr(self)[1:-1], self.operation, self._binder, self._called_by + self._expression())

    @property
    def __signature__(self) -> inspect.Signature:
        from dynclient.calls.signatures import signature

        return signature(self.operation, self._binder)

    @property
    def __name__(self) -> str:
        return self.operation.id

    @property
    def _documentation(self) -> str:
        from dynclient.calls import describe

        name, target = self.operation.id, self._called_by + self._expression()
        text = describe.documentation(self.operation, self._binder, self._pagination(), target=target)
        if not name.startswith("_") and name in self._core.own_names:
            text += f"\n\nReached by client[{name!r}] alone: client.{name} is the client's own."
        return text

    def _expression(self) -> str:
        """How a program reaches the operation: client.createRun, or client["close"]."""
        from dynclient.calls.usage import literal

        name, core = self.operation.id, self._core
        if name not in core.operations:  # several have the id
            name = f"{self.operation.method} {self.operation.path}"
        is_attribute = name == argument_name(name) == as_python_reads(name) and not name.startswith("_")
        return f"client.{name}" if is_attribute and name not in core.own_names else f"client[{literal(name)}]"

    def _where(self) -> str:
        self._base_url = self._base_url or self._core.base_url(self.operation)
        return self._base_url

    def _with_key(self, arguments: Mapping[str, JSON]) -> tuple[Mapping[str, JSON], Mapping[str, str]]:
        """The arguments and extra headers with an idempotency key, if one is asked for and none is there."""
        import uuid

        options = self._core.options
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

    def _bind(self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset) -> Bound:
        """Step 1: which argument means which parameter, or which field of the body."""
        options = self._core.options
        arguments, headers = self._with_key(arguments) if options.idempotency_key else (arguments, options.headers)
        bound, problems = self._binder.bind(arguments, body, options.content_type)
        if unnamed:
            name = next(iter(self.__signature__.parameters), "name")
            message = "arguments are given by name"
            problems = (Problem("argument", "", message, UNKNOWN, hint=f"Write {name}=..."), *problems)
        return Bound(bound, headers, problems, self._binder.field_hint)

    def _build(self, bound: Bound) -> Built:
        """Step 2: the arguments as they are written."""
        options, arguments = self._core.options, bound.arguments
        if options.masked:
            arguments = concealed(arguments, self.operation, Mask(self._core.document))
        return Built(*self._builder.build(arguments, bound.headers, options.query, options.multi_segment))

    def _validate(self, bound: Bound, built: Built) -> tuple[Request, tuple[Problem, ...]]:
        """Step 3: the request, and the problems that do not keep it from being sent."""
        core, mode = self._core, self._mode
        problems = problems_of(core, self.operation, bound, built, self._where, is_validated=mode != "off")
        request = built.sendable(bound) if bound.problems else built.request
        if request is None or (problems and mode == "raise"):
            raise refusal(self.operation, problems)
        if not self._deprecations.is_empty:
            core.notices.deprecated(self.operation, self._deprecations.used(bound.arguments))
        if problems and mode == "warn":
            core.notices.tell(self.operation, problems)
            return request, problems
        return request, ()

    def _prepare(
        self, unnamed: Sequence[JSON], arguments: Mapping[str, JSON], body: JSON | Unset, deadline: Deadline
    ) -> Prepared:
        """
        Steps 1 to 4.

        Raises:
            InvalidRequest: the call is invalid, and the mode is "raise" or nothing can be sent.
            CallError: it cannot be made for another reason.
        """
        bound = self._bind(unnamed, arguments, body)
        built = self._build(bound)
        request, problems = self._validate(bound, built)
        base_url = self._base_url or self._where()
        return prepare(self._core, self.operation, request, base_url, deadline, problems=problems)


def argument_shape(caller: BaseCaller, keyword: str) -> SchemaView:
    """Return what the document says of the value of an argument; `body` is the whole body."""
    from dynclient.calls.arguments import arguments_of

    binder = caller._binder
    known = (each.view for each in arguments_of(caller.operation, binder) if each.keyword == keyword)
    return next(known, binder.shape(binder.schema(keyword)))


def answer(
    core: Core, operation: Operation, prepared: requests.PreparedRequest, deadline: Deadline | None = None
) -> Response:
    """
    Steps 5 and 6: send the request and read the answer.

    Raises:
        DynclientError: as `Client.send` does.
    """
    report = Report(core, operation)
    try:
        exchange = send(core, operation, prepared, deadline or core.deadline())
        response = read(core, operation, exchange)
    except DynclientError as error:
        report.failed(error)
        raise
    return report.done(response)


class Caller(BaseCaller):
    # One operation, ready to be called. Its documentation is the operation's.

    __slots__ = ()
    __doc__ = BaseCaller._documentation

    @quiet
    def __call__(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """Make the call and return the answer; it raises what `prepare` and `Client.send` raise."""
        deadline = self._core.deadline()
        prepared = self._prepare(unnamed, arguments, body, deadline)  # steps 1 to 4
        return answer(self._core, self.operation, prepared, deadline)  # steps 5 and 6

    @quiet
    def submit(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Future[Response]:
        """
        Make the call in another thread; the future returns its answer, or raises what the call would.

        The request is prepared at once, so that later changes of the arguments do not change it.
        """
        from concurrent.futures import Future

        try:
            prepared = self.prepare(*unnamed, body=body, **arguments)
        except DynclientError as error:
            refused: Future[Response] = Future()
            refused.set_exception(error)
            return refused
        return self._core.workers.submit(partial(_answer, self._core, self.operation, prepared))

    @quiet
    def stream(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Stream:
        """
        Return the items of the answer as they come: server-sent events, JSON lines, or a JSON text sequence.

            with client.createRun.stream(thread_id="thread_abc", assistant_id="asst_abc") as events:
                for event in events:
                    print(event.event, event.data)

        If the operation takes a boolean argument `stream` and the call does not give it, it is true. The request is
        prepared at once, and sent when the stream is entered or first asked for an item.

        Raises:
            InvalidRequest, CallError: as `prepare` does; see `Stream` for what follows.
        """
        from dynclient.calls.streams import Stream

        return Stream(self._core, self.operation, self._prepare_stream(unnamed, arguments, body))

    @quiet
    def open(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Download:
        """
        Return the answer without its content, to save to a file of any size, or to read piece by piece.

            client.downloadFile.open(file_id="file-abc").save("notes.txt")

        The request is prepared at once, and sent when the download is first used.

        Raises:
            InvalidRequest, CallError: as `prepare` does; see `Download` for what follows.
        """
        from dynclient.calls.downloads import Download

        return Download(self._core, self.operation, self._prepare_open(unnamed, arguments, body))

    @quiet
    def pages(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Iterator[Response]:
        """
        Return the answer and the pages that follow it; each is asked for when it is wanted.

        How one page leads to the next is inferred from the document (`help()` of the operation says it), or given by
        the option `pagination`. The option `max_pages` limits their number. The arguments are those of the first page.

        Raises:
            CallError: nothing says how the operation is paged.
            PagingError: a page leads nowhere; the error holds the pages before.
        """
        return _each(self._followed(*self._first_page(unnamed, arguments, body)), lambda response, _: (response,))

    @quiet
    def items(self, /, *unnamed: JSON, body: JSON | Unset = UNSET, **arguments: JSON) -> Iterator[JSON]:
        """Return the items of the lists in `pages(...)`, one after another; it raises what `pages` raises."""
        pages = self._followed(*self._first_page(unnamed, arguments, body))
        return _each(pages, lambda response, pager: pager.items(response))

    @quiet
    def poll(self, /, *unnamed: JSON, until: Until, body: JSON | Unset = UNSET, **arguments: JSON) -> Response:
        """
        Make the call again and again until its answer is as wanted, and return that answer.

            run = client.getRun.poll(thread_id=..., run_id=..., until={"status": leaves("queued", "in_progress")})

        The option `polling` says how often, and how long.

        Args:
            unnamed: nothing; arguments are given by name.
            until: a function of the answer, or a mapping of fields to what they are to become: a value, a list of
                values, or `dynclient.leaves(...)`.
            body: as for the call.
            arguments: as for the call.

        Raises:
            CallError: the document rules out what is waited for, or each call would change something.
            PollTimeout: it did not happen in time; the error holds the last answer.
        """
        poller = self._poller(until)
        with self._core.bar(self.operation, "poll") as bar:
            while True:
                response = self(*unnamed, body=body, **arguments)
                pause = self._pause(poller, response, bar)
                if pause is None:
                    return response
                self._core.traffic.clock.sleep(pause)

    def _followed(self, first: Prepared, pager: Pager) -> Iterator[tuple[Response, Pager]]:
        """The calls are made as the iterator is read."""
        prepared = first
        with self._core.bar(self.operation, "pages") as bar:
            for number in count(1):
                try:
                    response = answer(self._core, self.operation, prepared)
                except StatusError as error:
                    if pager.ends_at(error.status_code):
                        return
                    raise
                bar.hide()  # what the caller prints must not meet it
                bar.update(number)
                yield response, pager
                bar.show()
                following = self._next_page(prepared, response, pager)
                if following is None:
                    return
                prepared = following


_answer = quiet(answer)


@quiet
def _each(pages: Iterator[tuple[Response, Pager]], found: Callable[[Response, Pager], Iterable[Any]]) -> Iterator[Any]:
    for response, pager in pages:
        yield from found(response, pager)
