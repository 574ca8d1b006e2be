"""Grants by hand, with the figures of `test_rebuilding`: inspected on day 2; aid takes 90 days, so money on day 92, offers on 99.

A grant is paid 30 days after the inspection, or after the day from which grants are paid: 32 + 7 days of offers = 39.
"""

from dataclasses import replace

import pytest
from cities import shops
from plans import plan
from test_rebuilding import PLENTY, people, tables

from holdfast.recovery.hazard import uniform
from holdfast.recovery.settings.run_settings import AgentSettings, Households, RebuildingSettings
from holdfast.recovery.simulation.draw import draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.peopled import peopled_draw, with_grants
from holdfast.recovery.simulation.simulate_draws import draw_seeds

SEED = draw_seeds(1, 1)[0][0]
ALL = {"government_budget": 1e12, "grant_budget_share": 1.0, "shelter_budget_share": 0.0, "crew_budget_share": 0.0}


def inputs(count, figures, groups=("government",), owner="aid"):
    """Homes of ten, extensively damaged, whose owners all wait for the same money."""
    city = people(shops([100.0] * count, [3] * count, ["RES1"] * count))
    city = replace(city, zones=city.zones.assign(residents=10.0 * count))
    options = plan(
        crews={"building": 10, "power": 1},
        damage="given",
        delays="queues",
        households=Households(patience_days=1e6, stay_share=0.0, host_share=0.0),
        agents=AgentSettings(groups, figures),
    )
    options = options._replace(recovery=replace(options.recovery, rebuilding=RebuildingSettings()))
    return prepare(city, uniform({"PGA": 0.0}), *options, tables(PLENTY, owner=owner))


def released(of):
    """Days from which crews may come, money paid, and the repair costs."""
    drawn, paid = with_grants(of, draw(of, SEED), SEED)
    count = of.assets.buildings
    return drawn.tasks.asset["release"][:count].tolist(), paid, drawn.damage.repair_cost[:count]


@pytest.mark.parametrize(("start", "day"), [(0, 39), (60, 97), (61, 98), (400, 99)])
def test_a_grant_comes_sooner_than_aid_or_not_at_all(start, day):
    days, paid, cost = released(inputs(1, ALL | {"grants_from": start}))
    assert days == [day]
    assert paid == pytest.approx(cost[0])


def test_the_money_of_one_and_a_half_homes_pays_one():
    cost = released(inputs(1, ALL))[2][0]
    days, paid, costs = released(inputs(2, ALL | {"grants_from": 0, "government_budget": 1.5 * cost}))
    assert sorted(days) == [39, 99]
    assert paid == pytest.approx(costs[days.index(39)])


def test_an_owner_with_a_loan_gets_none():
    days, paid, _ = released(inputs(1, ALL, owner="loan"))
    assert days == [59]
    assert paid == 0


def test_sixty_days_sooner_save_ten_people_six_hundred_person_days():
    late = peopled_draw(inputs(1, {}, ()), SEED)[1]
    soon = peopled_draw(inputs(1, ALL | {"grants_from": 0}), SEED)[1]
    assert late.gap_days.sum() - soon.gap_days.sum() == pytest.approx(600)
