"""The client as its users meet it: the doors to operations, options, whole calls and their refusals."""

from __future__ import annotations

import copy
import doctest
import inspect
import io
import json
import pickle
import pprint
import pydoc
import reprlib
import traceback
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
import requests

import dynclient
from dynclient import Client, Problem
from dynclient.errors import (
    CallError,
    DocumentError,
    InvalidRequest,
    MissingArgument,
    UnknownArgument,
    UnknownOperation,
)
from dynclient.types import JSON
from tests.places import SPECS

if TYPE_CHECKING:
    from tests.conftest import Loopback

SECRET = "sk-SECRET-0123456789"


def document(paths: Mapping[str, JSON], server: str = "http://api.test", **more: JSON) -> dict[str, JSON]:
    info = {"title": "Test", "version": "1.0"}
    return {"openapi": "3.1.0", "info": info, "servers": [{"url": server}], "paths": dict(paths), **more}


def named(*ids: str) -> dict[str, JSON]:
    """Paths /0, /1, ... with GET operations of these ids."""
    return {f"/{position}": {"get": {"operationId": name}} for position, name in enumerate(ids)}


def route(caller: Any) -> str:
    return f"{caller.operation.method} {caller.operation.path}"


# ----------------------------------------------------------------------------------------------------------- the doors


@pytest.mark.parametrize(
    ("operation_id", "name"),
    [
        ("createRun", "createRun"),
        ("createRun", "create_run"),
        ("admin-api-keys-list", "admin-api-keys-list"),
        ("admin-api-keys-list", "admin_api_keys_list"),
        ("createRun", "GET /0"),
        ("createRun", "get /0"),
        ("createRun", "GeT  /0"),
        ("", "GET /0"),
        ("", "get_0"),
        ("a b", "a b"),
        ("a\nb", "a\nb"),
        ("__class__", "__class__"),
        ("_private", "_private"),
        ("x" * 300, "x" * 300),
        ("import", "import_"),
        ("ﬁle", "file"),
    ],
)
def test_subscript(operation_id: str, name: str) -> None:
    """By id, in snake case, or by method and path: always there."""
    client = Client(document(named(operation_id)))

    assert route(client[name]) == "GET /0"
    assert name in client


@pytest.mark.parametrize("name", ["createRun", "create_run"])
def test_attribute(name: str) -> None:
    """By id or in snake case."""
    assert route(getattr(Client(document(named("createRun"))), name)) == "GET /0"


def test_second_access_is_an_ordinary_attribute() -> None:
    """It gives the same object and asks nobody."""
    client = Client(document(named("createRun")))

    assert vars(client).keys() == {"_core"}
    assert client.createRun is client.createRun
    assert vars(client).keys() == {"_core", "createRun"}


@pytest.mark.parametrize(
    "name", ["close", "operations", "send", "tags", "with_options", "document", "base_url", "server"]
)
def test_ids_equal_to_names_of_the_client(name: str) -> None:
    """The client's own names win behind the dot; the operation is reached by subscript."""
    client = Client(document(named(name)))

    assert route(client[name]) == "GET /0"
    assert type(getattr(client, name)) is not type(client[name])


def test_help_of_an_operation_named_like_something_of_the_client() -> None:
    """It says how the operation is reached; that of others does not."""
    client = Client(document(named("close", "open", "__class__")))

    told = "Reached by client['close'] alone: client.close is the client's own."
    assert [str(client[name].__doc__).endswith(told) for name in ("close", "open", "__class__")] == [True, False, False]


def test_repeated_ids() -> None:
    """Neither has the name; the error says how to reach each."""
    client = Client(document(named("go", "go")))

    assert [route(client["GET /0"]), route(client["GET /1"])] == ["GET /0", "GET /1"]
    assert list(client.operations) == ["GET /0", "GET /1"]
    with pytest.raises(UnknownOperation) as caught:
        client["go"]
    assert str(caught.value) == "'go' is the id of 2 operations; say client['GET /0'] or client['GET /1']"


def test_one_suggestion() -> None:
    """Python 3.12 and later add a suggestion of their own to an AttributeError in a traceback; ours is enough."""
    try:
        _ = Client(document(named("createRun"))).creatRun
    except UnknownOperation as error:
        shown = traceback.format_exception(error)

    assert "".join(shown).count("Did you mean") == 1


def test_colliding_spellings() -> None:
    """Neither has the spelling; the error names both."""
    client = Client(document(named("getRun", "get-run")))

    assert "get_run" not in client
    with pytest.raises(UnknownOperation) as caught:
        _ = client.get_run
    assert caught.value == UnknownOperation(
        "get_run",
        ["getRun", "get-run"],
        "'get_run' is the spelling of 2 operations; say client['getRun'] or client['get-run']",
    )


def test_spelling_that_is_an_id() -> None:
    """The id wins."""
    client = Client(document(named("getRun", "get_run")))

    assert [route(client.getRun), route(client.get_run)] == ["GET /0", "GET /1"]


def test_an_id_that_python_reads_otherwise() -> None:
    """The source's own spelling of it reaches it, and `getattr` by any."""
    client = Client(document(named("ﬁle")))

    assert [route(client.ﬁle), route(client.file), route(getattr(client, "ﬁle"))] == ["GET /0"] * 3  # noqa: B009


def test_ids_that_python_reads_alike() -> None:
    """Neither is behind the dot, each in brackets."""
    client = Client(document(named("ﬁle", "file")))

    assert [route(client["ﬁle"]), route(client["file"])] == ["GET /0", "GET /1"]
    with pytest.raises(UnknownOperation, match="say client\\['file'\\] or client\\['ﬁle'\\]"):
        _ = client.file


def test_operation_without_id() -> None:
    """It goes by its method and path, and by those as a name."""
    client = Client(document({"/pets/{petId}": {"get": {}}}))

    assert route(client.get_pets_by_pet_id) == route(client["GET /pets/{petId}"]) == "GET /pets/{petId}"
    assert "get_pets_by_pet_id" in dir(client)


def test_unknown_names() -> None:
    """An AttributeError behind the dot, a KeyError in brackets; with the nearest names."""
    client = Client(document(named("createRun", "listRuns")))

    assert not hasattr(client, "creatRun")
    assert "creatRun" not in client
    assert 5 not in client
    with pytest.raises(AttributeError) as attribute:
        _ = client.creatRun
    with pytest.raises(KeyError) as key:
        client["creatRun"]
    assert str(attribute.value) == str(key.value) == "no operation 'creatRun'. Did you mean 'createRun'?"
    assert getattr(client, "creatRun", None) is None


