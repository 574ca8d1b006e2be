"""A strategy, a hazard, a network model and a source that stand outside the package, used through the verbs.

A feature and a rating method from outside stand in ``tests/rating/test_outside.py``.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point
from towns import write_town

import holdfast
from holdfast.flows.hazards import HAZARDS
from holdfast.recovery.hazard import Hazard
from holdfast.recovery.networks import NETWORK_MODELS
from holdfast.recovery.strategy import STRATEGIES, Strategy
from holdfast.sources.files import locate
from holdfast.sources.readers import SOURCES
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.store import open_result, read_shapes_of
from holdfast.tables import check

CERTAIN = {
    "recovery.draws": 2,
    "recovery.delays": "none",
    "scenario.between_event_sd": 0,
    "scenario.within_event_sd": 0,
}
LONGITUDE = -122.264


@pytest.fixture
def town(tmp_path):
    """Study of a synthetic town of 12 buildings."""
    folder = tmp_path / "town"
    folder.mkdir()
    return write_town(folder, 12)


def buildings_of(study, overrides, out):
    """Table of buildings of a simulated study."""
    holdfast.simulate(study, out=out, overrides=overrides)
    return read_shapes_of(open_result(out), "buildings.parquet")


def western(scenario, _tables):
    """Shaking of ``value`` west of a line and none east of it."""

    def at(sites, measures):
        west = sites.longitude < LONGITUDE
        return lambda rng: {m: np.where(west, scenario.value, 0.0) for m in measures}

    return Hazard(("PGA",), at)


def smallest_first(tasks, _rng):
    """The least floor area first."""
    return np.argsort(tasks.size, kind="stable")


def all_or_nothing(network):
    """Service for everybody while everything works, otherwise for nobody."""

    def satisfaction(node_works, edge_works):
        return np.full(len(network.nodes), float(node_works.all() and edge_works.all()))

    return satisfaction


def barred(name, options, folder):
    """Read a text file whose columns are divided by bars."""
    file = locate(folder, options.path, f"tables.{name}.path", (".txt",))
    rows = pd.read_csv(file, sep="|")
    points = [Point(p) for p in zip(rows.pop("longitude"), rows.pop("latitude"), strict=True)]
    table = check(gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326"), name, str(file))
    return Loaded(table, (input_file(name, file, len(table), options, []),))


def test_a_hazard_from_outside_shakes_the_city(monkeypatch, town, tmp_path):
    """Origin: at 50 g every building falls, without shaking none is damaged."""
    monkeypatch.setitem(HAZARDS, "western", western)
    found = buildings_of(town, {**CERTAIN, "scenario.hazard": "western", "scenario.value": 50.0}, tmp_path / "out")
    west = found.to_crs(4326).geometry.x < LONGITUDE
    assert 0 < west.sum() < len(found)
    assert (found.loc[west, "p_complete"] == 1).all()
    assert (found.loc[~west, "p_none"] == 1).all()
    with pytest.raises(holdfast.UnknownName, match="western"):
        holdfast.simulate(town, overrides={"scenario.hazard": "eastern"})


def test_a_strategy_from_outside_orders_the_repairs(monkeypatch, town, tmp_path):
    """Origin: one crew for all, every building fallen: they are done in the order of their floor area."""
    monkeypatch.setitem(STRATEGIES, "smallest_first", Strategy(smallest_first))
    monkeypatch.setitem(HAZARDS, "western", western)
    monkeypatch.setattr(f"{__name__}.LONGITUDE", 180.0)
    one = {"scenario.hazard": "western", "scenario.value": 50.0, "recovery.horizon_days": 20_000}
    one |= {
        "recovery.crews": {"building": 1, "power": 1, "water": 1, "telecom": 1},
        "recovery.strategy": "smallest_first",
    }
    found = buildings_of(town, {**CERTAIN, **one}, tmp_path / "out").sort_values("floor_area_m2")
    assert (found["p_complete"] == 1).all()
    assert found["mean_days_to_repair"].is_monotonic_increasing
    assert found["mean_days_to_repair"].is_unique
    assert "smallest_first" in holdfast.compare(town, overrides={"recovery.draws": 1}).index.get_level_values(0)


def test_a_network_model_from_outside_serves_the_city(monkeypatch, town):
    """Origin: whatever is broken, nobody has power until the last repair of the network, and then everybody."""
    monkeypatch.setitem(NETWORK_MODELS, "all_or_nothing", all_or_nothing)
    keys = {"recovery.network_models": {"power": "all_or_nothing"}, "scenario.value": 2.0}
    served = holdfast.simulate(town, overrides={**CERTAIN, **keys})["service"].sel(network="power").to_numpy()
    assert set(np.unique(served)) == {0.0, 1.0}
    assert (np.diff(served, axis=1) >= 0).all()
    assert (served[:, 0] == 0).all()
    with pytest.raises(holdfast.UnknownName, match="all_or_nothing"):
        holdfast.simulate(town, overrides={"recovery.network_models": {"power": "nothing"}})


def test_a_source_from_outside_is_read_by_a_simulation(monkeypatch, town, tmp_path):
    """Origin: the same rows in the layout of the package give the same buildings."""
    monkeypatch.setitem(SOURCES, "barred", barred)
    text = (town.parent / "buildings.csv").read_text().replace(",", "|")
    (town.parent / "buildings.txt").write_text(text)
    own = {"tables.buildings.source": "barred", "tables.buildings.path": "buildings.txt"}
    columns = ["floor_area_m2", "p_complete", "mean_days_to_repair", "mean_repair_cost"]
    usual, other = (buildings_of(town, {**CERTAIN, **k}, tmp_path / n) for n, k in {"a": {}, "b": own}.items())
    assert other[columns].equals(usual[columns])
    read = {file.file: file for file in open_result(tmp_path / "b").provenance.inputs}["buildings.txt"]
    assert (read.table, read.rows) == ("buildings", 12)


def test_a_source_from_outside_is_read_by_a_rating(monkeypatch, study):
    """Origin: the same hospitals, written once more with bars between the columns."""
    monkeypatch.setitem(SOURCES, "barred", barred)
    text = (study.parent / "hospitals.csv").read_text().replace(",", "|")
    (study.parent / "hospitals.txt").write_text(text)
    own = {"tables.hospitals.source": "barred", "tables.hospitals.path": "hospitals.txt"}
    assert holdfast.rate(study, overrides=own)["level"].equals(holdfast.rate(study)["level"])
    with pytest.raises(holdfast.UnknownName, match="barred"):
        holdfast.rate(study, overrides={"tables.hospitals.source": "bared"})
