"""Agreement of two ratings, against scikit-learn and sums by hand."""

from dataclasses import astuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from holdfast.rating.analysis.sensitivity import agreement, overlay
from holdfast.rating.grid.region import grid, squares

LEVELS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=3, max_size=60)


@settings(max_examples=50, deadline=None)
@given(LEVELS, st.integers(0, 999))
def test_kappa_against_scikit_learn(pairs, seed):
    """Origin: cohen_kappa_score with quadratic weights."""
    base, other = np.array(pairs).T
    weight = np.random.default_rng(seed).uniform(0.1, 9, len(base))
    found = agreement(base, other, weight)
    if len(np.unique([base, other])) > 1:
        theirs = cohen_kappa_score(base, other, labels=range(1, 6), weights="quadratic", sample_weight=weight)
        assert found.kappa == pytest.approx(theirs)
    assert 0 <= found.same_share <= found.within_one_share <= 1 + 1e-12
    turned = agreement(other, base, weight)
    assert turned.same_share == pytest.approx(found.same_share)
    doubled = agreement(np.tile(base, 2), np.tile(other, 2), np.tile(weight, 2))
    assert doubled.kappa == pytest.approx(found.kappa, nan_ok=True)


def test_agreement_by_hand():
    found = agreement(np.array([1, 2, 3, 5]), np.array([1, 4, 2, 5]), np.array([10.0, 20, 30, 40]))
    assert found.same_share == pytest.approx(0.5)
    assert found.within_one_share == pytest.approx(0.8)
    assert found.low_share == pytest.approx(0.4)
    assert found.low_kept == pytest.approx(1 / 3)
    nobody = agreement(np.array([1]), np.array([1]), np.array([0.0]))
    assert np.isnan(astuple(nobody)).all()
    assert np.isnan(agreement(np.array([4]), np.array([4]), np.array([1.0])).low_kept)


@pytest.mark.parametrize(("size", "offset"), [(1000.0, 0.0), (2000.0, 0.0), (2000.0, 0.5), (4000.0, 0.25)])
def test_overlay_keeps_every_home(size, offset):
    """A level that is a function of the place alone is the same under any grid but at its border."""
    row, column = (a.ravel() for a in np.mgrid[0:20, 0:20])
    base = squares(column, row, 2000.0, "EPSG:32615")
    outline = gpd.GeoDataFrame(geometry=[base.union_all()], crs=base.crs)
    other = grid("Here", outline, size, "EPSG:32615", offset).cells
    for cells in (base, other):
        cells["level"] = np.where(cells.geometry.centroid.x < 20_000, 2, 5)
    homes = pd.Series(np.random.default_rng(0).uniform(0, 50, len(base)), index=base.index)
    places = overlay(base, other, homes)
    assert places["weight"].sum() == pytest.approx(homes.sum())
    found = agreement(places["base"].to_numpy(), places["other"].to_numpy(), places["weight"].to_numpy())
    assert found.same_share > 0.93
    assert found.same_share == pytest.approx(1) or offset > 0


def test_cells_without_a_level_are_left_out():
    base = squares(np.array([0, 1]), np.array([0, 0]), 10.0, "EPSG:5070").assign(
        level=pd.array([3, None], dtype="Int64")
    )
    assert len(overlay(base, base, pd.Series([1.0, 1.0], index=base.index))) == 1
