"""The operations of a document by name."""

from __future__ import annotations

import copy
import pickle

import pytest

from dynclient.documents.document import Document, parse
from dynclient.documents.sources import load
from dynclient.errors import UnknownOperation
from dynclient.openapi.directory import Directory
from dynclient.types import JSON
from tests.places import SPECS


def directory(**paths: JSON) -> Directory:
    """Of operations as `get="id"`, each on a path of its own, or of whole path items."""
    items = {
        f"/{name}": {"get": {"operationId": item}} if isinstance(item, str) else item for name, item in paths.items()
    }
    return Directory(Document({"openapi": "3.1.0", "info": {"title": "Pets"}, "paths": items}))


def test_operations_in_the_document_s_order() -> None:
    """By id; those without one, or with a repeated one, by method and path."""
    operations = directory(
        b="listB", a={"get": {}, "post": {"operationId": ""}}, c="same", d="same", e={"post": {"operationId": 5}}
    )

    assert list(operations) == ["listB", "GET /a", "POST /a", "GET /c", "GET /d", "POST /e"]
    assert len(operations) == 6
    assert repr(operations) == "<6 operations of 'Pets'>"


def test_an_operation_is_read_once() -> None:
    """When it is first asked for."""
    operations = directory(a="getA")

    assert operations["getA"] is operations["getA"]
    assert (operations["getA"].id, operations["getA"].method, operations["getA"].path) == ("getA", "GET", "/a")


def test_a_repeated_id_is_the_operation_s_still() -> None:
    """It is only no key."""
    assert [operation.id for operation in directory(a="same", b="same").values()] == ["same", "same"]


def test_membership() -> None:
    """Of keys alone: `find` knows the other names."""
    operations = directory(a="getA")

    assert ["getA" in operations, "get_a" in operations, None in operations] == [True, False, False]
    with pytest.raises(KeyError):
        operations["get_a"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("getA", "getA"),
        ("get_a", "getA"),
        ("admin-keys", "admin-keys"),
        ("admin_keys", "admin-keys"),
        ("GET /a", "getA"),
        ("get /a", "getA"),
        ("Get  /a ", "getA"),
        ("GET /c", "GET /c"),
        ("get_c", "GET /c"),
        ("class", "class"),
        ("class_", "class"),
    ],
)
def test_names_of_an_operation(name: str, key: str) -> None:
    """Its id, its route, and the snake case of its key."""
    assert directory(a="getA", b="admin-keys", c={"get": {}}, d="class").find(name) == key


@pytest.mark.parametrize(
    ("name", "message", "near"),
    [
        ("getX", "no operation 'getX'. Did you mean 'getA' or 'getAll'?", ("getA", "getAll")),
        ("zzz", "no operation 'zzz' among the 6 of 'Pets'.", ()),
        ("/on", "no operation '/on'. Did you mean 'GET /one'?", ("GET /one",)),
        ("/zzz", "no operation '/zzz' among the 6 of 'Pets'.", ()),
        ("POST /one", "no operation 'POST /one'. Did you mean 'GET /one'?", ("GET /one",)),
        (
            "same",
            "'same' is the id of 2 operations; say client['GET /three'] or client['GET /four']",
            (),
        ),
        (
            "a_b",
            "'a_b' is the spelling of 2 operations; say client['a-b'] or client['aB']",
            ("a-b", "aB"),
        ),
    ],
)
def test_names_that_mean_none_or_several(name: str, message: str, near: tuple[str, ...]) -> None:
    """The error says which could be meant, and how to say it."""
    operations = directory(one="getA", two="getAll", three="same", four="same", five="a-b", six="aB")
    with pytest.raises(UnknownOperation) as caught:
        operations.find(name)

    assert (str(caught.value), caught.value.near) == (message, near)


def test_repeated_ids_in_other_spellings() -> None:
    """In snake case a repeated id names the same choice."""
    with pytest.raises(UnknownOperation) as caught:
        directory(a="listAll", b="listAll").find("list_all")
    assert str(caught.value) == "'list_all' is the spelling of 2 operations; say client['GET /a'] or client['GET /b']"


def test_an_id_that_is_the_route_of_another() -> None:
    """The route means what it says; neither operation is lost."""
    operations = directory(a="GET /b", b={"get": {}}, c="GET /c")

    assert list(operations) == ["GET /a", "GET /b", "GET /c"]
    assert [operations[operations.find(f"GET /{name}")].path for name in "abc"] == ["/a", "/b", "/c"]


