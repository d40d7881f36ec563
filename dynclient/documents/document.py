"""A document parsed: its data, its version, its references resolved, and what was found wrong with it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from dynclient.documents.cache import Cache, key_of
from dynclient.documents.limits import LIMITS, Limits
from dynclient.documents.overlays import apply
from dynclient.documents.parsing import Parsed, as_json, line_numbers, parse_text
from dynclient.documents.pointers import escape_token, split_pointer
from dynclient.documents.references import References, reference_of
from dynclient.documents.resources import AllowedRefs, Library, Unreachable
from dynclient.documents.sources import NO_HEADERS, Source
from dynclient.errors import DocumentError, Problem
from dynclient.types import JSON

__all__ = ["Document", "Joined", "noting", "parse", "reference_of"]


@dataclass(frozen=True, slots=True)
class Joined:
    """The values of an object and of all that its references lead to, and the pointer of the object that holds each."""

    values: Mapping[str, JSON]
    pointer: str
    holders: Mapping[str, str]

    def holder(self, key: str) -> str:
        return self.holders.get(key, self.pointer)

    def pointer_of(self, key: str) -> str:
        return f"{self.holder(key)}/{escape_token(key)}"


# The operation on whose behalf a document is being read; a note made meanwhile touches it.
_OPERATION: ContextVar[str] = ContextVar("dynclient_operation", default="")


@contextmanager
def noting(operation: str) -> Iterator[None]:
    """What is found wrong with a document in this block touches the operation of this name."""
    token = _OPERATION.set(operation)
    try:
        yield
    finally:
        _OPERATION.reset(token)


class Document:
    """
    An OpenAPI document in memory.

    `contents` is its data, never changed after loading, of which parts may be read only when they are asked for (a
    copy.deepcopy is plain dicts and lists); `name` is the path, URL or name it came from, and `url` its URL where it
    has one; `source` what its text can be had from, to tell lines. `library` reads the other files and URLs that it
    consists of; without one, nothing but the document itself and its own origin is read. `is_changed` tells that
    overlays have made another document of the text.

    A pointer says where something stands: `#/a/b` in the document itself (RFC 6901 §6), and `<uri>#/a/b` in another
    file or URL, the URI being relative to the document where it can be. Whatever a pointer points into, it may be
    extended by further steps.
    """

    def __init__(
        self, contents: Mapping[str, JSON], name: str = "mapping", url: str = "", library: Library | None = None
    ) -> None:
        self.contents = contents
        self.name = name
        self.url = url
        self.source: Source | None = None
        self.is_changed = False
        self._known_lines: dict[str, int] = {}
        self._lines_cost_little = True
        self._kept: tuple[Cache, str] | None = None
        self._problems: dict[tuple[str, str, str], Problem] = {}
        self.version = self._read_version()
        self._library = library or Library(contents, url)
        self._references = References(self._library, ids=not self.is_30, note=partial(self.note, "reference-misplaced"))

    def __repr__(self) -> str:
        kind = "Swagger" if self.is_20 else "OpenAPI"
        return f"<Document {self.title!r} {self.info('version')}, {kind} {self.version}>"

    @property
    def title(self) -> str:
        return self.info("title") or self.name

    def info(self, key: str) -> str:
        """A text of the Info Object, or "" where there is none."""
        info = self.contents.get("info")
        value = info.get(key) if isinstance(info, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def is_20(self) -> bool:
        """Whether this is Swagger 2.0."""
        return self.version == "2.0"

    @property
    def is_30(self) -> bool:
        """Whether schemas follow the dialect of OpenAPI 3.0, and of Swagger 2.0, instead of JSON Schema 2020-12."""
        return self.is_20 or self.version.startswith("3.0")

    @property
    def base_uri(self) -> str:
        """What relative URLs in the document are relative to: its `$self` (OpenAPI 3.2), else its URL."""
        from urllib.parse import urljoin

        own = self.contents.get("$self")
        return urljoin(self.url, own) if isinstance(own, str) else self.url

    def resolve(self, node: JSON, pointer: str) -> tuple[JSON, str]:
        """
        Follow the `$ref` of a node that stands at a pointer until there is none; return what is there and its pointer.

        Raises:
            DocumentError: a reference leads nowhere, in a circle, or to what must not be read.
        """
        return (node, pointer) if reference_of(node) is None else self.chain(node, pointer)[-1]

    def chain(self, node: JSON, pointer: str) -> list[tuple[JSON, str]]:
        """A node and its pointer, what its `$ref` leads to, and so on until there is none; raises what resolve does."""
        links = {pointer: node}
        while (reference := reference_of(node)) is not None:
            node, pointer = self.follow(reference, pointer)
            if pointer in links:
                circle = " -> ".join([*list(links)[list(links).index(pointer) :], pointer])
                raise DocumentError(f"the reference leads back to itself: {circle}", self.name, pointer)
            links[pointer] = node
        return [(node, pointer) for pointer, node in links.items()]

    def join(self, node: JSON, pointer: str) -> Joined:
        """
        An object that stands at a pointer, with what its `$ref` leads to; what stands beside a reference wins.

        Empty where it is no object. Raises what resolve does.
        """
        if reference_of(node) is None:
            return Joined(node if isinstance(node, Mapping) else {}, pointer, {})
        values: dict[str, JSON] = {}
        holders: dict[str, str] = {}
        for link, where in reversed(self.chain(node, pointer)):
            if isinstance(link, Mapping):
                values.update((key, value) for key, value in link.items() if key != "$ref")
                holders.update(dict.fromkeys(link, where))
        return Joined(values, pointer, holders)

    def follow(self, reference: str, pointer: str) -> tuple[JSON, str]:
        """
        What one reference that stands at a pointer leads to, and its pointer; that may be a reference again.

        Raises:
            DocumentError: it leads nowhere, or to what must not be read.
        """
        try:
            return self._references.follow(reference, pointer)
        except Unreachable as reason:
            message = f"the reference {reference!r} cannot be followed: {reason}"
            raise DocumentError(message, self.name, pointer) from None

    def at(self, pointer: str) -> JSON:
        """
        What stands at a pointer.

        Raises:
            DocumentError: there is nothing, or it is in what must not be read.
        """
        try:
            return self._references.find(pointer)[0]
        except Unreachable as reason:
            raise DocumentError(str(reason), self.name, pointer) from None

    def section(self, *keys: str) -> tuple[Mapping[str, JSON], str]:
        """
        A map of the document by its keys (`components`, `schemas`), and the pointer to it; some refer to other files.

        Empty where there is none; a reference that cannot be followed is noted.
        """
        node: JSON = self.contents
        pointer = "#"
        for key in keys:
            try:
                node, pointer = self.resolve(node.get(key), f"{pointer}/{key}")
            except DocumentError as error:
                self.note("reference-missing", error.pointer, error.message)
                return {}, pointer
            if not isinstance(node, Mapping):
                return {}, pointer
        return node, pointer

    @property
    def problems(self) -> list[Problem]:
        """
        What was found wrong so far and worked around; it grows as parts of the document are used.

        `rules.RULES` says of each `rule` what is done about it. Where lines have to be looked up in the text, that
        costs as much as parsing it, the first time.
        """
        noted = list(self._problems.items())
        lines = self.lines({problem.schema_pointer for _, problem in noted if problem.line is None})
        for key, problem in noted:
            if problem.schema_pointer in lines:
                self._problems[key] = dataclasses.replace(problem, line=lines[problem.schema_pointer])
        return list(self._problems.values())

    @property
    def problem_count(self) -> int:
        """How many `problems` there are, for which no line has to be looked up."""
        return len(self._problems)

    def note(self, rule: str, pointer: str, message: str, line: int | None = None) -> None:
        """
        Record something wrong with the document that was worked around; the same thing once.

        `line` is where in the text, if it is known and another than that of the pointer.
        """
        key, operation = (rule, pointer, message), _OPERATION.get()
        new = Problem("document", "", message, rule, schema_pointer=pointer, line=line)
        problem = self._problems.setdefault(key, new)
        if operation and operation not in problem.operations:
            self._problems[key] = dataclasses.replace(problem, operations=(*problem.operations, operation))

    def is_noted(self, pointer: str) -> bool:
        """Whether something wrong was found at a pointer."""
        return any(problem.schema_pointer == pointer for problem in self._problems.values())

    def touches(self, problem: Problem, operations: Iterable[str]) -> None:
        """Record which operations a problem touches, all of them."""
        key = (problem.rule, problem.schema_pointer, problem.message)
        self._problems[key] = dataclasses.replace(self._problems[key], operations=tuple(operations))

    def lines(self, pointers: Collection[str]) -> dict[str, int]:
        """
        The lines of the text where `#/...` pointers lead, counted from 1; all from one reading of the text.

        None of pointers into other files, and none at all where the text is not at hand.
        """
        inside = [pointer for pointer in pointers if pointer.startswith("#")]
        text = self.source.text() if self.source and inside else None
        if text is None:
            return {}
        return dict(zip(inside, line_numbers(text, [tuple(split_pointer(each)) for each in inside]), strict=False))

    def known_lines(self, pointers: Collection[str]) -> dict[str, int]:
        """
        Those of the `lines` that are had for little, so that errors can tell them.

        Each is looked up once, which takes 0.1 s at most, and not at all in a large text (`line` does that), nor where
        overlays have changed the document. They are those of the text as it was loaded.
        """
        new = {pointer for pointer in pointers if pointer.startswith("#")} - self._known_lines.keys()
        if new and self._lines_cost_little and not self.is_changed:
            text = self.source.text() if self.source else None
            self._lines_cost_little = text is not None and len(text) <= _LOOKED_UP_AT_ONCE
            if self._lines_cost_little:
                self._known_lines.update(self.lines(new))
        return {pointer: self._known_lines[pointer] for pointer in pointers if pointer in self._known_lines}

    @property
    def is_alone(self) -> bool:
        """Whether no other file or URL was read for its references so far."""
        return len(list(self._library)) == 1

    def kept(self, name: str) -> JSON | None:
        """What was kept with the document under a name, in this process or before; None where nothing was."""
        found = self._kept[0].find(f"{self._kept[1]}-{name}") if self._kept else None
        return None if found is None else found.get("value")

    def keep(self, name: str, value: JSON) -> None:
        """Keep what follows from the document's text alone, to have it at once the next time."""
        if self._kept:
            self._kept[0].keep(f"{self._kept[1]}-{name}", {"value": value})

    def line(self, pointer: str) -> int | None:
        """The line of the text where a `#/...` pointer leads, counted from 1; None where the text is not at hand."""
        return self.lines([pointer]).get(pointer)

    def _read_version(self) -> str:
        version = self.contents.get("openapi")
        if version is None:
            for key in ("swagger", "swaggerVersion"):  # the latter is that of Swagger 1
                if key in self.contents:
                    return self._read_swagger_version(key)
        if not isinstance(version, (str, float)) or not re.match(r"3\.[0-2](\.|$)", str(version)):
            said = f"is {version!r}" if version is not None else "is missing"
            raise DocumentError(
                f"'openapi' {said}; it must name a version 3.0, 3.1 or 3.2, or 'swagger' 2.0", self.name
            )
        return str(version)

    def _read_swagger_version(self, key: str) -> str:
        version = self.contents[key]
        if key != "swagger" or str(version) not in ("2.0", "2"):  # YAML makes a number of it
            message = f"{key!r} is {version!r}; only Swagger 2.0 is read: convert the document to OpenAPI 3"
            raise DocumentError(message, self.name, f"#/{key}")
        return "2.0"


