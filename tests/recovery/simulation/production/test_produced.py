"""Production of a draw after supply and demand: each part by hand, and nothing where it is off.

A hospital of 100 m2 makes 300 a day, half of it without power (`cities.parameters`); a shop of 100 m2 makes 200.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import network, parameters, shops, town
from plans import plan
from shapely.geometry import box

from holdfast.data import packaged
from holdfast.recovery.hazard import uniform
from holdfast.recovery.losses.block_result import PARTS, arrays_of
from holdfast.recovery.settings.parameters import in_money
from holdfast.recovery.settings.run_settings import Action, ProductionSettings
from holdfast.recovery.simulation.draw import present_at, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.production import Closed, produced
from holdfast.recovery.simulation.simulate_draws import draw_seeds, simulate_block

OFF = ProductionSettings(*[False] * 7)
ON = ProductionSettings()
TABLES = {name: packaged(name) for name in ("sectors", "input_output", "production_figures")}
GIVEN = {"damage": "given", "duration_dispersion": 0.0}
CREWS = {"building": 12, "power": 3, "water": 3, "telecom": 3}
STRONG = uniform({"PGA": 1.0}, 0, 0)
CALM = uniform({"PGA": 0})


def figures(**values):
    """The figures of production with some values changed for every sector."""
    table = TABLES["production_figures"].copy()
    for name, value in values.items():
        table.loc[table["figure"] == name, "value"] = value
    return table


def closed(inputs, damage, out):
    """What the damage of a draw closed."""
    usable = damage.functional_share[: inputs.assets.buildings]
    return Closed(usable, out.lost_production, damage.repair_cost)


def play(city, settings, scenario=CALM, tables=None, **keys):
    """Inputs, outcome of the engine and production of one draw."""
    options = plan(production=settings, **{"crews": CREWS, **keys})
    inputs = prepare(city, scenario, *options, parameters(**{**TABLES, **(tables or {})}))
    damage, out = simulate_draw(inputs, draw_seeds(1, 1)[0][0])
    return inputs, out, produced(inputs.production, closed(inputs, damage, out), out)


def change(found, part):
    return found.changes[PARTS.index(part)]


@pytest.mark.parametrize("settings", [OFF, OFF._replace(stocks=True)])
def test_with_every_part_off_a_block_is_that_of_the_engine_to_the_last_bit(settings):
    seeds, scenario = draw_seeds(3, 4)[0], uniform({"PGA": 0.4}, 0.2, 0.3)
    city, options = town(120), plan(crews=CREWS, production=settings)
    bare = simulate_block(prepare(city, scenario, *options, parameters()), seeds)
    off = simulate_block(prepare(city, scenario, *options, parameters(**TABLES)), seeds)
    for (name, one), other in zip(arrays_of(bare).items(), arrays_of(off).values(), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    np.testing.assert_array_equal(off.production.net_lost, off.draws.lost_production)
    np.testing.assert_array_equal(off.curves.EP_net, off.curves.EP)


def test_homes_alone_make_nothing_and_lose_nothing():
    city = shops([100.0, 80.0], [4, 0], ["RES1", "RES1"])
    _, out, found = play(city, ON, **GIVEN)
    assert found.lost == 0.0
    assert (found.daily == 0.0).all()
    assert len(found.daily) == len(out.curves.production) > 1


def test_in_other_money_everything_is_as_much():
    """A law: money of which two make one gives twice of all, of buildings, builders and households alike."""
    city, scenario = town(120), uniform({"PGA": 0.4}, 0, 0)
    city = replace(city, buildings=city.buildings.assign(residents=city.buildings["residents"] * 0.1))
    options = plan(crews=CREWS, production=ON._replace(rebuilding=False))  # whose money is that of the city's own costs
    once, twice = (
        simulate_block(prepare(city, scenario, *options, in_money(parameters(**TABLES), f)), draw_seeds(1, 1)[0])
        for f in (1.0, 2.0)
    )
    np.testing.assert_allclose(2 * once.production.net_lost, twice.production.net_lost, rtol=1e-9)
    np.testing.assert_allclose(2 * once.production.changes, twice.production.changes, rtol=1e-6, atol=1e-3)


def test_nothing_of_the_engine_changes_with_every_part_on():
    seeds, scenario = draw_seeds(3, 4)[0], uniform({"PGA": 0.4}, 0.2, 0.3)
    city, options = town(120), plan(crews=CREWS)
    bare = arrays_of(simulate_block(prepare(city, scenario, *options, parameters()), seeds))
    with_all = arrays_of(simulate_block(prepare(city, scenario, *options, parameters(**TABLES)), seeds))
    for name in set(bare) - {"curves.EP_net", "production.net_lost", "production.changes"}:
        np.testing.assert_array_equal(bare[name], with_all[name], err_msg=name)
    assert (with_all["production.net_lost"] != bare["production.net_lost"]).all()
    gross = bare["draws.lost_production"]
    np.testing.assert_allclose(with_all["production.net_lost"], gross - with_all["production.changes"].sum(axis=1))


def test_an_undamaged_city_makes_what_it_makes():
    _, out, found = play(town(120), ON)
    assert (found.daily == out.normal[0]).all()
    assert found.lost == 0.0
    assert (found.changes == 0.0).all()


def hospital(backed=True):
    """A hospital, or a shop, behind a power line that breaks at 1 g."""
    city = shops([100.0], [0], ["COM6" if backed else "COM1"])
    power = network("power", {"s": (0, 0, True, None), "p": (9, 0, False, None)}, [("e", "s", "p", "broken")])
    return replace(city, networks={"power": power})


@pytest.mark.parametrize(("days", "hours"), [(3, 72), (10, 96)])
def test_generators_of_a_hospital_run_for_four_days(days, hours):
    """By hand: 300 x (1 - 1/2) x the hours without power, at most 96."""
    repair = parameters().repair
    repair.loc[repair["asset_class"] == "broken", "repair_days"] = days
    keys = {"scenario": STRONG, "tables": {"repair": repair}, "delays": "none"}
    _, out, found = play(hospital(), OFF._replace(backup=True), **keys)
    assert out.restored.max() == days
    assert change(found, "backup") == pytest.approx(150.0 * hours / 24)
    assert found.lost == pytest.approx((out.normal[0] - out.curves.production).sum() - 150.0 * hours / 24)
    _, _, shop = play(hospital(backed=False), OFF._replace(backup=True), **keys)
    assert change(shop, "backup") == 0.0


def test_workers_who_leave_with_their_zone_are_missing():
    """By hand: on day 3 a zone with 2/5 of the residents leaves; production falls by 2/5, also that of builders on sites."""
    city = shops([100.0, 50.0], [0, 0], ["COM1", "COM1"])
    homes = city.buildings.assign(residents=[3.0, 2.0], zone_id=["z", "y"])
    zones = gpd.GeoDataFrame(
        {"residents": [3.0, 2.0]},
        index=pd.Index(["z", "y"], name="zone_id"),
        geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)],
        crs=city.crs,
    )
    moves = [Action(3, "move", 2.0, zone="y"), Action(6, "shelter", 1.0, zone="z")]
    city = replace(city, buildings=homes, zones=zones)
    tables = {"production_figures": figures(days_after=0)}
    inputs, _, found = play(city, OFF._replace(labour=True), actions=moves, tables=tables)
    made = 300.0 + inputs.production.site.sum()
    np.testing.assert_allclose(found.daily, 300.0 - np.where(np.arange(len(found.daily)) >= 3, 0.4 * made, 0.0))


def test_people_without_a_home_work_elsewhere_by_the_stated_share():
    """By hand: of 12 residents 6 have no home, of these .9 do not stay in it, of these a quarter is gone: 1.35 of 12."""
    city = shops([100.0, 100.0], [4, 0], ["RES1", "COM1"])
    city = replace(city, buildings=city.buildings.assign(residents=[6.0, 0.0]))
    city.buildings.loc["s001", "residents"] = 6.0
    inputs, _, found = play(city, OFF._replace(labour=True), **GIVEN)
    made = 200.0 + inputs.production.site.sum()
    assert found.daily[0] == pytest.approx(200.0 - made * 1.35 / 12)
    assert found.daily[-1] == 200.0


def test_a_shop_makes_up_for_a_short_interruption():
    """By hand: closed until day d, it makes up 0.8 (1 - d / 90) of what it lost."""
    known = parameters().occupancies.assign(recapture_share=[0.0, 0.8, 0.9, 0.6])
    _, out, found = play(shops([100.0], [3]), OFF._replace(recapture=True), tables={"occupancies": known}, **GIVEN)
    day = int(out.finished[0])
    lost = 200.0 * day
    assert 10 < day < 90
    assert change(found, "recapture") == pytest.approx(lost * 0.8 * (1 - day / 90))
    assert found.lost == pytest.approx(lost * (1 - 0.8 * (1 - day / 90)))


def test_a_shop_without_premises_moves_where_floors_stand_empty():
    """By hand: from day 0 on, half of those who wait move each day, as far as floors for 0.2 of the shops are free."""
    made = {"relocation_wait": 0, "relocation_rate": 0.5, "closing_rate": 0.0, "vacant_share": 0.2}
    tables = {"production_figures": figures(**made)}
    _, out, found = play(shops([100.0, 300.0], [4, 0]), OFF._replace(relocation=True), tables=tables, **GIVEN)
    day = int(out.finished[0])
    moved = np.minimum(200.0 * (1 - 0.5 ** np.arange(1, day + 1)), 0.2 * 800 * 0.75)
    np.testing.assert_allclose(found.daily[:day], 600.0 + moved)
    assert change(found, "relocation") == pytest.approx(moved.sum())


def test_rebuilding_gives_builders_work_and_costs_nothing_else():
    city = shops([100.0, 300.0], [4, 0])
    city = replace(city, buildings=city.buildings.assign(residents=[50.0, 50.0]))
    inputs, out, found = play(city, OFF._replace(rebuilding=True), **GIVEN)
    gross = (out.normal[0] - out.curves.production).sum()
    assert 0 < change(found, "demand") < 0.25 * inputs.production.site.sum() * len(out.curves.production)
    assert found.lost == pytest.approx(gross - change(found, "demand"))


@pytest.mark.parametrize("place", ["hospital", "city"])
def test_from_a_later_day_on_the_rest_of_the_days(place):
    """Truth: the same draw from the event on; who is at work and which generators run hangs on the day alone."""
    repair, day = parameters().repair, 2
    repair.loc[repair["asset_class"] == "broken", "repair_days"] = 10
    options = plan(crews=CREWS, production=OFF._replace(labour=True, backup=True))
    city, scenario = (hospital(), STRONG) if place == "hospital" else (town(120), uniform({"PGA": 0.4}, 0, 0))
    inputs, seed = prepare(city, scenario, *options, parameters(**TABLES, repair=repair)), draw_seeds(1, 1)[0][0]
    found = []
    for start in (None, present_at(inputs, seed, day)):
        damage, out = simulate_draw(inputs, seed, start)
        found.append(produced(inputs.production, closed(inputs, damage, out), out, 0 if start is None else day))
    np.testing.assert_allclose(found[0].daily[day:], found[1].daily, rtol=1e-12)
    if place == "hospital":  # four days with generators, and the two that are left of them
        assert [change(f, "backup") for f in found] == pytest.approx([600.0, 300.0])


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_changes_nothing_under_the_names_of_others(part):
    scenario = uniform({"PGA": 0.4}, 0, 0)
    _, _, found = play(town(120), OFF._replace(**{part: True}), scenario)
    others = [change(found, p) for p in PARTS if p != part]
    np.testing.assert_allclose(others, 0.0, atol=1e-6)
