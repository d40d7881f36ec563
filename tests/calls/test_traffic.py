"""What all calls of a client share: connections, the retry budget, the pace; and hooks, the log, forks and signals."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from typing import Any, cast

import pytest
import requests
from hypothesis import given, settings, strategies as st

import dynclient
from dynclient.calls.hooks import Hooks, Retry
from dynclient.calls.pacing import Traffic
from dynclient.errors import AnswerTooLarge, CallError, DynclientError, SendError, TimedOut
from dynclient.http import retries
from dynclient.responses.errors import RateLimited, ServerError, StatusError
from dynclient.support.deadline import Clock
from tests.drivers import _driver, generate as pytest_generate_tests, made, only, timing  # noqa: F401
from tests.faultserver import Fault, FaultServer, answering, closing, pouring, resetting, saying, silent
from tests.network.test_faults import JSON_HEAD, client, document

SECRET = "sk-SECRET-0123456789"
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"  # a server whose clock is 1000 seconds behind that of the tests


class Time:
    """A clock that stands still but for the waits on it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds

    def clock(self, random: float = 1.0) -> Clock:
        return Clock(lambda: self.now, lambda: 1_700_000_000.0 + self.now, self.sleep, lambda: random)


def timed(url: str, at: Time, budget: int = 100, random: float = 1.0, **options: Any) -> Any:
    return timing(made(document(url), **options), at.clock(random), budget)


# ---------------------------------------------------------------------------------------------------------------- waits


def test_backoff_doubles_up_to_a_bound() -> None:
    """Half a second, one, two ... up to eight; each at random from none of it to all of it."""
    at = Time()
    with FaultServer(answering(status="500 Oops")) as server, pytest.raises(ServerError) as caught:
        timed(server.url, at, retries=7).get()

    assert (at.waits, caught.value.attempts) == ([0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0], 8)
    assert [retries.backoff(retry, Clock(random=lambda: 0.25)) for retry in (1, 3, 999)] == [0.125, 0.5, 2.0]


