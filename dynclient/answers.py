"""
Answers judged by what the document says of them: their status, headers, media type and content.

What is wrong is told and nothing else: no answer can make the judge fail. `rules.ANSWER_RULES` lists what there is to
tell beside the keywords of schemas.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from dynclient import deserialization, media
from dynclient.deprecation import announcement
from dynclient.document import Document
from dynclient.errors import OperationDeprecated, Problem, stacklevel
from dynclient.formats import Formats
from dynclient.model import MediaType, Operation, Parameter, ResponseDescription, Schema
from dynclient.options import Mode
from dynclient.response import BODY, HEADER, STATUS, UNREAD, Response, content_type, type_parameters
from dynclient.shape import Shape
from dynclient.streaming import Decoder, Event, ItemError, StreamError, decoder_for
from dynclient.types import JSON
from dynclient.validation import MOST_PROBLEMS, SchemaJudge

_logger = logging.getLogger("dynclient")

_BODILESS = frozenset({204, 205, 304})  # RFC 9110 §15.3.5, §15.3.6, §15.4.5
_NOT_MODIFIED = 304  # what a condition in the request asks for, declared or not
_SCALARS = frozenset({"boolean", "integer", "null", "number", "string"})
_MOST_KINDS = 1000


class AnswerJudge:
    """Judges the answers to one document's operations; each schema is compiled when it is first needed."""

    def __init__(self, document: Document, formats: Formats | None = None) -> None:
        self._document = document
        self._formats = formats
        self._schemas = SchemaJudge(document, "response", formats)

    def __reduce__(self) -> tuple[type[AnswerJudge], tuple[Document, Formats | None]]:
        return AnswerJudge, (self._document, self._formats)

    def problems(self, response: Response) -> tuple[Problem, ...]:
        """Everything that is wrong with an answer beside what its reading told."""
        operation, status = response.operation, response.status_code
        described = described_answer(operation, status)
        if described is not None:
            content = self._content(response, described) if response.is_read else _kind_problems(response, described)
            return (*self._headers(response, described.headers), *content)
        if not operation.responses or status == _NOT_MODIFIED:
            return ()
        message = f"{status} is not documented; there are {', '.join(each.status for each in operation.responses)}"
        where = f"{operation.pointer}/responses"
        return (Problem(STATUS, "", message, "status-undocumented", status, schema_pointer=where),)

    def item_problems(
        self, operation: Operation, status: int, content_type: str, event: Event, name: str = "", received: str = ""
    ) -> tuple[Problem, ...]:
        """
        What is wrong with one item of a stream, such as a line of JSON or an event; `name` tells which it is.

        The schema of an event may mean its data alone, as JSON or as text, or all its fields: that counts which fits
        best. Where the document does not have the type as which the stream is read, the schema is that of the type that
        was `received`.
        """
        described = described_answer(operation, status)
        content = described.content if described else ()
        media_type = fitting(content, content_type) or (fitting(content, received) if received else None)
        schema = (media_type.item_schema or media_type.schema) if media_type else None
        if schema is None:
            return ()
        forms = _forms(event) if media.essence(content_type) == "text/event-stream" else [event.data]
        found: list[Sequence[Problem]] = []
        for form in forms:
            problems = self._value(schema, form, BODY, name)
            if not problems:
                return ()
            found.append(problems)
        best: Sequence[Problem] = min(found, key=len)
        return tuple(best)

    def _headers(self, response: Response, headers: Iterable[Parameter]) -> Iterator[Problem]:
        for header in headers:
            text = response.headers.get(header.name)
            if text is not None:
                yield from self._header(header, text)
            elif header.required:
                message = "the document requires it, and it is not there"
                yield Problem(HEADER, header.name, message, "header-missing", schema_pointer=header.pointer)

    def _header(self, header: Parameter, text: str) -> Sequence[Problem]:
        if header.schema is None or header.name.lower() == "set-cookie":  # several of those cannot be told apart
            return ()
        schema = header.schema

        def judge() -> Sequence[Problem]:
            lowered = self._schemas.lowered(schema)
            value = deserialization.header_value(header, text, lowered, self._schemas.resolve)
            return self._schemas.problems(schema, value, HEADER, header.name)

        return _guarded(judge, HEADER, header.name, schema)

    def _content(self, response: Response, described: ResponseDescription) -> Sequence[Problem]:
        declared = described.content
        is_bodiless = response.status_code in _BODILESS or response.operation.method == "HEAD"
        if not response.content:
            return () if is_bodiless else _missing(response, declared)
        if is_bodiless:
            return (_of_content("body-unexpected", f"a {response.status_code} has no content, and this has"),)
        media_type = _received(response, declared)
        if media_type is None:
            return _kind_problems(response, described)
        decoder = decoder_for(response.headers["Content-Type"])
        if decoder is not None:
            return list(islice(self._items(response, decoder), MOST_PROBLEMS))
        return self._data(response, media_type.schema)

    def _items(self, response: Response, decoder: Decoder) -> Iterator[Problem]:
        """The problems of a stream that was read to its end, item by item, which are counted from 0."""
        kind = response.headers["Content-Type"]
        for event in _events(decoder, response.content):
            if isinstance(event, StreamError):
                rule = "json-invalid" if isinstance(event, ItemError) else "not-judged"
                yield Problem(BODY, f"[{event.number - 1}]", event.message, rule)
            else:
                name = f"[{decoder.number - 1}]"
                yield from self.item_problems(response.operation, response.status_code, kind, event, name)

    def _data(self, response: Response, schema: Schema | None) -> Sequence[Problem]:
        """The problems of the data: of JSON, and of text where the schema means text; nothing else has a schema."""
        kind = content_type(response)
        if schema is None or any(problem.rule in UNREAD for problem in response.problems):
            return ()
        if media.is_json(kind):
            return self._value(schema, response.data, BODY)
        if media.is_text(kind) and not kind.endswith("xml"):
            return _guarded(lambda: self._text(response.data, schema), BODY, "", schema)
        return ()

    def _text(self, text: str, schema: Schema) -> Sequence[Problem]:
        """A text stands for a number where the schema asks for one, and for no array or object."""
        types = Shape(self._document, [schema]).types
        if types and not types & _SCALARS:
            return ()
        value = deserialization.typed([text.strip()], self._schemas.lowered(schema), self._schemas.resolve)
        return self._schemas.problems(schema, text if isinstance(value, str) else value, BODY)

    def _value(self, schema: Schema, value: JSON, location: str, name: str = "") -> Sequence[Problem]:
        return _guarded(lambda: self._schemas.problems(schema, value, location, name), location, name, schema)


