"""Queues against closed forms and a clock that looks at every tenth of a day.

By hand: two servers, the second from day 4 on; A and B ask on day 0, C, the most urgent, on day 1, each for 3 days. The first
server takes A to day 3, then C, who is more urgent than B, to day 6; the second takes B on day 4, to day 7.
"""

import numpy as np
import pytest
from scipy.stats import poisson

from holdfast.recovery.damage.rebuilding.desks import opening_days, served


def test_by_hand():
    done = served(np.array([0.0, 0.0, 1.0]), np.full(3, 3.0), np.array([1, 1, 0]), np.array([4.0, 0.0]))
    assert done.tolist() == [3.0, 7.0, 6.0]


def by_clock(arrival, effort, rank, opens):
    """Tick by tick: who is waiting, and which server is free."""
    done, waiting, free, day = {}, [], list(opens), 0
    while len(done) < len(arrival):
        waiting += [i for i in range(len(arrival)) if arrival[i] == day]
        for s in range(len(free)):
            if free[s] <= day and waiting:
                chosen = min(waiting, key=lambda i: (rank[i], arrival[i], i))
                waiting.remove(chosen)
                free[s] = done[chosen] = day + effort[chosen]
        day += 1
    return [done[i] for i in range(len(arrival))]


@pytest.mark.parametrize("seed", range(30))
def test_against_a_clock(seed):
    """Origin: ticks of one day over random askers, efforts, ranks and servers."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 40))
    arrival, effort = rng.integers(0, 30, count), rng.integers(1, 9, count)
    rank, opens = rng.integers(0, 3, count), rng.integers(0, 20, int(rng.integers(1, 5)))
    done = served(arrival.astype(float), effort.astype(float), rank, opens.astype(float))
    assert done.tolist() == by_clock(arrival, effort, rank, sorted(opens))


def mean_wait(rate, effort, servers):
    """Mean wait of M/D/c: those in the system at steps of the effort are a Markov chain (Crommelin 1932), and Little's law."""
    size = 400
    come = poisson.pmf(np.arange(size), rate * effort)
    chain = np.array([np.concatenate([np.zeros(max(k - servers, 0)), come])[:size] for k in range(size)])
    chain[:, -1] += 1 - chain.sum(axis=1)
    level = np.eye(size)[0]
    for _ in range(2000):
        level = level @ chain
    return (np.maximum(np.arange(size) - servers, 0) * level).sum() / rate


def test_the_chain_gives_pollaczek_and_khinchine():
    assert mean_wait(0.8, 1.0, 1) == pytest.approx(0.8 / (2 * 0.2), rel=1e-6)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (2, 0.8), (5, 0.9)])
def test_mean_wait_of_poisson_arrivals(servers, load):
    """M/D/c: means of 40 runs within 4 standard errors."""
    rate, runs, count = load * servers, 40, 20_000
    means = []
    for seed in range(runs):
        arrival = np.cumsum(np.random.default_rng([seed, servers]).exponential(1 / rate, count))
        done = served(arrival, np.ones(count), np.zeros(count, dtype=np.int64), np.zeros(servers))
        means.append((done - arrival - 1)[2000:].mean())
    error = np.std(means, ddof=1) / np.sqrt(runs)
    assert abs(np.mean(means) - mean_wait(rate, 1.0, servers)) < 4 * error


def test_a_backlog_is_worked_off_as_a_fluid():
    """All ask at once: the k-th is served when the servers there have been have worked k efforts, to within one effort."""
    count, effort = 5000, 0.5
    opens = opening_days(10, 2, 40)
    done = np.sort(served(np.zeros(count), np.full(count, effort), np.zeros(count, dtype=np.int64), opens))
    worked = np.maximum(done[:, None] - opens, 0).sum(axis=1)
    asked = effort * np.arange(1, count + 1)
    assert (worked >= asked - 1e-6).all()
    assert (worked <= asked + effort * opens.size).all()


def test_no_more_are_served_at_once_than_servers_are_there():
    rng = np.random.default_rng(3)
    arrival, effort, opens = rng.uniform(0, 50, 500), rng.exponential(2, 500), rng.uniform(0, 40, 7)
    done = served(arrival, effort, rng.integers(0, 2, 500), opens)
    begun = done - effort
    assert (begun >= arrival - 1e-9).all()
    for day in begun:
        at_work = ((begun <= day) & (done > day + 1e-9)).sum()
        assert at_work <= (opens <= day + 1e-9).sum()


def test_more_servers_never_make_anybody_of_one_rank_wait_longer():
    rng = np.random.default_rng(4)
    arrival, effort, rank = rng.uniform(0, 50, 400), rng.exponential(2, 400), np.zeros(400, dtype=np.int64)
    few, many = (served(arrival, effort, rank, np.zeros(c)) for c in (5, 6))
    begun = [done - effort for done in (many, few)]
    assert (begun[0] <= begun[1] + 1e-9).all()
    assert done_at_once(arrival, effort, rank) == pytest.approx(arrival + effort)


def done_at_once(arrival, effort, rank):
    """As many servers as askers."""
    return served(arrival, effort, rank, np.zeros(arrival.size))


def test_who_needs_nothing_does_not_wait():
    done = served(np.array([5.0, 5.0]), np.array([0.0, 2.0]), np.zeros(2, dtype=np.int64), np.array([9.0]))
    assert done.tolist() == [5.0, 11.0]


@pytest.mark.parametrize(("first", "outside"), [(0.2, 3), (1, 0), (7.6, 1), (40, 2.5)])
def test_servers_come_as_the_curve_says(first, outside):
    opens = opening_days(first, outside, 20)
    assert (np.diff(opens) >= 0).all()
    base = max(first, 1)
    for day in (0, 5, 20, 80):
        there = (opens <= day).sum()
        assert there == pytest.approx(base * (1 + outside * (1 - np.exp(-day / 20))), abs=1.01)
