"""From a call's arguments to the request that says exactly that."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping

from dynclient.documents import Document
from dynclient.errors import Problem
from dynclient.http import HEADER_NAME, media_types
from dynclient.openapi import MediaType, Operation, Parameter
from dynclient.support import type_name
from dynclient.types import JSON, UNSET, Location
from dynclient.wire import media, serialization
from dynclient.wire.accept_header import answer_types
from dynclient.wire.binding import Arguments, ParameterKey, unwritable
from dynclient.wire.request import Request
from dynclient.wire.servers import literal
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.values import plain

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_SEGMENT = re.compile(r"(?:\{[^{}]+\}|[^/])+")


class Builder:
    """Builds the requests of one operation; what the document decides about them is worked out once."""

    def __init__(
        self, operation: Operation, headers: Mapping[str, str] | None = None, document: Document | None = None
    ) -> None:
        """
        Args:
            operation: the operation.
            headers: the headers to send where neither the call nor the client says otherwise.
            document: the document, by whose schemas data is written as XML.
        """
        template, _, query = operation.path.partition("#")[0].partition("?")  # a fragment is never sent
        self._method = operation.method
        self._document = document
        self._headers = {"Accept": ", ".join(answer_types(operation)) or "*/*", **(headers or {})}
        self._path_parameters = _Parameters(operation, "path", serialization.path_text)
        self._query_parameters = _Parameters(operation, "query", _query_text)
        self._header_parameters = _Parameters(operation, "header", serialization.header_text)
        self._cookie_parameters = _Parameters(operation, "cookie", serialization.cookie_text)
        # In Swagger 2.0 such a parameter names the media type of the body.
        self._has_content_type = any(name.lower() == "content-type" for _, name in self._header_parameters.by_key)
        self._path = _Template(template)
        segments = map(_Template, _SEGMENT.findall(template))
        self._segments = [segment for segment in segments if segment.names and not segment.is_variable]
        # Some documents write a query into the path. A part of it with a variable that isn't a path parameter is left
        # out: it repeats a query parameter.
        names = {name for _, name in self._path_parameters.by_key}
        self._query = [part for part in map(_Template, query.split("&")) if query and names >= set(part.names)]

    def build(
        self,
        arguments: Arguments,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, JSON] | None = None,
        multi_segment: Collection[str] = (),
    ) -> tuple[Request | None, tuple[Problem, ...]]:
        """
        Return the request for a call, its URL still without a server, or everything that cannot be written.

        Args:
            arguments: the arguments of the call.
            headers: the caller's own headers; each replaces one of the same name.
            query: the caller's own query parameters, which the document does not declare.
            multi_segment: the names of the path parameters whose values may hold slashes.
        """
        import requests

        problems: list[Problem] = []
        url = self._written_url(arguments, query, multi_segment, problems)
        sent = requests.structures.CaseInsensitiveDict(self._headers)
        if self._header_parameters.by_key:
            self._write_headers(arguments, sent, problems)
        if self._cookie_parameters.by_key:
            cookies = filter(None, self._cookie_parameters.written(arguments, problems).values())
            if cookie := "; ".join(cookies):
                sent["Cookie"] = cookie
        body = None
        if arguments.media_type is not None:
            body = self._write_body(arguments.media_type, arguments, sent, problems)
        if headers:
            sent.update(_extra_headers(headers, sent.get("Content-Type", ""), problems))
        if problems:
            return None, tuple(problems)
        return Request(self._method, url, sent, body, arguments), ()

    def _written_url(
        self,
        arguments: Arguments,
        query: Mapping[str, JSON] | None,
        multi_segment: Collection[str],
        problems: list[Problem],
    ) -> str:
        """The path and the query, whether this stands in the path's template, is declared, or is the caller's own."""
        write = _path_writer(multi_segment) if multi_segment else None
        in_path = self._path_parameters.written(arguments, problems, write) if self._path_parameters.by_key else {}
        path = self._path.filled(in_path)
        if self._segments:
            problems += self._dot_segments(arguments, in_path)
        parts = [part.filled(in_path) for part in self._query] if self._query else []
        if self._query_parameters.by_key:
            parts += filter(None, self._query_parameters.written(arguments, problems).values())
        if query:
            parts += _extra_query(query, problems)
        path = path if path.startswith("/") else f"/{path}"
        return f"{path}?{'&'.join(parts)}" if parts else path

    def _write_headers(self, arguments: Arguments, sent: MutableMapping[str, str], problems: list[Problem]) -> None:
        for name, text in self._header_parameters.written(arguments, problems).items():
            key: ParameterKey = ("header", name)
            if not HEADER_NAME.fullmatch(name):
                error = Unwritable("the document gives a header this name, and none can have it")
                problems.append(unwritable(*key, text, error, self._header_parameters.by_key[key].pointer))
            elif text or arguments.parameters[key] not in ([], {}):  # those say nothing, but "" is an empty header
                sent[name] = text

    def _write_body(
        self, media_type: MediaType, arguments: Arguments, sent: MutableMapping[str, str], problems: list[Problem]
    ) -> media.Body | None:
        """Return the body, and add its content type to the headers that are sent."""
        try:
            value = arguments.body if arguments.encoded is None else arguments.encoded
            encoded = media.encode(media_type, value, self._document)
        except Unwritable as error:
            problems.append(unwritable("body", "", arguments.body, error))
            return None
        is_given = self._has_content_type and "Content-Type" in sent
        if not is_given or media_types.is_multipart(encoded.content_type):
            sent["Content-Type"] = encoded.content_type
        return encoded.body

    def _dot_segments(self, arguments: Arguments, written: Mapping[str, str]) -> Iterator[Problem]:
        """
        The segments that become `.` or `..` only because a value and the text around it come together.

        Escaped dots are written as dots, in values and in the template, so they are found too. Some servers cut a
        segment at its first `;` before they look.
        """
        for segment in self._segments:
            text = segment.filled(written)
            if "/" in text:  # a value of several segments
                text = next((each for each in text.split("/") if each.partition(";")[0] in (".", "..")), "")
            if text.partition(";")[0] in (".", "..") and written.keys() >= set(segment.names):
                name = segment.names[0]
                parameter, value = self._path_parameters.by_key["path", name], arguments.parameters["path", name]
                message = f"with the text around it the path would hold {text!r}, which would reach another path"
                yield Problem("path", name, message, "value", value, "", parameter.pointer)


class _Parameters:
    """The parameters of an operation in one location, and what writes them."""

    __slots__ = ("_write", "by_key")

    def __init__(self, operation: Operation, location: Location, write: serialization.Writer) -> None:
        self._write = write
        self.by_key: dict[ParameterKey, Parameter] = {
            (location, parameter.name): parameter
            for parameter in operation.parameters
            if parameter.location == location
        }

    def written(
        self, arguments: Arguments, problems: list[Problem], write: serialization.Writer | None = None
    ) -> dict[str, str]:
        """
        The texts of the parameters that were given, by name; "" for those that have nothing to say.

        `write` replaces the usual writer of this location.
        """
        texts: dict[str, str] = {}
        for key, parameter in self.by_key.items():
            value = arguments.parameters.get(key, UNSET)
            if value is UNSET:
                continue
            try:
                text = (write or self._write)(parameter, value)
                if not text and parameter.required and value in ([], {}):
                    raise Unwritable("required, and nothing is written for an array or object without members")
                texts[parameter.name] = text
            except Unwritable as error:
                problems.append(unwritable(*key, value, error, parameter.pointer))
        return texts


class _Template:
    """A text with variables in braces."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str) -> None:
        pieces = enumerate(_TEMPLATE.split(text))
        self._pieces = [piece if position % 2 else literal(piece) for position, piece in pieces]

    @property
    def names(self) -> list[str]:
        return self._pieces[1::2]

    @property
    def is_variable(self) -> bool:
        """Whether there is nothing but one variable."""
        return len(self._pieces) == 3 and not (self._pieces[0] or self._pieces[2])

    def filled(self, written: Mapping[str, str]) -> str:
        """The text with the variables replaced; a variable without a text leaves nothing."""
        pieces = self._pieces.copy()
        for position in range(1, len(pieces), 2):
            pieces[position] = written.get(pieces[position], "")
        return "".join(pieces)


