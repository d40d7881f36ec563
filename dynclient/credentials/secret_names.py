"""Which names tell that a value is secret."""

from __future__ import annotations

import re
from functools import lru_cache

from dynclient.support import snake_case

# Names of headers and of query parameters that hold secrets, whether or not the document says so.
_SECRET_PLACE = re.compile(
    r"auth(?!or(?!i[sz]))|cookie|credential|jwt|key(?!board|space|word)|passw|secret|session|signature|token",
    re.IGNORECASE,
)

# Names that look secret and are not: an idempotency key, a switch or request for something, the token of a page, counts
# and parts of text, properties of a secret, and keys that open nothing.
_HARMLESS = re.compile(
    r"""idempot|(^|_)client_request_token$
    |^(x_|access_control_)?(allow|automount|can|disable|enable|exclude|has|hide|include|is|need|omit|require|rotate|show
        |skip|unset|use|with|without)s?_
    |(^|_)(continuation|cursor|next|page|skip|sync)_?token$
    |(^|_)(bos|cls|eos|filler|mask|pad|sep|stop|unk)_token$|(^|_)tokens$
    |_(algorithm|at|budget|chars|counts?|details|expiration|expires|expiry|format|kind|length|limits?|method|minutes
        |mode|name|pattern|policy|realm|remaining|reset|scheme|seconds|size|status|timeout|ttl|type|ur[il]|usage
        |version)$
    |(^|_)(cache|foreign|object|partition|primary|public|routing|sort|surrogate)_keys?$""",
    re.VERBOSE,
)

# Narrower than `_SECRET_PLACE`: `author`, `sort_key` and `keywords` are ordinary fields.
_SECRET_FIELD = re.compile(
    r"(^|_)(authorization|cookie|credentials?|cv[cv]2?|jwt|pass(code|phrase|wd|words?)|pwd|secret|signature|token"
    r"|(access|account|api|app|application|auth|client|encryption|functions|licen[cs]e|master|private|secret|server"
    r"|service|shared|signing|subscription|unlock)_?key)$"
)


def is_harmless_name(name: str) -> bool:
    """
    Return whether a name that looks secret is harmless.

    >>> is_harmless_name("Idempotency-Key"), is_harmless_name("next_page_token"), is_harmless_name("access_token")
    (True, True, False)
    """
    return bool(_HARMLESS.search(snake_case(name)))


def is_secret_place_name(name: str) -> bool:
    """
    Return whether a header, query parameter or cookie of this name holds a secret.

    >>> is_secret_place_name("X-Auth-Token"), is_secret_place_name("X-Author"), is_secret_place_name("page_token")
    (True, False, False)
    """
    return bool(_SECRET_PLACE.search(name)) and not is_harmless_name(name)


@lru_cache(maxsize=4096)
def is_secret_field_name(name: str) -> bool:
    """
    Return whether a field of this name in a body or parameter holds a secret.

    >>> is_secret_field_name("accessToken"), is_secret_field_name("X-API-Key")
    (True, True)
    >>> is_secret_field_name("max_tokens"), is_secret_field_name("Idempotency-Key")
    (False, False)
    >>> is_secret_field_name("include_credential")
    False
    """
    return bool(_SECRET_FIELD.search(snake_case(name))) and not is_harmless_name(name)


def is_cursor_name(name: str) -> bool:
    """
    Return whether a query parameter of this name probably says which page is asked for, and so is not a secret.

    >>> is_cursor_name("pageToken"), is_cursor_name("token"), is_cursor_name("access_token")
    (True, True, False)
    """
    return snake_case(name) == "token" or is_harmless_name(name)
