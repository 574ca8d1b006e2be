"""Where blocks run: order, laziness, refusals."""

import operator
from functools import partial

import pytest

from holdfast.blocks import EXECUTORS, run
from holdfast.errors import TableError, UnknownName


@pytest.mark.parametrize("name", EXECUTORS)
@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(name, workers):
    assert list(run(partial(operator.mul, 3), list(range(7)), workers, name)) == [0, 3, 6, 9, 12, 15, 18]


def test_nothing_runs_before_it_is_asked_for():
    seen = []
    results = run(seen.append, [1, 2, 3])
    assert seen == []
    next(results)
    assert seen == [1]


def test_an_error_in_a_worker_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        list(run(partial(operator.floordiv, 1), [1, 0, 1], workers=2))


def test_refusals():
    with pytest.raises(UnknownName, match="known: local"):
        run(len, [], executor="cloud")
    with pytest.raises(TableError, match="at least one worker"):
        run(len, [], workers=0)
