"""Laws of the whole chain: seeds, zero, sums, doubling, crews, horizon."""

from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from cities import Played, block_of, five_buildings, parameters, play, shops, town
from plans import changed, plan

from holdfast.blocks import run
from holdfast.errors import TableError, UnknownName
from holdfast.recovery.hazard import Correlation, uniform
from holdfast.recovery.losses.block_result import BlockResult, arrays_of, from_arrays, joined
from holdfast.recovery.losses.results import summarise
from holdfast.recovery.settings.run_settings import Action
from holdfast.recovery.simulation.draw_inputs import prepare
from holdfast.recovery.simulation.simulate_draws import block_worker, draw_seeds, simulate_block

ROOT = Path(__file__).parents[3]
SCENARIO = uniform({"PGA": 0.3}, 0.2, 0.3, Correlation(2000.0))
CREWS = {"building": 20, "power": 3, "water": 3, "telecom": 3}
OPTIONS = plan(crews=CREWS)


@pytest.fixture(scope="module")
def city():
    return town(150)


@pytest.fixture(scope="module")
def block(city) -> BlockResult:
    return block_of(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 10)[0])


@pytest.fixture(scope="module")
def played(city) -> Played:
    return play(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 10)[0])


def same(a: BlockResult, b: BlockResult) -> bool:
    one, two = arrays_of(a), arrays_of(b)
    return one.keys() == two.keys() and all(one[name].tobytes() == two[name].tobytes() for name in one)


def test_there_is_something_to_see(block):
    assert block.draws.state_count[:, 2:].sum() / block.draws.state_count.sum() > 0.1
    assert (block.curves.service < 1).any()
    assert block.draws.repair_cost.shape == (10, 3)
    assert (block.draws.repair_cost[:, :2] > 0).all()
    assert (block.draws.repair_cost[:, 2] == 0).all()  # shaking takes no contents


def test_same_seed_same_bytes_with_one_worker_and_two(city):
    blocks = draw_seeds(5, 23)
    make = partial(prepare, city, SCENARIO, *OPTIONS, parameters())
    work = partial(simulate_block, make())
    one, two = (list(run(work, blocks, workers=n, make=partial(block_worker, make))) for n in (1, 2))
    assert len(one) == 3
    assert all(same(a, b) for a, b in zip(one, two, strict=True))


def test_a_block_comes_back_from_its_arrays(block):
    assert same(from_arrays(arrays_of(block)), block)


def test_a_draw_does_not_depend_on_its_block(city, block):
    seeds = draw_seeds(5, 10)[0]
    alone = joined([block_of(city, parameters(), SCENARIO, OPTIONS, [s]) for s in seeds])
    assert same(alone, block)
    assert same(block_of(city, parameters(), SCENARIO, OPTIONS, draw_seeds(5, 99)[0]), block)
    assert not same(block_of(city, parameters(), SCENARIO, OPTIONS, draw_seeds(6, 10)[0]), block)


def test_zero_shaking_is_exactly_no_loss(city):
    calm = uniform({"PGA": 0.0}, 0.2, 0.3, Correlation(2000.0))
    still = block_of(city, parameters(), calm, OPTIONS, draw_seeds(1, 3)[0])
    dataset, losses, frame = summarise(city, parameters(), [still])
    assert dataset.sizes["time"] == 1
    assert (dataset["EP"] == dataset["EP0"]).all()
    assert (dataset["SC"] == dataset["SC0"]).all()
    for loss in vars(losses).values():
        assert (loss.mean, loss.p5, loss.p95, loss.mean_error) == (0, 0, 0, 0)
    assert (frame["mean_loss"] == 0).all()
    assert (frame["p_none"] == 1).all()
    assert (still.zones.unmet_days == 0).all()


