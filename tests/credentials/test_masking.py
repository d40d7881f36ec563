"""No problem of a call shows a secret: not in its message, value or data, nor in the text of the error."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, strategies

from dynclient import Client, InvalidRequest
from dynclient.credentials.masking import Mask
from dynclient.credentials.secret_names import is_secret_field_name
from dynclient.credentials.secrets import Secrets
from dynclient.errors import Problem
from dynclient.openapi.model import Operation
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


SECRET_NAMES = """
    password newPassword git_password passphrase oneTimePasscode passwd pwd pdt_password passwords accessToken id_token
    refresh_token token_secret bearerToken vaultToken webhook_token client_secret signing_secret sharedSecret
    X-API-Key apikey api_key private_key secretKey datadog_api_key firebase_server_key UnlockKey license_key
    subscription-key signature X-Amz-Signature X-Amz-Credential credentials registry_credentials authorization jwt cvc
"""
HARMLESS_NAMES = """
    max_tokens tokens token_count cached_tokens token_type token_url tokenizer accessTokenExpiresAt refresh_token_ttl
    next_page_token NextToken page_token continuationToken skipToken sync_token eos_token stop_token mask_token
    Idempotency-Key x-idempotency-key IdempotencyToken ClientRequestToken include_credential includeCredentials
    allow_credentials has_password is_secret require_signature use_token with_signature automountServiceAccountToken
    password_pattern secret_name SecretName signature_type credential_id author authors authority keywords passage
    compass passenger key sort_key partition_key public_key foreign_key cache_key object_key keyboard session_timeout
    api_key.created cookie_name tokenization cvc_check
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_names_of_secrets(name: str) -> None:
    """In any spelling."""
    assert is_secret_field_name(name)


@pytest.mark.parametrize("name", HARMLESS_NAMES.split())
def test_names_of_no_secrets(name: str) -> None:
    """What is reported of an ordinary field must not be lost."""
    assert not is_secret_field_name(name)


HEADERS = """
    Authorization Proxy-Authorization X-Auth X-Registry-Auth X-Auth-Token X-Amz-Security-Token Api-Key apikey X-Key
    Ocp-Apim-Subscription-Key X-Session-Id JSESSIONID X-Hub-Signature Set-Cookie X-Secret X-Password X-JWT-Assertion
"""
HARMLESS_HEADERS = """
    Idempotency-Key x-apideck-idempotency-key Stream-Auth-Type X-Include-Credential Access-Control-Allow-Credentials
    x-ratelimit-remaining-tokens X-Token-Count X-Token-Expires X-Max-Tokens X-Author author_id X-Authority X-Keyword
    Surrogate-Key X-Cache-Key next_page_token X-Next-Page-Token If-Match Content-Type
"""