@only("Client")
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.25"}, 0.25),
        ({"Retry-After": " 3 "}, 3.0),
        ({"Retry-After": "0"}, 0.0),
        ({"retry-after-ms": "1500", "Retry-After": "9"}, 1.5),
        ({"retry-after-ms": "x", "Retry-After": "9"}, 9.0),
        ({"retry-after-ms": "-5", "Retry-After": "9"}, 9.0),
        ({"retry-after-ms": "nan"}, None),
        # The clock of the tests is at Tue, 14 Nov 2023 22:30:00 GMT.
        ({"Retry-After": "Tue, 14 Nov 2023 22:30:10 GMT"}, 10.0),
        ({"Retry-After": "Tuesday, 14-Nov-23 22:30:10 GMT"}, 10.0),
        ({"Retry-After": "Tue Nov 14 22:30:10 2023"}, 10.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:30:10 -0000"}, 10.0),
        ({"Retry-After": "Tue, 14 Nov 2023 23:30:10 +0100"}, 10.0),
        ({"Retry-After": "Tue, 14 Nov 2003 22:30:10 GMT"}, 0.0),
        ({"Retry-After": "Tue, 14 Nov 123456 22:30:10 GMT"}, None),
        # By the clock of the server, wherever that stands.
        ({"Retry-After": "Tue, 14 Nov 2023 22:29:20 GMT", "Date": "Tue, 14 Nov 2023 22:29:00 GMT"}, 20.0),
        ({"Retry-After": "Fri, 01 Jan 2100 00:01:00 GMT", "Date": "Friday, 01-Jan-2100 00:00:00 GMT"}, 60.0),
        ({"Retry-After": "Tue Nov 14 22:29:20 2023", "Date": "Tue Nov 14 22:29:00 2023"}, 20.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:30:10 GMT", "Date": "yesterday"}, 10.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:30:10 GMT", "Date": "Tue, 14 Nov 2023 22:31:00 GMT"}, 0.0),
        ({"Retry-After": "7", "Date": "Tue, 14 Nov 2003 22:30:10 GMT"}, 7.0),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "1e3"}, None),
        ({"Retry-After": "\u0661"}, None),
        ({"Retry-After": "1" + "0" * 400}, None),
        ({"Retry-After": "1" + "0" * 35}, 1e35),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_what_retry_after_says(
    monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], waits: float | None, zone: str
) -> None:
    """Seconds, milliseconds or a date in UTC; nothing where it makes no sense."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        at = Time()
        found = retries.retry_after(requests.structures.CaseInsensitiveDict(headers), at.clock())
    finally:
        monkeypatch.undo()
        time.tzset()

    assert found == pytest.approx(waits)


@only("Client")
@given(st.text(max_size=40))
def test_any_retry_after(text: str) -> None:
    """Is a number of seconds that can be waited for, or nothing."""
    found = retries.retry_after(requests.structures.CaseInsensitiveDict({"Retry-After": text}))

    assert found is None or 0 <= found < float("inf")


@pytest.mark.parametrize(("asked", "waits"), [("120", [120.0]), ("121", []), ("50", [50.0])])
def test_how_long_a_server_is_waited_for(asked: str, waits: list[float]) -> None:
    """Up to two minutes; else its error is raised at once and tells."""
    at = Time()
    with FaultServer(before=[answering(status="429 No", Retry_After=asked)]) as server:
        response = timed(server.url, at, raise_for_status=False).create()

    assert (at.waits, response.status_code) == (waits, 200 if waits else 429)


def test_an_error_tells_how_long_to_wait() -> None:
    """Where the client did not."""
    with FaultServer(answering(status="429 No", Retry_After="121")) as server, pytest.raises(RateLimited) as caught:
        client(server.url).create()

    assert caught.value.retry_after == 121


def test_a_wait_beyond_the_deadline() -> None:
    """Is not begun: the error of the last attempt is raised."""
    at = Time()
    with FaultServer(answering(status="429 No", Retry_After="50")) as server, pytest.raises(RateLimited) as caught:
        timed(server.url, at, total_timeout=40).create()

    assert (caught.value.attempts, at.waits) == (1, [])


def test_the_budget_of_a_client() -> None:
    """All its calls together make so many retries, and more only as time goes by."""
    at = Time()
    with FaultServer(closing) as server:
        c = timed(server.url, at, budget=5, random=0.0)
        attempts = []
        for _ in range(4):
            with pytest.raises(SendError) as caught:
                c.with_options(headers={"X": "1"}).get()
            attempts.append(caught.value.attempts)
        at.now += 12  # a fifth of a minute
        with pytest.raises(SendError) as caught:
            c.get()

    assert (attempts, caught.value.attempts) == ([3, 3, 2, 1], 2)


# ----------------------------------------------------------------------------------------------------------------- pace


def test_requests_per_second() -> None:
    """The first goes at once, the others one by one."""
    at = Time()
    with FaultServer() as server:
        c = timed(server.url, at, requests_per_second=4)
        for _ in range(3):
            c.get()

    assert at.waits == [0.25, 0.25]


def test_a_call_that_is_not_sent_takes_no_turn() -> None:
    """The pace is one of requests: those that end before they are sent leave it to the next."""
    at = Time()
    with FaultServer() as server:
        c = timed(server.url, at, requests_per_second=0.5, total_timeout=1, content_type="application/octet-stream")
        c.get()
        for _ in range(20):
            with pytest.raises(TimedOut, match="takes no request for 2") as caught:
                c.get()
            assert caught.value.sent == "no"
        at.now += 2
        prepared = c.create.prepare(body=iter([b"x"]))
        c.send(prepared)
        at.now += 2
        for _ in range(2):
            with pytest.raises(CallError, match="cannot be read again"):
                c.send(prepared)
        c.get()

    assert at.waits == []


def test_after_silence_nothing_is_owed() -> None:
    """Turns that nobody took are gone: no burst follows, and no wait."""
    at = Time()
    with FaultServer() as server:
        c = timed(server.url, at, requests_per_second=2, total_timeout=None)
        for _ in range(2):
            c.get()
            c.get()
            at.now += 100

    assert at.waits == [0.5, 0.5]


@only("Client")
def test_turns_that_are_given_back() -> None:
    """The next calls take them, the earliest first, as long as they have not passed."""
    at = Time()
    traffic = Traffic(at.clock())
    turns = [traffic.turn("a", 1) - at.now for _ in range(5)]
    for turn in (3, 1):
        traffic.give_back("a", at.now + turn)

    assert turns == [0, 1, 2, 3, 4]
    assert [traffic.turn("a", 1) - at.now for _ in range(3)] == [1, 3, 5]
    traffic.give_back("a", at.now + 4)
    at.now += 10
    assert [traffic.turn("a", 1) - at.now for _ in range(2)] == [0, 1]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"}, 62.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20500ms"}, 20.5),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}, 30.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700001010"}, 10.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000010", "Date": DATE}, 10.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "Tue Nov 14 22:13:30 2023", "Date": DATE}, 10.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1600000000"}, 0.0),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "5"}, 5.0),
        ({"acme-ratelimit-tokens-remaining": "0", "acme-ratelimit-tokens-reset": "5"}, 5.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "5"}, 5.0),
        ({"RateLimit": '"minute";r=0;t=30, "day";r=999;t=3600', "RateLimit-Policy": '"minute";q=9;w=60'}, 30.0),
        ({"RateLimit": '"r=0;t=9, x"; r=4; t=30'}, 0.0),
        ({"RateLimit": '"minute";r=0'}, 0.0),
        ({"RateLimit": "limit=10, remaining=0, reset=7"}, 7.0),
        ({"RateLimit": "limit=10, remaining=1, reset=7"}, 0.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}, 0.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "-5"}, 0.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "nan"}, 0.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "1" + "0" * 400}, 0.0),
        ({"RateLimit-Remaining": "0"}, 0.0),
        ({"RateLimit-Remaining": "1", "RateLimit-Reset": "5"}, 0.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "9999"}, 0.0),
        ({"Retry-After": "5"}, 0.0),
    ],
)
def test_budgets_that_a_good_answer_reports(headers: dict[str, str], wait: float) -> None:
    """Where nothing remains the next call waits for the reset, up to two minutes; one that cannot is sent at once."""
    at = Time()
    fields: Any = {name.replace("-", "_"): text for name, text in headers.items()}
    with FaultServer(before=[answering(**fields)]) as server:
        c = timed(server.url, at, random=0.0)
        c.get()
        c.with_options(total_timeout=4).create()
        assert at.waits == []
        c.create()

    assert at.waits == ([wait] if wait else [])


BUDGET: Any = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "30"}


@pytest.mark.parametrize("status", ["429 No", "503 Busy"])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 0.0),
        ({"Retry_After": "60"}, 0.0),
        (BUDGET, 30.0),
        ({**BUDGET, "Retry_After": "60"}, 60.0),
        ({"RateLimit": '"a";r=0;t=30'}, 30.0),
        ({"RateLimit_Policy": '"a";q=10;w=60', "Retry_After": "60"}, 60.0),
        ({"x_ratelimit_limit": "10", "Retry_After": "60"}, 60.0),
        ({"x_ratelimit_remaining_tokens": "7", "x_ratelimit_reset_tokens": "9", "Retry_After": "60"}, 0.0),
    ],
)
def test_a_refusal_that_names_a_budget_holds_other_calls(status: str, headers: Any, wait: float) -> None:
    """One that has Retry-After alone is about its own request."""
    at = Time()
    with FaultServer(before=[answering(status=status, x_should_retry="false", **headers)]) as server:
        c = timed(server.url, at, random=0.0)
        with pytest.raises(StatusError):
            c.create()
        if wait:
            with pytest.raises(TimedOut, match=f"takes no request for {wait:.0f}") as caught:
                c.with_options(total_timeout=10).create()
            assert (caught.value.sent, caught.value.attempts, server.work) == ("no", 0, 1)
        c.create()

    assert at.waits == ([wait] if wait else [])


def test_a_retry_waits_for_the_budget() -> None:
    """Where that takes longer than the call may, the refusal is what it comes to."""
    at = Time()
    with FaultServer(answering(status="429 No", **BUDGET)) as server:
        c = timed(server.url, at, random=0.0)
        with pytest.raises(RateLimited) as caught:
            c.with_options(total_timeout=10).create()
        assert (caught.value.attempts, at.waits) == (1, [])
        with pytest.raises(RateLimited):
            c.with_options(retries=1).create()

    assert at.waits == [30.0, 30.0]


def test_others_have_budgets_of_their_own() -> None:
    """Those of other credentials wait for nothing, nor do calls to another origin."""
    at = Time()
    with FaultServer(answering(**BUDGET)) as server, FaultServer() as other:
        contents = document(server.url)
        contents["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
        contents["security"] = [{"key": []}]
        c = timing(made(contents, auth={"key": "one"}), at.clock(random=0.0))
        c.get()
        c.with_options(auth={"key": "two"}).get()
        c.with_options(base_url=other.url).get()
        assert at.waits == []
        c.get()

    assert at.waits == [30.0]


def test_without_retries_nobody_is_held() -> None:
    """The caller sees to it."""
    at = Time()
    with FaultServer(answering(status="429 No", Retry_After="60")) as server:
        c = timed(server.url, at, retries=0)
        for _ in range(2):
            with pytest.raises(RateLimited):
                c.create()

    assert at.waits == []


# ---------------------------------------------------------------------------------------------------------- connections


def test_a_connection_that_was_closed_in_between() -> None:
    """Is seen before it is used: also what may not be repeated goes on a new one."""

    def once(line: Any) -> object:
        answering()(line)
        return False

    with FaultServer(once) as server:
        c = client(server.url)
        for _ in range(3):
            assert c.create().attempts == 1
            server.wait_until(lambda: server.open == 0)

    assert server.connections == 3


def test_a_connection_that_is_closed_as_it_is_used() -> None:
    """What may be repeated is sent again at once, on a new connection; what may not, is not."""
    waits: list[float] = []
    with FaultServer(before=[answering(), closing]) as server:
        c = client(server.url, waits)
        c.get()
        assert (c.get().attempts, waits, server.connections) == (2, [], 2)
    with FaultServer(before=[answering(), resetting]) as server:
        c = client(server.url)
        c.get()
        with pytest.raises(SendError) as caught:
            c.create()
        assert (caught.value.sent, caught.value.attempts, server.work) == ("unknown", 1, 2)


@pytest.mark.slow
@only("Client")
def test_threads_and_resets() -> None:
    """32 threads, 10 000 calls, 5 % of them reset: each answer reaches its own caller, and nothing is done twice."""
    count, lock, done = [0], threading.Lock(), []

    def echo(line: Any) -> object:
        with lock:
            count[0] += 1
            is_lost = count[0] % 20 == 0
            if not is_lost:
                done.append(line.request.target)
        if is_lost:
            line.reset()
            return False
        return answering(json.dumps({"target": line.request.target}).encode())(line)

    wrong: list[object] = []

    def work(c: dynclient.Client, thread: int) -> None:
        for call in range(10_000 // 32):
            tag = f"{thread}-{call}"
            try:
                target = c.send(requests.Request("GET", f"{server.url}/thing?n={tag}").prepare())["target"]
                wrong.extend([] if target == f"/thing?n={tag}" else [target])
            except SendError as error:
                wrong.extend([] if error.sent == "unknown" else [error])

    with FaultServer(echo) as server:
        server.most = 2000
        c = dynclient.Client(document(server.url), retries=0)
        c.get.prepare()
        threads = [threading.Thread(target=work, args=(c, number)) for number in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.most_at_once <= 64  # a new one may come before the server has seen the end of an old one
        c.close()

    assert wrong == []
    assert len(done) == len(set(done)) == count[0] - count[0] // 20


@only("Client")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_has_connections_of_its_own() -> None:
    """Parent and child never speak on one connection, and the parent's stays open."""
    with FaultServer() as server:
        c = client(server.url)
        c.get()
        before = server.connections
        child = os.fork()
        if child == 0:
            os._exit(0 if c.get().data == {"ok": True} else 1)
        _, status = os.waitpid(child, 0)
        c.get()

        assert (os.waitstatus_to_exitcode(status), before, server.connections) == (0, 1, 2)


