"""What the server says went wrong, as published documents and common frameworks put it."""

from __future__ import annotations

import json

import pytest

from dynclient.responses.messages import LONGEST, Said, said, visible
from dynclient.types import JSON


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # One object.
        ({"error": "No such run"}, "No such run"),
        ({"error": {"message": "No such run", "code": "x"}}, "No such run"),
        ({"error": "NotFoundError", "message": "No thing 'a'"}, "NotFoundError: No thing 'a'"),
        (
            {"message": "op: query a: long", "problems": [{"location": "query", "name": "a", "message": "long"}]},
            "op: query a: long",
        ),
        ({"errors": [{"location": "query", "name": "a", "message": "no"}]}, "query a: no"),
        ({"Code": "NoSuchKey", "Message": "The key does not exist."}, "The key does not exist."),
        ({"__type": "ValidationException", "message": "1 error"}, "1 error"),
        (
            {"error": "invalid_grant", "error_description": "The code has expired."},
            "invalid_grant: The code has expired.",
        ),
        ({"msg": "no"}, "no"),
        ({"reason": "no"}, "no"),
        ({"description": "no"}, "no"),
        ({"code": 5, "error": "no", "message": "no", "details": []}, "no"),
        ({"status": {"error": "Wrong input: x"}, "time": 0.0}, "Wrong input: x"),
        ({"error": {"root_cause": [{"type": "a"}], "type": "b", "reason": "no such index [x]"}}, "no such index [x]"),
        ({"odata.error": {"code": "1"}, "error": {"message": {"lang": "en", "value": "Not here."}}}, "Not here."),
        ({"fault": {"faultstring": "Invalid key", "detail": {"errorcode": "x"}}}, "Invalid key; x"),
        ({"code": "rate_limited"}, "rate_limited"),
        # Problem details (RFC 9457 §3).
        (
            {
                "type": "https://a.test/credit",
                "title": "Not enough credit.",
                "detail": "Your balance is 30.",
                "balance": 3,
            },
            "Not enough credit: Your balance is 30.",
        ),
        (
            {"title": "Not valid.", "errors": [{"detail": "must be positive", "pointer": "#/age"}]},
            "Not valid; #/age: must be positive",
        ),
        ({"title": "Bad", "invalid-params": [{"name": "age", "reason": "too low"}]}, "Bad; age: too low"),
        # Lists of errors.
        ({"errors": [{"message": "Invalid credentials.", "extensions": {"code": "X"}}]}, "Invalid credentials."),
        ({"errors": ["one", "two"]}, "one; two"),
        ({"data": None, "errors": [{"message": "no", "path": ["pets", 0, "name"]}]}, "pets[0].name: no"),
        (
            {"errors": [{"title": "Invalid", "detail": "too short", "source": {"pointer": "/data/name"}}]},
            "/data/name: Invalid: too short",
        ),
        (
            {"message": "Validation Failed", "errors": [{"resource": "Issue", "field": "title", "code": "missing"}]},
            "Validation Failed; title: missing",
        ),
        ([{"message": "no", "errorCode": "X"}], "no"),
        (
            {"statusCode": 400, "message": ["a must be text", "b is empty"], "error": "Bad"},
            "Bad; a must be text; b is empty",
        ),
        ({"errors": [f"error {number}" for number in "abcdef"]}, "error a; error b; error c; and 3 more"),
        ({"errors": [f"error {number}" for number in range(200)]}, "error 0; error 1; error 2; and more"),
        ({"errors": [{"message": "same"}, {"message": "same"}]}, "same"),
        # Fields and what is wrong with each.
        (
            {"detail": [{"loc": ["body", "age"], "msg": "Field required", "type": "missing"}]},
            "body.age: Field required",
        ),
        ({"name": ["This field is required."]}, "name: This field is required."),
        ({"non_field_errors": ["They do not match."]}, "They do not match."),
        ({"errors": {"name": ["can't be blank", "is short"]}}, "name: can't be blank; name: is short"),
        (
            {"message": "The data was invalid.", "errors": {"email": ["The email is required."]}},
            "The data was invalid; email: The email is required.",
        ),
        (
            {
                "code": 50035,
                "message": "Invalid Form",
                "errors": {"a": {"0": {"_errors": [{"code": "X", "message": "no"}]}}},
            },
            "Invalid Form; a.0: no",
        ),
        # What repeats the status says nothing.
        ({"detail": "Not Found"}, ""),
        ({"status": 404, "error": "Not Found", "message": "No message for /x", "path": "/x"}, "No message for /x"),
        # None of these.
        ({"ok": False, "why": "x"}, '{"ok": false, "why": "x"}'),
        ({"ok": False, "access_token": "abcdefgh"}, '{"ok": false, "access_token": "***"}'),
        ([1], "[1]"),
        (None, ""),
        ({}, ""),
        ("plain text", "plain text"),
    ],
    ids=str,
)
def test_a_message_wherever_it_stands(data: JSON, text: str) -> None:
    """In JSON."""
    assert said(data, "application/json", "404 Not Found") == Said(text)


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream", ""])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_json_in_a_content_of_another_type(kind: str, as_bytes: bool) -> None:
    """What it is counts, not what it is called."""
    text = ' {"error": {"message": "no"}}\n'

    assert said(text.encode() if as_bytes else text, kind) == Said("no")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>No &lt;key&gt;</Message></Error>", "No <key>"),
        (
            '<r:A xmlns:r="urn:r"><r:Errors><r:Error><r:Message>no</r:Message></r:Error></r:Errors></r:A>',
            "no",
        ),
        (
            "<Envelope><Body><Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></Fault></Body></Envelope>",
            "s:Client: no",
        ),
        ("<error>no</error>", "no"),
        ('<error message="no"/>', "no"),
        ("<a><b>1</b></a>", '{"b": "1"}'),
        ("<a><b>broken &amp; short", "<a><b>broken & short"),
        ('<!DOCTYPE a [<!ENTITY e "no">]><error>&e;</error>', '<!DOCTYPE a [<!ENTITY e "no">]><error>&e;</error>'),
    ],
)
def test_a_message_in_xml(text: str, message: str) -> None:
    """By the same names; without a document type, which may hold entities that grow."""
    assert said(text, "application/xml") == Said(message)


