"""
The validation of answers by the document: their status, headers, media type and content.

Validation only reports: no answer can make it fail. `rules.ANSWER_RULES` lists its rules, beside the keywords of
schemas.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from dynclient.documents import Document
from dynclient.errors import Problem
from dynclient.http import media_types
from dynclient.openapi import MediaType, Operation, Parameter, ResponseDescription, Schema, SchemaView
from dynclient.responses import (
    BODY,
    HEADER,
    STATUS,
    UNREAD,
    Finding,
    Response,
    Unexplained,
    described_answer,
    fitting,
    json_again,
    page_title,
)
from dynclient.schemas import Formats, Kinds
from dynclient.types import JSON
from dynclient.validation.schema_validator import MOST_PROBLEMS, SchemaValidator
from dynclient.wire import Decoder, Event, ItemError, StreamError, as_received, decoder_for, deserialization

T = TypeVar("T")

_logger = logging.getLogger("dynclient")

_BODILESS = frozenset({204, 205, 304})  # RFC 9110 §15.3.5, §15.3.6, §15.4.5
_NOT_MODIFIED = 304  # what a condition in the request asks for, declared or not
_SCALARS = frozenset({"boolean", "integer", "null", "number", "string"})

UNDOCUMENTED = "status-undocumented"
_OF_WHAT_IS_DESCRIBED = frozenset(
    {"body-missing", "header-missing", "html-page", "media-type-missing", "media-type-undocumented", UNDOCUMENTED}
)


_MOST_EXPECTED = 1000


class _Expected(NamedTuple):
    """
    What the document says of the answers to an operation with one status and Content-Type.

    Attributes:
        described: the description of the answer; None if it is undocumented.
        media_type: the declared media type of the content; None if it is undocumented.
        is_stream: whether the content is a stream of items.
    """

    described: ResponseDescription | None
    media_type: MediaType | None
    is_stream: bool


class ResponseValidator:
    """Validates the answers to one document's operations; each schema is compiled when it is first needed."""

    def __init__(self, document: Document, formats: Formats | None = None) -> None:
        self._document = document
        self._formats = formats
        self._schemas = SchemaValidator(document, "response", formats)
        self._expected: dict[tuple[str, int, str], _Expected] = {}

    def __reduce__(self) -> tuple[type[ResponseValidator], tuple[Document, Formats | None]]:
        return ResponseValidator, (self._document, self._formats)

    def findings(self, response: Response) -> tuple[Finding, ...]:
        """
        Return everything that is wrong with an answer, beside the problems of reading it.

        A redirect that the document describes leads to another resource: what the document does not say about that is
        not a problem.
        """
        status, kind = response.status_code, response.headers.get("Content-Type") or ""
        key = response.operation.pointer, status, kind
        expected = self._expected.get(key) or self._expect(key, response.operation)
        described = expected.described
        found: tuple[Finding, ...]
        if described is None:
            found = self._undocumented(response)
        else:
            headers = self._headers(response, described.headers) if described.headers else ()
            found = (*headers, *self._content(response, described.content, expected))
        if not found or not _is_elsewhere(response):
            return found
        return tuple(each for each in found if isinstance(each, Unexplained) or each.rule not in _OF_WHAT_IS_DESCRIBED)

    def _expect(self, key: tuple[str, int, str], operation: Operation) -> _Expected:
        """Find out, and remember, what the document says of answers with the status and Content-Type of the key."""
        _, status, kind = key
        described = described_answer(operation, status)
        media_type = fitting(described.content, kind) if described and media_types.essence(kind) else None
        if len(self._expected) >= _MOST_EXPECTED:  # a server may send any number of Content-Types
            self._expected.clear()
        expected = self._expected[key] = _Expected(described, media_type, decoder_for(kind) is not None)
        return expected

    def _undocumented(self, response: Response) -> tuple[Problem, ...]:
        operation, status = response.operation, response.status_code
        if not operation.responses or status == _NOT_MODIFIED:
            return ()
        redirect = response.redirected_by
        followed = f", and was followed to an answer {status}" if redirect else ""
        documented = ", ".join(each.status for each in operation.responses)
        message = f"{redirect or status} is not documented{followed}; there are {documented}"
        where = f"{operation.pointer}/responses"
        return (Problem(STATUS, "", message, UNDOCUMENTED, redirect or status, schema_pointer=where),)

    def item_findings(
        self, operation: Operation, status: int, content_type: str, event: Event, name: str = "", received: str = ""
    ) -> Sequence[Finding]:
        """
        Return what is wrong with one item of a stream, such as a line of JSON or an event; `name` says which.

        The schema of an event may describe only its data, as JSON or as text, or all its fields; the best match counts.
        If the document does not have the type that the stream is read as, the schema is that of the type `received`.
        """
        described = described_answer(operation, status)
        content = described.content if described else ()
        media_type = fitting(content, content_type) or (fitting(content, received) if received else None)
        schema = (media_type.item_schema or media_type.schema) if media_type else None
        if schema is None:
            return ()
        found: list[Kinds | None] = []
        for form in _forms(event, content_type):
            kinds = self._schemas.kinds(schema, form)
            if kinds == ():
                return ()
            found.append(kinds)

        def explain(most: int | None) -> Sequence[Problem]:
            forms = _forms(as_received(event, content_type), content_type)
            return min((self._explained(schema, form, BODY, name, most) for form in forms), key=len)

        if None in found:
            return explain(MOST_PROBLEMS)
        return (Unexplained(BODY, name, frozenset(found), explain),)

    def _headers(self, response: Response, headers: Iterable[Parameter]) -> Iterator[Finding]:
        for header in headers:
            text = response.headers.get(header.name)
            if text is not None:
                yield from self._header(header, text)
            elif header.required:
                message = "the document requires it, and it is missing"
                yield Problem(HEADER, header.name, message, "header-missing", schema_pointer=header.pointer)

    def _header(self, header: Parameter, text: str) -> Sequence[Finding]:
        if header.schema is None or header.name.lower() == "set-cookie":  # several of them cannot be separated
            return ()
        schema = header.schema

        def check() -> Sequence[Finding]:
            lowered = self._schemas.lowered(schema)
            value = deserialization.header_value(header, text, lowered, self._schemas.resolve)
            return self._value(schema, value, lambda: value, HEADER, header.name)

        return _guarded(check, HEADER, header.name, schema)

    def _content(self, response: Response, declared: Sequence[MediaType], expected: _Expected) -> Sequence[Finding]:
        """What is wrong with JSON content, and with text if the schema describes text; nothing else has a schema."""
        media_type = expected.media_type
        if not response.is_read:
            return () if media_type else _kind_problems(response, declared)
        is_bodiless = response.status_code in _BODILESS or response.operation.method == "HEAD"
        if not response.content:
            return () if is_bodiless else _missing(response, declared)
        if is_bodiless:
            return (_of_content("body-unexpected", f"a {response.status_code} has no content, and this has"),)
        if media_type is None:
            return _kind_problems(response, declared)
        if expected.is_stream:
            return self._items(response)
        kind, schema = response.media_type, media_type.schema
        if schema is None or (isinstance(response.data, str) and _is_unread(response)):
            return ()
        if media_types.is_json(kind):
            content, written = response.content, response.headers["Content-Type"]
            return self._value(schema, response.data, lambda: json_again(content, written), BODY)
        if media_types.is_xml(kind):
            if isinstance(response.data, str):
                return ()
            return self._value(schema, response.data, lambda: self._xml(response.text, schema), BODY)
        if media_types.is_text(kind):
            return _guarded(lambda: self._text(response.data, schema), BODY, "", schema)
        return ()

    def _xml(self, text: str, schema: Schema) -> JSON:
        from dynclient.wire import read_xml  # few answers need it

        return read_xml(text, self._document, schema)

    def _items(self, response: Response) -> Sequence[Finding]:
        """What is wrong with a stream that was read to its end, item by item, counted from 0."""
        operation, status, content = response.operation, response.status_code, response.content
        kind = response.headers["Content-Type"]

        def findings() -> Iterator[Finding]:
            decoder = decoder_for(kind)
            assert decoder is not None
            for event in _events(decoder, content):
                if isinstance(event, StreamError):
                    rule = "json-invalid" if isinstance(event, ItemError) else "not-judged"
                    yield Problem(BODY, f"[{event.number - 1}]", event.message, rule)
                else:
                    yield from self.item_findings(operation, status, kind, event, f"[{decoder.number - 1}]")

        def explain(most: int | None) -> Sequence[Problem]:
            found = findings()
            problems = (each.explain(most) if isinstance(each, Unexplained) else (each,) for each in found)
            return list(islice((problem for some in problems for problem in some), most))

        kinds: set[object] = set()
        for each in findings():
            kinds |= each.kinds if isinstance(each, Unexplained) else {(each.rule, each.schema_pointer)}
        return (Unexplained(BODY, "", frozenset(kinds), explain),) if kinds else ()

    def _text(self, text: str, schema: Schema) -> Sequence[Finding]:
        """A text may mean a number if the schema asks for one, but not an array or object."""
        types = SchemaView(self._document, [schema]).types
        if types and not types & _SCALARS:
            return ()
        typed = deserialization.typed([text.strip()], self._schemas.lowered(schema), self._schemas.resolve)
        value = text if isinstance(typed, str) else typed
        return self._value(schema, value, lambda: value, BODY)

    def _value(
        self, schema: Schema, value: JSON, again: Callable[[], JSON], location: str, name: str = ""
    ) -> Sequence[Finding]:
        """What is wrong with a value; `again` returns the value as it came, for the explanation."""
        kinds = self._schemas.kinds(schema, value)
        if kinds is None:  # only the slow validator knows whether it is valid
            return self._explained(schema, value, location, name, MOST_PROBLEMS)
        if not kinds:
            return ()

        def explain(most: int | None) -> Sequence[Problem]:
            return self._explained(schema, again(), location, name, most)

        return (Unexplained(location, name, frozenset(kinds), explain),)

    def _explained(self, schema: Schema, value: JSON, location: str, name: str, most: int | None) -> Sequence[Problem]:
        return _guarded(lambda: self._schemas.problems(schema, value, location, name, most), location, name, schema)


