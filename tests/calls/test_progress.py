"""Progress: what a function is told, and what a terminal, a notebook and a pipe show."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pickle
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient import Pagination, Polling, Progress
from dynclient.calls.core import NO_BAR, Core
from dynclient.errors import SendError
from dynclient.support.deadline import Clock
from tests.conftest import Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, only, timing  # noqa: F401
from tests.faultserver import Fault, FaultServer, Line, answering, closing
from tests.places import ROOT

FILE = bytes(range(256)) * 4 * 1000
KIND = "application/octet-stream"
JSON = {"200": {"description": "", "content": {"application/json": {"schema": {}}}}}
PAGES = Pagination(parameter="page", step="page", items="/data", more="/more")


def document(url: str, name: str = "fetch") -> dict[str, Any]:
    form = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
    sent = {KIND: {}, "multipart/form-data": {"schema": form}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    file = {"200": {"description": "", "content": {KIND: {}}}}
    return {
        "openapi": "3.1.0",
        "servers": [{"url": url}],
        "paths": {
            "/file": {
                "get": {"operationId": name, "responses": file},
                "put": {"operationId": "upload", "requestBody": {"content": sent}, "responses": JSON},
            },
            "/list": {"get": {"operationId": "list", "parameters": [page], "responses": JSON}},
            "/run": {"get": {"operationId": "getRun", "responses": JSON}},
        },
    }


def client(url: str, progress: Any, **options: Any) -> Any:
    """A client that does not wait between attempts."""
    options = {"pagination": PAGES, "polling": Polling(every=0.001, longest=0.001), **options}
    return timing(made(document(url), progress=progress, **options), Clock(sleep=lambda seconds: None))


def sending(content: bytes = FILE, **headers: Any) -> Fault:
    return answering(content, **{"Content_Type": KIND, "ETag": '"v1"', **headers})


def list_page(number: int, of: int) -> Fault:
    return answering(json.dumps({"data": [number, number], "more": number < of}).encode())


def states(*names: str) -> list[Fault]:
    return [answering(json.dumps({"status": name}).encode()) for name in names]


def amounts(told: list[Progress]) -> list[int]:
    return [each.done for each in told]


# --------------------------------------------------------------------------------------------------- what is told


@pytest.mark.parametrize("kind", ["path", "open file", "bytes"])
def test_an_upload(tmp_path: Path, kind: str) -> None:
    """Each piece that was sent, of a file or of a large body in memory; the server gets the same bytes."""
    path = tmp_path / "file"
    path.write_bytes(FILE)
    told: list[Progress] = []
    with FaultServer() as server, path.open("rb") as file:
        body = {"path": path, "open file": file, "bytes": FILE}[kind]
        client(server.url, told.append, content_type=KIND).upload(body=body)

    assert server.seen[0].body == FILE
    assert amounts(told) == [*range(1 << 16, len(FILE), 1 << 16), len(FILE)]
    assert told[-1] == Progress("upload", "upload", len(FILE), len(FILE), "bytes", "1.0 of 1.0 MB")


def test_a_multipart_body_and_one_of_unknown_length(tmp_path: Path) -> None:
    """The total is that of the whole body, or None."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3000)
    told: list[Progress] = []
    with FaultServer() as server:
        client(server.url, told.append).upload(file=path)
        total = int(server.seen[0].headers["content-length"])
        assert (amounts(told)[-1], {each.total for each in told}) == (total, {total})

        told.clear()
        client(server.url, told.append, content_type=KIND).upload(body=iter([b"x" * 70_000, b"y"]))
        assert [(each.done, each.total, each.text) for each in told] == [
            (65_536, None, "65.5 kB"),
            (70_000, None, "70.0 kB"),
            (70_001, None, "70.0 kB"),
        ]


