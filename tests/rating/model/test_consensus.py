"""Votes of refits and their agreement."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from holdfast.errors import NotConverged
from holdfast.rating.model.consensus import adjusted_rand, vote


def test_vote_takes_the_middle_of_a_tie_and_refuses_an_empty_level():
    levels = np.array([[1, 2, 3, 4, 5, 1], [1, 2, 3, 4, 5, 2], [1, 2, 3, 4, 5, 5]])
    assert vote(levels)[0][-1] == 2  # of 1, 2 and 5 the nearest to their mean 2.67
    with pytest.raises(NotConverged, match="level 5"):
        vote(np.array([[1, 2, 3, 4], [1, 2, 3, 4]]))


def test_adjusted_rand_against_scikit_learn():
    """Origin: sklearn.metrics.adjusted_rand_score."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = rng.integers(1, 6, 200), rng.integers(0, 4, 200)
        b = np.where(rng.random(200) < 0.5, a % 4, b)
        assert adjusted_rand(a, b) == pytest.approx(adjusted_rand_score(a, b))
    assert adjusted_rand(np.ones(5, int), np.ones(5, int)) == 1


def test_in_what_people_are_counted_changes_nothing():
    rng = np.random.default_rng(1)
    a, b, people = rng.integers(0, 5, 200), rng.integers(0, 5, 200), rng.lognormal(4, 1, 200)
    found = adjusted_rand(a, b, people)
    assert adjusted_rand(a, b, people / people.sum()) == pytest.approx(found)
    assert adjusted_rand(a, b, np.full(200, 7.0)) == pytest.approx(adjusted_rand(a, b))