def test_subscript_that_is_no_text() -> None:
    """An index means nothing here."""
    with pytest.raises(KeyError, match="an operation is named by text, not by 0"):
        Client(document(named("go")))[0]  # type: ignore[index]


def test_operations() -> None:
    """A read-only mapping in the document's order."""
    client = Client(document(named("b", "", "a")))

    assert list(client.operations) == ["b", "GET /1", "a"]
    assert len(client.operations) == 3
    assert client.operations["a"].path == "/2"
    assert repr(client.operations) == "<3 operations of 'Test'>"
    with pytest.raises(TypeError):
        client.operations["c"] = client.operations["a"]  # type: ignore[index]


def test_operations_are_read_when_asked_for() -> None:
    """A broken one is in nobody's way."""
    broken = {"get": {"operationId": "broken", "parameters": [{"$ref": "#/nowhere"}]}}
    client = Client(document({"/broken": broken, **named("fine")}))

    assert client.fine.prepare().url == "http://api.test/0"
    assert list(client.operations) == ["broken", "fine"]
    assert [bool(operation.unread) for operation in client.operations.values()] == [True, False]
    with pytest.raises(InvalidRequest, match="there is nothing at this reference"):
        client.broken()


def test_tags() -> None:
    """The document's own first; those without a tag under ""."""
    paths = named("a", "b", "c")
    paths["/0"]["get"]["tags"] = ["late", "early"]
    paths["/1"]["get"]["tags"] = ["early"]
    client = Client(document(paths, tags=[{"name": "early"}, {"name": "unused"}]))

    assert dict(client.tags) == {"early": ("a", "b"), "late": ("a",), "": ("c",)}
    with pytest.raises(TypeError):
        client.tags["x"] = ()  # type: ignore[index]


def test_iteration_is_refused() -> None:
    """`operations` is the mapping."""
    with pytest.raises(TypeError):
        iter(Client(document(named("go"))))  # type: ignore[call-overload]


PROBES = [
    "_ipython_display_", "_ipython_canary_method_should_not_exist_", "_repr_html_", "_repr_mimebundle_", "__array__",
    "__array_interface__", "__wrapped__", "__deepcopy__x", "__getinitargs__", "__fspath__", "__len__", "__call__",
    "_mock_methods", "_private", "_",
]  # fmt: skip


@pytest.mark.parametrize("name", PROBES)
def test_probes_find_nothing(loopback: Loopback, name: str) -> None:
    """Names with an underscore before them are never operations, also where an operation is named so."""
    client = Client(document(named(*PROBES), loopback.url))

    assert not hasattr(client, name)
    assert not hasattr(client["_"], name) or name == "__call__"
    assert name not in dir(client)
    assert loopback.sent == []


def test_probing_tools_send_nothing(loopback: Loopback) -> None:
    """copy, pickle, pydoc, inspect and mock look at everything."""
    client = Client(document(named("go", "__class__", "_private"), loopback.url))

    for caller in (client, client.go):
        copy.copy(caller)
        copy.deepcopy(caller)
        pickle.loads(pickle.dumps(caller))
        pydoc.render_doc(caller)
        inspect.getmembers(caller)
        inspect.unwrap(caller)  # type: ignore[arg-type]
        mock.create_autospec(caller)
        mock.Mock(spec=caller)
        repr(caller)
        str(caller)
        bool(caller)
        hash(caller)
    assert loopback.sent == []


_FOREIGN = [
    "aihwerij235234ljsdnp34ksodfipwoe234234jlskjdf", "assert_called", "assert_called_once", "dtype", "func", "im_func",
    "keywords", "nbytes", "ndim", "shape", "size", "to_dict", "to_html", "tolist",
]  # fmt: skip


@pytest.mark.parametrize("name", _FOREIGN)
def test_foreign_names_find_nothing(name: str) -> None:
    """As rich, numpy, mock, functools and pandas ask for them."""
    client = Client(document(named("go")))

    assert [hasattr(client, name), hasattr(client.go, name)] == [False, False]


def test_standard_library_looks_without_a_call(loopback: Loopback) -> None:
    """Whatever asks what kind of a thing this is, nothing is sent, and it is none of these."""
    client = Client(document(named("go", "__wrapped__", "__iter__", "__await__", "__text_signature__"), loopback.url))

    for thing in (client, client.go):
        assert not inspect.iscoroutinefunction(thing)
        assert not inspect.isawaitable(thing)
        assert not inspect.isgenerator(thing)
        assert not isinstance(thing, Awaitable | Iterable | Mapping | Sized)
        assert inspect.unwrap(thing) is thing  # type: ignore[arg-type]
        assert [test for test in doctest.DocTestFinder().find(thing, "thing") if test.examples] == []
        mock.seal(mock.MagicMock(wraps=thing))
        pprint.pformat(thing)
        reprlib.repr(thing)
        with pytest.raises(TypeError, match="not JSON serializable"):
            json.dumps(thing)
    with mock.patch.object(client, "go"):
        client.go()
    assert loopback.sent == []


def test_before_init_has_run() -> None:
    """As copy and pickle find it."""
    with pytest.raises(AttributeError):
        _ = Client.__new__(Client).go


def test_dir() -> None:
    """The client's own names, ids that are identifiers, and spellings."""
    client = Client(document(named("createRun", "a-b", "_private")))

    assert {"createRun", "create_run", "a_b", "operations", "close"} <= set(dir(client))
    assert not {"a-b", "_private"} & set(dir(client))


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        (document(named("a", "b")), "<Client 'Test' 1.0, 2 operations, http://api.test>"),
        ({"openapi": "3.0.3", "paths": {}}, "<Client 'mapping', 0 operations, no server>"),
        (
            {"openapi": "3.0.3", "servers": [{"url": "https://{r}.x", "variables": {"r": {"default": "eu"}}}]},
            "<Client 'mapping', 0 operations, https://eu.x>",
        ),
    ],
)
def test_repr(contents: JSON, text: str) -> None:
    """Title, version, size, server."""
    assert repr(Client(contents)) == text


def test_repr_and_name_of_a_caller() -> None:
    """Its id and its route."""
    caller = Client(document(named("go"))).go

    assert (repr(caller), caller.__name__) == ("<go: GET /0>", "go")


def test_repr_of_an_operation_and_of_unset() -> None:
    """As they are met in a notebook; UNSET is false, for nothing was given."""
    operation = Client(document(named("go"))).operations["go"]

    assert (repr(operation), repr(dynclient.UNSET), bool(dynclient.UNSET)) == ("<Operation go: GET /0>", "UNSET", False)