@only("Client")
def test_a_pickled_client_starts_afresh() -> None:
    """Without connections, hooks and what its traffic was."""
    with FaultServer() as server:
        c = dynclient.Client(document(server.url), hooks=Hooks(before_send=lambda *_: None), retries=5)
        c.get()
        again: dynclient.Client = pickle.loads(pickle.dumps(c))

        assert again.get().data == {"ok": True}
        assert (again._core.options.retries, again._core.options.hooks) == (5, Hooks())


CTRL_C = """
import signal
import sys
import dynclient
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell makes commands behind & ignore it
try:
    dynclient.Client({document}, total_timeout=20).get()
except KeyboardInterrupt:
    sys.exit(42)
"""


@pytest.mark.slow
@only("Client")
@pytest.mark.parametrize("fault", [silent, answering(status="429 No", Retry_After="15")], ids=["call", "backoff"])
def test_ctrl_c(fault: Fault) -> None:
    """Ends a call, and the wait before a retry, at once."""
    with FaultServer(fault) as server:
        script = CTRL_C.format(document=repr(document(server.url)))
        process = subprocess.Popen([sys.executable, "-c", script])
        try:
            server.wait_until(lambda: bool(server.seen))
            time.sleep(0.1)  # for the answer to arrive
            process.send_signal(signal.SIGINT)
            assert (process.wait(timeout=10), server.work) == (42, 1)
        finally:
            process.kill()
            process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True], ids=["endless", "bomb"])
