"""Options are stated once: what type checkers, `help()` and the checks know of them agrees."""

from __future__ import annotations

import inspect

import pytest

import dynclient
from dynclient.calls.options import (
    CALL_OPTIONS,
    CLIENT_OPTIONS,
    AsyncClientOptions,
    CallOptions,
    ClientOptions,
    Options,
    Setup,
)


@pytest.mark.parametrize(
    ("types", "table"),
    [
        (CallOptions, CALL_OPTIONS.keys()),
        (ClientOptions, CLIENT_OPTIONS.keys()),
        (AsyncClientOptions, CLIENT_OPTIONS.keys() - {"session"}),
    ],
)
def test_type_checkers_know_the_same_options(types: type, table: set[str]) -> None:
    """A TypedDict has the names of the table."""
    assert types.__annotations__.keys() == table


def test_the_signature_of_the_client() -> None:
    """It has every option, with its default and its type."""
    parameters = inspect.signature(dynclient.Client).parameters

    assert [*parameters] == ["source", *CLIENT_OPTIONS]
    assert parameters["retries"].default == Options().retries == 2
    assert parameters["cache"].default is Setup().cache is True
    assert (parameters["validate_response"].default, parameters["timeout"].annotation) == ("warn", "Timeout")


def test_the_documentation_of_the_client() -> None:
    """`help()` lists every option with what it does."""
    lines = inspect.getdoc(dynclient.Client) or ""

    for name, option in CLIENT_OPTIONS.items():
        assert f"\n    {name}: {option.text[:20]}" in lines


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"retrys": 1}, "no option retrys. Did you mean 'retries'? help(dynclient.Client) lists all options"),
        ({"masked": True}, "no option masked"),
    ],
)
def test_an_unknown_option_of_a_client(given: dict[str, object], message: str) -> None:
    """The error says what was meant."""
    with pytest.raises(TypeError) as caught:
        dynclient.Client("openai", **given)  # type: ignore[arg-type]

    assert str(caught.value).startswith(message)
