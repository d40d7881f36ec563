"""Keyword arguments become values of parameters and bodies, or problems."""

from __future__ import annotations

import decimal
import math
from typing import Any

import pytest

from dynclient.documents.document import Document
from dynclient.errors import Problem
from dynclient.openapi.model import Field, MediaType, Operation, Parameter, RequestBody, Schema
from dynclient.support.names import argument_name
from dynclient.types import JSON, UNSET, Location
from dynclient.wire.binding import Arguments, Binder, ParameterKey

ANY = Schema({}, "#/any")
JSON_BODY = MediaType("application/json", pointer="#/json")


def parameter(name: str, location: Location = "query", **more: Any) -> Parameter:
    return Parameter(name, location, argument_name(name), "form", explode=True, pointer=f"#/{location}/{name}", **more)


def operation(*parameters: Parameter, body: RequestBody | None = None) -> Operation:
    return Operation("go", "POST", "/go", parameters, body, pointer="#/go")


def body(*names: str, required: bool = False) -> RequestBody:
    """A JSON body with these fields; those that end in `!` are required."""
    fields = tuple(Field(name.rstrip("!"), ANY, name.endswith("!")) for name in names)
    return RequestBody((JSON_BODY,), required, fields=fields)


@pytest.mark.parametrize(
    ("names", "arguments", "expected"),
    [
        (["limit"], {"limit": 5}, {("query", "limit"): 5}),
        (["include[]"], {"include": ["a"]}, {("query", "include[]"): ["a"]}),
        (["include[]"], {"include[]": ("a",)}, {("query", "include[]"): ["a"]}),
        (["threadId"], {"threadId": "t"}, {("query", "threadId"): "t"}),
        (["threadId"], {"thread_id": "t"}, {("query", "threadId"): "t"}),
        (["from"], {"from_": 1}, {("query", "from"): 1}),
        (["from"], {"from": 1}, {("query", "from"): 1}),
        (["self"], {"self": 1}, {("query", "self"): 1}),
        (["timeout"], {"timeout": 1}, {("query", "timeout"): 1}),
        (["body"], {"body": 1}, {("query", "body"): 1}),
        (["a", "A"], {"a": 1, "A": 2}, {("query", "a"): 1, ("query", "A"): 2}),
        (["limit"], {"limit": None}, {}),
        (["limit"], {"limit": UNSET}, {}),
        (["limit"], {}, {}),
    ],
)
def test_parameters(names: list[str], arguments: dict[str, JSON], expected: dict[ParameterKey, JSON]) -> None:
    """By the own name or the spelling; None and UNSET mean not given."""
    bound = Binder(operation(*map(parameter, names))).bind(arguments)

    assert bound == (Arguments(expected), ())


@pytest.mark.parametrize(
    ("schema", "given", "bound"),
    [
        ({"type": "string"}, None, {}),
        ({"type": ["string", "null"]}, None, {}),
        ({"type": "string", "nullable": True}, None, {}),
        ({"type": "object"}, {"a": None, "b": [{"c": None}]}, {("query", "p"): {"b": [{}]}}),
        (
            {"required": ["a", "b"], "properties": {"a": {"nullable": True}, "c": {"nullable": True}}},
            {"a": None, "b": None, "c": None},
            {("query", "p"): {"a": None}},
        ),
    ],
)
def test_null(schema: JSON, given: JSON, bound: dict[ParameterKey, JSON]) -> None:
    """None is as good as not given, but in a required member that may be null."""
    described = parameter("p", schema=Schema(schema, "#/p"), nullable=True)

    assert Binder(operation(described)).bind({"p": given}) == (Arguments(bound), ())


@pytest.mark.parametrize("schema", [{"type": ["string", "null"]}, {"nullable": True}, {"x-nullable": True}])
def test_null_for_a_required_parameter(schema: JSON) -> None:
    """Where it may be null, None says so; else it is missing."""
    described = parameter("p", schema=Schema(schema, "#/p"), nullable=True, required=True)
    strict = parameter("p", schema=Schema({"type": "string"}, "#/p"), required=True)

    assert Binder(operation(described)).bind({"p": None}) == (Arguments({("query", "p"): None}), ())
    assert [problem.rule for problem in Binder(operation(strict)).bind({"p": None})[1]] == ["missing"]


