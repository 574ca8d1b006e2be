"""The cheapest changes of a study: which cells, at which costs, to which level."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.config import Study
from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.flows.choices import rules
from holdfast.flows.inputs import Gathered
from holdfast.flows.interventions import stated
from holdfast.pages.words import unit_word
from holdfast.rating.model.consensus import shares_of, winners
from holdfast.rating.model.frozen import apply, scaler_of
from holdfast.rating.model.result import Rating
from holdfast.rating.what_if.cheapest import (
    Prices,
    attainable,
    can_reach,
    cheapest_for_set,
    options_of,
    shared_options,
)
from holdfast.rating.what_if.monotone_level import MonotoneLevels, score_weights
from holdfast.types import Floats, InputFile

UNIT_COSTS, SET = "unit_costs", "set"
M2_PER_KM2 = 1e6


@dataclass(frozen=True)
class Lifted:
    """The cheapest changes: a row per cell, the money of what is paid once for all of them, and the rows flat.

    A row holds ``cell_id``, ``people``, ``level``, ``cost`` (what the cell pays alone; null where the wanted level is out of
    reach), ``changes`` (feature, unit, before, after, and cost, null of what is paid once) and ``frozen_level``, that of the
    published vote after the change.
    """

    rows: list[dict[str, Any]]
    shared_cost: float
    flat: pd.DataFrame


@dataclass(frozen=True)
class Costs:
    """Unit costs of a study: their table, index feature; their money, such as ``USD_2024``; and their files."""

    table: pd.DataFrame
    money: str
    files: tuple[InputFile, ...]


def read_unit_costs(study: Study, folder: Path) -> Costs | None:
    """The table ``unit_costs`` of a study that lifts cells; None where it lifts none.

    Raises
    ------
    DataMissing
        If cells are to be lifted and no costs are stated: none is ever filled in.
    TableError
        If currencies or price years differ.
    """
    if study.what_if.lift_to is None:
        return None
    if UNIT_COSTS not in study.tables:
        text = "what_if.lift_to needs [tables.unit_costs]: what a unit of each feature costs, as you know it; see docs/what-if.md"
        raise DataMissing(text)
    loaded = stated(UNIT_COSTS, study, folder)
    table = pd.DataFrame(loaded.table)
    money = (table["currency"] + "_" + table["price_year"].astype(int).astype(str)).unique()
    if len(money) > 1:
        text = f"costs are in {', '.join(money)}; state all in one currency and price year, since none is converted"
        raise TableError(loaded.files[0].file, [Problem(text, column="currency")])
    for name in ("step", "most"):
        table[name] = table.get(name, pd.Series(np.nan, table.index)).astype(float)
    return Costs(table.set_index("feature"), str(money[0]), loaded.files)


def lifted(study: Study, gathered: Gathered, base: Rating, monotone: MonotoneLevels, costs: Costs) -> Lifted:
    """The cheapest change of the cells that are to be lifted, together where some of it is paid once for all.

    Raises
    ------
    TableError, UnknownName
        If the rating is no sum of features; if a cost or a cell has no partner in the rating.
    """
    weights = _weights(base, costs)
    features = pd.DataFrame(gathered.features[list(base.used)]).astype(float).loc[base.scaled.index]
    km2 = gathered.region.cells.loc[features.index, "region_m2"] / M2_PER_KM2
    best = _best(study, base, features, km2, costs.table["most"].dropna())
    border = float(monotone.cuts[int(study.what_if.lift_to or 2) - 2])
    cells = _chosen(study, base, monotone, features)
    once, own = (costs.table[(costs.table["per"] == SET) == paid] for paid in (True, False))
    prices = [_prices(own, gathered, cell, float(km2.loc[cell])) for cell in cells]
    scaler, mine, most = scaler_of(base.model), features.loc[cells], best.loc[cells]
    alone = [options_of(mine.loc[c], most.loc[c], scaler, weights, p) for c, p in zip(cells, prices, strict=True)]
    shared = shared_options(mine, most, scaler, weights, _prices(once, gathered, cells[0], 1.0)) if cells else ()
    needed = border - monotone.score(base.scaled.loc[cells].to_numpy(np.float64))
    # what no amount can lift would bar the way of the others
    able = [i for i in range(len(cells)) if can_reach((alone[i], shared[i]), float(needed[i]))]
    found = cheapest_for_set([alone[i] for i in able], [shared[i] for i in able], [float(needed[i]) for i in able])
    bought = dict(zip(able, zip(*found[:2], strict=True), strict=True)) if found else {}
    units = {name: unit_word(rule.unit, rule.description) for name, rule in rules(study.rating).items()}
    told = [_bought(base, features.loc[[c]], bought.get(i), prices[i], units) for i, c in enumerate(cells)]
    return Lifted(told, found[2] if found else 0.0, _flat(told))


def _weights(base: Rating, costs: Costs) -> Floats:
    """Weights of a rating that is a sum; refuses any other, and costs of features that it does not have."""
    weights = score_weights(base.model)
    if weights is None:
        text = "the cheapest change is worked out for ratings that are a sum of features; take graded or additive, or the default where it finds no groups"
        raise TableError("study", [Problem(text, column="rating.method")])
    for name in costs.table.index:
        if name not in base.used:
            raise UnknownName("feature of the rating", str(name), list(base.used), UNIT_COSTS)
    return weights


def _best(study: Study, base: Rating, features: pd.DataFrame, km2: pd.Series, most: pd.Series) -> pd.DataFrame:
    """Best value that each feature of each cell may take: the user's own bound, else what the region shows."""
    directions = {name: rule.direction for name, rule in rules(study.rating).items()}
    best = attainable(features, directions, base.people.loc[features.index], km2, study.what_if.attainable)
    return best.assign(**{str(name): float(value) for name, value in most.items()})


