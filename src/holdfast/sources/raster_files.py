"""GeoTIFF files: opened by one driver, placed in a known CRS, with what they say of nodata and scale."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely
from rasterio.windows import Window
from shapely import affinity

from holdfast.config import TableOptions
from holdfast.errors import Problem, TableError
from holdfast.gate.geodata import GDAL_OPTIONS, refuse_large_raster
from holdfast.ground import HALF_TURN, TURN, crs_name, known_crs
from holdfast.sources.counts import of
from holdfast.sources.plausible import zeros_told
from holdfast.sources.vectors import UNREADABLE
from holdfast.tables import LARGEST

TIFFS = (".tif", ".tiff")
MOST_PIXELS = 2**26
"""Pixels that are held at a time."""
PIXEL = "value"
"""Name by which `null_values` and `scale` of a study may call the pixels of a raster, beside that of its measure."""
ALONE = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}  # no file beside the raster says anything about it


@dataclass
class Raster:
    """One band of an open GeoTIFF.

    ``codes`` are the values that stand for nothing by the study; ``factor`` and ``offset`` turn what is stored into
    what is meant; ``seen``, ``known`` and ``zeros`` count the pixels read so far.
    """

    file: Path
    dataset: rasterio.DatasetReader
    band: int
    crs: pyproj.CRS
    codes: tuple[float, ...]
    factor: float
    offset: float
    notes: list[str] = field(default_factory=list)
    seen: int = 0
    known: int = 0
    zeros: int = 0

    @property
    def name(self) -> str:
        """File for messages."""
        return str(self.file)

    def read(self, window: Window) -> np.ndarray:
        """Values of a window, null where the file or the study says that there are none."""
        try:
            sheet = self.dataset.read(self.band, window=window, masked=True)
        except rasterio.errors.RasterioError:
            raise TableError(self.name, [Problem(f"cannot be read as a GeoTIFF: {UNREADABLE}")]) from None
        values = sheet.astype(np.float64).filled(np.nan)
        # before factor and offset: codes, and values that only a float can hold, speak of what is stored
        values[np.isin(values, self.codes) | (np.abs(values) > LARGEST)] = np.nan
        self.seen += values.size
        self.known += int(np.isfinite(values).sum())
        self.zeros += int((values == 0).sum())
        return np.asarray(values * self.factor + self.offset)

    def remarks(self, column: str) -> list[str]:
        """What was taken as given, and zeros that may stand for unknown, after reading."""
        nothing = self.dataset.nodata
        told = "states no value for nodata" if nothing is None else f"nodata is {nothing:g}, as the file states"
        count = self.seen - self.known
        zeros = zeros_told(self.zeros, self.known, column, "pixels", "null_values = { " + PIXEL + " = [0] }")
        empty = [f"{of(count, self.seen, 'pixels')} around the places have no value"] if count else []
        # with an offset a stored 0 means something else than 0
        return [*self.notes, told, *empty, *(zeros if self.offset == 0 else [])]


@contextmanager
def opened(file: Path, options: TableOptions, measure: str) -> Iterator[Raster]:
    """Open one band of a GeoTIFF, by one driver alone.

    Parameters
    ----------
    file : Path
        GeoTIFF that has passed `locate`.
    options : TableOptions
        ``columns`` maps the measure to its band, the first if omitted; ``null_values`` and ``scale`` name the measure
        or ``value``; ``crs`` is that of a file that states none.
    measure : str
        What the band holds, such as ``ndvi``.

    Raises
    ------
    TableError
        If the file is no GeoTIFF, states no CRS that is known, or has no such band.
    """
    name = str(file)
    try:
        # the settings hold while the file is opened, which is when GDAL looks for files beside it
        with rasterio.Env(**{k: v for k, v in GDAL_OPTIONS.items() if v is not None}, **ALONE):
            dataset = rasterio.open(file, driver="GTiff")
    except rasterio.errors.RasterioError:
        raise TableError(name, [Problem(f"cannot be read as a GeoTIFF: {UNREADABLE}")]) from None
    with dataset:
        refuse_large_raster(file, dataset)
        crs, notes = _crs(dataset, options, name)
        band = options.columns.get(measure, "1")
        if not band.isdigit() or not 1 <= int(band) <= dataset.count:
            text = f'"{band[:40]}" is no band; the file has {dataset.count}'
            raise TableError(name, [Problem(text, column=measure)])
        if dataset.count > 1 and measure not in options.columns:
            notes.append(f'band 1 of {dataset.count} is read; name another by columns = {{ {measure} = "2" }}')
        codes = [v for key in (measure, PIXEL) for v in options.null_values.get(key, [])]
        texts = [v for v in codes if isinstance(v, str) and not _is_number(v)]
        unknown = [k for k in (*options.null_values, *options.scale) if k not in (measure, PIXEL)]
        problems = [Problem(f'"{v}" is no value of a raster', column="null_values") for v in texts]
        problems += [Problem(f"a raster has no such column; write {measure} or {PIXEL}", column=k) for k in unknown]
        if problems:
            raise TableError(name, problems)
        factor, offset, told = _scale(dataset, int(band), options, measure)
        if codes:
            notes.append(f"{', '.join(f'{float(c):g}' for c in codes)} taken as unknown, as the study says")
        yield Raster(file, dataset, int(band), crs, tuple(float(c) for c in codes), factor, offset, [*notes, *told])


def _is_number(text: str) -> bool:
    """Whether a text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _crs(dataset: rasterio.DatasetReader, options: TableOptions, name: str) -> tuple[pyproj.CRS, list[str]]:
    """CRS of the file, else of the study; a contradiction is a warning."""
    said = None if options.crs is None else known_crs(options.crs, name, "crs")
    if dataset.crs is None:
        if said is None:
            text = 'states no CRS; add `crs = "EPSG:..."` to the table in the study'
            raise TableError(name, [Problem(text)])
        return said, [f"the file states no CRS: {crs_name(said)} as the study says"]
    own = known_crs(dataset.crs.to_wkt(), name, "crs")
    if said is not None and not own.equals(said, ignore_axis_order=True):
        text = f"the study says crs = {crs_name(said)}, the file itself {crs_name(own)}: the file's own is taken"
        return own, [f"warning: {text}"]
    return own, []


