"""Request bodies: the choice of a media type, and the bytes in each of them."""

from __future__ import annotations

import email
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dynclient.http.media_types import charset, is_form, is_multipart, is_text
from dynclient.openapi.model import Encoding, MediaType, Parameter
from dynclient.types import JSON
from dynclient.wire.media import Encoded, as_data, choose, encode, is_json
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.uploads import Upload

LATIN = '<?xml version="1.0" encoding="latin-1"?>é'
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
OCTETS = "application/octet-stream"


def form(value: JSON, **encoding: Encoding) -> str:
    encoded = encode(MediaType(FORM, encoding=encoding), value)
    assert isinstance(encoded.body, bytes)
    return encoded.body.decode()


def parts(value: JSON, encoding: Mapping[str, Encoding] | None = None) -> list[tuple[str, str | None, bytes]]:
    """What each part says of itself, what type it has, and its bytes, as a reader of mail finds them."""
    encoded = encode(MediaType(MULTIPART, encoding=encoding or {}), value)
    head = f"Content-Type: {encoded.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + sent(encoded))
    read: list[Any] = [*message.get_payload()]
    return [
        (part["Content-Disposition"].removeprefix("form-data; "), part["Content-Type"], part.get_payload(decode=True))
        for part in read
    ]


def sent(encoded: Encoded) -> bytes:
    """The bytes of a body as they reach the network."""
    return encoded.body if isinstance(encoded.body, bytes) else b"".join(encoded.body)


def content(*names: str) -> tuple[MediaType, ...]:
    return tuple(map(MediaType, names))


def test_kinds_of_media_types() -> None:
    """Names count, in any case; parameters do not."""
    names = ["application/JSON; v=1", FORM.upper(), "multipart/mixed; boundary=x", "Text/CSV", "image/svg+xml", "a/b"]
    kinds = {
        name: [kind.__name__ for kind in (is_json, is_form, is_multipart, is_text) if kind(name)] for name in names
    }

    assert list(kinds.values()) == [["is_json"], ["is_form"], ["is_multipart"], ["is_text"], ["is_text"], []]


def test_charset_of_a_content_type() -> None:
    """The named charset, quoted or not, else UTF-8."""
    names = ["text/plain", "text/plain; charset=latin-1", 'text/plain;Charset="utf-16";x=y']

    assert [*map(charset, names)] == ["utf-8", "latin-1", "utf-16"]


@pytest.mark.parametrize(
    ("names", "value", "expected"),
    [
        (["text/csv"], {"a": 1}, "text/csv"),
        ([MULTIPART, FORM, "application/json"], {"a": 1}, "application/json"),
        ([MULTIPART, FORM], {"a": 1}, FORM),
        (["text/xml", "*/*", MULTIPART], {"a": 1}, MULTIPART),
        (["text/xml", "*/*"], {"a": 1}, "*/*"),
        (["text/xml", "image/png"], {"a": 1}, "text/xml"),
        (["application/merge-patch+json", "application/json"], [1], "application/merge-patch+json"),
        (["application/json", MULTIPART], {"f": b"x"}, MULTIPART),
        (["application/json", MULTIPART], {"f": ["a", Path("x")]}, MULTIPART),
        (["application/json", MULTIPART], {"f": (io.BytesIO(), b"x")}, MULTIPART),
        (["application/json", MULTIPART], {"f": ("a", "b")}, "application/json"),
        (["application/json", OCTETS], {"f": b"x"}, OCTETS),
        (["application/json", FORM, "text/plain", OCTETS], b"x", OCTETS),
        (["application/json", "text/csv"], b"x", "text/csv"),
        (["application/json", "*/*"], b"x", "*/*"),
        (["application/json", FORM], b"x", "application/json"),
        (["image/jpeg", "image/png", "*/*"], Path("x.png"), "image/png"),
        (["text/plain", "image/*"], ("x.png", b""), "image/*"),
        (["application/json", "application/pdf"], Path("x.json"), "application/pdf"),
        (["application/json", OCTETS, "text/plain"], "x", "text/plain"),
        (["application/json", "application/xml"], "<a/>", "application/xml"),
        (["application/json", OCTETS], "x", OCTETS),
        (["application/json", MULTIPART], "x", "application/json"),
        ([OCTETS, "application/json"], iter([b"x"]), "application/json"),
        ([MULTIPART, "text/csv", OCTETS], iter([b"x"]), OCTETS),
        ([MULTIPART, "text/csv", "*/*"], iter([b"x"]), "*/*"),
        ([MULTIPART, "text/csv"], iter(["x"]), "text/csv"),
        (["application/json", MULTIPART], {"f": ("a", iter([b"x"]))}, MULTIPART),
    ],
)
def test_choice_by_value(names: list[str], value: JSON, expected: str) -> None:
    """Data goes as JSON, then as a form; files as multipart or bytes; text as text."""
    assert choose(content(*names), value).name == expected


