"""Bodies of several parts, read back by parsers that are not ours."""

from __future__ import annotations

import io
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from werkzeug.formparser import parse_form_data

from dynclient.wire.multipart import Part, join, new_boundary, part
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.uploads import Upload, source

# Control characters are refused in names, except line breaks, which are escaped. Werkzeug takes a backslash away, which
# browsers write as it is.
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\") | st.sampled_from('"\r\n'), max_size=12
)
CONTENTS = st.binary(max_size=80)
TYPES = st.sampled_from(["image/png", "text/plain; charset=utf-16", "application/vnd.x+json", 'a/b; c="d;e"'])


def whole(parts: list[Part], boundary: str) -> bytes:
    body = join(parts, boundary)
    return body if isinstance(body, bytes) else b"".join(body)


def as_read(name: str) -> str:
    """Werkzeug undoes the escape of a quote, and leaves those of line breaks."""
    return name.replace("%22", '"').replace("\r", "%0D").replace("\n", "%0A")


def read_by_werkzeug(body: bytes, boundary: str) -> list[tuple[str | None, str | None, str, bytes]]:
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": f"multipart/form-data; boundary={boundary}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    in_memory: Any = lambda **_: io.BytesIO()  # noqa: E731  # the default warns of files that nobody closed
    files = parse_form_data(environ, stream_factory=in_memory, silent=False)[2]
    return [(name, file.filename, file.headers["Content-Type"], file.read()) for name, file in files.items(multi=True)]


@given(st.lists(st.tuples(NAMES, NAMES.filter(bool), TYPES, CONTENTS, st.booleans()), min_size=1, max_size=4))
@example([("a b", "c'd;é", "a/b", b"\r\n--\r\n", True), ("a", 'x"; filename="y', "a/b", b"", False)])
def test_files_read_by_werkzeug(files: list[tuple[str, str, str, bytes, bool]]) -> None:
    """Names, file names, types and contents, held or streamed, come back as they were."""
    boundary = new_boundary()
    parts = [
        part(name, source(io.BytesIO(content)) if is_streamed else content, content_type, file_name)
        for name, file_name, content_type, content, is_streamed in files
    ]
    expected: dict[str, list[Any]] = {}  # werkzeug gives them grouped by name
    for name, file_name, content_type, content, _ in files:
        expected.setdefault(as_read(name), []).append((as_read(name), as_read(file_name), content_type, content))

    assert read_by_werkzeug(whole(parts, boundary), boundary) == [file for group in expected.values() for file in group]


@given(st.lists(st.tuples(st.text("abc%öé ", max_size=8), CONTENTS), min_size=1, max_size=4))
def test_parts_read_as_mail(fields: list[tuple[str, bytes]]) -> None:
    """The standard library finds as many parts, their contents, and nothing before or behind them."""
    boundary = new_boundary()
    body = whole([part(name, content, "application/octet-stream", "f") for name, content in fields], boundary)
    head = f"Content-Type: multipart/form-data; boundary={boundary}\r\n\r\n".encode()

    message = BytesParser(policy=HTTP).parsebytes(head + body)

    assert [each.get_payload(decode=True) for each in message.iter_parts()] == [content for _, content in fields]
    assert (message.preamble, message.epilogue, message.defects) == (None, "", [])


@given(NAMES, NAMES)
def test_names_cannot_leave_their_header(name: str, file_name: str) -> None:
    """Each part has the lines that were meant, whatever its names."""
    lines = part(name, b"", "a/b", file_name).head.split(b"\r\n")

    assert len(lines) == 4
    assert re.fullmatch(rb'Content-Disposition: form-data; name="[^"\r\n]*"; filename="[^"\r\n]*"', lines[0])
    assert lines[1:] == [b"Content-Type: a/b", b"", b""]


def test_a_whole_body() -> None:
    """Byte for byte, with headers of its own."""
    parts = [part("a\\", b"1"), part("é", b"2", "a/b", "ü.txt", {"X-A": "1"})]

    assert join(parts, "B") == (
        b'--B\r\nContent-Disposition: form-data; name="a\\"\r\n\r\n1\r\n--B\r\n'
        b'Content-Disposition: form-data; name="\xc3\xa9"; filename="\xc3\xbc.txt"\r\n'
        b"Content-Type: a/b\r\nX-A: 1\r\n\r\n2\r\n--B--\r\n"
    )


def test_a_body_of_no_parts() -> None:
    """There is still an end."""
    assert join([], "B") == b"--B--\r\n"


def test_few_pieces() -> None:
    """What stands between two sources is one piece, as each is a packet of its own."""
    body = join([part("a", b"1"), part("b", source(io.BytesIO(b"2"))), part("c", b"3")], "B")

    assert isinstance(body, Upload)
    assert ([*body].index(b"2"), len([*body]), body.length) == (1, 3, len(b"".join(body)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a\0",), "the name of a part cannot hold control characters"),
        (("a", b"", "", "\x0b"), "the name of a part cannot hold control characters"),
        (("a", b"", "a/b\r\nX: y"), "a content type cannot hold line breaks"),
        (("a", b"", "a/é"), "a content type cannot hold .* text beyond ASCII"),
        (("a", b"", "", None, {"X:": "1"}), "'X:' isn't a header name"),
        (("a", b"", "", None, {"content-TYPE": "1"}), "content-TYPE of a part follows from the name, content and type"),
    ],
)
def test_what_a_part_cannot_hold(arguments: tuple[Any, ...], message: str) -> None:
    """It would end a header, or begin another."""
    name, content, *more = (*arguments, b"")[:2] if len(arguments) == 1 else arguments

    with pytest.raises(Unwritable, match=message):
        part(name, content, *more)
