"""Where a document comes from."""

from __future__ import annotations

import gzip
import io
import itertools
import os
import re
import socketserver
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynclient.documents import fetching, sources
from dynclient.documents.limits import Limits
from dynclient.documents.sources import Source, bundled, fetch, load
from dynclient.errors import DocumentError
from tests.conftest import Answer

if TYPE_CHECKING:
    from tests.conftest import Loopback

TEXT = "openapi: 3.1.0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "api.yaml"
    path.write_text(TEXT)
    return path


def test_a_mapping_is_the_document() -> None:
    """It is taken as it is."""
    data = {"openapi": "3.1.0"}

    assert load(data) == Source(data, "mapping")
    assert load(data).content is data


@pytest.mark.parametrize("text", [TEXT, '{"openapi": "3.1.0"}', '  {"openapi": "3.1.0"}', "\n{}"])
def test_text_that_can_be_no_path(text: str) -> None:
    """A line break, or a brace at the beginning."""
    assert load(text) == Source(text.encode(), "text")


@pytest.mark.parametrize("content", [TEXT.encode(), bytearray(TEXT.encode()), b"{}"])
def test_bytes(content: bytes) -> None:
    """Never a path."""
    assert load(content) == Source(bytes(content), "text")


def test_a_lone_surrogate_in_text() -> None:
    """The parser says what it thinks of it."""
    assert load('{"a": "\ud800"}') == Source(b'{"a": "\xed\xa0\x80"}', "text")


def test_paths(file: Path) -> None:
    """As text or as a path."""
    assert [load(file), load(str(file))] == [Source(TEXT.encode(), str(file))] * 2


def test_open_files(file: Path) -> None:
    """Opened as text or as bytes; their name is kept."""
    with file.open() as text, file.open("rb") as binary:
        assert [load(text), load(binary)] == [Source(TEXT.encode(), str(file))] * 2


@pytest.mark.parametrize("stream", [io.StringIO(TEXT), io.BytesIO(TEXT.encode())])
def test_streams_without_a_name(stream: io.StringIO | io.BytesIO) -> None:
    """Anything with `read`."""
    assert load(stream) == Source(TEXT.encode(), "stream")


def test_a_stream_that_cannot_be_read(tmp_path: Path) -> None:
    """Opened in the wrong encoding, or closed."""
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: \xe9\n")
    with path.open(encoding="utf-8") as stream, pytest.raises(DocumentError, match="cannot be read: 'utf-8' codec"):
        load(stream)
    with pytest.raises(DocumentError, match="cannot be read: I/O operation on closed file"):
        load(stream)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing.yaml", "missing.yaml: there is no such file (bundled documents: "),
        (Path("missing.yaml"), "missing.yaml: there is no such file (bundled documents: "),
        ("opanai", "opanai: there is no such file. Did you mean 'openai'? (bundled documents: "),
        ("nowhere/a.yaml", "nowhere/a.yaml: there is no such file, nor a folder 'nowhere' (bundled documents: "),
        ("a\0b", "'a\\x00b': isn't a path: embedded null byte"),
        ("a" * 5000, "File name too long"),
        ("", "the text is empty: give a path, a URL or the document itself"),
        (" ", "the text is empty: give a path, a URL or the document itself"),
        ("/dev/fd", "/dev/fd: is a folder, not a file"),
        ("ftp://user:secret@a.test/x", "ftp://a.test/x: ftp URLs are not read, only http, https and file"),
        ("file://a.test/x", "file://a.test/x: a file URL names a file of this machine: file:///path"),
    ],
)
def test_paths_that_lead_nowhere(source: str | Path, message: str) -> None:
    """The error names the source and what there would be."""
    with pytest.raises(DocumentError, match=re.escape(message)):
        load(source)


@pytest.mark.parametrize("source", [None, 5, ["a"]])
def test_what_is_no_source(source: object) -> None:
    """The error lists what is one."""
    expected = f"a document is a path, a URL, a mapping, text, bytes or an open file, not {type(source).__name__}"
    with pytest.raises(DocumentError, match=expected):
        load(source)  # type: ignore[arg-type]


