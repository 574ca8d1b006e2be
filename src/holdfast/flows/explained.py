"""Why the cells of a rating have their levels: contributions, and the summary that a report shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.flows.field_units import field_units
from holdfast.flows.pooled_metros import metro_of
from holdfast.pages.driver_words import driver_words
from holdfast.rating.explanation.contributions import GRADIENTS, Contributions, described
from holdfast.rating.explanation.level_score import RefitScore, Seen, refit_scores, seen_by
from holdfast.rating.grid.adjacency import among
from holdfast.rating.model.frozen import scaler_of
from holdfast.rating.model.levels import LEVEL_NAMES
from holdfast.rating.model.people import quantile
from holdfast.rating.model.scaling import apply_scaler
from holdfast.store import write_csv, write_json, write_parquet
from holdfast.tables import check
from holdfast.types import Model

LOWEST = 10
PLACES = ("first", "second", "third")
DRIVERS = len(PLACES)
LEAST = 0.05  # of the score: what contributes less drives nothing


@dataclass(frozen=True)
class Explainable:
    """A rating as an explanation takes it: its cells that have a level, in their order.

    Parameters
    ----------
    cells : GeoDataFrame
        Rows of ``cells.parquet`` with a level.
    features, scaled : DataFrame
        Index ``cell_id``: what the model was given, with gaps filled, in units of their own and on its scale.
    people : Series
        Index ``cell_id``, what each cell counts.
    touching : csr_array or None
        Shape (cell, cell), 1 where two of these cells touch.
    model, seen, scores : Model, Seen, tuple of RefitScore
        What was fitted, what it sees, and the score behind the levels.
    """

    cells: gpd.GeoDataFrame
    features: pd.DataFrame
    scaled: pd.DataFrame
    people: pd.Series
    touching: sparse.csr_array | None
    model: Model
    seen: Seen
    scores: tuple[RefitScore, ...]


@dataclass(frozen=True)
class Explained:
    """Contributions of a rating: as found, as tables of schemas ``drivers`` and ``driver_words``, and ``explanation.json``."""

    found: Contributions
    table: pd.DataFrame
    words: pd.DataFrame
    summary: dict[str, Any]


def explainable(cells: gpd.GeoDataFrame, model: Model, cell_size: float) -> Explainable:
    """A rating from its table of cells and its model; `cell_size` in m."""
    metro = metro_of(cells, cell_size)
    rated = (metro.reasons == "").to_numpy(bool)
    features = metro.features.loc[rated, list(model.facts["features"])].astype(np.float64)
    scaled = apply_scaler(scaler_of(model), features)
    touching = None if metro.touching is None else among(metro.touching, rated)
    people = metro.people[rated]
    seen = seen_by(model, scaled, touching, people)
    return Explainable(cells[rated], features, scaled, people, touching, model, seen, refit_scores(model, seen))


def explained(rating: Explainable, about: Mapping[str, Any], explanation: str = GRADIENTS) -> Explained:
    """Contributions of every feature to every cell, the drivers of each level, and those of the ten lowest places.

    Parameters
    ----------
    rating : Explainable
        From `explainable`: cells, model and what it sees.
    about : mapping
        Content of ``rating.json``, for units, pillars and names.
    explanation : str
        Key of `holdfast.rating.explanation.contributions.EXPLANATIONS`, which fills the table.
    """
    found = described(rating.scores, rating.seen, rating.scaled, explanation)
    rules = {row["feature"]: row for row in about["features_used"]}
    middle = medians(rating.features, rating.people)
    summary = {
        "name": about["name"],
        "of_run": about["run"],
        "method": about["method"]["name"],
        "explanation": explanation,
        "exact": found.exact,
        "gap": found.gap,
        "score_unit": "standard deviations" if "cuts" in rating.scores[0].groups else "levels",
        "counted": "people" if "housing_units" in rating.cells else "area",
        "features": _features(rating, found, rules, middle),
        "levels": level_rows(rating, found, rules, middle),
        "lowest": _lowest(rating, found, rules, middle),
    }
    table = check(long_table(rating, found, rules, middle), "drivers", "drivers")
    words = check(cells_in_words(rating, found, rules, middle), "driver_words", "drivers in words")
    return Explained(found, table, words.astype({"level": np.int64}), summary)


def medians(values: pd.DataFrame, people: pd.Series) -> pd.Series:
    """Median over people of each column."""
    held = people.to_numpy(np.float64)
    return pd.Series({str(n): quantile(values[n].to_numpy(np.float64), held, 0.5) for n in values})


def long_table(rating: Explainable, found: Contributions, rules: Mapping[str, Any], middle: pd.Series) -> pd.DataFrame:
    """A row per cell and feature, with the columns of schema ``drivers``."""
    names = [str(name) for name in found.table.columns]
    cells = len(found.table)
    table = pd.DataFrame(
        {
            "cell_id": np.repeat(found.table.index.to_numpy(), len(names)),
            "feature": names * cells,
            "pillar": [rules[name]["pillar"] for name in names] * cells,
            "contribution": found.table.to_numpy().ravel(),
            "value": rating.features[names].to_numpy().ravel(),
            "middle": np.tile(middle[names].to_numpy(), cells),
        }
    )
    return table


def cells_in_words(
    rating: Explainable, found: Contributions, rules: Mapping[str, Any], middle: pd.Series
) -> pd.DataFrame:
    """A row per cell with its first three drivers, with the columns of schema ``driver_words``."""
    names, contributed = list(map(str, found.table.columns)), found.table.to_numpy(np.float64)
    values, of_metro = rating.features[names].to_numpy(np.float64), middle[names].to_numpy(np.float64)
    apart = (rating.scaled - medians(rating.scaled, rating.people))[names].to_numpy(np.float64)
    # the same order and limit as of `_drivers`, for all cells at once
    toward = contributed * np.where(contributed.sum(axis=1) > 0, 1.0, -1.0)[:, None]
    first = np.argsort(-toward, axis=1, kind="stable")[:, :DRIVERS]

    def words(cell: int, k: int) -> str | None:
        if toward[cell, k] < LEAST:
            return None
        rule = rules[names[k]]
        own = values[cell, k], of_metro[k], apart[cell, k]
        return driver_words(names[k], rule["unit"], rule["description"], *map(float, own))

    table = pd.DataFrame(
        {
            "cell_id": found.table.index.astype(str),
            "level": rating.cells["level"].to_numpy(np.int64),
            "score": found.score.to_numpy() - found.middle,
            **{
                name: [words(cell, int(k)) for cell, k in enumerate(first[:, place])]
                if place < first.shape[1]
                else None
                for place, name in enumerate(PLACES)
            },
        }
    )
    return table


def _features(
    rating: Explainable, found: Contributions, rules: Mapping[str, Any], middle: pd.Series
) -> list[dict[str, Any]]:
    """What each feature contributes over all people, up or down."""
    sizes = np.average(found.table.abs(), axis=0, weights=rating.people)
    rows = zip(map(str, found.table.columns), sizes, strict=True)
    keys = ("pillar", "unit", "direction", "description")
    return [{"feature": n, **{k: rules[n][k] for k in keys}, "middle": middle[n], "size": size} for n, size in rows]


def _drivers(
    contributed: pd.Series, values: pd.Series, apart: pd.Series, rules: Mapping[str, Any], middle: pd.Series
) -> list[dict[str, Any]]:
    """The features that push a place most to the side where it lies, at most three, with words."""
    toward = contributed * (1.0 if contributed.sum() > 0 else -1.0)
    first = toward[toward >= LEAST].sort_values(ascending=False, kind="stable").index[:DRIVERS]
    return [
        {
            "feature": name,
            "contribution": contributed[name],
            "value": values[name],
            "middle": middle[name],
            "words": driver_words(
                name, rules[name]["unit"], rules[name]["description"], values[name], middle[name], apart[name]
            ),
        }
        for name in map(str, first)
    ]


def level_rows(
    rating: Explainable,
    found: Contributions,
    rules: Mapping[str, Any],
    middle: pd.Series,
    names: Sequence[str] = LEVEL_NAMES,
) -> list[dict[str, Any]]:
    """Means over the people of each level, and what drives it; a level without people is left out."""
    level, of_scale = rating.cells["level"].astype(int), medians(rating.scaled, rating.people)
    rows = []
    for number, name in enumerate(names, 1):
        people = rating.people.where(level == number, 0.0)
        if people.sum() <= 0:
            continue
        contributed, values, scaled = (
            pd.Series(np.average(t, axis=0, weights=people), t.columns)
            for t in (found.table, rating.features, rating.scaled)
        )
        pillars = contributed.groupby([rules[str(n)]["pillar"] for n in contributed.index], sort=False).sum()
        rows.append(
            {
                "level": number,
                "name": name,
                "share": people.sum() / rating.people.sum(),
                "score": float(np.average(found.score, weights=people)) - found.middle,
                "pillars": pillars.to_dict(),
                "contributions": contributed.to_dict(),
                "values": values.to_dict(),
                "drivers": _drivers(contributed, values, scaled - of_scale, rules, middle),
                "first_drivers": _first(found, people),
            }
        )
    return rows


def _first(found: Contributions, people: pd.Series) -> dict[str, float]:
    """Share of some people by the feature that pushes their cell most to the side where it lies; the largest first."""
    table = found.table.mul(np.where(found.table.sum(axis=1) > 0, 1.0, -1.0), axis=0)
    shares = people.groupby(table.idxmax(axis=1)).sum() / people.sum()
    return {str(n): float(v) for n, v in shares[shares > 0].sort_values(ascending=False, kind="stable").items()}


def _lowest(
    rating: Explainable, found: Contributions, rules: Mapping[str, Any], middle: pd.Series
) -> list[dict[str, Any]]:
    """The ten lowest places where people are counted, with what drives them."""
    of_scale = medians(rating.scaled, rating.people)
    order = pd.DataFrame({"level": rating.cells["level"].astype(int), "score": found.score})[rating.people > 0]
    if "withheld" in rating.cells:
        # a report names no number of a cell that gives few households away
        order = order[~rating.cells.loc[order.index, "withheld"].astype(bool)]
    chosen = order.sort_values(["level", "score"], kind="stable").index[:LOWEST]
    centres = rating.cells.loc[chosen].geometry.centroid.to_crs("EPSG:4326")
    homes, places = rating.cells.get("housing_units"), rating.cells.get("place")
    return [
        {
            "cell": str(cell),
            "place": None if places is None or pd.isna(places[cell]) else str(places[cell]),
            "latitude": round(centres[cell].y, 5),
            "longitude": round(centres[cell].x, 5),
            "housing_units": None if homes is None else homes[cell],
            "level": int(order.loc[cell, "level"]),
            "score": found.score[cell] - found.middle,
            "drivers": _drivers(
                found.table.loc[cell], rating.features.loc[cell], rating.scaled.loc[cell] - of_scale, rules, middle
            ),
        }
        for cell in chosen
    ]


def write_drivers(folder: Path, why: Explained, about: str) -> None:
    """Write what drives the levels: a row per cell and feature, a row per cell in words, and the summary.

    `about` (citation and run) goes into the metadata of the Parquet file.
    """
    units = field_units(why.table.columns, ["drivers"])
    write_parquet(folder / "drivers.parquet", why.table, units, about, index=False)
    write_csv(folder / "driver_words.csv", why.words)
    write_json(folder / "explanation.json", why.summary)
