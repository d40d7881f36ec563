"""
A call on the network: in which order attempts, renewed credentials, redirects and retries follow one another.

`course` knows that order and touches no network: it asks for one `Step` after the other, and is told what came of each,
errors that end the call included.
A client on other I/O differs in what carries these out.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from dynclient.calls.hooks import Hooks, Retry
from dynclient.calls.notices import Notices, judged
from dynclient.calls.options import Mode, Options, mode_of
from dynclient.calls.pacing import Traffic
from dynclient.credentials import Authenticator, Credentials, Mask, Secrets, Site
from dynclient.documents import Document
from dynclient.errors import CallError, DynclientError, Problem, SendError, Sent, TimedOut
from dynclient.http import Cookies, redirects, retries
from dynclient.network import Transport
from dynclient.openapi import Operation
from dynclient.responses import Redirected, Response, ResponseError, read, status_error
from dynclient.support import Deadline, hush, origin
from dynclient.validation import ResponseValidator
from dynclient.wire import accepted_origin, address, check_origin, concealed, filled

if TYPE_CHECKING:
    import requests

_log = logging.getLogger("dynclient")


class Parts(Protocol):
    """What sending needs of a client."""

    @property
    def document(self) -> Document: ...
    @property
    def authenticator(self) -> Authenticator: ...
    @property
    def cookies(self) -> Cookies: ...
    @property
    def transport(self) -> Transport: ...
    @property
    def traffic(self) -> Traffic: ...
    @property
    def answers(self) -> ResponseValidator: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def options(self) -> Options: ...


@dataclasses.dataclass(frozen=True)
class Draft:
    """
    A judged request without its server and credentials, and those that were put in; kept to renew them.

    `cookies` are those of the identity that it is sent for. `is_masked` says that *** stands in place of all that is
    secret.
    """

    request: requests.Request = dataclasses.field(repr=False)
    site: Site
    credentials: Credentials
    cookies: Cookies
    is_masked: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Send:
    """
    Send a request, on a new connection if it is to be `fresh`. The outcome is the answer, or a SendError.

    `cookies` keeps what the answer sets; nothing does so where a redirect led to another origin.
    """

    prepared: requests.PreparedRequest
    draft: Draft | None
    deadline: Deadline
    cookies: Cookies | None = None
    fresh: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Renew:
    """Put new credentials into a request. The outcome is the new request, or None where there are none."""

    prepared: requests.PreparedRequest
    draft: Draft
    deadline: Deadline


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """
    The answer that a call comes to, after so many attempts, and the draft of the request that it answers.

    `sent` is what became of the call in all of them. `redirected_by` is the status of the first redirect that led
    there, `unfollowable` says why one is not followed.
    """

    answer: requests.Response
    attempts: int
    draft: Draft | None
    sent: Sent
    redirected_by: int = 0
    unfollowable: str = ""


Step: TypeAlias = Send | Sleep | Renew
Outcome: TypeAlias = "requests.Response | SendError | requests.PreparedRequest | None"


def finished(
    parts: Parts,
    operation: Operation,
    request: requests.Request,
    base_url: str,
    deadline: Deadline,
    refused: Credentials | None = None,
    server: str = "",
) -> requests.PreparedRequest:
    """
    The judged request with its server and credentials; new ones where the server refused those it had.

    `server` is the server's URL where that is not the base URL. By the `deadline` the credentials must be there.
    """
    transport, authenticator = parts.transport, parts.authenticator
    held = parts.cookies.jar(base_url)
    accepted = transport.in_process or accepted_origin(base_url, parts.document.url, parts.options)
    site = Site(
        base_url,
        parts.document.url,
        own=transport.fixed_places().union(filled(request)),
        session=transport.places(held),
        refused=refused,
        server=server or base_url,
        accepted=accepted,
        deadline=deadline,
    )
    if parts.options.masked:
        credentials = authenticator.masked(operation, site)
    else:
        credentials = authenticator.credentials(operation, site, partial(transport.exchange, deadline=deadline))
    prepared = transport.prepare(operation.id, address(request, base_url, credentials), held)
    if not accepted:
        carried = credentials.schemes or any(authenticator.carries("header", name) for name in prepared.headers)
        if carried:
            check_origin(operation.id, base_url, parts.document.url, parts.options)
    prepared.operation = operation  # type: ignore[attr-defined]  # for Client.send
    prepared.draft = Draft(request, site, credentials, parts.cookies, parts.options.masked)  # type: ignore[attr-defined]
    return prepared


def repeated(parts: Parts, operation: Operation, draft: Draft, headers: Mapping[str, str]) -> requests.PreparedRequest:
    """The same request with these headers as well, and the credentials of now."""
    import requests

    request = requests.Request(
        draft.request.method,
        draft.request.url,
        headers=requests.structures.CaseInsensitiveDict([*draft.request.headers.items(), *headers.items()]),
        data=draft.request.data,
    )
    return finished(parts, operation, request, draft.site.base_url, deadline_of(parts), server=draft.site.server)


def elsewhere(
    parts: Parts, operation: Operation, prepared: requests.PreparedRequest, url: str
) -> requests.PreparedRequest:
    """The same request to a URL that the server gave, with the credentials that belong to its origin."""
    import requests

    draft: Draft = prepared.draft  # type: ignore[attr-defined]
    base_url, path = origin(url), urlunsplit(("", "", *urlsplit(url)[2:4], ""))
    request = requests.Request(draft.request.method, path, headers=draft.request.headers, data=draft.request.data)
    return finished(parts, operation, request, base_url, deadline_of(parts), server=draft.site.server)


def deadline_of(parts: Parts) -> Deadline:
    """The moment by which a call that begins now must have ended."""
    return Deadline(parts.options.total_timeout, parts.traffic.clock)


def send(
    parts: Parts,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline | None = None,
    *,
    stream: bool = False,
) -> Response:
    """
    Make the call and return its answer, with the log and the hooks that go with it.

    The `deadline` is that of a call that began before. With `stream`, of an answer that means success this is the head;
    its `raw` is still to be read, and to be closed.

    Raises:
        DynclientError: what `Client.send` says.
    """
    report = Report(parts, operation)
    try:
        found = exchange(parts, operation, prepared, deadline, stream=stream)
        response = answered(parts, operation, prepared, found, stream)
    except DynclientError as error:
        report.failed(error)
        raise
    return report.done(response)


class Report:
    """Tells the log and the hooks what becomes of a call that begins now."""

    def __init__(self, parts: Parts, operation: Operation) -> None:
        self._hooks = parts.options.hooks
        self._operation = operation
        self._clock = parts.traffic.clock
        self._began = self._clock.monotonic()

    def failed(self, error: DynclientError) -> None:
        hush(error)  # hooks show errors, too
        self._log(getattr(error, "status_code", None) or type(error).__name__, error.attempts)
        if self._hooks.on_error:
            self._hooks.on_error(error)

    def done(self, response: Response) -> Response:
        self._log(response.status_code, response.attempts)
        if self._hooks.after_answer:
            try:
                self._hooks.after_answer(response)
            except BaseException:
                if response.raw is not None:
                    response.raw.close()
                raise
        return response

    def _log(self, status: object, attempts: int) -> None:
        if _log.isEnabledFor(logging.INFO):
            seconds = self._clock.monotonic() - self._began
            _log.info("%s %s in %.3f s, attempts: %d", self._operation.id, status, seconds, attempts)


def read_after_all(parts: Parts, response: Response) -> Response:
    """
    The answer whose head this is, read whole and judged, where it is no stream.

    Raises:
        SendError: it broke off, took too long, or is too large.
    """
    answer: requests.Response = response.raw  # type: ignore[assignment]
    parts.transport.finish(response.operation.id, answer, parts.options.max_response_size, response.secrets)
    return judged_after_all(parts, response)


def judged_after_all(parts: Parts, response: Response) -> Response:
    """The answer whose head this is, judged; its content was read meanwhile."""
    answer: requests.Response = response.raw  # type: ignore[assignment]
    mode = mode_of(parts.options.validate_response, response.operation)
    whole = read(response.operation, answer, response.attempts, closely=mode != "off")
    whole.sent, whole.secrets, whole.redirected_by = response.sent, response.secrets, response.redirected_by
    _faults(parts, whole, mode)
    return whole


def exchange(
    parts: Parts,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline | None = None,
    *,
    stream: bool = False,
) -> Exchange:
    """
    The answer that the call comes to; with `stream`, one that means success is not read yet.

    Raises:
        CallError: the body cannot be read again, or new credentials cannot be had.
        SendError: no complete answer came back.
    """
    steps = course(parts, operation, prepared, deadline)
    step = next(steps)
    try:
        while True:
            try:
                outcome = _carried_out(parts, operation, step, stream)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        result: Exchange = end.value
        return result


def course(
    parts: Parts, operation: Operation, prepared: requests.PreparedRequest, deadline: Deadline | None = None
) -> Generator[Step, Outcome, Exchange]:
    """
    The steps of a call, up to the answer that it comes to; of one that began before, with its `deadline`.

    Raises:
        CallError: the request is one for showing.
        SendError: the call comes to none.
    """
    draft: Draft | None = getattr(prepared, "draft", None)
    if draft and draft.is_masked:
        raise CallError(operation.id, "it was prepared with masked=True, for showing, and has *** in place of secrets")
    if draft and not parts.transport.in_process:
        parts.authenticator.warn(operation, draft.credentials, draft.site)
    return (yield from _Course(parts, operation, prepared, deadline or deadline_of(parts)).steps())


class _Course:
    """How far a call has come. A plain class, for frames are printed: its repr shows nothing."""

    def __init__(
        self, parts: Parts, operation: Operation, prepared: requests.PreparedRequest, deadline: Deadline
    ) -> None:
        self.parts = parts
        self.operation = operation
        self.prepared = prepared
        self.draft: Draft | None = getattr(prepared, "draft", None)
        self.cookies: Cookies | None = self.draft.cookies if self.draft else parts.cookies
        self.deadline = deadline
        self.key_names = key_headers(operation, parts.options)
        self.visited = [(prepared.method or "", prepared.url or "")]
        self.redirected_by = 0
        self.sent: Sent = "no"
        self.attempts = 0
        self.retried = 0
        self.may_renew = True
        self.is_fresh = False

    def steps(self) -> Generator[Step, Outcome, Exchange]:
        while True:
            turn = yield from self._turn()
            self.attempts += 1
            try:
                outcome = yield Send(self.prepared, self.draft, self.deadline, self.cookies, self.is_fresh)
            except CallError:
                self._give_back(turn)
                raise
            if isinstance(outcome, SendError):
                retry = self._after_error(outcome)
            else:
                answer: requests.Response = outcome  # type: ignore[assignment]
                fate = retries.fate(answer.status_code, answer.headers, self.prepared.method or "")
                self.sent = retries.furthest(self.sent, fate)
                if self.parts.options.retries:
                    whose, where = self.parts.authenticator, self._where
                    self.parts.traffic.observe(whose, where, answer.status_code, answer.headers)
                if (yield from self._renewal(answer)):
                    continue
                try:
                    if self._follows(answer):
                        continue
                except redirects.Unfollowable as reason:
                    return Exchange(answer, self.attempts, self.draft, self.sent, self.redirected_by, str(reason))
                found = self._after_answer(answer)
                if found is None:
                    return Exchange(answer, self.attempts, self.draft, self.sent, self.redirected_by)
                retry = found
            self.retried += 1
            _announce(retry, self.parts.options.hooks)
            if retry.delay > 0:
                yield Sleep(retry.delay)

    def _turn(self) -> Generator[Step, Outcome, float | None]:
        """
        Wait until the server takes requests and it is this call's turn, which is returned where there is a pace.

        Raises:
            TimedOut: that is later than the call may take.
        """
        traffic, rate = self.parts.traffic, self.parts.options.requests_per_second
        while True:
            while (wait := self._hold()) > 0:
                yield Sleep(wait)
            if rate is None:
                return None
            turn = traffic.turn(self._where, rate)
            try:
                wait = turn - traffic.clock.monotonic()
                if wait <= 0:
                    return turn
                yield Sleep(self._waitable(wait))
                if self._hold() <= 0:
                    return turn
            except BaseException:
                self._give_back(turn)
                raise
            self._give_back(turn)

    @property
    def _where(self) -> str:
        """The origin that is asked next."""
        return origin(self.prepared.url or "")

    def _give_back(self, turn: float | None) -> None:
        if turn is not None:
            self.parts.traffic.give_back(self._where, turn)

    def _hold(self) -> float:
        """The seconds to wait for what the server said to this call's identity; a budget is not waited for too long."""
        if not self.parts.options.retries:
            return 0.0
        refused, spent = self.parts.traffic.hold(self.parts.authenticator, self._where)
        return max(self._waitable(refused), spent if spent < self.deadline.left() else 0.0)

    def _waitable(self, wait: float) -> float:
        if wait > 0 and wait >= self.deadline.left():
            message = f"{self._where} takes no request for {wait:.1f} seconds, longer than the call may take"
            late = TimedOut(self.operation.id, message, self.sent)
            late.attempts = self.attempts
            raise late
        return wait

    def _after_error(self, error: SendError) -> Retry:
        """The retry that follows an attempt without an answer; else the error is raised."""
        error.attempts = self.attempts
        wait = 0.0 if error.is_stale else retries.backoff(self.retried + 1, self.parts.traffic.clock)
        may_follow = retries.may_follow_error(error, self._is_repeatable(self.prepared.method)) and self._may_repeat(
            wait
        )
        self.sent = retries.furthest(self.sent, error.sent)
        if not may_follow:
            error.sent = self.sent
            error.args = (error.operation_id, error.message, error.sent)
            raise error
        self.is_fresh = error.is_stale
        return Retry(self.operation, self.attempts, wait, error=error)

    def _after_answer(self, answer: requests.Response) -> Retry | None:
        """The retry that follows an answer; None where it is the one to return."""
        status, headers, clock = answer.status_code, answer.headers, self.parts.traffic.clock
        if not retries.may_follow_answer(status, headers, self._is_repeatable(self.prepared.method)):
            return None
        asked = retries.retry_after(headers, clock)
        wait = retries.backoff(self.retried + 1, clock) if asked is None else asked
        wait = max(wait, self.parts.traffic.hold(self.parts.authenticator, self._where).refused)
        self.is_fresh = False
        return Retry(self.operation, self.attempts, wait, status=status) if self._may_repeat(wait) else None

    def _is_repeatable(self, method: str | None) -> bool:
        """Whether sending the request by this method twice does its work once."""
        filled_in = filter(self.prepared.headers.get, self.key_names)
        return retries.is_repeatable(method or "", filled_in, self.key_names)

    def _may_repeat(self, wait: float) -> bool:
        """Whether there is a retry left, time to wait for it, and a body to send."""
        return (
            self.retried < self.parts.options.retries
            and wait <= retries.LONGEST_WAIT
            and wait < self.deadline.left()
            and self.parts.transport.rewind(self.prepared)
            and self.parts.traffic.may_retry()
        )

    def _renewal(self, answer: requests.Response) -> Generator[Step, Outcome, bool]:
        """
        Whether the request has new credentials after a 401; the server refused the first, and did nothing.

        It then begins anew, which it must not where a redirect came before that may mean that its work is done.
        """
        if answer.status_code != 401 or self.draft is None or not self.may_renew:
            return False
        if self.sent != "refused" and not self._is_repeatable(self.visited[0][0]):
            return False
        self.may_renew = False
        renewed = yield Renew(self.prepared, self.draft, self.deadline)
        if renewed is None:
            return False
        self.prepared, self.draft = renewed, renewed.draft  # type: ignore[assignment, union-attr]
        self.cookies = self.draft.cookies
        self.visited, self.redirected_by = [(self.prepared.method or "", self.prepared.url or "")], 0
        return True

    def _follows(self, answer: requests.Response) -> bool:
        """
        Whether the request goes on to where this answer redirects it.

        Raises:
            Unfollowable: it is a redirect, and must not be followed.
        """
        status, allowed = answer.status_code, self.parts.options.follow_redirects
        if not redirects.is_redirect(status) or allowed is False:
            return False
        named = () if isinstance(allowed, bool) else tuple(map(origin, allowed))
        location, method = answer.headers.get("Location"), self.prepared.method or ""
        try:
            target = redirects.target(status, method, self.visited[-1][1], location, self.visited, named)
            if target.has_body and not self.parts.transport.rewind(self.prepared):
                raise redirects.Unfollowable("and the body cannot be read again")
            self.prepared = self.parts.transport.redirected(self.prepared, target, self.cookies)
        except redirects.Unfollowable:
            if any(described.status == str(status) for described in self.operation.responses):
                return False  # the document says that it is the answer
            raise
        if not target.has_credentials:
            self.draft = self.cookies = None
        self.visited.append((self.prepared.method or "", self.prepared.url or ""))
        self.redirected_by = self.redirected_by or status
        return True


