"""Trying to solve for the few: linear programmes over all that is published, on many random maps."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from holdfast.rating.disclosure.suppression import FEWEST, WIDE, withheld


def attacked(homes, levels, found):
    """Least and most homes of each primary cell that agree with every published number and with the rule.

    Origin: `scipy.optimize.linprog` over one variable per cell that is not public, an equation for each total that is; the total of
    the region is known too. A primary cell lies between 0 and the fewest households; the other withheld ones between that and the
    smallest public cell of their level (of all closed levels together), since the rule takes the smallest first.
    """
    hidden = np.flatnonzero((found["primary"] | found["complementary"]).to_numpy())
    values, closed = homes.to_numpy(), found["closed"].to_numpy()
    names = np.where(closed, "closed", levels.astype(str).to_numpy())
    groups = [np.flatnonzero(names == level) for level in np.unique(names[~closed])] + [np.arange(len(values))]
    equations = np.stack([np.isin(hidden, group) for group in groups]).astype(float)
    totals = [values[np.intersect1d(hidden, group)].sum() for group in groups]
    bounds = []
    for cell in hidden:
        seen = [v for i, v in enumerate(values) if names[i] == names[cell] and i not in hidden and v > 0]
        few = found["primary"].to_numpy()[cell]
        bounds.append((0, FEWEST) if few else (FEWEST, min(seen, default=None)))
    ends = {}
    for place, cell in enumerate(hidden):
        if found["primary"].to_numpy()[cell]:
            cost = np.zeros(len(hidden))
            cost[place] = 1.0
            solved = [linprog(sign * cost, A_eq=equations, b_eq=totals, bounds=bounds) for sign in (1, -1)]
            assert all(s.status == 0 for s in solved)
            ends[cell] = (solved[0].fun, -solved[1].fun)
    return ends


@pytest.mark.parametrize("seed", range(40))
def test_no_cell_of_few_households_can_be_solved_for(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(6, 40))
    homes = pd.Series(np.round(rng.gamma(0.6, 30, count), 1)).mask(rng.random(count) < 0.1, 0.0)
    levels = pd.Series(rng.integers(1, 6, count))
    found = withheld(homes, levels)
    assert (found["primary"] == ((homes > 0) & (homes < FEWEST))).all()
    for low, high in attacked(homes, levels, found).values():
        assert high - low >= WIDE * FEWEST - 1e-6


def test_without_complementary_cells_the_attack_succeeds():
    """The attack is worth something: one cell withheld alone is the difference of the total and the rest."""
    homes, levels = pd.Series([4.0, 60.0, 80.0]), pd.Series([1, 1, 1])
    found = withheld(homes, levels).assign(complementary=False)
    assert attacked(homes, levels, found)[0] == pytest.approx((4.0, 4.0))


def test_intervals_are_those_of_the_linear_programme():
    homes = pd.Series([4.0, 3.0, 6.0, 25.0, 60.0, 80.0])
    levels = pd.Series([1, 1, 1, 1, 1, 1])
    found = withheld(homes, levels)
    ends = attacked(homes, levels, found)
    assert all(found.loc[c, ["low", "high"]].tolist() == pytest.approx(list(e)) for c, e in ends.items())


def test_a_level_of_few_alone_takes_another_with_it():
    """Origin: by hand. Level 1 has one cell of 4 homes: alone it would be the region less the other levels, so level 3 closes too."""
    homes, levels = pd.Series([4.0, 60.0, 80.0, 70.0]), pd.Series([1, 2, 2, 3])
    found = withheld(homes, levels)
    assert found["closed"].tolist() == [True, False, False, True]
    assert found["complementary"].tolist() == [False, False, False, True]
