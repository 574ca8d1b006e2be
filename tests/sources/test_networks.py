"""Networks from files: totals against an independent reading of the raw text, and one clear message per fault."""

import gzip
import json
import re
import sqlite3

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point

from holdfast.config import CityOptions, TableOptions
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.recovery.networks import islands
from holdfast.sources.networks import NETWORK_SOURCES, read_networks
from holdfast.tables import check

GPM = 3.785411784e-3 / 60  # US gallon per minute, m3/s
FOOT, INCH = 0.3048, 0.0254


def table(path, source="epanet", **more):
    return TableOptions(source=source, path=str(path), **more)


def sections(text):
    """Rows of an .inp file by section, words without comments."""
    found, place = {}, None
    for line in text.splitlines():
        words = line.split(";")[0].split()
        if words and words[0].startswith("["):
            place = found.setdefault(words[0].strip("[]"), [])
        elif words:
            place.append(words)
    return found


def test_alameda_water_equals_its_raw_text(data):
    """Origin: the text of the file split into words here; GPM, feet and inches turned into SI by hand."""
    raw = sections((data / "city" / "alameda_water_network.inp").read_text())
    networks, files = read_networks({"water": table("city/alameda_water_network.inp", crs="EPSG:4326")}, data, None)
    water = networks["water"]
    assert dict(raw["OPTIONS"][:1]) == {"Units": "GPM"}
    kinds = water.nodes["kind"].value_counts()
    assert kinds["junction"] == len(raw["JUNCTIONS"])
    assert kinds["reservoir"] == len(raw["RESERVOIRS"]) == 3
    assert len(water.edges) == len(raw["PIPES"])
    assert water.nodes["demand"].sum() == pytest.approx(sum(float(r[2]) for r in raw["JUNCTIONS"]) * GPM, rel=1e-9)
    assert water.edges["length_m"].sum() == pytest.approx(sum(float(r[3]) for r in raw["PIPES"]) * FOOT, rel=1e-9)
    diameters = {r[0]: float(r[4]) * INCH for r in raw["PIPES"]}
    assert water.edges["diameter_m"].to_dict() == pytest.approx(diameters)
    assert water.nodes["head_m"].dropna().to_dict() == pytest.approx(
        {r[0]: float(r[1]) * FOOT for r in raw["RESERVOIRS"]}
    )
    assert set(water.edges.index[water.edges["status"] == "check"]) == {r[0] for r in raw["PIPES"] if r[7] == "CV"}
    place = gpd.GeoSeries.from_xy(*np.array([[float(x) for x in r[1:3]] for r in raw["COORDINATES"]]).T, crs=4326)
    place.index = [r[0] for r in raw["COORDINATES"]]
    assert water.nodes.geometry.distance(place.to_crs(water.nodes.crs), align=True).max() < 1e-6
    assert "all junctions lie at elevation 0" in " ".join(files[0].notes)
    assert "wider than 3 m" in " ".join(files[0].notes)


def test_alameda_roads_equal_their_raw_rows(data):
    """Origin: the GeoPackage read as an SQLite table, the GeoJSON as JSON."""
    with sqlite3.connect(f"file:{data / 'city' / 'alameda_roads.gpkg'}?mode=ro", uri=True) as base:
        drawn = base.execute("select id, StartNode, EndNode, length_m, geom from city_alameda_roads").fetchall()
    assert len(drawn) == 4203
    once = {}  # 433 streets are drawn in both directions: the first of those with one set of end points and vertices counts
    for row in drawn:
        line = [tuple(p) for p in shapely.get_coordinates(shapely.from_wkb(row[4][40:]))]
        once.setdefault(frozenset([tuple(line), tuple(line[::-1])]), row)
    rows = list(once.values())
    networks, files = read_networks({"transport": table("city/alameda_roads.gpkg", "roads")}, data, None)
    roads = networks["transport"]
    assert len(roads.edges) == len(rows) == 3770
    assert any("433 of 4,203 rows (10%) stand twice" in note for note in files[0].notes)
    assert roads.edges["length_m"].sum() == pytest.approx(sum(r[3] for r in rows))
    assert len(roads.nodes) == len({n for r in rows for n in r[1:3]})
    ends = {str(r[0]): (str(r[1]), str(r[2])) for r in rows}
    assert {e.Index: (e.from_node, e.to_node) for e in roads.edges.itertuples()} == ends
    with (data / "city" / "alameda_bridges_roads.geojson").open() as file:
        features = [f["properties"] for f in json.load(file)["features"]]
    crossings = [f for f in features if f.get("RoadID")]
    networks, files = read_networks({"transport": table("city/alameda_bridges_roads.geojson", "roads")}, data, None)
    edges = networks["transport"].edges
    named = {r.strip() for f in crossings for r in f["RoadID"].split(",")}
    twin = {str(row[0]): str(kept[0]) for kept in rows for row in drawn if set(row[1:3]) == set(kept[1:3])}
    assert len(crossings) == 8
    assert set(edges.index[edges["kind"] != "road"]) == {twin.get(n, n) for n in named}
    assert edges["asset_class"].notna().sum() == (edges["kind"] != "road").sum() > 8
    assert len(edges) == pytest.approx(
        3770, rel=5e-3
    )  # its lines are rounded to 3 digits, which makes more of them equal
    assert edges["length_m"].sum() == pytest.approx(sum(r[3] for r in rows), rel=5e-3)
    # the bridge classes by the rule of Hazus, by hand: 201 (1958) slab, 502 (1966) stringer, 316 movable
    assert set(edges.loc[["3131"], "asset_class"]) == {"HWB10"}
    assert set(edges.loc[["3180"], "asset_class"]) == {"HWB18"}
    assert set(edges.loc[["83"], "asset_class"]) == {"HWB28"}
    assert networks["transport"].nodes["source"].sum() > 0
    assert any("islands that no source reaches" in n for n in files[0].notes)


