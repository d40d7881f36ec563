"""Step 5 of a call, carried out for tasks: what `sending` does, awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio.to_thread

from dynclient.calls.attempts import Exchange, Outcome, Renew, Send, Sleep, attempts
from dynclient.calls.core import Core
from dynclient.calls.preparing import with_new_credentials
from dynclient.calls.reading import read
from dynclient.calls.sending import Report, announced, secrets_of, without_secrets_in
from dynclient.errors import DynclientError, SendError
from dynclient.network import AsyncTransport
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.support import Deadline

if TYPE_CHECKING:
    import requests

T = TypeVar("T")


async def async_send(
    core: Core,
    network: AsyncTransport,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline,
    *,
    stream: bool = False,
) -> Exchange:
    """`sending.send`, awaited. An answer that is left unread is for `network` to read, or to drop."""
    steps = attempts(core, operation, prepared, deadline)
    step = next(steps)
    try:
        while True:
            outcome: Outcome = None
            try:
                match step:
                    case Send():
                        outcome = await _attempt(core, network, operation, step, stream)
                    case Sleep():
                        await core.traffic.clock.pause(step.seconds)
                    case Renew():
                        outcome = await anyio.to_thread.run_sync(with_new_credentials, core, step.ours, step.deadline)
            except BaseException as error:
                step = steps.throw(error)
            else:
                step = steps.send(outcome)
    except StopIteration as end:
        exchange: Exchange = end.value
        return exchange


async def async_answer(
    core: Core,
    network: AsyncTransport,
    operation: Operation,
    prepared: requests.PreparedRequest,
    deadline: Deadline,
    *,
    stream: bool = False,
) -> tuple[Exchange, Response]:
    """Steps 5 and 6: what came back, and the response; the connection is closed if the call fails."""
    exchange: Exchange | None = None
    report = Report(core, operation)
    try:
        try:
            exchange = await async_send(core, network, operation, prepared, deadline, stream=stream)
            response = read(core, operation, exchange, stream=stream)
        except DynclientError as error:
            report.failed(error)
            raise
        return exchange, report.done(response)
    except BaseException:
        if exchange is not None:
            await network.drop(exchange.received)
        raise


async def in_thread(core: Core, prepare: Callable[[], T]) -> T:
    """What `prepare` returns; it runs in another thread if it may have to ask for credentials."""
    if core.authenticator.may_wait:
        return await anyio.to_thread.run_sync(prepare)
    return prepare()


async def _attempt(core: Core, network: AsyncTransport, operation: Operation, step: Send, stream: bool) -> Outcome:
    options, ours = core.options, step.ours
    prepared = announced(core, operation, step)
    secrets = secrets_of(core, operation, ours, prepared)
    with core.bar(operation, "upload") as bar:
        try:
            return await network.send(
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
