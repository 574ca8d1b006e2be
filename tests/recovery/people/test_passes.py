"""Passes by hand: maps whose fixed points and cycles are known."""

import pytest

from holdfast.recovery.people.passes import passes_until_settled


def went(first, after, most=8):
    return passes_until_settled(first, lambda x: (10 * x, after(x)), lambda a, b: a == b, lambda x: bytes([x]), most)


def test_a_fixed_point_is_reached():
    """0 1 2 3 3: the fourth choice decides nothing else."""
    out = went(0, lambda x: min(x + 1, 3))
    assert (out.chosen, out.again, out.result, out.passes, out.cycle) == (3, 3, 30, 4, 0)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_choices_that_lead_round_are_found_with_their_length(length):
    """0 1 2 then round and round through `length` choices: found as soon as the first of them recurs."""
    out = went(0, lambda x: x + 1 if x < 1 + length else 2)
    assert out.cycle == length
    assert out.passes == 2 + length
    assert out.result == 10 * out.chosen  # what is kept belongs together


def test_choices_that_neither_settle_nor_recur_end_with_the_passes():
    out = went(0, lambda x: x + 1, most=8)
    assert (out.chosen, out.again, out.passes, out.cycle) == (7, 8, 8, 0)
    assert went(5, lambda x: x + 1, most=1).passes == 1