def test_liechtenstein(data):
    tables = {n: table("osm/liechtenstein.osm.pbf", "osm") for n in ("power", "transport")}
    networks, files = read_networks(tables, data, None)
    power, roads = networks["power"], networks["transport"]
    assert power.nodes["kind"].value_counts().to_dict() == {
        "line end": 6,
        "substation": 1,
        "station": 1,
        "transformer": 1,
        "generator": 1,
    }
    assert len(power.edges) == 3
    assert 80_000 < power.edges["length_m"].max() < 90_000
    assert len(roads.edges) > 1_666  # more pieces than drivable ways
    assert islands(roads).iloc[0]["nodes"] > 0.95 * len(roads.nodes)
    assert "where the power comes from is not mapped" in " ".join(files[0].notes)
    for network in networks.values():
        check(network.nodes.reset_index(), "network_nodes")
        check(network.edges.reset_index(), "network_edges")


INP = """[JUNCTIONS]
 a 10 50 p
 b 10 100
[RESERVOIRS]
 r 100
[TANKS]
 t 50 5 0 10 20 0
[PIPES]
 ra r a 1000 12 100 0 Open
 ab a b 1000 12 100 0 Open
 tb t b 1000 12 100 0 Closed
[PUMPS]
 q a b HEAD 1
[PATTERNS]
 p 0.5 1.5 2.5
[CURVES]
 1 100 50
[OPTIONS]
 Units GPM
 Headloss H-W
[COORDINATES]
 a 9.1 47
 b 9.2 47
 r 9.0 47
 t 9.2 47.1
[END]
"""


def test_an_epanet_file_by_hand(tmp_path):
    (tmp_path / "x.inp").write_text(INP)
    networks, files = read_networks({"water": table("x.inp", crs="EPSG:4326")}, tmp_path, "EPSG:32632")
    water = networks["water"]
    assert str(water.nodes.crs) == "EPSG:32632"
    assert water.nodes["demand"].to_dict() == pytest.approx(
        {"a": 50 * 1.5 * GPM, "b": 100 * GPM, "r": 0.0, "t": 0.0, "pump q": 0.0}
    )
    assert water.nodes["head_m"].dropna().to_dict() == pytest.approx({"r": 100 * FOOT, "t": 55 * FOOT})
    assert water.nodes.index[water.nodes["source"]].tolist() == ["r"]
    assert water.nodes.index[water.nodes["serves"]].tolist() == ["a", "b"]
    ends = {e.Index: (e.from_node, e.to_node, e.kind) for e in water.edges.itertuples()}
    assert ends["suction q"] == ("a", "pump q", "suction")
    assert ends["q"] == ("pump q", "b", "pump")
    assert water.edges["status"]["tb"] == "off"
    assert water.nodes["asset_class"].dropna().to_dict() == {"pump q": "PPP.S.A", "t": "PST.G.S.A"}
    curve = water.details["curves"]
    assert curve[["x", "y"]].iloc[0].tolist() == pytest.approx([100 * GPM, 50 * FOOT])
    assert any("shut at the start: 1 pipes" in n for n in files[0].notes)


