"""Strategies as the engine runs them: Smith's rule against brute force, the tree against networkx, branches by hand,
the constraints replayed from the trace, and the worth of a task against the losses it is to end."""

from dataclasses import replace
from itertools import permutations
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from cities import network, parameters, play, shops, town
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import changed, plan
from small_cities import small_city

from holdfast.recovery.engine import Run, run_draw
from holdfast.recovery.engine.records import STARTED, WITHDRAWN
from holdfast.recovery.hazard import uniform
from holdfast.recovery.networks.graph import graph
from holdfast.recovery.settings.run_settings import Delivery, Households, Material
from holdfast.recovery.simulation.draw import draw, simulate_draw
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import draw_seeds
from holdfast.recovery.strategy import STRATEGIES, repair_tree, spanning_tree
from holdfast.recovery.strategy.valuation import by_use, marginal_value

CALM = uniform({"PGA": 0})
SHAKEN = uniform({"PGA": 1.0})
DAYS = {"COM1": (1, 20, 40, 80), "COM4": (1, 20, 40, 80), "COM6": (1, 40, 80, 160)}
RATE = {"COM1": 2.0, "COM4": 4.0, "COM6": 3.0}


def played(city, tables, scenario, options, seeds):
    """Draws of a city: damage states, days of completion of buildings and of network assets, production."""
    inputs = prepare(city, scenario, *options, tables)
    draws = [simulate_draw(inputs, seed) for seed in seeds]
    count = len(city.buildings)
    return SimpleNamespace(
        damage_state=np.stack([damage.damage_state[:count] for damage, _ in draws]),
        completion_day=np.stack([out.finished[:count] for _, out in draws]),
        network_completion_day=np.stack([out.finished[count:] for _, out in draws]),
        EP=draws[0][1].production,
        normal=draws[0][1].normal,
    )


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_keeps_its_crews(name):
    """On no day more crews at work than there are, nothing before its release; what stays waits for crews.

    Lists and the random order leave no crew idle while a task that fits could start. The semi-flexible
    strategy may, for a task soon to be released; the fully flexible ones are looked at in the stateful test.
    """
    city = town(120, seed=4)
    options = plan(strategy=name, crews={"building": 6, "power": 2, "water": 2, "telecom": 2})
    block = play(city, parameters(), uniform({"PGA": 0.4}), options, draw_seeds(1, 2)[0])
    area = city.buildings["floor_area_m2"].to_numpy()
    crews = np.clip(np.ceil(area / 500), 1, 6).astype(int)
    long = city.buildings["occupancy"].map({"RES1": 10, "COM1": 20, "COM4": 20, "COM6": 40}).to_numpy()
    if name.startswith("fully"):
        return
    for state, end in zip(block.damage_state, block.completion_day, strict=True):
        duration = np.select([state == 0, state == 1], [0, 1], long * 2 ** np.maximum(state - 2.0, 0)).astype(int)
        start = end - duration
        assert (start[state > 0] >= 4).all()
        for day in range(end.max()):
            free = 6 - crews[(state > 0) & (start <= day) & (day < end)].sum()
            assert free >= 0
            if name != "semi_flexible":
                assert not ((state > 0) & (start > day) & (crews <= free) & (day >= 4)).any()


