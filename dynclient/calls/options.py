"""What a client or a call can be told beside an operation's own arguments, and of what kind each option is."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, cast, get_args

from dynclient.calls.hooks import NO_HOOKS, Hooks
from dynclient.calls.paging import Pagination
from dynclient.calls.polling import Polling
from dynclient.credentials import Credential
from dynclient.http import HEADER_NAME
from dynclient.openapi import Operation
from dynclient.support import near
from dynclient.types import JSON, Timeout
from dynclient.wire import Destination, decoder_for

DEFAULT_TIMEOUT: Timeout = (5, 60)
"""Seconds to connect, and seconds to wait for each piece of the answer."""

Mode: TypeAlias = Literal["raise", "warn", "off"]
"""What becomes of a request or an answer that does not fit the document; with "off" it is not judged."""

Modes: TypeAlias = Mode | Mapping[str, Mode]
"""A mode for all operations, or one for each pattern of their names; `mode_of` says which pattern counts."""

MODES: tuple[str, ...] = get_args(Mode)
MODE_OPTIONS = ("validate_request", "validate_response")

_Layers: TypeAlias = tuple[Mapping[str, Mode], ...]


DEFAULT_MAX_PAGES = 100
"""How many pages of a list are asked for unless more are permitted."""

DEFAULT_POLLING = Polling()
DEFAULT_TOTAL_TIMEOUT = 600.0
"""Seconds for a whole call, with its retries and redirects: long answers and uploads take minutes."""

DEFAULT_RETRIES = 2

DEFAULT_EVENT_TIMEOUT = 300.0
"""Seconds for each item of a stream: some servers think for minutes."""

DEFAULT_MAX_RESPONSE_SIZE = 64 * 2**20
"""Bytes of an answer, unpacked."""


@dataclasses.dataclass(frozen=True, slots=True)
class Options(Destination):
    """What a call can be told beside its own arguments; see `Client.with_options`."""

    headers: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    query: Mapping[str, JSON] = dataclasses.field(default_factory=dict, repr=False)
    timeout: Timeout = DEFAULT_TIMEOUT
    total_timeout: float | None = DEFAULT_TOTAL_TIMEOUT
    event_timeout: float | None = DEFAULT_EVENT_TIMEOUT
    stream_timeout: float | None = None
    stream_type: str | None = None
    resume_streams: bool = False
    retries: int = DEFAULT_RETRIES
    follow_redirects: bool | tuple[str, ...] | list[str] = True
    idempotency_key: str | bool | None = None
    idempotency_header: str | None = None
    requests_per_second: float | None = None
    max_response_size: int | None = DEFAULT_MAX_RESPONSE_SIZE
    hooks: Hooks = NO_HOOKS
    content_type: str | None = None
    multi_segment: Sequence[str] = ()
    raise_for_status: bool = True
    masked: bool = False
    pagination: Pagination | None = None
    max_pages: int | None = DEFAULT_MAX_PAGES
    polling: Polling = DEFAULT_POLLING
    validate_request: _Layers = ({"*": "raise"},)
    validate_response: _Layers = ({"*": "warn"},)


def mode_of(layers: _Layers, operation: Operation) -> Mode:
    """
    The mode of an operation. What was given last counts first; in it, the operation's own name before any pattern, and
    of several patterns the first that fits.

    A pattern is one of `fnmatch` that fits the operation's id, or its "METHOD /path", in the case of their letters.
    """
    names = (operation.id, f"{operation.method} {operation.path}")
    return next(mode for layer in layers for mode in _modes(layer, names))


def _modes(layer: Mapping[str, Mode], names: Iterable[str]) -> Iterator[Mode]:
    """The modes that a mapping has for an operation of these names, that which counts first."""
    yield from (layer[name] for name in names if name in layer)
    for pattern, mode in layer.items():
        if pattern == "*" or any(fnmatchcase(name, pattern) for name in names):  # most often it is this
            yield mode


def merged_changes(
    options: Options, auth: Mapping[str, Credential] | None, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """
    The changes as they take effect on these options: headers and query are added to those there are.

    Raises:
        TypeError: there is no such option, or its value is of the wrong kind.
    """
    known = {field.name for field in dataclasses.fields(Options)}
    unknown = sorted(changes.keys() - known)
    if unknown:
        raise TypeError(f"no option {', '.join(unknown)}{_hint(unknown[0], sorted(known | {'auth'}))}")
    _check_options({"auth": auth or {}, **changes})
    merged = dict(changes)
    if "headers" in merged:
        merged["headers"] = _with_headers(options.headers, merged["headers"])
    if "query" in merged:
        merged["query"] = {**options.query, **merged["query"]}
    for option in MODE_OPTIONS:
        if option in merged:
            merged[option] = _with_modes(getattr(options, option), merged[option])
    return merged


def check_client_options(options: Mapping[str, object]) -> None:
    """
    Nothing where what a client alone is told, and no call, is of the right kind.

    Raises:
        TypeError: it is not.
    """
    for name, value in options.items():
        fits, kind = _CLIENT_KINDS[name]
        if not fits(value):
            raise TypeError(f"{name} must be {kind}, not of type {type(value).__name__}")


def _hint(name: str, known: Iterable[str]) -> str:
    if name in ("app", "session", *_CLIENT_KINDS):
        return f"; {name} is told to a client when it is made: Client(..., {name}=...)"
    hints = near(name, known, 1)
    meant = f". Did you mean {hints[0]!r}? There are" if hints else "; there are"
    return f"{meant}: {', '.join(known)}"


def _is_timeout(value: object) -> bool:
    both = value if isinstance(value, tuple) and len(value) == 2 else (value,)
    return all(map(_is_positive_or_none, both))


def _is_positive_or_none(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, type(None))):
        return False
    return value is None or 0 < value <= threading.TIMEOUT_MAX


def _is_size(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


def _is_count(value: object) -> bool:
    return value is not None and _is_size(value)


def _is_permission(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(isinstance(each, str) and each.startswith(("http://", "https://")) for each in value)
    return isinstance(value, bool)


def _is_key(value: object) -> bool:
    return value is None or value is True or value is False or _is_header_text(value)


def _is_header_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable() and value == value.strip()


def _is_header_name(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(HEADER_NAME.fullmatch(value)))


def _is_hooks(value: object) -> bool:
    return isinstance(value, Hooks)


def _is_named(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_refs(value: object) -> bool:
    """One folder or URL, or several."""
    single = (str, os.PathLike)
    if isinstance(value, (*single, Iterator)):  # what an iterator gives can be looked at only once
        return True
    return _is_list(value) and all(isinstance(each, single) for each in cast(Iterable[object], value))


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _is_named_or_none(value: object) -> bool:
    return value is None or _is_named(value)


def _is_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def _is_mapping_or_none(value: object) -> bool:
    return value is None or isinstance(value, Mapping)


def _is_choice(value: object) -> bool:
    return value is None or (isinstance(value, (int, str)) and not isinstance(value, bool))


def _is_stream_type(value: object) -> bool:
    return value is None or (isinstance(value, str) and decoder_for(value) is not None)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_number_or_none(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)


def _is_pagination(value: object) -> bool:
    return value is None or isinstance(value, Pagination)


def _is_polling(value: object) -> bool:
    return isinstance(value, Polling)


def _is_modes(value: object) -> bool:
    modes = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(isinstance(mode, str) and mode in MODES for mode in modes) and (
        isinstance(value, str) or _is_named(value)
    )


_MODES_KIND = (
    f"one of {', '.join(map(repr, MODES))}, or a mapping of names of operations to these, {{'create*': 'off'}}"
)

OPTION_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "auth": (_is_named, "a mapping of names of security schemes to credentials, {'Name': ...}"),
    "base_url": (_is_text_or_none, "text, 'https://...'"),
    "content_type": (_is_text_or_none, "text, such as 'application/json'"),
    "event_timeout": (_is_positive_or_none, "a positive number of seconds, or None"),
    "follow_redirects": (_is_permission, "True, False, or a list of origins, ['https://files.example.com']"),
    "headers": (_is_named, "a mapping of names to texts, {'Name': 'text'}"),
    "hooks": (_is_hooks, "dynclient.Hooks(...)"),
    "idempotency_header": (_is_header_name, "the name of a header, or None"),
    "idempotency_key": (_is_key, "text for one call, or True to have each call make its own"),
    "masked": (_is_bool, "True or False"),
    "max_pages": (_is_number_or_none, "a positive whole number, or None for any number of pages"),
    "multi_segment": (_is_names, "a list of names of path parameters, ['path']"),
    "pagination": (_is_pagination, "a dynclient.Pagination, or None to infer it from the document"),
    "polling": (_is_polling, "a dynclient.Polling"),
    "max_response_size": (_is_size, "a number of bytes, or None"),
    "query": (_is_named, "a mapping of names to values, {'name': ...}"),
    "raise_for_status": (_is_bool, "True or False"),
    "requests_per_second": (_is_positive_or_none, "a positive number, or None"),
    "resume_streams": (_is_bool, "True or False"),
    "retries": (_is_count, "a number from 0"),
    "server": (_is_choice, "a number, or text: the server's name, description or URL"),
    "server_variables": (_is_named, "a mapping of names of variables to values, {'region': 'eu'}"),
    "stream_timeout": (_is_positive_or_none, "a positive number of seconds, or None"),
    "stream_type": (_is_stream_type, "a media type of streams, such as 'application/jsonl', or None"),
    "timeout": (_is_timeout, "a positive number of seconds, (seconds to connect, seconds between two reads), or None"),
    **dict.fromkeys(MODE_OPTIONS, (_is_modes, _MODES_KIND)),
    "total_timeout": (_is_positive_or_none, "a positive number of seconds, or None"),
}


_SHOWN = frozenset(
    {
        "max_pages",
        "max_response_size",
        "requests_per_second",
        "retries",
        "stream_type",
        "timeout",
        "total_timeout",
        *MODE_OPTIONS,
    }
)
"""The options of which a wrong value is told: any other might be, or hold, a credential."""

_CLIENT_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "allow_refs": (_is_refs, "a list of folders and beginnings of URLs"),
    "cache": (_is_bool, "True or False"),
    "document_headers": (_is_named_or_none, "a mapping of names of headers to texts"),
    "formats": (_is_mapping_or_none, "a mapping of names of formats to functions, patterns or None"),
    "max_document_depth": (_is_count, "a number of levels"),
    "max_document_size": (_is_count, "a number of bytes"),
    "max_document_values": (_is_count, "a number of values"),
    "overlays": (_is_list, "a list of documents, overlays=[...]"),
    "strict": (_is_bool, "True or False"),
}


def _check_options(options: Mapping[str, object]) -> None:
    """Raise a TypeError for a value of the wrong kind."""
    for name, value in options.items():
        fits, kind = OPTION_KINDS[name]
        if not fits(value):
            given = f", not {value!r:.60}" if name in _SHOWN else f"; what was given is of type {type(value).__name__}"
            raise TypeError(f"the option {name} must be {kind}{given}")


def _with_headers(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers of the same name, in any case of letters, replace those before."""
    replaced = {name.lower() for name in more}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **more}


def _with_modes(layers: _Layers, modes: Modes) -> _Layers:
    """The modes before those there are, unless they leave nothing to them."""
    layer = {"*": modes} if isinstance(modes, str) else dict(modes)
    return (layer,) if "*" in layer else (layer, *layers)