@pytest.mark.parametrize("items", [{"type": "integer"}, {"type": ["integer", "null"]}])
@pytest.mark.parametrize(("given", "pointer"), [([1, None], "/1"), ({"a": [{}, None]}, "/a/1"), ([[None]], "/0/0")])
def test_null_in_an_array(items: JSON, given: JSON, pointer: str) -> None:
    """No text says it, so that it is refused, whatever the items may be."""
    described = parameter("p", schema=Schema({"items": items, "properties": {"a": {"items": items}}}, "#/p"))

    (problem,) = Binder(operation(described)).bind({"p": given})[1]

    assert (problem.pointer, problem.message) == (pointer, "null cannot be written in an array here: leave it out")


def test_null_in_json() -> None:
    """A parameter of JSON holds any."""
    described = parameter("p", media_type="application/json")

    assert Binder(operation(described)).bind({"p": {"a": [None]}})[0] == Arguments({("query", "p"): {"a": [None]}})


def test_values_as_the_document_wants_them() -> None:
    """In parameters and in JSON, through the document's references."""
    document = Document({"openapi": "3.1.0", "components": {"schemas": {"Price": {"type": "string"}}}})
    price = Schema({"properties": {"price": {"$ref": "#/components/schemas/Price"}}}, "#/x")
    media_type = MediaType("application/json", price)
    described = operation(parameter("filter", schema=price), body=RequestBody((media_type,)))

    value = {"price": decimal.Decimal("1.10")}
    bound, _ = Binder(described, document).bind({"filter": value}, value)

    text = {"price": "1.10"}
    assert bound == Arguments({("query", "filter"): text}, text, media_type, b'{"price":"1.10"}')


def test_same_name_in_two_locations() -> None:
    """Each is meant by its location."""
    binder = Binder(operation(parameter("id", "path", required=True), parameter("id")))

    assert binder.bind({"path_id": "p", "query_id": "q"}) == (
        Arguments({("path", "id"): "p", ("query", "id"): "q"}),
        (),
    )


def test_plain_name_of_two_locations_is_refused() -> None:
    """The hint names both; the required one is not called missing as well."""
    binder = Binder(operation(parameter("id", "path", required=True), parameter("id")))

    assert binder.bind({"id": "x"})[1] == (
        Problem("argument", "id", "could mean several parameters", "ambiguous", hint="Say path_id or query_id."),
    )


def test_spelling_of_two_parameters_is_refused() -> None:
    """The hint gives their own names."""
    binder = Binder(operation(parameter("a[]"), parameter("a{}")))

    assert binder.bind({"a": 1})[1] == (
        Problem("argument", "a", "could mean several parameters", "ambiguous", hint="Say a[] or a{}."),
    )


def test_given_under_two_spellings() -> None:
    """One parameter has one value."""
    binder = Binder(operation(parameter("threadId")))

    assert binder.bind({"threadId": "a", "thread_id": "b"})[1] == (
        Problem("query", "threadId", "is given twice, under two spellings", "value", "b", "", "#/query/threadId"),
    )


def test_parameter_named_body_beside_a_body() -> None:
    """`body` is the body; the parameter is meant with its location."""
    binder = Binder(operation(parameter("body"), body=body("a")))

    assert binder.bind({"query_body": 1}, {"a": 2}) == (
        Arguments({("query", "body"): 1}, {"a": 2}, JSON_BODY, b'{"a":2}'),
        (),
    )


def test_parameter_named_body_without_a_body() -> None:
    """There `body` is the parameter."""
    assert Binder(operation(parameter("body"))).bind({}, 1) == (Arguments({("query", "body"): 1}), ())


def test_fields_become_the_body() -> None:
    """By name or in snake case; None is JSON null there, UNSET is not given."""
    binder = Binder(operation(body=body("maxTokens", "user", "top_p")))

    assert binder.bind({"max_tokens": 5, "user": None, "top_p": UNSET}) == (
        Arguments({}, {"maxTokens": 5, "user": None}, JSON_BODY, b'{"maxTokens":5,"user":null}'),
        (),
    )