def write_tables(folder, nodes=None, edges=None, needs=None):
    """A gas network of three nodes and two edges, with changes."""
    base = pd.DataFrame(
        {
            "node_id": ["g1", "g2", "g3"],
            "source": ["true", "false", "false"],
            "longitude": [9.0, 9.01, 9.02],
            "latitude": 47.0,
        }
    )
    (base if nodes is None else nodes(base)).to_csv(folder / "nodes.csv", index=False)
    lines = pd.DataFrame(
        {"edge_id": ["e1", "e2"], "from_node": ["g1", "g2"], "to_node": ["g2", "g3"], "length_m": [760.0, 761.0]}
    )
    (lines if edges is None else edges(lines)).to_csv(folder / "edges.csv", index=False)
    tables = {"gas_nodes": table("nodes.csv", "nodes"), "gas_edges": table("edges.csv", "edges")}
    if needs is not None:
        pd.DataFrame(needs, columns=["network", "node_id", "on_network", "on_node", "backup_hours"]).to_csv(
            folder / "needs.csv", index=False
        )
        tables["network_dependencies"] = table("needs.csv", "dependencies")
    return tables


def test_plain_tables(tmp_path):
    networks, files = read_networks(write_tables(tmp_path, needs=[("gas", "g2", "gas", "g1", 12.5)]), tmp_path, None)
    gas = networks["gas"]
    assert gas.nodes["source"].tolist() == [True, False, False]
    assert gas.edges["length_m"].tolist() == [760.0, 761.0]
    assert gas.edges["asset_class"].tolist() == ["NGP.D", "NGP.D"]
    assert gas.dependencies["backup_hours"].tolist() == [12.5]
    assert {f.table for f in files} == {"gas_nodes", "gas_edges", "network_dependencies"}
    shapes = gpd.GeoDataFrame(
        {"edge_id": ["e1", "e2"], "from_node": ["g1", "g2"], "to_node": ["g2", "g3"]},
        geometry=[LineString([(9.0, 47), (9.01, 47)]), LineString([(9.01, 47), (9.02, 47)])],
        crs=4326,
    )
    shapes.to_file(tmp_path / "edges.gpkg")
    tables = write_tables(tmp_path) | {"gas_edges": table("edges.gpkg", "edges")}
    again = read_networks(tables, tmp_path, None)[0]["gas"]
    assert again.edges["length_m"].tolist() == pytest.approx([760.4, 760.4], abs=1.0)  # 0.01 degrees at 47 north


def test_a_road_file_without_ends_is_joined_at_its_corners(tmp_path):
    lines = [
        LineString([(9, 47), (9.01, 47)]),
        LineString([(9.01, 47.000001), (9.02, 47)]),
        LineString([(9.05, 47), (9.06, 47)]),
    ]
    gpd.GeoDataFrame(geometry=lines, crs=4326).to_file(tmp_path / "r.gpkg")
    networks, files = read_networks({"transport": table("r.gpkg", "roads")}, tmp_path, None)
    assert len(networks["transport"].nodes) == 5
    assert islands(networks["transport"])["nodes"].tolist() == [3, 2]
    assert any("2 of 5 nodes lie in 1 islands" in n for n in files[0].notes)


def test_gateways_as_stated(tmp_path):
    line = LineString([(9, 47), (9.01, 47)])
    gpd.GeoDataFrame({"edge_id": ["r"], "from_node": ["a"], "to_node": ["b"]}, geometry=[line], crs=4326).to_file(
        tmp_path / "r.gpkg"
    )
    (tmp_path / "gates.csv").write_text("longitude,latitude\n9.0101,47.0001\n")
    columns = {"from_node": "from_node", "to_node": "to_node"}
    tables = {"transport": table("r.gpkg", "roads", attributes="gates.csv", columns=columns)}
    roads = read_networks(tables, tmp_path, None)[0]["transport"]
    assert roads.nodes["source"].to_dict() == {"a": False, "b": True}
    (tmp_path / "gates.csv").write_text("longitude,latitude\n10.0,47.0\n")
    with pytest.raises(TableError, match=r"row 2: lies 75,.* m from the nearest road"):
        read_networks(tables, tmp_path, None)


def grid(tmp_path, change=None):
    """A pandapower net of two buses as JSON, with a change of its content."""
    import pandapower as package

    net = package.create_empty_network()
    for i in range(2):
        package.create_bus(net, vn_kv=20.0, geodata=(9.0 + i / 100, 47.0))
    package.create_ext_grid(net, 0)
    package.create_line_from_parameters(net, 0, 1, 1.0, 0.1, 0.1, 0.0, 0.2)
    package.create_load(net, 1, p_mw=3.0)
    text = package.to_json(net)
    (tmp_path / "net.json").write_text(text if change is None else change(text))
    return {"power": table("net.json", "pandapower", crs="EPSG:4326")}


