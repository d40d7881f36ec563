"""
What a call costs: the same three calls by dynclient, by requests written by hand, and by dynclient's peers.

    python tests/benchmarks/calls.py [--rounds 60] [--only NAME ...]

Each contender has a process of its own, where it and requests by hand take turns: the numbers are medians as ratios to
requests by hand. "loopback" is to a server of another process on this machine, by a clock on the wall; "bytes" to a
transport that answers from memory, in time of the processor. What a contender sends is looked at first; one that sends
something else, fails, or is not installed has a row that says so. The peers are those of the extra `bench`. Nothing
here is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import io
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import yaml
from measuring import LOADER, Connected, child, measure, served
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from dynclient.documents.sources import bundled

BY_HAND, DYNCLIENT = "requests by hand", "dynclient"
# What waits for a server needs a clock on the wall.
WAYS = {"loopback": time.perf_counter, "bytes": time.process_time}
KEY = "sk-bench"
HEADERS = {"Authorization": f"Bearer {KEY}", "OpenAI-Beta": "assistants=v2"}


@dataclass(frozen=True)
class Work:
    """One call of the bundled document, as a client that knows the document is told it and as requests is."""

    method: str
    template: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def target(self) -> str:
        """The path that is called, below the base URL."""
        return self.template.format(**self.path)


def _chat(length: int) -> dict[str, Any]:
    roles = ("user", "assistant")
    said = "A question or an answer, of about as many words as people give one another when they are in a hurry."
    return {"model": "gpt-4o", "messages": [{"role": roles[n % 2], "content": said} for n in range(length)]}


_RUNS = "/threads/{thread_id}/runs"
_THREAD = {"thread_id": "thread_abc123"}
_QUERY = {"limit": 20, "order": "desc", "after": "run_a", "before": "run_b"}
_RUN = {"assistant_id": "asst_abc123", "temperature": 0.5, "metadata": {"topic": "bench"}}
WORKS = {
    "listRuns": Work("GET", _RUNS, _THREAD, query=_QUERY),
    "createRun": Work("POST", _RUNS, _THREAD, body=_RUN),
    "createChatCompletion": Work("POST", "/chat/completions", body=_chat(20)),
}
TITLES = {
    "listRuns": "GET, 4 query values",
    "createRun": "createRun",
    "createChatCompletion": "chat of 20 messages",
}


def contents() -> dict[str, Any]:
    """The bundled document."""
    data: dict[str, Any] = yaml.load(bundled()["openai"].read_bytes(), LOADER)
    return data


def examples() -> dict[str, bytes]:
    """The published answers to the works, by method and path."""
    paths = contents()["paths"]
    answers = {}
    for work in WORKS.values():
        content = paths[work.template][work.method.lower()]["responses"]["200"]["content"]
        answers[f"{work.method} /v1{work.target}"] = json.dumps(content["application/json"]["example"]).encode()
    return answers


class Answerer(Connected):
    """Answers by method and path, and with {} to what it does not know; `GET /last` tells what came before it."""

    _last: Mapping[str, str] = {}

    def __init__(self, *arguments: Any, answers: Mapping[str, bytes]) -> None:
        self._answers = answers
        super().__init__(*arguments)

    def handle(self) -> None:
        for line, length in self.requests():
            method, target, _ = line.decode().split(" ")
            body = self.rfile.read(length)
            if target == "/last":
                self.answer(json.dumps(self._last).encode())
                continue
            Answerer._last = {"method": method, "target": target, "body": body.decode()}
            self.answer(self._answers.get(f"{method} {target.partition('?')[0]}", b"{}"))


def unfit() -> dict[str, bytes]:
    """The same answers, each of which breaks the document in two places."""
    return {
        key: json.dumps({**json.loads(answer), "object": "none", "model": 1, "data": [1]}).encode()
        for key, answer in examples().items()
    }


@contextlib.contextmanager
def loopback(answers: Mapping[str, bytes] | None = None) -> Iterator[str]:
    """The base URL of a server that answers the works with the document's examples, or with these."""
    with served(functools.partial(Answerer, answers=answers or examples())) as url:
        yield f"{url}/v1"


