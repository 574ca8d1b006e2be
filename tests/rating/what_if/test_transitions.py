"""Who gains and falls: hand calculations, and counts one by one."""

from itertools import permutations

import numpy as np
import pandas as pd
from pytest import approx

from holdfast.rating.what_if.transitions import Difference, aligned, difference, transitions


def test_matrix_and_falls_by_hand():
    """Six cells: a rise, a fall by a worse feature, a fall by none, a fall of a cell untouched, a rise untouched, no move."""
    before, after = np.array([1, 4, 3, 5, 2, 2]), np.array([3, 2, 2, 4, 3, 2])
    people = np.array([10.0, 20.0, 30.0, 5.0, 1.0, 34.0])
    moved = Difference(
        np.array([True, True, True, False, False, False]), np.array([False, True, False, False, False, False])
    )
    found = transitions("refitted", before, after, people, moved)
    assert np.array(found.matrix).sum() == 100.0
    assert found.matrix[0][2] == 10.0
    assert found.matrix[1] == (0.0, 34.0, 1.0, 0.0, 0.0)
    assert (found.gained.cells, found.gained.people, found.gained.share) == (2, 11.0, approx(0.11))
    assert (found.fell.cells, found.fell.people) == (3, 55.0)
    assert (found.artefact.cells, found.artefact.people) == (2, 35.0)
    assert found.artefact_share == approx(35 / 55)
    assert [m.cells for m in found.bystanders] == [1, 1]


def test_difference_follows_directions_and_nulls():
    before = pd.DataFrame({"poverty": [0.1, 0.1, np.nan, np.nan], "education": [0.9, 0.9, 0.5, 0.5]})
    after = pd.DataFrame({"education": [0.8, 0.9, 0.5, 0.5], "poverty": [0.1, 0.05, np.nan, 0.2]})
    found = difference(before, after, {"poverty": -1, "education": 1})
    assert found.changed.tolist() == [True, True, False, True]
    assert found.worse.tolist() == [True, False, False, False]


def test_alignment_is_the_best_of_all_orders():
    rng = np.random.default_rng(3)
    for _ in range(10):
        old, people = rng.integers(1, 6, 60), rng.random(60)
        shuffle = rng.permutation(5) + 1
        new = np.where(rng.random(60) < 0.8, shuffle[old - 1], rng.integers(1, 6, 60))
        best = max(sum(people[np.array(order)[new - 1] == old]) for order in permutations(range(1, 6)))
        assert people[np.array(aligned(old, new, people))[new - 1] == old].sum() == approx(best)
    assert aligned(np.array([], int), np.array([], int), np.array([])) == (1, 2, 3, 4, 5)
