"""Both wings joined: whether areas that are rated low lose more and recover later."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.appraisal import rank_association
from holdfast.config import Study
from holdfast.errors import DataMissing, TableError
from holdfast.flows.levels_lifted import LevelsLifted, beside_savings, levels_lifted
from holdfast.plain import plain
from holdfast.store import Result, open_result, read_shapes_of
from holdfast.types import InputFile

OUTCOMES = {
    "money_per_value": "money lost in a mean year, per replacement value",
    "days_unrepaired": "mean days that buildings stay unrepaired in the first two years, by floor area",
}


class Beside(NamedTuple):
    """What a study sets beside its losses: the ``result`` of a rating, and what its measures ``lifted`` on one."""

    result: Result | None
    lifted: LevelsLifted | None

    @property
    def files(self) -> tuple[InputFile, ...]:
        """Files that were read for it."""
        return self.lifted.files if self.lifted else ()


def read_beside(study: Study, folder: Path, measures: pd.Index) -> Beside:
    """What ``measures.rating`` and ``measures.rating_study`` name, relative to `folder`; what cannot be read is refused."""
    # the result first: it is opened at once, while the other is rated again for every measure
    result = opened_rating(study.measures.rating, folder)
    return Beside(result, levels_lifted(study.measures.rating_study, folder, measures))


def both_wings(beside: Beside, buildings: gpd.GeoDataFrame | None, saved: pd.DataFrame) -> dict[str, Any]:
    """``rating`` as of `beside_rating`, and ``levels`` as of `holdfast.flows.levels_lifted.beside_savings`."""
    return {"rating": beside_rating(beside.result, buildings), "levels": beside_savings(beside.lifted, saved)}


def opened_rating(rating: str | None, folder: Path) -> Result | None:
    """The result of a rating by its folder, relative to `folder`; `DataMissing` where there is none."""
    if rating is None:
        return None
    result = open_result(Path(os.path.normpath(folder / rating)))
    if "cells.parquet" not in result.files:
        text = f"measures.rating: {rating} is no rating; name the folder that `holdfast rate` wrote"
        raise DataMissing(text)
    return result


def beside_rating(result: Result | None, buildings: gpd.GeoDataFrame | None) -> dict[str, Any] | None:
    """Rank correlation of the levels of a rating with losses and recovery, the shaking held constant.

    Parameters
    ----------
    result : Result or None
        Of a rating; nothing is done without it.
    buildings : GeoDataFrame or None
        ``money`` (a mean year), ``days_unrepaired``, ``intensity``, ``replacement_cost``, ``floor_area_m2``, as of
        `holdfast.flows.measure_runs.annual_run`.

    Returns
    -------
    dict or None
        ``cells`` that have a level and buildings; ``outcomes``: rows with ``outcome`` in words and the fields of
        `holdfast.appraisal.RankAssociation`; below 0 where a higher level loses less.

    Raises
    ------
    DataMissing
        If too few of its cells hold buildings.
    """
    if result is None or buildings is None:
        return None
    cells = read_shapes_of(result, "cells.parquet").to_crs(buildings.crs)
    table = by_cell(buildings, cells)
    middle = cells.geometry.centroid.loc[table.index]
    points = np.column_stack([middle.x, middle.y])
    try:
        level, intensity = (table[c].to_numpy(np.float64) for c in ("level", "intensity"))
        rows = [
            {"outcome": words} | rank_association(level, table[name].to_numpy(np.float64), intensity, points)._asdict()
            for name, words in OUTCOMES.items()
        ]
    except TableError as error:
        text = f"measures.rating: {error}"
        raise DataMissing(text) from None
    return dict(plain({"name": result.provenance.name, "cells": len(table), "outcomes": rows}))


def by_cell(buildings: gpd.GeoDataFrame, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Level, losses and shaking of every rated cell that holds buildings.

    Returns
    -------
    DataFrame
        Index ``cell_id``; ``level`` (1..5), ``money_per_value`` (1/year), ``days_unrepaired`` (days), ``intensity``.
    """
    rated = cells[cells["level"].notna()]
    inside = gpd.sjoin(buildings, rated[["level", "geometry"]].to_crs(buildings.crs), predicate="intersects")
    cell = inside.columns[list(inside.columns).index("level") - 1]  # name of the right index, before its columns
    area = inside["floor_area_m2"].to_numpy(np.float64)
    parts = pd.DataFrame(
        {
            "cell_id": inside[cell].to_numpy(),
            "level": inside["level"].to_numpy(np.float64),
            "money": inside["money"].to_numpy(np.float64),
            "value": inside["replacement_cost"].to_numpy(np.float64),
            "area": area,
            "days": area * inside["days_unrepaired"].to_numpy(np.float64),
            "intensity": area * inside["intensity"].to_numpy(np.float64),
        }
    )
    sums = parts.groupby("cell_id").sum(min_count=1)
    return pd.DataFrame(
        {
            "level": parts.groupby("cell_id")["level"].first(),
            "money_per_value": sums["money"] / sums["value"],
            "days_unrepaired": sums["days"] / sums["area"],
            "intensity": sums["intensity"] / sums["area"],
        }
    )
