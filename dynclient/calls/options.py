"""
The options of a client and of a call, each stated once.

The fields of `Options` and `Setup` hold the type, the default, the check and the description of every option. The
signature and the docstring of `Client` are made from them. `CallOptions` and `ClientOptions` repeat the names and types
for type checkers, which can read nothing else; a test compares the two.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from dynclient.calls import option_values as checks
from dynclient.calls.hooks import NO_HOOKS, Hooks
from dynclient.calls.option_values import MODES, Mode
from dynclient.calls.paging import Pagination
from dynclient.calls.polling import Polling
from dynclient.credentials import Credential, is_secret_place_name
from dynclient.documents import LIMITS
from dynclient.openapi import Operation
from dynclient.support import as_own_type, near, type_name
from dynclient.types import JSON, Timeout
from dynclient.wire import Destination, Selection

if TYPE_CHECKING:
    import requests

    from dynclient.calls.progress import Showing
    from dynclient.documents import AllowedRefs, DocumentSource
    from dynclient.schemas import Formats
    from dynclient.types import Application

Modes: TypeAlias = Mode | Mapping[str, Mode]
"""A mode for all operations, or one for each pattern of their names; `mode_of` says which pattern counts."""

MODE_OPTIONS = ("validate_request", "validate_response")

_NO_CREDENTIALS = frozenset({"session", "cookie", "cookies"})

_MOST_SCHEMES = 5
"""How many more security schemes an error names; a document may have hundreds."""

_Layers: TypeAlias = tuple[Mapping[str, Mode], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """
    What is known of one option beside its name, type and default.

    Attributes:
        check: whether a value is of the right kind.
        kind: what a value must be, for the error.
        text: what the option does, for the docstring.
        is_shown: whether an error may repeat a wrong value; any other value might be, or hold, a credential.
    """

    check: Callable[[object], bool]
    kind: str
    text: str
    is_shown: bool = False


def _option(default: Any, check: Callable[[object], bool], kind: str, text: str, *, is_shown: bool = False) -> Any:
    known = {"option": Option(check, kind, text, is_shown)}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, repr=False, metadata=known)
    return dataclasses.field(default=default, metadata=known)


_SECONDS = "a positive number of seconds, or None"
_MODES_KIND = (
    f"one of {', '.join(map(repr, MODES))}, or a mapping of names of operations to these, {{'create*': 'off'}}"
)


@dataclasses.dataclass(frozen=True, slots=True)
class Options(Destination):
    """What a client may be told for all its calls, and one call for itself."""

    base_url: str | None = _option(
        None, checks.is_text_or_none, "text, 'https://...'", "A URL that replaces all servers of the document."
    )
    server: Selection | None = _option(
        None,
        checks.is_server,
        "a number, or text: the server's name, description or URL",
        "The server to call: its number from 0, its name, its description or its URL. Default: the first.",
    )
    server_variables: Mapping[str, str] = _option(
        {},
        checks.is_named,
        "a mapping of names of variables to values, {'region': 'eu'}",
        "Values for the variables in the server's URL.",
    )
    headers: Mapping[str, str] = _option(
        {}, checks.is_named, "a mapping of names to texts, {'Name': 'text'}", "Headers to add to every request."
    )
    query: Mapping[str, JSON] = _option(
        {}, checks.is_named, "a mapping of names to values, {'name': ...}", "Query parameters to add to every request."
    )
    timeout: Timeout = _option(
        (5, 60),
        checks.is_timeout,
        "a positive number of seconds, (seconds to connect, seconds between two reads), or None",
        "Seconds to connect, and seconds to wait for each piece of the answer. None: no limit.",
        is_shown=True,
    )
    total_timeout: float | None = _option(
        600.0,  # long answers and uploads take minutes
        checks.is_positive_or_none,
        _SECONDS,
        "Seconds for a whole call, with its retries and redirects. A stream or a download has begun by then.",
        is_shown=True,
    )
    event_timeout: float | None = _option(
        300.0,  # some servers think for minutes
        checks.is_positive_or_none,
        _SECONDS,
        "Seconds to wait for each item of a stream.",
    )
    stream_timeout: float | None = _option(
        None, checks.is_positive_or_none, _SECONDS, "Seconds for a whole stream or download."
    )
    stream_type: str | None = _option(
        None,
        checks.is_stream_type,
        "a media type of streams, such as 'application/jsonl', or None",
        "How `stream` reads an answer whose own Content-Type is not a stream's.",
        is_shown=True,
    )
    resume_streams: bool = _option(
        False, checks.is_bool, "True or False", "Whether a stream that breaks off is resumed after its last event."
    )
    retries: int = _option(
        2,
        checks.is_count,
        "a number from 0",
        "How often a call is repeated if that is safe: the server cannot have carried it out, or carrying it out twice "
        "does no harm (an idempotent method, or an idempotency key).",
        is_shown=True,
    )
    follow_redirects: bool | Sequence[str] = _option(
        True,
        checks.is_redirect_permission,
        "True, False, or a list of origins, ['https://files.example.com']",
        "True: within the same origin. A list: to these origins too, without credentials.",
    )
    idempotency_key: str | bool | None = _option(
        None,
        checks.is_idempotency_key,
        "text for one call, or True to have each call make its own",
        "True: each call makes its own key. Text: the key of one call.",
    )
    idempotency_header: str | None = _option(
        None,
        checks.is_header_name_or_none,
        "the name of a header, or None",
        "The header for the key, if the document does not name it.",
    )
    requests_per_second: float | None = _option(
        None,
        checks.is_positive_or_none,
        "a positive number, or None",
        "The most requests to send to one origin in a second.",
        is_shown=True,
    )
    max_response_size: int | None = _option(
        64 * 2**20,
        checks.is_size_or_none,
        "a number of bytes, or None",
        "The largest answer to read, in bytes after unpacking.",
        is_shown=True,
    )
    hooks: Hooks = _option(NO_HOOKS, checks.is_hooks, "dynclient.Hooks(...)", "Functions to call around each call.")
    content_type: str | None = _option(
        None,
        checks.is_text_or_none,
        "text, such as 'application/json'",
        "The media type of the body, if the document offers several.",
    )
    multi_segment: Sequence[str] = _option(
        (),
        checks.is_names,
        "a list of names of path parameters, ['path']",
        "Path parameters whose values may contain slashes.",
    )
    raise_for_status: bool = _option(
        True, checks.is_bool, "True or False", "Whether an answer of 400 or more raises `StatusError`."
    )
    masked: bool = _option(
        False,
        checks.is_bool,
        "True or False",
        "Whether `prepare` writes *** for credentials and secret arguments. Such a request is only for showing.",
    )
    pagination: Pagination | None = _option(
        None,
        checks.is_pagination,
        "a dynclient.Pagination, or None to infer it from the document",
        "How `pages` and `items` get from one page to the next. Default: inferred from the document.",
    )
    max_pages: int | None = _option(
        100,
        checks.is_number_or_none,
        "a positive whole number, or None for any number of pages",
        "The most pages that `pages` and `items` ask for.",
        is_shown=True,
    )
    polling: Polling = _option(Polling(), checks.is_polling, "a dynclient.Polling", "How often `poll` asks, how long.")
    progress: Showing = _option(
        False,
        checks.is_progress,
        "True, False, 'always', or a function of a dynclient.Progress",
        "Whether the progress of long uploads, downloads, pages, `poll` and the loading of a document is shown: in a "
        'terminal or a notebook; with "always" elsewhere too, as lines on standard error. Or a function that gets each '
        "`Progress`.",
    )
    validate_request: _Layers = _option(
        ({"*": "raise"},),
        checks.is_modes,
        _MODES_KIND,
        'What happens to an invalid request: "raise", "warn" or "off"; or a mapping of operations\' names, or patterns '
        'such as "create*" and "GET *", to these.',
        is_shown=True,
    )
    validate_response: _Layers = _option(
        ({"*": "warn"},),
        checks.is_modes,
        _MODES_KIND,
        "The same for an invalid response.",
        is_shown=True,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Setup:
    """What only a client is told, when it is made."""

    session: requests.Session | None = _option(
        None, checks.is_anything, "a requests.Session", "A session of requests to send with; it stays the caller's."
    )
    app: Application | None = _option(
        None,
        checks.is_anything,
        "a WSGI or ASGI application",
        "An application in this process to call instead of the network.",
    )
    environment: bool = _option(
        True,
        checks.is_bool,
        "True or False",
        "Whether credentials that `auth` does not give are read from environment variables.",
    )
    allow_refs: AllowedRefs = _option(
        (),
        checks.is_refs,
        "a list of folders and beginnings of URLs",
        "Where references may lead, beside the folder or the origin of the document.",
    )
    overlays: Sequence[DocumentSource] = _option(
        (),
        checks.is_list,
        "a list of documents, overlays=[...]",
        "Overlays and JSON Merge Patches to change the document with, in this order.",
    )
    cache: bool = _option(
        True,
        checks.is_bool,
        "True or False",
        "Whether a large document is parsed once and kept in the user's cache folder. DYNCLIENT_NO_CACHE turns it off.",
    )
    strict: bool = _option(
        False, checks.is_bool, "True or False", "Whether a faulty document is refused. Default: `document.problems`."
    )
    formats: Formats | None = _option(
        None,
        checks.is_mapping_or_none,
        "a mapping of names of formats to functions, patterns or None",
        "Checks for values of `format`: a function from a value to True or False (ValueError means False), a regular "
        "expression of ECMA-262, or None for no check.",
    )
    document_headers: Mapping[str, str] | None = _option(
        None,
        checks.is_named_or_none,
        "a mapping of names of headers to texts",
        "Headers for fetching a document from a URL, sent only to its own origin.",
    )
    max_document_size: int = _option(
        LIMITS.size, checks.is_count, "a number of bytes", "The largest document to read, in bytes."
    )
    max_document_depth: int = _option(
        LIMITS.depth, checks.is_count, "a number of levels", "The most levels that a document may nest."
    )
    max_document_values: int = _option(
        LIMITS.values, checks.is_count, "a number of values", "The most values that a document may have."
    )


AUTH = Option(
    checks.is_named_or_none,
    "a mapping of names of security schemes to credentials",
    "Credentials by the name of the security scheme; see `dynclient.Credential`. Those not given come from the "
    "environment. None means no credential.",
)


def _table(kind: type[Options | Setup]) -> dict[str, Option]:
    return {field.name: field.metadata["option"] for field in dataclasses.fields(kind)}


CALL_OPTIONS: dict[str, Option] = {"auth": AUTH, **_table(Options)}
"""The options of `with_options`."""

CLIENT_OPTIONS: dict[str, Option] = {**CALL_OPTIONS, **_table(Setup)}
"""The options of `Client`; there is no use for `masked` there."""
del CLIENT_OPTIONS["masked"]


class _CommonOptions(TypedDict, total=False):
    base_url: str | None
    server: int | str | None
    server_variables: Mapping[str, JSON] | None
    auth: Mapping[str, Credential] | None
    headers: Mapping[str, str] | None
    query: Mapping[str, JSON] | None
    timeout: Timeout
    total_timeout: float | None
    event_timeout: float | None
    stream_timeout: float | None
    stream_type: str | None
    resume_streams: bool
    retries: int
    follow_redirects: bool | Sequence[str]
    idempotency_header: str | None
    requests_per_second: float | None
    max_response_size: int | None
    hooks: Hooks
    content_type: str | None
    multi_segment: Sequence[str]
    raise_for_status: bool
    pagination: Pagination | None
    max_pages: int | None
    polling: Polling
    progress: Showing
    validate_request: Modes
    validate_response: Modes


class CallOptions(_CommonOptions, total=False):
    """The options of `with_options`, for type checkers."""

    idempotency_key: str | bool | None
    masked: bool


class AsyncClientOptions(_CommonOptions, total=False):
    """The options of `AsyncClient`, for type checkers."""

    idempotency_key: bool | None
    app: Application | None
    environment: bool
    allow_refs: AllowedRefs
    overlays: Sequence[DocumentSource]
    cache: bool
    strict: bool
    formats: Formats | None
    document_headers: Mapping[str, str] | None
    max_document_size: int
    max_document_depth: int
    max_document_values: int


class ClientOptions(AsyncClientOptions, total=False):
    """The options of `Client`, for type checkers."""

    session: requests.Session | None


def mode_of(layers: _Layers, operation: Operation) -> Mode:
    """
    Return the mode of an operation.

    The layer that was given last counts first. In a layer the operation's own name counts before any pattern, and of
    several patterns the first that matches. A pattern is one of `fnmatch`; it is matched, with its case, against the
    operation's id and its "METHOD /path".
    """
    first = layers[0]
    if len(first) == 1 and "*" in first:
        return first["*"]
    names = (operation.id, f"{operation.method} {operation.path}")
    return next(mode for layer in layers for mode in _modes(layer, names))


def _modes(layer: Mapping[str, Mode], names: Iterable[str]) -> Iterator[Mode]:
    """The modes that a mapping has for an operation with these names, the one that counts first."""
    yield from (layer[name] for name in names if name in layer)
    for pattern, mode in layer.items():
        if pattern == "*" or any(fnmatchcase(name, pattern) for name in names):  # most often it is this
            yield mode


def merged_changes(options: Options, changes: Mapping[str, Any], schemes: Sequence[str]) -> dict[str, Any]:
    """
    The changes as they take effect on these options: headers and query are added to those there are.

    Args:
        options: the options so far.
        changes: the changes.
        schemes: the names of the document's security schemes, for the error.

    Raises:
        TypeError: there is no such option, or its value is of the wrong kind.
    """
    check_options(changes, CALL_OPTIONS, schemes)
    merged = {name: value for name, value in changes.items() if name != "auth"}
    if "headers" in merged:
        merged["headers"] = _with_headers(options.headers, merged["headers"])
    if "query" in merged:
        merged["query"] = {**options.query, **merged["query"]}
    for option in MODE_OPTIONS:
        if option in merged:
            merged[option] = _with_modes(getattr(options, option), merged[option])
    return merged


def is_credential_option(name: str) -> bool:
    """
    Whether an option is, or is meant to be, a credential.

    >>> [name for name in ("auth", "api_key", "token", "username", "timeout", "keep") if is_credential_option(name)]
    ['auth', 'api_key', 'token', 'username']
    """
    return name not in _NO_CREDENTIALS and (
        name in ("auth", "user", "username", "bearer") or is_secret_place_name(name)
    )


def check_options(
    given: Mapping[str, object], known: Mapping[str, Option], schemes: Sequence[str] | None = None
) -> None:
    """
    Check the names and the values of options.

    Args:
        given: the options.
        known: those there are.
        schemes: the names of the document's security schemes, for the error; None if it isn't read yet. What is, or is
            meant to be, a credential isn't checked then.

    Raises:
        TypeError: one is unknown, or its value is of the wrong kind.
    """
    if schemes is None:
        given = {name: value for name, value in given.items() if not is_credential_option(name)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise TypeError(f"no option {', '.join(unknown)}{_hint(unknown[0], known, schemes or ())}")
    for name, value in given.items():
        option = known[name]
        if not option.check(value):
            kind = f"{option.kind}: {_auth(schemes or ())}" if name == "auth" else option.kind
            shown = f", not {value!r:.60}" if option.is_shown else f"; what was given is of type {type_name(value)}"
            hint = f"; {own}" if (own := as_own_type(value)) else ""
            raise TypeError(f"the option {name} must be {kind}{shown}{hint}")


def _hint(name: str, known: Collection[str], schemes: Sequence[str]) -> str:
    if name in CLIENT_OPTIONS and name not in known:
        return f"; {name} is given to a client when it is made: Client(..., {name}=...)"
    if is_credential_option(name):
        if not schemes:
            return ". The document has no security scheme; headers={'Authorization': ...} sends a credential anyway"
        return f". A credential is given by the name of its security scheme: {_auth(schemes)}"
    if name in _NO_CREDENTIALS:
        return ". Cookies are a header: headers={'Cookie': 'name=value'}"
    hints = near(name, known, 1)
    if hints:
        return f". Did you mean {hints[0]!r}? help(dynclient.Client) lists all options"
    return f"; there are: {', '.join(sorted(known))}"


def _auth(schemes: Sequence[str]) -> str:
    """How a credential is written for the first of the document's schemes, and which others there are."""
    first, *others = schemes or ("Name",)
    more = f"{', '.join(map(repr, others[:_MOST_SCHEMES]))}{', ...' if len(others) > _MOST_SCHEMES else ''}"
    return f"auth={{{first!r}: ...}}" + (f"; other schemes are {more}" if others else "")


def _with_headers(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers of the same name, in any case of letters, replace those before."""
    replaced = {name.lower() for name in more}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **more}


def _with_modes(layers: _Layers, modes: Modes) -> _Layers:
    """The modes in front of those there are, or alone if they cover every operation."""
    layer = {"*": modes} if isinstance(modes, str) else dict(modes)
    return (layer,) if "*" in layer else (layer, *layers)
