"""Requests between preparing and sending: those of ours know their operation, those of others are sent as well."""

from __future__ import annotations

import copy
import pickle

import pytest
import requests

import dynclient
from dynclient.calls.prepared import Prepared
from dynclient.mock import MockApp

AUTH = {"ApiKeyAuth": "sk-SECRET"}


@pytest.fixture
def client() -> dynclient.Client:
    return dynclient.Client("openai", app=MockApp("openai"), auth=AUTH)


def test_it_is_a_request_of_requests(client: dynclient.Client) -> None:
    """So whatever takes one of those takes it, and it knows its operation."""
    prepared = client.createRun.prepare(thread_id="thread_abc", assistant_id="asst_abc")

    assert isinstance(prepared, requests.PreparedRequest)
    assert (prepared.method, prepared.path_url) == ("POST", "/v1/threads/thread_abc/runs")
    assert prepared.operation.id == "createRun"


def test_a_copy_is_sent_as_the_same_operation(client: dynclient.Client) -> None:
    """Its answer is read and validated as that of the operation."""
    prepared = client.createRun.prepare(thread_id="thread_abc", assistant_id="asst_abc").copy()

    assert isinstance(prepared, Prepared)
    assert client.send(prepared).operation.id == "createRun"


def test_a_request_of_others_is_sent(client: dynclient.Client) -> None:
    """Under the name of its method and path."""
    url = "https://api.openai.com/v1/threads/thread_abc"
    headers = {"Authorization": "Bearer sk-SECRET", "OpenAI-Beta": "assistants=v2"}
    request = requests.Request("GET", url, headers=headers).prepare()

    response = client.send(request)

    assert (response.status_code, response.operation.id) == (200, "GET /v1/threads/thread_abc")


@pytest.mark.parametrize("again", [copy.copy, lambda prepared: pickle.loads(pickle.dumps(prepared))])
def test_what_is_copied_or_pickled_knows_its_operation(client: dynclient.Client, again: object) -> None:
    """Also when it comes back in another process."""
    assert callable(again)
    prepared = again(client.getThread.prepare(thread_id="thread_abc"))

    assert (prepared.operation.id, prepared.problems, prepared.is_masked) == ("getThread", (), False)
