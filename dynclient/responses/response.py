"""What came back: the answer, its data by its Content-Type, and the errors that hold an answer."""

from __future__ import annotations

import codecs
import dataclasses
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias
from urllib.parse import urlsplit

from dynclient.credentials import NO_SECRETS, Secrets
from dynclient.errors import DynclientError, Problem, Sent
from dynclient.http import media_types, retries, type_parameters
from dynclient.openapi import Operation, ResponseDescription
from dynclient.responses.filenames import file_name
from dynclient.responses.messages import said, visible
from dynclient.responses.saving import NewFile
from dynclient.support import origin, show
from dynclient.types import JSON
from dynclient.wire import Event

if TYPE_CHECKING:
    import requests

_TEXT_TYPES = (
    "application/xml",
    "application/yaml",
    "application/javascript",
    "application/x-ndjson",
    "application/jsonl",
    "application/json-seq",
    "application/x-www-form-urlencoded",
)

_MOST_SHOWN = 20
"""How many problems the text of an error tells; an answer may have thousands."""

_UTF_8 = "utf-8-sig"  # a byte order mark is no part of the text
# Codecs that Python counts to the encodings of text and that are none; that of punycode takes the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
_LONGEST_CHARSET = 40  # characters of its name; Python remembers every name that it was asked for
# Each escape in JSON; what of a pair of surrogates stands alone is the first group.
_ESCAPES = re.compile(r"\\(?:u(?:d[89ab]..\\ud[c-f]..|(d[89a-f]..))|.)", re.IGNORECASE | re.DOTALL)

_LARGEST_LOOKED_INTO = 1 << 16
"""Bytes of JSON that are searched for names that stand twice: to look takes once or twice as long as to read."""

_MOST_NAMES = 20
"""Names that stand twice of which an answer tells; it may have any number."""

STATUS, HEADER, BODY = "status", "response header", "response body"
"""The locations of the problems of an answer, beside those of the request that it answers."""

