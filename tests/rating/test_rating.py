"""Grid, scaling, autoencoder, clusterings, levels, index and pattern."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from holdfast.config import AutoencoderOptions, RatingOptions
from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName
from holdfast.rating.analysis.additive import additive_index
from holdfast.rating.analysis.pattern import morans_i
from holdfast.rating.grid.region import grid, neighbours, pieces, squares
from holdfast.rating.model.autoencoder import encode
from holdfast.rating.model.clustering import CLUSTERINGS, assign, clustering
from holdfast.rating.model.consensus import agreement_between, refit, vote
from holdfast.rating.model.levels import order
from holdfast.rating.model.missing import fill
from holdfast.rating.model.scaling import TRANSFORMS, scale
from holdfast.rating.rate import rate_cells

OPTIONS = RatingOptions(refits=3, autoencoder=AutoencoderOptions(epochs=60))


@pytest.fixture
def groups():
    """Five synthetic, well separated groups of cells along one line, and their true order."""
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(1, 6), 40)
    scaled = pd.DataFrame(truth[:, None] * 2.0 + rng.normal(0, 0.2, (200, 4)), columns=list("abcd"))
    return (scaled - scaled.mean()) / scaled.std(ddof=0), truth


def test_the_grid_covers_the_region_and_nothing_else():
    region = gpd.GeoDataFrame(geometry=[box(1000, 1000, 5000, 3000), box(5000, 1000, 6000, 2000)], crs=32615)
    made = grid("Region", region, 2000, "EPSG:32615")
    assert made.cells["region_m2"].sum() == pytest.approx(9e6)
    assert sorted(made.cells.index) == sorted(["E0N0", "E1N0", "E2N0", "E0N1", "E1N1", "E2N1"])[: len(made.cells)]
    assert (made.cells.area == 4e6).all()


def test_the_grid_refuses_degrees_and_giants():
    region = gpd.GeoDataFrame(geometry=[box(-96, 29, -95, 30)], crs=4326)
    with pytest.raises(TableError, match="not in metres"):
        grid("Region", region, 2000, "EPSG:4326")
    with pytest.raises(TableError, match="larger cells"):
        grid("Region", region, 10)


@settings(max_examples=25, deadline=None)
@given(st.floats(-5e4, 5e4), st.floats(-5e4, 5e4), st.floats(10, 2e4), st.floats(10, 2e4))
def test_pieces_keep_every_square_metre(x, y, width, height):
    shape = gpd.GeoDataFrame(geometry=[box(x, y, x + width, y + height)], crs=32615)
    cells = grid("Region", shape, 2000, "EPSG:32615").cells
    cut = pieces(cells, shape)
    assert cut["piece_m2"].sum() == pytest.approx(width * height, rel=1e-6, abs=2.0 * len(cells))
    assert cut["share"].sum() == pytest.approx(1, rel=1e-3)


def test_neighbours_against_libpysal():
    """Origin: queen contiguity of the same squares by libpysal."""
    from libpysal.graph import Graph

    rng = np.random.default_rng(2)
    chosen = rng.random((12, 12)) < 0.6
    rows, columns = np.nonzero(chosen)
    cells = squares(columns - 5, rows - 7, 2000.0, "EPSG:32615")
    theirs = Graph.build_contiguity(cells.reset_index(), rook=False).sparse.toarray()
    assert np.array_equal(neighbours(cells).toarray(), theirs)


def test_moran_against_esda():
    """Origin: esda's Moran with row-standardised weights."""
    from esda.moran import Moran
    from libpysal.graph import Graph

    rows, columns = (a.ravel() for a in np.mgrid[0:15, 0:15])
    cells = squares(columns, rows, 2000.0, "EPSG:32615")
    values = np.sin(columns / 3) + np.random.default_rng(3).normal(0, 0.4, len(rows))
    graph = Graph.build_contiguity(cells.reset_index(), rook=False).transform("r")
    theirs = Moran(values, graph, permutations=999)
    ours = morans_i(values, neighbours(cells), 999, np.random.default_rng(4))
    assert ours["moran_i"] == pytest.approx(theirs.I, abs=1e-10)
    assert ours["expected"] == pytest.approx(theirs.EI)
    assert ours["p_value"] == 0.001
    noise = morans_i(np.random.default_rng(5).normal(size=len(rows)), neighbours(cells), 999, np.random.default_rng(6))
    assert noise["p_value"] > 0.01
    assert np.isnan(morans_i(np.ones(len(rows)), neighbours(cells), 99, np.random.default_rng(7))["moran_i"])


@pytest.mark.parametrize("name", TRANSFORMS)
def test_scaling_is_free_of_units(name):
    values = pd.DataFrame({"x": np.random.default_rng(1).uniform(1, 90, 50)})
    one = scale(values, {"x": name}, {"x": 1})
    assert one["x"].mean() == pytest.approx(0, abs=1e-12)
    assert one["x"].std(ddof=0) == pytest.approx(1)
    assert np.allclose(scale(values, {"x": name}, {"x": -1}), -one)
    if name != "log":
        assert np.allclose(scale(values * 1000, {"x": name}, {"x": 1}), one)


