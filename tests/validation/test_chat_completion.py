"""Calls of createChatCompletion, whose body is full of unions: right ones pass, wrong ones are reported in place."""

from __future__ import annotations

import pytest

from dynclient import Client, InvalidRequest
from dynclient.types import JSON
from tests.places import SPECS

DOCUMENT = SPECS / "openai.yaml"

HELLO: JSON = [{"role": "user", "content": "hello"}]
WEATHER: JSON = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather at a place",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
    },
}
CALLED: JSON = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"place": "Rome"}'}}
SCHEMA: JSON = {"name": "person", "schema": {"type": "object", "properties": {"age": {"type": "integer"}}}}


@pytest.fixture(scope="module")
def client() -> Client:
    if not DOCUMENT.is_file():
        pytest.skip(f"{DOCUMENT} is not there")
    return Client(DOCUMENT, auth={"ApiKeyAuth": "sk-test"})


def user(*parts: JSON) -> dict[str, JSON]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="text"),
        pytest.param(
            {
                "messages": [
                    {"role": "developer", "content": "Be brief."},
                    *HELLO,
                    {"role": "assistant", "content": "Hi"},
                ]
            },
            id="turns",
        ),
        pytest.param(
            user(
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
            ),
            id="image",
        ),
        pytest.param(
            user({"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}), id="audio-in"
        ),
        pytest.param({"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "mp3"}}, id="audio-out"),
        pytest.param({"tools": [WEATHER], "tool_choice": "auto", "parallel_tool_calls": False}, id="tools"),
        pytest.param(
            {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "weather"}}}, id="tool-choice"
        ),
        pytest.param(
            {
                "messages": [
                    *HELLO,
                    {"role": "assistant", "content": None, "tool_calls": [CALLED]},
                    {"role": "tool", "tool_call_id": "call_1", "content": "Sunny"},
                ]
            },
            id="tool-result",
        ),
        pytest.param(
            {"response_format": {"type": "json_schema", "json_schema": {**SCHEMA, "strict": True}}}, id="structured"
        ),
        pytest.param(
            {
                "response_format": {"type": "json_object"},
                "stop": ["\n"],
                "temperature": 0.5,
                "max_completion_tokens": 100,
                "logit_bias": {"50256": -100},
                "stream": True,
                "stream_options": {"include_usage": True},
                "metadata": {"topic": "demo"},
            },
            id="options",
        ),
    ],
)
def test_valid_bodies(client: Client, fields: dict[str, JSON]) -> None:
    """Ten different ones, each accepted as it is."""
    assert client.createChatCompletion.check(**{"model": "gpt-4o", "messages": HELLO, **fields}) == ()


