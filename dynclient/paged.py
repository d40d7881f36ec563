"""
How an operation is paged, as far as the names in its description tell.

OpenAPI has no words for pages. The names below are those that published documents use; a wrong guess is overridden by
the option `pagination`, and `help()` tells what was guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dynclient import media
from dynclient.document import Document
from dynclient.model import Operation, ResponseDescription, Schema
from dynclient.paging import Pagination
from dynclient.pointers import escape_step, split_value_pointer
from dynclient.shape import Shape

_CURSORS = (
    "after", "starting_after", "startingAfter", "cursor", "page_cursor", "pageCursor", "page[cursor]", "page[after]",
    "next_cursor", "nextCursor", "start_cursor", "page_token", "pageToken", "next_page_token", "nextPageToken",
    "next_token", "nextToken", "NextToken", "continuation_token", "continuationToken", "continuation", "continue",
    "marker", "Marker", "after_id", "afterId", "scroll_id", "bookmark", "page_id",
)  # fmt: skip
_NEXT_CURSORS = (
    "last_id", "next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "NextToken",
    "next_page_cursor", "nextPageCursor", "end_cursor", "endCursor", "continuation_token", "continuationToken",
    "next_continuation_token", "next_marker", "nextMarker", "NextMarker", "continue", "scroll_id", "_scroll_id",
    "after_cursor", "next_page", "nextPage", "next", "after", "cursor", "marker", "bookmark",
)  # fmt: skip
_MORE = (
    "has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage", "more", "is_truncated", "isTruncated",
    "IsTruncated", "has_more_items",
)  # fmt: skip
_NEXT_URLS = (
    "@odata.nextLink", "odata.nextLink", "nextLink", "next_link", "next_url", "nextUrl", "next_page_url", "nextPageUrl",
    "next_page_uri", "nextPageUri", "next_href", "next", "next_page", "nextPage",
)  # fmt: skip
_LINK_URLS = ("href", "url")
_PAGES = (
    "page", "page_number", "pageNumber", "page_num", "pageNum", "page_no", "pageNo", "page[number]", "page_index",
    "pageIndex", "current_page", "currentPage", "pg",
)  # fmt: skip
_OFFSETS = ("offset", "skip", "$skip", "page[offset]", "start", "start_at", "startAt", "start_index", "startIndex")
_PAGE_TOTALS = ("total_pages", "totalPages", "page_count", "pageCount", "last_page", "lastPage", "num_pages")
_ITEM_TOTALS = ("total", "total_count", "totalCount", "total_items", "totalItems", "total_results", "totalResults")
_ITEMS = (
    "data", "items", "results", "value", "values", "records", "entries", "content", "elements", "objects", "resources",
    "members", "list", "rows", "hits", "_embedded",
)  # fmt: skip
_INSIDE = (
    "meta", "metadata", "_meta", "_metadata", "pagination", "paging", "page", "page_info", "pageInfo", "links",
    "_links", "response_metadata", "cursors", "cursor", "next",
)  # fmt: skip
_DEEP = 3
_METHODS = ("GET", "POST", "QUERY")


def infer_pagination(operation: Operation, document: Document) -> Pagination | None:
    """How the operation is paged; None where nothing in its description tells of pages."""
    described, answer = _answer(operation, document) if operation.method in _METHODS else (None, None)
    if described is None or answer is None:
        return None
    items = _items(operation, answer)
    more = _first(answer, _MORE, "boolean")
    cursor = _argument(operation, document, _CURSORS) or _argument(operation, document, _PAGES, "string")
    found = _first(answer, _NEXT_CURSORS, "string", "integer") if cursor else ""
    if found and not _is_link(answer, found):
        return Pagination(cursor, found, more, items)
    url = _first(answer, _NEXT_URLS, "string") or _linked(answer)
    if url and items is not None and operation.method == "GET":
        return Pagination(next=url, more=more, items=items)
    if cursor and more and items and "id" in _shape_at(answer, items).item(0).properties:
        return Pagination(cursor, f"{items}/-1/id", more, items)
    if operation.method == "GET" and any(header.name.lower() == "link" for header in described.headers):
        return Pagination(next="Link", items=items)
    return _by_counting(operation, document, answer, more, items)


def _by_counting(
    operation: Operation, document: Document, answer: Shape, more: str, items: str | None
) -> Pagination | None:
    if items is None:
        return None
    page = _argument(operation, document, _PAGES, "integer", "number")
    if page:
        total = _first(answer, _PAGE_TOTALS, "integer", "number")
        return Pagination(page, "", more, items, "page", _start(operation, page, 1), total)
    offset = _argument(operation, document, _OFFSETS, "integer", "number")
    if offset:
        total = _first(answer, _ITEM_TOTALS, "integer", "number")
        return Pagination(offset, "", more, items, "items", _start(operation, offset, 0), total)
    return None


def _answer(operation: Operation, document: Document) -> tuple[ResponseDescription | None, Shape | None]:
    """The answer that means success, and its JSON."""
    for answer in operation.responses:
        if answer.status[:1] == "2":
            schemas = [each.schema for each in answer.content if media.is_json(each.name) and each.schema is not None]
            if schemas:
                return answer, Shape(document, schemas[:1])
    return None, None


def _argument(operation: Operation, document: Document, names: Sequence[str], *types: str) -> str:
    """The first of these names that an optional parameter or field of the body has, and may be of such a type."""
    known: dict[str, Schema | None] = {
        parameter.name: parameter.schema
        for parameter in operation.parameters
        if parameter.location in ("query", "header") and not parameter.required
    }
    for field in operation.body.fields if operation.body else ():
        if not field.required:
            known.setdefault(field.name, field.schema)
    return next((name for name in names if name in known and _may_be(Shape(document, [known[name]]), types)), "")


def _first(shape: Shape, names: Sequence[str], *types: str) -> str:
    """The pointer to the first of these properties, at the top or inside an object that tells of the page."""
    for prefix, place in _places(shape, "", _DEEP):
        for name in names:
            if name in place.properties and _may_be(place.member(name), types):
                return f"{prefix}/{escape_step(name)}"
    return ""


def _is_link(answer: Shape, pointer: str) -> bool:
    """Whether a URL stands there, and no cursor."""
    return "links/" in pointer or bool(_shape_at(answer, pointer).formats & {"uri", "uri-reference", "url"})


def _linked(answer: Shape) -> str:
    """The pointer to the URL in an object that is the link to the next page, such as HAL's `_links.next.href`."""
    for prefix, place in _places(answer, "", _DEEP):
        for name in _LINK_URLS:
            if prefix.endswith("/next") and name in place.properties and _may_be(place.member(name), ("string",)):
                return f"{prefix}/{name}"
    return ""


