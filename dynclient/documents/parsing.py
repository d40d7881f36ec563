"""
From text to data: JSON, and YAML 1.2's core schema. The only module that knows YAML.

YAML is read event by event, without recursion, into our own data: depth, aliases and size are limited while reading,
duplicate keys are noticed, and it takes half the time of PyYAML's own constructor.
"""

from __future__ import annotations

import datetime
import gc
import json
import math
import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.pointers import escape_token
from dynclient.errors import DocumentError
from dynclient.types import JSON

if TYPE_CHECKING:  # a cached document needs no parser
    import yaml

_JSON_BEGINNINGS = ("{", "[", '"')
_MAX_FINDINGS = 100
_MAX_DIGITS = 1000  # Python refuses to print an int of more than 4300 digits, also one that was read as hexadecimal


@dataclass(frozen=True, slots=True)
class Finding:
    """
    A problem of a text that was read all the same.

    `path` has the steps from the top to the value; `line` counts from 1, and is None without a text.
    """

    rule: str
    path: tuple[str, ...]
    line: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data of a text, and the problems of the text."""

    data: JSON
    findings: tuple[Finding, ...] = ()


def parse_text(content: bytes, name: str, limits: Limits = LIMITS) -> Parsed:
    """
    Return the data of a text in JSON or YAML, in UTF-8, UTF-16 or UTF-32; errors call it `name`.

    A repeated key in an object is a finding of the rule `duplicate-key`, and the last one counts, as with most parsers.
    A number that JSON cannot write (`.inf`, `1e999`) is a finding of the rule `non-finite`.

    Raises:
        DocumentError: it is neither, is nested too deeply, or is too large.
    """
    import yaml

    text = _decoded(content, name)
    _refuse_other_formats(text, name)
    with collector_paused():
        try:
            json_error = ""
            if text.lstrip()[:1] in _JSON_BEGINNINGS:
                try:
                    return _parse_json(text, limits)
                except (ValueError, RecursionError) as error:  # YAML's flow style begins with a brace too
                    json_error = _json_reason(error)
            return _build(_yaml_events(text), limits)
        except yaml.YAMLError as error:
            raise DocumentError(f"is neither JSON{json_error} nor YAML ({_reason(error, text)})", name) from error
        except _LimitError as error:
            raise DocumentError(f"cannot be parsed: {error}", name) from error


def as_json(data: Mapping[Any, JSON], name: str, limits: Limits = LIMITS) -> Parsed:
    """
    Return a mapping, such as one from another YAML library, as JSON data: keys (`200`, `true`) and dates become text,
    and tuples become lists. What is JSON already is not copied.

    A key that is then repeated is a finding of the rule `duplicate-key`, and the last one counts.

    >>> as_json({"responses": {200: {"example": datetime.date(2024, 5, 1)}}}, "mapping").data
    {'responses': {'200': {'example': '2024-05-01'}}}

    Raises:
        DocumentError: a value has no JSON form or contains itself, or the data is too deep or too large.
    """
    reader = _DataReader(name, limits)
    try:
        return Parsed(reader.read(data, ()), tuple(reader.findings))
    except RecursionError:
        raise DocumentError("cannot be read: it is nested too deeply for Python", name) from None
    except _LimitError as error:
        raise DocumentError(f"cannot be read: {error}", name) from None


class _DataReader:
    """Turns data into JSON; each object is read once, however often it is repeated."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.findings: list[Finding] = []
        self._name = name
        self._limits = limits
        self._values = 0
        # The result for an object, its values and levels; and the object itself, so that no other one gets its id.
        self._done: dict[int, tuple[JSON, int, int, object]] = {}
        self._open: set[int] = set()
        self._height = 0

    def read(self, value: Any, path: tuple[str, ...]) -> JSON:
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None or kind is float:
            self._count(1)
            self._height = 0
            return value
        if isinstance(value, (Mapping, list, tuple)):
            return self._collection(value, path)
        self._count(1)
        self._height = 0
        if isinstance(value, (str, int, float)):  # of a library that keeps how a number was written
            return value
        if isinstance(value, (datetime.date, datetime.time)):
            return value.isoformat()
        if isinstance(value, Decimal):
            return float(value)
        raise self._refused(f"a value of type {kind.__name__} is not JSON", path)

    def _collection(self, value: Any, path: tuple[str, ...]) -> JSON:
        known = self._done.get(id(value))
        if known is not None:
            result, values, self._height, _ = known
            self._count(values)
            if len(path) + self._height > self._limits.depth:
                raise _too_deep(self._limits)
            return result
        if id(value) in self._open:
            raise self._refused("a value stands inside itself", path)
        if len(path) >= self._limits.depth:
            raise _too_deep(self._limits)
        self._open.add(id(value))
        before = self._values
        self._count(1)
        result, height = (self._mapping if isinstance(value, Mapping) else self._list)(value, path)
        self._open.discard(id(value))
        self._height = height + 1
        self._done[id(value)] = result, self._values - before, self._height, value
        return result

    def _mapping(self, value: Mapping[Any, Any], path: tuple[str, ...]) -> tuple[JSON, int]:
        members: dict[str, JSON] = {}
        height, is_same = 0, isinstance(value, dict)
        for key, member in value.items():
            text = self._key(key, path)
            if text in members:
                message = f"the key {text[:100]!r} is repeated here; the last one counts"
                self.findings.append(Finding("duplicate-key", path, None, message))
            members[text] = read = self.read(member, (*path, text))
            height = max(height, self._height)
            is_same = is_same and text is key and read is member
        return value if is_same else members, height

    def _list(self, value: Sequence[Any], path: tuple[str, ...]) -> tuple[JSON, int]:
        items: list[JSON] = []
        height = 0
        for position, item in enumerate(value):
            items.append(self.read(item, (*path, str(position))))
            height = max(height, self._height)
        is_same = isinstance(value, list) and all(map(operator.is_, items, value))
        return value if is_same else items, height

    def _key(self, key: Any, path: tuple[str, ...]) -> str:
        if isinstance(key, str):
            return key
        if key is None or isinstance(key, (bool, int, float)):
            return json.dumps(key)
        if isinstance(key, datetime.date):
            return key.isoformat()
        raise self._refused(f"a key of type {type(key).__name__} is not text", path)

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > self._limits.values:
            raise _too_large(self._limits)

    def _refused(self, reason: str, path: tuple[str, ...]) -> DocumentError:
        return DocumentError(reason, self._name, "#" + "".join(f"/{escape_token(step)}" for step in path))