def _path_writer(multi_segment: Collection[str]) -> serialization.Writer:
    """What writes path parameters if the caller permits slashes in the values of those with these names."""

    def write(parameter: Parameter, value: JSON) -> str:
        several = parameter.multi_segment or parameter.name in multi_segment
        return serialization.path_text(dataclasses.replace(parameter, multi_segment=several), value)

    return write


def _query_text(parameter: Parameter, value: JSON) -> str:
    """The parameter's part of the query; a querystring that is a form is what a body of that type would be."""
    name = parameter.media_type or ""
    if parameter.style != "querystring" or not media_types.is_form(name):
        return serialization.query_text(parameter, value)
    body = media.encode(MediaType(name, parameter.schema, parameter.encoding), value).body
    assert isinstance(body, bytes)
    return body.decode()


def _extra_query(extra: Mapping[str, JSON], problems: list[Problem]) -> Iterable[str]:
    """What the document does not declare, written as a parameter without a style is."""
    for name, value in extra.items():
        parameter = Parameter(name, "query", name, style="form", explode=True)
        try:
            yield serialization.query_text(parameter, plain(value))
        except Unwritable as error:
            problems.append(unwritable("query", name, value, error))


def _extra_headers(extra: Mapping[str, str], content_type: str, problems: list[Problem]) -> Mapping[str, str]:
    """
    The caller's own headers, beside a body of this content type.

    The values of wrong ones are not shown: they may be credentials.
    """
    for name, value in extra.items():
        try:
            if not HEADER_NAME.fullmatch(name):
                raise Unwritable("this isn't a header name")
            if not isinstance(value, str):
                raise Unwritable(f"a header is text, not {type_name(value)}")
            if value:
                serialization.header_text(Parameter(name, "header", name, style="simple", explode=False), value)
        except Unwritable as error:
            problems.append(unwritable("header", name, UNSET, error))
    if "content-type" in map(str.lower, extra) and media_types.is_multipart(content_type):
        message = "it names the boundary between the parts, and cannot be given; content_type= chooses a media type"
        problems.append(Problem("header", "Content-Type", message, "value"))
    return extra
