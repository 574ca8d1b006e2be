"""Records of outages: what was known when, and the same as observed curves."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import Problem, TableError
from holdfast.types import Floats

HOURS_OF_A_DAY = 24.0


class Record(NamedTuple):
    """Outages on even hours.

    ``areas``; ``customers`` (area,); ``hours`` (time,): whole, since the first record; ``out`` (area, time): share of the
    customers without power, in a straight line between the records.
    """

    areas: pd.Index
    customers: Floats
    hours: Floats
    out: Floats


def record(table: pd.DataFrame) -> Record:
    """Put a table of the schema ``outages`` on even hours.

    Raises
    ------
    TableError
        If an area has two records of one hour, or no customers.

    Examples
    --------
    >>> table = pd.DataFrame({"area": ["a"] * 2, "hour": [0.0, 2.0], "customers_out": [8.0, 4.0], "customers": [10.0, 10.0]})
    >>> record(table).out.tolist()
    [[0.8, 0.6, 0.4]]
    """
    problems = []
    if table.duplicated(["area", "hour"]).any():
        problems.append(Problem("an area has two records of one hour; add them up or keep one", column="hour"))
    # the largest number reported of an area, also of customers without power: a share above 1 is none
    customers = table.groupby("area", sort=True)[["customers", "customers_out"]].max().max(axis=1)
    for area in customers.index[customers <= 0]:
        problems.append(Problem(f"{area}: has no customers; leave it out", column="customers"))
    if problems:
        raise TableError("outages", problems)
    hours = np.arange(0.0, np.floor(table["hour"].max()) + 1)
    out = np.empty((len(customers), hours.size))
    for row, (_, own) in enumerate(table.sort_values("hour").groupby("area", sort=True)):
        # before its first record an area has as many out as in it, after its last record as many as in that
        out[row] = np.interp(hours, own["hour"], own["customers_out"])
    return Record(customers.index, customers.to_numpy(np.float64), hours, out / customers.to_numpy()[:, None])


def passed_hour(known: Record) -> float:
    """Hour at which the storm had passed: that of the most customers without power in all areas together."""
    return float(known.hours[np.argmax(known.customers @ known.out)])


def known_part(table: pd.DataFrame, hours: float = HOURS_OF_A_DAY) -> pd.DataFrame:
    """Records that a prediction may see: up to so many hours after the hour of the most customers without power.

    Parameters
    ----------
    table : DataFrame
        The whole record, schema ``outages``.
    hours : float
        Hours after that of the most customers without power.

    Raises
    ------
    TableError
        If an area has two records of one hour or no customers, or the record ends before.

    Examples
    --------
    >>> rows = [{"area": "a", "hour": h, "customers_out": 9.0 - h / 9, "customers": 10.0} for h in range(60)]
    >>> len(known_part(pd.DataFrame(rows)))
    25
    """
    whole = record(table)
    end = passed_hour(whole) + hours
    if end > whole.hours[-1]:
        text = f"ends {whole.hours[-1] - passed_hour(whole):g} hours after the most outages; {hours:g} are to be known"
        raise TableError("outages", [Problem(text, column="hour")])
    return table[table["hour"] <= end]


def observed_curves(table: pd.DataFrame, event: str, step_hours: float = HOURS_OF_A_DAY) -> pd.DataFrame:
    """Outages as observed curves: share with power, by days since the storm had passed.

    Parameters
    ----------
    table : DataFrame
        Schema ``outages``; the whole record.
    event : str
        Name of the event in the result.
    step_hours : float
        Between the values kept, counted from the hour at which the storm had passed.

    Returns
    -------
    DataFrame
        Schema ``observed``, one curve per area; weights are customers.

    Raises
    ------
    TableError
        If an area has two records of one hour, or no customers.
    """
    whole = record(table)
    first = passed_hour(whole)
    kept = (whole.hours >= first) & ((whole.hours - first) % step_hours == 0)
    days = (whole.hours[kept] - first) / HOURS_OF_A_DAY
    frames = [
        pd.DataFrame({"area": area, "day": days, "value": 1 - out[kept], "weight": customers})
        for area, out, customers in zip(whole.areas, whole.out, whole.customers, strict=True)
    ]
    return pd.concat(frames, ignore_index=True).assign(event=event, quantity="power", unit="share", normal=1.0)


def together(table: pd.DataFrame) -> pd.DataFrame:
    """Outages of all areas (schema ``outages``) as those of one, "all areas", on even hours.

    Raises
    ------
    TableError
        If an area has two records of one hour, or no customers.
    """
    whole = record(table)
    out = whole.customers @ whole.out
    return pd.DataFrame(
        {"area": "all areas", "hour": whole.hours, "customers_out": out, "customers": whole.customers.sum()}
    )
