"""Other maps beside a rating, in every report that is written: the paper's way, and known indices that the study names."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from holdfast.config import Study
from holdfast.errors import DataMissing, NotConverged
from holdfast.flows.index_levels import index_levels, index_values
from holdfast.flows.public_tables import WITHHELD
from holdfast.flows.rated_region import Rated
from holdfast.flows.resilinet_levels import RESILINET, resilinet_levels, why_not
from holdfast.pages.other_maps_report import other_maps_parts
from holdfast.plain import plain
from holdfast.rating.analysis.other_map import FAR, compared
from holdfast.store import write_csv, write_json
from holdfast.tables import check

SUMMARY, TABLE = "other_maps.json", "other_maps.csv"
FIRST = 5  # cells that are named where two maps differ


@dataclass(frozen=True)
class OtherMaps:
    """Levels on other maps, a row per cell and map of schema ``other_maps``, and the content of ``other_maps.json``."""

    table: pd.DataFrame
    summary: dict[str, Any]


def other_maps(study: Study, done: Rated, *, fit: bool) -> OtherMaps:
    """Lay the indices of a study beside its levels and, where asked to `fit`, the paper's way; the rating stays as it is.

    Raises
    ------
    UnknownName, DataMissing
        If the column of an index is not there, or holds no value where there are levels.
    """
    tables, maps, left_out = [], [], {}
    why = why_not(study, done) if fit else "nothing is written"
    if not why:
        try:
            table, about = resilinet_levels(study, done)
            tables.append(table)
            maps.append(_described(RESILINET, table, done, about))
        # a network that finds no five levels is no fault of the rating, which stands without it
        except (NotConverged, DataMissing) as error:
            why = str(error)
    if why:
        left_out[RESILINET] = why
    for name, values in index_values(study, done).items():
        table = index_levels(str(name), values, study.rating.indices[str(name)].direction, done)
        tables.append(table)
        maps.append(_described(str(name), table, done, study.rating.indices[str(name)].model_dump()))
    unit = "people" if done.summary.levels[0].housing_units is not None else "area"
    summary = {"name": study.name, "run": done.summary.run, "counted": unit, "maps": maps, "left_out": left_out}
    columns = ["cell_id", "map", "level", "agreement", "value"]
    whole = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
    return OtherMaps(whole[columns], dict(plain(summary)))


def write_other_maps(folder: Path, maps: OtherMaps, done: Rated) -> dict[str, Any]:
    """Write ``other_maps.json`` and, where there is a map, ``other_maps.csv``; give what the report shows of them."""
    write_json(folder / SUMMARY, maps.summary)
    if len(maps.table):
        write_csv(folder / TABLE, check(maps.table, "other_maps", "other maps"))
    return other_maps_parts(done.cells, maps.table, maps.summary)


def _described(name: str, table: pd.DataFrame, done: Rated, about: Mapping[str, Any]) -> dict[str, Any]:
    """One map in figures, with the cells with most people where it differs from the rating by two levels or more."""
    cells, people = done.cells, done.rating.people
    other = table.set_index("cell_id")["level"].reindex(cells.index).astype("Int64")
    gap = (other - cells["level"]).abs()
    shown = ~cells[WITHHELD].astype(bool) if WITHHELD in cells else pd.Series(True, index=cells.index)
    # of cells that are withheld a report tells no number of homes
    apart = people[(gap >= FAR).fillna(value=False).astype(bool) & shown & (people > 0)]
    first = apart.sort_values(ascending=False, kind="stable").index[:FIRST]
    middle = cells.loc[first].geometry.centroid.to_crs("EPSG:4326")
    places = [
        {
            "cell_id": str(cell),
            "place": cells["place"].get(cell),
            "people": people[cell],
            "latitude": middle[cell].y,
            "longitude": middle[cell].x,
            "level": cells["level"][cell],
            "other": other[cell],
        }
        for cell in first
    ]
    found = compared(cells["level"], other, people, done.rating.scaled)
    return {"map": name, **about, **asdict(found), "matrix": found.matrix.tolist(), "places": places}
