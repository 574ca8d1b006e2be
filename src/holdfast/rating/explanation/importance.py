"""How far the levels hang on each feature: drawn again, and moved in every cell at once, through the frozen model."""

import numpy as np
import pandas as pd
from scipy import sparse
from threadpoolctl import threadpool_limits

from holdfast.rating.model.consensus import shares_of, winners
from holdfast.rating.model.frozen import fitted_of
from holdfast.rating.model.neighbours import neighbour_means
from holdfast.rating.model.refitting import assign_all
from holdfast.types import Floats, Ints, Model

REPEATS = 5  # of each drawing
STEP = 1.0  # standard deviations


def levels_on_scale(model: Model, scaled: Floats, touching: sparse.csr_array | None) -> Ints:
    """Level of each cell, (cell,), 1..5, by a frozen model from features on its scale, (cell, feature)."""
    with threadpool_limits(1):  # parallel sums differ in the last bit
        clusters = assign_all(fitted_of(model), scaled, neighbour_means(scaled, touching))
    return winners(shares_of(np.stack([of[c] for of, c in zip(model.arrays["levels"], clusters, strict=True)])))


def importance(
    model: Model,
    scaled: pd.DataFrame,
    people: Floats,
    touching: sparse.csr_array | None,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Whose level changes when a feature is drawn again, or is better or worse everywhere.

    `scaled` are features on the scale of the model, in its order; `people`, (cell,), what each cell counts.

    Returns
    -------
    DataFrame
        Index feature: ``permuted`` (share of the people whose level changes when the feature is drawn again from the people of
        the metro), ``permuted_levels`` (by how many levels, mean over the people), ``better`` and ``worse`` (share of the
        people whose level changes when the feature is one standard deviation better or worse in every cell at once).

    References
    ----------
    Breiman (2001), Random forests; Fisher, Rudin & Dominici (2019), J. Machine Learning Research 20(177). Departs from both
    in drawing values in proportion to people, so that each person and not each cell gets one of another.
    """
    values, held = scaled.to_numpy(np.float64), people / people.sum()
    base = levels_on_scale(model, values, touching)
    rows = []
    for place in range(values.shape[1]):
        drawn = [generator.choice(len(values), len(values), p=held) for _ in range(REPEATS)]
        moves = np.stack([_moved(model, values, place, values[d, place], touching) - base for d in drawn])
        up, down = (_moved(model, values, place, values[:, place] + s, touching) - base for s in (STEP, -STEP))
        sizes = ((moves != 0).mean(axis=0), np.abs(moves).mean(axis=0), up != 0, down != 0)
        rows.append([held @ size for size in sizes])
    columns = ["permuted", "permuted_levels", "better", "worse"]
    return pd.DataFrame(rows, pd.Index(scaled.columns, name="feature"), columns)


def _moved(model: Model, values: Floats, place: int, other: Floats, touching: sparse.csr_array | None) -> Ints:
    """Levels with one feature of every cell replaced; its neighbours' means follow."""
    changed = values.copy()
    changed[:, place] = other
    return levels_on_scale(model, changed, touching)
