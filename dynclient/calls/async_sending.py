"""A call on the network for tasks: what `sending` does, awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from dynclient.calls.sending import (
    Exchange,
    Outcome,
    Parts,
    Renew,
    Report,
    Send,
    Sleep,
    Step,
    announced,
    answered,
    course,
    judged_after_all,
    renewed,
    secrets_of,
    unsaid,
)
from dynclient.errors import DynclientError, SendError
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import Deadline

if TYPE_CHECKING:
    import requests

T = TypeVar("T")


async def async_send(
    parts: Parts,
    network: AsyncTransport,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline | None = None,
    *,
    stream: bool = False,
) -> Response:
    """`sending.send`; what `stream` leaves to be read is for `network` to read, or to drop."""
    report = Report(parts, operation)
    found: Exchange | None = None
    try:
        try:
            found = await _exchanged(parts, network, operation, prepared, deadline, stream)
            response = answered(parts, operation, prepared, found, stream)
        except DynclientError as error:
            report.failed(error)  # which hushes it
            raise
        return report.done(response)
    except BaseException:
        if found is not None:
            await network.drop(found.answer)
        raise


async def apart(parts: Parts, prepare: Callable[[], T]) -> T:
    """What this gives; in another thread where it may have to ask for credentials."""
    if parts.authenticator.may_wait:
        return await anyio.to_thread.run_sync(prepare)
    return prepare()


async def read_after_all(parts: Parts, network: AsyncTransport, response: Response) -> Response:
    """`sending.read_after_all`, of an answer that `network` holds."""
    answer: requests.Response = response.raw  # type: ignore[assignment]
    await network.finish(response.operation.id, answer, parts.options.max_response_size, response.secrets)
    return judged_after_all(parts, response)


async def _exchanged(
    parts: Parts,
    network: AsyncTransport,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline | None,
    stream: bool,
) -> Exchange:
    """`sending.exchange`, awaited."""
    steps = course(parts, operation, prepared, deadline)
    step = next(steps)
    try:
        while True:
            try:
                outcome = await _carried_out(parts, network, operation, step, stream)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        result: Exchange = end.value
        return result


async def _carried_out(
    parts: Parts, network: AsyncTransport, operation: Operation, step: Step, stream: bool
) -> Outcome:
    match step:
        case Send():
            return await _attempted(parts, network, operation, step, stream)
        case Sleep():
            await parts.traffic.clock.pause(step.seconds)
            return None
        case Renew():
            return await anyio.to_thread.run_sync(renewed, parts, operation, step)


async def _attempted(
    parts: Parts, network: AsyncTransport, operation: Operation, step: Send, stream: bool
) -> requests.Response | SendError:
    prepared = announced(parts, operation, step)
    secrets = secrets_of(parts, operation, step.draft, prepared)
    try:
        return await network.send(
            operation.id,
            prepared,
            parts.options.timeout,
            step.draft.credentials if step.draft else None,
            secrets,
            cookies=step.cookies,
            deadline=step.deadline,
            most=parts.options.max_response_size,
            fresh=step.fresh,
            stream=stream,
        )
    except SendError as error:
        return unsaid(error, secrets)