def test_a_repaired_city_is_exactly_its_normal_self(block):
    assert (block.curves.EP[:, -1] == block.curves.normal[0]).all()
    assert (block.curves.SC[:, -1] == block.curves.normal[1]).all()
    assert (block.curves.gap[:, -1] == 0).all()
    assert (block.curves.homeless[:, -1] == 0).all()
    assert (block.curves.service[:, -1] == 1).all()
    assert block.draws.recovered.all()
    assert (block.buildings.unrepaired == 0).all()
    assert (block.nodes.unrestored == 0).all()


def test_sums_over_draws_are_those_of_the_single_draws(block, played):
    assert block.buildings.repair_days.tolist() == played.completion_day.sum(axis=0).tolist()
    assert block.nodes.restored_days.tolist() == played.restored_day.sum(axis=0).tolist()
    assert block.buildings.repaired_by[1].tolist() == (played.completion_day <= 90).sum(axis=0).tolist()
    states = [(played.damage_state == s).sum(axis=0).tolist() for s in range(5)]
    assert block.buildings.states.tolist() == states


def test_nothing_exceeds_normal_and_repairs_alone_never_lower_it(block):
    assert block.curves.EP.max() <= block.curves.normal[0]
    assert block.curves.SC.max() <= block.curves.normal[1]
    assert (block.curves.gap >= 0).all()
    assert (np.diff(block.curves.EP[:, 1:], axis=1) >= 0).all()  # all backups here run out on the day of the event
    # people leave homes without services after three days; from then on repairs alone change anything
    assert (np.diff(block.curves.gap[:, 4:], axis=1) <= 1e-9).all()


def test_the_city_is_the_sum_of_its_buildings(city, block):
    dataset, losses, frame = summarise(city, parameters(), [block])
    by_building = frame["mean_loss"].sum() + block.draws.repair_cost[:, 1].mean()
    assert by_building == pytest.approx(losses.total_economic_loss.mean, rel=1e-9)
    lost = (block.curves.normal[1] - block.curves.SC).sum(axis=1)
    np.testing.assert_allclose(block.draws.gap_days, lost / 2, rtol=1e-9)  # nobody moves: the paper's literal integral
    np.testing.assert_allclose(block.zones.lost_production.sum(axis=1), dataset["lost_production"], rtol=1e-9)
    np.testing.assert_allclose(block.zones.gap_days.sum(axis=1), block.curves.gap.sum(axis=1), rtol=1e-9)
    assert dataset["gap"].attrs["units"] == "persons"
    assert dataset["EP"].attrs["units"] == "USD_2017/day"


def test_with_crews_for_all_the_last_day_is_the_longest_delay_and_repair(city):
    many = plan(crews=dict.fromkeys(CREWS, 10**6))
    block = play(city, parameters(), SCENARIO, many, draw_seeds(5, 10)[0])
    long = city.buildings["occupancy"].map({"RES1": 10, "COM1": 20, "COM4": 20, "COM6": 40}).to_numpy()
    state = block.damage_state.astype(int)
    days = np.select([state == 0, state == 1], [0, 4 + 1], 4 + long * 2 ** np.maximum(state - 2, 0))
    assert (block.completion_day == days).all()


def test_doubling_the_city_doubles_the_loss():
    """A second city far away, with the same damage, its own networks and crews for all."""
    one = town(60)
    one.buildings["damage_state"] = np.random.default_rng(1).integers(0, 5, 60)
    other = renamed(one)
    networks = {
        name: replace(
            net,
            **{
                t: pd.concat([getattr(net, t), getattr(other.networks[name], t)])
                for t in ("nodes", "edges", "dependencies")
            },
        )
        for name, net in one.networks.items()
    }
    both = replace(
        one,
        buildings=pd.concat([one.buildings, other.buildings]),
        networks=networks,
        zones=pd.concat([one.zones, other.zones]),
    )
    calm = uniform({"PGA": 0})
    options = plan(damage="given", crews=dict.fromkeys(CREWS, 10**6))
    single, double = (
        summarise(c, parameters(), [block_of(c, parameters(), calm, options, draw_seeds(1, 1)[0])])[1]
        for c in (one, both)
    )
    for name in ("total_economic_loss", "service_capacity_loss"):
        assert getattr(double, name).mean == pytest.approx(2 * getattr(single, name).mean, rel=1e-9)
        per_area = f"{name}_per_m2"
        assert getattr(double, per_area).mean == pytest.approx(getattr(single, per_area).mean, rel=1e-9)


