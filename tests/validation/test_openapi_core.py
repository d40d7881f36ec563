"""
The contract with openapi-core: each hook that validation.py relies on, and that nothing gets past the verdict by it.

What fails here after an upgrade of openapi-core is what has changed there.
"""

from __future__ import annotations

import inspect
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cache
from typing import Any

import openapi_core
import pytest
from jsonschema_path import SchemaPath
from openapi_core.datatypes import Parameters, RequestParameters
from openapi_core.templating.datatypes import TemplateResult
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.validation.request.exceptions import (
    InvalidParameter,
    InvalidRequestBody,
    MissingRequestBody,
    MissingRequiredParameter,
    MissingRequiredRequestBody,
    ParametersError,
)
from openapi_core.validation.request.validators import V31RequestValidator
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator
from openapi_spec_validator import OpenAPIV31SpecValidator

import dynclient
from dynclient.errors import Problem
from dynclient.mock.examples import body_example, parameter_example
from dynclient.openapi.model import Operation
from dynclient.schemas.accept import AcceptCheck
from dynclient.schemas.lowering import Lowering
from dynclient.types import JSON, UNSET
from dynclient.validation.engine import Engine
from dynclient.validation.openapi_core_hooks import KeptValidators, OnlyOperation, Unwrap, Value, make_validator
from dynclient.validation.requests import RequestValidator, _Request

CONTRACT = {
    "openapi": "3.1.0",
    "paths": {
        "/one": {
            "post": {
                "parameters": [
                    {
                        "name": "q",
                        "in": "query",
                        "required": True,
                        "content": {"application/json": {"schema": {"allOf": [{"type": "integer"}]}}},
                    },
                    {
                        "name": "r",
                        "in": "query",
                        "content": {"application/json": {"schema": {"allOf": [{"type": "integer"}]}}},
                    },
                ],
                "requestBody": {"required": True, "content": {"body/0": {"schema": {"allOf": [{"type": "string"}]}}}},
            }
        },
        "/two": {"get": {}},
    },
}


class AnyRequest:
    """The attributes that openapi-core reads of a request."""

    host_url = ""
    path = "/elsewhere"
    method = "put"
    content_type = "body/0"

    def __init__(self, query: dict[str, Any], body: Any) -> None:
        self.parameters = RequestParameters(query=query)
        self.body = body


def contract(kind: type[Any] = V31RequestValidator, **hooks: Any) -> Any:
    spec = SchemaPath.from_dict(CONTRACT)

    class First:
        def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
            self.spec = spec

        def find(self, method: str, name: str) -> PathOperationServer:
            path = self.spec / "paths" / "/one"
            return PathOperationServer(path, path / "post", None, TemplateResult("", {}), None)

    class Same:
        def create(self, *_: object, **__: object) -> Same:
            return self

        def deserialize(self, value: Any) -> Any:
            return value["value"]

    return kind(spec, **{"path_finder_cls": First, "media_type_deserializers_factory": Same(), **hooks})


def test_openapi_core_is_of_the_series_we_know() -> None:
    """Hooks changed in 0.23 and may in 0.24."""
    assert openapi_core.__version__.startswith("0.23.")


def test_the_path_finder_decides_the_operation() -> None:
    """The request's own method and path are not looked at."""
    errors = list(contract().iter_errors(AnyRequest({"q": {"value": 1}}, {"value": "text"})))

    assert errors == []


def test_the_deserializer_gives_the_value() -> None:
    """A parameter with `content` and a body are validated as `deserialize` returns them, and all errors are yielded."""
    request = AnyRequest({"q": {"value": "a"}, "r": {"value": "b"}}, {"value": 5})
    errors = list(contract().iter_errors(request))

    assert [[inner.instance for inner in error.__cause__.schema_errors] for error in errors] == [["a"], ["b"], [5]]


def test_the_factory_is_asked_for_each_schema() -> None:
    """By the document's and the schema's path; twice, for the deserializer and for the verdict."""
    asked: list[tuple[Any, ...]] = []

    class Asked(SchemaValidatorsFactory):
        def create(self, spec: SchemaPath, schema: SchemaPath, **options: Any) -> Any:  # type: ignore[override]
            asked.append(schema.parts)
            return super().create(spec, schema, **options)

    inner = V31RequestValidator.schema_validators_factory
    factory = Asked(inner.schema_validator_cls, inner.format_checker)
    request = AnyRequest({"q": {"value": 1}}, {"value": "text"})
    list(contract(schema_validators_factory=factory).iter_errors(request))

    operation = ("paths", "/one", "post")
    assert list(dict.fromkeys(asked)) == [
        (*operation, "parameters", 0, "content", "application/json", "schema"),
        (*operation, "requestBody", "content", "body/0", "schema"),
    ]