@pytest.mark.parametrize(
    ("names", "wanted", "expected"),
    [
        (["application/json", "text/csv"], "TEXT/csv", "text/csv"),
        (["application/json; v=1", "application/json; v=2"], "application/json; v=2", "application/json; v=2"),
        (["application/json; v=1"], "application/json", "application/json; v=1"),
        (["application/json"], "application/json; charset=utf-8", "application/json"),
        (["*/*", "image/*"], "image/png", "image/png"),
        (["*/*"], "text/csv; header=present", "text/csv; header=present"),
    ],
)
def test_choice_by_name(names: list[str], wanted: str, expected: str) -> None:
    """A wanted media type is found in any case, without its parameters, or behind a wildcard."""
    assert choose(content(*names), {}, wanted).name == expected


def test_a_wildcard_keeps_what_is_said_of_it() -> None:
    """The wanted name stands in for the wildcard; schema and encoding stay."""
    media_type = MediaType("image/*", pointer="/x")

    assert choose((media_type,), b"", "image/png") == MediaType("image/png", pointer="/x")


def test_an_undeclared_media_type_is_refused() -> None:
    """The error lists what the document declares."""
    with pytest.raises(
        Unwritable, match=r"cannot be sent as 'text/csv'; the document lists application/json, image/\*"
    ):
        choose(content("application/json", "image/*"), {}, "text/csv")