PETS = document(
    {
        "/pets/{petId}": {
            "put": {
                "operationId": "updatePet",
                "summary": "Change a pet",
                "parameters": [
                    {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {"name": "include[]", "in": "query", "schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                    {"name": "X-Mode", "in": "header", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                },
            }
        }
    },
    components={
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "tag": {"type": ["string", "null"]},
                    "size": {"type": "number"},
                },
            }
        }
    },
)


def test_help() -> None:
    """`help(client.updatePet)` shows the operation, not the class."""
    text = pydoc.plain(pydoc.render_doc(Client(PETS).updatePet))

    assert "Change a pet" in text
    assert "PUT /pets/{petId}" in text
    assert "petId (path, string, required)" in text
    assert "tag (string or null, optional)" in text


def test_signature() -> None:
    """`inspect.signature` gives the operation's."""
    assert list(inspect.signature(Client(PETS).updatePet).parameters) == [
        "petId",
        "limit",
        "include",
        "x_mode",
        "body",
        "name",
        "tag",
        "size",
    ]


# -------------------------------------------------------------------------------------------------------------- calls


# -------------------------------------------------------------------------------------------------- odd keys of `paths`

ODD_PATHS = [
    ("/a?beta=true", {}, "/v1/a?beta=true"),
    ("/a?beta=true", {"q": "x"}, "/v1/a?beta=true&q=x"),
    ("/a?x={id}", {"id": "1/2"}, "/v1/a?x=1%2F2"),
    ("/a#fragment", {}, "/v1/a"),
    ("/a#f?g=h", {"q": "x"}, "/v1/a?q=x"),
    ("/login - with Facebook", {}, "/v1/login%20-%20with%20Facebook"),
    ("/<upload_url>", {}, "/v1/%3Cupload_url%3E"),
    ("/a\r\nHost: evil.test", {}, "/v1/a%0D%0AHost:%20evil.test"),
    ("no/slash", {}, "/v1/no/slash"),
    ("", {}, "/v1/"),
    ("?only=query", {}, "/v1/?only=query"),
    ("/a/{id}/b/{id}", {"id": "1/2"}, "/v1/a/1%2F2/b/1%2F2"),
    ("/{undeclared}", {"undeclared": "x y"}, "/v1/x%20y"),
    ("@evil.test/x", {}, "/v1/@evil.test/x"),
    (":80@evil.test/", {}, "/v1/:80@evil.test/"),
    (".evil.test/", {}, "/v1/.evil.test/"),
    ("//evil.test/x", {}, "/v1//evil.test/x"),
    ("https://evil.test/", {}, "/v1/https://evil.test/"),
    ("\\\\evil.test\\x", {}, "/v1/%5C%5Cevil.test%5Cx"),
    ("/\\evil.test", {}, "/v1/%5Cevil.test"),
]


@pytest.mark.parametrize(("path", "arguments", "target"), ODD_PATHS)
@pytest.mark.parametrize("base", ["/v1", ""])
def test_odd_paths(loopback: Loopback, path: str, arguments: dict[str, str], target: str, base: str) -> None:
    """What is sent, and always to the server that was meant, whatever the path looks like."""
    parameters: list[JSON] = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    if "{id}" in path:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    client = Client(document({path: {"get": {"operationId": "go", "parameters": parameters}}}, loopback.url + base))

    client.go(**arguments)

    assert loopback.lines == [f"GET {target if base else target.removeprefix('/v1')}"]
    assert loopback.last.headers["host"] == loopback.host
    assert client[f"GET {path}"].operation.path == path


@pytest.mark.parametrize("path", ["/../x", "/a/./b", "/.."])
def test_paths_of_dots(loopback: Loopback, path: str) -> None:
    """Requests would send another; the call is refused and nothing sent."""
    client = Client(document({path: {"get": {"operationId": "go"}}}, loopback.url + "/v1"))

    with pytest.raises(CallError, match="requests would send the path"):
        client.go()
    assert loopback.sent == []


def test_parameters_that_collide_after_spelling(loopback: Loopback) -> None:
    """They keep their exact names only."""
    parameters: list[JSON] = [
        {"name": name, "in": "query", "schema": {}} for name in ("Start", "Start<", "Start>", "a.b", "a_b")
    ]
    client = Client(document({"/x": {"get": {"operationId": "go", "parameters": parameters}}}, loopback.url))

    client.go(**{"Start": "1", "Start<": "2", "Start>": "3", "a.b": "4", "a_b": "5"})

    assert loopback.lines == ["GET /x?Start=1&Start%3C=2&Start%3E=3&a.b=4&a_b=5"]
    with pytest.raises(InvalidRequest, match=r"could mean several parameters\. Say Start or Start< or Start>"):
        client.go(start="1")


def test_whole_call(loopback: Loopback) -> None:
    """Parameters and fields as keywords; method, target, headers and body as they arrive."""
    loopback.says(b'{"name": "Rex"}')

    response = Client(PETS, base_url=loopback.url).updatePet(
        pet_id="a b", limit=5, include=["a", "b"], x_mode="fast", name="Rex", tag=None
    )

    assert response["name"] == "Rex"
    assert loopback.last.seen("content-type", "accept", "x-mode", "authorization", "content-length") == (
        "PUT",
        "/pets/a%20b?limit=5&include%5B%5D=a&include%5B%5D=b",
        {
            "content-type": "application/json",
            "accept": "*/*",
            "x-mode": "fast",
            "authorization": None,
            "content-length": "25",
        },
    )
    assert loopback.last.body == b'{"name":"Rex","tag":null}'


