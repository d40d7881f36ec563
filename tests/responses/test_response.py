"""What came back, as data; and the errors that hold an answer."""

from __future__ import annotations

import copy
import html
import json
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
import requests
from urllib3 import HTTPResponse

import dynclient
from dynclient.credentials.secrets import Secrets
from dynclient.errors import Problem
from dynclient.openapi.model import Operation
from dynclient.responses.errors import ResponseError, StatusError, status_error
from dynclient.responses.response import Response, read, without_secrets

if TYPE_CHECKING:
    from tests.conftest import Loopback

HALF = "a text holds half a surrogate pair, which isn't a character"
OPERATION = Operation("getThing", "GET", "/thing")


def raw(body: bytes = b"", content_type: str = "", status: int = 200, reason: str = "") -> requests.Response:
    """An answer as requests would give it."""
    response = requests.Response()
    response.status_code = status
    response.reason = reason
    response._content = body
    response.raw = HTTPResponse(b"")
    if content_type:
        response.headers["Content-Type"] = content_type
    return response


def answer(*args: Any, **more: Any) -> Response:
    return read(OPERATION, raw(*args, **more))


@pytest.mark.parametrize(
    ("body", "content_type", "data"),
    [
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}),
        (b'{"a": 1}', "Application/JSON; charset=utf-8", {"a": 1}),
        (b'{"a": 1}', "application/problem+json", {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', "application/json", {"a": 1}),
        ('"ü"'.encode("utf-16"), "application/json", "ü"),
        (b"null", "application/json", None),
        (b"", "application/json", None),
        (b"", "", None),
        ("grün".encode(), "text/plain", "grün"),
        ("grün".encode("latin-1"), "text/plain; charset=ISO-8859-1", "grün"),
        ("grün".encode("latin-1"), 'text/plain; format=flowed; charset="latin-1"', "grün"),
        (b"gr\xfcn", "text/plain", "gr�n"),
        (b"\xef\xbb\xbfa", "text/csv", "a"),
        (b"\xef\xbb\xbfa", "text/csv; charset=utf-8", "a"),
        (b"a", "text/plain; charset=unheard-of", "a"),
        (b"a", "text/plain; charset=hex", "a"),
        (b"a", "text/plain; charset=undefined", "a"),
        (b"a", "text/plain; charset=idna", "a"),
        (b"a", "text/plain; charset=", "a"),
        (b"a", "text/plain; charset=a\0b", "a"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"<a/>", "image/svg+xml", "<a/>"),
        (b'{"a": 1}\n', "application/jsonl", '{"a": 1}\n'),
        (b"a=1&b=2", "application/x-www-form-urlencoded", "a=1&b=2"),
        (b"\x89PNG", "image/png", b"\x89PNG"),
        (b"%PDF", "", b"%PDF"),
    ],
)
def test_data(body: bytes, content_type: str, data: object) -> None:
    """By the Content-Type received."""
    assert answer(body, content_type).data == data


def told(response: Response) -> list[tuple[str, str]]:
    return [(problem.rule, problem.message) for problem in response.problems]


@pytest.mark.parametrize(
    ("body", "rule", "message"),
    [
        (
            b"<html>",
            "json-invalid",
            "it calls itself application/json but isn't JSON: Expecting value: line 1 column 1 (char 0)",
        ),
        (
            b'{"a": 1',
            "json-invalid",
            "it calls itself application/json but isn't JSON: Expecting ',' delimiter: line 1 column 8 (char 7)",
        ),
        (b'"\xff"', "json-invalid", "it calls itself application/json but isn't JSON: it is not text in utf-8"),
        (b"[" * 100_000, "too-deep", "it is nested too deeply to be read, and is handed over as text"),
        (
            b"[1, " + b"9" * 5000 + b"]",
            "number-too-long",
            "a number has more digits than Python reads; it is handed over as text",
        ),
    ],
    ids=["no JSON", "cut", "no UTF-8", "deep", "number"],
)
@pytest.mark.parametrize("closely", [True, False])
def test_content_that_is_not_read(body: bytes, rule: str, message: str, closely: bool) -> None:
    """It is handed over as text, and the problem says why; a use as a container repeats it."""
    response = read(OPERATION, raw(body, "application/json"), closely=closely)

    assert response.data == response.text == body.decode(errors="replace")
    assert told(response) == [(rule, message)]
    with pytest.raises(TypeError) as caught:
        response["id"]
    assert str(caught.value) == (
        f"the answer 200 to getThing isn't a JSON object or array (application/json): {message}; see its data"
    )


