"""Heaps of waiting tasks against a plain list that is searched from end to end."""

import numpy as np
import pytest

from holdfast.recovery.engine.queue import first_that_fits, push, queue, rekey, remove


@pytest.mark.parametrize("seed", range(20))
def test_the_first_is_the_least_of_those_that_fit(seed):
    """Tasks of three sizes and two trades come, go and change their keys; keys are few, so that many are equal."""
    rng = np.random.default_rng(seed)
    count = 40
    trade, crews = rng.integers(0, 2, count), rng.choice([1, 2, 5], count)
    waiting, q = set(), queue(trade, crews, 2)
    for _ in range(400):
        a = int(rng.integers(count))
        kind = rng.integers(3)
        if kind == 0 and a not in waiting:
            push(q, a)
            waiting.add(a)
        elif kind == 1 and a in waiting:
            remove(q, a)
            waiting.remove(a)
        else:
            rekey(q, a, float(rng.integers(6)))
        for t in (0, 1):
            assert q.waiting[t] == sum(trade[b] == t for b in waiting)
            for free in (0, 1, 4, 5):
                fits = [(q.key[b], b) for b in waiting if trade[b] == t and crews[b] <= free]
                assert first_that_fits(q, t, free) == (min(fits)[1] if fits else -1)
        assert set(np.flatnonzero(q.place >= 0).tolist()) == waiting
