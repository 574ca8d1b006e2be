"""Weights learned from an outcome: monotone, and of use elsewhere only where there is something to learn."""

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.analysis.learning import held_elsewhere, learned_weights
from holdfast.rating.analysis.outcomes import Observed


@pytest.mark.parametrize("kind", ["count", "rate"])
def test_planted_weights_are_learned_and_none_is_below_0(kind):
    rng = np.random.default_rng(2)
    features = pd.DataFrame(rng.normal(size=(600, 3)), columns=["strong", "weak", "harmful"])
    people = np.full(600, 1500.0)
    linear = features.to_numpy() @ [-0.6, -0.3, 0.4]
    outcome = rng.poisson(8 * np.exp(linear)).astype(float) if kind == "count" else linear + 0.5 * rng.normal(size=600)
    observed = Observed(outcome, people, np.empty((600, 0)), np.arange(600) // 20, kind)
    weights = learned_weights(observed, features, 0.01)
    assert weights.sum() == pytest.approx(1)
    assert weights["strong"] / weights["weak"] == pytest.approx(2, rel=0.25)
    assert weights["harmful"] == pytest.approx(0, abs=1e-6)


def test_from_an_outcome_of_chance_nothing_is_learned():
    rng = np.random.default_rng(4)
    features = pd.DataFrame(rng.normal(size=(300, 6)))
    observed = Observed(
        rng.poisson(9, 300).astype(float), np.full(300, 900.0), np.empty((300, 0)), np.arange(300) // 10
    )
    found = held_elsewhere(observed, features, features[0].to_numpy())
    assert found["learned_elsewhere"] < 0.02