UNREAD = frozenset({"json-invalid", "number-too-long", "too-deep"})
"""The rules of content that could not be read as its Content-Type says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unexplained:
    """
    Something that does not fit the document, of which the problems are found out when somebody asks for them.

    `explain` gives so many of them at most, or all. The same `kinds` have problems of the same rules and places.
    """

    location: str
    name: str
    kinds: frozenset[object]
    explain: Callable[[int | None], Sequence[Problem]]


Finding: TypeAlias = Problem | Unexplained


class Response:
    """
    The answer to a call.

    `data` is the parsed JSON, else text, else bytes, by the Content-Type received, and None for no content. `raw` is
    requests' own Response; a pickled Response comes back without it, since it holds the credentials that were sent.

    `attempts` is how often the request was sent, for retries, redirects and renewed credentials, and `sent` what became
    of it, as an error would say; `redirected_by` is the status of the first redirect that was followed, 0 where there
    was none. `problems` tells what
    of it does not fit the document, and what of the request did not where that was sent all the same; the location of
    each is "status", "response header", "response body", or a place in the request. `secrets` are those of the call.

    Of a stream and of a download this is the head alone: with `is_read` False it has neither content nor data.
    """

    def __init__(
        self, operation: Operation, raw: requests.Response, attempts: int = 1, *, is_read: bool = True
    ) -> None:
        self.operation = operation
        self.raw: requests.Response | None = raw
        self.status_code = raw.status_code
        self.reason = raw.reason or ""
        self.headers: Mapping[str, str] = raw.headers
        self.is_read = is_read
        self.content = (raw.content or b"") if is_read else b""
        self.attempts = attempts
        self.redirected_by = 0
        self.sent: Sent = retries.fate(raw.status_code, raw.headers, getattr(raw.request, "method", None) or "")
        self.data: JSON = None
        self._problems: tuple[Problem, ...] | Callable[[], tuple[Problem, ...]] = ()
        self.secrets = NO_SECRETS

    def __repr__(self) -> str:
        kind = self.headers.get("Content-Type", "no content type" if self.content else "no content")
        kind = self.secrets.masked(kind)
        count = len(self.problems)
        problems = f", {count} problem{'' if count == 1 else 's'}" if count else ""
        size = f"{len(self.content)} bytes" if self.is_read else "not read"
        return f"<Response {self.status_code} {self.operation.id}, {kind}, {size}{problems}>"

    def __getitem__(self, key: Any) -> JSON:
        """A member of the JSON object, or an item of the array."""
        return self._container()[key]

    if not TYPE_CHECKING:  # else a type checker would take any name for one that there is

        def __getattr__(self, name: str) -> NoReturn:
            """Who takes the answer for an object with the names of its data is told how to get at them."""
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            data = self.__dict__.get("data")  # there is none before __init__ has run, as in a copy
            is_member = isinstance(data, dict) and name in data
            raise AttributeError(f"{message}; write response[{name!r}]" if is_member else message)

    def __iter__(self) -> Iterator[JSON]:
        """Over the JSON object's names, or the array's items."""
        return iter(self._container())

    def __len__(self) -> int:
        return len(self._container())

    def __contains__(self, key: object) -> bool:
        return key in self._container()

    def __bool__(self) -> bool:
        return True  # an empty list is an answer too

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.operation.id, self.status_code, self.content))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_problems": self.problems, "raw": None, "secrets": NO_SECRETS}

    def masked(self) -> Response:
        """The same without `raw`, and with *** for the secrets of the call wherever the server repeats them."""
        copy = Response.__new__(type(self))
        copy.__dict__.update(self.__getstate__())
        for name in ("reason", "content", "data"):
            setattr(copy, name, self.secrets.masked(getattr(self, name)))
        headers = self.headers.copy()  # type: ignore[attr-defined]  # a dictionary that knows no case
        headers.update({name: self.secrets.masked(text) for name, text in self.headers.items()})
        copy.headers = headers
        return copy

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What of it does not fit the document, explained when first asked for, by what was received."""
        problems = self._problems
        if callable(problems):
            problems = self._problems = problems()
        return problems

    @problems.setter
    def problems(self, problems: tuple[Problem, ...] | Callable[[], tuple[Problem, ...]]) -> None:
        self._problems = problems

    @property
    def text(self) -> str:
        """The content as text, in the charset of its Content-Type, else UTF-8."""
        return _decoded(self.content, _charset(self.headers.get("Content-Type")) or _UTF_8)[0]

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """
        Write the content to a file, which is there whole or not at all, and return where it is.

        `open` of an operation does so without holding the content in memory.

        Args:
            path: A file, which is replaced, or a folder that exists. In a folder the name is that of the answer's
                Content-Disposition, else of its URL, else of the operation, made safe.
            overwrite: Whether a file of that name in the folder is replaced; else the new name gets a number.

        Raises:
            OSError: the file cannot be written.
        """
        new = NewFile(path, self.file_name, overwrite=overwrite)
        with new as file:
            file.write(self.content)
        return new.path

    def file_name(self) -> str:
        """The name for the content as a file, without folders and safe anywhere; see `save`."""
        return file_name(self.headers, (self.raw.url if self.raw is not None else "") or "", self.operation.id)

    def _container(self) -> Any:
        if isinstance(self.data, (dict, list)):
            return self.data
        kind = self.headers.get("Content-Type", "no content type") if self.content else "no content"
        kind = self.secrets.masked(kind)
        why = next((f": {problem.message}" for problem in self.problems if problem.rule in UNREAD), "")
        raise TypeError(
            f"the answer {self.status_code} to {self.operation.id} is no JSON object or array ({kind}){why}; "
            "see its data"
        )

    def _identity(self) -> tuple[object, ...]:
        return self.operation.id, self.status_code, self.content, dict(self.headers)


class ResponseError(DynclientError):
    """
    The answer is not what its own headers or the document say; `response` still holds it, with its data.

    `problems` are those of the answer alone. The secrets of the call are hidden where the server repeats them. `event`
    is the item of a stream that does not fit, where it is that.
    """

    event: Event | None = None

    def __init__(self, message: str, response: Response, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, response, tuple(problems))
        self.message = message
        self.response = response
        self.problems = tuple(problems)
        self.sent = response.sent
        self.attempts = response.attempts

    def __reduce__(self) -> tuple[Any, ...]:
        return _travelling(self)

    def __str__(self) -> str:
        said = f"{self.response.operation.id}: {self.message}"
        if len(self.problems) == 1:
            return f"{said}: {self.problems[0]}"
        lines, more = list(map(str, self.problems[:_MOST_SHOWN])), len(self.problems) - _MOST_SHOWN
        return said + "".join(f"\n  - {line}" for line in [*lines, *([f"and {more} more"] if more > 0 else [])])


class StatusError(DynclientError):
    """
    The server answered with a status of 400 or more; `response` holds the answer and its parsed `data`.

    `hint` is what may help, where that is known. The secrets of the call are hidden where the server repeats them.
    `retry_after` is how many seconds the server asks to wait, or None.
    """

    def __init__(self, response: Response, hint: str = "") -> None:
        super().__init__(response)
        self.response = response
        self.sent = response.sent
        self.attempts = response.attempts
        masked = response.secrets.masked
        self.hint: str = masked(hint)
        self._reason = visible(masked(response.reason))
        found = said(response.data, content_type(response), f"{response.status_code} {response.reason}")
        text = visible(masked(found.text))
        self._said = f" (HTML page{': ' if text else ''}{text})" if found.is_page else f": {text}" if text else ""

    def __reduce__(self) -> tuple[Any, ...]:
        return _travelling(self)

    @property
    def status_code(self) -> int:
        return self.response.status_code

    @property
    def retry_after(self) -> float | None:
        return retries.retry_after(self.response.headers)

    def __str__(self) -> str:
        reason = f" {self._reason}" if self._reason else ""
        told = f"{self.response.operation.id}: the server answered {self.status_code}{reason}{self._said}"
        if self.hint:
            told = f"{told}{'' if told.endswith(('.', '!', '?')) else '.'} {self.hint}"
        if not self.retry_after:
            return told
        return f"{told}{'' if told.endswith(('.', '!', '?')) else '.'} It asks to wait {self.retry_after:.0f} seconds."