def test_a_missing_parameter_and_a_missing_body() -> None:
    """Each has an error of its own; the cause is gone, the name stays."""
    errors = list(contract().iter_errors(AnyRequest({}, None)))

    assert [type(error) for error in errors] == [MissingRequiredParameter, MissingRequiredRequestBody]
    assert (errors[0].name, errors[0].location) == ("q", "query")


HOOKS = {
    V31RequestValidator.__init__: (
        "spec",
        "path_finder_cls",
        "media_type_deserializers_factory",
        "schema_validators_factory",
    ),
    V31RequestValidator.iter_errors: ("request",),
    V31RequestValidator._get_security: ("parameters", "operation"),
    V31RequestValidator._get_parameters: ("parameters", "operation", "path"),
    V31RequestValidator._get_body: ("body", "mimetype", "operation"),
    SchemaValidatorsFactory.__init__: ("schema_validator_cls", "format_checker"),
    SchemaValidatorsFactory.create: ("spec", "schema"),
    SchemaValidator.__init__: ("schema", "validator"),
    SchemaValidator.validate: ("value",),
}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__qualname__)
def test_each_hook_has_the_parameters_that_we_give_or_take(hook: Callable[..., Any]) -> None:
    """By name and, for those that we override, in the same order and with no other beside them."""
    parameters = [name for name in inspect.signature(hook).parameters if name != "self"]

    assert parameters == list(HOOKS[hook]) or (not hook.__name__.startswith("_get") and {*HOOKS[hook]} <= {*parameters})


def test_the_values_that_we_hand_over_have_these_fields() -> None:
    """A place on openapi-core's side for each location, and an empty result for nothing found wrong."""
    assert [field.name for field in fields(RequestParameters)] == ["query", "header", "cookie", "path"]
    assert RequestParameters(query={"a": 1})["query"] == {"a": 1}
    assert Parameters() == Parameters({}, {}, {}, {})


class Overridden(V31RequestValidator):
    """Says of a request what it is told to, and keeps what it was asked."""

    parameters: Exception | None = None
    body: Exception | None = None
    asked: list[tuple[Any, ...]]

    def _get_security(self, parameters: RequestParameters, operation: SchemaPath) -> dict[str, str]:
        self.asked.append((parameters, operation.parts))
        return {}

    def _get_parameters(self, parameters: RequestParameters, operation: SchemaPath, path: SchemaPath) -> Parameters:
        self.asked.append((parameters, operation.parts, path.parts))
        if self.parameters:
            raise self.parameters
        return Parameters()

    def _get_body(self, body: Any, mimetype: str, operation: SchemaPath) -> None:
        self.asked.append((body, mimetype, operation.parts))
        if self.body:
            raise self.body


WRONG = [InvalidParameter("q", "query"), MissingRequiredParameter("r", "query")]


@pytest.mark.parametrize(
    ("parameters", "body", "expected"),
    [
        (None, None, []),
        (ParametersError(Parameters(), WRONG), None, WRONG),
        (None, MissingRequestBody(), []),  # one that need not be given
        (None, missing := MissingRequiredRequestBody(), [missing]),
        (ParametersError(Parameters(), WRONG), invalid := InvalidRequestBody(), [*WRONG, invalid]),
    ],
)
def test_the_verdict_is_what_the_overridden_methods_find(
    parameters: Exception | None, body: Exception | None, expected: list[Exception]
) -> None:
    """`iter_errors` asks each of them once, with the request's own values, and yields what they raise; nothing more."""
    validator = contract(Overridden)
    validator.asked, validator.parameters, validator.body = [], parameters, body
    request = AnyRequest({"q": {"value": "wrong"}}, {"value": 5})

    assert list(validator.iter_errors(request)) == expected
    operation = ("paths", "/one", "post")
    assert validator.asked == [
        (request.parameters, operation),
        (request.parameters, operation, operation[:2]),
        ({"value": 5}, "body/0", operation),
    ]


def test_a_schema_validator_tells_all_errors_of_jsonschema() -> None:
    """In one exception, which becomes the cause of the error of the parameter or body."""
    request = AnyRequest({"q": {"value": 1}}, {"value": 5})
    (error,) = contract().iter_errors(request)

    assert isinstance(error, InvalidRequestBody)
    assert isinstance(error.__cause__, InvalidSchemaValue)
    assert [str(inner).partition("\n")[0] for inner in error.__cause__.schema_errors] == ["5 is not of type 'string'"]


# What is put in their place.


class Never(AcceptCheck):
    """Accepts nothing, so that jsonschema validates all."""

    def check(self, schema: JSON) -> Callable[[JSON], bool]:
        return lambda value: False


