"""The bundled documents: valid, complete with valid examples, and as strict as the API they describe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import dynclient
from dynclient.documents.document import parse
from dynclient.documents.sources import bundled, load
from dynclient.openapi.index import read_entries
from dynclient.openapi.model import MediaType, Operation
from dynclient.openapi.reader import read_operation
from dynclient.types import UNSET
from tests.places import SPECS

PUBLISHED = SPECS / "openai.json"

DOCUMENT = parse(load("openai"))
OPERATIONS = {entry.id: read_operation(DOCUMENT, entry) for entry in read_entries(DOCUMENT)}
ASSISTANTS = {"Assistants", "Threads", "Messages", "Runs", "Run steps"}


def _content(operation: Operation) -> Iterator[tuple[str, MediaType]]:
    for media_type in operation.body.content if operation.body else ():
        yield f"{operation.id} request {media_type.name}", media_type
    for response in operation.responses:
        for media_type in response.content:
            yield f"{operation.id} {response.status} {media_type.name}", media_type


CONTENT = dict(entry for operation in OPERATIONS.values() for entry in _content(operation))


def _validator(schema: Any) -> Draft202012Validator:
    """Validates by the schema as published, with nothing of dynclient between."""
    document = DRAFT202012.create_resource(DOCUMENT.contents)
    registry: Registry[Any] = Registry().with_resource("urn:document", document)
    return Draft202012Validator(_absolute(schema), registry=registry)


def _absolute(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: f"urn:document{value}" if key == "$ref" else _absolute(value) for key, value in node.items()}
    return [_absolute(each) for each in node] if isinstance(node, list) else node


def test_the_strict_check_passes() -> None:
    """openapi-spec-validator finds nothing, in the document as YAML's own safe loader reads it."""
    contents = yaml.load(bundled()["openai"].read_bytes(), yaml.CSafeLoader)

    assert list(OpenAPIV31SpecValidator(contents).iter_errors()) == []
    assert contents == DOCUMENT.contents


def test_every_operation_reads_without_a_repair() -> None:
    """What we publish ourselves needs no working around."""
    assert len(OPERATIONS) == 33
    assert DOCUMENT.problems == []


@pytest.mark.parametrize("name", CONTENT)
def test_examples(name: str) -> None:
    """Every body and every answer has an example, and it is valid."""
    media_type = CONTENT[name]
    assert media_type.schema is not None
    assert media_type.example is not UNSET

    assert list(_validator(media_type.schema.contents).iter_errors(media_type.example)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_parameter_examples(name: str) -> None:
    """An example of a parameter is valid."""
    for parameter in OPERATIONS[name].parameters:
        if parameter.example is not UNSET and parameter.schema:
            assert list(_validator(parameter.schema.contents).iter_errors(parameter.example)) == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_beta_header(name: str) -> None:
    """The operations of the Assistants API ask for it, and no other does."""
    operation = OPERATIONS[name]
    asks = [(p.required, p.only_value) for p in operation.parameters if p.name == "OpenAI-Beta"]

    assert asks == ([(True, "assistants=v2")] if ASSISTANTS & set(operation.tags) else [])


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document itself says that OPENAI_API_KEY holds it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")

    prepared = dynclient.Client("openai").listModels.prepare()

    assert prepared.headers["Authorization"] == "Bearer sk-from-the-environment"


RUN: dict[str, Any] = {"assistant_id": "asst_abc123"}
CHAT: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
EMBED: dict[str, Any] = {"model": "text-embedding-3-small", "input": "hi"}
FILE: dict[str, Any] = {"file": b"x", "purpose": "assistants"}
INTERPRETER = {"type": "code_interpreter"}


def _searching(**resources: Any) -> dict[str, Any]:
    return {"tool_resources": {"file_search": resources}}


def _searched_by(**options: Any) -> dict[str, Any]:
    return {"tools": [{"type": "file_search", "file_search": options}]}


def _chunked(size: int, overlap: int) -> dict[str, Any]:
    static = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    return _searching(vector_stores=[{"chunking_strategy": {"type": "static", "static": static}}])


# (operation, body that is accepted, body that is one step over the limit)
LIMITS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("createRun", {**RUN, "temperature": 2}, {**RUN, "temperature": 2.1}),
    ("createRun", {**RUN, "temperature": 0}, {**RUN, "temperature": -0.1}),
    ("createRun", {**RUN, "top_p": 1}, {**RUN, "top_p": 1.1}),
    ("createRun", {**RUN, "max_prompt_tokens": 256}, {**RUN, "max_prompt_tokens": 255}),
    ("createRun", {**RUN, "max_completion_tokens": None}, {**RUN, "max_completion_tokens": 255}),
    ("createRun", {**RUN, "model": "any-model"}, {**RUN, "model": 3}),
    ("createRun", {**RUN, "tool_choice": "required"}, {**RUN, "tool_choice": "sure"}),
    ("createRun", {**RUN, "response_format": "auto"}, {**RUN, "response_format": "text"}),
    ("createRun", {**RUN, "truncation_strategy": {"type": "auto"}}, {**RUN, "truncation_strategy": "auto"}),
    ("createRun", {**RUN, "tools": [INTERPRETER] * 20}, {**RUN, "tools": [INTERPRETER] * 21}),
    ("createRun", {**RUN, **_searched_by(max_num_results=50)}, {**RUN, **_searched_by(max_num_results=51)}),
    ("createRun", RUN, {**RUN, "colour": "blue"}),
    ("createRun", RUN, {}),
    ("modifyRun", {"metadata": {str(i): "" for i in range(16)}}, {"metadata": {str(i): "" for i in range(17)}}),
    ("modifyThread", {"metadata": {"k" * 64: ""}}, {"metadata": {"k" * 65: ""}}),
    ("modifyMessage", {"metadata": {"k": "v" * 512}}, {"metadata": {"k": "v" * 513}}),
    ("modifyAssistant", {"metadata": None}, {"metadata": {"k": 1}}),
    ("createAssistant", {"model": "m", "name": "x" * 256}, {"model": "m", "name": "x" * 257}),
    ("createAssistant", {"model": "m", "description": "x" * 512}, {"model": "m", "description": "x" * 513}),
    ("createAssistant", {"model": "m", "instructions": "x" * 256000}, {"model": "m", "instructions": "x" * 256001}),
    ("createAssistant", {"model": "m", "tools": [INTERPRETER] * 128}, {"model": "m", "tools": [INTERPRETER] * 129}),
    (
        "createThread",
        {"tool_resources": {"code_interpreter": {"file_ids": ["f"] * 20}}},
        {"tool_resources": {"code_interpreter": {"file_ids": ["f"] * 21}}},
    ),
    ("createThread", _searching(vector_store_ids=["v"]), _searching(vector_store_ids=["v", "w"])),
    ("createThread", _searching(vector_stores=[{}]), _searching(vector_stores=[{}, {}])),
    ("createThread", _chunked(4096, 2048), _chunked(4097, 1)),
    ("createThread", _chunked(100, 50), _chunked(99, 1)),
    ("createMessage", {"role": "user", "content": "x"}, {"role": "system", "content": "x"}),
    ("createMessage", {"role": "user", "content": [{"type": "text", "text": "x"}]}, {"role": "user", "content": []}),
    ("createChatCompletion", {**CHAT, "n": 128}, {**CHAT, "n": 129}),
    ("createChatCompletion", {**CHAT, "top_logprobs": 20}, {**CHAT, "top_logprobs": 21}),
    ("createChatCompletion", {**CHAT, "presence_penalty": -2}, {**CHAT, "presence_penalty": -2.1}),
    ("createChatCompletion", {**CHAT, "vendor": 1}, {**CHAT, "messages": []}),
    ("createChatCompletion", CHAT, {**CHAT, "messages": [{"role": "bot", "content": "x"}]}),
    ("createEmbedding", {**EMBED, "input": ["a"] * 2048}, {**EMBED, "input": ["a"] * 2049}),
    ("createEmbedding", {**EMBED, "dimensions": 1}, {**EMBED, "dimensions": 0}),
    ("createFile", FILE, {**FILE, "purpose": "fun"}),
    (
        "createFile",
        {**FILE, "expires_after": {"anchor": "created_at", "seconds": 3600}},
        {**FILE, "expires_after": {"anchor": "created_at", "seconds": 3599}},
    ),
    ("submitToolOutputsToRun", {"tool_outputs": [{"tool_call_id": "c", "output": "4"}]}, {"tool_outputs": "4"}),
]