@pytest.mark.parametrize(
    ("body", "content_type", "data", "expected"),
    [
        (b"[NaN, 1]", "", "[nan, 1]", [("json-nan", "NaN isn't JSON (RFC 8259 §6); it is read as the float")]),
        (
            b'{"a": Infinity, "b": -Infinity}',
            "",
            "{'a': inf, 'b': -inf}",
            [
                ("json-nan", "Infinity isn't JSON (RFC 8259 §6); it is read as the float"),
                ("json-nan", "-Infinity isn't JSON (RFC 8259 §6); it is read as the float"),
            ],
        ),
        (b'["NaN"]', "", "['NaN']", []),
        (
            b'{"a": {"b": 1, "c": 2, "b": 3}, "d": {"b": 1}}',
            "",
            "{'a': {'b': 3, 'c': 2}, 'd': {'b': 1}}",
            [("duplicate-key", "'b' appears twice in one object; the last one counts")],
        ),
        (
            b'["\\ud83d"]',
            "",
            "['\\ud83d']",
            [("surrogate-lone", HALF)],
        ),
        (b'["\\ud83d\\ude00"]', "", "['\U0001f600']", []),
        (b'["\\uDE00"]', "", "['\\ude00']", [("surrogate-lone", HALF)]),
        (b'["\\ud83d\\ud83d\\ude00"]', "", "['\\ud83d\U0001f600']", [("surrogate-lone", HALF)]),
        (b'["\\\\ud83d"]', "", "['\\\\ud83d']", []),
        (
            b'["\xed\xa0\xbd"]',
            "",
            "['\\ud83d']",
            [("charset-wrong", "it holds half a surrogate pair, which UTF-8 cannot")],
        ),
        (
            b'["gr\xfcn"]',
            "; charset=ISO-8859-1",
            "['grün']",
            [("charset-wrong", "JSON is UTF-8; it is read as 'ISO-8859-1', as its Content-Type says")],
        ),
        (
            '["grün"]'.encode(),
            "; charset=ISO-8859-1",
            "['grün']",
            [("charset-wrong", "its Content-Type says 'ISO-8859-1'; it is read as utf-8")],
        ),
        (b'["a"]', "; charset=ISO-8859-1", "['a']", []),
        ('["grün"]'.encode(), '; charset="UTF-8"', "['grün']", []),
        ('["grün"]'.encode("utf-16"), "; charset=utf-16", "['grün']", []),
        ('["grün"]'.encode("utf-16-le"), "", "['grün']", []),
        ('\ufeff["grün"]'.encode(), "", "['grün']", []),
    ],
)
def test_json_with_faults(body: bytes, content_type: str, data: str, expected: list[tuple[str, str]]) -> None:
    """It is read, and each fault is reported; a byte order mark is none (RFC 8259 §8.1)."""
    response = answer(body, f"application/json{content_type}")

    assert (repr(response.data), told(response)) == (data, expected)
    assert read(OPERATION, raw(body, f"application/json{content_type}"), closely=False).problems == ()


def test_names_that_stand_twice_in_large_json() -> None:
    """They are not looked for beyond 64 KiB, for what that costs; what costs nothing is."""
    body = b'{"a": 1, "a": NaN, "b": "%s"}' % (b"x" * (1 << 16))

    assert [problem.rule for problem in answer(body, "application/json").problems] == ["json-nan"]


def test_many_names_that_stand_twice() -> None:
    """Some of them are reported."""
    body = b"[%s]" % b", ".join(b'{"%d": 1, "%d": 2}' % (n, n) for n in range(100))

    assert len(answer(body, "application/json").problems) == 20