def test_a_pandapower_net_by_hand(tmp_path):
    power = read_networks(grid(tmp_path), tmp_path, None)[0]["power"]
    assert power.nodes["demand"].tolist() == [0.0, 3.0]
    assert power.nodes["source"].tolist() == [True, False]
    assert power.nodes["serves"].tolist() == [False, True]
    assert power.edges["length_m"].tolist() == [1000.0]
    assert power.edges["capacity"].tolist() == pytest.approx([np.sqrt(3) * 20 * 0.2])


@pytest.mark.parametrize(("side", "off"), [("hv", {"mv", "lv"}), ("mv", {"mv"}), ("lv", {"lv"})])
def test_an_open_switch_at_a_transformer_of_three_windings(tmp_path, side, off):
    """It cuts off the side at whose bus it stands; at the high side, the two others."""
    import pandapower as package

    net = package.create_empty_network()
    high, middle, low = (
        package.create_bus(net, vn_kv=kv, geodata=(9.0 + kv / 1e4, 47.0)) for kv in (110.0, 20.0, 10.0)
    )
    package.create_ext_grid(net, high)
    package.create_line_from_parameters(net, middle, low, 1.0, 0.1, 0.1, 0.0, 0.2)
    package.create_load(net, low, p_mw=3.0)
    package.create_transformer3w(net, high, middle, low, "63/25/38 MVA 110/20/10 kV")
    package.create_switch(net, {"hv": high, "mv": middle, "lv": low}[side], 0, et="t3", closed=False)
    (tmp_path / "net.json").write_text(package.to_json(net))
    tables = {"power": table("net.json", "pandapower", crs="EPSG:4326")}
    edges = read_networks(tables, tmp_path, None)[0]["power"].edges
    assert set(edges.index[edges["status"] == "off"]) == {f"trafo3w-0-{s}" for s in off}


