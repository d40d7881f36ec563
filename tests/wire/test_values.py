"""Python values as JSON data, JSON text and files."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import gzip
import io
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from dynclient.types import JSON, UNSET
from dynclient.wire.files import File, as_file, file_type, is_file
from dynclient.wire.json_text import encode_json
from dynclient.wire.unwritable import Unwritable
from dynclient.wire.values import plain, unfolded


class Color(str, enum.Enum):  # noqa: UP042  # as published code has it
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Shade(enum.Enum):
    DARK = "dark"
    PAIR = (1, 2)


class Word(str):
    __slots__ = ()


class Ratio(float):
    pass


@dataclasses.dataclass
class Point:
    x: int
    labels: tuple[str, ...] = ()


Pair = collections.namedtuple("Pair", ["a", "b"])

scalars = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
json_data = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def holding_itself() -> JSON:
    value: dict[str, Any] = {"a": [1]}
    value["a"].append(value)
    return value


WRITTEN = [
    (None, None),
    (True, True),
    (42, 42),
    (1.5, 1.5),
    ("café ☃ 😀", "café ☃ 😀"),
    ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
    (Color.RED, "red"),
    (Level.HIGH, 3),
    (Shade.DARK, "dark"),
    (Shade.PAIR, [1, 2]),
    ({Color.RED: Color.RED, Shade.DARK: 1, Word("w"): Word("w")}, {"red": "red", "dark": 1, "w": "w"}),
    (Ratio(0.5), 0.5),
    ((1, "b"), [1, "b"]),
    (Pair(1, 2), [1, 2]),
    ({3, 1, 2}, [1, 2, 3]),
    (frozenset({"b", "a"}), ["a", "b"]),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.UserDict(a=(1,)), {"a": [1]}),
    (collections.ChainMap({"b": 2}, {"a": 1}), {"a": 1, "b": 2}),
    (Point(1, ("a",)), {"x": 1, "labels": ["a"]}),
    (datetime.date(2024, 5, 1), "2024-05-01"),
    (datetime.time(8, 30), "08:30:00"),
    (datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC), "2024-05-01T12:00:00Z"),
    (datetime.datetime(2024, 5, 1, 12, 0, 0, 5, ZoneInfo("Europe/Rome")), "2024-05-01T12:00:00.000005+02:00"),
    (datetime.datetime(1800, 1, 1, tzinfo=ZoneInfo("Europe/Rome")), "1799-12-31T23:10:04Z"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (pathlib.PurePosixPath("a/b.txt"), "a/b.txt"),
    (decimal.Decimal("42.00"), 42),
    (decimal.Decimal("1E+3"), 1000),
    (decimal.Decimal("-1.10"), -1.1),
]

REFUSED = [
    (float("nan"), "", "nan is not a JSON number"),
    (float("-inf"), "", "-inf is not a JSON number"),
    (decimal.Decimal("NaN"), "", "NaN is not a JSON number"),
    (decimal.Decimal("1E+999999999"), "", "the number has more than 4200 digits"),
    (decimal.Decimal("0.12345678901234567890"), "", "more digits than a float holds"),
    (decimal.Decimal("1E-400"), "", "more digits than a float holds"),
    pytest.param(10**5000, "", "the number has more than 4200 digits", id="digits"),  # of which pytest makes no name
    (fractions.Fraction(1, 3), "", "type fractions.Fraction"),
    (1j, "", "type complex"),
    (object(), "", "type object"),
    (Point, "", "type type"),
    (range(3), "", "type range"),
    (UNSET, "", "UNSET means not given"),
    ({"a": [1, UNSET]}, "/a/1", "UNSET means not given"),
    (datetime.datetime(2024, 5, 1), "", "a datetime needs a timezone"),
    ("\ud800", "", "lone surrogate"),
    ({"\ud800": 1}, "", "lone surrogate"),
    ({1: "a"}, "", "a key must be text, not int: 1"),
    ({1: 2, "1": 3}, "", "a key must be text, not int: 1"),
    ({None: 1}, "", "a key must be text, not NoneType: None"),
    ({Shade.DARK: 1, "dark": 2}, "", "two keys are both written 'dark'"),
    ({"a/b": [{"c~d": float("inf")}]}, "/a~1b/0/c~0d", "inf is not a JSON number"),
    (b"raw", "", "a file or bytes"),
    ({"f": io.BytesIO()}, "/f", "a file or bytes"),
    (holding_itself(), "/a/1", "the value holds itself"),
    (nested(101), "/0" * 100, "nested more than 100 deep"),
]


@pytest.mark.parametrize(("value", "expected"), WRITTEN)
def test_plain_gives_json_data(value: JSON, expected: JSON) -> None:
    """A value of Python becomes the JSON data that says the same."""
    written = plain(value)

    assert (written, json.dumps(written)) == (expected, json.dumps(expected))


@pytest.mark.parametrize(("value", "expected"), WRITTEN)
def test_encode_json_gives_the_bytes_and_what_they_mean(value: JSON, expected: JSON) -> None:
    """The text is compact UTF-8 and the data is what it holds."""
    body, data = encode_json(value)

    assert (body, data) == (json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode(), expected)


@pytest.mark.parametrize("write", [plain, encode_json])
@pytest.mark.parametrize(("value", "pointer", "message"), REFUSED)
def test_what_has_no_json_form_is_refused(
    write: Callable[[JSON], JSON], value: JSON, pointer: str, message: str
) -> None:
    """The error says where the fault is and what it is."""
    with pytest.raises(Unwritable, match=message) as caught:
        write(value)

    assert caught.value.pointer == pointer


@given(json_data)
def test_plain_data_stays_as_it_is(value: JSON) -> None:
    """JSON data is already plain."""
    assert plain(value) == value


@given(json_data)
def test_what_is_encoded_reads_back(value: JSON) -> None:
    """The bytes mean the value, and the data is what they mean."""
    body, data = encode_json(value)

    assert (json.loads(body), data) == (value, value)


@dataclasses.dataclass
class Asked:
    """What a schema asks of every part of a value."""

    types: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    nullable: bool = False

    def item(self, index: int) -> Asked:
        return self

    def member(self, key: str) -> Asked:
        return self


def asked(*names: str) -> Asked:
    types = frozenset(names) & {"string", "number", "integer"}
    return Asked(types, frozenset(names) - types)


NOON = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("names", "value", "expected"),
    [
        (["integer"], 42.0, 42),
        (["integer"], 1e22, 10**22),
        (["integer"], 1.5, 1.5),
        (["integer", "number"], 42.0, 42.0),
        (["number"], 42.0, 42.0),
        (["string"], decimal.Decimal("1.10"), "1.10"),
        (["string"], decimal.Decimal("1E+3"), "1000"),
        (["string"], decimal.Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (["string", "number"], decimal.Decimal("1.10"), 1.1),
        ([], decimal.Decimal("1.10"), 1.1),
        (["string", "date"], NOON, "2024-05-01"),
        (["string", "date"], NOON.replace(tzinfo=None), "2024-05-01"),
        (["string", "date", "date-time"], NOON, "2024-05-01T12:00:00Z"),
        (["string", "date-time"], NOON, "2024-05-01T12:00:00Z"),
        (["string", "byte"], b"\xff\xfe", "//4="),
        (["string", "base64"], bytearray(b"\xff\xfe"), "//4="),
        (["string", "base64url"], memoryview(b"\xff\xfe"), "__4="),
        (["string", "binary"], "é".encode(), "é"),
        (["string"], Shade.DARK, "dark"),
        (["string", "byte"], [b"a", {"k": (b"b",)}], ["YQ==", {"k": ["Yg=="]}]),
        (["string"], {decimal.Decimal("1.10")}, ["1.10"]),
        (["string", "byte"], Point(1, (b"a",)), {"x": 1, "labels": ["YQ=="]}),  # type: ignore[arg-type]
    ],
)
def test_values_as_their_schema_wants_them(names: list[str], value: JSON, expected: JSON) -> None:
    """Where a value has several forms, types and formats choose; in members too."""
    written = plain(value, shape=asked(*names))

    assert (written, json.dumps(written)) == (expected, json.dumps(expected))


@pytest.mark.parametrize(
    ("names", "value", "message"),
    [
        (["string"], decimal.Decimal("NaN"), "NaN is not a JSON number"),
        (["string"], decimal.Decimal("1E+999999999"), "the number has more than 4200 digits"),
        (["string"], decimal.Decimal("1E-999999999"), "the number has more than 4200 digits"),
        (["string"], b"a", "a file or bytes cannot stand here"),
        (["string", "binary"], b"\xff", "bytes that aren't UTF-8 text cannot be used here"),
        (["string", "date-time"], NOON.replace(tzinfo=None), "a datetime needs a timezone"),
    ],
)
def test_what_no_schema_helps_to_write(names: list[str], value: JSON, message: str) -> None:
    """Likewise refused."""
    with pytest.raises(Unwritable, match=message):
        plain(value, shape=asked(*names))


def test_json_text_as_its_schema_wants_it() -> None:
    """The same in a body."""
    assert encode_json({"data": b"a"}, asked("string", "byte")) == (b'{"data":"YQ=="}', {"data": "YQ=="})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.timedelta(0), "PT0S"),
        (datetime.timedelta(days=400), "P400D"),
        (datetime.timedelta(hours=25, minutes=1, seconds=1.25), "P1DT1H1M1.25S"),
        (datetime.timedelta(microseconds=1), "PT0.000001S"),
        (datetime.timedelta(minutes=90), "PT1H30M"),
    ],
)
def test_durations(value: datetime.timedelta, expected: str) -> None:
    """As RFC 3339, appendix A has them, without parts that are nothing."""
    assert plain(value) == expected


def test_durations_before_their_beginning() -> None:
    """There is no text for one."""
    with pytest.raises(Unwritable, match="a duration cannot be negative"):
        plain(datetime.timedelta(seconds=-1))


def test_iterators_are_read() -> None:
    """An iterator is a list of what it gives."""
    assert plain({"a": itertools.chain([1], [2]), "b": (n * n for n in range(3))}) == {"a": [1, 2], "b": [0, 1, 4]}


def test_sets_that_cannot_be_sorted_keep_their_items() -> None:
    """Items of several types have no order."""
    assert sorted(plain({1, "a"}), key=str) == [1, "a"]


def test_containers_are_copied() -> None:
    """Later changes of the caller's data do not reach what is sent."""
    value = {"a": [1]}
    kept, (_, data) = plain(value), encode_json(value)
    value["a"].append(2)

    assert (kept, data) == ({"a": [1]}, {"a": [1]})