def test_name_of_parameter_and_field_means_the_parameter() -> None:
    """The field is left to `body=`."""
    binder = Binder(operation(parameter("id"), body=body("id", "name")))

    assert binder.bind({"id": 1, "name": "n"}) == (
        Arguments({("query", "id"): 1}, {"name": "n"}, JSON_BODY, b'{"name":"n"}'),
        (),
    )


def test_body_null_is_not_absent() -> None:
    """None as the body is JSON null."""
    assert Binder(operation(body=body())).bind({}, None) == (Arguments({}, None, JSON_BODY, b"null"), ())


def test_body_in_a_type_that_is_no_json() -> None:
    """Its value is kept as data."""
    text = MediaType("text/plain")

    assert Binder(operation(body=RequestBody((text,)))).bind({}, "hello") == (Arguments({}, "hello", text), ())


def test_fields_beside_a_body_are_refused() -> None:
    """The hint says where they belong."""
    bound, problems = Binder(operation(body=body("a", "b"))).bind({"a": 1}, {"b": 2})

    assert bound.body == {"b": 2}
    assert problems == (
        Problem(
            "argument",
            "a",
            "is a field of the body",
            "unknown",
            1,
            hint="Put it into body= instead of beside it: body={..., 'a': ...}.",
        ),
    )


@pytest.mark.parametrize(
    ("described", "hint"),
    [
        (operation(parameter("limit"), body=body("name")), "Did you mean 'limit'?"),
        (operation(parameter("a"), body=body("b")), "It takes a, b."),
        (operation(), "It takes no arguments."),
        (
            operation(
                parameter("If-Match", "header"),
                parameter("id", "path"),
                parameter("id"),
                body=body("x[]", "from", "id"),
            ),
            "It takes if_match, path_id, query_id, x, from_.",
        ),
        (
            operation(parameter("$$"), body=body("a-b", "a_b", "aB", "§")),
            "It takes $$, a_b, a-b, aB, §.",
        ),
    ],
)
def test_unknown_argument(described: Operation, hint: str) -> None:
    """With the nearest names, else all of them, each once and as Python can write it."""
    message = "there is no such parameter or body field"

    assert Binder(described).bind({"limt": 1})[1] == (Problem("argument", "limt", message, "unknown", 1, hint=hint),)


@pytest.mark.parametrize(
    ("declared", "problem"),
    [
        (None, Problem("body", "", "the operation takes no body", "unknown", {"a": 1})),
        (RequestBody(()), Problem("body", "", "the document names no media type for it", "unknown", {"a": 1})),
    ],
)
def test_body_that_cannot_be_taken(declared: RequestBody | None, problem: Problem) -> None:
    """There is nowhere for it to go."""
    assert Binder(operation(body=declared)).bind({}, {"a": 1})[1] == (problem,)


@pytest.mark.parametrize(
    ("declared", "problems"),
    [
        (body(required=True), [Problem("body", "", "required, but not given", "missing", hint="Pass body=...")]),
        (
            body("a", "b", required=True),
            [Problem("body", "", "required, but not given", "missing", hint="Pass body=...")],
        ),
        (
            body("a!", "x/y!", "c", required=True),
            [
                Problem("body", "a", "required, but not given", "missing", pointer="/a"),
                Problem("body", '["x/y"]', "required, but not given", "missing", pointer="/x~1y"),
            ],
        ),
        (body("a!"), []),
    ],
)
def test_missing_body(declared: RequestBody, problems: list[Problem]) -> None:
    """Its required fields are named where it has some."""
    assert Binder(operation(body=declared)).bind({}) == (Arguments(), tuple(problems))


@pytest.mark.parametrize(
    ("content_type", "missing"),
    [(None, ["name", "inputs"]), ("multipart/form-data", ["name", "file"]), ("text/plain", ["name"])],
)
def test_missing_body_of_several_media_types(content_type: str | None, missing: list[str]) -> None:
    """What the one requires that would be sent."""
    types = ("multipart/form-data", "application/json")
    fields = (
        Field("name", Schema(True, "#/n"), required=True),
        Field("inputs", Schema(True, "#/i"), required_as=types[1:]),
        Field("file", Schema(True, "#/f"), required_as=types[:1]),
    )
    declared = RequestBody(tuple(MediaType(name, pointer=f"#/{name}") for name in types), True, fields=fields)

    problems = Binder(operation(body=declared)).bind({}, content_type=content_type)[1]
    assert [problem.name for problem in problems] == missing


