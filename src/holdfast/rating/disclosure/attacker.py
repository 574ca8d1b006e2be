"""The attacker's problem: how far a reader of everything that is handed on can narrow a cell of few households."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from holdfast.types import Floats

SAME = 1e-3  # households that two sums may differ by and be one


def narrowed(
    homes: pd.Series, known: pd.Series, sums: Sequence[tuple[pd.Series, float]], fewest: float
) -> pd.DataFrame:
    """Least and most homes of each cell of few households that agree with all that is known.

    A reader knows the total of all cells, the homes of the `known` ones, every sum, that a cell of few lies between 0 and `fewest`, and
    that the others which are withheld lie between that and the smallest one that is not.

    Parameters
    ----------
    homes : Series
        Index cell, the true households, which no reader has.
    known : Series
        Index cell, whether its homes are told anywhere; cells without homes count as known.
    sums : sequence of (Series, float)
        Share of each cell (index cell, 0..1; absent is 0) and the sum that is told of them.
    fewest : float
        Households below which a cell is one of few.

    Returns
    -------
    DataFrame
        Index the cells of few households; ``low``, ``high`` (households).

    References
    ----------
    Fischetti & Salazar-González (2001), Solving the cell suppression problem on tabular data with linear constraints, Management
    Science 47(7): the attacker's subproblems. Two linear programmes for each cell.

    Examples
    --------
    >>> homes, told = pd.Series({"a": 4.0, "b": 60.0, "c": 80.0}), pd.Series({"a": False, "b": False, "c": True})
    >>> narrowed(homes, told, [], 10.0).loc["a"].tolist()
    [0.0, 10.0]
    >>> narrowed(homes, told, [(pd.Series({"b": 1.0}), 60.0)], 10.0).loc["a"].tolist()
    [4.0, 4.0]
    """
    held = homes.fillna(0.0)
    few = (held > 0) & (held < fewest)
    told = known.reindex(held.index, fill_value=False) | (held <= 0)
    hidden = held.index[~told]
    equations, totals = [np.ones(len(hidden))], [float(held[hidden].sum())]
    for shares, total in sums:
        own = shares.reindex(held.index).fillna(0.0)
        rest = _rest(own, total, held, told)
        if rest:
            equations.append(own[hidden].to_numpy(np.float64))
            totals.append(rest)
    others = held[told & (held >= fewest)]
    most = max(others.min(), held[hidden].max()) if len(others) and len(hidden) else None
    bounds = [(0.0, fewest) if few[cell] else (fewest, most) for cell in hidden]
    ends = [
        (held[cell],) * 2 if told[cell] else _ends(hidden.get_loc(cell), np.stack(equations), totals, bounds)
        for cell in held.index[few]
    ]
    return pd.DataFrame(ends, index=held.index[few], columns=["low", "high"], dtype=np.float64)


def reaches(homes: pd.Series, known: pd.Series, sums: Sequence[tuple[pd.Series, float]]) -> int:
    """How many of some sums hold cells that are not known; arguments as of `narrowed`.

    Examples
    --------
    >>> homes, told = pd.Series({"a": 4.0, "b": 60.0}), pd.Series({"a": False, "b": True})
    >>> both = pd.Series({"a": 1.0, "b": 1.0})
    >>> reaches(homes, told, [(both, 64.0), (both, 60.0)])
    1
    """
    held = homes.fillna(0.0)
    told = known.reindex(held.index, fill_value=False) | (held <= 0)
    return sum(bool(_rest(s.reindex(held.index).fillna(0.0), total, held, told)) for s, total in sums)


def _rest(own: pd.Series, total: float, held: pd.Series, told: pd.Series) -> float:
    """What is left of a sum when the cells that are known are taken away; 0 of a sum over these alone."""
    rest = total - float((own * held)[told].sum())
    return rest if own[~told].any() and abs(rest) > SAME else 0.0


def _ends(
    place: int, equations: Floats, totals: list[float], bounds: list[tuple[float, float | None]]
) -> tuple[float, float]:
    """Least and most of one unknown under equations and bounds."""
    cost = np.zeros(equations.shape[1])
    cost[place] = 1.0
    solved = [linprog(sign * cost, A_eq=equations, b_eq=totals, bounds=bounds) for sign in (1, -1)]
    if any(s.status != 0 for s in solved):
        # the truth is a solution: where none is found the sums are so tight that rounding parts them, which is no hiding place
        return np.nan, np.nan
    return float(solved[0].fun), float(-solved[1].fun)
