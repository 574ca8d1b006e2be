"""The attacker's intervals beside enumeration of every whole number of households."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.disclosure.attacker import narrowed, reaches


@pytest.mark.parametrize("seed", range(6))
def test_intervals_are_those_of_enumeration(seed):
    """Origin: all whole numbers of households of three withheld cells that agree with the total and a sum of two of them.

    With sums of whole cells the ends of the linear programme are whole numbers, so that enumeration finds the same.
    """
    rng = np.random.default_rng(seed)
    homes = pd.Series([*rng.integers(1, 10, 2), int(rng.integers(10, 15)), 15, 40], list("abcde"), dtype=float)
    known = pd.Series([False, False, False, True, True], homes.index)
    pair = pd.Series({"b": 1.0, "c": 1.0, "e": 1.0})
    total = float((pair * homes.reindex(pair.index)).sum())
    found = narrowed(homes, known, [(pair, total)], 10.0)
    rest = homes[["a", "b", "c"]].sum()
    agree = [
        (a, b)
        for a, b, c in product(range(11), range(11), range(10, 16))
        if a + b + c == rest and b + c == homes["b"] + homes["c"]
    ]
    for place, cell in enumerate("ab"):
        values = [row[place] for row in agree]
        assert found.loc[cell].tolist() == pytest.approx([min(values), max(values)])
    assert reaches(homes, known, [(pair, total), (pd.Series({"d": 1.0, "e": 1.0}), 55.0)]) == 1


def test_a_cell_that_is_shown_is_solved():
    homes = pd.Series({"a": 4.0, "b": 60.0})
    assert narrowed(homes, pd.Series({"a": True, "b": True}), [], 10.0).loc["a"].tolist() == [4.0, 4.0]


def test_two_partitions_that_part_one_cell_tell_it():
    """Sums by level that hold withheld cells, of two ratings between which one cell moved: their difference is that cell."""
    homes = pd.Series({"a": 4.0, "b": 6.0, "c": 30.0, "d": 50.0})
    known = pd.Series({"d": True})
    first = (pd.Series({"a": 1.0, "b": 1.0}), 10.0)
    second = (pd.Series({"b": 1.0}), 6.0)
    assert narrowed(homes, known, [first], 10.0).loc["a"].tolist() == [0.0, 10.0]
    assert narrowed(homes, known, [first, second], 10.0).loc["a"].tolist() == pytest.approx([4.0, 4.0])
