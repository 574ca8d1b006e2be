"""The simulation from study to result folder."""

import hashlib
import json
import re
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import xarray as xr
from pyarrow import parquet
from towns import STUDY, write_town

import holdfast
from holdfast.config.recovery import ProductionOptions
from holdfast.recovery import City, Resources, prepare, simulate_draws, uniform
from holdfast.recovery.losses.results import draw_losses
from holdfast.store import open_result

LOSSES = ("total_economic_loss", "repair_cost", "lost_production", "service_capacity_loss")


@pytest.fixture
def town(tmp_path):
    """Study of a synthetic town of 80 buildings."""
    folder = tmp_path / "town"
    folder.mkdir()
    return write_town(folder)


def digests(folder):
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def command(*arguments):
    return [sys.executable, "-m", "holdfast", *[str(a) for a in arguments]]


def test_the_result_folder_is_whole_and_consistent(town, cli, tmp_path):
    out = tmp_path / "out"
    result = cli("simulate", town, "--out", out)
    assert result.code == 0, result.err
    assert {p.name for p in out.iterdir()} == {
        "manifest.json",
        "report.html",
        "losses.json",
        "recovery.nc",
        "buildings.parquet",
        "buildings.gpkg",
        "networks.gpkg",
        "blocks",
    }
    open_result(out)
    found = json.loads((out / "losses.json").read_text())
    for name in (*LOSSES, *[f"{n}_per_m2" for n in LOSSES]):
        assert set(found["losses"][name]) == {"unit", "mean", "p5", "p50", "p95", "mean_error"}
        assert found["losses"][name]["p5"] <= found["losses"][name]["p50"] <= found["losses"][name]["p95"]
        assert found["losses"][name]["mean"] == pytest.approx(
            found["losses"][name.removesuffix("_per_m2")]["mean"] / (found["floor_area_m2"] if "per_m2" in name else 1)
        )
    with xr.open_dataset(out / "recovery.nc", engine="netcdf4") as curves:
        assert all(curves[v].attrs["units"] for v in ("EP", "SC", "demand", "gap", "service"))
        lost = (curves["EP0"] - curves["EP"]).sum("time")
        assert float(lost.mean()) == pytest.approx(found["losses"]["lost_production"]["mean"], rel=1e-9)
        assert float(curves["gap"].sum("time").mean()) == pytest.approx(
            found["losses"]["service_capacity_loss"]["mean"], rel=1e-9
        )
        assert np.allclose(curves["EP"].isel(time=-1), curves["EP0"], rtol=1e-9)
        assert np.allclose(curves["SC"].isel(time=-1), curves["SC0"], rtol=1e-9)
    buildings = gpd.read_parquet(out / "buildings.parquet")
    assert len(buildings.columns) <= 40
    assert buildings["mean_loss"].sum() == pytest.approx(
        buildings["mean_repair_cost"].sum() + buildings["mean_lost_production"].sum(), rel=1e-9
    )
    assert buildings["mean_lost_production"].sum() == pytest.approx(
        found["losses"]["lost_production"]["mean"], rel=1e-9
    )
    page = (out / "report.html").read_text()
    assert "90 % interval" in page
    assert "<script" not in page


def test_files_say_units_ids_of_roots_and_severities(town, tmp_path):
    """Origin: the number of a root counts the nodes, then the edges, of all networks in the order of their layers."""
    holdfast.simulate(town, out=tmp_path / "out")
    file = tmp_path / "out" / "networks.gpkg"
    layers = [name for name, _ in pyogrio.list_layers(file)]
    ids = [
        i
        for part, key in (("nodes", "node_id"), ("edges", "edge_id"))
        for layer in layers
        if layer.endswith(part)
        for i in pyogrio.read_dataframe(file, layer=layer, read_geometry=False)[key]
    ]
    with xr.open_dataset(tmp_path / "out" / "recovery.nc", engine="netcdf4") as curves:
        roots = curves["root"].to_numpy().astype(int).ravel()
        named = curves["root_asset"].to_numpy().ravel()
        assert (roots >= 0).any()
        assert [str(n) for n in named] == [ids[r] if r >= 0 else "" for r in roots]
        assert curves["severity"].attrs["flag_meanings"].split()[-1] == "killed"
        assert curves["time"].attrs["long_name"] == "days since the event"
    stored = parquet.read_schema(tmp_path / "out" / "buildings.parquet")
    assert stored.field("mean_loss").metadata == {b"unit": b"USD_2017"}
    silent = [f.name for f in stored if str(f.type) == "double" and not f.metadata]
    assert silent == []


