"""What a prompt and a notebook show of an operation."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from IPython.lib.pretty import pretty

from dynclient import AsyncClient, Client
from tests.places import SPECS


def test_an_operation_at_a_prompt() -> None:
    """What it does, a call to copy, and what else it takes."""
    assert pretty(Client("openai").listRuns) == (
        "<listRuns: GET /threads/{thread_id}/runs>\n"
        "  List the runs of a thread\n"
        '  client.listRuns(thread_id="thread_abc123")\n'
        "  optional: limit, order, after, before, open_ai_beta\n"
        "  help(client.listRuns) says more"
    )


def test_an_operation_that_is_awaited() -> None:
    """The call says so."""
    assert '  await client.getThread(thread_id="thread_abc123")' in pretty(AsyncClient("openai").getThread).split("\n")


def test_an_operation_in_a_notebook() -> None:
    """A table of its arguments, the required ones first and bold."""
    written = Client("openai").createRun._repr_html_()
    rows = [list(row.iter("td")) for row in ElementTree.fromstring(f"<div>{written}</div>").iter("tr")]

    assert ["".join(each.itertext()) for each in rows[1]] == ["thread_id", "path", "string", "Which thread to act on."]
    assert [row[0].find("b") is not None for row in rows[1:4]] == [True, True, False]
    assert "body" not in ["".join(row[0].itertext()) for row in rows[1:]]
    assert "<summary>answers</summary>" in written


def test_hostile_words() -> None:
    """Of a document: escaped, cut, and no more than a screen."""
    words = "<script>\x1b[31m" * 10_000
    parameters = [
        {"name": f"p<{n}>", "in": "query", "description": words, "schema": {"type": words}} for n in range(900)
    ]
    operation = {
        "operationId": "go",
        "summary": words,
        "parameters": parameters,
        "responses": {words: {"description": words}},
    }
    contents = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": operation}}}
    caller = Client(contents).go

    assert pretty(caller).isprintable() or set(pretty(caller)) <= {"\n", *map(chr, range(32, 127))}
    assert len(pretty(caller)) < 1000
    written = caller._repr_html_()
    assert len(written) < 150_000
    assert ElementTree.fromstring(f"<div>{written}</div>").find(".//script") is None
    assert "800 more arguments" in written


@pytest.mark.parametrize("name", ["openai.json", "kubernetes.json", "box.json", "slack.json"])
def test_published_documents(name: str) -> None:
    """Every operation is shown, well-formed."""
    if not (SPECS / name).exists():
        pytest.skip("published documents are not part of the project")
    client = Client(SPECS / name, base_url="http://api.test")
    for key in list(client.operations)[:150]:
        caller = client[key]
        assert 1 < pretty(caller).count("\n") < 60
        ElementTree.fromstring(f"<div>{caller._repr_html_()}</div>")
