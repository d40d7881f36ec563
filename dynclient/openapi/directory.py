"""The names of a document's operations, and which operation a name means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from dynclient.documents import Document, noting
from dynclient.errors import UnknownOperation, either
from dynclient.openapi.document_problems import note_operation
from dynclient.openapi.index import Entry, check_path, read_entries, read_tags
from dynclient.openapi.model import Operation
from dynclient.openapi.overview import Tags
from dynclient.openapi.reader import read_operation
from dynclient.openapi.security import read_security_schemes, required_schemes
from dynclient.support import argument_name, as_python_reads, cached, counted, near, route_name, snake_case, write_lines


class Directory(Mapping[str, Operation]):
    """
    The operations of a document by id, in its order; each is read when it is first asked for.

    An operation without an id, or with an id that others have too, is under "METHOD /path".
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        known = document.problem_count
        entries = read_entries(document)
        self._unread = document.problem_count - known
        by_id: dict[str, list[Entry]] = {}
        for entry in entries:
            by_id.setdefault(entry.id, []).append(entry)
        self._repeated = {name: same for name, same in by_id.items() if name and len(same) > 1}
        self._entries = dict(self._named(entries))
        self._routes = {entry.route: key for key, entry in self._entries.items()}
        self._unlike_source: dict[str, list[str]] = {}
        for key in self._entries:
            source = as_python_reads(key)
            if source != key:
                self._unlike_source.setdefault(source, [source] if source in self._entries else []).append(key)
        self._read: dict[str, Operation] = {}
        self._schemes = frozenset(read_security_schemes(document))
        self._asked: set[str] = set()
        for name, same in self._repeated.items():
            for entry in same:
                with noting(entry.route):
                    message = f"{name!r} is the id of {len(same)} operations; use their method and path"
                    document.note("operation-id-repeated", f"{entry.pointer}/operationId", message)

    @cached
    def _spelled(self) -> dict[str, list[str]]:
        """The operations by their snake_case names; calls by operationId do not need them."""
        spelled: dict[str, list[str]] = {}
        for key, entry in self._entries.items():
            spelling = snake_case(entry.id) or route_name(entry.verb, entry.path)
            if spelling and spelling not in self._entries:
                spelled.setdefault(spelling, []).append(key)
        return spelled

    def _named(self, entries: Sequence[Entry]) -> Iterator[tuple[str, Entry]]:
        """The operations by names that are unique."""
        routes = {entry.route for entry in entries}
        for entry in entries:
            is_own = entry.id and entry.id not in self._repeated and (entry.id not in routes or entry.id == entry.route)
            yield entry.id if is_own else entry.route, entry

    def __getitem__(self, key: str) -> Operation:
        if key not in self._read:
            with noting(key):
                operation = read_operation(self._document, self._entries[key])
                note_operation(self._document, operation, self._schemes)
            self._read[key] = operation
        return self._read[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_read": {}}

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'operation')} of {self._document.title!r}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        write_lines(printer, self.tags().text(repr(self)))

    def _repr_html_(self) -> str:
        return self.tags().html(repr(self)[1:-1])

    @property
    def attributes(self) -> list[str]:
        """The names that can be attributes: ids that are identifiers, and the snake_case names of all."""
        exact = [name for name in self._entries if argument_name(name) == as_python_reads(name) == name]
        exact += [name for name in self._unlike_source if argument_name(name) == name and name not in self._entries]
        names = [name for name in exact if len(self._unlike_source.get(name, [name])) == 1]
        names += [spelling for spelling, keys in self._spelled.items() if len(keys) == 1]
        return [name for name in dict.fromkeys(names) if not name.startswith("_")]

    @property
    def spellings(self) -> list[str]:
        """The ids of the operations, then each as "METHOD /path"."""
        return list(dict.fromkeys([*self._entries, *self._routes]))

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._entries)

    def unasked(self, schemes: Iterable[str]) -> list[str]:
        """Return those of these security schemes that no operation asks for."""
        missing = dict.fromkeys(schemes)
        if missing.keys() <= self._asked:
            return []
        for name in required_schemes(self._document, self._entries.values()):
            self._asked.add(name)
            missing.pop(name, None)
            if not missing:
                break
        return list(missing)

    def find_attribute(self, name: str) -> str:
        """
        Return the key of the operation that an attribute means.

        Python reads attributes in the normal form NFKC, so ids that differ only in that are the same there.

        Raises:
            UnknownOperation: there is no such operation, or several.
        """
        source = as_python_reads(name)
        same = self._unlike_source.get(source, [])
        if len(same) > 1:
            raise UnknownOperation(
                name, same, f"{source!r} is how Python reads the ids of {len(same)} operations; say {_choice(same)}"
            )
        return self.find(source)

    def find(self, name: str) -> str:
        """
        Return the key of the operation with this id, "METHOD /path", or snake_case name.

        Raises:
            UnknownOperation: there is no such operation, or several.
            DocumentError: it is "METHOD /path", and what describes the path cannot be read.
        """
        if not isinstance(name, str):
            raise UnknownOperation(repr(name), message=f"an operation is named by text, not by {name!r}")
        if name in self._entries:
            return name
        if len(self._unlike_source.get(name, ())) == 1:
            return self._unlike_source[name][0]
        if name in self._repeated:
            same = [entry.route for entry in self._repeated[name]]
            message = f"{name!r} is the id of {len(same)} operations; say {_choice(same)}"
            raise UnknownOperation(name, message=message)
        method, _, path = name.partition(" ")
        routes = (f"{spelled} {path.strip()}" for spelled in (method, method.upper()))
        route = next((self._routes[route] for route in routes if route in self._routes), "")
        if route:
            return route
        spelled = self._spelled.get(name, [])
        if len(spelled) == 1:
            return spelled[0]
        if spelled:
            raise UnknownOperation(
                name, spelled, f"{name!r} is the spelling of {len(spelled)} operations; say {_choice(spelled)}"
            )
        check_path(self._document, path.strip())
        like = self._near(name)
        message = "" if like else f"no operation {name!r} among the {len(self)} of {self._document.title!r}."
        unknown = UnknownOperation(name, like, message)
        if self._unread:
            hint = f"{self._unread} of the paths and operations could not be read; document.problems says why."
            raise UnknownOperation(name, unknown.near, f"{unknown} {hint}")
        raise unknown

    def _near(self, name: str) -> list[str]:
        if name.startswith("/"):  # a path without a method
            paths = {route: route.partition(" ")[2] for route in self._routes}
            nearest = near(name, dict.fromkeys(paths.values()), 1)
            return [route for route, path in paths.items() if path in nearest]
        return near(name, [*self._entries, *(self._routes if " " in name else ())])

    def check_pattern(self, pattern: str) -> None:
        """
        Check that an operation's id or "METHOD /path" is this, or matches it as a pattern of `fnmatch`.

        Raises:
            UnknownOperation: no operation does.
        """
        names = [name for entry in self._entries.values() for name in (entry.id, entry.route) if name]
        if pattern != "*" and pattern not in names and not any(fnmatchcase(name, pattern) for name in names):
            like = near(pattern, names)
            hint = f" Did you mean {either(like)}?" if like else ""
            raise UnknownOperation(pattern, like, f"no operation fits {pattern!r}.{hint}")

    def tags(self) -> Tags:
        """Return the keys of the operations by tag, the document's own tags first; "" has those without a tag."""
        grouped: dict[str, list[str]] = {}
        for key, entry in self._entries.items():
            for tag in entry.tags or ("",):
                grouped.setdefault(tag, []).append(key)
        ordered = [tag for tag in read_tags(self._document) if tag in grouped]
        return Tags(self, {tag: tuple(grouped[tag]) for tag in [*ordered, *grouped]})


def _choice(keys: Sequence[str]) -> str:
    return " or ".join(f"client[{key!r}]" for key in keys)
