"""Requests with bodies, byte for byte as they arrive at a socket."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from dynclient.errors import CallError, InvalidRequest, SendError
from dynclient.mock import MockApp
from dynclient.types import JSON
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401
from tests.places import SPECS

if TYPE_CHECKING:
    from tests.conftest import Loopback, Recorder

FILE = {"type": "string", "format": "binary"}
OCTETS = "application/octet-stream"
TEXTS = {"type": "array", "items": {"type": "string"}}


def client(
    url: str, *content_types: str, method: str = "post", schema: JSON = True, encoding: JSON = None, **options: Any
) -> Any:
    """A client with one operation, `upload`, that takes a body of these types."""
    content = {name: {"schema": schema, "encoding": encoding} for name in content_types}
    described = {"operationId": "upload", **({"requestBody": {"content": content}} if content else {})}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {method: described}}}
    return made(document, base_url=url, **options)


def wire(recorder: Recorder) -> str:
    """The request, without what differs from one machine or run to the next."""
    text = recorder.last().decode("latin-1").replace("\r\n", "\n")
    text = re.sub(r"(?m)^(User-Agent|Accept-Encoding|Host|Connection|Accept): .*\n", "", text)
    boundary = re.search(r"boundary=(\w+)", text)
    return text.replace(boundary[1], "BOUNDARY") if boundary else text


def data(text: str, content_type: str) -> str:
    return f"POST /a HTTP/1.1\nContent-Type: {content_type}\nContent-Length: {len(text)}\n\n{text}"


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", {"a": [1, "é", None]}, '{"a":[1,"Ã©",null]}'),
        ("application/json", None, "null"),
        ("application/json", "", '""'),
        ("application/json", [], "[]"),
        ("application/json", 0, "0"),
        ("application/json", False, "false"),
        ("application/json", {}, "{}"),
        ("application/json; charset=utf-8", {"a": 1}, '{"a":1}'),
        ("application/vnd.api+json", {"a": 1}, '{"a":1}'),
        ("text/plain; charset=iso-8859-1", "é", "é"),
        ("application/xml", "<a>é</a>", "<a>Ã©</a>"),
        ("application/xml", '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', None),
        ("text/xml", b"<a/>", "<a/>"),
        ("image/png", b"\x89PNG", "\x89PNG"),
        (OCTETS, b"\x00\xff", "\x00\xff"),
    ],
)
def test_a_body_known_as_a_whole(recorder: Recorder, content_type: str, body: JSON, expected: str | None) -> None:
    """The whole request: its content type as published, its length, and nothing more."""
    client(recorder.url, content_type).upload(body=body)

    assert wire(recorder) == data(body if expected is None else expected, content_type)


@pytest.mark.parametrize("content_types", [(), ("application/json",), (OCTETS,), ("multipart/form-data",)])
def test_an_absent_body(recorder: Recorder, content_types: tuple[str, ...]) -> None:
    """No content type, and the length 0 that a POST without a body has (RFC 9110 §8.6)."""
    client(recorder.url, *content_types).upload()

    assert wire(recorder) == "POST /a HTTP/1.1\nContent-Length: 0\n\n"


@pytest.mark.parametrize(("content_type", "body"), [("text/plain", ""), (OCTETS, b""), (OCTETS, io.BytesIO())])
def test_an_empty_body(recorder: Recorder, content_type: str, body: JSON) -> None:
    """It has a content type and the length 0, and is not sent in chunks."""
    client(recorder.url, content_type).upload(body=body)

    assert sorted(wire(recorder).splitlines()) == sorted(data("", content_type).splitlines())


@pytest.mark.parametrize("method", ["get", "delete", "patch"])
def test_methods(recorder: Recorder, method: str) -> None:
    """A body is sent with whatever method declares one."""
    client(recorder.url, "application/json", method=method).upload(body={"a": 1})

    assert wire(recorder) == data('{"a":1}', "application/json").replace("POST", method.upper())


def test_a_form(recorder: Recorder) -> None:
    """Nested arrays and objects by the styles that the document gives, and without one as text, items or JSON."""
    form = "application/x-www-form-urlencoded"
    encoding = {"items": {"style": "deepObject", "explode": True}, "tags": {"explode": False}}
    body = {
        "items": [{"price": "p 1", "quantity": 2}, {"price": "é"}],
        "tags": ["a", "b+c"],
        "plain": ["x", "*~"],
        "data": {"k": [1]},
        "empty": "",
        "none": None,
    }

    client(recorder.url, form, encoding=encoding).upload(body=body)

    assert wire(recorder) == data(
        "items%5B0%5D%5Bprice%5D=p+1&items%5B0%5D%5Bquantity%5D=2&items%5B1%5D%5Bprice%5D=%C3%A9"
        "&tags=a,b%2Bc&plain=x&plain=%2A~&data=%7B%22k%22%3A%5B1%5D%7D&empty=",
        form,
    )


def test_parts(recorder: Recorder, tmp_path: Path) -> None:
    """Two files and a JSON part, with the length of it all."""
    path = tmp_path / "photo.png"
    path.write_bytes(b"png")
    properties = {"meta": {"type": "object"}, "photo": FILE, "note": FILE}
    schema = {"type": "object", "properties": properties}

    client(recorder.url, "multipart/form-data", schema=schema).upload(
        meta={"a": 1}, photo=path, note=('no"te.txt', b"text", "text/plain")
    )

    assert wire(recorder) == (
        "POST /a HTTP/1.1\n"
        "Content-Type: multipart/form-data; boundary=BOUNDARY\n"
        "Content-Length: 437\n"
        "\n"
        "--BOUNDARY\n"
        'Content-Disposition: form-data; name="meta"\n'
        "Content-Type: application/json\n"
        "\n"
        '{"a":1}\n'
        "--BOUNDARY\n"
        'Content-Disposition: form-data; name="photo"; filename="photo.png"\n'
        "Content-Type: image/png\n"
        "\n"
        "png\n"
        "--BOUNDARY\n"
        'Content-Disposition: form-data; name="note"; filename="no%22te.txt"\n'
        "Content-Type: text/plain\n"
        "\n"
        "text\n"
        "--BOUNDARY--\n"
    )


def chunked(text: str, content_type: str) -> str:
    return f"POST /a HTTP/1.1\nContent-Type: {content_type}\nTransfer-Encoding: chunked\n\n{text}"


@pytest.mark.parametrize(
    ("content_type", "chunks", "expected"),
    [
        (OCTETS, [b"ab", b"", b"c"], "2\nab\n1\nc\n0\n\n"),
        (OCTETS, [b""], "0\n\n"),
        (OCTETS, [bytearray(b"a"), memoryview(b"b")], "1\na\n1\nb\n0\n\n"),
        ("text/csv; charset=iso-8859-1", ["é,", "ö"], "2\né,\n1\nö\n0\n\n"),
        ("application/jsonl", ["{}\n"], "3\n{}\n\n0\n\n"),
    ],
)
def test_an_iterator(recorder: Recorder, content_type: str, chunks: list[Any], expected: str) -> None:
    """It is sent in the pieces that it gives; an empty one does not end the transfer, and text is encoded."""
    client(recorder.url, content_type).upload(body=iter(chunks))

    assert wire(recorder) == chunked(expected, content_type)


def test_a_pipe(recorder: Recorder) -> None:
    """Nobody knows how much will come."""
    reading, writing = os.pipe()
    with open(reading, "rb") as pipe:
        with open(writing, "wb") as end:
            end.write(b"abc")
        client(recorder.url, OCTETS).upload(body=pipe)

    assert wire(recorder) == chunked("3\nabc\n0\n\n", OCTETS)


def test_an_iterator_as_a_part(recorder: Recorder) -> None:
    """A file of unknown length, and so is the whole."""
    schema = {"type": "object", "properties": {"file": FILE}}

    client(recorder.url, "multipart/form-data", schema=schema).upload(file=iter([b"ab", "é"]))

    assert wire(recorder) == (
        "POST /a HTTP/1.1\n"
        "Content-Type: multipart/form-data; boundary=BOUNDARY\n"
        "Transfer-Encoding: chunked\n"
        "\n"
        "8c\n"
        "--BOUNDARY\n"
        'Content-Disposition: form-data; name="file"; filename="file"\n'
        "Content-Type: application/octet-stream\n"
        "\n"
        "\n"
        "2\nab\n2\nÃ©\n28\n\n--BOUNDARY--\n\n0\n\n"
    )


def test_an_announced_length(recorder: Recorder) -> None:
    """The caller may know how long a stream will be."""
    upload = client(recorder.url, OCTETS).upload.with_options(headers={"Content-Length": "3"})

    upload(body=iter([b"ab", b"c"]))

    assert sorted(wire(recorder).splitlines()) == sorted(data("abc", OCTETS).splitlines())


@pytest.mark.parametrize("header", [{"Content-Length": "99"}, {"Transfer-Encoding": "chunked"}])
def test_a_given_length_of_known_bytes(recorder: Recorder, header: dict[str, str]) -> None:
    """How a body is framed follows from the body: two answers to that are two requests to some servers."""
    client(recorder.url, OCTETS).upload.with_options(headers=header)(body=b"abc")

    assert wire(recorder) == data("abc", OCTETS)


def opened(path: Path) -> Any:
    file = path.open("rb")
    file.seek(2)
    return file


@pytest.mark.parametrize(
    ("make", "content"), [(Path, b"skipped"), (opened, b"ipped"), (lambda path: ("x", path), b"skipped")]
)
@pytest.mark.parametrize("content_type", [OCTETS, "multipart/form-data"])
def test_files_are_sent_again(
    loopback: Loopback, tmp_path: Path, make: Callable[[Path], Any], content: bytes, content_type: str
) -> None:
    """By the same prepared request and by the same call, from where the file stood at first."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"skipped")
    file = make(path)
    body = file if content_type == OCTETS else {"file": file}
    c = client(loopback.url, content_type)

    prepared = c.upload.prepare(body=body)
    c.upload(body=body)
    c["upload"].prepare(body=body)
    for _ in range(2):
        c.send(prepared)
    if hasattr(file, "close"):
        file.close()

    sent = [one.body if content_type == OCTETS else one.parts[0][3] for one in loopback.sent]
    assert sent == [content] * 3


