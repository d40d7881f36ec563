"""What validates values by lowered schemas: a quick check that can only say yes, and a validator behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dynclient.schemas import AcceptCheck, format_checker, quick_validator_class, schema_at
from dynclient.support import cached
from dynclient.types import JSON
from dynclient.wire import Resolve

if TYPE_CHECKING:
    from jsonschema import FormatChecker


class Engine:
    """The check and the validator for one set of components."""

    def __init__(self, acceptance: AcceptCheck, resolve: Resolve = lambda lowered: True) -> None:
        self.acceptance = acceptance
        self.resolve = resolve
        self._checks: dict[str, Callable[[JSON], bool]] = {}

    @cached
    def checker(self) -> FormatChecker:
        return format_checker(self.acceptance.formats)

    @cached
    def validator_class(self) -> Any:
        """
        A class of validators that look, reference by reference, only at what the accept check does not accept.

        For a long list with one invalid item, jsonschema would spend hundreds of times as long on the others.
        """
        return quick_validator_class(self._accepts)

    def fits(self, whole: JSON, components: Mapping[str, JSON]) -> Callable[[Any, JSON], bool]:
        """Return a test whether a value would be valid in the place where another one has an error."""

        def fits(error: Any, value: JSON) -> bool:
            place = schema_at(whole, tuple(error.absolute_schema_path), error.schema, components)
            return self.acceptance.check(place)(value)

        return fits

    def _accepts(self, target: str, value: JSON) -> bool:
        check = self._checks.get(target) or self._checks.setdefault(target, self.acceptance.check({"$ref": target}))
        return check(value)
