"""Squares of two by two cells, against a loop over the cells."""

import numpy as np
import pandas as pd

from holdfast.rating.grid.windows import CORNERS, windows


def test_windows_against_brute_force():
    """Origin: the mean of the four cells of each square, one by one; cells outside and cells with gaps give nothing."""
    generator = np.random.default_rng(4)
    chosen = np.sort(generator.choice(100, 70, replace=False))
    ids = [f"c{i}" for i in chosen]
    places = pd.DataFrame({"column": chosen % 10 - 3, "row": chosen // 10 + 7}, ids)
    features = pd.DataFrame(generator.normal(size=(70, 2)), ids, ["a", "b"])
    features.iloc[5, 0] = np.nan
    people = pd.Series(generator.integers(0, 4, 70).astype(float), ids)
    at = {(c, r): i for i, (c, r) in zip(ids, places.to_numpy(), strict=True)}
    for (east, north), found in zip(CORNERS, windows(features, places, people), strict=True):
        for cell in ids:
            column, row = places.loc[cell]
            square = [at.get((column + e, row + n)) for e in (0, east) for n in (0, north)]
            square = [c for c in square if c is not None and features.loc[c].notna().all() and people[c] > 0]
            expected = (
                np.average(features.loc[square], axis=0, weights=people[square]) if square else features.loc[cell]
            )
            np.testing.assert_allclose(found.loc[cell], expected)