def test_bundled_documents_by_name() -> None:
    """`openai` is one."""
    assert load("openai") == Source(bundled()["openai"].read_bytes(), str(bundled()["openai"]))


def test_a_file_wins_over_a_bundled_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there under that name is what is meant."""
    monkeypatch.chdir(tmp_path)
    Path("openai").write_text(TEXT)

    assert load("openai") == Source(TEXT.encode(), "openai")


def test_without_bundled_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation may lack the folder."""
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "dynclient" / "documents" / "sources.py"))

    assert bundled() == {}
    with pytest.raises(DocumentError, match="bundled documents: none"):
        load("openai")


@pytest.mark.parametrize("kind", ["text", "bytes", "stream", "path"])
def test_too_large(kind: str, tmp_path: Path) -> None:
    """No more than the limit is read."""
    path = tmp_path / "large"
    path.write_bytes(b"\n" * 11)
    source = {"text": "\n" * 11, "bytes": b"\n" * 11, "stream": io.BytesIO(b"\n" * 11), "path": path}[kind]

    with pytest.raises(DocumentError, match="is larger than 10 bytes; max_document_size= permits more"):
        load(source, Limits(size=10))  # type: ignore[arg-type]


def test_a_url(loopback: Loopback) -> None:
    """Its content, and where it came from."""
    loopback.says(TEXT.encode(), "application/yaml")

    assert load(f"{loopback.url}/api.yaml") == Source(
        TEXT.encode(), f"{loopback.url}/api.yaml", f"{loopback.url}/api.yaml"
    )
    assert loopback.lines == ["GET /api.yaml"]


def test_the_scheme_of_a_url_in_capitals(loopback: Loopback) -> None:
    """Schemes have no case (RFC 3986 §3.1)."""
    loopback.says(TEXT.encode())

    assert load(f"{loopback.url.replace('http', 'HTTP')}/api.yaml").content == TEXT.encode()


def test_a_password_in_a_url(loopback: Loopback) -> None:
    """It is used, as is a token in the query, and stands in no name and no error."""
    source = f"http://user:secret@{loopback.host}/api.yaml?token=secret"
    loopback.says(TEXT.encode())

    assert load(source) == Source(TEXT.encode(), f"{loopback.url}/api.yaml", f"{loopback.url}/api.yaml")
    assert loopback.last.headers["authorization"] == "Basic dXNlcjpzZWNyZXQ="

    loopback.says(status=401)
    with pytest.raises(DocumentError) as caught:
        load(source)
    assert str(caught.value) == (
        f"{loopback.url}/api.yaml: the server answered 401; it asks for a login:"
        " document_headers={'Authorization': ...}, or https://user:password@host/"
    )


def test_no_credentials_of_the_environment(loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc is for other things."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    load(f"{loopback.url}/api.yaml")

    assert "authorization" not in loopback.last.headers


def test_redirects_to_elsewhere_are_shown_and_not_followed(loopback: Loopback) -> None:
    """Their target may be anyone's."""
    loopback.says(status=302, Location="http://elsewhere.test/")

    message = r"the server answered 302 and points to http://elsewhere\.test/\. That is not followed"
    with pytest.raises(DocumentError, match=message):
        load(f"{loopback.url}/api.yaml")
    assert loopback.lines == ["GET /api.yaml"]


def test_a_url_that_is_too_large(loopback: Loopback) -> None:
    """Reading stops at the limit."""
    loopback.says(b"x" * 1_000_000)

    with pytest.raises(DocumentError, match="is larger than 10 bytes; max_document_size= permits more"):
        load(f"{loopback.url}/api.yaml", Limits(size=10))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("{0}/api.yaml", "no connection to {0}. Is the server running?"),
        ("http://", "there can be no such URL"),
        ("http://[::1", "there can be no such URL"),
        ("http://a b/", "there can be no such URL"),
        ("HTTP://", "there can be no such URL"),
    ],
)
def test_a_url_that_cannot_be_fetched(url: str, reason: str, nowhere: str) -> None:
    """Whatever the reason."""
    with pytest.raises(DocumentError, match=f"cannot be fetched: {re.escape(reason.format(nowhere))}$"):
        load(url.format(nowhere))


