"""Random numbers by counter: the published generator, and the distributions."""

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, norm, poisson

from holdfast.recovery.hazard import chance

COUNT = 200_000


@numba.njit
def _uniforms(key, count):
    return np.array([chance.uniform(key, np.uint64(i)) for i in range(count)])


@numba.njit
def _poissons(mean, key, count):
    return np.array([chance.poisson(mean, key, np.uint64(i)) for i in range(count)])


@numba.njit
def _quantiles(p):
    return np.array([chance.normal_quantile(x) for x in p])


def test_splitmix_golden():
    """Origin: first outputs of Vigna's splitmix64.c from the states 0 and 1234567."""
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]
    assert [int(chance.bits(np.uint64(0), np.uint64(i))) for i in range(4)] == expected
    assert int(chance.bits(np.uint64(1234567), np.uint64(0))) == 6457827717110365317


def test_the_topmost_number_stays_below_one():
    """Found by review: of this key all 53 bits are set, and the half on top was rounded up to 1, whose quantile is nan."""
    topmost = chance.uniform(np.uint64(3558559446808474027), np.uint64(0))
    assert topmost == 1.0 - 2.0**-53
    assert np.isfinite(chance.normal_quantile(topmost))


def test_uniform_is_uniform_and_unlike_its_neighbour():
    first = _uniforms(np.uint64(5), COUNT)
    assert kstest(first, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 4 / np.sqrt(COUNT)
    assert abs(np.corrcoef(first, _uniforms(np.uint64(6), COUNT))[0, 1]) < 4 / np.sqrt(COUNT)
    every_32nd = _uniforms(np.uint64(7), 32 * 20_000)[::32]  # as assets use it
    assert kstest(every_32nd, "uniform").pvalue > 1e-3


def test_normal_quantile_equals_scipy():
    """Origin: scipy.stats.norm.ppf."""
    p = np.concatenate(
        [np.linspace(1e-6, 1 - 1e-6, 10_001), 10.0 ** -np.arange(1, 300, 7), 1 - 10.0 ** -np.arange(1, 16)]
    )
    assert _quantiles(p) == pytest.approx(norm.ppf(p), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("mean", [0.01, 0.7, 5.0, 60.0])
def test_poisson_has_its_probabilities(mean):
    """Origin: scipy.stats.poisson."""
    drawn = _poissons(mean, np.uint64(3), COUNT)
    for count in range(int(mean + 4 * mean**0.5) + 1):
        expected = poisson.pmf(count, mean)
        if expected * COUNT > 20:  # below that the normal error of a count does not hold
            assert abs((drawn == count).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / COUNT)


def test_large_poisson_has_mean_and_variance():
    drawn = _poissons(900.0, np.uint64(3), COUNT)
    assert abs(drawn.mean() - 900) < 4 * 30 / np.sqrt(COUNT)
    assert drawn.var() == pytest.approx(900, rel=0.02)


@given(low=st.floats(0, 190), more=st.floats(0, 10), place=st.integers(0, 2**40))
def test_a_larger_mean_never_gives_fewer(low, more, place):
    few, many = (chance.poisson(m, np.uint64(1), np.uint64(place)) for m in (low, low + more))
    assert 0 <= few <= many