def line_numbers(content: bytes, paths: Collection[tuple[str, ...]]) -> list[int]:
    r"""
    Return the lines, counted from 1, of the values at these paths: the line of the key, or of an item's beginning.

    A value from an alias or a merge key, and a missing one, has the line of the nearest value around it; a repeated key
    has that of its last place. The result is empty if the text cannot be read. It costs about as much as parsing,
    however many paths there are.

    >>> line_numbers(b"info:\n  title: Pets\ntags: [a,\n  b]", [("tags", "1"), ("info", "title"), ("info", "x")])
    [4, 2, 1]
    """
    import yaml

    wanted: dict[str, Any] = {}
    for path in paths:
        node = wanted
        for step in path:
            node = node.setdefault(step, {})
    try:
        lines = _lines(_events(_decoded(content, "")), wanted)
    except (yaml.YAMLError, DocumentError, _LimitError):
        return []
    if not lines:
        return []
    return [next(lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines) for path in paths]


def _events(text: str) -> Iterator[yaml.Event]:
    if text.lstrip()[:1] in _JSON_BEGINNINGS:
        try:
            json.loads(text)
            return _json_events(text)
        except (ValueError, RecursionError):  # YAML's flow style begins with a brace too
            pass
    return _yaml_events(text)


@dataclass(slots=True)
class _Around:
    """An open collection, and the paths that are wanted inside it; `key` waits for its value."""

    path: tuple[str, ...]
    wanted: Mapping[str, Any]
    is_mapping: bool
    index: int = 0
    key: tuple[str, int] | None = None


