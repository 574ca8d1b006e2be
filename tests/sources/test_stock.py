"""Mixes of the stock: what untagged outlines are drawn from.

Worked by hand: of 20,000 houses of 60 to 250 m2 in open country of no region, the table gives 35 % one story, 55 % two and
10 % three: a mean of 0.35 + 2 x 0.55 + 3 x 0.10 = 1.75 stories. The share of one draw has the standard error
sqrt(.35 x .65 / 20,000) = .0034; the tolerance is four of them.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from holdfast.config import TableOptions
from holdfast.data import packaged
from holdfast.errors import TableError, UnknownName
from holdfast.sources.readers import load
from holdfast.sources.stock import Stock, drawn, drawn_structures, from_tagged, region_at, require_region, strata

MANY = 20_000


def of(size, place="open", count=MANY):
    return pd.DataFrame({"size": [size] * count, "place": [place] * count})


def test_stories_by_hand():
    found = drawn("stories", pd.RangeIndex(MANY), of("house"), Stock("*"))
    assert np.mean(found == 1) == pytest.approx(0.35, abs=4 * 0.0034)
    assert found.mean() == pytest.approx(1.75, abs=4 * 0.62 / np.sqrt(MANY))


def test_shares_of_every_mix_sum_to_one():
    keys = ["attribute", "region", "size", "place"]
    np.testing.assert_allclose(packaged("stock_mixes").groupby(keys)["share"].sum(), 1.0)
    structures = packaged("structure_mixes").fillna(-1)
    np.testing.assert_allclose(structures.groupby(["region", "use", "year_below", "stories_below"])["share"].sum(), 1.0)


def test_every_region_size_and_place_has_a_mix():
    for region in {*packaged("stock_regions")["region"], "*"}:
        for size in ("small", "house", "block", "hall"):
            for place in ("dense", "open"):
                for attribute in ("occupancy", "stories", "year_built"):
                    assert len(drawn(attribute, pd.RangeIndex(3), of(size, place, 3), Stock(region))) == 3
                homes = pd.DataFrame(
                    {
                        "occupancy": ["RES1", "COM2", "GOV1"],
                        "year_built": [1900.0, 1960.0, 2020.0],
                        "stories": [1.0, 5.0, 30.0],
                    }
                )
                assert all(drawn_structures(pd.RangeIndex(3), homes, Stock(region)))


def test_a_building_is_drawn_alone():
    """In any order and beside any others: only its id and the seed count."""
    ids = pd.Index([f"way/{i}" for i in range(500)])
    whole = drawn("year_built", ids, of("house", count=500), Stock("europe", 3))
    part = drawn("year_built", ids[::-1][:50], of("house", count=50), Stock("europe", 3))
    assert (part == whole[::-1][:50]).all()
    assert (drawn("year_built", ids, of("house", count=500), Stock("europe", 4)) != whole).any()


def test_large_outlines_are_seldom_homes_and_no_class_rules():
    uses = pd.Series(drawn("occupancy", pd.RangeIndex(MANY), of("hall"), Stock("europe")))
    assert (uses == "HOME").mean() < 0.1
    homes = pd.DataFrame({"occupancy": ["RES1"] * MANY, "year_built": [1960.0] * MANY, "stories": [2.0] * MANY})
    classes = pd.Series(drawn_structures(pd.RangeIndex(MANY), homes, Stock("europe"))).value_counts(normalize=True)
    assert classes.iloc[0] < 0.7
    assert len(classes) >= 4


def test_a_dense_place_by_hand():
    """Nine houses of 20 x 10 m beside one another cover 1,800 m2; 200 houses in 300 x 300 m cover 40,000 of 90,000 m2."""
    few = [box(i * 25, 0, i * 25 + 20, 10) for i in range(9)]
    many = [box(1e5 + x * 15, y * 15, 1e5 + x * 15 + 14, y * 15 + 14) for x in range(20) for y in range(10)]
    place = gpd.GeoDataFrame(geometry=few + many, crs=32635)
    place["footprint_m2"] = place.area
    found = strata(place)["place"]
    assert set(found[:9]) == {"open"}
    assert set(found[9:]) == {"dense"}


def test_values_of_tags_come_from_their_size_where_these_are_enough():
    size = pd.Series(["house"] * 40 + ["hall"] * 40 + ["house", "hall", "block"])
    tagged = pd.Series([2.0] * 40 + [1.0] * 40 + [np.nan] * 3)
    found = from_tagged(tagged, pd.RangeIndex(83), size, 0, "stories")
    assert found[80:82].tolist() == [2.0, 1.0]
    assert found[82] in (1.0, 2.0)


@pytest.mark.parametrize(
    ("longitude", "latitude", "region"),
    [
        (7.42, 43.73, "europe"),
        (-54.6, -20.4, "latin_america"),
        (139.7, 35.7, "east_asia"),
        (85.3, 27.7, "south_asia"),
        (36.8, -1.3, "africa"),
        (151.2, -33.9, "oceania"),
        (29.0, 41.0, "middle_east"),
        (-80.2, 25.8, "north_america"),
        (-99.1, 19.4, "latin_america"),
        (-3.7, 40.4, "europe"),
    ],
)
def test_regions_of_known_cities(longitude, latitude, region):
    assert region_at(longitude, latitude) == region


def test_an_unknown_region_is_named():
    with pytest.raises(UnknownName, match=r"atlantis.*africa"):
        require_region("atlantis")


def test_mixes_of_a_study(tmp_path):
    """A table of the user's own; shares that do not sum to 1 are refused by their stratum."""
    rows = packaged("stock_mixes").query("region == '*'")
    rows.loc[rows["attribute"] == "stories", "value"] = "3-3"
    rows.to_csv(tmp_path / "mine.csv", index=False)
    table = load("stock_mixes", TableOptions(source="stock_mixes", path="mine.csv"), tmp_path, None).table
    assert set(drawn("stories", pd.RangeIndex(50), of("hall", count=50), Stock("europe", 0, table))) == {3.0}
    rows.iloc[1:].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(TableError, match=r"occupancy / \* / small / \*.*sum to 0\.4"):
        load("stock_mixes", TableOptions(source="stock_mixes", path="mine.csv"), tmp_path, None)


def test_stories_that_are_no_band_are_refused_by_their_row(tmp_path):
    rows = packaged("stock_mixes").query("region == '*'").reset_index(drop=True)
    first = rows.index[rows["attribute"] == "stories"][0]
    for wrong in ("3", "tall"):
        rows.loc[first, "value"] = wrong
        rows.to_csv(tmp_path / "mine.csv", index=False)
        with pytest.raises(TableError, match=f'row {first + 2}, column value: "{wrong}" is no band'):
            load("stock_mixes", TableOptions(source="stock_mixes", path="mine.csv"), tmp_path, None)