def test_memory_of_an_answer_that_is_too_large(packed: bool) -> None:
    """Stays near the limit, whatever comes."""
    import gzip

    bomb = gzip.compress(b" " * 200_000_000, 1)
    fault = answering(bomb, Content_Encoding="gzip") if packed else pouring(JSON_HEAD + b"\r\n", b" " * 65536)
    with FaultServer(fault) as server:
        c = client(server.url, max_response_size=4_000_000)
        c.get.prepare()
        tracemalloc.start()
        with pytest.raises(AnswerTooLarge):
            c.get()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 12_000_000


# ---------------------------------------------------------------------------------------------------------------- hooks


def test_hooks_are_called_in_order() -> None:
    """Before each attempt, before the wait for a retry, and after the answer."""
    told: list[str] = []

    def before_send(operation: dynclient.Operation, request: requests.PreparedRequest) -> None:
        told.append(f"send {operation.id}")
        request.headers["X-Trace"] = str(len(told))

    def before_retry(retry: Retry) -> None:
        told.append(f"retry {retry.operation.id} {retry.attempt} {retry.status} {type(retry.error).__name__}")

    hooks = Hooks(before_send, before_retry, lambda response: told.append(f"answer {response.status_code}"))
    with FaultServer(before=[closing, answering(status="503 Busy")]) as server:
        client(server.url, hooks=hooks).get()

    assert told == [
        "send get",
        "retry get 1 None SendError",
        "send get",
        "retry get 2 503 NoneType",
        "send get",
        "answer 200",
    ]
    assert [seen.headers["x-trace"] for seen in server.seen] == ["1", "3", "5"]