def _scale(
    dataset: rasterio.DatasetReader, band: int, options: TableOptions, measure: str
) -> tuple[float, float, list[str]]:
    """Factor and offset of the file, then the factor of the study; the same one stated by both counts once."""
    own, offset = float(dataset.scales[band - 1]), float(dataset.offsets[band - 1])
    said = float(options.scale.get(measure, options.scale.get(PIXEL, 1.0)))
    notes = [f"values are times {own:g} plus {offset:g}, as the file states"] if (own, offset) != (1.0, 0.0) else []
    if said != 1.0 and own == said:
        notes.append(f"warning: the study and the file both state the factor {own:g}: it is taken once")
        said = 1.0
    elif said != 1.0:
        notes.append(f"values are times {said:g}, as the study says")
    return own * said, offset * said, notes


def pixels_at(dataset: rasterio.DatasetReader, place: np.ndarray) -> np.ndarray:
    """Row and column of the pixel at each place, shape (site, 2)."""
    # the inverse of the raster's affine transform, which holds for turned and sheared rasters as well
    back = ~dataset.transform
    column = back.a * place[:, 0] + back.b * place[:, 1] + back.c
    row = back.d * place[:, 0] + back.e * place[:, 1] + back.f
    return np.asarray(np.floor(np.column_stack([row, column])), dtype=np.int64)


def in_its_longitudes(shapes: gpd.GeoSeries, raster: Raster) -> np.ndarray:
    """Shapes of any CRS in the CRS of an open raster, at the longitudes on which it counts, such as 0 to 360."""
    geometry = shapes.to_crs(raster.crs).to_numpy(copy=True)
    if not raster.crs.is_geographic or not len(geometry):
        return np.asarray(geometry)
    bounds = shapely.bounds(geometry)
    across = bounds[:, 2] - bounds[:, 0] > HALF_TURN  # a shape over the date line, drawn the long way round
    geometry[across] = shapely.transform(geometry[across], lambda xy: xy + (xy[:, :1] < 0) * np.array([TURN, 0.0]))
    bounds = shapely.bounds(geometry)
    west, east = raster.dataset.bounds.left, raster.dataset.bounds.right
    # a shape moves only where it meets the raster after the turn and not before
    for turn in (TURN, -TURN):
        outside = (bounds[:, 2] <= west) | (bounds[:, 0] >= east)
        meets = (bounds[:, 2] + turn > west) & (bounds[:, 0] + turn < east)
        moved = outside & meets
        geometry[moved] = [affinity.translate(g, xoff=turn) for g in geometry[moved]]
    return np.asarray(geometry)


def window_of(raster: Raster, bounds: np.ndarray) -> Window:
    """Pixels of an open raster that some bounds in its CRS, shape (shape, 4), touch."""
    back = ~raster.dataset.transform
    west, south, east, north = bounds[:, 0].min(), bounds[:, 1].min(), bounds[:, 2].max(), bounds[:, 3].max()
    # all four corners, since a raster may be turned against its CRS
    corners = np.array([back @ (x, y) for x in (west, east) for y in (south, north)])
    low = np.floor(np.clip(corners.min(axis=0), 0, [raster.dataset.width, raster.dataset.height])).astype(int)
    high = np.ceil(np.clip(corners.max(axis=0), 0, [raster.dataset.width, raster.dataset.height])).astype(int)
    return Window(int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
