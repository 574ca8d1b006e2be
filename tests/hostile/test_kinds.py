"""One kind of fault, every reader that can meet it: the right value, or one message with file, place, cause and remedy."""

import gzip
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import small_inputs
from shapely.geometry import LineString, Point, box
from small_inputs import READERS, SOUTH, WEST, WGS84, lay, net

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, TableError, UnknownName
from holdfast.sources.readers import load

FOREIGN = ("NoneType", "codec", "0x", "<class", "object has no", "HDF", "numpy", "Traceback", "Errno", "pandas.errors")
VECTORS = ["areas, GeoPackage", "areas, shapefile", "areas, GeoParquet", "points, GeoPackage", "lines", "roads"]
LOCAL = 'LOCAL_CS["site grid",UNIT["m",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'


@pytest.fixture
def folder(tmp_path):
    return lay(tmp_path)


def refused(reader, folder, *words, **options):
    """The message of a reader, which names its file."""
    with pytest.raises((TableError, DataMissing, UnknownName)) as caught:
        READERS[reader].read(folder, **options)
    text = str(caught.value)
    assert [w for w in FOREIGN if w in text] == [], text
    assert [w for w in words if w not in text] == [], text
    return text


def layer(folder, name, change):
    """Rewrite a file of shapes after a change."""
    file = folder / READERS[name].file
    parquet = file.suffix == ".parquet"
    table = change(gpd.read_parquet(file) if parquet else gpd.read_file(file))
    for old in folder.glob(f"{file.stem}.*"):
        if old.suffix not in (".csv",) and (old == file or file.suffix == ".shp"):
            old.unlink()
    table.to_parquet(file) if parquet else table.to_file(file)


def text_table(folder, name, change):
    """Rewrite a table of text after a change."""
    file = folder / READERS[name].file
    change(pd.read_csv(file, dtype=str, keep_default_na=False)).to_csv(file, index=False)


@pytest.mark.parametrize("name", READERS)
def test_the_sound_files_are_read(name, folder):
    assert READERS[name].read(folder)


@pytest.mark.parametrize("name", VECTORS)
def test_a_local_crs_of_a_file(name, folder):
    layer(folder, name, lambda t: t.set_crs(LOCAL, allow_override=True))
    refused(name, folder, READERS[name].file, "local CRS", "EPSG:4326")


@pytest.mark.parametrize("crs", [LOCAL, "EPSG:99999", "https://epsg.io/4326.prj", "/etc/passwd", "+init=/etc/passwd:1"])
@pytest.mark.parametrize("name", ["EPANET", "pandapower", "areas, GeoPackage", "nodes", "points, table", "raster"])
def test_a_crs_of_the_study_that_is_none(name, crs, folder):
    refused(name, folder, "EPSG:4326" if "99999" in crs or crs == LOCAL else "not looked up", crs=crs)


@pytest.mark.parametrize("name", ["nodes", "points, table", "buildings, table"])
def test_columns_of_degrees_are_degrees(name, folder):
    """A geographic CRS of the study is taken, metres cannot be meant."""
    refused(name, folder, READERS[name].file, "EPSG:32632", "degrees", crs="EPSG:32632")
    assert READERS[name].read(folder, crs="EPSG:4258")


@pytest.mark.parametrize("name", ["areas, GeoPackage", "areas, shapefile", "lines", "roads", "areas, GeoParquet"])
@pytest.mark.parametrize("far", [1e308, 1e16])
def test_a_coordinate_far_too_large(name, far, folder):
    def spoil(table):
        shape = table.geometry.iloc[3]
        bad = (
            LineString([(WEST, SOUTH), (WEST, far)]) if shape.geom_type == "LineString" else box(WEST, SOUTH, far, far)
        )
        return table.set_geometry([*table.geometry.iloc[:3], bad, *table.geometry.iloc[4:]])

    layer(folder, name, spoil)
    refused(name, folder, READERS[name].file, "row 4", "geometry", "far too large")


TABLES = ["points, table", "buildings, table", "nodes", "shaking, table", "radio cells"]
DEGREES = {"radio cells": ("lon", "lat")}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("value", ["1e308", "inf", "nan", "", "47,1"])
def test_a_number_that_is_no_place(name, value, folder):
    column = DEGREES.get(name, ("longitude", "latitude"))[1]
    text_table(folder, name, lambda t: t.assign(**{column: [*t[column][:1], value, *t[column][2:]]}))
    refused(name, folder, READERS[name].file, "row 3", "latitude")


