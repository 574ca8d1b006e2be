"""Regret: how far a choice falls short of the best one, where it is not known which assumption holds."""

import pandas as pd


def largest_regrets(values: pd.DataFrame) -> pd.Series:
    """Largest shortfall of each choice against the best choice of the same assumption (Savage 1951).

    Parameters
    ----------
    values : DataFrame
        One row per choice, one column per assumption; more is better.

    Returns
    -------
    Series
        Index of `values`, in its unit, at least 0; the least of them is the robust choice.

    Examples
    --------
    >>> values = pd.DataFrame({"rare": [1.0, 0.0, 0.8], "often": [1.0, 9.0, 8.0]}, index=["small", "large", "middle"])
    >>> largest_regrets(values).tolist()
    [8.0, 1.0, 1.0]
    """
    return (values.max() - values).max(axis=1).rename("largest_regret")
