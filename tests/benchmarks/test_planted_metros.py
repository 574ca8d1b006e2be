"""Planted metros: known truth, all features, no dependence on anything but family, size and seed."""

import numpy as np
import pandas as pd
import pytest
from planted_metros import (
    FAMILIES,
    FINAL_SEEDS,
    HELD_OUT,
    TUNING_SEEDS,
    additive,
    diminishing_returns,
    interaction,
    planted_metro,
    regimes,
    weakest_link,
)

from holdfast.errors import UnknownName
from holdfast.rating.analysis.moran import morans_i
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.levels import LEVELS
from holdfast.tables import schema_rows

LATENT = pd.DataFrame(
    np.random.default_rng(0).normal(size=(300, 12)), columns=[row["column"] for row in schema_rows("features")][:12]
)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_planted_metro_is_whole_and_repeats(family):
    metro, again, other = (planted_metro(family, 800, seed) for seed in (3, 3, 4))
    rows = {row["column"]: row for row in schema_rows("features")}
    assert metro.features.shape == (800, 12)
    assert set(metro.features) <= set(rows)
    assert len({rows[name]["pillar"] for name in metro.features}) == 3
    assert len({rows[name]["system"] for name in metro.features}) == 3
    assert metro.features.notna().all(axis=None)
    assert np.isfinite(metro.features.to_numpy()).all()
    assert (metro.features.nunique() > 20).all()
    assert metro.cells.index.equals(metro.features.index)
    assert not metro.cells.duplicated().any()
    assert metro.cells.equals(metro.cells.sort_values(["row", "column"]))
    assert metro.truth.value_counts(normalize=True).min() >= 0.05
    assert set(metro.truth) == set(range(1, LEVELS + 1))
    pd.testing.assert_frame_equal(metro.features, again.features)
    assert metro.truth.equals(again.truth)
    assert not metro.features.equals(other.features.set_axis(metro.features.index))


@pytest.mark.parametrize("family", FAMILIES)
def test_levels_follow_the_score(family):
    metro = planted_metro(family, 600, 5)
    ordered = metro.score.groupby(metro.truth).agg(["min", "max"])
    assert (ordered["max"].to_numpy()[:-1] < ordered["min"].to_numpy()[1:]).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_units_skew_and_space_are_like_those_of_real_features(family):
    metro = planted_metro(family, 1000, 6)
    features, touching = metro.features, grid_neighbours(metro.cells)
    shares = ["cell_tower_coverage", "poverty", "health_insurance", "second_means", "green_space", "education"]
    assert features[shares].min(axis=None) >= 0
    assert features[shares].max(axis=None) <= 1
    for count in ("hospitals_within_reach", "cell_towers_within_reach"):
        assert (features[count] == features[count].round()).all()
        assert features[count].skew() > 1
    for name in features:
        moran = morans_i(features, name, touching=touching, permutations=99)
        assert moran.p_value == 0.01


@pytest.mark.parametrize("family", FAMILIES)
def test_a_shifted_grid_sees_the_same_metro(family):
    metro, moved = planted_metro(family, 800, 2), planted_metro(family, 800, 2, shifted=True)
    assert metro.cells.equals(moved.cells)
    assert not metro.features.equals(moved.features)
    ranks = [metro.features[name].corr(moved.features[name], method="spearman") for name in metro.features]
    assert min(ranks) > 0.4
    assert metro.score.corr(moved.score) > 0.6


def test_truths_by_hand():
    """Origin: the formulas of the families on cells whose features are all alike."""
    same = pd.DataFrame(np.repeat([[-1.0], [0.0], [1.0]], 12, axis=1), columns=LATENT.columns)
    root = 1.5**0.5  # -1, 0, 1 standardised
    assert additive(same).tolist() == [-1, 0, 1]
    assert weakest_link(same).tolist() == pytest.approx([-root, 0, root])
    assert interaction(same).tolist() == pytest.approx([1.5 - 3 * root, 0, 1.5 + 3 * root])
    assert diminishing_returns(same).tolist() == pytest.approx([1 - np.e, 0, 1 - 1 / np.e])
    assert regimes(same).tolist() == pytest.approx([-3 * root, 0, 3 * root])


@pytest.mark.parametrize("score", [additive, weakest_link, diminishing_returns])
def test_more_is_never_worse(score):
    """Laws of truths that rise with every feature; the standardisation of pillars does not depend on one cell."""
    better = LATENT.copy()
    better.iloc[0] += 5.0
    assert score(better).rank().iloc[0] >= score(LATENT).rank().iloc[0]


def test_seeds_for_tuning_and_for_judging_differ():
    assert not set(TUNING_SEEDS) & set(FINAL_SEEDS)
    assert len(FINAL_SEEDS) == 20
    assert set(HELD_OUT) < set(FAMILIES)


def test_unknown_family():
    with pytest.raises(UnknownName, match="archetypes"):
        planted_metro("aditive", 100, 1)