def test_a_small_body_in_memory(loopback: Loopback) -> None:
    """It goes out at once, and is what hooks and the answer's request show."""
    told: list[Progress] = []

    client(loopback.url, told.append, content_type=KIND).upload(body=b"x" * 1000)

    assert (told, loopback.last.body) == ([], b"x" * 1000)


def test_a_retry_begins_anew(tmp_path: Path) -> None:
    """The bytes are counted for each attempt."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100_000)
    told: list[Progress] = []
    with FaultServer(before=[closing]) as server:
        client(server.url, told.append, content_type=KIND).upload(body=path)

    assert amounts(told) == [65_536, 100_000] * 2
    assert server.work == 2


def test_a_download(tmp_path: Path) -> None:
    """What was saved or read, of Content-Length where that is there."""
    told: list[Progress] = []
    with FaultServer(sending()) as server:
        c = client(server.url, told.append)
        c.fetch.open().save(tmp_path / "file")
        assert amounts(told) == sorted(amounts(told))
        assert told[-1] == Progress("fetch", "download", len(FILE), len(FILE), "bytes", "1.0 of 1.0 MB")

        read, told[:] = told[-1], []
        with c.fetch.open() as download:
            assert b"".join(download) == FILE
        assert told[-1] == read

        told.clear()
        server.always = sending(b"x" * 2000, Content_Length="", Connection="close")
        c.fetch.open().save(tmp_path / "file")
        assert told[-1] == Progress("fetch", "download", 2000, None, "bytes", "2.0 kB")


def test_a_resumed_download(tmp_path: Path) -> None:
    """It goes on from where it broke off."""
    head = f'HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\nContent-Length: {len(FILE)}\r\nETag: "v1"\r\n\r\n'
    half = len(FILE) // 2
    said = f"bytes {half}-{len(FILE) - 1}/{len(FILE)}"
    rest = sending(FILE[half:], status="206 Partial Content", Content_Range=said)
    told: list[Progress] = []
    with FaultServer(rest, before=[lambda line: line.send(head.encode() + FILE[:half])]) as server:
        client(server.url, told.append).fetch.open().save(tmp_path / "file")

    assert half in amounts(told)
    assert (amounts(told), told[-1].total) == (sorted(amounts(told)), len(FILE))
    assert (tmp_path / "file").read_bytes() == FILE


@pytest.mark.parametrize("way", ["pages", "items"])
def test_pages(way: str) -> None:
    """Each page that came."""
    told: list[Progress] = []
    with FaultServer(before=[list_page(number, 3) for number in (1, 2, 3)]) as server:
        assert len(list(getattr(client(server.url, told.append).list, way)())) == {"pages": 3, "items": 6}[way]

    assert told == [
        Progress("list", "pages", 1, None, "pages", "1 page in 0 s"),
        Progress("list", "pages", 2, None, "pages", "2 pages in 0 s"),
        Progress("list", "pages", 3, None, "pages", "3 pages in 0 s"),
    ]


@pytest.mark.parametrize(
    ("until", "state"),
    [({"status": "completed"}, ", status: {}"), (lambda response: response["status"] == "completed", "")],
)
def test_polling(until: Any, state: str) -> None:
    """How often it asked, and the fields of `until` as they are now."""
    told: list[Progress] = []
    with FaultServer(before=states("queued", "completed")) as server:
        client(server.url, told.append).getRun.poll(until=until)

    assert told == [
        Progress("getRun", "poll", 1, None, "calls", f"asked once in 0 s{state.format('queued')}"),
        Progress("getRun", "poll", 2, None, "calls", f"asked 2 times in 0 s{state.format('completed')}"),
    ]


def test_for_one_call_alone(loopback: Loopback) -> None:
    """An option of `with_options`, as of a client."""
    told: list[Progress] = []
    loopback.says(b'{"status": "completed"}')
    c = client(loopback.url, False)

    c.getRun.with_options(progress=told.append).poll(until={"status": "completed"})
    c.getRun.poll(until={"status": "completed"})

    assert len(told) == 1


def test_texts_of_others_are_harmless() -> None:
    """Control characters, lines and secrets of a state; the id is told as it is."""
    told: list[Progress] = []
    state = "\x1b[2J\x07 two\nlines sk-very-secret-key"
    with FaultServer(before=states(state, "completed")) as server:
        parts = document(server.url)
        parts["paths"]["/run"]["get"]["security"] = [{"key": []}]
        parts["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
        c = made(parts, auth={"key": "sk-very-secret-key"}, progress=told.append, polling=Polling(every=0.001))
        c.getRun.poll(until={"status": "completed"})

    assert told[0].text == "asked once in 0 s, status: \\u001b[2J\\u0007 two lines ***"


# --------------------------------------------------------------------------------------------- errors of the function


def failing(error: Exception) -> Callable[[Progress], None]:
    def fail(progress: Progress) -> None:
        if not fail.is_over:  # type: ignore[attr-defined]
            raise error

    fail.is_over = False  # type: ignore[attr-defined]
    return fail


@pytest.mark.parametrize("error", [ValueError("no"), BrokenPipeError("no"), SendError("x", "no")])
def test_an_error_during_an_upload(tmp_path: Path, error: Exception) -> None:
    """It is the caller's, not the network's: nothing is retried, and the half-used connection is closed."""
    path = tmp_path / "file"
    path.write_bytes(FILE)
    fail = failing(error)
    with FaultServer() as server:
        c = client(server.url, fail, content_type=KIND)
        with pytest.raises(type(error)) as caught:
            c.upload(body=path)
        assert caught.value is error
        server.wait_until(lambda: server.open == 0)

        fail.is_over = True  # type: ignore[attr-defined]
        assert c.upload(body=path)["ok"]
        assert (server.connections, [seen.body for seen in server.seen]) == (2, [FILE])


@pytest.mark.parametrize("way", ["save", "read"])
def test_an_error_during_a_download(tmp_path: Path, way: str) -> None:
    """Nothing is saved, and the next call has a connection of its own."""
    error = SendError("x", "no")
    with FaultServer(sending()) as server:
        download = client(server.url, failing(error)).fetch.open()
        with pytest.raises(SendError) as caught:
            download.save(tmp_path / "file") if way == "save" else list(download)
        assert caught.value is error
        server.wait_until(lambda: server.open == 0)

    assert (server.work, list(tmp_path.iterdir())) == (1, [])


def test_an_error_between_calls() -> None:
    """Of pages and polls: their answers were read, so the connection stays."""
    error = SendError("x", "no")
    with FaultServer(list_page(1, 3)) as server:
        c = client(server.url, failing(error))
        for use in (lambda: list(c.list.pages()), lambda: c.getRun.poll(until={"status": "completed"})):
            with pytest.raises(SendError) as caught:
                use()
            assert caught.value is error
        assert (server.work, server.connections) == (2, 1)


def test_a_function_is_not_pickled() -> None:
    """It stays behind, as hooks do; what is data comes along."""
    for given, kept in ((print, False), ("always", "always"), (True, True)):
        c: Any = dynclient.Client(document("https://api.test"), progress=given)  # type: ignore[arg-type]
        assert pickle.loads(pickle.dumps(c))._core.options.progress == kept


@pytest.mark.parametrize("value", ["sometimes", 1.5, None])
def test_a_wrong_value(value: Any) -> None:
    """The error says what there is."""
    with pytest.raises(TypeError, match="the option progress must be True, False, 'always', or a function of a dyn"):
        made(document("https://api.test"), progress=value)


def test_off(loopback: Loopback) -> None:
    """By default there is no bar, and the module is not imported."""
    c = dynclient.Client(document(loopback.url))
    core: Core = c._core
    code = (
        "import sys, dynclient\n"
        f"c = dynclient.Client({document(loopback.url)!r}, validate_response='off')\n"
        "c.getRun()\n"
        "c.with_options(content_type='application/octet-stream').upload(body=b'x' * 2_000_000)\n"
        "list(c.with_options(pagination=dynclient.Pagination('page', step='page', items='/data')).list.pages())\n"
        "print({'dynclient.calls.progress', 'rich', 'tqdm'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert core.bar(c.operations["getRun"], "poll") is NO_BAR
    assert done.stdout == "set()\n"


# ------------------------------------------------------------------------------------------------------- what is shown

PROGRAM = """
import dataclasses, os, sys, time

