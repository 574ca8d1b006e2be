"""EP per floor area held against what is published: states, and what a lost service costs."""

import numpy as np
import pandas as pd

from holdfast.data import packaged
from holdfast.training.assumed_response import NETWORKS, elasticity
from holdfast.training.production import DAYS, FT2, PRICE_YEAR

TOTAL = 1  # line of all output in the GDP by state
NATION = "US"


def distinct(base: pd.DataFrame, groups: pd.DataFrame, floor: pd.DataFrame) -> pd.DataFrame:
    """Groups of occupancies that share industries and floor area, each once, with its national output.

    Returns
    -------
    DataFrame
        ``occupancies`` (joined by blanks), ``floor_area`` (million m2, base survey), ``productivity_per_area`` and
        ``output`` (million USD of 2017 per day, their product).
    """
    based = groups[groups["activities"] != ""].merge(
        base["productivity_per_area"], left_on="occupancy", right_index=True
    )
    # occupancies of one row of the accounts have the same figure: added up one by one they would count it several times
    once = based.groupby(["industries", "activities"], sort=False).agg(
        occupancies=("occupancy", " ".join), group=("group", "first"), productivity=("productivity_per_area", "first")
    )
    now = floor[floor["base"] == "yes"].set_index("activity")["floor_area"]
    area = [float(now[a.split("+")].sum()) * FT2 for a in once.index.get_level_values("activities")]
    table = once.reset_index(drop=True).rename(columns={"productivity": "productivity_per_area"})
    table["floor_area"] = area
    return table.assign(output=table["floor_area"] * table["productivity_per_area"])


def states(national: pd.DataFrame, gdp: pd.DataFrame, income: pd.DataFrame, year: int = PRICE_YEAR) -> pd.DataFrame:
    """EP0 of every state from floor area and the archive, beside its published output in a day.

    Returns
    -------
    DataFrame
        Index ``state``, ``US`` among them: ``population``, ``archive`` and ``published`` (million USD per day),
        ``ratio`` (of the two), ``output_per_head`` (relative to the nation) and ``ratio_explained``
        (coverage of the nation over output per head).
    """
    when = (gdp["year"] == year) & (gdp["measure"] == "gdp") & (gdp["line"] == TOTAL)
    published = gdp[when].groupby("state")["value"].mean() / DAYS
    people = income[(income["year"] == year) & (income["measure"] == "population")].groupby("state")["value"].mean()
    table = pd.DataFrame({"population": people, "published": published}).drop(index=NATION, errors="ignore").dropna()
    table.loc[NATION] = table.sum()  # the file holds the nation in chained dollars alone
    # no floor area by state is published: a state is given the nation's floor area per head; the check shows what the
    # archive covers and how far states differ in output per head, no more
    table["archive"] = national["output"].sum() * table["population"] / table.loc[NATION, "population"]
    table["ratio"] = table["archive"] / table["published"]
    per_head = table["published"] / table["population"]
    table["output_per_head"] = per_head / per_head[NATION]
    table["ratio_explained"] = table.loc[NATION, "ratio"] / table["output_per_head"]
    return table.rename_axis("state")


def elasticities(national: pd.DataFrame, residuals: pd.DataFrame, shape: float) -> pd.DataFrame:
    """Loss of production per loss of each service, by group and for the nation, beside published figures.

    Returns
    -------
    DataFrame
        ``what``, ``network``, ``elasticity`` with ``low`` and ``high`` (unit 1; d ln EP / d service at full service,
        which is also the share lost without the service where the shape is 1) and ``source``.
    """
    weight = national.groupby("group")["output"].sum()
    rows = []
    for network in NETWORKS:
        own = residuals[residuals["network"] == network].set_index("group")
        weights = weight.reindex(own.index).fillna(0.0)
        # a high residual is a low elasticity: the bounds change sides
        values = [
            float(np.average(elasticity(own[c].to_numpy(), shape), weights=weights))
            for c in ("residual", "high", "low")
        ]
        rows.append(("archive, weighted by national output", network, *values, "production_residuals"))
    ours = pd.DataFrame(rows, columns=["what", "network", "elasticity", "low", "high", "source"])
    published = packaged("published_elasticities")
    return pd.concat([ours, published], ignore_index=True)
