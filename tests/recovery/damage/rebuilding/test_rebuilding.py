"""Rebuilding in a draw: the chains by hand, what is conserved, what surge and decisions change.

By hand, all days at their medians: a shop of one unit, extensive. The inspector is asked on day 1 and takes 1; the owner pays
by loan, 50 days: money on day 52. Engineering is asked 10 days after the inspection and takes 4, the permit is asked 5 days
later and takes 2: plans on day 2 + 10 + 4 + 5 + 2 = 23. Debris 3 + 1: day 6. Offers take 7: release on day 59.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import parameters, shops, town
from plans import plan

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.damage.damage import draw_damage
from holdfast.recovery.damage.draw_kernels import Damage
from holdfast.recovery.damage.rebuilding.rebuilding import NOBODY, normals, rebuilt, uniforms, waits
from holdfast.recovery.damage.rebuilding.rebuilding_inputs import STEPS, WAYS, rebuilding_inputs
from holdfast.recovery.hazard.uniform import uniform
from holdfast.recovery.settings.parameters import load_parameters
from holdfast.recovery.settings.run_settings import RebuildingSettings, Resources
from holdfast.recovery.simulation.draw import draw, present_at, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare

STATES = ("slight", "moderate", "extensive", "complete")
EFFORT = dict(zip(STEPS, (1, 1, 1, 4, 2, 0), strict=True))
LAG = dict(zip(STEPS, (1, 3, 1, 10, 5, 7), strict=True))
PAYS = {"insured": 20.0, "loan": 50.0, "aid": 90.0, "own": 1.0}
KEY = np.uint64(7)
FIGURES = load_parameters().rebuilding_figures.set_index("figure")["value"].to_dict()
PLENTY = {f"{step}_servers": 10_000.0 for step in STEPS[:-1]}
SURE = {"rebuilt_share_home": 0.0, "rebuilt_share_other": 0.0, "sold_share": 0.0, "price_surge": 0.0, "days_surge": 0.0}


def tables(figures=(), dispersion=0.0, owner="loan"):
    """Round figures: lags and efforts as above for every state, one way of paying."""
    steps = pd.DataFrame(
        [(s, d, EFFORT[s], LAG[s], dispersion) for s in STEPS for d in STATES],
        columns=["step", "damage_state", "effort_days", "median_days", "dispersion"],
    )
    owners = pd.DataFrame(
        [(u, w, float(w == owner), PAYS[w], dispersion) for u in ("home", "other") for w in WAYS],
        columns=["use", "way", "share", "median_days", "dispersion"],
    )
    values = FIGURES | SURE | dict(figures)
    return parameters(
        rebuilding_steps=steps,
        rebuilding_owners=owners,
        rebuilding_figures=pd.DataFrame({"figure": list(values), "value": list(values.values())}),
    )


def inputs_of(city, given, crews=10, **settings):
    options = plan(crews={"building": crews, "power": 1}, damage="given", delays="queues")
    options = options._replace(recovery=settings_of(options, settings))
    return prepare(city, uniform({"PGA": 0.0}), *options, given)


def settings_of(options, settings):
    return replace(options.recovery, rebuilding=RebuildingSettings(**settings))


def people(city):
    return replace(city, buildings=city.buildings.assign(residents=10.0))


@pytest.mark.parametrize(("owner", "day"), [("loan", 59), ("insured", 31), ("own", 30), ("aid", 99)])
def test_by_hand(owner, day):
    """Insured: asked 1 and assessed 1 after the inspection, paid 20 later: day 24, after the plans; own: the plans, day 23."""
    found = draw(inputs_of(people(shops([100.0], [3])), tables(PLENTY, owner=owner)), np.random.SeedSequence(1))
    assert found.tasks.asset["release"][0] == day


def test_nobody_looks_at_a_building_under_water():
    inputs = inputs_of(people(shops([100.0], [3])), tables(PLENTY)).rebuilding
    before = damage_of([3], [50_000.0], [40], [1])
    late = rebuilt(before, KEY, inputs, np.array([12])).damage.delay[0]
    assert late == rebuilt(before, KEY, inputs).damage.delay[0] + 12 == 71


def test_without_waits_the_chains_are_the_longest_of_their_parts():
    """Origin: the same lags and efforts put together by numpy."""
    count = 300
    inputs = inputs_of(people(shops([100.0] * count, [3] * count)), tables(PLENTY, dispersion=0.5)).rebuilding
    own, state = np.arange(count), np.full(count, 3)
    lag = {s: LAG[s] * np.exp(0.5 * np.minimum(normals(own, k, KEY), 2.5)) for k, s in enumerate(STEPS)}
    pay = 50 * np.exp(0.5 * np.minimum(normals(own, len(STEPS), KEY), 2.5))
    seen = lag["inspection"] + 1
    plans = seen + lag["engineering"] + 4 + lag["permit"] + 2
    ready = np.maximum.reduce([seen + pay, plans, seen + lag["debris"] + 1])
    found = waits(own, state, KEY, inputs)
    assert found.seen == pytest.approx(seen)
    assert found.release == pytest.approx(ready + lag["tender"])


def test_fewer_servers_release_nobody_sooner():
    count = 200
    city = people(shops([100.0] * count, [2, 3] * (count // 2)))
    own, state = np.arange(count), np.tile([2, 3], count // 2)
    released = []
    for servers in (5.0, 50.0):
        desks = {f"{s}_servers": servers for s in STEPS[:-1]} | {f"{s}_outside": 0.0 for s in STEPS[:-1]}
        # nobody overtakes where all wait the same time before they ask
        released.append(waits(own, state, KEY, inputs_of(city, tables(desks)).rebuilding).release)
    assert (released[0] >= released[1] - 1e-9).all()
    assert released[0].max() > released[1].max() + 100


def test_hospitals_are_released_before_shops():
    count = 60
    kinds = ["COM1"] * 50 + ["COM6"] * 10
    desks = {f"{s}_servers": 1.0 for s in STEPS[:-1]}
    inputs = inputs_of(people(shops([100.0] * count, [3] * count, kinds)), tables(desks)).rebuilding
    found = waits(np.arange(count), np.full(count, 3), KEY, inputs).release
    assert found[50:].max() < found[:50].max()
    assert np.median(found[50:]) < np.median(found[:50]) / 2


def damage_of(states, cost, days, crews):
    states, cost, days = np.array(states, dtype=np.int8), np.array(cost), np.array(days)
    none = np.zeros(states.size)
    rest = dict.fromkeys(Damage._fields, none) | {"delay": np.zeros(states.size, dtype=np.int64)}
    known = {
        "damage_state": states,
        "repair_cost": cost,
        "repair_days": days,
        "repair_work": days * np.array(crews, float),
    }
    return Damage(**rest | known)


def test_work_and_money_are_kept_where_nothing_rises():
    city = people(shops([100.0, 700.0, 2000.0], [1, 2, 3]))
    inputs = inputs_of(city, tables(PLENTY)).rebuilding
    before = damage_of([1, 2, 3], [10.0, 250.0, 1000.0], [1, 20, 40], [1, 2, 4])
    after = rebuilt(before, KEY, inputs).damage
    for name in ("damage_state", "repair_cost", "repair_days", "repair_work"):
        assert getattr(after, name).tolist() == getattr(before, name).tolist()
    assert before.delay.tolist() == [0, 0, 0]


def test_a_pool_too_small_for_a_building_does_the_same_work_in_more_days():
    city = people(shops([5000.0], [3]))  # calls for ten crews
    work = {}
    for crews in (10, 4):
        found = draw(inputs_of(city, tables(PLENTY), crews=crews), np.random.SeedSequence(1))
        task = found.tasks.asset[0]
        work[crews] = (task["crews"], task["expected"], found.damage.repair_work[0])
    assert work == {10: (10, 40, 400.0), 4: (4, 100, 400.0)}


def test_what_is_built_anew_costs_a_building_and_takes_its_days():
    city = people(shops([100.0] * 2, [3, 2]))
    inputs = inputs_of(city, tables({**PLENTY, "rebuilt_share_other": 1.0})).rebuilding
    after = rebuilt(damage_of([3, 2], [50_000.0, 25_000.0], [40, 20], [1, 1]), KEY, inputs).damage
    assert after.repair_cost.tolist() == [100_000.0, 25_000.0]
    assert after.repair_days.tolist() == [80, 20]
    assert after.damage_state.tolist() == [3, 2]


def test_surge_by_hand():
    """Work of three normal years at a half of one year: three quarters of the rises of .4 and .2."""
    city = people(shops([100.0], [2]))
    rises = {"price_surge": 0.4, "days_surge": 0.2, "surge_half": 1.0}
    inputs = inputs_of(city, tables({**PLENTY, **rises})).rebuilding
    inputs = inputs._replace(surge=inputs.surge._replace(crews=100.0 / 365))
    before = damage_of([2], [1000.0], [300], [1])
    after = rebuilt(before, KEY, inputs).damage
    assert after.repair_cost[0] == pytest.approx(1300.0)
    assert after.repair_days[0] == 345
    off = inputs_of(city, tables({**PLENTY, **rises}), surge=False).rebuilding
    assert rebuilt(before, KEY, off._replace(surge=off.surge._replace(crews=0.1))).damage.repair_cost[0] == 1000.0


def test_who_sells_waits_for_the_sale_and_the_loan_of_the_buyer():
    city = people(shops([100.0], [4]))
    sale = {**PLENTY, "sold_share": 1.0, "sale_days": 200.0, "sale_dispersion": 0.0}
    found = draw(inputs_of(city, tables(sale, owner="own")), np.random.SeedSequence(1))
    assert found.tasks.asset["release"][0] == 2 + 200 + 50 + 7


def test_shares_of_owners_are_drawn():
    count = 20_000
    share = {"insured": 0.5, "loan": 0.1, "aid": 0.25, "own": 0.15}
    city = people(shops([100.0] * count, [3] * count))
    inputs = inputs_of(city, tables(PLENTY), owners=share).rebuilding
    days = waits(np.arange(count), np.full(count, 3), KEY, inputs).release
    # paid on day 2 + 50 and 2 + 90; the plans of day 23 and the insured of day 24 come before
    for day, part in ((59, 0.1), (99, 0.25), (31, 0.5), (30, 0.15)):
        assert abs((days == day).mean() - part) < 4 * np.sqrt(part * (1 - part) / count)


@pytest.mark.parametrize("model", ["drawn", "median", "none"])
def test_off_the_draw_is_what_it_was_without_rebuilding(model):
    """Neither a number of the other streams nor any array of the damage differs; by `draw_damage` itself."""
    city, given = town(60), tables()
    inputs = prepare(city, uniform({"PGA": 0.4}), *plan(delays=model), given)
    seed = np.random.SeedSequence(5)
    found, of = draw(inputs, seed), inputs.damage
    streams = [np.random.default_rng(np.random.SeedSequence(5, spawn_key=(k,))) for k in range(2)]
    alone = draw_damage(of.field(streams[0]), of.functions, of.table, of.given, streams[1])
    for name, values in alone._asdict().items():
        assert np.array_equal(getattr(found.damage, name), values), name
    assert np.array_equal(found.tasks.asset["release"], alone.delay)
    assert found.tasks.eased is not None
    assert found.tasks.eased.tolist() == NOBODY.tolist()


def test_damage_is_the_same_with_queues():
    city, given = town(60), tables()
    states = [
        draw(
            prepare(city, uniform({"PGA": 0.4}), *plan(delays=d), given), np.random.SeedSequence(5)
        ).damage.damage_state
        for d in ("drawn", "queues")
    ]
    assert np.array_equal(*states)


def test_people_return_after_temporary_repairs_and_a_restart_goes_on_exactly():
    soon = {"temporary_reoccupied": 0.9, "temporary_days": 10.0, "temporary_dispersion": 0.0}
    city, seed = town(60, seed=2), np.random.SeedSequence(3)
    options = plan(crews={"building": 3, "power": 2, "water": 2, "telecom": 2}, delays="queues")
    inputs = prepare(city, uniform({"PGA": 0.4}), *options, tables({**PLENTY, **soon}))
    _, whole = simulate_draw(inputs, seed)
    eased = draw(inputs, seed).tasks.eased
    assert len(eased) > 3
    without = inputs._replace(rebuilding=inputs.rebuilding._replace(temporary=None))
    _, bare = simulate_draw(without, seed)
    day = int(eased[0, 0])
    assert whole.curves.homeless[:day].tolist() == bare.curves.homeless[:day].tolist()
    assert whole.curves.homeless[day:].sum() < bare.curves.homeless[day:].sum()
    assert whole.curves.production.tolist() == bare.curves.production.tolist()
    for stop in (day, day + 1, day + 9):
        _, rest = simulate_draw(inputs, seed, present_at(inputs, seed, stop))
        for name in ("homeless", "capacity", "displaced"):
            assert getattr(rest.curves, name).tolist() == getattr(whole.curves, name)[stop:].tolist()


def test_unknown_desks_ways_and_shares_are_refused():
    city = people(shops([100.0], [3]))
    with pytest.raises(UnknownName, match=r'"inspectors" is not a known desk; known: .*inspection'):
        inputs_of(city, tables(), servers={"inspectors": 1.0})
    with pytest.raises(UnknownName, match='"grant" is not a known way of paying'):
        inputs_of(city, tables(), owners={"grant": 1.0})
    with pytest.raises(TableError, match=r"rebuilding.owners: shares sum to 0.7"):
        inputs_of(city, tables(), owners={"loan": 0.7})


@pytest.mark.parametrize(
    ("table", "cut", "message"),
    [
        ("rebuilding_steps", "step != 'permit'", "no row for permit, slight"),
        ("rebuilding_owners", "way != 'aid'", "no row for home, aid"),
        ("rebuilding_figures", "figure != 'debris_outside'", '"debris_outside" stands in none'),
    ],
)
def test_missing_rows_are_named(table, cut, message):
    given = tables()
    with pytest.raises(TableError, match=message):
        inputs_of(people(shops([100.0], [3])), replace(given, **{table: getattr(given, table).query(cut)}))


def test_uniform_numbers_are_uniform_and_of_their_own():
    own = np.arange(50_000)
    drawn = uniforms(own, 16, KEY)
    assert abs(drawn.mean() - 0.5) < 4 * np.sqrt(1 / 12 / own.size)
    assert abs(np.corrcoef(drawn, uniforms(own, 17, KEY))[0, 1]) < 4 / np.sqrt(own.size)


def test_the_packaged_tables_fit_a_city():
    real = load_parameters()
    assert (real.rebuilding_figures["low"] <= real.rebuilding_figures["value"]).all()
    assert (real.rebuilding_figures["value"] <= real.rebuilding_figures["high"]).all()
    assert real.rebuilding_owners.groupby("use")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    given = parameters(
        rebuilding_steps=real.rebuilding_steps,
        rebuilding_owners=real.rebuilding_owners,
        rebuilding_figures=real.rebuilding_figures,
    )
    inputs = prepare(town(60), uniform({"PGA": 0.4}), *plan(), given)
    found = rebuilding_inputs(inputs.city, given, Resources({"building": 5}), inputs.damage.table, RebuildingSettings())
    assert (found.stretch >= 1).all()
    assert len(found.desks.opens) == len(STEPS) - 1
