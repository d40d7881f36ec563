"""Our frames are cut away as an error leaves; the caller's frames, errors and causes stay."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

import dynclient
from dynclient import CallError, DynclientError, Hooks, NoConnection, Pagination, SendError, UnknownArgument
from dynclient.mock import MockApp
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.faultserver import FaultServer, answering, closing, saying
from tests.places import ROOT


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNCLIENT_FULL_TRACEBACKS")


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "paths": {
        "/list": {
            "get": {
                "operationId": "list",
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": {}}}}},
            },
            "post": {"operationId": "upload", "requestBody": {"content": {"application/octet-stream": {}}}},
        }
    },
}


def modules(error: BaseException) -> list[str]:
    """The packages of the frames that an error passed."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return [str(frame.f_globals["__name__"]).partition(".")[0] for frame in frames]


def printed(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def iterated(iterator: Any) -> None:
    for _ in iterator:
        pass


def entered(context: Any) -> None:
    with context:
        pass


PAGED = Pagination(items="/data", next="/next")
USES: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "call, refused": (lambda client: client.list(bogus=1), UnknownArgument),
    "call": (lambda client: client.list(), NoConnection),
    "subscript": (lambda client: client["GET /lst"], dynclient.UnknownOperation),
    "attribute": (lambda client: client.lst, dynclient.UnknownOperation),
    "attribute near a method": (lambda client: client.with_option, dynclient.UnknownOperation),
    "option": (lambda client: client.with_options(bogus=1), TypeError),
    "option of an operation": (lambda client: client.list.with_options(timeout="x"), TypeError),
    "prepare": (lambda client: client.list.prepare(bogus=1), UnknownArgument),
    "curl": (lambda client: client.list.curl(bogus=1), UnknownArgument),
    "request": (lambda client: client.request("GET", "/x"), NoConnection),
    "request, refused": (lambda client: client.request("GET", "https://a.test/x"), CallError),
    "send": (lambda client: client.send(client.list.prepare()), NoConnection),
    "poll": (lambda client: client.list.poll(until={"a": 1}), NoConnection),
    "pages": (lambda client: iterated(client.list.with_options(pagination=PAGED).pages()), NoConnection),
    "items": (lambda client: iterated(client.list.with_options(pagination=PAGED).items()), NoConnection),
    "items, refused": (lambda client: client.list.with_options(pagination=PAGED).items(bogus=1), UnknownArgument),
    "stream": (lambda client: iterated(client.list.stream()), NoConnection),
    "stream, entered": (lambda client: entered(client.list.stream()), NoConnection),
    "stream, refused": (lambda client: client.list.stream(bogus=1), UnknownArgument),
    "download": (lambda client: iterated(client.list.open()), NoConnection),
    "download, refused": (lambda client: client.list.open(bogus=1), UnknownArgument),
}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("use", USES)
def test_few_frames_of_ours(nowhere: str, use: str) -> None:
    """At most one, and none of a library that we call; the error prints in few lines."""
    call, kind = USES[use]
    with pytest.raises(kind) as caught:
        call(made(DOCUMENT, base_url=nowhere, retries=0))

    found = modules(caught.value)
    assert found.count("dynclient") <= 1
    assert not {"requests", "urllib3", "anyio", "socket"} & {*found}
    assert found[0] == "tests"


@pytest.mark.usefixtures("short")
def test_few_frames_of_ours_when_a_download_is_saved(nowhere: str, tmp_path: Path) -> None:
    with pytest.raises(NoConnection) as caught:
        made(DOCUMENT, base_url=nowhere, retries=0).list.open().save(tmp_path / "a")

    assert "dynclient" not in modules(caught.value)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("call", [lambda client: client.list.stream(), lambda client: client.list.open()])
def test_few_frames_of_ours_when_content_breaks_off(call: Callable[[Any], Any]) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 99\r\n\r\n"
    with FaultServer(saying(head + b"data: 1\n\n")) as server, pytest.raises(SendError) as caught:
        iterated(call(made(DOCUMENT, base_url=server.url, retries=0)))

    assert modules(caught.value).count("dynclient") <= 1


@pytest.mark.usefixtures("short")
@only("Client")
def test_a_document_that_cannot_be_read(tmp_path: Path) -> None:
    """Neither our frames nor those of the parser; what the parser said is the cause."""
    (tmp_path / "a.yaml").write_text("a: [\n b: }")
    with pytest.raises(dynclient.DocumentError) as caught:
        made(tmp_path / "a.yaml")

    assert {*modules(caught.value)} == {"tests"}
    assert caught.value.__cause__ is not None
    assert modules(caught.value.__cause__) == []
    assert len(printed(caught.value).splitlines()) <= 20


