"""What came back: the answer, its data by its Content-Type, and the errors that hold an answer."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from dynclient.credentials import NO_SECRETS, Secrets
from dynclient.documents import Document
from dynclient.errors import Problem, Sent
from dynclient.http import media_types, type_parameters
from dynclient.openapi import MediaType, Operation, ResponseDescription, Schema, XmlNode
from dynclient.responses.decoding import (
    charset_family,
    content_problem,
    decoded,
    read_json,
    text_charset,
    text_of,
)
from dynclient.responses.filenames import file_name
from dynclient.responses.saving import NewFile
from dynclient.responses.views import Shown
from dynclient.support import LONGEST_SHOWN, near, printable, show
from dynclient.types import JSON

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
"""How many problems the text of an error lists; an answer may have thousands."""


UNREAD = frozenset({"json-invalid", "number-too-long", "too-deep", "xml-invalid", "xml-root"})
"""The rules for content that could not be read as its Content-Type says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unexplained:
    """
    Something that is invalid, whose problems are worked out when they are asked for.

    Attributes:
        location: the location of the problems.
        name: their name.
        kinds: equal for problems of the same rules and places.
        explain: returns at most so many problems, or all for None.
    """

    location: str
    name: str
    kinds: frozenset[object]
    explain: Callable[[int | None], Sequence[Problem]]


Finding: TypeAlias = Problem | Unexplained