def _lines(events: Iterable[yaml.Event], wanted: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """The lines that are wanted, by path; `wanted` is a tree of steps."""
    import yaml

    lines: dict[tuple[str, ...], int] = {}
    around: list[_Around] = []
    skipped = 0  # how many open collections have nothing that is wanted
    for event in events:
        starts, ends = isinstance(event, yaml.CollectionStartEvent), isinstance(event, yaml.CollectionEndEvent)
        if skipped:
            skipped += starts - ends
        elif ends:
            around.pop()
        elif not isinstance(event, yaml.NodeEvent):
            continue
        elif not around:
            lines[()] = _line(event)
            around.append(_Around((), wanted, isinstance(event, yaml.MappingStartEvent)))
        elif around[-1].is_mapping and around[-1].key is None:
            around[-1].key = (getattr(event, "value", ""), _line(event))
        else:
            top = around[-1]
            step, line = top.key or (str(top.index), _line(event))
            top.index, top.key = top.index + 1, None
            if step in top.wanted:
                lines[(*top.path, step)] = line
            if starts and top.wanted.get(step):
                around.append(_Around((*top.path, step), top.wanted[step], isinstance(event, yaml.MappingStartEvent)))
            elif starts:
                skipped = 1
    return lines


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _decoded(content: bytes, name: str) -> str:
    """The text, without a byte order mark. Its encoding is recognized by RFC 4627 §3 and YAML 1.2 §5.2."""
    encoding = json.detect_encoding(content)
    try:
        # JSON permits a lone surrogate; YAML says where it stands.
        return content.decode(encoding, "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        shown = encoding.upper().removesuffix("-SIG")
        found = f"byte 0x{content[error.start]:02x} in line {line}"
        raise DocumentError(f"isn't {shown} text: {found}. Is it binary, or in another encoding?", name) from None


_HTML = re.compile(
    r"\s*+(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE | re.DOTALL
)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
# How Swagger UI, Redoc, Scalar, RapiDoc and RFC 8631 links name the document that they show.
_NAMED_DOCUMENT = re.compile(
    r"""\b(?:url|spec-url|specUrl|data-url|href)["']?\s{0,9}[:=]\s{0,9}["']([^"'<>\s]{1,300})["']""", re.IGNORECASE
)
_DOCUMENT_NAME = re.compile(r"\.(?:json|ya?ml)\b|openapi|swagger\b|api-docs", re.IGNORECASE)
_PAGE_ASSET = re.compile(r"\.(?:js|css|png|ico|svg|html?|map)\b", re.IGNORECASE)

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_USUAL_PLACES = "/openapi.json, /openapi.yaml, /swagger.json, /v3/api-docs"


def _refuse_other_formats(text: str, name: str) -> None:
    if not text or text.isspace():
        raise DocumentError("is empty", name)
    start = text[:1024].lstrip()
    if start.startswith("<") and _HTML.match(text[:10_000]):
        raise DocumentError(_about_page(text[:1_000_000]), name)
    if start.startswith("<?xml"):
        raise DocumentError("is XML; an OpenAPI document is JSON or YAML", name)
    for beginning, kind in (("PK\x03\x04", "a ZIP archive"), ("%PDF-", "a PDF")):
        if start.startswith(beginning):
            raise DocumentError(f"is {kind}; an OpenAPI document is JSON or YAML", name)
    if len(_CONTROLS.findall(start)) > len(start) // 20:
        raise DocumentError("is binary data; an OpenAPI document is JSON or YAML", name)


def _about_page(page: str) -> str:
    """What to say about an HTML page, most often a documentation page or a login page instead of the document."""
    title = _TITLE.search(page)
    titled = f" titled {' '.join(title[1].split())!r}" if title else ""
    for match in _NAMED_DOCUMENT.finditer(page):
        if _DOCUMENT_NAME.search(match[1]) and not _PAGE_ASSET.search(match[1]):
            return f"is an HTML page{titled}, no document. It names {match[1]!r}; try the URL of that"
    return (
        f"is an HTML page{titled}, no document. Is a login needed? A documentation page loads its document from a URL"
        f" of its own, often {_USUAL_PLACES}"
    )


def _parse_json(text: str, limits: Limits) -> Parsed:
    """
    The data of a JSON text.

    Raises:
        ValueError, RecursionError: it isn't JSON.
        _LimitError: it is too large or too deep.
    """
    _check_json_size(text, limits)
    odd = False

    def read_object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
        members = dict(pairs)
        if len(members) != len(pairs):
            nonlocal odd
            odd = True
        return members

    def read_float(number: str) -> float:
        nonlocal odd
        value = float(number)
        odd |= not math.isfinite(value)
        return value

    data = json.loads(text, object_pairs_hook=read_object, parse_float=read_float, parse_constant=read_float)
    # The text is read a second time, to say where; this is rare.
    return _build(_json_events(text), limits, _JSON_CONSTANTS) if odd else Parsed(data)


_JSON_CONSTANTS: dict[str, JSON] = {word: float(word) for word in ("NaN", "Infinity", "-Infinity")}

_ESCAPE = re.compile(rb'\\[\\"]')
_STRING = re.compile(rb'"[^"]*(?:"|\Z)')
_NO_MARKS = bytes(set(range(256)) - set(b'[]{},"'))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def _check_json_size(text: str, limits: Limits) -> None:
    """
    Refuse what json.loads would need too much stack or memory for.

    Its own guard against deep nesting is not enough in a thread with a small stack on Python 3.12 and 3.13.

    Raises:
        _LimitError: it is too large or too deep.
    """
    marks = _marks(text)
    if marks.count(b'"') > 4 * limits.values:  # a key and a text for each value
        raise _too_large(limits)
    marks = _outside_strings(marks)
    if len(marks) - marks.count(b"]") - marks.count(b"}") > limits.values:
        raise _too_large(limits)
    if _depth(marks) > limits.depth:
        raise _too_deep(limits)


def json_depth(text: str) -> int:
    """
    Return how many levels of arrays and objects a JSON text has, without parsing it.

    >>> json_depth('{"a": [1, "[[["], "b": []}'), json_depth("1")
    (2, 0)
    """
    return _depth(_outside_strings(_marks(text)))


def _marks(text: str) -> bytes:
    """The brackets, braces, commas and quotes of a JSON text, without the escaped quotes in its strings."""
    return _ESCAPE.sub(b"", text.encode("utf-8", "surrogatepass")).translate(None, _NO_MARKS)


def _outside_strings(marks: bytes) -> bytes:
    # Two quotes side by side say nothing about what is between other quotes; removing them leaves little.
    return _STRING.sub(b"", marks.replace(b'""', b""))


def _depth(marks: bytes) -> int:
    return max(accumulate(map(_STEP.__getitem__, marks.translate(None, b","))), default=0)


class _LimitError(Exception):
    """A document is larger than any published one."""


def _too_deep(limits: Limits) -> _LimitError:
    return _LimitError(f"it is nested too deeply, in more than {limits.depth} levels; max_document_depth= permits more")


def _too_large(limits: Limits) -> _LimitError:
    return _LimitError(
        f"it holds more than {limits.values} values, aliases followed; max_document_values= permits more"
    )


_JSON_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|[^\s\[\]{},:"]+')


def _json_events(text: str) -> Iterator[yaml.Event]:
    """The events of a text that is JSON; YAML's own parser refuses some JSON (escaped surrogates, U+0080)."""
    import yaml

    line = position = 0
    for match in _JSON_TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        mark = yaml.Mark("", position, line, 0, None, 0)
        word = match[0]
        if word == "{":
            yield yaml.MappingStartEvent(None, None, True, mark)
        elif word == "[":
            yield yaml.SequenceStartEvent(None, None, True, mark)
        elif word == "}":
            yield yaml.MappingEndEvent(mark)
        elif word == "]":
            yield yaml.SequenceEndEvent(mark)
        elif word.startswith('"'):
            yield yaml.ScalarEvent(None, None, (False, True), _string(word), mark)
        else:
            yield yaml.ScalarEvent(None, None, (True, False), word, mark)


def _string(quoted: str) -> str:
    return str(json.loads(quoted)) if "\\" in quoted else quoted[1:-1]


def _yaml_events(text: str) -> Iterator[yaml.Event]:
    import yaml

    # The C loader is missing where PyYAML was built without it.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.parse(text.encode("utf-8", "surrogatepass"), loader)


_WORDS: dict[str, JSON] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def _resolve(text: str) -> JSON:
    """What a scalar without quotes and tag means (YAML 1.2.2 §10.3.2): a Norwegian `NO`, a time or a date is text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        if _INTEGER.fullmatch(text):
            return _integer(text)
        if _FLOAT.fullmatch(text):
            return _float(text)
    return text


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text[:50]!r} isn't an integer")
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def _float(text: str) -> float:
    if not (_FLOAT.fullmatch(text) or _INTEGER.fullmatch(text)):
        raise ValueError(f"{text[:50]!r} isn't a number")
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text[:50]!r} isn't a boolean")
    return text.lower() == "true"


def _null(text: str) -> None:
    return None


# JSON has no dates, bytes or sets: these stay text, and no other tag is known.
_SCALAR_TAGS: dict[str, Callable[[str], JSON]] = {
    "!": str,
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:null": _null,
    "tag:yaml.org,2002:bool": _boolean,
    "tag:yaml.org,2002:int": _integer,
    "tag:yaml.org,2002:float": _float,
    "tag:yaml.org,2002:timestamp": str,
    "tag:yaml.org,2002:binary": str,
}
_MAPPING_TAGS = {None, "!", "tag:yaml.org,2002:map"}
_SEQUENCE_TAGS = {None, "!", "tag:yaml.org,2002:seq"}


@dataclass(slots=True)
class _Open:
    """An open collection. `height` is how many levels are below it."""

    value: Any
    is_mapping: bool
    values_before: int
    anchor: str | None
    key: str | None = None
    is_merge: bool = False
    height: int = 0
    merged: list[dict[str, JSON]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an alias repeats: the value, its text if it may be a key, and how many values and levels it has."""

    value: JSON
    text: str | None
    values: int
    height: int


def _build(events: Iterable[yaml.Event], limits: Limits, known: dict[str, JSON] | None = None) -> Parsed:
    """
    The data of the only document in a text; `known` scalars have a meaning other than YAML's.

    Raises:
        yaml.YAMLError: it isn't YAML, or has something that JSON cannot express.
        _LimitError: it is too large or too deep.
    """
    builder = _Builder(limits, dict(known or {}))
    for event in events:
        handle = builder.handlers.get(type(event))
        if handle is not None:
            handle(event)
    return Parsed(builder.result, tuple(builder.findings))


class _Builder:
    """Makes data from events."""

    def __init__(self, limits: Limits, known: dict[str, JSON]) -> None:
        import yaml

        self._limits = limits
        self.result: JSON = None
        self.findings: list[Finding] = []
        self.handlers: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceStartEvent: self._sequence,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        self._known = known  # what plain scalars mean; equal texts also become one object
        self._keys: dict[str, str] = {}
        self._open: list[_Open] = []
        self._anchored: dict[str, _Anchored | None] = {}  # None while the collection is open
        self._values = 0
        self._documents = 0

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise _refused(event, "a second document begins; one file holds one")

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        top = self._open[-1] if self._open else None
        if top is not None and top.is_mapping and top.key is None:
            if event.tag is not None and event.tag not in _SCALAR_TAGS:
                raise _refused(event, f"the tag {event.tag[:100]!r} is not known")
            if event.anchor is not None:
                self._anchored[event.anchor] = _Anchored(text, text, _weight(text), 0)
            # From YAML 1.1, and still in use: the members of this key's value are merged in.
            top.is_merge = text == "<<" and event.implicit[0]
            self._key(top, text, event)
            return
        value: JSON
        if event.tag is not None:
            value = self._tagged(event)
        elif event.implicit[0]:
            try:
                value = self._known[text]
            except KeyError:
                value = self._known[text] = self._resolved(event)
        else:
            value = text
        self._count(_weight(text))
        if value.__class__ is float and not math.isfinite(value):
            self._note("non-finite", event, f"JSON cannot write the number {text[:50]}")
        if event.anchor is not None:
            self._anchored[event.anchor] = _Anchored(value, text, _weight(text), 0)
        self._add(value, event)

    def _resolved(self, event: Any) -> JSON:
        try:
            return _resolve(event.value)
        except ValueError as error:
            raise _refused(event, str(error)) from None

    def _tagged(self, event: Any) -> JSON:
        construct = _SCALAR_TAGS.get(event.tag)
        if construct is None:
            raise _refused(event, f"the tag {event.tag[:100]!r} is unknown, or not for text")
        try:
            return construct(event.value)
        except ValueError as error:
            raise _refused(event, str(error)) from None

    def _mapping(self, event: yaml.MappingStartEvent) -> None:
        self._begin(event, {}, _MAPPING_TAGS)

    def _sequence(self, event: yaml.SequenceStartEvent) -> None:
        self._begin(event, [], _SEQUENCE_TAGS)

    def _begin(self, event: Any, value: dict[str, JSON] | list[JSON], tags: set[str | None]) -> None:
        if event.tag not in tags:
            raise _refused(event, f"the tag {event.tag[:100]!r} is not known, or is none of a collection of this kind")
        if self._open and self._open[-1].is_mapping and self._open[-1].key is None:
            raise _refused(event, "a key must be a scalar")
        if len(self._open) >= self._limits.depth:
            raise _too_deep(self._limits)
        self._count(1)
        self._open.append(_Open(value, isinstance(value, dict), self._values - 1, event.anchor))
        if event.anchor is not None:
            self._anchored[event.anchor] = None

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        ended = self._open.pop()
        value = ended.value
        if ended.merged:
            value = {}
            for members in reversed(ended.merged):  # the first of several wins, and what is written here wins over all
                value.update(members)
            value.update(ended.value)
        height = ended.height + 1
        if ended.anchor is not None:
            self._anchored[ended.anchor] = _Anchored(value, None, self._values - ended.values_before, height)
        if self._open and self._open[-1].height < height:
            self._open[-1].height = height
        self._add(value, event)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchored:
            raise _refused(event, f"the alias {event.anchor[:100]!r} has no anchor before it")
        anchored = self._anchored[event.anchor]
        if anchored is None:
            raise _refused(event, f"the alias {event.anchor[:100]!r} is inside what it repeats")
        top = self._open[-1]
        if top.is_mapping and top.key is None:
            if anchored.text is None:
                raise _refused(event, "a key must be a scalar")
            self._key(top, anchored.text, event)
            return
        if len(self._open) + anchored.height > self._limits.depth:
            raise _too_deep(self._limits)
        self._count(anchored.values)
        top.height = max(top.height, anchored.height)
        self._add(anchored.value, event)

    def _key(self, mapping: _Open, text: str, event: yaml.Event) -> None:
        key = mapping.key = self._keys.setdefault(text, text)
        self._values += _weight(text) - 1
        if key in mapping.value:
            self._note("duplicate-key", event, f"the key {key[:100]!r} is repeated here; the last one counts")

    def _add(self, value: JSON, event: yaml.Event) -> None:
        """Put a complete value where it belongs."""
        if not self._open:
            self.result = value
            return
        top = self._open[-1]
        if not top.is_mapping:
            top.value.append(value)
            return
        if top.is_merge:
            merged = value if isinstance(value, list) else [value]
            if not all(isinstance(each, dict) for each in merged):
                raise _refused(event, "a merge key '<<' takes a mapping or a list of mappings")
            top.merged += merged
        else:
            top.value[top.key] = value
        top.key = None

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > self._limits.values:
            raise _too_large(self._limits)

    def _note(self, rule: str, event: yaml.Event, message: str) -> None:
        if len(self.findings) < _MAX_FINDINGS:
            path = tuple(str(each.key) if each.is_mapping else str(len(each.value)) for each in self._open)
            self.findings.append(Finding(rule, path, _line(event), message))


def _weight(text: str) -> int:
    """How many values a text counts as: a long text that aliases repeat is a bomb, too."""
    return 1 + (len(text) >> 7)


def _refused(event: Any, problem: str) -> yaml.YAMLError:
    import yaml

    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)


def _json_reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" (line {error.lineno} column {error.colno}: {error.msg})"
    return ""


def _reason(error: yaml.YAMLError, text: str) -> str:
    """PyYAML's message in one line, with the place."""
    import yaml

    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        is_tab = text[mark.index : mark.index + 1] == "\t" and "tab" not in str(error.problem)
        hint = "; a tab cannot indent" if is_tab else ""
        return f"line {mark.line + 1} column {mark.column + 1}: {error.problem}{hint}"
    return str(getattr(error, "reason", error)).splitlines()[0]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector: code that makes many objects and drops none, such as parsing, is then faster."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
