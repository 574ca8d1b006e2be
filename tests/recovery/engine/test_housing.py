"""Who has a place: worked by hand, laws over random cities, the largest flow."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import CRS, block_of, five_buildings, parameters, town
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import Plan, plan
from shapely.geometry import box

from holdfast.errors import TableError
from holdfast.recovery.city import City
from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.block_result import BlockResult
from holdfast.recovery.settings.run_settings import Action, Households
from holdfast.recovery.simulation.draw import present_at, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds

CALM = uniform({"PGA": 1e-6})
HOMEBODIES = Households(time_at_home=0.79, patience_days=3.0, stay_share=0.0, host_share=0.0)


def one_home(residents: float, state: int) -> City:
    """One home in a zone, beside a zone where nobody lives."""
    city = five_buildings()
    home = city.buildings.loc[["b1"]].assign(residents=residents, damage_state=state)
    zones = gpd.GeoDataFrame(
        {"residents": [residents, 0.0]},
        index=pd.Index(["z1", "empty"], name="zone_id"),
        geometry=[box(0, 0, 500, 500), box(5000, 0, 5500, 500)],
        crs=CRS,
    )
    return replace(city, buildings=home, zones=zones)


def played(city: City, *actions: Action, households: Households = HOMEBODIES, **more: object) -> BlockResult:
    crews = {"building": 1, "power": 1, "water": 1}
    options = plan(damage="given", crews=crews, actions=list(actions), households=households, **more)
    return block_of(city, parameters(), CALM, options, draw_seeds(1, 1)[0])


def test_a_city_of_which_nothing_stands_has_no_capacity_and_makes_nothing():
    city = five_buildings()
    city.buildings["damage_state"] = 4
    block = played(city, households=HOMEBODIES._replace(host_share=1.0))
    assert block.curves.EP[0, 0] == block.curves.SC[0, 0] == 0
    assert block.curves.gap[0, 0] == pytest.approx(10)  # everybody lacks both
    assert block.curves.SC[0, -1] == block.curves.normal[1]
    assert block.curves.EP[0, -1] == block.curves.normal[0]


def test_a_stadium_in_an_empty_zone():
    """10,000 people lose their only home; it is back after 4 days of waiting and 40 of repair, on day 44.

    Nobody works, so all of a person counts at home: 10,000 person-days a day, 440,000. A stadium of 5,000 places from
    day 3 on serves 5,000 of them with a place and services: 41 days x 5,000 = 205,000 less.
    """
    city = one_home(10_000.0, 4)
    without = played(city)
    stadium = played(city, Action(3, "shelter", 5000.0, zone="empty"))
    assert without.draws.gap_days[0] == pytest.approx(440_000)
    assert without.draws.gap_days[0] - stadium.draws.gap_days[0] == pytest.approx(205_000)
    assert stadium.curves.sheltered[0, [2, 3, 43, 44]].tolist() == [0, 5000, 5000, 0]
    assert stadium.curves.homeless[0, [2, 3]] == pytest.approx([10_000, 5000])
    assert stadium.curves.SC[0].max() == pytest.approx(20_000)  # nothing above normal


def test_a_place_too_many_helps_nobody():
    full = played(one_home(10_000.0, 4), Action(0, "shelter", 10_000.0, zone="empty"))
    more = played(one_home(10_000.0, 4), Action(0, "shelter", 99_000.0, zone="empty"))
    assert full.draws.gap_days[0] == more.draws.gap_days[0] == pytest.approx(0, abs=1e-6)


def test_who_stays_who_has_hosts_and_who_is_left():
    """100 places, half can be lived in: 50 displaced; a tenth of them stays, .4 of the others have hosts, 10 shelter."""
    households = HOMEBODIES._replace(stay_share=0.1, host_share=0.4)
    block = played(one_home(100.0, 2), Action(0, "shelter", 10.0, zone="z1"), households=households)
    curves = block.curves
    assert curves.displaced[0, 0] == pytest.approx(45)
    assert curves.hosted[0, 0] == pytest.approx(18)
    assert curves.sheltered[0, 0] == pytest.approx(10)
    assert curves.homeless[0, 0] == pytest.approx(50 - 28)
    # places and services of 50 at home and 10 in the shelter, places alone of 18 with hosts
    assert curves.SC[0, 0] == pytest.approx(2 * 50 + 2 * 10 + 18)
    assert block.draws.displaced[0] == pytest.approx(45)


def test_a_zone_that_moves_away_lowers_demand_and_nothing_is_missing():
    """Origin: by hand. The 6 of z2 leave for good on day 2: demand 4, and what they used is no loss."""
    city = five_buildings()
    city.buildings["damage_state"] = [0, 0, 0, 0, 1]  # a slight repair, so that the days go on
    city.networks["power"] = replace(
        city.networks["power"], edges=city.networks["power"].edges.assign(asset_class=None)
    )
    block = played(city, Action(2, "move", 6.0, zone="z2"))
    assert block.curves.demand[0, [1, 2]].tolist() == [10, 4]
    assert block.curves.SC[0, 2] == pytest.approx(2 * 4)
    assert block.draws.gap_days[0] == 0
    assert block.draws.resettled[0] == 6


def test_a_conversion_ends_by_itself_or_by_date():
    city = five_buildings()
    city.buildings["damage_state"] = [4, 0, 0, 0, 0]  # b1 back on day 44
    city.buildings.loc["b4", ["floor_area_m2"]] = 1000.0
    for until, first_normal in ((None, 44), (20, 20), (60, 60)):
        block = played(city, Action(1, "convert", 4.0, building="b4", until_day=until))
        ep = block.curves.EP[0]
        normal = block.curves.normal[0]
        assert (ep[1:first_normal] < normal).all()
        assert ep[0] == normal == ep[first_normal]
        assert block.curves.converted[0, 1] == pytest.approx(4)
    assert block.curves.SC[0, -1] == block.curves.normal[1]


def test_a_building_converted_for_no_stated_number_takes_what_its_floor_holds():
    """b4 is no school, hall or hotel: half of 15.4 m2 for beds of 3.5 m2 is 2.2, so two of the people of b1."""
    city = five_buildings()
    city.buildings["damage_state"] = [4, 0, 0, 0, 0]
    city.buildings.loc["b4", ["floor_area_m2"]] = 15.4
    block = played(city, Action(1, "convert", building="b4"))
    assert block.curves.converted[0, 1] == pytest.approx(2)


def test_people_who_come_need_a_place_too():
    block = played(one_home(100.0, 1), Action(1, "move", 50.0, to_zone="z1"))
    assert block.curves.demand[0, :2].tolist() == [100, 150]
    assert block.curves.gap[0, 1] == pytest.approx(50)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Action(1, "move", 5.0), "a move needs it, or to_zone"),
        (Action(1, "convert", 5.0, zone="z1"), "a convert needs it"),
        (Action(1, "shelter", zone="z1"), "a shelter needs it: persons"),
        (Action(4, "shelter", 5.0, zone="z1", until_day=4), "only places close, on a day after they open"),
        (Action(1, "move", 31.0, to_zone="z1"), "31 persons come, more than 3 times the residents"),
        (Action(1, "shelter", 5.0, zone="Z1"), '"Z1" is not in the city'),
    ],
)
def test_actions_without_sense_are_refused(action, message):
    with pytest.raises(TableError, match=message):
        played(five_buildings(), action)


def test_up_to_three_times_the_residents_may_come():
    """Ten live there, so that thirty may come: one more is refused above."""
    block = played(five_buildings(), Action(1, "move", 30.0, to_zone="z1"))
    assert block.curves.demand[0, 1] == pytest.approx(block.curves.demand[0, 0] + 30)


def random_plan(seed: int) -> tuple[City, Plan]:
    """A random city with shelters, conversions and moves."""
    rng = np.random.default_rng(seed)
    city = town(60, seed=seed)
    zones, buildings = list(city.zones.index), list(city.buildings.index)
    lived_in = [z for z in zones if city.zones.loc[z, "residents"] > 0]
    pick = rng.choice
    actions = [
        Action(int(d), "shelter", float(rng.integers(1, 90)), zone=str(pick(zones))) for d in rng.integers(0, 9, 3)
    ]
    actions += [Action(2, "convert", 30.0, building=str(pick(buildings)), until_day=pick([None, 30]))]
    actions += [Action(3, "move", 7.0, zone=str(pick(lived_in)), to_zone=str(pick(zones)))]
    households = Households(
        time_at_home=0.79,
        patience_days=float(rng.integers(0, 4)),
        stay_share=float(rng.uniform(0, 0.5)),
        host_share=float(rng.uniform(0, 1)),
    )
    crews = dict.fromkeys(("building", "power", "water", "telecom"), 4)
    return city, plan(crews=crews, actions=actions, households=households)


def check_people(seed: int) -> None:
    """Everybody is somewhere on every day, and nothing is above normal."""
    city, options = random_plan(seed)
    inputs = prepare(city, uniform({"PGA": 0.4}), *options, parameters())
    _, out = simulate_draw(inputs, draw_seeds(seed, 1)[0][0])
    c, residents = out.curves, city.buildings["residents"].sum()
    assert c.demand == pytest.approx(residents)  # moves stay inside
    housed = c.hosted + c.sheltered + c.converted
    assert (housed <= c.displaced + 1e-9).all()
    stay = inputs.settings.households.stay_share
    # without any place: the displaced whom nobody took in, and those who stay in a home that cannot be used
    assert c.homeless == pytest.approx(c.displaced / (1 - stay) - housed, abs=1e-6)
    # what is missing and what is there are together what the people need
    normal = out.normal[1] / out.normal[2]
    assert c.capacity + c.gap * 2 == pytest.approx(c.demand * normal, rel=1e-9)
    assert (c.gap >= -1e-9).all() and (c.capacity <= out.normal[1] * (1 + 1e-12)).all()
    assert out.gap_days.sum() == pytest.approx(c.gap.sum(), rel=1e-9, abs=1e-6)
    assert out.unmet_days.sum() == pytest.approx((c.homeless + c.unserved).sum() / 2, rel=1e-9, abs=1e-6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 100_000))
def test_people_are_conserved(seed):
    check_people(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000))
def test_people_are_conserved_in_a_thousand_cities(seed):
    check_people(seed)


@pytest.mark.parametrize("seed", range(6))
def test_a_start_on_a_later_day_is_the_rest_of_the_run(seed):
    city, options = random_plan(seed)
    inputs = prepare(city, uniform({"PGA": 0.4}), *options, parameters())
    key = draw_seeds(seed, 1)[0][0]
    _, whole = simulate_draw(inputs, key)
    for day in (2, 4, 12):
        _, rest = simulate_draw(inputs, key, present_at(inputs, key, day))
        for name, values in whole.curves._asdict().items():
            assert np.array_equal(values[day:], getattr(rest.curves, name)), (day, name)