class Response(Shown):
    """
    The answer to a call. Subscripts, iteration, `len`, `in`, `get` and `keys` are those of its data.

    Attributes:
        data: the parsed JSON, or XML that is described as data; else text, else bytes, by the Content-Type. None if
            there is no content.
        status_code: the status.
        headers: the headers, by names of any case.
        media_type: the media type of the content, without parameters and in lower case; "" if the answer has none.
        content: the content as bytes, unpacked.
        problems: what does not fit the document, in the answer and in a request that was sent all the same. Their
            location is "status", "response header", "response body", or a place in the request.
        attempts: how many requests were sent, with retries, redirects and new credentials.
        sent: what became of the request, as `SendError.sent` says it.
        redirected_by: the status of the first redirect that was followed, 0 for none.
        is_read: False for the head of a stream or a download, which has neither content nor data.
        operation: the operation that was called.
        raw: requests' own Response. A pickle has none, because it holds the credentials that were sent.
        secrets: the secrets of the call.
    """

    def __init__(
        self, operation: Operation, raw: requests.Response, attempts: int = 1, *, is_read: bool = True
    ) -> None:
        self.operation = operation
        self.raw: requests.Response | None = raw
        self.status_code = raw.status_code
        self.reason = raw.reason or ""
        self.headers: Mapping[str, str] = raw.headers
        self.media_type = media_types.essence(raw.headers.get("Content-Type") or "")
        self.is_read = is_read
        self.content = (raw.content or b"") if is_read else b""
        self.attempts = attempts
        self.redirected_by = 0
        self.sent: Sent = "yes"
        self.data: JSON = None
        self._problems: tuple[Problem, ...] | Callable[[], tuple[Problem, ...]] = ()
        self.secrets = NO_SECRETS

    def __getitem__(self, key: Any) -> JSON:
        """
        Return a member of the JSON object, or an item of the array.

        Raises:
            LookupError: there is none; the error's note says what the answer has.
            TypeError: the data has no members or items, or the key is of the wrong type.
        """
        data = self._container()
        try:
            return data[key]
        except (LookupError, TypeError) as error:
            error.add_note(self._contents(data, key))
            raise

    if not TYPE_CHECKING:  # else a type checker would accept any name

        def __getattr__(self, name: str) -> NoReturn:
            """Say how to get at a member of the data that is asked for as an attribute."""
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            data = self.__dict__.get("data")  # missing before __init__ has run, as in a copy
            is_member = isinstance(data, dict) and name in data
            raise AttributeError(f"{message}; write response[{name!r}]" if is_member else message)

    def __iter__(self) -> Iterator[JSON]:
        """Iterate over the JSON object's names, or the array's items."""
        return iter(self._container())

    def __len__(self) -> int:
        return len(self._container())

    def __contains__(self, key: object) -> bool:
        return key in self._container()

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython completes behind `response["`."""
        return list(self.data) if isinstance(self.data, dict) else []

    def __bool__(self) -> bool:
        return True  # an empty list is an answer too

    def get(self, key: str, default: JSON = None) -> JSON:
        """Return a member of the JSON object; `default` if it has none of this name."""
        return self._object("get").get(key, default)

    def keys(self) -> KeysView[str]:
        """Return the names of the JSON object, so that `dict(response)` is a copy of it."""
        return self._object("keys").keys()

    def json(self) -> JSON:
        """
        Return the content read as JSON, also where its Content-Type does not say that it is.

        Raises:
            ValueError: it isn't JSON.
        """
        declared = self.headers.get("Content-Type", "") if media_types.is_json(self.media_type) else "application/json"
        data, problems = read_json(self.content, declared, closely=False)
        if problems:
            kind = self.secrets.masked(self.media_type) or "no content type"
            raise ValueError(f"the answer {self.status_code} to {self.operation.id} isn't JSON ({kind})")
        return data

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Response):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.operation.id, self.status_code, self.content))

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_problems": self.problems, "raw": None, "secrets": NO_SECRETS}

    def masked(self) -> Response:
        """Return the same without `raw`, and with *** wherever the server repeats a secret of the call."""
        copy = Response.__new__(type(self))
        copy.__dict__.update(self.__getstate__())
        for name in ("reason", "media_type", "content", "data"):
            setattr(copy, name, self.secrets.masked(getattr(self, name)))
        headers = self.headers.copy()  # type: ignore[attr-defined]  # a dictionary that knows no case
        headers.update({name: self.secrets.masked(text) for name, text in self.headers.items()})
        copy.headers = headers
        return copy

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What does not fit the document, explained when it is first asked for, by what was received."""
        problems = self._problems
        if callable(problems):
            problems = self._problems = problems()
        return problems

    @problems.setter
    def problems(self, problems: tuple[Problem, ...] | Callable[[], tuple[Problem, ...]]) -> None:
        self._problems = problems

    @property
    def text(self) -> str:
        """The content as text, in the charset of its Content-Type; of XML, else in its own encoding; else UTF-8."""
        return text_of(self.content, self.headers.get("Content-Type") or "")

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """
        Write the content to a file, whole or not at all, and return its path.

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
        """Return a file name for the content, without folders and safe on every system; see `save`."""
        return file_name(self.headers, (self.raw.url if self.raw is not None else "") or "", self.operation.id)

    def _object(self, method: str) -> dict[str, JSON]:
        if isinstance(self.data, list):
            raise TypeError(
                f"the answer {self.status_code} to {self.operation.id} is a JSON array, which has no {method}"
            )
        data: dict[str, JSON] = self._container()
        return data

    def _contents(self, data: Any, key: object) -> str:
        """What the data has, for a key that it does not have."""
        whose = f"the answer {self.status_code} to {self.operation.id}"
        if isinstance(data, list):
            return f"{whose} is an array; its number of items is {len(data)}"
        names = [printable(self.secrets.masked(str(name)))[:LONGEST_SHOWN] for name in islice(data, _MOST_SHOWN)]
        more = f" and {len(data) - _MOST_SHOWN} more" if len(data) > _MOST_SHOWN else ""
        hint = "".join(f" Did you mean {name!r}?" for name in near(str(key), names, 1))
        return f"{whose} has {', '.join(map(repr, names)) or 'no members'}{more}.{hint}"

    def _container(self) -> Any:
        if isinstance(self.data, (dict, list)):
            return self.data
        kind = self.headers.get("Content-Type", "no content type") if self.content else "no content"
        kind = self.secrets.masked(kind)
        why = next((f": {problem.message}" for problem in self.problems if problem.rule in UNREAD), "")
        page = next((f"; {problem.message}" for problem in self.problems if problem.rule == "html-page"), "")
        raise TypeError(
            f"the answer {self.status_code} to {self.operation.id} isn't a JSON object or array ({kind}){why}; "
            f"see its data{page}"
        )

    def _identity(self) -> tuple[object, ...]:
        return self.operation.id, self.status_code, self.content, dict(self.headers)


def _read_xml(response: Response, document: Document) -> None:
    """Turn the text of an answer into data, if the document describes data."""
    schema = described_schema(response)
    if schema is None or not XmlNode.root(document, schema).is_data:
        return
    from dynclient.wire import UnreadableXml, read_xml  # few answers need it

    try:
        response.data = read_xml(response.data, document, schema)
    except UnreadableXml as error:
        response.problems = (*response.problems, content_problem(error.rule, str(error)))


def described_schema(response: Response) -> Schema | None:
    """Return the schema for the content of an answer, by its status and Content-Type."""
    described = described_answer(response.operation, response.status_code)
    media_type = fitting(described.content, response.headers.get("Content-Type") or "") if described else None
    return media_type.schema if media_type else None


def described_answer(operation: Operation, status: int) -> ResponseDescription | None:
    """Return the description of a status: by its number, its range, or the default (OpenAPI 3.1.1 §4.8.16)."""
    for name in (str(status), f"{status // 100}XX", "DEFAULT"):
        for described in operation.responses:
            if described.status == name:
                return described
    return None


def fitting(content: Sequence[MediaType], received: str) -> MediaType | None:
    """
    Return the declared media type for a Content-Type: with its parameters, else without, else the closest range.

    Case does not count, nor do parameters that the document does not name.
    """
    found = [declared for declared in content if media_types.fits(received, declared.name)]
    if len(found) <= 1:
        return found[0] if found else None
    given = type_parameters(received).items()

    def rank(declared: MediaType) -> tuple[int, bool, int]:
        parameters = {name: value.lower() for name, value in type_parameters(declared.name).items()}
        is_same = parameters.items() <= {(name, value.lower()) for name, value in given}
        return -declared.name.count("*"), is_same, len(parameters) if is_same else 0

    return max(found, key=rank)


def without_secrets(problem: Problem, secrets: Secrets) -> Problem:
    """Return the problem; if it shows a secret, even in part, only its rule and the rule's place."""
    if not secrets.stands_in(f"{problem}{problem.value}{problem.pointer}"):
        return problem
    message = f"({problem.rule} {problem.schema_pointer})"
    return dataclasses.replace(problem, name="", message=message, value="***", pointer="", hint="")


