"""
Documents made to do harm: each is read in a process of its own, with little time and memory, and does none.

Whoever finds another such document adds a line to a table below. What it must do: load, or end in a DocumentError;
within a second of computing and 100 MB; send nothing to the network; touch no file.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.slow


MEGABYTES = 100
SECONDS = 2  # of computing: twice what is allowed, as a loaded machine computes more slowly

# What was spent before, by the interpreter and the libraries, does not count.
HARNESS = """
import io, pathlib, resource, sys, threading
from dynclient.documents.document import parse
from dynclient.documents.sources import load

root, act, megabytes, seconds, stack = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
content = pathlib.Path("document").read_bytes() if pathlib.Path("document").is_file() else b""
used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
spent = resource.getrusage(resource.RUSAGE_SELF)
resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + 1 + seconds,) * 2)

HARM = {"socket.connect", "socket.getaddrinfo", "os.system", "subprocess.Popen", "os.exec", "os.remove", "os.mkdir"}
MAY_BE_READ = (sys.prefix, sys.base_prefix, root, "document", "/proc/self/", "/dev/zero")

def watch(event, arguments):
    if event in HARM or event == "open" and not str(arguments[0]).startswith(MAY_BE_READ):
        print("HARM", event, arguments)

def run():
    try:
        print("loaded", len(eval(act).contents))
    except Exception as error:
        print(type(error).__name__, str(error)[:300])

sys.addaudithook(watch)
threading.stack_size(stack)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


@dataclass(frozen=True)
class Outcome:
    """What a process said of a document, and its exit status, which is negative where a signal ended it."""

    said: str
    status: int


def read_apart(content: bytes, folder: Path, act: str = "parse(load(content))", stack: int = 0) -> Outcome:
    """
    Read a document in another process, under limits; with `stack`, in a thread of it that has so many bytes.

    `act` is what is done there, with `content`, or with the file `document`; that stays the only one in `folder`.
    """
    path = folder / "document"
    path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HARNESS, ROOT, act, str(MEGABYTES), str(SECONDS), str(stack)],
        cwd=folder,
        # glibc would reserve more than the limit for a thread, and try again at each allocation.
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert list(folder.iterdir()) == [path]
    return Outcome(done.stdout + done.stderr, done.returncode)


HEAD = b"openapi: 3.1.0\npaths: {}\n"


