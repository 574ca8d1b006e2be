"""Settling buildings: classes, people, zones.

Origin of the golden classes: read by hand from the Hazus height ranges (1-3, 4-7, 8 and more stories) and the eras
of the rule. Origin of the counts for San Francisco and Berkeley: the same rule written apart from this code.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely.geometry import Point, box

from holdfast.config import CityOptions, load_study
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.city import asset_classes, inferred_share, require_nodes, settle_buildings, zones_of
from holdfast.sources.buildings import read_buildings
from holdfast.sources.parameters import load_parameters

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


def homes(count: int = 6, **columns: object) -> gpd.GeoDataFrame:
    """Made-up buildings 60 m apart."""
    table = {
        "building_id": [f"b{i}" for i in range(count)], "occupancy": "RES1", "structure": "W1", "stories": 2,
        "year_built": 1950, "floor_area_m2": 200.0, "replacement_cost": 4e5, **columns,
    }  # fmt: skip
    places = [Point(550_000 + 60 * i, 4_190_000) for i in range(count)]
    return gpd.GeoDataFrame(table, geometry=places, crs=32610)


@pytest.mark.parametrize(
    ("structure", "stories", "year", "expected"),
    [
        ("W1", 1, 1906, "W1.moderate_code"),
        ("W1", 4, 1976, "W1.high_code"),
        ("W2", 2, 1940, "W2.pre_code"),
        ("C1", 3, 1941, "C1L.moderate_code"),
        ("C1", 3.5, 1941, "C1L.moderate_code"),
        ("C1", 4, 1975, "C1M.moderate_code"),
        ("S2", 8, 2000, "S2H.high_code"),
        ("RM1", 12, 1930, "RM1M.pre_code"),
        ("URM", 2, 1930, "URML.pre_code"),
        ("URM", 3, 1930, "URMM.pre_code"),
        ("URM", 2, 1990, "URML.low_code"),
        ("C3", 7, 1960, "C3M.low_code"),
        ("S5", 2, 1960, "S5L.low_code"),
        ("MH", 1, 1980, "MH.high_code"),
    ],
)
def test_classes_golden(parameters, structure, stories, year, expected):
    table = pd.DataFrame({"structure": [structure], "stories": [stories], "year_built": [year]})
    assert asset_classes(table, "ubc_zone_4", parameters.fragility).tolist() == [expected]
    pre = asset_classes(table, "no_seismic_code", parameters.fragility)[0]
    assert pre.endswith(".pre_code")


def test_every_structure_height_and_era_finds_a_class(parameters):
    structures = ["W1", "W2", "S1", "S2", "S3", "S4", "S5", "C1", "C2", "C3", "PC1", "PC2", "RM1", "RM2", "URM", "MH"]
    rows = [(s, n, y) for s in structures for n in (1, 3, 5, 9, 60) for y in (1800, 1940, 1941, 1975, 1976, 2020)]
    table = pd.DataFrame(rows, columns=["structure", "stories", "year_built"])
    assert asset_classes(table, "ubc_zone_4", parameters.fragility).isin(parameters.fragility["asset_class"]).all()


def test_unknown_names_are_refused(parameters):
    with pytest.raises(TableError, match=r'row 3, column structure: "W9" has no fragility; known: .*URM') as caught:
        settle_buildings(homes(3, structure=["W1", "W9", "X"]), CityOptions(), parameters)
    assert len(caught.value.problems) == 2
    with pytest.raises(UnknownName, match="ubc_zone_4"):
        settle_buildings(homes(), CityOptions(code_rule="zone 4"), parameters)
    with pytest.raises(TableError, match=r'"W1\.no_code" has no fragility'):
        settle_buildings(homes(asset_class="W1.no_code"), CityOptions(), parameters)
    with pytest.raises(TableError, match="RES9"):
        settle_buildings(homes(occupancy="RES9"), CityOptions(), parameters)
    with pytest.raises(TableError, match="floor_area_m2: 0"):
        settle_buildings(homes(floor_area_m2=0.0), CityOptions(), parameters)


def test_what_the_table_holds_is_kept(parameters):
    given = homes(residents=3.0, workers=1.0, asset_class="C1L.pre_code", zone_id="old town")
    table = settle_buildings(given, CityOptions(), parameters)
    assert table["residents"].tolist() == [3.0] * 6
    assert table["workers"].tolist() == [1.0] * 6
    assert set(table["asset_class"]) == {"C1L.pre_code"}
    assert set(table["inferred"]) == {""}
    zones = zones_of(table, 500)
    assert zones.index.tolist() == ["old town"]
    assert zones["residents"].tolist() == [18.0]
    assert zones.geometry.iloc[0].covers(table.geometry.iloc[3])


def test_people_come_from_floor_area_and_are_flagged(parameters):
    table = settle_buildings(homes(occupancy=["RES1"] * 5 + ["COM4"]), CityOptions(), parameters)
    density = parameters.productivity.set_index("occupancy")
    assert table["residents"].iloc[0] == pytest.approx(2 * density.loc["RES1", "residents_per_100_m2"])
    assert table["workers"].iloc[5] == pytest.approx(2 * density.loc["COM4", "workers_per_100_m2"])
    assert set(table["inferred"]) == {"residents workers"}
    assert inferred_share(table)["buildings"].to_dict() == {"residents": 1.0, "workers": 1.0}


def test_inferred_residents_are_scaled_to_the_population(parameters):
    mixed = homes(occupancy=["RES1"] * 5 + ["RES3"])
    free = settle_buildings(mixed, CityOptions(), parameters)["residents"]
    scaled = settle_buildings(mixed, CityOptions(population_total=100), parameters)["residents"]
    assert scaled.sum() == pytest.approx(100)
    assert (scaled / free).to_numpy() == pytest.approx(100 / free.sum())
    with pytest.raises(TableError, match="no homes among which"):
        settle_buildings(homes(occupancy="COM1"), CityOptions(population_total=100), parameters)


def test_a_population_beside_given_residents_is_refused(parameters):
    with pytest.raises(TableError, match="already holds residents"):
        settle_buildings(homes(residents=2.0), CityOptions(population_total=100), parameters)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2227"])
def test_crs_must_be_in_metres(parameters, crs):
    with pytest.raises(TableError, match="not in metres"):
        settle_buildings(homes(), CityOptions(crs=crs), parameters)


def test_a_table_without_crs_is_refused(parameters):
    with pytest.raises(TableError, match="no CRS"):
        settle_buildings(homes().set_crs(None, allow_override=True), CityOptions(), parameters)


def test_order_of_rows_does_not_matter_and_nothing_is_mutated(parameters):
    table = homes(20, year_built=list(range(1900, 2000, 5)))
    before = table.copy()
    settled = settle_buildings(table, CityOptions(), parameters)
    shuffled = settle_buildings(table.sample(frac=1, random_state=3), CityOptions(), parameters)
    assert_geodataframe_equal(settled, shuffled)
    assert_geodataframe_equal(table, before)
    assert settled.index.is_monotonic_increasing


@pytest.mark.parametrize("size", [50.0, 250.0, 1000.0])
def test_zones_cover_their_buildings_and_hold_their_residents(parameters, size):
    table = settle_buildings(homes(30), CityOptions(zone_size=size), parameters)
    zones = zones_of(table, size)
    assert zones["residents"].sum() == pytest.approx(table["residents"].sum())
    squares = zones.geometry.reindex(table["zone_id"])
    assert all(square.covers(point) for square, point in zip(squares, table.geometry, strict=True))
    assert np.allclose(zones.area, size**2)
    assert zones.index.is_unique


def test_a_building_without_a_node_is_refused(parameters):
    from cities import network

    table = settle_buildings(homes(3), CityOptions(), parameters)
    power = network("power", {"p0": (0, 0, True, "net")})
    with pytest.raises(TableError, match="no building names a node"):
        require_nodes(table, {"power": power})
    table["power_node"] = ["p0", "p9", None]
    with pytest.raises(TableError, match='building b1: "p9" is no node of the power network') as caught:
        require_nodes(table, {"power": power})
    assert len(caught.value.problems) == 2
    table["power_node"] = "p0"
    require_nodes(table, {"power": power})
    dark = network("power", {"p0": (0, 0, False, "net")})
    with pytest.raises(TableError, match="no source"):
        require_nodes(table, {"power": dark})


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("nesf", {"W1.moderate_code": 416, "W1.high_code": 65, "S1L.pre_code": 28}),
        ("berkeley", {"W1.moderate_code": 23_277, "W1.high_code": 437, "RM2L.pre_code": 291, "RM1L.pre_code": 268}),
    ],
)
def test_real_cities(data, parameters, name, counts):
    study, _ = load_study(EXAMPLES / f"{name}.toml")
    table = settle_buildings(read_buildings(study.tables["buildings"], data / "city").table, study.city, parameters)
    found = table["asset_class"].value_counts()
    assert {k: int(found[k]) for k in counts} == counts
    assert table["residents"].sum() == pytest.approx({"nesf": 84_220, "berkeley": 112_580}[name])


def test_zone_grid_starts_at_multiples_of_its_size(parameters):
    table = settle_buildings(homes(1), CityOptions(crs="EPSG:32610", zone_size=500), parameters)
    assert table["zone_id"].tolist() == ["E1100N8380"]
    assert zones_of(table, 500).geometry.iloc[0].equals(box(550_000, 4_190_000, 550_500, 4_190_500))