@pytest.mark.parametrize(
    ("body", "charset", "named"),
    [
        (b"gr\xfcn", "", "'utf-8'"),
        (b"gr\xfcn", "; charset=utf8", "'utf-8'"),
        (b"a\x81", "; charset=windows-1252", "'cp1252'"),
        (b"a", "; charset=unheard-of", "'unheard-of'"),
        (b"a", "; charset=punycode", "'punycode'"),
        (b"a", f"; charset=utf{'-' * 30}_______8", "'utf------------------------------_______8'"),
    ],
)
def test_text_in_another_charset(body: bytes, charset: str, named: str) -> None:
    """It is read as far as it goes."""
    response = answer(body, f"text/plain{charset}")

    assert told(response) == [("charset-wrong", f"it is not text in {named}; what could not be read is replaced")]
    assert response.data == response.text
    assert read(OPERATION, raw(body, f"text/plain{charset}"), closely=False).problems == ()


@pytest.mark.parametrize("codec", ["punycode", "idna", "unicode_escape", "hex"])
def test_charsets_that_are_none(codec: str) -> None:
    """Python would take the square of the length for some, and others are no text."""
    assert answer(b"-\\x41" + b"b" * 50_000, f"text/plain; charset={codec}").text == "-\\x41" + "b" * 50_000


def test_broken_json_of_an_error() -> None:
    """The text is kept: it is the status that matters."""
    assert answer(b"<html>oops", "application/json", 500).data == "<html>oops"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, dynclient.BadRequest),
        (401, dynclient.Unauthorized),
        (402, StatusError),
        (403, dynclient.Forbidden),
        (404, dynclient.NotFound),
        (409, dynclient.Conflict),
        (422, dynclient.UnprocessableContent),
        (429, dynclient.RateLimited),
        (499, StatusError),
        (500, dynclient.ServerError),
        (599, dynclient.ServerError),
    ],
)
def test_class_of_a_status(status: int, kind: type[StatusError]) -> None:
    """The most telling one."""
    error = status_error(answer(status=status))

    assert (type(error), error.status_code) == (kind, status)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"error": {"message": "No such run", "code": "x"}}, ": No such run"),
        ({"error": "No such run"}, ": No such run"),
        ({"message": "No such run"}, ": No such run"),
        ({"detail": "No such run"}, ": No such run"),
        ({"title": "No such run", "status": 404}, ": No such run"),
        ({"message": "x" * 400}, f": {'x' * 297}..."),
        ({"message": "a\nb\x1b[31m"}, ": a b\\x1b[31m"),
        ({"detail": [{"loc": 1}]}, ': {"detail": [{"loc": 1}]}'),
        ({"detail": "Not Found"}, ""),
        (None, ""),
    ],
)
def test_text_of_a_status_error(data: object, said: str) -> None:
    """What the server says went wrong, where it is found."""
    error = status_error(answer(json.dumps(data).encode(), "application/json", 404, "Not Found"))

    assert str(error) == f"getThing: the server answered 404 Not Found{said}"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (b"<html><title>502 Bad Gateway</title>", " (HTML page)"),
        (b"<html><title>Back soon</title>", " (HTML page: Back soon)"),
    ],
)
def test_text_of_a_status_error_with_a_page(page: bytes, said: str) -> None:
    """A page for people is not quoted, and its title only where that adds something."""
    error = status_error(answer(page, "text/html", 502, "Bad Gateway"))

    assert str(error) == f"getThing: the server answered 502 Bad Gateway{said}"


@pytest.mark.parametrize("secret", ['pa"ss\\wörd/x', "tab\there  two", "pass&<word>"])
@pytest.mark.parametrize(
    ("kind", "write"),
    [
        ("application/json", lambda secret: json.dumps({"message": secret})),
        ("application/json", lambda secret: json.dumps({"errors": {secret: [f"no {secret}"]}})),
        ("application/json", lambda secret: json.dumps({"why": [secret]})),
        ("text/plain", lambda secret: json.dumps({"why": secret}, ensure_ascii=False)),
        ("text/plain", lambda secret: f"no {secret}"),
        ("text/html", lambda secret: f"<html><title>no {html.escape(secret)}</title>"),
        ("application/xml", lambda secret: f"<error>no {html.escape(secret)}</error>"),
        ("application/xml", lambda secret: f"<a><error>no {html.escape(secret)}</error>"),
        ("application/x-www-form-urlencoded", lambda secret: f"error={quote_plus(secret)}"),
    ],
)
def test_no_secret_in_the_text_of_a_status_error(secret: str, kind: str, write: Callable[[str], str]) -> None:
    """However it is written in the answer."""
    response = answer(write(secret).encode(), kind, 400, "Bad")
    response.secrets = Secrets(lambda: [secret])
    text = str(status_error(response))

    assert "***" in text
    assert not any(part in text for part in ("ss\\", "wörd", "there", "two", "pass", "word"))


