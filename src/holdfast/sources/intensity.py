"""Shaking from the user's own files: tables of sites, and rasters sampled at the sites."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.windows import Window

from holdfast.config import TableOptions
from holdfast.data import packaged
from holdfast.errors import DataMissing, Problem, TableError
from holdfast.numerals import to_numbers
from holdfast.sources.counts import of
from holdfast.sources.files import CSVS, locate
from holdfast.sources.plausible import all_below_one
from holdfast.sources.positions import turn
from holdfast.sources.raster_files import MOST_PIXELS, PIXEL, TIFFS, in_its_longitudes, opened, pixels_at
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check

QUANTITIES = {
    "PGA": "acceleration",
    "SA0.3": "acceleration",
    "SA1.0": "acceleration",
    "PGV": "velocity",
    "PGD": "length",
    "depth": "depth",
    "velocity": "speed",
    "gust": "speed",
}
USUAL = {
    "acceleration": "g",
    "velocity": "cm/s",
    "length": "cm",
    "depth": "m",
    "speed": "m/s",
}  # units that a message proposes
VS30 = "vs30"


def to_unit(measure: str, unit: str, file: str) -> float:
    """Factor from a unit as the file or the study states it to Holdfast's unit of an intensity measure (g, cm/s, cm).

    Raises
    ------
    TableError
        If the unit is not known for this measure; names `file`.

    Examples
    --------
    >>> to_unit("PGA", "pctg", "grid.xml"), to_unit("PGV", "m/s", "x.csv")
    (0.01, 100.0)
    """
    table = packaged("intensity_units")
    known = table[table["quantity"] == QUANTITIES[measure]].set_index("unit")["factor"]
    if unit not in known:
        text = f'"{unit}" is no unit of {measure}; known: {", ".join(known.index)}'
        raise TableError(file, [Problem(text, column=measure)])
    return float(known[unit])


def site_intensities(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read a table of shaking at sites, one row per site, or per site and realisation; schema ``intensities``.

    Signature and errors as in `holdfast.sources.readers.Source`. The study's ``columns`` map measures, ``site_id`` and
    ``realisation``; ``units`` must name the unit of every measure. Rows that agree in everything count once.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    cells, read = read_table(file)
    raw, notes = tidy(cells, options, file)
    raw = raw.rename(columns={options.longitude: "longitude", options.latitude: "latitude"})
    measures = [m for m in QUANTITIES if m in raw]
    if not measures:
        have = ", ".join(str(c) for c in raw.columns[:40])
        text = f"no column is an intensity measure ({', '.join(QUANTITIES)}); the file has: {have}; map one"
        raise TableError(str(file), [Problem(text, column=f"tables.{name}.columns")])
    factors = _factors(name, options, measures, str(file))
    for measure in measures:
        stated = to_numbers(raw[measure]).astype("float64")
        # on the values as stated: whether percentages are meant shows before they are converted
        notes += all_below_one(stated.to_numpy(), options.units[measure], measure)
        numbers = stated * factors[measure]
        raw[measure] = numbers.where(numbers.notna(), raw[measure])  # what is no number stays, for the check to name
    raw, turned = turn(raw)
    checked = check(raw, "intensities", str(file))
    checked, once = _once(checked)
    notes += [*turned, *once]
    notes.append("units as the study states them: " + ", ".join(f"{m} {options.units[m]}" for m in measures))
    return Loaded(gpd.GeoDataFrame(checked), (input_file(name, file, len(checked), options, [*read, *notes]),))


def _once(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rows that agree in everything count once."""
    again = table.duplicated().to_numpy()
    return table[~again], [
        f"{of(int(again.sum()), len(table), 'rows')} stand twice and count once"
    ] if again.any() else []