@pytest.mark.parametrize("seed", range(10))
def test_smiths_rule_against_brute_force(seed):
    """One crew, all released at once, no preemption: the loss is the least of all orders."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 8))
    kinds = rng.choice(list(DAYS), count)
    areas, states = rng.integers(20, 500, count).astype(float), rng.integers(2, 5, count)
    options = plan(damage="given", delays="none", weight=1.0, crews={"building": 1, "power": 1})
    city = shops(areas, states, kinds)
    block = play(city, parameters(), CALM, options, draw_seeds(1, 1)[0])
    days = np.array([DAYS[k][s - 1] for k, s in zip(kinds, states, strict=True)])
    gain = np.array([RATE[k] for k in kinds]) * areas * np.where(states == 2, 0.5, 1.0)
    best = min((gain[list(p)] * np.cumsum(days[list(p)])).sum() for p in permutations(range(count)))
    assert (block.normal[0] - block.EP[0]).sum() == pytest.approx(best, rel=1e-9)


def test_few_tasks_are_packed_exactly():
    """The shop of most value per crew, 500 m2 each, leaves one crew idle; the other two, 495 each, fill the pool."""
    areas = [1500.0, 990.0, 990.0]  # crews 3, 2, 2 of a pool of 4; by value per crew: 40, 80, 80
    options = plan(damage="given", delays="none", weight=1.0, crews={"building": 4, "power": 1})
    block = play(shops(areas, [3, 3, 3]), parameters(), CALM, options, draw_seeds(1, 1)[0])
    assert block.completion_day.tolist() == [[80, 40, 40]]


def test_tasks_without_gain_follow_by_size():
    options = plan(damage="given", delays="none", crews={"building": 1, "power": 1})
    city = shops([100.0, 400.0, 300.0, 50.0], [1, 1, 1, 2])
    block = play(city, parameters(), CALM, options, draw_seeds(1, 1)[0])
    assert block.completion_day.tolist() == [[23, 21, 22, 20]]


@pytest.mark.parametrize("seed", range(8))
def test_tree_against_networkx(seed):
    """Origin: minimum_spanning_tree of networkx on the same weights, with a super-source."""
    city = town(300)
    flat = graph(city.buildings, city.networks)
    rng = np.random.default_rng(seed)
    node_work = rng.integers(1, 9, flat.source.size) * (rng.random(flat.source.size) < 0.3).astype(float)
    edge_work = rng.integers(1, 9, len(flat.ends)) * (rng.random(len(flat.ends)) < 0.3).astype(float)
    whole = nx.Graph()
    for (a, b), w in zip(flat.ends, edge_work, strict=True):
        whole.add_edge(int(a), int(b), weight=w + 0.5 * (node_work[a] + node_work[b]))
    for s in np.flatnonzero(flat.source):
        whole.add_edge("super", int(s), weight=0.5 * node_work[s])
    expected = nx.minimum_spanning_tree(whole).size(weight="weight")
    tree = spanning_tree(flat.ends, flat.source, node_work, edge_work)
    assert all((a == b).all() for a, b in zip(tree, repair_tree(flat, node_work, edge_work), strict=True))
    total = 0.0
    for v in tree.order:
        p, e = tree.parent[v], tree.through[v]
        total += edge_work[e] + 0.5 * (node_work[p] + node_work[v]) if p >= 0 else 0.5 * node_work[v]
    assert sorted(tree.order) == list(range(flat.source.size))
    assert total == pytest.approx(expected)
    place = np.empty(flat.source.size, dtype=int)
    place[tree.order] = np.arange(flat.source.size)
    assert all(tree.parent[v] < 0 or place[tree.parent[v]] < place[v] for v in tree.order)


def feeder(power_crews: int):
    """A source with two spurs: a long one to a large shop, a short one to a small shop; all edges are down.

    p --e1-- a --e2-- b (large shop, 1000 $/day)      p --e3-- c (small shop, 300 $/day)
    """
    nodes = {n: (i, 0, n == "p", None) for i, n in enumerate("pabc")}
    edges = [("e1", "p", "a", "broken"), ("e2", "a", "b", "broken"), ("e3", "p", "c", "broken")]
    city = shops([500.0, 150.0], [0, 0])
    city.networks["power"] = network("power", nodes, edges)
    city.buildings["power_node"] = ["b", "c"]
    options = plan(weight=1.0, delays="none", crews={"building": 1, "power": power_crews})
    block = play(city, parameters(), SHAKEN, options, draw_seeds(1, 1)[0])
    return dict(zip([*"pabc", "e1", "e2", "e3"], block.network_completion_day[0].tolist(), strict=True))


def test_the_path_that_brings_back_most_per_crew_day_comes_first():
    """4 days each. Large: 500 / 8 per day; small: 150 / 4. So e1, e2, then e3, although e1 alone lights nobody."""
    assert feeder(1) == {"p": 0, "a": 0, "b": 0, "c": 0, "e1": 4, "e2": 8, "e3": 12}


def test_two_crews_work_on_one_path():
    assert feeder(2) == {"p": 0, "a": 0, "b": 0, "c": 0, "e1": 4, "e2": 4, "e3": 8}


def test_a_path_whose_work_is_all_assigned_lends_nothing_to_the_path_behind_it():
    """Edge and node of one path take two of three crews; the third weighs what is left: c 150 / 4, b 100 / 4.

    p --e1-- a (500 m2, down itself) --e2-- b (100 m2)      p --e3-- c (150 m2)
    Counted with the path to a, b would come first: (500 + 100) / 12 a day.
    """
    nodes = {n: (i, 0, n == "p", "broken" if n == "a" else None) for i, n in enumerate("pabc")}
    edges = [("e1", "p", "a", "broken"), ("e2", "a", "b", "broken"), ("e3", "p", "c", "broken")]
    city = shops([500.0, 100.0, 150.0], [0, 0, 0])
    city.networks["power"] = network("power", nodes, edges)
    city.buildings["power_node"] = ["a", "b", "c"]
    options = plan(weight=1.0, delays="none", crews={"building": 1, "power": 3})
    block = play(city, parameters(), SHAKEN, options, draw_seeds(1, 1)[0])
    assert block.network_completion_day[0].tolist() == [0, 4, 0, 0, 4, 8, 4]  # p, a, b, c, e1, e2, e3


def test_what_a_building_does_without_power_does_not_count_for_its_spur():
    """Shop 500 $/day, half of it without power; office 400 $/day, a quarter: the office has more to gain."""
    nodes = {n: (i, 0, n == "p", None) for i, n in enumerate("pab")}
    city = shops([250.0, 100.0], [0, 0], ["COM1", "COM4"])
    city.networks["power"] = network("power", nodes, [("e1", "p", "a", "broken"), ("e2", "p", "b", "broken")])
    city.buildings["power_node"] = ["a", "b"]
    options = plan(weight=1.0, delays="none", crews={"building": 1, "power": 1})
    block = play(city, parameters(), SHAKEN, options, draw_seeds(1, 1)[0])
    assert block.network_completion_day[0].tolist() == [0, 0, 0, 8, 4]  # p, a, b, e1, e2


def test_a_node_is_credited_with_the_network_behind_it():
    """The pump w1 hangs on c, so that the short spur, else last, comes first."""
    nodes = {n: (i, 0, n == "p", None) for i, n in enumerate("pabc")}
    edges = [("e1", "p", "a", "broken"), ("e2", "a", "b", "broken"), ("e3", "p", "c", "broken")]
    city = shops([500.0, 150.0, 500.0], [0, 0, 0], ["COM1", "COM1", "COM6"])
    city.networks["power"] = network("power", {**nodes}, edges)
    city.networks["water"] = network("water", {"w": (0, 0, True, None)}, needs=[("w", "power", "c", 0.0)])
    city.buildings["power_node"], city.buildings["water_node"] = ["b", "c", "p"], "w"
    options = plan(weight=1.0, delays="none", crews={"building": 1, "power": 1, "water": 1})
    block = play(city, parameters(), SHAKEN, options, draw_seeds(1, 1)[0])
    assert block.network_completion_day[0].tolist() == [0, 0, 0, 0, 0, 8, 12, 4]


@pytest.mark.parametrize("seed", range(4))
def test_worth_is_what_the_losses_integrate(seed):
    """On the day of the event, with nothing repaired and nobody moved: w (EP0 - EP) / EP0 + (1 - w) (SC0 - SC) / SC0."""
    city, weight = town(80, seed=seed), 0.3
    for name, net in city.networks.items():  # without backups that end in the course of the day
        city.networks[name] = replace(net, dependencies=net.dependencies.iloc[:0])
    nobody_helps = Households(patience_days=1.0, stay_share=1.0, host_share=0.0)
    crews = dict.fromkeys(("building", "power", "water", "telecom"), 1)
    options = plan(weight=weight, delays="none", crews=crews, households=nobody_helps)
    scenario = uniform({"PGA": 0.5})
    inputs = prepare(city, scenario, *options, parameters())
    damage, out = simulate_draw(inputs, draw_seeds(seed, 1)[0][0])
    people = inputs.repair.city.people
    own = people.building
    served = np.column_stack([_served(inputs, damage)[inputs.repair.city.graph.serving[:, n]] for n in range(3)])
    pattern = served @ np.array([4, 2, 1])
    makes, r_ss = people.productive.corner[own["maker"], pattern], people.capable.corner[own["category"], pattern]
    usable, lived = damage.functional_share[:80], damage.reoccupied_share[:80]
    function = np.stack([usable * makes, usable * (1 + r_ss) / 2, lived * (1 + r_ss) / 2], axis=1)
    money = (out.normal[0] - out.curves.production[0]) / out.normal[0]
    capacity = (out.normal[1] - out.curves.capacity[0]) / out.normal[1]
    share = marginal_value(people, weight)
    assert share.sum() == pytest.approx(1.0)
    assert by_use(share).sum() == pytest.approx(1.0)
    assert (share * (1 - function)).sum() == pytest.approx(weight * money + (1 - weight) * capacity, rel=1e-6)


def _served(inputs, damage):
    """Who has service on the day of the event: by the search of networkx."""
    flat, low = inputs.repair.city.graph, inputs.assets.buildings
    down = damage.damage_state[low:] >= 2
    net = nx.Graph()
    net.add_nodes_from(v for v in range(flat.source.size) if not down[v])
    net.add_edges_from(
        (int(a), int(b)) for e, (a, b) in enumerate(flat.ends) if not (down[flat.source.size + e] or down[a] or down[b])
    )
    served = np.zeros(flat.source.size, dtype=int)
    for part in nx.connected_components(net):
        if any(flat.source[v] for v in part):
            served[list(part)] = 1
    return served


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    name=st.sampled_from(sorted(STRATEGIES)),
    span=st.sampled_from([0, 0, 3]),
    crews=st.integers(1, 4),
    stock=st.sampled_from([0.0, 30.0, 1000.0]),
)
def test_replayed_from_the_trace_no_constraint_breaks(seed, name, span, crews, stock):
    """Crews, time, materials and commitments: every line of the trace is played back, day by day."""
    small = small_city(seed, 12, parameters())
    materials = {"timber": Material(stock, 1.0, ["building"])}
    deliveries = [Delivery("timber", 20, 2000.0)]
    changes = {"strategy": name, "commitment_days": span, "duration_dispersion": 0.5, "materials": materials}
    pools = {**small.options.resources.crews, "building": crews}
    options = changed(small.options, **changes, deliveries=deliveries, crews=pools)
    inputs = prepare(small.city, small.scenario, *options, small.parameters)
    drawn = draw(inputs, draw_seeds(seed, 1)[0][0])
    given_pools, limits = (
        (inputs.damage.table.pools, inputs.repair.materials.stock),
        Run(inputs.repair.models, None, 10_000),
    )
    out = run_draw(
        inputs.repair.city,
        inputs.repair.baseline,
        drawn.tasks,
        drawn.tree,
        inputs.repair.calendar,
        given_pools,
        7300,
        limits,
    )
    task, least = drawn.tasks.asset, 1 if name.startswith("fully") else span
    busy, begun, worked = np.zeros(len(pools), int), {}, dict.fromkeys(np.flatnonzero(task["damaged"]), 0)
    left, coming = inputs.repair.materials.stock[0], inputs.repair.calendar.deliveries[0, 2]
    for day, asset, what, used in out.trace:
        own = task[asset]
        assert used == own["crews"]
        if what == STARTED:
            assert day >= own["release"]
            if own["material"] >= 0 and worked[asset] == 0:
                left -= own["amount"]
            assert left + (coming if day >= 20 else 0) >= 0
            busy[own["trade"]] += used
            begun[asset] = day
        else:
            spell = day - begun.pop(asset)
            worked[asset] += spell
            busy[own["trade"]] -= used
            if what == WITHDRAWN:
                assert least > 0
                assert spell >= least
        assert (busy <= inputs.damage.table.pools).all()
    assert not begun
    assert all(worked[a] == task["duration"][a] for a in worked)
    assert (out.finished[task["damaged"]] > 0).all()