@pytest.mark.parametrize(
    ("name", "value", "body", "content_type"),
    [
        ("application/json", {"a": "é"}, '{"a":"é"}'.encode(), "application/json"),
        ("application/json", b'{"a":1}', b'{"a":1}', "application/json"),
        ("application/json", None, b"null", "application/json"),
        ("Application/JSON;charset=UTF-8", [1], b"[1]", "Application/JSON;charset=UTF-8"),
        ("application/merge-patch+json", {}, b"{}", "application/merge-patch+json"),
        ("application/*+json", {}, b"{}", "application/json"),
        ("*/*", {"a": 1}, b'{"a":1}', "application/json"),
        ("application/*", 5, b"5", "application/json"),
        ("*/*", "text", b"text", "text/plain; charset=utf-8"),
        ("*/*", b"x", b"x", OCTETS),
        ("*/*", ("a.png", b"x"), b"x", "image/png"),
        ("image/*", ("a.png", b"x"), b"x", "image/png"),
        ("image/png", b"x", b"x", "image/png"),
        ("image/png", ("a.gif", b"x", "image/gif"), b"x", "image/png"),
        (OCTETS, bytearray(b"x"), b"x", OCTETS),
        (OCTETS, "é", "é".encode(), OCTETS),
        ("application/jsonl", "{}\n", b"{}\n", "application/jsonl"),
        ("text/plain", "é", "é".encode(), "text/plain"),
        ("text/plain; charset=ISO-8859-1", "é", b"\xe9", "text/plain; charset=ISO-8859-1"),
        ("text/plain", 42, b"42", "text/plain"),
        ("text/plain", True, b"true", "text/plain"),
        ("text/plain", b"\xff", b"\xff", "text/plain"),
        ("text/*", "x", b"x", "text/plain"),
        ("text/*", ("a.csv", b"x"), b"x", "text/csv"),
        ("text/*", b"x", b"x", "text/plain"),
        ("application/xml", "<a/>", b"<a/>", "application/xml"),
        ("text/xml", b"<a/>", b"<a/>", "text/xml"),
        ("text/xml", LATIN, LATIN.encode("latin-1"), "text/xml"),
        ("text/xml; charset=utf-8", LATIN, LATIN.encode(), "text/xml; charset=utf-8"),
    ],
)
def test_bodies(name: str, value: JSON, body: bytes, content_type: str) -> None:
    """The bytes and the content type of a body; a wildcard gives way to what is sent."""
    assert encode(MediaType(name), value) == Encoded(body, content_type)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("application/json", {"a": float("nan")}, "/a: nan is not a JSON number"),
        ("application/json", {"a": io.BytesIO()}, "/a: a file or bytes cannot stand here"),
        ("text/csv", [["a"]], "a body of type text/csv is text"),
        ("application/xml", {"a": 1}, "a body of type application/xml is text"),
        ("text/plain", {"a": 1}, "an object cannot be written here"),
        ("text/plain; charset=ascii", "é", "cannot be written in ascii; give bytes"),
        ("text/plain; charset=nonsense", "é", "cannot be written in nonsense"),
        (OCTETS, {"a": 1}, "is bytes, a file or text, not data"),
        ("image/*", b"x", f"the body is of type {OCTETS}, not image/*"),
        ("image/*", "x", "the body is of type text/plain; charset=utf-8, not image/*"),
        (OCTETS, Path("/nowhere/x"), "'/nowhere/x' cannot be read"),
        (FORM, "a=b", f"a body of type {FORM} is an object"),
        (MULTIPART, [b"x"], f"a body of type {MULTIPART} is an object"),
    ],
)
def test_bodies_that_a_media_type_cannot_say(name: str, value: JSON, message: str) -> None:
    """The error says what the media type takes."""
    with pytest.raises(Unwritable) as caught:
        encode(MediaType(name), value)

    assert message in str(caught.value)


