"""What is inferred of pages from the names in a description."""

from __future__ import annotations

import pytest

import dynclient
from dynclient import Pagination
from dynclient.calls.pagination_inference import infer_pagination
from dynclient.openapi.model import Operation
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


def _posting(name: str, path: str, status: str = "200", *, in_body: bool) -> Pagination | None:
    body = _object(name=_STRING, **({"offset": _INTEGER} if in_body else {}))
    operation: dict[str, JSON] = {
        "parameters": [] if in_body else [{"name": "offset", "in": "query", "schema": _INTEGER}],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {status: {"content": {"application/json": {"schema": _ITEMS}}}},
        **({"operationId": name} if name else {}),
    }
    client = dynclient.Client({"openapi": "3.1.0", "paths": {path: {"post": operation}}})
    return infer_pagination(client[name or f"POST {path}"].operation, client.document)


@pytest.mark.parametrize(
    ("name", "path", "status", "in_body"),
    [
        ("searchLabels", "/labels/search", "200", False),
        ("searchLabels", "/labels/search", "201", False),
        ("QueryChannels", "/channels", "201", True),
        ("labels.list", "/labels", "200", False),
        ("post_labels_execute_read", "/labels/execute_read", "200", True),
        ("", "/labels/search", "200", False),
        ("", "/labels/{id}/query", "200", True),
        ("labels", "/labels", "200", True),
        ("list_created_items", "/items", "200", False),
    ],
)
def test_a_post_that_asks_is_paged(name: str, path: str, status: str, in_body: bool) -> None:
    """As its name says, its path, or that it takes the offset in its body."""
    assert _posting(name, path, status, in_body=in_body) is not None


@pytest.mark.parametrize(
    ("name", "path", "status", "in_body"),
    [
        ("createLabels", "/labels", "201", False),
        ("createLabels", "/labels", "200", False),
        ("create_query", "/queries", "200", True),
        ("labels.create", "/labels", "200", True),
        ("updateSearch", "/search", "200", False),
        ("labels", "/labels", "200", False),
        ("labels", "/labels", "201", True),
        ("", "/labels", "200", False),
    ],
)
def test_a_post_that_changes_is_not_paged(name: str, path: str, status: str, in_body: bool) -> None:
    """Each page would be made again."""
    assert _posting(name, path, status, in_body=in_body) is None


@pytest.mark.parametrize(
    ("parameters", "header", "schema", "pagination"),
    [
        ({"page": _INTEGER}, "X-Next-Page", _INTEGER, Pagination("page", "X-Next-Page", items="")),
        ({"page": _INTEGER}, "Next-Page", {"type": "string", "format": "uri"}, Pagination(next="Next-Page", items="")),
        ({"limit": _INTEGER}, "Next-Page", _STRING, Pagination(next="Next-Page", items="")),
        ({"limit": _INTEGER}, "X-Next-Page", _INTEGER, None),
        ({"cursor": _STRING}, "X-Next-Cursor", _STRING, Pagination("cursor", "X-Next-Cursor", items="")),
        ({"limit": _INTEGER}, "X-Next-Cursor", _STRING, None),
        (
            {"page": _INTEGER},
            "x-total-count",
            _INTEGER,
            Pagination("page", items="", step="page", total_items="x-total-count"),
        ),
        (
            {"offset": _INTEGER},
            "X-Total-Count",
            _INTEGER,
            Pagination("offset", items="", step="items", start=0, total="X-Total-Count"),
        ),
        (
            {"page": _INTEGER},
            "X-Total-Pages",
            _INTEGER,
            Pagination("page", items="", step="page", total="X-Total-Pages"),
        ),
    ],
    ids=str,
)
def test_what_declared_headers_say(
    parameters: dict[str, JSON], header: str, schema: JSON, pagination: Pagination | None
) -> None:
    """By their usual names."""
    answer = {"content": {"application/json": {"schema": _ITEMS}}, "headers": {header: {"schema": schema}}}
    operation = {
        "operationId": "list",
        "parameters": [{"name": name, "in": "query", "schema": each} for name, each in parameters.items()],
        "responses": {"200": answer},
    }
    client = dynclient.Client({"openapi": "3.1.0", "paths": {"/pets": {"get": operation}}})

    assert infer_pagination(client.operations["list"], client.document) == pagination


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
