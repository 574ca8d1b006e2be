"""Draws in which people decide: towns worked out by hand, and laws over random cities."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import five_buildings, parameters, town
from plans import plan
from shapely.geometry import box
from test_rebuilding import PLENTY, tables

from holdfast.recovery.city import City
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.engine import Outcome
from holdfast.recovery.hazard import uniform
from holdfast.recovery.people.government import govern
from holdfast.recovery.people.residents import NEVER, Seen, decide
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.settings.run_settings import (
    Action,
    AgentSettings,
    Households,
    ProductionSettings,
    RebuildingSettings,
)
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import DrawInputs, prepare
from holdfast.recovery.simulation.peopled import (
    MOST_PASSES,
    SETTLED,
    Acts,
    agent_keys,
    needed,
    peopled_draw,
    seen_in,
    sold_in,
    with_grants,
)
from holdfast.recovery.simulation.production.firms import firm_days, moved_firms
from holdfast.recovery.simulation.production.produced import Span, idle_firms, share_here
from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block

CALM = uniform({"PGA": 1e-6})
ALONE = Households(patience_days=1e6, stay_share=0.0, host_share=0.0)
ALL_OUT = {"dislocation_constant": 99.0, "resettle_rate_owner": 0.0, "resettle_rate_renter": 0.0}


def homes(residents: float, state: int, count: int = 1) -> City:
    """Homes of one zone with power and water, all in one state of damage."""
    city = five_buildings()
    own = pd.concat([city.buildings.loc[["b1"]]] * count).assign(residents=residents / count, damage_state=state)
    own.index = pd.Index([f"h{i}" for i in range(count)], name="building_id")
    power = replace(city.networks["power"], edges=city.networks["power"].edges.assign(asset_class=None))
    zones = city.zones.loc[["z1"]].assign(residents=residents)
    zones.geometry = [box(0, 0, 500, 500)]
    return replace(city, buildings=own, zones=zones, networks=city.networks | {"power": power})


def inputs_of(city: City, figures: dict[str, float], groups=("residents",), **more) -> DrawInputs:
    crews = {"building": 1, "power": 1, "water": 1}
    options = plan(damage="given", crews=crews, households=ALONE, agents=AgentSettings(groups, figures), **more)
    return prepare(city, CALM, *options, parameters())


def played(city: City, figures: dict[str, float], groups=("residents",), **more):
    return peopled_draw(inputs_of(city, figures, groups, **more), draw_seeds(1, 1)[0][0])


def test_a_town_without_housing_empties():
    """100 people lose all homes until day 44 (4 days of waiting, 40 of repair); all leave on day 1 and are back on day 51.

    Without agents 44 days x 100 lack a place. With them only day 0 is lacking: 100 person-days; demand is 0 from day 1 to 50.
    """
    _, without, _ = played(homes(100.0, 4), {}, groups=())
    _, out, acts = played(homes(100.0, 4), ALL_OUT | {"leave_share": 1.0})
    assert without.gap_days.sum() == pytest.approx(4400)
    assert out.gap_days.sum() == pytest.approx(100)
    assert out.curves.demand[[0, 1, 50, 51]].tolist() == [100, 0, 0, 100]
    assert acts.persons.tolist() == [100, 100, 100, 0, 0]
    assert out.resettled == 0
    assert acts.unsettled == 0


def test_who_stays_in_a_ruin_has_no_home():
    """Nobody leaves: 100 people lack a place for 44 days in their ruins, and nobody is displaced."""
    _, out, acts = played(homes(100.0, 4), {"dislocation_constant": -99.0})
    assert acts.persons[0] == 0
    assert out.curves.homeless[[0, 43, 44]].tolist() == [100, 100, 0]
    assert out.curves.displaced.max() == 0


def test_who_leaves_a_home_that_could_be_lived_in_is_back_when_it_is_repaired():
    """Slight damage: every home can be lived in all along. All leave all the same and are back on day 5, when it is repaired."""
    _, out, _ = played(homes(100.0, 1), ALL_OUT | {"leave_share": 0.0, "unhoused_leave_rate": 0.0})
    gone = out.curves.homeless > 0
    assert out.curves.homeless[0] == pytest.approx(100)
    # a day of the one crew after 4 of waiting, which is sooner than the notice of 7
    assert gone[:5].all() and not gone[5:].any()


def test_a_shelter_on_day_3_keeps_people_and_serves_them():
    """100 people, no hosts; half leave on day 1. The other 50 lack a place until day 44, or until a shelter opens on day 3.

    Nobody gives up later. The shelter serves 50 of them for 41 days: 50 x 41 = 2050 person-days less.
    """
    figures = ALL_OUT | {"leave_share": 0.5, "unhoused_leave_rate": 0.0}
    city = homes(100.0, 4, 1)
    _, bare, acts = played(city, figures)
    stays = 100 - acts.persons[1]
    _, with_shelter, _ = played(city, figures, actions=[Action(3, "shelter", 100.0, zone="z1")])
    assert bare.gap_days.sum() - with_shelter.gap_days.sum() == pytest.approx(41 * stays)


def test_less_labour_where_people_have_gone():
    """Production needs the workers who are there: with everybody gone for 50 days, nobody works on those days."""
    city = five_buildings()
    city.buildings["damage_state"] = [4, 4, 0, 0, 0]
    city.networks["power"] = replace(
        city.networks["power"], edges=city.networks["power"].edges.assign(asset_class=None)
    )
    made = {}
    own = load_parameters()
    hand = replace(
        parameters(), sectors=own.sectors, input_output=own.input_output, production_figures=own.production_figures
    )
    for share in (0.0, 1.0):
        figures = ALL_OUT | {"leave_share": share, "unhoused_leave_rate": 0.0}
        options = plan(
            damage="given",
            crews={"building": 1, "power": 1, "water": 1},
            households=ALONE,
            agents=AgentSettings(("residents",), figures),
        )
        block = simulate_block(prepare(city, CALM, *options, hand), draw_seeds(1, 1)[0])
        made[share] = block
    parts = dict(
        zip(("backup", "relocation", "labour", "recapture", "demand"), made[1.0].production.changes[0], strict=True)
    )
    assert made[0.0].production.changes[0, 2] == pytest.approx(0)
    # all that is made from day 1 on until they are back needs them
    back = int(np.flatnonzero(made[1.0].curves.demand[0] > 0)[1])
    assert parts["labour"] < -0.9 * made[1.0].curves.EP[0, 1:back].sum()
    assert made[1.0].production.net_lost[0] > made[0.0].production.net_lost[0]


GONE_FOR_GOOD = ALL_OUT | {"leave_share": 1.0, "resettle_rate_owner": 1e9, "resettle_rate_renter": 1e9}


def test_homes_of_those_who_are_gone_for_good_fill_again():
    """All of 100 people settle elsewhere on day 1; their home is repaired on day 44 and taken at once: absent on 43 days."""
    _, out, acts = played(homes(100.0, 4), GONE_FOR_GOOD | {"refill_days": 0.0})
    assert acts.persons.tolist() == [100, 100, 0, 100, 100]
    assert out.curves.demand[[0, 1, 43, 44]].tolist() == [100, 0, 0, 100]
    assert out.resettled == 100
    assert out.gap_days.sum() == pytest.approx(100)  # of day 0: who comes finds the home that stood empty
    _, out, acts = played(homes(100.0, 4), GONE_FOR_GOOD | {"refill_share": 0.0})
    assert out.curves.demand[-1] == acts.persons[4] == 0


def test_labour_comes_back_with_newcomers():
    """2,000 households are gone from day 1 for good; their home is usable on day 44 and stands empty for a mean of 30 days.

    A person is absent on 43 + 30 days, and half a day until the next morning; the mean over 2,000 has an error of 30 / sqrt(2000)
    = .67. An office that nothing damages makes its share of those who are there, so that the production of that many
    normal days is lost, without demand and recapture; what happens to the economy later is nothing.
    """
    city, own = homes(5000.0, 4), load_parameters()
    office = five_buildings().buildings.loc[["b4"]].assign(zone_id="z1", power_node="p1")
    city = replace(city, buildings=pd.concat([city.buildings, office]))
    hand = replace(
        parameters(), sectors=own.sectors, input_output=own.input_output, production_figures=own.production_figures
    )
    only_labour = ProductionSettings(False, False, True, False, False, False, False)
    options = plan(
        damage="given",
        crews={"building": 1, "power": 1, "water": 1},
        households=ALONE,
        agents=AgentSettings(("residents",), GONE_FOR_GOOD | {"refill_days": 30.0}),
        production=only_labour,
    )
    inputs = prepare(city, CALM, *options, hand)
    block = simulate_block(inputs, draw_seeds(1, 1)[0])
    absent = (1 - block.curves.demand[0] / 5000).sum()
    assert absent == pytest.approx(73.5, abs=4 * 30 / np.sqrt(2000))
    a_day = (inputs.production.normal + inputs.production.site).sum()
    assert block.production.net_lost[0] == pytest.approx(a_day * absent, rel=1e-9)
    assert block.production.changes[0, 2] == pytest.approx(-a_day * absent, rel=1e-9)
    assert block.curves.demand[0, -1] == 5000


def random_city(seed: int, *groups: str) -> DrawInputs:
    """A random town whose owners wait for desks and money, with a government of a random budget."""
    rng = np.random.default_rng(seed)
    figures = {
        "leave_share": float(rng.uniform()),
        "unhoused_leave_rate": float(rng.uniform(0, 0.2)),
        "resettle_rate_owner": float(rng.uniform(0, 0.5)),
        "refill_days": float(rng.uniform(0, 300)),
        "refill_share": float(rng.uniform(0.5, 1)),
        "government_budget": float(10 ** rng.uniform(4, 7)),
        "call_outage_share": float(rng.uniform(0.02, 0.3)),
    }
    households = Households(0.79, float(rng.integers(0, 4)), 0.1, float(rng.uniform()))
    options = plan(
        crews=dict.fromkeys(("building", "power", "water", "telecom"), 4),
        households=households,
        delays="queues",
        rebuilding=RebuildingSettings(),
        agents=AgentSettings(groups, figures),
    )
    given = tables(PLENTY | {"rebuilt_share_home": 0.3, "sold_share": 0.3}, dispersion=0.5, owner="aid")
    own = load_parameters()
    given = replace(
        given, sectors=own.sectors, input_output=own.input_output, production_figures=own.production_figures
    )
    return prepare(town(60, seed=seed), uniform({"PGA": 0.4}), *options, given)


def by_day(day: np.ndarray, persons: np.ndarray, days: int) -> np.ndarray:
    """Persons whose day has come, by day; shape (day,)."""
    on = day < days
    return np.bincount(day[on], persons[on], days).cumsum()


def check_people(inputs: DrawInputs, out: Outcome, acts: Acts, seen: Seen, key: np.uint64) -> None:
    """Who is not in the city has left and not come back, on every day, and newcomers take homes that nobody comes back to."""
    homes, c, days = inputs.agents.residents, out.curves, out.curves.demand.size
    did = decide(homes, inputs.agents.figures, key, seen)
    back, new = np.minimum(did.returns, NEVER), did.arrives
    gone = did.leaves < NEVER
    for household in (gone & (back <= did.leaves), (new < NEVER) & (back < NEVER), (new < NEVER) & (new <= did.leaves)):
        assert not household.any()
    assert not (did.resettles & ~gone).any() and not ((new < NEVER) & ~did.resettles).any()
    there = homes.persons.sum() - by_day(did.leaves, homes.persons, days) + by_day(new, homes.persons, days)
    there += by_day(np.where(gone, back, NEVER), homes.persons, days)
    residents = inputs.city.buildings["residents"].sum()
    # less than a grain of a building's residents is no household's and never moves
    assert c.demand == pytest.approx(residents - homes.persons.sum() + there, abs=acts.unsettled + 1e-6)
    _, left, returned, resettled, newcomers = acts.persons
    assert c.demand[-1] == pytest.approx(residents - left + returned + newcomers, abs=1e-6)
    assert out.resettled == pytest.approx(left - returned, abs=1e-6)
    assert newcomers <= resettled + 1e-9 and resettled <= left - returned + 1e-9
    housed = c.hosted + c.sheltered + c.converted
    assert (housed <= c.displaced + 1e-9).all() and (c.homeless >= -1e-9).all()
    assert c.capacity + c.gap * 2 == pytest.approx(c.demand * out.normal[1] / out.normal[2], rel=1e-9, abs=1e-6)
    assert out.gap_days.sum() == pytest.approx(c.gap.sum(), rel=1e-9, abs=1e-6)


def check_money(inputs: DrawInputs, out: Outcome, acts: Acts, damage: Damage) -> None:
    """What is spent is what is open and called on every day, at its price, and within the budget of its purpose."""
    figures, horizon = inputs.agents.figures, inputs.settings.horizon_days
    budget = figures["government_budget"]
    shares = [figures[f"{of}_budget_share"] for of in ("grant", "crew", "shelter")]
    assert (acts.money >= 0).all() and (acts.money <= np.multiply(shares, budget) * (1 + 1e-12)).all()
    assert acts.money[0] <= damage.repair_cost[: inputs.assets.buildings].sum() + 1e-6
    need = needed(inputs.repair.calendar, out)
    public = govern(inputs.agents.government, figures, need, out.curves.service)
    crews = np.zeros(horizon + 2)
    for day, _, change in public.called:
        crews[day:] += change
    assert (crews >= 0).all() and crews[-1] == 0
    assert public.spent[0] == pytest.approx(crews.sum() * figures["call_crew_cost"])
    assert public.spent[1] == pytest.approx(public.places.sum() * figures["shelter_cost"])
    assert (public.places <= figures["shelter_most_share"] * inputs.agents.government.residents).all()
    if acts.passes < MOST_PASSES:  # the government does the same again
        assert public.spent == pytest.approx(acts.money[1:])


def check_firms(inputs: DrawInputs, out: Outcome, acts: Acts, damage: Damage) -> None:
    """Every firm is on every day at one place: waiting, elsewhere, back, or closed; and no floor is let twice."""
    of, usable = inputs.production, damage.functional_share[: inputs.assets.buildings]
    days = len(out.curves.made) + (of.days_after if (out.finished >= 0).all() else 0)
    span = Span(0, days, np.where(out.finished < 0, days, out.finished))
    firms, idle = idle_firms(of, usable, span)
    here = share_here(of, out, days)
    did = firm_days(firms, idle, here, of.normal, of.hazards, acts.firms)
    day = np.arange(days)[:, None]
    back = day >= did.until
    elsewhere = (day >= did.moves) & ~back
    shut = back & did.shut & (day < did.fills)
    assert not (elsewhere & shut).any() and not (did.shut & (did.moves < NEVER)).any()
    waiting = ~back & ~elsewhere
    assert ((waiting.sum(1) + elsewhere.sum(1) + back.sum(1)) == did.own.size).all()
    sector, money = firms.sector[did.own], firms.idle[did.own]
    gain = moved_firms(firms, idle, here, of.normal, of.hazards, acts.firms)
    for s in range(of.normal.size):
        let, empty = elsewhere @ (money * (sector == s)), shut @ (money * (sector == s))
        room = of.hazards.vacant[s] * np.maximum(1 - idle[:, s] / max(of.normal[s], 1e-300), 0)
        assert (let <= np.minimum(room, idle[:, s]) + 1e-6).all()
        assert gain[:, s] == pytest.approx(let - empty, abs=1e-6 * (1 + of.normal[s]))


def check_city(seed: int) -> None:
    """People, firms and money of one draw of a random town in which all groups decide."""
    inputs, own = random_city(seed, "residents", "businesses", "government"), draw_seeds(seed, 1)[0][0]
    damage, out, acts = peopled_draw(inputs, own)
    drawn, _ = with_grants(inputs, draw(inputs, own), own)
    need = needed(inputs.repair.calendar, out)
    places = govern(inputs.agents.government, inputs.agents.figures, need, out.curves.service).places
    seen = seen_in(inputs, drawn, sold_in(inputs, drawn, own), out, places)
    check_people(inputs, out, acts, seen, agent_keys(own)[0])
    check_money(inputs, out, acts, damage)
    check_firms(inputs, out, acts, damage)
    assert acts.passes <= MOST_PASSES and acts.cycle == 0
    if acts.passes < MOST_PASSES:
        assert acts.unsettled <= SETTLED * inputs.city.buildings["residents"].sum()
    # who decides changes no damage
    assert np.array_equal(damage.damage_state, simulate_draw(inputs, own)[0].damage_state)


@pytest.mark.parametrize("seed", range(30))
def test_people_firms_and_money_are_conserved(seed):
    check_city(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 1030))
def test_people_firms_and_money_are_conserved_in_a_thousand_cities(seed):
    check_city(seed)


def test_a_draw_is_the_same_again():
    inputs, own = random_city(3, "residents", "businesses", "government"), draw_seeds(3, 1)[0][0]
    first, again = (peopled_draw(inputs, own) for _ in range(2))
    assert np.array_equal(first[1].curves.demand, again[1].curves.demand)
    assert np.array_equal(first[2].money, again[2].money)
