"""`holdfast check` on cities: the plausibility report, and bad or strange inputs with one clear message each."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from holdfast.config import load_study
from holdfast.data import packaged
from holdfast.flows.check import check
from holdfast.flows.cities import load_city
from holdfast.recovery.city.product import yearly_product
from holdfast.store import open_result

STUDY = """
name = "Synthetic town"
seed = 5

[city]
source = "buildings"

[tables.buildings]
source = "buildings"
path = "buildings.csv"
"""


@pytest.fixture
def town(tmp_path):
    """Folder with the study of a synthetic town of 40 buildings."""
    rng = np.random.default_rng(4)
    count = 40
    pd.DataFrame(
        {
            "building_id": [f"b{i:03d}" for i in range(count)],
            "longitude": -122.27 + rng.uniform(0, 0.012, count),
            "latitude": 37.87 + rng.uniform(0, 0.01, count),
            "occupancy": rng.choice(["RES1", "RES3", "COM1", "COM4", "EDU1"], count),
            "structure": rng.choice(["W1", "C1", "URM"], count),
            "stories": rng.integers(1, 5, count),
            "year_built": rng.integers(1910, 2010, count),
            "floor_area_m2": rng.uniform(80, 900, count).round(1),
        }
    ).assign(replacement_cost=lambda t: (1500 * t["floor_area_m2"]).round()).to_csv(
        tmp_path / "buildings.csv", index=False
    )
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def edit(folder, column, row, value):
    """Put a value into the table; `row` counts as in the file, the header is row 1."""
    table = pd.read_csv(folder / "buildings.csv", dtype=str)
    table.loc[row - 2, column] = value
    table.to_csv(folder / "buildings.csv", index=False)


def change(folder, **columns):
    """Put columns into the table, from functions of it."""
    table = pd.read_csv(folder / "buildings.csv")
    table.assign(**columns).to_csv(folder / "buildings.csv", index=False)


def study(folder, old, new):
    """Replace text of the study."""
    text = (folder / "study.toml").read_text()
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new))


def add(folder, text):
    """Append to the study."""
    with (folder / "study.toml").open("a") as stream:
        stream.write(text)


def layers(folder):
    table = pd.read_csv(folder / "buildings.csv")
    shapes = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.longitude, table.latitude), crs=4326)
    for name in ("buildings", "trees"):
        shapes.to_file(folder / "city.gpkg", layer=name, driver="GPKG")
    study(folder, "buildings.csv", "city.gpkg")


def polygons_without_crs(folder):
    shapes = gpd.GeoDataFrame({"building_id": ["a"]}, geometry=[Point(0, 0).buffer(9)])
    shapes.to_parquet(folder / "city.parquet")
    study(folder, "buildings.csv", "city.parquet")


BAD = {
    "swapped lon and lat": (
        lambda f: change(
            f, longitude=lambda t: t.latitude, latitude=lambda t: -t.building_id.str[1:].astype(int) - 90.5
        ),
        ["latitude", "swapped"],
    ),
    "one building elsewhere": (
        lambda f: edit(f, "longitude", 5, "12.5"),
        ["building b003", "km from the middle of the city", "position"],
    ),
    "null island": (
        lambda f: (edit(f, "longitude", 5, "0"), edit(f, "latitude", 5, "0")),
        ["building b003", "position"],
    ),
    "swapped where both are degrees": (
        lambda f: (
            change(f, longitude=lambda t: t.longitude + 169.4, latitude=lambda t: t.latitude - 28.4),
            study(f, 'source = "buildings"\n\n', 'source = "buildings"\ncrs = "EPSG:2056"\n\n'),
        ),
        ["column city.crs", "are off by", "swapped?"],
    ),
    "no position": (lambda f: edit(f, "longitude", 5, ""), ["row 5", "longitude", "empty"]),
    "cost zero": (
        lambda f: edit(f, "replacement_cost", 6, "0"),
        ["row 6", "column replacement_cost", "is below 1", "null_values"],
    ),
    "negative cost": (lambda f: edit(f, "replacement_cost", 6, "-5"), ["row 6", "-5", "is below 1"]),
    "cost with a symbol": (lambda f: edit(f, "replacement_cost", 6, "$5,000"), ["row 6", '"$5,000" is not a number']),
    "floor area zero": (lambda f: edit(f, "floor_area_m2", 7, "0"), ["row 7", "floor_area_m2", "below 1 m2"]),
    "a whole district": (lambda f: edit(f, "floor_area_m2", 7, "9e7"), ["row 7", "above 5e+06 m2", "unit"]),
    "unknown occupancy": (
        lambda f: edit(f, "occupancy", 8, "HOUSE"),
        ["row 8", "column occupancy", '"HOUSE" is not one of: RES1'],
    ),
    "no occupancy": (
        lambda f: edit(f, "occupancy", 8, ""),
        ["row 8", "occupancy", "empty", "[tables.buildings.infer]"],
    ),
    "unknown structure": (
        lambda f: edit(f, "structure", 9, "brick"),
        ["row 9", "column structure", '"brick" has no fragility'],
    ),
    "duplicated ids": (
        lambda f: edit(f, "building_id", 10, "b001"),
        ["row 10", "building_id", '"b001" already stands in row 3'],
    ),
    "an age for a year": (lambda f: edit(f, "year_built", 4, "75"), ["row 4", "year_built", "75", "is below 1000"]),
    "a year to come": (lambda f: edit(f, "year_built", 4, "20250"), ["row 4", "year_built", "above 2100"]),
    "height for stories": (lambda f: edit(f, "stories", 4, "300"), ["row 4", "stories", "above 200"]),
    "no stories": (lambda f: edit(f, "stories", 4, "0"), ["row 4", "stories", "below 1"]),
    "infinite": (lambda f: edit(f, "floor_area_m2", 4, "inf"), ["row 4", "floor_area_m2", "infinite"]),
    "negative residents": (lambda f: change(f, residents=-1), ["row 2", "residents", "below 0"]),
    "empty file": (lambda f: (f / "buildings.csv").write_text(""), ["buildings.csv", "the file is empty"]),
    "header alone": (
        lambda f: (f / "buildings.csv").write_text((f / "buildings.csv").read_text().splitlines()[0] + "\n"),
        ["no rows"],
    ),
    "several layers": (layers, ["city.gpkg", "several layers, say which: buildings, trees"]),
    "wrong layer": (
        lambda f: (layers(f), study(f, '"city.gpkg"', '"city.gpkg"\nlayer = "houses"')),
        ['no layer "houses"', "buildings, trees"],
    ),
    "no CRS": (polygons_without_crs, ["city.parquet", "states no CRS"]),
    "column not there": (
        lambda f: add(f, '\n[tables.buildings.columns]\nresidents = "people"\n'),
        ["column people", "no such column", "the file has: building_id"],
    ),
    "another currency": (
        lambda f: study(f, "[tables", 'currency = "EUR"\n\n[tables'),
        ["column city.currency", "EUR of 2017", "figures_factor"],
    ),
    "no currency": (
        lambda f: study(f, "[tables", 'currency = "euro"\n\n[tables'),
        ["city.currency", "at most 3 letters", "euro"],
    ),
    "factor without origin": (
        lambda f: study(f, "[tables", 'currency = "EUR"\nfigures_factor = 0.9\n\n[tables'),
        ["column city.figures_note", "where the factor comes from"],
    ),
    "unknown place": (
        lambda f: study(f, "[tables", 'place = "California"\n\n[tables'),
        ["city.place", '"California" is not a known place', "CA", "Far West"],
    ),
    "unknown code rule": (
        lambda f: study(f, "[tables", 'code_rule = "japan"\n\n[tables'),
        ["japan", "known", "ubc_zone_4"],
    ),
    "population beside residents": (
        lambda f: (change(f, residents=2), study(f, "[tables", "population_total = 99\n\n[tables")),
        ["column city.population_total", "already holds residents"],
    ),
    "CRS in feet": (
        lambda f: study(f, "[tables", 'crs = "EPSG:2227"\n\n[tables'),
        ["column city.crs", "not in metres"],
    ),
    "unknown network": (lambda f: study(f, "[tables", 'networks = ["steam"]\n\n[tables'), ["steam", "known", "water"]),
    "unknown layout": (
        lambda f: study(f, '[tables.buildings]\nsource = "buildings"', '[tables.buildings]\nsource = "gis"'),
        ["gis", "known", "nsi"],
    ),
    "a city of networks without any": (
        lambda f: study(f, '[city]\nsource = "buildings"', '[city]\nsource = "networks"'),
        ["no table of a network"],
    ),
    "recode of what is not there": (
        lambda f: add(f, '\n[tables.buildings.recode]\nuse = { a = "RES1" }\n'),
        ["recode", "not mapped", "column use"],
    ),
    "infer of an extract": (
        lambda f: study(f, "[tables", "infer = { stories = 2 }\n\n[tables"),
        ["city.infer", "[tables.buildings.infer]"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_message(name, town, cli):
    spoil, expected = BAD[name]
    spoil(town)
    before = sorted(town.iterdir())
    result = cli("check", town / "study.toml", "--quiet")
    assert result.code == 2, result.err + result.out
    assert result.err.count("holdfast: ") == 1
    assert "Traceback" not in result.err
    assert [part for part in expected if part not in result.err] == [], result.err
    assert sorted(town.iterdir()) == before


def test_all_faults_are_named_at_once(town, cli):
    edit(town, "occupancy", 3, "RES9")
    edit(town, "stories", 5, "0")
    edit(town, "replacement_cost", 8, "0")
    result = cli("check", town / "study.toml", "--quiet")
    assert "3 errors" in result.err
    assert all(f"row {row}," in result.err for row in (3, 5, 8))


def test_the_report_is_a_whole_result(town, tmp_path):
    result = check(town / "study.toml", out=tmp_path / "city")
    facts = json.loads((tmp_path / "city" / "plausibility.json").read_text())
    assert facts["totals"]["buildings"] == result["recovery"]["buildings"] == 40
    assert facts["checks"] == json.loads(json.dumps(result["recovery"]["plausibility"]["checks"]))
    page = (tmp_path / "city" / "city.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "Synthetic town: is this city plausible?" in page
    assert "http-equiv" not in page
    assert "<script" not in page
    assert set(open_result(tmp_path / "city").files) == {"city.html", "plausibility.json"}
    told = result["recovery"]["told"]
    assert told[0].startswith("Verdict: doubtful. 0% of what decides")
    assert told[1].startswith("Synthetic town: No totals of the city are known")
    assert "40 buildings" in told[2]
    assert any("checks lie in their ranges" in line or "ODD" in line for line in told)


TOTALS = """quantity,of,zone_id,value,source
residents,,,77,illustrative
jobs,office,,55,illustrative
product,,,5000000,illustrative
"""


def test_known_totals_of_a_study_are_met_and_reported(town, tmp_path):
    (town / "totals.csv").write_text(TOTALS)
    (town / "study.toml").write_text(f'{STUDY}\n[tables.totals]\nsource = "totals"\npath = "totals.csv"\n')
    found = check(town / "study.toml", out=tmp_path / "city")["recovery"]
    assert found["told"][1].startswith("Synthetic town: 3 known totals stated; the largest residual is")
    known = found["plausibility"]["known_totals"]
    assert [k["value"] for k in known] == [77, 55, 5_000_000]
    assert all(abs(k["residual"]) <= 1e-6 * k["value"] for k in known)
    offices = next(u for u in found["plausibility"]["uses"] if u["occupancy"] == "COM4")
    assert found["plausibility"]["totals"]["residents"] == pytest.approx(77, rel=1e-6)
    assert offices["workers"] == pytest.approx(55, rel=1e-6)
    per_head = {r["quantity"]: r["city"] for r in found["plausibility"]["per_head"]}
    assert per_head["product"] == pytest.approx(5_000_000 / 77, rel=1e-6)
    assert "Known totals" in (tmp_path / "city" / "city.html").read_text()


def test_a_total_that_cannot_be_met_ends_in_one_line(town, cli):
    (town / "totals.csv").write_text(TOTALS + "floor_area,office,,9,illustrative\n")
    (town / "study.toml").write_text(f'{STUDY}\n[tables.totals]\nsource = "totals"\npath = "totals.csv"\n')
    result = cli("check", town / "study.toml", "--quiet")
    assert result.code == 2
    assert "totals.csv" in result.err
    assert "row 5, column value: floor_area of office = 9 is less than" in result.err


def test_the_same_report_twice_is_the_same(town, tmp_path):
    texts = []
    for name in ("one", "two"):
        check(town / "study.toml", out=tmp_path / name)
        texts.append([(tmp_path / name / f).read_text() for f in ("city.html", "plausibility.json", "manifest.json")])
    assert texts[0] == texts[1]


def test_a_region_has_no_report_of_a_city(study, cli):
    from holdfast.errors import TableError

    with pytest.raises(TableError, match=r"--out: needs a \[city\]"):
        check(study, out="somewhere")


def test_money_of_the_city(town):
    """Origin: by hand; rates and ranges times 10, given costs as given."""
    study(
        town, "[tables", 'currency = "NOK"\nprice_year = 2020\nfigures_factor = 10\nfigures_note = "made up"\n\n[tables'
    )
    told = check(town / "study.toml")["recovery"]
    cost = pd.read_csv(town / "buildings.csv")["replacement_cost"].sum()
    assert told["plausibility"]["totals"]["replacement_cost"] == pytest.approx(cost)
    value = next(c for c in told["plausibility"]["checks"] if c["check"] == "value_per_m2")
    assert (value["unit"], value["high"], value["plausible"]) == ("NOK_2020/m2", 60_000, False)


def test_output_of_the_place_where_the_city_lies(town):
    """Origin: floor area of the uses x national figure of each at full service x packaged factor of its group."""
    table = packaged("productivity")
    full = table[(table[["power", "water", "gas", "telecom", "transport"]] == 1).all(axis=1)].set_index("occupancy")
    group = packaged("production_groups").set_index("occupancy")["group"]
    factors = packaged("place_factors").query("place == 'NY'").set_index("group")["factor"]
    rows = pd.read_csv(town / "buildings.csv")
    made = rows["floor_area_m2"] * rows["occupancy"].map(full["productivity_per_area"])
    content, folder = load_study(town / "study.toml", {})
    nation = load_city(content, folder)
    own = load_city(*load_study(town / "study.toml", {"city.place": "NY"}))
    for loaded, expected in ((nation, made), (own, made * rows["occupancy"].map(group).map(factors).fillna(1.0))):
        found = yearly_product(loaded.city.buildings, loaded.parameters.productivity)
        assert found == pytest.approx(expected.sum() * 365)
    assert own.parameters.occupancies.equals(nation.parameters.occupancies)
    assert [line for line in own.assumed if "NY" in line]
    assert not [line for line in nation.assumed if "place" in line]


def test_text_of_the_user_is_escaped(town, tmp_path):
    study(town, "Synthetic town", "<b onload=alert(1)>town")
    check(town / "study.toml", out=tmp_path / "city")
    assert "<b onload" not in (tmp_path / "city" / "city.html").read_text()


def power_lines(folder, nodes="p1,p2,p3", source="p1"):
    """Node and edge tables of a power line through the town."""
    rows = [f"{n},{-122.268 + 0.004 * i},37.875,{str(n == source).lower()}" for i, n in enumerate(nodes.split(","))]
    (folder / "nodes.csv").write_text("\n".join(["node_id,longitude,latitude,source", *rows]) + "\n")
    (folder / "edges.csv").write_text("edge_id,from_node,to_node,length_m\ne1,p1,p2,350\ne2,p2,p3,350\n")
    add(folder, '\n[tables.power_nodes]\nsource = "nodes"\npath = "nodes.csv"\n')
    add(folder, '\n[tables.power_edges]\nsource = "edges"\npath = "edges.csv"\n')


def test_a_given_network_takes_the_place_of_a_synthetic_one(town):
    power_lines(town)
    found = check(town / "study.toml")["recovery"]
    assert found["networks"]["power"] == 3
    rows = {row["network"]: row for row in found["plausibility"]["networks"]}
    assert [rows[n]["synthetic"] for n in ("power", "water", "telecom")] == [False, True, True]
    assert rows["power"]["length_km"] == pytest.approx(0.7)
    assert rows["power"]["unserved_buildings"] == 0


def test_costs_of_our_own_figures_are_in_the_citys_money(town):
    """Origin: ratio of two cities; the town's file holds no costs of lines, water is laid, costs of buildings are given."""
    from holdfast.config import load_study
    from holdfast.flows.cities import load_city

    power_lines(town)
    dollars = load_city(*load_study(town / "study.toml"))
    study(
        town,
        "[tables.buildings]",
        'currency = "NOK"\nfigures_factor = 10\nfigures_note = "made up"\n\n[tables.buildings]',
    )
    kroner = load_city(*load_study(town / "study.toml"))
    for name, ratio in (("power", 10), ("water", 10)):
        one, other = (b.city.networks[name] for b in (dollars, kroner))
        assert other.nodes["replacement_cost"].sum() == pytest.approx(ratio * one.nodes["replacement_cost"].sum())
        assert other.edges["replacement_cost"].sum() == pytest.approx(ratio * one.edges["replacement_cost"].sum())
    assert kroner.city.buildings["replacement_cost"].equals(dollars.city.buildings["replacement_cost"])
    value = "productivity_per_area"
    assert kroner.parameters.productivity[value].sum() == pytest.approx(
        10 * dollars.parameters.productivity[value].sum()
    )
    assert any("made up" in line for line in kroner.assumed)


