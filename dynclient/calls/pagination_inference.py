"""
How an operation is paged, inferred from the names in its description.

OpenAPI has no words for pages. The names below are those of published documents. `help()` of an operation shows what
was inferred, and the option `pagination` overrides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dynclient.calls.paging import Pagination
from dynclient.documents import Document, escape_step, split_value_pointer
from dynclient.http import media_types
from dynclient.openapi import Operation, Parameter, ResponseDescription, Schema, SchemaView
from dynclient.support import snake_case

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
_URL_FORMATS = frozenset({"uri", "uri-reference", "url"})
_PAGES = (
    "page", "page_number", "pageNumber", "page_num", "pageNum", "page_no", "pageNo", "page[number]", "page_index",
    "pageIndex", "current_page", "currentPage", "pg",
)  # fmt: skip
_OFFSETS = ("offset", "skip", "$skip", "page[offset]", "start", "start_at", "startAt", "start_index", "startIndex")
_PAGE_TOTALS = (
    "total_pages", "totalPages", "page_count", "pageCount", "last_page", "lastPage", "num_pages", "numPages",
    "number_of_pages", "numberOfPages", "pages",
)  # fmt: skip
_ITEM_TOTALS = (
    "total", "total_count", "totalCount", "total_items", "totalItems", "total_results", "totalResults", "total_records",
    "totalRecords", "total_entries", "totalEntries", "total_elements", "totalElements", "total_rows", "totalRows",
)  # fmt: skip
_PERHAPS_TOTALS = ("count", "item_count", "itemCount")
# Headers, in lower case.
_PAGE_TOTAL_HEADERS = (
    "x-total-pages", "total-pages", "x-page-count", "x-pagination-total-pages", "x-pagination-page-count",
    "x-wp-totalpages",
)  # fmt: skip
_ITEM_TOTAL_HEADERS = (
    "x-total-count", "x-total", "x-total-items", "x-total-results", "total-count", "total-objects", "total-records",
    "x-pagination-total", "x-pagination-total-count", "x-wp-total",
)  # fmt: skip
_NEXT_HEADERS = (
    "next-page", "x-next-page", "x-pagination-next-page", "x-next-page-url", "x-next-url", "x-next", "next",
)  # fmt: skip
_NEXT_CURSOR_HEADERS = (
    "x-next-cursor", "next-cursor", "x-pagination-next-cursor", "x-next-page-token", "next-page-token", "x-next-token",
    "next-token", "x-continuation-token", "x-ms-continuation", "x-ms-continuationtoken", "x-after-cursor", "x-cursor",
)  # fmt: skip
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
# The first of these words in an operation's name says whether a POST reads or changes.
_READING = frozenset({
    "browse", "count", "fetch", "filter", "find", "get", "history", "list", "lookup", "query", "read", "retrieve",
    "scan", "scroll", "search", "select",
})  # fmt: skip
_CHANGING = frozenset({
    "add", "append", "apply", "assign", "attach", "cancel", "clone", "copy", "create", "delete", "disable", "edit",
    "enable", "generate", "import", "insert", "invite", "make", "merge", "move", "new", "patch", "publish", "register",
    "remove", "replace", "restore", "save", "send", "set", "start", "stop", "store", "submit", "sync", "update",
    "upload", "upsert", "write",
})  # fmt: skip


def infer_pagination(operation: Operation, document: Document) -> Pagination | None:
    """Return how an operation is paged; None if its description does not say, or its calls change something."""
    described, answer = _answer(operation, document) if operation.method in _METHODS else (None, None)
    if described is None or answer is None:
        return None
    found = _inferred(operation, document, described, answer)
    return None if found and operation.method == "POST" and not _reads(operation, found.parameter) else found


def _reads(operation: Operation, parameter: str) -> bool:
    """
    Whether a POST only asks for something, and so may be repeated with another value of `parameter`.

    Its operationId decides, or else a word of its path, or else whether the parameter is a field of the body: a body
    that creates something has no cursor.
    """
    words = _words(operation.id)
    verb = next((word for word in words if word in _READING or word in _CHANGING), "")
    static = [part for part in operation.path.split("/") if "{" not in part]
    if verb or not _READING.isdisjoint(word for part in static for word in _words(part)):
        return verb not in _CHANGING
    in_query = any(each.name == parameter for each in operation.parameters)
    return not in_query and any(answer.status in ("200", "2XX") for answer in operation.responses)


def _words(name: str) -> list[str]:
    return re.split("[^a-z0-9]+", snake_case(name))


def _inferred(
    operation: Operation, document: Document, described: ResponseDescription, answer: SchemaView
) -> Pagination | None:
    items = _items(operation, answer)
    more = _first(answer, _MORE, "boolean")
    cursor = _argument(operation, document, _CURSORS) or _argument(operation, document, _PAGES, "string")
    found = _first(answer, _NEXT_CURSORS, "string", "integer") if cursor else ""
    if found and not _is_link(answer, found):
        return Pagination(cursor, found, more, items)
    url = _first(answer, _NEXT_URLS, "string") or _linked(answer)
    if url and items is not None and operation.method == "GET":
        return Pagination(next=url, more=more, items=items)
    if cursor and more and items and "id" in _view_at(answer, items).item(0).properties:
        return Pagination(cursor, f"{items}/-1/id", more, items)
    if operation.method == "GET" and _header(described, ("link",)):
        return Pagination(next="Link", more=more, items=items)
    return _by_header(operation, document, described, more, items) or _by_counting(
        operation, document, described, answer, more, items
    )


def _by_header(
    operation: Operation, document: Document, described: ResponseDescription, more: str, items: str | None
) -> Pagination | None:
    """If a header has the next cursor, the number of the next page, or its URL."""
    cursor, header = _argument(operation, document, _CURSORS), _header(described, _NEXT_CURSOR_HEADERS)
    if cursor and header:
        return Pagination(cursor, header.name, more, items)
    header = _header(described, _NEXT_HEADERS)
    if header is None:
        return None
    view = SchemaView(document, [header.schema])
    page = "" if view.formats & _URL_FORMATS else _argument(operation, document, _PAGES) or cursor
    is_url = operation.method == "GET" and _may_be(view, ("string",))
    return Pagination(page, header.name, more, items) if page or is_url else None


def _by_counting(
    operation: Operation,
    document: Document,
    described: ResponseDescription,
    answer: SchemaView,
    more: str,
    items: str | None,
) -> Pagination | None:
    if items is None:
        return None
    whole = _total(described, answer, _ITEM_TOTALS, _ITEM_TOTAL_HEADERS) or _total(described, answer, _PERHAPS_TOTALS)
    page = _argument(operation, document, _PAGES, "integer", "number")
    if page:
        total = _total(described, answer, _PAGE_TOTALS, _PAGE_TOTAL_HEADERS)
        return Pagination(page, "", more, items, "page", _start(operation, page, 1), total, whole)
    offset = _argument(operation, document, _OFFSETS, "integer", "number")
    if offset:
        return Pagination(offset, "", more, items, "items", _start(operation, offset, 0), whole)
    return None


def _total(
    described: ResponseDescription, answer: SchemaView, names: Sequence[str], header_names: Sequence[str] = ()
) -> str:
    """The place of a number that says how many there are in all: a pointer, or a header."""
    header = _header(described, header_names)
    return _first(answer, names, "integer", "number") or (header.name if header else "")


def _header(described: ResponseDescription, names: Sequence[str]) -> Parameter | None:
    """The first of these headers, named in lower case, that an answer declares."""
    declared = {header.name.lower(): header for header in described.headers}
    return next((declared[name] for name in names if name in declared), None)


def _answer(operation: Operation, document: Document) -> tuple[ResponseDescription | None, SchemaView | None]:
    """The successful answer that has JSON, and its schema."""
    for answer in operation.responses:
        if answer.status[:1] == "2":
            schemas = [
                each.schema for each in answer.content if media_types.is_json(each.name) and each.schema is not None
            ]
            if schemas:
                return answer, SchemaView(document, schemas[:1])
    return None, None


def _argument(operation: Operation, document: Document, names: Sequence[str], *types: str) -> str:
    """The first of these names that is an optional parameter, or field of the body, with one of the types."""
    known: dict[str, Schema | None] = {
        parameter.name: parameter.schema
        for parameter in operation.parameters
        if parameter.location in ("query", "header") and not parameter.required
    }
    for field in operation.body.fields if operation.body else ():
        if not field.required:
            known.setdefault(field.name, field.schema)
    return next((name for name in names if name in known and _may_be(SchemaView(document, [known[name]]), types)), "")


def _first(view: SchemaView, names: Sequence[str], *types: str) -> str:
    """The pointer to the first of these properties, at the top or inside an object that describes the page."""
    for prefix, place in _places(view, "", _DEEP):
        for name in names:
            if name in place.properties and _may_be(place.member(name), types):
                return f"{prefix}/{escape_step(name)}"
    return ""


def _is_link(answer: SchemaView, pointer: str) -> bool:
    """Whether the value there is a URL, not a cursor."""
    return "links/" in pointer or bool(_view_at(answer, pointer).formats & _URL_FORMATS)


def _linked(answer: SchemaView) -> str:
    """The pointer to the URL inside a link object for the next page, such as HAL's `_links.next.href`."""
    for prefix, place in _places(answer, "", _DEEP):
        for name in _LINK_URLS:
            if prefix.endswith("/next") and name in place.properties and _may_be(place.member(name), ("string",)):
                return f"{prefix}/{name}"
    return ""


