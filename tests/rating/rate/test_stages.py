"""Rating from features: contract over the methods, laws, frozen models."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_metros import planted_metro
from sklearn.metrics import adjusted_rand_score

from holdfast.errors import DataMissing, TableError
from holdfast.keywords import keywords_of
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.frozen import apply
from holdfast.rating.model.levels import FEWEST_SHARE
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.neighbours import neighbour_means
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import apply_model, rate_cells
from holdfast.types import Model

QUICK = FitOptions(
    refits=3,
    settings={"network": NetworkSettings(epochs=60, refine_epochs=30)},
    certainty=CertaintyOptions(draws=20),
)
METRO = planted_metro("archetypes", 700, 101)
LINE = planted_metro("additive", 700, 101)
DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}
STANDARD = {name: rule.transform for name, rule in RULES.items()}
DEEP = [name for name, fit in METHODS.items() if "network" in keywords_of(fit)]
ALL = [pytest.param(name, marks=pytest.mark.deep if name in DEEP else ()) for name in METHODS]


def rated(metro, options=QUICK, seed=1, rows=None, transforms=None, **changes):
    cells = metro.cells if rows is None else metro.cells.loc[rows]
    return rate_cells(
        metro.features.loc[cells.index],
        DIRECTIONS,
        transforms=transforms,
        touching=grid_neighbours(cells),
        options=replace(options, **changes),
        seed=seed,
    )


def with_cells(metro, features=None, cells=None):
    return replace(
        metro,
        features=features if features is not None else metro.features,
        cells=cells if cells is not None else metro.cells,
    )


@pytest.mark.parametrize("name", ALL)
def test_a_method_rates_repeats_and_survives_freezing(name):
    first, second = (rated(METRO, method=name) for _ in range(2))
    assert first.levels.equals(second.levels)
    assert set(first.levels) == {1, 2, 3, 4, 5}
    assert first.clusters.shape == (3, 700)
    assert first.latent.shape[:2] == (1, 700)
    assert np.allclose(first.probabilities.sum(axis=1), 1)
    for key, values in first.model.arrays.items():
        assert np.array_equal(values, second.model.arrays[key])
        assert values.dtype.kind in "fi"
    touching = grid_neighbours(METRO.cells)
    again = apply_model(first.model, METRO.features, touching=touching)
    assert again.levels.equals(first.levels)
    assert again.agreement.equals(first.agreement)
    assert again.certainty.ranks.equals(first.certainty.ranks)


@pytest.mark.parametrize("name", ALL)
def test_permuting_cells_permutes_levels(name):
    mixed = METRO.features.sample(frac=1, random_state=3).index
    assert rated(METRO, method=name).levels.equals(
        rated(METRO, method=name, rows=mixed).levels.loc[METRO.features.index]
    )


@pytest.mark.parametrize("metro", [METRO, LINE], ids=["groups", "continuum"])
def test_another_unit_leaves_levels(metro):
    other = metro.features.copy()
    other[["road_density", "internet_speed"]] *= 1000.0  # km to m, Mbit/s to kbit/s
    other["building_age"] = other["building_age"] * 12 + 7
    levels = rated(with_cells(metro, other)).levels
    assert adjusted_rand_score(levels, rated(metro).levels) >= 0.99
    assert rated(metro, transforms=STANDARD).levels.notna().all()


@pytest.mark.parametrize("metro", [METRO, LINE], ids=["groups", "continuum"])
def test_duplicating_the_region_duplicates_levels(metro):
    far = metro.cells.assign(column=metro.cells["column"] + 1000)
    cells = pd.concat([metro.cells, far.set_axis("copy of " + far.index)])
    features = pd.concat([metro.features, metro.features.set_axis(far.index.map("copy of {}".format))])
    options = replace(QUICK, refits=20)
    levels = rated(with_cells(metro, features, cells), options).levels.to_numpy(int)
    assert np.array_equal(levels[:700], levels[700:])
    assert adjusted_rand_score(levels[:700], rated(metro, options).levels.to_numpy(int)) >= 0.9


def test_the_default_sees_groups_where_there_are_some_and_is_stable():
    options = FitOptions()
    grouped, graded = rated(METRO, options), rated(LINE, options)
    assert grouped.model.facts["notes"]["groups"] == 5
    assert graded.model.facts["notes"]["groups"] is None
    assert adjusted_rand_score(METRO.truth, grouped.levels) > 0.9
    for metro, first in ((METRO, grouped), (LINE, graded)):
        assert adjusted_rand_score(first.levels, rated(metro, options, seed=2).levels) >= 0.95
        assert first.levels.value_counts(normalize=True).min() >= FEWEST_SHARE
        assert first.agreement.median() >= 0.6
        plain = rated(metro, replace(options, certainty=CertaintyOptions(draws=0)))
        assert plain.levels.equals(first.levels)
        assert plain.agreement.median() >= 0.9
        assert plain.certainty.kinds == ("refits",)


@pytest.mark.deep
@pytest.mark.parametrize("metro", [METRO, LINE], ids=["groups", "continuum"])
def test_the_default_is_no_worse_than_the_method_of_the_paper(metro):
    ours = adjusted_rand_score(metro.truth, rated(metro, FitOptions()).levels)
    theirs = rated(metro, FitOptions(), method="resilinet", transforms=STANDARD, refits=2)
    assert ours >= adjusted_rand_score(metro.truth, theirs.levels) - 0.02


def test_a_model_rates_another_metro_on_its_own_scale():
    model = rated(LINE).model
    other = planted_metro("additive", 300, 102)
    touching = grid_neighbours(other.cells)
    richer = other.features.assign(extra=1.0)
    result = apply_model(model, richer, touching=touching)
    assert result.absent == {"extra": "not in the model that is applied"}
    assert result.levels.notna().all()
    raised = other.features.copy()
    for name, direction in zip(model.facts["features"], model.arrays["scaler.directions"], strict=True):
        raised[name] = LINE.features[name].max() if direction > 0 else LINE.features[name].min()
    assert (apply_model(model, raised, touching=touching).levels == 5).all()
    with pytest.raises(DataMissing, match="poverty"):
        apply_model(model, other.features.drop(columns="poverty"))
    with pytest.raises(TableError, match="format"):
        apply(Model({**model.facts, "format": 0}, model.arrays), other.features, None)
    broken = {name: values for name, values in model.arrays.items() if name != "gather"}
    with pytest.raises(TableError, match="gather"):
        apply(Model(model.facts, broken), other.features, None)
    wrong = {**model.arrays, "levels": model.arrays["levels"] + 1}
    with pytest.raises(TableError, match=r"1\.\.5"):
        apply(Model(model.facts, wrong), other.features, None)


LOOKS = [
    ("kmeans", False),
    pytest.param("resilinet", False, marks=pytest.mark.deep),
    ("neighbour_kmeans", True),
    ("graded", True),
]


@pytest.mark.parametrize(("name", "looks"), LOOKS)
def test_neighbours_are_seen_only_by_methods_that_look(name, looks):
    apart = METRO.cells.assign(column=METRO.cells["column"] * 7)  # nothing touches sideways
    options = replace(QUICK, settings={**QUICK.settings, "neighbour_weight": 0.35})
    same = rated(with_cells(METRO, cells=apart), options, method=name).levels.equals(
        rated(METRO, options, method=name).levels
    )
    assert same != looks
    assert np.array_equal(neighbour_means(np.eye(3), None), np.eye(3))


def test_sparse_cells_are_rated_and_shape_nothing():
    """Law: whatever stands in cells where nobody is counted, the levels of the others stay, and so does their certainty."""
    people = pd.Series(np.random.default_rng(5).lognormal(5, 1, 700), LINE.features.index)
    people[people < people.quantile(0.3)] = 0.0
    changed = LINE.features.copy()
    changed[people == 0] = changed[people == 0].sample(frac=1, random_state=1).to_numpy()
    first, second = (
        rate_cells(features, DIRECTIONS, facts=CellFacts(people), options=QUICK)
        for features in (LINE.features, changed)
    )
    some = people > 0
    assert first.levels[some].equals(second.levels[some])
    assert first.certainty.ranks[some].equals(second.certainty.ranks[some])
    assert first.levels.notna().all()
    held = people.groupby(first.levels).sum() / people.sum()
    assert held.min() >= FEWEST_SHARE
    with pytest.raises(DataMissing, match="hold people enough"):
        rate_cells(LINE.features, DIRECTIONS, facts=CellFacts(people.where(people.rank() > 660, 0.0)))


def test_a_missing_feature_leaves_its_pillar_its_weight_and_widens_the_certainty():
    pillars = {name: rule.pillar for name, rule in RULES.items()}
    expected = tuple(LINE.features)
    options = replace(QUICK, aims=Aims(pillars), certainty=CertaintyOptions(draws=60, expected=expected))
    whole = rated(LINE, options)
    few = rate_cells(LINE.features[["poverty", "hospitals_within_reach", "road_density"]], DIRECTIONS, options=options)
    width = [(r.certainty.ranks["rank_high"] - r.certainty.ranks["rank_low"]).mean() for r in (whole, few)]
    assert width[1] > 1.5 * width[0]
    assert "features that are absent" in few.certainty.kinds
    assert "features that are absent" not in whole.certainty.kinds
    # one feature a pillar, and each weighs as much as its pillar is meant to
    assert few.model.arrays["layer.0.weights"].ravel() == pytest.approx(
        np.full(3, few.model.arrays["layer.0.weights"].mean())
    )


@pytest.fixture
def groups():
    """Five synthetic, well separated groups of cells along one line, and their true order."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(1, 6), 40)
    scaled = pd.DataFrame(truth[:, None] * 2.0 + rng.normal(0, 0.2, (200, 4)), columns=list("abcd"))
    return (scaled - scaled.mean()) / scaled.std(ddof=0), truth


