"""The matrix of both ratings against a plain cross table, and its thirds against loops."""

import numpy as np
import pandas as pd

from holdfast.rating.overlay.matrix import bivariate_class, crossed, worst_of_both
from holdfast.rating.overlay.overlay_summary import thirds

RNG = np.random.default_rng(2)
LEVELS = pd.Series(RNG.integers(1, 6, 500)).astype("Int64").mask(RNG.random(500) < 0.1)
RISKS = pd.Series(RNG.integers(1, 7, 500)).astype("Int64").mask(RNG.random(500) < 0.1)
PEOPLE = pd.Series(RNG.uniform(0, 900, 500))


def test_the_matrix_is_the_cross_table():
    """Origin: pandas' own cross tabulation."""
    table = pd.crosstab(LEVELS, RISKS, values=PEOPLE, aggfunc="sum").to_numpy(float)
    assert np.allclose(crossed(LEVELS, RISKS, PEOPLE), table)


def test_thirds_and_classes_are_those_of_a_loop():
    third = {1: 0, 2: 0, 3: 1, 4: 2, 5: 2}
    risk_third = {1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 2}
    expected, classes = np.zeros((3, 3)), bivariate_class(LEVELS, RISKS)
    for level, risk, held, found in zip(LEVELS, RISKS, PEOPLE, classes, strict=True):
        if pd.isna(level) or pd.isna(risk):
            assert pd.isna(found)
            continue
        expected[third[level], risk_third[risk]] += held
        assert found == 3 * risk_third[risk] + third[level] + 1
    assert np.allclose(thirds(crossed(LEVELS, RISKS, PEOPLE)), expected)
    # the corner of the map is the list of worst places
    assert (worst_of_both(LEVELS, RISKS) == (classes == 7).fillna(value=False)).all()