def test_all_problems_together(loopback: Loopback) -> None:
    """Of binding, of the validator and of writing; each with its place, value, rule and where the document says so."""
    client = Client(PETS, base_url=loopback.url)

    with pytest.raises(UnknownArgument) as caught:
        client.updatePet(petId="..", limit=500, includ=1, x_mode="a\nb", name="", size="big")

    parameters = "#/paths/~1pets~1{petId}/put/parameters"
    assert caught.value.operation_id == "updatePet"
    assert caught.value.problems == (
        Problem(
            "argument",
            "includ",
            "there is no such parameter or body field",
            "unknown",
            1,
            hint="Did you mean 'include[]' or 'include'?",
        ),
        Problem(
            "query",
            "limit",
            "500 is more than the maximum of 100",
            "maximum",
            500,
            "",
            f"{parameters}/1/schema/maximum",
            hint="Permitted: 1 to 100.",
        ),
        Problem(
            "body",
            "name",
            "'' is 0 characters long; the minimum is 1",
            "minLength",
            "",
            "/name",
            "#/components/schemas/Pet/properties/name/minLength",
        ),
        Problem(
            "body",
            "size",
            "'big' is not a number",
            "type",
            "big",
            "/size",
            "#/components/schemas/Pet/properties/size/type",
        ),
        Problem(
            "path",
            "petId",
            "the text '..' in a path would reach another path",
            "value",
            "..",
            "",
            f"{parameters}/0",
        ),
        Problem(
            "header",
            "X-Mode",
            "a header cannot hold line breaks, control characters or text beyond Latin-1; escape them",
            "value",
            "a\nb",
            "",
            f"{parameters}/3",
        ),
    )
    assert loopback.sent == []


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            {"name": "x"},
            MissingArgument,
            "updatePet: path petId: required, but not given. Nothing was sent.",
        ),
        (
            {"petId": "x"},
            MissingArgument,
            "updatePet: body name: required, but not given. Nothing was sent.",
        ),
        (
            {},
            MissingArgument,
            (
                "updatePet: 2 problems. Nothing was sent.\n"
                "  - path petId: required, but not given\n"
                "  - body name: required, but not given"
            ),
        ),
        (
            {"petId": "x", "tag": "t"},
            InvalidRequest,
            "updatePet: body name: required, but not given. Nothing was sent.",
        ),
        (
            {"petId": "x", "body": {"name": "x", "nam": "y"}},
            InvalidRequest,
            "updatePet: body nam: unknown field. Did you mean 'name'? Nothing was sent.",
        ),
        (
            {"petId": "x", "body": {"name": "x"}, "tag": "t"},
            UnknownArgument,
            (
                "updatePet: argument tag: is a field of the body. Put it into body= instead of beside it:"
                " body={..., 'tag': ...}. Nothing was sent."
            ),
        ),
        (
            {"petId": "x", "body": None},
            InvalidRequest,
            "updatePet: body: null is not an object. Nothing was sent.",
        ),
        (
            {"petId": ["x"], "name": "x"},
            InvalidRequest,
            'updatePet: path petId: ["x"] is not a string. Nothing was sent.',
        ),
    ],
)
def test_refusals(arguments: dict[str, JSON], kind: type[InvalidRequest], message: str) -> None:
    """The class and the text of each."""
    client = Client(PETS)

    with pytest.raises(InvalidRequest) as caught:
        client.updatePet.prepare(**arguments)
    assert (type(caught.value), str(caught.value)) == (kind, message)
    assert client.updatePet.check(**arguments) == caught.value.problems


def _numbers() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize("value", [object(), _numbers(), lambda: 1, io.BytesIO(b""), float("nan"), b"x"])
@pytest.mark.parametrize("keyword", ["unknown", "petId", "limit", "tag", "body"])
def test_refusals_travel(keyword: str, value: object) -> None:
    """Whatever was given, the error can be pickled; a problem holds JSON data or no value."""
    with pytest.raises(InvalidRequest) as caught:
        Client(PETS).updatePet.prepare(**{"petId": "x", keyword: value})

    assert pickle.loads(pickle.dumps(caught.value)) == caught.value


def test_check_of_a_good_call(loopback: Loopback) -> None:
    """Nothing is wrong, and nothing is sent."""
    assert Client(PETS, base_url=loopback.url).updatePet.check(petId="x", name="Rex") == ()
    assert loopback.sent == []


def test_prepare_sends_nothing_and_send_does(loopback: Loopback) -> None:
    """What was prepared is what arrives."""
    client = Client(PETS, base_url=loopback.url)

    prepared = client.updatePet.prepare(petId="x", name="Rex")
    assert loopback.sent == []
    response = client.send(prepared)

    assert loopback.last.seen() == (prepared.method, prepared.path_url, {})
    assert loopback.last.body == prepared.body
    assert response.operation == client.updatePet.operation


def test_send_of_a_request_of_another_making(loopback: Loopback) -> None:
    """It is named by its route, without a query that may hold a key."""
    loopback.says(b"", "", 500)
    prepared = requests.Request("DELETE", f"{loopback.url}/x?key={SECRET}").prepare()

    with pytest.raises(dynclient.ServerError) as caught:
        Client(PETS).send(prepared)

    assert str(caught.value) == "DELETE /x: the server answered 500 Internal Server Error"
    assert SECRET not in repr(pickle.dumps(caught.value))


def parameters(*described: tuple[str, str], **operation: JSON) -> Client:
    nodes = [{"name": name, "in": where, "required": where == "path"} for name, where in described]
    path = "/go" + "".join(f"/{{{name}}}" for name, where in described if where == "path")
    return Client(document({path: {"post": {"operationId": "go", "parameters": nodes, **operation}}}))


def test_same_name_in_two_locations() -> None:
    """Each by its location; the plain name is refused with that hint."""
    client = parameters(("id", "path"), ("id", "query"))

    assert client.go.prepare(path_id="p", query_id="q").url == "http://api.test/go/p?id=q"
    with pytest.raises(InvalidRequest) as caught:
        client.go.prepare(id="x")
    assert str(caught.value) == (
        "go: argument id: could mean several parameters. Say path_id or query_id. Nothing was sent."
    )


@pytest.mark.parametrize("name", ["self", "timeout", "headers", "body", "arguments", "operation", "masked", "auth"])
def test_parameter_named_like_something_of_ours(name: str) -> None:
    """Options of ours never mix with the names of an API."""
    call = parameters((name, "query")).go

    assert call.prepare(**{name: "x"}).url == f"http://api.test/go?{name}=x"
    assert call.check(**{name: "x"}) == ()
    assert f"?{name}=x" in call.curl(**{name: "x"})


def test_parameter_named_body_beside_a_body() -> None:
    """`body` is the body."""
    prepared = parameters(("body", "query"), requestBody={"content": {"application/json": {}}}).go.prepare(
        query_body="q", body=[1]
    )

    assert (prepared.url, prepared.body) == ("http://api.test/go?body=q", b"[1]")


def test_null_is_not_absent() -> None:
    """As a body and as a field of one."""
    call = parameters(requestBody={"content": {"application/json": {}}}).go

    assert (call.prepare(body=None).body, call.prepare().body) == (b"null", None)


def test_required_parameter_with_one_value() -> None:
    """It is filled in."""
    only = {"name": "OpenAI-Beta", "in": "header", "required": True, "schema": {"enum": ["assistants=v2"]}}
    client = Client(document({"/go": {"get": {"operationId": "go", "parameters": [only]}}}))

    assert client.go.prepare().headers["OpenAI-Beta"] == "assistants=v2"
    with pytest.raises(InvalidRequest, match="'v1' is not 'assistants=v2'"):
        client.go.prepare(open_ai_beta="v1")