def _events(decoder: Decoder, content: bytes) -> Iterator[Event | StreamError]:
    """The events of a whole stream, with an error in place of each that cannot be read."""
    steps: tuple[Callable[[], Iterator[Event]], ...] = (lambda: decoder.feed(content), decoder.close)
    for step in steps:
        events = step()
        while True:
            try:
                yield from events
                break
            except ItemError as error:
                yield error
                events = decoder.feed(b"")  # goes on after the item
            except StreamError as error:
                yield error
                return


def _forms(event: Event, content_type: str) -> Iterator[JSON]:
    """What the schema of an item may describe: its data; for a server-sent event, its text and its fields too."""
    yield event.data
    if media_types.essence(content_type) != "text/event-stream":
        return
    fields: dict[str, JSON] = {"event": event.event, "id": event.id, "retry": event.retry}
    given = {name: value for name, value in fields.items() if value not in ("", None, "message")}
    yield {**given, "data": event.data}
    yield {**given, "data": event.text}  # as `itemSchema` of OpenAPI 3.2 has it
    yield event.text


def _is_elsewhere(response: Response) -> bool:
    """Whether a redirect led to it that the document describes by its status or range."""
    redirect = response.redirected_by
    described = described_answer(response.operation, redirect) if redirect else None
    return described is not None and described.status != "DEFAULT"