class Redirected(StatusError):
    """3xx: a redirect that was not followed; `hint` says why"""


class BadRequest(StatusError):
    """400"""


class Unauthorized(StatusError):
    """401"""


class Forbidden(StatusError):
    """403"""


class NotFound(StatusError):
    """404"""


class Conflict(StatusError):
    """409"""


class UnprocessableContent(StatusError):
    """422"""


class RateLimited(StatusError):
    """429"""


class ServerError(StatusError):
    """500 and above"""


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: UnprocessableContent,
    429: RateLimited,
}


# Of a server that has nothing there, or not for this method: most likely it is the wrong one, or the wrong path.
_MISPLACED = frozenset({404, 405, 501})


def status_error(response: Response, hint: str = "") -> StatusError:
    """The most telling error for an answer of 400 or more."""
    fallback = ServerError if response.status_code >= 500 else StatusError
    return _BY_STATUS.get(response.status_code, fallback)(response, hint or _whereabouts(response))


def _whereabouts(response: Response) -> str:
    """The URL, without its query, where the document does not describe such an answer; "" where it does."""
    if response.status_code not in _MISPLACED or response.raw is None or not response.raw.url:
        return ""
    described, kind = described_answer(response.operation, response.status_code), content_type(response)
    if described and (
        media_types.is_json(kind) or kind in [media_types.essence(each.name) for each in described.content]
    ):
        return ""
    url = f"{origin(response.raw.url)}{urlsplit(response.raw.url).path}"
    allowed = response.headers.get("Allow") if response.status_code == 405 else ""
    permits = f", which permits {visible(allowed)}" if allowed else ""
    return f"The URL was {url}{permits}. Is base_url right?"


def described_answer(operation: Operation, status: int) -> ResponseDescription | None:
    """What the document says of a status: by its number, its range, or as the default (OpenAPI 3.1.1 §4.8.16)."""
    described = {each.status: each for each in operation.responses}
    for name in (str(status), f"{status // 100}XX", "DEFAULT"):
        if name in described:
            return described[name]
    return None


def _travelling(error: StatusError | ResponseError) -> tuple[Any, ...]:
    """What is pickled of an error: a pickle is a file anyone may read, so the secrets of the call stay behind."""
    response = error.response.masked()
    arguments = tuple(response if each is error.response else each for each in error.args)
    return type(error), arguments, {**error.__dict__, "response": response}


def without_secrets(problem: Problem, secrets: Secrets) -> Problem:
    """The problem of an answer; where it shows a secret, in part perhaps, only its rule and that one's place."""
    if not secrets.stands_in(f"{problem}{problem.value}{problem.pointer}"):
        return problem
    message = f"({problem.rule} {problem.schema_pointer})"
    return dataclasses.replace(problem, name="", message=message, value="***", pointer="", hint="")


def explained(findings: Iterable[Finding], secrets: Secrets, most: int | None) -> tuple[Problem, ...]:
    """The problems of an answer, with nothing in them that no message may show; of each value so many at most."""
    problems = (each.explain(most) if isinstance(each, Unexplained) else (each,) for each in findings)
    return tuple(without_secrets(problem, secrets) for some in problems for problem in some)


def read(operation: Operation, raw: requests.Response, attempts: int = 1, *, closely: bool = True) -> Response:
    """
    Return the answer with its data, and as its problems what is wrong with the content itself.

    What calls itself JSON and cannot be read as it stays text; `rules.ANSWER_RULES` tells of the other cases. Unless
    `closely`, only what could not be read is told.
    """
    response = Response(operation, raw, attempts)
    if response.content:
        kind = content_type(response)
        if media_types.is_json(kind):
            response.data, response.problems = _read_json(response, closely)
        elif kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith("+xml"):
            charset = _charset(response.headers.get("Content-Type")) or _UTF_8
            response.data, is_faithful = _decoded(response.content, charset)
            if closely and not is_faithful:
                message = f"it is not text in {show(_family(charset) or charset)}; what could not be read is replaced"
                response.problems = (_problem("charset-wrong", message),)
        else:
            response.data = response.content
    return response