def test_no_server() -> None:
    """It is said how to give one."""
    with pytest.raises(CallError) as caught:
        Client({"openapi": "3.1.0", "paths": named("go")}).go()

    assert str(caught.value) == "go: the document names no server; pass base_url='https://...'. Nothing was sent."


# ------------------------------------------------------------------------------------------------------------ options

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "query", "name": "api_key"},
}


def secured(server: str = "https://api.test", **options: Any) -> Client:
    contents = document(
        {
            "/go": {"get": {"operationId": "go"}},
            "/open": {"get": {"operationId": "open", "security": []}},
            "/key": {"get": {"operationId": "key", "security": [{"key": []}]}},
        },
        server,
        security=[{"bearer": []}],
        components={"securitySchemes": SCHEMES},
    )
    return Client(contents, **options)


def test_security_of_operation_and_root() -> None:
    """The operation's own replaces the root's, also where it asks for nothing."""
    client = secured(auth={"bearer": "b", "key": "k"})

    assert [
        (prepared.url, prepared.headers.get("Authorization"))
        for prepared in (client.go.prepare(), client.open.prepare(), client.key.prepare())
    ] == [
        ("https://api.test/go", "Bearer b"),
        ("https://api.test/open", None),
        ("https://api.test/key?api_key=k", None),
    ]


def test_options_of_a_call() -> None:
    """They hold for that call alone; headers and query join those there are, in any case of letters."""
    client = secured(headers={"X-A": "1", "X-B": "2"}, auth={"bearer": "s"})
    call = client.go.with_options(
        headers={"x-b": "3"}, query={"q": [1, 2]}, base_url="https://other.test/v2/", auth={"bearer": "t"}
    )
    again = call.with_options(headers={"X-B": "4"}, query={"r": 5})

    def seen(caller: Any) -> tuple[Any, ...]:
        prepared = caller.prepare()
        return prepared.url, *(prepared.headers.get(name) for name in ("X-A", "X-B", "Authorization"))

    assert [seen(client.go), seen(call), seen(again)] == [
        ("https://api.test/go", "1", "2", "Bearer s"),
        ("https://other.test/v2/go?q=1&q=2", "1", "3", "Bearer t"),
        ("https://other.test/v2/go?q=1&q=2&r=5", "1", "4", "Bearer t"),
    ]


def test_options_of_a_client() -> None:
    """Every operation has them; the first client does not change."""
    client = secured()
    other = client.with_options(base_url="https://other.test", headers={"X-A": "1"})

    assert (client.base_url, other.base_url) == ("https://api.test", "https://other.test")
    assert other.open.prepare().headers["X-A"] == "1"
    assert other.with_options(base_url=None).base_url == "https://api.test"


def test_timeout_of_a_call(loopback: Loopback) -> None:
    """It ends the wait."""
    loopback.answer.silence = "keep"

    with pytest.raises(dynclient.SendError, match="did not answer within the time allowed"):
        secured(loopback.url).go.with_options(timeout=0.05)()


def test_content_type_of_a_call() -> None:
    """One of those that the document lists."""
    content: dict[str, JSON] = {"application/json": {}, "application/x-www-form-urlencoded": {}}
    call = parameters(requestBody={"content": content}).go.with_options(
        content_type="application/x-www-form-urlencoded"
    )

    assert call.prepare(body={"a": "b c"}).body == b"a=b+c"


@pytest.mark.parametrize(
    "call",
    [
        lambda caller, *values: caller(*values),
        lambda caller, *values: caller.prepare(*values),
        lambda caller, *values: caller.curl(*values),
    ],
    ids=["call", "prepare", "curl"],
)
def test_arguments_without_a_name(call: Any) -> None:
    """They are refused as Python would, with a name to give; what else is wrong is said too."""
    with pytest.raises(UnknownArgument) as caught:
        call(parameters(("id", "path")).go, "a")

    assert str(caught.value) == (
        "go: 2 problems. Nothing was sent.\n"
        "  - argument: arguments are given by name. Write id=...\n"
        "  - path id: required, but not given"
    )


def test_an_option_among_the_arguments() -> None:
    """The error says where it goes."""
    assert [str(problem) for problem in Client(document(named("go"))).go.check(timeout=5, colour=1)] == [
        (
            "argument timeout: there is no such parameter or body field. "
            "The option is given by with_options(timeout=...)."
        ),
        "argument colour: there is no such parameter or body field. It takes no arguments.",
    ]


def test_check_of_arguments_without_a_name() -> None:
    """It lists them as any other problem."""
    assert [str(problem) for problem in Client(document(named("go"))).go.check("a", 5)] == [
        "argument: arguments are given by name. Write name=..."
    ]


@pytest.mark.parametrize("prepared", [None, requests.Request("GET", "http://a.test"), requests.PreparedRequest()])
def test_send_of_what_is_not_prepared(prepared: Any) -> None:
    """The error says where a prepared request comes from."""
    with pytest.raises(TypeError, match=r"^send takes what prepare\(\.\.\.\) of an operation gives, not "):
        Client(document(named("go"))).send(prepared)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"app": "x"}, "app must be a WSGI or ASGI application, not of type str"),
        ({"session": "x"}, "session must be a requests.Session, not of type str"),
    ],
)
def test_what_is_no_transport(arguments: Any, message: str) -> None:
    """It is refused when the client is made, not when it is used."""
    with pytest.raises(TypeError, match=f"^{message}$"):
        Client(document(named("go")), **arguments)


WRONG_KINDS: list[tuple[str, Any]] = [
    ("auth", SECRET),
    ("auth", [("key", SECRET)]),
    ("base_url", 5),
    ("base_url", b"http://api.test"),
    ("content_type", 5),
    ("headers", f"Authorization: {SECRET}"),
    ("headers", [("Authorization", SECRET)]),
    ("headers", {5: "x"}),
    ("query", f"key={SECRET}"),
    ("query", {1: 2}),
    ("raise_for_status", "no"),
    ("timeout", "5"),
    ("timeout", 0),
    ("timeout", -1),
    ("timeout", float("nan")),
    ("timeout", 1e30),
    ("timeout", True),
    ("timeout", (1, 2, 3)),
    ("timeout", (1, "2")),
]


@pytest.mark.parametrize(("name", "value"), WRONG_KINDS)
@pytest.mark.parametrize(
    "give",
    [
        lambda options: Client(document(named("go")), **options),
        lambda options: Client(document(named("go"))).with_options(**options),
        lambda options: Client(document(named("go"))).go.with_options(**options),
    ],
    ids=["client", "with_options", "caller"],
)
def test_an_option_of_the_wrong_kind(give: Any, name: str, value: object) -> None:
    """It is refused where it is given, and by name; its value is not repeated, for it may be a credential."""
    with pytest.raises(TypeError, match=f"^the option {name} must be ") as caught:
        give({name: value})

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("timeout", [None, 5, 0.5, (1, 2.5), (None, 3), (3, None)])
def test_timeouts(timeout: Any) -> None:
    """One number, a pair, or none; each may be None."""
    assert Client(document(named("go")), timeout=timeout)._core.options.timeout == timeout