def renamed(city):
    """The same city a thousand kilometres east, under other names."""
    buildings = city.buildings.copy()
    buildings.index = "x" + buildings.index
    for column in ("zone_id", "power_node", "water_node", "telecom_node"):
        buildings[column] = "x" + buildings[column]
    zones = city.zones.rename(index=lambda z: "x" + z)
    networks = {}
    for name, net in city.networks.items():
        edges = net.edges.rename(index=lambda e: "x" + e)
        edges[["from_node", "to_node"]] = "x" + edges[["from_node", "to_node"]]
        needs = net.dependencies.copy()
        needs[["node_id", "on_node"]] = "x" + needs[["node_id", "on_node"]].astype(str)
        networks[name] = replace(net, nodes=net.nodes.rename(index=lambda n: "x" + n), edges=edges, dependencies=needs)
    for frame in (buildings, zones, *(n.nodes for n in networks.values())):
        frame["geometry"] = gpd.GeoSeries(frame.geometry).translate(1e6)
    return replace(city, buildings=buildings, zones=zones, networks=networks)


def test_more_crews_do_not_raise_the_loss_on_average():
    """Paired over cities; single reversals are known scheduling anomalies and allowed."""
    differences = []
    for seed in range(30):
        city = town(50, seed)
        few, more = (
            block_of(city, parameters(), SCENARIO, plan(crews=dict.fromkeys(CREWS, n)), draw_seeds(seed, 1)[0])
            for n in (4, 6)
        )
        differences.append(
            (more.curves.normal[0] - more.curves.EP).sum() - (few.curves.normal[0] - few.curves.EP).sum()
        )
    values = np.array(differences)
    assert values.mean() - 1.96 * values.std(ddof=1) / np.sqrt(values.size) <= 0


def test_semi_flexible_beats_random_order(city):
    few = dict.fromkeys(CREWS, 5)
    loss = {
        name: (b.curves.normal[0] - b.curves.EP).sum()
        for name in ("semi_flexible", "random")
        for b in [block_of(city, parameters(), SCENARIO, plan(strategy=name, crews=few), draw_seeds(5, 10)[0])]
    }
    assert loss["semi_flexible"] < loss["random"]


def test_the_horizon_cuts_and_says_so(city, block):
    short = changed(OPTIONS, horizon_days=12)
    cut = block_of(city, parameters(), SCENARIO, short, draw_seeds(5, 10)[0])
    dataset, losses, frame = summarise(city, parameters(), [cut])
    assert dataset.sizes["time"] == 13
    np.testing.assert_array_equal(cut.curves.EP, block.curves.EP[:, :13])
    assert not dataset["recovered"].all()
    assert frame["mean_days_to_repair"].isna().any()
    assert losses.lost_production.mean == pytest.approx(
        (block.curves.normal[0] - block.curves.EP[:, :13]).sum(axis=1).mean()
    )
    assert cut.buildings.lost_days.max() <= 13 * 10


@pytest.mark.parametrize(("horizon", "day", "days"), [(41, 40, 41), (40, 40, 41), (39, -1, 40)])
def test_a_repair_that_ends_on_the_horizon_counts(horizon, day, days):
    """A shop with extensive damage: 40 days, begun on day 0."""
    shop = shops([100.0], [3])
    options = plan(damage="given", delays="none", crews={"building": 1, "power": 1}, horizon_days=horizon)
    cut = block_of(shop, parameters(), uniform({"PGA": 0}), options, draw_seeds(1, 1)[0])
    dataset, _, _ = summarise(shop, parameters(), [cut])
    assert cut.buildings.repair_days.tolist() == [max(day, 0)]
    assert cut.buildings.unrepaired.tolist() == [day < 0]
    assert dataset.sizes["time"] == days
    assert dataset["recovered"].item() == (day >= 0)
    assert (dataset["EP"][0, -1] == dataset["EP0"]).item() == (day >= 0)


