"""Moran's I: how like the values of neighbours are."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.errors import DataMissing, Problem, TableError, UnknownName
from holdfast.rating.grid.adjacency import among, neighbours
from holdfast.rating.grid.frames import finite_numbers
from holdfast.types import Floats

BATCH_CELLS = 10_000_000  # numbers that are rearranged at a time
FEWEST = 3  # values, for an expectation and a pattern


@dataclass(frozen=True)
class Moran:
    """Global Moran's I with a permutation p-value.

    Parameters
    ----------
    moran_i : float
        About -1 (neighbours unlike) to 1 (neighbours alike); null where all values are equal or nothing touches.
    expected : float
        Under no pattern, -1/(n-1).
    p_value : float
        Share of random rearrangements with at least this I, the observed one counted in.
    permutations : int
        Rearrangements that were drawn.
    """

    moran_i: float
    expected: float
    p_value: float
    permutations: int


def morans_i(
    frame: pd.DataFrame,
    column: str,
    *,
    touching: sparse.csr_array | None = None,
    people: str | None = None,
    permutations: int = 999,
    seed: int | np.random.Generator = 1,
) -> Moran:
    """Global Moran's I of a column: how like the values of neighbours are.

    Parameters
    ----------
    frame : DataFrame
        A GeoDataFrame of polygons of any shape, unless `touching` is given; rows without a value are left out.
    column : str
        Holds numbers; rows without one are left out.
    touching : csr_array, optional
        Shape (row, row), 1 where two rows are neighbours; found from the shapes if omitted, as of
        `holdfast.rating.grid.adjacency.neighbours`.
    people : str, optional
        Column with what each row counts, such as its homes, at least 0; all rows alike if omitted. The mean, the spread
        and the means over neighbours are then those of people, and rows that count nothing are left out.
    permutations : int
        Random rearrangements of the values over the rows.
    seed : int or Generator
        Source of the rearrangements.

    Raises
    ------
    UnknownName
        If there is no such column.
    TableError
        If it holds no numbers, or `frame` no shapes.
    DataMissing
        If fewer than three rows have a value.

    References
    ----------
    Moran (1950); Cliff & Ord (1981), with weights that sum to 1 over the neighbours of each row. Moran's I rises
    mechanically with smoothing over neighbours: it describes a map and is no evidence of its quality. Departs from it, with
    `people`, in weighing every row and every neighbour by its people.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> line = gpd.GeoDataFrame({"level": [1, 2, 3, 4]}, geometry=[box(i, 0, i + 1, 1) for i in range(4)])
    >>> round(morans_i(line, "level").moran_i, 3)
    0.4
    """
    for name in (column, people):
        if name is not None and name not in frame.columns:
            raise UnknownName("column", name, map(str, frame.columns))
    if list(frame.columns).count(column) > 1:
        raise TableError("frame", [Problem("stands twice; rename one", column=column)])
    values = finite_numbers(frame, [str(column)], "frame")[str(column)].to_numpy(np.float64)
    held = np.ones(len(frame))
    if people is not None:
        held = finite_numbers(frame, [str(people)], "frame")[str(people)].fillna(0.0).to_numpy(np.float64)
        if (held < 0).any():
            raise TableError("frame", [Problem("is negative; it says what a row counts", column=people)])
    known = ~np.isnan(values) & (held > 0)
    if known.sum() < FEWEST:
        text = f'"{column}" has {int(known.sum())} values, at least {FEWEST} are needed'
        raise DataMissing(text)
    if touching is None:
        touching = neighbours(frame.loc[known])
    elif not known.all():
        touching = among(touching, known)
    return _global(values[known], held[known], touching, permutations, np.random.default_rng(seed))


def _global(
    values: Floats, held: Floats, touching: sparse.csr_array, permutations: int, generator: np.random.Generator
) -> Moran:
    """Moran's I of values that are all known, each counting as many people as it holds."""
    held = held / held.mean()
    near = touching @ sparse.diags_array(held)
    count = near.sum(axis=1)
    rows = sparse.diags_array(np.divide(held, count, out=np.zeros(len(count)), where=count > 0)) @ near
    expected, total = -1.0 / (len(values) - 1), float(rows.sum())
    if np.ptp(values) == 0 or total == 0:
        return Moran(float("nan"), expected, float("nan"), permutations)

    def statistic(arranged: Floats) -> Floats:
        """I of values (row, arrangement); their mean over people changes with the places that they are put to."""
        deviation = arranged - held @ arranged / held.sum()
        across = np.einsum("ij,ij->j", deviation, rows @ deviation) / total
        return np.asarray(across / np.maximum(held @ deviation**2 / held.sum(), 1e-300))

    observed = float(statistic(values[:, None])[0])
    at_least, done = 0, 0
    batch = max(1, BATCH_CELLS // len(values))
    while done < permutations:
        size = min(batch, permutations - done)
        # as many at a time as fit the memory; the stream of random numbers is the same for any batch
        simulated = statistic(generator.permuted(np.tile(values, (size, 1)), axis=1).T)
        at_least += int((simulated >= observed - 1e-12).sum())  # equal sums in another order count as equal
        done += size
    return Moran(observed, expected, (at_least + 1) / (permutations + 1), permutations)