def key_headers(operation: Operation, options: Options) -> frozenset[str]:
    """The names, in lower case, of the headers that hold an idempotency key for this operation."""
    declared = (p.name.lower() for p in operation.parameters if p.location == "header" and is_key_header(p.name))
    return frozenset([*retries.KEY_HEADERS, *declared, *filter(None, [(options.idempotency_header or "").lower()])])


def is_key_header(name: str) -> bool:
    return "idempoten" in name.lower()


def _announce(retry: Retry, hooks: Hooks) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        why = retry.status or type(retry.error).__name__
        _log.debug("%s: attempt %d: %s; again in %.3f s", retry.operation.id, retry.attempt, why, retry.delay)
    if hooks.before_retry:
        hooks.before_retry(retry)


def _carried_out(parts: Parts, operation: Operation, step: Step, stream: bool) -> Outcome:
    match step:
        case Send():
            return _attempted(parts, operation, step, stream)
        case Sleep():
            parts.traffic.clock.sleep(step.seconds)
            return None
        case Renew():
            return renewed(parts, operation, step)


def _attempted(parts: Parts, operation: Operation, step: Send, stream: bool) -> requests.Response | SendError:
    options, draft = parts.options, step.draft
    prepared = announced(parts, operation, step)
    secrets = secrets_of(parts, operation, draft, prepared)
    try:
        return parts.transport.send(
            operation.id,
            prepared,
            options.timeout,
            draft.credentials if draft else None,
            secrets,
            cookies=step.cookies,
            deadline=step.deadline,
            most=options.max_response_size,
            fresh=step.fresh,
            stream=stream,
        )
    except SendError as error:
        return unsaid(error, secrets)


