"""A frozen model on changed features: only what these touch is rated again, and all is as from the whole."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.grid.adjacency import grid_neighbours
from holdfast.rating.grid.region import squares
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.frozen import Applied, apply, touched
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.stages import rate_cells

SIDE = 12
NAMES = ["a", "b", "c"]


def metro(seed):
    """Synthetic cells with three features, and which of them touch."""
    rng = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    cells = squares(column, row, 1000.0, "EPSG:32615")
    return pd.DataFrame(rng.normal(size=(SIDE * SIDE, 3)), cells.index, NAMES).sort_index(), cells.sort_index(), rng


@pytest.mark.parametrize("method", ["kmeans", "graded", "holdfast"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weight", [0.0, 0.4])
def test_random_changes_give_what_the_whole_gives(method, seed, weight):
    """Origin: the same model applied to all cells."""
    features, cells, rng = metro(seed)
    touching = grid_neighbours(cells)
    options = FitOptions(method, 3, settings={"neighbour_weight": weight}, certainty=CertaintyOptions(draws=0))
    model = rate_cells(features, dict.fromkeys(NAMES, 1), touching=touching, options=options).model
    scaled, _, clusters = apply(model, features, touching)
    order = rng.permutation(len(features))  # kept in an order of its own
    before = Applied(features.iloc[order], scaled.iloc[order], clusters[:, order])
    changed = features.copy()
    count = int(rng.integers(0, 12))
    rows = rng.choice(len(features), count, replace=False)
    changed.iloc[rows, rng.integers(0, 3, count)] += rng.normal(0, 2, count)
    whole, again = apply(model, changed, touching), apply(model, changed, touching, before)
    pd.testing.assert_frame_equal(whole[0], again[0], check_exact=True)
    assert (whole[1] == again[1]).all()
    assert (whole[2] == again[2]).all()
    # what moved lies among what was touched, which are the changed cells, and their neighbours if the method sees these
    found = touched(model, changed, touching, features)
    assert (found | (whole[2] == clusters).all(axis=0)).all()
    own = np.isin(np.arange(len(features)), rows)
    sees = model.arrays["gather"][len(NAMES) :].any()
    assert (found == (own | (sees & ((touching @ own.astype(float)) > 0)))).all()


def test_other_cells_are_rated_as_a_whole():
    features, cells, _ = metro(0)
    options = FitOptions("graded", 2, certainty=CertaintyOptions(draws=0))
    model = rate_cells(features, dict.fromkeys(NAMES, 1), options=options).model
    fewer = features.iloc[:90]
    scaled, _, clusters = apply(model, fewer, None)
    found = apply(model, features, None, Applied(fewer, scaled, clusters))
    assert (found[2] == apply(model, features, None)[2]).all()
    assert len(cells) == found[2].shape[1]
