"""From a call's arguments to the request that says exactly that."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from dynclient.credentials import Credentials, Mask, Place, is_cursor_name
from dynclient.errors import Problem
from dynclient.http import HEADER_NAME, media_types
from dynclient.openapi import DEFAULT, MediaType, Operation, Parameter
from dynclient.types import JSON, UNSET, Location
from dynclient.wire import media, serialization
from dynclient.wire.binding import Arguments, unwritable
from dynclient.wire.event_streams import decoder_for
from dynclient.wire.request import Request
from dynclient.wire.servers import literal
from dynclient.wire.values import Unwritable, plain

if TYPE_CHECKING:
    import requests

_TEMPLATE = re.compile(r"\{([^{}]+)\}")
_SEGMENT = re.compile(r"(?:\{[^{}]+\}|[^/])+")


class Builder:
    """Builds the requests of one operation; what the document decides of them is worked out once."""

    def __init__(self, operation: Operation, headers: Mapping[str, str] | None = None) -> None:
        """`headers` are what is sent where neither the call nor the client says otherwise."""
        template, _, query = operation.path.partition("#")[0].partition("?")  # a fragment is never sent
        self._method = operation.method
        self._headers = {"Accept": ", ".join(answer_types(operation)) or "*/*", **(headers or {})}
        self._parameters = [
            parameter for location in _WRITERS for parameter in operation.parameters if parameter.location == location
        ]
        self._path_parameters = {each.name: each for each in self._parameters if each.location == "path"}
        # Of Swagger 2.0, where it says what the body is.
        self._has_content_type = any(
            each.location == "header" and each.name.lower() == "content-type" for each in self._parameters
        )
        self._path = _Template(template)
        self._segments = [part for part in map(_Template, _SEGMENT.findall(template)) if part.names]
        # Some documents write a query into the path. A part of it with a variable that is no path parameter is left
        # out: it repeats a query parameter.
        parts = map(_Template, query.split("&"))
        self._query = [part for part in parts if query and self._path_parameters.keys() >= set(part.names)]

    def build(
        self,
        arguments: Arguments,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, JSON] | None = None,
        multi_segment: Collection[str] = (),
    ) -> tuple[Request | None, tuple[Problem, ...]]:
        """
        Return the request for a call, its URL still without a server, or everything that cannot be written.

        `headers` and `query` are the caller's own additions; a header of the caller's replaces one of the same name.
        `multi_segment` names the path parameters whose values may hold slashes.
        """
        import requests

        problems: list[Problem] = []
        texts = self._texts(arguments, multi_segment, problems)
        path = self._path.filled(texts["path"])
        path = path if path.startswith("/") else f"/{path}"
        if "/." in path:
            problems += self._dot_segments(arguments, texts["path"])
        query_parts = [*filter(None, texts["query"].values())]
        if self._query and (of_template := "&".join([part.filled(texts["path"]) for part in self._query])):
            query_parts.insert(0, of_template)
        if query:
            query_parts += _extra_query(query, problems)
        sent = requests.structures.CaseInsensitiveDict(self._headers)
        sent.update(texts["header"])
        if cookies := "; ".join(filter(None, texts["cookie"].values())):
            sent["Cookie"] = cookies
        body = None
        if arguments.media_type is not None:
            try:
                encoded = media.encode(
                    arguments.media_type, arguments.body if arguments.encoded is None else arguments.encoded
                )
                body = encoded.body
                if not (self._has_content_type and "Content-Type" in sent) or media_types.is_multipart(
                    encoded.content_type
                ):
                    sent["Content-Type"] = encoded.content_type
            except Unwritable as error:
                problems.append(unwritable("body", "", arguments.body, error))
        if headers:
            extra = _extra_headers(headers, problems)
            if "content-type" in map(str.lower, extra) and media_types.is_multipart(sent.get("Content-Type", "")):
                message = (
                    "it names the boundary between the parts, and cannot be given; content_type= chooses a media type"
                )
                problems.append(Problem("header", "Content-Type", message, "value"))
            sent.update(extra)
        if problems:
            return None, tuple(problems)
        url = f"{path}?{'&'.join(query_parts)}" if query_parts else path
        return Request(self._method, url, sent, body, arguments), ()

    def _dot_segments(self, arguments: Arguments, written: Mapping[str, str]) -> Iterator[Problem]:
        """
        The segments that become `.` or `..` only as values and the text around them come together.

        Escaped dots are written as dots, in values and in the template, so they are found too. Some servers cut a
        segment at its first `;` before they look.
        """
        for segment in self._segments:
            text = segment.filled(written)
            if "/" in text:  # of a value of several segments
                text = next((each for each in text.split("/") if each.partition(";")[0] in (".", "..")), "")
            if text.partition(";")[0] in (".", "..") and written.keys() >= set(segment.names):
                name = segment.names[0]
                value, pointer = arguments.parameters["path", name], self._path_parameters[name].pointer
                message = f"with the text around it the path would hold {text!r}, which would reach another path"
                yield Problem("path", name, message, "value", value, "", pointer)

    def _texts(
        self, arguments: Arguments, multi_segment: Collection[str], problems: list[Problem]
    ) -> dict[Location, dict[str, str]]:
        """The texts of the parameters that are given, by location and name."""
        texts: dict[Location, dict[str, str]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for parameter in self._parameters:
            location, name = parameter.location, parameter.name
            value = arguments.parameters.get((location, name), UNSET)
            if value is UNSET:
                continue
            if location == "path" and name in multi_segment:
                parameter = dataclasses.replace(parameter, multi_segment=True)
            try:
                if location == "header" and not HEADER_NAME.fullmatch(name):
                    raise Unwritable("the document gives a header this name, and none can have it")
                text = _WRITERS[location](parameter, value)
                if text or value not in ([], {}):
                    texts[location][name] = text
                elif parameter.required:
                    raise Unwritable("required, and nothing is written for an array or object without members")
            except Unwritable as error:
                problems.append(unwritable(location, name, value, error, parameter.pointer))
        return texts


def address(request: Request, base_url: str, credentials: Credentials) -> requests.Request:
    """The request with its server and its credentials; a header that the caller gave stays."""
    import requests

    path, _, query = request.url.partition("?")
    base_url, _, of_server = base_url.partition("?")
    parts = [*filter(None, (of_server, query))]
    for name, value in credentials.query.items():
        parts.append(f"{quote(name, safe='')}={quote(value, safe='*')}")
    query = "&".join(parts)
    headers = requests.structures.CaseInsensitiveDict(credentials.header)
    headers.update(request.headers)
    if credentials.cookie:
        before = headers.get("Cookie", "")
        cookies = [f"{name}={value}" for name, value in credentials.cookie.items()]
        headers["Cookie"] = "; ".join([before, *cookies] if before else cookies)
    url = base_url + (f"{path}?{query}" if query else path)
    return requests.Request(request.method, url, headers=headers, data=request.body)


def filled(request: Request | requests.Request | requests.PreparedRequest) -> dict[Place, str]:
    """What a request says, by its headers, fields of the query and cookies."""
    headers: Any = request.headers  # of a session that somebody else made, some may be bytes
    places: dict[Place, str] = {}
    for name, text in headers.lower_items():
        places["header", name] = text.decode("latin-1") if isinstance(text, bytes) else text
    cookies = places.pop(("header", "cookie"), "")
    query = (request.url or "").partition("?")[2]
    for location, parts in (("query", query.split("&")), ("cookie", cookies.split("; "))):
        for part in parts:
            if part:
                name, _, text = part.partition("=")
                places[location, unquote(name)] = unquote(text)
    return places


def concealed(arguments: Arguments, operation: Operation, mask: Mask, found: list[str] | None = None) -> Arguments:
    """The arguments with *** for all that is secret in them, which is added to `found`."""
    parameters = dict(arguments.parameters)
    for parameter in operation.parameters:
        key = parameter.location, parameter.name
        if key in parameters:
            is_secret = mask.hides(*key) and not (parameter.location == "query" and is_cursor_name(parameter.name))
            place = mask.place(parameter.schema)
            parameters[key] = mask.masked(parameters[key], place, is_secret=is_secret, found=found)
    place = mask.place(arguments.media_type.schema if arguments.media_type else None)
    body = mask.masked(arguments.body, place, found=found)
    return dataclasses.replace(arguments, parameters=parameters, body=body, encoded=None)


class _Template:
    """A text with variables in it."""

    __slots__ = ("_pieces",)

    def __init__(self, text: str) -> None:
        pieces = enumerate(_TEMPLATE.split(text))
        self._pieces = [piece if position % 2 else literal(piece) for position, piece in pieces]

    @property
    def names(self) -> list[str]:
        return self._pieces[1::2]

    def filled(self, written: Mapping[str, str]) -> str:
        """The text with those of its variables; nothing for those that have none."""
        pieces = self._pieces.copy()
        for position in range(1, len(pieces), 2):
            pieces[position] = written.get(pieces[position], "")
        return "".join(pieces)


def _query_text(parameter: Parameter, value: JSON) -> str:
    """The parameter's part of the query; a querystring that is a form is what a body of that type would be."""
    name = parameter.media_type or ""
    if parameter.style != "querystring" or not media_types.is_form(name):
        return serialization.query_text(parameter, value)
    body = media.encode(MediaType(name, parameter.schema, parameter.encoding), value).body
    assert isinstance(body, bytes)
    return body.decode()