class Canned(HTTPAdapter):
    """A transport that answers at once, by method and path."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        super().__init__()
        self._answers = answers

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        answer = self._answers[f"{request.method} {request.path_url.partition('?')[0]}"]
        headers = {"Content-Type": "application/json", "Content-Length": str(len(answer))}
        return self.build_response(request, HTTPResponse(io.BytesIO(answer), headers, 200, preload_content=False))


@dataclass(frozen=True)
class Site:
    """Where a contender calls: a server, or these answers where they are given."""

    base_url: str
    answers: Mapping[str, bytes] | None = None

    def session(self) -> requests.Session:
        """A session of requests that calls there, with the headers of every call."""
        session = requests.Session()
        session.headers.update(HEADERS)
        return self.mounted(session)

    def mounted(self, session: requests.Session) -> requests.Session:
        """The session with the transport of this site."""
        if self.answers is not None:
            session.mount("http://", Canned(self.answers))
        return session

    def transport(self, httpx: Any) -> Any:
        """The same for the httpx that a peer imports; None for its own."""
        if (answers := self.answers) is None:
            return None
        headers = {"Content-Type": "application/json"}

        def answer(request: Any) -> Any:
            return httpx.Response(200, content=answers[f"{request.method} {request.url.path}"], headers=headers)

        return httpx.MockTransport(answer)


Call = Callable[[], object]
Contender = Callable[[Site], Callable[[str], Call]]


def by_hand(site: Site) -> Callable[[str], Call]:
    """A session of requests, as one would write it."""
    session = site.session()

    def call(name: str) -> Call:
        work = WORKS[name]
        url = site.base_url + work.target
        if work.method == "GET":
            return lambda: session.get(url, params=work.query, timeout=60).json()
        return lambda: session.post(url, json=work.body, timeout=60).json()

    return call


def by_dynclient(site: Site) -> Callable[[str], Call]:
    import dynclient

    session = site.mounted(requests.Session()) if site.answers else None  # else its own
    client = dynclient.Client("openai", base_url=site.base_url, session=session, auth={"ApiKeyAuth": KEY})

    def call(name: str) -> Call:
        work = WORKS[name]
        arguments = {**work.path, **work.query, **({} if work.body is None else {"body": work.body})}
        caller = client[name]
        return lambda: caller(**arguments).data

    return call


def by_httpx(site: Site) -> Callable[[str], Call]:
    """A client of the httpx that aiopenapi3 sends with, as one would write it: what its calls cost without it."""
    httpx = _httpx("aiopenapi3.openapi")
    client = httpx.Client(transport=site.transport(httpx), headers=HEADERS)

    def call(name: str) -> Call:
        work = WORKS[name]
        url = site.base_url + work.target
        if work.method == "GET":
            return lambda: client.get(url, params=work.query, timeout=60).json()
        return lambda: client.post(url, json=work.body, timeout=60).json()

    return call


def by_stock(site: Site) -> Callable[[str], Call]:
    """What requests sends is validated by openapi-core as it comes, without its check of the document."""
    from openapi_core import Config, OpenAPI
    from openapi_core.contrib.requests import RequestsOpenAPIRequest

    spec: Any = contents() | {"servers": [{"url": site.base_url}]}
    validator = OpenAPI.from_dict(spec, config=Config(spec_validator_cls=None))  # type: ignore[arg-type]
    session = site.session()

    def call(name: str) -> Call:
        work = WORKS[name]
        request = requests.Request(work.method, site.base_url + work.target, params=work.query, json=work.body)

        def act() -> object:
            prepared = session.prepare_request(request)
            validator.validate_request(RequestsOpenAPIRequest(prepared))
            return session.send(prepared, timeout=60).json()

        return act

    return call


def by_aiopenapi3(site: Site) -> Callable[[str], Call]:
    """
    The document without bounds beyond what a float holds: aiopenapi3 refuses them. A session for every call.

    A body given as data goes without validation: it is validated by the model of its schema first.
    """
    library: Any = importlib.import_module("aiopenapi3")
    httpx = _httpx("aiopenapi3.openapi")

    def session(**settings: Any) -> Any:
        return httpx.Client(transport=site.transport(httpx), **settings)

    session.__annotations__["return"] = httpx.Client  # it asks this whether to be synchronous
    spec = _without_large_bounds(contents()) | {"servers": [{"url": site.base_url}]}
    url = f"{site.base_url}/openapi.json"
    client = library.OpenAPI(url, spec, session_factory=session, use_operation_tags=False)
    client.authenticate(ApiKeyAuth=KEY)

    def call(name: str) -> Call:
        work = WORKS[name]
        request = getattr(client._, name)
        header = {"OpenAI-Beta": HEADERS["OpenAI-Beta"]} if work.path else {}  # it fills in no value that must be
        parameters = {**header, **work.path, **work.query}
        if work.body is None:
            return lambda: request(parameters=parameters)
        model = request.data.get_type()

        def act() -> object:
            model.model_validate(work.body)
            return request(parameters=parameters, data=work.body)

        return act

    return call


def by_bravado(site: Site) -> Callable[[str], Call]:
    """The three operations as Swagger 2.0, the only one that bravado reads."""
    library: Any = importlib.import_module("bravado.client")
    http: Any = importlib.import_module("bravado.requests_client").RequestsClient()
    site.mounted(http.session).headers.update(HEADERS)
    client = library.SwaggerClient.from_spec(_as_swagger(site.base_url), http_client=http)

    def call(name: str) -> Call:
        work = WORKS[name]
        arguments = {**work.path, **work.query, **({} if work.body is None else {"body": work.body})}
        operation = getattr(client.bench, name)
        return lambda: operation(**arguments).response().result

    return call


def by_openai(site: Site) -> Callable[[str], Call]:
    """The SDK that is generated from the published document; it validates nothing."""
    library: Any = importlib.import_module("openai")
    httpx = _httpx("openai._base_client")
    http = httpx.Client(transport=site.transport(httpx))
    client = library.OpenAI(api_key=KEY, base_url=site.base_url, http_client=http)
    acts = {
        "listRuns": client.beta.threads.runs.list,
        "createRun": client.beta.threads.runs.create,
        "createChatCompletion": client.chat.completions.create,
    }

    def call(name: str) -> Call:
        work = WORKS[name]
        return functools.partial(acts[name], **work.path, **work.query, **(work.body or {}))

    return call


CONTENDERS: dict[str, Contender] = {
    DYNCLIENT: by_dynclient,
    "stock openapi-core": by_stock,
    "httpx by hand": by_httpx,
    "aiopenapi3": by_aiopenapi3,
    "bravado": by_bravado,
    "openai": by_openai,
}
NOTES = {
    "stock openapi-core": "validates the request",
    "httpx by hand": "validates nothing; what aiopenapi3 and openai send with",
    "aiopenapi3": "of the document without the bounds of a seed, which it refuses; connects for every call",
    "bravado": "of these three operations as Swagger 2.0",
    "openai": "validates nothing",
}


def _httpx(module: str) -> Any:
    """The httpx that a module imports: there are two by now."""
    imported = importlib.import_module(module)
    return next(getattr(imported, name) for name in ("httpx2", "httpx") if hasattr(imported, name))


def _without_large_bounds(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_large_bounds(each) for each in node]
    if not isinstance(node, dict):
        return node
    large = {key for key in ("minimum", "maximum") if isinstance(node.get(key), int) and abs(node[key]) > 2**53}
    return {key: _without_large_bounds(value) for key, value in node.items() if key not in large}


def _as_swagger(base_url: str) -> dict[str, Any]:
    text = {"type": "string"}
    message = {
        "type": "object",
        "required": ["role", "content"],
        "properties": {"role": {"type": "string", "enum": ["user", "assistant", "system"]}, "content": text},
    }
    chat = {
        "type": "object",
        "required": ["model", "messages"],
        "properties": {"model": text, "messages": {"type": "array", "minItems": 1, "items": message}},
    }
    run = {
        "type": "object",
        "required": ["assistant_id"],
        "properties": {
            "assistant_id": text,
            "temperature": {"type": "number", "minimum": 0, "maximum": 2},
            "metadata": {"type": "object", "additionalProperties": text},
        },
    }
    thread = {"name": "thread_id", "in": "path", "required": True, "type": "string"}
    query: list[dict[str, Any]] = [
        {"name": "limit", "in": "query", "type": "integer", "minimum": 1, "maximum": 100},
        {"name": "order", "in": "query", "type": "string", "enum": ["asc", "desc"]},
        {"name": "after", "in": "query", "type": "string"},
        {"name": "before", "in": "query", "type": "string"},
    ]

    def operation(name: str, *parameters: dict[str, Any], body: Any = None) -> dict[str, Any]:
        given = [] if body is None else [{"name": "body", "in": "body", "required": True, "schema": body}]
        answer = {"200": {"description": "ok", "schema": {"type": "object"}}}
        return {"operationId": name, "tags": ["bench"], "parameters": [*parameters, *given], "responses": answer}

    url = urlsplit(base_url)
    return {
        "swagger": "2.0",
        "info": {"title": "bench", "version": "1"},
        "host": url.netloc,
        "basePath": url.path,
        "schemes": [url.scheme],
        "paths": {
            _RUNS: {"get": operation("listRuns", thread, *query), "post": operation("createRun", thread, body=run)},
            "/chat/completions": {"post": operation("createChatCompletion", body=chat)},
        },
    }


def compared(contender: str, base_url: str, rounds: int) -> dict[str, dict[str, Any]]:
    """Of each work and way, the seconds by hand and by the contender; or why there are none."""
    found: dict[str, dict[str, Any]] = {name: {} for name in WORKS}
    for way, site in zip(WAYS, (Site(base_url), Site(base_url, examples())), strict=True):
        base = by_hand(site)
        try:
            made = CONTENDERS[contender](site)
        except Exception as error:  # whatever a peer raises, the others are measured
            return _without(_reason(error))
        for name in WORKS:
            try:
                act = made(name)
                act()
                if way == "loopback":
                    _check_sent(name, base_url)
                medians = measure({BY_HAND: base(name), contender: act}, rounds, clock=WAYS[way])
            except Exception as error:
                found[name][way] = _reason(error)
            else:
                found[name][way] = [medians[BY_HAND], medians[contender]]
    return found


def _check_sent(name: str, base_url: str) -> None:
    work = WORKS[name]
    last = requests.get(f"{base_url.removesuffix('/v1')}/last", timeout=60).json()
    url = urlsplit(last["target"])
    sent = [last["method"], url.path, dict(parse_qsl(url.query)), json.loads(last["body"] or "null")]
    if sent != [work.method, f"/v1{work.target}", {key: str(value) for key, value in work.query.items()}, work.body]:
        raise ValueError(f"sent something else: {sent}")


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name} is not installed"
    return f"{type(error).__name__}: {error}".splitlines()[0][:100]


def compared_apart(contender: str, base_url: str, rounds: int) -> dict[str, dict[str, Any]]:
    """The same, found in a process of its own."""
    try:
        found: dict[str, dict[str, Any]] = child(
            __file__, "--contender", contender, "--url", base_url, "--rounds", str(rounds)
        )
    except RuntimeError as error:
        return _without(str(error))
    return found


def _without(reason: str) -> dict[str, dict[str, Any]]:
    return {name: dict.fromkeys(WAYS, reason) for name in WORKS}


def report(
    base_url: str, rounds: int, names: list[str], done: Mapping[str, dict[str, Any]] = MappingProxyType({})
) -> None:
    """Print the table of these contenders, after those that are done already."""
    print(f"{'calls, ratios of medians':26}" + "".join(f"{TITLES[name]:>24}" for name in WORKS))
    print(f"{'':26}" + "".join(f"{way:>12}" for _ in WORKS for way in WAYS))
    for place, contender in enumerate([*done, *names]):
        rows = done.get(contender) or compared_apart(contender, base_url, rounds)
        if place == 0:
            print(f"{BY_HAND:26}" + "".join(f"{_micro(rows[name][way]):>12}" for name in WORKS for way in WAYS))
        print(_row(contender, rows), flush=True)


def _micro(cell: Any) -> str:
    return "-" if isinstance(cell, str) else f"{cell[0] * 1e6:.0f} us"


def _row(contender: str, rows: dict[str, Any]) -> str:
    cells = [rows[name][way] for name in WORKS for way in WAYS]
    reasons = sorted({cell for cell in cells if isinstance(cell, str)})
    title = _title(contender)
    if len(reasons) == 1 and all(isinstance(cell, str) for cell in cells):
        return f"{title:26}  {reasons[0]}"
    ratios = "".join(f"{'-' if isinstance(cell, str) else f'{cell[1] / cell[0]:.2f}':>12}" for cell in cells)
    notes = [*([NOTES[contender]] if contender in NOTES else []), *reasons]
    return f"{title:26}{ratios}" + "".join(f"\n    {note}" for note in notes)


def _title(contender: str) -> str:
    distribution = contender.removeprefix("stock ")
    try:
        return f"{contender} {version(distribution)}"
    except PackageNotFoundError:
        return contender


def main() -> None:
    """Print the table; with --contender what one process found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), metavar="NAME")
    parser.add_argument("--contender", help=argparse.SUPPRESS)  # what the child does
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        warnings.simplefilter("ignore")
        json.dump(compared(given.contender, given.url, given.rounds), sys.stdout)
        return
    with loopback() as base_url:
        report(base_url, given.rounds, given.only)


if __name__ == "__main__":
    main()
