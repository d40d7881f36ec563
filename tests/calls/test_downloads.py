"""Downloads: a file is there whole or not at all, of one version, and what broke off is gone on with."""

from __future__ import annotations

import gc
import gzip
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient.calls.downloads import Content
from dynclient.errors import BrokenAnswer, CallError, TimedOut
from dynclient.responses.errors import NotFound, StatusError
from dynclient.support.deadline import Clock
from tests.drivers import _driver, generate as pytest_generate_tests, made, only, timing  # noqa: F401
from tests.faultserver import Fault, FaultServer, answering, closing, dripping, saying

FILE = bytes(range(256)) * 400
TAG = '"v1"'
DATES = {"Last_Modified": "Sat, 21 Nov 2026 10:00:00 GMT", "Date": "Sat, 21 Nov 2026 18:00:00 GMT"}
KIND = "application/octet-stream"


def document(url: str) -> dict[str, Any]:
    answers = {"200": {"description": "", "content": {KIND: {}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": url}],
        "paths": {
            "/file": {
                "get": {"operationId": "fetch", "responses": answers},
                "post": {"operationId": "export", "responses": answers},
            }
        },
    }


def client(url: str, waits: list[float] | None = None, **options: Any) -> Any:
    """A client that does not wait between attempts, but notes in `waits` how long it would have."""
    clock = Clock(sleep=(waits if waits is not None else []).append, random=lambda: 1.0)
    return timing(made(document(url), **options), clock)


def sending(content: bytes = FILE, **headers: Any) -> Fault:
    return answering(content, **{"Content_Type": KIND, "ETag": TAG, **headers})


def cut(after: int, *lines: str, length: int = len(FILE), etag: str = f"ETag: {TAG}") -> Fault:
    """So many bytes of the file, and then the end of the connection."""
    fields = [f"Content-Type: {KIND}", f"Content-Length: {length}", *lines, *([etag] if etag else [])]
    return saying(b"HTTP/1.1 200 OK\r\n" + crlf(fields) + FILE[:after])


def crlf(fields: Iterable[str]) -> bytes:
    return "".join(f"{field}\r\n" for field in fields).encode() + b"\r\n"


def rest(line: Any) -> object:
    """What was asked for by Range."""
    start = int(line.request.headers["range"].removeprefix("bytes=").removesuffix("-"))
    return part(start)(line)


def part(start: int, of: int | str = len(FILE), content: bytes | None = None, **headers: Any) -> Fault:
    content = FILE[start:] if content is None else content
    said = f"bytes {start}-{len(FILE) - 1}/{of}"
    return sending(content, status="206 Partial Content", Content_Range=said, **headers)


def asked(server: FaultServer) -> list[tuple[str | None, str | None]]:
    return [(seen.headers.get("range"), seen.headers.get("if-range")) for seen in server.seen]


# ---------------------------------------------------------------------------------------------------------------- saved


def test_a_file_is_saved(tmp_path: Path) -> None:
    """Uncompressed: otherwise nobody knows where to continue; the progress is reported."""
    told: list[tuple[int, int | None]] = []
    with FaultServer(sending()) as server, client(server.url).fetch.open() as download:
        assert (download.response.status_code, download.response.content) == (200, b"")
        saved = download.save(tmp_path / "file", lambda done, size: told.append((done, size)))

    assert (saved, saved.read_bytes()) == (tmp_path / "file", FILE)
    assert (told[-1], told == sorted(told), len(told) > 1) == ((len(FILE), len(FILE)), True, True)
    assert (server.seen[0].headers["accept-encoding"], list(tmp_path.iterdir())) == ("identity", [saved])


def test_a_file_in_one_line(tmp_path: Path) -> None:
    """The connection is left for the next call."""
    with FaultServer(sending()) as server:
        c = client(server.url)
        for name in ("one", "two"):
            assert c.fetch.open().save(str(tmp_path / name)).read_bytes() == FILE
        assert server.connections == 1


@pytest.mark.parametrize(
    ("fault", "size"),
    [
        (sending(gzip.compress(FILE), Content_Encoding="gzip"), None),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n" + FILE), None),
        (sending(Accept_Ranges="none"), len(FILE)),
    ],
    ids=["packed all the same", "without a length", "without ranges"],
)
def test_what_the_size_is(tmp_path: Path, fault: Fault, size: int | None) -> None:
    """That of the file, where the server says it."""
    sizes: set[int | None] = set()
    with FaultServer(fault) as server:
        saved = client(server.url).fetch.open().save(tmp_path / "file", lambda _, size: sizes.add(size))

    assert (saved.read_bytes(), sizes) == (FILE, {size})


def test_an_empty_file(tmp_path: Path) -> None:
    """Is one, also where there is no content at all."""
    with FaultServer(before=[sending(b""), answering(b"", status="204 No Content", Content_Length="")]) as server:
        c = client(server.url)
        assert [c.fetch.open().save(tmp_path / name).read_bytes() for name in "ab"] == [b"", b""]


def test_no_limit_of_size(tmp_path: Path) -> None:
    """`max_response_size` is for what is held in memory."""
    with FaultServer(sending()) as server:
        saved = client(server.url, max_response_size=1000).fetch.open().save(tmp_path / "file")

    assert saved.read_bytes() == FILE


def test_pieces() -> None:
    """For those who want no file."""
    with FaultServer(sending()) as server:
        with client(server.url).fetch.open() as download:
            assert b"".join(download) == FILE
            assert list(download) == []
        with FaultServer(answering(b"{}", status="404 No")) as other:
            assert list(client(other.url, raise_for_status=False).fetch.open()) == [b"{}"]


def test_an_answer_that_was_read(tmp_path: Path) -> None:
    """Has its content to save as well."""
    with FaultServer(sending()) as server:
        saved = client(server.url).fetch().save(tmp_path / "file")

    assert (saved, saved.read_bytes()) == (tmp_path / "file", FILE)


@only("Client")
def test_help_tells_of_files() -> None:
    """Of those that are neither JSON nor text."""
    contents = document("http://api.test")
    kinds = [KIND, "text/csv", "application/json", "*/*", "application/jsonl", "image/png"]
    contents["paths"]["/file"]["get"]["responses"]["200"]["content"] = {kind: {} for kind in kinds}
    assert f"Files: {KIND}, image/png; see open()." in str(dynclient.Client(contents).fetch.__doc__)


def test_an_application_in_this_process(tmp_path: Path) -> None:
    """Is saved from as well."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", KIND)])
        return [FILE[:1000], b"", FILE[1000:]]

    saved = made(document("http://api.test"), app=app).fetch.open().save(tmp_path / "file")
    assert saved.read_bytes() == FILE


# ------------------------------------------------------------------------------------------------------------ not saved


def test_an_error_is_no_file(tmp_path: Path) -> None:
    """Whether or not errors are raised."""
    with FaultServer(answering(b"{}", status="404 No")) as server:
        for raised in (True, False):
            with pytest.raises(NotFound):
                client(server.url, raise_for_status=raised).fetch.open().save(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    """Is reported before anything is sent."""
    with FaultServer(sending()) as server:
        with pytest.raises(FileNotFoundError):
            client(server.url).fetch.open().save(tmp_path / "none" / "file")

        assert server.connections == 0


def test_a_progress_that_fails(tmp_path: Path) -> None:
    """Ends it, with its own error, and without a file."""

    def stop(done: int, size: int | None) -> None:
        raise ZeroDivisionError

    with FaultServer(dripping(b"x", b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        with pytest.raises(ZeroDivisionError):
            client(server.url).fetch.open().save(tmp_path / "file", stop)
        server.wait_until(lambda: server.open == 0)

    assert list(tmp_path.iterdir()) == []


def test_wrong_calls_are_refused_at_once(nowhere: str) -> None:
    """With nothing sent."""
    with pytest.raises(CallError):
        client(nowhere).fetch.open(nam="x")


@pytest.mark.parametrize(
    ("options", "text"),
    [({"timeout": (5, 0.2)}, "did not answer within"), ({"stream_timeout": 0.3}, "within the 0.3 seconds allowed")],
    ids=["a piece", "all of it"],
)
def test_time(tmp_path: Path, options: dict[str, Any], text: str) -> None:
    """Is that between two pieces, and, where it was asked for, that of all of it."""

    def drip(line: Any) -> None:
        line.send(b"HTTP/1.1 200 OK\r\n\r\n")
        for wait in (0.1, 0.1, 0.1, 0.1, 9.0):
            line.send(b"x")
            line.wait(wait)

    with FaultServer(drip) as server, pytest.raises(TimedOut, match=text):
        client(server.url, total_timeout=0.25, **options).fetch.open().save(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_it_is_used_once(tmp_path: Path) -> None:
    """What is closed, or saved, cannot be saved again, and no empty file is left of it."""
    with FaultServer(sending()) as server:
        download = client(server.url).fetch.open()
        assert repr(download) == "<Download of fetch, not begun>"
        download.save(tmp_path / "one")
        assert repr(download).startswith("<Download <Response 200 fetch, application/octet-stream, not read>>")
        closed = client(server.url).fetch.open()
        closed.close()
        assert (list(closed), repr(closed)) == ([], "<Download of fetch, closed>")
        for each in (download, closed):
            with pytest.raises(ValueError, match="closed"):
                each.save(tmp_path / "two")

    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@only("Client")
def test_a_forgotten_download_is_reported() -> None:
    """And its connection closed."""
    with FaultServer(dripping(b"x", b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        download = client(server.url).fetch.open()
        assert download.response.status_code == 200
        with pytest.warns(ResourceWarning, match=r"<Download .*> was not closed"):
            del download
        gc.collect()
        server.wait_until(lambda: server.open == 0)


# --------------------------------------------------------------------------------------------------------- gone on with


def test_what_broke_off_is_gone_on_with(tmp_path: Path) -> None:
    """From where it broke off, and only of the same version."""
    waits: list[float] = []
    told: list[int] = []
    cut_again = saying(
        b"HTTP/1.1 206 Partial Content\r\n"
        + crlf([f"Content-Length: {len(FILE) - 5000}", f"Content-Range: bytes 5000-{len(FILE) - 1}/{len(FILE)}"])
        + FILE[5000:7000]
    )
    with FaultServer(rest, before=[cut(5000), cut_again]) as server:
        saved = client(server.url, waits).fetch.open().save(tmp_path / "file", lambda done, _: told.append(done))

    assert saved.read_bytes() == FILE
    assert asked(server) == [(None, None), ("bytes=5000-", TAG), ("bytes=7000-", TAG)]
    assert (waits, told == sorted(told), told[-1]) == ([0.5, 0.5], True, len(FILE))


def test_a_date_tells_versions_apart_as_well(tmp_path: Path) -> None:
    """Where it is long enough before that of the answer."""
    dates = [f"{name.replace('_', '-')}: {date}" for name, date in DATES.items()]
    with FaultServer(rest, before=[cut(5000, *dates, etag="")]) as server:
        assert client(server.url).fetch.open().save(tmp_path / "file").read_bytes() == FILE
        assert asked(server)[1] == ("bytes=5000-", DATES["Last_Modified"])


def test_a_new_version_is_saved_from_its_beginning(tmp_path: Path) -> None:
    """It is shorter here, and nothing stays of the one before."""
    told: list[tuple[int, int | None]] = []
    with FaultServer(sending(b"new", ETag='"v2"'), before=[cut(5000)]) as server:
        saved = client(server.url).fetch.open().save(tmp_path / "file", lambda *now: told.append(now))

    assert (saved.read_bytes(), told[-1]) == (b"new", (3, 3))


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (part(4000), "it is from byte 4000 and not from 5000"),
        (part(6000), "it is from byte 6000 and not from 5000"),
        (part(5000, of=9999999), "the whole has 9999999 bytes now, and had 102400"),
        (part(5000, ETag='"v2"'), "it is of another version"),
        (sending(FILE[5000:], status="206 Partial Content"), "it does not say which part it is"),
        (part(5000, content=gzip.compress(FILE[5000:]), Content_Encoding="gzip"), "it does not say which part it is"),
        (part(5000, content=FILE[5000:9000]), "it has 9000 bytes, not the 102400 that were announced"),
        (part(5000, content=FILE[5000:] + b"more"), "it has 102404 bytes, not the 102400 that were announced"),
    ],
    ids=["before", "behind", "of another size", "of another version", "unsaid", "packed", "too little", "too much"],
)
def test_what_does_not_fit_is_an_error(tmp_path: Path, answer: Fault, text: str) -> None:
    """And no file: it would be a mixture."""
    with FaultServer(answer, before=[cut(5000)]) as server:
        with pytest.raises(BrokenAnswer, match=text) as caught:
            client(server.url).fetch.open().save(tmp_path / "file")
        assert (caught.value.sent, caught.value.attempts, server.work) == ("yes", 1, 2)

    assert list(tmp_path.iterdir()) == []


def test_an_error_where_it_is_to_go_on(tmp_path: Path) -> None:
    """Is raised, such as that there is no such part."""
    fault = answering(b"{}", status="416 Range")
    with FaultServer(fault, before=[cut(5000)]) as server, pytest.raises(StatusError) as caught:
        client(server.url).fetch.open().save(tmp_path / "file")

    assert (caught.value.status_code, list(tmp_path.iterdir())) == (416, [])


@pytest.mark.parametrize(
    ("operation", "fault", "options"),
    [
        ("export", cut(5000), {}),
        ("fetch", cut(5000, etag=""), {}),
        ("fetch", cut(5000, etag='ETag: W/"v1"'), {}),
        ("fetch", cut(5000, "Accept-Ranges: none"), {}),
        ("fetch", cut(5000, f"Last-Modified: {DATES['Date']}", f"Date: {DATES['Date']}", etag=""), {}),
        ("fetch", cut(5000, "Last-Modified: long ago", etag=""), {}),
        ("fetch", cut(5000, "Content-Encoding: rot13"), {}),
        ("fetch", cut(5000), {"retries": 0}),
        ("fetch", cut(5000), {"stream_timeout": 0.4}),
    ],
    ids=["POST", "no tag", "a weak tag", "no ranges", "a young date", "no date", "packed", "no retries", "no time"],
)
def test_where_it_cannot_be_gone_on_with(tmp_path: Path, operation: str, fault: Fault, options: dict[str, Any]) -> None:
    """The break is an error."""
    with FaultServer(fault) as server:
        with pytest.raises(BrokenAnswer):
            client(server.url, **options)[operation].open().save(tmp_path / "file")
        assert server.work == 1

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (answering(b"{}", status="416 Range"), StatusError, "416"),
        (answering(b"", status="204 No Content", Content_Length=""), BrokenAnswer, "it is answered by 204"),
    ],
    ids=["an error", "nothing"],
)
def test_no_empty_file_is_saved_in_place_of_the_rest(
    tmp_path: Path, answer: Fault, error: type[Exception], text: str
) -> None:
    """Also where errors are not raised."""
    with FaultServer(answer, before=[cut(5000)]) as server, pytest.raises(error, match=text):
        client(server.url, raise_for_status=False).fetch.open().save(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_what_was_read_in_part_is_not_saved(tmp_path: Path) -> None:
    """The file would be without its beginning."""
    fault = saying(b"HTTP/1.1 200 OK\r\n\r\n" + FILE)
    with FaultServer(fault) as server, client(server.url).fetch.open() as download:
        pieces = iter(download)
        assert next(pieces)
        with pytest.raises(ValueError, match="the download was read before, or is closed"):
            download.save(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []


def test_it_is_not_tried_for_ever(tmp_path: Path) -> None:
    """After as many breaks as there are retries without a byte between them."""
    nothing = part(5000, content=b"", Content_Length="97400", keep=False)
    with FaultServer(nothing, before=[cut(5000)]) as server:
        with pytest.raises(BrokenAnswer) as caught:
            client(server.url).fetch.open().save(tmp_path / "file")
        assert (server.work, caught.value.attempts) == (3, 1)


def test_a_lost_connection_on_the_way(tmp_path: Path) -> None:
    """Is retried as for any call."""
    with FaultServer(rest, before=[cut(5000), closing]) as server:
        assert client(server.url).fetch.open().save(tmp_path / "file").read_bytes() == FILE
        assert [wanted for wanted, _ in asked(server)] == [None, "bytes=5000-", "bytes=5000-"]


def test_a_part_that_was_asked_for(tmp_path: Path) -> None:
    """By a header of the caller's own, is saved as it is, and not gone on with."""
    with FaultServer(rest) as server:
        saved = client(server.url, headers={"Range": "bytes=100000-"}).fetch.open().save(tmp_path / "file")

    assert saved.read_bytes() == FILE[100000:]


def test_what_a_head_says() -> None:
    """Nothing where the content is coded, or is no whole."""
    headers = {"Content-Length": "5", "ETag": TAG}
    assert Content.of(200, headers) == Content(5, TAG)
    assert Content.of(206, headers) == Content.of(200, {**headers, "Content-Encoding": "gzip"}) == Content()
    assert Content(5, TAG).misfit(2, {"Content-Range": "bytes 2-4/*"}) == ""