def test_names_of_operations_without_id() -> None:
    """By method and path; where two have one, neither, and the error names both."""
    items: dict[str, JSON] = {"/pets/{id}": {"get": {}, "put": {}}, "/pets/by/id": {"get": {}}, "/": {"get": {}}}
    operations = Directory(Document({"openapi": "3.1.0", "paths": items}))

    assert operations.attributes == ["put_pets_by_id", "get_root"]
    assert [operations.find(name) for name in operations.attributes] == ["PUT /pets/{id}", "GET /"]
    with pytest.raises(UnknownOperation) as caught:
        operations.find("get_pets_by_id")
    assert caught.value == UnknownOperation(
        "get_pets_by_id",
        ["GET /pets/{id}", "GET /pets/by/id"],
        "'get_pets_by_id' is the spelling of 2 operations; say client['GET /pets/{id}'] or client['GET /pets/by/id']",
    )


@pytest.mark.parametrize("name", ["ﬁleGet", "fileGet", "file_get"])
def test_an_id_that_python_reads_otherwise(name: str) -> None:
    """Behind a dot it is in its normal form (NFKC), in brackets it may be."""
    operations = directory(a="ﬁleGet")

    assert [operations.find(name), operations.find_attribute(name)] == ["ﬁleGet", "ﬁleGet"]
    assert operations.attributes == ["fileGet", "file_get"]


def test_ids_that_python_reads_alike() -> None:
    """Each is reached in brackets; behind a dot the error names both."""
    operations = directory(a="ﬁle", b="file", c="ﬃ", d="ﬀi")

    assert [operations.find("ﬁle"), operations.find("file")] == ["ﬁle", "file"]
    assert operations.attributes == []
    for name in ("ﬁle", "file"):
        with pytest.raises(UnknownOperation) as caught:
            operations.find_attribute(name)
        assert str(caught.value) == (
            "'file' is how Python reads the ids of 2 operations; say client['file'] or client['ﬁle']"
        )
    with pytest.raises(UnknownOperation, match="is how Python reads the ids of 2 operations"):
        operations.find_attribute("ffi")


@pytest.mark.parametrize("name", [0, None, ("a",)])
def test_names_that_are_no_text(name: object) -> None:
    """An operation has no number."""
    with pytest.raises(UnknownOperation, match="an operation is named by text, not by"):
        directory(a="getA").find(name)  # type: ignore[arg-type]


def test_an_id_wins_over_a_spelling() -> None:
    """`get_a` is one operation's id, whatever another's would be in snake case."""
    operations = directory(a="getA", b="get_a")

    assert [operations.find("get_a"), operations.find("getA")] == ["get_a", "getA"]


def test_attributes() -> None:
    """What can stand behind a dot: nothing private, no keyword, nothing that means two operations."""
    operations = directory(a="getA", b="a-b", c="aB", d="admin-keys", e="class", f="_private", g="x y")

    assert operations.attributes == ["getA", "aB", "get_a", "admin_keys", "class_", "private", "x_y"]


def test_operations_by_tag() -> None:
    """In the document's order; those without a tag under ""."""
    operations = directory(
        a={"get": {"operationId": "one", "tags": ["x", "y"]}, "post": {"operationId": "two"}},
        b={"get": {"operationId": "three", "tags": ["x"]}},
    )

    assert operations.tags() == {"x": ("one", "three"), "y": ("one",), "": ("two",)}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda operations: pickle.loads(pickle.dumps(operations))])
def test_copies(again: object) -> None:
    """With the same operations."""
    operations = directory(a="getA", b="same", c="same")
    operations["getA"]

    copied = again(operations)  # type: ignore[operator]

    assert list(copied) == list(operations)
    assert copied["getA"] == operations["getA"]
    assert copied.find("get_a") == "getA"


@pytest.mark.skipif(not SPECS.is_dir(), reason="the published documents are not beside this checkout")
def test_a_large_document() -> None:
    """Every operation of OpenAI's is found by its id, its route and its spelling."""
    operations = Directory(parse(load(SPECS / "openai.json")))

    assert len(operations) == 288
    assert [operations.find(f"{operation.method} {operation.path}") for operation in operations.values()] == list(
        operations
    )
    assert operations.find("create_chat_completion") == "createChatCompletion"
