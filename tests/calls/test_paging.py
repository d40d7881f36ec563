"""Pages of lists: each kind over a real socket, and all that can go wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import dynclient
from dynclient import Pagination, PagingError
from dynclient.calls.paging import value_at
from dynclient.types import JSON
from tests.conftest import Loopback
from tests.drivers import _driver, generate as pytest_generate_tests, made, only  # noqa: F401


def _client(loopback: Loopback, parameters: list[JSON], answer: JSON, **options: Any) -> Any:
    """A client of one operation, listPets, with optional query parameters and an answer of this schema."""
    content = {"application/json": {"schema": answer}}
    operation = {"operationId": "listPets", "parameters": parameters, "responses": {"200": {"content": content}}}
    document = {"openapi": "3.1.0", "paths": {"/pets": {"get": operation}}}
    return made(document, base_url=loopback.url, **options)


def _query(name: str, kind: str = "string") -> JSON:
    return {"name": name, "in": "query", "schema": {"type": kind}}


def _object(**properties: str | JSON) -> JSON:
    named = {name: {"type": kind} if isinstance(kind, str) else kind for name, kind in properties.items()}
    return {"type": "object", "properties": named}


def _answers(loopback: Loopback, *pages: JSON) -> None:
    """The pages, one for each request; the last for all that follow."""
    for page in pages:
        loopback.says(json.dumps(page).encode())
        loopback.answers.append(loopback.answer)


_CURSOR = [_query("limit", "integer"), _query("after")]
_LIST = _object(data="array", last_id="string", has_more="boolean")


def test_a_cursor_leads_from_page_to_page(loopback: Loopback) -> None:
    """As in OpenAI's lists: `after` is the `last_id` of the page before, while `has_more`."""
    client = _client(loopback, _CURSOR, _LIST)
    _answers(
        loopback,
        {"data": [1, 2], "last_id": "b", "has_more": True},
        {"data": [3], "last_id": "c", "has_more": False},
    )

    assert list(client.listPets.items(limit=2)) == [1, 2, 3]
    assert loopback.lines == ["GET /pets?limit=2", "GET /pets?limit=2&after=b"]


def test_the_pages_are_answers(loopback: Loopback) -> None:
    """pages() gives the whole answers, with their status and headers."""
    client = _client(loopback, _CURSOR, _LIST)
    _answers(loopback, {"data": [], "last_id": None, "has_more": False})

    (page,) = client.listPets.pages()

    assert (page.status_code, page["data"]) == (200, [])


def test_a_page_is_asked_for_when_it_is_wanted(loopback: Loopback) -> None:
    """Who stops reading asks for no more."""
    client = _client(loopback, _CURSOR, _LIST)
    _answers(loopback, {"data": [1, 2], "last_id": "b", "has_more": True})

    assert next(client.listPets.items()) == 1
    assert len(loopback.sent) == 1


def test_the_walk_begins_where_the_call_says(loopback: Loopback) -> None:
    """A given cursor is that of the first page, and is replaced after it."""
    client = _client(loopback, _CURSOR, _LIST)
    _answers(loopback, {"data": [3], "last_id": "c", "has_more": True}, {"data": [4], "has_more": False})

    assert list(client.listPets.items(after="b")) == [3, 4]
    assert loopback.lines == ["GET /pets?after=b", "GET /pets?after=c"]


def test_the_last_item_is_the_cursor(loopback: Loopback) -> None:
    """As in Stripe's lists: where no cursor is declared, but items with ids."""
    items = {"type": "array", "items": _object(id="string")}
    client = _client(loopback, [_query("starting_after")], _object(data=items, has_more="boolean"))
    _answers(loopback, {"data": [{"id": "x"}], "has_more": True}, {"data": [{"id": "y"}], "has_more": False})

    assert [each["id"] for each in client.listPets.items()] == ["x", "y"]
    assert loopback.lines == ["GET /pets", "GET /pets?starting_after=x"]