def unsaid(error: SendError, secrets: Secrets) -> SendError:
    """The error of an attempt, without what of the call no message may show."""
    hush(error)
    error.message = secrets.masked(error.message)  # a server may repeat one in the names of codings
    error.args = (error.operation_id, error.message, error.sent)
    return error


def secrets_of(
    parts: Parts, operation: Operation, draft: Draft | None, sent: requests.PreparedRequest | None
) -> Secrets:
    """
    What of a call no message may show: credentials, and what of the request and of its arguments is secret.

    `sent` is the request as it went, with what the session, hooks and signatures put in.
    """

    def find() -> Iterator[str]:
        credentials = draft.credentials if draft else Credentials()
        if sent is not None:
            yield from parts.authenticator.secrets(credentials, filled(sent))
        if draft is None:
            return
        before = filled(draft.request)
        yield from parts.authenticator.secrets(credentials, before)
        if sent is not None and credentials.auth:  # what a signature is called nobody can tell
            for text in (text for place, text in filled(sent).items() if place not in before):
                yield from (text, text.rpartition(" ")[2])
        arguments = getattr(draft.request, "arguments", None)
        if arguments is not None:
            found: list[str] = []
            concealed(arguments, operation, Mask(parts.document), found)
            yield from found

    return Secrets(find)