def test_nesting_of_100_is_written() -> None:
    """The limit of depth is the last depth allowed."""
    value = nested(100)

    assert (plain(value), encode_json(value)) == (value, (b"[" * 100 + b"]" * 100, value))


def test_many_brackets_are_not_depth() -> None:
    """Wide data and text full of brackets are not deep."""
    value = {"text": "[" * 200, "wide": [[] for _ in range(200)]}

    assert encode_json(value)[1] == value


def test_files_stay_where_they_are_welcome() -> None:
    """With `files`, files are leaves, and paths are files."""
    handle = io.BytesIO(b"x")
    value = {"a": [b"x", handle, ("n.txt", b"x")], "p": pathlib.Path("x"), "n": (1, 2)}

    assert plain(value, files=True) == {**value, "n": [1, 2]}


def test_unwritable_is_reported_with_its_place() -> None:
    """The error's text has the pointer, where there is one."""
    error = Unwritable("is wrong")

    assert (str(error), str(error.inside("a/b"))) == ("is wrong", "/a~1b: is wrong")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"", True),
        (bytearray(), True),
        (memoryview(b""), True),
        (pathlib.Path("x"), True),
        (io.BytesIO(), True),
        (io.StringIO(), True),
        (("a.txt", b""), True),
        ((None, b""), True),
        (("a.txt", pathlib.Path("x"), "text/plain"), True),
        (("a.txt", "text", "text/plain"), True),
        (("a", "b"), False),
        (("a", "b", "c"), False),
        (("a", b"", 1), False),
        ((1, b""), False),
        (("a", b"", "b/c", {"X-A": "1"}), True),
        (("a", iter([b""])), True),
        (("a", b"", "b/c", 4), False),
        (("a", b"", "b/c", {}, 5), False),
        (iter([b""]), False),
        ((), False),
        ("x.txt", False),
        (["a", b""], False),
        (None, False),
        (1, False),
    ],
)
def test_files_are_distinguished_from_data(value: object, expected: bool) -> None:
    """A tuple of words is a list of words; with a content type, text is a file's content."""
    assert is_file(value) is expected


