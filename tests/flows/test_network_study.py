"""A study with networks from files: checked and simulated with the network models that it names."""

import json

import numpy as np
import pandas as pd
import pytest

INP = """[JUNCTIONS]
 a 0 5
 b 0 5
 c 0 5
[RESERVOIRS]
 r 60
[PIPES]
 ra r a 200 300 100 0 Open
 ab a b 400 200 100 0 Open
 bc b c 400 200 100 0 Open
 ac a c 800 200 100 0 Open
[OPTIONS]
 Units LPS
 Headloss H-W
[COORDINATES]
 r -122.300 37.800
 a -122.298 37.800
 b -122.294 37.800
 c -122.294 37.803
[END]
"""
STUDY = """
name = "Made-up village with networks from files"
seed = 4

[city]
networks = ["power", "telecom"]
redundancy = {{ power = 1.0 }}

[tables.buildings]
source = "buildings"
path = "buildings.csv"

[tables.water]
source = "epanet"
path = "village.inp"
crs = "EPSG:4326"

[tables.gas_nodes]
source = "nodes"
path = "gas_nodes.csv"

[tables.gas_edges]
source = "edges"
path = "gas_edges.csv"

[tables.network_dependencies]
source = "dependencies"
path = "needs.csv"

[scenario]
unit = "g"
value = 0.6

[recovery]
draws = 2
horizon_days = 400

[recovery.network_models]
water = "{model}"
"""


@pytest.fixture
def village(tmp_path):
    rng = np.random.default_rng(1)
    pd.DataFrame(
        {
            "building_id": [f"b{i:02d}" for i in range(40)],
            "occupancy": ["RES1", "RES3", "COM1", "COM4"] * 10,
            "structure": "W1",
            "stories": 1,
            "year_built": 1930,
            "floor_area_m2": 150.0,
            "replacement_cost": 300_000.0,
            "longitude": rng.uniform(-122.299, -122.293, 40),
            "latitude": rng.uniform(37.799, 37.804, 40),
        }
    ).to_csv(tmp_path / "buildings.csv", index=False)
    (tmp_path / "village.inp").write_text(INP)
    (tmp_path / "gas_nodes.csv").write_text(
        "node_id,source,longitude,latitude,asset_class,replacement_cost\ng1,true,-122.298,37.8,NGC.A,1000000\ng2,false,-122.294,37.8,,0\n"
    )
    (tmp_path / "gas_edges.csv").write_text("edge_id,from_node,to_node,length_m\ng12,g1,g2,350\n")
    (tmp_path / "needs.csv").write_text("network,node_id,on_network,on_node,backup_hours\ngas,g1,water,a,30\n")

    def write(model="wntr", change=lambda text: text):
        (tmp_path / "study.toml").write_text(change(STUDY.format(model=model)))
        return tmp_path / "study.toml"

    return write


def test_check_reads_all_networks(village, cli):
    done = cli("check", village(), "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)["recovery"]
    assert found["networks"]["water"] == 4
    assert found["networks"]["gas"] == 2
    assert set(found["networks"]) == {"power", "telecom", "water", "gas"}
    tables = {i["table"] for i in found["inputs"]}
    assert {"water", "gas_nodes", "gas_edges", "network_dependencies"} <= tables


@pytest.mark.parametrize("model", ["connectivity", "capacity", "wntr"])
def test_simulate_with_each_model(village, cli, model, tmp_path):
    done = cli("simulate", village(model), "--out", tmp_path / "out", "--quiet")
    assert done.code == 0, done.err
    losses = json.loads((tmp_path / "out" / "losses.json").read_text())["losses"]
    assert losses["total_economic_loss"]["mean"] > 0


FAULTS = {
    "unknown model": (
        lambda t: t.replace('water = "wntr"', 'water = "steady"'),
        '"steady" is not a known network model',
    ),
    "no demand": (lambda t: t.replace('water = "wntr"', 'gas = "capacity"'), 'the nodes have no column "demand"'),
    "no power flow": (
        lambda t: t.replace('water = "wntr"', 'power = "pandapower"'),
        "does not come from a pandapower net",
    ),
    "unknown reader": (lambda t: t.replace('source = "epanet"', 'source = "swmm"'), '"swmm" is not a known source'),
    "redundancy in percent": (
        lambda t: t.replace("power = 1.0", "power = 50.0"),
        "50 is no share between 0 (a tree) and 1 (all streets)",
    ),
    "no CRS": (lambda t: t.replace('crs = "EPSG:4326"', ""), "the format states no CRS"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_network_studies(village, cli, fault):
    change, message = FAULTS[fault]
    done = cli("check", village(change=change))
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err


def moved(text, degrees):
    """The water network somewhere else: so many degrees east."""
    for x in ("-122.300", "-122.298", "-122.294"):
        text = text.replace(f" {x} ", f" {float(x) + degrees:.3f} ")
    return text


def test_a_network_of_another_place_is_refused_by_name(village, cli, tmp_path):
    study = village()
    (tmp_path / "village.inp").write_text(moved(INP, 20))
    done = cli("check", study, "--quiet")
    assert done.code == 2
    assert "village.inp, 1 error\n  column tables.water: the nearest node of the water network lies 1,7" in done.err
    assert "is the CRS of either right?" in done.err


def test_nodes_far_from_every_building_are_counted(village, cli, tmp_path):
    study = village()
    far = INP.replace(" r -122.300 37.800", " r -123.300 37.800")  # a reservoir in the hills, 87.9 km west
    (tmp_path / "village.inp").write_text(far)
    found = json.loads(cli("check", study, "--json", "--quiet").out)["recovery"]["inputs"]
    notes = " ".join(next(i for i in found if i["file"] == "village.inp")["notes"])
    assert "1 of 4 nodes (25%) lie more than 50 km from every building, the farthest 88 km" in notes