def test_a_stream_is_not_sent_again(loopback: Loopback) -> None:
    """Not by the same prepared request, nor by another call: the second would be empty."""
    c = client(loopback.url, OCTETS)
    stream = (chunk for chunk in [b"a"])
    prepared = c.upload.prepare(body=stream)
    again = c.upload.prepare(body=stream)
    c.send(prepared)

    for request in (prepared, again):
        with pytest.raises(CallError) as caught:
            c.send(request)
        assert str(caught.value) == (
            "upload: body: the iterator was read before, and cannot be read again: "
            "open it anew, or give a path or bytes. Nothing was sent."
        )
    assert [sent.body for sent in loopback.sent] == [b"a"]


@pytest.mark.parametrize(("content", "now"), [(b"longer", 6), (b"s", 1)])
@pytest.mark.parametrize("make", [Path, lambda path: path.open("rb")])
def test_a_file_that_changes_after_it_was_prepared(
    loopback: Loopback, tmp_path: Path, content: bytes, now: int, make: Callable[[Path], Any]
) -> None:
    """It is not the one that the request was made of."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc")
    file = make(path)
    c = client(loopback.url, OCTETS)
    prepared = c.upload.prepare(body=file)
    path.write_bytes(content)

    with pytest.raises(CallError, match=f"body: the file has changed: it had 3 bytes .*, and now has {now}"):
        c.send(prepared)
    if hasattr(file, "close"):
        file.close()
    assert loopback.sent == []


def failing() -> Iterator[bytes]:
    yield b"begun"
    raise ConnectionResetError("of another connection")  # urllib3 takes one like it for its own, and waits


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (failing, "the body broke off: its source raised ConnectionResetError"),
        (lambda: iter([b"a", 5]), "the body broke off: its source gives int, not bytes"),
        (lambda: map(bytes, []), "the body broke off: the iterator gave nothing"),
    ],
)
def test_a_stream_that_breaks_off(recorder: Recorder, body: Any, message: str) -> None:
    """The error is the source's, and the transfer has no end that a server would take for one."""
    with pytest.raises(SendError) as caught:
        client(recorder.url, OCTETS).upload(body=body())

    assert str(caught.value).startswith(f"upload: {message}")
    assert not recorder.last().endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(("length", "message"), [("2", "more"), ("4", "only 3")])
