"""Names: how an operationId or a parameter is spelled in Python, and which known names an unknown one is near to."""

from __future__ import annotations

import difflib
import json
import keyword
import re
import unicodedata
from collections.abc import Iterable

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TEMPLATE = re.compile(r"\{([^{}]*)\}")
_NOT_WORD = re.compile(r"[\W_]+")


def snake_case(name: str) -> str:
    """
    Return a name in snake case; "" if no part of it can be in a Python name.

    >>> snake_case("createThreadAndRun"), snake_case("admin-api-keys-list"), snake_case("getHTTPStatus")
    ('create_thread_and_run', 'admin_api_keys_list', 'get_http_status')
    >>> snake_case("repos/list-forks"), snake_case("2faEnable"), snake_case("import"), snake_case("$$")
    ('repos_list_forks', 'n2fa_enable', 'import_', '')
    """
    words = _WORD_BREAK.sub("_", unicodedata.normalize("NFKC", name)).lower()
    spelled = _NOT_WORD.sub("_", unicodedata.normalize("NFKC", words)).strip("_")
    if spelled[:1].isdigit():  # a leading underscore would make it private
        spelled = "n" + spelled
    if keyword.iskeyword(spelled):
        spelled += "_"
    return spelled if spelled.isidentifier() else ""


def route_name(method: str, path: str) -> str:
    """
    Return the name of an operation without an id: method and path in snake case, each parameter after `by`.

    >>> route_name("GET", "/pets/{petId}"), route_name("POST", "/v1/pets.json"), route_name("GET", "/")
    ('get_pets_by_pet_id', 'post_v1_pets_json', 'get_root')
    """
    spelled = snake_case(method + " " + _TEMPLATE.sub(r"/by/\1/", path))
    return spelled if spelled != snake_case(method) else f"{spelled}_root"


def as_python_reads(name: str) -> str:
    """
    Return a name as Python reads it in source code: identifiers there have the normal form NFKC (PEP 3131).

    >>> as_python_reads("ﬁleGet")
    'fileGet'
    """
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def argument_name(name: str) -> str:
    """
    Return the keyword for a parameter: its own name if that is an identifier, else the name in snake case.

    >>> argument_name("threadId"), argument_name("include[]"), argument_name("If-Match"), argument_name("from")
    ('threadId', 'include', 'if_match', 'from_')
    """
    return name if name.isidentifier() and not keyword.iskeyword(name) else snake_case(name)


def near(asked: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """
    Return the known names most like the one asked for, best first; case and underscores count little.

    >>> near("creatRun", ["listRuns", "createRun", "getRun", "createThreadAndRun"])
    ['createRun', 'getRun', 'createThreadAndRun']
    """
    known = list(known)
    folded: dict[str, list[str]] = {}
    for name in known:
        folded.setdefault(_fold(name), []).append(name)
    matches = difflib.get_close_matches(_fold(asked), folded, n=limit, cutoff=0.6)
    return [name for match in matches for name in folded[match]][:limit]


def _fold(name: str) -> str:
    return _NOT_WORD.sub("", name).lower()


def dotted(path: Iterable[str | int], name: str = "") -> str:
    """
    Return a place inside a value in the notation of all messages; `name` is the name of the value itself.

    A key that isn't an identifier is in brackets and quotation marks, as in JSON.

    >>> dotted(["messages", 0, "content"]), dotted([2, "a b"]), dotted([]), dotted(["a"], "filter")
    ('messages[0].content', '[2]["a b"]', '', 'filter.a')
    """
    place = "".join(map(_step, path))
    return name + place if name else place.removeprefix(".")


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if step.isidentifier() and len(step) <= _LONGEST_STEP:
        return f".{step}"
    quoted = json.dumps(step, ensure_ascii=False)
    return f"[{quoted}]" if len(quoted) <= _LONGEST_STEP else f'[{quoted[: _LONGEST_STEP - 4]}..."]'


_LONGEST_STEP = 60  # characters
