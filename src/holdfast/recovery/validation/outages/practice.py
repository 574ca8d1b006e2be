"""How utilities restore power, as published or assumed: drawn once per event."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from holdfast.data import packaged
from holdfast.errors import UnknownName

LAWS = ("lognormal", "uniform", "fixed")
P95 = float(stats.norm.ppf(0.95))  # standard deviations from the median to the 95th percentile


class Practice(NamedTuple):
    """Figures of one event, by the names of the packaged table ``outage_practice``, which gives unit, range and source."""

    customers_per_feeder: float
    customers_per_lateral: float
    customers_per_service: float
    feeder_weight: float
    lateral_weight: float
    service_weight: float
    weight_spread: float
    feeder_hours: float
    lateral_hours: float
    service_hours: float
    hours_spread: float
    target_days: float
    initial_crews: float
    ramp_days: float
    reinforcement: float
    disorder: float
    area_spread: float
    share_spread: float
    event_error: float
    area_error: float


def draw_practice(rng: np.random.Generator, table: pd.DataFrame | None = None) -> Practice:
    """Draw the figures of one event.

    Parameters
    ----------
    rng : Generator
        One number is taken per row, whatever its law.
    table : DataFrame, optional
        ``name``, ``law``, ``low``, ``high``; the packaged one if omitted. Low and high are the 5th and 95th percentile
        of a lognormal law, the ends of a uniform one, and the same number where it is fixed.

    Raises
    ------
    UnknownName
        If a row has another law, or the table lacks a figure.

    Examples
    --------
    >>> 1 <= draw_practice(np.random.default_rng(1)).reinforcement <= 3
    True
    """
    rows = packaged("outage_practice") if table is None else table
    values: dict[str, float] = {}
    for row in rows.itertuples():
        chance = rng.random()
        if row.law not in LAWS:
            raise UnknownName("law", str(row.law), LAWS, f"outage_practice, {row.name}")
        low, high = float(row.low), float(row.high)
        if row.law == "lognormal":
            # the median of a lognormal law is the geometric mean of two percentiles that lie symmetrically
            spread = np.log(high / low) / (2 * P95)
            values[str(row.name)] = float(np.sqrt(low * high) * np.exp(spread * stats.norm.ppf(chance)))
        else:
            values[str(row.name)] = low + chance * (high - low)
    for name in Practice._fields:
        if name not in values:
            raise UnknownName("figure", name, values, "outage_practice")
    return Practice(**{name: values[name] for name in Practice._fields})
