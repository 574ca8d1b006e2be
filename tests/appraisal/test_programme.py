"""The budget programme against enumeration of every set."""

from itertools import combinations

import numpy as np
import pytest

from holdfast.appraisal import Programme, best_set, greedy_set, value_of

CASES = 200


def enumerated(programme, budget):
    """Value of the best affordable set, by all 2^n of them."""
    count = len(programme.value)
    picks = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    worth = picks @ programme.value + np.einsum("si,ij,sj->s", picks, np.triu(programme.interaction, 1), picks)
    barred = np.zeros(len(picks), bool)
    for i, j in programme.excluded:
        barred |= (picks[:, i] & picks[:, j]).astype(bool)
    return worth[(picks @ programme.cost <= budget) & ~barred].max()


def random_programme(rng):
    count = int(rng.integers(2, 16))
    value = rng.normal(40, 40, count).round(1)
    pairs = np.triu(rng.normal(0, 25, (count, count)) * (rng.random((count, count)) < 0.3), 1).round(1)
    cost = rng.integers(0, 50, count).astype(float)
    every = list(combinations(range(count), 2))
    excluded = tuple(every[i] for i in rng.choice(len(every), rng.integers(0, 3)) if len(every) > 3)
    return Programme(value, pairs, cost, excluded), float(rng.integers(10, 200))


def test_the_programme_finds_what_enumeration_finds():
    rng = np.random.default_rng(20)
    shortfalls = []
    for _ in range(CASES):
        programme, budget = random_programme(rng)
        chosen = best_set(programme, budget)
        best = enumerated(programme, budget)
        assert programme.cost[list(chosen)].sum() <= budget
        assert value_of(programme, chosen) == pytest.approx(best, abs=1e-6)
        greedy = greedy_set(programme, budget)
        assert programme.cost[list(greedy)].sum() <= budget
        assert not any(i in greedy and j in greedy for i, j in programme.excluded)
        shortfalls.append(1 - value_of(programme, greedy) / best if best > 0 else 0.0)
    assert min(shortfalls) >= -1e-9
    # greedy is no optimum: were it one here, the comparison would show nothing
    assert 0.005 < np.mean(shortfalls) < 0.2


def test_interactions_that_matter_are_found():
    """Two pumps serve the same homes (worth 10 each, 11 together); a third measure is worth 6; the budget pays for two."""
    pairs = np.zeros((3, 3))
    pairs[0, 1] = -9.0
    three = Programme(np.array([10.0, 10.0, 6.0]), pairs, np.ones(3))
    assert best_set(three, 2.0) in {(0, 2), (1, 2)}
    assert best_set(three._replace(interaction=np.zeros((3, 3))), 2.0) == (0, 1)
    # a pair of which neither is worth anything alone, which greedy never starts
    bridge = np.array([[0.0, 20.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    joined = Programme(np.array([0.0, 0.0, 6.0]), bridge, np.ones(3))
    assert best_set(joined, 2.0) == (0, 1)
    assert greedy_set(joined, 2.0) == (2,)


def test_nothing_is_chosen_that_is_worth_nothing():
    none = Programme(np.array([-1.0, -2.0]), np.zeros((2, 2)), np.zeros(2))
    assert best_set(none, 5.0) == ()
    assert greedy_set(none, 5.0) == ()
    assert best_set(Programme(np.array([]), np.zeros((0, 0)), np.array([])), 5.0) == ()