def test_any_columns_are_rated_and_constant_ones_dropped(groups):
    scaled, _ = groups
    features = scaled.assign(flat=0.9)
    directions = dict.fromkeys(features, 1)
    first, second = (rate_cells(features, directions, options=QUICK, seed=4) for _ in range(2))
    assert first.levels.equals(second.levels)
    assert first.absent == {"flat": "the same in every cell"}
    assert first.used == ("a", "b", "c", "d")
    with pytest.raises(DataMissing, match="at least 50"):
        rate_cells(features.head(20), directions)
    with pytest.raises(DataMissing, match="only 1 features vary"):
        rate_cells(features[["a", "flat"]], directions)


def test_published_margins_stand_in_for_the_assumed_error():
    """Law: margins of nearly nothing narrow the intervals, wide ones widen them."""
    widths = []
    for share in (1e-6, 0.0, 2.0):
        errors = LINE.features.std() * share * pd.DataFrame(1.0, LINE.features.index, LINE.features.columns)
        facts = CellFacts(errors=errors if share else None)
        found = rate_cells(LINE.features, DIRECTIONS, facts=facts, options=QUICK).certainty
        widths.append((found.ranks["rank_high"] - found.ranks["rank_low"]).mean())
        assert ("published margins of error" in found.kinds) == bool(share)
    assert widths == sorted(widths)
    assert widths[2] > 1.5 * widths[0]