def test_files_are_streamed(tmp_path: Path) -> None:
    """Nothing of them is read before the body is."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"bytes")
    bodies = [encode(MediaType(OCTETS), value).body for value in (path, io.BytesIO(b"bytes"), iter([b"by", b"tes"]))]

    assert [(isinstance(body, Upload) and body.length, b"".join(body)) for body in bodies] == [  # type: ignore[arg-type]
        (5, b"bytes"),
        (5, b"bytes"),
        (None, b"bytes"),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ""),
        ({"a": "x y+z&=", "é": "~"}, "a=x+y%2Bz%26%3D&%C3%A9=~"),
        ({"a": "%20"}, "a=%2520"),
        ({"a": 1, "b": 1.5, "c": True, "d": ""}, "a=1&b=1.5&c=true&d="),
        ({"a": None, "b": [None]}, ""),
        ({"a": ["x", "y"], "b": []}, "a=x&a=y"),
        ({"a": {"b": [1]}}, "a=%7B%22b%22%3A%5B1%5D%7D"),
        ({"a": [{"b": 1}, {}]}, "a=%7B%22b%22%3A1%7D&a=%7B%7D"),
    ],
)
def test_forms(value: JSON, expected: str) -> None:
    """Scalars are text, objects JSON, arrays repeat the name, null is left out."""
    assert form(value) == expected


def test_the_specifications_form() -> None:
    """OpenAPI 3.1.1 §4.8.14.3, but for the colons and commas that it leaves as they are."""
    value = {
        "id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "address": {"streetAddress": "123 Example Dr.", "zip": "99999+1234"},
    }

    assert form(value) == (
        "id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6&address="
        "%7B%22streetAddress%22%3A%22123+Example+Dr.%22%2C%22zip%22%3A%2299999%2B1234%22%7D"
    )


@pytest.mark.parametrize(
    ("value", "encoding", "expected"),
    [
        ("x", Encoding(content_type="application/json"), "a=%22x%22"),
        (["x", 1], Encoding(content_type="application/json"), "a=%5B%22x%22%2C1%5D"),
        (["x", 1], Encoding(content_type="text/plain"), "a=x&a=1"),
        ({"k": "v w"}, Encoding(style="deepObject", explode=True), "a%5Bk%5D=v+w"),
        ({"k": "v"}, Encoding(style="form"), "k=v"),
        ({"k": "v"}, Encoding(explode=False), "a=k,v"),
        (["x", "y z"], Encoding(explode=False), "a=x,y+z"),
        (["x", "y"], Encoding(style="spaceDelimited"), "a=x+y"),
        (["x", "y"], Encoding(style="pipeDelimited", explode=False), "a=x%7Cy"),
        ("x/y", Encoding(allow_reserved=True), "a=x/y"),
        ([], Encoding(style="form"), ""),
    ],
)
def test_encodings_of_a_form(value: JSON, encoding: Encoding, expected: str) -> None:
    """A style writes a property as a query parameter; otherwise its content type does."""
    assert form({"a": value}, a=encoding) == expected


@pytest.mark.parametrize(
    ("value", "encoding", "message"),
    [
        (b"x", Encoding(), "/a: a form without parts cannot hold a file"),
        ([Path("x")], Encoding(), "/a: a form without parts cannot hold a file"),
        ([{"b": [b"x"]}], Encoding(), "/a/0/b/0: a file or bytes cannot stand here"),
        ({"b": {"c": 1}}, Encoding(style="form"), "/a/b: an object cannot be written here"),
        ({"b": 1}, Encoding(content_type="application/xml"), "/a: this is sent as application/xml: give it as text"),
    ],
)
def test_properties_that_a_form_cannot_say(value: JSON, encoding: Encoding, message: str) -> None:
    """The error has the place of the fault in the body."""
    with pytest.raises(Unwritable) as caught:
        form({"a": value}, a=encoding)

    assert str(caught.value).startswith(message)


def test_parts_of_a_multipart_body(tmp_path: Path) -> None:
    """One part for each value and item: text, JSON, and files with a name and a type."""
    path = tmp_path / "photo.png"
    path.write_bytes(b"png")
    value = {
        "id": 5,
        "name": "é",
        "none": None,
        "address": {"zip": "1"},
        "tags": ["a", None, {"b": 1}],
        "photo": path,
        "raw": b"\x00\xff",
        "open": io.BytesIO(b"x"),
        "many": [("a.txt", b"1"), ("b.csv", "2", "text/csv")],
    }

    assert parts(value) == [
        ('name="id"', None, b"5"),
        ('name="name"', None, "é".encode()),
        ('name="address"', "application/json", b'{"zip":"1"}'),
        ('name="tags"', None, b"a"),
        ('name="tags"', "application/json", b'{"b":1}'),
        ('name="photo"; filename="photo.png"', "image/png", b"png"),
        ('name="raw"; filename="raw"', OCTETS, b"\x00\xff"),
        ('name="open"; filename="open"', OCTETS, b"x"),
        ('name="many"; filename="a.txt"', "text/plain", b"1"),
        ('name="many"; filename="b.csv"', "text/csv", b"2"),
    ]


PICTURES = Encoding(content_type="image/png, image/jpeg")
ANY_IMAGE = Encoding(content_type="image/*")
XML = "application/xml; charset=utf-8"


@pytest.mark.parametrize(
    ("value", "encoding", "disposition", "content_type", "body"),
    [
        ("x", Encoding(content_type="application/json"), 'name="a"', "application/json", b'"x"'),
        ("<a/>", Encoding(content_type=XML), 'name="a"', XML, b"<a/>"),
        ("x", ANY_IMAGE, 'name="a"', None, b"x"),
        (("x.jpg", b""), PICTURES, 'name="a"; filename="x.jpg"', "image/jpeg", b""),
        (("x.gif", b""), PICTURES, 'name="a"; filename="x.gif"', "image/png", b""),
        (("x.gif", b""), ANY_IMAGE, 'name="a"; filename="x.gif"', "image/gif", b""),
        (b"", ANY_IMAGE, 'name="a"; filename="a"', OCTETS, b""),
        (("x", b"", "x/y"), PICTURES, 'name="a"; filename="x"', "x/y", b""),
        (b"", Encoding(style="form"), 'name="a"; filename="a"', OCTETS, b""),
        (["x", "y z"], Encoding(explode=False), 'name="a"', None, b"x,y z"),
        ({"k": "v&w"}, Encoding(style="deepObject"), 'name="a[k]"', None, b"v&w"),
        ("%2F", Encoding(allow_reserved=True), 'name="a"', None, b"%2F"),
        ("eA==", Encoding(schema_type=OCTETS), 'name="a"', OCTETS, b"eA=="),
        ('{"k":1}', Encoding(schema_type="application/json"), 'name="a"', "application/json", b'{"k":1}'),
        ("<a/>", Encoding(content_type=XML, schema_type=OCTETS), 'name="a"', XML, b"<a/>"),
        (b"x", Encoding(files="one", schema_type="image/png"), 'name="a"; filename="a"', "image/png", b"x"),
        (("x.gif", b""), Encoding(files="one", schema_type=OCTETS), 'name="a"; filename="x.gif"', "image/gif", b""),
        (("x.gif", b"", "", {}), None, 'name="a"; filename="x.gif"', "image/gif", b""),
        ((None, b"x"), None, 'name="a"', OCTETS, b"x"),
        ((None, "x", "text/csv"), None, 'name="a"', "text/csv", b"x"),
    ],
)
def test_encodings_of_a_part(
    value: JSON, encoding: Encoding | None, disposition: str, content_type: str | None, body: bytes
) -> None:
    """A permitted type of the file's own wins over the first that the document names, a given one over both."""
    assert parts({"a": value}, {"a": encoding} if encoding else {}) == [(disposition, content_type, body)]