def intensity_raster(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Sample a GeoTIFF of shaking at the sites, the points of `within`; schema ``intensities``, a row per site in their order.

    Signature and errors as in `holdfast.sources.readers.Source`. The study's ``columns`` map measures to bands, such as
    ``{PGA = "1"}``; ``units`` must name the unit of each. A site has the value of the pixel that holds it.

    Raises
    ------
    TableError
        Also if the file is no GeoTIFF, has no CRS or band, or has no value at a site.
    """
    measures = [m for m in QUANTITIES if m in options.columns]
    if not measures:
        text = 'which measure does the raster hold? Map it to its band, such as columns = { PGA = "1" }'
        raise TableError(options.path, [Problem(text, column=f"tables.{name}.columns")])
    files = [locate(folder, path, f"tables.{name}.path", TIFFS) for path in (options.path, *options.tiles)]
    file = files[0]
    factors = _factors(name, options, measures, str(file))
    sites = _points(name, within)
    degrees = sites.to_crs("EPSG:4326")
    table = pd.DataFrame({"longitude": degrees.geometry.x, "latitude": degrees.geometry.y})
    notes: list[str] = []
    for measure in measures:
        values, told = _sample(files, _of_measure(options, measure), sites, measure)
        notes += [
            # notes on the file itself come again with every band
            *(note for note in told if note not in notes),
            *all_below_one(values, options.units[measure], measure),
        ]
        table[measure] = values * factors[measure]
    # numbered from 1 for messages: a site of a raster has no row of a file
    table.index = pd.RangeIndex(1, len(table) + 1, name="site")
    checked = check(table, "intensities", str(file)).reset_index(drop=True)
    inputs = [input_file(name, f, len(checked), options, notes if f == file else []) for f in files]
    return Loaded(gpd.GeoDataFrame(checked), tuple(inputs))


def _of_measure(options: TableOptions, measure: str) -> TableOptions:
    """The study's `null_values` and `scale` of one measure of a raster, and of all of them."""
    mine = {
        key: {c: v for c, v in getattr(options, key).items() if c in (measure, PIXEL)}
        for key in ("null_values", "scale")
    }
    return options.model_copy(update=mine)


def vs30_raster(name: str, options: TableOptions, folder: Path, within: gpd.GeoDataFrame | None) -> Loaded:
    """Sample a GeoTIFF of vs30 (m/s) at the sites, the points of `within`; schema ``site_conditions``, a row per site.

    Signature and errors as in `holdfast.sources.readers.Source`. ``columns = {vs30 = "1"}`` names the band; the first if
    omitted.

    Raises
    ------
    TableError
        Also if the file is no GeoTIFF, has no CRS or band, or has no sensible value at a site.
    """
    file = locate(folder, options.path, f"tables.{name}.path", TIFFS)
    sites = _points(name, within)
    values, notes = _sample([file], options, sites, VS30)
    table = pd.DataFrame({VS30: values}, index=pd.RangeIndex(1, len(values) + 1, name="site"))
    checked = check(table, "site_conditions", str(file)).reset_index(drop=True)
    return Loaded(gpd.GeoDataFrame(checked), (input_file(name, file, len(checked), options, notes),))


def _factors(name: str, options: TableOptions, measures: list[str], file: str) -> dict[str, float]:
    """Factor to the unit of each measure; the study must state where it starts from."""
    problems = [
        Problem(
            f'the unit of {m} is not stated; add it, such as units = {{ "{m}" = "{USUAL[QUANTITIES[m]]}" }}',
            column=f"tables.{name}.units",
        )
        for m in measures
        if m not in options.units
    ]
    if problems:
        raise TableError(file, problems)
    return {m: to_unit(m, options.units[m], file) for m in measures}


def _points(name: str, within: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Sites of the city; `DataMissing` where the study has none."""
    if within is None:
        text = f"tables.{name}: a raster of shaking needs the sites of a city; add a [city] to the study"
        raise DataMissing(text)
    return within


def _sample(
    files: list[Path], options: TableOptions, sites: gpd.GeoDataFrame, what: str
) -> tuple[np.ndarray, list[str]]:
    """Value of the pixel at each site, which all sites must have, of the first tile that has one; and notes, in words."""
    values, covered, notes = np.full(len(sites), np.nan), np.zeros(len(sites), dtype=np.bool_), []
    for file in files:
        found, inside, told = _of_tile(file, options, sites, what)
        values = np.where(np.isnan(values), found, values)
        covered |= inside
        notes += [note for note in told if note not in notes]
    _refuse_uncovered(files[0], ~covered, what, "lie outside the raster; is the CRS right?")
    empty = np.isnan(values)
    if what in options.fill and empty.any():
        notes.append(
            f"{what}: {of(int(empty.sum()), empty.size, 'sites')} without a value have {options.fill[what]:g}, as the study says"
        )
        values = np.where(empty, options.fill[what], values)
    _refuse_uncovered(files[0], np.isnan(values), what, "have no value in the raster; fill the gaps")
    return values, notes


def _of_tile(
    file: Path, options: TableOptions, sites: gpd.GeoDataFrame, what: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Value of the pixel at each site, null without one; which sites lie in the tile; and notes, in words."""
    with opened(file, options, what) as raster:
        pixel = pixels_at(raster.dataset, shapely.get_coordinates(in_its_longitudes(sites.geometry, raster)))
        size = np.array([raster.dataset.height, raster.dataset.width])
        inside = ~np.asarray((pixel < 0).any(axis=1) | (pixel >= size).any(axis=1))
        values = np.full(len(sites), np.nan)
        if not inside.any():
            return values, inside, []
        # only the window around the sites is read: a national raster does not fit in memory
        own = pixel[inside]
        low, span = own.min(axis=0), np.ptp(own, axis=0) + 1
        if np.prod(span.astype(np.float64)) > MOST_PIXELS:  # as decimals: whole numbers could overflow
            text = f"is finer than needed: give at most {MOST_PIXELS:,} pixels over the city"
            raise TableError(str(file), [Problem(text)])
        sheet = raster.read(Window(int(low[1]), int(low[0]), int(span[1]), int(span[0])))
        values[inside] = np.asarray(sheet[tuple((own - low).T)])
        return values, inside, raster.remarks(what)


def _refuse_uncovered(file: Path, missing: np.ndarray, what: str, text: str) -> None:
    """Name how many sites have no pixel."""
    if missing.any():
        raise TableError(str(file), [Problem(f"{of(int(missing.sum()), missing.size, 'sites')} {text}", column=what)])