def test_the_hook_for_errors() -> None:
    """Gets what is raised."""
    told: list[DynclientError] = []
    with FaultServer(answering(status="404 No")) as server, pytest.raises(StatusError) as caught:
        client(server.url, hooks=Hooks(on_error=told.append)).get()

    assert told == [caught.value]


@pytest.mark.parametrize("name", ["before_send", "before_retry", "after_answer", "on_error"])
def test_errors_of_hooks_are_the_callers(name: str) -> None:
    """They are raised as they are, and the connection can be used again."""

    def fail(*_: object) -> None:
        raise LookupError(name)

    status = {"after_answer": "200 OK", "on_error": "404 No"}.get(name, "503 Busy")
    with FaultServer(before=[answering(status=status)]) as server:
        c = client(server.url)
        with pytest.raises(LookupError, match=name):
            c.with_options(hooks=Hooks(**{name: fail})).get()
        assert c.get().data == {"ok": True}
        assert server.connections == 1


# ------------------------------------------------------------------------------------------------------------------ log


def test_one_line_for_each_call(caplog: pytest.LogCaptureFixture) -> None:
    """At INFO; what was tried is logged at DEBUG. No secret is in any of it."""
    caplog.set_level(logging.DEBUG)
    with FaultServer(before=[closing, answering(), answering(SECRET.encode(), status="404 " + SECRET)]) as server:
        contents = document(server.url)
        contents["components"] = {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "k"}}}
        contents["security"] = [{"k": []}]
        c = made(contents, auth={"k": SECRET}, headers={"X-Token": SECRET})
        c.get()
        with pytest.raises(StatusError) as caught:
            c.get()

    hint = f"The URL was {server.url}/thing. Is base_url right?"
    assert str(caught.value) == f"get: the server answered 404 ***. {hint}"
    ours = [record for record in caplog.records if record.name == "dynclient"]
    lines = [(r.levelname, r.getMessage().partition(" in 0.")[0].partition("; again")[0]) for r in ours]
    assert lines == [
        ("DEBUG", f"get: GET {server.url}/thing"),
        ("DEBUG", "get: attempt 1: SendError"),
        ("DEBUG", f"get: GET {server.url}/thing"),
        ("INFO", "get 200"),
        ("DEBUG", f"get: GET {server.url}/thing"),
        ("WARNING", "get: response body does not fit the document (json-invalid)"),
        ("INFO", "get 404"),
    ]
    assert [record for record in caplog.records if SECRET in record.getMessage()] == []


