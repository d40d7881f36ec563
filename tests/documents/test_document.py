"""Documents: versions, pointers, references and notes."""

from __future__ import annotations

import pytest

from dynclient.documents.document import Document, noting, parse
from dynclient.documents.pointers import escape_token, split_pointer
from dynclient.documents.sources import Source
from dynclient.errors import DocumentError, Problem
from dynclient.types import JSON


@pytest.mark.parametrize(
    ("version", "read", "is_30"),
    [
        ("3.0.0", "3.0.0", True),
        ("3.0", "3.0", True),
        ("3.1.0", "3.1.0", False),
        ("3.2.0", "3.2.0", False),
        (3.1, "3.1", False),
        (3.0, "3.0", True),
    ],
)
def test_versions(version: JSON, read: str, is_30: bool) -> None:
    """3.0, 3.1 and 3.2; a number is what YAML makes of one without quotes."""
    document = Document({"openapi": version})

    assert (document.version, document.is_30) == (read, is_30)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "mapping: 'openapi' is missing; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0"),
        (
            {"openapi": "4.0.0"},
            "mapping: 'openapi' is '4.0.0'; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0",
        ),
        (
            {"openapi": "3.3.0"},
            "mapping: 'openapi' is '3.3.0'; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0",
        ),
        ({"openapi": "3.10"}, "mapping: 'openapi' is '3.10'; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0"),
        ({"openapi": 3}, "mapping: 'openapi' is 3; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0"),
        (
            {"openapi": ["3.1.0"]},
            "mapping: 'openapi' is ['3.1.0']; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0",
        ),
        (
            {"swagger": "1.2"},
            "mapping #/swagger: 'swagger' is '1.2'; only Swagger 2.0 is read: convert the document to OpenAPI 3",
        ),
        (
            {"swaggerVersion": "1.2"},
            (
                "mapping #/swaggerVersion: 'swaggerVersion' is '1.2'; "
                "only Swagger 2.0 is read: convert the document to OpenAPI 3"
            ),
        ),
        (
            {"swagger": None},
            "mapping #/swagger: 'swagger' is None; only Swagger 2.0 is read: convert the document to OpenAPI 3",
        ),
    ],
)
def test_versions_that_are_not_read(data: JSON, message: str) -> None:
    """The error says which it is and which would do."""
    with pytest.raises(DocumentError) as caught:
        parse(Source(data, "mapping"))
    assert str(caught.value) == message


def test_title_and_info() -> None:
    """The source's name stands in for a title."""
    document = Document({"openapi": "3.1.0", "info": {"title": "Pets", "version": 1}})

    assert [document.title, document.info("version"), repr(document)] == [
        "Pets",
        "",
        "<Document 'Pets' , OpenAPI 3.1.0>",
    ]
    unnamed: list[JSON] = [{}, [], None]
    assert [Document({"openapi": "3.1.0", "info": info}, "api.yaml").title for info in unnamed] == ["api.yaml"] * 3


POINTED = Document(
    {
        "openapi": "3.1.0",
        "a/b": {"m~n": 1, "a%b": 2, "ü": 3, "": 4},
        "list": ["x", {"y": 5}],
        "one": {"$ref": "#/two"},
        "two": {"$ref": "#/list/1"},
        "circle": {"$ref": "#/round"},
        "round": {"$ref": "#/circle"},
        "self": {"$ref": "#/self"},
        "text": "abc",
        "recursive": {"child": {"$ref": "#/recursive"}},
        "named": {"$ref": 5},
    },
    "api.yaml",
)


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("#", POINTED.contents),
        ("#/a~1b/m~0n", 1),
        ("#/a~1b/a%25b", 2),
        ("#/a~1b/%C3%BC", 3),
        ("#/a~1b/", 4),
        ("#/list/0", "x"),
        ("#/list/1/y", 5),
    ],
)
def test_pointers(pointer: str, expected: JSON) -> None:
    """With escapes of both kinds."""
    assert POINTED.at(pointer) == expected


@pytest.mark.parametrize("pointer", ["#/missing", "#/list/2", "#/list/-1", "#/list/x", "#/text/0", "#/openapi/x/y"])
def test_pointers_to_nothing(pointer: str) -> None:
    """The error names the document and the pointer."""
    with pytest.raises(DocumentError) as caught:
        POINTED.at(pointer)
    assert str(caught.value) == f"api.yaml {pointer}: there is nothing at this reference"


