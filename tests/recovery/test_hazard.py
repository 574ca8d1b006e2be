"""Shaking: contract over all hazards, spread and spatial correlation."""

import numpy as np
import pytest

from holdfast.config import ScenarioOptions
from holdfast.errors import UnknownName
from holdfast.recovery.hazard import EXACT_SITES, HAZARDS, gaussian_field, hazard


def scenario(**changes) -> ScenarioOptions:
    return ScenarioOptions(**{"unit": "g", "value": 0.3, "between_event_sd": 0.3, "within_event_sd": 0.5, **changes})


@pytest.fixture
def sites() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 2e4, (50, 2))


@pytest.mark.parametrize("name", HAZARDS)
def test_contract(name, sites):
    before = sites.copy()
    first = HAZARDS[name](sites, scenario(), np.random.default_rng(1))
    again = HAZARDS[name](sites, scenario(), np.random.default_rng(1))
    assert first.shape == (50,)
    assert (first > 0).all()
    assert first.tobytes() == again.tobytes()
    assert (sites == before).all()
    assert (HAZARDS[name](sites, scenario(value=0), np.random.default_rng(1)) == 0).all()


def test_spread_of_the_event():
    one = np.zeros((1, 2))
    logs = [np.log(HAZARDS["uniform"](one, scenario(), np.random.default_rng(i))[0] / 0.3) for i in range(4000)]
    sd = np.hypot(0.3, 0.5)
    assert abs(np.mean(logs)) < 4 * sd / np.sqrt(4000)
    assert abs(np.std(logs) / sd - 1) < 4 / np.sqrt(2 * 4000)


@pytest.mark.parametrize("extra", [0, EXACT_SITES])
def test_correlation_falls_exponentially(extra):
    """Correlation exp(-3 h / range); with many sites the waves are used, with few the exact field."""
    apart = np.array([0.0, 1000.0, 5000.0, 10_000.0])
    line = np.column_stack([np.concatenate([apart, np.zeros(extra)]), np.zeros(4 + extra)])
    fields = np.array([gaussian_field(line, 10_000.0, np.random.default_rng(i))[:4] for i in range(3000)])
    np.testing.assert_allclose(fields.std(axis=0), 1, atol=4 / np.sqrt(2 * 3000))
    found = np.corrcoef(fields.T)[0]
    np.testing.assert_allclose(found, np.exp(-3 * apart / 10_000), atol=4 / np.sqrt(3000))


def test_sites_at_one_place_shake_alike():
    assert np.ptp(gaussian_field(np.ones((5, 2)), 1e4, np.random.default_rng(1))) < 1e-6


def test_far_sites_share_the_residual_of_the_event():
    far = np.array([[0.0, 0.0], [5e5, 0.0], [0.0, 5e5]])
    events = [HAZARDS["uniform"](far, scenario(within_event_sd=0), np.random.default_rng(i)) for i in range(5)]
    assert all(np.ptp(event) == 0 for event in events)
    assert len({event[0] for event in events}) == 5


def test_unknown_hazard():
    with pytest.raises(UnknownName, match="known: uniform"):
        hazard("meteor")
