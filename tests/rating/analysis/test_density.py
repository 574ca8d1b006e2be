"""Correlations with density held constant."""

import math

import numpy as np
import pandas as pd
import pytest

from holdfast.rating.analysis.density import density_effects, partial_spearman


def test_partial_correlation_against_residuals():
    """Origin: the textbook formula for one held variable, on ranks."""
    generator = np.random.default_rng(2)
    third = pd.Series(generator.normal(size=300))
    first, second = third + generator.normal(size=300), third - 0.5 * pd.Series(generator.normal(size=300))
    a, b, c = (
        first.corr(second, method="spearman"),
        first.corr(third, method="spearman"),
        second.corr(third, method="spearman"),
    )
    expected = (a - b * c) / math.sqrt((1 - b**2) * (1 - c**2))
    assert partial_spearman(first, second, third.to_frame("third")) == pytest.approx(expected)
    assert partial_spearman(first, second, first.to_frame()[[]]) == pytest.approx(a)
    assert np.isnan(partial_spearman(first, second, first.to_frame()))


def test_a_rating_of_counts_is_unmasked_by_density():
    """Towers that only follow the people say nothing once density is held constant; poverty still does."""
    generator = np.random.default_rng(3)
    density = pd.Series(generator.lognormal(5, 1, 800))
    features = pd.DataFrame(
        {"towers": density * generator.lognormal(0, 0.1, 800), "poverty": generator.normal(size=800)}
    )
    levels = (np.log(density) + features["poverty"]).rank()
    found = density_effects(features, levels, density)
    rows = {row.feature: row for row in found.features}
    assert found.level_with_density > 0.5
    assert rows["towers"].with_density > 0.9
    assert abs(rows["towers"].with_level_given_density) < 0.15
    assert rows["poverty"].with_level_given_density > 0.8