# ----------------------------------------------------------------------------------------------------------------- fuzz


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=30),
            st.sampled_from(
                [
                    b"HTTP/1.1 200 OK\r\n",
                    b"HTTP/1.1 302 F\r\n",
                    b"HTTP/1.1 100 C\r\n\r\n",
                    b"Content-Length: 5\r\n",
                    b"Transfer-Encoding: chunked\r\n",
                    b"Content-Encoding: gzip\r\n",
                    b"Content-Type: application/json\r\n",
                    b"Content-Type: text/plain; charset=\xff\r\n",
                    b"Location: \xff\xfe\r\n",
                    b"Set-Cookie: a=b; Expires=never; Domain=[\r\n",
                    b"Retry-After: 0\r\n",
                    b"\r\n",
                    b"5\r\n12345\r\n",
                    b"0\r\n\r\n",
                ]
            ),
        ),
        max_size=8,
    )
)
def test_whatever_a_server_says(pieces: list[bytes]) -> None:
    """It is an answer, or an error of ours."""
    with FaultServer(saying(b"".join(pieces))) as server, contextlib.suppress(DynclientError):
        client(server.url, retries=0, timeout=(5, 2)).get()


@pytest.mark.parametrize("name", ["before_send", "before_retry", "after_answer", "on_error"])
def test_a_hook_that_is_no_function_is_refused_where_it_is_made(name: str) -> None:
    """Not in the call that would need it, which may be the first that fails in months."""
    with pytest.raises(TypeError) as caught:
        Hooks(**{name: cast(Any, 5)})

    assert str(caught.value) == f"the hook {name} must be a function, or None; it is of type int"