def _places(shape: Shape, prefix: str, depth: int) -> Iterator[tuple[str, Shape]]:
    yield prefix, shape
    for name in _INSIDE:
        if depth > 1 and name in shape.properties:
            yield from _places(shape.member(name), f"{prefix}/{name}", depth - 1)


def _may_be(shape: Shape, types: Sequence[str]) -> bool:
    return not types or shape.types <= {*types, "null"}


def _items(operation: Operation, answer: Shape) -> str | None:
    """The pointer to the list of items; None where several could be."""
    if "array" in answer.types:
        return ""
    lists = [name for name in answer.properties if "array" in answer.member(name).types]
    static = [part for part in operation.path.strip("/").split("/") if "{" not in part]
    for name in (*_ITEMS, *static[-1:]):
        if name in lists:
            return f"/{escape_step(name)}"
    return f"/{escape_step(lists[0])}" if len(lists) == 1 else None


def _shape_at(answer: Shape, pointer: str) -> Shape:
    for step in split_value_pointer(pointer):
        answer = answer.member(step)
    return answer


def _start(operation: Operation, name: str, usual: int) -> int:
    """The first value of a parameter that counts: its default, or 0 where that is said to be the least."""
    schemas = {field.name: field.schema for field in (operation.body.fields if operation.body else ())}
    schemas |= {parameter.name: parameter.schema for parameter in operation.parameters if parameter.schema}
    contents = schemas[name].contents if name in schemas else None
    said = contents.get("default", contents.get("minimum")) if isinstance(contents, Mapping) else None
    return said if said in (0, 1) and not isinstance(said, bool) else usual