def test_a_file_url(file: Path) -> None:
    """As editors copy it; spaces are escaped in it."""
    spaced = file.with_name("my api.yaml")
    spaced.write_text(TEXT)

    assert load(spaced.as_uri()) == Source(TEXT.encode(), str(spaced))


def test_near_names_in_the_folder(file: Path) -> None:
    """What lies beside a missing file is most often what was meant."""
    with pytest.raises(DocumentError, match=r"there is no such file\. Did you mean 'api\.yaml'\?"):
        load(file.with_name("apy.yaml"))


def test_a_folder(file: Path) -> None:
    """The documents in it are named."""
    file.with_name("notes.txt").write_text("")

    with pytest.raises(DocumentError, match=r"is a folder; name the file in it, such as 'api\.yaml'$"):
        load(file.parent)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(file: Path) -> None:
    """The system's reason is given."""
    file.chmod(0)

    with pytest.raises(DocumentError, match="cannot be read: Permission denied"):
        load(file)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes are read: its own encoding is that of the terminal, not of the document."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("title: é\n".encode()), encoding="latin-1"))

    assert load(sys.stdin) == Source("title: é\n".encode(), "stream")


class _Trickle:
    """A reader that gives a byte at a time, as sockets may."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 1))


def test_a_reader_that_gives_little_at_once() -> None:
    """It is read to its end."""
    assert load(_Trickle(TEXT.encode())) == Source(TEXT.encode(), "stream")  # type: ignore[arg-type]


def test_an_answer_of_another_library(loopback: Loopback) -> None:
    """What urllib opened is read, and its URL is that of the document."""
    loopback.says(TEXT.encode())
    url = f"{loopback.url}/api.yaml"

    with urllib.request.urlopen(f"{url}?token=secret") as answer:
        assert load(answer) == Source(TEXT.encode(), url, url)


def test_a_reader_that_fails() -> None:
    """In whatever way of its own."""

    class Broken:
        def read(self, size: int) -> bytes:
            raise EOFError

    with pytest.raises(DocumentError, match=r"^stream: cannot be read: EOFError$"):
        load(Broken())  # type: ignore[arg-type]


def test_a_pipe(tmp_path: Path) -> None:
    """Such as a shell's <(...): its text is kept, as it can be read only once."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(TEXT,))
    writer.start()
    source = load(path)
    writer.join()

    assert source.lightened().text() == TEXT.encode()


def test_the_text_of_a_file_is_read_again(file: Path) -> None:
    """It is not kept in memory; once the file has changed there is none."""
    source = load(file).lightened()

    assert (source.content, source.text()) == (b"", TEXT.encode())
    file.write_text("changed: true\n")
    assert source.text() is None
    file.unlink()
    assert source.text() is None


def test_the_text_of_other_sources() -> None:
    """Text is kept; data has none."""
    assert [load(TEXT).lightened().text(), load({}).lightened().text()] == [TEXT.encode(), None]


@pytest.mark.parametrize("kind", ["bytes", "stream", "path"])
def test_gzip(kind: str, tmp_path: Path) -> None:
    """Told by its first bytes, whatever the name; several members in a row are one text."""
    content = gzip.compress(TEXT.encode()) + gzip.compress(b"info: {}\n")
    path = tmp_path / "api.yaml"
    path.write_bytes(content)
    source: Any = {"bytes": content, "stream": io.BytesIO(content), "path": path}[kind]

    assert load(source).content == b"openapi: 3.1.0\ninfo: {}\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(bytes(2**25 + 1)), "is larger than 32 MiB"),
        (gzip.compress(b"text")[:-9], "cannot be decompressed: Compressed file ended"),
        (b"\x1f\x8b\x08\x00junk", "cannot be decompressed: "),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff", "cannot be decompressed: "),
    ],
    ids=["bomb", "cut", "junk", "no-block"],
)
def test_gzip_that_is_none_or_a_bomb(content: bytes, message: str) -> None:
    """The limit is that of the text."""
    with pytest.raises(DocumentError, match=message):
        load(content)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "identity", None])