def _missing(response: Response, declared: Sequence[MediaType]) -> Sequence[Problem]:
    """The problem of missing content: a file or text may be empty, JSON may not."""
    kind = response.media_type
    names = [kind] if kind else [each.name for each in declared]
    if not any(map(media_types.is_json, names)):
        return ()
    where = declared[0].pointer.rpartition("/")[0] if declared else ""
    return (_of_content("body-missing", f"the answer has no content; it should be {', '.join(names)}", where),)


def _is_unread(response: Response) -> bool:
    """Whether the content is not what its Content-Type says; then the data is text."""
    return any(problem.rule in UNREAD for problem in response.problems)


def _kind_problems(response: Response, declared: Sequence[MediaType]) -> Sequence[Problem]:
    """What is wrong with a media type that is not declared."""
    kind = response.media_type
    if not declared or response.status_code in _BODILESS:
        return ()
    where, names = declared[0].pointer.rpartition("/")[0], ", ".join(each.name for each in declared)
    if response.is_read and any(media_types.is_json(each.name) for each in declared):
        title = page_title(response.data, kind, response.secrets.masked)
        if title is not None:
            titled = f" titled '{title}'" if title else ""
            return (_of_content("html-page", f"got an HTML page{titled}, JSON expected; is base_url right?", where),)
    if not kind:
        return (_of_content("media-type-missing", f"the answer has no Content-Type; documented is {names}", where),)
    return (_of_content("media-type-undocumented", f"{kind} is not documented; there is {names}", where),)


def _of_content(rule: str, message: str, schema_pointer: str = "") -> Problem:
    return Problem(BODY, "", message, rule, schema_pointer=schema_pointer)


def _guarded(check: Callable[[], Sequence[T]], location: str, name: str, schema: Schema) -> Sequence[T | Problem]:
    """The findings of a check, or one that says it failed: odd schemas and values can break a validator in any way."""
    try:
        return check()
    except Exception as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else type(error).__name__
        message = f"it could not be validated ({reason})"
        return (Problem(location, name, message, "not-judged", schema_pointer=schema.pointer),)
