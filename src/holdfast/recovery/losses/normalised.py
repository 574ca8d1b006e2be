"""Losses beside the size of a city, so that cities of different size can be put side by side."""

import math

import pandas as pd

from holdfast.errors import Problem, TableError

SPREAD = ["p5", "p50", "p95"]
PER = ("city", "m2", "resident", "normal_day")


def normalised(losses: pd.DataFrame, floor_area_m2: float, residents: float, normal_production: float) -> pd.DataFrame:
    """Losses of a city as they are, per floor area and per resident; money also in days of normal production.

    Every draw has the same divisor, so that a percentile of the quotient is the quotient of the percentile.

    Parameters
    ----------
    losses : DataFrame
        Index ``loss``; ``unit`` (money as ``USD_2017``), ``p5``, ``p50``, ``p95`` of the draws.
    floor_area_m2, residents : float
        Of the whole city before the event.
    normal_production : float
        EP of a day before the event, in the money of `losses`.

    Returns
    -------
    DataFrame
        Index ``loss`` and ``per``: ``city``, ``m2``, ``resident`` and, of money, ``normal_day`` (unit ``days``); columns of
        `losses`. A city without residents, or that produces nothing, has no rows of that kind.

    Raises
    ------
    TableError
        If a size is below 0 or no finite number.

    References
    ----------
    Zhou, Xiao & Xu (2025), Engineering 53(10), give both losses per floor area. Per resident, and days of production: ours.

    Examples
    --------
    >>> lost = pd.DataFrame({"unit": ["USD_2017"], "p5": [2.0], "p50": [6.0], "p95": [8.0]}, index=["repair_cost"])
    >>> normalised(lost, floor_area_m2=4.0, residents=0.0, normal_production=2.0)["p50"].to_dict()
    {('repair_cost', 'city'): 6.0, ('repair_cost', 'm2'): 1.5, ('repair_cost', 'normal_day'): 3.0}
    """
    sizes = dict(zip(PER, (1.0, floor_area_m2, residents, normal_production), strict=True))
    wrong = [per for per, size in sizes.items() if not (size >= 0 and math.isfinite(size))]
    if wrong:
        text = "is the size of no city; it must be a finite number of at least 0"
        raise TableError("losses", [Problem(f"{sizes[per]:g} {text}", column=per) for per in wrong])
    rows = {
        (loss, per): [_unit(str(row["unit"]), per), *(row[SPREAD].astype("float64") / size)]
        for loss, row in losses.iterrows()
        for per, size in sizes.items()
        if size > 0 and (per != "normal_day" or _is_money(str(row["unit"])))
    }
    index = pd.MultiIndex.from_tuples(rows, names=["loss", "per"])
    return pd.DataFrame(list(rows.values()), index=index, columns=["unit", *SPREAD])


def _is_money(unit: str) -> bool:
    """Whether a unit is a currency with its price year; no other has an underscore."""
    return "_" in unit


def _unit(unit: str, per: str) -> str:
    """Unit of a quotient."""
    return {"city": unit, "normal_day": "days"}.get(per, f"{unit}/{per}")