@pytest.mark.usefixtures("short")
def test_the_cause_stays(nowhere: str) -> None:
    """The transport's own error, without the errors that led to it."""
    with pytest.raises(NoConnection) as caught:
        made(DOCUMENT, base_url=nowhere, retries=0).list()

    cause = caught.value.__cause__
    assert isinstance(cause, OSError)
    assert cause.__traceback__ is None
    assert cause.__suppress_context__ or cause.__context__ is None
    assert cause.__cause__ is None


def test_the_cause_is_whole_with_the_switch(nowhere: str) -> None:
    with pytest.raises(NoConnection) as caught:
        made(DOCUMENT, base_url=nowhere, retries=0).list()

    cause = caught.value.__cause__
    assert cause is not None
    assert cause.__cause__ or cause.__context__
    assert modules(caught.value).count("dynclient") > 3


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "call",
    [lambda client: client.list(), lambda client: client.list(bogus=1), lambda client: client.with_option],
    ids=["no connection", "refused", "raised from None"],
)
def test_the_error_in_flight_stays(nowhere: str, call: Callable[[Any], Any]) -> None:
    """The caller's, in whose `except` block ours arose."""
    client = made(DOCUMENT, base_url=nowhere, retries=0)

    def handled() -> None:
        try:
            raise LookupError("mine")
        except LookupError:
            call(client)

    with pytest.raises(DynclientError) as caught:
        handled()

    assert "LookupError: mine" in printed(caught.value)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("when", ["before_send", "after_answer", "on_error"])
def test_an_error_of_a_hook(nowhere: str, when: str) -> None:
    """Its own frames stay, with those of what the hook called; ours between it and the call go."""

    def hook(*_: object) -> None:
        requests.get(nowhere, timeout=1)

    fault = closing if when == "on_error" else answering()
    with FaultServer(fault) as server, pytest.raises(requests.ConnectionError) as caught:
        made(DOCUMENT, base_url=server.url, retries=0, hooks=Hooks(**{when: hook})).list()

    found = modules(caught.value)
    assert "dynclient" not in found
    assert found[-1] == "requests"
    assert caught.value.__context__ is not None
    assert "hook" in [frame.f_code.co_name for frame, _ in traceback.walk_tb(caught.value.__traceback__)]


@pytest.mark.usefixtures("short")
def test_what_a_hook_hides_stays_hidden() -> None:
    """Its `from None` counts, though the error is of one of our classes."""

    def hook(*_: object) -> None:
        try:
            raise LookupError("mine")
        except LookupError:
            raise CallError("list", "refused by a hook") from None

    with pytest.raises(CallError) as caught:
        made(DOCUMENT, app=MockApp(DOCUMENT), hooks=Hooks(before_send=hook)).list()

    assert "LookupError: mine" not in printed(caught.value)
    assert 'raise CallError("list", "refused by a hook") from None' in printed(caught.value)


@pytest.mark.usefixtures("short")
def test_an_error_while_a_hook_hears_of_another(nowhere: str) -> None:
    """Both are shown."""

    def hook(_: object) -> None:
        dynclient.Client(DOCUMENT).list(bogus=1)

    with pytest.raises(CallError) as caught:
        made(DOCUMENT, base_url=nowhere, retries=0, hooks=Hooks(on_error=hook)).list()

    assert "Is the server running?" in printed(caught.value)
    assert "dynclient.Client(DOCUMENT).list(bogus=1)" in printed(caught.value)
    assert "dynclient" not in modules(caught.value)


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    """Python refuses to set any attribute of it."""

    number: int


@pytest.mark.usefixtures("short")
def test_an_error_that_is_frozen() -> None:
    """It leaves as it was raised."""

    def hook(*_: object) -> None:
        raise Frozen(5)

    with pytest.raises(Frozen) as caught:
        made(DOCUMENT, app=MockApp(DOCUMENT), hooks=Hooks(before_send=hook)).list()

    assert caught.value.number == 5


@pytest.mark.usefixtures("short")
def test_an_error_of_an_iterator_is_shown() -> None:
    """It is the cause of ours, with the line that raised it."""

    def body() -> Iterator[bytes]:
        yield b"x"
        raise LookupError("mine")

    with FaultServer() as server, pytest.raises(DynclientError) as caught:
        made(DOCUMENT, base_url=server.url, retries=0).upload(body=body())

    text = printed(caught.value)
    assert 'raise LookupError("mine")' in text
    assert "dynclient/" not in text.replace("\\", "/").replace(f"{ROOT}/tests", "")