url, progress, hidden, work = sys.argv[1:]
for name in hidden.split():
    sys.modules[name] = None
if "notebook" in work:  # what tqdm and rich look for
    import types
    shell = type("ZMQInteractiveShell", (), {"config": {"IPKernelApp": {}}})()
    sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)

import dynclient
from dynclient.calls.pacing import Traffic
from dynclient.support import Clock
from tests.calls.test_progress import NAME, PAGES, document

polling = dynclient.Polling(every=2, longest=2)
client = dynclient.Client(document(url, NAME), progress={"True": True}.get(progress, progress), polling=polling)
client = client.with_options(pagination=PAGES)
# Its time passes twenty times as fast.
clock = Clock(monotonic=lambda: 20 * time.monotonic(), sleep=lambda seconds: time.sleep(seconds / 20))
client._core = dataclasses.replace(client._core, traffic=Traffic(clock, 100))
if "download" in work:
    client[NAME].open().save(work.split()[1])
if "pages" in work:
    for number, page in enumerate(client.list.pages()):
        print("page", number)
if "poll" in work:
    client.getRun.poll(until={"status": "completed"})
if "upload" in work:
    import io

    class Slow(io.BytesIO):
        def read(self, size=-1):
            time.sleep(0.002)
            return super().read(size)

    client.upload.with_options(content_type="application/octet-stream")(body=Slow(bytes(2_000_000)))
