"""The ids that Tab completes, from the operation that lists what has them; only for an API that the user chose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dynclient.cli import forms
from dynclient.cli.apis import Api, origins_of
from dynclient.cli.items import read_items
from dynclient.cli.secrets import read_credentials
from dynclient.client import Client
from dynclient.documents import Document
from dynclient.openapi import Operation
from dynclient.schemas import Lowering
from dynclient.types import JSON
from dynclient.wire import Binder

_SECONDS = 1.0
_ENVIRONMENT = "env:"


def ids(api: Api, document: Document, operation: Operation, name: str, items: Sequence[str]) -> list[str]:
    """
    Return the ids for a path parameter, from the GET of the path before it; none if that needs more than is given.

    Nothing waits for longer than a second, and of the API's credentials only those of the environment are used.
    """
    before, found, _ = operation.path.partition(f"/{{{name}}}")
    if not found or any(origin not in api.origins for origin in origins_of(document)):
        return []
    settings = api.settings
    auth = [f"{scheme}={source}" for scheme, source in settings.auth.items() if source.startswith(_ENVIRONMENT)]
    options: dict[str, Any] = {"base_url": settings.base_url} if settings.base_url else {}
    with Client(document, headers=settings.headers, auth=read_credentials(auth), retries=0, **options) as client:
        caller = client[f"GET {before}"].with_options(validate_response="off")
        binder = Binder(caller.operation, document)
        given = [item for item in items if item.partition("=")[0] in binder.parameters]
        prepared = caller.prepare(**read_items(given, binder, Lowering(document, "request")))
        answer = client.with_options(total_timeout=_SECONDS).send(prepared)  # the second is the server's
        return list(_ids(forms.items_of(answer.data), name))


def _ids(items: Sequence[JSON], name: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict):
            found = next((item[key] for key in ("id", name) if key in item), None)
            item = next(iter(item.values()), None) if found is None and len(item) == 1 else found
        if isinstance(item, str | int) and not isinstance(item, bool):
            yield str(item)
