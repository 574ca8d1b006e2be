"""Several metros on one scale: their cells side by side for one fit, and cut apart again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from holdfast.errors import DataMissing, Problem, TableError
from holdfast.rating.model.certainty import Certainty
from holdfast.rating.model.result import Rating

FEWEST_SHARED = 2  # features that all metros of a pool must have


@dataclass(frozen=True)
class Metro:
    """Cells of one metro before a fit.

    Parameters
    ----------
    features : DataFrame
        Index ``cell_id``, filled, in units of their own.
    reasons : Series
        Why a cell cannot be rated, empty where it can.
    touching : csr_array
        Shape (cell, cell), 1 where two cells touch.
    cell_size : float
        Side of a cell, m.
    people : Series
        What each cell counts, index ``cell_id``.
    unit : str
        Column that `people` come from: homes, or m2 of the region.
    """

    features: pd.DataFrame
    reasons: pd.Series
    touching: sparse.csr_array
    cell_size: float
    people: pd.Series
    unit: str


def side_by_side(metros: Mapping[str, Metro]) -> Metro:
    """Put the cells of several metros into one table, by the features that all have; index ``name:cell_id``.

    Raises
    ------
    TableError
        If the metros have cells of different sizes, or some count homes and others area.
    DataMissing
        If they share fewer than two features.

    Examples
    --------
    >>> features = pd.DataFrame({"poverty": [0.1, 0.2], "education": [0.9, 0.8]}, index=["a", "b"])
    >>> pair = sparse.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> one = Metro(features, pd.Series("", index=["a", "b"]), pair, 2000.0, pd.Series(1.0, index=["a", "b"]), "homes")
    >>> both = side_by_side({"Here": one, "There": one})
    >>> both.features.index.tolist(), both.touching.sum(axis=1).tolist()
    (['Here:a', 'Here:b', 'There:a', 'There:b'], [1.0, 1.0, 1.0, 1.0])
    """
    names = sorted(metros)
    sizes = {metros[name].cell_size for name in names}
    if len(sizes) > 1:
        text = f"the metros have cells of {', '.join(f'{s:g}' for s in sorted(sizes))} m; rate them all with one size"
        raise TableError("pool", [Problem(text, column="cell_size")])
    units = {metros[name].unit for name in names}
    if len(units) > 1:
        text = f"some metros count {' and others '.join(sorted(units))}; give every metro its homes, or none"
        raise TableError("pool", [Problem(text, column="housing_units")])
    # in the order of the first metro by name, so that either side of a pool gets the same fit
    first = metros[names[0]].features.columns
    shared = [c for c in first if all(c in metros[name].features for name in names)]
    if len(shared) < FEWEST_SHARED:
        text = f"the metros of the pool share {len(shared)} features, at least {FEWEST_SHARED} are needed"
        raise DataMissing(text)
    index = {name: _named(name, metros[name].features.index) for name in names}
    return Metro(
        pd.concat([metros[name].features[shared].set_axis(index[name]) for name in names]),
        pd.concat([metros[name].reasons.set_axis(index[name]) for name in names]),
        sparse.csr_array(sparse.block_diag([metros[name].touching for name in names], format="csr")),
        sizes.pop(),
        # each metro counts by its people
        pd.concat([metros[name].people.set_axis(index[name]) for name in names]),
        units.pop(),
    )


def _named(metro: str, cells: pd.Index) -> pd.Index:
    """Ids of the cells of a metro within the pool."""
    return pd.Index([f"{metro}:{cell}" for cell in cells], name="cell_id")


def cut_out(rating: Rating, name: str, cells: pd.Index) -> Rating:
    """Keep the cells of one metro of a pooled rating.

    Returns
    -------
    Rating
        Index `cells`; profiles, stability and used features stay those of the pool. ``scaled`` keeps
        the scale of the pool, so its mean over one metro need not be 0.
    """
    pooled = _named(name, cells)
    rated = rating.scaled.index.isin(pooled)
    own_id = pd.Series(cells, index=pooled)

    def mine(table: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
        return table.loc[pooled].set_axis(cells)

    scaled = rating.scaled[rated]
    return replace(
        rating,
        levels=mine(rating.levels),
        reasons=mine(rating.reasons),
        certainty=Certainty(
            mine(rating.certainty.probabilities),
            mine(rating.certainty.ranks),
            mine(rating.certainty.agreement),
            rating.certainty.kinds,
        ),
        people=mine(rating.people),
        scaled=scaled.set_axis(pd.Index(own_id.loc[scaled.index], name=cells.name)),
        latent=np.compress(rated, rating.latent, axis=-2),
        clusters=np.compress(rated, rating.clusters, axis=-1),
    )