def test_text_of_a_status_error_without_anything() -> None:
    """A plain answer is quoted; without one, the status is all."""
    assert str(status_error(answer(b"gone", "text/plain", 404))) == "getThing: the server answered 404: gone"
    assert str(status_error(answer(status=404))) == "getThing: the server answered 404"


def test_object_as_a_container() -> None:
    """Subscript, iteration, `in` and `len` are those of the data."""
    response = answer(b'{"id": "a", "object": "thread"}', "application/json")

    assert (response["id"], list(response), "object" in response, "x" in response, len(response)) == (
        "a",
        ["id", "object"],
        True,
        False,
        2,
    )


def test_array_as_a_container() -> None:
    """Likewise."""
    response = answer(b"[1, 2]", "application/json")

    assert (response[0], list(response), 2 in response, len(response)) == (1, [1, 2], True, 2)


@pytest.mark.parametrize(
    "use",
    [lambda response: response["id"], list, len, lambda response: "id" in response],
    ids=["subscript", "iteration", "len", "in"],
)
@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"<p>Sign in</p>", "text/html", "text/html"),
        (b"5", "application/json", "application/json"),
        (b"\xff", "image/png", "image/png"),
        (b"", "application/json", "no content"),
        (b"x", "", "no content type"),
    ],
)
def test_what_is_no_container(use: Any, body: bytes, content_type: str, kind: str) -> None:
    """The page of a proxy in place of JSON is reported as such, and not taken for its characters."""
    with pytest.raises(TypeError) as caught:
        use(answer(body, content_type))

    assert str(caught.value) == f"the answer 200 to getThing isn't a JSON object or array ({kind}); see its data"


def test_empty_answer_is_true() -> None:
    """An empty list is an answer too."""
    assert answer(b"[]", "application/json")


def test_repr() -> None:
    """Status, operation, type and size, and the data."""
    assert repr(answer(b"{}", "application/json")) == "<Response 200 getThing, application/json, 2 bytes>\n{}"
    assert repr(answer(status=204)) == "<Response 204 getThing, no content>"
    assert repr(answer(b"x", "")) == "<Response 200 getThing, no content type, 1 byte>\nb'x'"
    assert repr(answer(b"a\nb", "text/plain")).splitlines()[1:] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("id", "'Response' object has no attribute 'id'; write response['id']"),
        ("ids", "'Response' object has no attribute 'ids'"),
    ],
)
def test_a_member_of_the_data_is_no_attribute(name: str, message: str) -> None:
    """But it is said how to get at it."""
    with pytest.raises(AttributeError) as caught:
        getattr(answer(b'{"id": 1}', "application/json"), name)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        ({}, "getThing: the server answered 429 Too Many Requests"),
        ({"Retry-After": "0"}, "getThing: the server answered 429 Too Many Requests"),
        ({"Retry-After": "300"}, "getThing: the server answered 429 Too Many Requests. It asks to wait 300 seconds."),
    ],
)
def test_an_error_tells_how_long_the_server_asks_to_wait(wait: dict[str, str], told: str) -> None:
    """Where it asks at all."""
    response = raw(status=429, reason="Too Many Requests")
    response.headers.update(wait)

    assert str(dynclient.RateLimited(read(OPERATION, response))) == told


def test_repr_of_an_answer_with_problems() -> None:
    """Their number, and the first of them."""
    first, problem, *data = repr(answer(b"[NaN]", "application/json")).splitlines()
    assert first.endswith(", 5 bytes, 1 problem>")
    assert problem.startswith("  - response body")
    assert data == ["[", "  NaN", "]"]
    assert answer(b"[NaN, Infinity]", "application/json").headline.endswith(", 15 bytes, 2 problems>")


