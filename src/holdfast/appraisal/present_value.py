"""Present value: what a stream of yearly benefits is worth today, and what a measure costs beside it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Terms:
    """On which terms measures are appraised.

    Parameters
    ----------
    discount_rate : float
        Real, 1/year: money keeps the prices of one year.
    horizon_years : int
        Years that are looked at, from the day on which a measure is paid for.
    growth : float
        By which the losses grow, 1/year; the first year is at today's.
    """

    discount_rate: float = 0.031
    horizon_years: int = 50
    growth: float = 0.0


def shares_in_place(life_years: int, ramp_up_years: float, horizon_years: int) -> NDArray[np.float64]:
    """Mean share of a measure that works in each year of the horizon.

    It grows evenly from nothing over `ramp_up_years`, works whole from then on, and ends with its life; it is not
    renewed.

    Parameters
    ----------
    life_years : int
        From the day on which it is paid for.
    ramp_up_years : float
        0 for what works from the first day.
    horizon_years : int
        Length of the result.

    Returns
    -------
    ndarray
        Shape (year,), 0..1, unit 1.

    Examples
    --------
    >>> shares_in_place(4, 2.0, 5).tolist()
    [0.25, 0.75, 1.0, 1.0, 0.0]
    """
    ends = np.arange(horizon_years + 1, dtype=np.float64)
    # integral of min(t / ramp, 1) from the start to the end of each year, whose differences are the yearly means
    within = np.minimum(ends, ramp_up_years)
    reached = ends - within + (within**2 / (2 * ramp_up_years) if ramp_up_years > 0 else 0.0)
    return np.where(np.arange(1, horizon_years + 1) <= life_years, np.diff(reached), 0.0)


def present_factor(shares: NDArray[np.float64], terms: Terms) -> float:
    """What a benefit of 1 a year is worth today: the sum over years t of share (1 + growth)^(t-1) / (1 + rate)^t, years.

    Benefits count at the end of their year, as in the annuity factor (1 - (1 + r)^-n) / r, which this is where the share is 1
    for n years and nothing grows.

    Parameters
    ----------
    shares : ndarray
        Shape (year,): what of a measure works in each year, from `shares_in_place`.
    terms : Terms
        Discount rate and growth.

    Examples
    --------
    >>> round(present_factor(np.ones(2), Terms(discount_rate=0.1)), 6)
    1.735537
    """
    year = np.arange(1, len(shares) + 1)
    return float((shares * (1 + terms.growth) ** (year - 1) / (1 + terms.discount_rate) ** year).sum())


def appraised(measures: pd.DataFrame, saved: pd.Series, terms: Terms) -> pd.DataFrame:
    """Benefit and cost of measures, each by itself.

    Parameters
    ----------
    measures : DataFrame
        Index ``measure_id``; ``cost`` (money, at the start), ``maintenance`` (money a year while it lasts), ``life_years``,
        ``ramp_up_years``.
    saved : Series
        Mean loss avoided in a year, money, by ``measure_id``.
    terms : Terms
        Discount rate, horizon, growth.

    Returns
    -------
    DataFrame
        Index ``measure_id``; ``factor`` (years: worth today of 1 a year), ``present_benefit``, ``present_maintenance``,
        ``present_cost`` (cost and maintenance), ``net_present_value``, ``break_even_cost`` (cost at which the net present value
        is 0) in money; ``benefit_cost_ratio`` (1; null where nothing is paid).

    References
    ----------
    Maintenance stands with the costs and not as a negative benefit, as in FEMA's benefit-cost analysis.

    Examples
    --------
    >>> rows = {"cost": [100.0], "maintenance": [1.0], "life_years": [2], "ramp_up_years": [0.0]}
    >>> one = pd.DataFrame(rows, index=["a"])
    >>> appraised(one, pd.Series({"a": 80.0}), Terms(discount_rate=0.1))["net_present_value"].round(6).tolist()
    [37.107438]
    """
    horizon = terms.horizon_years
    factors, upkeep = [], []
    for row in measures.itertuples():
        factors.append(present_factor(shares_in_place(row.life_years, row.ramp_up_years, horizon), terms))
        # upkeep is due from the first year on and is stated in money of one year: it neither ramps up nor grows
        flat = Terms(terms.discount_rate, horizon)
        upkeep.append(row.maintenance * present_factor(shares_in_place(row.life_years, 0.0, horizon), flat))
    table = pd.DataFrame({"factor": factors, "present_maintenance": upkeep}, index=measures.index, dtype=np.float64)
    table["present_benefit"] = table["factor"] * saved.reindex(measures.index)
    table["present_cost"] = measures["cost"] + table["present_maintenance"]
    table["net_present_value"] = table["present_benefit"] - table["present_cost"]
    table["break_even_cost"] = table["present_benefit"] - table["present_maintenance"]
    table["benefit_cost_ratio"] = table["present_benefit"] / table["present_cost"].where(table["present_cost"] > 0)
    return table
