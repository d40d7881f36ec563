"""
openapi-core's answer for every request, the check of every response, and the check of a whole document.

In come bound arguments, a `Response` or a `Document`; out come `Problem`s, explained down to the leaf. Only this
package knows openapi-core. May import `responses`, `wire`, `schemas` and below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynclient.support.lazy_names import lazy

if TYPE_CHECKING:
    from dynclient.validation.documents import check_document, inspect_document
    from dynclient.validation.requests import RequestValidator
    from dynclient.validation.responses import UNDOCUMENTED, ResponseValidator
    from dynclient.validation.schema_validator import MOST_PROBLEMS
    from dynclient.validation.spec_validator import strict_findings

__getattr__, __dir__ = lazy(
    __name__,
    """
    documents: check_document inspect_document
    requests: RequestValidator
    responses: ResponseValidator UNDOCUMENTED
    schema_validator: MOST_PROBLEMS
    spec_validator: strict_findings
    """,
)