def test_a_message_in_a_form() -> None:
    """As some token endpoints answer."""
    form = "error=invalid_request&error_description=no+code"

    assert said(form, "application/x-www-form-urlencoded") == Said("invalid_request: no code")


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx", ""),
        ("<!DOCTYPE html><html><title>Down for maintenance</title>", "Down for maintenance"),
        ("<!doctype html><title>Error</title><body><pre>Cannot GET &quot;/x&quot;</pre>", 'Cannot GET "/x"'),
        ("<?xml version='1.0'?><html xmlns='x'><head><title lang='en'>Gone</title></head></html>", "Gone"),
        ("<html>" + "<title" * 20_000, ""),
    ],
)
@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
def test_a_page_for_people_by_its_title(page: str, title: str, kind: str) -> None:
    """Whatever it is called, and where the title says more than the status."""
    assert said(page, kind, "502 Bad Gateway") == Said(title, is_page=True)


def test_text_that_is_called_html() -> None:
    """PHP calls everything so."""
    assert said("no route: 1 < 2", "text/html") == Said("no route: 1 < 2")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", b"a\x00b", b"\xff\xfe"])
def test_bytes_that_are_no_text(content: bytes) -> None:
    """They say nothing."""
    assert said(content, "image/png") == Said("")


@pytest.mark.parametrize("depth", [50, 900])
def test_data_without_an_end(depth: int) -> None:
    """It is looked at as far as is worth the time."""
    nested: JSON = {"errors": [{"why": 1}] * 1000}
    for _ in range(depth):
        nested = {"errors": [nested] * 20}

    assert len(said(nested).text) < 5000


def test_xml_without_an_end() -> None:
    """Likewise."""
    assert said("<a>" * 5000 + "</a>" * 5000, "application/xml").text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n\t b ", "a b"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\u202egnp", "\\u202egnp"),
        ("größer ☃", "größer ☃"),
        ("x" * 400, "x" * (LONGEST - 3) + "..."),
        (json.dumps("x" * LONGEST)[1:-1], "x" * LONGEST),
    ],
)
def test_a_text_of_others_in_a_line_of_ours(text: str, shown: str) -> None:
    """It cannot begin a line, colour a terminal, or fill a screen."""
    assert visible(text) == shown
