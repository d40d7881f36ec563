"""From text to data: YAML 1.2 and JSON."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dynclient.document import parse
from dynclient.errors import DocumentError
from dynclient.sources import load
from dynclient.types import JSON


def contents(text: str | bytes) -> JSON:
    """What stands beside the version in a document."""
    body = text.encode() if isinstance(text, str) else text
    return {key: value for key, value in parse(load(b"openapi: 3.1.0\n" + body)).contents.items() if key != "openapi"}


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("True", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("Null", None),
        ("none", "none"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("1.10", 1.1),
        ("'1.10'", "1.10"),
        ("007", 7),
        ("0x1f", 31),
        ("0o17", 15),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("+12", 12),
        ("-12", -12),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        (".INF", float("inf")),
        ("1.2.3", "1.2.3"),
        ("=", "="),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!bool 'False'", False),
        ("!!timestamp 2024-01-01", "2024-01-01"),
        ("!!binary w6k=", "w6k="),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("99999999999999999999999", 99999999999999999999999),
    ],
)
def test_scalars_of_yaml_12(scalar: str, expected: JSON) -> None:
    """The core schema of YAML 1.2: a Norwegian is no boolean, a time no number, a date no object."""
    value = contents(f"a: {scalar}")["a"]

    assert (type(value), value) == (type(expected), expected)


def test_not_a_number() -> None:
    """The one value that does not equal itself."""
    assert str(contents("a: .nan")["a"]) == "nan"


def test_keys_are_text() -> None:
    """As they are written: status codes, versions, and words that YAML 1.1 took for booleans."""
    assert list(
        contents("{}: 1".format(": 1\n".join(["200", "1.10", "no", "null", "'q'", "2024-01-01", "0x1f", "true"])))
    ) == [
        "200",
        "1.10",
        "no",
        "null",
        "q",
        "2024-01-01",
        "0x1f",
        "true",
    ]


def test_merge_keys() -> None:
    """What is written beside them wins; several are merged, the first first."""
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  y: 5\n  <<: *a\nd:\n  <<: [*a, *b]\n"

    assert contents(text) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "z": 4},
        "c": {"x": 1, "y": 5},
        "d": {"x": 1, "y": 2, "z": 4},
    }


def test_aliases() -> None:
    """The same value twice."""
    assert contents("a: &a [1]\nb: *a\n") == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch executed']",
        "a: !!python/name:os.system",
        "a: !!python/tuple [1]",
        "a: !Ref x",
        "a: !!set {b, c}",
        "a: !!omap [b: 1]",
        "a: !!map [b]",
        "a: !!seq {b: 1}",
        "a: !!str [b]",
        "a: !!bool maybe",
        "a: !!int many",
        "a: !!float much",
        "a: !!null [b]",
        "? [a]\n: b",
        "a: *missing",
        "<<: 5",
        "a: [",
        "a: b: c",
        "a: 'b",
        "\ta: b",
        "a: \x00",
        b"a: \xff",
        "--- \na: 1",
        "a: " + "1" * 5000,
    ],
)
def test_text_that_is_no_document(text: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with it ends in a DocumentError, and nothing in it is carried out."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DocumentError):
        contents(text)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"openapi": "3.1.0"}',
        b"\xef\xbb\xbfopenapi: 3.1.0\n",
        b'\r\n\t {"openapi": "3.1.0"}',
        '{"openapi": "3.1.0"}'.encode("utf-16"),
        "openapi: 3.1.0\n".encode("utf-16"),
        b"{openapi: 3.1.0}",
        b'{"openapi": "3.1.0",}',
        b"# yes\n---\nopenapi: 3.1.0\n...\n",
    ],
)
def test_json_and_yaml_by_their_content(content: bytes) -> None:
    """With or without a byte order mark; flow style that is no JSON is YAML."""
    assert parse(load(content)).contents == {"openapi": "3.1.0"}


def test_json_in_a_file_named_yaml(tmp_path: Path) -> None:
    """The name decides nothing; a tab, which YAML refuses, is fine."""
    path = tmp_path / "api.yaml"
    path.write_text('{\n\t"openapi": "3.1.0"\n}')

    assert parse(load(path)).contents == {"openapi": "3.1.0"}


def test_a_lone_surrogate_in_json() -> None:
    """JSON permits it."""
    assert parse(load('{"openapi": "3.1.0", "a": "\ud800"}')).contents["a"] == "\ud800"


@pytest.mark.parametrize("content", [b"", b"# nothing", b"[]", b"[1, 2]", b"text\n", b"5", b"null"])
def test_no_object_at_the_top(content: bytes) -> None:
    """An OpenAPI document is an object."""
    with pytest.raises(DocumentError, match="its top level must be an object"):
        parse(load(content))


@pytest.mark.parametrize(
    "bomb", ["'[' * 100000", "'{\"a\":' * 100000", "'{a: ' + '[' * 100000", "'- ' * 100000", "'? ' * 100000"]
)
def test_depth_bombs(bomb: str) -> None:
    """A process of its own, for the C loader would end it by a signal."""
    program = (
        "from dynclient.document import parse; from dynclient.sources import load\n"
        f"try: parse(load(({bomb}).encode()))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "DocumentError text: cannot be parsed: it is nested too deeply\n"


def test_a_bomb_that_the_stack_would_bear() -> None:
    """It is refused all the same, before anything is made of it."""
    with pytest.raises(DocumentError, match="it is nested too deeply"):
        contents("a: " + "[" * 15_000 + "]" * 15_000)


def test_many_brackets_are_not_deep() -> None:
    """Text is full of them."""
    assert len(contents("a:\n" + "  - '[[['\n" * 5000)["a"]) == 5000


@pytest.mark.parametrize("running", [True, False])
def test_the_collector_is_as_it_was(running: bool) -> None:
    """Whether it ran or not, and also after an error."""
    before = gc.isenabled()
    try:
        (gc.enable if running else gc.disable)()
        contents("a: b")
        with pytest.raises(DocumentError):
            contents("a: [")
        assert gc.isenabled() is running
    finally:
        (gc.enable if before else gc.disable)()


def test_a_document_as_json_and_as_yaml() -> None:
    """JSON is YAML: both parsers give the same."""
    data: JSON = {"openapi": "3.1.0", "a": [1, 1.5, True, None, "no", "é", {"b": {}}], "200": "2024-01-01"}
    text = json.dumps(data)

    assert parse(load(text)).contents == parse(load(f"# as YAML\n{text}")).contents == data
