"""What is deprecated is reported once: by the document as a warning, by the server in the log."""

from __future__ import annotations

import copy
import logging
import warnings
from pathlib import Path
from typing import Any

import pytest

import dynclient
from dynclient.calls.deprecation import announcement
from dynclient.types import JSON
from tests.drivers import _driver, generate as pytest_generate_tests, made  # noqa: F401
from tests.faultserver import FaultServer, answering
from tests.places import TESTS

OLD = {"type": "string", "deprecated": True}
OK = {"200": {"description": "fine"}}


def document(operation: JSON, url: str = "http://api.test", **more: JSON) -> dict[str, JSON]:
    described = {"operationId": "op", "responses": OK, **operation}
    paths = {"/x": {"post": described, "get": {"operationId": "fine", "responses": OK}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": url}],
        "paths": paths,
        **more,
    }


def body(schema: JSON) -> dict[str, JSON]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def warned(call: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert {warning.category for warning in caught} <= {dynclient.OperationDeprecated}
    assert {Path(warning.filename).parent for warning in caught} <= {Path(__file__).parent, TESTS}  # the driver awaits
    return [str(warning.message) for warning in caught]


def test_an_operation() -> None:
    """Its first call warns, at the caller's line; others do not, nor those of copies with other options."""
    with FaultServer() as server:
        client = made(document({"deprecated": True}, server.url))

        assert warned(lambda: client.op()) == ["op: the document calls the operation deprecated"]
        assert warned(lambda: client.op()) == []
        assert warned(lambda: client.with_options(timeout=3).op()) == []
        assert warned(lambda: client.op.with_options(timeout=3)()) == []
        assert warned(lambda: client.fine.prepare()) == []


def test_another_client() -> None:
    """It has not been reported yet; a copy of a client has."""
    contents = document({"deprecated": True})
    client = dynclient.Client(contents)

    assert [len(warned(each.op.prepare)) for each in (client, copy.copy(client), dynclient.Client(contents))] == [
        1,
        0,
        1,
    ]


@pytest.mark.parametrize(
    ("operation", "arguments", "used"),
    [
        (
            {"parameters": [{"name": "q", "in": "query", "deprecated": True, "schema": {}}]},
            {"q": "a"},
            "query parameter 'q'",
        ),
        ({"parameters": [{"name": "h", "in": "header", "schema": OLD}]}, {"h": "a"}, "header parameter 'h'"),
        (
            {"parameters": [{"name": "c", "in": "cookie", "schema": {"$ref": "#/components/schemas/Old"}}]},
            {"c": "a"},
            "cookie parameter 'c'",
        ),
        (body({"properties": {"old": OLD}}), {"old": "a"}, "body field 'old'"),
        (body({"properties": {"old": OLD}}), {"body": {"old": "a"}}, "body field 'old'"),
        (
            body({"allOf": [{"properties": {"old": {"$ref": "#/components/schemas/Old"}}}]}),
            {"old": "a"},
            "body field 'old'",
        ),
    ],
)
def test_parts(operation: JSON, arguments: dict[str, JSON], used: str) -> None:
    """A parameter or a field of the body warns where it is given, and `help()` says so."""
    client = made(document(operation, components={"schemas": {"Old": OLD}}))

    assert warned(lambda: client.op.prepare(**(arguments if "body" in arguments else {}))) == (
        [f"op: the document calls its {used} deprecated"] if "body" in arguments else []
    )
    assert warned(lambda: client.op.prepare(**arguments)) == (
        [] if "body" in arguments else [f"op: the document calls its {used} deprecated"]
    )
    assert ", deprecated)" in dynclient.Client(client.document).op.__doc__


def test_where_warnings_are_errors() -> None:
    """Nothing is sent, and the next call fails as well."""
    with FaultServer() as server:
        client = made(document({"deprecated": True}, server.url))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(2):
                with pytest.raises(dynclient.OperationDeprecated):
                    client.op()

        assert server.seen == []


def test_what_the_server_says(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged once, and is no warning, for the call was carried out."""
    announced = answering(b"{}", Sunset="Sun, 30 Jun 2030 23:59:59 GMT", Deprecation="@1688169599")
    with FaultServer(announced) as server:
        client = made(document({}, server.url))
        with caplog.at_level(logging.WARNING, "dynclient"):
            assert [client.op().status_code, client.op().status_code] == [200, 200]

    assert caplog.messages == [
        "op: the server says that the operation is deprecated since 2023-06-30 and ends on 2030-06-30"
    ]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, ""),
        ({"Deprecation": "@1688169599"}, "the operation is deprecated since 2023-06-30"),
        ({"Deprecation": "@1688169599;x=1"}, "the operation is deprecated since 2023-06-30"),
        ({"Deprecation": "true"}, "the operation is deprecated"),
        ({"Deprecation": "Sun, 30 Jun 2024 23:59:59 GMT"}, "the operation is deprecated since 2024-06-30"),
        ({"Deprecation": "@999999999999"}, "the operation is deprecated"),
        ({"Deprecation": "\x1b[31m"}, "the operation is deprecated"),
        ({"Deprecation": "false"}, ""),
        ({"Sunset": "Sun, 30 Jun 2030 23:59:59 GMT"}, "the operation ends on 2030-06-30"),
        ({"Sunset": "soon"}, "the operation will end"),
    ],
)
def test_the_words(headers: dict[str, str], said: str) -> None:
    """RFC 8594 and RFC 9745, the drafts before them, and what is neither."""
    assert announcement(headers) == said