def _places(view: SchemaView, prefix: str, depth: int) -> Iterator[tuple[str, SchemaView]]:
    yield prefix, view
    for name in _INSIDE:
        if depth > 1 and name in view.properties:
            yield from _places(view.member(name), f"{prefix}/{name}", depth - 1)


def _may_be(view: SchemaView, types: Sequence[str]) -> bool:
    return not types or view.types <= {*types, "null"}


def _items(operation: Operation, answer: SchemaView) -> str | None:
    """The pointer to the list of items; None if there are several candidates."""
    if "array" in answer.types:
        return ""
    lists = [name for name in answer.properties if "array" in answer.member(name).types]
    static = [part for part in operation.path.strip("/").split("/") if "{" not in part]
    for name in (*_ITEMS, *static[-1:]):
        if name in lists:
            return f"/{escape_step(name)}"
    return f"/{escape_step(lists[0])}" if len(lists) == 1 else None


def _view_at(answer: SchemaView, pointer: str) -> SchemaView:
    for step in split_value_pointer(pointer):
        answer = answer.member(step)
    return answer


def _start(operation: Operation, name: str, usual: int) -> int:
    """The first value of a parameter that counts: its default, or its minimum if that is 0 or 1."""
    schemas = {field.name: field.schema for field in (operation.body.fields if operation.body else ())}
    schemas |= {parameter.name: parameter.schema for parameter in operation.parameters if parameter.schema}
    contents = schemas[name].contents if name in schemas else None
    said = contents.get("default", contents.get("minimum")) if isinstance(contents, Mapping) else None
    return said if said in (0, 1) and not isinstance(said, bool) else usual
