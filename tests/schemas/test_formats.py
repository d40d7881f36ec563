"""The formats that are checked."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given, strategies

from dynclient.schemas.formats import FORMATS, Check, table_of
from dynclient.types import JSON

GOOD: dict[str, list[JSON]] = {
    "base64url": ["", "-_8", "-_8=", "AA=="],
    "byte": ["", "w6k=", "AAAA"],
    "date": ["2024-02-29", "0001-01-01"],
    "date-time": [
        "2024-01-01T00:00:00Z",
        "2024-01-01t23:59:59.123456789+02:00",
        "2024-01-01 00:00:00z",
        "1990-12-31T23:59:60Z",
    ],
    "duration": ["P1W", "P1Y2M3DT4H5M6S", "PT0S", "PT1.5S", "P1Y2D", "P1DT2H"],
    "email": ["a@b", "é.x+y@b.test"],
    "hostname": ["localhost", "a-b.example.com", "example.com.", "1.2.3"],
    "idn-email": ["é@bücher.test"],
    "idn-hostname": ["bücher.test", "a.b", "例え。テスト", "भारत.test"],
    "int16": [2**15 - 1, -(2**15)],
    "int32": [0, -(2**31), 2**31 - 1, 1.5, True],
    "int64": [0, -(2**63), 2**63 - 1],
    "int8": [127, -128],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1", "2001:db8::ff00:42:8329"],
    "iri": ["https://é.test/ü?ß#à", "urn:é"],
    "iri-reference": ["é", "//é.test", "https://é.test", ""],
    "json-pointer": ["", "/", "/a~0b~1c/0", "/é"],
    "regex": [r"^\p{L}(?<a>b)\k<a>$", r"^\p{Script=Latin}$", "(" * 10_001],
    "relative-json-pointer": ["0", "1/a", "2#", "10/"],
    "time": ["00:00:00Z", "23:59:60Z", "12:30:00.5+01:00", "12:30:00.123456789-01:00"],
    "uint16": [0, 2**16 - 1],
    "uint32": [0, 2**32 - 1],
    "uint64": [0, 2**64 - 1],
    "uint8": [0, 255, 1.5],
    "uri": ["https://a.test/b?c#d", "urn:isbn:0451450523", "mailto:a@b", "https://[::1]:80/a%20b?c[d]=(e)", "a:"],
    "uri-reference": ["", "#a", "a/b:c", "../a?b", "//a.test", "https://a.test", "/a:b", "?a:b"],
    "uri-template": ["", "https://a.test/{id}{?a,b*}{#c:3}", "{+a.b%20}/é", "{&c}"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
}
BAD: dict[str, list[JSON]] = {
    "base64url": ["A", "+/8=", "é", "AA==="],
    "byte": ["été", "w6k", "a b=", "====", "-_8="],
    "date": ["2023-02-29", "2024-1-1", "20240101", "2024-01-01\n", "٢٠٢٤-01-01", "2024-W01-1"],
    "date-time": [
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T24:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-01T00:00:61Z",
    ],
    "duration": ["", "P", "PT", "1D", "P1", "P1S", "PT1D", "P1W2D", "P1DT", "-P1D", "P1D\n", "P٣D", "PT1.5M"],
    "email": ["a", "@b", "a@", "a b@c", "a@b@c"],
    "hostname": ["", "-a", "a-", "a..b", "a_b", "a" * 64, ".".join(["a" * 50] * 6), "é.test"],
    "idn-email": ["é", "a b@c"],
    "idn-hostname": ["", "a b", "-é", "é-", "a..é", "é" * 64],
    "int16": [2**15, -(2**15) - 1],
    "int32": [2**31, -(2**31) - 1, 1e10],
    "int64": [2**63],
    "int8": [128, -129],
    "ipv4": ["1.2.3", "256.0.0.1", "01.2.3.4", "::1", "1.2.3.4\n"],
    "ipv6": ["1.2.3.4", "::g", "fe80::1%eth0"],
    "iri": ["é", "https://a b", "https://a\x85"],
    "iri-reference": ["a b", "1:é", "\\a"],
    "json-pointer": ["a", "/~", "/~2", "#/a"],
    "regex": ["(", "a**", "[z-a]"],
    "relative-json-pointer": ["", "/a", "01", "-1", "0#/a", "0a"],
    "time": ["00:00:00", "25:00:00Z", "12:30Z", "12:30:00+25:00", "12:30:00Z\n"],
    "uri": ["a/b", "//a.test", "https://a b", "", "1:a", "https://é.test", "a:%zz", "a:#b#c", "a:{b}"],
    "uint16": [-1, 2**16],
    "uint32": [-1, 2**32],
    "uint64": [-1, 2**64],
    "uint8": [-1, 256, 256.5],
    "uri-reference": ["1:a", ":a", "é", "a b", "a%", "#a#b", "\\\\a"],
    "uri-template": ["{", "{}", "{a", "a}", "{a,}", "{a:0}", "{a:10000}", "a b", "%zz", "{^a}"],
    "uuid": [
        "123e4567e89b12d3a456426614174000",
        "123e4567-e89b-12d3-a456-42661417400g",
        "123e4567-e89b-12d3-a456-426614174000\n",
    ],
}


def test_the_table_is_fixed() -> None:
    """Whatever else is installed, these and no others are checked."""
    assert set(FORMATS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_good_values(name: str, value: JSON) -> None:
    """What the format's own standard permits."""
    assert FORMATS[name](value) is True


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_values(name: str, value: JSON) -> None:
    """What it does not."""
    assert FORMATS[name](value) is False


