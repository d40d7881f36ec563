"""The formats that are checked."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from dynclient.formats import FORMATS
from dynclient.types import JSON

GOOD: dict[str, list[JSON]] = {
    "byte": ["", "w6k=", "AAAA"],
    "date": ["2024-02-29", "0001-01-01"],
    "date-time": [
        "2024-01-01T00:00:00Z",
        "2024-01-01t23:59:59.123456789+02:00",
        "2024-01-01 00:00:00z",
        "1990-12-31T23:59:60Z",
    ],
    "email": ["a@b", "é.x+y@b.test"],
    "hostname": ["localhost", "a-b.example.com", "example.com.", "1.2.3"],
    "int32": [0, -(2**31), 2**31 - 1, 1.5, True],
    "int64": [0, -(2**63), 2**63 - 1],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1", "2001:db8::ff00:42:8329"],
    "time": ["00:00:00Z", "23:59:60Z", "12:30:00.5+01:00", "12:30:00.123456789-01:00"],
    "uri": ["https://a.test/b?c#d", "urn:isbn:0451450523", "mailto:a@b"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
}
BAD: dict[str, list[JSON]] = {
    "byte": ["été", "w6k", "a b=", "====", "-_8="],
    "date": ["2023-02-29", "2024-1-1", "20240101", "2024-01-01\n", "٢٠٢٤-01-01", "2024-W01-1"],
    "date-time": [
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T24:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-01T00:00:61Z",
    ],
    "email": ["a", "@b", "a@", "a b@c", "a@b@c"],
    "hostname": ["", "-a", "a-", "a..b", "a_b", "a" * 64, ".".join(["a" * 50] * 6), "é.test"],
    "int32": [2**31, -(2**31) - 1, 1e10],
    "int64": [2**63],
    "ipv4": ["1.2.3", "256.0.0.1", "01.2.3.4", "::1", "1.2.3.4\n"],
    "ipv6": ["1.2.3.4", "::g", "fe80::1%eth0"],
    "time": ["00:00:00", "25:00:00Z", "12:30Z", "12:30:00+25:00", "12:30:00Z\n"],
    "uri": ["a/b", "//a.test", "https://a b", "", "1:a"],
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
    others: list[JSON] = [None, [], {}, *(["text"] if name.startswith("int") else [5, 1.5])]

    assert [FORMATS[name](value) for value in others] == [True] * len(others)


@pytest.mark.parametrize("name", FORMATS)
@given(strategies.text())
def test_no_text_is_too_odd(name: str, text: str) -> None:
    """Each check answers; none raises."""
    assert FORMATS[name](text) in (True, False)