def _laughs(levels: int, width: int) -> bytes:
    """Each level repeats the one before it some times."""
    lines = [f"x0: &x0 [{', '.join(['lol'] * width)}]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, levels)]
    return HEAD + "\n".join(lines).encode()


def _merges(maps: int, parents: int) -> bytes:
    """Each map takes over the members of some before it."""
    lines = [f"m{n}: &m{n} {{k{n}: 1}}" for n in range(parents)]
    for n in range(parents, maps):
        taken = ", ".join(f"*m{n - back}" for back in range(1, parents + 1))
        lines.append(f"m{n}: &m{n} {{<<: [{taken}], k{n}: 1}}")
    return HEAD + "\n".join(lines).encode()


TOO_DEEP = "it is nested too deeply, in more than 200 levels"
NO_YAML = "is neither JSON nor YAML ("
TOO_MUCH = "it holds more than 1000000 values, aliases followed"

# Why each is refused, where the words are ours: newer versions of PyYAML have a limit of depth of their own.
REFUSED: dict[str, tuple[bytes, str]] = {
    "aliases, billion laughs": (_laughs(10, 10), TOO_MUCH),
    "aliases, two at a time": (_laughs(60, 2), TOO_MUCH),
    "aliases of a long text": (HEAD + b"x: &x " + b"a" * 10**6 + b"\ny: [" + b"*x, " * 10**5 + b"]", TOO_MUCH),
    "aliases of a long key": (
        HEAD + b"x: &x\n  ? " + b"a" * 10**6 + b"\n  : 1\ny: [" + b"*x, " * 10**5 + b"]",
        TOO_MUCH,
    ),
    "aliases as long keys": (HEAD + b"? &x " + b"a" * 10**6 + b"\n: 1\ny: [" + b"{*x : 1}, " * 10**4 + b"]", TOO_MUCH),
    "aliases in a chain": (
        HEAD + b"x0: &x0 []\n" + b"".join(b"x%d: &x%d [*x%d]\n" % (n, n, n - 1) for n in range(1, 10_000)),
        TOO_DEEP,
    ),
    "alias of itself": (HEAD + b"x: &x [*x]", "the alias 'x' is inside what it repeats"),
    "merge keys": (_merges(60, 10), TOO_MUCH),
    "merge keys of a large map": (
        HEAD
        + b"x: &x {"
        + b", ".join(b"k%d: 1" % n for n in range(20_000))
        + b"}\n"
        + b"".join(b"y%d: {<<: *x}\n" % n for n in range(1000)),
        TOO_MUCH,
    ),
    "depth of [": (b"[" * 100_000, TOO_DEEP),
    "depth of [ below a key": (b"openapi: " + b"[" * 100_000, ""),
    "depth of {": (b'{"a":' * 100_000, TOO_DEEP),
    "depth of { with names of YAML": (b"{a: " * 100_000, TOO_DEEP),
    "depth of blocks": (b"- " * 100_000, TOO_DEEP),
    "depth of lines": (b"".join(b" " * n + b"a:\n" for n in range(3000)), TOO_DEEP),
    "depth of keys": (b"? " * 100_000, "a key must be a scalar"),
    "depth hidden by strings": (b'["]",' * 100_000, TOO_DEEP),
    "depth hidden by escapes": (rb'["\"]\\",' * 100_000, TOO_DEEP),
    "depth that thread stacks do not bear": (b"[" * 3000 + b"]" * 3000, TOO_DEEP),
    "many empty documents": (b"---\n" * 1_000_000, "a second document begins; one file holds one"),
    "many empty lists": (b"[" + b"[]," * 5_000_000 + b"[]]", TOO_MUCH),
    "many brackets in strings": (b"[" + b'"[",' * 3_000_000 + b'""]', TOO_MUCH),
    "many empty items": (HEAD + b"a: [" + b"," * 10 + b"]", NO_YAML),
    "a large integer": (HEAD + b"a: " + b"9" * 1_000_000, "an integer of 1000000 digits"),
    "a large hexadecimal integer": (HEAD + b"a: 0x" + b"f" * 1_000_000, "an integer of 1000002 digits"),
    "a large integer in JSON": (b'{"a": ' + b"9" * 1_000_000 + b"}", "an integer of 1000000 digits"),
    "tags of Python": (HEAD + b"a: !!python/object/apply:os.system ['touch harm']", "python/object/apply:os.system"),
    "tags of Python on a key": (HEAD + b"!!python/object/new:os.mkdir harm: a", "python/object/new:os.mkdir"),
    "tags of a name's own": (b"%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system x", "python/name:os.system"),
    "gzip of zeros": (gzip.compress(bytes(100 * 2**20)), "is larger than 32 MiB"),
    "33 MiB": (HEAD + b"a: " + b"x" * (33 * 2**20), "is larger than 32 MiB"),
    "binary": (bytes(range(256)) * 4096, NO_YAML),
    "zeros": (bytes(2**20), "is binary data"),
    "HTML of comments": (b"<!---->" * 4000 + b"<p>", "its top level must be an object"),
    "HTML that has no end": (b"<html>" + b"<title" * 100_000 + b'href="' * 100_000, "is an HTML page"),
}

_A = b"{$ref: '#/components/schemas/A%d'}"

HARMLESS: dict[str, bytes] = {
    "a long text": HEAD + b"a: " + b"x" * (10 * 2**20),
    "a long text in JSON": b'{"openapi": "3.1.0", "paths": {}, "a": "' + b"x" * (10 * 2**20) + b'"}',
    "thousands of anchors": HEAD + b"".join(b"x%d: &x%d {a: 1}\ny%d: *x%d\n" % (n, n, n, n) for n in range(5000)),
    "a few levels of aliases": _laughs(4, 10),
    "duplicate keys": HEAD + b"paths: {}\n" * 20_000,
    "duplicate keys in JSON": b'{"openapi": "3.1.0"' + b', "paths": {}' * 50_000 + b"}",
    "a text of brackets": b'{"openapi": "3.1.0", "paths": {}, "a": "' + b"[{" * 100_000 + b'"}',
    "schemas in a circle": HEAD
    + b"components: {schemas: {A: {$ref: '#/components/schemas/A'}, B: {allOf: [{$ref: '#/components/schemas/C'}]}, "
    + b"C: {$ref: '#/components/schemas/B'}}}",
    "patterns that take for ever": HEAD
    + b"components: {schemas: {A: {pattern: '^(a+)+$'}, B: {pattern: '(.*)*\\\\1'}}}",
    "unions that double": HEAD
    + b"components:\n  schemas:\n    A0: {type: string}\n"
    + b"".join(b"    A%d: {anyOf: [%s, %s]}\n" % (n, _A % (n - 1), _A % (n - 1)) for n in range(1, 40)),
    "names of Python": HEAD
    + b"paths: {/a: {get: {operationId: __class__}}, /b: {get: {operationId: __reduce__}}, "
    + b"/c: {get: {operationId: \"'); import os; os.system('touch x') #\"}}}",
    "names for a terminal": b'{"openapi": "3.1.0", "info": {"title": "\\u001b]8;;http://a.test\\u0007", '
    b'"version": "\\u202e"}, "paths": {"/a": {"get": {"operationId": "\\u001b[2J"}}}}',
    "paths of other hosts": HEAD
    + b"paths: {'@a.test/x': {get: {}}, ':80@a.test/': {get: {}}, '//a.test/x': {get: {}}, 'https://a.test/': {}}",
    "references to elsewhere": HEAD + b"a: {$ref: 'http://169.254.169.254/latest/meta-data'}\nb: {$ref: /etc/passwd}\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path) -> None:
    """It ends in a DocumentError that says why."""
    content, reason = REFUSED[name]
    outcome = read_apart(content, tmp_path)

    assert outcome.said.startswith("DocumentError text: "), outcome
    assert reason in outcome.said
    assert outcome.status == 0
    assert "HARM" not in outcome.said


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless(name: str, tmp_path: Path) -> None:
    """It loads."""
    outcome = read_apart(HARMLESS[name], tmp_path)

    assert outcome.said.startswith("loaded "), outcome
    assert outcome.status == 0
    assert "HARM" not in outcome.said


@pytest.mark.parametrize("name", [name for name in REFUSED if name.startswith("depth")])
def test_depth_in_a_thread_with_a_small_stack(name: str, tmp_path: Path) -> None:
    """Such as those of musl, or of a program that Python is embedded in."""
    content, reason = REFUSED[name]

    assert reason in read_apart(content, tmp_path, stack=512 * 1024).said


def test_the_deepest_in_a_thread_with_a_small_stack(tmp_path: Path) -> None:
    """What is not refused is read there too."""
    inner = b'{"a":' * 197 + b"1" + b"}" * 197
    for content in (b'{"openapi": "3.1.0", "paths": {}, "a": ' + inner + b"}", HEAD + b"a: " + inner):
        assert read_apart(content, tmp_path, stack=512 * 1024) == Outcome("loaded 3\n", 0)


@pytest.mark.parametrize("act", ["parse(load('document'))", "parse(load(io.BytesIO(content)))"])
@pytest.mark.parametrize("name", ["33 MiB", "gzip of zeros", "aliases, billion laughs"])
def test_from_other_sources(name: str, act: str, tmp_path: Path) -> None:
    """The limits hold however a document arrives."""
    content, reason = REFUSED[name]
    outcome = read_apart(content, tmp_path, act)

    assert outcome.said.startswith("DocumentError ")
    assert reason in outcome.said


def test_an_endless_file(tmp_path: Path) -> None:
    """A device is read to the limit and no further."""
    assert read_apart(b"", tmp_path, "parse(load('/dev/zero'))") == Outcome(
        "DocumentError /dev/zero: is larger than 32 MiB; max_document_size= permits more\n", 0
    )


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("bytearray(300 * 2**20)", "MemoryError"),
        ("open('/etc/hostname').close()", "HARM open"),
        ("__import__('socket').create_connection(('127.0.0.1', 9))", "HARM socket.connect"),
        ("__import__('os').system('true')", "HARM os.system"),
    ],
)
def test_harm_is_noticed(act: str, said: str, tmp_path: Path) -> None:
    """The harness tells what it is there for."""
    outcome = read_apart(b"", tmp_path, act)

    assert said in outcome.said


def test_too_much_computing_is_noticed(tmp_path: Path) -> None:
    """The system ends the process by a signal."""
    assert read_apart(b"", tmp_path, "any(iter(int, 1))").status < 0
