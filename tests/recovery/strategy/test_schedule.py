"""The look ahead: against every order of the tasks, and by hand."""

import numpy as np
import pytest
from exact_optimum import Case, exhausted, loss_of

from holdfast.recovery.strategy import Upcoming, best_schedule

ROUNDS = 4


def random_case(seed):
    rng = np.random.default_rng(seed)
    count, pool = int(rng.integers(2, 7)), int(rng.integers(1, 4))
    release, days = rng.integers(0, 7, count), rng.integers(1, 15, count)
    crews, gain = rng.integers(1, pool + 1, count), rng.random(count) ** 3
    terms = tuple(((i,),) for i in range(count))
    return Case(release, days, crews, np.zeros(count, np.int64), np.array([pool]), gain, terms)


def planned(case):
    ahead = Upcoming(case.release, case.duration, case.crews, case.amount, case.amount, case.release)
    return best_schedule(ahead, np.array([0]), case.pools, ROUNDS)


def test_a_hundred_plans_against_brute_force():
    """Never better than the best of all orders, rarely worse; and always feasible."""
    gaps = []
    for seed in range(100):
        case = random_case(seed)
        start = planned(case)
        assert (start >= case.release).all()
        for day in range(int((start + case.duration).max())):
            assert case.crews[(start <= day) & (day < start + case.duration)].sum() <= case.pools[0]
        gaps.append(loss_of(case, start + case.duration) / exhausted(case).loss - 1)
    assert min(gaps) > -1e-12
    assert np.mean(np.array(gaps) < 1e-9) >= 0.95
    assert np.quantile(gaps, 0.95) < 0.01


@pytest.mark.parametrize("seed", range(10))
def test_smiths_rule(seed):
    """One crew, all released: gain over duration decides."""
    rng = np.random.default_rng(seed)
    days, gain, nought = rng.integers(1, 30, 9), rng.random(9), np.zeros(9, np.int64)
    start = best_schedule(Upcoming(nought, days, nought + 1, gain, gain, nought), np.array([0]), np.array([1]), ROUNDS)
    assert np.argsort(start).tolist() == np.argsort(-gain / days).tolist()


def test_a_crew_waits_for_what_is_worth_it():
    """Long and poor today, short and rich tomorrow: waiting costs 1 x .1, starting at once 9 x 5."""
    release, days, one = np.array([0, 1]), np.array([10, 2]), np.array([1, 1])
    rich = Upcoming(release, days, one, np.array([0.1, 5.0]), np.array([0.1, 5.0]), release)
    assert best_schedule(rich, np.array([0]), np.array([1]), ROUNDS).tolist() == [3, 1]
    poor = rich._replace(gain_before=np.array([5.0, 0.1]), gain=np.array([5.0, 0.1]))
    assert best_schedule(poor, np.array([0]), np.array([1]), ROUNDS).tolist() == [0, 10]


def test_crews_gather_for_a_large_task():
    """Two of three crews are free, the third on day 4: the large task is worth the wait for it, or is not."""
    nought = np.zeros(2, np.int64)
    tasks = Upcoming(nought, np.array([30, 5]), np.array([1, 3]), np.array([1.0, 90.0]), np.array([1.0, 90.0]), nought)
    profile = np.array([0, 4]), np.array([2, 3])
    assert best_schedule(tasks, *profile, ROUNDS).tolist() == [9, 4]
    tasks = tasks._replace(gain_before=np.array([90.0, 1.0]), gain=np.array([90.0, 1.0]))
    assert best_schedule(tasks, *profile, ROUNDS).tolist() == [0, 30]


def test_a_building_whose_services_stay_away_can_wait():
    """Equal worth and days; the services of the first come back on day 20 only."""
    nought, one = np.zeros(2, np.int64), np.ones(2, np.int64)
    tasks = Upcoming(nought, 5 * one, one, np.array([0.0, 1.0]), np.ones(2), np.array([20, 0]))
    assert best_schedule(tasks, np.array([0]), np.array([1]), ROUNDS).tolist() == [5, 0]