class Always(AcceptCheck):
    def check(self, schema: JSON) -> Callable[[JSON], bool]:
        return lambda value: True


def test_a_compiled_operation_is_openapi_cores_validator() -> None:
    """Its `iter_errors` is not ours, and no part of it that we do not name above."""
    compiled = type(make_validator(CONTRACT, Engine(Never({}))))

    assert issubclass(compiled, V31RequestValidator)
    ours = {name for name in vars(compiled) if not name.startswith("__")} & {*dir(V31RequestValidator)}
    assert ours == {"_get_security", "_get_parameters", "_get_body"}


def test_what_the_check_accepts_is_not_asked_of_jsonschema() -> None:
    """So it may only accept what jsonschema accepts (schemas/test_accept.py); jsonschema validates the rest."""
    request = AnyRequest({"q": Value("a"), "r": Value("b")}, Value(5))

    assert list(make_validator(CONTRACT, Engine(Always({}))).iter_errors(request)) == []
    assert len(list(make_validator(CONTRACT, Engine(Never({}))).iter_errors(request))) == 3


def test_a_schema_is_compiled_once() -> None:
    """In the whole life of a validator, whatever is asked of it."""
    made: list[JSON] = []

    class Counted(Never):
        def check(self, schema: JSON) -> Callable[[JSON], bool]:
            made.append(schema)
            return super().check(schema)

    validator = make_validator(CONTRACT, Engine(Counted({})))
    for value in (1, "a", None):
        list(validator.iter_errors(AnyRequest({"q": Value(value)}, Value(value))))

    assert made == [{"allOf": [{"type": kind}]} for kind in ("integer", "integer", "string")]


RUNS = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/runs/{id}": {
            "post": {
                "operationId": "go",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 3}},
                    {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 9}},
                    {"name": "order", "in": "query", "schema": {"enum": ["asc", "desc"], "type": "string"}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string", "minLength": 2}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                            }
                        }
                    },
                },
                "responses": {"200": {"description": "fine"}},
            }
        }
    },
}


class OnTheWire:
    """The same call as openapi-core reads it from the wire, without anything of ours."""

    host_url = "https://api.test"
    method = "post"
    content_type = "application/json"

    def __init__(self, body: JSON, id: str = "abc", **query: JSON) -> None:  # noqa: A002
        headers = {"X-Trace": query.pop("X-Trace")} if "X-Trace" in query else {}
        texts = {name: str(value) for name, value in query.items()}
        self.path = f"/runs/{id}"
        self.parameters = RequestParameters(query=texts, header=headers)
        self.body = None if body is None else json.dumps(body).encode()


GOOD = {"name": "a", "size": 1}


@pytest.mark.parametrize(
    "call",
    [
        {"body": GOOD, "limit": 5, "order": "asc", "X-Trace": "ab"},
        {"body": GOOD, "limit": 5},
        {"body": GOOD, "limit": 10},
        {"body": GOOD, "limit": "five"},
        {"body": GOOD},
        {"body": GOOD, "limit": 5, "order": "up", "X-Trace": "a"},
        {"body": GOOD, "limit": 5, "id": "abcd"},
        {"body": {}, "limit": 5},
        {"body": {"name": 1, "size": "big"}, "limit": 5},
        {"body": None, "limit": 5},
        {"body": None, "order": "up"},
    ],
    ids=str,
)
def test_openapi_core_by_itself_says_the_same_of_a_simple_call(call: dict[str, Any]) -> None:
    """Where there is nothing that it gets wrong, its verdict is ours, error by error."""
    stock = V31RequestValidator(SchemaPath.from_dict(RUNS))
    arguments = {"id": "abc", **call}
    if arguments["body"] is None:
        del arguments["body"]

    problems = dynclient.Client(RUNS)["go"].check(**arguments)

    assert sorted({_place(problem) for problem in problems}) == sorted(
        ("body", "") if "body" in str(error).lower() else (error.location, error.name)  # type: ignore[attr-defined]
        for error in stock.iter_errors(OnTheWire(**call))
    )


def _place(problem: Problem) -> tuple[str, str]:
    return (problem.location, "" if problem.location == "body" else problem.name)


# The bundled document.

ODD: list[JSON] = [{"odd": []}, "", -1.5]

Call = tuple[str, dict[str, JSON]]


@cache
def calls() -> list[list[Call]]:
    """Of each operation of the bundled document some calls, the first as the document would have it."""
    client = dynclient.Client("openai")
    lowerings = [Lowering(client.document, "request", form=form) for form in (False, True)]
    return [[(name, call) for call in _calls(operation, *lowerings)] for name, operation in client.operations.items()]