def test_a_path_is_not_opened() -> None:
    """It has a base name and the type that the name tells; whether it is there is seen when the body is made."""
    path = pathlib.Path("/nowhere/photo.png")

    assert as_file(path) == File("photo.png", path, "image/png")


def test_an_open_file_is_taken_as_it_is(tmp_path: pathlib.Path) -> None:
    """An open file keeps its position, and is not closed."""
    path = tmp_path / "a.json"
    path.write_bytes(b"12345")
    with path.open("rb") as handle:
        handle.seek(2)
        file = as_file(handle)

        assert (file, handle.read()) == (File("a.json", handle, "application/json"), b"345")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"x", File(None, b"x", "application/octet-stream")),
        (bytearray(b"x"), File(None, b"x", "application/octet-stream")),
        (memoryview(b"x"), File(None, b"x", "application/octet-stream")),
        (("a.txt", b"x"), File("a.txt", b"x", "text/plain")),
        (("a.txt", b"x", "a/b"), File("a.txt", b"x", "a/b")),
        (("a.csv", "é", "text/csv"), File("a.csv", "é".encode(), "text/csv")),
        (("a.csv", b"x", None, {"X-A": "1"}), File("a.csv", b"x", "text/csv", {"X-A": "1"})),
        ((None, b"x"), File(None, b"x", "application/octet-stream")),
        (("s/a.py", b"x", "a/b"), File("s/a.py", b"x", "a/b")),
        (('we"ird\\n.png', b"x"), File('we"ird\\n.png', b"x", "image/png")),
        (("logs.txt.gz", b"x"), File("logs.txt.gz", b"x", "application/octet-stream")),
        (("a\udcff.txt", b"x"), File("a\ufffd.txt", b"x", "text/plain")),
    ],
)
def test_the_file_that_a_value_stands_for(value: JSON, expected: File) -> None:
    """A name is kept as it is given, and the type is guessed from it unless that is given too."""
    assert (as_file(value), file_type(value)) == (expected, expected.content_type)