OFF = {f"recovery.production.{part}": False for part in ProductionOptions.model_fields}


def test_lost_production_is_reported_gross_and_net(town, tmp_path):
    """Truth: what the parts add, taken from the gross figure, leaves the net one; off, the two are the same number."""
    curves = holdfast.simulate(town, out=tmp_path / "out")
    found = json.loads((tmp_path / "out" / "losses.json").read_text())
    net, gross = found["production"]["net_lost_production"], found["losses"]["lost_production"]
    assert set(net) == set(gross)
    assert net["p5"] <= net["p50"] <= net["p95"]
    changes = found["production"]["changes"]
    assert net["mean"] == pytest.approx(gross["mean"] - sum(c["mean"] for c in changes.values()))
    assert found["production"]["net_economic_loss"]["mean"] == pytest.approx(
        net["mean"] + found["losses"]["repair_cost"]["mean"]
    )
    assert "Lost production, gross and net" in (tmp_path / "out" / "report.html").read_text()
    assert (curves["EP_net"] != curves["EP"]).any()
    off = holdfast.simulate(town, overrides=OFF)
    assert off["net_lost_production"].equals(off["lost_production"].rename("net_lost_production"))
    for name in set(curves.data_vars) - {"EP_net", "net_lost_production", "production_change"}:
        assert off[name].equals(curves[name]), name


@pytest.mark.parametrize("part", ["backup", "labour", "recapture", "demand", "rebuilding"])
def test_one_part_alone_leaves_the_engine_as_it_is(part, town):
    alone = holdfast.simulate(town, overrides={**OFF, f"recovery.production.{part}": True, "recovery.draws": 2})
    off = holdfast.simulate(town, overrides={**OFF, "recovery.draws": 2})
    assert alone["EP"].equals(off["EP"])
    assert alone["service_capacity_loss"].equals(off["service_capacity_loss"])


def test_a_city_of_frames_gives_what_its_study_gives(town):
    """The library's way, from a frame in memory, and the study's way, from a file."""
    rows = pd.read_csv(town.parent / "buildings.csv")
    places = gpd.points_from_xy(rows.pop("longitude"), rows.pop("latitude"), crs=4326)
    city = City.from_frames(gpd.GeoDataFrame(rows, geometry=places))
    event = uniform({"PGA": 0.4}, between_event_sd=0.3, within_event_sd=0.4)
    crews = Resources({"building": 20, "power": 2, "water": 2, "telecom": 1})
    found = simulate_draws(prepare(city, event, crews), draws=12, seed=5)
    # a study also lets the ground fail and exposes cabinets and roads; the library's event and city are as they are given
    plain = {"scenario.liquefaction": "none", "city.as_built": False}
    curves = holdfast.simulate(town, overrides={"recovery.draws": 12, **plain})
    assert found.draw_losses.equals(draw_losses(curves))
    assert found.curves.equals(curves)
    assert found.losses.repair_cost.mean == curves.attrs["summary"]["losses"]["repair_cost"]["mean"]
    assert found.buildings.index.equals(city.buildings.index)
    with pytest.raises(holdfast.TableError, match="0 draws; give at least 1"):
        simulate_draws(prepare(city, event, crews), draws=0)


def test_total_is_the_sum_in_every_estimate_of_the_mean(town):
    losses = holdfast.simulate(town).attrs["summary"]["losses"]
    assert losses["total_economic_loss"]["mean"] == pytest.approx(
        losses["repair_cost"]["mean"] + losses["lost_production"]["mean"]
    )


def test_no_shaking_no_loss(town):
    curves = holdfast.simulate(town, overrides={"scenario.value": 0.0})
    for name in LOSSES:
        assert set(curves.attrs["summary"]["losses"][name].values()) - {
            curves.attrs["summary"]["losses"][name]["unit"]
        } == {0.0}


def test_same_bytes_for_any_number_of_workers(town, tmp_path):
    found = []
    for workers in (1, 2, 3):
        out = tmp_path / f"out{workers}"
        subprocess.run(command("simulate", town, "--out", out, "--workers", workers, "--quiet"), check=True)
        found.append(digests(out))
    assert found[0] == found[1] == found[2]


