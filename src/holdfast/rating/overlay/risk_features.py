"""What a risk is rated by: hazard, exposure, social and physical vulnerability, one row of ``schema/risk_features.csv`` each."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from holdfast.rating.features.interpolate import covered_share, mean, total
from holdfast.rating.features.rules import M2_PER_KM2
from holdfast.tables import schema_rows

CELLS = "cells"  # the table of what is known of the cells themselves
HAZARD = "hazard"
PILLARS = (HAZARD, "exposure", "social vulnerability", "physical vulnerability")
HOMES = "housing_units"


@dataclass(frozen=True)
class RiskRule:
    """What a feature of a risk is.

    Parameters
    ----------
    pillar : str
        Part of the risk that it speaks of, one of `PILLARS`.
    unit : str
        Of the values; ``1`` for shares and counts.
    direction : int
        1 where more is more risk, -1 where more is less.
    measure : str
        ``homes`` or ``area``: mean over a cell by these; ``share``: of the ground that polygons cover; ``density``: sum per km2.
    needs : tuple of str
        Alternatives, each ``table`` or ``table.column``; the first that is there counts.
    description : str
        In a few words, for tables.
    """

    pillar: str
    unit: str
    direction: int
    measure: str
    needs: tuple[str, ...]
    description: str = ""


RISK_RULES: dict[str, RiskRule] = {
    row["column"]: RiskRule(
        row["pillar"],
        row["unit"],
        int(row["direction"]),
        row["measure"],
        tuple(row["needs"].split("|")),
        row["description"],
    )
    for row in schema_rows("risk_features")
}


def measure_risk(
    cells: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame], rules: Mapping[str, RiskRule]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Measure the features of a risk of all cells, and say which the tables do not allow.

    Parameters
    ----------
    cells : GeoDataFrame
        Index ``cell_id``; column ``region_m2``.
    tables : mapping
        Pieces of areas by table, and ``cells``: a row per cell, with what is known of it.
    rules : mapping
        Feature to its rule.

    Returns
    -------
    DataFrame, dict
        Index of `cells`, a column per feature in its unit, null where not known; absent features with the reason.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame({"region_m2": [4e6, 4e6]}, index=pd.Index(["a", "b"], name="cell_id"))
    >>> known = pd.DataFrame({"poverty": [0.1, 0.3], "housing_units": [40.0, 80.0]}, index=cells.index)
    >>> table, absent = measure_risk(cells, {"cells": known}, {n: RISK_RULES[n] for n in ("poverty", "homes_density", "heat")})
    >>> table.to_numpy().tolist(), absent
    ([[0.1, 10.0], [0.3, 20.0]], {'heat': 'no data: needs heat.surface_temperature'})
    """
    measured, absent = {}, {}
    for name, rule in rules.items():
        need = next((need for need in rule.needs if _met(need, tables)), None)
        if need is None:
            absent[name] = f"no data: needs {' or '.join(rule.needs)}"
        else:
            measured[name] = _values(cells, tables, need, rule.measure).rename(name)
    return pd.DataFrame(measured, index=cells.index), absent


def known_columns(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Every ``table.column`` that there is, for messages."""
    return sorted(f"{name}.{column}" for name, table in tables.items() for column in table.columns)


def _met(need: str, tables: Mapping[str, pd.DataFrame]) -> bool:
    """Whether a table holds a value of what is needed."""
    name, _, column = need.partition(".")
    return name in tables and (not column or (column in tables[name] and bool(tables[name][column].notna().any())))


def _values(cells: gpd.GeoDataFrame, tables: Mapping[str, pd.DataFrame], need: str, measure: str) -> pd.Series:
    """One feature of all cells."""
    name, _, column = need.partition(".")
    table = tables[name]
    if measure == "share":
        return covered_share(table, cells)
    if name == CELLS:
        values = table[column].reindex(cells.index).astype("float64")
    elif measure == "density":
        values = total(table, column, cells.index)
    else:
        # areas without homes of their own have their ground for a weight
        weight = HOMES if measure == "homes" and HOMES in table and table[HOMES].notna().any() else None
        values = mean(table, column, cells.index, weight)
    return values / (cells["region_m2"] / M2_PER_KM2) if measure == "density" else values
