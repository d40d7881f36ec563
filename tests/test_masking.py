"""No problem of a call shows a secret: not in its message, value or data, nor in the text of the error."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from dynclient import Client, InvalidRequest
from dynclient.errors import Problem
from dynclient.masking import Mask, is_secret_name
from dynclient.types import JSON

SECRET = "sk-0123456789-SECRET"
SCHEMES = {
    "key": {"type": "apiKey", "in": "query", "name": "k"},
    "head": {"type": "apiKey", "in": "header", "name": "X-Door"},
}


def client_of(*parameters: JSON, body: JSON = None, kind: str = "application/json") -> Client:
    operation: dict[str, JSON] = {"operationId": "go", "parameters": list(parameters)}
    if body is not None:
        operation["requestBody"] = {"content": {kind: {"schema": body}}}
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "http://api.test"}],
        "paths": {"/x": {"post": operation}},
        "components": {"securitySchemes": SCHEMES},
    }
    return Client(document)


def parameter(name: str, location: str, **schema: JSON) -> dict[str, JSON]:
    return {"name": name, "in": location, "schema": {"type": "integer", **schema}}


@pytest.mark.parametrize("name", ["password", "accessToken", "client_secret", "X-API-Key", "apikey", "private_key"])
def test_names_of_secrets(name: str) -> None:
    """In any spelling."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["max_tokens", "author", "key", "sort_key", "keywords", "tokens", "passage", "compass"]
)
def test_names_of_no_secrets(name: str) -> None:
    """What is told of an ordinary field must not be lost."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("client", "arguments"),
    [
        pytest.param(client_of(parameter("k", "query")), {"k": SECRET}, id="place-of-a-scheme"),
        pytest.param(client_of(parameter("X-Door", "header")), {"x_door": SECRET}, id="header-of-a-scheme"),
        pytest.param(client_of(parameter("X-Auth", "header")), {"x_auth": SECRET}, id="header-named-like-one"),
        pytest.param(client_of(parameter("sid", "cookie", enum=[1])), {"cookie": {"session": SECRET}}, id="cookie"),
        pytest.param(client_of(parameter("session", "cookie")), {"session": SECRET}, id="cookie-named-like-one"),
        pytest.param(client_of(), {"api_key": SECRET}, id="unknown-argument"),
        pytest.param(
            client_of(parameter("pin", "query", type="string", format="password", maxLength=4)),
            {"pin": SECRET},
            id="format-of-a-parameter",
        ),
        pytest.param(
            client_of(parameter("filter", "query", type="object", properties={"pin": {"format": "password"}})),
            {"filter": {"pin": {"a": SECRET, "b": [{"c": object()}]}}},
            id="inside-a-parameter",
        ),
        pytest.param(client_of(body={"properties": {"password": {"maxLength": 3}}}), {"password": SECRET}, id="name"),
        pytest.param(
            client_of(body={"properties": {"password": {"enum": ["a"]}}}), {"password": SECRET}, id="name-with-enum"
        ),
        pytest.param(
            client_of(body={"properties": {"pin": {"format": "password", "maxLength": 3}}}),
            {"pin": SECRET},
            id="format",
        ),
        pytest.param(
            client_of(body={"properties": {"pin": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}),
            {"body": {"pin": {"token": SECRET}}},
            id="inside-a-value",
        ),
        pytest.param(
            client_of(body={"properties": {"a": {"maxProperties": 0, "properties": {"pin": {"format": "password"}}}}}),
            {"body": {"a": {"pin": SECRET}}},
            id="format-inside-a-value",
        ),
        pytest.param(
            client_of(body={"type": "array", "items": {"additionalProperties": False}}),
            {"body": [{"password": SECRET}]},
            id="unknown-field",
        ),
        pytest.param(
            client_of(
                body={"properties": {"token": {"type": "string", "format": "binary"}}}, kind="multipart/form-data"
            ),
            {"token": SECRET},
            id="text-for-a-file",
        ),
        pytest.param(
            client_of(body={"properties": {"token": {"unevaluatedItems": False}}, "unevaluatedProperties": False}),
            {"body": {"token": [SECRET], "secret": SECRET}},
            id="unevaluated",
        ),
    ],
)
def test_secrets_are_masked(client: Client, arguments: dict[str, JSON]) -> None:
    """Wherever the document or a name says so."""
    with pytest.raises(InvalidRequest) as caught:
        client.go.prepare(**arguments)

    told = (
        str(caught.value),
        caught.value.message,
        repr(caught.value),
        str([p.to_dict() for p in caught.value.problems]),
    )
    assert [text for text in told if "SECRET" in text] == []


@pytest.mark.parametrize(
    ("location", "name", "hidden"),
    [
        ("header", "X-Door", True),
        ("response header", "Set-Cookie", True),
        ("response header", "Content-Type", False),
        ("query", "k", True),
        ("query", "K", False),
        ("response body", "", False),
    ],
)
def test_places_of_secrets(location: str, name: str, hidden: bool) -> None:
    """Of requests and of answers."""
    assert Mask(client_of().document).hides(location, name) == hidden


def test_what_is_masked_is_still_told() -> None:
    """The place, the rule, and what would be right."""
    client = client_of(body={"properties": {"password": {"type": "string", "maxLength": 3}}})

    assert client.go.check(password=SECRET) == (
        Problem(
            "body",
            "password",
            "*** is 20 characters long; the maximum is 3",
            "maxLength",
            "***",
            "/password",
            "#/paths/~1x/post/requestBody/content/application~1json/schema/properties/password/maxLength",
        ),
    )


def test_ordinary_fields_are_shown() -> None:
    """Names that only begin like those of secrets hide nothing."""
    client = client_of(body={"properties": {"max_tokens": {"type": "integer"}}})

    (problem,) = client.go.check(max_tokens="many")

    assert (problem.message, problem.value) == ("'many' is not an integer", "many")


@pytest.mark.parametrize("value", [None, True, False, "", [], {}])
def test_what_tells_nothing_is_shown(value: JSON) -> None:
    """That a password is null or empty is no secret."""
    assert Mask().masked(value, is_secret=True) == value


@given(strategies.recursive(strategies.integers(), lambda inner: strategies.dictionaries(strategies.text(), inner)))
def test_masking_keeps_the_keys(value: JSON) -> None:
    """Only values are replaced."""
    masked = Mask().masked({"outer": value, "token": "x"})

    assert masked["token"] == "***"
    assert list(masked) == ["outer", "token"]
    assert type(masked["outer"]) is type(value) or masked["outer"] == "***"
