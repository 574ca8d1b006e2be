"""Trying to solve for the few: linear programmes over all that is published, on many random maps."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from holdfast.rating.disclosure.suppression import FEWEST, WIDE, withheld


def attacked(homes, found):
    """Least and most homes of each primary cell that agree with every published number, the total of the region and the rule.

    Origin: `scipy.optimize.linprog` over one variable per withheld cell. A primary cell lies between 0 and the fewest households; the
    other withheld ones between that and the smallest public cell, since the rule takes the smallest first. Sums of public cells are
    no equations: they hold no variable.
    """
    few = found["primary"].to_numpy()
    hidden = np.flatnonzero(few | found["complementary"].to_numpy())
    values = homes.to_numpy()
    seen = [v for i, v in enumerate(values) if i not in hidden and v > 0]
    bounds = [(0, FEWEST) if few[cell] else (FEWEST, min(seen, default=None)) for cell in hidden]
    ends = {}
    for place, cell in enumerate(hidden):
        if few[cell]:
            cost = np.zeros(len(hidden))
            cost[place] = 1.0
            total = [values[hidden].sum()]
            solved = [linprog(s * cost, A_eq=np.ones((1, len(hidden))), b_eq=total, bounds=bounds) for s in (1, -1)]
            assert all(s.status == 0 for s in solved)
            ends[cell] = (solved[0].fun, -solved[1].fun)
    return ends


@pytest.mark.parametrize("seed", range(40))
def test_no_cell_of_few_households_can_be_solved_for(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(6, 40))
    homes = pd.Series(np.round(rng.gamma(0.6, 30, count), 1)).mask(rng.random(count) < 0.1, 0.0)
    found = withheld(homes)
    assert (found["primary"] == ((homes > 0) & (homes < FEWEST))).all()
    for cell, (low, high) in attacked(homes, found).items():
        assert high - low >= WIDE * FEWEST - 1e-6
        assert found.loc[cell, ["low", "high"]].tolist() == pytest.approx([low, high])


def test_without_complementary_cells_the_attack_succeeds():
    """The attack is worth something: one cell withheld alone is the difference of the total and the rest."""
    homes = pd.Series([4.0, 60.0, 80.0])
    found = withheld(homes).assign(complementary=False)
    assert attacked(homes, found)[0] == pytest.approx((4.0, 4.0))


def test_as_few_others_as_needed_and_none_where_nobody_is_few():
    """Origin: by hand. Two cells of 4 and 6 homes hide one another: each can be 0 to 10 where their sum of 10 is known."""
    assert withheld(pd.Series([4.0, 6.0, 25.0, 60.0]))["complementary"].tolist() == [False] * 4
    assert withheld(pd.Series([4.0, 25.0, 60.0]))["complementary"].tolist() == [False, True, False]
    assert not withheld(pd.Series([0.0, 25.0, np.nan]))[["primary", "complementary"]].any(axis=None)