@pytest.mark.parametrize(
    ("pointer", "reason"),
    [
        ("other.yaml#/a", "the document came as text or data, without a place that it could be relative to"),
        (
            "https://a.test/x.yaml#/a",
            "it leads to another origin than the document's; allow_refs=[url] would permit it",
        ),
        ("other.yaml", "it isn't a JSON Pointer"),
        ("#anchor", "it isn't a JSON Pointer"),
    ],
)
def test_pointers_that_lead_outside(pointer: str, reason: str) -> None:
    """A document without a place consists of itself alone."""
    with pytest.raises(DocumentError) as caught:
        POINTED.at(pointer)
    assert str(caught.value) == f"api.yaml {pointer}: {reason}"


def test_resolving() -> None:
    """Until it is no reference; with the pointer of what is there."""
    assert POINTED.resolve({"$ref": "#/one"}, "#/x") == ({"y": 5}, "#/list/1")
    assert POINTED.resolve({"y": 6}, "#/x") == ({"y": 6}, "#/x")
    assert POINTED.resolve({"$ref": "#/recursive"}, "#/recursive/child") == (
        POINTED.contents["recursive"],
        "#/recursive",
    )
    assert POINTED.resolve({"$ref": 5}, "#/named") == ({"$ref": 5}, "#/named")
    assert POINTED.resolve(True, "#/x") == (True, "#/x")


@pytest.mark.parametrize(
    ("name", "circle"), [("circle", "#/circle -> #/round -> #/circle"), ("self", "#/self -> #/self")]
)
def test_references_in_a_circle(name: str, circle: str) -> None:
    """There is nothing at the end of them; the error names all that are in it."""
    with pytest.raises(DocumentError) as caught:
        POINTED.resolve({"$ref": f"#/{name}"}, "#/x")
    assert str(caught.value) == f"api.yaml #/{name}: the reference leads back to itself: {circle}"


@pytest.mark.parametrize("token", ["a", "a/b", "~", "~1", "/~0/", "", "%", "100%", "a%20b", "%41", "%2F"])
def test_tokens_come_back(token: str) -> None:
    """What is escaped is what is found."""
    assert list(split_pointer(f"#/{escape_token(token)}")) == [token]


def test_notes() -> None:
    """Each thing once."""
    document = Document({"openapi": "3.1.0"})
    for _ in range(2):
        document.note("rule", "#/a", "message")
    document.note("rule", "#/b", "message")

    assert document.problems == [
        Problem("document", "", "message", "rule", schema_pointer="#/a"),
        Problem("document", "", "message", "rule", schema_pointer="#/b"),
    ]


def test_notes_touch_the_operation_they_are_made_for() -> None:
    """Each once, in the order met; a note made for none touches none."""
    document = Document({"openapi": "3.1.0"})
    for operation in ("b", "a", "b"):
        with noting(operation):
            document.note("rule", "#/a", "message")
    document.note("rule", "#/a", "message")

    assert [problem.operations for problem in document.problems] == [("b", "a")]


def test_lines_of_problems() -> None:
    """Where the text is at hand; a pointer into another file has none."""
    document = parse(Source(b"openapi: 3.1.0\ninfo:\n  title: 5\n", "api.yaml"))
    document.note("rule", "#/info/title", "message")
    document.note("rule", "other.yaml#/info", "message")

    document.note("rule", "#/info", "message", 9)

    assert [problem.line for problem in document.problems] == [3, None, 9]


def test_lines_that_are_had_for_little() -> None:
    """Those of a small text, looked up once each."""
    document = parse(Source(b"openapi: 3.1.0\npaths:\n  /a: {}\n", "a.yaml"))

    assert document.known_lines({"#/paths", "#/paths/~1a", "other.yaml#/x"}) == {"#/paths": 2, "#/paths/~1a": 3}

    document.source = None  # what is known stays known
    assert document.known_lines({"#/paths", "#/openapi"}) == {"#/paths": 2}


def test_lines_of_a_large_text_cost_too_much() -> None:
    """`line` still tells them to whoever asks."""
    document = parse(Source(b"openapi: 3.1.0\npaths: {}\n" + b"# much to read\n" * 40_000, "a.yaml"))

    assert document.known_lines({"#/paths"}) == {}
    assert document.line("#/paths") == 2


def test_lines_of_a_changed_document() -> None:
    """The text has other places than what an overlay made of it: no line is shown rather than a wrong one."""
    source = Source(b"openapi: 3.1.0\npaths: {}\ntags: [{name: a}]\n", "a.yaml")
    document = parse(source, overlays=[Source(b'{"tags": [{"name": "b"}, {"name": "a"}]}', "merge")])

    assert document.known_lines({"#/tags/1"}) == {}


def test_lines_of_data() -> None:
    """There is no text."""
    assert Document({"openapi": "3.1.0"}).known_lines({"#/openapi"}) == {}