def test_compressed_answers(encoding: str | None, loopback: Loopback) -> None:
    """As transfer, or as a file that is served."""
    content = TEXT.encode() if encoding == "identity" else gzip.compress(TEXT.encode())
    loopback.answer = Answer(content, headers={"Content-Encoding": encoding} if encoding else {})

    assert load(loopback.url).content == TEXT.encode()
    assert loopback.last.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("gzip", "the server says that it is compressed with gzip, and it is not"),
        ("br", "the server sent it in the encoding 'br', which was not asked for"),
    ],
)
def test_encodings_that_are_wrong(encoding: str, message: str, loopback: Loopback) -> None:
    """The error says what the server claims."""
    loopback.says(TEXT.encode(), Content_Encoding=encoding)

    with pytest.raises(DocumentError, match=message):
        load(loopback.url)


def test_validators_are_kept(loopback: Loopback) -> None:
    """What the server calls this version."""
    loopback.says(TEXT.encode(), ETag='"v1"', Last_Modified="Sat, 01 Nov 2025 00:00:00 GMT")

    assert fetch(loopback.url) == Source(
        TEXT.encode(), loopback.url, loopback.url, '"v1"', "Sat, 01 Nov 2025 00:00:00 GMT"
    )


def test_a_document_that_has_not_changed(loopback: Loopback) -> None:
    """Nothing is sent again."""
    loopback.says(b"", status=304)

    assert fetch(loopback.url, etag='"v1"', last_modified="Sat, 01 Nov 2025 00:00:00 GMT") is None
    assert loopback.last.seen("If-None-Match", "If-Modified-Since") == (
        "GET",
        "/",
        {"If-None-Match": '"v1"', "If-Modified-Since": "Sat, 01 Nov 2025 00:00:00 GMT"},
    )


def test_not_modified_without_having_asked(loopback: Loopback) -> None:
    """There is no document then."""
    loopback.says(b"", status=304)

    with pytest.raises(DocumentError, match=r"the server answered 304$"):
        load(loopback.url)


Server = Callable[[Callable[[bytes], Iterator[bytes]]], str]


@pytest.fixture
def server() -> Iterator[Server]:
    """Makes a server of a function from a request's head to the bytes of its answer; gives its `127.0.0.1:port`."""
    opened: list[socketserver.ThreadingTCPServer] = []

    def serve(answer: Callable[[bytes], Iterator[bytes]]) -> str:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                head = b"".join(iter(self.rfile.readline, b"\r\n"))
                try:
                    for piece in answer(head):
                        self.wfile.write(piece)
                except OSError:  # the client has left
                    pass

        made = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=made.serve_forever, args=(0.01,)).start()
        opened.append(made)
        return f"127.0.0.1:{made.server_address[1]}"

    yield serve
    for each in opened:
        each.shutdown()
        each.server_close()


def _answer(status: str, *lines: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode() + body


def test_redirects_inside_the_origin(server: Server) -> None:
    """They are followed, with the credentials of that origin, and the URL is the last one."""
    heads = []

    def answer(head: bytes) -> Iterator[bytes]:
        heads.append(head)
        if b"GET /v1/latest " in head:
            yield _answer("302 Found", "Location: ../v2/api.yaml?token=secret")
        else:
            yield _answer("200 OK", body=TEXT.encode())

    host = server(answer)

    assert load(f"http://user:secret@{host}/v1/latest").url == f"http://{host}/v2/api.yaml"
    assert [head.split(b" ")[1] for head in heads] == [b"/v1/latest", b"/v2/api.yaml?token=secret"]
    assert all(b"Authorization: Basic dXNlcjpzZWNyZXQ=" in head for head in heads)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("https://{host}/", "points to https://127.0.0.1:[0-9]+/. That is not followed, as it is another origin"),
        ("//evil.test/?token=secret", "points to //evil.test/. That is not followed"),
        ("http://user:secret@evil.test/", "points to http://evil.test/. That is not followed"),
        ("http://[", r"points to http://\[. That is not followed"),
        ("http://127.0.0.1:port/", "That is not followed"),
        ("file:///etc/passwd", "points to file:///etc/passwd. That is not followed"),
        ("/again", "the server answered with more than 5 redirects"),
        ("", "the server answered 302$"),
    ],
)
def test_redirects_that_are_not_followed(location: str, message: str, server: Server) -> None:
    """Another scheme, host or port is another origin; and a circle ends."""
    heads = []

    def answer(head: bytes) -> Iterator[bytes]:
        heads.append(head)
        yield _answer("302 Found", f"Location: {location}".format(host=host))

    host = server(answer)

    with pytest.raises(DocumentError, match=message) as caught:
        load(f"http://user:secret@{host}/api.yaml")
    assert "secret" not in str(caught.value)
    assert len(heads) == (6 if location == "/again" else 1)


