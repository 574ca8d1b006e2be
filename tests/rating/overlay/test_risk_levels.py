"""Six levels from the machine that gives five: planted risks, directions, weights, and methods that cannot."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from holdfast.errors import UnknownName
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares
from holdfast.rating.overlay.risk_features import RiskRule
from holdfast.rating.overlay.risk_levels import RISK_LEVELS, RiskFit, rate_risk

SIDE = 20
PLACES = np.divmod(np.arange(SIDE**2), SIDE)
CELLS = squares(PLACES[1], PLACES[0], 2000.0, "EPSG:32615")
TOUCHING = grid_neighbours(CELLS)
RNG = np.random.default_rng(4)
FEATURES = pd.DataFrame(RNG.normal(size=(SIDE**2, 3)), index=CELLS.index, columns=["flood", "homes", "poor"])
RULES = {
    "flood": RiskRule("hazard", "1", 1, "homes", ()),
    "homes": RiskRule("exposure", "1", 1, "homes", ()),
    "poor": RiskRule("social vulnerability", "1", 1, "homes", ()),
}
PEOPLE = pd.Series(RNG.uniform(50, 500, SIDE**2), index=CELLS.index)
QUICK = {"refits": 4, "draws": 20, "neighbour_weight": 0.0}


def rated(rules=RULES, features=FEATURES, **fit):
    options = RiskFit(**{**QUICK, **fit})
    return rate_risk(features, rules, people=PEOPLE, touching=TOUCHING, fit=options)


def test_a_hazard_that_alone_counts_orders_the_levels():
    """Origin: with all weight on one feature the score is its rank, so levels must be ordered as its values are."""
    found = rated(pillars={"exposure": 0, "social vulnerability": 0})
    levels = found.levels.astype(int)
    assert sorted(levels.unique()) == list(range(1, RISK_LEVELS + 1))
    ends = FEATURES["flood"].groupby(levels).agg(["min", "max"])
    assert (ends["min"].to_numpy()[1:] >= ends["max"].to_numpy()[:-1]).all()
    held = PEOPLE.groupby(levels).sum() / PEOPLE.sum()
    assert held.min() >= 0.05  # no level holds almost nobody
    assert found.probabilities.shape[1] == RISK_LEVELS
    assert np.allclose(found.probabilities.sum(axis=1), 1.0)


def test_turning_every_direction_turns_the_levels():
    turned = {n: RiskRule(r.pillar, r.unit, -1, r.measure, ()) for n, r in RULES.items()}
    one, other = rated().levels.astype(int), rated(turned).levels.astype(int)
    off = one - (RISK_LEVELS + 1 - other)
    # the search for natural cuts starts from sixths of the people and may end a few cells off from the other side
    assert off.abs().max() <= 1
    assert (off == 0).mean() >= 0.85


def test_touching_cells_draw_a_cell_towards_them():
    """Origin: the mean of up to eight independent neighbours, counted by hand from the relation."""
    near = pd.Series((TOUCHING @ FEATURES.sum(axis=1).to_numpy()) / TOUCHING.sum(axis=1), index=CELLS.index)
    alone, aware = (rated(neighbour_weight=w).levels.astype(float) for w in (0.0, 0.5))
    assert spearmanr(aware, near)[0] > spearmanr(alone, near)[0] + 0.15


@pytest.mark.deep
def test_the_neighbour_aware_network_gives_six_ordered_levels():
    rng = np.random.default_rng(1)
    # six planted groups along one line, so that k-means on the code has something to find
    group = rng.integers(0, 6, len(FEATURES))
    features = pd.DataFrame({n: group + rng.normal(0, 0.1, len(group)) for n in RULES}, index=FEATURES.index)
    found = rated(features=features, method="graph_autoencoder", refits=2, draws=0)
    assert sorted(found.levels.astype(int).unique()) == [1, 2, 3, 4, 5, 6]
    assert spearmanr(found.levels.astype(int), group)[0] > 0.6


def test_a_method_or_pillar_that_cannot_be_is_refused():
    with pytest.raises(UnknownName, match="kmeans"):
        RiskFit(method="kmeans")
    with pytest.raises(UnknownName, match="harzard"):
        RiskFit(pillars={"harzard": 1.0})
