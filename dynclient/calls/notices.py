"""What is said once for many calls: problems of answers in the log, deprecations as warnings."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Mapping, Sequence

from dynclient.calls.deprecation import announcement
from dynclient.calls.options import Mode
from dynclient.errors import OperationDeprecated, Problem, stacklevel
from dynclient.openapi import Operation
from dynclient.responses import BODY, STATUS, Finding, Response, Unexplained, explained
from dynclient.support import renewed
from dynclient.validation import MOST_PROBLEMS, UNDOCUMENTED, ResponseValidator

_logger = logging.getLogger("dynclient")

_MOST_KINDS = 1000


class Notices:
    """Tells the log and Python's warnings what concerns more than one call, each kind of it once."""

    def __init__(self) -> None:
        self._told: set[tuple[object, ...]] = set()
        self._explained: set[tuple[object, ...]] = set()
        self._lock = renewed(self, "_lock")

    def __reduce__(self) -> tuple[type[Notices], tuple[()]]:
        return Notices, ()

    def tell(self, operation: Operation, findings: Iterable[Finding]) -> list[Finding]:
        """
        Log the kinds of problems that were not logged before: one kind is a rule at a place of the document.

        What was sent and received is not repeated, for it may be personal; `problems` of the answer has it. Returned
        is the same, explained where that was needed.
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
        """Warn of what a call uses that the document calls deprecated: of each once."""
        for use in uses:
            kind = (operation.id, "deprecated", use)
            if kind not in self._told:
                message = f"{operation.id}: the document calls {use} deprecated"
                warnings.warn(message, OperationDeprecated, stacklevel=stacklevel())
                self._is_new(kind)  # not where a filter makes it an error: the next call must fail as well

    def announced(self, operation: Operation, headers: Mapping[str, str]) -> None:
        """
        Log that the server announces the end of an operation (RFC 8594, RFC 9745), once.

        It is no warning: where a filter makes warnings errors, the answer to a call that was carried out would be lost.
        """
        said = announcement(headers) if "Sunset" in headers or "Deprecation" in headers else ""
        if said and self._is_new((operation.id, "announced")):
            _logger.warning("%s: the server says that %s", operation.id, said)

    def _new(self, operation: Operation, finding: Unexplained) -> Sequence[Problem] | None:
        """All problems of a finding, of which some may be new; None where none is."""
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


def judged(
    response: Response,
    mode: Mode,
    judge: ResponseValidator,
    notices: Notices,
    asked: Sequence[Problem] = (),
    *,
    is_raised: bool = False,
) -> None:
    """
    Find out what is wrong with an answer that was read; its `problems` are then these, behind those of its request.

    With the mode "off" that is what its reading told, with "warn" it is logged, but for the status of an answer that is
    raised as an error, which says it.
    """
    findings: Sequence[Finding] = response.problems
    if mode != "off":
        findings = [*findings, *judge.findings(response)]
    if mode == "warn" and findings:
        said = [each for each in findings if is_raised and isinstance(each, Problem) and each.rule == UNDOCUMENTED]
        findings = [*said, *notices.tell(response.operation, (each for each in findings if each not in said))]
    asked, secrets = tuple(asked), response.secrets
    response.problems = (lambda: (*asked, *explained(findings, secrets, MOST_PROBLEMS))) if findings else asked


def _logged_name(location: str, name: str) -> str:
    """Fields of a body may be named by its data; what the schema calls them stands in the pointer."""
    return "" if location in ("body", BODY) else name
