"""Spatial correlation: the simulated fields recover variance, range and correlation between measures."""

import numpy as np
import pytest
import scipy.fft

from holdfast.errors import UnknownName
from holdfast.recovery.hazard import correlation, gaussian_field
from holdfast.recovery.hazard.correlation import (
    _grid,
    _spectrum,
    _torus_correlation,
    correlation_ranges,
    measure_correlation,
    residuals,
)

DRAWS = 1000
MEASURES = ("PGA", "PGV", "SA0.3", "SA1.0")


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Places on a line and on a square beside it, and many draws (draw, measure, place)."""
    line = np.column_stack([[0.0, 500, 1000, 2000, 4000, 8500, 13_660, 25_700], np.zeros(8)])
    square = np.random.default_rng(1).uniform(0, 26_000, (40, 2))
    places = np.concatenate([line, square])
    field = residuals(places, correlation_ranges(MEASURES, "scattered"), measure_correlation(MEASURES))
    return places, np.stack([field(np.random.default_rng(i)) for i in range(DRAWS)])


def test_every_place_has_mean_0_and_variance_1(drawn):
    _, fields = drawn
    assert np.abs(fields.mean(axis=0)).max() < 4.5 / np.sqrt(DRAWS)
    assert np.abs(fields.std(axis=0) - 1).max() < 4.5 / np.sqrt(2 * DRAWS)


@pytest.mark.parametrize("k", range(len(MEASURES)), ids=MEASURES)
def test_correlation_falls_as_jayaram_and_baker(drawn, k):
    """exp(-3 h / range) with ranges of 8.5, 25.7, 13.66 and 25.7 km; 0.03 is what rounding to nodes may add."""
    places, fields = drawn
    distance = np.hypot(*(places - places[0]).T)
    expected = np.exp(-3 * distance / (8500.0, 25_700.0, 13_660.0, 25_700.0)[k])
    found = np.corrcoef(fields[:, k].T)[0]
    np.testing.assert_allclose(found, expected, atol=4 * (1 - expected**2).max() / np.sqrt(DRAWS) + 0.03)


@pytest.mark.parametrize("k", range(len(MEASURES)), ids=MEASURES)
def test_semivariogram_recovers_the_range(drawn, k):
    """Range by least squares on the empirical correlogram of all pairs, within 6 % of the target."""
    places, fields = drawn
    target = (8500.0, 25_700.0, 13_660.0, 25_700.0)[k]
    i, j = np.triu_indices(len(places), 1)
    distance = np.hypot(*(places[i] - places[j]).T)
    semivariance = 0.5 * ((fields[:, k][:, i] - fields[:, k][:, j]) ** 2).mean(axis=0)
    near = distance < target
    ranges = np.linspace(0.7, 1.4, 141) * target
    fit = [((1 - np.exp(-3 * distance[near] / r) - semivariance[near]) ** 2).sum() for r in ranges]
    assert ranges[int(np.argmin(fit))] == pytest.approx(target, rel=0.06)


@pytest.mark.parametrize("extent", [500.0, 12_000.0, 80_000.0])
@pytest.mark.parametrize("clustering", ["scattered", "clustered"])
def test_covariance_on_the_grid_is_the_target(extent, clustering):
    """No draws: the covariance that the spectrum implies, at every lag within the city, within 0.006."""
    ranges = correlation_ranges(MEASURES, clustering)
    grid = _grid(np.array([[0.0, 0.0], [extent, 0.8 * extent]]), ranges)
    rows, columns = np.mgrid[: int(0.8 * extent / grid.step) + 1, : int(extent / grid.step) + 1]
    for target in ranges:
        implied = scipy.fft.irfft2(_spectrum(_torus_correlation(grid, target)), s=grid.shape, norm="forward")
        expected = np.exp(-3 * grid.step * np.hypot(rows, columns) / target)
        assert np.abs(implied[rows, columns] - expected).max() < 0.006


def test_measures_at_one_place_correlate_as_published(drawn):
    _, fields = drawn
    found = np.mean([np.corrcoef(fields[:, :, i].T) for i in range(0, 48, 4)], axis=0)
    np.testing.assert_allclose(found, measure_correlation(MEASURES), atol=0.03)


def test_table_of_correlations_is_that_of_the_papers():
    """Origin: the formulae of Baker & Jayaram (2008), page 303, and Bradley (2012), by hand."""

    def between(short: float, long: float) -> float:
        one = 1 - np.cos(np.pi / 2 - 0.366 * np.log(long / max(short, 0.109)))
        if short > 0.109:
            return one
        return one + 0.5 * (np.sqrt(one) - one) * (1 + np.cos(np.pi * short / 0.109))

    def velocity(period: float, a: float, b: float, c: float, d: float) -> float:
        return (a + b) / 2 - (a - b) / 2 * np.tanh(d * np.log(period / c))

    expected = np.eye(4)
    pairs = {
        (0, 1): 0.733,
        (0, 2): between(0.01, 0.3),
        (0, 3): between(0.01, 1.0),
        (1, 2): velocity(0.3, 0.54, 0.81, 0.28, 1.5),
        (1, 3): velocity(1.0, 0.80, 0.76, 1.1, 3.0),
        (2, 3): between(0.3, 1.0),
    }
    for (i, j), value in pairs.items():
        expected[i, j] = expected[j, i] = value
    np.testing.assert_allclose(measure_correlation(MEASURES), expected, atol=1e-4)
    assert np.linalg.eigvalsh(expected).min() > 0


def test_ranges_of_the_paper():
    """Origin: Jayaram & Baker (2009), equations 17 to 19: 8.5 + 17.2 T, 40.7 - 15.0 T, 22.0 + 3.7 T km."""
    scattered, clustered = (correlation_ranges(("PGA", "SA0.3", "SA1.0"), c) for c in ("scattered", "clustered"))
    np.testing.assert_allclose(scattered, [8500, 8500 + 17_200 * 0.3, 25_700])
    np.testing.assert_allclose(clustered, [40_700, 40_700 - 15_000 * 0.3, 25_700])
    with pytest.raises(UnknownName, match="known: clustered, scattered"):
        correlation_ranges(("PGA",), "rock")


def test_sites_at_one_place_shake_alike():
    assert np.ptp(gaussian_field(np.ones((5, 2)), 1e4, np.random.default_rng(1))) == 0


def test_a_region_far_wider_than_the_range_still_has_variance_1(monkeypatch):
    """The grid is capped, so nodes are farther apart than the range: white noise, but no loss of variance."""
    monkeypatch.setattr(correlation, "MOST_CELLS", 64)
    places = np.array([[0.0, 0.0], [9e5, 0.0], [4.3e5, 7e5], [4.3e5, 7e5]])
    fields = np.stack([gaussian_field(places, 5000.0, np.random.default_rng(i)) for i in range(500)])
    np.testing.assert_allclose(fields.std(axis=0), 1, atol=4 / np.sqrt(2 * 500))
    assert (fields[:, 2] == fields[:, 3]).all()
    assert np.abs(np.corrcoef(fields[:, :3].T) - np.eye(3)).max() < 4 / np.sqrt(500)


def test_permuting_sites_permutes_the_field():
    places = np.random.default_rng(2).uniform(0, 1e4, (30, 2))
    order = np.random.default_rng(3).permutation(30)
    first, second = (gaussian_field(p, 9000.0, np.random.default_rng(4)) for p in (places, places[order]))
    np.testing.assert_allclose(second, first[order], atol=1e-12)
