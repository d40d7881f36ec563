"""Twenty-two right uses of the public surface, for type checkers: none of these lines is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

import dynclient
from dynclient.mock import MockApp

client = dynclient.Client("openapi.yaml")
client = dynclient.Client({"openapi": "3.1.0"}, retries=1, timeout=(1, 2.5), validate_response="raise")
client = dynclient.Client("openai", app=MockApp("openai"), auth={"ApiKeyAuth": "sk-key"}, server_variables={"v": 1})
client = dynclient.Client("openai", auth={"oauth": dynclient.OAuth2("id", "secret")}, session=requests.Session())
quick: dynclient.Client = client.with_options(timeout=5, headers={"X-Trace": "1"}, validate_request={"create*": "off"})
response: dynclient.Response = client.createRun(thread_id="thread_abc", assistant_id="asst_abc")
by_id: dynclient.Response = client["admin-api-keys-list"](limit=5, **{"include[]": ["a"]})
status: int = response.status_code
name: Any = response["id"]
problems: tuple[dynclient.Problem, ...] = client.createRun.check(body={"assistant_id": 5})
prepared: requests.PreparedRequest = client.createRun.prepare(thread_id="thread_abc", body=None)
sent: dynclient.Response = client.send(requests.Request("GET", "https://api.test").prepare())
one: dynclient.Response = client.createRun.with_options(idempotency_key="once", masked=False)(thread_id="t")
paged = client.with_options(pagination=dynclient.Pagination("after", "/last"))
pages: Iterator[dynclient.Response] = paged.listRuns.pages(thread_id="t")
saved: Path = client.downloadFile.open(file_id="file-abc").save("notes.txt")
run = client.getRun.poll(thread_id="t", run_id="r", until={"status": dynclient.leaves("queued")})
operation: dynclient.Operation = client.operations["createRun"]
shown = client.with_options(progress=True).createRun.with_options(progress="always")
told = dynclient.Client("openai", progress=lambda progress: print(progress.text, progress.done / (progress.total or 1)))


def count(stream: dynclient.Stream) -> int:
    """Events have data of any kind, and a number."""
    with stream as events:
        return sum(1 for event in events if event.data is not None)


def explain(error: dynclient.InvalidRequest) -> list[str]:
    """Errors carry their problems."""
    return [f"{problem.where}: {problem.code}" for problem in error.problems]


async def asynchronous() -> dynclient.Response:
    """What is awaited is a Response, too."""
    async with dynclient.AsyncClient("openai", max_pages=None, cache=False) as awaited:
        async for item in awaited.listRuns.items(thread_id="t"):
            print(item)
        return await awaited.with_options(retries=0).createRun(thread_id="t")