def test_query_of_a_client() -> None:
    """It is an option of the client as well as of one call."""
    client = Client(document(named("go")), query={"api-version": "1"})

    assert client.go.prepare().url == "http://api.test/0?api-version=1"


def test_content_type_of_a_client() -> None:
    """It is an option of the client as well as of one call."""
    content: JSON = {"application/json": {}, "text/plain": {}}
    client = Client(
        document({"/0": {"post": {"operationId": "go", "requestBody": {"content": content}}}}),
        content_type="text/plain",
    )

    assert client.go.prepare(body="a").headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.with_options(timout=5),
        lambda client: client.go.with_options(timout=5),
    ],
)
def test_unknown_option(change: Any) -> None:
    """With those there are."""
    with pytest.raises(TypeError) as caught:
        change(secured())

    assert str(caught.value) == (
        "no option timout. Did you mean 'timeout'? There are: auth, base_url, content_type, event_timeout, "
        "follow_redirects, headers, hooks, idempotency_header, idempotency_key, masked, max_pages, "
        "max_response_size, multi_segment, pagination, polling, progress, query, raise_for_status, "
        "requests_per_second, resume_streams, retries, server, server_variables, stream_timeout, stream_type, timeout, "
        "total_timeout, validate_request, validate_response"
    )


@pytest.mark.parametrize("allowed", ["../shared", Path("../shared"), ["../shared", Path("x")], (), iter(["x"])])
def test_allow_refs_is_one_place_or_several(allowed: Any) -> None:
    """A folder, or what begins a URL."""
    assert secured(allow_refs=allowed).go.operation.id == "go"


def test_an_option_of_the_client_alone() -> None:
    """It is said where it goes; what is like no option gets the list."""
    with pytest.raises(TypeError) as of_client:
        secured().with_options(app=print)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no option zzz; there are: auth, base_url"):
        secured().with_options(zzz=1)  # type: ignore[call-arg]

    assert str(of_client.value) == "no option app; app is given to a client when it is made: Client(..., app=...)"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            {"allow_refs": None},
            (
                "the option allow_refs must be a list of folders and beginnings of URLs; "
                "what was given is of type NoneType"
            ),
        ),
        (
            {"allow_refs": [1]},
            "the option allow_refs must be a list of folders and beginnings of URLs; what was given is of type list",
        ),
        ({"cache": "no"}, "the option cache must be True or False; what was given is of type str"),
        (
            {"formats": ["uuid"]},
            (
                "the option formats must be a mapping of names of formats to functions, patterns or None; "
                "what was given is of type list"
            ),
        ),
        (
            {"overlays": None},
            "the option overlays must be a list of documents, overlays=[...]; what was given is of type NoneType",
        ),
        (
            {"overlays": {"a": 1}},
            "the option overlays must be a list of documents, overlays=[...]; what was given is of type dict",
        ),
        ({"strict": 1}, "the option strict must be True or False; what was given is of type int"),
        (
            {"idempotency_key": "abc"},
            (
                "idempotency_key of a client is True or None, because two calls with one key are one call to a server; "
                "with_options(idempotency_key='...') of an operation is for one"
            ),
        ),
        ({"retries": -1}, "the option retries must be a number from 0, not -1"),
        (
            {"validate_request": "of"},
            (
                "the option validate_request must be one of 'raise', 'warn', 'off', or a mapping of names of "
                "operations to these, {'create*': 'off'}, not 'of'"
            ),
        ),
        (
            {"headers": "sk-secret"},
            "the option headers must be a mapping of names to texts, {'Name': 'text'}; what was given is of type str",
        ),
    ],
)
def test_options_of_the_wrong_kind_are_reported(option: dict[str, Any], message: str) -> None:
    """Which, and what it should be; the value itself where it cannot be a credential."""
    with pytest.raises(TypeError) as caught:
        secured(**option)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "make",
    [
        lambda: secured(base_url="api.test"),
        lambda: secured().with_options(base_url="api.test"),
        lambda: secured().go.with_options(base_url="api.test"),
    ],
)
def test_base_url_is_checked(make: Any) -> None:
    """At once, not at the call."""
    with pytest.raises(DocumentError, match="must begin with http:// or https:// and a host"):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: secured(auth={"baerer": SECRET}),
        lambda: secured().with_options(auth={"baerer": SECRET}),
        lambda: secured().go.with_options(auth={"baerer": SECRET}),
    ],
)
def test_unknown_scheme(make: Any) -> None:
    """At once, with the nearest name, and without the credential."""
    with pytest.raises(DocumentError) as caught:
        make()

    assert str(caught.value) == "no security scheme 'baerer'; the document has: bearer, key. Did you mean 'bearer'?"


def test_masked() -> None:
    """For showing."""
    prepared = secured(auth={"bearer": SECRET}).with_options(masked=True).go.prepare()

    assert prepared.headers["Authorization"] == "Bearer ***"


def test_header_that_cannot_be_sent(loopback: Loopback) -> None:
    """It is refused, and its value is not shown."""
    client = secured(loopback.url, headers={"X-Key": f"{SECRET}\r\nX-Evil: 1"})

    with pytest.raises(InvalidRequest) as caught:
        client.go()
    assert str(caught.value) == (
        "go: header X-Key: a header cannot hold line breaks, control characters or text beyond Latin-1; escape them."
        " Nothing was sent."
    )
    assert SECRET not in repr(caught.value.problems)
    assert loopback.sent == []


def test_context_manager(loopback: Loopback) -> None:
    """Leaving it closes the connections."""
    with secured(loopback.url) as client:
        client.open()

    assert "session" not in vars(client._core.transport)


def test_given_session(loopback: Loopback) -> None:
    """Its headers go along."""
    with requests.Session() as session:
        session.headers["X-S"] = "s"
        secured(loopback.url, session=session).open()

    assert loopback.last.headers["x-s"] == "s"


# ------------------------------------------------------------------------------------------------------- copy, pickle