def test_a_stream_of_another_length(recorder: Recorder, length: str, message: str) -> None:
    """The server never gets as many bytes as it was promised."""
    upload = client(recorder.url, OCTETS).upload.with_options(headers={"Content-Length": length})

    with pytest.raises(SendError, match=f"there were {length} bytes to send, and {message} came"):
        upload(body=iter([b"ab", b"c"]))
    assert len(recorder.last().partition(b"\r\n\r\n")[2]) < int(length)


def test_a_large_file_is_not_held(loopback: Loopback) -> None:
    """It is asked for small pieces, and for no more than one ahead of what was sent."""

    class Watched(io.RawIOBase):
        size, position, asked = 10_000_000, 0, 0

        def seekable(self) -> bool:
            return True

        def readable(self) -> bool:
            return True

        def tell(self) -> int:
            return self.position

        def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
            self.position = offset if whence == os.SEEK_SET else self.size + offset
            return self.position

        def read(self, size: int = -1, /) -> bytes:
            self.asked = max(self.asked, size if size >= 0 else self.size)
            given = min(size, self.size - self.position)
            self.position += given
            return bytes(given)

    alone, part = Watched(), Watched()
    client(loopback.url, OCTETS).upload(body=alone)
    client(loopback.url, "multipart/form-data").upload(body={"file": part})

    assert [int(sent.headers["content-length"]) // 10_000_000 for sent in loopback.sent] == [1, 1]
    assert (alone.asked, part.asked) == (65536, 65536)


def test_preparing_reads_nothing(loopback: Loopback, tmp_path: Path) -> None:
    """A stream is untouched, a file stands where it stood and can be closed, and a path is not left open."""
    stream = iter([b"a"])
    c = client(loopback.url, OCTETS)
    path = tmp_path / "a"
    path.write_bytes(b"x")
    with path.open("rb") as file:
        prepared = [c.upload.prepare(body=body) for body in (stream, file, path)]
        assert (next(stream), file.tell()) == (b"a", 0)

    with pytest.raises(CallError, match="the file was closed"):
        c.send(prepared[1])
    path.unlink()
    with pytest.raises(CallError, match="cannot be read: No such file or directory"):
        c.send(prepared[2])


def test_a_failed_call_can_be_made_again(recorder: Recorder, nowhere: str) -> None:
    """The file is back where it stood, whatever was read of it."""
    file = io.BytesIO(b"skipped:content")
    file.seek(8)
    other = iter([b"x", 5])
    with pytest.raises(SendError):
        client(recorder.url, "multipart/form-data").upload(body={"a": file, "b": ("b", other)})
    with pytest.raises(SendError):
        client(nowhere, OCTETS).upload(body=file)

    assert file.tell() == 8


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        (
            "application/json",
            Path("a.json"),
            r"not a value of type pathlib.PosixPath: give json.loads\(path.read_text\(\)\)",
        ),
        ("application/json", b"{}", "a JSON body is data, not a value of type bytes: give what json.loads makes of it"),
        ("application/json", io.BytesIO(b"{}"), "not a value of type io.BytesIO"),
        ("application/xml", {"a": 1}, "the document gives the root element no name.*; give the XML as text"),
        (OCTETS, {"a": 1}, "a body of type application/octet-stream is bytes, a file or text, not data"),
        (OCTETS, io.StringIO("x"), 'opened as text.*open it with "rb"'),
    ],
)
def test_bodies_that_are_refused(recorder: Recorder, content_type: str, body: JSON, message: str) -> None:
    """The message says what to give; nothing is sent."""
    with pytest.raises(InvalidRequest, match=message):
        client(recorder.url, content_type).upload(body=body)

    assert recorder.requests == []