def test_equality() -> None:
    """By what came back, not by when."""
    assert answer(b"{}", "application/json") == answer(b"{}", "application/json")
    assert hash(answer(b"{}", "application/json")) == hash(answer(b"{}", "application/json"))
    assert answer(b"{}", "application/json") != answer(b"{}", "text/plain")
    assert answer() != 5


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda response: pickle.loads(pickle.dumps(response))])
def test_travel_without_raw(travel: Any) -> None:
    """What requests made of it stays behind: it holds the credentials that were sent."""
    response = answer(b'{"a": 1}', "application/json")
    other = travel(response)

    assert (other, other.data, other.text, other.raw) == (response, {"a": 1}, '{"a": 1}', None)
    assert response.raw is not None


@pytest.mark.parametrize(
    "error",
    [
        status_error(answer(b'{"message": "no"}', "application/json", 404)),
        ResponseError("is no JSON", answer(b"x", "text/plain")),
        ResponseError("does not fit", answer(b"x", "application/json"), answer(b"x", "application/json").problems),
    ],
)
@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_travel(error: Exception, travel: Any) -> None:
    """With their answer."""
    other = travel(error)

    assert (other, str(other), hash(other)) == (error, str(error), hash(error))


def test_text_of_a_response_error() -> None:
    """One problem on the line; several below, the first twenty of them."""
    response = answer(b"5", "application/json")
    problems = [Problem("response body", f"[{n}]", f"{n} is wrong", "type", n) for n in range(22)]

    assert str(ResponseError("no", response, problems[:1])) == "getThing: no: response body [0]: 0 is wrong"
    assert str(ResponseError("no", response, problems[:2])) == (
        "getThing: no\n  - response body [0]: 0 is wrong\n  - response body [1]: 1 is wrong"
    )
    assert str(ResponseError("no", response, problems)).split("\n")[-2:] == [
        "  - response body [19]: 19 is wrong",
        "  - and 2 more",
    ]


def test_response_error_shows_no_secret() -> None:
    """A message shows the beginning of a value, which may be that of a secret."""
    secret = "sk-" + "a" * 100
    problem = Problem("response body", "key", f"{secret[:50]}... is no number", "type", secret, "/key", "#/type")
    error = ResponseError("no", answer(), [without_secrets(problem, Secrets(lambda: [secret]))])

    assert str(error) == "getThing: no: response body: (type #/type)"
    assert without_secrets(problem, Secrets(lambda: ["other"])) == problem


def test_pickled_error_holds_no_credential(loopback: Loopback) -> None:
    """Nor does its text."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": loopback.url}],
        "paths": {"/go": {"get": {"operationId": "go", "security": [{"bearer": []}, {"key": []}]}}},
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "query", "name": "k"},
            }
        },
    }
    loopback.says(b'{"error": "no"}', status=403)
    for auth in ({"bearer": "sk-SECRET"}, {"key": "sk-SECRET"}):
        with pytest.raises(dynclient.Forbidden) as caught:
            dynclient.Client(document, auth=auth).go()

        assert "sk-SECRET" not in f"{caught.value}{caught.value!r}{pickle.dumps(caught.value)!r}"


def test_status_is_not_raised_when_not_wanted(loopback: Loopback) -> None:
    """Then `ok` tells."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": loopback.url}],
        "paths": {"/go": {"get": {"operationId": "go"}}},
    }
    loopback.says(b'{"error": "no"}', status=404)
    client = dynclient.Client(document, raise_for_status=False)

    response = client.go()

    assert (response.status_code, response.ok, response.reason, response.data) == (
        404,
        False,
        "Not Found",
        {"error": "no"},
    )
    with pytest.raises(dynclient.NotFound):
        client.go.with_options(raise_for_status=True)()


def test_answer_to_head(loopback: Loopback) -> None:
    """It has a Content-Type and no content."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": loopback.url}],
        "paths": {"/go": {"head": {"operationId": "go"}}},
    }

    assert dynclient.Client(document).go().data is None