SHAPES_OF_FORMAT = "text, json_schema, json_object"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"response_format": "json"},
            (
                f"response_format: 'json' is not an object of one of 3 shapes ({SHAPES_OF_FORMAT})."
                ' Did you mean {"type": "json_schema"} or {"type": "json_object"}?'
            ),
        ),
        (
            {"response_format": {"type": "json"}},
            (
                "response_format.type: 'json' is not one of 'text', 'json_schema', 'json_object'."
                " Did you mean 'json_schema' or 'json_object'?"
            ),
        ),
        (
            {"response_format": {}},
            (
                "response_format.type: required, but not given; it says which of 3 shapes is meant."
                " Permitted: 'text', 'json_schema', 'json_object'."
            ),
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
            "response_format.json_schema.name: required, but not given",
        ),
        (
            {"tool_choice": "atuo"},
            "tool_choice: 'atuo' is not one of 'none', 'auto', 'required'. Did you mean 'auto'?",
        ),
        (
            {"tool_choice": "weather"},
            (
                "tool_choice: 'weather' is neither one of 'none', 'auto', 'required' nor an object of one of 3 shapes"
                " (allowed_tools, function, custom)"
            ),
        ),
        (
            {"tool_choice": {"type": "function", "function": {"nme": "weather"}}},
            "tool_choice.function.name: required, but not given. Is 'nme' meant for it?",
        ),
        (
            {"tools": WEATHER},
            (
                'tools: {"type": "function", "function": {"name": "weather...e"]}}} is not an array.'
                " Give a list, even of one."
            ),
        ),
        (
            {"tools": [{**WEATHER, "type": "functon"}]},
            "tools[0].type: 'functon' is not one of 'function', 'custom'. Did you mean 'function'?",
        ),
        (
            {"tools": [{**WEATHER, "type": "weather"}]},
            (
                "tools[0].type: 'weather' is not one of 'function', 'custom'."
                " Of the 2 shapes, ChatCompletionTool is nearest; its type must be 'function'."
            ),
        ),
        (
            {"tools": [{"function": {"name": "weather"}}]},
            (
                "tools[0].type: required, but not given; it says which of 2 shapes is meant."
                " Permitted: 'function', 'custom'. Of the 2 shapes, ChatCompletionTool is nearest."
            ),
        ),
        ({"messages": "hello"}, "messages: 'hello' is not an array"),
        ({"messages": []}, "messages: 0 items; at least 1 must be given"),
        (
            {"messages": [{"role": "usr", "content": "x"}]},
            (
                "messages[0].role: 'usr' is not one of 'developer', 'system', 'user', 'assistant', 'tool', 'function'."
                " Did you mean 'user'?"
            ),
        ),
        (
            {"messages": [{"role": "user", "content": 5}]},
            "messages[0].content: 5 is not an array or a string",
        ),
        (
            {"messages": [*HELLO, {"role": "tool", "content": "Sunny"}]},
            "messages[1].tool_call_id: required, but not given",
        ),
        (
            user({"type": "image", "image_url": {"url": "https://example.com/a.png"}}),
            (
                "messages[0].content[0].type: 'image' is not one of 'text', 'image_url', 'input_audio', 'file'."
                " Did you mean 'image_url'?"
            ),
        ),
        (
            user({"type": "text", "text": "x"}, {"type": "image_url", "image_url": "https://example.com/a.png"}),
            "messages[0].content[1].image_url: 'https://example.com/a.png' is not an object",
        ),
        (
            user({"type": "input_audio", "input_audio": {"data": "x", "format": "ogg"}}),
            "messages[0].content[0].input_audio.format: 'ogg' is not one of 'wav', 'mp3'",
        ),
        (
            {"messages": [{"role": "assistant", "tool_calls": [{**CALLED, "function": {"name": "weather"}}]}]},
            "messages[0].tool_calls[0].function.arguments: required, but not given",
        ),
        ({"temperature": "0.5"}, "temperature: '0.5' is not a number or null. Give 0.5 instead of the text."),
        ({"logit_bias": {"50256": "x"}}, "logit_bias[\"50256\"]: 'x' is not an integer"),
    ],
)
def test_wrong_bodies(client: Client, fields: dict[str, JSON], expected: str) -> None:
    """Refused with one problem each, which names the leaf and what to do about it."""
    with pytest.raises(InvalidRequest) as caught:
        client.createChatCompletion.prepare(**{"model": "gpt-4o", "messages": HELLO, **fields})

    (problem,) = caught.value.problems
    assert str(problem) == f"body {expected}"
    assert len(problem.message) <= 160


def test_everything_at_once(client: Client) -> None:
    """Each once, though the document says three times how many `top_logprobs` there may be."""
    problems = client.createChatCompletion.check(
        model="gpt-4o",
        messages=[*HELLO, {"role": "user", "content": [{"type": "txt"}]}],
        top_logprobs=50,
        modalities=["text", "video"],
        stop=["a", "b", "c", "d", "e"],
    )

    assert sorted((problem.name, problem.code) for problem in problems) == [
        ("messages[1].content[0].type", "shape-unknown"),
        ("modalities[1]", "value-not-permitted"),
        ("stop", "items-too-many"),
        ("top_logprobs", "value-too-large"),
    ]