def test_a_body_where_none_is_declared(recorder: Recorder) -> None:
    """There is nothing it could mean."""
    with pytest.raises(InvalidRequest, match="the operation takes no body"):
        client(recorder.url).upload(body={"a": 1})

    assert recorder.requests == []


def test_a_boundary_cannot_be_given(recorder: Recorder) -> None:
    """A Content-Type of the caller's would have none, and no server could read the parts."""
    upload = client(recorder.url, "multipart/form-data").upload.with_options(
        headers={"content-type": "multipart/form-data"}
    )

    with pytest.raises(InvalidRequest, match="header Content-Type: it names the boundary"):
        upload(body={"a": 1})


def published(name: str) -> Any:
    if not (SPECS / name).is_file():
        pytest.skip("the published documents are not on this machine")
    return made(SPECS / name, app=MockApp({"openapi": "3.1.0", "paths": {}}), base_url="http://api.test")


def parts_of(prepared: Any) -> list[tuple[str | None, str | None, str, bytes]]:
    from tests.conftest import Sent

    body = prepared.body if isinstance(prepared.body, bytes) else b"".join(prepared.body)
    return Sent("", "", {"content-type": prepared.headers["Content-Type"]}, body).parts  # type: ignore[return-value]


def test_uploads_of_openai(tmp_path: Path) -> None:
    """A file, an array of images, and a transcription with an array of texts."""
    c = published("openai.yaml")
    path = tmp_path / "a.png"
    path.write_bytes(b"png")

    assert parts_of(c.createFile.prepare(file=("a.jsonl", b"{}", "text/plain"), purpose="fine-tune")) == [
        ("file", "a.jsonl", "text/plain", b"{}"),
        ("purpose", None, "text/plain", b"fine-tune"),
    ]
    assert parts_of(c.createImageEdit.prepare(image=[path, ("b.png", b"2")], prompt="x", n=2)) == [
        ("image", "a.png", "image/png", b"png"),
        ("image", "b.png", "image/png", b"2"),
        ("prompt", None, "text/plain", b"x"),
        ("n", None, "text/plain", b"2"),
    ]
    transcription = c.createTranscription.prepare(
        body={"file": ("a.mp3", b"mp3", "audio/mpeg"), "model": "whisper-1", "timestamp_granularities": ["word"]}
    )
    assert parts_of(transcription) == [
        ("file", "a.mp3", "audio/mpeg", b"mp3"),
        ("model", None, "text/plain", b"whisper-1"),
        ("timestamp_granularities", None, "text/plain", b"word"),
    ]


