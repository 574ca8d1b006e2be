"""Scenario sets and the tables of shaking that scenarios name."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from holdfast.config import parse_study
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.flows.hazards import HAZARDS, hazard_of
from holdfast.flows.scenarios import STORMS, read_event, scenario_set, single
from holdfast.recovery.city import City
from holdfast.recovery.hazard import sites_of

RUPTURE = {"magnitude": 6.5, "longitude": -122.2, "latitude": 37.8, "depth_km": 8, "strike": 325}


def study(**changes):
    return parse_study({"name": "Here", **changes}, "study.toml")


@pytest.fixture
def city() -> City:
    places = gpd.points_from_xy([563_000.0, 563_500.0, 564_000.0], [4_190_000.0] * 3)
    buildings = gpd.GeoDataFrame({"vs30": [300.0, np.nan, 500.0]}, geometry=places, crs=32610)
    return City("Here", "EPSG:32610", "USD", 2017, buildings, {}, buildings)


PLACES = np.array(
    [[563_000.0, 4_190_000.0], [563_500.0, 4_190_000.0], [564_000.0, 4_190_000.0], [563_900.0, 4_190_100.0]]
)


def test_a_set_of_scenarios_keeps_seed_and_order():
    given = study(
        seed=9,
        scenarios=[
            {"name": "small", "value": 0.1, "unit": "g", "return_period_years": 50},
            {"name": "large", "hazard": "ground_motion", "rupture": RUPTURE, "annual_rate": 0.002},
        ],
    )
    assert [s.name for s in scenario_set(given)] == ["small", "large"]
    one = single(given, scenario_set(given)[1])
    assert one.scenario.name == "large"
    assert one.scenarios == ()
    assert one.seed == 9
    assert scenario_set(one) == (one.scenario,)


BAD_STUDIES = {
    "magnitude": ({"rupture": RUPTURE | {"magnitude": 75}}, TableError, "scenario.rupture.magnitude"),
    "dip": ({"rupture": RUPTURE | {"dip": 120}}, TableError, "scenario.rupture.dip"),
    "rake": ({"rupture": RUPTURE | {"rake": 270}}, TableError, "scenario.rupture.rake"),
    "latitude": (
        {"rupture": RUPTURE | {"latitude": -122.2, "longitude": 37.8}},
        TableError,
        "scenario.rupture.latitude",
    ),
    "depth in metres": ({"rupture": RUPTURE | {"depth_km": 8000}}, TableError, "scenario.rupture.depth_km"),
    "no place": ({"rupture": {"magnitude": 6}}, TableError, "scenario.rupture.longitude"),
    "vs30 in km/s": ({"vs30": 0.76}, TableError, "scenario.vs30"),
    "negative rate": ({"annual_rate": -0.1}, TableError, "scenario.annual_rate"),
    "return period of zero": ({"return_period_years": 0}, TableError, "scenario.return_period_years"),
    "unknown key": ({"magnitude": 7}, UnknownName, "known: annual_rate, between_event_sd"),
    "unknown key of the rupture": ({"rupture": RUPTURE | {"azimuth": 7}}, UnknownName, "known: depth_km, dip, hypo"),
}


@pytest.mark.parametrize(("changes", "error", "words"), BAD_STUDIES.values(), ids=BAD_STUDIES)
def test_bad_scenarios(changes, error, words):
    with pytest.raises(error, match=words):
        study(scenario={"hazard": "ground_motion", **changes})
    with pytest.raises(error, match=words.replace("scenario.", r"scenarios.0.")):
        study(scenarios=[{"hazard": "ground_motion", **changes}])


def test_bad_sets():
    stress = {"name": "a", "value": 0.1, "unit": "g"}
    with pytest.raises(TableError, match='"a" has no annual rate'):
        scenario_set(study(scenarios=[stress]))
    with pytest.raises(TableError, match="move the one into the set"):
        scenario_set(study(scenario=stress, scenarios=[stress | {"annual_rate": 0.1}]))
    with pytest.raises(DataMissing, match="has no \\[scenario\\] section"):
        scenario_set(study())


def test_vs30_of_buildings_goes_to_all_assets(tmp_path, city):
    given = study(scenario={"hazard": "ground_motion", "rupture": RUPTURE})
    found = read_event(given, given.scenario, tmp_path, city, PLACES)
    assert found.vs30.tolist()[0::2] == [300, 500]
    assert found.vs30.tolist()[3] == 500
    assert any("liquefaction" in text for text in found.assumed)


def test_without_vs30_the_report_says_so(tmp_path, city):
    bare = City("Here", city.crs, "USD", 2017, city.buildings.drop(columns="vs30"), {}, city.zones)
    given = study(scenario={"hazard": "ground_motion", "rupture": RUPTURE, "vs30": 400, "pgd_cm": 0})
    found = read_event(given, given.scenario, tmp_path, bare, PLACES)
    assert found.vs30 == 400
    assert found.assumed == (
        "the ground is the same everywhere: vs30 of 400 m/s",
        "permanent ground deformation is 0 cm everywhere, as the study states",
    )


def test_shaking_from_a_site_table_end_to_end(tmp_path, city):
    lon, lat = -122.28, 37.857
    rows = pd.DataFrame({"lon": lon, "lat": lat, "event": range(4), "PGA": [10.0, 20.0, 30.0, 40.0]})
    rows.to_csv(tmp_path / "im.csv", index=False)
    table = {
        "source": "site_intensities",
        "path": "im.csv",
        "longitude": "lon",
        "latitude": "lat",
        "columns": {"realisation": "event"},
        "units": {"PGA": "%g"},
    }
    given = study(tables={"hayward": table}, scenario={"hazard": "intensities", "table": "hayward"})
    read = read_event(given, given.scenario, tmp_path, city, PLACES)
    assert read.hazard.measures == ("PGA", "PGD")
    field = read.hazard.at(sites_of(PLACES, city.crs, read.vs30), ("PGA",))
    drawn = {round(float(field(np.random.default_rng(i))["PGA"][3]), 9) for i in range(60)}
    assert drawn == {0.1, 0.2, 0.3, 0.4}
    assert "not recorded or simulated there" in read.assumed[0]
    assert read.files[0].table == "hayward"


BAD_HAZARDS = {
    "unit of another measure": (
        {"unit": "cm/s", "value": 0.3},
        TableError,
        '"cm/s" is not the unit of PGA, which is g',
    ),
    "no unit": ({"value": 0.3}, TableError, 'missing; state unit = "g"'),
    "no median": ({}, TableError, "give the median of a measure"),
    "no rupture": ({"hazard": "ground_motion"}, TableError, "needs a magnitude and a place"),
    "no table": ({"hazard": "intensities"}, DataMissing, "needs a table of shaking"),
    "no water": ({"hazard": "flood"}, TableError, "states nothing; give one of depth_m, table"),
    "two winds": (
        {"hazard": "wind", "wind": {"gust_m_s": 40, "track": "t"}},
        TableError,
        "states gust_m_s and track; give one",
    ),
    "unknown": ({"hazard": "meteor"}, UnknownName, "known: flood, ground_motion, intensities, storm, uniform, wind"),
}


@pytest.mark.parametrize(("scenario", "error", "words"), BAD_HAZARDS.values(), ids=BAD_HAZARDS)
def test_hazards_that_lack_what_they_need(scenario, error, words):
    with pytest.raises(error, match=words):
        hazard_of(study(scenario=scenario).scenario, {})


@pytest.mark.parametrize("name", sorted(set(HAZARDS) - set(STORMS)))
def test_every_shaking_is_bound_to_the_scenario(name):
    """Contract over the seam: what the scenario states comes through to the measures and the draws."""
    places = {"longitude": [-122.28], "latitude": [37.857], "PGA": [0.2]}
    way = {"uniform": {"value": 0.2, "unit": "g"}, "ground_motion": {"rupture": RUPTURE}}.get(name, {})
    given = study(scenario={"hazard": name, "pgd_cm": 2.0, **way}).scenario
    hazard = hazard_of(given, {"shaking": pd.DataFrame(places)})
    assert {"PGA", "PGD"} <= set(hazard.measures)
    sites = sites_of(PLACES, "EPSG:32610", 400.0)
    drawn = hazard.at(sites, ("PGA", "PGD"))(np.random.default_rng(1))
    assert (drawn["PGD"] == 2).all()
    assert (drawn["PGA"] > 0).all()


@pytest.mark.parametrize("name", STORMS)
def test_every_storm_is_bound_to_the_scenario(name):
    """The same contract for water and wind."""
    own = {"flood": {"depth_m": 1.5}, "wind": {"gust_m_s": 40.0}}
    hazard = hazard_of(study(scenario={"hazard": name, **own}).scenario, {})
    drawn = hazard.at(sites_of(PLACES, "EPSG:32610", 400.0), hazard.measures)(np.random.default_rng(1))
    expected = {"depth": 1.5, "gust": 40.0}
    assert set(drawn) == {"flood": {"depth"}, "wind": {"gust"}, "storm": {"depth", "gust"}}[name]
    for measure, values in drawn.items():
        np.testing.assert_allclose(values, expected[measure])


def test_tables_that_are_missing_or_of_another_kind(tmp_path, city):
    given = study(scenario={"hazard": "intensities"})
    with pytest.raises(DataMissing, match=r"needs \[tables.shaking\]"):
        read_event(given, given.scenario, tmp_path, city, PLACES)
    (tmp_path / "h.csv").write_text("longitude,latitude,name\n-122.28,37.857,x\n")
    other = study(tables={"shaking": {"source": "points", "path": "h.csv"}}, scenario={"hazard": "intensities"})
    with pytest.raises((DataMissing, TableError, UnknownName)):
        read_event(other, other.scenario, tmp_path, city, PLACES)


HELSINKI = """
name = "Helsinki"
[city]
source = "osm"
code_rule = "no_seismic_code"
currency = "USD"
price_year = 2017
[recovery]
draws = 2
[recovery.crews]
building = 900
power = 4
water = 6
telecom = 2
"""
MAP = """
[tables.shaking]
source = "shakemap"
path = "grid.xml"
[scenario]
hazard = "intensities"
between_event_sd = 0.2
within_event_sd = 0.4
"""
EVENT = """
[scenario]
hazard = "ground_motion"
[scenario.rupture]
magnitude = 6.0
longitude = 24.95
latitude = 60.06
depth_km = 10.0
strike = 80.0
"""


def grid_of_helsinki(pga: str = "20.0") -> str:
    fields = [("LON", "dd"), ("LAT", "dd"), ("PGA", "pctg"), ("PGV", "cms"), ("PSA03", "pctg"), ("PSA10", "pctg")]
    named = "".join(f'<grid_field index="{i}" name="{n}" units="{u}" />' for i, (n, u) in enumerate(fields, 1))
    points = [(24.90 + 0.02 * i, 60.20 - 0.02 * j) for j in range(4) for i in range(5)]
    rows = "\n".join(f"{x:.4f} {y:.4f} {pga} 15.0 40.0 18.0" for x, y in points)
    return (
        '<shakemap_grid event_id="synthetic" shakemap_version="1"><event magnitude="6.0" event_description="Synthetic"/>'
        f'<grid_specification nlon="5" nlat="4"/>{named}<grid_data>{rows}</grid_data></shakemap_grid>'
    )


@pytest.fixture
def helsinki(tmp_path):
    """Write a study of central Helsinki with this scenario, and a synthetic ShakeMap beside it."""

    def write(scenario: str, grid: str | None = None):
        (tmp_path / "grid.xml").write_text(grid_of_helsinki() if grid is None else grid)
        file = tmp_path / "study.toml"
        file.write_text(HELSINKI + scenario)
        return file

    return write


@pytest.mark.parametrize("scenario", [MAP, EVENT], ids=["shakemap", "ground motion"])
def test_simulate_from_a_map_or_a_rupture(helsinki, cli, tmp_path, scenario):
    done = cli("simulate", helsinki(scenario), "--out", tmp_path / "out", "--quiet")
    assert done.code == 0, done.err
    manifest = (tmp_path / "out" / "manifest.json").read_text()
    assert ("ShakeMap synthetic version 1" in manifest) == (scenario is MAP)


BAD_RUNS = {
    "cut off map": (MAP, grid_of_helsinki()[:-40], "is cut off, damaged or no XML"),
    "map in g, not in percent": (MAP, grid_of_helsinki("2000.0"), "is the unit wrong"),
    "map of another place": (MAP, grid_of_helsinki().replace(" 60.", " 40."), "km from every place of the table"),
    "magnitude": (EVENT.replace("6.0", "12"), None, "scenario.rupture.magnitude"),
    "no strike": (EVENT.replace("strike", "# strike"), None, "state its direction"),
    "rupture far away": (EVENT.replace("60.06", "40.0"), None, "lies 2,2"),
    "longitude and latitude swapped": (EVENT.replace("24.95", "60.1").replace("60.06", "24.9"), None, "swapped"),
    "unknown model": (EVENT.replace('"ground_motion"', '"ground_motion"\nmodel = "ask14"'), None, "bssa14, cy14"),
    "no map": (MAP.replace('"grid.xml"', '"other.xml"'), None, "no such file"),
    "unknown reader": (MAP.replace('"shakemap"', '"shakemaps"'), None, "shakemap, simcenter"),
}


@pytest.mark.parametrize(("scenario", "grid", "words"), BAD_RUNS.values(), ids=BAD_RUNS)
def test_bad_input_ends_with_code_2_and_one_message(helsinki, cli, scenario, grid, words):
    done = cli("simulate", helsinki(scenario, grid), "--quiet")
    assert done.code == 2
    assert words in done.err.replace("\n", " ")
    assert "Traceback" not in done.err
