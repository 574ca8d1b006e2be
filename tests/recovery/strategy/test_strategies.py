"""Contract over the seam STRATEGIES, and strategies added from outside the package."""

import numpy as np
import pandas as pd
import pytest
from cities import parameters, play, shops, town
from plans import plan

from holdfast.errors import UnknownName
from holdfast.recovery.hazard import uniform
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.settings.run_settings import Delivery, Material
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.recovery.strategy import STRATEGIES, Inspected, RankList, Strategy, by_value, city_order, strategy

CALM = uniform({"PGA": 0})


@pytest.mark.parametrize("name", STRATEGIES)
def test_contract(name):
    """Every task once; the same for the same seed; nothing is changed."""
    rng, city = np.random.default_rng(1), town(30)
    flat = graph(city.buildings, city.networks)
    count = 30 + flat.source.size + len(flat.ends)
    facts = [rng.random(count), rng.integers(1, 5, count), rng.random(count), rng.random(count)]
    inspected, own = Inspected(*facts), np.sort(rng.permutation(count)[:50])
    before = pd.DataFrame(np.column_stack(facts))
    ordered = city_order(STRATEGIES[name], city.buildings, flat, rng.random((count, 2)))
    first = ordered(own, inspected, np.random.default_rng(2))
    again = ordered(own, inspected, np.random.default_rng(2))
    assert sorted(first) == own.tolist()
    assert first.tolist() == again.tolist()
    assert before.equals(pd.DataFrame(np.column_stack(facts)))


def test_unknown_strategy():
    with pytest.raises(UnknownName, match=r"critical_first, fully_flexible, .*largest_first, .*semi_flexible"):
        strategy("cheapest")


def finished(city, name, **changes):
    """Days on which the buildings are done by one crew under a strategy."""
    options = plan(crews={"building": 1, "power": 1}, damage="given", delays="none", strategy=name, **changes)
    return play(city, parameters(), CALM, options, draw_seeds(1, 1)[0]).completion_day[0].tolist()


def test_a_list_from_outside_is_followed(monkeypatch):
    """Care 80 days, office and shop 40 each: the other way round than by value per day."""
    city = shops([40.0, 50.0, 60.0], [3, 3, 3], ["COM1", "COM4", "COM6"])
    clinics_first = Strategy(RankList({"COM6": 1, "COM4": 2, "*": 3}, then_by="persons"))
    monkeypatch.setitem(STRATEGIES, "clinics_first", clinics_first)
    assert finished(city, "clinics_first") == [160, 120, 80]


def test_a_rule_from_outside_is_followed(monkeypatch):
    def smallest(tasks, _):
        return np.argsort(tasks.size, kind="stable")

    monkeypatch.setitem(STRATEGIES, "smallest_first", Strategy(smallest))
    assert finished(shops([60.0, 40.0, 50.0], [3, 3, 3]), "smallest_first") == [120, 40, 80]


def test_crews_that_may_move_leave_a_task_for_one_before_it_in_the_order(monkeypatch):
    """The first in the order lacks its glass until day 5: the crew begins the second, and stays or comes back for it."""
    coming = {"materials": {"glass": Material(20, 1, ["building"])}, "deliveries": [Delivery("glass", 5, 40)]}
    monkeypatch.setitem(STRATEGIES, "stays", Strategy(by_value))
    monkeypatch.setitem(STRATEGIES, "moves", Strategy(by_value, moves_crews=True))
    city = shops([100.0, 90.0], [3, 2])  # 200 $/day for 40 days, 90 $/day for 20
    assert finished(city, "stays", **coming) == [60, 20]
    assert finished(city, "moves", **coming) == [45, 60]


def test_drawn_durations_are_seen_by_those_who_may(monkeypatch):
    """Equal shops: who sees the durations does the shortest first, who does not goes by the ids."""
    monkeypatch.setitem(STRATEGIES, "sees", Strategy(by_value, sees_durations=True))
    monkeypatch.setitem(STRATEGIES, "guesses", Strategy(by_value))
    city = shops([100.0] * 6, [3] * 6)
    seen, guessed = (np.diff([0, *sorted(finished(city, n, duration_dispersion=0.5))]) for n in ("sees", "guesses"))
    assert sorted(seen) == seen.tolist()
    assert sorted(guessed) == seen.tolist() != guessed.tolist()


def test_a_strategy_is_its_traits(monkeypatch):
    monkeypatch.setitem(STRATEGIES, "twin", Strategy(by_value, replans=True))
    city = shops([100.0, 300.0, 50.0, 70.0], [3, 4, 2, 3])
    assert finished(city, "twin") == finished(city, "semi_flexible")