def token() -> str:
    return SECRET


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("pick", [lambda client: client, lambda client: client.go])
def test_copies_keep_everything(travel: Any, pick: Any) -> None:
    """Options, credentials and the session that was given."""
    with requests.Session() as session:
        client = secured(auth={"bearer": SECRET}, headers={"X-A": "1"}, session=session)
        other = travel(pick(client))

        assert other._core.transport.session is session
        prepared = getattr(other, "go", other).prepare()
    assert (prepared.headers["Authorization"], prepared.headers["X-A"]) == (f"Bearer {SECRET}", "1")


def test_deep_copy_has_connections_of_its_own() -> None:
    """A copy shares them."""
    client = secured()

    assert copy.copy(client)._core.transport is client._core.transport
    assert copy.deepcopy(client)._core.transport is not client._core.transport


@pytest.mark.parametrize("pick", [lambda client: client, lambda client: client.go])
def test_pickle_leaves_credentials_behind(pick: Any) -> None:
    """A call that needs one says so; one that needs none works."""
    client = secured(auth={"bearer": SECRET})
    _ = client.go
    dumped = pickle.dumps(pick(client))
    other = pickle.loads(dumped)

    assert SECRET.encode() not in dumped
    assert repr(other) == repr(pick(client))
    with pytest.raises(CallError) as caught:
        getattr(other, "go", other).prepare()
    assert str(caught.value) == (
        "go: the credential for bearer was left out when the client was pickled; "
        "set DYNCLIENT_AUTH_BEARER or use with_options(auth={'bearer': ...}). Nothing was sent."
    )


def test_pickled_client_can_be_given_credentials() -> None:
    """As the error says."""
    other = pickled(secured(auth={"bearer": SECRET}))

    assert other.open.prepare().url == "https://api.test/open"
    assert other.with_options(auth={"bearer": "new"}).go.prepare().headers["Authorization"] == "Bearer new"