def test_files_without_a_usable_name_have_none() -> None:
    """A temporary file is named by a number, a stream by something in brackets."""
    with tempfile.TemporaryFile() as unnamed:
        stream = io.BytesIO()
        stream.name = "<stdin>"

        assert [as_file(unnamed).name, as_file(stream).name] == [None, None]


def test_compressed_files_are_binary(tmp_path: pathlib.Path) -> None:
    """What gzip opens gives bytes, though its mode is a number."""
    with gzip.open(tmp_path / "a.gz", "wb") as target:
        target.write(b"x")
    with gzip.open(tmp_path / "a.gz", "rb") as handle:
        assert as_file(handle).content is handle


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("x.txt", r"text is not a file: give Path\('x.txt'\), a file opened with \"rb\", bytes"),
        (1, "a value of type int is not a file"),
        (["a"], "a value of type list is not a file"),
        (io.StringIO("x"), 'opened as text.*open it with "rb"'),
        (("a.txt", "\ud800", "text/plain"), "lone surrogate"),
    ],
)
def test_what_is_no_file_is_refused(value: JSON, message: str) -> None:
    """The error says what to give instead."""
    with pytest.raises(Unwritable, match=message):
        as_file(value)


def test_wrapped_text_files_are_refused() -> None:
    """A temporary text file is not of io's text class, and still gives text."""
    with tempfile.NamedTemporaryFile("w") as handle, pytest.raises(Unwritable, match="opened as text"):
        as_file(handle)


@dataclasses.dataclass
class Plant:
    name: str
    born_in: int | None = dataclasses.field(default=None, metadata={"alias": "bornIn"})
    parts: list[Plant] = dataclasses.field(default_factory=list)


def models(kind: str) -> tuple[Any, Any]:
    """A class of a kind with the fields of Plant, and how its alias is given."""
    if kind == "dataclass":
        return Plant, "born_in"
    if kind == "attrs":
        attrs = pytest.importorskip("attrs")

        @attrs.define
        class Tree:
            name: str
            born_in: int | None = attrs.field(default=None, alias="bornIn")
            parts: list[Any] = attrs.Factory(list)

        return Tree, "bornIn"
    pydantic = pytest.importorskip("pydantic")
    if kind == "pydantic dataclass":

        @pydantic.dataclasses.dataclass
        class Herb:
            name: str
            born_in: int | None = pydantic.Field(default=None, alias="bornIn")
            parts: list[Any] = dataclasses.field(default_factory=list)

        return Herb, "bornIn"
    fields = {"name": (str, ...), "born_in": (int | None, pydantic.Field(default=None, alias="bornIn"))}
    return pydantic.create_model("Bush", **fields, parts=(list[Any], [])), "bornIn"


KINDS = ["dataclass", "attrs", "pydantic", "pydantic dataclass"]


