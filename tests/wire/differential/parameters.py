"""
What dynclient sends beside what swagger-client sends, for every style, location and kind of value.

Run by hand, from the root, with node and in a folder that holds swagger-client (npm install swagger-client):

    python tests/wire/differential/parameters.py FOLDER

Each difference is either explained by a row of `REASONS`, which says why and which text would be the same but for that,
or counted as unexplained: then the exit status is 1. The last run was with swagger-client 3.37.3.
"""

from __future__ import annotations

import collections
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import dynclient
from dynclient.errors import InvalidRequest

HERE = Path(__file__).parent
REFUSED = "(refused)"

VERSIONS = ("3.0.3", "3.1.1")  # swagger-client does not read 3.2 yet
CELLS = [
    *itertools.product(["path"], ["matrix", "label", "simple"], [False, True], [False]),
    *itertools.product(["query"], ["form", "spaceDelimited", "pipeDelimited"], [False, True], [False, True]),
    *itertools.product(["query"], ["deepObject"], [True], [False, True]),
    *itertools.product(["header"], ["simple"], [False, True], [False]),
    *itertools.product(["cookie"], ["form"], [False, True], [False]),
]
CONTENTS = [
    (location, media_type)
    for location in ("path", "query", "header", "cookie")
    for media_type in ("application/json", "text/plain")
]

TEXTS = [
    *(
        "blue",
        "",
        " ",
        "a b",
        "a+b",
        "a,b",
        "a.b",
        "a;b",
        "a&b=c",
        "a|b",
        "a/b",
        "../x",
        "a?b#c",
        "a%2Fb",
        "100%",
        "%zz",
    ),
    *(
        "[x]",
        "{x}",
        '"q"',
        "a\\b",
        "a:b@c",
        "!$'()*",
        "-._~",
        "\u00e9\u2603",
        "\U0001f600",
        ".",
        "..",
        "true",
        "null",
        "0",
    ),
]
VALUES: list[Any] = [
    *TEXTS,
    *(True, False, 0, 1, -5, 42, 1.5, 2**53, None),
    *([], {}, [""], ["a"], ["blue", "black", "brown"], [1, 2.5, True, False], ["a", None, "b"], [["a"], "b"]),
    *({"R": 100, "G": 200, "B": 150}, {"a": ""}, {"a": None, "b": 1}, {"a": True, "b": False}, {"a": {"b": 1}}),
    *([text, "z"] for text in TEXTS),
    *({"k": text, "z": "y"} for text in TEXTS),
    *({text: "v"} for text in TEXTS if text),
]


@dataclass(frozen=True)
class Case:
    version: str
    location: str
    style: str
    explode: bool
    reserved: bool
    value: Any
    media_type: str = ""

    @property
    def spec(self) -> dict[str, Any]:
        described: dict[str, Any] = {"name": "color", "in": self.location, "required": self.location == "path"}
        if self.media_type:
            described["content"] = {self.media_type: {"schema": {}}}
        else:
            described |= {"style": self.style, "explode": self.explode, "schema": {}}
            described |= {"allowReserved": True} if self.reserved else {}
        operation = {"operationId": "go", "parameters": [described], "responses": {"default": {"description": ""}}}
        return {
            "openapi": self.version,
            "info": {"title": "t", "version": "1"},
            "servers": [{"url": "http://a.test"}],
            "paths": {"/c/{color}" if self.location == "path" else "/c": {"get": operation}},
        }


def cases() -> Iterator[Case]:
    for version, cell, value in itertools.product(VERSIONS, CELLS, VALUES):
        yield Case(version, *cell, value)
    for version, (location, media_type), value in itertools.product(VERSIONS, CONTENTS, VALUES):
        if media_type == "text/plain" and isinstance(value, list | dict):
            continue  # no text; they send "[object Object]"
        yield Case(version, location, "", False, False, value, media_type)


def part(location: str, url: str, header: str | None, cookie: str | None) -> str | None:
    """What a request says of the parameter; None where it says nothing."""
    path, _, query = url.removeprefix("http://a.test").partition("?")
    return {"path": path.removeprefix("/c/"), "query": query or None, "header": header, "cookie": cookie}[location]


