"""A parsed document: its data, its version, its references resolved, and its problems."""

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
    """The values of an object and of everything that its references lead to, with the pointers of their holders."""

    values: Mapping[str, JSON]
    pointer: str
    holders: Mapping[str, str]

    def holder(self, key: str) -> str:
        return self.holders.get(key, self.pointer)

    def pointer_of(self, key: str) -> str:
        return f"{self.holder(key)}/{escape_token(key)}"


# The operation for which a document is being read; problems noted meanwhile affect it.
_OPERATION: ContextVar[str] = ContextVar("dynclient_operation", default="")


@contextmanager
def noting(operation: str) -> Iterator[None]:
    """Problems that are found in this block affect the operation with this name."""
    token = _OPERATION.set(operation)
    try:
        yield
    finally:
        _OPERATION.reset(token)


class Document:
    """
    An OpenAPI document in memory.

    A pointer is `#/a/b` in the document itself (RFC 6901 §6), and `<uri>#/a/b` in another file or URL, with a URI
    relative to the document if possible. Any pointer may be extended by further steps.

    Attributes:
        contents: its data, which never changes. Parts may be read only when they are asked for; `copy.deepcopy` makes
            plain dicts and lists.
        name: the path, URL or name it came from.
        url: its URL, if it has one.
        source: where its text is, for line numbers.
        library: reads the other files and URLs that it refers to. Without one only its own origin is read.
        is_changed: whether overlays have changed it.
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
        """Return a text of the Info Object, or ""."""
        info = self.contents.get("info")
        value = info.get(key) if isinstance(info, Mapping) else None
        return value if isinstance(value, str) else ""

    @property
    def is_20(self) -> bool:
        """Whether this is Swagger 2.0."""
        return self.version == "2.0"

    @property
    def is_30(self) -> bool:
        """Whether its schemas are in the dialect of OpenAPI 3.0 or Swagger 2.0, not in JSON Schema 2020-12."""
        return self.is_20 or self.version.startswith("3.0")

    @property
    def base_uri(self) -> str:
        """What relative URLs in the document are relative to: its `$self` (OpenAPI 3.2), else its URL."""
        from urllib.parse import urljoin

        own = self.contents.get("$self")
        return urljoin(self.url, own) if isinstance(own, str) else self.url

    def resolve(self, node: JSON, pointer: str) -> tuple[JSON, str]:
        """
        Follow the `$ref` of a node at a pointer until there is none; return the last node and its pointer.

        Raises:
            DocumentError: a reference leads nowhere, in a circle, or to what must not be read.
        """
        return (node, pointer) if reference_of(node) is None else self.chain(node, pointer)[-1]

    def chain(self, node: JSON, pointer: str) -> list[tuple[JSON, str]]:
        """Yield a node and its pointer, what its `$ref` leads to, and so on; it raises what `resolve` raises."""
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
        Return an object at a pointer, joined with what its `$ref` leads to; keys beside the reference win.

        It is empty if there is no object. It raises what `resolve` raises.
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
        Return what one reference at a pointer leads to, and its pointer; it may be another reference.

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
        Return what is at a pointer.

        Raises:
            DocumentError: there is nothing, or it is in what must not be read.
        """
        try:
            return self._references.find(pointer)[0]
        except Unreachable as reason:
            raise DocumentError(str(reason), self.name, pointer) from None

    def section(self, *keys: str) -> tuple[Mapping[str, JSON], str]:
        """
        Return a map of the document by its keys (`components`, `schemas`), and its pointer.

        It is empty if there is none. It may be a reference; one that cannot be followed is noted.
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
        The problems so far, which were worked around; there are more as more of the document is used.

        `rules.RULES` says what is done about each `rule`. The first look-up of lines may cost as much as parsing.
        """
        noted = list(self._problems.items())
        lines = self.lines({problem.schema_pointer for _, problem in noted if problem.line is None})
        for key, problem in noted:
            if problem.schema_pointer in lines:
                self._problems[key] = dataclasses.replace(problem, line=lines[problem.schema_pointer])
        return list(self._problems.values())

    @property
    def problem_count(self) -> int:
        """The number of `problems`; no lines are looked up."""
        return len(self._problems)

    def note(self, rule: str, pointer: str, message: str, line: int | None = None) -> None:
        """
        Record a problem that was worked around; the same one only once.

        `line` is its line, if it is known and not that of the pointer.
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
        """Record all operations that a problem affects."""
        key = (problem.rule, problem.schema_pointer, problem.message)
        self._problems[key] = dataclasses.replace(self._problems[key], operations=tuple(operations))

    def lines(self, pointers: Collection[str]) -> dict[str, int]:
        """
        Return the lines where `#/...` pointers lead, counted from 1, from one reading of the text.

        Pointers into other files have none, nor has any pointer if the text is not available.
        """
        inside = [pointer for pointer in pointers if pointer.startswith("#")]
        text = self.source.text() if self.source and inside else None
        if text is None:
            return {}
        return dict(zip(inside, line_numbers(text, [tuple(split_pointer(each)) for each in inside]), strict=False))

    def known_lines(self, pointers: Collection[str]) -> dict[str, int]:
        """
        Return the `lines` that cost little, for errors.

        Each is looked up once, in 0.1 s at most; not in a large text (`line` does that), nor if overlays have changed
        the document. They are the lines of the text as it was loaded.
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
        """Return what was kept with the document under a name, in this process or before, or None."""
        found = self._kept[0].find(f"{self._kept[1]}-{name}") if self._kept else None
        return None if found is None else found.get("value")

    def keep(self, name: str, value: JSON) -> None:
        """Keep something that follows from the document's text alone, for the next time."""
        if self._kept:
            self._kept[0].keep(f"{self._kept[1]}-{name}", {"value": value})

    def line(self, pointer: str) -> int | None:
        """Return the line where a `#/...` pointer leads, counted from 1; None if the text is not available."""
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

    Args:
        source: the document's text or mapping.
        allow_refs: folders and beginnings of URLs that references may lead to, beside its own folder or origin.
        overlays: Overlays and JSON Merge Patches to change it with, in this order.
        cache: keeps a large document, so that it is parsed once for all processes.
        limits: how large it may be.
        headers: headers for requests to its own origin.

    Raises:
        DocumentError: it is neither JSON nor YAML, it isn't an OpenAPI document, or an overlay cannot be applied.
    """
    text = b"" if isinstance(source.content, Mapping) else source.content
    key = key_of(text) if cache and len(text) >= _WORTH_KEEPING else ""
    kept = cache.find(key) if cache and key else None
    parsed = Parsed(kept) if kept is not None else _parsed(source, limits)
    if not isinstance(parsed.data, Mapping):
        raise DocumentError("isn't an OpenAPI document: its top level must be an object", source.name)
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


_LOOKED_UP_AT_ONCE = 512 * 1024  # bytes; a line in a text of this size is found in 0.1 s
_WORTH_KEEPING = 64 * 1024  # bytes; a smaller text is parsed in a few milliseconds
