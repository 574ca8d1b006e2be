"""Rating own frames: any columns, any shapes or none, and whatever a user can do wrong."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

import holdfast
from holdfast.errors import DataMissing, NotConverged, TableError, UnknownName
from holdfast.rating import FitOptions, neighbours, rate_frame

DIRECTIONS = {"shops": 1, "crime": -1, "trees": 1}


def frame(rows=120, seed=0, **columns):
    """Synthetic districts that differ in one thing, seen in three columns, and a name that is no feature."""
    rng = np.random.default_rng(seed)
    wealth = np.sort(rng.normal(size=rows))
    made = {
        "shops": wealth + rng.normal(0, 0.3, rows),
        "crime": rng.normal(0, 0.3, rows) - wealth,
        "trees": np.exp(wealth + rng.normal(0, 0.3, rows)),
        "name": [f"district {i}" for i in range(rows)],
    }
    return pd.DataFrame({**made, **columns}, index=pd.Index([f"d{i:03d}" for i in range(rows)], name="district"))


def shaped(rows=120):
    """The same as a Voronoi diagram: polygons of any shape, without a CRS."""
    points = shapely.multipoints(np.random.default_rng(3).uniform(0, 100, (rows, 2)))
    shapes = sorted(shapely.get_parts(shapely.voronoi_polygons(points)), key=lambda s: s.centroid.x)
    return gpd.GeoDataFrame(frame(rows), geometry=shapes)


def test_a_frame_of_any_columns_gets_levels():
    own = frame()
    before = own.copy()
    rated = holdfast.rate(own, directions=DIRECTIONS)
    pd.testing.assert_frame_equal(own, before)
    assert type(rated) is pd.DataFrame
    assert rated.index.equals(own.index)
    assert set(rated["level"]) == {1, 2, 3, 4, 5}
    assert rated["level"].corr(own["shops"], method="spearman") > 0.9
    assert rated["level"].corr(own["crime"], method="spearman") < -0.9
    assert dict(zip(rated["level"], rated["level_name"], strict=True))[1] == "very low"
    assert dict(zip(rated["level"], rated["level_name"], strict=True))[5] == "very high"
    assert np.allclose(rated[[f"p_level_{k}" for k in range(1, 6)]].sum(axis=1), 1)
    assert rated["agreement"].between(0, 1).all()
    assert "name" not in rated
    assert rated.attrs["absent"] == {}


LOOKING = FitOptions(settings={"neighbour_weight": 0.35})


def test_shapes_make_neighbours_and_stay():
    own = shaped()
    rated = holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.neighbour_weight": 0.35})
    assert isinstance(rated, gpd.GeoDataFrame)
    assert rated.geometry.equals(own.geometry)
    assert rated.crs is None
    flat = rate_frame(pd.DataFrame(own.drop(columns="geometry")), DIRECTIONS, options=LOOKING)
    assert not rated["level"].equals(flat["level"])
    given = rate_frame(
        pd.DataFrame(own.drop(columns="geometry")), DIRECTIONS, touching=neighbours(own), options=LOOKING
    )
    assert given["level"].equals(rated["level"])
    named = own.rename_geometry("outline")
    again = holdfast.rate(named, directions=DIRECTIONS, overrides={"rating.neighbour_weight": 0.35})
    assert again["level"].equals(rated["level"])


def test_the_order_of_rows_and_the_kind_of_labels_do_not_matter():
    own = frame()
    first = rate_frame(own, DIRECTIONS)
    mixed = rate_frame(own.sample(frac=1, random_state=1), DIRECTIONS)
    assert mixed["level"].loc[own.index].equals(first["level"])
    labels = own.set_axis([i if i % 2 else f"x{i}" for i in range(len(own))])
    assert set(rate_frame(labels, DIRECTIONS)["level"]) == {1, 2, 3, 4, 5}
    pairs = own.set_index(pd.MultiIndex.from_product([range(12), range(10)]))
    assert rate_frame(pairs, DIRECTIONS).index.equals(pairs.index)
    numbered = own.rename(columns={"shops": 0, "crime": 1, "trees": 2})
    assert rate_frame(numbered, {0: 1, 1: -1, 2: 1})["level"].equals(first["level"])


def test_the_study_decides_how_a_frame_is_rated():
    own = frame()
    first = holdfast.rate(own, directions=DIRECTIONS)
    keys = {"seed": 1, "rating.refits": 20, "rating.directions": DIRECTIONS}
    assert holdfast.rate(own, overrides=keys)["level"].equals(first["level"])
    other = holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.method": "additive", "rating.subsample": 1.0})
    assert other["level"].corr(other["additive_level"]) > 0.95
    assert not holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.scores": "standard"})["level"].isna().any()
    options = FitOptions("kmeans", refits=3)
    assert set(rate_frame(own, DIRECTIONS, options=options)["level"]) == {1, 2, 3, 4, 5}


def test_directions_go_over_those_of_a_study(study):
    turned = holdfast.rate(study, directions={"poverty": 1})
    rows = {row["feature"]: row["direction"] for row in turned.attrs["summary"]["features_used"]}
    assert (rows["poverty"], rows["building_age"]) == (1, -1)


def test_features_of_holdfast_have_their_own_directions():
    own = frame().rename(columns={"shops": "education", "crime": "poverty"})
    rated = holdfast.rate(own)
    assert rated["level"].corr(rated["education"], method="spearman") > 0.9
    assert "trees" not in rated


def test_rows_without_a_value_have_a_reason_or_are_filled():
    own = frame(crime=np.where(np.arange(120) % 5 == 0, np.nan, -frame()["shops"]))
    rated = rate_frame(own, DIRECTIONS)
    assert rated["reason"].value_counts().to_dict() == {"unknown: crime": 24}
    assert rated["level"].isna().sum() == 24
    assert rated.loc[rated["level"].isna(), "level_name"].isna().all()
    filled = rate_frame(own, DIRECTIONS, missing={"crime": "median"})
    assert filled["level"].notna().all()
    assert filled["crime_imputed"].sum() == 24
    with pytest.raises(DataMissing, match="must not be"):
        holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.missing": {"crime": "refuse"}})
    nullable = own.assign(crime=own["crime"].round(3).astype("Float64"))
    assert rate_frame(nullable, DIRECTIONS)["level"].isna().sum() == 24


def test_a_constant_column_is_named_and_left_out():
    rated = rate_frame(frame(flat=1.0), {**DIRECTIONS, "flat": 1})
    assert rated.attrs["absent"] == {"flat": "the same in every cell"}


def test_what_a_user_may_do_wrong():
    own = frame()
    text, infinite = own.assign(shops="x"), own.assign(shops=[np.inf, *own["shops"][1:]])
    hollow = shaped()
    hollow.loc["d007", "geometry"] = None
    for given, directions, error, words in (
        (text, DIRECTIONS, TableError, "column shops: holds (str|object|string), not numbers"),
        (infinite, DIRECTIONS, TableError, "column shops: is infinite in d000"),
        (own.assign(crime=np.nan), DIRECTIONS, DataMissing, "only 0 of 120 rows.*unknown: crime in 120 rows"),
        (own.assign(crime=1.0, trees=2.0), DIRECTIONS, DataMissing, "only 1 columns vary.*crime, trees"),
        (own.head(2), DIRECTIONS, DataMissing, "only 2 of 2 rows"),
        (own.iloc[:0], DIRECTIONS, DataMissing, "only 0 of 0 rows"),
        (pd.DataFrame(), DIRECTIONS, UnknownName, "shops"),
        (own.set_axis(["same"] * 120), DIRECTIONS, TableError, "stand twice: same"),
        (own, {"shop": 1}, UnknownName, '"shop" is not a known column of the frame; known: crime'),
        (own, {"shops": 2}, TableError, "2 is no direction"),
        (own, None, DataMissing, "say which columns to rate by"),
        (own, {}, DataMissing, "say which columns to rate by"),
        (own, ["shops"], DataMissing, "say which columns to rate by"),
        (own.rename(columns={"shops": "level"}), {"level": 1, "crime": -1}, TableError, "is a column of the result"),
        (pd.concat([own, own[["shops"]]], axis=1), DIRECTIONS, TableError, "column shops: stands twice"),
        (hollow, DIRECTIONS, TableError, "missing or empty in d007"),
        (
            own.assign(**dict.fromkeys(DIRECTIONS, np.arange(120) % 2)),
            DIRECTIONS,
            NotConverged,
            "of cells instead of 5",
        ),
    ):
        with pytest.raises(error, match=f"(?s){words}"):
            holdfast.rate(given, directions=directions)


def test_keys_that_say_nothing_about_a_frame_are_refused(tmp_path):
    own = frame()
    with pytest.raises(TableError, match=r"rating\.reach: says nothing about a frame"):
        holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.reach": 5000.0, "seed": 2})
    with pytest.raises(TableError, match="returned, not written"):
        holdfast.rate(own, directions=DIRECTIONS, out=tmp_path / "out")
    with pytest.raises(UnknownName, match="column to rate by"):
        rate_frame(own, DIRECTIONS, missing={"name": "median"})
    with pytest.raises(TableError, match="no DataFrame"):
        rate_frame([1, 2], DIRECTIONS)
    with pytest.raises(UnknownName, match="method"):
        holdfast.rate(own, directions=DIRECTIONS, overrides={"rating.method": "kmean"})


def test_squares_of_a_grid_and_their_outlines_give_one_rating():
    """A law: what touches is the same, so are the levels, whatever the CRS and the names of the columns."""
    cells = gpd.GeoDataFrame(frame(100), geometry=[box(x, y, x + 1, y + 1) for y in range(10) for x in range(10)])
    moved = cells.set_geometry(cells.translate(1e5, 1e6)).set_crs(32615)
    assert rate_frame(moved, DIRECTIONS)["level"].equals(rate_frame(cells, DIRECTIONS)["level"])