def test_an_inventory_of_structures_becomes_a_city(tmp_path):
    """Rows in the layout of the NSI, made up; people by night and day are those of the file."""
    (tmp_path / "nsi.csv").write_text(
        "fd_id,x,y,occtype,bldgtype,sqft,num_story,val_struct,med_yr_blt,pop2amu65,pop2amo65,pop2pmu65,pop2pmo65\n"
        "1,-122.27,37.87,RES1-2SNB,W,1800,2,250000,1950,2,1,1,1\n"
        "2,-122.271,37.871,RES3D,W,12000,3,1500000,1965,20,5,8,4\n"
        "3,-122.272,37.872,COM4,C,30000,5,6000000,1985,0,0,110,5\n"
    )
    text = STUDY.replace('source = "buildings"\npath = "buildings.csv"', 'source = "nsi"\npath = "nsi.csv"')
    (tmp_path / "study.toml").write_text(text)
    found = check(tmp_path / "study.toml")["recovery"]
    total = found["plausibility"]["totals"]
    assert (total["residents"], total["night_occupants"], total["day_occupants"]) == (28, 28, 129)
    rules = {(row["attribute"], row["rule"]): row["buildings"] for row in found["plausibility"]["inferred"]}
    assert rules["year_built", "tract_median"] == rules["replacement_cost", "depreciated"] == 3
    assert rules["structure", "material_and_rule"] == 3
    assert rules["residents", "night_population"] == 2
    notes = " ".join(note for file in found["inputs"] for note in file["notes"])
    assert "prices of 2021" in notes


