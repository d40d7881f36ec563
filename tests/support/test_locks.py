"""Locks after a fork, and values that are worked out once."""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient.mock import MockApp
from dynclient.support import locks
from dynclient.support.locks import cached, renewed
from tests.faultserver import FaultServer, answering

PACKAGE = Path(dynclient.__file__).parent

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def forked(function: Callable[[], object]) -> str:
    """What becomes of a function in a forked child: "ok", "fails" or "hangs"."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20)
        code = 1
        with contextlib.suppress(BaseException):
            function()
            code = 0
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return {0: "ok", -signal.SIGALRM: "hangs"}.get(os.waitstatus_to_exitcode(status), "fails")


@contextlib.contextmanager
def held(held_locks: list[Any]) -> Iterator[None]:
    """While another thread holds these locks."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.ExitStack() as stack:
            for lock in held_locks:
                stack.enter_context(lock)
            taken.set()
            done.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    try:
        yield
    finally:
        done.set()
        thread.join()


def document(url: str) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    answer = {"200": {"description": "ok", **body}}
    operations = {
        method: {"operationId": name, "requestBody": body, "responses": answer}
        for method, name in [("post", "create"), ("put", "replace")]
    }
    thing = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    schemes = {"oauth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": url}],
        "paths": {"/thing": operations},
        "components": {"schemas": {"Thing": thing}, "securitySchemes": schemes},
    }


def test_a_child_waits_for_no_lock_of_its_parent() -> None:
    """Whichever was held: it makes calls of operations that were used before and of others, and has threads."""
    token = answering(b'{"ok": true, "access_token": "t", "token_type": "bearer"}')
    with FaultServer(token) as server:
        contents = document(server.url)
        mock = dynclient.Client(contents, app=MockApp(contents))
        secured = {**contents, "security": [{"oauth": []}]}
        auth = {"oauth": dynclient.OAuth2("id", "secret", token_url=f"{server.url}/token")}
        client = dynclient.Client(secured, requests_per_second=1000, auth=auth)
        client.create(body={"ok": True})
        client.create.submit(body={"ok": True}).result()
        mock.create(body={"ok": True})
        gc.collect()
        owners = [(reference(), name) for (_, name), (reference, _) in locks._owners.items()]
        kinds = {type(owner).__name__ for owner, _ in owners}
        found = [getattr(owner, name) for owner, name in owners if hasattr(getattr(owner, name, None), "acquire")]

        def calls() -> None:
            for operation in (client.create, client.replace, mock.create, mock.replace):
                operation(body={"ok": True})
            client.create.submit(body={"ok": True}).result()
            dynclient.Client(contents).create(body={"ok": True})

        with held(found):
            assert forked(calls) == "ok"
        calls()
        client.close()

    assert kinds >= {
        "AcceptCheck",
        "Library",
        "MockApp",
        "Notices",
        "OAuth2",
        "RequestValidator",
        "NoCookies",
        "SchemaValidator",
        "Traffic",
        "Transport",
        "Workers",
    }


def test_no_lock_is_made_elsewhere() -> None:
    """But where a thread that forks cannot need it: while a document is fetched, and where no system forks."""
    makers = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"threading\.(R?Lock|Condition|Semaphore)\(|cached_property", path.read_text())
    }

    assert makers == {"cache.py", "fetching.py", "locks.py"}


def test_the_child_of_a_thread_that_holds_a_lock() -> None:
    """It lets go of the lock that it took, not of the new one."""

    class Owner:
        def __init__(self) -> None:
            self.lock = renewed(self, "lock")

    owner = Owner()

    def in_child() -> None:
        assert not owner.lock.locked()

    with owner.lock:
        assert forked(in_child) == "ok"
        assert owner.lock.locked()


@pytest.mark.slow
def test_owners_that_go_while_locks_are_renewed() -> None:
    """The collector of garbage may run in the child at any moment."""

    class Owner:
        def __init__(self) -> None:
            self.itself = self
            self.lock = renewed(self, "lock")

    threshold = gc.get_threshold()
    try:
        for later in range(1, 40):
            gc.collect()
            gc.disable()
            for _ in range(100):
                Owner()
            gc.set_threshold(gc.get_count()[0] + later)
            gc.enable()
            locks._renew()
    finally:
        gc.set_threshold(*threshold)


def test_owners_that_are_gone_are_forgotten() -> None:
    """The register holds nothing up."""

    class Owner:
        pass

    before = len(locks._owners)
    owners = [Owner() for _ in range(3)]
    for owner in owners:
        renewed(owner, "lock")
    assert len(locks._owners) == before + 3
    del owner, owners
    gc.collect()

    assert len(locks._owners) <= before


def test_libraries_with_locks_of_their_own() -> None:
    """On Python 3.11 a child waits for no cached_property of openapi-core either."""
    import openapi_core.validation.schemas.validators as library

    dynclient.Client(document("http://host.test")).create.check(body={})
    found = [
        member.lock
        for kind in vars(library).values()
        if isinstance(kind, type)
        for member in vars(kind).values()
        if isinstance(member, functools.cached_property) and hasattr(member, "lock")
    ]

    def call() -> None:
        dynclient.Client(document("http://host.test")).create.check(body={"ok": 5})

    with held(found):
        assert forked(call) == "ok"


IMPORTING = """
import os, signal, sys, threading, time
import dynclient
client = dynclient.Client({document})
thread = threading.Thread(target=client.create.check, kwargs={{"body": {{}}}})
thread.start()
while {library!r} not in sys.modules:
    time.sleep(0.0001)
child = os.fork()
if child == 0:
    signal.alarm(20)
    client.create.check(body={{}})
    os._exit(0)
sys.exit(abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""


@pytest.mark.slow
@pytest.mark.parametrize("library", ["requests", "jsonschema_path", "openapi_core"])
def test_a_fork_while_another_thread_imports(library: str) -> None:
    """The first call imports openapi-core and more, which takes a while; the child can make one all the same."""
    script = IMPORTING.format(document=repr(document("http://host.test")), library=library)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=60, check=False)

    assert done.returncode == 0


def test_every_library_that_is_imported_is_known() -> None:
    """A fork waits for the imports of all that this package imports, but for what comes with Python."""
    roots = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert roots - set(sys.stdlib_module_names) - locks._IMPORTED == set()


def test_cached() -> None:
    """It is worked out once for each object, and without a lock: two threads may do so at the same time."""
    both = threading.Barrier(2)

    class Kind:
        calls = 0

        @cached
        def value(self) -> int:
            """What it is."""
            self.calls += 1
            both.wait(10)
            return 5

    one, other = Kind(), Kind()
    thread = threading.Thread(target=lambda: other.value)
    thread.start()

    assert (one.value, one.value, one.calls) == (5, 5, 1)
    thread.join()
    assert Kind.value.__doc__ == "What it is."
