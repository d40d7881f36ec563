"""Step 5 of a call, carried out: the attempts go over the network, and the log and the hooks hear of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dynclient.calls.attempts import Exchange, Outcome, Renew, Send, Sleep, attempts
from dynclient.calls.core import Core
from dynclient.calls.preparing import with_new_credentials
from dynclient.credentials import Credentials, Mask, Secrets
from dynclient.errors import DynclientError, SendError
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import Deadline, hush, origin
from dynclient.wire import concealed, filled

if TYPE_CHECKING:
    import requests

    from dynclient.calls.prepared import Prepared

_log = logging.getLogger("dynclient")


def send(
    core: Core,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline,
    *,
    stream: bool = False,
) -> Exchange:
    """
    Return the answer that a call comes to, after retries and redirects.

    Args:
        core: the client's parts.
        operation: the operation that is called.
        prepared: the request.
        deadline: the moment by which the answer must be there.
        stream: whether the content of a successful answer is left unread.

    Raises:
        CallError: the body cannot be read again, or new credentials cannot be had.
        SendError: no complete answer came back.
    """
    steps = attempts(core, operation, prepared, deadline)
    step = next(steps)
    try:
        while True:
            outcome: Outcome = None
            try:
                match step:
                    case Send():
                        outcome = _attempt(core, operation, step, stream)
                    case Sleep():
                        core.traffic.clock.sleep(step.seconds)
                    case Renew():
                        outcome = with_new_credentials(core, step.ours, step.deadline)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        exchange: Exchange = end.value
        return exchange


def _attempt(core: Core, operation: Operation, step: Send, stream: bool) -> Outcome:
    options, ours = core.options, step.ours
    prepared = announced(core, operation, step)
    secrets = secrets_of(core, operation, ours, prepared)
    with core.bar(operation, "upload") as bar:
        try:
            return core.transport.send(
                operation.id,
                bar.watched(prepared),
                options.timeout,
                ours.credentials if ours else None,
                secrets,
                cookies=step.cookies,
                deadline=step.deadline,
                most=options.max_response_size,
                fresh=step.fresh,
                stream=stream,
            )
        except SendError as error:
            bar.close(is_whole=False)
            return without_secrets_in(error, secrets)


def announced(core: Core, operation: Operation, step: Send) -> requests.PreparedRequest:
    """The request of an attempt, after the hook and the log were told; the hook may have changed it."""
    prepared, hook = step.prepared, core.options.hooks.before_send
    if hook:
        prepared = prepared.copy()
        hook(operation, prepared)
    if _log.isEnabledFor(logging.DEBUG):  # the template of the path, because its values may be secret
        _log.debug("%s: %s %s%s", operation.id, prepared.method, origin(prepared.url or ""), operation.path)
    return prepared


def without_secrets_in(error: SendError, secrets: Secrets) -> SendError:
    """The error of an attempt, without the secrets of the call in its message."""
    hush(error)
    error.message = secrets.masked(error.message)  # a server may repeat one in the names of codings
    error.args = (error.operation_id, error.message, error.sent)
    return error


def secrets_of(
    core: Core, operation: Operation, ours: Prepared | None, sent: requests.PreparedRequest | None
) -> Secrets:
    """
    What of a call no message may show: credentials, and what is secret in the request and its arguments.

    `sent` is the request as it went, with what the session, hooks and signatures put in.
    """

    def find() -> Iterator[str]:
        credentials = ours.credentials if ours else Credentials()
        if sent is not None:
            yield from core.authenticator.secrets(credentials, filled(sent))
        if ours is None:
            return
        before = filled(ours.source)
        yield from core.authenticator.secrets(credentials, before)
        if sent is not None and credentials.auth:  # nobody can tell how a signature's header is called
            for text in (text for place, text in filled(sent).items() if place not in before):
                yield from (text, text.rpartition(" ")[2])
        found: list[str] = []
        concealed(ours.source.arguments, operation, Mask(core.document), found)
        yield from found

    return Secrets(find)


class Report:
    """
    Tells the log and the hooks what becomes of a call that begins now.

        report = Report(core, operation)
        try:
            response = ...
        except DynclientError as error:
            report.failed(error)
            raise
        return report.done(response)
    """

    def __init__(self, core: Core, operation: Operation) -> None:
        self._hooks = core.options.hooks
        self._operation = operation
        self._clock = core.traffic.clock
        self._began = self._clock.monotonic()

    def failed(self, error: DynclientError) -> None:
        """The call raises this error."""
        hush(error)  # hooks show errors, too
        self._write(getattr(error, "status_code", None) or type(error).__name__, error.attempts)
        if self._hooks.on_error:
            self._hooks.on_error(error)

    def done(self, response: Response) -> Response:
        """The call returns this answer."""
        if _log.isEnabledFor(logging.INFO):
            self._write(response.status_code, response.attempts)
        if self._hooks.after_answer:
            try:
                self._hooks.after_answer(response)
            except BaseException:
                if response.raw is not None:
                    response.raw.close()
                raise
        return response

    def _write(self, status: object, attempts: int) -> None:
        seconds = self._clock.monotonic() - self._began
        _log.info("%s %s in %.3f s, attempts: %d", self._operation.id, status, seconds, attempts)
