"""A WSGI application for any document: it validates each request and answers with the document's examples."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import functools
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from http import client as http_client
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, quote, urlsplit

from dynclient.documents import Document, DocumentSource, load, parse
from dynclient.errors import Problem
from dynclient.http import HEADER_NAME, media_types
from dynclient.mock.examples import parameter_example, response_example
from dynclient.network import WSGIApplication
from dynclient.openapi import (
    Directory,
    MediaType,
    Operation,
    ResponseDescription,
    Schema,
    SchemaView,
    SecurityScheme,
    Server as ServerDescription,
    XmlNode,
    read_security_schemes,
    read_servers,
)
from dynclient.responses import text_of
from dynclient.schemas import Lowering
from dynclient.support import near, renewed
from dynclient.types import JSON, UNSET, Unset
from dynclient.validation import RequestValidator
from dynclient.wire import (
    UNKNOWN,
    Arguments,
    ParameterKey,
    UnreadableXml,
    Unwritable,
    deserialization,
    media,
    read_xml,
    serialization,
    write_xml,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

_KEPT_REQUESTS = 1000
_SOME_BYTES = b"\x00\x01\x02\x03"
_BODILESS = frozenset({204, 304})  # RFC 9110 §6.4.1, and no Content-Length either (§8.6)
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")
_CONCRETE = {"*/*": "application/json", "text/*": "text/plain", "image/*": "image/png"}
_URL_SAFE = "/:@!$&'()*+,;=~%"  # RFC 3986 §3.3, and existing escapes
# Headers that clients add by themselves say nothing about the caller.
_TRANSPORT_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
)
_LINES = ("application/jsonl", "application/x-ndjson")


@dataclasses.dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came, and how it was answered; `operation_id` is "" if it matched no operation."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str] = dataclasses.field(repr=False)  # they hold credentials
    body: bytes
    operation_id: str
    status: int


@dataclasses.dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class _Call:
    """A request: `path` is still percent-encoded."""

    request: Request
    path: str
    query_string: str
    body: bytes

    @property
    def method(self) -> str:
        """The method as it was written; werkzeug turns it into upper case."""
        return str(self.request.environ["REQUEST_METHOD"])

    @property
    def content_type(self) -> str:
        return self.request.headers.get("Content-Type", "")


class _Refusal(Exception):
    """A request that is not answered with an example."""

    def __init__(
        self, status: int, message: str, problems: Iterable[Problem] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        error = {"message": message, "problems": [problem.to_dict() for problem in problems]}
        body = json.dumps({"error": error}, default=_as_text).encode()
        self.answer = _Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


class MockApp:
    """
    A WSGI application (PEP 3333) that answers every operation of a document.

    An invalid request is answered with 400 and all its problems, a valid one with the first success that the document
    declares: its published example, or one made from its schema. `Prefer: code=404` asks for another answer.
    Credentials are required only with `require_auth`, and are never verified.

    Raises:
        DocumentError: the document cannot be read.
    """

    def __init__(self, document: Document | DocumentSource, *, require_auth: bool = False) -> None:
        self.document = document if isinstance(document, Document) else parse(load(document))
        self._require_auth = require_auth
        self._schemes = read_security_schemes(self.document)
        self._query_keys = {scheme.parameter for scheme in self._schemes.values() if scheme.location == "query"}
        self._routes = sorted(_routes(self.document), key=lambda route: route.rank)
        self._validator = RequestValidator(self.document)
        self._lowering = Lowering(self.document, "request")
        self._form_lowering = Lowering(self.document, "request", form=True)
        self._response_lowering = Lowering(self.document, "response")
        self._lock = renewed(self, "_lock")  # the lowerings fill up as operations are used
        self._requests: collections.deque[Recorded] = collections.deque(maxlen=_KEPT_REQUESTS)

    def __reduce__(self) -> tuple[Callable[..., MockApp], tuple[Document]]:
        """A client that calls it can be pickled; recorded requests aren't copied."""
        return functools.partial(MockApp, require_auth=self._require_auth), (self.document,)

    def __repr__(self) -> str:
        return f"<MockApp of {self.document.title!r}, {len(self._routes)} operations>"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        request = Request(environ)
        call = _Call(request, *_target(environ), b"")
        route = None
        try:
            call = dataclasses.replace(call, body=request.get_data())
            routes = self._find(call)
            route = routes[0]
            route, answer = self._respond_first(routes, call)
        except _Refusal as refusal:
            answer = refusal.answer
        except Exception as error:  # no document may end the server, whatever fault it triggers
            answer = _Refusal(500, f"the mock itself failed: {type(error).__name__}: {error}").answer
        self._record(call, route, answer.status)
        length = {} if answer.status in _BODILESS else {"Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {_reason(answer.status)}", [*answer.headers.items(), *length.items()])
        return [] if request.method == "HEAD" else [answer.body]

    @property
    def requests(self) -> list[Recorded]:
        """The requests so far; at most the last thousand."""
        with self._lock:
            return list(self._requests)

    def _record(self, call: _Call, route: _Route | None, status: int) -> None:
        recorded = Recorded(
            method=call.method,
            path=call.path,
            query_string=call.query_string,
            headers=dict(call.request.headers),
            body=call.body,
            operation_id=route.operation.id if route else "",
            status=status,
        )
        with self._lock:
            self._requests.append(recorded)

    def _find(self, call: _Call) -> list[_Route]:
        """The routes that match a request: one, or several with the same path if nothing distinguishes them."""
        given = dict(parse_qsl(call.query_string, keep_blank_values=True))
        found = [r for r in self._routes if r.pattern.fullmatch(call.path) and r.query.items() <= given.items()]
        if not found:
            known = near(call.path, dict.fromkeys(route.operation.path for route in self._routes))
            hint = f" Near to it: {', '.join(known)}." if known else ""
            raise _Refusal(404, f"the document has no path {call.path!r}.{hint}")
        allowed = [route for route in found if route.operation.method == call.method]
        if not allowed:
            methods = ", ".join(dict.fromkeys(route.operation.method for route in found))
            raise _Refusal(405, f"{call.path!r} is there for {methods} only", headers={"Allow": methods})
        headers = call.request.headers
        alike = [route for route in allowed if route.pattern == allowed[0].pattern and route.query == allowed[0].query]
        named = [r for r in alike if r.fragment and all(headers.get(name) == v for name, v in r.fragment.items())]
        return named or alike

    def _respond_first(self, routes: Sequence[_Route], call: _Call) -> tuple[_Route, _Answer]:
        """The first route for which the request is valid, and its answer; else the refusal by the first route."""
        refusals = []
        for route in routes:
            try:
                return route, self._respond(route, call)
            except _Refusal as refusal:
                refusals.append(refusal.answer)
        return routes[0], refusals[0]

    def _respond(self, route: _Route, call: _Call) -> _Answer:
        self._check_credentials(route.operation, call.request)
        with self._lock:
            arguments, problems = self._read(route, call)
        is_unread = any(problem.location == "body" for problem in problems)  # the validator would report it as missing
        for problem in self._validator.problems(route.operation, arguments):
            is_own = problem.location == "header" and problem.name.lower() in _TRANSPORT_HEADERS
            if not is_own and not (is_unread and problem.location == "body"):
                problems.append(problem)
        if problems:
            raise _Refusal(400, f"{route.operation.id}: {'; '.join(map(str, problems))}", problems)
        status, response = _chosen(route.operation, call.request.headers.get("Prefer", ""))
        if response is None:
            return _Answer(status)
        headers = self._headers(response)
        if status in _BODILESS or not response.content:
            return _Answer(status, headers=headers)
        in_path = {name: value for (location, name), value in arguments.parameters.items() if location == "path"}
        answer = self._answer(status, _acceptable(response.content, call.request), in_path)
        return dataclasses.replace(answer, headers={**headers, **answer.headers})

    def _headers(self, response: ResponseDescription) -> dict[str, str]:
        """The required parameters for which an example can be written."""
        written = {}
        for header in response.headers:
            if header.required and header.name.lower() != "content-length" and HEADER_NAME.fullmatch(header.name):
                with self._lock:
                    example = parameter_example(header, self._response_lowering)
                with contextlib.suppress(Unwritable):
                    written[header.name] = serialization.header_text(header, example)
        return written

    def _read(self, route: _Route, call: _Call) -> tuple[Arguments, list[Problem]]:
        """The request as arguments, and problems that the validator cannot see, such as undeclared parameters."""
        schemas = {(p.location, p.name): self._lowering.schema(p.schema) for p in route.operation.parameters}
        values = dict(self._values(route, call, schemas))
        problems = [
            Problem("query", name, "the operation has no such parameter", UNKNOWN)
            for name in self._unknown_names(route, call, schemas)
        ]
        media_type = _media_type(route.operation, call)
        if media_type is None:
            if call.body:
                problems.append(Problem("body", "", "the operation takes no body", UNKNOWN))
            return Arguments(values), problems
        try:
            return Arguments(values, self._read_body(media_type, call), media_type), problems
        except deserialization.Unreadable as error:
            return Arguments(values), [*problems, Problem("body", "", str(error), "unreadable")]

    def _values(
        self, route: _Route, call: _Call, schemas: Mapping[ParameterKey, JSON]
    ) -> Iterator[tuple[ParameterKey, JSON]]:
        resolve = self._lowering.resolve
        headers = call.request.headers
        in_path = route.texts(call.path)
        for parameter in route.operation.parameters:
            key = (parameter.location, parameter.name)
            taken = [name for location, name in schemas if location == parameter.location and name != parameter.name]
            value: JSON | Unset = UNSET
            match parameter.location:
                case "path":
                    value = deserialization.path_value(
                        parameter, in_path[parameter.name], schemas[key], resolve, strict=True
                    )
                case "query":
                    value = deserialization.query_value(
                        parameter, call.query_string, schemas[key], resolve, taken, strict=True
                    )
                case "header":
                    text = headers.get(parameter.name)
                    value = deserialization.header_value(parameter, text, schemas[key], resolve, strict=True)
                case "cookie":
                    text = headers.get("Cookie")
                    value = deserialization.cookie_value(parameter, text, schemas[key], resolve, taken, strict=True)
            if value is not UNSET:
                yield key, value

    def _unknown_names(self, route: _Route, call: _Call, schemas: Mapping[ParameterKey, JSON]) -> list[str]:
        declared = [
            (parameter, schemas[parameter.location, parameter.name])
            for parameter in route.operation.parameters
            if parameter.location == "query"
        ]
        names = deserialization.unknown_query_names(declared, call.query_string, self._lowering.resolve)
        return [name for name in names if name not in route.query and name not in self._query_keys]

    def _read_body(self, media_type: MediaType, call: _Call) -> JSON:
        is_form = media_types.is_form(media_type.name) or media_types.is_multipart(media_type.name)
        lowering = self._form_lowering if is_form else self._lowering
        schema = lowering.schema(media_type.schema)
        content_type = call.content_type or media_type.name
        if media_types.is_xml(content_type) and _describes_data(self.document, media_type):
            return _read_xml(call.body, content_type, self.document, media_type)
        return deserialization.read_body(content_type, call.body, schema, lowering.resolve, media_type.encoding)

    def _answer(self, status: int, media_type: MediaType, in_path: Mapping[str, JSON]) -> _Answer:
        with self._lock:
            example = response_example(media_type, self._response_lowering)
        if isinstance(example, dict):
            example = {**example, **{name: value for name, value in in_path.items() if name in example}}
        name = _CONCRETE.get(media_type.name, media_type.name.replace("*", "octet-stream"))
        is_item = media_type.item_schema is not None
        if media_types.is_xml(name) and not isinstance(example, str) and media_type.schema is not None:
            example = self._as_xml(example, media_type.schema)
        return _Answer(status, _sequence(name, example) if is_item else _written(name, example), {"Content-Type": name})

    def _as_xml(self, example: JSON, schema: Schema) -> JSON:
        """The XML of an example; the example itself if the document does not say enough to write it."""
        with contextlib.suppress(Unwritable):
            return write_xml(example, self.document, schema)
        return example

    def _check_credentials(self, operation: Operation, request: Request) -> None:
        alternatives = operation.security if self._require_auth else None
        if alternatives is None or any(self._has_all(request, names) for names in alternatives):
            return
        asked = " or ".join(" with ".join(names) for names in alternatives)
        raise _Refusal(401, f"{operation.id} needs {asked}", headers={"WWW-Authenticate": "Bearer"})

    def _has_all(self, request: Request, names: Iterable[str]) -> bool:
        return all(_has_credential(request, self._schemes[name]) for name in names if name in self._schemes)