def test_page_numbers_are_counted_until_a_page_is_empty(loopback: Loopback) -> None:
    """A page that is shorter than asked for may be one that the server has cut."""
    client = _client(loopback, [_query("page", "integer")], {"type": "array"})
    _answers(loopback, [1, 2], [3], [])

    assert list(client.listPets.items()) == [1, 2, 3]
    assert loopback.lines == ["GET /pets", "GET /pets?page=2", "GET /pets?page=3"]


def test_a_number_of_pages_ends_the_walk(loopback: Loopback) -> None:
    """No page is asked for that cannot be there."""
    client = _client(loopback, [_query("page", "integer")], _object(items="array", total_pages="integer"))
    _answers(loopback, {"items": [1], "total_pages": 2}, {"items": [2], "total_pages": 2})

    assert list(client.listPets.items()) == [1, 2]
    assert len(loopback.sent) == 2


def test_an_offset_counts_the_items(loopback: Loopback) -> None:
    """Those that came, not those that were asked for; from where the call began."""
    client = _client(loopback, [_query("offset", "integer")], _object(results="array", total="integer"))
    _answers(loopback, {"results": [5, 6], "total": 3}, {"results": [7], "total": 3})

    assert list(client.listPets.items(offset=4)) == [5, 6, 7]
    assert loopback.lines == ["GET /pets?offset=4", "GET /pets?offset=6"]


