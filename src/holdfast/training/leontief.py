"""Who needs whose output: Leontief's input-output model from the Make and Use tables."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from holdfast.errors import NotConverged, Problem, TableError

INTERMEDIATE = "Total Intermediate"
COMMODITY_OUTPUT, INDUSTRY_OUTPUT = "Total Commodity Output", "Total Industry Output"
VALUE_ADDED = "Total Value Added"
FINAL = "F"
"""Codes of final uses begin with it."""


class InputOutput(NamedTuple):
    """An economy by industry, million of money in a year.

    ``industries``: codes; ``output`` (industry,); ``direct``: A, input of industry i per unit of output of j, shape
    (industry, industry); ``inverse``: L = (I - A)^-1; ``final`` (industry,): final demand; ``value_added`` (industry,):
    per unit of output.
    """

    industries: tuple[str, ...]
    output: np.ndarray
    direct: np.ndarray
    inverse: np.ndarray
    final: np.ndarray
    value_added: np.ndarray


def leontief_inverse(direct: np.ndarray) -> np.ndarray:
    """Output needed, directly and indirectly, per unit of final demand: L = (I - A)^-1.

    Parameters
    ----------
    direct : ndarray
        A: input of row industry per unit of output of column industry, shape (industry, industry).

    Raises
    ------
    NotConverged
        If the industries need more than they make (spectral radius of A not below 1).

    References
    ----------
    Leontief (1936); Miller & Blair (2009), Input-Output Analysis, eq. 2.10.

    Examples
    --------
    >>> leontief_inverse(np.array([[0.15, 0.25], [0.20, 0.05]])).round(4).tolist()
    [[1.2541, 0.33], [0.264, 1.1221]]
    """
    if np.abs(np.linalg.eigvals(direct)).max() >= 1:
        text = "the industries need more input than they make; are rows and columns of the Use table swapped?"
        raise NotConverged(text)
    return np.asarray(np.linalg.inv(np.eye(len(direct)) - direct))


def input_output(make: pd.DataFrame, use: pd.DataFrame) -> InputOutput:
    """From Make and Use tables to an industry-by-industry model (industry technology, market shares).

    Parameters
    ----------
    make : DataFrame
        Industry x commodity, million; total rows and columns are left out by name.
    use : DataFrame
        Commodity and value added x industry and final use, million; final uses begin with ``F``.

    Raises
    ------
    TableError
        If the tables do not name the same industries and commodities, or an industry has no output.

    References
    ----------
    Horowitz & Planting (2009), Concepts and Methods of the U.S. Input-Output Accounts, chapter 12. Departs from
    it in not taking scrap and used goods out of the Make table: they are commodities like others.
    """
    industries = [str(i) for i in make.index if not str(i).startswith("Total")]
    commodities = [str(c) for c in make.columns if not str(c).startswith("Total")]
    problems = [Problem(f"the Use table has no column for industry {i}") for i in industries if i not in use.columns]
    rows = [*commodities, VALUE_ADDED]
    problems += [Problem(f"the Use table has no row for {c}; add it") for c in rows if c not in use.index]
    output = make.loc[industries, commodities].to_numpy(np.float64).sum(axis=1)
    # inputs are taken per unit of output
    idle = [i for i, value in zip(industries, output, strict=True) if not 0 < value < np.inf]
    problems += [Problem(f"industry {i} of the Make table makes nothing; leave it out of both") for i in idle]
    if problems:
        raise TableError("input-output tables", problems)
    made = make.loc[industries, commodities].to_numpy(np.float64)
    used = use.loc[commodities, industries].to_numpy(np.float64)
    uses = [c for c in use.columns if str(c).startswith(FINAL)]
    total = made.sum(axis=0)
    # an industry's share in each commodity, D = V / q; commodities per unit of output, B = U / x; A = D B; final demand
    # of industries is D e, so that total output is exactly L x final demand
    share = np.divide(made, total, out=np.zeros_like(made), where=total > 0)
    direct = share @ (used / output)
    added = use.loc[VALUE_ADDED, industries].to_numpy(np.float64)
    return InputOutput(
        industries=tuple(industries),
        output=output,
        direct=direct,
        inverse=leontief_inverse(direct),
        final=share @ use.loc[commodities, uses].to_numpy(np.float64).sum(axis=1),
        value_added=added / output,
    )


def multipliers(economy: InputOutput) -> pd.DataFrame:
    """Output and value added in the whole economy per unit of an industry's final demand.

    Returns
    -------
    DataFrame
        Index ``industry``: ``output_multiplier`` (column sums of L), ``value_added_multiplier`` (value added
        in all industries per unit of the industry's own value added), unit 1.
    """
    total = economy.inverse.sum(axis=0)
    added = economy.value_added @ economy.inverse
    with np.errstate(divide="ignore", invalid="ignore"):
        per_own = np.where(economy.value_added > 0, added / economy.value_added, np.nan)
    return pd.DataFrame(
        {"output_multiplier": total, "value_added_multiplier": per_own},
        index=pd.Index(economy.industries, name="industry"),
    )
