"""Calls with XML: what is sent for data, what an answer is read as, and what the mock says."""

from __future__ import annotations

import math
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from dynclient.errors import InvalidRequest
from dynclient.mock import MockApp
from dynclient.responses import ResponseError
from dynclient.types import JSON
from tests.drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401

if TYPE_CHECKING:
    from tests.conftest import Loopback, Recorder

TYPE = "application/xml"
PET: dict[str, JSON] = {
    "type": "object",
    "xml": {"name": "pet"},
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string"},
        "age": {"type": "integer"},
    },
}
PET_REF = {"$ref": "#/components/schemas/Pet"}
BOMB = "<!DOCTYPE pet [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;'>]><pet>&b;</pet>"
OPERATION: dict[str, JSON] = {
    "operationId": "addPet",
    "requestBody": {"content": {TYPE: {"schema": PET_REF}}},
    "responses": {"200": {"description": "", "content": {TYPE: {"schema": PET_REF}}}},
}
PETS: dict[str, JSON] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {"/pets": {"post": OPERATION}},
    "components": {"schemas": {"Pet": PET}},
}


def test_a_call(recorder: Recorder) -> None:
    """Data, keywords and text are sent as the same XML."""
    client = made(PETS, base_url=recorder.url, validate_response="off")
    sent = []
    for arguments in ({"body": {"id": 5, "name": "a<b"}}, {"id": 5, "name": "a<b"}):
        client.addPet(**arguments)
        sent.append(recorder.last())
    client.addPet(body='<pet id="5"><name>a&lt;b</name></pet>')

    assert recorder.last().endswith(b'\r\n\r\n<pet id="5"><name>a&lt;b</name></pet>')
    assert [each.partition(b"\r\n\r\n")[2] for each in sent] == [b'<pet id="5"><name>a&lt;b</name></pet>'] * 2
    assert b"Content-Type: application/xml\r\n" in sent[0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "Rex"}, "body id: required"),
        ({"id": "five"}, "body id: 'five' is not an integer"),
        ({"id": 5, "a b": 1}, "'a b' isn't a name in XML"),
    ],
)
def test_a_wrong_call(recorder: Recorder, body: JSON, message: str) -> None:
    """Data is validated as JSON is; nothing is sent."""
    with pytest.raises(InvalidRequest, match=message):
        made(PETS, base_url=recorder.url).addPet(body=body)

    assert recorder.requests == []


def test_the_charset_of_the_media_type(recorder: Recorder) -> None:
    """It is the encoding of what is written."""
    content = {"application/xml; charset=iso-8859-1": {"schema": PET_REF}}
    contents = {**PETS, "paths": {"/pets": {"post": {**OPERATION, "requestBody": {"content": content}}}}}
    made(contents, base_url=recorder.url, validate_response="off").addPet(id=5, name="é")

    assert recorder.last().endswith(b'<pet id="5"><name>\xe9</name></pet>')


def test_json_where_both_are_declared(recorder: Recorder) -> None:
    """Data is sent as JSON, unless the caller asks for XML."""
    content = {TYPE: {"schema": PET_REF}, "application/json": {"schema": PET_REF}}
    contents = {**PETS, "paths": {"/pets": {"post": {**OPERATION, "requestBody": {"content": content}}}}}
    add = made(contents, base_url=recorder.url, validate_response="off").addPet
    bodies = []
    for caller in (add, add.with_options(content_type=TYPE)):
        caller(id=5)
        bodies.append(recorder.last().partition(b"\r\n\r\n")[2])

    assert bodies == [b'{"id":5}', b'<pet id="5"/>']


def answered(loopback: Loopback, content: bytes, kind: str = TYPE, **options: Any) -> Any:
    loopback.says(content, kind)
    return made(PETS, base_url=loopback.url, **options).addPet(id=1)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("<pet id='5'><name>é</name></pet>".encode(), TYPE),
        ("<pet id='5'><name>é</name></pet>".encode("latin-1"), "application/xml; charset=latin-1"),
        ("<?xml version='1.0' encoding='latin-1'?><pet id='5'><name>é</name></pet>".encode("latin-1"), TYPE),
        ("<pet id='5'><name>é</name></pet>".encode("utf-16"), TYPE),
        ("<?xml version='1.0' encoding='utf-16'?><pet id='5'><name>é</name></pet>".encode(), TYPE),
    ],
)
def test_an_answer(loopback: Loopback, content: bytes, kind: str) -> None:
    """It is data by its schema, in whichever encoding it comes, and its text is what came."""
    answer = answered(loopback, content, kind)

    assert (answer.data, answer["name"], answer.problems) == ({"id": 5, "name": "é"}, "é", ())
    assert answer.text.lstrip("\ufeff").endswith("<name>é</name></pet>")
    assert pickle.loads(pickle.dumps(answer)).data == answer.data


@pytest.mark.parametrize(
    ("content", "rules", "data"),
    [
        (b"<pet/>", ["required"], {}),
        (b"<pet id='five'/>", ["type"], {"id": "five"}),
        (b"<pet id='5'><age>old</age></pet>", ["type"], {"id": 5, "age": "old"}),
        (b"oops", ["xml-invalid"], "oops"),
        (BOMB.encode(), ["xml-invalid"], BOMB),
        (b"<error/>", ["xml-root"], "<error/>"),
    ],
)
def test_a_wrong_answer(loopback: Loopback, content: bytes, rules: list[str], data: JSON) -> None:
    """Data is validated; what cannot be read stays text. Under "raise" it is an error."""
    answer = answered(loopback, content)

    assert ([problem.rule for problem in answer.problems], answer.data) == (rules, data)
    with pytest.raises(ResponseError, match=rules[0] if rules[0] == "required" else "does not fit"):
        answered(loopback, content, validate_response="raise")


def test_text_where_no_data_is_described(loopback: Loopback) -> None:
    """A schema that describes text, or nothing, leaves the XML as it came."""
    for schema in ({"type": "string"}, {}):
        contents = {**PETS, "components": {"schemas": {"Pet": schema}}}
        loopback.says(b"<a/>", TYPE)
        assert made(contents, base_url=loopback.url).addPet(body="<b/>").data == "<a/>"


def test_the_mock() -> None:
    """It reads and validates what is sent, and its examples are XML."""
    app = MockApp(PETS)
    client = made(PETS, app=app, base_url="http://api.test")
    answer = client.addPet(id=5, name="Rex")

    assert (answer.data, answer.text) == ({"id": 0}, '<pet id="0"/>')
    assert app.requests[0].body == b'<pet id="5"><name>Rex</name></pet>'
    for wrong, message in [("<pet/>", "required"), ("<pet", "isn't XML"), ("<cat/>", "its root is <cat>")]:
        refused = client.addPet.with_options(raise_for_status=False)(body=wrong)
        assert (refused.status_code, message in refused.text) == (400, True)


def test_numbers_that_are_no_numbers() -> None:
    """NaN is refused before anything is written."""
    client = made(PETS, app=MockApp(PETS), base_url="http://api.test")

    with pytest.raises(InvalidRequest):
        client.addPet(body={"id": 5, "weight": math.nan})