@pytest.mark.parametrize("name", ["next", "@odata.nextLink"])
def test_a_url_in_the_answer_is_followed(loopback: Loopback, name: str) -> None:
    """As it stands, on the same origin, with the headers of the call."""
    client = _client(loopback, [], _object(**{"results": "array", name: "string"}), headers={"X-Trace": "1"})
    _answers(loopback, {"results": [1], name: f"{loopback.url}/v2/pets?page=2"}, {"results": [2], name: None})

    assert list(client.listPets.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", "GET /v2/pets?page=2"]
    assert loopback.last.headers["x-trace"] == "1"


def test_a_relative_url_is_one_as_seen_from_the_page(loopback: Loopback) -> None:
    """As in Twilio's lists."""
    client = _client(loopback, [], _object(pets="array", next_page_uri="string"))
    _answers(loopback, {"pets": [1], "next_page_uri": "/pets?Page=1"}, {"pets": [2], "next_page_uri": ""})

    assert list(client.listPets.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", "GET /pets?Page=1"]


def test_a_url_in_the_place_of_a_cursor_is_followed(loopback: Loopback) -> None:
    """Some servers give the whole URL where the document suggests a cursor."""
    client = _client(loopback, [_query("cursor")], _object(data="array", next="string"))
    _answers(loopback, {"data": [1], "next": f"{loopback.url}/pets?cursor=z"}, {"data": [2], "next": None})

    assert list(client.listPets.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", "GET /pets?cursor=z"]


def test_the_link_header_is_followed_where_asked(loopback: Loopback) -> None:
    """RFC 8288: the link whose relation is next, among others."""
    client = _client(loopback, [], {"type": "array"}).with_options(pagination=Pagination(next="Link", items=""))
    link = f'<{loopback.url}/pets?page=1>; rel="first", <{loopback.url}/pets?page=2>; rel="last next"'
    loopback.says(b"[1]", Link=link)
    loopback.answers.append(loopback.answer)
    loopback.says(b"[2]")

    assert list(client.listPets.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", "GET /pets?page=2"]


def test_a_cursor_in_a_header(loopback: Loopback) -> None:
    """What `next` names is a header where it is no pointer."""
    client = _client(loopback, [_query("page", "integer")], {"type": "array"})
    paged = client.listPets.with_options(pagination=Pagination("page", "X-Next-Page", items=""))
    loopback.says(b"[1]", X_Next_Page="2")
    loopback.answers.append(loopback.answer)
    loopback.says(b"[2]", X_Next_Page="")

    assert list(paged.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", "GET /pets?page=2"]


@pytest.mark.parametrize("given", [{"body": {"limit": 1}}, {"limit": 1}])
def test_a_field_of_the_body_moves(loopback: Loopback, given: dict[str, Any]) -> None:
    """Filters are posted by some APIs, and paged in their body; the body may be given whole or by its fields."""
    content = {"application/json": {"schema": _object(limit="integer", offset="integer")}}
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}
    operation = {"operationId": "filterRuns", "requestBody": {"content": content}, "responses": answer}
    document = {"openapi": "3.1.0", "paths": {"/runs/filter": {"post": operation}}}
    client = made(document, base_url=loopback.url)
    _answers(loopback, [1], [2], [])

    assert list(client.filterRuns.items(**given)) == [1, 2]
    assert [sent.json for sent in loopback.sent] == [
        {"limit": 1},
        {"limit": 1, "offset": 1},
        {"limit": 1, "offset": 2},
    ]


def test_credentials_go_with_every_page(loopback: Loopback) -> None:
    """Also where a URL is followed: it is of the same origin."""
    document = {
        "openapi": "3.1.0",
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "api_key"}}},
        "paths": {"/pets": {"get": {"operationId": "listPets"}}},
    }
    client = made(document, base_url=loopback.url, auth={"key": "k"})
    _answers(loopback, {"next": "/pets?p=2"}, {"next": None})

    assert len(list(client.listPets.with_options(pagination=Pagination(next="/next")).pages())) == 2
    assert loopback.lines == ["GET /pets?api_key=k", "GET /pets?p=2&api_key=k"]


@pytest.mark.parametrize(
    "url",
    ["http://other.test/pets", "//other.test/pets", "https://127.0.0.1/pets", "javascript:alert(1)", "file:///etc"],
)
def test_a_next_page_elsewhere_is_refused(loopback: Loopback, url: str) -> None:
    """Nothing is sent there, and what came before is in the error."""
    client = _client(loopback, [], _object(results="array", next="string"))
    _answers(loopback, {"results": [1], "next": url})

    with pytest.raises(PagingError, match="another origin") as caught:
        list(client.listPets.items())

    assert [page["results"] for page in caught.value.pages] == [[1]]
    assert len(loopback.sent) == 1


@pytest.mark.parametrize(
    ("properties", "page"),
    [
        ({"data": "array", "last_id": "string"}, {"data": [1], "last_id": "b"}),
        ({"data": "array", "next": "string"}, {"data": [1], "next": "/pets?after=b"}),
    ],
)
def test_a_repeated_cursor_ends_with_an_error(
    loopback: Loopback, properties: dict[str, str | JSON], page: dict[str, JSON]
) -> None:
    """A server that gives the same cursor for ever is not asked for ever."""
    client = _client(loopback, [_query("after")], _object(**properties))
    _answers(loopback, {**page, "data": [0]}, page, {**page, "data": [2]})

    with pytest.raises(PagingError, match="leads back to a page that came before") as caught:
        list(client.listPets.items())

    assert [answer["data"] for answer in caught.value.pages] == [[0], [1]]


def test_the_same_page_twice_ends_with_an_error(loopback: Loopback) -> None:
    """A server that does not know the number of a page answers with the first one for ever."""
    client = _client(loopback, [_query("page", "integer")], {"type": "array"})
    loopback.says(b"[1]")

    with pytest.raises(PagingError, match="the same as the one before"):
        list(client.listPets.items())

    assert len(loopback.sent) == 2


def test_a_list_without_an_end_ends_with_an_error(loopback: Loopback) -> None:
    """As many pages as the option permits, and the error says how to have more."""
    client = _client(loopback, [_query("page", "integer")], {"type": "array"}, max_pages=3)
    _answers(loopback, [1], [2], [3], [4])

    with pytest.raises(PagingError, match=re.escape("more after 3 pages; with_options(max_pages=...)")):
        list(client.listPets.items())

    assert len(loopback.sent) == 3


def test_any_number_of_pages(loopback: Loopback) -> None:
    """None must be written out; an error would hold the last hundred pages."""
    client = _client(loopback, [_query("page", "integer")], {"type": "array"}, max_pages=None)
    _answers(loopback, *([number] for number in range(101)), [100])

    with pytest.raises(PagingError) as caught:
        list(client.listPets.items())

    assert (len(loopback.sent), len(caught.value.pages)) == (102, 100)


def test_an_error_of_the_server_on_the_way_is_raised(loopback: Loopback) -> None:
    """What came before was handed out already."""
    client = _client(loopback, _CURSOR, _LIST)
    _answers(loopback, {"data": [1], "last_id": "b", "has_more": True})
    loopback.says(b"{}", status=500)
    items = client.listPets.items()

    assert next(items) == 1
    with pytest.raises(dynclient.ServerError):
        next(items)


def test_an_answer_of_400_ends_the_pages_where_it_is_no_error(loopback: Loopback) -> None:
    """With raise_for_status off, it is the last page."""
    client = _client(loopback, _CURSOR, _LIST, raise_for_status=False)
    _answers(loopback, {"data": [1], "last_id": "b", "has_more": True})
    loopback.says(b"{}", status=404)

    assert [page.status_code for page in client.listPets.pages()] == [200, 404]


def test_a_wrong_call_is_refused_before_the_first_page(loopback: Loopback) -> None:
    """Not when the iterator is read, which may be elsewhere."""
    client = _client(loopback, _CURSOR, _LIST)

    with pytest.raises(dynclient.InvalidRequest):
        client.listPets.pages(limit="many")


def test_an_operation_that_is_not_paged_is_refused(loopback: Loopback) -> None:
    """The error says how to tell."""
    client = _client(loopback, [], _object(name="string"))

    with pytest.raises(dynclient.CallError, match=re.escape("with_options(pagination=dynclient.Pagination(...))")):
        client.listPets.pages()

    assert not loopback.sent


@pytest.mark.parametrize(
    ("pagination", "message"),
    [
        (Pagination(next="/next"), "not known where the items"),
        (Pagination(next="/next", items="/pets"), "no list at pets"),
        (Pagination(next="/next", items=""), "no list at its top"),
    ],
)
def test_items_that_are_not_there(loopback: Loopback, pagination: Pagination, message: str) -> None:
    """The answer itself is in the error."""
    client = _client(loopback, [], True, pagination=pagination)
    _answers(loopback, {"data": [1]})

    with pytest.raises(PagingError, match=message):
        list(client.listPets.items())


@pytest.mark.parametrize("make", [Pagination, lambda: Pagination("page"), lambda: Pagination(step="page")])
def test_a_pagination_that_leads_nowhere(make: Callable[[], Pagination]) -> None:
    """It needs something to go on by."""
    with pytest.raises(ValueError, match="a Pagination needs next"):
        make()


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"parameter": 5, "next": "/a"}, TypeError, "parameter of a Pagination must be text, not of type int"),
        ({"next": 3}, TypeError, "next of a Pagination must be text, not of type int"),
        ({"next": "/a", "items": ["data"]}, TypeError, "items of a Pagination must be text, not of type list"),
        (
            {"next": "/a", "items": "data"},
            ValueError,
            "items of a Pagination is a JSON Pointer: write '/data', not 'data'",
        ),
        (
            {"next": "/a", "more": "has_more"},
            ValueError,
            "more of a Pagination is a JSON Pointer: write '/has_more', not 'has_more'",
        ),
        (
            {"parameter": "page", "step": "pages"},
            ValueError,
            "step of a Pagination is 'page' or 'items', not 'pages'",
        ),
    ],
)
def test_a_pagination_of_the_wrong_kind(settings: dict[str, Any], kind: type[Exception], message: str) -> None:
    """It is refused where it is made, and says how it is written."""
    with pytest.raises(kind) as caught:
        Pagination(**settings)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("afte", "pagination: there is no parameter or body field 'afte'. Did you mean 'after'?"),
        ("zzz", "pagination: there is no parameter or body field 'zzz'"),
    ],
)
def test_a_parameter_that_the_operation_does_not_have(loopback: Loopback, name: str, message: str) -> None:
    """It is refused before the first page, not after it."""
    client = _client(loopback, _CURSOR, _LIST, pagination=Pagination(name, "/last_id", items="/data"))

    with pytest.raises(dynclient.CallError) as caught:
        client.listPets.items()

    assert caught.value == dynclient.CallError("listPets", message)
    assert loopback.lines == []


