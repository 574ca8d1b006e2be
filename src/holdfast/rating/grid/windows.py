"""The same place on other grids: cells moved by half a cell, or of double size, put together from the cells at hand."""

import numpy as np
import pandas as pd

CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


def windows(features: pd.DataFrame, places: pd.DataFrame, people: pd.Series) -> tuple[pd.DataFrame, ...]:
    """Features of the four squares of two by two cells that each cell lies in, by mean over their people.

    A cell of the same size that is moved by half a cell takes a quarter of each of four cells; a cell of double size takes
    all of them. Where the values of a cell are spread evenly in it, both have the mean of the four. Not specified in the
    paper: the grid and what hangs on it; this is ours.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, in units of their own; null where not known.
    places : DataFrame
        Index of `features`; ``column`` and ``row`` in the grid.
    people : Series
        Index of `features`, what each cell counts. Where nobody is counted in a square, the cell's own values stand.

    Returns
    -------
    tuple of DataFrame
        For the south-west, north-west, south-east and north-east corner, like `features`.

    Examples
    --------
    >>> places = pd.DataFrame({"column": [0, 1], "row": [0, 0]}, index=["a", "b"])
    >>> found = windows(pd.DataFrame({"x": [0.0, 3.0]}, index=["a", "b"]), places, pd.Series([2.0, 1.0], index=["a", "b"]))
    >>> [table["x"].tolist() for table in found]
    [[0.0, 1.0], [0.0, 1.0], [1.0, 3.0], [1.0, 3.0]]
    """
    column, row = (places[c].to_numpy(np.int64) - places[c].min() + 1 for c in ("column", "row"))
    shape = (int(column.max()) + 2, int(row.max()) + 2)
    held = np.zeros(shape)
    values = features.to_numpy(np.float64)
    weight = people.loc[features.index].to_numpy(np.float64)
    # a cell with a gap gives nothing to the squares around it
    weight = np.where(np.isnan(values).any(axis=1), 0.0, weight)
    held[column, row] = weight
    sums = np.zeros((*shape, values.shape[1]))
    sums[column, row] = np.nan_to_num(values) * weight[:, None]
    tables = []
    for east, north in CORNERS:
        beside = ((0, 0), (east, 0), (0, north), (east, north))
        total = sum(held[column + e, row + n] for e, n in beside)
        mean = sum(sums[column + e, row + n] for e, n in beside) / np.where(total > 0, total, 1.0)[:, None]
        tables.append(
            pd.DataFrame(np.where(total[:, None] > 0, mean, values), index=features.index, columns=features.columns)
        )
    return tuple(tables)