def test_pickled_client_takes_credentials_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is."""
    monkeypatch.setenv("DYNCLIENT_AUTH_BEARER", "there")

    assert pickled(secured()).go.prepare().headers["Authorization"] == "Bearer there"


def test_pickled_client_keeps_callables() -> None:
    """A function travels by its name."""
    assert pickled(secured(auth={"bearer": token})).go.prepare().headers["Authorization"] == f"Bearer {SECRET}"


def test_nothing_shows_a_secret(loopback: Loopback) -> None:
    """Not the repr, text or pickle of anything that a user holds."""
    loopback.says(b"oops", "application/json")
    client = secured(loopback.url, auth={"bearer": SECRET, "key": SECRET}, validate_response="raise")
    things: list[Any] = [
        client,
        client.go,
        client.key,
        client._core,
        client._core.authenticator,
        client._core.options,
    ]
    for call in (client.go, client.key):
        with pytest.raises(dynclient.ResponseError) as caught:
            call()
        things += [caught.value, caught.value.response]

    for thing in things:
        assert SECRET not in f"{thing!r}{thing}{pickle.dumps(thing)!r}"


# ---------------------------------------------------------------------------------------------- a published document


@pytest.fixture(scope="module", params=["openai.json", "openai.yaml"])
def published(request: pytest.FixtureRequest) -> Client:
    path = SPECS / request.param
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return Client(path, auth={"ApiKeyAuth": SECRET})


def test_published_operations(published: Client) -> None:
    """All 288 by attribute or subscript, and by method and path."""
    assert len(published.operations) == 288
    for key, operation in published.operations.items():
        assert published[key].operation is operation
        assert published[f"{operation.method.lower()} {operation.path}"].operation is operation
        if key.isidentifier():
            assert getattr(published, key).operation is operation


def test_published_names(published: Client) -> None:
    """Ids that are no identifiers are reached in snake case."""
    assert published.admin_api_keys_list.operation is published["admin-api-keys-list"].operation


JSON_HEADERS = {"content-type": "application/json", "authorization": f"Bearer {SECRET}"}


def test_published_chat_completion(published: Client, loopback: Loopback) -> None:
    """Messages of several kinds."""
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Grüße"}]},
    ]

    published.with_options(base_url=f"{loopback.url}/v1").createChatCompletion(
        model="gpt-4o", messages=messages, temperature=0.5, stop=None
    )

    assert loopback.last.seen("content-type", "authorization") == ("POST", "/v1/chat/completions", JSON_HEADERS)
    assert loopback.last.json == {"model": "gpt-4o", "messages": messages, "temperature": 0.5, "stop": None}


def test_published_response_and_run(published: Client, loopback: Loopback) -> None:
    """Fields as keywords beside a path parameter and a query parameter with brackets in its name."""
    client = published.with_options(base_url=loopback.url)

    client.createResponse(model="gpt-4o", input="hi", tools=[{"type": "web_search_preview"}])
    client.createRun(
        thread_id="thread_abc",
        assistant_id="asst_abc",
        include=["step_details.tool_calls[*].file_search.results[*].content"],
    )

    assert [(sent.seen("content-type", "authorization"), sent.json) for sent in loopback.sent] == [
        (
            ("POST", "/responses", JSON_HEADERS),
            {"model": "gpt-4o", "input": "hi", "tools": [{"type": "web_search_preview"}]},
        ),
        (
            (
                "POST",
                (
                    "/threads/thread_abc/runs"
                    "?include%5B%5D=step_details.tool_calls%5B%2A%5D.file_search.results%5B%2A%5D.content"
                ),
                JSON_HEADERS,
            ),
            {"assistant_id": "asst_abc"},
        ),
    ]


@pytest.fixture(params=["path", "file", "bytes", "tuple"])
def upload(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Any, tuple[str, str]]]:
    """A file in one of the forms that are taken, with the name and the type it has on the wire."""
    path = tmp_path / "data.json"
    path.write_bytes(b"\0\xff\r\n")
    with path.open("rb") as file:
        yield {
            "path": (path, ("data.json", "application/json")),
            "file": (file, ("data.json", "application/json")),
            "bytes": (b"\0\xff\r\n", ("file", "application/octet-stream")),
            "tuple": (("x.bin", b"\0\xff\r\n", "image/png"), ("x.bin", "image/png")),
        }[request.param]


def test_published_file(published: Client, loopback: Loopback, upload: tuple[Any, tuple[str, str]]) -> None:
    """A path, an open file, bytes, or a tuple; each a part of its own."""
    file, (name, content_type) = upload

    published.with_options(base_url=loopback.url).createFile(file=file, purpose="assistants")

    assert loopback.last.seen("authorization") == ("POST", "/files", {"authorization": f"Bearer {SECRET}"})
    assert loopback.last.parts == [
        ("file", name, content_type, b"\0\xff\r\n"),
        ("purpose", None, "text/plain", b"assistants"),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "createChatCompletion",
            {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "temperature": 3},
            "body temperature: 3 is more than the maximum of 2. Permitted: 0 to 2.",
        ),
        ("createRun", {"thread_id": "t"}, "body assistant_id: required, but not given."),
        ("listRuns", {"thread_id": "t", "order": "up"}, "query order: 'up' is not one of 'asc', 'desc'."),
        (
            "createRun",
            {"thread_id": "t", "assistant_id": "a", "asistant": "b"},
            "argument asistant: there is no such parameter or body field. Did you mean 'assistant_id'?",
        ),
        (
            "createRun",
            {"thread_id": "..", "assistant_id": "a"},
            "path thread_id: the text '..' in a path would reach another path.",
        ),
        (
            "createChatCompletion",
            {"model": "gpt-4o", "messages": [{"role": "usr", "content": "hi"}]},
            (
                "body messages[0].role: 'usr' is not one of 'developer', 'system', 'user', 'assistant', 'tool',"
                " 'function'. Did you mean 'user'?"
            ),
        ),
    ],
)
def test_published_refusals(
    published: Client, loopback: Loopback, name: str, arguments: dict[str, JSON], message: str
) -> None:
    """Said before a byte leaves."""
    with pytest.raises(InvalidRequest) as caught:
        published.with_options(base_url=loopback.url)[name](**arguments)

    assert str(caught.value) == f"{name}: {message} Nothing was sent."
    assert loopback.sent == []


# ------------------------------------------------------------------------------------------------ the bundled document


@pytest.fixture(scope="module")
def bundled() -> Client:
    return Client("openai", auth={"ApiKeyAuth": SECRET})


@pytest.mark.parametrize(
    ("name", "arguments", "line", "body"),
    [
        ("listRuns", {"thread_id": "t", "limit": 1, "order": "asc"}, "GET /threads/t/runs?limit=1&order=asc", b""),
        ("createThread", {}, "POST /threads", b""),
        (
            "create_thread",
            {"metadata": {"k" * 64: "x" * 512}},
            "POST /threads",
            b'{"metadata":{"%s":"%s"}}' % (b"k" * 64, b"x" * 512),
        ),
        (
            "createRun",
            {"thread_id": "t", "assistant_id": "a", "temperature": 2, "instructions": None},
            "POST /threads/t/runs",
            b'{"assistant_id":"a","temperature":2,"instructions":null}',
        ),
        ("delete /threads/{thread_id}", {"thread_id": "a/b"}, "DELETE /threads/a%2Fb", b""),
    ],
)
def test_bundled_calls(
    bundled: Client, loopback: Loopback, name: str, arguments: dict[str, JSON], line: str, body: bytes
) -> None:
    """The header of the beta is sent without being given."""
    bundled.with_options(base_url=loopback.url)[name](**arguments)

    assert loopback.lines == [line]
    assert loopback.last.seen("openai-beta", "authorization")[2] == {
        "openai-beta": "assistants=v2",
        "authorization": f"Bearer {SECRET}",
    }
    assert loopback.last.body == body


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "listRuns",
            {"thread_id": "t", "limit": 0},
            "query limit: 0 is less than the minimum of 1. Permitted: 1 to 100.",
        ),
        (
            "listRuns",
            {"thread_id": "t", "limit": 101},
            "query limit: 101 is more than the maximum of 100. Permitted: 1 to 100.",
        ),
        (
            "listRuns",
            {"thread_id": "t", "limit": "five"},
            "query limit: 'five' is not an integer.",
        ),
        (
            "createThread",
            {"metadata": {str(number): "x" for number in range(17)}},
            "body metadata: 17 fields; at most 16 are permitted.",
        ),
        (
            "createThread",
            {"metadata": {"k" * 65: "x"}},
            f"body metadata: the name '{'k' * 49}...kkkkk' is 65 characters long; the maximum is 64.",
        ),
        (
            "createThread",
            {"metadata": {"k": "x" * 513}},
            f"body metadata.k: '{'x' * 49}...xxxxx' is 513 characters long; the maximum is 512.",
        ),
        (
            "createRun",
            {"thread_id": "t", "assistant_id": "a", "temperature": 3},
            "body temperature: 3 is more than the maximum of 2. Permitted: 0 to 2.",
        ),
        (
            "createRun",
            {"thread_id": "t", "assistant_id": "a", "open_ai_beta": "assistants=v1"},
            "header OpenAI-Beta: 'assistants=v1' is not 'assistants=v2'. Did you mean 'assistants=v2'?",
        ),
        ("createRun", {"assistant_id": "a"}, "path thread_id: required, but not given."),
        ("createChatCompletion", {"model": "m", "messages": []}, "body messages: 0 items; at least 1 must be given."),
    ],
)
def test_bundled_refusals(
    bundled: Client, loopback: Loopback, name: str, arguments: dict[str, JSON], message: str
) -> None:
    """Said before a byte leaves."""
    with pytest.raises(InvalidRequest) as caught:
        bundled.with_options(base_url=loopback.url)[name](**arguments)

    assert str(caught.value) == f"{name}: {message} Nothing was sent."
    assert loopback.sent == []


def test_bundled_credential_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document names the variable."""
    monkeypatch.setenv("OPENAI_API_KEY", "there")

    assert Client("openai").listModels.prepare().headers["Authorization"] == "Bearer there"


def test_a_problem_tells_the_line_of_its_rule(tmp_path: Path) -> None:
    """Where the document is a text that is read through in no time; as data it has no lines."""
    path = tmp_path / "pets.yaml"
    path.write_text(
        "openapi: 3.1.0\n"
        "servers: [{url: 'http://api.test'}]\n"
        "paths:\n"
        "  /pets:\n"
        "    get:\n"
        "      operationId: listPets\n"
        "      parameters:\n"
        "        - name: limit\n"
        "          in: query\n"
        "          schema:\n"
        "            type: integer\n"
        "            maximum: 10\n"
    )

    assert [problem.line for problem in Client(path).listPets.check(limit=11)] == [12]
    assert [problem.line for problem in Client(dict(Client(path).document.contents)).listPets.check(limit=11)] == [None]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("with_option", "no operation 'with_option'. Did you mean 'with_options'?"),
        ("zzzzzz", "no operation 'zzzzzz' among the 1 of 'Pets'."),
    ],
)
def test_a_misspelled_name_of_the_clients_own(name: str, told: str) -> None:
    """It is suggested where no operation is meant."""
    paths = {"/pets": {"get": {"operationId": "listPets"}}}
    client = dynclient.Client({"openapi": "3.1.0", "info": {"title": "Pets"}, "paths": paths})

    with pytest.raises(dynclient.UnknownOperation) as caught:
        getattr(client, name)

    assert str(caught.value) == told