@pytest.mark.parametrize("option", [{"pagination": "cursor"}, {"max_pages": 0}, {"max_pages": True}])
def test_options_of_the_wrong_kind(loopback: Loopback, option: dict[str, Any]) -> None:
    """As for all options."""
    with pytest.raises(TypeError, match=f"the option {next(iter(option))} must be"):
        _client(loopback, [], True, **option)


@only("Client")
def test_help_says_how_an_operation_is_paged(loopback: Loopback) -> None:
    """What was inferred is no secret."""
    client = _client(loopback, _CURSOR, _LIST)

    assert "Pages: after from last_id, while has_more; see pages() and items()." in str(client.listPets.__doc__)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", {"a~/b": [1, 2]}),
        ("/a~0~1b/-1", 2),
        ("/a~0~1b/0", 1),
        ("/a~0~1b/2", None),
        ("/a~0~1b/x", None),
        ("/c/d", None),
    ],
)
def test_pointers_into_answers(pointer: str, value: JSON) -> None:
    """RFC 6901, with -1 for the last item."""
    assert value_at({"a~/b": [1, 2]}, pointer) == value


_THINGS = _object(data={"type": "array", "items": _object(id="string")}, last_id="string", has_more="boolean")


def _things(*ids: JSON, more: bool | None = True, last: JSON = None) -> JSON:
    return {"data": [{"id": each} for each in ids], "last_id": last, "has_more": more}


