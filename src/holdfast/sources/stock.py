"""Mixes of building stock, from which the untagged outlines of a map are drawn: uses, stories, years, structures.

A bare map says where buildings are and how large. What they are is drawn for each of them, by its id, from a mix that
depends on the region, on the size of the outline and on how densely built the place is, so that a city without tags is no
city of one class, one year and one height. The mixes stand in the packaged tables ``stock_mixes`` and ``structure_mixes``;
a study may bring its own of the first kind as ``tables.stock_mixes``. Not specified in the paper: all of this is ours.
Buildings are drawn independently of their neighbours, so that streets of one builder look more mixed than they are.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.config import TableOptions
from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.frames.attributes import HOMES, INDUSTRY
from holdfast.frames.drawn import uniforms
from holdfast.sources.files import CSVS, locate
from holdfast.sources.shapes import Loaded
from holdfast.sources.text_tables import read_table
from holdfast.sources.tidy import input_file, tidy
from holdfast.tables import check
from holdfast.types import Floats

ANY = "*"
SMALL, HOUSE, BLOCK, HALL = "small", "house", "block", "hall"
DENSE, OPEN = "dense", "open"
DRAWN = ("occupancy", "stories", "year_built")
WHOLE = 1e-6  # by which shares as written may differ from 1


@dataclass(frozen=True)
class Stock:
    """Where a city lies and what its untagged buildings are drawn from; `mixes` is the packaged table if None."""

    region: str | None = None
    seed: int = 0
    mixes: pd.DataFrame | None = None


Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""


def require_box(box: Box | None) -> list[float] | None:
    """A part of the world, as pyrosm takes it; refuses one without extent or out of range."""
    if box is None:
        return None
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        text = f"{list(box)} is no rectangle of west, south, east, north in degrees"
        raise TableError("study", [Problem(text, column="city.bbox")])
    return [west, south, east, north]


def stock_mixes(name: str, options: TableOptions, folder: Path) -> Loaded:
    """Read mixes of uses, stories and years from a CSV file: schema ``stock_mixes``.

    Signature and errors as in `holdfast.sources.readers.Source`; also refuses shares that do not sum to 1, and stories and years that are no bands.
    """
    file = locate(folder, options.path, f"tables.{name}.path", CSVS)
    raw, read = read_table(file)
    kept, notes = tidy(raw, options, file)
    table = check(kept, "stock_mixes", str(file))
    sums = table.groupby(["attribute", "region", "size", "place"])["share"].sum()
    wrong = [
        Problem(f"shares of {' / '.join(map(str, key))} sum to {total:g}; they sum to 1", column="share")
        for key, total in sums.items()
        if abs(total - 1.0) > WHOLE
    ]
    bands = table["attribute"].isin(["stories", "year_built"])
    wrong += [
        Problem(f'"{table["value"].iloc[i]}" is no band such as 4-6', row=int(table.index[i]), column="value")
        for i in np.flatnonzero(bands & ~table["value"].astype(str).str.fullmatch(r"\d+-\d+"))
    ]
    if wrong:
        raise TableError(str(file), wrong)
    return Loaded(table, (input_file(name, file, len(table), options, [*read, *notes]),))


def region_at(longitude: float, latitude: float) -> str:
    """Region of the packaged table ``stock_regions`` in whose first box a place lies (degrees), ``*`` for none.

    Examples
    --------
    >>> region_at(24.9, 60.2), region_at(-76.6, 39.3), region_at(36.8, -1.3), region_at(-30.0, 0.0)
    ('europe', 'north_america', 'africa', '*')
    """
    boxes = packaged("stock_regions")
    inside = boxes["west"].le(longitude) & boxes["east"].gt(longitude)
    inside &= boxes["south"].le(latitude) & boxes["north"].gt(latitude)
    return str(boxes.loc[inside, "region"].iloc[0]) if inside.any() else ANY


def require_region(region: str) -> str:
    """A region that mixes are known for; `UnknownName` for others."""
    known = sorted({*packaged("stock_regions")["region"], ANY})
    if region not in known:
        raise UnknownName("region of building stock", region, known, "city.region")
    return region


def strata(outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """``size`` and ``place`` of every outline, in metres with ``footprint_m2``: what mixes are told apart by.

    Size by the ground that the outline covers; a place is dense where buildings cover a fifth of the ground in the three by
    three squares around it (packaged figures).

    Examples
    --------
    >>> from shapely.geometry import box
    >>> lone = gpd.GeoDataFrame({"footprint_m2": [100.0, 2000.0]}, geometry=[box(0, 0, 10, 10), box(0, 20, 40, 70)], crs=32635)
    >>> strata(lone).values.tolist()
    [['house', 'open'], ['hall', 'open']]
    """
    ground = outlines["footprint_m2"].to_numpy(np.float64)
    edges = [figure(f) for f in ("osm_small_footprint", "osm_house_footprint", "osm_hall_footprint")]
    size = np.array([SMALL, HOUSE, BLOCK, HALL], dtype=object)[np.searchsorted(edges, ground, side="right")]
    side = figure("osm_around") / 3
    spots = outlines.geometry.representative_point()
    column, row = (np.floor(c / side).astype(np.int64) for c in (spots.x.to_numpy(), spots.y.to_numpy()))
    square = pd.Series(ground).groupby([column, row]).sum()
    covered = np.zeros(len(outlines))
    for east in (-1, 0, 1):
        for north in (-1, 0, 1):
            near = pd.MultiIndex.from_arrays([column + east, row + north])
            covered += square.reindex(near).fillna(0.0).to_numpy()
    dense = covered >= figure("osm_dense_ground") * figure("osm_around") ** 2
    return pd.DataFrame({"size": size, "place": np.where(dense, DENSE, OPEN)}, index=outlines.index)


def drawn(attribute: str, ids: pd.Index, strata_of: pd.DataFrame, stock: Stock) -> np.ndarray:
    """A use, a number of stories or a year for every id, shape (id,), from the mix of its stratum.

    Examples
    --------
    >>> halls = pd.DataFrame({"size": ["hall"] * 400, "place": ["open"] * 400})
    >>> uses = drawn("occupancy", pd.RangeIndex(400), halls, Stock("europe"))
    >>> bool((uses == "HOME").mean() < 0.1), len(set(uses)) > 5
    (True, True)
    """
    table = packaged("stock_mixes") if stock.mixes is None else stock.mixes
    own = table[table["attribute"] == attribute]
    groups = dict(list(own.groupby(["region", "size", "place"], sort=False)))
    chance = uniforms(ids, stock.seed, f"{attribute} of the stock")
    found = np.full(len(ids), None, dtype=object)
    keys = strata_of[["size", "place"]].astype(str)
    for (size, place), rows in keys.groupby(["size", "place"]).indices.items():
        mix = _mix(groups, stock.region or ANY, size, place, attribute)
        found[rows] = _picked(mix["value"].to_numpy(object), mix["share"].to_numpy(np.float64), chance[rows])
    return found if attribute == "occupancy" else _in_bands(found, uniforms(ids, stock.seed, f"{attribute} in band"))


def drawn_structures(ids: pd.Index, buildings: pd.DataFrame, stock: Stock) -> np.ndarray:
    """Structural class of every building, shape (building,), by region, use, year and stories, from ``structure_mixes``."""
    table = packaged("structure_mixes")
    regions = set(table["region"])
    table = table[table["region"] == (stock.region if stock.region in regions else ANY)]
    chance = uniforms(ids, stock.seed, "structure of the stock")
    uses = buildings["occupancy"].astype(str)
    of_use = {"home": uses.isin(HOMES).to_numpy(), "industry": uses.isin(INDUSTRY).to_numpy(), ANY: True}
    year, stories = (buildings[c].to_numpy(np.float64) for c in ("year_built", "stories"))
    found = np.full(len(ids), None, dtype=object)
    limits = table[["year_below", "stories_below"]].astype("float64").fillna(np.inf)
    groups = table.assign(year_below=limits["year_below"], stories_below=limits["stories_below"])
    # in the order of the table: a building keeps the first group that fits it
    for (use, before, below), mix in groups.groupby(["use", "year_below", "stories_below"], sort=False):
        fits = (found == None) & (year < before) & (stories < below) & of_use[use]  # noqa: E711  element by element
        found[fits] = _picked(mix["structure"].to_numpy(object), mix["share"].to_numpy(np.float64), chance[fits])
    return found


def from_tagged(tagged: pd.Series, ids: pd.Index, size: pd.Series, seed: int, attribute: str) -> Floats:
    """A tagged value for every id, shape (id,), drawn from those of its size where these are enough, else from all."""
    known = tagged.dropna().sort_values()
    enough, found = int(figure("osm_enough_tags")), np.empty(len(ids))
    chance = uniforms(ids, seed, f"{attribute} of the tagged")
    for name, rows in size.groupby(size).indices.items():
        same = known[size.loc[known.index] == name]
        pool = (same if len(same) >= enough else known).to_numpy(np.float64)
        found[rows] = pool[(chance[rows] * len(pool)).astype(np.int64)]
    return found


def _mix(
    groups: dict[tuple[str, str, str], pd.DataFrame], region: str, size: str, place: str, what: str
) -> pd.DataFrame:
    """The mix of a stratum: of its region before any, of its size before any, of its place before any."""
    for where in (region, ANY):
        for key in ((where, size, place), (where, size, ANY), (where, ANY, place), (where, ANY, ANY)):
            if key in groups:
                return groups[key]
    text = f"has no mix of {what} for {region} / {size} / {place}; add one, or one of * / * / *"
    raise TableError("stock_mixes", [Problem(text)])


def _picked(values: np.ndarray, shares: Floats, chance: Floats) -> np.ndarray:
    """The value in whose share of 0..1 a chance falls."""
    edges = np.cumsum(shares)
    return values[np.minimum(np.searchsorted(edges, chance, side="right"), len(values) - 1)]


def _in_bands(bands: np.ndarray, chance: Floats) -> Floats:
    """A whole number of each band such as ``4-6``, ends included."""
    ends = np.array([[float(end) for end in str(band).split("-")] for band in bands]).reshape(-1, 2)
    return np.asarray(np.floor(ends[:, 0] + chance * (ends[:, 1] - ends[:, 0] + 1)), dtype=np.float64)
