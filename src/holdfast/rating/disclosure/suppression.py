"""Which cells are withheld in what is handed on, so that few households can be neither read nor solved for."""

import numpy as np
import pandas as pd

from holdfast.types import Bools, Floats, Ints

FEWEST = 10.0  # households
WIDE = 0.5  # of the fewest households, that the interval of a withheld cell has at least


def withheld(homes: pd.Series, groups: pd.Series, fewest: float = FEWEST) -> pd.DataFrame:
    """Cells whose homes may not be handed on beside the totals of the groups that the cells make up, and totals that may not.

    Primary: a cell with homes, but fewer than `fewest`. Complementary: the smallest other cells of its group, until a reader who
    knows the totals of the group and the region, all other cells and this rule can narrow no primary cell to less than half of
    `fewest`. Groups in which that fails are closed: their totals are withheld, and they are treated as one group, with the smallest
    other groups if need be.

    Parameters
    ----------
    homes : Series
        Index ``cell_id``, households of each cell; null counts as 0, and empty cells are public.
    groups : Series
        Index ``cell_id``, the group whose total is published, such as the level; null is a group too.
    fewest : float
        Households below which nothing of a cell may be told.

    Returns
    -------
    DataFrame
        Index ``cell_id``; ``primary``, ``complementary``, ``closed``; ``low`` and ``high``: what such a reader can say of a primary cell,
        households, null elsewhere.

    References
    ----------
    Cox (1980), Suppression methodology and statistical disclosure control, J. American Statistical Association 75. Departs from it
    in taking the smallest cells in turn instead of the cheapest set.

    Examples
    --------
    >>> table = withheld(pd.Series([4.0, 60.0, 80.0]), pd.Series([1, 1, 1]))
    >>> table["complementary"].tolist(), table.loc[0, ["low", "high"]].astype(float).tolist()
    ([False, True, False], [0.0, 10.0])
    """
    held = homes.fillna(0.0).to_numpy(np.float64)
    few = (held > 0) & (held < fewest)
    parts = _parts(held, few, groups, fewest)
    found = pd.DataFrame({"primary": few, "complementary": False, "closed": False}, index=homes.index)
    ends = np.full((len(held), 2), np.nan)
    for closed, inside in parts:
        found.iloc[inside, 2] = closed
        if few[inside].any():
            added = _complement(held[inside], few[inside], fewest)
            found.iloc[inside[added], 1] = True
            ends[inside[few[inside]]] = _interval(held[inside], few[inside], added, fewest)
    return found.assign(low=ends[:, 0], high=ends[:, 1])


def _parts(held: Floats, few: Bools, groups: pd.Series, fewest: float) -> list[tuple[bool, Ints]]:
    """Groups whose totals are published, and all closed ones as one; each with whether it is closed and its places."""
    names = groups.astype("string").fillna("none").to_numpy()
    rows = {name: np.flatnonzero(names == name) for name in np.unique(names)}
    # empty groups tell nothing; the smallest first, since a closed group takes them with it
    order = sorted((n for n in rows if held[rows[n]].sum() > 0), key=lambda n: (held[rows[n]].sum(), n))
    closed = [name for name in order if not _wide(held, few, rows[name], fewest)]
    together = np.concatenate([rows[n] for n in closed]) if closed else np.empty(0, dtype=np.int64)
    for name in [n for n in order if n not in closed]:
        if not len(together) or (len(closed) > 1 and _wide(held, few, together, fewest)):
            break
        closed.append(name)
        together = np.concatenate([together, rows[name]])
    kept = [(False, places) for name, places in rows.items() if name not in closed]
    return [*kept, *([(True, np.sort(together))] if len(together) else [])]


def _wide(held: Floats, few: Bools, inside: Ints, fewest: float) -> bool:
    """Whether the total of some cells can be told without narrowing one of few households."""
    if not few[inside].any():
        return True
    low, high = _interval(held[inside], few[inside], _complement(held[inside], few[inside], fewest), fewest)
    return high - low >= WIDE * fewest


def _others(held: Floats, few: Bools) -> Ints:
    """Places of the cells that are not few, the smallest first."""
    places = np.flatnonzero((held > 0) & ~few)
    return np.asarray(places[np.argsort(held[places], kind="stable")])


def _complement(held: Floats, few: Bools, fewest: float) -> Ints:
    """Places of the other cells of a group to withhold: as few of the smallest as leave every interval wide, else all."""
    others = _others(held, few)
    low, high = _intervals(held[few], held[others], fewest)
    wide = np.flatnonzero(high - low >= WIDE * fewest)
    return others[: int(wide[0]) if len(wide) else len(others)]


def _interval(held: Floats, few: Bools, added: Ints, fewest: float) -> tuple[float, float]:
    """What the rest of a total says of each primary cell, where the smallest others are withheld too."""
    low, high = _intervals(held[few], held[_others(held, few)], fewest)
    return float(low[len(added)]), float(high[len(added)])


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