@pytest.mark.parametrize("ids", [("a", "b"), (1, 2)])
def test_the_last_item_is_the_cursor_where_the_answer_has_none(loopback: Loopback, ids: tuple[JSON, ...]) -> None:
    """`last_id` is null and there is more: it would have been the id of the last item."""
    client = _client(loopback, _CURSOR, _THINGS, validate_response="off", validate_request="off")
    _answers(loopback, _things(*ids), _things("z", more=False))

    assert [each["id"] for each in client.listPets.items()] == [*ids, "z"]
    assert loopback.lines == ["GET /pets", f"GET /pets?after={ids[-1]}"]


def test_an_empty_page_with_a_cursor_leads_on(loopback: Loopback) -> None:
    """A server may filter after it has cut its pages."""
    client = _client(loopback, _CURSOR, _THINGS)
    _answers(loopback, _things(last="b"), _things("z", more=False))

    assert [each["id"] for each in client.listPets.items()] == ["z"]


_TOKEN = _object(data="array", next_token="string", has_more="boolean")
_URL = _object(data="array", next_url="string", has_more="boolean")
_COUNTED = _object(data="array", has_more="boolean")
_BY_ID = _object(data={"type": "array", "items": _object(id="string")}, has_more="boolean")


@pytest.mark.parametrize(
    ("parameters", "answer", "page"),
    [
        (_CURSOR, _THINGS, _things()),
        (_CURSOR, _THINGS, {"data": [1], "has_more": True}),
        (_CURSOR, _THINGS, _things(None)),
        ([_query("next_token")], _TOKEN, {"data": [{"id": "a"}], "next_token": None, "has_more": True}),
        ([], _URL, {"data": [{"id": "a"}], "next_url": None, "has_more": True}),
        ([_query("starting_after")], _BY_ID, {"data": [], "has_more": True}),
        ([_query("starting_after")], _BY_ID, {"data": [{"name": "a"}], "has_more": True}),
        ([_query("offset", "integer")], _COUNTED, {"data": [], "has_more": True}),
    ],
)
def test_more_and_no_way_on_is_an_error(
    loopback: Loopback, parameters: list[JSON], answer: JSON, page: dict[str, JSON]
) -> None:
    """A list never ends silently while the server says that there is more. The last id stands for a last id alone."""
    client = _client(loopback, parameters, answer, validate_response="off")
    _answers(loopback, page)

    with pytest.raises(PagingError, match="has_more says that there is more, but the answer does not say") as caught:
        list(client.listPets.items())

    assert caught.value.pages[0].data == page


