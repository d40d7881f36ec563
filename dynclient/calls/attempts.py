"""
Step 5 of a call, decided: in which order attempts, new credentials, redirects and retries follow one another.

`attempts` touches no network. It yields one `Step` after another and is sent what came of each; `sending` carries the
steps out, and `async_sending` does so for tasks.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dynclient.calls.core import Core
from dynclient.calls.hooks import Retry
from dynclient.calls.pacing import has_budget
from dynclient.errors import CallError, Problem, SendError, Sent, TimedOut
from dynclient.http import Cookies, redirects, retries
from dynclient.openapi import Operation
from dynclient.support import Deadline, origin

if TYPE_CHECKING:
    import requests

    from dynclient.calls.prepared import Prepared
    from dynclient.network import Received

_log = logging.getLogger("dynclient")


@dataclass(frozen=True, slots=True)
class Send:
    """
    Send a request. The outcome is what was received, or a SendError.

    Attributes:
        prepared: the request.
        ours: the request with the credentials in it; None if a redirect led to another origin, where none go.
        deadline: the moment by which the answer must be there.
        cookies: keeps what the answer sets; None if nothing does.
        fresh: whether to use a new connection.
    """

    prepared: requests.PreparedRequest
    ours: Prepared | None
    deadline: Deadline
    cookies: Cookies | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Renew:
    """
    Put new credentials into a request, by `preparing.with_new_credentials`.

    The outcome is the new request, or None if there are none.
    """

    ours: Prepared
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Exchange:
    """
    What a call came to on the network.

    Attributes:
        received: the answer.
        attempts: how many requests were sent.
        ours: the request that it answers, if credentials of ours are in it.
        sent: what became of the request, in all attempts.
        redirected_by: the status of the first redirect that was followed, 0 for none.
        unfollowable: why a redirect is not followed, "" if none was refused.
        problems: what is invalid in the request, if it was sent all the same.
    """

    received: Received
    attempts: int
    ours: Prepared | None
    sent: Sent
    redirected_by: int = 0
    unfollowable: str = ""
    problems: tuple[Problem, ...] = ()


Step: TypeAlias = Send | Sleep | Renew
Outcome: TypeAlias = "Received | SendError | Prepared | None"


def attempts(
    core: Core, operation: Operation, prepared: requests.PreparedRequest, deadline: Deadline
) -> Generator[Step, Outcome, Exchange]:
    """
    Return the steps of a call, up to the answer that it comes to.

    Raises:
        CallError: the request was prepared only for showing.
        SendError: no answer came.
    """
    from dynclient.calls.prepared import Prepared

    ours = prepared if isinstance(prepared, Prepared) else None
    if ours is not None and ours.is_masked:
        raise CallError(operation.id, "it was prepared with masked=True, for showing, and has *** in place of secrets")
    if ours is not None and not core.transport.in_process:
        core.authenticator.warn(operation, ours.credentials, ours.site)
    cookies, problems = (ours.cookies, ours.problems) if ours else (core.cookies, ())
    visited = [(prepared.method or "", prepared.url or "")]
    return _Attempts(core, operation, prepared, ours, cookies, deadline, problems, visited).steps()


@dataclass(slots=True, repr=False, eq=False)
class _Attempts:
    """How far a call has come. Its repr shows nothing, because frames are printed."""

    core: Core
    operation: Operation
    prepared: requests.PreparedRequest
    ours: Prepared | None
    cookies: Cookies | None
    deadline: Deadline
    problems: tuple[Problem, ...]
    visited: list[tuple[str, str]]
    redirected_by: int = 0
    sent: Sent = "no"
    attempts: int = 0
    retried: int = 0
    may_renew: bool = True
    is_fresh: bool = False

    def steps(self) -> Generator[Step, Outcome, Exchange]:
        traffic, options = self.core.traffic, self.core.options
        unfollowable = ""
        while True:
            turn = None
            if traffic.is_held or options.requests_per_second is not None:
                turn = yield from self._turn()
            self.attempts += 1
            try:
                outcome = yield Send(self.prepared, self.ours, self.deadline, self.cookies, self.is_fresh)
            except CallError:
                self._give_back(turn)
                raise
            if isinstance(outcome, SendError):
                retry = self._after_error(outcome)
            else:
                received: Received = outcome  # type: ignore[assignment]
                answer = received.answer
                fate = retries.fate(answer.status_code, answer.headers, self.prepared.method or "")
                self.sent = retries.furthest(self.sent, fate)
                if options.retries and has_budget(answer.headers):
                    traffic.observe(self.core.authenticator, self._where, answer.status_code, answer.headers)
                if answer.status_code < 300:
                    break
                if (yield from self._renewal(answer)):
                    continue
                try:
                    if self._follows(answer):
                        continue
                except redirects.Unfollowable as reason:
                    unfollowable = str(reason)
                    break
                found = self._after_answer(answer)
                if found is None:
                    break
                retry = found
            self.retried += 1
            self._announce(retry)
            if retry.delay > 0:
                yield Sleep(retry.delay)
        return Exchange(received, self.attempts, self.ours, self.sent, self.redirected_by, unfollowable, self.problems)

    def _turn(self) -> Generator[Step, Outcome, float | None]:
        """
        Wait until the server takes requests and it is this call's turn; return the turn if there is a pace.

        Raises:
            TimedOut: that is later than the call may take.
        """
        traffic, rate = self.core.traffic, self.core.options.requests_per_second
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
            self.core.traffic.give_back(self._where, turn)

    def _hold(self) -> float:
        """The seconds that the server asked this identity to wait; an empty budget is not waited for too long."""
        if not self.core.options.retries:
            return 0.0
        refused, spent = self.core.traffic.hold(self.core.authenticator, self._where)
        return max(self._waitable(refused), spent if spent < self.deadline.left() else 0.0)

    def _waitable(self, wait: float) -> float:
        if wait > 0 and wait >= self.deadline.left():
            message = f"{self._where} takes no request for {wait:.1f} seconds, longer than the call may take"
            late = TimedOut(self.operation.id, message, self.sent)
            late.attempts = self.attempts
            raise late
        return wait

    def _after_error(self, error: SendError) -> Retry:
        """The retry that follows an attempt without an answer; if there is none, the error is raised."""
        error.attempts = self.attempts
        wait = 0.0 if error.is_stale else retries.backoff(self.retried + 1, self.core.traffic.clock)
        is_repeatable = self._is_repeatable(self.prepared.method)
        may_follow = retries.may_follow_error(error, is_repeatable) and self._may_repeat(wait)
        self.sent = retries.furthest(self.sent, error.sent)
        if not may_follow:
            error.sent = self.sent
            error.args = (error.operation_id, error.message, error.sent)
            raise error
        self.is_fresh = error.is_stale
        return Retry(self.operation, self.attempts, wait, error=error)

    def _after_answer(self, answer: requests.Response) -> Retry | None:
        """The retry that follows an answer; None if it is the one to return."""
        status, headers, clock = answer.status_code, answer.headers, self.core.traffic.clock
        if not retries.may_follow_answer(status, headers, self._is_repeatable(self.prepared.method)):
            return None
        asked = retries.retry_after(headers, clock)
        wait = retries.backoff(self.retried + 1, clock) if asked is None else asked
        wait = max(wait, self.core.traffic.hold(self.core.authenticator, self._where).refused)
        self.is_fresh = False
        return Retry(self.operation, self.attempts, wait, status=status) if self._may_repeat(wait) else None

    def _is_repeatable(self, method: str | None) -> bool:
        """Whether sending the request with this method twice has the effect of sending it once."""
        key_headers = self.core.key_headers(self.operation)
        return retries.is_repeatable(method or "", filter(self.prepared.headers.get, key_headers), key_headers)

    def _may_repeat(self, wait: float) -> bool:
        """Whether there is a retry left, time to wait for it, and a body to send."""
        return (
            self.retried < self.core.options.retries
            and wait <= retries.LONGEST_WAIT
            and wait < self.deadline.left()
            and self.core.transport.rewind(self.prepared)
            and self.core.traffic.may_retry()
        )

    def _renewal(self, answer: requests.Response) -> Generator[Step, Outcome, bool]:
        """
        Whether the request has new credentials after a 401: the server refused the old ones, and did nothing.

        The call then begins again. It must not if a redirect came before that may mean that its work is done.
        """
        if answer.status_code != 401 or self.ours is None or not self.may_renew:
            return False
        if self.sent != "refused" and not self._is_repeatable(self.visited[0][0]):
            return False
        self.may_renew = False
        renewed = yield Renew(self.ours, self.deadline)
        if renewed is None:
            return False
        self.prepared = self.ours = renewed  # type: ignore[assignment]
        self.cookies = renewed.cookies  # type: ignore[union-attr]
        self.visited, self.redirected_by = [(self.prepared.method or "", self.prepared.url or "")], 0
        return True

    def _follows(self, answer: requests.Response) -> bool:
        """
        Whether the request goes on to where this answer redirects it.

        Raises:
            Unfollowable: it is a redirect that must not be followed.
        """
        status, allowed = answer.status_code, self.core.options.follow_redirects
        if not redirects.is_redirect(status) or allowed is False:
            return False
        named = () if isinstance(allowed, bool) else tuple(map(origin, allowed))
        location, method = answer.headers.get("Location"), self.prepared.method or ""
        try:
            target = redirects.target(status, method, self.visited[-1][1], location, self.visited, named)
            if target.has_body and not self.core.transport.rewind(self.prepared):
                raise redirects.Unfollowable("and the body cannot be read again")
            self.prepared = self.core.transport.redirected(self.prepared, target, self.cookies)
        except redirects.Unfollowable:
            if any(described.status == str(status) for described in self.operation.responses):
                return False  # the document says that it is the answer
            raise
        if not target.has_credentials:
            self.ours = self.cookies = None
        self.visited.append((self.prepared.method or "", self.prepared.url or ""))
        self.redirected_by = self.redirected_by or status
        return True

    def _announce(self, retry: Retry) -> None:
        if _log.isEnabledFor(logging.DEBUG):
            why = retry.status or type(retry.error).__name__
            _log.debug("%s: attempt %d: %s; again in %.3f s", retry.operation.id, retry.attempt, why, retry.delay)
        if self.core.options.hooks.before_retry:
            self.core.options.hooks.before_retry(retry)