@dataclasses.dataclass(frozen=True, slots=True)
class _Route:
    """
    An operation and how its requests are recognised.

    `names` are the groups of `pattern`. `query` and `fragment` are pairs that some documents write after the path: a
    request must have those of the query; those of a fragment may be headers that distinguish two operations.
    """

    operation: Operation
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    query: Mapping[str, str]
    fragment: Mapping[str, str]
    rank: tuple[object, ...]

    def texts(self, path: str) -> dict[str, str]:
        """The text in the path for each name, still percent-encoded."""
        found = self.pattern.fullmatch(path)
        return dict(zip(self.names, found.groups(), strict=True)) if found else {}


def _routes(document: Document) -> Iterator[_Route]:
    directory = Directory(document)
    for key in directory:
        operation = directory[key]
        if not operation.unread:  # noted already
            yield _route(document, operation)


def _route(document: Document, operation: Operation) -> _Route:
    target, _, fragment = operation.path.partition("#")
    path, _, query = target.partition("?")
    pieces = _TEMPLATE.split(f"/{path.removeprefix('/')}")
    literals, names = pieces[::2], tuple(pieces[1::2])
    prefixes = {_prefix(document, server) for server in operation.servers or read_servers(document)}
    several = {p.name for p in operation.parameters if serialization.is_multi_segment(p)}
    groups = ["(.+?)" if name in several else "([^/]+?)" for name in names]
    pattern = "".join(f"{group}{_literal(text)}" for group, text in zip(["", *groups], literals, strict=True))
    # No request can give a path parameter that the path does not contain.
    parameters = tuple(p for p in operation.parameters if p.location != "path" or p.name in names)
    return _Route(
        operation=dataclasses.replace(operation, parameters=parameters),
        pattern=re.compile(f"(?:{'|'.join(map(_literal, prefixes))})?{pattern}"),
        names=names,
        query=_fixed_pairs(query),
        fragment=_fixed_pairs(fragment),
        rank=(bool(several & set(names)), *_rank(path, query)),
    )