class Notices:
    """Tells the log and Python's warnings what concerns more than one call, each kind of it once."""

    def __init__(self) -> None:
        self._told: set[tuple[str, ...]] = set()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[Notices], tuple[()]]:
        return Notices, ()

    def tell(self, operation: Operation, problems: Iterable[Problem]) -> None:
        """
        Log the kinds of these problems that were not logged before: one kind is a rule at a place of the document.

        What was sent and received is not repeated, for it may be personal; `problems` of the answer has it.
        """
        for problem in problems:
            # The fields of a body may be named by its data; what the schema calls them stands in the pointer.
            name = "" if problem.location in ("body", BODY) else problem.name
            kind = (operation.id, problem.location, name, problem.rule, problem.schema_pointer)
            if self._is_new(kind):
                place = f"{problem.location} {name}".rstrip()
                rule = f"{problem.rule} {problem.schema_pointer}".rstrip()
                _logger.warning("%s: %s does not fit the document (%s)", operation.id, place, rule)

    def deprecated(self, operation: Operation, uses: Iterable[str]) -> None:
        """Warn of what a call uses that the document calls deprecated: of each once."""
        for use in uses:
            kind = (operation.id, "deprecated", use)
            if kind not in self._told:
                message = f"{operation.id}: the document calls {use} deprecated"
                warnings.warn(message, OperationDeprecated, stacklevel=stacklevel())
                self._is_new(kind)  # not where a filter makes it an error: the next call must fail as well

    def announced(self, operation: Operation, headers: Mapping[str, str]) -> None:
        """
        Log that the server announces the end of an operation (RFC 8594, RFC 9745), once.

        It is no warning: where a filter makes warnings errors, the answer to a call that was carried out would be lost.
        """
        said = announcement(headers) if "Sunset" in headers or "Deprecation" in headers else ""
        if said and self._is_new((operation.id, "announced")):
            _logger.warning("%s: the server says that %s", operation.id, said)

    def _is_new(self, kind: tuple[str, ...]) -> bool:
        with self._lock:
            if kind in self._told or len(self._told) >= _MOST_KINDS:
                return False
            self._told.add(kind)
            return True


