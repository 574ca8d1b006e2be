"""The readers by the name a study calls them."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd

from holdfast.config import TableOptions
from holdfast.errors import UnknownName
from holdfast.sources.buildings import read_buildings
from holdfast.sources.cell_towers import opencellid
from holdfast.sources.intensity import intensity_raster, site_intensities, vs30_raster
from holdfast.sources.observed_state import present
from holdfast.sources.osm_layers import bounds, hull, osm
from holdfast.sources.placeless import placeless
from holdfast.sources.rasters import land_cover, raster
from holdfast.sources.shakemap import shakemap
from holdfast.sources.shapes import Loaded, lines, nearest_areas, points, polygons
from holdfast.sources.stock import stock_mixes
from holdfast.sources.tiles import tiles
from holdfast.sources.track import track
from holdfast.sources.water_level import water_level

Source = Callable[[str, TableOptions, Path], Loaded]
"""What a name under `source` stands for: a reader of one table of a study.

Called with the name of the table (also that of its schema, such as ``"hospitals"``), the table's section of the study
and the folder that its paths count from; a `PlacedSource` also with the cells of the region or the sites of the city,
None while the region itself is read. It returns the table, checked against its schema, with the provenance of every
file: digest, licence, and notes on what was left out, merged or assumed, with counts. Every reader raises
`DataMissing` if there is no such file and `TableError` that names every bad row and column; what is particular to one
(files, columns, what it drops, further errors) stands at its function.
"""
PlacedSource = Callable[[str, TableOptions, Path, gpd.GeoDataFrame | None], Loaded]
"""A `Source` that also takes the cells of the region or the sites of the city, to read what lies there."""


def buildings(_name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read a building table of whatever name (there is one schema of buildings); see `read_buildings`."""
    return read_buildings(options, folder)


SOURCES: dict[str, Source] = {
    "polygons": polygons,
    "points": points,
    "lines": lines,
    "osm": osm,
    "opencellid": opencellid,
    "hull": hull,
    "bounds": bounds,
    "buildings": buildings,
    # a layout is chosen by the name of the source, which `read_buildings` finds in the options again
    "nsi": buildings,
    "simcenter": buildings,
    "shakemap": shakemap,
    "site_intensities": site_intensities,
    "present": present,
    "stock_mixes": stock_mixes,
    "track": track,
    "totals": placeless,
    "measures": placeless,
    "groups": placeless,
    "interventions": placeless,
    "unit_costs": placeless,
}

PLACED_SOURCES: dict[str, PlacedSource] = {
    "nearest_areas": nearest_areas,
    "raster": raster,
    "land_cover": land_cover,
    "tiles": tiles,
    "intensity_raster": intensity_raster,
    "vs30_raster": vs30_raster,
    "water_level": water_level,
}
"""Sources that read what lies at given places: the cells of the region, or the sites of the city."""
OVER_CELLS = frozenset({"raster", "land_cover"})
"""Sources whose table depends on the cells: it holds a row per cell."""
WITHOUT_PLACES = frozenset(name for name, reader in SOURCES.items() if reader is placeless)
"""Sources whose table is no map: what a user states or costs."""


def load(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read one table of a study with the reader that it names.

    Parameters
    ----------
    name : str
        Table and schema name, such as ``"hospitals"``.
    options : TableOptions
        The table's section of the study.
    folder : Path
        Folder that the paths in `options` count from.
    within : GeoDataFrame or None
        Cells of the region or sites of the city, for `PLACED_SOURCES`; None while the region itself is read.

    Returns
    -------
    Loaded
        The checked table and the files it came from.

    Raises
    ------
    UnknownName
        If the study names no known reader.
    TableError, DataMissing
        From the reader.
    """
    if options.source in PLACED_SOURCES:
        return PLACED_SOURCES[options.source](name, options, folder, within)
    if options.source not in SOURCES:
        raise UnknownName("source", options.source, (*SOURCES, *PLACED_SOURCES), f"tables.{name}.source")
    return SOURCES[options.source](name, options, folder)