def test_missing_parameter() -> None:
    """A required parameter that was not given, or given as None."""
    binder = Binder(operation(parameter("a", required=True), parameter("b", required=True)))

    assert binder.bind({"b": None})[1] == (
        Problem("query", "a", "required, but not given", "missing"),
        Problem("query", "b", "required, but not given", "missing"),
    )


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        (parameter("OpenAI-Beta", "header", required=True, only_value="v2"), {("header", "OpenAI-Beta"): "v2"}),
        (parameter("OpenAI-Beta", "header", only_value="v2"), {}),
    ],
)
def test_only_value(described: Parameter, expected: dict[ParameterKey, JSON]) -> None:
    """A required parameter that permits one value has it; an optional one stays away."""
    assert Binder(operation(described)).bind({}) == (Arguments(expected), ())


def test_only_value_can_be_given() -> None:
    """What the caller says is what is validated."""
    binder = Binder(operation(parameter("beta", "header", required=True, only_value="v2")))

    assert binder.bind({"beta": "v3"}) == (Arguments({("header", "beta"): "v3"}), ())


def test_only_value_of_a_path_must_be_given() -> None:
    """Which thing is meant is never guessed."""
    binder = Binder(operation(parameter("id", "path", required=True, only_value="me")))

    assert binder.bind({})[1] == (Problem("path", "id", "required, but not given", "missing"),)


def test_unwritable_parameter() -> None:
    """The problem points at the place and holds what stands there; the parameter is not called missing too."""
    binder = Binder(operation(parameter("filter", required=True)))

    assert binder.bind({"filter": {"a": [1, math.inf], "b": 2}})[1] == (
        Problem(
            "query",
            "filter.a[1]",
            "inf is not a JSON number: leave it out",
            "value",
            math.inf,
            "/a/1",
            "#/query/filter",
        ),
    )


def test_unwritable_body() -> None:
    """Likewise in a body."""
    thing = object()
    binder = Binder(operation(body=body("a~/")))

    assert binder.bind({}, {"a~/": [thing]})[1] == (
        Problem(
            "body",
            '["a~/"][0]',
            "a value of type object cannot be written: give plain JSON data",
            "value",
            thing,
            "/a~0~1/0",
            "#/go/requestBody",
        ),
    )


def test_key_of_digits_is_no_index() -> None:
    """A mapping may have numbers for names."""
    binder = Binder(operation(parameter("filter")))

    assert binder.bind({"filter": {"1": object()}})[1][0].name == 'filter["1"]'


def test_place_that_cannot_be_found_again() -> None:
    """Inside a set or a dataclass there are no pointers: the problem holds no value."""
    binder = Binder(operation(parameter("filter")))

    assert binder.bind({"filter": {"a": {object()}}})[1][0] == Problem(
        "query",
        "filter.a[0]",
        "a value of type object cannot be written: give plain JSON data",
        "value",
        UNSET,
        "/a/0",
        "#/query/filter",
    )


def test_wanted_media_type() -> None:
    """One that the document does not list is a problem of the body."""
    binder = Binder(operation(body=body("a")))

    assert binder.bind({"a": 1}, content_type="text/csv")[1] == (
        Problem(
            "body",
            "",
            "the body cannot be sent as 'text/csv'; the document lists application/json",
            "value",
            {"a": 1},
            "",
            "#/go/requestBody",
        ),
    )


def test_schema_of_a_keyword() -> None:
    """That of the parameter or field it means; none where it means nothing, or several things."""
    binder = Binder(
        operation(parameter("a", schema=ANY), parameter("b"), parameter("b", "path"), body=body("maxTokens"))
    )

    assert [binder.schema(keyword) for keyword in ("a", "max_tokens", "b", "c")] == [ANY, ANY, None, None]
    assert Binder(operation()).schema("a") is None


def test_of_many_arguments_some_are_listed() -> None:
    """A name that is like none gets twenty of those there are; the problem has them all."""
    names = [f"p{number}" for number in range(25)]

    _, (problem,) = Binder(operation(*map(parameter, names))).bind({"zzz": 1})

    assert (problem.hint, problem.expected) == (f"It takes {', '.join(names[:20])} and 5 more.", names)