@pytest.mark.parametrize("name", FORMATS)
def test_values_of_another_type(name: str) -> None:
    """A format says nothing about them (JSON Schema 2020-12 §7.1)."""
    others: list[JSON] = [None, [], {}, *(["text"] if "int" in name and "pointer" not in name else [5, 1.5])]

    assert [FORMATS[name](value) for value in others] == [True] * len(others)


@pytest.mark.parametrize("name", FORMATS)
@given(strategies.text())
def test_no_text_is_too_odd(name: str, text: str) -> None:
    """Each check answers; none raises."""
    assert FORMATS[name](text) in (True, False)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("piece", ["a", "a.", "1", ":", "%41", "P1D", "/a", "{a}", "-"])
def test_long_texts(name: str, piece: str) -> None:
    """None takes longer than its length explains: this test would not end."""
    assert FORMATS[name](piece * 100_000 + "\n") in (True, False)


def test_a_table_with_changes() -> None:
    """A function, a pattern for texts, or None for a format that is not checked; the rest stays."""
    changes: dict[str, Check | str | None] = {"code": r"^\p{Lu}$", "uri": None, "uuid": uuid.UUID, "other": None}
    table = table_of({**changes, "even": lambda value: value % 2 == 0})

    assert table.keys() == (FORMATS.keys() | {"even", "code"}) - {"uri"}
    assert [table["even"](2), table["even"](3)] == [True, False]
    assert [table["code"]("É"), table["code"]("é"), table["code"](5)] == [True, False, True]
    assert [table["uuid"]("0" * 32), table["uuid"]("0")] == [True, False]
    assert table["date"] is FORMATS["date"]


def test_a_check_that_fails() -> None:
    """Is reported of with the format's name; it is no verdict on the value."""
    with pytest.raises(RuntimeError, match=r"^the check of the format 'even' failed: TypeError: unsupported"):
        table_of({"even": lambda value: value // 2})["even"](None)


def test_changes_that_are_none() -> None:
    """Are refused when they are given, not when a call is made."""
    with pytest.raises(TypeError, match=r"^the format 'a' is checked by a function or a pattern, or None, not by 5$"):
        table_of({"a": 5})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"^the pattern '\(' of the format 'a' is no regular expression"):
        table_of({"a": "("})
