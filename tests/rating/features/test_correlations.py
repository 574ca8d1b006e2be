"""What absent features go together with."""

import numpy as np
import pytest

from holdfast.data import packaged
from holdfast.rating.features.correlations import TRUST, with_absent
from holdfast.rating.features.rules import RULES

DIRECTIONS = {name: rule.direction for name, rule in RULES.items()}


def test_correlations_are_those_of_a_possible_metro():
    names = ("poverty", "road_density")
    absent = [name for name, rule in RULES.items() if rule.default and name not in names]
    whole = with_absent(np.array([[1.0, 0.3], [0.3, 1.0]]), names, absent, DIRECTIONS)
    assert np.linalg.eigvalsh(whole).min() > 0
    assert np.diag(whole) == pytest.approx(np.ones(12))
    table = packaged("feature_correlations").set_index(["first", "second"])["correlation"]
    # more poverty is worse, so that the two go together the other way round once both are turned
    seen = -TRUST * table.loc["poverty", "education"]
    assert whole[0, 2 + absent.index("education")] == pytest.approx(seen, abs=0.05)
    assert with_absent(np.eye(2), names, [], DIRECTIONS).tolist() == np.eye(2).tolist()


def test_a_turned_feature_turns_its_correlations():
    one = with_absent(np.eye(1), ["poverty"], ["education"], DIRECTIONS)
    other = with_absent(np.eye(1), ["poverty"], ["education"], {**DIRECTIONS, "education": -1})
    assert one[0, 1] == pytest.approx(-other[0, 1])
