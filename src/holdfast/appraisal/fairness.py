"""Fairness: who loses, who gains, and whether the poor bear more."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def group_amounts(persons: pd.Series, amounts: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Share amounts of zones out among the groups that live there.

    The amount of a zone goes to its groups in proportion to their residents, as they live mixed there. Not specified in
    the paper.

    Parameters
    ----------
    persons : Series
        Residents by ``zone_id``.
    amounts : DataFrame
        Index ``zone_id``: what its people lose or gain, of any unit, one column each.
    shares : DataFrame
        ``grouping`` (such as tenure), ``group`` (such as renters), ``zone_id``, ``share`` of the residents of the zone, 0..1;
        a zone that has no row for a group has none of it.

    Returns
    -------
    DataFrame
        Index ``grouping``, ``group``; ``persons`` and the columns of `amounts`.

    Examples
    --------
    >>> shares = pd.DataFrame({"grouping": "tenure", "group": ["rent", "own"], "zone_id": "z", "share": [0.25, 0.75]})
    >>> table = group_amounts(pd.Series({"z": 8.0}), pd.DataFrame({"days": {"z": 4.0}}), shares)
    >>> table.loc[("tenure", "rent")].tolist()
    [2.0, 1.0]
    """
    columns = {"persons": persons, **{str(c): amounts[c] for c in amounts}}
    share = shares["share"].to_numpy(np.float64)
    parts = {name: share * values.reindex(shares["zone_id"]).to_numpy(np.float64) for name, values in columns.items()}
    table = pd.DataFrame(parts).assign(grouping=shares["grouping"].to_numpy(), group=shares["group"].to_numpy())
    return table.groupby(["grouping", "group"], sort=False).sum()


def equity_weights(income: NDArray[np.float64], reference: float, elasticity: float) -> NDArray[np.float64]:
    """What a unit of money counts for each group: (M / I)^(-elasticity), M its income and I the reference.

    Above 1 for whoever has less than the reference; 1 for all where the elasticity is 0.

    Parameters
    ----------
    income : ndarray
        Shape (group,), money, above 0.
    reference : float
        Income at which a unit of money counts 1, such as the median of the city.
    elasticity : float
        Of the marginal utility of income, at least 0.

    Returns
    -------
    ndarray
        Shape (group,), unit 1.

    Examples
    --------
    >>> equity_weights(np.array([25.0, 50.0, 100.0]), 50.0, 1.0).tolist()
    [2.0, 1.0, 0.5]
    """
    return np.asarray((income / reference) ** -elasticity)


def concentration_index(each: NDArray[np.float64], rank_by: NDArray[np.float64], persons: NDArray[np.float64]) -> float:
    """Concentration index of an amount over people ranked from the poorest: 2 cov(amount, rank) / mean amount.

    Parameters
    ----------
    each : ndarray
        Shape (group,): amount per person, of any unit.
    rank_by : ndarray
        Shape (group,): what people are ranked by, such as income; equal ones share a rank.
    persons : ndarray
        Shape (group,): weight of each.

    Returns
    -------
    float
        -1..1: below 0 where the poor have more of the amount; null where nobody has any.

    References
    ----------
    Kakwani, Wagstaff & van Doorslaer (1997), Journal of Econometrics 77, 87-103, with grouped data.

    Examples
    --------
    >>> concentration_index(np.array([1.0, 0.0]), np.array([10.0, 20.0]), np.array([1.0, 1.0]))
    -0.5
    """
    weight = persons / persons.sum()
    _, place = np.unique(rank_by, return_inverse=True)
    of_rank = np.bincount(place, weight)
    # middle of each rank's slice of the people
    rank = (np.cumsum(of_rank) - of_rank / 2)[place]
    mean = float(weight @ each)
    return float(2 * (weight @ ((each - mean) * (rank - weight @ rank))) / mean) if mean else np.nan