if "broken" in work:
    try:
        client[NAME].with_options(retries=0).open().save(work.split()[1])
    except dynclient.SendError:
        print("it broke off")
if "dropped" in work:
    pages = client.list.pages()
    print("first", next(pages).status_code)
    print("second", next(pages).status_code)
    del pages
    print("dropped")
if "interrupted" in work:
    import signal, threading
    client[NAME].check()  # what the first call imports may take longer than the timer, and must not be cut short
    threading.Timer(1.5, signal.raise_signal, [signal.SIGINT]).start()
    try:
        client[NAME].open().save(work.split()[1])
    except KeyboardInterrupt:
        print("interrupted")
if "cancelled" in work:
    import asyncio

    async def use():
        awaited = dynclient.AsyncClient(document(url, NAME), progress=True, pagination=PAGES)
        awaited._core = dataclasses.replace(awaited._core, traffic=client._core.traffic)
        for _ in "12":
            try:
                async with asyncio.timeout(1.5):
                    await awaited[NAME].open().save(work.split()[1])
            except TimeoutError:
                print("cancelled")
        async for page in awaited.list.pages():
            print("a page")
            if page["data"] == [2, 2]:
                break
        await awaited.aclose()

    asyncio.run(use())
if "many" in work:
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor() as threads:
        list(threads.map(lambda number: client[NAME].open().save(f"{work.split()[1]}{number}"), range(3)))