def test_scaling_refuses_the_logarithm_of_a_code():
    with pytest.raises(TableError, match="code for unknown"):
        scale(pd.DataFrame({"x": [-999.0, 3.0]}), {"x": "log"}, {"x": 1})
    with pytest.raises(UnknownName, match="transform"):
        scale(pd.DataFrame({"x": [1.0, 3.0]}), {"x": "root"}, {"x": 1})


def test_refits_in_one_batch_equal_refits_alone():
    cells = np.random.default_rng(0).normal(size=(80, 5))
    options = AutoencoderOptions(epochs=50)
    codes, errors = encode(cells, options, [np.random.default_rng(s) for s in (1, 2, 3)])
    for k, seed in enumerate((1, 2, 3)):
        alone, error = encode(cells, options, [np.random.default_rng(seed)])
        assert np.allclose(codes[k], alone[0], atol=1e-4)
        assert errors[k] == pytest.approx(error[0], rel=1e-4)


def test_a_wide_autoencoder_recovers_a_low_dimension():
    """Origin: cells that lie on a plane need two numbers; principal components rebuild them exactly."""
    rng = np.random.default_rng(1)
    cells = rng.normal(size=(300, 2)) @ rng.normal(size=(2, 6))
    cells = (cells - cells.mean(0)) / cells.std(0)
    _, errors = encode(cells, AutoencoderOptions(latent=2, hidden=32, epochs=1500), [rng])
    assert errors[0] < 0.02


def test_a_diverging_autoencoder_is_refused():
    with pytest.raises(NotConverged, match="learning_rate"):
        encode(np.full((60, 2), 1e30), AutoencoderOptions(epochs=5), [np.random.default_rng(0)])


@pytest.mark.parametrize("name", CLUSTERINGS)
def test_a_clustering_finds_planted_groups_and_keeps_its_contract(name, groups):
    scaled, truth = groups
    codes = scaled.to_numpy()
    before = codes.copy()
    found = assign(CLUSTERINGS[name](codes, 5, np.random.default_rng(0)), codes)
    assert found.shape == truth.shape
    assert agreement_between(np.stack([found, truth])) == pytest.approx(1)
    assert np.array_equal(assign(CLUSTERINGS[name](codes, 5, np.random.default_rng(0)), codes), found)
    assert np.array_equal(codes, before)
    assert order(found, codes.mean(axis=1, keepdims=True))[found].tolist() == truth.tolist()


def test_unknown_clustering():
    with pytest.raises(UnknownName, match="known: gaussian_mixture, kmeans"):
        clustering("kmean")


def test_the_rating_finds_planted_levels(groups):
    scaled, truth = groups
    refits = refit(scaled.to_numpy(), None, OPTIONS, 1)
    winner, shares = vote(refits.levels)
    assert (winner == truth).mean() > 0.95
    assert np.allclose(shares.sum(axis=1), 1)


def test_vote_takes_the_middle_of_a_tie_and_refuses_an_empty_level():
    levels = np.array([[1, 2, 3, 4, 5, 1], [1, 2, 3, 4, 5, 2], [1, 2, 3, 4, 5, 5]])
    assert vote(levels)[0][-1] == 2  # of 1, 2 and 5 the nearest to their mean 2.67
    with pytest.raises(NotConverged, match="level 5"):
        vote(np.array([[1, 2, 3, 4], [1, 2, 3, 4]]))


def test_rate_cells_is_deterministic_and_drops_constant_features(groups):
    scaled, _ = groups
    features = scaled.rename(
        columns=dict(zip("abcd", ["building_age", "education", "poverty", "green_space"], strict=True))
    )
    features["health_insurance"] = 0.9
    reasons = pd.Series("", index=features.index, dtype="string")
    first, second = (rate_cells(features, reasons, {}, OPTIONS, 4) for _ in range(2))
    assert first.levels.equals(second.levels)
    assert first.absent == {"health_insurance": "the same in every cell"}
    with pytest.raises(DataMissing, match="at least 50"):
        rate_cells(features.head(20), reasons.head(20), {}, OPTIONS, 4)


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


def test_policies_for_missing_values():
    features = pd.DataFrame({"poverty": [0.1, np.nan, 0.3, np.nan]}, index=list("abcd"))
    homes = pd.Series([1.0, 5.0, 2.0, 0.0], index=list("abcd"))
    _, reasons, _ = fill(features, homes, {"poverty": "unrated"})
    assert reasons.tolist() == ["", "unknown: poverty", "", "no housing units"]
    filled, reasons, flags = fill(features, homes, {"poverty": "median"})
    assert filled["poverty"].iloc[1] == pytest.approx(0.2)
    assert reasons.tolist() == ["", "", "", "no housing units"]
    assert flags["poverty_imputed"].tolist() == [False, True, False, False]
    with pytest.raises(DataMissing, match="poverty is unknown in 1"):
        fill(features, homes, {"poverty": "refuse"})
    with pytest.raises(UnknownName, match="policy"):
        fill(features, homes, {"poverty": "guess"})