def explained(findings: Iterable[Finding], secrets: Secrets, most: int | None) -> tuple[Problem, ...]:
    """Return the problems of an answer without secrets, at most so many for each value."""
    problems = (each.explain(most) if isinstance(each, Unexplained) else (each,) for each in findings)
    return tuple(without_secrets(problem, secrets) for some in problems for problem in some)


def read(
    operation: Operation,
    raw: requests.Response,
    attempts: int = 1,
    *,
    closely: bool = True,
    document: Document | None = None,
) -> Response:
    """
    Return the answer with its data; its problems are what is wrong with the content itself.

    XML is data if the document describes it as an object or a list, else text. Content that is declared as JSON or XML
    and cannot be read stays text; see `rules.ANSWER_RULES` for other cases. Unless `closely`, only unreadable content
    is a problem.
    """
    response = Response(operation, raw, attempts)
    content, kind = response.content, response.media_type
    if not content:
        return response
    if media_types.is_json(kind):
        response.data, problems = read_json(content, response.headers["Content-Type"], closely)
        if problems:
            response.problems = problems
    elif kind.startswith("text/") or kind in _TEXT_TYPES or kind.endswith("+xml"):
        charset = text_charset(content, response.headers["Content-Type"])
        response.data, is_faithful = decoded(content, charset)
        if closely and not is_faithful:
            message = (
                f"it is not text in {show(charset_family(charset) or charset)}; what could not be read is replaced"
            )
            response.problems = (content_problem("charset-wrong", message),)
        if document is not None and media_types.is_xml(kind):
            _read_xml(response, document)
    else:
        response.data = content
    return response