def _prefix(document: Document, server: ServerDescription) -> str:
    """The path of a server, with its variables at their defaults."""
    defaults = {name: variable.default or "" for name, variable in server.variables.items()}
    url = _TEMPLATE.sub(lambda match: defaults.get(match[1], ""), server.url)
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        document.note("server-url", "#/servers", f"{server.url!r} isn't a URL")
        return ""
    return f"/{path}" if path else ""


def _literal(text: str) -> str:
    """A pattern for a text in a URL; any of its characters may be percent-encoded."""
    pieces = _ESCAPE.split(text)
    return "".join(f"(?i:{piece})" if _ESCAPE.fullmatch(piece) else "".join(map(_character, piece)) for piece in pieces)


def _character(character: str) -> str:
    if character == "/" or (character.isascii() and character.isalnum()):
        return character
    encoded = "".join(f"%{byte:02X}" for byte in character.encode())
    return f"(?:{re.escape(character)}|(?i:{encoded}))"


def _rank(path: str, query: str) -> tuple[object, ...]:
    """A sort key that puts concrete paths before templates, segment by segment (OpenAPI 3.1.1 §4.8.8)."""
    segments = [
        (_TEMPLATE.fullmatch(segment) is not None, "{" in segment, -len(segment)) for segment in path.split("/")
    ]
    return segments, -len(query)


