"""Refits find planted levels."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.model.consensus import vote
from holdfast.rating.model.refitting import FitOptions, refit


@pytest.fixture
def groups():
    """Five synthetic, well separated groups of cells along one line, and their true order."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(1, 6), 40)
    scaled = pd.DataFrame(truth[:, None] * 2.0 + rng.normal(0, 0.2, (200, 4)), columns=list("abcd"))
    return (scaled - scaled.mean()) / scaled.std(ddof=0), truth


def test_the_rating_finds_planted_levels(groups):
    scaled, truth = groups
    refits = refit(scaled.to_numpy(), None, FitOptions(refits=3), 1)
    winner, shares = vote(refits.levels)
    assert (winner == truth).mean() > 0.95
    assert np.allclose(shares.sum(axis=1), 1)