def parse(
    source: Source,
    allow_refs: AllowedRefs = (),
    *,
    overlays: Sequence[Source] = (),
    cache: Cache | None = None,
    limits: Limits = LIMITS,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Document:
    """
    Read a loaded source as JSON or YAML.

    `allow_refs` names folders and beginnings of URLs that references may lead to, beside the folder or the origin that
    the document came from. `overlays` are changed into it in order: Overlays and JSON Merge Patches. With a `cache` a
    large document is parsed once for all processes. `headers` go with requests for references to its own origin.

    Raises:
        DocumentError: it is neither, or no OpenAPI document, or an overlay cannot be applied.
    """
    text = b"" if isinstance(source.content, Mapping) else source.content
    key = key_of(text) if cache and len(text) >= _WORTH_KEEPING else ""
    kept = cache.find(key) if cache and key else None
    parsed = Parsed(kept) if kept is not None else _parsed(source, limits)
    if not isinstance(parsed.data, Mapping):
        raise DocumentError("is no OpenAPI document: its top level must be an object", source.name)
    changes = [(overlay.name, _parsed(overlay, limits).data) for overlay in overlays]
    contents, notes = apply(parsed.data, changes) if changes else (parsed.data, [])
    library = Library(contents, source.url or source.file_uri, allow_refs, limits, headers)
    document = Document(contents, source.name, source.url, library)
    document.source = source.lightened()
    document.is_changed = bool(changes)
    for finding in parsed.findings:
        pointer = "#" + "".join(f"/{escape_token(step)}" for step in finding.path)
        document.note(finding.rule, pointer, finding.message, finding.line)
    for note in notes:
        document.note(note.rule, note.schema_pointer, note.message)
    if cache and key and not parsed.findings:
        if kept is None:
            cache.keep(key, parsed.data)
        if not changes:
            document._kept = (cache, key)
    return document


def _parsed(source: Source, limits: Limits) -> Parsed:
    if not isinstance(source.content, Mapping):
        return parse_text(source.content, source.name, limits)
    return Parsed(source.content) if source.was_kept else as_json(source.content, source.name, limits)


_LOOKED_UP_AT_ONCE = 512 * 1024  # bytes; a line in so much text is found in 0.1 s
_WORTH_KEEPING = 64 * 1024  # bytes; what is smaller is parsed in a few milliseconds
