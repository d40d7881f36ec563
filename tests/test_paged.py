"""What is inferred of pages from the names in a description."""

from __future__ import annotations

import pytest

import dynclient
from dynclient import Pagination
from dynclient.model import Operation
from dynclient.paged import infer_pagination
from dynclient.types import JSON

_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_YES_NO = {"type": "boolean"}
_ITEMS = {"type": "array", "items": {"type": "object", "properties": {"id": _STRING}}}


def _inferred(
    parameters: dict[str, JSON], answer: JSON, method: str = "get", fields: dict[str, JSON] | None = None
) -> Pagination | None:
    content = {"application/json": {"schema": answer}}
    operation: dict[str, JSON] = {
        "operationId": "list",
        "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()],
        "responses": {"200": {"content": content}},
    }
    if fields is not None:
        schema = {"type": "object", "properties": fields}
        operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    client = dynclient.Client({"openapi": "3.1.0", "paths": {"/pets": {method: operation}}})
    return infer_pagination(client.operations["list"], client.document)


def _object(**properties: JSON) -> JSON:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("parameters", "answer", "pagination"),
    [
        (
            {"after": _STRING},
            _object(data=_ITEMS, last_id=_STRING, has_more=_YES_NO),
            Pagination("after", "/last_id", "/has_more", "/data"),
        ),
        (
            {"starting_after": _STRING},
            _object(data=_ITEMS, has_more=_YES_NO),
            Pagination("starting_after", "/data/-1/id", "/has_more", "/data"),
        ),
        (
            {"pageToken": _STRING},
            _object(items=_ITEMS, nextPageToken=_STRING),
            Pagination("pageToken", "/nextPageToken", items="/items"),
        ),
        (
            {"continue": _STRING},
            _object(items=_ITEMS, metadata=_object(**{"continue": _STRING})),
            Pagination("continue", "/metadata/continue", items="/items"),
        ),
        (
            {"cursor": _STRING},
            _object(data=_ITEMS, meta=_object(cursors=_object(next=_STRING))),
            Pagination("cursor", "/meta/cursors/next", items="/data"),
        ),
        (
            {"page": _STRING},
            _object(data=_ITEMS, next_page=_STRING, has_more=_YES_NO),
            Pagination("page", "/next_page", "/has_more", "/data"),
        ),
        (
            {"page": _INTEGER},
            _object(pets=_ITEMS, next={"type": ["string", "null"], "format": "uri"}),
            Pagination(next="/next", items="/pets"),
        ),
        (
            {"after": _STRING},
            _object(pets=_ITEMS, links=_object(next={"type": "string", "format": "uri"})),
            Pagination(next="/links/next", items="/pets"),
        ),
        (
            {},
            _object(pets=_ITEMS, _links=_object(next=_object(href=_STRING))),
            Pagination(next="/_links/next/href", items="/pets"),
        ),
        (
            {"page": {"type": "integer", "default": 0}},
            _object(pets=_ITEMS, total_pages=_INTEGER),
            Pagination("page", items="/pets", step="page", start=0, total="/total_pages"),
        ),
        ({"page": {"type": "integer", "minimum": 1}}, _ITEMS, Pagination("page", items="", step="page", start=1)),
        (
            {"skip": _INTEGER, "limit": _INTEGER},
            _object(results=_ITEMS, total=_INTEGER),
            Pagination("skip", items="/results", step="items", start=0, total="/total"),
        ),
    ],
    ids=str,
)
def test_what_published_documents_say(parameters: dict[str, JSON], answer: JSON, pagination: Pagination) -> None:
    """Each kind by the names that stand for it."""
    assert _inferred(parameters, answer) == pagination


@pytest.mark.parametrize(
    ("parameters", "answer"),
    [
        ({}, _object(data=_ITEMS)),
        ({}, _object(id=_STRING, url=_STRING)),
        ({"limit": _INTEGER}, _ITEMS),
        ({"after": _STRING}, _object(data=_ITEMS)),
        ({"start": {"type": "string", "format": "date-time"}}, _ITEMS),
        ({"offset": _INTEGER}, _object(one=_ITEMS, other=_ITEMS)),
        ({"page": _INTEGER}, _STRING),
    ],
)
def test_what_tells_of_no_pages(parameters: dict[str, JSON], answer: JSON) -> None:
    """Better no guess than a wrong one."""
    assert _inferred(parameters, answer) is None


def test_a_declared_link_header_is_followed() -> None:
    """Before anything is counted: the server knows best where its next page is."""
    page = {"name": "page", "in": "query", "schema": _INTEGER}
    answer = {"content": {"application/json": {"schema": _ITEMS}}, "headers": {"link": {"schema": _STRING}}}
    operation = {"operationId": "list", "parameters": [page], "responses": {"200": answer}}
    client = dynclient.Client({"openapi": "3.1.0", "paths": {"/pets": {"get": operation}}})

    assert infer_pagination(client.operations["list"], client.document) == Pagination(next="Link", items="")


def test_a_field_of_the_body_counts() -> None:
    """Where the list is asked for by POST, and the names stand in the body."""
    assert _inferred({}, _ITEMS, "post", {"offset": _INTEGER}) == Pagination("offset", items="", step="items", start=0)


@pytest.mark.parametrize("method", ["post", "delete"])
def test_what_is_made_or_deleted_has_no_pages(method: str) -> None:
    """Following a URL by POST would make another thing."""
    assert _inferred({}, _object(items=_ITEMS, next=_STRING), method) is None


def test_an_answer_that_is_no_json_has_no_pages() -> None:
    """Nor has an operation whose answers are not described."""
    client = dynclient.Client({"openapi": "3.1.0", "paths": {"/pets": {"get": {"operationId": "list"}}}})
    operation: Operation = client.operations["list"]

    assert infer_pagination(operation, client.document) is None


def test_the_lists_of_the_bundled_document() -> None:
    """All of OpenAI's lists go by the id of the last item."""
    client = dynclient.Client("openai")
    paged = {name: infer_pagination(operation, client.document) for name, operation in client.operations.items()}

    lists = {name: str(pagination) for name, pagination in paged.items() if pagination}
    assert lists.keys() >= {"listRuns", "listMessages", "listRunSteps", "listAssistants"}
    assert set(lists.values()) <= {"after from last_id, while has_more", "after from data.-1.id, while has_more"}
