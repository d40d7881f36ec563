"""
What has changed between two versions of a document, and which of it breaks callers.

A change is breaking if a call that was valid under the older document may now be refused, sent elsewhere or written
differently, or if the newer document permits an answer that a reader of the older one does not expect. A change that
cannot be decided, such as another pattern, counts as breaking. Text for people (descriptions, titles, examples) and
parts that no call depends on are ignored. `schemas` compares schemas.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar

from dynclient.diff.schemas import SchemaComparison
from dynclient.documents import Document, escape_token, split_pointer
from dynclient.errors import DocumentError
from dynclient.http import media_types
from dynclient.openapi import (
    Entry,
    MediaType,
    Operation,
    Parameter,
    RequestBody,
    ResponseDescription,
    Schema,
    Server,
    read_entries,
    read_operation,
    read_security_schemes,
    read_servers,
)
from dynclient.schemas import COMPONENTS, Direction, Lowering
from dynclient.support import origin, show
from dynclient.types import JSON, UNSET
from dynclient.wire import Binder, Destination, chosen, shown, url_of

Kind: TypeAlias = Literal["server", "security", "operation", "parameter", "body", "answer", "schema", "document"]

_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """
    One change between two documents.

    `where` is the place inside an operation (`query limit`, `body messages[].content`, `answer 200 data[].id`, "" for
    the operation itself), or of a part that several operations share (`schema Message.content`). `operations` lists the
    operations affected, and is empty for the document as a whole. The pointers lead to the place in the two documents;
    a pointer is "" if that document lacks it.
    """

    kind: Kind
    where: str
    message: str
    breaking: bool
    old_pointer: str = ""
    new_pointer: str = ""
    operations: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = self.where
        if len(self.operations) == 1:
            place = f"{self.operations[0]} {place}".rstrip()
        return f"{place}: {self.message}" if place else self.message

    @property
    def action(self) -> Literal["added", "removed", "changed"]:
        if bool(self.old_pointer) == bool(self.new_pointer):
            return "changed"
        return "added" if self.new_pointer else "removed"

    def to_dict(self) -> dict[str, JSON]:
        """The change as plain data."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "operations": list(self.operations), "action": self.action}


def compare(old: Document, new: Document) -> tuple[Change, ...]:
    """
    Every change: servers, security, operations removed, changed and added, then the document's other parts.

    A change in a part that several operations share, such as a schema, is listed once. Operations are matched by method
    and path (ignoring the names in the template), or else by operationId. An operation that cannot be read in either
    version is left out.
    """
    comparison = _Comparison(old, new)
    found = [
        *_server_changes(comparison, *comparison.servers),
        *_security_scheme_changes(comparison),
        *comparison.operations(),
        *_document_changes(comparison),
    ]
    return tuple(sorted(_joined(found), key=_rank))


def compare_outlines(old: Document, new: Document) -> tuple[Change, ...]:
    """
    The changes of servers and security schemes, and the operations that were added, removed or renamed.

    Operations themselves aren't compared, which takes seconds for a large document.
    """
    comparison = _Comparison(old, new)
    found = [
        *_server_changes(comparison, *comparison.servers),
        *_security_scheme_changes(comparison),
        *comparison.operations(whole=False),
    ]
    return tuple(sorted(found, key=_rank))


def summarize_changes(old: Document, new: Document) -> str:
    """Return what changed in servers, security schemes and operations, in a few lines."""
    return summary(compare_outlines(old, new)) or "no server, security scheme or operation was added, removed or moved"


def summary(changes: Sequence[Change]) -> str:
    """
    The changes in a few lines: those of servers and security, as many as fit, and the number of others; "" for none.

    >>> print(summary([
    ...     Change("server", "", "calls go to 'https://b.test' instead of 'https://a.test'", True),
    ...     Change("operation", "", "removed", True, "#/paths/~1a/get", "", ("getA",)),
    ...     Change("parameter", "query limit", "added", False, "", "#/paths/~1b/get/parameters/0", ("getB",)),
    ... ]))
    calls go to 'https://b.test' instead of 'https://a.test'
    1 operation removed, 1 other change; of all, 2 breaking
    """
    loud = [change for change in changes if change.kind in ("server", "security")]
    lines = [str(change) for change in loud[:_LOUD]]
    operations = Counter(change.action for change in changes if change.kind == "operation")
    removed, added = operations["removed"], operations["added"]
    others = len(changes) - len(loud) - removed - added
    counts = (
        (len(loud) - _LOUD, "more of servers and security", "more of servers and security"),
        (removed, "operation removed", "operations removed"),
        (added, "operation added", "operations added"),
        (others, "other change", "other changes"),
    )
    parts = [f"{number} {one if number == 1 else many}" for number, one, many in counts if number > 0]
    if parts:
        breaking = sum(change.breaking for change in changes)
        lines.append(f"{', '.join(parts)}; of all, {breaking or 'none'} breaking")
    return "\n".join(lines)