def _bought(
    base: Rating,
    before: pd.DataFrame,
    found: tuple[dict[str, float], float] | None,
    prices: Prices,
    units: Mapping[str, str],
) -> dict[str, Any]:
    """What a cell changes for what money, and the level that the published vote then gives it."""
    changed, cost = found or ({}, None)
    level = winners(shares_of(apply(base.model, before.assign(**changed), None)[1]))[0]
    cell, old = str(before.index[0]), before.iloc[0]
    changes = [
        {
            "feature": name,
            "unit": units[name],
            "before": float(old[name]),
            "after": v,
            "cost": _paid(prices, name, v - float(old[name])),
        }
        for name, v in changed.items()
    ]
    facts = {"cell_id": cell, "people": float(base.people.loc[cell]), "level": int(base.levels.loc[cell])}
    return facts | {"cost": cost, "frozen_level": int(level), "changes": changes}


def _paid(prices: Prices, name: str, step: float) -> float | None:
    """What a cell pays for a change of a feature; null of what is paid once for the set."""
    return prices.cost[name] * abs(step) if name in prices.cost else None


def _chosen(study: Study, base: Rating, monotone: MonotoneLevels, features: pd.DataFrame) -> list[str]:
    """Cells to lift: those that the study names, or those of most people below the wanted level."""
    asked = study.what_if
    for name in asked.lift:
        if name not in features.index:
            raise UnknownName("rated cell", name, list(features.index[:8]), "what_if.lift")
    if asked.lift:
        return list(dict.fromkeys(asked.lift))
    levels = monotone.levels(base.scaled.to_numpy(np.float64))
    below = base.scaled.index[levels < int(asked.lift_to or 2)]
    return list(base.people.loc[below].sort_values(ascending=False, kind="stable").index[: asked.most_lifted])


def _prices(table: pd.DataFrame, gathered: Gathered, cell: str, km2: float) -> Prices:
    """Costs of one unit of each feature in a cell.

    Raises
    ------
    DataMissing
        If a cost is per home and no homes are known.
    """
    if (table["per"] == "home").any() and gathered.homes is None:
        text = (
            f"{UNIT_COSTS}: a cost is per home, and the homes of the cells are not known; state it per cell or per km2"
        )
        raise DataMissing(text)
    size = {
        SET: 1.0,
        "cell": 1.0,
        "km2": km2,
        "home": 0.0 if gathered.homes is None else float(gathered.homes.loc[cell]),
    }
    cost = {str(name): float(row["cost"]) * size[str(row["per"])] for name, row in table.iterrows()}
    return Prices(cost, {str(name): float(step) for name, step in table["step"].dropna().items()})


def _flat(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """One row per cell and change; of a cell without any, one row without a feature."""
    none = {"feature": None, "unit": None, "before": None, "after": None, "cost": None}
    flat = [
        {"cell_id": r["cell_id"], "people": r["people"], "level": r["level"], "total_cost": r["cost"], **change}
        for r in rows
        for change in r["changes"] or [none]
    ]
    columns = ["cell_id", "people", "level", "total_cost", "feature", "unit", "before", "after", "cost"]
    return pd.DataFrame(flat, columns=columns)