def test_a_server_that_ignores_the_cursor(loopback: Loopback) -> None:
    """The id of the last item leads to the same page."""
    client = _client(loopback, _CURSOR, _THINGS)
    _answers(loopback, _things("a", "b", last=""))

    with pytest.raises(PagingError, match="the same as the one before"):
        list(client.listPets.items())

    assert len(loopback.sent) == 2


def test_more_without_a_link_is_an_error(loopback: Loopback) -> None:
    """A header is no other than a member."""
    client = _client(loopback, [], True, pagination=Pagination(next="Link", more="/more", items="/data"))
    _answers(loopback, {"data": [1], "more": True})

    with pytest.raises(PagingError, match="more says that there is more"):
        list(client.listPets.items())


_NUMBERS = [_query("page", "integer"), _query("offset", "integer")]


def test_an_empty_page_and_more_leads_to_the_next_number(loopback: Loopback) -> None:
    """Pages that are counted may be empty on the way; one that comes twice is an error."""
    client = _client(loopback, _NUMBERS, _COUNTED)
    _answers(loopback, {"data": [], "has_more": True}, {"data": [5], "has_more": False})
    assert list(client.listPets.items()) == [5]

    _answers(loopback, {"data": [], "has_more": True})
    with pytest.raises(PagingError, match="the same as the one before"):
        list(client.listPets.items())


def test_an_empty_page_before_the_last_number(loopback: Loopback) -> None:
    """Likewise where the answer says how many pages there are."""
    client = _client(loopback, _NUMBERS, _object(data="array", total_pages="integer"))
    _answers(loopback, *({"data": data, "total_pages": 3} for data in ([1], [], [3])))

    assert list(client.listPets.items()) == [1, 3]


@pytest.mark.parametrize("parameter", ["page", "offset"])
@pytest.mark.parametrize("status", [404, 416])
def test_a_page_behind_the_last_may_not_be_found(loopback: Loopback, parameter: str, status: int) -> None:
    """Some servers say that a page is empty, and some that there is none."""
    client = _client(loopback, [_query(parameter, "integer")], {"type": "array"})
    _answers(loopback, [1, 2])
    loopback.says(b'{"detail": "Invalid page."}', status=status)

    assert list(client.listPets.items()) == [1, 2]
    assert len(loopback.sent) == 2


@pytest.mark.parametrize("parameter", ["page", "offset"])
@pytest.mark.parametrize("status", [400, 403, 410, 422, 500])
def test_another_error_behind_a_page_is_raised(loopback: Loopback, parameter: str, status: int) -> None:
    """It may be that no more than so many may be asked for."""
    client = _client(loopback, [_query(parameter, "integer")], {"type": "array"}, retries=0)
    _answers(loopback, [1, 2])
    loopback.says(b"{}", status=status)

    with pytest.raises(dynclient.StatusError):
        list(client.listPets.items())


@pytest.mark.parametrize(
    ("parameters", "answer", "pages"),
    [
        (_NUMBERS, {"type": "array"}, []),
        (_NUMBERS, _COUNTED, [{"data": [1], "has_more": True}]),
        (_NUMBERS, _object(data="array", total="integer"), [{"data": [1], "total": 2}]),
        (_NUMBERS, _object(data="array", total_pages="integer"), [{"data": [1], "total_pages": 2}]),
        (_NUMBERS[1:], _object(data="array", total="integer"), [{"data": [1], "total": 2}]),
        (_CURSOR, _LIST, [{"data": [1], "last_id": "b"}]),
        ([], _URL, [{"data": [1], "next_url": "/pets?page=2"}]),
    ],
)
def test_a_page_that_should_be_there_and_is_not_found(
    loopback: Loopback, parameters: list[JSON], answer: JSON, pages: list[JSON]
) -> None:
    """The first one; one of which the server said that it is there; and one that a cursor or URL leads to."""
    client = _client(loopback, parameters, answer)
    _answers(loopback, *pages)
    loopback.says(b"{}", status=404)

    with pytest.raises(dynclient.NotFound):
        list(client.listPets.items())


