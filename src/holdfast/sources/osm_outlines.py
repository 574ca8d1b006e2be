"""Outlines of buildings on the map: each once, without its courtyards, and what its tags say in numbers."""

import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LinearRing, Polygon

from holdfast.data import figure, packaged
from holdfast.errors import Problem, TableError
from holdfast.sources.counts import named, of, percent
from holdfast.sources.once import outlines_once

M_PER_FOOT, M_PER_INCH, M_PER_CM = 0.3048, 0.0254, 0.01
NUMBER = r"(\d+(?:[.,]\d+)?)"
RANGE = re.compile(rf"(?:{NUMBER}\s*-\s*)?{NUMBER}")
METRES = re.compile(rf"{NUMBER}\s*(m|metres?|meters?|cm)?", re.I)
FEET = re.compile(rf"{NUMBER}\s*(?:'|ft|feet|foot)\s*(?:{NUMBER}\s*(?:\"|''|in))?", re.I)
YEAR = re.compile(r".*?(\d{4}).*")
PLAUSIBLE = {"stories": (1.0, 200.0), "height": (2.0, 900.0), "year": (1000.0, 2100.0)}  # m, years


def tag(features: pd.DataFrame, key: str) -> pd.Series:
    """Values of a tag, one per feature of the map; extracts hold only the columns that occur."""
    if key not in features.columns:
        return pd.Series(pd.NA, index=features.index, dtype="string")
    return features[key].astype("string").str.strip()


def read_number(text: str, kind: str) -> float:
    r"""What a tag says as a number (``stories``, ``height`` in m or ``year``); null where it is none, or implausible.

    Of a list (``2;3``) or a range (``2-3``) the largest counts, of years the first, which is that of the building and not
    of its extension; a comma is a decimal one; heights may be in m, cm, or feet and inches.

    Examples
    --------
    >>> [read_number(t, "stories") for t in ("2;3", "10;12", "3,5", "2-3", ">4", "-1")]
    [3.0, 12.0, 3.5, 3.0, nan, nan]
    >>> [round(read_number(t, "height"), 2) for t in ("12 m", "40'", "39'6\"", "1200 cm", "~12")]
    [12.0, 12.19, 12.04, 12.0, nan]
    >>> read_number("1910;1955", "year")
    1910.0
    """
    read = {"stories": _stories, "height": _height, "year": _year}[kind]
    parts = [text] if kind == "year" else text.split(";")
    values = [read(part.strip()) for part in parts if part.strip()]
    low, high = PLAUSIBLE[kind]
    good = [v for v in values if low <= v <= high]
    # one bad part spoils a list: of "2;200000" the 2 may be as wrong
    return max(good) if good and len(good) == len(values) else np.nan


def _plain(text: str | None) -> float:
    """A number with a decimal point or comma."""
    return float(text.replace(",", ".")) if text else 0.0


def _stories(text: str) -> float:
    """Stories; of a range the larger."""
    found = RANGE.fullmatch(text)
    return max(_plain(found[1]), _plain(found[2])) if found else np.nan


def _height(text: str) -> float:
    """Height in m."""
    found = METRES.fullmatch(text)
    if found:
        return _plain(found[1]) * (M_PER_CM if (found[2] or "").lower() == "cm" else 1.0)
    found = FEET.fullmatch(text)
    return _plain(found[1]) * M_PER_FOOT + _plain(found[2]) * M_PER_INCH if found else np.nan


def _year(text: str) -> float:
    """The first four digits."""
    found = YEAR.fullmatch(text)
    return float(found[1]) if found else np.nan


def numbers(features: pd.DataFrame, key: str, kind: str) -> tuple[pd.Series, list[str]]:
    """Numbers in a tag (kinds as in `read_number`), null where it is not read; and which values are not read, in words."""
    texts = tag(features, key)
    values = pd.Series(
        [np.nan if pd.isna(t) else read_number(t, kind) for t in texts], index=texts.index, dtype="float64"
    )
    lost = texts.notna() & values.isna()
    lists = texts.str.contains(";", regex=False).fillna(value=False) & values.notna()
    notes = (
        [f"{of(int(lost.sum()), int(texts.notna().sum()), f'tags {key}')} are not read ({named(texts[lost].unique())})"]
        if lost.any()
        else []
    )
    counts = "first" if kind == "year" else "largest"
    notes += [f"{int(lists.sum()):,} tags {key} hold a list: the {counts} counts"] if lists.any() else []
    return values, notes


