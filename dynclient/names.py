"""Names: how an operationId or a parameter is spelled in Python, and which known name an unknown one is near to."""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Iterable

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[\W_]+")


def snake_case(name: str) -> str:
    """
    A name in snake case, or "" where nothing of it can stand in a Python name.

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


def argument_name(name: str) -> str:
    """
    The keyword that means a parameter: its own name where Python can write it, else that in snake case.

    >>> argument_name("threadId"), argument_name("include[]"), argument_name("If-Match"), argument_name("from")
    ('threadId', 'include', 'if_match', 'from_')
    """
    return name if name.isidentifier() and not keyword.iskeyword(name) else snake_case(name)


def near(asked: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """
    The known names most like the one asked for, best first; case and underscores count for little.

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


def dotted(path: Iterable[str | int]) -> str:
    """
    A place inside a value, in the notation used everywhere.

    >>> dotted(["messages", 0, "content"]), dotted([2, "a b"]), dotted([])
    ('messages[0].content', '[2].a b', '')
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
