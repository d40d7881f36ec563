"""Calls in other threads."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import wait
from contextvars import ContextVar
from typing import Any

import pytest

import dynclient
from dynclient.support.threads import Workers
from tests.conftest import Loopback

_DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/pets/{id}": {
            "put": {
                "operationId": "putPet",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            }
        }
    },
}


@pytest.mark.slow
def test_many_calls_are_under_way_at_once(loopback: Loopback) -> None:
    """Each future has the answer to its own call."""
    with dynclient.Client(_DOCUMENT, base_url=loopback.url) as client:
        futures = [client.putPet.submit(id=number) for number in range(20)]

        assert [future.result(timeout=10).raw.url for future in futures] == [  # type: ignore[union-attr]
            f"{loopback.url}/pets/{number}" for number in range(20)
        ]


def test_a_refusal_is_in_the_future() -> None:
    """As a promise would have it: submit itself raises nothing of the call's."""
    with dynclient.Client(_DOCUMENT, base_url="http://host.test") as client:
        future = client.putPet.submit(id="x")

    assert isinstance(future.exception(timeout=0), dynclient.InvalidRequest)


def test_what_is_changed_afterwards_is_not_sent(loopback: Loopback) -> None:
    """The request is prepared before submit returns."""
    body = {"name": "Rex"}
    with dynclient.Client(_DOCUMENT, base_url=loopback.url) as client:
        future = client.putPet.submit(id=1, body=body)
        body["name"] = "Max"
        future.result(timeout=10)

    assert loopback.last.json == {"name": "Rex"}


def test_closing_waits_for_what_is_under_way(loopback: Loopback) -> None:
    """Nothing that was begun is lost."""
    with dynclient.Client(_DOCUMENT, base_url=loopback.url) as client:
        futures = [client.putPet.submit(id=number) for number in range(10)]

    assert not wait(futures, timeout=0).not_done


def test_a_client_can_be_used_after_it_was_closed(loopback: Loopback) -> None:
    """As its session can."""
    client = dynclient.Client(_DOCUMENT, base_url=loopback.url)
    for number in range(2):
        assert client.putPet.submit(id=number).result(timeout=10).ok
        client.close()


def test_the_context_goes_with_the_call() -> None:
    """Context variables, such as those of a tracer, are those of the code that asked (PEP 567)."""
    name: ContextVar[str] = ContextVar("name", default="")
    name.set("caller")
    workers = Workers()

    assert workers.submit(name.get).result(timeout=10) == "caller"
    workers.close()


@pytest.mark.parametrize("other", [copy.copy, copy.deepcopy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copies_of_a_client_submit_too(loopback: Loopback, other: Any) -> None:
    """Whether they share its threads or start their own."""
    client = dynclient.Client(_DOCUMENT, base_url=loopback.url)
    client.putPet.submit(id=1).result(timeout=10)
    copied = other(client)

    assert copied.putPet.submit(id=2).result(timeout=10).ok
    copied.close()
    client.close()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_starts_threads_of_its_own() -> None:
    """Those of its parent are not there."""
    workers = Workers()
    workers.submit(int).result(timeout=10)
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_in_child, args=(workers, there))

    process.start()
    assert here.poll(10)
    assert here.recv() == 0
    process.join(10)
    workers.close()


def _in_child(workers: Workers, there: Any) -> None:
    there.send(workers.submit(int).result(timeout=5))
    workers.close()