@pytest.mark.parametrize("name", [t for t in TABLES if t != "shaking, table"])
def test_a_place_at_zero_zero(name, folder):
    """Nothing lies there: named by its row, and refused or counted; shaking there is far from every site instead."""
    columns = DEGREES.get(name, ("longitude", "latitude"))
    text_table(folder, name, lambda t: t.assign(**{c: ["0", *t[c][1:]] for c in columns}))
    try:
        found = READERS[name].read(folder)
    except (TableError, DataMissing) as told:
        assert "0" in str(told)
        assert any(word in str(told) for word in ("0, 0", "longitude 0", "position", "places")), told
    else:
        files = found.files if hasattr(found, "files") else found[1]
        told = " ".join(n for f in files for n in (*f.warnings, *f.notes))
        assert "longitude 0, latitude 0" in told or name == "buildings, table", told


PACKED = ["points, table", "buildings, table", "shaking, table", "tiles", "areas, attributes"]
DAMAGE = {
    "a byte turned": lambda b: b[: len(b) // 2] + bytes([b[len(b) // 2] ^ 0xFF]) + b[len(b) // 2 + 1 :],
    "cut off": lambda b: b[:-12],
    "a head alone": lambda b: b[:12],
}


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_table(name, folder):
    """Read as it is, and refused by name where its stream is damaged."""
    file = READERS[name].file
    whole = gzip.compress((folder / file).read_bytes())
    (folder / f"{file}.gz").write_bytes(whole)
    READERS[name].read(folder, path=f"{file}.gz")
    for spoil in DAMAGE.values():
        (folder / f"{file}.gz").write_bytes(spoil(whole))
        with pytest.raises(TableError, match=rf"{file}\.gz") as caught:
            READERS[name].read(folder, path=f"{file}.gz")
        assert "download it again" in str(caught.value)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("size", [0, 1, 20])
def test_a_file_that_is_cut_off(name, size, folder):
    file = folder / READERS[name].file
    file.write_bytes(file.read_bytes()[:size])
    refused(name, folder, file.name)


@pytest.mark.parametrize("name", ["raster"])
@pytest.mark.parametrize("turn", [10.0, 180.0])
def test_a_raster_that_is_turned(name, turn, folder):
    step = rasterio.Affine.translation(WEST, SOUTH) @ rasterio.Affine.rotation(turn) @ rasterio.Affine.scale(0.002)
    small_inputs.raster(folder / "ndvi.tif", np.full((20, 20), 0.5, np.float32), transform=step)
    refused(name, folder, "ndvi.tif", "gdalwarp")


@pytest.mark.parametrize(("kind", "scale"), [(np.float32, 1.0), (np.uint8, 250.0), (np.int16, 10_000.0)])
def test_zeros_that_may_stand_for_unknown(kind, scale, folder):
    """A tenth of the pixels is 0 and no nodata is stated: told with the key that says otherwise."""
    band = np.full((20, 20), 0.5 * scale).astype(kind)
    band[:2] = 0
    small_inputs.raster(folder / "ndvi.tif", band)
    read = READERS["raster"].read
    scaled = {"scale": {"value": 1 / scale}} if scale != 1 else {}
    loaded = read(folder, **scaled)
    told = " ".join(loaded.files[0].notes)
    assert "pixels (5.6%) are exactly 0; if 0 stands for unknown" in told, "16 of the 288 around the cells"
    assert "states no value for nodata" in told
    with_zeros = loaded.table["ndvi"].mean()
    without = read(folder, null_values={"value": [0]}, **scaled).table["ndvi"].mean()
    assert with_zeros < without == pytest.approx(0.5, rel=1e-6)


@pytest.mark.parametrize("column", ["poverty_share", "median_year_built"])
def test_zeros_in_a_table(column, folder):
    """In a share they are told; a year cannot be 0 and is refused with the remedies for a code."""
    options = {"columns": {"housing_units": "homes", column: "x"}}
    text_table(folder, "areas, attributes", lambda t: t.assign(x=["0"] * 4 + ["0.2"] * 12))
    if column == "poverty_share":
        loaded = READERS["areas, attributes"].read(folder, **options)
        assert "4 of 16 values (25%) are exactly 0" in " ".join(loaded.files[1].notes)
    else:
        refused("areas, attributes", folder, "recode", "1939", **options)


def told_of(found):
    files = found.files if hasattr(found, "files") else found[1]
    return " ".join(n for f in files for n in (*f.warnings, *f.notes))


def test_points_that_stand_twice(folder):
    """In a table and in a layer, the same place or 30 m away under one name."""
    near = {"longitude": f"{WEST + 4e-4}", "latitude": f"{SOUTH}", "name": "H0 "}
    text_table(folder, "points, table", lambda t: pd.concat([t, t.iloc[[5]], pd.DataFrame([near])]))
    found = READERS["points, table"].read(folder)
    assert len(found.table) == 16
    assert "2 of 18 rows" in told_of(found)
    assert "count once" in told_of(found)
    layer(folder, "points, GeoPackage", lambda t: pd.concat([t, t.iloc[[5]]]))
    found = READERS["points, GeoPackage"].read(folder)
    assert len(found.table) == 16
    assert "count once" in told_of(found)


@pytest.mark.parametrize("name", ["lines", "roads"])
def test_streets_drawn_in_both_directions(name, folder):
    sound = READERS[name].read(folder)
    layer(
        folder, name, lambda t: pd.concat([t, t.set_geometry(t.geometry.reverse()).assign(road_id=t["road_id"] + "r")])
    )
    found = READERS[name].read(folder)
    assert "24 of 48 rows (50%)" in told_of(found)
    if name == "roads":
        length = [n[0]["transport"].edges["length_m"].sum() for n in (sound, found)]
    else:
        length = [n.table.to_crs("EPSG:32632").length.sum() for n in (sound, found)]
    assert length[0] == pytest.approx(length[1])


@pytest.mark.parametrize(
    ("weights", "mean"), [({"tests": [900, 1]}, "tests"), ({"devices": [9, 1]}, "devices"), ({}, None)]
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tiles_weigh_by_their_tests(weights, mean, suffix, folder):
    """Where a tile of one test stands beside one of 900, its speed hardly counts; what weighs is said."""
    keys = [small_inputs.quadkey(*small_inputs.place(i)) for i in (0, 5)]
    table = pd.DataFrame({"quadkey": keys, "avg_d_kbps": [10_000, 90_000], **weights})
    table.to_csv(folder / "t.csv", index=False) if suffix == "csv" else table.to_parquet(folder / "t.parquet")
    loaded = READERS["tiles"].read(folder, path=f"t.{suffix}")
    assert (f"tiles weigh by {mean}" if mean else "no number of tests") in told_of(loaded)
    if mean:
        assert loaded.table["tests"].tolist() == weights[mean]


BROKEN = {
    "dtypes in a list": lambda t: {**t, "dtype": ["int64"]},
    "no content": lambda t: {k: v for k, v in t.items() if k != "_object"},
    "content that is a number": lambda t: {**t, "_object": 5},
    "text that is no JSON": lambda t: {**t, "_object": "{"},
    "rows of other lengths": lambda t: {
        **t,
        "_object": json.dumps({"columns": ["bus"], "index": [0], "data": [[0, 1]]}),
    },
    "no columns": lambda t: {**t, "_object": json.dumps({"index": [0], "data": [[0]]})},
    "an index of text": lambda t: {**t, "_object": json.dumps({"columns": [], "index": ["x"], "data": [[]]})},
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("name", ["bus", "line", "load", "ext_grid"])
def test_a_table_of_pandapower_that_is_none(name, fault, folder):
    table = BROKEN[fault](net()["_object"][name])
    (folder / "net.json").write_text(json.dumps(net(**{name: table})))
    refused("pandapower", folder, "net.json", name)


def test_a_kind_of_a_column_that_is_none_is_passed_over(folder):
    """The columns that are read are held to their kinds whatever the file calls them."""
    kinds = {"bus": ["int64"], "p_mw": "os.system", "in_service": 5}
    (folder / "net.json").write_text(json.dumps(net(load={**net()["_object"]["load"], "dtype": kinds})))
    assert READERS["pandapower"].read(folder)[0]["power"].nodes["demand"].sum() == pytest.approx(1.0)


@pytest.mark.parametrize("unit", ["CMH", "lps", "GPM", "AFD", None])
@pytest.mark.parametrize("words", ["UNITS", "Units", "units"])
def test_units_of_epanet_in_any_case(unit, words, folder):
    """Origin: cubic metres per hour, litres per second, US gallons per minute (the default), acre-feet per day."""
    factor = {"CMH": 1 / 3600, "lps": 1e-3, "GPM": 3.785411784e-3 / 60, "AFD": 43_560 * 0.3048**3 / 86_400}
    factor[None] = factor["GPM"]
    text = small_inputs.INP.replace(" Units LPS\n", f" {words} {unit}\n" if unit else "")
    (folder / "water.inp").write_text(text)
    networks, files = READERS["EPANET"].read(folder)
    assert networks["water"].nodes["demand"].sum() == pytest.approx(35 * factor[unit])
    assert ("is taken" in " ".join(files[0].notes)) == (unit is None)


@pytest.mark.parametrize("ids", [["1.0", "2.0", "3.0"], [" 1", "2 ", "3"], ["1", "2", "3"]])
def test_ids_however_they_are_written(ids, folder):
    text_table(folder, "nodes", lambda t: t.assign(node_id=ids))
    text_table(
        folder, "edges", lambda t: t.assign(from_node=["1", "2"], to_node=["2", "3.0"] if "." in ids[0] else ["2", "3"])
    )
    networks, _ = READERS["nodes"].read(folder)
    assert networks["gas"].nodes.index.tolist() == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["ShakeMap", "shaking, table", "points, table", "nodes", "EPANET", "pandapower"])
def test_longitudes_past_the_date_line(name, folder):
    """Places of 179.99 and on, once past 180 and once turned: read alike."""
    found = []
    for off in (170.495, 170.495 - 360):
        lay(folder)
        file = folder / READERS[name].file
        if file.suffix == ".csv":
            text_table(folder, name, lambda t, o=off: t.assign(longitude=pd.to_numeric(t["longitude"]) + o))
        elif file.suffix == ".json":
            geo = [
                json.dumps({"type": "Point", "coordinates": [p[0] + off, p[1]]})
                for p in map(small_inputs.place, range(3))
            ]
            table = json.loads(net()["_object"]["bus"]["_object"])
            for row, text in zip(table["data"], geo, strict=True):
                row[-1] = text
            file.write_text(json.dumps(net(bus={**net()["_object"]["bus"], "_object": json.dumps(table)})))
        else:
            number = re.compile(r"(?<![\d.])9\.5\d?(?![\d.])")
            file.write_text(number.sub(lambda m, o=off: f"{float(m[0]) + o:.3f}", file.read_text()))
        result = READERS[name].read(folder)
        if isinstance(result, tuple):
            nodes = next(iter(result[0].values())).nodes.to_crs(WGS84)
            found.append(sorted((round(p.x, 4) % 360, round(p.y, 4)) for p in nodes.geometry))
        else:
            table = result.table
            x = table.geometry.x if "geometry" in table else table["longitude"]
            assert x.between(-180, 180).all()
            found.append(sorted(round(v, 6) % 360 for v in x))
    assert len(found[0]) == len(found[1])
    assert np.allclose(np.array(found[0]), np.array(found[1]), atol=1e-4)


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:32632"])
def test_buildings_that_carry_no_crs(crs, folder):
    """A layer without a CRS takes the study's; without one it is refused with the key."""
    flat = gpd.read_file(folder / "buildings.geojson").to_crs("EPSG:32632")
    shapes = flat.to_crs(crs) if crs else flat
    gpd.GeoDataFrame(shapes.drop(columns="geometry"), geometry=list(shapes.geometry)).to_parquet(folder / "b.parquet")
    options = TableOptions(source="buildings", path="b.parquet", crs=crs)
    if crs is None:
        with pytest.raises(TableError, match=r'b\.parquet.*\n.*states no CRS; add `crs = "EPSG'):
            load("buildings", options, folder, None)
        return
    there = load("buildings", options, folder, None).table.to_crs(WGS84).total_bounds
    assert there == pytest.approx([WEST, SOUTH, WEST + 0.03, SOUTH + 0.03], abs=1e-4)


def test_points_are_points(folder):
    layer(folder, "points, GeoPackage", lambda t: t.set_geometry([Point(p.x, p.y).buffer(1e-3) for p in t.geometry]))
    refused("points, GeoPackage", folder, "is a Polygon, expected a point")