"""
NAME = "fetch\x1b]0;owned\x07[bold]all[/bold] {desc}\r\nEverything"
SHOWN = "fetch\\u001b]0;owned\\u0007[bold]all[/b..."


def slowly(line: Line) -> bool:
    """A file that takes 150 ms, which the program's clock takes for 3 s."""
    line.send(f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\nContent-Length: 1500000\r\n\r\n".encode())
    for _ in range(15):
        line.send(b"x" * 100_000)
        line.wait(0.01)
    return True


def half_of_it(line: Line) -> None:
    line.send(f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\nContent-Length: 1500000\r\n\r\n".encode())
    for _ in range(8):
        line.send(b"x" * 100_000)
        line.wait(0.01)


def later(fault: Fault) -> Fault:
    def answer(line: Line) -> object:
        line.wait(0.06)
        return fault(line)

    return answer


def run_in_terminal(*arguments: str, columns: int = 100, term: str = "xterm-256color") -> tuple[str, list[str]]:
    """What a program writes to its terminal, and the lines that are to be seen there at the end."""
    pyte = pytest.importorskip("pyte")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": term, "PYTHONPATH": str(ROOT)}
    for size in ("COLUMNS", "LINES"):
        environment.pop(size, None)
    command = [sys.executable, "-c", PROGRAM, *arguments]
    written = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment) as process:
        os.close(theirs)
        until = time.monotonic() + 60
        while time.monotonic() < until and select.select([ours], [], [], 60)[0]:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # the end, on Linux
                break
            written += piece
            if not piece:
                break
        os.close(ours)
    assert process.returncode == 0, written.decode()
    screen = pyte.Screen(columns, 40)
    pyte.ByteStream(screen).feed(written)
    return written.decode(), [line.rstrip() for line in screen.display if line.strip()]


def run_in_pipe(*arguments: str, **more: str) -> tuple[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr


HIDDEN = {"rich": "", "tqdm": "rich", "lines": "rich tqdm"}


def _needs(display: str) -> str:
    if display != "lines":
        pytest.importorskip(display)
    return HIDDEN[display]


@only("Client")
@pytest.mark.parametrize("display", HIDDEN)
def test_a_terminal(tmp_path: Path, display: str) -> None:
    """Each call leaves one line; what the program prints is whole; a hostile id does nothing."""
    faults = [slowly, *(later(list_page(number, 3)) for number in (1, 2, 3)), *states("queued", "completed")]
    with FaultServer(before=faults) as server:
        hidden = _needs(display)
        written, screen = run_in_terminal(server.url, "True", hidden, f"download {tmp_path / 'file'} pages poll")

    first = next(line for line in screen if "1.5 of 1.5 MB" in line)
    assert first.startswith(SHOWN)
    assert "\x1b]0;" not in written
    assert [line for line in screen if line.startswith("page")] == ["page 0", "page 1", "page 2"]
    assert sum("3 pages in" in line for line in screen) == 1
    assert sum("asked 2 times in" in line and "status: completed" in line for line in screen) == 1
    if display == "lines":
        assert "\x1b" not in written
        return
    assert ("━━━━" if display == "rich" else "████") in written
    assert "B/s" in first
    assert len(screen) == 6


@only("Client")
@pytest.mark.parametrize("display", HIDDEN)
def test_an_upload_in_a_terminal(display: str) -> None:
    """Its line also says that only the answer is missing; a retry has a line anew."""
    with FaultServer(later(answering()), before=[later(closing)]) as server:
        hidden = _needs(display)
        written, screen = run_in_terminal(server.url, "True", hidden, "upload")

    assert screen[-1].startswith("upload")
    assert "2.0 of 2.0 MB" in screen[-1]
    assert len([line for line in screen if "2.0 of 2.0 MB" in line]) == 1 or display == "lines"
    assert display == "lines" or "waiting for the answer" in written


@only("Client")
@pytest.mark.parametrize("display", ["rich", "tqdm"])
def test_a_call_that_fails_or_is_dropped_leaves_nothing(tmp_path: Path, display: str) -> None:
    """The error says what became of it; a generator gives the terminal back with each page."""
    faults = [half_of_it, *(later(list_page(number, 3)) for number in (1, 2))]
    with FaultServer(before=faults) as server:
        hidden = _needs(display)
        written, screen = run_in_terminal(server.url, "True", hidden, f"broken {tmp_path / 'file'} dropped")

    assert "of 1.5 MB" in written
    assert screen == ["it broke off", "first 200", "second 200", "dropped"]
    if display == "rich":
        assert written.count("\x1b[?25l") == written.count("\x1b[?25h") > 0  # the cursor is back


@only("Client")
@pytest.mark.parametrize("display", ["rich", "tqdm"])
def test_a_call_that_is_given_up_leaves_nothing(tmp_path: Path, display: str) -> None:
    """By KeyboardInterrupt, by a cancelled task, or by leaving a loop."""
    faults = [half_and_wait, half_and_wait, half_and_wait, *(later(list_page(number, 3)) for number in (1, 2))]
    with FaultServer(before=faults) as server:
        hidden = _needs(display)
        written, screen = run_in_terminal(server.url, "True", hidden, f"interrupted {tmp_path / 'file'} cancelled")

    assert written.count("of 1.5 MB") >= 3
    assert screen == ["interrupted", "cancelled", "cancelled", "a page", "a page"]


@only("Client")
@pytest.mark.parametrize("display", HIDDEN)
def test_several_at_once(tmp_path: Path, display: str) -> None:
    """Each has its line, and none is in another's way."""
    with FaultServer(slowly) as server:
        hidden = _needs(display)
        _, screen = run_in_terminal(server.url, "True", hidden, f"many {tmp_path / 'file'}")

    assert all(line.startswith(SHOWN) for line in screen)
    assert sum("1.5 of 1.5 MB" in line for line in screen) == 3
    assert display == "lines" or len(screen) == 3


@only("Client")
@pytest.mark.parametrize(("columns", "display"), [(60, "rich"), (60, "tqdm"), (24, "rich"), (24, "tqdm")])
def test_a_narrow_terminal(tmp_path: Path, columns: int, display: str) -> None:
    """The line stays one line."""
    with FaultServer(slowly) as server:
        hidden = _needs(display)
        _, screen = run_in_terminal(server.url, "True", hidden, f"download {tmp_path / 'file'}", columns=columns)

    assert len(screen) == 1


@only("Client")
def test_a_terminal_that_cannot_move_its_cursor(tmp_path: Path) -> None:
    """It gets lines."""
    with FaultServer(slowly) as server:
        written, screen = run_in_terminal(server.url, "True", "", f"download {tmp_path / 'file'}", term="dumb")

    assert screen[-1] == f"{SHOWN}: 1.5 of 1.5 MB"
    assert "\x1b" not in written


@only("Client")
def test_a_pipe(tmp_path: Path) -> None:
    """Nobody looks there, so it shows nothing unless it is asked to: then a line a second, and one at the end."""
    work = f"download {tmp_path / 'file'}"
    with FaultServer(slowly) as server:
        assert run_in_pipe(server.url, "True", "", work) == ("", "")
        out, lines = run_in_pipe(server.url, "always", "", work)

    assert out == ""
    *before, last = lines.splitlines()
    assert last == f"{SHOWN}: 1.5 of 1.5 MB"
    assert 1 <= len(before) <= 10
    assert all(line.startswith(f"{SHOWN}: ") and line.endswith(" of 1.5 MB") for line in before)


@only("Client")
@pytest.mark.parametrize("display", ["tqdm", "lines"])
def test_a_notebook(tmp_path: Path, display: str) -> None:
    """A person looks there, though it is not a terminal."""
    with FaultServer(slowly) as server:
        hidden = f"{_needs(display)} ipywidgets"
        _, shown = run_in_pipe(server.url, "True", hidden, f"download {tmp_path / 'file'} notebook", COLUMNS="100")

    assert ("█" in shown) == (display == "tqdm")
    assert f"{SHOWN}: 1.5 of 1.5 MB" in shown


@only("Client")
def test_what_is_small_or_quick_is_not_shown(
    loopback: Loopback, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Less than 1 MB, however long it takes, and what takes less than half a second."""
    now = iter(range(0, 10_000_000, 1000))
    slow = Clock(monotonic=lambda: next(now) / 1000)
    for clock, content, is_shown in ((slow, FILE[:999_999], False), (Clock(), FILE, False), (slow, FILE, True)):
        loopback.says(content, KIND)
        c = timing(made(document(loopback.url), progress="always"), clock)
        c.fetch.open().save(tmp_path / "file")
        assert ("fetch: 1.0 of 1.0 MB" in capsys.readouterr().err) == is_shown


@only("Client")
def test_a_closed_standard_error(loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nobody's error."""
    closed = (tmp_path / "closed").open("w")
    closed.close()
    now = iter(range(10_000_000))
    loopback.says(FILE, KIND)
    for stream in (closed, None):
        for value in (True, "always"):
            monkeypatch.setattr(sys, "stderr", stream)
            c = timing(made(document(loopback.url), progress=value), Clock(monotonic=lambda: next(now) / 10))
            saved = c.fetch.open().save(tmp_path / "file")
            assert saved.stat().st_size == len(FILE)


# ----------------------------------------------------------------------------------------------------- given up


@only("AsyncClient")
def test_a_cancelled_task(tmp_path: Path) -> None:
    """Nothing is saved, and the connection is closed."""
    told: list[Progress] = []

    async def use(url: str) -> None:
        arrived = asyncio.Event()

        def tell(progress: Progress) -> None:
            told.append(progress)
            arrived.set()

        async with dynclient.AsyncClient(document(url), progress=tell) as client:
            task = asyncio.create_task(client.fetch.open().save(tmp_path / "file"))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with FaultServer(half_and_wait) as server:
        asyncio.run(use(server.url))
        server.wait_until(lambda: server.open == 0)

    assert 0 < told[-1].done < 1_500_000
    assert [*tmp_path.iterdir()] == []


def half_and_wait(line: Line) -> None:
    half_of_it(line)
    line.wait()


class _Stop(BaseException):
    """Such as KeyboardInterrupt."""


@only("Client")
def test_an_interrupt(tmp_path: Path) -> None:
    """It goes through an upload as it is, and the connection is closed."""
    path = tmp_path / "file"
    path.write_bytes(FILE)

    def stop(progress: Progress) -> None:
        raise _Stop

    with FaultServer() as server:
        with pytest.raises(_Stop):
            client(server.url, stop, content_type=KIND).upload(body=path)
        server.wait_until(lambda: server.open == 0)


# ----------------------------------------------------------------------------------------------------------- documents


def large(url: str) -> bytes:
    return json.dumps({**document(url), "x-large": "x" * 1_500_000}).encode()


def test_a_document_at_a_url() -> None:
    """Its bytes are told while they come; the name holds no password."""
    told: list[Progress] = []
    content = large("http://api.test")
    with FaultServer(answering(content, Content_Type="application/json")) as server:
        url = server.url.replace("http://", "http://user:s3cret@") + "/openapi.json"
        made(url, cache=False, progress=told.append)

    assert {(each.kind, each.unit, each.total) for each in told} == {("load", "bytes", len(content))}
    assert amounts(told) == sorted(amounts(told))
    assert told[-1].done == len(content)
    assert "s3cret" not in told[0].operation
    assert told[0].operation.endswith("/openapi.json")


def test_a_document_in_a_file(tmp_path: Path) -> None:
    """All of it is there at once; then it is read."""
    told: list[Progress] = []
    path = tmp_path / "large.json"
    path.write_bytes(large("http://api.test"))
    made(path, cache=False, progress=told.append)

    assert [(each.operation, each.done) for each in told] == [("large.json", path.stat().st_size)]


def test_a_function_that_raises_while_a_document_is_loaded(tmp_path: Path) -> None:
    """Its error is raised as it is, not as one of the document."""
    path = tmp_path / "large.json"
    path.write_bytes(large("http://api.test"))

    def broken(progress: Progress) -> None:
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        made(path, cache=False, progress=broken)