def _fixed_pairs(query: str) -> dict[str, str]:
    """The pairs of a query or fragment in a path template that aren't templates themselves."""
    return {name: value for name, value in parse_qsl(query, keep_blank_values=True) if "{" not in name + value}


def _target(environ: Mapping[str, Any]) -> tuple[str, str]:
    """The path, still percent-encoded, and the query string. PEP 3333 has the decoded path; most servers give both."""
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    path = urlsplit(raw).path if raw.startswith("http") else raw.partition("?")[0]
    if not path:
        return quote(environ.get("PATH_INFO", "").encode("latin-1")), environ.get("QUERY_STRING", "")
    mounted_at = quote(environ.get("SCRIPT_NAME", "").encode("latin-1"))
    return quote(path.removeprefix(mounted_at), safe=_URL_SAFE), environ.get("QUERY_STRING", "")


def _media_type(operation: Operation, call: _Call) -> MediaType | None:
    """The declared media type of a body, or None if there is no body or no declared media type."""
    content = operation.body.content if operation.body else ()
    is_absent = not call.body and (not call.content_type or media_types.is_json(call.content_type))
    if not content or is_absent:
        return None
    of_parameter = (p for p in operation.parameters if (p.location, p.name.lower()) == ("header", "content-type"))
    if not call.content_type or any(call.content_type in SchemaView(None, [p.schema]).values for p in of_parameter):
        return content[0]
    try:
        return media.choose(content, None, call.content_type)
    except Unwritable as error:
        raise _Refusal(415, f"{operation.id}: {error.message}") from error


def _chosen(operation: Operation, prefer: str) -> tuple[int, ResponseDescription | None]:
    """The status to answer with and its description, for the value of a Prefer header (RFC 7240)."""
    declared = {response.status: response for response in operation.responses}
    wanted = re.search(r"\bcode=\"?(\w+)", prefer)
    if wanted is None:
        status = next((status for status in declared if re.fullmatch(r"2\d\d", status)), "")
        response = declared.get(status) or declared.get("2XX") or declared.get("DEFAULT")
        return int(status or ("200" if response else "204")), response
    status = wanted[1]
    response = declared.get(status) or declared.get(f"{status[0]}XX") or declared.get("DEFAULT")
    if response is None or not re.fullmatch(r"[2-5]\d\d", status):
        raise _Refusal(400, f"{operation.id} declares no answer {status}, but {', '.join(declared) or 'none'}")
    return int(status), response


