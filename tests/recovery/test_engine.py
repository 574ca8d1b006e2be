"""The loop: start in the middle, crews, materials, roads, aid, shelters, integrals, outside models; all on traces."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import five_buildings, network, parameters, shops, town
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import changed, plan

from holdfast.errors import TableError, UnknownName
from holdfast.recovery.engine import FINISHED, STARTED, WITHDRAWN, Run, run_draw, run_until
from holdfast.recovery.hazard import uniform
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.networks.network_state import intact
from holdfast.recovery.networks.service import open_affected, solve_service, update_backups
from holdfast.recovery.networks.spread import spread_service
from holdfast.recovery.settings.run_settings import Action, Aid, Delivery, Material
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.present import asset_names, present_from_table, present_table
from holdfast.recovery.simulation.simulate_draws import draw_seeds

SCENARIO = uniform({"PGA": 0.4}, 0.2, 0.3)
CALM = uniform({"PGA": 0})
CREWS = {"building": 12, "power": 3, "water": 3, "telecom": 3}
ONE = {"building": 1, "power": 1}


def play(city, options, scenario=SCENARIO, seed=1, lines=0, present=None):
    """One draw with its trace."""
    inputs = prepare(city, scenario, *options, parameters())
    drawn = draw(inputs, draw_seeds(seed, 1)[0][0])
    fixed = (
        inputs.repair.city,
        inputs.repair.baseline,
        drawn.tasks,
        drawn.tree,
        inputs.repair.calendar,
        (inputs.damage.table.pools, inputs.repair.materials.stock),
    )
    return (
        inputs,
        drawn,
        fixed,
        run_draw(*fixed, options.recovery.horizon_days, Run(inputs.repair.models, present, lines)),
    )


@pytest.mark.parametrize("strategy", ["semi_flexible", "largest_first", "fully_flexible"])
def test_a_start_from_the_state_at_day_30_is_exactly_the_rest_of_the_run(strategy):
    aid = [Aid("building", 10, 5), Aid("building", 40, -5)]
    stock = {"glass": Material(60, 0.5, ["building"])}
    coming = [Delivery("glass", d, 80) for d in range(5, 300, 5)]
    city = town(150)
    for net in city.networks.values():
        net.dependencies["backup_hours"] = 29.0 * 24 + 13.5  # runs out on day 29 and later
    options = plan(crews=CREWS, strategy=strategy, duration_dispersion=0.4, aid=aid, materials=stock, deliveries=coming)
    _, _, fixed, whole = play(city, options)
    present = run_until(30, *fixed, Run({}))
    assert present.running.any()
    assert (present.began < 0).any()
    assert (present.outage == -1).any()  # in service
    rest = run_draw(*fixed, options.recovery.horizon_days, Run({}, present))
    for name, curve in whole.curves._asdict().items():
        assert getattr(rest.curves, name).tobytes() == curve[30:].tobytes(), name
    assert rest.finished.tolist() == whole.finished.tolist()
    assert rest.began.tolist() == whole.began.tolist()
    assert rest.stock.tolist() == whole.stock.tolist()


@pytest.mark.parametrize("strategy", ["semi_flexible", "fully_flexible"])
def test_a_start_from_any_day_goes_on_with_tasks_that_were_begun_and_wait(strategy):
    """Crews go home after nine days, so that some of what was begun waits for others."""
    city, waiting = town(40), set()
    aid = [Aid("building", 9, -18), Aid("building", 30, 4)]
    keys = {"strategy": strategy, "commitment_days": 4, "duration_dispersion": 0.6, "aid": aid}
    options = plan(crews=CREWS | {"building": 20}, **keys)
    for seed in range(3):
        _, _, fixed, whole = play(city, options, seed=seed)
        for day in range(3, min(40, len(whole.curves.production)), 6):
            present = run_until(day, *fixed, Run({}))
            waiting |= set(np.flatnonzero((present.began >= 0) & (present.finished < 0) & ~present.running))
            rest = run_draw(*fixed, options.recovery.horizon_days, Run({}, present))
            assert rest.finished.tolist() == whole.finished.tolist(), day
            for name, curve in whole.curves._asdict().items():
                assert getattr(rest.curves, name).tobytes() == curve[day:].tobytes(), (day, name)
    assert waiting


def test_a_start_between_two_outages_remembers_when_the_first_began():
    """Power breaks; the pump runs for 10 days and the exchange, without water, for 29 more: out on day 39, started on day 20."""
    city, tables = five_buildings(), parameters()
    city.networks["power"].nodes.loc["p2", "asset_class"] = "broken"
    city.networks["water"].dependencies["backup_hours"] = 24.0 * 10
    city.networks["telecom"] = network("telecom", {"t1": (4, 0, True, None)}, needs=[("t1", "water", "w1", 24.0 * 29)])
    city.buildings["telecom_node"] = "t1"
    slow = replace(tables, repair=tables.repair.assign(repair_days=tables.repair["repair_days"] * 20))
    options = plan(crews={"building": 3, "power": 1, "water": 1, "telecom": 1}, delays="none")
    inputs = prepare(city, uniform({"PGA": 1.0}), *options, slow)
    drawn = draw(inputs, draw_seeds(1, 1)[0][0])
    own, resources = inputs.repair, (inputs.repair.calendar, (inputs.damage.table.pools, inputs.repair.materials.stock))
    fixed = (own.city, own.baseline, drawn.tasks, drawn.tree, *resources)
    whole = run_draw(*fixed, options.recovery.horizon_days, Run({}))
    rest = run_draw(*fixed, options.recovery.horizon_days, Run({}, run_until(20, *fixed, Run({}))))
    for name, curve in whole.curves._asdict().items():
        assert getattr(rest.curves, name).tobytes() == curve[20:].tobytes(), name
    assert [int(np.argmin(whole.curves.service[:, n])) for n in (1, 2)] == [10, 39]


def test_a_table_of_the_present_goes_there_and_back():
    city = town(150)
    options = plan(crews=CREWS)
    _, drawn, fixed, whole = play(city, options)
    present = run_until(30, *fixed, Run({}))
    names = asset_names(city)
    table = present_table(present, drawn.tasks.asset["damaged"], names)
    assert len(table) == drawn.tasks.order.size
    again = present_from_table(30, table, drawn.tasks, names, present.outage.size)
    for name in ("began", "running", "finished"):
        assert getattr(again, name).tolist() == getattr(present, name).tolist()
    out = present.outage >= 0
    assert (again.outage[out] >= present.outage[out]).all()
    rest = run_draw(*fixed, options.recovery.horizon_days, Run({}, again))
    assert rest.finished.tolist() == whole.finished.tolist()
    odd = table.rename(index={table.index[0]: "building:none"})
    with pytest.raises(TableError, match='"building:none" is not in the city'):
        present_from_table(30, odd, drawn.tasks, names, present.outage.size)


def test_crews_that_are_free_in_a_present_begin_on_its_day():
    """A table of day 30 in which nobody works: all crews are given tasks on day 30, not at the next event."""
    city = town(150)
    options = plan(crews=CREWS)
    _, drawn, fixed, _ = play(city, options)
    names, present = asset_names(city), run_until(30, *fixed, Run({}))
    table = present_table(present, drawn.tasks.asset["damaged"], names)
    waiting = table.index[table["running"]]
    table.loc[waiting, ["began_day", "since_day"]], table.loc[waiting, "running"] = pd.NA, False
    again = present_from_table(30, table, drawn.tasks, names, present.outage.size)
    out = run_draw(*fixed, options.recovery.horizon_days, Run({}, again))
    assert (out.began == 30).any()


def in_use(trace, task, days):
    """Crews of each trade at work in every day of a trace, and the most that ever were."""
    used = np.zeros((task["trade"].max() + 1, days + 1), dtype=int)
    for day, a, what, crews in trace:
        used[task["trade"][a], day:] += crews if what == STARTED else -crews
    return used


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    strategy=st.sampled_from(["semi_flexible", "random", "largest_first", "fully_flexible", "critical_first"]),
    crews=st.integers(2, 14),
    more=st.integers(0, 9),
    span=st.integers(0, 20),
    stock=st.integers(0, 40),
    dispersion=st.sampled_from([0.0, 0.5]),
)
def test_crews_time_and_stock_are_never_exceeded_and_commitments_never_broken(
    seed, strategy, crews, more, span, stock, dispersion
):
    aid = [Aid("building", 9, more), Aid("building", 31, -more)]
    options = plan(
        strategy=strategy,
        crews={**CREWS, "building": crews},
        commitment_days=span,
        duration_dispersion=dispersion,
        aid=aid,
        materials={"wood": Material(stock, 0.25, ["building"])},
        deliveries=[Delivery("wood", d, 30.0) for d in range(3, 2000, 10)],
        horizon_days=3000,
    )
    _, drawn, _, out = play(CITY, options, seed=seed, lines=10**5)
    task, trace = drawn.tasks.asset, out.trace
    used = in_use(trace, task, int(trace[:, 0].max(initial=0)) + 1)
    assert used.min() >= 0
    pool = np.array([crews + (more if 9 <= d < 31 else 0) for d in range(used.shape[1])])
    for day, a, what, _ in trace:  # crews start only where they are free
        if what == STARTED and task["trade"][a] == 0:
            assert used[0, day] <= pool[day]
    assert (used[1:] <= 3).all()
    need = 0.0
    start_days = sorted(
        (d, task["amount"][a] / 1000)
        for d, a, w, _ in trace
        if w == STARTED and out.began[a] == d and task["material"][a] >= 0
    )
    for day, amount in start_days:
        need += amount
        assert need <= stock + 30.0 * len(range(3, day + 1, 10)) + 1e-9
    least = 1 if strategy == "fully_flexible" else span
    for a in np.flatnonzero(task["damaged"]):
        own = trace[trace[:, 1] == a]
        assert (own[::2, 2] == STARTED).all()
        assert (own[1::2, 2] != STARTED).all()
        assert own.size == 0 or own[0, 0] >= task["release"][a]
        spans = own[1::2, 0] - own[: len(own) // 2 * 2 : 2, 0]
        withdrawn = own[1::2, 2] == WITHDRAWN
        assert not withdrawn.any() or least > 0
        assert (spans[withdrawn] == least).all()
        if out.finished[a] >= 0:
            assert spans.sum() == task["duration"][a]
            assert own[-1].tolist()[::2] == [out.finished[a], FINISHED]


CITY = town(90, seed=3)


def test_crews_that_leave_finish_what_they_do():
    """Two shops, 40 days each, two crews of which one leaves on day 10: both are done on day 40."""
    options = plan(
        delays="none",
        damage="given",
        crews={"building": 2, "power": 1},
        aid=[Aid("building", 10, -1)],
    )
    _, _, _, out = play(shops([100.0, 90.0, 80.0], [3, 3, 3]), options, CALM)
    assert out.finished.tolist() == [40, 40, 80, 0]


def test_aid_that_arrives_starts_at_once():
    options = plan(delays="none", damage="given", crews=ONE, aid=[Aid("building", 7, 1)])
    assert play(shops([100.0, 90.0], [3, 3]), options, CALM)[3].finished.tolist() == [40, 47, 0]


def test_a_task_waits_for_its_material():
    """20 crew-days of wood in store, 40 needed; more comes on day 12. Without delivery it never starts."""
    wood = {"wood": Material(20, 1, ["building"])}
    options = plan(delays="none", damage="given", crews=ONE, materials=wood, horizon_days=99)
    city = shops([100.0], [3])
    assert play(city, options, CALM)[3].finished.tolist() == [-1, 0]
    later = changed(options, deliveries=[Delivery("wood", 12, 20)])
    out = play(city, later, CALM)[3]
    assert out.finished.tolist() == [52, 0]
    assert out.stock.tolist() == [0]


def test_a_task_waits_for_its_road():
    """The bridge e1 (4 days) leads to the shop: its 40 days begin on day 4; with road_access off on day 0."""
    nodes = {n: (i, 0, n == "g", None) for i, n in enumerate("gn")}
    city = shops([100.0], [3])
    city.networks["transport"] = network("transport", nodes, [("e1", "g", "n", "broken")])
    city.buildings["transport_node"] = "n"
    tables = parameters()
    tables = replace(tables, services=tables.services.assign(transport_residual=0.5))
    options = plan(delays="none", damage="given", crews={**ONE, "transport": 1})
    shaken = uniform({"PGA": 1.0})
    days = []
    for access in (True, False):
        chosen = changed(options, road_access=access)
        out = simulate_draw(prepare(city, shaken, *chosen, tables), draw_seeds(1, 1)[0][0])[1]
        days.append(out.finished[0])
    assert days == [44, 40]


@pytest.mark.parametrize(("road_access", "day"), [(True, 8), (False, 4)])
def test_a_substation_waits_for_the_road_nearest_to_it(road_access, day):
    """The bridge e1 (4 days) leads to n, beside the source p of power, whose 4 days begin then; the building hangs on g.

    Another source o stands beside g and is whole.
    """
    city = shops([100.0], [0])
    city.networks["power"] = network("power", {"o": (0, 0, True, None), "p": (1, 0, True, "broken")})
    nodes = {n: (i, 0, n == "g", None) for i, n in enumerate("gn")}
    city.networks["transport"] = network("transport", nodes, [("e1", "g", "n", "broken")])
    city.buildings["transport_node"] = "g"
    tables = parameters()
    tables = replace(tables, services=tables.services.assign(transport_residual=0.5))
    options = plan(delays="none", damage="given", crews={**ONE, "transport": 1}, road_access=road_access)
    out = simulate_draw(prepare(city, uniform({"PGA": 1.0}), *options, tables), draw_seeds(1, 1)[0][0])[1]
    assert out.finished.tolist() == [0, 0, day, 0, 0, 4]


def test_shelters_and_moves():
    """A home of 10 destroyed for 40 days; 4 places open on day 5 and close on day 20; 3 persons leave for good on day 10.

    Nobody works: all of a person counts at home. Hosts there are none, and one in ten stays in the ruin: 9 look for a place.
    Without a place: 10; from day 5 on 10 - 4 = 6; from day 10 on 7 - 4 = 3; from day 20 on 7.
    """
    city = shops([100.0], [4], ["RES1"])
    city.buildings["residents"], city.buildings["workers"] = 10.0, 0.0
    actions = [
        Action(5, "shelter", 4, zone="z"),
        Action(10, "move", 3, zone="z"),
        Action(20, "shelter", -4, zone="z"),
    ]
    options = plan(delays="none", damage="given", crews=ONE, actions=actions)
    _, _, _, out = play(city, options, CALM)
    np.testing.assert_allclose(out.curves.homeless, np.repeat([10, 6, 3, 7, 0], [5, 5, 10, 20, 1]), atol=1e-9)
    np.testing.assert_allclose(out.curves.capacity[[0, 5, 19, 20]], [0, 8, 8, 0], atol=1e-9)
    np.testing.assert_allclose(out.curves.demand[[0, 9, 10]], [10, 10, 7])
    assert out.resettled == 3


def test_an_outage_alone_lowers_what_a_home_gives():
    """Homes of 10 lose power for 4 days: r_SS is 0.5 (`parameters`), so all 10, of whom nobody works, lack a quarter of a
    place with services, until their patience ends on day 3; the days add up to the person-days.
    """
    city = shops([100.0], [0], ["RES1"])
    city.networks["power"] = network("power", {"p": (0, 0, True, "broken")})
    city.buildings["residents"], city.buildings["workers"] = 10.0, 0.0
    options = plan(delays="none", damage="given", crews=ONE)
    out = play(city, options, uniform({"PGA": 1.0}))[3]
    np.testing.assert_allclose(out.curves.gap[:3], 10 * (2 - 1.5) / 2)
    assert out.curves.gap[3] > 2.5
    assert out.curves.gap[4] == 0
    assert out.gap_days.sum() == pytest.approx(out.curves.gap.sum())


def test_a_school_that_becomes_a_shelter_teaches_nobody():
    city = shops([100.0, 50.0], [0, 4], ["COM1", "RES1"])
    city.buildings["residents"], city.buildings["workers"] = [0.0, 8.0], [4.0, 0.0]
    actions = [
        Action(2, "convert", 6, building="s000"),
        Action(9, "convert", 0, building="s000"),
    ]
    options = plan(delays="none", damage="given", crews=ONE, actions=actions)
    out = play(city, options, CALM)[3]
    assert out.curves.production[[1, 2, 8, 9]].tolist() == [200, 0, 0, 200]
    # of 8 residents .21 count by day, in the school; 6 of the 7.2 who do not stay in the ruin find a place in it, with r_SS 1
    by_day, shelter = 0.21 * 8 * 2, 0.79 * 6 * 2
    np.testing.assert_allclose(out.curves.capacity[[1, 2, 8, 9]], [by_day, shelter, shelter, by_day])
    np.testing.assert_allclose(out.curves.homeless[[1, 2, 8, 9]], [8, 2, 2, 8])
    np.testing.assert_allclose(out.curves.unserved[[1, 2, 8, 9]], [0, 8, 8, 0])  # all shops gone


def test_a_model_outside_the_loop_is_asked_at_every_change():
    """It gives half of the service while anything is broken: shops without power at 1/2 do 3/4 of their work."""
    asked = []

    def half(nodes, edges, leak):
        assert leak.tolist() == [0.0]
        asked.append((nodes.tolist(), edges.tolist()))
        return np.full(nodes.size, 1.0 if nodes.all() and edges.all() else 0.5)

    city = shops([100.0], [0])
    city.networks["power"] = network(
        "power", {"p": (0, 0, True, None), "q": (1, 0, False, None)}, [("e", "p", "q", "broken")]
    )
    city.buildings["power_node"] = "q"
    options = plan(delays="none", damage="given", crews=ONE)
    inputs = prepare(city, uniform({"PGA": 1.0}), *options, parameters())
    inputs.repair.baseline.networks.update.external[:] = True
    inputs.repair.baseline.networks.update.gains_only[:] = False
    out = simulate_draw(inputs._replace(repair=inputs.repair._replace(models={0: half})), draw_seeds(1, 1)[0][0])[1]
    assert out.curves.production.tolist() == [150] * 4 + [200]
    assert asked == [([True, True], [False]), ([True, True], [True])]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_spreading_from_a_repair_gives_what_settling_again_gives(seed):
    rng = np.random.default_rng(seed)
    flat = graph(CITY.buildings, CITY.networks)
    state = intact(flat)
    state.node_intact[:] = rng.random(flat.source.size) > 0.3
    state.edge_intact[:] = rng.random(len(flat.ends)) > 0.3
    open_affected(flat, state)
    solve_service(0, -1, 1.0, flat, state)
    update_backups(0, 1.0, flat, state)
    assert state.update.gains_only.all()
    for minute in range(100, 900, 100):
        mended = [v for v in rng.choice(flat.source.size, 8) if not state.node_intact[v]]
        joined = [e for e in rng.choice(len(flat.ends), 8) if not state.edge_intact[e]]
        assets = np.array([*mended, *[-1 - e for e in joined]], dtype=np.int64)
        state.node_intact[mended], state.edge_intact[joined] = True, True
        again = intact(flat)._replace(
            node_intact=state.node_intact, edge_intact=state.edge_intact, outage_since=state.outage_since.copy()
        )
        expired = (state.outage_since >= 0) & (minute - state.outage_since >= flat.needs.minutes)
        state.update.changed[:] = expired.any()
        state.repaired.asset[: assets.size], state.repaired.size[0] = assets, assets.size
        if expired.any():
            state.repaired.size[0] = 0
            open_affected(flat, state)
            solve_service(minute, -1, 1.0, flat, state)
            update_backups(minute, 1.0, flat, state)
        else:
            spread_service(minute, 1.0, flat, state)
        open_affected(flat, again)
        solve_service(minute, -1, 1.0, flat, again)
        update_backups(minute, 1.0, flat, again)
        assert state.satisfaction.tolist() == again.satisfaction.tolist()
        assert state.outage_since.tolist() == again.outage_since.tolist()


@pytest.mark.parametrize("curve", ["step", "linear", "exponential"])
def test_integrals_of_recoveries(curve):
    """Shops of equal worth repaired so that production follows a step, a line, an exponential; sums in closed form."""
    count = 20
    finish = {
        "step": np.full(count, 13),
        "linear": np.arange(1, count + 1) * 3,
        "exponential": np.ceil(-40 * np.log(1 - (np.arange(count) + 0.5) / count)).astype(int),
    }[curve]
    options = plan(delays="none", damage="given", crews={"building": count, "power": 1})
    inputs = prepare(shops([100.0] * count, [3] * count), CALM, *options, parameters())
    drawn = draw(inputs, draw_seeds(1, 1)[0][0])
    drawn.tasks.asset["duration"][:count] = finish
    out = run_draw(
        inputs.repair.city,
        inputs.repair.baseline,
        drawn.tasks,
        drawn.tree,
        inputs.repair.calendar,
        (inputs.damage.table.pools, inputs.repair.materials.stock),
        7300,
        Run({}),
    )
    lost = (out.normal[0] - out.curves.production).sum()
    assert lost == pytest.approx(200.0 * finish.sum(), rel=1e-12)
    if curve == "step":
        assert lost == pytest.approx(4000 * 13)
    if curve == "linear":  # n equal steps down a line: n (n + 1) / 2 steps of 3 days
        assert lost == pytest.approx(200 * 3 * count * (count + 1) / 2)
    if curve == "exponential":  # area under N exp(-t / 40), to the half day by which each end is rounded up
        assert lost / 4000 == pytest.approx(40 + 0.5, rel=0.05)


def test_production_by_kind_of_occupancy_is_that_of_its_buildings():
    """Truth: what each building lacked over the days, summed by its occupancy."""
    inputs, _, _, out = play(town(150), plan(crews=CREWS))
    own, made = inputs.repair.city.people.building, out.curves.made
    np.testing.assert_allclose(made.sum(axis=1), out.curves.production, rtol=1e-12)
    lost = np.bincount(own["maker"], own["production"] * out.lost_production, made.shape[1])
    normal = np.bincount(own["maker"], own["production"], made.shape[1])
    np.testing.assert_allclose((normal - made).sum(axis=0), lost, rtol=1e-6)
    assert (lost > 0).sum() == 3


def test_crews_may_leave_on_the_day_on_which_others_come():
    """Of one day the order given counts, in the check as in the loop: there are never fewer than 0."""
    shift = [Aid("power", 4, 5), Aid("power", 4, -5)]
    crews = {"building": 1, "power": 1, "water": 1}
    inputs = prepare(five_buildings(), CALM, *plan(crews=crews, damage="given", aid=shift), parameters())
    assert inputs.repair.calendar.aid[:, 2].tolist() == [5, -5]


def test_bad_supplies_are_refused():
    city = five_buildings()
    base = {"crews": {"building": 1, "power": 1, "water": 1}, "damage": "given"}

    def refuse(error, match, **changes):
        with pytest.raises(error, match=match):
            prepare(city, CALM, *plan(**base, **changes), parameters())

    refuse(UnknownName, '"gas" is not a known trade', aid=[Aid("gas", 1, 1)])
    refuse(TableError, "power crews fall to 0 and end at 0", aid=[Aid("power", 1, -1)])
    refuse(UnknownName, '"wood" is not a known material', deliveries=[Delivery("wood", 1, 1)])
    refuse(TableError, "a convert needs it", actions=[Action(1, "convert", 1)])
    refuse(TableError, '"b9" is not in the city', actions=[Action(1, "convert", 1, building="b9")])
    refuse(UnknownName, '"gas" is not a known network', network_models={"gas": "capacity"})
    two = {n: Material(1, 1, ["power"]) for n in ("a", "b")}
    refuse(TableError, "needs more than one", materials=two)
