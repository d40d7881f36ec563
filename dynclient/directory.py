"""The names of a document's operations, and which operation a name means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dynclient.document import Document
from dynclient.errors import UnknownOperation
from dynclient.model import Operation
from dynclient.names import argument_name, near, snake_case
from dynclient.reader import Entry, check_path, index, read_operation


class Directory(Mapping[str, Operation]):
    """
    The operations of a document by id, in its order, each read when it is first asked for.

    An operation without an id, or whose id others have too, stands under "METHOD /path".
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        known = len(document.problems)
        entries = index(document)
        self._unread = len(document.problems) - known
        by_id: dict[str, list[Entry]] = {}
        for entry in entries:
            by_id.setdefault(entry.id, []).append(entry)
        self._entries = {
            entry.id if entry.id and len(by_id[entry.id]) == 1 else entry.route: entry for entry in entries
        }
        self._routes = {entry.route: key for key, entry in self._entries.items()}
        self._repeated = {name: same for name, same in by_id.items() if name and len(same) > 1}
        self._spelled: dict[str, list[str]] = {}
        for key in self._entries:
            spelling = snake_case(key)
            if spelling and spelling not in self._entries:
                self._spelled.setdefault(spelling, []).append(key)
        self._read: dict[str, Operation] = {}

    def __getitem__(self, key: str) -> Operation:
        if key not in self._read:
            self._read[key] = read_operation(self._document, self._entries[key])
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
        return f"<{len(self)} operations of {self._document.title!r}>"

    @property
    def attributes(self) -> list[str]:
        """The names that can stand behind a dot: ids that are identifiers, and the snake case of all."""
        exact = [name for name in self._entries if argument_name(name) == name and not name.startswith("_")]
        return exact + [spelling for spelling, keys in self._spelled.items() if len(keys) == 1]

    def find(self, name: str) -> str:
        """
        The key of the operation that a name means: its id, "METHOD /path", or the id in snake case.

        Raises:
            UnknownOperation: it means none, or several.
            DocumentError: it is "METHOD /path", and the path is described where it cannot be read.
        """
        if not isinstance(name, str):
            raise UnknownOperation(repr(name), message=f"an operation is named by text, not by {name!r}")
        if name in self._entries:
            return name
        if name in self._repeated:
            choice = " or ".join(f"client[{entry.route!r}]" for entry in self._repeated[name])
            raise UnknownOperation(
                name, message=f"{name!r} is the id of {len(self._repeated[name])} operations; say {choice}"
            )
        method, _, path = name.partition(" ")
        routes = (f"{spelled} {path.strip()}" for spelled in (method, method.upper()))
        route = next((self._routes[route] for route in routes if route in self._routes), "")
        if route:
            return route
        spelled = self._spelled.get(name, [])
        if len(spelled) == 1:
            return spelled[0]
        if spelled:
            choice = " or ".join(f"client[{key!r}]" for key in spelled)
            raise UnknownOperation(
                name, spelled, f"{name!r} is the spelling of {len(spelled)} operations; say {choice}"
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
        if name.startswith("/"):  # a path without its method
            paths = {route: route.partition(" ")[2] for route in self._routes}
            nearest = near(name, dict.fromkeys(paths.values()), 1)
            return [route for route, path in paths.items() if path in nearest]
        return near(name, [*self._entries, *(self._routes if " " in name else ())])

    def by_tag(self) -> dict[str, tuple[str, ...]]:
        """The keys of the operations under each tag; those without one under ""."""
        grouped: dict[str, list[str]] = {}
        for key, entry in self._entries.items():
            for tag in entry.tags or ("",):
                grouped.setdefault(tag, []).append(key)
        return {tag: tuple(keys) for tag, keys in grouped.items()}