def test_half_a_network_is_refused(town, cli):
    power_lines(town)
    study(town, '[tables.power_edges]\nsource = "edges"\npath = "edges.csv"\n', "")
    result = cli("check", town / "study.toml", "--quiet")
    assert result.code == 2
    assert "needs both [tables.power_nodes] and [tables.power_edges]" in result.err


def test_networks_alone_cannot_be_simulated(town, cli):
    power_lines(town)
    study(town, '[city]\nsource = "buildings"', '[city]\nsource = "networks"')
    assert check(town / "study.toml")["recovery"]["buildings"] == 0
    add(town, '\n[scenario]\nvalue = 0.3\nunit = "g"\n')
    from holdfast.config import load_study
    from holdfast.errors import DataMissing
    from holdfast.flows.cities import require_scenario

    with pytest.raises(DataMissing, match="can be checked, not simulated"):
        require_scenario(load_study(town / "study.toml")[0])


EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    ("name", "buildings", "networks", "odd"),
    [
        ("alameda", 0, {"water": 1431, "transport": 2719}, set()),
        ("liechtenstein_city", 8479, None, {"inferred_attributes"}),
        ("baltimore_city", 1614, None, {"network_m_per_building", "inferred_attributes", "workers_per_resident"}),
    ],
)
def test_real_cities_build(data, name, buildings, networks, odd):
    """Origin of the counts: Alameda: 1,428 junctions and 3 reservoirs stand in the EPANET file (counted with awk)."""
    folder = data / ("city" if name == "alameda" else "osm")
    text = (EXAMPLES / f"{name}.toml").read_text()
    found = check(EXAMPLES / f"{name}.toml", overrides={"data": str(folder)})["recovery"]
    assert f'source = "{"networks" if name == "alameda" else "osm"}"' in text
    assert found["buildings"] == buildings
    if networks is not None:
        assert found["networks"] == networks
    checks = found["plausibility"]["checks"]
    assert odd <= {c["check"] for c in checks if not c["plausible"]}