CODE = '"controller": {"_module": "pandas.core.frame", "_class": "DataFrame", "_object": "{\\"columns\\":[\\"object\\"],\\"index\\":[0],\\"data\\":[[{\\"_module\\":\\"os\\",\\"_class\\":\\"system\\",\\"_object\\":\\"touch hacked\\"}]]}", "orient": "split"}, "bus": {'
BAD_NETS = {
    "code": (lambda t: t.replace('"bus": {', CODE, 1), r"holds objects of code \(os, system\)"),
    "a function": (
        lambda t: t.replace(
            '"sn_mva"', '"f": {"_module": "subprocess", "_class": "function", "_object": "run"}, "sn_mva"', 1
        ),
        "function, subprocess",
    ),
    "no net": (lambda t: '{"type": "FeatureCollection"}', "is no pandapower net"),
    "cut off": (lambda t: t[: len(t) // 2], "is not JSON"),
    "no positions": (lambda t: re.sub(r'\\"\{\\\\\\"coordinates.*?\}\\"', "null", t), "2 of 2 buses have no position"),
}


@pytest.mark.parametrize("fault", BAD_NETS)
def test_bad_pandapower_nets(tmp_path, monkeypatch, fault):
    change, message = BAD_NETS[fault]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TableError, match=message):
        read_networks(grid(tmp_path, change), tmp_path, None)
    assert not (tmp_path / "hacked").exists()


BAD_INPS = {
    "unknown unit": (
        lambda t: t.replace("GPM", "BARRELS"),
        'row 19, column Units: "BARRELS" is no unit of flow of EPANET; known: CFS',
    ),
    "no EPANET file": (lambda t: "hello\nworld\n", r"has no \[JUNCTIONS\] or \[PIPES\]"),
    "pipe to nowhere": (lambda t: t.replace(" ab a b", " ab a z"), 'row 10: link ab ends at "z", which is no node'),
    "no number": (
        lambda t: t.replace(" ab a b 1000", " ab a b long"),
        'row 10: "long" is no number where the length stands',
    ),
    "negative length": (
        lambda t: t.replace(" ab a b 1000", " ab a b -1000"),
        'row 10: "-1000" is below 0 where the length stands',
    ),
    "loop": (lambda t: t.replace(" ab a b", " ab a a"), 'row 10: link ab leads from "a" to itself'),
}


@pytest.mark.parametrize("fault", BAD_INPS)
def test_bad_epanet_files(tmp_path, fault):
    change, message = BAD_INPS[fault]
    (tmp_path / "x.inp").write_text(change(INP))
    with pytest.raises(TableError, match=message):
        read_networks({"water": table("x.inp", crs="EPSG:4326")}, tmp_path, None)


BAD_TABLES = {
    "edge to an unknown node": (
        {"edges": lambda t: t.assign(to_node=["g2", "g9"])},
        'row 3, column to_node: edge e2 ends at "g9", which is no node',
    ),
    "self loop": ({"edges": lambda t: t.assign(to_node=["g1", "g3"])}, 'edge e1 leads from "g1" to itself'),
    "no source": ({"nodes": lambda t: t.assign(source="false")}, "no node of the gas network is a source"),
    "no source column": ({"nodes": lambda t: t.drop(columns="source")}, "column source: missing"),
    "negative capacity": ({"edges": lambda t: t.assign(capacity=[5, -1])}, 'row 3, column capacity: "-1" is below 0'),
    "node twice": (
        {"nodes": lambda t: t.assign(node_id=["g1", "g2", "g2"])},
        '"g2" already stands in row 3; ids must differ',
    ),
    "edge twice": ({"edges": lambda t: t.assign(edge_id="e1")}, '"e1" already stands in row 2; ids must differ'),
    "swapped degrees": (
        {"nodes": lambda t: t.assign(latitude=[47.0, 147.0, 47.0])},
        "are longitude and latitude swapped",
    ),
    "no length": ({"edges": lambda t: t.assign(length_m=["760", ""])}, "row 3, column length_m: empty"),
    "needs itself": ({"needs": [("gas", "g2", "gas", "g2", 1)]}, '"g2" needs itself; it could never start'),
    "needs an unknown node": (
        {"needs": [("gas", "g2", "gas", "g7", 1)]},
        'row 2, column on_node: "g7" is no node of the gas network',
    ),
    "needs an unread network": (
        {"needs": [("gas", "g2", "power", "p", 1)]},
        "the study reads no power network; known: gas",
    ),
    "needs an unknown network": (
        {"needs": [("gas", "g2", "steam", "p", 1)]},
        "is not one of: power, water, gas, telecom, transport",
    ),
    "negative hours": ({"needs": [("gas", "g2", "gas", "g1", -3)]}, '"-3" is below 0 h'),
    "text for a number": ({"edges": lambda t: t.assign(length_m=["760", "long"])}, '"long" is not a number'),
}


@pytest.mark.parametrize("fault", BAD_TABLES)
def test_bad_tables(tmp_path, fault):
    changes, message = BAD_TABLES[fault]
    with pytest.raises(TableError) as caught:
        read_networks(write_tables(tmp_path, **changes), tmp_path, None)
    assert re.search(re.escape(message), str(caught.value)), str(caught.value)
    assert len(caught.value.problems) == 1


def test_bad_studies(tmp_path):
    (tmp_path / "x.inp").write_text(INP)
    with pytest.raises(TableError, match=r'states no CRS; add `crs = "EPSG:..."`'):
        read_networks({"water": table("x.inp")}, tmp_path, None)
    with pytest.raises(DataMissing, match="no such file"):
        read_networks({"water": table("y.inp", crs="EPSG:4326")}, tmp_path, None)
    with pytest.raises(
        UnknownName, match='"epanet2" is not a known source of a network; known: epanet, osm, pandapower, roads'
    ):
        read_networks({"water": table("x.inp", "epanet2", crs="EPSG:4326")}, tmp_path, None)
    with pytest.raises(TableError, match=r"needs both \[tables.gas_nodes\] and \[tables.gas_edges\]"):
        read_networks({"gas_nodes": table("x.csv", "nodes")}, tmp_path, None)
    with pytest.raises(UnknownName, match="power, transport"):
        read_networks({"gas": table("x.osm.pbf", "osm")}, tmp_path, None)
    gpd.GeoDataFrame(geometry=[Point(9, 47)], crs=4326).to_file(tmp_path / "p.gpkg")
    with pytest.raises(TableError, match="holds no lines; roads are lines"):
        read_networks({"transport": table("p.gpkg", "roads")}, tmp_path, None)
    for name in NETWORK_SOURCES:
        with pytest.raises(TableError, match="is not a local file"):
            read_networks({"power": table("https://x.org/a.inp", name, crs="EPSG:4326")}, tmp_path, None)
    with gzip.open(tmp_path / "z.inp", "wb") as file:
        file.write(INP.encode())
    with pytest.raises(TableError, match=r"is no text: it holds a NUL byte; is it packed"):
        read_networks({"water": table("z.inp", crs="EPSG:4326")}, tmp_path, None)


def test_networks_stand_beside_buildings():
    """Options of the city know the five networks."""
    assert CityOptions(networks=["gas", "transport"]).networks == ["gas", "transport"]