class _Comparison:
    """Two documents, and the comparisons of schemas that all operations share."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self.servers = read_servers(old), read_servers(new)
        self._schemas: dict[tuple[Direction, bool], SchemaComparison] = {}

    def schemas(self, direction: Direction, *, form: bool = False) -> SchemaComparison:
        key = direction, form
        if key not in self._schemas:
            old, new = (Lowering(document, direction, form=form) for document in (self.old, self.new))
            self._schemas[key] = SchemaComparison(old, new)
        return self._schemas[key]

    def operations(self, *, whole: bool = True) -> Iterator[Change]:
        old, new = read_entries(self.old), read_entries(self.new)
        old_names, new_names = _names(old), _names(new)
        pairs = _pairs(old, new)
        for older in old:
            if older.route not in pairs:
                name = old_names[older.route]
                yield Change("operation", "", f"removed ({older.route})", True, _pointer(self.old, older), "", (name,))
        counterparts = {newer.route: older for older in old if (newer := pairs.get(older.route))}
        for newer in new:
            name = new_names[newer.route]
            counterpart = counterparts.get(newer.route)
            if counterpart is None:
                yield Change("operation", "", f"added ({newer.route})", False, "", _pointer(self.new, newer), (name,))
            else:
                for change in self._pair(counterpart, newer, old_names[counterpart.route], name, whole):
                    yield dataclasses.replace(change, operations=(name,))

    def _pair(self, older: Entry, newer: Entry, old_name: str, new_name: str, whole: bool) -> Iterator[Change]:
        pointers = _pointer(self.old, older), _pointer(self.new, newer)
        if old_name != new_name:
            # An operation can always be called by method and path.
            yield Change("operation", "", f"named so now, was {old_name}", old_name != older.route, *pointers)
        if not whole:
            return
        old, new = _read(self.old, older), _read(self.new, newer)
        if isinstance(old, Operation) and isinstance(new, Operation):
            yield from _operation_changes(self, old, new)
        elif isinstance(old, Operation):
            yield Change("operation", "", f"cannot be read any more: {new}", True, *pointers)
        elif isinstance(new, Operation):
            yield Change("operation", "", "can be read now", False, *pointers)


# Documents and their operations


def _document_changes(comparison: _Comparison) -> Iterator[Change]:
    old, new = comparison.old, comparison.new
    for what, before, now in (
        ("title", old.info("title"), new.info("title")),
        ("version", old.info("version"), new.info("version")),
        ("OpenAPI", old.version, new.version),
    ):
        if before != now:
            yield Change("document", what, f"{now or 'none'} instead of {before or 'none'}", False, "#", "#")


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """The name of each operation, by its route: its id, if no other operation has the same."""
    entries = list(entries)
    ids = Counter(entry.id for entry in entries)
    return {entry.route: entry.id if entry.id and ids[entry.id] == 1 else entry.route for entry in entries}


def _pairs(old: Sequence[Entry], new: Sequence[Entry]) -> dict[str, Entry]:
    """The operation of the newer document for each route of the older one that still exists."""
    pairs: dict[str, Entry] = {}
    left = {entry.route: entry for entry in new}
    ids = Counter(entry.id for entry in [*old, *new])
    likenesses: tuple[Callable[[Entry], str], ...] = (
        lambda entry: entry.route,
        lambda entry: f"{entry.method} {_template(entry.path)}",
        lambda entry: entry.id if ids[entry.id] == 2 else "",
    )
    for likeness in likenesses:
        known = {likeness(entry): entry for entry in left.values()}
        for entry in old:
            if entry.route not in pairs and (match := known.pop(likeness(entry) or "-", None)):
                pairs[entry.route] = left.pop(match.route)
    return pairs


def _template(path: str) -> str:
    """A path without the names in its template, which may change without changing the path."""
    return _TEMPLATE_NAME.sub("{}", path)


def _pointer(document: Document, entry: Entry) -> str:
    return f"#/paths/{escape_token(entry.path)}/{entry.method}"


def _read(document: Document, entry: Entry) -> Operation | DocumentError:
    operation = read_operation(document, entry)
    for problem in operation.unread:
        return DocumentError(problem.message, document.name, problem.schema_pointer)
    return operation


def _operation_changes(comparison: _Comparison, old: Operation, new: Operation) -> Iterator[Change]:
    pointers = old.pointer, new.pointer
    if (old.method, _template(old.path)) != (new.method, _template(new.path)):
        route, before = f"{new.method} {new.path}", f"{old.method} {old.path}"
        yield Change("operation", "", f"{route} instead of {before}", True, *pointers)
    if old.deprecated != new.deprecated:
        yield Change("operation", "", "deprecated now" if new.deprecated else "no longer deprecated", False, *pointers)
    if (old.servers, new.servers) != comparison.servers:  # its own, in either version
        yield from _server_changes(comparison, old.servers, new.servers, *pointers)
    yield from _requirement_changes(old, new)
    inside = [*_parameter_changes(comparison, old, new), *_body_changes(comparison, old, new)]
    yield from inside
    yield from _keyword_changes(old, new, {change.where for change in inside})
    yield from _response_changes(comparison, old, new)


def _schema_changes(
    comparison: SchemaComparison,
    direction: Direction,
    kind: Kind,
    where: str,
    old: Schema | None,
    new: Schema | None,
) -> Iterator[Change]:
    for change in comparison.changes(old, new):
        joiner = " " if kind != "parameter" else "" if change.place.startswith("[") else "."
        place = f"{where}{joiner}{change.place}" if change.place else where
        breaking = change.narrows if direction == "request" else change.widens
        yield Change(kind, place, change.message, breaking, change.old_pointer, change.new_pointer)


# Servers


def _server_changes(
    comparison: _Comparison,
    old: Sequence[Server],
    new: Sequence[Server],
    old_pointer: str = "#",
    new_pointer: str = "#",
) -> Iterator[Change]:
    """The server that calls go to by default, then the others that a caller may have chosen."""
    pointers = old_pointer + "/servers", new_pointer + "/servers"
    # Relative URLs are compared as such only if the URL of one of the documents is unknown.
    urls = comparison.old.url, comparison.new.url
    before, now = (_target(servers, url if all(urls) else "") for servers, url in zip((old, new), urls, strict=True))
    if before != now:
        elsewhere = " (another origin)" if _origin(before) != _origin(now) else ""
        yield Change("server", "", f"calls go to {now} instead of {before}{elsewhere}", True, *pointers)
    known, known_now = ({server.url: server for server in servers} for servers in (old, new))
    for url, server in known.items():
        if url in known_now:
            for message, breaking in _variable_changes(server, known_now[url]):
                yield Change("server", "", f"{shown(url)}: {message}", breaking, *pointers)
        elif server is not old[0] or before == now:
            yield Change("server", "", f"{shown(url)} removed", True, pointers[0], "")
    for url, server in known_now.items():
        if url not in known and (server is not new[0] or before == now):
            yield Change("server", "", f"{shown(url)} added", False, "", pointers[1])


def _target(servers: Sequence[Server], document_url: str) -> str:
    """The URL that calls go to, quoted; if it is unknown, the URL in the document."""
    try:
        return repr(url_of(chosen(servers, Destination(), document_url), {}, document_url))
    except DocumentError:
        return shown(servers[0].url) if servers else "no server"


def _origin(target: str) -> str:
    """The origin of a quoted URL, "" of a relative one."""
    url = target.strip("'\"")
    try:
        return origin(url) if "//" in url else ""
    except ValueError:  # a template instead of the port
        return url


def _variable_changes(old: Server, new: Server) -> Iterator[tuple[str, bool]]:
    for what, before, now in (("name", old.name, new.name), ("description", old.description, new.description)):
        if before != now:  # a caller may have chosen the server by it
            yield f"{what} {show(now)} instead of {show(before)}", bool(before)
    for name, variable in old.variables.items():
        if name not in new.variables:
            yield f"variable {name} no longer described", variable.default is not None
            continue
        now_variable = new.variables[name]
        if variable.default != now_variable.default:
            yield f"variable {name}: default {show(now_variable.default)} instead of {show(variable.default)}", True
        if set(variable.enum) != set(now_variable.enum):
            narrows = bool(now_variable.enum) and not (variable.enum and set(variable.enum) <= set(now_variable.enum))
            permitted = ", ".join(now_variable.enum) or "any text"
            yield (
                f"variable {name}: {permitted} permitted now, before {', '.join(variable.enum) or 'any text'}",
                narrows,
            )
    for name in new.variables:
        if name not in old.variables:
            yield f"variable {name} described now", bool(new.variables[name].enum)


# Security


def _security_scheme_changes(comparison: _Comparison) -> Iterator[Change]:
    old, new = (_schemes(document) for document in (comparison.old, comparison.new))
    for name in dict.fromkeys([*old, *new]):
        where, pointer = f"security scheme {name}", f"#/components/securitySchemes/{name}"
        if name not in new:
            yield Change("security", where, "removed", True, pointer, "")
        elif name not in old:
            yield Change("security", where, "added", False, "", pointer)
        else:
            for what in old[name]:
                before, now = old[name][what], new[name][what]
                if before != now and what != "description":
                    message = f"{_SCHEME_WORDS.get(what, what)} {show(now)} instead of {show(before)}"
                    yield Change("security", where, message, True, pointer, pointer)


def _schemes(document: Document) -> dict[str, dict[str, JSON]]:
    """The fields of each security scheme; empty if one of them cannot be read."""
    try:
        return {name: dataclasses.asdict(scheme) for name, scheme in read_security_schemes(document).items()}
    except DocumentError as error:
        document.note("reference-missing", error.pointer, f"{error.message}; security schemes are not compared")
        return {}


def _requirement_changes(old: Operation, new: Operation) -> Iterator[Change]:
    """The credentials that a call needs: breaking unless each set that was sufficient still is."""
    before, now = _requirements(old), _requirements(new)
    if set(before) != set(now):
        breaking = any(not any(needed <= given for needed in now) for given in before)
        message = f"asks for {_credentials(now)} instead of {_credentials(before)}"
        yield Change("security", "credentials", message, breaking, old.pointer, new.pointer)


def _requirements(operation: Operation) -> list[frozenset[str]]:
    return [frozenset(needed) for needed in operation.security or ((),)]


def _credentials(alternatives: Iterable[frozenset[str]]) -> str:
    return " or ".join(" and ".join(sorted(needed)) or "no credential" for needed in dict.fromkeys(alternatives))


# Parameters


def _parameter_changes(comparison: _Comparison, old: Operation, new: Operation) -> Iterator[Change]:
    renamed = _renamed(old.path, new.path)
    old_by_key = {_parameter_key(each, renamed): each for each in old.parameters}
    new_by_key = {_parameter_key(each, {}): each for each in new.parameters}
    added = [each for key, each in new_by_key.items() if key not in old_by_key]
    for key, older in old_by_key.items():
        where = f"{older.location} {older.name}"
        newer = new_by_key.get(key)
        moved = next((each for each in added if each.name == older.name), None)
        if newer is None and moved is not None:
            newer = moved
            added.remove(moved)
            message = f"in {newer.location} instead of {older.location}"
            yield Change("parameter", where, message, True, older.pointer, newer.pointer)
        if newer is None:
            yield Change("parameter", where, "removed", True, older.pointer, "")
            continue
        if older.name != newer.name and older.location == "path":
            message = f"named {newer.name} now, and so is its keyword"
            yield Change("parameter", where, message, True, older.pointer, newer.pointer)
        yield from _changes_of_parameter(comparison, where, older, newer)
    for newer in added:
        message, breaking = _need(newer) if newer.required else ("", False)
        where = f"{newer.location} {newer.name}"
        yield Change("parameter", where, f"added, {message}".rstrip(", "), breaking, "", newer.pointer)


def _parameter_key(parameter: Parameter, renamed: Mapping[str, str]) -> tuple[str, str]:
    if parameter.location == "path":
        return "path", renamed.get(parameter.name, parameter.name)
    return parameter.location, parameter.name.lower() if parameter.location == "header" else parameter.name


def _renamed(old: str, new: str) -> dict[str, str]:
    """The newer name for each name in a path template, by position; names in other paths stay the same."""
    if _template(old) != _template(new):
        return {}
    return dict(zip(_TEMPLATE_NAME.findall(old), _TEMPLATE_NAME.findall(new), strict=True))


def _changes_of_parameter(comparison: _Comparison, where: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    pointers = old.pointer, new.pointer
    if old.required != new.required:
        message, breaking = _need(new) if new.required else ("no longer required", False)
        yield Change("parameter", where, message, breaking, *pointers)
    schemas = comparison.schemas("request")
    if old.location == new.location:
        # `explode` does not change how a single value is written, and the style rarely does.
        styled = bool(schemas.types(old.schema, new.schema) & {"array", "object"})
        for field, words in _WIRE_WORDS.items():
            before, now = getattr(old, field), getattr(new, field)
            if before != now:
                breaking = styled or field != "explode"
                yield Change("parameter", where, f"{words} {show(now)} instead of {show(before)}", breaking, *pointers)
    if old.deprecated != new.deprecated:
        message = "deprecated now" if new.deprecated else "no longer deprecated"
        yield Change("parameter", where, message, False, *pointers)
    yield from _schema_changes(schemas, "request", "parameter", where, old.schema, new.schema)


def _need(parameter: Parameter) -> tuple[str, bool]:
    """
    What being required means, and whether calls must change: the client sends a default or the only permitted value
    itself.
    """
    if parameter.filled_in is UNSET:
        return "required now", True
    value = show(parameter.filled_in)
    why = f"{value} is its default" if parameter.only_value is UNSET else f"only {value} is permitted"
    return f"required now, and filled in: {why}", False


# Bodies


def _body_changes(comparison: _Comparison, old: Operation, new: Operation) -> Iterator[Change]:
    before, now = old.body, new.body
    pointers = f"{old.pointer}/requestBody", f"{new.pointer}/requestBody"
    if before is None or now is None:
        if now is not None:
            message = "added, required" if now.required else "added"
            yield Change("body", "body", message, now.required, "", pointers[1])
        elif before is not None:
            yield Change("body", "body", "removed", True, pointers[0], "")
        return
    if before.required != now.required:
        message = "required now" if now.required else "no longer required"
        yield Change("body", "body", message, now.required, *pointers)
    for name, older, newer in _by_name(before, now):
        if newer is None:
            yield Change("body", "body", f"{name} no longer taken", True, older.pointer if older else "", "")
        elif older is None:
            yield Change("body", "body", f"{name} taken now", False, "", newer.pointer)
        else:
            is_form = media_types.is_form(name) or media_types.is_multipart(name)
            for field in dict.fromkeys([*older.encoding, *newer.encoding]):
                if older.encoding.get(field) != newer.encoding.get(field):
                    message = "written otherwise (encoding)"
                    yield Change("body", f"body {field}", message, is_form, older.pointer, newer.pointer)
            schemas = comparison.schemas("request", form=is_form)
            yield from _schema_changes(schemas, "request", "body", "body", older.schema, newer.schema)


def _by_name(
    old: RequestBody | ResponseDescription, new: RequestBody | ResponseDescription
) -> Iterator[tuple[str, MediaType | None, MediaType | None]]:
    """Each media type in either, with its description in both."""
    return _matched(*({each.name.strip().lower(): each for each in described.content} for described in (old, new)))


def _matched(old: Mapping[str, _T], new: Mapping[str, _T]) -> Iterator[tuple[str, _T | None, _T | None]]:
    for name in dict.fromkeys([*old, *new]):
        yield name, old.get(name), new.get(name)


def _keyword_changes(old: Operation, new: Operation, told: set[str]) -> Iterator[Change]:
    """Keyword arguments that have lost or changed their meaning, where no other change says so."""
    before, now = Binder(old), Binder(new)
    parameters = {(parameter.location, parameter.name) for parameter in new.parameters}
    for keyword, meant in before.parameters.items():
        if len(meant) == 1 and (meant[0].location, meant[0].name) in parameters:
            there = [(each.location, each.name) for each in now.parameters.get(keyword, ())]
            if there != [(meant[0].location, meant[0].name)]:
                message = f"the keyword {keyword} no longer means it alone"
                where = f"{meant[0].location} {meant[0].name}"
                yield Change("parameter", where, message, True, meant[0].pointer, new.pointer)
    if old.body is None or new.body is None:
        return
    lost = {name for keyword, name in before.fields.items() if now.fields.get(keyword) != name}
    names = [field.name for field in old.body.fields if field.name in lost and f"body {field.name}" not in told]
    if names:
        message = f"{', '.join(names)} can no longer be given as keywords"
        yield Change("body", "body", message, True, f"{old.pointer}/requestBody", f"{new.pointer}/requestBody")


# Answers


def _response_changes(comparison: _Comparison, old: Operation, new: Operation) -> Iterator[Change]:
    before, now = ({each.status: each for each in operation.responses} for operation in (old, new))
    for status, older, newer in _matched(before, now):
        where, pointers = (
            f"answer {status.replace('DEFAULT', 'default')}",
            [f"{each.pointer}/responses/{status}" for each in (old, new)],
        )
        if newer is None:
            yield Change("answer", where, "removed", status.startswith("2"), pointers[0], "")
        elif older is None:
            covered = "DEFAULT" in before or f"{status[:1]}XX" in before
            yield Change("answer", where, "added", status.startswith("2") and not covered, "", pointers[1])
        else:
            yield from _changes_of_response(comparison, where, older, newer)


def _changes_of_response(
    comparison: _Comparison, where: str, old: ResponseDescription, new: ResponseDescription
) -> Iterator[Change]:
    schemas = comparison.schemas("response")
    for name, older, newer in _by_name(old, new):
        if newer is None:
            yield Change("answer", where, f"no longer as {name}", True, older.pointer if older else "", "")
        elif older is None:  # only a caller who asks for it gets it
            yield Change("answer", where, f"also as {name}", False, "", newer.pointer)
        else:
            yield from _schema_changes(schemas, "response", "answer", where, older.schema, newer.schema)


# Order and grouping


def _joined(found: Iterable[Change]) -> Iterator[Change]:
    """One change for all that are the same, at the most informative place, with every operation that it affects."""
    groups: dict[tuple[str, ...], list[Change]] = {}
    for change in found:
        key: tuple[str, ...] = (change.message, change.where)
        if change.kind not in ("server", "security"):  # the same for all operations, but not at one place
            pointers = change.old_pointer, change.new_pointer
            is_shared = any(pointer.startswith("#/components/") for pointer in pointers)
            key = (change.message, "" if is_shared else change.where, *pointers)
        groups.setdefault(key, []).append(change)
    for same in groups.values():
        operations = tuple(dict.fromkeys(name for change in same for name in change.operations))
        first = max(same, key=lambda change: change.breaking)
        pointer = first.new_pointer or first.old_pointer
        if len(operations) > 1 and pointer.startswith(COMPONENTS):
            first = dataclasses.replace(first, kind="schema", where=f"schema {_place(pointer)}")
        yield dataclasses.replace(first, operations=operations)


def _place(pointer: str) -> str:
    """
    The name of a component, and the place of a schema in its values.

    >>> _place("#/components/schemas/Message/properties/parts/items/anyOf/0/properties/text")
    'Message.parts[].text'
    """
    _, _, place, *steps = split_pointer(pointer)
    remaining = iter(steps)
    for step in remaining:
        if step in _STEPS_WITH_NAME:
            place += _STEPS_WITH_NAME[step].format(next(remaining, ""))
        else:
            place += _STEPS.get(step, "")
    return place


def _rank(change: Change) -> int:
    if change.kind in _RANKS:
        return _RANKS[change.kind]
    if change.kind == "operation" and change.action != "changed":
        return 2 if change.action == "removed" else 5
    return 3 if len(change.operations) == 1 else 4


_TEMPLATE_NAME = re.compile(r"\{([^{}]*)\}")
_LOUD = 4  # lines of a summary
_RANKS = {"server": 0, "security": 1, "document": 6}
_SCHEME_WORDS = {"parameter": "name", "location": "in", "environment": "credential from the environment variable"}
_WIRE_WORDS = {
    "style": "style",
    "explode": "explode",
    "media_type": "written as",
    "allow_reserved": "allowReserved",
}
# A step into a schema in the notation of places; those in the first table are followed by a name or number.
_STEPS_WITH_NAME = {"properties": ".{}", "prefixItems": "[{}]", "allOf": "", "anyOf": "", "oneOf": ""}
_STEPS = {"items": "[]", "additionalProperties": ".*"}