def test_documented_rules_are_the_packaged_ones():
    from holdfast.data import packaged

    text = (EXAMPLES.parent / "docs" / "city.md").read_text()
    missing = [rule for rule in packaged("inference_rules")["rule"] if f"`{rule}`" not in text]
    assert missing == []
    assert [r for r in packaged("code_rules")["rule"].unique() if f"`{r}`" not in text] == []
    assert [o for o in packaged("building_layouts")["layout"].unique() if f"`{o}`" not in text] == []


def test_a_bare_map_is_not_simulated_unasked():
    """Of a city of which 2 % are observed and 3 % traced, 5 % are known: less than the tenth that is asked for."""
    from types import SimpleNamespace

    from holdfast.config import CityOptions
    from holdfast.errors import DataMissing
    from holdfast.flows.cities import require_known
    from holdfast.recovery.city.verdict import Verdict

    bare = SimpleNamespace(
        city=SimpleNamespace(name="Nowhere"), verdict=Verdict("bare map", 0.02, 0.03, 0.95, "Verdict: bare map", ())
    )
    with pytest.raises(DataMissing, match=r"Nowhere is a bare map: 5% of use.*city\.accept_sparse = true"):
        require_known(bare, CityOptions())
    assert require_known(bare, CityOptions(accept_sparse=True)) is bare
