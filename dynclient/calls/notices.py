"""Messages that come once for many calls: problems of answers in the log, deprecations as warnings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence

from dynclient.calls.deprecation import announcement
from dynclient.errors import OperationDeprecated, Problem, stacklevel
from dynclient.openapi import Operation
from dynclient.responses import BODY, STATUS, Finding, Unexplained
from dynclient.support import renewed
from dynclient.validation import MOST_PROBLEMS

_logger = logging.getLogger("dynclient")

_MOST_KINDS = 1000


class Notices:
    """Writes to the log, and warns, about what many calls have in common; each kind once."""

    def __init__(self) -> None:
        self._told: set[tuple[object, ...]] = set()
        self._explained: set[tuple[object, ...]] = set()
        self._lock = renewed(self, "_lock")

    def __reduce__(self) -> tuple[type[Notices], tuple[()]]:
        return Notices, ()

    def tell(self, operation: Operation, findings: Iterable[Finding]) -> list[Finding]:
        """
        Log the kinds of problems that were not logged before, and return the same findings.

        One kind is a rule at a place of the document. Values are not logged, because they may be personal; the
        response's `problems` has them. Findings that had to be explained for the log are returned explained.
        """
        found: list[Finding] = []
        for each in findings:
            if isinstance(each, Unexplained):
                problems = self._new(operation, each)
                found += [each] if problems is None else problems[:MOST_PROBLEMS]
            else:
                problems = (each,)
                found.append(each)
            for problem in problems or ():
                self._log(operation, problem)
        return found

    def deprecated(self, operation: Operation, uses: Iterable[str]) -> None:
        """Warn of what a call uses that the document calls deprecated, each use once."""
        for use in uses:
            kind = (operation.id, "deprecated", use)
            if kind not in self._told:
                message = f"{operation.id}: the document calls {use} deprecated"
                warnings.warn(message, OperationDeprecated, stacklevel=stacklevel())
                self._is_new(kind)  # after the warning: if a filter makes it an error, the next call must fail as well

    def announced(self, operation: Operation, headers: Mapping[str, str]) -> None:
        """
        Log once that the server announces the end of an operation (RFC 8594, RFC 9745).

        It does not warn: with a filter that turns warnings into errors, the answer to a finished call would be lost.
        """
        said = announcement(headers) if "Sunset" in headers or "Deprecation" in headers else ""
        if said and self._is_new((operation.id, "announced")):
            _logger.warning("%s: the server says that %s", operation.id, said)

    def _new(self, operation: Operation, finding: Unexplained) -> Sequence[Problem] | None:
        """All problems of a finding if some of them may be new, else None."""
        name = _logged_name(finding.location, finding.name)
        kinds = {(operation.id, finding.location, name, kind) for kind in finding.kinds}
        if kinds <= self._explained or len(self._told) >= _MOST_KINDS:
            return None
        problems = finding.explain(None)
        with self._lock:
            if len(self._explained) + len(kinds) <= _MOST_KINDS:
                self._explained |= kinds
        return problems

    def _log(self, operation: Operation, problem: Problem) -> None:
        name = _logged_name(problem.location, problem.name)
        told = str(problem.value) if problem.location == STATUS else name
        if self._is_new((operation.id, problem.location, told, problem.rule, problem.schema_pointer)):
            place = f"{problem.location} {told}".rstrip()
            rule = f"{problem.rule} {problem.schema_pointer}".rstrip()
            _logger.warning("%s: %s does not fit the document (%s)", operation.id, place, rule)

    def _is_new(self, kind: tuple[object, ...]) -> bool:
        with self._lock:
            if kind in self._told or len(self._told) >= _MOST_KINDS:
                return False
            self._told.add(kind)
            return True


def _logged_name(location: str, name: str) -> str:
    """The name of a field of a body may be data; the pointer has what the schema calls it."""
    return "" if location in ("body", BODY) else name
