"""Step 6 of a call: the answer is read, validated, and returned or raised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dynclient.calls.attempts import Exchange
from dynclient.calls.core import Core
from dynclient.calls.option_values import Mode
from dynclient.calls.options import mode_of
from dynclient.calls.sending import secrets_of
from dynclient.errors import Problem
from dynclient.openapi import Operation
from dynclient.responses import (
    Finding,
    Redirected,
    Response,
    ResponseError,
    explained,
    read as read_response,
    status_error,
)
from dynclient.validation import MOST_PROBLEMS, UNDOCUMENTED
from dynclient.wire import filled

if TYPE_CHECKING:
    import requests

    from dynclient.network import Received


def read(
    core: Core,
    operation: Operation,
    exchange: Exchange,
    *,
    stream: bool = False,
) -> Response:
    """
    Return the answer to a call, read and validated.

    Args:
        core: the client's parts.
        operation: the operation that was called.
        exchange: what came back. What was invalid in the request stands first in the response's problems.
        stream: whether the content of a successful answer was left unread.

    Raises:
        StatusError: its status is 400 or more, or it is a redirect that is not followed.
        ResponseError: it does not fit the document, under `validate_response="raise"`.
    """
    mode, answer = mode_of(core.options.validate_response, operation), exchange.received.answer
    core.notices.announced(operation, answer.headers)
    if stream and answer.status_code < 300:
        response = Response(operation, answer, exchange.attempts, is_read=False)
        exchange.received.attempt.number = exchange.attempts  # for errors of its content
    else:
        response = read_response(operation, answer, exchange.attempts, closely=mode != "off", document=core.document)
    response.sent, response.redirected_by = exchange.sent, exchange.redirected_by
    response.secrets = secrets_of(core, operation, exchange.ours, answer.request)
    is_refused = core.options.raise_for_status and (bool(exchange.unfollowable) or answer.status_code >= 400)
    _validate(core, response, mode, exchange.problems, is_raised=is_refused)
    if is_refused:
        answer.close()
        if exchange.unfollowable:
            raise Redirected(response, f"It redirects {exchange.unfollowable}.")
        raise status_error(response, _hint(core, operation, response, exchange))
    if mode == "raise":
        _refuse_invalid(response, response.problems[len(exchange.problems) :])
    return response


def read_rest(core: Core, response: Response, received: Received) -> Response:
    """
    Return an answer whole whose head was read as that of a stream, though it is none.

    Raises:
        SendError: it broke off, took too long, or is too large.
    """
    core.transport.finish(response.operation.id, received, core.options.max_response_size, response.secrets)
    return read_again(core, response)


def read_again(core: Core, response: Response) -> Response:
    """The response for an answer whose content was read after its head."""
    answer: requests.Response = response.raw  # type: ignore[assignment]
    mode = mode_of(core.options.validate_response, response.operation)
    whole = read_response(response.operation, answer, response.attempts, closely=mode != "off", document=core.document)
    whole.sent, whole.secrets, whole.redirected_by = response.sent, response.secrets, response.redirected_by
    _validate(core, whole, mode)
    return whole


def _validate(
    core: Core, response: Response, mode: Mode, problems: Sequence[Problem] = (), *, is_raised: bool = False
) -> None:
    """
    Find out what is invalid in an answer; its `problems` are then this, after those of its request.

    With the mode "off" these are the problems of reading it. With "warn" they are logged, except for an undocumented
    status that is raised as an error, because the error says it.
    """
    findings: Sequence[Finding] = response.problems
    if mode != "off":
        findings = [*findings, *core.response_validator.findings(response)]
    if mode == "warn" and findings:
        known = [each for each in findings if is_raised and isinstance(each, Problem) and each.rule == UNDOCUMENTED]
        new = (each for each in findings if each not in known)
        findings = [*known, *core.notices.tell(response.operation, new)]
    asked, secrets = tuple(problems), response.secrets
    if findings:
        response.problems = lambda: (*asked, *explained(findings, secrets, MOST_PROBLEMS))
    elif asked:
        response.problems = asked


def _refuse_invalid(response: Response, problems: tuple[Problem, ...]) -> None:
    if problems:
        assert response.raw is not None
        response.raw.close()
        message = f"the answer {response.status_code} does not fit the document"
        raise ResponseError(message, response, problems)


def _hint(core: Core, operation: Operation, response: Response, exchange: Exchange) -> str:
    """What may help after a 401 or 403."""
    ours, request = exchange.ours, exchange.received.answer.request
    if ours is None:
        return ""
    sent = filled(request) if request is not None else ()
    return core.authenticator.hint(operation, response.status_code, ours.credentials, ours.site, sent)