@pytest.mark.parametrize("kind", KINDS)
def test_classes_by_their_fields_and_aliases(kind: str) -> None:
    """Inside one another too; without a schema, None is null."""
    model, alias = models(kind)
    whole = model(name="a", **{alias: 2020}, parts=[model(name="b")])
    expected = {
        "name": "a",
        "bornIn": 2020,
        "parts": [{"name": "b", "bornIn": None, "parts": []}],
    }

    assert plain(whole) == expected
    assert encode_json([whole])[1] == [expected]
    assert unfolded(whole).keys() == expected.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("nullable", "expected"), [(False, {"parts"}), (True, {"parts", "bornIn"})])
def test_fields_that_are_none(kind: str, nullable: bool, expected: set[str]) -> None:
    """A class has no other way to leave one out, so that it is left out where null is not permitted."""
    model, _ = models(kind)
    shape = Asked(frozenset({"string"}), nullable=nullable)

    (inner,) = plain(model(name="a", parts=[model(name="b")]), shape=shape)["parts"]

    assert inner.keys() == {"name", *expected}


def test_models_with_a_serializer_of_their_own() -> None:
    """A model says itself what it stands for, be it an object or not; what it keeps secret is not written."""
    pydantic = pytest.importorskip("pydantic")
    root = pydantic.RootModel[list[int]]([1, 2])
    secret = pydantic.create_model("Login", password=(pydantic.SecretStr, ...))(password="x")

    assert plain({"a": root}) == {"a": [1, 2]}
    with pytest.raises(Unwritable, match=r"/password: a value of type pydantic\.types\.SecretStr cannot be written"):
        plain(secret)


def test_numpy() -> None:
    """Scalars and arrays are the numbers, texts and moments that they hold; NaN and NaT are to be left out."""
    np = pytest.importorskip("numpy")
    values = [np.int64(5), np.uint8(5), np.float32(0.5), np.float64(5.5), np.bool_(True), np.str_("a")]

    assert [(each, type(each)) for each in plain(values)] == [
        (each, type(each)) for each in (5, 5, 0.5, 5.5, True, "a")
    ]
    assert encode_json({"a": np.arange(3), "b": np.array([[1.5]])})[1] == {"a": [0, 1, 2], "b": [[1.5]]}
    assert plain(np.datetime64("2024-05-01")) == "2024-05-01"
    for odd in (np.float64("nan"), np.float32("inf"), np.datetime64("NaT"), np.timedelta64("NaT"), np.array([np.nan])):
        with pytest.raises(Unwritable, match="leave it out"):
            plain(odd)
    for unit in ("s", "ns"):
        with pytest.raises(Unwritable, match="a datetime needs a timezone"):
            plain(np.datetime64("2024-05-01T12:00:00", unit))


@pytest.mark.filterwarnings("ignore")
def test_pandas() -> None:
    """A Timestamp is a datetime, with its timezone; what is not available is to be left out."""
    pd = pytest.importorskip("pandas")
    noon = pd.Timestamp("2024-05-01T12:00:00Z")

    assert plain(noon) == "2024-05-01T12:00:00Z"
    assert plain(noon, shape=asked("string", "date")) == "2024-05-01"
    assert plain(pd.Timedelta(hours=1)) == "PT1H"
    for odd in (pd.NaT, pd.NA, float("nan")):
        with pytest.raises(Unwritable, match=r"/a: .* leave it out"):
            plain({"a": odd}, shape=asked("string", "date"))


def test_what_is_known_by_its_module_is_not_imported() -> None:
    """Nobody pays for a library that is not used."""
    code = """
import sys
from dynclient.wire.values import plain
plain({"a": [1, 2.5, None, "x"], "b": (1,)})
assert not {"attr", "attrs", "numpy", "pandas", "pydantic"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["string", "http-date"], "Wed, 01 May 2024 12:00:00 GMT"),
        (["string", "date-time-rfc1123"], "Wed, 01 May 2024 12:00:00 GMT"),
        (["string", "date-time", "http-date"], "2024-05-01T14:00:00+02:00"),
    ],
)
def test_registered_formats_of_moments(names: list[str], expected: str) -> None:
    """Written as their format has it."""
    noon = datetime.datetime(2024, 5, 1, 14, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))

    assert plain(noon, shape=asked(*names)) == expected
    with pytest.raises(Unwritable, match="needs a timezone"):
        plain(noon.replace(tzinfo=None), shape=asked(*names))


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"n": 5.0}, b'{"n":5}'), ([5.0, 2.5, 1e16], b"[5,2.5,10000000000000000]"), (-0.0, b"0"), ("5.0", b'"5.0"')],
)
def test_whole_floats_for_integers_in_json(value: JSON, expected: bytes) -> None:
    """As in every other place."""
    assert encode_json(value, asked("integer"))[0] == expected
