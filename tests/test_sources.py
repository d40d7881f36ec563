"""Where a document comes from."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynclient import sources
from dynclient.errors import DocumentError
from dynclient.sources import Source, bundled, load

if TYPE_CHECKING:
    from conftest import Loopback

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
        ("missing.yaml", "missing.yaml: cannot be read: No such file or directory. Bundled documents: "),
        (Path("missing.yaml"), "missing.yaml: cannot be read: No such file or directory. Bundled documents: "),
        ("/", "/: cannot be read: Is a directory. Bundled documents: "),
        ("a\0b", "'a\\x00b': is no path: embedded null byte"),
        ("a" * 5000, "File name too long"),
        ("", "the text is empty: give a path, a URL or the document itself"),
        (" ", "the text is empty: give a path, a URL or the document itself"),
        (
            "ftp://me:pass@a.test/x?key=k",
            "ftp://a.test/x: only http:// and https:// URLs are read; a file is given by its path",
        ),
        ("file:///a.yaml", "file:///a.yaml: only http:// and https:// URLs are read; a file is given by its path"),
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
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "dynclient" / "sources.py"))

    assert bundled() == {}
    with pytest.raises(DocumentError, match="Bundled documents: none"):
        load("openai")


@pytest.mark.parametrize("kind", ["text", "bytes", "stream", "path"])
def test_too_large(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the limit is read."""
    monkeypatch.setattr(sources, "MAX_BYTES", 10)
    path = tmp_path / "large"
    path.write_bytes(b"\n" * 11)
    source = {"text": "\n" * 11, "bytes": b"\n" * 11, "stream": io.BytesIO(b"\n" * 11), "path": path}[kind]

    with pytest.raises(DocumentError, match="is larger than 0 MiB"):
        load(source)  # type: ignore[arg-type]


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
    with pytest.raises(DocumentError, match=f"^{loopback.url}/api.yaml: the server answered 401$"):
        load(source)


def test_no_credentials_of_the_environment(loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc is for other things."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    load(f"{loopback.url}/api.yaml")

    assert "authorization" not in loopback.last.headers


def test_redirects_are_shown_and_not_followed(loopback: Loopback) -> None:
    """Their target may be anyone's."""
    loopback.says(status=302, Location="http://elsewhere.test/")

    with pytest.raises(DocumentError, match=r"the server answered 302 and points to http://elsewhere\.test/"):
        load(f"{loopback.url}/api.yaml")
    assert loopback.lines == ["GET /api.yaml"]


def test_a_url_that_is_too_large(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at the limit."""
    monkeypatch.setattr(sources, "MAX_BYTES", 10)
    loopback.says(b"x" * 1_000_000)

    with pytest.raises(DocumentError, match="is larger than 0 MiB"):
        load(f"{loopback.url}/api.yaml")


@pytest.mark.parametrize("url", ["{}/api.yaml", "http://", "http://[::1"])
def test_a_url_that_cannot_be_fetched(url: str, nowhere: str) -> None:
    """Whatever the reason."""
    with pytest.raises(DocumentError, match=r"cannot be fetched \(\w+\)$"):
        load(url.format(nowhere))