@pytest.mark.parametrize("location", ["header", "query"])
def test_names_of_secret_headers(location: str) -> None:
    """More of them are secret than of fields, for what stands there is often a credential."""
    authenticator = client_of()._core.authenticator

    found = [name for name in (HEADERS + HARMLESS_HEADERS).split() if authenticator.is_secret(location, name)]
    assert found == HEADERS.split()


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
            client_of(body={"properties": {"credentials": {"properties": {"value": {"type": "integer"}}}}}),
            {"body": {"credentials": {"value": SECRET}}},
            id="inside-an-outer-name",
        ),
        pytest.param(
            client_of(parameter("credentials", "query", type="object", properties={"value": {"type": "integer"}})),
            {"credentials": {"value": SECRET}},
            id="inside-the-name-of-a-parameter",
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


HIDDEN = {"type": "string", "format": "password"}
LEAF = {"v": "SECRET"}
DEFINITIONS = {
    "Hidden": HIDDEN,
    "Node": {"$dynamicAnchor": "node", "properties": {"v": HIDDEN}},
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"v": HIDDEN}}]},
    "Pet": {"type": "object", "properties": {"kind": {}}, "discriminator": {"propertyName": "kind"}},
}
MAPPED = {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "#/components/schemas/Cat"}}
WAYS = {
    "properties": ({"properties": {"v": HIDDEN}}, LEAF),
    "patternProperties": ({"patternProperties": {"^v$": HIDDEN}}, LEAF),
    "additionalProperties": ({"properties": {"w": {}}, "additionalProperties": HIDDEN}, LEAF),
    "unevaluatedProperties": ({"allOf": [{"properties": {"w": {}}}], "unevaluatedProperties": HIDDEN}, LEAF),
    "propertyNames": ({"propertyNames": {"format": "password"}}, {"SECRET": 1}),
    "dependentSchemas": ({"dependentSchemas": {"v": {"properties": {"v": HIDDEN}}}}, LEAF),
    "dependencies": ({"dependencies": {"v": {"properties": {"v": HIDDEN}}}}, LEAF),
    "if": ({"if": {"properties": {"v": HIDDEN}}}, LEAF),
    "then": ({"if": {}, "then": {"properties": {"v": HIDDEN}}}, LEAF),
    "else": ({"if": False, "else": {"properties": {"v": HIDDEN}}}, LEAF),
    "not": ({"not": {"properties": {"v": HIDDEN}, "maxProperties": 0}}, LEAF),
    "allOf": ({"allOf": [{"properties": {"v": HIDDEN}}]}, LEAF),
    "anyOf": ({"anyOf": [{"properties": {"v": HIDDEN}}]}, LEAF),
    "oneOf": ({"oneOf": [{"properties": {"v": HIDDEN}}]}, LEAF),
    "allOf of the value": ({"properties": {"v": {"allOf": [HIDDEN, {"maxLength": 1}]}}}, LEAF),
    "$ref": ({"properties": {"v": {"$ref": "#/components/schemas/Hidden"}}}, LEAF),
    "$ref with siblings": ({"properties": {"v": {"$ref": "#/components/schemas/Hidden", "maxLength": 1}}}, LEAF),
    "$dynamicRef": ({"$dynamicRef": "#node"}, LEAF),
    "discriminator": ({"discriminator": MAPPED}, {"kind": "cat", **LEAF}),
    "items": ({"properties": {"v": {"items": HIDDEN}}}, {"v": ["SECRET"]}),
    "prefixItems": ({"properties": {"v": {"prefixItems": [{}, HIDDEN]}}}, {"v": [1, "SECRET"]}),
    "contains": ({"properties": {"v": {"contains": HIDDEN}}}, {"v": [1, "SECRET"]}),
    "unevaluatedItems": (
        {"properties": {"v": {"prefixItems": [{}], "unevaluatedItems": HIDDEN}}},
        {"v": [1, "SECRET"]},
    ),
    "of an outer value": ({"properties": {"v": {"format": "password"}}}, {"v": {"a": [{"b": "SECRET"}]}}),
    "by an outer name": ({"properties": {"credentials": {}}}, {"credentials": {"value": "SECRET"}}),
    "by an outer name of a list": ({}, {"api_key": [{"value": "SECRET"}]}),
}


def hiding(schema: JSON, *, wrong: bool = True) -> Client:
    """A client that takes an object by this schema as a body, in a query and in an answer; none is right if `wrong`."""
    limited = {"type": "object", "properties": {"fields": {"maxProperties": 0, **schema} if wrong else schema}}
    media = {"content": {"application/json": {"schema": limited}}}
    query = {"name": "filter", "in": "query", "content": {"application/json": {"schema": limited}}}
    answer = {"responses": {"200": {"description": "", **media}}}
    operations = {
        "post": {"operationId": "go", "requestBody": media, **answer},
        "get": {"operationId": "find", "parameters": [query], **answer},
    }
    return Client(
        {
            "openapi": "3.1.0",
            "servers": [{"url": "http://api.test"}],
            "paths": {"/x": operations},
            "components": {"schemas": DEFINITIONS},
        },
        app=_app,
    )


def _app(environ: dict[str, JSON], start_response: JSON) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [environ["HTTP_X_ANSWER"].encode()]


def shown(problems: tuple[Problem, ...]) -> str:
    assert problems
    return " ".join(f"{problem} {problem.value} {problem.to_dict()}" for problem in problems)