def test_a_stopped_run_resumes_to_the_same_bytes(town, tmp_path, killed_inside):
    """Killed while it writes its third block; nothing may stand at the result's place."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    options = ("--draws", 50, "--quiet")
    subprocess.run(command("simulate", town, "--out", whole, *options), check=True)
    assert killed_inside("rename", 3, "simulate", town, "--out", out, *options)
    assert not out.exists()
    assert len(list(tmp_path.glob(".out.blocks-*/[!.]*.npz"))) == 2
    subprocess.run(command("simulate", town, "--out", out, "--resume", *options), check=True)
    assert digests(out) == digests(whole)
    assert not list(tmp_path.glob(".out.blocks-*"))


def test_resume_refuses_a_broken_block(town, cli, tmp_path):
    out = tmp_path / "out"
    assert cli("simulate", town, "--out", out, "--quiet").code == 0
    run = json.loads((out / "manifest.json").read_text())["run"]
    kept = tmp_path / f".out.blocks-{run}"
    kept.mkdir()
    (kept / "block-000000.npz").write_bytes(b"half a block")
    result = cli("simulate", town, "--out", out, "--resume", "--quiet")
    assert result.code == 2
    assert "block-000000.npz" in result.err
    open_result(out)


def test_more_draws_keep_the_first_ones(town):
    few, many = (holdfast.simulate(town, overrides={"recovery.draws": n}) for n in (10, 30))
    length = min(few.sizes["time"], many.sizes["time"])
    assert np.array_equal(few["EP"].to_numpy()[:, :length], many["EP"].to_numpy()[:10, :length])


def test_the_report_is_made_anew_from_the_files(town, cli, tmp_path):
    out = tmp_path / "out"
    assert cli("simulate", town, "--out", out, "--quiet").code == 0
    assert cli("report", out, "--out", tmp_path / "again.html").code == 0
    assert (tmp_path / "again.html").read_text() == (out / "report.html").read_text()


def edit(folder, row, **values):
    table = pd.read_csv(folder / "buildings.csv", dtype=str)
    for column, value in values.items():
        table.loc[row - 2, column] = value
    table.to_csv(folder / "buildings.csv", index=False)


def column(folder, name, value):
    pd.read_csv(folder / "buildings.csv", dtype=str).assign(**{name: value}).to_csv(
        folder / "buildings.csv", index=False
    )


def replace(folder, old, new):
    text = (folder / "study.toml").read_text()
    assert old in text
    (folder / "study.toml").write_text(text.replace(old, new))


ODD = {
    "no networks": lambda f: replace(
        f, 'source = "buildings"\n\n[tables', 'source = "buildings"\nnetworks = []\n\n[tables'
    ),
    "one draw": lambda f: replace(f, "draws = 25", "draws = 1"),
    "a short horizon": lambda f: replace(f, "draws = 25", "draws = 25\nhorizon_days = 3"),
    "homes alone": lambda f: column(f, "occupancy", "RES1"),
    "one building": lambda f: pd.read_csv(f / "buildings.csv").head(1).to_csv(f / "buildings.csv", index=False),
    "nobody there": lambda f: (
        pd.read_csv(f / "buildings.csv").assign(residents=0, workers=0).to_csv(f / "buildings.csv", index=False)
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_legal_studies_run(name, town, cli, tmp_path):
    ODD[name](town.parent)
    result = cli("simulate", town, "--out", tmp_path / "out")
    assert result.code == 0, result.err
    page = (tmp_path / "out" / "report.html").read_text()
    assert not re.search(r"\bnan\b", page, re.IGNORECASE)
    assert ("lower bound" in result.out) == (name == "a short horizon")
    assert ("single draw" in result.out) == (name == "one draw")


def test_builders_of_the_city_are_told_where_no_crews_are_named(town):
    """80 buildings with few residents: of their output, by production too, comes a handful of crews, who grow."""
    replace(town.parent, "building = 20\n", "")
    found = holdfast.simulate(town, overrides={"recovery.draws": 1}).attrs["summary"]["assumed"]
    line = next(text for text in found if text.startswith("building crews: the builders of the city itself"))
    assert 1 <= int(line.split(",")[1].split()[0]) <= 12


BAD = {
    "unknown CRS": (
        lambda f: replace(f, 'source = "buildings"\n\n[tables', 'source = "buildings"\ncrs = "EPSG:999999"\n\n[tables'),
        ["EPSG:999999", "no known CRS"],
    ),
    "vertical CRS": (
        lambda f: replace(f, 'source = "buildings"\n\n[tables', 'source = "buildings"\ncrs = "EPSG:5703"\n\n[tables'),
        ["EPSG:5703", "is a local CRS"],
    ),
    "CRS of another continent": (
        lambda f: replace(f, 'source = "buildings"\n\n[tables', 'source = "buildings"\ncrs = "EPSG:2193"\n\n[tables'),
        ["EPSG:2193", "are off by"],
    ),
    "an extract at a URL": (
        lambda f: replace(
            f, 'source = "buildings"\n\n[tables', 'source = "osm"\npath = "https://example.org/a.osm.pbf"\n\n[tables'
        ),
        ["not a local file"],
    ),
    "a network's class": (lambda f: column(f, "asset_class", "EP.C.A"), ["asset_class", "EP.C.A"]),
    "unknown occupancy": (
        lambda f: edit(f, 7, occupancy="RES9"),
        ["buildings.csv", "row 7", "occupancy", '"RES9"', "RES1"],
    ),
    "zero floor area": (lambda f: edit(f, 4, floor_area_m2="0"), ["row 4", "floor_area_m2", "0", "below 1 m2"]),
    "unknown structure": (lambda f: edit(f, 9, structure="W9"), ["structure", "W9", "W1"]),
    "far from every node": (lambda f: edit(f, 5, latitude="45.0"), ["b003"]),
    "a node of no network": (lambda f: column(f, "power_node", "n9"), ["power_node", "network"]),
    "negative cost": (lambda f: edit(f, 6, replacement_cost="-5"), ["row 6", "replacement_cost", "below 1"]),
    "a story too few": (lambda f: edit(f, 3, stories="0"), ["row 3", "stories"]),
    "year in the future": (lambda f: edit(f, 3, year_built="20100"), ["row 3", "year_built", "20100"]),
    "duplicate id": (lambda f: edit(f, 8, building_id="b000"), ["row 8", "building_id", "row 2"]),
    "damage state 7": (lambda f: column(f, "damage_state", "7"), ["damage_state", "above 4"]),
    "given damage without a column": (
        lambda f: replace(f, "draws = 25", 'draws = 25\ndamage = "given"'),
        ["damage_state"],
    ),
    "negative crews": (lambda f: replace(f, "building = 20", "building = -12"), ["crews", "-12"]),
    "no crews for damage": (lambda f: replace(f, "building = 20", "building = 0"), ["crews", "building"]),
    "unknown trade": (lambda f: replace(f, "telecom = 1", "telegraph = 1"), ["telegraph", "telecom"]),
    "unknown strategy": (
        lambda f: replace(f, "draws = 25", 'draws = 25\nstrategy = "best"'),
        ["best", "semi_flexible"],
    ),
    "unknown delays": (lambda f: replace(f, "draws = 25", 'draws = 25\ndelays = "long"'), ["long", "median"]),
    "zero draws": (lambda f: replace(f, "draws = 25", "draws = 0"), ["recovery.draws", "greater than or equal to 1"]),
    "weight above one": (
        lambda f: replace(f, "draws = 25", "draws = 25\nweight = 2"),
        ["recovery.weight", "less than or equal to 1"],
    ),
    "intensity without unit": (
        lambda f: replace(f, 'unit = "g"\n', ""),
        ["scenario", "column scenario.unit", "missing"],
    ),
    "intensity in a wrong unit": (lambda f: replace(f, 'unit = "g"', 'unit = "cm/s2"'), ["cm/s2", "g"]),
    "unknown intensity": (lambda f: replace(f, 'unit = "g"', 'unit = "g"\nintensity_measure = "PGZ"'), ["PGZ", "PGA"]),
    "unknown hazard": (lambda f: replace(f, "value = 0.4", 'value = 0.4\nhazard = "volcano"'), ["volcano", "uniform"]),
    "percent for g": (lambda f: replace(f, "value = 0.4", "value = 40"), ["scenario", "outside 0 to 5 g"]),
    "unknown network": (
        lambda f: replace(
            f, 'source = "buildings"\n\n[tables', 'source = "buildings"\nnetworks = ["steam"]\n\n[tables'
        ),
        ["steam", "power"],
    ),
    "unknown code rule": (
        lambda f: replace(
            f, 'source = "buildings"\n\n[tables', 'source = "buildings"\ncode_rule = "zone_9"\n\n[tables'
        ),
        ["zone_9", "ubc_zone_4"],
    ),
    "another currency": (
        lambda f: replace(f, 'source = "buildings"\n\n[tables', 'source = "buildings"\ncurrency = "EUR"\n\n[tables'),
        ["EUR", "USD"],
    ),
    "no scenario": (
        lambda f: (f / "study.toml").write_text(STUDY.split("[scenario]")[0]),
        ["[scenario]", "helsinki.toml"],
    ),
    "no building table": (lambda f: replace(f, "[tables.buildings]", "[tables.hospitals]"), ["[tables.buildings]"]),
}


def everything(folder):
    return {p: p.stat().st_mtime_ns for p in folder.rglob("*")}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_message(name, town, cli, tmp_path):
    spoil, expected = BAD[name]
    spoil(town.parent)
    before = everything(tmp_path)
    result = cli("simulate", town, "--out", tmp_path / "out", "--quiet")
    assert result.code == 2, result.err
    assert result.err.count("holdfast: ") == 1
    assert "Traceback" not in result.err
    assert [part for part in expected if part not in result.err] == [], result.err
    assert everything(tmp_path) == before, "nothing may be written"


def test_zero_workers_are_refused(town, cli, tmp_path):
    result = cli("simulate", town, "--out", tmp_path / "out", "--workers", "0", "--quiet")
    assert result.code == 2
    assert "at least one worker" in result.err


def test_helsinki_shows_the_share_of_inferred_attributes(cli, tmp_path):
    out = tmp_path / "out"
    root = holdfast.__path__[0] + "/../.."
    result = cli("simulate", f"{root}/examples/helsinki.toml", "--out", out, "--draws", "3", "--json")
    assert result.code == 0, result.err
    found = json.loads(result.out)
    assert 400 < found["buildings"] < 486
    assert found["inferred"]["structure"]["buildings"] > 0.9
    page = (out / "report.html").read_text()
    assert "No forecast" in page
    assert "OpenStreetMap contributors" in page
    assert "synthetic" in page


def test_a_flood_from_table_to_report(town, cli, tmp_path):
    """Depths in feet at sites: the west of the town is under water, the east is dry; contents and people are counted."""
    frame = pd.read_csv(town.parent / "buildings.csv")
    west = frame["longitude"] < frame["longitude"].median()
    frame.assign(depth=np.where(west, 5.0, 0.0)).to_csv(town.parent / "water.csv", index=False)
    text = town.read_text()
    start, end = text.index("[scenario]"), text.index("[recovery]")
    flood = """[tables.depths]
source = "site_intensities"
path = "water.csv"
units = { depth = "ft" }
[scenario]
name = "Synthetic flood"
hazard = "flood"
[scenario.flood]
table = "depths"
curves = "usace"
water_days = 3
"""
    town.write_text(text[:start] + flood + text[end:])
    out = tmp_path / "out"
    done = cli("simulate", town, "--draws", "5", "--out", out)
    assert done.code == 0, done.err
    found = json.loads((out / "losses.json").read_text())
    assert found["repair_cost"]["contents"]["mean"] > 0
    assert found["people"]["in_water"]["p50"] > 0
    assert "severity_1" not in found["people"]
    buildings = gpd.read_parquet(out / "buildings.parquet").to_crs(4326)
    # nodes of the networks may lie across the line: buildings themselves are asked
    dry = buildings.geometry.x > frame["longitude"].median() + 1e-4
    assert (buildings.loc[dry, "p_none"] == 1).all()
    assert (buildings.loc[~dry, "mean_days_to_repair"] > 10).mean() > 0.9
    report = (out / "report.html").read_text()
    assert "contents and stock" in report
    assert "Inside buildings that water stands around" in report
    assert "Water from the table &#34;depths&#34;" in report
    cli("report", out, "--out", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == report