def content_type(response: Response) -> str:
    """The media type that came, without its parameters and in lower case; "" for none."""
    return media_types.essence(response.headers.get("Content-Type") or "")


def _charset(content_type: str | None) -> str:
    """The charset that the Content-Type names, "" for none; UTF-8 is that which skips a mark at the beginning."""
    named = type_parameters(content_type or "").get("charset", "").strip("'")
    return _UTF_8 if named.lower() in ("utf-8", "utf8") else named


def _problem(rule: str, message: str) -> Problem:
    return Problem(BODY, "", message, rule)


def json_again(content: bytes, content_type: str) -> JSON:
    """The data of a JSON content that was read before."""
    return json.loads(_json_text(content, _charset(content_type))[0])


def _read_json(response: Response, closely: bool) -> tuple[JSON, tuple[Problem, ...]]:
    """The data of a content that calls itself JSON, else its text."""
    try:
        text, charset_fault = _json_text(response.content, _charset(response.headers.get("Content-Type")))
        if not closely:
            return json.loads(text), ()
        finder = _Finder()
        is_small = len(response.content) <= _LARGEST_LOOKED_INTO
        hook = finder.members if is_small else None
        data = json.loads(text, object_pairs_hook=hook, parse_constant=finder.constant)
    except RecursionError:
        return response.text, (_problem("too-deep", "it is nested too deeply to be read, and is handed over as text"),)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        kind = content_type(response)
        reason = f"it is not text in {error.encoding}" if isinstance(error, UnicodeDecodeError) else str(error)
        return response.text, (_problem("json-invalid", f"it calls itself {kind} but is no JSON: {reason}"),)
    except ValueError:  # of int(): the length of its text is limited, for the time that it takes grows with its square
        message = "a number has more digits than Python reads; it is handed over as text"
        return response.text, (_problem("number-too-long", message),)
    problems = [_problem("charset-wrong", charset_fault)] if charset_fault else []
    return data, (*problems, *finder.problems(), *(_surrogates(text) if is_small else ()))


class _Finder:
    """Finds what `json.loads` reads and JSON does not permit."""

    def __init__(self) -> None:
        self._repeated: dict[str, None] = {}
        self._constants: dict[str, None] = {}

    def members(self, pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        members = dict(pairs)
        if len(members) != len(pairs) and len(self._repeated) < _MOST_NAMES:
            counts = Counter(name for name, _ in pairs)
            self._repeated |= dict.fromkeys(name for name, count in counts.items() if count > 1)
        return members

    def constant(self, name: str) -> float:
        self._constants[name] = None
        return float(name)

    def problems(self) -> Iterator[Problem]:
        for name in self._constants:
            yield _problem("json-nan", f"{name} is no JSON (RFC 8259 §6); it is read as the float")
        for name in self._repeated:
            yield _problem("duplicate-key", f"{show(name)} stands twice in one object; the last one counts")


def _surrogates(text: str) -> Iterator[Problem]:
    """The problem of half a character, which cannot be printed or sent on (RFC 8259 §8.2)."""
    if ("\\ud" in text or "\\uD" in text) and any(found[1] for found in _ESCAPES.finditer(text)):
        yield _problem("surrogate-lone", "a text holds half a surrogate pair, which is no character")


def _json_text(content: bytes, declared: str) -> tuple[str, str]:
    """
    The text of a JSON content, and what is wrong with its charset.

    It is UTF-8, with or without a mark, UTF-16 or UTF-32 by its first bytes (RFC 8259 §8.1, RFC 4627 §3), whatever the
    Content-Type says; where it is none of these the Content-Type counts.

    Raises:
        UnicodeDecodeError: it is none of these.
    """
    detected = json.detect_encoding(content)
    try:
        text = content.decode(detected)
    except UnicodeDecodeError:
        text, is_faithful = _decoded(content, declared)
        if is_faithful:
            return text, f"JSON is UTF-8; it is read as {show(declared)}, as its Content-Type says"
        return content.decode(detected, "surrogatepass"), "it holds half a surrogate pair, which UTF-8 cannot"
    if declared and not content.isascii() and _family(declared) != _family(detected):
        return text, f"its Content-Type says {show(declared)}; it is read as {_family(detected)}"
    return text, ""


def _decoded(content: bytes, charset: str) -> tuple[str, bool]:
    """The content as text, and whether that is all it says."""
    for errors in ("strict", "replace") if _family(charset) else ():
        with suppress(LookupError, ValueError):  # of a codec that is none of text, or does not replace
            return content.decode(charset, errors), errors == "strict"
    return content.decode(_UTF_8, "replace"), False


def _family(charset: str) -> str:
    """The name of Python's codec for a charset, whatever its order of bytes; "" where there is none for text."""
    if len(charset) > _LONGEST_CHARSET:
        return ""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _NO_CHARSETS else re.sub(r"-(sig|le|be)$", "", name)