def _calls(operation: Operation, json_lowering: Lowering, form_lowering: Lowering) -> Iterator[dict[str, JSON]]:
    """A right call, then some with something odd or missing."""
    right = {p.name: parameter_example(p, json_lowering) for p in operation.parameters if p.required}
    if operation.body:
        media_type = operation.body.content[0]
        is_json = "json" in media_type.name
        right["body"] = body_example(media_type, json_lowering if is_json else form_lowering)
    yield right
    for number, name in enumerate([*(parameter.name for parameter in operation.parameters), "body"]):
        if name != "body" or operation.body:
            yield {**right, name: ODD[number % len(ODD)]}
    yield {name: value for name, value in right.items() if name == "body"}


def test_a_compiled_operation_says_what_openapi_core_says_on_its_whole_way() -> None:
    """Of right and wrong calls, as their texts mean, with jsonschema's errors; nothing is accepted by being quicker."""
    client = dynclient.Client("openai")
    validator, verdicts = RequestValidator(client.document), set()
    for name, call in (call for of_operation in calls() for call in of_operation):
        caller = client[name]
        arguments, _ = caller._binder.bind({key: call[key] for key in call if key != "body"}, call.get("body", UNSET))
        compiled = validator._compile(caller.operation)
        whole = V31RequestValidator(
            compiled.validator.spec,
            path_finder_cls=OnlyOperation,  # type: ignore[arg-type]
            media_type_deserializers_factory=Unwrap(),  # type: ignore[arg-type]
            schema_validators_factory=KeptValidators(Engine(Never({}))),
        )
        request: Any = _Request(arguments, compiled.content_keys)  # the former leaves in it what the texts mean
        found = [_told(each.iter_errors(request)) for each in (compiled.validator, whole)]
        assert found[0] == found[1], (name, call)
        verdicts.add(bool(found[0]))

    assert verdicts == {True, False}


def _told(errors: Iterator[Exception]) -> list[tuple[str, list[str]]]:
    return [(str(error), [str(inner) for inner in getattr(error.__cause__, "schema_errors", ())]) for error in errors]


def test_nothing_is_compiled_until_an_operation_is_used() -> None:
    """Not by a client, nor by asking for an operation or its help."""
    client = dynclient.Client("openai")
    validator = client._core.request_validator
    assert client.createRun.__doc__
    compiled = [set(validator._compiled)]
    client.createRun.check(thread_id="t", assistant_id="a")
    compiled.append(set(validator._compiled))

    assert compiled == [set(), {client.operations["createRun"].pointer}]


def test_the_strict_check_never_runs_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes 12 s for a large document: not for a client, nor for a call."""

    def never(*_: object) -> None:
        raise AssertionError("nobody asked for it")

    monkeypatch.setattr(OpenAPIV31SpecValidator, "iter_errors", never)
    client = dynclient.Client("openai")

    assert client.createRun.check(thread_id="t", assistant_id="a") == ()


def test_eight_threads_race_for_the_first_use_of_every_operation() -> None:
    """Of 10 000 calls, right and wrong, each verdict is that of a single thread with a client of its own."""
    alone = dynclient.Client("openai")
    expected = {repr(call): alone[call[0]].check(**call[1]) for of_operation in calls() for call in of_operation}
    shared, start = dynclient.Client("openai"), threading.Barrier(8)

    def work(number: int) -> list[Call]:
        """The calls of one thread of which the verdict is another one."""
        choice = random.Random(number)
        first = [choice.choice(of_operation) for of_operation in calls()]  # all threads come to each at the same time
        more = [choice.choice(calls())[0] for _ in range(1250 - len(first))]
        start.wait()
        return [call for call in first + more if shared[call[0]].check(**call[1]) != expected[repr(call)]]

    with ThreadPoolExecutor(8) as pool:
        assert [call for wrong in pool.map(work, range(8)) for call in wrong] == []
    assert {bool(problems) for problems in expected.values()} == {True, False}


@pytest.mark.parametrize("scheme", ["http://127.0.0.1:{}/", "file:///dev/{}", "//127.0.0.1:{}/", "x{}"])
def test_the_validator_itself_fetches_nothing(scheme: str) -> None:
    """If a lowered schema ever kept a reference to the outside: there would be no verdict, and no connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        outside = {"$ref": scheme.format(listener.getsockname()[1])}
        operation = {"requestBody": {"content": {"body/0": {"schema": {"allOf": [outside]}}}}}
        contents = {"openapi": "3.1.0", "paths": {"/x": {"post": operation}}}
        validator = make_validator(contents, Engine(AcceptCheck({})))

        with pytest.raises(Exception, match=r"is not followed|Unresolvable"):
            list(validator.iter_errors(AnyRequest({}, Value(1))))
        with pytest.raises(BlockingIOError):
            listener.accept()