def test_summary_of_blocks_of_unequal_length(city, block):
    seeds = draw_seeds(5, 10)[0]
    parts = [block_of(city, parameters(), SCENARIO, OPTIONS, s) for s in (seeds[:3], seeds[3:])]
    dataset, losses, frame = summarise(city, parameters(), parts)
    whole, together, table = summarise(city, parameters(), [block])
    assert dataset.equals(whole)
    assert losses == together
    pd.testing.assert_frame_equal(frame, table)
    probabilities = frame[[c for c in frame if c.startswith("p_")]]
    assert len(probabilities.columns) == 5
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert frame.index.equals(city.buildings.index)


def test_simulating_changes_no_input(city):
    tables = parameters()
    before, copies = city.buildings.copy(), {f.name: getattr(tables, f.name).copy() for f in fields(tables)}
    block_of(city, tables, SCENARIO, OPTIONS, draw_seeds(1, 1)[0])
    assert city.buildings.equals(before)
    assert all(getattr(tables, name).equals(copy) for name, copy in copies.items())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy": "cheapest"}, '"cheapest" is not a known strategy'),
        ({"delays": "mean"}, '"mean" is not a known model of delays'),
        ({"damage": "guess"}, '"guess" is not a known source of damage'),
    ],
)
def test_unknown_names(city, changes, message):
    with pytest.raises(UnknownName, match=message):
        block_of(city, parameters(), SCENARIO, changed(OPTIONS, **changes), draw_seeds(1, 1)[0])


def test_unknown_measure_and_doubled_rows(city):
    other = SCENARIO._replace(measures=("PGA", "MMI"))
    with pytest.raises(UnknownName, match='"MMI" is not a known intensity measure'):
        block_of(city, parameters(), other, OPTIONS, draw_seeds(1, 1)[0])
    doubled = parameters(services=pd.concat([parameters().services] * 2))
    with pytest.raises(TableError, match="services, 4 errors"):
        block_of(city, doubled, SCENARIO, OPTIONS, draw_seeds(1, 1)[0])


def test_published_damage_of_north_east_san_francisco_costs_what_was_published(data):
    """Origin: the published repair costs, $572,851,184.54, from the same Hazus ratios; states as published."""
    sources = pytest.importorskip("holdfast.recovery.settings.parameters")
    from holdfast.config import load_study
    from holdfast.flows.bind import city_rules_of
    from holdfast.recovery.city import City
    from holdfast.sources.buildings import read_buildings

    study, _ = load_study(ROOT / "examples" / "nesf.toml")
    published = pd.read_csv(data / "city" / "nesf_buildings_damage.csv.gz")["repair_cost"].sum()
    tables = sources.load_parameters()
    assert study.city is not None
    city = City.from_frames(
        read_buildings(study.tables["buildings"], data / "city").table,
        name="NESF",
        rules=city_rules_of(study.city),
        parameters=tables,
    )
    block = block_of(city, tables, SCENARIO, plan(study.recovery.crews, damage="given"), draw_seeds(1, 1)[0])
    assert block.draws.repair_cost[0, 0] == pytest.approx(published, rel=1e-9)


def test_the_losses_of_a_draw_are_its_own():
    """Found by review: after a permanent change the loss grew with the length of the longest draw of the block."""
    city = five_buildings()
    options = plan(crews=CREWS, actions=[Action(1, "convert", 2, building="b4")])
    seeds = draw_seeds(5, 10)[0]
    block = block_of(city, parameters(), SCENARIO, options, seeds)
    for draw, seed in enumerate(seeds):
        alone = block_of(city, parameters(), SCENARIO, options, [seed])
        assert block.draws.lost_production[draw] == alone.draws.lost_production[0]
        assert block.draws.gap_days[draw] == alone.draws.gap_days[0]
        assert block.zones.lost_production[draw].sum() == pytest.approx(block.draws.lost_production[draw])