def announced(parts: Parts, operation: Operation, step: Send) -> requests.PreparedRequest:
    """The request of an attempt, as the hook and the log were told of it; the hook may have changed it."""
    prepared = step.prepared
    if parts.options.hooks.before_send:
        prepared = prepared.copy()
        parts.options.hooks.before_send(operation, prepared)
    if _log.isEnabledFor(logging.DEBUG):  # the template of the path, for what stands in it may be a secret
        _log.debug("%s: %s %s%s", operation.id, prepared.method, origin(prepared.url or ""), operation.path)
    return prepared


def renewed(parts: Parts, operation: Operation, step: Renew) -> requests.PreparedRequest | None:
    """The request with what its callables and OAuth2 give now; None where it cannot be sent again or is the same."""
    draft = step.draft
    if not draft.credentials.renewable or not parts.transport.rewind(step.prepared):
        return None
    where, server = draft.site.base_url, draft.site.server
    again = finished(parts, operation, draft.request, where, step.deadline, draft.credentials, server)
    return None if again.draft.credentials == draft.credentials else again  # type: ignore[attr-defined]


def answered(
    parts: Parts, operation: Operation, prepared: requests.PreparedRequest, found: Exchange, stream: bool = False
) -> Response:
    """
    The answer that a call came to, read and judged; with `stream` only its head, where it means success.

    Raises:
        StatusError: it is of status 400 or more, or a redirect that is not followed.
        ResponseError: it does not fit the document, where that is to be an error.
    """
    mode = mode_of(parts.options.validate_response, operation)
    parts.notices.announced(operation, found.answer.headers)
    if stream and found.answer.status_code < 300:
        response = Response(operation, found.answer, found.attempts, is_read=False)
        found.answer.attempt.number = found.attempts  # type: ignore[attr-defined]  # for errors of its content
    else:
        response = read(operation, found.answer, found.attempts, closely=mode != "off")
    response.sent, response.redirected_by = found.sent, found.redirected_by
    response.secrets = secrets_of(parts, operation, found.draft, found.answer.request)
    is_refused = parts.options.raise_for_status and (bool(found.unfollowable) or not response.ok)
    faults = _faults(parts, response, mode, getattr(prepared, "problems", ()), is_raised=is_refused)
    if not is_refused and not (faults and mode == "raise"):
        return response
    found.answer.close()
    draft, hint = found.draft, ""
    if draft is not None:
        sent = filled(found.answer.request) if found.answer.request is not None else ()
        hint = parts.authenticator.hint(operation, response.status_code, draft.credentials, draft.site, sent)
    if is_refused and found.unfollowable:
        raise Redirected(response, f"It redirects {found.unfollowable}.")
    if is_refused:
        raise status_error(response, hint)
    raise ResponseError(f"the answer {response.status_code} does not fit the document", response, faults)


def _faults(
    parts: Parts, response: Response, mode: Mode, asked: Sequence[Problem] = (), *, is_raised: bool = False
) -> tuple[Problem, ...]:
    """What of an answer does not fit the document, where that is an error; `asked` is what of its request did not."""
    judged(response, mode, parts.answers, parts.notices, asked, is_raised=is_raised)
    return response.problems[len(asked) :] if mode == "raise" else ()