def test_a_page_that_is_not_found_where_statuses_raise_nothing(loopback: Loopback) -> None:
    """It is an answer, and has no items."""
    client = _client(loopback, _NUMBERS, {"type": "array"}, raise_for_status=False)
    _answers(loopback, [1, 2])
    loopback.says(b"{}", status=404)

    assert list(client.listPets.items()) == [1, 2]
    _answers(loopback, [1, 2])
    loopback.says(b"{}", status=404)
    assert [page.status_code for page in client.listPets.pages()] == [200, 404]


_INTEGER = {"type": "integer"}


@pytest.mark.parametrize("parameter", ["page", "offset"])
@pytest.mark.parametrize(
    ("members", "page"),
    [
        ({"total": _INTEGER}, {"total": 3}),
        ({"total_count": _INTEGER}, {"total_count": 3}),
        ({"meta": _object(total=_INTEGER)}, {"meta": {"total": 3}}),
        ({"total": {"type": "number"}}, {"total": 3.0}),
        ({"count": _INTEGER}, {"count": 3}),
        ({"total": _INTEGER, "count": _INTEGER}, {"total": 3, "count": 2}),
    ],
)
def test_a_number_of_items_ends_the_walk(
    loopback: Loopback, parameter: str, members: dict[str, str | JSON], page: dict[str, JSON]
) -> None:
    """Nothing is asked for that cannot be there, whether pages or items are counted."""
    client = _client(loopback, [_query(parameter, "integer")], _object(data="array", **members))
    _answers(loopback, {**page, "data": [1, 2]}, {**page, "data": [3]})

    assert list(client.listPets.items()) == [1, 2, 3]
    assert len(loopback.sent) == 2


@pytest.mark.parametrize(
    ("header", "number"), [("X-Total-Count", "3"), ("X-Total", "3"), ("X-Total-Pages", "2"), ("X-WP-TotalPages", "2")]
)
def test_a_number_in_a_header_ends_the_walk(loopback: Loopback, header: str, number: str) -> None:
    """Where the document declares the header."""
    client = _declaring(loopback, header)
    for page in (b"[1, 2]", b"[3]"):
        loopback.says(page, "application/json", 200, **{header: number})
        loopback.answers.append(loopback.answer)

    assert list(client.listPets.items()) == [1, 2, 3]
    assert len(loopback.sent) == 2


def _declaring(loopback: Loopback, header: str, schema: JSON = True, parameter: str = "page") -> Any:
    """A client of a list of numbers, the answers of which have a header."""
    answer = {"headers": {header: {"schema": schema}}, "content": {"application/json": {"schema": {"type": "array"}}}}
    parameters = [_query(parameter, "integer" if parameter == "page" else "string")]
    operation = {"operationId": "listPets", "parameters": parameters, "responses": {"200": answer}}
    return made({"openapi": "3.1.0", "paths": {"/pets": {"get": operation}}}, base_url=loopback.url)


@pytest.mark.parametrize(
    ("header", "parameter", "value", "target"),
    [
        ("X-Next-Page", "page", "2", "/pets?page=2"),
        ("Next-Page", "limit", "{}/pets?_token=t", "/pets?_token=t"),
        ("Next-Page", "limit", "/pets?_token=t", "/pets?_token=t"),
        ("Next-Page", "page", "{}/pets?_token=t", "/pets?_token=t"),
        ("X-Next-Cursor", "cursor", "c", "/pets?cursor=c"),
        ("x-ms-continuation", "continuation", "c", "/pets?continuation=c"),
    ],
)
def test_a_declared_header_leads_on(loopback: Loopback, header: str, parameter: str, value: str, target: str) -> None:
    """By the number of the next page, its cursor or its URL."""
    client = _declaring(loopback, header, parameter=parameter)
    loopback.says(b"[1]", "application/json", 200, **{header: value.format(loopback.url)})
    loopback.answers.append(loopback.answer)
    loopback.says(b"[2]")

    assert list(client.listPets.items()) == [1, 2]
    assert loopback.lines == ["GET /pets", f"GET {target}"]


