"""AsyncClient: its tasks, its connections and its applications; tests of both clients are where those of Client are."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import copy
import gc
import gzip
import json
import os
import pickle
import ssl
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import requests

import dynclient
from dynclient.calls.hooks import Hooks
from dynclient.credentials.kinds import Credential
from dynclient.errors import CallError, InvalidRequest, NoConnection, SendError, TimedOut
from dynclient.mock import MockApp
from dynclient.network.asgi import ASGIAdapter
from dynclient.network.async_pools import MOST_CONNECTIONS
from tests.faultserver import Fault, FaultServer, answering, closing, secured, silent, unread
from tests.network.test_faults import JSON_HEAD, METHODS, document, https
from tests.places import ROOT

OK = {"ok": True}


def run(call: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(call())  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------------------- surface


def test_a_call() -> None:
    """Is awaited, by name, subscript and with options, and `async with` closes its connections."""
    with FaultServer() as server:

        async def calls() -> list[Any]:
            async with dynclient.AsyncClient(document(server.url)) as c:
                one = await c.get()
                two = await c["PUT /thing"](body={"a": 1})
                three = await c.with_options(headers={"X-H": "h"}).create.with_options(timeout=3)(body={})
                return [one.data, two.data, three.data]

        assert run(calls) == [OK, OK, OK]
        server.wait_until(lambda: server.open == 0)
        assert [(seen.method, seen.body, seen.headers.get("x-h")) for seen in server.seen] == [
            ("GET", b"", None),
            ("PUT", b'{"a":1}', None),
            ("POST", b"{}", "h"),
        ]
        assert server.connections == 1


def test_what_it_says_of_itself() -> None:
    """As Client does, without a call."""
    c = dynclient.AsyncClient(document("https://api.test"))

    assert repr(c) == "<AsyncClient 'Things' 1, 5 operations, https://api.test>"
    assert ("get" in c, "none" in c, {"get", "with_options"} <= set(dir(c))) == (True, False, True)
    assert (list(c.operations), dict(c.tags)) == ([*METHODS.values()], {"": (*METHODS.values(),)})
    assert (c.base_url, c.server.url, c.document.title) == ("https://api.test", "https://api.test", "Things")
    assert (repr(c.get), c.get.__name__, c.get.operation.method) == ("<get: GET /thing>", "get", "GET")
    other = dynclient.Client(document("https://api.test")).get
    assert c.get.__doc__.replace("await client.get()", "client.get()") == other.__doc__
    assert c.get.__signature__ == other.__signature__
    assert (c.get.check(x=1), c.get.curl()) == (other.check(x=1), other.curl())
    assert not hasattr(c, "_nothing")


def test_no_session() -> None:
    """It cannot be used from tasks."""
    with pytest.raises(TypeError, match="AsyncClient takes no session"):
        dynclient.AsyncClient(document("https://api.test"), session=requests.Session())  # type: ignore[call-arg]


def test_what_was_prepared_is_sent() -> None:
    """Also a request of the caller's own making; anything else is refused."""
    with FaultServer() as server:

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as c:
                await c.send(c.get.prepare())
                await c.send(requests.Request("GET", f"{server.url}/other?a=b").prepare())
                with pytest.raises(TypeError, match="send takes what prepare"):
                    await c.send("x")  # type: ignore[arg-type]

        run(calls)
        assert [seen.target for seen in server.seen] == ["/thing", "/other?a=b"]


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_the_raw_answer_is_one_of_requests(coding: str) -> None:
    """Read to its end, with the content, headers and cookies; what urllib3 has of it is made when asked for."""
    content = gzip.compress(b'{"ok": true}') if coding else b'{"ok": true}'
    with FaultServer(answering(content, Set_Cookie="a=b", Content_Encoding=coding)) as server:

        async def call() -> requests.Response:
            async with dynclient.AsyncClient(document(server.url)) as c:
                raw = (await c.get()).raw
                assert raw is not None
                return raw

        raw = run(call)
        assert (raw.json(), raw.request.url, raw.cookies.get_dict()) == (OK, f"{server.url}/thing", {"a": "b"})
        assert (raw.raw.read(), raw.raw.status, raw.raw.headers["set-cookie"]) == (b"", 200, "a=b")
        assert pickle.loads(pickle.dumps(raw)).json() == OK
        raw.close()


def test_a_pickled_client_starts_afresh() -> None:
    """Without connections."""
    with FaultServer() as server:

        async def calls() -> Any:
            async with dynclient.AsyncClient(document(server.url), retries=5) as c:
                await c.get()
                async with pickle.loads(pickle.dumps(c)) as again:
                    return again._core.options.retries, (await again.get()).data

        assert run(calls) == (5, OK)


