"""Integrals against closed forms, and estimates."""

import numpy as np
import pytest

from holdfast.recovery.losses.losses import estimate, losses, lost


def test_step_linear_and_exponential_recovery():
    """Closed forms of the daily sums: d x n; n (n + 1) / 2 of a staircase; a geometric series."""
    days = np.arange(100)
    step = np.where(days < 30, 4.0, 10.0)
    line = np.minimum(days / 50, 1.0)
    exponential = 1 - np.exp(-days / 7)
    found = lost(np.array([10.0, 1.0, 1.0]), np.stack([step, line, exponential]))
    ratio = np.exp(-1 / 7)
    np.testing.assert_allclose(found, [6 * 30, 50 * 51 / 2 / 50, (1 - ratio**100) / (1 - ratio)], rtol=1e-12)


def test_interval_and_error_are_two_things():
    values = np.random.default_rng(1).normal(100, 10, 400)
    found = estimate(values, "USD")
    assert found.p5 < found.p50 < found.p95
    assert found.p95 - found.p5 == pytest.approx(2 * 1.645 * 10, rel=0.2)
    assert found.mean_error == pytest.approx(10 / 20, rel=0.2)
    assert np.isnan(estimate(values[:1], "USD").mean_error)


def test_the_total_is_the_sum_in_every_draw():
    rng = np.random.default_rng(2)
    repair, production, need = rng.random((3, 50))
    person_days = {"service_capacity_loss": need, "without_home": need, "without_services": 3 * need}
    found = losses(repair, production, person_days, 4.0, "EUR_2020")
    assert found.unmet_need.mean == pytest.approx(2 * need.mean())
    assert found.total_economic_loss.mean == pytest.approx(found.repair_cost.mean + found.lost_production.mean)
    assert found.total_economic_loss.p95 == pytest.approx(np.percentile(repair + production, 95))
    assert found.repair_cost_per_m2.p50 == pytest.approx(found.repair_cost.p50 / 4)
    assert found.repair_cost_per_m2.unit == "EUR_2020/m2"