def judged(
    response: Response, mode: Mode, judge: AnswerJudge, notices: Notices, asked: Sequence[Problem] = ()
) -> tuple[Problem, ...]:
    """
    What is wrong with an answer that was read; its `problems` are then these, behind those of its request.

    With the mode "off" that is what its reading told, with "warn" it is logged.
    """
    found = response.problems
    if mode != "off":
        found += judge.problems(response)
    if mode == "warn" and found:
        notices.tell(response.operation, found)
    response.problems = (*asked, *found)
    return found


def described_answer(operation: Operation, status: int) -> ResponseDescription | None:
    """What the document says of a status: by its number, its range, or as the default (OpenAPI 3.1.1 §4.8.16)."""
    described = {each.status: each for each in operation.responses}
    for name in (str(status), f"{status // 100}XX", "DEFAULT"):
        if name in described:
            return described[name]
    return None


def fitting(content: Sequence[MediaType], received: str) -> MediaType | None:
    """
    The declared media type that a Content-Type is of: one with its parameters, else without, else the closest range.

    Neither letters' case nor parameters that the document does not name count.
    """
    given = type_parameters(received).items()

    def rank(declared: MediaType) -> tuple[int, bool, int]:
        parameters = {name: value.lower() for name, value in type_parameters(declared.name).items()}
        is_same = parameters.items() <= {(name, value.lower()) for name, value in given}
        return -declared.name.count("*"), is_same, len(parameters) if is_same else 0

    return max((declared for declared in content if media.fits(received, declared.name)), key=rank, default=None)


def _events(decoder: Decoder, content: bytes) -> Iterator[Event | StreamError]:
    """The events of a whole stream, and what stands in the place of one that cannot be read."""
    steps: tuple[Callable[[], Iterator[Event]], ...] = (lambda: decoder.feed(content), decoder.close)
    for step in steps:
        events = step()
        while True:
            try:
                yield from events
                break
            except ItemError as error:
                yield error
                events = decoder.feed(b"")  # goes on behind the item
            except StreamError as error:
                yield error
                return


def _forms(event: Event) -> Iterator[JSON]:
    """What the schema of a server-sent event may describe."""
    fields: dict[str, JSON] = {"event": event.event, "id": event.id, "retry": event.retry}
    given = {name: value for name, value in fields.items() if value not in ("", None, "message")}
    yield event.data
    yield {**given, "data": event.data}
    yield {**given, "data": event.text}  # as `itemSchema` of OpenAPI 3.2 has it
    yield event.text


def _missing(response: Response, declared: Sequence[MediaType]) -> Sequence[Problem]:
    """An empty file or text is one; JSON has no empty text."""
    kind = content_type(response)
    names = [kind] if kind else [each.name for each in declared]
    if not any(map(media.is_json, names)):
        return ()
    where = declared[0].pointer.rpartition("/")[0] if declared else ""
    return (_of_content("body-missing", f"there is no content; it should be {', '.join(names)}", where),)


def _received(response: Response, declared: Sequence[MediaType]) -> MediaType | None:
    """The declared media type that the answer is of."""
    return fitting(declared, response.headers["Content-Type"]) if content_type(response) else None


def _kind_problems(response: Response, described: ResponseDescription) -> Sequence[Problem]:
    """What is wrong with the media type of an answer that has content."""
    declared, kind = described.content, content_type(response)
    if not declared or response.status_code in _BODILESS or _received(response, declared):
        return ()
    where, names = declared[0].pointer.rpartition("/")[0], ", ".join(each.name for each in declared)
    if not kind:
        return (_of_content("media-type-missing", f"the answer has no Content-Type; documented is {names}", where),)
    return (_of_content("media-type-undocumented", f"{kind} is not documented; there is {names}", where),)


def _of_content(rule: str, message: str, schema_pointer: str = "") -> Problem:
    return Problem(BODY, "", message, rule, schema_pointer=schema_pointer)


def _guarded(judge: Callable[[], Sequence[Problem]], location: str, name: str, schema: Schema) -> Sequence[Problem]:
    """The verdict, or that there is none: odd schemas and values break a validator in as many ways as there are."""
    try:
        return judge()
    except Exception as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else type(error).__name__
        message = f"it could not be judged ({reason})"
        return (Problem(location, name, message, "not-judged", schema_pointer=schema.pointer),)
