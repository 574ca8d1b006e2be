"""Sets of measures: what they are worth together, from runs of the single ones and of the set."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from holdfast.appraisal.present_value import Terms, appraised, present_factor, shares_in_place


class Outlay(NamedTuple):
    """What a set costs at the start, and with its upkeep in present value; money."""

    cost: float
    present_cost: float


def present_benefit(alone: Sequence[float], together: float, measures: pd.DataFrame, terms: Terms) -> float:
    """What a set saves, in present value.

    Each measure saves for its own life what it saves alone; what the set saves beyond that, or short of it, counts while all
    of its measures work.

    Parameters
    ----------
    alone : sequence of float
        Saved in a year by each measure of the set.
    together : float
        Saved in a year by the set, when all of it works.
    measures : DataFrame
        Rows of the set, in the order of `alone`; ``life_years``, ``ramp_up_years``.
    terms : Terms
        Discount rate, horizon, growth.

    Returns
    -------
    float
        In the unit of `alone` and `together`, over all years.

    Examples
    --------
    >>> pair = pd.DataFrame({"life_years": [1, 2], "ramp_up_years": [0.0, 0.0]})
    >>> present_benefit([10.0, 5.0], 12.0, pair, Terms(0.0, 50))
    17.0
    """
    shares = [shares_in_place(row.life_years, row.ramp_up_years, terms.horizon_years) for row in measures.itertuples()]
    if not shares:
        return 0.0
    apart = sum(saved * present_factor(share, terms) for saved, share in zip(alone, shares, strict=True))
    return float(apart + (together - sum(alone)) * present_factor(np.prod(shares, axis=0), terms))


def outlay(measures: pd.DataFrame, terms: Terms) -> Outlay:
    """Costs of a set; ``cost``, ``maintenance``, ``life_years`` and ``ramp_up_years`` of its measures.

    Examples
    --------
    >>> rows = {"cost": [10.0, 5.0], "maintenance": [0.0, 1.0], "life_years": [9, 2], "ramp_up_years": [0.0, 0.0]}
    >>> outlay(pd.DataFrame(rows), Terms(0.0, 50))
    Outlay(cost=15.0, present_cost=17.0)
    """
    costs = appraised(measures, pd.Series(0.0, measures.index), terms)
    return Outlay(float(measures["cost"].sum()), float(costs["present_cost"].sum()))


def pair_interactions(
    alone: NDArray[np.float64], pairs: dict[tuple[int, int], float], measures: pd.DataFrame, terms: Terms
) -> NDArray[np.float64]:
    """What pairs are worth together beyond the sum of both, in present value.

    Parameters
    ----------
    alone : ndarray
        Shape (measure,): saved in a year.
    pairs : dict
        Two ascending positions to what both save together in a year.
    measures : DataFrame
        In the order of `alone`.
    terms : Terms
        Discount rate, horizon, growth.

    Returns
    -------
    ndarray
        Shape (measure, measure), upper triangle; 0 for pairs that are not given.

    Examples
    --------
    >>> two = pd.DataFrame({"life_years": [1, 2], "ramp_up_years": [0.0, 0.0]})
    >>> pair_interactions(np.array([10.0, 5.0]), {(0, 1): 12.0}, two, Terms(0.0, 50))[0].tolist()
    [0.0, -3.0]
    """
    found = np.zeros((len(alone), len(alone)))
    for (i, j), together in pairs.items():
        rows = measures.iloc[[i, j]]
        apart = [present_benefit([alone[k]], alone[k], measures.iloc[[k]], terms) for k in (i, j)]
        found[i, j] = present_benefit([alone[i], alone[j]], together, rows, terms) - sum(apart)
    return found