@pytest.mark.parametrize(("name", "within", "beyond"), LIMITS)
def test_limits_of_bodies(name: str, within: dict[str, Any], beyond: dict[str, Any]) -> None:
    """What the API's documentation says in prose is a rule here: at the limit accepted, one step beyond refused."""
    operation = dynclient.Client("openai")[name]
    path = {parameter.name: "x" for parameter in operation.operation.parameters if parameter.location == "path"}

    assert operation.check(**path, body=within) == ()
    assert len(operation.check(**path, body=beyond)) == 1


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("limit", 1, True),
        ("limit", 100, True),
        ("limit", 0, False),
        ("limit", 101, False),
        ("limit", "5", True),
        ("limit", "05", False),
        ("order", "asc", True),
        ("order", "desc", True),
        ("order", "up", False),
        ("after", "run_a", True),
        ("before", "run_b", True),
    ],
)
def test_limits_of_lists(name: str, value: object, accepted: bool) -> None:
    """Every list of the Assistants API takes limit, order, after and before, within the same limits."""
    client = dynclient.Client("openai")
    for lister in ("listAssistants", "listMessages", "listRuns", "listRunSteps"):
        operation = client[lister]
        path = {parameter.name: "x" for parameter in operation.operation.parameters if parameter.location == "path"}

        assert (operation.check(**path, **{name: value}) == ()) is accepted


@pytest.mark.parametrize("name", ["createRun", "listRunSteps", "getRunStep"])
def test_include(name: str) -> None:
    """`include[]`, spelled `include`, permits the one value there is."""
    operation = dynclient.Client("openai")[name]
    path = {parameter.name: "x" for parameter in operation.operation.parameters if parameter.location == "path"}
    body = {"body": RUN} if name == "createRun" else {}
    content = "step_details.tool_calls[*].file_search.results[*].content"

    assert operation.check(**path, **body, include=[content]) == ()
    assert len(operation.check(**path, **body, include=["all"])) == 1


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"the published document is not at {PUBLISHED}")
def test_it_describes_the_published_api() -> None:
    """Routes, parameters, body fields and required fields are those of the document that OpenAI publishes."""
    published = parse(load(str(PUBLISHED)))
    theirs = {entry.id: read_operation(published, entry) for entry in read_entries(published)}
    renamed = {"submitToolOutputsToRun": "submitToolOuputsToRun"}  # their spelling

    for name, ours in OPERATIONS.items():
        assert _facts(ours) == _facts(theirs[renamed.get(name, name)]), name


def _facts(operation: Operation) -> dict[str, Any]:
    fields = operation.body.fields if operation.body else ()
    return {
        "route": (operation.method, operation.path),
        "parameters": {(p.location, p.name, p.required) for p in operation.parameters if p.name != "OpenAI-Beta"},
        "fields": {(field.name, field.required) for field in fields},
    }
