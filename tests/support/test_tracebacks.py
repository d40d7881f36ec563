"""Frames of ours are emptied; the caller's errors keep their frames, and all that these hold."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from dynclient import CallError, DynclientError, Hooks
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.faultserver import FaultServer, closing

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:1"}],
    "paths": {
        "/x": {
            "get": {"operationId": "go"},
            "post": {"operationId": "upload", "requestBody": {"content": {"application/octet-stream": {}}}},
        }
    },
}


def variables(error: BaseException | None) -> list[tuple[str, int]]:
    """The functions of requests and urllib3 that an error and its causes passed, and how many variables each has."""
    found: list[tuple[str, int]] = []
    while error is not None:
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        outside = [frame for frame in frames if frame.f_globals["__name__"].startswith(("requests", "urllib3"))]
        found += [(frame.f_code.co_qualname, len(frame.f_locals)) for frame in outside]
        error = error.__cause__ or error.__context__
    return found


def in_flight(nowhere: str) -> requests.ConnectionError:
    """An error of a library that we use as well, which the caller got from it himself."""
    try:
        requests.get(nowhere, timeout=1)
    except requests.ConnectionError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.go(bogus=1),
        lambda client: client.go(),
        lambda client: client.go.check(bogus=object()),
        lambda client: client.with_options(bogus=1),
        lambda client: client.go.with_options(auth={"bogus": "b"}),
    ],
    ids=["refused", "not sent", "checked", "option", "scheme"],
)
def test_an_error_in_flight_keeps_its_frames(nowhere: str, call: Callable[[Any], Any]) -> None:
    """It has nothing to do with ours, which only came while it was handled."""
    client = made(DOCUMENT, base_url=nowhere, retries=0)
    own = in_flight(nowhere)
    before = variables(own)
    try:
        raise own
    except requests.ConnectionError:
        with contextlib.suppress(DynclientError, TypeError):
            call(client)

    assert variables(own)[-len(before) :] == before


def test_what_caused_the_callers_error_keeps_its_frames(nowhere: str) -> None:
    """As far back as it goes."""
    client = made(DOCUMENT)
    own = in_flight(nowhere)
    before = variables(own)
    with contextlib.suppress(ValueError):
        try:
            raise ValueError from own
        except ValueError:
            with contextlib.suppress(CallError):
                client.go(bogus=1)
            raise

    assert variables(own) == before


@pytest.mark.parametrize("when", ["before_send", "after_answer", "on_error", "before_retry"])
def test_an_error_of_a_hook_keeps_its_frames(nowhere: str, when: str) -> None:
    """Those below it too, though they are of a library that we use; ours above it are emptied."""
    kept: list[Any] = []

    def hook(*_: object) -> None:
        about = "mine"
        try:
            requests.get(nowhere, timeout=1)
        except requests.ConnectionError as error:
            kept.extend([error, variables(error), about])
            raise

    fault = closing if when in ("on_error", "before_retry") else None
    with FaultServer(fault) as server:
        client = made(DOCUMENT, base_url=server.url, hooks=Hooks(**{when: hook}), retries=int(when == "before_retry"))
        with pytest.raises(requests.ConnectionError) as caught:
            client.go()

    assert caught.value is kept[0]
    ours = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__) if _is_ours(frame)]
    assert [frame.f_code.co_name for frame in ours if frame.f_locals and frame.f_code.co_name != "called"] == []
    assert variables(caught.value)[-len(kept[1]) :] == kept[1]


def _is_ours(frame: Any) -> bool:
    return str(frame.f_globals["__name__"]).startswith("dynclient")


def test_an_error_of_an_iterator_keeps_its_frames(nowhere: str) -> None:
    """It is the cause of ours."""
    own: list[Any] = []

    def body() -> Iterator[bytes]:
        yield b"x"
        try:
            requests.get(nowhere, timeout=1)
        except requests.ConnectionError as error:
            own.extend([error, variables(error)])
            raise

    with FaultServer() as server, pytest.raises(DynclientError, match="the body broke off") as caught:
        made(DOCUMENT, base_url=server.url, retries=0).upload(body=body())

    assert caught.value.__cause__ is own[0]
    assert variables(own[0])[-len(own[1]) :] == own[1]


def test_an_error_of_a_credential_keeps_its_frames(nowhere: str) -> None:
    """A function that gives it calls whom it likes."""
    own: list[Any] = []

    def credential() -> str:
        try:
            return requests.get(nowhere, timeout=1).text
        except requests.ConnectionError as error:
            own.extend([error, variables(error)])
            raise

    components = {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}
    client = made({**DOCUMENT, "security": [{"b": []}], "components": components}, auth={"b": credential})
    with pytest.raises(requests.ConnectionError):
        client.go()

    assert variables(own[0])[-len(own[1]) :] == own[1]


@only("Client")
def test_frames_below_a_session_of_the_callers_class_are_emptied(nowhere: str) -> None:
    """It is the way of our own call, with what that holds of secrets."""

    class Own(requests.Session):
        def send(self, request: Any, **options: Any) -> Any:
            return super().send(request, **options)

    with Own() as session, pytest.raises(DynclientError) as caught:
        made(DOCUMENT, base_url=nowhere, session=session, retries=0).go()

    found = variables(caught.value)
    assert ("Session.send", 0) in found
    assert [name for name, count in found if count] == []