def test_copies() -> None:
    """A copy has the same connections, a deep one its own."""
    with FaultServer() as server:

        async def calls() -> list[int]:
            counts = []
            async with dynclient.AsyncClient(document(server.url)) as c:
                for each in (c, copy.copy(c), copy.deepcopy(c)):
                    assert (await each.get()).data == OK
                    counts.append(server.connections)
                await each.aclose()
            return counts

        assert run(calls) == [1, 1, 2]


def test_without_its_libraries() -> None:
    """The error says what to install, and all else works."""
    code = (
        "import sys; sys.modules['h11'] = None\n"
        "import dynclient; dynclient.Client('openai')\n"
        "try: dynclient.AsyncClient\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert said == "AsyncClient needs the library h11: pip install 'dynclient[async]'\n"
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        dynclient.Nothing  # noqa: B018


# ---------------------------------------------------------------------------------------------------------------- tasks


def echo(line: Any) -> object:
    return answering(json.dumps({"target": line.request.target}).encode())(line)


def test_many_tasks() -> None:
    """Two hundred at once: each gets its own answer, over so many connections as are allowed."""
    contents = document("")
    contents["paths"]["/thing"]["get"]["parameters"] = [{"name": "n", "in": "query", "schema": {"type": "integer"}}]
    with FaultServer(echo) as server:
        server.most = 1000

        async def calls() -> list[str]:
            async with dynclient.AsyncClient(contents, base_url=server.url) as c:
                return [each["target"] for each in await asyncio.gather(*(c.get(n=n) for n in range(200)))]

        assert run(calls) == [f"/thing?n={n}" for n in range(200)]
        assert server.most_at_once <= MOST_CONNECTIONS
        assert server.work == 200


@pytest.mark.parametrize("fault", [silent, answering(status="429 No", Retry_After="15")], ids=["call", "backoff"])
def test_a_cancelled_task(fault: Fault) -> None:
    """Ends at once: its connection is closed, nothing is sent again, and no hook gets an error."""
    told: list[object] = []
    with FaultServer(fault) as server:

        async def calls() -> Any:
            async with dynclient.AsyncClient(document(server.url), hooks=Hooks(on_error=told.append)) as c:
                task = asyncio.create_task(c.get())
                await asyncio.to_thread(server.wait_until, lambda: server.work == 1)
                await asyncio.sleep(0.02)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                server.always = answering()
                return (await c.get.with_options(retries=0)()).data

        assert run(calls) == OK
        assert (server.work, told) == (2, [])


def test_a_cancelled_task_that_signs_in_a_thread() -> None:
    """Closes its connection as well, and leaves nobody waiting."""
    contents = document("")
    scheme = {"type": "http", "scheme": "digest"}
    contents |= {"components": {"securitySchemes": {"digest": scheme}}, "security": [{"digest": []}]}
    with FaultServer(lambda line: line.socket.recv(1)) as server:

        async def calls() -> None:
            auth = {"digest": ("me", "pw")}
            async with dynclient.AsyncClient(contents, base_url=server.url, auth=auth) as c:
                task = asyncio.create_task(c.get())
                await asyncio.to_thread(server.wait_until, lambda: server.work == 1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await asyncio.to_thread(server.wait_until, lambda: server.open == 0)

        run(calls)
        assert server.work == 1


def test_a_call_in_a_task_group_that_times_out() -> None:
    """The limits of anyio and asyncio go before those of the client."""
    with FaultServer(silent) as server:

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as c:
                with pytest.raises(TimeoutError) as caught:
                    async with asyncio.timeout(0.05):
                        await c.get()
                assert not isinstance(caught.value, SendError)

        run(calls)
        assert server.work == 1


def test_more_calls_than_places() -> None:
    """Those that wait for one keep their deadline, and are surely not sent."""
    with FaultServer(silent) as server:
        server.most = 1000

        async def calls() -> None:
            async with dynclient.AsyncClient(document(server.url)) as c:
                tasks = [asyncio.create_task(c.get()) for _ in range(MOST_CONNECTIONS)]
                await asyncio.to_thread(server.wait_until, lambda: server.work == MOST_CONNECTIONS)
                with pytest.raises(TimedOut) as caught:
                    await c.create.with_options(total_timeout=0.1)()
                assert (caught.value.sent, caught.value.attempts) == ("no", 1)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        run(calls)
        assert server.work == MOST_CONNECTIONS


def test_each_event_loop_has_its_own_connections() -> None:
    """One client in two loops, one after the other."""
    with FaultServer() as server:
        c = dynclient.AsyncClient(document(server.url))

        async def call() -> Any:
            async with c:
                return (await c.get()).data

        assert (run(call), run(call), server.connections) == (OK, OK, 2)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_connections_end_with_their_event_loop(backend: str) -> None:
    """One client in one loop after the other leaves neither sockets nor loops behind, though nobody closes it."""
    pytest.importorskip(backend)
    loops: list[weakref.ref[object]] = []

    async def call() -> None:
        loops.append(weakref.ref(anyio.lowlevel.current_token().native_token))
        assert (await client.get()).data == OK

    with FaultServer() as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = dynclient.AsyncClient(document(server.url))
        for _ in range(10):
            anyio.run(call, backend=backend)
            server.wait_until(lambda: server.open == 0)
        gc.collect()

    assert [str(warning.message) for warning in told] == []
    assert sum(loop() is not None for loop in loops) <= 1  # until the next is used


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_connections_of_a_client_that_is_dropped(backend: str, in_a_cycle: bool) -> None:
    """They are closed while the loop goes on."""
    pytest.importorskip(backend)

    async def calls() -> None:
        client = dynclient.AsyncClient(document(server.url))
        await client.get()
        if in_a_cycle:
            client.__dict__["itself"] = client
        del client
        gc.collect()
        await anyio.to_thread.run_sync(server.wait_until, lambda: server.open == 0)

    with FaultServer() as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        anyio.run(calls, backend=backend)
        gc.collect()

    assert [str(warning.message) for warning in told] == []


def test_a_loop_that_is_closed_with_nothing_ended() -> None:
    """Its connections are let go of when the next loop begins, as asyncio says in a warning."""
    with FaultServer() as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = dynclient.AsyncClient(document(server.url))
        for _ in range(5):
            loop = asyncio.new_event_loop()
            assert loop.run_until_complete(client.get()).data == OK
            loop.close()
        gc.collect()
        server.wait_until(lambda: server.open <= 1)
        del client
        gc.collect()
        server.wait_until(lambda: server.open == 0)

    assert {str(warning.message)[:16] for warning in told} <= {
        "unclosed transpo",
        "unclosed <socket",
        "unclosed event l",
    }


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_fork_has_connections_and_loops_of_its_own() -> None:
    """Those of the parent stay open, and the child leaves them alone."""

    async def calls() -> list[int]:
        await client.get()
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                thread = threading.Thread(target=lambda: found.append(asyncio.run(client.get()).data == OK))
                found: list[bool] = []
                thread.start()
                thread.join(10)
                gc.collect()
                code = 0 if found == [True] else 2
            os._exit(code)
        status = await anyio.to_thread.run_sync(os.waitpid, child, 0)
        await client.get()
        return [os.waitstatus_to_exitcode(status[1]), server.connections]

    with FaultServer() as server:
        client = dynclient.AsyncClient(document(server.url))
        assert asyncio.run(calls()) == [0, 2]


def test_trio() -> None:
    """Serves as well as asyncio."""
    pytest.importorskip("trio")
    with FaultServer(before=[closing]) as server:

        async def call() -> Any:
            async with dynclient.AsyncClient(document(server.url)) as c:
                return [(await c.get()).attempts, (await c.get()).data]

        assert anyio.run(call, backend="trio") == [2, OK]


# ---------------------------------------------------------------------------------------------------------- connections


def test_an_answer_that_nobody_asked_for() -> None:
    """What follows an answer is not taken for the next one."""
    two = JSON_HEAD + b'Content-Length: 12\r\n\r\n{"ok": true}' + JSON_HEAD + b'Content-Length: 8\r\n\r\n{"no":1}'

    def answer_twice(line: Any) -> bool:
        line.send(two)
        return True

    with FaultServer(before=[answer_twice]) as server:

        async def calls() -> list[Any]:
            async with dynclient.AsyncClient(document(server.url)) as c:
                return [(await c.get()).data, (await c.get()).data]

        assert run(calls) == [OK, OK]
        assert server.connections == 2


def test_a_proxy_for_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told the whole address, and the password that its own URL holds."""
    with FaultServer() as server:
        monkeypatch.setenv("HTTP_PROXY", server.url.replace("//", "//me:pw@"))

        async def call() -> Any:
            async with dynclient.AsyncClient(document("http://api.test")) as c:
                return (await c.get()).data

        assert run(call) == OK
        (seen,) = server.seen
        given = base64.b64encode(b"me:pw").decode()
        assert (seen.target, seen.headers["host"]) == ("http://api.test/thing", "api.test")
        assert seen.headers["proxy-authorization"] == f"Basic {given}"


def test_a_proxy_for_https(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opens a tunnel, in which the server is met as it would be without."""
    asked: list[bytes] = []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate) + ".crt")

    def tunnel(line: Any) -> object:
        asked.append(line.socket.recv(1 << 16))
        line.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        return secured(certificate, answering(keep=False))(line)

    with FaultServer(before=[unread(tunnel)]) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url)

        async def call() -> Any:
            async with dynclient.AsyncClient(document("https://127.0.0.1:9")) as c:
                return (await c.get()).data

        assert run(call) == OK
        assert asked[0].startswith(b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n")


def test_a_proxy_that_is_met_over_tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is trusted as a server would be; a folder of certificates will do for that."""
    folder = certificate.parent / "trusted"
    folder.mkdir()
    name = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", f"{certificate}.crt"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (folder / f"{name}.0").write_text(Path(f"{certificate}.crt").read_text())
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder))
    with FaultServer(before=[secured(certificate, answering(keep=False))]) as server:
        monkeypatch.setenv("HTTP_PROXY", https(server))

        async def call() -> Any:
            async with dynclient.AsyncClient(document("http://api.test")) as c:
                return (await c.get()).data

        assert run(call) == OK


def test_a_certificate_of_the_callers(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is shown to a server that asks for one."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    contents = document("")
    contents |= {"components": {"securitySchemes": {"tls": {"type": "mutualTLS"}}}, "security": [{"tls": []}]}
    shown: list[object] = []

    def asking(line: Any) -> object:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.load_verify_locations(f"{certificate}.crt")
        context.verify_mode = ssl.CERT_REQUIRED
        with context.wrap_socket(line.socket.dup(), server_side=True) as line.socket:
            shown.append(line.socket.getpeercert()["subject"])
            line.socket.recv(1 << 16)
            return answering(keep=False)(line)

    with FaultServer(before=[unread(asking)]) as server:

        async def call() -> Any:
            auth = {"tls": str(certificate)}
            async with dynclient.AsyncClient(contents, base_url=https(server), auth=auth) as c:
                return (await c.get()).data

        assert run(call) == OK
    assert shown == [((("commonName", "127.0.0.1"),),)]


def test_an_application_that_takes_too_long() -> None:
    """It may have carried the call out, and is not asked again."""
    asked: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)
        await anyio.sleep_forever()

    async def call() -> TimedOut:
        async with dynclient.AsyncClient(document("http://api.test"), app=app, total_timeout=0.1) as c:
            with pytest.raises(TimedOut) as caught:
                await c.create()
            return caught.value

    error: Any = run(call)
    assert (error.sent, error.attempts, len(asked)) == ("unknown", 1, 1)


def test_a_proxy_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused."""
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:9")

    async def call() -> None:
        async with dynclient.AsyncClient(document("http://api.test")) as c:
            with pytest.raises(CallError, match="Client knows SOCKS"):
                await c.get()

    run(call)


def test_an_address_of_another_scheme() -> None:
    """Is an error of ours, and nothing is sent."""

    async def call() -> None:
        async with dynclient.AsyncClient(document("http://api.test"), retries=0) as c:
            prepared = c.get.prepare()
            prepared.url = "ftp://api.test/thing"
            with pytest.raises(NoConnection) as caught:
                await c.send(prepared)
            assert caught.value.sent == "no"

    run(call)


def test_a_header_that_cannot_be_written() -> None:
    """Is an error of ours, and nothing is sent."""
    with FaultServer() as server:

        async def call() -> None:
            async with dynclient.AsyncClient(document(server.url), retries=0) as c:
                prepared = c.get.prepare()
                prepared.headers["X y"] = "z"
                with pytest.raises(SendError) as caught:
                    await c.send(prepared)
                assert caught.value.sent == "no"

        run(call)
        assert server.work == 0


# ---------------------------------------------------------------------------------------------------- pages and waiting


PETS = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "parameters": [{"name": "after", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "pets",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "properties": {
                                        "data": {"type": "array", "items": {}},
                                        "last_id": {"type": "string"},
                                        "has_more": {"type": "boolean"},
                                    }
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}


def pets(line: Any) -> object:
    """Two pages of two."""
    ids = ["c", "d"] if "after=b" in line.request.target else ["a", "b"]
    return answering(json.dumps({"data": ids, "last_id": ids[-1], "has_more": ids[0] == "a"}).encode())(line)


@pytest.mark.parametrize("auth", [None, {"key": lambda: "k"}], ids=["none", "asked for"])
def test_pages_and_items(auth: dict[str, Credential] | None) -> None:
    """Are asked for as they are wanted."""
    contents: dict[str, Any] = dict(PETS)
    if auth:
        contents |= {"components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}}
        contents |= {"security": [{"key": []}]}
    with FaultServer(pets) as server:

        async def calls() -> Any:
            async with dynclient.AsyncClient(contents, base_url=server.url, auth=auth) as c:
                async for page in c.listPets.pages():
                    assert (page["last_id"], server.work) == ("b", 1)
                    break
                return [len(page) async for page in c.listPets.pages()], [item async for item in c.listPets.items()]

        assert run(calls) == ([3, 3], ["a", "b", "c", "d"])
        assert {seen.headers.get("x-key") for seen in server.seen} == {"k" if auth else None}


def test_what_is_not_paged_is_refused_at_once() -> None:
    """Before the first page is asked for."""
    c = dynclient.AsyncClient(document("https://api.test"))
    with pytest.raises(CallError, match="does not tell how its answers lead to further pages"):
        c.get.pages()
    with pytest.raises(InvalidRequest):
        dynclient.AsyncClient(PETS, base_url="https://api.test").listPets.items(none=1)


def test_waiting() -> None:
    """For a field; the pauses hold up no other task."""
    states = iter(["queued", "queued", "done"])

    def state(line: Any) -> object:
        return answering(json.dumps({"status": next(states)}).encode())(line)

    with FaultServer(state) as server:

        async def calls() -> Any:
            async with dynclient.AsyncClient(document(server.url), polling=dynclient.Polling(every=0.01)) as c:
                return (await c.get.poll(until={"status": "done"}))["status"]

        assert run(calls) == "done"
        assert server.work == 3


# --------------------------------------------------------------------------------------------------------- applications


async def echoing(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An ASGI application that says what it was given, in two pieces."""
    event = await receive()
    told = {name: scope[name] for name in ("method", "path", "scheme", "http_version")}
    told |= {"query": scope["query_string"].decode(), "raw": scope["raw_path"].decode(), "body": event["body"].decode()}
    told |= {name.decode(): text.decode() for name, text in scope["headers"] if name in (b"host", b"x-h")}
    content = json.dumps(told).encode()
    fields = [(b"content-type", b"application/json"), (b"set-cookie", b"s=1")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": content[:9], "more_body": True})
    await send({"type": "http.response.body", "body": content[9:]})
    assert await receive() == {"type": "http.disconnect"}


TOLD = {
    "method": "POST",
    "path": "/thing",
    "scheme": "https",
    "http_version": "1.1",
    "query": "",
    "raw": "/thing",
    "body": '{"a":"b"}',
    "host": "api.test",
    "x-h": "h",
}


def test_an_asgi_application() -> None:
    """Is called in the task, or by Client in a thread, and gets what a server would."""
    contents = document("https://api.test")
    options: dict[str, Any] = {"app": echoing, "headers": {"X-H": "h"}}

    async def call() -> Any:
        async with dynclient.AsyncClient(contents, **options) as c:
            return (await c.create(body={"a": "b"})).data

    assert run(call) == TOLD
    assert dynclient.Client(contents, **options).create(body={"a": "b"}).data == TOLD


def test_an_asgi_application_under_requests() -> None:
    """The adapter reads the answer where that is asked for, as those of requests do."""
    with requests.Session() as session:
        session.mount("https://", ASGIAdapter(echoing))
        answer = session.post("https://api.test/a%2Fb?c=d", data="x")

    assert (answer.json()["path"], answer.json()["raw"], answer.json()["query"]) == ("/a/b", "/a%2Fb", "c=d")
    assert dict(answer.cookies) == {"s": "1"}


class Unfinished:
    """An ASGI application that ends without an answer."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        return


def test_an_asgi_application_that_says_nothing() -> None:
    """Is an error of ours, in both clients."""
    options: dict[str, Any] = {"app": Unfinished(), "retries": 0}

    async def call() -> Any:
        async with dynclient.AsyncClient(document("https://api.test"), **options) as c:
            with pytest.raises(SendError):
                await c.get()

    run(call)
    with pytest.raises(SendError):
        dynclient.Client(document("https://api.test"), **options).get()


def test_a_wsgi_application() -> None:
    """Is called in a thread."""

    async def call() -> Any:
        async with dynclient.AsyncClient("openai", app=MockApp("openai"), auth={"ApiKeyAuth": "k"}) as c:
            return (await c.getThread(thread_id="thread_abc123"))["object"]

    assert run(call) == "thread"
