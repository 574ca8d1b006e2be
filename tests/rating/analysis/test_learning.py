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


def test_weights_are_tested_in_the_part_that_was_left_out():
    """Planted: in one part more of a feature is fewer cases, in the other more; what is learned in one fails in the other."""
    rng = np.random.default_rng(8)
    features = pd.DataFrame(rng.normal(size=(600, 2)), columns=["works", "idle"])
    people, blocks, parts = np.full(600, 900.0), np.arange(600) % 20, pd.Series(np.repeat(["a", "b", "c"], 200))
    effect = np.where(parts == "c", 0.5, -0.5)
    cases = rng.poisson(9 * np.exp(effect * features["works"].to_numpy())).astype(float)
    observed = Observed(cases, people, np.empty((600, 0)), blocks)
    found = held_elsewhere(observed, features, features["works"].to_numpy(), parts)
    rows = {row["part"]: row for row in found["parts"]}
    assert [row["areas"] for row in rows.values()] == [200, 200, 200]
    assert rows["c"]["learned_elsewhere"] < -0.2
    halves = pd.Series(blocks % 2)
    named = held_elsewhere(observed, features, features["works"].to_numpy(), halves)
    assert named | {"parts": []} == held_elsewhere(observed, features, features["works"].to_numpy())
    same = Observed(
        rng.poisson(9 * np.exp(-0.5 * features["works"].to_numpy())).astype(float), people, np.empty((600, 0)), blocks
    )
    alike = held_elsewhere(same, features, features["idle"].to_numpy(), parts)["parts"]
    assert all(row["learned_elsewhere"] > 0.4 > 0.05 > row["unlearned_elsewhere"] for row in alike)