def usable(
    raw: gpd.GeoDataFrame | None, relations: gpd.GeoDataFrame | None, file: Path
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Outlines of buildings that people use, each once, in metres, sorted by id; and what was left out, merged or repaired.

    Parameters
    ----------
    raw, relations : GeoDataFrame or None
        Buildings of the map, and its multipolygons.
    file : Path
        Extract that messages name.

    Returns
    -------
    GeoDataFrame, list of str
        With ``building_id`` and ``footprint_m2``; what was left out, in words.

    Raises
    ------
    TableError
        If there is none.
    """
    if raw is None or raw.empty:
        raise TableError(str(file), [Problem("has no building; is it the right extract?")])
    outlines = raw[raw.geometry.notna()].copy()
    outlines["building_id"] = outlines["osm_type"].astype(str) + "/" + outlines["id"].astype(str)
    outlines = outlines.drop_duplicates("building_id").sort_values("building_id")
    # while ids of ways and relations still stand side by side, and before areas are measured
    outlines, yards = without_courtyards(outlines, relations)
    closed = outlines.geom_type.isin(["Polygon", "MultiPolygon"])
    lost = len(raw) - len(raw[raw.geometry.notna()]) + int((~closed).sum())
    outlines = outlines[closed]
    broken = ~outlines.geometry.is_valid
    geometry = outlines.geometry.to_numpy(copy=True)
    geometry[broken.to_numpy()] = shapely.make_valid(geometry[broken.to_numpy()])
    outlines = outlines.set_geometry(gpd.GeoSeries(geometry, index=outlines.index, crs=outlines.crs))
    outlines = outlines.to_crs(outlines.estimate_utm_crs()).reset_index(drop=True) if len(outlines) else outlines
    outlines["footprint_m2"] = outlines.area
    least = figure("osm_smallest_footprint")
    small = outlines["footprint_m2"] < least
    other = tag(outlines, "building").isin(packaged("osm_skipped")["value"])
    # small ones go first: sheds on one plot are many, and comparing each with each is slow
    kept, once = outlines_once(outlines[~small & ~other].reset_index(drop=True))
    if kept.empty:
        text = f"none of its {len(raw):,} outlines is a building of {least:g} m2 or more"
        raise TableError(str(file), [Problem(text)])
    kept = kept.reset_index(drop=True)
    open_ = f"; {lost:,} are no closed outlines" if lost else ""
    notes = [
        f"{len(kept):,} of {len(raw):,} outlines kept: {int((other & ~small).sum())} are no buildings with floors, "
        f"{int(small.sum())} are below {least:g} m2; {int(broken.sum())} repaired{open_}"
    ]
    return kept, [*notes, *yards, *once]


def within_reach(outlines: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, file: Path) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Leave out buildings (outlines in metres) farther than ``longest_service_line`` from every street node, such as huts.

    Raises
    ------
    TableError
        If none is left; names `file`.
    """
    limit = figure("longest_service_line")
    spots = outlines.geometry.representative_point()
    reached, _ = nodes.to_crs(outlines.crs).sindex.query(spots, predicate="dwithin", distance=limit)
    near = np.isin(np.arange(len(outlines)), reached)
    if not near.any():
        text = f"no building lies within {limit:,.0f} m of a drivable street; is the extract whole?"
        raise TableError(str(file), [Problem(text)])
    area = outlines["footprint_m2"]
    part = f"{of(int((~near).sum()), len(outlines), 'buildings')}, {percent(area[~near].sum() / area.sum())} of their ground"
    notes = [] if near.all() else [f"{part}, lie more than {limit:,.0f} m from every street and are left out"]
    return outlines[near].reset_index(drop=True), notes


def without_courtyards(
    outlines: gpd.GeoDataFrame, relations: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Outlines without the courtyards that a relation cuts out of them, and without those that a relation repeats.

    A way that is the outer ring of a building relation is left out; one that is the outer ring of a relation of the old
    style, which carries no tags since its outer way does, has the relation's inner rings cut out. Also says how many.
    """
    way = (outlines["osm_type"].astype(str) == "way").to_numpy()
    place = {int(i): n for n, i in enumerate(outlines["id"]) if way[n]}
    # outer ways of relations that are buildings themselves: outline and relation are one building
    again = [n for members in _outer(outlines[~way]) for n in (place.get(i) for i in members) if n is not None]
    geometry = outlines.geometry.to_numpy(copy=True)
    cut = 0
    if relations is not None and len(relations):
        for members, shape in zip(_outer(relations), relations.geometry, strict=True):
            mine = [place[i] for i in members if i in place and place[i] not in again]
            holes = np.atleast_1d([Polygon(ring) for part in shapely.get_parts([shape]) for ring in _rings(part)])
            if mine and len(holes):
                yards = shapely.union_all(shapely.make_valid(holes))
                geometry[mine] = shapely.difference(shapely.make_valid(geometry[mine]), yards)
                cut += len(mine)
    kept = outlines.set_geometry(gpd.GeoSeries(geometry, index=outlines.index, crs=outlines.crs))
    kept = kept[~np.isin(np.arange(len(kept)), again)]
    notes = [f"{len(again):,} outer rings of mapped relations are tagged too and count once"] if again else []
    notes += [f"courtyards cut out of {cut:,} outlines (relations of the old style)"] if cut else []
    return kept, notes


def _rings(part: object) -> list[LinearRing]:
    """Inner rings of a polygon; none of anything else."""
    return list(part.interiors) if isinstance(part, Polygon) else []


def _outer(relations: gpd.GeoDataFrame) -> list[list[int]]:
    """Ids of the outer ways of each relation."""
    found = []
    for text in relations["tags"] if "tags" in relations.columns else [None] * len(relations):
        told = json.loads(text) if isinstance(text, str) else {}
        members = told.get("members", [])
        found.append(
            [
                int(m["member_id"])
                for m in members
                if m.get("member_type") == "way" and m.get("member_role") in ("outer", "")
            ]
        )
    return found