def _acceptable(content: Iterable[MediaType], request: Request) -> MediaType:
    """The media type that the Accept header ranks highest, else the first; JSON before others."""
    offered = sorted(content, key=lambda media_type: not media_types.is_json(media_type.name))
    for accepted, quality in sorted(request.accept_mimetypes, key=lambda each: -each[1]):
        for media_type in offered:
            names = (media_types.essence(accepted), media_types.essence(media_type.name))
            if quality > 0 and (fnmatchcase(*names) or fnmatchcase(*reversed(names))):
                return media_type
    return offered[0]


def _describes_data(document: Document, media_type: MediaType) -> bool:
    return media_type.schema is not None and XmlNode.root(document, media_type.schema).is_data


def _read_xml(body: bytes, content_type: str, document: Document, media_type: MediaType) -> JSON:
    assert media_type.schema is not None
    try:
        return read_xml(text_of(body, content_type), document, media_type.schema)
    except UnreadableXml as error:
        raise deserialization.Unreadable(str(error)) from None


def _written(name: str, example: JSON) -> bytes:
    """An example in a media type: JSON, lines or events of JSON, text; meaningless bytes for all others."""
    encoded = json.dumps(example, default=_as_text)
    if media_types.is_json(name):
        return encoded.encode()
    if media_types.essence(name) in _LINES:
        return f"{encoded}\n".encode()
    if media_types.is_text(name):
        is_event = media_types.essence(name) == "text/event-stream" and not isinstance(example, str)
        return f"data: {encoded}\n\n".encode() if is_event else _as_text(example).encode()
    return _SOME_BYTES


def _sequence(name: str, example: JSON) -> bytes:
    """The items of an example of a sequential media type (OpenAPI 3.2)."""
    write = _ITEM_WRITERS.get(media_types.essence(name))
    if write is None:
        return _written(name, example)
    return "".join(write(item) for item in (example if isinstance(example, list) else [example])).encode()


def _event(item: JSON) -> str:
    """An event of a stream: an object with its fields, or only its data (HTML §9.2, Server-sent events)."""
    fields = item if isinstance(item, dict) else {"data": item}
    lines = [f"{name}: {line}" for name, value in fields.items() for line in _as_text(value).split("\n")]
    return "\n".join([*lines, "", ""])


def _line(item: JSON) -> str:
    return json.dumps(item, default=_as_text) + "\n"


_ITEM_WRITERS: dict[str, Callable[[JSON], str]] = {
    "application/json-seq": lambda item: f"\x1e{_line(item)}",  # RFC 7464 §2.2
    "text/event-stream": _event,
    **dict.fromkeys(_LINES, _line),
}


def _reason(status: int) -> str:
    return http_client.responses.get(status, "Unknown")


def _as_text(value: JSON) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value if isinstance(value, str) else json.dumps(value)


def _has_credential(request: Request, scheme: SecurityScheme) -> bool:
    if scheme.type == "mutualTLS":  # requests cannot show it
        return True
    if scheme.type == "apiKey":
        holders: dict[str, Any] = {"header": request.headers, "query": request.args, "cookie": request.cookies}
        return bool(holders.get(scheme.location, {}).get(scheme.parameter))
    name = scheme.scheme if scheme.type == "http" else "bearer"
    kind, _, credential = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == name and bool(credential.strip())


class Server:
    """A WSGI application served from a thread of this process until it is closed."""

    def __init__(self, app: WSGIApplication, host: str, port: int) -> None:
        from werkzeug.serving import WSGIRequestHandler, make_server

        class QuietHandler(WSGIRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the name is werkzeug's
                pass

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if not 0 <= port <= 65535:
            raise ValueError(f"port {port} isn't a port: use 0 for a free one, or 1 to 65535")
        # Bound here, because werkzeug ends the process if the port is taken.
        with socket.create_server((host, port), family=family) as listener:
            self._server = make_server(
                host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
            )
            port = listener.getsockname()[1]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        # The interval, in seconds, is what closing waits for.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def close(self) -> None:
        """Stop serving; closing twice does no harm."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve(app: WSGIApplication, host: str = "127.0.0.1", port: int = 0) -> Server:
    """
    Serve a WSGI application in a thread; port 0 means any free port. The server is a context manager with a `url`.

    Raises:
        OSError: the port is taken, or the host isn't this machine.
        ValueError: the port is out of range.
    """
    return Server(app, host, port)
