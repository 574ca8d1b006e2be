"""A water level over a terrain: the depth at every site, by the bathtub rule with or without connection."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.windows import Window
from scipy import ndimage

from holdfast.config import TableOptions
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.sources.counts import of
from holdfast.sources.files import locate
from holdfast.sources.intensity import to_unit
from holdfast.sources.raster_files import MOST_PIXELS, TIFFS, Raster, in_its_longitudes, opened, pixels_at
from holdfast.sources.shapes import Loaded
from holdfast.sources.tidy import input_file
from holdfast.tables import check

GROUND = "ground"
BEHIND = -1000.0
"""Depth of ground that the water does not reach though it lies below its level, m: no error of the level floods it."""
LABEL = "bathtub: water as high everywhere as the level, without flow, waves, pumps or time"


def water_level(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Read a terrain from a GeoTIFF and take it from a water level; schema ``intensities``, a row per site in their order.

    Signature and errors as in `holdfast.sources.readers.Source`. ``level_m`` and ``level_datum`` are those of the water,
    ``datum`` and ``units = {ground = "m"}`` those of the terrain. With ``water_from`` ground is flooded only where pixels
    below the level join it, side by side, to that place; without, all ground below the level is. A depth below 0 is ground
    that lies so far above the water.

    Raises
    ------
    TableError
        Also if level, unit or datums are not stated, the datums differ, or a site has no terrain.
    """
    file = locate(folder, options.path, f"tables.{name}.path", TIFFS)
    level, factor = _stated(name, options, str(file))
    if within is None:
        text = f"tables.{name}: a water level needs the sites of a city; add a [city] to the study"
        raise DataMissing(text)
    with opened(file, options, GROUND) as raster:
        if raster.dataset.width * raster.dataset.height > MOST_PIXELS:
            text = f"has more than {MOST_PIXELS:,} pixels; cut it to the city and the water, or give it in a coarser resolution"
            raise TableError(str(file), [Problem(text)])
        ground = raster.read(Window(0, 0, raster.dataset.width, raster.dataset.height)) * factor
        sites = _places(raster, within.geometry)
        start = None if options.water_from is None else _start(raster, options.water_from, str(file), name)
        notes = raster.remarks(GROUND)
    depth = np.full(len(within), np.nan)
    inside = (sites >= 0).all(axis=1) & (sites < ground.shape).all(axis=1)
    depth[inside] = level - ground[tuple(sites[inside].T)]
    if np.isnan(depth).any():
        text = f"{of(int(np.isnan(depth).sum()), len(depth), 'sites')} have no terrain; is the CRS right?"
        raise TableError(str(file), [Problem(text, column=GROUND)])
    notes.append(f"{LABEL}: {level:g} m {options.level_datum}")
    if start is not None:
        cut = (depth > 0) & ~_reached(ground, level, start, str(file), name)[tuple(sites.T)]
        depth[cut] = BEHIND
        notes.append(
            f"{of(int(cut.sum()), len(depth), 'sites')} lie below the level and are not joined to the water: dry"
        )
    degrees = within.to_crs("EPSG:4326").geometry
    table = pd.DataFrame({"longitude": degrees.x, "latitude": degrees.y, "depth": depth})
    table.index = pd.RangeIndex(1, len(table) + 1, name="site")
    checked = check(table, "intensities", str(file)).reset_index(drop=True)
    return Loaded(gpd.GeoDataFrame(checked), (input_file(name, file, len(checked), options, notes),))


def _stated(name: str, options: TableOptions, file: str) -> tuple[float, float]:
    """Level, m, and factor of the terrain's unit; refused where anything is unsaid or the datums differ."""
    wanted = {"level_m": options.level_m, "level_datum": options.level_datum, "datum": options.datum}
    wanted["units.ground"] = options.units.get(GROUND)
    problems = [Problem("missing; state it", column=f"tables.{name}.{k}") for k, v in wanted.items() if v is None]
    if not problems and options.level_datum != options.datum:
        text = f"the level counts from {options.level_datum}, the terrain from {options.datum}; convert one of them"
        problems = [Problem(text, column=f"tables.{name}.datum")]
    if problems or options.level_m is None:
        raise TableError(file, problems)
    return options.level_m, to_unit("depth", options.units[GROUND], file)


def _places(raster: Raster, geometry: gpd.GeoSeries) -> np.ndarray:
    """Row and column of the pixel at each place, shape (site, 2)."""
    return pixels_at(raster.dataset, shapely.get_coordinates(in_its_longitudes(geometry, raster)))


def _start(raster: Raster, place: tuple[float, float], file: str, name: str) -> tuple[int, int]:
    """Pixel from which the water comes."""
    point = gpd.GeoSeries(gpd.points_from_xy([place[0]], [place[1]]), crs="EPSG:4326")
    row, column = _places(raster, point)[0]
    if not (0 <= row < raster.dataset.height and 0 <= column < raster.dataset.width):
        text = "lies outside the terrain; name a place in the water (longitude, latitude)"
        raise TableError(file, [Problem(text, column=f"tables.{name}.water_from")])
    return int(row), int(column)


def _reached(ground: np.ndarray, level: float, start: tuple[int, int], file: str, name: str) -> np.ndarray:
    """Pixels below the level that are joined, side by side, to the start; pixels without a value count as water."""
    low = ~(ground >= level)
    if not low[start]:
        text = f"is ground at {ground[start]:g} m, above the level of {level:g} m; name a place in the water"
        raise TableError(file, [Problem(text, column=f"tables.{name}.water_from")])
    labels, _ = ndimage.label(low)
    return np.asarray(labels == labels[start])
