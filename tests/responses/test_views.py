"""What a prompt and a notebook show of an answer, and the answer used as the data that it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from IPython.lib.pretty import pretty
from urllib3 import HTTPResponse

from dynclient import Client
from dynclient.mock import MockApp
from dynclient.openapi import Operation
from dynclient.responses import Response
from dynclient.responses.response import read


def answer(data: Any = None, content_type: str = "application/json", content: bytes = b"") -> Response:
    raw = requests.Response()
    raw.status_code = 200
    raw._content = content or json.dumps(data).encode()
    raw.raw = HTTPResponse(b"")
    raw.headers["Content-Type"] = content_type
    return read(Operation("getThing", "GET", "/thing"), raw)


def test_a_megabyte_is_shown_on_a_screen() -> None:
    """In under 50 lines, at a prompt and unfolded in a notebook."""
    response = answer({"data": [{"id": number, "text": "x" * 60} for number in range(10_000)], "has_more": True})

    assert len(response.content) > 800_000
    for shown in (repr(response), pretty(response)):
        assert shown.count("\n") < 50
        assert "9,994 more items" in shown
    assert response._repr_html_().count("<tr>") == 21
    assert "9,980 more rows" in response._repr_html_()


def test_an_answer_in_a_list_is_one_line() -> None:
    """In IPython."""
    assert pretty([answer({"a": 1}), answer([])]) == (
        "[<Response 200 getThing, application/json, 8 bytes>,\n <Response 200 getThing, application/json, 2 bytes>]"
    )


def test_problems_are_shown_and_counted() -> None:
    """The first five."""
    response = answer({})
    response.problems = read(response.operation, answer(content=b"[NaN]").raw).problems * 7  # type: ignore[arg-type]

    lines = repr(response).splitlines()
    assert lines[0].endswith("7 problems>")
    assert lines[6] == "  - and 2 more; see its problems"
    assert response._repr_html_().count("<li>") == 6


def test_a_view_is_printable() -> None:
    """Whatever the server sends."""
    shown = repr(answer({"\x1b[31m": "\x1b]0;title\x07"}, "application/json; x=\x9b31m"))

    assert shown.isprintable() or set(shown) <= {"\n", *map(chr, range(32, 127))}


def test_an_answer_is_the_object_that_it_holds() -> None:
    """`get`, `keys`, `in`, `len` and `dict`."""
    response = answer({"a": 1, "b": None})

    assert (response.get("a"), response.get("c"), response.get("c", 5)) == (1, None, 5)
    assert (list(response.keys()), "a" in response, len(response)) == (["a", "b"], True, 2)
    assert dict(response) == {**response} == {"a": 1, "b": None}


@pytest.mark.parametrize(("data", "why"), [([1], "is a JSON array, which has no get"), ("x", "isn't a JSON object")])
def test_other_data_has_no_members(data: Any, why: str) -> None:
    """And the error says what it is."""
    with pytest.raises(TypeError, match=why):
        answer(data).get("a")


def test_json() -> None:
    """As in requests: what the Content-Type says does not count."""
    assert answer({"a": 1}).json() == answer({"a": 1}, "text/plain").json() == {"a": 1}
    assert answer(None).json() is None
    with pytest.raises(ValueError, match=r"the answer 200 to getThing isn't JSON \(text/html\)"):
        answer(content=b"<html>", content_type="text/html").json()


def test_operations_by_tag() -> None:
    """Of a client, its operations and its tags, as text and as HTML."""
    client = Client("openai", app=MockApp("openai"))

    for thing in (client, client.operations, client.tags):
        assert "  Threads (4): createThread, getThread, modifyThread, deleteThread" in pretty(thing).splitlines()
        html: str = thing._repr_html_()  # type: ignore[union-attr]
        assert "<summary>Threads (4)</summary>" in html
        assert "<code>POST /threads</code>" in html


def test_a_few_operations_have_a_line_each() -> None:
    """With their requests and summaries."""
    operations = {"operationId": "go", "summary": "Goes <b>\x1b", "tags": ["A\x1b"]}
    client = Client({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": operations}}})

    assert pretty(client).splitlines()[1:] == [r" A\u001b", r"  go  GET /x  Goes <b>\u001b"]
    assert r"Goes &lt;b&gt;\u001b" in client._repr_html_()
    assert "<details open" in client._repr_html_()


def test_thousands_of_operations_stay_small() -> None:
    """In tags, and without."""
    many = {f"/x{n}": {"get": {"operationId": f"op{n}", "tags": [f"t{n}"], "responses": {}}} for n in range(3000)}
    client = Client({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": many})

    assert pretty(client).count("\n") < 45
    assert client._repr_html_().count("<tr>") < 1000


def test_a_stream_and_a_download() -> None:
    """What their repr says, escaped."""
    client = Client("openai", app=MockApp("openai"), auth={"ApiKeyAuth": "sk-x"})
    with client.createRun.stream(thread_id="<b>", assistant_id="a") as events:
        list(events)
        assert events._repr_html_().startswith("<div><b>Stream 200 createRun, text/event-stream, items so far: ")
    download = client.downloadFile.open(file_id="file-a")

    assert download._repr_html_() == "<div><b>Download of downloadFile, not begun</b></div>"


def test_problems_of_a_call() -> None:
    """A sentence each."""
    problems = Client("openai", app=MockApp("openai")).getThread.check()

    assert pretty(problems[0]).startswith("<Problem path thread_id: ")
    assert problems[0]._repr_html_().startswith("<b>path thread_id</b>: ")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_items_are_rows(library: str) -> None:
    """As pandas and polars take them."""
    tables = pytest.importorskip(library)
    client = Client("openai", app=MockApp("openai"), auth={"ApiKeyAuth": "sk-x"})

    assert list(tables.DataFrame(list(client.listFiles.items()))["object"]) == ["file", "file"]
