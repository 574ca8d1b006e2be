"""The knapsack: against every set of tasks, tried one by one."""

import numpy as np
import pytest

from holdfast.errors import TableError
from holdfast.recovery.strategy import knapsack
from holdfast.recovery.strategy.knapsack import best_set, greedy_set

MOST = 12
SETS = (np.arange(2**MOST)[:, None] >> np.arange(MOST) & 1).astype(np.float64)


def cases(seed, number):
    rng = np.random.default_rng(seed)
    for _ in range(number):
        count = int(rng.integers(1, MOST + 1))
        value = np.round(rng.random(count), 2) * (rng.random(count) < 0.9)  # ties and tasks without gain too
        yield value, rng.integers(1, 9, count), int(rng.integers(1, 25))


def best(value, crews, free):
    """Greatest total value by brute force."""
    sets = SETS[: 2**value.size, : value.size]
    return (sets @ value)[sets @ crews <= free].max()


def test_exact_against_ten_thousand_brute_forces():
    for value, crews, free in cases(1, 10_000):
        chosen = knapsack(value, crews, free)
        assert crews[chosen].sum() <= free
        assert abs(value[chosen].sum() - best(value, crews, free)) < 1e-9


def test_greedy_with_swaps_fits_and_is_nearly_best():
    share = []
    for value, crews, free in cases(2, 500):
        chosen, top = greedy_set(value, crews, free), best(value, crews, free)
        assert crews[chosen].sum() <= free
        assert value[chosen].sum() >= 0.5 * top - 1e-12
        share.append(value[chosen].sum() / top if top > 0 else 1.0)
    assert np.mean(share) > 0.98


def test_no_free_crew_takes_nothing():
    assert not knapsack(np.ones(3), np.ones(3, np.int64), 0).any()
    assert not greedy_set(np.ones(3), np.ones(3, np.int64), 0).any()


def test_large_sets_are_packed():
    rng = np.random.default_rng(3)
    value, crews = rng.random(500), rng.integers(1, 6, 500)
    assert np.array_equal(best_set(value, crews, 40, 64), greedy_set(value, crews, 40))
    assert np.array_equal(best_set(value[:50], crews[:50], 40, 64), knapsack(value[:50], crews[:50], 40))


@pytest.mark.parametrize(
    ("value", "crews", "free", "message"),
    [
        ([1.0, 2.0], [1], 3, "give one of each per task"),
        ([-1.0], [1], 3, "column value: below 0"),
        ([np.nan], [1], 3, "column value"),
        ([1.0], [0], 3, "column crews: not whole or below 1"),
        ([1.0], [1.5], 3, "column crews"),
        ([1.0], [1], -1, "column free: -1 is below 0"),
    ],
)
def test_misuse_is_refused(value, crews, free, message):
    with pytest.raises(TableError, match=message):
        knapsack(value, crews, free)
