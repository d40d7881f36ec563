"""The call that a cursor stands in."""

from __future__ import annotations

import pytest

from dynclient.support.open_calls import OpenCall, open_call


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f('a", OpenCall("f", quote="'", fragment="a")),
        (
            "f(\n  # one\n  a=1,\n  # two\n  b=  # three\n  '",
            OpenCall("f", argument="b", given=frozenset("a"), quote="'"),
        ),
        ("f(", OpenCall("f")),
        ("f(a", OpenCall("f", fragment="a")),
        ("x = a.b . c(d", OpenCall("a.b . c", fragment="d")),
        ("f(a=", OpenCall("f", argument="a")),
        ("f(a = 'x", OpenCall("f", argument="a", quote="'", fragment="x")),
        ('f(a="""x\ny', OpenCall("f", argument="a", quote='"""', fragment="x\ny")),
        ("f(a=1, b='(', c", OpenCall("f", given=frozenset("ab"), fragment="c")),
        ("f(g(a=1), b=[1, 2], # c(\n  d", OpenCall("f", given=frozenset("b"), fragment="d")),
        ("f(a=g(b", OpenCall("g", fragment="b")),
        ("f('it\\'s(', a", OpenCall("f", fragment="a")),
        ("f(a={'b': {'c", OpenCall("f", argument="a", path=("b",), in_key=True, quote="'", fragment="c")),
        ("f(a={'b': 1, 'c': [0, {'d': '", OpenCall("f", argument="a", path=("c", 0, "d"), quote="'")),
        ('f(a={"b": ', OpenCall("f", argument="a", path=("b",))),
        ("x['", OpenCall("x", is_subscript=True, quote="'")),
        ("f(a=x['k", OpenCall("x", is_subscript=True, quote="'", fragment="k")),
        ('x["a"].f(b', OpenCall('x["a"].f', fragment="b")),
        ("if it's broken\nf(a", OpenCall("f", fragment="a")),
        ("f(] f(a", OpenCall("f", fragment="a")),
        ("é.ü(ß", OpenCall("é.ü", fragment="ß")),
        ("g().f(a", OpenCall("", fragment="a")),
        ("(a", OpenCall("", fragment="a")),
    ],
)
def test_calls(source: str, expected: OpenCall) -> None:
    """The innermost one, what it was given, and how deep in its argument the cursor is."""
    assert open_call(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "",
        "f(a)",
        "f(a + b",
        "f(a.b",
        "f(a=1 + ",
        "f({'a",
        "f(a == ",
        "f(a=[x, {y: '",
        "f(a=r'",
        'f(a={"\\x": ',
        "# f(",
        "'f(",
        "[1, ",
    ],
)
def test_none(source: str) -> None:
    """Where no name, value or key of an argument is written."""
    assert open_call(source) is None
