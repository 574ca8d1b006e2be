"""Several metros on one scale: their cells side by side for one fit, and cut apart again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.types import Rating

GAP = 3  # empty columns between two metros, so that none of their cells touch
FEWEST_SHARED = 2  # features that all metros of a pool must have


@dataclass(frozen=True)
class Metro:
    """Cells of one metro before a fit.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, filled, in units of their own.
    reasons : Series
        Index ``cell_id``; why a cell cannot be rated, empty where it can.
    places : DataFrame
        Index ``cell_id``; ``column`` and ``row``, whole numbers, sides of a cell apart.
    cell_size : float
        Side of a cell, m.
    """

    features: pd.DataFrame
    reasons: pd.Series
    places: pd.DataFrame
    cell_size: float


def side_by_side(metros: Mapping[str, Metro]) -> Metro:
    """Put the cells of several metros into one table.

    Parameters
    ----------
    metros : mapping
        Name to metro; sorted by name, so that every metro of a pool gets the same fit.

    Returns
    -------
    Metro
        Index ``name:cell_id``; the features that all metros have; metros placed apart, so that no
        cell of one touches a cell of another.

    Raises
    ------
    TableError
        If the metros have cells of different sizes.
    DataMissing
        If they share fewer than two features.

    Examples
    --------
    >>> places = pd.DataFrame({"column": [4, 5], "row": [1, 1]}, index=["a", "b"])
    >>> features = pd.DataFrame({"poverty": [0.1, 0.2], "education": [0.9, 0.8]}, index=["a", "b"])
    >>> one = Metro(features, pd.Series("", index=["a", "b"]), places, 2000.0)
    >>> both = side_by_side({"Here": one, "There": one})
    >>> both.features.index.tolist(), both.places["column"].tolist()
    (['Here:a', 'Here:b', 'There:a', 'There:b'], [0, 1, 4, 5])
    """
    names = sorted(metros)
    sizes = {metros[name].cell_size for name in names}
    if len(sizes) > 1:
        text = f"the metros have cells of {', '.join(f'{s:g}' for s in sorted(sizes))} m; rate them all with one size"
        raise TableError("study", [Problem(text, column="rating.pool")])
    first = metros[names[0]].features.columns
    shared = [c for c in first if all(c in metros[name].features for name in names)]
    if len(shared) < FEWEST_SHARED:
        text = f"the metros of the pool share {len(shared)} features, at least {FEWEST_SHARED} are needed"
        raise DataMissing(text)
    start, features, reasons, places = 0, [], [], []
    for name in names:
        metro = metros[name]
        index = pd.Index([f"{name}:{cell}" for cell in metro.features.index], name="cell_id")
        moved = metro.places - metro.places.min()
        moved["column"] += start
        start = int(moved["column"].max()) + GAP
        features.append(metro.features[shared].set_axis(index))
        reasons.append(metro.reasons.set_axis(index))
        places.append(moved.set_axis(index))
    return Metro(pd.concat(features), pd.concat(reasons), pd.concat(places), sizes.pop())


def cut_out(rating: Rating, name: str, cells: pd.Index) -> Rating:
    """Keep the cells of one metro of a pooled rating.

    Parameters
    ----------
    rating : Rating
        Of cells from `side_by_side`.
    name : str
        Of the metro.
    cells : Index
        Its ``cell_id``.

    Returns
    -------
    Rating
        Index `cells`; profiles, stability and used features stay those of the pool. ``scaled`` keeps
        the scale of the pool, so its mean over one metro need not be 0.
    """
    pooled = pd.Index([f"{name}:{cell}" for cell in cells])
    rated = rating.scaled.index.isin(pooled)
    plain = pd.Series(cells, index=pooled)

    def mine(table: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        return table.loc[pooled].set_axis(cells)

    scaled = rating.scaled[rated]
    return replace(
        rating,
        levels=mine(rating.levels),
        reasons=mine(rating.reasons),
        agreement=mine(rating.agreement),
        probabilities=mine(rating.probabilities),
        scaled=scaled.set_axis(pd.Index(plain.loc[scaled.index], name=cells.name)),
        latent=np.compress(rated, rating.latent, axis=-2),
        clusters=np.compress(rated, rating.clusters, axis=-1),
    )
