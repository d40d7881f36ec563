"""Waiting for a field to change, or for a function to agree."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import pytest

import dynclient
from dynclient import CallError, Polling, PollTimeout, Response, leaves
from dynclient.calls.polling import Poller
from dynclient.support.deadline import Clock
from dynclient.types import JSON
from tests.conftest import Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, timing  # noqa: F401

_FAST = Polling(every=0.001, longest=0.002)
_STATUS = {"type": "string", "enum": ["queued", "in_progress", "completed", "failed"]}
_RUN = {
    "type": "object",
    "properties": {
        "status": _STATUS,
        "usage": {"type": "object", "properties": {"tokens": {"type": "integer"}}},
        "note": {"type": "string"},
        "steps": {"type": "array", "items": {"type": "object", "properties": {"status": _STATUS}}},
    },
}


def _client(url: str, method: str = "get", **options: Any) -> Any:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}
    operation = {"operationId": "getRun", "responses": {"200": {"content": content}}}
    document = {"openapi": "3.1.0", "paths": {"/run": {method: operation}}, "components": {"schemas": {"Run": _RUN}}}
    return made(document, base_url=url, **{"polling": _FAST, **options})


def _answers(loopback: Loopback, *states: JSON) -> None:
    for state in states:
        loopback.says(json.dumps(state).encode())
        loopback.answers.append(loopback.answer)


@pytest.mark.parametrize(
    "until",
    [
        {"status": "completed"},
        {"status": ["completed", "failed"]},
        {"status": leaves("queued", "in_progress")},
        {"/status": "completed", "usage.tokens": 7},
        lambda response: response["status"] == "completed",
    ],
)
def test_it_asks_until_the_answer_is_as_wanted(loopback: Loopback, until: Any) -> None:
    """A value reached, one of several, some values left, several fields, or a function that agrees."""
    _answers(loopback, *({"status": name, "usage": {"tokens": 7}} for name in ("queued", "in_progress", "completed")))

    run = _client(loopback.url).getRun.poll(until=until)

    assert (run["status"], len(loopback.sent)) == ("completed", 3)


def test_the_wait_ends_after_a_time(loopback: Loopback) -> None:
    """With the last answer, and the state that it is in."""
    loopback.says(b'{"status": "queued"}')
    client = _client(loopback.url, polling=Polling(every=0.001, longest=0.001, within=0.02))

    with pytest.raises(PollTimeout, match="getRun: status is still 'queued' after 0 s") as caught:
        client.getRun.poll(until={"status": "completed"})

    assert caught.value.response["status"] == "queued"
    assert isinstance(caught.value, TimeoutError)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_wait_goes_by_the_clock_of_the_client(loopback: Loopback) -> None:
    """Its pauses, and all that it may take."""
    headers: Any = {"Retry-After": "4"}
    loopback.says(b'{"status": "queued"}', **headers)
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    client = _client(loopback.url, polling=Polling(every=1, longest=20, within=10))
    timing(client, Clock(lambda: now[0], sleep=sleep))
    with pytest.raises(PollTimeout, match="after 10 s"):
        client.getRun.poll(until={"status": "completed"})

    assert waits == [4, 4, 2]


def test_progress_is_reported(loopback: Loopback) -> None:
    """Each answer that does not end the wait, with the seconds since it began."""
    _answers(loopback, {"status": "queued"}, {"status": "in_progress"}, {"status": "completed"})
    told: list[tuple[str, bool]] = []
    polling = Polling(every=0.001, progress=lambda response, waited: told.append((response["status"], waited >= 0)))

    _client(loopback.url).getRun.with_options(polling=polling).poll(until={"status": "completed"})

    assert told == [("queued", True), ("in_progress", True)]


def _response(client: dynclient.Client, loopback: Loopback, **headers: Any) -> Response:
    loopback.says(b'{"status": "queued"}', **headers)
    return client.getRun()


def test_the_pauses_grow(loopback: Loopback) -> None:
    """To a limit, and to the end of the time allowed."""
    client, now = _client(loopback.url), [0.0]
    response = _response(client, loopback)
    poller = Poller(
        client.getRun.operation,
        lambda _: False,
        Polling(every=1, growth=2, longest=5, within=20),
        clock=Clock(lambda: now[0]),
    )
    pauses = []
    for _ in range(6):
        pauses.append(poller.pause(response))
        now[0] += pauses[-1] or 0

    assert pauses == [1, 2, 4, 5, 5, 3]
    with pytest.raises(PollTimeout, match="what was waited for has not happened after 20 s"):
        poller.pause(response)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "4"}, 4),
        ({"Retry-After": "1.5"}, 1.5),
        ({"openai-poll-after-ms": "2500"}, 2.5),
        ({"Retry-After": "3600"}, 30),
        ({"Retry-After": "soon"}, 1),
        ({}, 1),
    ],
)
def test_the_server_may_say_how_long_to_wait(loopback: Loopback, headers: dict[str, str], pause: float) -> None:
    """Within the longest pause."""
    client = _client(loopback.url)
    poller = Poller(client.getRun.operation, lambda _: False, Polling(within=None))

    assert poller.pause(_response(client, loopback, **headers)) == pause


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ({"status": "complete"}, "until: status is never 'complete'. Did you mean 'completed'?"),
        ({"status": leaves("waiting")}, "until: status is never 'waiting'. It is one of 'completed', 'failed'"),
        ({"state": "completed"}, "until: the answer has no field 'state'. Did you mean 'status'?"),
        ({"usage.token": 1}, "until: the answer has no field 'token'. Did you mean 'tokens'?"),
        ({"/steps/0/status": "done"}, "until: steps.0.status is never 'done'."),
    ],
)
def test_what_can_never_be_is_refused(until: Any, message: str) -> None:
    """Before anything is sent: it would be waited for in vain."""
    with pytest.raises(CallError, match=re.escape(message)):
        _client("http://host.test").getRun.poll(until=until)


@pytest.mark.parametrize("until", [{}, "completed", None])
def test_until_of_the_wrong_kind(until: Any) -> None:
    """Neither a function nor fields."""
    with pytest.raises(TypeError, match="until is a function of the answer, or names of fields"):
        _client("http://host.test").getRun.poll(until=until)


def test_an_operation_that_changes_something_is_not_polled(loopback: Loopback) -> None:
    """CreateRun in the place of getRun would make runs for ever."""
    with pytest.raises(CallError, match="POST may change something each time"):
        _client(loopback.url, "post").getRun.poll(until={"status": "completed"})

    assert not loopback.sent


@pytest.mark.parametrize(
    "settings", [{"every": 0}, {"growth": 0.5}, {"every": 5, "longest": 1}, {"within": 0}, {"within": -1}]
)
def test_pauses_that_cannot_be(settings: dict[str, Any]) -> None:
    """Refused where they are made."""
    with pytest.raises(ValueError, match=r"must|needs"):
        Polling(**settings)


def test_a_field_that_may_be_any_text_is_waited_for(loopback: Loopback) -> None:
    """Nothing in the document says that it can never be."""
    _answers(loopback, {"note": "a"}, {"note": "b"})

    assert _client(loopback.url).getRun.poll(until={"note": "b"})["note"] == "b"


def test_the_option_is_checked() -> None:
    """As all options are."""
    with pytest.raises(TypeError, match="the option polling must be"):
        _client("http://host.test", polling=5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"every": "1"}, "every of a Polling must be a number, not of type str"),
        ({"longest": None}, "longest of a Polling must be a number, not of type NoneType"),
        ({"within": True}, "within of a Polling must be a number, not of type bool"),
        ({"progress": "print"}, "progress of a Polling must be a function of the answer and the seconds, or None"),
    ],
)
def test_a_polling_of_the_wrong_kind(settings: Any, message: str) -> None:
    """It is refused where it is made, and says which of its parts is wrong."""
    with pytest.raises(TypeError) as caught:
        Polling(**settings)

    assert str(caught.value) == message