class Shown(requests.Session):
    """A session of the caller's own class."""

    def send(self, request: Any, **options: Any) -> Any:
        return super().send(request, **options)


class Failing(requests.adapters.HTTPAdapter):
    """An adapter of the caller's own class that fails."""

    def send(self, *_: object, **__: object) -> Any:
        raise OSError("of the adapter")


@pytest.mark.usefixtures("short")
@only("Client")
@pytest.mark.parametrize("adapter", [requests.adapters.HTTPAdapter, Failing])
def test_a_session_of_the_callers_class_is_shown(nowhere: str, adapter: type[requests.adapters.HTTPAdapter]) -> None:
    """The frames of the session and its adapter, in the cause; those of requests go."""
    with Shown() as session:
        session.mount("http://", adapter())
        with pytest.raises(SendError) as caught:
            made(DOCUMENT, base_url=nowhere, session=session, retries=0).list()

    cause = caught.value.__cause__
    assert cause is not None
    assert {*modules(cause)} == {"tests"}
    assert "return super().send(request, **options)" in printed(caught.value)


@pytest.mark.usefixtures("short")
@only("Client")
def test_a_fault_in_our_own_code_shows_its_place() -> None:
    """Python itself raises this one, so that its line is what a report needs."""
    with pytest.raises(TypeError) as caught:
        made(DOCUMENT).list.poll()

    assert modules(caught.value).count("dynclient") == 1


@pytest.mark.usefixtures("short")
@only("Client")
def test_a_future_can_be_asked_twice(nowhere: str) -> None:
    """Each time, the caller's own line is there."""
    future = made(DOCUMENT, base_url=nowhere, retries=0).list.submit()
    for _ in range(2):
        with pytest.raises(NoConnection) as caught:
            future.result()

        found = modules(caught.value)
        assert found[0] == "tests"
        assert "dynclient" not in found


@pytest.mark.usefixtures("short")
@only("Client")
def test_errors_raised_again(nowhere: str) -> None:
    """Ours as the cause of the caller's, and one raised again in a loop, keep the lines where they came from."""
    client = made(DOCUMENT, base_url=nowhere, retries=0)

    def call() -> None:
        try:
            client.list()
        except NoConnection as error:
            raise RuntimeError("mine") from error

    with pytest.raises(RuntimeError) as caught:
        call()
    assert "client.list()" in printed(caught.value)
    assert "Is the server running?" in printed(caught.value)

    last: NoConnection | None = None
    for _ in range(3):
        try:
            client.list()
        except NoConnection as error:
            last = error
    with pytest.raises(NoConnection) as again:
        raise last or AssertionError
    assert [*modules(again.value)] == ["tests", "tests"]


@pytest.mark.usefixtures("short")
@only("Client")
def test_copies_and_groups(nowhere: str) -> None:
    """An error without our frames is pickled, copied and grouped as any."""

    async def both() -> None:
        async with dynclient.AsyncClient(DOCUMENT, base_url=nowhere, retries=0) as client, asyncio.TaskGroup() as group:
            for _ in range(2):
                group.create_task(client.list())

    with pytest.raises(NoConnection) as caught:
        made(DOCUMENT, base_url=nowhere, retries=0).list()
    assert pickle.loads(pickle.dumps(caught.value)) == copy.copy(caught.value) == caught.value

    with pytest.raises(ExceptionGroup) as grouped:
        asyncio.run(both())
    assert [type(error) for error in grouped.value.exceptions] == [NoConnection] * 2
    assert len(printed(grouped.value).splitlines()) <= 40


@pytest.mark.usefixtures("short")
@only("Client")
def test_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """`logging.exception` ends with the message, after the caller's line."""
    try:
        made(DOCUMENT).list(bogus=1)
    except CallError as error:
        logging.getLogger("user").exception("failed")
        message = str(error)
    (_, *lines) = caplog.text.splitlines()

    assert lines[-1] == f"dynclient.errors.UnknownArgument: {message}"
    assert len(lines) <= 8


@pytest.mark.usefixtures("short")
@only("Client")
def test_without_ipython_the_lines_are_pythons_own() -> None:
    """Other tools call what IPython calls."""
    with pytest.raises(CallError) as caught:
        made(DOCUMENT).list(bogus=1)
    lines = caught.value._render_traceback_()

    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].endswith(str(caught.value))


@only("Client")
def test_the_switch_leaves_it_to_ipython(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython asks whether the error has a method of its own."""
    error = CallError("list", "no")

    assert not hasattr(error, "_render_traceback_")
    monkeypatch.delenv("DYNCLIENT_FULL_TRACEBACKS")
    assert hasattr(error, "_render_traceback_")