# In this order problems are listed.
_WRITERS: Mapping[Location, serialization.Writer] = {
    "path": serialization.path_text,
    "query": _query_text,
    "header": serialization.header_text,
    "cookie": serialization.cookie_text,
}


def _extra_query(extra: Mapping[str, JSON], problems: list[Problem]) -> Iterable[str]:
    """What the document does not declare, written as a parameter without a style is."""
    for name, value in extra.items():
        parameter = Parameter(name, "query", name, style="form", explode=True)
        try:
            yield serialization.query_text(parameter, plain(value))
        except Unwritable as error:
            problems.append(unwritable("query", name, value, error))


def _extra_headers(extra: Mapping[str, str], problems: list[Problem]) -> Mapping[str, str]:
    """The caller's own headers. The values of wrong ones are not shown: they may be credentials."""
    for name, value in extra.items():
        try:
            if not HEADER_NAME.fullmatch(name):
                raise Unwritable("this isn't a header name")
            if not isinstance(value, str):
                raise Unwritable(f"a header is text, not {type(value).__name__}")
            if value:
                serialization.header_text(Parameter(name, "header", name, style="simple", explode=False), value)
        except Unwritable as error:
            problems.append(unwritable("header", name, UNSET, error))
    return extra


def accepted_streams(operation: Operation, stream_type: str | None = None) -> str:
    """The media types of the answers that mean success for an Accept header, streams first, that which is asked for."""
    if stream_type is not None:
        return ", ".join(dict.fromkeys([stream_type, *(answer_types(operation) or ["*/*"])]))
    names = sorted(answer_types(operation), key=lambda name: decoder_for(name) is None)
    if not names or decoder_for(names[0]) is None:  # the document keeps silent about it
        names = ["text/event-stream", *(names or ["*/*"])]
    return ", ".join(names)


def answer_types(operation: Operation) -> list[str]:
    """
    The media types of the answers that mean success, as the document lists them.

    Where it describes no content of such an answer, they are those of the answer for any status, else all that the
    operation says to produce.
    """
    successes = [answer for answer in operation.responses if answer.status[:1] == "2"]
    others = [answer for answer in operation.responses if answer.status == DEFAULT]
    for answers in (successes, others):
        names = list(dict.fromkeys(media_type.name for answer in answers for media_type in answer.content))
        if names:
            return names
    return list(operation.produces)
