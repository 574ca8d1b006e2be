"""Who loses, who gains and who pays: groups of people, from the zones that they live in."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from holdfast.appraisal import concentration_index, equity_weights, group_amounts
from holdfast.config import Study
from holdfast.errors import Problem, TableError
from holdfast.flows.measure_worth import Played
from holdfast.plain import plain
from holdfast.sources.readers import load
from holdfast.types import InputFile

GROUPS = "groups"
SLACK = 1e-3
"""By which published shares may miss a whole, as they are rounded."""
AMOUNTS = ("lost_money", "lost_person_days", "saved_money", "saved_person_days")


def read_groups(study: Study, folder: Path) -> tuple[pd.DataFrame | None, tuple[InputFile, ...]]:
    """The table ``groups`` of a study, None where it has none.

    Raises
    ------
    TableError
        If the groups of a grouping do not cover a zone once, or a group has several incomes.
    """
    if GROUPS not in study.tables:
        return None, ()
    loaded = load(GROUPS, study.tables[GROUPS], folder, None)
    table = pd.DataFrame(loaded.table)
    table["income"] = table.get("income", np.nan)
    problems = [
        Problem(
            f"the groups of {grouping} add up to {total:g} of the people of zone {zone}; they must cover all once",
            column="share",
        )
        for (grouping, zone), total in table.groupby(["grouping", "zone_id"])["share"].sum().items()
        if abs(total - 1) > SLACK
    ]
    problems += [
        Problem(f"{group} of {grouping} has {count} incomes; give one", column="income")
        for (grouping, group), count in table.groupby(["grouping", "group"])["income"].nunique().items()
        if count > 1
    ]
    if problems:
        raise TableError(loaded.files[0].file, problems)
    return table, loaded.files


def who_gains(played: Played, chosen: frozenset[str], groups: pd.DataFrame | None) -> dict[str, Any]:
    """Losses and savings of a mean year by group, and costs by payer, of a set that was simulated.

    Returns
    -------
    dict
        ``groups``: rows with ``grouping``, ``group``, ``persons``, ``income``, ``weight`` and `AMOUNTS` in a mean year;
        ``groupings``: per grouping whose incomes are known the plain and the weighted sum of what is lost and saved in money,
        and the concentration indices of person-days; ``payers``: cost by who pays.

    """
    costs = played.table.loc[sorted(chosen)].groupby("payer")["cost"].sum()
    found: dict[str, Any] = {
        "groups": [],
        "groupings": [],
        "payers": costs.rename("cost").reset_index().to_dict("records"),
    }
    if groups is None:
        return dict(plain(found))
    before, after = played.base.zones, played.runs[chosen].zones
    amounts = pd.DataFrame(
        {
            "lost_money": before["money"],
            "lost_person_days": before["person_days"],
            "saved_money": before["money"] - after["money"],
            "saved_person_days": before["person_days"] - after["person_days"],
        }
    )
    here = groups[groups["zone_id"].astype(str).isin(before.index.astype(str))]
    table = group_amounts(before["residents"], amounts, here)
    table["income"] = here.groupby(["grouping", "group"], sort=False)["income"].first()
    table["weight"] = np.nan
    for grouping, rows in table.groupby(level="grouping", sort=False):
        if rows["income"].notna().all() and (rows["income"] > 0).all():
            table.loc[rows.index, "weight"] = _weights(rows, played.options.equity_elasticity)
            found["groupings"].append(_sums(str(grouping), table.loc[rows.index]))
    found["groups"] = table.reset_index().to_dict("records")
    return dict(plain(found))


def require_zones(groups: pd.DataFrame, zones: pd.DataFrame) -> None:
    """Refuse groups that leave people of the city out."""
    lived_in = zones.index[zones["residents"] > 0].astype(str)
    for grouping, rows in groups.groupby("grouping"):
        lacking = sorted(set(lived_in) - set(rows["zone_id"].astype(str)))
        if lacking:
            text = (
                f"{grouping}: no row for {len(lacking)} zones where people live, such as {lacking[0]}; give them shares"
            )
            raise TableError(GROUPS, [Problem(text, column="zone_id")])


def _weights(rows: pd.DataFrame, elasticity: float) -> np.ndarray:
    """Equity weights, with the mean income of the people as the reference."""
    income = rows["income"].to_numpy(np.float64)
    return equity_weights(income, float(np.average(income, weights=rows["persons"])), elasticity)


def _sums(grouping: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Plain and weighted sums, and how person-days lie between poor and rich."""
    persons, income = rows["persons"].to_numpy(np.float64), rows["income"].to_numpy(np.float64)
    found: dict[str, Any] = {"grouping": grouping, "reference_income": float(np.average(income, weights=persons))}
    for name in ("lost_money", "saved_money"):
        found[name] = float(rows[name].sum())
        found[f"weighted_{name}"] = float(rows[name] @ rows["weight"])
    for name in ("lost_person_days", "saved_person_days"):
        each = rows[name].to_numpy(np.float64) / np.where(persons > 0, persons, np.nan)
        found[f"concentration_of_{name}"] = concentration_index(np.nan_to_num(each), income, persons)
    return found