def test_a_path_in_place_of_a_file_at_openai() -> None:
    """The text would be the file's content, and a null would be no file."""
    c = published("openai.yaml")

    with pytest.raises(InvalidRequest, match=r"body file: text is not a file: give Path\('a.png'\)"):
        c.createFile.prepare(file="a.png", purpose="assistants")
    with pytest.raises(InvalidRequest, match="body file: required, but not given"):
        c.createFile.prepare(file=None, purpose="assistants")


def test_forms_of_stripe_and_twilio() -> None:
    """Brackets as their servers read them, and arrays that repeat the name."""
    subscription = published("stripe-2023-yaml.yaml").PostSubscriptions.prepare(
        body={"customer": "cus_1", "items": [{"price": "p_1", "quantity": 2}], "metadata": {"a b": "c&d"}}
    )
    hook = published("twilio-video_v1.yaml").CreateCompositionHook.prepare(
        body={"FriendlyName": "a+b", "Enabled": False, "AudioSources": ["user*", "moderator"]}
    )

    assert subscription.body == (
        b"customer=cus_1&items%5B0%5D%5Bprice%5D=p_1&items%5B0%5D%5Bquantity%5D=2&metadata%5Ba+b%5D=c%26d"
    )
    assert hook.body == b"FriendlyName=a%2Bb&Enabled=false&AudioSources=user%2A&AudioSources=moderator"


def test_a_binary_upload_of_box(tmp_path: Path) -> None:
    """A part of a large file, from a path, with its length."""
    path = tmp_path / "part.bin"
    path.write_bytes(b"12345678")
    prepared = published("box.json").put_files_upload_sessions_id.prepare(
        upload_session_id="1", digest="sha=x", content_range="bytes 0-7/8", body=path
    )

    assert (prepared.headers["Content-Type"], prepared.headers["Content-Length"]) == (OCTETS, "8")
    assert b"".join(prepared.body) == b"12345678"


@only("Client")
def test_two_uploads_at_once(loopback: Loopback, tmp_path: Path) -> None:
    """A path is opened for each new sending, so that threads do not read from one another."""
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(range(256)) * 4096)
    c = client(loopback.url, OCTETS)
    prepared = c.upload.prepare(body=path)
    threads = [threading.Thread(target=c.send, args=(prepared,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {sent.body == path.read_bytes() for sent in loopback.sent} == {True}
    assert len(loopback.sent) == 4


def test_a_session_that_tries_again(loopback: Loopback, tmp_path: Path) -> None:
    """The retries of the caller's session send the whole body, or fail where that is gone."""
    loopback.says(b"", "", 503)
    (tmp_path / "a").write_bytes(b"content")
    with requests.Session() as session:
        retry = Retry(1, status_forcelist=[503], allowed_methods=None, raise_on_status=False)
        session.mount("http://", HTTPAdapter(max_retries=retry))
        c = client(loopback.url, OCTETS, session=session, raise_for_status=False)
        c.upload(body=tmp_path / "a")
        with pytest.raises(SendError, match="the body broke off: the iterator was read before"):
            c.upload(body=iter([b"once"]))

    assert [sent.body for sent in loopback.sent] == [b"content", b"content", b"once"]


def test_streams_to_an_application(tmp_path: Path) -> None:
    """A client without a socket sends what another sends."""
    app = MockApp("openai")
    c = made("openai", app=app, auth={"ApiKeyAuth": "sk"})
    (tmp_path / "a.txt").write_bytes(b"content")

    for file in (tmp_path / "a.txt", iter([b"con", b"tent"])):
        assert c.createFile(file=file, purpose="assistants").status_code == 200
    assert [b"\r\n\r\ncontent\r\n" in request.body for request in app.requests] == [True, True]
