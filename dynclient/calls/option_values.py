"""What the values of options may be, one function for each kind. `options.check_options` also checks names."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, cast, get_args

from dynclient.calls.hooks import Hooks
from dynclient.calls.paging import Pagination
from dynclient.calls.polling import Polling
from dynclient.http import HEADER_NAME
from dynclient.wire import decoder_for

Mode: TypeAlias = Literal["raise", "warn", "off"]
"""What happens to a request or a response that does not fit the document; with "off" it is not validated."""

MODES: tuple[str, ...] = get_args(Mode)


def is_timeout(value: object) -> bool:
    both = value if isinstance(value, tuple) and len(value) == 2 else (value,)
    return all(map(is_positive_or_none, both))


def is_positive_or_none(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, type(None))):
        return False
    return value is None or 0 < value <= threading.TIMEOUT_MAX


def is_size_or_none(value: object) -> bool:
    return value is None or is_count(value)


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_number_or_none(value: object) -> bool:
    return value is None or (is_count(value) and value != 0)


def is_redirect_permission(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return all(isinstance(each, str) and each.startswith(("http://", "https://")) for each in value)
    return isinstance(value, bool)


def is_idempotency_key(value: object) -> bool:
    return value is None or isinstance(value, bool) or _is_header_text(value)


def _is_header_text(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable() and value == value.strip()


def is_header_name_or_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and bool(HEADER_NAME.fullmatch(value)))


def is_hooks(value: object) -> bool:
    return isinstance(value, Hooks)


def is_named(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def is_named_or_none(value: object) -> bool:
    return value is None or is_named(value)


def is_mapping_or_none(value: object) -> bool:
    return value is None or isinstance(value, Mapping)


def is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def is_refs(value: object) -> bool:
    """One folder or URL, or several."""
    single = (str, os.PathLike)
    if isinstance(value, (*single, Iterator)):  # the items of an iterator can be read only once
        return True
    return is_list(value) and all(isinstance(each, single) for each in cast(Iterable[object], value))


def is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def is_names(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def is_server(value: object) -> bool:
    return value is None or (isinstance(value, (int, str)) and not isinstance(value, bool))


def is_stream_type(value: object) -> bool:
    return value is None or (isinstance(value, str) and decoder_for(value) is not None)


def is_bool(value: object) -> bool:
    return isinstance(value, bool)


def is_pagination(value: object) -> bool:
    return value is None or isinstance(value, Pagination)


def is_polling(value: object) -> bool:
    return isinstance(value, Polling)


def is_progress(value: object) -> bool:
    return isinstance(value, bool) or callable(value) or (isinstance(value, str) and value == "always")


def is_modes(value: object) -> bool:
    modes = list(value.values()) if isinstance(value, Mapping) else [value]
    is_right_kind = isinstance(value, str) or is_named(value)
    return is_right_kind and all(isinstance(mode, str) and mode in MODES for mode in modes)


def is_anything(value: object) -> bool:
    """For what is checked where it is used."""
    return True
