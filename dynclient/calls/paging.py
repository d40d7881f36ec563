"""
The pages of a list: which request follows each answer.

Nothing is sent here: a `Pager` gets each answer and returns what to ask for next, so that every client can use it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

from dynclient.documents import split_value_pointer
from dynclient.errors import CallError, DynclientError
from dynclient.openapi import SchemaView
from dynclient.responses import Response
from dynclient.support import near, origin
from dynclient.types import JSON, UNSET, Unset
from dynclient.wire import Binder

_KEPT = 100
"""How many pages an error holds at most."""

_URL = ("http://", "https://")
_LAST_IDS = ("last_id", "lastId")
_PAST_THE_END = frozenset({404, 416})
_PERHAPS_OF_THE_PAGE = ("count", "item_count", "itemCount")


@dataclass(frozen=True, slots=True)
class Pagination:
    """
    How the answers of an operation lead from page to page.

        Pagination(parameter="after", next="/last_id", more="/has_more", items="/data")
        Pagination(next="Link", items="")
        Pagination(parameter="offset", step="items", items="/results")

    Pages end when there is no next value, no item, or nothing more; or when all pages or items have come. Counted pages
    also end at a 404 or 416 after the last item. An answer that says there is more, but not where, is a `PagingError`.

    A place in an answer is a JSON Pointer (RFC 6901) into its data, where `-1` is the last item of a list, or the name
    of a header.

    Attributes:
        parameter: the argument that changes from page to page: a parameter, or a field of the body.
        next: the place of its next value, or of the next page's URL. A URL is followed, and needs no parameter; without
            a parameter it may be relative. Of the header `Link` it is the URL with the relation "next" (RFC 8288 §3.3).
        more: a pointer to a boolean that says whether there is more.
        items: a pointer to the list of items. "": the answer itself is the list. None: not known.
        step: what the parameter counts, without `next`: "page" for pages, "items" for items.
        start: the value of a parameter that counts, for the first page.
        total: the place of the number of all pages; with `step="items"`, of all items.
        total_items: the place of the number of all items.
    """

    parameter: str = ""
    next: str = ""
    more: str = ""
    items: str | None = None
    step: Literal["", "page", "items"] = ""
    start: int = 1
    total: str = ""
    total_items: str = ""

    def __post_init__(self) -> None:
        for name in ("parameter", "next", "more", "items", "step", "total", "total_items"):
            value = getattr(self, name)
            if not isinstance(value, str) and not (name == "items" and value is None):
                raise TypeError(f"{name} of a Pagination must be text, not of type {type(value).__name__}")
        for name in ("more", "items"):
            pointer = getattr(self, name)
            if pointer and not pointer.startswith("/"):
                raise ValueError(f"{name} of a Pagination is a JSON Pointer: write {f'/{pointer}'!r}, not {pointer!r}")
        if self.step not in ("", "page", "items"):
            raise ValueError(f"step of a Pagination is 'page' or 'items', not {self.step!r}")
        if not (self.next or (self.parameter and self.step)):
            raise ValueError("a Pagination needs next, or a parameter and step='page' or step='items'")

    def __str__(self) -> str:
        """How one page leads to the next, in a few words."""
        source = f"the header {self.next}" if not self.next.startswith("/") else _dotted(self.next)
        if self.step:
            return f"{self.parameter} counts {'pages' if self.step == 'page' else 'items'}"
        means = f"{self.parameter} from {source}" if self.parameter else f"the URL in {source}"
        return f"{means}, while {_dotted(self.more)}" if self.more else means


class PagingError(DynclientError):
    """
    A page leads nowhere: its cursor came before, there are too many pages, the next one is at another origin, or there
    is more and the answer does not say where.

    Attributes:
        operation_id: the operation.
        message: what is wrong.
        pages: the answers before, the last hundred at most.
    """

    def __init__(self, operation_id: str, message: str, pages: Sequence[Response] = ()) -> None:
        super().__init__(operation_id, message, tuple(pages))
        self.operation_id = operation_id
        self.message = message
        self.pages = tuple(pages)

    def __str__(self) -> str:
        came = f" The pages before it ({len(self.pages)}) are in the error's pages." if self.pages else ""
        return f"{self.operation_id}: {self.message}.{came}"


@dataclass(frozen=True, slots=True)
class Page:
    """What to ask for: a call with these arguments, or this URL if there is one."""

    arguments: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    body: JSON | Unset = field(default=UNSET, repr=False)
    url: str = ""


class Pager:
    """
    The pages of one call, one after another.

    Args:
        binder: knows the names of the operation's arguments.
        operation_id: the operation.
        pagination: how one page leads to the next.
        arguments: the arguments of the first page.
        body: the body of the first page.
        most: how many pages there may be; None means any number.
    """

    def __init__(
        self,
        binder: Binder,
        operation_id: str,
        pagination: Pagination,
        arguments: Mapping[str, JSON],
        body: JSON | Unset = UNSET,
        most: int | None = None,
    ) -> None:
        self.first = Page(arguments, body)
        self._binder = binder
        self._operation_id = operation_id
        self._pagination = pagination
        self._most = most
        self._check_parameter()
        self._pages: deque[Response] = deque(maxlen=_KEPT)
        self._count = 0
        self._items = 0
        self._seen: set[str] = set()
        self._start = self._given_start()
        self._is_more = False

    def after(self, response: Response, url: str) -> Page | None:
        """
        Return what to ask for after this answer to a request to `url`; None at the end.

        Raises:
            PagingError: the answer leads nowhere.
        """
        previous = self._pages[-1] if self._pages else None
        self._pages.append(response)
        self._count += 1
        items = self._items_of(response)
        self._items += len(items or ())
        says_more = value_at(response.data, self._pagination.more) if self._pagination.more else None
        if not response.ok or says_more is False:
            return None
        self._is_more = says_more is True
        following = self._value(response, items) if self._pagination.next else self._position(response, items)
        if following is None and says_more is True:
            where = _dotted(self._pagination.more)
            raise self._error(
                f"{where} says that there is more, but the answer does not say where; "
                "if it does, with_options(pagination=Pagination(...)) says where it stands"
            )
        if following is None:
            return None
        if previous is not None and (items or says_more) and previous.content == response.content:
            raise self._error("the page is the same as the one before")
        if self._most is not None and self._count >= self._most:
            raise self._error(
                f"there is more after {self._count} pages; with_options(max_pages=...) permits more, None any number"
            )
        if isinstance(following, str) and (following.startswith(_URL) or not self._pagination.parameter):
            return Page(url=self._checked(following, url))
        self._note_seen(f"{self._pagination.parameter}={following!r}")
        return self._with_value(self._typed(following))

    def ends_at(self, status: int) -> bool:
        """Whether an answer with this status means that the page before was the last one."""
        return bool(self._pagination.step and self._items and not self._is_more) and status in _PAST_THE_END

    def items(self, response: Response) -> Sequence[JSON]:
        """
        Return the items of an answer.

        Raises:
            PagingError: the answer has no list where one should be.
        """
        items = self._items_of(response)
        if not response.ok and self.ends_at(response.status_code):
            return ()
        if items is None and not response.ok:
            raise self._error(f"the server answered {response.status_code} in place of a page")
        if items is None:
            where = self._pagination.items
            reason = (
                "it is not known where the items of a page stand"
                if where is None
                else (f"the answer has no list at {_dotted(where) or 'its top'}")
            )
            raise self._error(f"{reason}; with_options(pagination=Pagination(..., items='/name')) says where they are")
        return items

    def _value(self, response: Response, items: Sequence[JSON] | None) -> JSON:
        """The next value of the parameter, or the next URL; None if the answer has none."""
        where = self._pagination.next
        found = _linked(response) if where.lower() == "link" else _found(response, where)
        if found not in (None, "", False):
            return found
        is_id = self._is_more and where.rpartition("/")[2] in _LAST_IDS
        last = items[-1] if is_id and items else None
        return last.get("id") or None if isinstance(last, Mapping) else None

    def _position(self, response: Response, items: Sequence[JSON] | None) -> int | None:
        """The next number of a page or item; None at the end."""
        pagination, by_page = self._pagination, self._pagination.step == "page"
        position = self._start + (self._count if by_page else self._items)
        if self._is_more:
            return position if items or by_page else None
        skipped = max(0, self._start - pagination.start)  # pages or items before the first that was asked for
        pages = _number(response, pagination.total) if by_page else None
        if pages is not None and self._count + skipped >= pages:
            return None
        where = pagination.total_items or ("" if by_page else pagination.total)
        total, is_sure = _number(response, where), where.rpartition("/")[2] not in _PERHAPS_OF_THE_PAGE
        if total == self._items and (is_sure or self._items > len(items or ())):
            return None
        is_missing = total is not None and is_sure and total > self._items + skipped and not (by_page and skipped)
        self._is_more = is_missing or pages is not None
        if is_missing and not items and pages is None:
            raise self._error(
                f"{_dotted(where)} says that there are {total}, and this page is empty, after {self._items} items; "
                "with_options(pagination=Pagination(...)) without a total ends here"
            )
        return position if items or pages is not None else None

    def _items_of(self, response: Response) -> Sequence[JSON] | None:
        where = self._pagination.items
        if where is not None:
            found = value_at(response.data, where)
            return found if isinstance(found, list) else None
        return response.data if isinstance(response.data, list) else None

    def _check_parameter(self) -> None:
        """Otherwise a misspelled parameter would be found only after the first page was processed."""
        asked, known = self._pagination.parameter, {**self._binder.parameters, **self._binder.fields}
        if asked and asked not in known and not isinstance(self.first.body, Mapping):
            hints = near(asked, known, 1)
            hint = f". Did you mean {hints[0]!r}?" if hints else ""
            raise CallError(self._operation_id, f"pagination: there is no parameter or body field {asked!r}{hint}")

    def _given_start(self) -> int:
        keyword = self._same_keyword(self.first.arguments)
        given = self.first.arguments[keyword] if keyword else UNSET
        body = self.first.body
        if given is UNSET and isinstance(body, Mapping):
            given = body.get(self._binder.fields.get(self._pagination.parameter, ""), UNSET)
        return given if isinstance(given, int) and not isinstance(given, bool) else self._pagination.start

    def _typed(self, value: JSON) -> JSON:
        """The value as the parameter's schema wants it: a number in a header is text."""
        types = SchemaView(None, [self._binder.schema(self._pagination.parameter)]).types
        is_digits = isinstance(value, str) and value.isascii() and value.isdecimal()
        return int(value) if is_digits and "integer" in types else value

    def _with_value(self, value: JSON) -> Page:
        """The first call with another value of the parameter."""
        keyword, body = self._pagination.parameter, self.first.body
        if isinstance(body, Mapping) and keyword not in self._binder.parameters:
            return Page(self.first.arguments, {**body, self._binder.fields.get(keyword, keyword): value})
        same = self._same_keyword(self.first.arguments)
        arguments = {name: given for name, given in self.first.arguments.items() if name != same}
        return Page({**arguments, keyword: value}, body)

    def _same_keyword(self, arguments: Mapping[str, JSON]) -> str:
        """The spelling in which the parameter was given; "" if it was not."""
        keyword = self._pagination.parameter
        for meanings in (self._binder.parameters, self._binder.fields):
            meant = meanings.get(keyword)
            if meant is not None:
                return next((name for name in arguments if meanings.get(name) == meant), "")
        return keyword if keyword in arguments else ""

    def _checked(self, following: str, url: str) -> str:
        target = urljoin(url, following)
        if origin(target) != origin(url):
            there = self._pages[-1].secrets.masked(origin(target))
            raise self._error(f"the next page is at {there}, another origin than {origin(url)}")
        self._note_seen(target)
        return target

    def _note_seen(self, following: str) -> None:
        if following in self._seen:
            raise self._error("the answer leads back to a page that came before")
        self._seen.add(following)

    def _error(self, message: str) -> PagingError:
        return PagingError(self._operation_id, message, self._pages)


def value_at(data: JSON, pointer: str) -> JSON:
    """The value that a JSON Pointer leads to, where -1 means the last item of a list; None if there is none."""
    for step in split_value_pointer(pointer):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.removeprefix("-").isdecimal() and data:
            position = int(step)
            data = data[position] if -len(data) <= position < len(data) else None
        else:
            return None
    return data


def _number(response: Response, where: str) -> int | None:
    """A whole number at a pointer or in a header; None if there is none."""
    found = _found(response, where) if where else None
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 20:
        return int(found)
    return (
        int(found) if isinstance(found, (int, float)) and not isinstance(found, bool) and found == found // 1 else None
    )


def _found(response: Response, where: str) -> JSON:
    return value_at(response.data, where) if where.startswith("/") else response.headers.get(where)


def _linked(response: Response) -> str | None:
    """The target of the link to the next page (RFC 8288 §3)."""
    from requests.utils import parse_header_links

    header = response.headers.get("Link", "")
    links: list[dict[str, str]] = parse_header_links(header) if header else []
    return next((link["url"] for link in links if "next" in link.get("rel", "").lower().split()), None)


def _dotted(where: str) -> str:
    return ".".join(split_value_pointer(where)) if where.startswith("/") else where
