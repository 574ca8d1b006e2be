"""A planted effect is found, and chance is not."""

import numpy as np
import pandas as pd
import pytest

from holdfast.errors import DataMissing
from holdfast.rating.analysis.learning import held_elsewhere
from holdfast.rating.analysis.outcomes import Observed, compare_candidates, holm, words_of
from holdfast.rating.analysis.regression import RATE


def planted(effect: float, kind: str = "count", seed: int = 1):
    """Synthetic areas: cases that go with a score, and a score that they do not go with."""
    rng = np.random.default_rng(seed)
    score, idle, hazard = (rng.normal(size=240) for _ in range(3))
    people = rng.lognormal(8, 0.5, 240)
    mean = people * np.exp(-5.0 + effect * score + 0.5 * hazard)
    cases = rng.negative_binomial(3, 3 / (3 + mean)).astype(float)
    outcome = cases if kind == "count" else effect * score + 0.5 * hazard + rng.normal(size=240)
    observed = Observed(outcome, people, hazard[:, None], np.arange(240) // 10, kind)
    return observed, {"level": pd.DataFrame({"level": score}), "idle": pd.DataFrame({"idle": idle})}


@pytest.mark.parametrize("kind", ["count", RATE])
def test_a_planted_effect_is_found_with_its_size(kind):
    observed, candidates = planted(-0.4, kind)
    both = pd.concat(candidates.values(), axis=1)
    found = compare_candidates(observed, {**candidates, "both": both}, draws=60).set_index("candidate")
    truth = np.exp(-0.4) if kind == "count" else -0.4
    assert found.loc["level", "low"] < truth < found.loc["level", "high"]
    assert found.loc["level", "p_corrected"] < 0.001
    assert found.loc["idle", "p_corrected"] > 0.05
    assert found.loc["level", "explained_elsewhere"] > 0.05 > found.loc["idle", "explained_elsewhere"]
    assert found.loc["both", "explained"] >= found.loc["level", "explained"]
    assert np.isnan(found.loc["both", "p_corrected"])
    words = words_of(found.reset_index(), kind)
    assert "level" in words[0]
    assert "idle" not in words[0]


def test_nothing_is_said_to_be_nothing():
    observed, candidates = planted(0.0, seed=3)
    words = words_of(compare_candidates(observed, candidates, draws=20), "count")
    assert words[0].startswith("Beyond the controls, nothing here")
    assert words[-1] == "In areas that were not fitted to, none of them predicts better than the controls alone."


def test_too_few_areas_or_blocks_are_refused():
    observed, candidates = planted(0.0)
    few = Observed(observed.outcome, observed.exposure, observed.controls, np.zeros(240, dtype=int))
    with pytest.raises(DataMissing, match="1 blocks"):
        compare_candidates(few, candidates)


def test_holm_by_hand():
    """By hand: 0.01 x 3, then the larger of that and 0.02 x 2, then of that and 0.03."""
    assert holm(np.array([0.03, 0.01, 0.02])).tolist() == pytest.approx([0.04, 0.03, 0.04])


@pytest.mark.parametrize("kind", ["count", RATE])
def test_columns_that_say_nothing_more_end_nothing(kind):
    """A flat column, one that repeats the control, and one that varies in a single block: no effect of its own, or no gain."""
    observed, candidates = planted(-0.4, kind)
    first = (observed.blocks == 0).astype(float)
    more = {
        "flat": pd.DataFrame({"flat": np.ones(240)}),
        "hazard": pd.DataFrame({"hazard": 2 * observed.controls[:, 0] + 1}),
        "one block": pd.DataFrame({"one block": first}),
        "twins": pd.concat([candidates["level"], 2 * candidates["level"].add_suffix(" again")], axis=1),
    }
    found = compare_candidates(observed, {**candidates, **more}, draws=20).set_index("candidate")
    assert found.loc[["flat", "hazard"], ["effect", "p", "p_corrected"]].isna().to_numpy().all()
    assert found.loc[["flat", "hazard"], "explained"].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert found.loc["twins", "explained"] == pytest.approx(found.loc["level", "explained"])
    alone = compare_candidates(observed, candidates, draws=20).set_index("candidate")
    assert found.loc["level", "effect"] == alone.loc["level", "effect"]
    learned = held_elsewhere(observed, pd.concat([candidates["level"], more["one block"]], axis=1), np.ones(240))
    assert learned["unlearned_elsewhere"] == pytest.approx(0, abs=1e-9)
