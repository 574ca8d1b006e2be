"""What could explain an outcome, from a rating: its level and score, other methods, each feature, all of them."""

from importlib.util import find_spec
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, NotConverged
from holdfast.keywords import keywords_of
from holdfast.rating.analysis.aggregate import weights_of
from holdfast.rating.analysis.to_places import mean_in_places, parts_of_places
from holdfast.rating.features.rules import RULES
from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.methods import METHODS
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.model.scaling import apply_scaler, fit_scaler
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells

LEVEL, SCORE, ADDITIVE, EVERY = "level", "score of the rating", "additive index", "all features, weighted freely"
REFITS = 5  # of each other method


def candidates_of(
    cells: gpd.GeoDataFrame, summary: dict[str, Any], places: gpd.GeoDataFrame
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame, np.ndarray]:
    """Candidates, and the features, by place; and which places hold people with a level.

    Parameters
    ----------
    cells : GeoDataFrame
        Content of ``cells.parquet``.
    summary : dict
        Content of ``rating.json``.
    places : GeoDataFrame
        Of the outcome, in the CRS of `cells`.

    Returns
    -------
    candidates : dict
        Name to columns, a row per place that is kept, more is better.
    features : DataFrame
        The same of the features, each as normal scores over people.
    kept : ndarray of bool
        Shape (place,).
    """
    rated = cells[cells["level"].notna()]
    weight = weights_of(cells)[0].loc[rated.index].astype(float)
    parts = parts_of_places(rated, places, weight)
    directions = {row["feature"]: int(row["direction"]) for row in summary["features_used"]}
    table = pd.DataFrame(rated[list(directions)]).astype(float)
    # a value that was filled in the rating is filled here, so that every method sees the same cells
    table = table.fillna(table.median())
    people = weight.to_numpy()
    table = table.loc[:, [bool(table.loc[people > 0, c].max() > table.loc[people > 0, c].min()) for c in table]]
    scaler = fit_scaler(table, dict.fromkeys(table, "normal"), directions, people)
    scaled = apply_scaler(scaler, table)
    found = {LEVEL: rated["level"].astype(float), SCORE: rated["rank"].astype(float)}
    found[ADDITIVE] = rated["additive"].astype(float)
    found |= _other_methods(rated, table, directions, weight, str(summary["method"]["name"]))
    count = len(places)
    columns = {name: mean_in_places(parts, values, count) for name, values in found.items() if values.notna().any()}
    features = pd.DataFrame({str(n): mean_in_places(parts, scaled[n], count) for n in scaled})
    kept = ~np.isnan(columns[LEVEL]) & features.notna().all(axis=1).to_numpy()
    if not kept.any():
        text = "no area of the outcome lies where the rating has levels; is it of another metro?"
        raise DataMissing(text)
    features = features[kept].reset_index(drop=True)
    candidates = {name: pd.DataFrame({name: values[kept]}) for name, values in columns.items()}
    candidates |= {f"{str(name).replace('_', ' ')} alone": features[[name]] for name in features}
    return {**candidates, EVERY: features}, features, kept


def _other_methods(
    rated: gpd.GeoDataFrame, table: pd.DataFrame, directions: dict[str, int], weight: pd.Series, own: str
) -> dict[str, pd.Series]:
    """Levels of every other method on the same cells; of those that need torch `resilinet` alone, where it is there."""
    corner = rated.geometry.bounds[["minx", "miny"]].set_axis(["column", "row"], axis=1)
    side = float((rated.geometry.bounds["maxx"] - rated.geometry.bounds["minx"]).iloc[0])
    near = grid_neighbours(((corner - corner.min()) / side).round().astype("int64"))
    found = {}
    for name, method in METHODS.items():
        deep = "network" in keywords_of(method)
        if name == own or (deep and (name != "resilinet" or find_spec("torch") is None)):
            continue
        options = FitOptions(name, REFITS, certainty=CertaintyOptions(draws=0))
        kinds = {n: RULES[n].transform if name == "resilinet" and n in RULES else "normal" for n in table}
        try:
            rating = rate_cells(
                table, directions, transforms=kinds, touching=near, facts=CellFacts(weight), options=options
            )
        except (NotConverged, DataMissing):
            continue
        found[f"level by {name.replace('_', ' ')}"] = rating.levels.astype(float)
    return found
