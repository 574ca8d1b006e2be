"""Places of low resilience and high risk: which cells lie together, how sure that is, and who lives there."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from holdfast.rating.grid.adjacency import among
from holdfast.rating.overlay.matrix import HIGH_RISK, LOW_RESILIENCE, worst_of_both

MOST_PLACES = 40


def worst_places(
    cells: gpd.GeoDataFrame, touching: sparse.csr_array, people: pd.Series, described: pd.DataFrame
) -> pd.DataFrame:
    """Groups of touching cells with resilience 1 or 2 and risk 5 or 6, those with most people first.

    Parameters
    ----------
    cells : GeoDataFrame
        ``level``, ``level_high``, ``risk_level``, ``risk_low``; projected CRS.
    touching : csr_array
        Shape (cell, cell), 1 where two cells touch.
    people : Series
        What each cell counts, such as its homes.
    described : DataFrame
        What is said of who lives there: one column per feature, means over the people.

    Returns
    -------
    DataFrame
        A row per place, 40 at most: ``place`` (number), ``cells``, ``people``, ``sure_people`` (where four fifths of the draws of
        both ratings stay low and high), ``mean_level``, ``mean_risk``, ``longitude``, ``latitude`` (degrees), `described` and
        ``cell_ids``, apart by semicolons.
    """
    worst = worst_of_both(cells["level"], cells["risk_level"])
    chosen = cells[worst]
    number, label = connected_components(among(touching, worst.to_numpy()), directed=False)
    sure = (chosen["level_high"] <= LOW_RESILIENCE) & (chosen["risk_low"] >= HIGH_RISK)
    held = people.loc[chosen.index].fillna(0.0)
    rows: list[dict[str, Any]] = []
    for group in range(number):
        inside = chosen.index[label == group]
        weight = held.loc[inside]
        surely = float(weight[sure.loc[inside].fillna(value=False).astype(bool)].sum())
        counts = {"cells": len(inside), "people": float(weight.sum()), "sure_people": surely}
        means = {"mean_level": _mean(chosen.loc[inside, "level"], weight)}
        means["mean_risk"] = _mean(chosen.loc[inside, "risk_level"], weight)
        who = {str(c): _mean(described.loc[inside, c], weight) for c in described}
        rows.append({**counts, **means, **_centre(cells.loc[inside]), **who, "cell_ids": ";".join(map(str, inside))})
    # a place where nobody is counted is no place of people
    table = pd.DataFrame([row for row in rows if row["people"] > 0])
    if table.empty:
        return table
    table = table.sort_values(["people", "longitude", "latitude"], ascending=[False, True, True], kind="stable")
    table = table.head(MOST_PLACES).reset_index(drop=True)
    table.insert(0, "place", np.arange(1, len(table) + 1))
    return table


def _centre(cells: gpd.GeoDataFrame) -> dict[str, float]:
    """Longitude and latitude of the middle of some cells, degrees."""
    middle = gpd.GeoSeries([cells.geometry.union_all().centroid], crs=cells.crs).to_crs("EPSG:4326")[0]
    return {"longitude": round(middle.x, 5), "latitude": round(middle.y, 5)}


def who_lives_there(worst: pd.Series, people: pd.Series, described: pd.DataFrame) -> pd.DataFrame:
    """Mean of each column over the people of the chosen cells and over all others.

    Returns
    -------
    DataFrame
        Index the columns of `described`; ``there``, ``elsewhere``, in units of their own; null where nobody is.

    Examples
    --------
    >>> table = who_lives_there(pd.Series([True, False]), pd.Series([1.0, 4.0]), pd.DataFrame({"poverty": [0.4, 0.5]}))
    >>> table.loc["poverty"].tolist()
    [0.4, 0.5]
    """
    parts = {"there": worst, "elsewhere": ~worst}
    return pd.DataFrame({k: {c: _mean(described.loc[w, c], people[w]) for c in described} for k, w in parts.items()})


def _mean(values: pd.Series, weight: pd.Series) -> float:
    """Mean over the weight of what is known."""
    known = values.notna() & weight.notna()
    held = float(weight[known].sum())
    return float((values[known].astype(float) * weight[known]).sum() / held) if held > 0 else float("nan")
