"""What a government opens and calls: by hand, within its money, and without the future.

By hand: two crews are half of the city's four; half of the people lack power on days 0 to 9. On day 1 the lack of day 0 is known and
the crews are called; they come on day 4, after three days, and leave on day 11, when day 10 is known to be well.
"""

import numpy as np
import pytest

from holdfast.recovery.engine import Calendar, Sites
from holdfast.recovery.people.agent_figures import agent_figures
from holdfast.recovery.people.government import Government, called_crews, govern, open_places, with_shelter

NONE = np.empty((0, 3), dtype=np.int64)
SITES = Sites(np.empty(0, dtype=np.int64), np.empty(0, dtype=bool), np.empty((0, 2), dtype=np.int64))
BARE = Calendar(NONE, NONE, np.empty((0, 5), dtype=np.int64), np.empty(0), SITES)
FIGURES = agent_figures({"call_outage_share": 0.2, "call_crews_ratio": 0.5, "call_travel": 3})


def government(trade=(2,), crews=(0, 0, 4)):
    calendar, site = with_shelter(BARE, 1)
    return Government(0, site, calendar, np.array(trade), np.array(crews), 1000.0)


def half_out_of_service(days=10, after=20):
    return np.concatenate([np.full((days, 1), 0.5), np.ones((after, 1))])


def test_crews_come_and_leave_by_hand():
    rows, spent = called_crews(half_out_of_service(), government(), FIGURES, 1e9)
    assert rows.tolist() == [[4, 2, 2], [11, 2, -2]]
    assert spent == 7 * 2 * 5000


def test_crews_leave_when_the_money_ends():
    """Three days of two crews cost 30 000; a fourth is not paid."""
    rows, spent = called_crews(half_out_of_service(), government(), FIGURES, 30_000.0)
    assert rows.tolist() == [[4, 2, 2], [7, 2, -2]]
    assert spent == 30_000


def test_nobody_is_called_for_a_small_lack_or_a_network_without_a_trade():
    assert called_crews(1 - 0.1 * (1 - half_out_of_service()), government(), FIGURES, 1e9)[0].size == 0
    assert called_crews(half_out_of_service(), government(trade=(-1,)), FIGURES, 1e9)[0].size == 0


def test_crews_leave_at_the_end_of_what_was_simulated():
    rows, _ = called_crews(half_out_of_service(30, 0), government(), FIGURES, 1e9)
    assert rows[:, 2].tolist() == [2, -2]


def test_a_shelter_closes_when_its_money_ends():
    """Ten places for a day cost 100; of 250 two days are paid."""
    figures = {"shelter_notice": 1, "shelter_most_share": 1.0, "shelter_cost": 10.0}
    places, spent = open_places(np.full(5, 10.0), figures, 100.0, 250.0)
    assert places.tolist() == [0, 10, 10, 0, 0, 0]
    assert spent == 200


def test_the_shelter_is_one_that_every_zone_reaches_last():
    sites = Sites(np.array([5]), np.array([False]), np.array([[1, 0], [0, 0]]))
    calendar, site = with_shelter(BARE._replace(sites=sites), 2)
    assert site == 1
    assert calendar.sites.nearest.tolist() == [[1, 0], [0, 0], [0, 1], [1, 1]]
    assert calendar.sites.building.tolist() == [5, -1]


@pytest.mark.parametrize("seed", range(10))
def test_within_its_money_and_without_the_future(seed):
    """What is done up to a day is the same where all that comes on it or later is taken away."""
    rng = np.random.default_rng(seed)
    budget = float(rng.uniform(1e4, 5e5))
    figures = FIGURES | {"government_budget": budget, "shelter_most_share": 0.5}
    need, service = rng.uniform(0, 400, 40), np.clip(rng.uniform(0.5, 1.3, (40, 2)), 0, 1)
    own, day = government(trade=(2, 0), crews=(6, 0, 4)), int(rng.integers(5, 35))
    whole, part = govern(own, figures, need, service), govern(own, figures, need[:day], service[:day])
    assert np.array_equal(whole.places[: day + 1], part.places[: day + 1])
    known = [p.called[p.called[:, 0] <= day].tolist() for p in (whole, part)]
    assert known[0] == known[1]
    assert whole.spent[0] <= 0.2 * budget
    assert whole.spent[1] <= 0.2 * budget
    assert whole.spent[1] == whole.places.sum() * figures["shelter_cost"]
    for trade in (0, 2):
        level = np.cumsum(whole.called[whole.called[:, 1] == trade, 2])
        assert (level >= 0).all()
        assert not level.size or level[-1] == 0