@pytest.mark.parametrize(
    "answer",
    [
        _answer("200 OK", "Content-Length: 100", body=b"openapi"),
        _answer("200 OK", "Transfer-Encoding: chunked", body=b"7\r\nopen"),
        _answer("200 OK", "Transfer-Encoding: chunked", body=b"7\r\nopenapi\r\n"),
        _answer("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\nopenapi\r\n0\r\n\r\n"),
        b"",
        b"junk\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
    ids=["length", "in a chunk", "between chunks", "chunk size", "nothing", "no HTTP", "long header"],
)
def test_answers_that_break_off(answer: bytes, server: Server) -> None:
    """Half a document is none."""
    host = server(lambda head: iter([answer]))

    with pytest.raises(DocumentError, match="cannot be fetched: "):
        load(f"http://{host}/api.yaml")


def test_an_endless_answer(server: Server) -> None:
    """Reading stops at the limit, whatever length was promised."""
    host = server(lambda head: itertools.chain([_answer("200 OK")], itertools.repeat(bytes(2**16))))

    with pytest.raises(DocumentError, match="is larger than 32 MiB"):
        load(f"http://{host}/api.yaml")


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nA: ", _answer("200 OK"), b""], ids=["head", "body", "all"])
def test_a_server_that_drips(beginning: bytes, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then satisfies every other limit."""
    monkeypatch.setattr(sources, "FETCH_SECONDS", 0.2)
    ended = threading.Event()

    def answer(head: bytes) -> Iterator[bytes]:
        yield beginning
        while not ended.wait(0.005):
            yield b"a"

    host = server(answer)
    began = time.monotonic()
    try:
        with pytest.raises(DocumentError, match="cannot be fetched: it took more than 0 seconds"):
            load(f"http://{host}/api.yaml")
    finally:
        ended.set()
    assert time.monotonic() - began < 5


def test_the_time_is_up_before_the_connection(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is connected afterwards is shut at once."""
    monkeypatch.setattr(sources, "FETCH_SECONDS", 0)

    with pytest.raises(DocumentError, match="it took more than 0 seconds"):
        load(loopback.url)


def test_a_server_that_says_nothing(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how long it was waited for."""
    monkeypatch.setattr(fetching, "_READ_SECONDS", 0.05)
    loopback.answer = Answer(silence="keep")

    with pytest.raises(DocumentError, match=r"the server sent nothing for 0\.05 seconds"):
        load(loopback.url)


def test_an_http_server_is_no_https_server(loopback: Loopback) -> None:
    """The error says that TLS is what failed."""
    with pytest.raises(DocumentError, match="it does not speak TLS"):
        load(f"https://{loopback.host}/")


def test_proxies_of_the_environment(loopback: Loopback, nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are used, but for hosts that NO_PROXY names."""
    monkeypatch.setenv("HTTP_PROXY", loopback.url)
    loopback.says(TEXT.encode())

    assert load("http://api.test/api.yaml").content == TEXT.encode()
    assert loopback.lines == ["GET http://api.test/api.yaml"]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(DocumentError, match="no connection"):
        load(f"{nowhere}/api.yaml")
    monkeypatch.setenv("HTTP_PROXY", nowhere)
    with pytest.raises(DocumentError, match=f"no connection to the proxy {nowhere}. Is the proxy running"):
        load("http://api.test/api.yaml")
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:99999")
    with pytest.raises(DocumentError, match=r"the proxy http://127\.0\.0\.1:99999 cannot be used"):
        load("http://api.test/api.yaml")


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_of_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A bundle that is not there is an error, and not the reason to trust another."""
    monkeypatch.setenv(variable, str(tmp_path / "none.pem"))

    with pytest.raises(DocumentError, match="cannot be fetched: OSError"):
        load("https://127.0.0.1:9/")