def ours(case: Case) -> str | None:
    try:
        prepared = dynclient.Client(case.spec).go.prepare(color=case.value)
    except InvalidRequest:
        return REFUSED
    headers = prepared.headers
    return part(case.location, str(prepared.url), headers.get("color"), headers.get("Cookie"))


def theirs(case: Case, answer: dict[str, Any]) -> str | None:
    return REFUSED if "error" in answer else part(case.location, answer["url"], answer["header"], answer["cookie"])


def texts(value: Any) -> list[str]:
    """Every text that a value is made of: itself, or its keys and members."""
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [json.dumps(value) if isinstance(value, bool | int | float) else str(value)]


def is_nested(value: Any) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(member, list | dict) for member in members)


def has_null(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, list) and None in value)
        or (isinstance(value, dict) and None in value.values())
    )


def bare(text: str | None) -> str:
    """A text without any escapes, those of escapes included."""
    return unquote(unquote(text or ""))


def delimiter(case: Case) -> str:
    """What stands between members, where no escape can hide it from the reader."""
    if case.style == "label" and (case.explode or case.version == "3.0.3"):
        return "."
    by_style = {"spaceDelimited": " ", "pipeDelimited": "|"} if not case.explode else {}
    return "," if case.location == "header" else by_style.get(case.style, "")


def told_by_json(case: Case, here: str | None, there: str | None) -> bool:
    try:
        return bool(json.loads(str(here)) == json.loads(str(there)) == case.value)
    except ValueError:
        return False