@pytest.mark.parametrize(
    ("parameter", "start", "pages", "came"),
    [
        ("page", {}, [([1, 2], 5), ([], 5)], 2),
        ("offset", {}, [([1, 2], 5), ([], 5)], 2),
        ("offset", {"offset": 1}, [([1, 2], 5), ([], 5)], 2),
    ],
)
def test_a_number_of_items_that_never_come_is_an_error(
    loopback: Loopback, parameter: str, start: dict[str, JSON], pages: list[tuple[JSON, int]], came: int
) -> None:
    """Either they are left out or the number is wrong, and nobody can tell."""
    client = _client(loopback, [_query(parameter, "integer")], _object(data="array", total="integer"))
    _answers(loopback, *({"data": data, "total": total} for data, total in pages))

    with pytest.raises(PagingError, match=f"total says that there are 5, and this page is empty, after {came} items"):
        list(client.listPets.items(**start))


@pytest.mark.parametrize(
    ("parameter", "start", "name", "pages"),
    [
        ("page", {}, "count", [([1, 2], 2), ([3, 4], 2), ([5], 1), ([], 0)]),
        ("page", {}, "count", [([1, 2], 10), ([3, 4], 10), ([5], 10), ([], 10)]),
        ("page", {}, "total", [([1, 2, 3, 4], 2), ([5], 2), ([], 2)]),
        ("page", {"page": 3}, "total", [([1, 2, 3, 4], 9), ([5], 9), ([], 9)]),
        ("offset", {"offset": 4}, "total", [([1, 2, 3, 4], 9), ([5], 9), ([], 9)]),
    ],
)
def test_a_number_that_may_mean_something_else_loses_nothing(
    loopback: Loopback, parameter: str, start: dict[str, JSON], name: str, pages: list[tuple[JSON, int]]
) -> None:
    """`count` may be that of the page, or how many it holds at most; a call may begin in the middle."""
    client = _client(loopback, [_query(parameter, "integer")], _object(data="array", **{name: "integer"}))
    _answers(loopback, *({"data": data, name: total} for data, total in pages))

    assert list(client.listPets.items(**start)) == [1, 2, 3, 4, 5]
    assert len(loopback.sent) == len(pages)


def test_more_goes_before_a_number(loopback: Loopback) -> None:
    """A number of items may be an estimate."""
    client = _client(loopback, _NUMBERS, _object(data="array", total="integer", has_more="boolean"))
    _answers(loopback, {"data": [1], "total": 1, "has_more": True}, {"data": [2], "total": 1, "has_more": False})

    assert list(client.listPets.items()) == [1, 2]


def test_the_number_of_the_last_page_counts_from_where_the_call_begins(loopback: Loopback) -> None:
    """Page 2 of 3 is followed by one more."""
    client = _client(loopback, _NUMBERS, _object(data="array", total_pages="integer"))
    _answers(loopback, {"data": [3], "total_pages": 3}, {"data": [5], "total_pages": 3})

    assert list(client.listPets.items(page=2)) == [3, 5]
    assert loopback.lines == ["GET /pets?page=2", "GET /pets?page=3"]


def test_both_spellings_of_the_cursor_are_one(loopback: Loopback) -> None:
    """A cursor given under its spelling is replaced, and not given twice."""
    client = _client(loopback, [_query("page[after]")], _LIST)
    _answers(loopback, {"data": [1], "last_id": "b", "has_more": True}, {"data": [2], "has_more": False})

    assert list(client.listPets.items(page_after="a")) == [1, 2]
    assert loopback.lines == ["GET /pets?page%5Bafter%5D=a", "GET /pets?page%5Bafter%5D=b"]


def test_an_error_in_place_of_a_page(loopback: Loopback) -> None:
    """Where statuses raise nothing, it is not taken for a page whose items are elsewhere."""
    client = _client(loopback, _CURSOR, _LIST, raise_for_status=False, validate_response="off", retries=0)
    loopback.says(b"{}", status=500)

    with pytest.raises(PagingError) as caught:
        list(client.listPets.items())

    assert str(caught.value) == "listPets: the server answered 500 in place of a page."
