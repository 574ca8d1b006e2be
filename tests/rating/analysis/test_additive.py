"""The additive index by hand and by what must hold."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.analysis.additive import additive_index


@pytest.fixture
def groups():
    """Five synthetic, well separated groups of cells along one line, and their true order."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(1, 6), 40)
    scaled = pd.DataFrame(truth[:, None] * 2.0 + rng.normal(0, 0.2, (200, 4)), columns=list("abcd"))
    return (scaled - scaled.mean()) / scaled.std(ddof=0), truth


def test_permuting_cells_permutes_the_additive_index(groups):
    scaled, _ = groups
    pillars = {"a": "x", "b": "x", "c": "y", "d": "y"}
    index = additive_index(scaled, pillars)
    shuffled = additive_index(scaled.sample(frac=1, random_state=3), pillars).reindex(scaled.index)
    pd.testing.assert_frame_equal(index, shuffled)
    assert index["additive_level"].value_counts().tolist() == [40] * 5


def test_additive_index_by_hand():
    """Origin: ranks 1..4 of 4 cells are 1/8, 3/8, 5/8, 7/8; pillars weigh alike."""
    scaled = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [4.0, 3, 2, 1], "c": [1.0, 2, 3, 4]})
    index = additive_index(scaled, {"a": "x", "b": "x", "c": "y"})
    assert index["additive"].tolist() == pytest.approx([0.3125, 0.4375, 0.5625, 0.6875])