def test_names_in_a_multipart_body_are_escaped() -> None:
    """Quotes and line breaks are written as browsers write them, and cannot end the header."""
    value = {'a"b\r\nX: y': ('../d/c"\r\nd.txt', b"x")}

    assert parts(value) == [('name="a%22b%0D%0AX: y"; filename="../d/c%22%0D%0Ad.txt"', "text/plain", b"x")]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (("x", b"", "a/b\r\nX: y"), "/f/0: a content type cannot hold line breaks"),
        (Path("/nowhere/x"), "/f/0: '/nowhere/x' cannot be read"),
        ({"b": b"x"}, "/f/0/b: a file or bytes cannot stand here"),
    ],
)
def test_parts_that_cannot_be_written(value: JSON, message: str) -> None:
    """The error has the place of the fault in the body."""
    with pytest.raises(Unwritable) as caught:
        parts({"f": [value]})

    assert str(caught.value).startswith(message)


def header(name: str, **more: Any) -> Parameter:
    return Parameter(name, "header", name, style="simple", explode=False, **more)


def head(value: JSON, *headers: Parameter) -> list[str]:
    """The lines of the only part's headers, but for its Content-Disposition."""
    body = sent(encode(MediaType(MULTIPART, encoding={"a": Encoding(headers=headers)}), {"a": value}))
    return body.partition(b"\r\n\r\n")[0].decode().splitlines()[2:]


