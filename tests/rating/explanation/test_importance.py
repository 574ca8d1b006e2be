"""What levels hang on, against closed forms."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.explanation.importance import importance
from holdfast.rating.model.aims import Aims
from holdfast.rating.model.certainty import CertaintyOptions
from holdfast.rating.model.refitting import FitOptions
from holdfast.rating.rate.cell_facts import CellFacts
from holdfast.rating.rate.stages import rate_cells


def test_only_the_feature_that_counts_changes_levels():
    """Origin: if one feature decides, a person drawn again has another level with the chance that two people differ in it."""
    rng = np.random.default_rng(2)
    features = pd.DataFrame(rng.normal(size=(400, 3)), columns=["a", "b", "c"])
    people = pd.Series(rng.integers(1, 50, 400).astype(float))
    aims = Aims(dict.fromkeys("abc", "one"), of_features={"b": 0.0, "c": 0.0})
    options = FitOptions("graded", 2, aims=aims, certainty=CertaintyOptions(draws=0))
    rating = rate_cells(features, dict.fromkeys("abc", 1), facts=CellFacts(people), options=options)
    held = people.to_numpy()
    table = importance(rating.model, rating.scaled, held, None, np.random.default_rng(0))
    shares = np.bincount(rating.levels.astype(int), weights=held)[1:] / held.sum()
    assert table.loc["a", "permuted"] == pytest.approx(1 - (shares**2).sum(), abs=0.05)
    assert (table.loc[["b", "c"]] == 0).all().all()
    # a deviation is more than the width of a level: who does not stand at the end moves
    level = rating.levels.astype(int)
    assert table.loc["a", "better"] >= 0.9 * people[level < 5].sum() / people.sum()
    assert table.loc["a", "worse"] <= people[level > 1].sum() / people.sum()
