"""The story of the README, with a server that runs in this process and needs neither key nor network."""

from __future__ import annotations

from collections.abc import Callable

import click

from dynclient.client import Client
from dynclient.errors import CallError
from dynclient.mock import MockApp, serve


def tell() -> None:
    """Call four operations by name, be refused twice, and count what the server saw."""
    app = MockApp("openai")
    with serve(app) as server:
        _say("A server that answers from the bundled document runs on this machine.", "No key, no network.")
        client = Client("openai", base_url=server.url, auth={"ApiKeyAuth": "sk-demo"})
        _code('client = dynclient.Client("openai", base_url=..., auth={"ApiKeyAuth": "sk-demo"})', repr(client))

        _say("Every operation of the document is a method.")
        _code('thread = client.createThread(metadata={"topic": "demo"})')
        thread = client.createThread(metadata={"topic": "demo"})
        _code('thread.status_code, thread["id"]', repr((thread.status_code, thread["id"])))
        _code('run = client.createRun(thread_id=thread["id"], assistant_id="asst_abc123")')
        run = client.createRun(thread_id=thread["id"], assistant_id="asst_abc123")
        _code('run["id"], run["status"]', repr((run["id"], run["status"])))
        _code('runs = client.listRuns(thread_id=thread["id"], limit=20, order="desc")')
        runs = client.listRuns(thread_id=thread["id"], limit=20, order="desc")
        _code('[run["id"] for run in runs["data"]]', repr([each["id"] for each in runs["data"]]))
        got = client.getRun(thread_id=thread["id"], run_id=run["id"])
        _code('client.getRun(thread_id=thread["id"], run_id=run["id"])["status"]', repr(got["status"]))

        seen = len(app.requests)
        _say("A wrong call is refused before anything is sent; the error lists everything that is wrong.")
        _refused(
            'client.listRuns(thread_id=thread["id"], limit=0, order="up")',
            lambda: client.listRuns(thread_id=thread["id"], limit=0, order="up"),
        )
        _refused(
            'client.createRun(thread_id="..", assitant_id="asst_abc123", temperature=3)',
            lambda: client.createRun(thread_id="..", assitant_id="asst_abc123", temperature=3),
        )
        _say(f"The server saw {seen} requests before these two calls, and {len(app.requests)} after them.")

        _say("What a call would send can be seen without sending it; the key is masked.")
        curl = client.createRun.curl(thread_id=thread["id"], assistant_id="asst_abc123")
        _code('print(client.createRun.curl(thread_id=thread["id"], assistant_id="asst_abc123"))', curl)
        client.close()


def _say(*lines: str) -> None:
    click.echo()
    for line in lines:
        click.echo(f"# {line}")


def _code(code: str, *results: str) -> None:
    for line in (f">>> {code}", *results):
        click.echo(line)


def _refused(code: str, call: Callable[[], object]) -> None:
    try:
        call()
    except CallError as error:
        _code(code, f"{type(error).__name__}: {error}")