@pytest.mark.parametrize(
    ("value", "headers", "expected"),
    [
        ("x", [header("X-A", only_value="1")], ["X-A: 1"]),
        (5, [header("X-A", only_value=1, required=True)], ["X-A: 1"]),
        ("x", [header("X-A")], []),
        (b"x", [header("X-A", only_value="1")], [f"Content-Type: {OCTETS}", "X-A: 1"]),
        (("n", b"x", "a/b", {"x-a": "2"}), [header("X-A", only_value="1")], ["Content-Type: a/b", "x-a: 2"]),
        (("n", b"x", "a/b", {"X-A": [1, 2]}), [header("X-A", required=True)], ["Content-Type: a/b", "X-A: 1,2"]),
        ((None, "x", "a/b", {"X-B": "2"}), [], ["Content-Type: a/b", "X-B: 2"]),
    ],
)
def test_headers_of_a_part(value: JSON, headers: list[Parameter], expected: list[str]) -> None:
    """The caller's, written as the document describes them, and those that permit only one value."""
    assert head(value, *headers) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x", r"/a: the part needs the header X-A: give \(name, content, content type, {'X-A': ...}\)"),
        (("n", b"x", "a/b", {"X-A": "1\r\nX-B: 2"}), "/a: a header cannot hold line breaks"),
        (("n", b"x", "a/b", {"X-A": "1", "X B": "2"}), "/a: 'X B' isn't a header name"),
    ],
)
def test_headers_that_a_part_cannot_have(value: JSON, message: str) -> None:
    """What is missing is said, and nothing else than a header can be written."""
    with pytest.raises(Unwritable, match=message):
        head(value, header("X-A", required=True))


@pytest.mark.parametrize(
    ("value", "files", "message"),
    [
        ("a.png", "one", r"/a: text is not a file: give Path\('a.png'\)"),
        (5, "one", "/a: a value of type int is not a file"),
        ([b"x"], "one", "/a: a value of type list is not a file"),
        (["a.png"], "many", "/a/0: text is not a file"),
        ({"k": 1}, "any", "/a: a value of type dict is not a file"),
    ],
)
def test_what_stands_for_a_file(value: JSON, files: Any, message: str) -> None:
    """A name of a file would be sent as what the file holds."""
    with pytest.raises(Unwritable, match=message):
        parts({"a": value}, {"a": Encoding(files=files)})


def test_body_as_data() -> None:
    """Iterators are streams where bytes are asked for, lists elsewhere; a file that is None is not given."""
    stream = iter([b"x"])
    kinds: dict[str, Any] = {"one": "one", "any": "any", "many": "many", "none": "one"}
    media_type = MediaType(MULTIPART, encoding={name: Encoding(files=kind) for name, kind in kinds.items()})
    value = {"one": stream, "any": stream, "many": iter([b"y"]), "none": None, "other": iter([1]), "null": None}

    assert as_data(media_type, value) == {
        "one": ("one", stream),
        "any": ("any", stream),
        "many": [b"y"],
        "other": [1],
        "null": None,
    }
    assert [as_data(MediaType(name), stream) is stream for name in (OCTETS, "text/csv", "*/*")] == [True] * 3
    assert as_data(MediaType(FORM), {"a": iter([1])}) == {"a": [1]}


def test_boundaries_are_random() -> None:
    """A boundary cannot be foreseen, so that no content can hold it."""
    one, other = (encode(MediaType(MULTIPART), {"a": 1}).content_type for _ in range(2))

    assert (one.startswith(f"{MULTIPART}; boundary="), one == other) == (True, False)


@pytest.mark.parametrize(("name", "sent"), [("multipart/mixed; x=y", "multipart/mixed"), ("multipart/*", MULTIPART)])
def test_other_multipart_types(name: str, sent: str) -> None:
    """They are written in the same way, under their own name."""
    assert encode(MediaType(name), {"a": 1}).content_type.partition(";")[0] == sent


def test_json_bytes_are_not_read_again() -> None:
    """What was encoded for the check is sent byte for byte."""
    body = json.dumps({"a": 1}, indent=8).encode()

    assert encode(MediaType("application/json"), body).body is body


def test_a_stream_in_two_parts() -> None:
    """The second would be empty."""
    stream = iter([b"x"])

    with pytest.raises(Unwritable, match="a stream that can be read only once cannot be sent twice"):
        parts({"a": ("a", stream), "b": ("b", stream)})
