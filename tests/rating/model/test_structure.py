"""Whether cells fall into groups."""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from holdfast.rating.model.refitting import FitOptions, refit
from holdfast.rating.model.structure import support


def test_support_counts_planted_groups():
    rng = np.random.default_rng(8)
    centres = rng.normal(size=(6, 5)) * 3
    cells = np.repeat(centres, 100, axis=0) + rng.normal(size=(600, 5))
    cells = (cells - cells.mean(0)) / cells.std(0)
    found = support(cells, rng)
    assert found.groups == 6
    assert [scores.groups for scores in found.scores] == [5, 6, 7, 8]
    labels = np.repeat(np.arange(6), 100)
    options = FitOptions(refits=3, settings={"neighbour_weight": 0.0})
    clusters = refit(cells, None, options, 1).clusters[0]
    table = pd.crosstab(labels, clusters).to_numpy()
    rows, columns = linear_sum_assignment(-table)
    assert table[rows, columns].sum() >= 570
