"""Deadlines go by the monotonic clock they are given."""

from __future__ import annotations

import math

import pytest

from dynclient.support.deadline import Clock, Deadline


def test_what_is_left() -> None:
    """Less and less, and then nothing."""
    now = [100.0]
    deadline = Deadline(5, Clock(monotonic=lambda: now[0]))
    found = [(deadline.left(), deadline.passed())]
    now[0] = 106.0
    found.append((deadline.left(), deadline.passed()))

    assert found == [(5.0, False), (-1.0, True)]


def test_never() -> None:
    """None is no limit."""
    deadline = Deadline(None)

    assert (deadline.left(), deadline.passed(), deadline.within(None), deadline.within(3)) == (math.inf, False, None, 3)


@pytest.mark.parametrize(("seconds", "expected"), [(None, 5.0), (2.0, 2.0), (9.0, 5.0)])
def test_a_wait_within_it(seconds: float | None, expected: float) -> None:
    """Is as long as it may be, but not beyond the deadline."""
    assert Deadline(5, Clock(monotonic=lambda: 0.0)).within(seconds) == expected


def test_no_wait_beyond_it() -> None:
    """There is no time left."""
    now = [0.0]
    deadline = Deadline(5, Clock(monotonic=lambda: now[0]))
    now[0] = 5.0

    with pytest.raises(TimeoutError, match="more than 5 seconds"):
        deadline.within(None)