@pytest.mark.parametrize("way", WAYS)
def test_every_keyword_that_leads_to_a_secret(way: str) -> None:
    """In problems of bodies, of parameters and of answers, and in what is shown of a call."""
    schema, value = WAYS[way]
    client, harmless = hiding(schema), hiding(schema, wrong=False)
    harmless = harmless.with_options(validate_request="off", validate_response="off")
    answer = client.find.with_options(headers={"X-Answer": json.dumps({"fields": value})})()
    texts = [
        shown(client.go.check(fields=value)),
        shown(client.find.check(filter={"fields": value})),
        shown(answer.problems),
        harmless.go.curl(fields=value),
        harmless.find.curl(filter={"fields": value}),
        repr(harmless.go.with_options(masked=True).prepare(fields=value).body),
    ]

    assert [text for text in texts if "SECRET" in text] == []


@pytest.mark.parametrize("way", ["properties", "patternProperties", "prefixItems", "additionalProperties"])
def test_what_no_keyword_hides_is_shown(way: str) -> None:
    """What stands beside a secret is none."""
    schema, _ = WAYS[way]
    beside: JSON = {"v": ["plain", "SECRET"]} if way == "prefixItems" else {"w": "plain", **LEAF}

    assert "plain" in shown(hiding(schema).go.check(fields=beside))


@pytest.mark.parametrize("keyword", ["maxLength", "enum", "pattern", "const", "minLength"])
def test_a_value_is_hidden_by_the_schema_beside(keyword: str) -> None:
    """The keyword that it breaks may stand in another schema than its format."""
    rule = {"maxLength": 1, "enum": ["a"], "pattern": "^a$", "const": "a", "minLength": 99}[keyword]
    client = hiding({"properties": {"v": {"allOf": [{keyword: rule}, {"anyOf": [HIDDEN]}]}}}, wrong=False)

    assert "SECRET" not in shown(client.go.check(fields={"v": "SECRET"}))


@pytest.mark.parametrize("path", ["/credentials/value", "/a/api_key/0/b", "/secret/x/y"])
def test_a_problem_inside_a_secret(path: str) -> None:
    """An outer name is enough, and the message shows no more than the value."""
    problem = Problem("body", "x", "'SECRET' is not a number", "type", "SECRET", path)
    told = Mask(client_of().document).told(problem, Operation("go", "POST", "/x"))

    assert (told.value, told.message) == ("***", "'***' is not a number")


ODD = 'SE"CRET\\ \u00e9\n<&>/\U0001f511'


@pytest.mark.parametrize(
    "written",
    [
        str,
        repr,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps(text).replace("/", "\\/"),
        lambda text: json.dumps(json.dumps(text)),
        lambda text: re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04X}", json.dumps(text)),
        html.escape,
        quote,
        quote_plus,
        lambda text: quote(text, safe=""),
    ],
    ids=["plain", "Python", "JSON", "JSON in Unicode", "PHP", "JSON in JSON", "Go", "HTML", "URL", "form", "path"],
)
def test_a_secret_is_found_however_it_is_written(written: Callable[[str], str]) -> None:
    """A server repeats it escaped, and so do messages."""
    text = f"before {written(ODD)} after"

    assert "CRET" not in Secrets(lambda: [ODD]).masked(text)
    assert "CRET" not in str(Secrets(lambda: [ODD]).masked({text: [text]}))
    assert b"CRET" not in Secrets(lambda: [ODD]).masked(text.encode())


def test_an_escaped_secret_in_the_message_of_a_server() -> None:
    """Of an argument that is a password."""
    client = hiding({"properties": {"v": HIDDEN}}, wrong=False)
    header = json.dumps({"fields": f"no {json.dumps(ODD)}"})
    answer = client.go.with_options(headers={"X-Answer": header})(fields={"v": ODD})

    assert "CRET" in str(answer.data)
    assert "CRET" not in str([*answer.problems, answer.masked().data, answer.masked().content])


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


def test_what_is_masked_is_still_reported() -> None:
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
