"""Which cells are withheld in what is handed on, so that few households can be neither read nor solved for."""

import numpy as np
import pandas as pd

from holdfast.types import Bools, Floats, Ints

FEWEST = 10.0  # households
WIDE = 0.5  # of the fewest households, that the interval of a withheld cell has at least


def withheld(homes: pd.Series, fewest: float = FEWEST) -> pd.DataFrame:
    """Cells of which nothing is handed on but place and level, where every sum that is handed on is over the other cells.

    Primary: a cell with homes, but fewer than `fewest`. Complementary: the smallest other cells of the region, until a reader who
    knows the total of the region, all other cells and this rule can narrow no primary cell to less than half of `fewest`. Which
    cells these are depends on the homes alone and on no level: any number of ratings of the same homes withhold the same cells,
    so that none of them tells what another keeps.

    Parameters
    ----------
    homes : Series
        Index ``cell_id``, households of each cell; null counts as 0, and empty cells are public.
    fewest : float
        Households below which nothing of a cell may be told.

    Returns
    -------
    DataFrame
        Index ``cell_id``; ``primary``, ``complementary``; ``low`` and ``high``: what such a reader can say of a primary cell, households,
        null elsewhere.

    References
    ----------
    Cox (1980), Suppression methodology and statistical disclosure control, J. American Statistical Association 75. Departs from it
    in taking the smallest cells in turn instead of the cheapest set, and in summing over public cells alone.

    Examples
    --------
    >>> table = withheld(pd.Series([4.0, 60.0, 80.0]))
    >>> table["complementary"].tolist(), table.loc[0, ["low", "high"]].astype(float).tolist()
    ([False, True, False], [0.0, 10.0])
    """
    held = homes.fillna(0.0).to_numpy(np.float64)
    few = (held > 0) & (held < fewest)
    found = pd.DataFrame({"primary": few, "complementary": False}, index=homes.index)
    ends = np.full((len(held), 2), np.nan)
    if few.any():
        others = _others(held, few)
        low, high = _intervals(held[few], held[others], fewest)
        wide = np.flatnonzero(high - low >= WIDE * fewest)
        # all others where nothing is enough
        count = int(wide[0]) if len(wide) else len(others)
        found.iloc[others[:count], 1] = True
        ends[few] = low[count], high[count]
    return found.assign(low=ends[:, 0], high=ends[:, 1])


def _others(held: Floats, few: Bools) -> Ints:
    """Places of the cells that are not few, the smallest first."""
    places = np.flatnonzero((held > 0) & ~few)
    return np.asarray(places[np.argsort(held[places], kind="stable")])


def _intervals(primary: Floats, others: Floats, fewest: float) -> tuple[Floats, Floats]:
    """What the rest of a total says of each primary cell: one equation with bounds, solved exactly; with 0, 1, ... others withheld.

    A reader knows that a primary cell lies between 0 and `fewest`, and each of the `others`, which ascend, between that and the
    smallest one that is still to be seen.
    """
    count = np.arange(len(others) + 1)
    rest = primary.sum() + np.concatenate([[0.0], np.cumsum(others)])
    # nothing bounds them from above where none is left to be seen; nothing is hidden where none is withheld
    most = count * np.concatenate([others, [np.inf if len(others) else 0.0]])
    low = np.maximum(rest - fewest * (len(primary) - 1) - most, 0.0)
    return low, np.maximum(np.minimum(rest - fewest * count, fewest), low)
