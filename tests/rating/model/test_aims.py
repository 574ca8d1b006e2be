"""What is meant to weigh how much."""

import numpy as np
import pytest

from holdfast.errors import TableError
from holdfast.rating.model.aims import Aims, meant, pull

PILLARS = {"a": "one", "b": "one", "c": "two"}


def test_pillars_keep_their_weight():
    """By hand: two pillars of a half each; a and b share the first 3 to 1, and a alone has all of it."""
    aims = Aims(PILLARS, of_features={"a": 3.0})
    assert meant(["a", "b", "c"], aims).tolist() == [[0.375, 0.125, 0.0], [0.0, 0.0, 0.5]]
    assert meant(["a", "c"], aims).tolist() == [[0.5, 0.0], [0.0, 0.5]]
    own = Aims(PILLARS, of_pillars={"one": 3.0})
    assert meant(["a", "b", "c"], own).sum(axis=1).tolist() == [0.75, 0.25]


def test_pillars_vary_as_much_as_they_are_meant_to_weigh():
    """Closed form: a mean of two independent features has variance 1/2 and is stretched by the root of 2."""
    shares = meant(["a", "b", "c"], Aims(PILLARS))
    weights = pull(shares, np.eye(3))
    assert weights[0] * np.sqrt(2) == pytest.approx(weights[2])
    assert weights @ weights == pytest.approx(1)
    together = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert pull(shares, together)[:2].sum() == pytest.approx(pull(shares, together)[2])


def test_weights_that_no_score_has_are_refused():
    with pytest.raises(TableError, match="no weight") as refused:
        Aims(of_pillars={"one": -1.0}, of_features={"a": float("nan")}, ranges={"a": 2.0})
    assert len(refused.value.problems) == 3
    with pytest.raises(TableError, match="all weights"):
        meant(["a"], Aims(of_features={"a": 0.0}))