# Why we differ, and when that is the reason; the first that applies is. `here` is ours, `there` is theirs.
REASONS: list[tuple[str, Callable[[Case, str | None, str | None], bool]]] = [
    (
        "null: RFC 6570 2.3 leaves it out, they write an empty text, the text null, or the template",
        lambda case, here, there: has_null(case.value),
    ),
    (
        "the empty string is sent, as the table's column has it (3.0.4, 3.1.1); they leave it out",
        lambda case, here, there: case.value == "" and case.location == "query" and there is None,
    ),
    (
        "an empty matrix has no '=' (the table; RFC 6570 3.2.7)",
        lambda case, here, there: (
            case.style == "matrix"
            and "" in texts(case.value)
            and here == str(there).replace("=;", ";").removesuffix("=")
        ),
    ),
    (
        "refused: empty, '.' or '..' in a path would reach another path (RFC 3986 5.2.4)",
        lambda case, here, there: case.location == "path" and here == REFUSED and bare(there) in ("", ".", ".."),
    ),
    (
        "n/a in the table: deepObject of arrays, scalars, nested objects and keys with brackets",
        lambda case, here, there: (
            case.style == "deepObject"
            and (not isinstance(case.value, dict) or is_nested(case.value) or here == REFUSED)
        ),
    ),
    (
        "refused: no style but deepObject nests (Appendix C: implementation-defined); they write JSON",
        lambda case, here, there: is_nested(case.value) and here == REFUSED,
    ),
    (
        "refused: a delimiter inside a member that no escape hides (Appendices C and E)",
        lambda case, here, there: (
            here == REFUSED
            and isinstance(case.value, list | dict)
            and any(delimiter(case) in text for text in texts(case.value))
            and bool(delimiter(case))
        ),
    ),
    (
        "refused: a header cannot begin or end with a space, nor hold text beyond Latin-1 (RFC 9110 5.5)",
        lambda case, here, there: (
            here == REFUSED
            and case.location == "header"
            and (str(there) != str(there).strip() or any(ord(c) > 255 for c in str(there)))
        ),
    ),
    (
        "an array or object without members says nothing (RFC 6570 3.2.1); they write the name",
        lambda case, here, there: (
            not case.media_type and case.value in ([], {}) and here is None and there in ("color=", "")
        ),
    ),
    (
        "label without explode is .a,b,c since 3.1.1; they have the table of 3.0.3 and 3.1.0",
        lambda case, here, there: (
            (case.style, case.explode, case.version) == ("label", False, "3.1.1")
            and isinstance(case.value, list | dict)
            and (bare(here).replace(",", ".") == bare(there).replace(",", ".") or _has_odd_key(case))
        ),
    ),
    (
        "keys of objects are escaped as values are (RFC 6570 3.2.1); they write them as they are",
        lambda case, here, there: _has_odd_key(case) and (case.location == "path" or case.reserved),
    ),
    (
        "objects in spaceDelimited and pipeDelimited: delimiters between all (the table); they join by commas",
        lambda case, here, there: (
            case.style in ("spaceDelimited", "pipeDelimited")
            and isinstance(case.value, dict)
            and bare(here).replace(delimiter(case), ",") == bare(there).replace(delimiter(case), ",")
        ),
    ),
    (
        "the pipe between members is %7C (3.1.1 and 3.2; RFC 3986 3.4); they write it raw",
        lambda case, here, there: case.style == "pipeDelimited" and bare(here) == bare(there) and "|" in str(there),
    ),
    (
        "allowReserved: #, &, +, [ and ] would change the meaning, %XX stays (3.1.1 Appendix C); they do the reverse",
        lambda case, here, there: case.reserved and bare(here) == bare(there),
    ),
    (
        "an exploded cookie is one cookie for each member (the table of 3.2; Appendix D); they put all into one",
        lambda case, here, there: (
            case.location == "cookie"
            and case.explode
            and isinstance(case.value, list | dict)
            and f"color={bare(here).replace('; ', '&')}" == bare(there).replace("; ", "&")
        ),
    ),
    (
        "cookies of style form are percent-encoded (3.2, Parameter Object Examples); they escape less, but the comma",
        lambda case, here, there: case.location == "cookie" and bare(here) == bare(there),
    ),
    (
        "content of JSON: they take a text for JSON already written, and texts in arrays too",
        lambda case, here, there: (
            case.media_type == "application/json"
            and isinstance(case.value, str | list)
            and any(isinstance(member, str) for member in [case.value, *case.value])
            and json.loads((str if case.location == "header" else unquote)(str(here)).removeprefix("color="))
            == case.value
        ),
    ),
    (
        "content of JSON in a header is ASCII, for a header has no charset (RFC 9110 5.5)",
        lambda case, here, there: case.location == "header" and told_by_json(case, here, there),
    ),
    (
        "refused: a cookie of plain text is sent as it is, and cannot hold this (RFC 6265 4.1.1); they escape it",
        lambda case, here, there: (
            (case.location, case.media_type, here) == ("cookie", "text/plain", REFUSED)
            and quote(case.value) != case.value
        ),
    ),
    (
        "content in a query: escaped but for unreserved characters (3.2, URL Percent-Encoding); they escape less",
        lambda case, here, there: bool(case.media_type) and case.location == "query" and bare(here) == bare(there),
    ),
]


def _has_odd_key(case: Case) -> bool:
    return isinstance(case.value, dict) and any(quote(key, safe="") != key for key in case.value)


def main(folder: str) -> int:
    every = list(cases())
    lines = "".join(json.dumps({"spec": case.spec, "values": {"color": case.value}}) + "\n" for case in every)
    script = ["node", str(HERE / "swagger_client.mjs")]
    answers = subprocess.run(script, cwd=folder, input=lines, capture_output=True, text=True, check=True).stdout
    counts: collections.Counter[str] = collections.Counter()
    unexplained = 0
    for case, line in zip(every, answers.splitlines(), strict=True):
        here, there = ours(case), theirs(case, json.loads(line))
        if here == there:
            counts["equal"] += 1
            continue
        reason = next((reason for reason, applies in REASONS if applies(case, here, there)), None)
        if reason is None:
            unexplained += 1
            print(f"unexplained: {case}: {here!r}, swagger-client {there!r}")
        counts[reason or "UNEXPLAINED"] += 1
    for reason, count in counts.most_common():
        print(f"{count:6} {reason}")
    print(f"{len(every):6} cases")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
