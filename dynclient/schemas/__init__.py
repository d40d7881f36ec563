"""
JSON Schema: schemas of any OpenAPI version as plain JSON Schema 2020-12, and quick checks with them.

In come schemas as published; out come lowered schemas, validator classes for jsonschema, formats, and the `AcceptCheck`
that says yes to a valid value fast. May import `openapi` and what is below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.schemas.accept import AcceptCheck
    from dynclient.schemas.formats import FORMATS, Formats, table_of
    from dynclient.schemas.keywords import format_checker, quick_validator_class, validator_class
    from dynclient.schemas.lowering import COMPONENTS, Direction, Lowering, schema_at, tagged_members
    from dynclient.schemas.problem_kinds import Kinds, kinds

__getattr__, __dir__ = lazy(
    __name__,
    """
    accept: AcceptCheck
    formats: FORMATS Formats table_of
    keywords: format_checker quick_validator_class validator_class
    lowering: COMPONENTS Direction Lowering schema_at tagged_members
    problem_kinds: Kinds kinds
    """,
)
