"""One small sound file for every reader, self-made, and how each is read; what tests spoil."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from shapely.geometry import LineString, Point, box

from holdfast.config import TableOptions
from holdfast.sources.cells import read_cells
from holdfast.sources.networks import read_networks
from holdfast.sources.readers import load

WGS84 = "EPSG:4326"
WEST, SOUTH = 9.50, 47.10
SPACING = 0.01  # degrees
SIDE = 4

INP = """[JUNCTIONS]
 a 10 30
 b 12 0 p
[RESERVOIRS]
 r 100
[PIPES]
 ra r a 1000 300 100 0 Open
 ab a b 500 200 100 0 Open
[DEMANDS]
 b 5
[PATTERNS]
 p 1 1
[OPTIONS]
 Units LPS
 Headloss H-W
[COORDINATES]
 a 9.51 47.11
 b 9.52 47.12
 r 9.50 47.10
[END]
"""

SHAKEMAP = """<?xml version="1.0" encoding="US-ASCII" standalone="yes"?>
<shakemap_grid event_id="synthetic" shakemap_version="1" map_status="RELEASED" shakemap_event_type="SCENARIO">
<event magnitude="7.0" event_description="Synthetic event" />
<grid_specification lon_min="9.5" lat_min="47.1" lon_max="9.51" lat_max="47.11" nlon="2" nlat="2" />
<grid_field index="1" name="LON" units="dd" /><grid_field index="2" name="LAT" units="dd" />
<grid_field index="3" name="PGA" units="pctg" />
<grid_data>
9.50 47.11 44.0
9.51 47.11 47.0
9.50 47.10 42.0
9.51 47.10 52.0
</grid_data>
</shakemap_grid>
"""

COLUMNS = {
    "bus": ["name", "vn_kv", "type", "zone", "in_service", "geo"],
    "line": [
        "from_bus",
        "to_bus",
        "length_km",
        "r_ohm_per_km",
        "x_ohm_per_km",
        "c_nf_per_km",
        "g_us_per_km",
        "max_i_ka",
        "df",
        "parallel",
        "in_service",
        "name",
        "std_type",
        "type",
    ],
    "load": ["name", "bus", "p_mw", "q_mvar", "scaling", "in_service"],
    "ext_grid": ["name", "bus", "vm_pu", "va_degree", "in_service"],
}


def place(number: int) -> tuple[float, float]:
    """Longitude and latitude of one of a few places."""
    return WEST + SPACING * (number % SIDE), SOUTH + SPACING * (number // SIDE)


def quadkey(longitude: float, latitude: float, zoom: int = 15) -> str:
    """Tile of the web map that holds a place."""
    y = 0.5 - np.arcsinh(np.tan(np.radians(latitude))) / (2 * np.pi)
    column, row = int((longitude + 180) / 360 * 2**zoom), int(y * 2**zoom)
    return "".join(str((column >> i & 1) + 2 * (row >> i & 1)) for i in range(zoom - 1, -1, -1))


def net(**changes: Any) -> dict[str, Any]:
    """A pandapower net of three buses as JSON; tables may be replaced."""
    geo = [json.dumps({"type": "Point", "coordinates": place(i)}) for i in range(3)]
    rows = {
        "bus": [[f"b{i}", 20.0, "b", None, True, geo[i]] for i in range(3)],
        "line": [[i, i + 1, 1.5, 0.1, 0.1, 10.0, 0.0, 0.3, 1.0, 1, True, None, None, "ol"] for i in range(2)],
        "load": [[None, i, 0.5, 0.1, 1.0, True] for i in (1, 2)],
        "ext_grid": [[None, 0, 1.0, 0.0, True]],
    }
    tables = {
        name: {
            "_module": "pandas.core.frame",
            "_class": "DataFrame",
            "_object": json.dumps({"columns": COLUMNS[name], "index": list(range(len(found))), "data": found}),
            "orient": "split",
            "dtype": {},
        }
        for name, found in rows.items()
    }
    return {
        "_module": "pandapower.auxiliary",
        "_class": "pandapowerNet",
        "_object": {**tables, "sn_mva": 1.0, "f_hz": 50.0, "version": "3.0.0", **changes},
    }


def squares() -> list[Any]:
    """Adjoining areas."""
    return [box(x, y, x + SPACING, y + SPACING) for x, y in map(place, range(SIDE * SIDE))]


def write(folder: Path) -> None:
    """Write all files."""
    count = SIDE * SIDE
    ids = [f"a{i:02d}" for i in range(count)]
    areas = gpd.GeoDataFrame({"id": ids}, geometry=squares(), crs=WGS84)
    areas.to_file(folder / "areas.gpkg", driver="GPKG")
    areas.to_file(folder / "areas.shp")
    full = areas.assign(area_id=ids, housing_units=10.0, poverty_share=0.2)
    full.drop(columns="id").to_file(folder / "areas.geojson", driver="GeoJSON")
    full.drop(columns="id").to_parquet(folder / "areas.parquet")
    pd.DataFrame({"id": ids, "homes": 10, "built": 1960}).to_csv(folder / "areas.csv", index=False)
    spots = pd.DataFrame([place(i) for i in range(count)], columns=["longitude", "latitude"])
    spots.assign(name=[f"h{i}" for i in range(count)]).to_csv(folder / "hospitals.csv", index=False)
    points = gpd.GeoDataFrame({"name": ids}, geometry=gpd.points_from_xy(spots.longitude, spots.latitude), crs=WGS84)
    points.to_file(folder / "hospitals.gpkg", driver="GPKG")
    lines = [LineString([place(i), place(i + 1)]) for i in range(count - 1) if (i + 1) % SIDE]
    lines += [LineString([place(i), place(i + SIDE)]) for i in range(count - SIDE)]
    roads = gpd.GeoDataFrame(
        {"road_id": [str(i) for i in range(len(lines))], "kind": "residential"}, geometry=lines, crs=WGS84
    )
    roads.to_file(folder / "roads.gpkg", driver="GPKG")
    buildings = spots.assign(
        building_id=ids,
        occupancy="RES1",
        structure="W1",
        stories=2,
        year_built=1970,
        floor_area_m2=150.0,
        replacement_cost=3e5,
    )
    buildings.to_csv(folder / "buildings.csv", index=False)
    outlines = [Point(x, y).buffer(1e-4, quad_segs=1) for x, y in map(place, range(count))]
    gpd.GeoDataFrame(buildings.drop(columns=["longitude", "latitude"]), geometry=outlines, crs=WGS84).to_file(
        folder / "buildings.geojson", driver="GeoJSON"
    )
    spots.iloc[:3].assign(node_id=["n1", "n2", "n3"], source=["true", "false", "false"]).to_csv(
        folder / "nodes.csv", index=False
    )
    pd.DataFrame(
        {"edge_id": ["e1", "e2"], "from_node": ["n1", "n2"], "to_node": ["n2", "n3"], "length_m": [760.0, 761.0]}
    ).to_csv(folder / "edges.csv", index=False)
    spots.assign(PGA=0.3).to_csv(folder / "shaking.csv", index=False)
    keys = sorted({quadkey(*place(i)) for i in range(count)})
    pd.DataFrame({"quadkey": keys, "avg_d_kbps": 50_000, "tests": 4}).to_csv(folder / "tiles.csv", index=False)
    cell = {"radio": "LTE", "mcc": 295, "net": 1, "area": 1, "range": 2000, "samples": 9}
    spots.rename(columns={"longitude": "lon", "latitude": "lat"}).assign(cell=range(count), **cell).to_csv(
        folder / "cells.csv", index=False
    )
    pd.DataFrame(
        {"column": range(4), "row": 0, "region_m2": 1e6, "housing_units": 10, "poverty": [0.1, 0.2, 0.3, 0.4]}
    ).to_csv(folder / "grid.csv", index=False)
    pd.DataFrame(
        {"column": ["poverty"], "title": "synthetic", "licence": "none", "date": "2024", "link": "", "note": ""}
    ).to_csv(folder / "grid_sources.csv", index=False)
    (folder / "water.inp").write_text(INP)
    (folder / "net.json").write_text(json.dumps(net()))
    (folder / "grid.xml").write_text(SHAKEMAP)
    raster(folder / "ndvi.tif", np.linspace(0.1, 0.9, 400).reshape(20, 20).astype(np.float32))


def raster(file: Path, band: np.ndarray, **changes: Any) -> None:
    """Write a band over the places."""
    height, width = band.shape
    size = SPACING * (SIDE + 1)
    step = rasterio.Affine(size / width, 0, WEST - SPACING / 2, 0, -size / height, SOUTH - SPACING / 2 + size)
    profile = {"height": height, "width": width, "count": 1, "dtype": band.dtype, "crs": WGS84, "transform": step}
    with rasterio.open(file, "w", driver="GTiff", **{**profile, **changes}) as dataset:
        dataset.write(band, 1)


@cache
def sound() -> dict[str, bytes]:
    """Name to content of all files."""
    with TemporaryDirectory() as folder:
        write(Path(folder))
        return {f.name: f.read_bytes() for f in sorted(Path(folder).iterdir())}


def lay(folder: Path) -> Path:
    """Write all files into a folder from memory."""
    for name, content in sound().items():
        (folder / name).write_bytes(content)
    return folder


def cells() -> gpd.GeoDataFrame:
    """Cells over the places."""
    shapes = gpd.GeoSeries(squares(), index=[f"E{i}N0" for i in range(SIDE * SIDE)], crs=WGS84)
    return gpd.GeoDataFrame(geometry=shapes).rename_axis("cell_id").to_crs("EPSG:32632")


class Reader(NamedTuple):
    """The file that a reader reads, and the reading of it from a folder, with options over its own."""

    file: str
    read: Callable[..., Any]


def _table(name: str, source: str, file: str, **own: Any) -> Reader:
    return Reader(
        file,
        lambda folder, path=file, **more: load(
            name, TableOptions(source=source, path=path, **{**own, **more}), folder, cells()
        ),
    )


def _networks(file: str, **tables: dict[str, Any]) -> Reader:
    def read(folder: Path, path: str = file, **more: Any) -> Any:
        options = {
            n: TableOptions(**{**t, "path": path if t["path"] == file else t["path"], **more})
            for n, t in tables.items()
        }
        return read_networks(options, folder, None)

    return Reader(file, read)


JOINED = {"attributes": "areas.csv", "key": "id", "columns": {"housing_units": "homes", "median_year_built": "built"}}
NODES = {"source": "nodes", "path": "nodes.csv"}
EDGES = {"source": "edges", "path": "edges.csv"}

READERS: dict[str, Reader] = {
    "areas, GeoPackage": _table("areas", "polygons", "areas.gpkg", **JOINED),
    "areas, shapefile": _table("areas", "polygons", "areas.shp", **JOINED),
    "areas, attributes": Reader(
        "areas.csv",
        lambda folder, path="areas.csv", **more: load(
            "areas",
            TableOptions(**{"source": "polygons", "path": "areas.gpkg", **JOINED, "attributes": path, **more}),
            folder,
            None,
        ),
    ),
    "areas, GeoJSON": _table("areas", "polygons", "areas.geojson"),
    "areas, GeoParquet": _table("areas", "polygons", "areas.parquet"),
    "points, table": _table("hospitals", "points", "hospitals.csv"),
    "points, GeoPackage": _table("hospitals", "points", "hospitals.gpkg"),
    "lines": _table("roads", "lines", "roads.gpkg"),
    "buildings, table": _table("buildings", "buildings", "buildings.csv"),
    "buildings, outlines": _table("buildings", "buildings", "buildings.geojson"),
    "roads": _networks("roads.gpkg", transport={"source": "roads", "path": "roads.gpkg"}),
    "nodes": _networks("nodes.csv", gas_nodes=NODES, gas_edges=EDGES),
    "edges": _networks("edges.csv", gas_nodes=NODES, gas_edges=EDGES),
    "EPANET": _networks("water.inp", water={"source": "epanet", "path": "water.inp", "crs": WGS84}),
    "pandapower": _networks("net.json", power={"source": "pandapower", "path": "net.json", "crs": WGS84}),
    "ShakeMap": _table("shaking", "shakemap", "grid.xml"),
    "shaking, table": _table("shaking", "site_intensities", "shaking.csv", units={"PGA": "g"}),
    "raster": _table("greenness", "raster", "ndvi.tif"),
    "tiles": _table("internet", "tiles", "tiles.csv"),
    "radio cells": _table("cell_towers", "opencellid", "cells.csv"),
    "ready cells": Reader("grid.csv", lambda folder, path="grid.csv": read_cells(path, folder, ["poverty"])),
}
